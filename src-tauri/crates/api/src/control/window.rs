//! The control room's commands about the browser's window.

use session_core::{ClienteId, Reason, Snapshot};

use super::{ControlRoom, cliente_id, logged};
use crate::commands::IdArgs;
use crate::dto::{ClienteView, CommandError};
use crate::view;

impl ControlRoom {
    /// Brings the browser of a cliente up as a window, or to the front. A session that does not run is started with one.
    /// Nothing that runs is ended where no window can be shown.
    pub async fn show_browser(&self, IdArgs { id }: IdArgs) -> Result<ClienteView, CommandError> {
        let id = self.known(id)?;
        self.registry
            .can_show()
            .await
            .inspect_err(logged(id, "no window"))?;
        let over = |snapshot: &Snapshot| snapshot.session.state.is_over();
        if self.registry.snapshot(id).is_some_and(|now| over(&now)) {
            // The events tell how it goes on.
            drop(self.registry.begin_known(id, Reason::BrowserShown).await?);
        } else {
            self.registry
                .show(id)
                .await
                .inspect_err(logged(id, "not shown"))?;
        }
        self.view(id)
    }

    /// Lets the session of a cliente go on without a window.
    pub async fn hide_browser(&self, IdArgs { id }: IdArgs) -> Result<ClienteView, CommandError> {
        let snapshot = self.registry.hide(cliente_id(id)?).await?;
        Ok(view::cliente(&snapshot))
    }

    /// Why a person starts this cliente: an account that asked for a passkey gets a window at once, so that nobody scans
    /// in vain. A tool that calls the local API opens no windows.
    pub(crate) async fn wish(&self, id: ClienteId) -> Reason {
        let asked = self
            .registry
            .snapshot(id)
            .is_some_and(|known| known.passkey_asked && !known.saved_login);
        if asked && self.registry.can_show().await.is_ok() {
            Reason::BrowserShown
        } else {
            Reason::StartRequested
        }
    }
}
