//! Messages and files that exist only in memory, for as long as a test does: an outbox that is opened anew over them is
//! a program that was started again.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use session_core::ports::{
    Added, CopyError, MediaFiles, MediaWriter, MessageFilter, MessageStore, Pending, PendingLimits,
    Retention, StoreError,
};
use session_core::{
    ClienteId, FailureCode, IdempotencyKey, MediaId, MediaRecord, MessageChange, MessageKey,
    MessageRecord, MessageStatus, MessageStep, NewMessage, PendingMessage, Timestamp,
};

#[derive(Default)]
pub(crate) struct MemoryMessages {
    rows: Mutex<Vec<Row>>,
    media: Mutex<Vec<MediaRecord>>,
    /// Whether every call fails.
    pub(crate) broken: AtomicBool,
    /// How many changes were written.
    pub(crate) changes: AtomicUsize,
}

#[derive(Clone)]
struct Row {
    new: NewMessage,
    record: MessageRecord,
}

impl MemoryMessages {
    fn working(&self) -> Result<MutexGuard<'_, Vec<Row>>, StoreError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(StoreError {
                operation: "write a message",
                detail: "/data/sessions.db: as planned".to_owned(),
            });
        }
        Ok(self.rows.lock().unwrap())
    }

    /// What became of all messages, the oldest first.
    pub(crate) fn statuses(&self) -> Vec<MessageStatus> {
        let rows = self.rows.lock().unwrap();
        rows.iter().map(|row| row.record.status).collect()
    }
}

fn take(rows: &mut Vec<Row>, step: &MessageStep) -> Option<MessageChange> {
    let place = rows.iter().position(|row| row.new.key == step.key)?;
    let row = &mut rows[place];
    let previous = row.record.status;
    if !step.from.contains(&previous) {
        return None;
    }
    let change = MessageChange {
        cliente: row.record.cliente,
        key: step.key.clone(),
        previous: Some(previous),
        status: step.to,
        reason: step.reason.clone(),
        at: step.at,
        after: step.at.since(row.record.updated),
    };
    row.record.status = step.to;
    row.record.updated = step.at;
    if step.to == MessageStatus::Sending {
        row.record.attempts += 1;
    } else {
        row.record.reason.clone_from(&step.reason);
    }
    if row.record.message_id.is_none() {
        row.record.message_id.clone_from(&step.message_id);
    }
    row.record.expires = step.expires.unwrap_or(row.record.expires);
    if step.erases() {
        row.new.content = None;
        row.record.content_kept = false;
    }
    if step.requeue {
        let row = rows.remove(place);
        rows.push(row);
    }
    Some(change)
}

#[async_trait]
impl MessageStore for MemoryMessages {
    async fn add(&self, new: NewMessage, most: PendingLimits) -> Result<Added, StoreError> {
        let mut rows = self.working()?;
        let same = |row: &&Row| {
            row.new.cliente == new.cliente
                && new.idempotency.is_some()
                && row.new.idempotency == new.idempotency
        };
        if let Some(row) = rows.iter().find(same) {
            return Ok(Added::Repeated(Box::new(row.record.clone())));
        }
        let waiting = rows.iter().filter(|row| row.record.status.is_pending());
        if new.content.is_some() && waiting.count() >= most.of_cliente as usize {
            return Ok(Added::Full);
        }
        let media = new.content.as_ref().and_then(|it| it.media.as_ref());
        if let Some(media) = media {
            let mut all = self.media.lock().unwrap();
            match &media.copied {
                Some(copied) => all.push(copied.clone()),
                None if all.iter().all(|known| known.id != media.id) => return Ok(Added::NoMedia),
                None => {}
            }
        }
        let record = MessageRecord {
            key: new.key.clone(),
            cliente: new.cliente,
            status: match new.sent {
                Some(_) => MessageStatus::Sent,
                None => MessageStatus::Queued,
            },
            reason: None,
            kind: new.kind,
            to: new.to.clone(),
            message_id: new.sent.clone(),
            attempts: u32::from(new.sent.is_some()),
            created: new.created,
            updated: new.created,
            expires: new.expires,
            fingerprint: new.fingerprint,
            content_kept: new.content.is_some(),
        };
        rows.push(Row { new, record });
        Ok(Added::New)
    }

    async fn message(&self, key: &MessageKey) -> Result<Option<MessageRecord>, StoreError> {
        let rows = self.working()?;
        let found = rows.iter().find(|row| row.new.key == *key);
        Ok(found.map(|row| row.record.clone()))
    }

    async fn repeated(
        &self,
        cliente: ClienteId,
        key: &IdempotencyKey,
    ) -> Result<Option<MessageRecord>, StoreError> {
        let rows = self.working()?;
        let found = rows
            .iter()
            .find(|row| row.new.cliente == cliente && row.new.idempotency.as_ref() == Some(key));
        Ok(found.map(|row| row.record.clone()))
    }

    async fn messages(&self, wanted: MessageFilter) -> Result<Vec<MessageRecord>, StoreError> {
        let rows = self.working()?;
        let found = rows.iter().rev().map(|row| row.record.clone());
        Ok(found
            .filter(|record| wanted.cliente.is_none_or(|id| id == record.cliente))
            .filter(|record| wanted.status.is_none_or(|status| status == record.status))
            .take(wanted.limit as usize)
            .collect())
    }

    async fn next(&self, cliente: ClienteId) -> Result<Option<PendingMessage>, StoreError> {
        let rows = self.working()?;
        let found = rows
            .iter()
            .find(|row| row.new.cliente == cliente && row.record.status.is_pending());
        Ok(found.map(|row| PendingMessage {
            key: row.new.key.clone(),
            status: row.record.status,
            attempts: row.record.attempts,
            expires: row.record.expires,
            content: row.new.content.clone(),
        }))
    }

    async fn change(&self, step: MessageStep) -> Result<Option<MessageChange>, StoreError> {
        let change = take(&mut *self.working()?, &step);
        self.changes.fetch_add(1, Ordering::SeqCst);
        Ok(change)
    }

    async fn expire(
        &self,
        now: Timestamp,
    ) -> Result<(Vec<MessageChange>, Option<Timestamp>), StoreError> {
        let mut rows = self.working()?;
        let late: Vec<_> = rows
            .iter()
            .map(|row| &row.record)
            .filter(|record| record.status == MessageStatus::Queued && record.expires <= now)
            .map(|record| record.key.clone())
            .collect();
        let changes = late
            .into_iter()
            .filter_map(|key| {
                let step = MessageStep::failed(key, FailureCode::EXPIRED, now);
                take(&mut rows, &step)
            })
            .collect();
        let waiting = rows.iter().map(|row| &row.record);
        let next = waiting
            .filter(|record| record.status == MessageStatus::Queued)
            .map(|record| record.expires)
            .min();
        Ok((changes, next))
    }

    async fn pending(&self) -> Result<Vec<(ClienteId, Pending)>, StoreError> {
        let rows = self.working()?;
        let mut all: Vec<(ClienteId, Pending)> = Vec::new();
        for record in rows.iter().map(|row| &row.record) {
            if !record.status.is_pending() {
                continue;
            }
            let place = all.iter().position(|(id, _)| *id == record.cliente);
            let place = place.unwrap_or_else(|| {
                all.push((record.cliente, Pending::default()));
                all.len() - 1
            });
            match record.status {
                MessageStatus::Queued => all[place].1.queued += 1,
                _ => all[place].1.sending += 1,
            }
        }
        Ok(all)
    }

    async fn forget(&self, cliente: ClienteId) -> Result<(), StoreError> {
        self.working()?.retain(|row| row.new.cliente != cliente);
        Ok(())
    }

    async fn prune(&self, now: Timestamp, kept: Retention) -> Result<Vec<MediaId>, StoreError> {
        let rows = self.working()?;
        let used = |id: &MediaId| {
            let contents = rows.iter().filter_map(|row| row.new.content.as_ref());
            contents
                .filter_map(|content| content.media.as_ref())
                .any(|media| media.id == *id)
        };
        let mut media = self.media.lock().unwrap();
        let (gone, left) = media.drain(..).partition(|it| {
            let old = it.created == Timestamp(0) || now.since(it.created) >= kept.media;
            old && !used(&it.id)
        });
        *media = left;
        let gone: Vec<MediaRecord> = gone;
        Ok(gone.into_iter().map(|it| it.id).collect())
    }

    async fn add_media(&self, media: MediaRecord) -> Result<(), StoreError> {
        drop(self.working()?);
        self.media.lock().unwrap().push(media);
        Ok(())
    }

    async fn media(&self, id: &MediaId) -> Result<Option<MediaRecord>, StoreError> {
        drop(self.working()?);
        let media = self.media.lock().unwrap();
        Ok(media.iter().find(|it| it.id == *id).cloned())
    }

    async fn all_media(&self) -> Result<BTreeSet<MediaId>, StoreError> {
        drop(self.working()?);
        let media = self.media.lock().unwrap();
        Ok(media.iter().map(|it| it.id.clone()).collect())
    }
}

/// Files by name, with what they hold.
pub(crate) type Files = Arc<Mutex<Vec<(MediaId, Vec<u8>)>>>;

#[derive(Default)]
pub(crate) struct MemoryFiles {
    pub(crate) files: Files,
}

struct Writer {
    files: Files,
    bytes: Vec<u8>,
}

#[async_trait]
impl MediaFiles for MemoryFiles {
    async fn begin(&self) -> io::Result<Box<dyn MediaWriter>> {
        Ok(Box::new(Writer {
            files: Arc::clone(&self.files),
            bytes: Vec::new(),
        }))
    }

    /// There is one folder that was allowed, `/out`, and its files are named for how large they are.
    async fn copy(&self, path: &Path, limit: u64) -> Result<(MediaId, u64), CopyError> {
        let Ok(name) = path.strip_prefix("/out") else {
            return Err(CopyError::NotAllowed);
        };
        let stem = name.file_stem().and_then(|stem| stem.to_str());
        let size: u64 = stem
            .and_then(|stem| stem.parse().ok())
            .ok_or(CopyError::Missing)?;
        if size > limit {
            return Err(CopyError::TooLarge);
        }
        let id = MediaId::random();
        let bytes = vec![0; usize::try_from(size).unwrap()];
        self.files.lock().unwrap().push((id.clone(), bytes));
        Ok((id, size))
    }

    fn path(&self, id: &MediaId) -> PathBuf {
        Path::new("/media").join(id.as_str())
    }

    async fn remove(&self, ids: Vec<MediaId>) {
        let mut files = self.files.lock().unwrap();
        files.retain(|(id, _)| !ids.contains(id));
    }

    async fn keep_only(&self, ids: BTreeSet<MediaId>) {
        self.files
            .lock()
            .unwrap()
            .retain(|(id, _)| ids.contains(id));
    }
}

#[async_trait]
impl MediaWriter for Writer {
    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> io::Result<MediaId> {
        let id = MediaId::random();
        self.files.lock().unwrap().push((id.clone(), self.bytes));
        Ok(id)
    }
}
