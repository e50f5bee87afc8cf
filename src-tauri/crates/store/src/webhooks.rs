//! Reading and writing webhooks.

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use session_core::{
    ClienteId, EventFilter, Timestamp, Tries, Webhook, WebhookId, WebhookProblem, WebhookReport,
    WebhookSecret, WebhookShape,
};

use crate::rows::{signed, time};
use crate::{announce, dead_letters, deliveries};

/// Announcements that wait for the slowest webhook; what is older goes to its dead letters.
pub const WAITING_KEPT: u32 = 100_000;

/// Dead letters that are kept per webhook; the oldest go first.
pub const DEAD_LETTERS_KEPT: u32 = 10_000;

/// The columns that [`webhook`] and [`tries`] read.
const COLUMNS: &str = "id, url, events, clientes, shape, content, enabled, fixed, secret, old_secret, \
     old_secret_until, created, tries, first_try, last_try, next_try";

pub(crate) fn all(db: &Connection) -> rusqlite::Result<Vec<WebhookReport>> {
    let mut query = db.prepare_cached("SELECT id FROM webhooks ORDER BY created, rowid")?;
    let ids: Vec<String> = query
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    ids.iter()
        .filter_map(|id| report_of(db, id).transpose())
        .collect()
}

pub(crate) fn report(db: &Connection, id: &WebhookId) -> rusqlite::Result<Option<WebhookReport>> {
    report_of(db, id.as_str())
}

fn report_of(db: &Connection, id: &str) -> rusqlite::Result<Option<WebhookReport>> {
    let read = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS}, cursor, delivered, status, problem, failing, lost,
                 (SELECT count(*) FROM dead_letters WHERE webhook = webhooks.id)
             FROM webhooks WHERE id = ?1"
        ))?
        .query_row([id], |row| {
            let cursor: i64 = row.get(16)?;
            let moment = |at: Option<i64>| at.map(time);
            let problem: Option<String> = row.get(19)?;
            let report = WebhookReport {
                webhook: webhook(row)?,
                delivered: moment(row.get(17)?),
                status: row.get(18)?,
                problem: problem.and_then(|code| WebhookProblem::from_code(&code)),
                failing: moment(row.get(20)?),
                tries: tries(row)?,
                waiting: 0,
                dead: row.get(22)?,
                lost: row.get(21)?,
            };
            Ok((cursor, report))
        })
        .optional()?;
    let Some((cursor, mut report)) = read else {
        return Ok(None);
    };
    if report.webhook.enabled {
        report.waiting = deliveries::waiting(db, &report.webhook, cursor)?;
    }
    Ok(Some(report))
}

/// The webhook and where it is in the line.
pub(crate) fn with_cursor(
    db: &Connection,
    id: &WebhookId,
) -> rusqlite::Result<Option<(Webhook, i64, Option<Tries>)>> {
    db.prepare_cached(&format!(
        "SELECT {COLUMNS}, cursor FROM webhooks WHERE id = ?1"
    ))?
    .query_row([id.as_str()], |row| {
        Ok((webhook(row)?, row.get(16)?, tries(row)?))
    })
    .optional()
}

pub(crate) fn save(db: &mut Connection, webhook: &Webhook, now: Timestamp) -> rusqlite::Result<()> {
    let write = db.transaction()?;
    let before = with_cursor(&write, &webhook.id)?;
    let was_enabled = before.as_ref().is_some_and(|(before, ..)| before.enabled);
    if let Some((before, cursor, _)) = &before
        && was_enabled
        && !webhook.enabled
    {
        dead_letters::bury_all(&write, before, *cursor, WebhookProblem::SwitchedOff, now)?;
    }
    let (old_secret, old_until) = webhook
        .old_secret
        .as_ref()
        .map_or((None, None), |(old, until)| {
            (Some(old.reveal()), Some(signed(until.0)))
        });
    write
        .prepare_cached(
            "INSERT INTO webhooks (id, url, events, clientes, shape, content, enabled, fixed, secret, old_secret,
                 old_secret_until, created, cursor)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             ON CONFLICT (id) DO UPDATE SET
                 url = excluded.url, events = excluded.events, clientes = excluded.clientes,
                 shape = excluded.shape, content = excluded.content, enabled = excluded.enabled,
                 fixed = excluded.fixed, secret = excluded.secret, old_secret = excluded.old_secret,
                 old_secret_until = excluded.old_secret_until",
        )?
        .execute(params![
            webhook.id.as_str(),
            webhook.url,
            list(webhook.events.iter().map(EventFilter::as_str)),
            webhook
                .clientes
                .as_ref()
                .map(|ids| list(ids.iter().map(ClienteId::to_string))),
            shape_name(webhook.shape),
            webhook.content,
            webhook.enabled,
            webhook.fixed,
            webhook.secret.reveal(),
            old_secret,
            old_until,
            signed(webhook.created.0),
            announce::last(&write)?,
        ])?;
    if webhook.enabled && before.is_some() {
        if was_enabled {
            // Whatever was changed may be what it failed for.
            deliveries::try_now(&write, &webhook.id, now)?;
        } else {
            deliveries::start_over(&write, &webhook.id)?;
        }
    }
    deliveries::prune(&write)?;
    write.commit()
}

pub(crate) fn remove(db: &mut Connection, id: &WebhookId) -> rusqlite::Result<bool> {
    let write = db.transaction()?;
    let removed = write
        .prepare_cached("DELETE FROM webhooks WHERE id = ?1")?
        .execute([id.as_str()])?;
    deliveries::prune(&write)?;
    write.commit()?;
    Ok(removed > 0)
}

fn webhook(row: &Row<'_>) -> rusqlite::Result<Webhook> {
    let old_secret: Option<String> = row.get(9)?;
    let old_until: Option<i64> = row.get(10)?;
    let events: String = row.get(2)?;
    let clientes: Option<String> = row.get(3)?;
    let shape: String = row.get(4)?;
    Ok(Webhook {
        id: parsed(row, 0)?,
        url: row.get(1)?,
        // Those of another version never match here.
        events: events
            .split(' ')
            .filter_map(|text| text.parse().ok())
            .collect(),
        clientes: clientes.map(|ids| {
            ids.split(' ')
                .filter_map(|text| text.parse().ok())
                .collect()
        }),
        shape: match shape.as_str() {
            WAHA => WebhookShape::Waha,
            _ => WebhookShape::Native,
        },
        content: row.get(5)?,
        enabled: row.get(6)?,
        fixed: row.get(7)?,
        secret: parsed::<WebhookSecret>(row, 8)?,
        old_secret: old_secret
            .and_then(|text| text.parse().ok())
            .zip(old_until.map(time)),
        created: time(row.get(11)?),
    })
}

fn tries(row: &Row<'_>) -> rusqlite::Result<Option<Tries>> {
    let number: u32 = row.get(12)?;
    let (first, last, next): (Option<i64>, Option<i64>, Option<i64>) =
        (row.get(13)?, row.get(14)?, row.get(15)?);
    Ok(match (first, last, next) {
        (Some(first), Some(last), Some(next)) if number > 0 => Some(Tries {
            number,
            first: time(first),
            last: time(last),
            next: time(next),
        }),
        _ => None,
    })
}

fn parsed<T>(row: &Row<'_>, column: usize) -> rusqlite::Result<T>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let text: String = row.get(column)?;
    text.parse().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
    })
}

const NATIVE: &str = "native";
const WAHA: &str = "waha";

const fn shape_name(shape: WebhookShape) -> &'static str {
    match shape {
        WebhookShape::Native => NATIVE,
        WebhookShape::Waha => WAHA,
    }
}

/// Neither filters nor ids hold a space.
fn list<T: AsRef<str>>(items: impl Iterator<Item = T>) -> String {
    let items: Vec<T> = items.collect();
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    items.join(" ")
}

/// Whether the tables are there as this program knows them.
pub(crate) fn readable(db: &Connection) -> rusqlite::Result<()> {
    for query in [
        format!(
            "SELECT {COLUMNS}, cursor, delivered, status, problem, failing, lost FROM webhooks LIMIT 1"
        ),
        format!("SELECT {} FROM announcements LIMIT 1", deliveries::COLUMNS),
        format!(
            "SELECT {}, webhook, tries, died, status, problem, resend FROM dead_letters LIMIT 1",
            deliveries::COLUMNS
        ),
    ] {
        db.query_row(&query, [], |_| Ok(())).optional()?;
    }
    Ok(())
}
