//! `POST /events/ticket`: a one-time ticket for `GET /events?ticket=`, for whoever reads events and can send no headers.

use axum::extract::Extension;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Pass, TICKET_LIFE};
use crate::answer;
use crate::error::ErrorCode;

#[derive(Serialize, ToSchema)]
struct Issued<'a> {
    ticket: &'a str,
    /// s.
    expires_in: u64,
}

#[utoipa::path(
    post,
    path = "/events/ticket",
    operation_id = "events_ticket",
    tag = "Events",
    summary = "A ticket for one stream",
    description = "For whoever reads events and cannot send headers: it works once, within 30 s.",
    responses((status = 200, description = "The ticket.", body = inline(Issued),
               example = json!({"ticket": "fUcIzFVjvqTwEcJmHiZxZ2QIj4gZ0cxwWbJJ4V6c8bE", "expires_in": 30}))),
    extensions(("x-failures" = json!({"OVERLOADED": {}, "TIMED_OUT": {}})))
)]
pub(crate) async fn issue(Extension(pass): Extension<Pass>) -> Response {
    match pass.ticket() {
        Some(ticket) => answer::json(
            StatusCode::OK,
            &Issued {
                ticket: &ticket,
                expires_in: TICKET_LIFE.as_secs(),
            },
        ),
        None => {
            let mut response = answer::error(
                ErrorCode::Overloaded,
                "Too many tickets wait to be used - try again in a second",
            );
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            response
        }
    }
}
