//! Numbers of the outbox, for a monitor.

use std::time::Duration;

use super::{MessageChange, MessageStatus};

/// What the outbox holds, and what went through it since the program started.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// Messages that wait for their turn.
    pub queued: u64,
    /// Messages of which nobody knows yet what came of them.
    pub sending: u64,
    /// Messages that WhatsApp took.
    pub sent: u64,
    /// Messages that failed for good.
    pub failed: u64,
    /// How long WhatsApp's server took to acknowledge those that were sent.
    pub acknowledged: Latency,
}

/// How long something took, counted by bounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Latency {
    /// How many took so long at most and longer than the bound before, s. See [`Latency::BOUNDS`].
    pub counts: [u64; Latency::BOUNDS.len() + 1],
    /// All times together, s.
    pub sum: f64,
}

impl Latency {
    /// The bounds, s; what takes longer than the last one is counted behind them.
    pub const BOUNDS: [f64; 9] = [0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

    /// How many there were.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    fn add(&mut self, took: Duration) {
        let took = took.as_secs_f64();
        let place = Self::BOUNDS.partition_point(|bound| *bound < took);
        self.counts[place] += 1;
        self.sum += took;
    }
}

impl Tally {
    /// Takes in a change.
    pub(super) fn note(&mut self, change: &MessageChange) {
        if Some(change.status) == change.previous {
            return;
        }
        if let Some(previous) = change.previous {
            if let Some(count) = self.waiting(previous) {
                *count = count.saturating_sub(1);
            }
            if previous.is_pending() && change.status.is_sent() {
                self.sent += 1;
            }
        }
        if let Some(count) = self.waiting(change.status) {
            *count += 1;
        }
        match (change.previous, change.status) {
            (_, MessageStatus::Failed) => self.failed += 1,
            (Some(MessageStatus::Sent), MessageStatus::ServerAck) => {
                self.acknowledged.add(change.after);
            }
            // It was acknowledged before the page said that it took it.
            (Some(MessageStatus::Sending), MessageStatus::ServerAck) => {
                self.acknowledged.add(Duration::ZERO);
            }
            _ => {}
        }
    }

    fn waiting(&mut self, status: MessageStatus) -> Option<&mut u64> {
        match status {
            MessageStatus::Queued => Some(&mut self.queued),
            MessageStatus::Sending => Some(&mut self.sending),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ClienteId, MessageKey, Timestamp};

    #[test]
    fn changes_are_counted_once_each() {
        use MessageStatus::{Failed, Queued, Sending, Sent, ServerAck};

        let mut tally = Tally::default();
        let key = MessageKey::random();
        let mut note = |previous, status, after| {
            tally.note(&MessageChange {
                cliente: ClienteId::FIRST,
                key: key.clone(),
                previous,
                status,
                reason: None,
                at: Timestamp(0),
                after: Duration::from_millis(after),
            });
        };
        note(None, Queued, 0);
        note(Some(Queued), Sending, 0);
        note(Some(Sending), Sending, 0);
        note(Some(Sending), Queued, 0);
        note(None, Queued, 0);
        note(Some(Queued), Failed, 0);
        note(Some(Queued), Sending, 0);
        note(Some(Sending), Sent, 0);
        note(Some(Sent), ServerAck, 300);
        assert_eq!(
            (tally.queued, tally.sending, tally.sent, tally.failed),
            (0, 0, 1, 1)
        );
        assert_eq!(tally.acknowledged.counts, [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(tally.acknowledged.count(), 1);
    }
}
