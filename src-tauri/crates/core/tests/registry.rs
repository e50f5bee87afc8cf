//! Sessions in a world of fakes, with paused time: every wait is real, none takes any.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use proptest::prelude::*;
use session_core::machine::BrowserPhase;
use session_core::ports::{CallError, DriverEvent};
use session_core::{
    ChatId, CommandError, Login, MessageText, Picture, Progress, Reason, RegistryEvent, SendError,
    Stage, StartError, Started, State, StateName, Wanted,
};
use support::{Plan, World, account, id, reach, settle, until};
use tokio::time::{advance, sleep};

fn chat() -> ChatId {
    ChatId::parse("5491155551234").unwrap()
}

fn text() -> MessageText {
    MessageText::new("hola".to_owned()).unwrap()
}

/// Starts a cliente and brings it to READY.
async fn ready(
    world: &Arc<World>,
    registry: &session_core::Registry,
    number: u64,
) -> Arc<support::FakeBrowser> {
    let id = id(number);
    registry.begin(id, Reason::StartRequested).await.unwrap();
    let browser = world.browser(id).await;
    browser.connect().await;
    reach(registry, id, StateName::Ready).await;
    browser
}

#[tokio::test(start_paused = true)]
async fn a_first_start_waits_for_a_scan_and_then_connects() {
    let world = World::new();
    let registry = world.registry().await;
    let start = tokio::spawn({
        let registry = registry.clone();
        async move { registry.start(id(7), Reason::StartRequested).await }
    });
    let browser = world.browser(id(7)).await;
    assert_eq!(
        registry.snapshot(id(7)).unwrap().state(),
        StateName::Initializing
    );
    browser.code("one").await;
    let Ok(Started::Begun(snapshot)) = start.await.unwrap() else {
        panic!("not begun")
    };
    assert_eq!(snapshot.state(), StateName::QrRequired);
    assert!(
        matches!(&snapshot.picture, Picture::Drawn(image) if image.starts_with("data:image/png;base64,"))
    );
    let State::QrRequired {
        login: Login::Code {
            issued, expires, ..
        },
        ..
    } = &snapshot.session.state
    else {
        panic!("no code")
    };
    assert_eq!(
        expires.since(*issued),
        Duration::from_secs(60),
        "the first code lives 60 s"
    );

    browser.code("two").await;
    let rotated = until(&registry, id(7), |now| now.picture != snapshot.picture).await;
    let State::QrRequired {
        login: Login::Code {
            issued, expires, ..
        },
        codes: 2,
    } = &rotated.session.state
    else {
        panic!("not rotated: {rotated:?}")
    };
    assert_eq!(
        expires.since(*issued),
        Duration::from_secs(20),
        "the others 20 s"
    );

    browser.tell(DriverEvent::CodeTaken).await;
    let linking = until(&registry, id(7), |now| now.picture == Picture::None).await;
    assert_eq!(linking.state(), StateName::QrRequired);
    browser.connect().await;
    let connected = reach(&registry, id(7), StateName::Ready).await;
    assert_eq!(connected.record.account, Some(account()));
    settle().await;
    assert!(connected.saved_login && world.has_login(id(7)));
    assert_eq!(
        world.records.lock().unwrap()[&id(7)].account,
        Some(account())
    );
}

#[tokio::test(start_paused = true)]
async fn a_saved_login_reconnects_without_a_code() {
    let world = World::new();
    world.save_login(id(1));
    let registry = world.registry().await;
    registry.begin(id(1), Reason::StartRequested).await.unwrap();
    reach(&registry, id(1), StateName::Reconnecting).await;
    world.browser(id(1)).await.connect().await;
    reach(&registry, id(1), StateName::Ready).await;
}

#[tokio::test(start_paused = true)]
async fn a_saved_login_that_expired_asks_for_a_scan_and_says_why() {
    let world = World::new();
    world.save_login(id(1));
    let registry = world.registry().await;
    registry.begin(id(1), Reason::StartRequested).await.unwrap();
    let browser = world.browser(id(1)).await;
    browser
        .tell(DriverEvent::LoggedOut(Reason::LoggedOut))
        .await;
    browser.code("one").await;
    let snapshot = reach(&registry, id(1), StateName::QrRequired).await;
    assert_eq!(snapshot.session.reason, Some(Reason::LoginExpired));
    settle().await;
    assert!(!world.has_login(id(1)));
}

#[tokio::test(start_paused = true)]
async fn a_second_start_is_refused_while_the_first_is_under_way_and_needless_after_it() {
    let world = World::new();
    let registry = world.registry().await;
    registry.begin(id(1), Reason::StartRequested).await.unwrap();
    let second = registry.start(id(1), Reason::StartRequested).await;
    assert!(matches!(second, Err(StartError::InProgress)));
    world.browser(id(1)).await.code("one").await;
    reach(&registry, id(1), StateName::QrRequired).await;
    let third = registry.start(id(1), Reason::StartRequested).await;
    assert!(matches!(third, Ok(Started::AlreadyRunning(_))));
    assert_eq!(world.launches.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failed_launch_is_an_error_and_leaves_nothing() {
    let world = World::new();
    world.plan(Plan::Fail(Reason::BrowserNotFound));
    let registry = world.registry().await;
    let outcome = registry.start(id(1), Reason::StartRequested).await;
    assert!(matches!(
        outcome,
        Err(StartError::Failed(Reason::BrowserNotFound))
    ));
    assert_eq!(registry.snapshot(id(1)).unwrap().state(), StateName::Error);
    assert_eq!(world.browsers_alive(), 0);

    world.plan(Plan::Up);
    registry.begin(id(1), Reason::StartRequested).await.unwrap();
    world.browser(id(1)).await.code("one").await;
    reach(&registry, id(1), StateName::QrRequired).await;
}

#[tokio::test(start_paused = true)]
async fn a_launch_that_hangs_and_a_page_that_says_nothing_end_in_an_error_in_time() {
    for plan in [Plan::Hang, Plan::Up] {
        let world = World::new();
        world.plan(plan);
        let registry = world.registry().await;
        let before = tokio::time::Instant::now();
        let outcome = registry.start(id(1), Reason::StartRequested).await;
        assert!(
            matches!(outcome, Err(StartError::Failed(Reason::InitTimeout))),
            "{plan:?}: {outcome:?}"
        );
        assert_eq!(before.elapsed().as_secs(), 30);
        until(&registry, id(1), |snapshot| {
            snapshot.session.browser == BrowserPhase::None
        })
        .await;
        assert_eq!(world.browsers_alive(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_leads_out_of_every_final_state() {
    for (event, state) in [
        (DriverEvent::BrowserExited, StateName::Error),
        (DriverEvent::LoginRefused, StateName::AuthFailure),
        (
            DriverEvent::LoggedOut(Reason::LoggedOut),
            StateName::DisconnectedLogout,
        ),
        (
            DriverEvent::LoggedOut(Reason::Conflict),
            StateName::DisconnectedLogout,
        ),
        (
            DriverEvent::Banned(Reason::TermsBlock),
            StateName::DisconnectedBanned,
        ),
    ] {
        let world = World::new();
        world.save_login(id(1));
        let registry = world.registry().await;
        registry.begin(id(1), Reason::StartRequested).await.unwrap();
        let browser = world.browser(id(1)).await;
        if state != StateName::AuthFailure {
            browser.connect().await;
            reach(&registry, id(1), StateName::Ready).await;
        }
        browser.tell(event.clone()).await;
        reach(&registry, id(1), state).await;

        registry.begin(id(1), Reason::StartRequested).await.unwrap();
        until(&registry, id(1), |now| {
            now.state().is_recoverable() && now.session.browser == BrowserPhase::Running
        })
        .await;
        world.browser(id(1)).await.code("again").await;
        reach(&registry, id(1), StateName::QrRequired).await;
        sleep(Duration::from_secs(120)).await;
        assert_eq!(
            registry.snapshot(id(1)).unwrap().state(),
            StateName::QrRequired,
            "{event:?}: the cleanup of the old session hit the new one"
        );
        assert_eq!(world.launches.load(Ordering::SeqCst), 2, "{event:?}");
        assert_eq!(
            world.most_at_once.load(Ordering::SeqCst),
            1,
            "{event:?}: two browsers"
        );
    }
}

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
async fn a_page_that_keeps_crashing_before_a_login_ends_in_an_error() {
    let world = World::new();
    let registry = world.registry().await;
    registry.begin(id(1), Reason::StartRequested).await.unwrap();
    let browser = world.browser(id(1)).await;
    browser.code("one").await;
    reach(&registry, id(1), StateName::QrRequired).await;
    browser.tell(DriverEvent::PageCrashed).await;
    browser.tell(DriverEvent::PageCrashed).await;
    reach(&registry, id(1), StateName::Error).await;
}

#[tokio::test(start_paused = true)]
async fn a_code_that_went_idle_is_asked_for_again() {
    let world = World::new();
    let registry = world.registry().await;
    registry.begin(id(1), Reason::StartRequested).await.unwrap();
    let browser = world.browser(id(1)).await;
    browser.code("one").await;
    browser.tell(DriverEvent::CodeTaken).await;
    browser.tell(DriverEvent::CodeIdle).await;
    until(&registry, id(1), |now| {
        matches!(
            now.session.state,
            State::QrRequired {
                login: Login::Idle,
                ..
            }
        )
    })
    .await;
    settle().await;
    assert_eq!(browser.called("refresh"), 1);
    browser.code("two").await;
    until(&registry, id(1), |now| now.picture != Picture::None).await;
}

#[tokio::test(start_paused = true)]
async fn linking_may_take_long_while_it_moves_and_not_when_it_stands_still() {
    let world = World::new();
    let registry = world.registry().await;
    registry.begin(id(1), Reason::StartRequested).await.unwrap();
    let browser = world.browser(id(1)).await;
    browser.code("one").await;
    browser.tell(DriverEvent::CodeTaken).await;
    for percent in 0..10 {
        sleep(Duration::from_secs(100)).await;
        browser
            .tell(DriverEvent::Progress(Progress {
                stage: Stage::Syncing,
                percent: Some(percent),
            }))
            .await;
    }
    assert_eq!(
        registry.snapshot(id(1)).unwrap().state(),
        StateName::QrRequired
    );
    assert_eq!(browser.called("reload"), 0);
    sleep(Duration::from_secs(125)).await;
    assert_eq!(
        browser.called("reload"),
        1,
        "a page that stands still is loaded anew"
    );
    let failed = reach(&registry, id(1), StateName::Error).await;
    assert_eq!(failed.session.reason, Some(Reason::InitTimeout));
}

#[tokio::test(start_paused = true)]
async fn stop_keeps_the_login_and_destroy_with_forget_deletes_everything() {
    let world = World::new();
    let registry = world.registry().await;
    ready(&world, &registry, 1).await;
    let stopped = registry.stop(id(1)).await.unwrap();
    assert_eq!(
        (stopped.state(), stopped.record.wanted),
        (StateName::NotInitialized, Wanted::Stopped)
    );
    assert_eq!(
        world.browsers_alive(),
        0,
        "stop returned before the browser was gone"
    );
    settle().await;
    assert!(stopped.saved_login && world.has_login(id(1)));

    let mut events = registry.subscribe();
    registry.destroy(id(1), true).await.unwrap();
    assert!(registry.snapshot(id(1)).is_none());
    assert!(!world.has_login(id(1)));
    assert!(world.records.lock().unwrap().is_empty() && world.changes.lock().unwrap().is_empty());
    loop {
        if let RegistryEvent::Removed(removed) = events.recv().await.unwrap() {
            assert_eq!(removed, id(1));
            break;
        }
    }
    registry.destroy(id(1), true).await.unwrap();
    registry.destroy(id(99), false).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn destroy_without_forget_keeps_the_cliente_and_its_login() {
    let world = World::new();
    let registry = world.registry().await;
    ready(&world, &registry, 1).await;
    registry.destroy(id(1), false).await.unwrap();
    registry.destroy(id(1), false).await.unwrap();
    assert_eq!(
        registry.snapshot(id(1)).unwrap().state(),
        StateName::NotInitialized
    );
    assert!(world.has_login(id(1)));
    registry.begin(id(1), Reason::StartRequested).await.unwrap();
    reach(&registry, id(1), StateName::Reconnecting).await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_calls_off_a_launch_and_answers_who_waited_for_it() {
    let world = World::new();
    world.plan(Plan::Hang);
    let registry = world.registry().await;
    let start = tokio::spawn({
        let registry = registry.clone();
        async move { registry.start(id(1), Reason::StartRequested).await }
    });
    until(&registry, id(1), |now| {
        now.session.browser == BrowserPhase::Launching
    })
    .await;
    registry.stop(id(1)).await.unwrap();
    assert!(matches!(start.await.unwrap(), Err(StartError::Stopped)));
    assert_eq!(world.browsers_alive(), 0);
}

#[tokio::test(start_paused = true)]
async fn messages_go_one_after_another_in_order_and_a_refusal_is_a_failure() {
    let world = World::new();
    let registry = world.registry().await;
    let not_yet = registry.send(id(1), chat(), text()).await;
    assert_eq!(not_yet, Err(SendError::NotReady(StateName::NotInitialized)));

    let browser = ready(&world, &registry, 1).await;
    let sends = (0..20).map(|_| registry.send(id(1), chat(), text()));
    for sent in futures::future::join_all(sends).await {
        assert_eq!(sent.unwrap().reveal(), "true_5491155551234@c.us_3EB0");
    }
    assert_eq!(browser.most_sending.load(Ordering::SeqCst), 1);

    browser.refuse.store(true, Ordering::SeqCst);
    let refused = registry.send(id(1), chat(), text()).await;
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
    let sent = registry.send(id(1), chat(), text()).await;
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
async fn what_ran_is_restored_two_at_a_time_and_what_was_stopped_is_not() {
    let world = World::new();
    {
        let registry = world.registry().await;
        for number in 1..=6 {
            ready(&world, &registry, number).await;
        }
        registry.stop(id(6)).await.unwrap();
        registry.shutdown().await;
        assert_eq!(world.browsers_alive(), 0);
        assert!(matches!(
            registry.begin(id(1), Reason::StartRequested).await,
            Err(StartError::ShuttingDown)
        ));
    }
    world.launches.store(0, Ordering::SeqCst);
    world.most_coming_up.store(0, Ordering::SeqCst);

    let registry = world.registry().await;
    assert_eq!(registry.snapshots().len(), 6, "known clientes reappear");
    let restoring = tokio::spawn({
        let registry = registry.clone();
        async move { registry.restore().await }
    });
    for number in 1..=5 {
        world.browser(id(number)).await;
        assert_eq!(
            registry.snapshot(id(number)).unwrap().state(),
            StateName::Reconnecting
        );
        settle().await;
        assert!(
            world.browsers_alive() <= usize::try_from(number).unwrap() + 1,
            "more than two at a time"
        );
        world.browser(id(number)).await.connect().await;
        reach(&registry, id(number), StateName::Ready).await;
    }
    restoring.await.unwrap();
    assert_eq!(world.launches.load(Ordering::SeqCst), 5);
    assert_eq!(
        registry.snapshot(id(6)).unwrap().state(),
        StateName::NotInitialized
    );
}

#[tokio::test(start_paused = true)]
async fn clientes_are_added_described_and_remembered() {
    let world = World::new();
    let registry = world.registry().await;
    let first = registry
        .add(None, "Ventas".into(), String::new())
        .await
        .unwrap();
    assert_eq!(first.record.id, id(1));
    registry
        .add(Some(id(3)), "Soporte".into(), String::new())
        .await
        .unwrap();
    assert_eq!(
        registry
            .add(None, String::new(), String::new())
            .await
            .unwrap()
            .record
            .id,
        id(2)
    );
    assert!(matches!(
        registry
            .add(Some(id(3)), String::new(), String::new())
            .await,
        Err(CommandError::Exists)
    ));
    registry
        .describe(id(3), "Taller".into(), "turno tarde".into())
        .await
        .unwrap();
    assert_eq!(world.records.lock().unwrap()[&id(3)].name, "Taller");

    world.store_broken.store(true, Ordering::SeqCst);
    assert!(matches!(
        registry.add(None, "x".into(), String::new()).await,
        Err(CommandError::Store(_))
    ));
    assert_eq!(
        registry.snapshots().len(),
        3,
        "a cliente that is not on disk is not shown as if it were"
    );
    assert!(!*registry.store_health().borrow());
}

#[tokio::test(start_paused = true)]
async fn the_timeline_tells_each_change_with_its_reason() {
    let world = World::new();
    let registry = world.registry().await;
    ready(&world, &registry, 1).await;
    registry.stop(id(1)).await.unwrap();
    settle().await;
    let told: Vec<_> = registry
        .timeline(id(1), 10)
        .await
        .unwrap()
        .into_iter()
        .map(|change| (change.from, change.to, change.reason))
        .collect();
    assert_eq!(
        told,
        [
            (
                StateName::Ready,
                StateName::NotInitialized,
                Reason::StopRequested
            ),
            (StateName::Initializing, StateName::Ready, Reason::Connected),
            (
                StateName::NotInitialized,
                StateName::Initializing,
                Reason::StartRequested
            ),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn shutdown_is_bounded_even_if_a_launch_cannot_be_called_off() {
    let world = World::new();
    let registry = world.registry().await;
    for number in 1..=20 {
        ready(&world, &registry, number).await;
    }
    let before = tokio::time::Instant::now();
    registry.shutdown().await;
    assert_eq!(world.browsers_alive(), 0);
    assert!(
        before.elapsed() < Duration::from_secs(1),
        "not in parallel: {:?}",
        before.elapsed()
    );
}

/// What one of many callers does, and after how long.
#[derive(Clone, Debug)]
struct Caller {
    after: Duration,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Start,
    Stop,
    Destroy,
    Forget,
    Die,
}

fn caller() -> impl Strategy<Value = Caller> {
    let what = prop_oneof![
        6 => Just(What::Start),
        2 => Just(What::Stop),
        1 => Just(What::Destroy),
        1 => Just(What::Forget),
        1 => Just(What::Die),
    ];
    (0_u64..400, what).prop_map(|(ms, what)| Caller {
        after: Duration::from_millis(ms),
        what,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, ..ProptestConfig::default() })]

    /// 10,000 races of 10 callers: never two browsers, every caller is answered, nothing is left at the end.
    #[test]
    fn however_callers_race_there_is_one_browser(callers in prop::collection::vec(caller(), 10)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let world = World::new();
            let registry = world.registry().await;
            let races = callers.into_iter().map(async |caller| {
                sleep(caller.after).await;
                match caller.what {
                    What::Start => drop(registry.start(id(1), Reason::StartRequested).await),
                    What::Stop => drop(registry.stop(id(1)).await),
                    What::Destroy => registry.destroy(id(1), false).await.unwrap(),
                    What::Forget => registry.destroy(id(1), true).await.unwrap(),
                    What::Die if world.browsers_alive() == 1 && world.launches.load(Ordering::SeqCst).is_multiple_of(2) => {
                        if let Ok(browser) = tokio::time::timeout(Duration::ZERO, world.browser(id(1))).await {
                            browser.die().await;
                        }
                    }
                    What::Die => {}
                }
            });
            futures::future::join_all(races).await;
            advance(Duration::from_secs(1)).await;
            registry.shutdown().await;
            prop_assert!(world.most_at_once.load(Ordering::SeqCst) <= 1, "two browsers");
            prop_assert_eq!(world.browsers_alive(), 0);
            Ok(())
        })?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// 200 cases of 50 simultaneous starts, 10,000 in all: one launch each time, 49 are told that it is under way.
    #[test]
    fn of_fifty_starts_exactly_one_launches(delays in prop::collection::vec(0_u64..3, 50)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let world = World::new();
            let registry = world.registry().await;
            let starts = delays.into_iter().map(async |delay| {
                sleep(Duration::from_millis(delay)).await;
                registry.begin(id(1), Reason::StartRequested).await
            });
            let outcomes = futures::future::join_all(starts).await;
            let begun = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
            let refused = outcomes.iter().filter(|outcome| matches!(outcome, Err(StartError::InProgress))).count();
            prop_assert_eq!((begun, refused), (1, 49));
            settle().await;
            prop_assert_eq!(world.launches.load(Ordering::SeqCst), 1);
            registry.shutdown().await;
            Ok(())
        })?;
    }
}
