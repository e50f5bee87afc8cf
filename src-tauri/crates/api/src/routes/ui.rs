//! The control room's page, as it was built into the program. Whatever it does not hold is an unknown route.

use std::borrow::Cow;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use rust_embed::RustEmbed;

use crate::answer;
use crate::router::{method_not_allowed, not_found};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../../ui/dist"]
#[allow_missing = true]
struct Dist;

const POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; \
                      connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Served in place of a page that was not built.
pub(super) const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Session Manager</title>\
    <p>This page is not part of this build.</p>\
    <p>Build it with <code>npm ci</code> and <code>npm run build</code> and <code>npm run build:reference</code> in <code>ui/</code>, then build the program \
    again.</p></html>";

pub(crate) async fn asset(request: Request) -> Response {
    let path = match request.uri().path() {
        "/" => "index.html",
        path => path.strip_prefix('/').unwrap_or(path),
    };
    let Some((status, bytes)) = find(path) else {
        return not_found().await;
    };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut refused = method_not_allowed(request).await;
        refused
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static("GET,HEAD"));
        return refused;
    }
    let mut response = answer::empty(status);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, mime(path));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    if request.method() == Method::GET {
        *response.body_mut() = Body::from(bytes);
    }
    response
}

fn find(path: &str) -> Option<(StatusCode, Bytes)> {
    match Dist::get(path) {
        Some(file) => {
            let bytes = match file.data {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => Bytes::from(bytes),
            };
            Some((StatusCode::OK, bytes))
        }
        None if path == "index.html" => Some((
            StatusCode::SERVICE_UNAVAILABLE,
            Bytes::from_static(NOT_BUILT.as_bytes()),
        )),
        None => None,
    }
}

fn mime(path: &str) -> HeaderValue {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let text = if kind.type_() == mime_guess::mime::TEXT {
        format!("{kind}; charset=utf-8")
    } else {
        kind.to_string()
    };
    HeaderValue::from_str(&text)
        .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"))
}
