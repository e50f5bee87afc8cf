//! Nobody waits for ever, and whoever finds no room hears so at once.

use std::sync::atomic::Ordering;
use std::time::Duration;

use session_api::{Limits, Options};
use session_core::StateName;
use tokio::time::Instant;

use crate::support::{Plan, Setup, about, bare, id, post, request, with_json};

const MESSAGE: &str = r#"{"to":"5491155551234","message":"x"}"#;
const FULL: &str = r#"{"error":true,"code":"OVERLOADED","message":"Too many requests are being answered - try again in a second"}"#;

#[tokio::test(start_paused = true)]
async fn a_start_and_a_message_end_as_the_contract_says_at_the_latest() {
    let setup = Setup::limited(Limits {
        init_deadline: Duration::from_secs(3),
        send_deadline: Duration::from_secs(3),
        ..Limits::default()
    })
    .await;
    setup.world.plan(Plan::Hang);
    let since = Instant::now();
    setup.init(1).await.is(
        500,
        r#"{"error":true,"code":"INITIALIZATION_FAILED","message":"WhatsApp Web did not come up in time - check the network connection and call POST /init again","cliente_id":1,"retry":true,"reason":"INIT_TIMEOUT"}"#,
    );
    assert_eq!(since.elapsed(), Duration::from_secs(3));
    setup.bring(2, StateName::Ready).await;
    setup
        .world
        .browser(id(2))
        .hangs
        .store(true, Ordering::SeqCst);
    let since = Instant::now();
    setup.send(2, MESSAGE).await.is(
        500,
        r#"{"error":true,"code":"SEND_FAILED","message":"WhatsApp did not confirm the message in time - it may still arrive"}"#,
    );
    assert_eq!(since.elapsed(), Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn the_bounds_are_behind_those_of_the_core_and_before_the_patience_of_callers() {
    let (limits, policy) = (Limits::default(), session_core::Policy::default());
    assert!(limits.send_deadline > policy.send_timeout);
    assert!(limits.send_deadline < Duration::from_secs(60));
    let fresh_login_closes = Duration::from_secs(50);
    let core = fresh_login_closes + policy.place_timeout + policy.init_timeout;
    assert!(limits.init_deadline > core);
    assert!(limits.change_deadline > core);
    assert!(limits.requests < limits.connections);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_hangs_is_not_waited_for() {
    let setup = Setup::with(Options {
        control_room: true,
        limits: Limits {
            change_deadline: Duration::from_secs(2),
            ..Limits::default()
        },
        ..Options::default()
    })
    .await;
    setup.bring(5, StateName::Ready).await;
    let browser = setup.world.browser(id(5));
    browser.hangs.store(true, Ordering::SeqCst);
    let message = r#"{"id":5,"to":"5491155551234","text":"x"}"#;
    setup.control("send_message", message).await.is(
        504,
        r#"{"code":"TIMED_OUT","message":"This took too long and may still be under way - look at the state and try again","reason":null}"#,
    );
    browser.close_hangs.store(true, Ordering::SeqCst);
    let ended = setup.ask(bare(request("DELETE", "/session/5"))).await;
    ended.is(
        504,
        r#"{"error":true,"code":"TIMED_OUT","message":"This took too long and may still be under way - look at the state and try again"}"#,
    );
    let stopped = setup.ask(bare(post("/api/sessions/5/stop"))).await;
    stopped.is(
        504,
        r#"{"statusCode":504,"error":"Gateway Timeout","message":"This took too long and may still be under way - look at the state and try again","code":"TIMED_OUT"}"#,
    );
}

#[tokio::test(start_paused = true)]
async fn too_many_at_once_are_told_to_come_again_and_reads_go_on() {
    let setup = Setup::with(Options {
        control_room: true,
        limits: Limits {
            requests: 2,
            ..Limits::default()
        },
        ..Options::default()
    })
    .await;
    setup.bring(7, StateName::Ready).await;
    let browser = setup.world.browser(id(7));
    setup.world.plan(Plan::Hang);
    let (mut first, mut second) = (Box::pin(setup.init(1)), Box::pin(setup.init(2)));
    assert!(futures::poll!(&mut first).is_pending());
    assert!(futures::poll!(&mut second).is_pending());
    tokio::time::sleep(Duration::from_secs(1)).await;

    for refused in [
        setup.init(3).await,
        setup.send(7, MESSAGE).await,
        setup.ask(bare(request("DELETE", "/session/7"))).await,
    ] {
        refused.is(503, FULL);
        assert_eq!(refused.header("retry-after"), Some("1"));
    }
    let command = setup.control("stop", r#"{"id":7}"#).await;
    command.is(
        503,
        r#"{"code":"OVERLOADED","message":"Too many requests are being answered - try again in a second","reason":null}"#,
    );
    assert_eq!(command.header("retry-after"), Some("1"));
    let named_otherwise = setup.ask(bare(post("/api/sessions/7/stop"))).await;
    named_otherwise.is(
        503,
        r#"{"statusCode":503,"error":"Service Unavailable","message":"Too many requests are being answered - try again in a second","code":"OVERLOADED"}"#,
    );
    assert_eq!(named_otherwise.header("retry-after"), Some("1"));
    // Nothing came of any of them, and a start that was not begun does not count.
    assert!(setup.registry.snapshot(id(3)).is_none());
    assert!(browser.take_calls().is_empty());
    assert_eq!(setup.state(7), StateName::Ready);
    // A body is refused for what it is, room or not; and reads wait for nobody.
    let plain = with_json(post("/send"), MESSAGE);
    let (mut parts, body) = plain.into_parts();
    parts
        .headers
        .insert("Content-Type", "text/plain".parse().unwrap());
    let plain = axum::http::Request::from_parts(parts, body);
    assert_eq!(setup.ask(plain).await.status, 415);
    for path in [
        "/status",
        "/clients",
        "/health",
        "/metrics",
        "/qr",
        "/debug/calls",
    ] {
        assert_ne!(setup.get(path, 7).await.status, 503, "{path}");
    }
    let events = about(crate::support::get("/events"), 7);
    assert_eq!(setup.open(events).await.status(), 200);

    drop(first);
    assert_eq!(setup.send(7, MESSAGE).await.status, 200);
    let began = setup.init(8);
    drop(second);
    setup.world.plan(Plan::Code(crate::support::code("2@x")));
    let answer = began.await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("ratelimit-remaining"), Some("2"));
}
