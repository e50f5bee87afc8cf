//! The control room's commands over HTTP, where there is no window.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use session_api::{Options, Origins};
use session_core::ports::{CallError, DriverEvent};
use session_core::{Reason, StateName};

use crate::support::{Plan, Setup, account, bare, get, id, post, with_json};

pub(crate) async fn ok(setup: &Setup, command: &str, args: Value) -> Value {
    let answer = setup.control(command, &args.to_string()).await;
    assert_eq!(answer.status, 200, "{command}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

#[track_caller]
pub(crate) fn failure(code: &str, message: &str) -> String {
    format!(r#"{{"code":"{code}","message":"{message}","reason":null}}"#)
}

#[tokio::test(start_paused = true)]
async fn a_cliente_is_added_named_and_listed() {
    let setup = Setup::headless().await;
    let added = setup
        .control(
            "add_cliente",
            r#"{"id":null,"name":" Ventas ","note":"","start":false}"#,
        )
        .await;
    added.is(
        200,
        r#"{"id":1,"name":"Ventas","note":"","created_at":1000000,"wanted":"stopped","account":null,"saved_login":false,"self_test":false,"session":{"state":"NOT_INITIALIZED","since":1000000,"reason":null,"browser":"none","progress":null,"qr":null,"login_step":null,"attempts":0,"max_attempts":3,"can_send":false,"degraded":null,"cleanup_at":null,"sent":0,"failed":0,"visible":false,"needs_window":false,"browser_pid":null,"memory":null,"cpu":null,"hibernated":false,"restart":null,"restarts":0,"notice":null,"breaker":"closed"}}"#,
    );
    let renamed = ok(
        &setup,
        "update_cliente",
        json!({"id": 1, "name": "Soporte", "note": "turno noche"}),
    )
    .await;
    assert_eq!(renamed["name"], "Soporte");
    let snapshot = ok(&setup, "snapshot", json!({})).await;
    assert_eq!(snapshot["clientes"], json!([renamed]));
    assert_eq!(snapshot["app"]["version"], "3.0.0");
    // A command that takes nothing may come without a body.
    let bodiless = setup.ask(bare(post("/control/snapshot"))).await;
    assert_eq!(bodiless.status, 200);

    setup
        .control(
            "add_cliente",
            r#"{"id":1,"name":"","note":"","start":false}"#,
        )
        .await
        .is(
            409,
            &failure("CLIENTE_EXISTS", "there is a cliente with this id already"),
        );
    setup.world.plan(Plan::Hang);
    let started = ok(
        &setup,
        "add_cliente",
        json!({"id": 7, "name": "", "note": "", "start": true}),
    )
    .await;
    assert_eq!(started["session"]["state"], "INITIALIZING");
    assert_eq!(started["wanted"], "running");
}

#[tokio::test(start_paused = true)]
async fn a_session_is_begun_without_waiting_and_shown_as_it_goes() {
    let setup = Setup::headless().await;
    ok(
        &setup,
        "add_cliente",
        json!({"id": 5, "name": "", "note": "", "start": false}),
    )
    .await;
    setup.world.plan(Plan::Hang);
    let begun = ok(&setup, "start", json!({"id": 5})).await;
    assert_eq!(begun["session"]["state"], "INITIALIZING");
    assert_eq!(begun["session"]["browser"], "launching");
    let stage = begun["session"]["progress"]["stage"].as_str().unwrap();
    assert!(["queued", "launching"].contains(&stage), "{stage}");
    setup.control("start", r#"{"id":5}"#).await.is(
        409,
        &failure(
            "INITIALIZATION_IN_PROGRESS",
            "Client initialization already in progress",
        ),
    );
    let stopped = ok(&setup, "stop", json!({"id": 5})).await;
    assert_eq!(stopped["session"]["state"], "NOT_INITIALIZED");
    assert_eq!(stopped["wanted"], "stopped");

    setup.world.plan(Plan::Code(crate::support::code("2@one")));
    ok(&setup, "start", json!({"id": 5})).await;
    setup
        .until(5, |snapshot| snapshot.state() == StateName::QrRequired)
        .await;
    let snapshot = ok(&setup, "snapshot", json!({})).await;
    let session = &snapshot["clientes"][0]["session"];
    assert_eq!(session["login_step"], "code");
    assert_eq!(session["reason"], "LOGIN_NEEDED");
    assert_eq!(session["browser_pid"], 4242);
    assert_eq!(session["qr"]["issued_at"], 1_000_000);
    assert_eq!(session["qr"]["expires_at"], 1_060_000);
    let drawn = session_core::draw(&crate::support::code("2@one")).unwrap();
    assert_eq!(session["qr"]["image"], *drawn);
}

#[tokio::test(start_paused = true)]
async fn every_step_of_linking_is_shown() {
    let setup = Setup::headless().await;
    setup.bring(5, StateName::QrRequired).await;
    let step = async || {
        let snapshot = ok(&setup, "snapshot", json!({})).await;
        snapshot["clientes"][0]["session"].clone()
    };
    setup.world.tell(id(5), DriverEvent::CodeTaken).await;
    setup
        .until(5, |snapshot| {
            snapshot.picture == session_core::Picture::None
        })
        .await;
    let session = step().await;
    assert_eq!(session["login_step"], "linking");
    assert_eq!(session["progress"]["stage"], "linking");
    assert_eq!(session["qr"], Value::Null);

    setup.world.tell(id(5), DriverEvent::PasskeyRequested).await;
    setup
        .until(5, |snapshot| {
            snapshot.session.reason == Some(Reason::PasskeyNeeded)
        })
        .await;
    assert_eq!(step().await["login_step"], "passkey");

    setup
        .world
        .tell(id(5), DriverEvent::Connected(account()))
        .await;
    setup
        .until(5, |snapshot| snapshot.state() == StateName::Ready)
        .await;
    let session = step().await;
    assert_eq!(session["can_send"], true);
    assert_eq!(session["login_step"], Value::Null);
    let snapshot = ok(&setup, "snapshot", json!({})).await;
    // Whole: it is the person's own screen.
    assert_eq!(
        snapshot["clientes"][0]["account"],
        json!({"number": "5491155551234", "name": "Ana"})
    );

    setup
        .world
        .tell(id(5), DriverEvent::Bridge(Some(Reason::BridgeOutdated)))
        .await;
    setup
        .until(5, |snapshot| snapshot.degraded().is_some())
        .await;
    assert_eq!(step().await["degraded"], "BRIDGE_OUTDATED");

    setup
        .world
        .tell(id(5), DriverEvent::LoggedOut(Reason::Unpaired))
        .await;
    setup
        .until(5, |snapshot| {
            snapshot.state() == StateName::DisconnectedLogout
        })
        .await;
    let session = step().await;
    assert_eq!(session["cleanup_at"], 1_060_000);
    assert_eq!(session["reason"], "UNPAIRED");
}

#[tokio::test(start_paused = true)]
async fn a_restart_ends_the_browser_before_the_next_begins() {
    let setup = Setup::headless().await;
    setup.bring(5, StateName::Ready).await;
    let first = setup.world.browser(id(5));
    setup.world.plan(Plan::Hang);
    for _ in 0..2 {
        let view = ok(&setup, "restart", json!({"id": 5})).await;
        assert_eq!(view["session"]["state"], "RECONNECTING");
    }
    assert_eq!(first.take_calls(), ["close"]);
    // One that is not running is simply begun.
    setup.registry.stop(id(5)).await.unwrap();
    let view = ok(&setup, "restart", json!({"id": 5})).await;
    assert_eq!(view["session"]["state"], "RECONNECTING");
}

#[tokio::test(start_paused = true)]
async fn the_page_is_asked_and_may_fail() {
    let setup = Setup::headless().await;
    setup.bring(5, StateName::Ready).await;
    let browser = setup.world.browser(id(5));
    let sent = setup
        .control(
            "send_message",
            r#"{"id":5,"to":"+54 911 5555-1234","text":"hola"}"#,
        )
        .await;
    sent.is(
        200,
        r#"{"message_id":"true_5491155551234@c.us_3EB0C0FFEE"}"#,
    );
    let unusable = |message| failure("INVALID_REQUEST", message);
    setup
        .control("send_message", r#"{"id":5,"to":"ana","text":"hola"}"#)
        .await
        .is(
            400,
            &unusable(
                "a number is 5 to 20 digits with country code; a chat id ends in @c.us or @g.us",
            ),
        );
    setup
        .control(
            "send_message",
            r#"{"id":5,"to":"5491155551234","text":" "}"#,
        )
        .await
        .is(400, &unusable("the message is empty"));
    setup.control("refresh_qr", r#"{"id":5}"#).await.is(
        409,
        &failure("NOT_NOW", "not possible while the session is READY"),
    );

    *browser.failure.lock().unwrap() = Some(CallError::Timeout);
    setup.control("log_out", r#"{"id":5}"#).await.is(
        502,
        &failure(
            "PAGE_FAILED",
            "WhatsApp Web did not answer in time - try again",
        ),
    );
    setup
        .control(
            "send_message",
            r#"{"id":5,"to":"5491155551234","text":"x"}"#,
        )
        .await
        .is(
            500,
            &failure(
                "SEND_FAILED",
                "WhatsApp did not confirm the message in time - it may still arrive",
            ),
        );
    *browser.failure.lock().unwrap() = None;
    let view = ok(&setup, "log_out", json!({"id": 5})).await;
    assert_eq!(view["session"]["state"], "DISCONNECTED_LOGOUT");
    assert_eq!(view["session"]["reason"], "LOGGED_OUT_HERE");
    assert_eq!(view["session"]["sent"], 1);
    assert_eq!(view["session"]["failed"], 1);
    setup
        .control(
            "send_message",
            r#"{"id":5,"to":"5491155551234","text":"x"}"#,
        )
        .await
        .is(
            409,
            &failure(
                "SESSION_NOT_READY",
                "WhatsApp session not ready. Current state: DISCONNECTED_LOGOUT",
            ),
        );
}

#[tokio::test(start_paused = true)]
async fn a_new_code_is_asked_for() {
    let setup = Setup::headless().await;
    setup.bring(5, StateName::QrRequired).await;
    setup
        .control("refresh_qr", r#"{"id":5}"#)
        .await
        .is(200, "null");
    // The call itself goes on in its own task.
    tokio::task::yield_now().await;
    assert_eq!(setup.world.browser(id(5)).take_calls(), ["refresh"]);
}

#[tokio::test(start_paused = true)]
async fn the_timeline_is_read_newest_first() {
    let setup = Setup::headless().await;
    setup.bring(5, StateName::QrRequired).await;
    setup.registry.stop(id(5)).await.unwrap();
    // The journal writes in its own task.
    while setup.registry.timeline(id(5), 10).await.unwrap().len() < 3 {
        tokio::task::yield_now().await;
    }
    setup.control("timeline", r#"{"id":5,"limit":2}"#).await.is(
        200,
        concat!(
            r#"[{"at":1000000,"from":"QR_REQUIRED","to":"NOT_INITIALIZED","reason":"STOP_REQUESTED"},"#,
            r#"{"at":1000000,"from":"INITIALIZING","to":"QR_REQUIRED","reason":"LOGIN_NEEDED"}]"#
        ),
    );
    setup.world.store_fails.store(true, Ordering::SeqCst);
    setup.control("timeline", r#"{"id":5,"limit":2}"#).await.is(
        503,
        &failure(
            "STORE_UNAVAILABLE",
            "the database cannot be read or written - check the data folder and the free disk space",
        ),
    );
}

#[tokio::test(start_paused = true)]
async fn a_cliente_is_destroyed_or_forgotten() {
    let setup = Setup::headless().await;
    setup.bring(5, StateName::Ready).await;
    setup
        .control("destroy", r#"{"id":5,"forget":false}"#)
        .await
        .is(200, "null");
    assert!(setup.world.has_saved(id(5)));
    setup
        .control("destroy", r#"{"id":5,"forget":true}"#)
        .await
        .is(200, "null");
    assert!(setup.registry.snapshots().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_cliente_that_nobody_knows_is_not_found_and_not_made() {
    let setup = Setup::headless().await;
    for (command, args) in [
        ("start", r#"{"id":9}"#),
        ("stop", r#"{"id":9}"#),
        ("restart", r#"{"id":9}"#),
        ("log_out", r#"{"id":9}"#),
        ("refresh_qr", r#"{"id":9}"#),
        (
            "send_message",
            r#"{"id":9,"to":"5491155551234","text":"x"}"#,
        ),
        ("timeline", r#"{"id":9,"limit":1}"#),
        ("update_cliente", r#"{"id":9,"name":"","note":""}"#),
        ("demo_phone", r#"{"id":9,"action":"scan"}"#),
    ] {
        setup.control(command, args).await.is(
            404,
            &failure("CLIENTE_NOT_FOUND", "there is no such cliente"),
        );
    }
    assert!(setup.registry.snapshots().is_empty());
}

#[tokio::test(start_paused = true)]
async fn arguments_that_cannot_be_read_are_refused() {
    let setup = Setup::headless().await;
    let unreadable = failure(
        "INVALID_REQUEST",
        "the arguments of this command cannot be read",
    );
    for (command, args) in [
        ("start", ""),
        ("start", "{"),
        ("start", "{}"),
        ("start", r#"{"id":"5"}"#),
        ("start", r#"{"id":-5}"#),
        ("start", r#"{"id":5,"force":true}"#),
        ("snapshot", "[1]"),
        ("snapshot", r#"{"x":1}"#),
        ("add_cliente", r#"{"id":null,"name":"x"}"#),
        ("update_settings", r#"{"language":"fr"}"#),
        ("update_settings", r#"{"colour":"red"}"#),
        ("update_settings", r#"{"api_port":70000}"#),
        ("open_place", r#"{"place":"/etc"}"#),
        ("demo_phone", r#"{"id":5,"action":"explode"}"#),
    ] {
        setup.control(command, args).await.is(400, &unreadable);
    }
    let long = "x".repeat(121);
    for (command, args, message) in [
        (
            "start",
            json!({"id": 0}),
            "a cliente id is a whole number from 1 to 9007199254740991",
        ),
        (
            "add_cliente",
            json!({"id": 1, "name": long, "note": "", "start": false}),
            "a name has 120 characters at most",
        ),
        (
            "add_cliente",
            json!({"id": 1, "name": "", "note": "é".repeat(4001), "start": false}),
            "a note has 4000 characters at most",
        ),
        (
            "update_settings",
            json!({"api_port": 0}),
            "a port is a number from 1 to 65535",
        ),
    ] {
        setup
            .control(command, &args.to_string())
            .await
            .is(400, &failure("INVALID_REQUEST", message));
    }
    setup
        .control("self_destruct", "{}")
        .await
        .is(404, &failure("NOT_FOUND", "there is no such command"));
    let read = setup.ask(bare(get("/control/snapshot"))).await;
    assert_eq!((read.status, read.header("allow")), (405, Some("POST")));
    assert!(setup.host.take_asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_program_is_asked_for_what_only_it_can_do() {
    let setup = Setup::headless().await;
    setup.bring(5, StateName::Ready).await;
    for (command, args, asked) in [
        (
            "update_settings",
            json!({"language": "es", "theme": null, "api_port": 3002}),
            "SettingsPatch { language: Some(Some(Es)), theme: Some(None), on_close: None, max_browsers: None, incoming_messages: None, check_updates: None, autostart: None, start_minimized: None, notifications: None, api_enabled: None, api_port: Some(3002), api_key_required: None, allowed_origins: None }",
        ),
        ("find_browser", json!({}), "find_browser"),
        ("open_place", json!({"place": "logs"}), "open Logs"),
        ("check_update", json!({}), "check_update"),
        ("install_update", json!({}), "install_update"),
        (
            "close_decided",
            json!({"choice": "quit", "remember": true}),
            "close Some(Quit) true",
        ),
        (
            "close_decided",
            json!({"choice": null, "remember": false}),
            "close None false",
        ),
    ] {
        ok(&setup, command, args).await;
        assert_eq!(setup.host.take_asked(), [asked]);
    }
    setup
        .control("demo_phone", r#"{"id":5,"action":"scan"}"#)
        .await
        .is(404, &failure("NOT_FOUND", "not in demo mode"));
    setup.host.app.lock().unwrap().demo = true;
    ok(&setup, "demo_phone", json!({"id": 5, "action": "scan"})).await;
    assert_eq!(setup.host.take_asked(), ["phone 5 Scan"]);
}

#[tokio::test(start_paused = true)]
async fn once_the_program_ends_nothing_begins() {
    let setup = Setup::headless().await;
    setup.bring(5, StateName::Ready).await;
    setup.registry.shutdown().await;
    for (command, args, message) in [
        ("start", r#"{"id":5}"#, "Session Manager is shutting down"),
        (
            "add_cliente",
            r#"{"id":6,"name":"","note":"","start":false}"#,
            "the program is ending",
        ),
    ] {
        setup
            .control(command, args)
            .await
            .is(503, &failure("SHUTTING_DOWN", message));
    }
}

#[tokio::test(start_paused = true)]
async fn a_listed_origin_may_use_the_api_and_not_the_control_room() {
    let setup = Setup::with(Options {
        control_room: true,
        origins: Origins::parse("https://panel.example.com").unwrap(),
        ..Options::default()
    })
    .await;
    let from =
        |origin: &str| with_json(post("/control/find_browser").header("Origin", origin), "{}");
    setup.ask(from("https://panel.example.com")).await.is(
        403,
        &failure(
            "ORIGIN_NOT_ALLOWED",
            "only the control room itself may send commands",
        ),
    );
    assert!(setup.host.take_asked().is_empty());
    assert_eq!(setup.ask(from("http://localhost:3001")).await.status, 200);
    let cross = with_json(
        post("/control/find_browser")
            .header("Origin", "http://localhost:3001")
            .header("Sec-Fetch-Site", "cross-site"),
        "{}",
    );
    assert_eq!(setup.ask(cross).await.status, 403);
}

#[tokio::test(start_paused = true)]
async fn a_pairing_code_is_given_while_a_qr_waits_and_a_refusal_says_so() {
    let setup = Setup::headless().await;
    setup.bring(5, StateName::QrRequired).await;
    let browser = setup.world.browser(id(5));
    let number = "+54 9 11 5555-1234";
    let ask = |number: &str| json!({"id": 5, "number": number}).to_string();
    setup
        .control("pairing_code", &ask(number))
        .await
        .is(200, r#"{"code":"ABCD-EFGH"}"#);
    assert_eq!(browser.take_calls(), ["pair"]);

    for bad in ["", "12", "ana", "5491155551234@c.us"] {
        setup.control("pairing_code", &ask(bad)).await.is(
            400,
            &failure(
                "INVALID_REQUEST",
                "a number is 5 to 20 digits with country code",
            ),
        );
    }
    assert!(browser.take_calls().is_empty());

    let refused = |text: &str| Some(CallError::Refused(text.to_owned()));
    for (why, code, message) in [
        (
            refused("rate-overlimit"),
            "PAIRING_REFUSED",
            "WhatsApp refused: rate-overlimit",
        ),
        (
            refused(&format!("{number} is no account")),
            "PAIRING_REFUSED",
            "WhatsApp refused",
        ),
        (
            Some(CallError::Timeout),
            "PAGE_FAILED",
            "WhatsApp Web did not answer in time - try again",
        ),
    ] {
        *browser.failure.lock().unwrap() = why;
        setup
            .control("pairing_code", &ask(number))
            .await
            .is(502, &failure(code, message));
    }

    let setup = Setup::headless().await;
    setup.bring(5, StateName::Ready).await;
    setup.control("pairing_code", &ask(number)).await.is(
        409,
        &failure("NOT_NOW", "not possible while the session is READY"),
    );
    let nobody = json!({"id": 6, "number": number}).to_string();
    assert_eq!(setup.control("pairing_code", &nobody).await.status, 404);
}
