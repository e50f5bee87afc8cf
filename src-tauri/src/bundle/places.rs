//! Where bundles are written, and under which name.

use std::path::{Path, PathBuf};

/// The folder for downloads of this user; where the system has none, one in the data folder.
pub(super) fn downloads(data: &Path) -> PathBuf {
    dirs::download_dir()
        .filter(|folder| folder.is_dir())
        .unwrap_or_else(|| data.join("support"))
}

/// A name in this folder that nobody has.
pub(super) fn free_name(folder: &Path) -> PathBuf {
    let now = flexi_logger::DeferredNow::new()
        .format("%Y%m%d-%H%M%S")
        .to_string();
    let named = |end: &str| folder.join(format!("session-manager-support-{now}{end}.zip"));
    let first = named("");
    if !first.exists() {
        return first;
    }
    (2..u32::MAX)
        .map(|turn| named(&format!("-{turn}")))
        .find(|path| !path.exists())
        .unwrap_or(first)
}
