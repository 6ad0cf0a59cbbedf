//! Unknown is settled (P6): the feed tells what became of a request that was never answered, once or not at all; and
//! what was refused, rejected or never sent has left no trace.

use std::collections::BTreeMap;

use crate::case::{Case, Deed, Said, SlotCase};
use crate::finding::Finding;
use crate::history::{Ask, Reading};

/// Judges a slot and gives the number of unknown outcomes that the feed shows as done.
pub(crate) fn judge(slot: &SlotCase<'_>, finding: &mut Finding) -> u64 {
    let Reading::Got(_) = slot.evidence.feed else { return 0 };
    let effects = effects(slot);
    let mut tallies = BTreeMap::<Subject<'_>, Tally<'_>>::new();
    for case in &slot.cases {
        let tally = tallies.entry(Subject::of(&case.request.ask, &case.request.customer)).or_default();
        match (&case.said, case.request.sent) {
            // What was already as it was to be had to be left so.
            (Some(Said::Granted(_)), _) => tally.granted += u64::from(!slot.is_kept(case)),
            // A refusal that the slot had forgotten may be decided otherwise when it is repeated.
            (Some(Said::Refused { .. }), _) if case.was_granted_later() => tally.granted += 1,
            (None | Some(Said::Unreadable(_)), Some(_)) => tally.unknown.push(case),
            (Some(Said::Refused { .. } | Said::Rejected { .. } | Said::Unreadable(_)) | None, _) => {
                tally.undone.push(case);
            }
        }
    }
    let mut unknown_done = 0;
    for (subject, tally) in tallies {
        let Tally { granted, unknown, undone } = tally;
        let open = unknown.len() as u64;
        let effects = effects.get(&subject).copied().unwrap_or_default();
        // Fewer effects than were granted is a loss: another check's.
        let beyond_granted = effects.saturating_sub(granted);
        unknown_done += beyond_granted.min(open);
        for _case in unknown.iter().chain(&undone) {
            finding.examine();
        }
        if beyond_granted > open
            && let Some(case) = unknown.iter().chain(&undone).next()
        {
            finding.fail(format!(
                "{case}: the feed shows {effects} effects where {granted} were granted and {open} are unknown"
            ));
        }
    }
    unknown_done
}

/// What the requests about one thing came to.
#[derive(Default)]
struct Tally<'c> {
    granted: u64,
    unknown: Vec<&'c Case<'c>>,
    /// Refused, rejected or never sent.
    undone: Vec<&'c Case<'c>>,
}

/// What a request is about: its effects are found in the feed by this.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Subject<'h> {
    /// Bookings made for this customer.
    Customer(&'h str),
    /// This, done to this booking.
    Booking(&'h str, Deed),
}

impl<'h> Subject<'h> {
    fn of(ask: &'h Ask, customer: &'h str) -> Self {
        ask.booking().map_or(Self::Customer(customer), |booking| Self::Booking(booking, Deed::asked(ask)))
    }
}

/// How often the feed shows each subject's effect.
fn effects<'h>(slot: &SlotCase<'h>) -> BTreeMap<Subject<'h>, u64> {
    let mut effects = BTreeMap::new();
    for record in slot.records() {
        let (Some(booking), Some(deed)) = (record.bookings.first(), Deed::recorded(record.kind)) else {
            continue;
        };
        let subject = match deed {
            Deed::Book => Subject::Customer(&booking.customer),
            Deed::Confirm
            | Deed::Extend
            | Deed::Accept
            | Deed::Decline
            | Deed::Cancel
            | Deed::Reduce
            | Deed::Reseat
            | Deed::Move => Subject::Booking(&booking.id, deed),
        };
        *effects.entry(subject).or_default() += 1;
    }
    effects
}
