//! How fast messages of one cliente may follow each other.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::chance;
use crate::cliente::ClienteId;

/// Gives every message its moment. The first one of a cliente that was idle has it at once.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// The time between two messages; nothing: as fast as they come.
    every: Option<Duration>,
    /// When the next message of each cliente may go.
    next: Mutex<HashMap<ClienteId, Instant>>,
}

impl Pace {
    /// So many messages a minute; 0: as fast as they come.
    pub(super) fn new(a_minute: u32) -> Self {
        Self {
            every: (a_minute > 0).then(|| Duration::from_secs(60) / a_minute),
            next: Mutex::default(),
        }
    }

    /// The moment of the next message. The one after it has to wait for its own, a third more or less from it, since
    /// people are no clocks. With a bound, a moment later than that is left to others, and the error tells how far it is.
    pub(super) fn take(
        &self,
        cliente: ClienteId,
        bound: Option<Duration>,
    ) -> Result<Instant, Duration> {
        let now = Instant::now();
        let Some(every) = self.every else {
            return Ok(now);
        };
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever has been idle is as good as new.
        next.retain(|_, moment| *moment > now);
        let moment = next.get(&cliente).copied().unwrap_or(now);
        let wait = moment.duration_since(now);
        if bound.is_some_and(|bound| wait > bound) {
            return Err(wait);
        }
        next.insert(cliente, moment + every.mul_f64(0.7 + 0.6 * chance()));
        Ok(moment)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn id(number: u64) -> ClienteId {
        ClienteId::try_from(number).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn messages_keep_their_distance_and_the_first_goes_at_once() {
        let pace = Pace::new(6);
        let mut last = pace.take(id(1), None).unwrap();
        assert_eq!(last, Instant::now());
        let mut gaps = Vec::new();
        for _ in 0..200 {
            let moment = pace.take(id(1), None).unwrap();
            gaps.push(moment - last);
            last = moment;
        }
        let (shortest, longest) = (gaps.iter().min().unwrap(), gaps.iter().max().unwrap());
        assert!(*shortest >= Duration::from_secs(7) && *longest <= Duration::from_secs(13));
        assert!(shortest != longest, "as regular as a clock");
        assert_eq!(
            pace.take(id(2), None),
            Ok(Instant::now()),
            "others wait too"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn who_cannot_wait_that_long_takes_no_moment_away() {
        let pace = Pace::new(1);
        pace.take(id(1), None).unwrap();
        let bound = Some(Duration::from_secs(20));
        let wait = pace.take(id(1), bound).unwrap_err();
        assert!(wait >= Duration::from_secs(42));
        advance(wait).await;
        assert_eq!(pace.take(id(1), bound), Ok(Instant::now()));
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_pace_nobody_waits() {
        let pace = Pace::new(0);
        for _ in 0..100 {
            assert_eq!(pace.take(id(1), Some(Duration::ZERO)), Ok(Instant::now()));
        }
    }
}
