//! Spare logins: when one is taken, and that a login can be had from it.

use std::fs;

use anyhow::{Context, Result};
use session_core::Reason;
use session_core::ports::{DriverEvent, Profiles};
use whatsapp_simulator::{PhoneAction, StorageView};

use crate::support::{World, cliente, kill, signal};

const DATABASE: &str = "Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.leveldb";

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_profile_is_replaced_by_its_spare() -> Result<()> {
    let world = World::new().await?;
    let session = world.linked_and_marked(1).await?;
    let device = world.simulator.phone().devices()[0].id.clone();
    assert!(!world.profiles.has_spare(cliente(1)?).await);
    session.browser.close().await;
    assert!(world.profiles.has_spare(cliente(1)?).await);

    // Chromium starts afresh without a word, so a code shows where a login was.
    fs::write(world.user_data(1).join(DATABASE).join("CURRENT"), "garbage")?;
    let mut damaged = world.launch(1).await?;
    damaged.code().await?;
    damaged.browser.close().await;

    assert!(world.profiles.restore_spare(cliente(1)?).await?);
    assert!(
        !world.profiles.has_spare(cliente(1)?).await,
        "it is used up, and the damage gave none"
    );
    let mut again = world.launch(1).await?;
    let seen = again
        .until(|event| matches!(event, DriverEvent::Connected(_) | DriverEvent::Code(_)))
        .await?;
    assert!(
        matches!(seen.last(), Some(DriverEvent::Connected(_))),
        "{seen:?}"
    );
    let devices = world.simulator.phone().devices();
    let restored = devices
        .iter()
        .find(|one| one.id == device)
        .context("no device")?;
    let whole = StorageView {
        indexed_db: true,
        local_storage: true,
        cookie: true,
    };
    assert_eq!(restored.storage, whole);
    // A restored login gives a spare again.
    again.browser.close().await;
    assert!(world.profiles.has_spare(cliente(1)?).await);

    // Here we see ourselves that the profile cannot be used.
    fs::remove_dir_all(world.user_data(1))?;
    fs::write(world.user_data(1), "garbage")?;
    let failed = world.try_launch(1).await?.err().context("it started")?;
    assert_eq!(failed.reason, Reason::ProfileUnusable);
    assert!(world.profiles.restore_spare(cliente(1)?).await?);
    world.launch(1).await?.connected().await?;
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_good_end_of_a_linked_account_gives_a_spare() -> Result<()> {
    let world = World::new().await?;
    // Not remembered as linked.
    world.linked(1).await?.browser.close().await;
    assert!(!world.profiles.has_spare(cliente(1)?).await);
    world.profiles.mark_login(cliente(1)?, true).await?;

    // It died.
    let mut session = world.launch(1).await?;
    session.connected().await?;
    kill(session.browser.pid());
    session.expect(DriverEvent::BrowserExited).await?;
    assert!(!world.profiles.has_spare(cliente(1)?).await);

    // It had to be killed.
    world
        .launcher
        .update(|settings| settings.close_timeout = std::time::Duration::from_millis(300));
    let mut session = world.launch(1).await?;
    session.connected().await?;
    signal(session.browser.pid(), "-STOP");
    session.browser.close().await;
    assert!(!world.profiles.has_spare(cliente(1)?).await);

    // It was closed before it was connected.
    world.launch(1).await?.browser.close().await;
    assert!(!world.profiles.has_spare(cliente(1)?).await);

    // The account was unlinked.
    let mut session = world.launch(1).await?;
    session.connected().await?;
    world.act(PhoneAction::Logout { reason: None }).await?;
    session
        .until(|event| matches!(event, DriverEvent::LoggedOut(_)))
        .await?;
    session.browser.close().await;
    assert!(!world.profiles.has_spare(cliente(1)?).await);
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_of_a_browser_that_is_no_more_does_not_hold_up_a_start() -> Result<()> {
    let world = World::new().await?;
    let user_data = world.user_data(1);
    world.launch(1).await?.browser.close().await;
    let host = fs::read_to_string("/proc/sys/kernel/hostname")?;
    // No process has this number. Chromium itself gives up at a lock of another host.
    for owner in [
        "another-host-4242".to_owned(),
        format!("{}-4194305", host.trim()),
    ] {
        std::os::unix::fs::symlink(&owner, user_data.join("SingletonLock"))?;
        std::os::unix::fs::symlink(
            "/nowhere/SingletonSocket",
            user_data.join("SingletonSocket"),
        )?;
        let mut session = world.launch(1).await.context(owner)?;
        session.code().await?;
        session.browser.close().await;
    }
    world.end().await
}
