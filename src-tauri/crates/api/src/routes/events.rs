//! `GET /events`: what happens, as server-sent events. A snapshot comes first, and again whenever the reader fell
//! behind; a comment every now and then shows that the line is alive.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures::StreamExt as _;

use crate::answer;
use crate::dto::ControlEvent;
use crate::error::ErrorCode;
use crate::router::Api;

pub(crate) async fn events(State(api): State<Arc<Api>>) -> Response {
    let Ok(place) = Arc::clone(&api.streams).try_acquire_owned() else {
        return answer::error(
            ErrorCode::TooManyStreams,
            "Too many event streams are open - close one and try again",
        );
    };
    let events = api
        .room
        .events()
        .take_until(api.stop.clone().cancelled_owned())
        .filter_map(move |event| {
            // Given back when the stream is dropped.
            let _held = &place;
            std::future::ready(write(&event).map(Ok::<_, Infallible>))
        });
    Sse::new(events)
        .keep_alive(KeepAlive::new().interval(api.heartbeat))
        .into_response()
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
    }
}
