//! Clientes over time: added, stopped, destroyed, restored, remembered.

use std::sync::atomic::Ordering;
use std::time::Duration;

use session_core::{
    CommandError, NewCliente, Reason, RegistryEvent, StartError, StateName, Wanted,
};

use crate::support::{World, id, reach, ready, settle};

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

#[tokio::test(start_paused = true)]
async fn what_a_broken_store_missed_is_written_when_it_works_again() {
    let world = World::new();
    let registry = world.registry().await;
    let mut health = registry.store_health();
    world.store_broken.store(true, Ordering::SeqCst);
    registry.begin(id(1), Reason::StartRequested).await.unwrap();
    health.wait_for(|ok| !ok).await.unwrap();
    assert!(world.records.lock().unwrap().is_empty());

    world.store_broken.store(false, Ordering::SeqCst);
    world.browser(id(1)).await.code("one").await;
    health.wait_for(|ok| *ok).await.unwrap();
    assert_eq!(
        world.records.lock().unwrap()[&id(1)].wanted,
        Wanted::Running
    );
}

#[tokio::test(start_paused = true)]
async fn those_that_are_added_at_the_same_time_each_have_an_id_of_their_own() {
    let world = World::new();
    let registry = world.registry().await;
    let many = |name: &str| -> Vec<NewCliente> {
        let new = |place| NewCliente {
            id: None,
            name: format!("{name}{place}"),
            note: String::new(),
        };
        (1..=3).map(new).collect()
    };
    let (first, one, second) = tokio::join!(
        registry.add_all(many("A")),
        registry.add(None, "B".to_owned(), String::new()),
        registry.add_all(many("C")),
    );
    let mut answered: Vec<_> = [first.unwrap(), vec![one.unwrap()], second.unwrap()]
        .concat()
        .iter()
        .map(|added| (added.record.id, added.record.name.clone()))
        .collect();
    answered.sort();
    let records = world.records.lock().unwrap();
    let kept: Vec<_> = records
        .values()
        .map(|record| (record.id, record.name.clone()))
        .collect();
    assert_eq!(kept.len(), 7);
    assert_eq!(answered, kept, "what was said is what is on disk");
}
