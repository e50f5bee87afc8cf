//! How a linked session is lost, and how it comes back.

use anyhow::Result;
use session_core::Reason;
use session_core::ports::{CallError, DriverEvent};
use session_core::{ChatId, MessageText, Outgoing};
use whatsapp_simulator::{BanKind, PhoneAction};

use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_comes_back() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.linked(1).await?;
    let number = world.simulator.phone().devices()[0]
        .account
        .clone()
        .unwrap()
        .number;
    for (away, reason) in [
        (PhoneAction::NetworkDrop, Reason::NetworkLost),
        (PhoneAction::Timeout, Reason::Timeout),
        (PhoneAction::ProxyBlock, Reason::ProxyBlocked),
    ] {
        world.act(away).await?;
        assert_eq!(session.next().await?, DriverEvent::SocketLost(reason));
        world.act(PhoneAction::NetworkReturn).await?;
        assert_eq!(session.connected().await?, number);
    }
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_without_a_network_is_refused() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.linked(1).await?;
    world.act(PhoneAction::NetworkDrop).await?;
    session
        .expect(DriverEvent::SocketLost(Reason::NetworkLost))
        .await?;
    let chat = ChatId::parse("5491155550000")?;
    let text = MessageText::new("hola".to_owned()).unwrap();
    let refused = session
        .browser
        .send(&Outgoing::text(chat.clone(), text.clone()))
        .await;
    assert_eq!(refused, Err(CallError::Refused("ERROR_NETWORK".to_owned())));
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_from_the_phone_is_told_once_with_its_reason() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.linked(1).await?;
    world
        .act(PhoneAction::Logout {
            reason: Some("unknown_companion".to_owned()),
        })
        .await?;
    let seen = session
        .until(|event| matches!(event, DriverEvent::Code(_)))
        .await?;
    let told: Vec<_> = seen
        .iter()
        .filter(|event| matches!(event, DriverEvent::LoggedOut(_)))
        .collect();
    assert_eq!(
        told,
        [&DriverEvent::LoggedOut(Reason::Unpaired)],
        "{seen:?}"
    );
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_from_here_unlinks_the_device() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.linked(1).await?;
    session.browser.log_out().await?;
    session
        .expect(DriverEvent::LoggedOut(Reason::LoggedOut))
        .await?;
    session.code().await?;
    assert_eq!(
        session.browser.log_out().await,
        Err(CallError::Refused("NOT_LINKED".to_owned()))
    );
    session.browser.close().await;
    // It stays unlinked.
    world.launch(1).await?.code().await?;
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_opened_elsewhere() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.linked(1).await?;
    world.act(PhoneAction::Conflict).await?;
    session
        .expect(DriverEvent::LoggedOut(Reason::Conflict))
        .await?;
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_number() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.linked(1).await?;
    world
        .act(PhoneAction::Ban {
            kind: BanKind::SmbTosBlock,
        })
        .await?;
    session
        .expect(DriverEvent::Banned(Reason::TermsBlock))
        .await?;
    session.browser.close().await;

    let mut other = world.linked(2).await?;
    world
        .act(PhoneAction::BackendEvent {
            name: "account_temporarily_banned".to_owned(),
        })
        .await?;
    other.expect(DriverEvent::Banned(Reason::Banned)).await?;
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_too_old_or_has_no_storage() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.launch(1).await?;
    session.code().await?;
    world
        .act(PhoneAction::BackendEvent {
            name: "storage_initialization_error".to_owned(),
        })
        .await?;
    session.expect(DriverEvent::StorageFailed).await?;
    world.act(PhoneAction::Rotate).await?;
    session.code().await?;
    world.act(PhoneAction::Outdated).await?;
    session.expect(DriverEvent::Outdated).await?;
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_was_forgotten_shows_a_code_again() -> Result<()> {
    let world = World::new().await?;
    let session = world.linked(1).await?;
    world.act(PhoneAction::Forget).await?;
    session.browser.reload().await?;
    let mut session = session;
    session.code().await?;
    world.end().await
}
