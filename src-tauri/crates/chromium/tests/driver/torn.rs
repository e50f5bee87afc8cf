//! A browser that was killed while it wrote a record of its database.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use session_core::ports::{DriverEvent, Profiles};

use crate::support::{World, cliente};

const DATABASE: &str = "Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.leveldb";
/// Of a record of 251 bytes that never came.
const HEADER: [u8; 7] = [0xde, 0xad, 0xbe, 0xef, 251, 0, 1];

#[tokio::test(flavor = "multi_thread")]
async fn half_a_record_costs_no_login() -> Result<()> {
    let world = World::new().await?;
    let session = world.linked_and_marked(1).await?;
    session.browser.close().await;
    let database = world.user_data(1).join(DATABASE);
    let log = newest_log(&database)?;
    fs::File::options()
        .append(true)
        .open(&log)?
        .write_all(&HEADER)?;

    // One browser writes on behind it, and the next one reads that.
    let spares = world.data.path().join("profiles/1/spares");
    for start in ["first", "second"] {
        if spares.exists() {
            fs::remove_dir_all(&spares)?;
        }
        let mut session = world.launch(1).await?;
        let seen = session
            .until(|event| matches!(event, DriverEvent::Connected(_) | DriverEvent::Code(_)))
            .await?;
        assert!(
            matches!(seen.last(), Some(DriverEvent::Connected(_))),
            "{start}: {seen:?}"
        );
        session.browser.close().await;
        assert_eq!(newest_log(&database)?, log, "it was not written on");
    }
    assert!(world.profiles.has_spare(cliente(1)?).await);
    world.end().await
}

fn newest_log(database: &Path) -> Result<PathBuf> {
    let logs = fs::read_dir(database)?.flatten().map(|entry| entry.path());
    logs.filter(|path| path.extension().is_some_and(|it| it == "log"))
        .max()
        .context("no log")
}
