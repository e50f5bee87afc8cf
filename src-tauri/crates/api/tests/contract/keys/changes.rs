//! Changes that hold from the next request on.

use std::fs;
use std::time::Duration;

use axum::body::Body;
use futures::StreamExt as _;
use serde_json::{Value, json};
use session_api::keys::{Scope, Scopes};
use session_api::{Options, Origins};
use session_core::StateName;
use tokio::time::timeout;

use super::{Locked, with_key};
use crate::support::{Setup, about, bare, get, post, with_json};

#[tokio::test]
async fn keys_that_another_program_changes_hold_at_once() {
    let locked = Locked::new().await;
    let first = locked.secret(Scope::Read);
    assert_eq!(locked.status_with(first).await, 200);
    let (_, second) = locked.keys().rotate("read").unwrap();
    assert_eq!(locked.status_with(first).await, 401);
    assert_eq!(locked.status_with(second.reveal()).await, 200);
    locked.keys().revoke("read").unwrap();
    assert_eq!(locked.status_with(second.reveal()).await, 401);
    let scopes = Scopes::new([Scope::Read, Scope::Send]).unwrap();
    let (_, third) = locked.keys().create("panel", scopes).unwrap();
    assert_eq!(locked.status_with(third.reveal()).await, 200);
}

#[tokio::test]
async fn a_damaged_file_of_keys_refuses_everybody() {
    let locked = Locked::new().await;
    fs::write(
        locked.folder.path().join("api-keys.json"),
        "{\"version\":1,",
    )
    .unwrap();
    for (_, secret) in &locked.secrets {
        assert_eq!(locked.status_with(secret).await, 401);
    }
    assert_eq!(locked.ask(about(get("/status"), 1)).await.status, 401);
    assert!(!locked.folder.path().join("api-keys.json").exists());
    assert_eq!(locked.ask(bare(get("/health/live"))).await.status, 200);
}

#[tokio::test]
async fn whether_keys_are_needed_changes_while_it_runs() {
    let locked = Locked::new().await;
    for required in [false, true, false] {
        locked.access.require_key(required);
        let status = locked.ask(about(get("/status"), 1)).await.status;
        assert_eq!(status, if required { 401 } else { 200 });
    }
}

#[tokio::test]
async fn origins_change_while_it_runs_and_those_of_the_environment_stay() {
    let locked = Locked::with(Options {
        origins: Origins::parse("https://fixed.example").unwrap(),
        ..Options::default()
    })
    .await;
    locked.access.require_key(false);
    let status = async |origin: &str| {
        let asked = get("/status").header("Origin", origin);
        locked.ask(about(asked, 1)).await.status
    };
    for listed in [
        &[][..],
        &["https://a.example"],
        &["https://b.example", "https://fixed.example"],
        &[],
    ] {
        locked
            .access
            .list_origins(Origins::from_items(listed).unwrap());
        for origin in ["https://a.example", "https://b.example"] {
            let expected = if listed.contains(&origin) { 200 } else { 403 };
            assert_eq!(status(origin).await, expected, "{origin} of {listed:?}");
        }
        assert_eq!(status("https://fixed.example").await, 200);
    }
}

async fn next(stream: &mut axum::body::BodyDataStream) -> Option<String> {
    let piece = timeout(Duration::from_secs(600), stream.next()).await;
    let piece = piece.expect("the stream goes on or ends")?;
    Some(String::from_utf8(piece.unwrap().to_vec()).unwrap())
}

fn pieces(response: axum::response::Response) -> axum::body::BodyDataStream {
    assert_eq!(response.status(), 200);
    Body::into_data_stream(response.into_body())
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_when_its_key_does() {
    for path in ["/events", "/control/events"] {
        let locked = Locked::new().await;
        let asked = with_key(get(path), locked.secret(Scope::Manage));
        let mut stream = pieces(locked.setup.open(bare(asked)).await);
        assert!(next(&mut stream).await.unwrap().contains("snapshot"));
        locked.keys().revoke("manage").unwrap();
        locked.setup.bring(7, StateName::Ready).await;
        while let Some(piece) = next(&mut stream).await {
            assert!(!piece.contains("READY"), "{path}: {piece}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_without_a_key_ends_when_one_is_needed() {
    let locked = Locked::new().await;
    locked.access.require_key(false);
    let mut stream = pieces(locked.setup.open(bare(get("/events"))).await);
    assert!(next(&mut stream).await.unwrap().contains("snapshot"));
    locked.access.require_key(true);
    assert_eq!(next(&mut stream).await, None);
}

async fn command(locked: &Locked, name: &str, args: Value) -> (u16, Value) {
    let asked = with_key(
        post(&format!("/control/{name}")),
        locked.secret(Scope::Manage),
    );
    let answer = locked.ask(with_json(asked, &args.to_string())).await;
    (
        answer.status,
        serde_json::from_str(&answer.body).unwrap_or_default(),
    )
}

#[tokio::test]
async fn the_control_room_makes_lists_rotates_and_ends_keys() {
    let locked = Locked::new().await;
    let wanted = json!({ "name": "panel", "scopes": ["send", "read", "read"] });
    let (status, made) = command(&locked, "create_key", wanted.clone()).await;
    assert_eq!(status, 200, "{made}");
    assert_eq!(made["key"]["scopes"], json!(["read", "send"]));
    let first = made["secret"].as_str().unwrap();
    assert_eq!(locked.status_with(first).await, 200);

    let (status, refused) = command(&locked, "create_key", wanted).await;
    assert_eq!((status, &refused["code"]), (409, &json!("KEY_EXISTS")));
    for wrong in [
        json!({ "name": "x", "scopes": [] }),
        json!({ "name": "x", "scopes": ["all"] }),
        json!({ "name": "", "scopes": ["read"] }),
        json!({ "name": "x" }),
    ] {
        let (status, refused) = command(&locked, "create_key", wrong).await;
        assert_eq!((status, &refused["code"]), (400, &json!("INVALID_REQUEST")));
    }

    let id = json!({ "key": made["key"]["id"] });
    let (status, rotated) = command(&locked, "rotate_key", id.clone()).await;
    assert_eq!((status, &rotated["key"]["id"]), (200, &id["key"]));
    let second = rotated["secret"].as_str().unwrap();
    assert_eq!(locked.status_with(first).await, 401);
    assert_eq!(locked.status_with(second).await, 200);

    let (_, list) = command(&locked, "keys", json!({})).await;
    let names: Vec<_> = list.as_array().unwrap().iter().collect();
    let names: Vec<_> = names.iter().map(|key| key["name"].as_str()).collect();
    assert_eq!(
        names,
        [Some("read"), Some("send"), Some("manage"), Some("panel")]
    );
    let fields: Vec<_> = list[3].as_object().unwrap().keys().cloned().collect();
    let expected = ["created_at", "id", "last_used", "name", "scopes"];
    let mut sorted = fields.clone();
    sorted.sort();
    assert_eq!(sorted, expected, "a list tells no more of a key");

    assert_eq!(command(&locked, "revoke_key", id.clone()).await.0, 200);
    assert_eq!(locked.status_with(second).await, 401);
    let (status, refused) = command(&locked, "revoke_key", id).await;
    assert_eq!((status, &refused["code"]), (404, &json!("KEY_NOT_FOUND")));
}

#[tokio::test]
async fn an_origin_that_is_none_is_named_and_nothing_is_changed() {
    let setup = Setup::headless().await;
    let patch = r#"{"allowed_origins":["https://a.example","https://b.example/x"]}"#;
    let answer = setup.control("update_settings", patch).await;
    assert_eq!(answer.status, 400);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body["code"], "INVALID_ORIGIN");
    let message = body["message"].as_str().unwrap();
    assert!(message.starts_with("\"https://b.example/x\""), "{message}");
    assert_eq!(setup.host.take_asked(), [] as [String; 0]);
    // As browsers spell them.
    let patch = r#"{"allowed_origins":["https://B.example:443/","https://a.example"]}"#;
    assert_eq!(setup.control("update_settings", patch).await.status, 200);
    let asked = setup.host.take_asked().join("");
    assert!(
        asked.contains(r#"Some(["https://a.example", "https://b.example"])"#),
        "{asked}"
    );
}
