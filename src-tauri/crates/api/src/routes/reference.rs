//! `GET /openapi.json`: the description of the API. `GET /docs`: the page that shows it, with files of this program only.
//!
//! The page may call what the guard lets its own origin call. Where the control room is a page of this server, that is
//! everything; with a window it is what reads, because there no page has any business in changing something. So the page
//! offers to try only that.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use rust_embed::RustEmbed;

use super::ui::NOT_BUILT;
use crate::answer;
use crate::openapi;
use crate::router::{Api, not_found};

/// Everything but `index.html` is compressed.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../../ui/reference/dist"]
#[allow_missing = true]
struct Files;

/// Swagger UI sets styles on elements, and its own pictures are data.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// In the page, replaced by the methods that it may offer to try.
const METHODS: &str = "{{methods}}";

#[utoipa::path(
    get,
    path = "/openapi.json",
    security(()),
    tag = "Description",
    summary = "The description of this API",
    description = "OpenAPI 3.1. `GET /docs` shows it as a page.",
    responses((status = 200, description = "The description.", body = Object, example = json!({
        "openapi": "3.1.0", "info": {"title": "Session Manager", "version": "3.0.0"}, "paths": {},
    }))),
    extensions(("x-failures" = json!({"TIMED_OUT": {}})))
)]
pub(crate) async fn description() -> Response {
    let body = Body::from(openapi::json());
    answer::respond(StatusCode::OK, answer::JSON, body)
}

/// The page.
pub(crate) async fn page(State(api): State<Arc<Api>>) -> Response {
    let methods = if api.control_room {
        "get post put delete"
    } else {
        "get"
    };
    let (status, text) = match Files::get("index.html") {
        Some(file) => {
            let text = String::from_utf8_lossy(&file.data);
            (StatusCode::OK, text.replace(METHODS, methods))
        }
        None => (StatusCode::SERVICE_UNAVAILABLE, NOT_BUILT.to_owned()),
    };
    let mut response = answer::respond(status, "text/html; charset=utf-8", Body::from(text));
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (OPENER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// What the page consists of. It is kept and sent compressed, which every browser can read.
pub(crate) async fn file(Path(name): Path<String>, asked: HeaderMap) -> Response {
    let Some(file) = Files::get(&format!("{name}.gz")) else {
        return not_found().await;
    };
    if refuses_gzip(&asked) {
        return answer::empty(StatusCode::NOT_ACCEPTABLE);
    }
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    };
    let bytes = Bytes::from(file.data.into_owned());
    let mut response = answer::respond(StatusCode::OK, kind, Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    response
}

/// Whether the caller says what it can read, and this is not among it. Without a word, anything is welcome.
fn refuses_gzip(asked: &HeaderMap) -> bool {
    let mut said = false;
    let codings = asked
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    for coding in codings {
        said = true;
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
        if matches!(name.trim(), "gzip" | "*") {
            return weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0);
        }
    }
    said
}
