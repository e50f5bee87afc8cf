//! The task that sends the messages of one cliente, one after another. It holds nothing that is not on disk but the
//! pause it takes, and ends when there is nothing to send.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::chance;
use super::outcome::{Outcome, pause};
use super::service::{Bell, Outbox};
use super::{FailureCode, MessageStatus, MessageStep, PendingMessage, QueuedContent};
use crate::breaker::BreakerState;
use crate::cliente::ClienteId;
use crate::message::{Content, Media, MessageKey, Outgoing};
use crate::ports::StoreError;
use crate::snapshot::Snapshot;
use crate::state::State;

/// How long a cliente that nobody knows is waited for before its messages are looked at again.
const UNKNOWN: Duration = Duration::from_secs(60);

pub(super) async fn run(outbox: Outbox, id: ClienteId, bell: Arc<Bell>) {
    let mut line = Line {
        outbox,
        id,
        bell,
        moment: None,
        pause: None,
    };
    while !line.outbox.0.stop.is_cancelled() {
        line.bell.looked();
        match line.outbox.0.store.next(id).await {
            Ok(Some(head)) => {
                if let Err(error) = line.advance(head).await {
                    line.store_failed(&error).await;
                }
            }
            Ok(None) => {
                if line.outbox.retire(id, &line.bell) {
                    return;
                }
            }
            Err(error) => line.store_failed(&error).await,
        }
    }
}

struct Line {
    outbox: Outbox,
    id: ClienteId,
    bell: Arc<Bell>,
    /// When the next message may go, if it was given a moment.
    moment: Option<Instant>,
    /// Until when this message is let alone.
    pause: Option<(MessageKey, Instant)>,
}

impl Line {
    /// Does the next thing that there is to do for the first message, or waits until there may be one. Returns whenever
    /// the message may not be the first one any more.
    async fn advance(&mut self, head: PendingMessage) -> Result<(), StoreError> {
        let now = self.now();
        if head.expires <= now {
            return self.give_up(&head).await;
        }
        // Far in the future this wakes too early, which does no harm.
        let expires = Instant::now() + head.expires.since(now).min(Duration::from_secs(3600));
        let content = head.content.as_ref();
        let Some(message) = content.and_then(|content| self.outgoing(&head.key, content)) else {
            return self.fail(&head.key, FailureCode::CONTENT_LOST).await;
        };
        if let Some((key, until)) = &self.pause
            && *key == head.key
            && *until > Instant::now()
        {
            self.wait(until.to_owned().min(expires)).await;
            return Ok(());
        }
        let Some(mut snapshots) = self.outbox.0.registry.watch(self.id) else {
            self.wait(expires.min(Instant::now() + UNKNOWN)).await;
            return Ok(());
        };
        let can_send = snapshots.borrow_and_update().clone();
        if !may_send(&can_send) {
            self.wait_for(&mut snapshots, expires).await;
            return Ok(());
        }
        let moment = match self.moment {
            Some(moment) => moment,
            None => {
                // Without a bound it is never refused.
                let taken = self.outbox.0.pace.take(self.id, None);
                *self.moment.insert(taken.unwrap_or_else(|_| Instant::now()))
            }
        };
        if moment > Instant::now() {
            self.wait(moment.min(expires)).await;
            return Ok(());
        }
        let begun = MessageStep::new(head.key.clone(), MessageStatus::Sending, now);
        if self.outbox.apply(begun).await?.is_none() {
            // Taken back at this moment.
            return Ok(());
        }
        self.moment = None;
        let sent = self.outbox.0.registry.send(self.id, message).await;
        self.settle(head, Outcome::of(sent)).await
    }

    async fn settle(&mut self, head: PendingMessage, outcome: Outcome) -> Result<(), StoreError> {
        let key = head.key;
        let attempts = head.attempts.saturating_add(1);
        let often = attempts >= self.outbox.0.policy.attempts;
        match outcome {
            Outcome::Sent(id) => {
                let step = MessageStep {
                    message_id: Some(id),
                    ..MessageStep::new(key, MessageStatus::Sent, self.now())
                };
                self.write(step).await;
                if head.content.is_some_and(|content| content.media.is_some()) {
                    self.outbox.0.sweep.store(true, Ordering::SeqCst);
                    self.outbox.0.upkeep.notify_one();
                }
            }
            Outcome::Never(code) => self.write(self.failed(key, code)).await,
            Outcome::Doubtful(code) if often => self.write(self.failed(key, code)).await,
            Outcome::Later(code) | Outcome::Doubtful(code) => {
                self.rest(&key, attempts);
                self.put_off(key, Some(code)).await;
            }
            Outcome::Unknown if often => {
                let unknown = FailureCode::of(FailureCode::OUTCOME_UNKNOWN);
                self.write(self.failed(key, unknown)).await;
            }
            // It stays `Sending`.
            Outcome::Unknown => self.rest(&key, attempts),
            Outcome::NotReady => {
                // A session that looks as if it could send and says that it cannot is not asked without end.
                self.rest(&key, attempts);
                // Of a try before this one nobody knows what came.
                if head.status == MessageStatus::Queued {
                    self.put_off(key, None).await;
                }
            }
        }
        Ok(())
    }

    /// What happened is written down, however long the store takes. Should the program end before, the message goes out
    /// again under the same key.
    async fn write(&self, step: MessageStep) {
        while let Err(error) = self.outbox.apply(step.clone()).await {
            self.store_failed(&error).await;
            if self.outbox.0.stop.is_cancelled() {
                return;
            }
        }
    }

    async fn put_off(&self, key: MessageKey, reason: Option<FailureCode>) {
        self.write(MessageStep {
            reason,
            ..MessageStep::new(key, MessageStatus::Queued, self.now())
        })
        .await;
    }

    fn failed(&self, key: MessageKey, code: FailureCode) -> MessageStep {
        MessageStep {
            reason: Some(code),
            ..MessageStep::new(key, MessageStatus::Failed, self.now())
        }
    }

    /// It is no longer worth sending.
    async fn give_up(&self, head: &PendingMessage) -> Result<(), StoreError> {
        let code = match head.status {
            MessageStatus::Sending => FailureCode::OUTCOME_UNKNOWN,
            _ => FailureCode::EXPIRED,
        };
        self.fail(&head.key, code).await
    }

    async fn fail(&self, key: &MessageKey, code: &str) -> Result<(), StoreError> {
        let step = MessageStep::failed(key.clone(), code, self.now());
        self.outbox.apply(step).await.map(drop)
    }

    fn rest(&mut self, key: &MessageKey, attempts: u32) {
        let rest = pause(&self.outbox.0.policy.backoff, attempts, chance());
        self.pause = Some((key.clone(), Instant::now() + rest));
    }

    /// Nothing, for content without any.
    fn outgoing(&self, key: &MessageKey, content: &QueuedContent) -> Option<Outgoing> {
        let whole = match (&content.media, &content.text) {
            (Some(media), caption) => Content::Media(Media {
                kind: media.kind,
                path: self.outbox.0.files.path(&media.id),
                mime: media.mime.clone(),
                name: media.name.clone(),
                caption: caption.clone(),
            }),
            (None, Some(text)) => Content::Text(text.clone()),
            (None, None) => return None,
        };
        Some(Outgoing {
            key: key.clone(),
            chat: content.chat.clone(),
            content: whole,
        })
    }

    fn now(&self) -> crate::clock::Timestamp {
        self.outbox.0.clock.now()
    }

    /// Until then, unless there is a reason to look again before.
    async fn wait(&self, until: Instant) {
        tokio::select! {
            () = sleep_until(until) => {}
            () = self.bell.rings.notified() => {}
            () = self.outbox.0.stop.cancelled() => {}
        }
    }

    /// Until the session may send.
    async fn wait_for(&self, snapshots: &mut watch::Receiver<Arc<Snapshot>>, until: Instant) {
        let ready = async {
            // An error: the cliente was forgotten.
            let _ = snapshots.wait_for(|snapshot| may_send(snapshot)).await;
        };
        tokio::select! {
            () = ready => {}
            () = self.wait(until) => {}
        }
    }

    async fn store_failed(&self, error: &StoreError) {
        tracing::error!(cliente = %self.id, %error, "the outbox does not work; it is tried again");
        tokio::select! {
            () = sleep(self.outbox.0.policy.store_pause) => {}
            () = self.outbox.0.stop.cancelled() => {}
        }
    }
}

/// Whether it makes sense to try: connected, or asleep and worth waking. Calls to a page that keeps failing are left to
/// those who must.
fn may_send(snapshot: &Snapshot) -> bool {
    let connected = matches!(snapshot.session.state, State::Ready { losing: None, .. })
        && snapshot.breaker != BreakerState::Open;
    connected || snapshot.session.hibernated
}
