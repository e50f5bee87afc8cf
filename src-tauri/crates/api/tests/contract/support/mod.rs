//! The API over a world without browsers and disks, called in process.

pub(crate) mod described;
mod host;
#[path = "../../../../core/tests/sessions/memory.rs"]
mod memory;
mod world;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, request};
use session_api::{Access, ControlRoom, Limits, Options, router};
use session_core::{
    ClienteId, Outbox, OutboxParts, OutboxPolicy, Parts, Policy, Reason, Registry, RegistryEvent,
    Snapshot, StateName,
};
use session_webhooks::Webhooks;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

pub(crate) use host::TestHost;
pub(crate) use world::{Plan, World, account, code};
use world::{TestClock, drawable};

/// The port that requests name.
pub(crate) const PORT: u16 = 3001;

pub(crate) struct Setup {
    pub(crate) world: Arc<World>,
    pub(crate) host: Arc<TestHost>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) registry: Registry,
    pub(crate) outbox: Outbox,
    pub(crate) room: ControlRoom,
    pub(crate) stop: CancellationToken,
    api: Router,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Setup {
    pub(crate) async fn new() -> Self {
        Self::with(Options::default()).await
    }

    /// As for somebody who wants any number of starts.
    pub(crate) async fn without_limits() -> Self {
        Self::limited(Limits {
            init_rate: 0,
            ..Limits::default()
        })
        .await
    }

    pub(crate) async fn limited(limits: Limits) -> Self {
        Self::with(Options {
            limits,
            ..Options::default()
        })
        .await
    }

    pub(crate) async fn headless() -> Self {
        Self::with(Options {
            control_room: true,
            ..Options::default()
        })
        .await
    }

    pub(crate) async fn with(options: Options) -> Self {
        Self::over(World::new(), options).await
    }

    pub(crate) async fn over(world: Arc<World>, options: Options) -> Self {
        Self::of(50, world, options).await
    }

    /// With so many places for browsers.
    pub(crate) async fn of(places: u32, world: Arc<World>, options: Options) -> Self {
        let clock = Arc::new(TestClock::default());
        let options = Options {
            clock: Arc::clone(&clock) as _,
            ..options
        };
        let registry = Registry::open(Parts {
            launcher: Arc::clone(&world) as _,
            profiles: Arc::clone(&world) as _,
            store: Arc::clone(&world) as _,
            clock: Arc::clone(&clock) as _,
            policy: Policy::default(),
            resources: Arc::clone(&world) as _,
            launches: 2,
            max_browsers: Some(places),
        })
        .await;
        let host = Arc::new(TestHost::default());
        let outbox = Outbox::open(OutboxParts {
            registry: registry.clone(),
            store: Arc::clone(&world.messages) as _,
            files: Arc::clone(&world.files) as _,
            clock: Arc::clone(&clock) as _,
            policy: OutboxPolicy::default(),
        })
        .await;
        let room = ControlRoom::new(registry.clone(), outbox.clone(), Arc::clone(&host) as _);
        let stop = CancellationToken::new();
        let api = router(room.clone(), &options, PORT, stop.clone());
        Self {
            world,
            host,
            clock,
            registry,
            outbox,
            room,
            stop,
            api,
        }
    }

    /// The same program with keys and origins of its own.
    pub(crate) fn guarded_by(self, access: Arc<Access>, options: Options) -> Self {
        let options = Options {
            clock: Arc::clone(&self.clock) as _,
            ..options
        };
        let room = self.room.with_access(access);
        let api = router(room.clone(), &options, PORT, self.stop.clone());
        Self { room, api, ..self }
    }

    /// The same, with webhooks.
    pub(crate) fn with_webhooks(self, webhooks: Webhooks, options: &Options) -> Self {
        let room = self.room.clone().with_webhooks(webhooks);
        let api = router(room.clone(), options, PORT, self.stop.clone());
        Self { room, api, ..self }
    }

    /// With more in the control room.
    pub(crate) fn with_room(self, more: impl FnOnce(ControlRoom) -> ControlRoom) -> Self {
        let room = more(self.room.clone());
        let options = Options {
            control_room: true,
            clock: Arc::clone(&self.clock) as _,
            ..Options::default()
        };
        let api = router(room.clone(), &options, PORT, self.stop.clone());
        Self { room, api, ..self }
    }

    pub(crate) async fn ask(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.api.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let answer = Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        };
        described::check(method.as_str(), &path, &answer);
        answer
    }

    /// The answer as it comes, for a stream.
    pub(crate) async fn open(&self, request: Request<Body>) -> axum::response::Response {
        self.api.clone().oneshot(request).await.unwrap()
    }

    /// `GET` about a cliente.
    pub(crate) async fn get(&self, path: &str, cliente: u64) -> Answer {
        self.ask(about(get(path), cliente)).await
    }

    /// `POST /init`.
    pub(crate) async fn init(&self, cliente: u64) -> Answer {
        self.ask(about(post("/init"), cliente)).await
    }

    /// `POST /send`.
    pub(crate) async fn send(&self, cliente: u64, body: &str) -> Answer {
        let request = post("/send").header("X-Cliente-Id", cliente);
        self.ask(with_json(request, body)).await
    }

    /// `POST /control/<command>`.
    pub(crate) async fn control(&self, command: &str, args: &str) -> Answer {
        self.ask(with_json(post(&format!("/control/{command}")), args))
            .await
    }

    /// `GET` about no cliente, read as JSON.
    pub(crate) async fn json(&self, path: &str) -> serde_json::Value {
        let asked = bare(get(path).header("Accept", "application/json"));
        serde_json::from_str(&self.ask(asked).await.body).unwrap()
    }

    /// `GET /status`, read.
    pub(crate) async fn status(&self, cliente: u64) -> serde_json::Value {
        serde_json::from_str(&self.get("/status", cliente).await.body).unwrap()
    }

    /// Lets the browser of a ready session fail sends until calls to it are suspended, and be connected again.
    pub(crate) async fn open_breaker(&self, cliente: u64) {
        use session_core::ports::DriverEvent;
        let browser = self.world.browser(id(cliente));
        browser.sends_fail.store(true, Ordering::SeqCst);
        for _ in 0..3 {
            let sent = self
                .send(cliente, r#"{"to":"5491155551234","message":"x"}"#)
                .await;
            assert_eq!(sent.status, 500, "{}", sent.body);
        }
        // The page is loaded anew, which is the remedy.
        self.until(cliente, |snapshot| {
            snapshot.state() == StateName::DisconnectedRecoverable
        })
        .await;
        self.world
            .tell(id(cliente), DriverEvent::Connected(account()))
            .await;
        self.until(cliente, |snapshot| snapshot.state() == StateName::Ready)
            .await;
    }

    pub(crate) fn state(&self, cliente: u64) -> StateName {
        self.registry
            .snapshot(id(cliente))
            .map_or(StateName::NotInitialized, |snapshot| snapshot.state())
    }

    /// Waits until a cliente looks like this.
    pub(crate) async fn until(&self, cliente: u64, is: impl Fn(&Snapshot) -> bool) {
        let mut events = self.registry.subscribe();
        if self
            .registry
            .snapshot(id(cliente))
            .is_some_and(|snapshot| is(&snapshot))
        {
            return;
        }
        let waiting = async {
            loop {
                if let RegistryEvent::Changed(snapshot) = events.recv().await.unwrap()
                    && snapshot.record.id == id(cliente)
                    && is(&snapshot)
                {
                    return;
                }
            }
        };
        // With paused time it takes none to find out that nothing comes.
        timeout(Duration::from_secs(3600), waiting)
            .await
            .unwrap_or_else(|_| panic!("last seen: {:?}", self.registry.snapshot(id(cliente))));
    }

    /// Brings the session of a cliente into a state, the way it would get there.
    pub(crate) async fn bring(&self, cliente: u64, state: StateName) {
        use session_core::ports::DriverEvent as Driver;
        let (plan, login) = match state {
            StateName::NotInitialized => return,
            StateName::Initializing => (Plan::Hang, false),
            StateName::Reconnecting => (Plan::Hang, true),
            StateName::QrRequired => (Plan::Code(drawable()), false),
            StateName::AuthFailure => (Plan::Tell(Driver::LoginRefused), true),
            StateName::Error => (Plan::Fail(Reason::LaunchFailed), false),
            StateName::Ready
            | StateName::DisconnectedRecoverable
            | StateName::DisconnectedLogout
            | StateName::DisconnectedBanned => (Plan::Tell(Driver::Connected(account())), true),
        };
        self.world.plan(plan);
        self.world.set_login(id(cliente), login);
        let _ = self
            .registry
            .begin(id(cliente), Reason::StartRequested)
            .await
            .unwrap();
        let event = match state {
            StateName::DisconnectedRecoverable => Some(Driver::SocketLost(Reason::NetworkLost)),
            StateName::DisconnectedLogout => Some(Driver::LoggedOut(Reason::LoggedOut)),
            StateName::DisconnectedBanned => Some(Driver::Banned(Reason::Banned)),
            _ => None,
        };
        if let Some(event) = event {
            self.until(cliente, |snapshot| snapshot.state() == StateName::Ready)
                .await;
            self.world.tell(id(cliente), event).await;
        }
        self.until(cliente, |snapshot| snapshot.state() == state)
            .await;
    }
}

impl Answer {
    #[track_caller]
    pub(crate) fn is(&self, status: u16, body: &str) {
        assert_eq!((self.status, self.body.as_str()), (status, body));
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

pub(crate) fn id(number: u64) -> ClienteId {
    ClienteId::try_from(number).unwrap()
}

pub(crate) fn get(path: &str) -> request::Builder {
    request("GET", path)
}

pub(crate) fn post(path: &str) -> request::Builder {
    request("POST", path)
}

pub(crate) fn request(method: &str, path: &str) -> request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("Host", format!("localhost:{PORT}"))
}

pub(crate) fn about(request: request::Builder, cliente: u64) -> Request<Body> {
    bare(request.header("X-Cliente-Id", cliente))
}

pub(crate) fn bare(request: request::Builder) -> Request<Body> {
    request.body(Body::empty()).unwrap()
}

pub(crate) fn with_json(request: request::Builder, body: &str) -> Request<Body> {
    request
        .header("Content-Type", "application/json")
        .body(Body::from(body.to_owned()))
        .unwrap()
}
