//! All clientes: who they are, their published snapshots, and the way to their sessions.

mod answers;
mod calls;
mod care;
mod cells;
mod clientes;
mod lifetime;
mod many;
mod running;
mod take_in;

pub use answers::{Accepted, CommandError, SendError, StartError, Started};
pub(crate) use calls::is_asleep_or_waking;
pub use many::{AddAllError, NewCliente};

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use tokio::sync::{Mutex, Semaphore, broadcast, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::actor::{Command, Deps};
use crate::cliente::{ClienteId, ClienteRecord, Wanted};
use crate::clock::Clock;
use crate::journal::Journal;
use crate::ports::{Launcher, Profiles, Resources, Store};
use crate::resources::ResourceReport;
use crate::slots::Slots;
use crate::snapshot::{RegistryEvent, Snapshot};
use crate::state::Policy;

use cells::Cell;

/// What the registry is made of.
pub struct Parts {
    /// Starts browsers.
    pub launcher: Arc<dyn Launcher>,
    /// Saved logins.
    pub profiles: Arc<dyn Profiles>,
    /// What outlives a restart.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The waits.
    pub policy: Policy,
    /// What the machine has left.
    pub resources: Arc<dyn Resources>,
    /// Browsers that may be coming up at the same time.
    pub launches: usize,
    /// Browsers that may run at the same time; nothing lets the machine's memory decide.
    pub max_browsers: Option<u32>,
}

/// All clientes. Cheap to clone.
#[derive(Clone)]
pub struct Registry(Arc<Inner>);

struct Inner {
    cells: RwLock<BTreeMap<ClienteId, Arc<Cell>>>,
    events: broadcast::Sender<RegistryEvent>,
    deps: Arc<Deps>,
    store: Arc<dyn Store>,
    machine: Arc<dyn Resources>,
    resources: watch::Sender<ResourceReport>,
    /// Browsers that may run at the same time, if somebody chose.
    max_browsers: watch::Sender<Option<u32>>,
    ending: CancellationToken,
    /// Held while clientes are added, from the choice of their ids to the disk.
    adding: Mutex<()>,
}

/// Events a slow reader may be behind before it has to ask for a snapshot.
const EVENTS: usize = 1024;

impl Registry {
    /// Reads the known clientes. If the store cannot be read, the registry starts empty and says so.
    pub async fn open(parts: Parts) -> Self {
        let tasks = TaskTracker::new();
        let known = parts.store.clientes().await;
        if let Err(error) = &known {
            tracing::error!(%error, "the known clientes cannot be read");
        }
        let journal = Journal::start(Arc::clone(&parts.store), known.is_ok(), &tasks);
        let report = care::first_look(&*parts.resources, parts.max_browsers).await;
        let registry = Self(Arc::new(Inner {
            cells: RwLock::default(),
            events: broadcast::Sender::new(EVENTS),
            deps: Arc::new(Deps {
                launcher: parts.launcher,
                profiles: parts.profiles,
                clock: parts.clock,
                policy: parts.policy,
                journal,
                launches: Arc::new(Semaphore::new(parts.launches.max(1))),
                slots: Slots::new(report.limit),
                tasks: tasks.clone(),
            }),
            store: parts.store,
            machine: parts.resources,
            resources: watch::Sender::new(report),
            max_browsers: watch::Sender::new(parts.max_browsers),
            ending: CancellationToken::new(),
            adding: Mutex::default(),
        }));
        for record in known.unwrap_or_default() {
            let saved_login = registry.0.deps.profiles.has_login(record.id).await;
            registry.insert(record, saved_login);
        }
        registry.adopt().await;
        care::begin(&registry, &tasks);
        registry
    }

    /// Takes in the logins that the store does not know of: it was lost, and they were not.
    async fn adopt(&self) {
        for id in self.0.deps.profiles.known().await {
            if self.cell(id).is_none() && self.0.deps.profiles.has_login(id).await {
                tracing::warn!(cliente = %id, "a saved login was found that no list knows of");
                let record = ClienteRecord {
                    wanted: Wanted::Running,
                    ..ClienteRecord::new(id, self.0.deps.clock.now())
                };
                self.0.deps.journal.save_soon(record.clone());
                self.insert(record, true);
            }
        }
    }

    /// All clientes, by id.
    pub fn snapshots(&self) -> Vec<Arc<Snapshot>> {
        self.cells(|cells| cells.values().map(|cell| cell.published.get()).collect())
    }

    /// One cliente.
    pub fn snapshot(&self, id: ClienteId) -> Option<Arc<Snapshot>> {
        self.cell(id).map(|cell| cell.published.get())
    }

    /// One cliente as it changes. Ends when it is forgotten.
    pub(crate) fn watch(&self, id: ClienteId) -> Option<watch::Receiver<Arc<Snapshot>>> {
        self.cell(id).map(|cell| cell.published.subscribe())
    }

    /// Everything that changes from now on. Ask for this first and for [`Self::snapshots`] then.
    pub fn subscribe(&self) -> broadcast::Receiver<RegistryEvent> {
        self.0.events.subscribe()
    }

    /// What the machine has left.
    pub fn resources(&self) -> watch::Receiver<ResourceReport> {
        self.0.resources.subscribe()
    }

    /// Whether the store works.
    pub fn store_health(&self) -> watch::Receiver<bool> {
        self.0.deps.journal.healthy()
    }

    /// Changes how many browsers may run at the same time; nothing lets the machine's memory decide. None is closed
    /// by it at once; idle ones are as soon as another session needs a place.
    pub fn set_max_browsers(&self, most: Option<u32>) {
        self.0.max_browsers.send_replace(most);
    }

    /// Gives a session a command that nobody waits for. False where there is no session.
    async fn tell(&self, cell: &Cell, command: Command) -> bool {
        let session = cell.control.lock().await.session.clone();
        match session {
            Some(session) => session.send(command).await.is_ok(),
            None => false,
        }
    }

    /// Gives a session a command that is always carried out, and waits until it is. False where there is no session.
    async fn tell_and_wait(
        &self,
        cell: &Cell,
        command: impl FnOnce(oneshot::Sender<()>) -> Command,
    ) -> bool {
        let (reply, done) = oneshot::channel();
        self.tell(cell, command(reply)).await && done.await.is_ok()
    }

    /// Gives a session a command and waits for its answer.
    async fn ask<T>(
        &self,
        id: ClienteId,
        command: impl FnOnce(oneshot::Sender<Result<T, CommandError>>) -> Command,
    ) -> Result<T, CommandError> {
        let cell = self.cell(id).ok_or(CommandError::NotFound)?;
        let session = cell.control.lock().await.session.clone();
        let (reply, answer) = oneshot::channel();
        if let Some(session) = session
            && session.send(command(reply)).await.is_ok()
            && let Ok(answer) = answer.await
        {
            return answer;
        }
        Err(CommandError::NotNow(cell.published.get().state()))
    }

    /// Nothing is added any more once the end of the program has begun.
    fn open_for_changes(&self) -> Result<(), CommandError> {
        if self.0.ending.is_cancelled() {
            Err(CommandError::ShuttingDown)
        } else {
            Ok(())
        }
    }
}
