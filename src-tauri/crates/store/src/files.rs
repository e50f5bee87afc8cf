//! Files that only their owner can read, and how one takes the place of another without a moment in between.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use session_core::Timestamp;

/// What SQLite keeps beside a database while it is open, or when it was not closed.
const SIDES: [&str; 3] = [LOG, "-shm", "-journal"];
/// The one of them that holds changes which the database may not have yet.
pub(crate) const LOG: &str = "-wal";

/// Makes sure that the file exists and that only its owner can read it, before anything is written to it. SQLite
/// gives its side files the permissions of the main one. Says whether the file is new.
pub(crate) fn prepare(path: &Path) -> io::Result<bool> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let created = match private().create_new(true).open(path) {
        Ok(_) => true,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
        Err(error) => return Err(error),
    };
    restrict(path)?;
    Ok(created)
}

#[cfg(unix)]
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

pub(crate) fn private() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

#[cfg(unix)]
fn restrict(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn restrict(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Writes `content` and puts it in place of what is there.
pub(crate) fn replace_with(path: &Path, content: &mut impl io::Read) -> io::Result<()> {
    let draft = draft(path)?;
    io::copy(content, &mut private().open(&draft)?)?;
    finish(&draft, path)
}

/// A new empty file beside this one, to become it later.
pub(crate) fn draft(path: &Path) -> io::Result<PathBuf> {
    let draft = with_suffix(path, ".draft");
    discard(&draft)?;
    private().create_new(true).open(&draft)?;
    Ok(draft)
}

/// Puts a draft in place of the file. What was written to it is on disk before it has the name, and the name when
/// this returns.
pub(crate) fn finish(draft: &Path, path: &Path) -> io::Result<()> {
    private().open(draft)?.sync_all()?;
    fs::rename(draft, path)?;
    sync_folder(path)
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Elsewhere a folder cannot be opened, and names are written through.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Deletes a file and what SQLite left beside it.
pub(crate) fn discard(path: &Path) -> io::Result<()> {
    for suffix in SIDES.into_iter().chain([""]) {
        absent_is_fine(fs::remove_file(with_suffix(path, suffix)))?;
    }
    Ok(())
}

/// Renames the file and its side files to `<name>.broken-<unix ms>…`, under names that are free.
pub(crate) fn set_aside(path: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let mut stamp = now.0;
    let aside = loop {
        let candidate = with_suffix(path, &format!(".broken-{stamp}"));
        if !candidate.try_exists()? {
            break candidate;
        }
        stamp += 1;
    };
    // The side files first: a main file that is gone while its log is still there would lend it to the new one.
    for side in SIDES {
        absent_is_fine(fs::rename(
            with_suffix(path, side),
            with_suffix(&aside, side),
        ))?;
    }
    fs::rename(path, &aside)?;
    Ok(aside)
}

/// Whether something that is no file stands in a file's place, such as a folder. What is not there does not.
pub(crate) fn is_no_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file())
}

/// The places beside the database in which something stands that is no file.
pub(crate) fn sides_that_are_no_files(path: &Path) -> Vec<PathBuf> {
    SIDES
        .into_iter()
        .map(|side| with_suffix(path, side))
        .filter(|side| is_no_file(side))
        .collect()
}

fn absent_is_fine(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_set_aside_takes_no_name_that_is_in_use() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sessions.db");
        for content in ["one", "two"] {
            fs::write(&path, content).unwrap();
            fs::write(with_suffix(&path, "-wal"), content).unwrap();
            let aside = set_aside(&path, Timestamp(7)).unwrap();
            assert_eq!(fs::read_to_string(&aside).unwrap(), content);
            assert_eq!(
                fs::read_to_string(with_suffix(&aside, "-wal")).unwrap(),
                content
            );
            assert!(!path.exists());
        }
        assert!(folder.path().join("sessions.db.broken-7").exists());
        assert!(folder.path().join("sessions.db.broken-8").exists());
    }

    #[test]
    fn a_draft_that_was_left_behind_is_not_mixed_with_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(with_suffix(&path, ".draft"), "a longer one, cut short").unwrap();
        fs::write(with_suffix(&path, ".draft-journal"), "its journal").unwrap();
        replace_with(&path, &mut "short".as_bytes()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "short");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
