//! Support bundles: one file with what somebody needs who looks into a failure, and with nothing that is private. Who
//! collects it sits behind [`SupportBundles`], because this crate knows neither the driver nor the disk.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use ts_rs::TS;

use crate::commands::NoArgs;
use crate::control::ControlRoom;
use crate::dto::CommandError;
use crate::error::ErrorCode;

/// How long the question for progress waits for some.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is to be in a bundle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct BundleWish {
    /// Only what concerns this cliente; null: all.
    #[ts(type = "number | null")]
    pub cliente: Option<u64>,
    /// Pictures of sessions in trouble. Neither codes nor chats are on them.
    pub pictures: bool,
    /// What people call their clientes. Remarks are never in it.
    pub names: bool,
}

/// What the asker knows of the progress.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct BundleSeen {
    /// The last revision seen; an older one is answered at once.
    pub revision: u32,
}

/// What is being collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BundleStep {
    /// The program and its machine, and the settings.
    About,
    /// The pages of running sessions, and pictures.
    Pages,
    /// Clientes and their timelines.
    Clientes,
    /// The database and the saved logins, from outside.
    Storage,
    /// The logs.
    Logs,
    /// The file gets its name.
    Finish,
}

impl BundleStep {
    /// All, in their order.
    pub const ALL: [Self; 6] = [
        Self::About,
        Self::Pages,
        Self::Clientes,
        Self::Storage,
        Self::Logs,
        Self::Finish,
    ];
}

/// How far a bundle is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BundleView {
    /// Counts up with every change.
    pub revision: u32,
    /// What is being collected; null when nothing is.
    pub step: Option<BundleStep>,
    /// Steps that are done.
    pub done: u32,
    /// Steps in all.
    pub total: u32,
    /// The file, when it is there.
    pub file: Option<BundleFileView>,
    /// Why there is none.
    pub failure: Option<CommandError>,
    /// Whether somebody cancelled it.
    pub cancelled: bool,
}

/// A bundle that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BundleFileView {
    /// Where.
    pub path: String,
    /// Its name alone.
    pub name: String,
    /// Its size in bytes.
    #[ts(type = "number")]
    pub size: u64,
    /// How many files are in it.
    pub files: u32,
}

/// Collects bundles, one at a time.
pub trait SupportBundles: Send + Sync + 'static {
    /// Begins one; `NOT_NOW` while another is being collected.
    fn begin(&self, room: &ControlRoom, wish: BundleWish) -> Result<(), CommandError>;

    /// How far it is, as it changes.
    fn watch(&self) -> watch::Receiver<BundleView>;

    /// Ends what is being collected. Nothing of it is left.
    fn cancel(&self);

    /// Shows the last one in its folder.
    fn show(&self) -> Result<(), CommandError>;

    /// Where the last one is.
    fn file(&self) -> Option<PathBuf>;
}

impl ControlRoom {
    /// The same, with who collects support bundles.
    #[must_use]
    pub fn with_bundles(self, bundles: Arc<dyn SupportBundles>) -> Self {
        Self {
            bundles: Some(bundles),
            ..self
        }
    }

    /// Begins a support bundle; [`Self::bundle_progress`] tells how it goes on.
    #[expect(clippy::unused_async, reason = "all commands are called alike")]
    pub async fn begin_bundle(&self, wish: BundleWish) -> Result<BundleView, CommandError> {
        if let Some(id) = wish.cliente {
            self.known(id)?;
        }
        let bundles = self.collector()?;
        bundles.begin(self, wish)?;
        Ok(bundles.watch().borrow().clone())
    }

    /// How far the bundle is: at once if that is news, else as soon as there is some, or after 20 s.
    pub async fn bundle_progress(
        &self,
        BundleSeen { revision }: BundleSeen,
    ) -> Result<BundleView, CommandError> {
        let mut progress = self.collector()?.watch();
        let news = progress.wait_for(|view| view.revision != revision);
        // Without news, what is known already is the answer.
        let _ = tokio::time::timeout(PATIENCE, news).await;
        let view = progress.borrow().clone();
        Ok(view)
    }

    /// Ends what is being collected.
    #[expect(clippy::unused_async, reason = "all commands are called alike")]
    pub async fn cancel_bundle(&self, NoArgs {}: NoArgs) -> Result<BundleView, CommandError> {
        let bundles = self.collector()?;
        bundles.cancel();
        Ok(bundles.watch().borrow().clone())
    }

    /// Shows the last bundle in its folder.
    #[expect(clippy::unused_async, reason = "all commands are called alike")]
    pub async fn show_bundle(&self, NoArgs {}: NoArgs) -> Result<(), CommandError> {
        self.collector()?.show()
    }

    /// All counts, as `GET /metrics` writes them.
    pub fn metrics_text(&self) -> Option<String> {
        self.report().into_text().ok()
    }

    fn collector(&self) -> Result<&dyn SupportBundles, CommandError> {
        self.bundles.as_deref().ok_or_else(|| {
            CommandError::new(ErrorCode::NotNow, "nothing is collected in this program")
        })
    }
}
