//! A merge patch becomes a change, with every bound tested. How its times stand to each other is for the slot to say, which alone
//! knows what they are when the change is made.

use api::calendar::ChangeCalendar;
use api::inventory::{AisleSingles, ChangeSeats, SingleScope, Singles};
use api::patch::Patch;
use api::slot::{ChangePolicy, ChangeSale, ChangeSlot, ChangeWaitlist, Order, Policy, Waitlist};
use booking::limits;
use booking::{
    CalendarChange, Definition, MapChange, PolicyChange, SinglesChange, SlotChange, Stock, Timestamp,
    WaitlistChange,
};

use super::calendar;
use super::field_errors::FieldErrors;
use super::slot;
use super::tariff::{Named, check_categories, tariff_change};
use super::time::timestamp;
use crate::http::response::problem::ProblemResponse;

/// What an organizer wants changed at this moment of a slot that is seen like this, where it is; with the other map, where it is to be
/// sold by one. Products and categories have the names by which they are seen.
pub(crate) fn change(
    patch: &ChangeSlot,
    (definition, now): (Option<&Definition>, Timestamp),
    map: Option<MapChange>,
    named: Named<'_>,
) -> Result<SlotChange, ProblemResponse> {
    let mut errors = FieldErrors::default();
    let stock = definition.map(|definition| &definition.stock);
    if let Patch::Set(title) = &patch.title {
        slot::check_title(&mut errors, title);
    }
    let units = patch.inventory.clone().and_then(|inventory| inventory.units);
    let capacity = units.and_then(|units| units.capacity);
    let seats = patch.inventory.clone().and_then(|inventory| inventory.seats);
    let calendar = patch.inventory.clone().and_then(|inventory| inventory.calendar);
    let is_removed = matches!(patch.inventory, Patch::Remove);
    let said = [
        (!units.is_keep(), stock.is_none_or(is_of_units), "/inventory/units"),
        (!seats.is_keep(), stock.is_none_or(is_of_seats), "/inventory/seats"),
        (!calendar.is_keep(), stock.is_none_or(is_calendar), "/inventory/calendar"),
    ];
    for (is_said, has_that, pointer) in said {
        let is_foreign = !is_removed && is_said && !has_that;
        errors.check(!is_foreign, pointer, "must be left out: the slot has something else to give out");
    }
    if let Patch::Set(capacity) = capacity {
        errors.within(capacity, (0, limits::CAPACITY_MAX), "/inventory/units/capacity");
    }
    let wants_map = wanted_map(patch).is_some() && stock.is_some_and(is_of_seats);
    errors.check(!wants_map || map.is_some(), "/inventory/seats/map", "must be the id of a seatmap of yours");
    let is_unmapped = seats.set().is_some_and(|seats| matches!(seats.map, Patch::Remove));
    let needed = [
        (matches!(patch.title, Patch::Remove), "/title"),
        (matches!(patch.starts_at, Patch::Remove), "/starts_at"),
        (matches!(patch.ends_at, Patch::Remove), "/ends_at"),
        (matches!(patch.inventory, Patch::Remove), "/inventory"),
        (matches!(units, Patch::Remove) && !matches!(patch.inventory, Patch::Remove), "/inventory/units"),
        (matches!(seats, Patch::Remove) && !matches!(patch.inventory, Patch::Remove), "/inventory/seats"),
        (matches!(calendar, Patch::Remove) && !is_removed, "/inventory/calendar"),
        (matches!(capacity, Patch::Remove) && !matches!(units, Patch::Remove), "/inventory/units/capacity"),
        (is_unmapped, "/inventory/seats/map"),
    ];
    for (taken, pointer) in needed {
        errors.check(!taken, pointer, "must not be null: a slot needs it");
    }
    if let Some(map) = &map {
        check_categories(&mut errors, patch, map, named);
    }
    let tariff = tariff_change(&mut errors, patch, named);
    let policy = patch.policy.or(back_to_usual()).unwrap_or_default();
    slot::check_policy(&mut errors, &tested(&policy));
    let nothing = ChangeSale { opens_at: Patch::Remove, closes_at: Patch::Remove };
    let sale = patch.sale.or(nothing).unwrap_or_default();
    let moment = |patch: Patch<api::time::Time>| patch.map(timestamp).set().copied();
    let span = (moment(patch.starts_at), moment(patch.ends_at));
    let calendar =
        definition.and_then(|seen| calendar_change(&mut errors, (&policy, &calendar), (seen, span), now));
    errors.done(SlotChange {
        title: patch.title.set().map(|title| title.as_str().into()),
        starts_at: span.0,
        ends_at: span.1,
        opens_at: nullable(sale.opens_at.map(timestamp)),
        closes_at: nullable(sale.closes_at.map(timestamp)),
        capacity: capacity.set().copied(),
        singles: seats.set().filter(|seats| says_singles(seats)).map(singles_change),
        map: map.map(Box::new),
        calendar: calendar.map(Box::new),
        tariff: tariff.map(Box::new),
        policy: policy_change(&policy),
    })
}

fn is_of_units(stock: &Stock) -> bool {
    matches!(stock, Stock::Units { .. })
}

fn is_of_seats(stock: &Stock) -> bool {
    matches!(stock, Stock::Seats(_))
}

fn is_calendar(stock: &Stock) -> bool {
    matches!(stock, Stock::Calendar(_))
}

/// What is changed of a calendar, if anything is: of one that is seen like this, which is to begin and end then.
fn calendar_change(
    errors: &mut FieldErrors,
    (policy, said): (&ChangePolicy, &Patch<Box<ChangeCalendar>>),
    (seen, span): (&Definition, (Option<Timestamp>, Option<Timestamp>)),
    now: Timestamp,
) -> Option<CalendarChange> {
    let says_any = span != (None, None) || !said.is_keep() || !policy.waitlist.is_keep();
    if !is_calendar(&seen.stock) || !says_any {
        return None;
    }
    check_waitlist(errors, policy);
    let nothing = ChangeCalendar::default();
    let said = said.set().map_or(&nothing, |said| said);
    let change = calendar::change(errors, said, seen, span, now);
    change.filter(|change| *change != CalendarChange::default())
}

/// What is of a calendar's waitlist alone: it is not too large, and skips.
fn check_waitlist(errors: &mut FieldErrors, policy: &ChangePolicy) {
    let Some(waitlist) = policy.waitlist.set() else { return };
    if let Patch::Set(capacity) = waitlist.capacity {
        errors.within(capacity, (1, slot::CALENDAR_WAITLIST_MAX), "/policy/waitlist/capacity");
    }
    let skips = !matches!(waitlist.order, Patch::Set(Order::Strict));
    errors.check(skips, "/policy/waitlist/order", "must be skip_fit: the slot is a calendar");
}

/// The id of the map by which the slot is to be sold, if the patch has one.
pub(crate) fn wanted_map(patch: &ChangeSlot) -> Option<&str> {
    patch.inventory.set()?.seats.set()?.map.set().map(String::as_str)
}

/// Whether anything is said of single seats; of one that is empty too, that it is for seats.
fn says_singles(change: &ChangeSeats) -> bool {
    let keeps = change.singles.is_keep() && change.aisle_singles.is_keep() && change.single_scope.is_keep();
    !keeps || change.map.is_keep()
}

fn singles_change(change: &ChangeSeats) -> SinglesChange {
    SinglesChange {
        singles: change.singles.or(Singles::default()).map(slot::singles),
        aisles: change.aisle_singles.or(AisleSingles::default()).map(slot::aisles),
        scope: change.single_scope.or(SingleScope::default()).map(slot::scope),
    }
}

/// A policy whose every field is taken away.
const fn back_to_usual() -> ChangePolicy {
    ChangePolicy {
        confirmed_by: Patch::Remove,
        hold_seconds: Patch::Remove,
        hold_seconds_max: Patch::Remove,
        customer_limit: Patch::Remove,
        cancel_until_seconds: Patch::Remove,
        waitlist: Patch::Set(ChangeWaitlist {
            capacity: Patch::Remove,
            promotion: Patch::Remove,
            offer_seconds: Patch::Remove,
            order: Patch::Remove,
        }),
    }
}

/// A policy that is within bounds if the change is: the usual one with what is set.
fn tested(change: &ChangePolicy) -> Policy {
    let usual = Policy::default();
    let list = Waitlist::default();
    Policy {
        hold_seconds: change.hold_seconds.set().copied().unwrap_or(usual.hold_seconds),
        hold_seconds_max: change.hold_seconds_max.set().copied().unwrap_or(usual.hold_seconds_max),
        customer_limit: change.customer_limit.set().copied(),
        cancel_until_seconds: change
            .cancel_until_seconds
            .set()
            .copied()
            .unwrap_or(usual.cancel_until_seconds),
        waitlist: change.waitlist.set().map(|waitlist| Waitlist {
            capacity: waitlist.capacity.set().copied().unwrap_or(list.capacity),
            offer_seconds: waitlist.offer_seconds.set().copied().unwrap_or(list.offer_seconds),
            ..list
        }),
        ..usual
    }
}

fn policy_change(change: &ChangePolicy) -> PolicyChange {
    let usual = Policy::default();
    let list = Waitlist::default();
    let waitlist = |change: ChangeWaitlist| WaitlistChange {
        capacity: change.capacity.or(list.capacity),
        promotion: change.promotion.or(list.promotion).map(slot::promotion),
        offer_seconds: change.offer_seconds.or(list.offer_seconds),
        // Of a calendar the rules know what is usual.
        order: change.order.or(Order::Strict).map(slot::order),
    };
    PolicyChange {
        confirmed_by: change.confirmed_by.or(usual.confirmed_by).map(slot::confirmed_by),
        hold_seconds: change.hold_seconds.or(usual.hold_seconds),
        hold_seconds_max: change.hold_seconds_max.or(usual.hold_seconds_max),
        customer_limit: nullable(change.customer_limit),
        cancel_until_seconds: change.cancel_until_seconds.or(usual.cancel_until_seconds),
        waitlist: nullable(change.waitlist.map(waitlist)),
        on_account: None,
    }
}

/// A field for which null is a value.
#[expect(clippy::option_option, reason = "what is left out stays, and none within is none")]
fn nullable<T>(patch: Patch<T>) -> Option<Option<T>> {
    match patch {
        Patch::Keep => None,
        Patch::Remove => Some(None),
        Patch::Set(value) => Some(Some(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contract's default is written twice: where bodies are read, and where changes are merged behind the log.
    #[test]
    fn a_waitlist_that_nobody_described_is_the_same_in_a_body_and_in_the_rules() {
        let list = Waitlist::default();
        let in_a_body = booking::WaitlistPolicy {
            capacity: list.capacity,
            promotion: slot::promotion(list.promotion),
            offer_seconds: list.offer_seconds,
            order: booking::Order::Strict,
        };
        assert_eq!(in_a_body, booking::WaitlistPolicy::USUAL);
    }
}
