//! `POST /media`: takes a file, to be sent with `POST /send`. It goes to the disk as it comes.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures::StreamExt as _;
use serde::{Deserialize, Serialize};
use session_core::MediaError;
use session_core::ports::CopyError;
use tokio::time::timeout;
use utoipa::{IntoParams, ToSchema};

use crate::answer;
use crate::error::ErrorCode;
use crate::router::Api;
use crate::routes::draft::{is_mime, is_name};
use crate::routes::send::unwritten;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Named {
    /// What the receiver is to see.
    #[param(nullable = false, example = "photo.png")]
    name: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Taken<'a> {
    /// For `media.id` of `POST /send`.
    media_id: &'a str,
    size: u64,
    mime: &'a str,
    #[schema(required)]
    name: Option<&'a str>,
}

#[utoipa::path(
    post,
    path = "/media",
    operation_id = "upload_media",
    tag = "Messages",
    summary = "Takes a file, to be sent with `POST /send`",
    description = "At most 64 MiB. What is not sent within a day is deleted.",
    params(Named),
    request_body(content = String, content_type = "application/octet-stream",
                 description = "The file as it is, with its own media type. The three that forms have are not taken.",
                 example = "the bytes of the file"),
    responses((status = 201, description = "Taken.", body = inline(Taken), example = json!({
        "media_id": "m_5bq3x0", "size": 48_213, "mime": "image/png", "name": "photo.png",
    }))),
    extensions(("x-failures" = json!({
        "INSUFFICIENT_STORAGE": {}, "STORE_UNAVAILABLE": {}, "OVERLOADED": {}, "TIMED_OUT": {},
    })))
)]
pub(crate) async fn upload(
    State(api): State<Arc<Api>>,
    named: Result<Query<Named>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let name = match named {
        Ok(Query(Named { name })) if name.as_deref().is_none_or(is_name) => name,
        _ => {
            return answer::error(ErrorCode::InvalidRequest, "name is no name of a file");
        }
    };
    let mime = headers.get(header::CONTENT_TYPE);
    let mime = mime.and_then(|mime| mime.to_str().ok());
    let Some(mime) = mime.filter(|mime| is_mime(mime)) else {
        return answer::error(
            ErrorCode::UnsupportedMediaType,
            "Content-Type must be the media type of the file",
        );
    };
    let Ok(_place) = api.uploads.try_acquire() else {
        let mut response = answer::error(
            ErrorCode::Overloaded,
            "Too many files are being taken - try again in a second",
        );
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        return response;
    };
    match take(&api, body, mime.to_owned(), name).await {
        Ok(response) | Err(response) => response,
    }
}

async fn take(
    api: &Api,
    body: Body,
    mime: String,
    name: Option<String>,
) -> Result<Response, Response> {
    let outbox = &api.room.outbox;
    let limit = outbox.media_limit();
    // What is announced is refused before anything of it is read.
    if axum::body::HttpBody::size_hint(&body).lower() > limit {
        return Err(too_large());
    }
    let mut file = outbox
        .begin_media()
        .await
        .map_err(|error| refused(&error))?;
    let mut size = 0;
    let mut chunks = body.into_data_stream();
    loop {
        let unreadable = |problem| answer::error(ErrorCode::InvalidRequest, problem);
        let chunk = timeout(api.body_timeout, chunks.next())
            .await
            .map_err(|_| unreadable("The file did not arrive in time"))?;
        let Some(chunk) = chunk else { break };
        let chunk = chunk.map_err(|_| unreadable("The file could not be read"))?;
        size += chunk.len() as u64;
        if size > limit {
            return Err(too_large());
        }
        let written = file.write(&chunk).await;
        written.map_err(|error| refused(&CopyError::from(error).into()))?;
    }
    if size == 0 {
        return Err(answer::error(
            ErrorCode::InvalidRequest,
            "The file is empty",
        ));
    }
    let taken = outbox.finish_media(file, mime, name, size).await;
    let media = taken.map_err(|error| refused(&error))?;
    Ok(answer::json(
        StatusCode::CREATED,
        &Taken {
            media_id: media.id.as_str(),
            size,
            mime: &media.mime,
            name: media.name.as_deref(),
        },
    ))
}

/// Why a file cannot be taken or sent. No answer holds a path.
pub(super) fn refused(error: &MediaError) -> Response {
    match error {
        MediaError::NotFound => answer::error(
            ErrorCode::MediaNotFound,
            "There is no such file, or it was taken more than a day ago - send it to POST /media again",
        ),
        MediaError::Copy(CopyError::NotAllowed) => answer::error(
            ErrorCode::PathNotAllowed,
            "The file lies in no folder that was allowed with --media-dir, or is no plain file",
        ),
        MediaError::Copy(CopyError::Missing) => answer::error(
            ErrorCode::MediaNotFound,
            "There is no such file in the folder",
        ),
        MediaError::Copy(CopyError::TooLarge) => too_large(),
        MediaError::Copy(CopyError::Io(error)) => {
            tracing::error!(%error, "a file cannot be taken");
            answer::error(
                ErrorCode::InsufficientStorage,
                "The file cannot be written - check the free space and permissions of the data folder",
            )
        }
        MediaError::DiskFull => answer::error(
            ErrorCode::InsufficientStorage,
            "The disk is almost full - free some space",
        ),
        MediaError::Store(error) => {
            tracing::error!(%error, "a file is not written down");
            unwritten()
        }
    }
}

fn too_large() -> Response {
    answer::error(ErrorCode::PayloadTooLarge, "The file is larger than 64 MiB")
}
