//! `POST /init`: starts a session and waits for its first definite state. The body, if there is one, says nothing.
//!
//! A caller that hangs up stops waiting; the launch goes on.
//!
//! One address may start so many in a minute. What counts is a start that the registry is asked for: the limit protects
//! browsers, and a request that is refused before starts none. If refused ones counted, any web page could use up the
//! allowance of this machine's tools, because its requests come from the same address and are refused by their origin;
//! and a tool that forgets its header would learn that it was too fast instead of what it did wrong. What is answered
//! 409, or with `NO_ACTION_NEEDED`, counts.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use session_core::{ClienteId, Reason, Snapshot, StartError, Started};
use utoipa::ToSchema;

use super::status::{Brief, brief};
use crate::advice;
use crate::answer;
use crate::cliente_header;
use crate::error::ErrorCode;
use crate::openapi::Cliente;
use crate::peer::Peer;
use crate::router::Api;

#[derive(Serialize, ToSchema)]
#[schema(as = Started)]
struct Begun {
    success: bool,
    message: &'static str,
    cliente_id: u64,
    status: Brief,
    /// `INITIALIZING`, or `NO_ACTION_NEEDED` when the session runs already.
    #[schema(pattern = "^(INITIALIZING|NO_ACTION_NEEDED)$")]
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_steps: Option<&'static str>,
}

#[derive(Serialize)]
struct InProgress {
    cliente_id: u64,
    retry_after_seconds: u8,
}

#[derive(Serialize)]
struct Failed<'a> {
    cliente_id: u64,
    retry: bool,
    /// Absent when somebody stopped the session before it was up.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    /// More about a launch that failed, such as which process holds the profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
}

#[derive(Serialize)]
struct Refused {
    cliente_id: u64,
}

#[utoipa::path(
    post,
    path = "/init",
    tag = "Sessions",
    summary = "Starts a session",
    description = "Answers when the session has a first definite state: a QR to scan, connected, or failed. A cliente that \
                   is not known yet is added. A body is not needed and says nothing.",
    params(Cliente),
    responses((
        status = 200,
        description = "The session was started, or runs already.",
        body = Begun,
        headers(
            ("RateLimit-Limit" = String, description = "How many starts a minute may have."),
            ("RateLimit-Remaining" = String, description = "How many are left."),
            ("RateLimit-Reset" = String, description = "When there is one more, s."),
            ("RateLimit-Policy" = String, description = "The limit and its window, such as `5;w=60`."),
        ),
        examples(
            ("started" = (value = json!({
                "success": true, "message": "WhatsApp client initialization started", "cliente_id": 7,
                "status": {"cliente_id": 7, "connected": false, "state": "QR_REQUIRED", "reconnection_attempts": 0,
                           "max_reconnection_attempts": 3},
                "action": "INITIALIZING", "next_steps": "Monitor /status endpoint for QR code or READY state",
            }))),
            ("running" = (value = json!({
                "success": true, "message": "Client already initialized", "cliente_id": 7,
                "status": {"cliente_id": 7, "connected": true, "state": "READY", "reconnection_attempts": 0,
                           "max_reconnection_attempts": 3},
                "action": "NO_ACTION_NEEDED",
            }))),
        ),
    )),
    extensions(("x-failures" = json!({
        "MISSING_HEADER": {}, "INVALID_HEADER": {},
        "INITIALIZATION_IN_PROGRESS": {"cliente_id": 7, "retry_after_seconds": 5},
        "RATE_LIMIT_EXCEEDED": {"retry_after_seconds": 42},
        "INITIALIZATION_FAILED": {"cliente_id": 7, "retry": true, "reason": "PAGE_UNREACHABLE"},
        "INSUFFICIENT_STORAGE": {"cliente_id": 7}, "SHUTTING_DOWN": {"cliente_id": 7}, "OVERLOADED": {},
    })))
)]
pub(crate) async fn init(State(api): State<Arc<Api>>, peer: Peer, headers: HeaderMap) -> Response {
    let mut response = match cliente_header::read(&headers) {
        Ok(id) => {
            if let Some(rate) = &api.init_rate
                && let Err(standing) = rate.take(peer.ip())
            {
                return standing.refuse("starts from this address");
            }
            start(&api, id).await
        }
        Err(error) => error.answer(),
    };
    // As it is now: a start takes its time.
    if let Some(rate) = &api.init_rate {
        rate.look(peer.ip()).write(response.headers_mut());
    }
    response
}

async fn start(api: &Api, id: ClienteId) -> Response {
    let registry = &api.room.registry;
    let started = registry.start(id, Reason::StartRequested);
    match tokio::time::timeout(api.init_deadline, started).await {
        Ok(Ok(started)) => begun(id, &started),
        Ok(Err(error)) => refused(id, error, registry.snapshot(id).as_deref()),
        Err(_) => {
            tracing::error!(cliente = %id, "a start was not answered in time");
            // What the contract says of a start that timed out; here it is the answer that did.
            let failed = StartError::Failed(Reason::InitTimeout);
            refused(id, failed, None)
        }
    }
}

fn begun(id: ClienteId, started: &Started) -> Response {
    let body = match started {
        Started::Begun(snapshot) => Begun {
            success: true,
            message: "WhatsApp client initialization started",
            cliente_id: id.get(),
            status: brief(id, Some(snapshot)),
            action: "INITIALIZING",
            next_steps: Some("Monitor /status endpoint for QR code or READY state"),
        },
        Started::AlreadyRunning(snapshot) => Begun {
            success: true,
            message: "Client already initialized",
            cliente_id: id.get(),
            status: brief(id, Some(snapshot)),
            action: "NO_ACTION_NEEDED",
            next_steps: None,
        },
    };
    answer::json(StatusCode::OK, &body)
}

fn refused(id: ClienteId, error: StartError, snapshot: Option<&Snapshot>) -> Response {
    let message = advice::start(error);
    let cliente_id = id.get();
    let failed = |reason| {
        let extra = Failed {
            cliente_id,
            retry: true,
            reason,
            detail: snapshot
                .and_then(|snapshot| snapshot.detail.as_deref())
                .and_then(advice::detail),
        };
        answer::error_with(ErrorCode::InitializationFailed, message, &extra)
    };
    match error {
        StartError::InProgress => answer::error_with(
            ErrorCode::InitializationInProgress,
            message,
            &InProgress {
                cliente_id,
                retry_after_seconds: 5,
            },
        ),
        StartError::Failed(reason) => failed(Some(reason)),
        // Whoever is not known is made here.
        StartError::Stopped | StartError::NotFound => failed(None),
        StartError::DiskFull => answer::error_with(
            ErrorCode::InsufficientStorage,
            message,
            &Refused { cliente_id },
        ),
        StartError::ShuttingDown => {
            answer::error_with(ErrorCode::ShuttingDown, message, &Refused { cliente_id })
        }
    }
}
