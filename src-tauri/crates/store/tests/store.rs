//! The store over real files.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use session_core::ports::Store as _;
use session_core::{
    Account, Change, ClienteId, ClienteRecord, PhoneNumber, Reason, StateName, Timestamp, Wanted,
};
use session_store::{OpenError, OpenReport, SqliteStore, TIMELINE_KEPT, UnavailableStore};
use tempfile::TempDir;

struct Place {
    _folder: TempDir,
    path: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sessions.db");
        Self {
            _folder: folder,
            path,
        }
    }

    fn open(&self) -> (SqliteStore, OpenReport) {
        SqliteStore::open(&self.path).unwrap()
    }

    fn refused(&self) -> OpenError {
        match SqliteStore::open(&self.path) {
            Ok(_) => panic!("opened"),
            Err(error) => error,
        }
    }

    /// The files beside the database, by name.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.path.parent().unwrap())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn id(id: u64) -> ClienteId {
    ClienteId::try_from(id).unwrap()
}

fn plain(number: u64) -> ClienteRecord {
    ClienteRecord::new(id(number), Timestamp(1_700_000_000_000))
}

fn change(at: u64, reason: Reason) -> Change {
    Change {
        from: StateName::QrRequired,
        to: StateName::Ready,
        reason,
        at: Timestamp(at),
    }
}

#[tokio::test]
async fn what_was_saved_is_there_after_reopening() {
    let place = Place::new();
    let full = ClienteRecord {
        name: "Ventas 'norte' 🙂".into(),
        note: "línea 1\nlínea 2".into(),
        wanted: Wanted::Running,
        account: Some(Account {
            number: PhoneNumber::parse("5491155551234").unwrap(),
            name: Some("Ana".into()),
        }),
        ..plain(ClienteId::MAX)
    };
    let unnamed = ClienteRecord {
        account: Some(Account {
            number: PhoneNumber::parse("34600111222").unwrap(),
            name: None,
        }),
        ..plain(2)
    };
    {
        let (store, report) = place.open();
        assert!(report.created && report.set_aside.is_none(), "{report:?}");
        store.save(full.clone()).await.unwrap();
        store.save(plain(2)).await.unwrap();
        store.save(plain(7)).await.unwrap();
        // Saved again: changed, not doubled, and its timeline stays.
        store
            .record(id(2), change(5, Reason::Connected))
            .await
            .unwrap();
        store.save(unnamed.clone()).await.unwrap();
        store.remove(id(7)).await.unwrap();
        store.close().await;
    }
    let (store, report) = place.open();
    assert_eq!(report, OpenReport::default());
    assert_eq!(store.clientes().await.unwrap(), [unnamed, full]);
    assert_eq!(
        store.timeline(id(2), 10).await.unwrap(),
        [change(5, Reason::Connected)]
    );
}

#[tokio::test]
async fn a_write_that_was_answered_survives_a_program_that_dies() {
    let place = Place::new();
    let (store, _) = place.open();
    store.save(plain(1)).await.unwrap();
    // What a kill leaves behind: the files as they are now, never closed.
    let copy = Place::new();
    for suffix in ["", "-wal"] {
        let name = |path: &Path| PathBuf::from(format!("{}{suffix}", path.display()));
        fs::copy(name(&place.path), name(&copy.path)).unwrap();
    }
    let (survivor, report) = copy.open();
    assert_eq!(report, OpenReport::default());
    assert_eq!(survivor.clientes().await.unwrap(), [plain(1)]);
}

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
    let files: Vec<_> = fs::read_dir(nested.parent().unwrap()).unwrap().collect();
    assert!(files.len() >= 2, "the write-ahead log is there while open");
    for file in files {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
    store.close().await;

    // A file that somebody opened up is closed again.
    fs::set_permissions(&nested, fs::Permissions::from_mode(0o644)).unwrap();
    let (_store, _) = SqliteStore::open(&nested).unwrap();
    assert_eq!(mode(&nested), 0o600);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_set_aside_and_kept() {
    let place = Place::new();
    let garbage = b"this is certainly not a database, but somebody may miss it".repeat(40);
    fs::write(&place.path, &garbage).unwrap();

    let (store, report) = place.open();
    let aside = report.set_aside.expect("said so");
    assert!(!report.created);
    assert!(!aside.detail.is_empty());
    let name = aside.path.file_name().unwrap().to_str().unwrap().to_owned();
    let stamp = name.strip_prefix("sessions.db.broken-").expect(&name);
    assert!(stamp.parse::<u64>().is_ok(), "{name}");
    assert_eq!(fs::read(&aside.path).unwrap(), garbage);

    store.save(plain(1)).await.unwrap();
    store.close().await;
    let (store, report) = place.open();
    assert_eq!(report, OpenReport::default());
    assert_eq!(store.clientes().await.unwrap(), [plain(1)]);
}

#[tokio::test]
async fn a_damaged_database_is_set_aside_with_its_log() {
    let place = Place::new();
    let (store, _) = place.open();
    for number in 1..200 {
        let mut record = plain(number);
        record.note = "x".repeat(500);
        store.save(record).await.unwrap();
    }
    store.close().await;
    drop(store);
    // The head stays in order; the pages after it do not.
    let mut bytes = fs::read(&place.path).unwrap();
    for byte in &mut bytes[4096..20_000] {
        *byte = 0xa5;
    }
    fs::write(&place.path, &bytes).unwrap();
    let log = format!("{}-wal", place.path.display());
    fs::write(&log, "a log").unwrap();

    let (store, report) = place.open();
    let aside = report.set_aside.expect("said so");
    assert_eq!(fs::read(&aside.path).unwrap(), bytes);
    let side: Vec<_> = place
        .names()
        .into_iter()
        .filter(|name| name.contains(".broken-") && name.ends_with("-wal"))
        .collect();
    assert_eq!(side.len(), 1, "{:?}", place.names());
    assert_eq!(store.clientes().await.unwrap(), []);
}

#[tokio::test]
async fn tables_of_another_shape_are_set_aside() {
    for (what, sql) in [
        ("same version, no tables", "PRAGMA user_version = 1"),
        (
            "same version, other columns",
            "CREATE TABLE clientes (id INTEGER, x TEXT); CREATE TABLE timeline (seq INTEGER); PRAGMA user_version = 1",
        ),
        (
            "no version, a table in the way",
            "CREATE TABLE clientes (x)",
        ),
        (
            "another program",
            "PRAGMA application_id = 77; CREATE TABLE t (x)",
        ),
    ] {
        let place = Place::new();
        Connection::open(&place.path)
            .unwrap()
            .execute_batch(sql)
            .unwrap();
        let (store, report) = place.open();
        assert!(report.set_aside.is_some(), "{what}");
        store.save(plain(1)).await.unwrap();
    }
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
    let below_a_file = place.path.join("sessions.db");
    let in_place_of_the_file = place.path.parent().unwrap().join("folder.db");
    fs::create_dir(&in_place_of_the_file).unwrap();
    for path in [below_a_file, in_place_of_the_file] {
        let Err(error) = SqliteStore::open(&path) else {
            panic!("opened {}", path.display());
        };
        assert!(matches!(error, OpenError::NotWritable { .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.contains(&path.display().to_string()), "{text}");
        assert!(text.contains("choose another data folder"), "{text}");
    }
}

#[tokio::test]
async fn the_timeline_is_newest_first_and_limited() {
    let place = Place::new();
    let (store, _) = place.open();
    store.save(plain(1)).await.unwrap();
    store.save(plain(2)).await.unwrap();
    // The clock is set back in between: the order is that of the writing.
    for (at, reason) in [
        (10, Reason::LoginNeeded),
        (20, Reason::Connected),
        (5, Reason::NetworkLost),
    ] {
        store.record(id(1), change(at, reason)).await.unwrap();
    }
    store
        .record(id(2), change(1, Reason::Banned))
        .await
        .unwrap();
    let times = async |limit| -> Vec<u64> {
        let changes = store.timeline(id(1), limit).await.unwrap();
        changes.iter().map(|change| change.at.0).collect()
    };
    assert_eq!(times(10).await, [5, 20, 10]);
    assert_eq!(times(2).await, [5, 20]);
    assert_eq!(times(0).await, []);
    assert_eq!(
        store.timeline(id(2), 10).await.unwrap(),
        [change(1, Reason::Banned)]
    );
}

#[tokio::test]
async fn the_oldest_changes_go_first() {
    let place = Place::new();
    let (store, _) = place.open();
    store.save(plain(1)).await.unwrap();
    store.save(plain(2)).await.unwrap();
    store
        .record(id(2), change(1, Reason::Banned))
        .await
        .unwrap();
    store.close().await;
    // Filled behind the store's back: a thousand synced writes are slow.
    Connection::open(&place.path)
        .unwrap()
        .execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
             INSERT INTO timeline (cliente, at, before, after, reason)
             SELECT 1, i, 'QR_REQUIRED', 'READY', 'CONNECTED' FROM n",
            [TIMELINE_KEPT],
        )
        .unwrap();

    let (store, _) = place.open();
    for at in [5001, 5002] {
        store
            .record(id(1), change(at, Reason::Connected))
            .await
            .unwrap();
    }
    let kept = store.timeline(id(1), u32::MAX).await.unwrap();
    assert_eq!(kept.len(), 1000);
    assert_eq!(kept[0].at.0, 5002);
    assert_eq!(kept[999].at.0, 3);
    assert_eq!(store.timeline(id(2), 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn forgetting_a_cliente_takes_its_timeline_along() {
    let place = Place::new();
    let (store, _) = place.open();
    store.save(plain(1)).await.unwrap();
    store
        .record(id(1), change(1, Reason::Connected))
        .await
        .unwrap();
    store.remove(id(1)).await.unwrap();
    store.remove(id(1)).await.expect("gone is as wanted");
    // A change that was on its way is no failure of the store.
    store
        .record(id(1), change(2, Reason::StopRequested))
        .await
        .unwrap();
    assert_eq!(store.timeline(id(1), 10).await.unwrap(), []);
    store.save(plain(1)).await.unwrap();
    assert_eq!(store.timeline(id(1), 10).await.unwrap(), []);
}

#[tokio::test]
async fn codes_of_another_version_do_not_break_reading() {
    let place = Place::new();
    let (store, _) = place.open();
    store.save(plain(1)).await.unwrap();
    store
        .record(id(1), change(1, Reason::Connected))
        .await
        .unwrap();
    store.close().await;
    Connection::open(&place.path)
        .unwrap()
        .execute_batch(
            "INSERT INTO timeline (cliente, at, before, after, reason) VALUES
                 (1, 2, 'HIBERNATING', 'READY', 'CONNECTED'),
                 (1, 3, 'READY', 'LEVITATING', 'CONNECTED'),
                 (1, 4, 'READY', 'ERROR', 'SUNSPOTS'),
                 (1, -9, 'READY', 'ERROR', 'BROWSER_DIED');
             INSERT INTO clientes (id, name, note, wanted, created, account_number) VALUES
                 (2, 'b', '', 'perhaps', -5, 'not a number');",
        )
        .unwrap();

    let (store, report) = place.open();
    assert_eq!(report, OpenReport::default());
    let clientes = store.clientes().await.unwrap();
    assert_eq!(clientes.len(), 2);
    assert_eq!(clientes[1].wanted, Wanted::Stopped);
    assert_eq!(clientes[1].account, None);
    assert_eq!(clientes[1].created, Timestamp(0));
    // The unknown ones are left out and take no place of the known ones.
    let reasons: Vec<_> = store
        .timeline(id(1), 2)
        .await
        .unwrap()
        .iter()
        .map(|change| change.reason)
        .collect();
    assert_eq!(reasons, [Reason::BrowserDied, Reason::Connected]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_callers_at_once_lose_nothing() {
    let place = Place::new();
    let (store, _) = place.open();
    let store = std::sync::Arc::new(store);
    let callers: Vec<_> = (1..=40)
        .map(|number| {
            let store = std::sync::Arc::clone(&store);
            tokio::spawn(async move {
                store.save(plain(number)).await.unwrap();
                for at in 1..=5 {
                    store
                        .record(id(number), change(at, Reason::Connected))
                        .await
                        .unwrap();
                    store.clientes().await.unwrap();
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(store.clientes().await.unwrap().len(), 40);
    for number in 1..=40 {
        let times: Vec<_> = store
            .timeline(id(number), 10)
            .await
            .unwrap()
            .iter()
            .map(|change| change.at.0)
            .collect();
        assert_eq!(times, [5, 4, 3, 2, 1]);
    }
}

#[tokio::test]
async fn what_a_caller_asked_for_is_done_although_it_left() {
    let place = Place::new();
    let (store, _) = place.open();
    {
        // One poll puts the call into the queue; then the caller is gone.
        let mut saving = std::pin::pin!(store.save(plain(1)));
        let polled =
            std::future::poll_fn(|cx| std::task::Poll::Ready(saving.as_mut().poll(cx).is_ready()));
        polled.await;
    }
    assert_eq!(store.clientes().await.unwrap(), [plain(1)]);
}

#[tokio::test]
async fn after_closing_every_call_fails_and_the_file_stands_alone() {
    let place = Place::new();
    let (store, _) = place.open();
    store.save(plain(1)).await.unwrap();
    store.close().await;
    assert_eq!(
        place.names(),
        ["sessions.db"],
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
    let log = format!("{}-wal", place.path.display());
    assert_eq!(fs::metadata(log).unwrap().len(), 0);
    assert_eq!(count(&onlooker), 1);
}

#[tokio::test]
async fn a_stand_in_says_why_there_is_no_store() {
    let place = Place::new();
    fs::create_dir(&place.path).unwrap();
    let error = place.refused();
    let store = UnavailableStore::new(&error);
    let failed = store.clientes().await.unwrap_err();
    assert_eq!(failed.to_string(), format!("read the clientes: {error}"));
    assert!(store.save(plain(1)).await.is_err());
    store.close().await;
}
