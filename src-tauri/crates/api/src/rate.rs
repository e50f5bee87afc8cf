//! How often somebody may do something: so many times in any 60 s, exactly.
//!
//! The window slides and is kept whole: the moment of every call that was let through is remembered until it is 60 s old.
//! One number per caller would do for a leaky bucket (GCRA), but that lets almost twice as many through in the first
//! minute.
//!
//! Callers are told where they stand by the fields `RateLimit-Limit`, `RateLimit-Remaining`, `RateLimit-Reset` and
//! `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers-06. Later drafts have a single field with a syntax of its
//! own; "`RateLimit-*` headers" in the plural are those of this one.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use serde::Serialize;
use tokio::time::Instant;

use crate::answer;
use crate::error::ErrorCode;

/// How far back calls count.
const WINDOW: Duration = Duration::from_secs(60);

/// How many callers are told apart. A program may come from any address of 127.0.0.0/8, so there is no end to them;
/// those that come when there are so many already share one allowance, which bounds the memory without letting anybody
/// drive out what is remembered of somebody else.
const CALLERS: usize = 1024;

/// A limit, and what it remembers.
pub(crate) struct Rate<K> {
    limit: u32,
    /// When each caller was let through, the oldest first. Nobody in particular: the further ones.
    seen: Mutex<HashMap<Option<K>, VecDeque<Instant>>>,
}

/// Where a caller stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    limit: u32,
    remaining: u32,
    /// Until the oldest call is forgotten, and one more goes through.
    reset: Duration,
}

impl<K: Copy + Eq + Hash> Rate<K> {
    /// None, for a limit of 0.
    pub(crate) fn new(limit: u32) -> Option<Self> {
        (limit > 0).then(|| Self {
            limit,
            seen: Mutex::default(),
        })
    }

    /// Counts a call, and tells when; or tells where the caller stands who has had all of them. A call that is refused
    /// does not count: whoever waits for as long as told is let through.
    pub(crate) fn take(&self, caller: K) -> Result<Instant, Standing> {
        let now = Instant::now();
        let mut seen = self.seen();
        if !seen.contains_key(&Some(caller)) && seen.len() >= CALLERS {
            seen.retain(|_, calls| {
                forget(calls, now);
                !calls.is_empty()
            });
        }
        let key = if seen.contains_key(&Some(caller)) || seen.len() < CALLERS {
            Some(caller)
        } else {
            None
        };
        let calls = seen.entry(key).or_default();
        forget(calls, now);
        let standing = self.standing(calls, now);
        if standing.remaining == 0 {
            return Err(standing);
        }
        calls.push_back(now);
        Ok(now)
    }

    /// Does not count a call after all.
    pub(crate) fn give_back(&self, caller: K, taken: Instant) {
        let mut seen = self.seen();
        for key in [Some(caller), None] {
            if let Some(calls) = seen.get_mut(&key)
                && let Some(index) = calls.iter().rposition(|&call| call == taken)
            {
                calls.remove(index);
                if calls.is_empty() {
                    seen.remove(&key);
                }
                return;
            }
        }
    }

    /// Where a caller stands now.
    pub(crate) fn look(&self, caller: K) -> Standing {
        let now = Instant::now();
        let mut seen = self.seen();
        let key = if seen.contains_key(&Some(caller)) || seen.len() < CALLERS {
            Some(caller)
        } else {
            None
        };
        match seen.get_mut(&key) {
            Some(calls) => {
                forget(calls, now);
                self.standing(calls, now)
            }
            None => self.standing(&VecDeque::new(), now),
        }
    }

    /// Where a caller stands who has had all calls; nothing for one who has not.
    pub(crate) fn exhausted(&self, caller: K) -> Option<Standing> {
        let standing = self.look(caller);
        (standing.remaining == 0).then_some(standing)
    }

    fn standing(&self, calls: &VecDeque<Instant>, now: Instant) -> Standing {
        let used = u32::try_from(calls.len()).unwrap_or(u32::MAX);
        Standing {
            limit: self.limit,
            remaining: self.limit.saturating_sub(used),
            reset: calls.front().map_or(Duration::ZERO, |&oldest| {
                WINDOW.saturating_sub(now.duration_since(oldest))
            }),
        }
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<Option<K>, VecDeque<Instant>>> {
        // Nothing in here can panic halfway.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn forget(calls: &mut VecDeque<Instant>, now: Instant) {
    while calls
        .front()
        .is_some_and(|&oldest| now.duration_since(oldest) >= WINDOW)
    {
        calls.pop_front();
    }
}

/// Of the refusal. Callers that read no headers find it beside the 409 of `/init`, by the same name.
#[derive(Serialize)]
struct Later {
    retry_after_seconds: u64,
}

impl Standing {
    /// Writes the headers that every answer of a limited route carries.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        let window = WINDOW.as_secs();
        for (name, value) in [
            ("ratelimit-limit", u64::from(self.limit)),
            ("ratelimit-remaining", u64::from(self.remaining)),
            ("ratelimit-reset", whole_seconds(self.reset)),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
        if let Ok(policy) = HeaderValue::from_str(&format!("{};w={window}", self.limit)) {
            headers.insert(HeaderName::from_static("ratelimit-policy"), policy);
        }
    }

    /// The answer to a call that is one too many of these.
    pub(crate) fn refuse(self, what: &str) -> Response {
        let seconds = whole_seconds(self.reset);
        let mut response = answer::error_with(
            ErrorCode::RateLimitExceeded,
            &format!("Too many {what} - try again in {seconds} s"),
            &Later {
                retry_after_seconds: seconds,
            },
        );
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        self.write(headers);
        response
    }
}

/// Rounded up, so that waiting for as long is long enough.
pub(crate) fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use tokio::time::advance;

    use super::*;

    fn ip(number: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from_bits(number))
    }

    #[tokio::test(start_paused = true)]
    async fn no_window_of_a_minute_holds_more_than_the_limit() {
        let rate = Rate::new(5).unwrap();
        let mut let_through: Vec<Instant> = Vec::new();
        // A caller that tries all the time, at moments that are no round numbers.
        for step in 0..4000_u64 {
            advance(Duration::from_millis(37 + step * 7919 % 211)).await;
            if let Ok(at) = rate.take(ip(1)) {
                let_through.push(at);
            }
        }
        assert!(let_through.len() > 40, "{}", let_through.len());
        for six in let_through.windows(6) {
            assert!(six[5] - six[0] >= WINDOW);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn callers_are_told_apart_up_to_a_number_and_share_beyond_it() {
        let rate = Rate::new(2).unwrap();
        let callers = u32::try_from(CALLERS).unwrap();
        for number in 0..callers {
            assert!(rate.take(ip(number)).is_ok());
        }
        assert!(rate.take(ip(callers)).is_ok());
        let taken = rate.take(ip(callers + 1)).unwrap();
        assert!(rate.take(ip(callers + 2)).is_err(), "they share");
        assert_eq!(rate.look(ip(callers + 2)).remaining, 0);
        // What is remembered of the first ones is not driven out.
        assert_eq!(rate.look(ip(0)).remaining, 1);
        assert_eq!(rate.seen().len(), CALLERS + 1);
        rate.give_back(ip(callers + 1), taken);
        assert!(rate.take(ip(callers + 2)).is_ok());
        // Who has been quiet is forgotten when there is need of room.
        advance(WINDOW).await;
        assert!(rate.take(ip(callers + 3)).is_ok());
        assert_eq!(rate.seen().len(), 1);
    }
}
