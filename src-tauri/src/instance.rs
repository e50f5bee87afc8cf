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
        "Session Manager already runs with the data folder {} ({}): use that one, or another folder with --data-dir",
        path.display(),
        pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
    )]
    Running {
        /// The folder.
        path: PathBuf,
        /// Who has it, if that can be read.
        pid: Option<u32>,
        /// Whether that one has a window.
        window: bool,
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

/// What the lock says of a program that has a window, after its process id.
const WINDOW: &str = "window";

impl Instance {
    /// Takes the data folder; one that is not there yet is made, for this user only.
    pub(crate) fn take(data: &Path, window: bool) -> Result<Self, InstanceError> {
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
            Err(TryLockError::WouldBlock) => return Err(held(data, &mut lock)),
            Err(TryLockError::Error(cause)) => return Err(unusable(cause)),
        }
        let write = |lock: &mut File| {
            lock.set_len(0)?;
            lock.rewind()?;
            write!(
                lock,
                "{} {}",
                std::process::id(),
                if window { WINDOW } else { "headless" }
            )
        };
        write(&mut lock).map_err(unusable)?;
        Ok(Self { _lock: lock })
    }

    /// Whether the data folder, which is there, could be taken. Leaves it as it is.
    pub(crate) fn look(data: &Path) -> Result<(), InstanceError> {
        let unusable = |cause| InstanceError::Unusable {
            path: data.to_owned(),
            cause,
        };
        let writable = || {
            let trial = data.join(".write-test");
            File::create(&trial).and_then(|_| std::fs::remove_file(&trial))
        };
        match OpenOptions::new().read(true).open(data.join("lock")) {
            // Shared, so that two who only look do not take each other for the program.
            Ok(mut lock) => match lock.try_lock_shared() {
                Ok(()) => writable().map_err(unusable),
                Err(TryLockError::WouldBlock) => Err(held(data, &mut lock)),
                Err(TryLockError::Error(cause)) => Err(unusable(cause)),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => writable().map_err(unusable),
            Err(error) => Err(unusable(error)),
        }
    }
}

/// Who has the folder, as far as its lock says.
fn held(data: &Path, lock: &mut File) -> InstanceError {
    let mut holder = String::new();
    // Some systems do not let a locked file be read; then the holder stays unnamed.
    let _ = lock.read_to_string(&mut holder);
    let mut words = holder.split_whitespace();
    InstanceError::Running {
        path: data.to_owned(),
        pid: words.next().and_then(|pid| pid.parse().ok()),
        window: words.next() == Some(WINDOW),
    }
}

/// Makes the data folder, for this user only, unless it is there.
#[cfg(unix)]
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    // A folder that is there already stays as its owner made it; what is secret in it is private by itself.
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

/// Makes the data folder unless it is there.
#[cfg(not(unix))]
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_owner_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let first = Instance::take(&data, true).unwrap();
        let second = Instance::take(&data, true).unwrap_err();
        assert!(
            second
                .to_string()
                .contains(&format!("process {}", std::process::id())),
            "{second}"
        );
        assert!(matches!(
            second,
            InstanceError::Running { window: true, .. }
        ));
        let looked = Instance::look(&data).unwrap_err();
        assert_eq!(looked.to_string(), second.to_string());
        drop(first);
        Instance::look(&data).unwrap();
        assert_eq!(
            std::fs::read_dir(&data).unwrap().count(),
            1,
            "only the lock"
        );
        Instance::take(&data, true).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = Instance::take(&file.join("data"), true).unwrap_err();
        assert!(error.to_string().contains("--data-dir"), "{error}");
    }
}
