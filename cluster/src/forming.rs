//! How nodes become a cluster.
//!
//! ```text
//!   new node ── Join(address, level) ──► a node that it knows ──► leader of group 0: a number that nobody ever had
//!   new node: writes down who it is, opens its groups, empty
//!   any node ── Announce(number, address, level) ──► leader of group 0: a member of group 0 from now on, without a vote
//!   leader of any group (reconciler.rs): every member of group 0 comes into this group too, and votes once it has caught up
//! ```
//!
//! So group 0's membership is the list of the cluster's nodes, and nothing else keeps one. Every step may be repeated. A node that
//! hears of no leader announces itself again and again: it may have been removed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::RwLock;
use storage::GroupId;
use tokio::time::{sleep, timeout};

use crate::error::{self, Error};
use crate::group::Group;
use crate::handing;
use crate::identity::Identity;
use crate::machine::Machine;
use crate::members::{KeyHash, Members, NodeId, Peer};
use crate::options::Replicas;
use crate::placing;
use crate::quorum;
use crate::requests::{LedGroup, Reply, Report, Request};
use crate::table::Table;
use crate::transport::{Admitted, CallError, Greeting, Kind, Link, ONLY_TO_JOIN, Peers};

/// How long one node may take to answer.
const WITHIN: Duration = Duration::from_secs(5);
/// Between two rounds over everyone who is known.
const AGAIN: Duration = Duration::from_millis(300);
/// For how long nobody leads before a node asks whether it is still a member, and how often that is looked at.
const LEADERLESS: Duration = Duration::from_secs(1);

/// Different reasons why an announcement was not heard that are told.
const SAID_MAX: usize = 8;

/// Where it is decided who is in the cluster: a node, and its groups.
pub(crate) struct Gate<M: Machine> {
    pub(crate) identity: Identity,
    /// Whose members are the cluster's nodes.
    pub(crate) group_zero: Arc<Group<M>>,
    pub(crate) table: Arc<Table<M>>,
    pub(crate) peers: Arc<Peers>,
    /// What fails together with this node has the same name.
    pub(crate) zone: String,
    pub(crate) replicas: Replicas,
    /// Hashes of the secrets with which this node checks tokens.
    pub(crate) keys: RwLock<BTreeSet<KeyHash>>,
}

impl<M: Machine> Gate<M> {
    /// Whether a node with these keys has none of this one's, although both have some.
    pub(crate) fn is_strange(&self, keys: &BTreeSet<KeyHash>) -> bool {
        let ours = self.keys.read();
        !keys.is_empty() && !ours.is_empty() && keys.is_disjoint(&ours)
    }

    /// Who is to have a replica of a group, by the record of placement; none where every node is to.
    pub(crate) fn placed(&self, group: GroupId) -> Option<BTreeSet<NodeId>> {
        let record = self.group_zero.placement().borrow().clone();
        record.filter(|_record| group != GroupId(0))?.of(group).cloned()
    }
}

/// Asks for this node's number until someone gives one.
pub(crate) async fn join(
    peers: &Peers,
    seeds: &[String],
    this: &Peer,
    keys: &BTreeSet<KeyHash>,
) -> Result<Identity, Error> {
    let request = Request::Join { peer: this.clone(), keys: keys.clone() };
    let mut said = String::new();
    loop {
        match ask_around(peers, seeds, &request).await.unwrap_or_else(Reply::Never) {
            Reply::Welcome(identity) => return Ok(identity),
            Reply::Never(why) => return Err(Error::NotWelcome { why }),
            Reply::Later(why) if why != said => {
                tracing::warn!(?seeds, why, "cannot join the cluster yet; trying on");
                said = why;
            }
            Reply::Later(_)
            | Reply::Done
            | Reply::Elsewhere(_)
            | Reply::Report(_)
            | Reply::HandedOver { .. }
            | Reply::Changed(_)
            | Reply::Zone(_)
            | Reply::Leading(_) => {}
        }
        sleep(AGAIN).await;
    }
}

/// Says where this node can be reached and what it applies, now and whenever it has heard of no leader for a while. Resolves to the
/// reason where the cluster does not take it, or not any more.
pub(crate) async fn stay<M: Machine>(gate: &Gate<M>, seeds: &[String], this: Peer) -> String {
    loop {
        // Those whom the operator names come first: they know if this node's data are another cluster's.
        let others = gate.group_zero.members().nodes.into_iter();
        let others =
            others.filter(|(node, _peer)| *node != gate.identity.node).map(|(_node, peer)| peer.address);
        let named: Vec<_> = seeds.iter().cloned().chain(others).collect();
        if let Err(why) = announce(gate, &named, this.clone()).await {
            return why;
        }
        sleep(LEADERLESS).await;
        while gate.group_zero.leaderless_for() < LEADERLESS {
            sleep(AGAIN).await;
        }
    }
}

/// Says where this node can be reached and what it applies, until group 0's leader has heard it.
async fn announce<M: Machine>(gate: &Gate<M>, named: &[String], this: Peer) -> Result<(), String> {
    let (group_zero, own, peers) = (gate.group_zero.as_ref(), gate.identity.node, gate.peers.as_ref());
    let mut said = BTreeSet::new();
    loop {
        let was_member = group_zero.consensus().was_member();
        let request =
            Request::Announce { node: own, peer: this.clone(), was_member, keys: gate.keys.read().clone() };
        let mut reply = match ask_around(peers, named, &request).await {
            Ok(reply) => reply,
            // A node that has other members beside it believes them: a named peer may have lost its disk, and founded anew.
            Err(stranger) if group_zero.consensus().is_alone().await.is_ok_and(|alone| !alone) => {
                Reply::Later(stranger)
            }
            Err(stranger) => Reply::Never(stranger),
        };
        if matches!(reply, Reply::Later(_)) {
            reply = match group_zero.leader() {
                Some((leader, _)) if leader == own => decide(gate, &request).await,
                Some((_, address)) => {
                    ask_around(peers, &[address], &request).await.unwrap_or_else(Reply::Later)
                }
                None => reply,
            };
        }
        match reply {
            Reply::Done => return Ok(()),
            Reply::Never(why) => return Err(why),
            Reply::Later(why) => {
                if LEADERLESS <= group_zero.leaderless_for() {
                    look_around(peers, named).await;
                }
                if said.len() < SAID_MAX && said.insert(why.clone()) {
                    tracing::info!(why, "the cluster has not taken note of this node yet; trying on");
                }
            }
            Reply::Welcome(_)
            | Reply::Elsewhere(_)
            | Reply::Report(_)
            | Reply::HandedOver { .. }
            | Reply::Changed(_)
            | Reply::Zone(_)
            | Reply::Leading(_) => {}
        }
        sleep(AGAIN).await;
    }
}

/// Notes which members are at these addresses: they may have moved.
async fn look_around(peers: &Peers, named: &[String]) {
    for address in named {
        if let Ok(Greeting { node: Some(node), .. }) = peers.who(address).await {
            peers.whereabouts().say(node, address);
        }
    }
}

/// Asks one node after the other, and the leaders to which they point, until one decides. Where none does, and one is a stranger:
/// what that one says.
pub(crate) async fn ask_around(
    peers: &Peers,
    addresses: &[String],
    request: &Request,
) -> Result<Reply, String> {
    let mut last = Ok(Reply::Later("nobody to ask is known".to_owned()));
    for address in addresses {
        let mut reply = ask(&peers.link_to_anyone(address), request).await;
        if let Ok(Reply::Elsewhere(leader)) = &reply {
            reply = ask(&peers.link_to_anyone(leader), request).await;
        }
        match reply {
            Ok(
                Reply::Welcome(_)
                | Reply::Done
                | Reply::Never(_)
                | Reply::Report(_)
                | Reply::HandedOver { .. }
                | Reply::Changed(_)
                | Reply::Zone(_)
                | Reply::Leading(_),
            ) => return reply,
            Ok(_) if last.is_err() => {}
            Ok(_) | Err(_) => last = reply,
        }
    }
    last
}

async fn ask(link: &Link, request: &Request) -> Result<Reply, String> {
    let call = async |request: &Request| link.call(Kind::Forming, GroupId(0), request.encode(), WITHIN).await;
    let answer = match (call(request).await, request.clone().into_older()) {
        (Err(CallError::Refused(_)), Some(before)) if before != *request => call(&before).await,
        (answer, _) => answer,
    };
    match answer {
        Ok(answer) => Ok(Reply::decode(&answer).unwrap_or_else(|error| Reply::Later(error.to_string()))),
        Err(CallError::Stranger(why)) => Err(why),
        Err(error) => Ok(Reply::Later(error.to_string())),
    }
}

/// Answers a node, as bytes; one that has no number yet only where it asks for one.
pub(crate) async fn answer<M: Machine>(
    gate: Arc<Gate<M>>,
    admitted: Admitted,
    request: Bytes,
) -> Result<Bytes, String> {
    let request = Request::decode(&request).map_err(error::said)?;
    if admitted == Admitted::ToJoin && !request.is_to_join() {
        return Err(ONLY_TO_JOIN.to_owned());
    }
    Ok(decide(&gate, &request).await.encode())
}

/// What group 0's leader makes of a request; of one for a report, any node; of one for another leader, the leader of that group.
pub(crate) async fn decide<M: Machine>(gate: &Gate<M>, request: &Request) -> Reply {
    let identity = &gate.identity;
    let group_zero = gate.group_zero.as_ref();
    let is_for_group_zero = !matches!(
        request,
        Request::Report | Request::Zone | Request::Leading | Request::HandOver(_) | Request::Leave { .. }
    );
    if is_for_group_zero && !group_zero.leads() {
        // Where nobody leads, whoever moved cannot tell a leader.
        if let Request::Announce { node, peer, .. } = request
            && LEADERLESS <= group_zero.leaderless_for()
        {
            gate.peers.whereabouts().say(*node, &peer.address);
        }
        return match group_zero.leader() {
            Some((leader, address)) if leader != identity.node => Reply::Elsewhere(address),
            _ => Reply::Later("group 0 has no leader now".to_owned()),
        };
    }
    if let Request::Join { keys, .. } | Request::Announce { keys, .. } = request
        && gate.is_strange(keys)
    {
        return Reply::Never(
            "it checks tokens with other keys than the cluster: its customers would be strangers elsewhere, and whoever signs with \
             its keys would be let in everywhere. Give it the secret_file of the other nodes ([[auth.keys]])"
                .to_owned(),
        );
    }
    match request {
        Request::Join { peer, .. } => welcomed(group_zero, *identity, peer).await,
        Request::Announce { node, peer, was_member, .. } => {
            announced(group_zero, *node, peer, *was_member).await
        }
        Request::Remove { node } => removed(group_zero, *node).await,
        Request::Report => Reply::Report(report(&gate.table.open())),
        Request::Zone => Reply::Zone(gate.zone.clone()),
        Request::Leading => Reply::Leading(led_here(&gate.table)),
        Request::Drain { node, drains } => placing::drain(group_zero, gate.replicas, *node, *drains).await,
        Request::Leave { group, node } => let_go(gate, *group, *node).await,
        Request::HandOver(wanted) => handing::decide(identity.node, &gate.table, wanted).await,
    }
}

/// The groups that this node leads, and who is in them.
pub(crate) fn led_here<M: Machine>(table: &Table<M>) -> Vec<LedGroup> {
    let led = |group: &Arc<Group<M>>| {
        let term = group.consensus().lead()?.term;
        let Members { voters, nodes, .. } = group.members();
        Some(LedGroup { group: group.id(), term, voters, members: nodes.into_keys().collect() })
    };
    table.open().iter().filter_map(led).collect()
}

/// What the leader of a group says to a node that is to have no replica of it: done where it is no member, so that it may delete what
/// it has.
async fn let_go<M: Machine>(gate: &Gate<M>, group: GroupId, node: NodeId) -> Reply {
    let later = |why: &str| Reply::Later(format!("{why} group {group}; ask again"));
    let Some(open) = gate.table.get(group) else { return later("this node has no replica of") };
    if !open.leads() {
        return match open.leader() {
            Some((leader, address)) if leader != gate.identity.node => Reply::Elsewhere(address),
            _ => later("nobody leads"),
        };
    }
    // One that was deposed and does not know it yet has an old list.
    if !timeout(WITHIN, open.read_index()).await.is_ok_and(|read| read.is_ok()) {
        return later("no quorum follows the leader of");
    }
    match open.consensus().has_member(node).await {
        Ok(false) if gate.group_zero.members().nodes.contains_key(&node) => Reply::Done,
        Ok(false) => Reply::Never(removal(node)),
        Ok(true) => Reply::Never(format!("node {node} is a member of group {group}")),
        Err(error) => Reply::Later(error::said(error)),
    }
}

/// What this node knows of the others, as the leader of some of these groups.
pub(crate) fn report<M: Machine>(groups: &[Arc<Group<M>>]) -> Report {
    let mut report = Report::default();
    let mut behind = BTreeMap::<NodeId, u64>::new();
    for group in groups.iter().filter(|group| group.leads()) {
        report.leading += 1;
        for node in group.members().nodes.into_keys() {
            if let Some(entries) = group.consensus().behind(node) {
                let most = behind.entry(node).or_default();
                *most = entries.max(*most);
            }
        }
    }
    report.behind = behind.into_iter().collect();
    report
}

/// What group 0's leader makes of a node that has no number yet.
async fn welcomed<M: Machine>(group_zero: &Group<M>, identity: Identity, peer: &Peer) -> Reply {
    if let Some(reply) = taken(group_zero, None, peer) {
        tracing::error!(
            address = peer.address,
            "a node without data asks to join at the address of a member: its disk was lost?"
        );
        return reply;
    }
    if let Some(reply) = unfit(group_zero, peer) {
        return reply;
    }
    let number = group_zero.consensus().new_number().await;
    number.map_or_else(Reply::Later, |node| Reply::Welcome(Identity { node, ..identity }))
}

/// The cluster's nodes as they are: a leader that was deposed and does not know it yet has an old list.
async fn members<M: Machine>(group_zero: &Group<M>) -> Result<Members, Reply> {
    // Without a quorum it may not end; whoever asks hears so, and asks again.
    let read = timeout(WITHIN, group_zero.read_index()).await;
    read.map_err(|_late| Reply::Later("group 0 does not answer in time; ask again".to_owned()))?
        .map_err(|error| Reply::Later(error::said(error)))?;
    Ok(group_zero.members())
}

/// What group 0's leader makes of a node that says who it is: a member from now on, if it was none, and known as it is now.
async fn announced<M: Machine>(group_zero: &Group<M>, node: NodeId, peer: &Peer, was_member: bool) -> Reply {
    // The level is not raised meanwhile to one that the node does not apply.
    let _no_raise = group_zero.consensus().admission().lock().await;
    let known = match members(group_zero).await {
        Ok(mut members) => members.nodes.remove(&node),
        Err(reply) => return reply,
    };
    if known.as_ref() == Some(peer) {
        return Reply::Done;
    }
    if known.is_none() && was_member {
        return Reply::Never(removal(node));
    }
    if let Some(reply) = taken(group_zero, Some(node), peer).or_else(|| unfit(group_zero, peer)) {
        return reply;
    }
    if let Some(Peer { address, .. }) = known.filter(|known| known.address != peer.address)
        && group_zero.consensus().is_at(node, &address).await
    {
        return Reply::Never(format!(
            "node {node} runs at {address}: this data directory is a copy of its own, and both would vote with one number. Empty \
             it, and this node can join as a new one; a node that is to move is stopped first"
        ));
    }
    let admitted = group_zero.consensus().admit(node, peer).await;
    admitted.map_or_else(Reply::Later, |()| Reply::Done)
}

/// What a node hears that was removed.
pub(crate) fn removal(node: NodeId) -> String {
    format!(
        "node {node} was removed from this cluster, and its number is not used again; with an empty data directory it can join as \
         a new node"
    )
}

/// What group 0's leader makes of a wish to send a node away.
async fn removed<M: Machine>(group_zero: &Group<M>, node: NodeId) -> Reply {
    let members = match members(group_zero).await {
        Ok(members) if members.nodes.contains_key(&node) => members,
        Ok(_without) => return Reply::Done,
        Err(reply) => return reply,
    };
    if members.voters.len() < 2 && members.voters.contains(&node) {
        return Reply::Never(format!("node {node} is the only one that votes: nothing would be left"));
    }
    if let Err(why) = quorum::without(group_zero.consensus(), node).await {
        return Reply::Never(why);
    }
    group_zero.consensus().dismiss(node).await.map_or_else(Reply::Later, |()| Reply::Done)
}

/// Why a node cannot have its address, if another has it.
fn taken<M: Machine>(group_zero: &Group<M>, node: Option<NodeId>, peer: &Peer) -> Option<Reply> {
    let address = &peer.address;
    let nodes = group_zero.members().nodes;
    let (owner, _peer) = nodes.iter().find(|(_node, known)| known.address == *address)?;
    (node != Some(*owner)).then(|| {
        Reply::Never(format!(
            "{address} is the address of node {owner}, which has other data; give this node an address of its own, or, if \
             the data of node {owner} is gone for good, remove it first: boxctl remove {owner}"
        ))
    })
}

/// Why a node cannot take part with its build, if it does not apply what the others do.
fn unfit<M: Machine>(group_zero: &Group<M>, peer: &Peer) -> Option<Reply> {
    let (applies, consensus) = (peer.level.applied(), group_zero.consensus());
    let Some(level) = consensus.level_applied() else {
        return Some(Reply::Later("the cluster is being founded".to_owned()));
    };
    if applies.contains(&level) {
        // It may never be raised, but then another answers.
        let is_raised = !applies.contains(&consensus.level());
        return is_raised.then(|| Reply::Later("the cluster's level is being raised".to_owned()));
    }
    let what_to_do = if peer.level < level {
        "upgrade this node first".to_owned()
    } else {
        format!(
            "levels are gone through one by one: start a build that applies level {level} first, on every node"
        )
    };
    let build = error::applied(peer.level);
    let why = format!(
        "the cluster is at level {level} of the rules, and this node's build applies {build}: {what_to_do}"
    );
    Some(Reply::Never(why))
}
