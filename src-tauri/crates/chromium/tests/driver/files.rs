//! Files, from the disk to the receiver, with a real browser.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use session_core::ports::CallError;
use session_core::{ChatId, Content, Media, MediaKind, MessageKey, MessageText, Outgoing};
use sha2::{Digest, Sha256};
use whatsapp_simulator::{OutboxEntry, PhoneAction, SendFailure};

use crate::support::World;

fn media(world: &World, kind: MediaKind, mime: &str, bytes: &[u8]) -> Result<Media> {
    let path = world
        .data
        .path()
        .join(format!("{}.bin", MessageKey::random()));
    fs::write(&path, bytes)?;
    Ok(Media {
        kind,
        path,
        mime: mime.to_owned(),
        name: None,
        caption: None,
    })
}

fn message(media: Media) -> Result<Outgoing> {
    Ok(Outgoing {
        key: MessageKey::random(),
        chat: ChatId::parse("5491155550000")?,
        content: Content::Media(media),
    })
}

fn sent(world: &World, message: &Outgoing) -> Result<OutboxEntry> {
    let outbox = world.simulator.phone().outbox();
    let mut sent = outbox
        .into_iter()
        .filter(|entry| entry.id == message.key.as_str());
    let entry = sent.next().context("it was not sent")?;
    anyhow::ensure!(sent.next().is_none(), "it was sent twice");
    Ok(entry)
}

fn hash(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

fn refused<T>(word: &str) -> Result<T, CallError> {
    Err(CallError::Refused(word.to_owned()))
}

/// Bytes that no compression makes fewer.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        })
        .collect()
}

fn picture() -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 2, 2);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header()?.write_image_data(&[0x80; 12])?;
    Ok(bytes)
}

/// The headers of a film of two seconds, without a picture in it: Chromium plays none of it, and wa-js reads them.
fn film() -> Vec<u8> {
    let part = |name: &[u8; 4], content: &[u8]| {
        let length = (content.len() + 8).to_be_bytes();
        [&length[length.len() - 4..], name, content].concat()
    };
    let mut header = [0; 100];
    header[12..16].copy_from_slice(&1000_u32.to_be_bytes());
    header[16..20].copy_from_slice(&2000_u32.to_be_bytes());
    let mut sample = [0; 78];
    sample[24..26].copy_from_slice(&640_u16.to_be_bytes());
    sample[26..28].copy_from_slice(&480_u16.to_be_bytes());
    let samples = [&[0, 0, 0, 0, 0, 0, 0, 1][..], &part(b"avc1", &sample)].concat();
    let table = part(b"minf", &part(b"stbl", &part(b"stsd", &samples)));
    let track = part(b"trak", &part(b"mdia", &table));
    let film = [part(b"mvhd", &header), track].concat();
    [part(b"ftyp", b"isom\0\0\0\0isom"), part(b"moov", &film)].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_arrive_whole_however_large_they_are() -> Result<()> {
    let world = World::new().await?;
    let session = world.linked(1).await?;
    for megabytes in [5, 60] {
        let bytes = noise(megabytes * 1024 * 1024);
        let mut media = media(&world, MediaKind::Document, "application/pdf", &bytes)?;
        media.name = Some("informe \"ñandú\".pdf".to_owned());
        let message = message(media)?;
        let start = std::time::Instant::now();
        let id = session.browser.send(&message).await?;
        println!("{megabytes} MB: {:?}", start.elapsed());
        assert!(id.reveal().ends_with(message.key.as_str()));
        let entry = sent(&world, &message)?;
        assert_eq!(
            (entry.kind.as_str(), entry.mime.as_deref()),
            ("document", Some("application/pdf"))
        );
        assert_eq!(entry.name.as_deref(), Some("informe \"ñandú\".pdf"));
        assert_eq!(entry.caption, None);
        assert_eq!(entry.size, Some(bytes.len() as u64));
        assert_eq!(entry.sha256, Some(hash(&bytes)));
    }
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_sounds_and_films_are_sent_as_what_they_are() -> Result<()> {
    let world = World::new().await?;
    let session = world.linked(1).await?;
    for (kind, word, mime, bytes, caption) in [
        (
            MediaKind::Image,
            "image",
            "image/png",
            picture()?,
            Some("un ñandú\n☕"),
        ),
        (
            MediaKind::Audio,
            "audio",
            "audio/ogg; codecs=opus",
            b"OggS and no sound".to_vec(),
            None,
        ),
        (
            MediaKind::Video,
            "video",
            "video/mp4",
            film(),
            Some("dos segundos"),
        ),
    ] {
        let mut media = media(&world, kind, mime, &bytes)?;
        media.caption = caption.and_then(|text| MessageText::new(text.to_owned()));
        let file = media.path.clone();
        let message = message(media)?;
        let id = session.browser.send(&message).await?;
        let entry = sent(&world, &message)?;
        assert_eq!(
            (entry.kind.as_str(), entry.mime.as_deref()),
            (word, Some(mime))
        );
        assert_eq!(entry.caption.as_deref(), caption);
        assert_eq!(entry.sha256, Some(hash(&bytes)), "{word}");
        // What the file is called here stays here.
        let name = entry.name.context("no name")?;
        assert!(name.starts_with(&format!("{word}.")), "{name}");
        // It is not even opened again.
        fs::write(file, "something else")?;
        assert_eq!(session.browser.send(&message).await?, id);
        assert_eq!(sent(&world, &message)?.attempts, 1);
    }
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_failed_is_sent_anew_under_its_key() -> Result<()> {
    let world = World::new().await?;
    let session = world.linked(1).await?;
    let message = message(media(&world, MediaKind::Image, "image/png", &picture()?)?)?;
    let result = SendFailure::ErrorUpload;
    world
        .act(PhoneAction::FailSends { count: 1, result })
        .await?;
    assert_eq!(
        session.browser.send(&message).await,
        refused("ERROR_UPLOAD")
    );
    session.browser.send(&message).await?;
    let entry = sent(&world, &message)?;
    assert_eq!((entry.attempts, entry.result.as_str()), (2, "OK"));
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_sent_is_refused_with_a_word() -> Result<()> {
    let world = World::new().await?;
    let session = world.linked(1).await?;
    let missing = Media {
        path: PathBuf::from("/nowhere/file"),
        ..media(&world, MediaKind::Document, "text/plain", b"x")?
    };
    let empty = media(&world, MediaKind::Document, "text/plain", b"")?;
    let broken = media(&world, MediaKind::Image, "image/png", b"no picture")?;
    for (media, word) in [
        (missing, "FILE_UNREADABLE"),
        (empty, "FILE_EMPTY"),
        (broken, "MEDIA_REJECTED"),
    ] {
        assert_eq!(session.browser.send(&message(media)?).await, refused(word));
    }
    assert_eq!(world.simulator.phone().outbox(), []);
    world.end().await
}
