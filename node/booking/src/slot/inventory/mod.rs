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
//!   have one counter, and the head that could not be served is short of it; a house has one a category and pool, and keeps those who
//!   wait in [`queues`] of equal needs beside the list of all.
//!
//! # What calendars will bring
//!
//! - *Claims* of a range with its buffers: records of their own beside the bookings', as those of seats.
//! - *Turns*: calendars skip.
//! - *Ends.* A hold of a range ends when the range begins, and so does waiting, less the lead: then the end of a claim is asked
//!   here, where now it is the slot's.

pub(crate) mod claim;
pub(crate) mod house;
mod queues;
pub(crate) mod saved;
pub(crate) mod seats;
mod units;
pub(crate) mod waitlist;

use alloc::boxed::Box;
use alloc::sync::Arc;

use self::claim::{Claim, SeatsClaim};
use self::house::House;
use self::saved::{HouseChanges, SavedHouse};
use self::units::Units;
use self::waitlist::Waitlist;
use crate::base::outcome::Denied;
use crate::slot::shown::outcome::Refused;
use crate::{Counts, Definition, NewSlot, Number, Order, Places, Refusal, SeatsAsked, Status, Stock, Wish};

/// What a slot can give out.
pub(crate) enum Inventory {
    /// A number of places that are all alike.
    Units(Units),
    /// Numbered seats. Boxed: most slots have none, and are small.
    Seats(Box<House>),
}

/// What was found for a claim, and is still free.
pub(crate) enum Allocation {
    /// As many units as are claimed: they are all alike.
    Units,
    /// These places of the house.
    Seats(Places),
}

impl Allocation {
    /// The places of a house.
    pub(crate) fn places(&self) -> Option<&Places> {
        match self {
            Self::Units => None,
            Self::Seats(places) => Some(places),
        }
    }
}

impl Inventory {
    /// All that a new slot has, with no one.
    pub(crate) fn new(new: &NewSlot) -> Self {
        match new.definition.stock {
            Stock::Units { capacity } => Self::Units(Units::new(capacity)),
            Stock::Seats(stock) => {
                let plan = new.plan.as_ref().expect("a slot of seats comes with its house");
                Self::Seats(Box::new(House::new(stock, Arc::clone(plan))))
            }
        }
    }

    /// All that a slot has that was saved, with no one; none where what was saved is not what it says of itself.
    pub(crate) fn restore(definition: &Definition, saved: SavedHouse) -> Option<Self> {
        match definition.stock {
            Stock::Units { capacity } => {
                (saved == SavedHouse::default()).then(|| Self::Units(Units::new(capacity)))
            }
            Stock::Seats(stock) => House::restore(stock, saved).map(Box::new).map(Self::Seats),
        }
    }

    /// What is to be saved of it, beside what bookings claim.
    pub(crate) fn take_changes(&mut self) -> HouseChanges {
        match self {
            Self::Units(_) => HouseChanges::default(),
            Self::Seats(house) => house.take_changes(),
        }
    }

    /// The house, where there is one.
    pub(crate) fn house(&self) -> Option<&House> {
        match self {
            Self::Units(_) => None,
            Self::Seats(house) => Some(house),
        }
    }

    /// The same, to be changed.
    pub(crate) fn house_mut(&mut self) -> Option<&mut House> {
        match self {
            Self::Units(_) => None,
            Self::Seats(house) => Some(house),
        }
    }

    /// What it adds to the slot's digest, beside what bookings claim.
    pub(crate) fn digest(&self) -> u64 {
        self.house().map_or(0, House::digest)
    }

    /// Whether bookings that claim this much, and stand like this, take no more than there is, and nothing twice.
    pub(crate) fn holds(&self, claims: &[(Status, Claim<'_>)]) -> bool {
        match self {
            Self::Units(all) => {
                all.hold(claims.iter().map(units)) && claims.iter().all(|(_, claim)| claim.seats.is_none())
            }
            Self::Seats(house) => house.holds(claims),
        }
    }

    /// How many places a request asks for.
    pub(crate) fn size(wish: &Wish) -> u32 {
        match wish {
            Wish::Units(quantity) => *quantity,
            Wish::Seats(wish) => match &wish.asked {
                SeatsAsked::Best(best) => best.quantity,
                SeatsAsked::Pick(pick) => {
                    let in_areas = pick.areas.iter().map(|&(_, places)| u64::from(places)).sum::<u64>();
                    u32::try_from(pick.seats.len() as u64 + in_areas).unwrap_or(u32::MAX)
                }
            },
        }
    }

    /// Whether a request is for what there is here, by the map of now.
    pub(crate) fn understands(&self, wish: &Wish) -> Result<(), Denied<Refused>> {
        match (self, wish) {
            (Self::Units(_), Wish::Units(_)) => Ok(()),
            (Self::Seats(house), Wish::Seats(wish)) if wish.map == house.map() => Ok(()),
            (Self::Seats(_), Wish::Seats(_)) => Err(Denied::Outdated),
            (Self::Units(_), Wish::Seats(_)) | (Self::Seats(_), Wish::Units(_)) => {
                Err(Refusal::Malformed.into())
            }
        }
    }

    /// Whether the slot could ever give so much.
    pub(crate) fn could_ever_have(&self, wish: &Wish) -> bool {
        match (self, wish) {
            (Self::Units(all), Wish::Units(quantity)) => all.could_ever_fit(*quantity),
            (Self::Seats(house), Wish::Seats(seats)) => {
                let could_ever_have = match &seats.asked {
                    SeatsAsked::Best(best) => house.could_ever_have(best),
                    // Whoever names what is not there hears that.
                    SeatsAsked::Pick(_) => true,
                };
                could_ever_have && Self::size(wish) <= house.capacity()
            }
            (Self::Units(_), Wish::Seats(_)) | (Self::Seats(_), Wish::Units(_)) => false,
        }
    }

    /// Whether who waits for this could ever be served.
    pub(crate) fn could_ever_serve(&self, claim: &Claim<'_>) -> bool {
        match self {
            Self::Units(all) => all.could_ever_fit(claim.quantity),
            Self::Seats(house) => house.could_ever_serve(claim.wish()),
        }
    }

    /// What a newcomer gets now: nothing where those who wait come first, or where there is too little.
    pub(crate) fn find(
        &self,
        wish: &Wish,
        waitlist: &Waitlist,
        order: Order,
    ) -> Result<Option<Allocation>, Refused> {
        match (self, wish) {
            (Self::Units(all), Wish::Units(quantity)) => {
                // Who waits was just served: under the strict order the head is short of units, and under the other nobody who
                // waits fits.
                let has_turn = waitlist.is_empty() || order == Order::SkipFit;
                Ok((has_turn && all.fit(*quantity)).then_some(Allocation::Units))
            }
            (Self::Seats(house), Wish::Seats(wish)) => {
                house.find(wish, order).map(|found| found.map(Allocation::Seats))
            }
            (Self::Units(_), Wish::Seats(_)) | (Self::Seats(_), Wish::Units(_)) => {
                unreachable!("a request is for what there is")
            }
        }
    }

    /// Whether a newcomer who got nothing may wait, as far as the inventory goes.
    pub(crate) fn may_wait(&self, wish: &Wish) -> Result<(), Refused> {
        let (Self::Seats(house), Wish::Seats(wish)) = (self, wish) else { return Ok(()) };
        match &wish.asked {
            SeatsAsked::Pick(_) => Err(Refusal::SoldOut.into()),
            SeatsAsked::Best(best) if !house.has_room_for(best) => Err(Refusal::WaitlistFull.into()),
            SeatsAsked::Best(_) => Ok(()),
        }
    }

    /// What a newcomer claims beside a quantity, with what was found for it.
    pub(crate) fn newcomer(&self, wish: &Wish, found: Option<&Allocation>) -> Option<Box<SeatsClaim>> {
        let (Self::Seats(house), Wish::Seats(wish)) = (self, wish) else { return None };
        Some(Box::new(house.newcomer(wish, found.and_then(Allocation::places))))
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
            Self::Seats(house) => {
                house.next(order).map(|(number, places)| (number, Allocation::Seats(places)))
            }
        }
    }

    /// The place of a booking that waits among those before whom it is not served: 1 for the first.
    pub(crate) fn position(&self, claim: &Claim<'_>, waitlist: &Waitlist) -> Option<u32> {
        match self {
            Self::Units(_) => waitlist.position(claim.number),
            Self::Seats(house) => Some(house.position(claim.number, claim.wish())),
        }
    }

    /// The place that a newcomer will have who waits behind so many.
    pub(crate) fn position_behind(&self, claim: &Claim<'_>, waitlisted: u32) -> u32 {
        match self {
            Self::Units(_) => waitlisted.saturating_add(1),
            Self::Seats(house) => house.position(claim.number, claim.wish()),
        }
    }

    /// Takes what a claim has that was saved, and stands like this.
    pub(crate) fn restore_claim(&mut self, claim: &Claim<'_>, status: Status) {
        match self {
            Self::Units(all) => all.take(status, claim.quantity),
            Self::Seats(house) => house.take(claim.places(), status),
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
            Self::Seats(house) => house.transition(claim.places(), (from, to)),
        }
    }

    /// A booking waits that claims this.
    pub(crate) fn join(&mut self, claim: &Claim<'_>) {
        if let Self::Seats(house) = self {
            house.join(claim.number, claim.wish());
        }
    }

    /// A booking waits no more, or for something else, that claims this.
    pub(crate) fn leave(&mut self, claim: &Claim<'_>) {
        if let Self::Seats(house) = self {
            house.leave(claim.number, claim.wish());
        }
    }

    /// Gives back what a booking has that stands as before and claims the first, and takes what it claims from now on.
    pub(crate) fn exchange(&mut self, status: Status, from: &Claim<'_>, to: &Claim<'_>) {
        match self {
            Self::Units(all) => {
                assert!(to.quantity < from.quantity, "a claim of units never grows");
                all.give_back(status, from.quantity - to.quantity);
            }
            Self::Seats(house) => {
                house.give_back(from.places(), status);
                house.take(to.places(), status);
            }
        }
    }

    /// Whether a slot can be defined like this, with what is taken; another map is looked at apart.
    pub(crate) fn may_become(&self, new: &Definition) -> bool {
        match (self, new.stock) {
            (Self::Units(all), Stock::Units { capacity }) => all.may_become(capacity),
            (Self::Seats(_), Stock::Seats(_)) => true,
            (Self::Units(_), Stock::Seats(_)) | (Self::Seats(_), Stock::Units { .. }) => false,
        }
    }

    /// Goes on with a slot that is defined otherwise, as it may be.
    pub(crate) fn redefine(&mut self, new: &Definition) {
        match (self, new.stock) {
            (Self::Units(all), Stock::Units { capacity }) => all.resize(capacity),
            (Self::Seats(house), Stock::Seats(stock)) => {
                assert!(stock.map == house.map(), "another map comes with its house");
                house.set_singles(stock.singles);
            }
            (Self::Units(_), Stock::Seats(_)) | (Self::Seats(_), Stock::Units { .. }) => {
                unreachable!("a slot does not change its kind")
            }
        }
    }

    /// Where everything is, beside so many bookings that wait.
    pub(crate) fn counts(&self, waitlisted: u32) -> Counts {
        match self {
            Self::Units(all) => all.counts(waitlisted),
            Self::Seats(house) => house.counts(waitlisted),
        }
    }

    /// Whether everything is where these bookings say, counted anew.
    pub(crate) fn adds_up(&self, definition: &Definition, claims: &[(Status, Claim<'_>)]) -> bool {
        match (self, definition.stock) {
            (Self::Units(all), Stock::Units { capacity }) => all.add_up(capacity, claims.iter().map(units)),
            (Self::Seats(house), Stock::Seats(stock)) => house.adds_up(&stock, claims),
            (Self::Units(_), Stock::Seats(_)) | (Self::Seats(_), Stock::Units { .. }) => false,
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
            Self::Seats(house) => house.serves_nobody(waiters, order),
        }
    }
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
