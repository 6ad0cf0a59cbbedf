//! The list of slots beside a naive one that looks at every slot, whoever is awake, asleep, stopped or just being made.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use booking::{Definition, Fingerprint, Partition, Request, RequestKey, SlotId, SlotStatus, Timestamp};
use cluster::Machine as _;

use super::{PLANTED, TestNode, booking, making};
use crate::permits::Lane;
use crate::router::Unrouted;
use crate::router::query::{self, Bounds, LOOKS, Page};
use crate::saved::HEADS_READ;
use crate::views::listing::{Stand, Wanted};

const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;
const ORGANIZERS: [&str; 3] = ["studio", "node", "airline"];
const STANDS: [Option<Stand>; 7] = [
    None,
    Some(Stand::Faulted),
    Some(Stand::Sound(SlotStatus::Scheduled)),
    Some(Stand::Sound(SlotStatus::OnSale)),
    Some(Stand::Sound(SlotStatus::Closed)),
    Some(Stand::Sound(SlotStatus::Finished)),
    Some(Stand::Sound(SlotStatus::Cancelled)),
];

/// The n-th slot, in one of a few partitions, of one of the organizers.
fn slot(number: usize) -> SlotId {
    let partition = Partition::new([0, 1, 7, 1_023][number % 4]).expect("below 1,024");
    SlotId { partition, hash: (number as u128).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C834) }
}

impl TestNode {
    fn now(&self) -> Timestamp {
        Timestamp(cluster::Clock::wall_ms(self.clock.as_ref()))
    }

    async fn tell(&self, slot: SlotId, key: u128, command: booking::Command) {
        let request = Request { slot, key: RequestKey(key), fingerprint: Fingerprint(1), command };
        // Whatever becomes of it.
        drop(self.router.ask(&self.router.prepare(request), Lane::Newcomer).await);
    }

    /// Makes the n-th slot: in a day some are over, others are not on sale yet.
    async fn offer(&self, number: usize) -> SlotId {
        let booking::Command::CreateSlot(usual) = making() else { unreachable!("it makes a slot") };
        let later = |seconds: u64| Timestamp(self.now().0 + seconds * 1_000);
        let (opens, closes, starts) = [
            (None, None, later(HOUR)),
            (None, None, later(9 * DAY)),
            (None, Some(later(2 * HOUR)), later(9 * DAY)),
            (Some(later(3 * DAY)), None, later(9 * DAY)),
        ][number / 4 % 4];
        let definition = Definition {
            organizer: ORGANIZERS[number % 3].into(),
            starts_at: starts,
            ends_at: Timestamp(starts.0 + 1_000),
            sale: booking::Sale { opens_at: opens, closes_at: closes },
            ..usual.definition().clone()
        };
        let id = slot(number);
        self.tell(id, number as u128, booking::Command::CreateSlot(Box::new(definition.into()))).await;
        id
    }

    async fn page(&self, wanted: &Wanted, bounds: Bounds) -> Result<Page, Unrouted> {
        self.router.query(wanted, bounds, || self.now()).await
    }

    /// All pages of a list, one after the other.
    fn all(&self, wanted: &Wanted, limit: usize, looks: usize) -> Vec<SlotId> {
        let (mut ids, mut after) = (Vec::new(), None);
        loop {
            let bounds = Bounds { after, limit, looks, group: None };
            let page = query::page(self.router.shards(), wanted, bounds, self.now()).expect("a page");
            assert!(page.slots.len() <= limit);
            ids.extend(page.slots.iter().map(|seen| seen.view.id));
            assert!(page.next.is_none_or(|next| after < Some(next)), "it goes on");
            after = page.next;
            if after.is_none() {
                return ids;
            }
        }
    }

    /// The same by a look at every slot.
    fn naive(&self, slots: &BTreeSet<SlotId>, wanted: &Wanted) -> Vec<SlotId> {
        let at = self.now();
        let is_wanted = |id: &&SlotId| {
            let seen = self.router.shards().read_local(**id).expect("readable");
            seen.is_some_and(|seen| wanted.takes(&seen.view, seen.stand(at)))
        };
        slots.iter().filter(is_wanted).copied().collect()
    }

    fn assert_complete(&self, slots: &BTreeSet<SlotId>, when: &str) {
        let mut found = BTreeMap::new();
        let organizers = [None, Some("nobody")].into_iter().chain(ORGANIZERS.map(Some));
        for organizer in organizers.map(|name| name.map(str::to_owned)) {
            for stand in STANDS {
                let wanted = Wanted { organizer: organizer.clone(), stand };
                let want = self.naive(slots, &wanted);
                for (limit, looks) in [(200, LOOKS), (3, LOOKS), (1, 2), (200, 1), (7, 5)] {
                    let listed = self.all(&wanted, limit, looks);
                    assert_eq!(listed, want, "{wanted:?} by {limit}, {looks} looks, {when}");
                }
                found.insert(format!("{wanted:?}"), want.len());
            }
        }
        let nobody = found.iter().filter(|(wanted, _count)| wanted.contains("nobody"));
        assert!(nobody.map(|(_wanted, count)| *count).sum::<usize>() == 0, "{found:?}");
    }
}

#[tokio::test]
async fn a_list_is_what_a_look_at_every_slot_would_give() {
    let store = Arc::default();
    let mut node = TestNode::open(&store).await;
    let mut slots = BTreeSet::new();
    for number in 0..60 {
        slots.insert(node.offer(number).await);
    }
    for number in [5, 17, 30] {
        node.tell(slot(number), 1 << 64, booking::Command::CancelSlot).await;
    }
    // One breaks that was saved, and one that was not.
    node.assert_complete(&slots, "while all are awake");
    node.group.checkpoint().await.expect("saved");
    node.tell(slot(9), PLANTED.0, booking()).await;
    let unsaved = node.offer(60).await;
    node.tell(unsaved, PLANTED.0, booking()).await;
    node.assert_complete(&slots, "with two that are stopped");
    node.put_to_sleep().await;
    slots.insert(unsaved);
    assert_eq!(node.shard().registry().count(), (61, 2), "those whose rules broke do not sleep");
    node.assert_complete(&slots, "while all others sleep");
    node.clock.pass(DAY);
    node.assert_complete(&slots, "a day later");
    for number in 10..40 {
        node.tell(slot(number), 2 << 64, booking()).await;
    }
    node.assert_complete(&slots, "with some awake");
    node.put_to_sleep().await;
    // The clock of the next process is a day behind what it finds in the log.
    node = TestNode::open(&store).await;
    node.shard().settle().await;
    node.assert_complete(&slots, "after a restart");
    node.clock.pass(2 * DAY);
    node.assert_complete(&slots, "two days later");
}

#[tokio::test]
async fn while_a_snapshot_is_installed_a_list_is_refused_and_not_short() {
    let node = TestNode::open(&Arc::default()).await;
    let mut slots = BTreeSet::new();
    for number in 0..20 {
        slots.insert(node.offer(number).await);
    }
    node.group.checkpoint().await.expect("saved");
    node.group.machine().halt().await;
    let bounds = || Bounds { after: None, limit: 50, looks: LOOKS, group: None };
    for organizer in [None, Some("studio".to_owned())] {
        let refused = node.page(&Wanted { organizer, stand: None }, bounds()).await;
        assert_eq!(refused.map(|page| page.slots.len()), Err(Unrouted::NoLeader));
    }
    assert!(matches!(node.router.shards().read_local(slot(1)), Err(Unrouted::NoLeader)), "it may be there");
    node.group.machine().reset(cluster::Level::FIRST);
    node.assert_complete(&slots, "afterwards");
}

#[tokio::test]
async fn a_page_wakes_nobody_and_reads_only_who_may_be_on_it() {
    let node = TestNode::open(&Arc::default()).await;
    for number in 0..90 {
        node.offer(number).await;
    }
    for number in [3, 80] {
        node.tell(slot(number), 1 << 64, booking::Command::CancelSlot).await;
    }
    node.put_to_sleep().await;
    let wanted = |organizer: Option<&str>, stand| Wanted { organizer: organizer.map(str::to_owned), stand };
    let cancelled = Some(Stand::Sound(SlotStatus::Cancelled));
    for (wanted, limit, looks, on_page, read) in [
        (wanted(None, None), 10, LOOKS, 10, 11),
        (wanted(None, None), 200, LOOKS, 90, 90),
        (wanted(None, cancelled), 200, LOOKS, 2, 2),
        (wanted(Some("node"), None), 200, LOOKS, 30, 30),
        (wanted(Some("node"), cancelled), 200, LOOKS, 0, 0),
        (wanted(Some("airline"), cancelled), 200, LOOKS, 1, 1),
        (wanted(Some("nobody"), None), 200, LOOKS, 0, 0),
        (wanted(None, Some(Stand::Sound(SlotStatus::Finished))), 200, LOOKS, 0, 0),
        (wanted(None, Some(Stand::Faulted)), 200, LOOKS, 0, 0),
        (wanted(None, None), 200, 20, 20, 20),
    ] {
        let before = HEADS_READ.get();
        let page =
            node.page(&wanted, Bounds { after: None, limit, looks, group: None }).await.expect("a page");
        assert_eq!((page.slots.len(), HEADS_READ.get() - before), (on_page, read), "{wanted:?} by {limit}");
        assert_eq!(node.shard().registry().count(), (90, 0), "{wanted:?} by {limit}");
    }
}

#[tokio::test]
async fn what_exists_throughout_is_listed_once_while_others_are_made_and_sleep() {
    let node = TestNode::open(&Arc::default()).await;
    let mut there = BTreeSet::new();
    for number in 0..40 {
        there.insert(node.offer(number).await);
    }
    for wanted in [None, Some("node".to_owned())].map(|organizer| Wanted { organizer, stand: None }) {
        let throughout = node.naive(&there, &wanted);
        let (mut listed, mut after, mut number) = (Vec::new(), None, there.len());
        loop {
            let page =
                node.page(&wanted, Bounds { after, limit: 3, looks: 50, group: None }).await.expect("a page");
            listed.extend(page.slots.iter().map(|seen| seen.view.id));
            let Some(next) = page.next else { break };
            after = Some(next);
            there.insert(node.offer(number).await);
            number += 1;
            if number % 3 == 0 {
                node.put_to_sleep().await;
            }
        }
        assert!(listed.is_sorted_by(|one, next| one < next), "in order, and nobody twice");
        let found: BTreeSet<_> = listed.into_iter().collect();
        assert!(throughout.iter().all(|id| found.contains(id)), "{wanted:?}");
        assert!(found.is_subset(&there), "{wanted:?}");
    }
}
