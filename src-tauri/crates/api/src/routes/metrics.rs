//! `GET /metrics`: numbers for a monitor.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;

use crate::answer;
use crate::error::ErrorCode;
use crate::metrics::Report;
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

#[utoipa::path(
    get,
    path = "/metrics",
    tag = "Monitoring",
    summary = "Numbers for a monitor",
    description = "Prometheus text, OpenMetrics or JSON, whichever `Accept` likes best. Nobody is named in it.",
    params(("Accept" = Option<String>, Header, nullable = false, example = "application/json",
            description = "`text/plain` (the default), `application/openmetrics-text` or `application/json`.")),
    responses((status = 200, description = "The numbers.", content(
        (Report = "application/json", example = json!({
            "version": "3.0.0", "uptime_seconds": 61, "store_ok": true,
            "sessions": {
                "by_state": {"READY": 1}, "degraded": {}, "hibernated": 0,
                "starts": {"ok": 1, "failed": 0, "stopped": 0},
                "start_seconds": {
                    "qr": {"count": 1, "sum_seconds": 2.1, "at_most_seconds": [[1.0, 0], [2.5, 1]]},
                    "connected": {"count": 0, "sum_seconds": 0.0, "at_most_seconds": [[1.0, 0], [2.5, 0]]},
                    "failed": {"count": 0, "sum_seconds": 0.0, "at_most_seconds": [[1.0, 0], [2.5, 0]]},
                },
                "restarts": 0,
            },
            "messages": {"sent": 3, "failed": 0, "outbox": {
                "queued": 0, "sending": 0, "sent": 2, "failed": 0, "ack_seconds": {"count": 2, "sum": 0.4},
            }},
            "breakers": {"closed": 1, "open": 0, "half_open": 0},
            "browsers": {"running": 1, "limit": 12, "waiting": 0, "fit": 12, "memory_bytes": 181_403_648,
                         "cpu_percent": 1.5},
            "disk": {"free_bytes": 52_428_800_000_u64},
            "http": {
                "requests": [{"method": "GET", "route": "/status", "status": 200, "count": 12}],
                "seconds": {"/status": {"count": 12, "sum_seconds": 0.003, "at_most_seconds": [[0.001, 12]]}},
            },
            "webhooks": {"delivered": 12, "failed": 1, "dead": 0, "queue": {"waiting": 0, "retrying": 0, "dead": 0}},
        })),
        (String = "text/plain", example = "# TYPE session_manager_sessions gauge\nsession_manager_sessions{state=\"READY\"} 1\n"),
        (String = "application/openmetrics-text", example = "# TYPE session_manager_sessions gauge\nsession_manager_sessions{state=\"READY\"} 1\n# EOF\n"),
    ))),
    extensions(("x-failures" = json!({"TIMED_OUT": {}})))
)]
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
