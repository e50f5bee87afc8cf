//! The page's WebSocket: hello first, then what each side has to say.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures::{SinkExt as _, StreamExt as _};
use hyper_util::rt::TokioIo;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::page::PageServer;
use crate::phone::Shared;
use crate::wire::{FromPage, Hello, ToPage};

/// How much may wait for one page before it counts as gone.
const QUEUE: usize = 256;
/// A message longer than WhatsApp's own limit, with room for its frame.
const MAX_MESSAGE: usize = 256 * 1024;
/// How long a fresh socket may take to say who it is.
const HELLO: Duration = Duration::from_secs(10);

/// Turns the request into a WebSocket and serves it in a task of its own.
pub(crate) async fn upgrade(
    State(server): State<PageServer>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let key = headers
        .get(header::SEC_WEBSOCKET_KEY)
        .map(|key| derive_accept_key(key.as_bytes()));
    let Some(accept) = key.and_then(|key| HeaderValue::from_str(&key).ok()) else {
        return (StatusCode::BAD_REQUEST, "this path is a WebSocket").into_response();
    };
    let PageServer {
        shared,
        tasks,
        stopped,
        ..
    } = server;
    tasks.spawn(async move {
        let conversation = async {
            let Ok(upgraded) = hyper::upgrade::on(request).await else {
                return;
            };
            let config = WebSocketConfig::default()
                .max_message_size(Some(MAX_MESSAGE))
                .max_frame_size(Some(MAX_MESSAGE));
            let io = TokioIo::new(upgraded);
            converse(
                WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await,
                &shared,
            )
            .await;
        };
        tokio::select! {
            () = conversation => {}
            () = stopped.cancelled() => {}
        }
    });
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    response
}

type Socket = WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>;

async fn converse(mut socket: Socket, shared: &Arc<Shared>) {
    let hello = match tokio::time::timeout(HELLO, socket.next()).await {
        Ok(Some(Ok(Message::Text(text)))) => serde_json::from_str::<Hello>(&text),
        _ => return,
    };
    let hello = match hello {
        Ok(hello) if hello.is_sane() => hello,
        Ok(_) => return tracing::warn!("a page said hello without a proper identity"),
        Err(error) => return tracing::warn!(%error, "a page said something else than hello"),
    };
    let (sender, mut outgoing) = mpsc::channel::<ToPage>(QUEUE);
    let device = hello.device.clone();
    let (page, _) = shared.change(|world, now| world.page_opened(hello, sender, now));
    let open = OpenPage {
        shared,
        device: &device,
        page,
    };
    loop {
        tokio::select! {
            message = outgoing.recv() => {
                // The world dropped this page.
                let Some(message) = message else { break };
                let Ok(text) = serde_json::to_string(&message) else { continue };
                if socket.send(Message::text(text)).await.is_err() {
                    break;
                }
            }
            incoming = socket.next() => match incoming {
                Some(Ok(Message::Text(text))) => match serde_json::from_str::<FromPage>(&text) {
                    Ok(said) => open.said(said),
                    Err(error) => tracing::warn!(%error, "a page said something unknown"),
                },
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
        }
    }
}

/// Tells the world that the page is gone, however its task ends.
struct OpenPage<'a> {
    shared: &'a Shared,
    device: &'a str,
    page: u64,
}

impl OpenPage<'_> {
    fn said(&self, said: FromPage) {
        self.shared
            .change(|world, now| world.page_said(self.device, self.page, said, now));
    }
}

impl Drop for OpenPage<'_> {
    fn drop(&mut self) {
        self.shared
            .change(|world, _| world.page_closed(self.device, self.page));
    }
}
