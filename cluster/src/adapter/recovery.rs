//! The last resort where a majority of a group is gone for good: one replica goes on alone, with what it has.
//!
//! Its log gets a change of members that no quorum has agreed to, in a term that nobody has led. So whatever the log has is committed
//! by it, also what was never acknowledged; and what others acknowledged that it does not have is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use openraft::EntryPayload;
use storage::{Change, GroupId, Index, Store, Write};

use super::log::Log;
use super::record::{self, VOTE};
use super::type_config::{Entry, Membership, Vote, log_id};
use crate::error::Error;
use crate::members::{NodeId, Peer};
use crate::written::written;

/// What one replica has, before it goes on alone or after.
pub(crate) struct Replica {
    log: Log,
    node: NodeId,
    peer: Peer,
    /// Whether it votes: one that only follows may lack much.
    pub(crate) votes: bool,
    /// Who else was in the group.
    pub(crate) others: BTreeSet<NodeId>,
    /// Its last entry.
    pub(crate) last: Index,
    /// That entry's term.
    pub(crate) term: u64,
}

impl Replica {
    /// What this node has of a group; nothing where it has nothing, or is no member.
    pub(crate) fn find(store: Arc<dyn Store>, group: GroupId, node: NodeId) -> Result<Option<Self>, Error> {
        let (log, mark) = Log::open(store, group)?;
        let Some(last) = log.last() else { return Ok(None) };
        let as_saved = mark.map(|mark| mark.membership.membership().clone());
        let Some(members) = log.last_membership()?.or(as_saved) else { return Ok(None) };
        let Some(peer) = members.get_node(&node).cloned() else { return Ok(None) };
        let others = members.nodes().map(|(other, _peer)| *other).filter(|other| *other != node).collect();
        let votes = members.voter_ids().any(|voter| voter == node);
        let (last, term) = (Index(last.index), last.leader_id.term);
        Ok(Some(Self { log, node, peer, votes, others, last, term }))
    }

    /// From the next start on, it is the whole group.
    pub(crate) async fn go_on_alone(self) -> Result<(), Error> {
        let Self { log, node, peer, last, term, .. } = self;
        // Nobody has led in this term, and nobody else will: the others are gone.
        let term = term.max(log.term_voted()) + 1;
        let members = Membership::new(vec![BTreeSet::from([node])], BTreeMap::from([(node, peer)]));
        let members = members.expect("it has one voter, and knows it");
        let entry = Entry { log_id: log_id(term, last.0 + 1), payload: EntryPayload::Membership(members) };
        let changes = vec![
            Change::Set { register: VOTE, value: record::encode_vote(&Vote::new(term, node)) },
            Change::Append { index: Index(entry.log_id.index), entry: record::encode_entry(&entry) },
        ];
        let (store, group) = (Arc::clone(log.store()), log.group());
        let done = written(store.as_ref(), Write::synced(group, changes)).await;
        done.map_err(|source| Error::Storage { group, source })
    }
}
