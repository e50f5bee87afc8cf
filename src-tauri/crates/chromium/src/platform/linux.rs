use std::fs;
use std::io;

use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::getppid;
use tokio::process::Command;

/// Has the kernel kill the process when the *thread* that spawns it ends, however that happens.
pub(crate) fn die_with_this_thread(command: &mut Command) {
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

/// The living processes with exactly one of these arguments. Those of other users cannot be read and are left out.
pub(crate) fn processes_with_argument(arguments: &[Vec<u8>]) -> Vec<u32> {
    let known = |word: &[u8]| arguments.iter().any(|argument| argument == word);
    processes()
        .filter(|&process| {
            fs::read(format!("/proc/{process}/cmdline")).is_ok_and(|line| {
                // Chromium's children rewrite theirs: blanks instead of NULs.
                line.split(|&byte| byte == 0)
                    .any(|word| known(word) || word.split(|&byte| byte == b' ').any(known))
            })
        })
        .collect()
}

/// The living processes of a group; zombies do not count.
pub(crate) fn group_members(leader: u32) -> Vec<u32> {
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
