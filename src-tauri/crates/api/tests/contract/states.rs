//! `/status`, `/qr` and `/qr-code` in every state.

use std::sync::atomic::Ordering;

use session_core::ports::DriverEvent;
use session_core::{Picture, Reason, StateName, draw};

use crate::support::{Answer, Plan, Setup, code, get, id};

const QR: &str = "<the picture>";

/// Every state with its whole `/status`. The picture stands in the place of QR.
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
        answer.is(200, &body);
        assert_eq!(
            answer.header("content-type"),
            Some("application/json; charset=utf-8")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_known_cliente_without_a_session_reads_like_an_unknown_one() {
    let setup = Setup::new().await;
    setup.bring(300, StateName::Ready).await;
    setup.registry.stop(id(300)).await.unwrap();
    setup.get("/status", 300).await.is(200, STATUS[0].1);
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
        setup.get("/status", 300).await.is(200, &expected);
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
    setup.get("/status", 300).await.is(
        200,
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
    assert!(status.body.ends_with(r#""qr_code_base64":null}"#));
}

/// Nothing that is only asked changes, creates or touches anything.
#[tokio::test(start_paused = true)]
async fn reading_is_only_reading() {
    let setup = Setup::new().await;
    setup.bring(300, StateName::Ready).await;
    let browser = setup.world.browser(id(300));
    let before = setup.registry.snapshot(id(300)).unwrap();
    let mut events = setup.registry.subscribe();
    for cliente in [300, 301] {
        for path in ["/health", "/status", "/qr", "/qr-code", "/clients"] {
            let _: Answer = setup.get(path, cliente).await;
        }
    }
    let stream = setup.open(crate::support::bare(get("/events"))).await;
    assert_eq!(stream.status(), 200);
    assert!(events.try_recv().is_err(), "an event");
    assert_eq!(setup.registry.snapshot(id(300)).unwrap(), before);
    assert_eq!(setup.registry.snapshots().len(), 1);
    assert_eq!(setup.world.launches.load(Ordering::SeqCst), 1);
    assert!(browser.take_calls().is_empty());
}

/// A session that is connected but degraded is READY, as documented; the control room says more.
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
    setup.get("/status", 300).await.is(200, STATUS[4].1);
}
