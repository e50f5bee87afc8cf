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
use utoipa::ToSchema;

use crate::advice;
use crate::answer;
use crate::cliente_header;
use crate::error::ErrorCode;
use crate::openapi::Cliente;
use crate::router::Api;

#[derive(Serialize, ToSchema)]
struct Found<'a> {
    #[schema(value_type = u64)]
    cliente_id: ClienteId,
    exists: bool,
    /// As WhatsApp writes it.
    #[schema(required)]
    number: Option<&'a str>,
}

#[utoipa::path(
    get,
    path = "/contacts/{number}/exists",
    operation_id = "number_exists",
    tag = "Messages",
    summary = "Whether somebody has WhatsApp under a number",
    description = "Asks WhatsApp. It has a limit of its own, because WhatsApp bans accounts that go through numbers.",
    params(
        Cliente,
        ("number" = String, Path, description = "Digits with country code.", example = "5491155551234",
         pattern = "^[0-9]{5,20}$"),
    ),
    responses((status = 200, description = "The answer.", body = inline(Found),
               example = json!({"cliente_id": 7, "exists": true, "number": "5491155551234"}))),
    extensions(("x-failures" = json!({
        "MISSING_HEADER": {}, "INVALID_HEADER": {}, "INVALID_REQUEST": {}, "SESSION_NOT_READY": {}, "CHECK_FAILED": {},
        "RATE_LIMIT_EXCEEDED": {"retry_after_seconds": 42}, "SHUTTING_DOWN": {}, "OVERLOADED": {}, "TIMED_OUT": {},
    })))
)]
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
