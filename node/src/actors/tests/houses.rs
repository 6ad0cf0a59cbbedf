//! Slots of seats: their house and what is kept of it come back from the disk as they were, in parts that take the place of each other.

use std::sync::Arc;

use booking::{
    Asker, Book, Category, ChangeSale, Content, Decision, Drawing, DrawnBlock, Level, Mode, NewSlot, Pick,
    Plan, RequestKey, Row, Seat, SeatRun, SeatsAsked, SeatsStock, SeatsWish, Section, Stock, WhenFull, Wish,
};

use booking::entity::Entity;
use storage::Index;
use storage::{Change, GroupId, Memory, Store as _, Write};

use super::past::{DAY, cancelling};
use super::{TestNode, id, making};

const MAP: Content = Content(7);

/// A slot of four hundred blocks of ten seats.
fn of_seats() -> booking::Command {
    let block = |number: u16| DrawnBlock {
        section: Section(0),
        row: Row(number / 2),
        length: 10,
        categories: vec![(Category(0), 0x3FF)],
        accessible: 0,
        companion: 0,
    };
    let drawing = Drawing {
        blocks: (0..400).map(block).collect(),
        ranks: (0..4_000).collect(),
        areas: Vec::new(),
        categories: 1,
    };
    let plan = Arc::new(Plan::new(&drawing).expect("a house"));
    let booking::Command::CreateSlot(usual) = making() else { unreachable!("it makes a slot") };
    let singles = booking::SinglesPolicy {
        singles: booking::Singles::Avoid,
        aisles: booking::AisleSingles::Ignore,
        scope: booking::SingleScope::Row,
    };
    let stock = Stock::Seats(SeatsStock { map: MAP, singles });
    let definition = booking::Definition { stock, ..usual.definition().clone() };
    booking::Command::CreateSlot(Box::new(NewSlot::of_seats(definition, plan)))
}

fn picking(seats: &[u32]) -> booking::Command {
    let pick = Pick { seats: seats.iter().copied().map(Seat).collect(), ..Pick::default() };
    booking::Command::Book(Book {
        customer: "alice".into(),
        wish: Wish::Seats(Box::new(SeatsWish {
            map: MAP,
            by: Asker::Customer,
            asked: SeatsAsked::Pick(pick),
        })),
        mode: Mode::Confirm,
        hold_seconds: None,
        when_full: WhenFull::Refuse,
        basket: None,
    })
}

/// Every second seat of the first so many is sold to nobody, and all others to everyone.
fn blocking(seats: u32) -> booking::Command {
    let run = |seat| SeatRun { first: Seat(seat), length: 1 };
    booking::Command::ChangeSale(Box::new(ChangeSale {
        map: MAP,
        block: (0..seats).filter(|seat| seat % 2 == 1).map(run).collect(),
        open: (0..4_000).filter(|seat| seats <= *seat && seat % 2 == 1).map(run).collect(),
        allot: Vec::new(),
    }))
}

impl TestNode {
    async fn shown(&self) -> Option<(booking::SeatMap, booking::View)> {
        let look = |view: crate::actors::message::ReadView<'_>| {
            view.slot().and_then(|slot| Some((slot.seat_map()?, slot.view())))
        };
        let wanted = crate::saved::archive::Wanted::Nothing;
        self.router.read_linearizable(id(1), wanted, look).await.expect("it can be read")
    }
}

#[tokio::test]
async fn a_house_comes_back_as_it_was_however_often_it_is_sold_otherwise() {
    let store = Arc::default();
    let mut node = TestNode::open(&store).await;
    node.ask(1, of_seats()).await.expect("made");
    node.ask(2, picking(&[0, 2])).await.expect("booked");
    // Many parts, fewer, none, and some again.
    for (key, blocked) in (10..).zip([4_000, 40, 0, 2_500]) {
        let sold = node.ask(key, blocking(blocked)).await.expect("sold otherwise");
        let Decision::Slot(view) = &sold.decision else { panic!("{sold:?}") };
        assert_eq!(view.house.as_ref().map(|house| house.blocked), Some(blocked / 2));
        let (seen, digest) = (node.shown().await, node.shard().digest(Index(u64::MAX)).await.0);
        node.put_to_sleep().await;
        assert_eq!(
            (node.shown().await, node.shard().digest(Index(u64::MAX)).await.0),
            (seen.clone(), digest),
            "woken"
        );
        node = TestNode::open(&store).await;
        assert_eq!(
            (node.shown().await, node.shard().digest(Index(u64::MAX)).await.0),
            (seen, digest),
            "started anew"
        );
        let asleep = node.router.shards().read_local(id(1)).expect("sound").expect("there");
        assert_eq!(Some(asleep.view), node.shown().await.map(|(_, view)| view), "from its head alone");
    }
    let refused = node.ask(20, picking(&[0, 1])).await.expect("answered");
    assert!(
        matches!(refused.decision, Decision::Explained(booking::Refusal::SeatsRefused, _)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_booking_of_seats_is_the_same_when_it_has_left_memory() {
    let store = Arc::default();
    let node = TestNode::open(&store).await;
    node.ask(1, of_seats()).await.expect("made");
    let first = node.ask(2, picking(&[5, 6, 7])).await.expect("booked");
    node.ask(4, cancelling(2)).await.expect("cancelled");
    let before = node.booking(2).await;
    node.clock.pass(DAY);
    node.ask(5, picking(&[6])).await.expect("booked");
    node.group.checkpoint().await.expect("saved");
    assert_eq!(node.away(&[2]).await, (1, 0));
    for restarted in [false, true] {
        let node = if restarted { &TestNode::open(&store).await } else { &node };
        let again = node.ask(2, picking(&[5, 6, 7])).await.expect("answered");
        assert_eq!(again, booking::Outcome { replayed: true, ..first.clone() }, "the first answer, for ever");
        assert_eq!(node.booking(2).await, before, "restarted: {restarted}");
        assert_eq!(node.booking(5).await.map(|view| view.id.request), Some(RequestKey(5)));
    }
}

#[tokio::test]
async fn a_snapshot_takes_the_place_of_all_that_was_saved_of_a_house() {
    let stores = [(); 2].map(|()| Arc::<Memory>::default());
    let [ahead, behind] = [TestNode::open(&stores[0]).await, TestNode::open(&stores[1]).await];
    for node in [&ahead, &behind] {
        node.ask(1, of_seats()).await.expect("made");
        node.ask(2, picking(&[0, 2])).await.expect("booked");
        node.ask(3, blocking(4_000)).await.expect("sold in many parts");
    }
    ahead.ask(4, cancelling(2)).await.expect("cancelled");
    ahead.ask(5, picking(&[2, 4])).await.expect("booked");
    ahead.ask(6, blocking(40)).await.expect("sold in few parts");
    for node in [&ahead, &behind] {
        node.group.checkpoint().await.expect("saved");
    }
    let group = GroupId(0);
    let rows = stores[0].view(group).expect("a view").scan(&[], &[], usize::MAX).expect("rows");
    let staged = rows.into_iter().map(|(key, value)| Change::Stage { key, value });
    stores[1].submit(Write::synced(group, staged.chain([Change::Flip]).collect()), Box::new(drop));
    let (taken, _) =
        crate::saved::entity(behind.shard().state(), id(1).into()).expect("sound").expect("there");
    let wanted = crate::saved::archive::Wanted::Nothing;
    let digest = |view: crate::actors::message::ReadView<'_>| view.entity.map(Entity::digest);
    let digest = ahead.router.read_linearizable(id(1), wanted, digest).await.expect("it can be read");
    assert_eq!(Some(taken.digest()), digest);
    let slot = taken.slot().expect("a slot");
    assert_eq!(Some((slot.seat_map().expect("seats"), slot.view())), ahead.shown().await);
}

#[tokio::test]
async fn before_the_level_has_them_there_are_no_seats() {
    let node = TestNode::open_at(&Arc::default(), Level(1)).await;
    let last = node.group.status().last;
    assert_eq!(node.ask(1, of_seats()).await, Err(crate::router::Unrouted::Upgrading));
    assert_eq!(node.group.status().last, last, "nothing was appended");
}
