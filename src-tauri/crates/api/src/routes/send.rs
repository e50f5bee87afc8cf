//! `POST /send`: sends a text or a file.
//!
//! Plain, it is sent now or not at all, as it always was. With an `Idempotency-Key` it is written down first, and the
//! same request again gives the same answer. With `?wait=false` it is written down and answered for at once, and goes
//! out when the session can send.
//!
//! A cliente may be given a limit of messages in a minute, whoever sends them through this API. What cannot be a message
//! does not count, nor does one that nobody tried to send because the session is not ready.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use session_core::ports::CallError;
use session_core::{
    ClienteId, Draft, MessageId, MessageKey, MessageRecord, MessageStatus, NotQueued, NotSent,
    SendError, Wish,
};
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::advice;
use crate::answer;
use crate::cliente_header;
use crate::error::ErrorCode;
use crate::openapi::{Cliente, words};
use crate::rate::whole_seconds;
use crate::router::Api;
use crate::routes::draft;
use crate::routes::media;
use crate::routes::wish::{self, Asked};

#[derive(Serialize, ToSchema)]
struct Sent<'a> {
    ok: bool,
    /// WhatsApp's name of the message.
    message_id: &'a str,
    /// Of a message that was written down before: what `GET /messages/{id}` knows it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false)]
    id: Option<&'a MessageKey>,
}

/// A message that is still to be sent.
#[derive(Serialize, ToSchema)]
struct Taken<'a> {
    ok: bool,
    /// What `GET /messages/{id}` knows it by.
    #[schema(value_type = String)]
    id: &'a MessageKey,
    #[schema(value_type = words::Progress)]
    status: MessageStatus,
}

#[derive(Serialize)]
struct Failed<'a> {
    id: &'a MessageKey,
    reason: &'a str,
}

#[utoipa::path(
    post,
    path = "/send",
    tag = "Messages",
    summary = "Sends a text or a file",
    description = "Plain, it is sent now or not at all, and the answer comes when WhatsApp took it. With an \
                   `Idempotency-Key` it is written down first, and sent once however often it is asked for. With \
                   `wait=false` it is written down and goes out when the session can send.",
    params(
        Cliente,
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this message, such as of the order it is about.",
         nullable = false, pattern = "^[!-~]{1,255}$"),
        ("wait" = Option<bool>, Query, nullable = false, description = "Whether to wait until it is sent."),
        ("ttl" = Option<u64>, Query, nullable = false, minimum = 1, maximum = 604_800,
         description = "How long it is worth sending, s; only for a message that is written down."),
    ),
    request_body(content = draft::Request, description = "Whom to send what. Other fields are ignored.",
                 example = json!({"to": "5491155551234", "message": "hola"})),
    responses(
        (status = 200, description = "Sent.", body = inline(Sent),
         example = json!({"ok": true, "message_id": "true_5491155551234@c.us_3EB0C0FFEE"})),
        (status = 202, description = "Written down, and still to be sent.", body = inline(Taken),
         example = json!({"ok": true, "id": "3EB0C0FFEE", "status": "queued"})),
    ),
    extensions(("x-failures" = json!({
        "MISSING_HEADER": {}, "INVALID_HEADER": {}, "INVALID_REQUEST": {}, "SESSION_NOT_READY": {},
        "SEND_FAILED": {"id": "3EB0C0FFEE", "reason": "NUMBER_NOT_ON_WHATSAPP"},
        "IDEMPOTENCY_KEY_REUSED": {}, "OUTBOX_FULL": {}, "MEDIA_NOT_FOUND": {}, "PATH_NOT_ALLOWED": {},
        "INSUFFICIENT_STORAGE": {}, "STORE_UNAVAILABLE": {}, "SHUTTING_DOWN": {},
        "RATE_LIMIT_EXCEEDED": {"retry_after_seconds": 42}, "OVERLOADED": {},
    })))
)]
pub(crate) async fn send(
    State(api): State<Arc<Api>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let by = Instant::now() + api.send_deadline;
    let id = match cliente_header::read(&headers) {
        Ok(id) => id,
        Err(error) => return error.answer(),
    };
    let unusable = |problem: &str| answer::error(ErrorCode::InvalidRequest, problem);
    let draft = match draft::read(&body) {
        Ok(draft) => draft,
        Err(problem) => return unusable(&problem),
    };
    let asked = match wish::read(query.as_deref().unwrap_or_default(), &headers) {
        Ok(asked) => asked,
        Err(problem) => return unusable(problem),
    };
    let taken = match api.send_rate.as_ref().map(|rate| rate.take(id)) {
        Some(Err(standing)) => return standing.refuse("messages of this cliente"),
        Some(Ok(taken)) => Some(taken),
        None => None,
    };
    let (mut response, counts) = match asked {
        Asked::Now => now(&api, id, draft, by).await,
        Asked::Sure { wish, wait } => sure(&api, id, draft, wish, wait.then_some(by)).await,
    };
    if let Some(rate) = &api.send_rate {
        if let (Some(taken), false) = (taken, counts) {
            // No message: whoever tries until the session is ready still has all of them then.
            rate.give_back(id, taken);
        }
        rate.look(id).write(response.headers_mut());
    }
    response
}

/// Sends at once. Says whether it counts as a message.
async fn now(api: &Api, id: ClienteId, draft: Draft, by: Instant) -> (Response, bool) {
    let sent = tokio::time::timeout_at(by, api.room.outbox.send(id, draft))
        .await
        .unwrap_or_else(|_| {
            tracing::error!(cliente = %id, "a message was not answered in time");
            Err(SendError::Call(CallError::Timeout).into())
        });
    match sent {
        Ok(message) => (went_out(&message, None), true),
        Err(NotSent::Send(error)) => match &error {
            SendError::NotReady(_) => (not_ready(&error), false),
            SendError::Call(_) => (
                answer::error(ErrorCode::SendFailed, &advice::send(&error)),
                true,
            ),
        },
        Err(NotSent::Paced(wait)) => (paced(wait), false),
        Err(NotSent::Media(error)) => (media::refused(&error), false),
    }
}

/// Writes a message down, and waits for what comes of it, or not. Says whether it counts as a message: one that was
/// there before does not.
async fn sure(
    api: &Api,
    id: ClienteId,
    draft: Draft,
    wish: Wish,
    by: Option<Instant>,
) -> (Response, bool) {
    let record = match api.room.outbox.submit(id, draft, wish).await {
        Ok(record) => record,
        Err(error) => return (not_queued(id, &error), false),
    };
    let is_new = record.attempts == 0 && record.status == MessageStatus::Queued;
    let Some(by) = by else {
        return (taken(&record), is_new);
    };
    // It is written down: should the store fail now, it still goes out.
    let record = match api.room.outbox.decided(&record.key, by).await {
        Ok(decided) => decided.unwrap_or(record),
        Err(error) => {
            tracing::error!(cliente = %id, %error, "what became of a message cannot be read");
            record
        }
    };
    (decided(&record), is_new)
}

fn decided(record: &MessageRecord) -> Response {
    match (&record.message_id, record.status) {
        (Some(message), status) if status.is_sent() => went_out(message, Some(&record.key)),
        (_, MessageStatus::Failed) => {
            let reason = record.reason.as_ref().map_or("", |reason| reason.as_str());
            answer::error_with(
                ErrorCode::SendFailed,
                &advice::failed(reason),
                &Failed {
                    id: &record.key,
                    reason,
                },
            )
        }
        _ => taken(record),
    }
}

fn went_out(message: &MessageId, id: Option<&MessageKey>) -> Response {
    answer::json(
        StatusCode::OK,
        &Sent {
            ok: true,
            message_id: message.reveal(),
            id,
        },
    )
}

fn taken(record: &MessageRecord) -> Response {
    answer::json(
        StatusCode::ACCEPTED,
        &Taken {
            ok: true,
            id: &record.key,
            status: record.status,
        },
    )
}

fn not_ready(error: &SendError) -> Response {
    answer::error(ErrorCode::SessionNotReady, &advice::send(error))
}

fn not_queued(id: ClienteId, error: &NotQueued) -> Response {
    match error {
        NotQueued::NotReady(state) => not_ready(&SendError::NotReady(*state)),
        NotQueued::Reused => answer::error(
            ErrorCode::IdempotencyKeyReused,
            "This Idempotency-Key came with another message before - use a new one for each message",
        ),
        NotQueued::Full => answer::error(
            ErrorCode::OutboxFull,
            "As many messages wait as may - try again when some have been sent",
        ),
        NotQueued::Media(error) => media::refused(error),
        NotQueued::Store(error) => {
            tracing::error!(cliente = %id, %error, "a message is not written down");
            unwritten()
        }
        NotQueued::ShuttingDown => {
            answer::error(ErrorCode::ShuttingDown, "Session Manager is shutting down")
        }
    }
}

/// The store fails: nothing can be promised.
pub(super) fn unwritten() -> Response {
    answer::error(
        ErrorCode::StoreUnavailable,
        "Messages cannot be read or written - check the free space and permissions of the data folder",
    )
}

fn paced(wait: Duration) -> Response {
    let seconds = whole_seconds(wait);
    let mut response = answer::error(ErrorCode::RateLimitExceeded, &advice::paced(seconds));
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, seconds.into());
    response
}
