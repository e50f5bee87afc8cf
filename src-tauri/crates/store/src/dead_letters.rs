//! What a webhook could not be told, kept for a person to look at and to try again.

use std::ops::RangeInclusive;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use session_core::{DeadLetter, Timestamp, Webhook, WebhookFailure, WebhookId, WebhookProblem};

use crate::deliveries::{COLUMNS, announcement, try_now};
use crate::rows::{signed, time};
use crate::webhooks::DEAD_LETTERS_KEPT;

/// The newest first.
pub(crate) fn list(
    db: &Connection,
    id: &WebhookId,
    limit: u32,
) -> rusqlite::Result<Vec<DeadLetter>> {
    db.prepare_cached(&format!(
        "SELECT {COLUMNS}, tries, died, status, problem FROM dead_letters
         WHERE webhook = ?1 ORDER BY seq DESC LIMIT ?2"
    ))?
    .query_map(params![id.as_str(), limit], letter)?
    .filter_map(Result::transpose)
    .collect()
}

/// The first that somebody wants tried again.
pub(crate) fn asked_for(db: &Connection, id: &WebhookId) -> rusqlite::Result<Option<DeadLetter>> {
    let found = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS}, tries, died, status, problem FROM dead_letters
             WHERE webhook = ?1 AND resend ORDER BY seq LIMIT 1"
        ))?
        .query_row([id.as_str()], letter)
        .optional()?;
    Ok(found.flatten())
}

fn letter(row: &Row<'_>) -> rusqlite::Result<Option<DeadLetter>> {
    let problem: String = row.get(14)?;
    let (number, tries, died, status) = (row.get(0)?, row.get(11)?, row.get(12)?, row.get(13)?);
    Ok(announcement(row)?.map(|announcement| DeadLetter {
        number,
        announcement,
        tries,
        at: time(died),
        failure: WebhookFailure {
            problem: WebhookProblem::from_code(&problem).unwrap_or(WebhookProblem::Connection),
            status,
        },
    }))
}

/// Has one tried again, or all, and says how many.
pub(crate) fn resend(
    db: &Connection,
    id: &WebhookId,
    number: Option<i64>,
) -> rusqlite::Result<usize> {
    db.prepare_cached(
        "UPDATE dead_letters SET resend = 1 WHERE webhook = ?1 AND (?2 IS NULL OR seq = ?2)",
    )?
    .execute(params![id.as_str(), number])
}

/// Throws one away, or all, and says how many.
pub(crate) fn discard(
    db: &Connection,
    id: &WebhookId,
    number: Option<i64>,
) -> rusqlite::Result<usize> {
    db.prepare_cached("DELETE FROM dead_letters WHERE webhook = ?1 AND (?2 IS NULL OR seq = ?2)")?
        .execute(params![id.as_str(), number])
}

/// One arrived after all. The receiver works again, so what waits need not wait longer.
pub(crate) fn arrived(
    db: &Connection,
    id: &WebhookId,
    number: i64,
    at: Timestamp,
) -> rusqlite::Result<()> {
    discard(db, id, Some(number))?;
    try_now(db, id, at)
}

/// One failed again. The others that were to be tried would hold up what waits, and are not.
pub(crate) fn failed(
    db: &Connection,
    id: &WebhookId,
    number: i64,
    failure: WebhookFailure,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE dead_letters SET tries = tries + 1, status = ?3, problem = ?4 WHERE webhook = ?1 AND seq = ?2",
    )?
    .execute(params![
        id.as_str(),
        number,
        failure.status,
        failure.problem.code()
    ])?;
    db.prepare_cached("UPDATE dead_letters SET resend = 0 WHERE webhook = ?1 AND resend")?
        .execute([id.as_str()])?;
    Ok(())
}

/// Gives up on what of these announcements the webhook was to be told.
pub(crate) fn bury(
    db: &Connection,
    webhook: &Webhook,
    line: RangeInclusive<i64>,
    tries: u32,
    failure: WebhookFailure,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let mut query = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM announcements WHERE seq > ?1 AND seq <= ?2 ORDER BY seq"
    ))?;
    let mut insert = db.prepare_cached(
        "INSERT INTO dead_letters (webhook, id, cliente, at, event, previous, current, reason, message, details,
             content, tries, died, status, problem)
         SELECT ?1, id, cliente, at, event, previous, current, reason, message, details,
             CASE WHEN ?2 THEN content END, ?3, ?4, ?5, ?6
         FROM announcements WHERE seq = ?7",
    )?;
    let mut rows = query.query([*line.start(), *line.end()])?;
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        if let Some(found) = announcement(row)?
            && webhook.wants(found.event, found.cliente)
        {
            insert.execute(params![
                webhook.id.as_str(),
                webhook.content,
                tries,
                signed(at.0),
                failure.status,
                failure.problem.code(),
                seq,
            ])?;
        }
    }
    let dropped = db
        .prepare_cached(
            "DELETE FROM dead_letters WHERE webhook = ?1 AND seq <=
                 (SELECT seq FROM dead_letters WHERE webhook = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
        )?
        .execute(params![webhook.id.as_str(), DEAD_LETTERS_KEPT])?;
    let dropped = u32::try_from(dropped).unwrap_or(u32::MAX);
    if dropped > 0 {
        tracing::warn!(webhook = %webhook.id, dropped, "a webhook has too many dead letters; the oldest were dropped");
        db.prepare_cached("UPDATE webhooks SET lost = lost + ?2 WHERE id = ?1")?
            .execute(params![webhook.id.as_str(), dropped])?;
    }
    Ok(())
}

/// Gives up on everything that waits for the webhook.
pub(crate) fn bury_all(
    db: &Connection,
    webhook: &Webhook,
    cursor: i64,
    problem: WebhookProblem,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let failure = WebhookFailure {
        problem,
        status: None,
    };
    bury(db, webhook, cursor..=i64::MAX, 0, failure, at)
}
