//! Who may call: pages in the same person's browser may not, unless their origin is listed.

use session_api::{Options, Origins};

use crate::support::{Answer, PORT, Setup, about, bare, get, post, request, with_json};

const NOT_HERE: &str = r#"{"error":true,"code":"HOST_NOT_ALLOWED","message":"This API answers only to localhost, 127.0.0.1 and [::1]"}"#;
const NOT_YOU: &str = r#"{"error":true,"code":"ORIGIN_NOT_ALLOWED","message":"This origin is not allowed - list it in ALLOWED_ORIGINS"}"#;

async fn with_hosts(setup: &Setup, hosts: &[&str]) -> Answer {
    let mut request = axum::http::Request::builder().method("GET").uri("/status");
    for host in hosts {
        request = request.header("Host", *host);
    }
    setup.ask(about(request, 1)).await
}

#[tokio::test]
async fn only_names_of_this_machine_are_answered() {
    let setup = Setup::new().await;
    for host in [
        "localhost",
        "localhost:3001",
        "LocalHost:3001",
        "127.0.0.1",
        "127.0.0.1:3001",
        "[::1]",
        "[::1]:3001",
    ] {
        assert_eq!(with_hosts(&setup, &[host]).await.status, 200, "{host}");
    }
    for host in [
        "",
        "evil.example",
        "evil.example:3001",
        "localhost.evil.example",
        "localhost:3002",
        "127.0.0.1:80",
        "localhost:3001:3001",
        "localhost.",
        "127.0.0.2",
        "127.1",
        "2130706433",
        "0.0.0.0:3001",
        "::1",
        "[::1]:1",
        "user@localhost",
        "localhost:3001, evil.example",
        " localhost",
    ] {
        with_hosts(&setup, &[host]).await.is(403, NOT_HERE);
    }
    with_hosts(&setup, &[]).await.is(403, NOT_HERE);
    with_hosts(&setup, &["localhost:3001", "localhost:3001"])
        .await
        .is(403, NOT_HERE);
    // A whole address in the request line counts too.
    let line = get(&format!("http://evil.example:{PORT}/status"));
    setup.ask(about(line, 1)).await.is(403, NOT_HERE);
    let line = get(&format!("http://localhost:{PORT}/status"));
    assert_eq!(setup.ask(about(line, 1)).await.status, 200);
}

#[tokio::test]
async fn pages_may_not_call() {
    let setup = Setup::new().await;
    for (name, value) in [
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
        ("Origin", ""),
        ("Origin", "http://localhost:3001"),
        ("Origin", "http://127.0.0.1:3001"),
        ("Origin", "http://localhost:5173"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("Sec-Fetch-Site", "something-new"),
    ] {
        for (method, path) in [
            ("GET", "/status"),
            ("POST", "/init"),
            ("POST", "/send"),
            ("DELETE", "/session/1"),
            ("GET", "/events"),
            ("GET", "/nothing"),
            ("OPTIONS", "/status"),
        ] {
            let answer = setup
                .ask(about(request(method, path).header(name, value), 1))
                .await;
            answer.is(403, NOT_YOU);
            assert_eq!(answer.header("access-control-allow-origin"), None);
        }
    }
    assert!(setup.registry.snapshots().is_empty());
    // What a browser does for the person, and for a page of the same origin.
    for site in ["none", "same-origin"] {
        let request = get("/status").header("Sec-Fetch-Site", site);
        assert_eq!(setup.ask(about(request, 1)).await.status, 200, "{site}");
    }
}

#[tokio::test]
async fn the_host_is_looked_at_first_and_the_body_last() {
    let setup = Setup::new().await;
    let request = |host: &str| {
        axum::http::Request::builder()
            .method("POST")
            .uri("/send")
            .header("Host", host)
            .header("Origin", "https://evil.example")
            .header("Content-Type", "text/plain")
            .body("x".repeat(70_000).into())
            .unwrap()
    };
    setup.ask(request("evil.example")).await.is(403, NOT_HERE);
    setup.ask(request("localhost")).await.is(403, NOT_YOU);
}

async fn listed() -> Setup {
    Setup::with(Options {
        origins: Origins::parse("https://panel.example.com, http://localhost:5173").unwrap(),
        ..Options::default()
    })
    .await
}

#[tokio::test]
async fn a_listed_origin_may_call_and_read() {
    let setup = listed().await;
    for origin in ["https://panel.example.com", "http://localhost:5173"] {
        let asked = [
            (about(get("/status"), 1), 200),
            (bare(get("/status")), 400),
            (bare(get("/nothing")), 404),
            (with_json(post("/send").header("X-Cliente-Id", 1), "{"), 400),
            (post("/send").body("x".into()).unwrap(), 415),
        ];
        for (mut request, status) in asked {
            let headers = request.headers_mut();
            headers.insert("Origin", origin.parse().unwrap());
            headers.insert("Sec-Fetch-Site", "cross-site".parse().unwrap());
            let answer = setup.ask(request).await;
            assert_eq!(answer.status, status);
            assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
            assert_eq!(answer.header("vary"), Some("Origin"));
            assert_eq!(answer.header("access-control-allow-credentials"), None);
        }
    }
    for origin in [
        "https://panel.example.com.evil.example",
        "https://panel.example.com:444",
        "http://panel.example.com",
        "HTTPS://panel.example.com",
        "null",
    ] {
        let request = get("/status").header("Origin", origin);
        setup.ask(about(request, 1)).await.is(403, NOT_YOU);
    }
    let twice = get("/status")
        .header("Origin", "https://panel.example.com")
        .header("Origin", "https://panel.example.com");
    setup.ask(about(twice, 1)).await.is(403, NOT_YOU);
    // Without an origin a request of another site stays out, listed or not.
    let image = get("/qr").header("Sec-Fetch-Site", "cross-site");
    setup.ask(about(image, 1)).await.is(403, NOT_YOU);
}

#[tokio::test]
async fn a_listed_origin_passes_its_preflight() {
    let setup = listed().await;
    for (method, path) in [
        ("GET", "/status"),
        ("POST", "/init"),
        ("DELETE", "/session/1"),
    ] {
        let preflight = request("OPTIONS", path)
            .header("Origin", "https://panel.example.com")
            .header("Sec-Fetch-Site", "cross-site")
            .header("Access-Control-Request-Method", method)
            .header(
                "Access-Control-Request-Headers",
                "content-type,x-cliente-id",
            );
        let answer = setup.ask(bare(preflight)).await;
        answer.is(204, "");
        for (name, value) in [
            ("access-control-allow-origin", "https://panel.example.com"),
            ("access-control-allow-methods", "GET, POST, PUT, DELETE"),
            (
                "access-control-allow-headers",
                "Content-Type, X-Cliente-Id, Authorization, X-API-Key, Last-Event-ID, Idempotency-Key",
            ),
            ("access-control-max-age", "600"),
            ("vary", "Origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{name}");
        }
        assert_eq!(answer.header("access-control-allow-private-network"), None);
    }
    let public_page = request("OPTIONS", "/status")
        .header("Origin", "https://panel.example.com")
        .header("Access-Control-Request-Method", "GET")
        .header("Access-Control-Request-Private-Network", "true");
    let answer = setup.ask(bare(public_page)).await;
    assert_eq!(
        answer.header("access-control-allow-private-network"),
        Some("true")
    );
    // A plain OPTIONS asks what the route can do.
    let plain = request("OPTIONS", "/init").header("Origin", "https://panel.example.com");
    let answer = setup.ask(bare(plain)).await;
    answer.is(204, "");
    assert_eq!(answer.header("allow"), Some("POST"));
    // Anybody else's preflight.
    let other = request("OPTIONS", "/status")
        .header("Origin", "https://evil.example")
        .header("Access-Control-Request-Method", "GET");
    let answer = setup.ask(bare(other)).await;
    answer.is(403, NOT_YOU);
    assert_eq!(answer.header("access-control-allow-methods"), None);
}

#[tokio::test]
async fn the_control_rooms_own_pages_call_only_where_they_are_served() {
    let setup = Setup::headless().await;
    for origin in [
        "http://localhost:3001",
        "http://127.0.0.1:3001",
        "http://[::1]:3001",
    ] {
        let own = get("/status")
            .header("Origin", origin)
            .header("Sec-Fetch-Site", "same-origin");
        let answer = setup.ask(about(own, 1)).await;
        assert_eq!(answer.status, 200, "{origin}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
        // From the page at the other name of this machine: another site to the browser, and to us.
        let other = get("/status")
            .header("Origin", origin)
            .header("Sec-Fetch-Site", "cross-site");
        setup.ask(about(other, 1)).await.is(403, NOT_YOU);
    }
    for origin in [
        "https://localhost:3001",
        "http://localhost",
        "http://localhost:3002",
        "http://[::1]",
        "http://evil.example:3001",
        "http://localhost:3001/",
        "http://localhost:3001@evil.example",
        "null",
    ] {
        let request = get("/status").header("Origin", origin);
        setup.ask(about(request, 1)).await.is(403, NOT_YOU);
    }
}
