//! Saved logins on disk: one folder per cliente.
//!
//! ```text
//! profiles/            0700
//!   7/                 0700, one cliente
//!     chromium/        the browser's own folder
//!     lock             held while a browser may run; holds the number of the process that holds it
//!     login.json       there when the next start needs no scan
//!   .trash-7-…/        being deleted
//! ```
//!
//! The lock belongs to us, not to Chromium: whoever holds it may clear away Chromium's own `Singleton*` files, which
//! outlive a killed browser.

mod lock;
mod trash;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use session_core::ClienteId;
use session_core::ports::{ProfileError, Profiles};

use crate::platform;

pub(crate) use lock::{LockError, ProfileLock};

/// The profiles of all clientes under one folder.
#[derive(Clone, Debug)]
pub struct ProfileFolders {
    root: PathBuf,
}

/// What `login.json` says.
#[derive(Serialize, Deserialize)]
struct Login {
    linked: bool,
}

impl ProfileFolders {
    /// Opens the folder, made if need be, and clears away what a crash left: browsers that still run on a profile
    /// whose owner is gone, and half-deleted profiles. Blocks.
    pub fn open(root: PathBuf) -> Result<Arc<Self>, ProfileError> {
        let root = std::path::absolute(root).map_err(failed("find the profiles"))?;
        make_private(&root).map_err(failed("make the folder for profiles"))?;
        // Chromium's command line holds the path without symbolic links only if we pass it so.
        let root = fs::canonicalize(root).map_err(failed("find the profiles"))?;
        let folders = Arc::new(Self { root });
        folders.end_orphans();
        trash::empty(&folders.root);
        Ok(folders)
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
        Ok(lock)
    }

    /// Ends browsers whose owner died, wherever they still run.
    fn end_orphans(&self) {
        let Ok(entries) = fs::read_dir(&self.root) else {
            return;
        };
        for entry in entries.flatten() {
            let is_profile = entry
                .file_name()
                .to_str()
                .is_some_and(|name| name.parse::<ClienteId>().is_ok());
            if !is_profile {
                continue;
            }
            // A lock that is held belongs to a living owner.
            if let Ok(lock) = ProfileLock::take(&entry.path()) {
                let ended = end_browsers_of(lock.user_data());
                if ended > 0 {
                    tracing::warn!(
                        cliente = %entry.file_name().to_string_lossy(),
                        processes = ended,
                        "ended a browser that was left behind"
                    );
                }
            }
        }
    }

    fn read_login(&self, cliente: ClienteId) -> bool {
        fs::read(self.folder(cliente).join("login.json"))
            .ok()
            .and_then(|text| serde_json::from_slice::<Login>(&text).ok())
            .is_some_and(|login| login.linked)
    }

    fn write_login(&self, cliente: ClienteId, linked: bool) -> io::Result<()> {
        let folder = self.folder(cliente);
        make_private(&folder)?;
        let target = folder.join("login.json");
        let draft = folder.join("login.json.new");
        let mut file = fs::File::create(&draft)?;
        file.write_all(&serde_json::to_vec(&Login { linked })?)?;
        file.sync_all()?;
        drop(file);
        fs::rename(draft, target)
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
        off_the_runtime(move || Ok(folders.read_login(cliente)))
            .await
            .unwrap_or(false)
    }

    async fn mark_login(&self, cliente: ClienteId, linked: bool) -> Result<(), ProfileError> {
        let folders = self.clone();
        off_the_runtime(move || {
            folders
                .write_login(cliente, linked)
                .map_err(failed("remember the login"))
        })
        .await
    }

    async fn delete(&self, cliente: ClienteId) -> Result<(), ProfileError> {
        let folders = self.clone();
        off_the_runtime(move || folders.delete_now(cliente)).await
    }

    async fn has_spare(&self, _cliente: ClienteId) -> bool {
        false
    }

    async fn restore_spare(&self, _cliente: ClienteId) -> Result<bool, ProfileError> {
        Ok(false)
    }

    async fn known(&self) -> Vec<ClienteId> {
        Vec::new()
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
fn make_private(folder: &Path) -> io::Result<()> {
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
