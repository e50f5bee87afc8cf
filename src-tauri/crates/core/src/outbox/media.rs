//! Files that are sent: taken, copied, thrown away.

use std::path::PathBuf;
use std::sync::Arc;

use super::port::{CopyError, MediaWriter};
use super::service::Outbox;
use super::{MediaDraft, MediaId, MediaRecord, MediaSource};
use crate::clock::Timestamp;
use crate::message::MediaKind;
use crate::ports::StoreError;
use crate::resources::DiskState;

/// Why a file cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// No file of this name was handed over, or it was too long ago.
    #[error("there is no such file")]
    NotFound,
    /// It cannot be copied.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// The disk is almost full.
    #[error("the disk is almost full")]
    DiskFull,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A file that is ready to be sent.
pub(super) struct Ready {
    pub(super) id: MediaId,
    pub(super) path: PathBuf,
    pub(super) kind: MediaKind,
    pub(super) mime: String,
    pub(super) name: Option<String>,
    /// When it was copied for this message.
    pub(super) copied: Option<MediaRecord>,
}

impl Outbox {
    /// Begins to take a file.
    pub async fn begin_media(&self) -> Result<Box<dyn MediaWriter>, MediaError> {
        self.disk_allows()?;
        let begun = self.0.files.begin().await;
        begun.map_err(|error| CopyError::from(error).into())
    }

    /// The file is whole: from now on messages can be sent with it.
    pub async fn finish_media(
        &self,
        file: Box<dyn MediaWriter>,
        mime: String,
        name: Option<String>,
        size: u64,
    ) -> Result<MediaRecord, MediaError> {
        let id = file.finish().await.map_err(CopyError::from)?;
        let discard = Discard::of(self, &id);
        let media = MediaRecord {
            id,
            mime,
            name,
            size,
            created: self.0.clock.now(),
        };
        self.0.store.add_media(media.clone()).await?;
        discard.keep();
        Ok(media)
    }

    fn disk_allows(&self) -> Result<(), MediaError> {
        if self.0.registry.resources().borrow().disk == DiskState::Ok {
            Ok(())
        } else {
            Err(MediaError::DiskFull)
        }
    }

    /// A file of this machine is copied, so that it cannot change any more.
    pub(super) async fn prepare(&self, media: &MediaDraft) -> Result<Ready, MediaError> {
        let record = match &media.source {
            MediaSource::Upload(id) => {
                let found = self.0.store.media(id).await?;
                found.ok_or(MediaError::NotFound)?
            }
            MediaSource::Path(path) => {
                self.disk_allows()?;
                let (id, size) = self.0.files.copy(path, self.0.policy.media_limit).await?;
                MediaRecord {
                    id,
                    mime: media.mime.clone(),
                    name: path
                        .file_name()
                        .map(|name| name.to_string_lossy().into_owned()),
                    size,
                    created: Timestamp(0),
                }
            }
        };
        Ok(Ready {
            path: self.0.files.path(&record.id),
            kind: media.kind.unwrap_or_else(|| kind_of(&record.mime)),
            mime: record.mime.clone(),
            name: media.name.clone().or_else(|| record.name.clone()),
            id: record.id.clone(),
            copied: matches!(media.source, MediaSource::Path(_)).then_some(record),
        })
    }
}

/// What a file is sent as, by its media type.
fn kind_of(mime: &str) -> MediaKind {
    match mime.split('/').next().unwrap_or_default() {
        // WhatsApp shows these as pictures; others it sends as files.
        "image"
            if matches!(
                essence(mime),
                "image/png" | "image/jpeg" | "image/webp" | "image/gif"
            ) =>
        {
            MediaKind::Image
        }
        "audio" => MediaKind::Audio,
        "video" => MediaKind::Video,
        _ => MediaKind::Document,
    }
}

fn essence(mime: &str) -> &str {
    mime.split(';').next().unwrap_or_default().trim()
}

/// Deletes a file when nobody wants it any more.
pub(super) struct Discard(Outbox, Option<MediaId>);

impl Discard {
    pub(super) fn of(outbox: &Outbox, id: &MediaId) -> Self {
        Self(outbox.clone(), Some(id.clone()))
    }

    /// Somebody does.
    pub(super) fn keep(mut self) {
        self.1 = None;
    }
}

impl Drop for Discard {
    fn drop(&mut self) {
        if let Some(id) = self.1.take() {
            let files = Arc::clone(&self.0.0.files);
            self.0
                .0
                .tasks
                .spawn(async move { files.remove(vec![id]).await });
        }
    }
}
