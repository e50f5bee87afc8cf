//! The body of `POST /send`.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use session_core::{ChatId, Draft, DraftContent, MediaDraft, MediaKind, MediaSource, MessageText};
use utoipa::ToSchema;

use crate::openapi::words;

/// Longest name of a file that the receiver sees, in bytes: what file systems take.
const NAME: usize = 255;
/// Longest media type, in bytes.
const MIME: usize = 100;

/// Other fields, such as the `cliente_id` that some callers add, are ignored.
#[derive(Deserialize, ToSchema)]
#[schema(as = MessageDraft)]
pub(crate) struct Request {
    /// Digits with country code; `+`, spaces and dashes are dropped. Or a chat: `…@c.us`, `…@g.us`.
    #[schema(min_length = 5)]
    to: String,
    /// The text; of a file, what is below it.
    message: Option<String>,
    media: Option<Media>,
}

/// A file to send: either `id` or `path`.
#[derive(Deserialize, ToSchema)]
#[schema(as = MediaDraft)]
struct Media {
    /// What `POST /media` answered.
    id: Option<String>,
    /// Below a folder that was allowed with `--media-dir`.
    #[schema(value_type = Option<String>)]
    path: Option<PathBuf>,
    /// Follows from what the file is, unless it is named.
    #[schema(value_type = Option<words::FileKind>)]
    kind: Option<MediaKind>,
    name: Option<String>,
    mime: Option<String>,
}

/// Reads it, or tells what is wrong with it.
pub(super) fn read(body: &[u8]) -> Result<Draft, String> {
    let unreadable = "The body must be JSON with the texts \"to\" and \"message\"";
    let message: Request = serde_json::from_slice(body).map_err(|_| unreadable.to_owned())?;
    if message.message.is_none() && message.media.is_none() {
        return Err(unreadable.to_owned());
    }
    if message.to.trim().is_empty() {
        return Err("\"to\" is empty".to_owned());
    }
    let chat = ChatId::parse(&message.to).map_err(|error| format!("\"to\": {error}"))?;
    let text = message.message.and_then(MessageText::new);
    let content = match (message.media, text) {
        (None, Some(text)) => DraftContent::Text(text),
        (None, None) => return Err("\"message\" is empty".to_owned()),
        (Some(media), caption) => DraftContent::Media(media.read(caption)?),
    };
    Ok(Draft { chat, content })
}

impl Media {
    fn read(self, caption: Option<MessageText>) -> Result<MediaDraft, String> {
        let source = match (self.id, self.path) {
            (Some(id), None) => {
                let id = id
                    .parse()
                    .map_err(|error| format!("\"media.id\": {error}"))?;
                MediaSource::Upload(id)
            }
            (None, Some(path)) if path.is_absolute() => MediaSource::Path(path),
            (None, Some(_)) => return Err("\"media.path\" must be a whole path".to_owned()),
            _ => return Err("\"media\" needs either \"id\" or \"path\"".to_owned()),
        };
        if self.name.as_deref().is_some_and(|name| !is_name(name)) {
            return Err("\"media.name\" is no name of a file".to_owned());
        }
        if self.mime.as_deref().is_some_and(|mime| !is_mime(mime)) {
            return Err("\"media.mime\" is no media type".to_owned());
        }
        let guessed = match &source {
            MediaSource::Path(path) => guess(path),
            MediaSource::Upload(_) => String::new(),
        };
        Ok(MediaDraft {
            source,
            kind: self.kind,
            mime: self.mime.unwrap_or(guessed),
            name: self.name,
            caption,
        })
    }
}

/// What a file is, by its name.
pub(super) fn guess(path: &Path) -> String {
    mime_guess::from_path(path)
        .first_or_octet_stream()
        .to_string()
}

/// Whether this can be the name of a file: no path, nothing that cannot be seen.
pub(super) fn is_name(name: &str) -> bool {
    !name.trim().is_empty()
        && name.len() <= NAME
        && !matches!(name, "." | "..")
        && !name.contains(|c: char| c.is_control() || matches!(c, '/' | '\\'))
}

/// Whether this can be a media type, with or without parameters.
pub(super) fn is_mime(mime: &str) -> bool {
    let is_token = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    let (essence, parameters) = mime.split_once(';').unwrap_or((mime, ""));
    mime.len() <= MIME
        && essence
            .trim()
            .split_once('/')
            .is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype))
        && parameters
            .bytes()
            .all(|b| b == b' ' || b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn media(json: &str) -> Result<Draft, String> {
        read(format!(r#"{{"to":"5491155551234","media":{json}}}"#).as_bytes())
    }

    #[test]
    fn a_file_is_named_by_its_id_or_its_path() {
        let id = "0123456789abcdef0123456789abcdef";
        for good in [
            format!(r#"{{"id":"{id}"}}"#),
            format!(
                r#"{{"id":"{id}","kind":"audio","name":"nota.ogg","mime":"audio/ogg; codecs=opus"}}"#
            ),
            r#"{"path":"/srv/out/factura 7.pdf"}"#.to_owned(),
            r#"{"path":"/srv/out/x","kind":"document","other":1}"#.to_owned(),
        ] {
            assert!(media(&good).is_ok(), "{good}");
        }
        for bad in [
            "{}".to_owned(),
            "7".to_owned(),
            r#"{"id":"../../etc/passwd"}"#.to_owned(),
            format!(r#"{{"id":"{id}","path":"/srv/out/x"}}"#),
            r#"{"path":"out/x"}"#.to_owned(),
            r#"{"path":"/x","kind":"sticker"}"#.to_owned(),
            r#"{"path":"/x","name":"a/b"}"#.to_owned(),
            r#"{"path":"/x","name":".."}"#.to_owned(),
            r#"{"path":"/x","name":"a\nb"}"#.to_owned(),
            r#"{"path":"/x","mime":"png"}"#.to_owned(),
            r#"{"path":"/x","mime":"image/png\r\nx: y"}"#.to_owned(),
        ] {
            assert!(media(&bad).is_err(), "{bad}");
        }
        let Ok(Draft {
            content: DraftContent::Media(draft),
            ..
        }) = media(r#"{"path":"/srv/out/a.PNG"}"#)
        else {
            panic!("no file");
        };
        assert_eq!(draft.mime, "image/png");
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic_and_what_is_read_is_valid(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&body);
        }

        #[test]
        fn a_text_goes_through_unchanged(to in "[0-9]{5,20}", text in "\\PC{1,80}") {
            let body = serde_json::json!({ "to": to, "message": text });
            match read(body.to_string().as_bytes()) {
                Ok(Draft { chat, content: DraftContent::Text(read) }) => {
                    prop_assert_eq!(chat.reveal(), format!("{to}@c.us"));
                    prop_assert_eq!(read.reveal(), text);
                }
                Ok(_) => prop_assert!(false, "a file"),
                Err(_) => prop_assert!(text.trim().is_empty()),
            }
        }

        #[test]
        fn a_name_never_leads_anywhere(name in "\\PC{0,40}") {
            if is_name(&name) {
                prop_assert!(std::path::Path::new(&name).file_name().is_some());
                prop_assert_eq!(std::path::Path::new(&name).components().count(), 1);
            }
        }
    }
}
