//! `GET /health/live`: whether the program answers at all. `GET /health/ready`: whether a session could be started
//! now, check by check. For whoever starts the program anew when it hangs, or waits for it to be up.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use session_core::{DiskState, Reason, ResourceReport, Snapshot};
use utoipa::ToSchema;

use super::health::{DISK_FULL, DISK_LOW, NO_BROWSER, NO_STORE, Problem, SERVICE};
use crate::answer;
use crate::router::Api;

#[derive(Serialize, ToSchema)]
struct Live {
    status: &'static str,
    service: &'static str,
    uptime_seconds: u64,
}

#[derive(Serialize, ToSchema)]
struct Ready {
    #[schema(pattern = "^(ready|not_ready)$")]
    status: &'static str,
    service: &'static str,
    checks: Checks,
}

#[derive(Serialize, ToSchema)]
struct Checks {
    server: Check,
    browser: Check,
    store: Check,
    disk: Check,
    capacity: Check,
    bridge: Check,
}

/// Always with all three fields.
#[derive(Serialize, ToSchema)]
struct Check {
    status: Verdict,
    #[schema(required)]
    code: Option<&'static str>,
    #[schema(required)]
    message: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Ok,
    /// It works, but not as well as it might.
    Warn,
    /// No session can be started.
    Fail,
}

const STOPPING: Problem = Problem {
    code: "SHUTTING_DOWN",
    message: "Session Manager is shutting down",
};

const NO_ROOM: Problem = Problem {
    code: "CAPACITY_REACHED",
    message: "As many browsers run as may - a session that starts waits until an idle one makes room; stop one or \
              raise the limit",
};

const OUTDATED: Problem = Problem {
    code: "BRIDGE_OUTDATED",
    message: "WhatsApp Web changed, and some sessions only see its screen: they show states and cannot send - update \
              Session Manager",
};

/// Reads nothing that anybody else could hold on to.
#[utoipa::path(
    get,
    path = "/health/live",
    security(()),
    tag = "Monitoring",
    summary = "Whether the program answers at all",
    responses((status = 200, description = "It does.", body = inline(Live), example = json!({
        "status": "ok", "service": "session-manager", "uptime_seconds": 61,
    }))),
    extensions(("x-failures" = json!({"TIMED_OUT": {}})))
)]
pub(crate) async fn live(State(api): State<Arc<Api>>) -> Response {
    answer::json(
        StatusCode::OK,
        &Live {
            status: "ok",
            service: SERVICE,
            uptime_seconds: api.room.uptime().as_secs(),
        },
    )
}

#[utoipa::path(
    get,
    path = "/health/ready",
    security(()),
    tag = "Monitoring",
    summary = "Whether a session could be started now",
    responses(
        (status = 200, description = "It could.", body = Ready, example = json!({
            "status": "ready", "service": "session-manager",
            "checks": {
                "server": {"status": "ok", "code": null, "message": null},
                "browser": {"status": "ok", "code": null, "message": null},
                "store": {"status": "ok", "code": null, "message": null},
                "disk": {"status": "ok", "code": null, "message": null},
                "capacity": {"status": "ok", "code": null, "message": null},
                "bridge": {"status": "ok", "code": null, "message": null},
            },
        })),
        (status = 503, description = "At least one check fails.", body = Ready, example = json!({
            "status": "not_ready", "service": "session-manager",
            "checks": {
                "server": {"status": "ok", "code": null, "message": null},
                "browser": {"status": "ok", "code": null, "message": null},
                "store": {"status": "ok", "code": null, "message": null},
                "disk": {"status": "fail", "code": "DISK_LOW", "message": "The disk is almost full - free some space"},
                "capacity": {"status": "ok", "code": null, "message": null},
                "bridge": {"status": "ok", "code": null, "message": null},
            },
        })),
    ),
    extensions(("x-failures" = json!({"TIMED_OUT": {}})))
)]
pub(crate) async fn ready(State(api): State<Arc<Api>>) -> Response {
    let app = api.room.host.app();
    let report = *api.room.registry.resources().borrow();
    let store_ok = app.store_ok && *api.room.registry.store_health().borrow();
    let checks = Checks {
        server: Check::failing_if(api.stop.is_cancelled(), STOPPING),
        browser: Check::failing_if(app.browser.path.is_none(), NO_BROWSER),
        store: Check::failing_if(!store_ok, NO_STORE),
        disk: disk(report.disk),
        capacity: capacity(&report),
        bridge: bridge(&api.room.registry.snapshots()),
    };
    let (status, word) = if checks.all_pass() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not_ready")
    };
    answer::json(
        status,
        &Ready {
            status: word,
            service: SERVICE,
            checks,
        },
    )
}

/// Stricter than `/health`, which goes by the sessions that run: little space ends none, but none is started.
const fn disk(state: DiskState) -> Check {
    match state {
        DiskState::Ok => Check::OK,
        DiskState::Low => Check::new(Verdict::Fail, DISK_LOW),
        DiskState::Full => Check::new(Verdict::Fail, DISK_FULL),
    }
}

/// Never a failure: whoever has to wait for a place gets one as soon as a session is idle.
const fn capacity(report: &ResourceReport) -> Check {
    if report.running >= report.limit || report.waiting > 0 {
        Check::new(Verdict::Warn, NO_ROOM)
    } else {
        Check::OK
    }
}

/// Never a failure: a session can be started and linked by its screen alone.
fn bridge(snapshots: &[Arc<Snapshot>]) -> Check {
    let outdated = snapshots
        .iter()
        .any(|snapshot| snapshot.session.bridge == Some(Reason::BridgeOutdated));
    if outdated {
        Check::new(Verdict::Warn, OUTDATED)
    } else {
        Check::OK
    }
}

impl Check {
    const OK: Self = Self {
        status: Verdict::Ok,
        code: None,
        message: None,
    };

    const fn new(status: Verdict, problem: Problem) -> Self {
        Self {
            status,
            code: Some(problem.code),
            message: Some(problem.message),
        }
    }

    const fn failing_if(fails: bool, problem: Problem) -> Self {
        if fails {
            Self::new(Verdict::Fail, problem)
        } else {
            Self::OK
        }
    }
}

impl Checks {
    fn all_pass(&self) -> bool {
        [
            &self.server,
            &self.browser,
            &self.store,
            &self.disk,
            &self.capacity,
            &self.bridge,
        ]
        .iter()
        .all(|check| check.status != Verdict::Fail)
    }
}
