//! Tells one webhook what there is to tell, one after the other.

use std::sync::Arc;
use std::time::Duration;

use session_core::{Delivery, Outcome, Place, Tries, WebhookFailure, WebhookId, WebhookProblem};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::figures::Counters;
use crate::service::Shared;
use crate::{backoff, body};

/// How long to wait for a store that does not work.
const STORE_PAUSE: Duration = Duration::from_secs(5);

/// A running worker.
pub(crate) struct Worker {
    stop: CancellationToken,
    poke: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Worker {
    pub(crate) fn start(shared: &Arc<Shared>, id: WebhookId) -> Self {
        let stop = shared.stop.child_token();
        let poke = Arc::new(Notify::new());
        let work = Work {
            shared: Arc::clone(shared),
            id,
            poke: Arc::clone(&poke),
            announced: shared.store.announced(),
            failing: false,
        };
        let task = shared.tasks.spawn({
            let stop = stop.clone();
            async move {
                stop.run_until_cancelled(work.run()).await;
            }
        });
        Self { stop, poke, task }
    }

    /// There is something to look at.
    pub(crate) fn poke(&self) {
        self.poke.notify_one();
    }

    /// Ends it, in the middle of a try if need be. When this returns, nothing more is sent.
    pub(crate) async fn end(self) {
        self.stop.cancel();
        if self.task.await.is_err() {
            tracing::error!("a webhook's worker panicked");
        }
    }
}

struct Work {
    shared: Arc<Shared>,
    id: WebhookId,
    poke: Arc<Notify>,
    announced: watch::Receiver<i64>,
    /// Whether the last try failed: the log tells of a row of failures once.
    failing: bool,
}

impl Work {
    async fn run(mut self) {
        loop {
            // Looked at first: what comes after the look at the store wakes it again.
            self.announced.borrow_and_update();
            match self.shared.store.next_delivery(self.id.clone()).await {
                Ok(Some(delivery)) => {
                    if self.is_due(delivery.tries).await {
                        self.deliver(delivery).await;
                    }
                }
                Ok(None) => self.idle().await,
                Err(error) => {
                    tracing::warn!(webhook = %self.id, %error, "it is not known what a webhook is to be told");
                    sleep(STORE_PAUSE).await;
                }
            }
        }
    }

    async fn idle(&mut self) {
        tokio::select! {
            changed = self.announced.changed() => if changed.is_err() {
                // The store is closed.
                self.poke.notified().await;
            },
            () = self.poke.notified() => {}
        }
    }

    /// Waits for the time of the next try; false when there is something else to look at before.
    async fn is_due(&self, tries: Option<Tries>) -> bool {
        let wait = tries.map_or(Duration::ZERO, |tries| {
            backoff::wait(&tries, self.shared.now())
        });
        if wait.is_zero() {
            return true;
        }
        tokio::select! {
            () = sleep(wait) => true,
            () = self.poke.notified() => false,
        }
    }

    async fn deliver(&mut self, delivery: Delivery) {
        let outcome = self.attempt(&delivery).await;
        let counters = &self.shared.counters;
        match outcome {
            Outcome::Delivered { .. } => Counters::add(&counters.delivered),
            Outcome::Failed { .. } => Counters::add(&counters.failed),
            Outcome::GivenUp { .. } | Outcome::Gone { .. } => {
                Counters::add(&counters.failed);
                if matches!(delivery.place, Place::Line(_)) {
                    Counters::add(&counters.given_up);
                }
            }
        }
        self.log(&delivery, outcome);
        // Until it is written down, it would be told again.
        while let Err(error) = self
            .shared
            .store
            .settle(self.id.clone(), delivery.place, outcome)
            .await
        {
            tracing::warn!(webhook = %self.id, %error, "what a webhook was told is not written down yet");
            sleep(STORE_PAUSE).await;
        }
        if matches!(outcome, Outcome::Gone { .. }) {
            self.shared.look_who_listens().await;
        }
        self.shared.changed.notify_one();
    }

    async fn attempt(&self, delivery: &Delivery) -> Outcome {
        let shared = &self.shared;
        let announcement = &delivery.announcement;
        let now = shared.now();
        let body = match body::write(&delivery.webhook, announcement, &shared.version, now) {
            Ok(body) => body,
            // Trying again would change nothing.
            Err(error) => {
                tracing::error!(%error, "what a webhook is told could not be written");
                return Outcome::GivenUp {
                    failure: WebhookFailure {
                        problem: WebhookProblem::Connection,
                        status: None,
                    },
                    at: now,
                };
            }
        };
        let answer = shared
            .client
            .post(&delivery.webhook, &announcement.id, now, body)
            .await;
        let at = shared.now();
        let (failure, asked) = match answer {
            Ok(answer) => match answer.status {
                status @ 200..=299 => return Outcome::Delivered { at, status },
                410 => return Outcome::Gone { at },
                status => (
                    WebhookFailure {
                        problem: WebhookProblem::Status,
                        status: Some(status),
                    },
                    answer.retry_after,
                ),
            },
            Err(problem) => (
                WebhookFailure {
                    problem,
                    status: None,
                },
                None,
            ),
        };
        match shared
            .policy
            .after_failure(delivery.tries, at, backoff::chance(), asked)
        {
            Some(tries) => Outcome::Failed { failure, tries },
            None => Outcome::GivenUp { failure, at },
        }
    }

    fn log(&mut self, delivery: &Delivery, outcome: Outcome) {
        let event = delivery.announcement.event.as_str();
        let was_failing = self.failing || delivery.tries.is_some();
        self.failing = !matches!(outcome, Outcome::Delivered { .. });
        match outcome {
            Outcome::Delivered { .. } if was_failing => {
                tracing::info!(webhook = %self.id, event, "a webhook answers again");
            }
            Outcome::Delivered { .. } => {
                tracing::debug!(webhook = %self.id, event, "a webhook was told");
            }
            Outcome::Failed { failure, .. } if !was_failing => tracing::warn!(
                webhook = %self.id,
                event,
                problem = failure.problem.code(),
                status = failure.status,
                "a webhook could not be told; it is tried again"
            ),
            Outcome::Failed { failure, .. } => tracing::debug!(
                webhook = %self.id,
                event,
                problem = failure.problem.code(),
                status = failure.status,
                "a webhook could still not be told"
            ),
            Outcome::GivenUp { failure, .. } => tracing::warn!(
                webhook = %self.id,
                event,
                problem = failure.problem.code(),
                status = failure.status,
                "a webhook could not be told in a day; it is among its dead letters"
            ),
            Outcome::Gone { .. } => tracing::warn!(
                webhook = %self.id,
                "a webhook's receiver wants nothing any more (410); it is switched off"
            ),
        }
    }
}
