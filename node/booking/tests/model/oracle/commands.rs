//! What each command does, naively: time has passed already, and the waitlist is served before and after.

use std::sync::Arc;

use booking::{
    Act, Book, ChangeQuantity, Command, ConfirmedBy, Definition, Extend, Kind, Order, Party, Policy,
    PolicyChange, Promotion, Refusal, Request, RequestKey, SlotChange, Status, Stock, WaitlistChange,
    WaitlistPolicy, WhenFull,
};

use super::{Booking, Denied, Done, Oracle, WEEK, capacity, quantity};

type Decided = Result<Done, Denied>;

impl Oracle {
    /// Decides a command.
    pub(super) fn command(&mut self, request: &Request) -> Decided {
        match &request.command {
            Command::CreateSlot(_) => unreachable!("answered before"),
            Command::ChangeSlot(change) => self.change_slot(change),
            Command::CancelSlot => self.cancel_slot(),
            Command::Book(book) => self.book(request.key, book),
            Command::CancelBooking(act) => self.cancel(act),
            Command::ConfirmBooking(act) => self.confirm(act),
            Command::ExtendHold(extend) => self.extend(extend),
            Command::AcceptOffer(act) => self.accept(act),
            Command::DeclineOffer(act) => self.decline(act),
            Command::ChangeQuantity(change) => self.change_quantity(change),
            Command::SwapSeats(_)
            | Command::ChangeSale(_)
            | Command::MoveBooking(_)
            | Command::ExtendHours(_) => unreachable!("slots of anything else are another test"),
        }
    }

    fn book(&mut self, key: RequestKey, asked: &Book) -> Decided {
        let (policy, counts) = (self.definition().policy, self.counts());
        let theirs = self
            .bookings
            .iter()
            .filter(|booking| booking.asked.customer == asked.customer && !booking.status.is_over());
        let units =
            theirs.map(|booking| u64::from(booking.quantity)).sum::<u64>() + u64::from(quantity(asked));
        let full = !self.has_room(quantity(asked), &counts);
        let nobody_waits = asked.when_full == WhenFull::Refuse || policy.waitlist.is_none();
        let reasons = [
            (self.cancelled, Refusal::SlotCancelled),
            (!self.on_sale(self.stamp), Refusal::NotOnSale),
            (quantity(asked) > counts.capacity, Refusal::QuantityTooLarge),
            (policy.customer_limit.is_some_and(|limit| units > u64::from(limit)), Refusal::CustomerLimit),
            (full && nobody_waits, Refusal::SoldOut),
            (
                full && policy.waitlist.is_some_and(|list| counts.waitlisted >= list.capacity),
                Refusal::WaitlistFull,
            ),
        ];
        first_of(&reasons)?;
        let place = self.bookings.len();
        self.bookings.push(Booking {
            key,
            asked: asked.clone(),
            quantity: quantity(asked),
            status: Status::Waitlisted,
            until: None,
            held_since: 0,
            expired_as: None,
            created_at: self.stamp,
        });
        if !full {
            self.grant(place);
        }
        Ok(Done::ToBooking(Kind::Booked, place))
    }

    fn cancel(&mut self, act: &Act) -> Decided {
        let place = self.find(act)?;
        let definition = self.definition();
        let closes =
            definition.starts_at.0.saturating_sub(u64::from(definition.policy.cancel_until_seconds) * 1_000);
        let status = self.bookings[place].status;
        let firm = status == Status::Confirmed && act.by != Party::Organizer;
        first_of(&[
            (firm && self.stamp >= closes, Refusal::TooLate),
            (status.is_over(), Refusal::AlreadyOver),
        ])?;
        self.stand(place, Status::Cancelled);
        Ok(Done::ToBooking(Kind::Cancelled, place))
    }

    fn confirm(&mut self, act: &Act) -> Decided {
        if act.by != Party::Organizer && self.definition().policy.confirmed_by == ConfirmedBy::Organizer {
            return Err(Denied::Forbidden);
        }
        let place = self.find_held(act)?;
        self.stand(place, Status::Confirmed);
        Ok(Done::ToBooking(Kind::Confirmed, place))
    }

    fn extend(&mut self, extend: &Extend) -> Decided {
        let place = self.find_held(&extend.act)?;
        let longest = u64::from(self.definition().policy.hold_seconds_max) * 1_000;
        let ends_at = self.definition().ends_at.0;
        let booking = &mut self.bookings[place];
        let latest = (booking.held_since + longest.min(WEEK)).min(ends_at);
        let until = (self.stamp + u64::from(extend.hold_seconds) * 1_000).min(latest);
        if Some(until) <= booking.until {
            return Ok(Done::NothingTo(place));
        }
        booking.until = Some(until);
        Ok(Done::ToBooking(Kind::Extended, place))
    }

    fn accept(&mut self, act: &Act) -> Decided {
        let place = self.find_offered(act)?;
        self.grant(place);
        Ok(Done::ToBooking(Kind::Accepted, place))
    }

    fn decline(&mut self, act: &Act) -> Decided {
        let place = self.find_offered(act)?;
        self.stand(place, Status::Declined);
        Ok(Done::ToBooking(Kind::Declined, place))
    }

    fn change_quantity(&mut self, change: &ChangeQuantity) -> Decided {
        let place = self.find(&change.act)?;
        let booking = &mut self.bookings[place];
        let wanted = change.quantity.get();
        let is_open = match booking.status {
            Status::Held | Status::Waitlisted => true,
            Status::Confirmed => change.act.by == Party::Organizer,
            Status::Offered | Status::Cancelled | Status::Declined | Status::Expired => false,
        };
        first_of(&[
            (wanted > booking.quantity, Refusal::MoreThanBooked),
            (!is_open && !booking.status.is_over(), Refusal::NotHeld),
            (booking.status.is_over(), Refusal::AlreadyOver),
        ])?;
        if wanted == booking.quantity {
            return Ok(Done::NothingTo(place));
        }
        booking.quantity = wanted;
        Ok(Done::ToBooking(Kind::QuantityChanged, place))
    }

    fn cancel_slot(&mut self) -> Decided {
        first_of(&[(self.cancelled, Refusal::SlotCancelled)])?;
        self.cancelled = true;
        let live = |place: &usize| !self.bookings[*place].status.is_over();
        let places = (0..self.bookings.len()).filter(live).collect::<Vec<_>>();
        for &place in &places {
            self.stand(place, Status::Cancelled);
        }
        Ok(Done::ToSlot(Kind::SlotCancelled, places))
    }

    fn change_slot(&mut self, change: &SlotChange) -> Decided {
        let (new, counts) = (changed(self.definition(), change), self.counts());
        let sale = new.sale;
        first_of(&[
            (new.ends_at <= new.starts_at, Refusal::EndsTooEarly),
            (sale.closes_at.is_some_and(|closes_at| closes_at > new.starts_at), Refusal::ClosesTooLate),
            (
                sale.opens_at.is_some_and(|opens_at| opens_at >= sale.closes_at.unwrap_or(new.starts_at)),
                Refusal::OpensTooLate,
            ),
            (self.cancelled, Refusal::SlotCancelled),
            (capacity(&new) < counts.held + counts.offered + counts.confirmed, Refusal::CapacityInUse),
        ])?;
        if new == *self.definition() {
            return Ok(Done::Nothing);
        }
        let (nobody_waits, capacity) = (new.policy.waitlist.is_none(), capacity(&new));
        self.made.as_mut().expect("a slot").definition = Arc::new(new);
        let mut places = vec![];
        for place in 0..self.bookings.len() {
            let booking = &self.bookings[place];
            let in_vain = nobody_waits || booking.quantity > capacity;
            if booking.status == Status::Waitlisted && in_vain {
                self.stand(place, Status::Cancelled);
                places.push(place);
            }
        }
        self.expire(&mut places);
        Ok(Done::ToSlot(Kind::SlotChanged, places))
    }

    /// The booking that is meant, if whoever asks may see it.
    fn find(&self, act: &Act) -> Result<usize, Denied> {
        let theirs = |booking: &Booking| match &act.by {
            Party::Customer(customer) => *customer == booking.asked.customer,
            Party::Organizer => true,
        };
        let found = |booking: &Booking| booking.key == act.booking && theirs(booking);
        self.bookings.iter().position(found).ok_or(Denied::NotFound)
    }

    fn find_held(&self, act: &Act) -> Result<usize, Denied> {
        let place = self.find(act)?;
        let booking = &self.bookings[place];
        let expired = booking.expired_as == Some(Status::Held);
        first_of(&[
            (booking.status != Status::Held && !expired, Refusal::NotHeld),
            (expired, Refusal::HoldExpired),
        ])?;
        Ok(place)
    }

    fn find_offered(&self, act: &Act) -> Result<usize, Denied> {
        let place = self.find(act)?;
        let booking = &self.bookings[place];
        let expired = booking.expired_as == Some(Status::Offered);
        first_of(&[
            (booking.status != Status::Offered && !expired, Refusal::NotOffered),
            (expired, Refusal::OfferExpired),
        ])?;
        Ok(place)
    }

    /// Lets a booking stand like this, without a deadline.
    fn stand(&mut self, place: usize, status: Status) {
        (self.bookings[place].status, self.bookings[place].until) = (status, None);
    }
}

/// Refuses for the first reason that applies.
fn first_of(reasons: &[(bool, Refusal)]) -> Result<(), Denied> {
    let first = reasons.iter().find(|(applies, _)| *applies);
    first.map_or(Ok(()), |&(_, refusal)| Err(Denied::Refused(refusal)))
}

/// What a slot is after a change, field by field.
fn changed(old: &Definition, change: &SlotChange) -> Definition {
    let SlotChange { title, starts_at, ends_at, opens_at, closes_at, capacity, policy, .. } = change;
    let mut new = old.clone();
    set(&mut new.title, title.as_ref());
    set(&mut new.starts_at, starts_at.as_ref());
    set(&mut new.ends_at, ends_at.as_ref());
    set(&mut new.sale.opens_at, opens_at.as_ref());
    set(&mut new.sale.closes_at, closes_at.as_ref());
    if let &Some(capacity) = capacity {
        new.stock = Stock::Units { capacity };
    }
    change_policy(&mut new.policy, policy);
    new
}

fn change_policy(policy: &mut Policy, change: &PolicyChange) {
    let PolicyChange {
        confirmed_by,
        hold_seconds,
        hold_seconds_max,
        customer_limit,
        cancel_until_seconds,
        waitlist,
        on_account: None,
    } = change
    else {
        panic!("nothing is asked of a merchant here")
    };
    set(&mut policy.confirmed_by, confirmed_by.as_ref());
    set(&mut policy.hold_seconds, hold_seconds.as_ref());
    set(&mut policy.hold_seconds_max, hold_seconds_max.as_ref());
    set(&mut policy.customer_limit, customer_limit.as_ref());
    set(&mut policy.cancel_until_seconds, cancel_until_seconds.as_ref());
    let Some(waitlist) = waitlist else { return };
    let usual = WaitlistPolicy {
        capacity: 1_000,
        promotion: Promotion::Confirm,
        offer_seconds: 900,
        order: Order::Strict,
    };
    let old = policy.waitlist.unwrap_or(usual);
    policy.waitlist = waitlist.as_ref().map(|change| {
        let WaitlistChange { capacity, promotion, offer_seconds, order } = change;
        let mut new = old;
        set(&mut new.capacity, capacity.as_ref());
        set(&mut new.promotion, promotion.as_ref());
        set(&mut new.offer_seconds, offer_seconds.as_ref());
        set(&mut new.order, order.as_ref());
        new
    });
}

/// Puts what is given in the place of what was.
fn set<T: Clone>(field: &mut T, new: Option<&T>) {
    if let Some(new) = new {
        field.clone_from(new);
    }
}
