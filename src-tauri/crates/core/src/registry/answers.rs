//! What comes of the things that can be asked of the registry.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::ports::{CallError, NoWindow, ProfileError, StoreError};
use crate::reason::Reason;
use crate::snapshot::Snapshot;
use crate::state::StateName;

/// A start that was taken.
pub enum Accepted {
    /// It began; the receiver tells how it went.
    Begun(oneshot::Receiver<Result<(), StartError>>),
    /// The session runs already.
    AlreadyRunning,
}

/// What came of a start.
#[derive(Clone, Debug)]
pub enum Started {
    /// The session reached a first definite state.
    Begun(Arc<Snapshot>),
    /// It ran already.
    AlreadyRunning(Arc<Snapshot>),
}

/// Why a session did not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// No such cliente.
    #[error("there is no such cliente")]
    NotFound,
    /// Another start of this cliente is under way.
    #[error("the session is being started already")]
    InProgress,
    /// It failed.
    #[error("the session could not be started: {}", .0.code())]
    Failed(Reason),
    /// It was stopped before it was up.
    #[error("the session was stopped before it was up")]
    Stopped,
    /// The disk is too full for another session.
    #[error("the disk is almost full")]
    DiskFull,
    /// The program is ending.
    #[error("the program is ending")]
    ShuttingDown,
}

/// Why a message was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The session cannot send now.
    #[error("the session is {}", .0.as_str())]
    NotReady(StateName),
    /// WhatsApp refused it or did not answer.
    #[error("send the message: {0}")]
    Call(CallError),
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// No such cliente.
    #[error("there is no such cliente")]
    NotFound,
    /// There is one already.
    #[error("there is a cliente with this id already")]
    Exists,
    /// The state does not allow it.
    #[error("not possible while the session is {}", .0.as_str())]
    NotNow(StateName),
    /// There is nothing to show it on, or with.
    #[error("show the browser: {0}")]
    NoWindow(#[from] NoWindow),
    /// The page did not do it.
    #[error("ask the page: {0}")]
    Call(CallError),
    /// The profile folder.
    #[error("change the saved login: {0}")]
    Profile(#[from] ProfileError),
    /// The store.
    #[error("change the store: {0}")]
    Store(#[from] StoreError),
    /// The program is ending.
    #[error("the program is ending")]
    ShuttingDown,
}
