//! What differs between operating systems: how a browser is tied to us, and how its processes are found.
//!
//! A browser must not outlive its program, however that ends. What ends it, by system:
//!
//! | | we end | we end and the browser hangs | what is left all the same |
//! |---|---|---|---|
//! | Linux | the closed pipe, and the kernel's parent-death signal | that signal | ended at the next start |
//! | Windows | the closed pipe, and the kernel's job object | that job | ended at the next start |
//! | macOS | the closed pipe | nothing, until the next start | ended at the next start |
//!
//! Each system has the same few things: [`Launch`] starts a browser on a debugging pipe and gives its [`Group`], which
//! knows and kills all of its processes; `processes_with_argument` and `signal_kill` end what an earlier program left.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::{Group, Launch, signal_kill};

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::{Group, Launch, signal_kill};

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(crate) use linux::processes_with_argument;

#[cfg(not(target_os = "linux"))]
mod listing;
#[cfg(not(target_os = "linux"))]
pub(crate) use listing::processes_with_argument;

use tokio::io::{AsyncRead, AsyncWrite};

/// Our ends of the debugging pipe.
pub(crate) struct DebugPipe {
    /// The browser reads commands from here.
    pub(crate) commands: Box<dyn AsyncWrite + Send + Unpin>,
    /// The browser writes answers and events here.
    pub(crate) answers: Box<dyn AsyncRead + Send + Unpin>,
}
