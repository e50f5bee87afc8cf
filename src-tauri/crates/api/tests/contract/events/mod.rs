//! `GET /events`: what tools are told. The documented shape is that of `docs/events.md`.

mod mail;
mod replay;
mod told;

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use futures::StreamExt as _;
use serde_json::{Value, json};
use session_api::{Limits, Options};
use session_core::StateName;
use session_core::ports::DriverEvent;
use tokio::time::{Instant, timeout};

use crate::support::{Setup, World, bare, code, get, id};

/// An event as it was read.
#[derive(Debug, PartialEq)]
struct Told {
    name: String,
    id: String,
    data: Value,
}

struct Stream(BodyDataStream);

impl Stream {
    async fn open(setup: &Setup, path: &str) -> Self {
        Self::asked(setup, bare(get(path))).await
    }

    /// Opened by a client that has read this last.
    async fn resumed(setup: &Setup, path: &str, last: &str) -> Self {
        Self::asked(setup, bare(get(path).header("Last-Event-ID", last))).await
    }

    async fn asked(setup: &Setup, request: Request<Body>) -> Self {
        let response = setup.open(request).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self(response.into_body().into_data_stream())
    }

    /// The next piece; nothing at the end.
    async fn raw(&mut self) -> Option<String> {
        let piece = timeout(Duration::from_secs(60), self.0.next())
            .await
            .expect("a piece");
        piece.map(|piece| String::from_utf8(piece.unwrap().to_vec()).unwrap())
    }

    async fn next(&mut self) -> Told {
        let piece = self.raw().await.expect("not the end");
        let read = || {
            let rest = piece.strip_prefix("event: ")?.strip_suffix("\n\n")?;
            let (name, rest) = rest.split_once("\nid: ")?;
            let (id, data) = rest.split_once("\nretry: 2000\ndata: ")?;
            Some(Told {
                name: name.to_owned(),
                id: id.to_owned(),
                data: serde_json::from_str(data).ok()?,
            })
        };
        read().unwrap_or_else(|| panic!("{piece:?}"))
    }

    async fn snapshot(&mut self) -> Value {
        let told = self.next().await;
        assert_eq!(told.name, "snapshot", "{told:?}");
        told.data
    }

    /// The names of what comes before the next sign of life.
    async fn names(&mut self) -> Vec<String> {
        let mut names = Vec::new();
        while let Some(piece) = self.raw().await.filter(|piece| piece != ":\n\n") {
            let name = piece.strip_prefix("event: ").unwrap().lines().next();
            names.push(name.unwrap().to_owned());
        }
        names
    }

    /// Reads until an event of this name.
    async fn until(&mut self, name: &str) -> Told {
        loop {
            let told = self.next().await;
            if told.name == name {
                return told;
            }
        }
    }
}

/// A code that WhatsApp gives after the first one.
fn later(number: u32) -> DriverEvent {
    DriverEvent::Code(code(&format!("2@{number}{}", "AbCd1234".repeat(25))))
}

#[tokio::test(start_paused = true)]
async fn one_cliente_is_all_that_is_told_of_where_it_was_asked_for() {
    let setup = Setup::new().await;
    setup.bring(3, StateName::Ready).await;
    let mut stream = Stream::open(&setup, "/events?x=1&cliente_id=4").await;
    assert_eq!(stream.snapshot().await["clientes"], json!([]));
    setup.bring(4, StateName::QrRequired).await;
    setup.bring(5, StateName::QrRequired).await;
    setup.registry.destroy(id(5), true).await.unwrap();
    setup.registry.destroy(id(4), true).await.unwrap();
    loop {
        let told = stream.next().await;
        assert_eq!(told.data["cliente_id"], 4, "{told:?}");
        if told.name == "removed" {
            break;
        }
    }
    let mut known = Stream::open(&setup, "/events?cliente_id=3").await;
    let snapshot = known.snapshot().await;
    assert_eq!(snapshot["clientes"][0]["cliente_id"], 3);
    assert_eq!(snapshot["clientes"][0]["account"]["name"], "Ana");
    assert_eq!(snapshot.get("resources"), None);
}

#[tokio::test(start_paused = true)]
async fn a_cliente_that_cannot_be_is_refused() {
    let setup = Setup::new().await;
    for query in [
        "cliente_id",
        "cliente_id=",
        "cliente_id=0",
        "cliente_id=-1",
        "cliente_id=%2B1",
        "cliente_id=1.5",
        "cliente_id=12abc",
        "cliente_id=9007199254740992",
        "cliente_id=1&cliente_id=1",
        "cliente_id=1&cliente_id=2",
    ] {
        let response = setup.open(bare(get(&format!("/events?{query}")))).await;
        // Looked at first: a stream that was let in would be read for ever.
        assert_eq!(response.status(), 400, "{query}");
        setup.ask(bare(get(&format!("/events?{query}")))).await.is(
            400,
            r#"{"error":true,"code":"INVALID_REQUEST","message":"cliente_id must be a positive integer"}"#,
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_quiet_stream_gives_a_sign_of_life() {
    let setup = Setup::new().await;
    let mut stream = Stream::open(&setup, "/events").await;
    stream.snapshot().await;
    for _ in 0..3 {
        let began = Instant::now();
        assert_eq!(stream.raw().await.unwrap(), ":\n\n");
        assert_eq!(began.elapsed().as_secs(), 15);
    }
    assert_eq!(Limits::default().heartbeat, Duration::from_secs(15));
}

#[tokio::test(start_paused = true)]
async fn the_streams_are_counted_and_given_back() {
    let setup = Setup::over(
        World::new(),
        Options {
            control_room: true,
            limits: Limits {
                streams: 2,
                ..Limits::default()
            },
            ..Options::default()
        },
    )
    .await;
    let first = Stream::open(&setup, "/events").await;
    let _second = Stream::open(&setup, "/control/events").await;
    for path in ["/events", "/control/events"] {
        let third = setup.open(bare(get(path))).await;
        // Looked at first: a stream that was let in would be read for ever.
        assert_eq!(third.status(), 503);
        let refused = setup.ask(bare(get(path))).await;
        assert_eq!(refused.header("retry-after"), Some("5"));
        refused.is(
            503,
            r#"{"error":true,"code":"TOO_MANY_STREAMS","message":"Too many event streams are open - close one and try again"}"#,
        );
    }
    drop(first);
    Stream::open(&setup, "/events").await.snapshot().await;
    assert_eq!(Limits::default().streams, 64);
}

#[tokio::test(start_paused = true)]
async fn the_stream_ends_when_the_server_stops() {
    let setup = Setup::new().await;
    let mut stream = Stream::open(&setup, "/events").await;
    stream.snapshot().await;
    let began = Instant::now();
    setup.stop.cancel();
    assert_eq!(stream.raw().await, None);
    assert_eq!(began.elapsed(), Duration::ZERO);
}
