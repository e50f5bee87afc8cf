//! No browser outlives its program, and none can be reached over the network.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::support::{
    World, browsers_under, descendants, eventually, is_alive, kill, script, signal,
};

/// Not a test: the program that is killed, run by the tests below.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it runs until it is killed"]
async fn host() -> Result<()> {
    let Ok(data) = std::env::var("DRIVER_TEST_DATA") else {
        return Ok(());
    };
    let world = World::in_folder(Path::new(&data)).await?;
    println!("launching");
    if let Ok(body) = std::env::var("DRIVER_TEST_BROWSER") {
        world
            .launcher
            .set_browser(script(world.data.path(), &body)?);
        println!("browser 0");
    }
    let mut session = world.launch(1).await?;
    session.code().await?;
    println!("browser {}", session.browser.pid());
    std::future::pending::<Result<()>>().await
}

fn host_command(data: &Path) -> Result<Command> {
    let mut host = Command::new(std::env::current_exe()?);
    host.args(["--exact", "orphans::host", "--ignored", "--nocapture"])
        .env("DRIVER_TEST_DATA", data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    Ok(host)
}

/// Reads on until a line holds this word; gives what comes after it.
fn wait_for(lines: &mut Lines, word: &str) -> Result<String> {
    for line in lines {
        if let Some((_, rest)) = line?.split_once(word) {
            return Ok(rest.trim().to_owned());
        }
    }
    anyhow::bail!("the host ended before it said {word:?}")
}

type Lines = std::io::Lines<BufReader<ChildStdout>>;

fn lines_of(host: &mut Child) -> Result<Lines> {
    Ok(BufReader::new(host.stdout.take().context("no output")?).lines())
}

fn start_host(data: &Path, browser: Option<&str>) -> Result<(Child, u32)> {
    let mut host = host_command(data)?
        .envs(browser.map(|body| ("DRIVER_TEST_BROWSER", body)))
        .spawn()?;
    let browser = lines_of(&mut host).and_then(|mut lines| wait_for(&mut lines, "browser "));
    match browser {
        Ok(browser) => Ok((host, browser.parse()?)),
        Err(cause) => {
            let _ = host.kill();
            host.wait()?;
            Err(cause)
        }
    }
}

/// How long anything may be left of a browser whose program was killed.
const GONE: Duration = Duration::from_secs(5);

/// The living processes that came from a host on this folder: its own are known by their environment, even between
/// `fork` and `exec`, and those of Chromium that wrote over theirs by their command line.
fn left_of(data: &Path) -> Vec<u32> {
    let needle = data.as_os_str().as_encoded_bytes();
    let holds = |file: String| {
        std::fs::read(file).is_ok_and(|text| text.windows(needle.len()).any(|part| part == needle))
    };
    std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|&pid| pid != std::process::id() && is_alive(pid))
        .filter(|pid| {
            holds(format!("/proc/{pid}/environ")) || holds(format!("/proc/{pid}/cmdline"))
        })
        .collect()
}

/// Waits until nothing is left. One look is not enough: a process may start another while we look.
fn nothing_is_left_soon(data: &Path) -> Result<()> {
    let end = Instant::now() + GONE;
    let mut looks = 0;
    while looks < 2 {
        let left = left_of(data);
        looks = if left.is_empty() { looks + 1 } else { 0 };
        if Instant::now() > end {
            let left: Vec<String> = left.into_iter().map(describe).collect();
            anyhow::bail!("left after {GONE:?}: {left:#?}");
        }
    }
    Ok(())
}

fn describe(pid: u32) -> String {
    let read = |what: &str| std::fs::read_to_string(format!("/proc/{pid}/{what}"));
    let line = read("cmdline").unwrap_or_default().replace('\0', " ");
    let stat = read("stat").unwrap_or_default();
    format!("{stat} {line}")
}

/// Kills the program at twenty moments, spread over the time that a start takes, on one profile: what a killed start
/// leaves on disk must not stop the next one.
#[test]
fn a_program_that_is_killed_in_the_middle_of_a_start_leaves_nothing() -> Result<()> {
    const MOMENTS: u32 = 20;
    let data = tempfile::tempdir()?;
    let data = data.path();
    let mut whole = Duration::ZERO;
    let mut with_browser = 0;
    for moment in 0..=MOMENTS + 1 {
        let mut host = host_command(data)?.spawn()?;
        let mut lines = lines_of(&mut host)?;
        let begun = wait_for(&mut lines, "launching").map(|_| Instant::now());
        // The first and the last start are complete: how long it takes, and whether it still works.
        let started = match begun {
            Ok(begun) if moment == 0 || moment > MOMENTS => {
                wait_for(&mut lines, "browser ").map(|_| whole = begun.elapsed())
            }
            Ok(begun) => {
                let at = begun + whole * (moment - 1) / MOMENTS;
                std::thread::sleep(at.saturating_duration_since(Instant::now()));
                with_browser += u32::from(!browsers_under(data).is_empty());
                Ok(())
            }
            Err(cause) => Err(cause),
        };
        host.kill()?;
        host.wait()?;
        nothing_is_left_soon(data).with_context(|| format!("moment {moment} of {whole:?}"))?;
        started.with_context(|| format!("moment {moment}"))?;
    }
    assert!(
        with_browser > MOMENTS / 4,
        "hardly ever was there a browser"
    );
    Ok(())
}

/// Stops some of the browser's children, which then can see no pipe or socket close, and kills the program. The kernel
/// lets the stopped members of a group go on, with a hangup, when nobody is left who could; a process counts as stopped
/// once all of its threads are, so that is waited for. One that is caught in the middle is ended at the next start.
fn kill_with_stopped(wanted: impl Fn(u32) -> bool) -> Result<()> {
    let data = tempfile::tempdir()?;
    let (mut host, browser) = start_host(data.path(), None)?;
    let stopped: Vec<u32> = descendants(browser)
        .into_iter()
        .filter(|&pid| pid != browser && wanted(pid))
        .collect();
    for &pid in &stopped {
        signal(pid, "-STOP");
    }
    let end = Instant::now() + GONE;
    while !stopped.iter().copied().all(is_stopped) {
        anyhow::ensure!(Instant::now() < end, "they do not stop");
        std::thread::yield_now();
    }
    host.kill()?;
    host.wait()?;
    nothing_is_left_soon(data.path())?;
    assert!(!stopped.is_empty());
    Ok(())
}

fn is_stopped(pid: u32) -> bool {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task"));
    tasks.into_iter().flatten().flatten().all(|task| {
        std::fs::read_to_string(task.path().join("stat")).is_ok_and(|stat| {
            stat.rsplit_once(") ")
                .is_some_and(|(_, rest)| rest.starts_with('T'))
        })
    })
}

#[test]
fn a_stopped_renderer_is_not_left_behind() -> Result<()> {
    kill_with_stopped(|pid| describe(pid).contains("--type=renderer"))
}

#[test]
fn a_stopped_child_of_whatever_kind_is_not_left_behind() -> Result<()> {
    kill_with_stopped(|_| true)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_program_takes_its_browsers_along() -> Result<()> {
    let data = tempfile::tempdir()?;
    let place = data.path().to_owned();
    let (mut host, _) = tokio::task::spawn_blocking(move || start_host(&place, None)).await??;
    assert!(!browsers_under(data.path()).is_empty());
    kill(host.id());
    host.wait()?;
    eventually("the browsers end", || {
        browsers_under(data.path()).is_empty()
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn even_a_browser_that_is_stopped() -> Result<()> {
    let data = tempfile::tempdir()?;
    let place = data.path().to_owned();
    let (mut host, browser) =
        tokio::task::spawn_blocking(move || start_host(&place, None)).await??;
    // It cannot see its pipe close.
    signal(browser, "-STOP");
    kill(host.id());
    host.wait()?;
    eventually("the browsers end", || {
        browsers_under(data.path()).is_empty()
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn even_a_browser_that_hears_nothing() -> Result<()> {
    let data = tempfile::tempdir()?;
    let place = data.path().to_owned();
    // Neither a closed pipe nor a hangup ends it: only the kernel can.
    let deaf = "trap '' HUP; echo $$ > \"${0%/*}/pid.new\"; mv \"${0%/*}/pid.new\" \"${0%/*}/pid\"; exec sleep 600";
    let start = move || start_host(&place, Some(deaf));
    let (mut host, _) = tokio::task::spawn_blocking(start).await??;
    let file = data.path().join("pid");
    eventually("the browser starts", || file.exists()).await?;
    let pid: u32 = std::fs::read_to_string(file)?.trim().parse()?;
    assert!(is_alive(pid));
    kill(host.id());
    host.wait()?;
    eventually("the browser ends", || !is_alive(pid)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_browser_listens_on_the_network() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.launch(1).await?;
    session.code().await?;
    let browser: HashSet<String> = descendants(session.browser.pid())
        .into_iter()
        .flat_map(sockets_of)
        .collect();
    assert!(!browser.is_empty());
    let listening: Vec<String> = listeners()
        .into_iter()
        .filter(|inode| browser.contains(inode))
        .collect();
    assert_eq!(listening, Vec::<String>::new());
    world.end().await
}

/// The inodes of sockets that listen, TCP over IPv4 and IPv6.
fn listeners() -> Vec<String> {
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| std::fs::read_to_string(table).ok())
        .flat_map(|table| {
            table
                .lines()
                .skip(1)
                .filter_map(|line| {
                    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
                    (fields.get(3) == Some(&"0A"))
                        .then(|| fields.get(9).copied().unwrap_or_default().to_owned())
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

fn sockets_of(pid: u32) -> Vec<String> {
    std::fs::read_dir(format!("/proc/{pid}/fd"))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| std::fs::read_link(entry.path()).ok())
        .filter_map(|link| {
            Some(
                link.to_str()?
                    .strip_prefix("socket:[")?
                    .strip_suffix(']')?
                    .to_owned(),
            )
        })
        .collect()
}
