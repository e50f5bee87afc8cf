//! `GET /debug/calls`: the last calls of this API, the newest first. Only for whom the control room is there too.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::answer;
use crate::calls::{CallView, KEPT};
use crate::error::ErrorCode;
use crate::guard::Caller;
use crate::router::Api;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// How many; 500 are kept.
    #[serde(default = "all")]
    #[param(minimum = 1, example = 20)]
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

#[utoipa::path(
    get,
    path = "/debug/calls",
    tag = "Monitoring",
    summary = "The last calls of this API, the newest first",
    description = "Refused ones too. No body, query or header is in it. Pages of other origins do not get to see it.",
    params(Wanted),
    responses((status = 200, description = "The calls.", body = Vec<CallView>, example = json!([{
        "id": 42, "at": 1_764_000_000_000_u64, "method": "POST", "route": "/send", "cliente": 7, "status": 409,
        "code": "SESSION_NOT_READY", "duration_us": 412, "caller": "127.0.0.1:51234",
    }]))),
    extensions(("x-failures" = json!({"INVALID_REQUEST": {}, "TIMED_OUT": {}})))
)]
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
