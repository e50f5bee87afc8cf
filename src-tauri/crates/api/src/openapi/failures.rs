//! What can go wrong, for the description of the API. A handler names its codes beside its other answers, in
//! `extensions(("x-failures" = json!({"CODE": {…further fields…}})))`; those that every route has are added here, and all
//! are written down by status, with a schema that admits no other code and an example each.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{AllOfBuilder, AnyOfBuilder, ObjectBuilder, Ref, Schema, Type};
use utoipa::openapi::{RefOr, Response};

use super::examples::said;
use super::words;
use crate::error::ErrorCode;
use crate::routes::waha;

/// Where a handler names its codes.
const NAMED: &str = "x-failures";

/// What went wrong. Only some of them have the further fields.
#[derive(Serialize, ToSchema)]
pub(super) struct Failure {
    /// Always true.
    error: bool,
    /// For a program to act on.
    code: ErrorCode,
    /// For a person to read: what to do about it.
    message: String,
    /// The cliente that it was about.
    #[schema(minimum = 1, nullable = false)]
    cliente_id: Option<u64>,
    /// When to try again, s.
    #[schema(nullable = false)]
    retry_after_seconds: Option<u64>,
    /// Whether a new `POST /init` may help.
    #[schema(nullable = false)]
    retry: Option<bool>,
    /// Why a start or a message failed, in a word.
    #[schema(nullable = false)]
    reason: Option<&'static str>,
    /// The message that was written down and failed.
    #[schema(nullable = false)]
    id: Option<&'static str>,
    /// More about a start that failed.
    #[schema(nullable = false)]
    detail: Option<String>,
}

/// What went wrong, as the QR routes say it.
#[derive(Serialize, ToSchema)]
pub(super) struct QrFailure {
    /// For a program to act on.
    error: ErrorCode,
    /// For a person to read.
    message: String,
    /// How the session is that needs no QR.
    #[schema(value_type = Option<words::State>, nullable = false)]
    current_state: Option<&'static str>,
}

/// What went wrong, as WAHA's routes say it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WahaFailure {
    /// The HTTP status again.
    status_code: u16,
    /// The name of the HTTP status.
    error: String,
    /// For a person to read.
    message: String,
    /// For a program to act on.
    code: ErrorCode,
}

/// A session of WAHA's routes is not in the status that is needed.
#[derive(Serialize, ToSchema)]
pub(super) struct WahaUnexpected {
    /// For a person to read.
    error: String,
    /// The session's name.
    session: String,
    /// Its status.
    status: String,
    /// The ones that are needed.
    expected: Vec<String>,
    /// For a program to act on.
    code: ErrorCode,
}

/// How a failure looks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    House,
    Qr,
    Waha,
    Unexpected,
}

impl Shape {
    /// Of this code on this route. What every route has before it looks at anything is the same for all.
    fn of(path: &str, code: ErrorCode) -> &'static [Self] {
        let before = matches!(
            code,
            ErrorCode::HostNotAllowed
                | ErrorCode::OriginNotAllowed
                | ErrorCode::UnsupportedMediaType
                | ErrorCode::PayloadTooLarge
        );
        if before {
            &[Self::House]
        } else if path == "/qr" || path == "/qr-code" {
            match code {
                // Of the body, and of too many wrong keys.
                ErrorCode::InvalidRequest | ErrorCode::RateLimitExceeded => &[Self::House],
                _ => &[Self::Qr],
            }
        } else if path.starts_with("/api/") {
            match code {
                ErrorCode::InternalError
                | ErrorCode::InvalidRequest
                | ErrorCode::RateLimitExceeded => &[Self::Waha, Self::House],
                ErrorCode::NotNow => &[Self::Waha, Self::Unexpected],
                _ => &[Self::Waha],
            }
        } else {
            &[Self::House]
        }
    }

    const fn schema(self) -> &'static str {
        match self {
            Self::House => "Failure",
            Self::Qr => "QrFailure",
            Self::Waha => "WahaFailure",
            Self::Unexpected => "WahaUnexpected",
        }
    }

    /// The field with the code in it.
    const fn field(self) -> &'static str {
        match self {
            Self::Qr => "error",
            Self::House | Self::Waha | Self::Unexpected => "code",
        }
    }

    fn example(self, code: ErrorCode, status: u16, further: &Map<String, Value>) -> Value {
        let message = said(code);
        let mut example = match self {
            Self::House => json!({"error": true, "code": code, "message": message}),
            Self::Qr => json!({"error": code, "message": message}),
            Self::Waha => json!({
                "statusCode": status,
                "error": axum::http::StatusCode::from_u16(status)
                    .ok()
                    .and_then(|status| status.canonical_reason())
                    .unwrap_or_default(),
                "message": message,
                "code": code,
            }),
            Self::Unexpected => json!({
                "error": "Session status is not as expected. Try again later or restart the session",
                "session": "7", "status": "STOPPED", "expected": ["WORKING"], "code": code,
            }),
        };
        if let Value::Object(fields) = &mut example {
            fields.extend(further.clone());
        }
        example
    }
}

/// Failures of one route with one status.
#[derive(Default)]
struct Group {
    codes: BTreeMap<&'static str, (ErrorCode, Map<String, Value>)>,
    shapes: BTreeMap<Shape, Vec<Value>>,
}

/// Takes the named codes off an operation and writes them down as answers. An answer that the handler describes itself
/// stays as it is.
pub(super) fn describe(path: &str, operation: &mut Operation) {
    let mut codes = named(operation);
    codes.extend(EVERYWHERE.map(|code| (code, Map::new())));
    // Those that never need a key say so.
    if operation.security.is_none() {
        codes.extend(LOCKED.map(|code| (code, Map::new())));
    }
    let mut groups: BTreeMap<u16, Group> = BTreeMap::new();
    for (code, further) in codes {
        let status = if path.starts_with("/api/") {
            waha::status(code)
        } else {
            code.status()
        };
        let group = groups.entry(status.as_u16()).or_default();
        if group.codes.contains_key(code.as_str()) {
            continue;
        }
        for &shape in Shape::of(path, code) {
            group.shapes.entry(shape).or_default().push(json!(code));
        }
        group.codes.insert(code.as_str(), (code, further));
    }
    for (status, group) in groups {
        operation
            .responses
            .responses
            .entry(status.to_string())
            .or_insert_with(|| group.answer(path, status).into());
    }
}

/// What the handler names.
fn named(operation: &mut Operation) -> Vec<(ErrorCode, Map<String, Value>)> {
    let Some(extensions) = &mut operation.extensions else {
        return Vec::new();
    };
    let named = extensions.remove(NAMED);
    if extensions.is_empty() {
        operation.extensions = None;
    }
    let Some(Value::Object(named)) = named else {
        return Vec::new();
    };
    named
        .into_iter()
        .filter_map(|(code, further)| {
            let code = serde_json::from_value(Value::String(code)).ok()?;
            let Value::Object(further) = further else {
                return None;
            };
            Some((code, further))
        })
        .collect()
}

/// Before any route: who calls, and what is in the body.
const EVERYWHERE: [ErrorCode; 6] = [
    ErrorCode::HostNotAllowed,
    ErrorCode::OriginNotAllowed,
    ErrorCode::InternalError,
    // Of a body, which may come with any method.
    ErrorCode::InvalidRequest,
    ErrorCode::UnsupportedMediaType,
    ErrorCode::PayloadTooLarge,
];

/// Where a key may be needed. The last one: too many wrong keys from another machine.
const LOCKED: [ErrorCode; 3] = [
    ErrorCode::Unauthorized,
    ErrorCode::Forbidden,
    ErrorCode::RateLimitExceeded,
];

impl Group {
    fn answer(&self, path: &str, status: u16) -> Response {
        let names: Vec<_> = self.codes.keys().map(|code| format!("`{code}`")).collect();
        let mut content = ContentBuilder::new().schema(Some(self.schema()));
        for (name, (code, further)) in &self.codes {
            // The last one is the most telling where there are two.
            let Some(&shape) = Shape::of(path, *code).last() else {
                continue;
            };
            let example = shape.example(*code, status, further);
            content = content
                .examples_from_iter([(*name, ExampleBuilder::new().value(Some(example)).build())]);
        }
        let mut response = ResponseBuilder::new()
            .description(names.join(", "))
            .content("application/json", content.build());
        for (name, text) in self.headers() {
            let header = HeaderBuilder::new()
                .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
                .description(Some(text))
                .build();
            response = response.header(name, header);
        }
        response.build()
    }

    fn schema(&self) -> RefOr<Schema> {
        let mut schemas: Vec<RefOr<Schema>> = self
            .shapes
            .iter()
            .map(|(shape, codes)| narrowed(*shape, codes.clone()))
            .collect();
        if schemas.len() == 1 {
            return schemas.remove(0);
        }
        let mut any = AnyOfBuilder::new();
        for schema in schemas {
            any = any.item(schema);
        }
        any.into()
    }

    fn headers(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let has = |code: ErrorCode| self.codes.contains_key(code.as_str());
        let limited = has(ErrorCode::RateLimitExceeded);
        let later = limited || has(ErrorCode::Overloaded) || has(ErrorCode::TooManyStreams);
        let later = later.then_some(("Retry-After", "When to try again, whole seconds."));
        later
            .into_iter()
            .chain(RATES.into_iter().filter(move |_| limited))
    }
}

/// The headers of routes with a limit.
const RATES: [(&str, &str); 4] = [
    ("RateLimit-Limit", "How many calls a minute may have."),
    ("RateLimit-Remaining", "How many are left."),
    ("RateLimit-Reset", "When there is one more, s."),
    (
        "RateLimit-Policy",
        "The limit and its window, such as `5;w=60`.",
    ),
];

/// A shape that admits these codes only.
fn narrowed(shape: Shape, codes: Vec<Value>) -> RefOr<Schema> {
    let field = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(codes))
        .build();
    AllOfBuilder::new()
        .item(Ref::from_schema_name(shape.schema()))
        .item(ObjectBuilder::new().property(shape.field(), field))
        .into()
}
