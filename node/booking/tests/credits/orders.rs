//! Two customers, one place, and every order in which what they do, what time does, and what is said between merchant and slot can happen:
//! each message may come twice, and each reply too. From every state that is reached, all comes to rest, and both sides agree.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use booking::{Command, IntentNumber, Mode, Reply, Status};

use crate::world::{DAY_MS, World, act, book, usual};

/// One thing that happens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Move {
    /// The first customer asks, or the second.
    Reserve(usize),
    /// The same gives the booking back.
    Cancel(usize),
    /// The slot is cancelled.
    CancelSlot,
    /// The slot starts.
    Start,
    /// A message comes.
    Deliver(Option<usize>, IntentNumber),
    /// Its reply comes.
    Report(Option<usize>, IntentNumber),
}

const CUSTOMERS: [&str; 2] = ["alice", "bob"];
/// How many moves there are at most: as many as it takes for somebody to book, give back and be told, while the other waits.
const MOVES_MAX: usize = 9;

/// A world after some moves, and how often each was made.
struct Played {
    world: World,
    replies: BTreeMap<(Option<usize>, IntentNumber), Reply>,
    made: BTreeMap<Move, usize>,
}

fn play(moves: &[Move]) -> Played {
    let mut played =
        Played { world: World::new([usual(1)]), replies: BTreeMap::new(), made: BTreeMap::new() };
    for customer in CUSTOMERS {
        played.world.grant(customer, 1, Some(40));
    }
    for &next in moves {
        played.make(next);
    }
    played
}

impl Played {
    fn make(&mut self, next: Move) {
        *self.made.entry(next).or_default() += 1;
        match next {
            Move::Reserve(who) => {
                self.world.reserve(0, key(who), book(CUSTOMERS[who], 1, Mode::Confirm));
            }
            Move::Cancel(who) => {
                let act = act(key(who), Some(CUSTOMERS[who]));
                self.world.ask_slot(0, 20 + who as u128, Command::CancelBooking(act));
            }
            Move::CancelSlot => {
                self.world.ask_slot(0, 30, Command::CancelSlot);
            }
            Move::Start => {
                self.world.at = 20 * DAY_MS;
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
        self.world.promises_are_kept();
    }

    /// What can happen next. A customer gives back what is there; nothing comes more than twice.
    fn next(&self) -> Vec<Move> {
        let fewer = |next: &Move, times| self.made.get(next).copied().unwrap_or(0) < times;
        let mut next = vec![Move::CancelSlot, Move::Start];
        for who in 0..CUSTOMERS.len() {
            next.push(Move::Reserve(who));
            let is_live = |status: Status| !status.is_over();
            if self.world.booking(0, key(who)).is_some_and(|view| is_live(view.status)) {
                next.push(Move::Cancel(who));
            }
        }
        next.retain(|next| fewer(next, 1));
        let deliveries = self.world.open().into_iter().map(|(whose, number)| Move::Deliver(whose, number));
        let reports = self.replies.keys().map(|&(whose, number)| Move::Report(whose, number));
        next.extend(deliveries.chain(reports).filter(|next| fewer(next, 2)));
        next
    }

    fn state(&self) -> (Vec<u64>, u64, Vec<(Move, usize)>) {
        let made = self.made.iter().map(|(made, times)| (*made, *times)).collect();
        (self.world.digests(), self.world.at, made)
    }
}

fn key(who: usize) -> u128 {
    10 + who as u128
}

#[test]
fn in_every_order_both_sides_agree_in_the_end() {
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
        let mut world = played.world;
        world.settle();
        for (who, customer) in CUSTOMERS.into_iter().enumerate() {
            let credits = world.account(customer).unwrap().packages[0].credits;
            let live = world.booking(0, key(who)).filter(|view| !view.status.is_over());
            let has_begun = 20 * DAY_MS <= world.at;
            // One credit each: it is with the booking, or was spent for it, or is its customer's again.
            assert_eq!(credits.reserved, u32::from(live.is_some() && !has_begun), "{moves:?}");
            assert_eq!(credits.available + credits.reserved + credits.spent, 1, "{moves:?}");
        }
    }
    assert!(1_000 < seen.len(), "{} states", seen.len());
}
