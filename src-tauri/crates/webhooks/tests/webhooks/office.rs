//! A program with a database, sessions and webhooks.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use session_core::ports::Store as _;
use session_core::{
    Account, Change, ClienteId, ClienteRecord, Clock, PhoneNumber, Policy as SessionPolicy, Reason,
    Registry, StateName, SystemClock, Timestamp, WebhookId, WebhookReport, WebhookShape,
};
use session_store::SqliteStore;
use session_webhooks::{Draft, Parts, Policy, Webhooks};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::world::World;

/// The machine's clock, and what a test adds to it.
#[derive(Default)]
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    /// Sets the clock forward, or back.
    pub(crate) fn set(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let now = SystemClock.now().0;
        Timestamp(now.saturating_add_signed(self.0.load(Ordering::SeqCst)))
    }
}

pub(crate) struct Office {
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) registry: Registry,
    pub(crate) world: Arc<World>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) webhooks: Webhooks,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// Pauses that a test can wait for.
pub(crate) fn quick() -> Policy {
    Policy {
        deadline: Duration::from_secs(5),
        first_pause: Duration::from_millis(10),
        shortest_pause: Duration::from_millis(1),
        longest_pause: Duration::from_millis(40),
        patience: Duration::from_secs(24 * 60 * 60),
    }
}

pub(crate) fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    (folder, path)
}

impl Office {
    pub(crate) async fn open(path: &Path) -> Self {
        Self::with(path, quick(), &[]).await
    }

    pub(crate) async fn with(path: &Path, policy: Policy, fixed: &[String]) -> Self {
        Self::trusting(path, policy, fixed, rustls::RootCertStore::empty()).await
    }

    pub(crate) async fn trusting(
        path: &Path,
        policy: Policy,
        fixed: &[String],
        roots: rustls::RootCertStore,
    ) -> Self {
        let store = Arc::new(SqliteStore::open(path).unwrap().0);
        let world = Arc::new(World::default());
        let clock = Arc::new(TestClock::default());
        let registry = Registry::open(session_core::Parts {
            launcher: Arc::clone(&world) as _,
            profiles: Arc::clone(&world) as _,
            store: Arc::clone(&store) as _,
            clock: Arc::clone(&clock) as _,
            policy: SessionPolicy::default(),
            resources: Arc::clone(&world) as _,
            launches: 2,
            max_browsers: Some(10),
        })
        .await;
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let parts = Parts {
            store: Arc::clone(&store) as _,
            registry: registry.clone(),
            clock: Arc::clone(&clock) as _,
            version: "3.0.0".to_owned(),
            policy,
            fixed: fixed.to_owned(),
            fixed_secret: None,
            tasks: tasks.clone(),
            stop: stop.clone(),
        };
        let webhooks = Webhooks::open_trusting(parts, roots).await.unwrap();
        Self {
            store,
            registry,
            world,
            clock,
            webhooks,
            tasks,
            stop,
        }
    }

    /// Ends as the program does.
    pub(crate) async fn close(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.registry.shutdown().await;
    }

    pub(crate) async fn add(&self, draft: Draft) -> WebhookId {
        self.webhooks.add(&draft).await.unwrap().webhook.id
    }

    pub(crate) async fn report(&self, id: &WebhookId) -> WebhookReport {
        self.webhooks.get(id).await.unwrap()
    }

    /// Waits until a webhook looks like this. What it is told is written down a moment after it arrived.
    pub(crate) async fn until(
        &self,
        id: &WebhookId,
        what: &str,
        good: impl Fn(&WebhookReport) -> bool,
    ) -> WebhookReport {
        for _ in 0..3000 {
            let report = self.report(id).await;
            if good(&report) {
                return report;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{what}: {:?}", self.report(id).await);
    }

    /// Starts a session and waits for its browser.
    pub(crate) async fn begin(&self, cliente: ClienteId) {
        let mut events = self.registry.subscribe();
        let _ = self
            .registry
            .begin(cliente, Reason::StartRequested)
            .await
            .unwrap();
        let is_up = || {
            self.registry
                .snapshot(cliente)
                .is_some_and(|snapshot| snapshot.browser_pid.is_some())
        };
        while !is_up() {
            events.recv().await.unwrap();
        }
    }

    /// A cliente that an account is linked to.
    pub(crate) async fn cliente(&self, number: u64) {
        let account = Account {
            number: PhoneNumber::parse("5491155551234").unwrap(),
            name: Some("Ana Secreta".to_owned()),
        };
        let record = ClienteRecord {
            account: Some(account),
            ..ClienteRecord::new(id(number), Timestamp(1))
        };
        self.store.save(record).await.unwrap();
    }

    /// Writes changes of a cliente, one for each of these moments.
    pub(crate) async fn record(&self, cliente: u64, moments: impl IntoIterator<Item = u64>) {
        for at in moments {
            self.store.record(id(cliente), change(at)).await.unwrap();
        }
    }
}

pub(crate) fn change(at: u64) -> Change {
    Change {
        from: StateName::Initializing,
        to: StateName::QrRequired,
        reason: Reason::LoginNeeded,
        at: Timestamp(at),
    }
}

pub(crate) fn id(number: u64) -> ClienteId {
    ClienteId::try_from(number).unwrap()
}

pub(crate) fn draft(url: String) -> Draft {
    Draft {
        url,
        events: Vec::new(),
        clientes: None,
        shape: WebhookShape::Native,
        content: false,
        enabled: true,
    }
}
