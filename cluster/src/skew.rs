//! A new leader's wall clock beside those of the other voters.
//!
//! A term begins at its leader's wall clock and stamps never go back, so one leader whose clock is a day ahead would end every
//! hold early, for good. Before its first stamp in a term a leader asks the other voters what time it is, and if it is far
//! ahead it stamps nothing and lets another lead.
//!
//! The time is the lower median of the clocks that are known. That keeps out a clock that is far ahead of a majority; of two that
//! differ, the one that is ahead. It cannot tell who is right: where a majority is far ahead together, theirs is the time, and
//! nobody steps down. A leader that hears nobody goes on, since without the others nothing that it stamps is committed; so one
//! whose peers take longer to answer than [`ASK`] is not found out. A clock that is behind does no harm, since stamps go
//! on from the log's last, and one that jumps within a term is not followed (`clock.rs`).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;

use crate::adapter::Consensus;
use crate::clock::{Clock, STEP_ALARM_MS};
use crate::machine::Machine;
use crate::members::NodeId;
use crate::transport::{Kind, Link};

/// How long the other voters have to say what time it is. A term's first command waits for it only where those who
/// answered do not agree with this node's clock, and others say nothing.
const ASK: Duration = Duration::from_millis(300);

/// The wall clocks of a group's voters, as far as they are known: milliseconds since 1970.
#[derive(Debug)]
pub(crate) struct Clocks {
    voters: usize,
    own: u64,
    others: BTreeMap<NodeId, u64>,
}

/// Asks the other voters at once what time it is, until enough of them agree with this node's clock, all have answered, or
/// their time is up. Votes took the same way just before, so it is open: one round trip.
pub(crate) async fn ask<M: Machine>(consensus: &Consensus<M>, clock: &dyn Clock) -> Clocks {
    let others = consensus.other_voters();
    let mut clocks = Clocks { voters: others.len() + 1, own: clock.wall_ms(), others: BTreeMap::new() };
    let ask = async |(node, link): (NodeId, Link)| {
        let answer = link.call(Kind::Clock, consensus.group(), Bytes::new(), ASK).await.ok()?;
        Some((node, decode(&answer)?))
    };
    let mut answers: FuturesUnordered<_> = others.into_iter().map(ask).collect();
    while !clocks.agree()
        && let Some(answer) = answers.next().await
    {
        clocks.others.extend(answer);
    }
    clocks
}

/// What a node answers whose wall clock stands there.
pub(crate) fn encode(wall_ms: u64) -> Bytes {
    Bytes::copy_from_slice(&wall_ms.to_le_bytes())
}

/// What a wall clock says that was answered.
pub(crate) fn decode(answer: &[u8]) -> Option<u64> {
    Some(u64::from_le_bytes(answer.try_into().ok()?))
}

impl Clocks {
    /// Whether this node is not far ahead, whatever those say who have not answered yet: a majority of the voters, itself
    /// included, is not far behind it.
    fn agree(&self) -> bool {
        let near = self.known().filter(|clock| self.own <= clock.saturating_add(STEP_ALARM_MS));
        self.voters / 2 < near.count()
    }

    /// How far this node's clock is ahead, if that is too far to begin a term.
    pub(crate) fn ahead_ms(&self) -> Option<u64> {
        Some(self.own.saturating_sub(self.median())).filter(|ahead_ms| STEP_ALARM_MS < *ahead_ms)
    }

    /// Who else may lead: those whose clocks are known and not far ahead. Not anyone, or two that are ahead would hand a
    /// group to each other.
    pub(crate) fn fit_to_lead(&self) -> BTreeSet<NodeId> {
        let latest = self.median().saturating_add(STEP_ALARM_MS);
        self.others.iter().filter(|(_node, clock)| **clock <= latest).map(|(node, _clock)| *node).collect()
    }

    /// The lower median.
    fn median(&self) -> u64 {
        let mut known: Vec<u64> = self.known().collect();
        known.sort_unstable();
        *known.get((known.len() - 1) / 2).expect("this node's own is among them")
    }

    fn known(&self) -> impl Iterator<Item = u64> {
        self.others.values().copied().chain([self.own])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000_000;
    const DAY: u64 = 86_400_000;

    /// Of so many voters, with this clock and those of the nodes 2, 3 and so on that have answered: whether they agree already,
    /// how far it is ahead, and who else is fit to lead.
    fn check(voters: usize, own: u64, others: &[u64], agree: bool, ahead_ms: Option<u64>, fit: &[NodeId]) {
        let clocks = Clocks { voters, own, others: (2..).zip(others.iter().copied()).collect() };
        assert_eq!(clocks.agree(), agree, "{clocks:?}");
        assert_eq!(clocks.ahead_ms(), ahead_ms, "{clocks:?}");
        assert_eq!(clocks.fit_to_lead(), fit.iter().copied().collect(), "{clocks:?}");
    }

    #[test]
    fn who_is_far_ahead_of_the_lower_median_does_not_lead() {
        let (late, edge) = (NOW + DAY, NOW + STEP_ALARM_MS);
        // Alone, and where nobody answers.
        check(1, NOW, &[], true, None, &[]);
        check(3, late, &[], false, None, &[]);
        // Of two, the one that is ahead.
        check(2, NOW, &[NOW], true, None, &[2]);
        check(2, edge, &[NOW], true, None, &[2]);
        check(2, edge + 1, &[NOW], false, Some(STEP_ALARM_MS + 1), &[2]);
        check(2, NOW, &[late], true, None, &[]);
        // Of three, one answer is enough where it agrees; where not, the other decides.
        check(3, NOW, &[NOW], true, None, &[2]);
        check(3, late, &[NOW], false, Some(DAY), &[2]);
        check(3, late, &[NOW, NOW], false, Some(DAY), &[2, 3]);
        check(3, NOW, &[NOW - DAY], false, Some(DAY), &[2]);
        check(3, NOW, &[NOW - DAY, NOW], true, None, &[2, 3]);
        check(3, NOW - DAY, &[NOW, NOW], true, None, &[2, 3]);
        // Two that are ahead together are believed, and the one that is right is behind.
        check(3, late, &[late, NOW], true, None, &[2, 3]);
        check(3, NOW, &[late, late], true, None, &[2, 3]);
        // Of five, two that are ahead do not hand over to each other.
        check(5, late, &[late, NOW], false, None, &[2, 3]);
        check(5, late, &[late, NOW, NOW, NOW], false, Some(DAY), &[3, 4, 5]);
        // No sum overflows.
        check(2, u64::MAX, &[0], false, Some(u64::MAX), &[2]);
        check(2, 0, &[u64::MAX], true, None, &[]);
    }

    #[test]
    fn an_answer_keeps_its_bytes() {
        assert_eq!(encode(258).as_ref(), [2, 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!(decode(&encode(NOW)), Some(NOW));
        assert_eq!(decode(b"soon"), None);
    }
}
