//! A program that is told.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures::stream;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// What a receiver does with what it is told.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reply {
    Status(u16),
    /// A status and `Retry-After` in seconds.
    Later(u16, u64),
    /// Redirects to a place that would answer 200.
    Redirect,
    /// 200 with a body that never ends.
    Endless,
    /// Never answers.
    Silence,
}

/// Something that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Told {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(crate) fn id(&self) -> String {
        self.header("webhook-id").to_owned()
    }

    /// When what it tells happened: tests number their changes so.
    pub(crate) fn at(&self) -> u64 {
        self.json()["timestamp"].as_u64().unwrap()
    }
}

/// What is known of a receiver from outside.
#[derive(Default)]
struct Book {
    told: watch::Sender<Vec<Told>>,
    next: Mutex<VecDeque<Reply>>,
    always: Mutex<Option<Reply>>,
    /// Bytes of endless bodies that somebody took.
    read: watch::Sender<usize>,
}

pub(crate) struct Receiver {
    book: Arc<Book>,
    pub(crate) address: SocketAddr,
    server: JoinHandle<()>,
}

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

impl Receiver {
    pub(crate) async fn new() -> Self {
        Self::at(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    pub(crate) async fn at(address: SocketAddr) -> Self {
        let book = Arc::new(Book::default());
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(take).with_state(Arc::clone(&book));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            book,
            address,
            server,
        }
    }

    pub(crate) fn url(&self) -> String {
        // What only the receiver and the person know may stand in a path.
        format!("http://{}/hook-Pa55word", self.address)
    }

    /// What it does with the next ones.
    pub(crate) fn then(&self, replies: &[Reply]) {
        self.book.next.lock().unwrap().extend(replies);
    }

    /// What it does with all others.
    pub(crate) fn always(&self, reply: Reply) {
        *self.book.always.lock().unwrap() = Some(reply);
    }

    pub(crate) fn told(&self) -> Vec<Told> {
        self.book.told.borrow().clone()
    }

    /// Waits until so many have arrived.
    pub(crate) async fn wait(&self, count: usize) -> Vec<Told> {
        let mut told = self.book.told.subscribe();
        let arrived = timeout(PATIENCE, told.wait_for(|told| told.len() >= count)).await;
        let Ok(told) = arrived else {
            panic!("only {} of {count} arrived", self.told().len());
        };
        told.unwrap().clone()
    }

    pub(crate) fn bytes_read(&self) -> usize {
        *self.book.read.borrow()
    }

    /// Stops listening.
    pub(crate) async fn leave(self) -> SocketAddr {
        self.server.abort();
        let _ = self.server.await;
        self.address
    }
}

async fn take(
    State(book): State<Arc<Book>>,
    uri: axum::http::Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let reply = {
        let next = book.next.lock().unwrap().pop_front();
        next.or(*book.always.lock().unwrap())
    };
    book.told.send_modify(|told| {
        told.push(Told {
            path: uri.path().to_owned(),
            headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        });
    });
    let status = |status| StatusCode::from_u16(status).unwrap();
    match reply {
        None => StatusCode::OK.into_response(),
        Some(Reply::Status(code)) => status(code).into_response(),
        Some(Reply::Later(code, seconds)) => {
            let mut response = status(code).into_response();
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            response
        }
        Some(Reply::Redirect) => {
            let mut response = StatusCode::TEMPORARY_REDIRECT.into_response();
            response
                .headers_mut()
                .insert(header::LOCATION, HeaderValue::from_static("/elsewhere"));
            response
        }
        Some(Reply::Endless) => {
            let endless = stream::repeat_with(move || {
                book.read.send_modify(|read| *read += 64 * 1024);
                Ok::<_, std::convert::Infallible>(Bytes::from(vec![b'x'; 64 * 1024]))
            });
            Response::new(Body::from_stream(endless))
        }
        Some(Reply::Silence) => std::future::pending().await,
    }
}
