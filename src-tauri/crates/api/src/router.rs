//! All routes, behind the guard.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{delete, get, post};
use session_core::{Clock, SystemClock};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;

use crate::answer;
use crate::control::ControlRoom;
use crate::error::ErrorCode;
use crate::guard::{Guard, guard};
use crate::origins::Origins;
use crate::routes;

/// How the local API is to behave.
#[derive(Clone)]
pub struct Options {
    /// Web origins that may call.
    pub origins: Origins,
    /// Whether to serve the control room: its page and its commands. Only where there is no window.
    pub control_room: bool,
    /// The time, for how long a QR still lives.
    pub clock: Arc<dyn Clock>,
    /// The bounds.
    pub limits: Limits,
}

/// The bounds of the local API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a request's head may take to arrive; also how long an idle connection is kept.
    pub header_timeout: Duration,
    /// How long a request's body may take to arrive.
    pub body_timeout: Duration,
    /// Connections at the same time; further ones wait until one is free.
    pub connections: usize,
    /// Event streams at the same time; further ones are refused.
    pub streams: usize,
    /// How often a quiet event stream gives a sign of life.
    pub heartbeat: Duration,
    /// How long requests may take to end when the server stops.
    pub drain: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            origins: Origins::default(),
            control_room: false,
            clock: Arc::new(SystemClock),
            limits: Limits::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            connections: 128,
            streams: 64,
            heartbeat: Duration::from_secs(15),
            drain: Duration::from_secs(2),
        }
    }
}

/// What the handlers share.
pub(crate) struct Api {
    pub(crate) room: ControlRoom,
    pub(crate) clock: Arc<dyn Clock>,
    /// Free places for event streams.
    pub(crate) streams: Arc<Semaphore>,
    pub(crate) heartbeat: Duration,
    /// Ends the event streams.
    pub(crate) stop: CancellationToken,
}

/// The API as a service without a socket. `port` is the one that `Host` and the control room's origin may name;
/// `stop` ends the event streams.
pub fn router(room: ControlRoom, options: &Options, port: u16, stop: CancellationToken) -> Router {
    let limits = options.limits;
    let api = Arc::new(Api {
        room,
        clock: Arc::clone(&options.clock),
        streams: Arc::new(Semaphore::new(limits.streams)),
        heartbeat: limits.heartbeat,
        stop,
    });
    let qr_routes = Router::new()
        .route("/qr", get(routes::qr::qr))
        .route("/qr-code", get(routes::qr::qr_code))
        .layer(CatchPanicLayer::custom(qr_panicked));
    let mut router = Router::new()
        .route("/health", get(routes::health::health))
        .route("/init", post(routes::init::init))
        .route("/status", get(routes::status::status))
        .route("/send", post(routes::send::send))
        .route("/session/{cliente_id}", delete(routes::session::destroy))
        .route("/clients", get(routes::clients::clients))
        .route("/events", get(routes::events::events))
        .route("/metrics", get(routes::metrics::metrics))
        .merge(qr_routes);
    router = if options.control_room {
        router
            .route(
                "/control/{command}",
                post(routes::control::control).layer(from_fn(routes::control::own_pages_only)),
            )
            .fallback(routes::ui::asset)
    } else {
        router.fallback(not_found)
    };
    let rules = Guard::new(
        port,
        options.origins.clone(),
        options.control_room,
        limits.body_timeout,
    );
    router
        .method_not_allowed_fallback(method_not_allowed)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(Arc::new(rules), guard))
        .with_state(api)
}

pub(crate) async fn not_found() -> Response {
    answer::error(ErrorCode::NotFound, "Endpoint not found")
}

/// The router adds `Allow`.
pub(crate) async fn method_not_allowed(request: Request) -> Response {
    if request.method() == Method::OPTIONS {
        answer::empty(StatusCode::NO_CONTENT)
    } else {
        answer::error(ErrorCode::MethodNotAllowed, "Method not allowed")
    }
}

/// What a panic says is for nobody outside: it may hold anything.
fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    tracing::error!("a request handler panicked");
    answer::error(ErrorCode::InternalError, "Internal server error")
}

fn qr_panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    tracing::error!("a request handler panicked");
    answer::qr_error(ErrorCode::InternalError, "Internal server error")
}
