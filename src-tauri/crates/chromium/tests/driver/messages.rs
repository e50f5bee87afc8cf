//! However often a message is sent, and whatever happens meanwhile, it arrives once.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use session_core::ports::{CallError, DriverEvent};
use session_core::{Ack, ChatId, Content, Media, MediaKind, MessageText, Outgoing};
use whatsapp_simulator::{OutboxEntry, PhoneAction, SendFailure};

use crate::support::{World, eventually, kill};

const GROUP: &str = "120363000000000001@g.us";

fn message(chat: &str, text: &str) -> Result<Outgoing> {
    let text = MessageText::new(text.to_owned()).context("no text")?;
    Ok(Outgoing::text(ChatId::parse(chat)?, text))
}

/// The one message that was sent under this key.
fn only(world: &World, message: &Outgoing) -> Result<OutboxEntry> {
    let outbox = world.simulator.phone().outbox();
    let mut sent = outbox
        .into_iter()
        .filter(|entry| entry.id == message.key.as_str());
    let entry = sent.next().context("it was not sent")?;
    anyhow::ensure!(sent.next().is_none(), "it was sent twice");
    Ok(entry)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_sent_under_its_key_and_only_once() -> Result<()> {
    let world = World::new().await?;
    let session = world.linked(1).await?;
    // A number, a group, and somebody whom WhatsApp knows by a hidden id.
    for (chat, whole) in [
        ("5491155550000", "true_5491155550000@c.us_KEY"),
        (
            GROUP,
            "true_120363000000000001@g.us_KEY_10005491155550001@lid",
        ),
        ("5491155577777", "true_10005491155577777@lid_KEY"),
    ] {
        let message = message(chat, "hola")?;
        let id = session.browser.send(&message).await?;
        assert_eq!(id.reveal(), whole.replace("KEY", message.key.as_str()));
        assert_eq!(session.browser.send(&message).await?, id);
        assert_eq!(only(&world, &message)?.attempts, 1, "{chat}");
    }
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_failed_is_sent_anew_under_its_key() -> Result<()> {
    let world = World::new().await?;
    let session = world.linked(1).await?;
    let result = SendFailure::ErrorExpired;
    world
        .act(PhoneAction::FailSends { count: 2, result })
        .await?;
    let message = message("5491155550000", "hola")?;
    for _ in 0..2 {
        let refused = session.browser.send(&message).await.unwrap_err();
        assert_eq!(refused, CallError::Refused("ERROR_EXPIRED".to_owned()));
    }
    session.browser.send(&message).await?;
    let entry = only(&world, &message)?;
    assert_eq!((entry.attempts, entry.result.as_str()), (3, "OK"));
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_on_its_way_is_waited_for() -> Result<()> {
    let world = World::new().await?;
    world
        .launcher
        .update(|settings| settings.send_timeout = Duration::from_secs(2));
    let session = world.linked(1).await?;
    let message = message("5491155550000", "hola")?;
    world
        .act(PhoneAction::NeverAck { count: 1, up_to: 0 })
        .await?;
    assert_eq!(
        session.browser.send(&message).await,
        Err(CallError::Timeout)
    );

    let (browser, again) = (Arc::clone(&session.browser), message.clone());
    let waiting = tokio::spawn(async move { browser.send(&again).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waiting.is_finished());
    let id = message.key.to_string();
    world.act(PhoneAction::Acknowledge { id, ack: 1 }).await?;
    let id = waiting.await??;
    assert!(id.reveal().ends_with(message.key.as_str()));
    assert_eq!(only(&world, &message)?.attempts, 1);
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_found_that_the_page_has_not_loaded() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.linked(1).await?;
    let message = message("5491155550000", "hola")?;
    let id = session.browser.send(&message).await?;
    // WhatsApp tells a page that was loaded of the newest messages only.
    for _ in 0..100 {
        world.act(incoming("5491155550033")).await?;
    }
    session.browser.reload().await?;
    session.connected().await?;
    assert_eq!(session.browser.send(&message).await?, id);
    assert_eq!(only(&world, &message)?.attempts, 1);
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_killed_at_any_moment_of_a_send_sends_once() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.linked_and_marked(1).await?;
    let file = world.data.path().join("file");
    std::fs::write(&file, vec![b'x'; 500_000])?;
    let mut attempts = Vec::new();
    for round in 0..24_u32 {
        let mut message = message("5491155550000", &format!("ronda {round}"))?;
        if round % 3 == 0 {
            message.content = Content::Media(Media {
                kind: MediaKind::Document,
                path: file.clone(),
                mime: "text/plain".to_owned(),
                name: None,
                caption: None,
            });
        }
        let (browser, first) = (Arc::clone(&session.browser), message.clone());
        let sending = tokio::spawn(async move { browser.send(&first).await });
        // The moments are spread over the time that a send takes here, from before it begins until it is over.
        tokio::time::sleep(Duration::from_millis(u64::from(round * 7 % 24) * 2)).await;
        kill(session.browser.pid());
        session.expect(DriverEvent::BrowserExited).await?;
        let first = sending.await?;
        assert!(first.is_ok() || first == Err(CallError::Gone), "{first:?}");

        session = world.launch(1).await?;
        session.connected().await?;
        let id = session.browser.send(&message).await?;
        assert!(id.reveal().ends_with(message.key.as_str()));
        let entry = only(&world, &message)?;
        assert!(entry.ack >= 1, "{entry:?}");
        attempts.push((entry.attempts, first.is_ok()));
    }
    println!("attempts, and whether the first was answered: {attempts:?}");
    assert!(attempts.iter().all(|(attempts, _)| *attempts <= 3));
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_level_of_an_acknowledgement_is_told_once() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.linked(1).await?;
    // One that gets no further than the server, one that is read, and one of somebody else.
    world
        .act(PhoneAction::NeverAck { count: 1, up_to: 1 })
        .await?;
    let (first, second) = (message("5491155550000", "uno")?, message(GROUP, "dos")?);
    let first_id = session.browser.send(&first).await?;
    world.act(incoming("5491155550000")).await?;
    let second_id = session.browser.send(&second).await?;
    let told = |id: &_, ack| DriverEvent::Acknowledged(Clone::clone(id), ack);
    let mut seen = session.expect(told(&second_id, Ack::Read)).await?;
    let id = first.key.to_string();
    world.act(PhoneAction::Acknowledge { id, ack: 4 }).await?;
    seen.extend(session.expect(told(&first_id, Ack::Read)).await?);
    // A call that comes back after everything: nothing is told behind it.
    session.browser.send(&first).await?;
    session.browser.close().await;
    while let Some(event) = session.events.recv().await {
        seen.push(event);
    }
    let levels = |id| -> Vec<Ack> {
        let level = |event: &DriverEvent| match event {
            DriverEvent::Acknowledged(of, ack) if *of == id => Some(*ack),
            _ => None,
        };
        seen.iter().filter_map(level).collect()
    };
    assert_eq!(levels(first_id), [Ack::Server, Ack::Read]);
    assert_eq!(levels(second_id), [Ack::Server, Ack::Device, Ack::Read]);
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_waits_for_the_network_is_sent_once() -> Result<()> {
    let world = World::new().await?;
    world
        .launcher
        .update(|settings| settings.send_timeout = Duration::from_secs(1));
    let session = world.linked(1).await?;
    let message = message("5491155550000", "hola")?;
    // It leaves the page, and the network goes before the answer comes.
    world
        .act(PhoneAction::NeverAck { count: 1, up_to: 0 })
        .await?;
    assert_eq!(
        session.browser.send(&message).await,
        Err(CallError::Timeout)
    );
    world.act(PhoneAction::NetworkDrop).await?;
    session.browser.reload().await?;
    let phone = world.simulator.phone();
    eventually("the page is back", || phone.devices()[0].pages == 1).await?;
    world.act(PhoneAction::NetworkReturn).await?;
    // The page sends by itself what it has kept.
    eventually("it is acknowledged", || {
        only(&world, &message).is_ok_and(|entry| entry.ack == 3)
    })
    .await?;
    session.browser.send(&message).await?;
    assert_eq!(only(&world, &message)?.attempts, 2);
    world.end().await
}

fn incoming(from: &str) -> PhoneAction {
    PhoneAction::Incoming {
        from: from.to_owned(),
        text: "hola".to_owned(),
        name: None,
    }
}
