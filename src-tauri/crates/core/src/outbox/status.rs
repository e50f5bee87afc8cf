//! How far a message has come, why it failed, and what kind it is.

use serde::{Deserialize, Serialize};

use crate::message::{Ack, Content, MediaKind};

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum MessageStatus {
    /// Written down, and waits for its turn.
    Queued,
    /// WhatsApp Web has been asked to send it, and what comes of it is not known yet.
    Sending,
    /// WhatsApp Web took it.
    Sent,
    /// WhatsApp's server has it.
    ServerAck,
    /// A device of the receiver has it.
    DeviceAck,
    /// It was read, or played.
    Read,
    /// It was not sent and will not be, or nobody knows whether it was.
    Failed,
}

impl MessageStatus {
    /// Every status there is.
    pub const ALL: [Self; 7] = [
        Self::Queued,
        Self::Sending,
        Self::Sent,
        Self::ServerAck,
        Self::DeviceAck,
        Self::Read,
        Self::Failed,
    ];

    /// The name on the wire and on disk.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::ServerAck => "server_ack",
            Self::DeviceAck => "device_ack",
            Self::Read => "read",
            Self::Failed => "failed",
        }
    }

    /// The status written so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether it is still to be sent.
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::Queued | Self::Sending)
    }

    /// Whether WhatsApp took it.
    pub const fn is_sent(self) -> bool {
        !self.is_pending() && !matches!(self, Self::Failed)
    }

    /// What a message may be right before it is this. An acknowledgement is proof, whatever was believed before; so it
    /// follows everything but a higher one.
    pub const fn follows(self) -> &'static [Self] {
        use MessageStatus::{DeviceAck, Failed, Queued, Sending, Sent, ServerAck};
        match self {
            Self::Queued => &[Sending, Failed],
            Self::Sending | Self::Failed => &[Queued, Sending],
            Self::Sent => &[Sending],
            Self::ServerAck => &[Queued, Sending, Sent, Failed],
            Self::DeviceAck => &[Queued, Sending, Sent, ServerAck, Failed],
            Self::Read => &[Queued, Sending, Sent, ServerAck, DeviceAck, Failed],
        }
    }
}

impl From<Ack> for MessageStatus {
    fn from(ack: Ack) -> Self {
        match ack {
            Ack::Server => Self::ServerAck,
            Ack::Device => Self::DeviceAck,
            Ack::Read => Self::Read,
        }
    }
}

/// Why a message failed or was put off: one of the codes below, or WhatsApp's own word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FailureCode(String);

impl FailureCode {
    /// It could not be sent for as long as it was worth sending.
    pub const EXPIRED: &'static str = "EXPIRED";
    /// Somebody took it back.
    pub const CANCELLED: &'static str = "CANCELLED";
    /// It was handed to WhatsApp Web again and again, and nobody knows whether it arrived.
    pub const OUTCOME_UNKNOWN: &'static str = "OUTCOME_UNKNOWN";
    /// What was written down of it cannot be read.
    pub const CONTENT_LOST: &'static str = "CONTENT_LOST";
    /// WhatsApp Web changed and offers no way to send it.
    pub const UNSUPPORTED: &'static str = "UNSUPPORTED";
    /// WhatsApp refused it with a word that may hold anything.
    pub const REFUSED: &'static str = "REFUSED";
    /// Longest word that is kept.
    const LONGEST: usize = 40;

    /// A word, if it is one: letters, digits and `_`, with no room for a number or a piece of a message.
    pub fn of(word: &str) -> Self {
        let is_word = !word.is_empty()
            && word.len() <= Self::LONGEST
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        Self(if is_word { word } else { Self::REFUSED }.to_owned())
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What kind of message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// A text.
    Text,
    /// A picture.
    Image,
    /// A file.
    Document,
    /// Sound.
    Audio,
    /// A film.
    Video,
}

impl MessageKind {
    /// Every kind there is.
    pub const ALL: [Self; 5] = [
        Self::Text,
        Self::Image,
        Self::Document,
        Self::Audio,
        Self::Video,
    ];

    /// The name on the wire and on disk.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Image => "image",
            Self::Document => "document",
            Self::Audio => "audio",
            Self::Video => "video",
        }
    }

    /// The kind written so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// What a file of this kind is sent as; nothing for a text.
    pub const fn media(self) -> Option<MediaKind> {
        match self {
            Self::Text => None,
            Self::Image => Some(MediaKind::Image),
            Self::Document => Some(MediaKind::Document),
            Self::Audio => Some(MediaKind::Audio),
            Self::Video => Some(MediaKind::Video),
        }
    }
}

impl From<MediaKind> for MessageKind {
    fn from(kind: MediaKind) -> Self {
        match kind {
            MediaKind::Image => Self::Image,
            MediaKind::Document => Self::Document,
            MediaKind::Audio => Self::Audio,
            MediaKind::Video => Self::Video,
        }
    }
}

impl From<&Content> for MessageKind {
    fn from(content: &Content) -> Self {
        match content {
            Content::Text(_) => Self::Text,
            Content::Media(media) => media.kind.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_never_goes_back_once_it_was_sent() {
        for to in MessageStatus::ALL {
            for from in to.follows() {
                if from.is_sent() {
                    assert!(to.is_sent(), "{from:?} to {to:?}");
                }
            }
            assert!(!to.follows().contains(&MessageStatus::Read));
        }
    }

    #[test]
    fn names_are_read_back() {
        for status in MessageStatus::ALL {
            assert_eq!(MessageStatus::parse(status.as_str()), Some(status));
        }
        for kind in MessageKind::ALL {
            assert_eq!(MessageKind::parse(kind.as_str()), Some(kind));
            assert_eq!(kind.media().map_or(MessageKind::Text, Into::into), kind);
        }
    }

    #[test]
    fn a_failure_holds_words_only() {
        assert_eq!(FailureCode::of("ERROR_NETWORK").as_str(), "ERROR_NETWORK");
        for telling in [
            "",
            "5491155551234",
            "at /home/ana",
            "no way",
            &"X".repeat(41),
        ] {
            assert_eq!(FailureCode::of(telling).as_str(), FailureCode::REFUSED);
        }
    }
}
