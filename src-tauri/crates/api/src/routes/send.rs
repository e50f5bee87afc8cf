//! `POST /send`: sends a text.
//!
//! A cliente may be given a limit of messages in a minute, whoever sends them through this API. What cannot be a message
//! does not count, nor does one that nobody tried to send because the session is not ready.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use session_core::ports::CallError;
use session_core::{ChatId, MessageId, MessageText, Outgoing, SendError};

use crate::advice;
use crate::answer;
use crate::cliente_header;
use crate::error::ErrorCode;
use crate::router::Api;

/// Other fields, such as the `cliente_id` that some callers add, are ignored.
#[derive(Deserialize)]
struct Message {
    to: String,
    message: String,
}

#[derive(Serialize)]
struct Sent<'a> {
    ok: bool,
    message_id: &'a str,
}

pub(crate) async fn send(State(api): State<Arc<Api>>, headers: HeaderMap, body: Bytes) -> Response {
    let id = match cliente_header::read(&headers) {
        Ok(id) => id,
        Err(error) => return error.answer(),
    };
    let (chat, text) = match read(&body) {
        Ok(message) => message,
        Err(problem) => return answer::error(ErrorCode::InvalidRequest, &problem),
    };
    let taken = match api.send_rate.as_ref().map(|rate| rate.take(id)) {
        Some(Err(standing)) => return standing.refuse("messages of this cliente"),
        Some(Ok(taken)) => Some(taken),
        None => None,
    };
    let sent = tokio::time::timeout(
        api.send_deadline,
        api.room.registry.send(id, Outgoing::text(chat, text)),
    )
    .await
    .unwrap_or_else(|_| {
        tracing::error!(cliente = %id, "a message was not answered in time");
        Err(SendError::Call(CallError::Timeout))
    });
    if let (Some(rate), Some(taken), Err(SendError::NotReady(_))) = (&api.send_rate, taken, &sent) {
        // No message: whoever tries until the session is ready still has all of them then.
        rate.give_back(id, taken);
    }
    let mut response = answered(sent);
    if let Some(rate) = &api.send_rate {
        rate.look(id).write(response.headers_mut());
    }
    response
}

fn answered(sent: Result<MessageId, SendError>) -> Response {
    match sent {
        Ok(message) => answer::json(
            StatusCode::OK,
            &Sent {
                ok: true,
                message_id: message.reveal(),
            },
        ),
        Err(error) => {
            let code = match &error {
                SendError::NotReady(_) => ErrorCode::SessionNotReady,
                SendError::Call(_) => ErrorCode::SendFailed,
            };
            answer::error(code, &advice::send(&error))
        }
    }
}

fn read(body: &[u8]) -> Result<(ChatId, MessageText), String> {
    let message: Message = serde_json::from_slice(body)
        .map_err(|_| "The body must be JSON with the texts \"to\" and \"message\"".to_owned())?;
    if message.to.trim().is_empty() {
        return Err("\"to\" is empty".to_owned());
    }
    let chat = ChatId::parse(&message.to).map_err(|error| format!("\"to\": {error}"))?;
    let text =
        MessageText::new(message.message).ok_or_else(|| "\"message\" is empty".to_owned())?;
    Ok((chat, text))
}
