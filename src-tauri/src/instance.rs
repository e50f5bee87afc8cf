//! One program per data folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Held for as long as the program uses its data folder.
#[derive(Debug)]
pub(crate) struct Instance {
    _lock: File,
}

/// The data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InstanceError {
    /// Another program has it.
    #[error(
        "Session Manager already runs with the data folder {} ({owner}): use that one, or another folder with --data-dir",
        path.display()
    )]
    Running {
        /// The folder.
        path: PathBuf,
        /// Who has it.
        owner: String,
    },
    /// It cannot be made or written.
    #[error("the data folder {} cannot be used ({cause}): make it writable for this user, or choose another with --data-dir", path.display())]
    Unusable {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

impl Instance {
    /// Takes the data folder; one that is not there yet is made, for this user only.
    pub(crate) fn take(data: &Path) -> Result<Self, InstanceError> {
        let unusable = |cause| InstanceError::Unusable {
            path: data.to_owned(),
            cause,
        };
        make_private(data).map_err(unusable)?;
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(data.join("lock"))
            .map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                // Only for the message: who cannot be read is not named.
                let owner = match lock.read_to_string(&mut pid) {
                    Ok(_) if !pid.is_empty() => format!("process {pid}"),
                    _ => "another process".to_owned(),
                };
                return Err(InstanceError::Running {
                    path: data.to_owned(),
                    owner,
                });
            }
            Err(TryLockError::Error(cause)) => return Err(unusable(cause)),
        }
        let write = |lock: &mut File| {
            lock.set_len(0)?;
            lock.rewind()?;
            write!(lock, "{}", std::process::id())
        };
        write(&mut lock).map_err(unusable)?;
        Ok(Self { _lock: lock })
    }
}

#[cfg(unix)]
fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    // A folder that is there already stays as its owner made it; what is secret in it is private by itself.
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_owner_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let first = Instance::take(&data).unwrap();
        let second = Instance::take(&data).unwrap_err();
        assert!(
            second
                .to_string()
                .contains(&format!("process {}", std::process::id())),
            "{second}"
        );
        drop(first);
        Instance::take(&data).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = Instance::take(&file.join("data")).unwrap_err();
        assert!(error.to_string().contains("--data-dir"), "{error}");
    }
}
