//! The tasks of one owner: none is left behind.

use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Tasks that end together: they are asked to stop, given a moment, then aborted, and always awaited.
#[derive(Debug)]
pub(crate) struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
    handles: Mutex<Vec<AbortHandle>>,
}

impl Tasks {
    /// No tasks yet.
    pub(crate) fn new() -> Self {
        Self {
            tracker: TaskTracker::new(),
            stop: CancellationToken::new(),
            handles: Mutex::new(Vec::new()),
        }
    }

    /// Starts a task. It ends by itself or when the others are told to stop.
    pub(crate) fn spawn<F>(&self, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let stop = self.stop.clone();
        let handle = self.tracker.spawn(async move {
            stop.run_until_cancelled(task).await;
        });
        let mut handles = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
        handles.retain(|handle| !handle.is_finished());
        handles.push(handle.abort_handle());
    }

    /// Ends them all. When it returns, none runs.
    pub(crate) async fn stop(&self, patience: Duration) {
        self.stop.cancel();
        self.tracker.close();
        if tokio::time::timeout(patience, self.tracker.wait())
            .await
            .is_err()
        {
            for handle in self
                .handles
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .drain(..)
            {
                handle.abort();
            }
            self.tracker.wait().await;
        }
    }
}
