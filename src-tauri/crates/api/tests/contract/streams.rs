//! `GET /events` over real sockets: many readers, some of which stand still.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use session_api::{Options, bind};
use session_core::ports::DriverEvent;
use session_core::{Account, Picture, RegistryEvent, State, StateName};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::support::{Setup, account, code, id};

const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
/// Longer than anything here takes; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(20);
/// How many there may be.
const READERS: usize = 64;
/// How many of them read nothing.
const STUCK: usize = 8;
/// What the system keeps for one that reads nothing, bytes: little, so that it is stuck soon.
const WINDOW: u32 = 4096;
/// So many events of 100 kB are more than the system keeps.
const FLOOD: usize = 100;

struct Server {
    setup: Setup,
    address: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Server {
    async fn start() -> Self {
        let setup = Setup::new().await;
        let bound = bind(LOOPBACK).await.unwrap();
        let address = bound.address();
        let stop = CancellationToken::new();
        let options = Options {
            clock: Arc::clone(&setup.clock) as _,
            ..Options::default()
        };
        let serving = tokio::spawn(bound.serve(setup.room.clone(), options, stop.clone()));
        Self {
            setup,
            address,
            stop,
            serving,
        }
    }

    async fn subscribe(&self, window: Option<u32>) -> Reader {
        let socket = TcpSocket::new_v4().unwrap();
        if let Some(window) = window {
            socket.set_recv_buffer_size(window).unwrap();
        }
        let mut stream = socket.connect(self.address).await.unwrap();
        let host = self.address;
        let request = format!("GET /events HTTP/1.1\r\nHost: {host}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut reader = Reader {
            lines: BufReader::new(stream).lines(),
        };
        while reader.line().await != "event: snapshot" {}
        reader
    }

    /// Shows the next code of the cliente.
    async fn show(&self, number: usize) {
        let text = format!("2@{number}{}", "AbCd1234".repeat(25));
        self.setup
            .world
            .tell(id(1), DriverEvent::Code(code(&text)))
            .await;
    }

    /// Tells so much of another cliente that whoever does not read gets nothing more: the system keeps a few MB for it.
    async fn flood(&self) {
        self.setup.bring(2, StateName::Ready).await;
        for number in 1..=FLOOD {
            let name = format!("{number}{}", "x".repeat(100_000));
            let named = Account {
                name: Some(name.clone()),
                ..account()
            };
            self.setup
                .world
                .tell(id(2), DriverEvent::Connected(named))
                .await;
            let known = |account: &Account| account.name.as_ref() == Some(&name);
            self.setup
                .until(2, |snapshot| match &snapshot.session.state {
                    State::Ready { account, .. } => known(account),
                    _ => false,
                })
                .await;
        }
    }

    async fn end(self) {
        self.stop.cancel();
        timeout(PATIENCE, self.serving).await.unwrap().unwrap();
    }
}

struct Reader {
    lines: tokio::io::Lines<BufReader<TcpStream>>,
}

impl Reader {
    async fn line(&mut self) -> String {
        timeout(PATIENCE, self.lines.next_line())
            .await
            .expect("a line in time")
            .unwrap()
            .expect("not the end")
    }

    /// The picture of the next code that is told.
    async fn picture(&mut self) -> String {
        loop {
            let line = self.line().await;
            assert_ne!(line, ":", "nothing else came");
            if let Some(rest) = line.strip_prefix("data: {\"cliente_id\":1,\"qr\":\"") {
                return rest.split_once('"').unwrap().0.to_owned();
            }
        }
    }
}

/// When each picture could be seen first.
#[derive(Clone, Default)]
struct Published(Arc<Mutex<HashMap<String, Instant>>>);

impl Published {
    fn follow(&self, setup: &Setup) -> JoinHandle<()> {
        let mut changes = setup.registry.subscribe();
        let published = self.clone();
        tokio::spawn(async move {
            while let Ok(change) = changes.recv().await {
                if let RegistryEvent::Changed(snapshot) = change
                    && let Picture::Drawn(image) = &snapshot.picture
                {
                    let mut seen = published.0.lock().unwrap();
                    seen.entry(image.to_string()).or_insert_with(Instant::now);
                }
            }
        })
    }

    /// How long ago a picture was published; nothing, where it was read before this was noted.
    fn age(&self, image: &str) -> Duration {
        let seen = self.0.lock().unwrap();
        seen.get(image).map(Instant::elapsed).unwrap_or_default()
    }
}

/// Shows these codes, each as soon as all readers have read the one before; tells how long each took to arrive.
async fn rotate(
    server: &Server,
    mut reading: Vec<Reader>,
    codes: Range<usize>,
) -> (Vec<Duration>, Vec<Reader>) {
    let published = Published::default();
    let following = published.follow(&server.setup);
    let mut took = Vec::new();
    for number in codes {
        server.show(number).await;
        let mut arrivals = JoinSet::new();
        for mut reader in reading.drain(..) {
            let published = published.clone();
            arrivals.spawn(async move {
                let image = reader.picture().await;
                (published.age(&image), image, reader)
            });
        }
        let mut images = Vec::new();
        while let Some(arrived) = arrivals.join_next().await {
            let (age, image, reader) = arrived.unwrap();
            took.push(age);
            images.push(image);
            reading.push(reader);
        }
        images.dedup();
        assert_eq!(images.len(), 1, "readers were told of different codes");
    }
    following.abort();
    took.sort_unstable();
    (took, reading)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_stand_still_hold_nobody_up() {
    let server = Server::start().await;
    server.setup.bring(1, StateName::QrRequired).await;
    let mut stuck = Vec::new();
    for _ in 0..STUCK {
        stuck.push(server.subscribe(Some(WINDOW)).await);
    }
    server.flood().await;
    let mut reading = Vec::new();
    while reading.len() < READERS - STUCK {
        reading.push(server.subscribe(None).await);
    }
    let (took, _reading) = rotate(&server, reading, 0..100).await;
    assert_eq!(took.len(), 100 * (READERS - STUCK));
    // A code lives for 20 s. What it takes without a load on the machine is measured below.
    let slowest = took.last().unwrap();
    assert!(*slowest < Duration::from_secs(2), "{slowest:?}");

    let current = server.setup.registry.snapshot(id(1)).unwrap();
    let Picture::Drawn(current) = &current.picture else {
        panic!("no picture");
    };
    for mut reader in stuck {
        // It has been stuck: of what it missed, only this was kept.
        assert_eq!(reader.picture().await, **current);
    }
    server.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures: run it alone, on a machine with nothing else to do"]
async fn a_code_arrives_within_50_ms() {
    for readers in [1, READERS] {
        let server = Server::start().await;
        server.setup.bring(1, StateName::QrRequired).await;
        let mut reading = Vec::new();
        for _ in 0..readers {
            reading.push(server.subscribe(None).await);
        }
        let (took, _reading) = rotate(&server, reading, 0..200).await;
        let at = |percent: usize| took[(took.len() - 1) * percent / 100];
        let (half, most, all) = (at(50), at(95), at(100));
        println!("{readers} readers: p50 {half:?}, p95 {most:?}, max {all:?}");
        assert!(most < Duration::from_millis(50), "{most:?}");
        server.end().await;
    }
}
