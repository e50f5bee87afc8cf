//! Numbers of all webhooks together, for a monitor.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use session_core::WebhookReport;

/// Everything at one moment. No webhook can be told from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Deliveries that arrived, since the program started.
    pub delivered: u64,
    /// Tries that failed, since the program started.
    pub failed: u64,
    /// Deliveries that were given up on, since the program started.
    pub given_up: u64,
    /// What there is to do.
    pub depth: Depth,
}

/// Deliveries by how it stands with them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Soon to be told, to receivers that answer.
    pub waiting: u64,
    /// For receivers that do not answer: what is tried again, and what waits behind it.
    pub retrying: u64,
    /// Given up on, and kept.
    pub dead: u64,
}

impl Depth {
    pub(crate) fn of(reports: &[WebhookReport]) -> Self {
        let mut depth = Self::default();
        for report in reports {
            *if report.failing.is_some() {
                &mut depth.retrying
            } else {
                &mut depth.waiting
            } += u64::from(report.waiting);
            depth.dead += u64::from(report.dead);
        }
        depth
    }
}

/// Counts.
#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) delivered: AtomicU64,
    pub(crate) failed: AtomicU64,
    pub(crate) given_up: AtomicU64,
    depth: Mutex<Depth>,
}

impl Counters {
    pub(crate) fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn set_depth(&self, depth: Depth) {
        *self.depth.lock().unwrap_or_else(PoisonError::into_inner) = depth;
    }

    pub(crate) fn read(&self) -> Figures {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Figures {
            delivered: read(&self.delivered),
            failed: read(&self.failed),
            given_up: read(&self.given_up),
            depth: *self.depth.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }
}
