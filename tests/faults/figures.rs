//! What a scenario found out: one JSON line, also added to the file that `FAULTS_FIGURES` names, and a verdict.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::processes::Process;
use crate::scale::{Random, factor, is_long};

/// How long a recovery from a kill may take at the 99th percentile. Short forms run on busy machines and have few
/// values, so a longer bound holds there.
const RECOVERY: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_secs(30);

/// Says that a scenario cannot be tried here. Past the test harness, which shows nothing of a test that passes.
pub(crate) fn skipped(what: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "{what}: skipped, since {why}");
}

/// What may not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A process is left that nobody owns.
    Orphan,
    /// A session does not come back.
    Stuck,
    /// A login or something that a page wrote is gone.
    Lost,
    /// A profile cannot be used any more.
    Unusable,
    /// A request got no answer in time.
    Hung,
    /// Anything else that is not as promised.
    Wrong,
}

const FAULTS: [Fault; 6] = [
    Fault::Orphan,
    Fault::Stuck,
    Fault::Lost,
    Fault::Unusable,
    Fault::Hung,
    Fault::Wrong,
];

/// The figures of one scenario.
pub(crate) struct Figures {
    what: &'static str,
    seed: u64,
    /// The choices of this scenario.
    pub(crate) random: Random,
    /// How often the fault was made.
    count: AtomicU32,
    faults: Mutex<Vec<(Fault, String)>>,
    recoveries: Mutex<Vec<Duration>>,
    begun: Instant,
}

/// What one thread that panicked has found out is as true as before.
fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Figures {
    pub(crate) fn new(what: &'static str) -> Self {
        let seed = Random::seed();
        eprintln!(
            "{what}: FAULTS={} FAULTS_SEED={seed} repeats this",
            factor()
        );
        Self {
            what,
            seed,
            random: Random::new(seed),
            count: AtomicU32::new(0),
            faults: Mutex::default(),
            recoveries: Mutex::default(),
            begun: Instant::now(),
        }
    }

    /// The fault was made once more; tells how often it has been now.
    pub(crate) fn made(&self) -> u32 {
        self.count.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn fault(&self, fault: Fault, evidence: impl Into<String>) {
        let evidence = evidence.into();
        eprintln!(
            "{}, number {}: {fault:?}: {evidence}",
            self.what,
            self.count.load(Ordering::Relaxed)
        );
        lock(&self.faults).push((fault, evidence));
    }

    pub(crate) fn orphans(&self, left: &[Process], when: &str) {
        for process in left {
            self.fault(Fault::Orphan, format!("{process:?} is left after {when}"));
        }
    }

    pub(crate) fn recovered(&self, took: Duration) {
        lock(&self.recoveries).push(took);
    }

    /// A session came back, or did not.
    pub(crate) fn outcome(&self, outcome: Result<Duration, (Fault, String)>) -> bool {
        match outcome {
            Ok(took) => self.recovered(took),
            Err((fault, evidence)) => {
                self.fault(fault, evidence);
                return false;
            }
        }
        true
    }

    fn number(&self, fault: Fault) -> usize {
        lock(&self.faults)
            .iter()
            .filter(|(kind, _)| *kind == fault)
            .count()
    }

    /// The smallest time that this share of all recoveries did not exceed, in milliseconds.
    fn percentile(sorted: &[Duration], percent: usize) -> Option<u128> {
        let last = sorted.len().checked_sub(1)?;
        let rank = (sorted.len() * percent).div_ceil(100).max(1) - 1;
        Some(sorted[rank.min(last)].as_millis())
    }

    /// Writes the line. Fails if anything happened that may not.
    pub(crate) fn finish(self) {
        self.write(None);
    }

    /// The same for a scenario whose recoveries have to be quick.
    pub(crate) fn finish_quick(self) {
        self.finish_within(RECOVERY);
    }

    /// The same for a scenario whose times have to be within this.
    pub(crate) fn finish_within(self, limit: Duration) {
        self.write(Some(if is_long() { limit } else { SHORT }));
    }

    fn write(self, limit: Option<Duration>) {
        let mut sorted = lock(&self.recoveries).clone();
        sorted.sort_unstable();
        let p99 = Self::percentile(&sorted, 99);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let line = json!({
            "what": self.what,
            "at": now.as_secs(),
            "took_s": self.begun.elapsed().as_secs(),
            "seed": self.seed,
            "factor": factor(),
            "count": self.count.load(Ordering::Relaxed),
            "orphans": self.number(Fault::Orphan),
            "stuck": self.number(Fault::Stuck),
            "lost": self.number(Fault::Lost),
            "unusable": self.number(Fault::Unusable),
            "hung": self.number(Fault::Hung),
            "wrong": self.number(Fault::Wrong),
            "p50_ms": Self::percentile(&sorted, 50),
            "p95_ms": Self::percentile(&sorted, 95),
            "p99_ms": p99,
            "max_ms": Self::percentile(&sorted, 100),
        });
        eprintln!("{line}");
        if let Some(path) = std::env::var_os("FAULTS_FIGURES") {
            let mut file = OpenOptions::new()
                .create(true)
                .append(true)
                .open(path)
                .unwrap();
            writeln!(file, "{line}").unwrap();
        }

        let all: Vec<_> = FAULTS
            .iter()
            .map(|fault| (fault, self.number(*fault)))
            .filter(|(_, number)| *number > 0)
            .collect();
        assert!(
            all.is_empty(),
            "{} with seed {}: {all:?}\n{}",
            self.what,
            self.seed,
            lock(&self.faults)
                .iter()
                .map(|(fault, evidence)| format!("{fault:?}: {evidence}"))
                .collect::<Vec<_>>()
                .join("\n")
        );
        if let (Some(limit), Some(p99)) = (limit, p99) {
            assert!(
                p99 < limit.as_millis(),
                "{}: the 99th percentile of the recoveries is {p99} ms",
                self.what
            );
        }
    }
}
