//! The other end of links: what peers ask of this node.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::{BoxFuture, ready};
use futures::stream::{SplitSink, SplitStream};
use futures::{FutureExt as _, SinkExt as _, StreamExt as _};
use storage::GroupId;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::frame::{Frame, Frames, Kind, frames, next};
use super::hello::{Greeting, Us};
use super::misplaced::Refusals;
use crate::network::{Listener, Proof, Stream};

/// Calls of one connection that are answered side by side.
const CALLS_MAX: usize = 1_024;
/// Connections at once: five peers need twenty.
const CONNECTIONS_MAX: usize = 256;
/// How long a greeting may take.
const GREETING: Duration = Duration::from_secs(2);
/// How long nothing is accepted after that has failed: descriptors may have run out.
const PAUSE: Duration = Duration::from_millis(50);

/// Why a newcomer is not answered who asks for anything else than a number.
pub(crate) const ONLY_TO_JOIN: &str = "who has no number yet may only ask for one";

/// A call, as it arrives.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub(crate) admitted: Admitted,
    pub(crate) kind: Kind,
    pub(crate) group: GroupId,
    pub(crate) payload: Bytes,
}

/// Answers calls. A refusal is a sentence for the log of the node that asked.
pub(crate) trait Handler: Send + Sync + 'static {
    /// Someone greets this node, whether they are let in or not.
    fn heard(&self, greeting: &Greeting);

    fn answer(&self, call: Incoming) -> BoxFuture<'static, Result<Bytes, String>>;
}

/// A listener that is served until this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Answers every node that connects.
    pub(crate) fn begin(
        runtime: &Handle,
        listener: Arc<dyn Listener>,
        us: Us,
        handler: Arc<dyn Handler>,
    ) -> Self {
        let host = Host { runtime: runtime.clone(), us, handler, refusals: Arc::default() };
        Self { task: runtime.spawn(host.serve(listener)) }
    }

    /// Answers nobody any more, and resolves once it has let go of its listener.
    pub(crate) async fn end(mut self) {
        self.task.abort();
        // Cancelled, as was asked for.
        (&mut self.task).await.ok();
    }
}

/// To what a connection was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admitted {
    /// Whoever is there has proved to be one of the nodes, or nobody is asked for proof.
    ToAll,
    /// It has proved no number, and says none: it asks for one.
    ToJoin,
}

/// What every conversation needs.
#[derive(Clone)]
struct Host {
    runtime: Handle,
    us: Us,
    handler: Arc<dyn Handler>,
    refusals: Arc<Refusals>,
}

impl Host {
    async fn serve(self, listener: Arc<dyn Listener>) {
        // Dropped with this future, and every connection with it.
        let mut connections = JoinSet::new();
        loop {
            while connections.try_join_next().is_some() || CONNECTIONS_MAX <= connections.len() {
                if CONNECTIONS_MAX <= connections.len() {
                    connections.join_next().await;
                }
            }
            match listener.accept().await {
                Ok((stream, _from)) => {
                    connections.spawn_on(self.clone().converse(stream), &self.runtime);
                }
                Err(error) => {
                    tracing::warn!(%error, "a peer's connection could not be taken");
                    sleep(PAUSE).await;
                }
            }
        }
    }

    async fn converse(self, stream: Box<dyn Stream>) {
        let mut frames = frames(stream);
        let Ok(Some(admitted)) = timeout(GREETING, self.greet(&mut frames)).await else { return };
        let (sink, mut calls) = frames.split();
        let (answers, waiting) = mpsc::channel(CALLS_MAX);
        // Both end together: without a reader there are no more answers, without a writer nobody hears them.
        tokio::select! {
            biased;
            () = self.read(admitted, &mut calls, answers) => {}
            () = write(sink, waiting) => {}
        }
    }

    /// Whether the one who greets may stay; if not, they are told why.
    async fn greet(&self, frames: &mut Frames) -> Option<Admitted> {
        let hello = next(frames).await;
        if let Err(error) = &hello
            && error.kind() == io::ErrorKind::PermissionDenied
            && self.refusals.is_new_reason(&error.to_string())
        {
            tracing::error!(%error, "a connection was refused");
        }
        let hello = hello.ok()??;
        let greeting = Greeting::decode(&hello.payload).ok().filter(|_greeting| hello.kind == Kind::Hello)?;
        let proof = frames.get_ref().proof();
        if let Err(why) = greeting.is_vouched_for(&proof) {
            if self.refusals.is_new_reason(&why) {
                tracing::error!(from = ?greeting.node, why, "a connection was refused");
            }
            // Who speaks in clear where that is not taken may be of the build before, which knows no other answer.
            let kind = if proof == Proof::InClear { Kind::Refusal } else { Kind::Unproved };
            frames.send(Frame::greeting(kind, Bytes::from(why))).await.ok();
            return None;
        }
        self.handler.heard(&greeting);
        if let Err(stranger) = greeting.check(&self.us) {
            if self.refusals.is_new(&greeting) {
                tracing::error!(from = ?greeting.node, %stranger, "a connection was refused");
            }
            // A caller that has hung up meanwhile needs no reason.
            frames.send(Frame::greeting(Kind::Refusal, Bytes::from(stranger.to_string()))).await.ok();
            return None;
        }
        let ours = self.us.greet(greeting.node, greeting.purpose).encode();
        frames.send(Frame::greeting(Kind::Hello, ours)).await.ok()?;
        let is_member = proof == Proof::NotAsked || greeting.node.is_some();
        Some(if is_member { Admitted::ToAll } else { Admitted::ToJoin })
    }

    async fn read(&self, admitted: Admitted, calls: &mut SplitStream<Frames>, answers: mpsc::Sender<Bytes>) {
        let room = Arc::new(Semaphore::new(CALLS_MAX));
        while let Some(Ok(bytes)) = calls.next().await {
            let frame = match Frame::decode(bytes.freeze()) {
                Ok(frame) => frame,
                Err(error) => return tracing::warn!(%error, "a peer does not speak our language"),
            };
            let permit = Arc::clone(&room).acquire_owned().await.expect("it is never closed");
            let Frame { kind, group, call, payload } = frame;
            let mut answer = match admitted {
                Admitted::ToJoin if kind != Kind::Forming => ready(Err(ONLY_TO_JOIN.to_owned())).boxed(),
                Admitted::ToJoin | Admitted::ToAll => {
                    self.handler.answer(Incoming { admitted, kind, group, payload })
                }
            };
            // Begun here: what one connection asks arrives in the order in which it was written.
            let begun = (&mut answer).now_or_never();
            let answers = answers.clone();
            self.runtime.spawn(async move {
                let answered = match begun {
                    Some(answered) => answered,
                    None => answer.await,
                };
                let (kind, payload) = match answered {
                    Ok(payload) => (Kind::Answer, payload),
                    Err(why) => (Kind::Refusal, Bytes::from(why)),
                };
                // A caller that has hung up meanwhile hears nothing.
                answers.send(Frame { kind, group, call, payload }.encode()).await.ok();
                drop(permit);
            });
        }
    }
}

/// Writes all answers that are there at once.
async fn write(mut sink: SplitSink<Frames, Bytes>, mut answers: mpsc::Receiver<Bytes>) {
    while let Some(first) = answers.recv().await {
        let mut next = Some(first);
        while let Some(answer) = next {
            if sink.feed(answer).await.is_err() {
                return;
            }
            next = answers.try_recv().ok();
        }
        if sink.flush().await.is_err() {
            return;
        }
    }
}
