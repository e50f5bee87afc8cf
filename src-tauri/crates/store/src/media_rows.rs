//! Rows of files that are to be sent, and what is forgotten when it is old.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, params};
use session_core::ports::Retention;
use session_core::{MediaId, MediaRecord, Timestamp};

use crate::rows::{signed, time};

pub(crate) fn add(db: &Connection, media: &MediaRecord) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO media (id, mime, name, size, created) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        media.id.as_str(),
        media.mime,
        media.name,
        signed(media.size),
        signed(media.created.0),
    ])?;
    Ok(())
}

pub(crate) fn find(db: &Connection, id: &MediaId) -> rusqlite::Result<Option<MediaRecord>> {
    db.prepare_cached("SELECT mime, name, size, created FROM media WHERE id = ?1")?
        .query_row([id.as_str()], |row| {
            Ok(MediaRecord {
                id: id.clone(),
                mime: row.get(0)?,
                name: row.get(1)?,
                size: u64::try_from(row.get::<_, i64>(2)?).unwrap_or_default(),
                created: time(row.get(3)?),
            })
        })
        .optional()
}

pub(crate) fn all(db: &Connection) -> rusqlite::Result<BTreeSet<MediaId>> {
    ids(db, "SELECT id FROM media", [])
}

/// Forgets what is old. The files that no message needs are forgotten too, and told.
pub(crate) fn prune(
    db: &mut Connection,
    now: Timestamp,
    kept: Retention,
) -> rusqlite::Result<Vec<MediaId>> {
    let before = |age: std::time::Duration| {
        let age = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
        signed(now.0.saturating_sub(age))
    };
    let write = db.transaction()?;
    write.execute(
        "DELETE FROM messages WHERE status NOT IN ('queued', 'sending') AND updated < ?1",
        [before(kept.messages)],
    )?;
    // Those of clientes that nobody knows any more, which nobody fails.
    write.execute(
        "DELETE FROM messages WHERE status IN ('queued', 'sending') AND expires < ?1",
        [before(kept.messages)],
    )?;
    write.execute(
        "DELETE FROM messages WHERE status NOT IN ('queued', 'sending') AND seq <=
             (SELECT seq FROM messages WHERE status NOT IN ('queued', 'sending')
              ORDER BY seq DESC LIMIT 1 OFFSET ?1)",
        [kept.rows],
    )?;
    write.execute(
        "UPDATE messages SET chat = NULL, text = NULL, media = NULL, mime = NULL, name = NULL
         WHERE status NOT IN ('queued', 'sending') AND chat IS NOT NULL AND updated < ?1",
        [before(kept.content)],
    )?;
    let unused = ids(
        &write,
        "SELECT id FROM media WHERE created <= ?1
             AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.media = media.id)",
        [before(kept.media)],
    )?;
    for id in &unused {
        write
            .prepare_cached("DELETE FROM media WHERE id = ?1")?
            .execute([id.as_str()])?;
    }
    write.commit()?;
    Ok(unused.into_iter().collect())
}

pub(crate) fn readable(db: &Connection) -> rusqlite::Result<()> {
    db.query_row(
        "SELECT id, mime, name, size, created FROM media LIMIT 1",
        [],
        |_| Ok(()),
    )
    .optional()?;
    Ok(())
}

/// Ids that are none are left out; there is no file of theirs.
fn ids(
    db: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
) -> rusqlite::Result<BTreeSet<MediaId>> {
    let mut query = db.prepare_cached(sql)?;
    let found = query.query_map(params, |row| row.get::<_, String>(0))?;
    found
        .filter_map(|id| id.map(|id| id.parse().ok()).transpose())
        .collect()
}
