//! `GET /events`: what happens to sessions, for tools. `GET /control/events`: what the control room's page in a browser
//! is told, where there is no window. Both are server-sent events, share their places, and give a sign of life every
//! now and then.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Extension, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures::StreamExt as _;
use session_core::ClienteId;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use crate::access::Pass;
use crate::answer;
use crate::dto::ControlEvent;
use crate::error::ErrorCode;
use crate::router::Api;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// A comment, which clients pass over.
const SIGN_OF_LIFE: Bytes = Bytes::from_static(b":\n\n");
/// When a caller that found no place may try again, s.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

pub(crate) async fn events(
    State(api): State<Arc<Api>>,
    Extension(pass): Extension<Pass>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let Ok(only) = wanted(query.as_deref().unwrap_or_default()) else {
        return answer::error(
            ErrorCode::InvalidRequest,
            "cliente_id must be a positive integer",
        );
    };
    let Some(place) = place(&api) else {
        return no_place();
    };
    let last = headers
        .get(LAST_EVENT_ID)
        .and_then(|last| last.to_str().ok());
    let reader = api.stream.read(only, last);
    let heartbeat = api.heartbeat;
    let pieces = futures::stream::unfold(
        (reader, place, pass),
        move |(mut reader, place, pass)| async move {
            let piece = timeout(heartbeat, reader.next())
                .await
                .unwrap_or(SIGN_OF_LIFE);
            // The place is given back when the stream is dropped.
            let goes_on = pass.holds();
            goes_on.then_some((Ok::<_, Infallible>(piece), (reader, place, pass)))
        },
    );
    let pieces = pieces.take_until(api.stop.clone().cancelled_owned());
    answer::respond(
        StatusCode::OK,
        "text/event-stream",
        Body::from_stream(pieces),
    )
}

pub(crate) async fn control_events(
    State(api): State<Arc<Api>>,
    Extension(pass): Extension<Pass>,
) -> Response {
    let Some(place) = place(&api) else {
        return no_place();
    };
    let events = api
        .room
        .events()
        .take_until(api.stop.clone().cancelled_owned())
        .take_while(move |_| std::future::ready(pass.holds()))
        .filter_map(move |event| {
            // Given back when the stream is dropped.
            let _held = &place;
            std::future::ready(write(&event).map(Ok::<_, Infallible>))
        });
    Sse::new(events)
        .keep_alive(KeepAlive::new().interval(api.heartbeat))
        .into_response()
}

fn place(api: &Api) -> Option<OwnedSemaphorePermit> {
    Arc::clone(&api.streams).try_acquire_owned().ok()
}

fn no_place() -> Response {
    let mut response = answer::error(
        ErrorCode::TooManyStreams,
        "Too many event streams are open - close one and try again",
    );
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, RETRY_AFTER);
    response
}

/// The one cliente that is asked for, if one is. As strict as the header: no escapes, and no second one.
fn wanted(query: &str) -> Result<Option<ClienteId>, ()> {
    let mut named = query.split('&').filter_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (name == "cliente_id").then_some(value)
    });
    match (named.next(), named.next()) {
        (None, _) => Ok(None),
        (Some(id), None) => id.parse().map(Some).map_err(drop),
        (Some(_), Some(_)) => Err(()),
    }
}

fn write(event: &ControlEvent) -> Option<Event> {
    Event::default()
        .event(name(event))
        .json_data(event)
        .inspect_err(|error| tracing::error!(%error, "an event could not be written"))
        .ok()
}

const fn name(event: &ControlEvent) -> &'static str {
    match event {
        ControlEvent::Snapshot(_) => "snapshot",
        ControlEvent::Cliente(_) => "cliente",
        ControlEvent::ClienteRemoved { .. } => "cliente_removed",
        ControlEvent::App(_) => "app",
        ControlEvent::CloseRequested => "close_requested",
        ControlEvent::Calls { .. } => "calls",
    }
}
