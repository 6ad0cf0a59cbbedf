//! What is answered: done, refused, or not found. That an answer is *unknown* is for those to say who lost
//! it.

use alloc::boxed::Box;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::base;
use crate::base::outcome::Denied;
use crate::{BookingView, Details, RangeRefused, View};

/// The answer to one request to a slot.
pub type Outcome = base::outcome::Outcome<Decision>;

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Done: the slot, as it was after it. Its status and what is bookable are to be read at the outcome's
    /// stamp, so that a replay says the same.
    Slot(View),
    /// Done: the booking, as it was after it.
    Booking(BookingView),
    /// Refused by a rule, and remembered.
    Refused(Refusal),
    /// Refused by a rule that says more of it. The refusal is remembered, and what is said beside it is not.
    Explained(Refusal, Box<Details>),
    /// The request is numbered by another map than the one by which the slot is sold, or says nothing of products and prices where
    /// there are some by now: who put it into words looks again. Not remembered.
    AnotherMap,
    /// The caller has used this key for something else. Not remembered: the first answer is.
    KeyReused,
    /// There is no such slot, or no such booking of this caller's. Not remembered.
    NotFound,
    /// It is not for this caller to do. Not remembered.
    Forbidden,
}

/// What a rule says no with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) refusal: Refusal,
    /// What is told beside it, if anything is.
    pub(crate) details: Option<Box<Details>>,
}

impl Refused {
    /// A refusal that says more.
    pub(crate) fn because(refusal: Refusal, details: Details) -> Self {
        Self { refusal, details: Some(Box::new(details)) }
    }

    /// A refusal of a range that may not be asked for at all.
    pub(crate) fn of_range(why: RangeRefused) -> Self {
        Self::because(Refusal::RangeRefused, Details::Range(why))
    }

    /// A refusal for the line at this place.
    pub(crate) fn of_line(refusal: Refusal, place: usize) -> Self {
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        Self::because(refusal, Details::Line(place))
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, details: None }
    }
}

impl From<Refusal> for Denied<Refused> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<Denied<Refused>> for Decision {
    fn from(denied: Denied<Refused>) -> Self {
        match denied {
            Denied::Refused(Refused { refusal, details: None }) => Self::Refused(refusal),
            Denied::Refused(Refused { refusal, details: Some(details) }) => Self::Explained(refusal, details),
            Denied::Outdated => Self::AnotherMap,
            Denied::KeyReused => Self::KeyReused,
            Denied::NotFound => Self::NotFound,
            Denied::Forbidden => Self::Forbidden,
            Denied::Overloaded => unreachable!("a slot leaves nothing that could be too much"),
        }
    }
}

/// Why a request was refused.
///
/// Where several apply, the first in the contract's order is given: that is the order in which rules look. The order here is on the
/// disk, in receipts, so a new variant goes to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Refusal {
    /// The slot is cancelled.
    SlotCancelled,
    /// The sale has not opened, or has closed.
    NotOnSale,
    /// More is asked for than the slot's capacity.
    QuantityTooLarge,
    /// The customer would have more than one may have.
    CustomerLimit,
    /// There is no room, and the request or the slot wants no waiting.
    SoldOut,
    /// There is no room, and none to wait either.
    WaitlistFull,
    /// The booking is not held.
    NotHeld,
    /// The booking was held, and its deadline has passed.
    HoldExpired,
    /// The booking is not offered.
    NotOffered,
    /// The booking was offered, and its deadline has passed.
    OfferExpired,
    /// A customer can no longer cancel what is confirmed.
    TooLate,
    /// The booking is over.
    AlreadyOver,
    /// The capacity would be less than what is taken.
    CapacityInUse,
    /// The slot would start in the past. Not remembered: there is no slot to remember it.
    StartsInPast,
    /// The slot would end before it starts.
    EndsTooEarly,
    /// The sale would close after the slot has started.
    ClosesTooLate,
    /// The sale would open after it has closed.
    OpensTooLate,
    /// The booking is for fewer than it is to be for.
    MoreThanBooked,
    /// Some of the seats that are named cannot be had, or are taken and cannot be sold otherwise.
    SeatsRefused,
    /// Single seats would be left that need not be.
    LeavesSingle,
    /// There are enough seats, but not together, as they must be.
    NotTogether,
    /// It names what is not there, or something twice. The door lets none of these in.
    Malformed,
    /// Some seats are to be given back, and it is not said which.
    SeatsUnnamed,
    /// Seats have been kept for as many as there can be.
    AllotmentsFull,
    /// It costs something else than the caller expects.
    PriceChanged,
    /// Of some products too few are left, and the request or the slot wants no waiting.
    QuotaExhausted,
    /// It is to be paid for before its customer can confirm it.
    PaymentRequired,
    /// The slot has products, and it is not said of which.
    LinesWanted,
    /// It is of several products, and it is not said of which there are to be fewer or more.
    LinesUnnamed,
    /// There is no such product.
    NoSuchProduct,
    /// A quota would be of a product that there is not.
    QuotaOfNoProduct,
    /// A price would be of a product that there is not.
    PriceOfNoProduct,
    /// There would be prices, and no currency.
    NoCurrency,
    /// Products, quotas and prices would be more than a slot keeps.
    TariffTooLarge,
    /// It is of several products, and names places of several categories: which is whose is not said.
    LinesScattered,
    /// The new map lacks a category that products or prices name which are to stay.
    CategoryGone,
    /// A booking of several products would have more or fewer seats, and it is not said of which.
    SeatsUneven,
    /// The range may not be asked for, whatever is taken.
    RangeRefused,
    /// Something is in the way of the range, and the request or the slot wants no waiting, or it is too late for that.
    RangeTaken,
    /// The range would end before it begins, or when it does.
    RangeEmpty,
    /// There is no such resource.
    NoSuchResource,
    /// A resource would be there twice.
    ResourceTwice,
    /// The shortest range would not be some steps of the grid.
    MinimumOffGrid,
    /// The longest range would not be some steps of the grid, or shorter than the shortest.
    MaximumOffGrid,
    /// The calendar would go on for too long.
    SpanTooLong,
    /// Resources and hours would be more than a calendar keeps.
    CalendarTooLarge,
    /// The hours would have more openings than a calendar keeps.
    TooManyOpenings,
    /// What it asks of its merchant would change, and something is booked.
    PolicyInUse,
    /// It is a booking of an order, which decides of it.
    InOrder,
}

impl Refusal {
    /// The refusal as the contract spells it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SlotCancelled => "slot_cancelled",
            Self::NotOnSale => "not_on_sale",
            Self::QuantityTooLarge => "quantity_too_large",
            Self::CustomerLimit => "customer_limit",
            Self::SoldOut => "sold_out",
            Self::WaitlistFull => "waitlist_full",
            Self::NotHeld => "not_held",
            Self::HoldExpired => "hold_expired",
            Self::NotOffered => "not_offered",
            Self::OfferExpired => "offer_expired",
            Self::TooLate => "too_late",
            Self::AlreadyOver => "already_over",
            Self::CapacityInUse => "capacity_in_use",
            Self::StartsInPast => "starts_in_past",
            Self::EndsTooEarly => "ends_too_early",
            Self::ClosesTooLate => "closes_too_late",
            Self::OpensTooLate => "opens_too_late",
            Self::MoreThanBooked => "more_than_booked",
            Self::SeatsRefused => "seats_refused",
            Self::LeavesSingle => "leaves_single",
            Self::NotTogether => "not_together",
            Self::Malformed => "malformed",
            Self::SeatsUnnamed => "seats_unnamed",
            Self::AllotmentsFull => "allotments_full",
            Self::PriceChanged => "price_changed",
            Self::QuotaExhausted => "quota_exhausted",
            Self::PaymentRequired => "payment_required",
            Self::LinesWanted => "lines_wanted",
            Self::LinesUnnamed => "lines_unnamed",
            Self::NoSuchProduct => "no_such_product",
            Self::QuotaOfNoProduct => "quota_of_no_product",
            Self::PriceOfNoProduct => "price_of_no_product",
            Self::NoCurrency => "no_currency",
            Self::TariffTooLarge => "tariff_too_large",
            Self::LinesScattered => "lines_scattered",
            Self::CategoryGone => "category_gone",
            Self::SeatsUneven => "seats_uneven",
            Self::RangeRefused => "range_refused",
            Self::RangeTaken => "range_taken",
            Self::RangeEmpty => "range_empty",
            Self::NoSuchResource => "no_such_resource",
            Self::ResourceTwice => "resource_twice",
            Self::MinimumOffGrid => "minimum_off_grid",
            Self::MaximumOffGrid => "maximum_off_grid",
            Self::SpanTooLong => "span_too_long",
            Self::CalendarTooLarge => "calendar_too_large",
            Self::TooManyOpenings => "too_many_openings",
            Self::PolicyInUse => "in_use",
            Self::InOrder => "in_order",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}
