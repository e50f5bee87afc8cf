//! The program is killed.

use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::figures::Figures;
use crate::scale::count;
use crate::world::World;
use crate::{processes, turn};

const LINKED: [u64; 3] = [1, 2, 3];
const UNLINKED: u64 = 4;

/// What the program is doing when it is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    Idle,
    Launching,
    Ending,
    BrowserStopped,
}

/// A program that is killed while it starts is started again and killed again: only after the second time everybody is
/// waited for.
const MOMENTS: [Moment; 8] = [
    Moment::Launching,
    Moment::Launching,
    Moment::BrowserStopped,
    Moment::Launching,
    Moment::Launching,
    Moment::Ending,
    Moment::BrowserStopped,
    Moment::Idle,
];

/// Waits for everybody to be back without a scan.
fn restored(world: &World, figures: &Figures, since: Instant) {
    let mut wanted = LINKED.map(|cliente| (cliente, "READY", None)).to_vec();
    wanted.push((UNLINKED, "QR_REQUIRED", None));
    for (_, outcome) in world.recoveries(&wanted, since) {
        figures.outcome(outcome);
    }
}

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn host_kills() {
    let _turn = turn();
    let mut figures = Figures::new("host_kills");
    let mut world = World::started();
    world.link(&LINKED);
    world.show_code(UNLINKED);
    // The short form begins anywhere.
    let first = figures.random.below(u64::try_from(MOMENTS.len()).unwrap());
    let mut moments = MOMENTS
        .into_iter()
        .cycle()
        .skip(usize::try_from(first).unwrap())
        .take(usize::try_from(count(104).max(3)).unwrap())
        .peekable();
    while let Some(moment) = moments.next() {
        match moment {
            Moment::Idle => sleep(figures.random.time(Duration::from_millis(500))),
            // It was started a moment ago.
            Moment::Launching => sleep(figures.random.time(Duration::from_millis(2500))),
            Moment::Ending => {
                world.signal(Signal::SIGTERM);
                sleep(figures.random.time(Duration::from_millis(1200)));
            }
            Moment::BrowserStopped => {
                let mut processes = processes::all(world.data.path());
                // A crash handler has nothing to do with what the browser does, and no way to notice its end.
                processes.retain(|process| process.kind != "crashpad-handler");
                figures.random.pick(&processes).signal(Signal::SIGSTOP);
            }
        }
        let seen = processes::all(world.data.path());
        figures.made();
        world.kill();
        let left = world.left(&seen);
        figures.orphans(&left, &format!("{moment:?}"));
        let since = Instant::now();
        world.start(&[]);
        if !matches!(moments.peek(), Some(Moment::Launching)) {
            restored(&world, &figures, since);
        }
    }
    let (status, _) = world.end();
    assert!(status.success(), "{status}");
    let left = world.left(&[]);
    figures.orphans(&left, "the last end");
    figures.finish_quick();
}
