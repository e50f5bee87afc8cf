//! What the machine has left for browsers.

use serde::{Deserialize, Serialize};

use crate::ports::Memory;

/// Whether there is room on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum DiskState {
    /// Enough.
    #[default]
    Ok,
    /// Too little to start another session.
    Low,
    /// So little that a browser may lose its login.
    Full,
}

/// Below this, no session is started, bytes.
pub(crate) const LOW: u64 = 1024 * 1024 * 1024;
/// Below this, all sessions are ended, bytes.
pub(crate) const FULL: u64 = 300 * 1024 * 1024;

impl DiskState {
    /// What this many free bytes mean. Where nothing is known, nothing is refused.
    pub const fn of(free: Option<u64>) -> Self {
        match free {
            Some(free) if free < FULL => Self::Full,
            Some(free) if free < LOW => Self::Low,
            _ => Self::Ok,
        }
    }
}

/// What the machine has left for browsers, as last seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResourceReport {
    /// Whether there is room on the disk.
    pub disk: DiskState,
    /// Bytes that can still be written where profiles are, if that can be told.
    pub disk_free: Option<u64>,
    /// Browsers that the machine has memory for, those that run included.
    pub fits: Option<u32>,
    /// Browsers that may run at the same time.
    pub limit: u32,
    /// Browsers that run or come up.
    pub running: u32,
    /// Sessions that wait for one of them to end.
    pub waiting: u32,
}

/// What a browser takes before one has been measured, bytes. Measured: 93 MB (headless shell) to 384 MB (one full
/// Chromium by itself), 162 MB each for five; the real page has a larger heap than the simulator's.
const BROWSER: u64 = 300 * 1024 * 1024;
/// Left to everything else, bytes; or a fifth of the memory, if that is more.
const OTHERS: u64 = 1024 * 1024 * 1024;

/// How many browsers the machine has memory for, those that run included: `taken` holds the bytes of each.
pub(crate) fn fits(memory: Memory, taken: &[u64]) -> u32 {
    let used: u64 = taken.iter().sum();
    let count = u64::try_from(taken.len()).unwrap_or(u64::MAX);
    // One browser by itself pays for what many share, and a fresh one has not filled its caches.
    let each = if count < 3 {
        BROWSER.max(used / count.max(1))
    } else {
        (used / count).max(BROWSER / 3)
    };
    let others = OTHERS.max(memory.total / 5);
    let more = memory.available.saturating_sub(others) / each;
    u32::try_from(count.saturating_add(more))
        .unwrap_or(u32::MAX)
        .max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1024 * 1024 * 1024;
    const MIB: u64 = 1024 * 1024;

    #[test]
    fn free_space_is_judged_at_the_stated_bounds() {
        for (free, state) in [
            (None, DiskState::Ok),
            (Some(GIB), DiskState::Ok),
            (Some(GIB - 1), DiskState::Low),
            (Some(300 * MIB), DiskState::Low),
            (Some(300 * MIB - 1), DiskState::Full),
            (Some(0), DiskState::Full),
        ] {
            assert_eq!(DiskState::of(free), state, "{free:?}");
        }
    }

    #[test]
    fn the_estimate_follows_what_browsers_really_take() {
        let memory = |available| Memory {
            total: 8 * GIB,
            available,
        };
        // (8 GiB: a fifth is left to others)
        assert_eq!(fits(memory(6 * GIB), &[]), 15);
        let slim = [150 * MIB; 10];
        assert_eq!(fits(memory(4 * GIB), &slim), 10 + 16);
        let fat = [900 * MIB; 4];
        assert_eq!(fits(memory(3 * GIB), &fat), 4 + 1);
        // A machine without room still gets one.
        assert_eq!(fits(memory(0), &[]), 1);
    }
}
