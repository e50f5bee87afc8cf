//! The outbox as others see it, and what its tasks share.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, broadcast};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::pace::Pace;
use super::port::{MediaFiles, MessageFilter, MessageStore, PendingLimits, Retention};
use super::tally::Tally;
use super::{MessageChange, MessageRecord, MessageStep};
use super::{line, upkeep};
use crate::account::MessageId;
use crate::cliente::ClienteId;
use crate::clock::Clock;
use crate::message::{Ack, MessageKey};
use crate::ports::StoreError;
use crate::registry::Registry;

/// Changes that a slow reader may be behind.
const CHANGES: usize = 4096;
/// Acknowledgements that are remembered, for messages that are written down only after they were sent.
const ACKS: usize = 1024;

/// The waits and bounds of the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxPolicy {
    /// Messages a minute of one cliente; 0: as fast as they come.
    pub messages_per_minute: u32,
    /// How long a plain send may wait for its turn.
    pub patience: Duration,
    /// How long a message is worth sending, if nobody says otherwise.
    pub life: Duration,
    /// The pause after each try that failed; the last one also stands for all further ones.
    pub backoff: Vec<Duration>,
    /// How often WhatsApp Web is asked to send a message of which it never says what came of it.
    pub attempts: u32,
    /// The pause after the store failed.
    pub store_pause: Duration,
    /// How many messages may wait.
    pub pending: PendingLimits,
    /// How long things are kept.
    pub retention: Retention,
    /// How often what is old is forgotten.
    pub prune_every: Duration,
    /// The largest file, bytes.
    pub media_limit: u64,
    /// How long the end of the program waits for messages that are on their way.
    pub drain: Duration,
}

impl Default for OutboxPolicy {
    fn default() -> Self {
        const HOUR: Duration = Duration::from_secs(60 * 60);
        Self {
            messages_per_minute: 0,
            patience: Duration::from_secs(25),
            life: HOUR * 24,
            backoff: [1, 5, 20, 60].map(Duration::from_secs).into(),
            attempts: 12,
            store_pause: Duration::from_secs(5),
            pending: PendingLimits {
                of_cliente: 10_000,
                of_all: 100_000,
            },
            retention: Retention {
                messages: HOUR * 24 * 7,
                rows: 200_000,
                content: HOUR * 24,
                media: HOUR * 24,
            },
            prune_every: HOUR,
            media_limit: 64 * 1024 * 1024,
            drain: Duration::from_secs(2),
        }
    }
}

/// What the outbox is made of.
pub struct OutboxParts {
    /// The sessions.
    pub registry: Registry,
    /// Where messages are written down.
    pub store: Arc<dyn MessageStore>,
    /// Where files are.
    pub files: Arc<dyn MediaFiles>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The waits and bounds.
    pub policy: OutboxPolicy,
}

/// Messages that wait, are on their way, and were sent. Cheap to clone.
#[derive(Clone)]
pub struct Outbox(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) registry: Registry,
    pub(super) store: Arc<dyn MessageStore>,
    pub(super) files: Arc<dyn MediaFiles>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) policy: OutboxPolicy,
    pub(super) pace: Pace,
    /// The clientes whose messages are being sent.
    lines: Mutex<HashMap<ClienteId, Arc<Bell>>>,
    /// Held while a change is written and told, so that changes are told in the order in which they were written.
    order: tokio::sync::Mutex<()>,
    changes: broadcast::Sender<MessageChange>,
    tally: Mutex<Tally>,
    /// The last ones, the oldest first.
    acks: Mutex<VecDeque<(MessageKey, MessageId, Ack)>>,
    /// Rings when there may be something to expire sooner.
    pub(super) upkeep: Notify,
    /// Whether there is a file that no message needs any more.
    pub(super) sweep: AtomicBool,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
}

/// What wakes the task of a cliente.
#[derive(Default)]
pub(super) struct Bell {
    pub(super) rings: Notify,
    /// Whether it rang since the task last looked.
    rang: AtomicBool,
}

impl Bell {
    fn ring(&self) {
        self.rang.store(true, Ordering::SeqCst);
        self.rings.notify_one();
    }

    pub(super) fn looked(&self) {
        self.rang.store(false, Ordering::SeqCst);
    }
}

impl Outbox {
    /// Takes up what was left to be sent. A store that cannot be read leaves the outbox empty, and says so whenever
    /// something is to be written.
    pub async fn open(parts: OutboxParts) -> Self {
        let outbox = Self(Arc::new(Inner {
            pace: Pace::new(parts.policy.messages_per_minute),
            registry: parts.registry,
            store: parts.store,
            files: parts.files,
            clock: parts.clock,
            policy: parts.policy,
            lines: Mutex::default(),
            order: tokio::sync::Mutex::default(),
            changes: broadcast::Sender::new(CHANGES),
            tally: Mutex::default(),
            acks: Mutex::default(),
            upkeep: Notify::new(),
            sweep: AtomicBool::new(false),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        }));
        upkeep::begin(&outbox).await;
        for id in outbox.recount().await {
            outbox.ring(id);
        }
        outbox
    }

    /// What happens to messages from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<MessageChange> {
        self.0.changes.subscribe()
    }

    /// The numbers, as they are now.
    pub fn tally(&self) -> Tally {
        self.lock_tally().clone()
    }

    /// Where files are that were handed over.
    pub fn files(&self) -> &Arc<dyn MediaFiles> {
        &self.0.files
    }

    /// The largest file that is taken, bytes.
    pub fn media_limit(&self) -> u64 {
        self.0.policy.media_limit
    }

    /// The message with this key.
    pub async fn message(&self, key: &MessageKey) -> Result<Option<MessageRecord>, StoreError> {
        self.0.store.message(key).await
    }

    /// The newest messages first.
    pub async fn messages(&self, wanted: MessageFilter) -> Result<Vec<MessageRecord>, StoreError> {
        self.0.store.messages(wanted).await
    }

    /// The message as soon as it is sent or failed, or as it is at that moment or when the program ends.
    pub async fn decided(
        &self,
        key: &MessageKey,
        by: Instant,
    ) -> Result<Option<MessageRecord>, StoreError> {
        // Asked for before the look: what comes in between is told.
        let mut changes = self.subscribe();
        loop {
            let record = self.message(key).await?;
            if !record
                .as_ref()
                .is_some_and(|record| record.status.is_pending())
            {
                return Ok(record);
            }
            let news = async {
                loop {
                    match changes.recv().await {
                        Ok(change) if change.key == *key && !change.status.is_pending() => return,
                        Ok(_) => {}
                        // What was missed may have been it; and without a sender nothing more comes.
                        Err(_) => return,
                    }
                }
            };
            tokio::select! {
                told = timeout_at(by, news) => if told.is_err() { return self.message(key).await },
                () = self.0.stop.cancelled() => return Ok(record),
            }
        }
    }

    /// Ends the tasks. What is on its way is waited for, for a moment; what comes of it later is not written down, and
    /// goes out again under the same key when the program is started again.
    pub async fn shutdown(&self) {
        self.0.stop.cancel();
        self.0.tasks.close();
        if timeout(self.0.policy.drain, self.0.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!(
                "messages are still on their way; they are looked after at the next start"
            );
        }
    }

    /// Changes a message, on disk first, then for everybody.
    pub(super) async fn apply(
        &self,
        step: MessageStep,
    ) -> Result<Option<MessageChange>, StoreError> {
        let _turn = self.0.order.lock().await;
        let change = self.0.store.change(step).await?;
        if let Some(change) = &change {
            self.tell(change);
        }
        Ok(change)
    }

    /// The turn of whoever writes changes otherwise.
    pub(super) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.order.lock().await
    }

    pub(super) fn tell(&self, change: &MessageChange) {
        self.lock_tally().note(change);
        if Some(change.status) != change.previous {
            tracing::info!(
                cliente = %change.cliente,
                key = %change.key,
                status = change.status.as_str(),
                reason = change.reason.as_ref().map(super::FailureCode::as_str),
                "message"
            );
            // Nobody listening is fine.
            let _ = self.0.changes.send(change.clone());
        }
    }

    /// Counts anew what waits, and tells whose it is.
    pub(super) async fn recount(&self) -> Vec<ClienteId> {
        let _turn = self.turn().await;
        match self.0.store.pending().await {
            Ok(pending) => {
                let mut tally = self.lock_tally();
                (tally.queued, tally.sending) = (0, 0);
                for (_, count) in &pending {
                    tally.queued += u64::from(count.queued);
                    tally.sending += u64::from(count.sending);
                }
                pending.into_iter().map(|(id, _)| id).collect()
            }
            Err(error) => {
                tracing::error!(%error, "messages that wait cannot be read");
                Vec::new()
            }
        }
    }

    /// Has the task of a cliente look at its messages; begins it where there is none.
    pub(super) fn ring(&self, id: ClienteId) {
        let mut lines = self.lines();
        if self.0.stop.is_cancelled() {
            return;
        }
        if let Some(bell) = lines.get(&id) {
            bell.ring();
        } else {
            let bell = Arc::new(Bell::default());
            lines.insert(id, Arc::clone(&bell));
            self.0.tasks.spawn(line::run(self.clone(), id, bell));
        }
    }

    /// Has the task of a cliente look at its messages, if there is one.
    pub(super) fn ring_if_there(&self, id: ClienteId) {
        if let Some(bell) = self.lines().get(&id) {
            bell.ring();
        }
    }

    /// Ends the task of a cliente that found nothing to send, unless it was woken since it looked.
    pub(super) fn retire(&self, id: ClienteId, bell: &Bell) -> bool {
        let mut lines = self.lines();
        let ends = !bell.rang.load(Ordering::SeqCst);
        if ends {
            lines.remove(&id);
        }
        ends
    }

    /// Remembers an acknowledgement for a message that may be written down later.
    pub(super) fn remember(&self, key: &MessageKey, id: &MessageId, ack: Ack) {
        let mut acks = self.acks();
        if acks.len() == ACKS {
            acks.pop_front();
        }
        acks.push_back((key.clone(), id.clone(), ack));
    }

    /// The highest acknowledgement of a message that is remembered.
    pub(super) fn remembered(&self, key: &MessageKey) -> Option<(MessageId, Ack)> {
        let acks = self.acks();
        let of_message = acks.iter().filter(|(known, ..)| known == key);
        of_message
            .max_by_key(|(.., ack)| *ack)
            .map(|(_, id, ack)| (id.clone(), *ack))
    }

    fn acks(&self) -> MutexGuard<'_, VecDeque<(MessageKey, MessageId, Ack)>> {
        self.0.acks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<ClienteId, Arc<Bell>>> {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_tally(&self) -> MutexGuard<'_, Tally> {
        self.0.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
