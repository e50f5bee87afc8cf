//! The debugging pipe on Windows.
//!
//! Anonymous pipes know no overlapped calls, so the runtime could not wait for them. Instead, each direction is a named
//! pipe: our end is overlapped and belongs to the runtime, the browser's end is not, as Chromium reads and writes it from
//! threads that may block. The name is random, remote clients are refused, and there is one instance with room for one
//! client, which is ourselves. Whoever takes that place first makes the start fail, and gets nothing.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::io::AsRawHandle;

use futures::FutureExt;
use tokio::net::windows::named_pipe::{NamedPipeServer, ServerOptions};
use windows_sys::Win32::Foundation::{HANDLE_FLAG_INHERIT, SetHandleInformation};

use crate::platform::DebugPipe;

/// The browser's ends, held by us until it is started.
pub(super) struct BrowserEnds {
    commands: File,
    answers: File,
}

impl BrowserEnds {
    /// How the browser is told of them. A handle has the same number in the process that inherits it, and no handle
    /// needs more than 32 bits.
    pub(super) fn argument(&self) -> io::Result<String> {
        let number = |end: &File| u32::try_from(end.as_raw_handle().addr());
        let (Ok(commands), Ok(answers)) = (number(&self.commands), number(&self.answers)) else {
            return Err(io::Error::other("a handle is too large"));
        };
        Ok(format!("--remote-debugging-io-pipes={commands},{answers}"))
    }

    /// From here on, every process that we start gets them.
    pub(super) fn let_be_inherited(&self) -> io::Result<()> {
        for end in [&self.commands, &self.answers] {
            // SAFETY: the handle is open.
            let done = unsafe {
                SetHandleInformation(
                    end.as_raw_handle(),
                    HANDLE_FLAG_INHERIT,
                    HANDLE_FLAG_INHERIT,
                )
            };
            if done == 0 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(())
    }
}

/// A new pipe.
pub(super) fn open() -> io::Result<(DebugPipe, BrowserEnds)> {
    let (commands_in, commands) = direction(
        ServerOptions::new().access_inbound(false),
        OpenOptions::new().read(true),
    )?;
    let (answers_out, answers) = direction(
        ServerOptions::new().access_outbound(false),
        OpenOptions::new().write(true),
    )?;
    let pipe = DebugPipe {
        commands: Box::new(commands_in),
        answers: Box::new(answers_out),
    };
    Ok((pipe, BrowserEnds { commands, answers }))
}

/// Our end and the browser's.
fn direction(
    ours: &mut ServerOptions,
    theirs: &OpenOptions,
) -> io::Result<(NamedPipeServer, File)> {
    let mut secret = [0_u8; 16];
    getrandom::fill(&mut secret).map_err(io::Error::other)?;
    let name = format!(
        r"\\.\pipe\session-manager-{:032x}",
        u128::from_ne_bytes(secret)
    );
    let ours = ours
        .first_pipe_instance(true)
        .reject_remote_clients(true)
        .max_instances(1)
        .create(&name)?;
    let theirs = theirs.open(&name)?;
    // The runtime reads only from a pipe that it knows to be connected. This one is, so there is nothing to wait for.
    ours.connect()
        .now_or_never()
        .unwrap_or_else(|| Err(io::ErrorKind::WouldBlock.into()))?;
    Ok((ours, theirs))
}
