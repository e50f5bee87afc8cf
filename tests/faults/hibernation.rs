//! Sessions whose browser was closed to make room: they wake for a message, whatever happened meanwhile.

use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use crate::calls::Caller;
use crate::figures::{Fault, Figures};
use crate::lanes::watched;
use crate::scale::{count, is_long};
use crate::support::wait_for;
use crate::world::{World, brief};
use crate::{processes, turn};

const LINKED: [u64; 4] = [1, 2, 3, 4];
/// How many browsers may run when there is not room for all.
const ROOM: u32 = 2;
/// Within which a message to a sleeper goes out.
const WAKING: Duration = Duration::from_secs(5);
/// A browser that was used less than a minute ago makes no room for others; this much later it has.
const IDLE: Duration = Duration::from_secs(100);

/// What happens to one that sleeps.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A message is sent.
    Message,
    /// Several are, one after another, within a second.
    Crowd,
    /// The program is killed.
    Killed,
    /// The program is killed while the session wakes for a message.
    KilledWaking,
}

const EVENTS: [Event; 4] = [
    Event::Message,
    Event::KilledWaking,
    Event::Crowd,
    Event::Killed,
];

/// Closes the browser of a session, and looks whether it is gone.
fn lay_to_sleep(world: &World, figures: &Figures, cliente: u64) {
    let caller = world.caller();
    // One that is sending a message at this moment refuses.
    wait_for("the session to sleep", || {
        caller.control("hibernate", cliente).is_ok().then_some(())
    });
    if !asleep(&caller, cliente) {
        let session = brief(&caller.session(cliente));
        figures.fault(Fault::Wrong, format!("not asleep: {session}"));
    }
    let left = processes::of(world.data.path(), cliente);
    figures.orphans(&left, "hibernate");
}

fn asleep(caller: &Caller, cliente: u64) -> bool {
    caller.session(cliente)["hibernated"] == true
}

/// Sends to one that sleeps, at each of these moments from now on: each message goes out, also those that come while it
/// wakes for another.
fn wake(world: &World, figures: &Figures, cliente: u64, moments: &[Duration]) {
    let caller = world.caller();
    let calls: Vec<_> = scope(|scope| {
        let sending: Vec<_> = moments
            .iter()
            .map(|&moment| {
                let caller = &caller;
                scope.spawn(move || {
                    sleep(moment);
                    caller.send(cliente)
                })
            })
            .collect();
        sending
            .into_iter()
            .map(|call| call.join().unwrap())
            .collect()
    });
    for call in calls {
        if call.is_ok() {
            figures.recovered(call.took);
        } else {
            let fault = if call.hung() {
                Fault::Hung
            } else {
                Fault::Stuck
            };
            figures.fault(fault, format!("cliente {cliente} sleeps: {call}"));
        }
    }
    let session = caller.session(cliente);
    if session["state"] != "READY" || session["hibernated"] != false {
        let session = brief(&session);
        figures.fault(Fault::Wrong, format!("not awake: {session}"));
    }
}

/// Kills the program and starts it again.
fn kill(world: &mut World, figures: &Figures, when: Event) {
    let seen = processes::all(world.data.path());
    world.kill();
    let left = world.left(&seen);
    figures.orphans(&left, &format!("{when:?}"));
    world.start(&[]);
}

/// Everybody is to be back without a scan, since there is room for all.
fn restored(world: &World, figures: &Figures) {
    let wanted = LINKED.map(|cliente| (cliente, "READY", None));
    for (_, outcome) in world.recoveries(&wanted, Instant::now()) {
        if let Err((fault, evidence)) = outcome {
            figures.fault(fault, evidence);
        }
    }
}

/// Those that sleep: two of four, as soon as the others run.
fn sleepers(world: &World, figures: &Figures) -> Vec<u64> {
    let caller = world.caller();
    wait_for("as many to run as there is room for", || {
        let running = LINKED
            .iter()
            .filter(|&&cliente| caller.session(cliente)["state"] == "READY")
            .count();
        (running >= ROOM as usize).then_some(())
    });
    let found: Vec<u64> = LINKED
        .into_iter()
        .filter(|&cliente| asleep(&caller, cliente))
        .collect();
    if found.len() != LINKED.len() - ROOM as usize {
        figures.fault(Fault::Wrong, format!("{found:?} sleep, not two of four"));
    }
    found
}

/// There is room for two of four, and still all can be reached.
fn short_of_room(world: &mut World, figures: &mut Figures) {
    let call = world.caller().max_browsers(Some(ROOM));
    assert!(call.is_ok(), "{call}");
    assert!(world.end().0.success());
    world.start(&[]);
    sleepers(world, figures);
    kill(world, figures, Event::Killed);
    let asleep_now = sleepers(world, figures);
    // As soon as somebody sleeps, somebody else gets the place.
    for (place, sleeper) in LINKED
        .into_iter()
        .filter(|cliente| !asleep_now.contains(cliente))
        .zip(asleep_now.clone())
    {
        lay_to_sleep(world, figures, place);
        figures.made();
        wake(world, figures, sleeper, &[Duration::ZERO]);
    }
    if is_long() {
        let caller = world.caller();
        for round in 0..2 {
            let sleepers = sleepers(world, figures);
            for sleeper in sleepers {
                figures.made();
                let begun = Instant::now();
                // Refused for as long as the others count as busy, and in time.
                while let call = caller.send(sleeper)
                    && !call.is_ok()
                {
                    if call.hung() || begun.elapsed() > IDLE {
                        let evidence = format!("round {round}, cliente {sleeper}: {call}");
                        figures.fault(Fault::Stuck, evidence);
                        break;
                    }
                }
            }
        }
    }
    let call = world.caller().max_browsers(None);
    assert!(call.is_ok(), "{call}");
}

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn hibernation() {
    let _turn = turn();
    let mut figures = Figures::new("hibernation");
    let mut world = World::started();
    world.link(&LINKED);
    let total = usize::try_from(count(40).max(2)).unwrap();
    let first = figures.random.below(2);
    let events = EVENTS.into_iter().cycle();
    for event in events.skip(usize::try_from(first).unwrap()).take(total) {
        let cliente = *figures.random.pick(&LINKED);
        lay_to_sleep(&world, &figures, cliente);
        figures.made();
        match event {
            Event::Message | Event::Crowd => {
                let mut moments = vec![Duration::ZERO];
                if matches!(event, Event::Crowd) {
                    let later = |_| figures.random.time(Duration::from_secs(1));
                    moments.extend((0..4).map(later));
                }
                let caller = world.caller();
                watched(&caller, &LINKED, &mut figures, |figures| {
                    wake(&world, figures, cliente, &moments);
                });
            }
            Event::Killed => {
                kill(&mut world, &figures, event);
                restored(&world, &figures);
            }
            Event::KilledWaking => {
                let wait = figures.random.time(Duration::from_millis(2500));
                let caller = world.caller();
                scope(|scope| {
                    // The program dies under it.
                    let sending = scope.spawn(|| caller.send(cliente));
                    sleep(wait);
                    kill(&mut world, &figures, event);
                    let call = sending.join().unwrap();
                    if call.hung() {
                        figures.fault(Fault::Hung, format!("{call}"));
                    }
                });
                restored(&world, &figures);
            }
        }
    }
    short_of_room(&mut world, &mut figures);
    assert!(world.end().0.success());
    let left = world.left(&[]);
    figures.orphans(&left, "the last end");
    figures.finish_within(WAKING);
}
