//! `DELETE /session/{cliente_id}`: ends a session, and with `?forget=true` everything that is known of the cliente.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use session_core::ClienteId;
use utoipa::{IntoParams, ToSchema};

use crate::answer;
use crate::commands::DestroyArgs;
use crate::error::ErrorCode;
use crate::router::Api;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Choice {
    /// Also deletes the saved login and the cliente.
    #[serde(default)]
    forget: bool,
}

#[derive(Serialize, ToSchema)]
struct Destroyed {
    success: bool,
    message: &'static str,
    cliente_id: u64,
}

#[derive(Serialize)]
struct NotDestroyed {
    cliente_id: u64,
}

#[utoipa::path(
    delete,
    path = "/session/{cliente_id}",
    tag = "Sessions",
    summary = "Ends a session",
    description = "Closes its browser and keeps its login, so that the next `POST /init` reconnects. A session that is \
                   not there is ended already.",
    params(
        ("cliente_id" = u64, Path, description = "The cliente.", minimum = 1, maximum = 9_007_199_254_740_991_u64, example = 7),
        Choice,
    ),
    responses((status = 200, description = "Ended.", body = inline(Destroyed), example = json!({
        "success": true, "message": "Client destroyed successfully", "cliente_id": 7,
    }))),
    extensions(("x-failures" = json!({
        "INVALID_REQUEST": {}, "NOT_NOW": {"cliente_id": 7}, "DELETE_FAILED": {"cliente_id": 7},
        "STORE_UNAVAILABLE": {"cliente_id": 7}, "SHUTTING_DOWN": {"cliente_id": 7}, "OVERLOADED": {}, "TIMED_OUT": {},
    })))
)]
pub(crate) async fn destroy(
    State(api): State<Arc<Api>>,
    uri: Uri,
    choice: Result<Query<Choice>, QueryRejection>,
) -> Response {
    let Some(id) = named(&uri) else {
        return answer::error(
            ErrorCode::InvalidRequest,
            "The cliente id in the path must be a positive integer",
        );
    };
    let Ok(Query(choice)) = choice else {
        return answer::error(ErrorCode::InvalidRequest, "forget must be true or false");
    };
    let cliente_id = id.get();
    let args = DestroyArgs {
        id: cliente_id,
        forget: choice.forget,
    };
    match api.room.destroy(args).await {
        Ok(()) => answer::json(
            StatusCode::OK,
            &Destroyed {
                success: true,
                message: "Client destroyed successfully",
                cliente_id,
            },
        ),
        Err(error) => answer::error_with(error.code, &error.message, &NotDestroyed { cliente_id }),
    }
}

/// Read from the path as it was sent, as strictly as the header: no escapes.
fn named(uri: &Uri) -> Option<ClienteId> {
    uri.path().strip_prefix("/session/")?.parse().ok()
}
