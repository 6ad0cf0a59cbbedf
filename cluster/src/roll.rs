//! The roll of the cluster: every node asks every other one once a second whether it lives, what its clock says, and what it knows
//! of those that follow it. So each can say how the whole cluster is, also where no quorum is left.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::{join_all, join3};
use parking_lot::Mutex;
use storage::GroupId;
use tokio::time::Instant;

use crate::clock::{Clock, STEP_ALARM_MS};
use crate::forming::Gate;
use crate::leading::{Leading, led_by};
use crate::machine::Machine;
use crate::members::NodeId;
use crate::requests::{LedGroup, Reply, Report, Request};
use crate::skew;
use crate::transport::{Kind, Link};

/// Between two calls of the roll.
const EVERY: Duration = Duration::from_secs(1);
/// How long a node may take to answer.
const ASK: Duration = Duration::from_secs(1);
/// For how long a node may be silent before that is told: two answers may be lost.
const SILENCE_MAX: Duration = Duration::from_secs(3);
/// For how long nobody may lead a group before that is told: longer than an election takes.
const LEADERLESS: Duration = Duration::from_secs(2);

/// What this node has seen of another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sighting {
    /// For how long it has been silent, if that is too long.
    pub silent: Option<Duration>,
    /// By how many milliseconds its wall clock was certainly ahead of this node's when it answered last; less than zero where it was
    /// behind. None where it never answered.
    pub ahead_ms: Option<i64>,
    /// The most entries that one of its replicas lacks; none where no leader says so.
    pub behind: Option<u64>,
    /// How many groups it leads; none where it does not say.
    pub leading: Option<u32>,
    /// Its zone, as it said last; none where it never did, and so where it is of a build that knows of none.
    pub zone: Option<String>,
}

/// What was seen of all others.
#[derive(Default)]
pub(crate) struct Roll {
    seen: Mutex<BTreeMap<NodeId, Seen>>,
    leading: Leading,
}

struct Seen {
    /// When it answered last; when it was first asked, where it never did.
    answered: Instant,
    ahead_ms: Option<i64>,
    report: Option<Report>,
    zone: Option<String>,
}

/// One answer.
#[derive(Clone)]
struct Present {
    /// By how much the clock is ahead.
    ahead_ms: i64,
    report: Option<Report>,
    zone: Option<String>,
    led: Vec<LedGroup>,
}

impl Roll {
    /// Who leads what, as leaders have said.
    pub(crate) fn leading(&self) -> &Leading {
        &self.leading
    }

    /// What was seen of each other member, and how this node is, which is in this zone and reports this itself.
    pub(crate) fn sightings(&self, node: NodeId, zone: &str, own: &Report) -> BTreeMap<NodeId, Sighting> {
        let seen = self.seen.lock();
        let reports = seen.values().filter_map(|seen| seen.report.as_ref()).chain([own]);
        let mut behind = BTreeMap::<NodeId, u64>::new();
        for (node, entries) in reports.flat_map(|report| &report.behind) {
            let most = behind.entry(*node).or_default();
            *most = (*most).max(*entries);
        }
        let sighting = |(node, seen): (&NodeId, &Seen)| {
            let silent = Some(seen.answered.elapsed()).filter(|silent| SILENCE_MAX <= *silent);
            let leading = seen.report.as_ref().map(|report| report.leading);
            let (ahead_ms, zone) = (seen.ahead_ms, seen.zone.clone());
            (*node, Sighting { silent, ahead_ms, behind: behind.get(node).copied(), leading, zone })
        };
        let here = Sighting {
            silent: None,
            ahead_ms: Some(0),
            behind: behind.get(&node).copied(),
            leading: Some(own.leading),
            zone: Some(zone.to_owned()),
        };
        seen.iter().map(sighting).chain([(node, here)]).collect()
    }

    fn note(&self, answers: Vec<(NodeId, Option<Present>)>) {
        let mut seen = self.seen.lock();
        seen.retain(|node, _seen| answers.iter().any(|(member, _answer)| member == node));
        for (node, answer) in answers {
            let known = seen.entry(node).or_insert_with(|| Seen {
                answered: Instant::now(),
                ahead_ms: None,
                report: None,
                zone: None,
            });
            if let Some(Present { ahead_ms, report, zone, led }) = answer {
                self.leading.note(node, led);
                let zone = zone.or_else(|| known.zone.take());
                *known = Seen { answered: Instant::now(), ahead_ms: Some(ahead_ms), report, zone };
            } else {
                // What it knew may be otherwise by now.
                known.report = None;
            }
        }
    }
}

/// Calls the roll, for ever, and tells the log what changes.
pub(crate) async fn call<M: Machine>(gate: Arc<Gate<M>>, clock: Arc<dyn Clock>, roll: Arc<Roll>) {
    let mut calls = tokio::time::interval(EVERY);
    calls.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (own, mut told) = (gate.identity.node, Told::default());
    loop {
        calls.tick().await;
        let members = gate.group_zero.members().nodes;
        gate.peers.whereabouts().are(members.iter().map(|(node, peer)| (*node, peer.address.as_str())));
        let others = gate.group_zero.consensus().other_members();
        let ask = async |(node, link): (NodeId, Link)| (node, present(&link, clock.as_ref()).await);
        roll.note(join_all(others.into_iter().map(ask)).await);
        let groups = gate.table.open();
        let leaderless = groups.iter().filter(|group| is_leaderless(group.leaderless_for()));
        told.tell(
            &roll.sightings(own, &gate.zone, &Report::default()),
            leaderless.map(|group| group.id()).collect(),
        );
    }
}

/// What a node answers, if it does. One of a build before reports nothing, or not all.
async fn present(link: &Link, clock: &dyn Clock) -> Option<Present> {
    let asked = clock.wall_ms();
    let answer = link.call(Kind::Clock, GroupId(0), Bytes::new(), ASK).await.ok()?;
    let ahead_ms = certainly_ahead(asked, skew::decode(&answer)?, clock.wall_ms());
    let ask = async |request: Request| {
        let answer = link.call(Kind::Forming, GroupId(0), request.encode(), ASK).await.ok()?;
        Reply::decode(&answer).ok()
    };
    let mut present = Present { ahead_ms, report: None, zone: None, led: Vec::new() };
    let (report, zone, led) = join3(ask(Request::Report), ask(Request::Zone), led_by(link, ASK)).await;
    present.led = led.unwrap_or_default();
    if let Some(Reply::Report(report)) = report {
        present.report = Some(report);
    }
    if let Some(Reply::Zone(zone)) = zone {
        present.zone = Some(zone);
    }
    Some(present)
}

/// By how much a clock is ahead that said `theirs` between these two moments of ours: nothing where it may be between them.
fn certainly_ahead(asked: u64, theirs: u64, answered: u64) -> i64 {
    let ms = |difference: u64| i64::try_from(difference).unwrap_or(i64::MAX);
    ms(theirs.saturating_sub(answered)) - ms(asked.saturating_sub(theirs))
}

/// What the log was told.
#[derive(Default)]
struct Told {
    silent: Vec<NodeId>,
    leaderless: Vec<GroupId>,
    skewed: Vec<NodeId>,
}

impl Told {
    fn tell(&mut self, sightings: &BTreeMap<NodeId, Sighting>, leaderless: Vec<GroupId>) {
        let those = |is: fn(&Sighting) -> bool| -> Vec<NodeId> {
            sightings.iter().filter(|(_node, seen)| is(seen)).map(|(node, _seen)| *node).collect()
        };
        let (silent, skewed) = (those(|seen| seen.silent.is_some()), those(Sighting::is_skewed));
        if silent != self.silent {
            tracing::warn!(?silent, "the nodes that do not answer this one are others than before");
        }
        if skewed != self.skewed {
            tracing::warn!(
                ?skewed,
                "the nodes whose wall clock is far from this one's are others than before"
            );
        }
        if leaderless.is_empty() != self.leaderless.is_empty() {
            if leaderless.is_empty() {
                tracing::info!("every group has a leader again");
            } else {
                let groups = leaderless.len();
                tracing::error!(groups, first = %leaderless[0], ?silent, "groups have no leader: nothing of theirs can be booked");
            }
        }
        *self = Self { silent, leaderless, skewed };
    }
}

impl Sighting {
    /// Whether its clock differs from this node's by more than promises allow.
    #[must_use]
    pub fn is_skewed(&self) -> bool {
        self.ahead_ms.is_some_and(|ahead_ms| STEP_ALARM_MS < ahead_ms.unsigned_abs())
    }
}

/// Whether nobody has led a group for so long that it is told.
pub(crate) fn is_leaderless(time: Duration) -> bool {
    LEADERLESS <= time
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_ahead_by_what_no_delay_explains() {
        for (asked, theirs, answered, want) in [
            (1_000, 1_000, 1_000, 0),
            (1_000, 1_500, 2_000, 0),
            (1_000, 2_001, 2_000, 1),
            (1_000, 999, 2_000, -1),
            (1_000, 9_000, 1_010, 7_990),
            (9_000, 1_000, 9_010, -8_000),
            (0, u64::MAX, 0, i64::MAX),
            (u64::MAX, 0, u64::MAX, -i64::MAX),
        ] {
            assert_eq!(certainly_ahead(asked, theirs, answered), want, "{asked} {theirs} {answered}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_silent_for_three_seconds_is_told_and_who_left_is_forgotten() {
        let roll = Roll::default();
        let silent = |node: NodeId| {
            roll.sightings(1, "a", &Report::default())[&node].silent.map(|time| time.as_secs())
        };
        let present = |report, zone: Option<&str>| Present {
            ahead_ms: 7,
            report: Some(report),
            zone: zone.map(str::to_owned),
            led: Vec::new(),
        };
        let here = |report| Some(present(report, Some("b")));
        let report = Report { leading: 2, behind: vec![(2, 30), (3, 5)] };
        roll.note(vec![(2, here(report)), (3, None)]);
        let own = Report { leading: 1, behind: vec![(2, 3), (3, 9)] };
        let zone = || Some("b".to_owned());
        let two =
            Sighting { silent: None, ahead_ms: Some(7), behind: Some(30), leading: Some(2), zone: zone() };
        assert_eq!(roll.sightings(1, "a", &own)[&2], two);
        assert_eq!(roll.sightings(1, "a", &own)[&3].behind, Some(9));
        assert_eq!(roll.sightings(1, "a", &own)[&1].zone, Some("a".to_owned()));
        let nearly = Duration::from_millis(2_999);
        assert_eq!(nearly + Duration::from_millis(1), SILENCE_MAX);
        tokio::time::advance(nearly).await;
        assert_eq!((silent(2), silent(3)), (None, None));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!((silent(2), silent(3)), (Some(3), Some(3)));
        roll.note(vec![(2, Some(present(Report::default(), None))), (3, None)]);
        assert_eq!((silent(2), silent(3)), (None, Some(3)));
        assert_eq!(roll.sightings(1, "a", &own)[&2].zone, zone(), "it is where it was");
        roll.note(vec![(3, None)]);
        assert_eq!(roll.sightings(1, "a", &own).into_keys().collect::<Vec<_>>(), [1, 3]);
    }
}
