//! A circuit breaker around the calls to one page: a page that keeps failing is left alone for a moment, so that callers
//! hear so at once instead of waiting for one deadline after the other.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::ports::CallError;

/// What a breaker does with calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum BreakerState {
    /// Lets them through.
    #[default]
    Closed,
    /// Refuses them.
    Open,
    /// Lets one through to see how it goes.
    HalfOpen,
}

/// Failures in a row that open it.
const FAILURES: u32 = 3;
/// How long it stays open.
const PAUSE: Duration = Duration::from_secs(30);

/// Counts the failures of one browser's calls.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    failures: u32,
    /// When it opened, and when the trial that is on its way began.
    open: Option<(Instant, Option<Instant>)>,
}

impl Breaker {
    /// Whether a call may be made. In half-open, the one that asks first is the trial.
    pub(crate) fn admit(&mut self, now: Instant) -> Result<(), CallError> {
        match &mut self.open {
            None => Ok(()),
            // A trial that nobody heard of again does not count for ever.
            Some((since, trial))
                if now.duration_since(*since) >= PAUSE
                    && trial.is_none_or(|began| now.duration_since(began) >= PAUSE) =>
            {
                *trial = Some(now);
                Ok(())
            }
            Some(_) => Err(CallError::Suspended),
        }
    }

    /// Takes in how a call went. What WhatsApp refuses is an answer too: the page works.
    pub(crate) fn note<T>(&mut self, outcome: &Result<T, CallError>, now: Instant) {
        match outcome {
            Err(CallError::Timeout | CallError::Gone) => {
                self.failures = self.failures.saturating_add(1);
                let on_trial = self.open.is_some_and(|(_, trial)| trial.is_some());
                if self.failures >= FAILURES && (self.open.is_none() || on_trial) {
                    self.open = Some((now, None));
                }
            }
            Err(CallError::Suspended) => {}
            Ok(_) | Err(CallError::Refused(_) | CallError::Unsupported(_)) => {
                *self = Self::default();
            }
        }
    }

    /// What it does with a call made now.
    pub(crate) fn state(&self, now: Instant) -> BreakerState {
        match self.open {
            None => BreakerState::Closed,
            Some((since, _)) if now.duration_since(since) >= PAUSE => BreakerState::HalfOpen,
            Some(_) => BreakerState::Open,
        }
    }

    /// When the pause ends; nothing while there is none.
    pub(crate) fn reopens(&self, now: Instant) -> Option<Instant> {
        self.open
            .map(|(since, _)| since + PAUSE)
            .filter(|end| *end > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: Result<(), CallError> = Err(CallError::Timeout);

    fn opened(now: Instant) -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES {
            assert_eq!(breaker.admit(now), Ok(()));
            breaker.note(&FAILED, now);
        }
        breaker
    }

    #[tokio::test(start_paused = true)]
    async fn it_opens_after_failures_in_a_row_and_only_then() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        for _ in 0..10 {
            breaker.note(&FAILED, now);
            breaker.note(&FAILED, now);
            // A refusal is an answer.
            breaker.note::<()>(&Err(CallError::Refused("ERROR_NETWORK".to_owned())), now);
        }
        assert_eq!(breaker.state(now), BreakerState::Closed);
        let mut breaker = opened(now);
        assert_eq!(breaker.state(now), BreakerState::Open);
        assert_eq!(breaker.admit(now), Err(CallError::Suspended));
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_pause_one_call_tells_how_it_goes_on() {
        let mut now = Instant::now();
        let mut breaker = opened(now);
        assert_eq!(breaker.reopens(now), Some(now + PAUSE));
        now += PAUSE;
        assert_eq!(breaker.state(now), BreakerState::HalfOpen);
        assert_eq!(breaker.admit(now), Ok(()));
        assert_eq!(
            breaker.admit(now),
            Err(CallError::Suspended),
            "a second trial"
        );
        breaker.note(&FAILED, now);
        assert_eq!(breaker.state(now), BreakerState::Open);
        now += PAUSE;
        assert_eq!(breaker.admit(now), Ok(()), "a new trial after the pause");
        now += PAUSE;
        assert_eq!(breaker.admit(now), Ok(()), "a lost trial blocks for ever");
        breaker.note(&Ok(()), now);
        assert_eq!(breaker.state(now), BreakerState::Closed);
        breaker.note(&FAILED, now);
        assert_eq!(
            breaker.state(now),
            BreakerState::Closed,
            "old failures count again"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_that_comes_late_does_not_lengthen_the_pause() {
        let now = Instant::now();
        let mut breaker = opened(now);
        breaker.note(&FAILED, now + PAUSE / 2);
        assert_eq!(breaker.state(now + PAUSE), BreakerState::HalfOpen);
    }
}
