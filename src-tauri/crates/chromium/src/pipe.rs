//! A WebSocket for exactly one client, in front of the browser's debugging pipe.
//!
//! chromiumoxide speaks only WebSocket, and a debugging port would let every program on this machine drive a linked
//! account. So the browser gets a pipe, and we listen on a loopback port for as long as it takes our own client to
//! connect: the path is a secret of 256 bits, a request with an `Origin` (a web page) is refused, and strangers cannot
//! use up the one place. Then the listener closes.
//!
//! On the pipe, messages are JSON ended by a NUL byte.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::StatusCode;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::platform::DebugPipe;

/// The longest message either way, bytes. A whole page as a picture is about 8 MB.
const LONGEST: usize = 64 * 1024 * 1024;
/// How long one connection may take to say who it is.
const HANDSHAKE: Duration = Duration::from_secs(2);
/// Connections that may be saying who they are at the same time.
const STRANGERS: usize = 16;

/// The door, before our client came through.
pub(crate) struct Gate {
    listener: TcpListener,
    address: SocketAddr,
    path: String,
}

impl Gate {
    /// Listens on a free loopback port.
    pub(crate) async fn open() -> io::Result<Self> {
        let mut secret = [0_u8; 32];
        getrandom::fill(&mut secret).map_err(io::Error::other)?;
        let mut path = String::with_capacity(1 + 2 * secret.len());
        path.push('/');
        for byte in secret {
            path.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
            path.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        Ok(Self {
            listener,
            address,
            path,
        })
    }

    /// Where our client is to connect. A secret.
    pub(crate) fn url(&self) -> String {
        format!("ws://{}{}", self.address, self.path)
    }

    /// Waits for our client, then closes the door.
    async fn admit(self) -> io::Result<WebSocketStream<TcpStream>> {
        let Self { listener, path, .. } = self;
        let mut knocking = JoinSet::new();
        loop {
            tokio::select! {
                connection = listener.accept(), if knocking.len() < STRANGERS => {
                    let (stream, peer) = connection?;
                    if peer.ip().is_loopback() {
                        knocking.spawn(tokio::time::timeout(HANDSHAKE, identify(stream, path.clone())));
                    }
                }
                Some(result) = knocking.join_next() => {
                    if let Ok(Ok(Some(socket))) = result {
                        drop(listener);
                        knocking.shutdown().await;
                        return Ok(socket);
                    }
                }
            }
        }
    }
}

/// Finishes the handshake with our client and with nobody else.
async fn identify(stream: TcpStream, path: String) -> Option<WebSocketStream<TcpStream>> {
    stream.set_nodelay(true).ok()?;
    #[expect(clippy::result_large_err, reason = "the signature is tungstenite's")]
    let check = move |request: &Request, response: Response| {
        let known = request.uri().path() == path && request.uri().query().is_none();
        if known && !request.headers().contains_key("origin") {
            Ok(response)
        } else {
            let mut refusal = ErrorResponse::new(None);
            *refusal.status_mut() = StatusCode::FORBIDDEN;
            Err(refusal)
        }
    };
    let config = WebSocketConfig::default()
        .max_message_size(Some(LONGEST))
        .max_frame_size(Some(LONGEST));
    tokio_tungstenite::accept_hdr_async_with_config(stream, check, Some(config))
        .await
        .ok()
}

/// Admits our client and carries its messages until either side ends. Dropping it closes both.
pub(crate) async fn carry(gate: Gate, pipe: DebugPipe) -> io::Result<()> {
    let socket = gate.admit().await?;
    let (mut to_client, mut from_client) = socket.split();
    let DebugPipe {
        mut commands,
        answers,
    } = pipe;

    let outward = async {
        let mut frames = Frames::new(answers);
        while let Some(text) = frames.next().await? {
            to_client
                .send(Message::Text(text))
                .await
                .map_err(io::Error::other)?;
        }
        Ok(())
    };
    let inward = async {
        while let Some(message) = from_client.next().await {
            match message.map_err(io::Error::other)? {
                Message::Text(text) => write_frame(&mut commands, text.as_bytes()).await?,
                Message::Close(_) => break,
                _ => {}
            }
        }
        Ok(())
    };
    tokio::select! {
        ended = outward => ended,
        ended = inward => ended,
    }
}

async fn write_frame(pipe: &mut (impl AsyncWrite + Unpin), text: &[u8]) -> io::Result<()> {
    pipe.write_all(text).await?;
    pipe.write_all(&[0]).await?;
    pipe.flush().await
}

/// Reads NUL-ended messages.
struct Frames<R> {
    source: R,
    buffer: Vec<u8>,
    /// Bytes of the buffer that are known to hold no NUL.
    searched: usize,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    fn new(source: R) -> Self {
        Self {
            source,
            buffer: Vec::with_capacity(64 * 1024),
            searched: 0,
        }
    }

    /// The next message, or none at the end of the stream.
    async fn next(&mut self) -> io::Result<Option<Utf8Bytes>> {
        loop {
            let end = self.buffer[self.searched..]
                .iter()
                .position(|&byte| byte == 0);
            if let Some(end) = end {
                let end = self.searched + end;
                let text = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
                self.buffer.drain(..=end);
                self.searched = 0;
                // A single large answer should not be paid for ever after.
                if self.buffer.is_empty() && self.buffer.capacity() > 1024 * 1024 {
                    self.buffer = Vec::with_capacity(64 * 1024);
                }
                return Ok(Some(text.into()));
            }
            self.searched = self.buffer.len();
            if self.searched > LONGEST {
                return Err(io::Error::other("a message of the browser is too long"));
            }
            if self.source.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{DuplexStream, duplex};
    use tokio_tungstenite::client_async;
    use tokio_tungstenite::tungstenite::client::IntoClientRequest;
    use tokio_tungstenite::tungstenite::http::HeaderValue;

    use super::*;

    /// A pipe whose far ends the test holds: (what the browser reads, where the browser writes).
    fn pipe() -> (DebugPipe, DuplexStream, DuplexStream) {
        let (commands, browser_reads) = duplex(64 * 1024);
        let (browser_writes, answers) = duplex(64 * 1024);
        let pipe = DebugPipe {
            commands: Box::new(commands),
            answers: Box::new(answers),
        };
        (pipe, browser_reads, browser_writes)
    }

    async fn connect(
        url: &str,
        origin: Option<&'static str>,
    ) -> Result<WebSocketStream<TcpStream>, Box<dyn std::error::Error>> {
        let mut request = url.into_client_request()?;
        if let Some(origin) = origin {
            request
                .headers_mut()
                .insert("origin", HeaderValue::from_static(origin));
        }
        let address = format!(
            "{}:{}",
            request.uri().host().unwrap(),
            request.uri().port().unwrap()
        );
        let stream = TcpStream::connect(address).await?;
        Ok(client_async(request, stream).await?.0)
    }

    #[tokio::test]
    async fn messages_travel_both_ways_whatever_their_size() {
        let gate = Gate::open().await.unwrap();
        let url = gate.url();
        let (pipe, mut reads, mut writes) = pipe();
        let carrying = tokio::spawn(carry(gate, pipe));
        let mut client = connect(&url, None).await.unwrap();

        client.send(Message::text("{\"id\":1}")).await.unwrap();
        let mut command = [0; 9];
        reads.read_exact(&mut command).await.unwrap();
        assert_eq!(&command, b"{\"id\":1}\0");

        // Two answers in one piece, then one of 9 MB in many.
        writes.write_all(b"one\0two\0").await.unwrap();
        assert_eq!(
            client.next().await.unwrap().unwrap().into_text().unwrap(),
            "one"
        );
        assert_eq!(
            client.next().await.unwrap().unwrap().into_text().unwrap(),
            "two"
        );
        let large = "ñ".repeat(4_500_000);
        let sent = large.clone();
        let writing = tokio::spawn(async move {
            writes.write_all(sent.as_bytes()).await.unwrap();
            writes.write_all(&[0]).await.unwrap();
            writes
        });
        let received = client.next().await.unwrap().unwrap().into_text().unwrap();
        assert!(received.as_str() == large);

        // The browser's end of the pipe closes: everything ends.
        drop(writing.await.unwrap());
        carrying.await.unwrap().unwrap();
        assert!(matches!(
            client.next().await,
            None | Some(Err(_) | Ok(Message::Close(_)))
        ));
    }

    #[tokio::test]
    async fn strangers_are_refused_and_do_not_use_up_the_place() {
        let gate = Gate::open().await.unwrap();
        let url = gate.url();
        let (pipe, mut reads, _writes) = pipe();
        let carrying = tokio::spawn(carry(gate, pipe));

        let address = url["ws://".len()..].split('/').next().unwrap().to_owned();
        assert!(connect(&format!("ws://{address}/"), None).await.is_err());
        assert!(connect(&format!("{url}0"), None).await.is_err());
        assert!(connect(&format!("{url}?a=b"), None).await.is_err());
        assert!(connect(&url, Some("https://evil.example")).await.is_err());
        assert!(connect(&url, Some("null")).await.is_err());
        // Some say nothing at all, and stay.
        let mut silent = Vec::new();
        for _ in 0..STRANGERS - 1 {
            silent.push(TcpStream::connect(&address).await.unwrap());
        }

        let mut client = connect(&url, None).await.unwrap();
        client.send(Message::text("x")).await.unwrap();
        assert_eq!(reads.read_u8().await.unwrap(), b'x');
        // The door is closed behind the one that was let in.
        assert!(TcpStream::connect(&address).await.is_err());
        client.close(None).await.unwrap();
        carrying.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn an_endless_message_is_not_collected() {
        let mut frames = Frames::new(tokio::io::repeat(b'x'));
        let error = frames.next().await.unwrap_err();
        assert!(error.to_string().contains("too long"));
    }
}
