//! What everybody but the actor sees of a session: a value, published at each change.

use std::sync::Arc;

use tokio::sync::{Mutex, MutexGuard, broadcast, watch};

use crate::account::MessageId;
use crate::breaker::BreakerState;
use crate::cliente::{ClienteId, ClienteRecord};
use crate::clock::Timestamp;
use crate::machine::Session;
use crate::message::{Ack, Incoming};
use crate::ports::Usage;
use crate::reason::Reason;
use crate::state::{State, StateName};

/// The picture of the login code that waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Picture {
    /// No code waits.
    #[default]
    None,
    /// A PNG data URL.
    Drawn(Arc<str>),
    /// The code could not be drawn.
    Failed,
}

/// A cliente and its session at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The cliente.
    pub record: ClienteRecord,
    /// Whether its profile holds a login.
    pub saved_login: bool,
    /// Its session.
    pub session: Session,
    /// The picture of its login code.
    pub picture: Picture,
    /// Process id of its browser.
    pub browser_pid: Option<u32>,
    /// Messages sent since the program started.
    pub sent: u32,
    /// Messages that failed since the program started.
    pub failed: u32,
    /// More about the failure of the last launch, in plain English, without a path or secret.
    pub detail: Option<Arc<str>>,
    /// WhatsApp asked for a passkey when it was last to be linked, and it has not been linked since.
    pub passkey_asked: bool,
    /// Restarts by itself since the program started.
    pub restarts: u32,
    /// What its browser takes, as last measured.
    pub usage: Option<Usage>,
    /// What the circuit breaker of calls to the page does.
    pub breaker: BreakerState,
    /// When somebody last made use of it.
    pub last_used: Timestamp,
}

impl Snapshot {
    /// The name of the state.
    pub fn state(&self) -> StateName {
        self.session.state.name()
    }

    /// Connected, but something is not as it should be.
    pub fn degraded(&self) -> Option<Reason> {
        match self.session.state {
            State::Ready { losing, .. } => losing
                .or(self.session.delivery.doubt)
                .or((self.breaker != BreakerState::Closed).then_some(Reason::CallsFailing))
                .or(self.session.bridge),
            _ => self.session.bridge,
        }
    }
}

/// What is told as it happens.
#[derive(Clone, Debug)]
pub enum RegistryEvent {
    /// A cliente is new, or it or its session changed.
    Changed(Arc<Snapshot>),
    /// A cliente was forgotten.
    Removed(ClienteId),
    /// A message of a cliente got so far.
    Acknowledged(ClienteId, MessageId, Ack),
    /// A cliente got a message.
    Received(ClienteId, Arc<Incoming>),
}

/// The published snapshot of one cliente.
#[derive(Debug)]
pub(crate) struct Published {
    current: watch::Sender<Arc<Snapshot>>,
    events: broadcast::Sender<RegistryEvent>,
    marking: Mutex<()>,
}

impl Published {
    pub(crate) fn new(snapshot: Snapshot, events: broadcast::Sender<RegistryEvent>) -> Self {
        let snapshot = Arc::new(snapshot);
        let published = Self {
            current: watch::Sender::new(snapshot),
            events,
            marking: Mutex::default(),
        };
        published.update(|_| {});
        published
    }

    pub(crate) fn get(&self) -> Arc<Snapshot> {
        Arc::clone(&self.current.borrow())
    }

    /// The snapshot from now on.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.current.subscribe()
    }

    /// Hold it while it is written to disk whether a login is saved. What is written last is then what was last known.
    pub(crate) async fn marking(&self) -> MutexGuard<'_, ()> {
        self.marking.lock().await
    }

    /// Tells everybody of something that changes no snapshot.
    pub(crate) fn tell(&self, event: RegistryEvent) {
        // Nobody listening is fine.
        let _ = self.events.send(event);
    }

    /// Changes the snapshot and tells everybody. The event is sent under the lock of the snapshot, so that events of
    /// one cliente arrive in the order of its changes.
    pub(crate) fn update(&self, change: impl FnOnce(&mut Snapshot)) {
        self.current.send_modify(|current| {
            change(Arc::make_mut(current));
            // Nobody listening is fine.
            let _ = self
                .events
                .send(RegistryEvent::Changed(Arc::clone(current)));
        });
    }
}
