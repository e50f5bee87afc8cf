//! Pictures of a page in trouble: they are there, and nothing private is on them.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use session_core::ports::CallError;
use whatsapp_simulator::{Defaults, PhoneAction, SimulatorConfig};

use crate::support::{PATIENCE, World, renderer_of, signal};

async fn world(config: SimulatorConfig) -> Result<(World, PathBuf)> {
    let world = World::with(config).await?;
    let folder = world.data.path().join("diagnostics");
    let place = folder.clone();
    world
        .launcher
        .update(|settings| settings.diagnostics = Some(place));
    Ok((world, folder))
}

fn pictures(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut found = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    found.sort();
    Ok(found)
}

/// How many pixels of a picture are as dark as ink, and how many colours it has.
fn look(picture: &Path) -> Result<(usize, usize)> {
    let mut decoder = png::Decoder::new(BufReader::new(File::open(picture)?));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let mut bytes = vec![0; reader.output_buffer_size().context("too large")?];
    let info = reader.next_frame(&mut bytes)?;
    let samples = info.color_type.samples();
    let pixels: Vec<&[u8]> = bytes[..info.buffer_size()]
        .chunks(samples)
        .map(|pixel| &pixel[..3])
        .collect();
    let dark = pixels
        .iter()
        .filter(|pixel| pixel.iter().all(|&part| part < 60))
        .count();
    let colours: std::collections::HashSet<_> = pixels.into_iter().collect();
    Ok((dark, colours.len()))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_code_and_no_chat_is_on_a_picture() -> Result<()> {
    let (world, folder) = world(SimulatorConfig::default()).await?;
    let mut session = world.launch(1).await?;
    let code = session.code().await?;
    session.browser.keep_picture().await?;
    let shown = pictures(&folder)?;
    assert_eq!(shown.len(), 1);
    let (dark, colours) = look(&shown[0])?;
    assert!(colours > 2, "the shapes of the page are on it");
    assert_eq!(dark, 0, "neither modules of the code nor letters are");

    world.simulator.phone().scan(&code, None).await?;
    session.connected().await?;
    world
        .act(PhoneAction::Incoming {
            from: "5491155550000".to_owned(),
            text: "a secret".to_owned(),
            name: Some("Ana".to_owned()),
        })
        .await?;
    session.browser.keep_picture().await?;
    let shown = pictures(&folder)?;
    assert_eq!(shown.len(), 2);
    let (dark, colours) = look(&shown[1])?;
    assert!(colours > 1, "the frames of the chats are on it");
    assert_eq!(dark, 0);
    #[cfg(unix)]
    for picture in &shown {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(picture.metadata()?.permissions().mode() & 0o777, 0o600);
    }
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_only_loads_can_be_read() -> Result<()> {
    let config = SimulatorConfig {
        defaults: Defaults {
            slow_start_ms: 60_000,
            ..Defaults::default()
        },
        ..SimulatorConfig::default()
    };
    let (world, folder) = world(config).await?;
    let session = world.launch(1).await?;
    // The page draws its first screen a moment after its first bytes. No more than five pictures are kept.
    let end = Instant::now() + PATIENCE;
    loop {
        session.browser.keep_picture().await?;
        let shown = pictures(&folder)?;
        assert!(shown.len() <= 5);
        let newest = shown.last().context("no picture")?;
        if look(newest)?.0 > 0 {
            break;
        }
        assert!(Instant::now() < end, "no text is on it");
    }
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_hangs_gives_no_picture_and_keeps_nobody() -> Result<()> {
    let (world, folder) = world(SimulatorConfig::default()).await?;
    let session = world.linked(1).await?;
    signal(
        renderer_of(session.browser.pid()).context("no renderer")?,
        "-STOP",
    );
    let start = Instant::now();
    assert_eq!(
        session.browser.keep_picture().await,
        Err(CallError::Timeout)
    );
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(pictures(&folder)?, [] as [PathBuf; 0]);
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_place_for_it_there_is_no_picture() -> Result<()> {
    let world = World::new().await?;
    let session = world.launch(1).await?;
    let result = session.browser.keep_picture().await;
    assert!(
        matches!(result, Err(CallError::Unsupported(_))),
        "{result:?}"
    );
    world.end().await
}
