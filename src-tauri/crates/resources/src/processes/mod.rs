//! What each browser takes, with all its processes.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(test, not(target_os = "linux")))]
mod portable;

#[cfg(target_os = "linux")]
pub(crate) use linux::Watch;
#[cfg(not(target_os = "linux"))]
pub(crate) use portable::Watch;

use std::collections::BTreeSet;

/// The browser that a process belongs to. `above` names the process that stands over another.
fn owner(
    process: u32,
    browsers: &BTreeSet<u32>,
    above: impl Fn(u32) -> Option<u32>,
) -> Option<u32> {
    /// Deeper than any family; parents that were read one after the other may form a circle.
    const DEPTH: usize = 64;
    std::iter::successors(Some(process), |process| above(*process))
        .take(DEPTH)
        .find(|process| browsers.contains(process))
}
