//! The server over real sockets on this machine.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use session_api::{BindError, Limits, Options, bind, dto::ApiProblem};
use session_core::StateName;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
#[cfg(target_os = "linux")]
use tokio::net::TcpSocket;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::support::{Plan, Setup, id};

const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
/// Longer than anything here takes; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

struct Server {
    setup: Setup,
    address: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Server {
    async fn start(limits: Limits) -> Self {
        let setup = Setup::new().await;
        let bound = bind(LOOPBACK).await.unwrap();
        let address = bound.address();
        let stop = CancellationToken::new();
        let options = Options {
            limits,
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

    async fn connect(&self) -> Client {
        Client {
            port: self.address.port(),
            stream: BufReader::new(TcpStream::connect(self.address).await.unwrap()),
        }
    }

    /// Stops, and tells how long that took.
    async fn end(self) -> Duration {
        let began = Instant::now();
        self.stop.cancel();
        timeout(PATIENCE, self.serving).await.unwrap().unwrap();
        began.elapsed()
    }
}

struct Client {
    port: u16,
    stream: BufReader<TcpStream>,
}

impl Client {
    async fn write(&mut self, text: &str) {
        self.stream
            .get_mut()
            .write_all(text.as_bytes())
            .await
            .unwrap();
    }

    async fn ask(&mut self, method: &str, path: &str) {
        let port = self.port;
        self.write(&format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Cliente-Id: 1\r\n\r\n"
        ))
        .await;
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        timeout(PATIENCE, self.stream.read_line(&mut line))
            .await
            .expect("an answer in time")
            .unwrap();
        line
    }

    /// Reads one answer with a length, and leaves the connection open.
    async fn answer(&mut self) -> (String, String) {
        let status = self.line().await;
        let mut length = 0;
        loop {
            let line = self.line().await.to_ascii_lowercase();
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        timeout(PATIENCE, self.stream.read_exact(&mut body))
            .await
            .unwrap()
            .unwrap();
        (status, String::from_utf8(body).unwrap())
    }

    /// Everything until the server closes the connection.
    async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        // A connection that was cut off is an end too.
        let _ = timeout(PATIENCE, self.stream.read_to_end(&mut rest))
            .await
            .expect("the server closes");
        String::from_utf8(rest).unwrap()
    }

    async fn open_events(&mut self) {
        self.ask("GET", "/events").await;
        while self.line().await != "event: snapshot\n" {}
    }
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.connect().await;
    for _ in 0..3 {
        client.ask("GET", "/clients").await;
        let (status, body) = client.answer().await;
        assert_eq!(
            (status.as_str(), body.as_str()),
            ("HTTP/1.1 200 OK\r\n", "[]")
        );
    }
    // The port is the real one, and no other.
    client
        .write("GET /status HTTP/1.1\r\nHost: localhost:1\r\n\r\n")
        .await;
    assert!(client.answer().await.0.contains("403"));
    server.end().await;
}

#[tokio::test]
async fn a_head_that_does_not_arrive_is_not_waited_for() {
    let server = Server::start(Limits {
        header_timeout: Duration::from_millis(150),
        ..Limits::default()
    })
    .await;
    for sent in [
        "",
        "GET /sta",
        "GET /status HTTP/1.1\r\nHost: localhost\r\nX-",
    ] {
        let mut client = server.connect().await;
        client.write(sent).await;
        let rest = client.rest().await;
        assert!(rest.is_empty() || rest.contains("408"), "{sent:?}: {rest}");
    }
    // Nor is a connection kept that has been quiet for as long.
    let mut client = server.connect().await;
    client.ask("GET", "/clients").await;
    client.answer().await;
    assert_eq!(client.rest().await, "");
    server.end().await;
    assert_eq!(Limits::default().header_timeout, Duration::from_secs(10));
}

#[tokio::test]
async fn only_so_many_connections_are_served() {
    let server = Server::start(Limits {
        connections: 2,
        ..Limits::default()
    })
    .await;
    let mut first = server.connect().await;
    let mut second = server.connect().await;
    for client in [&mut first, &mut second] {
        client.open_events().await;
    }
    let mut third = server.connect().await;
    third.ask("GET", "/clients").await;
    let mut waiting = tokio::spawn(async move { third.answer().await });
    // Long enough for an answer, if it were served.
    let early = timeout(Duration::from_millis(200), &mut waiting).await;
    assert!(early.is_err(), "a third one was served");
    drop(first);
    let (status, _) = timeout(PATIENCE, waiting).await.unwrap().unwrap();
    assert!(status.contains("200"));
    drop(second);
    server.end().await;
    assert_eq!(Limits::default().connections, 512);
}

/// Callers that only hold connections open keep nobody out, and nobody who is being answered is ended for another.
#[tokio::test]
async fn the_one_that_kept_quiet_longest_makes_room() {
    let server = Server::start(Limits {
        connections: 3,
        ..Limits::default()
    })
    .await;
    let mut reader = server.connect().await;
    reader.open_events().await;
    // One that never says what it wants, and one that has had its answer.
    let mut half = server.connect().await;
    half.write("GET /status HTTP/1.1\r\nHost: loc").await;
    let mut idle = server.connect().await;
    idle.ask("GET", "/clients").await;
    idle.answer().await;

    let mut next = server.connect().await;
    next.ask("GET", "/clients").await;
    assert!(next.answer().await.0.contains("200"));
    assert_eq!(half.rest().await, "", "the half one has gone");
    // The idle one has not, and is now the one that has kept quiet longest.
    idle.ask("GET", "/clients").await;
    assert!(idle.answer().await.0.contains("200"));
    let mut last = server.connect().await;
    last.ask("GET", "/clients").await;
    assert!(last.answer().await.0.contains("200"));
    assert_eq!(next.rest().await, "");
    // Whoever is being told of events still is.
    server.setup.bring(1, StateName::QrRequired).await;
    reader.line().await;
    server.end().await;
}

/// More than there may be, and none of them asks for anything.
#[tokio::test]
async fn five_hundred_half_open_connections_delay_nobody() {
    for connections in [128, Limits::default().connections] {
        let server = Server::start(Limits {
            connections,
            ..Limits::default()
        })
        .await;
        let mut half_open = Vec::new();
        for _ in 0..500 {
            let mut client = server.connect().await;
            client.write("GET /status HTTP/1.1\r\nX-").await;
            half_open.push(client);
        }
        let began = Instant::now();
        let mut caller = server.connect().await;
        caller.ask("GET", "/clients").await;
        assert!(caller.answer().await.0.contains("200"));
        // They would have been cut off after 10 s, 128 at a time.
        let took = began.elapsed();
        assert!(took < Duration::from_secs(5), "{took:?}");
        server.end().await;
    }
}

#[tokio::test]
async fn open_event_streams_do_not_hold_up_the_end() {
    let server = Server::start(Limits {
        drain: PATIENCE * 2,
        ..Limits::default()
    })
    .await;
    let mut streams = Vec::new();
    for _ in 0..3 {
        let mut client = server.connect().await;
        client.open_events().await;
        streams.push(client);
    }
    let idle = server.connect().await;
    let took = server.end().await;
    assert!(took < Duration::from_secs(2), "{took:?}");
    for mut stream in streams {
        // Ended in form, not cut off.
        assert!(stream.rest().await.ends_with("0\r\n\r\n"));
    }
    drop(idle);
}

#[tokio::test]
async fn a_request_that_is_being_answered_is_finished() {
    let server = Server::start(Limits {
        drain: PATIENCE,
        ..Limits::default()
    })
    .await;
    server.setup.world.plan(Plan::Hang);
    let mut client = server.connect().await;
    client.ask("POST", "/init").await;
    server
        .setup
        .until(1, |snapshot| snapshot.state() == StateName::Initializing)
        .await;
    server.stop.cancel();
    // The port is free for somebody else before the last answer is out.
    timeout(PATIENCE, async {
        while TcpStream::connect(server.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    assert!(!server.serving.is_finished());
    server.setup.registry.stop(id(1)).await.unwrap();
    let rest = client.rest().await;
    assert!(rest.starts_with("HTTP/1.1 500"), "{rest}");
    assert!(rest.contains("connection: close"), "{rest}");
    assert!(rest.ends_with(r#""retry":true}"#), "{rest}");
    server.end().await;
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_cut_off() {
    let server = Server::start(Limits {
        drain: Duration::from_millis(100),
        ..Limits::default()
    })
    .await;
    server.setup.world.plan(Plan::Hang);
    let mut client = server.connect().await;
    client.ask("POST", "/init").await;
    server
        .setup
        .until(1, |snapshot| snapshot.state() == StateName::Initializing)
        .await;
    let registry = server.setup.registry.clone();
    let took = server.end().await;
    assert!(took >= Duration::from_millis(100), "{took:?}");
    assert_eq!(client.rest().await, "");
    // The session goes its own way.
    let snapshot = registry.snapshot(id(1)).unwrap();
    assert_eq!(snapshot.state(), StateName::Initializing);
    assert_eq!(Limits::default().drain, Duration::from_secs(2));
}

#[tokio::test]
async fn a_server_that_is_dropped_leaves_nothing_behind() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.connect().await;
    client.open_events().await;
    server.serving.abort();
    client.rest().await;
}

#[tokio::test]
async fn a_taken_port_is_said_and_no_other_is_chosen() {
    let holder = TcpListener::bind(LOOPBACK).await.unwrap();
    let address = holder.local_addr().unwrap();
    let Err(error) = bind(address).await else {
        panic!("bound");
    };
    assert!(matches!(error, BindError::PortTaken(taken) if taken == address));
    assert_eq!(error.problem(), ApiProblem::PortTaken);
    assert_eq!(
        error.to_string(),
        format!(
            "port {} is taken by another program: end it, or choose another port",
            address.port()
        )
    );
    drop(holder);
    // Free again at once: a program that is started anew finds its port.
    let bound = bind(address).await.unwrap();
    assert_eq!(bound.address(), address);
}

#[tokio::test]
async fn only_this_machine_is_listened_to() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "8.8.8.8:3001"] {
        let Err(error) = bind(address.parse().unwrap()).await else {
            panic!("bound {address}");
        };
        assert!(matches!(error, BindError::NotLoopback(_)), "{error:?}");
        assert_eq!(error.problem(), ApiProblem::AddressRefused);
    }
}

#[tokio::test]
async fn localhost_is_found_by_both_of_its_addresses() {
    let sixth = SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0);
    if TcpListener::bind(sixth).await.is_err() {
        // A machine without IPv6 has nothing to find.
        return;
    }
    let server = Server::start(Limits::default()).await;
    let twin = SocketAddr::new(sixth.ip(), server.address.port());
    let mut client = Client {
        port: twin.port(),
        stream: BufReader::new(TcpStream::connect(twin).await.unwrap()),
    };
    client
        .write(&format!(
            "GET /clients HTTP/1.1\r\nHost: [::1]:{}\r\n\r\n",
            twin.port()
        ))
        .await;
    assert!(client.answer().await.0.contains("200"));
    drop(client);
    server.end().await;

    // Where another program has the one, `localhost` would end up there.
    let holder = TcpListener::bind(sixth).await.unwrap();
    let port = holder.local_addr().unwrap().port();
    let Err(error) = bind(SocketAddr::new(LOOPBACK.ip(), port)).await else {
        panic!("bound");
    };
    assert_eq!(error.problem(), ApiProblem::PortTaken);
}

/// The address that counts is the one at the other end of the connection. Any of 127.0.0.0/8 is this machine.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn who_calls_is_told_by_the_connection() {
    let server = Server::start(Limits {
        init_rate: 1,
        ..Limits::default()
    })
    .await;
    let connect = async |source: &str| {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(source.parse().unwrap()).unwrap();
        Client {
            port: server.address.port(),
            stream: BufReader::new(socket.connect(server.address).await.unwrap()),
        }
    };
    let mut callers = Vec::new();
    for (source, status) in [
        ("127.0.0.1:0", "200"),
        ("127.0.0.1:0", "429"),
        ("127.0.0.9:0", "200"),
        ("127.0.0.9:0", "429"),
    ] {
        let mut client = connect(source).await;
        callers.push(client.stream.get_ref().local_addr().unwrap().to_string());
        client.ask("POST", "/init").await;
        let (line, _) = client.answer().await;
        assert!(line.contains(status), "{source}: {line}");
    }
    let mut client = connect("127.0.0.1:0").await;
    client.ask("GET", "/debug/calls").await;
    let (_, body) = client.answer().await;
    let calls: serde_json::Value = serde_json::from_str(&body).unwrap();
    let mut told: Vec<_> = calls
        .as_array()
        .unwrap()
        .iter()
        .map(|call| call["caller"].clone())
        .collect();
    told.reverse();
    assert_eq!(told, callers);
    drop(client);
    server.end().await;
}
