//! So many starts in a minute from one address, and so many messages of one cliente.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, request::Builder};
use session_api::Limits;
use session_core::StateName;
use session_core::ports::CallError;
use tokio::time::advance;

use crate::support::{Answer, Setup, about, bare, get, id, post, with_json};

/// What an answer says of the limit: all, left, seconds until one more.
fn standing(answer: &Answer) -> Option<(&str, &str, &str)> {
    Some((
        answer.header("ratelimit-limit")?,
        answer.header("ratelimit-remaining")?,
        answer.header("ratelimit-reset")?,
    ))
}

fn from(address: &str, mut request: Request<Body>) -> Request<Body> {
    let address: SocketAddr = address.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(address));
    request
}

#[tokio::test(start_paused = true)]
async fn five_starts_a_minute_and_no_more() {
    let setup = Setup::new().await;
    for (cliente, left, reset) in [
        (1, "4", "60"),
        (2, "3", "50"),
        (3, "2", "40"),
        (4, "1", "30"),
    ] {
        let answer = setup.init(cliente).await;
        assert_eq!(answer.status, 200);
        assert_eq!(standing(&answer), Some(("5", left, reset)));
        assert_eq!(answer.header("ratelimit-policy"), Some("5;w=60"));
        assert_eq!(answer.header("retry-after"), None);
        advance(Duration::from_secs(10)).await;
    }
    // 19.5 s are left of the first minute; told in whole seconds they are 20.
    advance(Duration::from_millis(500)).await;
    assert_eq!(
        standing(&setup.init(5).await),
        Some(("5", "0", "20")),
        "the fifth"
    );
    let refused = setup.init(6).await;
    refused.is(
        429,
        r#"{"error":true,"code":"RATE_LIMIT_EXCEEDED","message":"Too many starts from this address - try again in 20 s","retry_after_seconds":20}"#,
    );
    assert_eq!(refused.header("retry-after"), Some("20"));
    assert_eq!(standing(&refused), Some(("5", "0", "20")));
    assert_eq!(setup.world.launches.load(Ordering::SeqCst), 5);
    assert_eq!(setup.registry.snapshots().len(), 5, "nothing was made");

    // What is refused does not count, so that whoever waits as long as told is let through; a moment less is too early.
    advance(Duration::from_millis(19_499)).await;
    assert_eq!(setup.init(6).await.header("retry-after"), Some("1"));
    advance(Duration::from_millis(1)).await;
    assert_eq!(setup.init(6).await.status, 200);
    // The window slides: the second is not forgotten with the first.
    let next = setup.init(7).await;
    assert_eq!((next.status, next.header("retry-after")), (429, Some("10")));
    advance(Duration::from_secs(10)).await;
    assert_eq!(setup.init(7).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn only_what_the_registry_is_asked_for_counts() {
    let setup = Setup::new().await;
    let harmless: [fn() -> Builder; 5] = [
        || post("/init"),
        || post("/init").header("X-Cliente-Id", "12abc"),
        || post("/init").header("Origin", "https://evil.example"),
        || post("/init").header("Sec-Fetch-Site", "cross-site"),
        || get("/init"),
    ];
    for (request, status) in harmless.into_iter().zip([400, 400, 403, 403, 405]) {
        for _ in 0..10 {
            let answer = setup.ask(bare(request())).await;
            assert_eq!(answer.status, status);
            // The route itself tells where its caller stands, and nobody else.
            let stands = (status == 400).then_some(("5", "5", "0"));
            assert_eq!(standing(&answer), stands, "{status}");
        }
    }
    // One that runs, and one whose start is under way, have been asked about.
    setup.bring(1, StateName::Ready).await;
    setup.bring(2, StateName::Initializing).await;
    for (cliente, status, left) in [
        (1, 200, "4"),
        (2, 409, "3"),
        (1, 200, "2"),
        (2, 409, "1"),
        (1, 200, "0"),
    ] {
        let answer = setup.init(cliente).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("ratelimit-remaining"), Some(left));
    }
    assert_eq!(setup.init(2).await.status, 429);
    // What cannot be right is still said to be wrong, and other routes go on.
    let nameless = setup.ask(bare(post("/init"))).await;
    assert_eq!(nameless.status, 400);
    assert_eq!(standing(&nameless), Some(("5", "0", "60")));
    assert_eq!(setup.get("/status", 1).await.status, 200);
    assert_eq!(standing(&setup.get("/status", 1).await), None);
}

#[tokio::test(start_paused = true)]
async fn each_address_has_its_own_and_no_header_tells_it() {
    let setup = Setup::new().await;
    for port in 0..5_u16 {
        let request = from(
            &format!("127.0.0.1:{}", 40_000 + port),
            about(post("/init"), 1),
        );
        assert_eq!(setup.ask(request).await.status, 200);
    }
    for name in ["X-Forwarded-For", "Forwarded", "X-Real-Ip"] {
        let request = about(post("/init").header(name, "10.1.2.3"), 1);
        let answer = setup.ask(from("127.0.0.1:1", request)).await;
        assert_eq!(answer.status, 429, "{name}");
    }
    for other in ["127.0.0.2:1", "[::1]:1"] {
        let answer = setup.ask(from(other, about(post("/init"), 1))).await;
        assert_eq!(standing(&answer), Some(("5", "4", "60")), "{other}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_may_be_another_or_none() {
    let setup = Setup::without_limits().await;
    for _ in 0..30 {
        let answer = setup.init(1).await;
        assert_eq!((answer.status, standing(&answer)), (200, None));
    }
    let setup = Setup::limited(Limits {
        init_rate: 1,
        ..Limits::default()
    })
    .await;
    assert_eq!(standing(&setup.init(1).await), Some(("1", "0", "60")));
    assert_eq!(setup.init(1).await.status, 429);
    // The control room's own starts are not refused for it.
    let headless = Setup::headless().await;
    for cliente in 1..=8 {
        let args = format!(r#"{{"id":{cliente},"name":"","note":"","start":true}}"#);
        assert_eq!(headless.control("add_cliente", &args).await.status, 200);
    }
}

const MESSAGE: &str = r#"{"to":"5491155551234","message":"x"}"#;

#[tokio::test(start_paused = true)]
async fn messages_are_limited_if_somebody_wants_that() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::Ready).await;
    for _ in 0..30 {
        let answer = setup.send(7, MESSAGE).await;
        assert_eq!((answer.status, standing(&answer)), (200, None));
    }

    let setup = Setup::limited(Limits {
        send_rate: 2,
        ..Limits::default()
    })
    .await;
    // Nobody tried to send these.
    for _ in 0..5 {
        let answer = setup.send(7, MESSAGE).await;
        assert_eq!(
            (answer.status, standing(&answer)),
            (409, Some(("2", "2", "0")))
        );
    }
    setup.bring(7, StateName::Ready).await;
    setup.bring(8, StateName::Ready).await;
    let browser = setup.world.browser(id(7));
    for _ in 0..5 {
        assert_eq!(
            setup.send(7, r#"{"to":"x","message":"y"}"#).await.status,
            400
        );
    }
    assert_eq!(
        standing(&setup.send(7, MESSAGE).await),
        Some(("2", "1", "60"))
    );
    advance(Duration::from_millis(1)).await;
    // One that failed may have gone out.
    *browser.failure.lock().unwrap() = Some(CallError::Refused("RATE".into()));
    let failed = setup.send(7, MESSAGE).await;
    assert_eq!(
        (failed.status, standing(&failed)),
        (500, Some(("2", "0", "60")))
    );
    *browser.failure.lock().unwrap() = None;
    browser.take_calls();
    let refused = setup.send(7, MESSAGE).await;
    refused.is(
        429,
        r#"{"error":true,"code":"RATE_LIMIT_EXCEEDED","message":"Too many messages of this cliente - try again in 60 s","retry_after_seconds":60}"#,
    );
    assert_eq!(refused.header("retry-after"), Some("60"));
    assert!(browser.take_calls().is_empty(), "it went out");
    // Of this cliente only, and not for the person at the control room.
    assert_eq!(setup.send(8, MESSAGE).await.status, 200);
    // By then the session doubts itself, because nobody acknowledged a message; the limit has no objection.
    advance(Duration::from_secs(60)).await;
    assert_ne!(setup.send(7, MESSAGE).await.status, 429);
}

#[tokio::test(start_paused = true)]
async fn a_listed_page_may_read_where_it_stands() {
    use session_api::{Options, Origins};
    let setup = Setup::with(Options {
        origins: Origins::parse("https://panel.example.com").unwrap(),
        ..Options::default()
    })
    .await;
    let request = post("/init").header("Origin", "https://panel.example.com");
    let answer = setup
        .ask(with_json(request.header("X-Cliente-Id", 1), "{}"))
        .await;
    assert_eq!(standing(&answer), Some(("5", "4", "60")));
    assert_eq!(
        answer.header("access-control-expose-headers"),
        Some(
            "Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, RateLimit-Policy"
        )
    );
}
