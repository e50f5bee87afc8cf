//! Room for browsers: places, sleep, memory and the disk.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use session_core::machine::BrowserPhase;
use session_core::ports::{CallError, Memory, Usage};
use session_core::{
    Accepted, CommandError, DiskState, Policy, Reason, Registry, SendError, StartError, State,
    StateName, Wanted,
};
use tokio::time::{Instant, sleep};

use crate::support::{Plan, World, id, message, reach, ready, settle, until};

const GIB: u64 = 1024 * 1024 * 1024;
const MIB: u64 = 1024 * 1024;

async fn of_two(world: &Arc<World>) -> Registry {
    world.registry_of(Policy::default(), Some(2)).await
}

fn asleep(registry: &Registry, number: u64) -> bool {
    let snapshot = registry.snapshot(id(number)).unwrap();
    assert!(
        !snapshot.session.hibernated || snapshot.state() == StateName::NotInitialized,
        "asleep, and {:?}",
        snapshot.state()
    );
    snapshot.session.hibernated
}

#[tokio::test(start_paused = true)]
async fn the_session_used_longest_ago_makes_room_and_wakes_for_a_message() {
    let world = World::new();
    let registry = of_two(&world).await;
    let first = ready(&world, &registry, 1).await;
    ready(&world, &registry, 2).await;
    sleep(Duration::from_secs(120)).await;
    registry.send(id(1), message()).await.unwrap();
    first.acknowledge(1).await;
    sleep(Duration::from_secs(61)).await;
    // 1 was used last, so 2 goes.
    ready(&world, &registry, 3).await;
    assert!(asleep(&registry, 2) && !asleep(&registry, 1));
    let slept = registry.snapshot(id(2)).unwrap();
    assert_eq!(slept.session.reason, Some(Reason::Hibernated));
    assert_eq!(
        slept.record.wanted,
        Wanted::Running,
        "it would not be restored"
    );
    assert_eq!(world.browsers_alive(), 2);

    sleep(Duration::from_secs(61)).await;
    let sending = tokio::spawn({
        let registry = registry.clone();
        let sends = async move || {
            // Some come only when it is waking already.
            let sends = (0..3).map(async |nth| {
                sleep(Duration::from_secs(nth)).await;
                registry.send(id(2), message()).await
            });
            futures::future::join_all(sends).await
        };
        async move { sends().await }
    });
    let woken = world.browser(id(2)).await;
    sleep(Duration::from_secs(5)).await;
    woken.connect().await;
    for sent in sending.await.unwrap() {
        sent.unwrap();
    }
    assert_eq!(
        woken.called("send"),
        3,
        "not everybody waited for it to wake"
    );
    assert!(!asleep(&registry, 2));
    assert_eq!(world.browsers_alive(), 2);
}

#[tokio::test(start_paused = true)]
async fn nobody_who_is_busy_is_put_to_sleep_and_whoever_waits_hears_of_it() {
    let world = World::new();
    let registry = of_two(&world).await;
    ready(&world, &registry, 1).await;
    ready(&world, &registry, 2).await;
    let begun = Instant::now();
    let waiting = tokio::spawn({
        let registry = registry.clone();
        async move { registry.start(id(3), Reason::StartRequested).await }
    });
    settle().await;
    let line = registry.snapshot(id(3)).unwrap();
    assert_eq!(
        (line.state(), line.session.browser),
        (StateName::Initializing, BrowserPhase::Launching)
    );
    // Both were used within the last minute, and go on being used.
    let outcome = loop {
        if waiting.is_finished() {
            break waiting.await.unwrap();
        }
        registry.send(id(1), message()).await.unwrap();
        registry.send(id(2), message()).await.unwrap();
        sleep(Duration::from_secs(5)).await;
    };
    assert!(matches!(
        outcome,
        Err(StartError::Failed(Reason::CapacityReached))
    ));
    assert!(
        begun.elapsed() < Duration::from_secs(21),
        "{:?}",
        begun.elapsed()
    );
    assert!(!asleep(&registry, 1) && !asleep(&registry, 2));
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_gets_the_place_of_one_that_falls_idle_meanwhile() {
    let world = World::new();
    let registry = of_two(&world).await;
    ready(&world, &registry, 1).await;
    ready(&world, &registry, 2).await;
    sleep(Duration::from_secs(55)).await;
    ready(&world, &registry, 3).await;
    assert!(
        asleep(&registry, 1) && !asleep(&registry, 2),
        "not one, or too many"
    );
}

#[tokio::test(start_paused = true)]
async fn a_higher_limit_lets_those_in_who_wait() {
    let world = World::new();
    let registry = world.registry_of(Policy::default(), Some(1)).await;
    ready(&world, &registry, 1).await;
    registry.begin(id(2), Reason::StartRequested).await.unwrap();
    sleep(Duration::from_secs(6)).await;
    let report = *registry.resources().borrow();
    assert_eq!((report.running, report.waiting), (1, 1));
    registry.set_max_browsers(Some(2));
    world.browser(id(2)).await.connect().await;
    reach(&registry, id(2), StateName::Ready).await;
    assert!(!asleep(&registry, 1));
}

#[tokio::test(start_paused = true)]
async fn a_person_can_put_a_session_to_sleep_but_not_one_that_works() {
    let world = World::new();
    let registry = world.registry().await;
    let browser = ready(&world, &registry, 1).await;
    browser.sends.forget_permits(usize::MAX >> 3);
    let sending = tokio::spawn({
        let registry = registry.clone();
        async move { registry.send(id(1), message()).await }
    });
    while browser.called("send") == 0 {
        settle().await;
    }
    assert!(matches!(
        registry.hibernate(id(1)).await,
        Err(CommandError::NotNow(StateName::Ready))
    ));
    browser.sends.add_permits(1);
    sending.await.unwrap().unwrap();
    let slept = registry.hibernate(id(1)).await.unwrap();
    assert!(slept.session.hibernated);
    assert_eq!(world.browsers_alive(), 0);
    assert!(matches!(
        registry.hibernate(id(1)).await,
        Err(CommandError::NotNow(StateName::NotInitialized))
    ));
    registry.stop(id(1)).await.unwrap();
    assert!(
        !asleep(&registry, 1),
        "stopped for good, and still shown as asleep"
    );
    assert_eq!(
        registry.send(id(1), message()).await,
        Err(SendError::NotReady(StateName::NotInitialized)),
        "a message started a session that somebody stopped"
    );
}

#[tokio::test(start_paused = true)]
async fn of_more_sessions_than_places_the_rest_is_restored_asleep() {
    let world = World::new();
    {
        let registry = world.registry().await;
        for number in 1..=5 {
            ready(&world, &registry, number).await;
        }
        registry.shutdown().await;
    }
    let registry = of_two(&world).await;
    let restoring = tokio::spawn({
        let registry = registry.clone();
        async move { registry.restore().await }
    });
    for number in 1..=2 {
        world.browser(id(number)).await.connect().await;
        reach(&registry, id(number), StateName::Ready).await;
    }
    restoring.await.unwrap();
    assert!((3..=5).all(|number| asleep(&registry, number)));
    assert_eq!(world.browsers_alive(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_message_to_a_sleeper_is_answered_in_the_time_that_every_message_has() {
    let world = World::new();
    let registry = world.registry().await;
    ready(&world, &registry, 1).await;
    registry.hibernate(id(1)).await.unwrap();
    let begun = Instant::now();
    let sending = tokio::spawn({
        let registry = registry.clone();
        async move { registry.send(id(1), message()).await }
    });
    let woken = world.browser(id(1)).await;
    woken.sends.forget_permits(usize::MAX >> 3);
    sleep(Duration::from_secs(20)).await;
    woken.connect().await;
    assert_eq!(
        sending.await.unwrap(),
        Err(SendError::Call(CallError::Timeout))
    );
    assert_eq!(begun.elapsed(), Policy::default().send_timeout);
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_closes_everything_in_time_and_room_brings_it_back() {
    let world = World::new();
    *world.free_disk.lock().unwrap() = Some(10 * GIB);
    let registry = world.registry().await;
    ready(&world, &registry, 1).await;
    let dying = ready(&world, &registry, 3).await;
    sleep(Duration::from_secs(6)).await;
    assert!(
        world.reserve.load(Ordering::SeqCst),
        "no space is held back"
    );

    *world.free_disk.lock().unwrap() = Some(GIB - 1);
    assert!(matches!(
        registry.begin(id(2), Reason::StartRequested).await,
        Err(StartError::DiskFull)
    ));
    assert!(
        registry.snapshot(id(2)).is_none(),
        "a refused start left something"
    );
    assert!(
        matches!(
            registry.begin(id(1), Reason::StartRequested).await,
            Ok(Accepted::AlreadyRunning)
        ),
        "one that runs was refused"
    );
    sleep(Duration::from_secs(6)).await;
    assert_eq!(registry.resources().borrow().disk, DiskState::Low);
    assert_eq!(registry.snapshot(id(1)).unwrap().state(), StateName::Ready);

    world.plan(Plan::Hang);
    dying.die().await;
    *world.free_disk.lock().unwrap() = Some(300 * MIB - 1);
    let closed = reach(&registry, id(1), StateName::Error).await;
    assert_eq!(closed.session.reason, Some(Reason::DiskFull));
    // One whose browser died before stays down as well.
    until(&registry, id(3), |now| {
        now.session.state == State::Error { restart: None }
    })
    .await;
    assert!(
        !world.reserve.load(Ordering::SeqCst),
        "the space that was held back still is"
    );
    sleep(Duration::from_secs(600)).await;
    assert_eq!(world.browsers_alive(), 0, "restarted on a full disk");

    world.plan(Plan::Up);
    *world.free_disk.lock().unwrap() = Some(2 * GIB);
    for number in [1, 3] {
        world.browser(id(number)).await.connect().await;
        reach(&registry, id(number), StateName::Ready).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_finds_no_place_after_a_full_disk_sleeps() {
    let world = World::new();
    *world.free_disk.lock().unwrap() = Some(10 * GIB);
    let registry = of_two(&world).await;
    ready(&world, &registry, 1).await;
    ready(&world, &registry, 2).await;
    *world.free_disk.lock().unwrap() = Some(0);
    for number in [1, 2] {
        reach(&registry, id(number), StateName::Error).await;
    }
    registry.set_max_browsers(Some(1));
    sleep(Duration::from_secs(6)).await;
    *world.free_disk.lock().unwrap() = Some(10 * GIB);
    world.browser(id(1)).await.connect().await;
    reach(&registry, id(1), StateName::Ready).await;
    assert!(asleep(&registry, 2), "left failed for good");
}

#[tokio::test(start_paused = true)]
async fn the_memory_decides_how_many_run_unless_somebody_chose() {
    let world = World::new();
    *world.memory.lock().unwrap() = Some(Memory {
        total: 4 * GIB,
        available: 3 * GIB,
    });
    let registry = world.registry_of(Policy::default(), None).await;
    let report = *registry.resources().borrow();
    assert_eq!((report.fits, report.limit), (Some(6), 6));
    *world.usage.lock().unwrap() = Some(Usage {
        memory: 512 * MIB,
        cpu: 1.5,
    });
    ready(&world, &registry, 1).await;
    let measured = until(&registry, id(1), |now| now.usage.is_some()).await;
    assert_eq!(measured.usage.unwrap().memory, 512 * MIB);
    sleep(Duration::from_secs(11)).await;
    let report = *registry.resources().borrow();
    assert_eq!((report.running, report.fits), (1, Some(1 + 4)));
    registry.set_max_browsers(Some(3));
    sleep(Duration::from_secs(1)).await;
    assert_eq!(registry.resources().borrow().limit, 3);
    registry.stop(id(1)).await.unwrap();
    assert_eq!(registry.snapshot(id(1)).unwrap().usage, None);
}

#[tokio::test(start_paused = true)]
async fn logins_that_no_list_knows_of_are_taken_in() {
    let world = World::new();
    world.save_login(id(4));
    let registry = world.registry().await;
    let found = registry.snapshot(id(4)).unwrap();
    assert!(found.saved_login);
    assert_eq!(found.record.wanted, Wanted::Running);
    settle().await;
    assert!(world.records.lock().unwrap().contains_key(&id(4)));
}
