//! Linux: the parent-death signal, and `/proc`.

use std::fs;
use std::io;

use nix::sys::prctl;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getppid};
use tokio::process::Command;

/// Has the kernel kill the process when the *thread* that spawns it ends, however that happens.
///
/// The kernel forgets it where a program gains rights as it starts (setuid, file capabilities), which no Chromium does.
/// A launcher script that `exec`s the browser keeps it.
///
/// The browser's children do not have it: they end as their sockets to the browser close. Those that are stopped get a
/// hangup and go on, as the kernel does with a group that nobody is left to resume. One that is only just being stopped
/// at that moment gets neither; it is ended at the next start.
pub(super) fn die_with_this_thread(command: &mut Command) {
    let parent = std::process::id();
    // SAFETY: the closure runs in the child between fork and exec. It only makes two system calls, which are
    // async-signal-safe, and touches no memory that another thread of the parent could have held locked.
    unsafe {
        command.pre_exec(move || {
            prctl::set_pdeathsig(Signal::SIGKILL)?;
            // The parent may have died before the call took effect.
            if u32::try_from(getppid().as_raw()) == Ok(parent) {
                Ok(())
            } else {
                Err(io::ErrorKind::BrokenPipe.into())
            }
        });
    }
}

/// Has the process start with its three streams only, whatever is open here and was not marked for that.
///
/// Libraries open pipes without the mark (libdbus, when it looks for a session bus), and wait for their end: a browser
/// that was forked at that moment would hold the other side for as long as it lives, and with it our window.
///
/// What is mapped into the process is mapped after this. Kernels before 5.11 know no such call, and go on without.
pub(super) fn inherit_only_the_streams(command: &mut Command) {
    // SAFETY: the closure runs in the child between fork and exec. It only makes one system call, which is
    // async-signal-safe, and marks descriptors of the child alone.
    unsafe {
        command.pre_exec(|| {
            libc::syscall(
                libc::SYS_close_range,
                3,
                libc::c_uint::MAX,
                libc::CLOSE_RANGE_CLOEXEC,
            );
            Ok(())
        });
    }
}

/// The living processes with exactly one of these arguments, as far as they are ours to end.
pub(crate) fn processes_with_argument(arguments: &[Vec<u8>]) -> Vec<u32> {
    processes()
        .filter(|&process| {
            fs::read(format!("/proc/{process}/cmdline"))
                .is_ok_and(|line| arguments.iter().any(|argument| names(&line, argument)))
        })
        // Everybody's command line can be read, and anybody can write ours into it.
        .filter(|&process| {
            i32::try_from(process).is_ok_and(|raw| kill(Pid::from_raw(raw), None).is_ok())
        })
        .collect()
}

/// Whether a command line, as the kernel shows it, holds exactly this argument.
///
/// Chromium's children write a title over theirs: one line, with blanks between the arguments and NULs behind it. Only
/// such a line is searched for blanks, as an argument may hold some too.
fn names(line: &[u8], argument: &[u8]) -> bool {
    let end = line
        .iter()
        .rposition(|&byte| byte != 0)
        .map_or(0, |at| at + 1);
    let line = &line[..end];
    if line.contains(&0) {
        return line.split(|&byte| byte == 0).any(|word| word == argument);
    }
    line.windows(argument.len().max(1))
        .enumerate()
        .any(|(at, part)| {
            let is_edge = |byte: Option<&u8>| byte.is_none_or(|&byte| byte == b' ');
            part == argument
                && is_edge(at.checked_sub(1).and_then(|before| line.get(before)))
                && is_edge(line.get(at + argument.len()))
        })
}

/// The living processes of a group; zombies do not count.
pub(super) fn group_members(leader: u32) -> Vec<u32> {
    processes()
        .filter(|process| {
            let Ok(stat) = fs::read_to_string(format!("/proc/{process}/stat")) else {
                return false;
            };
            // The second field is the program's name in brackets, and may hold anything.
            let Some((_, rest)) = stat.rsplit_once(')') else {
                return false;
            };
            let mut fields = rest.split_ascii_whitespace();
            let state = fields.next();
            let group = fields.nth(1).and_then(|group| group.parse::<u32>().ok());
            group == Some(leader) && !matches!(state, Some("Z" | "X"))
        })
        .collect()
}

fn processes() -> impl Iterator<Item = u32> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_found_by_its_whole_argument() {
        let mut child = std::process::Command::new("sleep")
            .arg("--")
            .arg("34.567")
            .spawn()
            .unwrap();
        // The command line appears a moment after the process.
        let end = std::time::Instant::now() + std::time::Duration::from_secs(5);
        let mut found = Vec::new();
        while found.is_empty() && std::time::Instant::now() < end {
            found = processes_with_argument(&[b"34.567".to_vec()]);
        }
        let part = processes_with_argument(&[b"34.56".to_vec()]);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(found, [child.id()]);
        assert!(part.is_empty());
    }

    #[test]
    fn a_title_written_over_the_arguments_is_searched_too() {
        let folder = b"--user-data-dir=/data/my files/7/chromium".as_slice();
        let name = |line: &[u8]| names(line, folder);
        assert!(name(
            b"chromium\0--user-data-dir=/data/my files/7/chromium\0about:blank\0"
        ));
        assert!(name(
            b"chromium --type=renderer --user-data-dir=/data/my files/7/chromium --lang=en\0\0\0"
        ));
        assert!(name(b"--user-data-dir=/data/my files/7/chromium"));
        // Another folder that begins or ends alike.
        assert!(!name(
            b"chromium\0--user-data-dir=/data/my files/7/chromium 2\0about:blank\0"
        ));
        assert!(!name(
            b"chromium --user-data-dir=/data/my files/7/chromium2 about:blank\0\0"
        ));
        assert!(!name(
            b"chromium x--user-data-dir=/data/my files/7/chromium\0\0"
        ));
        assert!(!name(b""));
        assert!(!names(b"", b""));
    }

    /// Spawns it from a thread of its own, ends that thread when told to, and says how the process ended.
    async fn end_of_one_whose_thread_ends(script: &str, before: Option<Signal>) -> Option<i32> {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).kill_on_drop(true);
        die_with_this_thread(&mut command);
        let runtime = tokio::runtime::Handle::current();
        let (spawned, child) = tokio::sync::oneshot::channel();
        let (end, told) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            let _context = runtime.enter();
            spawned.send(command.spawn().unwrap()).unwrap();
            let _ = told.recv();
        });
        let mut child = child.await.unwrap();
        let process = child.id().unwrap();
        if let Some(signal) = before {
            kill(Pid::from_raw(i32::try_from(process).unwrap()), signal).unwrap();
        }
        assert_eq!(child.try_wait().unwrap(), None);
        drop(end);
        thread.join().unwrap();
        let wait = std::time::Duration::from_secs(5);
        let status = tokio::time::timeout(wait, child.wait()).await;
        std::os::unix::process::ExitStatusExt::signal(&status.unwrap().unwrap())
    }

    #[tokio::test]
    async fn a_process_dies_with_the_thread_that_spawned_it() {
        let killed = Some(Signal::SIGKILL as i32);
        let deaf = "trap '' HUP TERM; while :; do sleep 1; done";
        assert_eq!(end_of_one_whose_thread_ends(deaf, None).await, killed);
        // A launcher script becomes the browser.
        let exec = "exec sleep 30";
        assert_eq!(end_of_one_whose_thread_ends(exec, None).await, killed);
        let stopped = Some(Signal::SIGSTOP);
        assert_eq!(end_of_one_whose_thread_ends(exec, stopped).await, killed);
    }

    #[test]
    fn a_group_is_counted_without_its_zombies() {
        use std::os::unix::process::CommandExt;
        let mut child = std::process::Command::new("sleep")
            .arg("30")
            .process_group(0)
            .spawn()
            .unwrap();
        assert_eq!(group_members(child.id()), [child.id()]);
        child.kill().unwrap();
        // It stays a zombie until it is waited for.
        while group_members(child.id()) == [child.id()] {
            std::thread::yield_now();
        }
        assert!(group_members(child.id()).is_empty());
        child.wait().unwrap();
    }
}
