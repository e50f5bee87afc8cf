//! Files that cannot be used, and what the store goes on with.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rusqlite::Connection;
use session_core::ClienteRecord;
use session_core::ports::Store as _;
use session_store::{OpenError, OpenReport, Recovered, SetAside};

use crate::support::{Place, plain};

const GARBAGE: &[u8] = b"this is certainly not a database, but somebody may miss it. ";

fn garbage(path: &Path) {
    fs::write(path, GARBAGE.repeat(40)).unwrap();
}

fn long(number: u64) -> ClienteRecord {
    ClienteRecord {
        note: format!("{number} ").repeat(200),
        ..plain(number)
    }
}

/// A closed database of many pages, and its backup copy.
async fn filled(count: u64) -> (Place, Vec<ClienteRecord>) {
    let place = Place::new();
    add(&place, 1..=count).await;
    (place, (1..=count).map(long).collect())
}

async fn add(place: &Place, numbers: impl IntoIterator<Item = u64>) {
    let (store, report) = place.open();
    assert_eq!(report.set_aside, None);
    for number in numbers {
        store.save(long(number)).await.unwrap();
    }
    store.close().await;
}

fn aside(report: OpenReport, what: &str) -> SetAside {
    assert!(!report.created, "{what}");
    report.set_aside.unwrap_or_else(|| panic!("{what}"))
}

#[tokio::test]
async fn a_file_that_is_no_database_is_set_aside_and_kept() {
    let place = Place::new();
    garbage(&place.path);

    let (store, report) = place.open();
    let aside = aside(report, "garbage");
    assert_eq!(aside.recovered, Recovered::Nothing);
    assert!(!aside.detail.is_empty());
    let name = aside.path.file_name().unwrap().to_str().unwrap().to_owned();
    let stamp = name.strip_prefix("sessions.db.broken-").expect(&name);
    assert!(stamp.parse::<u64>().is_ok(), "{name}");
    assert_eq!(fs::read(&aside.path).unwrap(), GARBAGE.repeat(40));

    store.save(plain(1)).await.unwrap();
    store.close().await;
    let (store, report) = place.open();
    assert_eq!(report, OpenReport::default());
    assert_eq!(store.clientes().await.unwrap(), [plain(1)]);
}

/// A way to damage a file.
type Harm = fn(&Path);

const PAGE: usize = 4096;

fn edit(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

fn flip(bytes: &mut [u8]) {
    for byte in bytes {
        *byte ^= 0xff;
    }
}

#[tokio::test]
async fn whatever_happens_to_the_file_its_backup_copy_takes_its_place() {
    let harms: [(&str, Harm); 9] = [
        ("garbage", garbage),
        ("no file", |path| fs::remove_file(path).unwrap()),
        ("an empty file", |path| fs::write(path, "").unwrap()),
        ("half of it", |path| {
            edit(path, |bytes| bytes.truncate(bytes.len() / 2 / PAGE * PAGE));
        }),
        ("the end of its last page", |path| {
            edit(path, |bytes| bytes.truncate(bytes.len() - 100));
        }),
        ("no head", |path| {
            edit(path, |bytes| flip(&mut bytes[..100]));
        }),
        ("a page in the middle", |path| {
            edit(path, |bytes| {
                let middle = bytes.len() / 2 / PAGE * PAGE;
                flip(&mut bytes[middle..middle + PAGE]);
            });
        }),
        ("zeros after the head", |path| {
            edit(path, |bytes| bytes[PAGE..].fill(0));
        }),
        ("a table is gone", |path| {
            let db = Connection::open(path).unwrap();
            db.execute_batch("DROP TABLE timeline").unwrap();
        }),
    ];
    for (what, harm) in harms {
        let (place, before) = filled(200).await;
        harm(&place.path);
        let harmed = fs::read(&place.path).unwrap_or_default();
        let (store, report) = place.open();
        let aside = aside(report, what);
        assert_eq!(aside.recovered, Recovered::Backup, "{what}");
        assert!(fs::read(&aside.path).unwrap() == harmed, "{what}");
        assert!(store.clientes().await.unwrap() == before, "{what}");
        // It is a store like any other.
        store.save(plain(1000)).await.unwrap();
        store.close().await;
        let (store, report) = place.open();
        assert_eq!(report, OpenReport::default(), "{what}");
        assert_eq!(store.clientes().await.unwrap().len(), 201, "{what}");
    }
}

#[tokio::test]
async fn without_a_usable_backup_copy_the_store_begins_empty_and_keeps_both() {
    let harms: [Harm; 3] = [
        garbage,
        |path| edit(path, |bytes| bytes.truncate(bytes.len() / 2)),
        |path| fs::write(path, "").unwrap(),
    ];
    for harm in harms {
        let (place, _) = filled(200).await;
        garbage(&place.path);
        garbage(&place.log());
        harm(&place.backup());
        let harmed = fs::read(place.backup()).unwrap();

        let (store, report) = place.open();
        assert_eq!(aside(report, "damaged").recovered, Recovered::Nothing);
        assert_eq!(store.clientes().await.unwrap(), []);
        store.save(plain(1)).await.unwrap();
        store.close().await;
        let kept = |prefix: &str, suffix: &str| {
            let names = place.names();
            let mut found = names.iter().filter(|name| {
                name.strip_prefix(prefix)
                    .and_then(|rest| rest.strip_suffix(suffix))
                    .is_some_and(|stamp| stamp.parse::<u64>().is_ok())
            });
            let name = found.next().unwrap_or_else(|| panic!("{names:?}"));
            fs::read(place.path.with_file_name(name)).unwrap()
        };
        assert_eq!(kept("sessions.db.broken-", ""), GARBAGE.repeat(40));
        assert_eq!(kept("sessions.db.broken-", "-wal"), GARBAGE.repeat(40));
        assert!(kept("sessions.db.backup.broken-", "") == harmed);
        // The new one is of use again.
        garbage(&place.path);
        let (store, _) = place.open();
        assert_eq!(store.clientes().await.unwrap(), [plain(1)]);
    }
}

#[tokio::test]
async fn a_damaged_backup_copy_of_a_good_file_is_made_anew() {
    let (place, before) = filled(3).await;
    garbage(&place.backup());
    add(&place, []).await;
    garbage(&place.path);
    let (store, report) = place.open();
    assert_eq!(aside(report, "damaged").recovered, Recovered::Backup);
    assert_eq!(store.clientes().await.unwrap(), before);
}

#[tokio::test]
async fn a_backup_copy_of_a_newer_version_is_left_for_it() {
    let (place, before) = filled(3).await;
    let copy = Connection::open(place.backup()).unwrap();
    let version: i64 = copy
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    copy.pragma_update(None, "user_version", 99).unwrap();
    drop(copy);
    garbage(&place.path);
    let files = || {
        (
            fs::read(&place.path).unwrap(),
            fs::read(place.backup()).unwrap(),
        )
    };
    let untouched = files();

    let error = place.refused();
    assert!(
        matches!(&error, OpenError::Newer { found: 99, path, .. } if *path == place.backup()),
        "{error:?}"
    );
    assert!(files() == untouched);
    assert_eq!(place.names(), ["sessions.db", "sessions.db.backup"]);

    // The newer version would find everything.
    Connection::open(place.backup())
        .unwrap()
        .pragma_update(None, "user_version", version)
        .unwrap();
    let (store, _) = place.open();
    assert_eq!(store.clientes().await.unwrap(), before);
}

/// The log holds what is not in the file yet. What is newer, the file or the backup copy, has more of it.
#[tokio::test]
async fn an_overwritten_log_is_told_and_the_newer_file_counts() {
    for (newer, recovered) in [
        ("sessions.db", Recovered::WithoutLog),
        ("sessions.db.backup", Recovered::Backup),
    ] {
        let (place, _) = filled(3).await;
        // The same database before and after a fourth: an older file, or an older backup copy.
        let older = fs::read(&place.path).unwrap();
        add(&place, [4]).await;
        for file in [place.path.clone(), place.backup()] {
            let is_newer = file.file_name().unwrap() == newer;
            if !is_newer {
                fs::write(&file, &older).unwrap();
            }
            let age = Duration::from_secs(if is_newer { 60 } else { 600 });
            let file = fs::OpenOptions::new().write(true).open(&file).unwrap();
            file.set_modified(SystemTime::now() - age).unwrap();
        }
        garbage(&place.log());

        let (store, report) = place.open();
        let aside = aside(report, "damaged");
        assert_eq!(aside.recovered, recovered);
        let log = aside.path.with_file_name(format!(
            "{}-wal",
            aside.path.file_name().unwrap().to_str().unwrap()
        ));
        assert_eq!(fs::read(log).unwrap(), GARBAGE.repeat(40));
        let all: Vec<_> = (1..=4).map(long).collect();
        assert_eq!(store.clientes().await.unwrap(), all, "{newer}");
    }
}

/// What a loss of power leaves of a log that nothing was acknowledged in.
#[tokio::test]
async fn the_mere_beginning_of_a_log_is_no_damage() {
    for rest in [&b"a log"[..], &[0; 4096]] {
        let (place, before) = filled(3).await;
        fs::write(place.log(), rest).unwrap();
        let (store, report) = place.open();
        assert_eq!(report, OpenReport::default());
        assert_eq!(store.clientes().await.unwrap(), before);
    }
}

#[tokio::test]
async fn tables_of_another_shape_are_set_aside() {
    for (what, sql) in [
        ("same version, no tables", "PRAGMA user_version = 1"),
        (
            "same version, other columns",
            "CREATE TABLE clientes (id INTEGER, x TEXT); CREATE TABLE timeline (seq INTEGER); PRAGMA user_version = 2",
        ),
        (
            "the version before, other columns",
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
