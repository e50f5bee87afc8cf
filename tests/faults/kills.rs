//! Browsers, or parts of them, are killed while they are in use.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::calls::Caller;
use crate::figures::{Fault, Figures, skipped};
use crate::lanes::lanes;
use crate::load::Load;
use crate::processes::Process;
use crate::scale::{Random, count};
use crate::world::{Outcome, STUCK, World};
use crate::{processes, turn};

pub(crate) const LINKED: [u64; 5] = [1, 2, 3, 4, 5];
const UNLINKED: u64 = 6;
pub(crate) const ALL: [u64; 6] = [1, 2, 3, 4, 5, 6];
/// The policy gives up on a browser that dies often, which is all that happens here.
const PATIENT: [&str; 2] = ["--restarts", "100000"];

/// Within which a page is back whose end nobody told: it is found out by asking.
const UNHEARD: Duration = Duration::from_secs(30);

pub(crate) fn populated(mut world: World) -> World {
    world.start(&PATIENT);
    world.link(&LINKED);
    world.show_code(UNLINKED);
    world
}

const fn usual(cliente: u64) -> &'static str {
    if cliente == UNLINKED {
        "QR_REQUIRED"
    } else {
        "READY"
    }
}

/// Ends the program and looks for what is left.
pub(crate) fn end(mut world: World, figures: &Figures) {
    let seen = processes::all(world.data.path());
    let (status, took) = world.end();
    if !status.success() || took > Duration::from_secs(15) {
        figures.fault(Fault::Wrong, format!("{status} after {took:?}"));
    }
    let left = world.left(&seen);
    figures.orphans(&left, "the end");
}

/// How often the program has started each browser again by itself, as far as that was forgiven.
#[derive(Default)]
struct Forgiven(Mutex<BTreeMap<u64, u64>>);

impl Forgiven {
    /// A browser that dies again soon is started again later and later, which is `repeated_kills`: here somebody starts
    /// the session anew, and the program forgets. Tells the browser's process; nothing if there is none.
    fn browser(&self, world: &World, figures: &Figures, cliente: u64) -> Option<i64> {
        let caller = world.caller();
        // One that does not come back from the time before has been counted then, and is linked anew to go on.
        if world
            .recovery(cliente, usual(cliente), None, Instant::now())
            .is_err()
        {
            world.link_anew(cliente);
        }
        let session = caller.session(cliente);
        let browser = session["browser_pid"].as_i64()?;
        let restarts = session["restarts"].as_u64()?;
        let before = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(cliente, restarts);
        if restarts == before.unwrap_or(0) {
            return Some(browser);
        }
        let call = caller.control("restart", cliente);
        if !call.is_ok() {
            figures.fault(Fault::Wrong, format!("{call}"));
        }
        let back = world.recovery(cliente, usual(cliente), Some(browser), Instant::now());
        if let Err((fault, evidence)) = back {
            figures.fault(fault, format!("ended and begun anew, {evidence}"));
            return None;
        }
        caller.session(cliente)["browser_pid"].as_i64()
    }
}

/// A browser that is about to be killed.
struct Victim {
    cliente: u64,
    browser: i64,
    /// What its page was told to write last, and said that it had.
    written: u32,
}

impl Victim {
    /// Has the page write something that is to be kept, and go on writing.
    fn of(world: &World, figures: &Figures, cliente: u64, browser: i64) -> Self {
        let written = figures.made() * 100;
        if cliente != UNLINKED {
            world.mark(cliente, written);
            world.scribble(cliente, written);
        }
        Self {
            cliente,
            browser,
            written,
        }
    }

    fn kill(&self) {
        // One that ended a moment ago has got what it was to get.
        let _ = kill(
            Pid::from_raw(i32::try_from(self.browser).unwrap()),
            Signal::SIGKILL,
        );
    }

    /// It is back, and what the page was told to be on disk in its database is there. Cookies and localStorage are not
    /// promised after a kill.
    fn came_back(&self, world: &World, figures: &Figures, outcome: Outcome) {
        if !figures.outcome(outcome) || self.cliente == UNLINKED {
            return;
        }
        let marks = world.device(self.cliente).marks;
        let found: Option<u32> = marks
            .indexed_db
            .as_deref()
            .map(|mark| mark.parse().unwrap());
        if found.is_none_or(|found| found < self.written) {
            figures.fault(
                Fault::Lost,
                format!(
                    "cliente {}: {marks:?}, not {}\n{}",
                    self.cliente,
                    self.written,
                    world.history(self.cliente)
                ),
            );
        }
    }
}

/// Kills a browser while its page writes, and waits for it to be back.
fn kill_browser(world: &World, figures: &Figures, cliente: u64, browser: i64, random: &mut Random) {
    let victim = Victim::of(world, figures, cliente, browser);
    sleep(random.time(Duration::from_millis(100)));
    let since = Instant::now();
    victim.kill();
    let outcome = world.recovery(cliente, usual(cliente), Some(browser), since);
    victim.came_back(world, figures, outcome);
}

/// The same with all browsers in the same moment.
fn kill_all_browsers(world: &World, figures: &Figures, forgiven: &Forgiven) {
    let victims: Vec<Victim> = scope(|scope| {
        let preparing =
            ALL.map(|cliente| scope.spawn(move || forgiven.browser(world, figures, cliente)));
        ALL.into_iter()
            .zip(preparing.map(|found| found.join().unwrap()))
            .filter_map(|(cliente, browser)| Some(Victim::of(world, figures, cliente, browser?)))
            .collect()
    });
    let since = Instant::now();
    for victim in &victims {
        victim.kill();
    }
    let wanted: Vec<_> = victims
        .iter()
        .map(|victim| (victim.cliente, usual(victim.cliente), Some(victim.browser)))
        .collect();
    for ((_, outcome), victim) in world.recoveries(&wanted, since).into_iter().zip(&victims) {
        victim.came_back(world, figures, outcome);
    }
}

fn loaded(world: &World, figures: &mut Figures, work: impl FnOnce(&mut Figures)) {
    let (sent, hung) = Load::during(&world.caller(), &LINKED, |load| {
        work(figures);
        load.sent()
    });
    for call in hung {
        figures.fault(Fault::Hung, call);
    }
    if sent == 0 {
        figures.fault(Fault::Wrong, "not one message was sent meanwhile");
    }
}

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn browser_kills() {
    let _turn = turn();
    let mut figures = Figures::new("browser_kills");
    let world = populated(World::new());
    let forgiven = Forgiven::default();
    let all_at_once = u32::try_from(ALL.len()).unwrap();
    // One of six of these kills all at once.
    let rounds = count(300).div_ceil(6 * all_at_once);
    loaded(&world, &mut figures, |figures| {
        for _ in 0..rounds {
            let one_by_one = count(300)
                .div_ceil(rounds)
                .saturating_sub(all_at_once)
                .max(3);
            lanes(figures, &ALL, one_by_one, |figures, blow| {
                if let Some(browser) = forgiven.browser(&world, figures, blow.cliente) {
                    kill_browser(&world, figures, blow.cliente, browser, &mut blow.random);
                }
            });
            kill_all_browsers(&world, figures, &forgiven);
        }
    });
    end(world, &figures);
    figures.finish_quick();
}

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn repeated_kills() {
    let _turn = turn();
    let mut figures = Figures::new("repeated_kills");
    let world = populated(World::new());
    let victims = &LINKED[..usize::try_from(count(5)).unwrap().min(LINKED.len())];
    loaded(&world, &mut figures, |figures| {
        lanes(figures, victims, count(20).max(2), |figures, blow| {
            let up = world.recovery(blow.cliente, "READY", None, Instant::now());
            let browser = world.caller().session(blow.cliente)["browser_pid"].as_i64();
            if let (Ok(_), Some(browser)) = (up, browser) {
                kill_browser(&world, figures, blow.cliente, browser, &mut blow.random);
            }
        });
    });
    end(world, &figures);
    figures.finish();
}

/// Sends until a message goes out again. Tells how long that took since the fault.
pub(crate) fn mended(world: &World, caller: &Caller, cliente: u64, since: Instant) -> Outcome {
    loop {
        let call = caller.send(cliente);
        if call.hung() {
            return Err((Fault::Hung, format!("{call}")));
        }
        if call.is_ok() {
            return world.recovery(cliente, "READY", None, since);
        }
        if since.elapsed() > STUCK {
            let fault = world.recovery(cliente, "READY", None, since).err();
            return Err(fault.unwrap_or((Fault::Stuck, format!("READY, but {call}"))));
        }
        sleep(Duration::from_millis(50));
    }
}

/// Kills processes of these kinds under load, so many of them, and waits each time for messages to go out again.
fn kill_processes(
    world: &World,
    figures: &mut Figures,
    total: u32,
    kinds: impl Fn(&str) -> bool + Sync,
) {
    let caller = world.caller();
    let forgiven = Forgiven::default();
    loaded(world, figures, |figures| {
        lanes(figures, &LINKED, total, |figures, blow| {
            let cliente = blow.cliente;
            let found = forgiven.browser(world, figures, cliente).and_then(|_| {
                processes::pick(world.data.path(), cliente, &mut blow.random, &kinds)
            });
            let Some(process) = found else {
                // Whoever did not come back has been counted; looked for again in a moment.
                sleep(Duration::from_millis(50));
                return;
            };
            sleep(blow.random.time(Duration::from_millis(300)));
            let since = Instant::now();
            process.signal(Signal::SIGKILL);
            figures.made();
            let outcome = mended(world, &caller, cliente, since);
            figures.outcome(of_process(outcome, &process));
        });
    });
}

/// Whose fault it was.
pub(crate) fn of_process(outcome: Outcome, process: &Process) -> Outcome {
    outcome.map_err(|(fault, evidence)| (fault, format!("{process:?}: {evidence}")))
}

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn process_kills() {
    let _turn = turn();
    let mut figures = Figures::new("process_kills");
    let world = populated(World::new());
    // A few more: whoever is not back yet is passed over.
    kill_processes(&world, &mut figures, count(310), |kind| {
        kind != "browser" && kind != "crashpad-handler"
    });
    figures.outcome(world.recovery(UNLINKED, "QR_REQUIRED", None, Instant::now()));
    end(world, &figures);
    figures.finish_quick();
}

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn zygote_kills() {
    let _turn = turn();
    let mut figures = Figures::new("zygote_kills");
    let Some(world) = World::sandboxed() else {
        skipped("zygote_kills", "no ordinary user can run the program here");
        return;
    };
    let Some(world) = linked_in_sandbox(world) else {
        skipped("zygote_kills", "browsers have no sandbox here");
        return;
    };
    let pairs = count(30);
    let caller = world.caller();
    let forgiven = Forgiven::default();
    loaded(&world, &mut figures, |figures| {
        lanes(figures, &LINKED, pairs, |figures, blow| {
            let cliente = blow.cliente;
            let _ = forgiven.browser(&world, figures, cliente);
            // With the zygote of the sandbox all renderers end, and the browser hears nothing of it; with another one
            // the page goes on, but the next cannot come up. Only another browser helps.
            for kind in ["zygote", "renderer"] {
                let is_it = |found: &str| found == kind;
                let path = world.data.path();
                // The renderer may have died with its zygote, and nobody has found out yet.
                let Some(process) = processes::pick(path, cliente, &mut blow.random, is_it) else {
                    continue;
                };
                let since = Instant::now();
                process.signal(Signal::SIGKILL);
                figures.made();
                let outcome = mended(&world, &caller, cliente, since);
                figures.outcome(of_process(outcome, &process));
            }
        });
    });
    end(world, &figures);
    figures.finish_within(UNHEARD);
}

/// The same as [`populated`]; nothing where browsers have no sandbox.
fn linked_in_sandbox(mut world: World) -> Option<World> {
    world.start(&PATIENT);
    let call = world.caller().init(LINKED[0]);
    if call.body().to_string().contains("SANDBOX_UNAVAILABLE") {
        return None;
    }
    assert!(world.caller().delete(LINKED[0], true).is_ok(), "{call}");
    world.link(&LINKED);
    Some(world)
}
