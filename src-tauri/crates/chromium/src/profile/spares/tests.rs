use std::time::Duration;

use super::*;

const LOGS: [&str; 2] = [
    "Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.leveldb/000006.log",
    "Default/Local Storage/leveldb/MANIFEST-000001",
];

/// A profile folder with a linked login in it, locked.
fn profile() -> (tempfile::TempDir, ProfileLock) {
    let folder = tempfile::tempdir().unwrap();
    let lock = ProfileLock::take(folder.path()).unwrap();
    for name in [
        "Local State",
        "Crashpad/dump",
        "Default/Preferences",
        "Default/Cookies",
        "Default/History",
        "Default/Cache/Cache_Data/index",
        "Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.leveldb/CURRENT",
        "Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.leveldb/000005.ldb",
        "Default/WebStorage/QuotaManager",
        "Default/WebStorage/4/CacheStorage/big",
    ] {
        write(&lock, name, name);
    }
    for name in LOGS {
        write(&lock, name, logs::tests::log(&[name.as_bytes()]));
    }
    marker::write(lock.folder(), true).unwrap();
    (folder, lock)
}

fn write(lock: &ProfileLock, name: &str, content: impl AsRef<[u8]>) {
    let path = lock.user_data().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

/// Waits for the clock to move on: a spare is named by its millisecond.
fn take_another(lock: &ProfileLock) -> PathBuf {
    let before = newest(lock.folder());
    let named = before.map(|path| {
        path.file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .parse::<u128>()
            .unwrap()
    });
    while Some(now()) <= named {
        std::thread::yield_now();
    }
    take(lock, soon()).unwrap();
    newest(lock.folder()).unwrap()
}

fn now() -> u128 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_millis()
}

fn below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(
                    path.strip_prefix(folder)
                        .unwrap()
                        .to_str()
                        .unwrap()
                        .to_owned(),
                );
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_spare_holds_the_login_and_nothing_else() {
    let (_folder, lock) = profile();
    let taken = take(&lock, soon()).unwrap();
    let spare = newest(lock.folder()).unwrap();
    let database = "Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.leveldb";
    assert_eq!(
        below(&spare),
        [
            "Default/Cookies".to_owned(),
            format!("{database}/000005.ldb"),
            format!("{database}/000006.log"),
            format!("{database}/CURRENT"),
            "Default/Local Storage/leveldb/MANIFEST-000001".to_owned(),
            "Default/Preferences".to_owned(),
            "Default/WebStorage/QuotaManager".to_owned(),
            "Local State".to_owned(),
        ]
    );
    assert_eq!(taken.files, 8);
    assert_eq!(taken.shared, format!("{database}/000005.ldb").len() as u64);
    // What the browser writes to from now on is not in the spare.
    write(&lock, "Default/Cookies", "changed");
    assert_eq!(
        fs::read_to_string(spare.join("Default/Cookies")).unwrap(),
        "Default/Cookies"
    );
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_look_in_and_tables_are_shared() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let (_folder, lock) = profile();
    take(&lock, soon()).unwrap();
    let spare = newest(lock.folder()).unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    for folder in [
        spare.parent().unwrap(),
        &spare,
        &spare.join("Default/Local Storage/leveldb"),
    ] {
        assert_eq!(mode(folder), 0o700, "{}", folder.display());
    }
    assert_eq!(mode(&spare.join("Default/Cookies")), 0o600);
    for (name, links) in [("000005.ldb", 2), ("000006.log", 1)] {
        let name = format!("Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.leveldb/{name}");
        assert_eq!(
            spare.join(&name).metadata().unwrap().nlink(),
            links,
            "{name}"
        );
    }
}

#[test]
fn the_newest_two_are_kept() {
    let (_folder, lock) = profile();
    let first = take_another(&lock);
    let second = take_another(&lock);
    let third = take_another(&lock);
    assert_eq!(list(lock.folder()), [second, third]);
    assert!(!first.exists());
    assert_eq!(fs::read_dir(folder(lock.folder())).unwrap().count(), 2);
}

#[test]
fn a_copy_that_takes_too_long_leaves_nothing() {
    let (_folder, lock) = profile();
    let earlier = take_another(&lock);
    let late = take(&lock, Instant::now());
    assert!(
        matches!(&late, Err(NotTaken::Failed(cause)) if cause.kind() == io::ErrorKind::TimedOut),
        "{late:?}"
    );
    assert_eq!(newest(lock.folder()), Some(earlier));
    assert_eq!(fs::read_dir(folder(lock.folder())).unwrap().count(), 1);
}

#[test]
fn half_a_copy_is_no_spare() {
    let (_folder, lock) = profile();
    let half = folder(lock.folder()).join(".draft-1793871234567/Default");
    fs::create_dir_all(&half).unwrap();
    assert_eq!(newest(lock.folder()), None);
    sweep(lock.folder());
    assert!(!half.exists());
}

#[test]
fn what_is_not_linked_gets_no_spare() {
    let (_folder, lock) = profile();
    marker::write(lock.folder(), false).unwrap();
    assert!(matches!(take(&lock, soon()), Err(NotTaken::NotLinked)));
    assert_eq!(newest(lock.folder()), None);
}

#[test]
fn a_full_disk_is_left_to_the_browsers() {
    assert!(leaves_room(5, LEFT_FREE + 5));
    assert!(!leaves_room(6, LEFT_FREE + 5));
    assert!(!leaves_room(u64::MAX, u64::MAX - 1));
    let (folder, _lock) = profile();
    assert!(!has_room(u64::MAX - LEFT_FREE, folder.path()));
    assert!(has_room(u64::MAX, &folder.path().join("nowhere")));
}

#[test]
fn a_login_with_a_damaged_log_gives_no_spare() {
    let (_folder, lock) = profile();
    let earlier = take_another(&lock);
    for name in LOGS {
        let whole = logs::tests::log(&[name.as_bytes()]);
        write(&lock, name, [&whole[..], &[0xff; 7]].concat());
        let damaged = take(&lock, soon());
        assert!(matches!(damaged, Err(NotTaken::Damaged)), "{damaged:?}");
        assert_eq!(fs::read_dir(folder(lock.folder())).unwrap().count(), 1);
        write(&lock, name, whole);
    }
    assert_ne!(take_another(&lock), earlier);
}
