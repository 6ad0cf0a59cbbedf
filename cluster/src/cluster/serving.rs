//! What this node answers its peers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once, OnceLock};

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use storage::{GroupId, Store};

use crate::clock::Clock;
use crate::error::Error;
use crate::forming::{self, Gate};
use crate::founding::{self, PROBATION};
use crate::machine::Machine;
use crate::room;
use crate::skew;
use crate::transport::{Greeting, Handler, Incoming, Kind, Us};

/// Answers the questions that the layer above asks on other nodes: a group that this node may lead, and the question's bytes.
pub type Questions = Box<dyn Fn(GroupId, Bytes) -> BoxFuture<'static, Bytes> + Send + Sync>;

/// What this node answers its peers from.
pub(super) struct Serving<M: Machine> {
    pub(super) gate: Arc<Gate<M>>,
    pub(super) us: Us,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) store: Arc<dyn Store>,
    pub(super) questions: OnceLock<Questions>,
    /// When this node founded the cluster, in milliseconds, if it did.
    pub(super) founded_ms: Option<u64>,
    pub(super) gives_way: Once,
    /// Whether it is about to stop: then it had better lead nothing more.
    pub(super) is_leaving: AtomicBool,
    pub(super) on_fatal: Arc<dyn Fn(&Error) + Send + Sync>,
}

impl<M: Machine> Serving<M> {
    /// Whether this node has founded its cluster a short time ago.
    pub(super) fn is_young(&self) -> bool {
        let since = |founded_ms| u128::from(self.clock.wall_ms().saturating_sub(founded_ms));
        self.founded_ms.is_some_and(|founded_ms| since(founded_ms) < PROBATION.as_millis())
    }

    /// What a group answers a peer, if it is here.
    fn of_group(
        &self,
        group: GroupId,
        kind: Kind,
        payload: Bytes,
    ) -> BoxFuture<'static, Result<Bytes, String>> {
        if let Some(open) = self.gate.table.get(group) {
            return async move { open.consensus().answer(kind, payload).await }.boxed();
        }
        // Only who takes this node for a member of the group sends it what the group has.
        if matches!(kind, Kind::Append | Kind::SnapshotBegin) {
            self.gate.table.call_for(group);
        }
        ready(Err(format!("this node has no replica of group {group}"))).boxed()
    }
}

impl<M: Machine> Handler for Serving<M> {
    fn heard(&self, greeting: &Greeting) {
        // A young cluster without another member gives way to one that knows its founder.
        if greeting.claims(&self.us) && self.is_young() && self.gate.group_zero.members().nodes.len() == 1 {
            self.gives_way.call_once(|| (self.on_fatal)(&founding::given_up(greeting)));
        }
    }

    fn answer(
        &self,
        Incoming { admitted, kind, group, payload }: Incoming,
    ) -> BoxFuture<'static, Result<Bytes, String>> {
        if !self.gate.table.has(group) {
            return async move { Err(format!("there is no group {group}")) }.boxed();
        }
        match kind {
            Kind::Forming => forming::answer(Arc::clone(&self.gate), admitted, payload).boxed(),
            Kind::Question => match self.questions.get() {
                Some(questions) => questions(group, payload).map(Ok).boxed(),
                None => async { Err("this node is not ready yet".to_owned()) }.boxed(),
            },
            Kind::Clock => ready(Ok(skew::encode(self.clock.wall_ms()))).boxed(),
            Kind::Room if self.is_leaving.load(Ordering::Acquire) => {
                ready(Err("this node is about to stop".to_owned())).boxed()
            }
            Kind::Room => ready(Ok(room::encode(self.store.room()))).boxed(),
            Kind::Append
            | Kind::Vote
            | Kind::PreVote
            | Kind::TransferLeader
            | Kind::SnapshotBegin
            | Kind::SnapshotPart
            | Kind::SnapshotEnd
            | Kind::ReadIndex
            | Kind::Digest
            | Kind::Hello
            | Kind::Answer
            | Kind::Refusal
            | Kind::Unproved => self.of_group(group, kind, payload),
        }
    }
}
