use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::SystemTime;

use session_core::old_login::{InUse, OldKind, OldLogin, proposed};
use session_core::ports::Profiles;

use super::*;

mod midway;

const DATABASE: &str = "Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.leveldb";

/// What `LocalAuth` leaves after a link, with caches.
fn save(folder: &Path) {
    let write = |name: &str, text: &[u8]| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("Local State", b"{}");
    write(
        &format!("{DATABASE}/000003.log"),
        &crate::profile::logs::tests::log(&[b"the login"]),
    );
    write(&format!("{DATABASE}/LOCK"), b"");
    write(
        "Default/Local Storage/leveldb/CURRENT",
        b"MANIFEST-000001\n",
    );
    write("Default/Cache/Cache_Data/data_0", &[7; 5000]);
    write("Default/Code Cache/js/index", &[7; 5000]);
    write("Crashpad/settings.dat", b"x");
}

struct World {
    _folder: tempfile::TempDir,
    old: PathBuf,
    profiles: Arc<ProfileFolders>,
}

fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let path = dunce::canonicalize(folder.path()).unwrap();
    let old = path.join("old");
    fs::create_dir(&old).unwrap();
    World {
        old,
        profiles: ProfileFolders::open(path.join("data/profiles")).unwrap(),
        _folder: folder,
    }
}

impl World {
    fn saved(&self, below: &str) -> PathBuf {
        let folder = self.old.join(below);
        save(&folder);
        folder
    }

    fn take(&self, login: &Path, id: u64) -> Result<u64, TakeError> {
        take::take(&self.profiles, login, cliente(id), &CopyProgress::default())
    }

    /// What lies in our folder of profiles.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(&self.profiles.root)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn cliente(id: u64) -> ClienteId {
    ClienteId::try_from(id).unwrap()
}

fn found(folder: &Path) -> Vec<OldLogin> {
    find::find(folder).unwrap().logins
}

/// Every file below, with its content and when it was written.
fn everything(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let changed = entry.metadata().unwrap().modified().unwrap();
        if entry.file_type().unwrap().is_dir() {
            all.extend(everything(&entry.path()));
            all.insert(entry.path(), (Vec::new(), changed));
        } else {
            all.insert(entry.path(), (fs::read(entry.path()).unwrap(), changed));
        }
    }
    all
}

#[test]
fn logins_are_found_from_every_folder_that_somebody_may_choose() {
    let world = world();
    let seven = world.saved("service/sessions/cliente_7/session-cliente_7");
    world.saved("service/sessions/cliente_12/session-cliente_12");
    for start in ["", "service", "service/sessions"] {
        let ids: Vec<_> = found(&world.old.join(start))
            .iter()
            .map(|it| it.id)
            .collect();
        assert_eq!(ids, [Some(cliente(7)), Some(cliente(12))], "{start}");
    }
    for start in [
        "service/sessions/cliente_7",
        "service/sessions/cliente_7/session-cliente_7",
    ] {
        let one = found(&world.old.join(start));
        assert_eq!(one.len(), 1, "{start}");
        assert_eq!((&one[0].path, one[0].kind), (&seven, OldKind::Service));
        assert_eq!((one[0].linked, one[0].in_use), (true, InUse::Free));
        assert!(
            one[0].bytes > 0 && one[0].bytes < 5000,
            "caches do not count"
        );
        assert!(one[0].last_used.is_some());
    }
}

#[test]
fn what_whatsapp_web_js_saved_is_found_with_and_without_a_name() {
    let world = world();
    world.saved("bot/.wwebjs_auth/session");
    world.saved("bot/.wwebjs_auth/session-ventas");
    world.saved("bot/.wwebjs_auth/session-cliente_9");
    world.saved("bot/node_modules/other/session-nobody");
    fs::create_dir_all(world.old.join("bot/session-empty")).unwrap();
    let logins = found(&world.old);
    let names: Vec<_> = logins.iter().map(|login| login.name.as_str()).collect();
    assert_eq!(names, ["cliente_9", "", "ventas"]);
    assert!(logins.iter().all(|login| login.kind == OldKind::LocalAuth));
    let known = BTreeSet::from([cliente(1)]);
    let ids: Vec<_> = proposed(&logins, &known)
        .iter()
        .map(|id| id.get())
        .collect();
    assert_eq!(ids, [9, 2, 3], "its own id, then those that are free");
}

#[test]
fn a_folder_that_is_too_deep_or_not_there_is_told_from_an_empty_one() {
    let world = world();
    world.saved("a/b/c/d/session-deep");
    assert!(found(&world.old).is_empty());
    assert_eq!(found(&world.old.join("a")).len(), 1);
    let gone = find::find(&world.old.join("nowhere")).unwrap_err();
    assert_eq!(gone.kind(), io::ErrorKind::NotFound);
}

#[cfg(unix)]
#[test]
fn links_lead_nowhere() {
    let world = world();
    let outside = world.saved("outside/session-secret");
    let shown = world.old.join("shown");
    fs::create_dir(&shown).unwrap();
    std::os::unix::fs::symlink(&outside, shown.join("session-secret")).unwrap();
    assert!(found(&shown).is_empty());
    // A file in a login that leads elsewhere is not copied either.
    let login = world.saved("shown/session-a");
    let private = world.old.join("private");
    fs::write(&private, "secret").unwrap();
    std::os::unix::fs::symlink(&private, login.join(DATABASE).join("000004.log")).unwrap();
    world.take(&login, 3).unwrap();
    let copied = world
        .profiles
        .folder(cliente(3))
        .join("chromium")
        .join(DATABASE);
    assert!(copied.join("000003.log").exists());
    assert!(!copied.join("000004.log").exists());
}

#[tokio::test]
async fn a_copy_holds_the_login_and_leaves_the_old_folder_as_it_was() {
    let world = world();
    let login = world.saved(".wwebjs_auth/session-ventas");
    // Half a record at the end: mended in the copy alone.
    let log = login.join(DATABASE).join("000003.log");
    let whole = fs::read(&log).unwrap();
    fs::write(&log, [&whole[..], &[0xff; 7]].concat()).unwrap();
    let before = everything(&world.old);
    let copied = world.take(&login, 7).unwrap();
    assert_eq!(everything(&world.old), before);
    assert!(copied > 0);
    assert!(world.profiles.has_login(cliente(7)).await);
    let ours = world.profiles.folder(cliente(7)).join("chromium");
    assert_eq!(
        fs::read(ours.join(DATABASE).join("000003.log")).unwrap(),
        whole
    );
    assert!(ours.join("Local State").exists());
    for cache in ["Default/Cache", "Default/Code Cache", "Crashpad"] {
        assert!(!ours.join(cache).exists(), "{cache}");
    }
    assert_eq!(world.names(), ["7"]);
}

#[tokio::test]
async fn a_saved_login_is_never_replaced_and_an_empty_profile_is() {
    let world = world();
    let login = world.saved("session-ventas");
    world.take(&login, 7).unwrap();
    let kept = world
        .profiles
        .folder(cliente(7))
        .join("chromium/Local State");
    fs::write(&kept, "ours").unwrap();
    assert!(matches!(world.take(&login, 7), Err(TakeError::IdTaken)));
    assert_eq!(fs::read_to_string(&kept).unwrap(), "ours");
    // A start that nobody scanned left this.
    let lock = world.profiles.acquire(cliente(8)).unwrap();
    assert!(matches!(world.take(&login, 8), Err(TakeError::IdTaken)));
    drop(lock);
    world.take(&login, 8).unwrap();
    assert!(world.profiles.has_login(cliente(8)).await);
    assert_eq!(world.names(), ["7", "8"]);
}

#[test]
fn a_folder_without_a_login_is_shown_and_not_copied() {
    let world = world();
    let login = world.saved("session-ventas");
    fs::write(login.join(DATABASE).join("000003.log"), "").unwrap();
    assert!(!found(&world.old)[0].linked);
    assert!(matches!(world.take(&login, 7), Err(TakeError::NoLogin)));
    let other = world.old.join("photos");
    save(&other);
    assert!(matches!(world.take(&other, 7), Err(TakeError::NotFound)));
    assert_eq!(world.names(), <[String; 0]>::default());
}

#[test]
fn a_copy_that_is_called_off_leaves_nothing() {
    let world = world();
    let login = world.saved("session-ventas");
    let progress = CopyProgress::default();
    progress.cancel.cancel();
    let outcome = take::take(&world.profiles, &login, cliente(7), &progress);
    assert!(matches!(outcome, Err(TakeError::Cancelled)));
    assert_eq!(world.names(), <[String; 0]>::default());
}

#[test]
fn half_a_copy_goes_with_the_next_start() {
    let world = world();
    fs::create_dir_all(world.profiles.root.join(".import-7-00/chromium/Default")).unwrap();
    ProfileFolders::open(world.profiles.root.clone()).unwrap();
    assert_eq!(world.names(), <[String; 0]>::default());
}

/// A process that has this folder on its command line, as the browser on it has.
#[cfg(target_os = "linux")]
fn browser(folder: &Path) -> std::process::Child {
    let argument = format!("--user-data-dir={}", folder.display());
    let child = std::process::Command::new("sh")
        .args(["-c", "read line", "browser", &argument])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // The command line appears a moment after the process.
    let line = format!("/proc/{}/cmdline", child.id());
    while !String::from_utf8_lossy(&fs::read(&line).unwrap()).contains(&argument) {
        std::thread::yield_now();
    }
    child
}

#[cfg(target_os = "linux")]
#[test]
fn a_login_that_a_browser_works_on_is_shown_so_and_not_copied() {
    let world = world();
    let login = world.saved("session-ventas");
    let lock = login.join("SingletonLock");
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let sign = |owner: String| {
        let _ = fs::remove_file(&lock);
        std::os::unix::fs::symlink(owner, &lock).unwrap();
    };
    let mut other = browser(Path::new("/nowhere"));
    sign(format!("{}-{}", host.trim(), other.id()));
    assert_eq!(found(&world.old)[0].in_use, InUse::Here);
    assert!(matches!(world.take(&login, 7), Err(TakeError::InUse)));
    other.kill().unwrap();
    other.wait().unwrap();
    assert_eq!(found(&world.old)[0].in_use, InUse::Free, "it was killed");
    // This test is no browser, whatever the number says.
    sign(format!("{}-{}", host.trim(), std::process::id()));
    assert_eq!(found(&world.old)[0].in_use, InUse::Free);
    sign("another-host-42".to_owned());
    assert_eq!(found(&world.old)[0].in_use, InUse::Elsewhere);
    assert!(matches!(
        world.take(&login, 7),
        Err(TakeError::InUseElsewhere)
    ));
    fs::remove_file(&lock).unwrap();
    // The headless shell leaves no mark.
    let mut shell = browser(&login);
    assert_eq!(found(&world.old)[0].in_use, InUse::Here);
    shell.kill().unwrap();
    shell.wait().unwrap();
    world.take(&login, 7).unwrap();
}
