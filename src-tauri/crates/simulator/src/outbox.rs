//! What devices have sent. Kept in memory: it is evidence for tests, not a mailbox.

use std::collections::VecDeque;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// The oldest entries go when there are more than this.
const CAPACITY: usize = 20_000;

/// One message that a page tried to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxEntry {
    /// The sending device.
    pub device: String,
    /// Number of the sending account.
    pub from: String,
    /// Receiver, as WhatsApp writes it: `5491155550002@c.us`.
    pub to: String,
    /// `text`, or what kind of media: `image`, `document`, `audio`, `video`, or WhatsApp's word for another.
    pub kind: String,
    /// The text.
    pub text: String,
    /// The media type of its file.
    #[serde(default)]
    pub mime: Option<String>,
    /// The name of its file.
    #[serde(default)]
    pub name: Option<String>,
    /// The text below its file.
    #[serde(default)]
    pub caption: Option<String>,
    /// Bytes of its file that arrived.
    #[serde(default)]
    pub size: Option<u64>,
    /// SHA-256 of those bytes, in hexadecimal.
    #[serde(default)]
    pub sha256: Option<String>,
    /// Id of the message, the last part of the serialized key.
    pub id: String,
    /// How often the page sent this id. More than one is a retry, not a second message.
    pub attempts: u32,
    /// `OK`, or how the last attempt failed.
    pub result: String,
    /// The last ack: -1 failed, 0 none yet, 1 server, 2 device, 3 read, 4 played.
    pub ack: i8,
    /// Every ack with its time.
    pub acks: Vec<AckEntry>,
    /// Milliseconds since 1970 of the first attempt.
    pub at_ms: u64,
}

/// One ack of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AckEntry {
    /// 1 server, 2 device, 3 read.
    pub ack: i8,
    /// Milliseconds since 1970.
    pub at_ms: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Outbox {
    entries: VecDeque<OutboxEntry>,
}

impl Outbox {
    /// Notes an attempt. The same device and id is the same message, as for WhatsApp's servers.
    pub(crate) fn attempt(&mut self, attempt: OutboxEntry) {
        if let Some(entry) = self.find(&attempt.device, &attempt.id) {
            entry.attempts += 1;
            if entry.ack <= 0 {
                entry.ack = attempt.ack;
                entry.result = attempt.result;
            }
            return;
        }
        self.entries.push_back(attempt);
        if self.entries.len() > CAPACITY {
            self.entries.pop_front();
        }
    }

    /// Notes an ack, and says whether it is news. What is not news is ignored.
    pub(crate) fn ack(&mut self, device: &str, id: &str, ack: i8) -> bool {
        match self.find(device, id) {
            Some(entry) if ack > entry.ack => {
                entry.ack = ack;
                entry.acks.push(AckEntry {
                    ack,
                    at_ms: now_ms(),
                });
                true
            }
            _ => false,
        }
    }

    pub(crate) fn find(&mut self, device: &str, id: &str) -> Option<&mut OutboxEntry> {
        self.entries
            .iter_mut()
            .rev()
            .find(|entry| entry.id == id && entry.device == device)
    }

    pub(crate) fn list(&self) -> Vec<OutboxEntry> {
        self.entries.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(id: &str, ack: i8, result: &str) -> OutboxEntry {
        OutboxEntry {
            device: "d".into(),
            from: "5491155550001".into(),
            to: "5491155550002@c.us".into(),
            kind: "text".into(),
            text: "hola".into(),
            mime: None,
            name: None,
            caption: None,
            size: None,
            sha256: None,
            id: id.into(),
            attempts: 1,
            result: result.into(),
            ack,
            acks: Vec::new(),
            at_ms: now_ms(),
        }
    }

    #[test]
    fn a_retry_of_a_failed_id_replaces_the_failure() {
        let mut outbox = Outbox::default();
        outbox.attempt(attempt("A", -1, "ERROR_NETWORK"));
        outbox.attempt(attempt("A", 0, "OK"));
        let entries = outbox.list();
        assert_eq!(entries.len(), 1);
        assert_eq!(
            (
                entries[0].attempts,
                entries[0].ack,
                entries[0].result.as_str()
            ),
            (2, 0, "OK")
        );
    }

    #[test]
    fn acks_only_rise() {
        let mut outbox = Outbox::default();
        outbox.attempt(attempt("A", 0, "OK"));
        for ack in [1, 3, 2, 3] {
            outbox.ack("d", "A", ack);
        }
        let entry = &outbox.list()[0];
        assert_eq!(entry.ack, 3);
        assert_eq!(entry.acks.iter().map(|a| a.ack).collect::<Vec<_>>(), [1, 3]);
        outbox.ack("other", "A", 4);
        assert_eq!(outbox.list()[0].ack, 3);
    }
}
