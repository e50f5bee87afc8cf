//! The phone over HTTP: JSON in, JSON out, on a loopback port of its own.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::account::is_number;
use crate::config::Defaults;
use crate::{Account, DeviceSelector, DeviceView, OutboxEntry, Phone, PhoneAction, PhoneError};

/// What a client needs to start a browser.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Info {
    pub(crate) page_addr: SocketAddr,
    pub(crate) chromium_args: Vec<String>,
}

#[derive(Debug, Clone)]
struct Control {
    phone: Phone,
    info: Arc<Info>,
}

pub(crate) fn router(phone: Phone, info: Info) -> Router {
    Router::new()
        .route("/", get(about))
        .route("/devices", get(devices))
        .route("/devices/{device}", get(device))
        .route("/devices/{device}/actions", post(act_on))
        .route("/actions", post(act))
        .route("/scan", post(scan))
        .route("/pair", post(pair))
        .route("/outbox", get(outbox).delete(clear_outbox))
        .route("/defaults", get(defaults).put(set_defaults))
        .fallback(async || Failure::new(StatusCode::NOT_FOUND, "not_found", "no such route"))
        .method_not_allowed_fallback(async || {
            Failure::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "not that way",
            )
        })
        .with_state(Control {
            phone,
            info: Arc::new(info),
        })
}

async fn about(State(control): State<Control>) -> Json<Info> {
    Json(Info::clone(&control.info))
}

async fn devices(State(control): State<Control>) -> Json<Vec<DeviceView>> {
    Json(control.phone.devices())
}

async fn device(
    State(control): State<Control>,
    Path(device): Path<String>,
) -> Result<Json<DeviceView>, Failure> {
    Ok(Json(control.phone.device(&selector(device))?))
}

async fn act_on(
    State(control): State<Control>,
    Path(device): Path<String>,
    Body(action): Body<PhoneAction>,
) -> Result<Json<DeviceView>, Failure> {
    Ok(Json(control.phone.act(&selector(device), action).await?))
}

#[derive(Deserialize)]
struct Act {
    device: DeviceSelector,
    #[serde(flatten)]
    action: PhoneAction,
}

async fn act(
    State(control): State<Control>,
    Body(act): Body<Act>,
) -> Result<Json<DeviceView>, Failure> {
    Ok(Json(control.phone.act(&act.device, act.action).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scan {
    qr: String,
    #[serde(default)]
    account: Option<Account>,
}

async fn scan(
    State(control): State<Control>,
    Body(scan): Body<Scan>,
) -> Result<Json<DeviceView>, Failure> {
    Ok(Json(control.phone.scan(&scan.qr, scan.account).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    code: String,
    #[serde(default)]
    name: Option<String>,
}

async fn pair(
    State(control): State<Control>,
    Body(pair): Body<Pair>,
) -> Result<Json<DeviceView>, Failure> {
    Ok(Json(control.phone.pair(&pair.code, pair.name).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutboxFilter {
    #[serde(default)]
    device: Option<String>,
    #[serde(default)]
    to: Option<String>,
}

async fn outbox(
    State(control): State<Control>,
    Query(filter): Query<OutboxFilter>,
) -> Result<Json<Vec<OutboxEntry>>, Failure> {
    let device = match filter.device {
        Some(device) => Some(control.phone.device(&selector(device))?.id),
        None => None,
    };
    let mut entries = control.phone.outbox();
    entries.retain(|entry| device.as_ref().is_none_or(|id| entry.device == *id));
    entries.retain(|entry| filter.to.as_ref().is_none_or(|to| entry.to == *to));
    Ok(Json(entries))
}

async fn clear_outbox(State(control): State<Control>) -> StatusCode {
    control.phone.clear_outbox();
    StatusCode::NO_CONTENT
}

async fn defaults(State(control): State<Control>) -> Json<Defaults> {
    Json(control.phone.defaults())
}

async fn set_defaults(
    State(control): State<Control>,
    Body(defaults): Body<Defaults>,
) -> Json<Defaults> {
    control.phone.set_defaults(defaults);
    Json(control.phone.defaults())
}

/// Identities are 32 hexadecimal digits, numbers at most 15 digits: no text can be both.
fn selector(text: String) -> DeviceSelector {
    if is_number(&text) {
        DeviceSelector::Number(text)
    } else {
        DeviceSelector::Id(text)
    }
}

/// `axum::Json` whose refusals are JSON too.
struct Body<T>(T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let Json(body) = Json::<T>::from_request(request, state).await?;
        Ok(Self(body))
    }
}

/// `axum::extract::Query` whose refusals are JSON too.
struct Query<T>(T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let axum::extract::Query(query) =
            axum::extract::Query::<T>::from_request_parts(parts, state).await?;
        Ok(Self(query))
    }
}

/// What went wrong: `{"error":{"code":"unknown_device","message":"…"}}`.
#[derive(Debug)]
struct Failure {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Failure {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let error = serde_json::json!({ "code": self.code, "message": self.message });
        (self.status, Json(serde_json::json!({ "error": error }))).into_response()
    }
}

impl From<JsonRejection> for Failure {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            rejection.body_text(),
        )
    }
}

impl From<QueryRejection> for Failure {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            rejection.body_text(),
        )
    }
}

impl From<PhoneError> for Failure {
    fn from(error: PhoneError) -> Self {
        let (status, code) = match &error {
            PhoneError::UnknownDevice { .. } => (StatusCode::NOT_FOUND, "unknown_device"),
            PhoneError::UnknownCode => (StatusCode::NOT_FOUND, "unknown_code"),
            PhoneError::ExpiredCode => (StatusCode::GONE, "expired_code"),
            PhoneError::InvalidCode { .. } => (StatusCode::BAD_REQUEST, "invalid_code"),
            PhoneError::InvalidRequest { .. } => (StatusCode::BAD_REQUEST, "invalid_request"),
            PhoneError::WrongState { .. } => (StatusCode::CONFLICT, "wrong_state"),
            PhoneError::NotSaved { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "not_saved"),
        };
        Self::new(status, code, error.to_string())
    }
}

#[cfg(test)]
mod tests;
