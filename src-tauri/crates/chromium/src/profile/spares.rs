//! Spare logins: copies of what makes the login in a profile, for the day the profile itself is of no use.
//!
//! ```text
//! profiles/7/
//!   chromium/             the browser's own folder
//!   chromium.unusable/    the last one that a spare had to replace, for whoever wants to know why; until a logout
//!   spares/               0700, the newest two
//!     1793871234567/      when it was taken; laid out like `chromium/`
//!     .draft-…/           half a copy, or half deleted: never taken for a spare
//! ```
//!
//! A spare is taken after a browser of a linked account has ended well and while the profile is still locked, so that
//! nobody writes to what is copied. A copy of a running browser's files would be of several moments.
//!
//! What makes a login is small. WhatsApp Web keeps its keys in IndexedDB and who it is in localStorage; cookies,
//! preferences and the table of storage buckets go along so that the browser finds itself as it was. `Local State` holds
//! the key of encrypted cookies on Windows. Left out are all caches, crash dumps, history, the session's tabs, and the
//! service worker, which the page registers anew.
//!
//! # When a profile is of no use
//!
//! Seen with Chromium 156 on a profile that was linked to the simulator:
//!
//! | damage | what Chromium makes of it |
//! |---|---|
//! | garbage in the `CURRENT`, `MANIFEST` or tables of IndexedDB, or its folder is gone | it begins an empty database without a word: the page shows a QR |
//! | a record of a log of IndexedDB is damaged and others follow it | the same; see `logs` |
//! | `CURRENT` of IndexedDB is gone | it finds the newest manifest by itself, and the login is there |
//! | IndexedDB's folder, or `Default`, is a file | the page cannot open its database: the simulator's stays at its first screen, WhatsApp has the event `storage_initialization_error` for it |
//! | garbage in `Local State`, `Preferences`, `Cookies`, the local storage or the table of buckets | each is begun anew, and the login is there |
//! | the browser's own folder cannot be entered, written to or made | we say so before the start: the profile is unusable |
//!
//! So the browser never says itself that a login was damaged. A QR where a login was saved is the sign, and only
//! IndexedDB has to be whole.
//!
//! A table that is shared is one file in two places: damage inside it, by the disk itself, is in both. What Chromium
//! does to its files is not, as it writes each table once.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::{ProfileLock, logs, make_private, marker};

/// What makes a login, below the browser's own folder. Files and folders that are not there are left out: which of them
/// a browser has depends on its version and system.
const LOGIN: &[&str] = &[
    "Local State",
    "Default/Preferences",
    "Default/Secure Preferences",
    "Default/Cookies",
    "Default/Cookies-journal",
    "Default/Network",
    "Default/IndexedDB",
    "Default/Local Storage",
    "Default/File System",
    "Default/WebStorage",
];
/// Below the folders above: what the browser fetches again when it is missing.
const CACHES: &[&str] = &["Cache", "CacheStorage", "Code Cache"];
/// How many spares a cliente has.
const KEPT: usize = 2;
/// What a copy must leave free on the disk: browsers that run need it more.
const LEFT_FREE: u64 = 1024 * 1024 * 1024;
/// How much is copied between two looks at the time, bytes.
const CHUNK: u64 = 8 * 1024 * 1024;
const DRAFT: &str = ".draft-";

/// A spare that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Files in it.
    pub(crate) files: usize,
    /// Bytes that were copied.
    pub(crate) copied: u64,
    /// Bytes that it shares with the profile.
    pub(crate) shared: u64,
}

/// Why there is no new spare.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTaken {
    /// The profile is not linked any more.
    #[error("the account is not linked")]
    NotLinked,
    /// The disk is too full for it.
    #[error("the disk has too little space")]
    NoSpace,
    /// A log in it has a damaged record. A browser that ended well leaves none.
    #[error("a log of the login is damaged")]
    Damaged,
    /// The copy could not be made, or not in time.
    #[error("copy the login: {}", .0.kind())]
    Failed(#[from] io::Error),
}

/// One file of the copy.
pub(super) struct Item {
    /// Below the browser's own folder.
    pub(super) path: PathBuf,
    /// Bytes.
    pub(super) length: u64,
}

/// Copies the login before `deadline`. No browser runs on the profile: the caller has waited for its end. Blocks.
pub(crate) fn take(lock: &ProfileLock, deadline: Instant) -> Result<Taken, NotTaken> {
    let spares = folder(lock.folder());
    make_private(&spares)?;
    sweep(lock.folder());
    if !marker::says_linked(lock.folder()) {
        return Err(NotTaken::NotLinked);
    }
    let items = list_login(lock.user_data())?;
    let is_shared = |item: &&Item| never_changes(&item.path);
    let shared = items.iter().filter(is_shared).map(|item| item.length).sum();
    let all: u64 = items.iter().map(|item| item.length).sum();
    let taken = Taken {
        files: items.len(),
        copied: all - shared,
        shared,
    };
    if !has_room(taken.copied, &spares) {
        return Err(NotTaken::NoSpace);
    }
    let name = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_millis());
    let draft = spares.join(format!("{DRAFT}{name}"));
    let target = spares.join(name.to_string());
    let make = || -> Result<(), NotTaken> {
        copy_all(&items, lock.user_data(), &draft, deadline)?;
        // The copy, so that what is looked at is what is kept.
        if !logs::are_whole(&items, &draft)? {
            return Err(NotTaken::Damaged);
        }
        fs::rename(&draft, &target)?;
        Ok(sync_folder(&spares)?)
    };
    if let Err(cause) = make() {
        let _ = fs::remove_dir_all(&draft);
        return Err(cause);
    }
    // A logout may have come while the copy was made. It writes its mark before it drops the spares, so one of the two
    // sees the other.
    if !marker::says_linked(lock.folder()) {
        drop_all(lock.folder())?;
        return Err(NotTaken::NotLinked);
    }
    let known = list(lock.folder());
    for old in &known[..known.len().saturating_sub(KEPT)] {
        discard(old)?;
    }
    Ok(taken)
}

/// The newest spare of the profile in this folder.
pub(super) fn newest(profile: &Path) -> Option<PathBuf> {
    list(profile).pop()
}

/// Deletes all spares: the login has ended at WhatsApp and must not come back.
pub(super) fn drop_all(profile: &Path) -> io::Result<()> {
    sweep(profile);
    list(profile).iter().try_for_each(|spare| discard(spare))
}

/// Clears away half copies, as far as it goes.
pub(super) fn sweep(profile: &Path) {
    for entry in fs::read_dir(folder(profile))
        .into_iter()
        .flatten()
        .flatten()
    {
        if entry.file_name().to_string_lossy().starts_with(DRAFT) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Makes sure that what was renamed in this folder stays so.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    // Windows opens no folders as files, and needs none of this.
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn folder(profile: &Path) -> PathBuf {
    profile.join("spares")
}

/// The spares, the oldest first.
fn list(profile: &Path) -> Vec<PathBuf> {
    let mut spares: Vec<(u64, PathBuf)> = fs::read_dir(folder(profile))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
        .collect();
    spares.sort();
    spares.into_iter().map(|(_, path)| path).collect()
}

/// Deletes a spare. Out of the way first: half of one must not be taken for a spare.
fn discard(spare: &Path) -> io::Result<()> {
    let name = spare.file_name().unwrap_or_default().to_string_lossy();
    let away = spare.with_file_name(format!("{DRAFT}{name}"));
    fs::rename(spare, &away)?;
    fs::remove_dir_all(away)
}

/// Tables of LevelDB are written once and then only read or deleted, so a spare may share them with the profile.
fn never_changes(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "ldb" || extension == "sst")
}

/// The files of the login, with paths below the browser's own folder.
pub(super) fn list_login(user_data: &Path) -> io::Result<Vec<Item>> {
    let mut items = Vec::new();
    for name in LOGIN {
        match fs::symlink_metadata(user_data.join(name)) {
            Ok(found) if found.is_file() => items.push(Item {
                path: name.into(),
                length: found.len(),
            }),
            Ok(found) if found.is_dir() => list_folder(user_data, Path::new(name), &mut items)?,
            // Chromium makes no links there; where one leads is none of ours.
            Ok(_) => {}
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(items)
}

fn list_folder(user_data: &Path, below: &Path, items: &mut Vec<Item>) -> io::Result<()> {
    for entry in fs::read_dir(user_data.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_file() {
            let length = entry.metadata()?.len();
            items.push(Item { path, length });
        } else if kind.is_dir() && !CACHES.iter().any(|cache| entry.file_name() == *cache) {
            list_folder(user_data, &path, items)?;
        }
    }
    Ok(())
}

/// Copies everything and has it written out: after a power cut a spare is whole or not there.
fn copy_all(items: &[Item], from: &Path, draft: &Path, deadline: Instant) -> io::Result<()> {
    make_private(draft)?;
    let mut folders = vec![draft.to_owned()];
    for item in items {
        let target = draft.join(&item.path);
        let parents = item
            .path
            .ancestors()
            .skip(1)
            .map(|parent| draft.join(parent));
        let mut missing: Vec<PathBuf> = parents.take_while(|parent| !parent.exists()).collect();
        while let Some(parent) = missing.pop() {
            make_private(&parent)?;
            folders.push(parent);
        }
        let source = from.join(&item.path);
        if never_changes(&item.path) {
            if fs::hard_link(&source, &target).is_ok() {
                continue;
            }
            // Not on this file system. That it would be copied was not counted before.
            if !has_room(item.length, draft) {
                return Err(io::ErrorKind::StorageFull.into());
            }
        }
        copy(&source, &target, deadline)?;
    }
    folders.iter().try_for_each(|folder| sync_folder(folder))
}

/// Copies one file, sharing its blocks where the file system can, and gives up when the time is over.
fn copy(source: &Path, target: &Path, deadline: Instant) -> io::Result<()> {
    let mut source = File::open(source)?;
    let mut target = private_file(target)?;
    loop {
        if Instant::now() > deadline {
            return Err(io::ErrorKind::TimedOut.into());
        }
        if io::copy(&mut source.by_ref().take(CHUNK), &mut target)? == 0 {
            return target.sync_all();
        }
    }
}

/// A new file that only its owner may read.
pub(crate) fn private_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Whether this much can be written there and browsers still have room. Where nothing can be told, it is tried.
pub(super) fn has_room(needed: u64, folder: &Path) -> bool {
    fs4::available_space(folder).map_or(true, |free| leaves_room(needed, free))
}

fn leaves_room(needed: u64, free: u64) -> bool {
    free >= needed.saturating_add(LEFT_FREE)
}

#[cfg(test)]
mod tests;
