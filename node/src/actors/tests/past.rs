//! What was long ago: bookings that have left memory, feeds that have left the disk.

use std::sync::Arc;

use booking::{Act, Book, Decision, Fingerprint, Request, RequestKey, Seq, Timestamp};
use storage::Index;

use super::{MENDED, PLANTED, TestNode, booking, id, making, request};
use crate::actors::message::ReadView;
use crate::permits::Lane;
use crate::router::{Health, Unrouted};
use crate::saved;
use crate::saved::archive::{List, Wanted};
use crate::saved::retention::Sweep;

pub(super) const DAY: u64 = 24 * 60 * 60;

pub(super) fn cancelling(booking: u128) -> booking::Command {
    let by = booking::Party::Customer("alice".into());
    booking::Command::CancelBooking(Act { booking: RequestKey(booking), by })
}

pub(super) fn by(customer: &str) -> booking::Command {
    let booking::Command::Book(book) = booking() else { unreachable!("it books") };
    booking::Command::Book(Book { customer: customer.into(), ..book })
}

impl TestNode {
    /// How many bookings are away, and how many of those can be found in memory all the same.
    pub(super) async fn away(&self, among: &[u128]) -> (u32, usize) {
        let keys: Vec<_> = among.iter().copied().map(RequestKey).collect();
        let look = move |view: ReadView<'_>| {
            let slot = view.slot().expect("it was made");
            (slot.away(), keys.into_iter().filter(|key| slot.booking(*key).is_some()).count())
        };
        self.router.read_linearizable(id(1), Wanted::Nothing, look).await.expect("it can be read")
    }

    /// The requests behind a page of bookings.
    async fn list(&self, list: List) -> Vec<u128> {
        let wanted = Wanted::List(list.clone());
        let look = move |view: ReadView<'_>| {
            let slot = view.slot().expect("it was made");
            let page = slot.bookings(&list.filter(), list.after, list.limit).found;
            page.into_iter().map(|(_number, view)| view.id.request.0).collect()
        };
        self.router.read_linearizable(id(1), wanted, look).await.expect("it can be read")
    }

    pub(super) async fn booking(&self, key: u128) -> Option<booking::BookingView> {
        let look = move |view: ReadView<'_>| view.slot().and_then(|slot| slot.booking(RequestKey(key)));
        self.router
            .read_linearizable(id(1), Wanted::Request(RequestKey(key)), look)
            .await
            .expect("it can be read")
    }
}

#[tokio::test]
async fn who_is_over_for_a_day_leaves_memory_and_is_answered_as_before() {
    let store = Arc::default();
    let node = TestNode::open(&store).await;
    node.ask(1, making()).await.expect("made");
    let first = node.ask(2, booking()).await.expect("booked");
    node.ask(3, by("bob")).await.expect("booked");
    node.ask(4, booking()).await.expect("booked");
    node.ask(12, cancelling(2)).await.expect("cancelled");
    node.ask(14, cancelling(4)).await.expect("cancelled");
    let before = node.booking(2).await;
    node.group.checkpoint().await.expect("saved");
    assert_eq!(node.away(&[2, 3, 4]).await, (0, 3), "they are over, but not for long");

    node.clock.pass(DAY);
    node.ask(5, by("carol")).await.expect("booked");
    node.group.checkpoint().await.expect("saved");
    assert_eq!(node.away(&[2, 3, 4]).await, (2, 1));
    let (digest, _index) = node.shard().digest(Index(u64::MAX)).await;
    node.put_to_sleep().await;
    assert_eq!(node.shard().digest(Index(u64::MAX)).await.0, digest, "whoever is away counts all the same");
    for restarted in [false, true] {
        let node = if restarted { &TestNode::open(&store).await } else { &node };
        node.clock.pass(if restarted { DAY } else { 0 });
        let all = List { customer: None, status: None, reference: None, after: None, limit: 10 };
        let over = Some(booking::Status::Cancelled);
        let reference = before.as_ref().map(|view| view.reference);
        let rows = [
            (all.clone(), vec![2, 3, 4, 5]),
            (List { limit: 3, ..all.clone() }, vec![2, 3, 4]),
            (List { after: Some(booking::Number(1)), ..all.clone() }, vec![3, 4, 5]),
            (List { after: Some(booking::Number(1)), limit: 2, ..all.clone() }, vec![3, 4]),
            (List { status: over, ..all.clone() }, vec![2, 4]),
            (List { status: over, limit: 1, ..all.clone() }, vec![2]),
            (List { status: over, after: Some(booking::Number(1)), ..all.clone() }, vec![4]),
            (List { status: Some(booking::Status::Expired), ..all.clone() }, vec![]),
            (List { status: Some(booking::Status::Confirmed), ..all.clone() }, vec![3, 5]),
            (List { customer: Some("alice".into()), ..all.clone() }, vec![2, 4]),
            (List { customer: Some("alic".into()), ..all.clone() }, vec![]),
            (List { customer: Some("alice".into()), status: over, limit: 1, ..all.clone() }, vec![2]),
            (List { customer: Some("bob".into()), status: over, ..all.clone() }, vec![]),
            (List { reference, ..all.clone() }, vec![2]),
            (List { reference, status: Some(booking::Status::Confirmed), ..all.clone() }, vec![]),
        ];
        for (row, (list, want)) in rows.into_iter().enumerate() {
            assert_eq!(node.list(list).await, want, "row {row}, restarted: {restarted}");
        }
        assert_eq!(node.booking(2).await, before);
        assert_eq!(node.booking(99).await, None);
        assert_eq!(node.away(&[2, 4]).await, (2, 0), "whoever was called back has left again");

        let again = node.ask(2, booking()).await.expect("answered");
        assert_eq!(again, booking::Outcome { replayed: true, ..first.clone() }, "the first answer, for ever");
        let reused = Request { fingerprint: Fingerprint(2), ..request(2, booking()) };
        let reused = node.router.ask(&node.router.prepare(reused), Lane::Newcomer).await.expect("answered");
        assert_eq!(reused.decision, Decision::KeyReused);
        let key = if restarted { 31 } else { 30 };
        let over = node.ask(key, cancelling(4)).await.expect("answered");
        assert_eq!(over.decision, Decision::Refused(booking::Refusal::AlreadyOver));
        assert_eq!(node.away(&[2, 4]).await, (2, 0));
        node.put_to_sleep().await;
        assert_eq!(node.shard().registry().count(), (1, 0), "it sleeps");
        assert_eq!(node.booking(4).await.map(|view| view.status), Some(booking::Status::Cancelled));
    }
}

#[tokio::test]
async fn a_slot_that_only_is_looked_at_forgets_who_is_over() {
    let store = Arc::default();
    let node = TestNode::open(&store).await;
    node.ask(1, making()).await.expect("made");
    node.ask(2, booking()).await.expect("booked");
    node.ask(3, booking::Command::CancelSlot).await.expect("cancelled");
    node.put_to_sleep().await;
    // Another slot's step tells the time.
    node.clock.pass(DAY);
    node.router
        .ask(&node.router.prepare(Request { slot: id(2), ..request(1, making()) }), Lane::Newcomer)
        .await
        .expect("made");
    assert_eq!(node.away(&[2]).await, (0, 1), "it is read as it was saved");
    node.shard().settle().await;
    assert_eq!(node.away(&[2]).await, (1, 0), "nobody asks anything of a slot that is cancelled");
    let again = TestNode::open(&store).await;
    assert_eq!(again.away(&[2]).await, (1, 0), "and it is not read again");
}

#[tokio::test]
async fn a_slot_that_is_tried_again_knows_who_is_away() {
    let node = TestNode::open(&Arc::default()).await;
    node.ask(1, making()).await.expect("made");
    let first = node.ask(2, booking()).await.expect("booked");
    node.ask(3, cancelling(2)).await.expect("cancelled");
    node.clock.pass(DAY);
    node.ask(4, booking()).await.expect("booked");
    node.group.checkpoint().await.expect("saved");
    assert_eq!(node.away(&[2]).await, (1, 0));
    // What breaks the rules, and behind it a request that was answered a day ago.
    let (broken, again) = tokio::join!(node.ask(PLANTED.0, booking()), node.ask(2, booking()));
    assert_eq!((broken, again), (Err(Unrouted::Unknown), Err(Unrouted::Unknown)));
    MENDED.set(true);
    assert_eq!(node.router.retry(id(1)).await, Ok(Health::Sound));
    assert_eq!(node.seq(id(1)).await, Some(5), "the booking that broke it, and no second one");
    assert_eq!(node.ask(2, booking()).await.expect("answered").seq, first.seq);
}

#[tokio::test]
async fn a_feed_leaves_the_disk_ninety_days_after_the_end() {
    let node = TestNode::open(&Arc::default()).await;
    node.ask(1, making()).await.expect("made");
    node.ask(2, booking()).await.expect("booked");
    node.group.checkpoint().await.expect("saved");
    let state = node.shard().state();
    let ends_at = 4_000_000_100_000;
    let ninety_days = 90 * DAY * 1_000;
    let mut sweep = Sweep::default();
    for (at, left) in [(0, 2), (ends_at + ninety_days - 1, 2), (ends_at + ninety_days, 0)] {
        // A step looks at one feed; the next finds no other, and the walk begins anew.
        for _ in 0..3 {
            let gone = sweep.step(state, Timestamp(at)).expect("readable");
            state.save(gone, Box::new(|saved| saved.expect("saved")));
        }
        let records = saved::feed(state, id(1), Seq(0), Seq(9), 9).expect("readable");
        assert_eq!(records.len(), left, "at {at}");
    }
    assert_eq!(node.seq(id(1)).await, Some(2), "the slot stays");
}
