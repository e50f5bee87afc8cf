//! Totals since the program started. The sessions' own counters go with their clientes; these never go backwards.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use session_core::{ClienteId, Registry, RegistryEvent, Snapshot, State, Timestamp};
use tokio::sync::broadcast::{
    self,
    error::{RecvError, TryRecvError},
};
use tokio_util::task::AbortOnDropHandle;
use utoipa::ToSchema;

use super::{Histogram, Written};

/// Everything that only ever grows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Totals {
    pub(crate) sent: u64,
    pub(crate) failed: u64,
    pub(crate) restarts: u64,
    pub(crate) starts: Starts,
    pub(crate) took: Took,
}

/// How long starts took, from the wish to the first definite state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
pub(crate) struct Took {
    /// Until a QR showed.
    #[schema(value_type = Written)]
    pub(crate) qr: Histogram,
    /// Until it was connected without one.
    #[schema(value_type = Written)]
    pub(crate) connected: Histogram,
    /// Until it had failed.
    #[schema(value_type = Written)]
    pub(crate) failed: Histogram,
}

/// How starts went, those that happen by themselves included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Starts {
    /// Reached a QR or a connection.
    pub(crate) ok: u64,
    pub(crate) failed: u64,
    /// Called off before it was up.
    pub(crate) stopped: u64,
}

/// The totals, kept up to date by a task that reads the registry's events.
pub(crate) struct Ledger {
    registry: Registry,
    book: Arc<Mutex<Book>>,
    _follower: AbortOnDropHandle<()>,
}

struct Book {
    /// Read by whoever holds the book, so that every event is counted once and in its order.
    events: broadcast::Receiver<RegistryEvent>,
    totals: Totals,
    known: BTreeMap<ClienteId, Counted>,
}

/// What of a cliente is in the totals already.
#[derive(Clone, Copy, Default)]
struct Counted {
    sent: u32,
    failed: u32,
    restarts: u32,
    /// Since when it is being started.
    starting: Option<Timestamp>,
}

impl Ledger {
    /// Counts from now on. Has to be called inside the runtime.
    pub(crate) fn open(registry: Registry) -> Self {
        let mut book = Book {
            events: registry.subscribe(),
            totals: Totals::default(),
            known: BTreeMap::new(),
        };
        book.look(&registry);
        let book = Arc::new(Mutex::new(book));
        let follower = follow(registry.subscribe(), registry.clone(), Arc::clone(&book));
        Self {
            registry,
            book,
            _follower: AbortOnDropHandle::new(tokio::spawn(follower)),
        }
    }

    /// The totals at this moment: what happened just now is in them, whether or not the task had its turn.
    pub(crate) fn totals(&self) -> Totals {
        let mut book = lock(&self.book);
        book.catch_up(&self.registry);
        book.totals
    }
}

/// Keeps the book from falling so far behind that events are lost. Its own receiver only tells that there is something
/// to read.
async fn follow(
    mut news: broadcast::Receiver<RegistryEvent>,
    registry: Registry,
    book: Arc<Mutex<Book>>,
) {
    while !matches!(news.recv().await, Err(RecvError::Closed)) {
        lock(&book).catch_up(&registry);
    }
}

fn lock(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Book {
    fn catch_up(&mut self, registry: &Registry) {
        loop {
            match self.events.try_recv() {
                Ok(RegistryEvent::Changed(snapshot)) => self.count(&snapshot),
                Ok(RegistryEvent::Removed(id)) => {
                    self.known.remove(&id);
                }
                Ok(RegistryEvent::Acknowledged(..) | RegistryEvent::Received(..)) => {}
                Err(TryRecvError::Lagged(missed)) => {
                    tracing::warn!(
                        missed,
                        "the totals fell behind; some starts are not counted"
                    );
                    self.look(registry);
                }
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }

    /// Goes by how everything is, because what happened is not known.
    fn look(&mut self, registry: &Registry) {
        self.events = self.events.resubscribe();
        let snapshots = registry.snapshots();
        // One that counts less than before was forgotten, and is another one with the same id now.
        let before = std::mem::take(&mut self.known);
        for snapshot in snapshots {
            let id = snapshot.record.id;
            if let Some(counted) = before
                .get(&id)
                .filter(|counted| !counted.exceeds(&snapshot))
            {
                self.known.insert(id, *counted);
            }
            self.count(&snapshot);
        }
    }

    fn count(&mut self, snapshot: &Snapshot) {
        let counted = self.known.entry(snapshot.record.id).or_default();
        let totals = &mut self.totals;
        add(&mut totals.sent, &mut counted.sent, snapshot.sent);
        add(&mut totals.failed, &mut counted.failed, snapshot.failed);
        add(
            &mut totals.restarts,
            &mut counted.restarts,
            snapshot.restarts,
        );
        let state = &snapshot.session.state;
        let since = snapshot.session.since;
        if state.is_starting() {
            counted.starting.get_or_insert(since);
        } else if let Some(begun) = counted.starting.take() {
            let (starts, took) = (&mut totals.starts, &mut totals.took);
            let (outcome, took) = match state {
                State::NotInitialized => (&mut starts.stopped, None),
                State::QrRequired { .. } => (&mut starts.ok, Some(&mut took.qr)),
                state if state.is_final() => (&mut starts.failed, Some(&mut took.failed)),
                _ => (&mut starts.ok, Some(&mut took.connected)),
            };
            *outcome += 1;
            if let Some(took) = took {
                took.note(since.since(begun));
            }
        }
    }
}

impl Counted {
    fn exceeds(&self, snapshot: &Snapshot) -> bool {
        self.sent > snapshot.sent
            || self.failed > snapshot.failed
            || self.restarts > snapshot.restarts
    }
}

/// Adds what is new. An event that is older than what was seen already adds nothing.
fn add(total: &mut u64, counted: &mut u32, now: u32) {
    *total += u64::from(now.saturating_sub(*counted));
    *counted = now.max(*counted);
}
