//! Several clientes are hit at the same time, each at its own pace.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{scope, sleep};
use std::time::Duration;

use crate::calls::{Call, Caller};
use crate::figures::{Fault, Figures};
use crate::scale::Random;

/// One blow: whose turn it is, which blow of all it is, and the choices of its lane.
pub(crate) struct Blow {
    pub(crate) cliente: u64,
    pub(crate) number: u32,
    pub(crate) random: Random,
}

/// Deals so many blows, one after another to each of these clientes, whoever is ready first.
pub(crate) fn lanes(
    figures: &mut Figures,
    clientes: &[u64],
    total: u32,
    deal: impl Fn(&Figures, &mut Blow) + Sync,
) {
    let dealt = AtomicU32::new(0);
    let random: Vec<Random> = clientes.iter().map(|_| figures.random.fork()).collect();
    let (figures, dealt, deal) = (&*figures, &dealt, &deal);
    scope(|scope| {
        for (&cliente, random) in clientes.iter().zip(random) {
            scope.spawn(move || {
                let mut blow = Blow {
                    cliente,
                    number: 0,
                    random,
                };
                loop {
                    blow.number = dealt.fetch_add(1, Ordering::Relaxed);
                    if blow.number >= total {
                        return;
                    }
                    deal(figures, &mut blow);
                }
            });
        }
    });
}

/// Ends the watch however the work ends; else a failed test would wait for it forever.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Asks for the state of each of these while the work is done, and counts what was not answered at once.
pub(crate) fn watched(
    caller: &Caller,
    clientes: &[u64],
    figures: &mut Figures,
    work: impl FnOnce(&mut Figures),
) {
    let done = AtomicBool::new(false);
    let slow: Vec<Call> = scope(|scope| {
        let stop = Stop(&done);
        let watching: Vec<_> = clientes
            .iter()
            .map(|&cliente| {
                scope.spawn({
                    let done = &done;
                    move || {
                        let mut slow = Vec::new();
                        while !done.load(Ordering::Relaxed) {
                            let call = caller.status(cliente);
                            if !call.is_ok() {
                                slow.push(call);
                            }
                            sleep(Duration::from_millis(50));
                        }
                        slow
                    }
                })
            })
            .collect();
        work(figures);
        drop(stop);
        watching
            .into_iter()
            .flat_map(|watch| watch.join().unwrap())
            .collect()
    });
    for call in slow {
        figures.fault(Fault::Hung, format!("{call}"));
    }
}
