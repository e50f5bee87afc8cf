//! `/status`, `/qr` and `/qr-code` in every state.

use std::sync::atomic::Ordering;

use session_core::machine::BrowserPhase;
use session_core::ports::{DriverEvent, Usage};
use session_core::{Picture, Reason, StateName, draw};

use crate::support::{Answer, Plan, Setup, code, get, id};

const QR: &str = "<the picture>";

/// What follows the contract's fields where there is nothing to tell.
const NEUTRAL: &str = r#","degraded":null,"hibernated":false,"restart":null,"diagnostics":{"breaker":"closed","restarts":0,"browser_pid":null,"memory_bytes":null,"cpu_percent":null,"reason":null,"detail":null,"since":null}}"#;

/// The contract's part of an answer, and what follows it.
#[track_caller]
fn parts(answer: &Answer) -> (String, &str) {
    assert_eq!(answer.status, 200);
    let end = answer.body.find(r#","degraded":"#).unwrap();
    (format!("{}}}", &answer.body[..end]), &answer.body[end..])
}

#[track_caller]
fn is_by_contract(answer: &Answer, contract: &str) {
    assert_eq!(parts(answer).0, contract);
}

/// Every state with the whole of what the contract says of its `/status`. The picture stands in the place of QR.
const STATUS: [(StateName, &str); 10] = [
    (
        StateName::NotInitialized,
        r#"{"cliente_id":300,"connected":false,"state":"NOT_INITIALIZED","reconnection_attempts":0,"max_reconnection_attempts":3,"can_send_messages":false,"needs_qr":false,"is_recoverable":false,"recommended_action":"Not initialized - call POST /init","qr_code_base64":null,"error":"Client not initialized for this cliente_id"}"#,
    ),
    (
        StateName::Initializing,
        r#"{"cliente_id":300,"connected":false,"state":"INITIALIZING","reconnection_attempts":0,"max_reconnection_attempts":3,"can_send_messages":false,"needs_qr":false,"is_recoverable":true,"recommended_action":"Initializing for first time - wait","qr_code_base64":null}"#,
    ),
    (
        StateName::Reconnecting,
        r#"{"cliente_id":300,"connected":false,"state":"RECONNECTING","reconnection_attempts":0,"max_reconnection_attempts":3,"can_send_messages":false,"needs_qr":false,"is_recoverable":true,"recommended_action":"Recovering existing session - wait","qr_code_base64":null}"#,
    ),
    (
        StateName::QrRequired,
        r#"{"cliente_id":300,"connected":false,"state":"QR_REQUIRED","reconnection_attempts":0,"max_reconnection_attempts":3,"can_send_messages":false,"needs_qr":true,"is_recoverable":false,"recommended_action":"Scan QR code to authenticate","qr_code_base64":"<the picture>"}"#,
    ),
    (
        StateName::Ready,
        r#"{"cliente_id":300,"connected":true,"state":"READY","reconnection_attempts":0,"max_reconnection_attempts":3,"can_send_messages":true,"needs_qr":false,"is_recoverable":false,"recommended_action":"Session operational - can send messages","qr_code_base64":null}"#,
    ),
    (
        StateName::AuthFailure,
        r#"{"cliente_id":300,"connected":false,"state":"AUTH_FAILURE","reconnection_attempts":0,"max_reconnection_attempts":3,"can_send_messages":false,"needs_qr":true,"is_recoverable":false,"recommended_action":"Restart service and scan new QR","qr_code_base64":null}"#,
    ),
    (
        StateName::DisconnectedRecoverable,
        r#"{"cliente_id":300,"connected":false,"state":"DISCONNECTED_RECOVERABLE","reconnection_attempts":1,"max_reconnection_attempts":3,"can_send_messages":false,"needs_qr":false,"is_recoverable":true,"recommended_action":"Auto-reconnecting - wait","qr_code_base64":null}"#,
    ),
    (
        StateName::DisconnectedLogout,
        r#"{"cliente_id":300,"connected":false,"state":"DISCONNECTED_LOGOUT","reconnection_attempts":0,"max_reconnection_attempts":3,"can_send_messages":false,"needs_qr":true,"is_recoverable":false,"recommended_action":"User logged out - restart and scan QR","qr_code_base64":null}"#,
    ),
    (
        StateName::DisconnectedBanned,
        r#"{"cliente_id":300,"connected":false,"state":"DISCONNECTED_BANNED","reconnection_attempts":0,"max_reconnection_attempts":3,"can_send_messages":false,"needs_qr":false,"is_recoverable":false,"recommended_action":"Number banned - contact WhatsApp support","qr_code_base64":null}"#,
    ),
    (
        StateName::Error,
        r#"{"cliente_id":300,"connected":false,"state":"ERROR","reconnection_attempts":0,"max_reconnection_attempts":3,"can_send_messages":false,"needs_qr":false,"is_recoverable":false,"recommended_action":"Technical error - check logs","qr_code_base64":null}"#,
    ),
];

fn picture(setup: &Setup) -> String {
    match &setup.registry.snapshot(id(300)).unwrap().picture {
        Picture::Drawn(image) => image.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn the_status_of_every_state() {
    assert_eq!(STATUS.map(|(state, _)| state), StateName::ALL);
    for (state, body) in STATUS {
        let setup = Setup::new().await;
        setup.bring(300, state).await;
        let body = if state == StateName::QrRequired {
            body.replace(QR, &picture(&setup))
        } else {
            body.to_owned()
        };
        let answer = setup.get("/status", 300).await;
        is_by_contract(&answer, &body);
        assert_eq!(
            answer.header("content-type"),
            Some("application/json; charset=utf-8")
        );
        assert_eq!(
            parts(&answer).1 == NEUTRAL,
            state == StateName::NotInitialized
        );
    }
}

/// What was added, each with a value.
#[tokio::test(start_paused = true)]
async fn the_status_says_more_than_the_contract_asks_for() {
    let setup = Setup::new().await;
    *setup.world.usage.lock().unwrap() = Some(Usage {
        memory: 209_715_200,
        cpu: 12.5,
    });
    setup.bring(300, StateName::Ready).await;
    setup.until(300, |snapshot| snapshot.usage.is_some()).await;
    assert_eq!(
        parts(&setup.get("/status", 300).await).1,
        r#","degraded":null,"hibernated":false,"restart":null,"diagnostics":{"breaker":"closed","restarts":0,"browser_pid":4242,"memory_bytes":209715200,"cpu_percent":12.5,"reason":"CONNECTED","detail":null,"since":1000000}}"#
    );

    setup.open_breaker(300).await;
    let status = setup.status(300).await;
    assert_eq!(status["state"], "READY");
    assert_eq!(status["degraded"], "CALLS_FAILING");
    assert_eq!(status["diagnostics"]["breaker"], "open");

    // The browser dies, and is to be started again.
    setup.world.tell(id(300), DriverEvent::BrowserExited).await;
    setup
        .until(300, |snapshot| snapshot.state() == StateName::Error)
        .await;
    let status = setup.status(300).await;
    let at = status["restart"]["at"].as_u64().unwrap();
    let since = status["diagnostics"]["since"].as_u64().unwrap();
    assert!((800..=1200).contains(&(at - since)), "{status}");
    assert_eq!(status["restart"]["attempt"], 1);
    assert_eq!(status["restart"]["last"], 3);
    assert_eq!(status["diagnostics"]["reason"], "BROWSER_DIED");
    assert_eq!(status["recommended_action"], "Technical error - check logs");
    setup
        .until(300, |snapshot| {
            snapshot.state() == StateName::Ready && snapshot.restarts == 1
        })
        .await;
    let status = setup.status(300).await;
    assert_eq!(status["restart"], serde_json::Value::Null);
    assert_eq!(status["diagnostics"]["restarts"], 1);
    assert_eq!(status["diagnostics"]["breaker"], "closed");
}

/// It reads as the contract has it for the state, and the advice is right: a start wakes it.
#[tokio::test(start_paused = true)]
async fn a_session_that_sleeps_is_not_initialized() {
    let setup = Setup::new().await;
    setup.bring(300, StateName::Ready).await;
    setup.registry.hibernate(id(300)).await.unwrap();
    let answer = setup.get("/status", 300).await;
    is_by_contract(&answer, STATUS[0].1);
    assert_eq!(
        parts(&answer).1,
        r#","degraded":null,"hibernated":true,"restart":null,"diagnostics":{"breaker":"closed","restarts":0,"browser_pid":null,"memory_bytes":null,"cpu_percent":null,"reason":"HIBERNATED","detail":null,"since":1000000}}"#
    );
}

#[tokio::test(start_paused = true)]
async fn a_known_cliente_without_a_session_reads_like_an_unknown_one() {
    let setup = Setup::new().await;
    setup.bring(300, StateName::Ready).await;
    setup.registry.stop(id(300)).await.unwrap();
    is_by_contract(&setup.get("/status", 300).await, STATUS[0].1);
}

#[tokio::test(start_paused = true)]
async fn the_retries_are_counted() {
    let setup = Setup::new().await;
    setup.bring(300, StateName::DisconnectedRecoverable).await;
    for attempt in 2..=3_u8 {
        setup
            .until(300, |snapshot| snapshot.session.state.attempts() == attempt)
            .await;
        let expected = STATUS[6].1.replace(
            r#""reconnection_attempts":1"#,
            &format!(r#""reconnection_attempts":{attempt}"#),
        );
        is_by_contract(&setup.get("/status", 300).await, &expected);
    }
}

#[tokio::test(start_paused = true)]
async fn the_qr_is_the_png_of_the_code() {
    let setup = Setup::new().await;
    setup.world.plan(Plan::Code(code("2@first")));
    setup.init(300).await;
    let drawn = draw(&code("2@first")).unwrap();
    assert!(drawn.starts_with("data:image/png;base64,iVBORw0KGgo"));
    assert!(
        setup
            .get("/status", 300)
            .await
            .body
            .contains(&format!(r#""qr_code_base64":"{drawn}""#))
    );

    // It rotates, and all routes show the new one.
    setup
        .world
        .tell(id(300), DriverEvent::Code(code("2@second")))
        .await;
    let next = draw(&code("2@second")).unwrap();
    setup
        .until(300, |snapshot| {
            snapshot.picture == Picture::Drawn(next.clone())
        })
        .await;
    assert_ne!(drawn, next);
    assert!(setup.get("/status", 300).await.body.contains(&*next));
    setup
        .get("/qr-code", 300)
        .await
        .is(200, &format!(r#"{{"qr":"{next}"}}"#));
    setup.get("/qr", 300).await.is(
        200,
        &format!(r#"{{"state":"QR_REQUIRED","expires_in":20,"qr":"{next}"}}"#),
    );
}

#[tokio::test(start_paused = true)]
async fn a_qr_that_cannot_be_drawn_is_said_everywhere() {
    let setup = Setup::new().await;
    // More than the largest QR holds.
    setup.world.plan(Plan::Code(code(&"x".repeat(5000))));
    setup.init(300).await;
    is_by_contract(
        &setup.get("/status", 300).await,
        r#"{"cliente_id":300,"connected":false,"state":"QR_REQUIRED","reconnection_attempts":0,"max_reconnection_attempts":3,"can_send_messages":false,"needs_qr":true,"is_recoverable":false,"recommended_action":"Scan QR code to authenticate","qr_code_base64":null,"qr_error":"Failed to generate QR image"}"#,
    );
    let failed = r#"{"error":"INTERNAL_ERROR","message":"Failed to generate QR image"}"#;
    setup.get("/qr", 300).await.is(500, failed);
    setup.get("/qr-code", 300).await.is(500, failed);
}

#[tokio::test(start_paused = true)]
async fn the_qr_counts_down() {
    let setup = Setup::new().await;
    setup.bring(300, StateName::QrRequired).await;
    let left = async || {
        let answer = setup.get("/qr", 300).await;
        let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        body["expires_in"].clone()
    };
    assert_eq!(left().await, 60);
    tokio::time::advance(std::time::Duration::from_millis(20_500)).await;
    assert_eq!(left().await, 39);
    // WhatsApp is late: never less than nothing.
    tokio::time::advance(std::time::Duration::from_secs(500)).await;
    assert_eq!(left().await, 0);
}

#[tokio::test(start_paused = true)]
async fn without_a_qr_both_routes_say_why() {
    for (state, _) in STATUS {
        if state == StateName::QrRequired {
            continue;
        }
        let setup = Setup::new().await;
        setup.bring(300, state).await;
        let name = state.as_str();
        setup.get("/qr-code", 300).await.is(
            409,
            &format!(
                r#"{{"error":"QR_NOT_REQUIRED","message":"QR code not required in the current state","current_state":"{name}"}}"#
            ),
        );
        let can_send = state == StateName::Ready;
        setup.get("/qr", 300).await.is(
            409,
            &format!(
                r#"{{"error":"QR not available","state":"{name}","can_send_messages":{can_send}}}"#
            ),
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_qr_that_is_not_there_yet_is_not_found() {
    let setup = Setup::new().await;
    setup.bring(300, StateName::QrRequired).await;
    // The phone took it: nothing to scan while the device is being linked.
    setup.world.tell(id(300), DriverEvent::CodeTaken).await;
    setup
        .until(300, |snapshot| snapshot.picture == Picture::None)
        .await;
    setup.get("/qr-code", 300).await.is(
        404,
        r#"{"error":"QR_NOT_AVAILABLE","message":"QR code not available yet - try again in a few seconds"}"#,
    );
    setup.get("/qr", 300).await.is(
        409,
        r#"{"error":"QR not available","state":"QR_REQUIRED","can_send_messages":false}"#,
    );
    let status = setup.get("/status", 300).await;
    assert!(parts(&status).0.ends_with(r#""qr_code_base64":null}"#));
}

/// Nothing that is only asked changes, creates or touches anything.
#[tokio::test(start_paused = true)]
async fn reading_is_only_reading() {
    let setup = Setup::new().await;
    // One runs, one sleeps, one is to be started again, and one is unknown.
    for cliente in [300, 301, 302] {
        setup.bring(cliente, StateName::Ready).await;
    }
    setup.registry.hibernate(id(301)).await.unwrap();
    setup.world.tell(id(302), DriverEvent::BrowserExited).await;
    setup
        .until(302, |snapshot| {
            snapshot.state() == StateName::Error && snapshot.session.browser == BrowserPhase::None
        })
        .await;
    let browsers = [300, 301, 302].map(|cliente| setup.world.browser(id(cliente)));
    for browser in &browsers {
        browser.take_calls();
    }
    let before = setup.registry.snapshots();
    let mut events = setup.registry.subscribe();
    for cliente in [300, 301, 302, 303] {
        for path in [
            "/health", "/status", "/qr", "/qr-code", "/clients", "/metrics",
        ] {
            let _: Answer = setup.get(path, cliente).await;
        }
    }
    let stream = setup.open(crate::support::bare(get("/events"))).await;
    assert_eq!(stream.status(), 200);
    assert!(events.try_recv().is_err(), "an event");
    assert_eq!(setup.registry.snapshots(), before);
    assert_eq!(setup.world.launches.load(Ordering::SeqCst), 3);
    for browser in &browsers {
        assert!(browser.take_calls().is_empty());
    }
}

/// A session that is connected but degraded is READY, as documented; what follows says more.
#[tokio::test(start_paused = true)]
async fn a_short_loss_is_not_seen() {
    let setup = Setup::new().await;
    setup.bring(300, StateName::Ready).await;
    setup
        .world
        .tell(id(300), DriverEvent::SocketLost(Reason::NetworkLost))
        .await;
    setup
        .until(300, |snapshot| snapshot.degraded().is_some())
        .await;
    let answer = setup.get("/status", 300).await;
    is_by_contract(&answer, STATUS[4].1);
    assert!(
        parts(&answer)
            .1
            .starts_with(r#","degraded":"NETWORK_LOST","hibernated":false,"#)
    );
}

/// However many ask, nobody asks the browser, and the picture is the one that was drawn when the code came.
#[tokio::test(start_paused = true)]
async fn ten_thousand_looks_at_a_code_never_reach_the_browser() {
    let setup = Setup::new().await;
    setup.bring(300, StateName::QrRequired).await;
    let browser = setup.world.browser(id(300));
    let drawn = setup.registry.snapshot(id(300)).unwrap();
    let looks = (0..10_000).map(|_| setup.get("/status", 300));
    let answers = futures::future::join_all(looks).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let first = &answers[0].body;
    assert!(first.contains("data:image/png;base64,"));
    assert!(answers.iter().all(|answer| answer.body == *first));
    assert!(browser.take_calls().is_empty());
    let (Picture::Drawn(before), Picture::Drawn(after)) = (
        &drawn.picture,
        &setup.registry.snapshot(id(300)).unwrap().picture,
    ) else {
        panic!("no picture");
    };
    assert!(std::sync::Arc::ptr_eq(before, after), "it was drawn anew");
}
