//! Logins that another program saved: what is found of them, and what it takes to have a copy of one.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::cliente::ClienteId;
use crate::clock::Timestamp;

/// Which program saved a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldKind {
    /// The predecessor of this program: `sessions/cliente_<id>/session-cliente_<id>`.
    Service,
    /// whatsapp-web.js with its `LocalAuth`: `.wwebjs_auth/session-<name>`.
    LocalAuth,
}

impl OldKind {
    /// A word for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::LocalAuth => "local_auth",
        }
    }
}

/// Whether a browser works on a folder now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InUse {
    /// None does.
    Free,
    /// One of this machine does.
    Here,
    /// One of another machine or container said that it does, and did not take it back.
    Elsewhere,
}

/// A login that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldLogin {
    /// Its folder.
    pub path: PathBuf,
    /// Which program saved it.
    pub kind: OldKind,
    /// What that program called it; empty where it gave it no name.
    pub name: String,
    /// The cliente it was there, where its name says so.
    pub id: Option<ClienteId>,
    /// How much there is to copy, bytes. Caches are left where they are.
    pub bytes: u64,
    /// When it was last written to.
    pub last_used: Option<Timestamp>,
    /// Whether WhatsApp Web keeps anything in it.
    pub linked: bool,
    /// Whether a browser works on it now.
    pub in_use: InUse,
}

/// What was found in a folder.
#[derive(Debug, Default)]
pub struct OldLoginsFound {
    /// The logins, in the order of their folders.
    pub logins: Vec<OldLogin>,
    /// Folders that could not be looked into, and why.
    pub unreadable: Vec<(PathBuf, io::ErrorKind)>,
    /// Whether there were more folders than are looked through.
    pub cut_short: bool,
}

/// The id that each login is to have here: its own where it says one, the first that nobody has otherwise. `known` are
/// the clientes that there are.
pub fn proposed(logins: &[OldLogin], known: &BTreeSet<ClienteId>) -> Vec<ClienteId> {
    let mut given: BTreeSet<ClienteId> = logins.iter().filter_map(|login| login.id).collect();
    let mut kept = BTreeSet::new();
    logins
        .iter()
        .map(|login| {
            // Two folders may say the same.
            if let Some(id) = login.id.filter(|id| kept.insert(*id)) {
                return id;
            }
            let free = (1..=ClienteId::MAX)
                .filter_map(|id| ClienteId::try_from(id).ok())
                .find(|id| !given.contains(id) && !known.contains(id))
                .unwrap_or(ClienteId::FIRST);
            given.insert(free);
            free
        })
        .collect()
}

/// Why there is no copy of a login. Nothing is left of a copy that was begun.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// A browser of this machine works on it.
    #[error("a browser is using it: close the other program first")]
    InUse,
    /// It says that a browser of another machine works on it.
    #[error(
        "it is marked as in use by another machine or container: stop that one, or delete the file SingletonLock in its \
         folder if it does not run any more"
    )]
    InUseElsewhere,
    /// It was written to while it was copied.
    #[error("it changed while it was copied: close the other program and try again")]
    Changed,
    /// There is no such folder, or it is none of a known kind.
    #[error("there is no saved session in this folder")]
    NotFound,
    /// WhatsApp Web keeps nothing in it.
    #[error("it holds no login: link the account with a QR instead")]
    NoLogin,
    /// There is a profile of this id.
    #[error("this id is taken: choose another one")]
    IdTaken,
    /// The disk is too full.
    #[error("there is too little free space on the disk for {} MB more", .needed.div_ceil(1_000_000))]
    NoSpace {
        /// What the copy takes, bytes.
        needed: u64,
    },
    /// Somebody called it off.
    #[error("it was called off")]
    Cancelled,
    /// The system said no.
    #[error("it could not be copied ({})", .0.kind())]
    Failed(#[source] io::Error),
}

impl TakeError {
    /// A word for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InUse => "in_use",
            Self::InUseElsewhere => "in_use_elsewhere",
            Self::Changed => "changed",
            Self::NotFound => "not_found",
            Self::NoLogin => "no_login",
            Self::IdTaken => "id_taken",
            Self::NoSpace { .. } => "no_space",
            Self::Cancelled => "cancelled",
            Self::Failed(_) => "failed",
        }
    }
}

/// How far a copy is, for whoever waits, and a way to call it off.
#[derive(Debug, Default)]
pub struct CopyProgress {
    total: AtomicU64,
    done: AtomicU64,
    /// Calls the copy off.
    pub cancel: CancellationToken,
}

impl CopyProgress {
    /// Of a copy that ends when this token is cancelled.
    pub fn until(cancel: CancellationToken) -> Self {
        Self {
            cancel,
            ..Self::default()
        }
    }

    /// The copy begins, and this many bytes are to be copied.
    pub fn begin(&self, total: u64) {
        self.total.store(total, Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
    }

    /// So many bytes more are done.
    pub fn advance(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes that are done, and all bytes.
    pub fn now(&self) -> (u64, u64) {
        let done = self.done.load(Ordering::Relaxed);
        (done, self.total.load(Ordering::Relaxed).max(done))
    }
}

/// Finds logins of other programs, and copies them. What is there is only ever read.
#[async_trait]
pub trait OldLogins: Send + Sync + 'static {
    /// The logins in this folder and a few folders below it. An error where it cannot be entered at all.
    async fn find(&self, folder: PathBuf) -> io::Result<OldLoginsFound>;

    /// Makes a copy of this login the profile of a cliente that has none, and says how many bytes that were. All of it,
    /// or nothing.
    async fn take(
        &self,
        login: PathBuf,
        cliente: ClienteId,
        progress: Arc<CopyProgress>,
    ) -> Result<u64, TakeError>;
}
