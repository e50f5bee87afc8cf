//! `DELETE /session/{cliente_id}` and `GET /clients`.

use std::sync::atomic::Ordering;

use serde_json::json;
use session_core::ports::DriverEvent;
use session_core::{Reason, StateName};

use crate::support::{Answer, Setup, bare, get, id, request};

async fn delete(setup: &Setup, path: &str) -> Answer {
    setup.ask(bare(request("DELETE", path))).await
}

#[tokio::test(start_paused = true)]
async fn a_destroyed_session_keeps_its_login() {
    let setup = Setup::new().await;
    setup.bring(1, StateName::Ready).await;
    let browser = setup.world.browser(id(1));
    let destroyed = r#"{"success":true,"message":"Client destroyed successfully","cliente_id":1}"#;
    delete(&setup, "/session/1").await.is(200, destroyed);
    assert_eq!(browser.take_calls(), ["close"]);
    assert_eq!(setup.state(1), StateName::NotInitialized);
    assert!(setup.world.has_saved(id(1)));
    assert_eq!(setup.registry.snapshots().len(), 1);
    // Again, and with words that mean the same.
    for path in ["/session/1", "/session/1?forget=false", "/session/1?x=y"] {
        delete(&setup, path).await.is(200, destroyed);
        assert!(setup.world.has_saved(id(1)));
    }
    // The next start needs no scan.
    setup
        .world
        .plan(crate::support::Plan::Tell(DriverEvent::Connected(
            crate::support::account(),
        )));
    assert!(setup.init(1).await.body.contains("READY"));
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_cliente_is_gone() {
    let setup = Setup::new().await;
    setup.bring(1, StateName::Ready).await;
    let destroyed = r#"{"success":true,"message":"Client destroyed successfully","cliente_id":1}"#;
    for _ in 0..2 {
        delete(&setup, "/session/1?forget=true")
            .await
            .is(200, destroyed);
        assert!(!setup.world.has_saved(id(1)));
        assert!(setup.world.records.lock().unwrap().is_empty());
        setup.ask(bare(get("/clients"))).await.is(200, "[]");
    }
}

#[tokio::test(start_paused = true)]
async fn what_nobody_knows_is_destroyed_already() {
    let setup = Setup::new().await;
    delete(&setup, "/session/9007199254740991").await.is(
        200,
        r#"{"success":true,"message":"Client destroyed successfully","cliente_id":9007199254740991}"#,
    );
    assert!(setup.registry.snapshots().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_path_that_names_nobody_is_refused() {
    let setup = Setup::new().await;
    for path in [
        "/session/0",
        "/session/-1",
        "/session/1.5",
        "/session/12abc",
        "/session/%31",
        "/session/9007199254740992",
        "/session/%ff",
    ] {
        delete(&setup, path).await.is(
            400,
            r#"{"error":true,"code":"INVALID_REQUEST","message":"The cliente id in the path must be a positive integer"}"#,
        );
    }
    for path in [
        "/session/1?forget=yes",
        "/session/1?forget=",
        "/session/1?forget=true&forget=true",
    ] {
        delete(&setup, path).await.is(
            400,
            r#"{"error":true,"code":"INVALID_REQUEST","message":"forget must be true or false"}"#,
        );
    }
    for path in ["/session", "/session/", "/session/1/2"] {
        assert_eq!(delete(&setup, path).await.status, 404, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_deleted_is_said_without_a_path() {
    let setup = Setup::new().await;
    setup.bring(1, StateName::Ready).await;
    setup.world.deleting_fails.store(true, Ordering::SeqCst);
    delete(&setup, "/session/1?forget=true").await.is(
        500,
        r#"{"error":true,"code":"DELETE_FAILED","message":"the saved login could not be deleted - close whatever uses its folder and try again","cliente_id":1}"#,
    );
    setup.world.deleting_fails.store(false, Ordering::SeqCst);
    setup.world.store_fails.store(true, Ordering::SeqCst);
    delete(&setup, "/session/1?forget=true").await.is(
        503,
        r#"{"error":true,"code":"STORE_UNAVAILABLE","message":"the database cannot be read or written - check the data folder and the free disk space","cliente_id":1}"#,
    );
    // The browser was ended all the same.
    assert_eq!(setup.state(1), StateName::NotInitialized);
}

#[tokio::test(start_paused = true)]
async fn all_clientes_are_listed_running_or_not() {
    let setup = Setup::new().await;
    setup.ask(bare(get("/clients"))).await.is(200, "[]");
    setup
        .registry
        .add(Some(id(20)), "Ventas".into(), String::new())
        .await
        .unwrap();
    setup.bring(3, StateName::Ready).await;
    setup.ask(bare(get("/clients"))).await.is(
        200,
        concat!(
            r#"[{"id":3,"state":"READY","name":"","connected":true,"can_send_messages":true,"needs_qr":false,"#,
            r#""saved_login":true,"wanted":"running","reason":"CONNECTED","since":1000000,"hibernated":false,"degraded":null},"#,
            r#"{"id":20,"state":"NOT_INITIALIZED","name":"Ventas","connected":false,"can_send_messages":false,"needs_qr":false,"#,
            r#""saved_login":false,"wanted":"stopped","reason":null,"since":1000000,"hibernated":false,"degraded":null}]"#,
        ),
    );
}

#[tokio::test(start_paused = true)]
async fn the_list_tells_who_sleeps_and_who_is_not_well() {
    let setup = Setup::new().await;
    for cliente in [3, 4] {
        setup.bring(cliente, StateName::Ready).await;
    }
    setup.registry.hibernate(id(3)).await.unwrap();
    setup
        .world
        .tell(id(4), DriverEvent::SocketLost(Reason::NetworkLost))
        .await;
    setup
        .until(4, |snapshot| snapshot.degraded().is_some())
        .await;
    let list = setup.json("/clients").await;
    assert_eq!(list[0]["state"], "NOT_INITIALIZED");
    assert_eq!(list[0]["wanted"], "running");
    assert_eq!(
        (&list[0]["hibernated"], &list[0]["degraded"]),
        (&json!(true), &json!(null))
    );
    assert_eq!(list[1]["state"], "READY");
    assert_eq!(
        (&list[1]["hibernated"], &list[1]["degraded"]),
        (&json!(false), &json!("NETWORK_LOST"))
    );
}
