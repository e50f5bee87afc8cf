//! The trial of everything that a session needs.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use session_chromium::Probe;
use session_core::Reason;
use whatsapp_simulator::SimulatorConfig;

use crate::support::{World, browsers_under};

fn missing(probe: &Probe) -> Vec<&str> {
    let missing = probe.hooks.iter().filter(|hook| !hook.found);
    missing.map(|hook| hook.name.as_str()).collect()
}

fn nothing_is_left(world: &World) -> Result<()> {
    let left: Vec<_> = fs::read_dir(world.data.path().join("profiles"))?.collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(browsers_under(world.data.path()), []);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_finds_all_that_a_session_needs() -> Result<()> {
    let world = World::new().await?;
    let probe = world.launcher.probe().await?;
    assert_eq!(missing(&probe), Vec::<&str>::new());
    assert!(probe.hooks.len() > 20, "{:?}", probe.hooks);
    assert_eq!((probe.hooked, probe.code_shown), (Some(true), true));
    assert_eq!(probe.trouble, None);
    assert_eq!(probe.wa_js_version.as_deref(), Some("4.6.0"));
    assert!(!probe.wa_js.replaced);
    assert_eq!(probe.wa_js.sha256, world.launcher.wa_js().sha256);
    let version = probe.whatsapp_version.as_deref().context("no version")?;
    assert!(version.starts_with("2.3000."), "{version}");
    let browser = world.launcher.settings().browser.context("no browser")?;
    assert_eq!(probe.browser, browser.name);
    assert_eq!(probe.browser_version, browser.version);
    assert!(probe.launch > Duration::ZERO && probe.load > Duration::ZERO);
    nothing_is_left(&world)?;
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_says_what_wa_js_does_not_find() -> Result<()> {
    let world = World::with(SimulatorConfig {
        break_hooks: true,
        ..SimulatorConfig::default()
    })
    .await?;
    let probe = world.launcher.probe().await?;
    assert_eq!((probe.hooked, probe.code_shown), (Some(false), true));
    assert_eq!(missing(&probe).len(), probe.hooks.len());
    assert_eq!(probe.whatsapp_version, None);
    assert!(!probe.hooks.is_empty());
    nothing_is_left(&world)?;
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_without_whatsapp_says_so() -> Result<()> {
    let world = World::new().await?;
    // Nobody listens there.
    world
        .launcher
        .update(|settings| settings.whatsapp_url = "http://127.0.0.1:9/".to_owned());
    let error = world.launcher.probe().await.unwrap_err();
    assert_eq!(error.reason, Reason::PageUnreachable);
    assert!(error.detail.contains("net::ERR_"), "{}", error.detail);
    nothing_is_left(&world)?;
    world.end().await
}
