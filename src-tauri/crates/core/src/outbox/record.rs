//! What is written down of a message.

use std::time::Duration;

use super::draft::{Fingerprint, IdempotencyKey, MediaId, MediaRecord};
use super::status::{FailureCode, MessageKind, MessageStatus};
use crate::account::{ChatId, MessageId, MessageText};
use crate::cliente::ClienteId;
use crate::clock::Timestamp;
use crate::message::{MediaKind, MessageKey};

/// The file of a message that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedMedia {
    /// The file.
    pub id: MediaId,
    /// What it is sent as.
    pub kind: MediaKind,
    /// Its media type.
    pub mime: String,
    /// The name that the receiver sees.
    pub name: Option<String>,
    /// Written down together with the message, when it was copied for it.
    pub copied: Option<MediaRecord>,
}

/// What a message that waits holds. It is erased when the message has been sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedContent {
    /// Where it goes.
    pub chat: ChatId,
    /// Its text, or the text below its file.
    pub text: Option<MessageText>,
    /// Its file.
    pub media: Option<QueuedMedia>,
}

impl QueuedContent {
    /// What kind of message it makes.
    pub fn kind(&self) -> MessageKind {
        self.media
            .as_ref()
            .map_or(MessageKind::Text, |media| media.kind.into())
    }
}

/// A message that is written down for the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// Its key.
    pub key: MessageKey,
    /// Who sends it.
    pub cliente: ClienteId,
    /// By what the caller knows it again.
    pub idempotency: Option<IdempotencyKey>,
    /// What tells it from others.
    pub fingerprint: Fingerprint,
    /// What it is.
    pub kind: MessageKind,
    /// Where it goes, masked.
    pub to: String,
    /// What it holds; nothing when it was sent before it was written down.
    pub content: Option<QueuedContent>,
    /// The id that WhatsApp gave it, when it was sent before it was written down.
    pub sent: Option<MessageId>,
    /// When it came.
    pub created: Timestamp,
    /// When it is no longer worth sending.
    pub expires: Timestamp,
}

/// What is known of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    /// Its key.
    pub key: MessageKey,
    /// Who sends it.
    pub cliente: ClienteId,
    /// How far it has come.
    pub status: MessageStatus,
    /// Why it failed or was put off last.
    pub reason: Option<FailureCode>,
    /// What it is.
    pub kind: MessageKind,
    /// Where it goes, masked.
    pub to: String,
    /// The id that WhatsApp gave it.
    pub message_id: Option<MessageId>,
    /// How often WhatsApp Web was asked to send it.
    pub attempts: u32,
    /// When it came.
    pub created: Timestamp,
    /// When its status last changed.
    pub updated: Timestamp,
    /// When it is no longer worth sending.
    pub expires: Timestamp,
    /// What tells it from others.
    pub fingerprint: Fingerprint,
    /// Whether what it holds is still kept.
    pub content_kept: bool,
}

/// The next message of a cliente.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingMessage {
    /// Its key.
    pub key: MessageKey,
    /// `Queued` or `Sending`.
    pub status: MessageStatus,
    /// How often WhatsApp Web was asked to send it.
    pub attempts: u32,
    /// When it is no longer worth sending.
    pub expires: Timestamp,
    /// What it holds; nothing if that cannot be read.
    pub content: Option<QueuedContent>,
}

/// A change of a message that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageStep {
    /// Which one.
    pub key: MessageKey,
    /// What it has to be for this to happen.
    pub from: &'static [MessageStatus],
    /// What it is afterwards.
    pub to: MessageStatus,
    /// Why it failed or is put off.
    pub reason: Option<FailureCode>,
    /// The id that WhatsApp gave it.
    pub message_id: Option<MessageId>,
    /// Until when it is worth sending from now on, if that changes.
    pub expires: Option<Timestamp>,
    /// Whether it goes to the end of the line.
    pub requeue: bool,
    /// When.
    pub at: Timestamp,
}

impl MessageStep {
    /// A message becomes this.
    pub fn new(key: MessageKey, to: MessageStatus, at: Timestamp) -> Self {
        Self {
            key,
            from: to.follows(),
            to,
            reason: None,
            message_id: None,
            expires: None,
            requeue: false,
            at,
        }
    }

    /// A message fails.
    pub fn failed(key: MessageKey, code: &str, at: Timestamp) -> Self {
        Self {
            reason: Some(FailureCode::of(code)),
            ..Self::new(key, MessageStatus::Failed, at)
        }
    }

    /// Whether what the message holds is erased by this: once WhatsApp has it, or nobody wants it sent.
    pub fn erases(&self) -> bool {
        self.to.is_sent()
            || self
                .reason
                .as_ref()
                .is_some_and(|reason| reason.as_str() == FailureCode::CANCELLED)
    }
}

/// A message changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageChange {
    /// Who sends it.
    pub cliente: ClienteId,
    /// Its key.
    pub key: MessageKey,
    /// What it was; nothing for a new one.
    pub previous: Option<MessageStatus>,
    /// What it is.
    pub status: MessageStatus,
    /// Why it failed or was put off.
    pub reason: Option<FailureCode>,
    /// When.
    pub at: Timestamp,
    /// How long it had been what it was.
    pub after: Duration,
}
