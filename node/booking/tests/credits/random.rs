//! Random requests, time, and a network that loses, repeats and delays: beside a naive oracle, which says of each booking what must have
//! become of its credits, and nothing of how.

use std::collections::BTreeMap;

use booking::merchant::{self, Bookings, Command as MerchantCommand, Freeze, OnBookings, Owner, Which};
use booking::{
    BookingView, ChangeQuantity, Command, CreditsState, Decision, Definition, LateCancel, Mode, OnAccount,
    Promotion, Status, Stock, Timestamp,
};

use crate::network::{Chance, Network};
use crate::world::{DAY_MS, World, act, book, usual};

const CUSTOMERS: [&str; 3] = ["alice", "bob", "carol"];
/// How many things happen before the network is mended.
const MOVES: usize = 250;

struct Random {
    world: World,
    chance: Chance,
    /// Bookings that were asked for: where, by which key, for whom.
    asked: Vec<(usize, u128, &'static str)>,
    network: Network,
    /// What must have become of the credits of bookings that somebody ended.
    oracle: BTreeMap<(usize, u128), CreditsState>,
}

/// Three slots: the second offers places and lets nobody cancel late, the third gives back what is cancelled late, and has a limit too.
fn slots() -> [Definition; 3] {
    let mut slots = [usual(1), usual(2), usual(4)];
    for (place, late_cancel) in
        [LateCancel::Forfeit, LateCancel::Refuse, LateCancel::Release].into_iter().enumerate()
    {
        let definition = &mut slots[place];
        let days = 20 + 3 * place as u64;
        (definition.starts_at, definition.ends_at) =
            (Timestamp(days * DAY_MS), Timestamp((days + 1) * DAY_MS));
        let mut credits = definition.policy.on_account.unwrap().credits.unwrap();
        credits.late_cancel = late_cancel;
        credits.price = u32::try_from(place).unwrap() + 1;
        definition.policy.on_account = OnAccount::new(Some(credits), place == 2);
    }
    slots[1].policy.waitlist.as_mut().unwrap().promotion = Promotion::Offer;
    slots
}

#[test]
fn whatever_happens_every_credit_is_where_it_must_be() {
    for seed in 1..=300 {
        let mut random = Random {
            world: World::new(slots()),
            chance: Chance::new(seed),
            asked: Vec::new(),
            network: Network::default(),
            oracle: BTreeMap::new(),
        };
        for _move in 0..MOVES {
            random.go();
            random.world.promises_are_kept();
        }
        random.mend(seed);
    }
}

impl Random {
    fn go(&mut self) {
        match self.chance.below(24) {
            0 => self.grant(),
            1..=5 => self.reserve(),
            6..=9 => self.act(),
            10 => self.package(),
            11 => {
                self.world.at += self.chance.below(DAY_MS * 2);
                if self.chance.below(3) > 0 {
                    self.world.pulse();
                }
            }
            12 if self.chance.below(20) == 0 => self.cancel_slot(),
            12..=17 => self.network.deliver(&mut self.world, &mut self.chance),
            _ => self.network.report(&mut self.world, &mut self.chance),
        }
    }

    fn grant(&mut self) {
        let (customer, credits) = (self.customer(), 1 + self.chance.below(12));
        let until = (self.chance.below(3) > 0).then(|| self.world.at / DAY_MS + 1 + self.chance.below(30));
        self.world.grant(customer, u32::try_from(credits).unwrap(), until);
    }

    fn reserve(&mut self) {
        let (place, key, customer) = (self.chance.place(3), self.world.key(), self.customer());
        let mode = if self.chance.below(3) == 0 { Mode::Hold } else { Mode::Confirm };
        let quantity = 1 + u32::try_from(self.chance.below(2)).unwrap();
        if let merchant::Decision::Promised(_) =
            self.world.reserve(place, key, book(customer, quantity, mode))
        {
            self.asked.push((place, key, customer));
        }
    }

    /// Somebody does something to a booking, if it is one by now.
    fn act(&mut self) {
        let nth = self.chance.place(self.asked.len());
        let Some(&(place, booking, customer)) = self.asked.get(nth) else { return };
        // So that what is seen is what it is done to: time alone changes nothing more.
        self.world.pulse();
        let Some(view) = self.world.booking(place, booking) else { return };
        let by = (self.chance.below(4) > 0).then_some(customer);
        let (key, act) = (self.world.key(), act(booking, by));
        let (command, ends) = match self.chance.below(8) {
            0 => (Command::ConfirmBooking(act), false),
            1 => (Command::AcceptOffer(act), false),
            2 => (Command::DeclineOffer(act), true),
            3 => {
                let quantity = std::num::NonZeroU32::MIN;
                (Command::ChangeQuantity(ChangeQuantity { act, quantity, lines: Vec::new() }), false)
            }
            _ => (Command::CancelBooking(act), true),
        };
        let expected = self.expected(place, &view, by.is_some());
        let decision = self.world.ask_slot(place, key, command);
        if let (Decision::Booking(_), true) = (decision, ends) {
            self.oracle.insert((place, booking), expected);
        }
    }

    /// What becomes of the credits of a booking that is ended now.
    fn expected(&self, place: usize, view: &BookingView, is_customers: bool) -> CreditsState {
        let starts_at = (20 + 3 * place as u64) * DAY_MS;
        let is_firm = view.status == Status::Confirmed;
        if is_firm && starts_at <= self.world.at {
            return CreditsState::Spent;
        }
        let is_late = is_firm && starts_at - 5 * DAY_MS <= self.world.at;
        if is_customers && is_late && place == 0 { CreditsState::Forfeited } else { CreditsState::Released }
    }

    fn package(&mut self) {
        let customer = self.customer();
        let packages = self.world.packages(customer);
        let Some(&package) = packages.get(self.chance.place(packages.len())) else { return };
        let by = if self.chance.below(2) == 0 { Owner::Customer } else { Owner::Organizer };
        let which = Which { customer: customer.into(), package, by };
        let command = match self.chance.below(8) {
            0..=3 => {
                let from = self.world.at + self.chance.below(10 * DAY_MS);
                let until = from + 1 + self.chance.below(5 * DAY_MS);
                let on_bookings =
                    if self.chance.below(2) == 0 { OnBookings::Refuse } else { OnBookings::Cancel };
                let (from, until) = (Timestamp(from), Timestamp(until));
                MerchantCommand::Freeze(Box::new(Freeze { which, from, until, on_bookings }))
            }
            4..=5 => MerchantCommand::Unfreeze(Box::new(which)),
            6 => MerchantCommand::Revoke(Box::new(which), Bookings::Keep),
            _ => MerchantCommand::Revoke(Box::new(which), Bookings::Cancel),
        };
        self.world.ask(command);
    }

    fn cancel_slot(&mut self) {
        let (place, key) = (self.chance.place(3), self.world.key());
        self.world.ask_slot(place, key, Command::CancelSlot);
    }

    /// From now on everything arrives; everything is over, and each booking has what it must.
    fn mend(&mut self, seed: u64) {
        self.network.mend(&mut self.world);
        self.world.at += 100 * DAY_MS;
        self.world.pulse();
        self.world.settle();
        for &(place, key, _) in &self.asked {
            let Some(view) = self.world.booking(place, key) else { continue };
            let expected = match view.status {
                Status::Confirmed => Some(CreditsState::Spent),
                Status::Expired | Status::Declined => Some(CreditsState::Released),
                Status::Cancelled => self.oracle.get(&(place, key)).copied(),
                other @ (Status::Held | Status::Offered | Status::Waitlisted) => panic!("{seed}: {other:?}"),
            };
            let credits = view.credits.unwrap();
            let had = credits.first().unwrap().state;
            assert!(expected.is_none_or(|expected| expected == had), "{seed}: {had:?} is not {expected:?}");
            assert_ne!(had, CreditsState::Reserved, "{seed}");
        }
    }

    fn customer(&mut self) -> &'static str {
        CUSTOMERS[self.chance.place(CUSTOMERS.len())]
    }
}

#[test]
fn the_slots_are_units_for_which_credits_are_asked() {
    for definition in slots() {
        assert!(matches!(definition.stock, Stock::Units { .. }));
        assert!(definition.policy.on_account.unwrap().credits.is_some());
    }
}
