//! Every route, and what opens it.

use std::collections::BTreeSet;

use session_api::ErrorCode;
use session_api::keys::Scope;

use super::{Locked, with_key};
use crate::support::{bare, request};

const READ: Option<Scope> = Some(Scope::Read);
const SEND: Option<Scope> = Some(Scope::Send);
const MANAGE: Option<Scope> = Some(Scope::Manage);

/// Method, path as it is declared, and the scope that is needed; none: it is open.
const ROUTES: [(&str, &str, Option<Scope>); 53] = [
    ("GET", "/health", None),
    ("GET", "/health/live", None),
    ("GET", "/health/ready", None),
    ("GET", "/status", READ),
    ("GET", "/qr", READ),
    ("GET", "/qr-code", READ),
    ("GET", "/clients", READ),
    ("GET", "/metrics", READ),
    ("GET", "/events", READ),
    ("POST", "/events/ticket", READ),
    ("POST", "/send", SEND),
    ("GET", "/messages", READ),
    ("GET", "/messages/{id}", READ),
    ("DELETE", "/messages/{id}", SEND),
    ("POST", "/messages/{id}/retry", SEND),
    ("POST", "/media", SEND),
    ("GET", "/contacts/{number}/exists", SEND),
    ("POST", "/init", MANAGE),
    ("DELETE", "/session/{cliente_id}", MANAGE),
    ("GET", "/debug/calls", MANAGE),
    ("POST", "/control/{command}", MANAGE),
    ("GET", "/control/bundle", MANAGE),
    ("GET", "/control/events", MANAGE),
    ("GET", "/api/sessions", READ),
    ("GET", "/api/sessions/", READ),
    ("GET", "/api/sessions/{name}", READ),
    ("GET", "/api/sessions/{name}/me", READ),
    ("GET", "/api/{name}/auth/qr", READ),
    ("POST", "/api/sessions", MANAGE),
    ("POST", "/api/sessions/", MANAGE),
    ("DELETE", "/api/sessions/{name}", MANAGE),
    ("POST", "/api/sessions/{name}/start", MANAGE),
    ("POST", "/api/sessions/{name}/stop", MANAGE),
    ("POST", "/api/sessions/{name}/restart", MANAGE),
    ("POST", "/api/sessions/{name}/logout", MANAGE),
    ("POST", "/api/{name}/auth/request-code", MANAGE),
    ("POST", "/api/sendText", SEND),
    ("GET", "/webhooks", MANAGE),
    ("POST", "/webhooks", MANAGE),
    ("GET", "/webhooks/{id}", MANAGE),
    ("PUT", "/webhooks/{id}", MANAGE),
    ("DELETE", "/webhooks/{id}", MANAGE),
    ("POST", "/webhooks/{id}/test", MANAGE),
    ("POST", "/webhooks/{id}/secret", MANAGE),
    ("GET", "/webhooks/{id}/dead-letters", MANAGE),
    ("DELETE", "/webhooks/{id}/dead-letters", MANAGE),
    ("POST", "/webhooks/{id}/dead-letters/resend", MANAGE),
    ("GET", "/openapi.json", None),
    ("GET", "/docs", None),
    ("GET", "/docs/{file}", None),
    ("HEAD", "/status", READ),
    ("HEAD", "/clients", READ),
    ("HEAD", "/health", None),
];

/// The files that declare routes.
const SOURCES: [&str; 3] = [
    include_str!("../../../src/router.rs"),
    include_str!("../../../src/routes/waha/mod.rs"),
    include_str!("../../../src/routes/webhooks.rs"),
];

#[tokio::test(start_paused = true)]
async fn every_route_opens_to_its_scope_and_to_nothing_less() {
    let locked = Locked::new().await;
    let mut tried = 0;
    for (method, path, needed) in ROUTES {
        // No cliente of this name can be: what passes the lock does nothing behind it.
        let filled = path
            .replace("{cliente_id}", "x")
            .replace("{name}", "x")
            .replace("{id}", "x")
            .replace("{number}", "x")
            .replace("{file}", "x")
            .replace("{command}", "nothing");
        let keys = [("no key", None), ("a wrong key", Some("smk_wrong"))];
        let held = Scope::ALL.map(|scope| (scope.as_str(), Some(locked.secret(scope))));
        for (what, secret) in keys.into_iter().chain(held) {
            let mut asked = request(method, &filled);
            if let Some(secret) = secret {
                asked = with_key(asked, secret);
            }
            let response = locked.setup.open(bare(asked)).await;
            let code = response.extensions().get::<ErrorCode>().copied();
            let refused =
                code.filter(|code| matches!(code, ErrorCode::Unauthorized | ErrorCode::Forbidden));
            let expected = match (needed, what.parse::<Scope>()) {
                (None, _) => None,
                (Some(_), Err(_)) => Some(ErrorCode::Unauthorized),
                (Some(needed), Ok(held)) => {
                    (held != needed && held != Scope::Manage).then_some(ErrorCode::Forbidden)
                }
            };
            assert_eq!(refused, expected, "{method} {path} with {what}");
            tried += 1;
        }
    }
    assert_eq!(tried, ROUTES.len() * 5);
    assert!(locked.setup.registry.snapshots().is_empty());
}

/// The type of the routes asks for a scope; this asks for a line in the table above.
#[test]
fn the_table_names_every_route_that_is_declared() {
    let mut declared = BTreeSet::new();
    for source in SOURCES {
        for after in source.split(".route(").skip(1) {
            let path = after.split('"').nth(1).unwrap();
            assert!(path.starts_with('/'), "{path}");
            declared.insert(path);
        }
    }
    let named: BTreeSet<_> = ROUTES.iter().map(|(_, path, _)| *path).collect();
    assert_eq!(declared, named);
}
