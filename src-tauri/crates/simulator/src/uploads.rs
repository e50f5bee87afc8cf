//! The media that pages have uploaded: what is left of it is its size and its hash.

use std::collections::{HashMap, VecDeque};

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use futures::StreamExt as _;
use sha2::{Digest as _, Sha256};

use crate::page::PageServer;

/// The oldest uploads are forgotten when there are more than this.
const CAPACITY: usize = 1000;
/// The longest file that is taken, bytes.
const LONGEST: u64 = 256 * 1024 * 1024;

/// A file that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Upload {
    pub(crate) size: u64,
    /// In hexadecimal.
    pub(crate) sha256: String,
}

/// What was uploaded, by where it can be found.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    known: HashMap<String, Upload>,
    order: VecDeque<String>,
}

impl Uploads {
    /// Remembers an upload, and says where it can be found. The same bytes are in the same place.
    pub(crate) fn keep(&mut self, upload: Upload) -> String {
        let path = format!("/v/{}", upload.sha256);
        if self.known.insert(path.clone(), upload).is_none() {
            self.order.push_back(path.clone());
        }
        if self.order.len() > CAPACITY
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        path
    }

    pub(crate) fn find(&self, path: &str) -> Option<Upload> {
        self.known.get(path).cloned()
    }
}

/// Takes a file in, without ever holding it whole.
pub(crate) async fn upload(State(server): State<PageServer>, body: Body) -> Response {
    let mut chunks = body.into_data_stream();
    let (mut hash, mut size) = (Sha256::new(), 0_u64);
    while let Some(chunk) = chunks.next().await {
        let Ok(chunk) = chunk else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        size += chunk.len() as u64;
        if size > LONGEST {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        }
        hash.update(&chunk);
    }
    let sha256 = format!("{:x}", hash.finalize());
    let upload = Upload { size, sha256 };
    let (path, _) = server.shared.change(|world, _| world.uploaded(upload));
    Json(serde_json::json!({ "path": path })).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(name: usize) -> Upload {
        Upload {
            size: 1,
            sha256: format!("{name:x}"),
        }
    }

    #[test]
    fn the_oldest_uploads_are_forgotten() {
        let mut uploads = Uploads::default();
        let first = uploads.keep(upload(0));
        assert_eq!(uploads.keep(upload(0)), first);
        for name in 1..=CAPACITY {
            assert!(uploads.find(&first).is_some(), "{name}");
            uploads.keep(upload(name));
        }
        assert_eq!(uploads.find(&first), None);
        assert_eq!(uploads.order.len(), uploads.known.len());
    }
}
