//! `GET /metrics`.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use session_api::Options;
use session_core::ports::{DriverEvent, Usage};
use session_core::{Picture, Progress, Reason, StateName};
use tokio::task::coop::unconstrained;
use tokio::time::{Instant, sleep};

use crate::support::{Plan, Setup, World, account, bare, code, get, id};

const MESSAGE: &str = r#"{"to":"5491155551234","message":"x"}"#;

/// The lines of the text that tell a number.
async fn samples(setup: &Setup) -> Vec<String> {
    let text = setup.ask(bare(get("/metrics"))).await.body;
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

#[track_caller]
fn has(samples: &[String], line: &str) {
    assert!(
        samples.iter().any(|sample| sample == line),
        "{line}: {samples:#?}"
    );
}

/// The whole text of a program that does nothing, but for the histograms.
const IDLE: &str = r#"# HELP session_manager_build_info The program; always 1.
# TYPE session_manager_build_info gauge
session_manager_build_info{version="3.0.0"} 1
# HELP session_manager_uptime_seconds How long the program has been running.
# TYPE session_manager_uptime_seconds gauge
# UNIT session_manager_uptime_seconds seconds
session_manager_uptime_seconds 0
# HELP session_manager_store_ok Whether the database can be read and written.
# TYPE session_manager_store_ok gauge
session_manager_store_ok 1
# HELP session_manager_sessions Known clientes by the state of their session.
# TYPE session_manager_sessions gauge
session_manager_sessions{state="AUTH_FAILURE"} 0
session_manager_sessions{state="DISCONNECTED_BANNED"} 0
session_manager_sessions{state="DISCONNECTED_LOGOUT"} 0
session_manager_sessions{state="DISCONNECTED_RECOVERABLE"} 0
session_manager_sessions{state="ERROR"} 0
session_manager_sessions{state="INITIALIZING"} 0
session_manager_sessions{state="NOT_INITIALIZED"} 0
session_manager_sessions{state="QR_REQUIRED"} 0
session_manager_sessions{state="READY"} 0
session_manager_sessions{state="RECONNECTING"} 0
# HELP session_manager_sessions_degraded Sessions that are connected but not as they should be, by reason.
# TYPE session_manager_sessions_degraded gauge
# HELP session_manager_sessions_hibernated Sessions whose browser was closed to make room for others.
# TYPE session_manager_sessions_hibernated gauge
session_manager_sessions_hibernated 0
# HELP session_manager_session_starts Starts of sessions by how they went, those by themselves included.
# TYPE session_manager_session_starts counter
session_manager_session_starts_total{outcome="ok"} 0
session_manager_session_starts_total{outcome="failed"} 0
session_manager_session_starts_total{outcome="stopped"} 0
# HELP session_manager_session_start_seconds How long starts took until a QR showed, until they were connected, or until they had failed.
# TYPE session_manager_session_start_seconds histogram
# UNIT session_manager_session_start_seconds seconds
<no durations>
# HELP session_manager_session_restarts Failed sessions that were started again by themselves.
# TYPE session_manager_session_restarts counter
session_manager_session_restarts_total 0
# HELP session_manager_messages_sent Messages that WhatsApp took.
# TYPE session_manager_messages_sent counter
session_manager_messages_sent_total 0
# HELP session_manager_messages_failed Messages that WhatsApp refused or did not answer for.
# TYPE session_manager_messages_failed counter
session_manager_messages_failed_total 0
# HELP session_manager_breakers Circuit breakers of the calls to a page, one a session, by what they do.
# TYPE session_manager_breakers gauge
session_manager_breakers{state="closed"} 0
session_manager_breakers{state="open"} 0
session_manager_breakers{state="half_open"} 0
# HELP session_manager_messages Messages of the outbox that are still to be sent, by how far they are.
# TYPE session_manager_messages gauge
session_manager_messages{status="queued"} 0
session_manager_messages{status="sending"} 0
# HELP session_manager_outbox_messages Messages of the outbox by what became of them.
# TYPE session_manager_outbox_messages counter
session_manager_outbox_messages_total{outcome="sent"} 0
session_manager_outbox_messages_total{outcome="failed"} 0
# HELP session_manager_message_ack_seconds How long WhatsApp's server took to acknowledge messages that were sent.
# TYPE session_manager_message_ack_seconds histogram
# UNIT session_manager_message_ack_seconds seconds
session_manager_message_ack_seconds_sum 0.0
session_manager_message_ack_seconds_count 0
session_manager_message_ack_seconds_bucket{le="0.1"} 0
session_manager_message_ack_seconds_bucket{le="0.25"} 0
session_manager_message_ack_seconds_bucket{le="0.5"} 0
session_manager_message_ack_seconds_bucket{le="1.0"} 0
session_manager_message_ack_seconds_bucket{le="2.5"} 0
session_manager_message_ack_seconds_bucket{le="5.0"} 0
session_manager_message_ack_seconds_bucket{le="10.0"} 0
session_manager_message_ack_seconds_bucket{le="30.0"} 0
session_manager_message_ack_seconds_bucket{le="60.0"} 0
session_manager_message_ack_seconds_bucket{le="+Inf"} 0
# HELP session_manager_browsers_running Browsers that run or come up.
# TYPE session_manager_browsers_running gauge
session_manager_browsers_running 0
# HELP session_manager_browsers_limit Browsers that may run at the same time.
# TYPE session_manager_browsers_limit gauge
session_manager_browsers_limit 50
# HELP session_manager_browsers_waiting Sessions that wait for a browser to end.
# TYPE session_manager_browsers_waiting gauge
session_manager_browsers_waiting 0
# HELP session_manager_browsers_memory_bytes Memory of all browsers, what is shared counted by its share.
# TYPE session_manager_browsers_memory_bytes gauge
# UNIT session_manager_browsers_memory_bytes bytes
session_manager_browsers_memory_bytes 0
# HELP session_manager_browsers_cpu_ratio Processor time of all browsers; 1 is one core.
# TYPE session_manager_browsers_cpu_ratio gauge
# UNIT session_manager_browsers_cpu_ratio ratio
session_manager_browsers_cpu_ratio 0.0
# HELP session_manager_disk_free_bytes Space that is left where the profiles are.
# TYPE session_manager_disk_free_bytes gauge
# UNIT session_manager_disk_free_bytes bytes
session_manager_disk_free_bytes 2147483648
# HELP session_manager_http_requests Calls of the local API by route and status; 0: the caller hung up before there was one.
# TYPE session_manager_http_requests counter
# HELP session_manager_http_request_duration_seconds How long answers took; of a stream, until it began.
# TYPE session_manager_http_request_duration_seconds histogram
# UNIT session_manager_http_request_duration_seconds seconds
# HELP session_manager_webhook_delivered Deliveries of webhooks that arrived.
# TYPE session_manager_webhook_delivered counter
session_manager_webhook_delivered_total 0
# HELP session_manager_webhook_failed Tries to deliver that failed.
# TYPE session_manager_webhook_failed counter
session_manager_webhook_failed_total 0
# HELP session_manager_webhook_dead Deliveries of webhooks that were given up on.
# TYPE session_manager_webhook_dead counter
session_manager_webhook_dead_total 0
# HELP session_manager_webhook_queue Deliveries of webhooks to come, to receivers that answer and to those that do not, and those given up on.
# TYPE session_manager_webhook_queue gauge
session_manager_webhook_queue{state="waiting"} 0
session_manager_webhook_queue{state="retrying"} 0
session_manager_webhook_queue{state="dead"} 0
# EOF
"#;

/// The whole text, as a monitor reads it.
#[tokio::test(start_paused = true)]
async fn the_text_of_a_program_that_does_nothing() {
    let world = World::new();
    *world.disk.lock().unwrap() = Some(2_147_483_648);
    let setup = Setup::over(world, Options::default()).await;
    let answer = setup.ask(bare(get("/metrics"))).await;
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    answer.is(200, &IDLE.replace("<no durations>\n", &nothing_took_time()));
}

/// The lines of a histogram that nothing was noted in, for each outcome of a start.
fn nothing_took_time() -> String {
    use std::fmt::Write as _;
    let mut lines = String::new();
    for outcome in ["qr", "connected", "failed"] {
        let name = "session_manager_session_start_seconds";
        write!(
            lines,
            "{name}_sum{{outcome=\"{outcome}\"}} 0.0\n{name}_count{{outcome=\"{outcome}\"}} 0\n"
        )
        .unwrap();
        for bound in [
            "0.001", "0.005", "0.02", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0",
            "20.0", "40.0", "120.0", "+Inf",
        ] {
            writeln!(
                lines,
                "{name}_bucket{{le=\"{bound}\",outcome=\"{outcome}\"}} 0"
            )
            .unwrap();
        }
    }
    lines
}

#[tokio::test(start_paused = true)]
async fn starts_and_calls_are_timed() {
    let setup = Setup::without_limits().await;
    // Up, but on its way.
    let progress = Progress::default();
    setup
        .world
        .plan(Plan::Tell(DriverEvent::Progress(progress)));
    setup
        .registry
        .begin(id(1), Reason::StartRequested)
        .await
        .unwrap();
    setup.until(1, |now| now.browser_pid.is_some()).await;
    sleep(Duration::from_millis(1500)).await;
    setup.world.tell(id(1), DriverEvent::Code(code("x"))).await;
    setup
        .until(1, |now| now.state() == StateName::QrRequired)
        .await;
    setup.bring(2, StateName::Ready).await;
    setup.bring(3, StateName::Error).await;
    setup.get("/status", 1).await;
    setup.get("/status", 2).await;
    setup.ask(bare(get("/5491155551234"))).await;
    let samples = samples(&setup).await;
    for line in [
        r#"session_manager_session_start_seconds_sum{outcome="qr"} 1.5"#,
        r#"session_manager_session_start_seconds_bucket{le="1.0",outcome="qr"} 0"#,
        r#"session_manager_session_start_seconds_bucket{le="2.5",outcome="qr"} 1"#,
        r#"session_manager_session_start_seconds_count{outcome="connected"} 1"#,
        r#"session_manager_session_start_seconds_count{outcome="failed"} 1"#,
        r#"session_manager_http_requests_total{method="GET",route="/status",status="200"} 2"#,
        r#"session_manager_http_requests_total{method="GET",route="/*",status="404"} 1"#,
        r#"session_manager_http_request_duration_seconds_count{route="/status"} 2"#,
    ] {
        has(&samples, line);
    }
    assert!(!samples.iter().any(|line| line.contains("549")));
}

#[tokio::test(start_paused = true)]
async fn the_reader_chooses_the_format() {
    let setup = Setup::new().await;
    let text = Some("text/plain; version=0.0.4; charset=utf-8");
    let open = Some("application/openmetrics-text; version=1.0.0; charset=utf-8");
    let json = Some("application/json; charset=utf-8");
    for (accept, content_type) in [
        ("", text),
        ("*/*", text),
        ("text/html,application/xhtml+xml,*/*;q=0.8", text),
        ("text/plain;version=0.0.4", text),
        ("image/png", text),
        ("application/json;q=0", text),
        ("application/json;q=x", text),
        ("application/json", json),
        ("Application/JSON; charset=utf-8, */*;q=0.1", json),
        ("*/*;q=0.1, application/json", json),
        ("application/openmetrics-text", open),
        // What Prometheus sends.
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            open,
        ),
    ] {
        let answer = setup
            .ask(bare(get("/metrics").header("Accept", accept)))
            .await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), content_type, "{accept}");
    }
    // Behind the same guard as everything.
    let foreign = bare(get("/metrics").header("Origin", "https://evil.example"));
    assert_eq!(setup.ask(foreign).await.status, 403);
}

#[tokio::test(start_paused = true)]
async fn the_same_numbers_are_in_the_json() {
    let began = Instant::now();
    let setup = Setup::new().await;
    *setup.world.usage.lock().unwrap() = Some(Usage {
        memory: 100_000_000,
        cpu: 50.0,
    });
    for cliente in [1, 2, 3] {
        setup.bring(cliente, StateName::Ready).await;
    }
    setup.registry.hibernate(id(3)).await.unwrap();
    setup.until(2, |snapshot| snapshot.usage.is_some()).await;
    setup.send(1, MESSAGE).await;
    setup.open_breaker(2).await;
    sleep(Duration::from_secs(6)).await;
    let mut states = StateName::ALL
        .map(|state| (state.as_str().to_owned(), json!(0)))
        .into_iter()
        .collect::<serde_json::Map<_, _>>();
    states["READY"] = json!(2);
    states["NOT_INITIALIZED"] = json!(1);
    let uptime = began.elapsed().as_secs();
    assert!(uptime >= 6);
    let mut numbers = setup.json("/metrics").await;
    // How long things took is for a test of its own.
    numbers.as_object_mut().unwrap().remove("http").unwrap();
    let sessions = numbers["sessions"].as_object_mut().unwrap();
    sessions.remove("start_seconds").unwrap();
    assert_eq!(
        numbers,
        json!({
            "version": "3.0.0",
            "uptime_seconds": uptime,
            "store_ok": true,
            "sessions": {
                "by_state": states,
                "degraded": {"CALLS_FAILING": 1},
                "hibernated": 1,
                "starts": {"ok": 3, "failed": 0, "stopped": 0},
                "restarts": 0,
            },
            "messages": {
                "sent": 1,
                "failed": 3,
                "outbox": {
                    "queued": 0,
                    "sending": 0,
                    "sent": 0,
                    "failed": 0,
                    "ack_seconds": {"count": 0, "sum": 0.0},
                },
            },
            "breakers": {"closed": 2, "open": 1, "half_open": 0},
            "browsers": {
                "running": 2,
                "limit": 50,
                "waiting": 0,
                "fit": null,
                "memory_bytes": 200_000_000,
                "cpu_percent": 100.0,
            },
            "disk": {"free_bytes": null},
            "webhooks": {
                "delivered": 0,
                "failed": 0,
                "dead": 0,
                "queue": {"waiting": 0, "retrying": 0, "dead": 0},
            },
        })
    );
    let samples = samples(&setup).await;
    for line in [
        r#"session_manager_sessions{state="READY"} 2"#,
        r#"session_manager_sessions_degraded{reason="CALLS_FAILING"} 1"#,
        "session_manager_sessions_hibernated 1",
        r#"session_manager_session_starts_total{outcome="ok"} 3"#,
        "session_manager_messages_sent_total 1",
        "session_manager_messages_failed_total 3",
        r#"session_manager_breakers{state="open"} 1"#,
        "session_manager_browsers_running 2",
        "session_manager_browsers_memory_bytes 200000000",
        "session_manager_browsers_cpu_ratio 1.0",
    ] {
        has(&samples, line);
    }
    assert!(
        !samples.iter().any(|line| line.contains("disk_free")),
        "a number that nobody knows"
    );
}

#[tokio::test(start_paused = true)]
async fn starts_are_counted_by_how_they_went() {
    let setup = Setup::new().await;
    setup.init(1).await;
    setup.world.plan(Plan::Fail(Reason::BrowserNotFound));
    setup.init(2).await;
    // Up, but on its way.
    let progress = Progress::default();
    setup
        .world
        .plan(Plan::Tell(DriverEvent::Progress(progress)));
    setup.bring(3, StateName::Initializing).await;
    setup.registry.stop(id(3)).await.unwrap();
    // One that comes back by itself.
    setup.bring(4, StateName::Ready).await;
    setup.world.tell(id(4), DriverEvent::BrowserExited).await;
    setup.until(4, |snapshot| snapshot.restarts == 1).await;
    setup
        .until(4, |snapshot| snapshot.state() == StateName::Ready)
        .await;
    let sessions = &setup.json("/metrics").await["sessions"];
    assert_eq!(
        sessions["starts"],
        json!({"ok": 3, "failed": 1, "stopped": 1})
    );
    assert_eq!(sessions["restarts"], 1);
}

#[tokio::test(start_paused = true)]
async fn totals_outlive_their_clientes() {
    let setup = Setup::new().await;
    let counted = async || {
        let metrics = setup.json("/metrics").await;
        (
            metrics["messages"]["sent"].as_u64().unwrap(),
            metrics["messages"]["failed"].as_u64().unwrap(),
            metrics["sessions"]["starts"]["ok"].as_u64().unwrap(),
        )
    };
    for round in 1..=3 {
        setup.bring(7, StateName::Ready).await;
        assert_eq!(setup.send(7, MESSAGE).await.status, 200);
        setup
            .world
            .browser(id(7))
            .sends_fail
            .store(true, Ordering::SeqCst);
        assert_eq!(setup.send(7, MESSAGE).await.status, 500);
        // Nobody looked since: what happened before the end counts all the same.
        setup.registry.destroy(id(7), true).await.unwrap();
        assert_eq!(counted().await, (round, round, round));
        assert_eq!(counted().await, (round, round, round), "a look counts");
    }
}

/// More happens than the stream of events holds while nobody looks, as between two rounds of a monitor.
#[tokio::test(start_paused = true)]
async fn what_happens_while_nobody_looks_is_counted() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::Ready).await;
    setup.send(7, MESSAGE).await;
    setup.registry.destroy(id(7), true).await.unwrap();
    setup.bring(8, StateName::Ready).await;
    for _ in 0..2000 {
        setup.registry.dismiss_notice(id(8)).await.unwrap();
        tokio::task::yield_now().await;
    }
    let metrics = setup.json("/metrics").await;
    assert_eq!(metrics["messages"]["sent"], 1);
    assert_eq!(metrics["sessions"]["starts"]["ok"], 2);
}

/// More happens than the stream of events holds before anybody looks: nothing is counted twice, and nothing is missed of
/// a cliente that was forgotten and came back unseen.
#[tokio::test(start_paused = true)]
async fn totals_survive_a_reader_that_falls_behind() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::Ready).await;
    setup
        .registry
        .add(Some(id(8)), String::new(), String::new())
        .await
        .unwrap();
    setup.send(7, MESSAGE).await;
    let sent = async || setup.json("/metrics").await["messages"]["sent"].clone();
    assert_eq!(sent().await, 1);
    // An event each, and no other task has its turn in between.
    let flood = async || {
        for _ in 0..2000 {
            unconstrained(setup.registry.dismiss_notice(id(8)))
                .await
                .unwrap();
        }
    };
    flood().await;
    assert_eq!(sent().await, 1);

    setup.registry.destroy(id(7), true).await.unwrap();
    let mut begun = Box::pin(setup.registry.begin(id(7), Reason::StartRequested));
    assert!(futures::poll!(begun.as_mut()).is_pending());
    assert!(setup.registry.snapshot(id(7)).is_some(), "not back yet");
    flood().await;
    begun.await.unwrap();
    setup
        .until(7, |snapshot| snapshot.state() == StateName::Ready)
        .await;
    setup.send(7, MESSAGE).await;
    assert_eq!(sent().await, 2);
}

#[tokio::test(start_paused = true)]
async fn nobody_can_be_told_from_the_numbers() {
    let setup = Setup::new().await;
    for (cliente, state) in StateName::ALL.into_iter().enumerate() {
        setup.bring(7001 + cliente as u64, state).await;
    }
    setup
        .registry
        .describe(id(7005), "Ventas".into(), "turno noche".into())
        .await
        .unwrap();
    let outdated = DriverEvent::Bridge(Some(Reason::BridgeOutdated));
    setup.world.tell(id(7005), outdated).await;
    setup
        .until(7005, |snapshot| snapshot.degraded().is_some())
        .await;
    setup.send(7005, MESSAGE).await;
    let snapshot = setup.registry.snapshot(id(7005)).unwrap();
    assert_eq!(snapshot.record.name, "Ventas");
    assert_eq!(snapshot.record.account, Some(account()));
    let waiting = setup.registry.snapshot(id(7004)).unwrap();
    assert!(matches!(waiting.picture, Picture::Drawn(_)));
    for accept in [
        "text/plain",
        "application/json",
        "application/openmetrics-text",
    ] {
        let answer = setup
            .ask(bare(get("/metrics").header("Accept", accept)))
            .await;
        for secret in [
            "5491155551234",
            "1155551234",
            "1234",
            "Ana",
            "Ventas",
            "turno",
            "2@",
            "AbCd",
            "base64",
            "3EB0",
            "c.us",
            "/data",
            "/usr",
            "4242",
            "700",
            "cliente=",
        ] {
            assert!(!answer.body.contains(secret), "{secret}: {}", answer.body);
        }
        // Each state is told of.
        for state in StateName::ALL {
            assert!(answer.body.contains(state.as_str()));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_shows() {
    // From the beginning.
    let world = World::new();
    world.store_fails.store(true, Ordering::SeqCst);
    let setup = Setup::over(world, Options::default()).await;
    has(&samples(&setup).await, "session_manager_store_ok 0");
    // As the program knows it.
    let setup = Setup::new().await;
    setup.host.app.lock().unwrap().store_ok = false;
    has(&samples(&setup).await, "session_manager_store_ok 0");
}
