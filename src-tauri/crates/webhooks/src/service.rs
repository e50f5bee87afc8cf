//! What can be done with webhooks, and what runs for them.

mod opening;
mod shared;
mod trial;

pub use opening::{OpenError, Parts};
pub(crate) use shared::Shared;
pub use trial::TestResult;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use session_core::ports::StoreError;
use session_core::{DeadLetter, Webhook, WebhookId, WebhookReport, WebhookSecret};
use tokio::sync::Mutex;

use crate::draft::{Checked, Draft, InvalidDraft, is_unencrypted};
use crate::figures::Figures;
use crate::worker::Worker;

/// How long a secret that was replaced still signs too.
const ROTATION: Duration = Duration::from_secs(24 * 60 * 60);

/// Why something cannot be done with a webhook.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// There is none with this id.
    #[error("there is no such webhook")]
    NotFound,
    /// It comes from the command line.
    #[error("this webhook comes from the command line, where alone it can be changed")]
    Fixed,
    /// It is switched off.
    #[error("this webhook is switched off: switch it on first")]
    SwitchedOff,
    /// Something in it cannot be used.
    #[error(transparent)]
    Invalid(#[from] InvalidDraft),
    /// The store does not work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The webhooks. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks {
    shared: Arc<Shared>,
    /// Held while something is changed, so that changes do not mix.
    workers: Arc<Mutex<BTreeMap<WebhookId, Worker>>>,
}

impl Webhooks {
    /// All of them, the oldest first.
    pub async fn list(&self) -> Result<Vec<WebhookReport>, WebhookError> {
        Ok(self.shared.store.webhooks().await?)
    }

    /// One of them.
    pub async fn get(&self, id: &WebhookId) -> Result<WebhookReport, WebhookError> {
        self.shared
            .store
            .webhook(id.clone())
            .await?
            .ok_or(WebhookError::NotFound)
    }

    /// Adds one. It is told what happens from now on.
    pub async fn add(&self, draft: &Draft) -> Result<WebhookReport, WebhookError> {
        let checked = draft.check()?;
        let now = self.shared.now();
        let webhook = Webhook {
            id: WebhookId::random(),
            url: checked.url,
            events: checked.events,
            clientes: checked.clientes,
            shape: draft.shape,
            content: draft.content,
            enabled: draft.enabled,
            fixed: false,
            secret: WebhookSecret::random(),
            old_secret: None,
            created: now,
        };
        let mut workers = self.workers.lock().await;
        self.put(&mut workers, webhook).await
    }

    /// Changes one. Its secret stays.
    pub async fn update(
        &self,
        id: &WebhookId,
        draft: &Draft,
    ) -> Result<WebhookReport, WebhookError> {
        let Checked {
            url,
            events,
            clientes,
        } = draft.check()?;
        let mut workers = self.workers.lock().await;
        let webhook = Webhook {
            url,
            events,
            clientes,
            shape: draft.shape,
            content: draft.content,
            enabled: draft.enabled,
            ..self.changeable(id).await?
        };
        self.put(&mut workers, webhook).await
    }

    /// Removes one, with everything that it was still to be told.
    pub async fn remove(&self, id: &WebhookId) -> Result<(), WebhookError> {
        let mut workers = self.workers.lock().await;
        self.changeable(id).await?;
        if let Some(worker) = workers.remove(id) {
            worker.end().await;
        }
        self.shared.store.remove_webhook(id.clone()).await?;
        self.shared.look_who_listens().await;
        Ok(())
    }

    /// Gives one a new secret. For a day the one before signs too.
    pub async fn rotate(&self, id: &WebhookId) -> Result<WebhookReport, WebhookError> {
        let mut workers = self.workers.lock().await;
        let webhook = self.changeable(id).await?;
        let until = self.shared.now().plus(ROTATION);
        let webhook = Webhook {
            secret: WebhookSecret::random(),
            old_secret: Some((webhook.secret, until)),
            ..webhook
        };
        self.put(&mut workers, webhook).await
    }
    /// What one was not told, the newest first, at most `limit`.
    pub async fn dead_letters(
        &self,
        id: &WebhookId,
        limit: u32,
    ) -> Result<Vec<DeadLetter>, WebhookError> {
        self.get(id).await?;
        Ok(self.shared.store.dead_letters(id.clone(), limit).await?)
    }

    /// Has one dead letter tried again, or all, and says how many. They go out before what waits, in their order, under
    /// the ids they had; the first that fails ends it.
    pub async fn resend(&self, id: &WebhookId, number: Option<i64>) -> Result<u64, WebhookError> {
        let workers = self.workers.lock().await;
        if !self.get(id).await?.webhook.enabled {
            return Err(WebhookError::SwitchedOff);
        }
        let count = self.shared.store.resend(id.clone(), number).await?;
        if let Some(worker) = workers.get(id) {
            worker.poke();
        }
        Ok(count)
    }

    /// Throws one dead letter away, or all, and says how many.
    pub async fn discard(&self, id: &WebhookId, number: Option<i64>) -> Result<u64, WebhookError> {
        self.get(id).await?;
        let count = self.shared.store.discard(id.clone(), number).await?;
        self.shared.changed.notify_one();
        Ok(count)
    }

    /// Numbers for a monitor. Reads what was counted before.
    pub fn figures(&self) -> Figures {
        self.shared.counters.read()
    }

    /// One that a person may change.
    async fn changeable(&self, id: &WebhookId) -> Result<Webhook, WebhookError> {
        let webhook = self.get(id).await?.webhook;
        if webhook.fixed {
            return Err(WebhookError::Fixed);
        }
        Ok(webhook)
    }

    /// Writes it and begins anew with it. What was on its way as it was before is called off.
    async fn put(
        &self,
        workers: &mut BTreeMap<WebhookId, Worker>,
        webhook: Webhook,
    ) -> Result<WebhookReport, WebhookError> {
        let id = webhook.id.clone();
        if let Some(worker) = workers.remove(&id) {
            worker.end().await;
        }
        let saved = self
            .shared
            .store
            .save_webhook(webhook, self.shared.now())
            .await;
        // Also when it is as before.
        workers.insert(id.clone(), Worker::start(&self.shared, id.clone()));
        saved?;
        self.shared.look_who_listens().await;
        self.get(&id).await
    }
}

/// Whether what a webhook is told can be read on the way.
pub fn unencrypted(webhook: &Webhook) -> bool {
    is_unencrypted(&webhook.url)
}
