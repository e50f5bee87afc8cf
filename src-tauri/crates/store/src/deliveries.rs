//! The line of what webhooks are to be told: a log, and a cursor in it for each webhook.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use session_core::{
    Account, Announcement, ClienteId, Delivery, Outcome, PhoneNumber, Place, StateName, Timestamp,
    Tries, Webhook, WebhookEvent, WebhookFailure, WebhookId, WebhookProblem,
};

use crate::rows::{signed, time};
use crate::{announce, dead_letters, webhooks};

/// The columns that [`announcement`] reads, of announcements and of dead letters.
pub(crate) const COLUMNS: &str =
    "seq, id, cliente, at, event, previous, current, reason, message, details, content";

/// How many announcements a webhook may be past before that is written down. What it is not to be told costs no write,
/// but is read again.
const UNWRITTEN: usize = 200;

/// The last states that are told to those who want to see them.
const HISTORY: u32 = 10;

pub(crate) fn next(db: &mut Connection, id: &WebhookId) -> rusqlite::Result<Option<Delivery>> {
    let write = db.transaction()?;
    let Some((webhook, cursor, tries)) = webhooks::with_cursor(&write, id)? else {
        return Ok(None);
    };
    if !webhook.enabled {
        return Ok(None);
    }
    if let Some(letter) = dead_letters::asked_for(&write, id)? {
        return with_context(
            &write,
            webhook,
            letter.announcement,
            Place::DeadLetter(letter.number),
            None,
        )
        .map(Some);
    }
    let found = first_wanted(&write, &webhook, cursor)?;
    if let Some(past) = found.past {
        advance(&write, id, past)?;
        prune(&write)?;
    }
    let delivery = found
        .wanted
        .map(|(seq, found)| with_context(&write, webhook, found, Place::Line(seq), tries))
        .transpose()?;
    write.commit()?;
    Ok(delivery)
}

/// What there is behind a cursor.
struct Found {
    /// The first announcement that the webhook is to be told, with its number.
    wanted: Option<(i64, Announcement)>,
    /// How far it is past others, if that is worth writing down.
    past: Option<i64>,
}

fn first_wanted(db: &Connection, webhook: &Webhook, cursor: i64) -> rusqlite::Result<Found> {
    let mut query = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM announcements WHERE seq > ?1 ORDER BY seq"
    ))?;
    let mut rows = query.query([cursor])?;
    let (mut wanted, mut passed, mut past) = (None, 0, None);
    while let Some(row) = rows.next()? {
        let seq = row.get(0)?;
        if let Some(found) = announcement(row)?
            && webhook.wants(found.event, found.cliente)
        {
            wanted = Some((seq, found));
            break;
        }
        passed += 1;
        past = Some(seq);
    }
    Ok(Found {
        wanted,
        past: past.filter(|_| passed >= UNWRITTEN),
    })
}

/// What else belongs to an announcement.
fn with_context(
    db: &Connection,
    webhook: Webhook,
    mut announcement: Announcement,
    place: Place,
    tries: Option<Tries>,
) -> rusqlite::Result<Delivery> {
    let id = signed(announcement.cliente.get());
    let account: Option<(Option<String>, Option<String>)> = db
        .prepare_cached("SELECT account_number, account_name FROM clientes WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    announcement.account = account.and_then(|(number, name)| {
        let number = PhoneNumber::parse(&number?).ok()?;
        Some(Account { number, name })
    });
    let mut history: Vec<_> = db
        .prepare_cached(
            "SELECT after, at FROM timeline WHERE cliente = ?1 AND at <= ?2 ORDER BY seq DESC LIMIT ?3",
        )?
        .query_map(params![id, signed(announcement.at.0), HISTORY], |row| {
            let name: String = row.get(0)?;
            Ok(StateName::parse(&name).zip(Some(time(row.get(1)?))))
        })?
        .filter_map(Result::transpose)
        .collect::<Result<_, _>>()?;
    history.reverse();
    announcement.history = history;
    Ok(Delivery {
        webhook,
        announcement,
        place,
        tries,
    })
}

/// How many announcements behind the cursor the webhook is still to be told.
pub(crate) fn waiting(db: &Connection, webhook: &Webhook, cursor: i64) -> rusqlite::Result<u32> {
    // By kind and cliente, so that a long line is counted and not read.
    db.prepare_cached(
        "SELECT event, cliente, count(*) FROM announcements WHERE seq > ?1 GROUP BY event, cliente",
    )?
    .query_map([cursor], |row| {
        let (event, cliente, count): (String, i64, u32) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let wanted = WebhookEvent::parse(&event)
            .zip(known(cliente))
            .is_some_and(|(event, cliente)| webhook.wants(event, cliente));
        Ok(if wanted { count } else { 0 })
    })?
    .sum()
}

pub(crate) fn settle(
    db: &mut Connection,
    id: &WebhookId,
    place: Place,
    outcome: Outcome,
) -> rusqlite::Result<()> {
    let write = db.transaction()?;
    match outcome {
        Outcome::Delivered { at, status } => {
            match place {
                Place::Line(seq) => advance(&write, id, seq)?,
                Place::DeadLetter(number) => dead_letters::arrived(&write, id, number, at)?,
            }
            write
                .prepare_cached(
                    "UPDATE webhooks SET delivered = ?2, status = ?3, problem = NULL, failing = NULL WHERE id = ?1",
                )?
                .execute(params![id.as_str(), signed(at.0), status])?;
        }
        Outcome::Failed { failure, tries } => match place {
            Place::Line(_) => {
                note_failure(&write, id, failure, tries.last)?;
                write
                    .prepare_cached(
                        "UPDATE webhooks SET tries = ?2, first_try = ?3, last_try = ?4, next_try = ?5 WHERE id = ?1",
                    )?
                    .execute(params![
                        id.as_str(),
                        tries.number,
                        signed(tries.first.0),
                        signed(tries.last.0),
                        signed(tries.next.0),
                    ])?;
            }
            Place::DeadLetter(number) => {
                note_failure(&write, id, failure, tries.last)?;
                dead_letters::failed(&write, id, number, failure)?;
            }
        },
        Outcome::GivenUp { failure, at } => {
            note_failure(&write, id, failure, at)?;
            match place {
                Place::Line(seq) => give_up(&write, id, seq, failure, at)?,
                Place::DeadLetter(number) => dead_letters::failed(&write, id, number, failure)?,
            }
        }
        Outcome::Gone { at } => {
            let failure = WebhookFailure {
                problem: WebhookProblem::Gone,
                status: Some(410),
            };
            note_failure(&write, id, failure, at)?;
            match place {
                Place::Line(seq) => give_up(&write, id, seq, failure, at)?,
                Place::DeadLetter(number) => dead_letters::failed(&write, id, number, failure)?,
            }
            if let Some((webhook, cursor, _)) = webhooks::with_cursor(&write, id)? {
                dead_letters::bury_all(&write, &webhook, cursor, WebhookProblem::SwitchedOff, at)?;
            }
            write
                .prepare_cached("UPDATE webhooks SET enabled = 0 WHERE id = ?1")?
                .execute([id.as_str()])?;
        }
    }
    prune(&write)?;
    write.commit()
}

/// Goes past an announcement: it arrived, or was none of this webhook's.
fn advance(db: &Connection, id: &WebhookId, seq: i64) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE webhooks SET cursor = ?2, tries = 0, first_try = NULL, last_try = NULL, next_try = NULL
         WHERE id = ?1 AND cursor < ?2",
    )?
    .execute(params![id.as_str(), seq])?;
    Ok(())
}

/// Goes past an announcement that never arrived.
fn give_up(
    db: &Connection,
    id: &WebhookId,
    seq: i64,
    failure: WebhookFailure,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let Some((webhook, cursor, tries)) = webhooks::with_cursor(db, id)? else {
        return Ok(());
    };
    if cursor < seq {
        let tries = tries.map_or(0, |tries| tries.number) + 1;
        dead_letters::bury(db, &webhook, cursor..=seq, tries, failure, at)?;
        advance(db, id, seq)?;
    }
    Ok(())
}

fn note_failure(
    db: &Connection,
    id: &WebhookId,
    failure: WebhookFailure,
    at: Timestamp,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE webhooks SET status = ?2, problem = ?3, failing = coalesce(failing, ?4) WHERE id = ?1",
    )?
    .execute(params![
        id.as_str(),
        failure.status,
        failure.problem.code(),
        signed(at.0)
    ])?;
    Ok(())
}

/// What is next is due at once; how often it was tried still counts.
pub(crate) fn try_now(db: &Connection, id: &WebhookId, now: Timestamp) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE webhooks SET next_try = min(next_try, ?2) WHERE id = ?1")?
        .execute(params![id.as_str(), signed(now.0)])?;
    Ok(())
}

/// Is told what happens from now on.
pub(crate) fn start_over(db: &Connection, id: &WebhookId) -> rusqlite::Result<()> {
    advance(db, id, announce::last(db)?)?;
    db.prepare_cached(
        "UPDATE webhooks SET status = NULL, problem = NULL, failing = NULL WHERE id = ?1",
    )?
    .execute([id.as_str()])?;
    Ok(())
}

/// Drops what everybody is past.
pub(crate) fn prune(db: &Connection) -> rusqlite::Result<()> {
    db.prepare_cached(
        "DELETE FROM announcements WHERE seq <=
             coalesce((SELECT min(cursor) FROM webhooks WHERE enabled), 9223372036854775807)",
    )?
    .execute([])?;
    Ok(())
}

/// Keeps the line from growing for ever: whoever is too far behind goes on with the newest `kept`.
pub(crate) fn trim(db: &mut Connection, kept: u32, now: Timestamp) -> rusqlite::Result<()> {
    let write = db.transaction()?;
    let oldest: Option<i64> = write
        .prepare_cached("SELECT seq FROM announcements ORDER BY seq DESC LIMIT 1 OFFSET ?1")?
        .query_row([kept], |row| row.get(0))
        .optional()?;
    let Some(oldest) = oldest else { return Ok(()) };
    let behind: Vec<String> = write
        .prepare_cached("SELECT id FROM webhooks WHERE enabled AND cursor < ?1")?
        .query_map([oldest], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let failure = WebhookFailure {
        problem: WebhookProblem::Overflow,
        status: None,
    };
    for id in behind.iter().filter_map(|id| id.parse().ok()) {
        if let Some((webhook, cursor, _)) = webhooks::with_cursor(&write, &id)? {
            tracing::warn!(webhook = %id, "a webhook is too far behind; what is oldest goes to its dead letters");
            dead_letters::bury(&write, &webhook, cursor..=oldest, 0, failure, now)?;
            advance(&write, &id, oldest)?;
        }
    }
    prune(&write)?;
    write.commit()
}

/// An announcement; nothing for one of another version.
pub(crate) fn announcement(row: &Row<'_>) -> rusqlite::Result<Option<Announcement>> {
    let event: String = row.get(4)?;
    let Some((cliente, event)) = known(row.get(2)?).zip(WebhookEvent::parse(&event)) else {
        return Ok(None);
    };
    Ok(Some(Announcement {
        id: row.get(1)?,
        cliente,
        at: time(row.get(3)?),
        event,
        previous: row.get(5)?,
        current: row.get(6)?,
        reason: row.get(7)?,
        message: row.get(8)?,
        details: row.get(9)?,
        content: row.get(10)?,
        account: None,
        history: Vec::new(),
    }))
}

fn known(cliente: i64) -> Option<ClienteId> {
    u64::try_from(cliente)
        .ok()
        .and_then(|id| ClienteId::try_from(id).ok())
}
