//! What may be seen of a slot and of a booking.

use alloc::boxed::Box;
use alloc::sync::Arc;

use crate::digest::Digest;
use crate::{
    Bill, BookingId, CalendarView, CreditsView, Definition, GoodsView, HouseView, Mode, Number, Order,
    OrderNumber, RangeView, Reference, Seating, Seq, SlotId, Status, Timestamp,
};

/// A slot as everyone may see it, at one `seq`. Cheap to take and to clone: the definition is shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The slot.
    pub id: SlotId,
    /// What its organizer says of it.
    pub definition: Arc<Definition>,
    /// The change after which it looks like this.
    pub seq: Seq,
    /// The latest stamp that the slot has seen.
    pub stamp: Timestamp,
    /// Where its units are.
    pub counts: Counts,
    /// Whether it is cancelled.
    pub cancelled: bool,
    /// Where its seats are, if it is a slot of seats.
    pub house: Option<Arc<HouseView>>,
    /// How much there is of what it sells, if it sells anything in particular.
    pub goods: Option<Arc<GoodsView>>,
    /// Where everything of its calendar is, if it is one.
    pub calendar: Option<Arc<CalendarView>>,
}

impl View {
    /// What the slot is about at this moment, or at its own stamp if that is later.
    pub fn status(&self, now: Timestamp) -> SlotStatus {
        if self.cancelled {
            SlotStatus::Cancelled
        } else {
            SlotStatus::of(&self.definition, self.stamp.max(now))
        }
    }

    /// How many units a newcomer could get at this moment: none off sale, and none under [`Order::Strict`]
    /// while anyone waits, for a newcomer joins behind them. Of seats as many as one newcomer could get in one category, and of
    /// products as many as of one of them at the prices of the latest step. Of a calendar nobody can say that in one number.
    pub fn bookable(&self, now: Timestamp) -> u32 {
        if self.status(now) != SlotStatus::OnSale {
            return 0;
        }
        if let Some(house) = &self.house {
            return house.bookable;
        }
        if let Some(goods) = &self.goods {
            return goods.bookable;
        }
        let waited_for = self.counts.waitlisted > 0
            && self.definition.policy.waitlist.is_some_and(|waitlist| waitlist.order == Order::Strict);
        if waited_for { 0 } else { self.counts.free }
    }
}

/// What a slot is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SlotStatus {
    /// Its sale has not opened.
    Scheduled,
    /// It can be booked.
    OnSale,
    /// Its sale has closed.
    Closed,
    /// It has ended.
    Finished,
    /// Its organizer has cancelled it.
    Cancelled,
}

impl SlotStatus {
    /// What a slot that is not cancelled is about at this moment.
    pub(crate) fn of(definition: &Definition, at: Timestamp) -> Self {
        if definition.ends_at <= at {
            Self::Finished
        } else if definition.closes_at() <= at {
            Self::Closed
        } else if definition.sale.opens_at.is_some_and(|opens_at| at < opens_at) {
            Self::Scheduled
        } else {
            Self::OnSale
        }
    }
}

/// Where a slot's units or seats are. `waitlisted` counts bookings, the others count places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// All of them: the sum of the next four, and of the seats that are free and kept for somebody.
    pub capacity: u32,
    /// With no one.
    pub free: u32,
    /// With customers who have not confirmed.
    pub held: u32,
    /// Set aside for customers who waited.
    pub offered: u32,
    /// With customers for good.
    pub confirmed: u32,
    /// How many bookings wait.
    pub waitlisted: u32,
}

impl Counts {
    /// A slot of which nothing is taken.
    pub const fn untouched(capacity: u32) -> Self {
        Self { capacity, free: capacity, held: 0, offered: 0, confirmed: 0, waitlisted: 0 }
    }

    /// Mixes these into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let Self { capacity, free, held, offered, confirmed, waitlisted } = *self;
        digest.word(capacity).word(free).word(held).word(offered).word(confirmed).word(waitlisted)
    }
}

/// A booking as its customer and the slot's organizer may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookingView {
    /// The booking.
    pub id: BookingId,
    /// Its number within the slot.
    pub number: Number,
    /// Whose it is.
    pub customer: Box<str>,
    /// How many units it is for.
    pub quantity: u32,
    /// Where it stands.
    pub status: Status,
    /// What it was asked to become.
    pub mode: Mode,
    /// What people say to each other to find it.
    pub reference: Reference,
    /// Its place among those who wait, from 1; none unless it waits.
    pub position: Option<u32>,
    /// From when on it is expired; none unless it is held or offered.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// What it has of a house, if it is a booking of seats.
    pub seating: Option<Arc<Seating>>,
    /// What it has of a calendar, or waits for, if it is a booking of a range.
    pub range: Option<Arc<RangeView>>,
    /// What it is of and costs, if something in particular was sold.
    pub bill: Option<Arc<Bill>>,
    /// What its merchant has promised for it, and what has become of that, if the slot asks for credits.
    pub credits: Option<Arc<[CreditsView]>>,
    /// Which of its merchant's orders it is an item of, if it is.
    pub order: Option<OrderNumber>,
}
