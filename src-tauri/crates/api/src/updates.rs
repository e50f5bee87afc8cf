//! Newer versions of the program, as the control room sees them, and its two commands about them. What asks for them and
//! installs them sits behind [`Host`](crate::Host).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::commands::NoArgs;
use crate::control::ControlRoom;
use crate::dto::CommandError;

/// How this copy of the program gets its updates, and what is known of the next one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UpdatesView {
    /// Who replaces this copy by a newer one.
    pub way: UpdateWay,
    /// How far it is.
    pub state: UpdateState,
}

/// Who replaces a copy of the program by a newer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum UpdateWay {
    /// The program itself, if the person wants that.
    Itself,
    /// The system's package manager, which installed it.
    Packages,
    /// Nobody: it has no window, and whoever runs it so decides when it ends.
    Headless,
    /// Nobody: it was built without an address to ask and a key to check with.
    Nobody,
}

/// What is known of newer versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum UpdateState {
    /// Nobody has asked.
    Unknown,
    /// The server is being asked.
    Checking,
    /// There is none.
    Latest {
        /// When the server said so, ms since 1970.
        #[ts(type = "number")]
        at: u64,
    },
    /// There is one.
    Available {
        /// Which.
        release: ReleaseView,
    },
    /// It is on its way.
    Downloading {
        /// Which.
        release: ReleaseView,
        /// Bytes that have arrived.
        #[ts(type = "number")]
        received: u64,
        /// Bytes in all, if the server told.
        #[ts(type = "number | null")]
        total: Option<u64>,
    },
    /// Its signature was right; sessions are closed and the program starts anew.
    Installing {
        /// Which.
        release: ReleaseView,
    },
    /// It went wrong; nothing was changed.
    Failed {
        /// Why.
        failure: UpdateFailure,
        /// The version that could not be installed; null: the server could not be asked.
        release: Option<ReleaseView>,
    },
}

/// A newer version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReleaseView {
    /// Its number.
    pub version: String,
    /// What is new in it, as plain text.
    pub notes: Option<String>,
}

/// Why an update went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UpdateFailure {
    /// The server could not be reached, or the connection broke.
    Offline,
    /// The server answered something that is no list of releases or no package.
    BadAnswer,
    /// There is a newer version, but not for this system.
    NotForThisSystem,
    /// What arrived was not signed by the people who make the program, or is another version than was announced.
    NotSigned,
    /// The installed program cannot be replaced: no right to write, or no room.
    NotWritable,
    /// Anything else; the log has it.
    Failed,
}

impl ControlRoom {
    /// Asks whether there is a newer version; [`UpdateState`] tells what comes of it.
    pub async fn check_update(&self, NoArgs {}: NoArgs) -> Result<(), CommandError> {
        self.host.check_update().await
    }

    /// Downloads the newer version, checks its signature, closes all sessions and starts it; [`UpdateState`] tells how far it
    /// is.
    pub async fn install_update(&self, NoArgs {}: NoArgs) -> Result<(), CommandError> {
        self.host.install_update().await
    }
}
