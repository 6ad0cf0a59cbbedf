//! The network between nodes, encrypted. Who connects shakes hands at once; who accepts does so when something is read for the first
//! time, so that nobody waits for a stranger.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use cluster::{Listener, Network, Proof, Stream};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use rustls::pki_types::ServerName;
use tokio::io::AsyncReadExt as _;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::opened::{Begun, Opened, Opening};
use super::peers::{InClear, PeerTls};
use super::words::{explained, is_no_tls};

/// How a connection begins that is encrypted: a record of a handshake. In clear it begins with the length of a frame, whose first byte
/// is 4 at most.
const HANDSHAKE: u8 = 22;

/// A network on which peers prove who they are.
pub(crate) struct PeerNetwork {
    plain: Arc<dyn Network>,
    tls: Arc<PeerTls>,
}

impl PeerNetwork {
    pub(crate) fn over(plain: Arc<dyn Network>, tls: Arc<PeerTls>) -> Self {
        Self { plain, tls }
    }
}

impl Network for PeerNetwork {
    fn listen(&self, address: SocketAddr) -> BoxFuture<'static, io::Result<Box<dyn Listener>>> {
        let (listening, tls) = (self.plain.listen(address), Arc::clone(&self.tls));
        async move { Ok(Box::new(Guarded { listener: listening.await?, tls }) as Box<dyn Listener>) }.boxed()
    }

    fn connect(&self, address: &str) -> BoxFuture<'static, io::Result<Box<dyn Stream>>> {
        let (plain, tls, address) = (Arc::clone(&self.plain), Arc::clone(&self.tls), address.to_owned());
        async move {
            let opened = match (open(plain.connect(&address).await?, &tls).await, tls.clear()) {
                (Err(error), InClear::Taken) if is_no_tls(&error) => {
                    Opened { bytes: Box::new(plain.connect(&address).await?), proof: Proof::NotAsked }
                }
                (Err(error), InClear::Refused) if is_no_tls(&error) => return Err(no_tls()),
                (opened, _) => opened.map_err(explained)?,
            };
            Ok(Box::new(Opening::Done(opened)) as Box<dyn Stream>)
        }
        .boxed()
    }
}

fn no_tls() -> io::Error {
    io::Error::new(
        io::ErrorKind::PermissionDenied,
        "whoever is there speaks no TLS: give it [listen.peer_tls] (boxctl certs), and say listen.peer_speaks = \"both\" here until \
         every node has it",
    )
}

/// Shakes hands with whoever accepts.
async fn open(stream: Box<dyn Stream>, tls: &PeerTls) -> io::Result<Opened> {
    // It is not said, and not looked at: a node is known by its number.
    let name = ServerName::try_from("boxoffice").expect("a name");
    let credentials = tls.credentials();
    let stream = TlsConnector::from(credentials.client()).connect(name, stream).await?;
    let proof = credentials.proof(stream.get_ref().1.peer_certificates());
    Ok(Opened { bytes: Box::new(stream), proof })
}

/// Shakes hands with whoever connects, or takes what they say in clear.
async fn accept(mut stream: Box<dyn Stream>, tls: Arc<PeerTls>) -> io::Result<Opened> {
    let first = stream.read_u8().await?;
    let stream = Begun { first: Some(first), rest: stream };
    if first != HANDSHAKE {
        let proof = match tls.clear() {
            InClear::Taken => Proof::NotAsked,
            InClear::Refused => Proof::InClear,
        };
        return Ok(Opened { bytes: Box::new(stream), proof });
    }
    let credentials = tls.credentials();
    let stream = TlsAcceptor::from(credentials.server()).accept(stream).await.map_err(explained)?;
    let proof = credentials.proof(stream.get_ref().1.peer_certificates());
    Ok(Opened { bytes: Box::new(stream), proof })
}

/// A listener on which peers prove who they are.
struct Guarded {
    listener: Box<dyn Listener>,
    tls: Arc<PeerTls>,
}

impl Listener for Guarded {
    fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    fn accept(&self) -> BoxFuture<'_, io::Result<(Box<dyn Stream>, SocketAddr)>> {
        async {
            let (stream, from) = self.listener.accept().await?;
            let opening = Opening::UnderWay(accept(stream, Arc::clone(&self.tls)).boxed());
            Ok((Box::new(opening) as Box<dyn Stream>, from))
        }
        .boxed()
    }
}
