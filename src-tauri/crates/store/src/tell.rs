//! The port of webhooks: in front of the store's thread, or of no store at all.

use async_trait::async_trait;
use session_core::ports::{StoreError, WebhookStore};
use session_core::{
    DeadLetter, Delivery, News, Outcome, Place, Timestamp, Webhook, WebhookId, WebhookReport,
};
use tokio::sync::watch;

use crate::store::SqliteStore;
use crate::unavailable::UnavailableStore;
use crate::{announce, dead_letters, deliveries, webhooks};

#[async_trait]
impl WebhookStore for SqliteStore {
    fn announced(&self) -> watch::Receiver<i64> {
        self.announced()
    }

    async fn announce(&self, news: Vec<News>) -> Result<(), StoreError> {
        self.run("write what webhooks are told", move |db| {
            let write = db.transaction()?;
            for news in &news {
                announce::news(&write, news)?;
            }
            write.commit()
        })
        .await
    }

    async fn webhooks(&self) -> Result<Vec<WebhookReport>, StoreError> {
        self.run("read the webhooks", |db| webhooks::all(db)).await
    }

    async fn webhook(&self, id: WebhookId) -> Result<Option<WebhookReport>, StoreError> {
        self.run("read a webhook", move |db| webhooks::report(db, &id))
            .await
    }

    async fn save_webhook(&self, webhook: Webhook, now: Timestamp) -> Result<(), StoreError> {
        self.run("save a webhook", move |db| {
            webhooks::save(db, &webhook, now)
        })
        .await
    }

    async fn remove_webhook(&self, id: WebhookId) -> Result<bool, StoreError> {
        self.run("remove a webhook", move |db| webhooks::remove(db, &id))
            .await
    }

    async fn next_delivery(&self, id: WebhookId) -> Result<Option<Delivery>, StoreError> {
        self.run("read what a webhook is to be told", move |db| {
            deliveries::next(db, &id)
        })
        .await
    }

    async fn settle(
        &self,
        id: WebhookId,
        place: Place,
        outcome: Outcome,
    ) -> Result<(), StoreError> {
        self.run("write what a webhook was told", move |db| {
            deliveries::settle(db, &id, place, outcome)
        })
        .await
    }

    async fn dead_letters(&self, id: WebhookId, limit: u32) -> Result<Vec<DeadLetter>, StoreError> {
        self.run("read dead letters", move |db| {
            dead_letters::list(db, &id, limit)
        })
        .await
    }

    async fn resend(&self, id: WebhookId, number: Option<i64>) -> Result<u64, StoreError> {
        self.run("resend dead letters", move |db| {
            dead_letters::resend(db, &id, number).map(|count| count as u64)
        })
        .await
    }

    async fn discard(&self, id: WebhookId, number: Option<i64>) -> Result<u64, StoreError> {
        self.run("discard dead letters", move |db| {
            dead_letters::discard(db, &id, number).map(|count| count as u64)
        })
        .await
    }
}

#[async_trait]
impl WebhookStore for UnavailableStore {
    fn announced(&self) -> watch::Receiver<i64> {
        watch::channel(0).1
    }

    async fn announce(&self, _: Vec<News>) -> Result<(), StoreError> {
        self.fail("write what webhooks are told")
    }

    async fn webhooks(&self) -> Result<Vec<WebhookReport>, StoreError> {
        self.fail("read the webhooks")
    }

    async fn webhook(&self, _: WebhookId) -> Result<Option<WebhookReport>, StoreError> {
        self.fail("read a webhook")
    }

    async fn save_webhook(&self, _: Webhook, _: Timestamp) -> Result<(), StoreError> {
        self.fail("save a webhook")
    }

    async fn remove_webhook(&self, _: WebhookId) -> Result<bool, StoreError> {
        self.fail("remove a webhook")
    }

    async fn next_delivery(&self, _: WebhookId) -> Result<Option<Delivery>, StoreError> {
        self.fail("read what a webhook is to be told")
    }

    async fn settle(&self, _: WebhookId, _: Place, _: Outcome) -> Result<(), StoreError> {
        self.fail("write what a webhook was told")
    }

    async fn dead_letters(&self, _: WebhookId, _: u32) -> Result<Vec<DeadLetter>, StoreError> {
        self.fail("read dead letters")
    }

    async fn resend(&self, _: WebhookId, _: Option<i64>) -> Result<u64, StoreError> {
        self.fail("resend dead letters")
    }

    async fn discard(&self, _: WebhookId, _: Option<i64>) -> Result<u64, StoreError> {
        self.fail("discard dead letters")
    }
}
