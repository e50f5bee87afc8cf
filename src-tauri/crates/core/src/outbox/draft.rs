//! Messages and files as somebody asks for them to be sent.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use super::status::MessageKind;
use crate::account::{ChatId, MessageText};
use crate::clock::Timestamp;
use crate::message::MediaKind;

/// The name of a file that was handed over to be sent: 32 hexadecimal digits that nobody can guess.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaId(String);

/// A text that names no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the id of a file is 32 hexadecimal digits")]
pub struct InvalidMediaId;

impl MediaId {
    const DIGITS: usize = 32;

    /// An id that no other file has.
    pub fn random() -> Self {
        Self(format!(
            "{:032x}",
            u128::from_be_bytes(crate::random::bytes())
        ))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MediaId {
    type Err = InvalidMediaId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_id = text.len() == Self::DIGITS
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_id {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidMediaId)
        }
    }
}

impl fmt::Display for MediaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A file that was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaRecord {
    /// Its name here.
    pub id: MediaId,
    /// Its media type.
    pub mime: String,
    /// The name that its sender gave it.
    pub name: Option<String>,
    /// Bytes.
    pub size: u64,
    /// When it was handed over. 0: copied for one message, and of no use after it.
    pub created: Timestamp,
}

/// Where the file of a message comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaSource {
    /// Handed over before.
    Upload(MediaId),
    /// Lies on this machine, in a folder that was allowed.
    Path(PathBuf),
}

/// A file as somebody asks for it to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaDraft {
    /// Where it comes from.
    pub source: MediaSource,
    /// What it is sent as; nothing: as its media type says.
    pub kind: Option<MediaKind>,
    /// Its media type, where the source has none.
    pub mime: String,
    /// The name that the receiver sees; nothing: its own.
    pub name: Option<String>,
    /// The text below it.
    pub caption: Option<MessageText>,
}

/// What a message is to hold, as somebody asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DraftContent {
    /// A text.
    Text(MessageText),
    /// A file.
    Media(MediaDraft),
}

/// A message as somebody asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Where it goes.
    pub chat: ChatId,
    /// What it holds.
    pub content: DraftContent,
}

/// 32 bytes that stand for something that is not kept itself.
pub type Fingerprint = [u8; 32];

impl Draft {
    /// What tells this message from others: the same for the same chat and content.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hash = Sha256::new();
        // Each part with its length before it, so that nothing can slip from one into the next.
        let mut part = |tag: u8, bytes: &[u8]| {
            hash.update([tag]);
            hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(bytes);
        };
        part(b'c', self.chat.reveal().as_bytes());
        match &self.content {
            DraftContent::Text(text) => part(b't', text.reveal().as_bytes()),
            DraftContent::Media(media) => {
                match &media.source {
                    MediaSource::Upload(id) => part(b'u', id.as_str().as_bytes()),
                    MediaSource::Path(path) => part(b'p', path.as_os_str().as_encoded_bytes()),
                }
                if let Some(kind) = media.kind {
                    part(b'k', MessageKind::from(kind).as_str().as_bytes());
                }
                if let Some(name) = &media.name {
                    part(b'n', name.as_bytes());
                }
                if let Some(caption) = &media.caption {
                    part(b't', caption.reveal().as_bytes());
                }
            }
        }
        hash.finalize().into()
    }
}

/// The word by which a caller knows a request again: 1 to 255 visible ASCII characters. Only its hash is kept, because a
/// caller may have put anything into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(Fingerprint);

/// A text that is no idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key is 1 to 255 visible ASCII characters")]
pub struct InvalidIdempotencyKey;

impl FromStr for IdempotencyKey {
    type Err = InvalidIdempotencyKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(Sha256::digest(text).into()))
        } else {
            Err(InvalidIdempotencyKey)
        }
    }
}

impl IdempotencyKey {
    /// What is kept of it.
    pub const fn fingerprint(&self) -> &Fingerprint {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn draft(chat: &str, text: &str) -> Draft {
        Draft {
            chat: ChatId::parse(chat).unwrap(),
            content: DraftContent::Text(MessageText::new(text.to_owned()).unwrap()),
        }
    }

    #[test]
    fn a_file_is_named_by_its_digits_alone() {
        let id = MediaId::random();
        assert_eq!(id.as_str().parse(), Ok(id.clone()));
        for bad in ["", "../../etc/passwd", &id.as_str()[1..], &"A".repeat(32)] {
            assert_eq!(bad.parse::<MediaId>(), Err(InvalidMediaId));
        }
    }

    #[test]
    fn the_same_message_has_the_same_fingerprint_and_others_do_not() {
        let one = draft("5491155551234", "hola");
        assert_eq!(
            one.fingerprint(),
            draft("+54 9 11 5555-1234", "hola").fingerprint()
        );
        assert_ne!(
            one.fingerprint(),
            draft("5491155551234", "hola ").fingerprint()
        );
        assert_ne!(
            one.fingerprint(),
            draft("5491155551235", "hola").fingerprint()
        );
    }

    proptest! {
        #[test]
        fn an_idempotency_key_is_visible_ascii_and_nothing_else(text in ".{0,300}") {
            let good = !text.is_empty()
                && text.len() <= 255
                && text.chars().all(|c| ('!'..='~').contains(&c));
            prop_assert_eq!(text.parse::<IdempotencyKey>().is_ok(), good);
        }

        #[test]
        fn what_moves_between_parts_changes_the_fingerprint(caption in "[a-z]{1,8}", name in "[a-z]{1,8}") {
            let media = |caption: &str, name: &str| Draft {
                chat: ChatId::parse("5491155551234").unwrap(),
                content: DraftContent::Media(MediaDraft {
                    source: MediaSource::Path("/a".into()),
                    kind: None,
                    mime: "image/png".into(),
                    name: Some(name.to_owned()),
                    caption: MessageText::new(caption.to_owned()),
                }),
            };
            let moved = media(&format!("{caption}x"), &name) ;
            let other = media(&caption, &format!("{name}x"));
            prop_assert_ne!(moved.fingerprint(), other.fingerprint());
        }
    }
}
