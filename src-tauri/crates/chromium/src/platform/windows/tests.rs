//! The browser is this program itself, run again as one of the ignored tests.

use std::env;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::windows::io::{FromRawHandle, RawHandle};
use std::process::{self, Stdio};
use std::ptr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::platform::processes_with_argument;

const PATIENCE: Duration = Duration::from_secs(20);

/// Runs one of the ignored tests. Words of ours may follow; the test runner takes them for names of further tests.
fn again(role: &str) -> process::Command {
    let mut command = process::Command::new(env::current_exe().unwrap());
    command.args(["--ignored", "--nocapture", "--exact", "--test-threads=1"]);
    command.args(["--", &format!("platform::windows::tests::{role}")]);
    command
}

/// A browser with this mark in its command line.
fn browser(mark: &str) -> Command {
    let mut command = again("browser_that_answers");
    command.arg(mark);
    let mut command = Command::from(command);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Marks tell apart the processes of tests that run at the same time.
fn mark() -> String {
    let mut random = [0; 8];
    getrandom::fill(&mut random).unwrap();
    format!("--mark={:016x}", u64::from_ne_bytes(random))
}

fn eventually(what: &str, check: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !check() {
        assert!(Instant::now() < end, "{what}: not in time");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn marked(mark: &str) -> Vec<u32> {
    let mut found = processes_with_argument(&[mark.as_bytes().to_vec()]);
    found.sort_unstable();
    found
}

/// Not a test: a browser. It finds its pipe as Chromium does, starts a child with its mark, repeats what it is told, and
/// then ends with its pipe, or hangs.
#[test]
#[ignore = "it plays a browser"]
fn browser_that_answers() {
    let ends = env::args()
        .find_map(|arg| {
            arg.strip_prefix("--remote-debugging-io-pipes=")
                .map(str::to_owned)
        })
        .unwrap();
    let (commands, answers) = ends.split_once(',').unwrap();
    let open = |number: &str| {
        let handle: RawHandle = ptr::without_provenance_mut(number.parse().unwrap());
        // SAFETY: the parent passed this handle on to us, and nobody else here has it.
        unsafe { File::from_raw_handle(handle) }
    };
    let (mut commands, mut answers) = (open(commands), open(answers));
    let mark = env::args().find(|arg| arg.starts_with("--mark=")).unwrap();
    let mut child = again("child_that_waits").arg(&mark).spawn().unwrap();
    let mut chunk = [0; 4096];
    while let Ok(count @ 1..) = commands.read(&mut chunk) {
        if chunk[..count] == *b"!" {
            std::thread::park();
        }
        answers.write_all(&chunk[..count]).unwrap();
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Not a test: the browser's child.
#[test]
#[ignore = "it waits until it is killed"]
fn child_that_waits() {
    std::thread::park();
}

/// Not a test: a program that has a browser, which hangs.
#[tokio::test]
#[ignore = "it waits until it is killed"]
async fn host() {
    let mark = env::args().find(|arg| arg.starts_with("--mark=")).unwrap();
    let (launch, mut pipe) = Launch::prepare(browser(&mark)).unwrap();
    let _kept = launch.spawn().unwrap();
    pipe.commands.write_all(b"?").await.unwrap();
    assert_eq!(pipe.answers.read_u8().await.unwrap(), b'?');
    pipe.commands.write_all(b"!").await.unwrap();
    println!("ready");
    std::thread::park();
}

#[tokio::test]
async fn a_browser_answers_on_its_pipe_and_ends_with_it() {
    let mark = mark();
    let (launch, mut pipe) = Launch::prepare(browser(&mark)).unwrap();
    let (mut child, group) = launch.spawn().unwrap();
    let text = "x".repeat(300_000);
    let writing = async {
        pipe.commands.write_all(text.as_bytes()).await.unwrap();
        pipe.commands.flush().await.unwrap();
    };
    let mut answer = vec![0; text.len()];
    let reading = tokio::time::timeout(PATIENCE, pipe.answers.read_exact(&mut answer));
    let ((), read) = tokio::join!(writing, reading);
    read.unwrap().unwrap();
    assert!(answer == text.as_bytes());
    // The child that the browser started was born into the job.
    let mut members = group.members();
    members.sort_unstable();
    assert_eq!(members.len(), 2);
    assert!(members.contains(&child.id().unwrap()));
    assert_eq!(members, marked(&mark));

    drop(pipe.commands);
    let status = tokio::time::timeout(PATIENCE, child.wait()).await.unwrap();
    assert!(status.unwrap().success());
    // No copy of its ends is left with us.
    let mut rest = Vec::new();
    let end = tokio::time::timeout(PATIENCE, pipe.answers.read_to_end(&mut rest)).await;
    assert!(end.unwrap().is_ok_and(|count| count == 0));
    eventually("the group is empty", || group.members().is_empty());
}

#[tokio::test]
async fn a_hanging_browser_is_killed_with_its_children() {
    let mark = mark();
    let (launch, mut pipe) = Launch::prepare(browser(&mark)).unwrap();
    let (mut child, group) = launch.spawn().unwrap();
    pipe.commands.write_all(b"?").await.unwrap();
    assert_eq!(pipe.answers.read_u8().await.unwrap(), b'?');
    pipe.commands.write_all(b"!").await.unwrap();
    assert_eq!(marked(&mark).len(), 2);
    group.kill();
    let status = tokio::time::timeout(PATIENCE, child.wait()).await.unwrap();
    assert_eq!(status.unwrap().code(), Some(1));
    eventually("its child ends", || group.members().is_empty());
    assert!(marked(&mark).is_empty());
}

#[tokio::test]
async fn nothing_is_left_of_a_browser_that_nobody_keeps() {
    let mark = mark();
    let (launch, mut pipe) = Launch::prepare(browser(&mark)).unwrap();
    let (child, group) = launch.spawn().unwrap();
    pipe.commands.write_all(b"?").await.unwrap();
    assert_eq!(pipe.answers.read_u8().await.unwrap(), b'?');
    pipe.commands.write_all(b"!").await.unwrap();
    assert_eq!(marked(&mark).len(), 2);
    drop(group);
    eventually("they end", || marked(&mark).is_empty());
    drop(child);
}

#[test]
fn a_killed_program_takes_its_browsers_along() {
    let mark = mark();
    let mut host = again("host")
        .arg(&mark)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(host.stdout.take().unwrap()).lines();
    assert!(
        lines
            .map_while(Result::ok)
            .any(|line| line.ends_with("ready"))
    );
    assert_eq!(marked(&mark).len(), 3);
    host.kill().unwrap();
    host.wait().unwrap();
    eventually("the browsers end", || marked(&mark).is_empty());
}

#[test]
fn a_single_process_can_be_killed() {
    let mark = mark();
    let mut child = again("child_that_waits").arg(&mark).spawn().unwrap();
    signal_kill(child.id());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}
