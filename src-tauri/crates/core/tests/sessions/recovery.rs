//! Sessions that come back by themselves: restarts, copies of logins, doubts about messages.

use std::sync::atomic::Ordering;
use std::time::Duration;

use session_core::machine::BrowserPhase;
use session_core::ports::{CallError, DriverEvent};
use session_core::{BreakerState, Policy, Reason, SendError, StartError, State, StateName, Wanted};
use tokio::time::{Instant, sleep};

use crate::support::{Plan, World, id, message, reach, ready, settle, until};

#[tokio::test(start_paused = true)]
async fn a_session_whose_browser_died_comes_back_and_says_so_meanwhile() {
    let world = World::new();
    let registry = world.registry().await;
    let browser = ready(&world, &registry, 1).await;
    let died = Instant::now();
    browser.die().await;
    let dead = reach(&registry, id(1), StateName::Error).await;
    assert_eq!(dead.session.reason, Some(Reason::BrowserDied));
    let State::Error {
        restart: Some(restart),
    } = dead.session.state
    else {
        panic!("nothing is to come: {:?}", dead.session.state);
    };
    assert_eq!((restart.attempt, restart.last), (1, Some(3)));
    reach(&registry, id(1), StateName::Reconnecting).await;
    assert!(
        died.elapsed() < Duration::from_secs(2),
        "{:?}",
        died.elapsed()
    );
    world.browser(id(1)).await.connect().await;
    let back = reach(&registry, id(1), StateName::Ready).await;
    assert_eq!(back.restarts, 1);
    assert_eq!(back.record.wanted, Wanted::Running);
    assert_eq!(world.most_at_once.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn somebody_who_starts_a_failed_session_does_not_wait_for_its_restart() {
    let world = World::new();
    let registry = world.registry().await;
    for _ in 0..3 {
        ready(&world, &registry, 1).await.die().await;
        until(&registry, id(1), |now| {
            now.state() == StateName::Error && now.session.browser == BrowserPhase::None
        })
        .await;
        // A person's start forgives what was: the count begins anew.
        registry.begin(id(1), Reason::StartRequested).await.unwrap();
        world.browser(id(1)).await.connect().await;
        reach(&registry, id(1), StateName::Ready).await;
        registry.stop(id(1)).await.unwrap();
    }
    sleep(Duration::from_secs(600)).await;
    assert_eq!(
        registry.snapshot(id(1)).unwrap().state(),
        StateName::NotInitialized,
        "a restart was left over"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stop_calls_a_restart_off() {
    let world = World::new();
    let registry = world.registry().await;
    ready(&world, &registry, 1).await.die().await;
    reach(&registry, id(1), StateName::Error).await;
    registry.stop(id(1)).await.unwrap();
    sleep(Duration::from_secs(60)).await;
    assert_eq!(world.launches.load(Ordering::SeqCst), 1);
    assert_eq!(world.browsers_alive(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_cannot_be_loaded_anew_costs_the_browser_not_the_session() {
    let world = World::new();
    let registry = world.registry().await;
    let browser = ready(&world, &registry, 1).await;
    browser.silent.store(true, Ordering::SeqCst);
    let hung = Instant::now();
    browser.tell(DriverEvent::PageUnresponsive).await;
    reach(&registry, id(1), StateName::DisconnectedRecoverable).await;
    reach(&registry, id(1), StateName::Reconnecting).await;
    assert!(
        hung.elapsed() < Duration::from_secs(10),
        "{:?}",
        hung.elapsed()
    );
    let other = world.browser(id(1)).await;
    other.connect().await;
    reach(&registry, id(1), StateName::Ready).await;
}

#[tokio::test(start_paused = true)]
async fn a_start_that_gets_nowhere_is_pictured_and_tried_once_more() {
    let world = World::new();
    let registry = world.registry().await;
    let outcome = registry.start(id(1), Reason::StartRequested).await;
    assert!(matches!(
        outcome,
        Err(StartError::Failed(Reason::InitTimeout))
    ));
    let first = world.browser(id(1)).await;
    until(&registry, id(1), |now| {
        now.session.browser == BrowserPhase::None
    })
    .await;
    assert_eq!(first.called("picture"), 1);
    reach(&registry, id(1), StateName::Initializing).await;
    let failed = reach(&registry, id(1), StateName::Error).await;
    assert_eq!(failed.session.state, State::Error { restart: None });
    sleep(Duration::from_secs(3600)).await;
    assert_eq!(world.launches.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_lost_here_comes_back_from_its_copy() {
    let world = World::new();
    world.save_login(id(1));
    world.spares.lock().unwrap().insert(id(1), 1);
    let registry = world.registry().await;
    let starting = tokio::spawn({
        let registry = registry.clone();
        async move { registry.start(id(1), Reason::StartRequested).await }
    });
    // The page shows a code although nobody ended the login.
    let empty = world.browser(id(1)).await;
    empty.code("one").await;
    until(&registry, id(1), |now| {
        now.session.notice == Some(Reason::LoginRestored)
    })
    .await;
    assert!(empty.called("send") == 0 && world.has_login(id(1)));
    let restored = world.browser(id(1)).await;
    restored.connect().await;
    starting.await.unwrap().unwrap();
    let ready = reach(&registry, id(1), StateName::Ready).await;
    assert_eq!(ready.session.notice, Some(Reason::LoginRestored));
    registry.dismiss_notice(id(1)).await.unwrap();
    until(&registry, id(1), |now| now.session.notice.is_none()).await;
    assert_eq!(world.most_at_once.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn each_copy_is_tried_once_and_none_against_whatsapps_word() {
    let world = World::new();
    world.save_login(id(1));
    world.spares.lock().unwrap().insert(id(1), 2);
    let registry = world.registry().await;
    registry.begin(id(1), Reason::StartRequested).await.unwrap();
    world.browser(id(1)).await.code("one").await;
    for left in [1, 0] {
        // The next browser shows a code too: the damage was older than this copy.
        while world.spares.lock().unwrap()[&id(1)] > left {
            sleep(Duration::from_millis(10)).await;
        }
        until(&registry, id(1), |now| {
            now.session.browser == BrowserPhase::Running
        })
        .await;
        world.browser(id(1)).await.code("two").await;
    }
    let expired = reach(&registry, id(1), StateName::QrRequired).await;
    assert_eq!(expired.session.reason, Some(Reason::LoginExpired));
    assert_eq!(world.launches.load(Ordering::SeqCst), 3);

    world.save_login(id(2));
    world.spares.lock().unwrap().insert(id(2), 1);
    registry.begin(id(2), Reason::StartRequested).await.unwrap();
    let browser = world.browser(id(2)).await;
    browser
        .tell(DriverEvent::LoggedOut(Reason::LoggedOut))
        .await;
    browser.code("one").await;
    let ended = reach(&registry, id(2), StateName::QrRequired).await;
    assert_eq!(ended.session.reason, Some(Reason::LoginExpired));
    assert_eq!(
        world.spares.lock().unwrap()[&id(2)],
        1,
        "a login that was ended came back"
    );
}

#[tokio::test(start_paused = true)]
async fn a_profile_that_cannot_be_opened_is_replaced_by_its_copy() {
    let world = World::new();
    world.save_login(id(1));
    world.spares.lock().unwrap().insert(id(1), 1);
    let registry = world.registry().await;
    world.plan(Plan::Fail(Reason::ProfileUnusable));
    world.gate.forget_permits(usize::MAX >> 3);
    registry.begin(id(1), Reason::StartRequested).await.unwrap();
    while world.launches.load(Ordering::SeqCst) == 0 {
        settle().await;
    }
    world.plan(Plan::Up);
    world.gate.add_permits(2);
    world.browser(id(1)).await.connect().await;
    let ready = reach(&registry, id(1), StateName::Ready).await;
    assert_eq!(ready.session.notice, Some(Reason::LoginRestored));
    assert_eq!(world.launches.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_not_acknowledged_puts_the_session_in_doubt() {
    let world = World::new();
    let registry = world.registry().await;
    let browser = ready(&world, &registry, 1).await;
    registry.send(id(1), message()).await.unwrap();
    registry.send(id(1), message()).await.unwrap();
    // The later one stands for those before it.
    browser.acknowledge(2).await;
    sleep(Duration::from_secs(120)).await;
    assert_eq!(registry.snapshot(id(1)).unwrap().degraded(), None);

    registry.send(id(1), message()).await.unwrap();
    sleep(Duration::from_secs(59)).await;
    assert_eq!(registry.snapshot(id(1)).unwrap().degraded(), None);
    // The remedy: the page is loaded anew, once.
    reach(&registry, id(1), StateName::DisconnectedRecoverable).await;
    settle().await;
    assert_eq!(browser.called("reload"), 1);
    browser.connect().await;
    let doubtful = reach(&registry, id(1), StateName::Ready).await;
    assert_eq!(doubtful.degraded(), Some(Reason::NotAcknowledged));
    assert_eq!(doubtful.session.notice, None);
    let told = until(&registry, id(1), |now| now.session.notice.is_some()).await;
    assert_eq!(told.session.notice, Some(Reason::NotAcknowledged));
    assert_eq!(told.state(), StateName::Ready);
    assert_eq!(browser.called("reload"), 1, "tried again and again");
    browser.acknowledge(3).await;
    until(&registry, id(1), |now| now.degraded().is_none()).await;
}

#[tokio::test(start_paused = true)]
async fn calls_to_a_page_that_keeps_failing_are_suspended_and_tried_again() {
    let world = World::new();
    let registry = world.registry().await;
    let browser = ready(&world, &registry, 1).await;
    browser.silent.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        let failed = registry.send(id(1), message()).await;
        assert_eq!(failed, Err(SendError::Call(CallError::Timeout)));
    }
    until(&registry, id(1), |now| now.breaker == BreakerState::Open).await;
    // Its remedy is a page that is loaded anew, and if that fails, another browser without the failures of this one.
    let other = until(&registry, id(1), |now| {
        now.state() == StateName::Reconnecting && now.session.browser == BrowserPhase::Running
    })
    .await;
    assert_eq!(other.breaker, BreakerState::Closed);
}

#[tokio::test(start_paused = true)]
async fn while_suspended_callers_hear_so_at_once() {
    let world = World::new();
    let registry = world.registry().await;
    let browser = ready(&world, &registry, 1).await;
    browser.silent.store(true, Ordering::SeqCst);
    let sends = (0..6).map(|_| registry.send(id(1), message()));
    let begun = Instant::now();
    let outcomes = futures::future::join_all(sends).await;
    let suspended = outcomes
        .iter()
        .filter(|outcome| **outcome == Err(SendError::Call(CallError::Suspended)))
        .count();
    assert_eq!(suspended, 3, "{outcomes:?}");
    assert!(
        begun.elapsed() < Duration::from_secs(4),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(browser.called("send"), 3);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_tests_itself_writes_to_its_own_chat() {
    let world = World::new();
    let registry = world.registry().await;
    let browser = ready(&world, &registry, 1).await;
    sleep(Duration::from_secs(24 * 3600)).await;
    assert_eq!(browser.called("send"), 0, "nobody asked for it");
    registry.set_self_test(id(1), true).await.unwrap();
    assert!(
        world.records.lock().unwrap()[&id(1)].self_test,
        "forgotten over a restart"
    );
    sleep(Policy::default().self_test_first + Duration::from_secs(1)).await;
    assert_eq!(browser.called("send"), 1);
    browser.acknowledge(1).await;
    sleep(Duration::from_secs(5 * 3600)).await;
    assert_eq!(browser.called("send"), 1);
    sleep(Duration::from_secs(3600 + 30)).await;
    assert_eq!(browser.called("send"), 2);
    // This one is lost.
    until(&registry, id(1), |now| {
        now.session.delivery.doubt == Some(Reason::NotAcknowledged)
    })
    .await;
    assert_eq!(
        registry.snapshot(id(1)).unwrap().sent,
        0,
        "a test counted as a message"
    );
}

#[tokio::test(start_paused = true)]
async fn connections_are_checked_after_the_machine_slept() {
    let world = World::new();
    let registry = world.registry().await;
    let browser = ready(&world, &registry, 1).await;
    sleep(Duration::from_secs(600)).await;
    tokio::time::advance(Duration::from_secs(60)).await;
    settle().await;
    assert_eq!(browser.called("check"), 0, "time that passes is no sleep");
    world.slept.fetch_add(3_600_000, Ordering::SeqCst);
    sleep(Duration::from_secs(6)).await;
    assert_eq!(browser.called("check"), 1);
    sleep(Duration::from_secs(600)).await;
    assert_eq!(browser.called("check"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_breaks_down_says_so_and_can_be_started_again() {
    let world = World::new();
    let registry = world.registry().await;
    let browser = ready(&world, &registry, 1).await;
    world.clock_breaks.store(true, Ordering::SeqCst);
    browser
        .tell(DriverEvent::SocketLost(Reason::NetworkLost))
        .await;
    let broken = reach(&registry, id(1), StateName::Error).await;
    assert_eq!(broken.session.reason, Some(Reason::InternalFailure));
    assert_eq!(broken.browser_pid, None);
    assert_eq!(
        registry.send(id(1), message()).await,
        Err(SendError::NotReady(StateName::Error))
    );
    // The driver closes a browser that nobody holds any more; the fake one has to be told.
    session_core::ports::Browser::close(&*browser).await;
    registry.begin(id(1), Reason::StartRequested).await.unwrap();
    world.browser(id(1)).await.connect().await;
    reach(&registry, id(1), StateName::Ready).await;
}
