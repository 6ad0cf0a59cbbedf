//! What the rules decided: done, or a problem.

use api::problem::Code;
use booking::{Decision, Outcome, Refusal};

use super::problem::ProblemResponse;

/// What was done; a refusal is a problem.
pub(crate) fn decision(outcome: Outcome) -> Result<Decision, ProblemResponse> {
    match outcome.decision {
        Decision::Refused(refusal) => Err(refused(refusal).decided(&outcome)),
        Decision::KeyReused => Err(ProblemResponse::key_reused()),
        Decision::NotFound => Err(ProblemResponse::no_booking()),
        Decision::Forbidden => Err(ProblemResponse::not_confirmed_by_customers()),
        Decision::Slot(_) | Decision::Booking(_) => Ok(outcome.decision),
    }
}

fn refused(refusal: Refusal) -> ProblemResponse {
    let (code, detail) = match refusal {
        Refusal::SlotCancelled => (Code::SlotCancelled, "the slot was cancelled by its organizer"),
        Refusal::NotOnSale => (Code::NotOnSale, "the sale has not opened yet, or is over"),
        Refusal::QuantityTooLarge => (Code::QuantityTooLarge, "ask for at most the slot's capacity"),
        Refusal::CustomerLimit => (
            Code::CustomerLimit,
            "with this quantity the customer would have more than the slot's customer_limit",
        ),
        Refusal::SoldOut => (Code::SoldOut, "there is no room for this quantity, and nothing to wait for"),
        Refusal::WaitlistFull => (Code::WaitlistFull, "there is no room, and as many wait as may wait"),
        Refusal::NotHeld => (
            Code::NotHeld,
            "only a held booking can be confirmed or extended; its customer can make it smaller while it is held or waits, the \
             organizer also when it is confirmed",
        ),
        Refusal::HoldExpired => (Code::HoldExpired, "the hold's deadline has passed; book again"),
        Refusal::NotOffered => (Code::NotOffered, "only an offered booking can be accepted or declined"),
        Refusal::OfferExpired => (Code::OfferExpired, "the offer's deadline has passed; book again"),
        Refusal::TooLate => (Code::TooLate, "a confirmed booking can no longer be cancelled by its customer"),
        Refusal::AlreadyOver => (Code::AlreadyOver, "the booking has ended already"),
        Refusal::CapacityInUse => {
            (Code::CapacityInUse, "the capacity cannot go below what is held, offered and confirmed")
        }
        Refusal::MoreThanBooked => {
            return ProblemResponse::at_fault("/quantity", "must not be more than the booking is for");
        }
        Refusal::StartsInPast => return ProblemResponse::at_fault("/starts_at", "must lie in the future"),
        Refusal::EndsTooEarly => return ProblemResponse::at_fault("/ends_at", "must be after starts_at"),
        Refusal::ClosesTooLate => {
            return ProblemResponse::at_fault("/sale/closes_at", "must not be after starts_at");
        }
        Refusal::OpensTooLate => {
            let detail = "must be before closes_at, or before starts_at where the sale closes then";
            return ProblemResponse::at_fault("/sale/opens_at", detail);
        }
    };
    ProblemResponse::new(code, detail)
}
