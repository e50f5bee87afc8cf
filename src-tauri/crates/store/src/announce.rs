//! What webhooks are told, written down together with the change that it tells of: either both are on disk or neither
//! is. Nothing is written while there is no webhook.

use rusqlite::{Connection, params};
use session_core::{Change, ClienteId};

use crate::rows::signed;

/// A session went from one state to another.
pub(crate) fn change(db: &Connection, id: ClienteId, change: &Change) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO announcements (id, cliente, at, event, previous, current, reason)
         SELECT lower(hex(randomblob(16))), ?1, ?2, 'session.status', ?3, ?4, ?5
         WHERE EXISTS (SELECT 1 FROM webhooks)",
    )?
    .execute(params![
        signed(id.get()),
        signed(change.at.0),
        change.from.as_str(),
        change.to.as_str(),
        change.reason.code(),
    ])?;
    Ok(())
}
