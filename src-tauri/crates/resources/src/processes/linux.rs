//! Reads `/proc`. A browser's processes are those of its process group, which it leads, and all their children.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::time::{Duration, Instant};

use rustix::param::{clock_ticks_per_second, page_size};
use session_core::ports::Usage;

use super::owner;

/// Looks at browsers again and again.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    before: Option<Look>,
    shares: HashMap<Identity, Share>,
}

/// What a process has of the memory, as last asked for. Asking makes the kernel walk through all pages of a process,
/// milliseconds for each of a browser's ten, so it is not done at every look.
#[derive(Clone, Copy, Debug)]
struct Share {
    at: Instant,
    bytes: u64,
    /// Pages in memory at that time.
    resident: u64,
}

/// How long a share is believed. It also depends on who else has the same pages.
const BELIEVED: Duration = Duration::from_secs(60);

/// When all processes were looked at, and the processor time that each had taken until then, clock ticks.
#[derive(Debug)]
struct Look {
    at: Instant,
    taken: HashMap<Identity, u64>,
}

/// A process: its id, which another may get after it, and when it started, ticks since the machine did.
type Identity = (u32, u64);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Process {
    id: Identity,
    parent: u32,
    group: u32,
    ended: bool,
    /// Processor time, ticks.
    taken: u64,
    /// Pages in memory, shared ones included.
    resident: u64,
}

impl Watch {
    /// What these browsers take. The first look knows no processor time to compare with and says 0.
    pub(crate) fn look(&mut self, browsers: &BTreeSet<u32>) -> BTreeMap<u32, Usage> {
        let at = Instant::now();
        let processes: HashMap<u32, Process> = process_ids()
            .filter_map(|pid| Some((pid, read(pid)?)))
            .collect();
        let above = |pid: u32| {
            let process = processes.get(&pid)?;
            let leader = Some(process.group).filter(|group| browsers.contains(group));
            Some(leader.unwrap_or(process.parent))
        };
        let mut totals: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
        let mut shares = HashMap::new();
        for process in processes.values().filter(|process| !process.ended) {
            let Some(browser) = owner(process.id.0, browsers, above) else {
                continue;
            };
            // A browser is its main process; what it may have left behind is not.
            if processes.get(&browser).is_none_or(|main| main.ended) {
                continue;
            }
            let share = self.share(process, at);
            shares.insert(process.id, share);
            let (memory, ticks) = totals.entry(browser).or_default();
            *memory += share.bytes;
            *ticks += process.taken_since(self.before.as_ref());
        }
        self.shares = shares;
        let seconds = self.before.as_ref().map(|look| at - look.at);
        self.before = Some(Look {
            at,
            taken: processes.values().map(|one| (one.id, one.taken)).collect(),
        });
        let percent = |ticks: u64| match seconds {
            Some(time) if !time.is_zero() => seconds_of(ticks) / time.as_secs_f32() * 100.0,
            _ => 0.0,
        };
        totals
            .into_iter()
            .map(|(browser, (memory, ticks))| {
                let cpu = percent(ticks);
                (browser, Usage { memory, cpu })
            })
            .collect()
    }

    fn share(&self, process: &Process, now: Instant) -> Share {
        let known = self.shares.get(&process.id).copied();
        known
            .filter(|share| share.holds(process, now))
            .unwrap_or_else(|| Share {
                at: now,
                bytes: process.memory(),
                resident: process.resident,
            })
    }
}

impl Share {
    /// Whether it still says something: it is fresh, and the process has not grown or shrunk by more than a little.
    fn holds(&self, process: &Process, now: Instant) -> bool {
        now.duration_since(self.at) < BELIEVED
            && process.resident.abs_diff(self.resident) <= self.resident / 32
    }
}

impl Process {
    /// Ticks since the last look. A process that was not there then took all of its time since.
    fn taken_since(&self, look: Option<&Look>) -> u64 {
        look.map_or(0, |look| {
            let before = look.taken.get(&self.id).copied().unwrap_or_default();
            self.taken.saturating_sub(before)
        })
    }

    /// Bytes: its share of every page. Where the kernel does not tell shares, all its pages.
    fn memory(&self) -> u64 {
        proportional_share(self.id.0).unwrap_or_else(|| self.resident * page_size() as u64)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a percentage needs no more than seven digits"
)]
fn seconds_of(ticks: u64) -> f32 {
    ticks as f32 / clock_ticks_per_second() as f32
}

fn process_ids() -> impl Iterator<Item = u32> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// A process; nothing for one that is gone.
fn read(pid: u32) -> Option<Process> {
    parse(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// A line as in proc_pid_stat(5).
fn parse(pid: u32, stat: &str) -> Option<Process> {
    // The name in parentheses may hold anything, parentheses too. The field after it is the third.
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let field = |number: usize| fields.get(number - 3).copied();
    let number = |at: usize| field(at)?.parse::<u64>().ok();
    let id = |at: usize| field(at)?.parse::<u32>().ok();
    Some(Process {
        id: (pid, number(22)?),
        parent: id(4)?,
        group: id(5)?,
        ended: matches!(field(3)?, "Z" | "X"),
        taken: number(14)? + number(15)?,
        resident: number(24)?,
    })
}

/// The proportional share of a process, bytes.
fn proportional_share(pid: u32) -> Option<u64> {
    let summary = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = summary.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "4242 (a) b) (c) S 4200 4211 4211 0 -1 4194560 9 0 0 0 30 12 7 8 20 0 3 0 98765 1000 321 1 2 3";

    #[test]
    fn a_name_with_parentheses_and_spaces_shifts_nothing() {
        assert_eq!(
            parse(4242, STAT),
            Some(Process {
                id: (4242, 98765),
                parent: 4200,
                group: 4211,
                ended: false,
                taken: 42,
                resident: 321,
            })
        );
        assert!(parse(4242, &STAT.replace(") S ", ") Z ")).unwrap().ended);
        // Cut off: gone while it was read.
        assert_eq!(parse(4242, &STAT[..60]), None);
        assert_eq!(parse(4242, ""), None);
    }

    #[test]
    fn a_process_id_that_is_used_again_is_another_process() {
        let look = |taken: &[(Identity, u64)]| Look {
            at: Instant::now(),
            taken: taken.iter().copied().collect(),
        };
        let process = parse(4242, STAT).unwrap();
        let same = look(&[((4242, 98765), 40), ((7, 98765), 1)]);
        assert_eq!(process.taken_since(Some(&same)), 2);
        let other = look(&[((4242, 5), 41)]);
        assert_eq!(process.taken_since(Some(&other)), 42);
        assert_eq!(process.taken_since(None), 0);
    }

    #[test]
    fn a_share_is_asked_for_again_after_a_while_and_when_the_process_has_changed() {
        let at = Instant::now();
        let process = |resident| Process {
            resident,
            ..parse(4242, STAT).unwrap()
        };
        let share = Share {
            at,
            bytes: 1,
            resident: 3200,
        };
        let holds =
            |resident, seconds| share.holds(&process(resident), at + Duration::from_secs(seconds));
        assert!(holds(3200, 0) && holds(3300, 59) && holds(3100, 59));
        assert!(!holds(3301, 1) && !holds(3099, 1) && !holds(3200, 60));
    }

    #[test]
    fn a_process_belongs_to_the_nearest_browser_above_it() {
        let parents = BTreeMap::from([(5, 4), (4, 3), (3, 2), (2, 1), (8, 9), (9, 8)]);
        let above = |pid: u32| parents.get(&pid).copied();
        let browsers = BTreeSet::from([2, 4]);
        assert_eq!(owner(5, &browsers, above), Some(4));
        assert_eq!(owner(4, &browsers, above), Some(4));
        assert_eq!(owner(3, &browsers, above), Some(2));
        assert_eq!(owner(1, &browsers, above), None);
        assert_eq!(owner(8, &browsers, above), None, "a circle");
    }
}
