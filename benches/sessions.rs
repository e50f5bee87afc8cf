//! What a session costs: time from `/init` to the QR, and memory. Whole programs and real browsers against the
//! simulator, so one round takes about a minute. Run with `scripts/bench`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and one that cannot go on should panic"
)]

#[path = "../tests/support/app.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod app;
#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Instant;

use app::App;
use support::{Data, no_browser_left, processes_on};

/// Rounds of each measurement; the median counts, since one round on a busy machine says little.
const ROUNDS: usize = 5;
/// The service that this program replaces, on the same kind of page with a full Chromium: seconds to the QR and MB for
/// each cliente, with 1 and with 5 clientes.
const BEFORE: [(u64, f64, f64); 2] = [(1, 1.8, 383.0), (5, 5.3, 204.0)];

fn main() {
    println!(
        "{:<34} {:>10} {:>10} {:>8}",
        "median of the rounds", "here", "v2.0", "ratio"
    );
    for (clientes, seconds_before, memory_before) in BEFORE {
        let (mut seconds, mut memory) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let (took, each) = link(clientes);
            seconds.push(took);
            memory.push(each);
        }
        row(
            &format!("/init to QR, {clientes} at once [s]"),
            median(seconds),
            seconds_before,
        );
        row(
            &format!("memory a cliente, {clientes} up [MB PSS]"),
            median(memory),
            memory_before,
        );
    }
}

fn row(what: &str, here: f64, before: f64) {
    println!(
        "{what:<34} {here:>10.2} {before:>10.2} {:>8.2}",
        here / before
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Starts so many clientes at once. Tells the seconds until the last has its QR, and MB for each.
fn link(clientes: u64) -> (f64, f64) {
    let data = Data::new();
    let app = App::start(&data);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for id in 1..=clientes {
            let app = &app;
            scope.spawn(move || assert_eq!(app.init(id).0, 200, "cliente {id} did not start"));
        }
    });
    let took = begun.elapsed().as_secs_f64();
    // Our own process is shared by all, and counts too.
    let mut processes = processes_on(data.path());
    processes.push(app.pid());
    let bytes: f64 = processes.into_iter().map(pss).sum();
    assert!(app.end().0.success());
    no_browser_left(&data);
    (
        took,
        bytes / 1e6 / f64::from(u32::try_from(clientes).unwrap()),
    )
}

/// Proportional set size of a process: shared pages are counted once over all that share them. Bytes.
fn pss(pid: i32) -> f64 {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = rollup
        .lines()
        .find_map(|line| line.strip_prefix("Pss:"))
        .unwrap_or("0 kB");
    let kib: f64 = line.trim().trim_end_matches(" kB").trim().parse().unwrap();
    kib * 1024.0
}
