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

use crate::access::{Needs, Routes};
use crate::answer;
use crate::bounds::Shape;
use crate::commands::NoArgs;
use crate::dto::CommandError;
use crate::error::ErrorCode;
use crate::guard::Caller;
use crate::keys::Scope;
use crate::router::Api;
use crate::webhooks::{LettersArgs, LettersLimitArgs, WebhookArgs, WebhookDraft, WebhookUpdate};

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
struct Problem(CommandError);

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

#[derive(Serialize)]
struct Done {
    success: bool,
}

#[derive(Deserialize)]
struct Limit {
    #[serde(default = "hundred")]
    limit: u32,
}

const fn hundred() -> u32 {
    100
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    letter: Option<i64>,
}

async fn list(State(api): State<Arc<Api>>) -> Answer {
    Ok(ok(&api.room.webhooks(NoArgs {}).await?))
}

async fn add(State(api): State<Arc<Api>>, body: Bytes) -> Answer {
    let draft: WebhookDraft = read(&body)?;
    let added = api.room.add_webhook(draft).await?;
    Ok(answer::json(StatusCode::CREATED, &added))
}

async fn one(State(api): State<Arc<Api>>, Path(webhook): Path<String>) -> Answer {
    Ok(ok(&api.room.webhook(WebhookArgs { webhook }).await?))
}

async fn update(State(api): State<Arc<Api>>, Path(webhook): Path<String>, body: Bytes) -> Answer {
    let draft = read(&body)?;
    Ok(ok(&api
        .room
        .update_webhook(WebhookUpdate { webhook, draft })
        .await?))
}

async fn remove(State(api): State<Arc<Api>>, Path(webhook): Path<String>) -> Answer {
    api.room.remove_webhook(WebhookArgs { webhook }).await?;
    Ok(ok(&Done { success: true }))
}

async fn test(State(api): State<Arc<Api>>, Path(webhook): Path<String>) -> Answer {
    Ok(ok(&api.room.test_webhook(WebhookArgs { webhook }).await?))
}

async fn rotate(State(api): State<Arc<Api>>, Path(webhook): Path<String>) -> Answer {
    Ok(ok(&api
        .room
        .rotate_webhook_secret(WebhookArgs { webhook })
        .await?))
}

async fn letters(
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

async fn resend(State(api): State<Arc<Api>>, Path(webhook): Path<String>, body: Bytes) -> Answer {
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

async fn discard(
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
