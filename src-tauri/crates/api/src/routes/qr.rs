//! `GET /qr` and `GET /qr-code`: the QR that waits. Their errors have a shape of their own.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use session_core::{Login, Picture, Snapshot, State as Session, StateName, Timestamp};

use super::status::QR_FAILED;
use crate::answer;
use crate::cliente_header;
use crate::error::ErrorCode;
use crate::router::Api;

#[derive(Serialize)]
struct Shown<'a> {
    state: StateName,
    expires_in: u64,
    qr: &'a str,
}

#[derive(Serialize)]
struct NoQr {
    error: &'static str,
    state: StateName,
    can_send_messages: bool,
}

#[derive(Serialize)]
struct QrCode<'a> {
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
