//! `/webhooks` and the commands behind it, with a real database and a real receiver.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use session_api::{Options, Origins};
use session_core::ports::Store as _;
use session_core::{Change, Reason, StateName, SystemClock, Timestamp};
use session_store::SqliteStore;
use session_webhooks::{Parts, Policy, Webhooks};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

use crate::support::{Answer, Setup, bare, get, id, post, request, with_json};

struct Office {
    setup: Setup,
    store: Arc<SqliteStore>,
    /// What the receiver answers.
    status: Arc<AtomicU16>,
    url: String,
    _folder: TempDir,
}

async fn answers(State(status): State<Arc<AtomicU16>>) -> StatusCode {
    StatusCode::from_u16(status.load(Ordering::SeqCst)).unwrap()
}

impl Office {
    async fn new(options: Options) -> Self {
        let status = Arc::new(AtomicU16::new(200));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let receiver = Router::new()
            .fallback(answers)
            .with_state(Arc::clone(&status));
        tokio::spawn(async move { axum::serve(listener, receiver).await.unwrap() });

        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("sessions.db")).unwrap();
        let store = Arc::new(store.0);
        let setup = Setup::with(options.clone()).await;
        let webhooks = Webhooks::open(Parts {
            store: Arc::clone(&store) as _,
            registry: setup.registry.clone(),
            clock: Arc::new(SystemClock),
            version: "3.0.0".to_owned(),
            // What fails is given up on at once.
            policy: Policy {
                patience: Duration::ZERO,
                ..Policy::default()
            },
            fixed: vec!["http://127.0.0.1:9/fixed".to_owned()],
            fixed_secret: None,
            tasks: TaskTracker::new(),
            stop: setup.stop.clone(),
        })
        .await
        .unwrap();
        Self {
            setup: setup.with_webhooks(webhooks, &options),
            store,
            status,
            url,
            _folder: folder,
        }
    }

    async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let request = request(method, path);
        let answer = match body {
            Some(body) => self.setup.ask(with_json(request, &body.to_string())).await,
            None => self.setup.ask(bare(request)).await,
        };
        let body = serde_json::from_str(&answer.body).unwrap();
        (answer.status, body)
    }

    /// Adds the receiver.
    async fn add(&self) -> (String, Value) {
        let (status, added) = self
            .ask("POST", "/webhooks", Some(json!({ "url": self.url })))
            .await;
        assert_eq!(status, 201, "{added}");
        (added["webhook"]["id"].as_str().unwrap().to_owned(), added)
    }

    async fn change(&self, at: u64) {
        let change = Change {
            from: StateName::Initializing,
            to: StateName::Ready,
            reason: Reason::Connected,
            at: Timestamp(at),
        };
        self.store.record(id(7), change).await.unwrap();
    }

    /// Waits until the view of a webhook is like this.
    async fn until(&self, id: &str, good: impl Fn(&Value) -> bool) -> Value {
        let mut view = Value::Null;
        for _ in 0..2000 {
            view = self.ask("GET", &format!("/webhooks/{id}"), None).await.1;
            if good(&view) {
                return view;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{view}");
    }
}

#[tokio::test]
async fn a_webhook_is_added_seen_changed_and_removed() {
    let office = Office::new(Options::default()).await;
    let (id, added) = office.add().await;
    assert!(added["secret"].as_str().unwrap().starts_with("whsec_"));
    let view = &added["webhook"];
    assert_eq!(
        view,
        &json!({
            "id": id, "url": office.url, "events": ["session.status"], "clientes": null, "shape": "native",
            "content": false, "enabled": true, "fixed": false, "unencrypted": false,
            "created_at": view["created_at"], "last_delivery_at": null, "last_status": null, "last_error": null,
            "last_error_message": null, "failing_since": null, "attempts": 0, "next_try_at": null, "waiting": 0,
            "dead": 0, "lost": 0, "old_secret_until": null
        })
    );
    let path = format!("/webhooks/{id}");
    assert_eq!(office.ask("GET", &path, None).await, (200, view.clone()));
    let (_, list) = office.ask("GET", "/webhooks", None).await;
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert!(!list.to_string().contains("whsec_"));

    let wanted = json!({"url": "http://192.168.0.9/x", "events": ["*"], "clientes": [7], "shape": "waha",
        "content": true, "enabled": false});
    let (status, changed) = office.ask("PUT", &path, Some(wanted.clone())).await;
    assert_eq!(status, 200);
    for (field, value) in wanted.as_object().unwrap() {
        assert_eq!(&changed[field], value, "{field}");
    }
    assert_eq!(changed["unencrypted"], true);

    assert_eq!(
        office.ask("DELETE", &path, None).await,
        (200, json!({"success": true}))
    );
    let gone =
        json!({"error": true, "code": "WEBHOOK_NOT_FOUND", "message": "there is no such webhook"});
    for (method, path) in [
        ("GET", path.clone()),
        ("DELETE", path.clone()),
        ("POST", format!("{path}/test")),
        ("POST", format!("{path}/secret")),
        ("GET", format!("{path}/dead-letters")),
        ("DELETE", format!("{path}/dead-letters")),
        ("POST", format!("{path}/dead-letters/resend")),
        ("GET", "/webhooks/%2e%2e".to_owned()),
    ] {
        assert_eq!(
            office.ask(method, &path, None).await,
            (404, gone.clone()),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_used_is_refused_with_words() {
    let office = Office::new(Options::default()).await;
    for (body, says) in [
        (json!({}), "A field is missing"),
        (json!({"url": 7}), "of the wrong type"),
        (json!({"url": "http://a.test/", "secret": "x"}), "unknown"),
        (json!({"url": "ftp://a.test/"}), "https://"),
        (json!({"url": "http://ana:x@a.test/"}), "no password"),
        (json!({"url": "http://a.test/#x"}), "after #"),
        (
            json!({"url": "http://a.test/", "events": ["qr"]}),
            "there is no event",
        ),
        (json!({"url": "http://a.test/", "clientes": []}), "clientes"),
        (
            json!({"url": "http://a.test/", "clientes": [0]}),
            "cliente id",
        ),
        (
            json!({"url": "http://a.test/", "shape": "soap"}),
            "of the wrong type",
        ),
    ] {
        let (status, answer) = office.ask("POST", "/webhooks", Some(body.clone())).await;
        assert_eq!(
            (status, &answer["code"]),
            (400, &json!("INVALID_REQUEST")),
            "{body}"
        );
        let message = answer["message"].as_str().unwrap();
        assert!(message.contains(says), "{body}: {message}");
    }
    let broken = office.setup.ask(with_json(post("/webhooks"), "{")).await;
    assert_eq!(broken.status, 400);
    let (_, list) = office.ask("GET", "/webhooks", None).await;
    let fixed = list[0]["id"].as_str().unwrap();
    let (status, answer) = office
        .ask("DELETE", &format!("/webhooks/{fixed}"), None)
        .await;
    assert_eq!((status, &answer["code"]), (409, &json!("NOT_NOW")));
}

#[tokio::test]
async fn a_try_tells_in_plain_words_how_it_went() {
    let office = Office::new(Options::default()).await;
    let (id, _) = office.add().await;
    let test = format!("/webhooks/{id}/test");
    let (status, result) = office.ask("POST", &test, None).await;
    assert_eq!(
        (status, &result),
        (
            200,
            &json!({"ok": true, "status": 200, "duration_ms": result["duration_ms"], "error": null, "message": null})
        )
    );
    office.status.store(500, Ordering::SeqCst);
    let (status, result) = office.ask("POST", &test, None).await;
    assert_eq!(
        (status, &result["ok"], &result["error"]),
        (200, &json!(false), &json!("STATUS"))
    );
    assert_eq!(result["message"], "The receiver answered 500 - see its log");
}

#[tokio::test]
async fn dead_letters_are_listed_resent_and_thrown_away() {
    let office = Office::new(Options::default()).await;
    let (id, _) = office.add().await;
    let path = format!("/webhooks/{id}/dead-letters");
    office.status.store(503, Ordering::SeqCst);
    office.change(10).await;
    office.change(20).await;
    let view = office.until(&id, |view| view["dead"] == 2).await;
    assert_eq!(view["last_error"], "STATUS");
    assert_eq!(
        view["last_error_message"],
        "The receiver answered 503 - see its log"
    );
    assert!(view["failing_since"].is_u64());
    let (_, letters) = office.ask("GET", &path, None).await;
    let (_, newest) = office.ask("GET", &format!("{path}?limit=1"), None).await;
    assert_eq!(newest[0], letters[0]);
    let letter = &letters[0];
    assert_eq!(
        letter,
        &json!({"letter": letter["letter"], "id": letter["id"], "event": "session.status", "cliente_id": 7, "at": 20,
            "died_at": letter["died_at"], "attempts": 1, "status": 503, "error": "STATUS",
            "message": "The receiver answered 503 - see its log"})
    );
    let metrics = office.setup.json("/metrics").await;
    assert_eq!(
        metrics["webhooks"]["dead"],
        2 + dead_of_the_fixed_one(&office).await
    );

    office.status.store(204, Ordering::SeqCst);
    let one = json!({"letter": letters[1]["letter"]});
    assert_eq!(
        office
            .ask("POST", &format!("{path}/resend"), Some(one))
            .await,
        (200, json!({"count": 1}))
    );
    let view = office.until(&id, |view| view["dead"] == 1).await;
    assert_eq!(
        (&view["last_status"], &view["failing_since"]),
        (&json!(204), &Value::Null)
    );
    assert_eq!(
        office
            .ask("DELETE", &format!("{path}?letter=999999"), None)
            .await,
        (200, json!({"count": 0}))
    );
    assert_eq!(
        office.ask("DELETE", &path, None).await,
        (200, json!({"count": 1}))
    );
    for bad in ["?limit=x", "?limit=-1"] {
        assert_eq!(
            office.ask("GET", &format!("{path}{bad}"), None).await.0,
            400
        );
    }
    // A mistyped number must not mean all of them.
    assert_eq!(
        office
            .ask("DELETE", &format!("{path}?leter=1"), None)
            .await
            .0,
        400
    );
}

/// It fails too, at its own pace.
async fn dead_of_the_fixed_one(office: &Office) -> u64 {
    let (_, list) = office.ask("GET", "/webhooks", None).await;
    let id = list[0]["id"].as_str().unwrap().to_owned();
    let view = office.until(&id, |view| view["dead"] == 2).await;
    view["dead"].as_u64().unwrap()
}

#[tokio::test]
async fn a_secret_is_changed_over_http_and_read_in_the_control_room_only() {
    let office = Office::new(Options {
        control_room: true,
        ..Options::default()
    })
    .await;
    let (id, added) = office.add().await;
    let args = json!({ "webhook": id }).to_string();
    let read = async || {
        let answer: Answer = office.setup.control("webhook_secret", &args).await;
        serde_json::from_str::<Value>(&answer.body).unwrap()["secret"].clone()
    };
    assert_eq!(read().await, added["secret"]);
    let (status, rotated) = office
        .ask("POST", &format!("/webhooks/{id}/secret"), None)
        .await;
    assert_eq!(status, 200);
    assert_ne!(rotated["secret"], added["secret"]);
    assert!(rotated["webhook"]["old_secret_until"].is_u64());
    assert_eq!(read().await, rotated["secret"]);
    assert_eq!(
        office
            .ask("GET", &format!("/webhooks/{id}/secret"), None)
            .await
            .0,
        405
    );
    let list = office.setup.control("webhooks", "{}").await;
    assert!(
        list.body.contains(&id) && !list.body.contains("whsec_"),
        "{}",
        list.body
    );
}

#[tokio::test]
async fn a_listed_page_may_not_have_things_told_elsewhere() {
    let office = Office::new(Options {
        origins: Origins::parse("https://office.example").unwrap(),
        ..Options::default()
    })
    .await;
    let from =
        |request: axum::http::request::Builder| request.header("Origin", "https://office.example");
    let listed = office.setup.ask(bare(from(get("/webhooks")))).await;
    assert_eq!(listed.status, 403);
    let body = json!({ "url": office.url, "content": true }).to_string();
    let added = office
        .setup
        .ask(with_json(from(post("/webhooks")), &body))
        .await;
    assert_eq!(added.status, 403, "{}", added.body);
    assert!(added.body.contains("ORIGIN_NOT_ALLOWED"));
}
