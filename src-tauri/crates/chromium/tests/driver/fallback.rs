//! A WhatsApp Web that wa-js does not know any more.

use anyhow::Result;
use session_core::Reason;
use session_core::ports::{CallError, DriverEvent};
use whatsapp_simulator::SimulatorConfig;

use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_screen_is_read_instead() -> Result<()> {
    let world = World::with(SimulatorConfig {
        break_hooks: true,
        ..SimulatorConfig::default()
    })
    .await?;
    let mut session = world.launch(1).await?;
    session
        .expect(DriverEvent::Bridge(Some(Reason::BridgeOutdated)))
        .await?;
    let code = session.code().await?;
    let refused = session.browser.refresh_code().await;
    assert!(
        matches!(refused, Err(CallError::Unsupported(_))),
        "{refused:?}"
    );
    world.simulator.phone().scan(&code, None).await?;
    session.expect(DriverEvent::CodeTaken).await?;
    session.connected().await?;
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_wa_js_replaces_the_built_in_one() -> Result<()> {
    let world = World::new().await?;
    let newer = world.data.path().join("wa-js.js");
    world
        .launcher
        .update(|settings| settings.wa_js_override = Some(newer.clone()));
    assert!(!world.launcher.wa_js().replaced);
    // One that does not even parse leaves the bridge its view of the screen.
    std::fs::write(&newer, "this is no script")?;
    assert!(world.launcher.wa_js().replaced);
    let mut session = world.launch(1).await?;
    session
        .expect(DriverEvent::Bridge(Some(Reason::BridgeOutdated)))
        .await?;
    session.code().await?;
    world.end().await
}
