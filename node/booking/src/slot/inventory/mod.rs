//! What a slot can give out, behind one seam under the tally: everything that differs from one kind of inventory to
//! another is in this room, and nothing else is.
//!
//! The rules know bookings, their standings and their deadlines. They ask the inventory how large a claim is, whether the slot could
//! ever meet the claim, what the claim would get now, whose turn it is, and where everything is. A booking has a number and a
//! quantity; what it claims of a house stands beside it ([`claim`]), so that a booking of units stays as small as it is.
//!
//! - *What a claim gets* is an [`Allocation`]: found without a change ([`Inventory::find`], [`Inventory::next`]), then taken. A search
//!   over ninety thousand seats is made once; equal state finds equal seats.
//! - *Standing otherwise* keeps what was taken ([`Inventory::transition`] is told both standings): whoever confirms keeps the seats.
//!   Swapping them is an allocation found as if the own ones were free.
//! - *Turns.* Under [`Order::Strict`] an earlier waiter stops others only at a counter where fewer are free than that waiter needs. Units
//!   have one counter, and the head that could not be served is short of it; a house has one a category and pool, and each quota is
//!   one. Where there are several, those who wait stand in [`queues`] of equal needs beside the list of all.
//! - *What it is sold as* ([`shop`]): products, quotas of them, and what they cost at the slot's stamp. Where nothing in particular is
//!   sold, and for nothing, there is no such thing, and units stay a handful of sums.
//!
//! - *Time.* A step tells the inventory how late it is before anything is asked ([`Inventory::set_time`]): what is past of a calendar is
//!   in nobody's way, and prices change.
//! - *Ends.* A hold of a range ends when the range begins, and waiting for it so long before as one must ask: the claim says so
//!   ([`claim::RangeClaim`]), and its deadline is one like any other. At exactly the lead one can book, and not wait.

pub(crate) mod allocation;
pub(crate) mod calendar;
pub(crate) mod claim;
mod goods;
pub(crate) mod house;
mod need;
mod queues;
pub(crate) mod ranges;
mod room;
pub(crate) mod saved;
pub(crate) mod seats;
pub(crate) mod shop;
mod turns;
mod units;
pub(crate) mod waitlist;

pub(crate) mod asked;

use alloc::boxed::Box;
use alloc::sync::Arc;

use self::allocation::Allocation;
use self::claim::Claim;
use self::goods::Goods;
use self::house::House;
use self::ranges::Ranges;
use self::saved::{HouseChanges, SavedHouse};
use self::turns::Turns;
use self::units::Units;
use self::waitlist::Waitlist;
use crate::slot::shown::outcome::Refused;
use crate::{Counts, Definition, GoodsView, NewSlot, Number, Order, Refusal, Status, Stock, Timestamp};

/// What a slot can give out.
pub(crate) enum Inventory {
    /// A number of places that are all alike, and nothing in particular.
    Units(Units),
    /// The same, sold as products or for a price. Boxed, as what follows: most slots have none, and are small.
    Goods(Box<Goods>),
    /// Numbered seats.
    Seats(Box<House>),
    /// Ranges of time.
    Ranges(Box<Ranges>),
}

impl Inventory {
    /// All that a new slot has at this moment, with no one; none where a calendar cannot be like that.
    pub(crate) fn new(new: &NewSlot, at: Timestamp) -> Option<Self> {
        let tariff = new.definition.tariff.as_ref();
        Some(match new.definition.stock {
            Stock::Units { capacity } => Self::of_units(Units::new(capacity), &new.definition, at),
            Stock::Seats(stock) => {
                let plan = new.plan.as_ref().expect("a slot of seats comes with its house");
                Self::Seats(Box::new(House::new(stock, Arc::clone(plan), tariff, at)))
            }
            Stock::Calendar(_) => {
                let openings = new.openings.as_ref().expect("a calendar comes with its openings");
                Self::Ranges(Box::new(Ranges::new(&new.definition, openings, at)?))
            }
        })
    }

    /// All that a slot has that was saved, at this moment, with no one; none where what was saved is not what it says of itself.
    pub(crate) fn restore(definition: &Definition, saved: SavedHouse, at: Timestamp) -> Option<Self> {
        if !definition.tariff.as_ref().is_none_or(|tariff| tariff.is_sound_for(&definition.stock)) {
            return None;
        }
        match definition.stock {
            Stock::Units { capacity } => {
                let is_nothing = saved == SavedHouse::default();
                is_nothing.then(|| Self::of_units(Units::new(capacity), definition, at))
            }
            Stock::Seats(stock) => {
                let house = House::restore(stock, saved, definition.tariff.as_ref(), at);
                house.map(Box::new).map(Self::Seats)
            }
            Stock::Calendar(_) => {
                let SavedHouse { plan, sale, hours } = saved;
                let has_no_house = plan.is_empty() && sale.is_empty();
                let ranges = has_no_house.then(|| Ranges::restore(definition, hours, at))?;
                ranges.map(Box::new).map(Self::Ranges)
            }
        }
    }

    fn of_units(units: Units, definition: &Definition, at: Timestamp) -> Self {
        match &definition.tariff {
            None => Self::Units(units),
            Some(tariff) => Self::Goods(Box::new(Goods::new(units, tariff, at))),
        }
    }

    /// What is to be saved of it, beside what bookings claim.
    pub(crate) fn take_changes(&mut self) -> HouseChanges {
        match self {
            Self::Units(_) | Self::Goods(_) => HouseChanges::default(),
            Self::Seats(house) => house.take_changes(),
            Self::Ranges(ranges) => HouseChanges { hours: ranges.take_changes(), ..HouseChanges::default() },
        }
    }

    /// The house, where there is one.
    pub(crate) fn house(&self) -> Option<&House> {
        match self {
            Self::Units(_) | Self::Goods(_) | Self::Ranges(_) => None,
            Self::Seats(house) => Some(house),
        }
    }

    /// The same, to be changed.
    pub(crate) fn house_mut(&mut self) -> Option<&mut House> {
        match self {
            Self::Units(_) | Self::Goods(_) | Self::Ranges(_) => None,
            Self::Seats(house) => Some(house),
        }
    }

    /// The calendar, where there is one.
    pub(crate) fn ranges(&self) -> Option<&Ranges> {
        match self {
            Self::Units(_) | Self::Goods(_) | Self::Seats(_) => None,
            Self::Ranges(ranges) => Some(ranges),
        }
    }

    /// The same, to be changed.
    pub(crate) fn ranges_mut(&mut self) -> Option<&mut Ranges> {
        match self {
            Self::Units(_) | Self::Goods(_) | Self::Seats(_) => None,
            Self::Ranges(ranges) => Some(ranges),
        }
    }

    /// Who waits, and what is sold, where something in particular is, or seats are.
    fn turns(&self) -> Option<&Turns> {
        match self {
            Self::Units(_) | Self::Ranges(_) => None,
            Self::Goods(goods) => Some(&goods.turns),
            Self::Seats(house) => Some(&house.turns),
        }
    }

    /// The same, to be changed.
    pub(crate) fn turns_mut(&mut self) -> Option<&mut Turns> {
        match self {
            Self::Units(_) | Self::Ranges(_) => None,
            Self::Goods(goods) => Some(&mut goods.turns),
            Self::Seats(house) => Some(&mut house.turns),
        }
    }

    /// Goes on at this moment: what is past of a calendar is in nobody's way. Whether anything costs something else than before.
    pub(crate) fn set_time(&mut self, at: Timestamp) -> bool {
        if let Self::Ranges(ranges) = self {
            ranges.pass(at);
        }
        self.turns_mut().is_some_and(|turns| turns.set_time(at))
    }

    /// When time alone may make it somebody's turn next who waits.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        match self {
            Self::Units(_) | Self::Goods(_) | Self::Seats(_) => self.turns()?.shop()?.until(),
            Self::Ranges(ranges) => ranges.until(),
        }
    }

    /// What it adds to the slot's digest, beside what bookings claim.
    pub(crate) fn digest(&self) -> u64 {
        match self {
            Self::Units(_) | Self::Goods(_) => 0,
            Self::Seats(house) => house.digest(),
            Self::Ranges(ranges) => ranges.digest(),
        }
    }

    /// Whether bookings that claim this much, and stand like this, take no more than there is, and nothing twice.
    pub(crate) fn holds(&self, claims: &[(Status, Claim<'_>)]) -> bool {
        match self {
            Self::Units(all) => hold_units(all, claims),
            Self::Goods(goods) => hold_units(&goods.units, claims) && goods.turns.hold(claims),
            Self::Seats(house) => house.holds(claims),
            Self::Ranges(ranges) => ranges.holds(claims),
        }
    }

    /// Whether who waits for this could ever be served from now on.
    pub(crate) fn could_ever_serve(&self, claim: &Claim<'_>) -> bool {
        match self {
            Self::Units(all) => all.could_ever_fit(claim.quantity),
            Self::Goods(goods) => goods.could_ever_serve(claim),
            Self::Seats(house) => house.could_ever_serve(claim),
            Self::Ranges(ranges) => ranges.could_ever_serve(claim),
        }
    }

    /// Whose turn it is of those who wait, and what that claim gets. Under [`Order::Strict`] the head's, all of it or
    /// nothing: who is behind a head that does not fit waits with it, however little they want. Under
    /// [`Order::SkipFit`] the first one's who fits.
    pub(crate) fn next(&mut self, waitlist: &Waitlist, order: Order) -> Option<(Number, Allocation)> {
        match self {
            Self::Units(all) => {
                let number = match order {
                    Order::Strict => waitlist.head().filter(|&(_, quantity)| all.fit(quantity))?.0,
                    Order::SkipFit => waitlist.first_who_fits(all.free())?,
                };
                Some((number, Allocation::Units))
            }
            Self::Goods(goods) => goods.next(order),
            Self::Seats(house) => house.next(order),
            Self::Ranges(ranges) => ranges.next(),
        }
    }

    /// The place of a booking that waits among those before whom it is not served: 1 for the first.
    pub(crate) fn position(&self, claim: &Claim<'_>, waitlist: &Waitlist) -> Option<u32> {
        match self {
            Self::Units(_) => waitlist.position(claim.number),
            Self::Goods(goods) => Some(goods.turns.position(claim)),
            Self::Seats(house) => Some(house.turns.position(claim)),
            Self::Ranges(ranges) => Some(ranges.position(claim)),
        }
    }

    /// The place that a newcomer will have who waits behind so many.
    pub(crate) fn position_behind(&self, claim: &Claim<'_>, waitlisted: u32) -> u32 {
        match self {
            Self::Units(_) => waitlisted.saturating_add(1),
            Self::Goods(goods) => goods.turns.position(claim),
            Self::Seats(house) => house.turns.position(claim),
            Self::Ranges(ranges) => ranges.position(claim),
        }
    }

    /// Takes what a claim has that was saved, and stands like this.
    pub(crate) fn restore_claim(&mut self, claim: &Claim<'_>, status: Status) {
        match self {
            Self::Units(all) => all.take(status, claim.quantity),
            Self::Goods(goods) => goods.take(claim, status),
            Self::Seats(house) => house.take(claim, status),
            Self::Ranges(ranges) => ranges.take(claim, status),
        }
    }

    /// Takes what was found for a new booking that stands like this.
    pub(crate) fn enter(&mut self, claim: &Claim<'_>, status: Status, found: Option<&Allocation>) {
        assert!(
            found.is_some() == status.has_places(),
            "who has places got what was found, and nobody else did"
        );
        self.restore_claim(claim, status);
    }

    /// Keeps, gives back or takes what a booking has that stood like the first and stands like the second.
    pub(crate) fn transition(
        &mut self,
        claim: &Claim<'_>,
        (from, to): (Status, Status),
        found: Option<&Allocation>,
    ) {
        let gets_places = to.has_places() && !from.has_places();
        assert!(found.is_some() == gets_places, "who gets places gets what was found, and nobody else does");
        match self {
            Self::Units(all) => {
                all.give_back(from, claim.quantity);
                all.take(to, claim.quantity);
            }
            Self::Goods(goods) => goods.transition(claim, (from, to)),
            Self::Seats(house) => house.transition(claim, (from, to)),
            Self::Ranges(ranges) => ranges.transition(claim, (from, to)),
        }
    }

    /// A booking waits that claims this.
    pub(crate) fn join(&mut self, claim: &Claim<'_>) {
        match self {
            Self::Units(_) => {}
            Self::Goods(goods) => goods.join(claim),
            Self::Seats(house) => house.join(claim),
            Self::Ranges(ranges) => ranges.join(claim),
        }
    }

    /// A booking waits no more, or for something else, that claims this.
    pub(crate) fn leave(&mut self, claim: &Claim<'_>) {
        match self {
            Self::Units(_) => {}
            Self::Goods(goods) => goods.turns.leave(claim),
            Self::Seats(house) => house.turns.leave(claim),
            Self::Ranges(ranges) => ranges.leave(claim),
        }
    }

    /// Gives back what a booking has that stands as before and claims the first, and takes what it claims from now on.
    pub(crate) fn exchange(&mut self, status: Status, from: &Claim<'_>, to: &Claim<'_>) {
        let may_grow = from.seats.is_some() || from.range.is_some();
        assert!(may_grow || to.quantity < from.quantity, "a claim of units never grows");
        match self {
            Self::Units(all) => all.give_back(status, from.quantity - to.quantity),
            Self::Goods(goods) => {
                goods.give_back(from, status);
                goods.take(to, status);
            }
            Self::Seats(house) => {
                house.give_back(from, status);
                house.take(to, status);
            }
            Self::Ranges(ranges) => ranges.exchange(status, from, to),
        }
    }

    /// Refuses a definition that does not go with what these have; another map is looked at apart.
    pub(crate) fn may_become(&self, new: &Definition, claims: &[(Status, Claim<'_>)]) -> Result<(), Refused> {
        let has_places = match (self, &new.stock) {
            (Self::Units(all), Stock::Units { capacity }) => all.may_become(*capacity),
            (Self::Goods(goods), Stock::Units { capacity }) => goods.units.may_become(*capacity),
            (Self::Seats(_), Stock::Seats(_)) => true,
            (Self::Ranges(ranges), Stock::Calendar(calendar)) => return ranges.may_become(calendar),
            (_, Stock::Units { .. } | Stock::Seats(_) | Stock::Calendar(_)) => false,
        };
        // What anything costs does not matter here.
        let may_become = has_places && Turns::new(new.tariff.as_ref(), 0, Timestamp(0)).hold(claims);
        if may_become { Ok(()) } else { Err(Refusal::CapacityInUse.into()) }
    }

    /// Goes on with a slot that is defined otherwise, as it may be, and sells the same.
    pub(crate) fn redefine(&mut self, new: &Definition) {
        match (self, &new.stock) {
            (Self::Units(all), Stock::Units { capacity }) => all.resize(*capacity),
            (Self::Goods(goods), Stock::Units { capacity }) => goods.resize(*capacity),
            (Self::Ranges(ranges), Stock::Calendar(_)) => ranges.redefine(new),
            (Self::Seats(house), Stock::Seats(stock)) => {
                assert!(stock.map == house.map(), "another map comes with its house");
                house.set_singles(stock.singles);
            }
            (_, Stock::Units { .. } | Stock::Seats(_) | Stock::Calendar(_)) => {
                unreachable!("a slot does not change its kind")
            }
        }
    }

    /// Goes on with a slot that sells something else at this moment, as it may, with these bookings.
    pub(crate) fn restock(&mut self, new: &Definition, at: Timestamp, claims: &[(Status, Claim<'_>)]) {
        let tariff = new.tariff.as_ref();
        match (&mut *self, tariff) {
            (Self::Units(units), Some(_)) => *self = Self::of_units(*units, new, at),
            (Self::Goods(goods), None) => *self = Self::Units(goods.units),
            (Self::Units(_) | Self::Goods(_) | Self::Seats(_) | Self::Ranges(_), _) => {}
        }
        let categories = self.house().map_or(0, |house| house.plan().category_count());
        if let Some(turns) = self.turns_mut() {
            turns.restock(tariff, categories, at, claims);
        }
    }

    /// Where everything is, beside so many bookings that wait.
    pub(crate) fn counts(&self, waitlisted: u32) -> Counts {
        match self {
            Self::Units(all) => all.counts(waitlisted),
            Self::Goods(goods) => goods.units.counts(waitlisted),
            Self::Seats(house) => house.counts(waitlisted),
            Self::Ranges(ranges) => ranges.counts(waitlisted),
        }
    }

    /// How much there is of what is sold, if anything in particular is.
    pub(crate) fn goods(&self, order: Order) -> Option<GoodsView> {
        match self {
            Self::Units(_) | Self::Ranges(_) => None,
            Self::Goods(goods) => Some(goods.view(order)),
            Self::Seats(house) => house.goods(order),
        }
    }

    /// Whether everything is where these bookings say, counted anew at this moment.
    pub(crate) fn adds_up(
        &self,
        definition: &Definition,
        claims: &[(Status, Claim<'_>)],
        at: Timestamp,
    ) -> bool {
        let tariff = definition.tariff.as_ref();
        match (self, &definition.stock) {
            (Self::Units(all), Stock::Units { capacity }) => {
                tariff.is_none() && all.add_up(*capacity, claims.iter().map(units))
            }
            (Self::Goods(goods), Stock::Units { capacity }) => {
                goods.units.add_up(*capacity, claims.iter().map(units))
                    && goods.turns.add_up(tariff, claims, at)
            }
            (Self::Seats(house), Stock::Seats(stock)) => house.adds_up(stock, tariff, claims, at),
            (Self::Ranges(ranges), Stock::Calendar(stock)) => {
                tariff.is_none() && ranges.adds_up(stock, claims)
            }
            (_, Stock::Units { .. } | Stock::Seats(_) | Stock::Calendar(_)) => false,
        }
    }

    /// Whether nobody could be served of those who wait, the head first, counted anew.
    pub(crate) fn serves_nobody<'all>(
        &self,
        waiters: impl Iterator<Item = Claim<'all>>,
        order: Order,
    ) -> bool {
        match self {
            Self::Units(all) => all.serve_nobody(waiters.map(|waiter| waiter.quantity), order),
            Self::Goods(goods) => goods.turns.serve_nobody(goods.ground(), waiters, order),
            Self::Seats(house) => house.turns.serve_nobody(house.ground(), waiters, order),
            Self::Ranges(ranges) => ranges.serves_nobody(waiters),
        }
    }
}

/// Whether these have no more units than there are, and nothing else.
fn hold_units(all: &Units, claims: &[(Status, Claim<'_>)]) -> bool {
    all.hold(claims.iter().map(units))
        && claims.iter().all(|(_, claim)| claim.seats.is_none() && claim.range.is_none())
}

/// What units know of a claim.
fn units((status, claim): &(Status, Claim<'_>)) -> (Status, u32) {
    (*status, claim.quantity)
}

#[cfg(test)]
impl Inventory {
    /// One place too many is free.
    pub(crate) fn spoil(&mut self) {
        let Self::Units(all) = self else { unreachable!("what is spoilt is of units") };
        all.spoil();
    }
}
