//! `GET /metrics`: numbers for a monitor.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;

use crate::answer;
use crate::error::ErrorCode;
use crate::router::Api;

/// How the numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    OpenMetrics,
    Text,
    Json,
}

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(crate) async fn metrics(State(api): State<Arc<Api>>, headers: HeaderMap) -> Response {
    let report = api.room.report();
    let content_type = match wanted(&headers) {
        Format::Json => return answer::json(StatusCode::OK, &report),
        Format::OpenMetrics => OPEN_METRICS,
        Format::Text => TEXT,
    };
    match report.into_text() {
        Ok(text) => answer::respond(StatusCode::OK, content_type, Body::from(text)),
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            answer::error(ErrorCode::InternalError, "Internal server error")
        }
    }
}

/// What the caller likes best; of equals the first. Whoever wants something else, or says nothing, gets plain text,
/// because a person can read it too.
fn wanted(headers: &HeaderMap) -> Format {
    let mut best = (0.0, Format::Text);
    let ranges = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    for range in ranges {
        let mut parts = range.split(';').map(str::trim);
        let format = match parts
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
            .as_str()
        {
            "application/openmetrics-text" => Format::OpenMetrics,
            "application/json" => Format::Json,
            "text/plain" | "text/*" | "*/*" => Format::Text,
            _ => continue,
        };
        let weight = parts
            .find_map(|part| part.strip_prefix("q="))
            .map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
        if weight > best.0 {
            best = (weight, format);
        }
    }
    best.1
}
