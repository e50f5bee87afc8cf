//! `POST /init`.

use std::sync::atomic::Ordering;

use axum::body::Body;
use session_core::ports::DriverEvent;
use session_core::{Reason, StateName};

use crate::support::{Plan, Setup, about, account, id, post, with_json};

#[tokio::test(start_paused = true)]
async fn a_first_start_ends_at_a_qr() {
    let setup = Setup::new().await;
    setup.init(99).await.is(
        200,
        r#"{"success":true,"message":"WhatsApp client initialization started","cliente_id":99,"status":{"cliente_id":99,"connected":false,"state":"QR_REQUIRED","reconnection_attempts":0,"max_reconnection_attempts":3},"action":"INITIALIZING","next_steps":"Monitor /status endpoint for QR code or READY state"}"#,
    );
    assert_eq!(setup.world.launches.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_start_with_a_saved_login_ends_connected() {
    let setup = Setup::new().await;
    setup.world.set_login(id(99), true);
    setup
        .world
        .plan(Plan::Tell(DriverEvent::Connected(account())));
    setup.init(99).await.is(
        200,
        r#"{"success":true,"message":"WhatsApp client initialization started","cliente_id":99,"status":{"cliente_id":99,"connected":true,"state":"READY","reconnection_attempts":0,"max_reconnection_attempts":3},"action":"INITIALIZING","next_steps":"Monitor /status endpoint for QR code or READY state"}"#,
    );
}

#[tokio::test(start_paused = true)]
async fn a_session_that_runs_is_left_alone() {
    for (state, connected, attempts) in [
        (StateName::QrRequired, false, 0),
        (StateName::Ready, true, 0),
        (StateName::DisconnectedRecoverable, false, 1),
    ] {
        let setup = Setup::new().await;
        setup.bring(99, state).await;
        let name = state.as_str();
        setup.init(99).await.is(
            200,
            &format!(
                r#"{{"success":true,"message":"Client already initialized","cliente_id":99,"status":{{"cliente_id":99,"connected":{connected},"state":"{name}","reconnection_attempts":{attempts},"max_reconnection_attempts":3}},"action":"NO_ACTION_NEEDED"}}"#
            ),
        );
        assert_eq!(setup.world.launches.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_start_of_the_same_cliente_is_refused() {
    for state in [StateName::Initializing, StateName::Reconnecting] {
        let setup = Setup::new().await;
        setup.bring(99, state).await;
        setup.init(99).await.is(
            409,
            r#"{"error":true,"code":"INITIALIZATION_IN_PROGRESS","message":"Client initialization already in progress","cliente_id":99,"retry_after_seconds":5}"#,
        );
    }
}

#[tokio::test(start_paused = true)]
async fn of_many_starts_at_once_one_launches() {
    let setup = Setup::without_limits().await;
    let answers = futures::future::join_all((0..20).map(|_| setup.init(99))).await;
    let begun = answers.iter().filter(|answer| {
        answer.status == 200 && answer.body.contains(r#""action":"INITIALIZING""#)
    });
    assert_eq!(begun.count(), 1);
    for answer in &answers {
        assert!(answer.status == 200 || answer.status == 409, "{answer:?}");
    }
    assert_eq!(setup.world.launches.load(Ordering::SeqCst), 1);
}

/// The states that v2.0 could not leave: a start begins anew and answers as a first one does.
#[tokio::test(start_paused = true)]
async fn a_failed_session_starts_anew() {
    for state in [
        StateName::Error,
        StateName::DisconnectedLogout,
        StateName::DisconnectedBanned,
        StateName::AuthFailure,
    ] {
        let setup = Setup::new().await;
        setup.bring(99, state).await;
        setup
            .world
            .plan(Plan::Tell(DriverEvent::Connected(account())));
        let answer = setup.init(99).await;
        assert_eq!(answer.status, 200, "{state:?}: {}", answer.body);
        assert!(
            answer.body.contains(r#""action":"INITIALIZING""#),
            "{state:?}"
        );
        assert!(answer.body.contains(r#""state":"READY""#), "{state:?}");
        // The cleanup that was due is off.
        tokio::time::sleep(std::time::Duration::from_secs(300)).await;
        assert_eq!(setup.state(99), StateName::Ready, "{state:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_that_fails_says_what_to_do() {
    let table = [
        (
            Reason::BrowserNotFound,
            "No browser found - install Chromium, Google Chrome, Microsoft Edge or Brave, or name one with --browser",
        ),
        (
            Reason::SandboxUnavailable,
            "The browser cannot start with its sandbox on this machine - do not run as root and allow user namespaces, or start Session Manager with --no-sandbox",
        ),
        (
            Reason::ProfileInUse,
            "Another browser is using this cliente's profile - close it and call POST /init again",
        ),
        (
            Reason::LaunchFailed,
            "The browser did not start - update or reinstall it, and look into the log for its own words",
        ),
    ];
    for (reason, message) in table {
        let setup = Setup::new().await;
        setup.world.plan(Plan::Fail(reason));
        let code = reason.code();
        let expected = format!(
            r#"{{"error":true,"code":"INITIALIZATION_FAILED","message":"{message}","cliente_id":99,"retry":true,"reason":"{code}","detail":"exit code 21"}}"#
        );
        setup.init(99).await.is(500, &expected);
        assert_eq!(setup.state(99), StateName::Error);
        // And the next one is allowed.
        setup.init(99).await.is(500, &expected);
        assert_eq!(setup.world.launches.load(Ordering::SeqCst), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_that_hangs_times_out() {
    let setup = Setup::new().await;
    setup.world.plan(Plan::Hang);
    let began = tokio::time::Instant::now();
    setup.init(99).await.is(
        500,
        r#"{"error":true,"code":"INITIALIZATION_FAILED","message":"WhatsApp Web did not come up in time - check the network connection and call POST /init again","cliente_id":99,"retry":true,"reason":"INIT_TIMEOUT"}"#,
    );
    assert_eq!(began.elapsed().as_secs(), 30);
    assert_eq!(setup.state(99), StateName::Error);
}

#[tokio::test(start_paused = true)]
async fn a_refused_login_is_a_failed_start() {
    let setup = Setup::new().await;
    setup.world.set_login(id(99), true);
    setup.world.plan(Plan::Tell(DriverEvent::LoginRefused));
    let answer = setup.init(99).await;
    assert_eq!(answer.status, 500);
    assert!(
        answer
            .body
            .ends_with(r#""retry":true,"reason":"LOGIN_REFUSED"}"#)
    );
    assert_eq!(setup.state(99), StateName::AuthFailure);
}

#[tokio::test(start_paused = true)]
async fn a_start_that_is_stopped_or_comes_too_late() {
    let setup = Setup::new().await;
    setup.world.plan(Plan::Hang);
    let (answer, ()) = futures::future::join(setup.init(99), async {
        setup
            .until(99, |snapshot| snapshot.state() == StateName::Initializing)
            .await;
        setup.registry.stop(id(99)).await.unwrap();
    })
    .await;
    answer.is(
        500,
        r#"{"error":true,"code":"INITIALIZATION_FAILED","message":"The session was stopped before it was up - call POST /init to try again","cliente_id":99,"retry":true}"#,
    );

    setup.registry.shutdown().await;
    setup.init(99).await.is(
        503,
        r#"{"error":true,"code":"SHUTTING_DOWN","message":"Session Manager is shutting down","cliente_id":99}"#,
    );
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_hangs_up_does_not_call_the_launch_off() {
    let setup = Setup::new().await;
    setup.world.plan(Plan::Hang);
    {
        let mut call = std::pin::pin!(setup.init(99));
        tokio::select! {
            biased;
            answer = call.as_mut() => panic!("answered: {answer:?}"),
            () = setup.until(99, |snapshot| snapshot.state() == StateName::Initializing) => {}
        }
    }
    // Still under way, as another caller sees.
    tokio::task::yield_now().await;
    assert_eq!(setup.init(99).await.status, 409);
}

#[tokio::test(start_paused = true)]
async fn the_body_says_nothing() {
    for body in ["", "{}", r#"{"cliente_id":5}"#, "{not json", "[]"] {
        let setup = Setup::new().await;
        let request = post("/init").header("X-Cliente-Id", 99);
        let answer = setup.ask(with_json(request, body)).await;
        assert_eq!(answer.status, 200, "{body:?}");
        assert_eq!(setup.state(5), StateName::NotInitialized);
    }
    // As existing programs send it: no body and no type.
    let setup = Setup::new().await;
    let request = about(post("/init").header("Content-Length", "0"), 99);
    assert_eq!(setup.ask(request).await.status, 200);
    // A stream without an end mark that turns out to be empty.
    let setup = Setup::new().await;
    let empty = Body::from_stream(futures::stream::iter([Ok::<_, std::io::Error>("")]));
    let request = post("/init")
        .header("X-Cliente-Id", 99)
        .body(empty)
        .unwrap();
    assert_eq!(setup.ask(request).await.status, 200);
}
