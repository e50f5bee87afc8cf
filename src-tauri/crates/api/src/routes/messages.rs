//! `GET /messages`, `GET /messages/{id}`, `DELETE /messages/{id}`, `POST /messages/{id}/retry`: what became of messages,
//! taking back, trying again. The id is the message's key, which says nothing about anybody.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use session_core::ports::MessageFilter;
use session_core::{
    ChangeError, ClienteId, FailureCode, MessageId, MessageKey, MessageKind, MessageRecord,
    MessageStatus, Timestamp,
};
use utoipa::ToSchema;

use crate::advice;
use crate::answer;
use crate::error::ErrorCode;
use crate::openapi::words;
use crate::router::Api;
use crate::routes::send::unwritten;
use crate::routes::wish::only;

/// Messages in an answer, if nothing else is asked for.
const LIMIT: u32 = 100;
/// The most of them.
const MOST: u32 = 500;

#[derive(Serialize, ToSchema)]
#[schema(as = Message)]
struct View<'a> {
    #[schema(value_type = String)]
    id: &'a MessageKey,
    #[schema(value_type = u64)]
    cliente_id: ClienteId,
    #[schema(value_type = words::Progress)]
    status: MessageStatus,
    #[schema(value_type = words::Kind)]
    kind: MessageKind,
    /// WhatsApp's own, once it is sent. Holds the number.
    #[schema(required)]
    message_id: Option<&'a str>,
    /// Masked.
    to: &'a str,
    attempts: u32,
    /// Why it failed; of a queued one, why it was put off.
    #[schema(required)]
    error: Option<Problem<'a>>,
    /// ms since 1970.
    #[schema(value_type = u64)]
    created_at: Timestamp,
    /// ms since 1970.
    #[schema(value_type = u64)]
    updated_at: Timestamp,
    /// ms since 1970.
    #[schema(value_type = u64)]
    expires_at: Timestamp,
    /// Whether `retry` would work.
    can_retry: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = MessageProblem)]
struct Problem<'a> {
    code: &'a str,
    message: String,
}

#[derive(Serialize, ToSchema)]
struct Messages<'a> {
    messages: Vec<View<'a>>,
}

impl<'a> From<&'a MessageRecord> for View<'a> {
    fn from(record: &'a MessageRecord) -> Self {
        Self {
            id: &record.key,
            cliente_id: record.cliente,
            status: record.status,
            kind: record.kind,
            message_id: record.message_id.as_ref().map(MessageId::reveal),
            to: &record.to,
            attempts: record.attempts,
            error: record
                .reason
                .as_ref()
                .map(FailureCode::as_str)
                .map(|code| Problem {
                    code,
                    message: advice::failed(code),
                }),
            created_at: record.created,
            updated_at: record.updated,
            expires_at: record.expires,
            can_retry: record.status == MessageStatus::Failed && record.content_kept,
        }
    }
}

#[utoipa::path(
    get,
    path = "/messages",
    operation_id = "messages",
    tag = "Messages",
    summary = "Messages, the newest first",
    params(
        ("cliente_id" = Option<u64>, Query, nullable = false, minimum = 1, maximum = 9_007_199_254_740_991_u64, description = "Only of this cliente."),
        ("status" = Option<words::Progress>, Query, nullable = false, description = "Only those that came so far."),
        ("limit" = Option<u32>, Query, nullable = false, minimum = 1, maximum = 500, description = "How many at most; 100."),
    ),
    responses((status = 200, description = "The messages.", body = inline(Messages), example = json!({"messages": [{
        "id": "3EB0C0FFEE", "cliente_id": 7, "status": "device_ack", "kind": "text",
        "message_id": "true_5491155551234@c.us_3EB0C0FFEE", "to": "5491****34@c.us", "attempts": 1, "error": null,
        "created_at": 1_764_000_000_000_u64, "updated_at": 1_764_000_002_000_u64, "expires_at": 1_764_086_400_000_u64,
        "can_retry": false,
    }]}))),
    extensions(("x-failures" = json!({"INVALID_REQUEST": {}, "STORE_UNAVAILABLE": {}, "TIMED_OUT": {}})))
)]
pub(crate) async fn list(State(api): State<Arc<Api>>, RawQuery(query): RawQuery) -> Response {
    let wanted = match filter(query.as_deref().unwrap_or_default()) {
        Ok(wanted) => wanted,
        Err(problem) => return answer::error(ErrorCode::InvalidRequest, problem),
    };
    match api.room.outbox.messages(wanted).await {
        Ok(records) => {
            let messages = records.iter().map(View::from).collect();
            answer::json(StatusCode::OK, &Messages { messages })
        }
        Err(error) => {
            tracing::error!(%error, "messages cannot be read");
            unwritten()
        }
    }
}

#[utoipa::path(
    get,
    path = "/messages/{id}",
    operation_id = "message",
    tag = "Messages",
    summary = "What became of a message",
    params(("id" = String, Path, description = "The message.", example = "3EB0C0FFEE")),
    responses((status = 200, description = "The message.", body = View, example = json!({
        "id": "3EB0C0FFEE", "cliente_id": 7, "status": "device_ack", "kind": "text",
        "message_id": "true_5491155551234@c.us_3EB0C0FFEE", "to": "5491****34@c.us", "attempts": 1, "error": null,
        "created_at": 1_764_000_000_000_u64, "updated_at": 1_764_000_002_000_u64, "expires_at": 1_764_086_400_000_u64,
        "can_retry": false,
    }))),
    extensions(("x-failures" = json!({"MESSAGE_NOT_FOUND": {}, "STORE_UNAVAILABLE": {}, "TIMED_OUT": {}})))
)]
pub(crate) async fn one(State(api): State<Arc<Api>>, Path(id): Path<String>) -> Response {
    let Ok(key) = id.parse() else {
        return not_found();
    };
    match api.room.outbox.message(&key).await {
        Ok(Some(record)) => shown(&record),
        Ok(None) => not_found(),
        Err(error) => {
            tracing::error!(%error, "a message cannot be read");
            unwritten()
        }
    }
}

#[utoipa::path(
    delete,
    path = "/messages/{id}",
    operation_id = "cancel_message",
    tag = "Messages",
    summary = "Takes a message back",
    description = "Only one that is still `queued`.",
    params(("id" = String, Path, description = "The message.", example = "3EB0C0FFEE")),
    responses((status = 200, description = "The message, which will not be sent.", body = View, example = json!({
        "id": "3EB0C0FFEE", "cliente_id": 7, "status": "device_ack", "kind": "text",
        "message_id": "true_5491155551234@c.us_3EB0C0FFEE", "to": "5491****34@c.us", "attempts": 1, "error": null,
        "created_at": 1_764_000_000_000_u64, "updated_at": 1_764_000_002_000_u64, "expires_at": 1_764_086_400_000_u64,
        "can_retry": false,
    }))),
    extensions(("x-failures" = json!({"MESSAGE_NOT_FOUND": {}, "NOT_NOW": {}, "STORE_UNAVAILABLE": {}, "OVERLOADED": {}, "TIMED_OUT": {}})))
)]
pub(crate) async fn cancel(State(api): State<Arc<Api>>, Path(id): Path<String>) -> Response {
    let Ok(key) = id.parse() else {
        return not_found();
    };
    changed(api.room.outbox.cancel(&key).await)
}

#[utoipa::path(
    post,
    path = "/messages/{id}/retry",
    operation_id = "retry_message",
    tag = "Messages",
    summary = "Tries a message again",
    description = "Only one that failed, and whose content is still kept.",
    params(("id" = String, Path, description = "The message.", example = "3EB0C0FFEE")),
    responses((status = 200, description = "The message, which waits for its turn.", body = View, example = json!({
        "id": "3EB0C0FFEE", "cliente_id": 7, "status": "device_ack", "kind": "text",
        "message_id": "true_5491155551234@c.us_3EB0C0FFEE", "to": "5491****34@c.us", "attempts": 1, "error": null,
        "created_at": 1_764_000_000_000_u64, "updated_at": 1_764_000_002_000_u64, "expires_at": 1_764_086_400_000_u64,
        "can_retry": false,
    }))),
    extensions(("x-failures" = json!({"MESSAGE_NOT_FOUND": {}, "NOT_NOW": {}, "STORE_UNAVAILABLE": {}, "OVERLOADED": {}, "TIMED_OUT": {}})))
)]
pub(crate) async fn retry(State(api): State<Arc<Api>>, Path(id): Path<String>) -> Response {
    let Ok(key) = id.parse() else {
        return not_found();
    };
    changed(api.room.outbox.retry(&key).await)
}

fn changed(outcome: Result<MessageRecord, ChangeError>) -> Response {
    match outcome {
        Ok(record) => shown(&record),
        Err(ChangeError::NotFound) => not_found(),
        Err(ChangeError::NotNow(status)) => answer::error(
            ErrorCode::NotNow,
            &format!("Not possible while the message is {}", status.as_str()),
        ),
        Err(ChangeError::ContentGone) => answer::error(
            ErrorCode::NotNow,
            "What the message held is not kept any more - send it again",
        ),
        Err(ChangeError::Store(error)) => {
            tracing::error!(%error, "a message cannot be changed");
            unwritten()
        }
    }
}

fn shown(record: &MessageRecord) -> Response {
    answer::json(StatusCode::OK, &View::from(record))
}

fn not_found() -> Response {
    answer::error(
        ErrorCode::MessageNotFound,
        "There is no such message, or it is older than a week",
    )
}

fn filter(query: &str) -> Result<MessageFilter, &'static str> {
    let cliente = only(query, "cliente_id")?
        .map(str::parse)
        .transpose()
        .map_err(|_| "cliente_id must be a positive integer")?;
    let status = only(query, "status")?
        .map(|status| MessageStatus::parse(status).ok_or("there is no such status"))
        .transpose()?;
    let limit = match only(query, "limit")? {
        None => LIMIT,
        Some(limit) if limit.bytes().all(|byte| byte.is_ascii_digit()) => limit
            .parse()
            .ok()
            .filter(|limit| (1..=MOST).contains(limit))
            .ok_or("limit must be a number from 1 to 500")?,
        Some(_) => return Err("limit must be a number from 1 to 500"),
    };
    Ok(MessageFilter {
        cliente,
        status,
        limit,
    })
}
