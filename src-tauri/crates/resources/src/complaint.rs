//! Something that may fail at every look is said once.

use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether it was said that something fails. Once it works again, the next failure is news.
#[derive(Debug, Default)]
pub(crate) struct Complaint(AtomicBool);

impl Complaint {
    /// Passes a result on, and logs an error that has not been said yet.
    pub(crate) fn about<T, E: Display>(&self, what: &str, result: Result<T, E>) -> Option<T> {
        match result {
            Ok(value) => {
                self.0.store(false, Ordering::Relaxed);
                Some(value)
            }
            Err(error) => {
                if !self.0.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, "{what}");
                }
                None
            }
        }
    }
}
