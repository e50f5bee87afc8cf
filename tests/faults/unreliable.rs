//! A browser that cannot be relied on: see `unreliable.mjs`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use crate::calls::{Call, Caller};
use crate::figures::{Fault, Figures};
use crate::scale::is_long;
use crate::world::World;
use crate::{processes, turn};

const MODES: [&str; 7] = [
    "silent", "exit", "flood", "garble", "drop", "twice", "delay",
];

/// The real browser, as the program itself would find it.
fn browser() -> String {
    if let Ok(named) = std::env::var("SESSION_MANAGER_BROWSER") {
        return named;
    }
    ["chromium", "chromium-browser", "google-chrome-stable"]
        .iter()
        .map(|name| format!("/usr/bin/{name}"))
        .find(|path| fs::exists(path).unwrap())
        .unwrap()
}

/// Writes a program that the browser is replaced by.
fn wrapper(world: &World, mode: &str, seed: u64) -> PathBuf {
    let node = Command::new("sh")
        .args(["-c", "command -v node"])
        .output()
        .unwrap();
    let node = String::from_utf8(node.stdout).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/unreliable.mjs");
    let path = world.data.path().join(format!("browser-{mode}"));
    let text = format!(
        "#!/bin/sh\nexec {} {script} {mode} {seed} {} \"$@\"\n",
        node.trim(),
        browser()
    );
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// The linked one, and others that never were.
const CLIENTES: [u64; 3] = [1, 2, 3];

/// Asks for everything that can be asked for, of all at once, and for the state of the linked one all the while.
fn ask(caller: &Caller) -> Vec<Call> {
    let done = AtomicBool::new(false);
    scope(|scope| {
        let watching = scope.spawn(|| {
            let mut slow = Vec::new();
            while !done.load(Ordering::Relaxed) {
                let call = caller.status(CLIENTES[0]);
                if call.hung() {
                    slow.push(call);
                }
                sleep(Duration::from_millis(50));
            }
            slow
        });
        let asking = CLIENTES.map(|cliente| {
            scope.spawn(move || {
                let begun = caller.init(cliente);
                let sent = caller.send(cliente);
                vec![begun, sent, caller.delete(cliente, false)]
            })
        });
        let mut calls: Vec<Call> = asking
            .into_iter()
            .flat_map(|asked| asked.join().unwrap())
            .collect();
        done.store(true, Ordering::Relaxed);
        calls.extend(watching.join().unwrap());
        calls
    })
}

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn unreliable_browser() {
    let _turn = turn();
    let mut figures = Figures::new("unreliable_browser");
    let mut world = World::started();
    world.link(&[1]);
    assert!(world.caller().delete(1, false).is_ok());
    assert!(world.end().0.success());
    // The short form tries what fails in a moment.
    let modes = if is_long() { &MODES[..] } else { &MODES[1..3] };
    for mode in modes {
        let choices = figures.random.below(1 << 31);
        let wrapper = wrapper(&world, mode, choices);
        world.start(&["--browser", wrapper.to_str().unwrap()]);
        let caller = world.caller();
        for _ in CLIENTES {
            figures.made();
        }
        for call in ask(&caller) {
            if call.hung() {
                figures.fault(Fault::Hung, format!("{mode}: {call}"));
            } else if std::env::var_os("FAULTS_VERBOSE").is_some() {
                eprintln!("{mode}: {call}");
            }
        }
        let seen = processes::all(world.data.path());
        let (status, took) = world.end();
        if !status.success() || took > Duration::from_secs(15) {
            figures.fault(Fault::Wrong, format!("{mode}: {status} after {took:?}"));
        }
        let left = world.left(&seen);
        figures.orphans(&left, mode);

        world.start(&[]);
        let since = Instant::now();
        let call = world.caller().init(1);
        if !call.is_ok() {
            figures.fault(Fault::Stuck, format!("after {mode}: {call}"));
        }
        figures.outcome(world.recovery(1, "READY", None, since));
        let call = world.caller().send(1);
        if !call.is_ok() {
            figures.fault(Fault::Stuck, format!("after {mode}: {call}"));
        }
        assert!(world.caller().delete(1, false).is_ok());
        assert!(world.end().0.success());
    }
    figures.finish();
}
