//! `support bundles`: one zip with what somebody needs who looks into a failure, and with nothing that is private.
//!
//! From the outside in: [`Bundler`] carries out what the control room asks for, [`cli`] what the command line does;
//! `collect` goes through the steps with what `facts` finds out and what `sessions` are asked; `archive` writes, and
//! lets nothing in but through `redact`. Nothing is sent anywhere.

mod archive;
pub(crate) mod cli;
mod collect;
mod facts;
mod places;
mod plain;
mod readme;
mod redact;
mod sessions;
mod storage;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use session_api::dto::CommandError;
use session_api::support::{BundleFileView, BundleStep, BundleView, BundleWish, SupportBundles};
use session_api::{ControlRoom, ErrorCode};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::host::Shell;
use collect::Sources;

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Ended {
    /// Somebody cancelled it, or the program ends.
    #[error("it was cancelled")]
    Cancelled,
    /// It cannot be written.
    #[error("it cannot be written: {0}")]
    Disk(#[from] io::Error),
    /// A mistake of ours.
    #[error("{0}")]
    Mistake(#[from] anyhow::Error),
}

impl From<zip::result::ZipError> for Ended {
    fn from(error: zip::result::ZipError) -> Self {
        Self::Disk(error.into())
    }
}

impl Ended {
    /// What a person is told; the cause may hold a path and goes to the log only.
    fn told(&self) -> CommandError {
        let full = matches!(self, Self::Disk(error)
            if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge));
        match self {
            Self::Disk(_) if full => CommandError::new(
                ErrorCode::InsufficientStorage,
                "the disk is full - free some space and try again; nothing half-written was left",
            ),
            Self::Disk(_) => CommandError::new(
                ErrorCode::BundleFailed,
                "the folder for downloads cannot be written - check its permissions and try again",
            ),
            Self::Cancelled | Self::Mistake(_) => CommandError::new(
                ErrorCode::BundleFailed,
                "the support bundle could not be collected - the log says why",
            ),
        }
    }
}

/// Collects bundles for the control room, one at a time.
pub(crate) struct Bundler {
    shell: Arc<Shell>,
    progress: Arc<watch::Sender<BundleView>>,
    /// Of the one being collected.
    current: Mutex<CancellationToken>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Bundler {
    /// Collects until `stop` fires; what is under way then is counted in `tasks`.
    pub(crate) fn new(shell: Arc<Shell>, tasks: TaskTracker, stop: CancellationToken) -> Self {
        Self {
            shell,
            progress: Arc::new(watch::Sender::default()),
            current: Mutex::default(),
            tasks,
            stop,
        }
    }
}

impl SupportBundles for Bundler {
    fn begin(&self, room: &ControlRoom, wish: BundleWish) -> Result<(), CommandError> {
        let mut busy = false;
        self.progress.send_modify(|view| {
            busy = view.step.is_some();
            if !busy {
                *view = BundleView {
                    revision: view.revision + 1,
                    step: Some(BundleStep::ALL[0]),
                    total: u32::try_from(BundleStep::ALL.len()).unwrap_or_default(),
                    ..BundleView::default()
                };
            }
        });
        if busy {
            return Err(CommandError::new(
                ErrorCode::NotNow,
                "another support bundle is being collected",
            ));
        }
        let token = self.stop.child_token();
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = token.clone();
        let sources = Sources::of_program(&self.shell, room, wish, token);
        let progress = Arc::clone(&self.progress);
        let runtime = tokio::runtime::Handle::current();
        self.tasks.spawn_blocking(move || {
            let folder = places::downloads(&sources.options.data_dir);
            let target = places::free_name(&folder);
            let tell = |step: BundleStep| {
                progress.send_modify(|view| {
                    view.revision += 1;
                    view.done = BundleStep::ALL
                        .iter()
                        .position(|one| *one == step)
                        .and_then(|done| u32::try_from(done).ok())
                        .unwrap_or_default();
                    view.step = Some(step);
                });
            };
            let outcome = collect::collect(&sources, target, &runtime, &tell);
            progress.send_modify(|view| end(view, outcome));
        });
        Ok(())
    }

    fn watch(&self) -> watch::Receiver<BundleView> {
        self.progress.subscribe()
    }

    fn cancel(&self) {
        self.current
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .cancel();
    }

    fn show(&self) -> Result<(), CommandError> {
        let shown = self
            .file()
            .is_some_and(|path| self.shell.surface.reveal(&path));
        if shown {
            Ok(())
        } else {
            Err(CommandError::new(
                ErrorCode::NotNow,
                "there is nothing here to open it with",
            ))
        }
    }

    fn file(&self) -> Option<PathBuf> {
        let view = self.progress.borrow();
        view.file.as_ref().map(|file| PathBuf::from(&file.path))
    }
}

fn end(view: &mut BundleView, outcome: Result<(PathBuf, u64, u32), Ended>) {
    view.revision += 1;
    view.step = None;
    match outcome {
        Ok((path, size, files)) => {
            tracing::info!(size, files, "a support bundle was written");
            view.done = view.total;
            view.file = Some(BundleFileView {
                name: name_of(&path),
                path: path.display().to_string(),
                size,
                files,
            });
        }
        Err(Ended::Cancelled) => view.cancelled = true,
        Err(error) => {
            tracing::error!(%error, "no support bundle was written");
            view.failure = Some(error.told());
        }
    }
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
