//! What may be asked of a slot without changing it.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::base::request::RequestIdentity;
use crate::base::step::{remembered, replay};
use crate::limits::LOOKED_AT_ONCE_MAX;
use crate::slot::inventory::calendar::{FreeAsk, FreeStretch};
use crate::slot::inventory::house::House;
use crate::{
    BookingRecord, BookingView, BusyView, Definition, Fingerprint, FreePlace, FreeView, Number, Outcome,
    Range, Reference, RequestKey, Resource, Seat, SeatMap, Shown, Slot, SlotStatus, Status, Timestamp,
};

/// Which bookings are wanted: those for which everything that is given holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter<'a> {
    /// Of this customer.
    pub customer: Option<&'a str>,
    /// Which stand like this.
    pub status: Option<Status>,
    /// With this reference: one at most.
    pub reference: Option<Reference>,
}

/// What is asked that is free of a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreeAsked<'a> {
    /// Bookings are to lie in it, what is kept free around them aside.
    pub window: Range,
    /// How long a booking is to last. What nobody may ask for is never free.
    pub seconds: u32,
    /// For how many.
    pub quantity: u32,
    /// On the resource of this name; on each, where none is named.
    pub resource: Option<&'a str>,
}

/// What one look at a slot's bookings has found. A look is bounded, however many bookings there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// The first that are wanted, by number, as many as were asked for.
    pub found: Vec<(Number, BookingView)>,
    /// Up to which number there is no other, unless there were more than were asked for; none where it is to the end.
    pub upto: Option<Number>,
}

impl Filter<'_> {
    /// Whether a booking is wanted, its reference aside.
    fn takes(&self, booking: &BookingRecord) -> bool {
        self.customer.is_none_or(|customer| *customer == *booking.customer)
            && self.status.is_none_or(|status| status == booking.standing.status())
    }
}

impl Slot {
    /// How many bookings there are, and how many answers are remembered beside theirs.
    pub fn sizes(&self) -> (u32, u64) {
        (self.ledger.bookings().latest().0, self.base.receipts.len())
    }

    /// How a calendar is defined, and up to when it is known when it is open; none of what is none, or is called off.
    pub fn known_hours(&self) -> Option<(&Definition, Timestamp)> {
        let ranges = self.ledger.tally().inventory().ranges().filter(|_ranges| !self.cancelled)?;
        Some((&self.definition, ranges.view().hours_until))
    }

    /// What everyone may know of its seats, if it is a slot of seats.
    pub fn seat_map(&self) -> Option<SeatMap> {
        let map = self.ledger.tally().inventory().house().map(House::seat_map)?;
        // Nothing of a cancelled slot is for sale, and nobody has anything of it.
        Some(if self.cancelled { map.closed() } else { map })
    }

    /// What everyone may know of one of its seats, if there is such a seat.
    pub fn seat_shown(&self, seat: Seat) -> Option<Shown> {
        let shown = self.ledger.tally().inventory().house()?.shown(seat)?;
        Some(if self.cancelled { Shown::Taken } else { shown })
    }

    /// What is free of a calendar from a moment on, by time and then by resource: so many stretches at most, behind a place in the list.
    /// Nothing is while it is not on sale. None, if it is no calendar, or has no such resource.
    pub fn free(
        &self,
        at: Timestamp,
        ask: &FreeAsked<'_>,
        after: Option<FreePlace>,
        limit: usize,
    ) -> Option<Vec<FreeView>> {
        let ranges = self.ledger.tally().inventory().ranges()?;
        let resource = match ask.resource {
            None => None,
            Some(name) => Some(ranges.stock().resource(name)?),
        };
        // What is not on sale nobody can book.
        let status = SlotStatus::of(&self.definition, at.max(self.base.stamp));
        if self.cancelled || status != SlotStatus::OnSale {
            return Some(Vec::new());
        }
        let FreeAsked { window, seconds, quantity, .. } = *ask;
        let after = after.map(|place| (place.from, place.resource.map(Resource)));
        let found = ranges.free(at, &FreeAsk { window, seconds, quantity, resource }, after, limit);
        let shown = |FreeStretch { range, place, free }: FreeStretch| {
            let resource = place.resource();
            let name = resource.and_then(|resource| ranges.stock().name(resource)).map(Arc::clone);
            let place = FreePlace { from: range.from(), resource: resource.map(|resource| resource.0) };
            FreeView { range, free, resource: name, place }
        };
        Some(found.into_iter().map(shown).collect())
    }

    /// How a calendar is during the window that is asked, for so many, whatever bookings last. None, if it is no calendar, or has no such
    /// resource.
    pub fn busy(&self, ask: &FreeAsked<'_>) -> Option<BusyView> {
        let ranges = self.ledger.tally().inventory().ranges()?;
        let resource = match ask.resource {
            None => None,
            Some(name) => Some(ranges.stock().resource(name)?),
        };
        if self.cancelled {
            // Of what is called off it is known that none of it is open.
            return Some(BusyView { known: Some(ask.window), ..BusyView::default() });
        }
        Some(ranges.busy(ask.window, ask.quantity, resource))
    }

    /// The request that made the slot.
    pub fn made_by(&self) -> RequestKey {
        self.base.origin.request
    }

    /// What was answered to this request first, if it is remembered. Behind [`Slot::absent`].
    pub fn remembered(&self, request: RequestKey) -> Option<Outcome> {
        remembered(self, request)
    }

    /// What this request would be answered if it was answered before: the first answer again, unless its key was used for something
    /// else. Behind [`Slot::absent`].
    pub fn replayed(&self, request: RequestKey, asked: Fingerprint) -> Option<Outcome> {
        let identity = RequestIdentity { key: request, fingerprint: asked };
        replay(self, self.base.stamp, identity).filter(|outcome| outcome.replayed)
    }

    /// The booking that this request made, as it is now. Behind [`Slot::absent`].
    pub fn booking(&self, request: RequestKey) -> Option<BookingView> {
        self.ledger.bookings().by_request(request).map(|booking| self.booking_now(booking))
    }

    /// At most `limit` bookings in memory with numbers after `after`, in the order in which they were made, as far as one look
    /// reaches.
    ///
    /// By reference, of a customer, and of those who wait, only bookings that can be in the answer are looked
    /// at. Any other status looks at every booking from `after` on, until there are enough.
    pub fn bookings(&self, filter: &Filter<'_>, after: Option<Number>, limit: usize) -> Looked {
        let bookings = self.ledger.bookings();
        let upto = self.reach(filter, after);
        let candidates: Box<dyn Iterator<Item = &BookingRecord>> = if let Some(reference) = filter.reference {
            let number = self.number_of(reference).filter(|&number| Some(number) > after);
            Box::new(number.and_then(|number| bookings.find(number)).into_iter())
        } else if let Some(customer) = filter.customer {
            Box::new(bookings.of_customer(customer, after))
        } else if filter.status == Some(Status::Waitlisted) {
            let waiters = self.ledger.tally().waitlist().among(after, LOOKED_AT_ONCE_MAX);
            Box::new(waiters.map(|number| bookings.get(number)))
        } else {
            Box::new(bookings.after(after))
        };
        let found = candidates
            .take_while(|booking| upto.is_none_or(|upto| booking.number <= upto))
            .filter(|booking| filter.takes(booking))
            .take(limit)
            .map(|booking| (booking.number, self.booking_now(booking)))
            .collect();
        Looked { found, upto }
    }

    /// The number up to which one look at bookings after `after` reaches; none where that is to the end. Bookings that are
    /// brought back meanwhile never make it reach further.
    pub fn reach(&self, filter: &Filter<'_>, after: Option<Number>) -> Option<Number> {
        let bookings = self.ledger.bookings();
        if filter.reference.is_some() {
            None
        } else if let Some(customer) = filter.customer {
            let last = bookings.of_customer(customer, after).nth(LOOKED_AT_ONCE_MAX - 1);
            last.map(|booking| booking.number)
        } else if filter.status == Some(Status::Waitlisted) {
            self.ledger.tally().waitlist().reach(after, LOOKED_AT_ONCE_MAX)
        } else {
            let after = after.map_or(0, |after| after.0);
            let last = after.saturating_add(u32::try_from(LOOKED_AT_ONCE_MAX).expect("a few thousand"));
            Some(Number(last)).filter(|&last| last < bookings.latest())
        }
    }
}
