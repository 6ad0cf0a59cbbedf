//! Reads agree: the slot and its bookings, read one by one when all was over, are what the feed makes of them.
//!
//! Each reading is judged at the seq at which it says to be true, so that strangers may go on booking; and since it
//! is linearizable, that seq is no older than anything that was answered before.

use std::collections::BTreeMap;

use api::booking::{Booking, Status};
use api::inventory::Counts;
use api::slot::Slot;

use crate::case::{Case, SlotCase};
use crate::finding::Finding;
use crate::history::Reading;
use crate::model::Model;
use crate::span::Span;
use crate::tariff::sorted;

pub(crate) fn judge(slot: &SlotCase<'_>, finding: &mut Finding) {
    let acknowledged = slot.cases.iter().filter_map(Case::seq).max().unwrap_or_default();
    judge_ages(slot, acknowledged, finding);
    let Reading::Got(feed) = &slot.evidence.feed else { return };
    judge_slot(slot, finding);
    let mut readings = BTreeMap::<u64, Vec<&Booking>>::new();
    for booking in slot.evidence.bookings.iter().filter_map(|(_id, reading)| reading.got()) {
        readings.entry(booking.seq).or_default().push(booking);
    }
    let mut model = Model::default();
    for record in &feed.records {
        model.apply(record);
        if let Some(bookings) = readings.remove(&record.seq) {
            judge_bookings(slot, &model, &bookings, finding);
        }
    }
    for booking in readings.into_values().flatten() {
        finding.fail(format!("{} was read at seq {}, which the feed does not have", booking.id, booking.seq));
    }
}

fn judge_ages(slot: &SlotCase<'_>, acknowledged: u64, finding: &mut Finding) {
    let id = &slot.evidence.before.id;
    if let Some(after) = slot.evidence.after.got().filter(|after| after.seq < acknowledged) {
        finding.fail(format!("{id} was read at seq {} although {acknowledged} had been answered", after.seq));
    }
    for (asked, reading) in &slot.evidence.bookings {
        match reading {
            Reading::Got(booking) if booking.id != *asked => {
                finding.fail(format!("{asked} was asked for and {} was read", booking.id));
            }
            Reading::Got(booking) if booking.seq < acknowledged => finding.fail(format!(
                "{asked} was read at seq {} although {acknowledged} had been answered",
                booking.seq
            )),
            Reading::Missing => finding.fail(format!("{asked} was acknowledged and cannot be found")),
            Reading::Got(_) | Reading::Unreadable(_) => {}
        }
    }
}

fn judge_slot(slot: &SlotCase<'_>, finding: &mut Finding) {
    for read in slot.readings().skip(1) {
        finding.examine();
        judge_counts(slot, read, finding);
    }
    for read in slot.readings() {
        let terms = |slot: &Slot| {
            let sold =
                (slot.products.clone(), slot.quotas.clone(), slot.prices.clone(), slot.currency.clone());
            (slot.starts_at, slot.ends_at, slot.sale, slot.inventory.clone(), slot.policy, sold)
        };
        if let Some(known) = slot.terms_at(read.seq).filter(|known| terms(known) != terms(read)) {
            finding.fail(format!(
                "{} was read at seq {} and {} with other terms, and no change between",
                read.id, known.seq, read.seq
            ));
        }
    }
}

fn judge_counts(slot: &SlotCase<'_>, after: &Slot, finding: &mut Finding) {
    let Some(record) = slot.by_seq().get(&after.seq) else {
        finding.fail(format!("{} was read at seq {}, which the feed does not have", after.id, after.seq));
        return;
    };
    // What is left of quotas is not part of a record.
    let counts = Counts { quotas: record.counts.quotas.clone(), ..after.counts.clone() };
    if counts != record.counts {
        finding.fail(format!(
            "{} was read at seq {} with {:?}, but its record has {:?}",
            after.id, after.seq, after.counts, record.counts
        ));
    }
    if let (Some(bookable), Some(free)) = (after.bookable, after.counts.free)
        && free < bookable
    {
        finding.fail(format!("{} has {free} free and {bookable} bookable", after.id));
    }
}

fn judge_bookings(slot: &SlotCase<'_>, model: &Model<'_>, bookings: &[&Booking], finding: &mut Finding) {
    let positions: BTreeMap<&str, u32> =
        model.waiting().zip(1..).map(|((id, _claim), at)| (id, at)).collect();
    for booking in bookings {
        finding.examine();
        let Booking {
            id, customer, quantity, mode, status, seq, position, expires_at, lines, amount, ..
        } = *booking;
        let currency = booking.currency.as_deref();
        let bill = (sorted(lines.as_deref().unwrap_or_default()), *amount, currency);
        // Among seats, and ranges, who waits for others is not counted.
        let ranked = |place: Option<u32>| place.filter(|_place| !slot.counts_otherwise());
        let Some(claim) = model.claim(id) else {
            finding.fail(format!("{id} was read at seq {seq}, but the feed does not know it"));
            continue;
        };
        let read = (customer.as_str(), *quantity, *mode, *status, ranked(*position), *expires_at);
        let place = positions.get(id.as_str()).copied().filter(|_place| *status == Status::Waitlisted);
        let rebuilt = (claim.customer, claim.quantity, claim.mode, claim.status, ranked(place), claim.until);
        if bill != (sorted(claim.lines), claim.amount, claim.currency) {
            finding.fail(format!(
                "{id} was read at seq {seq} of {bill:?}, but the feed makes it {:?} at {:?} {:?}",
                claim.lines, claim.amount, claim.currency
            ));
        }
        let range = booking.from.zip(booking.to).and_then(|(from, to)| Span::new(from, to));
        let resource = booking.resource.as_ref().and_then(|on| on.as_deref());
        if (range, resource) != (claim.range, claim.resource) {
            finding.fail(format!(
                "{id} was read at seq {seq} with {range:?} on {resource:?}, but the feed makes it {:?} on {:?}",
                claim.range, claim.resource
            ));
        }
        if read != rebuilt {
            finding
                .fail(format!("{id} was read at seq {seq} as {read:?}, but the feed makes it {rebuilt:?}"));
        }
    }
}
