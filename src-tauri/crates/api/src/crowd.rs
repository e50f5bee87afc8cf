//! The connections that are open. There may be so many; when a further one comes, the one goes that has kept quiet
//! longest: it has sent no whole request yet, or had its answer and asked nothing since. So callers that only hold
//! connections open, on purpose or not, keep nobody else out. One that is being answered is never ended for another.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

/// All of them.
#[derive(Clone)]
pub(crate) struct Crowd {
    places: Arc<Semaphore>,
    quiet: Arc<Mutex<Quiet>>,
}

/// Those that are not being answered, the one longest so first.
#[derive(Default)]
struct Quiet {
    turn: u64,
    waiting: BTreeMap<u64, CancellationToken>,
}

/// One of them.
pub(crate) struct Member {
    quiet: Arc<Mutex<Quiet>>,
    leave: CancellationToken,
    state: Arc<Mutex<State>>,
    _place: OwnedSemaphorePermit,
}

#[derive(Default)]
struct State {
    /// Its turn among the quiet ones, if it is one.
    turn: Option<u64>,
    /// Requests of it that are being answered.
    answering: usize,
    gone: bool,
}

impl Crowd {
    pub(crate) fn new(places: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(places)),
            quiet: Arc::default(),
        }
    }

    /// Takes in a connection, as soon as there is a place for it.
    pub(crate) async fn join(&self) -> Option<Member> {
        let place = match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => place,
            Err(_) => {
                // Somebody may go by themselves at this moment; then there is a place more.
                if let Some((_, longest)) = lock(&self.quiet).waiting.pop_first() {
                    longest.cancel();
                }
                // Never closed.
                Arc::clone(&self.places).acquire_owned().await.ok()?
            }
        };
        let leave = CancellationToken::new();
        let turn = lock(&self.quiet).enter(leave.clone());
        Some(Member {
            quiet: Arc::clone(&self.quiet),
            leave,
            state: Arc::new(Mutex::new(State {
                turn: Some(turn),
                ..State::default()
            })),
            _place: place,
        })
    }
}

impl Quiet {
    fn enter(&mut self, leave: CancellationToken) -> u64 {
        self.turn += 1;
        self.waiting.insert(self.turn, leave);
        self.turn
    }
}

impl Member {
    /// Resolves when it has to make room.
    pub(crate) async fn has_to_leave(&self) {
        self.leave.cancelled().await;
    }

    /// Whether a request of it is being answered.
    pub(crate) fn is_busy(&self) -> bool {
        lock(&self.state).answering > 0
    }

    /// A request of it came in whole. It is busy until the answer to it has gone out, or been given up.
    pub(crate) fn begin(&self) -> Answering {
        let mut state = lock(&self.state);
        state.answering += 1;
        if let Some(turn) = state.turn.take() {
            lock(&self.quiet).waiting.remove(&turn);
        }
        drop(state);
        Answering {
            quiet: Arc::clone(&self.quiet),
            leave: self.leave.clone(),
            state: Arc::clone(&self.state),
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut state = lock(&self.state);
        state.gone = true;
        if let Some(turn) = state.turn.take() {
            lock(&self.quiet).waiting.remove(&turn);
        }
    }
}

/// Held for as long as a request is being answered.
pub(crate) struct Answering {
    quiet: Arc<Mutex<Quiet>>,
    leave: CancellationToken,
    state: Arc<Mutex<State>>,
}

impl Answering {
    /// Until the whole answer has gone out.
    pub(crate) fn until_sent(self, response: Response) -> Response {
        response.map(|body| {
            Body::new(Sending {
                body,
                _answering: self,
            })
        })
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        let mut state = lock(&self.state);
        state.answering -= 1;
        if state.answering == 0 && !state.gone {
            state.turn = Some(lock(&self.quiet).enter(self.leave.clone()));
        }
    }
}

struct Sending {
    body: Body,
    _answering: Answering,
}

impl HttpBody for Sending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
