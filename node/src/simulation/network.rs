//! turmoil's network behind the house's own seam, and a client that asks over it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use cluster::{Listener, Network, Stream};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::time::timeout;
use turmoil::net::{TcpListener, TcpStream};

/// How long a client waits for an answer before it asks elsewhere.
const PATIENCE: Duration = Duration::from_secs(4);

/// The network of a simulated machine.
#[derive(Default)]
pub(super) struct SimulatedNetwork {
    pub(super) late: Arc<Late>,
}

/// From which machines answers come late: what they say on connections that were opened to them waits at the door.
#[derive(Default)]
pub(super) struct Late {
    machines: Mutex<BTreeSet<IpAddr>>,
    waiting: Mutex<Vec<Waker>>,
}

impl Late {
    /// From now on, answers from there wait.
    pub(super) fn begin(&self, machine: IpAddr) {
        self.machines.lock().insert(machine);
    }

    /// What has waited comes at once.
    pub(super) fn end(&self, machine: IpAddr) {
        self.machines.lock().remove(&machine);
        self.waiting.lock().drain(..).for_each(Waker::wake);
    }

    fn poll_over(&self, machine: IpAddr, cx: &Context<'_>) -> Poll<()> {
        if self.machines.lock().contains(&machine) {
            self.waiting.lock().push(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(())
    }
}

/// A connection. On one that a machine has opened, answers may be late.
struct Opened {
    stream: TcpStream,
    to: IpAddr,
    late: Arc<Late>,
}

impl Stream for Opened {}

impl AsyncRead for Opened {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        std::task::ready!(self.late.poll_over(self.to, cx));
        Pin::new(&mut self.stream).poll_read(cx, to)
    }
}

impl AsyncWrite for Opened {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl Network for SimulatedNetwork {
    fn listen(&self, address: SocketAddr) -> BoxFuture<'static, io::Result<Box<dyn Listener>>> {
        async move {
            let socket = TcpListener::bind((Ipv4Addr::UNSPECIFIED, address.port())).await?;
            Ok(Box::new(Socket { socket, address }) as Box<dyn Listener>)
        }
        .boxed()
    }

    fn connect(&self, address: &str) -> BoxFuture<'static, io::Result<Box<dyn Stream>>> {
        let (address, late) = (address.parse::<SocketAddr>(), Arc::clone(&self.late));
        async move {
            let address = address.map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
            let stream = TcpStream::connect(address).await?;
            Ok(Box::new(Opened { stream, to: address.ip(), late }) as Box<dyn Stream>)
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
            // Whoever accepts it is never kept waiting.
            let stream = Opened { stream, to: from.ip(), late: Arc::default() };
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

/// A stream of events that goes on.
pub(super) struct Listening {
    stream: TcpStream,
    heard: String,
}

impl Listening {
    /// Begins to listen.
    pub(super) async fn begin(address: SocketAddr, path: &str) -> io::Result<Self> {
        let mut stream = TcpStream::connect(address).await?;
        let text = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\n\r\n");
        stream.write_all(text.as_bytes()).await?;
        Ok(Self { stream, heard: String::new() })
    }

    /// Waits until something was heard that is looked for, and says what was heard until then; an error where the stream ends before.
    pub(super) async fn hear(&mut self, is_it: impl Fn(&str) -> bool) -> io::Result<String> {
        while !is_it(&self.heard) {
            let mut piece = [0; 4_096];
            let len = self.stream.read(&mut piece).await?;
            if len == 0 {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, std::mem::take(&mut self.heard)));
            }
            self.heard.push_str(&String::from_utf8_lossy(&piece[..len]));
        }
        Ok(std::mem::take(&mut self.heard))
    }
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
