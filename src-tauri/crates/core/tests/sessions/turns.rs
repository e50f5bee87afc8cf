//! A start that nobody asked for waits for its turn, and what a person does meanwhile counts.

use std::sync::atomic::Ordering;
use std::time::Duration;

use session_core::{Reason, Registry, RegistryEvent, StartError, StateName, Wanted};
use tokio::task::JoinHandle;

use crate::support::{World, id, message, reach, ready, settle};

/// Three clientes that ran, of which the first two are being restored and the third waits for its turn.
async fn restoring(world: &std::sync::Arc<World>) -> (Registry, JoinHandle<()>) {
    let before = world.registry().await;
    for number in 1..=3 {
        ready(world, &before, number).await;
    }
    before.shutdown().await;
    world.launches.store(0, Ordering::SeqCst);
    let registry = world.registry().await;
    let restoring = tokio::spawn({
        let registry = registry.clone();
        async move { registry.restore().await }
    });
    for number in 1..=2 {
        world.browser(id(number)).await;
    }
    (registry, restoring)
}

/// Lets the two that are being restored come up, and waits for the end of all.
async fn to_the_end(world: &World, registry: &Registry, restoring: JoinHandle<()>) {
    for number in 1..=2 {
        world.browser(id(number)).await.connect().await;
        reach(registry, id(number), StateName::Ready).await;
    }
    restoring.await.unwrap();
    settle().await;
}

#[tokio::test(start_paused = true)]
async fn one_that_is_forgotten_before_its_turn_does_not_come_back() {
    let world = World::new();
    let (registry, restoring) = restoring(&world).await;
    registry.destroy(id(3), true).await.unwrap();
    to_the_end(&world, &registry, restoring).await;
    assert!(registry.snapshot(id(3)).is_none());
    assert!(!world.records.lock().unwrap().contains_key(&id(3)));
    assert_eq!(world.launches.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_stopped_before_its_turn_stays_stopped() {
    let world = World::new();
    let (registry, restoring) = restoring(&world).await;
    registry.stop(id(3)).await.unwrap();
    to_the_end(&world, &registry, restoring).await;
    let stopped = registry.snapshot(id(3)).unwrap();
    assert_eq!(
        (stopped.state(), stopped.record.wanted),
        (StateName::NotInitialized, Wanted::Stopped)
    );
    assert_eq!(world.launches.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn one_that_a_person_starts_before_its_turn_is_started_once() {
    let world = World::new();
    let (registry, restoring) = restoring(&world).await;
    registry
        .begin_known(id(3), Reason::StartRequested)
        .await
        .unwrap();
    world.browser(id(3)).await.connect().await;
    let ready = reach(&registry, id(3), StateName::Ready).await;
    to_the_end(&world, &registry, restoring).await;
    let now = registry.snapshot(id(3)).unwrap();
    assert_eq!(now.session.since, ready.session.since);
    assert_eq!(world.launches.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn a_message_wakes_nobody_who_was_stopped_or_forgotten_meanwhile() {
    for forget in [false, true] {
        let world = World::new();
        let registry = world.registry().await;
        ready(&world, &registry, 1).await;
        tokio::time::advance(Duration::from_secs(600)).await;
        registry.hibernate(id(1)).await.unwrap();
        world.launches.store(0, Ordering::SeqCst);
        let slow = world.slow_disk.write().await;
        let sent = tokio::spawn({
            let registry = registry.clone();
            async move { registry.send(id(1), message()).await }
        });
        settle().await;
        registry.destroy(id(1), forget).await.unwrap();
        drop(slow);
        let sent = sent.await.unwrap();
        assert!(sent.is_err());
        settle().await;
        assert_eq!(world.launches.load(Ordering::SeqCst), 0);
        assert_eq!(registry.snapshot(id(1)).is_none(), forget);
    }
}

#[tokio::test(start_paused = true)]
async fn the_control_room_starts_nobody_who_is_not_there() {
    let world = World::new();
    let registry = world.registry().await;
    assert!(matches!(
        registry.begin_known(id(1), Reason::StartRequested).await,
        Err(StartError::NotFound)
    ));
    assert!(registry.snapshot(id(1)).is_none());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_told_of_one_after_its_end() {
    let world = World::new();
    let registry = world.registry().await;
    ready(&world, &registry, 1).await;
    let mut events = registry.subscribe();
    registry.destroy(id(1), true).await.unwrap();
    settle().await;
    let mut last = None;
    while let Ok(event) = events.try_recv() {
        last = Some(event);
    }
    assert!(
        matches!(last, Some(RegistryEvent::Removed(removed)) if removed == id(1)),
        "{last:?}"
    );
}
