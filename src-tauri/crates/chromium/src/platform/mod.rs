//! What differs between operating systems: the debugging pipe, process groups, and the list of processes.
//!
//! Linux has all of it. macOS has no parent-death signal (the closed pipe ends the browser there) and no `/proc`, so
//! nothing is swept or verified. Windows wants `--remote-debugging-io-pipes` and a job object; until that is written,
//! a start fails with a clear message.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::{attach_pipe, kill_group, signal_kill};

#[cfg(not(unix))]
mod unsupported;
#[cfg(not(unix))]
pub(crate) use unsupported::{attach_pipe, kill_group, signal_kill};

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(crate) use linux::{die_with_this_thread, group_members, processes_with_argument};

#[cfg(not(target_os = "linux"))]
mod blind;
#[cfg(not(target_os = "linux"))]
pub(crate) use blind::{die_with_this_thread, group_members, processes_with_argument};

use tokio::io::{AsyncRead, AsyncWrite};

/// Our ends of the debugging pipe.
pub(crate) struct DebugPipe {
    /// The browser reads commands from here.
    pub(crate) commands: Box<dyn AsyncWrite + Send + Unpin>,
    /// The browser writes answers and events here.
    pub(crate) answers: Box<dyn AsyncRead + Send + Unpin>,
}
