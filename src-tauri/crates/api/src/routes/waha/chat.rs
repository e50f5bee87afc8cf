//! `/api/sendText`: a text, as [`super::super::send`] sends it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use session_core::ports::CallError;
use session_core::{ChatId, Draft, DraftContent, MessageText, NotSent, SendError};
use utoipa::ToSchema;

use super::problem::Problem;
use super::{Answer, DEFAULT, named};
use crate::answer;
use crate::dto::CommandError;
use crate::router::Api;

/// Mentions, previews and replies are ignored.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    #[serde(default = "default_session")]
    #[schema(pattern = "^([1-9][0-9]{0,14}|default)$")]
    session: String,
    /// A number, or a chat: `…@c.us`, `…@g.us`.
    #[schema(min_length = 5)]
    chat_id: String,
    #[schema(min_length = 1)]
    text: String,
}

fn default_session() -> String {
    DEFAULT.to_owned()
}

/// The fields that WAHA's browser engine gives of a message that it sent.
#[derive(Serialize, ToSchema)]
struct Sent<'a> {
    id: MessageName<'a>,
    timestamp: u64,
    #[serde(rename = "fromMe")]
    from_me: bool,
    to: &'a str,
    body: &'a str,
    #[serde(rename = "hasMedia")]
    has_media: bool,
    ack: u8,
}

#[derive(Serialize, ToSchema)]
#[schema(as = WahaMessageId)]
struct MessageName<'a> {
    #[serde(rename = "fromMe")]
    from_me: bool,
    remote: &'a str,
    id: &'a str,
    #[serde(rename = "_serialized")]
    serialized: &'a str,
}

#[utoipa::path(
    post,
    path = "/api/sendText",
    operation_id = "waha_send_text",
    tag = "WAHA",
    summary = "Sends a text",
    request_body(content = inline(Wanted), example = json!({"session": "7", "chatId": "5491155551234@c.us", "text": "hola"})),
    responses((status = 201, description = "The message.", body = inline(Sent), example = json!({
        "id": {"fromMe": true, "remote": "5491155551234@c.us", "id": "3EB0C0FFEE", "_serialized": "true_5491155551234@c.us_3EB0C0FFEE"},
        "timestamp": 1_764_000_000, "fromMe": true, "to": "5491155551234@c.us", "body": "hola", "hasMedia": false, "ack": 1,
    }))),
    extensions(("x-failures" = json!({"INVALID_REQUEST": {}, "CLIENTE_NOT_FOUND": {}, "SESSION_NOT_READY": {}, "SEND_FAILED": {}, "RATE_LIMIT_EXCEEDED": {}, "OVERLOADED": {}, "TIMED_OUT": {}})))
)]
pub(super) async fn send_text(State(api): State<Arc<Api>>, body: Bytes) -> Answer {
    let wanted: Wanted = serde_json::from_slice(&body).map_err(|_| {
        Problem::unusable("The body must be JSON with the texts session, chatId and text")
    })?;
    let id = named(&wanted.session)?;
    // WAHA's other engines write numbers so.
    let chat = wanted.chat_id.replace("@s.whatsapp.net", "@c.us");
    let chat =
        ChatId::parse(&chat).map_err(|error| Problem::unusable(&format!("chatId: {error}")))?;
    let text = MessageText::new(wanted.text).ok_or_else(|| Problem::unusable("text is empty"))?;
    let taken = match api.send_rate.as_ref().map(|rate| rate.take(id)) {
        Some(Err(standing)) => {
            return Err(Problem::TooMany(standing, "messages of this cliente"));
        }
        Some(Ok(taken)) => Some(taken),
        None => None,
    };
    let draft = Draft {
        chat: chat.clone(),
        content: DraftContent::Text(text.clone()),
    };
    let sent = tokio::time::timeout(api.send_deadline, api.room.outbox.send(id, draft))
        .await
        .unwrap_or_else(|_| Err(SendError::Call(CallError::Timeout).into()))
        .map_err(|error| {
            // As for `/send`: what nobody tried to send does not count.
            let tried = matches!(error, NotSent::Send(SendError::Call(_)));
            if let (Some(rate), Some(taken), false) = (&api.send_rate, taken, tried) {
                rate.give_back(id, taken);
            }
            let CommandError { code, message, .. } = error.into();
            Problem::new(code, message)
        })?;
    let body = Sent {
        id: MessageName {
            from_me: true,
            remote: chat.reveal(),
            id: sent.key(),
            serialized: sent.reveal(),
        },
        timestamp: api.clock.now().0 / 1000,
        from_me: true,
        to: chat.reveal(),
        body: text.reveal(),
        has_media: false,
        ack: 1,
    };
    Ok(answer::json(StatusCode::CREATED, &body))
}
