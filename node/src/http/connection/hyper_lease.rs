//! Hyper's lease of a connection: from a request that the fast path leaves to hyper, until a booking comes. A customer who reads a
//! slot and then books on the same connection is served by both, one after the other. The lease ends between two requests only: the
//! one before was read to its end, and its answer was given to the end.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::Request;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use parking_lot::Mutex;

/// The lease, and how far hyper is with what it reads.
#[derive(Debug, Default)]
pub(crate) struct HyperLease {
    stage: Mutex<Stage>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// A request is being read.
    #[default]
    Reading,
    /// A request is being answered. Of its two bodies, its own and the answer's, this one or both have not come to their end:
    /// one that breaks off never does.
    Answering(Open),
    /// It was answered, and nothing was read since.
    Between,
    /// A booking has come.
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Both,
    Either,
}

impl HyperLease {
    /// A request was read as far as its body, and will be answered.
    pub(crate) fn begin(&self) {
        *self.stage.lock() = Stage::Answering(Open::Both);
    }

    /// One of the bodies of the request that is being answered, which tells when it has come to its end.
    pub(crate) fn track<B: Body + Unpin>(self: &Arc<Self>, body: B) -> TrackedBody<B> {
        TrackedBody { body, lease: Arc::clone(self) }
    }

    /// Whether these bytes, which hyper is about to read, are for the fast path.
    pub(crate) fn ends_before(&self, bytes: &[u8]) -> bool {
        let mut stage = self.stage.lock();
        if *stage == Stage::Between {
            *stage = if may_book(bytes) { Stage::Over } else { Stage::Reading };
        }
        *stage == Stage::Over
    }

    /// Whether a booking has come.
    pub(crate) fn is_over(&self) -> bool {
        *self.stage.lock() == Stage::Over
    }

    fn ended(&self) {
        let mut stage = self.stage.lock();
        match *stage {
            Stage::Answering(Open::Both) => *stage = Stage::Answering(Open::Either),
            Stage::Answering(Open::Either) => *stage = Stage::Between,
            Stage::Reading | Stage::Between | Stage::Over => {}
        }
    }
}

/// Whether a request begins here that may be a booking, and its head is whole: for a head that comes bit by bit, hyper waits. The
/// fast path will tell.
fn may_book(bytes: &[u8]) -> bool {
    bytes.starts_with(b"POST /v1/slots/") && bytes.windows(4).any(|end| end == b"\r\n\r\n")
}

/// How the fast path, or hyper, has ended with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// With something in the stream that is for the other one.
    HandedOver,
    /// For good.
    Closed,
}

/// A request that hyper has read as far as its body.
pub(crate) type TrackedRequest = Request<TrackedBody<Incoming>>;

/// A body on its way, which tells the lease when it has come to its end.
pub(crate) struct TrackedBody<B: Body + Unpin> {
    body: B,
    lease: Arc<HyperLease>,
}

impl<B: Body + Unpin> Body for TrackedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B: Body + Unpin> Drop for TrackedBody<B> {
    fn drop(&mut self) {
        if self.body.is_end_stream() {
            self.lease.ended();
        }
    }
}
