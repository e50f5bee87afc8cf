//! The program is asked to end while it has a lot to do.

use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::calls::drain;
use crate::figures::{Fault, Figures};
use crate::load::Load;
use crate::scale::{count, is_long};
use crate::world::World;
use crate::{processes, turn};

/// Within which the program ends.
const END: Duration = Duration::from_secs(15);
const LINKED: [u64; 3] = [1, 2, 3];
/// Sessions that are being started when the end comes.
const STARTING: [u64; 2] = [11, 12];
const STREAMS: usize = 8;

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn terms() {
    let _turn = turn();
    let mut figures = Figures::new("terms");
    let mut world = World::started();
    world.link(&LINKED);
    let rounds = count(50);
    for round in 1..=rounds {
        let caller = world.caller();
        let streams: Vec<_> = (0..STREAMS).map(|_| caller.events()).collect();
        let wait = figures.random.time(Duration::from_secs(3));
        figures.made();
        let mut seen = Vec::new();
        let (calls, hung) = Load::during(&caller, &LINKED, |_| {
            scope(|scope| {
                let inits = STARTING.map(|cliente| {
                    scope.spawn({
                        let caller = &caller;
                        move || caller.init(cliente)
                    })
                });
                sleep(wait);
                seen = processes::all(world.data.path());
                let (status, took) = world.end();
                if !status.success() || took > END {
                    figures.fault(Fault::Wrong, format!("{status} after {took:?}"));
                }
                figures.recovered(took);
                inits.map(|init| init.join().unwrap())
            })
        });
        for mut stream in streams {
            if !drain(&mut stream) {
                figures.fault(Fault::Hung, "an event stream did not end");
            }
        }
        for call in calls.into_iter().filter(crate::calls::Call::hung) {
            figures.fault(Fault::Hung, format!("{call}"));
        }
        for call in hung {
            figures.fault(Fault::Hung, call);
        }
        let left = world.left(&seen);
        figures.orphans(&left, "SIGTERM");

        let since = Instant::now();
        world.start(&[]);
        // Every other end comes while the sessions are restored.
        if round % 2 == 1 && round < rounds {
            continue;
        }
        let wanted = LINKED.map(|cliente| (cliente, "READY", None));
        for (_, outcome) in world.recoveries(&wanted, since) {
            if let Err((fault, evidence)) = outcome {
                figures.fault(fault, evidence);
            }
        }
        for cliente in STARTING {
            let call = world.caller().delete(cliente, true);
            if !call.is_ok() {
                figures.fault(Fault::Wrong, format!("{call}"));
            }
        }
    }
    assert!(world.end().0.success());
    figures.finish();
}

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn shutdown_loaded() {
    let _turn = turn();
    let mut figures = Figures::new("shutdown_loaded");
    let sessions: u64 = if is_long() { 20 } else { 6 };
    for forced in [false, true] {
        let mut world = World::started();
        scope(|scope| {
            for cliente in 1..=sessions {
                let caller = world.caller();
                scope.spawn(move || assert!(caller.init(cliente).is_ok()));
            }
        });
        let caller = world.caller();
        let streams: Vec<_> = (0..50).map(|_| caller.events()).collect();
        let half_open: Vec<_> = (0..20).map(|_| caller.half_open()).collect();
        let seen = processes::all(world.data.path());
        figures.made();
        if forced {
            world.signal(Signal::SIGTERM);
            sleep(figures.random.time(Duration::from_millis(300)));
        }
        let (status, took) = world.end();
        figures.recovered(took);
        let (code, limit) = if forced {
            (130, Duration::from_secs(1))
        } else {
            (0, END)
        };
        if status.code() != Some(code) || took > limit {
            figures.fault(Fault::Wrong, format!("{status} after {took:?}"));
        }
        let left = world.left(&seen);
        figures.orphans(&left, if forced { "two signals" } else { "one signal" });
        drop((streams, half_open));
    }
    figures.finish();
}
