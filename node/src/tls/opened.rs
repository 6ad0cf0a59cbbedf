//! A connection between two nodes, encrypted or not, and what the other side has proved on it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use cluster::{Proof, Stream};
use futures::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::words::explained;

/// Bytes in both directions, with nothing known of who is there.
pub(super) trait Bytes: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Bytes for S {}

/// A connection on which it is known who is there.
pub(super) struct Opened {
    pub(super) bytes: Box<dyn Bytes>,
    pub(super) proof: Proof,
}

/// A connection that opens while it is used.
pub(super) enum Opening {
    UnderWay(BoxFuture<'static, io::Result<Opened>>),
    Done(Opened),
    /// The two did not come to terms.
    Failed,
}

impl Opening {
    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Pin<&mut dyn Bytes>>> {
        if let Self::UnderWay(future) = self {
            *self = match ready!(future.as_mut().poll(cx)) {
                Ok(opened) => Self::Done(opened),
                Err(error) => {
                    *self = Self::Failed;
                    return Poll::Ready(Err(error));
                }
            };
        }
        Poll::Ready(match self {
            Self::Done(opened) => Ok(Pin::new(opened.bytes.as_mut())),
            Self::UnderWay(_) | Self::Failed => Err(io::ErrorKind::NotConnected.into()),
        })
    }
}

impl Stream for Opening {
    fn proof(&self) -> Proof {
        match self {
            Self::Done(opened) => opened.proof.clone(),
            Self::UnderWay(_) | Self::Failed => Proof::Refused("it has proved nothing yet".to_owned()),
        }
    }
}

impl AsyncRead for Opening {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // What the other side makes of a certificate is heard when something is read.
        ready!(self.poll_open(cx))?.poll_read(cx, to).map_err(explained)
    }
}

impl AsyncWrite for Opening {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_open(cx))?.poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_open(cx))?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Done(opened) => Pin::new(opened.bytes.as_mut()).poll_shutdown(cx),
            Self::UnderWay(_) | Self::Failed => Poll::Ready(Ok(())),
        }
    }
}

/// A connection of which the first byte was read, to see what is spoken.
pub(super) struct Begun<S> {
    pub(super) first: Option<u8>,
    pub(super) rest: S,
}

impl<S: AsyncRead + Unpin> AsyncRead for Begun<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if 0 < to.remaining()
            && let Some(first) = self.first.take()
        {
            to.put_slice(&[first]);
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.rest).poll_read(cx, to)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Begun<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.rest).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.rest).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.rest).poll_shutdown(cx)
    }
}
