//! `GET /health`: whether the program can do its work. Without the header it tells of no cliente in particular.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use session_core::{ClienteId, DiskState, Snapshot, StateName};
use utoipa::ToSchema;

use crate::answer;
use crate::cliente_header::{self, HeaderError};
use crate::dto::BrowserView;
use crate::openapi::{MaybeCliente, words};
use crate::resources::Resources;
use crate::router::Api;

#[derive(Serialize, ToSchema)]
struct Health<'a> {
    #[schema(pattern = "^(ok|error)$")]
    status: &'static str,
    service: &'static str,
    #[schema(value_type = words::State)]
    whatsapp_state: StateName,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    cliente_id: Option<u64>,
    version: &'a str,
    uptime_seconds: u64,
    browser: Browser<'a>,
    store_ok: bool,
    sessions: Sessions,
    resources: Resources,
    /// What it cannot work without is gone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<Problem>,
    /// What still works, but not for long.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Problem>,
}

#[derive(Serialize, ToSchema)]
struct Browser<'a> {
    found: bool,
    #[schema(required)]
    name: Option<&'a str>,
    #[schema(required)]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    advice: Option<&'static str>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SessionCount)]
struct Sessions {
    total: usize,
    by_state: BTreeMap<&'static str, usize>,
}

/// What is wrong, and what to do about it.
#[derive(Clone, Copy, Serialize, ToSchema)]
pub(super) struct Problem {
    pub(super) code: &'static str,
    pub(super) message: &'static str,
}

/// What monitors know this program by. Contract.
pub(super) const SERVICE: &str = "session-manager";

pub(super) const NO_BROWSER: Problem = Problem {
    code: "BROWSER_NOT_FOUND",
    message: "No browser found - install Chromium, Google Chrome, Microsoft Edge or Brave",
};

pub(super) const NO_STORE: Problem = Problem {
    code: "STORE_UNAVAILABLE",
    message: "The database cannot be read or written - check the data folder and the free disk space; \
              changes are lost at the next restart",
};

pub(super) const DISK_FULL: Problem = Problem {
    code: "DISK_FULL",
    message: "The disk is full - free some space; all browsers were closed so that no saved login is lost",
};

pub(super) const DISK_LOW: Problem = Problem {
    code: "DISK_LOW",
    message: "The disk is almost full - free some space; until then POST /init is refused",
};

#[utoipa::path(
    get,
    path = "/health",
    security(()),
    tag = "Monitoring",
    summary = "Whether what runs can go on",
    params(MaybeCliente),
    responses(
        (status = 200, description = "It can.", body = Health, example = json!({
            "status": "ok", "service": "session-manager", "whatsapp_state": "NOT_INITIALIZED", "version": "3.0.0",
            "uptime_seconds": 61,
            "browser": {"found": true, "name": "Chromium", "version": "140.0.7339.80"},
            "store_ok": true, "sessions": {"total": 1, "by_state": {"READY": 1}},
            "resources": {"disk": "ok", "disk_free_bytes": 52_428_800_000_u64, "browsers_fit": 12, "browsers_limit": 12,
                          "browsers_running": 1, "browsers_waiting": 0},
        })),
        (status = 503, description = "Something is gone that it cannot work without: `problems` says what.", body = Health,
         example = json!({
            "status": "error", "service": "session-manager", "whatsapp_state": "NOT_INITIALIZED", "version": "3.0.0",
            "uptime_seconds": 61,
            "browser": {"found": false, "name": null, "version": null, "advice": "No browser found - install Chromium"},
            "store_ok": true, "sessions": {"total": 1, "by_state": {"READY": 1}},
            "resources": {"disk": "ok", "disk_free_bytes": 52_428_800_000_u64, "browsers_fit": 12, "browsers_limit": 12,
                          "browsers_running": 1, "browsers_waiting": 0},
            "problems": [{"code": "BROWSER_NOT_FOUND", "message": "No browser found - install Chromium"}],
        })),
    ),
    extensions(("x-failures" = json!({"INVALID_HEADER": {}, "TIMED_OUT": {}})))
)]
pub(crate) async fn health(State(api): State<Arc<Api>>, headers: HeaderMap) -> Response {
    let id = match cliente_header::read(&headers) {
        Ok(id) => Some(id),
        Err(HeaderError::Missing) => None,
        Err(error) => return error.answer(),
    };
    let app = api.room.host.app();
    let browser = browser(&app.browser);
    let store_ok = app.store_ok && *api.room.registry.store_health().borrow();
    let mut problems = Vec::new();
    if !browser.found {
        problems.push(NO_BROWSER);
    }
    if !store_ok {
        problems.push(NO_STORE);
    }
    let report = *api.room.registry.resources().borrow();
    let mut warnings = Vec::new();
    match report.disk {
        DiskState::Ok => {}
        DiskState::Low => warnings.push(DISK_LOW),
        DiskState::Full => problems.push(DISK_FULL),
    }
    let snapshots = api.room.registry.snapshots();
    let (status, word) = if problems.is_empty() {
        (StatusCode::OK, "ok")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "error")
    };
    let body = Health {
        status: word,
        service: SERVICE,
        whatsapp_state: id
            .and_then(|id| api.room.registry.snapshot(id))
            .map_or(StateName::NotInitialized, |snapshot| snapshot.state()),
        cliente_id: id.map(ClienteId::get),
        version: &app.version,
        uptime_seconds: api.room.uptime().as_secs(),
        browser,
        store_ok,
        sessions: count(&snapshots),
        resources: Resources::of(&report),
        problems,
        warnings,
    };
    answer::json(status, &body)
}

/// The control room shows name and version as one text, such as `Chromium 140.0.7339.80`.
fn browser(view: &BrowserView) -> Browser<'_> {
    let (name, version) = match view.name.as_deref() {
        Some(text) => match text.rsplit_once(' ') {
            Some((name, version)) if version.starts_with(|c: char| c.is_ascii_digit()) => {
                (Some(name), Some(version))
            }
            _ => (Some(text), None),
        },
        None => (None, None),
    };
    let found = view.path.is_some();
    Browser {
        found,
        name,
        version,
        advice: (!found).then_some(NO_BROWSER.message),
    }
}

fn count(snapshots: &[Arc<Snapshot>]) -> Sessions {
    let mut by_state = BTreeMap::new();
    for snapshot in snapshots {
        *by_state.entry(snapshot.state().as_str()).or_default() += 1;
    }
    Sessions {
        total: snapshots.len(),
        by_state,
    }
}
