//! What the rules decided: done, or a problem.

use api::problem::{Code, Conflict, RangeConflict, RangeReason, Reason, SeatConflict};
use api::time::Time;
use booking::{Decision, Details, Named, Outcome, Refusal, Timestamp};
use seatmap::Seatmap;

use super::problem::ProblemResponse;
use crate::http::response::seat_names::name;

/// How many seats that cannot be had are told: more than one request can name, but for the organizer's.
const CONFLICTS_MAX: usize = 500;

/// What was done; a refusal is a problem. What is said beside it is read by the map by which the request was numbered.
pub(crate) fn decision(outcome: Outcome, asked_by: Option<&Seatmap>) -> Result<Decision, ProblemResponse> {
    match outcome.decision {
        Decision::Explained(refusal, ref details) => {
            Err(explained(refusal, details, asked_by).decided(&outcome))
        }
        // Looked at again and again, the slot was sold by another map each time.
        Decision::AnotherMap => Err(ProblemResponse::sold_by_another_map()),
        Decision::Refused(refusal) => Err(refused(refusal).decided(&outcome)),
        Decision::KeyReused => Err(ProblemResponse::key_reused()),
        Decision::NotFound => Err(ProblemResponse::no_booking()),
        Decision::Forbidden => Err(ProblemResponse::not_confirmed_by_customers()),
        Decision::Slot(_) | Decision::Booking(_) => Ok(outcome.decision),
    }
}

/// A refusal with what is said beside it.
fn explained(refusal: Refusal, details: &Details, asked_by: Option<&Seatmap>) -> ProblemResponse {
    let problem = refused(refusal);
    let names = |named: &mut dyn Iterator<Item = Named>| -> Vec<String> {
        named.filter_map(|named| name(named, asked_by?)).take(CONFLICTS_MAX).collect()
    };
    match details {
        Details::Conflicts(conflicts) => {
            let conflict = |conflict: &booking::Conflict| {
                let seat = name(conflict.place, asked_by?)?;
                Some(Conflict::Seat(SeatConflict { seat, reason: reason(conflict.reason) }))
            };
            problem.because_of(conflicts.iter().filter_map(conflict).take(CONFLICTS_MAX).collect())
        }
        Details::Singles(seats) => problem.leaving(names(&mut seats.iter().copied().map(Named::Seat))),
        Details::Quotas(quotas) => problem.short_of(quotas),
        Details::Line(place) if refusal == Refusal::MoreThanBooked => ProblemResponse::at_fault(
            &format!("/lines/{place}/quantity"),
            "must not be more than the booking has of this product",
        ),
        Details::Line(place) => ProblemResponse::at_fault(
            &format!("/lines/{place}/product"),
            "must be the key of a product that there is here",
        ),
        Details::LargestBlock(largest) => problem.at_most_together(*largest),
        Details::Range(reason) => problem.since(range_reason(*reason)),
        Details::RangesTaken(ranges) => {
            let conflict = |range: &booking::Range| {
                Conflict::Range(RangeConflict { from: time(range.from()), to: time(range.to()) })
            };
            problem.because_of(ranges.iter().map(conflict).collect())
        }
        Details::InUseFrom(first) => problem.in_use_from(time(*first)),
        Details::InUse { seats, areas } => {
            let seats = seats.iter().copied().map(Named::Seat);
            let taken = names(&mut seats.chain(areas.iter().copied().map(Named::Area)));
            let conflict = |seat| Conflict::Seat(SeatConflict { seat, reason: Reason::Taken });
            problem.because_of(taken.into_iter().map(conflict).collect())
        }
    }
}

/// A moment, as answers tell it.
fn time(at: Timestamp) -> Time {
    Time::from_ms(at.0)
}

fn range_reason(reason: booking::RangeRefused) -> RangeReason {
    match reason {
        booking::RangeRefused::Hours => RangeReason::Hours,
        booking::RangeRefused::Grid => RangeReason::Grid,
        booking::RangeRefused::Length => RangeReason::Length,
        booking::RangeRefused::Lead => RangeReason::Lead,
        booking::RangeRefused::Horizon => RangeReason::Horizon,
    }
}

fn reason(reason: booking::Reason) -> Reason {
    match reason {
        booking::Reason::Taken => Reason::Taken,
        booking::Reason::Blocked => Reason::Blocked,
        booking::Reason::Allotted => Reason::Allotted,
        booking::Reason::Accessible => Reason::Accessible,
        booking::Reason::WaitedFor => Reason::WaitedFor,
        booking::Reason::Category => Reason::Category,
    }
}

/// Refusals that are the fault of the body: where, and what to do about it.
const FAULTS: [(Refusal, &str, &str); 26] = [
    (Refusal::Malformed, "", "must be for what the slot has to give out"),
    (
        Refusal::SeatsUnnamed,
        "/quantity",
        "must be left alone: give seats back by name, at /seats of the booking",
    ),
    (Refusal::AllotmentsFull, "/allot", "must bring the names of the slot to 64 at most"),
    (Refusal::MoreThanBooked, "/quantity", "must not be more than the booking is for"),
    (Refusal::LinesWanted, "/lines", "must say of which products, since the slot has some"),
    (
        Refusal::LinesScattered,
        "/lines",
        "must be of one product where places of several categories are named; book them apart",
    ),
    (Refusal::LinesUnnamed, "/lines", "must say of which products, since the booking is of several"),
    (Refusal::NoSuchProduct, "/lines", "must be of products that there are"),
    (Refusal::QuotaOfNoProduct, "/quotas", "must be of products that there are"),
    (Refusal::PriceOfNoProduct, "/prices", "must be of products that there are"),
    (Refusal::NoCurrency, "/currency", "must be given where there are prices"),
    (Refusal::TariffTooLarge, "/products", "must be fewer, or have shorter names, with quotas and prices"),
    (
        Refusal::CategoryGone,
        "/inventory/seats/map",
        "must have every category that products and prices name, or these must be given too",
    ),
    (
        Refusal::SeatsUneven,
        "/add",
        "must be as many as drop, since the booking is of several products and nobody says of which are fewer or more",
    ),
    (Refusal::RangeEmpty, "/to", "must be after from"),
    (Refusal::NoSuchResource, "/resource", "must be a resource of the calendar, or be left out"),
    (Refusal::ResourceTwice, "/inventory/calendar/resources", "must not name a resource twice"),
    (
        Refusal::MinimumOffGrid,
        "/inventory/calendar/minimum_seconds",
        "must be a multiple of grid_seconds, as it is by then",
    ),
    (
        Refusal::MaximumOffGrid,
        "/inventory/calendar/maximum_seconds",
        "must be a multiple of grid_seconds, and not shorter than minimum_seconds, as these are by then",
    ),
    (Refusal::SpanTooLong, "/ends_at", "must be 1,080 days after starts_at at most"),
    (
        Refusal::CalendarTooLarge,
        "/inventory/calendar",
        "must have fewer or shorter names, those that it once had too, and fewer closed days and extra hours",
    ),
    (Refusal::TooManyOpenings, "/inventory/calendar/hours", "must be open fewer times up to its horizon"),
    (Refusal::StartsInPast, "/starts_at", "must lie in the future"),
    (
        Refusal::EndsTooEarly,
        "/ends_at",
        "must be after starts_at, and lie in the future when a calendar is made",
    ),
    (
        Refusal::ClosesTooLate,
        "/sale/closes_at",
        "must not be after starts_at, or of a calendar after ends_at",
    ),
    (
        Refusal::OpensTooLate,
        "/sale/opens_at",
        "must be before closes_at, or before starts_at where the sale closes then",
    ),
];

/// What is said with a code that is no fault of the body.
const DETAILS: [(Code, &str); 21] = [
    (Code::SlotCancelled, "the slot was cancelled by its organizer"),
    (Code::NotOnSale, "the sale is not open, or no price is for this now"),
    (Code::QuantityTooLarge, "there is never as much as this of what is asked for; ask for less"),
    (Code::CustomerLimit, "with this quantity the customer would have more than the slot's customer_limit"),
    (Code::SoldOut, "there is no room for this quantity, and nothing to wait for"),
    (Code::WaitlistFull, "there is no room, and as many wait as may wait"),
    (
        Code::NotHeld,
        "this takes a held booking; one that waits can be made smaller, and the organizer makes a confirmed one smaller or swaps its seats; a range can be moved when it is had",
    ),
    (Code::HoldExpired, "the hold's deadline has passed; book again"),
    (Code::NotOffered, "only an offered booking can be accepted or declined"),
    (Code::OfferExpired, "the offer's deadline has passed; book again"),
    (Code::TooLate, "a confirmed booking can no longer be cancelled or moved by its customer"),
    (Code::AlreadyOver, "the booking has ended already"),
    (Code::CapacityInUse, "what is held, offered and confirmed must fit in"),
    (Code::PriceChanged, "the amount is not the expected one; look at the prices, and ask again"),
    (Code::QuotaExhausted, "of some of these products too little is left; ask for others, or for fewer"),
    (Code::PaymentRequired, "a customer's booking that costs something is confirmed by its organizer"),
    (Code::SeatsRefused, "some of these cannot be had; pick again, knowing which"),
    (Code::RangeRefused, "the range may not be booked, whatever is taken; the reason says why"),
    (
        Code::RangeTaken,
        "too little is free throughout the range, with what is kept free around it; look at what is free",
    ),
    (Code::LeavesSingle, "a seat would be left single; move along, or take it too"),
    (
        Code::NotTogether,
        "there are enough seats, but not side by side; ask for fewer, or prefer them together",
    ),
];

fn refused(refusal: Refusal) -> ProblemResponse {
    if let Some((_, pointer, detail)) = FAULTS.iter().find(|(fault, ..)| *fault == refusal) {
        return ProblemResponse::at_fault(pointer, detail);
    }
    let code = code(refusal);
    let told = DETAILS.iter().find(|(told, _)| *told == code);
    let (code, detail) = *told.expect("every code says what to do");
    ProblemResponse::new(code, detail)
}

fn code(refusal: Refusal) -> Code {
    match refusal {
        Refusal::SlotCancelled => Code::SlotCancelled,
        Refusal::NotOnSale => Code::NotOnSale,
        Refusal::QuantityTooLarge => Code::QuantityTooLarge,
        Refusal::CustomerLimit => Code::CustomerLimit,
        Refusal::SoldOut => Code::SoldOut,
        Refusal::WaitlistFull => Code::WaitlistFull,
        Refusal::NotHeld => Code::NotHeld,
        Refusal::HoldExpired => Code::HoldExpired,
        Refusal::NotOffered => Code::NotOffered,
        Refusal::OfferExpired => Code::OfferExpired,
        Refusal::TooLate => Code::TooLate,
        Refusal::AlreadyOver => Code::AlreadyOver,
        Refusal::CapacityInUse => Code::CapacityInUse,
        Refusal::PriceChanged => Code::PriceChanged,
        Refusal::QuotaExhausted => Code::QuotaExhausted,
        Refusal::PaymentRequired => Code::PaymentRequired,
        Refusal::SeatsRefused => Code::SeatsRefused,
        Refusal::RangeRefused => Code::RangeRefused,
        Refusal::RangeTaken => Code::RangeTaken,
        Refusal::LeavesSingle => Code::LeavesSingle,
        Refusal::NotTogether => Code::NotTogether,
        Refusal::Malformed
        | Refusal::SeatsUnnamed
        | Refusal::AllotmentsFull
        | Refusal::MoreThanBooked
        | Refusal::LinesWanted
        | Refusal::LinesUnnamed
        | Refusal::NoSuchProduct
        | Refusal::QuotaOfNoProduct
        | Refusal::PriceOfNoProduct
        | Refusal::NoCurrency
        | Refusal::TariffTooLarge
        | Refusal::LinesScattered
        | Refusal::CategoryGone
        | Refusal::SeatsUneven
        | Refusal::RangeEmpty
        | Refusal::NoSuchResource
        | Refusal::ResourceTwice
        | Refusal::MinimumOffGrid
        | Refusal::MaximumOffGrid
        | Refusal::SpanTooLong
        | Refusal::CalendarTooLarge
        | Refusal::TooManyOpenings
        | Refusal::StartsInPast
        | Refusal::EndsTooEarly
        | Refusal::ClosesTooLate
        | Refusal::OpensTooLate => unreachable!("told as a fault of the body"),
        Refusal::PolicyInUse | Refusal::InOrder => {
            unreachable!("no level that is supported asks a merchant for anything")
        }
    }
}
