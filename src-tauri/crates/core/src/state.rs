//! The states of a session, each with the data that only it has.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::clock::Timestamp;
use crate::qr::LoginCode;
use crate::reason::Reason;

/// The name of a state, as callers of the local API know it. The names are contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum StateName {
    /// No browser.
    NotInitialized,
    /// First start, no saved login.
    Initializing,
    /// A saved login is being loaded.
    Reconnecting,
    /// A code waits to be scanned.
    QrRequired,
    /// Linked and connected.
    Ready,
    /// WhatsApp refused the login.
    AuthFailure,
    /// A loss that is being retried.
    DisconnectedRecoverable,
    /// Unlinked.
    DisconnectedLogout,
    /// Banned.
    DisconnectedBanned,
    /// A technical failure.
    Error,
}

impl StateName {
    /// All ten names.
    pub const ALL: [Self; 10] = [
        Self::NotInitialized,
        Self::Initializing,
        Self::Reconnecting,
        Self::QrRequired,
        Self::Ready,
        Self::AuthFailure,
        Self::DisconnectedRecoverable,
        Self::DisconnectedLogout,
        Self::DisconnectedBanned,
        Self::Error,
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotInitialized => "NOT_INITIALIZED",
            Self::Initializing => "INITIALIZING",
            Self::Reconnecting => "RECONNECTING",
            Self::QrRequired => "QR_REQUIRED",
            Self::Ready => "READY",
            Self::AuthFailure => "AUTH_FAILURE",
            Self::DisconnectedRecoverable => "DISCONNECTED_RECOVERABLE",
            Self::DisconnectedLogout => "DISCONNECTED_LOGOUT",
            Self::DisconnectedBanned => "DISCONNECTED_BANNED",
            Self::Error => "ERROR",
        }
    }

    /// The nearest of WAHA's five words for a session. They say less: whether a person has to do something about a
    /// `STOPPED` or `FAILED` one is only in ours.
    pub const fn waha(self) -> &'static str {
        match self {
            Self::NotInitialized | Self::DisconnectedLogout => "STOPPED",
            Self::Initializing | Self::Reconnecting | Self::DisconnectedRecoverable => "STARTING",
            Self::QrRequired => "SCAN_QR_CODE",
            Self::Ready => "WORKING",
            Self::AuthFailure | Self::DisconnectedBanned | Self::Error => "FAILED",
        }
    }

    /// The name written so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }

    /// Whether messages can be sent.
    pub const fn can_send(self) -> bool {
        matches!(self, Self::Ready)
    }

    /// Whether a person has to scan a code to go on.
    pub const fn needs_qr(self) -> bool {
        matches!(
            self,
            Self::QrRequired | Self::AuthFailure | Self::DisconnectedLogout
        )
    }

    /// Whether waiting is all that is needed.
    pub const fn is_recoverable(self) -> bool {
        matches!(
            self,
            Self::Initializing | Self::Reconnecting | Self::DisconnectedRecoverable
        )
    }
}

/// Where a page is on its way to a definite state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// What is happening.
    pub stage: Stage,
    /// 0 to 100, when the page tells.
    pub percent: Option<u8>,
}

/// A stage of loading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Stage {
    /// Waiting for a free place to start.
    Queued,
    /// The browser is starting.
    #[default]
    Launching,
    /// The page is loading.
    Loading,
    /// The phone accepted the code, and the device is being linked.
    Linking,
    /// Chats are being copied from the phone.
    Syncing,
    /// A copy of the saved login takes the place of one that cannot be used.
    Restoring,
}

/// What a person can link the account with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// WhatsApp has not given a code yet.
    Waiting,
    /// A QR to scan.
    Code {
        /// What the QR says.
        code: LoginCode,
        /// When WhatsApp gave it.
        issued: Timestamp,
        /// When WhatsApp replaces it.
        expires: Timestamp,
    },
    /// The QR stopped rotating; a new one has been asked for.
    Idle,
    /// The phone accepted a code.
    Linking(Progress),
    /// WhatsApp asks for a passkey at the browser.
    Passkey,
}

/// The state of one session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// No session.
    NotInitialized,
    /// First start: no saved login.
    Initializing(Progress),
    /// Start with a saved login.
    Reconnecting(Progress),
    /// Waits for a person.
    QrRequired {
        /// What there is to scan.
        login: Login,
        /// Codes given since the page came up; WhatsApp's first one lives longer than the others.
        codes: u32,
    },
    /// Connected.
    Ready {
        /// Who is linked.
        account: Account,
        /// The socket is not connected, but it is too early to call the session lost.
        losing: Option<Reason>,
    },
    /// Refused.
    AuthFailure,
    /// Lost, and being retried.
    DisconnectedRecoverable {
        /// The try under way or next, from 1.
        attempt: u8,
        /// Whether that try has begun.
        trying: bool,
        /// Who was linked.
        account: Account,
    },
    /// Unlinked.
    DisconnectedLogout {
        /// When the session is cleaned up.
        cleanup_at: Timestamp,
    },
    /// Banned.
    DisconnectedBanned {
        /// When the session is cleaned up.
        cleanup_at: Timestamp,
    },
    /// Failed.
    Error {
        /// The restart that is to come by itself, if there is one.
        restart: Option<Restart>,
    },
}

/// A restart by itself that is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restart {
    /// Which one in a row, from 1.
    pub attempt: u32,
    /// The last one in a row; nothing where it goes on until it works, as without a network.
    pub last: Option<u32>,
    /// When.
    pub at: Timestamp,
}

impl State {
    /// The state's name.
    pub const fn name(&self) -> StateName {
        match self {
            Self::NotInitialized => StateName::NotInitialized,
            Self::Initializing(_) => StateName::Initializing,
            Self::Reconnecting(_) => StateName::Reconnecting,
            Self::QrRequired { .. } => StateName::QrRequired,
            Self::Ready { .. } => StateName::Ready,
            Self::AuthFailure => StateName::AuthFailure,
            Self::DisconnectedRecoverable { .. } => StateName::DisconnectedRecoverable,
            Self::DisconnectedLogout { .. } => StateName::DisconnectedLogout,
            Self::DisconnectedBanned { .. } => StateName::DisconnectedBanned,
            Self::Error { .. } => StateName::Error,
        }
    }

    /// Whether the session is on its way to its first definite state.
    pub const fn is_starting(&self) -> bool {
        matches!(self, Self::Initializing(_) | Self::Reconnecting(_))
    }

    /// Whether a start would begin something here.
    pub(crate) const fn can_start(&self) -> bool {
        self.is_final() || matches!(self, Self::NotInitialized)
    }

    /// Whether nothing goes on here until somebody starts it, or its pause before a restart is over.
    pub const fn is_over(&self) -> bool {
        self.can_start()
    }

    /// Whether only a new start leads out of this state.
    pub const fn is_final(&self) -> bool {
        matches!(
            self,
            Self::AuthFailure
                | Self::DisconnectedLogout { .. }
                | Self::DisconnectedBanned { .. }
                | Self::Error { .. }
        )
    }

    /// Retries made so far, for callers.
    pub const fn attempts(&self) -> u8 {
        match self {
            Self::DisconnectedRecoverable { attempt, .. } => *attempt,
            _ => 0,
        }
    }
}

/// The waits of a session. Everything that times out is written here.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How long a start may take to reach a definite state.
    pub init_timeout: Duration,
    /// How long a connected session may be offline before it counts as lost.
    pub loss_grace: Duration,
    /// The wait before each retry; its length is the number of retries.
    pub backoff: [Duration; 3],
    /// How long one retry may take.
    pub retry_timeout: Duration,
    /// How long LOGOUT and BANNED stay readable before the session is cleaned up.
    pub cleanup_after: Duration,
    /// Life of the first QR after a page load.
    pub first_code_life: Duration,
    /// Life of each further QR.
    pub code_life: Duration,
    /// How long linking may take after the phone accepted the code, while no progress is seen.
    pub linking_timeout: Duration,
    /// How long a send may take, its wait in the line included. Existing callers hang up after 60 s.
    pub send_timeout: Duration,
    /// How long the send of a file may take, its wait in the line included.
    pub media_timeout: Duration,
    /// How long any other call to the page may take.
    pub call_timeout: Duration,
    /// The pause before each restart by itself; the last one also stands for all further ones.
    pub restart_backoff: [Duration; 3],
    /// Restarts by itself within [`Self::restart_window`] before it stays failed.
    pub restarts: u32,
    /// How long a session has to be connected for the pause before its next restart to be the shortest again.
    pub restart_settled: Duration,
    /// How far back restarts count.
    pub restart_window: Duration,
    /// The pause before each restart while there is no network; the last one also stands for all further ones.
    pub offline_backoff: [Duration; 4],
    /// How long WhatsApp's server may take to acknowledge a message.
    pub ack_timeout: Duration,
    /// How soon after connecting a session that tests itself does so.
    pub self_test_first: Duration,
    /// How long after the last acknowledged message a session that tests itself does so again.
    pub self_test_every: Duration,
    /// How long somebody who waits for a start waits for a place.
    pub place_timeout: Duration,
    /// How long a connected session has to be unused before its browser may be closed to make room.
    pub idle_after: Duration,
}

impl Policy {
    /// Retries in a row before giving up.
    pub const MAX_ATTEMPTS: u8 = 3;
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            init_timeout: Duration::from_secs(30),
            loss_grace: Duration::from_secs(4),
            backoff: [
                Duration::from_secs(2),
                Duration::from_secs(8),
                Duration::from_secs(20),
            ],
            retry_timeout: Duration::from_secs(30),
            cleanup_after: Duration::from_secs(60),
            first_code_life: Duration::from_secs(60),
            code_life: Duration::from_secs(20),
            linking_timeout: Duration::from_secs(120),
            send_timeout: Duration::from_secs(50),
            media_timeout: Duration::from_secs(180),
            call_timeout: Duration::from_secs(15),
            restart_backoff: [
                Duration::from_secs(1),
                Duration::from_secs(5),
                Duration::from_secs(20),
            ],
            restarts: 3,
            restart_settled: Duration::from_secs(60),
            restart_window: Duration::from_secs(5 * 60),
            offline_backoff: [
                Duration::from_secs(30),
                Duration::from_secs(60),
                Duration::from_secs(2 * 60),
                Duration::from_secs(5 * 60),
            ],
            ack_timeout: Duration::from_secs(60),
            self_test_first: Duration::from_secs(30),
            self_test_every: Duration::from_secs(6 * 60 * 60),
            place_timeout: Duration::from_secs(15),
            idle_after: Duration::from_secs(60),
        }
    }
}

/// A change of state with its cause, as the timeline keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// From.
    pub from: StateName,
    /// To.
    pub to: StateName,
    /// Why.
    pub reason: Reason,
    /// When.
    pub at: Timestamp,
}
