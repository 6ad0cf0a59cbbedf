//! Nothing is doubled (P5, BK-5): a key has at most one effect and one answer, and nothing happens to a customer of
//! the drop that nobody asked for.

use std::collections::BTreeMap;

use api::booking::{Booking, Mode};
use api::feed::{Kind, Record};
use serde_json::Value;

use crate::case::{Case, Deed, Said, SlotCase};
use crate::finding::Finding;
use crate::history::{Answer, Ask, Origin};
use crate::model::{Claim, Model, is_live};

/// How many of its newest refusals a slot remembers; an older one may be decided again when it is repeated.
const REFUSALS_REMEMBERED: usize = 65_536;
/// What is told with a refusal of seats, of a range or for want of a quota, and may be forgotten when it is told again: the refusal alone is remembered.
const TOLD_ONCE: [&str; 5] = ["conflicts", "singles", "largest_block", "quotas", "reason"];

pub(crate) fn judge(slot: &SlotCase<'_>, finding: &mut Finding) {
    judge_repeats(slot, finding);
    judge_keys(slot, finding);
    judge_feed(slot, finding);
}

/// The same key gets the same answer, byte for byte, and is told so.
fn judge_repeats(slot: &SlotCase<'_>, finding: &mut Finding) {
    let refusals = slot.cases.iter().filter(|case| matches!(case.said, Some(Said::Refused { .. }))).count();
    for case in &slot.cases {
        let Some((first, repeats)) = case.request.answers.split_first() else { continue };
        // What no slot decided is not remembered, and a long sale may forget a refusal.
        let is_remembered = match case.said {
            Some(Said::Granted(_)) => true,
            Some(Said::Refused { .. }) => refusals <= REFUSALS_REMEMBERED,
            Some(Said::Rejected { .. } | Said::Unreadable(_)) | None => false,
        };
        for repeat in repeats.iter().filter(|_repeat| is_remembered) {
            finding.examine();
            judge_repeat(case, first, repeat, finding);
        }
    }
}

fn judge_repeat(case: &Case<'_>, first: &Answer, repeat: &Answer, finding: &mut Finding) {
    let Answer { received, status, origin, body } = repeat;
    if *status != first.status || !is_told_again(&first.body, body) {
        finding.fail(format!(
            "{case}: repeated with its key, it was answered otherwise at {received}: {status} {}",
            String::from_utf8_lossy(body)
        ));
    } else if *origin == Origin::Decided {
        finding.fail(format!(
            "{case}: repeated with its key, it was answered at {received} as if for the first time"
        ));
    }
}

/// Whether a body is the one that was told first, byte for byte, or the same refusal without what was in its way.
fn is_told_again(first: &[u8], again: &[u8]) -> bool {
    let fields = |body: &[u8]| match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Some(fields),
        Ok(_) | Err(_) => None,
    };
    let is_shorter = || {
        let (mut first, again) = (fields(first)?, fields(again)?);
        let forgotten = TOLD_ONCE.iter().filter(|field| !again.contains_key(**field));
        forgotten.for_each(|field| drop(first.remove(*field)));
        Some(first == again)
    };
    first == again || is_shorter().is_some_and(|is_same| is_same)
}

/// Two keys never share a booking, nor what was done to one.
fn judge_keys(slot: &SlotCase<'_>, finding: &mut Finding) {
    let mut owners: BTreeMap<&str, &Case<'_>> = BTreeMap::new();
    for (case, booking) in slot.booked() {
        if let Some(other) = owners.insert(&booking.id, case) {
            finding.fail(format!("{} was given to {other} and to {case}", booking.id));
        }
    }
    let mut askers: BTreeMap<u64, &Case<'_>> = BTreeMap::new();
    for case in &slot.cases {
        // What is already as it is to be is left so, and the answer names whichever record came last.
        let is_one = !Deed::asked(&case.request.ask).may_keep();
        let Some(record) = slot.record_of(case).filter(|_record| is_one) else { continue };
        if let Some(other) = askers.insert(record.seq, case) {
            finding.fail(format!("seq {} was the doing of {other} and of {case}", record.seq));
        }
    }
}

/// Every booking is made once, ends once, keeps its owner, is for fewer only where that was asked, and is what somebody asked
/// for.
fn judge_feed(slot: &SlotCase<'_>, finding: &mut Finding) {
    let mut asked = Asked::of(slot);
    let mut model = Model::default();
    for record in slot.records() {
        model.begin(record);
        model.apply_slot(record);
        for (place, booking) in record.bookings.iter().enumerate() {
            let former = model.apply_booking(booking);
            if let Err(why) = judge_booking(record, place, booking, former.as_ref()) {
                finding.fail(format!("{} at seq {} ({}): {why}", booking.id, record.seq, record.at));
            }
        }
        let Some(subject) = record.bookings.first() else { continue };
        finding.examine();
        if !slot.customers.contains(subject.customer.as_str()) {
            continue;
        }
        if let Err(why) = asked.take(record.kind, subject) {
            finding.fail(format!("{} at seq {} ({}): {why}", subject.id, record.seq, record.at));
        }
    }
}

fn judge_booking(
    record: &Record,
    place: usize,
    booking: &Booking,
    former: Option<&Claim<'_>>,
) -> Result<(), String> {
    let is_made = record.kind == Kind::Booked && place == 0;
    match former {
        None if is_made => Ok(()),
        None => Err("appears without having been booked".to_owned()),
        Some(_) if is_made => Err("is booked a second time".to_owned()),
        Some(former) if !is_live(former.status) => {
            Err(format!("was over ({:?}) and is now {:?}", former.status, booking.status))
        }
        Some(former)
            if (former.customer, former.mode) != (booking.customer.as_str(), booking.mode)
                || !may_be_for(former.quantity, booking.quantity, record.kind, place) =>
        {
            Err(format!(
                "was {} for {} ({:?}) and is now {} for {} ({:?})",
                former.quantity,
                former.customer,
                former.mode,
                booking.quantity,
                booking.customer,
                booking.mode
            ))
        }
        Some(_) => Ok(()),
    }
}

/// Whether a booking may be for so many now that was for so many before: fewer only where that was asked, and never none.
const fn may_be_for(before: u32, now: u32, kind: Kind, place: usize) -> bool {
    match (kind, place) {
        (Kind::QuantityChanged, 0) => 0 < now && now < before,
        (Kind::Reseated, 0) => 0 < now,
        (_, _) => now == before,
    }
}

/// What was sent and has not been seen in the feed yet.
struct Asked<'h> {
    /// Quantities and modes, by customer.
    bookings: BTreeMap<&'h str, Vec<(u32, Mode)>>,
    /// How often, by what was to be done to which booking, and for how many it was to be.
    deeds: BTreeMap<(Deed, &'h str, Option<u32>), u32>,
}

impl<'h> Asked<'h> {
    fn of(slot: &SlotCase<'h>) -> Self {
        let mut asked = Self { bookings: BTreeMap::new(), deeds: BTreeMap::new() };
        // What was left as it was is nobody's doing.
        let asked_for = |case: &&Case<'_>| case.request.sent.is_some() && !slot.is_kept(case);
        for request in slot.cases.iter().filter(asked_for).map(|case| case.request) {
            match &request.ask {
                Ask::Book { quantity, mode, .. } => {
                    asked.bookings.entry(&request.customer).or_default().push((*quantity, *mode));
                }
                Ask::Confirm { booking }
                | Ask::Extend { booking, .. }
                | Ask::Accept { booking }
                | Ask::Decline { booking }
                | Ask::Cancel { booking }
                | Ask::Reseat { booking, .. }
                | Ask::Move { booking, .. } => {
                    *asked.deeds.entry((Deed::asked(&request.ask), booking, None)).or_default() += 1;
                }
                Ask::Reduce { booking, quantity, .. } => {
                    *asked.deeds.entry((Deed::Reduce, booking, Some(*quantity))).or_default() += 1;
                }
            }
        }
        asked
    }

    /// Finds the request behind a record, which is then used up.
    fn take(&mut self, kind: Kind, subject: &'h Booking) -> Result<(), String> {
        let Booking { id, customer, quantity, mode, .. } = subject;
        match Deed::recorded(kind) {
            Some(Deed::Book) => {
                let open = self.bookings.get_mut(customer.as_str());
                let found = open.and_then(|open| {
                    let place = open.iter().position(|asked| *asked == (*quantity, *mode))?;
                    Some(open.swap_remove(place))
                });
                found.map(drop).ok_or_else(|| {
                    format!(
                        "{quantity} were booked for {customer} without a request, or twice for one request"
                    )
                })
            }
            Some(
                deed @ (Deed::Confirm
                | Deed::Extend
                | Deed::Accept
                | Deed::Decline
                | Deed::Cancel
                | Deed::Reduce
                | Deed::Reseat
                | Deed::Move),
            ) => {
                let fewer = Some(*quantity).filter(|_quantity| deed == Deed::Reduce);
                match self.deeds.get_mut(&(deed, id.as_str(), fewer)) {
                    Some(open @ 1..) => {
                        *open -= 1;
                        Ok(())
                    }
                    Some(0) | None => {
                        Err(format!("was {kind:?} although {customer} did not ask for it, or not again"))
                    }
                }
            }
            None => Ok(()),
        }
    }
}
