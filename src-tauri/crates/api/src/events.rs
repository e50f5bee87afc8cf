//! The one stream of events that the window and the browser read: a snapshot first, then changes, and a snapshot
//! again for a reader that fell behind. Nothing is kept for slow readers.

use std::time::Duration;

use futures::Stream;
use session_core::RegistryEvent;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::control::ControlRoom;
use crate::dto::ControlEvent;
use crate::view;

impl ControlRoom {
    /// What happens, from now on. Ends when the registry does.
    pub fn events(&self) -> impl Stream<Item = ControlEvent> + Send + use<> {
        let reader = Reader {
            changes: self.registry.subscribe(),
            app: Some(self.host.subscribe_app()),
            calls: Calls {
                last: self.calls.last(),
                next: Instant::now(),
            },
            room: self.clone(),
            behind: true,
        };
        futures::stream::unfold(reader, |mut reader| async {
            reader.next().await.map(|event| (event, reader))
        })
    }
}

struct Reader {
    room: ControlRoom,
    changes: broadcast::Receiver<RegistryEvent>,
    /// Nothing once the host has no more to say.
    app: Option<broadcast::Receiver<ControlEvent>>,
    calls: Calls,
    behind: bool,
}

impl Reader {
    async fn next(&mut self) -> Option<ControlEvent> {
        loop {
            if self.behind {
                return Some(self.catch_up());
            }
            tokio::select! {
                change = self.changes.recv() => match change {
                    Ok(RegistryEvent::Changed(snapshot)) => {
                        return Some(ControlEvent::Cliente(view::cliente(&snapshot)));
                    }
                    Ok(RegistryEvent::Removed(id)) => {
                        return Some(ControlEvent::ClienteRemoved { id: id.get() });
                    }
                    Ok(RegistryEvent::Acknowledged(..) | RegistryEvent::Received(..)) => {}
                    Err(RecvError::Lagged(_)) => self.behind = true,
                    Err(RecvError::Closed) => return None,
                },
                event = receive(&mut self.app) => match event {
                    Ok(event) => return Some(event),
                    Err(RecvError::Lagged(_)) => self.behind = true,
                    Err(RecvError::Closed) => self.app = None,
                },
                last = self.calls.told() => return Some(ControlEvent::Calls { last }),
            }
        }
    }

    /// Forgets what is queued, then looks: everything that was queued is in the snapshot, and whatever comes after
    /// is newer than or part of it. A stale event that came after the snapshot would turn the reader back.
    fn catch_up(&mut self) -> ControlEvent {
        self.behind = false;
        self.changes = self.changes.resubscribe();
        self.app = self.app.as_ref().map(broadcast::Receiver::resubscribe);
        ControlEvent::Snapshot(self.room.now())
    }
}

/// Only a number is told of calls, and at most four times a second: an API that is busy costs a page that shows no calls
/// next to nothing, and one that shows them asks for those it does not have yet.
struct Calls {
    last: watch::Receiver<u64>,
    /// When there may be something to tell again.
    next: Instant,
}

/// Between two events that tell of calls.
const CALLS: Duration = Duration::from_millis(250);

impl Calls {
    /// May be dropped and asked anew: nothing is forgotten before it answers.
    async fn told(&mut self) -> u64 {
        sleep_until(self.next).await;
        if self.last.changed().await.is_err() {
            return std::future::pending().await;
        }
        self.next = Instant::now() + CALLS;
        *self.last.borrow_and_update()
    }
}

async fn receive(
    app: &mut Option<broadcast::Receiver<ControlEvent>>,
) -> Result<ControlEvent, RecvError> {
    match app {
        Some(app) => app.recv().await,
        None => std::future::pending().await,
    }
}
