//! The processes of browsers: which is which, and what is left of them.

use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::scale::Random;
use crate::support::processes_on;

/// One process of a browser, told from a later one with the same number by when it was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    started: u64,
    /// What Chromium calls it: `renderer`, `utility`, `zygote`, …; `browser` for the main one.
    pub(crate) kind: String,
}

impl Process {
    fn read(pid: i32) -> Option<Self> {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).into_owned();
        let kind = line
            // Some rewrite their command line, with spaces.
            .split(['\0', ' '])
            .find_map(|argument| argument.strip_prefix("--type="))
            .unwrap_or(if line.contains("crashpad_handler") {
                "crashpad-handler"
            } else {
                "browser"
            });
        Some(Self {
            pid,
            started: started(pid)?,
            kind: kind.to_owned(),
        })
    }

    fn is_alive(&self) -> bool {
        started(self.pid) == Some(self.started)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        // One that ended a moment ago has got what it was to get.
        let _ = kill(Pid::from_raw(self.pid), signal);
    }
}

/// A field of a living process's `stat`, counted from the one after its name; nothing for one that is dead but not
/// buried.
fn stat<T: FromStr>(pid: i32, field: usize) -> Option<T> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name is in brackets, and may hold anything.
    let fields: Vec<_> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    (fields.first() != Some(&"Z")).then_some(())?;
    fields.get(field)?.parse().ok()
}

/// When it was started, in ticks since the machine was.
fn started(pid: i32) -> Option<u64> {
    stat(pid, 19)
}

fn group(pid: i32) -> Option<i32> {
    stat(pid, 2)
}

/// All processes of browsers on the profiles of this data folder.
pub(crate) fn all(data: &Path) -> Vec<Process> {
    processes_on(data)
        .into_iter()
        .filter_map(Process::read)
        .collect()
}

/// Those of one cliente's browser.
pub(crate) fn of(data: &Path, cliente: u64) -> Vec<Process> {
    // The folder of cliente 1 begins like that of cliente 11, but not with the slash.
    let profile = data.join(format!("profiles/{cliente}/"));
    let needle = profile.display().to_string();
    let everything = all(data);
    // Only the main process and the crash handlers have the folder on their command line; the others are in the group
    // that the main one leads.
    let named: Vec<i32> = everything
        .iter()
        .map(|process| process.pid)
        .filter(|pid| {
            std::fs::read(format!("/proc/{pid}/cmdline"))
                .is_ok_and(|line| String::from_utf8_lossy(&line).contains(&needle))
        })
        .collect();
    let belongs =
        |pid: i32| named.contains(&pid) || group(pid).is_some_and(|leader| named.contains(&leader));
    everything
        .into_iter()
        .filter(|process| belongs(process.pid))
        .collect()
}

/// One of these kinds, of one cliente's browser: any kind, however many there are of it.
pub(crate) fn pick(
    data: &Path,
    cliente: u64,
    random: &mut Random,
    wanted: impl Fn(&str) -> bool,
) -> Option<Process> {
    let mut found = of(data, cliente);
    found.retain(|process| wanted(&process.kind));
    if found.is_empty() {
        return None;
    }
    let mut kinds: Vec<String> = found.iter().map(|process| process.kind.clone()).collect();
    kinds.sort();
    kinds.dedup();
    let kind = random.pick(&kinds);
    found.retain(|process| process.kind == *kind);
    Some(random.pick(&found).clone())
}

/// Waits until none of these, and none that came later, is there any more. What is left after this time is ended, so that
/// one fault is not counted twice.
pub(crate) fn left(data: &Path, seen: &[Process], patience: Duration) -> Vec<Process> {
    let begun = Instant::now();
    loop {
        let mut left = all(data);
        left.extend(seen.iter().filter(|process| process.is_alive()).cloned());
        left.sort_by_key(|process| process.pid);
        left.dedup();
        if left.is_empty() || begun.elapsed() > patience {
            for process in &left {
                process.signal(Signal::SIGKILL);
            }
            return left;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
