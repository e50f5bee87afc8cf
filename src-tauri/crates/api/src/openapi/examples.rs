//! What answers say, for the examples of failures. The words are those of one route that has the code.

use crate::error::ErrorCode;

/// What an answer with this code says, in an example.
pub(super) const fn said(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::MissingHeader => "X-Cliente-Id header is required",
        ErrorCode::InvalidHeader => "X-Cliente-Id must be a positive integer",
        ErrorCode::InvalidRequest => "The body must be JSON with the texts \"to\" and \"message\"",
        ErrorCode::InitializationInProgress => "Client initialization already in progress",
        ErrorCode::InitializationFailed => {
            "WhatsApp Web could not be loaded - check the network connection and the proxy"
        }
        ErrorCode::SessionNotReady => "WhatsApp session not ready. Current state: QR_REQUIRED",
        ErrorCode::SendFailed => {
            "WhatsApp did not confirm the message in time - it may still arrive"
        }
        ErrorCode::IdempotencyKeyReused => {
            "This Idempotency-Key came with another message before - use a new one for each message"
        }
        ErrorCode::OutboxFull => {
            "As many messages wait as may - try again when some have been sent"
        }
        ErrorCode::MediaNotFound => {
            "There is no such file, or it was taken more than a day ago - send it to POST /media again"
        }
        ErrorCode::MessageNotFound => "There is no such message, or it is older than a week",
        ErrorCode::PathNotAllowed => {
            "The file lies in no folder that was allowed with --media-dir, or is no plain file"
        }
        ErrorCode::QrNotAvailable => "QR code not available yet - try again in a few seconds",
        ErrorCode::QrNotRequired => "QR code not required in the current state",
        ErrorCode::NotFound => "Endpoint not found",
        ErrorCode::MethodNotAllowed => "Method not allowed",
        ErrorCode::HostNotAllowed => "This API answers only to localhost, 127.0.0.1 and [::1]",
        ErrorCode::Unauthorized => {
            "An API key is required - send it as \"Authorization: Bearer\" or \"X-API-Key\""
        }
        ErrorCode::Forbidden => "This API key lacks the scope \"manage\" - use one that has it",
        ErrorCode::KeyNotFound => "there is no such API key",
        ErrorCode::KeyExists => "there is an API key with this name",
        ErrorCode::InvalidOrigin => "this is no origin",
        ErrorCode::WebhookNotFound => "there is no such webhook",
        ErrorCode::PairingRefused => "WhatsApp gives no pairing code for this number",
        ErrorCode::OriginNotAllowed => "This origin is not allowed - list it in ALLOWED_ORIGINS",
        ErrorCode::UnsupportedMediaType => "A body must be application/json",
        ErrorCode::PayloadTooLarge => "The body is larger than 64 KiB",
        ErrorCode::InsufficientStorage => {
            "The disk is almost full - free some space and call POST /init again"
        }
        ErrorCode::ClienteNotFound => {
            "Session not found - the name of a session is the number of a cliente"
        }
        ErrorCode::ClienteExists => "there is a cliente with this number already",
        ErrorCode::NotNow => "the session is in no state for this",
        ErrorCode::NoWindow => "no browser can show a window here",
        ErrorCode::DeleteFailed => "the saved login could not be deleted",
        ErrorCode::AutostartFailed => "the start with the system cannot be changed",
        ErrorCode::BundleFailed => "the support bundle could not be collected",
        ErrorCode::StoreUnavailable => "the database cannot be read or written",
        ErrorCode::CheckFailed | ErrorCode::PageFailed => {
            "WhatsApp Web did not answer in time - try again"
        }
        ErrorCode::TooManyStreams => "Too many event streams are open - close one and try again",
        ErrorCode::RateLimitExceeded => "Too many starts from this address - try again in 42 s",
        ErrorCode::Overloaded => "Too many requests are being answered - try again in a second",
        ErrorCode::TimedOut => {
            "This took too long and may still be under way - look at the state and try again"
        }
        ErrorCode::ShuttingDown => "Session Manager is shutting down",
        ErrorCode::InternalError => "Internal server error",
    }
}
