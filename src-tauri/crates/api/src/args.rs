//! What the control room's commands take, the same over IPC and over HTTP.

use serde::{Deserialize, Serialize};

use crate::dto::{OnClose, PhoneAction, Place};

/// A command that takes nothing.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoArgs {}

/// A command about one cliente.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdArgs {
    /// Which.
    pub id: u64,
}

/// What to call a cliente.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DescribeArgs {
    /// Which.
    pub id: u64,
    /// The new name.
    pub name: String,
    /// The new remark.
    pub note: String,
}

/// A session to end.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestroyArgs {
    /// Which.
    pub id: u64,
    /// Whether to delete the login and the cliente too.
    pub forget: bool,
}

/// A message to send.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendArgs {
    /// Which.
    pub id: u64,
    /// The recipient.
    pub to: String,
    /// The text.
    pub text: String,
}

/// A timeline to read.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimelineArgs {
    /// Which.
    pub id: u64,
    /// How many changes at most.
    pub limit: u32,
}

/// A place to open.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceArgs {
    /// Which.
    pub place: Place,
}

/// What closing the window is to do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseArgs {
    /// The choice; null goes back to the window.
    pub choice: Option<OnClose>,
    /// Whether to do the same from now on without asking.
    pub remember: bool,
}

/// What the simulated phone is to do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhoneArgs {
    /// Whose phone.
    pub id: u64,
    /// What.
    pub action: PhoneAction,
}
