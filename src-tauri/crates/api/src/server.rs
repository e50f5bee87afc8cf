//! The server: its own accept loop, because a half-sent head must not be kept for ever, an idle event stream must not
//! hold up the end of the program, and no connection may be left to itself.
//!
//! It ends in three steps: no new connections, and event streams end; requests that are being answered have a moment
//! to finish; then every connection is dropped, and that is waited for.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::access::Reached;
use crate::control::ControlRoom;
use crate::crowd::{Crowd, Member};
use crate::dto::ApiProblem;
use crate::keys::KeyStore;
use crate::owner::{self, Owner, Owners};
use crate::router::{Limits, Options, router};

/// Why the local API cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another program has the port.
    #[error("port {} is taken by another program: end it, or choose another port", .0.port())]
    PortTaken(SocketAddr),
    /// The address is reachable from other machines, which was not asked for.
    #[error("{} is not an address of this machine alone: use 127.0.0.1", .0.ip())]
    NotLoopback(SocketAddr),
    /// The address is reachable from other machines, and there is no key to tell callers apart by.
    #[error(
        "{} can be reached from other machines, so callers need an API key, and there is none: \
         create one with `session-manager keys create NAME --scope read,send`, or use 127.0.0.1", .0.ip()
    )]
    NoKey(SocketAddr),
    /// The system refuses the address.
    #[error("the system refuses to listen on {address}: {cause}")]
    AddressRefused {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        cause: io::Error,
    },
}

impl BindError {
    /// The problem as the control room shows it.
    pub const fn problem(&self) -> ApiProblem {
        match self {
            Self::PortTaken(_) => ApiProblem::PortTaken,
            Self::NoKey(_) => ApiProblem::KeyMissing,
            Self::NotLoopback(_) | Self::AddressRefused { .. } => ApiProblem::AddressRefused,
        }
    }
}

/// An address that listens.
pub struct Bound {
    address: SocketAddr,
    first: TcpListener,
    /// `[::1]` beside `127.0.0.1`: for some programs `localhost` means only the one, for some only the other.
    second: Option<TcpListener>,
}

/// About how large a head may be, bytes: what is read at once beyond it is read too. Callers of this API need hundreds.
const HEAD: usize = 32 * 1024;

/// How long to wait before trying again, when the system has no more files to give.
const EXHAUSTED: Duration = Duration::from_millis(200);

/// Listens on a loopback address. For `127.0.0.1` with a fixed port, also on `[::1]` where there is one.
pub async fn bind(address: SocketAddr) -> Result<Bound, BindError> {
    if address.ip().to_canonical().is_loopback() {
        open(address).await
    } else {
        Err(BindError::NotLoopback(address))
    }
}

/// Listens on any address, if somebody holds a key where other machines can reach it. All callers need one there.
pub async fn bind_beyond(address: SocketAddr, keys: &KeyStore) -> Result<Bound, BindError> {
    if address.ip().to_canonical().is_loopback() || keys.has_keys() {
        open(address).await
    } else {
        Err(BindError::NoKey(address))
    }
}

async fn open(address: SocketAddr) -> Result<Bound, BindError> {
    let first = listen(address).await?;
    let address = first
        .local_addr()
        .map_err(|cause| BindError::AddressRefused { address, cause })?;
    let second = if address.ip() == IpAddr::V4(Ipv4Addr::LOCALHOST) {
        let twin = SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), address.port());
        match listen(twin).await {
            Ok(listener) => Some(listener),
            // Calls to `localhost` would end up at that other program.
            Err(error @ BindError::PortTaken(_)) => return Err(error),
            // A machine without IPv6.
            Err(_) => None,
        }
    } else {
        None
    };
    Ok(Bound {
        address,
        first,
        second,
    })
}

async fn listen(address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address)
        .await
        .map_err(|cause| match cause.kind() {
            io::ErrorKind::AddrInUse => BindError::PortTaken(address),
            _ => BindError::AddressRefused { address, cause },
        })
}

impl Bound {
    /// The address, with its real port.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` fires and everything has ended. Dropping the future ends everything at once.
    pub async fn serve(self, room: ControlRoom, mut options: Options, stop: CancellationToken) {
        options.exposed |= !self.address.ip().to_canonical().is_loopback();
        let limits = options.limits;
        let owners = if options.allow_other_users || options.is_exposed() {
            // All may call, or all need a key.
            None
        } else {
            options
                .owners
                .take()
                .or_else(|| owner::of_system(self.address))
        };
        let router = router(room, &options, self.address.port(), stop.child_token());
        self.serve_router(router, limits, owners, stop).await;
    }

    async fn serve_router(
        self,
        router: Router,
        limits: Limits,
        owners: Option<Arc<dyn Owners>>,
        stop: CancellationToken,
    ) {
        let connections = TaskTracker::new();
        let end = CancellationToken::new();
        // If this future is dropped, the connections end too.
        let dropped = end.clone().drop_guard();
        let crowd = Crowd::new(limits.connections);
        tracing::info!(address = %self.address, "the local API listens");
        while let Some((stream, peer, member)) = self.next(&crowd, &stop).await {
            let connection = Connection {
                router: router.clone(),
                owners: owners.clone(),
                header_timeout: limits.header_timeout,
                stop: stop.clone(),
                end: end.clone(),
                member: Arc::new(member),
            };
            connections.spawn(connection.serve(stream, peer));
        }
        let address = self.address;
        drop(self);
        connections.close();
        if tokio::time::timeout(limits.drain, connections.wait())
            .await
            .is_err()
        {
            tracing::warn!(open = connections.len(), "connections are cut off");
            end.cancel();
            connections.wait().await;
        }
        drop(dropped);
        tracing::info!(%address, "the local API has ended");
    }

    /// The next connection, as soon as there is a place for it; nothing once the server stops.
    async fn next(
        &self,
        crowd: &Crowd,
        stop: &CancellationToken,
    ) -> Option<(TcpStream, SocketAddr, Member)> {
        let accept = async {
            loop {
                match self.accept().await {
                    Ok((stream, peer)) => {
                        let member = crowd.join().await?;
                        return Some((stream, peer, member));
                    }
                    // A caller that left before its turn is no news; a lack of files passes.
                    Err(error) => {
                        tracing::warn!(%error, "a connection was not accepted");
                        tokio::time::sleep(EXHAUSTED).await;
                    }
                }
            }
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => None,
            accepted = accept => accepted,
        }
    }

    async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let (stream, peer) = match &self.second {
            None => self.first.accept().await?,
            Some(second) => tokio::select! {
                accepted = self.first.accept() => accepted?,
                accepted = second.accept() => accepted?,
            },
        };
        // Small answers must not wait for an acknowledgement.
        stream.set_nodelay(true)?;
        Ok((stream, peer))
    }
}

struct Connection {
    router: Router,
    /// Tells users apart; nothing where that makes no difference.
    owners: Option<Arc<dyn Owners>>,
    header_timeout: Duration,
    /// Finish what is being answered.
    stop: CancellationToken,
    /// Drop everything.
    end: CancellationToken,
    member: Arc<Member>,
}

impl Connection {
    async fn serve(self, stream: TcpStream, peer: SocketAddr) {
        let reached = stream.local_addr().map(Reached).ok();
        let owner = self.owners.map_or(Owner::Untold, |owners| match reached {
            Some(Reached(reached)) => owners.owner(peer, reached),
            None => Owner::Gone,
        });
        let router = TowerToHyperService::new(self.router);
        let member = Arc::clone(&self.member);
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request.extensions_mut().insert(owner);
            if let Some(reached) = reached {
                request.extensions_mut().insert(reached);
            }
            let answering = member.begin();
            let answer = router.call(request);
            async move { answer.await.map(|response| answering.until_sent(response)) }
        });
        let mut connection = pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(self.header_timeout)
                .max_buf_size(HEAD)
                .serve_connection(TokioIo::new(stream), service)
        );
        tokio::select! {
            // A request that has just come in whole is answered.
            biased;
            ended = connection.as_mut() => return log(ended),
            () = self.end.cancelled() => return,
            () = self.stop.cancelled() => {}
            () = self.member.has_to_leave() => {
                if !self.member.is_busy() {
                    return;
                }
            }
        }
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            ended = connection => log(ended),
            () = self.end.cancelled() => {}
        }
    }
}

/// Callers hang up, time out and send nonsense; that is worth a line only to somebody who looks for it.
fn log(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
