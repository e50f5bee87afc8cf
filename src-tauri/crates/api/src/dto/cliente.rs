//! Clientes and their sessions, as cards show them.

use serde::{Deserialize, Serialize};
use session_core::{BreakerState, Reason, Stage, StateName, Wanted};
use ts_rs::TS;
use utoipa::ToSchema;

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
