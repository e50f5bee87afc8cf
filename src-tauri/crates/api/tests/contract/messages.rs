//! Messages that are sent for sure: idempotency keys, `?wait=false`, what is known of them.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use session_api::Options;
use session_core::ports::{CallError, DriverEvent};
use session_core::{Ack, MessageId, StateName};
use tokio::time::Instant;

use crate::support::{Answer, Setup, bare, get, id, post, request, with_json};

const BODY: &str = r#"{"to":"5491155551234","message":"hola"}"#;
const OTHER: &str = r#"{"to":"5491155551234","message":"adios"}"#;
const NUMBER: &str = "5491155551234";

fn asked(query: &str, key: Option<&str>, body: &str) -> Request<Body> {
    let request = post(&format!("/send{query}")).header("X-Cliente-Id", 7);
    let request = match key {
        Some(key) => request.header("Idempotency-Key", key),
        None => request,
    };
    with_json(request, body)
}

fn read(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}

impl Setup {
    async fn sure(&self, query: &str, key: Option<&str>, body: &str) -> Answer {
        self.ask(asked(query, key, body)).await
    }

    /// Asks until a message is this.
    async fn becomes(&self, key: &str, status: &str) -> Value {
        let mut changes = self.outbox.subscribe();
        loop {
            let view = self.json(&format!("/messages/{key}")).await;
            if view["status"] == status {
                return view;
            }
            changes.recv().await.unwrap();
        }
    }
}

fn key_of(answer: &Answer) -> String {
    read(answer)["id"].as_str().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn the_same_request_again_gives_the_same_answer_and_sends_once() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::Ready).await;
    let first = setup.sure("", Some("order-1"), BODY).await;
    let key = key_of(&first);
    first.is(
        200,
        &format!(r#"{{"ok":true,"message_id":"true_{NUMBER}@c.us_3EB0C0FFEE","id":"{key}"}}"#),
    );
    for body in [
        BODY,
        r#"{"message":"hola","to":"+54 9 11 5555-1234","priority":1}"#,
    ] {
        setup
            .sure("", Some("order-1"), body)
            .await
            .is(200, &first.body);
    }
    setup.sure("", Some("order-1"), OTHER).await.is(
        422,
        r#"{"error":true,"code":"IDEMPOTENCY_KEY_REUSED","message":"This Idempotency-Key came with another message before - use a new one for each message"}"#,
    );
    let browser = setup.world.browser(id(7));
    assert_eq!(browser.take_calls(), [format!("send {NUMBER}@c.us hola")]);
    // After a restart too.
    setup.outbox.shutdown().await;
    let again = Setup::over(setup.world.clone(), Options::default()).await;
    again
        .sure("", Some("order-1"), BODY)
        .await
        .is(200, &first.body);
    assert_eq!(again.sure("", Some("order-1"), OTHER).await.status, 422);
    // Another key sends anew, whatever it says.
    setup.bring(8, StateName::Ready).await;
    let other = with_json(
        post("/send")
            .header("X-Cliente-Id", 8)
            .header("Idempotency-Key", "order-1"),
        OTHER,
    );
    assert_eq!(
        Setup::ask(&again, other).await.status,
        409,
        "it does not run there"
    );
}

#[tokio::test(start_paused = true)]
async fn a_key_is_used_up_by_nothing_but_a_message() {
    let setup = Setup::new().await;
    for body in ["{", r#"{"to":"x","message":"y"}"#] {
        assert_eq!(setup.sure("", Some("a"), body).await.status, 400);
    }
    setup.sure("", Some("a"), BODY).await.is(
        409,
        r#"{"error":true,"code":"SESSION_NOT_READY","message":"WhatsApp session not ready. Current state: NOT_INITIALIZED"}"#,
    );
    setup.bring(7, StateName::QrRequired).await;
    assert_eq!(setup.sure("", Some("a"), BODY).await.status, 409);
    assert!(setup.world.messages.statuses().is_empty());
    setup
        .world
        .tell(id(7), DriverEvent::Connected(crate::support::account()))
        .await;
    setup
        .until(7, |snapshot| snapshot.state() == StateName::Ready)
        .await;
    assert_eq!(setup.sure("", Some("a"), OTHER).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_asked_for_is_refused() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::Ready).await;
    for (query, key) in [
        ("?wait=no", None),
        ("?wait=false&wait=true", None),
        ("?ttl=60", None),
        ("?wait=false&ttl=0", None),
        ("?wait=false&ttl=604801", None),
        ("", Some("")),
        ("", Some("a b")),
        ("", Some(&*"x".repeat(256))),
    ] {
        let answer = setup.sure(query, key, BODY).await;
        assert_eq!(answer.status, 400, "{query} {key:?}");
        assert_eq!(read(&answer)["code"], "INVALID_REQUEST");
    }
    assert!(setup.world.browser(id(7)).take_calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_refused_for_good_is_refused_again_without_being_tried() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::Ready).await;
    let browser = setup.world.browser(id(7));
    let refused = CallError::Refused("NUMBER_NOT_ON_WHATSAPP".into());
    *browser.failure.lock().unwrap() = Some(refused);
    let first = setup.sure("", Some("a"), BODY).await;
    assert_eq!(first.status, 500);
    assert_eq!(
        read(&first),
        json!({
            "error": true,
            "code": "SEND_FAILED",
            "message": "WhatsApp refused: NUMBER_NOT_ON_WHATSAPP",
            "id": key_of(&first),
            "reason": "NUMBER_NOT_ON_WHATSAPP",
        })
    );
    *browser.failure.lock().unwrap() = None;
    setup.sure("", Some("a"), BODY).await.is(500, &first.body);
    assert_eq!(browser.take_calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_not_decided_in_time_stays_and_is_answered_for_later() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::Ready).await;
    let browser = setup.world.browser(id(7));
    *browser.failure.lock().unwrap() = Some(CallError::Refused("ERROR_NETWORK".into()));
    let began = Instant::now();
    let answer = setup.sure("", Some("a"), BODY).await;
    assert!(began.elapsed() < Duration::from_secs(60));
    let key = key_of(&answer);
    answer.is(
        202,
        &format!(r#"{{"ok":true,"id":"{key}","status":"queued"}}"#),
    );
    let view = setup.json(&format!("/messages/{key}")).await;
    assert_eq!(view["error"]["code"], "ERROR_NETWORK");
    *browser.failure.lock().unwrap() = None;
    let answer = setup.sure("", Some("a"), BODY).await;
    assert_eq!((answer.status, key_of(&answer)), (200, key));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_nobody_waits_for_is_taken_at_once_and_goes_out_later() {
    let setup = Setup::new().await;
    let unknown = setup.sure("?wait=false", None, BODY).await;
    assert_eq!(unknown.status, 409, "nobody knows this cliente");
    setup.bring(7, StateName::QrRequired).await;
    let began = Instant::now();
    let answer = setup.sure("?wait=false", None, BODY).await;
    assert_eq!(began.elapsed(), Duration::ZERO);
    let key = key_of(&answer);
    answer.is(
        202,
        &format!(r#"{{"ok":true,"id":"{key}","status":"queued"}}"#),
    );
    assert_eq!(
        setup.json(&format!("/messages/{key}")).await,
        json!({
            "id": key,
            "cliente_id": 7,
            "status": "queued",
            "kind": "text",
            "message_id": null,
            "to": "5491****34@c.us",
            "attempts": 0,
            "error": null,
            "created_at": 1_000_000,
            "updated_at": 1_000_000,
            "expires_at": 1_000_000 + 24 * 3_600_000,
            "can_retry": false,
        })
    );
    setup
        .world
        .tell(id(7), DriverEvent::Connected(crate::support::account()))
        .await;
    let sent = setup.becomes(&key, "sent").await;
    assert_eq!(sent["message_id"], format!("true_{NUMBER}@c.us_3EB0C0FFEE"));
    assert_eq!(sent["attempts"], 1);
    let acknowledged = MessageId::new(format!("true_{NUMBER}@c.us_{key}"));
    setup
        .world
        .tell(id(7), DriverEvent::Acknowledged(acknowledged, Ack::Device))
        .await;
    setup.becomes(&key, "device_ack").await;
    let again = setup.sure("?wait=false&ttl=60", Some("b"), BODY).await;
    let same = setup.sure("?wait=false&ttl=60", Some("b"), BODY).await;
    assert_eq!((again.status, same.status), (202, 202));
    assert_eq!(key_of(&again), key_of(&same));
}

#[tokio::test(start_paused = true)]
async fn a_message_expires_when_its_caller_says() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::QrRequired).await;
    let key = key_of(&setup.sure("?wait=false&ttl=60", None, BODY).await);
    let failed = setup.becomes(&key, "failed").await;
    assert_eq!(failed["error"]["code"], "EXPIRED");
    assert_eq!(failed["can_retry"], true);
    let retried = setup
        .ask(bare(post(&format!("/messages/{key}/retry"))))
        .await;
    assert_eq!(
        (retried.status, &read(&retried)["status"]),
        (200, &json!("queued"))
    );
}

#[tokio::test(start_paused = true)]
async fn messages_are_listed_and_can_be_taken_back() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::QrRequired).await;
    let mut keys = Vec::new();
    for _ in 0..3 {
        keys.push(key_of(&setup.sure("?wait=false", None, BODY).await));
    }
    let cancel = async |key: &str| {
        let path = format!("/messages/{key}");
        setup.ask(bare(request("DELETE", &path))).await
    };
    let cancelled = cancel(&keys[1]).await;
    assert_eq!(cancelled.status, 200, "{}", cancelled.body);
    assert_eq!(read(&cancelled)["error"]["code"], "CANCELLED");
    cancel(&keys[1]).await.is(
        409,
        r#"{"error":true,"code":"NOT_NOW","message":"Not possible while the message is failed"}"#,
    );
    let listed = async |query: &str| -> Vec<String> {
        let all = setup.json(&format!("/messages{query}")).await;
        let all = all["messages"].as_array().unwrap().clone();
        all.iter()
            .map(|it| it["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(listed("").await, [&*keys[2], &*keys[1], &*keys[0]]);
    assert_eq!(listed("?limit=1").await, [&*keys[2]]);
    assert_eq!(listed("?status=failed").await, [&*keys[1]]);
    assert_eq!(
        listed("?cliente_id=7&status=queued").await,
        [&*keys[2], &*keys[0]]
    );
    assert_eq!(listed("?cliente_id=8").await, [""; 0]);
    for bad in [
        "?limit=0",
        "?limit=501",
        "?limit=+5",
        "?limit=",
        "?status=lost",
        "?cliente_id=0",
        "?limit=1&limit=2",
    ] {
        assert_eq!(
            setup
                .ask(bare(get(&format!("/messages{bad}"))))
                .await
                .status,
            400,
            "{bad}"
        );
    }
    for unknown in ["3EB0AAAAAAAAAAAAAAAAAAAA", "x", NUMBER] {
        for (method, path) in [("GET", ""), ("DELETE", ""), ("POST", "/retry")] {
            let path = format!("/messages/{unknown}{path}");
            let answer = setup.ask(bare(request(method, &path))).await;
            assert_eq!(answer.status, 404);
            assert_eq!(read(&answer)["code"], "MESSAGE_NOT_FOUND");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_plain_message_is_known_afterwards() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::Ready).await;
    setup.send(7, BODY).await.is(
        200,
        &format!(r#"{{"ok":true,"message_id":"true_{NUMBER}@c.us_3EB0C0FFEE"}}"#),
    );
    let all = setup.json("/messages").await;
    let view = &all["messages"][0];
    assert_eq!(
        (&view["status"], &view["kind"]),
        (&json!("sent"), &json!("text"))
    );
    // A number is in no list that is asked for by a monitor, but the caller's own id of the message holds it.
    assert_eq!(view["to"], "5491****34@c.us");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_said_where_something_is_to_be_kept_and_nowhere_else() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::Ready).await;
    setup.world.messages.broken.store(true, Ordering::SeqCst);
    assert_eq!(setup.send(7, BODY).await.status, 200);
    for answer in [
        setup.sure("", Some("a"), BODY).await,
        setup.sure("?wait=false", None, BODY).await,
        setup.ask(bare(get("/messages"))).await,
        setup
            .ask(bare(get("/messages/3EB0AAAAAAAAAAAAAAAAAAAA")))
            .await,
    ] {
        assert_eq!(answer.status, 503);
        assert_eq!(read(&answer)["code"], "STORE_UNAVAILABLE");
        assert!(!answer.body.contains("/data"), "{}", answer.body);
    }
    assert_eq!(setup.world.browser(id(7)).take_calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_repeated_request_does_not_count_against_the_limit() {
    let setup = Setup::limited(session_api::Limits {
        send_rate: 2,
        ..session_api::Limits::default()
    })
    .await;
    setup.bring(7, StateName::Ready).await;
    for _ in 0..3 {
        let answer = setup.sure("", Some("a"), BODY).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit-remaining"), Some("1"));
    }
    assert_eq!(setup.sure("?wait=false", None, BODY).await.status, 202);
    assert_eq!(setup.sure("", Some("b"), BODY).await.status, 429);
}
