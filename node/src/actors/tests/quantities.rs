//! Bookings that are made smaller: from the level on that has it, and for ever.

use std::num::NonZeroU32;
use std::sync::Arc;

use booking::{Act, ChangeQuantity, Decision, Level, Party, RequestKey};
use storage::Index;

use super::past::{DAY, by, cancelling};
use super::{TestNode, booking, id, making};
use crate::router::Unrouted;

/// The organizer makes a booking be for so many.
fn reducing(booking: u128, quantity: u32) -> booking::Command {
    let act = Act { booking: RequestKey(booking), by: Party::Organizer };
    let quantity = NonZeroU32::new(quantity).expect("not zero");
    booking::Command::ChangeQuantity(ChangeQuantity { act, quantity, lines: Vec::new() })
}

/// Alice books three.
fn three() -> booking::Command {
    let booking::Command::Book(book) = booking() else { unreachable!("it books") };
    booking::Command::Book(booking::Book { wish: booking::Wish::Units(3), ..book })
}

fn quantity(outcome: &booking::Outcome) -> u32 {
    let Decision::Booking(view) = &outcome.decision else { panic!("no booking: {outcome:?}") };
    view.quantity
}

#[tokio::test]
async fn what_the_level_in_force_does_not_have_is_refused_before_it_is_logged() {
    let store = Arc::default();
    let node = TestNode::open_at(&store, Level(1)).await;
    node.ask(1, making()).await.expect("made");
    node.ask(2, three()).await.expect("booked");
    let last = node.group.status().last;
    assert_eq!(node.ask(3, reducing(2, 1)).await, Err(Unrouted::Upgrading));
    assert_eq!(node.group.status().last, last, "nothing was appended");
    node.group.checkpoint().await.expect("saved");

    let node = TestNode::open_at(&store, Level(2)).await;
    while node.shard().registry().level() < Level(2) {
        tokio::task::yield_now().await;
    }
    let fewer = node.ask(3, reducing(2, 1)).await.expect("answered");
    assert_eq!((quantity(&fewer), fewer.replayed, fewer.seq.0), (1, false, 3), "nobody remembers it");
}

#[tokio::test]
async fn what_was_made_smaller_is_the_same_when_it_has_left_memory() {
    let store = Arc::default();
    let node = TestNode::open_at(&store, Level(2)).await;
    node.ask(1, making()).await.expect("made");
    let first = node.ask(2, three()).await.expect("booked");
    let fewer = node.ask(3, reducing(2, 2)).await.expect("answered");
    assert_eq!((quantity(&first), quantity(&fewer)), (3, 2));
    node.ask(4, cancelling(2)).await.expect("cancelled");
    node.group.checkpoint().await.expect("saved");
    let again = node.ask(3, reducing(2, 2)).await.expect("answered");
    assert_eq!(again, booking::Outcome { replayed: true, ..fewer });

    node.clock.pass(DAY);
    node.ask(5, by("carol")).await.expect("booked");
    node.group.checkpoint().await.expect("saved");
    assert_eq!(node.away(&[2]).await, (1, 0));
    let (digest, _index) = node.shard().digest(Index(u64::MAX)).await;
    for restarted in [false, true] {
        let node = if restarted { &TestNode::open_at(&store, Level(2)).await } else { &node };
        node.clock.pass(if restarted { DAY } else { 0 });
        assert_eq!(node.shard().digest(Index(u64::MAX)).await.0, digest, "restarted: {restarted}");
        let again = node.ask(2, three()).await.expect("answered");
        assert_eq!(again, booking::Outcome { replayed: true, ..first.clone() }, "the first answer, for ever");
        assert_eq!(node.booking(2).await.map(|view| view.quantity), Some(2), "restarted: {restarted}");
        assert_eq!(node.away(&[2]).await, (1, 0), "it has left again");
        assert_eq!(node.seq(id(1)).await, Some(5));
    }
}
