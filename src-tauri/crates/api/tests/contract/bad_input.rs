//! Bad input: headers, methods, routes, bodies. And what every answer carries.

use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::{HeaderValue, Request};
use session_core::StateName;

use crate::support::{Answer, Setup, about, bare, get, post, request, with_json};

/// Routes that need the header, by method, and whether their errors have the shape of the QR routes.
const ABOUT_ONE: [(&str, &str, bool); 5] = [
    ("POST", "/init", false),
    ("GET", "/status", false),
    ("POST", "/send", false),
    ("GET", "/qr", true),
    ("GET", "/qr-code", true),
];

fn refused(code: &str, message: &str, qr_shape: bool) -> String {
    if qr_shape {
        format!(r#"{{"error":"{code}","message":"{message}"}}"#)
    } else {
        format!(r#"{{"error":true,"code":"{code}","message":"{message}"}}"#)
    }
}

#[tokio::test(start_paused = true)]
async fn the_header_is_needed() {
    let setup = Setup::new().await;
    for (method, path, qr_shape) in ABOUT_ONE {
        setup.ask(bare(request(method, path))).await.is(
            400,
            &refused(
                "MISSING_HEADER",
                "X-Cliente-Id header is required",
                qr_shape,
            ),
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_header_is_a_positive_integer() {
    let setup = Setup::new().await;
    let strange = [
        "",
        "0",
        "-1",
        "+1",
        "1.5",
        "12abc",
        "abc",
        "1e3",
        "0x1",
        "1,2",
        "1 2",
        "null",
        "undefined",
        "9007199254740992",
        "99999999999999999999999999",
    ];
    let mut values: Vec<HeaderValue> = strange.map(HeaderValue::from_static).into();
    // Digits, but of another script; and no text at all.
    values.push(HeaderValue::from_bytes("١".as_bytes()).unwrap());
    values.push(HeaderValue::from_bytes(&[0xff]).unwrap());
    for (method, path, qr_shape) in ABOUT_ONE {
        let expected = refused(
            "INVALID_HEADER",
            "X-Cliente-Id must be a positive integer",
            qr_shape,
        );
        for value in &values {
            let request = request(method, path).header("X-Cliente-Id", value);
            setup.ask(bare(request)).await.is(400, &expected);
        }
        for second in ["1", "2"] {
            let request = request(method, path)
                .header("X-Cliente-Id", "1")
                .header("x-cliente-id", second);
            setup.ask(bare(request)).await.is(400, &expected);
        }
    }
    assert!(setup.registry.snapshots().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_largest_id_and_leading_zeros_are_fine() {
    let setup = Setup::new().await;
    for (value, id) in [("9007199254740991", "9007199254740991"), ("007", "7")] {
        let answer = setup
            .ask(bare(get("/status").header("X-CLIENTE-ID", value)))
            .await;
        assert_eq!(answer.status, 200);
        assert!(answer.body.starts_with(&format!(r#"{{"cliente_id":{id},"#)));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_not_found() {
    let setup = Setup::new().await;
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/nothing"),
        ("POST", "/nothing"),
        ("OPTIONS", "/nothing"),
        ("GET", "/status/"),
        ("GET", "/status/1"),
        ("GET", "//status"),
        ("GET", "/STATUS"),
        ("POST", "/control/snapshot"),
        ("GET", "/index.html"),
        ("BREW", "/pot"),
    ] {
        setup.ask(about(request(method, path), 1)).await.is(
            404,
            r#"{"error":true,"code":"NOT_FOUND","message":"Endpoint not found"}"#,
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_known_route_names_its_methods() {
    let setup = Setup::new().await;
    for (path, right, wrong) in [
        ("/init", "POST", ["GET", "DELETE", "PUT"]),
        ("/send", "POST", ["GET", "DELETE", "PATCH"]),
        ("/status", "GET,HEAD", ["POST", "DELETE", "PUT"]),
        ("/qr", "GET,HEAD", ["POST", "DELETE", "PUT"]),
        ("/qr-code", "GET,HEAD", ["POST", "DELETE", "PUT"]),
        ("/health", "GET,HEAD", ["POST", "DELETE", "BREW"]),
        ("/clients", "GET,HEAD", ["POST", "DELETE", "PUT"]),
        ("/events", "GET,HEAD", ["POST", "DELETE", "PUT"]),
        ("/metrics", "GET,HEAD", ["POST", "DELETE", "PUT"]),
        ("/session/1", "DELETE", ["GET", "POST", "PUT"]),
    ] {
        for method in wrong {
            let answer = setup.ask(about(request(method, path), 1)).await;
            answer.is(
                405,
                r#"{"error":true,"code":"METHOD_NOT_ALLOWED","message":"Method not allowed"}"#,
            );
            assert_eq!(answer.header("allow"), Some(right), "{method} {path}");
        }
        let options = setup.ask(bare(request("OPTIONS", path))).await;
        options.is(204, "");
        assert_eq!(options.header("allow"), Some(right), "{path}");
    }
    assert_eq!(setup.world.launches.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn a_head_is_a_get_without_its_body() {
    let setup = Setup::new().await;
    for path in ["/status", "/health", "/clients", "/qr"] {
        let whole = setup.get(path, 1).await;
        let head = setup.ask(about(request("HEAD", path), 1)).await;
        assert_eq!(head.status, whole.status, "{path}");
        assert_eq!(head.body, "");
        assert_eq!(
            head.header("content-length"),
            Some(whole.body.len().to_string().as_str())
        );
    }
}

async fn typed(setup: &Setup, kind: Option<&str>, body: impl Into<Body>) -> Answer {
    let mut request = post("/send").header("X-Cliente-Id", 1);
    if let Some(kind) = kind {
        request = request.header("Content-Type", kind);
    }
    setup.ask(request.body(body.into()).unwrap()).await
}

#[tokio::test(start_paused = true)]
async fn a_body_is_json_or_refused() {
    let setup = Setup::new().await;
    let message = r#"{"to":"5491155551234","message":"x"}"#;
    for kind in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/jsonp"),
        Some("text/plain; application/json"),
        Some("application/json, text/plain"),
        Some(""),
    ] {
        typed(&setup, kind, message).await.is(
            415,
            r#"{"error":true,"code":"UNSUPPORTED_MEDIA_TYPE","message":"A body must be application/json"}"#,
        );
    }
    for kind in [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
        "application/json ;x=y",
    ] {
        // Read, and then there is no such session.
        assert_eq!(
            typed(&setup, Some(kind), message).await.status,
            409,
            "{kind}"
        );
    }
    let twice = post("/send")
        .header("Content-Type", "application/json")
        .header("Content-Type", "text/plain");
    assert_eq!(
        setup.ask(twice.body(message.into()).unwrap()).await.status,
        415
    );
    // Before any route, and with any method.
    let unknown = post("/nothing").body(message.into()).unwrap();
    assert_eq!(setup.ask(unknown).await.status, 415);
    let reading = get("/status").body(message.into()).unwrap();
    assert_eq!(setup.ask(reading).await.status, 415);
    // A type without a body is what the existing front end sends with every GET.
    let typed_get = get("/status").header("Content-Type", "text/plain");
    assert_eq!(setup.ask(about(typed_get, 1)).await.status, 200);
}

/// A body in pieces, without a length.
fn pieces(count: usize, size: usize) -> Body {
    let piece = "x".repeat(size);
    Body::from_stream(futures::stream::iter(
        (0..count).map(move |_| Ok::<_, std::io::Error>(piece.clone())),
    ))
}

#[tokio::test(start_paused = true)]
async fn a_body_has_64_kib_at_most() {
    let setup = Setup::new().await;
    let too_large =
        r#"{"error":true,"code":"PAYLOAD_TOO_LARGE","message":"The body is larger than 64 KiB"}"#;
    let json = Some("application/json");
    let filled = |size: usize| {
        let frame = r#"{"to":"5491155551234","message":""}"#.len();
        let text = "x".repeat(size - frame);
        format!(r#"{{"to":"5491155551234","message":"{text}"}}"#)
    };
    assert_eq!(typed(&setup, json, filled(65_536)).await.status, 409);
    typed(&setup, json, filled(65_537)).await.is(413, too_large);
    typed(&setup, json, pieces(66, 1000))
        .await
        .is(413, too_large);
    assert_eq!(typed(&setup, json, pieces(64, 1024)).await.status, 400);
    // The kind comes first.
    assert_eq!(typed(&setup, None, filled(70_000)).await.status, 415);
    assert_eq!(typed(&setup, None, pieces(66, 1000)).await.status, 415);
    // What only claims to be large is not waited for.
    let claimed = post("/init")
        .header("X-Cliente-Id", 1)
        .header("Content-Type", "application/json")
        .body(Sized(1 << 40).into())
        .unwrap();
    setup.ask(claimed).await.is(413, too_large);
}

/// A body that announces its size and never comes.
struct Sized(u64);

impl From<Sized> for Body {
    fn from(body: Sized) -> Self {
        Self::new(body)
    }
}

impl axum::body::HttpBody for Sized {
    type Data = axum::body::Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
        std::task::Poll::Pending
    }

    fn size_hint(&self) -> http_body::SizeHint {
        http_body::SizeHint::with_exact(self.0)
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let setup = Setup::new().await;
    let began = tokio::time::Instant::now();
    let slow = post("/send")
        .header("X-Cliente-Id", 1)
        .header("Content-Type", "application/json")
        .body(Sized(100).into())
        .unwrap();
    setup.ask(slow).await.is(
        400,
        r#"{"error":true,"code":"INVALID_REQUEST","message":"The body did not arrive in time"}"#,
    );
    assert_eq!(began.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_panic_tells_nothing() {
    let setup = Setup::new().await;
    setup.host.panics.store(true, Ordering::SeqCst);
    let answer = setup.ask(bare(get("/health"))).await;
    answer.is(
        500,
        r#"{"error":true,"code":"INTERNAL_ERROR","message":"Internal server error"}"#,
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));

    setup.bring(1, StateName::QrRequired).await;
    setup.clock.panics.store(true, Ordering::SeqCst);
    setup.get("/qr", 1).await.is(
        500,
        r#"{"error":"INTERNAL_ERROR","message":"Internal server error"}"#,
    );
}

#[tokio::test(start_paused = true)]
async fn every_answer_is_for_its_caller_only() {
    let setup = Setup::new().await;
    let asked: [Request<Body>; 6] = [
        about(get("/status"), 1),
        bare(get("/status")),
        bare(get("/nothing")),
        bare(post("/status")),
        bare(get("/events")),
        with_json(post("/send").header("Host", "evil.example"), "{}"),
    ];
    for request in asked {
        let what = format!("{} {}", request.method(), request.uri());
        let response = setup.open(request).await;
        for (name, value) in [
            ("cross-origin-resource-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
        ] {
            let all: Vec<_> = response.headers().get_all(name).iter().collect();
            assert_eq!(all, [value], "{what}: {name}");
        }
        assert!(
            response
                .headers()
                .get("access-control-allow-origin")
                .is_none(),
            "{what}"
        );
    }
}
