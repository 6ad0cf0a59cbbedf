//! What the rules decided: done, or a problem.

use api::problem::{Code, Conflict, Reason};
use booking::{Decision, Details, Named, Outcome, Refusal};
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
                Some(Conflict { seat, reason: reason(conflict.reason) })
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
        Details::InUse { seats, areas } => {
            let seats = seats.iter().copied().map(Named::Seat);
            let taken = names(&mut seats.chain(areas.iter().copied().map(Named::Area)));
            let conflict = |seat| Conflict { seat, reason: Reason::Taken };
            problem.because_of(taken.into_iter().map(conflict).collect())
        }
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
const FAULTS: [(Refusal, &str, &str); 18] = [
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
    (Refusal::StartsInPast, "/starts_at", "must lie in the future"),
    (Refusal::EndsTooEarly, "/ends_at", "must be after starts_at"),
    (Refusal::ClosesTooLate, "/sale/closes_at", "must not be after starts_at"),
    (
        Refusal::OpensTooLate,
        "/sale/opens_at",
        "must be before closes_at, or before starts_at where the sale closes then",
    ),
];

fn refused(refusal: Refusal) -> ProblemResponse {
    if let Some((_, pointer, detail)) = FAULTS.iter().find(|(fault, ..)| *fault == refusal) {
        return ProblemResponse::at_fault(pointer, detail);
    }
    let (code, detail) = match refusal {
        Refusal::SlotCancelled => (Code::SlotCancelled, "the slot was cancelled by its organizer"),
        Refusal::NotOnSale => (Code::NotOnSale, "the sale is not open, or no price is for this now"),
        Refusal::QuantityTooLarge => {
            (Code::QuantityTooLarge, "there is never as much as this of what is asked for; ask for less")
        }
        Refusal::CustomerLimit => (
            Code::CustomerLimit,
            "with this quantity the customer would have more than the slot's customer_limit",
        ),
        Refusal::SoldOut => (Code::SoldOut, "there is no room for this quantity, and nothing to wait for"),
        Refusal::WaitlistFull => (Code::WaitlistFull, "there is no room, and as many wait as may wait"),
        Refusal::NotHeld => (
            Code::NotHeld,
            "this takes a held booking; one that waits can be made smaller, and the organizer makes a confirmed one smaller or swaps \
             its seats",
        ),
        Refusal::HoldExpired => (Code::HoldExpired, "the hold's deadline has passed; book again"),
        Refusal::NotOffered => (Code::NotOffered, "only an offered booking can be accepted or declined"),
        Refusal::OfferExpired => (Code::OfferExpired, "the offer's deadline has passed; book again"),
        Refusal::TooLate => (Code::TooLate, "a confirmed booking can no longer be cancelled by its customer"),
        Refusal::AlreadyOver => (Code::AlreadyOver, "the booking has ended already"),
        Refusal::CapacityInUse => (Code::CapacityInUse, "what is held, offered and confirmed must fit in"),
        Refusal::PriceChanged => {
            (Code::PriceChanged, "the amount is not the expected one; look at the prices, and ask again")
        }
        Refusal::QuotaExhausted => (
            Code::QuotaExhausted,
            "of some of these products too little is left; ask for others, or for fewer",
        ),
        Refusal::PaymentRequired => {
            (Code::PaymentRequired, "a customer's booking that costs something is confirmed by its organizer")
        }
        Refusal::SeatsRefused => {
            (Code::SeatsRefused, "some of these cannot be had; pick again, knowing which")
        }
        Refusal::LeavesSingle => {
            (Code::LeavesSingle, "a seat would be left single; move along, or take it too")
        }
        Refusal::NotTogether => (
            Code::NotTogether,
            "there are enough seats, but not side by side; ask for fewer, or prefer them together",
        ),
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
        | Refusal::StartsInPast
        | Refusal::EndsTooEarly
        | Refusal::ClosesTooLate
        | Refusal::OpensTooLate => unreachable!("told as a fault of the body"),
    };
    ProblemResponse::new(code, detail)
}
