//! Pages and browsers that die or fall silent.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use session_core::ports::{CallError, DriverEvent};
use session_core::{ChatId, MessageText, Reason};
use whatsapp_simulator::PhoneAction;

use crate::support::{World, browsers_under, is_alive, kill, renderer_of, signal};

const AT_ONCE: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_crashed_is_reloaded() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.linked(1).await?;
    let renderer = renderer_of(session.browser.pid()).context("no renderer")?;
    let chat = ChatId::parse("5491155550000")?;
    let text = MessageText::new("hola".to_owned()).unwrap();

    // One call is under way when it happens, another comes after.
    world.act(PhoneAction::Hang { ms: 60_000 }).await?;
    let browser = std::sync::Arc::clone(&session.browser);
    let (chat_too, text_too) = (chat.clone(), text.clone());
    let pending = tokio::spawn(async move { browser.send_text(&chat_too, &text_too).await });
    tokio::task::yield_now().await;
    let start = Instant::now();
    kill(renderer);
    session.expect(DriverEvent::PageCrashed).await?;
    assert_eq!(pending.await?, Err(CallError::Gone));
    assert_eq!(
        session.browser.send_text(&chat, &text).await,
        Err(CallError::Gone)
    );
    assert!(start.elapsed() < AT_ONCE, "{:?}", start.elapsed());

    session.browser.reload().await?;
    session.connected().await?;
    session.browser.send_text(&chat, &text).await?;
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_was_killed_is_buried_and_started_again() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.linked(1).await?;
    let pid = session.browser.pid();
    let browser = std::sync::Arc::clone(&session.browser);
    let pending = tokio::spawn(async move { browser.reload().await });
    let start = Instant::now();
    kill(pid);
    let seen = session.expect(DriverEvent::BrowserExited).await?;
    assert!(start.elapsed() < AT_ONCE, "{:?} {seen:?}", start.elapsed());
    assert_eq!(pending.await?, Err(CallError::Gone));
    // It is the last event, nothing is left, and the profile is free.
    assert_eq!(session.events.recv().await, None);
    assert_eq!(browsers_under(world.data.path()), []);
    assert!(!is_alive(pid));
    session.browser.close().await;

    let mut again = world.launch(1).await?;
    again.connected().await?;
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_falls_silent_is_noticed_without_a_call() -> Result<()> {
    let world = World::new().await?;
    world.launcher.update(|settings| {
        settings.heartbeat = Duration::from_millis(100);
        settings.silence = Duration::from_millis(500);
    });
    let mut session = world.linked(1).await?;
    let renderer = renderer_of(session.browser.pid()).context("no renderer")?;
    signal(renderer, "-STOP");
    let seen = session.expect(DriverEvent::PageUnresponsive).await?;
    assert_eq!(seen, [DriverEvent::PageUnresponsive]);
    // Even so it can be closed politely.
    let start = Instant::now();
    session.browser.close().await;
    assert!(
        start.elapsed() < Duration::from_secs(4),
        "{:?}",
        start.elapsed()
    );
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_does_not_obey_is_killed() -> Result<()> {
    let world = World::new().await?;
    world
        .launcher
        .update(|settings| settings.close_timeout = Duration::from_millis(500));
    let mut session = world.launch(1).await?;
    session.code().await?;
    let pid = session.browser.pid();
    signal(pid, "-STOP");
    // Several at once, and again afterwards.
    let start = Instant::now();
    tokio::join!(session.browser.close(), session.browser.close());
    session.browser.close().await;
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
    assert!(!is_alive(pid));
    assert_eq!(browsers_under(world.data.path()), []);
    // It was closed by us: there is no exit to tell.
    while let Some(event) = session.events.recv().await {
        assert_ne!(event, DriverEvent::BrowserExited);
    }
    world.launch(1).await?;
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_nobody_holds_is_closed() -> Result<()> {
    let world = World::new().await?;
    let session = world.launch(1).await?;
    let pid = session.browser.pid();
    drop(session);
    crate::support::eventually("the browser ends", || !is_alive(pid)).await?;
    // The profile is free a moment later.
    world.launcher.shutdown().await;
    world.profiles_are_free(1)?;
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_takes_too_long_is_given_up() -> Result<()> {
    let world = World::new().await?;
    world
        .launcher
        .update(|settings| settings.send_timeout = Duration::from_millis(300));
    let mut session = world.linked(1).await?;
    let chat = ChatId::parse("5491155550000")?;
    let text = MessageText::new("hola".to_owned()).unwrap();
    // The page waits for its network, but it is alive.
    world.act(PhoneAction::NetworkDrop).await?;
    session
        .expect(DriverEvent::SocketLost(Reason::NetworkLost))
        .await?;
    assert_eq!(
        session.browser.send_text(&chat, &text).await,
        Err(CallError::Timeout)
    );
    world.act(PhoneAction::NetworkReturn).await?;
    let seen = session
        .until(|event| matches!(event, DriverEvent::Connected(_)))
        .await?;
    assert!(!seen.contains(&DriverEvent::PageUnresponsive), "{seen:?}");
    // Now it is not.
    signal(
        renderer_of(session.browser.pid()).context("no renderer")?,
        "-STOP",
    );
    assert_eq!(
        session.browser.send_text(&chat, &text).await,
        Err(CallError::Timeout)
    );
    assert_eq!(session.next().await?, DriverEvent::PageUnresponsive);
    world.end().await
}
