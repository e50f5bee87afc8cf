//! What the local API costs its callers: answers to `/status`, messages, and events to many readers. The whole program
//! and a real browser against the simulator. Run with `scripts/bench`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and one that cannot go on should panic"
)]

#[path = "../tests/support/app.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod app;
#[path = "../tests/support/mod.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use app::App;
use serde_json::json;
use support::Data;

/// `/status` requests a second of the service that this program replaces.
const BEFORE: f64 = 83.0;
/// Requests of the first measurement, and over how many connections they come.
const LOOKS: usize = 10_000;
const CALLERS: [usize; 3] = [1, 10, 100];
/// How long messages are sent, and over how many connections.
const SENDING: Duration = Duration::from_secs(10);
const SENDERS: [usize; 2] = [1, 8];
/// Readers of events, and how many codes they are told.
const READERS: [usize; 2] = [1, 64];
const CODES: usize = 30;

fn main() {
    println!(
        "{:<40} {:>9} {:>9} {:>9} {:>11}",
        "", "p50 [ms]", "p99 [ms]", "max [ms]", "a second"
    );
    let data = Data::new();
    let app = App::start(&data);
    assert_eq!(app.init(1).0, 200);
    for callers in CALLERS {
        let (took, rate) = look(&app, callers);
        row(
            &format!("{LOOKS} /status with a QR, {callers} callers"),
            took,
            Some(rate),
        );
    }
    println!("{:<40} {:>51}", "/status of v2.0, another day", BEFORE);
    for readers in READERS {
        let (first, spread) = tell(&app, readers);
        row("a new QR, from phone to first reader", first, None);
        row(&format!("… from first to last of {readers}"), spread, None);
    }
    app.phone(1, "scan");
    app.reach(1, "READY");
    for senders in SENDERS {
        let (took, rate) = send(&app, senders);
        row(&format!("/send, {senders} callers"), took, Some(rate));
    }
    assert!(app.end().0.success());
}

fn row(what: &str, mut took: Vec<Duration>, rate: Option<f64>) {
    took.sort();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    let rate = rate.map_or_else(String::new, |rate| format!("{rate:.0}"));
    println!(
        "{what:<40} {:>9.2} {:>9.2} {:>9.2} {rate:>11}",
        at(50),
        at(99),
        at(100)
    );
}

fn per_second(number: usize, took: Duration) -> f64 {
    f64::from(u32::try_from(number).unwrap()) / took.as_secs_f64()
}

/// So many callers share the looks.
fn look(app: &App, callers: usize) -> (Vec<Duration>, f64) {
    let begun = Instant::now();
    let took = gather(callers, |_| {
        let mut caller = Caller::new(app, "GET", "/status", "");
        (0..LOOKS / callers)
            .map(|_| timed(|| assert!(caller.ask() > 1000, "no QR in the answer")))
            .collect()
    });
    let rate = per_second(took.len(), begun.elapsed());
    (took, rate)
}

/// So many callers send for a while.
fn send(app: &App, senders: usize) -> (Vec<Duration>, f64) {
    let done = AtomicBool::new(false);
    let begun = Instant::now();
    let took = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(SENDING);
            done.store(true, Ordering::Relaxed);
        });
        gather(senders, |sender| {
            let body = json!({"to": format!("54911555512{sender:02}"), "message": "hola"});
            let mut caller = Caller::new(app, "POST", "/send", &body.to_string());
            let mut took = Vec::new();
            while !done.load(Ordering::Relaxed) {
                took.push(timed(|| assert!(caller.ask() > 0)));
            }
            took
        })
    });
    let rate = per_second(took.len(), begun.elapsed());
    (took, rate)
}

/// The simulated phone lets the code rotate, and every reader of the events notes when it is told.
fn tell(app: &App, readers: usize) -> (Vec<Duration>, Vec<Duration>) {
    let (sender, arrivals) = mpsc::channel();
    let mut first = Vec::new();
    let mut spread = Vec::new();
    std::thread::scope(|scope| {
        let mut streams = Vec::new();
        for _ in 0..readers {
            let sender = sender.clone();
            let stream = open_events(app);
            streams.push(stream.get_ref().try_clone().unwrap());
            scope.spawn(move || {
                for line in stream.lines().map_while(Result::ok) {
                    if line == "event: qr" {
                        let _ = sender.send(Instant::now());
                    }
                }
            });
        }
        for _ in 0..CODES {
            let begun = Instant::now();
            app.phone(1, "rotate");
            let mut told: Vec<_> = (0..readers).map(|_| arrivals.recv().unwrap()).collect();
            told.sort();
            first.push(told[0] - begun);
            spread.push(told[readers - 1] - told[0]);
        }
        for stream in streams {
            stream.shutdown(std::net::Shutdown::Both).unwrap();
        }
    });
    (first, spread)
}

/// A stream of events whose snapshot has been read.
fn open_events(app: &App) -> BufReader<TcpStream> {
    let host = app.base.trim_start_matches("http://");
    // The program may not have noticed yet that the readers before are gone, and have no place.
    support::wait_for("a stream of events", || {
        let mut stream = BufReader::new(TcpStream::connect(host).unwrap());
        let request = format!("GET /events HTTP/1.1\r\nHost: {host}\r\n\r\n");
        stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        if !line.contains(" 200 ") {
            return None;
        }
        while !line.starts_with("data:") {
            line.clear();
            assert_ne!(stream.read_line(&mut line).unwrap(), 0, "no events");
        }
        Some(stream)
    })
}

fn timed(call: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    call();
    begun.elapsed()
}

/// What so many threads bring.
fn gather<T: Send>(threads: usize, work: impl Fn(usize) -> Vec<T> + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let work = &work;
        let running: Vec<_> = (0..threads)
            .map(|number| scope.spawn(move || work(number)))
            .collect();
        running
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    })
}

/// A client that costs next to nothing, so that the server is measured and not the client.
struct Caller(BufReader<TcpStream>, Vec<u8>);

impl Caller {
    fn new(app: &App, method: &str, path: &str, body: &str) -> Self {
        let host = app.base.trim_start_matches("http://");
        let stream = TcpStream::connect(host).unwrap();
        stream.set_nodelay(true).unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nX-Cliente-Id: 1\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        Self(BufReader::new(stream), request.into_bytes())
    }

    /// Asks, and tells the length of the answer.
    fn ask(&mut self) -> usize {
        let Self(stream, request) = self;
        stream.get_mut().write_all(request).unwrap();
        let mut length = 0;
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        assert!(line.contains(" 200 "), "{line}");
        while stream.read_line(&mut line).unwrap() > 2 {
            let last = line.lines().next_back().unwrap_or_default();
            if let Some(value) = last.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        length
    }
}
