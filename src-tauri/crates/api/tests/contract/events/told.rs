//! What is told, by name.

use std::time::Duration;

use serde_json::{Value, json};
use session_core::ports::DriverEvent;
use session_core::{Reason, StateName};
use tokio::time::sleep;

use super::{Stream, Told, later};
use crate::support::{Setup, account, code, id};

#[tokio::test(start_paused = true)]
async fn a_link_is_told_step_by_step() {
    let setup = Setup::new().await;
    let mut stream = Stream::open(&setup, "/events").await;
    assert_eq!(
        stream.raw().await.unwrap(),
        "event: snapshot\nid: 1000000-0\nretry: 2000\ndata: {\"clientes\":[],\"resources\":{\"disk\":\"ok\",\"disk_free_bytes\":null,\"browsers_fit\":null,\"browsers_limit\":50,\"browsers_running\":0,\"browsers_waiting\":0}}\n\n"
    );
    setup.bring(7, StateName::QrRequired).await;
    let mut told = Vec::new();
    while told.last().is_none_or(|last: &Told| last.name != "qr") {
        told.push(stream.next().await);
    }
    let states: Vec<_> = told.iter().filter(|told| told.name == "state").collect();
    let session = |state: &str, previous: Value, reason: Value, step: Value| {
        json!({
            "cliente_id": 7, "state": state, "previous_state": previous, "reason": reason, "since": 1_000_000,
            "connected": false, "can_send_messages": false, "needs_qr": state == "QR_REQUIRED",
            "is_recoverable": state == "INITIALIZING", "hibernated": false, "login_step": step,
            "reconnection_attempts": 0, "restart": null,
        })
    };
    let expected = [
        session("NOT_INITIALIZED", Value::Null, Value::Null, Value::Null),
        session(
            "INITIALIZING",
            json!("NOT_INITIALIZED"),
            json!("START_REQUESTED"),
            Value::Null,
        ),
        session(
            "QR_REQUIRED",
            json!("INITIALIZING"),
            json!("LOGIN_NEEDED"),
            json!("code"),
        ),
    ];
    assert_eq!(
        states.iter().map(|told| &told.data).collect::<Vec<_>>(),
        expected.iter().collect::<Vec<_>>()
    );
    let answer: Value = serde_json::from_str(&setup.get("/status", 7).await.body).unwrap();
    assert_eq!(
        told.last().unwrap().data,
        json!({"cliente_id": 7, "qr": answer["qr_code_base64"], "issued_at": 1_000_000, "expires_at": 1_060_000})
    );
    let numbers: Vec<u64> = told
        .iter()
        .map(|told| told.id.strip_prefix("1000000-").unwrap().parse().unwrap())
        .collect();
    assert!(numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");

    // The next code is that and nothing else.
    setup.world.tell(id(7), later(2)).await;
    let next = stream.next().await;
    assert_eq!(next.name, "qr");
    assert_eq!(next.data["expires_at"], 1_020_000);
    assert_ne!(next.data["qr"], answer["qr_code_base64"]);

    setup
        .world
        .tell(id(7), DriverEvent::Connected(account()))
        .await;
    let state = stream.next().await;
    assert_eq!(
        (&state.data["state"], &state.data["previous_state"]),
        (&json!("READY"), &json!("QR_REQUIRED"))
    );
    let ready = stream.next().await;
    assert_eq!(ready.name, "ready");
    assert_eq!(
        ready.data,
        json!({"cliente_id": 7, "account": {"number": "5491155551234", "name": "Ana"}})
    );
}

#[tokio::test(start_paused = true)]
async fn how_far_a_start_is_is_told() {
    let setup = Setup::new().await;
    let mut stream = Stream::open(&setup, "/events?cliente_id=8").await;
    stream.snapshot().await;
    setup.bring(8, StateName::Initializing).await;
    let progress = stream.until("progress").await;
    assert_eq!(
        progress.data,
        json!({"cliente_id": 8, "stage": "launching", "percent": null})
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_told_and_when_it_is_over() {
    let setup = Setup::new().await;
    setup.bring(3, StateName::Ready).await;
    let mut stream = Stream::open(&setup, "/events").await;
    stream.snapshot().await;

    let lost = DriverEvent::SocketLost(Reason::NetworkLost);
    setup.world.tell(id(3), lost).await;
    let degraded = stream.until("degraded").await;
    assert_eq!(
        degraded.data,
        json!({"cliente_id": 3, "reason": "NETWORK_LOST"})
    );
    let back = DriverEvent::Connected(account());
    setup.world.tell(id(3), back).await;
    let well = stream.until("degraded").await;
    assert_eq!(well.data, json!({"cliente_id": 3, "reason": null}));

    sleep(Duration::from_secs(61)).await;
    setup.registry.hibernate(id(3)).await.unwrap();
    let state = loop {
        let told = stream.raw().await.unwrap();
        // What the waiting was filled with.
        if told.starts_with("event: state") {
            break told;
        }
    };
    assert!(state.contains(r#""hibernated":true"#), "{state}");
    assert!(state.contains(r#""reason":"HIBERNATED""#), "{state}");
    let asleep = stream.next().await;
    assert_eq!(
        (asleep.name.as_str(), asleep.data),
        ("hibernated", json!({"cliente_id": 3}))
    );

    setup.registry.destroy(id(3), true).await.unwrap();
    let removed = stream.until("removed").await;
    assert_eq!(removed.data, json!({"cliente_id": 3}));
    assert_eq!(
        Stream::open(&setup, "/events").await.snapshot().await["clientes"],
        json!([])
    );
}

#[tokio::test(start_paused = true)]
async fn what_the_machine_has_left_is_told() {
    let setup = Setup::new().await;
    let mut all = Stream::open(&setup, "/events").await;
    let mut one = Stream::open(&setup, "/events?cliente_id=3").await;
    all.snapshot().await;
    assert_eq!(one.snapshot().await, json!({"clientes": []}));
    *setup.world.disk.lock().unwrap() = Some(800 * 1024 * 1024);
    let told = all.next().await;
    assert_eq!(told.name, "resources");
    assert_eq!(told.data["disk"], "low");
    assert_eq!(
        told.data,
        Stream::open(&setup, "/events").await.snapshot().await["resources"]
    );
    assert_eq!(one.raw().await.unwrap(), ":\n\n");
}

/// A code that could not be drawn is said to be there, by the words of `/status`.
#[tokio::test(start_paused = true)]
async fn a_code_that_cannot_be_drawn_is_told_as_such() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::QrRequired).await;
    let mut stream = Stream::open(&setup, "/events").await;
    stream.snapshot().await;
    let endless = DriverEvent::Code(code(&"x".repeat(5000)));
    setup.world.tell(id(7), endless).await;
    let qr = stream.next().await;
    assert_eq!(qr.name, "qr");
    assert_eq!(qr.data["qr"], Value::Null);
    assert_eq!(qr.data["qr_error"], "Failed to generate QR image");
}
