//! `POST /init` and `POST /send` where sessions come back by themselves, sleep, or have no room.

use std::sync::atomic::Ordering;
use std::time::Duration;

use session_api::Options;
use session_core::ports::DriverEvent;
use session_core::{BreakerState, Policy, StateName, Wanted};
use tokio::time::{Instant, sleep};

use crate::support::{Plan, Setup, World, bare, get, id};

const MIB: u64 = 1024 * 1024;
const MESSAGE: &str = r#"{"to":"5491155551234","message":"x"}"#;

/// Brings up a session and puts it to sleep.
async fn asleep(cliente: u64) -> Setup {
    let setup = Setup::new().await;
    setup.bring(cliente, StateName::Ready).await;
    setup.registry.hibernate(id(cliente)).await.unwrap();
    assert_eq!(setup.state(cliente), StateName::NotInitialized);
    setup
}

#[tokio::test(start_paused = true)]
async fn a_disk_without_room_refuses_a_start_and_makes_nobody() {
    let full = r#"{"error":true,"code":"INSUFFICIENT_STORAGE","message":"The disk is almost full - free some space and call POST /init again","cliente_id":99}"#;
    for free in [0, 1024 * MIB - 1] {
        let setup = Setup::new().await;
        *setup.world.disk.lock().unwrap() = Some(free);
        setup.init(99).await.is(507, full);
        assert!(setup.registry.snapshots().is_empty());
        setup.ask(bare(get("/clients"))).await.is(200, "[]");
        assert!(setup.world.records.lock().unwrap().is_empty());
        // And as soon as there is room, it is a start like any other.
        *setup.world.disk.lock().unwrap() = Some(1024 * MIB);
        assert_eq!(setup.init(99).await.status, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_does_not_wait_for_the_restart_that_is_due_and_replaces_it() {
    let setup = Setup::new().await;
    setup.bring(99, StateName::Ready).await;
    setup.world.tell(id(99), DriverEvent::BrowserExited).await;
    setup
        .until(99, |snapshot| snapshot.state() == StateName::Error)
        .await;
    assert_ne!(setup.status(99).await["restart"], serde_json::Value::Null);
    let began = Instant::now();
    setup.init(99).await.is(
        200,
        r#"{"success":true,"message":"WhatsApp client initialization started","cliente_id":99,"status":{"cliente_id":99,"connected":true,"state":"READY","reconnection_attempts":0,"max_reconnection_attempts":3},"action":"INITIALIZING","next_steps":"Monitor /status endpoint for QR code or READY state"}"#,
    );
    assert_eq!(began.elapsed(), Duration::ZERO);
    sleep(Duration::from_secs(600)).await;
    assert_eq!(setup.world.launches.load(Ordering::SeqCst), 2);
    let status = setup.status(99).await;
    assert_eq!(status["state"], "READY");
    assert_eq!(status["diagnostics"]["restarts"], 0);
}

#[tokio::test(start_paused = true)]
async fn a_start_that_finds_no_place_in_time_says_so() {
    let setup = Setup::of(1, World::new(), Options::default()).await;
    setup.bring(1, StateName::Ready).await;
    // Whoever is on its way to a code is not idle.
    setup.registry.stop(id(1)).await.unwrap();
    setup.bring(1, StateName::QrRequired).await;
    let began = Instant::now();
    setup.init(2).await.is(
        500,
        r#"{"error":true,"code":"INITIALIZATION_FAILED","message":"This computer already runs as many browsers as it may - stop a session or raise the limit, and call POST /init again","cliente_id":2,"retry":true,"reason":"CAPACITY_REACHED","detail":"as many browsers run as may"}"#,
    );
    assert_eq!(began.elapsed(), Policy::default().place_timeout);
    assert_eq!(setup.state(2), StateName::Error);
    assert_eq!(setup.state(1), StateName::QrRequired);
}

#[tokio::test(start_paused = true)]
async fn an_idle_session_sleeps_for_one_that_is_started() {
    let setup = Setup::of(1, World::new(), Options::default()).await;
    setup.bring(1, StateName::Ready).await;
    sleep(Duration::from_secs(61)).await;
    setup.world.set_login(id(2), true);
    let answer = setup.init(2).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(
        answer.body.contains(r#""state":"READY""#),
        "{}",
        answer.body
    );
    let status = setup.status(1).await;
    assert_eq!(status["state"], "NOT_INITIALIZED");
    assert_eq!(status["hibernated"], true);
}

#[tokio::test(start_paused = true)]
async fn a_start_wakes_a_session_that_sleeps() {
    let setup = asleep(99).await;
    setup.init(99).await.is(
        200,
        r#"{"success":true,"message":"WhatsApp client initialization started","cliente_id":99,"status":{"cliente_id":99,"connected":true,"state":"READY","reconnection_attempts":0,"max_reconnection_attempts":3},"action":"INITIALIZING","next_steps":"Monitor /status endpoint for QR code or READY state"}"#,
    );
    assert_eq!(setup.status(99).await["hibernated"], false);
}

#[tokio::test(start_paused = true)]
async fn a_message_wakes_a_session_that_sleeps() {
    let setup = asleep(7).await;
    setup.send(7, MESSAGE).await.is(
        200,
        r#"{"ok":true,"message_id":"true_5491155551234@c.us_3EB0C0FFEE"}"#,
    );
    assert_eq!(
        setup.world.browser(id(7)).take_calls(),
        ["send 5491155551234@c.us x"]
    );
    assert_eq!(setup.state(7), StateName::Ready);
    assert_eq!(setup.world.launches.load(Ordering::SeqCst), 2);
    // Somebody who ended it meant it: no message brings it back.
    setup.registry.stop(id(7)).await.unwrap();
    assert_eq!(setup.send(7, MESSAGE).await.status, 409);
    assert_eq!(
        setup.registry.snapshot(id(7)).unwrap().record.wanted,
        Wanted::Stopped
    );
}

#[tokio::test(start_paused = true)]
async fn a_message_to_one_that_wakes_into_something_else_says_what() {
    for (plan, state) in [
        (Plan::Code(crate::support::code("2@x")), "QR_REQUIRED"),
        (Plan::Tell(DriverEvent::LoginRefused), "AUTH_FAILURE"),
    ] {
        let setup = asleep(7).await;
        setup.world.plan(plan);
        setup.send(7, MESSAGE).await.is(
            409,
            &format!(
                r#"{{"error":true,"code":"SESSION_NOT_READY","message":"WhatsApp session not ready. Current state: {state}"}}"#
            ),
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_to_one_that_does_not_wake_is_answered_before_callers_hang_up() {
    let setup = asleep(7).await;
    setup.world.plan(Plan::Hang);
    let began = Instant::now();
    setup.send(7, MESSAGE).await.is(
        409,
        r#"{"error":true,"code":"SESSION_NOT_READY","message":"WhatsApp session not ready. Current state: RECONNECTING"}"#,
    );
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn while_calls_are_suspended_a_message_fails_at_once() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::Ready).await;
    setup.open_breaker(7).await;
    let browser = setup.world.browser(id(7));
    browser.take_calls();
    browser.hangs.store(true, Ordering::SeqCst);
    let began = Instant::now();
    setup.send(7, MESSAGE).await.is(
        500,
        r#"{"error":true,"code":"SEND_FAILED","message":"Calls to WhatsApp Web keep failing and are suspended for a moment - try again in half a minute"}"#,
    );
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert!(browser.take_calls().is_empty());
    assert_eq!(setup.state(7), StateName::Ready);

    // After the pause one is let through, and heals it.
    browser.hangs.store(false, Ordering::SeqCst);
    browser.sends_fail.store(false, Ordering::SeqCst);
    setup
        .until(7, |snapshot| snapshot.breaker == BreakerState::HalfOpen)
        .await;
    assert_eq!(setup.send(7, MESSAGE).await.status, 200);
    assert_eq!(setup.status(7).await["diagnostics"]["breaker"], "closed");
}

#[tokio::test(start_paused = true)]
async fn a_restart_that_has_begun_is_a_start_in_progress() {
    let setup = Setup::new().await;
    setup.bring(99, StateName::Ready).await;
    setup.world.tell(id(99), DriverEvent::BrowserExited).await;
    setup
        .until(99, |snapshot| snapshot.state() == StateName::Error)
        .await;
    setup.world.plan(Plan::Hang);
    setup
        .until(99, |snapshot| snapshot.state() == StateName::Reconnecting)
        .await;
    setup.init(99).await.is(
        409,
        r#"{"error":true,"code":"INITIALIZATION_IN_PROGRESS","message":"Client initialization already in progress","cliente_id":99,"retry_after_seconds":5}"#,
    );
}
