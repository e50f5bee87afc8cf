//! Saved logins on disk: one folder per cliente.
//!
//! ```text
//! profiles/            0700
//!   7/                 0700, one cliente
//!     chromium/        the browser's own folder
//!     lock             held while a browser may run; holds the number of the process that holds it
//!     login.json       there when the next start needs no scan
//!     spares/          copies of the login; see `spares`
//!   .trash-7-…/        being deleted
//!   .import-7-…/       a copy of another program's login that is being made; see `old`
//! ```
//!
//! The lock belongs to us, not to Chromium: whoever holds it may clear away Chromium's own `Singleton*` files, which
//! outlive a killed browser.

mod lock;
mod logs;
mod marker;
pub(crate) mod old;
pub(crate) mod spares;
mod trash;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use session_core::ClienteId;
use session_core::ports::{ProfileError, Profiles};

use crate::platform;

pub(crate) use lock::{LockError, ProfileLock};

/// The profiles of all clientes under one folder.
#[derive(Clone, Debug)]
pub struct ProfileFolders {
    root: PathBuf,
}

impl ProfileFolders {
    /// Opens the folder, made if need be, and clears away what a crash left: browsers that still run on a profile
    /// whose owner is gone, and half-deleted profiles. Blocks.
    pub fn open(root: PathBuf) -> Result<Arc<Self>, ProfileError> {
        let root = std::path::absolute(root).map_err(failed("find the profiles"))?;
        make_private(&root).map_err(failed("make the folder for profiles"))?;
        // Chromium's command line holds the path without symbolic links only if we pass it so. Windows would prefix it
        // with `\\?\`, which not every program takes.
        let root = dunce::canonicalize(root).map_err(failed("find the profiles"))?;
        let folders = Arc::new(Self { root });
        folders.end_orphans();
        trash::empty(&folders.root);
        old::sweep(&folders.root);
        Ok(folders)
    }

    /// A folder for profiles that are thrown away: it is deleted by [`Self::throw_away`], or with the next start.
    pub(crate) async fn aside(&self) -> io::Result<Arc<Self>> {
        let root = self.root.clone();
        tokio::task::spawn_blocking(move || {
            let root = trash::new_in(&root)?;
            Ok(Arc::new(Self { root }))
        })
        .await?
    }

    /// Deletes the folder. No browser may be using a profile in it.
    pub(crate) async fn throw_away(&self) {
        let root = self.root.clone();
        let deleted =
            tokio::task::spawn_blocking(move || trash::cleared(|| fs::remove_dir_all(&root))).await;
        if !matches!(deleted, Ok(Ok(()))) {
            tracing::warn!("a profile that was only tried is left until the next start");
        }
    }

    /// The folder of a cliente.
    fn folder(&self, cliente: ClienteId) -> PathBuf {
        self.root.join(cliente.to_string())
    }

    /// Takes the profile for one browser, made if need be, and clears away what an earlier browser left in it. Blocks.
    pub(crate) fn acquire(&self, cliente: ClienteId) -> Result<ProfileLock, LockError> {
        let folder = self.folder(cliente);
        let prepare = || {
            make_private(&folder)?;
            make_private(&folder.join("chromium"))
        };
        prepare().map_err(LockError::Unusable)?;
        let lock = ProfileLock::take(&folder)?;
        end_browsers_of(lock.user_data());
        remove_stale_singletons(lock.user_data());
        logs::repair(lock.user_data());
        Ok(lock)
    }

    /// Those who have a folder.
    fn clientes(&self) -> Vec<ClienteId> {
        let mut known: Vec<ClienteId> = fs::read_dir(&self.root)
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.path().is_dir())
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect();
        known.sort_unstable();
        known
    }

    /// Ends browsers whose owner died, wherever they still run, and clears away the half spares they left.
    fn end_orphans(&self) {
        for cliente in self.clientes() {
            // A lock that is held belongs to a living owner.
            let Ok(lock) = ProfileLock::take(&self.folder(cliente)) else {
                continue;
            };
            let ended = end_browsers_of(lock.user_data());
            if ended > 0 {
                tracing::warn!(%cliente, processes = ended, "ended a browser that was left behind");
            }
            spares::sweep(lock.folder());
        }
    }

    fn mark_login_now(&self, cliente: ClienteId, linked: bool) -> io::Result<()> {
        let folder = self.folder(cliente);
        match marker::write(&folder, linked) {
            // The cliente was forgotten meanwhile, and nothing is to be made of it anew.
            Err(cause) if !linked && cause.kind() == io::ErrorKind::NotFound => return Ok(()),
            written => written?,
        }
        // A login that has ended at WhatsApp must not come back. The mark comes first: see `spares::take`.
        if linked {
            return Ok(());
        }
        let dropped = spares::drop_all(&folder);
        self.put_unusable_away(cliente, &folder)?;
        // What cannot be deleted now goes with the next start.
        let _ = trash::empty_of(&self.root, cliente);
        dropped
    }

    /// Clears the place of the profile that a spare replaced. It holds a login, too.
    fn put_unusable_away(&self, cliente: ClienteId, folder: &Path) -> io::Result<PathBuf> {
        let unusable = folder.join("chromium.unusable");
        if unusable.exists() {
            trash::put(&self.root, cliente, &unusable)?;
        }
        Ok(unusable)
    }

    fn restore_now(&self, cliente: ClienteId) -> Result<bool, ProfileError> {
        let folder = self.folder(cliente);
        if spares::newest(&folder).is_none() {
            return Ok(false);
        }
        let lock = ProfileLock::take(&folder).map_err(|error| ProfileError {
            operation: "restore the login",
            cause: error.into(),
        })?;
        end_browsers_of(lock.user_data());
        let restored = self.put_spare(cliente, &lock);
        restored.map_err(failed("restore the login"))
    }

    /// Each step leaves something to go on from: a spare that was not used, or one that is in place.
    fn put_spare(&self, cliente: ClienteId, lock: &ProfileLock) -> io::Result<bool> {
        let Some(spare) = spares::newest(lock.folder()) else {
            return Ok(false);
        };
        let unusable = self.put_unusable_away(cliente, lock.folder())?;
        trash::cleared(|| fs::rename(lock.user_data(), &unusable))?;
        trash::retried(|| fs::rename(&spare, lock.user_data()))?;
        spares::sync_folder(lock.folder())?;
        marker::write(lock.folder(), true)?;
        // What cannot be deleted now goes with the next start.
        let _ = trash::empty_of(&self.root, cliente);
        Ok(true)
    }

    fn delete_now(&self, cliente: ClienteId) -> Result<(), ProfileError> {
        let folder = self.folder(cliente);
        if folder.exists() {
            let lock = ProfileLock::take(&folder).map_err(|error| ProfileError {
                operation: "delete the profile",
                cause: error.into(),
            })?;
            end_browsers_of(lock.user_data());
            // Windows renames no folder with an open file in it; nobody else takes the lock in that moment, as a cliente
            // has one session at most.
            let lock = (!cfg!(windows)).then_some(lock);
            trash::put(&self.root, cliente, &folder).map_err(failed("put the profile away"))?;
            drop(lock);
        }
        trash::empty_of(&self.root, cliente).map_err(failed("delete the profile that was put away"))
    }
}

#[async_trait]
impl Profiles for ProfileFolders {
    async fn has_login(&self, cliente: ClienteId) -> bool {
        let folders = self.clone();
        off_the_runtime(move || Ok(marker::says_linked(&folders.folder(cliente))))
            .await
            .unwrap_or(false)
    }

    async fn mark_login(&self, cliente: ClienteId, linked: bool) -> Result<(), ProfileError> {
        let folders = self.clone();
        off_the_runtime(move || {
            folders
                .mark_login_now(cliente, linked)
                .map_err(failed("remember the login"))
        })
        .await
    }

    async fn delete(&self, cliente: ClienteId) -> Result<(), ProfileError> {
        let folders = self.clone();
        off_the_runtime(move || folders.delete_now(cliente)).await
    }

    async fn has_spare(&self, cliente: ClienteId) -> bool {
        let folders = self.clone();
        off_the_runtime(move || Ok(spares::newest(&folders.folder(cliente)).is_some()))
            .await
            .unwrap_or(false)
    }

    async fn restore_spare(&self, cliente: ClienteId) -> Result<bool, ProfileError> {
        let folders = self.clone();
        off_the_runtime(move || folders.restore_now(cliente)).await
    }

    async fn known(&self) -> Vec<ClienteId> {
        let folders = self.clone();
        off_the_runtime(move || Ok(folders.clientes()))
            .await
            .unwrap_or_default()
    }
}

/// Runs what blocks on the file system where it may. Awaited, so nothing is left behind.
async fn off_the_runtime<T, F>(work: F) -> Result<T, ProfileError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, ProfileError> + Send + 'static,
{
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|stopped| {
            Err(ProfileError {
                operation: "work on the profile",
                cause: io::Error::other(stopped),
            })
        })
}

fn failed(operation: &'static str) -> impl Fn(io::Error) -> ProfileError {
    move |cause| ProfileError { operation, cause }
}

/// A folder that only its owner may enter.
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Kills the browsers that run on this folder, and says how many processes that were.
fn end_browsers_of(user_data: &Path) -> usize {
    let arguments = known_by(user_data);
    let mut ended = 0;
    // A process may be starting another one just now.
    for _ in 0..20 {
        let processes = platform::processes_with_argument(&arguments);
        if processes.is_empty() {
            break;
        }
        ended += processes.len();
        processes.into_iter().for_each(platform::signal_kill);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    ended
}

/// Where the browser puts its crash dumps: they hold what was in memory, so they must go when the profile goes.
pub(crate) fn crash_dumps(user_data: &Path) -> PathBuf {
    user_data.join("crashes")
}

/// The arguments by which the processes of a browser are known; its crash handlers have only the second.
pub(crate) fn known_by(user_data: &Path) -> [Vec<u8>; 2] {
    let argument = |name: &str, folder: &Path| {
        [name.as_bytes(), folder.as_os_str().as_encoded_bytes()].concat()
    };
    [
        argument("--user-data-dir=", user_data),
        argument("--database=", &crash_dumps(user_data)),
    ]
}

fn remove_stale_singletons(user_data: &Path) {
    for name in ["SingletonLock", "SingletonCookie", "SingletonSocket"] {
        // Symbolic links to nothing, mostly; absent after a clean end.
        let _ = fs::remove_file(user_data.join(name));
    }
}

#[cfg(test)]
mod tests;
