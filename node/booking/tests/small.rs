//! A small slot, looked at from all sides: capacity two, three customers, and everything that they can do in
//! every order. Where a random run needs luck, this needs none: what is reached is reached by the shortest
//! way, and a failure prints that way.
//!
//! After every step the invariants hold, the record says exactly what changed, nobody was passed, and nothing
//! that was promised until a moment ended before it unasked.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::Arc;

use booking::{
    Act, Asker, Basket, Book, BookingView, ChangeQuantity, Command, ConfirmedBy, Decision, Definition,
    Extend, Filter, Fingerprint, Level, Line, Mode, Order, Partition, Party, Policy, Product, Promotion,
    QuotaAsked, Record, Refusal, Request, RequestKey, Sale, SavedHouse, SavedIntents, SavedSlot, Secret, Seq,
    Slot, SlotChange, SlotId, Status, Stock, TariffChange, Timestamp, WaitlistChange, WaitlistPolicy,
    WhenFull, Wish,
};

/// How long a hold and an offer last, and how long a hold may be made to last.
const SECONDS: u32 = 2;
const SECONDS_MAX: u32 = 3;

/// What may happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
    /// A customer books so many units.
    Book(u8, u32, Mode),
    /// A customer books one of a product.
    Buy(u8, &'static str, Mode),
    /// Something is done to the booking with this number, by its customer or by the organizer.
    Confirm(u32),
    Extend(u32),
    Accept(u32),
    Decline(u32),
    Cancel(u32),
    /// It is made to be for one.
    Reduce(u32),
    /// The clock moves to the last millisecond before the next deadline, or from there onto it. The slot
    /// learns of it with the next command, or by a pulse.
    Wait,
    Pulse,
    /// The slot is changed.
    Capacity(u32),
    Waitlist(Option<(Promotion, Order)>),
    /// Of the product of which there are only so many there are as many as this.
    Quota(u32),
}

/// What is looked at, and how far.
#[derive(Clone, Copy)]
struct Search {
    confirmed_by: ConfirmedBy,
    promotion: Promotion,
    order: Order,
    quantities: &'static [u32],
    /// How many live bookings a customer has at most.
    claims: usize,
    /// How many there are at first of one of two products, if the slot sells those.
    quota: Option<u32>,
    /// Whether the slot is changed too.
    changes: bool,
    /// How many moves in a row.
    depth: usize,
    /// How many different states there are at least: a search that finds nothing new is no test.
    states: usize,
}

const PLAIN: Search = Search {
    confirmed_by: ConfirmedBy::Customer,
    promotion: Promotion::Confirm,
    order: Order::Strict,
    quantities: &[1],
    claims: 1,
    quota: None,
    changes: false,
    depth: 8,
    states: 100,
};

#[test]
fn whoever_holds_can_confirm_and_nobody_is_passed() {
    Search { depth: 16, states: 1_500, ..PLAIN }.run();
}

#[test]
fn quantities_of_two_wait_for_their_turn() {
    Search { quantities: &[1, 2], depth: 13, states: 2_000, ..PLAIN }.run();
}

#[test]
fn what_is_offered_can_be_accepted() {
    Search { promotion: Promotion::Offer, quantities: &[1, 2], depth: 12, states: 3_500, ..PLAIN }.run();
}

#[test]
fn only_those_who_do_not_fit_are_skipped() {
    Search { order: Order::SkipFit, quantities: &[1, 2], depth: 13, states: 2_000, ..PLAIN }.run();
}

#[test]
fn those_who_are_skipped_are_offered_what_fits() {
    Search {
        order: Order::SkipFit,
        promotion: Promotion::Offer,
        quantities: &[1, 2],
        depth: 12,
        states: 3_500,
        ..PLAIN
    }
    .run();
}

#[test]
fn an_organizer_confirms() {
    Search {
        confirmed_by: ConfirmedBy::Organizer,
        promotion: Promotion::Offer,
        claims: 2,
        depth: 7,
        ..PLAIN
    }
    .run();
}

#[test]
fn a_promise_outlives_changes_of_the_slot() {
    Search { changes: true, quantities: &[1, 2], states: 10_000, ..PLAIN }.run();
}

#[test]
fn who_is_short_of_a_quota_is_passed_by_those_alone_who_want_something_else() {
    Search { quota: Some(1), depth: 8, states: 4_000, ..PLAIN }.run();
}

#[test]
fn what_is_offered_of_a_quota_is_kept() {
    Search {
        quota: Some(1),
        promotion: Promotion::Offer,
        order: Order::SkipFit,
        depth: 7,
        states: 1_500,
        ..PLAIN
    }
    .run();
}

/// The product of which there are only so many, and one of which there are as many as there are units.
const FEW: &str = "few";
const MANY: &str = "many";

impl Search {
    /// Goes through all states, those that are fewer moves away first.
    fn run(&self) {
        let mut seen = BTreeSet::new();
        let mut border = vec![vec![]];
        for _ in 0..self.depth {
            let mut beyond = vec![];
            for way in border {
                for next in self.moves(&World::after(self, &way)) {
                    let mut world = World::after(self, &way);
                    let way = [way.as_slice(), &[next]].concat();
                    world.take_and_judge(next, &way);
                    if seen.insert(world.state()) {
                        beyond.push(way);
                    }
                }
            }
            border = beyond;
        }
        assert!(self.states <= seen.len(), "only {} states", seen.len());
    }

    /// Everything that can happen next.
    fn moves(&self, world: &World) -> Vec<Move> {
        let mut moves = vec![Move::Pulse];
        if world.slot().deadline().is_some_and(|deadline| world.now < deadline.0) {
            moves.push(Move::Wait);
        }
        let live = world.bookings().into_iter().filter(|view| !view.status.is_over()).collect::<Vec<_>>();
        for customer in 0..3 {
            let claims = live.iter().filter(|view| view.customer == name(customer)).count();
            if self.quota.is_some() && claims < self.claims {
                let products = [FEW, MANY].into_iter();
                let each =
                    |product| [Mode::Hold, Mode::Confirm].map(|mode| Move::Buy(customer, product, mode));
                moves.extend(products.flat_map(each));
                continue;
            }
            for &quantity in self.quantities.iter().filter(|_| claims < self.claims) {
                moves.extend([Mode::Hold, Mode::Confirm].map(|mode| Move::Book(customer, quantity, mode)));
            }
        }
        for view in live {
            let number = view.number.0;
            moves.push(Move::Cancel(number));
            if 1 < view.quantity {
                moves.push(Move::Reduce(number));
            }
            match view.status {
                Status::Held => moves.extend([Move::Confirm(number), Move::Extend(number)]),
                Status::Offered => moves.extend([Move::Accept(number), Move::Decline(number)]),
                Status::Waitlisted => moves.push(Move::Accept(number)),
                Status::Confirmed => moves.push(Move::Confirm(number)),
                Status::Cancelled | Status::Declined | Status::Expired => {}
            }
        }
        moves.extend(self.quota.into_iter().flat_map(|_quota| (0..3).map(Move::Quota)));
        if self.changes {
            moves.extend((0..4).map(Move::Capacity));
            moves.push(Move::Waitlist(None));
            moves.push(Move::Waitlist(Some((Promotion::Confirm, Order::Strict))));
            moves.push(Move::Waitlist(Some((Promotion::Offer, Order::SkipFit))));
        }
        moves
    }

    fn definition(&self) -> Definition {
        Definition {
            organizer: "studio".into(),
            placement: None,
            title: "yoga".into(),
            starts_at: Timestamp(1_000_000_000),
            ends_at: Timestamp(2_000_000_000),
            sale: Sale { opens_at: None, closes_at: None },
            stock: Stock::Units { capacity: 2 },
            tariff: self.quota.map(|size| Arc::new(goods(size).made_to(None).unwrap().unwrap())),
            policy: Policy {
                confirmed_by: self.confirmed_by,
                hold_seconds: SECONDS,
                hold_seconds_max: SECONDS_MAX,
                customer_limit: None,
                cancel_until_seconds: 0,
                waitlist: Some(WaitlistPolicy {
                    capacity: 10,
                    promotion: self.promotion,
                    offer_seconds: SECONDS,
                    order: self.order,
                }),
                on_account: None,
            },
            secret: Secret([3; 16]),
        }
    }
}

/// A slot, and what was done to it.
struct World {
    slot: Option<Slot>,
    now: u64,
    requests: u128,
    /// When holds began, by number.
    began: BTreeMap<u32, u64>,
}

impl World {
    /// The world after these moves.
    fn after(search: &Search, way: &[Move]) -> Self {
        let mut world = Self { slot: None, now: 1_000, requests: 0, began: BTreeMap::new() };
        world.ask(Command::CreateSlot(Box::new(search.definition().into())));
        for &next in way {
            world.take(next);
        }
        world
    }

    fn slot(&self) -> &Slot {
        self.slot.as_ref().unwrap()
    }

    fn bookings(&self) -> Vec<BookingView> {
        let all = self.slot().bookings(&Filter::default(), None, usize::MAX).found;
        all.into_iter().map(|(_, view)| view).collect()
    }

    /// Everything that decides what can happen from here on, whoever the customers are and whatever was
    /// before.
    fn state(&self) -> Vec<u64> {
        let view = self.slot().view();
        let waitlist = view.definition.policy.waitlist.map(|list| (list.promotion, list.order));
        let late = self.now - view.stamp.0;
        let quota = size_of(self.slot()).map_or(u64::MAX, u64::from);
        let mut state = vec![u64::from(view.counts.capacity), waitlist_number(waitlist), late, quota];
        let mut names = vec![];
        for booking in self.bookings().into_iter().filter(|view| !view.status.is_over()) {
            let known = names.iter().position(|known| *known == booking.customer);
            state.push(known.unwrap_or(names.len()) as u64);
            names.push(booking.customer.clone());
            state.extend([u64::from(booking.quantity), booking.mode as u64, booking.status as u64]);
            state.push(u64::from(is_of_few(&booking)));
            let began = self.began.get(&booking.number.0).filter(|_| booking.status == Status::Held);
            state.push(began.map_or(0, |began| self.now - began));
            state.push(booking.expires_at.map_or(0, |until| until.0.wrapping_sub(self.now)));
        }
        state
    }

    /// Makes a move: what is answered, if something is asked, and what is recorded.
    fn take(&mut self, next: Move) -> (Option<Decision>, Vec<Record>) {
        let (answer, records) = match self.command(next) {
            Some(command) => {
                let (decision, records) = self.ask(command);
                (Some(decision), records)
            }
            None if next == Move::Pulse => {
                let mut records = vec![];
                self.slot.as_mut().unwrap().pulse(Level::NEWEST, Timestamp(self.now), &mut records);
                (None, records)
            }
            None => {
                let deadline = self.slot().deadline().unwrap().0;
                self.now = if self.now < deadline - 1 { deadline - 1 } else { deadline };
                (None, vec![])
            }
        };
        for record in &records {
            for view in &record.bookings {
                if view.status != Status::Held {
                    self.began.remove(&view.number.0);
                } else if !matches!(next, Move::Extend(number) if number == view.number.0) {
                    // Who is made smaller goes on holding; who waited begins.
                    let began = self.began.entry(view.number.0).or_insert(record.at.0);
                    if !matches!(next, Move::Reduce(number) if number == view.number.0) {
                        *began = record.at.0;
                    }
                }
            }
        }
        (answer, records)
    }

    /// What a move asks of the slot, if anything.
    fn command(&self, next: Move) -> Option<Command> {
        let organizer_confirms = self.slot().view().definition.policy.confirmed_by == ConfirmedBy::Organizer;
        let act = |number: u32| {
            let view = self.bookings().swap_remove(number as usize - 1);
            Act { booking: view.id.request, by: Party::Customer(view.customer) }
        };
        let command = match next {
            Move::Wait | Move::Pulse => return None,
            Move::Book(customer, quantity, mode) => Command::Book(Book {
                customer: name(customer),
                wish: Wish::Units(quantity),
                mode,
                hold_seconds: None,
                when_full: WhenFull::Waitlist,
                basket: None,
            }),
            Move::Buy(customer, product, mode) => Command::Book(Book {
                customer: name(customer),
                wish: Wish::Units(1),
                mode,
                hold_seconds: None,
                when_full: WhenFull::Waitlist,
                basket: Some(Box::new(Basket {
                    lines: vec![Line { product: product.into(), quantity: 1 }],
                    expect_amount: None,
                    by: Asker::Customer,
                })),
            }),
            Move::Quota(size) => Command::ChangeSlot(Box::new(SlotChange {
                tariff: Some(Box::new(TariffChange { products: None, ..goods(size) })),
                ..SlotChange::default()
            })),
            Move::Confirm(number) if organizer_confirms => {
                Command::ConfirmBooking(Act { by: Party::Organizer, ..act(number) })
            }
            Move::Confirm(number) => Command::ConfirmBooking(act(number)),
            Move::Extend(number) => Command::ExtendHold(Extend { act: act(number), hold_seconds: SECONDS }),
            Move::Accept(number) => Command::AcceptOffer(act(number)),
            Move::Decline(number) => Command::DeclineOffer(act(number)),
            Move::Cancel(number) => Command::CancelBooking(act(number)),
            Move::Reduce(number) => Command::ChangeQuantity(ChangeQuantity {
                act: act(number),
                quantity: NonZeroU32::MIN,
                lines: vec![],
            }),
            Move::Capacity(capacity) => Command::ChangeSlot(Box::new(SlotChange {
                capacity: Some(capacity),
                ..SlotChange::default()
            })),
            Move::Waitlist(waitlist) => {
                let mut change = SlotChange::default();
                change.policy.waitlist = Some(waitlist.map(|(promotion, order)| WaitlistChange {
                    capacity: Some(10),
                    promotion: Some(promotion),
                    offer_seconds: Some(SECONDS),
                    order: Some(order),
                }));
                Command::ChangeSlot(Box::new(change))
            }
        };
        Some(command)
    }

    fn ask(&mut self, command: Command) -> (Decision, Vec<Record>) {
        self.requests += 1;
        let request = Request {
            slot: SlotId { partition: Partition::new(7).unwrap(), hash: 7 },
            key: RequestKey(self.requests),
            fingerprint: Fingerprint(1),
            command,
        };
        let mut records = vec![];
        let outcome = Slot::apply(&mut self.slot, Level::NEWEST, Timestamp(self.now), &request, &mut records);
        (outcome.decision, records)
    }

    /// Makes a move, and looks at everything that it did.
    fn take_and_judge(&mut self, next: Move, way: &[Move]) {
        let (before, orders, seq) = (self.bookings(), self.orders(), self.slot().view().seq);
        let (answer, records) = self.take(next);
        let after = self.bookings();
        assert_eq!(self.slot().check(), Ok(()), "{way:?}");
        judge_answer(&before, next, self.now, answer.as_ref(), way);
        judge_records(&before, &after, seq, &records, way);
        judge_promises(&before, &after, next, self.now, way);
        let orders = [orders, self.orders()].concat();
        judge_turns(&before, &after, (orders.contains(&Order::SkipFit), size_of(self.slot())), way);
        self.judge_saved(way);
    }

    fn orders(&self) -> Vec<Order> {
        self.slot().view().definition.policy.waitlist.map(|list| list.order).into_iter().collect()
    }

    /// A slot that is made from what is saved does not differ.
    fn judge_saved(&mut self, way: &[Move]) {
        let saved = self.slot.as_mut().unwrap().take_changes(Timestamp(0));
        let restored = Slot::restore(SavedSlot {
            header: saved.header,
            bookings: saved.bookings,
            receipts: saved.receipts,
            intents: SavedIntents::default(),
            house: SavedHouse::default(),
        });
        let restored = restored.unwrap_or_else(|broken| panic!("{way:?}: {broken}"));
        assert_eq!(restored.digest(), self.slot().digest(), "{way:?}");
    }
}

/// A hold is a promise, and so is an offer: who confirms or accepts before its deadline gets it. From the
/// deadline on nobody does.
fn judge_answer(before: &[BookingView], next: Move, now: u64, answer: Option<&Decision>, way: &[Move]) {
    let (number, wanted, lapsed) = match next {
        Move::Confirm(number) => (number, Status::Held, Refusal::HoldExpired),
        Move::Accept(number) => (number, Status::Offered, Refusal::OfferExpired),
        Move::Book(..)
        | Move::Buy(..)
        | Move::Quota(_)
        | Move::Extend(_)
        | Move::Decline(_)
        | Move::Cancel(_)
        | Move::Reduce(_)
        | Move::Wait
        | Move::Pulse
        | Move::Capacity(_)
        | Move::Waitlist(_) => return,
    };
    let view = &before[number as usize - 1];
    if view.status != wanted {
        return;
    }
    if view.expires_at.unwrap().0 <= now {
        assert_eq!(answer, Some(&Decision::Refused(lapsed)), "{way:?}");
        return;
    }
    let Some(Decision::Booking(given)) = answer else { panic!("a broken promise, {answer:?}: {way:?}") };
    assert!([Status::Held, Status::Confirmed].contains(&given.status), "{way:?}");
    assert!(wanted == Status::Offered || given.status == Status::Confirmed, "{way:?}");
}

/// One record if anything changed, with the next number, and in it exactly the bookings that changed.
fn judge_records(before: &[BookingView], after: &[BookingView], seq: Seq, records: &[Record], way: &[Move]) {
    let changed = after.iter().enumerate().filter(|(place, view)| {
        let told = |view: &BookingView| (view.status, view.expires_at, view.quantity);
        before.get(*place).is_none_or(|old| told(old) != told(view))
    });
    // Only who joins in this step is told a position.
    let told = |(place, view): (usize, &BookingView)| {
        let position = view.position.filter(|_position| before.get(place).is_none());
        BookingView { position, ..view.clone() }
    };
    let changed = changed.map(told).collect::<Vec<_>>();
    assert!(records.len() <= 1, "{way:?}");
    let Some(record) = records.first() else {
        assert_eq!(changed, [] as [BookingView; 0], "not recorded: {way:?}");
        return;
    };
    assert_eq!(record.seq, seq.next(), "{way:?}");
    let mut recorded = record.bookings.clone();
    recorded.sort_by_key(|view| view.number);
    assert_eq!(recorded, changed, "{way:?}");
}

/// What is confirmed stays so, and what has a deadline ends at it and not before, unless somebody wants it.
fn judge_promises(before: &[BookingView], after: &[BookingView], next: Move, now: u64, way: &[Move]) {
    let asked = match next {
        Move::Confirm(number)
        | Move::Extend(number)
        | Move::Accept(number)
        | Move::Decline(number)
        | Move::Cancel(number) => Some(number),
        // Of a booking that is made smaller the promise stands.
        Move::Reduce(_)
        | Move::Book(..)
        | Move::Buy(..)
        | Move::Quota(_)
        | Move::Wait
        | Move::Pulse
        | Move::Capacity(_)
        | Move::Waitlist(_) => None,
    };
    for (old, new) in before.iter().zip(after).filter(|(old, _)| Some(old.number.0) != asked) {
        let lasts = old.expires_at.is_none_or(|until| now < until.0);
        if lasts && old.status != Status::Waitlisted {
            assert_eq!((old.status, old.expires_at), (new.status, new.expires_at), "{way:?}");
        }
        let is_reduced = next == Move::Reduce(old.number.0);
        assert!(old.quantity == new.quantity || is_reduced, "{way:?}");
    }
}

/// Nobody is passed: who gets a place has nobody before them who still waits, or none who would have fitted. Of a quota no more is given
/// than there is, and who waits for that alone is passed by who does not want it.
fn judge_turns(
    before: &[BookingView],
    after: &[BookingView],
    (skips, quota): (bool, Option<u32>),
    way: &[Move],
) {
    let waited = |view: &&BookingView| {
        let then = before.get(view.number.0 as usize - 1);
        then.is_none_or(|then| then.status == Status::Waitlisted)
    };
    let given = |view: &&BookingView| !view.status.is_over() && view.status != Status::Waitlisted;
    let few =
        after.iter().filter(given).filter(|view| is_of_few(view)).map(|view| view.quantity).sum::<u32>();
    assert!(quota.is_none_or(|quota| few <= quota), "{few} of {quota:?}: {way:?}");
    for served in after.iter().filter(waited).filter(given) {
        let earlier = &after[..served.number.0 as usize - 1];
        for waiter in earlier.iter().filter(|view| view.status == Status::Waitlisted) {
            let is_short = is_of_few(waiter) && !is_of_few(served) && quota == Some(few);
            assert!(is_short || skips && served.quantity < waiter.quantity, "{waiter:?} was passed: {way:?}");
        }
    }
}

/// Two products, and so many of one of them.
fn goods(size: u32) -> TariffChange {
    let product = |key: &str| Product { key: key.into(), title: key.into(), categories: None };
    TariffChange {
        map: None,
        products: Some([FEW, MANY].map(product).into()),
        quotas: Some(vec![QuotaAsked { key: FEW.into(), size, products: vec![FEW.into()] }]),
        prices: None,
        currency: None,
    }
}

/// How many there are of the product of which there are only so many.
fn size_of(slot: &Slot) -> Option<u32> {
    let view = slot.view();
    view.definition.tariff.as_ref().and_then(|tariff| tariff.quotas.first()).map(|quota| quota.size)
}

fn is_of_few(view: &BookingView) -> bool {
    let lines = view.bill.iter().flat_map(|bill| bill.lines());
    lines.into_iter().any(|line| &*line.product == FEW)
}

fn name(customer: u8) -> Box<str> {
    format!("customer {customer}").into()
}

fn waitlist_number(waitlist: Option<(Promotion, Order)>) -> u64 {
    waitlist.map_or(0, |(promotion, order)| 1 + promotion as u64 * 2 + order as u64)
}
