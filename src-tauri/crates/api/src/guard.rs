//! What every request passes before any route: is it meant for this machine, may its sender call, is its body one
//! that can be read. In this order, and the first that fails is the answer; keys come after it, because what they are
//! needed for depends on the route ([`crate::access`]). Also writes the headers that every answer carries.
//!
//! A page in the same person's browser can send requests here; what it cannot do is choose their `Host`, `Origin` and
//! `Sec-Fetch-Site`. Programs that are no browsers send no `Origin` and pass.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use futures::StreamExt as _;

use crate::access::{Access, Gate, Hosts, Reached};
use crate::answer;
use crate::error::ErrorCode;
use crate::origins::Origins;

/// The largest body, bytes.
const BODY: usize = 64 * 1024;
/// The largest body of an import, bytes: 500 clientes with long remarks.
const IMPORT: usize = 8 * 1024 * 1024;
const ROUTE_OF_IMPORTS: &str = "/control/import_clientes";

/// The one route whose body is no JSON, and is not read here: a file.
const ROUTE_OF_FILES: &str = "/media";
/// What a page of any origin may send without asking first.
const FORMS: [&str; 3] = [
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain",
];

/// Whom to let in.
pub(crate) struct Guard {
    pub(crate) port: u16,
    /// The names that requests may be meant for.
    pub(crate) hosts: Hosts,
    /// Origins that are listed for as long as the server runs.
    pub(crate) origins: Origins,
    /// Further ones, as they are now.
    pub(crate) access: Arc<Access>,
    /// What looks at keys, once the route is known.
    pub(crate) gate: Arc<Gate>,
    /// Whether this server serves the control room, whose own pages then may call.
    pub(crate) control_room: bool,
    /// How long a body may take to arrive.
    pub(crate) body_timeout: Duration,
}

/// Who sent a request, as far as a browser tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// A page that this server serves: the control room.
    Page,
    /// No browser, or a browser on behalf of the person.
    Program,
    /// A page of a listed origin.
    Listed(HeaderValue),
}

/// What a page of a listed origin may read beside the usual.
const READABLE: &str =
    "Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, RateLimit-Policy";
/// What a page of a listed origin may do, and send along.
const METHODS: &str = "GET, POST, PUT, DELETE";
const SENDABLE: &str =
    "Content-Type, X-Cliente-Id, Authorization, X-API-Key, Last-Event-ID, Idempotency-Key";
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

impl Guard {
    fn is_listed(&self, origin: &str) -> bool {
        self.origins.contains(origin) || self.access.origins().contains(origin)
    }

    fn caller(&self, headers: &HeaderMap) -> Option<Caller> {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        match (origins.next(), origins.next()) {
            // A page's own GET comes without an origin.
            (None, _) => is_own_site(headers).then(|| match headers.get(FETCH_SITE) {
                Some(site) if self.control_room && site == "same-origin" => Caller::Page,
                _ => Caller::Program,
            }),
            (Some(origin), None) => {
                let text = origin.to_str().ok()?;
                if self.is_listed(text) {
                    Some(Caller::Listed(origin.clone()))
                } else {
                    (self.is_own_origin(text) && is_own_site(headers)).then_some(Caller::Page)
                }
            }
            (Some(_), Some(_)) => None,
        }
    }

    /// To the letter: browsers have one spelling for an origin, and leave out the port that goes without saying.
    fn is_own_origin(&self, origin: &str) -> bool {
        self.control_room
            && Hosts::local().any(|name| {
                if self.port == 80 {
                    origin == format!("http://{name}")
                } else {
                    origin == format!("http://{name}:{}", self.port)
                }
            })
    }
}

/// Whether a browser, if it is one, says that the request comes from no other site.
fn is_own_site(headers: &HeaderMap) -> bool {
    headers
        .get_all(FETCH_SITE)
        .iter()
        .all(|site| site == "same-origin" || site == "none")
}

/// The middleware.
pub(crate) async fn guard(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    let (mut response, listed) = admit(&guard, request, next).await;
    let headers = response.headers_mut();
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(origin) = listed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::VARY, HeaderValue::from_static("Origin"));
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(READABLE),
        );
    }
    response
}

/// The answer, and the listed origin that may read it.
async fn admit(guard: &Guard, request: Request, next: Next) -> (Response, Option<HeaderValue>) {
    let reached = request.extensions().get::<Reached>().copied();
    if !guard.hosts.admit(request.headers(), request.uri(), reached) {
        let answer = answer::error(ErrorCode::HostNotAllowed, guard.hosts.refusal());
        return (answer, None);
    }
    let Some(caller) = guard.caller(request.headers()) else {
        let answer = answer::error(
            ErrorCode::OriginNotAllowed,
            "This origin is not allowed - list it in ALLOWED_ORIGINS",
        );
        return (answer, None);
    };
    let listed = match &caller {
        Caller::Page | Caller::Program => None,
        Caller::Listed(origin) => Some(origin.clone()),
    };
    if listed.is_some() && is_preflight(&request) {
        return (preflight(request.headers()), listed);
    }
    let (mut parts, body) = request.into_parts();
    let body = if parts.method == Method::POST && parts.uri.path() == ROUTE_OF_FILES {
        file(&parts.headers, body)
    } else {
        let import = listed.is_none() && parts.uri.path() == ROUTE_OF_IMPORTS;
        let most = if import { IMPORT } else { BODY };
        let received = receive(&parts.headers, body, most, guard.body_timeout).await;
        received.map(Body::from)
    };
    let body = match body {
        Ok(body) => body,
        Err(error) => return (error.answer(), listed),
    };
    parts.extensions.insert(caller.clone());
    parts.extensions.insert(Arc::clone(&guard.gate));
    let request = Request::from_parts(parts, body);
    let mut response = next.run(request).await;
    // For the log of calls, which is around this.
    response.extensions_mut().insert(caller);
    (response, listed)
}

fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn preflight(asked: &HeaderMap) -> Response {
    let mut response = answer::empty(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static(METHODS),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static(SENDABLE),
    );
    headers.insert(
        header::ACCESS_CONTROL_MAX_AGE,
        HeaderValue::from_static("600"),
    );
    // Asked by browsers before a page on the internet may call this machine.
    if asked
        .get("access-control-request-private-network")
        .is_some_and(|value| value == "true")
    {
        headers.insert(
            HeaderName::from_static("access-control-allow-private-network"),
            HeaderValue::from_static("true"),
        );
    }
    response
}

/// A body that is not read any further.
#[derive(Clone, Copy)]
enum BodyError {
    WrongType,
    Form,
    TooLarge,
    Broken,
    Late,
}

impl BodyError {
    fn answer(self) -> Response {
        let (code, message) = match self {
            Self::WrongType => (
                ErrorCode::UnsupportedMediaType,
                "A body must be application/json",
            ),
            Self::Form => (
                ErrorCode::UnsupportedMediaType,
                "Content-Type must be the media type of the file, and none that a form has",
            ),
            Self::TooLarge => (ErrorCode::PayloadTooLarge, "The body is larger than 64 KiB"),
            Self::Broken => (ErrorCode::InvalidRequest, "The body could not be read"),
            Self::Late => (ErrorCode::InvalidRequest, "The body did not arrive in time"),
        };
        answer::error(code, message)
    }
}

/// Reads the whole body, so that a handler never waits for its caller.
async fn receive(
    headers: &HeaderMap,
    body: Body,
    most: usize,
    timeout: Duration,
) -> Result<Bytes, BodyError> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let is_json = is_json(headers);
    let announced = body.size_hint().lower();
    if announced > 0 && !is_json {
        return Err(BodyError::WrongType);
    }
    if announced > most as u64 {
        return Err(BodyError::TooLarge);
    }
    let read = async {
        let mut all = Vec::new();
        let mut chunks = body.into_data_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| BodyError::Broken)?;
            // A body without a length may turn out to be none: then its type does not matter.
            if !chunk.is_empty() && !is_json {
                return Err(BodyError::WrongType);
            }
            if all.len() + chunk.len() > most {
                return Err(BodyError::TooLarge);
            }
            all.extend_from_slice(&chunk);
        }
        Ok(Bytes::from(all))
    };
    tokio::time::timeout(timeout, read)
        .await
        .unwrap_or(Err(BodyError::Late))
}

/// A file is let through as it comes, if it says what it is. Nothing at all is for the route to refuse.
fn file(headers: &HeaderMap, body: Body) -> Result<Body, BodyError> {
    match essence(headers) {
        _ if body.is_end_stream() => Ok(body),
        Some(kind) if !FORMS.iter().any(|form| form.eq_ignore_ascii_case(kind)) => Ok(body),
        _ => Err(BodyError::Form),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    essence(headers).is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"))
}

/// The media type of the body, if there is exactly one.
fn essence(headers: &HeaderMap) -> Option<&str> {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(kind), None) = (types.next(), types.next()) else {
        return None;
    };
    let essence = kind.to_str().ok()?.split(';').next().unwrap_or_default();
    Some(essence.trim())
}
