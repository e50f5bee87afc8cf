//! What page and simulator tell each other: JSON text over one WebSocket.

use serde::{Deserialize, Serialize};

use crate::{Account, BanKind, MarksView, StorageView};

/// Simulator to page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum ToPage {
    /// Show this phase.
    Phase(PagePhase),
    /// Keep this login.
    Linked { account: Account, token: String },
    /// Progress of the synchronisation.
    Progress { percent: u32 },
    /// Throw the login away and say so.
    Logout { reason: String },
    /// Throw the login away quietly.
    Forgotten,
    /// Earlier messages, oldest first.
    History { messages: Vec<WireMessage> },
    /// A new incoming message.
    Message { message: WireMessage },
    /// An ack of 2 or 3.
    Receipt { chat: String, id: String, ack: i8 },
    /// The answer to a request.
    Reply { request: u64, answer: Answer },
    /// The pairing code has expired.
    CodeExpired,
    /// Something only a broken page does.
    Command { command: Command, ms: u64 },
    /// Write this to every part of the storage.
    Mark { value: String },
    /// An event on the backend bus.
    BackendEvent { name: String },
}

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub(crate) enum PagePhase {
    Starting,
    Qr {
        code: String,
        life_ms: u64,
        matrix: Vec<String>,
    },
    Idle,
    Passkey {
        challenge: String,
    },
    Syncing,
    Resuming,
    Main,
    Offline,
    Timeout,
    ProxyBlock,
    Conflict,
    Banned {
        kind: BanKind,
    },
    Outdated,
}

/// Answers to a page's requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Answer {
    /// The server has the message.
    Accepted { at: u64 },
    /// The message failed.
    Failed { result: &'static str },
    /// Not tried: the network was gone. The page keeps the message for when it is back.
    Unsent,
    /// The id WhatsApp has for the number, if it has one.
    Found { wid: Option<String> },
    /// The pairing code.
    Code { code: String },
    /// The request makes no sense now.
    Refused { reason: String },
}

/// What makes a page misbehave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Command {
    Hang,
    Crash,
    Reload,
}

/// A message as both sides know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct WireMessage {
    pub(crate) id: String,
    pub(crate) chat: String,
    pub(crate) from_me: bool,
    /// Who wrote it, in a group.
    pub(crate) author: Option<String>,
    /// WhatsApp's word for what it is: `chat` for a text.
    pub(crate) kind: String,
    pub(crate) text: String,
    /// Seconds since 1970, as WhatsApp counts.
    pub(crate) at: u64,
    pub(crate) ack: i8,
    pub(crate) name: Option<String>,
}

/// The media of a message that a page sends. Its bytes were uploaded before.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct SentMedia {
    /// What the upload was answered with.
    pub(crate) path: String,
    pub(crate) kind: String,
    pub(crate) mime: String,
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) caption: Option<String>,
}

/// Page to simulator, first message.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Hello {
    pub(crate) device: String,
    pub(crate) static_key: String,
    pub(crate) identity_key: String,
    pub(crate) adv_secret: String,
    pub(crate) token: Option<String>,
    pub(crate) storage: StorageView,
    #[serde(default)]
    pub(crate) marks: MarksView,
}

impl Hello {
    /// Identities come from the page's own random generator; anything else is a broken page.
    pub(crate) fn is_sane(&self) -> bool {
        let id = self.device.len() == 32 && self.device.bytes().all(|b| b.is_ascii_hexdigit());
        let keys = [&self.static_key, &self.identity_key, &self.adv_secret];
        id && keys.iter().all(|key| key.len() == 44 && !key.contains(','))
    }
}

/// Page to simulator, afterwards.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum FromPage {
    Send {
        request: u64,
        id: String,
        to: String,
        text: String,
        #[serde(default)]
        media: Option<SentMedia>,
    },
    Query {
        request: u64,
        number: String,
    },
    PairingCode {
        request: u64,
        number: String,
    },
    RefreshQr,
    Logout,
    Takeover,
    Passkey {
        approved: bool,
    },
    Marked {
        marks: MarksView,
    },
}
