//! Logins of another program are taken over while the program that copies them is killed, or the disk fills up.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;
use whatsapp_simulator::MarksView;

use crate::app::program;
use crate::disk::Disk;
use crate::figures::{Fault, Figures, skipped};
use crate::scale::count;
use crate::support::wait_for;
use crate::turn;
use crate::world::World;

/// Who linked the account, and who takes its login over.
const BEFORE: u64 = 1;
const AFTER: u64 = 2;
/// What the page wrote before its login was saved by the other program.
const MARK: u32 = 7;
/// Makes a copy take long enough to be met in the middle, bytes.
const BALLAST: u64 = 192 * 1024 * 1024;
const FILE: u64 = 8 * 1024 * 1024;

/// A folder of whatsapp-web.js with one login in it.
struct Old {
    folder: TempDir,
    login: PathBuf,
    before: BTreeMap<PathBuf, (SystemTime, u64, u64)>,
}

impl Old {
    /// Links an account, and makes its profile one of another program. The program has ended.
    fn saved(world: &mut World) -> Self {
        world.start(&[]);
        world.link(&[BEFORE]);
        world.mark(BEFORE, MARK);
        assert!(world.end().0.success());
        let folder = TempDir::new().unwrap();
        let login = folder.path().join(".wwebjs_auth/session-ventas");
        let profiles = world.data.path().join("profiles");
        copy(&profiles.join(format!("{BEFORE}/chromium")), &login);
        let ballast = login.join("Default/File System/000/t");
        fs::create_dir_all(&ballast).unwrap();
        for name in 0..BALLAST / FILE {
            let bytes = vec![u8::try_from(name).unwrap(); usize::try_from(FILE).unwrap()];
            fs::write(ballast.join(format!("{name:08}")), bytes).unwrap();
        }
        world.start(&[]);
        assert!(world.caller().delete(BEFORE, true).is_ok());
        assert!(world.end().0.success());
        let before = everything(folder.path());
        Self {
            folder,
            login,
            before,
        }
    }

    /// `session-manager import`.
    fn import(&self, world: &World) -> Child {
        program(world.data.path())
            .arg("import")
            .arg(self.folder.path())
            .args(["--as", &format!("ventas={AFTER}"), "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Has the program that runs take the login over and start it.
    fn begin(&self, world: &World) {
        let wanted = json!({ "path": self.login, "id": AFTER, "name": "ventas" });
        let args = json!({ "wanted": [wanted], "start": true });
        let (status, body) = world.app().post("/control/import_logins", None, &args);
        assert_eq!(status, 200, "{body}");
    }

    /// What came of it.
    fn outcome(world: &World) -> Value {
        let mut view = json!({ "revision": 0 });
        while view["running"] != false {
            let seen = json!({ "revision": view["revision"] });
            let (status, body) = world.app().post("/control/import_progress", None, &seen);
            assert_eq!(status, 200, "{body}");
            view = body;
        }
        view["logins"][0].clone()
    }

    /// Nothing was written there.
    fn look(&self, figures: &Figures, when: &str) {
        let now = everything(self.folder.path());
        if now != self.before {
            let other = now
                .iter()
                .filter(|one| self.before.get(one.0) != Some(one.1));
            let paths: Vec<_> = other.map(|(path, _)| path).collect();
            figures.fault(
                Fault::Wrong,
                format!("{when}: the old folder changed: {paths:?}"),
            );
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (kind, target) = (entry.file_type().unwrap(), to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &target);
        } else if kind.is_file() {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Every file and folder below: when it was written, how long it is, and what stands for its bytes.
fn everything(folder: &Path) -> BTreeMap<PathBuf, (SystemTime, u64, u64)> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, found) = (entry.path(), entry.metadata().unwrap());
        let mut hash = DefaultHasher::new();
        if found.is_dir() {
            all.extend(everything(&path));
        } else {
            fs::read(&path).unwrap().hash(&mut hash);
        }
        let stamp = (found.modified().unwrap(), found.len(), hash.finish());
        all.insert(path, stamp);
    }
    all
}

/// What lies among the profiles.
fn profiles(world: &World) -> Vec<String> {
    let entries = fs::read_dir(world.data.path().join("profiles"));
    entries
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

fn is_half(name: &str) -> bool {
    name.starts_with(".import-")
}

fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => size(&entry.path()),
            Ok(found) => found.len(),
            Err(_) => 0,
        })
        .sum()
}

/// Waits until so many tenths are copied; ten: until it is marked as a login, or in place. What lay there `before` is of an
/// earlier try.
fn copied(world: &World, before: &[String], tenths: u64, over: &mut dyn FnMut() -> bool) {
    let folder = world.data.path().join("profiles");
    let begun = Instant::now();
    loop {
        let names = profiles(world);
        let draft = names.iter().find(|it| is_half(it) && !before.contains(it));
        let is_there = names.contains(&AFTER.to_string());
        let is_so_far = draft.map(|it| folder.join(it)).is_some_and(|draft| {
            draft.join("login.json").exists()
                || (tenths < 10 && size(&draft) > BALLAST * tenths / 10)
        });
        if is_there || is_so_far || over() {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{names:?}");
        sleep(Duration::from_millis(1));
    }
}

/// After a kill: the login is there, whole, or there is none.
fn is_whole_or_not_there(world: &World, old: &Old, figures: &Figures, when: &str) -> bool {
    old.look(figures, when);
    let profile = world.data.path().join(format!("profiles/{AFTER}"));
    if !profile.exists() {
        return false;
    }
    let is = size(&profile.join("chromium"));
    if is < BALLAST || !profile.join("login.json").exists() {
        let what = format!("{when}: {is} bytes of a profile are in place");
        figures.fault(Fault::Wrong, what);
    }
    true
}

/// The login works, with all that the page wrote before it was taken over; then it is forgotten.
fn works(world: &World, figures: &Figures, when: &str, since: Instant) {
    let outcome = world.recovery(AFTER, "READY", None, since);
    let outcome = outcome.map_err(|(fault, why)| (fault, format!("{when}: {why}")));
    if figures.outcome(outcome) {
        let expected = MarksView::everywhere(MARK);
        // WhatsApp knows the device by the login, whoever loads it.
        let found = world.device(BEFORE).marks;
        if found != expected {
            figures.fault(Fault::Lost, format!("{when}: {found:?}"));
        }
    }
    if !world.caller().delete(AFTER, true).is_ok() {
        figures.fault(Fault::Unusable, format!("{when}: it is not forgotten"));
    }
}

fn ended(mut child: Child) -> Output {
    wait_for("the import", || child.try_wait().unwrap());
    child.wait_with_output().unwrap()
}

fn first_row(output: &Output) -> Value {
    let rows: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    rows[0].clone()
}

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn import_kills() {
    let _turn = turn();
    let mut figures = Figures::new("import_kills");
    let mut world = World::new();
    let old = Old::saved(&mut world);
    for round in 0..count(10) {
        // The command, killed as often as it takes to meet every part of a copy.
        for tenths in [0, 3, 6, 9, 10] {
            let when = format!("round {round}, killed after {tenths} tenths");
            let before = profiles(&world);
            let mut child = old.import(&world);
            copied(&world, &before, tenths, &mut || {
                child.try_wait().unwrap().is_some()
            });
            let names = profiles(&world);
            if names.iter().filter(|it| is_half(it)).count() > 1 {
                figures.fault(
                    Fault::Wrong,
                    format!("{when}: an older half is left: {names:?}"),
                );
            }
            child.kill().unwrap();
            child.wait().unwrap();
            figures.made();
            if is_whole_or_not_there(&world, &old, &figures, &when) {
                fs::remove_dir_all(world.data.path().join(format!("profiles/{AFTER}"))).unwrap();
            }
        }
        // Asked to end, the command clears up itself.
        for signal in [Signal::SIGINT, Signal::SIGTERM] {
            let before = profiles(&world);
            let child = old.import(&world);
            copied(&world, &before, 3, &mut || false);
            let pid = Pid::from_raw(i32::try_from(child.id()).unwrap());
            kill(pid, signal).unwrap();
            let output = ended(child);
            figures.made();
            let (row, names) = (first_row(&output), profiles(&world));
            let is_told = row["problem"] == "cancelled" && output.status.code() == Some(1);
            if !is_told || !names.is_empty() {
                let what = format!("{signal}: {}: {row}, {names:?}", output.status);
                figures.fault(Fault::Wrong, what);
            }
            old.look(&figures, signal.as_str());
        }
        let output = ended(old.import(&world));
        if first_row(&output)["outcome"] != "taken" {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            figures.fault(Fault::Unusable, format!("{}: {said}", first_row(&output)));
        }
        let since = Instant::now();
        world.start(&[]);
        assert!(world.caller().init(AFTER).is_ok());
        works(&world, &figures, "after the command", since);

        // The program, which goes on with what it finds.
        let tenths = figures.random.below(11);
        let when = format!("round {round}, the program killed after {tenths} tenths");
        old.begin(&world);
        copied(&world, &[], tenths, &mut || false);
        world.kill();
        figures.made();
        let whole = is_whole_or_not_there(&world, &old, &figures, &when);
        let since = Instant::now();
        world.start(&[]);
        let names = profiles(&world);
        if names.iter().any(|name| name.starts_with('.')) {
            figures.fault(Fault::Wrong, format!("{when}: {names:?}"));
        }
        if !whole {
            if !world.caller().view(AFTER).is_null() {
                figures.fault(Fault::Wrong, format!("{when}: a cliente without a login"));
            }
            old.begin(&world);
            let outcome = Old::outcome(&world);
            if outcome["stage"] != "taken" {
                figures.fault(Fault::Unusable, format!("{when}, again: {outcome}"));
            }
        }
        works(&world, &figures, &when, since);
        old.look(&figures, &when);
        assert!(world.end().0.success());
    }
    let left = world.left(&[]);
    figures.orphans(&left, "the end");
    figures.finish();
}

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn import_disk_full() {
    let _turn = turn();
    let figures = Figures::new("import_disk_full");
    let mut world = World::new();
    let Some(disk) = Disk::mount(world.data.path()) else {
        skipped("import_disk_full", "this user may not mount a disk");
        return;
    };
    let old = Old::saved(&mut world);
    for round in 0..count(10) {
        let when = format!("round {round}, the command");
        disk.shut();
        let output = ended(old.import(&world));
        figures.made();
        let row = first_row(&output);
        if row["problem"] != "no_space" || output.status.code() != Some(1) {
            figures.fault(Fault::Wrong, format!("{when}: {}: {row}", output.status));
        }
        let names = profiles(&world);
        if !names.is_empty() {
            figures.fault(Fault::Wrong, format!("{when}: {names:?} is left"));
        }
        old.look(&figures, &when);
        disk.open();

        let when = format!("round {round}, the program");
        world.start(&[]);
        disk.shut();
        old.begin(&world);
        figures.made();
        let outcome = Old::outcome(&world);
        if outcome["problem"] != "no_space" {
            figures.fault(Fault::Wrong, format!("{when}: {outcome}"));
        }
        let names = profiles(&world);
        if !names.is_empty() || !world.caller().view(AFTER).is_null() {
            figures.fault(Fault::Wrong, format!("{when}: {names:?} is left"));
        }
        old.look(&figures, &when);
        disk.open();
        let since = Instant::now();
        old.begin(&world);
        let outcome = Old::outcome(&world);
        if outcome["stage"] != "taken" {
            figures.fault(Fault::Unusable, format!("{when}, again: {outcome}"));
        }
        works(&world, &figures, &when, since);
        assert!(world.end().0.success());
    }
    drop(disk);
    figures.finish();
}
