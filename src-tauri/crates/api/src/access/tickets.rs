//! One-time tickets for event streams: a page's `EventSource` sends no headers, and a key does not belong into an
//! address, where logs and histories keep it. A ticket there is worth nothing to whoever finds it: it works once, soon.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use crate::keys::{Key, random};

/// How long a ticket is good for.
pub(crate) const LIFE: Duration = Duration::from_secs(30);
/// Tickets that wait to be used, at most.
const MOST: usize = 1024;

/// The tickets that were given out and not used yet, by their digests: a lookup tells nothing about the others.
#[derive(Default)]
pub(super) struct Tickets(Mutex<HashMap<[u8; 32], Ticket>>);

pub(super) struct Ticket {
    until: Instant,
    /// Whose key asked for it; nobody's where none was needed.
    pub(super) key: Option<Arc<Key>>,
}

impl Tickets {
    /// Gives one out; none if too many wait, or the system has no random numbers.
    pub(super) fn issue(&self, key: Option<Arc<Key>>) -> Option<String> {
        let text = random().ok()?;
        let now = Instant::now();
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, ticket| ticket.until > now);
        if waiting.len() >= MOST {
            return None;
        }
        let until = now + LIFE;
        waiting.insert(digest(&text), Ticket { until, key });
        Some(text)
    }

    /// Takes one back, once.
    pub(super) fn redeem(&self, text: &str) -> Option<Ticket> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ticket = waiting.remove(&digest(text))?;
        (ticket.until > Instant::now()).then_some(ticket)
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_ticket_works_once_within_its_life() {
        let tickets = Tickets::default();
        let ticket = tickets.issue(None).unwrap();
        assert_eq!(ticket.len(), 43);
        assert!(tickets.redeem("").is_none());
        assert!(tickets.redeem(&ticket[..42]).is_none());
        assert!(tickets.redeem(&ticket).is_some());
        assert!(tickets.redeem(&ticket).is_none(), "used twice");
        let late = tickets.issue(None).unwrap();
        tokio::time::advance(LIFE).await;
        assert!(tickets.redeem(&late).is_none(), "used late");
    }

    #[tokio::test(start_paused = true)]
    async fn tickets_that_nobody_uses_take_no_more_than_their_room() {
        let tickets = Tickets::default();
        for _ in 0..MOST {
            assert!(tickets.issue(None).is_some());
        }
        assert_eq!(tickets.issue(None), None);
        tokio::time::advance(LIFE).await;
        assert!(tickets.issue(None).is_some());
    }
}
