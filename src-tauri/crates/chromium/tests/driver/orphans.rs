//! No browser outlives its program, and none can be reached over the network.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

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

fn start_host(data: &Path, browser: Option<&str>) -> Result<(Child, u32)> {
    let mut host = Command::new(std::env::current_exe()?)
        .args(["--exact", "orphans::host", "--ignored", "--nocapture"])
        .env("DRIVER_TEST_DATA", data)
        .envs(browser.map(|body| ("DRIVER_TEST_BROWSER", body)))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let lines = BufReader::new(host.stdout.take().context("no output")?).lines();
    for line in lines {
        if let Some((_, pid)) = line?.split_once("browser ") {
            return Ok((host, pid.trim().parse()?));
        }
    }
    host.wait()?;
    anyhow::bail!("the host did not start a browser")
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
