//! `GET /control/bundle`: the last support bundle, for the control room's page in a browser, which has no folder to look
//! into. A page's own GET carries no key in its address, and needs none.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::answer;
use crate::error::ErrorCode;
use crate::router::Api;

pub(crate) async fn file(State(api): State<Arc<Api>>) -> Response {
    let nothing = || answer::error(ErrorCode::NotFound, "There is no support bundle");
    let Some(path) = api.room.bundles.as_ref().and_then(|bundles| bundles.file()) else {
        return nothing();
    };
    // A few megabytes at most: whoever collects bounds it.
    let Ok(content) = tokio::fs::read(&path).await else {
        return nothing();
    };
    let mut response = answer::respond(StatusCode::OK, "application/zip", Body::from(content));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response
            .headers_mut()
            .insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
