//! Newer versions of the program: asked for only while the person wants that, installed only when they say so.

mod plugin;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use session_api::ErrorCode;
use session_api::dto::CommandError;
use session_api::updates::{ReleaseView, UpdateFailure, UpdateState, UpdateWay, UpdatesView};
use session_core::{Clock, SystemClock};
use tauri::utils::config::BundleType;
use tauri::utils::platform::bundle_type;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval};

pub(crate) use plugin::{PluginSource, is_configured};

/// How often the server is asked while the program runs.
const EVERY: Duration = Duration::from_hours(24);
/// How often people are told how much has arrived.
const PROGRESS: Duration = Duration::from_millis(250);
/// Whether an installer replaces the program only after it has ended; elsewhere the program replaces its own file.
const INSTALLER_COMES_LAST: bool = cfg!(target_os = "windows");

/// What is done once all sessions have ended, before the program starts anew.
pub(crate) type LastAct = Box<dyn FnOnce() + Send>;

/// Where newer versions come from.
#[async_trait]
pub(crate) trait Source: Send + Sync + 'static {
    /// Who replaces this copy of the program.
    fn way(&self) -> UpdateWay;

    /// Asks the server for a version that is newer than this one.
    async fn look(&self) -> Result<Option<Arc<dyn Release>>, UpdateFailure>;

    /// Ends the program in order, does the last act, and starts the program again. Returns before that.
    fn restart(&self, last: LastAct);
}

/// A newer version.
#[async_trait]
pub(crate) trait Release: Send + Sync + 'static {
    /// What people are told of it.
    fn view(&self) -> ReleaseView;

    /// Fetches the package and checks its signature; tells how much has arrived, and of how much.
    async fn download(
        &self,
        arrived: &(dyn Fn(u64, Option<u64>) + Send + Sync),
    ) -> Result<Vec<u8>, UpdateFailure>;

    /// Puts a downloaded package in the place of the program. On Windows it does not return when it succeeds.
    fn install(&self, package: &[u8]) -> Result<(), UpdateFailure>;
}

/// A program that never replaces itself.
pub(crate) struct NoSource(pub(crate) UpdateWay);

#[async_trait]
impl Source for NoSource {
    fn way(&self) -> UpdateWay {
        self.0
    }

    async fn look(&self) -> Result<Option<Arc<dyn Release>>, UpdateFailure> {
        Err(UpdateFailure::Failed)
    }

    fn restart(&self, _: LastAct) {}
}

/// Who replaces this copy, if it can be replaced: a package manager would undo or forbid what the program does to its files.
pub(crate) fn way(otherwise: UpdateWay) -> UpdateWay {
    way_of(bundle_type().as_ref(), otherwise)
}

const fn way_of(installed_as: Option<&BundleType>, otherwise: UpdateWay) -> UpdateWay {
    match installed_as {
        Some(BundleType::Deb | BundleType::Rpm) => UpdateWay::Packages,
        _ => otherwise,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ask {
    Look,
    Install,
}

/// The updates of this program. One task does everything; others read what it publishes and ask.
pub(crate) struct Updates {
    source: Box<dyn Source>,
    state: watch::Sender<UpdateState>,
    wanted: watch::Sender<bool>,
    asks: mpsc::Sender<Ask>,
    asked: Mutex<Option<mpsc::Receiver<Ask>>>,
}

impl Updates {
    /// Updates from this source, if the person wants them. Nothing is asked before [`Updates::run`].
    pub(crate) fn new(source: Box<dyn Source>, wanted: bool) -> Self {
        let (asks, asked) = mpsc::channel(1);
        Self {
            source,
            state: watch::Sender::new(UpdateState::Unknown),
            wanted: watch::Sender::new(wanted),
            asks,
            asked: Mutex::new(Some(asked)),
        }
    }

    /// As the control room shows it.
    pub(crate) fn view(&self) -> UpdatesView {
        UpdatesView {
            way: self.source.way(),
            state: self.state.borrow().clone(),
        }
    }

    /// Tells of every change of the state.
    pub(crate) fn subscribe(&self) -> watch::Receiver<UpdateState> {
        self.state.subscribe()
    }

    /// What the person chose. Whoever switches it off also ends a download.
    pub(crate) fn set_wanted(&self, wanted: bool) {
        self.wanted.send_if_modified(|now| {
            let changed = *now != wanted;
            *now = wanted;
            changed
        });
    }

    /// Asks the server soon.
    pub(crate) fn check(&self) -> Result<(), CommandError> {
        self.ask(Ask::Look)
    }

    /// Begins to install what was found.
    pub(crate) fn install(&self) -> Result<(), CommandError> {
        let found = matches!(
            *self.state.borrow(),
            UpdateState::Available { .. }
                | UpdateState::Failed {
                    release: Some(_),
                    ..
                }
        );
        if !found {
            return Err(not_now("there is no newer version to install"));
        }
        self.ask(Ask::Install)
    }

    fn ask(&self, ask: Ask) -> Result<(), CommandError> {
        if self.source.way() != UpdateWay::Itself {
            return Err(not_now("this copy does not update itself"));
        }
        if !*self.wanted.borrow() {
            return Err(not_now("updates are switched off in the settings"));
        }
        // When the line is full, the same has been asked a moment ago.
        let _ = self.asks.try_send(ask);
        Ok(())
    }

    /// Asks now, every day, and when somebody wants it, for as long as the person wants updates.
    pub(crate) async fn run(self: Arc<Self>) {
        let asked = self
            .asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(mut asked) = asked else { return };
        if self.source.way() != UpdateWay::Itself {
            return;
        }
        let mut wanted = self.wanted.subscribe();
        while wanted.wait_for(|wanted| *wanted).await.is_ok() {
            tokio::select! {
                () = self.work(&mut asked) => {}
                off = wanted.wait_for(|wanted| !*wanted) => {
                    if off.is_err() {
                        return;
                    }
                }
            }
            self.state.send_replace(UpdateState::Unknown);
        }
    }

    async fn work(&self, asked: &mut mpsc::Receiver<Ask>) {
        let mut due = interval(EVERY);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut found = None;
        loop {
            let ask = tokio::select! {
                _ = due.tick() => Ask::Look,
                ask = asked.recv() => match ask {
                    Some(ask) => ask,
                    None => return,
                },
            };
            match (ask, &found) {
                (Ask::Install, Some(release)) => self.replace(release).await,
                (Ask::Look | Ask::Install, _) => found = self.look().await,
            }
        }
    }

    async fn look(&self) -> Option<Arc<dyn Release>> {
        self.state.send_replace(UpdateState::Checking);
        let found = self.source.look().await;
        self.state.send_replace(match &found {
            Ok(Some(release)) => {
                let release = release.view();
                tracing::info!(version = release.version, "there is a newer version");
                UpdateState::Available { release }
            }
            Ok(None) => UpdateState::Latest {
                at: SystemClock.now().0,
            },
            Err(failure) => UpdateState::Failed {
                failure: *failure,
                release: None,
            },
        });
        found.ok().flatten()
    }

    /// Everything that can fail comes before the sessions are closed, except where the installer comes last.
    async fn replace(&self, release: &Arc<dyn Release>) {
        let view = release.view();
        tracing::info!(version = view.version, "installing a newer version");
        if let Err(failure) = self.try_replace(release, &view).await {
            self.state.send_replace(UpdateState::Failed {
                failure,
                release: Some(view),
            });
        }
    }

    async fn try_replace(
        &self,
        release: &Arc<dyn Release>,
        view: &ReleaseView,
    ) -> Result<(), UpdateFailure> {
        let tell = |received, total| {
            self.state.send_replace(UpdateState::Downloading {
                release: view.clone(),
                received,
                total,
            });
        };
        tell(0, None);
        let told = Mutex::new(Instant::now());
        let package = release
            .download(&|received, total| {
                let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                if told.elapsed() >= PROGRESS {
                    *told = Instant::now();
                    tell(received, total);
                }
            })
            .await?;
        self.state.send_replace(UpdateState::Installing {
            release: view.clone(),
        });
        let release = Arc::clone(release);
        let install = move || release.install(&package);
        if INSTALLER_COMES_LAST {
            self.source.restart(Box::new(move || {
                // The log has what went wrong, and the old version starts again.
                let _ = install();
            }));
        } else {
            tokio::task::spawn_blocking(install)
                .await
                .unwrap_or(Err(UpdateFailure::Failed))?;
            self.source.restart(Box::new(|| {}));
        }
        Ok(())
    }
}

fn not_now(message: &str) -> CommandError {
    CommandError::new(ErrorCode::NotNow, message)
}
