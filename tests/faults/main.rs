//! Sessions survive anything: the whole program, real browsers, a real store and real HTTP, while processes are killed and
//! stopped, files are damaged and the disk is full. Only WhatsApp is simulated.
//!
//! `FAULTS` scales how often each fault is made (1 is the long form of `scripts/faults`, which writes
//! `docs/reliability.md`; the default is the short form of `scripts/test`), and `FAULTS_SEED` repeats the choices of an
//! earlier run. One of them: `cargo test --workspace --test faults -- --ignored --nocapture ::host_kills`. That no browser
//! listens on TCP is proved in `tests/headless.rs`.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

#[path = "../support/app.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod app;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod support;

mod calls;
mod clean_stops;
mod damage;
mod disk;
mod endings;
mod figures;
mod hibernation;
mod host;
mod kills;
mod lanes;
mod load;
mod locks;
mod messages;
mod processes;
mod receiver;
mod scale;
mod stops;
mod take_over;
mod unreliable;
mod world;

use std::sync::{Condvar, Mutex, PoisonError};

/// The machines that run this have two cores. In the long form the times are the point: one program with its browsers at
/// a time. In the short form most of the time is spent waiting, so two run at a time.
fn turn() -> Turn {
    let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    while *running >= if scale::is_long() { 1 } else { 2 } {
        running = ENDED.wait(running).unwrap_or_else(PoisonError::into_inner);
    }
    *running += 1;
    Turn
}

/// Ends with the scenario, however that ends.
struct Turn;

static RUNNING: Mutex<u32> = Mutex::new(0);
static ENDED: Condvar = Condvar::new();

impl Drop for Turn {
    fn drop(&mut self) {
        *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        ENDED.notify_one();
    }
}
