//! A whole simulator: its ports, its page's line, its file, its end.
#![expect(clippy::unwrap_used, reason = "a helper of a test may fail it")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::{SinkExt as _, StreamExt as _};
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use whatsapp_simulator::{
    Account, DeviceSelector, DeviceState, PhoneAction, Simulator, SimulatorConfig, SimulatorError,
    Timing,
};

const DEVICE: &str = "0123456789abcdef0123456789abcdef";
const KEY: &str = "a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2U=";
const DEADLINE: Duration = Duration::from_secs(5);

fn config() -> SimulatorConfig {
    SimulatorConfig {
        control_addr: Some("127.0.0.1:0".parse().unwrap()),
        timing: Timing::fast(),
        ..SimulatorConfig::default()
    }
}

fn with_state(path: &Path) -> SimulatorConfig {
    SimulatorConfig {
        state_file: Some(path.to_owned()),
        ..config()
    }
}

/// What a browser does, without the browser.
struct FakePage {
    socket: WebSocketStream<TlsStream<TcpStream>>,
}

async fn tls(simulator: &Simulator) -> TlsStream<TcpStream> {
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(CertificateDer::from(simulator.certificate_der()))
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(simulator.page_addr()).await.unwrap();
    let name = ServerName::try_from("web.whatsapp.com").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap()
}

impl FakePage {
    async fn open(simulator: &Simulator, token: Option<&str>) -> Self {
        let stream = tls(simulator).await;
        let (mut socket, _) = tokio_tungstenite::client_async("wss://web.whatsapp.com/ws", stream)
            .await
            .unwrap();
        let hello = json!({
            "device": DEVICE,
            "static_key": KEY,
            "identity_key": KEY,
            "adv_secret": KEY,
            "token": token,
            "storage": {"indexed_db": true, "local_storage": true, "cookie": false},
        });
        socket.send(Message::text(hello.to_string())).await.unwrap();
        Self { socket }
    }

    /// The next message of `kind`, a type or a phase.
    async fn hear(&mut self, kind: &str) -> Value {
        let heard = async {
            loop {
                let Some(Ok(Message::Text(text))) = self.socket.next().await else {
                    panic!("the line broke before {kind}");
                };
                let message: Value = serde_json::from_str(&text).unwrap();
                if message["type"] == kind || message["phase"] == kind {
                    return message;
                }
            }
        };
        tokio::time::timeout(DEADLINE, heard)
            .await
            .unwrap_or_else(|_| panic!("no {kind}"))
    }
}

fn device() -> DeviceSelector {
    DeviceSelector::Id(DEVICE.to_owned())
}

fn ana() -> Account {
    Account {
        number: "5491155550001".into(),
        name: "Ana Demo".into(),
    }
}

/// One HTTP exchange; whatever comes back, as text.
async fn exchange(
    stream: &mut (impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin),
    request: &str,
) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A TLS peer that closes without saying goodbye is an error, but everything has arrived.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_scan_reaches_the_page_in_milliseconds() {
    let simulator = Simulator::start(config()).await.unwrap();
    let phone = simulator.phone();
    let mut page = FakePage::open(&simulator, None).await;
    page.hear("qr").await;
    let qr = phone.device(&device()).unwrap().qr.unwrap();

    let scanned = Instant::now();
    phone.scan(&qr, Some(ana())).await.unwrap();
    let linked = page.hear("linked").await;
    // Generous for a busy machine; a poll would be beyond it.
    assert!(
        scanned.elapsed() < Duration::from_millis(30),
        "{:?}",
        scanned.elapsed()
    );
    assert_eq!(linked["account"]["number"], "5491155550001");
    page.hear("main").await;
    assert_eq!(phone.device(&device()).unwrap().state, DeviceState::Ready);
    simulator.stop().await;
}

#[tokio::test]
async fn a_page_that_goes_is_seen_to_go() {
    let simulator = Simulator::start(config()).await.unwrap();
    let phone = simulator.phone();
    let mut page = FakePage::open(&simulator, None).await;
    page.hear("qr").await;
    drop(page);
    let gone = async {
        while phone.device(&device()).unwrap().state != DeviceState::Absent {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(DEADLINE, gone).await.unwrap();
    simulator.stop().await;
}

#[tokio::test]
async fn a_saved_login_survives_on_another_port() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let first = Simulator::start(with_state(&path)).await.unwrap();
    let mut page = FakePage::open(&first, None).await;
    page.hear("qr").await;
    let qr = first.phone().devices()[0].qr.clone().unwrap();
    first.phone().scan(&qr, Some(ana())).await.unwrap();
    // The scan is on disk as soon as it is answered, whatever happens to the process next.
    assert!(
        std::fs::read_to_string(&path)
            .unwrap()
            .contains("5491155550001")
    );
    let token = page.hear("linked").await["token"]
        .as_str()
        .unwrap()
        .to_owned();
    first.stop().await;

    let second = Simulator::start(with_state(&path)).await.unwrap();
    let mut page = FakePage::open(&second, Some(&token)).await;
    page.hear("resuming").await;
    page.hear("main").await;
    let logout = PhoneAction::Logout { reason: None };
    second.phone().act(&device(), logout).await.unwrap();
    assert_eq!(page.hear("logout").await["reason"], "user_initiated");
    second.stop().await;

    let third = Simulator::start(with_state(&path)).await.unwrap();
    let mut page = FakePage::open(&third, Some(&token)).await;
    assert_eq!(page.hear("logout").await["reason"], "unknown_companion");
    third.stop().await;
}

#[tokio::test]
async fn stopping_is_quick_and_ends_every_line() {
    let simulator = Simulator::start(config()).await.unwrap();
    let mut page = FakePage::open(&simulator, None).await;
    page.hear("qr").await;
    // A client that never finishes its handshake, and one that never finishes its request.
    let _silent = TcpStream::connect(simulator.page_addr()).await.unwrap();
    let mut half = TcpStream::connect(simulator.control_addr().unwrap())
        .await
        .unwrap();
    half.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();

    let addr = simulator.page_addr();
    let asked = Instant::now();
    simulator.stop().await;
    assert!(
        asked.elapsed() < Duration::from_secs(1),
        "{:?}",
        asked.elapsed()
    );
    let end = async { while let Some(Ok(_)) = page.socket.next().await {} };
    tokio::time::timeout(DEADLINE, end).await.unwrap();
    TcpStream::connect(addr).await.unwrap_err();
}

#[tokio::test]
async fn the_page_and_the_phone_are_served() {
    let simulator = Simulator::start(config()).await.unwrap();
    let mut stream = tls(&simulator).await;
    let request = "GET / HTTP/1.1\r\nhost: web.whatsapp.com\r\nconnection: close\r\n\r\n";
    let document = exchange(&mut stream, request).await;
    assert!(document.starts_with("HTTP/1.1 200 OK"), "{document}");
    assert!(document.contains(r#"<script src="/app.js">"#));

    let mut stream = tls(&simulator).await;
    let request = "GET /ws HTTP/1.1\r\nhost: web.whatsapp.com\r\nconnection: close\r\n\r\n";
    assert!(
        exchange(&mut stream, request)
            .await
            .starts_with("HTTP/1.1 400")
    );

    let mut stream = TcpStream::connect(simulator.control_addr().unwrap())
        .await
        .unwrap();
    let request = "GET /devices HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let answer = exchange(&mut stream, request).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("[]"),
        "{answer}"
    );
    simulator.stop().await;
}

#[tokio::test]
async fn a_page_that_makes_no_sense_is_sent_away() {
    let simulator = Simulator::start(config()).await.unwrap();
    for hello in ["nonsense".to_owned(), json!({"device": "../x", "static_key": KEY, "identity_key": KEY, "adv_secret": KEY, "token": null, "storage": {"indexed_db": true, "local_storage": true, "cookie": false}}).to_string()] {
        let stream = tls(&simulator).await;
        let (mut socket, _) =
            tokio_tungstenite::client_async("wss://web.whatsapp.com/ws", stream).await.unwrap();
        socket.send(Message::text(hello)).await.unwrap();
        let end = async { while let Some(Ok(_)) = socket.next().await {} };
        tokio::time::timeout(DEADLINE, end).await.unwrap();
    }
    assert_eq!(simulator.phone().devices(), []);
    simulator.stop().await;
}

#[tokio::test]
async fn a_start_that_cannot_work_says_why() {
    let running = Simulator::start(config()).await.unwrap();
    let taken = SimulatorConfig {
        page_addr: running.page_addr(),
        ..config()
    };
    let error = Simulator::start(taken).await.unwrap_err();
    assert!(matches!(error, SimulatorError::Bind { .. }), "{error}");
    running.stop().await;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    std::fs::write(&path, "not ours").unwrap();
    let error = Simulator::start(with_state(&path)).await.unwrap_err();
    assert!(
        matches!(error, SimulatorError::ParseState { .. }),
        "{error}"
    );
    let error = Simulator::start(with_state(folder.path()))
        .await
        .unwrap_err();
    assert!(matches!(error, SimulatorError::ReadState { .. }), "{error}");
}
