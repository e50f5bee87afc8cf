//! What can be done with webhooks, and what runs for them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use session_core::ports::{StoreError, WebhookStore};
use session_core::{
    Clock, DeadLetter, Registry, Timestamp, Webhook, WebhookId, WebhookProblem, WebhookReport,
    WebhookSecret, WebhookShape,
};
use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex, Notify};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::backoff::Policy;
use crate::client::{self, Client};
use crate::draft::{Checked, Draft, InvalidDraft, check_url, is_unencrypted};
use crate::figures::{Counters, Depth, Figures};
use crate::worker::Worker;
use crate::{announcer, body};

/// How long a secret that was replaced still signs too.
const ROTATION: Duration = Duration::from_secs(24 * 60 * 60);
/// The least time between two looks at how much there is to do.
const MEASURE: Duration = Duration::from_secs(5);

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

/// What came of trying a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestResult {
    /// Why it was not told; nothing: it was.
    pub problem: Option<WebhookProblem>,
    /// The HTTP status, if it answered.
    pub status: Option<u16>,
    /// How long it took.
    pub took: Duration,
}

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
    clock: Arc<dyn Clock>,
    /// Whether anybody is to be told anything.
    listening: AtomicBool,
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

/// The webhooks. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks {
    shared: Arc<Shared>,
    /// Held while something is changed, so that changes do not mix.
    workers: Arc<Mutex<BTreeMap<WebhookId, Worker>>>,
}

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

    /// Sends one a `test` event now, past everything that waits, also while it is switched off. If it arrives, what
    /// waits is tried at once.
    pub async fn test(&self, id: &WebhookId) -> Result<TestResult, WebhookError> {
        let webhook = self.get(id).await?.webhook;
        let now = self.shared.now();
        let name = format!("test_{}", WebhookId::random());
        let body = body::test(&webhook, &name, now, &self.shared.version)
            .map_err(|error| InvalidDraft(error.to_string()))?;
        let begun = Instant::now();
        let answer = self.shared.client.post(&webhook, &name, now, body).await;
        let took = begun.elapsed();
        let (problem, status) = match answer {
            Ok(answer) => match answer.status {
                200..=299 => (None, Some(answer.status)),
                410 => (Some(WebhookProblem::Gone), Some(410)),
                status => (Some(WebhookProblem::Status), Some(status)),
            },
            Err(problem) => (Some(problem), None),
        };
        if problem.is_none() {
            let workers = self.workers.lock().await;
            // As it is now: it may have been changed meanwhile.
            if let Ok(report) = self.get(id).await
                && report.tries.is_some()
            {
                let now = self.shared.now();
                self.shared.store.save_webhook(report.webhook, now).await?;
                if let Some(worker) = workers.get(id) {
                    worker.poke();
                }
            }
        }
        Ok(TestResult {
            problem,
            status,
            took,
        })
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

/// The HTTP client cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("set up TLS for webhooks: {0}")]
pub struct OpenError(rustls::Error);

/// Whether what a webhook is told can be read on the way.
pub fn unencrypted(webhook: &Webhook) -> bool {
    is_unencrypted(&webhook.url)
}

/// The same for the same address, so that it goes on where it was at the next start.
fn fixed_id(url: &str) -> WebhookId {
    let digest = Sha256::digest(url.as_bytes());
    let name = digest[..8]
        .iter()
        .fold(0_u64, |name, byte| name << 8 | u64::from(*byte));
    WebhookId::fixed(name)
}

/// Counts what there is to do whenever something changed, but not all the time.
async fn measure(shared: &Shared) {
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
