//! Pages and browsers that die or fall silent.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use session_core::ports::{CallError, DriverEvent};
use session_core::{ChatId, MessageText, Outgoing, Reason};
use whatsapp_simulator::PhoneAction;

use crate::support::{World, browsers_under, descendant, is_alive, kill, renderer_of, signal};

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
    let pending = tokio::spawn(async move {
        browser
            .send(&Outgoing::text(chat_too.clone(), text_too.clone()))
            .await
    });
    tokio::task::yield_now().await;
    let start = Instant::now();
    kill(renderer);
    session.expect(DriverEvent::PageCrashed).await?;
    assert_eq!(pending.await?, Err(CallError::Gone));
    assert_eq!(
        session
            .browser
            .send(&Outgoing::text(chat.clone(), text.clone()))
            .await,
        Err(CallError::Gone)
    );
    assert!(start.elapsed() < AT_ONCE, "{:?}", start.elapsed());

    session.browser.reload().await?;
    session.connected().await?;
    session
        .browser
        .send(&Outgoing::text(chat.clone(), text.clone()))
        .await?;
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
async fn a_page_that_hangs_cannot_be_reloaded_and_says_so_in_time() -> Result<()> {
    let world = World::new().await?;
    world
        .launcher
        .update(|settings| settings.reload_timeout = Duration::from_secs(2));
    let session = world.linked(1).await?;
    signal(
        renderer_of(session.browser.pid()).context("no renderer")?,
        "-STOP",
    );
    let start = Instant::now();
    assert_eq!(session.browser.reload().await, Err(CallError::Timeout));
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_can_start_no_renderer_says_so() -> Result<()> {
    let world = World::new().await?;
    // Without a sandbox we start without a zygote too; here there has to be one.
    world.launcher.update(|settings| {
        if settings.no_sandbox {
            settings.no_sandbox = false;
            settings.extra_args.push("--no-sandbox".to_owned());
        }
    });
    let mut session = world.linked(1).await?;
    let pid = session.browser.pid();
    // Its renderers go with it, and nobody is left to tell the browser of that.
    let renderer = renderer_of(pid).context("no renderer")?;
    while let Some(zygote) = descendant(pid, |line| line.contains("--type=zygote")) {
        kill(zygote);
        crate::support::eventually("the zygote dies", || !is_alive(zygote)).await?;
    }
    kill(renderer);
    let start = Instant::now();
    if session.browser.reload().await.is_ok() {
        session.expect(DriverEvent::PageCrashed).await?;
    }
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    // Another browser has what this one lacks.
    session.browser.close().await;
    world.launch(1).await?.connected().await?;
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_looked_at_after_a_sleep() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.linked(1).await?;
    session.browser.check().await?;
    signal(
        renderer_of(session.browser.pid()).context("no renderer")?,
        "-STOP",
    );
    let start = Instant::now();
    assert_eq!(session.browser.check().await, Err(CallError::Timeout));
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    session.expect(DriverEvent::PageUnresponsive).await?;
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
        session
            .browser
            .send(&Outgoing::text(chat.clone(), text.clone()))
            .await,
        Err(CallError::Timeout)
    );
    world.act(PhoneAction::NetworkReturn).await?;
    let seen = session
        .until(|event| matches!(event, DriverEvent::Connected(_)))
        .await?;
    assert!(!seen.contains(&DriverEvent::PageUnresponsive), "{seen:?}");
    // The page sent it after all, and says so.
    let told = session
        .until(|event| matches!(event, DriverEvent::Acknowledged(..)))
        .await?;
    match told.last() {
        Some(DriverEvent::Acknowledged(id, _)) => {
            let id = id.reveal();
            assert!(id.starts_with("true_5491155550000@c.us_"), "{id}");
        }
        other => panic!("{other:?}"),
    }
    // Now it is not.
    signal(
        renderer_of(session.browser.pid()).context("no renderer")?,
        "-STOP",
    );
    assert_eq!(
        session
            .browser
            .send(&Outgoing::text(chat.clone(), text.clone()))
            .await,
        Err(CallError::Timeout)
    );
    session.expect(DriverEvent::PageUnresponsive).await?;
    world.end().await
}
