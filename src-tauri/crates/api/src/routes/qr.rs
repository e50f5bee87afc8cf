//! `GET /qr` and `GET /qr-code`: the QR that waits. Their errors have a shape of their own.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use session_core::{Login, Picture, Snapshot, State as Session, StateName, Timestamp};
use utoipa::ToSchema;

use super::status::QR_FAILED;
use crate::answer;
use crate::cliente_header;
use crate::error::ErrorCode;
use crate::openapi::{Cliente, words};
use crate::router::Api;

#[derive(Serialize, ToSchema)]
struct Shown<'a> {
    #[schema(value_type = words::State)]
    state: StateName,
    /// s.
    expires_in: u64,
    /// A PNG data URL.
    #[schema(pattern = "^data:image/png;base64,")]
    qr: &'a str,
}

#[derive(Serialize, ToSchema)]
struct NoQr {
    error: &'static str,
    #[schema(value_type = words::State)]
    state: StateName,
    can_send_messages: bool,
}

#[derive(Serialize, ToSchema)]
struct QrCode<'a> {
    /// A PNG data URL.
    #[schema(pattern = "^data:image/png;base64,")]
    qr: &'a str,
}

#[derive(Serialize)]
struct NotRequired {
    current_state: StateName,
}

/// What there is to scan.
enum Waiting<'a> {
    Image(&'a str, Timestamp),
    Nothing,
    Failed,
}

#[utoipa::path(
    get,
    path = "/qr",
    tag = "QR",
    summary = "The QR, and how long it lives",
    description = "Its picture is 300 px wide. The older one of the two QR routes: what cannot be shown is a 409.",
    params(Cliente),
    responses(
        (status = 200, description = "There is a QR to scan.", body = inline(Shown),
         example = json!({"state": "QR_REQUIRED", "expires_in": 17, "qr": "data:image/png;base64,iVBORw0KGgo="})),
        (status = 409, description = "There is none: the session needs none, or there is none yet.", body = inline(NoQr),
         example = json!({"error": "QR not available", "state": "READY", "can_send_messages": true})),
    ),
    extensions(("x-failures" = json!({"MISSING_HEADER": {}, "INVALID_HEADER": {}, "TIMED_OUT": {}})))
)]
pub(crate) async fn qr(State(api): State<Arc<Api>>, headers: HeaderMap) -> Response {
    let id = match cliente_header::read(&headers) {
        Ok(id) => id,
        Err(error) => return error.qr_answer(),
    };
    let snapshot = api.room.registry.snapshot(id);
    let (state, waiting) = look(snapshot.as_deref());
    match waiting {
        Waiting::Image(image, expires) => answer::json(
            StatusCode::OK,
            &Shown {
                state,
                expires_in: expires.since(api.clock.now()).as_secs(),
                qr: image,
            },
        ),
        Waiting::Nothing => answer::json(
            StatusCode::CONFLICT,
            &NoQr {
                error: "QR not available",
                state,
                can_send_messages: state.can_send(),
            },
        ),
        Waiting::Failed => answer::qr_error(ErrorCode::InternalError, QR_FAILED),
    }
}

#[utoipa::path(
    get,
    path = "/qr-code",
    tag = "QR",
    summary = "The QR",
    params(Cliente),
    responses((status = 200, description = "There is a QR to scan.", body = inline(QrCode),
               example = json!({"qr": "data:image/png;base64,iVBORw0KGgo="}))),
    extensions(("x-failures" = json!({
        "MISSING_HEADER": {}, "INVALID_HEADER": {}, "QR_NOT_AVAILABLE": {},
        "QR_NOT_REQUIRED": {"current_state": "READY"}, "TIMED_OUT": {},
    })))
)]
pub(crate) async fn qr_code(State(api): State<Arc<Api>>, headers: HeaderMap) -> Response {
    let id = match cliente_header::read(&headers) {
        Ok(id) => id,
        Err(error) => return error.qr_answer(),
    };
    let snapshot = api.room.registry.snapshot(id);
    let (state, waiting) = look(snapshot.as_deref());
    match waiting {
        Waiting::Image(image, _) => answer::json(StatusCode::OK, &QrCode { qr: image }),
        Waiting::Nothing if state == StateName::QrRequired => answer::qr_error(
            ErrorCode::QrNotAvailable,
            "QR code not available yet - try again in a few seconds",
        ),
        Waiting::Nothing => answer::qr_error_with(
            ErrorCode::QrNotRequired,
            "QR code not required in the current state",
            &NotRequired {
                current_state: state,
            },
        ),
        Waiting::Failed => answer::qr_error(ErrorCode::InternalError, QR_FAILED),
    }
}

fn look(snapshot: Option<&Snapshot>) -> (StateName, Waiting<'_>) {
    let Some(snapshot) = snapshot else {
        return (StateName::NotInitialized, Waiting::Nothing);
    };
    let waiting = match (&snapshot.session.state, &snapshot.picture) {
        (
            Session::QrRequired {
                login: Login::Code { expires, .. },
                ..
            },
            Picture::Drawn(image),
        ) => Waiting::Image(image, *expires),
        (
            Session::QrRequired {
                login: Login::Code { .. },
                ..
            },
            Picture::Failed,
        ) => Waiting::Failed,
        _ => Waiting::Nothing,
    };
    (snapshot.state(), waiting)
}
