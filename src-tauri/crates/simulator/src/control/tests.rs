//! The routes, called in process.

use axum::body::Body as Bytes;
use axum::http::{Method, Request as HttpRequest};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tower::ServiceExt as _;

use super::*;
use crate::archive::Archived;
use crate::codes::Mint;
use crate::phone::Shared;
use crate::wire::{Hello, ToPage};
use crate::world::World;
use crate::{MarksView, StorageView, Timing};

const ID: &str = "0123456789abcdef0123456789abcdef";

struct Bench {
    router: Router,
    shared: Arc<Shared>,
    _inbox: mpsc::Receiver<ToPage>,
}

impl Bench {
    /// A phone, and one device that shows a QR.
    fn new() -> Self {
        let world = World::new(
            Timing::fast(),
            Defaults::default(),
            Mint::new().unwrap(),
            Archived::default(),
        );
        let shared = Arc::new(Shared::new(world, None));
        let (sender, inbox) = mpsc::channel(64);
        let key = "a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2U=".to_owned();
        let hello = Hello {
            device: ID.to_owned(),
            static_key: key.clone(),
            identity_key: key.clone(),
            adv_secret: key,
            token: None,
            storage: StorageView::default(),
            marks: MarksView::default(),
        };
        shared.change(|world, now| world.page_opened(hello, sender, now));
        shared.advance();
        let info = Info {
            page_addr: "127.0.0.1:1".parse().unwrap(),
            chromium_args: vec!["--flag".to_owned()],
        };
        Self {
            router: router(Phone::new(Arc::clone(&shared)), info),
            shared,
            _inbox: inbox,
        }
    }

    /// Lets everything that was scheduled happen.
    fn finish(&self) {
        let mut world = self.shared.lock();
        world.advance(Instant::now() + std::time::Duration::from_secs(5));
    }

    async fn call(&self, method: Method, path: &str, body: &str) -> (u16, Value) {
        let request = HttpRequest::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json")
            .body(Bytes::from(body.to_owned()))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20)
            .await
            .unwrap();
        (
            status,
            serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        )
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.call(Method::GET, path, "").await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(Method::POST, path, &body.to_string()).await
    }

    /// The QR shown now.
    async fn qr(&self) -> String {
        let (_, device) = self.get(&format!("/devices/{ID}")).await;
        device["qr"].as_str().unwrap().to_owned()
    }
}

fn code_of((status, answer): (u16, Value)) -> (u16, String) {
    assert!(!answer["error"]["message"].as_str().unwrap().is_empty());
    (status, answer["error"]["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_scan_links_and_the_device_can_be_found_by_its_number() {
    let bench = Bench::new();
    let qr = bench.qr().await;
    let account = json!({"number": "5491155550001", "name": "Ana Demo"});
    let (status, device) = bench
        .post("/scan", json!({"qr": qr, "account": account}))
        .await;
    assert_eq!((status, &device["account"]), (200, &account));
    assert_eq!(device["state"], "syncing");
    bench.finish();
    let (status, device) = bench.get("/devices/5491155550001").await;
    assert_eq!(
        (status, &device["state"], &device["id"]),
        (200, &json!("ready"), &json!(ID))
    );
    let (_, all) = bench.get("/devices").await;
    assert_eq!(all, json!([device]));
    let (status, device) = bench
        .post("/devices/5491155550001/actions", json!({"action": "ban"}))
        .await;
    assert_eq!((status, &device["state"]), (200, &json!("banned")));
}

#[tokio::test]
async fn an_action_can_name_its_device_by_the_qr() {
    let bench = Bench::new();
    let qr = bench.qr().await;
    let body = json!({"device": {"qr": qr}, "action": "scan", "account": null});
    let (status, device) = bench.post("/actions", body.clone()).await;
    assert_eq!((status, &device["state"]), (200, &json!("syncing")));
    assert_eq!(
        code_of(bench.post("/actions", body).await),
        (410, "expired_code".into())
    );
}

#[tokio::test]
async fn refusals_say_why() {
    let bench = Bench::new();
    let actions = format!("/devices/{ID}/actions");
    let expected = [
        (bench.get("/devices/nobody").await, 404, "unknown_device"),
        (
            bench
                .post("/devices/nobody/actions", json!({"action": "crash"}))
                .await,
            404,
            "unknown_device",
        ),
        (
            bench.get("/outbox?device=nobody").await,
            404,
            "unknown_device",
        ),
        (
            bench.post(&actions, json!({"action": "explode"})).await,
            400,
            "invalid_request",
        ),
        (
            bench.post(&actions, json!({"action": "hang"})).await,
            400,
            "invalid_request",
        ),
        (
            bench.call(Method::POST, &actions, "not json").await,
            400,
            "invalid_request",
        ),
        (
            bench.post(&actions, json!({"action": "logout"})).await,
            409,
            "wrong_state",
        ),
        (
            bench.post("/scan", json!({"qr": "hello"})).await,
            400,
            "invalid_code",
        ),
        (
            bench.post("/scan", json!({"qr": "2@x,a,b,c"})).await,
            404,
            "unknown_code",
        ),
        (bench.post("/scan", json!({})).await, 400, "invalid_request"),
        (
            bench.post("/pair", json!({"code": "ABCD1234"})).await,
            404,
            "unknown_code",
        ),
        (
            bench.get("/outbox?colour=red").await,
            400,
            "invalid_request",
        ),
        (bench.get("/nowhere").await, 404, "not_found"),
        (
            bench.call(Method::DELETE, "/devices", "").await,
            405,
            "method_not_allowed",
        ),
    ];
    for (answer, status, code) in expected {
        assert_eq!(code_of(answer), (status, code.to_owned()));
    }
    let qr = bench.qr().await;
    bench.post(&actions, json!({"action": "rotate"})).await;
    assert_eq!(
        code_of(bench.post("/scan", json!({"qr": qr})).await),
        (410, "expired_code".into())
    );
}

#[tokio::test]
async fn the_outbox_can_be_filtered_and_emptied() {
    let bench = Bench::new();
    bench
        .post("/actions", json!({"device": {"id": ID}, "action": "scan"}))
        .await;
    bench.finish();
    for (id, to) in [("A", "1@c.us"), ("B", "2@c.us")] {
        let send = json!({"type": "send", "request": 1, "id": id, "to": to, "text": "hola"});
        let said = serde_json::from_value(send).unwrap();
        bench
            .shared
            .change(|world, now| world.page_said(ID, 1, said, now));
    }
    let ids = |answer: &Value| -> Vec<String> {
        let entries = answer.as_array().unwrap().iter();
        entries
            .map(|entry| entry["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids(&bench.get("/outbox").await.1), ["A", "B"]);
    assert_eq!(ids(&bench.get("/outbox?to=2@c.us").await.1), ["B"]);
    assert_eq!(
        ids(&bench.get("/outbox?device=5491155550001&to=1@c.us").await.1),
        ["A"]
    );
    assert_eq!(bench.call(Method::DELETE, "/outbox", "").await.0, 204);
    assert_eq!(bench.get("/outbox").await.1, json!([]));
}

#[tokio::test]
async fn defaults_can_be_read_and_changed() {
    let bench = Bench::new();
    let (_, defaults) = bench.get("/defaults").await;
    assert_eq!(
        defaults,
        json!({"slow_start_ms": 0, "passkey": false, "outdated": false})
    );
    let changed = json!({"slow_start_ms": 5, "passkey": true, "outdated": false});
    let (status, answer) = bench
        .call(Method::PUT, "/defaults", &changed.to_string())
        .await;
    assert_eq!((status, &answer), (200, &changed));
    let (status, _) = bench
        .call(Method::PUT, "/defaults", r#"{"passkeys":true}"#)
        .await;
    assert_eq!(status, 400);
    assert_eq!(bench.get("/defaults").await.1, changed);
}

#[tokio::test]
async fn the_root_tells_how_to_start_a_browser() {
    let (status, info) = Bench::new().get("/").await;
    assert_eq!(
        (status, info),
        (
            200,
            json!({"page_addr": "127.0.0.1:1", "chromium_args": ["--flag"]})
        )
    );
}
