//! `api-keys.json`: which keys there are. Read whole, written whole, for its owner's eyes only.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::{Key, check_name};

/// The format that this program writes.
const VERSION: u32 = 1;

#[derive(Deserialize)]
struct Head {
    version: u32,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    keys: &'a [Key],
}

#[derive(Deserialize)]
struct Body {
    keys: Vec<Key>,
}

/// Why the file tells of no keys.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    /// It is not what this program wrote.
    #[error("{0}")]
    Damaged(String),
    /// A newer program wrote it.
    #[error("it is of a newer version of Session Manager")]
    Newer,
    /// The system does not give it.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The keys in a text.
pub(super) fn parse(text: &[u8]) -> Result<Vec<Key>, ReadError> {
    // What serde_json says of a text that it cannot read may quote it; the place is enough.
    let damaged = |error: serde_json::Error| {
        let (line, column) = (error.line(), error.column());
        ReadError::Damaged(format!("unreadable at line {line}, column {column}"))
    };
    let head: Head = serde_json::from_slice(text).map_err(damaged)?;
    match head.version {
        VERSION => {}
        0 => return Err(ReadError::Damaged("there is no version 0".to_owned())),
        _ => return Err(ReadError::Newer),
    }
    let Body { keys } = serde_json::from_slice(text).map_err(damaged)?;
    let ids: BTreeSet<_> = keys.iter().map(|key| &key.id).collect();
    let names: BTreeSet<_> = keys.iter().map(|key| &key.name).collect();
    if ids.len() < keys.len() || names.len() < keys.len() {
        return Err(ReadError::Damaged("two keys have the same name".to_owned()));
    }
    if keys.iter().any(|key| check_name(&key.name).is_err()) {
        return Err(ReadError::Damaged("the name of a key is none".to_owned()));
    }
    Ok(keys)
}

/// The keys in the file; no file, no keys.
pub(super) fn read(path: &Path) -> Result<Vec<Key>, ReadError> {
    match fs::read(path) {
        Ok(text) => parse(&text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// Writes the file: all or nothing, and on disk when this returns.
pub(super) fn write(path: &Path, keys: &[Key]) -> io::Result<()> {
    let document = Document {
        version: VERSION,
        keys,
    };
    let mut text = serde_json::to_vec_pretty(&document)?;
    text.push(b'\n');
    let new = path.with_extension("json.new");
    // One that was left behind may be readable for others.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private().write(true).create_new(true).open(&new)?;
    file.write_all(&text)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&new, path)?;
    sync_folder(path)
}

/// Puts a damaged file aside, where nothing overwrites it.
pub(super) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_millis());
    let aside = path.with_extension(format!("json.broken-{now}"));
    fs::rename(path, &aside)?;
    Ok(aside)
}

/// For as long as the file is open, nobody else who asks changes the keys: not this program, not a command line.
pub(super) fn lock(path: &Path) -> io::Result<File> {
    let lock = private()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path.with_extension("lock"))?;
    lock.lock()?;
    Ok(lock)
}

/// What tells one state of the file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stamp {
    /// There is no file.
    Absent,
    /// It is this one.
    File(Mark),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    modified: Option<SystemTime>,
    length: u64,
    /// Inode and time of its last change: a file that was renamed into place is another one.
    #[cfg(unix)]
    inode: (u64, i64, i64),
}

impl Stamp {
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        match fs::metadata(path) {
            Ok(found) => Ok(Self::File(Mark {
                modified: found.modified().ok(),
                length: found.len(),
                #[cfg(unix)]
                inode: {
                    use std::os::unix::fs::MetadataExt as _;
                    (found.ino(), found.ctime(), found.ctime_nsec())
                },
            })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::Absent),
            Err(error) => Err(error),
        }
    }
}

#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    // The folder of a user is private to them on Windows.
    OpenOptions::new()
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    path.parent()
        .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
