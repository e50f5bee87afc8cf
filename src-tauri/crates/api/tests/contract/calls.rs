//! The log of calls.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use serde_json::{Value, json};
use session_api::{Options, Origins};
use session_core::StateName;

use crate::support::{Plan, Setup, about, bare, get, id, post, request, with_json};

/// The log, newest first, without what differs from run to run.
async fn log(setup: &Setup) -> Vec<Value> {
    let Value::Array(mut calls) = setup.json("/debug/calls").await else {
        panic!("no list")
    };
    for call in &mut calls {
        let call = call.as_object_mut().unwrap();
        assert!(call.remove("at").unwrap().as_u64().unwrap() > 1_600_000_000_000);
        assert!(call.remove("duration_us").unwrap().is_u64());
        assert!(call.remove("id").unwrap().as_u64().unwrap() > 0);
    }
    calls
}

fn from_port(port: u16, mut request: Request<Body>) -> Request<Body> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    request.extensions_mut().insert(ConnectInfo(address));
    request
}

#[tokio::test(start_paused = true)]
async fn every_call_is_written_down_and_nothing_of_what_it_said() {
    let setup = Setup::headless().await;
    setup.bring(7, StateName::Ready).await;
    let secret = "5491155551234";
    let message = format!(r#"{{"to":"{secret}","message":"{secret}"}}"#);
    let asked = [
        with_json(post("/send").header("X-Cliente-Id", 7), &message),
        with_json(post("/send").header("X-Cliente-Id", secret), "{"),
        about(get(&format!("/status?x={secret}")), 7),
        bare(get(&format!("/{secret}"))),
        bare(request("DELETE", "/session/9")),
        bare(request("DELETE", &format!("/session/+{secret}"))),
        bare(get("/session/9")),
        bare(request(&format!("X{secret}"), "/status")),
        with_json(post("/control/stop"), r#"{"id":7}"#),
        with_json(post(&format!("/control/{secret}")), "{}"),
        about(
            get("/qr").header("Origin", format!("https://{secret}.example")),
            7,
        ),
        about(get("/status").header("Sec-Fetch-Site", "same-origin"), 7),
        about(post("/init").header("Origin", "http://localhost:3001"), 7),
    ];
    for (port, request) in (50_000..).zip(asked) {
        setup.ask(from_port(port, request)).await;
    }
    let call = |port: u16,
                method: &str,
                route: &str,
                cliente: Option<u64>,
                status: u16,
                code: Value| {
        json!({
            "method": method, "route": route, "cliente": cliente, "status": status, "code": code,
            "caller": format!("127.0.0.1:{port}"),
        })
    };
    let mut expected = vec![
        call(50_000, "POST", "/send", Some(7), 200, json!(null)),
        call(
            50_001,
            "POST",
            "/send",
            Some(5_491_155_551_234),
            400,
            json!("INVALID_REQUEST"),
        ),
        call(50_002, "GET", "/status", Some(7), 200, json!(null)),
        call(50_003, "GET", "/*", None, 404, json!("NOT_FOUND")),
        call(
            50_004,
            "DELETE",
            "/session/{cliente_id}",
            Some(9),
            200,
            json!(null),
        ),
        call(
            50_005,
            "DELETE",
            "/session/{cliente_id}",
            None,
            400,
            json!("INVALID_REQUEST"),
        ),
        call(
            50_006,
            "GET",
            "/session/{cliente_id}",
            Some(9),
            405,
            json!("METHOD_NOT_ALLOWED"),
        ),
        call(
            50_007,
            "OTHER",
            "/status",
            None,
            405,
            json!("METHOD_NOT_ALLOWED"),
        ),
        call(50_008, "POST", "/control/stop", None, 200, json!(null)),
        call(
            50_009,
            "POST",
            "/control/{command}",
            None,
            404,
            json!("NOT_FOUND"),
        ),
        call(
            50_010,
            "GET",
            "/qr",
            Some(7),
            403,
            json!("ORIGIN_NOT_ALLOWED"),
        ),
        call(50_011, "GET", "/status", Some(7), 200, json!(null)),
        call(50_012, "POST", "/init", Some(7), 200, json!(null)),
    ];
    for page in &mut expected[11..] {
        page["caller"] = json!("control");
    }
    expected.reverse();
    assert_eq!(log(&setup).await, expected);
}

#[tokio::test]
async fn files_of_the_control_rooms_page_are_not_among_the_calls() {
    let setup = Setup::headless().await;
    let page = setup.ask(bare(get("/"))).await;
    // A build without the page says so, and that is a call that failed.
    let expected = usize::from(page.status != 200);
    assert_eq!(log(&setup).await.len(), expected, "{}", page.status);
    let route = r#"route="/*""#;
    let metrics = setup.ask(bare(get("/metrics"))).await.body;
    assert!(metrics.contains(route), "counted all the same: {metrics}");
}

#[tokio::test(start_paused = true)]
async fn the_newest_five_hundred_are_kept() {
    let setup = Setup::headless().await;
    for cliente in 1..=503 {
        setup.get("/status", cliente).await;
    }
    let calls = log(&setup).await;
    assert_eq!(calls.len(), 500);
    assert_eq!(
        (&calls[0]["cliente"], &calls[499]["cliente"]),
        (&json!(503), &json!(4))
    );
    for (path, length) in [
        ("/debug/calls?limit=2", 2),
        ("/debug/calls?limit=500", 500),
        ("/debug/calls?limit=99999", 500),
    ] {
        let calls = setup.json(path).await;
        assert_eq!(calls.as_array().unwrap().len(), length, "{path}");
        // A look at the log leaves no trace in it.
        assert_eq!(calls[0]["cliente"], 503);
    }
    let answer = setup.control("calls", r#"{"limit":3}"#).await;
    let calls: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(calls.as_array().unwrap().len(), 3);
    assert_eq!(calls[2]["cliente"], 501);
    assert_eq!(setup.json("/debug/calls?limit=1").await[0]["cliente"], 503);
    assert_eq!(
        calls[2]["id"], 501,
        "ids go on when old calls are forgotten"
    );
    for (args, clientes) in [
        (r#"{"limit":500,"after":501}"#, vec![503, 502]),
        (r#"{"limit":1,"after":501}"#, vec![503]),
        (r#"{"limit":500,"after":503}"#, vec![]),
        (r#"{"limit":500,"after":9999}"#, vec![]),
    ] {
        let answer = setup.control("calls", args).await;
        let calls: Vec<Value> = serde_json::from_str(&answer.body).unwrap();
        let seen: Vec<_> = calls.iter().map(|call| call["cliente"].clone()).collect();
        assert_eq!(json!(seen), json!(clientes), "{args}");
    }

    for limit in ["0", "-1", "x", "", "99999999999999999999999"] {
        setup.ask(bare(get(&format!("/debug/calls?limit={limit}")))).await.is(
            400,
            r#"{"error":true,"code":"INVALID_REQUEST","message":"limit must be a positive whole number"}"#,
        );
    }
    setup.control("calls", "{}").await.is(
        400,
        r#"{"code":"INVALID_REQUEST","message":"the arguments of this command cannot be read","reason":null}"#,
    );
}

#[tokio::test(start_paused = true)]
async fn the_log_is_for_the_control_room_and_for_programs_on_this_machine() {
    let setup = Setup::with(Options {
        control_room: true,
        origins: Origins::parse("https://panel.example.com").unwrap(),
        ..Options::default()
    })
    .await;
    let asked = |name: &str, value: &str| bare(get("/debug/calls").header(name, value));
    setup.ask(asked("Origin", "https://panel.example.com")).await.is(
        403,
        r#"{"error":true,"code":"ORIGIN_NOT_ALLOWED","message":"Only the control room and programs on this machine may see the calls"}"#,
    );
    for (name, value) in [
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        assert_eq!(setup.ask(asked(name, value)).await.status, 403, "{value}");
    }
    // Who was refused is in it.
    let calls = log(&setup).await;
    assert_eq!(calls.len(), 5);
    assert!(
        calls
            .iter()
            .all(|call| call["route"] == "/debug/calls" && call["status"] == 403)
    );
    for (name, value) in [
        ("Origin", "http://localhost:3001"),
        ("Sec-Fetch-Site", "same-origin"),
        ("User-Agent", "curl"),
    ] {
        assert_eq!(setup.ask(asked(name, value)).await.status, 200, "{value}");
    }
    // With a window, the page is elsewhere, and the route still is for programs.
    let window = Setup::new().await;
    assert_eq!(window.ask(bare(get("/debug/calls"))).await.body, "[]");
    assert_eq!(
        window
            .ask(asked("Origin", "http://localhost:3001"))
            .await
            .status,
        403
    );
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_hangs_up_is_in_it_too() {
    let setup = Setup::new().await;
    setup.world.plan(Plan::Hang);
    let mut asking = Box::pin(setup.init(3));
    assert!(futures::poll!(&mut asking).is_pending());
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert_eq!(
        setup.json("/debug/calls").await,
        json!([]),
        "it is not over"
    );
    drop(asking);
    let calls = setup.json("/debug/calls").await;
    assert_eq!(calls[0]["status"], Value::Null);
    assert_eq!(calls[0]["cliente"], 3);
    let took = calls[0]["duration_us"].as_u64().unwrap();
    assert!((2_000_000..2_100_000).contains(&took), "{took}");
    assert!(setup.registry.snapshot(id(3)).is_some());
}
