//! From the wish to start to the first definite state, and to READY.

use std::sync::atomic::Ordering;
use std::time::Duration;

use session_core::machine::BrowserPhase;
use session_core::ports::DriverEvent;
use session_core::{
    Login, Picture, Progress, Reason, Stage, StartError, Started, State, StateName,
};
use tokio::time::sleep;

use crate::support::{Plan, World, account, id, reach, settle, until};

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
    let failed = registry.snapshot(id(1)).unwrap();
    assert_eq!(failed.state(), StateName::Error);
    assert_eq!(failed.detail.as_deref(), Some("as planned"));
    assert_eq!(world.browsers_alive(), 0);

    world.plan(Plan::Up);
    registry.begin(id(1), Reason::StartRequested).await.unwrap();
    world.browser(id(1)).await.code("one").await;
    let up = reach(&registry, id(1), StateName::QrRequired).await;
    assert_eq!(up.detail, None);
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
