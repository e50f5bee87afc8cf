//! The control room's view of sessions that recover, sleep and share the machine, and its commands about them.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use session_core::ports::{DriverEvent, Usage};
use session_core::{Reason, StateName};

use crate::control::{failure, ok};
use crate::support::{Plan, Setup, account, id};

const MESSAGE: &str = r#"{"to":"5491155551234","message":"x"}"#;

/// The session of the only cliente, as the control room shows it.
async fn session(setup: &Setup) -> Value {
    ok(setup, "snapshot", json!({})).await["clientes"][0]["session"].clone()
}

#[tokio::test(start_paused = true)]
async fn a_restart_that_is_to_come_is_shown_with_its_place_in_the_row() {
    let setup = Setup::headless().await;
    setup.bring(5, StateName::Ready).await;
    for attempt in 1..=3 {
        setup.world.tell(id(5), DriverEvent::BrowserExited).await;
        setup
            .until(5, |snapshot| snapshot.state() == StateName::Error)
            .await;
        let shown = session(&setup).await;
        assert_eq!(shown["reason"], "BROWSER_DIED");
        assert_eq!(shown["restart"]["attempt"], attempt);
        assert_eq!(shown["restart"]["last"], 3);
        assert!(shown["restart"]["at"].as_u64() > shown["since"].as_u64());
        setup
            .until(5, |snapshot| snapshot.state() == StateName::Ready)
            .await;
        let shown = session(&setup).await;
        assert_eq!(shown["restart"], Value::Null);
        assert_eq!(shown["restarts"], attempt);
    }
    setup.world.tell(id(5), DriverEvent::BrowserExited).await;
    setup
        .until(5, |snapshot| snapshot.state() == StateName::Error)
        .await;
    let shown = session(&setup).await;
    assert_eq!(shown["reason"], "KEEPS_FAILING");
    assert_eq!(shown["restart"], Value::Null);
}

/// Without a network it goes on until it works: no last one.
#[tokio::test(start_paused = true)]
async fn a_restart_without_a_last_one_says_so() {
    let setup = Setup::headless().await;
    setup.bring(5, StateName::DisconnectedRecoverable).await;
    setup
        .until(5, |snapshot| snapshot.state() == StateName::Error)
        .await;
    let shown = session(&setup).await;
    assert_eq!(shown["reason"], "RETRIES_EXHAUSTED");
    assert_eq!(shown["restart"]["attempt"], 1);
    assert_eq!(shown["restart"]["last"], Value::Null);
}

#[tokio::test(start_paused = true)]
async fn what_a_browser_takes_and_its_breaker_are_shown() {
    let setup = Setup::headless().await;
    *setup.world.usage.lock().unwrap() = Some(Usage {
        memory: 209_715_200,
        cpu: 12.5,
    });
    setup.bring(5, StateName::Ready).await;
    let shown = session(&setup).await;
    assert_eq!(
        (&shown["memory"], &shown["cpu"], &shown["breaker"]),
        (&Value::Null, &Value::Null, &json!("closed"))
    );
    setup.until(5, |snapshot| snapshot.usage.is_some()).await;
    setup.open_breaker(5).await;
    let shown = session(&setup).await;
    assert_eq!(
        (&shown["memory"], &shown["cpu"], &shown["breaker"]),
        (&json!(209_715_200), &json!(12.5), &json!("open"))
    );
    assert_eq!(shown["degraded"], "CALLS_FAILING");
    setup
        .until(5, |snapshot| {
            snapshot.breaker == session_core::BreakerState::HalfOpen
        })
        .await;
    assert_eq!(session(&setup).await["breaker"], "half_open");
}

#[tokio::test(start_paused = true)]
async fn a_session_is_put_to_sleep_and_woken() {
    let setup = Setup::headless().await;
    setup.bring(5, StateName::Ready).await;
    let browser = setup.world.browser(id(5));
    let view = ok(&setup, "hibernate", json!({"id": 5})).await;
    assert_eq!(browser.take_calls(), ["close"]);
    assert_eq!(view["wanted"], "running");
    assert_eq!(view["saved_login"], true);
    let shown = &view["session"];
    assert_eq!(shown["state"], "NOT_INITIALIZED");
    assert_eq!(shown["reason"], "HIBERNATED");
    assert_eq!(shown["hibernated"], true);
    assert_eq!(shown["browser"], "none");
    // There is nothing left to close.
    setup.control("hibernate", r#"{"id":5}"#).await.is(
        409,
        &failure(
            "NOT_NOW",
            "not possible while the session is NOT_INITIALIZED",
        ),
    );
    let woken = ok(&setup, "start", json!({"id": 5})).await;
    assert_eq!(woken["session"]["hibernated"], false);
    setup
        .until(5, |snapshot| snapshot.state() == StateName::Ready)
        .await;
}

#[tokio::test(start_paused = true)]
async fn only_an_idle_session_is_put_to_sleep() {
    for state in StateName::ALL {
        if matches!(state, StateName::Ready | StateName::NotInitialized) {
            continue;
        }
        let setup = Setup::headless().await;
        setup.bring(5, state).await;
        let name = state.as_str();
        setup.control("hibernate", r#"{"id":5}"#).await.is(
            409,
            &failure(
                "NOT_NOW",
                &format!("not possible while the session is {name}"),
            ),
        );
        assert_eq!(setup.state(5), state);
    }
    // Nor one that a message is on its way from.
    let setup = Setup::headless().await;
    setup.bring(5, StateName::Ready).await;
    setup
        .world
        .browser(id(5))
        .hangs
        .store(true, Ordering::SeqCst);
    let (sent, slept) = futures::future::join(setup.send(5, MESSAGE), async {
        while setup.world.browser(id(5)).take_calls().is_empty() {
            tokio::task::yield_now().await;
        }
        setup.control("hibernate", r#"{"id":5}"#).await
    })
    .await;
    assert_eq!((sent.status, slept.status), (500, 409));
}

#[tokio::test(start_paused = true)]
async fn whether_it_tests_itself_is_chosen_and_kept() {
    let setup = Setup::headless().await;
    setup.bring(5, StateName::Ready).await;
    for on in [true, false] {
        let view = ok(&setup, "set_self_test", json!({"id": 5, "on": on})).await;
        assert_eq!(view["self_test"], on);
        assert_eq!(setup.world.records.lock().unwrap()[&id(5)].self_test, on);
    }
    ok(&setup, "set_self_test", json!({"id": 5, "on": true})).await;
    // To its own number, and no message of the person's.
    let browser = setup.world.browser(id(5));
    browser.take_calls();
    tokio::time::sleep(std::time::Duration::from_secs(31)).await;
    let calls = browser.take_calls();
    assert_eq!(calls.len(), 1, "{calls:?}");
    assert!(
        calls[0].starts_with("send 5491155551234@c.us "),
        "{calls:?}"
    );
    assert_eq!(session(&setup).await["sent"], 0);

    setup.world.store_fails.store(true, Ordering::SeqCst);
    let refused = setup
        .control("set_self_test", r#"{"id":5,"on":false}"#)
        .await;
    assert_eq!(refused.status, 503);
    let snapshot = ok(&setup, "snapshot", json!({})).await;
    assert_eq!(snapshot["clientes"][0]["self_test"], true);
}

#[tokio::test(start_paused = true)]
async fn a_notice_stays_until_it_was_read() {
    let setup = Setup::headless().await;
    setup.bring(5, StateName::Ready).await;
    // A message without an acknowledgement, and the remedy for it does not help.
    setup.send(5, MESSAGE).await;
    setup
        .until(5, |snapshot| {
            snapshot.state() == StateName::DisconnectedRecoverable
        })
        .await;
    setup
        .world
        .tell(id(5), DriverEvent::Connected(account()))
        .await;
    setup
        .until(5, |snapshot| snapshot.session.notice.is_some())
        .await;
    let shown = session(&setup).await;
    assert_eq!(shown["notice"], "NOT_ACKNOWLEDGED");
    assert_eq!(shown["degraded"], "NOT_ACKNOWLEDGED");
    ok(&setup, "dismiss_notice", json!({"id": 5})).await;
    setup
        .until(5, |snapshot| snapshot.session.notice.is_none())
        .await;
    let shown = session(&setup).await;
    assert_eq!(shown["notice"], Value::Null);
    assert_eq!(shown["degraded"], "NOT_ACKNOWLEDGED", "it is as it was");
    // There is nothing wrong with reading what is not there.
    ok(&setup, "dismiss_notice", json!({"id": 5})).await;
    setup.registry.stop(id(5)).await.unwrap();
    ok(&setup, "dismiss_notice", json!({"id": 5})).await;
}

#[tokio::test(start_paused = true)]
async fn a_number_of_browsers_has_bounds() {
    let setup = Setup::headless().await;
    for most in [0, 501, 4_294_967_295_u32] {
        setup
            .control(
                "update_settings",
                &json!({"max_browsers": most}).to_string(),
            )
            .await
            .is(
                400,
                &failure("INVALID_REQUEST", "the number of browsers is from 1 to 500"),
            );
    }
    for unreadable in ["-1", "1.5", r#""5""#, "4294967296"] {
        setup
            .control(
                "update_settings",
                &format!(r#"{{"max_browsers":{unreadable}}}"#),
            )
            .await
            .is(
                400,
                &failure(
                    "INVALID_REQUEST",
                    "the arguments of this command cannot be read",
                ),
            );
    }
    assert!(setup.host.take_asked().is_empty());
    for (most, asked) in [
        (json!(1), "max_browsers: Some(Some(1))"),
        (json!(500), "max_browsers: Some(Some(500))"),
        // The machine decides.
        (Value::Null, "max_browsers: Some(None)"),
    ] {
        ok(&setup, "update_settings", json!({"max_browsers": most})).await;
        let settings = setup.host.take_asked();
        assert!(settings[0].contains(asked), "{settings:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_that_there_is_no_room_for_says_why() {
    let setup = Setup::headless().await;
    ok(
        &setup,
        "add_cliente",
        json!({"id": 5, "name": "", "note": "", "start": false}),
    )
    .await;
    *setup.world.disk.lock().unwrap() = Some(0);
    setup.world.plan(Plan::Fail(Reason::LaunchFailed));
    setup.control("start", r#"{"id":5}"#).await.is(
        507,
        &failure(
            "INSUFFICIENT_STORAGE",
            "The disk is almost full - free some space and call POST /init again",
        ),
    );
    assert_eq!(setup.world.launches.load(Ordering::SeqCst), 0);
}

/// A session that runs is not ended for a start that is refused.
#[tokio::test(start_paused = true)]
async fn a_restart_that_there_is_no_room_for_ends_nothing() {
    let setup = Setup::headless().await;
    setup.bring(5, StateName::Ready).await;
    *setup.world.disk.lock().unwrap() = Some(800 * 1024 * 1024);
    // The next look at the disk.
    tokio::time::sleep(std::time::Duration::from_secs(6)).await;
    let refused = setup.control("restart", r#"{"id":5}"#).await;
    assert_eq!(refused.status, 507, "{}", refused.body);
    assert_eq!(setup.state(5), StateName::Ready);
    assert!(setup.world.browser(id(5)).take_calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_cliente_that_nobody_knows_is_not_made() {
    let setup = Setup::headless().await;
    for (command, args) in [
        ("hibernate", r#"{"id":9}"#),
        ("set_self_test", r#"{"id":9,"on":true}"#),
        ("dismiss_notice", r#"{"id":9}"#),
    ] {
        setup.control(command, args).await.is(
            404,
            &failure("CLIENTE_NOT_FOUND", "there is no such cliente"),
        );
    }
    assert!(setup.registry.snapshots().is_empty());
}
