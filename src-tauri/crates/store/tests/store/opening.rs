//! Opening and closing.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use session_core::ports::Store as _;
use session_core::{Reason, Timestamp, Wanted};
use session_store::{OpenError, OpenReport, SqliteStore, UnavailableStore};

use crate::support::{Place, change, id, plain};

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;

    let place = Place::new();
    let nested = place.path.parent().unwrap().join("new/folder/sessions.db");
    let (store, _) = SqliteStore::open(&nested).unwrap();
    store.save(plain(1)).await.unwrap();
    assert_eq!(mode(nested.parent().unwrap()), 0o700);
    for file in ["sessions.db", "sessions.db-wal"] {
        assert_eq!(mode(&nested.with_file_name(file)), 0o600, "{file}");
    }
    store.close().await;
    assert_eq!(mode(&nested.with_file_name("sessions.db.backup")), 0o600);

    // A file that somebody opened up is closed again.
    fs::set_permissions(&nested, fs::Permissions::from_mode(0o644)).unwrap();
    let (_store, _) = SqliteStore::open(&nested).unwrap();
    assert_eq!(mode(&nested), 0o600);
}

#[tokio::test]
async fn an_empty_file_is_a_new_database() {
    let place = Place::new();
    fs::write(&place.path, "").unwrap();
    let (store, report) = place.open();
    assert!(report.set_aside.is_none());
    store.save(plain(1)).await.unwrap();
}

#[tokio::test]
async fn a_newer_database_is_refused_and_not_touched() {
    let place = Place::new();
    let (store, _) = place.open();
    store.save(plain(1)).await.unwrap();
    store.close().await;
    drop(store);
    Connection::open(&place.path)
        .unwrap()
        .execute_batch("PRAGMA user_version = 99; CREATE TABLE of_the_future (x)")
        .unwrap();
    let before = fs::read(&place.path).unwrap();

    let error = place.refused();
    assert!(
        matches!(error, OpenError::Newer { found: 99, .. }),
        "{error:?}"
    );
    assert!(
        error.to_string().contains("update Session Manager"),
        "{error}"
    );
    assert_eq!(fs::read(&place.path).unwrap(), before);
    assert!(
        place.names().iter().all(|name| !name.contains("broken")),
        "{:?}",
        place.names()
    );
}

#[test]
fn a_place_that_cannot_be_written_is_said_with_what_to_do() {
    let place = Place::new();
    fs::write(&place.path, "").unwrap();
    // A folder that cannot be: permission bits would not stop a superuser.
    let path = place.path.join("sessions.db");
    let Err(error) = SqliteStore::open(&path) else {
        panic!("opened");
    };
    assert!(matches!(error, OpenError::NotWritable { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains(&path.display().to_string()), "{text}");
    assert!(text.contains("choose another data folder"), "{text}");
}

#[tokio::test]
async fn after_closing_every_call_fails_and_the_file_stands_alone() {
    let place = Place::new();
    let (store, _) = place.open();
    store.save(plain(1)).await.unwrap();
    store.close().await;
    assert_eq!(
        place.names(),
        ["sessions.db", "sessions.db.backup"],
        "the log is emptied into the file"
    );

    let error = store.save(plain(2)).await.unwrap_err();
    assert_eq!(error.to_string(), "save a cliente: the store is closed");
    assert!(store.clientes().await.is_err());
    assert!(store.remove(id(1)).await.is_err());
    assert!(store.timeline(id(1), 1).await.is_err());
    assert!(
        store
            .record(id(1), change(1, Reason::Connected))
            .await
            .is_err()
    );
    store.close().await;

    let (store, _) = place.open();
    assert_eq!(store.clientes().await.unwrap(), [plain(1)]);
}

/// A program that looks into the database keeps SQLite from tidying up by itself.
#[tokio::test]
async fn closing_empties_the_log_although_somebody_else_looks() {
    let place = Place::new();
    let (store, _) = place.open();
    store.save(plain(1)).await.unwrap();
    let onlooker = Connection::open(&place.path).unwrap();
    let count = |db: &Connection| -> i64 {
        db.query_row("SELECT count(*) FROM clientes", [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(count(&onlooker), 1);
    store.close().await;
    assert_eq!(fs::metadata(place.log()).unwrap().len(), 0);
    assert_eq!(count(&onlooker), 1);
}

#[tokio::test]
async fn a_stand_in_says_why_there_is_no_store() {
    let place = Place::new();
    fs::write(&place.path, "").unwrap();
    let Err(error) = SqliteStore::open(&place.path.join("sessions.db")) else {
        panic!("opened");
    };
    let store = UnavailableStore::new(&error);
    let failed = store.clientes().await.unwrap_err();
    assert_eq!(failed.to_string(), format!("read the clientes: {error}"));
    assert!(store.save(plain(1)).await.is_err());
    store.close().await;
}

/// As the first release wrote it.
const FIRST_VERSION: &str = "
    CREATE TABLE clientes (
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
    CREATE INDEX timeline_by_cliente ON timeline (cliente, seq);
    INSERT INTO clientes VALUES
        (3, 'Ventas', 'a note', 'running', 1700000000000, '5491155551234', 'Ana'),
        (4, '', '', 'stopped', 1700000000000, NULL, NULL);
    INSERT INTO timeline (cliente, at, before, after, reason) VALUES
        (3, 5, 'QR_REQUIRED', 'READY', 'CONNECTED'),
        (3, 6, 'QR_REQUIRED', 'READY', 'CONNECTED');
    PRAGMA application_id = 0x5365734d;
    PRAGMA user_version = 1;";

#[tokio::test]
async fn a_database_of_the_first_version_comes_along_with_everything_in_it() {
    let place = Place::new();
    Connection::open(&place.path)
        .unwrap()
        .execute_batch(FIRST_VERSION)
        .unwrap();
    let (store, report) = place.open();
    assert_eq!(report, OpenReport::default());
    let mut clientes = store.clientes().await.unwrap();
    let [named, unnamed] = &clientes[..] else {
        panic!("{clientes:?}");
    };
    assert_eq!(unnamed, &plain(4));
    assert_eq!((named.id, named.name.as_str()), (id(3), "Ventas"));
    assert_eq!(
        (named.note.as_str(), named.wanted),
        ("a note", Wanted::Running)
    );
    assert_eq!(named.created, Timestamp(1_700_000_000_000));
    let account = named.account.as_ref().unwrap();
    assert_eq!(account.number.reveal(), "5491155551234");
    assert_eq!(account.name.as_deref(), Some("Ana"));
    assert!(!named.self_test, "nobody asked for it");
    assert_eq!(
        store.timeline(id(3), 10).await.unwrap(),
        [change(6, Reason::Connected), change(5, Reason::Connected)]
    );

    clientes[0].self_test = true;
    store.save(clientes[0].clone()).await.unwrap();
    store.close().await;
    let (store, _) = place.open();
    assert_eq!(store.clientes().await.unwrap(), clientes);
}
