//! The shards of this node: from an entity's id to its group, to what this node knows of it, and to its actor.

use std::sync::Arc;
use std::time::Duration;

use booking::{EntityId, Header, Level, SlotId, View};
use cluster::{Cluster, Group, ReadError};
use futures::future::try_join_all;
use storage::GroupId;
use tokio::time::{Instant, sleep};

use super::local_view::LocalView;
use super::read::EntityHandle;
use super::wire::{Health, Unrouted};
use crate::actors::registry::Presence;
use crate::machine::{Shard, ShardMachine};
use crate::saved;
use crate::saved::archive::Wanted;

/// How long nobody may lead before whoever asks is told so: an election takes two seconds at most.
pub(super) const LEADERLESS: Duration = Duration::from_secs(4);
/// Between two attempts meanwhile.
pub(super) const AGAIN: Duration = Duration::from_millis(25);

/// All shards of this node. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Shards {
    cluster: Arc<Cluster<ShardMachine>>,
}

impl Shards {
    pub(crate) fn new(cluster: Arc<Cluster<ShardMachine>>) -> Self {
        Self { cluster }
    }

    /// The groups and the other nodes.
    pub(crate) fn cluster(&self) -> &Arc<Cluster<ShardMachine>> {
        &self.cluster
    }

    /// The groups of which this node has a replica, by number.
    pub(crate) fn groups(&self) -> Vec<Arc<Group<ShardMachine>>> {
        self.cluster.groups()
    }

    /// The numbers of the others.
    pub(crate) fn elsewhere(&self) -> impl Iterator<Item = GroupId> {
        let count = u32::try_from(self.cluster.count()).unwrap_or(u32::MAX);
        (0..count).map(GroupId).filter(|group| self.cluster.group(*group).is_none())
    }

    /// The number of the group that owns an entity.
    pub(crate) fn number(&self, entity: impl Into<EntityId>) -> GroupId {
        self.cluster.number_of(entity.into().partition().get())
    }

    /// The group that owns an entity, if this node has a replica of it.
    pub(crate) fn group(&self, entity: impl Into<EntityId>) -> Result<Arc<Group<ShardMachine>>, Unrouted> {
        self.cluster.group_of(entity.into().partition().get()).ok_or(Unrouted::NoLeader)
    }

    /// The shard that has an entity, if it is here.
    pub(crate) fn shard(&self, entity: impl Into<EntityId>) -> Result<Arc<Shard>, Unrouted> {
        Ok(Arc::clone(&self.group(entity)?.machine().0))
    }

    /// What is known here of an entity without asking its actor; nothing where its group is elsewhere.
    pub(crate) fn presence(&self, entity: impl Into<EntityId>) -> Presence {
        let entity = entity.into();
        self.shard(entity).map_or(Presence::Closed, |shard| shard.registry().presence(entity))
    }

    /// The level in force for an entity, as far as this node knows: that of its group, or, where that is elsewhere, of group 0, which no
    /// group is ahead of.
    pub(crate) fn level(&self, entity: impl Into<EntityId>) -> Level {
        match self.group(entity) {
            Ok(group) => group.machine().0.registry().level(),
            Err(_elsewhere) => Level(self.cluster.level().0),
        }
    }

    /// A slot as this node knows it now, without waiting for anything and without waking its actor.
    pub(crate) fn read_local(&self, slot: SlotId) -> Result<Option<LocalView>, Unrouted> {
        let shard = self.shard(slot)?;
        let (health, saved) = match shard.registry().presence(slot) {
            Presence::Closed => return Err(Unrouted::NoLeader),
            Presence::Nowhere | Presence::Unseen => return Ok(None),
            Presence::Awake(view) => return Ok(Some(LocalView { view, health: Health::Sound })),
            Presence::Asleep => (Health::Sound, saved::slot_header(shard.state(), slot)),
            Presence::Faulted => (Health::Faulted, saved::slot_header(shard.state(), slot)),
        };
        let header = saved.map_err(|error| {
            tracing::error!(slot = %crate::ids::slot_text(slot), %error, "a saved slot cannot be read");
            Unrouted::Faulted
        })?;
        Ok(header.map(|header| LocalView { view: view(header), health }))
    }

    /// The group's saved state, for the past of a feed.
    pub(crate) fn state(&self, slot: SlotId) -> Result<cluster::State, Unrouted> {
        Ok(self.shard(slot)?.state().clone())
    }

    /// A handle on an entity, whose actor is kept awake.
    pub(crate) fn handle(&self, entity: impl Into<EntityId>) -> Result<EntityHandle, Unrouted> {
        let entity = entity.into();
        Ok(EntityHandle { pin: self.shard(entity)?.pin(entity).ok_or(Unrouted::NoLeader)? })
    }

    /// Waits until this node shows every slot that was made before this call, in any group.
    pub(super) async fn catch_up_everywhere(&self) -> Result<(), Unrouted> {
        let groups = self.groups();
        if groups.len() < self.cluster.count() {
            return Err(Unrouted::NoLeader);
        }
        try_join_all(groups.iter().map(|group| self.catch_up_with_makings(group))).await.map(drop)
    }

    /// Waits until this node shows every slot of a group that was made before this call.
    pub(super) async fn catch_up_with(&self, group: GroupId) -> Result<(), Unrouted> {
        let group = self.cluster.group(group).ok_or(Unrouted::NoLeader)?;
        self.catch_up_with_makings(&group).await
    }

    async fn catch_up_with_makings(&self, group: &Group<ShardMachine>) -> Result<(), Unrouted> {
        self.catch_up(group).await?;
        // The command that made a slot may be in its actor's mailbox still.
        for pin in group.machine().0.registry().pin_unmade() {
            EntityHandle { pin }.read(Wanted::Nothing, |_view| ()).await?;
        }
        Ok(())
    }

    /// Waits until this node has everything that was committed before, asking the leader what that is.
    pub(super) async fn catch_up(&self, group: &Group<ShardMachine>) -> Result<(), Unrouted> {
        if group.machine().0.observer().lets_readers_through() {
            return Ok(());
        }
        let give_up = give_up(group);
        loop {
            match group.read_index().await {
                Ok(()) => return Ok(()),
                Err(ReadError::NotLeader) if Instant::now() < give_up => sleep(AGAIN).await,
                Err(ReadError::NotLeader | ReadError::Stopped) => return Err(Unrouted::NoLeader),
            }
        }
    }
}

/// Until when a leader is waited for by somebody who comes now. Where nobody has led for long, nobody is waited for.
pub(super) fn give_up(group: &Group<ShardMachine>) -> Instant {
    Instant::now() + LEADERLESS.saturating_sub(group.leaderless_for())
}

/// The view of a slot that sleeps.
fn view(header: Header) -> View {
    View {
        id: header.id,
        definition: Arc::new(header.definition),
        seq: header.seq,
        stamp: header.stamp,
        counts: header.counts,
        cancelled: header.cancelled,
        house: header.house,
        goods: header.goods,
        calendar: header.calendar,
    }
}
