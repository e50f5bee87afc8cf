//! `POST /control/<command>`: the control room's commands for its page in a browser, where there is no window.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
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
        Some(Caller::Local) => next.run(request).await,
        Some(Caller::Listed(_)) | None => failed(&CommandError::new(
            ErrorCode::OriginNotAllowed,
            "only the control room itself may send commands",
        )),
    }
}

pub(crate) async fn control(
    State(api): State<Arc<Api>>,
    Path(command): Path<String>,
    body: Bytes,
) -> Response {
    match commands::run(&api.room, &command, &body).await {
        Ok(json) => answer::respond(StatusCode::OK, answer::JSON, Body::from(json)),
        Err(error) => failed(&error),
    }
}

fn failed(error: &CommandError) -> Response {
    answer::json(error.code.status(), error)
}
