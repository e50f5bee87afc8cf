//! The keys of a data folder: shared by everything that asks for them, always those of the file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use session_core::{Clock as _, SystemClock};
use subtle::{ConditionallySelectable as _, ConstantTimeEq as _};

use super::file::{self, ReadError, Stamp};
use super::secret::{Digest, random};
use super::{Key, KeyError, Scopes, Secret, check_name};

/// Most keys at a time: every one is compared for every request.
const MOST: usize = 100;
/// A day, ms.
const DAY: u64 = 24 * 60 * 60 * 1000;
/// Length of an id, characters.
const ID: usize = 8;

/// The keys of a data folder.
pub struct KeyStore {
    path: PathBuf,
    cache: Mutex<Cache>,
    /// The day on which each key was last used, as far as this process wrote it down.
    /// By id and creation: the command line may rotate one.
    used: Mutex<HashMap<(String, u64), u64>>,
    aside: Mutex<Option<PathBuf>>,
}

/// The file as it was last read.
#[derive(Default)]
struct Cache {
    /// Of which state of the file; none: look again.
    stamp: Option<Stamp>,
    keys: Vec<Arc<Key>>,
}

impl KeyStore {
    /// Those of this data folder. Touches nothing yet.
    pub fn in_folder(data: &Path) -> Self {
        Self {
            path: data.join("api-keys.json"),
            cache: Mutex::default(),
            used: Mutex::default(),
            aside: Mutex::default(),
        }
    }

    /// All keys, the oldest first.
    pub fn list(&self) -> Result<Vec<Key>, KeyError> {
        match file::read(&self.path) {
            Ok(keys) => Ok(keys),
            Err(ReadError::Damaged(_)) => {
                let _lock = file::lock(&self.path)?;
                self.read_or_set_aside()
            }
            Err(ReadError::Newer) => Err(KeyError::Newer),
            Err(ReadError::Io(error)) => Err(error.into()),
        }
    }

    /// Whether anybody could be let in.
    pub fn has_keys(&self) -> bool {
        !self.current().is_empty()
    }

    /// Makes a key. Its secret is told now and never again.
    pub fn create(&self, name: &str, scopes: Scopes) -> Result<(Key, Secret), KeyError> {
        let name = name.trim();
        check_name(name)?;
        let secret = Secret::draw().map_err(|_| KeyError::NoRandomness)?;
        let id = random().map_err(|_| KeyError::NoRandomness)?;
        let key = Key {
            // Beginnings of base64url may be taken for options on a command line.
            id: id.replace(['-', '_'], "0").chars().take(ID).collect(),
            name: name.to_owned(),
            scopes,
            created: SystemClock.now().0,
            last_used: None,
            sha256: Digest::of(secret.reveal().as_bytes()),
        };
        self.change(|keys| {
            if keys.iter().any(|other| other.name == key.name) {
                return Err(KeyError::Exists);
            }
            if keys.len() >= MOST {
                return Err(KeyError::TooMany);
            }
            keys.push(key.clone());
            Ok(())
        })?;
        tracing::info!(key = key.name, scopes = %key.scopes, "an API key was created");
        Ok((key, secret))
    }

    /// Gives a key, named by id or name, another secret; the one before ends at once.
    pub fn rotate(&self, which: &str) -> Result<(Key, Secret), KeyError> {
        let secret = Secret::draw().map_err(|_| KeyError::NoRandomness)?;
        let key = self.change(|keys| {
            let index = find(keys, which)?;
            let key = &mut keys[index];
            key.sha256 = Digest::of(secret.reveal().as_bytes());
            key.created = SystemClock.now().0;
            key.last_used = None;
            Ok(key.clone())
        })?;
        tracing::info!(key = key.name, "an API key was rotated");
        Ok((key, secret))
    }

    /// Ends a key, named by id or name, and tells which it was.
    pub fn revoke(&self, which: &str) -> Result<Key, KeyError> {
        let key = self.change(|keys| {
            let index = find(keys, which)?;
            Ok(keys.remove(index))
        })?;
        tracing::info!(key = key.name, "an API key was revoked");
        Ok(key)
    }

    /// Where a damaged file was put by this process, if there was one.
    pub fn set_aside(&self) -> Option<PathBuf> {
        self.aside
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The key whose secret this is. All are compared, each in constant time.
    pub(crate) fn verify(&self, presented: &[u8]) -> Option<Arc<Key>> {
        let digest = Digest::of(presented);
        let keys = self.current();
        let mut found = u32::MAX;
        for (index, key) in (0..).zip(&keys) {
            found.conditional_assign(&index, key.sha256.is(&digest));
        }
        if bool::from(found.ct_eq(&u32::MAX)) {
            return None;
        }
        keys.get(found as usize).cloned()
    }

    /// Whether a key that was let in before still is the same: not revoked, not rotated.
    pub(crate) fn still(&self, key: &Key) -> bool {
        self.current()
            .iter()
            .any(|now| now.id == key.id && bool::from(now.sha256.is(&key.sha256)))
    }

    /// Whether today's use of a key is still to be written down. True once a day and key.
    pub(crate) fn is_first_today(&self, key: &Key) -> bool {
        let today = today();
        if key.last_used.is_some_and(|day| day >= today) {
            return false;
        }
        let which = (key.id.clone(), key.created);
        self.used().insert(which, today) != Some(today)
    }

    /// Writes down that a key was used today.
    pub(crate) fn write_use(&self, key: &Key) {
        let written = self.change(|keys| {
            // Rotated or revoked meanwhile: then there is nothing to write.
            if let Some(found) = keys
                .iter_mut()
                .find(|now| now.id == key.id && bool::from(now.sha256.is(&key.sha256)))
            {
                found.last_used = Some(today());
            }
            Ok(())
        });
        if let Err(error) = written {
            tracing::warn!(%error, key = key.name, "the use of an API key cannot be written down");
        }
    }

    /// Changes the keys, from those of the file and not from those that were seen last.
    fn change<T>(
        &self,
        edit: impl FnOnce(&mut Vec<Key>) -> Result<T, KeyError>,
    ) -> Result<T, KeyError> {
        let lock = file::lock(&self.path)?;
        let mut keys = self.read_or_set_aside()?;
        let outcome = edit(&mut keys)?;
        file::write(&self.path, &keys)?;
        // Whoever fills the cache may wait for this lock.
        drop(lock);
        // Two changes within one tick of the system's clock can leave the same stamp.
        self.cache().stamp = None;
        Ok(outcome)
    }

    /// The keys of the file. Holds the lock: what is damaged now is no half of somebody's change.
    fn read_or_set_aside(&self) -> Result<Vec<Key>, KeyError> {
        match file::read(&self.path) {
            Ok(keys) => Ok(keys),
            Err(ReadError::Damaged(detail)) => {
                let aside = file::set_aside(&self.path)?;
                tracing::error!(
                    detail,
                    path = %aside.display(),
                    "the API keys cannot be understood and were set aside; no key is valid until new ones are made"
                );
                *self.aside.lock().unwrap_or_else(PoisonError::into_inner) = Some(aside);
                Ok(Vec::new())
            }
            Err(ReadError::Newer) => Err(KeyError::Newer),
            Err(ReadError::Io(error)) => Err(error.into()),
        }
    }

    /// The keys that are valid now. Whatever is wrong with the file, the answer is never more than what it says.
    fn current(&self) -> Vec<Arc<Key>> {
        let mut cache = self.cache();
        // Looked at before the file is read: a change in between is seen the next time.
        let stamp = Stamp::of(&self.path).ok();
        if stamp.is_none() || stamp != cache.stamp {
            let keys = self.list().unwrap_or_else(|error| {
                tracing::error!(%error, "no API key is valid");
                Vec::new()
            });
            *cache = Cache {
                stamp,
                keys: keys.into_iter().map(Arc::new).collect(),
            };
        }
        cache.keys.clone()
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn used(&self) -> MutexGuard<'_, HashMap<(String, u64), u64>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn find(keys: &[Key], which: &str) -> Result<usize, KeyError> {
    let which = which.trim();
    // A name may look like the id of another key.
    keys.iter()
        .position(|key| key.id == which)
        .or_else(|| keys.iter().position(|key| key.name == which))
        .ok_or(KeyError::NotFound)
}

fn today() -> u64 {
    let now = SystemClock.now().0;
    now - now % DAY
}
