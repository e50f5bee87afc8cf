//! What the outbox needs of the world: a memory for messages, and a place for files that are to be sent.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;

use super::{
    IdempotencyKey, MediaId, MediaRecord, MessageChange, MessageRecord, MessageStatus, MessageStep,
    NewMessage, PendingMessage,
};
use crate::cliente::ClienteId;
use crate::clock::Timestamp;
use crate::message::MessageKey;
use crate::ports::StoreError;

/// Messages that outlive a restart. What is answered is on disk.
#[async_trait]
pub trait MessageStore: Send + Sync + 'static {
    /// Writes a new message down, unless there is one with its idempotency key, or as many wait as may.
    async fn add(&self, message: NewMessage, most: PendingLimits) -> Result<Added, StoreError>;

    /// The message with this key.
    async fn message(&self, key: &MessageKey) -> Result<Option<MessageRecord>, StoreError>;

    /// The message of a cliente that came with this idempotency key.
    async fn repeated(
        &self,
        cliente: ClienteId,
        key: &IdempotencyKey,
    ) -> Result<Option<MessageRecord>, StoreError>;

    /// The newest messages first.
    async fn messages(&self, wanted: MessageFilter) -> Result<Vec<MessageRecord>, StoreError>;

    /// The message of a cliente that is to be sent next.
    async fn next(&self, cliente: ClienteId) -> Result<Option<PendingMessage>, StoreError>;

    /// Changes a message if it is what it has to be; nothing: it is not, or there is none.
    async fn change(&self, step: MessageStep) -> Result<Option<MessageChange>, StoreError>;

    /// Fails what waits and is no longer worth sending, and tells when there will be more of it.
    async fn expire(
        &self,
        now: Timestamp,
    ) -> Result<(Vec<MessageChange>, Option<Timestamp>), StoreError>;

    /// How many wait, by cliente.
    async fn pending(&self) -> Result<Vec<(ClienteId, Pending)>, StoreError>;

    /// Forgets all messages of a cliente.
    async fn forget(&self, cliente: ClienteId) -> Result<(), StoreError>;

    /// Forgets what is old: messages, what failed ones hold, and files that no message needs. Tells the files, which
    /// then can be deleted.
    async fn prune(&self, now: Timestamp, kept: Retention) -> Result<Vec<MediaId>, StoreError>;

    /// Writes down a file that was handed over.
    async fn add_media(&self, media: MediaRecord) -> Result<(), StoreError>;

    /// The file with this name.
    async fn media(&self, id: &MediaId) -> Result<Option<MediaRecord>, StoreError>;

    /// All files that are written down.
    async fn all_media(&self) -> Result<BTreeSet<MediaId>, StoreError>;
}

/// What became of a message that was to be written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is there.
    New,
    /// There is one with its idempotency key.
    Repeated(Box<MessageRecord>),
    /// As many wait as may.
    Full,
    /// Its file is not there any more.
    NoMedia,
}

/// How many messages may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PendingLimits {
    /// Of one cliente.
    pub of_cliente: u32,
    /// Of all.
    pub of_all: u32,
}

/// How many messages of a cliente wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// For their turn.
    pub queued: u32,
    /// For what comes of them.
    pub sending: u32,
}

/// Which messages are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageFilter {
    /// Of one cliente.
    pub cliente: Option<ClienteId>,
    /// Of one status.
    pub status: Option<MessageStatus>,
    /// How many at most.
    pub limit: u32,
}

/// How long things are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Messages that are over.
    pub messages: Duration,
    /// How many of them at most.
    pub rows: u32,
    /// What a failed one holds.
    pub content: Duration,
    /// A file that was handed over and is not used.
    pub media: Duration,
}

/// Files that are to be sent. They lie in a folder that nobody else writes to.
#[async_trait]
pub trait MediaFiles: Send + Sync + 'static {
    /// Begins a new file.
    async fn begin(&self) -> io::Result<Box<dyn MediaWriter>>;

    /// Copies a file of this machine that lies in a folder which was allowed, `limit` bytes at most. Says how large it
    /// is.
    async fn copy(&self, path: &Path, limit: u64) -> Result<(MediaId, u64), CopyError>;

    /// Where a file is.
    fn path(&self, id: &MediaId) -> PathBuf;

    /// Deletes files.
    async fn remove(&self, ids: Vec<MediaId>);

    /// Deletes everything but these.
    async fn keep_only(&self, ids: BTreeSet<MediaId>);
}

/// A file that is being written. Dropped before its end, nothing of it is left.
#[async_trait]
pub trait MediaWriter: Send + Sync {
    /// Adds bytes.
    async fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// The file is whole: it is on disk from now on.
    async fn finish(self: Box<Self>) -> io::Result<MediaId>;
}

/// Why a file was not copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// It lies in no folder that was allowed, or is no plain file.
    #[error("the file lies in no folder that was allowed")]
    NotAllowed,
    /// There is no such file. Said only of a folder that was allowed.
    #[error("there is no such file")]
    Missing,
    /// It is too large.
    #[error("the file is too large")]
    TooLarge,
    /// The disk.
    #[error("copy the file: {0}")]
    Io(#[from] io::Error),
}
