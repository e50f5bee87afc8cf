//! `GET /health/live`: whether the program answers at all. `GET /health/ready`: whether a session could be started
//! now, check by check. For whoever starts the program anew when it hangs, or waits for it to be up.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use session_core::{DiskState, Reason, ResourceReport, Snapshot};

use super::health::{DISK_FULL, DISK_LOW, NO_BROWSER, NO_STORE, Problem, SERVICE};
use crate::answer;
use crate::router::Api;

#[derive(Serialize)]
struct Live {
    status: &'static str,
    service: &'static str,
    uptime_seconds: u64,
}

#[derive(Serialize)]
struct Ready {
    status: &'static str,
    service: &'static str,
    checks: Checks,
}

#[derive(Serialize)]
struct Checks {
    server: Check,
    browser: Check,
    store: Check,
    disk: Check,
    capacity: Check,
    bridge: Check,
}

/// Always with all three fields.
#[derive(Serialize)]
struct Check {
    status: Verdict,
    code: Option<&'static str>,
    message: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
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
