//! The transitions of a booking: what a record of each kind may make of it, and of those that change with it.

use api::booking::{Booking, Status};
use api::feed::{Kind, Record};
use api::slot::Policy;

use crate::case::{Deed, SlotCase, subject};
use crate::contract::{granted, promoted};
use crate::model::{Model, is_live};

/// What a record did to its bookings that it may not, seen from the slot as it was before. Bookings that were over, or
/// appear out of nothing, are another check's.
pub(crate) fn faults(slot: &SlotCase<'_>, before: &Model<'_>, record: &Record) -> Vec<String> {
    let policies = [slot.policy_at(record.seq.saturating_sub(1)), slot.policy_at(record.seq)];
    let subject = subject(record);
    let lapses = record.bookings.iter().any(|booking| booking.status == Status::Expired);
    let transition = Transition { kind: record.kind, lapses, policies };
    let judged = record.bookings.iter().filter_map(|booking| {
        let from = before.claim(&booking.id).map(|claim| claim.status);
        let deed =
            Deed::recorded(record.kind).filter(|_| subject.is_some_and(|first| first.id == booking.id));
        let may_be = match (deed, from) {
            (_, Some(from)) if !is_live(from) => true,
            (Some(deed), from) => transition.may_do(deed, from, booking),
            (None, Some(from)) => transition.may_follow(from, booking),
            (None, None) => true,
        };
        (!may_be).then(|| {
            let from = from.map_or_else(|| "nothing".to_owned(), |from| format!("{from:?}"));
            format!(
                "{} of mode {:?} was {from} and became {:?} at seq {} ({:?}, {})",
                booking.id, booking.mode, booking.status, record.seq, record.kind, record.at
            )
        })
    });
    judged.collect()
}

/// One record, as far as it says what may happen in it.
struct Transition<'h> {
    kind: Kind,
    /// Whether time made room before the request was heard.
    lapses: bool,
    /// Before it and after it; none where not known.
    policies: [Option<&'h Policy>; 2],
}

impl Transition<'_> {
    /// Whether the request may have made this of the booking that it was about.
    fn may_do(&self, deed: Deed, from: Option<Status>, booking: &Booking) -> bool {
        let (to, owed) = (booking.status, booking.amount.unwrap_or_default());
        // Who waits may have been served in the same step, before the request was heard.
        let stood_as = |wanted: Status| {
            from == Some(wanted)
                || (from == Some(Status::Waitlisted)
                    && self.lapses
                    && self.allows(|policy| promoted(policy, booking.mode, owed) == wanted))
        };
        let is_granted =
            |owed: u64| self.allows(|policy| granted(policy, booking.mode, owed) == to) && may_be_granted(to);
        match deed {
            // What the organizer books is not paid for first: whose it is, is judged with its request.
            Deed::Book => from.is_some() || to == Status::Waitlisted || is_granted(0) || is_granted(owed),
            Deed::Confirm => stood_as(Status::Held) && to == Status::Confirmed,
            Deed::Extend => stood_as(Status::Held) && to == Status::Held,
            Deed::Accept => stood_as(Status::Offered) && is_granted(owed),
            Deed::Decline => stood_as(Status::Offered) && to == Status::Declined,
            Deed::Cancel => to == Status::Cancelled,
            Deed::Reseat | Deed::Move => {
                (stood_as(Status::Held) && to == Status::Held)
                    || (from == Some(Status::Confirmed) && to == Status::Confirmed)
            }
            // Who waits may be served before, or because of it.
            Deed::Reduce => match from {
                Some(Status::Held | Status::Confirmed) => from == Some(to),
                Some(Status::Waitlisted) => {
                    to == Status::Waitlisted
                        || self.allows(|policy| promoted(policy, booking.mode, owed) == to)
                }
                Some(Status::Offered | Status::Cancelled | Status::Declined | Status::Expired) | None => {
                    false
                }
            },
        }
    }

    /// Whether this may have become of another booking.
    fn may_follow(&self, from: Status, booking: &Booking) -> bool {
        match booking.status {
            // Whether it was due is judged with the promises.
            Status::Expired => from != Status::Confirmed,
            to @ (Status::Held | Status::Offered | Status::Confirmed) => {
                from == Status::Waitlisted
                    && self.kind != Kind::SlotCancelled
                    && self.allows(|policy| {
                        promoted(policy, booking.mode, booking.amount.unwrap_or_default()) == to
                    })
            }
            Status::Cancelled => {
                self.kind == Kind::SlotCancelled
                    || (matches!(self.kind, Kind::SlotChanged | Kind::SeatsChanged)
                        && from == Status::Waitlisted)
            }
            Status::Waitlisted | Status::Declined => false,
        }
    }

    /// Whether one of the policies of this step allows it, or is not known.
    fn allows(&self, rule: impl Fn(&Policy) -> bool) -> bool {
        self.policies.iter().any(|policy| policy.is_none_or(&rule))
    }
}

const fn may_be_granted(status: Status) -> bool {
    matches!(status, Status::Confirmed | Status::Held)
}
