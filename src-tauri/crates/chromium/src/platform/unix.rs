use std::io;
use std::os::fd::OwnedFd;

use command_fds::{CommandFdExt, FdMapping};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio::process::Command;

use super::DebugPipe;

/// Chromium reads commands on 3 and writes answers on 4.
const COMMANDS: i32 = 3;
const ANSWERS: i32 = 4;

/// Gives the command its ends of a new debugging pipe, and a process group of its own. The command owns the browser's
/// ends: it must be dropped after the spawn, or the pipe never closes.
pub(crate) fn attach_pipe(command: &mut Command) -> io::Result<DebugPipe> {
    let (commands_out, commands_in) = io::pipe()?;
    let (answers_out, answers_in) = io::pipe()?;
    command.process_group(0);
    command
        .fd_mappings(vec![
            FdMapping {
                parent_fd: OwnedFd::from(commands_out),
                child_fd: COMMANDS,
            },
            FdMapping {
                parent_fd: OwnedFd::from(answers_in),
                child_fd: ANSWERS,
            },
        ])
        .map_err(io::Error::other)?;
    Ok(DebugPipe {
        commands: Box::new(Sender::from_owned_fd(commands_in.into())?),
        answers: Box::new(Receiver::from_owned_fd(answers_out.into())?),
    })
}

/// Kills every process of the group that this process leads or led.
pub(crate) fn kill_group(leader: u32) {
    if let Some(leader) = pid(leader) {
        let _ = killpg(leader, Signal::SIGKILL);
    }
}

/// Kills one process.
pub(crate) fn signal_kill(process: u32) {
    if let Some(process) = pid(process) {
        let _ = kill(process, Signal::SIGKILL);
    }
}

/// Zero and one would mean "everybody" to `kill`.
fn pid(process: u32) -> Option<Pid> {
    i32::try_from(process)
        .ok()
        .filter(|&raw| raw > 1)
        .map(Pid::from_raw)
}
