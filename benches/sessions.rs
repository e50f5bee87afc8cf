//! What a session costs: time from `/init` to the QR, memory, and what the API does meanwhile. Whole programs and real
//! browsers against the simulator, so one round takes about a minute. Run with `scripts/bench`.

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

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use app::App;
use support::{Data, no_browser_left, processes_on};

/// Rounds of each measurement; the median counts, since one round on a busy machine says little.
const ROUNDS: usize = 5;
/// The service that this program replaces, on the same kind of page with a full Chromium: seconds to the QR and MB for
/// each cliente, with 1 and with 5 clientes; `/status` requests a second.
const BEFORE: [(u64, f64, f64); 2] = [(1, 1.8, 383.0), (5, 5.3, 204.0)];
const BEFORE_RATE: f64 = 83.0;
/// Callers of `/status` at the same time, and how long they call.
const CALLERS: usize = 8;
const CALLING: Duration = Duration::from_secs(5);

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
    row("/status with a QR [requests/s]", status_rate(), BEFORE_RATE);
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

/// `/status` answers a second while a QR shows.
fn status_rate() -> f64 {
    let data = Data::new();
    let app = App::start(&data);
    assert_eq!(app.init(1).0, 200);
    let (answers, done) = (AtomicUsize::new(0), AtomicBool::new(false));
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..CALLERS {
            scope.spawn(|| {
                let mut caller = Caller::new(&app.base);
                while !done.load(Ordering::Relaxed) {
                    caller.status();
                    answers.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        std::thread::sleep(CALLING);
        done.store(true, Ordering::Relaxed);
    });
    let rate =
        f64::from(u32::try_from(answers.into_inner()).unwrap()) / begun.elapsed().as_secs_f64();
    assert!(app.end().0.success());
    rate
}

/// A client that costs next to nothing, so that the server is measured and not the client.
struct Caller(BufReader<TcpStream>, Vec<u8>);

impl Caller {
    fn new(base: &str) -> Self {
        let host = base.trim_start_matches("http://");
        let stream = TcpStream::connect(host).unwrap();
        stream.set_nodelay(true).unwrap();
        let request = format!("GET /status HTTP/1.1\r\nHost: {host}\r\nX-Cliente-Id: 1\r\n\r\n");
        Self(BufReader::new(stream), request.into_bytes())
    }

    fn status(&mut self) {
        let Self(stream, request) = self;
        stream.get_mut().write_all(request).unwrap();
        let mut length = 0;
        let mut line = String::new();
        while stream.read_line(&mut line).unwrap() > 2 {
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        assert!(length > 1000, "no QR in the answer");
    }
}
