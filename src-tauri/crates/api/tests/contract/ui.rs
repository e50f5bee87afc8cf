//! The control room's page, where this server serves it. The page may or may not be part of this build; both are
//! looked at as they come.

use crate::support::{Setup, bare, get, request};

#[tokio::test]
async fn the_page_comes_with_its_policy() {
    let setup = Setup::headless().await;
    let page = setup.ask(bare(get("/"))).await;
    assert!(matches!(page.status, 200 | 503), "{page:?}");
    assert!(page.body.starts_with("<!doctype html>"), "{}", page.body);
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        (
            "content-security-policy",
            "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        ),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(page.header(name), Some(value), "{name}");
    }
    let named = setup.ask(bare(get("/index.html"))).await;
    assert_eq!((named.status, named.body), (page.status, page.body.clone()));

    let head = setup.ask(bare(request("HEAD", "/"))).await;
    head.is(page.status, "");
    assert_eq!(
        head.header("content-length"),
        Some(page.body.len().to_string().as_str())
    );
    let posted = setup.ask(bare(request("POST", "/"))).await;
    posted.is(
        405,
        r#"{"error":true,"code":"METHOD_NOT_ALLOWED","message":"Method not allowed"}"#,
    );
    assert_eq!(posted.header("allow"), Some("GET,HEAD"));
}

#[tokio::test]
async fn what_the_page_refers_to_is_there() {
    let setup = Setup::headless().await;
    let page = setup.ask(bare(get("/"))).await;
    for (attribute, kind) in [
        ("src=\"", "text/javascript; charset=utf-8"),
        (
            "stylesheet\" crossorigin href=\"",
            "text/css; charset=utf-8",
        ),
    ] {
        for piece in page.body.split(attribute).skip(1) {
            let path = piece.split('"').next().unwrap().trim_start_matches('.');
            let asset = setup.ask(bare(get(path))).await;
            assert_eq!(asset.status, 200, "{path}");
            assert_eq!(asset.header("content-type"), Some(kind), "{path}");
        }
    }
}

#[tokio::test]
async fn what_the_page_does_not_hold_is_an_unknown_route() {
    let setup = Setup::headless().await;
    for path in [
        "/nothing",
        "/assets/nothing.js",
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "//etc/passwd",
    ] {
        setup.ask(bare(get(path))).await.is(
            404,
            r#"{"error":true,"code":"NOT_FOUND","message":"Endpoint not found"}"#,
        );
    }
    // The API's own routes come first.
    assert_eq!(setup.ask(bare(get("/clients"))).await.body, "[]");
}
