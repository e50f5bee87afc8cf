//! Tickets for event streams.

use std::time::Duration;

use session_api::keys::Scope;

use super::{Locked, NO_KEY, with_key};
use crate::support::{bare, get, post, request};

const NO_TICKET: &str = r#"{"error":true,"code":"UNAUTHORIZED","message":"This ticket is not valid - POST /events/ticket gives one that works once within 30 s"}"#;

async fn ticket(locked: &Locked) -> String {
    let asked = with_key(post("/events/ticket"), locked.secret(Scope::Read));
    let answer = locked.ask(bare(asked)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body["expires_in"], 30);
    body["ticket"].as_str().unwrap().to_owned()
}

async fn opens(locked: &Locked, ticket: &str) -> u16 {
    let path = format!("/events?cliente_id=7&ticket={ticket}");
    let stream = locked.setup.open(bare(get(&path))).await;
    stream.status().as_u16()
}

#[tokio::test(start_paused = true)]
async fn a_ticket_opens_one_stream_once() {
    let locked = Locked::new().await;
    let ticket = ticket(&locked).await;
    assert_eq!(opens(&locked, &ticket).await, 200);
    // Read whole only once it is known to be no stream.
    assert_eq!(opens(&locked, &ticket).await, 401);
    let again = get(&format!("/events?ticket={ticket}"));
    locked.ask(bare(again)).await.is(401, NO_TICKET);
    let made_up = get("/events?ticket=AAAA");
    locked.ask(bare(made_up)).await.is(401, NO_TICKET);
}

#[tokio::test(start_paused = true)]
async fn a_ticket_is_good_for_half_a_minute_and_opens_nothing_else() {
    let locked = Locked::new().await;
    let late = ticket(&locked).await;
    tokio::time::advance(Duration::from_secs(30)).await;
    assert_eq!(opens(&locked, &late).await, 401);
    let fresh = ticket(&locked).await;
    for (method, path) in [
        ("GET", "/status"),
        ("GET", "/clients"),
        ("POST", "/init"),
        ("GET", "/control/events"),
        ("POST", "/events/ticket"),
    ] {
        let other = request(method, &format!("{path}?ticket={fresh}"));
        assert_eq!(locked.ask(bare(other)).await.status, 401, "{path}");
    }
    assert_eq!(opens(&locked, &fresh).await, 200);
}

#[tokio::test(start_paused = true)]
async fn a_ticket_ends_with_the_key_that_asked_for_it() {
    let locked = Locked::new().await;
    let (one, other) = (ticket(&locked).await, ticket(&locked).await);
    locked.keys().rotate("read").unwrap();
    assert_eq!(opens(&locked, &one).await, 401);
    locked.keys().revoke("read").unwrap();
    assert_eq!(opens(&locked, &other).await, 401);
}

#[tokio::test(start_paused = true)]
async fn a_ticket_from_when_no_key_was_needed_opens_nothing_once_one_is() {
    let locked = Locked::new().await;
    locked.access.require_key(false);
    let answer = locked.ask(bare(post("/events/ticket"))).await;
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    locked.access.require_key(true);
    let ticket = body["ticket"].as_str().unwrap();
    let asked = get(&format!("/events?ticket={ticket}"));
    locked.ask(bare(asked)).await.is(401, NO_KEY);
}
