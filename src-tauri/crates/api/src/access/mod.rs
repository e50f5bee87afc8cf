//! Who may use the local API, as it is now: whether callers need a key, which keys there are, and which origins are
//! listed. Changes hold from the next request on; no listener is started anew for them.

mod credentials;
mod gate;
mod hosts;
mod routes;
mod tickets;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

pub(crate) use gate::{Gate, KeyName, Needs, Pass};
pub use hosts::{HostNames, InvalidHost};
pub(crate) use hosts::{Hosts, Reached};
pub(crate) use routes::Routes;
pub(crate) use tickets::LIFE as TICKET_LIFE;

use crate::keys::KeyStore;
use crate::origins::Origins;

/// Who may use the local API.
#[derive(Default)]
pub struct Access {
    keys: Option<Arc<KeyStore>>,
    /// Somebody decided at the start that callers need a key.
    forced: bool,
    /// Somebody chose it in the settings.
    chosen: AtomicBool,
    origins: RwLock<Arc<Origins>>,
}

impl Access {
    /// With the keys of a data folder. `forced`: callers need one, whatever the settings say.
    pub fn new(keys: KeyStore, forced: bool) -> Self {
        Self {
            keys: Some(Arc::new(keys)),
            forced,
            ..Self::default()
        }
    }

    /// The keys; none where nobody keeps any.
    pub fn keys(&self) -> Option<&Arc<KeyStore>> {
        self.keys.as_ref()
    }

    /// Whether callers need a key.
    pub fn key_required(&self) -> bool {
        self.forced || self.chosen.load(Ordering::SeqCst)
    }

    /// Chooses whether callers need a key.
    pub fn require_key(&self, required: bool) {
        self.chosen.store(required, Ordering::SeqCst);
    }

    /// Lists these origins, beside those that the server was given at its start.
    pub fn list_origins(&self, origins: Origins) {
        *self.origins.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(origins);
    }

    /// The origins that are listed now.
    pub(crate) fn origins(&self) -> Arc<Origins> {
        Arc::clone(&self.origins.read().unwrap_or_else(PoisonError::into_inner))
    }
}
