//! Looks on: at every step of every slot on every replica (BK), at every group at every moment (RG), and at what happened
//! when.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Once;

use booking::entity::Entity;
use booking::{EntityId, RuleBug, Slot, stored};
use cluster::codec;
use cluster::{Cluster, Committed, Level, NodeId, Replicas, Role, Stamp};
use storage::{GroupId, Index};

use super::placement::Placements;
use super::{Bug, planted};
use crate::log::Command;
use crate::machine::ShardMachine;
use crate::observer::Observer;

thread_local! {
    /// What is seen of the simulation that runs on this thread.
    static WATCH: RefCell<Option<Watch>> = const { RefCell::new(None) };
}

/// What was seen of one run.
#[derive(Default)]
pub(super) struct Watch {
    /// The first thing that must not be.
    pub(super) violation: Option<String>,
    /// What happened, in order: equal for equal seeds.
    pub(super) trace: Vec<String>,
    /// The digest of an entity at an index, from whichever replica was first there.
    digests: BTreeMap<(EntityId, Index), u64>,
    /// Each toy as it stood at the highest index that any replica has applied.
    toys: BTreeMap<EntityId, (Index, SeenToy)>,
    /// What each entry of a group says before its commands.
    headings: BTreeMap<(u32, Index), (Level, Stamp)>,
    /// Who led a group in a term.
    leaders: BTreeMap<(u32, u64), NodeId>,
    /// The highest index of a group that anybody knew to be committed.
    committed: BTreeMap<u32, u64>,
    /// The highest index of a group that any replica handed to its slots.
    handed: BTreeMap<u32, u64>,
    /// The most digests of other replicas that one replica of a group has compared with its own.
    pub(super) compared: u64,
    /// Commands of the second version that were handed to slots, on all replicas.
    second: u64,
    /// Steps that were looked at, on all replicas.
    pub(super) steps: u64,
    /// The most bookings of a slot that had left memory on a replica.
    pub(super) away: u32,
    /// Where replicas were.
    pub(super) placements: Placements,
}

/// A toy as it was seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct SeenToy {
    pub(super) amount: u64,
    pub(super) taken: u64,
    /// How many intents it had open.
    pub(super) open: usize,
}

/// From here on, what happens on this thread is watched.
pub(super) fn begin() {
    static HOOKED: Once = Once::new();
    HOOKED.call_once(|| {
        let tell = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            heard(panic.to_string());
            tell(panic);
        }));
    });
    WATCH.replace(Some(Watch::default()));
}

/// Somebody panicked. That must not be, whoever catches it: tokio keeps to itself what happens in its tasks.
fn heard(panic: String) {
    WATCH.with(|watch| {
        // Whoever holds the watch only compares and remembers.
        if let Ok(Some(watch)) = watch.try_borrow_mut().as_deref_mut() {
            watch.violation.get_or_insert(panic);
        }
    });
}

/// What was seen since.
pub(super) fn end() -> Watch {
    WATCH.take().expect("it was begun")
}

fn with<T>(look: impl FnOnce(&mut Watch) -> T) -> Option<T> {
    WATCH.with_borrow_mut(|watch| watch.as_mut().map(look))
}

/// Says what happened so far, once.
pub(super) fn tell() {
    WATCH.with(|watch| {
        let mut watch = watch.try_borrow_mut();
        if let Ok(Some(watch)) = watch.as_deref_mut() {
            let lines = std::mem::take(&mut watch.trace).join("\n");
            writeln!(std::io::stderr(), "{lines}").expect("somebody listens");
        }
    });
}

/// Whether a simulation runs on this thread.
pub(super) fn is_watching() -> bool {
    with(|_watch| ()).is_some()
}

/// Something happened.
pub(super) fn note(event: String) {
    with(|watch| watch.trace.push(event));
}

/// Something happened that must not.
pub(super) fn violated(what: String) {
    with(|watch| {
        watch.trace.push(what.clone());
        watch.violation.get_or_insert(what);
    });
}

/// The first thing that must not be.
pub(super) fn violation() -> Option<String> {
    with(|watch| watch.violation.clone()).flatten()
}

/// What was seen of where replicas are.
pub(super) fn placements<T>(look: impl FnOnce(&mut Placements) -> T) -> Option<T> {
    with(|watch| look(&mut watch.placements))
}

/// How many terms have had a leader, over all groups.
pub(super) fn terms() -> usize {
    with(|watch| watch.leaders.len()).unwrap_or_default()
}

/// How many commands of the second version were handed to slots, on all replicas.
pub(super) fn second() -> u64 {
    with(|watch| watch.second).unwrap_or_default()
}

/// A toy at the highest index that any replica has applied.
pub(super) fn toy(toy: EntityId) -> Option<SeenToy> {
    with(|watch| watch.toys.get(&toy).map(|(_index, toy)| *toy)).flatten()
}

/// Whether these toys are made, and have nothing left to be carried out.
pub(super) fn toys_rest(mut toys: impl Iterator<Item = EntityId>) -> bool {
    toys.all(|id| toy(id).is_some_and(|toy| toy.open == 0))
}

/// The level from which on a command of the log is written in the version that it has.
fn written_from(command: &[u8]) -> Level {
    match codec::decode(command) {
        Ok(Command::Request(stored::Request::V2(_))) => Level(2),
        Ok(Command::Request(stored::Request::V3(_))) => Level(3),
        Ok(Command::Request(stored::Request::V4(_))) => Level(4),
        Ok(Command::Request(stored::Request::V5(_))) => Level(5),
        Ok(_) | Err(_) => Level(1),
    }
}

/// Looks on at every node of the simulation on this thread.
pub(super) struct Watcher;

impl Observer for Watcher {
    fn handed(&self, group: GroupId, entry: &Committed) {
        handed(group, entry);
    }

    fn handed_upto(&self, group: GroupId, upto: Index) {
        handed_upto(group, upto);
    }

    fn stepped(&self, entity: Option<&Entity>) {
        stepped(entity);
    }

    fn applied(&self, entity: &Entity, index: Index) {
        applied(entity, index);
    }

    fn lets_readers_through(&self) -> bool {
        planted() == Some(Bug::ReadWithoutIndex)
    }

    fn forgets_reports(&self) -> bool {
        planted() == Some(Bug::ReportForgotten)
    }

    fn replicas(&self, each: usize) -> Replicas {
        match planted() {
            Some(Bug::OfMoves(bug)) => Replicas::moved_wrongly(each, bug),
            Some(_) | None => Replicas::moved(each),
        }
    }

    fn rule_bug(&self) -> Option<RuleBug> {
        match planted() {
            Some(Bug::OfRules(bug)) => Some(bug),
            Some(_) | None => None,
        }
    }
}

/// An entry that one replica hands to its slots: it says what it says on every other, neither stamps (RG-4) nor levels (RG-7)
/// go back, and nodes of its level can read its commands.
fn handed(group: GroupId, entry: &Committed) {
    let watched = entry.batch.commands().filter(|_command| is_watching());
    let (versions, level) = (watched.map(|command| written_from(&command)), entry.batch.level());
    for version in versions {
        if version == Level(2) {
            with(|watch| watch.second += 1);
        }
        if level < version {
            violated(format!("entry {} of group {group} has commands of a later version", entry.index));
        }
    }
    let wrong = with(|watch| {
        let heading @ (level, stamp) = (entry.batch.level(), entry.batch.stamp());
        let first = *watch.headings.entry((group.0, entry.index)).or_insert(heading);
        let before = watch.headings.range((group.0, Index(0))..(group.0, entry.index)).next_back();
        let in_order = before.is_none_or(|(_, before)| before.0 <= level && before.1 <= stamp);
        (first != heading || !in_order).then(|| {
            format!("RG-4, RG-7: entry {} of group {group} says {heading:?}, after {before:?}", entry.index)
        })
    });
    if let Some(what) = wrong.flatten() {
        violated(what);
    }
}

/// A replica has handed everything up to this index to its slots.
fn handed_upto(group: GroupId, upto: Index) {
    with(|watch| {
        let last = watch.handed.entry(group.0).or_default();
        *last = upto.0.max(*last);
    });
}

/// An entity after one step on one replica: BK-1 to BK-11, IN-1 and IN-2 hold.
fn stepped(entity: Option<&Entity>) {
    let watched = with(|watch| watch.steps += 1).is_some();
    if let Some(violation) = entity.filter(|_entity| watched).and_then(|entity| entity.check().err()) {
        violated(violation.to_string());
    }
}

/// An entity on one replica when it has applied all up to an index: it is what it is on every other (RG-5).
fn applied(entity: &Entity, index: Index) {
    let away = entity.slot().map_or(0, Slot::away);
    let (id, digest) = (entity.id(), entity.digest());
    let differs = with(|watch| {
        watch.away = watch.away.max(away);
        if let Entity::Toy(toy) = entity {
            let booking::toy::View { amount, taken, .. } = toy.view();
            let seen = SeenToy { amount, taken, open: entity.intents().len() };
            let known = watch.toys.entry(id).or_insert((index, seen));
            if known.0 <= index {
                *known = (index, seen);
            }
        }
        let first = *watch.digests.entry((id, index)).or_insert(digest);
        (first != digest).then(|| format!("RG-5: two replicas differ at index {index} of {id:?}"))
    });
    if let Some(what) = differs.flatten() {
        violated(what);
    }
}

/// All groups of a node at one moment: RG-2, RG-3, RG-5 as the node itself looks for it, RG-6.
pub(super) fn look(cluster: &Cluster<ShardMachine>) {
    for mismatch in cluster.mismatches() {
        violated(format!("RG-5: node {} has found {mismatch:?}", cluster.node()));
    }
    for group in cluster.groups() {
        let compared = group.comparisons().compared;
        with(|watch| watch.compared = compared.max(watch.compared));
        let (status, node, id) = (group.status(), cluster.node(), group.id());
        if status.role == Role::Leader {
            let first = with(|watch| match watch.leaders.insert((id.0, status.term), node) {
                None => {
                    watch.trace.push(format!("node {node} leads group {id} in term {}", status.term));
                    node
                }
                Some(first) => first,
            });
            if first.is_some_and(|first| first != node) {
                violated(format!("RG-2: {first:?} and {node} lead group {id} in term {}", status.term));
            }
        }
        // A replica that was restarted has applied what it saved, and learns only later what is committed: others knew, or it
        // knew itself and lost its power before anybody looked.
        let committed = with(|watch| {
            let known = watch.committed.entry(id.0).or_default();
            *known = status.committed.0.max(*known);
            let handed = watch.handed.get(&id.0).copied().unwrap_or_default();
            if status.committed == Index(0) { handed.max(*known) } else { *known }
        });
        if committed.is_some_and(|committed| committed < status.applied.0) {
            violated(format!("RG-3: node {node}, group {id} has applied more than is committed: {status:?}"));
        }
        if status.checkpointed < status.purged {
            violated(format!("RG-6: node {node}, group {id} has purged more than is saved: {status:?}"));
        }
    }
}
