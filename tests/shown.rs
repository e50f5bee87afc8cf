//! A browser is shown and hidden again, by the whole program on a screen of its own. Skipped where there is no Xvfb.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

#[path = "support/app.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod app;
#[path = "support/screen.rs"]
mod screen;
mod support;

use std::sync::{Mutex, MutexGuard, PoisonError};

use app::{App, program};
use screen::Screen;
use serde_json::{Value, json};
use support::{Data, no_browser_left, wait_for};

/// One program with its browsers at a time.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A screen, or a word on why the test is skipped.
fn screen() -> Option<Screen> {
    let screen = Screen::start();
    if screen.is_none() {
        eprintln!("skipped: there is no Xvfb");
    }
    screen
}

fn start_on(screen: Option<&Screen>, data: &Data) -> App {
    let mut command = program(data.path());
    command.arg("--demo").env_remove("WAYLAND_DISPLAY");
    match screen {
        Some(screen) => command.env("DISPLAY", screen.name()),
        None => command.env_remove("DISPLAY"),
    };
    App::start_as(data, &mut command)
}

fn command(app: &App, name: &str, id: u64) -> (u16, Value) {
    app.post(&format!("/control/{name}"), None, &json!({ "id": id }))
}

fn done(app: &App, name: &str, id: u64) {
    let (status, body) = command(app, name, id);
    assert_eq!(status, 200, "{name}: {body}\n{}", app.log());
}

/// Waits until the session is so, with its browser up.
fn is(app: &App, id: u64, state: &str, visible: bool) {
    wait_for(&format!("{state}, visible: {visible}"), || {
        let session = &app.view(id)["session"];
        (session["state"] == state
            && session["visible"] == visible
            && session["browser"] == "running")
            .then_some(())
    });
}

fn add(app: &App, name: &str) -> u64 {
    let new = json!({ "id": null, "name": name, "note": "", "start": true });
    let (status, body) = app.post("/control/add_cliente", None, &new);
    assert_eq!(status, 200, "{body}");
    body["id"].as_u64().unwrap()
}

fn step(app: &App, id: u64, step: &str) {
    wait_for(step, || {
        (app.view(id)["session"]["login_step"] == step).then_some(())
    });
}

fn link(app: &App, id: u64) {
    step(app, id, "code");
    app.phone(id, "scan");
    app.reach(id, "READY");
}

/// The command line of the cliente's browser.
fn arguments(app: &App, id: u64) -> Vec<String> {
    let pid = app.view(id)["session"]["browser_pid"].clone();
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap();
    line.split(|byte| *byte == 0)
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect()
}

#[test]
fn a_passkey_is_confirmed_in_a_window_that_is_hidden_again() {
    let _turn = turn();
    let Some(screen) = screen() else { return };
    let data = Data::new();
    let app = start_on(Some(&screen), &data);
    let id = add(&app, "Ventas");
    step(&app, id, "code");
    app.phone(id, "ask_passkey");
    app.phone(id, "scan");
    step(&app, id, "passkey");
    assert_eq!(app.view(id)["session"]["needs_window"], true);
    assert_eq!(screen.titles(), Vec::<String>::new());

    done(&app, "show_browser", id);
    is(&app, id, "QR_REQUIRED", true);
    let title = wait_for("the window", || screen.titles().into_iter().next());
    assert!(title.contains("Ventas"), "{title}");
    let arguments = arguments(&app, id);
    for never in [
        "--headless",
        "--disable-extensions",
        "--disable-component-extensions",
        "--enable-automation",
        "--use-mock-keychain",
        "--test-type",
        "--disable-sync",
    ] {
        let found = arguments.iter().find(|word| word.starts_with(never));
        assert_eq!(found, None, "it would hide passkeys");
    }
    step(&app, id, "code");
    screen.keep("code");
    // The simulated phone asks again: the profile never was linked.
    app.phone(id, "ask_passkey");
    app.phone(id, "scan");
    step(&app, id, "passkey");
    let pid = app.view(id)["session"]["browser_pid"].clone();
    done(&app, "show_browser", id);
    assert_eq!(
        app.view(id)["session"]["browser_pid"],
        pid,
        "a window that is there is brought to the front, and nothing is lost"
    );
    screen.keep("passkey");
    app.phone(id, "confirm_passkey");
    is(&app, id, "READY", true);
    assert_eq!(app.view(id)["session"]["needs_window"], false);
    screen.keep("ready");
    let (status, body) = command(&app, "hibernate", id);
    assert_eq!((status, &body["code"]), (409, &json!("NOT_NOW")));

    done(&app, "hide_browser", id);
    is(&app, id, "READY", false);
    assert_eq!(screen.titles(), Vec::<String>::new());
    let log = app.log();
    let after = log.rsplit("BROWSER_HIDDEN").next().unwrap();
    assert!(
        !after.contains("QR_REQUIRED"),
        "a scan was needed:\n{after}"
    );
    assert!(app.end().0.success());
    no_browser_left(&data);
}

#[test]
fn a_window_that_the_person_closes_leaves_the_session_running() {
    let _turn = turn();
    let Some(screen) = screen() else { return };
    let data = Data::new();
    let app = start_on(Some(&screen), &data);
    let id = add(&app, "Caja");
    link(&app, id);
    done(&app, "show_browser", id);
    is(&app, id, "READY", true);
    screen.close("Caja");
    is(&app, id, "READY", false);
    let (_, timeline) = app.post("/control/timeline", None, &json!({ "id": id, "limit": 50 }));
    let reasons: Vec<_> = timeline
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["reason"].as_str().unwrap().to_owned())
        .collect();
    assert!(reasons.contains(&"BROWSER_SHOWN".to_owned()), "{reasons:?}");
    assert!(reasons.contains(&"WINDOW_CLOSED".to_owned()), "{reasons:?}");
    assert!(!reasons.contains(&"BROWSER_DIED".to_owned()), "{reasons:?}");

    // Killed with a window open, the program takes it along, and starts hidden.
    done(&app, "show_browser", id);
    is(&app, id, "READY", true);
    app.kill();
    no_browser_left(&data);
    let app = start_on(Some(&screen), &data);
    is(&app, id, "READY", false);
    assert!(app.end().0.success());
}

#[test]
fn without_a_screen_nothing_is_ended_for_a_window() {
    let _turn = turn();
    let data = Data::new();
    let app = start_on(None, &data);
    let id = add(&app, "Servidor");
    link(&app, id);
    let pid = app.view(id)["session"]["browser_pid"].clone();
    let (status, body) = command(&app, "show_browser", id);
    assert_eq!(
        (status, &body["code"]),
        (409, &json!("NO_WINDOW")),
        "{body}"
    );
    assert_eq!(app.view(id)["session"]["browser_pid"], pid);
    assert_eq!(app.state(id), "READY");
    assert!(app.end().0.success());
    no_browser_left(&data);
}

#[test]
fn a_screen_that_does_not_answer_leaves_the_session_running() {
    let _turn = turn();
    let Some(gone) = screen() else { return };
    let data = Data::new();
    let app = start_on(Some(&gone), &data);
    let id = add(&app, "Turno");
    link(&app, id);
    drop(gone);
    done(&app, "show_browser", id);
    wait_for("the notice", || {
        (app.view(id)["session"]["notice"] == "WINDOW_UNAVAILABLE").then_some(())
    });
    is(&app, id, "READY", false);
    assert!(app.end().0.success());
    no_browser_left(&data);
}
