//! Other users of this machine, over real sockets.

use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use session_api::keys::{KeyStore, Scope, Scopes};
use session_api::{Access, Options, Owner, Owners, bind};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::support::{Setup, id};

/// Longer than anything here takes; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(20);
const NEEDS_KEY: &str = r#"{"error":true,"code":"UNAUTHORIZED","message":"Another user of this machine needs an API key here - make one with \"session-manager keys create NAME --scope read,send\" as the user that runs it, or run it with --allow-other-users"}"#;
/// The user whom every system has for what is nobody's.
const NOBODY: u32 = 65_534;

/// Every caller is this one's.
struct All {
    owner: Owner,
    asked: AtomicU32,
}

impl Owners for All {
    fn owner(&self, peer: SocketAddr, reached: SocketAddr) -> Owner {
        assert!(peer.ip().is_loopback() && reached.ip().is_loopback());
        assert_ne!(peer.port(), reached.port());
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.owner
    }
}

fn all(owner: Owner) -> Arc<All> {
    Arc::new(All {
        owner,
        asked: AtomicU32::new(0),
    })
}

/// A program without a window, with one key that reads.
struct Server {
    setup: Setup,
    _folder: TempDir,
    secret: String,
    address: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Server {
    async fn start(options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyStore::in_folder(folder.path());
        let (_, secret) = keys
            .create("read", Scopes::new([Scope::Read]).unwrap())
            .unwrap();
        let options = Options {
            control_room: true,
            ..options
        };
        let access = Arc::new(Access::new(keys, false));
        let setup = Setup::new().await.guarded_by(access, options.clone());
        let bound = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = bound.address();
        let stop = CancellationToken::new();
        let serving = tokio::spawn(bound.serve(setup.room.clone(), options, stop.clone()));
        Self {
            setup,
            _folder: folder,
            secret: secret.reveal().to_owned(),
            address,
            stop,
            serving,
        }
    }

    async fn of(owner: Owner) -> Self {
        Self::start(Options {
            owners: Some(all(owner)),
            ..Options::default()
        })
        .await
    }

    /// Status and body, over a connection of its own.
    async fn ask(&self, method: &str, path: &str, headers: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let host = format!("Host: 127.0.0.1:{}", self.address.port());
        let head =
            format!("{method} {path} HTTP/1.1\r\n{host}\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        timeout(PATIENCE, stream.read_to_string(&mut answer))
            .await
            .expect("an answer in time")
            .unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), body.to_owned())
    }

    /// The headers of a page that this server serves.
    fn page(&self) -> String {
        let port = self.address.port();
        format!("Origin: http://127.0.0.1:{port}\r\nSec-Fetch-Site: same-origin\r\n")
    }

    fn key(&self) -> String {
        format!("X-API-Key: {}\r\n", self.secret)
    }

    /// The log of calls, the oldest first.
    async fn calls(&self) -> Vec<Value> {
        let Value::Array(mut calls) = self.setup.json("/debug/calls").await else {
            panic!("no list")
        };
        calls.reverse();
        calls
    }

    async fn end(self) {
        self.stop.cancel();
        timeout(PATIENCE, self.serving).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn another_user_needs_a_key_for_everything_but_health() {
    let server = Server::of(Owner::Other(1001)).await;
    let own = server.page();
    for (method, path, headers) in [
        ("GET", "/clients", ""),
        ("GET", "/status", "X-Cliente-Id: 1\r\n"),
        ("POST", "/init", "X-Cliente-Id: 1\r\n"),
        ("GET", "/events", ""),
        ("POST", "/events/ticket", ""),
        ("GET", "/debug/calls", ""),
        ("GET", "/metrics", ""),
        ("GET", "/webhooks", ""),
        // Nor as the page that it is not, nor for that page.
        ("GET", "/clients", &own),
        ("POST", "/control/keys", &own),
        ("GET", "/control/events", &own),
        ("GET", "/", ""),
        ("GET", "/nothing", ""),
    ] {
        let (status, body) = server.ask(method, path, headers).await;
        assert_eq!(status, 401, "{method} {path} {headers}: {body}");
        if !path.starts_with("/control") {
            assert_eq!(body, NEEDS_KEY, "{method} {path}");
        }
    }
    assert!(server.setup.registry.snapshot(id(1)).is_none());
    for path in ["/health", "/health/live", "/health/ready"] {
        assert_eq!(server.ask("GET", path, "").await.0, 200, "{path}");
    }
    let key = server.key();
    assert_eq!(server.ask("GET", "/clients", &key).await.0, 200);
    assert_eq!(server.ask("GET", "/webhooks", &key).await.0, 403);
    let wrong = "X-API-Key: smk_x\r\n";
    assert_eq!(server.ask("GET", "/clients", wrong).await.0, 401);
    server.end().await;
}

#[tokio::test]
async fn the_log_of_calls_names_another_user_and_no_disguise() {
    let server = Server::of(Owner::Other(1001)).await;
    let (own, key) = (server.page(), server.key());
    for headers in ["", &own, &key] {
        server.ask("GET", "/clients", headers).await;
    }
    let callers: Vec<_> = server
        .calls()
        .await
        .iter()
        .map(|call| call["caller"].clone())
        .collect();
    assert_eq!(callers, ["user:1001", "user:1001", "key:read"]);
    server.end().await;
}

#[tokio::test]
async fn a_tool_made_for_waha_reads_why_in_its_own_shape() {
    let server = Server::of(Owner::Other(1001)).await;
    for (method, path) in [("GET", "/api/sessions"), ("POST", "/api/sendText")] {
        let (status, body) = server.ask(method, path, "").await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            (status, &body["statusCode"], &body["error"], &body["code"]),
            (
                401,
                &json!(401),
                &json!("Unauthorized"),
                &json!("UNAUTHORIZED")
            )
        );
        let message = body["message"].as_str().unwrap();
        assert!(message.contains("--allow-other-users"), "{message}");
    }
    server.end().await;
}

#[tokio::test]
async fn the_same_user_is_served_as_ever_and_so_is_everybody_where_nobody_can_tell() {
    for owner in [Owner::Ours, Owner::Untold] {
        let server = Server::of(owner).await;
        assert_eq!(server.ask("GET", "/clients", "").await.0, 200, "{owner:?}");
        let own = server.page();
        let answer = server.ask("POST", "/control/snapshot", &own).await;
        assert_eq!(answer.0, 200, "{owner:?} {}", answer.1);
        let calls = server.calls().await;
        let caller = calls[0]["caller"].as_str().unwrap();
        assert!(caller.starts_with("127.0.0.1:"), "{caller}");
        assert_eq!(calls[1]["caller"], "control");
        server.end().await;
    }
}

#[tokio::test]
async fn whoever_hung_up_before_anybody_could_look_needs_a_key() {
    let server = Server::of(Owner::Gone).await;
    let own = server.page();
    for headers in ["", &own] {
        let (status, body) = server.ask("GET", "/clients", headers).await;
        assert_eq!((status, body.as_str()), (401, NEEDS_KEY));
    }
    let calls = server.calls().await;
    assert!(calls.iter().all(|call| call["caller"] != "control"));
    server.end().await;
}

#[tokio::test]
async fn an_office_can_let_its_other_users_in() {
    let owners = all(Owner::Other(1001));
    let server = Server::start(Options {
        owners: Some(Arc::clone(&owners) as _),
        allow_other_users: true,
        ..Options::default()
    })
    .await;
    assert_eq!(server.ask("GET", "/clients", "").await.0, 200);
    assert_eq!(owners.asked.load(Ordering::SeqCst), 0);
    server.end().await;
}

#[tokio::test]
async fn a_connection_is_looked_up_once() {
    let owners = all(Owner::Ours);
    let server = Server::start(Options {
        owners: Some(Arc::clone(&owners) as _),
        ..Options::default()
    })
    .await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "GET /health/live HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n",
        server.address.port()
    );
    let all = format!("{head}\r\n{head}\r\n{head}Connection: close\r\n\r\n");
    stream.write_all(all.as_bytes()).await.unwrap();
    let mut answers = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answers))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 3, "{answers}");
    assert_eq!(owners.asked.load(Ordering::SeqCst), 1);
    server.end().await;
}

/// A program of another user. Only root can start one.
fn as_nobody(program: &str) -> Option<Command> {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can run a program as another user");
        return None;
    }
    let there = Command::new(program).arg("--version").output();
    if !there.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: there is no {program} here");
        return None;
    }
    let mut command = Command::new(program);
    command.uid(NOBODY).gid(NOBODY).current_dir("/");
    Some(command)
}

#[tokio::test]
async fn a_real_other_user_is_kept_out_until_it_shows_a_key() {
    let server = Server::start(Options::default()).await;
    let port = server.address.port();
    let mut urls = vec![format!("http://127.0.0.1:{port}")];
    if TcpStream::connect(("::1", port)).await.is_ok() {
        urls.push(format!("http://[::1]:{port}"));
    }
    for url in urls {
        for (arguments, status) in [
            (vec![], "401"),
            // Bound to the device.
            (vec!["--interface".into(), "lo".into()], "401"),
            (vec!["-H".into(), server.key().trim().to_owned()], "200"),
        ] {
            let Some(mut curl) = as_nobody("curl") else {
                return server.end().await;
            };
            curl.args(["-q", "-s", "-g", "--noproxy", "*", "--max-time", "20"])
                .args(["-w", "\n%{http_code}"])
                .args(&arguments)
                .arg(format!("{url}/clients"));
            let output = tokio::task::spawn_blocking(move || curl.output().unwrap())
                .await
                .unwrap();
            let answer = String::from_utf8(output.stdout).unwrap();
            let expected = match status {
                "401" => format!("{NEEDS_KEY}\n401"),
                _ => "[]\n200".to_owned(),
            };
            assert_eq!(answer, expected, "{url} {}", output.status);
        }
    }
    // This one's own user, meanwhile, as ever.
    assert_eq!(server.ask("GET", "/clients", "").await.0, 200);
    let calls = server.calls().await;
    assert_eq!(calls[0]["caller"], "user:65534");
    server.end().await;
}

/// Its end is closed before the server looks, because the one thread that would is waiting for it to end.
#[tokio::test]
async fn a_real_other_user_gains_nothing_by_hanging_up_at_once() {
    let server = Server::start(Options::default()).await;
    let port = server.address.port();
    let Some(mut shell) = as_nobody("bash") else {
        return server.end().await;
    };
    let script = format!(
        "exec 3<>/dev/tcp/127.0.0.1/{port}; printf 'POST /init HTTP/1.1\\r\\nHost: localhost\\r\\nX-Cliente-Id: 1\\r\\n\\r\\n' >&3"
    );
    let status = shell.args(["-c", &script]).status().unwrap();
    assert!(status.success(), "{status}");
    let call = timeout(PATIENCE, async {
        loop {
            tokio::task::yield_now().await;
            if let Some(call) = server.calls().await.first() {
                return call.clone();
            }
        }
    })
    .await
    .expect("the request is read");
    assert_eq!(
        (&call["route"], &call["code"]),
        (&json!("/init"), &json!("UNAUTHORIZED"))
    );
    assert!(server.setup.registry.snapshot(id(1)).is_none());
    server.end().await;
}
