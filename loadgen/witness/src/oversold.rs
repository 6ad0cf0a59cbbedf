//! Never oversold (P1, BK-1): no place is given out twice, whoever adds it up.
//!
//! Twice: from the answers alone, which needs no feed at all, and after every record of the feed.

use std::collections::{BTreeMap, BTreeSet};

use api::booking::Status;
use api::feed::{Kind, Record};

use crate::case::{Case, SlotCase};
use crate::finding::Finding;
use crate::history::Ask;
use crate::model::{Model, Sum};

pub(crate) fn judge(slot: &SlotCase<'_>, finding: &mut Finding) {
    if slot.is_calendar() {
        // How much is free is another at each moment: that is judged with ranges.
        return;
    }
    judge_answers(slot, finding);
    let mut model = Model::default();
    for record in slot.records() {
        finding.examine();
        model.apply(record);
        let (id, sum) = (&slot.evidence.before.id, model.sum());
        judge_sum(id, record, sum, finding);
        if slot.house.is_none() {
            // Where there are seats they are counted one by one, and what is blocked or set aside beside them.
            judge_capacity(slot, record, finding);
            judge_counts(id, record, sum, finding);
        }
    }
}

/// What was confirmed and never asked back, whole or in part, is still owned, all of it at once. A capacity that was changed or a slot
/// that was called off on the way is left to the feed.
fn judge_answers(slot: &SlotCase<'_>, finding: &mut Finding) {
    let moved = |record: &Record| {
        matches!(record.kind, Kind::SlotChanged | Kind::SlotCancelled | Kind::Finished | Kind::SeatsChanged)
    };
    if slot.records().iter().any(moved) || !slot.evidence.changes.is_empty() {
        return;
    }
    let before = &slot.evidence.before;
    let given_back = |case: &Case<'_>| match case.request.ask {
        // How many are left of what was swapped is not for this check to say.
        Ask::Cancel { .. } | Ask::Reseat { .. } => true,
        Ask::Book { .. }
        | Ask::Confirm { .. }
        | Ask::Extend { .. }
        | Ask::Accept { .. }
        | Ask::Decline { .. }
        | Ask::Reduce { .. }
        | Ask::Move { .. } => false,
    };
    let mut left: BTreeMap<&str, u32> = BTreeMap::new();
    for case in &slot.cases {
        if let Ask::Reduce { booking, quantity, .. } = &case.request.ask {
            let least = left.entry(booking).or_insert(*quantity);
            *least = (*least).min(*quantity);
        }
    }
    let given_back: BTreeSet<&str> = slot
        .cases
        .iter()
        .filter(|case| given_back(case))
        .filter_map(|case| case.request.ask.booking())
        .collect();
    // A booking may be told of more than once: held and confirmed, or confirmed and repeated with another key.
    let owned: BTreeMap<&str, u64> = slot
        .cases
        .iter()
        .filter_map(Case::granted)
        .filter(|booking| booking.status == Status::Confirmed && !given_back.contains(booking.id.as_str()))
        .map(|booking| {
            let id = booking.id.as_str();
            (id, u64::from(left.get(id).map_or(booking.quantity, |left| booking.quantity.min(*left))))
        })
        .collect();
    let owned: u64 = owned.values().sum();
    let capacity = u64::from(before.inventory.units().unwrap_or(before.counts.capacity));
    if owned > capacity {
        finding.fail(format!(
            "{}: by the answers alone, {owned} units are confirmed and not given back, of a capacity of {capacity}",
            before.id
        ));
    }
}

/// Only a change of the slot changes its capacity.
fn judge_capacity(slot: &SlotCase<'_>, record: &Record, finding: &mut Finding) {
    let Some(terms) = slot.terms_at(record.seq) else { return };
    let (capacity, counted) =
        (terms.inventory.units().unwrap_or(record.counts.capacity), record.counts.capacity);
    if counted != capacity {
        finding.fail(format!(
            "{}: the capacity was {capacity} and is {counted} at seq {}",
            terms.id, record.seq
        ));
    }
}

fn judge_sum(slot: &str, record: &Record, sum: Sum, finding: &mut Finding) {
    let Record { seq, at, .. } = record;
    if sum.free < 0 {
        let given = sum.held + sum.offered + sum.confirmed;
        finding.fail(format!(
            "{slot}: at seq {seq} ({at}) the bookings add up to {given} units (held {}, offered {}, confirmed {}) of {}",
            sum.held, sum.offered, sum.confirmed, sum.capacity
        ));
    }
}

fn judge_counts(slot: &str, record: &Record, sum: Sum, finding: &mut Finding) {
    let Record { seq, at, counts, .. } = record;
    let Some(free) = counts.free else { return };
    let conserved =
        u64::from(free) + u64::from(counts.held) + u64::from(counts.offered) + u64::from(counts.confirmed);
    if conserved != u64::from(counts.capacity) {
        finding.fail(format!(
            "{slot}: the counts at seq {seq} ({at}) spread {conserved} units over a capacity of {}",
            counts.capacity
        ));
    }
    let counted = Sum {
        capacity: u64::from(counts.capacity),
        free: i128::from(free),
        held: u64::from(counts.held),
        offered: u64::from(counts.offered),
        confirmed: u64::from(counts.confirmed),
        waiting: u64::from(counts.waitlisted),
    };
    if counted != sum {
        finding.fail(format!(
            "{slot}: the counts at seq {seq} ({at}) are {counted:?}, but the bookings add up to {sum:?}"
        ));
    }
}
