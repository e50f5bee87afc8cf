//! A world without browsers and disks: it records what a session does to it, and notices a second browser.

mod browser;
mod launcher;
mod store;
mod world;

pub(crate) use browser::{FakeBrowser, account};
pub(crate) use world::{Plan, World};

use std::sync::Arc;

use session_core::{
    ChatId, ClienteId, MessageText, Outgoing, Reason, Registry, Snapshot, StateName,
};
use tokio::time::{Duration, timeout};

pub(crate) fn id(number: u64) -> ClienteId {
    ClienteId::try_from(number).unwrap()
}

pub(crate) fn message() -> Outgoing {
    Outgoing::text(
        ChatId::parse("5491155551234").unwrap(),
        MessageText::new("hola".to_owned()).unwrap(),
    )
}

/// Starts a cliente and brings it to READY.
pub(crate) async fn ready(
    world: &Arc<World>,
    registry: &Registry,
    number: u64,
) -> Arc<FakeBrowser> {
    let id = id(number);
    registry.begin(id, Reason::StartRequested).await.unwrap();
    let browser = world.browser(id).await;
    browser.connect().await;
    reach(registry, id, StateName::Ready).await;
    browser
}

/// Waits until the cliente is in this state.
pub(crate) async fn reach(registry: &Registry, id: ClienteId, state: StateName) -> Arc<Snapshot> {
    until(registry, id, |snapshot| snapshot.state() == state).await
}

/// Waits until the snapshot of the cliente is as described. With paused time the deadline is virtual.
pub(crate) async fn until(
    registry: &Registry,
    id: ClienteId,
    good: impl Fn(&Snapshot) -> bool,
) -> Arc<Snapshot> {
    let mut events = registry.subscribe();
    let waiting = async {
        loop {
            if let Some(snapshot) = registry.snapshot(id).filter(|snapshot| good(snapshot)) {
                return snapshot;
            }
            let _ = events.recv().await;
        }
    };
    timeout(Duration::from_secs(3600), waiting)
        .await
        .unwrap_or_else(|_| panic!("never came about; last seen: {:?}", registry.snapshot(id)))
}

/// Lets everything happen that can happen without time passing.
pub(crate) async fn settle() {
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
}
