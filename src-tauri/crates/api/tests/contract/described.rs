//! The description of the API against the API: what it describes is there, and its examples work as they are.

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;
use session_core::StateName;

use crate::support::described::document;
use crate::support::{Setup, bare, get, request, with_json};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The request of an operation, made of its examples.
fn example(method: &str, path: &str, operation: &Value) -> Request<Body> {
    let mut path = path.to_owned();
    let mut headers = Vec::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap();
        let Some(value) = parameter.get("example") else {
            assert_ne!(parameter["required"], true, "{path}: {name} has no example");
            continue;
        };
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        match parameter["in"].as_str().unwrap() {
            "path" => path = path.replace(&format!("{{{name}}}"), &value),
            "header" => headers.push((name.to_owned(), value)),
            _ => {
                let mark = if path.contains('?') { '&' } else { '?' };
                path = format!("{path}{mark}{name}={value}");
            }
        }
    }
    let mut built = request(&method.to_uppercase(), &path);
    for (name, value) in headers {
        built = built.header(name, value);
    }
    match operation["requestBody"]["content"]["application/json"].get("example") {
        Some(body) => with_json(built, &body.to_string()),
        None => bare(built),
    }
}

#[tokio::test(start_paused = true)]
async fn every_described_route_is_there() {
    let mut number = 0;
    for (path, item) in document()["paths"].as_object().unwrap() {
        for method in METHODS {
            let Some(operation) = item.get(method) else {
                continue;
            };
            let setup = Setup::new().await;
            let response = setup.open(example(method, path, operation)).await;
            let status = response.status().as_u16();
            let code = response.extensions().get::<session_api::ErrorCode>();
            assert!(
                status != 405 && code != Some(&session_api::ErrorCode::NotFound),
                "{method} {path}: {status}"
            );
            number += 1;
        }
    }
    assert!(number > 25, "{number}");
}

#[tokio::test(start_paused = true)]
async fn every_example_of_a_request_succeeds_as_it_is() {
    for (path, item) in document()["paths"].as_object().unwrap() {
        for method in METHODS {
            let Some(operation) = item.get(method) else {
                continue;
            };
            // A stream goes on, and other tests have files, messages and webhooks.
            if path == "/events"
                || path == "/media"
                || path.starts_with("/webhooks")
                || path.starts_with("/messages/")
            {
                continue;
            }
            let setup = Setup::without_limits().await;
            // The cliente of all examples, in the state that the route is for.
            let state = match (method, path.as_str()) {
                (_, "/api/sessions") => StateName::NotInitialized,
                (_, "/qr" | "/qr-code" | "/api/{name}/auth/request-code") => StateName::QrRequired,
                // Its answer is a picture.
                (_, "/api/{name}/auth/qr") => continue,
                _ => StateName::Ready,
            };
            setup.bring(7, state).await;
            // Its answer is compared with the description on the way.
            let answer = setup.ask(example(method, path, operation)).await;
            assert!(
                matches!(answer.status, 200 | 201),
                "{method} {path}: {} {}",
                answer.status,
                answer.body
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_description_is_served_to_whoever_may_call_and_to_nobody_else() {
    let setup = Setup::new().await;
    let answer = setup.ask(bare(get("/openapi.json"))).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, session_api::openapi::json());
    assert_eq!(
        answer.header("Content-Type"),
        Some("application/json; charset=utf-8")
    );
    let foreign = get("/openapi.json").header("Origin", "https://example.com");
    assert_eq!(setup.ask(bare(foreign)).await.status, 403);
    let foreign = get("/docs").header("Sec-Fetch-Site", "cross-site");
    assert_eq!(setup.ask(bare(foreign)).await.status, 403);
}

#[tokio::test(start_paused = true)]
async fn the_page_offers_to_try_only_what_it_may_do() {
    let with_window = Setup::new().await.ask(bare(get("/docs"))).await;
    let without = Setup::headless().await.ask(bare(get("/docs"))).await;
    // Without the files of the UI's build there is a page that says so.
    if with_window.status == 503 {
        assert!(with_window.body.contains("not part of this build"));
        return;
    }
    assert_eq!((with_window.status, without.status), (200, 200));
    assert!(with_window.body.contains("data-methods=\"get\""));
    assert!(
        without
            .body
            .contains("data-methods=\"get post put delete\"")
    );
    let policy = with_window.header("Content-Security-Policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; "));
    assert!(!policy.contains("unsafe-eval") && !policy.contains("http"));
    for (name, kind) in [
        ("swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
        ("reference.css", "text/css; charset=utf-8"),
    ] {
        let setup = Setup::new().await;
        let file = setup.open(bare(get(&format!("/docs/{name}")))).await;
        assert_eq!(file.status(), 200, "{name}");
        assert_eq!(file.headers()["content-type"], kind);
        assert_eq!(file.headers()["content-encoding"], "gzip");
        for refusal in ["identity", "gzip;q=0", "br, gzip;q=0.0"] {
            let asked = get(&format!("/docs/{name}")).header("Accept-Encoding", refusal);
            assert_eq!(setup.ask(bare(asked)).await.status, 406, "{refusal}");
        }
        for welcome in ["gzip", "br, gzip;q=0.5", "*"] {
            let asked = get(&format!("/docs/{name}")).header("Accept-Encoding", welcome);
            assert_eq!(setup.open(bare(asked)).await.status(), 200, "{welcome}");
        }
    }
    for unknown in [
        "/docs/index.html",
        "/docs/..%2findex.html",
        "/docs/x.js",
        "/docs/",
    ] {
        let setup = Setup::new().await;
        assert_eq!(setup.ask(bare(get(unknown))).await.status, 404, "{unknown}");
    }
}
