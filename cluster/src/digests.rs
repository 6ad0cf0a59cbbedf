//! The digests of one group's state that this replica took, and what came of comparing them with its peers' (RG-5).
//!
//! At every index that is divisible by the interval of the group's log each replica takes the digest of its state at exactly that
//! index. A replica that lacks one, since it was restarted or was sent a snapshot, says so and is not compared at that index.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use storage::{GroupId, Index};

use crate::members::NodeId;

/// Entries of a group's log from one comparison of digests to the next, if not in a test.
pub const DIGEST_INTERVAL: u64 = 65_536;

/// Digests that a replica keeps for peers that come to the same index later: the newest.
const KEPT_MAX: usize = 16;
/// How often a peer may say that it does not know a digest, before it is asked no more. A peer that is farther behind asks this
/// replica once it gets there; one that cannot be reached is asked until it can.
const ATTEMPTS_MAX: u32 = 30;

/// Two replicas of a group differ at one index: RG-5 is broken, and nobody can tell here which of the two is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The group.
    pub group: GroupId,
    /// The index at which the digests differ.
    pub index: Index,
    /// The digest on this node.
    pub digest: u64,
    /// The other node.
    pub peer: NodeId,
    /// The digest there.
    pub peer_digest: u64,
}

/// What came of comparing the digests of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparisons {
    /// How many digests of peers were compared with this node's since the process was started.
    pub compared: u64,
    /// How many of those differed.
    pub mismatched: u64,
    /// The newest mismatch with each peer that still differed when it was last compared.
    pub mismatches: Vec<Mismatch>,
}

/// The digest of a machine's state, once its parts have said theirs.
type Taking = BoxFuture<'static, Option<u64>>;

/// The digests of one group on this node.
pub(crate) struct Digests {
    group: GroupId,
    interval: u64,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// Asked for, and not known yet.
    taking: Vec<(Index, Taking)>,
    known: BTreeMap<Index, u64>,
    /// How often each peer did not know its digest at each index; [`ATTEMPTS_MAX`] once it was compared.
    attempts: BTreeMap<(Index, NodeId), u32>,
    compared: u64,
    mismatched: u64,
    mismatches: BTreeMap<NodeId, Mismatch>,
}

impl Digests {
    pub(crate) fn new(group: GroupId, interval: u64) -> Self {
        Self { group, interval, kept: Mutex::default() }
    }

    /// Whether the digest is to be taken at this index.
    pub(crate) fn is_due(&self, index: u64) -> bool {
        0 < index && index.is_multiple_of(self.interval)
    }

    /// The digest at `index` is being taken.
    pub(crate) fn take(&self, index: Index, digest: Taking) {
        self.kept.lock().taking.push((index, digest));
    }

    /// Waits for the digests that are being taken.
    pub(crate) async fn finish_taking(&self) {
        let taking = std::mem::take(&mut self.kept.lock().taking);
        for (index, digest) in taking {
            if let Some(digest) = digest.await {
                self.kept.lock().keep(index, digest);
            }
        }
    }

    /// The indexes at which a peer is to be asked for its digest now, the oldest first.
    pub(crate) fn due_with(&self, peer: NodeId) -> Vec<Index> {
        let kept = self.kept.lock();
        let is_due =
            |index: &Index| kept.attempts.get(&(*index, peer)).is_none_or(|asked| *asked < ATTEMPTS_MAX);
        kept.known.keys().copied().filter(is_due).collect()
    }

    /// A peer has answered that it does not know its digest at `index`, or not yet.
    pub(crate) fn is_not_known_at(&self, index: Index, peer: NodeId) {
        let mut kept = self.kept.lock();
        // It may have been forgotten meanwhile.
        if kept.known.contains_key(&index) {
            *kept.attempts.entry((index, peer)).or_default() += 1;
        }
    }

    /// Compares a peer's digest at `index` with this node's; the mismatch, if they differ.
    pub(crate) fn compare(&self, index: Index, peer: NodeId, peer_digest: u64) -> Option<Mismatch> {
        let mut kept = self.kept.lock();
        // It may have been forgotten meanwhile.
        let digest = kept.known.get(&index).copied()?;
        kept.attempts.insert((index, peer), ATTEMPTS_MAX);
        kept.compared += 1;
        if digest == peer_digest {
            kept.mismatches.remove(&peer);
            return None;
        }
        kept.mismatched += 1;
        let mismatch = Mismatch { group: self.group, index, digest, peer, peer_digest };
        kept.mismatches.insert(peer, mismatch);
        Some(mismatch)
    }

    /// What came of all comparisons so far.
    pub(crate) fn comparisons(&self) -> Comparisons {
        let kept = self.kept.lock();
        Comparisons {
            compared: kept.compared,
            mismatched: kept.mismatched,
            mismatches: kept.mismatches.values().copied().collect(),
        }
    }

    /// Answers a peer that asks for the digest at an index.
    pub(crate) fn answer(&self, question: &[u8]) -> Result<Bytes, String> {
        let index = decode(question).ok_or("a digest is asked for by an index")?;
        Ok(self.kept.lock().known.get(&Index(index)).map_or_else(Bytes::new, |digest| encode(*digest)))
    }
}

impl Kept {
    fn keep(&mut self, index: Index, digest: u64) {
        self.known.insert(index, digest);
        while KEPT_MAX < self.known.len() {
            self.known.pop_first();
        }
        let oldest = self.known.keys().next().copied().unwrap_or(index);
        self.attempts.retain(|(index, _peer), _attempts| oldest <= *index);
    }
}

/// The bytes of an index or a digest.
pub(crate) fn encode(number: u64) -> Bytes {
    Bytes::copy_from_slice(&number.to_le_bytes())
}

/// The number in a question or an answer; none in the answer of a peer that does not know its digest at the index.
pub(crate) fn decode(bytes: &[u8]) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use futures::future::ready;

    use super::*;

    const PEER: NodeId = 2;

    fn digests(known: &[(u64, u64)]) -> Digests {
        let digests = Digests::new(GroupId(1), 8);
        for (index, digest) in known {
            digests.take(Index(*index), ready(Some(*digest)).boxed());
        }
        digests.finish_taking().now_or_never().expect("all are ready");
        digests
    }

    #[test]
    fn digests_are_due_at_multiples_of_the_interval() {
        let digests = digests(&[]);
        let due: Vec<u64> = (0..30).filter(|index| digests.is_due(*index)).collect();
        assert_eq!(due, [8, 16, 24]);
    }

    #[test]
    fn equal_digests_pass_and_different_ones_are_told_until_they_are_equal_again() {
        let digests = digests(&[(8, 100), (16, 200), (24, 300)]);
        assert_eq!(digests.due_with(PEER), [Index(8), Index(16), Index(24)]);
        assert_eq!(digests.compare(Index(8), PEER, 100), None);
        let mismatch =
            Mismatch { group: GroupId(1), index: Index(16), digest: 200, peer: PEER, peer_digest: 201 };
        assert_eq!(digests.compare(Index(16), PEER, 201), Some(mismatch));
        let want = Comparisons { compared: 2, mismatched: 1, mismatches: vec![mismatch] };
        assert_eq!(digests.comparisons(), want);
        assert_eq!(digests.due_with(PEER), [Index(24)], "what was compared is not asked for again");
        assert_eq!(digests.compare(Index(24), PEER, 300), None);
        assert_eq!(digests.comparisons(), Comparisons { compared: 3, mismatched: 1, mismatches: Vec::new() });
        assert_eq!(digests.compare(Index(32), PEER, 1), None, "an index that this node does not know");
    }

    #[test]
    fn a_peer_is_not_asked_for_ever() {
        let digests = digests(&[(8, 100)]);
        for _attempt in 0..ATTEMPTS_MAX {
            for _unreachable in 0..2 * ATTEMPTS_MAX {
                assert_eq!(digests.due_with(PEER), [Index(8)], "who cannot be reached has said nothing");
            }
            digests.is_not_known_at(Index(8), PEER);
        }
        assert_eq!(digests.due_with(PEER), []);
        assert_eq!(digests.due_with(PEER + 1), [Index(8)], "another peer was not asked yet");
    }

    #[test]
    fn the_newest_are_kept() {
        let many: Vec<(u64, u64)> = (1..=100).map(|number| (8 * number, number)).collect();
        let digests = digests(&many);
        assert_eq!(digests.due_with(PEER).len(), KEPT_MAX);
        let answer = |index| digests.answer(&encode(index)).map(|answer| decode(&answer));
        assert_eq!(answer(800), Ok(Some(100)));
        assert_eq!(answer(8), Ok(None), "it is forgotten");
        assert!(digests.answer(b"what?").is_err());
    }

    #[test]
    fn a_digest_that_nobody_could_take_is_not_compared() {
        let digests = Digests::new(GroupId(1), 8);
        digests.take(Index(8), ready(None).boxed());
        digests.finish_taking().now_or_never().expect("it is ready");
        assert_eq!(digests.due_with(PEER), [], "it is not known");
    }

    #[test]
    fn a_question_keeps_its_bytes() {
        assert_eq!(encode(258).as_ref(), [2, 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!(decode(&encode(258)), Some(258));
        assert_eq!(decode(&[]), None);
    }
}
