//! The codes of failures. They are contract: one exhaustive match to an HTTP status, and the UI translates them.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// What went wrong, for a program to act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// No `X-Cliente-Id`.
    MissingHeader,
    /// `X-Cliente-Id` is no positive integer.
    InvalidHeader,
    /// The body or an argument cannot be used.
    InvalidRequest,
    /// Another start of this cliente is under way.
    InitializationInProgress,
    /// The start failed.
    InitializationFailed,
    /// The session cannot send now.
    SessionNotReady,
    /// WhatsApp refused the message or did not answer.
    SendFailed,
    /// The idempotency key came with another message before.
    IdempotencyKeyReused,
    /// As many messages wait as may.
    OutboxFull,
    /// WhatsApp did not say whether it knows the number.
    CheckFailed,
    /// A QR is needed, and there is none yet.
    QrNotAvailable,
    /// The session needs no QR.
    QrNotRequired,
    /// No such route.
    NotFound,
    /// No such file.
    MediaNotFound,
    /// No such message.
    MessageNotFound,
    /// The route has no such method.
    MethodNotAllowed,
    /// The `Host` is not this machine.
    HostNotAllowed,
    /// The `Origin` may not call.
    OriginNotAllowed,
    /// A key is needed, or the one that was sent is not valid.
    Unauthorized,
    /// The key may not do this.
    Forbidden,
    /// No such API key.
    KeyNotFound,
    /// There is an API key with this name.
    KeyExists,
    /// A listed origin is none.
    InvalidOrigin,
    /// The file lies in no folder that was allowed.
    PathNotAllowed,
    /// The body is of a kind that the route does not take.
    UnsupportedMediaType,
    /// The body or the file is too large.
    PayloadTooLarge,
    /// Too little free disk.
    InsufficientStorage,
    /// No such cliente.
    ClienteNotFound,
    /// The cliente exists already.
    ClienteExists,
    /// No such webhook.
    WebhookNotFound,
    /// The session is in no state for this.
    NotNow,
    /// No browser can show a window here.
    NoWindow,
    /// The saved login could not be deleted.
    DeleteFailed,
    /// The system did not take over whether the program starts with it.
    AutostartFailed,
    /// The support bundle could not be written.
    BundleFailed,
    /// The store cannot be read or written.
    StoreUnavailable,
    /// WhatsApp Web refused or did not answer.
    PageFailed,
    /// WhatsApp gives no pairing code for this number.
    PairingRefused,
    /// As many event streams are open as there may be.
    TooManyStreams,
    /// More calls in a minute than the limit.
    RateLimitExceeded,
    /// As many requests are being answered as there may be.
    Overloaded,
    /// There was no answer in time.
    TimedOut,
    /// The program is ending.
    ShuttingDown,
    /// Anything unexpected.
    InternalError,
}

impl ErrorCode {
    /// Every code there is.
    pub const ALL: [Self; 44] = [
        Self::MissingHeader,
        Self::InvalidHeader,
        Self::InvalidRequest,
        Self::InitializationInProgress,
        Self::InitializationFailed,
        Self::SessionNotReady,
        Self::SendFailed,
        Self::IdempotencyKeyReused,
        Self::OutboxFull,
        Self::CheckFailed,
        Self::QrNotAvailable,
        Self::QrNotRequired,
        Self::NotFound,
        Self::MediaNotFound,
        Self::MessageNotFound,
        Self::MethodNotAllowed,
        Self::HostNotAllowed,
        Self::OriginNotAllowed,
        Self::Unauthorized,
        Self::Forbidden,
        Self::KeyNotFound,
        Self::KeyExists,
        Self::InvalidOrigin,
        Self::PathNotAllowed,
        Self::UnsupportedMediaType,
        Self::PayloadTooLarge,
        Self::InsufficientStorage,
        Self::ClienteNotFound,
        Self::ClienteExists,
        Self::WebhookNotFound,
        Self::NotNow,
        Self::NoWindow,
        Self::DeleteFailed,
        Self::AutostartFailed,
        Self::BundleFailed,
        Self::StoreUnavailable,
        Self::PageFailed,
        Self::PairingRefused,
        Self::TooManyStreams,
        Self::RateLimitExceeded,
        Self::Overloaded,
        Self::TimedOut,
        Self::ShuttingDown,
        Self::InternalError,
    ];

    /// The code on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingHeader => "MISSING_HEADER",
            Self::InvalidHeader => "INVALID_HEADER",
            Self::InvalidRequest => "INVALID_REQUEST",
            Self::InitializationInProgress => "INITIALIZATION_IN_PROGRESS",
            Self::InitializationFailed => "INITIALIZATION_FAILED",
            Self::SessionNotReady => "SESSION_NOT_READY",
            Self::SendFailed => "SEND_FAILED",
            Self::IdempotencyKeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::OutboxFull => "OUTBOX_FULL",
            Self::CheckFailed => "CHECK_FAILED",
            Self::QrNotAvailable => "QR_NOT_AVAILABLE",
            Self::QrNotRequired => "QR_NOT_REQUIRED",
            Self::NotFound => "NOT_FOUND",
            Self::MediaNotFound => "MEDIA_NOT_FOUND",
            Self::MessageNotFound => "MESSAGE_NOT_FOUND",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::HostNotAllowed => "HOST_NOT_ALLOWED",
            Self::OriginNotAllowed => "ORIGIN_NOT_ALLOWED",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::Forbidden => "FORBIDDEN",
            Self::KeyNotFound => "KEY_NOT_FOUND",
            Self::KeyExists => "KEY_EXISTS",
            Self::InvalidOrigin => "INVALID_ORIGIN",
            Self::PathNotAllowed => "PATH_NOT_ALLOWED",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::PayloadTooLarge => "PAYLOAD_TOO_LARGE",
            Self::InsufficientStorage => "INSUFFICIENT_STORAGE",
            Self::ClienteNotFound => "CLIENTE_NOT_FOUND",
            Self::ClienteExists => "CLIENTE_EXISTS",
            Self::WebhookNotFound => "WEBHOOK_NOT_FOUND",
            Self::NotNow => "NOT_NOW",
            Self::NoWindow => "NO_WINDOW",
            Self::DeleteFailed => "DELETE_FAILED",
            Self::AutostartFailed => "AUTOSTART_FAILED",
            Self::BundleFailed => "BUNDLE_FAILED",
            Self::StoreUnavailable => "STORE_UNAVAILABLE",
            Self::PageFailed => "PAGE_FAILED",
            Self::PairingRefused => "PAIRING_REFUSED",
            Self::TooManyStreams => "TOO_MANY_STREAMS",
            Self::RateLimitExceeded => "RATE_LIMIT_EXCEEDED",
            Self::Overloaded => "OVERLOADED",
            Self::TimedOut => "TIMED_OUT",
            Self::ShuttingDown => "SHUTTING_DOWN",
            Self::InternalError => "INTERNAL_ERROR",
        }
    }

    /// The HTTP status that goes with it. Contract.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::MissingHeader
            | Self::InvalidHeader
            | Self::InvalidRequest
            | Self::InvalidOrigin => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::HostNotAllowed
            | Self::OriginNotAllowed
            | Self::Forbidden
            | Self::PathNotAllowed => StatusCode::FORBIDDEN,
            Self::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::QrNotAvailable
            | Self::NotFound
            | Self::MessageNotFound
            | Self::MediaNotFound
            | Self::KeyNotFound
            | Self::WebhookNotFound
            | Self::ClienteNotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::InitializationInProgress
            | Self::SessionNotReady
            | Self::QrNotRequired
            | Self::ClienteExists
            | Self::KeyExists
            | Self::NotNow
            | Self::NoWindow => StatusCode::CONFLICT,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::InitializationFailed
            | Self::SendFailed
            | Self::CheckFailed
            | Self::DeleteFailed
            | Self::AutostartFailed
            | Self::BundleFailed
            | Self::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::PageFailed | Self::PairingRefused => StatusCode::BAD_GATEWAY,
            Self::StoreUnavailable
            | Self::OutboxFull
            | Self::TooManyStreams
            | Self::Overloaded
            | Self::ShuttingDown => StatusCode::SERVICE_UNAVAILABLE,
            Self::RateLimitExceeded => StatusCode::TOO_MANY_REQUESTS,
            Self::TimedOut => StatusCode::GATEWAY_TIMEOUT,
            Self::InsufficientStorage => StatusCode::INSUFFICIENT_STORAGE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_one_on_the_wire() {
        for code in ErrorCode::ALL {
            let json = serde_json::to_string(&code).unwrap();
            assert_eq!(json, format!("\"{}\"", code.as_str()));
        }
    }
}
