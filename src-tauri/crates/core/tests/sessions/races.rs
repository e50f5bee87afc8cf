//! Callers that race for the same session, with paused time.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::support::{World, id, settle};
use proptest::prelude::*;
use session_core::{Reason, StartError};
use tokio::time::{advance, sleep};

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
