//! Browsers whose own process hangs, told apart from pages that hang and from browsers that are slow.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use session_chromium::LaunchSettings;
use session_core::ports::{CallError, DriverEvent, Profiles};
use session_core::{ChatId, MessageText, Outgoing};
use tokio::sync::mpsc::error::TryRecvError;

use crate::support::{World, browsers_under, cliente, is_alive, renderer_of, signal};

/// Less than a second until a browser that hangs is found out.
fn watchful(settings: &mut LaunchSettings) {
    settings.heartbeat = Duration::from_millis(100);
    settings.silence = Duration::from_millis(400);
    settings.answer_timeout = Duration::from_millis(200);
}

async fn world(change: impl FnOnce(&mut LaunchSettings)) -> Result<World> {
    let world = World::new().await?;
    world.launcher.update(|settings| {
        watchful(settings);
        change(settings);
    });
    Ok(world)
}

fn message() -> Result<(ChatId, MessageText)> {
    let text = MessageText::new("hola".to_owned()).context("no text")?;
    Ok((ChatId::parse("5491155550000")?, text))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_hangs_is_ended_and_its_calls_fail_before_that() -> Result<()> {
    let world = world(|settings| settings.fresh_login = Duration::ZERO).await?;
    let mut session = world.linked(1).await?;
    let pid = session.browser.pid();
    signal(pid, "-STOP");
    let start = Instant::now();
    let browser = Arc::clone(&session.browser);
    let (chat, text) = message()?;
    let pending = tokio::spawn(async move {
        (
            browser
                .send(&Outgoing::text(chat.clone(), text.clone()))
                .await,
            Instant::now(),
        )
    });
    let seen = session.expect(DriverEvent::BrowserExited).await?;
    let exited = Instant::now();
    assert_eq!(seen, [DriverEvent::BrowserExited], "the page is not blamed");
    // The heartbeat, the question, and the second that a closed pipe has; a message has 45.
    assert!(
        exited - start < Duration::from_secs(4),
        "{:?}",
        exited - start
    );
    let (answer, failed) = pending.await?;
    assert_eq!(answer, Err(CallError::Gone));
    assert!(
        exited - failed > Duration::from_millis(500),
        "the call was told at the burial only"
    );
    assert!(!is_alive(pid));
    assert_eq!(browsers_under(world.data.path()), []);
    assert_eq!(session.events.recv().await, None);

    world.launch(1).await?.connected().await?;
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_with_a_fresh_login_is_waited_for() -> Result<()> {
    const FRESH: Duration = Duration::from_secs(8);
    let world = world(|settings| settings.fresh_login = FRESH).await?;
    let mut session = world.linked(1).await?;
    let linked = Instant::now();
    let pid = session.browser.pid();
    signal(pid, "-STOP");
    // Page and browser were asked, several times over, and did not answer.
    assert_eq!(session.browser.check().await, Err(CallError::Timeout));
    assert!(linked.elapsed() > Duration::from_secs(3));
    assert!(is_alive(pid));
    signal(pid, "-CONT");
    session.browser.check().await?;
    let (chat, text) = message()?;
    session
        .browser
        .send(&Outgoing::text(chat.clone(), text.clone()))
        .await?;
    // Nobody was told anything that would have it restarted.
    loop {
        match session.events.try_recv() {
            Ok(DriverEvent::Acknowledged(..)) => {}
            other => {
                assert_eq!(other, Err(TryRecvError::Empty));
                break;
            }
        }
    }

    // The second time it does not come back.
    signal(pid, "-STOP");
    session.expect(DriverEvent::BrowserExited).await?;
    let took = linked.elapsed();
    assert!(took > FRESH, "{took:?}");
    assert!(took < FRESH + Duration::from_secs(4), "{took:?}");
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_hangs_again_is_told_again_and_its_browser_lives() -> Result<()> {
    let world = world(|settings| settings.fresh_login = Duration::ZERO).await?;
    let mut session = world.linked(1).await?;
    let renderer = renderer_of(session.browser.pid()).context("no renderer")?;
    for round in ["once", "again"] {
        signal(renderer, "-STOP");
        let seen = session.expect(DriverEvent::PageUnresponsive).await?;
        assert_eq!(seen, [DriverEvent::PageUnresponsive], "{round}");
        signal(renderer, "-CONT");
        // It says nothing by itself.
        session.browser.check().await?;
    }
    let (chat, text) = message()?;
    session
        .browser
        .send(&Outgoing::text(chat.clone(), text.clone()))
        .await?;
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_in_vain_asks_the_browser() -> Result<()> {
    let world = world(|settings| {
        // Nobody else does.
        settings.heartbeat = Duration::from_secs(60);
        settings.reload_timeout = Duration::from_secs(1);
        settings.fresh_login = Duration::ZERO;
    })
    .await?;
    let mut session = world.linked(1).await?;
    signal(session.browser.pid(), "-STOP");
    let start = Instant::now();
    session.browser.reload().await.unwrap_err();
    session.expect(DriverEvent::BrowserExited).await?;
    assert!(
        start.elapsed() < Duration::from_secs(4),
        "{:?}",
        start.elapsed()
    );
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_known_to_hang_is_not_asked_for_long() -> Result<()> {
    const FRESH: Duration = Duration::from_secs(5);
    let world = world(|settings| {
        settings.fresh_login = FRESH;
        settings.close_timeout = Duration::from_secs(20);
    })
    .await?;
    let session = world.linked(1).await?;
    let linked = Instant::now();
    signal(session.browser.pid(), "-STOP");
    assert_eq!(session.browser.check().await, Err(CallError::Timeout));
    session.browser.close().await;
    let took = linked.elapsed();
    assert!(took > FRESH, "{took:?}");
    assert!(took < FRESH + Duration::from_secs(5), "{took:?}");
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_slow_to_close_has_all_its_time() -> Result<()> {
    let world = world(|settings| {
        settings.heartbeat = Duration::from_secs(60);
        settings.fresh_login = Duration::ZERO;
    })
    .await?;
    let session = world.linked_and_marked(1).await?;
    signal(session.browser.pid(), "-STOP");
    let start = Instant::now();
    let closing = tokio::spawn({
        let browser = Arc::clone(&session.browser);
        async move { browser.close().await }
    });
    // Much longer than a question may take, and the closed pipe.
    crate::support::eventually("it was slow", || {
        start.elapsed() > Duration::from_millis(2500)
    })
    .await?;
    signal(session.browser.pid(), "-CONT");
    closing.await?;
    assert!(
        world.profiles.has_spare(cliente(1)?).await,
        "it was not let end by itself"
    );
    world.end().await
}
