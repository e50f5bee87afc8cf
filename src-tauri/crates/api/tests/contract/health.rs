//! `GET /health`.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use session_api::Options;
use session_core::ports::DriverEvent;
use session_core::{Reason, StateName};
use tokio::time::sleep;

use crate::support::{Plan, Setup, World, bare, get, id};

#[tokio::test(start_paused = true)]
async fn a_program_that_works_says_ok() {
    let setup = Setup::new().await;
    setup.ask(bare(get("/health"))).await.is(
        200,
        r#"{"status":"ok","service":"session-manager","whatsapp_state":"NOT_INITIALIZED","version":"3.0.0","uptime_seconds":0,"browser":{"found":true,"name":"Google Chrome","version":"140.0.1"},"store_ok":true,"sessions":{"total":0,"by_state":{}},"resources":{"disk":"ok","disk_free_bytes":null,"browsers_fit":null,"browsers_limit":50,"browsers_running":0,"browsers_waiting":0}}"#,
    );
}

#[tokio::test(start_paused = true)]
async fn with_the_header_it_tells_of_that_cliente() {
    let setup = Setup::new().await;
    setup.bring(4, StateName::Ready).await;
    setup.bring(5, StateName::Error).await;
    setup.get("/health", 4).await.is(
        200,
        r#"{"status":"ok","service":"session-manager","whatsapp_state":"READY","cliente_id":4,"version":"3.0.0","uptime_seconds":0,"browser":{"found":true,"name":"Google Chrome","version":"140.0.1"},"store_ok":true,"sessions":{"total":2,"by_state":{"ERROR":1,"READY":1}},"resources":{"disk":"ok","disk_free_bytes":null,"browsers_fit":null,"browsers_limit":50,"browsers_running":0,"browsers_waiting":0}}"#,
    );
    let unknown = setup.get("/health", 6).await;
    assert!(
        unknown
            .body
            .contains(r#""whatsapp_state":"NOT_INITIALIZED","cliente_id":6"#),
        "{}",
        unknown.body
    );
    assert_eq!(setup.registry.snapshots().len(), 2);
    setup
        .ask(bare(get("/health").header("X-Cliente-Id", "12abc")))
        .await
        .is(
            400,
            r#"{"error":true,"code":"INVALID_HEADER","message":"X-Cliente-Id must be a positive integer"}"#,
        );
}

#[tokio::test(start_paused = true)]
async fn without_a_browser_it_says_which_one_to_install() {
    let setup = Setup::new().await;
    {
        let mut app = setup.host.app.lock().unwrap();
        app.browser.name = None;
        app.browser.path = None;
    }
    setup.ask(bare(get("/health"))).await.is(
        503,
        r#"{"status":"error","service":"session-manager","whatsapp_state":"NOT_INITIALIZED","version":"3.0.0","uptime_seconds":0,"browser":{"found":false,"name":null,"version":null,"advice":"No browser found - install Chromium, Google Chrome, Microsoft Edge or Brave"},"store_ok":true,"sessions":{"total":0,"by_state":{}},"resources":{"disk":"ok","disk_free_bytes":null,"browsers_fit":null,"browsers_limit":50,"browsers_running":0,"browsers_waiting":0},"problems":[{"code":"BROWSER_NOT_FOUND","message":"No browser found - install Chromium, Google Chrome, Microsoft Edge or Brave"}]}"#,
    );
}

#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_work_is_an_error() {
    let no_store = r#""store_ok":false,"sessions":{"total":0,"by_state":{}},"resources":{"disk":"ok","disk_free_bytes":null,"browsers_fit":null,"browsers_limit":50,"browsers_running":0,"browsers_waiting":0},"problems":[{"code":"STORE_UNAVAILABLE","message":"The database cannot be read or written - check the data folder and the free disk space; changes are lost at the next restart"}]}"#;
    // From the beginning.
    let world = World::new();
    world.store_fails.store(true, Ordering::SeqCst);
    let setup = Setup::over(world, Options::default()).await;
    let answer = setup.ask(bare(get("/health"))).await;
    assert_eq!(answer.status, 503);
    assert!(answer.body.ends_with(no_store), "{}", answer.body);
    // As the program knows it.
    let setup = Setup::new().await;
    setup.host.app.lock().unwrap().store_ok = false;
    let answer = setup.ask(bare(get("/health"))).await;
    assert_eq!(answer.status, 503);
    assert!(answer.body.ends_with(no_store), "{}", answer.body);
}

const MIB: u64 = 1024 * 1024;

/// What is wrong with each check, and whether that stands in the way.
async fn readiness(setup: &Setup) -> (u16, serde_json::Value) {
    let answer = setup.ask(bare(get("/health/ready"))).await;
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

#[tokio::test(start_paused = true)]
async fn whether_it_lives_and_is_ready_is_told_in_a_fixed_shape() {
    let setup = Setup::new().await;
    sleep(Duration::from_secs(3)).await;
    setup.ask(bare(get("/health/live"))).await.is(
        200,
        r#"{"status":"ok","service":"session-manager","uptime_seconds":3}"#,
    );
    setup.ask(bare(get("/health/ready"))).await.is(
        200,
        r#"{"status":"ready","service":"session-manager","checks":{"server":{"status":"ok","code":null,"message":null},"browser":{"status":"ok","code":null,"message":null},"store":{"status":"ok","code":null,"message":null},"disk":{"status":"ok","code":null,"message":null},"capacity":{"status":"ok","code":null,"message":null},"bridge":{"status":"ok","code":null,"message":null}}}"#,
    );
}

#[tokio::test(start_paused = true)]
async fn it_is_not_ready_while_no_session_could_be_started() {
    let no_store = json!({
        "status": "fail",
        "code": "STORE_UNAVAILABLE",
        "message": "The database cannot be read or written - check the data folder and the free disk space; changes are lost at the next restart",
    });
    let world = World::new();
    world.store_fails.store(true, Ordering::SeqCst);
    let setup = Setup::over(world, Options::default()).await;
    let (status, body) = readiness(&setup).await;
    assert_eq!((status, &body["status"]), (503, &json!("not_ready")));
    assert_eq!(body["checks"]["store"], no_store);
    assert_eq!(body["checks"]["disk"]["status"], "ok");

    let setup = Setup::new().await;
    setup.host.app.lock().unwrap().store_ok = false;
    let (status, body) = readiness(&setup).await;
    assert_eq!((status, &body["checks"]["store"]), (503, &no_store));

    let setup = Setup::new().await;
    setup.host.app.lock().unwrap().browser.path = None;
    let (status, body) = readiness(&setup).await;
    assert_eq!(
        (status, &body["checks"]["browser"]["code"]),
        (503, &json!("BROWSER_NOT_FOUND"))
    );

    // Stricter than /health: what runs goes on, but POST /init is refused.
    for (free, code) in [(800 * MIB, "DISK_LOW"), (299 * MIB, "DISK_FULL")] {
        let setup = Setup::new().await;
        *setup.world.disk.lock().unwrap() = Some(free);
        sleep(Duration::from_secs(6)).await;
        let (status, body) = readiness(&setup).await;
        assert_eq!(
            (status, &body["checks"]["disk"]["code"]),
            (503, &json!(code))
        );
        assert_eq!(setup.init(1).await.status, 507);
    }

    let setup = Setup::new().await;
    setup.stop.cancel();
    let (status, body) = readiness(&setup).await;
    assert_eq!(
        (status, &body["checks"]["server"]["code"]),
        (503, &json!("SHUTTING_DOWN"))
    );
    // It still answers.
    assert_eq!(setup.ask(bare(get("/health/live"))).await.status, 200);
}

/// Who has to wait for a place is not turned away.
#[tokio::test(start_paused = true)]
async fn it_is_ready_when_all_places_are_taken_and_says_so() {
    let setup = Setup::of(1, World::new(), Options::default()).await;
    setup.bring(4, StateName::Ready).await;
    sleep(Duration::from_secs(6)).await;
    let (status, body) = readiness(&setup).await;
    assert_eq!((status, &body["status"]), (200, &json!("ready")));
    assert_eq!(body["checks"]["capacity"]["status"], "warn");
    assert_eq!(body["checks"]["capacity"]["code"], "CAPACITY_REACHED");
}

/// Sessions still come up, and can be linked by what the screen shows.
#[tokio::test(start_paused = true)]
async fn it_is_ready_when_the_bridge_only_sees_the_screen_and_says_so() {
    let setup = Setup::new().await;
    setup.bring(4, StateName::QrRequired).await;
    let blind = DriverEvent::Bridge(Some(Reason::BridgeOutdated));
    setup.world.tell(id(4), blind).await;
    setup.until(4, |now| now.session.bridge.is_some()).await;
    let (status, body) = readiness(&setup).await;
    assert_eq!((status, &body["status"]), (200, &json!("ready")));
    assert_eq!(body["checks"]["bridge"]["status"], "warn");
    assert_eq!(body["checks"]["bridge"]["code"], "BRIDGE_OUTDATED");
}

#[tokio::test(start_paused = true)]
async fn it_tells_what_the_machine_has_left() {
    let world = World::new();
    *world.disk.lock().unwrap() = Some(2048 * MIB);
    let setup = Setup::of(2, world, Options::default()).await;
    for cliente in [4, 5] {
        setup.bring(cliente, StateName::Ready).await;
    }
    setup.world.plan(Plan::Hang);
    // A third waits for its place; the next look finds it.
    let begun = setup
        .registry
        .begin(id(6), Reason::StartRequested)
        .await
        .unwrap();
    sleep(Duration::from_secs(6)).await;
    assert_eq!(
        setup.json("/health").await["resources"],
        json!({
            "disk": "ok",
            "disk_free_bytes": 2048 * MIB,
            "browsers_fit": null,
            "browsers_limit": 2,
            "browsers_running": 2,
            "browsers_waiting": 1,
        })
    );
    drop(begun);
}

/// Little space is a warning, because what runs goes on; none is an error, because nothing does.
#[tokio::test(start_paused = true)]
async fn a_disk_without_space_is_told_in_time() {
    let setup = Setup::new().await;
    setup.bring(4, StateName::Ready).await;
    *setup.world.disk.lock().unwrap() = Some(800 * MIB);
    sleep(Duration::from_secs(6)).await;
    let answer = setup.ask(bare(get("/health"))).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.starts_with(r#"{"status":"ok","#));
    assert!(
        answer.body.ends_with(
            r#""browsers_waiting":0},"warnings":[{"code":"DISK_LOW","message":"The disk is almost full - free some space; until then POST /init is refused"}]}"#
        ),
        "{}",
        answer.body
    );
    assert_eq!(setup.state(4), StateName::Ready);

    *setup.world.disk.lock().unwrap() = Some(299 * MIB);
    sleep(Duration::from_secs(6)).await;
    let answer = setup.ask(bare(get("/health"))).await;
    assert_eq!(answer.status, 503);
    assert!(answer.body.starts_with(r#"{"status":"error","#));
    assert!(
        answer.body.ends_with(
            r#","problems":[{"code":"DISK_FULL","message":"The disk is full - free some space; all browsers were closed so that no saved login is lost"}]}"#
        ),
        "{}",
        answer.body
    );
    assert_eq!(setup.state(4), StateName::Error);
}
