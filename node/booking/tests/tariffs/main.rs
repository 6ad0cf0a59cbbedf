//! Slots that sell products at random, beside a naive oracle: every answer, every booking and every quota must be equal, the invariants
//! must hold after every step, and a slot that was saved as bytes and restored must not differ from one that was not.
//!
//! A failure prints its seed, and the step that failed.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped fails the test")]

mod oracle;
#[path = "../model/workload/random.rs"]
mod random;

use std::collections::BTreeMap;
use std::sync::Arc;

use booking::{
    Act, Asker, Basket, Book, ChangeQuantity, Command, ConfirmedBy, Currency, Decision, Definition, Filter,
    Fingerprint, Level, Line, Mode, Number, Order, Outcome, Partition, Party, Policy, PriceAsked, Product,
    Promotion, QuotaAsked, Refusal, Request, RequestKey, Sale, SavedHouse, SavedIntents, SavedSlot, Secret,
    Slot, SlotChange, SlotId, Status, Stock, TariffChange, Timestamp, WaitlistPolicy, WhenFull, Wish, stored,
};
use oracle::{Asked, At, ENDS, HOLD, Lines, Oracle, PRODUCTS, Price};
use random::Random;

const SEEDS: u64 = 1_500;
const STEPS: u64 = 80;
/// How often everything that can happen must have happened.
const OFTEN: u64 = 30;
const KEYS: [&str; PRODUCTS] = ["adult", "child", "vip"];

type Seen = BTreeMap<String, u64>;

#[test]
fn a_slot_of_products_does_what_the_oracle_does() {
    let mut seen = Seen::new();
    for seed in 0..SEEDS {
        live(seed, &mut seen);
    }
    let everything = [
        "NotOnSale",
        "QuantityTooLarge",
        "PriceChanged",
        "QuotaExhausted",
        "SoldOut",
        "PaymentRequired",
        "NotHeld",
        "NotOffered",
        "AlreadyOver",
        "CapacityInUse",
        "Held",
        "Confirmed",
        "Waitlisted",
        "Cancelled",
        "changed",
        "waits although units are free",
    ];
    for what in everything {
        let count = seen.get(what).copied().unwrap_or(0);
        assert!(OFTEN <= count, "{what:?} only {count} times of {seen:#?}");
    }
}

fn live(number: u64, seen: &mut Seen) {
    let mut world = World {
        random: Random(number),
        key: 1,
        oracle: Oracle {
            now: 0,
            capacity: 0,
            sold: [true; PRODUCTS],
            quotas: vec![],
            prices: vec![],
            strict: true,
            offers: false,
            bookings: vec![],
        },
    };
    let mut oracle = world.sold();
    (oracle.strict, oracle.offers) = (world.random.percent(60), world.random.percent(30));
    let made = Command::CreateSlot(Box::new(definition(&oracle).into()));
    world.oracle = oracle;
    let (mut slot, mut saved) = (None, Saved::default());
    world.apply(&mut slot, 0, made);
    for nth in 0..STEPS {
        let before = world.oracle.clone();
        let told = |what: &dyn std::fmt::Debug| format!("seed {number}, step {nth}: {what:?} of {before:#?}");
        let now = before.now + u64::from(world.random.small(20)) * 1_000;
        let (command, what) = world.step(&mut slot, now, seen);
        compare(slot.as_ref().unwrap(), &world.oracle, seen, &told(&(command, what)));
        if world.random.percent(15) {
            slot = slot.take().map(|slot| saved.restored(slot));
            compare(slot.as_ref().unwrap(), &world.oracle, seen, &told(&"restored"));
        }
    }
}

/// A slot, and what is done to it.
struct World {
    random: Random,
    key: u128,
    oracle: Oracle,
}

impl World {
    fn apply(&mut self, slot: &mut Option<Slot>, now: u64, command: Command) -> Outcome {
        let id = SlotId { partition: Partition::new(1).unwrap(), hash: 1 };
        let request = Request { slot: id, key: RequestKey(self.key), fingerprint: Fingerprint(1), command };
        let bytes = encoded(stored::Request::at(Level::NEWEST, request.clone()));
        assert_eq!(Request::from(decoded::<stored::Request>(&bytes)), request);
        self.key += 1;
        Slot::apply(slot, Level::NEWEST, Timestamp(now), &request, &mut vec![])
    }

    /// Something at random, and what the oracle says of it.
    fn step(&mut self, slot: &mut Option<Slot>, now: u64, seen: &mut Seen) -> (Option<Command>, String) {
        self.oracle.pass(now);
        let count = self.oracle.bookings.len();
        let any = usize::try_from(self.random.below(count.max(1) as u64)).unwrap();
        let place = Some(any).filter(|&place| place < count);
        let act = |by| Act { booking: RequestKey(0), by };
        let customer = || Party::Customer("ada".into());
        let (command, decided) = match (self.random.small(10), place) {
            (0, Some(place)) => {
                (Command::CancelBooking(act(Party::Organizer)), Some(self.oracle.cancel(place)))
            }
            (1, Some(place)) => (Command::ConfirmBooking(act(customer())), self.oracle.confirm(place, false)),
            (2, Some(place)) => {
                (Command::ConfirmBooking(act(Party::Organizer)), self.oracle.confirm(place, true))
            }
            (3, Some(place)) => (Command::AcceptOffer(act(customer())), self.oracle.accept(place)),
            (4, Some(place)) => self.reduction(place, act(Party::Organizer)),
            (5, _) => return self.change(slot, now, seen),
            (6, _) => {
                let until = slot.as_ref().unwrap().deadline();
                slot.as_mut().unwrap().pulse(Level::NEWEST, Timestamp(now), &mut vec![]);
                return (None, format!("pulse {until:?}"));
            }
            _ => self.booking(),
        };
        let place = match (&command, &decided) {
            (Command::Book(_), _) => None,
            _ => place,
        };
        let command = match place {
            Some(place) => aimed(command, key_of(slot.as_ref().unwrap(), place)),
            None => command,
        };
        let outcome = self.apply(slot, now, command.clone());
        self.oracle.serve();
        let happened = match &outcome.decision {
            Decision::Booking(view) => format!("{:?}", view.status),
            Decision::Refused(refusal) | Decision::Explained(refusal, _) => format!("{refusal:?}"),
            Decision::Slot(_)
            | Decision::AnotherMap
            | Decision::KeyReused
            | Decision::NotFound
            | Decision::Forbidden => panic!("{outcome:?} to {command:?}"),
        };
        *seen.entry(happened.clone()).or_default() += 1;
        match decided {
            Some(Err(refusal)) => assert_eq!(happened, format!("{refusal:?}"), "{command:?}"),
            Some(Ok(_)) => {
                assert!(matches!(outcome.decision, Decision::Booking(_)), "{outcome:?} {command:?}");
            }
            None => assert!(!matches!(outcome.decision, Decision::Booking(_)), "{outcome:?} {command:?}"),
        }
        (Some(command), happened)
    }

    fn booking(&mut self) -> (Command, Option<Result<usize, Refusal>>) {
        let mut lines = [0; PRODUCTS];
        for _ in 0..=self.random.small(3) {
            let product = *self.random.one_of(&[0, 1, 2]);
            if self.oracle.sold[product] {
                lines[product] += 1 + self.random.small(2);
            }
        }
        let first = self.oracle.sold.iter().position(|sold| *sold).unwrap();
        if lines == [0; PRODUCTS] {
            lines[first] = 1;
        }
        let cost = self.oracle.cost(&lines).unwrap_or_default();
        let amount = (0..PRODUCTS).map(|one| cost[one] * u64::from(lines[one])).sum::<u64>();
        let expect = self.random.maybe(20, |random| amount + u64::from(random.small(2)));
        let asked = Asked {
            lines,
            holds: self.random.percent(40),
            may_wait: self.random.percent(70),
            expect,
            by_organizer: self.random.percent(20),
        };
        let by = if asked.by_organizer { Asker::Organizer } else { Asker::Customer };
        let command = Command::Book(Book {
            customer: "ada".into(),
            wish: Wish::Units(lines.iter().sum()),
            mode: if asked.holds { Mode::Hold } else { Mode::Confirm },
            hold_seconds: None,
            when_full: if asked.may_wait { WhenFull::Waitlist } else { WhenFull::Refuse },
            basket: Some(Box::new(Basket { lines: said(&lines), expect_amount: expect, by })),
        });
        let decided = self.oracle.book(&asked);
        (command, Some(decided))
    }

    /// Some of a booking are given back.
    fn reduction(&mut self, place: usize, act: Act) -> (Command, Option<Result<usize, Refusal>>) {
        let mut lines = self.oracle.bookings[place].lines;
        let most = (0..PRODUCTS).max_by_key(|&product| lines[product]).unwrap();
        lines[most] = lines[most].saturating_sub(1).max(1);
        let quantity = lines.iter().sum::<u32>().try_into().unwrap();
        let command = Command::ChangeQuantity(ChangeQuantity { act, quantity, lines: said(&lines) });
        (command, Some(self.oracle.reduce(place, lines)))
    }

    fn change(&mut self, slot: &mut Option<Slot>, now: u64, seen: &mut Seen) -> (Option<Command>, String) {
        let mut new = self.sold();
        (new.strict, new.offers) = (self.oracle.strict, self.oracle.offers);
        if self.random.percent(50) {
            (new.sold, new.quotas) = (self.oracle.sold, self.oracle.quotas.clone());
            new.prices.retain(|price| price.product.is_none_or(|product| new.sold[product]));
            if let Some(quota) = new.quotas.first_mut() {
                quota.0 = self.random.small(9);
            }
        }
        let command = Command::ChangeSlot(Box::new(SlotChange {
            capacity: Some(new.capacity),
            tariff: Some(Box::new(tariff(&new))),
            ..SlotChange::default()
        }));
        let outcome = self.apply(slot, now, command.clone());
        let decided = self.oracle.change(&new);
        self.oracle.serve();
        let refused = match outcome.decision {
            Decision::Refused(refusal) => Err(refusal),
            Decision::Slot(_)
            | Decision::Booking(_)
            | Decision::Explained(..)
            | Decision::AnotherMap
            | Decision::KeyReused
            | Decision::NotFound
            | Decision::Forbidden => Ok(()),
        };
        assert_eq!(refused, decided, "{command:?}");
        *seen
            .entry(refused.map_or_else(|refusal| format!("{refusal:?}"), |()| "changed".into()))
            .or_default() += 1;
        (Some(command), format!("{refused:?}"))
    }

    /// What is sold, at random.
    fn sold(&mut self) -> Oracle {
        let random = &mut self.random;
        let mut sold: [bool; PRODUCTS] = std::array::from_fn(|_| random.percent(80));
        sold[0] |= sold == [false; PRODUCTS];
        let quotas = (0..random.small(3)).map(|_| {
            let of = std::array::from_fn(|product| sold[product] && random.percent(60));
            (random.small(9), of)
        });
        let quotas = quotas.collect();
        let prices = (0..random.small(4)).map(|_| {
            let product = *random.one_of(&[None, Some(0), Some(1), Some(2)]);
            let product = product.filter(|&product: &usize| sold[product]);
            let from = u64::from(random.small(3)) * 150_000;
            let until = if random.percent(50) { u64::MAX } else { from + 1 + random.below(300_000) };
            Price { product, amount: u64::from(random.small(4)) * 100, from, until }
        });
        let prices = prices.collect();
        Oracle { capacity: 3 + random.small(9), sold, quotas, prices, ..self.oracle.clone() }
    }
}

/// The same, about this booking.
fn aimed(command: Command, booking: RequestKey) -> Command {
    let aim = |act: Act| Act { booking, ..act };
    match command {
        Command::CancelBooking(act) => Command::CancelBooking(aim(act)),
        Command::ConfirmBooking(act) => Command::ConfirmBooking(aim(act)),
        Command::AcceptOffer(act) => Command::AcceptOffer(aim(act)),
        Command::ChangeQuantity(change) => {
            Command::ChangeQuantity(ChangeQuantity { act: aim(change.act), ..change })
        }
        other @ (Command::CreateSlot(_)
        | Command::CancelSlot
        | Command::Book(_)
        | Command::ExtendHold(_)
        | Command::DeclineOffer(_)
        | Command::ChangeSlot(_)
        | Command::SwapSeats(_)
        | Command::ChangeSale(_)
        | Command::MoveBooking(_)
        | Command::ExtendHours(_)) => other,
    }
}

fn key_of(slot: &Slot, place: usize) -> RequestKey {
    let all = slot.bookings(&Filter::default(), None, usize::MAX).found;
    all[place].1.id.request
}

fn said(lines: &Lines) -> Vec<Line> {
    let all = KEYS.iter().zip(lines).filter(|(_, quantity)| 0 < **quantity);
    all.map(|(key, quantity)| Line { product: (*key).into(), quantity: *quantity }).collect()
}

fn tariff(oracle: &Oracle) -> TariffChange {
    let sold = (0..PRODUCTS).filter(|&product| oracle.sold[product]);
    let product = |product: usize| {
        let key = KEYS[product];
        Product { key: key.into(), title: key.into(), categories: None }
    };
    let quota = |(number, (size, of)): (usize, &(u32, [bool; PRODUCTS]))| QuotaAsked {
        key: format!("quota {number}").into(),
        size: *size,
        products: (0..PRODUCTS).filter(|&product| of[product]).map(|product| KEYS[product].into()).collect(),
    };
    let price = |price: &Price| PriceAsked {
        product: price.product.map(|product| KEYS[product].into()),
        category: None,
        amount: price.amount,
        from: Some(Timestamp(price.from)).filter(|from| 0 < from.0),
        until: Some(Timestamp(price.until)).filter(|until| until.0 < u64::MAX),
    };
    TariffChange {
        map: None,
        products: Some(sold.map(product).collect()),
        quotas: Some(oracle.quotas.iter().enumerate().map(quota).collect()),
        prices: Some(oracle.prices.iter().map(price).collect()),
        currency: Some(Some(Currency(*b"EUR"))),
    }
}

fn definition(oracle: &Oracle) -> Definition {
    let waitlist = WaitlistPolicy {
        capacity: 1_000,
        promotion: if oracle.offers { Promotion::Offer } else { Promotion::Confirm },
        offer_seconds: u32::try_from(HOLD / 1_000).unwrap(),
        order: if oracle.strict { Order::Strict } else { Order::SkipFit },
    };
    Definition {
        organizer: "studio".into(),
        placement: None,
        title: "yoga".into(),
        starts_at: Timestamp(ENDS - 1),
        ends_at: Timestamp(ENDS),
        sale: Sale { opens_at: None, closes_at: None },
        stock: Stock::Units { capacity: oracle.capacity },
        tariff: tariff(oracle).made_to(None).unwrap().map(Arc::new),
        policy: Policy {
            confirmed_by: ConfirmedBy::Customer,
            hold_seconds: u32::try_from(HOLD / 1_000).unwrap(),
            hold_seconds_max: u32::try_from(HOLD / 1_000).unwrap(),
            customer_limit: None,
            cancel_until_seconds: 0,
            waitlist: Some(waitlist),
            on_account: None,
        },
        secret: Secret([1; 16]),
    }
}

/// Every booking and every quota is as the oracle says.
fn compare(slot: &Slot, oracle: &Oracle, seen: &mut Seen, told: &str) {
    assert_eq!(slot.check(), Ok(()), "{told}");
    let bookings = slot.bookings(&Filter::default(), None, usize::MAX).found;
    assert_eq!(bookings.len(), oracle.bookings.len(), "{told}");
    for ((number, view), booking) in bookings.iter().zip(&oracle.bookings) {
        let at = match (view.status, view.expires_at) {
            (Status::Held, Some(until)) => At::Held(until.0),
            (Status::Offered, Some(until)) => At::Offered(until.0),
            (Status::Waitlisted, None) => At::Waits,
            (Status::Confirmed, None) => At::Confirmed,
            _ => At::Over,
        };
        assert_eq!(at, booking.at, "{number:?}, {told}");
        let bill = view.bill.as_ref().unwrap();
        assert_eq!(
            (bill.lines(), bill.amount()),
            (said(&booking.lines), booking.amount()),
            "{number:?}, {told}"
        );
    }
    let view = slot.view();
    assert_eq!(view.counts.capacity - view.counts.free, oracle.taken(0), "{told}");
    let quotas = (0..oracle.quotas.len()).map(|quota| u64::from(oracle.taken(quota + 1)));
    assert_eq!(view.goods.as_ref().unwrap().taken, quotas.collect::<Vec<_>>(), "{told}");
    // What is seen at a seq is what was sold then, whenever it is looked at.
    assert_eq!(view.bookable(Timestamp(oracle.now)), oracle.bookable(), "{told}");
    if 0 < view.counts.free && 0 < view.counts.waitlisted {
        *seen.entry("waits although units are free".into()).or_default() += 1;
    }
}

/// What is saved of a slot, as bytes.
#[derive(Default)]
struct Saved {
    bookings: BTreeMap<Number, Vec<u8>>,
    receipts: BTreeMap<RequestKey, Vec<u8>>,
}

impl Saved {
    /// The slot that comes back from what is saved of it.
    fn restored(&mut self, mut slot: Slot) -> Slot {
        let level = Level::NEWEST;
        let changes = slot.take_changes(Timestamp(0));
        for booking in changes.bookings {
            self.bookings.insert(booking.record.number, encoded(stored::Booking::at(level, booking)));
        }
        for receipt in changes.receipts {
            self.receipts.insert(receipt.request, encoded(stored::Receipt::at(level, receipt)));
        }
        changes.forgotten.iter().for_each(|request| drop(self.receipts.remove(request)));
        let header = encoded(stored::Header::at(level, changes.header));
        let restored = Slot::restore(SavedSlot {
            header: decoded::<stored::Header>(&header).into(),
            bookings: self.bookings.values().map(|bytes| decoded::<stored::Booking>(bytes).into()).collect(),
            receipts: self.receipts.values().map(|bytes| decoded::<stored::Receipt>(bytes).into()).collect(),
            intents: SavedIntents::default(),
            house: SavedHouse::default(),
        });
        let restored = restored.unwrap_or_else(|broken| panic!("{broken:?}"));
        assert_eq!((restored.digest(), restored.view()), (slot.digest(), slot.view()));
        restored
    }
}

fn encoded<T: serde::Serialize>(value: T) -> Vec<u8> {
    bincode::serde::encode_to_vec(value, bincode::config::standard()).unwrap()
}

fn decoded<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> T {
    bincode::serde::decode_from_slice(bytes, bincode::config::standard()).unwrap().0
}
