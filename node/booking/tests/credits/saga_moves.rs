//! Two orders over the same two slots of one place each, and every order in which what their customers do, what time does, and what is
//! said between merchant and slots can happen: each message may come twice, and each reply too. From every state that is reached, all
//! comes to rest, and every order is whole or gone.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use booking::merchant::{Command, OrderStatus, Owner};
use booking::{IntentNumber, OrderNumber, Reply, Status};

use crate::sagas::{asked, order_of, place, plain};
use crate::world::World;

/// One thing that happens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Move {
    /// The first customer orders, or the second.
    Order(usize),
    /// The same confirms.
    Confirm(usize),
    /// The same gives it back.
    Cancel(usize),
    /// A slot is cancelled.
    CancelSlot,
    /// The deadlines pass.
    Pass,
    /// A message comes.
    Deliver(Option<usize>, IntentNumber),
    /// Its reply comes.
    Report(Option<usize>, IntentNumber),
}

const CUSTOMERS: [&str; 2] = ["alice", "bob"];
/// How many moves there are at most: as many as it takes for one order to be held, confirmed and given back, while the other asks.
const MOVES_MAX: usize = 7;

/// A world after some moves, and how often each was made.
struct Played {
    world: World,
    orders: BTreeMap<usize, OrderNumber>,
    replies: BTreeMap<(Option<usize>, IntentNumber), Reply>,
    made: BTreeMap<Move, usize>,
}

fn play(moves: &[Move]) -> Played {
    let mut played = Played {
        world: World::new([plain(1, None), plain(1, None)]),
        orders: BTreeMap::new(),
        replies: BTreeMap::new(),
        made: BTreeMap::new(),
    };
    for &next in moves {
        played.make(next);
    }
    played
}

impl Played {
    fn make(&mut self, next: Move) {
        *self.made.entry(next).or_default() += 1;
        match next {
            Move::Order(who) => {
                let key = 10 * (who as u128 + 1);
                // Each names the slots in an order of its own.
                let items =
                    if who == 0 { [(0, key, 1), (1, key + 1, 1)] } else { [(1, key + 1, 1), (0, key, 1)] };
                let new = order_of(&self.world, CUSTOMERS[who], &items);
                let number = place(&mut self.world, new);
                self.orders.insert(who, number);
            }
            Move::Confirm(who) => {
                let asked = asked(CUSTOMERS[who], self.orders[&who], Owner::Customer);
                self.world.ask(Command::ConfirmOrder(asked));
            }
            Move::Cancel(who) => {
                let asked = asked(CUSTOMERS[who], self.orders[&who], Owner::Customer);
                self.world.ask(Command::CancelOrder(asked, Vec::new()));
            }
            Move::CancelSlot => {
                self.world.ask_slot(1, 5, booking::Command::CancelSlot);
            }
            Move::Pass => {
                self.world.at += 2 * 86_400_000;
                self.world.pulse();
            }
            Move::Deliver(whose, number) => {
                if let Some(reply) = self.world.deliver((whose, number)) {
                    self.replies.insert((whose, number), reply);
                }
            }
            Move::Report(whose, number) => {
                let reply = self.replies[&(whose, number)].clone();
                self.world.report((whose, number), reply);
            }
        }
    }

    fn next(&self) -> Vec<Move> {
        let fewer = |next: &Move, times| self.made.get(next).copied().unwrap_or(0) < times;
        let mut next = vec![Move::CancelSlot, Move::Pass];
        for who in 0..CUSTOMERS.len() {
            let Some(number) = self.orders.get(&who) else {
                next.push(Move::Order(who));
                continue;
            };
            let status = self.world.merchant().order(*number).unwrap().status;
            if status == OrderStatus::Held {
                next.push(Move::Confirm(who));
            }
            if !status.is_over() {
                next.push(Move::Cancel(who));
            }
        }
        next.retain(|next| fewer(next, 1));
        let deliveries = self.world.open().into_iter().map(|(whose, number)| Move::Deliver(whose, number));
        let deliveries = deliveries.filter(|next| fewer(next, 1));
        let open = self.world.open().into_iter().collect::<BTreeSet<_>>();
        // A reply that comes again when it is known changes nothing, and is tried once.
        let times = |whose: &(Option<usize>, IntentNumber)| if open.contains(whose) { 1 } else { 2 };
        let reports = self.replies.keys();
        let reports = reports.filter(|whose| fewer(&Move::Report(whose.0, whose.1), times(whose)));
        let reports = reports.map(|&(whose, number)| Move::Report(whose, number));
        next.extend(deliveries.chain(reports));
        next
    }

    fn state(&self) -> (Vec<u64>, u64, Vec<(Move, usize)>) {
        let made = self.made.iter().map(|(made, times)| (*made, *times)).collect();
        (self.world.digests(), self.world.at, made)
    }
}

/// Every order is whole or gone, wherever it is looked at.
fn is_whole_or_gone(world: &World, orders: &BTreeMap<usize, OrderNumber>, moves: &[Move]) {
    for (who, number) in orders {
        let order = world.merchant().order(*number).unwrap();
        assert!(order.is_settled(), "{moves:?}");
        let key = 10 * (*who as u128 + 1);
        let statuses = [world.booking(0, key), world.booking(1, key + 1)];
        let live = statuses.iter().flatten().filter(|view| !view.status.is_over()).map(|view| view.status);
        let live = live.collect::<Vec<_>>();
        let is_cancelled = world.is_cancelled(1);
        let whole = if is_cancelled { 1 } else { 2 };
        match order.status {
            OrderStatus::Held => assert_eq!(live, vec![Status::Held; whole], "{moves:?}"),
            OrderStatus::Confirmed => assert_eq!(live, vec![Status::Confirmed; whole], "{moves:?}"),
            OrderStatus::Refused | OrderStatus::Cancelled | OrderStatus::Expired => {
                assert_eq!(live, Vec::new(), "{moves:?}");
            }
            OrderStatus::Collecting => panic!("{moves:?}"),
        }
    }
}

#[test]
fn in_every_order_of_moves_an_order_is_whole_or_gone() {
    let (mut seen, mut open) = (BTreeSet::new(), VecDeque::from([Vec::new()]));
    while let Some(moves) = open.pop_front() {
        let played = play(&moves);
        if !seen.insert(played.state()) {
            continue;
        }
        if moves.len() < MOVES_MAX {
            open.extend(played.next().into_iter().map(|next| {
                let mut moves = moves.clone();
                moves.push(next);
                moves
            }));
        }
        let Played { mut world, orders, .. } = played;
        world.settle();
        is_whole_or_gone(&world, &orders, &moves);
    }
    assert!(1_000 < seen.len(), "{} states", seen.len());
}
