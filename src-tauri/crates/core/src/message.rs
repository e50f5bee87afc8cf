//! Messages: what is sent, what becomes of it, and what arrives.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::account::{ChatId, MessageId, MessageText};
use crate::clock::Timestamp;

/// The part of a message's id that its sender chooses: `3EB0` and 20 hexadecimal digits, as WhatsApp Web itself makes
/// them. WhatsApp takes two messages of one account with the same key for the same message, so a message that is sent
/// again with its key arrives once. It says nothing about anybody, and may stand in a URL or a log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MessageKey(String);

/// A text that is not the key of a message that was sent from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the id of a message is 3EB0 and 20 hexadecimal digits")]
pub struct InvalidMessageKey;

impl MessageKey {
    const PREFIX: &'static str = "3EB0";
    const DIGITS: usize = 20;

    /// A key that no other message has.
    pub fn random() -> Self {
        let bytes = crate::random::bytes::<{ Self::DIGITS / 2 }>();
        let number = bytes
            .iter()
            .fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        Self(format!(
            "{}{number:0width$X}",
            Self::PREFIX,
            width = Self::DIGITS
        ))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MessageKey {
    type Err = InvalidMessageKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_key = text.strip_prefix(Self::PREFIX).is_some_and(|digits| {
            digits.len() == Self::DIGITS
                && digits
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'))
        });
        if is_key {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidMessageKey)
        }
    }
}

impl TryFrom<String> for MessageKey {
    type Error = InvalidMessageKey;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<MessageKey> for String {
    fn from(key: MessageKey) -> Self {
        key.0
    }
}

impl fmt::Display for MessageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What kind of media a file is sent as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum MediaKind {
    /// Shown as a picture.
    Image,
    /// Shown as a file.
    Document,
    /// Played as sound.
    Audio,
    /// Played as a film.
    Video,
}

/// A file that is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// What it is sent as.
    pub kind: MediaKind,
    /// Where it lies on this machine.
    pub path: PathBuf,
    /// Its media type, such as `image/png`.
    pub mime: String,
    /// The name that the receiver sees.
    pub name: Option<String>,
    /// The text below it.
    pub caption: Option<MessageText>,
}

/// What a message holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A text.
    Text(MessageText),
    /// A file.
    Media(Media),
}

/// A message to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// What WhatsApp is to know it by.
    pub key: MessageKey,
    /// Where it goes.
    pub chat: ChatId,
    /// What it holds.
    pub content: Content,
}

impl Outgoing {
    /// A new message with a text.
    pub fn text(chat: ChatId, text: MessageText) -> Self {
        Self {
            key: MessageKey::random(),
            chat,
            content: Content::Text(text),
        }
    }
}

/// How far a message has come, as WhatsApp acknowledges it. Later ones imply the earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ack {
    /// WhatsApp's server has it.
    Server,
    /// A device of the receiver has it.
    Device,
    /// It was read, or played.
    Read,
}

impl Ack {
    /// WhatsApp's own number for it; nothing for a message that is still on its way.
    pub const fn from_level(level: u8) -> Option<Self> {
        match level {
            0 => None,
            1 => Some(Self::Server),
            2 => Some(Self::Device),
            _ => Some(Self::Read),
        }
    }
}

/// A message that somebody sent to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// The id WhatsApp knows it by.
    pub id: MessageId,
    /// The chat it came in.
    pub chat: ChatId,
    /// What it is: `text`, `image`, `audio`, `video`, `document`, or WhatsApp's own word for something else.
    pub kind: String,
    /// Its text, or the text below its media.
    pub text: Option<MessageText>,
    /// When it was sent, as WhatsApp says.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_and_are_read_back() {
        let (one, other) = (MessageKey::random(), MessageKey::random());
        assert_ne!(one, other);
        assert_eq!(one.as_str().parse(), Ok(one.clone()));
        for bad in [
            "",
            "3EB0",
            "3EB0AAAAAAAAAAAAAAAAAAA",
            "3EB0AAAAAAAAAAAAAAAAAAAAA",
            "3EB0aaaaaaaaaaaaaaaaaaaa",
            "3EB1AAAAAAAAAAAAAAAAAAAA",
            "3EB0AAAAAAAAAAAAAAAAAA/A",
        ] {
            assert_eq!(bad.parse::<MessageKey>(), Err(InvalidMessageKey), "{bad}");
        }
    }

    #[test]
    fn acknowledgements_only_rise() {
        let levels: Vec<_> = (0..=5).map(Ack::from_level).collect();
        assert!(levels.is_sorted(), "{levels:?}");
        assert_eq!(levels[0], None);
    }
}
