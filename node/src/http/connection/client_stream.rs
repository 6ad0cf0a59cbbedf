//! A connection's bytes, which the fast path and hyper read and write. The stream says what hyper leaves unsaid: where hyper refuses
//! what is not HTTP with a bare status, or hangs up on headers that never end, the contract wants a problem; and where hyper waits
//! for ever for a client that does not read, the stream does not.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use api::problem::{CONTENT_TYPE, Code, Problem};
use bytes::BytesMut;
use futures::FutureExt as _;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::time::{Sleep, sleep, timeout};

use super::hyper_lease::HyperLease;
use crate::http::response::problem;

/// How long a client may leave what was written unread.
const UNREAD_TIME: Duration = Duration::from_secs(30);
/// How long what a client is still sending is taken after the last word: hung up on at once, it would lose that word.
const LINGER_TIME: Duration = Duration::from_secs(1);

/// How much is read ahead of hyper, at most: a booking with a usual token is a fifth of it.
pub(crate) const AHEAD_LEN: usize = 4 << 10;

/// A code, and what would be right.
type Refusal = (Code, &'static str);

const LATE: Refusal = (Code::RequestTimeout, "the headers must arrive within 10 seconds");

/// One connection's bytes.
pub(crate) struct ClientStream<I> {
    io: I,
    /// What was read and not taken yet.
    pub(crate) ahead: BytesMut,
    /// Hyper's lease, if there is a fast path to go back to.
    lease: Option<Arc<HyperLease>>,
    /// What hyper would have answered barely.
    refused: Option<Refusal>,
    /// Runs while the client takes nothing.
    unread: Option<Pin<Box<Sleep>>>,
}

impl<I: AsyncRead + AsyncWrite + Unpin> ClientStream<I> {
    pub(crate) fn new(io: I) -> Self {
        Self { io, ahead: BytesMut::new(), lease: None, refused: None, unread: None }
    }

    /// Hyper reads from here on, until its lease is over.
    pub(crate) fn hand_over(&mut self, lease: Arc<HyperLease>) {
        self.lease = Some(lease);
    }

    /// Hyper's lease is over: this much it has read, and not taken.
    pub(crate) fn take_back(&mut self, read: &[u8]) {
        self.ahead = [read, &self.ahead].concat().as_slice().into();
    }

    /// Reads what has come, ahead of whoever takes it; 0 bytes once no more will come.
    pub(crate) async fn read_ahead(&mut self) -> io::Result<usize>
    where
        I: AsyncRead,
    {
        self.ahead.reserve(AHEAD_LEN);
        self.io.read_buf(&mut self.ahead).await
    }

    /// Says why the connection ends, if hyper has not, and ends it. `half_sent` is what has come of a request.
    pub(crate) async fn hang_up(&mut self, ended: &hyper::Result<()>, half_sent: &[u8]) {
        let late = ended.as_ref().is_err_and(hyper::Error::is_timeout) && !half_sent.is_empty();
        let refusal = if late { Some(LATE) } else { self.refused.take() };
        // An answer that is stuck half way must not go on with another.
        let Some(refusal) = refusal.filter(|_| self.unread.is_none()) else { return };
        let last_word = async {
            self.write_all(&told(refusal)).await?;
            self.shutdown().await?;
            timeout(LINGER_TIME, tokio::io::copy(&mut self.io, &mut tokio::io::sink())).await?
        };
        // Nobody is left to tell.
        if let Err(error) = last_word.await {
            tracing::debug!(%error, "a connection did not take its last word");
        }
    }

    /// What a write came to; one that waits for the client does not wait for ever.
    fn written<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.unread = None;
            return written;
        }
        ready!(self.unread.get_or_insert_with(|| Box::pin(sleep(UNREAD_TIME))).poll_unpin(cx));
        Poll::Ready(Err(io::Error::other("the client does not read")))
    }

    /// Whether hyper is refusing something barely; that is kept from the client.
    fn keeps_back(&mut self, bytes: &[u8]) -> bool {
        let refusal = bare_refusal(bytes);
        self.refused = self.refused.or(refusal);
        refusal.is_some()
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for ClientStream<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.ahead.is_empty() {
            let len = self.ahead.len().min(buf.remaining());
            buf.put_slice(&self.ahead.split_to(len));
            if self.ahead.is_empty() {
                // Nobody reads ahead any more.
                self.ahead = BytesMut::new();
            }
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, buf))?;
        let read = buf.filled().get(before..).unwrap_or_default();
        // While an answer is stuck, some of it is with hyper.
        if self.unread.is_none() && self.lease.as_ref().is_some_and(|lease| lease.ends_before(read)) {
            self.ahead = read.into();
            buf.set_filled(before);
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }
}

impl<I: AsyncRead + AsyncWrite + Unpin> AsyncWrite for ClientStream<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.keeps_back(buf) {
            return Poll::Ready(Ok(buf.len()));
        }
        let written = Pin::new(&mut self.io).poll_write(cx, buf);
        self.written(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let Some(first) = bufs.first()
            && self.keeps_back(first)
        {
            return Poll::Ready(Ok(first.len()));
        }
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, bufs);
        self.written(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    /// Of what is encrypted, some may have been taken and not be on its way yet.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.io).poll_flush(cx);
        self.written(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.refused.is_some() {
            return Poll::Ready(Ok(()));
        }
        let shut = Pin::new(&mut self.io).poll_shutdown(cx);
        self.written(cx, shut)
    }
}

/// What hyper refuses in these bytes by itself. It does so without a body, and the node never does.
fn bare_refusal(bytes: &[u8]) -> Option<Refusal> {
    const BARE: &[u8] = b"\r\ncontent-length: 0\r\n";
    // `1.1 ` or `1.0 `: hyper speaks as it was spoken to.
    let refusal = match bytes.strip_prefix(b"HTTP/1.")?.get(2..)?.first_chunk()? {
        b"400" => (Code::Malformed, "this is not a request of HTTP/1.1"),
        b"414" => (Code::UriTooLong, "the path and the query are too long"),
        b"431" => (Code::HeadersTooLarge, "the headers are too many or too large"),
        _ => return None,
    };
    bytes.windows(BARE.len()).any(|window| window == BARE).then_some(refusal)
}

/// A problem as it stands on the wire.
fn told((code, detail): Refusal) -> Vec<u8> {
    let (status, body) = problem::written(&Problem::new(code, detail));
    let len = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {CONTENT_TYPE}\r\nconnection: close\r\ncontent-length: {len}\r\n\r\n"
    );
    [head.into_bytes(), body].concat()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::response::{IntoResponse as _, Response};
    use hyper::service::service_fn;
    use tokio::io::{DuplexStream, duplex};
    use tokio::runtime::Handle;
    use tokio::sync::watch;

    use super::*;
    use crate::http::connection::accept::converse;
    use crate::http::connection::hyper_lease::TrackedRequest;
    use crate::http::request::address::Peer;

    const ANSWER_LEN: usize = 100_000;

    /// The client's end of a connection to a node that answers everything alike.
    fn connect() -> DuplexStream {
        let (here, there) = duplex(16 << 10);
        Handle::current().spawn(async {
            let answer = |_request: TrackedRequest| async {
                Ok::<Response, Infallible>("x".repeat(ANSWER_LEN).into_response())
            };
            let (_stop, stopped) = watch::channel(());
            let peer = Peer::new(([127, 0, 0, 1], 1).into());
            converse(Box::new(there), peer, service_fn(answer), None, stopped).await;
        });
        here
    }

    /// All that is answered to `bytes`.
    async fn ask(bytes: &[u8]) -> String {
        let mut here = connect();
        here.write_all(bytes).await.expect("the node reads");
        let mut answer = String::new();
        here.read_to_string(&mut answer).await.expect("text");
        answer
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_http_gets_a_problem() {
        let long = |start: &str, len: usize, end: &str| format!("{start}{}{end}", "x".repeat(len));
        let many = "h: x\r\n".repeat(200);
        for (request, status, code) in [
            ("GARBAGE\r\n\r\n".to_owned(), "400", "malformed"),
            ("GET / HTTP/1.1\r\nno colon\r\n\r\n".to_owned(), "400", "malformed"),
            ("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n".to_owned(), "400", "malformed"),
            (format!("GET / HTTP/1.1\r\n{many}\r\n"), "431", "headers_too_large"),
            (long("GET / HTTP/1.1\r\nh: ", 40_000, "\r\n\r\n"), "431", "headers_too_large"),
            ("GET / HTTP/1.1\r\nHost: no".to_owned(), "408", "request_timeout"),
        ] {
            let answer = ask(request.as_bytes()).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {answer}");
            assert!(answer.contains("\r\ncontent-type: application/problem+json\r\n"), "{answer}");
            assert!(answer.contains(&format!("\"code\":\"{code}\"")), "{answer}");
            assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_http_after_an_older_http_gets_a_problem_too() {
        let answer = ask(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGARBAGE\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.0 200 "), "{}", answer.len());
        assert!(answer.contains("xHTTP/1.1 400 ") && answer.ends_with('}'), "{}", answer.len());
    }

    #[tokio::test(start_paused = true)]
    async fn a_half_request_behind_a_whole_one_is_too_late_too() {
        let answer = ask(b"GET / HTTP/1.1\r\nHost: node\r\n\r\nGET / HTTP/1.1\r\nHost: no").await;
        assert!(answer.contains("xHTTP/1.1 408 "), "{}", answer.len());
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_nothing_is_told_nothing() {
        assert_eq!(ask(b"").await, "");
        let answer = ask(b"GET / HTTP/1.1\r\nHost: node\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("xx"), "{}", answer.len());
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_read_is_hung_up_on() {
        let mut here = connect();
        let request = b"GET / HTTP/1.1\r\nHost: node\r\n\r\n";
        here.write_all(&request.repeat(3)).await.expect("the node reads");
        sleep(2 * UNREAD_TIME).await;
        let mut answer = Vec::new();
        here.read_to_end(&mut answer).await.expect("what was written before");
        assert!(answer.len() < ANSWER_LEN, "{}", answer.len());
    }

    /// Takes what is written, and sends nothing of it: as TLS does where the client does not read.
    struct Stuck;

    impl AsyncRead for Stuck {
        fn poll_read(
            self: Pin<&mut Self>,
            _cx: &mut Context<'_>,
            _buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            Poll::Pending
        }
    }

    impl AsyncWrite for Stuck {
        fn poll_write(self: Pin<&mut Self>, _cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(buf.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }

        fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_taken_and_not_sent_is_not_waited_for_for_ever() {
        for ends in [false, true] {
            let mut client = ClientStream::new(Stuck);
            client.write_all(b"answer").await.expect("it is taken");
            let sent = if ends { client.shutdown().await } else { client.flush().await };
            assert_eq!(sent.expect_err("nobody reads").to_string(), "the client does not read");
        }
    }
}
