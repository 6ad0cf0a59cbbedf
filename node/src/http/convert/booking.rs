//! Bookings: asked for, and shown.

use std::borrow::Cow;
use std::num::NonZeroU32;

use api::booking::Remaining;
use booking::{Asker, Basket, Timestamp, Wish, limits};

use super::calendar::{self, check_no_range};
use super::field_errors::FieldErrors;
use super::seats::{check_units, wish};
use super::tariff::{Seen, lines, places};
use super::time::time;
use crate::http::request::caller::NAME_LEN_MAX;
use crate::http::response::bill_words::BillWords;
use crate::http::response::maps::Maps;
use crate::http::response::problem::ProblemResponse;
use crate::http::response::seat_names::SeatingNames;
use crate::ids;

/// The most that a booking can cost, in minor units.
const EXPECTED_MAX: u64 = limits::AMOUNT_MAX * limits::QUANTITY_MAX as u64;

/// What a customer, or a box office for one, asks a slot for.
pub(crate) fn book(
    customer: String,
    asked: &api::booking::CreateBooking,
    seen: Seen<'_>,
    by: Asker,
) -> Result<booking::Book, ProblemResponse> {
    let mut errors = FieldErrors::default();
    let basket = basket(&mut errors, asked, seen, by);
    let asked = &*counted(&mut errors, asked);
    if seen.calendar().is_none() {
        check_no_range(&mut errors, asked);
    }
    let wish = match (seen.house, seen.calendar()) {
        (Some(house), _) => wish(&mut errors, asked, &house, by),
        (None, Some(calendar)) => {
            calendar::wish(&mut errors, asked, calendar).map(|wish| Wish::Range(Box::new(wish)))
        }
        (None, None) => Some(Wish::Units(units(&mut errors, asked))),
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
        basket,
    })
}

/// As what the places are asked for: needed where the slot sells something in particular, or for a price.
fn basket(
    errors: &mut FieldErrors,
    asked: &api::booking::CreateBooking,
    seen: Seen<'_>,
    by: Asker,
) -> Option<Box<Basket>> {
    let has_products = seen.tariff().is_some_and(|tariff| !tariff.products.is_empty());
    let lines = match &asked.lines {
        Some(asked) if has_products => lines(errors, asked, seen.tariff()),
        said => {
            errors.check(said.is_none(), "/lines", "must be left out: the slot has no products");
            errors.check(!has_products, "/lines", "must say of which products, since the slot has some");
            Vec::new()
        }
    };
    let detail = format_args!("must be 0 to {EXPECTED_MAX}");
    errors.check(asked.expect_amount.map(|amount| amount <= EXPECTED_MAX), "/expect_amount", detail);
    let is_needed = seen.tariff().is_some() || asked.lines.is_some() || asked.expect_amount.is_some();
    is_needed.then(|| Box::new(Basket { lines, expect_amount: asked.expect_amount, by }))
}

/// The same with the quantity that lines come to. Where seats or areas are named, they are as many.
fn counted<'all>(
    errors: &mut FieldErrors,
    asked: &'all api::booking::CreateBooking,
) -> Cow<'all, api::booking::CreateBooking> {
    let Some(places) = asked.lines.as_deref().map(places) else { return Cow::Borrowed(asked) };
    let most = u64::from(limits::QUANTITY_MAX);
    errors.check(places <= most, "/lines", format_args!("must be for {most} places in all, at most"));
    if asked.seats.is_some() || asked.areas.is_some() {
        let seats = asked.seats.as_ref().map_or(0, Vec::len) as u64;
        let in_areas = asked.areas.iter().flatten().map(|(_, places)| u64::from(*places)).sum::<u64>();
        errors.check(places == seats + in_areas, "/lines", "must be for as many places as are named");
        return Cow::Borrowed(asked);
    }
    let is_that = asked.quantity.map(|said| u64::from(said) == places);
    errors.check(is_that, "/quantity", "must be left out, or be the number of places of all lines");
    let quantity = u32::try_from(places.clamp(1, most)).expect("a quantity");
    Cow::Owned(api::booking::CreateBooking { quantity: Some(quantity), ..asked.clone() })
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

/// For how many a booking is to be from now on, and of which products, if that is said.
#[expect(clippy::needless_pass_by_value, reason = "what a body says is its handler's")]
pub(crate) fn quantity(
    asked: api::booking::ChangeQuantity,
) -> Result<(NonZeroU32, Vec<booking::Line>), ProblemResponse> {
    let mut errors = FieldErrors::default();
    let left = asked.lines.as_deref().map(|asked| lines(&mut errors, asked, None));
    let counted = asked.lines.as_deref().map(|lines| u32::try_from(places(lines)).unwrap_or(u32::MAX));
    let quantity = asked.quantity.or(counted).unwrap_or(0);
    let pointer = if asked.quantity.is_none() && counted.is_some() { "/lines" } else { "/quantity" };
    // The most that a booking is for in any kind of slot; more than this one is for is for the rules to refuse.
    errors.within(quantity, (1, calendar::COUNT_MAX), pointer);
    let is_that = counted.map(|counted| counted == quantity);
    errors.check(is_that, "/quantity", "must be left out, or be the number of places of all lines");
    errors.done(()).map(|()| (NonZeroU32::new(quantity).expect("1 or more"), left.unwrap_or_default()))
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
    let BillWords { amount, currency, lines } =
        booking.bill.as_deref().map(BillWords::of).unwrap_or_default();
    let (seats, areas, category, together) = match named {
        Some(SeatingNames { seats, areas, category, together }) => {
            (Some(seats), Some(areas), Some(category), Some(together))
        }
        None => (None, None, None, None),
    };
    let range = booking.range.as_deref();
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
        from: range.map(|range| time(range.range.from())),
        to: range.map(|range| time(range.range.to())),
        resource: range.map(|range| range.resource.as_deref().map(str::to_owned)),
        seats,
        areas,
        category,
        together,
        amount,
        currency,
        lines,
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
