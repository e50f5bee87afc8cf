//! The browser of a session is shown and hidden; who only reads sees no difference.

use std::sync::atomic::Ordering;

use axum::body::{Bytes, to_bytes};
use serde_json::{Value, json};
use session_core::ports::NoWindow;
use session_core::{Reason, StateName};

use crate::control::{failure, ok};
use crate::support::{Setup, about, bare, get, id, post, request};

const CLIENTE: u64 = 5;

/// What the control room sees of the session.
async fn session(setup: &Setup) -> Value {
    let snapshot = ok(setup, "snapshot", json!({})).await;
    snapshot["clientes"][0]["session"].clone()
}

/// Waits until the session is connected again with another browser than before, seen or not.
async fn connected(setup: &Setup, visible: bool) {
    setup
        .until(CLIENTE, |snapshot| {
            snapshot.state() == StateName::Ready && snapshot.session.is_visible() == visible
        })
        .await;
}

fn launches(setup: &Setup) -> usize {
    setup.world.launches.load(Ordering::SeqCst)
}

/// Lets everything happen that can happen without time passing.
async fn settle() {
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_browser_is_shown_raised_and_hidden_and_the_view_says_so() {
    let setup = Setup::headless().await;
    setup.bring(CLIENTE, StateName::Ready).await;
    assert_eq!(session(&setup).await["visible"], false);
    let hidden = setup.world.browser(id(CLIENTE));

    let shown = ok(&setup, "show_browser", json!({"id": CLIENTE})).await;
    assert_eq!(shown["id"], CLIENTE);
    assert_eq!(shown["session"]["visible"], true, "it is about to be");
    connected(&setup, true).await;
    assert_eq!(hidden.take_calls(), ["close"]);
    assert_eq!(session(&setup).await["visible"], true);

    // Once more: to the front, and nothing else.
    let window = setup.world.browser(id(CLIENTE));
    let before = session(&setup).await;
    let again = ok(&setup, "show_browser", json!({"id": CLIENTE})).await;
    assert_eq!(again["session"], before);
    settle().await;
    assert_eq!(window.take_calls(), ["raise"]);
    assert_eq!(launches(&setup), 2);

    let gone = ok(&setup, "hide_browser", json!({"id": CLIENTE})).await;
    assert_eq!(gone["session"]["visible"], false);
    connected(&setup, false).await;
    assert_eq!(window.take_calls(), ["close"]);

    let before = session(&setup).await;
    let again = ok(&setup, "hide_browser", json!({"id": CLIENTE})).await;
    assert_eq!(again["session"], before);
    settle().await;
    assert_eq!(launches(&setup), 3);
    let windows = setup.world.windows.lock().unwrap().clone();
    let name = Some("#5 · WhatsApp".to_owned());
    assert_eq!(windows, [None, name, None]);
    // The journal writes in its own task.
    let timeline = async || setup.registry.timeline(id(CLIENTE), 20).await.unwrap();
    while timeline().await.len() < 6 {
        tokio::task::yield_now().await;
    }
    let left: Vec<_> = timeline()
        .await
        .into_iter()
        .filter(|change| change.from == StateName::Ready)
        .map(|change| (change.to, change.reason))
        .collect();
    let to = StateName::Reconnecting;
    assert_eq!(
        left,
        [(to, Reason::BrowserHidden), (to, Reason::BrowserShown)]
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_does_not_run_is_started_with_a_window_and_hiding_starts_nothing() {
    for ended in [StateName::NotInitialized, StateName::DisconnectedLogout] {
        let setup = Setup::headless().await;
        setup.bring(CLIENTE, StateName::Ready).await;
        if ended == StateName::NotInitialized {
            ok(&setup, "stop", json!({"id": CLIENTE})).await;
        } else {
            ok(&setup, "log_out", json!({"id": CLIENTE})).await;
        }
        settle().await;
        let before = launches(&setup);
        let view = ok(&setup, "hide_browser", json!({"id": CLIENTE})).await;
        assert_eq!(view["session"]["state"], ended.as_str());
        assert_eq!(view["session"]["visible"], false);
        settle().await;
        assert_eq!(launches(&setup), before);

        let view = ok(&setup, "show_browser", json!({"id": CLIENTE})).await;
        assert_eq!(view["wanted"], "running");
        connected(&setup, true).await;
        assert_eq!(launches(&setup), before + 1);
        let windows = setup.world.windows.lock().unwrap().clone();
        assert!(windows.last().unwrap().is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn both_say_what_is_wrong_with_the_question() {
    let setup = Setup::headless().await;
    setup.bring(CLIENTE, StateName::Ready).await;
    for command in ["show_browser", "hide_browser"] {
        setup.control(command, r#"{"id":9}"#).await.is(
            404,
            &failure("CLIENTE_NOT_FOUND", "there is no such cliente"),
        );
        setup.control(command, r#"{"id":0}"#).await.is(
            400,
            &failure(
                "INVALID_REQUEST",
                "a cliente id is a whole number from 1 to 9007199254740991",
            ),
        );
        for args in ["", "{}", r#"{"id":"5"}"#, r#"{"id":5,"visible":true}"#] {
            setup.control(command, args).await.is(
                400,
                &failure(
                    "INVALID_REQUEST",
                    "the arguments of this command cannot be read",
                ),
            );
        }
    }
    settle().await;
    assert_eq!(setup.registry.snapshots().len(), 1, "nobody was added");
    assert!(setup.world.browser(id(CLIENTE)).take_calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn where_no_window_can_be_shown_nothing_is_ended_or_started() {
    for (why, message) in [
        (
            NoWindow::NoScreen,
            "there is no screen to show the browser on - start Session Manager on a desktop, or let it use one (DISPLAY)",
        ),
        (
            NoWindow::NoBrowser,
            "the browser that is installed has no windows - install Chromium, Google Chrome, Microsoft Edge or Brave",
        ),
    ] {
        let setup = Setup::headless().await;
        setup.bring(CLIENTE, StateName::Ready).await;
        *setup.world.no_window.lock().unwrap() = Some(why);
        let refused = failure("NO_WINDOW", message);
        let before = session(&setup).await;
        let show = async || {
            let answer = setup.control("show_browser", r#"{"id":5}"#).await;
            answer.is(409, &refused);
            settle().await;
        };
        show().await;
        assert_eq!(session(&setup).await, before);
        assert!(setup.world.browser(id(CLIENTE)).take_calls().is_empty());

        ok(&setup, "stop", json!({"id": CLIENTE})).await;
        show().await;
        assert_eq!(launches(&setup), 1);
        assert_eq!(setup.state(CLIENTE), StateName::NotInitialized);
        // What has no window is hidden all the same.
        ok(&setup, "hide_browser", json!({"id": CLIENTE})).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_being_unlinked_is_not_shown() {
    let setup = Setup::headless().await;
    setup.bring(CLIENTE, StateName::Ready).await;
    let browser = setup.world.browser(id(CLIENTE));
    browser.hangs.store(true, Ordering::SeqCst);
    let registry = setup.registry.clone();
    let unlinking = tokio::spawn(async move { registry.log_out(id(CLIENTE)).await });
    settle().await;
    assert_eq!(browser.take_calls(), ["log out"]);
    setup.control("show_browser", r#"{"id":5}"#).await.is(
        409,
        &failure("NOT_NOW", "not possible while the session is READY"),
    );
    settle().await;
    assert!(browser.take_calls().is_empty(), "it goes on undisturbed");
    unlinking.abort();
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_and_the_end_of_the_program_are_in_the_way_of_a_start() {
    let setup = Setup::headless().await;
    setup.bring(CLIENTE, StateName::Ready).await;
    ok(&setup, "stop", json!({"id": CLIENTE})).await;
    *setup.world.disk.lock().unwrap() = Some(0);
    let full = setup.control("show_browser", r#"{"id":5}"#).await;
    assert_eq!(full.status, 507, "{}", full.body);
    assert!(full.body.contains(r#""code":"INSUFFICIENT_STORAGE""#));
    *setup.world.disk.lock().unwrap() = None;

    setup.registry.shutdown().await;
    setup.control("show_browser", r#"{"id":5}"#).await.is(
        503,
        &failure("SHUTTING_DOWN", "Session Manager is shutting down"),
    );
    ok(&setup, "hide_browser", json!({"id": CLIENTE})).await;
    assert_eq!(launches(&setup), 1);
}

/// Every `GET` about a cliente or about all of them that does not stream or count, and how it is asked.
async fn read_everything(setup: &Setup) -> Vec<(String, u16, Bytes)> {
    let mut all = Vec::new();
    for path in [
        "/status",
        "/qr-code",
        "/qr",
        "/clients",
        "/messages",
        "/webhooks",
        "/health",
        "/health/live",
        "/health/ready",
        "/api/sessions",
        "/api/sessions/5",
        "/api/sessions/5/me",
        "/api/5/auth/qr",
    ] {
        let answer = setup.open(about(get(path), CLIENTE)).await;
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        all.push((path.to_owned(), status, body));
    }
    all
}

#[tokio::test(start_paused = true)]
async fn who_reads_cannot_tell_a_shown_browser_from_a_hidden_one_and_changes_nothing() {
    for state in [StateName::Ready, StateName::QrRequired] {
        let setup = Setup::headless().await;
        setup.bring(CLIENTE, state).await;
        let hidden = read_everything(&setup).await;
        ok(&setup, "show_browser", json!({"id": CLIENTE})).await;
        setup
            .until(CLIENTE, |snapshot| {
                snapshot.state() == state && snapshot.session.is_visible()
            })
            .await;
        let browser = setup.world.browser(id(CLIENTE));
        let before = (launches(&setup), session(&setup).await);
        assert_eq!(read_everything(&setup).await, hidden);
        settle().await;
        assert_eq!((launches(&setup), session(&setup).await), before);
        assert!(browser.take_calls().is_empty(), "no GET asks the page");
    }
}

#[tokio::test(start_paused = true)]
async fn tools_start_send_to_and_end_a_shown_session_as_any_other() {
    let mut answers = Vec::new();
    for shown in [false, true] {
        let setup = Setup::headless().await;
        setup.bring(CLIENTE, StateName::Ready).await;
        if shown {
            ok(&setup, "show_browser", json!({"id": CLIENTE})).await;
        }
        connected(&setup, shown).await;
        let before = launches(&setup);
        let init = setup.init(CLIENTE).await;
        assert_eq!(launches(&setup), before, "it runs already");
        let body = r#"{"to":"5491155551234","message":"hola"}"#;
        let sent = setup.send(CLIENTE, body).await;
        let ended = setup
            .ask(bare(request("DELETE", &format!("/session/{CLIENTE}"))))
            .await;
        assert_eq!(setup.state(CLIENTE), StateName::NotInitialized);
        // A tool opens no windows: what was shown before is a person's wish of then.
        let begun = setup.init(CLIENTE).await;
        assert_eq!(setup.world.windows.lock().unwrap().last(), Some(&None));
        answers.push([init, sent, ended, begun].map(|answer| (answer.status, answer.body)));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test(start_paused = true)]
async fn only_the_control_room_shows_browsers() {
    // With a window of the program there are no such routes.
    let setup = Setup::new().await;
    setup.bring(CLIENTE, StateName::Ready).await;
    for command in ["show_browser", "hide_browser"] {
        let path = format!("/control/{command}");
        assert_eq!(setup.ask(bare(post(&path))).await.status, 404);
    }
    let setup = Setup::headless().await;
    setup.bring(CLIENTE, StateName::Ready).await;
    for command in ["show_browser", "hide_browser"] {
        let path = format!("/control/{command}");
        let read = setup.ask(bare(get(&path))).await;
        assert_eq!((read.status, read.header("allow")), (405, Some("POST")));
    }
    settle().await;
    assert_eq!(
        setup.registry.snapshot(id(CLIENTE)).unwrap().session.reason,
        Some(Reason::Connected)
    );
}
