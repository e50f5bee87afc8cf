//! The end of the program: every browser's end is bounded by it, from the first word of it on.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// Tells everybody that the program ends, and since when. Clones are the same end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ending {
    since: Arc<OnceLock<Instant>>,
    begun: CancellationToken,
}

impl Ending {
    /// The program ends from now on, if it did not already; says since when.
    pub(crate) fn begin(&self) -> Instant {
        let since = *self.since.get_or_init(Instant::now);
        self.begun.cancel();
        since
    }

    /// Since when the program ends, if it does.
    pub(crate) fn since(&self) -> Option<Instant> {
        self.since.get().copied()
    }

    /// Resolves when the program has been ending for this long.
    pub(crate) async fn lasts(&self, time: Duration) {
        self.begun.cancelled().await;
        if let Some(since) = self.since() {
            sleep_until(since + time).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_end_counts_from_its_first_word() {
        let ending = Ending::default();
        let other = ending.clone();
        assert_eq!(ending.since(), None);
        let waiting = tokio::spawn(async move { other.lasts(Duration::from_secs(8)).await });
        tokio::time::advance(Duration::from_secs(60)).await;
        assert!(!waiting.is_finished());
        let since = ending.begin();
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(ending.begin(), since);
        waiting.await.unwrap();
        assert_eq!(since.elapsed(), Duration::from_secs(8));
    }
}
