//! How long to wait before the next try. Pure: the chance is handed in.

use std::time::Duration;

use session_core::{Timestamp, Tries};

/// The waits of a delivery. Everything that times out is written here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How long a receiver may take to answer, the way there included.
    pub deadline: Duration,
    /// The longest pause after the first try; each further one may be twice as long.
    pub first_pause: Duration,
    /// The shortest pause there is.
    pub shortest_pause: Duration,
    /// The longest pause there is, also where a receiver asks for a longer one.
    pub longest_pause: Duration,
    /// How long a delivery is tried, from its first try on.
    pub patience: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(10),
            first_pause: Duration::from_secs(5),
            shortest_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(60 * 60),
            patience: Duration::from_secs(24 * 60 * 60),
        }
    }
}

impl Policy {
    /// The pause after this many tries, spread evenly from the shortest to the longest that it may be, so that those
    /// that failed together do not come back together. `chance` is from 0 to 1.
    pub(crate) fn pause(&self, number: u32, chance: f64, asked: Option<Duration>) -> Duration {
        let doublings = number.saturating_sub(1).min(20);
        let longest = self
            .first_pause
            .saturating_mul(1 << doublings)
            .min(self.longest_pause);
        let spread = longest.saturating_sub(self.shortest_pause);
        let pause = self.shortest_pause + spread.mul_f64(chance.clamp(0.0, 1.0));
        pause.max(asked.unwrap_or_default().min(self.longest_pause))
    }

    /// The tries with one more that failed now; nothing where it was the last.
    pub(crate) fn after_failure(
        &self,
        before: Option<Tries>,
        now: Timestamp,
        chance: f64,
        asked: Option<Duration>,
    ) -> Option<Tries> {
        let number = before.map_or(0, |before| before.number).saturating_add(1);
        // A clock that was set back begins the day anew, and not a longer one.
        let first = before.map_or(now, |before| before.first.min(now));
        (now.since(first) < self.patience).then(|| Tries {
            number,
            first,
            last: now,
            next: now.plus(self.pause(number, chance, asked)),
        })
    }
}

/// How long to wait now. A clock that was set back makes nobody wait longer than was meant.
pub(crate) fn wait(tries: &Tries, now: Timestamp) -> Duration {
    tries.next.since(now).min(tries.next.since(tries.last))
}

/// A number from 0 to 1.
pub(crate) fn chance() -> f64 {
    // Without randomness everybody waits as long as they may.
    getrandom::u32().map_or(1.0, |number| f64::from(number) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn policy() -> Policy {
        Policy::default()
    }

    #[test]
    fn pauses_double_up_to_an_hour() {
        let longest: Vec<_> = [1, 2, 3, 10, 11, 100, u32::MAX]
            .map(|number| policy().pause(number, 1.0, None).as_secs())
            .into();
        assert_eq!(longest, [5, 10, 20, 2560, 3600, 3600, 3600]);
        assert_eq!(policy().pause(7, 0.0, None), Duration::from_secs(1));
    }

    #[test]
    fn what_the_receiver_asks_for_counts_up_to_an_hour() {
        let pause = |chance, seconds| {
            let asked = Some(Duration::from_secs(seconds));
            policy().pause(1, chance, asked).as_secs()
        };
        assert_eq!(pause(0.0, 120), 120);
        assert_eq!(pause(0.0, 1_000_000), 3600);
        assert_eq!(pause(1.0, 0), 5);
    }

    #[test]
    fn a_delivery_is_given_up_on_after_a_day_and_not_before() {
        let begun = Timestamp(1_000_000);
        let fail = |before, now| policy().after_failure(before, now, 1.0, None);
        let tries = fail(None, begun).unwrap();
        assert_eq!((tries.number, tries.first, tries.last), (1, begun, begun));
        let day = 24 * 60 * 60 * 1000;
        let again = fail(Some(tries), Timestamp(begun.0 + day - 1)).unwrap();
        assert_eq!((again.number, again.first), (2, begun));
        assert_eq!(fail(Some(tries), Timestamp(begun.0 + day)), None);
    }

    proptest! {
        #[test]
        fn a_pause_is_within_its_bounds(number: u32, chance in 0.0..=1.0, asked: Option<u32>) {
            let asked = asked.map(|seconds| Duration::from_secs(seconds.into()));
            let pause = policy().pause(number, chance, asked);
            let bounds = policy().shortest_pause..=policy().longest_pause;
            prop_assert!(bounds.contains(&pause), "{pause:?}");
            if let Some(asked) = asked {
                prop_assert!(pause >= asked.min(policy().longest_pause));
            }
        }

        #[test]
        fn whatever_the_clock_does_nobody_waits_longer_than_an_hour(
            now: u64, last: u64, number: u32, chance in 0.0..=1.0, first: u64,
        ) {
            let (first, last) = (Timestamp(first), Timestamp(last));
            let before = Tries { number, first, last, next: last };
            if let Some(tries) = policy().after_failure(Some(before), last, chance, None) {
                prop_assert!(wait(&tries, Timestamp(now)) <= policy().longest_pause);
                prop_assert!(tries.first <= tries.last);
            }
        }
    }
}
