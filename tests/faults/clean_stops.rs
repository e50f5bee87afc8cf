//! A session ends cleanly right after it was linked, and nothing that its page wrote is lost.

use std::thread::sleep;
use std::time::{Duration, Instant};

use whatsapp_simulator::MarksView;

use crate::figures::{Fault, Figures};
use crate::scale::count;
use crate::support::wait_for;
use crate::turn;
use crate::world::World;

/// How a session ends.
#[derive(Clone, Copy, Debug)]
enum End {
    /// `DELETE /session`.
    Deleted,
    /// SIGTERM of the program.
    Terminated,
    /// The control room's stop.
    Stopped,
}

const ENDS: [End; 3] = [End::Terminated, End::Deleted, End::Stopped];

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn clean_stops() {
    let _turn = turn();
    let mut figures = Figures::new("clean_stops");
    let mut world = World::started();
    for round in 0..count(100) {
        let cliente = u64::from(round) + 1;
        let end = ENDS[usize::try_from(round).unwrap() % ENDS.len()];
        world.link(&[cliente]);
        sleep(figures.random.time(Duration::from_secs(3)));
        world.mark(cliente, round);
        let loads = world.device(cliente).loads;
        figures.made();
        let call = match end {
            End::Deleted => world.caller().delete(cliente, false),
            End::Stopped => world.caller().control("stop", cliente),
            End::Terminated => {
                let (status, took) = world.end();
                if !status.success() || took > Duration::from_secs(15) {
                    figures.fault(Fault::Wrong, format!("{status} after {took:?}"));
                }
                let left = world.left(&[]);
                figures.orphans(&left, "SIGTERM");
                world.start(&[]);
                world.caller().status(cliente)
            }
        };
        if !call.is_ok() {
            figures.fault(Fault::Wrong, format!("{call}"));
        }
        let since = Instant::now();
        if !matches!(end, End::Terminated) {
            let call = world.caller().init(cliente);
            if !call.is_ok() {
                figures.fault(Fault::Wrong, format!("{call}"));
            }
        }
        if figures.outcome(world.recovery(cliente, "READY", None, since)) {
            wait_for("the page to say hello", || {
                (world.device(cliente).loads > loads).then_some(())
            });
            let value = Some(round.to_string());
            let expected = MarksView {
                indexed_db: value.clone(),
                local_storage: value.clone(),
                cookie: value,
            };
            let device = world.device(cliente);
            if device.marks != expected {
                let found = device.marks;
                figures.fault(Fault::Lost, format!("{end:?}: {found:?}, not {round}"));
            }
        }
        let call = world.caller().delete(cliente, true);
        if !call.is_ok() {
            figures.fault(Fault::Wrong, format!("{call}"));
        }
    }
    assert!(world.end().0.success());
    let left = world.left(&[]);
    figures.orphans(&left, "the last end");
    figures.finish();
}
