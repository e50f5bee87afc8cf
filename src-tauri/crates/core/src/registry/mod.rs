//! All clientes: who they are, their published snapshots, and the way to their sessions.

mod answers;
mod care;
mod cells;
mod many;
mod take_in;

pub use answers::{Accepted, CommandError, SendError, StartError, Started};
pub use many::{AddAllError, NewCliente};

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures::StreamExt as _;
use tokio::sync::{Mutex, Semaphore, broadcast, mpsc, oneshot, watch};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::account::{MessageId, PhoneNumber};
use crate::actor::{Actor, Command, Deps};
use crate::cliente::{ClienteId, ClienteRecord, Wanted};
use crate::clock::Clock;
use crate::journal::Journal;
use crate::message::{Content, Outgoing};
use crate::ports::{CallError, Diagnosis, Launcher, Profiles, Resources, Store};
use crate::reason::Reason;
use crate::resources::ResourceReport;
use crate::slots::Slots;
use crate::snapshot::{RegistryEvent, Snapshot};
use crate::state::{Change, Policy, StateName};

use cells::{Cell, Control, next_free};

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
/// Sessions that are restored at the same time.
const RESTORES: usize = 2;
/// How long a message waits for a session that sleeps.
const WAKE: Duration = Duration::from_secs(25);
/// How long shutdown waits for browsers and writes. The whole program has 15 s.
const SHUTDOWN: Duration = Duration::from_secs(11);

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

    /// Adds a cliente; without an id, the next free one.
    pub async fn add(
        &self,
        id: Option<ClienteId>,
        name: String,
        note: String,
    ) -> Result<Arc<Snapshot>, CommandError> {
        self.open_for_changes()?;
        let _adding = self.0.adding.lock().await;
        let cell = {
            let mut cells = self.0.cells.write().unwrap_or_else(PoisonError::into_inner);
            let id = match id {
                Some(id) if cells.contains_key(&id) => return Err(CommandError::Exists),
                Some(id) => id,
                None => next_free(&cells),
            };
            let record = ClienteRecord {
                name,
                note,
                ..ClienteRecord::new(id, self.0.deps.clock.now())
            };
            self.cell_in(&mut cells, record, false)
        };
        let snapshot = cell.published.get();
        if let Err(error) = self.0.deps.journal.save(snapshot.record.clone()).await {
            self.forget(&cell);
            return Err(error.into());
        }
        Ok(snapshot)
    }

    /// Changes what people call a cliente.
    pub async fn describe(
        &self,
        id: ClienteId,
        name: String,
        note: String,
    ) -> Result<Arc<Snapshot>, CommandError> {
        let (cell, _) = self
            .change(id, |record| {
                record.name = name;
                record.note = note;
            })
            .await?;
        Ok(cell.published.get())
    }

    /// Changes what is remembered of a cliente: on disk first, then for everybody. Says which session it has.
    async fn change(
        &self,
        id: ClienteId,
        change: impl FnOnce(&mut ClienteRecord),
    ) -> Result<(Arc<Cell>, Option<mpsc::Sender<Command>>), CommandError> {
        let cell = self.cell(id).ok_or(CommandError::NotFound)?;
        // Held to the end, so that one who is being forgotten is not written anew, or told of after the end.
        let control = cell.control.lock().await;
        if control.forgotten {
            return Err(CommandError::NotFound);
        }
        let mut record = cell.published.get().record.clone();
        change(&mut record);
        self.0.deps.journal.save(record.clone()).await?;
        cell.published.update(|snapshot| {
            // The account and the wish are the session's, and may have changed meanwhile.
            snapshot.record.name = record.name;
            snapshot.record.note = record.note;
            snapshot.record.self_test = record.self_test;
        });
        let session = control.session.clone();
        drop(control);
        Ok((cell, session))
    }

    /// Starts the session of a cliente, known or not, and waits for its first definite state. However many callers
    /// race, one browser is launched.
    pub async fn start(&self, id: ClienteId, reason: Reason) -> Result<Started, StartError> {
        let accepted = self.begin(id, reason).await?;
        let now = || self.snapshot(id).ok_or(StartError::Stopped);
        match accepted {
            Accepted::AlreadyRunning => Ok(Started::AlreadyRunning(now()?)),
            Accepted::Begun(settled) => {
                settled.await.unwrap_or(Err(StartError::Stopped))?;
                Ok(Started::Begun(now()?))
            }
        }
    }

    /// Starts the session of a cliente without waiting for what comes of it.
    pub async fn begin(&self, id: ClienteId, reason: Reason) -> Result<Accepted, StartError> {
        // One that runs needs no more room than it has.
        let begins = self
            .snapshot(id)
            .is_none_or(|snapshot| snapshot.session.state.can_start());
        if begins && !care::disk_allows(self.0.machine.free_disk().await, reason) {
            return Err(StartError::DiskFull);
        }
        loop {
            if self.0.ending.is_cancelled() {
                return Err(StartError::ShuttingDown);
            }
            let cell = self.cell_or_new(id);
            let mut control = cell.control.lock().await;
            if control.forgotten {
                continue;
            }
            let session = match &control.session {
                Some(session) if !session.is_closed() => session,
                _ => control.session.insert(Actor::spawn(
                    id,
                    Arc::clone(&cell.published),
                    Arc::clone(&self.0.deps),
                )),
            };
            let (reply, answer) = oneshot::channel();
            let sent = session.send(Command::Start { reason, reply }).await;
            drop(control);
            // An actor that ended at this moment drops the command; the next round begins a new one.
            if sent.is_ok()
                && let Ok(answer) = answer.await
            {
                return answer;
            }
        }
    }

    /// Ends the session of a cliente and keeps its login. Nothing of the browser is left when this returns.
    pub async fn stop(&self, id: ClienteId) -> Result<Arc<Snapshot>, CommandError> {
        let cell = self.cell(id).ok_or(CommandError::NotFound)?;
        let control = cell.control.lock().await;
        self.want_stopped(&cell);
        end(&control, Reason::StopRequested).await;
        drop(control);
        Ok(cell.published.get())
    }

    /// Closes the browser of an idle session; a start or a message wakes it.
    pub async fn hibernate(&self, id: ClienteId) -> Result<Arc<Snapshot>, CommandError> {
        let cell = self.cell(id).ok_or(CommandError::NotFound)?;
        self.ask(id, |reply| Command::Hibernate { reply }).await?;
        Ok(cell.published.get())
    }

    /// Brings the browser of a session that runs up as a window, or to the front where it has one. What runs without a
    /// window is closed first, so the page is loaded anew, and a code that waits is another one.
    pub async fn show(&self, id: ClienteId) -> Result<Arc<Snapshot>, CommandError> {
        let cell = self.cell(id).ok_or(CommandError::NotFound)?;
        self.can_show().await?;
        self.ask(id, |reply| Command::Show { reply }).await?;
        Ok(cell.published.get())
    }

    /// Whether a browser could show a window here, as far as can be told without starting one.
    pub async fn can_show(&self) -> Result<(), CommandError> {
        Ok(self.0.deps.launcher.can_show().await?)
    }

    /// Lets a session go on without a window. One that has none stays as it is.
    pub async fn hide(&self, id: ClienteId) -> Result<Arc<Snapshot>, CommandError> {
        let cell = self.cell(id).ok_or(CommandError::NotFound)?;
        self.tell(&cell, Command::Hide).await;
        Ok(cell.published.get())
    }

    /// Chooses whether a cliente writes to itself now and then, to know that messages still go out.
    pub async fn set_self_test(
        &self,
        id: ClienteId,
        on: bool,
    ) -> Result<Arc<Snapshot>, CommandError> {
        let (cell, session) = self.change(id, |record| record.self_test = on).await?;
        if let Some(session) = session {
            // One that has ended reads it when it begins again.
            let _ = session.send(Command::SelfTest { on }).await;
        }
        Ok(cell.published.get())
    }

    /// The person has read the notice.
    pub async fn dismiss_notice(&self, id: ClienteId) -> Result<Arc<Snapshot>, CommandError> {
        let cell = self.cell(id).ok_or(CommandError::NotFound)?;
        if !self.tell(&cell, Command::Dismiss).await {
            // Without a session nobody else writes the snapshot.
            cell.published
                .update(|snapshot| snapshot.session.notice = None);
        }
        Ok(cell.published.get())
    }

    /// Changes how many browsers may run at the same time; nothing lets the machine's memory decide. None is closed
    /// by it at once; idle ones are as soon as another session needs a place.
    pub fn set_max_browsers(&self, most: Option<u32>) {
        self.0.max_browsers.send_replace(most);
    }

    /// Ends the session of a cliente. With `forget`, also deletes its login and everything known of it. An unknown
    /// cliente is no error: it is gone, as wanted.
    pub async fn destroy(&self, id: ClienteId, forget: bool) -> Result<(), CommandError> {
        let Some(cell) = self.cell(id) else {
            if forget {
                self.0.deps.profiles.delete(id).await?;
            }
            return Ok(());
        };
        // Held to the end, so that no start slips in between the end of the browser and that of its profile.
        let mut control = cell.control.lock().await;
        self.want_stopped(&cell);
        end(&control, Reason::StopRequested).await;
        if forget && !control.forgotten {
            self.0.deps.profiles.delete(id).await?;
            cell.published.update(|snapshot| {
                snapshot.saved_login = false;
                snapshot.record.account = None;
            });
            self.0.deps.journal.remove(id).await?;
            control.forgotten = true;
            control.session = None;
            self.forget(&cell);
        }
        Ok(())
    }

    /// Unlinks the account at WhatsApp.
    pub async fn log_out(&self, id: ClienteId) -> Result<(), CommandError> {
        self.ask(id, |reply| Command::LogOut { reply }).await
    }

    /// Asks WhatsApp for a new code.
    pub async fn refresh_code(&self, id: ClienteId) -> Result<(), CommandError> {
        self.ask(id, |reply| Command::RefreshCode { reply }).await
    }

    /// Asks WhatsApp for a code that links the account when it is typed on the phone with this number. Only while a QR
    /// would do so.
    pub async fn request_pairing_code(
        &self,
        id: ClienteId,
        number: PhoneNumber,
    ) -> Result<String, CommandError> {
        self.ask(id, |reply| Command::PairingCode { number, reply })
            .await
    }

    /// Asks WhatsApp whether somebody has an account with this number, and how WhatsApp writes it.
    pub async fn find_number(
        &self,
        id: ClienteId,
        number: PhoneNumber,
    ) -> Result<Option<PhoneNumber>, CommandError> {
        self.ask(id, |reply| Command::FindNumber { number, reply })
            .await
    }

    /// Looks at the page of a cliente for whoever looks into a failure. Changes nothing, and tells no breaker: a page
    /// that does not answer is what is being looked into.
    pub async fn diagnose(&self, id: ClienteId, picture: bool) -> Result<Diagnosis, CommandError> {
        self.ask(id, |reply| Command::Diagnose { picture, reply })
            .await
    }

    /// Sends a message. Messages of one cliente go one after another.
    pub async fn send(&self, id: ClienteId, message: Outgoing) -> Result<MessageId, SendError> {
        let not_ready = |state| Err(SendError::NotReady(state));
        let Some(cell) = self.cell(id) else {
            return not_ready(StateName::NotInitialized);
        };
        let policy = &self.0.deps.policy;
        let deadline = Instant::now()
            + match message.content {
                Content::Text(_) => policy.send_timeout,
                Content::Media(_) => policy.media_timeout,
            };
        if is_asleep_or_waking(&cell.published.get()) {
            // What comes of it is seen in the state.
            let _ = timeout_at(deadline.min(Instant::now() + WAKE), self.wake(&cell)).await;
        }
        let session = cell.control.lock().await.session.clone();
        let (reply, answer) = oneshot::channel();
        let sent = match session {
            Some(session) => session
                .send(Command::Send {
                    message,
                    deadline,
                    reply,
                })
                .await
                .is_ok(),
            None => false,
        };
        if !sent {
            return not_ready(cell.published.get().state());
        }
        answer
            .await
            .unwrap_or(Err(SendError::Call(CallError::Gone)))
    }

    /// Starts a session that sleeps, or waits for whoever does so already.
    async fn wake(&self, cell: &Cell) {
        if let Err(StartError::InProgress) = self.start(cell.id, Reason::Woken).await {
            let mut snapshots = cell.published.subscribe();
            let _ = snapshots
                .wait_for(|snapshot| !snapshot.session.state.is_starting())
                .await;
        }
    }

    /// The newest changes of a cliente first.
    pub async fn timeline(&self, id: ClienteId, limit: u32) -> Result<Vec<Change>, CommandError> {
        self.cell(id).ok_or(CommandError::NotFound)?;
        Ok(self.0.store.timeline(id, limit).await?)
    }

    /// The sessions that [`Self::restore`] would start or lay to sleep now.
    pub fn to_be_restored(&self) -> Vec<ClienteId> {
        let snapshots = self.snapshots();
        let wanted = snapshots
            .iter()
            .filter(|snapshot| care::is_to_be_restored(snapshot));
        wanted.map(|snapshot| snapshot.record.id).collect()
    }

    /// Starts the sessions that ran when the program last ended, a few at a time. Those that there is no place for
    /// sleep until somebody needs them.
    pub async fn restore(&self) {
        let mut wanted = self.to_be_restored();
        let places = self.0.deps.slots.usage();
        let free = places.limit.saturating_sub(places.taken) as usize;
        for id in wanted.split_off(free.min(wanted.len())) {
            self.lay_to_sleep(id).await;
        }
        let starts = futures::stream::iter(wanted).for_each_concurrent(RESTORES, async |id| {
            if let Err(error) = self.start(id, Reason::Restored).await {
                tracing::warn!(cliente = %id, %error, "not restored");
            }
        });
        tokio::select! {
            () = starts => {}
            () = self.0.ending.cancelled() => {}
        }
    }

    /// Ends all sessions in parallel and writes everything out. Bounded.
    pub async fn shutdown(&self) {
        self.0.ending.cancel();
        let cells: Vec<_> = self.cells(|cells| cells.values().cloned().collect());
        let ends = cells.into_iter().map(async |cell| {
            let control = cell.control.lock().await;
            end(&control, Reason::Shutdown).await;
        });
        let all = async {
            futures::future::join_all(ends).await;
            self.0.deps.journal.close().await;
        };
        if tokio::time::timeout(SHUTDOWN, all).await.is_err() {
            tracing::error!("some sessions did not end in time");
        }
    }

    /// Marks a session without a browser as sleeping.
    async fn lay_to_sleep(&self, id: ClienteId) {
        if let Some(cell) = self.cell(id) {
            let control = cell.control.lock().await;
            // Somebody may have started it at this moment.
            if care::is_to_be_restored(&cell.published.get()) {
                end(&control, Reason::Hibernated).await;
                cell.published.update(|snapshot| {
                    snapshot.session.hibernated = true;
                    snapshot.session.reason = Some(Reason::Hibernated);
                });
            }
        }
    }

    /// Gives a session a command that nobody waits for. False where there is no session.
    async fn tell(&self, cell: &Cell, command: Command) -> bool {
        let session = cell.control.lock().await.session.clone();
        match session {
            Some(session) => session.send(command).await.is_ok(),
            None => false,
        }
    }

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

    fn open_for_changes(&self) -> Result<(), CommandError> {
        if self.0.ending.is_cancelled() {
            Err(CommandError::ShuttingDown)
        } else {
            Ok(())
        }
    }

    fn want_stopped(&self, cell: &Cell) {
        if cell.published.get().session.hibernated {
            cell.published
                .update(|snapshot| snapshot.session.hibernated = false);
        }
        if cell.published.get().record.wanted != Wanted::Stopped {
            cell.published
                .update(|snapshot| snapshot.record.wanted = Wanted::Stopped);
            self.0
                .deps
                .journal
                .save_soon(cell.published.get().record.clone());
        }
    }
}

/// Whether a message is worth a wait: its session sleeps, or is waking for another message.
pub(crate) fn is_asleep_or_waking(snapshot: &Snapshot) -> bool {
    let session = &snapshot.session;
    session.hibernated || (session.state.is_starting() && session.reason == Some(Reason::Woken))
}

/// Ends a session, if there is one, and waits until nothing of its browser is left.
async fn end(control: &Control, reason: Reason) {
    if let Some(session) = &control.session {
        let (reply, ended) = oneshot::channel();
        if session.send(Command::Stop { reason, reply }).await.is_ok() {
            // An actor that ended first has no browser either.
            let _ = ended.await;
        }
    }
}
