//! The world itself: how launches go, what is on its disk, and which browsers live.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use session_core::ports::{Memory, NoWindow, Usage};
use session_core::{
    Change, ClienteId, ClienteRecord, Clock, Parts, Policy, Reason, Registry, Timestamp,
};
use tokio::sync::{RwLock, Semaphore, watch};
use tokio::time::{Duration, Instant, timeout};

use super::FakeBrowser;

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
    pub(super) plan: Mutex<Plan>,
    pub(crate) launches: AtomicUsize,
    /// Most browsers of one cliente that ever lived at once.
    pub(crate) most_at_once: AtomicUsize,
    pub(super) alive: Mutex<HashMap<ClienteId, usize>>,
    pub(super) browsers: watch::Sender<BTreeMap<ClienteId, Arc<FakeBrowser>>>,
    pub(super) logins: Mutex<BTreeSet<ClienteId>>,
    pub(crate) records: Mutex<BTreeMap<ClienteId, ClienteRecord>>,
    pub(crate) changes: Mutex<Vec<(ClienteId, Change)>>,
    pub(crate) store_broken: AtomicBool,
    /// Milliseconds that the machine slept so far: the wall clock is ahead by them.
    pub(crate) slept: AtomicU64,
    /// The next look at the clock ends in a panic.
    pub(crate) clock_breaks: AtomicBool,
    /// How long the disk takes for the next marks of logins.
    pub(crate) mark_delays: Mutex<VecDeque<Duration>>,
    /// Copies of logins that are there, how many of each.
    pub(crate) spares: Mutex<BTreeMap<ClienteId, usize>>,
    pub(crate) free_disk: Mutex<Option<u64>>,
    /// The disk answers nobody while this is held.
    pub(crate) slow_disk: RwLock<()>,
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
            mark_delays: Mutex::default(),
            spares: Mutex::default(),
            free_disk: Mutex::new(None),
            slow_disk: RwLock::default(),
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

    pub(super) fn born(&self, id: ClienteId) {
        let mut alive = self.alive.lock().unwrap();
        let count = alive.entry(id).or_default();
        *count += 1;
        self.most_at_once.fetch_max(*count, Ordering::SeqCst);
    }

    pub(super) fn died(&self, id: ClienteId) {
        *self.alive.lock().unwrap().get_mut(&id).unwrap() -= 1;
        self.browsers.send_modify(|all| {
            all.remove(&id);
        });
    }
}

/// The world as a session knows it: it keeps logins, clientes and what the machine has left.
pub(super) struct Handle(pub(super) Arc<World>);
