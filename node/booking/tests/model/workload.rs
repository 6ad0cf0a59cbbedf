//! Requests from a seed: a small world, crowded on purpose, so that everything meets everything.

mod changes;
mod random;

use std::num::NonZeroU32;

use booking::{
    Act, Book, ChangeQuantity, Command, ConfirmedBy, Definition, Extend, Fingerprint, Mode, Order, Partition,
    Party, Policy, Promotion, Request, RequestKey, Sale, Secret, SlotId, Status, Stock, Timestamp,
    WaitlistPolicy, WhenFull, Wish,
};
use random::Random;

use crate::oracle::{Oracle, capacity};

/// What is asked of one slot over its life.
pub(crate) struct Workload {
    random: Random,
    definition: Definition,
    at: u64,
    asked: Vec<Request>,
    keys: u128,
    /// Whether it is saved and made again now and then: a slot that never is keeps what it once made.
    restores: bool,
    /// Whether most of what is asked is to wait, and to wait no longer.
    crowded: bool,
}

/// What happens next. A run is a list of these: it can be run again, also with some of them left out.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A request, at a stamp.
    Request(u64, Request),
    /// Time alone, at a stamp.
    Pulse(u64),
    /// The slot is saved, and whoever is over for long leaves memory.
    Save,
    /// The slot is saved, and made again from what was saved.
    Restore,
}

impl Workload {
    /// The workload of a seed.
    pub(crate) fn new(seed: u64, crowded: bool) -> Self {
        let mut random = Random(seed);
        let mut definition = definition(&mut random);
        if crowded {
            definition.stock = Stock::Units { capacity: 2 };
            definition.policy.customer_limit = None;
        }
        let restores = !crowded && random.percent(70);
        Self { random, definition, at: 1_000, asked: vec![], keys: 0, restores, crowded }
    }

    /// The next thing that happens. How things stand is only a hint, so that what is asked makes sense often.
    pub(crate) fn next(&mut self, oracle: &Oracle) -> Step {
        if self.restores && self.random.percent(4) {
            return if self.random.percent(50) { Step::Restore } else { Step::Save };
        }
        self.pass(oracle.deadline());
        if self.random.percent(5) {
            return Step::Pulse(self.at);
        }
        let request = match self.random.below(100) {
            // Exactly what was asked before.
            0..9 if !self.asked.is_empty() => self.earlier(),
            // Something else under a key that was used before, or what was asked before under another.
            9..12 if !self.asked.is_empty() => Request { key: self.earlier().key, ..self.fresh(oracle) },
            12..14 if !self.asked.is_empty() => Request { key: self.fresh(oracle).key, ..self.earlier() },
            _ => self.fresh(oracle),
        };
        self.asked.push(request.clone());
        // Now and then a stamp from before: time must not go back.
        let late = if self.random.percent(3) { self.random.below(5_000) } else { 0 };
        Step::Request(self.at.saturating_sub(late), request)
    }

    /// Whether enough was asked of a slot that is cancelled.
    pub(crate) fn is_over(&mut self) -> bool {
        self.random.percent(3)
    }

    /// Moves time: mostly a little, sometimes to a deadline or next to it, seldom by half a day.
    fn pass(&mut self, deadline: Option<u64>) {
        match (self.random.below(100), deadline) {
            (0..60, _) => self.at += self.random.below(100),
            (60..70, Some(deadline)) if deadline < self.at + 600_000 || self.random.percent(5) => {
                // A slot that never ends is not waited for.
                let deadline = deadline.min(self.at + 10_000_000_000);
                self.at = self.at.max((deadline + self.random.below(3)).saturating_sub(1));
            }
            (70..71, _) if self.random.percent(50) => self.at += 43_200_000,
            (71..75, _) => self.at += self.random.below(100_000),
            _ => {}
        }
    }

    fn earlier(&mut self) -> Request {
        self.random.one_of(&self.asked).clone()
    }

    fn fresh(&mut self, oracle: &Oracle) -> Request {
        self.keys += 1;
        let command = match self.random.below(1_000) {
            // Nothing can be done before there is a slot.
            0..10 => self.create(),
            10..600 if oracle.view().is_none() => self.create(),
            10..800 if self.crowded => self.jostle(oracle),
            // Nor much after its sale.
            10..100 if oracle.is_off_sale() => Command::ChangeSlot(Box::new(self.revive())),
            10..100 if oracle.is_cancelled() => Command::CancelSlot,
            // What is offered is not offered for long.
            10..200 if !oracle.standing_like(Status::Offered).is_empty() => {
                let act = self.act(oracle, Status::Offered);
                if self.random.percent(50) { Command::AcceptOffer(act) } else { Command::DeclineOffer(act) }
            }
            10..12 => Command::CancelSlot,
            12..150 => Command::CancelBooking(self.act(oracle, Status::Confirmed)),
            150..270 => Command::ConfirmBooking(self.act(oracle, Status::Held)),
            270..380 => {
                let act = self.act(oracle, Status::Held);
                Command::ExtendHold(Extend { act, hold_seconds: self.seconds(200) })
            }
            380..480 => Command::AcceptOffer(self.act(oracle, Status::Offered)),
            480..550 => Command::DeclineOffer(self.act(oracle, Status::Offered)),
            550..640 => Command::ChangeSlot(Box::new(self.change(oracle))),
            640..730 => self.change_quantity(oracle),
            _ => self.book(),
        };
        let fingerprint = match &command {
            Command::CreateSlot(new) if new.definition().starts_at != self.definition.starts_at => {
                Fingerprint(2)
            }
            Command::CreateSlot(_) => Fingerprint(self.random.below(10) / 9),
            Command::CancelSlot
            | Command::Book(_)
            | Command::CancelBooking(_)
            | Command::ConfirmBooking(_)
            | Command::ExtendHold(_)
            | Command::AcceptOffer(_)
            | Command::DeclineOffer(_)
            | Command::ChangeSlot(_)
            | Command::ChangeQuantity(_)
            | Command::SwapSeats(_)
            | Command::ChangeSale(_)
            | Command::MoveBooking(_)
            | Command::ExtendHours(_) => Fingerprint(self.random.next()),
        };
        let hash = if self.random.percent(1) { 8 } else { 7 };
        let hash = if matches!(command, Command::CreateSlot(_)) { 7 } else { hash };
        Request {
            slot: SlotId { partition: Partition::new(7).unwrap(), hash },
            key: RequestKey(self.keys.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)),
            fingerprint,
            command,
        }
    }

    /// Somebody joins those who wait, or leaves them from anywhere.
    fn jostle(&mut self, oracle: &Oracle) -> Command {
        let waiters = oracle.standing_like(Status::Waitlisted);
        if waiters.len() < 8 || self.random.percent(50) {
            return self.book();
        }
        let &(booking, owner) = self.random.one_of(&waiters);
        Command::CancelBooking(Act { booking, by: Party::Customer(owner.into()) })
    }

    /// Somebody wants fewer, mostly of what may be made smaller.
    fn change_quantity(&mut self, oracle: &Oracle) -> Command {
        let status = *self.random.one_of(&[Status::Held, Status::Waitlisted, Status::Confirmed]);
        let act = self.act(oracle, status);
        let quantity = NonZeroU32::MIN.saturating_add(self.random.small(3));
        Command::ChangeQuantity(ChangeQuantity { act, quantity, lines: vec![] })
    }

    fn create(&mut self) -> Command {
        let mut definition = self.definition.clone();
        if self.random.percent(10) {
            definition.starts_at = Timestamp(self.at);
        }
        Command::CreateSlot(Box::new(definition.into()))
    }

    fn book(&mut self) -> Command {
        let hold_seconds = self.seconds(90);
        let random = &mut self.random;
        let largest = if random.percent(90) { 3 } else { capacity(&self.definition) + 2 };
        Command::Book(Book {
            customer: customer(random),
            // None at all is refused at the door; here it has a meaning too.
            wish: Wish::Units(if random.percent(1) { 0 } else { 1 + random.small(largest) }),
            mode: if random.percent(40) { Mode::Hold } else { Mode::Confirm },
            hold_seconds: random.maybe(50, |_| hold_seconds),
            when_full: if random.percent(15) { WhenFull::Refuse } else { WhenFull::Waitlist },
            basket: None,
        })
    }

    /// Somebody and a booking: mostly one that stands like this, and mostly whoever may.
    fn act(&mut self, oracle: &Oracle, status: Status) -> Act {
        let fitting = oracle.standing_like(status);
        let (booking, owner) = if !fitting.is_empty() && self.random.percent(60) {
            let &(booking, owner) = self.random.one_of(&fitting);
            (booking, owner.into())
        } else if oracle.made() > 0 && self.random.percent(95) {
            let (booking, owner) = oracle.maker(self.random.below(oracle.made()));
            (booking, owner.into())
        } else {
            (RequestKey(self.random.below(2).into()), customer(&mut self.random))
        };
        let by = match self.random.below(10) {
            0..7 => Party::Customer(owner),
            7..8 => Party::Customer(customer(&mut self.random)),
            _ => Party::Organizer,
        };
        Act { booking, by }
    }

    /// So many seconds, seldom a great many.
    fn seconds(&mut self, end: u32) -> u32 {
        match self.random.below(100) {
            0..2 => 604_799 + self.random.small(3),
            2..3 => u32::MAX,
            _ => self.random.small(end),
        }
    }
}

fn customer(random: &mut Random) -> Box<str> {
    format!("customer {}", random.below(6)).into()
}

/// A slot for a day or so of a workload; a few last for minutes only, and a few for long enough to forget.
fn definition(random: &mut Random) -> Definition {
    let starts_at = *random.one_of(&[300_000, 2_000_000, 90_000_000, 900_000_000]);
    // An end before the start is refused at the door; here it has a meaning too.
    let ends_at = starts_at + random.below(1_000_000) + 1 - if random.percent(2) { 250_000 } else { 0 };
    Definition {
        organizer: "studio".into(),
        placement: random.maybe(50, |_| "hall".into()),
        title: "yoga".into(),
        starts_at: Timestamp(starts_at),
        ends_at: Timestamp(ends_at),
        sale: Sale {
            opens_at: random.maybe(20, |random| Timestamp(random.below(3_000))),
            closes_at: random.maybe(20, |random| Timestamp(starts_at - random.below(200_000))),
        },
        stock: Stock::Units {
            capacity: if random.percent(80) { 2 + random.small(10) } else { random.small(3) },
        },
        tariff: None,
        policy: Policy {
            confirmed_by: confirmed_by(random),
            hold_seconds: random.small(60),
            hold_seconds_max: if random.percent(95) { 30 + random.small(60) } else { u32::MAX },
            customer_limit: random.maybe(40, |random| 1 + random.small(8)),
            cancel_until_seconds: random.small(200),
            waitlist: random.maybe(85, |random| WaitlistPolicy {
                capacity: 1 + random.small(20),
                promotion: promotion(random),
                offer_seconds: random.small(30),
                order: order(random),
            }),
            on_account: None,
        },
        secret: Secret([3; 16]),
    }
}

fn confirmed_by(random: &mut Random) -> ConfirmedBy {
    if random.percent(25) { ConfirmedBy::Organizer } else { ConfirmedBy::Customer }
}

fn promotion(random: &mut Random) -> Promotion {
    if random.percent(50) { Promotion::Offer } else { Promotion::Confirm }
}

fn order(random: &mut Random) -> Order {
    if random.percent(40) { Order::SkipFit } else { Order::Strict }
}
