//! The codes of failures. They are contract: one exhaustive match to an HTTP status, and the UI translates them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What went wrong, for a program to act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
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
    /// A QR is needed, and there is none yet.
    QrNotAvailable,
    /// The session needs no QR.
    QrNotRequired,
    /// No such route.
    NotFound,
    /// The route has no such method.
    MethodNotAllowed,
    /// The `Host` is not this machine.
    HostNotAllowed,
    /// The `Origin` may not call.
    OriginNotAllowed,
    /// The body is not `application/json`.
    UnsupportedMediaType,
    /// The body is larger than 64 KiB.
    PayloadTooLarge,
    /// Too little free disk.
    InsufficientStorage,
    /// No such cliente.
    ClienteNotFound,
    /// The cliente exists already.
    ClienteExists,
    /// The session is in no state for this.
    NotNow,
    /// The saved login could not be deleted.
    DeleteFailed,
    /// The store cannot be read or written.
    StoreUnavailable,
    /// The program is ending.
    ShuttingDown,
    /// Anything unexpected.
    InternalError,
}
