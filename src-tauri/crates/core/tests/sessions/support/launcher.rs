//! Starts browsers as planned, and says what the machine has left for them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use session_core::ports::{LaunchError, Launched, Launcher, Memory, NoWindow, Resources, Usage};
use session_core::{ClienteId, Reason, WindowName};
use tokio_util::sync::CancellationToken;

use super::world::Handle;
use super::{FakeBrowser, Plan};

#[async_trait]
impl Launcher for Handle {
    async fn launch(
        &self,
        id: ClienteId,
        _: Option<WindowName>,
        cancel: CancellationToken,
    ) -> Result<Launched, LaunchError> {
        let world = &self.0;
        let failed = |reason| LaunchError {
            reason,
            detail: "as planned".to_owned(),
        };
        world.launches.fetch_add(1, Ordering::SeqCst);
        world.born(id);
        let coming_up = world.coming_up.fetch_add(1, Ordering::SeqCst) + 1;
        world.most_coming_up.fetch_max(coming_up, Ordering::SeqCst);
        let plan = *world.plan.lock().unwrap();
        let outcome = tokio::select! {
            permit = world.gate.acquire() => { permit.unwrap().forget(); plan }
            () = cancel.cancelled() => Plan::Fail(Reason::StopRequested),
        };
        let outcome = match outcome {
            Plan::Hang => {
                cancel.cancelled().await;
                Plan::Fail(Reason::StopRequested)
            }
            other => other,
        };
        world.coming_up.fetch_sub(1, Ordering::SeqCst);
        if let Plan::Fail(reason) = outcome {
            world.died(id);
            return Err(failed(reason));
        }
        let (browser, events) = FakeBrowser::new(id, world);
        world.browsers.send_modify(|all| {
            all.insert(id, Arc::clone(&browser));
        });
        Ok(Launched { browser, events })
    }

    async fn can_show(&self) -> Result<(), NoWindow> {
        match *self.0.no_window.lock().unwrap() {
            Some(why) => Err(why),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Resources for Handle {
    async fn free_disk(&self) -> Option<u64> {
        let _it_answers = self.0.slow_disk.read().await;
        *self.0.free_disk.lock().unwrap()
    }

    async fn memory(&self) -> Option<Memory> {
        *self.0.memory.lock().unwrap()
    }

    async fn usage(&self, pids: Vec<u32>) -> BTreeMap<u32, Usage> {
        let each = *self.0.usage.lock().unwrap();
        pids.into_iter()
            .filter_map(|pid| Some((pid, each?)))
            .collect()
    }

    async fn release_reserve(&self) {
        self.0.reserve.store(false, Ordering::SeqCst);
    }

    async fn hold_reserve(&self) {
        self.0.reserve.store(true, Ordering::SeqCst);
    }
}
