//! What the phone, and the world around it, can do to a device.

use serde::{Deserialize, Serialize};

use crate::Account;

/// Which device is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceSelector {
    /// The identity that the page keeps in its browser's storage.
    Id(String),
    /// Digits of the linked account; the one linked last if there are several.
    Number(String),
    /// The full text of the QR that the device shows now.
    Qr(String),
}

impl std::fmt::Display for DeviceSelector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => write!(f, "id {id}"),
            Self::Number(number) => write!(f, "number {number}"),
            Self::Qr(_) => f.write_str("that QR"),
        }
    }
}

/// One thing to do to a device. In JSON: `{"action":"logout","reason":"account_locked"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum PhoneAction {
    /// Scan whatever code the device shows now.
    Scan {
        /// The phone that scans; the next of the series if missing.
        #[serde(default)]
        account: Option<Account>,
    },
    /// Show the next QR now.
    Rotate,
    /// Stop rotating: the page goes to `UNPAIRED_IDLE` until it asks for a new QR.
    Idle,
    /// Unlink the device from the phone.
    Logout {
        /// WhatsApp's name of the reason; `user_initiated` if missing.
        #[serde(default)]
        reason: Option<String>,
    },
    /// Unlink without telling: the login fails quietly and a QR shows when the page loads next.
    Forget,
    /// Block the account.
    Ban {
        /// Personal or business.
        #[serde(default)]
        kind: BanKind,
    },
    /// Take the block back.
    Unban,
    /// Another browser took the session.
    Conflict,
    /// The network goes away: nothing passes until it returns.
    NetworkDrop,
    /// The network, the proxy or the server answers again.
    NetworkReturn,
    /// The connection is stuck (`TIMEOUT`) until the network returns.
    Timeout,
    /// A proxy is in the way (`PROXYBLOCK`) until the network returns.
    ProxyBlock,
    /// Whether the phone asks for a passkey after the next scans.
    Passkey {
        /// On or off.
        enabled: bool,
    },
    /// The person touched the sensor.
    PasskeyConfirm,
    /// The person refused: back to a QR.
    PasskeyCancel,
    /// Page loads from now on take this much longer to get a QR or a session.
    SlowStart {
        /// Milliseconds; 0 turns it off.
        ms: u64,
    },
    /// The page's renderer is busy and answers nothing.
    Hang {
        /// Milliseconds.
        ms: u64,
    },
    /// The page's renderer dies, by running out of memory.
    Crash,
    /// The page reloads itself.
    Reload,
    /// WhatsApp refuses this version of the page.
    Outdated,
    /// WhatsApp accepts the page again.
    Updated,
    /// The next sends fail.
    FailSends {
        /// How many; 0 turns it off.
        count: u32,
        /// With what result.
        #[serde(default)]
        result: SendFailure,
    },
    /// The next sends are accepted, but their acks stop.
    NeverAck {
        /// How many; 0 turns it off.
        count: u32,
        /// The last ack to arrive: 0 none, 1 server, 2 device.
        #[serde(default)]
        up_to: u8,
    },
    /// Someone writes to the account.
    Incoming {
        /// Number of the sender, digits only.
        from: String,
        /// The text.
        text: String,
        /// Name of the sender.
        #[serde(default)]
        name: Option<String>,
    },
    /// Any message arrives: in a group, from a hidden id, of any kind.
    Arrive {
        /// The chat, as WhatsApp writes it: `5491155550002@c.us`, `…@g.us`, `…@lid`, `status@broadcast`.
        chat: String,
        /// Who wrote it, where the chat does not say.
        #[serde(default)]
        author: Option<String>,
        /// WhatsApp's word for what it is; `chat`, a text, if missing.
        #[serde(default = "text_kind")]
        kind: String,
        /// The text, or the caption.
        #[serde(default)]
        text: String,
    },
    /// A message that was sent is acknowledged now, after its acks stopped.
    Acknowledge {
        /// Id of the message, the last part of the serialized key.
        id: String,
        /// 1 server, 2 device, 3 read, 4 played.
        ack: u8,
    },
    /// The page writes a value to every part of its storage.
    Mark {
        /// 1 to 40 letters, digits and dashes.
        value: String,
    },
    /// An event on the page's backend bus, such as `account_temporarily_banned`.
    BackendEvent {
        /// The event's name.
        name: String,
    },
}

fn text_kind() -> String {
    "chat".to_owned()
}

impl PhoneAction {
    /// The action's name, as in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Scan { .. } => "scan",
            Self::Rotate => "rotate",
            Self::Idle => "idle",
            Self::Logout { .. } => "logout",
            Self::Forget => "forget",
            Self::Ban { .. } => "ban",
            Self::Unban => "unban",
            Self::Conflict => "conflict",
            Self::NetworkDrop => "network_drop",
            Self::NetworkReturn => "network_return",
            Self::Timeout => "timeout",
            Self::ProxyBlock => "proxy_block",
            Self::Passkey { .. } => "passkey",
            Self::PasskeyConfirm => "passkey_confirm",
            Self::PasskeyCancel => "passkey_cancel",
            Self::SlowStart { .. } => "slow_start",
            Self::Hang { .. } => "hang",
            Self::Crash => "crash",
            Self::Reload => "reload",
            Self::Outdated => "outdated",
            Self::Updated => "updated",
            Self::FailSends { .. } => "fail_sends",
            Self::NeverAck { .. } => "never_ack",
            Self::Incoming { .. } => "incoming",
            Self::Arrive { .. } => "arrive",
            Self::Acknowledge { .. } => "acknowledge",
            Self::Mark { .. } => "mark",
            Self::BackendEvent { .. } => "backend_event",
        }
    }
}

/// Which block WhatsApp puts on the account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BanKind {
    /// A personal account.
    #[default]
    TosBlock,
    /// A business account.
    SmbTosBlock,
}

/// How a send fails, in WhatsApp's own words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SendFailure {
    /// The message did not get through.
    #[default]
    ErrorNetwork,
    /// It waited too long.
    ErrorExpired,
    /// It was taken back.
    ErrorCancelled,
    /// Its media did not get through.
    ErrorUpload,
    /// Anything else.
    ErrorUnknown,
}

impl SendFailure {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::ErrorNetwork => "ERROR_NETWORK",
            Self::ErrorExpired => "ERROR_EXPIRED",
            Self::ErrorCancelled => "ERROR_CANCELLED",
            Self::ErrorUpload => "ERROR_UPLOAD",
            Self::ErrorUnknown => "ERROR_UNKNOWN",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_read_as_documented() {
        let read = |text: &str| serde_json::from_str::<PhoneAction>(text);
        assert_eq!(
            read(r#"{"action":"logout"}"#).unwrap(),
            PhoneAction::Logout { reason: None }
        );
        assert_eq!(
            read(r#"{"action":"ban","kind":"SMB_TOS_BLOCK"}"#).unwrap(),
            PhoneAction::Ban {
                kind: BanKind::SmbTosBlock
            }
        );
        assert_eq!(
            read(r#"{"action":"fail_sends","count":2}"#).unwrap(),
            PhoneAction::FailSends {
                count: 2,
                result: SendFailure::ErrorNetwork
            }
        );
        assert!(read(r#"{"action":"explode"}"#).is_err());
        assert!(
            read(r#"{"action":"hang"}"#).is_err(),
            "hang needs a duration"
        );
    }

    #[test]
    fn names_are_those_of_the_json() {
        for action in [
            PhoneAction::Rotate,
            PhoneAction::NetworkDrop,
            PhoneAction::PasskeyConfirm,
            PhoneAction::NeverAck { count: 1, up_to: 0 },
            PhoneAction::Incoming {
                from: "1234567".into(),
                text: "hi".into(),
                name: None,
            },
        ] {
            let json = serde_json::to_value(&action).unwrap();
            assert_eq!(json["action"], action.name());
        }
    }
}
