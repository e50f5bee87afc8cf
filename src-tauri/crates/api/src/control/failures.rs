//! What the core says of a failure, in the words of the contract.

use session_core::{NotSent, SendError, StartError};

use crate::advice;
use crate::dto::CommandError;
use crate::error::ErrorCode;

impl CommandError {
    /// A failure without a known cause.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            reason: None,
        }
    }
}

impl From<session_core::CommandError> for CommandError {
    fn from(error: session_core::CommandError) -> Self {
        use session_core::CommandError as Core;
        let code = match &error {
            Core::NotFound => ErrorCode::ClienteNotFound,
            Core::Exists => ErrorCode::ClienteExists,
            Core::NotNow(_) => ErrorCode::NotNow,
            Core::NoWindow(_) => ErrorCode::NoWindow,
            Core::Call(_) => ErrorCode::PageFailed,
            Core::Profile(_) => ErrorCode::DeleteFailed,
            Core::Store(_) => ErrorCode::StoreUnavailable,
            Core::ShuttingDown => ErrorCode::ShuttingDown,
        };
        // What the system or the page said may hold a path or worse: it is in the log, not in the answer.
        let message = match &error {
            Core::NotFound | Core::Exists | Core::NotNow(_) | Core::ShuttingDown => {
                error.to_string()
            }
            Core::NoWindow(why) => advice::window(*why).to_owned(),
            Core::Call(call) => advice::call(call),
            Core::Profile(_) => {
                "the saved login could not be deleted - close whatever uses its folder and try again"
                    .to_owned()
            }
            Core::Store(_) => {
                "the database cannot be read or written - check the data folder and the free disk space"
                    .to_owned()
            }
        };
        Self::new(code, message)
    }
}

impl From<StartError> for CommandError {
    fn from(error: StartError) -> Self {
        let (code, reason) = match error {
            StartError::NotFound => (ErrorCode::ClienteNotFound, None),
            StartError::InProgress => (ErrorCode::InitializationInProgress, None),
            StartError::Failed(reason) => (ErrorCode::InitializationFailed, Some(reason)),
            StartError::Stopped => (ErrorCode::InitializationFailed, None),
            StartError::DiskFull => (ErrorCode::InsufficientStorage, None),
            StartError::ShuttingDown => (ErrorCode::ShuttingDown, None),
        };
        Self {
            code,
            message: advice::start(error).to_owned(),
            reason,
        }
    }
}

impl From<SendError> for CommandError {
    fn from(error: SendError) -> Self {
        let code = match &error {
            SendError::NotReady(_) => ErrorCode::SessionNotReady,
            SendError::Call(_) => ErrorCode::SendFailed,
        };
        Self::new(code, advice::send(&error))
    }
}

impl From<NotSent> for CommandError {
    fn from(error: NotSent) -> Self {
        match error {
            NotSent::Send(error) => error.into(),
            NotSent::Paced(wait) => Self::new(
                ErrorCode::RateLimitExceeded,
                advice::paced(crate::rate::whole_seconds(wait)),
            ),
            // A text has no file.
            NotSent::Media(error) => {
                tracing::error!(%error, "a text was refused for its file");
                Self::new(ErrorCode::InternalError, "the message could not be sent")
            }
        }
    }
}
