//! Reading and writing rows. Plain functions over a connection; the thread in [`crate::store`] calls them.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use session_core::{
    Account, Change, ClienteId, ClienteRecord, PhoneNumber, Reason, StateName, Timestamp, Wanted,
};

use crate::{announce, message_rows, messages, webhooks};

/// Changes of state that are kept per cliente; the oldest go first.
pub const TIMELINE_KEPT: u32 = 1000;

pub(crate) fn clientes(db: &Connection) -> rusqlite::Result<Vec<ClienteRecord>> {
    let mut query = db.prepare_cached(
        "SELECT id, name, note, wanted, created, account_number, account_name, self_test
         FROM clientes ORDER BY id",
    )?;
    query
        .query_map([], cliente)?
        .filter_map(Result::transpose)
        .collect()
}

/// A cliente; nothing for a row that cannot be one, so that one odd row does not hide all others.
fn cliente(row: &Row<'_>) -> rusqlite::Result<Option<ClienteRecord>> {
    let id: i64 = row.get(0)?;
    let Some(id) = u64::try_from(id)
        .ok()
        .and_then(|id| ClienteId::try_from(id).ok())
    else {
        tracing::warn!("a cliente with an impossible id is left out");
        return Ok(None);
    };
    let wanted: String = row.get(3)?;
    let number: Option<String> = row.get(5)?;
    let name: Option<String> = row.get(6)?;
    Ok(Some(ClienteRecord {
        id,
        name: row.get(1)?,
        note: row.get(2)?,
        // A word of another version: what nobody is known to want is not started.
        wanted: match wanted.as_str() {
            RUNNING => Wanted::Running,
            _ => Wanted::Stopped,
        },
        created: time(row.get(4)?),
        account: number
            .and_then(|number| PhoneNumber::parse(&number).ok())
            .map(|number| Account { number, name }),
        self_test: row.get(7)?,
    }))
}

pub(crate) fn save(db: &Connection, record: &ClienteRecord) -> rusqlite::Result<()> {
    let account = record.account.as_ref();
    db.prepare_cached(
        "INSERT INTO clientes (id, name, note, wanted, created, account_number, account_name, self_test)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (id) DO UPDATE SET
             name = excluded.name, note = excluded.note, wanted = excluded.wanted, created = excluded.created,
             account_number = excluded.account_number, account_name = excluded.account_name,
             self_test = excluded.self_test",
    )?
    .execute(params![
        signed(record.id.get()),
        record.name,
        record.note,
        match record.wanted {
            Wanted::Running => RUNNING,
            Wanted::Stopped => STOPPED,
        },
        signed(record.created.0),
        account.map(|account| account.number.reveal()),
        account.and_then(|account| account.name.as_deref()),
        record.self_test,
    ])?;
    Ok(())
}

/// All of them, or none.
pub(crate) fn save_all(db: &mut Connection, records: &[ClienteRecord]) -> rusqlite::Result<()> {
    let write = db.transaction()?;
    for record in records {
        save(&write, record)?;
    }
    write.commit()
}

/// A cliente goes with everything that is known of it.
pub(crate) fn remove(db: &mut Connection, id: ClienteId, now: Timestamp) -> rusqlite::Result<()> {
    let write = db.transaction()?;
    messages::forget(&write, id)?;
    let removed = write
        .prepare_cached("DELETE FROM clientes WHERE id = ?1")?
        .execute([signed(id.get())])?;
    if removed > 0 {
        announce::removed(&write, id, now)?;
    }
    write.commit()
}

/// Adds a change and drops what is too old. A change of a cliente that was forgotten meanwhile is dropped silently:
/// the store works, there is just nothing left to write it to.
pub(crate) fn record(
    db: &mut Connection,
    cliente: ClienteId,
    change: &Change,
    kept: u32,
) -> rusqlite::Result<()> {
    let id = signed(cliente.get());
    let write = db.transaction()?;
    write
        .prepare_cached(
            "INSERT INTO timeline (cliente, at, before, after, reason)
             SELECT id, ?2, ?3, ?4, ?5 FROM clientes WHERE id = ?1",
        )?
        .execute(params![
            id,
            signed(change.at.0),
            change.from.as_str(),
            change.to.as_str(),
            change.reason.code(),
        ])?;
    write
        .prepare_cached(
            "DELETE FROM timeline WHERE cliente = ?1 AND seq <=
                 (SELECT seq FROM timeline WHERE cliente = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
        )?
        .execute(params![id, kept])?;
    announce::change(&write, cliente, change)?;
    write.commit()
}

/// The newest changes first, in the order in which they were written: the machine's clock may have been set back in
/// between. Rows with a code that this version does not know are left out and do not count.
pub(crate) fn timeline(
    db: &Connection,
    id: ClienteId,
    limit: u32,
) -> rusqlite::Result<Vec<Change>> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut query = db.prepare_cached(
        "SELECT at, before, after, reason FROM timeline WHERE cliente = ?1 ORDER BY seq DESC",
    )?;
    query
        .query_map([signed(id.get())], change)?
        .filter_map(Result::transpose)
        .take(limit)
        .collect()
}

fn change(row: &Row<'_>) -> rusqlite::Result<Option<Change>> {
    let at = time(row.get(0)?);
    let (from, to, reason): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
    let known = || {
        Some(Change {
            from: StateName::parse(&from)?,
            to: StateName::parse(&to)?,
            reason: Reason::from_code(&reason)?,
            at,
        })
    };
    Ok(known())
}

/// Whether the tables are there as this program knows them.
pub(crate) fn readable(db: &Connection) -> rusqlite::Result<()> {
    db.query_row(
        "SELECT id, name, note, wanted, created, account_number, account_name, self_test FROM clientes LIMIT 1",
        [],
        |_| Ok(()),
    )
    .optional()?;
    db.query_row(
        "SELECT seq, cliente, at, before, after, reason FROM timeline LIMIT 1",
        [],
        |_| Ok(()),
    )
    .optional()?;
    message_rows::readable(db)?;
    webhooks::readable(db)
}

const RUNNING: &str = "running";
const STOPPED: &str = "stopped";

/// SQLite has no unsigned numbers; ids and times of this century fit.
pub(crate) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(crate) fn time(stored: i64) -> Timestamp {
    Timestamp(u64::try_from(stored).unwrap_or_default())
}
