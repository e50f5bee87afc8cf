//! Copies a login of another program: beside the profiles first, and in place when it is whole.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use session_core::ClienteId;
use session_core::old_login::{CopyProgress, InUse, TakeError};

use super::{DRAFT, busy, find};
use crate::profile::spares::{self, Item};
use crate::profile::{LockError, ProfileFolders, ProfileLock, logs, make_private, marker, trash};

/// How much is copied between two looks at whether somebody called it off, bytes.
const CHUNK: usize = 1024 * 1024;

/// Makes a copy of this login the profile of a cliente, and says how many bytes that were. Blocks.
pub(super) fn take(
    profiles: &ProfileFolders,
    login: &Path,
    cliente: ClienteId,
    progress: &CopyProgress,
) -> Result<u64, TakeError> {
    let taking = Taking::begin(profiles, login, cliente, progress)?;
    taking.copy()?;
    taking.finish()
}

/// One login on its way. Whatever ends it before its last step leaves a draft at most.
pub(super) struct Taking<'a> {
    profiles: &'a ProfileFolders,
    progress: &'a CopyProgress,
    login: PathBuf,
    cliente: ClienteId,
    items: Vec<Item>,
    before: Vec<Stamp>,
    /// Bytes to copy.
    needed: u64,
    draft: Draft,
}

impl<'a> Taking<'a> {
    /// Looks at everything that is in the way, and makes the draft.
    pub(super) fn begin(
        profiles: &'a ProfileFolders,
        login: &Path,
        cliente: ClienteId,
        progress: &'a CopyProgress,
    ) -> Result<Self, TakeError> {
        let login = dunce::canonicalize(login).map_err(|_| TakeError::NotFound)?;
        let found = find::login(&login).map_err(TakeError::Failed)?;
        let found = found.ok_or(TakeError::NotFound)?;
        refuse_use(found.in_use)?;
        if !found.linked {
            return Err(TakeError::NoLogin);
        }
        refuse_taken(profiles, cliente)?;
        let items = spares::list_login(&login).map_err(TakeError::Failed)?;
        let before = stamps(&login, &items);
        let needed = items.iter().map(|item| item.length).sum();
        if !spares::has_room(needed, &profiles.root) {
            return Err(TakeError::NoSpace { needed });
        }
        progress.begin(needed);
        let draft = Draft::new(profiles, cliente).map_err(failed(needed))?;
        Ok(Self {
            profiles,
            progress,
            login,
            cliente,
            items,
            before,
            needed,
            draft,
        })
    }

    /// Copies everything and has it written out.
    pub(super) fn copy(&self) -> Result<(), TakeError> {
        copy_all(
            &self.items,
            &self.login,
            &self.draft.user_data(),
            self.progress,
            self.needed,
        )
    }

    /// Puts the copy in place, unless the login is another one by now, and says how many bytes it has.
    pub(super) fn finish(self) -> Result<u64, TakeError> {
        // A browser that was started meanwhile may have written to what was copied and to what was not.
        let after = spares::list_login(&self.login).map_err(TakeError::Failed)?;
        refuse_use(busy::look(&self.login, &after))?;
        if stamps(&self.login, &after) != self.before {
            return Err(TakeError::Changed);
        }
        self.refuse_half()?;
        self.mark()?;
        self.put_in_place()
            .map_err(|error| match error {
                TakeError::Failed(cause) => failed(self.needed)(cause),
                other => other,
            })
            .map(|()| self.needed)
    }

    /// A tool that clears folders up may have been at the draft: what is in place is taken for a login from then on.
    fn refuse_half(&self) -> Result<(), TakeError> {
        let mut copied = spares::list_login(&self.draft.user_data()).map_err(TakeError::Failed)?;
        let mut wanted: Vec<_> = self.items.iter().collect();
        copied.sort_by(|a, b| a.path.cmp(&b.path));
        wanted.sort_by(|a, b| a.path.cmp(&b.path));
        let whole = copied.len() == wanted.len()
            && copied
                .iter()
                .zip(wanted)
                .all(|(is, was)| is.path == was.path && is.length == was.length);
        if whole {
            Ok(())
        } else {
            Err(TakeError::Failed(io::Error::other("the copy is not whole")))
        }
    }

    /// Mends the copy, whose original stays as it is, and marks it as linked.
    pub(super) fn mark(&self) -> Result<(), TakeError> {
        logs::repair(&self.draft.user_data());
        marker::write(&self.draft.0, true).map_err(failed(self.needed))
    }

    /// Renames the copy. A profile without a login, of a start that nobody scanned, makes room for it.
    fn put_in_place(&self) -> Result<(), TakeError> {
        if self.progress.cancel.is_cancelled() {
            return Err(TakeError::Cancelled);
        }
        let (root, cliente) = (&self.profiles.root, self.cliente);
        let folder = self.profiles.folder(cliente);
        if folder.exists() {
            let lock = ProfileLock::take(&folder).map_err(|error| match error {
                LockError::InUse(_) => TakeError::IdTaken,
                LockError::Unusable(cause) => TakeError::Failed(cause),
            })?;
            refuse_taken(self.profiles, cliente)?;
            // Windows renames no folder with an open file in it.
            let lock = (!cfg!(windows)).then_some(lock);
            trash::put(root, cliente, &folder).map_err(TakeError::Failed)?;
            drop(lock);
            // What cannot be deleted now goes with the next start.
            let _ = trash::empty_of(root, cliente);
        }
        spares::sync_folder(&self.draft.0).map_err(TakeError::Failed)?;
        trash::retried(|| fs::rename(&self.draft.0, &folder)).map_err(|cause| {
            match cause.kind() {
                // A session of this cliente began in that very moment.
                io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists => {
                    TakeError::IdTaken
                }
                _ => TakeError::Failed(cause),
            }
        })?;
        spares::sync_folder(root).map_err(TakeError::Failed)
    }
}

fn refuse_use(in_use: InUse) -> Result<(), TakeError> {
    match in_use {
        InUse::Free => Ok(()),
        InUse::Here => Err(TakeError::InUse),
        InUse::Elsewhere => Err(TakeError::InUseElsewhere),
    }
}

/// A login that is there, or a spare of one, is never replaced.
fn refuse_taken(profiles: &ProfileFolders, cliente: ClienteId) -> Result<(), TakeError> {
    let folder = profiles.folder(cliente);
    if marker::says_linked(&folder) || spares::newest(&folder).is_some() {
        return Err(TakeError::IdTaken);
    }
    Ok(())
}

fn failed(needed: u64) -> impl Fn(io::Error) -> TakeError {
    move |cause| match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => TakeError::NoSpace { needed },
        _ => TakeError::Failed(cause),
    }
}

/// What tells whether a file was written to: its length and its time.
type Stamp = (PathBuf, u64, Option<SystemTime>);

fn stamps(folder: &Path, items: &[Item]) -> Vec<Stamp> {
    let mut stamps: Vec<Stamp> = items
        .iter()
        .map(|item| {
            let changed = fs::metadata(folder.join(&item.path)).and_then(|it| it.modified());
            (item.path.clone(), item.length, changed.ok())
        })
        .collect();
    stamps.sort();
    stamps
}

/// A copy that is being made; gone with this value unless it is put in place.
struct Draft(PathBuf);

impl Draft {
    fn new(profiles: &ProfileFolders, cliente: ClienteId) -> io::Result<Self> {
        let mut tag = [0_u8; 8];
        getrandom::fill(&mut tag).map_err(io::Error::other)?;
        let tag = u64::from_le_bytes(tag);
        let draft = Self(profiles.root.join(format!("{DRAFT}{cliente}-{tag:016x}")));
        make_private(&draft.0)?;
        make_private(&draft.user_data())?;
        Ok(draft)
    }

    fn user_data(&self) -> PathBuf {
        self.0.join("chromium")
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // What is left of it goes with the next start.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Copies everything and has it written out.
fn copy_all(
    items: &[Item],
    from: &Path,
    to: &Path,
    progress: &CopyProgress,
    needed: u64,
) -> Result<(), TakeError> {
    let mut folders = vec![to.to_owned()];
    for item in items {
        let parents: Vec<_> = item.path.ancestors().skip(1).collect();
        for parent in parents.into_iter().rev().filter(|it| *it != Path::new("")) {
            let folder = to.join(parent);
            if !folders.contains(&folder) {
                make_private(&folder).map_err(failed(needed))?;
                folders.push(folder);
            }
        }
        let source = File::open(from.join(&item.path)).map_err(|cause| match cause.kind() {
            io::ErrorKind::NotFound => TakeError::Changed,
            // Windows lets nobody open what a browser has open.
            _ if cfg!(windows) => TakeError::InUse,
            _ => TakeError::Failed(cause),
        })?;
        let target = spares::private_file(&to.join(&item.path)).map_err(failed(needed))?;
        copy(source, target, progress, needed)?;
    }
    let synced: io::Result<()> = folders
        .iter()
        .rev()
        .try_for_each(|it| spares::sync_folder(it));
    synced.map_err(failed(needed))
}

fn copy(
    mut source: File,
    mut target: File,
    progress: &CopyProgress,
    needed: u64,
) -> Result<(), TakeError> {
    let mut chunk = vec![0; CHUNK];
    loop {
        if progress.cancel.is_cancelled() {
            return Err(TakeError::Cancelled);
        }
        let read = match source.read(&mut chunk) {
            Ok(0) => return target.sync_all().map_err(failed(needed)),
            Ok(read) => read,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
            Err(cause) => return Err(TakeError::Failed(cause)),
        };
        target.write_all(&chunk[..read]).map_err(failed(needed))?;
        progress.advance(read as u64);
    }
}
