//! Browsers, or parts of them, are killed or stop answering while they are in use.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::calls::{Call, Caller};
use crate::figures::{Fault, Figures};
use crate::load::Load;
use crate::scale::count;
use crate::world::{Outcome, STUCK, World};
use crate::{processes, turn};

const LINKED: [u64; 3] = [1, 2, 3];
const UNLINKED: u64 = 4;
const ALL: [u64; 4] = [1, 2, 3, 4];
/// The policy gives up on a browser that dies often, which is all that happens here.
const PATIENT: [&str; 2] = ["--restarts", "100000"];

fn populated() -> World {
    let mut world = World::new();
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
fn end(mut world: World, figures: &mut Figures) {
    let seen = processes::all(world.data.path());
    let (status, took) = world.end();
    if !status.success() || took > Duration::from_secs(15) {
        figures.fault(Fault::Wrong, format!("{status} after {took:?}"));
    }
    let left = world.left(&seen);
    figures.orphans(&left, "the end");
}

/// Kills the browsers of these clientes while their pages write, and waits for them to be back.
fn kill_browsers(world: &World, figures: &mut Figures, victims: &[u64]) {
    let caller = world.caller();
    let mut killed = Vec::new();
    for &cliente in victims {
        // One that does not come back from the time before has been counted then.
        let up = world.recovery(cliente, usual(cliente), None, Instant::now());
        let browser = caller.session(cliente)["browser_pid"].as_i64();
        let (Ok(_), Some(browser)) = (up, browser) else {
            continue;
        };
        let value = figures.made();
        if cliente != UNLINKED {
            world.mark(cliente, value * 100);
            world.scribble(cliente, value * 100);
        }
        killed.push((cliente, browser, value * 100));
    }
    sleep(figures.random.time(Duration::from_millis(100)));
    let since = Instant::now();
    for (_, browser, _) in &killed {
        let _ = kill(
            Pid::from_raw(i32::try_from(*browser).unwrap()),
            Signal::SIGKILL,
        );
    }
    let wanted: Vec<_> = killed
        .iter()
        .map(|&(cliente, browser, _)| (cliente, usual(cliente), Some(browser)))
        .collect();
    let outcomes = world.recoveries(&wanted, since);
    for ((cliente, outcome), (_, _, written)) in outcomes.into_iter().zip(killed) {
        if figures.outcome(outcome) && cliente != UNLINKED {
            keeps_the_mark(world, figures, cliente, written);
        }
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
    let mut world = populated();
    let rounds = count(300).div_ceil(u32::try_from(ALL.len()).unwrap());
    for round in 0..rounds {
        // A browser that dies again soon is started again later and later: `repeated_kills`. A program that has just been
        // started knows of no deaths.
        if round > 0 {
            assert!(world.end().0.success());
            world.start(&PATIENT);
        }
        loaded(&world, &mut figures, |figures| {
            // Now and then all at once.
            if round % 5 == 4 {
                kill_browsers(&world, figures, &ALL);
            } else {
                for cliente in ALL {
                    kill_browsers(&world, figures, &[cliente]);
                }
            }
        });
    }
    end(world, &mut figures);
    figures.finish_quick();
}

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn repeated_kills() {
    let _turn = turn();
    let mut figures = Figures::new("repeated_kills");
    let world = populated();
    loaded(&world, &mut figures, |figures| {
        for _ in 0..count(20).max(2) {
            kill_browsers(&world, figures, &[1]);
        }
    });
    end(world, &mut figures);
    figures.finish();
}

/// What a page was told to be on disk in its database is there after a kill. Cookies and localStorage are not promised.
fn keeps_the_mark(world: &World, figures: &mut Figures, cliente: u64, written: u32) {
    let marks = world.device(cliente).marks;
    let found: Option<u32> = marks
        .indexed_db
        .as_deref()
        .map(|mark| mark.parse().unwrap());
    if found.is_none_or(|found| found < written) {
        figures.fault(
            Fault::Lost,
            format!("cliente {cliente}: {marks:?}, not {written}"),
        );
    }
}

/// Sends until a message goes out again. Tells how long that took since the fault.
fn mended(world: &World, caller: &Caller, cliente: u64, since: Instant) -> Outcome {
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

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn process_kills() {
    let _turn = turn();
    let mut figures = Figures::new("process_kills");
    let world = populated();
    let caller = world.caller();
    let ((), hung) = Load::during(&caller, &LINKED, |_| {
        for _ in 0..count(300) {
            let cliente = *figures.random.pick(&LINKED);
            let Some(process) =
                processes::pick(world.data.path(), cliente, &mut figures.random, |kind| {
                    kind != "browser" && kind != "crashpad-handler"
                })
            else {
                figures.fault(Fault::Stuck, format!("cliente {cliente} has no browser"));
                continue;
            };
            sleep(figures.random.time(Duration::from_millis(300)));
            let since = Instant::now();
            process.signal(Signal::SIGKILL);
            figures.made();
            let outcome = mended(&world, &caller, cliente, since)
                .map_err(|(fault, evidence)| (fault, format!("{process:?}: {evidence}")));
            figures.outcome(outcome);
        }
    });
    for call in hung {
        figures.fault(Fault::Hung, call);
    }
    figures.outcome(world.recovery(UNLINKED, "QR_REQUIRED", None, Instant::now()));
    end(world, &mut figures);
    figures.finish_quick();
}

/// What is asked of a session whose browser stands still.
const REQUESTS: [fn(&Caller, u64) -> Call; 3] = [
    |caller, cliente| caller.send(cliente),
    |caller, cliente| caller.delete(cliente, false),
    |caller, cliente| caller.init(cliente),
];

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn stops() {
    let _turn = turn();
    let mut figures = Figures::new("stops");
    let world = populated();
    let caller = world.caller();
    for round in 0..count(50) {
        let cliente = *figures.random.pick(&LINKED);
        let kinds = |kind: &str| kind != "crashpad-handler";
        let Some(process) = processes::pick(world.data.path(), cliente, &mut figures.random, kinds)
        else {
            figures.fault(Fault::Stuck, format!("cliente {cliente} has no browser"));
            continue;
        };
        let request = REQUESTS[usize::try_from(round).unwrap() % REQUESTS.len()];
        figures.made();
        let since = Instant::now();
        process.signal(Signal::SIGSTOP);
        let done = AtomicBool::new(false);
        let (outcome, slow) = scope(|scope| {
            let watching = scope.spawn(|| {
                let mut slow = Vec::new();
                while !done.load(Ordering::Relaxed) {
                    let call = caller.status(cliente);
                    if call.hung() {
                        slow.push(call);
                    }
                    sleep(Duration::from_millis(50));
                }
                slow
            });
            let call = request(&caller, cliente);
            let mut outcome = if call.hung() {
                Err((Fault::Hung, format!("{call}")))
            } else {
                Ok(Duration::ZERO)
            };
            if call.what.starts_with("DELETE") && outcome.is_ok() {
                let call = caller.init(cliente);
                if call.hung() {
                    outcome = Err((Fault::Hung, format!("{call}")));
                }
            }
            let outcome = outcome.and_then(|_| mended(&world, &caller, cliente, since));
            done.store(true, Ordering::Relaxed);
            (outcome, watching.join().unwrap())
        });
        for call in slow {
            figures.fault(Fault::Hung, format!("{process:?}: {call}"));
        }
        // Which process it was decides how long it takes.
        eprintln!("stops: {}: {:?}", process.kind, outcome.as_ref().ok());
        figures.outcome(
            outcome.map_err(|(fault, evidence)| (fault, format!("{process:?}: {evidence}"))),
        );
    }
    end(world, &mut figures);
    figures.finish();
}
