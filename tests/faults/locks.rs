//! What was left behind, or taken by others: locks of profiles, and the port.

use std::fs::{self, File};
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::process::Stdio;
use std::time::Instant;

use crate::app::program;
use crate::figures::{Fault, Figures};
use crate::support::{processes_on, wait_for};
use crate::turn;
use crate::world::World;

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn stale_locks() {
    let _turn = turn();
    let figures = Figures::new("stale_locks");
    let mut world = World::started();
    world.link(&[1]);
    let profile = world.data.path().join("profiles/1");
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let host = host.trim();
    // No process has this number: it is above what Linux gives.
    let dead = 4_194_305;
    let names = [
        format!("{host}-{dead}"),
        "another-host-1234".to_owned(),
        // A living process that is no browser of ours.
        format!("{host}-{}", std::process::id()),
        "nonsense".to_owned(),
    ];
    for name in &names {
        assert!(world.caller().delete(1, false).is_ok());
        for file in ["SingletonLock", "SingletonCookie", "SingletonSocket"] {
            let path = profile.join("chromium").join(file);
            let _ = fs::remove_file(&path);
            symlink(name, path).unwrap();
        }
        figures.made();
        let since = Instant::now();
        let call = world.caller().init(1);
        if !call.is_ok() {
            figures.fault(Fault::Unusable, format!("{name}: {call}"));
        }
        figures.outcome(world.recovery(1, "READY", None, since));
    }

    assert!(world.caller().delete(1, false).is_ok());
    let mut lock = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(profile.join("lock"))
        .unwrap();
    // The profile is given back a moment after the answer.
    wait_for("the profile to be free", || lock.try_lock().ok());
    write!(lock, "{}", std::process::id()).unwrap();
    figures.made();
    let call = world.caller().init(1);
    let text = call.body().to_string();
    let log = world.app().log();
    if call.is_ok() || call.body()["reason"] != "PROFILE_IN_USE" {
        figures.fault(Fault::Wrong, format!("a profile in use: {call}"));
    }
    let owner = std::process::id().to_string();
    let said = |place: &str| place.lines().any(|line| line.contains(&owner));
    if !said(&text) && !said(&log) {
        figures.fault(
            Fault::Wrong,
            format!("neither answer nor log name process {owner}: {text}"),
        );
    }
    if !processes_on(world.data.path()).is_empty() {
        figures.fault(Fault::Wrong, "a browser runs on a profile that is in use");
    }
    drop(lock);
    let since = Instant::now();
    let call = world.caller().init(1);
    if !call.is_ok() {
        figures.fault(Fault::Unusable, format!("given back: {call}"));
    }
    figures.outcome(world.recovery(1, "READY", None, since));
    assert!(world.end().0.success());
    figures.finish();
}

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn port_taken() {
    let _turn = turn();
    let figures = Figures::new("port_taken");
    let mut world = World::started();
    world.link(&[1]);
    world.kill();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    figures.made();
    let output = program(world.data.path())
        .args(["--headless", "--api", &port])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    if output.status.code() != Some(1) || !text.contains(&format!("port {port} is taken")) {
        figures.fault(Fault::Wrong, format!("{}: {text}", output.status));
    }
    let left = world.left(&[]);
    figures.orphans(&left, "a port that is taken");
    drop(taken);
    let since = Instant::now();
    world.start(&[]);
    figures.outcome(world.recovery(1, "READY", None, since));
    assert!(world.end().0.success());
    figures.finish();
}
