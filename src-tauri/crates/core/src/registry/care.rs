//! Looks after the machine for as long as the program runs: the disk, the memory, the places for browsers, and whether
//! the machine slept.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::task::TaskTracker;

use super::Registry;
use crate::actor::Command;
use crate::cliente::{ClienteId, Wanted};
use crate::clock::Timestamp;
use crate::ports::{Resources, Usage};
use crate::reason::Reason;
use crate::resources::{DiskState, ResourceReport, fits};
use crate::snapshot::Snapshot;
use crate::state::{State, StateName};

/// How often the disk and the clock are looked at.
const TICK: Duration = Duration::from_secs(5);
/// How many of these there are to each look at the browsers' memory, which takes longer.
const TICKS_A_LOOK: u32 = 2;
/// The wall clock ran so much further than time that passed: the machine slept.
const SLEPT: Duration = Duration::from_secs(20);
/// Free space is told in steps of so many bytes, so that not every file written is news.
const ROUND: u64 = 16 * 1024 * 1024;
/// Browsers at the same time where nothing is known of the memory.
const UNKNOWN: u32 = 100;

/// What is there before anything runs.
pub(super) async fn first_look(machine: &dyn Resources, max: Option<u32>) -> ResourceReport {
    let disk_free = machine.free_disk().await;
    let fits = machine.memory().await.map(|memory| fits(memory, &[]));
    ResourceReport {
        disk: DiskState::of(disk_free),
        disk_free,
        fits,
        limit: max.or(fits).unwrap_or(UNKNOWN).max(1),
        running: 0,
        waiting: 0,
    }
}

/// Whether the disk has room for this start: a person's needs more, because a new profile grows.
pub(super) fn disk_allows(free: Option<u64>, reason: Reason) -> bool {
    match DiskState::of(free) {
        DiskState::Ok => true,
        DiskState::Low => !matches!(reason, Reason::StartRequested | Reason::BrowserShown),
        DiskState::Full => false,
    }
}

/// Whether a session that is to run does not, and nobody has to decide anything first.
pub(super) fn is_to_be_restored(snapshot: &Snapshot) -> bool {
    let session = &snapshot.session;
    snapshot.record.wanted == Wanted::Running
        && match session.state {
            State::NotInitialized => !session.hibernated,
            State::Error { restart: None } => session.reason == Some(Reason::DiskFull),
            _ => false,
        }
}

/// Begins to look after the machine, until the program ends.
pub(super) fn begin(registry: &Registry, tasks: &TaskTracker) {
    let ending = registry.0.ending.clone();
    let care = Care {
        registry: registry.clone(),
        wall: registry.0.deps.clock.now(),
        passed: Instant::now(),
        usage: BTreeMap::new(),
    };
    let making_room = registry.clone();
    tasks.spawn(ending.clone().run_until_cancelled_owned(care.run()));
    tasks.spawn(ending.run_until_cancelled_owned(async move { making_room.make_room().await }));
}

struct Care {
    registry: Registry,
    /// The clocks at the last look.
    wall: Timestamp,
    passed: Instant,
    /// What was last measured.
    usage: BTreeMap<u32, Usage>,
}

impl Care {
    async fn run(mut self) {
        let mut ticks = interval(TICK);
        // After a sleep of the machine one look is enough.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut limits = self.registry.0.max_browsers.subscribe();
        let mut count = 0_u32;
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                changed = limits.changed() => if changed.is_err() { return },
            }
            self.look_at_the_clock().await;
            if count.is_multiple_of(TICKS_A_LOOK) {
                self.look_at_browsers().await;
            }
            count = count.wrapping_add(1);
            self.report().await;
        }
    }

    /// Sockets do not survive a long sleep, and nobody tells the page.
    async fn look_at_the_clock(&mut self) {
        let (wall, passed) = (self.registry.0.deps.clock.now(), Instant::now());
        let ran = wall.since(self.wall);
        let lived = passed.duration_since(self.passed);
        (self.wall, self.passed) = (wall, passed);
        if ran.saturating_sub(lived) > SLEPT {
            tracing::warn!(
                seconds = ran.as_secs(),
                "the machine slept; connections are checked"
            );
            self.registry
                .tell_all(
                    |snapshot| snapshot.state() == StateName::Ready,
                    || Command::Check,
                )
                .await;
        }
    }

    async fn look_at_browsers(&mut self) {
        let browsers: BTreeMap<ClienteId, u32> = self
            .registry
            .snapshots()
            .iter()
            .filter_map(|snapshot| Some((snapshot.record.id, snapshot.browser_pid?)))
            .collect();
        let pids = browsers.values().copied().collect();
        self.usage = self.registry.0.machine.usage(pids).await;
        for (id, pid) in browsers {
            let usage = self.usage.get(&pid).copied().map(rounded);
            if let Some(cell) = self.registry.cell(id) {
                let known = cell.published.get();
                // Small changes are not worth a message to everybody; and the browser may have ended meanwhile.
                if known.browser_pid == Some(pid) && differ(known.usage, usage) {
                    cell.published.update(|snapshot| snapshot.usage = usage);
                }
            }
        }
    }

    /// Publishes what there is, and does what the disk asks for.
    async fn report(&self) {
        let inner = &self.registry.0;
        let before = *inner.resources.borrow();
        let disk_free = inner.machine.free_disk().await;
        let taken: Vec<u64> = self.usage.values().map(|usage| usage.memory).collect();
        let fits = inner
            .machine
            .memory()
            .await
            .map(|memory| fits(memory, &taken));
        let limit = inner
            .max_browsers
            .borrow()
            .or(fits)
            .unwrap_or(UNKNOWN)
            .max(1);
        inner.deps.slots.set_limit(limit);
        let places = inner.deps.slots.usage();
        let report = ResourceReport {
            disk: DiskState::of(disk_free),
            disk_free: disk_free.map(|free| free / ROUND * ROUND),
            fits,
            limit,
            running: places.taken,
            waiting: places.waiting,
        };
        inner.resources.send_if_modified(|known| {
            let changed = *known != report;
            *known = report;
            changed
        });
        match (before.disk, report.disk) {
            (DiskState::Full, DiskState::Full) => {}
            (_, DiskState::Full) => self.save_logins().await,
            (DiskState::Low | DiskState::Full, DiskState::Ok) => {
                tracing::info!("there is room on the disk again");
                inner.machine.hold_reserve().await;
                let registry = self.registry.clone();
                inner
                    .deps
                    .tasks
                    .spawn(async move { registry.restore().await });
            }
            (DiskState::Ok, DiskState::Ok) => inner.machine.hold_reserve().await,
            _ => {}
        }
    }

    /// A full disk can make a browser reset the storage that its login is in: better none runs.
    async fn save_logins(&self) {
        tracing::error!("the disk is full; all browsers are closed to protect the saved logins");
        self.registry.0.machine.release_reserve().await;
        self.registry
            .tell_all(
                |_| true,
                || Command::Abort {
                    reason: Reason::DiskFull,
                },
            )
            .await;
    }
}

impl Registry {
    /// Closes idle browsers, one for each that waits for a place, for as long as the program runs.
    async fn make_room(&self) {
        let mut usage = self.0.deps.slots.watch();
        loop {
            let someone = usage.wait_for(|usage| usage.waiting > 0).await;
            let Ok(waiting) = someone.map(|usage| usage.waiting) else {
                return;
            };
            if self.close_an_idle_one().await {
                // The place goes to whoever is first in the line; only then is another one needed.
                let taken = async {
                    usage
                        .wait_for(|usage| usage.waiting < waiting)
                        .await
                        .is_ok()
                };
                let _ = timeout(TICK, taken).await;
            } else {
                // Nobody is idle now; look again when somebody may be.
                sleep(TICK).await;
            }
        }
    }

    /// Closes the browser that was used longest ago, if one is idle.
    async fn close_an_idle_one(&self) -> bool {
        let now = self.0.deps.clock.now();
        let idle_after = self.0.deps.policy.idle_after;
        let mut idle: Vec<Arc<Snapshot>> = self
            .snapshots()
            .into_iter()
            .filter(|snapshot| {
                snapshot.state() == StateName::Ready
                    && !snapshot.session.is_visible()
                    && now.since(snapshot.last_used) >= idle_after
            })
            .collect();
        idle.sort_by_key(|snapshot| snapshot.last_used);
        for snapshot in idle {
            let id = snapshot.record.id;
            // One that is being used at this moment refuses.
            if self.hibernate(id).await.is_ok() {
                tracing::info!(cliente = %id, "sleeps to make room for another session");
                return true;
            }
        }
        false
    }

    /// Gives the sessions that are as described a command that nobody waits for.
    async fn tell_all(&self, which: impl Fn(&Snapshot) -> bool, command: impl Fn() -> Command) {
        let cells = self.cells(|cells| cells.values().cloned().collect::<Vec<_>>());
        join_all(
            cells
                .iter()
                .filter(|cell| which(&cell.published.get()))
                .map(|cell| self.tell(cell, command())),
        )
        .await;
    }
}

/// Digits that nobody reads make no news.
fn rounded(usage: Usage) -> Usage {
    Usage {
        cpu: (usage.cpu * 10.0).round() / 10.0,
        ..usage
    }
}

/// Whether a measurement is news: it came or went, or changed by more than a twentieth.
fn differ(known: Option<Usage>, now: Option<Usage>) -> bool {
    match (known, now) {
        (Some(known), Some(now)) => {
            known.memory.abs_diff(now.memory) > known.memory / 20
                || (known.cpu - now.cpu).abs() > 5.0
        }
        (None, None) => false,
        _ => true,
    }
}
