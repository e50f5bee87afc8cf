//! How a session gets its browser and gives it back.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{Actor, Deps, Report};
use crate::cliente::ClienteId;
use crate::ports::LaunchError;
use crate::reason::Reason;
use crate::slots::Slot;
use crate::window::WindowName;

/// How long a picture of the page may hold up the end of its browser.
const PICTURE: Duration = Duration::from_secs(3);

impl Actor {
    pub(super) fn launch(&mut self, restore: bool, window: bool) {
        self.calling_off = CancellationToken::new();
        let attended = self.session.is_attended();
        let kept = self.kept.take();
        let window = window.then(|| WindowName::of(&self.published.get().record));
        let (id, deps, cancel, reports) = (
            self.id,
            Arc::clone(&self.deps),
            self.calling_off.clone(),
            self.reports.0.clone(),
        );
        self.deps.tasks.spawn(async move {
            let outcome = async {
                let slot = match kept {
                    Some(slot) => slot,
                    None => place(&deps, attended, &cancel).await?,
                };
                // Those that have a place still come up only a few at a time.
                let _turn = tokio::select! {
                    turn = deps.launches.acquire() => turn.ok(),
                    () = cancel.cancelled() => return Err(called_off()),
                };
                let _ = reports.send(Report::LaunchBegan).await;
                if restore {
                    let used = use_spare(id, &deps).await;
                    let more = deps.profiles.has_spare(id).await;
                    let _ = reports.send(Report::SpareUsed { used, more }).await;
                }
                let launched = deps.launcher.launch(id, window, cancel.clone()).await?;
                Ok((launched, slot))
            };
            let report = match outcome.await {
                Ok((launched, slot)) => Report::Launched(launched, slot),
                Err(error) => Report::LaunchFailed(error),
            };
            let _ = reports.send(report).await;
        });
    }

    pub(super) fn close(&mut self) {
        let picture_first = std::mem::take(&mut self.picture_first);
        match &self.browser {
            // The launch answers with a failure, which ends the closing.
            None => self.calling_off.cancel(),
            Some(browser) => {
                let (browser, reports) = (Arc::clone(browser), self.reports.0.clone());
                let id = self.id;
                self.deps.tasks.spawn(async move {
                    if picture_first
                        && !matches!(timeout(PICTURE, browser.keep_picture()).await, Ok(Ok(())))
                    {
                        tracing::info!(cliente = %id, "no picture of the page could be kept");
                    }
                    browser.close().await;
                    let _ = reports.send(Report::Closed).await;
                });
            }
        }
    }
}

/// A place for the browser. Whoever waits for the start is told when none came free in time.
async fn place(
    deps: &Deps,
    attended: bool,
    cancel: &CancellationToken,
) -> Result<Slot, LaunchError> {
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(called_off()),
        slot = deps.slots.take() => Ok(slot),
        () = sleep(deps.policy.place_timeout), if attended => Err(LaunchError {
            reason: Reason::CapacityReached,
            detail: "as many browsers run as may".to_owned(),
        }),
    }
}

async fn use_spare(id: ClienteId, deps: &Deps) -> bool {
    match deps.profiles.restore_spare(id).await {
        Ok(used) => {
            tracing::warn!(cliente = %id, used, "the saved login could not be used; a copy was to take its place");
            used
        }
        Err(error) => {
            tracing::error!(cliente = %id, %error, "the copy of the saved login could not take its place");
            false
        }
    }
}

fn called_off() -> LaunchError {
    LaunchError {
        reason: Reason::StopRequested,
        detail: "called off".to_owned(),
    }
}
