//! `GET /control/events`: the control room's stream for its page in a browser.

use std::time::Duration;

use axum::body::BodyDataStream;
use futures::StreamExt as _;
use session_api::dto::ControlEvent;
use session_api::{Options, Origins};
use session_core::StateName;
use tokio::time::{Instant, timeout};

use crate::support::{Setup, bare, get, id};

struct Stream(BodyDataStream);

impl Stream {
    async fn open(setup: &Setup) -> Self {
        let response = setup.open(bare(get("/control/events"))).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self(response.into_body().into_data_stream())
    }

    /// The next piece that does not tell of calls, as the opening of the stream is one; nothing at the end.
    async fn raw(&mut self) -> Option<String> {
        loop {
            let piece = self.any().await;
            if !piece
                .as_ref()
                .is_some_and(|piece| piece.starts_with("event: calls\n"))
            {
                return piece;
            }
        }
    }

    /// The id of the newest call, when the next piece tells it.
    async fn calls(&mut self) -> u64 {
        let piece = self.any().await.unwrap();
        let told = piece
            .strip_prefix("event: calls\ndata: ")
            .unwrap_or_else(|| panic!("{piece:?}"));
        match serde_json::from_str(told.trim_end()).unwrap() {
            ControlEvent::Calls { last } => last,
            other => panic!("{other:?}"),
        }
    }

    /// The next piece; nothing at the end.
    async fn any(&mut self) -> Option<String> {
        let piece = timeout(Duration::from_secs(60), self.0.next())
            .await
            .expect("a piece");
        piece.map(|piece| String::from_utf8(piece.unwrap().to_vec()).unwrap())
    }

    /// The next event with its name.
    async fn next(&mut self) -> (String, ControlEvent) {
        let piece = self.raw().await.expect("not the end");
        let (name, data) = piece
            .strip_prefix("event: ")
            .and_then(|rest| rest.strip_suffix("\n\n"))
            .and_then(|rest| rest.split_once("\ndata: "))
            .unwrap_or_else(|| panic!("{piece:?}"));
        (name.to_owned(), serde_json::from_str(data).unwrap())
    }

    async fn cliente(&mut self) -> session_api::dto::ClienteView {
        match self.next().await {
            (name, ControlEvent::Cliente(view)) if name == "cliente" => view,
            other => panic!("{other:?}"),
        }
    }

    async fn snapshot(&mut self) -> session_api::dto::Snapshot {
        match self.next().await {
            (name, ControlEvent::Snapshot(view)) if name == "snapshot" => view,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_comes_first_and_then_every_change() {
    let setup = Setup::headless().await;
    setup.bring(3, StateName::Ready).await;
    let mut stream = Stream::open(&setup).await;
    let snapshot = stream.snapshot().await;
    assert_eq!(snapshot.app.version, "3.0.0");
    assert_eq!(snapshot.clientes.len(), 1);
    assert_eq!(snapshot.clientes[0].session.state, StateName::Ready);

    setup
        .registry
        .describe(id(3), "Ventas".into(), String::new())
        .await
        .unwrap();
    assert_eq!(stream.cliente().await.name, "Ventas");

    setup.registry.destroy(id(3), true).await.unwrap();
    let mut last = stream.next().await;
    while let (_, ControlEvent::Cliente(_)) = last {
        last = stream.next().await;
    }
    assert_eq!(
        last,
        (
            "cliente_removed".into(),
            ControlEvent::ClienteRemoved { id: 3 }
        )
    );

    let app = setup.host.app.lock().unwrap().clone();
    for (name, event) in [
        ("app", ControlEvent::App(app)),
        ("close_requested", ControlEvent::CloseRequested),
    ] {
        setup.host.events.send(event.clone()).unwrap();
        assert_eq!(stream.next().await, (name.to_owned(), event));
    }
}

#[tokio::test(start_paused = true)]
async fn the_data_is_json_with_the_type_in_it() {
    let setup = Setup::headless().await;
    let mut stream = Stream::open(&setup).await;
    stream.snapshot().await;
    setup
        .host
        .events
        .send(ControlEvent::CloseRequested)
        .unwrap();
    assert_eq!(
        stream.raw().await.unwrap(),
        "event: close_requested\ndata: {\"type\":\"close_requested\"}\n\n"
    );
}

#[tokio::test(start_paused = true)]
async fn calls_are_told_by_number_and_at_most_four_times_a_second() {
    let setup = Setup::headless().await;
    let mut stream = Stream::open(&setup).await;
    stream.snapshot().await;
    let began = Instant::now();
    assert_eq!(stream.calls().await, 1, "the opening of the stream");
    for cliente in 1..=40 {
        setup.get("/status", cliente).await;
    }
    assert_eq!(stream.calls().await, 41);
    assert!(began.elapsed() >= Duration::from_millis(250));
    setup.get("/status", 41).await;
    assert_eq!(stream.calls().await, 42);
    assert!(began.elapsed() >= Duration::from_millis(500));
    // A look at the calls is none, or every look would ask for the next one.
    setup.control("calls", r#"{"limit":5}"#).await;
    setup
        .host
        .events
        .send(ControlEvent::CloseRequested)
        .unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(
        stream.any().await.unwrap(),
        "event: close_requested\ndata: {\"type\":\"close_requested\"}\n\n"
    );
}

#[tokio::test(start_paused = true)]
async fn a_quiet_stream_gives_a_sign_of_life() {
    let setup = Setup::headless().await;
    let mut stream = Stream::open(&setup).await;
    stream.snapshot().await;
    for _ in 0..3 {
        let began = Instant::now();
        let sign = stream.raw().await.unwrap();
        assert_eq!(sign, ":\n\n");
        let waited = began.elapsed();
        assert!(
            (15..=16).contains(&waited.as_secs()),
            "{waited:?} after the last one"
        );
    }
}

/// A reader that fell behind is told how things are now, and nothing old after that.
#[tokio::test(start_paused = true)]
async fn a_slow_reader_gets_a_snapshot_instead_of_a_backlog() {
    let setup = Setup::headless().await;
    setup
        .registry
        .add(Some(id(1)), "0".into(), String::new())
        .await
        .unwrap();
    let mut stream = Stream::open(&setup).await;
    stream.snapshot().await;
    for round in 1..=1500 {
        setup
            .registry
            .describe(id(1), round.to_string(), String::new())
            .await
            .unwrap();
    }
    assert_eq!(stream.snapshot().await.clientes[0].name, "1500");
    setup
        .registry
        .describe(id(1), "new".into(), String::new())
        .await
        .unwrap();
    assert_eq!(stream.cliente().await.name, "new");

    // The same for what the program tells: its queue holds four.
    for _ in 0..10 {
        setup
            .host
            .events
            .send(ControlEvent::CloseRequested)
            .unwrap();
    }
    stream.snapshot().await;
    let app = setup.host.app.lock().unwrap().clone();
    setup
        .host
        .events
        .send(ControlEvent::App(app.clone()))
        .unwrap();
    assert_eq!(
        stream.next().await,
        ("app".into(), ControlEvent::App(app)),
        "what was told before the snapshot is part of it"
    );
}

#[tokio::test(start_paused = true)]
async fn the_stream_ends_when_the_server_stops() {
    let setup = Setup::headless().await;
    let mut stream = Stream::open(&setup).await;
    stream.snapshot().await;
    let began = Instant::now();
    setup.stop.cancel();
    assert_eq!(stream.raw().await, None);
    assert_eq!(began.elapsed(), Duration::ZERO);
}

/// The rules of all of `/control`: not for other origins, and only where there is no window.
#[tokio::test(start_paused = true)]
async fn it_is_for_the_control_room_alone() {
    let listed = "https://panel.example.com";
    let setup = Setup::with(Options {
        control_room: true,
        origins: Origins::parse(listed).unwrap(),
        ..Options::default()
    })
    .await;
    let request = || get("/control/events");
    let refused = setup.open(bare(request().header("Origin", listed))).await;
    // Looked at first: a stream that was let in would be read for ever.
    assert_eq!(refused.status(), 403);
    setup
        .ask(bare(request().header("Origin", listed)))
        .await
        .is(
            403,
            r#"{"code":"ORIGIN_NOT_ALLOWED","message":"only the control room itself may send commands","reason":null}"#,
        );
    let own = setup
        .open(bare(request().header("Sec-Fetch-Site", "same-origin")))
        .await;
    assert_eq!(own.status(), 200);
    let windowed = Setup::new().await;
    assert_eq!(windowed.ask(bare(request())).await.status, 404);
}

/// The same stream without HTTP, as the window reads it.
#[tokio::test(start_paused = true)]
async fn the_window_reads_the_same_stream() {
    let setup = Setup::headless().await;
    let mut events = std::pin::pin!(setup.room.events());
    assert!(matches!(
        events.next().await,
        Some(ControlEvent::Snapshot(snapshot)) if snapshot.clientes.is_empty()
    ));
    setup.bring(8, StateName::QrRequired).await;
    let mut states = Vec::new();
    while states.last() != Some(&StateName::QrRequired) {
        if let Some(ControlEvent::Cliente(view)) = events.next().await {
            states.push(view.session.state);
        }
    }
    states.dedup();
    assert_eq!(
        states,
        [
            StateName::NotInitialized,
            StateName::Initializing,
            StateName::QrRequired
        ]
    );
}
