//! What may be seen of a slot and its bookings.

use alloc::sync::Arc;
use core::num::NonZeroU32;

use crate::slot::inventory::claim::{Purchase, RangeClaim, RangeHad, SeatsClaim};
use crate::slot::inventory::ranges::Ranges;
use crate::slot::state::booking::{BookingRecord, Standing};
use crate::slot::state::slot::Slot;
use crate::{
    Bill, BookingId, BookingView, CalendarView, CreditsView, GoodsView, HouseView, Number, RangeView,
    Reference, Seating, View,
};

/// What changes of a booking, at one moment.
pub(crate) struct Then {
    pub(crate) standing: Standing,
    pub(crate) quantity: u32,
    /// Its place among those who wait, from 1.
    pub(crate) position: Option<u32>,
    /// What it has of a house.
    pub(crate) seating: Option<Arc<Seating>>,
    /// What it has of a calendar, or waits for.
    pub(crate) range: Option<RangeHad>,
    /// What it is of and costs.
    pub(crate) bill: Option<Arc<Bill>>,
    /// What its merchant has promised for it, and what has become of that.
    pub(crate) credits: Option<Arc<[CreditsView]>>,
}

impl Slot {
    /// The slot as everyone may see it.
    pub fn view(&self) -> View {
        View {
            id: self.id(),
            definition: Arc::clone(&self.definition),
            seq: self.base.seq,
            stamp: self.base.stamp,
            counts: self.ledger.counts(),
            cancelled: self.cancelled,
            house: self.house_view(),
            goods: self.goods_view(),
            calendar: self.calendar_view(),
        }
    }

    /// Where everything of its calendar is, if it is one.
    pub(crate) fn calendar_view(&self) -> Option<Arc<CalendarView>> {
        self.ledger.tally().inventory().ranges().map(Ranges::view).map(Arc::new)
    }

    /// A range, and the name of its resource. A name that there was is there for ever.
    fn range_view(&self, had: RangeHad) -> Arc<RangeView> {
        let RangeHad { range, resource } = had;
        let calendar = self.definition.calendar();
        let name = resource.map(|resource| {
            let name = calendar.and_then(|calendar| calendar.name(resource));
            Arc::clone(name.expect("a resource keeps its number for ever"))
        });
        Arc::new(RangeView { range, resource: name })
    }

    /// How much there is of what it sells, if it sells anything in particular.
    pub(crate) fn goods_view(&self) -> Option<Arc<GoodsView>> {
        self.ledger.tally().inventory().goods(self.order()).map(Arc::new)
    }

    /// Where everything of its house is, if it is a slot of seats.
    pub(crate) fn house_view(&self) -> Option<Arc<HouseView>> {
        Some(Arc::new(self.ledger.tally().inventory().house()?.view(self.order())))
    }

    /// The booking with this number, which exists, as it is now.
    pub(crate) fn booking_numbered(&self, number: Number) -> BookingView {
        self.booking_now(self.ledger.bookings().get(number))
    }

    /// A booking as it was then.
    pub(crate) fn booking_as(&self, booking: &BookingRecord, then: Then) -> BookingView {
        let Then { standing, quantity, position, seating, range, bill, credits } = then;
        BookingView {
            id: BookingId { slot: self.id(), request: booking.request },
            number: booking.number,
            customer: booking.customer.clone(),
            quantity,
            status: standing.status(),
            mode: booking.mode,
            reference: Reference::of(booking.number, self.definition.secret),
            position,
            expires_at: standing.until(),
            created_at: booking.created_at,
            seating,
            range: range.map(|had| self.range_view(had)),
            bill,
            credits,
            // That never changes but for what was held before.
            order: self.ledger.bookings().whole(booking).order.map(|order| order.order),
        }
    }

    /// A booking as it is now.
    pub(crate) fn booking_now(&self, booking: &BookingRecord) -> BookingView {
        let whole = self.ledger.bookings().whole(booking);
        let waits = booking.standing == Standing::Waitlisted;
        let position = if waits { self.ledger.tally().position(whole) } else { None };
        let seating = whole.seats.map(|claim| Arc::clone(&claim.seating));
        let range = whole.range.map(|claim| claim.had);
        let bill = whole.purchase.map(|purchase| Arc::clone(&purchase.bill));
        let BookingRecord { standing, quantity, .. } = *booking;
        let credits = whole.credits.map(|credits| credits.view().into());
        self.booking_as(booking, Then { standing, quantity, position, seating, range, bill, credits })
    }

    /// A booking as it was when it was made.
    pub(crate) fn booking_first(&self, booking: &BookingRecord) -> BookingView {
        let whole = self.ledger.bookings().whole(booking);
        let then = Then {
            standing: booking.first.standing,
            quantity: booking.asked_quantity(),
            position: booking.first_position.map(NonZeroU32::get),
            seating: whole.seats.map(SeatsClaim::first).map(Arc::clone),
            range: whole.range.map(RangeClaim::first),
            bill: whole.purchase.and_then(Purchase::first).map(Arc::clone),
            credits: whole.credits.map(|credits| credits.first_view().into()),
        };
        self.booking_as(booking, then)
    }
}
