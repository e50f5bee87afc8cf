//! Whose program is at the other end of a connection on this machine. An address tells nobody apart there: every user
//! of the machine calls from 127.0.0.1.

#[cfg(target_os = "linux")]
mod diag;
#[cfg(target_os = "linux")]
mod linux;

use std::net::SocketAddr;
use std::sync::Arc;

/// Whose program is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Of this program's user, or of root, who can do everything anyway.
    Ours,
    /// Of the user with this id.
    Other(u32),
    /// It has let go of its end already, and with that the system forgets whose it was. Its request may be there
    /// nevertheless.
    Gone,
    /// This system does not tell users apart.
    Untold,
}

/// Tells whose program is at the other end.
pub trait Owners: Send + Sync {
    /// Whose end of a connection `peer` is that came to `reached`. Asked once a connection, by its own task: must not
    /// block.
    fn owner(&self, peer: SocketAddr, reached: SocketAddr) -> Owner;
}

impl Owner {
    /// Whether the caller needs a key wherever there is anything to be had. Whoever hangs up at once could otherwise be
    /// anybody.
    pub(crate) const fn is_stranger(self) -> bool {
        matches!(self, Self::Other(_) | Self::Gone)
    }
}

/// What this system can tell of the callers of a server that listens here; nothing where it tells nothing.
#[cfg(target_os = "linux")]
pub(crate) fn of_system(listener: SocketAddr) -> Option<Arc<dyn Owners>> {
    match linux::SocketTable::open(listener) {
        Ok(table) => Some(Arc::new(table)),
        Err(error) => {
            tracing::warn!(%error, "other users of this machine cannot be told apart: they may call without a key");
            None
        }
    }
}

/// What this system can tell of the callers of a server that listens here: nothing.
#[cfg(not(target_os = "linux"))]
pub(crate) fn of_system(_: SocketAddr) -> Option<Arc<dyn Owners>> {
    None
}
