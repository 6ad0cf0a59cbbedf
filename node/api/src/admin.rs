//! What the admin listener says about the node and its groups.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer of `GET /admin/v1/groups`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Groups {
    /// One item a group, by number.
    pub items: Vec<Group>,
}

/// One Raft group as this node sees it.
#[expect(clippy::struct_field_names, reason = "`group` is the contract's word for the number")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Group {
    /// Its number, from 0.
    pub group: u32,
    /// This node's part in it.
    pub role: Role,
    /// The leader's node id, where one is known that is still heard of.
    pub leader: Option<u64>,
    /// Raft's term.
    pub term: u64,
    /// The index of the last entry in this node's log.
    pub last: u64,
    /// The index up to which entries are known to be on a quorum.
    pub committed: u64,
    /// The index up to which entries have changed the slots.
    pub applied: u64,
    /// The index at or below which every slot is saved.
    pub checkpointed: u64,
    /// 16 hexadecimal digits: equal on every replica at the same index.
    pub digest: Option<String>,
    /// The index at which the digest was taken.
    pub digest_index: Option<u64>,
    /// Slots that this group owns.
    pub slots: u64,
    /// Of those, the ones with an actor in memory.
    pub awake: u64,
    /// The level of the last entry that has changed the slots; 0 where there is none yet.
    #[serde(default)]
    pub level: u32,
}

/// A node's part in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Proposes.
    Leader,
    /// Votes and follows.
    Follower,
    /// Asks for votes, or has lost the quorum that gave it theirs.
    Candidate,
    /// Follows without a vote.
    Learner,
    /// Stopped by a failure: a person must look.
    Stopped,
}

/// The answer of `GET /admin/v1/status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// Whether this node serves every group that it should, and sees nothing wrong with the others.
    pub healthy: bool,
    /// What is wrong, a line each; empty when healthy.
    pub problems: Vec<String>,
    /// What to do about each problem, in the same order; empty where there is nothing to say.
    #[serde(default)]
    pub hints: Vec<String>,
    /// What is worth knowing and not wrong, a line each.
    #[serde(default)]
    pub notes: Vec<String>,
    /// This node's id.
    pub node: u64,
    /// The version of the program.
    pub version: String,
    /// Milliseconds since it started.
    pub uptime_ms: u64,
    /// Whether it is draining.
    pub draining: bool,
    /// Groups on this node.
    pub groups: u32,
    /// Of those, the ones that this node leads.
    pub leading: u32,
    /// Slots on this node.
    pub slots: u64,
    /// Of those, the ones awake.
    pub awake: u64,
    /// Requests that wait for their answer now.
    pub in_flight: u64,
    /// The level of the rules that is in force in the cluster; 0 where this node knows of none yet.
    #[serde(default)]
    pub level: u32,
    /// The cluster's nodes, this one included, by number.
    #[serde(default)]
    pub members: Vec<Member>,
}

/// A node of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Member {
    /// Its number.
    pub node: u64,
    /// Where its peers reach it; empty where it has none.
    pub address: String,
    /// Whether it votes in every group in which it is to: a node that has just come does not until it has caught up.
    pub votes: bool,
    /// The newest level of the rules that its build applies. Once every node applies the next level, it comes into force.
    #[serde(default)]
    pub level: u32,
    /// For how long it has not answered the node that was asked, in milliseconds, where that is too long; null where it answers.
    #[serde(default)]
    pub silent_ms: Option<u64>,
    /// By how much its wall clock is ahead of that of the node that was asked, in milliseconds, less than zero where it is behind, as far
    /// as no delay explains it; null where it never answered.
    #[serde(default)]
    pub clock_ahead_ms: Option<i64>,
    /// The most entries of a group's log that it lacks; null where no leader says so.
    #[serde(default)]
    pub behind: Option<u64>,
    /// How many groups it leads; null where it does not say.
    #[serde(default)]
    pub leading: Option<u32>,
}

/// The answer of `POST /admin/v1/nodes/{node}/remove`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Removed {
    /// The node that is no member any more.
    pub node: u64,
    /// How many groups it is a member of still, as far as the node knows that was asked: they follow within seconds.
    #[serde(default)]
    pub groups_left: u32,
}

/// The body of `POST /admin/v1/groups/{group}/leader`: who shall lead, and what whoever asks believes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveLeader {
    /// The node that shall lead.
    pub node: u64,
    /// The node that leads; nothing is done where another does.
    pub expected_leader: u64,
    /// The term in which it leads; nothing is done where there is another.
    pub expected_term: u64,
}

/// The answer of `POST /admin/v1/groups/{group}/leader`: the group has another leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeaderMoved {
    /// The group.
    pub group: u32,
    /// The node that leads it now.
    pub leader: u64,
    /// The term in which it does.
    pub term: u64,
    /// For how long nobody led, in milliseconds, as the node saw it that led before; 0 where the other led already.
    pub unanswered_ms: u64,
}

/// The answer of `GET /admin/v1/leaders`: who leads, and what would have to move so that all lead as many groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Leaders {
    /// One item a node, by number.
    pub nodes: Vec<Leading>,
    /// What would have to move; empty where leaders are spread evenly.
    pub moves: Vec<LeaderMove>,
}

/// How many groups a node leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Leading {
    /// The node.
    pub node: u64,
    /// How many it leads now.
    pub leads: u32,
    /// How many it would lead once everything has moved.
    pub would_lead: u32,
}

/// A group that another node should lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeaderMove {
    /// The group.
    pub group: u32,
    /// Who leads it.
    pub from: u64,
    /// Who should.
    pub to: u64,
    /// The term in which `from` leads.
    pub term: u64,
}

/// The answer of `GET /admin/v1/placement`: where the replicas are, where they are to be, and a plan of where they should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Placement {
    /// How many replicas a group is planned to have; group 0 has five.
    pub replicas: u32,
    /// One item a node, by number.
    pub nodes: Vec<PlacedNode>,
    /// One item a group, by number.
    pub groups: Vec<PlacedGroup>,
    /// What leads from one to the other, in this order; empty where everything is where it should be.
    pub steps: Vec<PlacementStep>,
    /// What is in force; null where every node has every group.
    #[serde(default)]
    pub record: Option<PlacementRecord>,
}

/// Where replicas are to be, as the cluster remembers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlacementRecord {
    /// Its number, which each step makes one more.
    pub epoch: u64,
    /// How many replicas each group is to have.
    pub replicas: u32,
    /// The nodes that are being emptied.
    pub draining: Vec<u64>,
}

/// The answer of `POST /admin/v1/nodes/{node}/drain` and of `/undrain`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Drained {
    /// The node.
    pub node: u64,
    /// Whether it is being emptied, or is empty.
    pub draining: bool,
    /// Of how many groups beside group 0 it has a replica still.
    pub replicas_left: u32,
}

/// A node, and how much it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlacedNode {
    /// The node.
    pub node: u64,
    /// What fails together with it has the same name; empty where it has none, or has not said so.
    pub zone: String,
    /// What may become of its replicas.
    pub standing: Standing,
    /// How many it has.
    pub replicas: u32,
    /// How many it would have.
    pub planned: u32,
}

/// What may become of the replicas on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It takes some.
    Takes,
    /// It does not answer: it keeps what it has, and is given nothing.
    Silent,
    /// It is being emptied, or the plan is asked for without it.
    Drains,
}

/// A group, and which nodes have a replica of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlacedGroup {
    /// The group.
    pub group: u32,
    /// Who has one.
    pub nodes: Vec<u64>,
    /// Who would have one.
    pub planned: Vec<u64>,
    /// Who is to have one by the record, or to vote in group 0; null where there is none.
    #[serde(default)]
    pub placed: Option<Vec<u64>>,
}

/// One replica comes, one goes, or one takes another's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlacementStep {
    /// Of which group.
    pub group: u32,
    /// Who gets one.
    pub adds: Option<u64>,
    /// Who gives one up.
    pub drops: Option<u64>,
}

/// The answer of `GET /admin/v1/slots/{slot}` and of `POST /admin/v1/slots/{slot}/retry`: a slot from the inside, as it is on the
/// node that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Inspection {
    /// The slot.
    pub slot: String,
    /// The partition that its id carries.
    pub partition: u16,
    /// The group that owns it.
    pub group: u32,
    /// The node that leads that group, if any does.
    pub leader: Option<u64>,
    /// Whether its rules work.
    pub health: Health,
    /// The number of its last change; of a faulted slot, as it was last saved.
    pub seq: u64,
    /// The last entry that was applied to it.
    pub index: u64,
    /// When time alone will change it next, in milliseconds since 1970.
    pub deadline_ms: Option<u64>,
    /// Bookings that were ever made.
    pub bookings: u32,
    /// Answers that are remembered beside those of bookings.
    pub receipts: u64,
    /// The digest of everything it is, on every replica the same at the same index; none while it is faulted.
    pub digest: Option<String>,
    /// Of a faulted slot: the entry at which its rules broke.
    pub broke_at: Option<u64>,
    /// Of a faulted slot: how many steps wait since it was last saved, to be tried again.
    pub pending: u64,
}

/// Whether a slot's rules work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// They do.
    Sound,
    /// They broke: nothing is sold of it until it is tried again with a mended build.
    Faulted,
}

/// The answer of `POST /admin/v1/groups/{group}/checkpoint`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Checkpoint {
    /// The group.
    pub group: u32,
    /// The index at or below which every slot is saved now.
    pub checkpointed: u64,
}
