//! Parts of browsers stop answering, for good, while they are in use.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::calls::{Call, Caller};
use crate::figures::{Fault, Figures};
use crate::kills::{ALL, LINKED, end, mended, of_process, populated};
use crate::lanes::{lanes, watched};
use crate::scale::count;
use crate::world::World;
use crate::{processes, turn};

/// What is asked of a session whose browser stands still.
const REQUESTS: [fn(&Caller, u64) -> Call; 3] = [
    |caller, cliente| caller.send(cliente),
    |caller, cliente| caller.delete(cliente, false),
    |caller, cliente| caller.init(cliente),
];

/// Asks something of the session, and starts it if that was its end. Whatever is asked is answered.
fn ask(caller: &Caller, cliente: u64, number: u32) -> Result<(), (Fault, String)> {
    let answered = |call: &Call| {
        if call.hung() {
            return Err((Fault::Hung, format!("{call}")));
        }
        Ok(())
    };
    let request = REQUESTS[usize::try_from(number).unwrap() % REQUESTS.len()];
    let call = request(caller, cliente);
    answered(&call)?;
    if call.what.starts_with("DELETE") {
        answered(&caller.init(cliente))?;
    }
    Ok(())
}

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn stops() {
    let _turn = turn();
    let mut figures = Figures::new("stops");
    let world = populated(World::new());
    let caller = world.caller();
    // All at once take no longer than one.
    let total = count(50).max(u32::try_from(LINKED.len()).unwrap());
    watched(&caller, &ALL, &mut figures, |figures| {
        lanes(figures, &LINKED, total, |figures, blow| {
            let cliente = blow.cliente;
            // Who does not come back from the time before has been counted then.
            let _ = world.recovery(cliente, "READY", None, Instant::now());
            // A utility process, such as the network's, is found only by what does not work without it: its page lives,
            // and three messages have to fail first.
            let kinds = |kind: &str| kind != "crashpad-handler" && kind != "utility";
            let picked = processes::pick(world.data.path(), cliente, &mut blow.random, kinds);
            let Some(process) = picked else {
                figures.fault(Fault::Stuck, format!("cliente {cliente} has no browser"));
                return;
            };
            std::thread::sleep(blow.random.time(Duration::from_millis(300)));
            figures.made();
            let since = Instant::now();
            process.signal(Signal::SIGSTOP);
            let outcome = ask(&caller, cliente, blow.number)
                .and_then(|()| mended(&world, &caller, cliente, since));
            // Which process it was decides how long it takes.
            eprintln!("stops: {}: {:?}", process.kind, outcome.as_ref().ok());
            figures.outcome(of_process(outcome, &process));
        });
    });
    end(world, &figures);
    figures.finish();
}
