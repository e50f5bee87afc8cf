//! What somebody who looks into a failure has to know of a database file. Reads only, also beside the program that uses
//! the file.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use session_core::{Change, ClienteId, ClienteRecord};

use crate::inspect::BUSY_TIMEOUT;
use crate::{rows, schema};

/// Complaints of SQLite that are passed on.
const COMPLAINTS: u32 = 20;
/// What is counted.
const TABLES: [&str; 6] = [
    "clientes",
    "timeline",
    "messages",
    "webhooks",
    "announcements",
    "dead_letters",
];

/// What was found.
#[derive(Debug, Default)]
pub struct Examination {
    /// The format of the file, and the one that this program writes.
    pub schema: (i64, i64),
    /// What SQLite's whole check says: `ok`, or its first complaints.
    pub integrity: Vec<String>,
    /// Rows by table; only of tables that are there.
    pub rows: BTreeMap<&'static str, i64>,
    /// The clientes, as far as they can be read.
    pub clientes: Vec<ClienteRecord>,
}

/// Checks the whole file. Takes seconds where it is large.
pub fn examine(path: &Path) -> Result<Examination, String> {
    let db = open(path).map_err(|error| error.to_string())?;
    let integrity = || -> rusqlite::Result<Vec<String>> {
        let mut check = db.prepare(&format!("PRAGMA integrity_check({COMPLAINTS})"))?;
        check.query_map([], |row| row.get(0))?.collect()
    };
    let found = db.pragma_query_value(None, "user_version", |row| row.get(0));
    Ok(Examination {
        schema: (found.unwrap_or(-1), schema::version()),
        integrity: integrity().unwrap_or_else(|error| vec![error.to_string()]),
        rows: TABLES
            .into_iter()
            .filter_map(|table| {
                let count = format!("SELECT count(*) FROM {table}");
                let count = db.query_row(&count, [], |row| row.get(0)).ok()?;
                Some((table, count))
            })
            .collect(),
        clientes: rows::clientes(&db).unwrap_or_default(),
    })
}

/// The newest changes of a cliente first, read from the file.
pub fn timeline(path: &Path, cliente: ClienteId, limit: u32) -> Result<Vec<Change>, String> {
    open(path)
        .and_then(|db| rows::timeline(&db, cliente, limit))
        .map_err(|error| error.to_string())
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    Ok(db)
}
