//! API keys: who needs one, and what it opens.

mod beyond;
mod changes;
mod table;
mod tickets;

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use axum::http::request::Builder;
use session_api::keys::{KeyStore, Scope, Scopes};
use session_api::{Access, Options};
use tempfile::TempDir;

use crate::support::{Answer, Setup, about, bare, get, post, request, with_json};

const NO_KEY: &str = r#"{"error":true,"code":"UNAUTHORIZED","message":"An API key is required - send it as \"Authorization: Bearer\" or \"X-API-Key\""}"#;
const WRONG_KEY: &str = r#"{"error":true,"code":"UNAUTHORIZED","message":"This API key is not valid - create or rotate one"}"#;

/// A program with one key of each scope.
struct Locked {
    setup: Setup,
    folder: TempDir,
    access: Arc<Access>,
    secrets: [(Scope, String); 3],
}

impl Locked {
    /// One whose callers need a key, and which serves its control room.
    async fn new() -> Self {
        Self::with(Options {
            control_room: true,
            ..Options::default()
        })
        .await
    }

    async fn with(options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyStore::in_folder(folder.path());
        let secrets = Scope::ALL.map(|scope| {
            let scopes = Scopes::new([scope]).unwrap();
            let (_, secret) = keys.create(scope.as_str(), scopes).unwrap();
            (scope, secret.reveal().to_owned())
        });
        let access = Arc::new(Access::new(keys, false));
        access.require_key(true);
        let setup = Setup::new().await.guarded_by(Arc::clone(&access), options);
        Self {
            setup,
            folder,
            access,
            secrets,
        }
    }

    fn secret(&self, wanted: Scope) -> &str {
        let held = self.secrets.iter().find(|(scope, _)| *scope == wanted);
        &held.unwrap().1
    }

    /// What the command line of the same folder would change.
    fn keys(&self) -> KeyStore {
        KeyStore::in_folder(self.folder.path())
    }

    async fn ask(&self, request: Request<Body>) -> Answer {
        self.setup.ask(request).await
    }

    async fn status_with(&self, secret: &str) -> u16 {
        let request = with_key(get("/status"), secret);
        self.ask(about(request, 1)).await.status
    }
}

fn with_key(request: Builder, secret: &str) -> Builder {
    request.header("Authorization", format!("Bearer {secret}"))
}

#[tokio::test]
async fn who_shows_no_key_or_a_wrong_one_learns_what_to_send() {
    let locked = Locked::new().await;
    let answer = locked.ask(about(get("/status"), 1)).await;
    answer.is(401, NO_KEY);
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    for wrong in ["", "smk_", "read", "Bearer"] {
        let answer = locked.ask(about(with_key(get("/status"), wrong), 1)).await;
        answer.is(401, WRONG_KEY);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    let wrong = with_key(get("/qr"), "x");
    locked.ask(about(wrong, 1)).await.is(
        401,
        r#"{"error":"UNAUTHORIZED","message":"This API key is not valid - create or rotate one"}"#,
    );
    let read = locked.secret(Scope::Read);
    let answer = locked.ask(bare(with_key(post("/init"), read))).await;
    answer.is(
        403,
        r#"{"error":true,"code":"FORBIDDEN","message":"This API key lacks the scope \"manage\" - use one that has it"}"#,
    );
    assert_eq!(answer.header("www-authenticate"), None);
}

#[tokio::test]
async fn either_header_does_and_both_must_agree() {
    let locked = Locked::new().await;
    let (read, manage) = (locked.secret(Scope::Read), locked.secret(Scope::Manage));
    let ask = |bearer: Option<&str>, key: Option<&str>| {
        let mut request = get("/status");
        if let Some(bearer) = bearer {
            request = with_key(request, bearer);
        }
        if let Some(key) = key {
            request = request.header("X-API-Key", key);
        }
        locked.ask(about(request, 1))
    };
    assert_eq!(ask(Some(read), None).await.status, 200);
    assert_eq!(ask(None, Some(read)).await.status, 200);
    assert_eq!(ask(Some(read), Some(read)).await.status, 200);
    ask(Some(read), Some(manage)).await.is(
        401,
        r#"{"error":true,"code":"UNAUTHORIZED","message":"Different API keys were sent - send one, in one header"}"#,
    );
    // For a proxy on the way.
    let proxied = get("/status").header("Authorization", "Basic YTpi");
    locked.ask(about(proxied, 1)).await.is(401, NO_KEY);
    let proxied = get("/status")
        .header("Authorization", "Basic YTpi")
        .header("X-API-Key", read);
    assert_eq!(locked.ask(about(proxied, 1)).await.status, 200);
}

#[tokio::test]
async fn where_no_key_is_needed_one_that_is_sent_is_looked_at() {
    let locked = Locked::new().await;
    locked.access.require_key(false);
    assert_eq!(locked.ask(about(get("/status"), 1)).await.status, 200);
    assert_eq!(locked.status_with(locked.secret(Scope::Read)).await, 200);
    assert_eq!(locked.status_with(locked.secret(Scope::Send)).await, 403);
    assert_eq!(locked.status_with("smk_other").await, 401);
    // Nor does a listed key open what its scope is not for.
    let send = with_key(post("/control/snapshot"), locked.secret(Scope::Send));
    assert_eq!(locked.ask(bare(send)).await.status, 403);
    // A program that keeps no keys knows of none.
    let bare_setup = Setup::new().await;
    let wrong = with_key(get("/status"), "smk_other");
    bare_setup.ask(about(wrong, 1)).await.is(401, WRONG_KEY);
}

#[tokio::test]
async fn keys_come_after_the_body_and_before_the_cliente() {
    let locked = Locked::new().await;
    let typed = post("/send").header("Content-Type", "text/plain");
    let answer = locked.ask(typed.body("x".into()).unwrap()).await;
    assert_eq!(answer.status, 415);
    let large = post("/send").header("Content-Type", "application/json");
    let answer = locked
        .ask(large.body("x".repeat(70_000).into()).unwrap())
        .await;
    assert_eq!(answer.status, 413);
    // No X-Cliente-Id, no JSON, no key.
    locked
        .ask(with_json(post("/send"), "{"))
        .await
        .is(401, NO_KEY);
    let other = Request::get("/status").header("Host", "evil.example");
    assert_eq!(locked.ask(bare(other)).await.status, 403);
}

#[tokio::test]
async fn the_control_rooms_own_page_needs_no_key_and_a_program_does() {
    let locked = Locked::new().await;
    let own = |request: Builder| {
        request
            .header("Origin", "http://localhost:3001")
            .header("Sec-Fetch-Site", "same-origin")
    };
    for (method, path) in [
        ("POST", "/control/snapshot"),
        ("POST", "/control/keys"),
        ("GET", "/clients"),
        ("GET", "/debug/calls"),
    ] {
        let answer = locked.ask(bare(own(request(method, path)))).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        let program = locked.ask(bare(request(method, path))).await;
        assert_eq!(program.status, 401, "{path}");
    }
    // Its files hold no data.
    let page = locked.ask(bare(get("/"))).await;
    assert_ne!(page.status, 401);
    // A key that it sends counts.
    let wrong = with_key(own(post("/control/snapshot")), "x");
    assert_eq!(locked.ask(bare(wrong)).await.status, 401);
}

#[tokio::test]
async fn a_listed_origin_needs_a_key_like_everybody_and_may_read_why() {
    let locked = Locked::with(Options {
        origins: session_api::Origins::parse("https://panel.example.com").unwrap(),
        ..Options::default()
    })
    .await;
    let from = |request: Builder| request.header("Origin", "https://panel.example.com");
    let answer = locked.ask(about(from(get("/status")), 1)).await;
    answer.is(401, NO_KEY);
    let allowed = answer.header("access-control-allow-origin");
    assert_eq!(allowed, Some("https://panel.example.com"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    let with = with_key(from(get("/status")), locked.secret(Scope::Read));
    assert_eq!(locked.ask(about(with, 1)).await.status, 200);
    // Browsers send no key with a preflight.
    let preflight = from(request("OPTIONS", "/status"))
        .header("Access-Control-Request-Method", "GET")
        .header("Access-Control-Request-Headers", "authorization");
    assert_eq!(locked.ask(bare(preflight)).await.status, 204);
}

#[tokio::test]
async fn the_log_of_calls_names_keys_and_holds_no_secret() {
    let locked = Locked::new().await;
    let (read, manage) = (locked.secret(Scope::Read), locked.secret(Scope::Manage));
    locked.ask(about(get("/status"), 1)).await;
    locked
        .ask(about(with_key(get("/status"), "smk_wrong"), 1))
        .await;
    locked.ask(about(with_key(get("/status"), read), 1)).await;
    locked.ask(bare(with_key(post("/init"), read))).await;
    locked.ask(bare(get("/events?ticket=smk_wrong"))).await;
    let answer = locked
        .ask(bare(with_key(get("/debug/calls"), manage)))
        .await;
    for (_, secret) in &locked.secrets {
        assert!(!answer.body.contains(&secret[4..]), "{}", answer.body);
    }
    assert!(!answer.body.contains("smk_"), "{}", answer.body);
    let calls: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let told: Vec<_> = calls
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|call| {
            let text = |name: &str| call[name].as_str().unwrap_or("-").to_owned();
            (text("route"), text("code"), text("caller"))
        })
        .collect();
    let expected = [
        ("/status", "UNAUTHORIZED", "unknown"),
        ("/status", "UNAUTHORIZED", "unknown"),
        ("/status", "-", "key:read"),
        ("/init", "FORBIDDEN", "key:read"),
        ("/events", "UNAUTHORIZED", "unknown"),
    ];
    let expected = expected.map(|(route, code, caller)| (route.into(), code.into(), caller.into()));
    assert_eq!(told, expected);
}
