//! Our own accept loop: header time, header size and the number of connections are ours to bound.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::response::Response;
use cluster::Stream;
use futures::TryFutureExt as _;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::client_stream::ClientStream;
use super::fast_path::FastPath;
use super::hyper_lease::{Ended, HyperLease, TrackedRequest};
use crate::http::request::address::Peer;
use crate::http::request::timeouts::{ConnectionTimer, HEADER_TIME};

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
    socket: Box<dyn cluster::Listener>,
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
    /// Over an address that is listened on. At most `connections` are served at once.
    pub(crate) fn over(socket: Box<dyn cluster::Listener>, connections: usize) -> Self {
        Self { socket, bound: connections }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.socket.address()
    }

    /// Serves until `stop` says so, as long as there is nothing to serve with: `service` turns everyone away. Then connections end behind
    /// the request that they are at, and the listener is as it was.
    pub(crate) async fn turn_away<S>(self, runtime: Handle, service: S, mut stop: watch::Receiver<()>) -> Self
    where
        S: Service<TrackedRequest, Response = Response, Error = Infallible>,
        S: Clone + Send + Sync + 'static,
        S::Future: Send,
    {
        self.accept_until(&runtime, &service, None, &mut stop).await;
        self
    }

    /// Begins to serve every connection, until `stop` says so. All of the permits are back once no connection is left.
    async fn accept_until<S>(
        &self,
        runtime: &Handle,
        service: &S,
        fast_path: Option<&Arc<FastPath>>,
        stop: &mut watch::Receiver<()>,
    ) -> Arc<Semaphore>
    where
        S: Service<TrackedRequest, Response = Response, Error = Infallible>,
        S: Clone + Send + Sync + 'static,
        S::Future: Send,
    {
        let connections = Arc::new(Semaphore::new(self.bound));
        let stopped = stop.clone();
        loop {
            let accepted = tokio::select! {
                biased;
                // An error says that the sender is gone, and with it the node.
                _ = stop.changed() => return connections,
                accepted = accept(self.socket.as_ref(), &connections) => accepted,
            };
            match accepted {
                Ok((stream, peer, slot)) => {
                    let (service, fast_path, stopped) =
                        (service.clone(), fast_path.cloned(), stopped.clone());
                    runtime.spawn(async move {
                        converse(stream, peer, service, fast_path, stopped).await;
                        drop(slot);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(REFUSED_PAUSE).await;
                }
            }
        }
    }

    /// Serves until `stop` says so, then lets open requests finish. Bookings take the `fast_path`, if there is one.
    pub(crate) async fn serve<S>(
        self,
        runtime: Handle,
        service: S,
        fast_path: Option<Arc<FastPath>>,
        mut stop: watch::Receiver<()>,
    ) where
        S: Service<TrackedRequest, Response = Response, Error = Infallible>,
        S: Clone + Send + Sync + 'static,
        S::Future: Send,
    {
        let connections = self.accept_until(&runtime, &service, fast_path.as_ref(), &mut stop).await;
        drop(self.socket);
        let all = connections.acquire_many(u32::try_from(self.bound).unwrap_or(u32::MAX));
        if tokio::time::timeout(DRAIN_TIME, all).await.is_err() {
            tracing::warn!("connections were still open when the time to drain was over");
        }
    }
}

/// Serves one connection to its end; once `stopped`, to the end of the request that it is at.
pub(crate) async fn converse<S>(
    stream: Box<dyn Stream>,
    peer: Peer,
    service: S,
    fast_path: Option<Arc<FastPath>>,
    mut stopped: watch::Receiver<()>,
) where
    S: Service<TrackedRequest, Response = Response, Error = Infallible>,
{
    let (mut client, timer) = (ClientStream::new(stream), ConnectionTimer::new());
    loop {
        let lease = Arc::<HyperLease>::default();
        if let Some(fast_path) = &fast_path {
            match fast_path.serve(&mut client, &timer, &stopped, peer).await {
                Ok(Ended::HandedOver) => client.hand_over(Arc::clone(&lease)),
                Ok(Ended::Closed) => return,
                Err(error) => return tracing::debug!(%error, "a connection ended early"),
            }
        }
        // Boxed: many connections only book, and would carry room for it.
        if Box::pin(speak(&mut client, peer, &service, &lease, &timer, &mut stopped)).await == Ended::Closed {
            return;
        }
    }
}

/// Speaks HTTP with a client, until `lease` is over or the stream is at its end; once `stopped`, to the end of the request that it is
/// at.
async fn speak<I, S>(
    client: &mut ClientStream<I>,
    peer: Peer,
    service: &S,
    lease: &Arc<HyperLease>,
    timer: &ConnectionTimer,
    stopped: &mut watch::Receiver<()>,
) -> Ended
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: Service<TrackedRequest, Response = Response, Error = Infallible>,
{
    let service = service_fn(|request: Request<Incoming>| {
        lease.begin();
        let mut request = request.map(|body| lease.track(body));
        request.extensions_mut().insert(peer);
        let answer = service.call(request);
        answer.map_ok(|answer| answer.map(|body| lease.track(body)))
    });
    let mut connection = http1::Builder::new()
        .timer(timer.clone())
        .header_read_timeout(HEADER_TIME)
        .max_buf_size(BUFFER_LEN_MAX)
        // Who has said all there is to say may still listen.
        .half_close(true)
        .serve_connection(TokioIo::new(&mut *client), service);
    // It is over while hyper reads, so nobody need be woken.
    let over = poll_fn(|_cx| if lease.is_over() { Poll::Ready(()) } else { Poll::Pending });
    let ended = tokio::select! {
        biased;
        ended = &mut connection => ended,
        () = over => {
            let read = connection.into_parts().read_buf;
            client.take_back(&read);
            return Ended::HandedOver;
        }
        _ = stopped.changed() => {
            std::pin::Pin::new(&mut connection).graceful_shutdown();
            (&mut connection).await
        }
    };
    let half_sent = connection.into_parts().read_buf;
    // A client that breaks off is its own affair.
    if let Err(error) = &ended {
        tracing::debug!(%error, "a connection ended early");
    }
    client.hang_up(&ended, &half_sent).await;
    Ended::Closed
}

async fn accept(
    listener: &dyn cluster::Listener,
    connections: &Arc<Semaphore>,
) -> io::Result<(Box<dyn Stream>, Peer, OwnedSemaphorePermit)> {
    let slot = Arc::clone(connections).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, from) = listener.accept().await?;
    Ok((stream, Peer::new(from), slot))
}
