//! What can go wrong, in WAHA's shape.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use session_core::{ClienteId, StateName};

use crate::answer;
use crate::dto::CommandError;
use crate::error::ErrorCode;
use crate::rate::Standing;

pub(super) enum Problem {
    /// A status, and why.
    Failed(StatusCode, ErrorCode, String),
    /// The session is in no state for this.
    Unexpected {
        id: ClienteId,
        state: StateName,
        expected: StateName,
    },
    /// Too many starts, or messages.
    TooMany(Standing, &'static str),
}

#[derive(Serialize)]
struct NotExpected {
    error: &'static str,
    session: String,
    status: &'static str,
    expected: [&'static str; 1],
    code: ErrorCode,
}

/// The status that goes with a code here: WAHA has one for "not in this state".
pub(crate) const fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::NotNow | ErrorCode::ClienteExists | ErrorCode::SessionNotReady => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        code => code.status(),
    }
}

impl Problem {
    pub(super) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::Failed(status(code), code, message.into())
    }

    pub(super) fn unusable(message: &str) -> Self {
        Self::new(ErrorCode::InvalidRequest, message)
    }

    pub(super) fn not_found() -> Self {
        Self::new(
            ErrorCode::ClienteNotFound,
            "Session not found - the name of a session is the number of a cliente",
        )
    }
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        Self::new(error.code, error.message)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        match self {
            Self::Failed(status, code, message) => answer::waha_error(status, code, &message),
            Self::Unexpected {
                id,
                state,
                expected,
            } => {
                let body = NotExpected {
                    error: "Session status is not as expected. Try again later or restart the session",
                    session: id.to_string(),
                    status: state.waha(),
                    expected: [expected.waha()],
                    code: ErrorCode::NotNow,
                };
                let response = answer::json(StatusCode::UNPROCESSABLE_ENTITY, &body);
                answer::marked(ErrorCode::NotNow, response)
            }
            Self::TooMany(standing, what) => standing.refuse(what),
        }
    }
}
