//! Reading rows of messages. Plain functions over a connection.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use session_core::ports::{MessageFilter, Pending};
use session_core::{
    ChatId, ClienteId, FailureCode, Fingerprint, IdempotencyKey, MessageId, MessageKey,
    MessageKind, MessageRecord, MessageStatus, MessageText, PendingMessage, QueuedContent,
    QueuedMedia,
};

use crate::media_rows;
use crate::rows::{signed, time};

/// What a record is read from, in this order.
const RECORD: &str = "key, cliente, status, reason, kind, masked, message_id, attempts, created, updated, expires, \
                      fingerprint, chat IS NOT NULL";

pub(crate) fn message(
    db: &Connection,
    key: &MessageKey,
) -> rusqlite::Result<Option<MessageRecord>> {
    let sql = format!("SELECT {RECORD} FROM messages WHERE key = ?1");
    db.prepare_cached(&sql)?
        .query_row([key.as_str()], record)
        .optional()
}

pub(crate) fn repeated(
    db: &Connection,
    cliente: ClienteId,
    key: &IdempotencyKey,
) -> rusqlite::Result<Option<MessageRecord>> {
    let sql = format!("SELECT {RECORD} FROM messages WHERE cliente = ?1 AND idempotency = ?2");
    db.prepare_cached(&sql)?
        .query_row(params![signed(cliente.get()), key.fingerprint()], record)
        .optional()
}

pub(crate) fn messages(
    db: &Connection,
    wanted: MessageFilter,
) -> rusqlite::Result<Vec<MessageRecord>> {
    let cliente = wanted.cliente.map(|id| signed(id.get()));
    let status = wanted.status.map(MessageStatus::as_str);
    // One statement for each, so that each finds its index.
    let only = match (cliente, status) {
        (None, None) => "?1 IS NULL AND ?2 IS NULL",
        (Some(_), None) => "cliente = ?1 AND ?2 IS NULL",
        (None, Some(_)) => "?1 IS NULL AND status = ?2",
        (Some(_), Some(_)) => "cliente = ?1 AND status = ?2",
    };
    let sql = format!("SELECT {RECORD} FROM messages WHERE {only} ORDER BY seq DESC LIMIT ?3");
    db.prepare_cached(&sql)?
        .query_map(params![cliente, status, wanted.limit], record)?
        .collect()
}

pub(crate) fn next(
    db: &Connection,
    cliente: ClienteId,
) -> rusqlite::Result<Option<PendingMessage>> {
    db.prepare_cached(
        "SELECT key, status, attempts, expires, kind, chat, text, media, mime, name FROM messages
         WHERE cliente = ?1 AND status IN ('queued', 'sending') ORDER BY seq LIMIT 1",
    )?
    .query_row([signed(cliente.get())], |row| {
        Ok(PendingMessage {
            key: key(row, 0)?,
            status: status(row, 1)?,
            attempts: row.get(2)?,
            expires: time(row.get(3)?),
            content: content(row)?,
        })
    })
    .optional()
}

/// What a message holds; nothing if that makes no message.
fn content(row: &Row<'_>) -> rusqlite::Result<Option<QueuedContent>> {
    let kind: String = row.get(4)?;
    let chat: Option<String> = row.get(5)?;
    let text: Option<String> = row.get(6)?;
    let media: Option<String> = row.get(7)?;
    let mime: Option<String> = row.get(8)?;
    let name: Option<String> = row.get(9)?;
    let content = || {
        let text = text.and_then(MessageText::new);
        let media = match (MessageKind::parse(&kind)?.media(), media) {
            (Some(kind), Some(id)) => Some(QueuedMedia {
                id: id.parse().ok()?,
                kind,
                mime: mime?,
                name,
                copied: None,
            }),
            (None, None) if text.is_some() => None,
            _ => return None,
        };
        Some(QueuedContent {
            chat: ChatId::parse(&chat?).ok()?,
            text,
            media,
        })
    };
    Ok(content())
}

pub(crate) fn pending(db: &Connection) -> rusqlite::Result<Vec<(ClienteId, Pending)>> {
    db.prepare_cached(
        "SELECT cliente, sum(status = 'queued'), sum(status = 'sending') FROM messages
         WHERE status IN ('queued', 'sending') GROUP BY cliente",
    )?
    .query_map([], |row| {
        let pending = Pending {
            queued: row.get(1)?,
            sending: row.get(2)?,
        };
        Ok((cliente(row, 0)?, pending))
    })?
    .collect()
}

/// Whether the tables are there as this program knows them.
pub(crate) fn readable(db: &Connection) -> rusqlite::Result<()> {
    let sql =
        format!("SELECT {RECORD}, seq, idempotency, text, media, mime, name FROM messages LIMIT 1");
    db.query_row(&sql, [], |_| Ok(())).optional()?;
    media_rows::readable(db)
}

fn record(row: &Row<'_>) -> rusqlite::Result<MessageRecord> {
    let reason: Option<String> = row.get(3)?;
    let kind: String = row.get(4)?;
    let message_id: Option<String> = row.get(6)?;
    let fingerprint: Fingerprint = row.get(11)?;
    Ok(MessageRecord {
        key: key(row, 0)?,
        cliente: cliente(row, 1)?,
        status: status(row, 2)?,
        reason: reason.as_deref().map(FailureCode::of),
        kind: MessageKind::parse(&kind).ok_or_else(|| strange(4))?,
        to: row.get(5)?,
        message_id: message_id.map(MessageId::new),
        attempts: row.get(7)?,
        created: time(row.get(8)?),
        updated: time(row.get(9)?),
        expires: time(row.get(10)?),
        fingerprint,
        content_kept: row.get(12)?,
    })
}

pub(crate) fn key(row: &Row<'_>, column: usize) -> rusqlite::Result<MessageKey> {
    let text: String = row.get(column)?;
    text.parse().map_err(|_| strange(column))
}

pub(crate) fn cliente(row: &Row<'_>, column: usize) -> rusqlite::Result<ClienteId> {
    let id: i64 = row.get(column)?;
    u64::try_from(id)
        .ok()
        .and_then(|id| ClienteId::try_from(id).ok())
        .ok_or_else(|| strange(column))
}

pub(crate) fn status(row: &Row<'_>, column: usize) -> rusqlite::Result<MessageStatus> {
    let text: String = row.get(column)?;
    MessageStatus::parse(&text).ok_or_else(|| strange(column))
}

/// Something that this program never writes.
fn strange(column: usize) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(
        column,
        rusqlite::types::Type::Text,
        "a value of another version".into(),
    )
}
