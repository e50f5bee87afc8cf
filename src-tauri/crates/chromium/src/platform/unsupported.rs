//! Systems where the debugging pipe is not written yet.

use std::io;

use tokio::process::Command;

use super::DebugPipe;

/// Fails: Windows wants `--remote-debugging-io-pipes` with inherited handles.
pub(crate) fn attach_pipe(_command: &mut Command) -> io::Result<DebugPipe> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "the debugging pipe is not supported on this system yet",
    ))
}

/// Nothing can have been started.
pub(crate) fn kill_group(_leader: u32) {}

/// Nothing can have been started.
pub(crate) fn signal_kill(_process: u32) {}
