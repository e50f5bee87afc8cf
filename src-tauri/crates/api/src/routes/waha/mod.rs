//! Routes by the names of WAHA, so that a client made for it can be pointed here. They translate to the same sessions
//! as all others: the name of a session is the id of a cliente. Errors have WAHA's shape, with our code added.
//!
//! WAHA's configuration of a session (webhooks, proxy, engine) is taken without a complaint and means nothing here.

mod auth;
mod chat;
mod problem;
mod sessions;

use axum::response::Response;
use axum::routing::{delete, get, post};
use session_core::ClienteId;
use utoipa::OpenApi;

use crate::access::{Needs, Routes};
use crate::bounds::Shape;
use crate::keys::Scope;
use problem::Problem;
pub(crate) use problem::status;

/// What a client is told to use that has only one session.
const DEFAULT: &str = "default";

type Answer = Result<Response, Problem>;

/// The description of these routes.
#[derive(OpenApi)]
#[openapi(paths(
    sessions::list,
    sessions::create,
    sessions::get,
    sessions::delete,
    sessions::me,
    sessions::start,
    sessions::stop,
    sessions::restart,
    sessions::log_out,
    auth::qr,
    auth::request_code,
    chat::send_text,
))]
pub(crate) struct Description;

/// What reads.
pub(crate) fn reading() -> Routes {
    let read = Needs::Key(Scope::Read);
    Routes::new(Shape::Waha)
        .route("/api/sessions", read, get(sessions::list))
        .route("/api/sessions/", read, get(sessions::list))
        .route("/api/sessions/{name}", read, get(sessions::get))
        .route("/api/sessions/{name}/me", read, get(sessions::me))
        .route("/api/{name}/auth/qr", read, get(auth::qr))
}

/// What changes something, or asks a page.
pub(crate) fn changing() -> Routes {
    let (send, manage) = (Needs::Key(Scope::Send), Needs::Key(Scope::Manage));
    Routes::new(Shape::Waha)
        .route("/api/sessions", manage, post(sessions::create))
        .route("/api/sessions/", manage, post(sessions::create))
        .route("/api/sessions/{name}", manage, delete(sessions::delete))
        .route("/api/sessions/{name}/start", manage, post(sessions::start))
        .route("/api/sessions/{name}/stop", manage, post(sessions::stop))
        .route(
            "/api/sessions/{name}/restart",
            manage,
            post(sessions::restart),
        )
        .route(
            "/api/sessions/{name}/logout",
            manage,
            post(sessions::log_out),
        )
        .route(
            "/api/{name}/auth/request-code",
            manage,
            post(auth::request_code),
        )
        .route("/api/sendText", send, post(chat::send_text))
}

/// The cliente that a session's name stands for. Digits, as everywhere; and the name that a client uses that knows of
/// one session only.
fn named(name: &str) -> Result<ClienteId, Problem> {
    if name == DEFAULT {
        return Ok(ClienteId::FIRST);
    }
    name.parse().map_err(|_| Problem::not_found())
}
