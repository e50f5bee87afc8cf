//! The async port: a bounded queue to the one thread that owns the connection.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use async_trait::async_trait;
use rusqlite::Connection;
use session_core::ports::{Store, StoreError};
use session_core::{Change, ClienteId, ClienteRecord, Clock as _, SystemClock};
use tokio::sync::{mpsc, oneshot, watch};

use crate::backup::{self, Keeper};
use crate::open::{OpenError, OpenReport, open};
use crate::{announce, deliveries, rows, webhooks};

/// Calls that may wait for the disk; further callers wait for a place.
const QUEUE: usize = 256;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

enum Call {
    Run(Job),
    Close(oneshot::Sender<()>),
}

/// Clientes and their timeline in one SQLite file.
///
/// Every write is on disk when its call returns. After [`Store::close`] every call fails.
pub struct SqliteStore {
    // Dropped in this order: the end of the queue is what ends the thread.
    calls: mpsc::Sender<Call>,
    announced: watch::Receiver<i64>,
    thread: Thread,
}

struct Thread(Mutex<Option<JoinHandle<()>>>);

impl SqliteStore {
    /// Opens the file, or creates it. Blocks for as long as the disk takes.
    ///
    /// A file that is damaged or is no database of ours is set aside as `<name>.broken-<unix ms>` and rebuilt from
    /// the copy that is kept beside it as `<name>.backup`, and the report says so; one that a newer program wrote is
    /// an error and stays as it is.
    pub fn open(path: &Path) -> Result<(Self, OpenReport), OpenError> {
        let (db, report) = open(path, SystemClock.now())?;
        let keeper = Keeper::start(path.to_owned(), backup::EVERY)
            .inspect_err(|error| tracing::warn!(%error, "no backup copies will be made"))
            .ok();
        let (calls, queue) = mpsc::channel(QUEUE);
        let line = Line::of(&db);
        let announced = line.news.subscribe();
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || work(db, keeper, line, queue))
            .map_err(|cause| OpenError::Other {
                path: path.to_owned(),
                detail: format!("start the store's thread: {cause}"),
            })?;
        let store = Self {
            calls,
            announced,
            thread: Thread(Mutex::new(Some(thread))),
        };
        Ok((store, report))
    }

    pub(crate) fn announced(&self) -> watch::Receiver<i64> {
        self.announced.clone()
    }

    pub(crate) async fn run<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let closed = || StoreError {
            operation,
            detail: "the store is closed".to_owned(),
        };
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |db| {
            // The caller may have gone; what it asked for is done all the same.
            let _ = reply.send(work(db));
        });
        self.calls
            .send(Call::Run(job))
            .await
            .map_err(|_| closed())?;
        answer
            .await
            .map_err(|_| closed())?
            .map_err(|error| StoreError {
                operation,
                detail: error.to_string(),
            })
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn clientes(&self) -> Result<Vec<ClienteRecord>, StoreError> {
        self.run("read the clientes", |db| rows::clientes(db)).await
    }

    async fn save(&self, record: ClienteRecord) -> Result<(), StoreError> {
        self.run("save a cliente", move |db| rows::save(db, &record))
            .await
    }

    async fn save_all(&self, records: Vec<ClienteRecord>) -> Result<(), StoreError> {
        self.run("save clientes", move |db| rows::save_all(db, &records))
            .await
    }

    async fn remove(&self, cliente: ClienteId) -> Result<(), StoreError> {
        self.run("remove a cliente", move |db| {
            rows::remove(db, cliente, SystemClock.now())
        })
        .await
    }

    async fn record(&self, cliente: ClienteId, change: Change) -> Result<(), StoreError> {
        self.run("write to the timeline", move |db| {
            rows::record(db, cliente, &change, rows::TIMELINE_KEPT)
        })
        .await
    }

    async fn timeline(&self, cliente: ClienteId, limit: u32) -> Result<Vec<Change>, StoreError> {
        self.run("read the timeline", move |db| {
            rows::timeline(db, cliente, limit)
        })
        .await
    }

    async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.calls.send(Call::Close(reply)).await.is_ok() {
            // A thread that is gone has closed its connection too.
            let _ = closed.await;
        }
        // At its last line by now.
        self.thread.join();
    }
}

impl Thread {
    fn join(&self) {
        let thread = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the store's thread panicked");
        }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.join();
    }
}

/// Notices what is new in the line of webhooks, whichever call wrote it.
struct Line {
    news: watch::Sender<i64>,
    trimmed: i64,
}

impl Line {
    /// How often it is looked whether the line is too long, in announcements.
    const STRIDE: i64 = 1000;

    fn of(db: &Connection) -> Self {
        let last = announce::last(db).unwrap_or_default();
        Self {
            news: watch::Sender::new(last),
            trimmed: last,
        }
    }

    fn look(&mut self, db: &mut Connection) {
        let last = match announce::last(db) {
            Ok(last) => last,
            Err(error) => {
                tracing::warn!(%error, "it is not known whether there is something to tell");
                return;
            }
        };
        if last - self.trimmed >= Self::STRIDE {
            self.trimmed = last;
            if let Err(error) = deliveries::trim(db, webhooks::WAITING_KEPT, SystemClock.now()) {
                tracing::warn!(%error, "the line of webhooks could not be shortened");
            }
        }
        self.news
            .send_if_modified(|known| std::mem::replace(known, last) != last);
    }
}

/// The thread: owns the connection until it is told to close, or until nobody can call any more.
fn work(
    mut db: Connection,
    keeper: Option<Keeper>,
    mut line: Line,
    mut queue: mpsc::Receiver<Call>,
) {
    let mut closing = None;
    let mut changes = db.total_changes();
    while let Some(call) = queue.blocking_recv() {
        match call {
            Call::Run(job) => {
                job(&mut db);
                if db.total_changes() != changes {
                    changes = db.total_changes();
                    if let Some(keeper) = &keeper {
                        keeper.changed();
                    }
                    line.look(&mut db);
                }
            }
            Call::Close(reply) => {
                closing = Some(reply);
                break;
            }
        }
    }
    // From here on nobody gets in; who waits in the queue is told that the store is closed.
    drop(queue);
    if let Some(keeper) = keeper {
        keeper.finish();
    }
    if let Err(error) = db.pragma_update_and_check(None, "wal_checkpoint", "TRUNCATE", |_| Ok(())) {
        tracing::warn!(%error, "the write-ahead log was not emptied");
    }
    if let Err((_, error)) = db.close() {
        tracing::warn!(%error, "the database was not closed cleanly");
    }
    if let Some(reply) = closing {
        // The caller may have given up waiting.
        let _ = reply.send(());
    }
}
