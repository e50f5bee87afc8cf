//! The control room's wire types. Tauri commands and the local API speak the same ones, and the UI's TypeScript is
//! generated from them.

mod app;
mod cliente;
mod settings;

pub use app::{
    ApiProblem, ApiView, AppView, BrowserView, DeskView, Place, ResourcesView, StartingView,
};
pub use cliente::{
    AccountView, BrowserActivity, ClienteView, LoginStep, NewCliente, PairingCodeView,
    ProgressView, QrView, RestartView, SentView, SessionView, TimelineView,
};
pub use settings::{Language, Notifications, OnClose, SettingsPatch, SettingsView, Theme};

use serde::{Deserialize, Serialize};
use session_core::Reason;
use ts_rs::TS;

use crate::error::ErrorCode;
use crate::keys::Scope;

/// Everything at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Snapshot {
    /// The program.
    pub app: AppView,
    /// All known clientes, by id.
    pub clientes: Vec<ClienteView>,
}

/// What the control room is told as it happens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ControlEvent {
    /// The first event, and again after a reader fell behind.
    Snapshot(Snapshot),
    /// A cliente is new or changed.
    Cliente(ClienteView),
    /// A cliente is gone.
    ClienteRemoved {
        /// Which.
        #[ts(type = "number")]
        id: u64,
    },
    /// The program changed.
    App(AppView),
    /// The person asked to close the window, and has not chosen yet what that means.
    CloseRequested,
    /// The person asked for this cliente outside of the window: it is to be found in it.
    ShowCliente {
        /// Which.
        #[ts(type = "number")]
        id: u64,
    },
    /// The program ends: sessions are being closed.
    Ending,
    /// The local API was called. Which calls these were is asked for by whoever shows them.
    Calls {
        /// The id of the newest one.
        #[ts(type = "number")]
        last: u64,
    },
}

/// A command that failed. The UI translates the code; the message is for a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CommandError {
    /// What failed.
    pub code: ErrorCode,
    /// In plain English.
    pub message: String,
    /// The cause, where one is known.
    pub reason: Option<Reason>,
}

/// An API key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KeyView {
    /// What tells it from others.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was created or last rotated, ms since 1970.
    #[ts(type = "number")]
    pub created_at: u64,
    /// The day on which it was last used (UTC), ms since 1970 at its beginning.
    #[ts(type = "number | null")]
    pub last_used: Option<u64>,
}

/// A key that is new or was rotated. This is the only time that its secret is told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NewKeyView {
    /// The key.
    pub key: KeyView,
    /// What its holder sends.
    pub secret: String,
}

/// What the simulated phone can do, in demo mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PhoneAction {
    /// Scan the QR that shows.
    Scan,
    /// Type the pairing code that was asked for last.
    TypeCode,
    /// Have the QR replaced at once.
    Rotate,
    /// Stop rotating the QR.
    Idle,
    /// Unlink the device.
    LogOut,
    /// Ban the number.
    Ban,
    /// Open the session elsewhere.
    Conflict,
    /// Lose the network.
    DropNetwork,
    /// Get the network back.
    RestoreNetwork,
    /// Crash the page.
    CrashPage,
    /// Send a message to the linked device.
    Message,
    /// Let the next send fail.
    FailNextSend,
    /// Ask for a passkey at the next scan.
    AskPasskey,
    /// Touch the sensor that the passkey is asked from.
    ConfirmPasskey,
    /// Refuse this version of the page.
    OutdatedVersion,
}
