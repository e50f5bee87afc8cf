//! From the QR to a message, with a real browser and a stand-in for WhatsApp Web.
#![cfg(target_os = "linux")]

mod support;

use anyhow::Result;
use session_core::ports::{CallError, DriverEvent};
use session_core::{ChatId, MessageText};
use support::World;
use whatsapp_simulator::{PhoneAction, SendFailure};

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_linked_and_sends() -> Result<()> {
    let world = World::new().await?;
    let start = std::time::Instant::now();
    let mut session = world.launch(1).await?;
    eprintln!("launched after {:?}", start.elapsed());
    let first = session.code().await?;
    eprintln!("code after {:?}", start.elapsed());
    world.act(PhoneAction::Rotate).await?;
    let second = session.code().await?;
    assert_ne!(first, second);

    let device = world.simulator.phone().scan(&second, None).await?;
    let seen = session
        .until(|event| matches!(event, DriverEvent::Connected(_)))
        .await?;
    eprintln!("{seen:?}");
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
    let id = session.browser.send_text(&chat, &text).await?;
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
    let refused = session.browser.send_text(&chat, &text).await.unwrap_err();
    assert_eq!(refused, CallError::Refused("ERROR_NETWORK".to_owned()));
    session.browser.send_text(&chat, &text).await?;

    session.browser.close().await;
    assert_eq!(
        session.browser.send_text(&chat, &text).await,
        Err(CallError::Gone)
    );
    world.end().await
}
