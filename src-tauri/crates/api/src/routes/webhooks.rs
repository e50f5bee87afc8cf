//! `/webhooks`: who is told what happens, and what they were not told. Nobody gets to see what a receiver answered.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::access::{Needs, Routes};
use crate::answer;
use crate::bounds::Shape;
use crate::commands::NoArgs;
use crate::dto::CommandError;
use crate::error::ErrorCode;
use crate::guard::Caller;
use crate::keys::Scope;
use crate::router::Api;
use crate::webhooks::{
    DeadLetterView, LettersArgs, LettersLimitArgs, LettersView, WebhookArgs, WebhookDraft,
    WebhookSecretView, WebhookTestView, WebhookUpdate, WebhookView,
};

/// All of them.
pub(crate) fn routes() -> Routes {
    let manage = Needs::Key(Scope::Manage);
    Routes::new(Shape::House)
        .route("/webhooks", manage, get(list).post(add))
        .route(
            "/webhooks/{id}",
            manage,
            get(one).put(update).delete(remove),
        )
        .route("/webhooks/{id}/test", manage, post(test))
        .route("/webhooks/{id}/secret", manage, post(rotate))
        .route(
            "/webhooks/{id}/dead-letters",
            manage,
            get(letters).delete(discard),
        )
        .route("/webhooks/{id}/dead-letters/resend", manage, post(resend))
        .within(|routes| routes.route_layer(from_fn(no_other_pages)))
}

/// A page that may send messages may not therefore have everything told to another place.
async fn no_other_pages(request: Request, next: Next) -> Response {
    match request.extensions().get::<Caller>() {
        Some(Caller::Listed(_)) | None => answer::error(
            ErrorCode::OriginNotAllowed,
            "Only the control room and programs on this machine may see and change webhooks",
        ),
        Some(_) => next.run(request).await,
    }
}

/// An error in the shape of this API.
pub(crate) struct Problem(CommandError);

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        answer::error(self.0.code, &self.0.message)
    }
}

type Answer = Result<Response, Problem>;
type Asked<T> = Result<Query<T>, QueryRejection>;

#[derive(Serialize, ToSchema)]
struct Done {
    success: bool,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Limit {
    /// How many at most.
    #[serde(default = "hundred")]
    limit: u32,
}

const fn hundred() -> u32 {
    100
}

#[derive(Default, Deserialize, IntoParams, ToSchema)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// The number of one; without it, all.
    #[param(nullable = false)]
    letter: Option<i64>,
}

#[utoipa::path(
    get,
    path = "/webhooks",
    operation_id = "webhooks",
    tag = "Webhooks",
    summary = "All webhooks",
    responses((status = 200, description = "The webhooks, the oldest first.", body = Vec<WebhookView>, example = json!([{
        "id": "wh_5bq3x0", "url": "https://example.org/hook", "events": ["session.status"], "clientes": null,
        "shape": "native", "content": false, "enabled": true, "fixed": false, "unencrypted": false,
        "created_at": 1_764_000_000_000_u64, "last_delivery_at": null, "last_status": null, "last_error": null,
        "last_error_message": null, "failing_since": null, "attempts": 0, "next_try_at": null, "waiting": 0, "dead": 0,
        "lost": 0, "old_secret_until": null,
    }]))),
    extensions(("x-failures" = json!({"NOT_NOW": {}, "STORE_UNAVAILABLE": {}, "OVERLOADED": {}, "TIMED_OUT": {}})))
)]
pub(crate) async fn list(State(api): State<Arc<Api>>) -> Answer {
    Ok(ok(&api.room.webhooks(NoArgs {}).await?))
}

#[utoipa::path(
    post,
    path = "/webhooks",
    operation_id = "add_webhook",
    tag = "Webhooks",
    summary = "Adds a webhook",
    request_body(content = WebhookDraft, example = json!({"url": "http://127.0.0.1:9/hook", "events": ["session.status"]})),
    responses((status = 201, description = "The webhook, and the secret that signs.", body = WebhookSecretView, example = json!({"webhook": {
        "id": "wh_5bq3x0", "url": "https://example.org/hook", "events": ["session.status"], "clientes": null,
        "shape": "native", "content": false, "enabled": true, "fixed": false, "unencrypted": false,
        "created_at": 1_764_000_000_000_u64, "last_delivery_at": null, "last_status": null, "last_error": null,
        "last_error_message": null, "failing_since": null, "attempts": 0, "next_try_at": null, "waiting": 0, "dead": 0,
        "lost": 0, "old_secret_until": null,
    }, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}))),
    extensions(("x-failures" = json!({"INVALID_REQUEST": {}, "NOT_NOW": {}, "STORE_UNAVAILABLE": {}, "OVERLOADED": {}, "TIMED_OUT": {}})))
)]
pub(crate) async fn add(State(api): State<Arc<Api>>, body: Bytes) -> Answer {
    let draft: WebhookDraft = read(&body)?;
    let added = api.room.add_webhook(draft).await?;
    Ok(answer::json(StatusCode::CREATED, &added))
}

#[utoipa::path(
    get,
    path = "/webhooks/{id}",
    operation_id = "webhook",
    tag = "Webhooks",
    summary = "One webhook",
    params(("id" = String, Path, description = "The webhook.", example = "wh_5bq3x0")),
    responses((status = 200, description = "The webhook.", body = WebhookView, example = json!({
        "id": "wh_5bq3x0", "url": "https://example.org/hook", "events": ["session.status"], "clientes": null,
        "shape": "native", "content": false, "enabled": true, "fixed": false, "unencrypted": false,
        "created_at": 1_764_000_000_000_u64, "last_delivery_at": null, "last_status": null, "last_error": null,
        "last_error_message": null, "failing_since": null, "attempts": 0, "next_try_at": null, "waiting": 0, "dead": 0,
        "lost": 0, "old_secret_until": null,
    }))),
    extensions(("x-failures" = json!({"WEBHOOK_NOT_FOUND": {}, "NOT_NOW": {}, "STORE_UNAVAILABLE": {}, "OVERLOADED": {}, "TIMED_OUT": {}})))
)]
pub(crate) async fn one(State(api): State<Arc<Api>>, Path(webhook): Path<String>) -> Answer {
    Ok(ok(&api.room.webhook(WebhookArgs { webhook }).await?))
}

#[utoipa::path(
    put,
    path = "/webhooks/{id}",
    operation_id = "update_webhook",
    tag = "Webhooks",
    summary = "Changes a webhook",
    description = "What is not named becomes what it is for a new one. The secret stays.",
    params(("id" = String, Path, description = "The webhook.", example = "wh_5bq3x0")),
    request_body(content = WebhookDraft, example = json!({"url": "http://127.0.0.1:9/hook", "events": ["session.status"]})),
    responses((status = 200, description = "The webhook.", body = WebhookView, example = json!({
        "id": "wh_5bq3x0", "url": "https://example.org/hook", "events": ["session.status"], "clientes": null,
        "shape": "native", "content": false, "enabled": true, "fixed": false, "unencrypted": false,
        "created_at": 1_764_000_000_000_u64, "last_delivery_at": null, "last_status": null, "last_error": null,
        "last_error_message": null, "failing_since": null, "attempts": 0, "next_try_at": null, "waiting": 0, "dead": 0,
        "lost": 0, "old_secret_until": null,
    }))),
    extensions(("x-failures" = json!({"INVALID_REQUEST": {}, "WEBHOOK_NOT_FOUND": {}, "NOT_NOW": {}, "STORE_UNAVAILABLE": {}, "OVERLOADED": {}, "TIMED_OUT": {}})))
)]
pub(crate) async fn update(
    State(api): State<Arc<Api>>,
    Path(webhook): Path<String>,
    body: Bytes,
) -> Answer {
    let draft = read(&body)?;
    Ok(ok(&api
        .room
        .update_webhook(WebhookUpdate { webhook, draft })
        .await?))
}

#[utoipa::path(
    delete,
    path = "/webhooks/{id}",
    operation_id = "remove_webhook",
    tag = "Webhooks",
    summary = "Removes a webhook",
    params(("id" = String, Path, description = "The webhook.", example = "wh_5bq3x0")),
    responses((status = 200, description = "It is gone, with what it was not told.", body = inline(Done), example = json!({"success": true}))),
    extensions(("x-failures" = json!({"WEBHOOK_NOT_FOUND": {}, "NOT_NOW": {}, "STORE_UNAVAILABLE": {}, "OVERLOADED": {}, "TIMED_OUT": {}})))
)]
pub(crate) async fn remove(State(api): State<Arc<Api>>, Path(webhook): Path<String>) -> Answer {
    api.room.remove_webhook(WebhookArgs { webhook }).await?;
    Ok(ok(&Done { success: true }))
}

#[utoipa::path(
    post,
    path = "/webhooks/{id}/test",
    operation_id = "test_webhook",
    tag = "Webhooks",
    summary = "Tells it something now",
    params(("id" = String, Path, description = "The webhook.", example = "wh_5bq3x0")),
    responses((status = 200, description = "What came of it.", body = WebhookTestView, example = json!({"ok": true, "status": 200, "duration_ms": 31, "error": null, "message": null}))),
    extensions(("x-failures" = json!({"WEBHOOK_NOT_FOUND": {}, "NOT_NOW": {}, "STORE_UNAVAILABLE": {}, "OVERLOADED": {}, "TIMED_OUT": {}})))
)]
pub(crate) async fn test(State(api): State<Arc<Api>>, Path(webhook): Path<String>) -> Answer {
    Ok(ok(&api.room.test_webhook(WebhookArgs { webhook }).await?))
}

#[utoipa::path(
    post,
    path = "/webhooks/{id}/secret",
    operation_id = "rotate_webhook_secret",
    tag = "Webhooks",
    summary = "A new secret",
    params(("id" = String, Path, description = "The webhook.", example = "wh_5bq3x0")),
    responses((status = 200, description = "The webhook, and the secret. The one before signs too, for a day.", body = WebhookSecretView, example = json!({"webhook": {
        "id": "wh_5bq3x0", "url": "https://example.org/hook", "events": ["session.status"], "clientes": null,
        "shape": "native", "content": false, "enabled": true, "fixed": false, "unencrypted": false,
        "created_at": 1_764_000_000_000_u64, "last_delivery_at": null, "last_status": null, "last_error": null,
        "last_error_message": null, "failing_since": null, "attempts": 0, "next_try_at": null, "waiting": 0, "dead": 0,
        "lost": 0, "old_secret_until": null,
    }, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}))),
    extensions(("x-failures" = json!({"WEBHOOK_NOT_FOUND": {}, "NOT_NOW": {}, "STORE_UNAVAILABLE": {}, "OVERLOADED": {}, "TIMED_OUT": {}})))
)]
pub(crate) async fn rotate(State(api): State<Arc<Api>>, Path(webhook): Path<String>) -> Answer {
    Ok(ok(&api
        .room
        .rotate_webhook_secret(WebhookArgs { webhook })
        .await?))
}

#[utoipa::path(
    get,
    path = "/webhooks/{id}/dead-letters",
    operation_id = "dead_letters",
    tag = "Webhooks",
    summary = "What it was not told",
    params(("id" = String, Path, description = "The webhook.", example = "wh_5bq3x0"), Limit),
    responses((status = 200, description = "Without content.", body = Vec<DeadLetterView>, example = json!([{
        "letter": 3, "id": "msg_01", "event": "session.status", "cliente_id": 7, "at": 1_764_000_000_000_u64,
        "died_at": 1_764_086_400_000_u64, "attempts": 31, "status": 500, "error": "STATUS",
        "message": "The receiver answered 500",
    }]))),
    extensions(("x-failures" = json!({"INVALID_REQUEST": {}, "WEBHOOK_NOT_FOUND": {}, "NOT_NOW": {}, "STORE_UNAVAILABLE": {}, "OVERLOADED": {}, "TIMED_OUT": {}})))
)]
pub(crate) async fn letters(
    State(api): State<Arc<Api>>,
    Path(webhook): Path<String>,
    limit: Asked<Limit>,
) -> Answer {
    let Query(Limit { limit }) = limit.map_err(|_| unusable("limit must be a whole number"))?;
    Ok(ok(&api
        .room
        .dead_letters(LettersLimitArgs { webhook, limit })
        .await?))
}

#[utoipa::path(
    post,
    path = "/webhooks/{id}/dead-letters/resend",
    operation_id = "resend_dead_letters",
    tag = "Webhooks",
    summary = "Tells it now",
    params(("id" = String, Path, description = "The webhook.", example = "wh_5bq3x0")),
    request_body(content = Option<Which>, description = "Which; without a body, all.", example = json!({"letter": 3})),
    responses((status = 200, description = "How many are sent again.", body = LettersView, example = json!({"count": 3}))),
    extensions(("x-failures" = json!({"INVALID_REQUEST": {}, "WEBHOOK_NOT_FOUND": {}, "NOT_NOW": {}, "STORE_UNAVAILABLE": {}, "OVERLOADED": {}, "TIMED_OUT": {}})))
)]
pub(crate) async fn resend(
    State(api): State<Arc<Api>>,
    Path(webhook): Path<String>,
    body: Bytes,
) -> Answer {
    let Which { letter } = if body.is_empty() {
        Which::default()
    } else {
        read(&body)?
    };
    Ok(ok(&api
        .room
        .resend_dead_letters(LettersArgs { webhook, letter })
        .await?))
}

#[utoipa::path(
    delete,
    path = "/webhooks/{id}/dead-letters",
    operation_id = "discard_dead_letters",
    tag = "Webhooks",
    summary = "Discards what it was not told",
    params(("id" = String, Path, description = "The webhook.", example = "wh_5bq3x0"), Which),
    responses((status = 200, description = "How many are gone.", body = LettersView, example = json!({"count": 3}))),
    extensions(("x-failures" = json!({"INVALID_REQUEST": {}, "WEBHOOK_NOT_FOUND": {}, "NOT_NOW": {}, "STORE_UNAVAILABLE": {}, "OVERLOADED": {}, "TIMED_OUT": {}})))
)]
pub(crate) async fn discard(
    State(api): State<Arc<Api>>,
    Path(webhook): Path<String>,
    which: Asked<Which>,
) -> Answer {
    let Query(Which { letter }) = which.map_err(|_| unusable("letter must be a whole number"))?;
    Ok(ok(&api
        .room
        .discard_dead_letters(LettersArgs { webhook, letter })
        .await?))
}

fn ok<T: Serialize>(body: &T) -> Response {
    answer::json(StatusCode::OK, body)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        // What it quotes is the caller's own, and only a name or a type.
        let what = match error.classify() {
            serde_json::error::Category::Data => {
                "A field is missing, unknown or of the wrong type"
            }
            _ => "The body must be JSON",
        };
        unusable(&format!(
            "{what} - as in {{\"url\":\"https://example.org/hook\",\"events\":[\"session.status\"]}}"
        ))
    })
}

fn unusable(message: &str) -> Problem {
    Problem(crate::control::unusable(message))
}
