//! Sessions end cleanly right after they were linked, and nothing that their pages wrote is lost.

use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use whatsapp_simulator::MarksView;

use crate::figures::{Fault, Figures};
use crate::scale::{Random, count};
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
/// How many are linked and ended together.
const TOGETHER: u32 = 6;

/// A session whose page has just written.
struct Written {
    cliente: u64,
    value: u32,
    /// How often the page had been loaded by then.
    loads: u32,
}

impl Written {
    /// Some moments after the link.
    fn soon(world: &World, figures: &Figures, cliente: u64, random: &mut Random) -> Self {
        sleep(random.time(Duration::from_secs(3)));
        let value = figures.made();
        world.mark(cliente, value);
        let loads = world.device(cliente).loads;
        Self {
            cliente,
            value,
            loads,
        }
    }

    /// The session is back without a scan, and with everything that was written.
    fn is_back(&self, world: &World, figures: &Figures, since: Instant, end: End) {
        let cliente = self.cliente;
        if figures.outcome(world.recovery(cliente, "READY", None, since)) {
            wait_for("the page to say hello", || {
                (world.device(cliente).loads > self.loads).then_some(())
            });
            let expected = MarksView::everywhere(self.value);
            let found = world.device(cliente).marks;
            if found != expected {
                figures.fault(
                    Fault::Lost,
                    format!(
                        "{end:?}: {found:?}, not {}\n{}",
                        self.value,
                        world.history(cliente)
                    ),
                );
            }
        }
        let call = world.caller().delete(cliente, true);
        if !call.is_ok() {
            figures.fault(Fault::Wrong, format!("{call}"));
        }
    }
}

/// The program ends with all of these.
fn end_together(world: &mut World, figures: &Figures, written: &[Written]) {
    let (status, took) = world.end();
    if !status.success() || took > Duration::from_secs(15) {
        figures.fault(Fault::Wrong, format!("{status} after {took:?}"));
    }
    let left = world.left(&[]);
    figures.orphans(&left, "SIGTERM");
    let since = Instant::now();
    world.start(&[]);
    let world = &*world;
    scope(|scope| {
        for written in written {
            scope.spawn(move || written.is_back(world, figures, since, End::Terminated));
        }
    });
}

/// One session ends, and begins again.
fn end_alone(world: &World, figures: &Figures, written: &Written, end: End) {
    let caller = world.caller();
    let ended = match end {
        End::Deleted => caller.delete(written.cliente, false),
        End::Stopped | End::Terminated => caller.control("stop", written.cliente),
    };
    let since = Instant::now();
    for call in [ended, caller.init(written.cliente)] {
        if !call.is_ok() {
            figures.fault(Fault::Wrong, format!("{call}"));
        }
    }
    written.is_back(world, figures, since, end);
}

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn clean_stops() {
    let _turn = turn();
    let mut figures = Figures::new("clean_stops");
    let mut world = World::started();
    // The short form has one of each, the long one as many together as the machine can start.
    let total = count(102).max(3);
    let together = total.div_ceil(3).min(TOGETHER);
    let clientes: Vec<u64> = (1..=u64::from(total)).collect();
    let chunks = clientes.chunks(usize::try_from(together).unwrap());
    for (clientes, &end) in chunks.zip(ENDS.iter().cycle()) {
        world.link(clientes);
        let random: Vec<_> = clientes.iter().map(|_| figures.random.fork()).collect();
        let written: Vec<Written> = scope(|scope| {
            let (world, figures) = (&world, &figures);
            let writing: Vec<_> = clientes
                .iter()
                .zip(random)
                .map(|(&cliente, mut random)| {
                    scope.spawn(move || {
                        let written = Written::soon(world, figures, cliente, &mut random);
                        if !matches!(end, End::Terminated) {
                            end_alone(world, figures, &written, end);
                        }
                        written
                    })
                })
                .collect();
            writing
                .into_iter()
                .map(|written| written.join().unwrap())
                .collect()
        });
        if matches!(end, End::Terminated) {
            end_together(&mut world, &figures, &written);
        }
    }
    assert!(world.end().0.success());
    let left = world.left(&[]);
    figures.orphans(&left, "the last end");
    figures.finish();
}
