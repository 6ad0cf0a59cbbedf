//! Random orders over several slots, time, and a network that loses, repeats and delays: beside a naive oracle, which counts the places of
//! each slot by what orders say of themselves, and nothing by how they came to it.

use booking::merchant::{Command, Decision, ItemState, NewItem, NewOrder, OrderStatus, Owner};
use booking::{Mode, OrderNumber, RequestKey, Status};

use crate::network::{Chance, Network};
use crate::sagas::{asked, order_of, plain, sold};
use crate::world::{DAY_MS, World, act, book, slot_id, usual};

const CUSTOMERS: [&str; 3] = ["alice", "bob", "carol"];
/// How many things happen before the network is mended.
const MOVES: usize = 200;
const CAPACITIES: [u32; 4] = [3, 2, 4, 3];

struct Random {
    world: World,
    chance: Chance,
    orders: Vec<(OrderNumber, &'static str)>,
    /// Bookings beside orders: where, by which key, whose.
    alone: Vec<(usize, u128, &'static str)>,
    network: Network,
}

#[test]
fn whatever_happens_every_order_is_whole_or_gone() {
    for seed in 1..=150 {
        let [a, b, c, d] = CAPACITIES;
        let slots = [plain(a, None), plain(b, Some(700)), usual(c), plain(d, Some(0))];
        let mut random = Random {
            world: World::new(slots),
            chance: Chance::new(seed),
            orders: Vec::new(),
            alone: Vec::new(),
            network: Network::default(),
        };
        for customer in CUSTOMERS {
            random.world.grant(customer, 6, Some(60));
        }
        for _move in 0..MOVES {
            random.go();
            random.world.promises_are_kept();
        }
        random.mend(seed);
    }
}

impl Random {
    fn go(&mut self) {
        match self.chance.below(22) {
            0..=2 => self.order(),
            3 => self.book(),
            4..=5 => self.act(),
            6 => {
                self.world.at += self.chance.below(DAY_MS);
                if self.chance.below(3) > 0 {
                    self.world.pulse();
                }
            }
            7 if self.chance.below(30) == 0 => {
                let (place, key) = (self.chance.place(4), self.world.key());
                self.world.ask_slot(place, key, booking::Command::CancelSlot);
            }
            7..=14 => self.network.deliver(&mut self.world, &mut self.chance),
            _ => self.network.report(&mut self.world, &mut self.chance),
        }
    }

    fn order(&mut self) {
        let customer = CUSTOMERS[self.chance.place(3)];
        let many = 1 + self.chance.place(3);
        let mut items = Vec::new();
        for _item in 0..many {
            let (place, key) = (self.chance.place(4), self.world.key());
            items.push((place, key, 1 + u32::try_from(self.chance.below(2)).unwrap()));
        }
        let mut new = NewOrder {
            mode: if self.chance.below(2) == 0 { Mode::Confirm } else { Mode::Hold },
            is_bundle: self.chance.below(3) == 0,
            skips: self.chance.below(4) == 0,
            ..order_of(&self.world, customer, &items)
        };
        let nth = self.chance.place(self.alone.len());
        if let Some(&(place, key, _whose)) = self.alone.get(nth)
            && self.chance.below(3) == 0
        {
            new.items.push(NewItem::Adopt(slot_id(place), RequestKey(key)));
        }
        if let Decision::Order(order) = self.world.ask(Command::Order(Box::new(new))) {
            self.orders.push((order.number, customer));
        }
    }

    fn book(&mut self) {
        let (place, key, customer) =
            ([0, 1, 3][self.chance.place(3)], self.world.key(), CUSTOMERS[self.chance.place(3)]);
        let mode = if self.chance.below(2) == 0 { Mode::Confirm } else { Mode::Hold };
        let book = sold(&self.world, place, book(customer, 1, mode));
        self.world.ask_slot(place, key, booking::Command::Book(book));
        if self.world.booking(place, key).is_some() {
            self.alone.push((place, key, customer));
        }
    }

    /// Somebody does something to an order, or to a booking beside them.
    fn act(&mut self) {
        let nth = self.chance.place(self.alone.len());
        let is_alone = self.chance.below(3) == 0;
        if let Some(&(place, booking, customer)) = self.alone.get(nth).filter(|_alone| is_alone) {
            let (key, act) = (self.world.key(), act(booking, Some(customer)));
            self.world.ask_slot(place, key, booking::Command::CancelBooking(act));
            return;
        }
        let nth = self.chance.place(self.orders.len());
        let Some(&(number, customer)) = self.orders.get(nth) else { return };
        let by = if self.chance.below(2) == 0 { Owner::Customer } else { Owner::Organizer };
        let asked = asked(customer, number, by);
        let command = match self.chance.below(6) {
            0 | 1 => Command::ConfirmOrder(asked),
            2 => Command::ExtendOrder(asked, 86_400 + u32::try_from(self.chance.below(86_400)).unwrap()),
            3 => Command::CancelOrder(asked, vec![u32::try_from(self.chance.below(3)).unwrap()]),
            _ => Command::CancelOrder(asked, Vec::new()),
        };
        self.world.ask(command);
    }

    /// From now on everything arrives: every item is what its booking is, and nothing is sold twice.
    fn mend(&mut self, seed: u64) {
        self.network.mend(&mut self.world);
        let mut taken = [0_u32; 4];
        for (number, _customer) in &self.orders {
            let order = self.world.merchant().order(*number).unwrap();
            assert!(order.is_settled(), "{seed}");
            assert_ne!(order.status, OrderStatus::Collecting, "{seed}");
            for item in &order.items {
                let place = usize::try_from(item.slot().unwrap().hash - 100).unwrap();
                let view = self.world.booking(place, item.booking().unwrap().0);
                let is_its = view.as_ref().is_some_and(|view| view.order == Some(*number));
                let expected = match item.state {
                    ItemState::Held => Some(Status::Held),
                    ItemState::Confirmed => Some(Status::Confirmed),
                    ItemState::Waiting | ItemState::Asked => panic!("{seed}: at rest"),
                    ItemState::Refused(_) | ItemState::Over | ItemState::GivenBack => None,
                };
                let live = view.filter(|view| is_its && !view.status.is_over());
                assert_eq!(live.as_ref().map(|view| view.status), expected, "{seed}: {order:?}");
                taken[place] += live.map_or(0, |view| view.quantity);
            }
        }
        for &(place, key, _customer) in &self.alone {
            let view = self.world.booking(place, key).unwrap();
            let is_counted = view.order.is_some();
            taken[place] += if view.status.has_places() && !is_counted { view.quantity } else { 0 };
        }
        for (place, capacity) in CAPACITIES.into_iter().enumerate() {
            let counts = self.world.counts(place);
            assert_eq!(counts.held + counts.confirmed, taken[place], "{seed}: slot {place}");
            assert!(taken[place] <= capacity, "{seed}");
        }
        // Once everything is over, nothing is reserved that nobody has.
        self.world.at += 100 * DAY_MS;
        self.world.pulse();
        self.world.settle();
        for (number, _customer) in &self.orders {
            let order = self.world.merchant().order(*number).unwrap();
            assert!(order.is_settled() && order.status != OrderStatus::Held, "{seed}: {order:?}");
        }
    }
}
