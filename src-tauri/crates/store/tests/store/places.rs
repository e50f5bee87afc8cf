//! Something that is no file stands where a file should be.

use std::fs;
use std::path::{Path, PathBuf};

use session_core::ports::Store as _;
use session_store::{OpenReport, Recovered};

use crate::support::{Place, plain};

/// A closed database with one cliente in the file, in its log and in its backup copy.
async fn filled() -> Place {
    let place = Place::new();
    let (store, _) = place.open();
    store.save(plain(1)).await.unwrap();
    store.close().await;
    place
}

/// A folder with something in it, which nobody may lose.
fn folder(path: &Path) {
    let _ = fs::remove_file(path);
    fs::create_dir(path).unwrap();
    fs::write(path.join("letter"), "dear").unwrap();
}

/// Where the folder of this name went.
fn moved(place: &Place, name: &str) -> PathBuf {
    let names = place.names();
    let prefix = format!("{name}.broken-");
    let is_it = |found: &&String| {
        found
            .strip_prefix(&prefix)
            .is_some_and(|stamp| stamp.parse::<u64>().is_ok())
    };
    let found = names
        .iter()
        .find(is_it)
        .unwrap_or_else(|| panic!("{name}: {names:?}"));
    place.path.with_file_name(found)
}

fn is_kept(folder: &Path) {
    assert_eq!(fs::read_to_string(folder.join("letter")).unwrap(), "dear");
}

/// It is a store like any other from now on.
async fn goes_on(place: &Place) {
    let (store, report) = place.open();
    assert_eq!(report, OpenReport::default());
    assert_eq!(store.clientes().await.unwrap(), [plain(1), plain(2)]);
    store.close().await;
    assert!(place.backup().is_file());
}

#[tokio::test]
async fn a_folder_in_place_of_the_database_is_set_aside_for_the_backup_copy() {
    let place = filled().await;
    folder(&place.path);
    let (store, report) = place.open();
    assert!(!report.created);
    let aside = report.set_aside.unwrap();
    assert_eq!(aside.recovered, Recovered::Backup);
    assert_eq!(aside.path, moved(&place, "sessions.db"));
    is_kept(&aside.path);
    assert_eq!(store.clientes().await.unwrap(), [plain(1)]);
    store.save(plain(2)).await.unwrap();
    store.close().await;
    goes_on(&place).await;
}

#[tokio::test]
async fn a_folder_in_place_of_a_new_database_leaves_an_empty_store() {
    let place = Place::new();
    folder(&place.path);
    let (store, report) = place.open();
    let aside = report.set_aside.unwrap();
    assert_eq!(aside.recovered, Recovered::Nothing);
    is_kept(&aside.path);
    store.save(plain(1)).await.unwrap();
    store.save(plain(2)).await.unwrap();
    store.close().await;
    goes_on(&place).await;
}

/// What was in the log is gone, and that is told.
#[tokio::test]
async fn a_folder_in_place_of_the_log_is_set_aside_and_told() {
    let place = filled().await;
    fs::remove_file(place.backup()).unwrap();
    folder(&place.log());
    let (store, report) = place.open();
    let aside = report.set_aside.unwrap();
    assert_eq!(aside.recovered, Recovered::WithoutLog);
    is_kept(&moved(&place, "sessions.db-wal"));
    assert_eq!(store.clientes().await.unwrap(), [plain(1)]);
    store.save(plain(2)).await.unwrap();
    store.close().await;
    goes_on(&place).await;
}

/// Nothing that counts was in those, so the database itself stays.
#[tokio::test]
async fn a_folder_beside_the_database_is_set_aside_alone() {
    for suffix in ["-shm", "-journal", ".backup"] {
        let place = filled().await;
        let name = format!("sessions.db{suffix}");
        folder(&place.path.with_file_name(&name));
        let (store, report) = place.open();
        assert_eq!(report, OpenReport::default(), "{suffix}");
        is_kept(&moved(&place, &name));
        assert_eq!(store.clientes().await.unwrap(), [plain(1)], "{suffix}");
        store.save(plain(2)).await.unwrap();
        store.close().await;
        goes_on(&place).await;
    }
}

#[tokio::test]
async fn folders_in_all_places_leave_an_empty_store() {
    let place = filled().await;
    let names = [
        "sessions.db",
        "sessions.db-wal",
        "sessions.db-shm",
        "sessions.db.backup",
    ];
    for name in names {
        folder(&place.path.with_file_name(name));
    }
    let (store, report) = place.open();
    assert_eq!(report.set_aside.unwrap().recovered, Recovered::Nothing);
    for name in names {
        is_kept(&moved(&place, name));
    }
    assert_eq!(store.clientes().await.unwrap(), []);
}

#[cfg(unix)]
#[tokio::test]
async fn anything_else_that_is_no_file_is_set_aside_as_well() {
    let place = Place::new();
    let _socket = std::os::unix::net::UnixListener::bind(&place.path).unwrap();
    let (store, report) = place.open();
    assert_eq!(report.set_aside.unwrap().recovered, Recovered::Nothing);
    assert!(moved(&place, "sessions.db").exists());
    store.save(plain(1)).await.unwrap();
    store.save(plain(2)).await.unwrap();
    store.close().await;
    goes_on(&place).await;
}
