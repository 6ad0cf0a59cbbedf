//! Connections: the only place from which the network enters the house. Whoever makes one says what the other side has proved of itself.

use std::io;
use std::net::SocketAddr;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::members::NodeId;

/// Bytes in both directions: a connection.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {
    /// What the other side has proved of itself: known once something was read from it.
    fn proof(&self) -> Proof {
        Proof::NotAsked
    }
}

impl Stream for TcpStream {}

/// A connection within one process.
impl Stream for DuplexStream {}

/// What the other side of a connection has proved of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Nothing, and nothing is asked for: whoever reaches this node may say what they like.
    NotAsked,
    /// That it is this node of the cluster.
    Node(NodeId),
    /// That it may come into the cluster: it has no number yet.
    Newcomer,
    /// Nothing, although it is asked for: it speaks in clear.
    InClear,
    /// Not that it belongs here, and why, in words for both sides.
    Refused(String),
}

/// A machine's network. Injected, so that a simulation can make its own.
pub trait Network: Send + Sync + 'static {
    /// Listens on `address`; port 0 takes a free one.
    fn listen(&self, address: SocketAddr) -> BoxFuture<'static, io::Result<Box<dyn Listener>>>;
    /// Opens a connection to `address`, which is a host and a port. An error of the kind `PermissionDenied` says that the two cannot
    /// prove to each other who they are.
    fn connect(&self, address: &str) -> BoxFuture<'static, io::Result<Box<dyn Stream>>>;
}

/// An address that is listened on, until this is dropped.
pub trait Listener: Send + Sync {
    /// Where it listens.
    fn address(&self) -> SocketAddr;
    /// The next connection that someone opens, and the address from which.
    fn accept(&self) -> BoxFuture<'_, io::Result<(Box<dyn Stream>, SocketAddr)>>;
}

/// How many connections may wait to be accepted: as many as the kernel allows (`net.core.somaxconn`, mostly 4,096). Of those beyond,
/// each first hears from its own kernel's second attempt, a second later; 128, which is tokio's, are few at a drop.
const WAITING_MAX: u32 = 65_535;

/// The machine's own network: TCP, and no waiting for more before a packet is sent.
#[derive(Clone, Copy, Debug)]
pub struct SystemNetwork;

impl Network for SystemNetwork {
    fn listen(&self, address: SocketAddr) -> BoxFuture<'static, io::Result<Box<dyn Listener>>> {
        async move {
            let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
            // A node that is started again takes its address back at once.
            socket.set_reuseaddr(true)?;
            socket.bind(address)?;
            let socket = socket.listen(WAITING_MAX)?;
            let address = socket.local_addr()?;
            Ok(Box::new(Socket { socket, address }) as Box<dyn Listener>)
        }
        .boxed()
    }

    fn connect(&self, address: &str) -> BoxFuture<'static, io::Result<Box<dyn Stream>>> {
        let address = address.to_owned();
        async move {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        }
        .boxed()
    }
}

struct Socket {
    socket: TcpListener,
    address: SocketAddr,
}

impl Listener for Socket {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn accept(&self) -> BoxFuture<'_, io::Result<(Box<dyn Stream>, SocketAddr)>> {
        async {
            let (stream, from) = self.socket.accept().await?;
            stream.set_nodelay(true)?;
            Ok((Box::new(stream) as Box<dyn Stream>, from))
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[tokio::test]
    async fn many_connections_wait_to_be_accepted() {
        let allowed = std::fs::read_to_string("/proc/sys/net/core/somaxconn").expect("Linux says");
        let many = allowed.trim().parse::<usize>().expect("a number").min(400);
        let listener = SystemNetwork.listen((Ipv4Addr::LOCALHOST, 0).into()).await.expect("a free port");
        let address = listener.address().to_string();
        let mut open = Vec::new();
        for place in 0..many {
            // Where there is no room, this fails after minutes.
            open.push(
                SystemNetwork.connect(&address).await.unwrap_or_else(|error| panic!("{place}: {error}")),
            );
        }
        for _ in &open {
            let (_stream, from) = listener.accept().await.expect("it waits");
            assert_eq!(from.ip(), Ipv4Addr::LOCALHOST);
        }
    }
}
