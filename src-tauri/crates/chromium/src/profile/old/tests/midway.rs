//! What happens to a login, or to this program, while the copy is being made.

use std::any::Any;
use std::time::Duration;

use super::super::take::Taking;
use super::*;

/// A login whose files were written long ago, so that what is written now is told by its time.
fn settled(world: &World, below: &str) -> PathBuf {
    let login = world.saved(below);
    let long_ago = SystemTime::now() - Duration::from_secs(3600);
    for (path, _) in everything(&login) {
        if path.is_file() {
            let file = fs::File::options().append(true).open(path).unwrap();
            file.set_modified(long_ago).unwrap();
        }
    }
    login
}

fn begin<'a>(world: &'a World, login: &Path, progress: &'a CopyProgress) -> Taking<'a> {
    Taking::begin(&world.profiles, login, cliente(7), progress).unwrap()
}

/// Nothing of the try is left, and the next one works.
async fn nothing_is_half(world: &World, login: &Path) {
    assert_eq!(world.names(), <[String; 0]>::default());
    let before = everything(&world.old);
    world.take(login, 7).unwrap();
    assert_eq!(everything(&world.old), before);
    assert!(world.profiles.has_login(cliente(7)).await);
    assert_eq!(world.names(), ["7"]);
}

#[tokio::test]
async fn a_login_that_changes_while_it_is_copied_is_not_taken_over() {
    type Change = fn(&Path);
    let changes: [(&str, Change); 5] = [
        ("a file grows", |login| {
            let log = login.join(DATABASE).join("000003.log");
            let whole = fs::read(&log).unwrap();
            fs::write(&log, [&whole[..], &whole[..]].concat()).unwrap();
        }),
        ("a file is written anew", |login| {
            let state = login.join("Local State");
            fs::write(&state, "[]").unwrap();
        }),
        ("a file is there too", |login| {
            fs::write(login.join(DATABASE).join("000005.ldb"), "x").unwrap();
        }),
        ("a file is gone", |login| {
            fs::remove_file(login.join("Default/Local Storage/leveldb/CURRENT")).unwrap();
        }),
        ("everything is gone", |login| {
            fs::remove_dir_all(login.join("Default")).unwrap();
        }),
    ];
    for (what, change) in changes {
        let world = world();
        let login = settled(&world, "session-ventas");
        let progress = CopyProgress::default();
        let taking = begin(&world, &login, &progress);
        taking.copy().unwrap();
        change(&login);
        let after = everything(&world.old);
        let outcome = taking.finish();
        assert!(
            matches!(outcome, Err(TakeError::Changed)),
            "{what}: {outcome:?}"
        );
        assert_eq!(everything(&world.old), after, "{what}");
        if what == "everything is gone" {
            assert_eq!(world.names(), <[String; 0]>::default());
        } else {
            nothing_is_half(&world, &login).await;
        }
    }
}

#[tokio::test]
async fn a_file_that_is_gone_when_its_turn_comes_ends_the_copy() {
    let world = world();
    let login = settled(&world, "session-ventas");
    let progress = CopyProgress::default();
    let taking = begin(&world, &login, &progress);
    fs::remove_file(login.join("Default/Local Storage/leveldb/CURRENT")).unwrap();
    let outcome = taking.copy();
    assert!(matches!(outcome, Err(TakeError::Changed)), "{outcome:?}");
    drop(taking);
    nothing_is_half(&world, &login).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_browser_that_opens_the_login_while_it_is_copied_is_noticed_by_each_of_its_marks() {
    use nix::fcntl::{FcntlArg, fcntl};
    use nix::libc;

    /// What is given back ends it.
    type Open = fn(&Path) -> Box<dyn Any>;
    struct Process(std::process::Child);
    impl Drop for Process {
        fn drop(&mut self) {
            self.0.kill().unwrap();
            self.0.wait().unwrap();
        }
    }
    struct Signed(PathBuf);
    impl Drop for Signed {
        fn drop(&mut self) {
            fs::remove_file(&self.0).unwrap();
        }
    }
    let ways: [(&str, Open, &str); 3] = [
        (
            "the lock of a database",
            |login| {
                let path = login.join(DATABASE).join("LOCK");
                let file = fs::File::options()
                    .read(true)
                    .write(true)
                    .open(path)
                    .unwrap();
                // SAFETY: a structure of plain numbers, for which all zeros are values.
                let mut lock: libc::flock = unsafe { std::mem::zeroed() };
                lock.l_type = i16::try_from(libc::F_WRLCK).unwrap();
                // One of an open file and not of this process, which would not see its own.
                fcntl(&file, FcntlArg::F_OFD_SETLK(&lock)).unwrap();
                Box::new(file)
            },
            "in_use",
        ),
        (
            "the command line",
            |login| Box::new(Process(super::browser(login))),
            "in_use",
        ),
        (
            "the lock of another host",
            |login| {
                let path = login.join("SingletonLock");
                std::os::unix::fs::symlink("another-host-42", &path).unwrap();
                Box::new(Signed(path))
            },
            "in_use_elsewhere",
        ),
    ];
    for (what, open, problem) in ways {
        let world = world();
        let login = settled(&world, "session-ventas");
        let progress = CopyProgress::default();
        let taking = begin(&world, &login, &progress);
        taking.copy().unwrap();
        let browser = open(&login);
        for refused in [taking.finish(), world.take(&login, 7)] {
            let refused = refused.map_err(|error| error.code());
            assert_eq!(refused.unwrap_err(), problem, "{what}");
        }
        drop(browser);
        nothing_is_half(&world, &login).await;
    }
}

/// As a kill does: nothing of this program runs any more that could clear up.
#[tokio::test]
async fn a_program_that_dies_while_it_copies_leaves_nothing_that_is_taken_for_a_login() {
    for (when, steps) in [
        ("nothing is copied", 0),
        ("some is", 1),
        ("all is", 2),
        ("all is, and marked as a login", 3),
    ] {
        let world = world();
        let login = settled(&world, "session-ventas");
        let before = everything(&world.old);
        let progress = CopyProgress::default();
        let taking = begin(&world, &login, &progress);
        match steps {
            0 => {}
            1 => {
                progress.cancel.cancel();
                // Only the folders of the first file are there, and the file is empty.
                assert!(matches!(taking.copy(), Err(TakeError::Cancelled)));
            }
            _ => taking.copy().unwrap(),
        }
        if steps == 3 {
            taking.mark().unwrap();
        }
        std::mem::forget(taking);
        assert_eq!(world.names().len(), 1, "{when}: the draft is there");
        assert!(!world.profiles.has_login(cliente(7)).await, "{when}");
        assert_eq!(world.profiles.known().await, [], "{when}");

        ProfileFolders::open(world.profiles.root.clone()).unwrap();
        assert_eq!(world.profiles.known().await, [], "{when}");
        assert_eq!(everything(&world.old), before, "{when}");
        nothing_is_half(&world, &login).await;
    }
}

#[tokio::test]
async fn a_copy_that_somebody_cleared_away_is_not_taken_for_a_login() {
    for below in ["", "chromium/Default/IndexedDB"] {
        let world = world();
        let login = settled(&world, "session-ventas");
        let progress = CopyProgress::default();
        let taking = begin(&world, &login, &progress);
        taking.copy().unwrap();
        let draft = world.profiles.root.join(&world.names()[0]);
        fs::remove_dir_all(draft.join(below)).unwrap();
        let outcome = taking.finish();
        assert!(matches!(outcome, Err(TakeError::Failed(_))), "{outcome:?}");
        nothing_is_half(&world, &login).await;
    }
}

#[test]
fn a_login_that_the_cliente_got_meanwhile_is_kept() {
    let world = world();
    let (login, other) = (settled(&world, "session-a"), settled(&world, "session-b"));
    let progress = CopyProgress::default();
    let taking = begin(&world, &login, &progress);
    taking.copy().unwrap();
    world.take(&other, 7).unwrap();
    let kept = everything(&world.profiles.folder(cliente(7)));
    let outcome = taking.finish();
    assert!(matches!(outcome, Err(TakeError::IdTaken)), "{outcome:?}");
    assert_eq!(world.names(), ["7"]);
    let now = everything(&world.profiles.folder(cliente(7)));
    let contents = |all: BTreeMap<PathBuf, (Vec<u8>, SystemTime)>| -> BTreeMap<_, _> {
        // Whose lock it is, is written there by everybody who takes it.
        let mut all: BTreeMap<_, _> = all.into_iter().map(|(path, it)| (path, it.0)).collect();
        all.retain(|path, _| !path.ends_with("lock"));
        all
    };
    assert_eq!(contents(now), contents(kept));
    // Known before anything is copied.
    let again = Taking::begin(&world.profiles, &login, cliente(7), &progress);
    assert!(matches!(again.err(), Some(TakeError::IdTaken)));
}

#[test]
fn one_that_is_called_off_in_the_last_moment_is_not_put_in_place() {
    let world = world();
    let login = settled(&world, "session-ventas");
    let progress = CopyProgress::default();
    let taking = begin(&world, &login, &progress);
    taking.copy().unwrap();
    progress.cancel.cancel();
    let outcome = taking.finish();
    assert!(matches!(outcome, Err(TakeError::Cancelled)), "{outcome:?}");
    assert_eq!(world.names(), <[String; 0]>::default());
}
