//! The client listener as HTTPS: TLS 1.2 and up, and HTTP/1.1 within. A connection shakes hands when it is read for the first
//! time, by whoever reads it: so the one who accepts waits for nobody, and a client has no more time for its handshake and its
//! first headers together than it would have for headers alone.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use cluster::{Listener, Stream};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use parking_lot::RwLock;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::server::TlsStream;
use tokio_rustls::{Accept, TlsAcceptor};

use super::certificate::{Certificate, Validity};
use crate::failure::Failure;
use crate::followed::Followed;
use crate::metrics;

/// What is spoken within.
const PROTOCOL: &[u8] = b"http/1.1";

/// Who shows the certificate that is in force.
#[derive(Debug)]
pub(crate) struct Tls {
    shown: RwLock<(Arc<CertifiedKey>, Validity)>,
}

impl Tls {
    /// Reads the files of `[listen.tls]` for the first time.
    pub(crate) fn open(config: &config::Tls) -> Result<(Arc<Self>, Followed<Certificate>), Failure> {
        let files = vec![config.certificate_file.clone(), config.key_file.clone()];
        let (followed, first) = Followed::open("listen.tls", files, read)?;
        let Certificate { key, validity } = first;
        metrics::certificate_expires(validity.not_after);
        Ok((Arc::new(Self { shown: RwLock::new((Arc::new(key), validity)) }), followed))
    }

    /// From now on, this one is shown. Connections that are open stay.
    pub(crate) fn put(&self, certificate: Certificate) {
        let Certificate { key, validity } = certificate;
        metrics::certificate_expires(validity.not_after);
        *self.shown.write() = (Arc::new(key), validity);
    }

    /// While the certificate that is shown is believed.
    pub(crate) fn validity(&self) -> Validity {
        self.shown.read().1
    }

    /// The same listener, with TLS on every connection.
    pub(crate) fn over(self: Arc<Self>, listener: Box<dyn Listener>) -> Result<Box<dyn Listener>, Failure> {
        let refused = |error| Failure::process("cannot speak TLS", error);
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(refused)?
            .with_no_client_auth()
            .with_cert_resolver(self);
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        // Who comes back need not sign again, and what they show is kept by them.
        config.ticketer = aws_lc_rs::Ticketer::new().map_err(refused)?;
        Ok(Box::new(Encrypted { listener, acceptor: Arc::new(config).into() }))
    }
}

impl ResolvesServerCert for Tls {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.shown.read().0))
    }
}

/// What the two files hold, if they belong together.
fn read(files: &[Vec<u8>]) -> Result<Certificate, String> {
    let [certificates, key] = files else { return Err("two files are wanted".to_owned()) };
    Certificate::read(certificates, key, &aws_lc_rs::default_provider())
}

/// A listener whose connections are encrypted.
struct Encrypted {
    listener: Box<dyn Listener>,
    acceptor: TlsAcceptor,
}

impl Listener for Encrypted {
    fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    fn accept(&self) -> BoxFuture<'_, io::Result<(Box<dyn Stream>, SocketAddr)>> {
        async {
            let (plain, peer) = self.listener.accept().await?;
            let connection = Connection::ShakingHands(Box::new(self.acceptor.accept(plain)));
            Ok((Box::new(connection) as Box<dyn Stream>, peer))
        }
        .boxed()
    }
}

/// What hides a connection's bytes.
type Veil = TlsStream<Box<dyn Stream>>;

/// One encrypted connection.
enum Connection {
    ShakingHands(Box<Accept<Box<dyn Stream>>>),
    Open(Box<Veil>),
    /// The two did not come to terms.
    Failed,
}

impl Connection {
    /// The connection, once hands were shaken.
    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Pin<&mut Veil>>> {
        if let Self::ShakingHands(accept) = self {
            *self = match ready!(Pin::new(accept).poll(cx)) {
                Ok(stream) => Self::Open(Box::new(stream)),
                Err(error) => {
                    *self = Self::Failed;
                    return Poll::Ready(Err(error));
                }
            };
        }
        Poll::Ready(match self {
            Self::Open(stream) => Ok(Pin::new(stream.as_mut())),
            Self::ShakingHands(_) | Self::Failed => Err(io::ErrorKind::NotConnected.into()),
        })
    }
}

impl Stream for Connection {}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_open(cx))?.poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_open(cx))?.poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_open(cx))?.poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_open(cx))?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            // Who has not shaken hands is told nothing.
            Self::ShakingHands(_) | Self::Failed => Poll::Ready(Ok(())),
            Self::Open(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
        }
    }
}
