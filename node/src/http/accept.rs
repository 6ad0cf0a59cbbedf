//! Our own accept loop: header time, header size and the number of connections are ours to bound.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::patience::Patience;

/// How long a client may take to send its headers.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// Room for the largest headers and the longest path, before a body is read.
const BUFFER_LEN_MAX: usize = 32 << 10;
/// Connections that a listener serves at once, at most; the next ones wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 16_384;
/// File descriptors that are kept for the store and the process itself.
const DESCRIPTORS_KEPT: usize = 1_024;
/// The least number of connections that is worth starting for.
const CONNECTIONS_MIN: usize = 64;
/// How long connections may finish what they are at once the node drains.
const DRAIN_TIME: Duration = Duration::from_secs(15);
/// How long to wait after the kernel refused a connection (out of descriptors, say) before asking again.
const REFUSED_PAUSE: Duration = Duration::from_millis(50);

/// A bound listener.
pub(crate) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    bound: usize,
}

/// Raises the limit of open files as far as it goes, and says how many connections a listener may serve: whoever opens
/// connections must not take the descriptors that the store needs.
pub(crate) fn connections_allowed() -> io::Result<usize> {
    let files = usize::try_from(rlimit::increase_nofile_limit(u64::MAX)?).unwrap_or(usize::MAX);
    let allowed = (files.saturating_sub(DESCRIPTORS_KEPT) / 2).min(CONNECTIONS_MAX);
    if CONNECTIONS_MIN <= allowed {
        Ok(allowed)
    } else {
        Err(io::Error::other(format!("{files} open files are too few: allow at least 4,096 (ulimit -n)")))
    }
}

impl Listener {
    /// Binds `address`; port 0 takes a free one. At most `connections` are served at once.
    pub(crate) async fn bind(address: SocketAddr, connections: usize) -> io::Result<Self> {
        let socket = TcpListener::bind(address).await?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address, bound: connections })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` resolves, then lets open requests finish.
    pub(crate) async fn serve<S>(self, service: impl Fn(Patience) -> S, stop: impl Future<Output = ()>)
    where
        S: Service<Request<Incoming>, Response = Response, Error = Infallible> + Send + 'static,
        S::Future: Send,
    {
        let connections = Arc::new(Semaphore::new(self.bound));
        let graceful = GracefulShutdown::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut stop => break,
                accepted = accept(&self.socket, &connections) => accepted,
            };
            let (stream, slot) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(REFUSED_PAUSE).await;
                    continue;
                }
            };
            let patience = Patience::new();
            let connection = graceful.watch(speak(stream, service(patience.clone()), patience));
            tokio::spawn(async move {
                // A client that breaks off is its own affair.
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "a connection ended early");
                }
                drop(slot);
            });
        }
        drop(self.socket);
        if tokio::time::timeout(DRAIN_TIME, graceful.shutdown()).await.is_err() {
            tracing::warn!("connections were still open when the time to drain was over");
        }
    }
}

/// One connection, within the bounds of this file.
pub(super) fn speak<I, S>(stream: I, service: S, patience: Patience) -> http1::Connection<TokioIo<I>, S>
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: Service<Request<Incoming>, Response = Response, Error = Infallible>,
{
    http1::Builder::new()
        .timer(patience)
        .header_read_timeout(HEADER_TIME)
        .max_buf_size(BUFFER_LEN_MAX)
        // Who has said all there is to say may still listen.
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service)
}

async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> io::Result<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let slot = Arc::clone(connections).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, slot))
}
