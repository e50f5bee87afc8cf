//! From the QR to a message, with a real browser and a stand-in for WhatsApp Web.
use anyhow::Result;
use session_core::ports::{CallError, DriverEvent};
use session_core::{ChatId, MessageText, Outgoing, PhoneNumber};

use crate::support::World;
use whatsapp_simulator::{PhoneAction, SendFailure};

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_linked_and_sends() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.launch(1).await?;
    let first = session.code().await?;
    world.act(PhoneAction::Rotate).await?;
    let second = session.code().await?;
    assert_ne!(first, second);

    let device = world.simulator.phone().scan(&second, None).await?;
    let seen = session
        .until(|event| matches!(event, DriverEvent::Connected(_)))
        .await?;
    assert!(seen.contains(&DriverEvent::CodeTaken), "{seen:?}");
    let account = world.simulator.phone().devices()[0]
        .account
        .clone()
        .unwrap();
    match seen.last() {
        Some(DriverEvent::Connected(known)) => {
            assert_eq!(known.number.reveal(), account.number);
            assert_eq!(known.name.as_deref(), Some(account.name.as_str()));
        }
        other => panic!("{other:?} of {device:?}"),
    }

    let chat = ChatId::parse("5491155550000")?;
    let text = MessageText::new("hola \"ñandú\" \\ ` ${x} \u{2028}\n☕".to_owned()).unwrap();
    let id = session
        .browser
        .send(&Outgoing::text(chat.clone(), text.clone()))
        .await?;
    assert!(
        id.reveal().starts_with("true_5491155550000@c.us_3EB0"),
        "{}",
        id.reveal()
    );
    let outbox = world.simulator.phone().outbox();
    assert_eq!(outbox.len(), 1);
    assert_eq!(outbox[0].text, text.reveal());

    world
        .act(PhoneAction::FailSends {
            count: 1,
            result: SendFailure::ErrorNetwork,
        })
        .await?;
    let refused = session
        .browser
        .send(&Outgoing::text(chat.clone(), text.clone()))
        .await
        .unwrap_err();
    assert_eq!(refused, CallError::Refused("ERROR_NETWORK".to_owned()));
    session
        .browser
        .send(&Outgoing::text(chat.clone(), text.clone()))
        .await?;

    let nobody = ChatId::parse("5491155500000")?;
    let refused = session
        .browser
        .send(&Outgoing::text(nobody.clone(), text.clone()))
        .await
        .unwrap_err();
    assert_eq!(
        refused,
        CallError::Refused("NUMBER_NOT_ON_WHATSAPP".to_owned())
    );

    session.browser.close().await;
    assert_eq!(
        session
            .browser
            .send(&Outgoing::text(chat.clone(), text.clone()))
            .await,
        Err(CallError::Gone)
    );
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_login_needs_no_scan() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.linked(1).await?;
    session.browser.close().await;
    // The session closed it, so there is nothing to tell.
    session.events.close();
    assert!(!matches!(
        session.events.recv().await,
        Some(DriverEvent::BrowserExited)
    ));

    let mut again = world.launch(1).await?;
    let seen = again
        .until(|event| matches!(event, DriverEvent::Connected(_) | DriverEvent::Code(_)))
        .await?;
    assert!(
        matches!(seen.last(), Some(DriverEvent::Connected(_))),
        "{seen:?}"
    );
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_stopped_is_started_again() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.launch(1).await?;
    let first = session.code().await?;
    world.act(PhoneAction::Idle).await?;
    let seen = session.expect(DriverEvent::CodeIdle).await?;
    assert_eq!(seen, [DriverEvent::CodeIdle], "it was not taken by a phone");
    session.browser.refresh_code().await?;
    assert_ne!(session.code().await?, first);
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_can_be_linked_with_a_pairing_code() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.launch(1).await?;
    session.code().await?;
    let number = PhoneNumber::parse("5491155551234")?;
    let code = session.browser.request_pairing_code(&number).await?;
    world.simulator.phone().pair(&code, None).await?;
    assert_eq!(session.connected().await?, "5491155551234");
    assert_eq!(
        session.browser.request_pairing_code(&number).await,
        Err(CallError::Refused("ALREADY_LINKED".to_owned()))
    );
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pairing_code_ends_with_its_page_and_can_be_had_anew() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.launch(1).await?;
    session.code().await?;
    let number = PhoneNumber::parse("5491155551234")?;
    let old = session.browser.request_pairing_code(&number).await?;
    session.browser.reload().await?;
    session.code().await?;
    let code = session.browser.request_pairing_code(&number).await?;
    assert_ne!(code, old);
    assert!(world.simulator.phone().pair(&old, None).await.is_err());
    world.simulator.phone().pair(&code, None).await?;
    assert_eq!(session.connected().await?, "5491155551234");
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pairing_code_that_whatsapp_does_not_give_is_refused_with_a_word() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.launch(1).await?;
    session.code().await?;
    world.act(PhoneAction::NetworkDrop).await?;
    let number = PhoneNumber::parse("5491155551234")?;
    assert_eq!(
        session.browser.request_pairing_code(&number).await,
        Err(CallError::Refused("LINK_CODE_ERROR".to_owned()))
    );
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_found_as_whatsapp_knows_it() -> Result<()> {
    let world = World::new().await?;
    let session = world.linked(1).await?;
    for (number, known) in [
        ("5491155550077", Some("5491155550077")),
        // Without the 9 that its country has added.
        ("541155550077", Some("5491155550077")),
        // Known by a hidden id.
        ("5491155577777", Some("5491155577777")),
        ("5491155500000", None),
    ] {
        let found = session
            .browser
            .find_number(&PhoneNumber::parse(number)?)
            .await?;
        assert_eq!(found.as_ref().map(PhoneNumber::reveal), known, "{number}");
    }
    world.act(PhoneAction::NetworkDrop).await?;
    assert_eq!(
        session
            .browser
            .find_number(&PhoneNumber::parse("5491155550088")?)
            .await,
        Err(CallError::Refused("ERROR_NETWORK".to_owned()))
    );
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_noticed() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.launch(1).await?;
    let code = session.code().await?;
    world.act(PhoneAction::Passkey { enabled: true }).await?;
    world.simulator.phone().scan(&code, None).await?;
    session.expect(DriverEvent::PasskeyRequested).await?;
    world.act(PhoneAction::PasskeyConfirm).await?;
    session.connected().await?;
    world.end().await
}
