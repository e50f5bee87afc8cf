//! Opening the database file: what can be wrong with it, and what is done about it.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};
use session_core::Timestamp;

use crate::rows;
use crate::schema::{APPLICATION_ID, MIGRATIONS, version};

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
    /// There was no file before.
    pub created: bool,
    /// The file that was there could not be used. The store begins empty.
    pub set_aside: Option<SetAside>,
}

/// A file that could not be used, and where it is now. Nothing of it was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Its new place; a `-wal` and a `-shm` beside it, if there were any.
    pub path: PathBuf,
    /// What is wrong with it.
    pub detail: String,
}

const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) fn open(path: &Path, now: Timestamp) -> Result<(Connection, OpenReport), OpenError> {
    let mut report = OpenReport {
        created: prepare_file(path)?,
        set_aside: None,
    };
    match try_open(path) {
        Ok(db) => Ok((db, report)),
        Err(Problem::Damaged(detail)) => {
            let aside = set_aside(path, now).map_err(|cause| OpenError::NotSetAside {
                path: path.to_owned(),
                cause,
            })?;
            report.set_aside = Some(SetAside {
                path: aside,
                detail,
            });
            prepare_file(path)?;
            let db = try_open(path).map_err(|problem| problem.into_error(path))?;
            Ok((db, report))
        }
        Err(problem) => Err(problem.into_error(path)),
    }
}

/// Makes sure that the file exists and that only its owner can read it, before anything is written to it. SQLite
/// gives its side files the permissions of the main one. Says whether the file is new.
fn prepare_file(path: &Path) -> Result<bool, OpenError> {
    let prepare = || {
        if let Some(folder) = path.parent() {
            make_folder(folder)?;
        }
        let created = match private().create_new(true).open(path) {
            Ok(_) => true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            Err(error) => return Err(error),
        };
        if !fs::metadata(path)?.is_file() {
            return Err(io::Error::other("there is something else of this name"));
        }
        restrict(path)?;
        Ok(created)
    };
    prepare().map_err(|error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => OpenError::DiskFull {
            path: path.to_owned(),
        },
        _ => OpenError::NotWritable {
            path: path.to_owned(),
            detail: error.to_string(),
        },
    })
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

fn private() -> fs::OpenOptions {
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

enum Problem {
    Damaged(String),
    Newer(i64),
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        match code(&error) {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Self::Damaged(error.to_string())
            }
            _ => Self::Sqlite(error),
        }
    }
}

impl Problem {
    fn into_error(self, path: &Path) -> OpenError {
        let path = path.to_owned();
        match self {
            Self::Newer(found) => OpenError::Newer {
                path,
                found,
                known: version(),
            },
            Self::Damaged(detail) => OpenError::Other { path, detail },
            Self::Sqlite(error) => match code(&error) {
                Some(ErrorCode::DiskFull) => OpenError::DiskFull { path },
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                    OpenError::InUse { path }
                }
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
    rows::readable(&db).map_err(unexpected_tables)?;
    Ok(db)
}

/// SQLite's code, also for an error in a statement.
fn code(error: &rusqlite::Error) -> Option<ErrorCode> {
    match error {
        rusqlite::Error::SqlInputError { error, .. } => Some(error.code),
        _ => error.sqlite_error_code(),
    }
}

/// Looks at the file without the right to change it, so that one that is not ours to change stays as it is.
fn inspect(path: &Path) -> Result<(), Problem> {
    let db = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    let number = |pragma| db.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let owner = number("application_id")?;
    if owner != 0 && owner != i64::from(APPLICATION_ID) {
        return Err(Problem::Damaged(
            "it is the database of another program".to_owned(),
        ));
    }
    let found = number("user_version")?;
    if found > version() {
        return Err(Problem::Newer(found));
    }
    let verdict: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(Problem::Damaged(verdict));
    }
    Ok(())
}

/// The tables are not what the file's version says: SQLite's plain error, as for "no such column".
fn unexpected_tables(error: rusqlite::Error) -> Problem {
    match code(&error) {
        Some(ErrorCode::Unknown) => Problem::Damaged(error.to_string()),
        _ => Problem::from(error),
    }
}

/// Renames the file and its side files to `<name>.broken-<unix ms>…`, under names that are free.
fn set_aside(path: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let mut stamp = now.0;
    let aside = loop {
        let candidate = with_suffix(path, &format!(".broken-{stamp}"));
        if !candidate.try_exists()? {
            break candidate;
        }
        stamp += 1;
    };
    // The side files first: a main file that is gone while its log is still there would lend it to the new one.
    for side in ["-wal", "-shm"] {
        match fs::rename(with_suffix(path, side), with_suffix(&aside, side)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(path, &aside)?;
    Ok(aside)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
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
        let error = Problem::from(full).into_error(Path::new("/data/sessions.db"));
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
        let error = Problem::from(busy).into_error(&path);
        assert!(matches!(error, OpenError::InUse { .. }), "{error:?}");
    }

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
}
