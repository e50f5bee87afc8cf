//! The control room's wire types. Tauri commands and the local API speak the same ones, and the UI's TypeScript is
//! generated from them.

use serde::{Deserialize, Serialize};
use session_core::{BreakerState, DiskState, Reason, Stage, StateName, Wanted};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::keys::Scope;
use crate::updates::UpdatesView;

/// A cliente with its session, as a card shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ClienteView {
    /// The id.
    #[ts(type = "number")]
    pub id: u64,
    /// What people call it; may be empty.
    pub name: String,
    /// A free remark; may be empty.
    pub note: String,
    /// When it was first seen, ms since 1970.
    #[ts(type = "number")]
    pub created_at: u64,
    /// Whether its session is restored at start.
    pub wanted: Wanted,
    /// The account that is linked, or was last.
    pub account: Option<AccountView>,
    /// Whether a login is saved on disk: the next start needs no scan.
    pub saved_login: bool,
    /// Whether it writes to itself now and then, to know that messages still go out.
    pub self_test: bool,
    /// Its session.
    pub session: SessionView,
}

/// A linked account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AccountView {
    /// Digits with country code.
    pub number: String,
    /// The profile name.
    pub name: Option<String>,
}

/// The session of a cliente at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each with its own name"
)]
pub struct SessionView {
    /// The state's contract name.
    pub state: StateName,
    /// Since when, ms since 1970.
    #[ts(type = "number")]
    pub since: u64,
    /// Why the session is in this state.
    pub reason: Option<Reason>,
    /// What the browser is doing.
    pub browser: BrowserActivity,
    /// How far loading is.
    pub progress: Option<ProgressView>,
    /// The QR that waits, in QR_REQUIRED.
    pub qr: Option<QrView>,
    /// What stands in the way of a QR, in QR_REQUIRED.
    pub login_step: Option<LoginStep>,
    /// Retries made so far.
    pub attempts: u8,
    /// Retries before giving up.
    pub max_attempts: u8,
    /// Whether messages can be sent.
    pub can_send: bool,
    /// Connected, but something is not as it should be.
    pub degraded: Option<Reason>,
    /// When LOGOUT or BANNED is cleaned up, ms since 1970.
    #[ts(type = "number | null")]
    pub cleanup_at: Option<u64>,
    /// Messages sent since the program started.
    pub sent: u32,
    /// Messages that failed since the program started.
    pub failed: u32,
    /// Its browser has, or is about to have, a window.
    pub visible: bool,
    /// WhatsApp asked for a passkey when it was last to be linked, so linking it takes a window.
    pub needs_window: bool,
    /// Process id of its browser.
    pub browser_pid: Option<u32>,
    /// Memory of its browser in bytes, what is shared counted by its share.
    #[ts(type = "number | null")]
    pub memory: Option<u64>,
    /// Of one core, in percent.
    pub cpu: Option<f32>,
    /// In NOT_INITIALIZED: its browser was closed to make room for others; a start or a message wakes it.
    pub hibernated: bool,
    /// In ERROR: it is started again by itself.
    pub restart: Option<RestartView>,
    /// Restarts by itself since the program started.
    pub restarts: u32,
    /// Something that happened and that the person should know of, until dismissed.
    pub notice: Option<Reason>,
    /// What the circuit breaker of calls to the page does.
    pub breaker: BreakerState,
}

/// A restart that is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[schema(as = Restart)]
pub struct RestartView {
    /// Which one in a row, from 1.
    pub attempt: u32,
    /// The last one in a row; null where it goes on until it works, as without a network.
    #[schema(required)]
    pub last: Option<u32>,
    /// When, ms since 1970.
    #[ts(type = "number")]
    pub at: u64,
}

/// What the browser of a session is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BrowserActivity {
    /// There is none.
    None,
    /// Coming up.
    Launching,
    /// Up.
    Running,
    /// Being closed.
    Closing,
}

/// Progress of loading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProgressView {
    /// What is happening.
    pub stage: Stage,
    /// 0 to 100, when known.
    pub percent: Option<u8>,
}

/// A live QR.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QrView {
    /// PNG data URL; null if it could not be drawn.
    pub image: Option<String>,
    /// When WhatsApp gave it, ms since 1970.
    #[ts(type = "number")]
    pub issued_at: u64,
    /// When it expires, ms since 1970.
    #[ts(type = "number")]
    pub expires_at: u64,
}

/// A step of linking in which there is no QR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LoginStep {
    /// No code yet.
    Waiting,
    /// A QR is there.
    Code,
    /// The QR stopped rotating.
    Idle,
    /// The phone accepted the code.
    Linking,
    /// A passkey is asked for at the browser.
    Passkey,
}

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

/// What the person chose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in the settings"
)]
pub struct SettingsView {
    /// The language; null follows the system.
    pub language: Option<Language>,
    /// The theme; null follows the system.
    pub theme: Option<Theme>,
    /// What closing the window does; null asks.
    pub on_close: Option<OnClose>,
    /// Browsers that may run at the same time; null lets the machine's memory decide.
    pub max_browsers: Option<u32>,
    /// Whether callers of the local API need a key; see also the local API's `key_required`.
    pub api_key_required: bool,
    /// Web origins that may call the local API.
    pub allowed_origins: Vec<String>,
    /// Further ones, which an option or the environment lists and the settings cannot change.
    pub fixed_origins: Vec<String>,
    /// Whether messages that come in are told to tools that ask for them.
    pub incoming_messages: bool,
    /// Whether the program asks for newer versions of itself; else it asks nobody.
    pub check_updates: bool,
    /// Whether the window stays away when the program starts with the system.
    pub start_minimized: bool,
    /// What the system's notifications tell.
    pub notifications: Notifications,
}

/// What the system's notifications tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Notifications {
    /// Nothing.
    Off,
    /// Sessions that need a person.
    #[default]
    Problems,
    /// And those that are connected again.
    All,
}

/// A language of the UI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Español.
    Es,
    /// English.
    En,
    /// Português do Brasil.
    Pt,
}

/// A theme of the UI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Light.
    Light,
    /// Dark.
    Dark,
    /// As much contrast as there can be; the system says whether light or dark.
    Contrast,
}

/// What closing the window does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OnClose {
    /// Sessions keep running, the window hides.
    KeepRunning,
    /// Everything ends.
    Quit,
}

/// A change of some settings: a field that is absent stays as it is, and null goes back to the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
#[ts(optional_fields)]
pub struct SettingsPatch {
    /// The language; null follows the system.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub language: Option<Option<Language>>,
    /// The theme; null follows the system.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub theme: Option<Option<Theme>>,
    /// What closing the window does; null asks.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub on_close: Option<Option<OnClose>>,
    /// Browsers that may run at the same time; null lets the machine's memory decide.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub max_browsers: Option<Option<u32>>,
    /// Whether messages that come in are told to tools that ask for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incoming_messages: Option<bool>,
    /// Whether the program asks for newer versions of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check_updates: Option<bool>,
    /// Whether the program starts with the system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autostart: Option<bool>,
    /// Whether the window stays away then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_minimized: Option<bool>,
    /// What the system's notifications tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notifications: Option<Notifications>,
    /// Whether the local API is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_enabled: Option<bool>,
    /// Its port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_port: Option<u16>,
    /// Whether its callers need a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key_required: Option<bool>,
    /// Web origins that may call it, in place of those before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_origins: Option<Vec<String>>,
}

/// Reads a field that is there, be it null; for one that is absent serde takes the default instead.
#[expect(
    clippy::option_option,
    reason = "absent, null and a value are three different wishes"
)]
fn given<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

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

/// A cliente to add.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct NewCliente {
    /// The id; null takes the next free one.
    #[ts(type = "number | null")]
    pub id: Option<u64>,
    /// What people call it.
    pub name: String,
    /// A free remark.
    pub note: String,
    /// Whether to start it at once.
    pub start: bool,
}

/// One line of a cliente's timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TimelineView {
    /// When, ms since 1970.
    #[ts(type = "number")]
    pub at: u64,
    /// The state before.
    pub from: StateName,
    /// The state after.
    pub to: StateName,
    /// Why.
    pub reason: Reason,
}

/// A code that links an account when it is typed on its phone. Worth as much as a QR, so it has no `Debug`.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct PairingCodeView {
    /// As WhatsApp gives it: eight letters and digits, with or without a dash in the middle.
    pub code: String,
}

/// A message that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SentView {
    /// Its id at WhatsApp.
    pub message_id: String,
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

/// A command that failed. The UI translates the code; the message is for a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CommandError {
    /// What failed.
    pub code: crate::error::ErrorCode,
    /// In plain English.
    pub message: String,
    /// The cause, where one is known.
    pub reason: Option<Reason>,
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
