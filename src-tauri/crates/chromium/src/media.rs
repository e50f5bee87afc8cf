//! Files that are sent.

use std::path::Path;

use session_core::MediaKind;
use session_core::ports::CallError;

/// What wa-js calls a kind of media.
pub(crate) fn word(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Image => "image",
        MediaKind::Document => "document",
        MediaKind::Audio => "audio",
        MediaKind::Video => "video",
    }
}

/// The file as the browser takes it, if it is one that can be read. The browser would quietly take anything, and the
/// page would find out only while it uploads.
pub(crate) async fn readable(path: &Path) -> Result<String, CallError> {
    let unreadable = || CallError::Refused("FILE_UNREADABLE".to_owned());
    let path = std::path::absolute(path).map_err(|_| unreadable())?;
    let file = tokio::fs::File::open(&path)
        .await
        .map_err(|_| unreadable())?;
    let is_file = file
        .metadata()
        .await
        .is_ok_and(|metadata| metadata.is_file());
    // The protocol speaks text only.
    match path.into_os_string().into_string() {
        Ok(path) if is_file => Ok(path),
        _ => Err(unreadable()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_a_file_can_be_sent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let unreadable = Err(CallError::Refused("FILE_UNREADABLE".to_owned()));
        assert_eq!(readable(&path).await, unreadable);
        assert_eq!(readable(folder.path()).await, unreadable);
        std::fs::write(&path, "x").unwrap();
        assert_eq!(readable(&path).await, Ok(path.display().to_string()));
    }
}
