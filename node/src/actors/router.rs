//! From a slot's id to its group and its actor: asks, reads, views.

use std::sync::Arc;

use booking::{Header, Outcome, Request, SlotId, View};
use bytes::Bytes;
use cluster::codec;
use cluster::{Cluster, Group};
use tokio::sync::oneshot;

use super::counter::{Reply, Unanswered};
use super::directory::Seen;
use super::feed::Feed;
use super::slot::{Message, Sight};
use crate::machine::{Book, Command, Replicated};
use crate::permits::{Lane, Permits};
use crate::saved;

/// The way into the groups. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Router {
    cluster: Arc<Cluster<Replicated>>,
    permits: Permits,
}

/// Why there is no answer of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unrouted {
    /// Too many wait already.
    Overloaded,
    /// This node does not lead the slot's group, and nothing was appended.
    NoLeader,
    /// Nobody knows whether it has an effect.
    Unknown,
    /// The slot's rules broke.
    Faulted,
}

/// A slot as it can be seen without asking its actor.
#[derive(Clone, Debug)]
pub(crate) struct Sighting {
    pub(crate) view: Arc<View>,
    pub(crate) health: Health,
}

/// Whether a slot's rules work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    /// They do.
    Sound,
    /// They broke: the view is the last that was saved.
    Faulted,
}

impl Router {
    pub(crate) fn new(cluster: Arc<Cluster<Replicated>>) -> Self {
        Self { cluster, permits: Permits::default() }
    }

    /// All groups, by number.
    pub(crate) fn groups(&self) -> &[Group<Replicated>] {
        self.cluster.groups()
    }

    /// How many wait for an answer.
    pub(crate) fn in_flight(&self) -> usize {
        self.permits.in_use()
    }

    fn group(&self, slot: SlotId) -> &Group<Replicated> {
        self.cluster.group_of(slot.partition.get())
    }

    fn book(&self, slot: SlotId) -> &Arc<Book> {
        &self.group(slot).machine().0
    }

    /// Asks for a change and waits for the answer of the rules.
    pub(crate) async fn ask(&self, request: Request, lane: Lane) -> Result<Outcome, Unrouted> {
        let permit = self.permits.take(lane).ok_or(Unrouted::Overloaded)?;
        let (slot, key, fingerprint) = (request.slot, request.key, request.fingerprint);
        if !self.group(slot).leads() {
            return Err(Unrouted::NoLeader);
        }
        let command = Bytes::from(codec::encode(&Command::Request(request)));
        let visit = self.book(slot).visit(slot);
        let window = Arc::clone(&visit.window);
        let (to, answer) = oneshot::channel();
        let reply = Reply { to, _permit: permit, _visit: visit };
        let propose = || self.group(slot).proposals().propose(command);
        window.counter.ask((key, fingerprint), reply, propose);
        match answer.await {
            Ok(Ok(outcome)) => Ok(outcome),
            Ok(Err(Unanswered::NotAppended)) => Err(Unrouted::NoLeader),
            Ok(Err(Unanswered::Faulted)) => Err(Unrouted::Faulted),
            Ok(Err(Unanswered::Unknown)) | Err(_) => Err(Unrouted::Unknown),
        }
    }

    /// Looks at a slot behind everything that was committed before this call (linearizable).
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        slot: SlotId,
        look: impl FnOnce(Sight<'_>) -> T + Send + 'static,
    ) -> Result<T, Unrouted> {
        let _permit = self.permits.take(Lane::Newcomer).ok_or(Unrouted::Overloaded)?;
        self.group(slot).read_index().await.map_err(|_not_here| Unrouted::NoLeader)?;
        match self.book(slot).directory().look(slot) {
            Seen::Faulted => return Err(Unrouted::Faulted),
            // Nobody wakes an actor by asking for what never was.
            Seen::Nowhere => return Ok(look(Sight { slot: None, feed: &Feed::default() })),
            // Its making may be in the actor's mailbox still.
            Seen::Unmade | Seen::Asleep | Seen::Awake(_) => {}
        }
        let visit = self.book(slot).visit(slot);
        let (told, seen) = oneshot::channel();
        // A reader that has gone is told nothing.
        let read = Message::Read(Box::new(move |sight| drop(told.send(look(sight)))));
        visit.actor.cast(read).map_err(|_gone| Unrouted::NoLeader)?;
        seen.await.map_err(|_gone| Unrouted::NoLeader)
    }

    /// A slot behind everything that was committed before this call: so a slot whose making was acknowledged is found.
    pub(crate) async fn search(&self, slot: SlotId) -> Result<Option<Sighting>, Unrouted> {
        match self.read(slot, |sight| sight.slot.map(|slot| Arc::new(slot.view()))).await {
            Ok(view) => Ok(view.map(|view| Sighting { view, health: Health::Sound })),
            // What was saved of it last can be seen all the same.
            Err(Unrouted::Faulted) => self.glance(slot)?.map(Some).ok_or(Unrouted::Faulted),
            Err(other) => Err(other),
        }
    }

    /// A slot as this node knows it now, without waiting for anything; wakes no one.
    pub(crate) fn glance(&self, slot: SlotId) -> Result<Option<Sighting>, Unrouted> {
        let book = self.book(slot);
        let (health, saved) = match book.directory().look(slot) {
            Seen::Nowhere | Seen::Unmade => return Ok(None),
            Seen::Awake(view) => return Ok(Some(Sighting { view, health: Health::Sound })),
            Seen::Asleep => (Health::Sound, saved::head(book.state(), slot)),
            Seen::Faulted => (Health::Faulted, saved::head(book.state(), slot)),
        };
        let head = saved.map_err(|error| {
            tracing::error!(slot = %crate::ids::slot_text(slot), %error, "a saved slot cannot be read");
            Unrouted::Faulted
        })?;
        Ok(head.map(|head| Sighting { view: Arc::new(view(head.header)), health }))
    }

    /// At most `limit` ids after `after`, in order, over all groups.
    pub(crate) fn ids_after(&self, after: Option<SlotId>, limit: usize) -> Vec<SlotId> {
        let of_group = |group: &Group<Replicated>| group.machine().0.directory().ids_after(after, limit);
        let mut ids: Vec<SlotId> = self.groups().iter().flat_map(of_group).collect();
        ids.sort_unstable();
        ids.truncate(limit);
        ids
    }

    /// The group's saved state, for the past of a feed.
    pub(crate) fn state(&self, slot: SlotId) -> &cluster::State {
        self.book(slot).state()
    }
}

/// What everyone may see of a slot that sleeps.
fn view(header: Header) -> View {
    View {
        id: header.id,
        definition: Arc::new(header.definition),
        seq: header.seq,
        stamp: header.stamp,
        counts: header.counts,
        cancelled: header.cancelled,
    }
}
