//! Files are damaged while nothing runs.

use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::Instant;

use crate::figures::{Fault, Figures};
use crate::scale::{Random, is_long};
use crate::turn;
use crate::world::World;

/// What a way of damaging does to a folder.
type Damage = fn(&Path, &mut Random);

/// Longer than the header of anything, and nothing.
const NONSENSE: &[u8] = b"this is nothing that anybody could read, and it goes on like that. ";

fn overwrite(path: &Path) {
    fs::write(path, NONSENSE.repeat(20)).unwrap();
}

fn remove(path: &Path) {
    let result = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    if let Err(cause) = result {
        assert_eq!(cause.kind(), std::io::ErrorKind::NotFound, "{cause}");
    }
}

fn truncate(path: &Path, to: u64) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_len(to).unwrap();
}

fn scratch(path: &Path, random: &mut Random) {
    let length = fs::metadata(path).unwrap().len();
    let mut file = File::options().write(true).open(path).unwrap();
    for _ in 0..8 {
        file.seek(SeekFrom::Start(random.below(length))).unwrap();
        file.write_all(NONSENSE).unwrap();
    }
}

/// Does something to all files below.
fn each(folder: &Path, change: &dyn Fn(&Path)) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        // Links are not followed: those of Chromium's locks lead nowhere.
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            each(&entry.path(), change);
        } else if kind.is_file() {
            change(&entry.path());
        }
    }
}

/// What a browser leaves in its database's log that is killed between two writes: a record's header (checksum, length,
/// kind) and nothing of the record. What is appended after it cannot be read.
fn half_record(path: &Path) {
    if path.extension().is_some_and(|extension| extension == "log") {
        let mut file = File::options().append(true).open(path).unwrap();
        file.write_all(&[0x12, 0x34, 0x56, 0x78, 100, 0, 1])
            .unwrap();
    }
}

fn without_backup(data: &Path) {
    for entry in fs::read_dir(data).unwrap().map(Result::unwrap) {
        if entry
            .file_name()
            .to_string_lossy()
            .starts_with("sessions.db.backup")
        {
            remove(&entry.path());
        }
    }
}

const DATABASE: [(&str, Damage); 9] = [
    ("nonsense", |data, _| overwrite(&data.join("sessions.db"))),
    ("no database", |data, _| {
        for name in ["sessions.db", "sessions.db-wal", "sessions.db-shm"] {
            remove(&data.join(name));
        }
    }),
    ("scratched", |data, random| {
        scratch(&data.join("sessions.db"), random);
    }),
    ("empty", |data, _| truncate(&data.join("sessions.db"), 0)),
    ("half", |data, _| {
        let path = data.join("sessions.db");
        truncate(&path, fs::metadata(&path).unwrap().len() / 2);
    }),
    ("a folder in its place", |data, _| {
        remove(&data.join("sessions.db"));
        fs::create_dir(data.join("sessions.db")).unwrap();
    }),
    ("a log of changes that is nonsense", |data, _| {
        overwrite(&data.join("sessions.db-wal"));
    }),
    ("nonsense, and no backup", |data, _| {
        overwrite(&data.join("sessions.db"));
        without_backup(data);
    }),
    ("nonsense, and a backup that is nonsense", |data, _| {
        overwrite(&data.join("sessions.db"));
        overwrite(&data.join("sessions.db.backup"));
    }),
];

/// A few of them in the short form, another few each time.
fn chosen<'a>(
    all: &'a [(&'static str, Damage)],
    random: &mut Random,
) -> Vec<&'a (&'static str, Damage)> {
    if is_long() {
        all.iter().collect()
    } else {
        (0..2).map(|_| random.pick(all)).collect()
    }
}

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn corrupt_database() {
    let _turn = turn();
    let mut figures = Figures::new("corrupt_database");
    let mut world = World::started();
    world.link(&[1, 2]);
    for (way, damage) in chosen(&DATABASE, &mut figures.random) {
        assert!(world.end().0.success());
        // One way that was not mended is not to spoil the next.
        let database = world.data.path().join("sessions.db");
        if database.is_dir() {
            remove(&database);
            world.start(&[]);
            assert!(world.end().0.success());
        }
        damage(world.data.path(), &mut figures.random);
        figures.made();
        let since = Instant::now();
        world.start(&[]);
        let caller = world.caller();
        // Without any database nobody knows any more who wanted to run.
        if way.contains("backup") {
            for cliente in [1, 2] {
                if caller.session(cliente).is_null() {
                    figures.fault(Fault::Lost, format!("{way}: cliente {cliente} is unknown"));
                }
                caller.init(cliente);
            }
        }
        let wanted = [1, 2].map(|cliente| (cliente, "READY", None));
        for (_, outcome) in world.recoveries(&wanted, since) {
            figures.outcome(outcome.map_err(|(fault, why)| (fault, format!("{way}: {why}"))));
        }
        let (status, health) = world.app().get("/health", None);
        if status != 200 {
            figures.fault(Fault::Wrong, format!("{way}: {health}"));
        }
    }
    assert!(world.end().0.success());
    figures.finish();
}

/// The ways that take the login away come first, each said to do so.
const PROFILE: [(&str, Damage); 12] = [
    ("no database (login lost)", |profile, _| {
        remove(&profile.join("chromium/Default/IndexedDB"));
    }),
    ("no browser folder (login lost)", |profile, _| {
        remove(&profile.join("chromium"));
    }),
    ("a database that is nonsense (login lost)", |profile, _| {
        each(&profile.join("chromium/Default/IndexedDB"), &overwrite);
    }),
    ("all files empty (login lost)", |profile, _| {
        each(&profile.join("chromium"), &|path| truncate(path, 0));
    }),
    (
        "a file in the browser folder's place (login lost)",
        |profile, _| {
            remove(&profile.join("chromium"));
            overwrite(&profile.join("chromium"));
        },
    ),
    ("a log that ends in the middle of a record", |profile, _| {
        each(&profile.join("chromium/Default/IndexedDB"), &half_record);
    }),
    ("preferences that are nonsense", |profile, _| {
        overwrite(&profile.join("chromium/Default/Preferences"));
    }),
    ("a state that is nonsense", |profile, _| {
        overwrite(&profile.join("chromium/Local State"));
    }),
    ("localStorage that is nonsense", |profile, _| {
        each(&profile.join("chromium/Default/Local Storage"), &overwrite);
    }),
    ("cookies that are nonsense", |profile, _| {
        each(&profile.join("chromium/Default"), &|path| {
            if path.file_name().is_some_and(|name| name == "Cookies") {
                overwrite(path);
            }
        });
    }),
    ("a mark of the login that is nonsense", |profile, _| {
        overwrite(&profile.join("login.json"));
    }),
    ("no mark of the login", |profile, _| {
        remove(&profile.join("login.json"));
    }),
];

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn corrupt_profile() {
    let _turn = turn();
    let mut figures = Figures::new("corrupt_profile");
    let mut world = World::started();
    let caller = world.caller();
    for (index, (way, damage)) in chosen(&PROFILE, &mut figures.random)
        .into_iter()
        .enumerate()
    {
        // Each way gets a cliente of its own: a spare that was used up would be missing in the next.
        let cliente = u64::try_from(index).unwrap() + 1;
        world.link(&[cliente]);
        assert!(caller.delete(cliente, false).is_ok());
        damage(
            &world.data.path().join(format!("profiles/{cliente}")),
            &mut figures.random,
        );
        figures.made();
        let since = Instant::now();
        let call = caller.init(cliente);
        if call.hung() {
            figures.fault(Fault::Hung, format!("{way}: {call}"));
        }
        let outcome = world.recovery(cliente, "READY", None, since);
        let outcome = outcome.map_err(|(fault, why)| (fault, format!("{way}: {why}")));
        if figures.outcome(outcome) {
            let call = caller.send(cliente);
            if !call.is_ok() {
                figures.fault(Fault::Stuck, format!("{way}: {call}"));
            }
            let notice = caller.session(cliente)["notice"].clone();
            if way.contains("login lost") && notice != "LOGIN_RESTORED" {
                figures.fault(Fault::Wrong, format!("{way}: the notice is {notice}"));
            }
            // What was mended stays so.
            let since = Instant::now();
            for call in [caller.delete(cliente, false), caller.init(cliente)] {
                if !call.is_ok() {
                    figures.fault(Fault::Wrong, format!("{way}: {call}"));
                }
            }
            let outcome = world.recovery(cliente, "READY", None, since);
            figures
                .outcome(outcome.map_err(|(fault, why)| (fault, format!("{way}, again: {why}"))));
        }
        caller.delete(cliente, true);
    }
    assert!(world.end().0.success());
    let left = world.left(&[]);
    figures.orphans(&left, "the end");
    figures.finish();
}
