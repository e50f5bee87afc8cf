//! What is due later. One clock task drives it, so nothing in the simulator waits on its own.

use std::collections::BTreeMap;

use tokio::time::Instant;

/// Things that happen by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Due {
    /// The step that a device's phase waits for; stale once the device's epoch has moved on.
    Step { device: String, epoch: u64 },
    /// A pairing code's life ends.
    CodeExpires { device: String, code: String },
    /// A sent message gets its next ack.
    Ack {
        device: String,
        message: String,
        ack: i8,
    },
}

/// Due things in order of time, then of arrival.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    queue: BTreeMap<(Instant, u64), Due>,
    arrivals: u64,
}

impl Timers {
    pub(crate) fn add(&mut self, at: Instant, due: Due) {
        self.arrivals += 1;
        self.queue.insert((at, self.arrivals), due);
    }

    /// When to look again.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.queue.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes the first thing that is due at `now`, with the instant it was due.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<(Instant, Due)> {
        let entry = self.queue.first_entry()?;
        let at = entry.key().0;
        (at <= now).then(|| (at, entry.remove()))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn due_things_come_in_order_and_not_early() {
        let now = Instant::now();
        let step = |epoch| Due::Step {
            device: "d".into(),
            epoch,
        };
        let mut timers = Timers::default();
        timers.add(now + Duration::from_secs(2), step(2));
        timers.add(now + Duration::from_secs(1), step(1));
        timers.add(now + Duration::from_secs(1), step(11));

        assert_eq!(timers.next(), Some(now + Duration::from_secs(1)));
        assert_eq!(timers.pop(now), None);
        let later = now + Duration::from_secs(1);
        assert_eq!(timers.pop(later), Some((later, step(1))));
        assert_eq!(timers.pop(later), Some((later, step(11))));
        assert_eq!(timers.pop(later), None);
        assert_eq!(timers.next(), Some(now + Duration::from_secs(2)));
    }
}
