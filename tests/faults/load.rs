//! Callers that keep calling while something breaks.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use crate::calls::{Answer, Call, Caller};

/// Callers, and what they saw.
#[derive(Debug, Default)]
pub(crate) struct Load {
    done: AtomicBool,
    sent: AtomicU32,
    /// Those that were left without an answer.
    hung: Mutex<Vec<String>>,
}

/// Ends the callers however the work ends; else a failed test would wait for them forever.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Load {
    /// Sends messages and asks for the state of these clientes while the work is done. Tells what the work did, and which
    /// calls got no answer in time.
    pub(crate) fn during<T>(
        caller: &Caller,
        clientes: &[u64],
        work: impl FnOnce(&Self) -> T,
    ) -> (T, Vec<String>) {
        let load = Self::default();
        let result = std::thread::scope(|scope| {
            let stop = Stop(&load.done);
            for &cliente in clientes {
                let load = &load;
                scope.spawn(move || load.keep(|| caller.send(cliente)));
                scope.spawn(move || load.keep(|| caller.status(cliente)));
            }
            let result = work(&load);
            drop(stop);
            result
        });
        (result, load.hung.into_inner().unwrap())
    }

    /// Messages that were sent so far.
    pub(crate) fn sent(&self) -> u32 {
        self.sent.load(Ordering::Relaxed)
    }

    fn keep(&self, call: impl Fn() -> Call) {
        while !self.done.load(Ordering::Relaxed) {
            let call = call();
            match &call.answer {
                Answer::Said(200, body) if body["ok"] == true => {
                    self.sent.fetch_add(1, Ordering::Relaxed);
                }
                Answer::Said(..) => {}
                Answer::Hung => self.hung.lock().unwrap().push(format!("{call}")),
                // The program is gone, and so is the point of calling it as fast as possible.
                Answer::Broken(_) => std::thread::sleep(Duration::from_millis(100)),
            }
            std::thread::sleep(Duration::from_millis(30));
        }
    }
}
