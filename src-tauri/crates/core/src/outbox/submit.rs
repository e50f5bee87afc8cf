//! What others ask of the outbox: send now, or send for sure.

use std::time::Duration;

use tokio::time::{sleep_until, timeout};

use super::media::{Discard, MediaError};
use super::port::Added;
use super::service::Outbox;
use super::{
    Draft, DraftContent, Fingerprint, IdempotencyKey, MessageChange, MessageKind, MessageRecord,
    MessageStatus, NewMessage, QueuedContent, QueuedMedia,
};
use crate::account::MessageId;
use crate::cliente::ClienteId;
use crate::message::{Content, Media, MessageKey, Outgoing};
use crate::ports::StoreError;
use crate::registry::{SendError, is_asleep_or_waking};
use crate::state::StateName;

/// How long the answer to a plain send waits for its row to be written.
const WRITTEN: Duration = Duration::from_secs(2);

/// How a message is to be sent for sure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// By what the caller knows it again.
    pub idempotency: Option<IdempotencyKey>,
    /// Whether it is also taken while the session cannot send.
    pub patient: bool,
    /// How long it is worth sending; nothing: as the policy says.
    pub life: Option<Duration>,
}

/// Why a message was not sent at once.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// The session or the page.
    #[error(transparent)]
    Send(#[from] SendError),
    /// Its turn comes only after this time.
    #[error("the turn of this message comes in {} s", .0.as_secs())]
    Paced(Duration),
    /// Its file.
    #[error(transparent)]
    Media(#[from] MediaError),
}

/// Why a message was not written down.
#[derive(Debug, thiserror::Error)]
pub enum NotQueued {
    /// The session cannot send, or there is no such cliente.
    #[error("the session is {}", .0.as_str())]
    NotReady(StateName),
    /// The same idempotency key came with another message.
    #[error("this idempotency key came with another message")]
    Reused,
    /// As many wait as may.
    #[error("as many messages wait as may")]
    Full,
    /// Its file.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The program is ending.
    #[error("the program is ending")]
    ShuttingDown,
}

impl Outbox {
    /// Sends a message now or not at all. What was sent is written down afterwards, if the store can.
    pub async fn send(&self, id: ClienteId, draft: Draft) -> Result<MessageId, NotSent> {
        let inner = &self.0;
        if let Some(state) = self.cannot_send(id) {
            return Err(SendError::NotReady(state).into());
        }
        let fingerprint = draft.fingerprint();
        let (content, file) = match draft.content {
            DraftContent::Text(text) => (Content::Text(text), None),
            DraftContent::Media(media) => {
                let ready = self.prepare(&media).await?;
                let copied = ready.copied.is_some().then(|| ready.id.clone());
                let media = Media {
                    kind: ready.kind,
                    path: ready.path,
                    mime: ready.mime,
                    name: ready.name,
                    caption: media.caption,
                };
                (Content::Media(media), copied)
            }
        };
        // A caller that hangs up leaves no copy behind.
        let _copy = file.map(|file| Discard::of(self, &file));
        let moment = inner.pace.take(id, Some(inner.policy.patience));
        sleep_until(moment.map_err(NotSent::Paced)?).await;
        let message = Outgoing {
            key: MessageKey::random(),
            chat: draft.chat,
            content,
        };
        let now = inner.clock.now();
        let mut row = NewMessage {
            key: message.key.clone(),
            cliente: id,
            idempotency: None,
            fingerprint,
            kind: MessageKind::from(&message.content),
            to: message.chat.to_string(),
            content: None,
            sent: None,
            created: now,
            expires: now,
        };
        let sent = inner.registry.send(id, message).await?;
        row.sent = Some(sent.clone());
        let outbox = self.clone();
        let written = inner.tasks.spawn(async move { outbox.note(row).await });
        // A store that is slow or fails changes nothing about the message.
        let _ = timeout(WRITTEN, written).await;
        Ok(sent)
    }

    /// Writes a message down that was sent already.
    async fn note(&self, row: NewMessage) {
        let key = row.key.clone();
        let change = MessageChange {
            cliente: row.cliente,
            key: key.clone(),
            previous: None,
            status: MessageStatus::Sent,
            reason: None,
            at: row.created,
            after: Duration::ZERO,
        };
        let turn = self.turn().await;
        match self.0.store.add(row, self.0.policy.pending).await {
            Ok(_) => self.tell(&change),
            Err(error) => {
                tracing::warn!(%key, %error, "a message was sent and is not written down");
                return;
            }
        }
        drop(turn);
        // After the row: an acknowledgement that came before it found nothing to change.
        if let Some((id, ack)) = self.remembered(&key) {
            self.raise(key, id, ack).await;
        }
    }

    /// Writes a message down, to be sent as soon as it can be. It is on disk when this returns. The same idempotency key
    /// with the same message gives the message that is there.
    pub async fn submit(
        &self,
        id: ClienteId,
        draft: Draft,
        wish: Wish,
    ) -> Result<MessageRecord, NotQueued> {
        let inner = &self.0;
        let fingerprint = draft.fingerprint();
        if let Some(key) = &wish.idempotency
            && let Some(record) = inner.store.repeated(id, key).await?
        {
            return repeated(record, &fingerprint);
        }
        if inner.stop.is_cancelled() {
            return Err(NotQueued::ShuttingDown);
        }
        let unknown = inner.registry.snapshot(id).is_none();
        if let Some(state) = self.cannot_send(id)
            && (unknown || !wish.patient)
        {
            return Err(NotQueued::NotReady(state));
        }
        let (text, media) = match draft.content {
            DraftContent::Text(text) => (Some(text), None),
            DraftContent::Media(media) => {
                let ready = self.prepare(&media).await?;
                let media_row = QueuedMedia {
                    id: ready.id,
                    kind: ready.kind,
                    mime: ready.mime,
                    name: ready.name,
                    copied: ready.copied,
                };
                (media.caption, Some(media_row))
            }
        };
        let copy = media
            .as_ref()
            .filter(|media| media.copied.is_some())
            .map(|media| Discard::of(self, &media.id));
        let content = QueuedContent {
            chat: draft.chat,
            text,
            media,
        };
        let now = inner.clock.now();
        let row = NewMessage {
            key: MessageKey::random(),
            cliente: id,
            idempotency: wish.idempotency,
            fingerprint,
            kind: content.kind(),
            to: content.chat.to_string(),
            content: Some(content),
            sent: None,
            created: now,
            expires: now.plus(wish.life.unwrap_or(inner.policy.life)),
        };
        let record = record_of(&row);
        // In a task of its own: a caller that hangs up now may not leave a message that nobody is told of.
        let outbox = self.clone();
        let adding = inner
            .tasks
            .spawn(async move { outbox.add(row, copy).await });
        match adding.await.map_err(|_| NotQueued::ShuttingDown)?? {
            Added::New => Ok(record),
            Added::Repeated(record) => repeated(*record, &fingerprint),
            Added::Full => Err(NotQueued::Full),
            Added::NoMedia => Err(MediaError::NotFound.into()),
        }
    }

    async fn add(&self, row: NewMessage, copy: Option<Discard>) -> Result<Added, StoreError> {
        let change = MessageChange {
            cliente: row.cliente,
            key: row.key.clone(),
            previous: None,
            status: MessageStatus::Queued,
            reason: None,
            at: row.created,
            after: Duration::ZERO,
        };
        let turn = self.turn().await;
        let added = self.0.store.add(row, self.0.policy.pending).await?;
        if added == Added::New {
            self.tell(&change);
            drop(turn);
            // The message has it now.
            if let Some(copy) = copy {
                copy.keep();
            }
            self.0.upkeep.notify_one();
            self.ring(change.cliente);
        }
        Ok(added)
    }

    /// The state, if a message would be refused in it now: not connected, and not asleep.
    fn cannot_send(&self, id: ClienteId) -> Option<StateName> {
        match self.0.registry.snapshot(id) {
            None => Some(StateName::NotInitialized),
            Some(snapshot) => {
                let state = snapshot.state();
                (!state.can_send() && !is_asleep_or_waking(&snapshot)).then_some(state)
            }
        }
    }
}

fn repeated(record: MessageRecord, fingerprint: &Fingerprint) -> Result<MessageRecord, NotQueued> {
    if record.fingerprint == *fingerprint {
        Ok(record)
    } else {
        Err(NotQueued::Reused)
    }
}

/// What is known of a message that was just written down.
fn record_of(row: &NewMessage) -> MessageRecord {
    MessageRecord {
        key: row.key.clone(),
        cliente: row.cliente,
        status: MessageStatus::Queued,
        reason: None,
        kind: row.kind,
        to: row.to.clone(),
        message_id: None,
        attempts: 0,
        created: row.created,
        updated: row.created,
        expires: row.expires,
        fingerprint: row.fingerprint,
        content_kept: true,
    }
}
