//! A session that is up: losses, crashes, messages, the end of a login.

use std::sync::atomic::Ordering;
use std::time::Duration;

use session_core::machine::BrowserPhase;
use session_core::ports::{CallError, DriverEvent};
use session_core::{CommandError, Reason, SendError, State, StateName, Wanted};
use tokio::time::sleep;

use crate::support::{World, id, message, reach, ready, settle, until};

#[tokio::test(start_paused = true)]
async fn a_logout_stays_readable_for_a_minute_and_is_then_cleaned_up() {
    let world = World::new();
    let registry = world.registry().await;
    let browser = ready(&world, &registry, 1).await;
    browser
        .tell(DriverEvent::LoggedOut(Reason::LoggedOut))
        .await;
    let out = reach(&registry, id(1), StateName::DisconnectedLogout).await;
    assert_eq!(out.session.reason, Some(Reason::LoggedOut));
    sleep(Duration::from_secs(59)).await;
    assert_eq!(
        registry.snapshot(id(1)).unwrap().state(),
        StateName::DisconnectedLogout
    );
    sleep(Duration::from_secs(2)).await;
    let gone = registry.snapshot(id(1)).unwrap();
    assert_eq!(
        (gone.state(), gone.session.browser),
        (StateName::NotInitialized, BrowserPhase::None)
    );
    assert_eq!(gone.record.wanted, Wanted::Stopped);
    assert!(!gone.saved_login && !world.has_login(id(1)));
    assert_eq!(world.browsers_alive(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_conflict_keeps_the_login() {
    let world = World::new();
    let registry = world.registry().await;
    let browser = ready(&world, &registry, 1).await;
    browser.tell(DriverEvent::LoggedOut(Reason::Conflict)).await;
    let out = reach(&registry, id(1), StateName::DisconnectedLogout).await;
    assert_eq!(out.session.reason, Some(Reason::Conflict));
    assert!(out.saved_login);
    until(&registry, id(1), |now| {
        now.session.browser == BrowserPhase::None
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_short_loss_is_ridden_out_and_a_long_one_is_retried_three_times() {
    let world = World::new();
    let registry = world.registry().await;
    let browser = ready(&world, &registry, 1).await;

    browser
        .tell(DriverEvent::SocketLost(Reason::NetworkLost))
        .await;
    let losing = until(&registry, id(1), |now| now.degraded().is_some()).await;
    assert_eq!(losing.state(), StateName::Ready);
    browser.connect().await;
    until(&registry, id(1), |now| now.degraded().is_none()).await;
    sleep(Duration::from_secs(60)).await;
    assert_eq!(
        registry.snapshot(id(1)).unwrap().state(),
        StateName::Ready,
        "the grace timer went on"
    );

    browser
        .tell(DriverEvent::SocketLost(Reason::NetworkLost))
        .await;
    for attempt in 1..=3 {
        let trying = until(&registry, id(1), |now| {
            matches!(now.session.state, State::DisconnectedRecoverable { attempt: at, trying: true, .. } if at == attempt)
        })
        .await;
        assert_eq!(trying.session.state.attempts(), attempt);
        settle().await;
        assert_eq!(browser.called("reload"), usize::from(attempt));
    }
    let failed = reach(&registry, id(1), StateName::Error).await;
    assert_eq!(failed.session.reason, Some(Reason::RetriesExhausted));
    assert!(
        world.has_login(id(1)),
        "a login is not lost with the network"
    );
    until(&registry, id(1), |now| {
        now.session.browser == BrowserPhase::None
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_works_resets_the_count() {
    let world = World::new();
    let registry = world.registry().await;
    let browser = ready(&world, &registry, 1).await;
    for _ in 0..4 {
        browser
            .tell(DriverEvent::SocketLost(Reason::NetworkLost))
            .await;
        let lost = reach(&registry, id(1), StateName::DisconnectedRecoverable).await;
        assert_eq!(lost.session.state.attempts(), 1);
        browser.connect().await;
        reach(&registry, id(1), StateName::Ready).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_crashed_page_is_reloaded_and_a_dead_browser_is_an_error() {
    let world = World::new();
    let registry = world.registry().await;
    let browser = ready(&world, &registry, 1).await;
    browser.tell(DriverEvent::PageCrashed).await;
    let crashed = reach(&registry, id(1), StateName::DisconnectedRecoverable).await;
    assert_eq!(crashed.session.reason, Some(Reason::PageCrashed));
    settle().await;
    assert_eq!(browser.called("reload"), 1);
    browser.connect().await;
    reach(&registry, id(1), StateName::Ready).await;

    browser.die().await;
    let dead = reach(&registry, id(1), StateName::Error).await;
    assert_eq!(dead.session.reason, Some(Reason::BrowserDied));
    until(&registry, id(1), |now| {
        now.session.browser == BrowserPhase::None && now.browser_pid.is_none()
    })
    .await;
    assert_eq!(
        world.browsers_alive(),
        0,
        "the driver was not told to reap it"
    );
}

#[tokio::test(start_paused = true)]
async fn messages_go_one_after_another_in_order_and_a_refusal_is_a_failure() {
    let world = World::new();
    let registry = world.registry().await;
    let not_yet = registry.send(id(1), message()).await;
    assert_eq!(not_yet, Err(SendError::NotReady(StateName::NotInitialized)));

    let browser = ready(&world, &registry, 1).await;
    let sends = (0..20).map(|_| registry.send(id(1), message()));
    for (nth, sent) in futures::future::join_all(sends)
        .await
        .into_iter()
        .enumerate()
    {
        assert_eq!(
            sent.unwrap().reveal(),
            format!("true_5491155551234@c.us_3EB0{}", nth + 1)
        );
    }
    assert_eq!(browser.most_sending.load(Ordering::SeqCst), 1);

    browser.refuse.store(true, Ordering::SeqCst);
    let refused = registry.send(id(1), message()).await;
    assert_eq!(
        refused,
        Err(SendError::Call(CallError::Refused(
            "ERROR_NETWORK".to_owned()
        )))
    );
    let counted = until(&registry, id(1), |now| now.failed == 1).await;
    assert_eq!(counted.sent, 20);
}

#[tokio::test(start_paused = true)]
async fn a_send_that_hangs_is_answered_in_time() {
    let world = World::new();
    let registry = world.registry().await;
    let browser = ready(&world, &registry, 1).await;
    browser.sends.forget_permits(usize::MAX >> 3);
    let before = tokio::time::Instant::now();
    let sent = registry.send(id(1), message()).await;
    assert_eq!(sent, Err(SendError::Call(CallError::Timeout)));
    assert_eq!(before.elapsed().as_secs(), 50);
}

#[tokio::test(start_paused = true)]
async fn log_out_asks_the_page_and_only_when_connected() {
    let world = World::new();
    let registry = world.registry().await;
    let browser = ready(&world, &registry, 1).await;
    registry.log_out(id(1)).await.unwrap();
    assert_eq!(browser.called("log out"), 1);
    let out = reach(&registry, id(1), StateName::DisconnectedLogout).await;
    assert_eq!(out.session.reason, Some(Reason::LoggedOutHere));
    // The page wipes the login and comes back with a code; only then is the browser closed.
    assert_eq!(out.session.browser, BrowserPhase::Running);
    browser.code("fresh").await;
    until(&registry, id(1), |now| {
        now.session.browser == BrowserPhase::None
    })
    .await;
    assert!(matches!(
        registry.log_out(id(1)).await,
        Err(CommandError::NotNow(StateName::DisconnectedLogout))
    ));
    assert!(matches!(
        registry.log_out(id(9)).await,
        Err(CommandError::NotFound)
    ));
}

#[tokio::test(start_paused = true)]
async fn a_slow_disk_does_not_bring_a_login_back_that_has_ended() {
    let world = World::new();
    let registry = world.registry().await;
    *world.mark_delays.lock().unwrap() = [Duration::from_secs(2), Duration::ZERO].into();
    let browser = ready(&world, &registry, 1).await;
    settle().await;
    browser
        .tell(DriverEvent::LoggedOut(Reason::LoggedOut))
        .await;
    reach(&registry, id(1), StateName::DisconnectedLogout).await;
    sleep(Duration::from_secs(5)).await;
    assert!(!world.has_login(id(1)));
}
