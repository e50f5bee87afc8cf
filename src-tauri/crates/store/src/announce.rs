//! What webhooks are told, written down together with the change that it tells of: either both are on disk or neither
//! is. While no webhook is switched on, a trigger of the database drops it.

use rusqlite::{Connection, params};
use session_core::{
    Change, ClienteId, MessageKey, MessageStatus, News, StateName, Timestamp, WebhookEvent,
};

use crate::rows::signed;

/// A session went from one state to another.
pub(crate) fn change(db: &Connection, id: ClienteId, change: &Change) -> rusqlite::Result<()> {
    let mut insert = db.prepare_cached(
        "INSERT INTO announcements (id, cliente, at, event, previous, current, reason)
         VALUES (lower(hex(randomblob(16))), ?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let mut tell = |event: WebhookEvent| {
        insert.execute(params![
            signed(id.get()),
            signed(change.at.0),
            event.as_str(),
            change.from.as_str(),
            change.to.as_str(),
            change.reason.code(),
        ])
    };
    tell(WebhookEvent::SessionStatus)?;
    if change.to == StateName::Ready {
        tell(WebhookEvent::SessionReady)?;
    }
    Ok(())
}

/// A cliente was forgotten.
pub(crate) fn removed(db: &Connection, id: ClienteId, now: Timestamp) -> rusqlite::Result<()> {
    news(
        db,
        &News {
            cliente: id,
            at: now,
            event: WebhookEvent::SessionRemoved,
            reason: None,
            message: None,
            details: None,
            content: None,
        },
    )
}

/// Something that no change in the store tells of.
pub(crate) fn news(db: &Connection, news: &News) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO announcements (id, cliente, at, event, reason, message, details, content)
         SELECT lower(hex(randomblob(16))), ?1, ?2, ?3, ?4, ?5, ?6,
             CASE WHEN EXISTS (SELECT 1 FROM webhooks WHERE enabled AND content) THEN ?7 END",
    )?
    .execute(params![
        signed(news.cliente.get()),
        signed(news.at.0),
        news.event.as_str(),
        news.reason,
        news.message,
        news.details,
        news.content,
    ])?;
    Ok(())
}

/// The number of the last announcement there was.
pub(crate) fn last(db: &Connection) -> rusqlite::Result<i64> {
    db.prepare_cached(
        "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'announcements'",
    )?
    .query_row([], |row| row.get(0))
}

/// A message went from one status to another.
pub(crate) fn message(
    db: &Connection,
    id: ClienteId,
    key: &MessageKey,
    previous: Option<MessageStatus>,
    status: MessageStatus,
    reason: Option<&str>,
    at: Timestamp,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO announcements (id, cliente, at, event, previous, current, reason, message)
         VALUES (lower(hex(randomblob(16))), ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        signed(id.get()),
        signed(at.0),
        WebhookEvent::MessageStatus.as_str(),
        previous.map(MessageStatus::as_str),
        status.as_str(),
        reason,
        key.as_str(),
    ])?;
    Ok(())
}
