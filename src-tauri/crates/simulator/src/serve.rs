//! HTTP/1 over plain or TLS connections; every connection is a tracked task that ends with the token.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A client that does not finish its handshake or its headers in this time is dropped.
const PATIENCE: Duration = Duration::from_secs(10);

/// Accepts until `stopped`.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
    router: Router,
    tasks: TaskTracker,
    stopped: CancellationToken,
) {
    let acceptor = tls.map(TlsAcceptor::from);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped.cancelled() => return,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file handles, most likely: let other connections end first.
                tracing::warn!(%error, "connection not accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // Small pushes must not wait for a full packet.
        let _ = stream.set_nodelay(true);
        let (acceptor, router, stopped) = (acceptor.clone(), router.clone(), stopped.clone());
        tasks.spawn(async move {
            let served = async {
                match acceptor {
                    None => connection(stream, router).await,
                    Some(acceptor) => {
                        match tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await {
                            Ok(Ok(stream)) => connection(stream, router).await,
                            Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
                            Err(_) => tracing::debug!("TLS handshake timed out"),
                        }
                    }
                }
            };
            tokio::select! {
                () = served => {}
                () = stopped.cancelled() => {}
            }
        });
    }
}

async fn connection<S>(stream: S, router: Router)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let result = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .with_upgrades()
        .await;
    if let Err(error) = result {
        tracing::debug!(%error, "connection ended early");
    }
}
