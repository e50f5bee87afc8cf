//! Files that are to be sent, in a folder that only this program writes to. A file is whole or not there: it is written
//! under another name first. Who may read the folder is its owner alone.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use session_core::MediaId;
use session_core::ports::{CopyError, MediaFiles, MediaWriter};
use tokio::task::spawn_blocking;

use crate::files::{make_folder, private};

/// Ends the names of files that are being written.
const PART: &str = ".part";

/// The folder.
pub struct MediaFolder(Arc<Folder>);

struct Folder {
    path: PathBuf,
    /// The folders whose files may be sent by their path, without links in their names.
    allowed: Vec<PathBuf>,
}

impl MediaFolder {
    /// Files lie in this folder, which is made when it is needed; and files that lie in the allowed ones may be copied.
    /// An allowed folder that is not there is an error.
    pub fn new(path: PathBuf, allowed: &[PathBuf]) -> io::Result<Self> {
        let allowed = allowed
            .iter()
            .map(|folder| {
                let real = fs::canonicalize(folder)?;
                if real.is_dir() {
                    Ok(real)
                } else {
                    Err(io::ErrorKind::NotADirectory.into())
                }
            })
            .collect::<io::Result<_>>()?;
        Ok(Self(Arc::new(Folder { path, allowed })))
    }
}

#[async_trait]
impl MediaFiles for MediaFolder {
    async fn begin(&self) -> io::Result<Box<dyn MediaWriter>> {
        let folder = Arc::clone(&self.0);
        let draft = blocking(move || folder.begin()).await?;
        Ok(Box::new(Writer(Some(draft))))
    }

    async fn copy(&self, path: &Path, limit: u64) -> Result<(MediaId, u64), CopyError> {
        let (folder, path) = (Arc::clone(&self.0), path.to_owned());
        spawn_blocking(move || folder.copy(&path, limit))
            .await
            .map_err(io::Error::other)?
    }

    fn path(&self, id: &MediaId) -> PathBuf {
        self.0.path.join(id.as_str())
    }

    async fn remove(&self, ids: Vec<MediaId>) {
        let folder = Arc::clone(&self.0);
        let removed = blocking(move || {
            for id in &ids {
                remove(&folder.path.join(id.as_str()));
            }
            Ok(())
        });
        // A panic was logged; what is left is deleted at the next start.
        let _ = removed.await;
    }

    async fn keep_only(&self, ids: BTreeSet<MediaId>) {
        let folder = Arc::clone(&self.0);
        let kept = blocking(move || folder.keep_only(&ids)).await;
        if let Err(error) = kept {
            tracing::warn!(%error, "files that nobody needs are still there");
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}

impl Folder {
    fn begin(&self) -> io::Result<Draft> {
        make_folder(&self.path)?;
        let id = MediaId::random();
        let place = self.path.join(id.as_str());
        let part = self.path.join(format!("{id}{PART}"));
        let file = private().create_new(true).open(&part)?;
        Ok(Draft {
            id,
            file,
            place,
            part: Some(part),
        })
    }

    /// What is looked at is what is copied: the file is opened once, and its real place is asked of what was opened.
    fn copy(&self, path: &Path, limit: u64) -> Result<(MediaId, u64), CopyError> {
        if !path.is_absolute() || self.allowed.is_empty() {
            return Err(CopyError::NotAllowed);
        }
        let real = fs::canonicalize(path).map_err(|error| self.missing(path, error))?;
        if !self.allows(&real) {
            return Err(CopyError::NotAllowed);
        }
        let file = open(&real).map_err(|error| self.missing(path, error))?;
        let found = file.metadata()?;
        if !found.is_file() || !self.allows(&place_of(&file, &real)) {
            return Err(CopyError::NotAllowed);
        }
        if found.len() > limit {
            return Err(CopyError::TooLarge);
        }
        let mut draft = self.begin()?;
        // One that grows meanwhile is too large as well.
        let copied = io::copy(&mut file.take(limit + 1), &mut draft.file)?;
        if copied > limit {
            return Err(CopyError::TooLarge);
        }
        Ok((draft.finish()?, copied))
    }

    fn allows(&self, real: &Path) -> bool {
        self.allowed.iter().any(|folder| real.starts_with(folder))
    }

    /// Whether a file is there is said of allowed folders only.
    fn missing(&self, path: &Path, error: io::Error) -> CopyError {
        let folder = path
            .parent()
            .and_then(|folder| fs::canonicalize(folder).ok());
        match folder {
            Some(folder) if self.allows(&folder) => match error.kind() {
                io::ErrorKind::NotFound => CopyError::Missing,
                io::ErrorKind::PermissionDenied => CopyError::NotAllowed,
                _ => error.into(),
            },
            _ => CopyError::NotAllowed,
        }
    }

    fn keep_only(&self, ids: &BTreeSet<MediaId>) -> io::Result<()> {
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            // What has another name is not ours.
            let Some(name) = name.to_str() else { continue };
            let ours = name.strip_suffix(PART).unwrap_or(name).parse::<MediaId>();
            if ours.is_ok_and(|id| name.ends_with(PART) || !ids.contains(&id)) {
                remove(&entry.path());
            }
        }
        Ok(())
    }
}

fn remove(path: &Path) {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "a file that nobody needs is still there");
        }
        _ => {}
    }
}

/// Opens a file without waiting for whoever is at the other end of something that is none.
fn open(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use nix::fcntl::OFlag;
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags((OFlag::O_NONBLOCK | OFlag::O_NOFOLLOW).bits());
    }
    options.open(path)
}

/// Where the file is that was opened at this path, whatever the path leads to by now; the path where the system does
/// not tell.
#[cfg(target_os = "linux")]
fn place_of(file: &File, _: &Path) -> PathBuf {
    use std::os::fd::AsRawFd as _;
    // What cannot be told lies in no folder.
    fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).unwrap_or_default()
}

#[cfg(not(target_os = "linux"))]
fn place_of(_: &File, path: &Path) -> PathBuf {
    path.to_owned()
}

/// A file that is being written.
struct Draft {
    id: MediaId,
    file: File,
    place: PathBuf,
    /// Its name until it is whole; nothing afterwards.
    part: Option<PathBuf>,
}

impl Draft {
    fn finish(mut self) -> io::Result<MediaId> {
        self.file.sync_all()?;
        if let Some(part) = &self.part {
            fs::rename(part, &self.place)?;
        }
        self.part = None;
        Ok(self.id.clone())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(part) = self.part.take() {
            remove(&part);
        }
    }
}

/// Nothing only while a write is under way, or after one that was called off.
struct Writer(Option<Draft>);

#[async_trait]
impl MediaWriter for Writer {
    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let bytes = bytes.to_vec();
        let mut draft = self.0.take().ok_or_else(called_off)?;
        let draft = blocking(move || {
            draft.file.write_all(&bytes)?;
            Ok(draft)
        });
        self.0 = Some(draft.await?);
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> io::Result<MediaId> {
        let draft = self.0.take().ok_or_else(called_off)?;
        blocking(move || draft.finish()).await
    }
}

fn called_off() -> io::Error {
    io::Error::other("a write was called off or failed")
}
