//! `GET /debug/calls`: the last calls of this API, the newest first. Only for whom the control room is there too.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use serde::Deserialize;

use crate::answer;
use crate::calls::KEPT;
use crate::error::ErrorCode;
use crate::guard::Caller;
use crate::router::Api;

#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default = "all")]
    limit: usize,
}

const fn all() -> usize {
    KEPT
}

/// A listed origin may use the API, and need not therefore know who else does.
pub(crate) async fn no_other_pages(request: Request, next: Next) -> Response {
    match request.extensions().get::<Caller>() {
        Some(Caller::Page | Caller::Program) => next.run(request).await,
        Some(Caller::Listed(_)) | None => answer::error(
            ErrorCode::OriginNotAllowed,
            "Only the control room and programs on this machine may see the calls",
        ),
    }
}

pub(crate) async fn calls(
    State(api): State<Arc<Api>>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Response {
    match wanted {
        Ok(Query(Wanted { limit })) if limit > 0 => {
            answer::json(StatusCode::OK, &api.room.calls.newest(limit))
        }
        Ok(_) | Err(_) => answer::error(
            ErrorCode::InvalidRequest,
            "limit must be a positive whole number",
        ),
    }
}
