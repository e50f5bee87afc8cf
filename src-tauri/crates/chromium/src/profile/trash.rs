//! Deleting a profile: out of the way first, so that a new start finds nothing of it, then for good.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use session_core::ClienteId;

/// On Windows a browser that just ended may keep files open for a moment.
const RETRIES: [Duration; 4] = [
    Duration::from_millis(50),
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_millis(1000),
];

fn prefix(cliente: ClienteId) -> String {
    format!(".trash-{cliente}-")
}

/// Renames the folder, so that the cliente has no profile from now on.
pub(super) fn put(root: &Path, cliente: ClienteId, folder: &Path) -> io::Result<()> {
    let mut tag = [0_u8; 8];
    getrandom::fill(&mut tag).map_err(io::Error::other)?;
    let away = root.join(format!(
        "{}{:016x}",
        prefix(cliente),
        u64::from_le_bytes(tag)
    ));
    cleared(|| fs::rename(folder, &away))
}

/// Makes a folder for what is thrown away from the start.
pub(super) fn new_in(root: &Path) -> io::Result<PathBuf> {
    let mut tag = [0_u8; 8];
    getrandom::fill(&mut tag).map_err(io::Error::other)?;
    let folder = root.join(format!(".trash-probe-{:016x}", u64::from_le_bytes(tag)));
    super::make_private(&folder)?;
    Ok(folder)
}

/// Deletes what was put away of this cliente.
pub(super) fn empty_of(root: &Path, cliente: ClienteId) -> io::Result<()> {
    matching(root, &prefix(cliente))
        .into_iter()
        .try_for_each(|folder| cleared(|| fs::remove_dir_all(&folder)))
}

/// Deletes what was put away of anybody, as far as it goes.
pub(super) fn empty(root: &Path) {
    for folder in matching(root, ".trash-") {
        if let Err(cause) = fs::remove_dir_all(folder) {
            tracing::warn!(error = %cause.kind(), "a deleted profile could not be cleared away");
        }
    }
}

fn matching(root: &Path, prefix: &str) -> Vec<PathBuf> {
    fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path())
        .collect()
}

/// Tries a few times what a file that is still open may prevent.
pub(super) fn retried(mut step: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    for pause in RETRIES {
        match step() {
            // No wait brings back what is not there.
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Err(cause),
            Err(_) => thread::sleep(pause),
            Ok(()) => return Ok(()),
        }
    }
    step()
}

/// The same for what is to be gone. What is not there counts as done.
pub(super) fn cleared(step: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    match retried(step) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}
