//! The outbox: messages that are on disk before they are answered for, and go out when their session can send.
//!
//! One row a message, by its key. `Sending` is on disk before the page is asked, so that a program that dies in between
//! finds the message again and sends it under the same key, which WhatsApp takes for the same message. One task sends
//! the messages of one cliente, one after another, for as long as there are any.

mod amend;
mod draft;
mod line;
mod media;
mod outcome;
mod pace;
pub(crate) mod port;
mod record;
mod service;
mod status;
mod submit;
mod tally;
mod upkeep;

pub use amend::ChangeError;
pub use draft::{
    Draft, DraftContent, Fingerprint, IdempotencyKey, InvalidIdempotencyKey, InvalidMediaId,
    MediaDraft, MediaId, MediaRecord, MediaSource,
};
pub use media::MediaError;
pub use record::{
    MessageChange, MessageRecord, MessageStep, NewMessage, PendingMessage, QueuedContent,
    QueuedMedia,
};
pub use service::{Outbox, OutboxParts, OutboxPolicy};
pub use status::{FailureCode, MessageKind, MessageStatus};
pub use submit::{NotQueued, NotSent, Wish};
pub use tally::{Latency, Tally};

/// A number from 0 to 1 that nobody can guess.
fn chance() -> f64 {
    f64::from(u32::from_be_bytes(crate::random::bytes())) / f64::from(u32::MAX)
}
