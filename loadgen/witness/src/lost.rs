//! Nothing acknowledged is lost (P2): every yes is in the feed at its seq, exactly as it was answered.

use api::booking::{Booking, Status};

use crate::case::{Case, Deed, Said, SlotCase};
use crate::finding::Finding;
use crate::history::Reading;

pub(crate) fn judge(slot: &SlotCase<'_>, finding: &mut Finding) {
    let id = &slot.evidence.before.id;
    if slot.evidence.after == Reading::Missing {
        finding.fail(format!("{id} was there before the drop and is not there any more"));
    }
    if slot.evidence.feed == Reading::Missing {
        finding.fail(format!("{id} has no feed any more"));
    }
    for case in &slot.cases {
        match (&case.said, slot.evidence.feed.got()) {
            (Some(Said::Granted(booking)), Some(_feed)) => {
                finding.examine();
                if let Err(difference) = find(slot, case, booking) {
                    finding.fail(format!("{case}: {} is not in the feed of {id}: {difference}", booking.id));
                }
            }
            (Some(Said::Rejected { status: 404, .. }), _) => finding
                .fail(format!("{case}: the server knows nothing of it, although it was acknowledged before")),
            (
                Some(Said::Granted(_) | Said::Refused { .. } | Said::Rejected { .. } | Said::Unreadable(_))
                | None,
                _,
            ) => {}
        }
    }
}

/// Finds an acknowledged change, or says what is there instead.
fn find(slot: &SlotCase<'_>, case: &Case<'_>, answered: &Booking) -> Result<(), String> {
    let (seq, records) = (answered.seq, slot.by_seq());
    let Some(record) = records.get(&seq) else {
        let last = records.keys().next_back().copied().unwrap_or_default();
        return Err(format!("it has no record {seq} and ends at {last}"));
    };
    let recorded = if slot.is_kept(case) {
        // It left no record behind: the newest one that names the booking has what was answered.
        let earlier = records.range(..=seq).rev().flat_map(|(_seq, record)| &record.bookings);
        earlier.into_iter().find(|booking| booking.id == answered.id).ok_or("nobody has made it by then")?
    } else {
        let deed = Deed::asked(&case.request.ask);
        match record.bookings.first() {
            Some(first) if Deed::recorded(record.kind) == Some(deed) && first.id == answered.id => first,
            Some(first) => return Err(format!("record {seq} is {:?} of {}", record.kind, first.id)),
            None => return Err(format!("record {seq} is {:?} of nothing", record.kind)),
        }
    };
    let mut differences = differences(answered, recorded);
    if Deed::asked(&case.request.ask) == Deed::Reduce && answered.status == Status::Waitlisted {
        // Of one who waits already, a record tells no position: what the answer says is judged where the list is known.
        differences.retain(|field| *field != "position");
    }
    if differences.is_empty() {
        Ok(())
    } else {
        Err(format!("record {} has another {}", recorded.seq, differences.join(" and another ")))
    }
}

/// The fields in which an answer and its record differ. `seq` is where the record was found, and `expires_in_ms` is
/// not part of a record.
fn differences(answered: &Booking, recorded: &Booking) -> Vec<&'static str> {
    [
        ("slot", answered.slot == recorded.slot),
        ("customer", answered.customer == recorded.customer),
        ("quantity", answered.quantity == recorded.quantity),
        ("status", answered.status == recorded.status),
        ("mode", answered.mode == recorded.mode),
        ("reference", answered.reference == recorded.reference),
        ("position", answered.position == recorded.position),
        ("expires_at", answered.expires_at == recorded.expires_at),
        ("amount", answered.amount == recorded.amount),
        ("currency", answered.currency == recorded.currency),
        ("lines", answered.lines == recorded.lines),
        ("from", answered.from == recorded.from),
        ("to", answered.to == recorded.to),
        ("resource", answered.resource == recorded.resource),
        ("created_at", answered.created_at == recorded.created_at),
    ]
    .into_iter()
    .filter_map(|(field, equal)| (!equal).then_some(field))
    .collect()
}
