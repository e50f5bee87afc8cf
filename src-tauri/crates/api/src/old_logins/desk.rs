//! Copies logins in the background, one after the other: the disk is what is waited for.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use session_core::old_login::{CopyProgress, OldLogins, TakeError};
use session_core::{ClienteId, Reason, Registry};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::views::{OldProblem, TakeStage, TakeView, TakenView};
use crate::dto::CommandError;
use crate::error::ErrorCode;

/// How often the bytes of a copy are told.
const TICK: Duration = Duration::from_millis(250);

/// A login that is to be copied.
pub(super) struct Wanted {
    pub(super) path: PathBuf,
    pub(super) id: ClienteId,
    pub(super) name: String,
}

/// Where logins are taken over.
pub(crate) struct Desk {
    pub(super) port: Arc<dyn OldLogins>,
    progress: Arc<watch::Sender<TakeView>>,
    /// Of the copies that are under way.
    current: Mutex<CancellationToken>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Desk {
    pub(super) fn new(
        port: Arc<dyn OldLogins>,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        Self {
            port,
            progress: Arc::new(watch::Sender::default()),
            current: Mutex::default(),
            tasks,
            stop,
        }
    }

    /// How far the copies are, as that changes.
    pub(super) fn watch(&self) -> watch::Receiver<TakeView> {
        self.progress.subscribe()
    }

    pub(super) fn cancel(&self) {
        self.current
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .cancel();
    }

    /// Begins; one go at a time.
    pub(super) fn begin(
        &self,
        registry: Registry,
        wanted: Vec<Wanted>,
        start: bool,
    ) -> Result<TakeView, CommandError> {
        // Held to the end, so that nobody cancels the go before this one and means this one.
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let begun = self.progress.send_if_modified(|view| {
            let free = !view.running;
            if free {
                *view = TakeView {
                    revision: view.revision.wrapping_add(1),
                    running: true,
                    logins: wanted.iter().map(waiting).collect(),
                };
            }
            free
        });
        if !begun {
            return Err(CommandError::new(
                ErrorCode::NotNow,
                "other logins are being taken over",
            ));
        }
        *current = self.stop.child_token();
        let go = Go {
            port: Arc::clone(&self.port),
            progress: Arc::clone(&self.progress),
            registry,
            cancel: current.clone(),
            start,
        };
        self.tasks.spawn(go.run(wanted));
        Ok(self.progress.borrow().clone())
    }
}

fn waiting(Wanted { path, id, name }: &Wanted) -> TakenView {
    TakenView {
        path: path.display().to_string(),
        id: id.get(),
        name: name.clone(),
        stage: TakeStage::Waiting,
        done: 0,
        total: 0,
        problem: None,
        unstarted: None,
    }
}

/// One go.
struct Go {
    port: Arc<dyn OldLogins>,
    progress: Arc<watch::Sender<TakeView>>,
    registry: Registry,
    cancel: CancellationToken,
    start: bool,
}

impl Go {
    async fn run(self, wanted: Vec<Wanted>) {
        for (place, login) in wanted.into_iter().enumerate() {
            let outcome = self.take(place, &login).await;
            if let Err(error) = &outcome {
                tracing::warn!(cliente = %login.id, error = error.code(), "a login was not taken over");
            }
            let mut unstarted = None;
            if outcome.is_ok() {
                tracing::info!(cliente = %login.id, "a login of another program was taken over");
                unstarted = self.take_in(login.id, login.name).await.err();
            }
            self.tell(place, |row| match outcome {
                Ok(bytes) => {
                    row.stage = TakeStage::Taken;
                    (row.done, row.total) = (bytes, bytes);
                    row.unstarted = unstarted;
                }
                Err(error) => {
                    row.stage = TakeStage::NotTaken;
                    row.problem = Some(OldProblem::from(&error));
                }
            });
        }
        self.progress.send_modify(|view| {
            view.revision = view.revision.wrapping_add(1);
            view.running = false;
        });
    }

    async fn take(&self, place: usize, login: &Wanted) -> Result<u64, TakeError> {
        if self.cancel.is_cancelled() {
            return Err(TakeError::Cancelled);
        }
        if !self.registry.has_room_for_login(login.id) {
            return Err(TakeError::IdTaken);
        }
        self.tell(place, |row| row.stage = TakeStage::Copying);
        let copied = Arc::new(CopyProgress::until(self.cancel.child_token()));
        let copy = self
            .port
            .take(login.path.clone(), login.id, Arc::clone(&copied));
        tokio::pin!(copy);
        let mut tick = tokio::time::interval(TICK);
        let mut told = (0, 0);
        loop {
            tokio::select! {
                outcome = &mut copy => return outcome,
                _ = tick.tick() => {
                    let now = copied.now();
                    if now != told {
                        told = now;
                        self.tell(place, |row| (row.done, row.total) = now);
                    }
                }
            }
        }
    }

    /// The login is in place, whatever becomes of this.
    async fn take_in(&self, id: ClienteId, name: String) -> Result<(), CommandError> {
        self.registry.take_in(id, name).await?;
        if self.start {
            self.registry
                .begin_known(id, Reason::StartRequested)
                .await?;
        }
        Ok(())
    }

    fn tell(&self, place: usize, change: impl FnOnce(&mut TakenView)) {
        self.progress.send_modify(|view| {
            view.revision = view.revision.wrapping_add(1);
            if let Some(row) = view.logins.get_mut(place) {
                change(row);
            }
        });
    }
}
