//! All sessions at the start of the program and at its end.

use std::time::Duration;

use futures::StreamExt as _;

use super::running::end;
use super::{Registry, StartError, care};
use crate::cliente::ClienteId;
use crate::reason::Reason;

/// Sessions that are restored at the same time.
const RESTORES: usize = 2;
/// How long shutdown waits for browsers and writes. The whole program has 15 s.
const SHUTDOWN: Duration = Duration::from_secs(11);

impl Registry {
    /// The sessions that [`Self::restore`] would start or lay to sleep now.
    pub fn to_be_restored(&self) -> Vec<ClienteId> {
        let snapshots = self.snapshots();
        let wanted = snapshots
            .iter()
            .filter(|snapshot| care::is_to_be_restored(snapshot));
        wanted.map(|snapshot| snapshot.record.id).collect()
    }

    /// Starts the sessions that ran when the program last ended, a few at a time. Those that there is no place for
    /// sleep until somebody needs them.
    pub async fn restore(&self) {
        let mut wanted = self.to_be_restored();
        let places = self.0.deps.slots.usage();
        let free = places.limit.saturating_sub(places.taken) as usize;
        for id in wanted.split_off(free.min(wanted.len())) {
            self.lay_to_sleep(id).await;
        }
        let starts = futures::stream::iter(wanted).for_each_concurrent(RESTORES, async |id| {
            let restored = self.resume(id, Reason::Restored, care::is_to_be_restored);
            match restored.await {
                Err(StartError::NotFound | StartError::Stopped) => {
                    tracing::info!(cliente = %id, "not restored: somebody wished otherwise");
                }
                Err(error) => tracing::warn!(cliente = %id, %error, "not restored"),
                Ok(_) => {}
            }
        });
        tokio::select! {
            () = starts => {}
            () = self.0.ending.cancelled() => {}
        }
    }

    /// Ends all sessions in parallel and writes everything out. Bounded.
    pub async fn shutdown(&self) {
        self.0.ending.cancel();
        let cells: Vec<_> = self.cells(|cells| cells.values().cloned().collect());
        let ends = cells.into_iter().map(async |cell| {
            let control = cell.control.lock().await;
            end(&control, Reason::Shutdown).await;
        });
        let all = async {
            futures::future::join_all(ends).await;
            self.0.deps.journal.close().await;
        };
        if tokio::time::timeout(SHUTDOWN, all).await.is_err() {
            tracing::error!("some sessions did not end in time");
        }
    }

    /// Marks a session without a browser as sleeping.
    async fn lay_to_sleep(&self, id: ClienteId) {
        if let Some(cell) = self.cell(id) {
            let control = cell.control.lock().await;
            // Somebody may have started it at this moment, or forgotten its cliente.
            if !control.forgotten && care::is_to_be_restored(&cell.published.get()) {
                end(&control, Reason::Hibernated).await;
                cell.published.update(|snapshot| {
                    snapshot.session.hibernated = true;
                    snapshot.session.reason = Some(Reason::Hibernated);
                });
            }
        }
    }
}
