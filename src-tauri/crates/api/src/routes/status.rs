//! `GET /status`: how a session is. Strictly read-only: it reads a published snapshot and nothing else.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use session_core::{BreakerState, ClienteId, Picture, Policy, Reason, Snapshot, StateName};
use utoipa::ToSchema;

use crate::answer;
use crate::cliente_header;
use crate::dto::RestartView;
use crate::openapi::{Cliente, words};
use crate::router::Api;
use crate::view;

/// The first fields, which `/init` also answers with.
#[derive(Serialize, ToSchema)]
#[schema(as = Connection, description = "How a session is, in short.")]
pub(crate) struct Brief {
    cliente_id: u64,
    connected: bool,
    #[schema(value_type = words::State)]
    state: StateName,
    reconnection_attempts: u8,
    max_reconnection_attempts: u8,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Status)]
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
    /// A PNG data URL, in QR_REQUIRED.
    #[schema(required, pattern = "^data:image/png;base64,")]
    qr_code_base64: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    qr_error: Option<&'static str>,
    // From here on more than the predecessor told.
    /// Connected, but something is not as it should be.
    #[schema(required, value_type = Option<words::Cause>)]
    degraded: Option<Reason>,
    /// Not initialized because its browser made room for others: a start or a message wakes it.
    hibernated: bool,
    /// In ERROR: it is started again by itself.
    #[schema(required)]
    restart: Option<RestartView>,
    diagnostics: Diagnostics<'a>,
}

/// For whoever looks into a session that does not do what it should.
#[derive(Default, Serialize, ToSchema)]
struct Diagnostics<'a> {
    #[schema(value_type = words::Breaker)]
    breaker: BreakerState,
    restarts: u32,
    #[schema(required)]
    browser_pid: Option<u32>,
    #[schema(required)]
    memory_bytes: Option<u64>,
    #[schema(required)]
    cpu_percent: Option<f32>,
    #[schema(required, value_type = Option<words::Cause>)]
    reason: Option<Reason>,
    /// More about the failure of the last launch, such as which process holds the profile.
    #[schema(required)]
    detail: Option<&'a str>,
    /// ms since 1970.
    #[schema(required)]
    since: Option<u64>,
}

#[utoipa::path(
    get,
    path = "/status",
    tag = "Sessions",
    summary = "How a session is, and what to do",
    description = "Changes nothing and waits for nothing. A cliente that is not known is `NOT_INITIALIZED`.",
    params(Cliente),
    responses((status = 200, description = "The state.", body = inline(Full), examples(
        ("qr" = (summary = "A QR to scan", value = json!({
            "cliente_id": 7, "connected": false, "state": "QR_REQUIRED", "reconnection_attempts": 0,
            "max_reconnection_attempts": 3, "can_send_messages": false, "needs_qr": true, "is_recoverable": false,
            "recommended_action": "Scan QR code to authenticate",
            "qr_code_base64": "data:image/png;base64,iVBORw0KGgo=",
            "degraded": null, "hibernated": false, "restart": null,
            "diagnostics": {"breaker": "closed", "restarts": 0, "browser_pid": 4242, "memory_bytes": 181_403_648,
                            "cpu_percent": 1.5, "reason": "LOGIN_NEEDED", "detail": null, "since": 1_764_000_000_000_u64},
        }))),
        ("unknown" = (summary = "A cliente that was never started", value = json!({
            "cliente_id": 300, "connected": false, "state": "NOT_INITIALIZED", "reconnection_attempts": 0,
            "max_reconnection_attempts": 3, "can_send_messages": false, "needs_qr": false, "is_recoverable": false,
            "recommended_action": "Not initialized - call POST /init", "qr_code_base64": null,
            "error": "Client not initialized for this cliente_id", "degraded": null, "hibernated": false,
            "restart": null,
            "diagnostics": {"breaker": "closed", "restarts": 0, "browser_pid": null, "memory_bytes": null,
                            "cpu_percent": null, "reason": null, "detail": null, "since": null},
        }))),
    ))),
    extensions(("x-failures" = json!({"MISSING_HEADER": {}, "INVALID_HEADER": {}, "TIMED_OUT": {}})))
)]
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
