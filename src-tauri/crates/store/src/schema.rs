//! The tables, as a row of migrations. A migration that was released is never edited; a change is a new one.

use rusqlite_migration::{M, Migrations};

/// Marks a file as ours ("SesM"), so that another program's database is not mistaken for it.
pub(crate) const APPLICATION_ID: i32 = 0x5365_734d;

const STEPS: &[M<'static>] = &[
    M::up(
        "CREATE TABLE clientes (
         id             INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991),
         name           TEXT    NOT NULL,
         note           TEXT    NOT NULL,
         wanted         TEXT    NOT NULL,
         created        INTEGER NOT NULL,
         account_number TEXT,
         account_name   TEXT
     ) STRICT;
     CREATE TABLE timeline (
         seq     INTEGER PRIMARY KEY AUTOINCREMENT,
         cliente INTEGER NOT NULL REFERENCES clientes (id) ON DELETE CASCADE,
         at      INTEGER NOT NULL,
         before  TEXT    NOT NULL,
         after   TEXT    NOT NULL,
         reason  TEXT    NOT NULL
     ) STRICT;
     CREATE INDEX timeline_by_cliente ON timeline (cliente, seq);",
    ),
    M::up("ALTER TABLE clientes ADD COLUMN self_test INTEGER NOT NULL DEFAULT 0"),
    // What is told survives the cliente that it is about: its end is told too. Whoever writes an announcement need not
    // know whether there is anybody to tell.
    M::up(
        "CREATE TABLE webhooks (
         id               TEXT    PRIMARY KEY,
         url              TEXT    NOT NULL,
         events           TEXT    NOT NULL,
         clientes         TEXT,
         shape            TEXT    NOT NULL,
         content          INTEGER NOT NULL,
         enabled          INTEGER NOT NULL,
         fixed            INTEGER NOT NULL,
         secret           TEXT    NOT NULL,
         old_secret       TEXT,
         old_secret_until INTEGER,
         created          INTEGER NOT NULL,
         cursor           INTEGER NOT NULL,
         tries            INTEGER NOT NULL DEFAULT 0,
         first_try        INTEGER,
         last_try         INTEGER,
         next_try         INTEGER,
         delivered        INTEGER,
         status           INTEGER,
         problem          TEXT,
         failing          INTEGER,
         lost             INTEGER NOT NULL DEFAULT 0
     ) STRICT;
     CREATE TABLE announcements (
         seq      INTEGER PRIMARY KEY AUTOINCREMENT,
         id       TEXT    NOT NULL UNIQUE,
         cliente  INTEGER NOT NULL,
         at       INTEGER NOT NULL,
         event    TEXT    NOT NULL,
         previous TEXT,
         current  TEXT,
         reason   TEXT,
         message  TEXT,
         details  TEXT,
         content  TEXT
     ) STRICT;
     CREATE TRIGGER announcements_need_a_webhook BEFORE INSERT ON announcements
     WHEN NOT EXISTS (SELECT 1 FROM webhooks WHERE enabled)
     BEGIN SELECT RAISE(IGNORE); END;
     CREATE TABLE dead_letters (
         seq      INTEGER PRIMARY KEY AUTOINCREMENT,
         webhook  TEXT    NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
         id       TEXT    NOT NULL,
         cliente  INTEGER NOT NULL,
         at       INTEGER NOT NULL,
         event    TEXT    NOT NULL,
         previous TEXT,
         current  TEXT,
         reason   TEXT,
         message  TEXT,
         details  TEXT,
         content  TEXT,
         tries    INTEGER NOT NULL,
         died     INTEGER NOT NULL,
         status   INTEGER,
         problem  TEXT    NOT NULL,
         resend   INTEGER NOT NULL DEFAULT 0
     ) STRICT;
     CREATE INDEX dead_letters_by_webhook ON dead_letters (webhook, seq);",
    ),
    // What a message holds is in columns of its own, so that it can be erased and the row stays.
    M::up(
        "CREATE TABLE messages (
         seq         INTEGER PRIMARY KEY AUTOINCREMENT,
         key         TEXT    NOT NULL UNIQUE CHECK (length(key) = 24),
         cliente     INTEGER NOT NULL,
         idempotency BLOB,
         fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 32),
         status      TEXT    NOT NULL,
         reason      TEXT,
         kind        TEXT    NOT NULL,
         masked      TEXT    NOT NULL,
         message_id  TEXT,
         attempts    INTEGER NOT NULL DEFAULT 0,
         created     INTEGER NOT NULL,
         updated     INTEGER NOT NULL,
         expires     INTEGER NOT NULL,
         chat        TEXT,
         text        TEXT,
         media       TEXT,
         mime        TEXT,
         name        TEXT
     ) STRICT;
     CREATE UNIQUE INDEX messages_idempotency ON messages (cliente, idempotency) WHERE idempotency IS NOT NULL;
     CREATE INDEX messages_by_cliente ON messages (cliente, seq);
     CREATE INDEX messages_pending ON messages (cliente, seq) WHERE status IN ('queued', 'sending');
     CREATE INDEX messages_expiring ON messages (expires) WHERE status = 'queued';
     CREATE INDEX messages_over ON messages (updated) WHERE status NOT IN ('queued', 'sending');
     CREATE INDEX messages_media ON messages (media) WHERE media IS NOT NULL;
     CREATE TABLE media (
         id      TEXT    PRIMARY KEY,
         mime    TEXT    NOT NULL,
         name    TEXT,
         size    INTEGER NOT NULL,
         created INTEGER NOT NULL
     ) STRICT;",
    ),
];

/// What brings a database of any age up to date.
pub(crate) const MIGRATIONS: Migrations<'static> = Migrations::from_slice(STEPS);

/// The version that this program writes.
pub(crate) fn version() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}
