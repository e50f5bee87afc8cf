//! Writes to the store in order, without making a session wait for the disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::task::TaskTracker;

use crate::cliente::{ClienteId, ClienteRecord};
use crate::ports::{Store, StoreError};
use crate::state::Change;

type Reply = oneshot::Sender<Result<(), StoreError>>;

enum Write {
    Save(ClienteRecord, Option<Reply>),
    SaveAll(Vec<ClienteRecord>, Reply),
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

/// What carries the writes to the store.
struct Writer {
    store: Arc<dyn Store>,
    /// Clientes whose last write failed, without anybody being told. They are tried again with every write.
    unsaved: BTreeMap<ClienteId, ClienteRecord>,
}

impl Writer {
    async fn carry_out(&mut self, write: Write) -> bool {
        let outcome = match write {
            Write::Save(record, None) => {
                // The newest wins, whether or not an older one was written.
                self.unsaved.insert(record.id, record);
                Ok(())
            }
            Write::Save(record, Some(reply)) => {
                let id = record.id;
                let outcome = self.store.save(record).await;
                let ok = outcome.is_ok();
                if ok {
                    self.unsaved.remove(&id);
                }
                // The caller may have gone.
                let _ = reply.send(outcome);
                return ok & self.save_the_unsaved().await;
            }
            Write::SaveAll(records, reply) => {
                let ids: Vec<_> = records.iter().map(|record| record.id).collect();
                let outcome = self.store.save_all(records).await;
                let ok = outcome.is_ok();
                if ok {
                    self.unsaved.retain(|id, _| !ids.contains(id));
                }
                let _ = reply.send(outcome);
                return ok & self.save_the_unsaved().await;
            }
            Write::Remove(id, reply) => {
                self.unsaved.remove(&id);
                let outcome = self.store.remove(id).await;
                let ok = outcome.is_ok();
                let _ = reply.send(outcome);
                return ok & self.save_the_unsaved().await;
            }
            Write::Record(id, change) => {
                // A change of a cliente that the store does not know would be refused.
                if !self.save_the_unsaved().await {
                    return false;
                }
                self.store.record(id, change).await
            }
            Write::Close(reply) => {
                let saved = self.save_the_unsaved().await;
                self.store.close().await;
                let _ = reply.send(Ok(()));
                return saved;
            }
        };
        if let Err(error) = &outcome {
            tracing::error!(%error, "the store does not work; a change is not kept");
        }
        outcome.is_ok() & self.save_the_unsaved().await
    }

    async fn save_the_unsaved(&mut self) -> bool {
        while let Some((id, record)) = self.unsaved.pop_first() {
            if let Err(error) = self.store.save(record.clone()).await {
                tracing::error!(cliente = %id, %error, "the store does not work; a cliente is not kept yet");
                self.unsaved.insert(id, record);
                return false;
            }
        }
        true
    }
}

impl Journal {
    pub(crate) fn start(store: Arc<dyn Store>, healthy: bool, tasks: &TaskTracker) -> Self {
        let (writes, mut queue) = mpsc::channel(QUEUE);
        let (health, healthy) = watch::channel(healthy);
        tasks.spawn(async move {
            let mut carrier = Writer {
                store,
                unsaved: BTreeMap::new(),
            };
            while let Some(write) = queue.recv().await {
                let last = matches!(write, Write::Close(_));
                let ok = carrier.carry_out(write).await;
                health.send_if_modified(|known| std::mem::replace(known, ok) != ok);
                if last {
                    break;
                }
            }
        });
        Self { writes, healthy }
    }

    /// Whether everything is written.
    pub(crate) fn healthy(&self) -> watch::Receiver<bool> {
        self.healthy.clone()
    }

    /// Writes a cliente, and waits until it is on disk.
    pub(crate) async fn save(&self, record: ClienteRecord) -> Result<(), StoreError> {
        self.ask(|reply| Write::Save(record, Some(reply))).await
    }

    /// Writes clientes, all or none, and waits until they are on disk.
    pub(crate) async fn save_all(&self, records: Vec<ClienteRecord>) -> Result<(), StoreError> {
        self.ask(|reply| Write::SaveAll(records, reply)).await
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
