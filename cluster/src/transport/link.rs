//! One connection to a peer, opened when it is needed and again when it breaks.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::SinkExt;
use storage::GroupId;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, MutexGuard, mpsc, oneshot};
use tokio::time::{interval, sleep, timeout};

use super::frame::{Frame, Frames, Kind, frames, next};
use super::hello::{Greeting, Purpose, Us};
use super::misplaced::Misplaced;
use super::whereabouts::Whereabouts;
use crate::error::{AskError, said};
use crate::members::NodeId;
use crate::network::Network;

/// Calls that wait to be written. A call that finds no room waits for it, within its own time.
const QUEUE_MAX: usize = 1_024;
/// How long a connection and its greeting may take.
pub(crate) const DIAL: Duration = Duration::from_secs(1);
/// After a connection that could not be made, calls fail for so long before the next is tried.
pub(crate) const REDIAL: Duration = Duration::from_millis(100);

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// A host and a port.
    pub(crate) address: String,
    /// Who must be there; none where only the address is known.
    pub(crate) node: Option<NodeId>,
}

/// Why a call has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CallError {
    /// It was never written.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// It was never written: the node there is of another cluster, or is not the one that was looked for.
    #[error("{0}")]
    Stranger(String),
    /// It was never written: one side has not proved to the other who it is.
    #[error("{0}")]
    Unproved(String),
    /// The time was up, or the connection broke: the other side may have heard it.
    #[error("no answer: {0}")]
    Lost(&'static str),
    /// The other side will not, and says why.
    #[error("{0}")]
    Refused(String),
}

impl CallError {
    /// Why there is no connection.
    fn of_dialling(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::PermissionDenied {
            Self::Unproved(said(error))
        } else {
            Self::Unreachable(said(error))
        }
    }
}

impl From<CallError> for AskError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Unreachable(why)
            | CallError::Stranger(why)
            | CallError::Unproved(why)
            | CallError::Refused(why) => Self::NotAsked(why),
            CallError::Lost(why) => Self::Unknown(why.to_owned()),
        }
    }
}

/// A handle on one link. Dropping the last one closes the connection.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    queue: mpsc::Sender<Call>,
    turn: Arc<Mutex<()>>,
}

#[derive(Debug)]
struct Call {
    kind: Kind,
    group: GroupId,
    payload: Bytes,
    to: oneshot::Sender<Result<Bytes, CallError>>,
}

impl Call {
    /// A caller that has stopped waiting is told nothing.
    fn fail(self, why: CallError) {
        drop(self.to.send(Err(why)));
    }
}

impl Link {
    /// A link that connects when it is first used.
    pub(super) fn new(runtime: &Handle, dialer: Dialer) -> Self {
        let (queue, calls) = mpsc::channel(QUEUE_MAX);
        runtime.spawn(dialer.run(calls));
        Self { queue, turn: Arc::default() }
    }

    /// A turn among those who send so much that they rest in between: all groups together then cost the peer what one does. First
    /// come, first served.
    pub(crate) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Asks, and waits for the answer for as long as `within`.
    pub(crate) async fn call(
        &self,
        kind: Kind,
        group: GroupId,
        payload: Bytes,
        within: Duration,
    ) -> Result<Bytes, CallError> {
        let (to, answer) = oneshot::channel();
        let asked = async {
            if self.queue.send(Call { kind, group, payload, to }).await.is_err() {
                return Err(CallError::Unreachable("this node is stopping".to_owned()));
            }
            answer.await.unwrap_or(Err(CallError::Lost("this node is stopping")))
        };
        timeout(within, asked).await.unwrap_or(Err(CallError::Lost("the time was up")))
    }
}

/// Makes the connections of one link, and runs behind the link.
pub(super) struct Dialer {
    pub(super) network: Arc<dyn Network>,
    pub(super) us: Us,
    pub(super) purpose: Purpose,
    pub(super) target: Target,
    pub(super) misplaced: Arc<Misplaced>,
    pub(super) whereabouts: Arc<Whereabouts>,
}

/// A conversation: calls that were written and not answered yet.
struct Conversation {
    frames: Frames,
    pending: BTreeMap<u64, oneshot::Sender<Result<Bytes, CallError>>>,
    next: u64,
}

impl Dialer {
    async fn run(self, mut calls: mpsc::Receiver<Call>) {
        while let Some(first) = calls.recv().await {
            if first.to.is_closed() {
                continue;
            }
            match self.dial().await {
                Ok((frames, _greeting)) => {
                    let mut conversation = Conversation { frames, pending: BTreeMap::new(), next: 0 };
                    let why = conversation.hold(first, &mut calls, self.purpose.silence()).await;
                    tracing::debug!(target = ?self.target, purpose = ?self.purpose, why, "a connection to a peer ended");
                    for to in conversation.pending.into_values() {
                        drop(to.send(Err(CallError::Lost(why))));
                    }
                }
                Err(why) => {
                    tracing::debug!(target = ?self.target, purpose = ?self.purpose, %why, "a peer cannot be reached");
                    first.fail(why.clone());
                    fail_for(REDIAL, &mut calls, &why).await;
                }
            }
        }
    }

    /// A connection on which both sides know whom they talk to, and what the other one said of itself: the first of those that can be
    /// made to where the node may be.
    pub(super) async fn dial(&self) -> Result<(Frames, Greeting), CallError> {
        let mut dialled = Err(CallError::Unreachable("nobody knows where it is".to_owned()));
        for address in self.whereabouts.of(self.target.node, &self.target.address) {
            dialled = self.try_dial(&address).await;
            match (self.target.node, &dialled) {
                (Some(node), Err(CallError::Stranger(why))) => self.misplaced.note(node, &address, why),
                (Some(node), Err(CallError::Unproved(why))) => {
                    self.misplaced.note_unproved(node, &address, why);
                }
                _ => {}
            }
            if dialled.is_ok() {
                break;
            }
        }
        if let (Some(node), Ok(_there)) = (self.target.node, &dialled) {
            self.misplaced.found(node);
        }
        dialled
    }

    async fn try_dial(&self, address: &str) -> Result<(Frames, Greeting), CallError> {
        let greeted = timeout(DIAL, self.greet(address)).await;
        let late = |_late| Err(io::Error::new(io::ErrorKind::TimedOut, "it does not answer"));
        let (frames, answer) = greeted.unwrap_or_else(late).map_err(CallError::of_dialling)?;
        let said = || String::from_utf8_lossy(&answer.payload).into_owned();
        if answer.kind == Kind::Refusal {
            return Err(CallError::Stranger(said()));
        }
        if answer.kind == Kind::Unproved {
            return Err(CallError::Unproved(format!(
                "whoever is there does not take this node for one of the cluster's: {}",
                said()
            )));
        }
        match Greeting::decode(&answer.payload) {
            Ok(greeting) if answer.kind == Kind::Hello => {
                let unproved = |why| {
                    CallError::Unproved(format!(
                        "whoever is there is not taken for one of the cluster's nodes: {why}"
                    ))
                };
                greeting.is_vouched_for(&frames.get_ref().proof()).map_err(unproved)?;
                Ok((frames, greeting))
            }
            _ => Err(CallError::Unreachable("whoever is there does not speak our language".to_owned())),
        }
    }

    /// Greets the node there, and gives its answer.
    async fn greet(&self, address: &str) -> io::Result<(Frames, Frame)> {
        let mut frames = frames(self.network.connect(address).await?);
        let payload = self.us.greet(self.target.node, self.purpose).encode();
        frames.send(Frame::greeting(Kind::Hello, payload)).await?;
        let answer = next(&mut frames).await?.ok_or_else(|| io::Error::other("it hung up"))?;
        Ok((frames, answer))
    }
}

impl Conversation {
    /// Writes calls and hands out answers until the connection ends; says why it did.
    async fn hold(
        &mut self,
        first: Call,
        calls: &mut mpsc::Receiver<Call>,
        silence: Duration,
    ) -> &'static str {
        let mut looks = interval(silence);
        looks.reset();
        let mut heard = true;
        let mut waiting = Some(first);
        loop {
            if let Some(call) = waiting.take() {
                match timeout(silence, self.write(call, calls)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_broken)) => return "the connection broke",
                    Err(_late) => return "the other side takes nothing",
                }
            }
            tokio::select! {
                biased;
                answer = next(&mut self.frames) => match answer {
                    Ok(Some(frame)) => {
                        heard = true;
                        self.hand_out(frame);
                    }
                    Ok(None) => return "the other side hung up",
                    Err(_broken) => return "the connection broke",
                },
                _ = looks.tick() => {
                    if !self.pending.is_empty() && !heard {
                        return "the other side says nothing";
                    }
                    heard = self.pending.is_empty();
                }
                call = calls.recv() => match call {
                    Some(call) => waiting = Some(call),
                    None => return "this node is stopping",
                },
            }
        }
    }

    /// Writes this call and all that wait behind it at once.
    async fn write(&mut self, first: Call, calls: &mut mpsc::Receiver<Call>) -> io::Result<()> {
        let mut next = Some(first);
        while let Some(Call { kind, group, payload, to }) = next {
            // Nobody waits any more: it need not be written.
            if !to.is_closed() {
                self.next += 1;
                self.pending.insert(self.next, to);
                let frame = Frame { kind, group, call: self.next, payload };
                self.frames.feed(frame.encode()).await?;
            }
            next = calls.try_recv().ok();
        }
        SinkExt::<Bytes>::flush(&mut self.frames).await
    }

    fn hand_out(&mut self, frame: Frame) {
        let Some(to) = self.pending.remove(&frame.call) else { return };
        let answer = if frame.kind == Kind::Answer {
            Ok(frame.payload)
        } else {
            Err(CallError::Refused(String::from_utf8_lossy(&frame.payload).into_owned()))
        };
        // A caller that has stopped waiting is told nothing.
        drop(to.send(answer));
    }
}

impl Purpose {
    /// For how long the other side may owe answers without saying anything.
    fn silence(self) -> Duration {
        match self {
            Self::Append | Self::Vote => Duration::from_secs(2),
            Self::Question => Duration::from_secs(5),
            Self::Snapshot => Duration::from_secs(30),
        }
    }
}

/// Fails every call that comes within this time.
async fn fail_for(time: Duration, calls: &mut mpsc::Receiver<Call>, why: &CallError) {
    let end = sleep(time);
    tokio::pin!(end);
    loop {
        tokio::select! {
            biased;
            () = &mut end => return,
            call = calls.recv() => match call {
                Some(call) => call.fail(why.clone()),
                None => return,
            },
        }
    }
}
