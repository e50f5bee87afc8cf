//! Writing rows of messages. Plain functions over a connection, each change in one transaction with what webhooks are told.

use rusqlite::{Connection, OptionalExtension as _, ToSql, Transaction, params};
use session_core::ports::{Added, PendingLimits};
use session_core::{
    ClienteId, FailureCode, IdempotencyKey, MessageChange, MessageId, MessageKey, MessageStatus,
    MessageStep, MessageText, NewMessage, Timestamp,
};

use crate::announce;
use crate::media_rows;
use crate::message_rows::{cliente, key, repeated, status};
use crate::rows::{signed, time};

pub(crate) fn add(
    db: &mut Connection,
    message: &NewMessage,
    most: PendingLimits,
) -> rusqlite::Result<Added> {
    let write = db.transaction()?;
    if let Some(key) = &message.idempotency
        && let Some(record) = repeated(&write, message.cliente, key)?
    {
        return Ok(Added::Repeated(Box::new(record)));
    }
    if message.content.is_some() && is_full(&write, message.cliente, most)? {
        return Ok(Added::Full);
    }
    if let Some(media) = message.content.as_ref().and_then(|it| it.media.as_ref()) {
        match &media.copied {
            Some(copied) => media_rows::add(&write, copied)?,
            None if media_rows::find(&write, &media.id)?.is_none() => return Ok(Added::NoMedia),
            None => {}
        }
    }
    let status = match message.sent {
        Some(_) => MessageStatus::Sent,
        None => MessageStatus::Queued,
    };
    insert(&write, message, status)?;
    announce::message(
        &write,
        message.cliente,
        &message.key,
        None,
        status,
        None,
        message.created,
    )?;
    write.commit()?;
    Ok(Added::New)
}

fn insert(db: &Connection, message: &NewMessage, status: MessageStatus) -> rusqlite::Result<()> {
    let content = message.content.as_ref();
    let media = content.and_then(|content| content.media.as_ref());
    db.prepare_cached(
        "INSERT INTO messages (key, cliente, idempotency, fingerprint, status, kind, masked, message_id, attempts,
             created, updated, expires, chat, text, media, mime, name)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?
    .execute(params![
        message.key.as_str(),
        signed(message.cliente.get()),
        message.idempotency.as_ref().map(IdempotencyKey::fingerprint),
        message.fingerprint,
        status.as_str(),
        message.kind.as_str(),
        message.to,
        message.sent.as_ref().map(MessageId::reveal),
        u32::from(message.sent.is_some()),
        signed(message.created.0),
        signed(message.expires.0),
        content.map(|content| content.chat.reveal()),
        content.and_then(|content| content.text.as_ref()).map(MessageText::reveal),
        media.map(|media| media.id.as_str()),
        media.map(|media| media.mime.as_str()),
        media.and_then(|media| media.name.as_deref()),
    ])?;
    Ok(())
}

fn is_full(db: &Connection, cliente: ClienteId, most: PendingLimits) -> rusqlite::Result<bool> {
    let count = |sql, params: &[&dyn ToSql]| -> rusqlite::Result<i64> {
        db.prepare_cached(sql)?.query_row(params, |row| row.get(0))
    };
    let of_cliente = count(
        "SELECT count(*) FROM messages WHERE cliente = ?1 AND status IN ('queued', 'sending')",
        &[&signed(cliente.get())],
    )?;
    let of_all = count(
        "SELECT count(*) FROM messages WHERE status IN ('queued', 'sending')",
        &[],
    )?;
    Ok(of_cliente >= i64::from(most.of_cliente) || of_all >= i64::from(most.of_all))
}

pub(crate) fn change(
    db: &mut Connection,
    step: &MessageStep,
) -> rusqlite::Result<Option<MessageChange>> {
    let write = db.transaction()?;
    let change = take(&write, step)?;
    if change.is_some() {
        write.commit()?;
    }
    Ok(change)
}

/// Changes a row if it is what it has to be, and announces it.
fn take(write: &Transaction<'_>, step: &MessageStep) -> rusqlite::Result<Option<MessageChange>> {
    let found = write
        .prepare_cached("SELECT cliente, status, updated FROM messages WHERE key = ?1")?
        .query_row([step.key.as_str()], |row| {
            Ok((cliente(row, 0)?, status(row, 1)?, time(row.get(2)?)))
        })
        .optional()?;
    let Some((cliente, previous, since)) = found else {
        return Ok(None);
    };
    if !step.from.contains(&previous) {
        return Ok(None);
    }
    let reason = step.reason.as_ref().map(FailureCode::as_str);
    write
        .prepare_cached(
            "UPDATE messages SET
                 status = ?2,
                 reason = CASE WHEN ?2 = 'sending' THEN reason ELSE ?3 END,
                 attempts = attempts + (?2 = 'sending'),
                 message_id = coalesce(message_id, ?4),
                 expires = coalesce(?5, expires),
                 updated = ?6
             WHERE key = ?1",
        )?
        .execute(params![
            step.key.as_str(),
            step.to.as_str(),
            reason,
            step.message_id.as_ref().map(MessageId::reveal),
            step.expires.map(|expires| signed(expires.0)),
            signed(step.at.0),
        ])?;
    if step.requeue {
        write
            .prepare_cached(
                "UPDATE messages SET seq = (SELECT max(seq) + 1 FROM messages) WHERE key = ?1",
            )?
            .execute([step.key.as_str()])?;
    }
    if step.erases() {
        write
            .prepare_cached(
                "UPDATE messages SET chat = NULL, text = NULL, media = NULL, mime = NULL, name = NULL WHERE key = ?1",
            )?
            .execute([step.key.as_str()])?;
    }
    if previous != step.to {
        announce::message(
            write,
            cliente,
            &step.key,
            Some(previous),
            step.to,
            reason,
            step.at,
        )?;
    }
    Ok(Some(MessageChange {
        cliente,
        key: step.key.clone(),
        previous: Some(previous),
        status: step.to,
        reason: step.reason.clone(),
        at: step.at,
        after: step.at.since(since),
    }))
}

pub(crate) fn expire(
    db: &mut Connection,
    now: Timestamp,
) -> rusqlite::Result<(Vec<MessageChange>, Option<Timestamp>)> {
    let write = db.transaction()?;
    let late: Vec<MessageKey> = write
        .prepare_cached("SELECT key FROM messages WHERE status = 'queued' AND expires <= ?1")?
        .query_map([signed(now.0)], |row| key(row, 0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut changes = Vec::new();
    for key in late {
        let step = MessageStep {
            from: &[MessageStatus::Queued],
            ..MessageStep::failed(key, FailureCode::EXPIRED, now)
        };
        changes.extend(take(&write, &step)?);
    }
    let next: Option<i64> = write
        .prepare_cached("SELECT min(expires) FROM messages WHERE status = 'queued'")?
        .query_row([], |row| row.get(0))?;
    write.commit()?;
    Ok((changes, next.map(time)))
}

pub(crate) fn forget(db: &Connection, cliente: ClienteId) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM messages WHERE cliente = ?1")?
        .execute([signed(cliente.get())])?;
    Ok(())
}
