//! Logins that other programs saved with a Chromium: those of the predecessor and of whatsapp-web.js.
//!
//! ```text
//! sessions/cliente_7/session-cliente_7/    the predecessor: whatsapp-web.js with a folder per cliente
//! .wwebjs_auth/session-ventas/             whatsapp-web.js, by the name that a program gave it
//! .wwebjs_auth/session/                    and without one
//!   Local State, Default/…                 the browser's own folder, as `chromium/` is here
//! ```
//!
//! What is copied is what a spare of ours holds (`spares`), so caches stay where they are. The other program is to go
//! on as before if somebody wants it to: nothing there is written to, not even a lock.

mod busy;
mod find;
mod take;

use std::path::PathBuf;
use std::sync::Arc;
use std::{fs, io};

use async_trait::async_trait;
use session_core::ClienteId;
use session_core::old_login::{CopyProgress, OldLogins, OldLoginsFound, TakeError};

use super::ProfileFolders;

/// Copies that are being made are named so. What is left of one after a crash goes with the next start.
const DRAFT: &str = ".import-";

/// Deletes copies that were not finished, as far as it goes.
pub(super) fn sweep(root: &std::path::Path) {
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(DRAFT)
            && let Err(cause) = fs::remove_dir_all(entry.path())
        {
            tracing::warn!(error = %cause.kind(), "half a copy of a login could not be cleared away");
        }
    }
}

#[async_trait]
impl OldLogins for ProfileFolders {
    async fn find(&self, folder: PathBuf) -> io::Result<OldLoginsFound> {
        find_old_logins(folder).await
    }

    async fn take(
        &self,
        login: PathBuf,
        cliente: ClienteId,
        progress: Arc<CopyProgress>,
    ) -> Result<u64, TakeError> {
        let folders = self.clone();
        tokio::task::spawn_blocking(move || take::take(&folders, &login, cliente, &progress))
            .await
            .unwrap_or_else(|stopped| Err(TakeError::Failed(io::Error::other(stopped))))
    }
}

/// Finds the logins in this folder; needs no profiles of ours.
pub async fn find_old_logins(folder: PathBuf) -> io::Result<OldLoginsFound> {
    tokio::task::spawn_blocking(move || find::find(&folder))
        .await
        .map_err(io::Error::other)?
}

#[cfg(test)]
mod tests;
