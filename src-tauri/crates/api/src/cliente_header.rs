//! The header that names the cliente of a request.

use axum::http::HeaderMap;
use axum::response::Response;
use session_core::ClienteId;

use crate::answer;
use crate::error::ErrorCode;

/// The header's name.
const NAME: &str = "x-cliente-id";

/// A header that names no cliente.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeaderError {
    Missing,
    Invalid,
}

impl HeaderError {
    /// The answer of most routes.
    pub(crate) fn answer(self) -> Response {
        answer::error(self.code(), self.message())
    }

    /// The answer of the QR routes.
    pub(crate) fn qr_answer(self) -> Response {
        answer::qr_error(self.code(), self.message())
    }

    const fn code(self) -> ErrorCode {
        match self {
            Self::Missing => ErrorCode::MissingHeader,
            Self::Invalid => ErrorCode::InvalidHeader,
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::Missing => "X-Cliente-Id header is required",
            Self::Invalid => "X-Cliente-Id must be a positive integer",
        }
    }
}

/// Reads the header. Strict: a repeated one, a sign, a fraction and trailing letters are all invalid.
pub(crate) fn read(headers: &HeaderMap) -> Result<ClienteId, HeaderError> {
    let mut values = headers.get_all(NAME).iter();
    let value = values.next().ok_or(HeaderError::Missing)?;
    if values.next().is_some() {
        return Err(HeaderError::Invalid);
    }
    value
        .to_str()
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or(HeaderError::Invalid)
}
