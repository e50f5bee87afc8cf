//! `POST /send`.

use std::sync::atomic::Ordering;

use session_core::StateName;
use session_core::ports::CallError;

use crate::support::{Setup, about, bare, id, post, with_json};

#[tokio::test(start_paused = true)]
async fn a_message_is_sent_and_named() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::Ready).await;
    let browser = setup.world.browser(id(7));
    for (to, chat) in [
        ("5491155551234", "5491155551234@c.us"),
        ("+54 9 11 5555-1234", "5491155551234@c.us"),
        ("5491155551234@c.us", "5491155551234@c.us"),
        ("120363000000000000@g.us", "120363000000000000@g.us"),
    ] {
        setup
            .send(7, &format!(r#"{{"to":"{to}","message":"¡hola! \n 2"}}"#))
            .await
            .is(
                200,
                &format!(r#"{{"ok":true,"message_id":"true_{chat}_3EB0C0FFEE"}}"#),
            );
        assert_eq!(browser.take_calls(), [format!("send {chat} ¡hola! \n 2")]);
    }
    // What is in the body of an old caller beside it.
    let extra = r#"{"cliente_id":999,"to":"5491155551234","message":"x","priority":1}"#;
    assert_eq!(setup.send(7, extra).await.status, 200);
    assert_eq!(browser.take_calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_cannot_be_one_is_refused() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::Ready).await;
    let unreadable = "The body must be JSON with the texts \\\"to\\\" and \\\"message\\\"";
    let recipient = "\\\"to\\\": a number is 5 to 20 digits with country code; a chat id ends in @c.us or @g.us";
    for (body, message) in [
        ("{", unreadable),
        ("", unreadable),
        ("null", unreadable),
        ("[]", unreadable),
        ("{}", unreadable),
        (r#""text""#, unreadable),
        (r#"{"to":"5491155551234"}"#, unreadable),
        (r#"{"message":"x"}"#, unreadable),
        (r#"{"to":5491155551234,"message":"x"}"#, unreadable),
        (r#"{"to":"5491155551234","message":null}"#, unreadable),
        (
            r#"{"to":"5491155551234","message":"x"} trailing"#,
            unreadable,
        ),
        (r#"{"to":"","message":"x"}"#, "\\\"to\\\" is empty"),
        (r#"{"to":"  ","message":"x"}"#, "\\\"to\\\" is empty"),
        (
            r#"{"to":"5491155551234","message":""}"#,
            "\\\"message\\\" is empty",
        ),
        (
            r#"{"to":"5491155551234","message":" \n"}"#,
            "\\\"message\\\" is empty",
        ),
        (r#"{"to":"ana","message":"x"}"#, recipient),
        (r#"{"to":"1","message":"x"}"#, recipient),
        (r#"{"to":"5491155551234@evil","message":"x"}"#, recipient),
    ] {
        setup.send(7, body).await.is(
            400,
            &format!(r#"{{"error":true,"code":"INVALID_REQUEST","message":"{message}"}}"#),
        );
    }
    // Not UTF-8.
    let request = post("/send")
        .header("X-Cliente-Id", 7)
        .header("Content-Type", "application/json")
        .body(axum::body::Body::from(vec![b'"', 0xff, b'"']))
        .unwrap();
    assert_eq!(setup.ask(request).await.status, 400);
    // No body and no type at all.
    let answer = setup.ask(about(post("/send"), 7)).await;
    assert_eq!(answer.status, 400);
    assert!(setup.world.browser(id(7)).take_calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn only_a_ready_session_sends() {
    let body = r#"{"to":"5491155551234","message":"x"}"#;
    for state in StateName::ALL {
        if state == StateName::Ready {
            continue;
        }
        let setup = Setup::new().await;
        setup.bring(7, state).await;
        let name = state.as_str();
        setup.send(7, body).await.is(
            409,
            &format!(
                r#"{{"error":true,"code":"SESSION_NOT_READY","message":"WhatsApp session not ready. Current state: {name}"}}"#
            ),
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_send_that_fails_says_why_and_nothing_more() {
    let body = r#"{"to":"5491155551234","message":"x"}"#;
    for (failure, message) in [
        (
            CallError::Refused("NOT_ON_WHATSAPP".into()),
            "WhatsApp refused: NOT_ON_WHATSAPP",
        ),
        (
            CallError::Refused("Error at https://web.whatsapp.com/x.js:1".into()),
            "WhatsApp refused",
        ),
        (
            CallError::Gone,
            "The browser ended before the answer came - try again",
        ),
        (
            CallError::Timeout,
            "WhatsApp did not confirm the message in time - it may still arrive",
        ),
        (
            CallError::Unsupported("WPP.chat".into()),
            "WhatsApp Web changed and offers no way to do this - update Session Manager",
        ),
    ] {
        let setup = Setup::new().await;
        setup.bring(7, StateName::Ready).await;
        *setup.world.browser(id(7)).failure.lock().unwrap() = Some(failure);
        setup.send(7, body).await.is(
            500,
            &format!(r#"{{"error":true,"code":"SEND_FAILED","message":"{message}"}}"#),
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_send_that_hangs_is_answered_before_callers_hang_up() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::Ready).await;
    setup
        .world
        .browser(id(7))
        .hangs
        .store(true, Ordering::SeqCst);
    let began = tokio::time::Instant::now();
    let answer = setup
        .send(7, r#"{"to":"5491155551234","message":"x"}"#)
        .await;
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
    answer.is(
        500,
        r#"{"error":true,"code":"SEND_FAILED","message":"WhatsApp did not confirm the message in time - it may still arrive"}"#,
    );
}

/// Header before body before state.
#[tokio::test(start_paused = true)]
async fn the_first_thing_that_is_wrong_is_the_answer() {
    let setup = Setup::new().await;
    let missing = setup.ask(with_json(post("/send"), "{")).await;
    assert!(missing.body.contains("MISSING_HEADER"), "{}", missing.body);
    let request = post("/send").header("X-Cliente-Id", "x");
    let invalid = setup.ask(with_json(request, "{")).await;
    assert!(invalid.body.contains("INVALID_HEADER"), "{}", invalid.body);
    let body = setup.send(7, "{").await;
    assert!(body.body.contains("INVALID_REQUEST"), "{}", body.body);
    let state = setup
        .send(7, r#"{"to":"5491155551234","message":"x"}"#)
        .await;
    assert!(state.body.contains("SESSION_NOT_READY"), "{}", state.body);
    // And a body of the wrong kind before all of them.
    let request = bare(post("/send").header("Content-Type", "text/plain"));
    assert_eq!(setup.ask(request).await.status, 400, "no body, no matter");
}
