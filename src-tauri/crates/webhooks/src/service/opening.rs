//! How webhooks go on where they ended, and what the command line adds to them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use session_core::ports::{StoreError, WebhookStore};
use session_core::{Clock, Registry, Webhook, WebhookId, WebhookSecret, WebhookShape};
use sha2::{Digest as _, Sha256};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Webhooks;
use super::shared::{Shared, measure};
use crate::announcer;
use crate::backoff::Policy;
use crate::client::{self, Client};
use crate::draft::check_url;
use crate::figures::Counters;
use crate::worker::Worker;

/// What webhooks are made of.
pub struct Parts {
    /// Where they are kept.
    pub store: Arc<dyn WebhookStore>,
    /// What they are told of.
    pub registry: Registry,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The program's version, for receivers.
    pub version: String,
    /// Its waits.
    pub policy: Policy,
    /// The addresses of those that come from the command line.
    pub fixed: Vec<String>,
    /// What signs for these; nothing: a secret of its own each.
    pub fixed_secret: Option<WebhookSecret>,
    /// Keeps count of what runs.
    pub tasks: TaskTracker,
    /// Ends it.
    pub stop: CancellationToken,
}

/// The HTTP client cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("set up TLS for webhooks: {0}")]
pub struct OpenError(rustls::Error);

impl Webhooks {
    /// Goes on where it ended. A store that does not work leaves nobody to tell. Has to be called inside the runtime.
    pub async fn open(parts: Parts) -> Result<Self, OpenError> {
        let roots = tokio::task::spawn_blocking(client::trusted)
            .await
            .unwrap_or_else(|_| rustls::RootCertStore::empty());
        Self::open_trusting(parts, roots).await
    }

    /// As [`Webhooks::open`], trusting these certificates.
    pub async fn open_trusting(
        parts: Parts,
        roots: rustls::RootCertStore,
    ) -> Result<Self, OpenError> {
        let shared = Arc::new(Shared {
            client: Client::new(&parts.version, parts.policy.deadline, roots).map_err(OpenError)?,
            store: parts.store,
            version: parts.version,
            policy: parts.policy,
            counters: Counters::default(),
            tasks: parts.tasks,
            stop: parts.stop,
            changed: Notify::new(),
            clock: parts.clock,
            listening: AtomicBool::new(false),
        });
        let webhooks = Self {
            shared: Arc::clone(&shared),
            workers: Arc::default(),
        };
        // From now on, so that nothing is missed meanwhile.
        let events = parts.registry.subscribe();
        if let Err(error) = webhooks.restore(&parts.fixed, parts.fixed_secret).await {
            tracing::warn!(%error, "the webhooks cannot be read; nobody is told anything");
        }
        shared.look_who_listens().await;
        shared.tasks.spawn({
            let shared = Arc::clone(&shared);
            async move {
                let follow = announcer::follow(&shared, parts.registry, events);
                shared.stop.run_until_cancelled(follow).await;
            }
        });
        shared.tasks.spawn({
            let shared = Arc::clone(&shared);
            async move {
                shared.stop.run_until_cancelled(measure(&shared)).await;
            }
        });
        Ok(webhooks)
    }

    /// Takes in what the command line says, and starts a worker each.
    async fn restore(
        &self,
        fixed: &[String],
        secret: Option<WebhookSecret>,
    ) -> Result<(), StoreError> {
        let store = &self.shared.store;
        let mut left: BTreeMap<WebhookId, Webhook> = store
            .webhooks()
            .await?
            .into_iter()
            .map(|report| (report.webhook.id.clone(), report.webhook))
            .collect();
        let now = self.shared.now();
        let mut workers = self.workers.lock().await;
        for url in fixed {
            let Ok(url) = check_url(url) else { continue };
            let id = fixed_id(&url);
            if workers.contains_key(&id) {
                // Named twice.
                continue;
            }
            let known = left.remove(&id);
            let own = known.as_ref().map(|known| known.secret.clone());
            let webhook = Webhook {
                id: id.clone(),
                url,
                events: vec![session_core::WebhookEvent::SessionStatus.into()],
                clientes: None,
                shape: WebhookShape::Native,
                content: false,
                enabled: true,
                fixed: true,
                secret: secret.clone().or(own).unwrap_or_else(WebhookSecret::random),
                old_secret: None,
                created: known.map_or(now, |known| known.created),
            };
            store.save_webhook(webhook, now).await?;
            workers.insert(id.clone(), Worker::start(&self.shared, id));
        }
        for (id, webhook) in left {
            if webhook.fixed {
                // The command line does not name it any more.
                store.remove_webhook(id).await?;
            } else {
                workers.insert(id.clone(), Worker::start(&self.shared, id));
            }
        }
        Ok(())
    }
}

/// The same for the same address, so that it goes on where it was at the next start.
fn fixed_id(url: &str) -> WebhookId {
    let digest = Sha256::digest(url.as_bytes());
    let name = digest[..8]
        .iter()
        .fold(0_u64, |name, byte| name << 8 | u64::from(*byte));
    WebhookId::fixed(name)
}
