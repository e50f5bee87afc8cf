//! Answers: JSON bodies and the shapes of errors.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;

use crate::dto::CommandError;
use crate::error::ErrorCode;

/// Media type of all JSON, spelled as the predecessor did.
pub(crate) const JSON: &str = "application/json; charset=utf-8";

/// A JSON body.
pub(crate) fn json<T: Serialize>(status: StatusCode, body: &T) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => respond(status, JSON, Body::from(bytes)),
        // No wire type can fail to be written; if one ever does, the caller is told so and not cut off.
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            respond(
                StatusCode::INTERNAL_SERVER_ERROR,
                JSON,
                Body::from(
                    r#"{"error":true,"code":"INTERNAL_ERROR","message":"Internal server error"}"#,
                ),
            )
        }
    }
}

/// A body of any kind.
pub(crate) fn respond(status: StatusCode, content_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// No body.
pub(crate) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// An error, as all routes but the QR ones write it.
pub(crate) fn error(code: ErrorCode, message: &str) -> Response {
    error_with(code, message, &NoExtra {})
}

/// An error with further fields.
pub(crate) fn error_with<E: Serialize>(code: ErrorCode, message: &str, extra: &E) -> Response {
    #[derive(Serialize)]
    struct Body<'a, E> {
        error: bool,
        code: ErrorCode,
        message: &'a str,
        #[serde(flatten)]
        extra: &'a E,
    }
    let body = Body {
        error: true,
        code,
        message,
        extra,
    };
    marked(code, json(code.status(), &body))
}

/// An error, as the QR routes write it.
pub(crate) fn qr_error(code: ErrorCode, message: &str) -> Response {
    qr_error_with(code, message, &NoExtra {})
}

/// An error of a QR route with further fields.
pub(crate) fn qr_error_with<E: Serialize>(code: ErrorCode, message: &str, extra: &E) -> Response {
    #[derive(Serialize)]
    struct Body<'a, E> {
        error: ErrorCode,
        message: &'a str,
        #[serde(flatten)]
        extra: &'a E,
    }
    let body = Body {
        error: code,
        message,
        extra,
    };
    marked(code, json(code.status(), &body))
}

/// An error, as the control room's commands write it.
pub(crate) fn command_error(error: &CommandError) -> Response {
    marked(error.code, json(error.code.status(), error))
}

/// An error, as WAHA writes it, with our code. WAHA has statuses of its own for some of them.
pub(crate) fn waha_error(status: StatusCode, code: ErrorCode, message: &str) -> Response {
    #[derive(Serialize)]
    struct Body<'a> {
        #[serde(rename = "statusCode")]
        status: u16,
        error: &'a str,
        message: &'a str,
        code: ErrorCode,
    }
    let body = Body {
        status: status.as_u16(),
        error: status.canonical_reason().unwrap_or_default(),
        message,
        code,
    };
    marked(code, json(status, &body))
}

/// For the log of calls, which does not read bodies.
pub(crate) fn marked(code: ErrorCode, mut response: Response) -> Response {
    response.extensions_mut().insert(code);
    response
}

#[derive(Serialize)]
struct NoExtra {}
