//! The whole program without a window, as a user starts it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::support::{DEADLINE, Data, free_port, wait_for};

/// A running program without a window, in demo mode.
pub(crate) struct App {
    pub(crate) child: Child,
    pub(crate) base: String,
    log: PathBuf,
}

/// The program, with nothing of this user's configuration.
pub(crate) fn program(data: &Path) -> Command {
    // Benchmarks name the optimised program.
    let binary = std::env::var("SESSION_MANAGER");
    let mut command = Command::new(
        binary
            .as_deref()
            .unwrap_or(env!("CARGO_BIN_EXE_session-manager")),
    );
    for name in ["PORT", "ALLOWED_ORIGINS"] {
        command.env_remove(name);
    }
    command
        .env("XDG_CONFIG_HOME", data.join("no-config"))
        .arg("--data-dir")
        .arg(data);
    // Chromium has no sandbox for root.
    if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
        command.arg("--no-sandbox");
    }
    command
}

impl App {
    /// Starts the program against its simulator and waits until its API listens.
    pub(crate) fn start(data: &Data) -> Self {
        Self::start_with(data, &[])
    }

    pub(crate) fn start_with(data: &Data, arguments: &[&str]) -> Self {
        Self::start_as(data, program(data.path()).arg("--demo").args(arguments))
    }

    /// Starts this command of [`program`] without a window and waits until its API listens.
    pub(crate) fn start_as(data: &Data, command: &mut Command) -> Self {
        let port = free_port();
        let mut child = command
            .args(["--headless", "--api", &port.to_string()])
            // What is tried here are sessions, many at once; the limit is for users. A command may still name one.
            .env("SESSION_MANAGER_INIT_RATE", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = child.stdout.take().unwrap();
        let app = Self::of(child, port, data);
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line).unwrap();
        assert!(
            line.starts_with("Control room: http://"),
            "not up: {line:?}\n{}",
            app.log()
        );
        app
    }

    /// A program that was started on this data folder, with its API at this port.
    pub(crate) fn of(child: Child, port: u16, data: &Data) -> Self {
        Self {
            child,
            base: format!("http://127.0.0.1:{port}"),
            log: data.path().join("logs/session-manager.log"),
        }
    }

    pub(crate) fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap()
    }

    /// Asks the program to end, and waits for it.
    pub(crate) fn end(mut self) -> (ExitStatus, Duration) {
        let since = Instant::now();
        kill(Pid::from_raw(self.pid()), Signal::SIGTERM).unwrap();
        let status = wait_for("the program to end", || self.child.try_wait().unwrap());
        (status, since.elapsed())
    }

    /// Kills the program where it stands.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// What the program wrote to its log.
    pub(crate) fn log(&self) -> String {
        read(&self.log)
    }

    pub(crate) fn get(&self, path: &str, cliente: Option<u64>) -> (u16, Value) {
        let mut request = agent().get(format!("{}{path}", self.base));
        if let Some(id) = cliente {
            request = request.header("X-Cliente-Id", id.to_string());
        }
        answer(request.call())
    }

    pub(crate) fn post(&self, path: &str, cliente: Option<u64>, body: &Value) -> (u16, Value) {
        let mut request = agent().post(format!("{}{path}", self.base));
        if let Some(id) = cliente {
            request = request.header("X-Cliente-Id", id.to_string());
        }
        answer(request.send_json(body))
    }

    pub(crate) fn delete(&self, path: &str) -> (u16, Value) {
        answer(agent().delete(format!("{}{path}", self.base)).call())
    }

    pub(crate) fn init(&self, cliente: u64) -> (u16, Value) {
        self.post("/init", Some(cliente), &json!({}))
    }

    pub(crate) fn state(&self, cliente: u64) -> String {
        let (status, body) = self.get("/status", Some(cliente));
        assert_eq!(status, 200, "{body}");
        body["state"].as_str().unwrap().to_owned()
    }

    pub(crate) fn reach(&self, cliente: u64, state: &str) {
        let mut last = String::new();
        let begun = Instant::now();
        while begun.elapsed() < DEADLINE {
            last = self.state(cliente);
            if last == state {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("cliente {cliente} is {last}, not {state}\n{}", self.log());
    }

    pub(crate) fn phone(&self, cliente: u64, action: &str) {
        let (status, body) = self.post(
            "/control/demo_phone",
            None,
            &json!({ "id": cliente, "action": action }),
        );
        assert_eq!(status, 200, "{action}: {body}\n{}", self.log());
    }

    /// The view of a cliente that the control room gets.
    pub(crate) fn view(&self, cliente: u64) -> Value {
        let (status, body) = self.post("/control/snapshot", None, &json!({}));
        assert_eq!(status, 200, "{body}");
        let clientes = body["clientes"].as_array().unwrap();
        clientes
            .iter()
            .find(|view| view["id"] == cliente)
            .cloned()
            .unwrap_or(Value::Null)
    }
}

impl Drop for App {
    fn drop(&mut self) {
        // A test that failed leaves nothing behind; the browsers end with the program.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(DEADLINE))
        .build()
        .into()
}

pub(crate) fn answer(
    outcome: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> (u16, Value) {
    let mut response = outcome.unwrap();
    let text = response.body_mut().read_to_string().unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    (response.status().as_u16(), body)
}

fn read(path: &Path) -> String {
    let mut text = String::new();
    if let Ok(mut file) = std::fs::File::open(path) {
        let _ = file.read_to_string(&mut text);
    }
    text
}
