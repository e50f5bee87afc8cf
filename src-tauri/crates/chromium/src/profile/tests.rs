use super::*;

fn cliente(id: u64) -> ClienteId {
    ClienteId::try_from(id).unwrap()
}

fn open() -> (tempfile::TempDir, Arc<ProfileFolders>) {
    let folder = tempfile::tempdir().unwrap();
    let profiles = ProfileFolders::open(folder.path().join("data/profiles")).unwrap();
    (folder, profiles)
}

/// Marks it as linked, as after the first browser on it.
async fn link(profiles: &ProfileFolders) {
    make_private(&profiles.folder(cliente(7))).unwrap();
    profiles.mark_login(cliente(7), true).await.unwrap();
}

#[tokio::test]
async fn a_login_is_remembered_and_forgotten() {
    let (_folder, profiles) = open();
    assert!(!profiles.has_login(cliente(7)).await);
    link(&profiles).await;
    assert!(profiles.has_login(cliente(7)).await);
    assert!(!profiles.has_login(cliente(70)).await);
    let again = ProfileFolders::open(profiles.root.clone()).unwrap();
    assert!(again.has_login(cliente(7)).await);
    profiles.mark_login(cliente(7), false).await.unwrap();
    assert!(!again.has_login(cliente(7)).await);
}

#[test]
fn a_browser_is_given_a_plain_path_and_known_by_it() {
    let (_folder, profiles) = open();
    let lock = profiles.acquire(cliente(7)).unwrap();
    for argument in known_by(lock.user_data()) {
        let argument = String::from_utf8(argument).unwrap();
        let (_, path) = argument.split_once('=').unwrap();
        assert!(!path.starts_with(r"\\?\"), "{path}");
        assert!(Path::new(path).starts_with(lock.folder()), "{path}");
    }
}

#[tokio::test]
async fn a_damaged_marker_counts_as_no_login() {
    let (_folder, profiles) = open();
    link(&profiles).await;
    fs::write(profiles.folder(cliente(7)).join("login.json"), "{").unwrap();
    assert!(!profiles.has_login(cliente(7)).await);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_look_in() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, profiles) = open();
    let lock = profiles.acquire(cliente(7)).unwrap();
    for folder in [
        &profiles.root,
        &profiles.folder(cliente(7)),
        lock.user_data(),
    ] {
        let mode = folder.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{}", folder.display());
    }
}

#[tokio::test]
async fn a_profile_has_one_owner_at_a_time() {
    let (_folder, profiles) = open();
    let lock = profiles.acquire(cliente(7)).unwrap();
    let error = profiles.acquire(cliente(7)).unwrap_err();
    let own = std::process::id();
    assert!(
        matches!(error, LockError::InUse(Some(process)) if process == own),
        "{error}"
    );
    profiles.acquire(cliente(8)).unwrap();
    drop(lock);
    profiles.acquire(cliente(7)).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn what_a_killed_browser_left_is_cleared_away() {
    let (_folder, profiles) = open();
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    // No process has this number.
    for owner in ["another-host-4242", &format!("{}-4194305", host.trim())] {
        let lock = profiles.acquire(cliente(7)).unwrap();
        let stale = lock.user_data().join("SingletonLock");
        let kept = lock.user_data().join("Local State");
        std::os::unix::fs::symlink(owner, &stale).unwrap();
        fs::write(&kept, "{}").unwrap();
        // It may be in use as long as the lock is held.
        assert!(profiles.acquire(cliente(7)).is_err());
        assert!(stale.symlink_metadata().is_ok(), "{owner}");
        drop(lock);
        let _lock = profiles.acquire(cliente(7)).unwrap();
        assert!(stale.symlink_metadata().is_err(), "{owner}");
        assert!(kept.exists());
    }
}

#[tokio::test]
async fn half_a_record_at_the_end_of_a_log_is_cut_off_before_a_browser_starts() {
    let (_folder, profiles) = open();
    let lock = profiles.acquire(cliente(7)).unwrap();
    let database = lock.user_data().join("Default/Local Storage/leveldb");
    fs::create_dir_all(&database).unwrap();
    let log = database.join("000003.log");
    let whole = logs::tests::log(&[b"the login"]);
    let torn = [&whole[..], &[0xff; 7]].concat();
    fs::write(&log, &torn).unwrap();
    // A browser may be writing it just now as long as the lock is held.
    assert!(profiles.acquire(cliente(7)).is_err());
    assert_eq!(fs::read(&log).unwrap(), torn);
    drop(lock);
    let _lock = profiles.acquire(cliente(7)).unwrap();
    assert_eq!(fs::read(&log).unwrap(), whole);
}

#[tokio::test]
async fn a_profile_in_use_is_not_deleted() {
    let (_folder, profiles) = open();
    link(&profiles).await;
    let lock = profiles.acquire(cliente(7)).unwrap();
    let error = profiles.delete(cliente(7)).await.unwrap_err();
    assert_eq!(error.cause.kind(), io::ErrorKind::ResourceBusy);
    assert!(profiles.has_login(cliente(7)).await);
    drop(lock);
    profiles.delete(cliente(7)).await.unwrap();
    assert_eq!(fs::read_dir(&profiles.root).unwrap().count(), 0);
    // There is nothing left to delete, which is what was asked for.
    profiles.delete(cliente(7)).await.unwrap();
}

#[tokio::test]
async fn a_mark_that_comes_late_makes_nothing_of_a_forgotten_cliente() {
    let (_folder, profiles) = open();
    drop(profiles.acquire(cliente(7)).unwrap());
    profiles.mark_login(cliente(7), true).await.unwrap();
    profiles.delete(cliente(7)).await.unwrap();
    profiles.mark_login(cliente(7), false).await.unwrap();
    assert!(profiles.mark_login(cliente(7), true).await.is_err());
    assert_eq!(fs::read_dir(&profiles.root).unwrap().count(), 0);
}

/// Saves a login whose whole content is this text, and a spare of it.
async fn spare(profiles: &ProfileFolders, text: &str) {
    let known = fs::read_dir(profiles.folder(cliente(7)).join("spares")).map_or(0, Iterator::count);
    link(profiles).await;
    let lock = profiles.acquire(cliente(7)).unwrap();
    fs::write(lock.user_data().join("Local State"), text).unwrap();
    let soon = std::time::Instant::now() + std::time::Duration::from_secs(60);
    // Two spares of one millisecond cannot be.
    while fs::read_dir(profiles.folder(cliente(7)).join("spares")).map_or(0, Iterator::count)
        == known
    {
        let _ = spares::take(&lock, soon);
    }
}

fn content(profiles: &ProfileFolders, folder: &str) -> Option<String> {
    fs::read_to_string(profiles.folder(cliente(7)).join(folder).join("Local State")).ok()
}

#[tokio::test]
async fn a_spare_takes_the_place_of_the_profile_and_is_used_up() {
    let (_folder, profiles) = open();
    assert!(!profiles.has_spare(cliente(7)).await);
    assert!(!profiles.restore_spare(cliente(7)).await.unwrap());
    spare(&profiles, "older").await;
    spare(&profiles, "newer").await;
    assert!(profiles.has_spare(cliente(7)).await);

    let lock = profiles.acquire(cliente(7)).unwrap();
    fs::write(lock.user_data().join("Local State"), "damaged").unwrap();
    fs::write(lock.user_data().join("junk"), "").unwrap();
    let error = profiles.restore_spare(cliente(7)).await.unwrap_err();
    assert_eq!(error.cause.kind(), io::ErrorKind::ResourceBusy);
    drop(lock);
    marker::write(&profiles.folder(cliente(7)), false).unwrap();

    assert!(profiles.restore_spare(cliente(7)).await.unwrap());
    assert_eq!(content(&profiles, "chromium").as_deref(), Some("newer"));
    assert_eq!(
        content(&profiles, "chromium.unusable").as_deref(),
        Some("damaged")
    );
    assert!(
        !profiles.folder(cliente(7)).join("chromium/junk").exists(),
        "never mixed"
    );
    assert!(profiles.has_login(cliente(7)).await);

    assert!(profiles.restore_spare(cliente(7)).await.unwrap());
    assert_eq!(content(&profiles, "chromium").as_deref(), Some("older"));
    assert_eq!(
        content(&profiles, "chromium.unusable").as_deref(),
        Some("newer")
    );
    assert!(!profiles.has_spare(cliente(7)).await);
    assert!(!profiles.restore_spare(cliente(7)).await.unwrap());
    assert_eq!(content(&profiles, "chromium").as_deref(), Some("older"));
    // Nothing of what was replaced lies about.
    assert_eq!(profiles.known().await, [cliente(7)]);
    assert_eq!(fs::read_dir(&profiles.root).unwrap().count(), 1);
}

#[tokio::test]
async fn a_spare_is_put_in_place_even_where_the_profile_is_gone() {
    let (_folder, profiles) = open();
    spare(&profiles, "saved").await;
    fs::remove_dir_all(profiles.folder(cliente(7)).join("chromium")).unwrap();
    assert!(profiles.restore_spare(cliente(7)).await.unwrap());
    assert_eq!(content(&profiles, "chromium").as_deref(), Some("saved"));
}

#[tokio::test]
async fn a_login_that_has_ended_leaves_no_spare_and_nothing_that_one_replaced() {
    let (_folder, profiles) = open();
    spare(&profiles, "saved").await;
    spare(&profiles, "damaged").await;
    profiles.restore_spare(cliente(7)).await.unwrap();
    link(&profiles).await;
    assert!(profiles.has_spare(cliente(7)).await);
    let unusable = profiles.folder(cliente(7)).join("chromium.unusable");
    assert!(unusable.exists());
    profiles.mark_login(cliente(7), false).await.unwrap();
    assert!(!unusable.exists());
    assert_eq!(profiles.known().await, [cliente(7)]);
    assert_eq!(
        fs::read_dir(&profiles.root).unwrap().count(),
        1,
        "nor is it put away somewhere"
    );
    assert!(!profiles.has_spare(cliente(7)).await);
    assert!(!profiles.restore_spare(cliente(7)).await.unwrap());
}

#[tokio::test]
async fn the_clientes_with_a_profile_are_known() {
    let (_folder, profiles) = open();
    assert_eq!(profiles.known().await, []);
    drop(profiles.acquire(cliente(12)).unwrap());
    spare(&profiles, "saved").await;
    fs::write(profiles.root.join("8"), "").unwrap();
    fs::create_dir(profiles.root.join("09x")).unwrap();
    assert_eq!(profiles.known().await, [cliente(7), cliente(12)]);
    profiles.delete(cliente(7)).await.unwrap();
    assert_eq!(profiles.known().await, [cliente(12)]);
    assert!(!profiles.has_spare(cliente(7)).await);
}

#[tokio::test]
async fn half_deleted_profiles_are_swept_at_the_next_start() {
    let (_folder, profiles) = open();
    let left = profiles.root.join(".trash-7-0123456789abcdef/chromium");
    fs::create_dir_all(&left).unwrap();
    fs::create_dir_all(profiles.root.join("8")).unwrap();
    ProfileFolders::open(profiles.root.clone()).unwrap();
    let names: Vec<_> = fs::read_dir(&profiles.root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["8"]);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_browser_without_an_owner_is_ended_and_one_with_an_owner_is_not() {
    let (_folder, profiles) = open();
    let start = |id: u64| {
        let folder = profiles.folder(cliente(id)).join("chromium");
        std::process::Command::new("sh")
            .args(["-c", "read line", "browser"])
            .arg(format!("--user-data-dir={}", folder.display()))
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap()
    };
    drop(profiles.acquire(cliente(7)).unwrap());
    let _owned = profiles.acquire(cliente(8)).unwrap();
    let (mut orphan, mut owned) = (start(7), start(8));

    ProfileFolders::open(profiles.root.clone()).unwrap();

    assert!(!orphan.wait().unwrap().success());
    assert!(owned.try_wait().unwrap().is_none());
    owned.kill().unwrap();
    owned.wait().unwrap();
}
