//! `POST /control/<command>`: the control room's commands for its page in a browser, where there is no window.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;

use crate::answer;
use crate::commands;
use crate::dto::CommandError;
use crate::error::ErrorCode;
use crate::guard::Caller;
use crate::router::Api;

/// Lets in only the pages that this server serves, and programs that are no browsers: an origin that may use the API
/// may not therefore run the program.
pub(crate) async fn own_pages_only(request: Request, next: Next) -> Response {
    match request.extensions().get::<Caller>() {
        Some(Caller::Page | Caller::Program) => next.run(request).await,
        Some(Caller::Listed(_)) | None => answer::command_error(&CommandError::new(
            ErrorCode::OriginNotAllowed,
            "only the control room itself may send commands",
        )),
    }
}

pub(crate) async fn control(State(api): State<Arc<Api>>, uri: Uri, body: Bytes) -> Response {
    // As it was sent: one spelling a command, no escapes.
    let command = uri.path().strip_prefix("/control/").unwrap_or_default();
    match commands::run(&api.room, command, &body).await {
        Ok(json) => answer::respond(StatusCode::OK, answer::JSON, Body::from(json)),
        Err(error) => answer::command_error(&error),
    }
}
