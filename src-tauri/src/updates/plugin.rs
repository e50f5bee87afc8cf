//! Newer versions by Tauri's updater: the list of releases is asked for over HTTPS, a package counts only with a signature
//! of the key that this program was built with, over the package and the version that was announced.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use session_api::updates::{ReleaseView, UpdateFailure, UpdateWay};
use tauri::{AppHandle, Runtime};
use tauri_plugin_updater::{Error, Update, UpdaterExt as _};
use tokio_util::sync::CancellationToken;

use super::{LastAct, Release, Source};

/// How long the server may take to answer with the list of releases.
const ANSWER: Duration = Duration::from_secs(30);
/// How long a connection may take, or say nothing.
const SILENCE: Duration = Duration::from_secs(30);
/// Bytes of a package at most. No package is near it; a server that sends without end is not to fill the memory.
const LARGEST: u64 = 1 << 30;
/// Characters of the notes at most.
const NOTES: usize = 2000;

/// Whether the program was built with an address to ask and a key to check with (`plugins.updater` of the configuration).
pub(crate) fn is_configured(config: &tauri::Config) -> bool {
    config.plugins.0.contains_key("updater")
}

/// How the program ends, does something last, and starts again.
pub(crate) type Restart = Box<dyn Fn(LastAct) + Send + Sync>;

/// Tauri's updater, whose plugin has to be part of the app.
pub(crate) struct PluginSource<R: Runtime> {
    app: AppHandle<R>,
    restart: Restart,
    /// The file to replace; nothing: what runs.
    program: Option<PathBuf>,
}

impl<R: Runtime> PluginSource<R> {
    /// Updates of what runs.
    pub(crate) fn new(app: AppHandle<R>, restart: Restart) -> Self {
        Self {
            app,
            restart,
            program: None,
        }
    }

    /// Replaces this file instead of what runs.
    #[cfg(all(test, target_os = "linux"))]
    pub(super) fn of_program(mut self, program: PathBuf) -> Self {
        self.program = Some(program);
        self
    }
}

#[async_trait]
impl<R: Runtime> Source for PluginSource<R> {
    fn way(&self) -> UpdateWay {
        super::way(UpdateWay::Itself)
    }

    async fn look(&self) -> Result<Option<Arc<dyn Release>>, UpdateFailure> {
        let mut builder = self
            .app
            .updater_builder()
            .timeout(ANSWER)
            .configure_client(|client| {
                client
                    .connect_timeout(SILENCE)
                    .read_timeout(SILENCE)
                    // A redirect may not lead out of it either. A program that is being worked on may ask a server of its own.
                    .https_only(!cfg!(debug_assertions))
            });
        if let Some(program) = &self.program {
            builder = builder.executable_path(program);
        }
        let updater = builder.build().map_err(failure)?;
        let update = updater.check().await.map_err(failure)?;
        Ok(update.map(|update| Arc::new(update) as _))
    }

    fn restart(&self, last: LastAct) {
        (self.restart)(last);
    }
}

#[async_trait]
impl Release for Update {
    fn view(&self) -> ReleaseView {
        ReleaseView {
            version: self.version.clone(),
            notes: self
                .body
                .as_deref()
                .map(str::trim)
                .filter(|notes| !notes.is_empty())
                .map(|notes| notes.chars().take(NOTES).collect()),
        }
    }

    async fn download(
        &self,
        arrived: &(dyn Fn(u64, Option<u64>) + Send + Sync),
    ) -> Result<Vec<u8>, UpdateFailure> {
        let too_large = CancellationToken::new();
        let mut received = 0_u64;
        let download = Self::download(
            self,
            |bytes, total| {
                received = received.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
                if received > LARGEST {
                    too_large.cancel();
                }
                arrived(received, total);
            },
            || (),
        );
        match too_large.run_until_cancelled(download).await {
            Some(package) => package.map_err(failure),
            None => Err(UpdateFailure::BadAnswer),
        }
    }

    fn install(&self, package: &[u8]) -> Result<(), UpdateFailure> {
        Self::install(self, package).map_err(failure)
    }
}

/// What went wrong, in the words of the control room; the log has it in full.
fn failure(error: Error) -> UpdateFailure {
    tracing::warn!(%error, "the update went wrong");
    match error {
        Error::Reqwest(error) if error.is_decode() || error.is_status() => UpdateFailure::BadAnswer,
        Error::Reqwest(_) => UpdateFailure::Offline,
        Error::ReleaseNotFound
        | Error::Serialization(_)
        | Error::Semver(_)
        | Error::UrlParse(_)
        | Error::Network(_)
        | Error::InvalidUpdaterFormat => UpdateFailure::BadAnswer,
        Error::TargetNotFound(_)
        | Error::TargetsNotFound(_)
        | Error::UnsupportedArch
        | Error::UnsupportedOs => UpdateFailure::NotForThisSystem,
        Error::Minisign(_)
        | Error::Base64(_)
        | Error::SignatureUtf8(_)
        | Error::SignedVersionMismatch { .. }
        | Error::MissingSignedVersion => UpdateFailure::NotSigned,
        Error::Io(_) | Error::TempDirNotOnSameMountPoint | Error::AuthenticationFailed => {
            UpdateFailure::NotWritable
        }
        _ => UpdateFailure::Failed,
    }
}
