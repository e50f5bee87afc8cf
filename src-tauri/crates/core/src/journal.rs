//! Writes to the store in order, without making a session wait for the disk.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::task::TaskTracker;

use crate::cliente::{ClienteId, ClienteRecord};
use crate::ports::{Store, StoreError};
use crate::state::Change;

type Reply = oneshot::Sender<Result<(), StoreError>>;

enum Write {
    Save(ClienteRecord, Option<Reply>),
    Remove(ClienteId, Reply),
    Record(ClienteId, Change),
    Close(Reply),
}

/// The way to the store.
#[derive(Clone)]
pub(crate) struct Journal {
    writes: mpsc::Sender<Write>,
    healthy: watch::Receiver<bool>,
}

/// Writes that may wait. A session makes about ten in a busy minute.
const QUEUE: usize = 1024;

impl Journal {
    pub(crate) fn start(store: Arc<dyn Store>, healthy: bool, tasks: &TaskTracker) -> Self {
        let (writes, mut queue) = mpsc::channel(QUEUE);
        let (health, healthy) = watch::channel(healthy);
        tasks.spawn(async move {
            while let Some(write) = queue.recv().await {
                let (outcome, reply) = match write {
                    Write::Save(record, reply) => (store.save(record).await, reply),
                    Write::Remove(id, reply) => (store.remove(id).await, Some(reply)),
                    Write::Record(id, change) => (store.record(id, change).await, None),
                    Write::Close(reply) => {
                        store.close().await;
                        // The caller may have given up waiting.
                        let _ = reply.send(Ok(()));
                        break;
                    }
                };
                if let Err(error) = &outcome {
                    tracing::error!(%error, "the store does not work; changes are lost at the next restart");
                }
                health.send_if_modified(|known| std::mem::replace(known, outcome.is_ok()) != outcome.is_ok());
                if let Some(reply) = reply {
                    // The caller may have gone.
                    let _ = reply.send(outcome);
                }
            }
        });
        Self { writes, healthy }
    }

    /// Whether the last write worked.
    pub(crate) fn healthy(&self) -> watch::Receiver<bool> {
        self.healthy.clone()
    }

    /// Writes a cliente, and waits until it is on disk.
    pub(crate) async fn save(&self, record: ClienteRecord) -> Result<(), StoreError> {
        self.ask(|reply| Write::Save(record, Some(reply))).await
    }

    /// Writes a cliente some time soon.
    pub(crate) fn save_soon(&self, record: ClienteRecord) {
        self.queue(Write::Save(record, None));
    }

    /// Writes a change of state some time soon.
    pub(crate) fn record(&self, id: ClienteId, change: Change) {
        self.queue(Write::Record(id, change));
    }

    /// Forgets a cliente, and waits until it is done.
    pub(crate) async fn remove(&self, id: ClienteId) -> Result<(), StoreError> {
        self.ask(|reply| Write::Remove(id, reply)).await
    }

    /// Writes what is queued, and closes the store.
    pub(crate) async fn close(&self) {
        if let Err(error) = self.ask(Write::Close).await {
            tracing::warn!(%error, "the store was closed before");
        }
    }

    fn queue(&self, write: Write) {
        if self.writes.try_send(write).is_err() {
            tracing::error!("the store is too slow or closed; a change is not kept");
        }
    }

    async fn ask(&self, write: impl FnOnce(Reply) -> Write) -> Result<(), StoreError> {
        let closed = || StoreError {
            operation: "write",
            detail: "the store is closed".to_owned(),
        };
        let (reply, answer) = oneshot::channel();
        self.writes.send(write(reply)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}
