//! Opening the database file: what can be wrong with it, and what is done about it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use session_core::Timestamp;

use crate::inspect::{BUSY_TIMEOUT, Problem, code, inspect, log_is_foreign, unexpected_tables};
use crate::schema::{APPLICATION_ID, MIGRATIONS, version};
use crate::{backup, files, rows};

/// Why the store could not be opened. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A newer version of the program wrote the file. It was not touched.
    #[error(
        "{} was written by a newer version of Session Manager (format {found}, this one knows {known}): \
         update Session Manager",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format that this program knows.
        known: i64,
    },
    /// The folder or file cannot be written.
    #[error(
        "{} cannot be written ({detail}): make the folder writable for this user, or choose another data folder",
        path.display()
    )]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
    /// The disk is full.
    #[error("there is no space left for {}: free some disk space and start again", path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// Another process holds the database.
    #[error(
        "another process is using {}: close the other Session Manager or the program that has this file open",
        path.display()
    )]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// A file that cannot be read could not be set aside either.
    #[error("{} is damaged and could not be renamed ({cause}): move it elsewhere by hand", path.display())]
    NotSetAside {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Anything else.
    #[error("open {}: {detail}", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What the database said.
        detail: String,
    },
}

/// What was found when the store was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenReport {
    /// There was nothing before.
    pub created: bool,
    /// The file that was there could not be used as it was.
    pub set_aside: Option<SetAside>,
}

/// A file that could not be used, where it is now, and what took its place. Nothing of it was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Its new place; a `-wal` and a `-shm` beside it, if there were any.
    pub path: PathBuf,
    /// What is wrong with it.
    pub detail: String,
    /// What the store goes on with.
    pub recovered: Recovered,
}

/// What a store goes on with whose file could not be used as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovered {
    /// Nothing: it begins empty.
    Nothing,
    /// The backup copy. What changed after it was made, some minutes at most, is gone.
    Backup,
    /// The file without its log, which alone was damaged. The newest changes are gone.
    WithoutLog,
}

pub(crate) fn open(path: &Path, now: Timestamp) -> Result<(Connection, OpenReport), OpenError> {
    let copy = backup::path_of(path);
    let log = files::with_suffix(path, files::LOG);
    let log_lost = files::is_no_file(&log);
    clear_places(path, &copy, now)?;
    if files::is_no_file(path) {
        let detail = "something that is no file stood in its place".to_owned();
        return recovered(path, detail, &[Recovered::Backup], now);
    }
    let created = files::prepare(path).map_err(|error| file_error(path, &error))?;
    let (detail, log_only) = if is_lost(path) && copy.exists() {
        ("the file was missing or empty".to_owned(), false)
    } else if log_lost && !is_lost(path) {
        let detail = "something that is no file stood in place of its write-ahead log";
        (detail.to_owned(), true)
    } else if log_is_foreign(path) {
        ("its write-ahead log was overwritten".to_owned(), true)
    } else {
        match try_open(path) {
            Ok(db) => {
                let report = OpenReport {
                    created,
                    set_aside: None,
                };
                return Ok((db, report));
            }
            Err(Problem::Damaged(detail)) => (detail, false),
            Err(problem) => return Err(into_error(problem, path)),
        }
    };
    let sources = if !log_only {
        vec![Recovered::Backup]
    } else if is_newer(&copy, path) {
        // It was read with the log, after everything that went into the file.
        vec![Recovered::Backup, Recovered::WithoutLog]
    } else {
        vec![Recovered::WithoutLog, Recovered::Backup]
    };
    recovered(path, detail, &sources, now)
}

/// Sets aside whatever is no file beside the database or in place of its backup copy. SQLite would stumble over it, and
/// nothing of ours is in it. The file itself is looked at later.
fn clear_places(path: &Path, copy: &Path, now: Timestamp) -> Result<(), OpenError> {
    let mut places = files::sides_that_are_no_files(path);
    if files::is_no_file(copy) {
        places.push(copy.to_owned());
    }
    for place in places {
        let aside = set_aside(&place, now)?;
        tracing::warn!(path = %aside.display(), "something that is no file stood beside the database and was set aside");
    }
    Ok(())
}

fn set_aside(path: &Path, now: Timestamp) -> Result<PathBuf, OpenError> {
    files::set_aside(path, now).map_err(|cause| OpenError::NotSetAside {
        path: path.to_owned(),
        cause,
    })
}

fn recovered(
    path: &Path,
    detail: String,
    sources: &[Recovered],
    now: Timestamp,
) -> Result<(Connection, OpenReport), OpenError> {
    let (db, set_aside) = recover(path, detail, sources, now)?;
    let report = OpenReport {
        created: false,
        set_aside: Some(set_aside),
    };
    Ok((db, report))
}

/// Sets the file aside and goes on with the first of the sources that is in order, or with nothing.
fn recover(
    path: &Path,
    detail: String,
    sources: &[Recovered],
    now: Timestamp,
) -> Result<(Connection, SetAside), OpenError> {
    let copy = backup::path_of(path);
    // Before anything is moved: this is for a newer program to mend.
    if let Err(problem @ Problem::Newer(_)) = inspect(&copy) {
        return Err(into_error(problem, &copy));
    }
    let mut report = SetAside {
        path: set_aside(path, now)?,
        detail,
        recovered: Recovered::Nothing,
    };
    for &recovered in sources {
        let source = match recovered {
            Recovered::WithoutLog => &report.path,
            Recovered::Backup | Recovered::Nothing => &copy,
        };
        match restore(source, path)? {
            Some(db) => {
                report.recovered = recovered;
                return Ok((db, report));
            }
            // The next copy would take its place.
            None if source == &copy && copy.exists() => drop(set_aside(&copy, now)?),
            None => {}
        }
    }
    files::prepare(path).map_err(|error| file_error(path, &error))?;
    let db = try_open(path).map_err(|problem| into_error(problem, path))?;
    Ok((db, report))
}

/// Opens a copy of `source` in the place of `path`, where nothing is; nothing for one that is not in order. If the
/// program ends in between, the next start finds the place empty or damaged, and does this again.
fn restore(source: &Path, path: &Path) -> Result<Option<Connection>, OpenError> {
    let mut content = match fs::File::open(source) {
        Ok(content) if !is_lost(source) && inspect(source).is_ok() => content,
        _ => return Ok(None),
    };
    files::replace_with(path, &mut content).map_err(|error| file_error(path, &error))?;
    match try_open(path) {
        Ok(db) => Ok(Some(db)),
        Err(Problem::Damaged(_)) => {
            files::discard(path).map_err(|error| file_error(path, &error))?;
            Ok(None)
        }
        Err(problem) => Err(into_error(problem, path)),
    }
}

/// A database of ours is never empty: this is one that the file system lost, or that is new.
fn is_lost(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.len() == 0)
}

fn is_newer(one: &Path, other: &Path) -> bool {
    let written = |path| fs::metadata(path).and_then(|file| file.modified());
    matches!((written(one), written(other)), (Ok(one), Ok(other)) if one > other)
}

fn try_open(path: &Path) -> Result<Connection, Problem> {
    inspect(path)?;
    let mut db = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    // Fails here and not at the first change, if nothing can be written.
    db.pragma_update(None, "application_id", APPLICATION_ID)?;
    db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    db.pragma_update(None, "synchronous", "FULL")?;
    MIGRATIONS.to_latest(&mut db).map_err(|error| match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => unexpected_tables(err),
        other => Problem::Damaged(other.to_string()),
    })?;
    db.pragma_update(None, "foreign_keys", true)?;
    // What is erased is overwritten, and does not stay in a page that nobody uses.
    db.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    rows::readable(&db).map_err(unexpected_tables)?;
    Ok(db)
}

fn file_error(path: &Path, error: &io::Error) -> OpenError {
    let path = path.to_owned();
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => OpenError::DiskFull { path },
        _ => OpenError::NotWritable {
            path,
            detail: error.to_string(),
        },
    }
}

fn into_error(problem: Problem, path: &Path) -> OpenError {
    let path = path.to_owned();
    match problem {
        Problem::Newer(found) => OpenError::Newer {
            path,
            found,
            known: version(),
        },
        Problem::Damaged(detail) => OpenError::Other { path, detail },
        Problem::Sqlite(error) => match code(&error) {
            Some(ErrorCode::DiskFull) => OpenError::DiskFull { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::InUse { path },
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                OpenError::NotWritable {
                    path,
                    detail: error.to_string(),
                }
            }
            _ => OpenError::Other {
                path,
                detail: error.to_string(),
            },
        },
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A full disk and a locked file, as the engine itself reports them.
    #[test]
    fn what_the_engine_reports_is_said_in_plain_words() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch("PRAGMA max_page_count = 2; CREATE TABLE t (x)")
            .unwrap();
        let full = db
            .execute("INSERT INTO t VALUES (zeroblob(100000))", [])
            .unwrap_err();
        let error = into_error(Problem::from(full), Path::new("/data/sessions.db"));
        assert!(matches!(error, OpenError::DiskFull { .. }), "{error:?}");
        assert!(error.to_string().contains("free some disk space"));

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sessions.db");
        let holder = Connection::open(&path).unwrap();
        holder
            .execute_batch("CREATE TABLE t (x); BEGIN EXCLUSIVE")
            .unwrap();
        let other = Connection::open(&path).unwrap();
        other.busy_timeout(Duration::ZERO).unwrap();
        let busy = other.execute("INSERT INTO t VALUES (1)", []).unwrap_err();
        let error = into_error(Problem::from(busy), &path);
        assert!(matches!(error, OpenError::InUse { .. }), "{error:?}");
    }

    /// What makes a write survive a loss of power, which no test here can bring about.
    #[test]
    fn an_answered_write_is_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        let (db, _) = open(&folder.path().join("sessions.db"), Timestamp(0)).unwrap();
        let mode: String = db
            .pragma_query_value(None, "journal_mode", |row| row.get(0))
            .unwrap();
        let synchronous: i64 = db
            .pragma_query_value(None, "synchronous", |row| row.get(0))
            .unwrap();
        assert_eq!((mode.as_str(), synchronous), ("wal", 2), "2 is FULL");
    }
}
