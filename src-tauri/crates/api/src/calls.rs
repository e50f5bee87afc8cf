//! The last calls of the local API, for a person who wonders what a tool does: who called what, and what came of it.
//! Refusals are in it too. Nothing of a body, a query, a header or an unknown path is kept, because any of these may hold
//! a number or a secret; the one exception is the number of the cliente, which is neither.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::Response;
use serde::{Deserialize, Serialize, Serializer};
use session_core::{ClienteId, Clock as _, SystemClock};
use tokio::sync::watch;
use tokio::time::Instant;
use ts_rs::TS;
use utoipa::ToSchema;

use crate::access::KeyName;
use crate::cliente_header;
use crate::commands::COMMANDS;
use crate::error::ErrorCode;
use crate::guard::Caller;
use crate::metrics::{Histogram, Written};
use crate::owner::Owner;
use crate::peer::Peer;

/// How many calls are kept.
pub(crate) const KEPT: usize = 500;

/// One call of the local API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[schema(as = Call)]
pub struct CallView {
    /// Counts up from 1 since the program started.
    #[ts(type = "number")]
    pub id: u64,
    /// When it came, ms since 1970.
    #[ts(type = "number")]
    pub at: u64,
    /// The method; `OTHER` for one that no route has.
    pub method: String,
    /// The route as it is declared, or the command; `/*` for an unknown route.
    pub route: String,
    /// The cliente that it was about.
    #[ts(type = "number | null")]
    #[schema(required)]
    pub cliente: Option<u64>,
    /// The HTTP status; null: the caller hung up before there was one.
    #[schema(required)]
    pub status: Option<u16>,
    /// Why it was refused or failed.
    #[schema(required)]
    pub code: Option<ErrorCode>,
    /// How long the answer took, µs; of a stream, until it began.
    #[ts(type = "number")]
    pub duration_us: u64,
    /// `key:` and its name for a caller with an API key, `user:` and its id for another user of this machine, `control`
    /// for the control room's own page, else the caller's address and port.
    pub caller: String,
}

/// The calls that are kept, and how many there were.
#[derive(Default)]
pub(crate) struct CallLog {
    kept: Mutex<Kept>,
    /// The id of the newest one; 0 before the first.
    last: watch::Sender<u64>,
}

#[derive(Default)]
struct Kept {
    newest: VecDeque<CallView>,
    totals: Http,
}

/// All calls since the program started.
///
/// Routes are declared ones and methods known ones, so there are never more of them than this program has.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct Http {
    /// By method, route and status; 0: the caller hung up before there was one.
    #[serde(serialize_with = "listed")]
    #[schema(value_type = Vec<Line>)]
    pub(crate) requests: BTreeMap<(String, String, u16), u64>,
    /// By route.
    #[schema(value_type = BTreeMap<String, Written>)]
    pub(crate) seconds: BTreeMap<String, Histogram>,
}

/// How often a route was called with this outcome.
#[derive(Serialize, ToSchema)]
#[schema(as = Requests)]
struct Line<'a> {
    method: &'a str,
    route: &'a str,
    status: u16,
    count: u64,
}

fn listed<S: Serializer>(
    requests: &BTreeMap<(String, String, u16), u64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(
        requests
            .iter()
            .map(|((method, route, status), count)| Line {
                method,
                route,
                status: *status,
                count: *count,
            }),
    )
}

impl CallLog {
    /// The newest calls first.
    pub(crate) fn newest(&self, limit: usize) -> Vec<CallView> {
        self.after(0, limit)
    }

    /// The newest calls first, down to the one after this id.
    pub(crate) fn after(&self, id: u64, limit: usize) -> Vec<CallView> {
        let kept = self.kept();
        let newer = kept.newest.iter().rev().take_while(|call| call.id > id);
        newer.take(limit).cloned().collect()
    }

    /// The id of the newest call, as it changes.
    pub(crate) fn last(&self) -> watch::Receiver<u64> {
        self.last.subscribe()
    }

    pub(crate) fn totals(&self) -> Http {
        self.kept().totals.clone()
    }

    fn count(&self, call: &CallView, took: Duration) {
        let mut kept = self.kept();
        let Http { requests, seconds } = &mut kept.totals;
        let key = (
            call.method.clone(),
            call.route.clone(),
            call.status.unwrap_or_default(),
        );
        *requests.entry(key).or_default() += 1;
        seconds.entry(call.route.clone()).or_default().note(took);
    }

    fn push(&self, mut call: CallView) {
        let mut kept = self.kept();
        if kept.newest.len() == KEPT {
            kept.newest.pop_front();
        }
        call.id = *self.last.borrow() + 1;
        // Told while it is held, so that ids are told in their order.
        self.last.send_replace(call.id);
        kept.newest.push_back(call);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The middleware.
pub(crate) async fn record(
    State(log): State<Arc<CallLog>>,
    request: Request,
    next: Next,
) -> Response {
    let mut call = Call::begin(log, &request);
    let response = next.run(request).await;
    call.end(&response);
    response
}

/// A call that is being answered. It is written down when it ends, whichever way.
struct Call {
    log: Arc<CallLog>,
    since: Instant,
    view: CallView,
    /// Whether it is a look at the log or a file of the control room's page: the log would soon hold little else. One
    /// that fails is written down.
    aside: bool,
    /// Whether another user calls, whatever its request says of itself.
    stranger: bool,
}

impl Call {
    fn begin(log: Arc<CallLog>, request: &Request) -> Self {
        let route = route(request);
        let extensions = request.extensions();
        let owner = extensions.get::<Owner>().copied();
        let caller = match (owner, Peer::of(extensions).0) {
            (Some(Owner::Other(user)), _) => format!("user:{user}"),
            (_, Some(address)) => address.to_string(),
            (_, None) => "unknown".to_owned(),
        };
        Self {
            log,
            since: Instant::now(),
            aside: matches!(route, "/debug/calls" | "/control/calls" | UNKNOWN),
            stranger: owner.is_some_and(Owner::is_stranger),
            view: CallView {
                // Given when it ends.
                id: 0,
                at: SystemClock.now().0,
                method: method(request.method()).to_owned(),
                route: route.to_owned(),
                cliente: cliente(request).map(ClienteId::get),
                status: None,
                code: None,
                duration_us: 0,
                caller,
            },
        }
    }

    fn end(&mut self, response: &Response) {
        self.view.status = Some(response.status().as_u16());
        self.view.code = response.extensions().get::<ErrorCode>().copied();
        if !self.stranger && response.extensions().get::<Caller>() == Some(&Caller::Page) {
            "control".clone_into(&mut self.view.caller);
        }
        if let Some(KeyName(name)) = response.extensions().get() {
            self.view.caller = format!("key:{name}");
        }
        self.aside &= response.status().is_success();
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let took = self.since.elapsed();
        self.log.count(&self.view, took);
        if !self.aside {
            self.view.duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
            self.log.push(self.view.clone());
        }
    }
}

/// A word that the caller made up may hold anything.
fn method(method: &Method) -> &str {
    match *method {
        Method::GET
        | Method::HEAD
        | Method::POST
        | Method::PUT
        | Method::PATCH
        | Method::DELETE
        | Method::OPTIONS => method.as_str(),
        _ => "OTHER",
    }
}

/// What no route is declared for: files of the control room's page, and what does not exist.
const UNKNOWN: &str = "/*";

/// What was called, in words of this program only.
pub(crate) fn route(request: &Request) -> &str {
    const COMMAND: &str = "/control/";
    let Some(matched) = request.extensions().get::<MatchedPath>() else {
        return UNKNOWN;
    };
    let path = request.uri().path();
    let known = path
        .strip_prefix(COMMAND)
        .is_some_and(|command| COMMANDS.contains(&command));
    if known { path } else { matched.as_str() }
}

fn cliente(request: &Request) -> Option<ClienteId> {
    let path = request.uri().path();
    let in_path = || {
        let named = path
            .strip_prefix("/session/")
            .or_else(|| path.strip_prefix("/api/sessions/"))
            .or_else(|| path.strip_prefix("/api/"))?;
        named.split('/').next()?.parse().ok()
    };
    named(request.headers()).or_else(in_path)
}

fn named(headers: &HeaderMap) -> Option<ClienteId> {
    cliente_header::read(headers).ok()
}
