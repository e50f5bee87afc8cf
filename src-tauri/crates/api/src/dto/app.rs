//! The program itself, the machine it runs on and the desk it sits on.

use serde::{Deserialize, Serialize};
use session_core::DiskState;
use ts_rs::TS;

use super::SettingsView;
use crate::updates::UpdatesView;

/// The program itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each with its own name on the wire"
)]
pub struct AppView {
    /// Version of the program.
    pub version: String,
    /// Whether everything runs against the built-in simulator.
    pub demo: bool,
    /// Whether there is no window.
    pub headless: bool,
    /// The browser found.
    pub browser: BrowserView,
    /// Whether browsers run without their sandbox.
    pub no_sandbox: bool,
    /// The local API.
    pub api: ApiView,
    /// The person's choices.
    pub settings: SettingsView,
    /// Whether the store works; if not, changes are not kept over a restart.
    pub store_ok: bool,
    /// What the machine has left.
    pub resources: ResourcesView,
    /// Newer versions of the program.
    pub updates: UpdatesView,
    /// Where everything is kept.
    pub data_dir: String,
    /// How the program sits on this desk; null without a window.
    pub desk: Option<DeskView>,
    /// Sessions that are being started together, such as after a start of the program; null while there are none.
    pub starting: Option<StartingView>,
    /// The clock of the backend, ms since 1970, so that a page on a PC with another clock counts down right.
    #[ts(type = "number")]
    pub now: u64,
}

/// What the machine has left for browsers. What cannot be told is null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ResourcesView {
    /// Whether there is room on the disk.
    pub disk: DiskState,
    /// Bytes that can still be written where profiles are.
    #[ts(type = "number | null")]
    pub disk_free: Option<u64>,
    /// Browsers that this machine has memory for, those that run included.
    pub fits: Option<u32>,
    /// Browsers that may run at the same time.
    pub limit: u32,
    /// Browsers that run.
    pub running: u32,
    /// Sessions that wait for one to end.
    pub waiting: u32,
}

/// How the program sits on this desk, as the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeskView {
    /// Whether there is a tray to come back from. Without one the window is minimised instead of hidden.
    pub tray: bool,
    /// Whether the program starts with the system; null where that cannot be told.
    pub autostart: Option<bool>,
}

/// Sessions that are being started together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StartingView {
    /// Whether they ran when the program last ended.
    pub restoring: bool,
    /// How many.
    pub total: u32,
    /// How many of them have got somewhere, be it good or bad.
    pub done: u32,
    /// How many of these are connected.
    pub ready: u32,
    /// How many of these need a person.
    pub attention: u32,
}

/// The browser that sessions run in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BrowserView {
    /// Its name and version, if one was found.
    pub name: Option<String>,
    /// Its path, if one was found.
    pub path: Option<String>,
}

/// The local API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ApiView {
    /// Whether it is switched on.
    pub enabled: bool,
    /// The address it has, or is to have.
    pub address: String,
    /// Why it is not listening although it is on.
    pub error: Option<ApiProblem>,
    /// Whether callers need a key: by the settings, by an option, or because other machines can reach it.
    pub key_required: bool,
}

/// Why the local API does not listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApiProblem {
    /// Another program has the port.
    PortTaken,
    /// The system refuses the address.
    AddressRefused,
    /// Other machines can reach the address, and there is no key.
    KeyMissing,
}

/// A place outside the window that can be opened from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The folder with the logs.
    Logs,
    /// The folder with everything.
    Data,
    /// How to get a browser.
    BrowserHelp,
    /// Where the person keeps downloads.
    Downloads,
}
