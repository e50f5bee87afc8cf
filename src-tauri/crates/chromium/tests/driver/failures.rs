//! Starts that fail. Whatever the step, nothing is left behind.

use std::time::{Duration, Instant};

use anyhow::Result;
use session_chromium::FoundBrowser;
use session_core::Reason;
use session_core::ports::{LaunchError, Launcher};
use tokio_util::sync::CancellationToken;

use crate::support::{World, browsers_under, cliente, eventually, is_root, script};

async fn failed(world: &World) -> Result<LaunchError> {
    let result = world.try_launch(1).await?;
    let Err(error) = result else {
        anyhow::bail!("it started");
    };
    assert!(!error.detail.contains('/'), "{}", error.detail);
    assert_eq!(browsers_under(world.data.path()), []);
    world.profiles_are_free(1)?;
    Ok(error)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_browser() -> Result<()> {
    let world = World::new().await?;
    world.launcher.update(|settings| settings.browser = None);
    assert_eq!(failed(&world).await?.reason, Reason::BrowserNotFound);
    world.launcher.set_browser(FoundBrowser {
        path: "/nowhere/chromium".into(),
        name: "Chromium",
        version: None,
    });
    assert_eq!(failed(&world).await?.reason, Reason::BrowserNotFound);
    // Found at last.
    world.launcher.set_browser(session_chromium::detect(None)?);
    world.launch(1).await?.code().await?;
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_browser_that_is_none() -> Result<()> {
    let world = World::new().await?;
    world.launcher.update(|settings| {
        settings.launch_timeout = Duration::from_millis(700);
        settings.close_timeout = Duration::from_millis(300);
    });
    for (what, body, reason) in [
        ("ends", "exit 3", Reason::LaunchFailed),
        ("ends well", "exit 0", Reason::LaunchFailed),
        ("profile in use", "exit 21", Reason::ProfileInUse),
        (
            "no sandbox",
            "echo '[1:FATAL:zygote_host_impl_linux.cc(128)] No usable sandbox!' >&2; exit 133",
            Reason::SandboxUnavailable,
        ),
        ("hangs", "sleep 600", Reason::LaunchFailed),
        (
            "hangs with children",
            "sleep 600 & sleep 600 & wait",
            Reason::LaunchFailed,
        ),
        (
            "closes the pipe",
            "exec 3>&- 4>&-; sleep 600",
            Reason::LaunchFailed,
        ),
        (
            "writes garbage",
            "printf 'nonsense\\0{\"id\":1}\\0{\"method\":1}\\0' >&4; sleep 600",
            Reason::LaunchFailed,
        ),
        (
            "floods",
            "exec 3<&-; cat /dev/zero >&4",
            Reason::LaunchFailed,
        ),
        (
            "ignores signals",
            "trap '' TERM INT HUP PIPE; while :; do sleep 600; done",
            Reason::LaunchFailed,
        ),
    ] {
        world.launcher.set_browser(script(world.data.path(), body)?);
        let start = Instant::now();
        let error = failed(&world).await?;
        assert_eq!(error.reason, reason, "{what}: {}", error.detail);
        assert!(
            start.elapsed() < Duration::from_secs(4),
            "{what}: {:?}",
            start.elapsed()
        );
    }
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn called_off() -> Result<()> {
    let world = World::new().await?;
    let cancelled = CancellationToken::new();
    cancelled.cancel();
    let early = world.launcher.launch(cliente(1)?, None, cancelled).await;
    assert_eq!(
        early.err().map(|error| error.reason),
        Some(Reason::StopRequested)
    );

    // In the middle: when the process is there, and when the page is on its way.
    let data = world.data.path().to_owned();
    let user_data = data.join("profiles/1/chromium");
    for there in ["", "Default"] {
        let cancel = CancellationToken::new();
        let launching = world.launcher.launch(cliente(1)?, None, cancel.clone());
        let user_data = user_data.clone();
        let cancelling = async {
            eventually("the browser starts", || {
                !browsers_under(&user_data).is_empty() && user_data.join(there).exists()
            })
            .await?;
            cancel.cancel();
            anyhow::Ok(Instant::now())
        };
        let (result, since) = tokio::join!(launching, cancelling);
        assert_eq!(
            result.err().map(|error| error.reason),
            Some(Reason::StopRequested)
        );
        assert!(since?.elapsed() < Duration::from_secs(7));
        assert_eq!(browsers_under(&data), []);
        world.profiles_are_free(1)?;
    }
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn forgotten_in_the_middle() -> Result<()> {
    let world = World::new().await?;
    let data = world.data.path().to_owned();
    let launching = world.try_launch(1);
    let started = eventually("the browser starts", || !browsers_under(&data).is_empty());
    tokio::select! {
        _ = launching => anyhow::bail!("it was to be forgotten while it started"),
        result = started => result?,
    }
    eventually("the browser ends", || browsers_under(&data).is_empty()).await?;
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn during_and_after_the_end_of_the_program() -> Result<()> {
    let world = World::new().await?;
    let launcher = std::sync::Arc::clone(&world.launcher);
    let data = world.data.path().to_owned();
    let ending = async {
        eventually("the browser starts", || !browsers_under(&data).is_empty()).await?;
        launcher.shutdown().await;
        anyhow::Ok(browsers_under(&data))
    };
    let (result, left) = tokio::join!(world.try_launch(1), ending);
    assert!(result?.is_err());
    assert_eq!(left?, []);
    assert!(world.try_launch(1).await?.is_err());
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_profile_that_is_in_use() -> Result<()> {
    let world = World::new().await?;
    let mut session = world.launch(1).await?;
    session.code().await?;
    let error = world.try_launch(1).await?.err().unwrap();
    assert_eq!(error.reason, Reason::ProfileInUse);
    // The first one is unharmed.
    session.browser.refresh_code().await?;
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_usable_sandbox() -> Result<()> {
    if !is_root() {
        return Ok(());
    }
    let world = World::new().await?;
    world
        .launcher
        .update(|settings| settings.no_sandbox = false);
    assert_eq!(failed(&world).await?.reason, Reason::SandboxUnavailable);
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_page_that_cannot_be_reached() -> Result<()> {
    let world = World::new().await?;
    world.launcher.update(|settings| {
        settings.extra_args = vec!["--host-resolver-rules=MAP * ~NOTFOUND".to_owned()];
    });
    let error = failed(&world).await?;
    assert_eq!(error.reason, Reason::PageUnreachable);
    assert!(
        error.detail.contains("ERR_NAME_NOT_RESOLVED"),
        "{}",
        error.detail
    );

    // A certificate that nobody vouches for is not accepted.
    let args = world.simulator.chromium_args();
    world.launcher.update(|settings| {
        settings.extra_args = args
            .into_iter()
            .filter(|arg| !arg.contains("certificate"))
            .collect();
    });
    let error = failed(&world).await?;
    assert_eq!(error.reason, Reason::PageUnreachable);
    assert!(error.detail.contains("ERR_CERT"), "{}", error.detail);
    world.end().await
}
