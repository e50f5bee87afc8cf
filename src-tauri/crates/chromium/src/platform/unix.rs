//! What Unix systems share: a pipe on two numbers, and a process group.

use std::io;
use std::os::fd::OwnedFd;

use command_fds::{CommandFdExt, FdMapping};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio::process::{Child, Command};

use super::DebugPipe;
#[cfg(target_os = "linux")]
use super::linux as system;

#[cfg(not(target_os = "linux"))]
#[path = "macos.rs"]
mod system;

/// Chromium reads commands on 3 and writes answers on 4.
const COMMANDS: i32 = 3;
const ANSWERS: i32 = 4;

/// A browser that is about to be started. It owns the browser's ends of the debugging pipe.
pub(crate) struct Launch {
    command: Command,
}

impl Launch {
    /// Gives the command its ends of a new debugging pipe, and a process group of its own.
    pub(crate) fn prepare(mut command: Command) -> io::Result<(Self, DebugPipe)> {
        let (commands_out, commands_in) = io::pipe()?;
        let (answers_out, answers_in) = io::pipe()?;
        command.process_group(0);
        #[cfg(target_os = "linux")]
        system::inherit_only_the_streams(&mut command);
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
        #[cfg(target_os = "linux")]
        system::die_with_this_thread(&mut command);
        let pipe = DebugPipe {
            commands: Box::new(Sender::from_owned_fd(commands_in.into())?),
            answers: Box::new(Receiver::from_owned_fd(answers_out.into())?),
        };
        Ok((Self { command }, pipe))
    }

    /// Starts it. The browser dies with the thread that calls this, where the system knows of such a thing. Our copies
    /// of the browser's ends go with the command: else the pipe would never close.
    pub(crate) fn spawn(self) -> io::Result<(Child, Group)> {
        let Self { mut command } = self;
        let child = command.spawn()?;
        let leader = child
            .id()
            .ok_or_else(|| io::Error::other("the process ended at once"))?;
        Ok((child, Group { leader }))
    }
}

/// The processes of one browser.
#[derive(Debug)]
pub(crate) struct Group {
    leader: u32,
}

impl Group {
    /// Kills them all.
    pub(crate) fn kill(&self) {
        if let Some(leader) = pid(self.leader) {
            let _ = killpg(leader, Signal::SIGKILL);
        }
    }

    /// Those that live.
    pub(crate) fn members(&self) -> Vec<u32> {
        system::group_members(self.leader)
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

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use super::*;

    #[tokio::test]
    async fn a_group_is_known_and_killed_with_its_children() {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", "sleep 30 & echo >&4; wait"])
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let (launch, mut pipe) = Launch::prepare(command).unwrap();
        let (mut child, group) = launch.spawn().unwrap();
        let leader = child.id().unwrap();
        // It says so once it has its child.
        tokio::io::AsyncReadExt::read_u8(&mut pipe.answers)
            .await
            .unwrap();
        let members = group.members();
        assert_eq!(members.len(), 2, "{members:?}");
        assert!(members.contains(&leader));
        group.kill();
        child.wait().await.unwrap();
        while !group.members().is_empty() {
            tokio::task::yield_now().await;
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_browser_inherits_nothing_that_is_open_here() {
        use std::os::fd::AsRawFd as _;

        // A library's pipe, open for every child.
        let (_read, write) = io::pipe().unwrap();
        let unmarked = nix::fcntl::FcntlArg::F_SETFD(nix::fcntl::FdFlag::empty());
        nix::fcntl::fcntl(&write, unmarked).unwrap();
        let what = |process: u32, number: i32| {
            std::fs::read_link(format!("/proc/{process}/fd/{number}")).ok()
        };
        let theirs = what(std::process::id(), write.as_raw_fd()).unwrap();

        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", "echo >&4; exec sleep 30"])
            .kill_on_drop(true);
        let (launch, mut pipe) = Launch::prepare(command).unwrap();
        let (mut child, _group) = launch.spawn().unwrap();
        tokio::io::AsyncReadExt::read_u8(&mut pipe.answers)
            .await
            .unwrap();
        let process = child.id().unwrap();
        let open: Vec<_> = (0..1024)
            .filter_map(|number| what(process, number))
            .collect();
        child.kill().await.unwrap();
        assert!(!open.contains(&theirs), "{open:?}");
        assert!(open.len() >= 5, "the streams and the pipe: {open:?}");
    }
}
