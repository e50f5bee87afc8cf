//! What is asked and answered about logins of other programs.

use serde::{Deserialize, Serialize};
use session_core::old_login::{OldKind, TakeError};
use ts_rs::TS;

use crate::dto::CommandError;

/// A folder to choose in the system's own dialog.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ChooseFolderArgs {
    /// What was written so far; where that is a path, the dialog begins as near to it as there is a folder.
    pub from: String,
}

/// A folder that was chosen.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ChosenFolderView {
    /// Its whole path; null where the person chose none.
    pub path: Option<String>,
}

/// A folder to look into.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OldFolderArgs {
    /// Its whole path, as people paste it: in quotes or with `~` too.
    pub dir: String,
}

/// What was found in a folder.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct OldFoundView {
    /// The logins.
    pub logins: Vec<OldLoginView>,
    /// Folders that could not be looked into.
    pub unreadable: Vec<String>,
    /// Whether there were more folders than are looked through.
    pub cut_short: bool,
    /// Why the folder could not be looked into at all.
    pub problem: Option<FolderProblem>,
}

/// Why a folder cannot be looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FolderProblem {
    /// The path does not begin at the root.
    NotWhole,
    /// There is none.
    Missing,
    /// It is a file.
    NoFolder,
    /// This user may not read it.
    Forbidden,
    /// The system says no.
    Unreadable,
}

/// A login that was found.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OldLoginView {
    /// Its folder, which names it.
    pub path: String,
    /// Which program saved it.
    pub kind: OldKindView,
    /// What that program called it; empty where it gave it no name.
    pub name: String,
    /// The id that it is to have here.
    #[ts(type = "number")]
    pub id: u64,
    /// Whether it had that id there.
    pub own_id: bool,
    /// Whether a cliente of this id has a login, or runs.
    pub id_taken: bool,
    /// How much there is to copy, bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// When it was last written to, ms since 1970.
    #[ts(type = "number | null")]
    pub last_used: Option<u64>,
    /// Why it cannot be taken over now.
    pub problem: Option<OldProblem>,
}

/// Which program saved a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OldKindView {
    /// The predecessor of this program.
    Service,
    /// whatsapp-web.js with its `LocalAuth`.
    LocalAuth,
}

impl From<OldKind> for OldKindView {
    fn from(kind: OldKind) -> Self {
        match kind {
            OldKind::Service => Self::Service,
            OldKind::LocalAuth => Self::LocalAuth,
        }
    }
}

/// Why a login is not taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OldProblem {
    /// A browser of this machine works on it.
    InUse,
    /// It says that a browser of another machine works on it.
    InUseElsewhere,
    /// It was written to while it was copied.
    Changed,
    /// It is not there any more.
    NotFound,
    /// It holds no login.
    NoLogin,
    /// A cliente of this id has a login, or runs.
    IdTaken,
    /// The disk is too full.
    NoSpace,
    /// Somebody called it off, or the program ends.
    Cancelled,
    /// The system says no.
    Failed,
}

impl From<&TakeError> for OldProblem {
    fn from(error: &TakeError) -> Self {
        match error {
            TakeError::InUse => Self::InUse,
            TakeError::InUseElsewhere => Self::InUseElsewhere,
            TakeError::Changed => Self::Changed,
            TakeError::NotFound => Self::NotFound,
            TakeError::NoLogin => Self::NoLogin,
            TakeError::IdTaken => Self::IdTaken,
            TakeError::NoSpace { .. } => Self::NoSpace,
            TakeError::Cancelled => Self::Cancelled,
            TakeError::Failed(_) => Self::Failed,
        }
    }
}

/// Logins to take over.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TakeArgs {
    /// They; 500 at most.
    pub wanted: Vec<WantedLogin>,
    /// Whether to start each when it is there.
    pub start: bool,
}

/// One of them.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WantedLogin {
    /// Its folder, as it was found.
    pub path: String,
    /// The id that it gets here.
    #[ts(type = "number")]
    pub id: u64,
    /// What to call it, unless the cliente has a name.
    pub name: String,
}

/// What the asker knows of the progress.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct TakeSeen {
    /// The last revision seen; an older one is answered at once.
    pub revision: u32,
}

/// How far the copies are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TakeView {
    /// Counts up with every change.
    pub revision: u32,
    /// Whether something is being copied.
    pub running: bool,
    /// The logins of the last go, in the order in which they are copied.
    pub logins: Vec<TakenView>,
}

/// What became of one login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TakenView {
    /// Its folder, which names it.
    pub path: String,
    /// The id that it gets here.
    #[ts(type = "number")]
    pub id: u64,
    /// What it is to be called.
    pub name: String,
    /// How far it is.
    pub stage: TakeStage,
    /// Bytes that are copied.
    #[ts(type = "number")]
    pub done: u64,
    /// Bytes in all; 0 before its copy begins.
    #[ts(type = "number")]
    pub total: u64,
    /// Why it was not taken over.
    pub problem: Option<OldProblem>,
    /// Why it was taken over and not started.
    pub unstarted: Option<CommandError>,
}

/// How far a login is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TakeStage {
    /// Others are before it.
    Waiting,
    /// It is being copied.
    Copying,
    /// It is here.
    Taken,
    /// It is not.
    NotTaken,
}
