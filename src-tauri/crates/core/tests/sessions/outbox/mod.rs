//! The outbox over fakes: what goes out, when, in which order, and what is known of it.

mod asking;
mod knowing;
mod lasting;
mod sending;

use std::sync::Arc;

use session_core::{
    ChatId, Draft, DraftContent, MediaDraft, MediaSource, MessageKey, MessageRecord, MessageStatus,
    MessageText, Outbox, OutboxParts, OutboxPolicy, Registry, Wish,
};
use tokio::time::{Duration, timeout};

use crate::memory::{MemoryFiles, MemoryMessages};
use crate::support::{FakeBrowser, World, id, ready};

/// A program: it can be started again over the same messages.
struct Setup {
    world: Arc<World>,
    store: Arc<MemoryMessages>,
    files: Arc<MemoryFiles>,
    registry: Registry,
    outbox: Outbox,
}

impl Setup {
    async fn new() -> Self {
        Self::with(OutboxPolicy::default()).await
    }

    async fn with(policy: OutboxPolicy) -> Self {
        Self::over(Arc::default(), Arc::default(), policy).await
    }

    async fn over(
        store: Arc<MemoryMessages>,
        files: Arc<MemoryFiles>,
        policy: OutboxPolicy,
    ) -> Self {
        let world = World::new();
        let registry = world.registry().await;
        let outbox = Outbox::open(OutboxParts {
            registry: registry.clone(),
            store: Arc::clone(&store) as _,
            files: Arc::clone(&files) as _,
            clock: world.clock(),
            policy,
        })
        .await;
        Self {
            world,
            store,
            files,
            registry,
            outbox,
        }
    }

    /// With the session of cliente 1 connected.
    async fn connected() -> (Self, Arc<FakeBrowser>) {
        let setup = Self::new().await;
        let browser = ready(&setup.world, &setup.registry, 1).await;
        (setup, browser)
    }

    /// A cliente that is known and does not run.
    async fn known(&self, number: u64) {
        let added = self
            .registry
            .add(Some(id(number)), String::new(), String::new());
        added.await.unwrap();
    }

    /// Takes a text for cliente 1, whatever its session does.
    async fn queue(&self, words: &str) -> MessageKey {
        let submitted = self.outbox.submit(id(1), text(words), patient());
        submitted.await.unwrap().key
    }

    async fn record(&self, key: &MessageKey) -> MessageRecord {
        self.outbox.message(key).await.unwrap().unwrap()
    }

    /// Waits until a message is this.
    async fn becomes(&self, key: &MessageKey, status: MessageStatus) -> MessageRecord {
        let mut changes = self.outbox.subscribe();
        let waiting = async {
            loop {
                let record = self.record(key).await;
                if record.status == status {
                    return record;
                }
                let _ = changes.recv().await;
            }
        };
        timeout(Duration::from_secs(14 * 24 * 3600), waiting)
            .await
            .unwrap_or_else(|_| panic!("never {status:?}"))
    }
}

fn text(words: &str) -> Draft {
    Draft {
        chat: ChatId::parse("5491155551234").unwrap(),
        content: DraftContent::Text(MessageText::new(words.to_owned()).unwrap()),
    }
}

fn file(source: MediaSource) -> Draft {
    Draft {
        chat: ChatId::parse("5491155551234").unwrap(),
        content: DraftContent::Media(MediaDraft {
            source,
            kind: None,
            mime: "image/png".to_owned(),
            name: None,
            caption: None,
        }),
    }
}

/// Is also taken while the session cannot send.
fn patient() -> Wish {
    Wish {
        patient: true,
        ..Wish::default()
    }
}

/// With an idempotency key.
fn named(key: &str) -> Wish {
    Wish {
        idempotency: Some(key.parse().unwrap()),
        ..Wish::default()
    }
}
