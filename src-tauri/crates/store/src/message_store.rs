//! The outbox's port over the store's one thread.

use std::collections::BTreeSet;

use async_trait::async_trait;
use session_core::ports::{
    Added, MessageFilter, MessageStore, Pending, PendingLimits, Retention, StoreError,
};
use session_core::{
    ClienteId, IdempotencyKey, MediaId, MediaRecord, MessageChange, MessageKey, MessageRecord,
    MessageStep, NewMessage, PendingMessage, Timestamp,
};

use crate::store::SqliteStore;
use crate::unavailable::UnavailableStore;
use crate::{media_rows, message_rows, messages};

#[async_trait]
impl MessageStore for SqliteStore {
    async fn add(&self, message: NewMessage, most: PendingLimits) -> Result<Added, StoreError> {
        self.run("write a message", move |db| {
            messages::add(db, &message, most)
        })
        .await
    }

    async fn message(&self, key: &MessageKey) -> Result<Option<MessageRecord>, StoreError> {
        let key = key.clone();
        self.run("read a message", move |db| message_rows::message(db, &key))
            .await
    }

    async fn repeated(
        &self,
        cliente: ClienteId,
        key: &IdempotencyKey,
    ) -> Result<Option<MessageRecord>, StoreError> {
        let key = key.clone();
        self.run("read a message", move |db| {
            message_rows::repeated(db, cliente, &key)
        })
        .await
    }

    async fn messages(&self, wanted: MessageFilter) -> Result<Vec<MessageRecord>, StoreError> {
        self.run("read messages", move |db| {
            message_rows::messages(db, wanted)
        })
        .await
    }

    async fn next(&self, cliente: ClienteId) -> Result<Option<PendingMessage>, StoreError> {
        self.run("read the next message", move |db| {
            message_rows::next(db, cliente)
        })
        .await
    }

    async fn change(&self, step: MessageStep) -> Result<Option<MessageChange>, StoreError> {
        self.run("change a message", move |db| messages::change(db, &step))
            .await
    }

    async fn expire(
        &self,
        now: Timestamp,
    ) -> Result<(Vec<MessageChange>, Option<Timestamp>), StoreError> {
        self.run("find late messages", move |db| messages::expire(db, now))
            .await
    }

    async fn pending(&self) -> Result<Vec<(ClienteId, Pending)>, StoreError> {
        self.run("count messages", |db| message_rows::pending(db))
            .await
    }

    async fn forget(&self, cliente: ClienteId) -> Result<(), StoreError> {
        self.run("forget messages", move |db| messages::forget(db, cliente))
            .await
    }

    async fn prune(&self, now: Timestamp, kept: Retention) -> Result<Vec<MediaId>, StoreError> {
        self.run("forget old messages", move |db| {
            media_rows::prune(db, now, kept)
        })
        .await
    }

    async fn add_media(&self, media: MediaRecord) -> Result<(), StoreError> {
        self.run("write down a file", move |db| media_rows::add(db, &media))
            .await
    }

    async fn media(&self, id: &MediaId) -> Result<Option<MediaRecord>, StoreError> {
        let id = id.clone();
        self.run("find a file", move |db| media_rows::find(db, &id))
            .await
    }

    async fn all_media(&self) -> Result<BTreeSet<MediaId>, StoreError> {
        self.run("find the files", |db| media_rows::all(db)).await
    }
}

#[async_trait]
impl MessageStore for UnavailableStore {
    async fn add(&self, _: NewMessage, _: PendingLimits) -> Result<Added, StoreError> {
        self.fail("write a message")
    }

    async fn message(&self, _: &MessageKey) -> Result<Option<MessageRecord>, StoreError> {
        self.fail("read a message")
    }

    async fn repeated(
        &self,
        _: ClienteId,
        _: &IdempotencyKey,
    ) -> Result<Option<MessageRecord>, StoreError> {
        self.fail("read a message")
    }

    async fn messages(&self, _: MessageFilter) -> Result<Vec<MessageRecord>, StoreError> {
        self.fail("read messages")
    }

    async fn next(&self, _: ClienteId) -> Result<Option<PendingMessage>, StoreError> {
        self.fail("read the next message")
    }

    async fn change(&self, _: MessageStep) -> Result<Option<MessageChange>, StoreError> {
        self.fail("change a message")
    }

    async fn expire(
        &self,
        _: Timestamp,
    ) -> Result<(Vec<MessageChange>, Option<Timestamp>), StoreError> {
        self.fail("find late messages")
    }

    async fn pending(&self) -> Result<Vec<(ClienteId, Pending)>, StoreError> {
        self.fail("count messages")
    }

    async fn forget(&self, _: ClienteId) -> Result<(), StoreError> {
        self.fail("forget messages")
    }

    async fn prune(&self, _: Timestamp, _: Retention) -> Result<Vec<MediaId>, StoreError> {
        self.fail("forget old messages")
    }

    async fn add_media(&self, _: MediaRecord) -> Result<(), StoreError> {
        self.fail("write down a file")
    }

    async fn media(&self, _: &MediaId) -> Result<Option<MediaRecord>, StoreError> {
        self.fail("find a file")
    }

    async fn all_media(&self) -> Result<BTreeSet<MediaId>, StoreError> {
        self.fail("find the files")
    }
}
