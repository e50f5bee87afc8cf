//! `/api/{name}/auth`: the QR and the pairing code of a session.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use session_core::{Login, PhoneNumber, Picture, Snapshot, State as SessionState, StateName};
use utoipa::{IntoParams, ToSchema};

use super::problem::Problem;
use super::{Answer, named};
use crate::answer;
use crate::dto::CommandError;
use crate::error::ErrorCode;
use crate::router::Api;

const PNG: &str = "image/png";
const DATA_URL: &str = "data:image/png;base64,";

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// `raw`: the text of the code, as JSON.
    #[serde(default)]
    #[param(inline)]
    format: Format,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Image,
    Raw,
}

#[derive(Serialize, ToSchema)]
#[schema(as = WahaRawQr)]
struct Raw<'a> {
    value: &'a str,
}

#[derive(Serialize, ToSchema)]
#[schema(as = WahaQrPicture)]
struct File<'a> {
    mimetype: &'static str,
    data: &'a str,
}

/// What the QR route answers in JSON.
#[derive(Serialize, ToSchema)]
#[schema(as = WahaQr)]
#[serde(untagged)]
#[expect(dead_code, reason = "only described: each is written by itself")]
enum Shown<'a> {
    Raw(Raw<'a>),
    File(File<'a>),
}

/// Whose phone is to get the code. WAHA's `method` has one value for a linked device, which is none.
#[derive(Deserialize, ToSchema)]
struct Number {
    /// Digits with country code.
    #[schema(min_length = 5)]
    #[serde(rename = "phoneNumber")]
    phone_number: String,
}

#[derive(Serialize, ToSchema)]
struct Code {
    code: String,
}

/// A picture, unless JSON alone is asked for.
#[utoipa::path(
    get,
    path = "/api/{name}/auth/qr",
    operation_id = "waha_qr",
    tag = "WAHA",
    summary = "The QR",
    params(("name" = String, Path, description = "The number of a cliente, or `default` for cliente 1.", pattern = "^([1-9][0-9]{0,14}|default)$", example = "7"), Wanted),
    responses((status = 200, description = "A picture; JSON where only that is accepted, or `format=raw` asks for it.", content(
        (String = "image/png"),
        (Shown = "application/json", example = json!({"mimetype": "image/png", "data": "iVBORw0KGgo="})),
    ))),
    extensions(("x-failures" = json!({"INVALID_REQUEST": {}, "CLIENTE_NOT_FOUND": {}, "QR_NOT_AVAILABLE": {}, "NOT_NOW": {}, "TIMED_OUT": {}})))
)]
pub(super) async fn qr(
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    headers: HeaderMap,
) -> Answer {
    let id = named(&name)?;
    let Query(wanted) = wanted.map_err(|_| Problem::unusable("format must be image or raw"))?;
    let snapshot = api.room.registry.snapshot(id);
    let state = snapshot
        .as_deref()
        .map_or(StateName::NotInitialized, Snapshot::state);
    if state != StateName::QrRequired {
        let expected = StateName::QrRequired;
        return Err(Problem::Unexpected {
            id,
            state,
            expected,
        });
    }
    let (code, picture) = snapshot.as_deref().and_then(waiting).ok_or_else(|| {
        Problem::new(
            ErrorCode::QrNotAvailable,
            "There is no QR code at the moment - try again in a second",
        )
    })?;
    if matches!(wanted.format, Format::Raw) {
        return Ok(answer::json(StatusCode::OK, &Raw { value: code }));
    }
    let Picture::Drawn(url) = picture else {
        return Err(not_drawn());
    };
    let data = url.strip_prefix(DATA_URL).unwrap_or(url);
    let json_only = headers
        .get(header::ACCEPT)
        .is_some_and(|accept| accept == "application/json");
    if json_only {
        let mimetype = PNG;
        return Ok(answer::json(StatusCode::OK, &File { mimetype, data }));
    }
    let png = STANDARD.decode(data).map_err(|_| not_drawn())?;
    Ok(answer::respond(StatusCode::OK, PNG, Body::from(png)))
}

#[utoipa::path(
    post,
    path = "/api/{name}/auth/request-code",
    operation_id = "waha_request_code",
    tag = "WAHA",
    summary = "A pairing code, in place of the QR",
    params(("name" = String, Path, description = "The number of a cliente, or `default` for cliente 1.", pattern = "^([1-9][0-9]{0,14}|default)$", example = "7")),
    request_body(content = inline(Number), example = json!({"phoneNumber": "5491155551234"})),
    responses((status = 201, description = "To be typed on that phone.", body = inline(Code), example = json!({"code": "ABCD-EFGH"}))),
    extensions(("x-failures" = json!({"INVALID_REQUEST": {}, "CLIENTE_NOT_FOUND": {}, "NOT_NOW": {}, "PAGE_FAILED": {}, "STORE_UNAVAILABLE": {}, "SHUTTING_DOWN": {}, "OVERLOADED": {}, "TIMED_OUT": {}})))
)]
pub(super) async fn request_code(
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    body: Bytes,
) -> Answer {
    let id = named(&name)?;
    let number = serde_json::from_slice::<Number>(&body)
        .ok()
        .and_then(|body| PhoneNumber::parse(&body.phone_number).ok())
        .ok_or_else(|| {
            Problem::unusable("phoneNumber must be a number with its country code, digits only")
        })?;
    let code = api.room.registry.request_pairing_code(id, number).await;
    let code = code.map_err(CommandError::from)?;
    Ok(answer::json(StatusCode::CREATED, &Code { code }))
}

fn waiting(snapshot: &Snapshot) -> Option<(&str, &Picture)> {
    match &snapshot.session.state {
        SessionState::QrRequired {
            login: Login::Code { code, .. },
            ..
        } => Some((code.reveal(), &snapshot.picture)),
        _ => None,
    }
}

fn not_drawn() -> Problem {
    Problem::new(ErrorCode::InternalError, "Failed to generate QR image")
}
