//! `/api/sessions`: which sessions there are, and starting and ending them.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use session_core::{ClienteId, Snapshot, State as SessionState, StateName};
use utoipa::{IntoParams, ToSchema};

use super::problem::Problem;
use super::{Answer, named};
use crate::answer;
use crate::commands::{DestroyArgs, IdArgs};
use crate::dto::NewCliente;
use crate::error::ErrorCode;
use crate::peer::Peer;
use crate::router::Api;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Stopped ones too.
    #[serde(default)]
    all: bool,
}

/// What a new session is to be. Everything else that WAHA takes is ignored.
#[derive(Deserialize, ToSchema)]
#[schema(as = WahaNewSession)]
struct New {
    /// The number of a cliente; without it, the next one.
    #[schema(pattern = "^[1-9][0-9]{0,14}$", nullable = true)]
    name: Option<String>,
    /// Whether to start it at once.
    #[serde(default = "yes")]
    start: bool,
}

const fn yes() -> bool {
    true
}

#[derive(Serialize, ToSchema)]
#[schema(as = WahaSession)]
struct Session {
    name: String,
    #[schema(pattern = "^(STOPPED|STARTING|SCAN_QR_CODE|WORKING|FAILED)$")]
    status: &'static str,
    config: Nothing,
    #[schema(required)]
    me: Option<Me>,
    engine: Engine,
}

#[derive(Serialize, ToSchema)]
#[schema(as = WahaConfig)]
struct Nothing {}

#[derive(Serialize, ToSchema)]
#[schema(as = WahaEngine)]
struct Engine {
    engine: &'static str,
}

/// Whose account it is. As with WAHA, it is whole: a client needs it to know its own messages.
#[derive(Serialize, ToSchema)]
#[schema(as = WahaAccount)]
struct Me {
    id: String,
    #[serde(rename = "pushName")]
    #[schema(required)]
    push_name: Option<String>,
}

#[utoipa::path(
    get,
    path = "/api/sessions",
    operation_id = "waha_sessions",
    tag = "WAHA",
    summary = "The sessions that are not stopped",
    params(Which),
    responses((status = 200, description = "The sessions.", body = Vec<Session>, example = json!([{"name": "7", "status": "WORKING", "config": {}, "me": {"id": "5491155551234@c.us", "pushName": "Ana"}, "engine": {"engine": "SESSION-MANAGER"}}]))),
    extensions(("x-failures" = json!({"INVALID_REQUEST": {}, "TIMED_OUT": {}})))
)]
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    which: Result<Query<Which>, QueryRejection>,
) -> Answer {
    let Query(which) = which.map_err(|_| Problem::unusable("all must be true or false"))?;
    let snapshots = api.room.registry.snapshots();
    let sessions: Vec<_> = snapshots
        .iter()
        .map(|snapshot| session(snapshot))
        .filter(|session| which.all || session.status != StateName::NotInitialized.waha())
        .collect();
    Ok(answer::json(StatusCode::OK, &sessions))
}

#[utoipa::path(
    get,
    path = "/api/sessions/{name}",
    operation_id = "waha_session",
    tag = "WAHA",
    summary = "One session",
    params(("name" = String, Path, description = "The number of a cliente, or `default` for cliente 1.", pattern = "^([1-9][0-9]{0,14}|default)$", example = "7")),
    responses((status = 200, description = "The session.", body = Session, example = json!({"name": "7", "status": "WORKING", "config": {}, "me": {"id": "5491155551234@c.us", "pushName": "Ana"}, "engine": {"engine": "SESSION-MANAGER"}}))),
    extensions(("x-failures" = json!({"CLIENTE_NOT_FOUND": {}, "TIMED_OUT": {}})))
)]
pub(super) async fn get(State(api): State<Arc<Api>>, Path(name): Path<String>) -> Answer {
    let (_, snapshot) = found(&api, &name)?;
    Ok(answer::json(StatusCode::OK, &session(&snapshot)))
}

#[utoipa::path(
    get,
    path = "/api/sessions/{name}/me",
    operation_id = "waha_me",
    tag = "WAHA",
    summary = "The linked account",
    params(("name" = String, Path, description = "The number of a cliente, or `default` for cliente 1.", pattern = "^([1-9][0-9]{0,14}|default)$", example = "7")),
    responses((status = 200, description = "The account, or null.", body = Option<Me>, example = json!({"id": "5491155551234@c.us", "pushName": "Ana"}))),
    extensions(("x-failures" = json!({"CLIENTE_NOT_FOUND": {}, "TIMED_OUT": {}})))
)]
pub(super) async fn me(State(api): State<Arc<Api>>, Path(name): Path<String>) -> Answer {
    let (_, snapshot) = found(&api, &name)?;
    Ok(answer::json(StatusCode::OK, &who(&snapshot)))
}

#[utoipa::path(
    post,
    path = "/api/sessions",
    operation_id = "waha_add_session",
    tag = "WAHA",
    summary = "Adds a cliente, and starts it",
    request_body(content = New, description = "The session. Whatever else WAHA takes is ignored.", example = json!({"name": "7", "start": false})),
    responses((status = 201, description = "The session.", body = Session, example = json!({"name": "7", "status": "STOPPED", "config": {}, "me": null, "engine": {"engine": "SESSION-MANAGER"}}))),
    extensions(("x-failures" = json!({"INVALID_REQUEST": {}, "CLIENTE_EXISTS": {}, "NOT_NOW": {}, "INITIALIZATION_IN_PROGRESS": {}, "RATE_LIMIT_EXCEEDED": {}, "INITIALIZATION_FAILED": {}, "INSUFFICIENT_STORAGE": {}, "STORE_UNAVAILABLE": {}, "SHUTTING_DOWN": {}, "OVERLOADED": {}, "TIMED_OUT": {}})))
)]
pub(super) async fn create(State(api): State<Arc<Api>>, peer: Peer, body: Bytes) -> Answer {
    let new: New = serde_json::from_slice(&body).map_err(|_| {
        Problem::unusable("The body must be JSON, such as {\"name\": \"1\", \"start\": true}")
    })?;
    let id = match new.name.as_deref().map(named) {
        Some(Ok(id)) => Some(id.get()),
        Some(Err(_)) => {
            let message = "name must be the number of a cliente, such as \"1\"";
            return Err(Problem::unusable(message));
        }
        None => None,
    };
    if new.start {
        may_start(&api, peer)?;
    }
    let new = NewCliente {
        id,
        name: String::new(),
        note: String::new(),
        start: new.start,
    };
    let view = api.room.add_cliente(new).await?;
    now(&api, view.id)
}

#[utoipa::path(
    post,
    path = "/api/sessions/{name}/start",
    operation_id = "waha_start",
    tag = "WAHA",
    summary = "Starts a session",
    params(("name" = String, Path, description = "The number of a cliente, or `default` for cliente 1.", pattern = "^([1-9][0-9]{0,14}|default)$", example = "7")),
    responses((status = 201, description = "The session.", body = Session, example = json!({"name": "7", "status": "STARTING", "config": {}, "me": null, "engine": {"engine": "SESSION-MANAGER"}}))),
    extensions(("x-failures" = json!({"CLIENTE_NOT_FOUND": {}, "NOT_NOW": {}, "RATE_LIMIT_EXCEEDED": {}, "INITIALIZATION_FAILED": {}, "INSUFFICIENT_STORAGE": {}, "STORE_UNAVAILABLE": {}, "SHUTTING_DOWN": {}, "OVERLOADED": {}, "TIMED_OUT": {}})))
)]
pub(super) async fn start(
    State(api): State<Arc<Api>>,
    peer: Peer,
    Path(name): Path<String>,
) -> Answer {
    let (id, _) = found(&api, &name)?;
    may_start(&api, peer)?;
    match api.room.start(IdArgs { id: id.get() }).await {
        Ok(_) => now(&api, id.get()),
        // It is being started: what was wanted.
        Err(error) if error.code == ErrorCode::InitializationInProgress => now(&api, id.get()),
        Err(error) => Err(error.into()),
    }
}

#[utoipa::path(
    post,
    path = "/api/sessions/{name}/stop",
    operation_id = "waha_stop",
    tag = "WAHA",
    summary = "Closes the browser and keeps the login",
    params(("name" = String, Path, description = "The number of a cliente, or `default` for cliente 1.", pattern = "^([1-9][0-9]{0,14}|default)$", example = "7")),
    responses((status = 201, description = "The session.", body = Session, example = json!({"name": "7", "status": "STOPPED", "config": {}, "me": null, "engine": {"engine": "SESSION-MANAGER"}}))),
    extensions(("x-failures" = json!({"CLIENTE_NOT_FOUND": {}, "NOT_NOW": {}, "STORE_UNAVAILABLE": {}, "SHUTTING_DOWN": {}, "OVERLOADED": {}, "TIMED_OUT": {}})))
)]
pub(super) async fn stop(State(api): State<Arc<Api>>, Path(name): Path<String>) -> Answer {
    let (id, _) = found(&api, &name)?;
    api.room.stop(IdArgs { id: id.get() }).await?;
    now(&api, id.get())
}

#[utoipa::path(
    post,
    path = "/api/sessions/{name}/restart",
    operation_id = "waha_restart",
    tag = "WAHA",
    summary = "Stops and starts a session",
    params(("name" = String, Path, description = "The number of a cliente, or `default` for cliente 1.", pattern = "^([1-9][0-9]{0,14}|default)$", example = "7")),
    responses((status = 201, description = "The session.", body = Session, example = json!({"name": "7", "status": "STARTING", "config": {}, "me": null, "engine": {"engine": "SESSION-MANAGER"}}))),
    extensions(("x-failures" = json!({"CLIENTE_NOT_FOUND": {}, "NOT_NOW": {}, "INITIALIZATION_IN_PROGRESS": {}, "RATE_LIMIT_EXCEEDED": {}, "INITIALIZATION_FAILED": {}, "INSUFFICIENT_STORAGE": {}, "STORE_UNAVAILABLE": {}, "SHUTTING_DOWN": {}, "OVERLOADED": {}, "TIMED_OUT": {}})))
)]
pub(super) async fn restart(
    State(api): State<Arc<Api>>,
    peer: Peer,
    Path(name): Path<String>,
) -> Answer {
    let (id, _) = found(&api, &name)?;
    may_start(&api, peer)?;
    api.room.restart(IdArgs { id: id.get() }).await?;
    now(&api, id.get())
}

/// Unlinks the account at WhatsApp. The session then stays as it is until somebody starts it; WAHA would show a new QR
/// at once.
#[utoipa::path(
    post,
    path = "/api/sessions/{name}/logout",
    operation_id = "waha_logout",
    tag = "WAHA",
    summary = "Unlinks the account",
    params(("name" = String, Path, description = "The number of a cliente, or `default` for cliente 1.", pattern = "^([1-9][0-9]{0,14}|default)$", example = "7")),
    responses((status = 201, description = "The session.", body = Session, example = json!({"name": "7", "status": "STOPPED", "config": {}, "me": null, "engine": {"engine": "SESSION-MANAGER"}}))),
    extensions(("x-failures" = json!({"CLIENTE_NOT_FOUND": {}, "NOT_NOW": {}, "PAGE_FAILED": {}, "STORE_UNAVAILABLE": {}, "SHUTTING_DOWN": {}, "OVERLOADED": {}, "TIMED_OUT": {}})))
)]
pub(super) async fn log_out(State(api): State<Arc<Api>>, Path(name): Path<String>) -> Answer {
    let (id, snapshot) = found(&api, &name)?;
    let state = snapshot.state();
    if state != StateName::Ready {
        let expected = StateName::Ready;
        return Err(Problem::Unexpected {
            id,
            state,
            expected,
        });
    }
    api.room.log_out(IdArgs { id: id.get() }).await?;
    now(&api, id.get())
}

/// Unlinks the account where that is possible, and forgets the cliente. Whoever is gone already is no error.
#[utoipa::path(
    delete,
    path = "/api/sessions/{name}",
    operation_id = "waha_delete_session",
    tag = "WAHA",
    summary = "Unlinks the account, and deletes login and cliente",
    params(("name" = String, Path, description = "The session. One that is not known is gone already.", example = "7")),
    responses((status = 200, description = "It is gone, or was not there.", )),
    extensions(("x-failures" = json!({"NOT_NOW": {}, "DELETE_FAILED": {}, "STORE_UNAVAILABLE": {}, "SHUTTING_DOWN": {}, "OVERLOADED": {}, "TIMED_OUT": {}})))
)]
pub(super) async fn delete(State(api): State<Arc<Api>>, Path(name): Path<String>) -> Answer {
    let Ok(id) = named(&name) else {
        return Ok(answer::empty(StatusCode::OK));
    };
    let snapshot = api.room.registry.snapshot(id);
    let linked = snapshot.is_some_and(|snapshot| snapshot.state() == StateName::Ready);
    if linked && let Err(error) = api.room.log_out(IdArgs { id: id.get() }).await {
        // Its login is deleted all the same; the phone goes on to list the device until WhatsApp drops it.
        tracing::warn!(cliente = %id, code = error.code.as_str(), "deleted without a logout at WhatsApp");
    }
    let args = DestroyArgs {
        id: id.get(),
        forget: true,
    };
    api.room.destroy(args).await?;
    Ok(answer::empty(StatusCode::OK))
}

/// A start is one, whatever it is called.
fn may_start(api: &Api, peer: Peer) -> Result<(), Problem> {
    let Some(rate) = &api.init_rate else {
        return Ok(());
    };
    match rate.take(peer.ip()) {
        Ok(_) => Ok(()),
        Err(standing) => Err(Problem::TooMany(standing, "starts from this address")),
    }
}

fn found(api: &Api, name: &str) -> Result<(ClienteId, Arc<Snapshot>), Problem> {
    let id = named(name)?;
    let snapshot = api.room.registry.snapshot(id);
    let snapshot = snapshot.ok_or_else(Problem::not_found)?;
    Ok((id, snapshot))
}

/// What was changed, as WAHA answers.
fn now(api: &Api, id: u64) -> Answer {
    let (_, snapshot) = found(api, &id.to_string())?;
    Ok(answer::json(StatusCode::CREATED, &session(&snapshot)))
}

fn session(snapshot: &Snapshot) -> Session {
    Session {
        name: snapshot.record.id.to_string(),
        status: snapshot.state().waha(),
        config: Nothing {},
        me: who(snapshot),
        engine: Engine {
            engine: "SESSION-MANAGER",
        },
    }
}

fn who(snapshot: &Snapshot) -> Option<Me> {
    let SessionState::Ready { account, .. } = &snapshot.session.state else {
        return None;
    };
    Some(Me {
        id: format!("{}@c.us", account.number.reveal()),
        push_name: account.name.clone(),
    })
}
