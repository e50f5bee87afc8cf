//! The whole program without a window, as a tool or a person at a terminal uses it: real HTTP, real Chromium, real
//! SQLite; only WhatsApp is simulated.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

#[path = "support/app.rs"]
mod app;
#[path = "headless/bundle.rs"]
mod bundle;
#[path = "headless/described.rs"]
mod described;
#[path = "headless/keys.rs"]
mod keys;
mod support;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use app::{App, program};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use support::{Data, free_port, no_browser_left, processes_on, wait_for};

/// The machines that run this have two cores: one program with its browsers at a time.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn a_session_is_linked_used_restored_and_logged_out() {
    let _turn = turn();
    let data = Data::new();
    let app = App::start(&data);
    assert_eq!(app.state(7), "NOT_INITIALIZED");
    assert_eq!(
        app.get("/clients", None).1,
        json!([]),
        "asking for a status created something"
    );

    let (status, body) = app.init(7);
    assert_eq!(
        (status, &body["action"], &body["status"]["state"]),
        (200, &json!("INITIALIZING"), &json!("QR_REQUIRED"))
    );
    let (_, body) = app.init(7);
    assert_eq!(body["action"], "NO_ACTION_NEEDED");
    let first = app.get("/qr-code", Some(7)).1["qr"].clone();
    assert!(
        first
            .as_str()
            .unwrap()
            .starts_with("data:image/png;base64,")
    );
    app.phone(7, "rotate");
    wait_for("the QR to rotate", || {
        (app.get("/qr-code", Some(7)).1["qr"] != first).then_some(())
    });

    let message = json!({ "to": "+54 9 11 5555-1234", "message": "hola" });
    let (status, body) = app.post("/send", Some(7), &message);
    assert_eq!((status, &body["code"]), (409, &json!("SESSION_NOT_READY")));
    app.phone(7, "scan");
    app.reach(7, "READY");
    let (status, body) = app.post("/send", Some(7), &message);
    assert_eq!((status, &body["ok"]), (200, &json!(true)), "{body}");
    assert!(
        body["message_id"]
            .as_str()
            .unwrap()
            .starts_with("true_5491155551234@c.us_3EB0"),
        "{body}"
    );
    app.phone(7, "fail_next_send");
    let (status, body) = app.post("/send", Some(7), &message);
    assert_eq!(
        (status, &body["code"]),
        (500, &json!("SEND_FAILED")),
        "a refusal that resolves is a failure"
    );
    let account = app.view(7)["account"].clone();
    assert_eq!(account["name"], "Ana Demo");
    let log = app.log();
    let number = account["number"].as_str().unwrap().to_owned();
    for secret in [
        number.as_str(),
        "5491155551234",
        "hola",
        first.as_str().unwrap(),
    ] {
        assert!(!log.contains(secret), "the log holds {secret}");
    }
    let (status, took) = app.end();
    assert!(
        status.success() && took < Duration::from_secs(15),
        "{status} after {took:?}"
    );
    no_browser_left(&data);

    let app = App::start(&data);
    app.reach(7, "READY");
    let log = app.log();
    let restored = log.rsplit("asked to end").next().unwrap();
    assert!(
        restored.contains("RECONNECTING") && !restored.contains("QR_REQUIRED"),
        "a QR was asked for:\n{restored}"
    );
    app.phone(7, "log_out");
    app.reach(7, "DISCONNECTED_LOGOUT");
    assert_eq!(app.view(7)["saved_login"], false);
    let (status, body) = app.init(7);
    assert_eq!(
        (status, &body["action"]),
        (200, &json!("INITIALIZING")),
        "stuck after a logout"
    );
    assert_eq!(app.state(7), "QR_REQUIRED");

    let (status, body) = app.delete("/session/7");
    assert_eq!((status, &body["success"]), (200, &json!(true)));
    assert_eq!(app.state(7), "NOT_INITIALIZED");
    no_browser_left(&data);
    assert_eq!(app.delete("/session/7?forget=true").0, 200);
    assert_eq!(app.get("/clients", None).1, json!([]));
    assert!(
        !data.path().join("profiles/7").exists(),
        "the profile is still there"
    );
    assert!(app.end().0.success());
}

#[test]
fn of_fifty_parallel_starts_one_launches_a_browser() {
    let _turn = turn();
    let data = Data::new();
    let app = App::start(&data);
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..50).map(|_| scope.spawn(|| app.init(7).0)).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    let of = |status| answers.iter().filter(|&&answer| answer == status).count();
    assert_eq!((of(200), of(409)), (1, 49), "{answers:?}");
    let browsers = app.log().matches("the browser is starting").count();
    assert_eq!(browsers, 1, "{}", app.log());
    assert!(app.end().0.success());
    no_browser_left(&data);
}

#[test]
fn a_session_is_linked_by_its_number_and_the_code_is_written_nowhere() {
    let _turn = turn();
    let data = Data::new();
    let app = App::start(&data);
    app.init(7);
    let typing = json!({ "id": 7, "action": "type_code" });
    let (status, body) = app.post("/control/demo_phone", None, &typing);
    assert_eq!(
        (status, &body["code"]),
        (409, &json!("NOT_NOW")),
        "no code was asked for"
    );
    let asked = json!({ "id": 7, "number": "+54 9 11 5555-9876" });
    let (status, body) = app.post("/control/pairing_code", None, &asked);
    assert_eq!(status, 200, "{body}");
    let code = body["code"].as_str().unwrap().to_owned();
    assert!(code.len() >= 8, "{code:?}");
    app.phone(7, "type_code");
    app.reach(7, "READY");
    assert_eq!(app.view(7)["account"]["number"], "5491155559876");
    let (status, body) = app.post("/control/pairing_code", None, &asked);
    assert_eq!((status, &body["code"]), (409, &json!("NOT_NOW")));
    let log = app.log();
    for secret in [
        code.as_str(),
        &code.replace('-', ""),
        "5491155559876",
        "5555-9876",
    ] {
        assert!(!log.contains(secret), "{log}");
    }
    assert!(app.end().0.success());
    no_browser_left(&data);
}

#[test]
fn a_killed_browser_is_seen_at_once_and_the_session_comes_back_by_itself() {
    let _turn = turn();
    let data = Data::new();
    let app = App::start(&data);
    app.init(7);
    app.phone(7, "scan");
    app.reach(7, "READY");
    let browser = i32::try_from(app.view(7)["session"]["browser_pid"].as_i64().unwrap()).unwrap();
    let since = Instant::now();
    kill(Pid::from_raw(browser), Signal::SIGKILL).unwrap();
    // It is failed for about a second.
    let (_, failed) = wait_for("the failure to show", || {
        let (status, body) = app.get("/status", Some(7));
        (body["state"] == "ERROR").then_some((status, body))
    });
    assert!(
        since.elapsed() < Duration::from_secs(2),
        "seen after {:?}",
        since.elapsed()
    );
    assert_eq!(failed["diagnostics"]["reason"], "BROWSER_DIED");
    assert_eq!(failed["restart"]["attempt"], 1);
    app.reach(7, "READY");
    let log = app.log();
    let after = log.rsplit("BROWSER_DIED").next().unwrap();
    assert!(
        !after.contains("QR_REQUIRED"),
        "a QR was asked for:\n{after}"
    );
    let view = app.view(7);
    assert_eq!(view["session"]["restarts"], 1);
    assert_ne!(view["session"]["browser_pid"], browser);
    assert!(app.end().0.success());
    no_browser_left(&data);
}

#[test]
fn a_session_that_sleeps_wakes_for_a_message() {
    let _turn = turn();
    let data = Data::new();
    let app = App::start(&data);
    app.init(7);
    app.phone(7, "scan");
    app.reach(7, "READY");
    let (status, body) = app.post("/control/hibernate", None, &json!({ "id": 7 }));
    assert_eq!(
        (status, &body["session"]["hibernated"]),
        (200, &json!(true)),
        "{body}"
    );
    assert_eq!(app.state(7), "NOT_INITIALIZED");
    no_browser_left(&data);
    let message = json!({ "to": "5491155551234", "message": "hola" });
    let (status, body) = app.post("/send", Some(7), &message);
    assert_eq!((status, &body["ok"]), (200, &json!(true)), "{body}");
    assert_eq!(app.state(7), "READY");
    // One that was stopped for good is nobody's to wake.
    assert_eq!(app.delete("/session/7").0, 200);
    let (status, body) = app.post("/send", Some(7), &message);
    assert_eq!((status, &body["code"]), (409, &json!("SESSION_NOT_READY")));
    assert!(app.end().0.success());
}

#[test]
fn ten_clientes_at_once_get_their_codes_and_end_together() {
    let _turn = turn();
    let data = Data::new();
    let app = App::start(&data);
    std::thread::scope(|scope| {
        for id in 1..=10 {
            let app = &app;
            scope.spawn(move || {
                let (status, body) = app.init(id);
                assert_eq!(
                    (status, &body["status"]["state"]),
                    (200, &json!("QR_REQUIRED")),
                    "cliente {id}: {body}"
                );
            });
        }
    });
    let (status, took) = app.end();
    assert!(
        status.success() && took < Duration::from_secs(15),
        "{status} after {took:?}"
    );
    no_browser_left(&data);
}

#[test]
fn no_browser_outlives_a_program_that_is_killed() {
    let _turn = turn();
    let data = Data::new();
    let app = App::start(&data);
    app.init(7);
    assert!(!processes_on(data.path()).is_empty());
    app.kill();
    no_browser_left(&data);
    let app = App::start(&data);
    app.reach(7, "QR_REQUIRED");
    assert!(app.end().0.success());
}

#[test]
fn no_browser_listens_on_the_network() {
    let _turn = turn();
    let data = Data::new();
    let app = App::start(&data);
    app.init(7);
    let mut listening = Vec::new();
    for pid in processes_on(data.path()) {
        let inodes: Vec<_> = std::fs::read_dir(format!("/proc/{pid}/fd"))
            .into_iter()
            .flatten()
            .filter_map(|fd| {
                let target = std::fs::read_link(fd.ok()?.path()).ok()?;
                Some(
                    target
                        .to_str()?
                        .strip_prefix("socket:[")?
                        .strip_suffix(']')?
                        .to_owned(),
                )
            })
            .collect();
        for table in ["tcp", "tcp6"] {
            let sockets =
                std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
            listening.extend(sockets.lines().skip(1).filter_map(|line| {
                let fields: Vec<_> = line.split_whitespace().collect();
                // 0A is LISTEN; the tenth field is the inode.
                (fields[3] == "0A" && inodes.iter().any(|inode| inode == fields[9]))
                    .then(|| (pid, fields[1].to_owned()))
            }));
        }
    }
    assert_eq!(listening, []);
    assert!(app.end().0.success());
}

#[test]
fn a_damaged_store_is_rebuilt_and_the_logins_live_on() {
    let _turn = turn();
    let data = Data::new();
    let app = App::start(&data);
    app.init(7);
    app.phone(7, "scan");
    app.reach(7, "READY");
    let named = json!({ "id": 7, "name": "Ventas", "note": "" });
    assert_eq!(app.post("/control/update_cliente", None, &named).0, 200);
    assert!(app.end().0.success());
    let damage = "this is no database, and it is long enough to be looked at";
    std::fs::write(data.path().join("sessions.db"), damage).unwrap();

    let app = App::start(&data);
    app.reach(7, "READY");
    assert_eq!(app.view(7)["name"], "Ventas", "the copy was not used");
    assert!(app.log().contains("set aside"), "{}", app.log());
    assert!(app.end().0.success());

    // Without the copy the logins themselves are still there.
    std::fs::write(data.path().join("sessions.db"), damage).unwrap();
    std::fs::write(data.path().join("sessions.db.backup"), damage).unwrap();
    let app = App::start(&data);
    app.reach(7, "READY");
    assert_eq!(app.view(7)["name"], "");
    assert!(app.end().0.success());
    let kept = std::fs::read_dir(data.path())
        .unwrap()
        .filter_map(Result::ok);
    assert!(kept.into_iter().any(|entry| {
        entry
            .file_name()
            .to_string_lossy()
            .starts_with("sessions.db.broken-")
    }));
}

/// Runs the program to its end, which is expected to be soon.
fn run(data: &Data, arguments: &[&str]) -> Output {
    run_in(data.path(), arguments)
}

fn run_in(data: &Path, arguments: &[&str]) -> Output {
    let mut child = program(data)
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for("the program to end by itself", || child.try_wait().unwrap());
    child.wait_with_output().unwrap()
}

/// With a real browser, and nothing of it left behind.
#[test]
fn the_doctor_tries_everything_out_and_says_what_fails() {
    let _turn = turn();
    let data = Data::new();
    let folder = data.path().join("not-there-yet");
    let seen = |arguments: &[&str]| {
        let output = run_in(&folder, &[&["doctor", "--json"], arguments].concat());
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let verdicts: Vec<_> = report["checks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|check| {
                let text = |field: &str| check[field].as_str().unwrap_or_default().to_owned();
                (text("check"), text("verdict"), text("found"))
            })
            .collect();
        (output.status.code(), report["ok"] == true, verdicts)
    };
    let (code, ok, checks) = seen(&["--demo"]);
    assert_eq!((code, ok), (Some(0), true), "{checks:#?}");
    let hooks = checks.iter().find(|(check, ..)| check == "hooks").unwrap();
    assert!(hooks.2.contains("chat.sendTextMessage"), "{hooks:?}");
    assert!(!folder.exists(), "it changed something");
    no_browser_left(&data);

    let (code, ok, checks) = seen(&["--whatsapp-url", "http://127.0.0.1:65000/"]);
    assert_eq!((code, ok), (Some(1), false));
    let failed: Vec<_> = checks
        .iter()
        .filter(|(_, verdict, _)| verdict == "fail")
        .collect();
    assert_eq!(failed.len(), 1, "{checks:#?}");
    assert!(failed[0].2.contains("PAGE_UNREACHABLE"), "{failed:?}");
}

#[test]
fn bad_options_are_one_line_and_exit_code_2() {
    let data = Data::new();
    for arguments in [
        &["--api", "99999"][..],
        &["--allowed-hosts", "a:80"],
        &["--lang", "xx"],
        &["--whatsapp-url", "nonsense"],
        &["--browser-arg=nonsense"],
        &["--nonsense"],
    ] {
        let output = run(&data, arguments);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
        let option = arguments[0].split('=').next().unwrap();
        assert!(
            text.lines().count() == 1 && text.contains(option),
            "{arguments:?}: {text}"
        );
    }
}

#[test]
fn a_port_that_is_taken_and_a_folder_in_use_are_said_plainly() {
    let _turn = turn();
    let data = Data::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(&data, &["--headless", "--demo", "--api", &port]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains(&format!("port {port} is taken")), "{text}");

    let app = App::start(&data);
    let output = run(
        &data,
        &["--headless", "--demo", "--api", &free_port().to_string()],
    );
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains(&format!("process {}", app.pid())), "{text}");
    assert_eq!(
        app.get("/health", None).0,
        200,
        "the first one was disturbed"
    );
    assert!(app.end().0.success());
}

#[test]
fn starts_and_messages_are_limited_as_asked() {
    let _turn = turn();
    let data = Data::new();
    // What does not start is quick to answer, and counts.
    let limits = [
        "--browser=/nowhere/chromium",
        "--init-rate=2",
        "--send-rate=1",
    ];
    let app = App::start_with(&data, &limits);
    let answers: Vec<_> = (1..=3).map(|cliente| app.init(cliente)).collect();
    let statuses: Vec<_> = answers.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [500, 500, 429], "{answers:?}");
    assert_eq!(answers[2].1["code"], "RATE_LIMIT_EXCEEDED");
    let (_, calls) = app.get("/debug/calls?limit=1", None);
    assert_eq!(calls[0]["route"], "/init");
    assert_eq!(calls[0]["cliente"], 3);
    assert!(
        calls[0]["caller"]
            .as_str()
            .unwrap()
            .starts_with("127.0.0.1:"),
        "{calls}"
    );
    assert!(app.end().0.success());
}

#[test]
fn a_missing_browser_is_an_answer_that_says_what_to_install() {
    let _turn = turn();
    let data = Data::new();
    let app = App::start_with(&data, &["--browser", "/nowhere/chromium"]);
    let (status, body) = app.get("/health", None);
    assert_eq!((status, &body["status"]), (503, &json!("error")));
    assert!(body.to_string().contains("Chromium"), "{body}");
    let (status, body) = app.init(7);
    assert_eq!(
        (status, &body["code"]),
        (500, &json!("INITIALIZATION_FAILED"))
    );
    assert!(
        body["message"].as_str().unwrap().contains("Chromium"),
        "{body}"
    );
    assert_eq!(app.state(7), "ERROR");
    assert!(app.end().0.success());
}

#[test]
fn a_data_folder_that_cannot_be_used_is_said_plainly() {
    let data = Data::new();
    let file = data.path().join("file");
    std::fs::write(&file, "").unwrap();
    let output = program(&file.join("below"))
        .args(["--headless", "--demo"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("--data-dir"), "{text}");
}

#[test]
fn the_control_room_is_served_to_a_browser() {
    let _turn = turn();
    let data = Data::new();
    let app = App::start(&data);
    let (status, page) = app.get("/", None);
    assert_eq!(status, 200);
    assert!(page.as_str().unwrap().contains("<script"), "{page}");
    assert!(app.end().0.success());
}
