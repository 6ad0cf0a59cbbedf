//! What is asked of a slot of seats over its life, from a seed: mostly what can be done, often what just cannot.

use std::num::NonZeroU32;

use booking::{
    Act, AisleSingles, Allotment, Area, Asker, Best, Book, Category, ChangeQuantity, ChangeSale, Command,
    ConfirmedBy, Content, Definition, Extend, Fingerprint, Mode, NewSlot, Order, Partition, Party, Pick,
    Policy, Promotion, Request, RequestKey, Sale, Seat, SeatRun, SeatsAsked, SeatsStock, SeatsWish, Secret,
    Section, SingleScope, Singles, SinglesChange, SinglesPolicy, SlotChange, SlotId, Status, Stock, Swap,
    SwapSeats, Timestamp, Together, WaitlistChange, WaitlistPolicy, WhenFull, Wish,
};

use crate::judge::given_of;
use crate::layout::Layout;
use crate::oracle::Oracle;
use crate::random::Random;
use crate::wares;

/// What is done next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Request(u64, Box<Request>),
    Pulse(u64),
    Save,
    Restore,
}

pub(crate) struct Workload {
    pub(crate) random: Random,
    at: u64,
    keys: u128,
    maps: u128,
    pub(crate) asked: Vec<Request>,
}

impl Workload {
    pub(crate) fn new(seed: u64) -> Self {
        Self { random: Random(seed), at: 1_000, keys: 0, maps: 1, asked: vec![] }
    }

    /// What makes the slot.
    pub(crate) fn making(&mut self) -> (u64, Request, Definition, Layout) {
        let layout = Layout::random(1, &mut self.random);
        let mut definition = self.definition();
        if self.random.percent(35) {
            let of = (layout.map, layout.drawing.categories);
            let tariff = wares::tariff(&mut self.random, of, self.at);
            definition.tariff = tariff.made_to(None).unwrap().map(std::sync::Arc::new);
        }
        let new = NewSlot::of_seats(definition.clone(), layout.plan().into());
        (self.at, self.request(Command::CreateSlot(Box::new(new))), definition, layout)
    }

    pub(crate) fn next(&mut self, oracle: &Oracle) -> Step {
        match self.random.below(100) {
            0..50 => self.at += self.random.below(300),
            50..60 => {
                let deadline = oracle.deadline().filter(|&deadline| deadline < self.at + 100_000);
                self.at =
                    deadline.map_or(self.at, |deadline| self.at.max(deadline + self.random.below(2) - 1));
            }
            _ => {}
        }
        let step = match self.random.below(100) {
            0..4 => Step::Pulse(self.at),
            4..7 => Step::Save,
            7..10 => Step::Restore,
            10..14 if !self.asked.is_empty() => {
                let mut again = self.random.one_of(&self.asked).clone();
                if self.random.percent(10) {
                    again.fingerprint = Fingerprint(77);
                }
                Step::Request(self.at, Box::new(again))
            }
            _ => {
                let command = self.command(oracle);
                Step::Request(self.at, Box::new(self.request(command)))
            }
        };
        if let Step::Request(_, request) = &step {
            self.asked.push((**request).clone());
        }
        step
    }

    fn request(&mut self, command: Command) -> Request {
        self.keys += 1;
        let slot = SlotId { partition: Partition::new(7).unwrap(), hash: 7 };
        Request { slot, key: RequestKey(self.keys), fingerprint: Fingerprint(1), command }
    }

    fn command(&mut self, oracle: &Oracle) -> Command {
        match self.random.below(1_000) {
            0..2 => Command::CancelSlot,
            2..75 => Command::ChangeSale(Box::new(self.sale(oracle))),
            75..130 => Command::ChangeSlot(Box::new(self.change(oracle))),
            130..215 => Command::CancelBooking(self.act(oracle, Status::Confirmed)),
            215..270 => Command::ConfirmBooking(self.act(oracle, Status::Held)),
            270..290 => Command::ExtendHold(Extend {
                act: self.act(oracle, Status::Held),
                hold_seconds: self.random.small(9),
            }),
            290..330 => Command::AcceptOffer(self.act(oracle, Status::Offered)),
            330..350 => Command::DeclineOffer(self.act(oracle, Status::Offered)),
            350..400 => {
                let status = *self.random.one_of(&[Status::Held, Status::Waitlisted, Status::Confirmed]);
                let quantity = NonZeroU32::MIN.saturating_add(self.random.small(3));
                let act = self.act(oracle, status);
                let booking = oracle.bookings.iter().find(|booking| booking.key == act.booking);
                let said = booking.and_then(|booking| wares::fewer(&mut self.random, booking));
                let said = said.and_then(|(quantity, lines)| Some((NonZeroU32::new(quantity)?, lines)));
                let (quantity, lines) = said.unwrap_or((quantity, vec![]));
                Command::ChangeQuantity(ChangeQuantity { act, quantity, lines })
            }
            400..520 => Command::SwapSeats(Box::new(self.swap(oracle))),
            _ => Command::Book(self.book(oracle)),
        }
    }

    fn book(&mut self, oracle: &Oracle) -> Book {
        let asked = if self.random.percent(45) {
            SeatsAsked::Pick(self.pick(oracle))
        } else {
            SeatsAsked::Best(self.best(oracle))
        };
        let random = &mut self.random;
        let map = if random.percent(2) { Content(0) } else { oracle.map() };
        let by = if random.percent(70) { Asker::Customer } else { Asker::Organizer };
        let book = Book {
            customer: customer(random),
            wish: if random.percent(1) {
                Wish::Units(1)
            } else {
                Wish::Seats(Box::new(SeatsWish { map, by, asked }))
            },
            mode: if random.percent(40) { Mode::Hold } else { Mode::Confirm },
            hold_seconds: random.maybe(50, |random| random.small(9)),
            when_full: if random.percent(15) { WhenFull::Refuse } else { WhenFull::Waitlist },
            basket: None,
        };
        Book { basket: wares::basket(random, oracle, &book), ..book }
    }

    fn best(&mut self, oracle: &Oracle) -> Best {
        let random = &mut self.random;
        let quantity = if random.percent(97) { 1 + random.small(5) } else { random.small(40) };
        let count = u64::from(oracle.layout.drawing.categories);
        let mut categories = vec![];
        for _ in 0..=random.below(2) {
            let beyond = u64::from(random.percent(2));
            let category = Category(u8::try_from(random.below(count + beyond)).unwrap());
            if !categories.contains(&category) {
                categories.push(category);
            }
        }
        let accessible = if random.percent(15) { random.small(quantity.min(3) + 1) } else { 0 };
        let sections = oracle.layout.drawing.blocks.last().map_or(1, |last| u64::from(last.section.0) + 1);
        let section = |random: &mut Random| Section(u16::try_from(random.below(sections)).unwrap());
        Best {
            quantity,
            categories,
            together: if random.percent(35) { Together::Must } else { Together::Prefer },
            accessible,
            sections: random.maybe(12, section).into_iter().collect(),
            allotment: random.maybe(8, |random| Allotment(u8::try_from(random.below(3)).unwrap())),
        }
    }

    fn seat(&mut self, oracle: &Oracle) -> Seat {
        let end = oracle.layout.chairs.len() as u64 + u64::from(self.random.percent(1));
        Seat(u32::try_from(self.random.below(end.max(1))).unwrap())
    }

    /// A few seats: mostly neighbours that are free.
    fn seats(&mut self, oracle: &Oracle) -> Vec<Seat> {
        let judge = oracle.judge();
        let first = (0..8)
            .map(|_| self.seat(oracle))
            .find(|seat| (seat.0 as usize) < oracle.layout.chairs.len() && judge.is_open(seat.0));
        let first = first.unwrap_or_else(|| self.seat(oracle));
        let mut seats = (0..=self.random.small(3)).map(|next| Seat(first.0 + next)).collect::<Vec<_>>();
        if self.random.percent(15) {
            seats.push(self.seat(oracle));
        }
        if self.random.percent(85) {
            seats.retain(|seat| (seat.0 as usize) < oracle.layout.chairs.len());
            seats.sort_unstable();
            seats.dedup();
        }
        if self.random.percent(10) {
            seats.reverse();
        }
        seats
    }

    fn pick(&mut self, oracle: &Oracle) -> Pick {
        let areas = oracle.layout.drawing.areas.len() as u64;
        let area = |random: &mut Random| {
            let beyond = u64::from(random.percent(2));
            let area = u8::try_from(random.below(areas + beyond)).unwrap();
            (Area(area), random.small(4))
        };
        let area = if areas > 0 { self.random.maybe(30, area) } else { None };
        let seats = if area.is_some() && self.random.percent(50) { vec![] } else { self.seats(oracle) };
        Pick {
            seats,
            areas: area.into_iter().collect(),
            accessible: self.random.percent(30).into(),
            allotment: self.random.maybe(10, |random| Allotment(u8::try_from(random.below(3)).unwrap())),
        }
    }

    fn swap(&mut self, oracle: &Oracle) -> SwapSeats {
        let status = if self.random.percent(70) { Status::Held } else { Status::Confirmed };
        let act = self.act(oracle, status);
        let has = oracle.bookings.iter().find(|booking| booking.key == act.booking);
        let has = has.map(|booking| given_of(&booking.seating).seats).unwrap_or_default();
        let mut drop = has.into_iter().map(Seat).filter(|_| self.random.percent(50)).collect::<Vec<_>>();
        if self.random.percent(3) {
            drop.push(self.seat(oracle));
        }
        let add = if self.random.percent(70) { self.seats(oracle) } else { vec![] };
        let accessible = u32::from(self.random.percent(30));
        let allotment = self.random.maybe(10, |random| Allotment(u8::try_from(random.below(3)).unwrap()));
        let map = if self.random.percent(2) { Content(0) } else { oracle.map() };
        SwapSeats { act, map, swap: Swap { add, drop, accessible, allotment } }
    }

    fn sale(&mut self, oracle: &Oracle) -> ChangeSale {
        let run = |workload: &mut Self| {
            let first = workload.seat(oracle);
            let length = workload.random.small(4) + u32::from(workload.random.percent(98));
            let rest = u32::try_from(oracle.layout.chairs.len()).unwrap().saturating_sub(first.0);
            let length = if workload.random.percent(95) { length.min(rest) } else { length };
            SeatRun { first, length }
        };
        let runs = |workload: &mut Self, share: u64| {
            workload.random.percent(share).then(|| run(workload)).into_iter().collect::<Vec<_>>()
        };
        let (block, open) = (runs(self, 40), runs(self, 60));
        let name = *self.random.one_of(&["press", "sponsors", "friends", ""]);
        let name = if name.is_empty() && self.random.percent(80) { "press" } else { name };
        let allot = self.random.percent(40).then(|| (name.into(), runs(self, 95))).into_iter().collect();
        let map = if self.random.percent(2) { Content(0) } else { oracle.map() };
        ChangeSale { map, block, open, allot }
    }

    fn change(&mut self, oracle: &Oracle) -> SlotChange {
        if oracle.definition.tariff.is_some() && self.random.percent(25) || self.random.percent(2) {
            return wares::change(&mut self.random, oracle);
        }
        let mut change = SlotChange::default();
        match self.random.below(10) {
            0 => change.title = Some((*self.random.one_of(&["opera", "ballet"])).into()),
            1 => change.capacity = Some(1).filter(|_| self.random.percent(20)),
            2..4 => {
                change.policy.waitlist = Some(self.random.maybe(85, |random| WaitlistChange {
                    capacity: random.maybe(30, |random| 1 + random.small(12)),
                    promotion: random.maybe(40, promotion),
                    offer_seconds: random.maybe(20, |random| random.small(9)),
                    order: random.maybe(50, order),
                }));
            }
            4..7 => {
                let random = &mut self.random;
                change.singles = Some(SinglesChange {
                    singles: random.maybe(60, singles),
                    aisles: random.maybe(40, aisles),
                    scope: random.maybe(40, scope),
                });
            }
            _ => {
                self.maps += 1;
                let new = if self.random.percent(60) {
                    let same = Layout::of(self.maps, oracle.layout.drawing.clone());
                    if self.random.percent(5) { Layout { map: oracle.map(), ..same } } else { same }
                } else {
                    Layout::random(self.maps, &mut self.random)
                };
                let mut map = oracle.layout.change(&new, &mut self.random);
                if self.random.percent(3) {
                    map.from = Content(0);
                }
                change.map = Some(Box::new(map));
            }
        }
        change
    }

    /// Somebody and a booking: mostly one that stands like this, and mostly whoever may.
    fn act(&mut self, oracle: &Oracle, status: Status) -> Act {
        let fitting = oracle.bookings.iter().filter(|booking| booking.status == status).collect::<Vec<_>>();
        let (booking, owner) = if !fitting.is_empty() && self.random.percent(80) {
            let one = self.random.one_of(&fitting);
            (one.key, one.customer.clone())
        } else if !oracle.bookings.is_empty() {
            let one = self.random.one_of(&oracle.bookings);
            (one.key, one.customer.clone())
        } else {
            (RequestKey(0), customer(&mut self.random))
        };
        let by = match self.random.below(10) {
            0..6 => Party::Customer(owner),
            6 => Party::Customer(customer(&mut self.random)),
            _ => Party::Organizer,
        };
        Act { booking, by }
    }

    fn definition(&mut self) -> Definition {
        let random = &mut self.random;
        let starts_at = *random.one_of(&[20_000, 90_000, 9_000_000]);
        Definition {
            organizer: "house".into(),
            placement: None,
            title: "opera".into(),
            starts_at: Timestamp(starts_at),
            ends_at: Timestamp(starts_at + 1 + random.below(20_000)),
            sale: Sale { opens_at: None, closes_at: None },
            stock: Stock::Seats(SeatsStock {
                map: Content(1),
                singles: SinglesPolicy {
                    singles: singles(random),
                    aisles: aisles(random),
                    scope: scope(random),
                },
            }),
            tariff: None,
            policy: Policy {
                confirmed_by: if random.percent(20) { ConfirmedBy::Organizer } else { ConfirmedBy::Customer },
                hold_seconds: 1 + random.small(9),
                hold_seconds_max: 5 + random.small(9),
                customer_limit: random.maybe(30, |random| 1 + random.small(8)),
                cancel_until_seconds: random.small(9),
                waitlist: random.maybe(90, |random| WaitlistPolicy {
                    capacity: 1 + random.small(20),
                    promotion: promotion(random),
                    offer_seconds: random.small(9),
                    order: order(random),
                }),
                on_account: None,
            },
            secret: Secret([3; 16]),
        }
    }
}

fn customer(random: &mut Random) -> Box<str> {
    format!("customer {}", random.below(6)).into()
}

fn promotion(random: &mut Random) -> Promotion {
    if random.percent(40) { Promotion::Offer } else { Promotion::Confirm }
}

fn order(random: &mut Random) -> Order {
    if random.percent(40) { Order::SkipFit } else { Order::Strict }
}

fn singles(random: &mut Random) -> Singles {
    *random.one_of(&[Singles::Allow, Singles::Avoid, Singles::Refuse, Singles::Refuse])
}

fn aisles(random: &mut Random) -> AisleSingles {
    if random.percent(50) { AisleSingles::Ignore } else { AisleSingles::Count }
}

fn scope(random: &mut Random) -> SingleScope {
    if random.percent(50) { SingleScope::Row } else { SingleScope::Slot }
}
