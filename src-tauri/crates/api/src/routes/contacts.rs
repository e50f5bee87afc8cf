//! `GET /contacts/{number}/exists`: whether somebody has WhatsApp under a number.
//!
//! The one `GET` that asks a page, because the answer is nowhere else. It starts nothing, and has a limit, because
//! WhatsApp bans accounts that go through numbers.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use session_core::{ClienteId, CommandError, PhoneNumber, SendError, StateName};

use crate::advice;
use crate::answer;
use crate::cliente_header;
use crate::error::ErrorCode;
use crate::router::Api;

#[derive(Serialize)]
struct Found<'a> {
    cliente_id: ClienteId,
    exists: bool,
    /// As WhatsApp writes it.
    number: Option<&'a str>,
}

pub(crate) async fn exists(
    State(api): State<Arc<Api>>,
    number: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let id = match cliente_header::read(&headers) {
        Ok(id) => id,
        Err(error) => return error.answer(),
    };
    let number = number
        .ok()
        .and_then(|Path(text)| PhoneNumber::parse(&text).ok());
    let Some(number) = number else {
        return answer::error(
            ErrorCode::InvalidRequest,
            "A number is 5 to 20 digits with country code",
        );
    };
    let taken = match api.check_rate.as_ref().map(|rate| rate.take(id)) {
        Some(Err(standing)) => return standing.refuse("checked numbers of this cliente"),
        Some(Ok(taken)) => Some(taken),
        None => None,
    };
    let found = api.room.registry.find_number(id, number).await;
    let asked = !matches!(found, Err(CommandError::NotFound | CommandError::NotNow(_)));
    let mut response = match found {
        Ok(found) => answer::json(
            StatusCode::OK,
            &Found {
                cliente_id: id,
                exists: found.is_some(),
                number: found.as_ref().map(PhoneNumber::reveal),
            },
        ),
        Err(CommandError::NotFound) => not_ready(StateName::NotInitialized),
        Err(CommandError::NotNow(state)) => not_ready(state),
        Err(CommandError::Call(error)) => {
            answer::error(ErrorCode::CheckFailed, &advice::call(&error))
        }
        Err(CommandError::ShuttingDown) => {
            answer::error(ErrorCode::ShuttingDown, "Session Manager is shutting down")
        }
        Err(error) => {
            tracing::error!(cliente = %id, %error, "a number was not checked");
            answer::error(ErrorCode::CheckFailed, "The number could not be checked")
        }
    };
    if let Some(rate) = &api.check_rate {
        if let (Some(taken), false) = (taken, asked) {
            // Nobody was asked.
            rate.give_back(id, taken);
        }
        rate.look(id).write(response.headers_mut());
    }
    response
}

fn not_ready(state: StateName) -> Response {
    answer::error(
        ErrorCode::SessionNotReady,
        &advice::send(&SendError::NotReady(state)),
    )
}
