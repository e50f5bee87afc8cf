//! A login that is minutes old may not be on disk yet: its browser is asked to end, not killed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use session_core::ports::Profiles;

use crate::support::{World, browsers_under, cliente, eventually, is_alive, signal};

async fn world() -> Result<World> {
    let world = World::new().await?;
    world
        .launcher
        .update(|settings| settings.close_timeout = Duration::from_millis(300));
    Ok(world)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_with_a_fresh_login_is_not_killed() -> Result<()> {
    let world = world().await?;
    let session = world.linked_and_marked(1).await?;
    let pid = session.browser.pid();
    signal(pid, "-STOP");
    let start = Instant::now();
    let closing = tokio::spawn({
        let browser = Arc::clone(&session.browser);
        async move { browser.close().await }
    });
    // Longer than any other browser has: the polite close, the closed pipe, and the kill.
    eventually("its time has passed", || {
        assert!(is_alive(pid), "it was killed after {:?}", start.elapsed());
        start.elapsed() > Duration::from_secs(3)
    })
    .await?;
    assert!(!closing.is_finished());
    signal(pid, "-CONT");
    closing.await?;
    // It ended by itself, so its profile is worth a spare.
    assert!(world.profiles.has_spare(cliente(1)?).await);
    world.launch(1).await?.connected().await?;
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_does_not_stay_fresh() -> Result<()> {
    let world = world().await?;
    world
        .launcher
        .update(|settings| settings.fresh_login = Duration::from_secs(2));
    let session = world.linked_and_marked(1).await?;
    let linked = Instant::now();
    signal(session.browser.pid(), "-STOP");
    session.browser.close().await;
    // The moment has passed, and the closed pipe had its second.
    let took = linked.elapsed();
    assert!(took > Duration::from_secs(2), "{took:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert!(
        !world.profiles.has_spare(cliente(1)?).await,
        "it was killed"
    );

    // A saved login is on disk already.
    world
        .launcher
        .update(|settings| settings.fresh_login = Duration::from_secs(60));
    let mut restored = world.launch(1).await?;
    restored.connected().await?;
    signal(restored.browser.pid(), "-STOP");
    let start = Instant::now();
    restored.browser.close().await;
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_the_program_waits_for_nobody() -> Result<()> {
    let world = world().await?;
    let session = world.linked_and_marked(1).await?;
    signal(session.browser.pid(), "-STOP");
    let start = Instant::now();
    let closing = tokio::spawn({
        let browser = Arc::clone(&session.browser);
        async move { browser.close().await }
    });
    world.launcher.begin_shutdown();
    world.launcher.shutdown().await;
    let took = start.elapsed();
    assert!(took > Duration::from_secs(7), "politely first: {took:?}");
    assert!(took < Duration::from_secs(12), "{took:?}");
    assert_eq!(browsers_under(world.data.path()), []);
    closing.await?;
    world.end().await
}
