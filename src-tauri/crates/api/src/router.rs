//! All routes, behind the guard.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodRouter, any, delete, get, post};
use session_core::{ClienteId, Clock, SystemClock};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;

use crate::access::{Gate, HostNames, Hosts, Needs, Routes};
use crate::answer;
use crate::bounds::{Deadline, Places, Shape, deadline, shed};
use crate::calls::record;
use crate::control::ControlRoom;
use crate::error::ErrorCode;
use crate::guard::{Guard, guard};
use crate::keys::Scope;
use crate::origins::Origins;
use crate::owner::Owners;
use crate::rate::Rate;
use crate::routes;
use crate::stream::Hub;

/// How the local API is to behave.
#[derive(Clone)]
pub struct Options {
    /// Web origins that may call, whatever the settings say.
    pub origins: Origins,
    /// Further names that requests may be meant for. With any of them, all callers need a key: whoever is behind such a
    /// name is on another machine.
    pub allowed_hosts: HostNames,
    /// Whether other machines can reach this one. The server finds out by itself.
    pub exposed: bool,
    /// Whether other users of this machine may do what this program's user may. Otherwise they need a key, where the
    /// system tells users apart.
    pub allow_other_users: bool,
    /// What tells users apart. Nothing: the system.
    pub owners: Option<Arc<dyn Owners>>,
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
    /// Connections at the same time. For a further one the one goes that has kept quiet longest; if all are being
    /// answered, it waits.
    pub connections: usize,
    /// Event streams at the same time; further ones are refused.
    pub streams: usize,
    /// How often a quiet event stream gives a sign of life.
    pub heartbeat: Duration,
    /// How long requests may take to end when the server stops.
    pub drain: Duration,
    /// Starts by `POST /init` in any minute from one address; 0: no limit.
    pub init_rate: u32,
    /// Messages by `POST /send` in any minute of one cliente; 0: no limit.
    pub send_rate: u32,
    /// Numbers that are checked in any minute for one cliente; 0: no limit. WhatsApp bans who goes through numbers.
    pub check_rate: u32,
    /// Files that are taken at the same time; further ones are refused.
    pub uploads: usize,
    /// Requests that may take long (every one that changes something) at the same time; further ones are refused. Fewer
    /// than connections, so that a `GET`, which waits for nothing, finds one even then.
    pub requests: usize,
    /// How long a `GET` may take. It reads what was published before, in less than a millisecond.
    pub read_deadline: Duration,
    /// How long `/init` may take. The longest that the core's own bounds add up to: the old browser of a fresh login
    /// closes (40 s and some), 15 s in line for a place, 30 s until the first definite state.
    pub init_deadline: Duration,
    /// How long `/send` may take: more than the 50 s after which the core gives up, and less than the 60 s after which
    /// existing callers do.
    pub send_deadline: Duration,
    /// How long any other request that changes something may take. Ending a session is the longest of them: as for a
    /// start, the browser of a fresh login may need 40 s and some to close, and then its folder is deleted.
    pub change_deadline: Duration,
}

impl Options {
    /// Whether callers come from other machines, by whichever way. All need a key then.
    pub(crate) fn is_exposed(&self) -> bool {
        self.exposed || !self.allowed_hosts.is_empty()
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            origins: Origins::default(),
            allowed_hosts: HostNames::default(),
            exposed: false,
            allow_other_users: false,
            owners: None,
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
            connections: 512,
            streams: 64,
            heartbeat: Duration::from_secs(15),
            drain: Duration::from_secs(2),
            init_rate: 5,
            send_rate: 0,
            check_rate: 30,
            uploads: 4,
            requests: 96,
            read_deadline: Duration::from_secs(5),
            init_deadline: Duration::from_secs(120),
            send_deadline: Duration::from_secs(55),
            change_deadline: Duration::from_secs(120),
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
    /// What happens, for tools.
    pub(crate) stream: Hub,
    /// Ends the event streams.
    pub(crate) stop: CancellationToken,
    /// By address.
    pub(crate) init_rate: Option<Rate<IpAddr>>,
    /// By cliente.
    pub(crate) send_rate: Option<Rate<ClienteId>>,
    /// By cliente.
    pub(crate) check_rate: Option<Rate<ClienteId>>,
    /// Free places for files that are taken.
    pub(crate) uploads: Semaphore,
    pub(crate) init_deadline: Duration,
    pub(crate) send_deadline: Duration,
    /// How long a piece of a file may take to arrive.
    pub(crate) body_timeout: Duration,
    /// Whether the control room is a page of this server.
    pub(crate) control_room: bool,
}

/// The API as a service without a socket. `port` is the one that `Host` and the control room's origin may name;
/// `stop` ends the event streams. Who calls is told by the extension `ConnectInfo<SocketAddr>`; all requests without it
/// count as those of one unknown caller. Has to be called inside the runtime.
pub fn router(room: ControlRoom, options: &Options, port: u16, stop: CancellationToken) -> Router {
    let limits = options.limits;
    let api = Arc::new(Api {
        stream: Hub::open(&room, Arc::clone(&options.clock)),
        room,
        clock: Arc::clone(&options.clock),
        streams: Arc::new(Semaphore::new(limits.streams)),
        heartbeat: limits.heartbeat,
        stop,
        init_rate: Rate::new(limits.init_rate),
        send_rate: Rate::new(limits.send_rate),
        check_rate: Rate::new(limits.check_rate),
        uploads: Semaphore::new(limits.uploads),
        init_deadline: limits.init_deadline,
        send_deadline: limits.send_deadline,
        body_timeout: limits.body_timeout,
        control_room: options.control_room,
    });
    let calls = Arc::clone(&api.room.calls);
    let reading = |shape| {
        let after = limits.read_deadline;
        from_fn_with_state(Deadline { after, shape }, deadline)
    };
    let changing = |shape| {
        let after = limits.change_deadline;
        from_fn_with_state(Deadline { after, shape }, deadline)
    };
    let places = Places::new(limits.requests);
    let shedding = |shape| from_fn_with_state(places.shaped(shape), shed);
    let read = Needs::Key(Scope::Read);
    let send = Needs::Key(Scope::Send);
    let manage = Needs::Key(Scope::Manage);
    let qr_routes = Routes::new(Shape::Qr)
        .route("/qr", read, get(routes::qr::qr))
        .route("/qr-code", read, get(routes::qr::qr_code))
        .within(|routes| {
            routes
                .route_layer(reading(Shape::Qr))
                .layer(CatchPanicLayer::custom(qr_panicked))
        });
    let read_routes = reading_routes().within(|routes| routes.route_layer(reading(Shape::House)));
    // Their own deadlines are in the handlers: the contract has answers for them, with the cliente in it.
    let slow_routes = Routes::new(Shape::House)
        .route("/init", manage, post(routes::init::init))
        .route("/send", send, post(routes::send::send))
        .merge(changing_routes().within(|routes| routes.route_layer(changing(Shape::House))))
        .within(|routes| routes.route_layer(shedding(Shape::House)));
    let waha_routes = routes::waha::changing()
        .within(|routes| {
            routes
                .route_layer(changing(Shape::Waha))
                .route_layer(shedding(Shape::Waha))
        })
        .merge(routes::waha::reading().within(|routes| routes.route_layer(reading(Shape::Waha))));
    let mut all = Routes::new(Shape::House)
        .route("/events", Needs::KeyOrTicket, get(routes::events::events))
        .merge(read_routes)
        .merge(slow_routes)
        .merge(waha_routes)
        .merge(qr_routes);
    if options.control_room {
        let command = post(routes::control::control)
            .layer(changing(Shape::Command))
            .layer(shedding(Shape::Command));
        all = all.merge(control_routes(command));
    }
    let otherwise = if options.control_room {
        any(routes::ui::asset)
    } else {
        any(not_found)
    };
    let router = all.or_else(Needs::KeyFromAfar, otherwise);
    let exposed = options.is_exposed();
    let rules = Guard {
        port,
        hosts: Hosts::new(port, options.allowed_hosts.clone(), exposed),
        origins: options.origins.clone(),
        gate: Arc::new(Gate::new(Arc::clone(&api.room.access), exposed)),
        access: Arc::clone(&api.room.access),
        control_room: options.control_room,
        body_timeout: limits.body_timeout,
    };
    router
        .method_not_allowed_fallback(method_not_allowed)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(Arc::new(rules), guard))
        .layer(from_fn_with_state(calls, record))
        .with_state(api)
}

/// What the control room's page asks for, and only this.
fn control_routes(command: MethodRouter<Arc<Api>>) -> Routes {
    let manage = Needs::Key(Scope::Manage);
    let own = || from_fn(routes::control::own_pages_only);
    Routes::new(Shape::Command)
        .route("/control/{command}", manage, command.layer(own()))
        .route(
            "/control/bundle",
            manage,
            get(routes::bundle::file).layer(own()),
        )
        .route(
            "/control/events",
            manage,
            get(routes::events::control_events).layer(own()),
        )
}

/// What answers from what is known already.
fn reading_routes() -> Routes {
    let (read, manage) = (Needs::Key(Scope::Read), Needs::Key(Scope::Manage));
    Routes::new(Shape::House)
        .route("/health", Needs::Nothing, get(routes::health::health))
        .route("/health/live", Needs::Nothing, get(routes::ready::live))
        .route("/health/ready", Needs::Nothing, get(routes::ready::ready))
        .route("/status", read, get(routes::status::status))
        .route("/clients", read, get(routes::clients::clients))
        .route("/metrics", read, get(routes::metrics::metrics))
        .route("/messages", read, get(routes::messages::list))
        .route("/messages/{id}", read, get(routes::messages::one))
        .route(
            "/openapi.json",
            Needs::Nothing,
            get(routes::reference::description),
        )
        .route("/docs", Needs::Nothing, get(routes::reference::page))
        .route("/docs/{file}", Needs::Nothing, get(routes::reference::file))
        .route("/events/ticket", read, post(routes::ticket::issue))
        .route(
            "/debug/calls",
            manage,
            get(routes::debug::calls).layer(from_fn(routes::debug::no_other_pages)),
        )
}

/// What changes something, or asks a page, with one deadline for all.
fn changing_routes() -> Routes {
    let (send, manage) = (Needs::Key(Scope::Send), Needs::Key(Scope::Manage));
    Routes::new(Shape::House)
        .route(
            "/session/{cliente_id}",
            manage,
            delete(routes::session::destroy),
        )
        .route("/messages/{id}", send, delete(routes::messages::cancel))
        .route("/messages/{id}/retry", send, post(routes::messages::retry))
        .route("/media", send, post(routes::media::upload))
        .route(
            "/contacts/{number}/exists",
            // It makes use of the account.
            send,
            get(routes::contacts::exists),
        )
        .merge(routes::webhooks::routes())
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
