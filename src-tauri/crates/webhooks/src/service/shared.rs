//! What the service, its workers and the announcer share, and the count of what there is to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use session_core::ports::WebhookStore;
use session_core::{Clock, Timestamp};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::backoff::Policy;
use crate::client::Client;
use crate::figures::{Counters, Depth};

/// The least time between two looks at how much there is to do.
const MEASURE: Duration = Duration::from_secs(5);

/// What everything here shares.
pub(crate) struct Shared {
    pub(crate) store: Arc<dyn WebhookStore>,
    pub(crate) client: Client,
    pub(crate) version: String,
    pub(crate) policy: Policy,
    pub(crate) counters: Counters,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    /// Something is to be counted anew.
    pub(crate) changed: Notify,
    pub(super) clock: Arc<dyn Clock>,
    /// Whether anybody is to be told anything.
    pub(super) listening: AtomicBool,
}

impl Shared {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn is_listening(&self) -> bool {
        self.listening.load(Ordering::Relaxed)
    }

    pub(crate) async fn look_who_listens(&self) {
        match self.store.webhooks().await {
            Ok(reports) => {
                let any = reports.iter().any(|report| report.webhook.enabled);
                self.listening.store(any, Ordering::Relaxed);
                self.counters.set_depth(Depth::of(&reports));
            }
            Err(error) => tracing::warn!(%error, "the webhooks cannot be read"),
        }
    }
}

/// Counts what there is to do whenever something changed, but not all the time.
pub(super) async fn measure(shared: &Shared) {
    let mut announced = shared.store.announced();
    loop {
        tokio::select! {
            () = shared.changed.notified() => {}
            changed = announced.changed() => if changed.is_err() {
                // The store is closed.
                return;
            },
        }
        if shared.is_listening() || shared.counters.read().depth != Depth::default() {
            shared.look_who_listens().await;
        }
        tokio::time::sleep(MEASURE).await;
    }
}
