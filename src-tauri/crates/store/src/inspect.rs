//! What can be wrong with a database file, found without changing it.

use std::fmt;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::schema::{APPLICATION_ID, version};
use crate::{files, rows};

/// How long another process may hold the file.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a file cannot be used.
#[derive(Debug)]
pub(crate) enum Problem {
    /// It is no database of ours, or not any more.
    Damaged(String),
    /// A newer version of the program wrote it, in this format.
    Newer(i64),
    /// Something else, which may pass.
    Sqlite(rusqlite::Error),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(detail) => f.write_str(detail),
            Self::Newer(found) => write!(f, "a newer version wrote it (format {found})"),
            Self::Sqlite(error) => error.fmt(f),
        }
    }
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

/// SQLite's code, also for an error in a statement.
pub(crate) fn code(error: &rusqlite::Error) -> Option<ErrorCode> {
    match error {
        rusqlite::Error::SqlInputError { error, .. } => Some(error.code),
        _ => error.sqlite_error_code(),
    }
}

/// Looks at the file without the right to change it, so that one that is not ours to change stays as it is.
pub(crate) fn inspect(path: &Path) -> Result<(), Problem> {
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
    if is_cut_off(path, number("page_size")?) {
        return Err(Problem::Damaged("its end is missing".to_owned()));
    }
    let verdict: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(Problem::Damaged(verdict));
    }
    if found == version() {
        rows::readable(&db).map_err(unexpected_tables)?;
    }
    Ok(())
}

/// Looks whether the database can be used, and tells how many clientes it knows. Changes nothing, and can be done beside
/// the program that uses it. An error says what is wrong with it.
pub fn look(path: &Path) -> Result<usize, String> {
    inspect(path).map_err(|problem| problem.to_string())?;
    let count = || -> rusqlite::Result<i64> {
        let db = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        db.busy_timeout(BUSY_TIMEOUT)?;
        db.query_row("SELECT count(*) FROM clientes", [], |row| row.get(0))
    };
    let number = count().map_err(|error| error.to_string())?;
    Ok(usize::try_from(number).unwrap_or_default())
}

/// The tables are not what the file's version says: SQLite's plain error, as for "no such column".
pub(crate) fn unexpected_tables(error: rusqlite::Error) -> Problem {
    match code(&error) {
        Some(ErrorCode::Unknown) => Problem::Damaged(error.to_string()),
        _ => Problem::from(error),
    }
}

/// Whether the file ends within a page: SQLite would read what is missing as zeros. With a log beside it, its end may
/// be there.
fn is_cut_off(path: &Path, page: i64) -> bool {
    let size = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
    u64::try_from(page).is_ok_and(|page| page > 0 && size(path) % page != 0)
        && size(&files::with_suffix(path, "-wal")) == 0
}

/// Whether the write-ahead log beside the file was overwritten with something else. SQLite takes such a log for an
/// empty one, and with it the newest changes would be gone without a word.
///
/// A log that is short or begins with zeros is none: that is what a loss of power leaves of one whose beginning had
/// not been synced yet, and then nothing in it was.
pub(crate) fn log_is_foreign(path: &Path) -> bool {
    /// Two magic numbers, one for each byte order of the checksums, and the only format there has been.
    const BEGINNINGS: [[u8; 8]; 2] = [
        [0x37, 0x7f, 0x06, 0x82, 0x00, 0x2d, 0xe2, 0x18],
        [0x37, 0x7f, 0x06, 0x83, 0x00, 0x2d, 0xe2, 0x18],
    ];
    let mut head = [0; 32];
    let read = File::open(files::with_suffix(path, "-wal"))
        .and_then(|mut log| log.read_exact(&mut head))
        .is_ok();
    read && head != [0; 32] && !BEGINNINGS.iter().any(|known| head.starts_with(known))
}
