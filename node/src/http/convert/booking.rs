//! Bookings: asked for, and shown.

use std::num::NonZeroU32;

use api::booking::Remaining;
use booking::{Asker, Timestamp, Wish, limits};

use super::field_errors::FieldErrors;
use super::seats::{House, check_units, wish};
use super::time::time;
use crate::http::request::caller::NAME_LEN_MAX;
use crate::http::response::maps::Maps;
use crate::http::response::problem::ProblemResponse;
use crate::http::response::seat_names::SeatingNames;
use crate::ids;

/// What a customer, or a box office for one, asks a slot for.
pub(crate) fn book(
    customer: String,
    asked: &api::booking::CreateBooking,
    house: Option<&House<'_>>,
    by: Asker,
) -> Result<booking::Book, ProblemResponse> {
    let mut errors = FieldErrors::default();
    let wish = match house {
        Some(house) => wish(&mut errors, asked, house, by),
        None => Some(Wish::Units(units(&mut errors, asked))),
    };
    if let Some(seconds) = asked.hold_seconds {
        // Longer than the slot's maximum is no fault: it is cut.
        errors.check(1 <= seconds, "/hold_seconds", "must be 1 or more");
    }
    errors.check(
        (1..=NAME_LEN_MAX).contains(&customer.len()),
        "/customer",
        format_args!("must have 1 to {NAME_LEN_MAX} bytes"),
    );
    let wish = errors.found(wish)?;
    errors.done(booking::Book {
        customer: customer.into_boxed_str(),
        wish,
        mode: match asked.mode {
            api::booking::Mode::Confirm => booking::Mode::Confirm,
            api::booking::Mode::Hold => booking::Mode::Hold,
        },
        hold_seconds: asked.hold_seconds.map(wished_seconds),
        when_full: match asked.when_full {
            api::booking::WhenFull::Waitlist => booking::WhenFull::Waitlist,
            api::booking::WhenFull::Refuse => booking::WhenFull::Refuse,
        },
        basket: None,
    })
}

/// How many units are asked for.
fn units(errors: &mut FieldErrors, asked: &api::booking::CreateBooking) -> u32 {
    let quantity = asked.quantity.unwrap_or(0);
    errors.within(quantity, (1, limits::QUANTITY_MAX), "/quantity");
    check_units(errors, asked);
    quantity
}

/// How long a hold is to last from now on.
pub(crate) fn extension(asked: api::booking::ExtendHold) -> Result<u32, ProblemResponse> {
    let mut errors = FieldErrors::default();
    errors.check(1 <= asked.hold_seconds, "/hold_seconds", "must be 1 or more");
    errors.done(wished_seconds(asked.hold_seconds))
}

/// For how many a booking is to be from now on.
pub(crate) fn quantity(asked: api::booking::ChangeQuantity) -> Result<NonZeroU32, ProblemResponse> {
    let mut errors = FieldErrors::default();
    errors.within(asked.quantity, (1, limits::QUANTITY_MAX), "/quantity");
    errors.done(asked.quantity).map(|quantity| NonZeroU32::new(quantity).expect("1 or more"))
}

/// What is more than can be written down is cut like everything that is too long.
fn wished_seconds(seconds: u64) -> u32 {
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

/// A booking as an answer shows it: at `seq`, with the time that is left to its deadline at `at`.
pub(crate) fn booking(
    booking: booking::BookingView,
    seq: u64,
    at: Timestamp,
    maps: &Maps,
) -> api::booking::Booking {
    let left = |until: Timestamp| Remaining::Ms(until.0.saturating_sub(at.0));
    let expires_in_ms = booking.expires_at.map_or(Remaining::None, left);
    api::booking::Booking { expires_in_ms, ..recorded(booking, seq, maps) }
}

/// A booking as a record of the feed shows it.
pub(crate) fn recorded(booking: booking::BookingView, seq: u64, maps: &Maps) -> api::booking::Booking {
    let named = booking.seating.as_ref().map(|seating| SeatingNames::of(seating, maps.get(seating.map)));
    let (seats, areas, category, together) = match named {
        Some(SeatingNames { seats, areas, category, together }) => {
            (Some(seats), Some(areas), Some(category), Some(together))
        }
        None => (None, None, None, None),
    };
    api::booking::Booking {
        id: ids::booking_text(booking.id),
        slot: ids::slot_text(booking.id.slot),
        customer: booking.customer.into_string(),
        quantity: booking.quantity,
        status: booking_status(booking.status),
        mode: match booking.mode {
            booking::Mode::Confirm => api::booking::Mode::Confirm,
            booking::Mode::Hold => api::booking::Mode::Hold,
        },
        seq,
        reference: booking.reference.to_string(),
        position: booking.position,
        expires_at: booking.expires_at.map(time),
        expires_in_ms: Remaining::LeftOut,
        created_at: time(booking.created_at),
        seats,
        areas,
        category,
        together,
    }
}

fn booking_status(status: booking::Status) -> api::booking::Status {
    use api::booking::Status;
    match status {
        booking::Status::Held => Status::Held,
        booking::Status::Offered => Status::Offered,
        booking::Status::Waitlisted => Status::Waitlisted,
        booking::Status::Confirmed => Status::Confirmed,
        booking::Status::Cancelled => Status::Cancelled,
        booking::Status::Declined => Status::Declined,
        booking::Status::Expired => Status::Expired,
    }
}

/// The rules' word for a status that a list is filtered by.
pub(crate) fn status_wanted(status: api::booking::Status) -> booking::Status {
    use api::booking::Status;
    match status {
        Status::Held => booking::Status::Held,
        Status::Offered => booking::Status::Offered,
        Status::Waitlisted => booking::Status::Waitlisted,
        Status::Confirmed => booking::Status::Confirmed,
        Status::Cancelled => booking::Status::Cancelled,
        Status::Declined => booking::Status::Declined,
        Status::Expired => booking::Status::Expired,
    }
}
