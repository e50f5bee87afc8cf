//! Who may start a browser on a profile.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Held while a browser may run on the profile. Dropping it lets the next one in.
#[derive(Debug)]
pub(crate) struct ProfileLock {
    file: File,
    folder: PathBuf,
    user_data: PathBuf,
}

/// The profile cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LockError {
    /// Somebody has it.
    #[error("the profile is in use{}", .0.map(|process| format!(" by process {process}")).unwrap_or_default())]
    InUse(Option<u32>),
    /// The folder cannot be worked with.
    #[error("use the profile folder: {0}")]
    Unusable(io::Error),
}

impl ProfileLock {
    /// Takes the lock of this profile folder if it is free.
    pub(crate) fn take(folder: &Path) -> Result<Self, LockError> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(folder.join("lock"))
            .map_err(LockError::Unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::InUse(holder(&mut file))),
            Err(TryLockError::Error(cause)) => return Err(LockError::Unusable(cause)),
        }
        let sign = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            write!(file, "{}", std::process::id())
        };
        sign(&mut file).map_err(LockError::Unusable)?;
        Ok(Self {
            file,
            user_data: folder.join("chromium"),
            folder: folder.to_owned(),
        })
    }

    /// The profile folder: what is the browser's own, and what we keep beside it.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The browser's own folder.
    pub(crate) fn user_data(&self) -> &Path {
        &self.user_data
    }
}

impl Drop for ProfileLock {
    fn drop(&mut self) {
        // Closing the file would not be enough: a process that is being forked just now holds it too, for a moment.
        let _ = self.file.unlock();
    }
}

impl From<LockError> for io::Error {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Unusable(cause) => cause,
            LockError::InUse(_) => Self::new(io::ErrorKind::ResourceBusy, error.to_string()),
        }
    }
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
