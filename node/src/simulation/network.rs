//! turmoil's network behind the house's own seam, and a client that asks over it.

use std::fmt::Write as _;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use cluster::{Listener, Network, Stream};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use turmoil::net::{TcpListener, TcpStream};

/// How long a client waits for an answer before it asks elsewhere.
const PATIENCE: Duration = Duration::from_secs(4);

/// The network of whichever simulated machine uses it.
pub(super) struct SimulatedNetwork;

impl Network for SimulatedNetwork {
    fn listen(&self, address: SocketAddr) -> BoxFuture<'static, io::Result<Box<dyn Listener>>> {
        async move {
            let socket = TcpListener::bind((Ipv4Addr::UNSPECIFIED, address.port())).await?;
            Ok(Box::new(Socket { socket, address }) as Box<dyn Listener>)
        }
        .boxed()
    }

    fn connect(&self, address: &str) -> BoxFuture<'static, io::Result<Box<dyn Stream>>> {
        let address = address.parse::<SocketAddr>();
        async move {
            let address = address.map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
            Ok(Box::new(TcpStream::connect(address).await?) as Box<dyn Stream>)
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
            Ok((Box::new(stream) as Box<dyn Stream>, from))
        }
        .boxed()
    }
}

/// An answer, as it came.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

/// What is asked: the method, the path, and what makes the request.
#[derive(Clone, Copy)]
pub(super) struct Question<'q> {
    pub(super) line: &'q str,
    pub(super) token: &'q str,
    pub(super) key: &'q str,
    pub(super) body: &'q str,
}

/// Asks on a connection of its own; none where no whole answer came in time.
pub(super) async fn ask(address: SocketAddr, question: Question<'_>) -> Option<Answer> {
    timeout(PATIENCE, exchange(address, question)).await.ok()?.ok().flatten()
}

async fn exchange(address: SocketAddr, question: Question<'_>) -> io::Result<Option<Answer>> {
    let Question { line, token, key, body } = question;
    let mut text = format!(
        "{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n"
    );
    if !key.is_empty() {
        write!(text, "Idempotency-Key: {key}\r\n").expect("a string takes everything");
    }
    if !body.is_empty() {
        let len = body.len();
        write!(text, "Content-Type: application/json\r\nContent-Length: {len}\r\n")
            .expect("a string takes everything");
    }
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(format!("{text}\r\n{body}").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(read(&answer))
}

fn read(answer: &str) -> Option<Answer> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let mut lengths = head
        .lines()
        .filter_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let whole = lengths.next().is_none_or(|length: usize| length <= body.len());
    whole.then(|| Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() })
}
