//! The system's own dialog for a folder.

use std::path::{Path, PathBuf};

use tauri::{Manager as _, Runtime, WebviewWindow};
use tauri_plugin_dialog::DialogExt as _;
use tokio::sync::oneshot;

/// Opens it in front of this window, beginning at a folder if one is given. Tells which was chosen, or that none was.
pub(crate) fn open<R: Runtime>(
    window: &WebviewWindow<R>,
    title: &str,
    from: Option<&Path>,
) -> oneshot::Receiver<Option<PathBuf>> {
    let (tell, told) = oneshot::channel();
    let mut dialog = window
        .app_handle()
        .dialog()
        .file()
        .set_parent(window)
        .set_title(title);
    if let Some(from) = from {
        dialog = dialog.set_directory(from);
    }
    dialog.pick_folder(move |chosen| {
        let chosen = chosen.and_then(|chosen| chosen.into_path().ok());
        // The window may be gone meanwhile.
        let _ = tell.send(chosen);
    });
    told
}
