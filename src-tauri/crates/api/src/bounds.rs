//! What keeps a route from making its callers wait for ever: a deadline each, and no more calls at the same time than
//! leave room for others. Both are the last resort behind the bounds of the core, and say so in the shape of the route.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::Semaphore;

use crate::answer;
use crate::calls;
use crate::dto::CommandError;
use crate::error::ErrorCode;

/// How the errors of a route look.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// `error`, `code`, `message`.
    House,
    /// `error` is the code.
    Qr,
    /// A failed command.
    Command,
    /// WAHA's, with our code.
    Waha,
}

impl Shape {
    pub(crate) fn answer(self, code: ErrorCode, message: &str) -> Response {
        match self {
            Self::House => answer::error(code, message),
            Self::Qr => answer::qr_error(code, message),
            Self::Command => answer::command_error(&CommandError::new(code, message)),
            Self::Waha => answer::waha_error(code.status(), code, message),
        }
    }
}

/// How long a route may take to answer, from the moment that its request is there whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    pub(crate) after: Duration,
    pub(crate) shape: Shape,
}

/// The middleware of [`Deadline`]. The wait ends, and not what was begun.
pub(crate) async fn deadline(
    State(deadline): State<Deadline>,
    request: Request,
    next: Next,
) -> Response {
    let route = calls::route(&request).to_owned();
    match tokio::time::timeout(deadline.after, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!(route, "a request was not answered in time");
            deadline.shape.answer(
                ErrorCode::TimedOut,
                "This took too long and may still be under way - look at the state and try again",
            )
        }
    }
}

/// The places for calls that may take long.
#[derive(Clone)]
pub(crate) struct Places {
    free: Arc<Semaphore>,
    shape: Shape,
}

impl Places {
    pub(crate) fn new(number: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(number)),
            shape: Shape::House,
        }
    }

    /// The same places, for routes whose errors look like this.
    pub(crate) fn shaped(&self, shape: Shape) -> Self {
        Self {
            free: Arc::clone(&self.free),
            shape,
        }
    }
}

/// The middleware of [`Places`]: who finds none is told to come again, at once, and nothing is begun.
pub(crate) async fn shed(State(places): State<Places>, request: Request, next: Next) -> Response {
    let Ok(_place) = places.free.try_acquire() else {
        let mut response = places.shape.answer(
            ErrorCode::Overloaded,
            "Too many requests are being answered - try again in a second",
        );
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        return response;
    };
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::StatusCode;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tokio::time::Instant;
    use tower::ServiceExt as _;

    use super::*;

    /// No `GET` of this API can wait for anything, so one is made up.
    #[tokio::test(start_paused = true)]
    async fn a_read_that_hangs_is_answered_in_its_own_shape() {
        for (shape, begins) in [
            (
                Shape::House,
                r#"{"error":true,"code":"TIMED_OUT","message":"#,
            ),
            (Shape::Qr, r#"{"error":"TIMED_OUT","message":"#),
            (
                Shape::Waha,
                r#"{"statusCode":504,"error":"Gateway Timeout","message":"#,
            ),
        ] {
            let after = Duration::from_secs(5);
            let router = Router::new()
                .route("/hangs", get(std::future::pending::<()>))
                .route_layer(from_fn_with_state(Deadline { after, shape }, deadline));
            let since = Instant::now();
            let request = Request::get("/hangs").body(Body::empty()).unwrap();
            let answer = router.oneshot(request).await.unwrap();
            assert_eq!(since.elapsed(), after);
            assert_eq!(answer.status(), StatusCode::GATEWAY_TIMEOUT);
            let body = to_bytes(answer.into_body(), 1000).await.unwrap();
            assert!(body.starts_with(begins.as_bytes()), "{body:?}");
        }
    }
}
