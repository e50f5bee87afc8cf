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
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use crate::access::Pass;
use crate::answer;
use crate::dto::ControlEvent;
use crate::error::ErrorCode;
use crate::router::Api;
use crate::routes::wish::only;
use crate::stream::Wanted;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// A comment, which clients pass over.
const SIGN_OF_LIFE: Bytes = Bytes::from_static(b":\n\n");
/// When a caller that found no place may try again, s.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

#[utoipa::path(
    get,
    path = "/events",
    tag = "Events",
    summary = "What happens, as it happens",
    description = "Server-sent events: `snapshot`, `state`, `qr`, `progress`, `ready`, `degraded`, `hibernated`, `removed`, \
                   `resources`, `message` and `incoming`, each with JSON in its `data`. docs/events.md says what is in them. A comment comes \
                   every 15 s when nothing else does.",
    params(
        ("cliente_id" = Option<u64>, Query, description = "Only this cliente.", minimum = 1,
         maximum = 9_007_199_254_740_991_u64, nullable = false),
        ("incoming" = Option<bool>, Query, nullable = false, description = "Whether to tell of messages that come in, where that is on."),
        ("ticket" = Option<String>, Query, description = "In place of a key: what `POST /events/ticket` gave, once.",
         nullable = false),
        ("Last-Event-ID" = Option<String>, Header, description = "The last `id` that was read: goes on behind it.",
         nullable = false),
    ),
    responses((status = 200, description = "A stream that goes on.", content_type = "text/event-stream", body = String,
               example = "event: removed\nid: 1764000000000-57\nretry: 2000\ndata: {\"cliente_id\":7}\n\n")),
    extensions(("x-failures" = json!({"INVALID_REQUEST": {}, "TOO_MANY_STREAMS": {}})))
)]
pub(crate) async fn events(
    State(api): State<Arc<Api>>,
    Extension(pass): Extension<Pass>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let wanted = match wanted(query.as_deref().unwrap_or_default()) {
        Ok(wanted) => wanted,
        Err(problem) => return answer::error(ErrorCode::InvalidRequest, problem),
    };
    let Some(place) = place(&api) else {
        return no_place();
    };
    let last = headers
        .get(LAST_EVENT_ID)
        .and_then(|last| last.to_str().ok());
    let reader = api.stream.read(wanted, last);
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

/// What is asked for. As strict as the header: no escapes, and nothing twice.
fn wanted(query: &str) -> Result<Wanted, &'static str> {
    let named = |name: &'static str| only(query, name);
    let bad_id = "cliente_id must be a positive integer";
    let only = named("cliente_id").map_err(|_| bad_id)?;
    let bad_choice = "incoming must be true or false";
    Ok(Wanted {
        only: only.map(str::parse).transpose().map_err(|_| bad_id)?,
        incoming: match named("incoming").map_err(|_| bad_choice)? {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(bad_choice),
        },
    })
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
        ControlEvent::ShowCliente { .. } => "show_cliente",
        ControlEvent::Ending => "ending",
        ControlEvent::Calls { .. } => "calls",
    }
}
