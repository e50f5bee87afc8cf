//! Data folders of tests, and the processes that use them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long anything may take before the test gives up on it.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// A data folder that ends with the test.
pub(crate) struct Data(TempDir);

impl Data {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Waits for something that has no other way to be waited for: a process, a socket.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < DEADLINE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The browsers of one test, and nobody else's: processes with its folder on their command line, and the groups that
/// these lead, since not every browser tells its children where it lives.
pub(crate) fn processes_on(folder: &Path) -> Vec<i32> {
    let needle = folder.join("profiles").display().to_string();
    let all: Vec<i32> = std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    let named: Vec<i32> = all
        .iter()
        .copied()
        .filter(|pid| {
            std::fs::read(format!("/proc/{pid}/cmdline"))
                .is_ok_and(|line| String::from_utf8_lossy(&line).contains(&needle))
        })
        .collect();
    all.into_iter()
        .filter(|pid| {
            named.contains(pid) || group_of(*pid).is_some_and(|group| named.contains(&group))
        })
        .collect()
}

/// The leader of a living process's group.
fn group_of(pid: i32) -> Option<i32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in brackets, and may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    let group = fields.nth(1)?.parse().ok()?;
    (state != "Z").then_some(group)
}

/// Waits until no browser of this test is left; the system takes a moment to bury a process.
pub(crate) fn no_browser_left(data: &Data) {
    wait_for("all browsers to be gone", || {
        processes_on(data.path()).is_empty().then_some(())
    });
}
