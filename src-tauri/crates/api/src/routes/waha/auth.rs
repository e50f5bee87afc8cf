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

use super::problem::Problem;
use super::{Answer, named};
use crate::answer;
use crate::dto::CommandError;
use crate::error::ErrorCode;
use crate::router::Api;

const PNG: &str = "image/png";
const DATA_URL: &str = "data:image/png;base64,";

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    format: Format,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Image,
    Raw,
}

#[derive(Serialize)]
struct Raw<'a> {
    value: &'a str,
}

#[derive(Serialize)]
struct File<'a> {
    mimetype: &'static str,
    data: &'a str,
}

/// Whose phone is to get the code. WAHA's `method` has one value for a linked device, which is none.
#[derive(Deserialize)]
struct Number {
    #[serde(rename = "phoneNumber")]
    phone_number: String,
}

#[derive(Serialize)]
struct Code {
    code: String,
}

/// A picture, unless JSON alone is asked for.
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
