//! A world without browsers and disks: it records what a session does to it, and notices a second browser.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use session_core::ports::{
    Browser, CallError, DriverEvent, LaunchError, Launched, Launcher, Memory, NoWindow,
    ProfileError, Profiles, Resources, Store, StoreError, Usage,
};
use session_core::{
    Account, Ack, Change, ChatId, ClienteId, ClienteRecord, Clock, Content, LoginCode, MessageId,
    MessageKey, MessageText, Outgoing, Parts, PhoneNumber, Policy, Reason, Registry, Snapshot,
    StateName, Timestamp, WindowName,
};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::{Duration, Instant, timeout};
use tokio_util::sync::CancellationToken;

/// A clock that follows tokio's, so that paused time moves it.
pub(crate) struct TestClock {
    began: Instant,
    world: Arc<World>,
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        assert!(
            !self.world.clock_breaks.swap(false, Ordering::SeqCst),
            "the clock breaks, as planned"
        );
        let slept = self.world.slept.load(Ordering::SeqCst);
        Timestamp(1_000_000 + slept).plus(self.began.elapsed())
    }
}

/// How the next launches go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// The browser comes up.
    Up,
    /// It fails with this reason.
    Fail(Reason),
    /// It hangs until it is called off.
    Hang,
}

pub(crate) struct World {
    plan: Mutex<Plan>,
    pub(crate) launches: AtomicUsize,
    /// Most browsers of one cliente that ever lived at once.
    pub(crate) most_at_once: AtomicUsize,
    alive: Mutex<HashMap<ClienteId, usize>>,
    browsers: watch::Sender<BTreeMap<ClienteId, Arc<FakeBrowser>>>,
    logins: Mutex<BTreeSet<ClienteId>>,
    pub(crate) records: Mutex<BTreeMap<ClienteId, ClienteRecord>>,
    pub(crate) changes: Mutex<Vec<(ClienteId, Change)>>,
    pub(crate) store_broken: AtomicBool,
    /// Milliseconds that the machine slept so far: the wall clock is ahead by them.
    pub(crate) slept: AtomicU64,
    /// The next look at the clock ends in a panic.
    pub(crate) clock_breaks: AtomicBool,
    /// Copies of logins that are there, how many of each.
    pub(crate) spares: Mutex<BTreeMap<ClienteId, usize>>,
    pub(crate) free_disk: Mutex<Option<u64>>,
    pub(crate) memory: Mutex<Option<Memory>>,
    /// What each browser is said to take.
    pub(crate) usage: Mutex<Option<Usage>>,
    /// Whether space is held back for a full disk.
    pub(crate) reserve: AtomicBool,
    /// Launches wait here for a permit each.
    pub(crate) gate: Semaphore,
    /// Launches under way right now, and the most there ever were.
    pub(crate) coming_up: AtomicUsize,
    pub(crate) most_coming_up: AtomicUsize,
    /// Why no window can be shown.
    pub(crate) no_window: Mutex<Option<NoWindow>>,
}

pub(crate) struct FakeBrowser {
    id: ClienteId,
    world: Arc<World>,
    events: Mutex<Option<mpsc::Sender<DriverEvent>>>,
    closed: AtomicBool,
    pub(crate) calls: Mutex<Vec<String>>,
    /// Sends wait here for a permit each.
    pub(crate) sends: Semaphore,
    pub(crate) sending: AtomicUsize,
    pub(crate) most_sending: AtomicUsize,
    pub(crate) refuse: AtomicBool,
    /// Messages taken so far; each is named by its number.
    pub(crate) sent: AtomicUsize,
    /// Calls never come back in time.
    pub(crate) silent: AtomicBool,
    /// The keys and texts of the messages that it was asked to send.
    pub(crate) asked: Mutex<Vec<(MessageKey, String)>>,
    /// What comes of the next sends instead.
    pub(crate) failures: Mutex<VecDeque<CallError>>,
}

impl World {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            plan: Mutex::new(Plan::Up),
            launches: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
            alive: Mutex::default(),
            browsers: watch::Sender::default(),
            logins: Mutex::default(),
            records: Mutex::default(),
            changes: Mutex::default(),
            store_broken: AtomicBool::new(false),
            slept: AtomicU64::new(0),
            clock_breaks: AtomicBool::new(false),
            spares: Mutex::default(),
            free_disk: Mutex::new(None),
            memory: Mutex::new(None),
            usage: Mutex::new(None),
            reserve: AtomicBool::new(false),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
            no_window: Mutex::default(),
            coming_up: AtomicUsize::new(0),
            most_coming_up: AtomicUsize::new(0),
        })
    }

    pub(crate) async fn registry(self: &Arc<Self>) -> Registry {
        self.registry_with(Policy::default()).await
    }

    pub(crate) async fn registry_with(self: &Arc<Self>, policy: Policy) -> Registry {
        self.registry_of(policy, Some(50)).await
    }

    pub(crate) async fn registry_of(
        self: &Arc<Self>,
        policy: Policy,
        max_browsers: Option<u32>,
    ) -> Registry {
        Registry::open(Parts {
            launcher: Arc::new(Handle(Arc::clone(self))),
            profiles: Arc::new(Handle(Arc::clone(self))),
            store: Arc::new(Handle(Arc::clone(self))),
            clock: self.clock(),
            policy,
            resources: Arc::new(Handle(Arc::clone(self))),
            launches: 4,
            max_browsers,
        })
        .await
    }

    pub(crate) fn clock(self: &Arc<Self>) -> Arc<TestClock> {
        Arc::new(TestClock {
            began: Instant::now(),
            world: Arc::clone(self),
        })
    }

    pub(crate) fn plan(&self, plan: Plan) {
        *self.plan.lock().unwrap() = plan;
    }

    pub(crate) fn save_login(&self, id: ClienteId) {
        self.logins.lock().unwrap().insert(id);
    }

    pub(crate) fn has_login(&self, id: ClienteId) -> bool {
        self.logins.lock().unwrap().contains(&id)
    }

    pub(crate) fn browsers_alive(&self) -> usize {
        self.alive.lock().unwrap().values().sum()
    }

    /// The living browser of a cliente, as soon as there is one.
    pub(crate) async fn browser(&self, id: ClienteId) -> Arc<FakeBrowser> {
        let mut browsers = self.browsers.subscribe();
        let found = browsers.wait_for(|all| all.contains_key(&id));
        let all = timeout(Duration::from_secs(600), found)
            .await
            .unwrap_or_else(|_| panic!("no browser came up"))
            .unwrap();
        Arc::clone(&all[&id])
    }

    fn born(&self, id: ClienteId) {
        let mut alive = self.alive.lock().unwrap();
        let count = alive.entry(id).or_default();
        *count += 1;
        self.most_at_once.fetch_max(*count, Ordering::SeqCst);
    }

    fn died(&self, id: ClienteId) {
        *self.alive.lock().unwrap().get_mut(&id).unwrap() -= 1;
        self.browsers.send_modify(|all| {
            all.remove(&id);
        });
    }
}

impl FakeBrowser {
    pub(crate) async fn tell(&self, event: DriverEvent) {
        let events = self.events.lock().unwrap().clone();
        // A session that ended does not listen any more.
        if let Some(events) = events {
            let _ = events.send(event).await;
        }
    }

    pub(crate) async fn code(&self, text: &str) {
        self.tell(DriverEvent::Code(LoginCode::new(text))).await;
    }

    pub(crate) async fn connect(&self) {
        self.tell(DriverEvent::Connected(account())).await;
    }

    /// The server has the message with this number.
    pub(crate) async fn acknowledge(&self, number: usize) {
        // The page may name the chat another way than the caller did.
        let id = MessageId::new(format!("true_4915@lid_3EB0{number}"));
        self.tell(DriverEvent::Acknowledged(id, Ack::Server)).await;
    }

    /// The server has the message with this key, or its receiver.
    pub(crate) async fn acknowledge_key(&self, key: &MessageKey, ack: Ack) {
        let id = MessageId::new(format!("true_4915@lid_{key}"));
        self.tell(DriverEvent::Acknowledged(id, ack)).await;
    }

    /// Sends wait from now on.
    pub(crate) fn hold(&self) {
        self.sends.forget_permits(Semaphore::MAX_PERMITS);
    }

    /// The texts that it was asked to send since the last look.
    pub(crate) fn take_texts(&self) -> Vec<String> {
        let asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.into_iter().map(|(_, text)| text).collect()
    }

    /// Ends as a killed browser does: it says so, then its events end.
    pub(crate) async fn die(&self) {
        self.tell(DriverEvent::BrowserExited).await;
        self.events.lock().unwrap().take();
    }

    pub(crate) fn called(&self, name: &str) -> usize {
        self.calls
            .lock()
            .unwrap()
            .iter()
            .filter(|call| *call == name)
            .count()
    }

    fn note(&self, call: &str) -> Result<(), CallError> {
        self.calls.lock().unwrap().push(call.to_owned());
        if self.closed.load(Ordering::SeqCst) {
            Err(CallError::Gone)
        } else {
            Ok(())
        }
    }
}

pub(crate) fn account() -> Account {
    Account {
        number: PhoneNumber::parse("5491155550001").unwrap(),
        name: Some("Ana".to_owned()),
    }
}

pub(crate) fn id(number: u64) -> ClienteId {
    ClienteId::try_from(number).unwrap()
}

pub(crate) fn message() -> Outgoing {
    Outgoing::text(
        ChatId::parse("5491155551234").unwrap(),
        MessageText::new("hola".to_owned()).unwrap(),
    )
}

/// Starts a cliente and brings it to READY.
pub(crate) async fn ready(
    world: &Arc<World>,
    registry: &Registry,
    number: u64,
) -> Arc<FakeBrowser> {
    let id = id(number);
    registry.begin(id, Reason::StartRequested).await.unwrap();
    let browser = world.browser(id).await;
    browser.connect().await;
    reach(registry, id, StateName::Ready).await;
    browser
}

/// Waits until the cliente is in this state.
pub(crate) async fn reach(registry: &Registry, id: ClienteId, state: StateName) -> Arc<Snapshot> {
    until(registry, id, |snapshot| snapshot.state() == state).await
}

/// Waits until the snapshot of the cliente is as described. With paused time the deadline is virtual.
pub(crate) async fn until(
    registry: &Registry,
    id: ClienteId,
    good: impl Fn(&Snapshot) -> bool,
) -> Arc<Snapshot> {
    let mut events = registry.subscribe();
    let waiting = async {
        loop {
            if let Some(snapshot) = registry.snapshot(id).filter(|snapshot| good(snapshot)) {
                return snapshot;
            }
            let _ = events.recv().await;
        }
    };
    timeout(Duration::from_secs(3600), waiting)
        .await
        .unwrap_or_else(|_| panic!("never came about; last seen: {:?}", registry.snapshot(id)))
}

/// Lets everything happen that can happen without time passing.
pub(crate) async fn settle() {
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
}

struct Handle(Arc<World>);

#[async_trait]
impl Launcher for Handle {
    async fn launch(
        &self,
        id: ClienteId,
        _: Option<WindowName>,
        cancel: CancellationToken,
    ) -> Result<Launched, LaunchError> {
        let world = &self.0;
        let failed = |reason| LaunchError {
            reason,
            detail: "as planned".to_owned(),
        };
        world.launches.fetch_add(1, Ordering::SeqCst);
        world.born(id);
        let coming_up = world.coming_up.fetch_add(1, Ordering::SeqCst) + 1;
        world.most_coming_up.fetch_max(coming_up, Ordering::SeqCst);
        let plan = *world.plan.lock().unwrap();
        let outcome = tokio::select! {
            permit = world.gate.acquire() => { permit.unwrap().forget(); plan }
            () = cancel.cancelled() => Plan::Fail(Reason::StopRequested),
        };
        let outcome = match outcome {
            Plan::Hang => {
                cancel.cancelled().await;
                Plan::Fail(Reason::StopRequested)
            }
            other => other,
        };
        world.coming_up.fetch_sub(1, Ordering::SeqCst);
        if let Plan::Fail(reason) = outcome {
            world.died(id);
            return Err(failed(reason));
        }
        let (sender, events) = mpsc::channel(16);
        let browser = Arc::new(FakeBrowser {
            id,
            world: Arc::clone(world),
            events: Mutex::new(Some(sender)),
            closed: AtomicBool::new(false),
            calls: Mutex::default(),
            sends: Semaphore::new(Semaphore::MAX_PERMITS),
            sending: AtomicUsize::new(0),
            most_sending: AtomicUsize::new(0),
            refuse: AtomicBool::new(false),
            sent: AtomicUsize::new(0),
            silent: AtomicBool::new(false),
            asked: Mutex::default(),
            failures: Mutex::default(),
        });
        world.browsers.send_modify(|all| {
            all.insert(id, Arc::clone(&browser));
        });
        Ok(Launched { browser, events })
    }

    async fn can_show(&self) -> Result<(), NoWindow> {
        match *self.0.no_window.lock().unwrap() {
            Some(why) => Err(why),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Browser for FakeBrowser {
    fn pid(&self) -> u32 {
        4242
    }

    async fn send(&self, message: &Outgoing) -> Result<MessageId, CallError> {
        self.note("send")?;
        let text = match &message.content {
            Content::Text(text) => text.reveal().to_owned(),
            Content::Media(media) => media.path.display().to_string(),
        };
        let key = message.key.clone();
        self.asked.lock().unwrap().push((key, text));
        let failure = self.failures.lock().unwrap().pop_front();
        if let Some(failure) = failure {
            return Err(failure);
        }
        if self.silent.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_secs(1)).await;
            return Err(CallError::Timeout);
        }
        let sending = self.sending.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_sending.fetch_max(sending, Ordering::SeqCst);
        // A real page takes a while, so that sends that are not in line overlap.
        tokio::time::sleep(Duration::from_millis(5)).await;
        self.sends.acquire().await.unwrap().forget();
        self.sending.fetch_sub(1, Ordering::SeqCst);
        if self.refuse.load(Ordering::SeqCst) {
            return Err(CallError::Refused("ERROR_NETWORK".to_owned()));
        }
        let nth = self.sent.fetch_add(1, Ordering::SeqCst) + 1;
        Ok(MessageId::new(format!(
            "true_{}_3EB0{nth}",
            message.chat.reveal()
        )))
    }

    async fn find_number(&self, number: &PhoneNumber) -> Result<Option<PhoneNumber>, CallError> {
        self.note("find").map(|()| Some(number.clone()))
    }

    async fn refresh_code(&self) -> Result<(), CallError> {
        self.note("refresh")
    }

    async fn request_pairing_code(&self, _: &PhoneNumber) -> Result<String, CallError> {
        self.note("pair").map(|()| "ABCD1234".to_owned())
    }

    async fn reload(&self) -> Result<(), CallError> {
        self.note("reload")?;
        if self.silent.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_secs(8)).await;
            return Err(CallError::Timeout);
        }
        Ok(())
    }

    async fn log_out(&self) -> Result<(), CallError> {
        self.note("log out")
    }

    async fn check(&self) -> Result<(), CallError> {
        self.note("check")
    }

    async fn raise(&self) -> Result<(), CallError> {
        self.note("raise")
    }

    async fn keep_picture(&self) -> Result<(), CallError> {
        self.note("picture")
    }

    async fn close(&self) {
        if !self.closed.swap(true, Ordering::SeqCst) {
            // A real browser takes a while.
            tokio::time::sleep(Duration::from_millis(200)).await;
            self.world.died(self.id);
            self.events.lock().unwrap().take();
        }
    }
}

#[async_trait]
impl Profiles for Handle {
    async fn has_login(&self, id: ClienteId) -> bool {
        self.0.has_login(id)
    }

    async fn mark_login(&self, id: ClienteId, linked: bool) -> Result<(), ProfileError> {
        let mut logins = self.0.logins.lock().unwrap();
        if linked {
            logins.insert(id)
        } else {
            logins.remove(&id)
        };
        Ok(())
    }

    async fn delete(&self, id: ClienteId) -> Result<(), ProfileError> {
        assert_eq!(
            self.0.alive.lock().unwrap().get(&id).copied().unwrap_or(0),
            0,
            "profile deleted under a browser"
        );
        self.0.logins.lock().unwrap().remove(&id);
        Ok(())
    }

    async fn has_spare(&self, id: ClienteId) -> bool {
        self.0
            .spares
            .lock()
            .unwrap()
            .get(&id)
            .is_some_and(|&count| count > 0)
    }

    async fn restore_spare(&self, id: ClienteId) -> Result<bool, ProfileError> {
        let browsers = self.0.alive.lock().unwrap().get(&id).copied();
        assert_eq!(browsers.unwrap_or(0), 0, "profile replaced under a browser");
        let mut spares = self.0.spares.lock().unwrap();
        let count = spares.entry(id).or_default();
        let there = *count > 0;
        *count = count.saturating_sub(1);
        Ok(there)
    }

    async fn known(&self) -> Vec<ClienteId> {
        self.0.logins.lock().unwrap().iter().copied().collect()
    }
}

#[async_trait]
impl Resources for Handle {
    async fn free_disk(&self) -> Option<u64> {
        *self.0.free_disk.lock().unwrap()
    }

    async fn memory(&self) -> Option<Memory> {
        *self.0.memory.lock().unwrap()
    }

    async fn usage(&self, pids: Vec<u32>) -> BTreeMap<u32, Usage> {
        let each = *self.0.usage.lock().unwrap();
        pids.into_iter()
            .filter_map(|pid| Some((pid, each?)))
            .collect()
    }

    async fn release_reserve(&self) {
        self.0.reserve.store(false, Ordering::SeqCst);
    }

    async fn hold_reserve(&self) {
        self.0.reserve.store(true, Ordering::SeqCst);
    }
}

impl Handle {
    fn working(&self) -> Result<(), StoreError> {
        if self.0.store_broken.load(Ordering::SeqCst) {
            return Err(StoreError {
                operation: "write",
                detail: "as planned".to_owned(),
            });
        }
        Ok(())
    }
}

#[async_trait]
impl Store for Handle {
    async fn clientes(&self) -> Result<Vec<ClienteRecord>, StoreError> {
        self.working()?;
        Ok(self.0.records.lock().unwrap().values().cloned().collect())
    }

    async fn save(&self, record: ClienteRecord) -> Result<(), StoreError> {
        self.working()?;
        self.0.records.lock().unwrap().insert(record.id, record);
        Ok(())
    }

    async fn save_all(&self, records: Vec<ClienteRecord>) -> Result<(), StoreError> {
        self.working()?;
        let mut known = self.0.records.lock().unwrap();
        known.extend(records.into_iter().map(|record| (record.id, record)));
        Ok(())
    }

    async fn remove(&self, id: ClienteId) -> Result<(), StoreError> {
        self.working()?;
        self.0.records.lock().unwrap().remove(&id);
        self.0.changes.lock().unwrap().retain(|(of, _)| *of != id);
        Ok(())
    }

    async fn record(&self, id: ClienteId, change: Change) -> Result<(), StoreError> {
        self.working()?;
        self.0.changes.lock().unwrap().push((id, change));
        Ok(())
    }

    async fn timeline(&self, id: ClienteId, limit: u32) -> Result<Vec<Change>, StoreError> {
        self.working()?;
        let changes = self.0.changes.lock().unwrap();
        let of_cliente = changes
            .iter()
            .rev()
            .filter(|(of, _)| *of == id)
            .map(|(_, change)| change.clone());
        Ok(of_cliente.take(limit as usize).collect())
    }

    async fn close(&self) {}
}
