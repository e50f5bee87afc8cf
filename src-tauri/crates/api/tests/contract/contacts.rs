//! `GET /contacts/{number}/exists`.

use session_core::StateName;
use session_core::ports::CallError;

use crate::support::{Answer, Setup, about, bare, get, id};

async fn check(setup: &Setup, number: &str) -> Answer {
    let path = format!("/contacts/{number}/exists");
    setup.ask(about(get(&path), 7)).await
}

#[tokio::test(start_paused = true)]
async fn a_number_is_looked_up_by_a_session_that_is_connected() {
    let setup = Setup::new().await;
    let path = "/contacts/5491155551234/exists";
    let missing = setup.ask(bare(get(path))).await;
    assert!(missing.body.contains("MISSING_HEADER"), "{}", missing.body);
    for state in [StateName::NotInitialized, StateName::QrRequired] {
        setup.bring(7, state).await;
        check(&setup, "5491155551234").await.is(
            409,
            &format!(
                r#"{{"error":true,"code":"SESSION_NOT_READY","message":"WhatsApp session not ready. Current state: {}"}}"#,
                state.as_str()
            ),
        );
    }
    let setup = Setup::new().await;
    setup.bring(7, StateName::Ready).await;
    let found = r#"{"cliente_id":7,"exists":true,"number":"5491155551234"}"#;
    for number in [
        "5491155551234",
        "+5491155551234",
        "%2B54%209%2011%205555-1234",
    ] {
        check(&setup, number).await.is(200, found);
    }
    for bad in ["ana", "1", "5491155551234@c.us", "%2e%2e", "%ff"] {
        assert_eq!(check(&setup, bad).await.status, 400, "{bad}");
    }
    let browser = setup.world.browser(id(7));
    assert_eq!(browser.take_calls(), ["find", "find", "find"]);
    *browser.failure.lock().unwrap() = Some(CallError::Refused("ERROR_NETWORK".into()));
    check(&setup, "5491155551234").await.is(
        500,
        r#"{"error":true,"code":"CHECK_FAILED","message":"WhatsApp refused: ERROR_NETWORK"}"#,
    );
}

#[tokio::test(start_paused = true)]
async fn numbers_cannot_be_gone_through() {
    let setup = Setup::new().await;
    // Those that nobody was asked about do not count.
    for _ in 0..40 {
        assert_eq!(check(&setup, "5491155551234").await.status, 409);
    }
    setup.bring(7, StateName::Ready).await;
    for _ in 0..30 {
        assert_eq!(check(&setup, "5491155551234").await.status, 200);
    }
    let refused = check(&setup, "5491155551234").await;
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (429, Some("60"))
    );
    assert_eq!(setup.world.browser(id(7)).take_calls().len(), 30);
}
