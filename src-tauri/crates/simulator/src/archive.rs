//! The state file: linked devices, so that saved logins outlive the simulator.
//!
//! One task writes it, always whole and through a rename, so a reader never sees half a file. Callers
//! that changed something wait until their change is on disk.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::{Account, BanKind, PhoneError, SimulatorError};

/// What is saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Archived {
    pub(crate) version: u32,
    pub(crate) next_account: u64,
    pub(crate) devices: Vec<ArchivedDevice>,
}

impl Default for Archived {
    fn default() -> Self {
        Self {
            version: 1,
            next_account: 0,
            devices: Vec::new(),
        }
    }
}

/// One linked device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ArchivedDevice {
    pub(crate) id: String,
    pub(crate) account: Account,
    pub(crate) token: String,
    pub(crate) linked_at_ms: u64,
    pub(crate) banned: Option<BanKind>,
}

/// Reads the state file; one that does not exist yet is an empty one.
pub(crate) async fn read(path: &Path) -> Result<Archived, SimulatorError> {
    let bytes = match tokio::fs::read(path).await {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Archived::default());
        }
        Err(source) => {
            return Err(SimulatorError::ReadState {
                path: path.to_owned(),
                source,
            });
        }
    };
    let parse = |source| SimulatorError::ParseState {
        path: path.to_owned(),
        source,
    };
    let archived: Archived = serde_json::from_slice(&bytes).map_err(parse)?;
    if archived.version != 1 {
        let message = format!("version {} is not 1", archived.version);
        return Err(parse(<serde_json::Error as serde::de::Error>::custom(
            message,
        )));
    }
    Ok(archived)
}

/// What the writer has got to.
#[derive(Debug, Clone, Default)]
struct Written {
    generation: u64,
    failure: Option<String>,
}

/// The callers' side of the writer.
#[derive(Debug, Clone)]
pub(crate) struct Archive {
    wanted: watch::Sender<(u64, Archived)>,
    written: watch::Receiver<Written>,
}

/// The task's side of the writer.
#[derive(Debug)]
pub(crate) struct Writer {
    path: PathBuf,
    wanted: watch::Receiver<(u64, Archived)>,
    written: watch::Sender<Written>,
}

pub(crate) fn open(path: PathBuf) -> (Archive, Writer) {
    let (wanted, wanted_by_writer) = watch::channel((0, Archived::default()));
    let (written_by_writer, written) = watch::channel(Written::default());
    let writer = Writer {
        path,
        wanted: wanted_by_writer,
        written: written_by_writer,
    };
    (Archive { wanted, written }, writer)
}

impl Archive {
    /// Hands over a newer state.
    pub(crate) fn offer(&self, generation: u64, state: impl FnOnce() -> Archived) {
        self.wanted.send_if_modified(|wanted| {
            let news = generation > wanted.0;
            if news {
                *wanted = (generation, state());
            }
            news
        });
    }

    /// Waits until `generation` is on disk.
    pub(crate) async fn settled(&self, generation: u64) -> Result<(), PhoneError> {
        let mut written = self.written.clone();
        let reached = written
            .wait_for(|written| written.generation >= generation)
            .await;
        let failure = match reached {
            Ok(written) => written.failure.clone(),
            Err(_) => Some("the simulator is stopping".to_owned()),
        };
        failure.map_or(Ok(()), |reason| Err(PhoneError::NotSaved { reason }))
    }
}

impl Writer {
    /// Writes what is offered until `stopped`, and once more at the end.
    pub(crate) async fn run(mut self, stopped: tokio_util::sync::CancellationToken) {
        loop {
            tokio::select! {
                changed = self.wanted.changed() => if changed.is_err() { return },
                () = stopped.cancelled() => break,
            }
            self.write().await;
        }
        if self.wanted.has_changed().unwrap_or(false) {
            self.write().await;
        }
    }

    async fn write(&mut self) {
        let (generation, state) = self.wanted.borrow_and_update().clone();
        let failure = replace(&self.path, &state)
            .await
            .err()
            .map(|error| error.to_string());
        if let Some(failure) = &failure {
            tracing::error!(path = %self.path.display(), failure, "state file not saved");
        }
        self.written.send_replace(Written {
            generation,
            failure,
        });
    }
}

async fn replace(path: &Path, state: &Archived) -> std::io::Result<()> {
    let mut bytes = serde_json::to_vec_pretty(state)?;
    bytes.push(b'\n');
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    let temporary = path.with_file_name(name);
    tokio::fs::write(&temporary, bytes).await?;
    tokio::fs::rename(&temporary, path).await
}

#[cfg(test)]
mod tests {
    use tokio_util::sync::CancellationToken;

    use super::*;

    fn sample(next_account: u64) -> Archived {
        Archived {
            version: 1,
            next_account,
            devices: vec![ArchivedDevice {
                id: "d".into(),
                account: crate::account::nth(0),
                token: "t".into(),
                linked_at_ms: 1,
                banned: Some(BanKind::TosBlock),
            }],
        }
    }

    #[tokio::test]
    async fn a_state_comes_back_as_it_was_saved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let (archive, writer) = open(path.clone());
        let task = tokio::spawn(writer.run(CancellationToken::new()));
        archive.offer(3, || sample(7));
        archive.settled(3).await.unwrap();
        assert_eq!(read(&path).await.unwrap(), sample(7));
        // Only the file itself is left behind.
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        drop(archive);
        task.await.unwrap();
    }

    #[tokio::test]
    async fn a_missing_file_is_an_empty_state() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(
            read(&folder.path().join("none.json")).await.unwrap(),
            Archived::default()
        );
    }

    #[tokio::test]
    async fn a_foreign_file_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["{", "[]", r#"{"version":2,"next_account":0,"devices":[]}"#] {
            let path = folder.path().join("state.json");
            std::fs::write(&path, text).unwrap();
            let error = read(&path).await.unwrap_err();
            assert!(
                matches!(error, SimulatorError::ParseState { .. }),
                "{text}: {error}"
            );
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[tokio::test]
    async fn a_failed_save_reaches_the_caller() {
        let folder = tempfile::tempdir().unwrap();
        let (archive, writer) = open(folder.path().join("no/such/folder/state.json"));
        let stop = CancellationToken::new();
        let task = tokio::spawn(writer.run(stop.clone()));
        archive.offer(1, || sample(0));
        assert!(matches!(
            archive.settled(1).await,
            Err(PhoneError::NotSaved { .. })
        ));
        stop.cancel();
        task.await.unwrap();
    }
}
