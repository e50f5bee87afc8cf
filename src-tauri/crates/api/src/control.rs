//! The control room's commands, one method each. Tauri commands and `POST /control/…` both call these and nothing
//! else; what only the desktop shell can do sits behind [`Host`].

mod failures;
mod host;
mod program;
mod sessions;
mod window;

pub use host::Host;

use std::sync::Arc;
use std::time::Duration;

use session_core::{ClienteId, Outbox, Registry};
use session_webhooks::Webhooks;
use tokio::time::Instant;

use crate::access::Access;
use crate::calls::CallLog;
use crate::dto::{ClienteView, CommandError, Snapshot};
use crate::error::ErrorCode;
use crate::metrics::Ledger;
use crate::old_logins::Desk as OldLoginDesk;
use crate::support::SupportBundles;
use crate::view;

/// The commands. Cheap to clone.
#[derive(Clone)]
pub struct ControlRoom {
    pub(crate) registry: Registry,
    pub(crate) outbox: Outbox,
    pub(crate) host: Arc<dyn Host>,
    pub(crate) ledger: Arc<Ledger>,
    /// Kept here, so that it outlives a server that is switched off and on.
    pub(crate) calls: Arc<CallLog>,
    /// Who may use the local API.
    pub(crate) access: Arc<Access>,
    pub(crate) webhooks: Option<Webhooks>,
    pub(crate) bundles: Option<Arc<dyn SupportBundles>>,
    pub(crate) old_logins: Option<Arc<OldLoginDesk>>,
    pub(crate) opened: Instant,
}

/// Longest name of a cliente, in characters.
pub(crate) const NAME: usize = 120;
/// Longest remark, in characters.
pub(crate) const NOTE: usize = 4000;

impl ControlRoom {
    /// The control room of these sessions in this program. Counts what happens from now on, in a task of its own.
    pub fn new(registry: Registry, outbox: Outbox, host: Arc<dyn Host>) -> Self {
        Self {
            ledger: Arc::new(Ledger::open(registry.clone())),
            registry,
            outbox,
            host,
            calls: Arc::default(),
            access: Arc::default(),
            webhooks: None,
            bundles: None,
            old_logins: None,
            opened: Instant::now(),
        }
    }

    /// The same, with keys and origins.
    #[must_use]
    pub fn with_access(self, access: Arc<Access>) -> Self {
        Self { access, ..self }
    }

    /// Who may use the local API.
    pub fn access(&self) -> &Arc<Access> {
        &self.access
    }

    /// How everything is now.
    pub fn now(&self) -> Snapshot {
        let clientes = self.registry.snapshots();
        Snapshot {
            app: self.host.app(),
            clientes: clientes
                .iter()
                .map(|snapshot| view::cliente(snapshot))
                .collect(),
        }
    }

    /// How long the program has been running.
    pub fn uptime(&self) -> Duration {
        self.opened.elapsed()
    }

    /// The registry would take a start of an unknown cliente for the wish to add it.
    pub(crate) fn known(&self, id: u64) -> Result<ClienteId, CommandError> {
        let id = cliente_id(id)?;
        match self.registry.snapshot(id) {
            Some(_) => Ok(id),
            None => Err(session_core::CommandError::NotFound.into()),
        }
    }

    pub(crate) fn view(&self, id: ClienteId) -> Result<ClienteView, CommandError> {
        self.registry
            .snapshot(id)
            .map(|snapshot| view::cliente(&snapshot))
            // Forgotten in the meantime.
            .ok_or_else(|| session_core::CommandError::NotFound.into())
    }
}

/// The whole cause goes to the log, because the answer only says what to do.
pub(crate) fn logged(
    id: ClienteId,
    what: &'static str,
) -> impl FnOnce(&session_core::CommandError) {
    move |error| tracing::warn!(cliente = %id, %error, "{what}")
}

pub(crate) fn cliente_id(id: u64) -> Result<ClienteId, CommandError> {
    ClienteId::try_from(id).map_err(|error| unusable(&error.to_string()))
}

pub(crate) fn described(name: &str, note: &str) -> Result<(String, String), CommandError> {
    let (name, note) = (name.trim(), note.trim());
    if name.chars().count() > NAME {
        return Err(unusable("a name has 120 characters at most"));
    }
    if note.chars().count() > NOTE {
        return Err(unusable("a note has 4000 characters at most"));
    }
    Ok((name.to_owned(), note.to_owned()))
}

pub(crate) fn unusable(message: &str) -> CommandError {
    CommandError::new(ErrorCode::InvalidRequest, message)
}
