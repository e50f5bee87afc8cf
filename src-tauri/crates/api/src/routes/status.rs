//! `GET /status`: how a session is. Strictly read-only: it reads a published snapshot and nothing else.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use session_core::{BreakerState, ClienteId, Picture, Policy, Reason, Snapshot, StateName};

use crate::answer;
use crate::cliente_header;
use crate::dto::RestartView;
use crate::router::Api;
use crate::view;

/// The first fields, which `/init` also answers with.
#[derive(Serialize)]
pub(crate) struct Brief {
    cliente_id: u64,
    connected: bool,
    state: StateName,
    reconnection_attempts: u8,
    max_reconnection_attempts: u8,
}

#[derive(Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each with its own name on the wire"
)]
struct Full<'a> {
    #[serde(flatten)]
    brief: Brief,
    can_send_messages: bool,
    needs_qr: bool,
    is_recoverable: bool,
    recommended_action: &'static str,
    qr_code_base64: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    qr_error: Option<&'static str>,
    /// From here on more than the predecessor told. Connected, but something is not as it should be.
    degraded: Option<Reason>,
    /// Not initialized because its browser made room for others: a start or a message wakes it.
    hibernated: bool,
    restart: Option<RestartView>,
    diagnostics: Diagnostics<'a>,
}

/// For whoever looks into a session that does not do what it should.
#[derive(Default, Serialize)]
struct Diagnostics<'a> {
    breaker: BreakerState,
    restarts: u32,
    browser_pid: Option<u32>,
    memory_bytes: Option<u64>,
    cpu_percent: Option<f32>,
    reason: Option<Reason>,
    /// More about the failure of the last launch, such as which process holds the profile.
    detail: Option<&'a str>,
    since: Option<u64>,
}

pub(crate) async fn status(State(api): State<Arc<Api>>, headers: HeaderMap) -> Response {
    let id = match cliente_header::read(&headers) {
        Ok(id) => id,
        Err(error) => return error.answer(),
    };
    let snapshot = api.room.registry.snapshot(id);
    let snapshot = snapshot.as_deref();
    let state = snapshot.map_or(StateName::NotInitialized, Snapshot::state);
    let picture = snapshot
        .filter(|_| state == StateName::QrRequired)
        .map(|snapshot| &snapshot.picture);
    let body = Full {
        brief: brief(id, snapshot),
        can_send_messages: state.can_send(),
        needs_qr: state.needs_qr(),
        is_recoverable: state.is_recoverable(),
        recommended_action: recommended_action(state),
        qr_code_base64: match picture {
            Some(Picture::Drawn(image)) => Some(image),
            _ => None,
        },
        error: (state == StateName::NotInitialized)
            .then_some("Client not initialized for this cliente_id"),
        qr_error: (picture == Some(&Picture::Failed)).then_some(QR_FAILED),
        degraded: snapshot.and_then(Snapshot::degraded),
        hibernated: snapshot.is_some_and(|snapshot| snapshot.session.hibernated),
        restart: snapshot.and_then(|snapshot| view::restart(&snapshot.session.state)),
        diagnostics: snapshot.map(diagnostics).unwrap_or_default(),
    };
    answer::json(StatusCode::OK, &body)
}

fn diagnostics(snapshot: &Snapshot) -> Diagnostics<'_> {
    Diagnostics {
        breaker: snapshot.breaker,
        restarts: snapshot.restarts,
        browser_pid: snapshot.browser_pid,
        memory_bytes: snapshot.usage.map(|usage| usage.memory),
        cpu_percent: snapshot.usage.map(|usage| usage.cpu),
        reason: snapshot.session.reason,
        detail: snapshot.detail.as_deref(),
        since: Some(snapshot.session.since.0),
    }
}

/// Said wherever a QR could not be drawn. Contract.
pub(crate) const QR_FAILED: &str = "Failed to generate QR image";

pub(crate) fn brief(id: ClienteId, snapshot: Option<&Snapshot>) -> Brief {
    let state = snapshot.map_or(StateName::NotInitialized, Snapshot::state);
    Brief {
        cliente_id: id.get(),
        connected: state.can_send(),
        state,
        reconnection_attempts: snapshot.map_or(0, |snapshot| snapshot.session.state.attempts()),
        max_reconnection_attempts: Policy::MAX_ATTEMPTS,
    }
}

/// Contract.
const fn recommended_action(state: StateName) -> &'static str {
    match state {
        StateName::NotInitialized => "Not initialized - call POST /init",
        StateName::Initializing => "Initializing for first time - wait",
        StateName::Reconnecting => "Recovering existing session - wait",
        StateName::QrRequired => "Scan QR code to authenticate",
        StateName::Ready => "Session operational - can send messages",
        StateName::AuthFailure => "Restart service and scan new QR",
        StateName::DisconnectedRecoverable => "Auto-reconnecting - wait",
        StateName::DisconnectedLogout => "User logged out - restart and scan QR",
        StateName::DisconnectedBanned => "Number banned - contact WhatsApp support",
        StateName::Error => "Technical error - check logs",
    }
}
