//! How often, and in what order: both can be set from outside.

use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The share of the long form's counts that is run when nobody says otherwise.
const SHORT: f64 = 0.02;

fn from_environment<T: FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    let Ok(value) = text.parse() else {
        panic!("{name}={text} is no number");
    };
    Some(value)
}

/// What the long form's counts are multiplied by.
pub(crate) fn factor() -> f64 {
    from_environment("FAULTS").unwrap_or(SHORT)
}

/// Whether this is the long form, in which the figures are the point.
pub(crate) fn is_long() -> bool {
    factor() >= 1.0
}

/// How often something happens that happens `long` times in the long form: at least once.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a small positive number"
)]
pub(crate) fn count(long: u32) -> u32 {
    (f64::from(long) * factor()).round().max(1.0) as u32
}

/// Choices that can be repeated: the SplitMix64 generator.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// The seed from outside, or a new one.
    pub(crate) fn seed() -> u64 {
        from_environment("FAULTS_SEED").unwrap_or_else(|| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            u64::from(now.subsec_nanos()) ^ now.as_secs()
        })
    }

    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Choices of their own for somebody who chooses at the same time as others.
    pub(crate) fn fork(&mut self) -> Self {
        Self(self.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A time below `end`.
    pub(crate) fn time(&mut self, end: Duration) -> Duration {
        Duration::from_millis(self.below(u64::try_from(end.as_millis()).unwrap()))
    }

    /// One of these.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let index = self.below(u64::try_from(from.len()).unwrap());
        &from[usize::try_from(index).unwrap()]
    }
}
