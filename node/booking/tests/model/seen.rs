//! What the workload has brought about: a net that catches nothing would be no test.

use std::collections::BTreeMap;

use booking::{Command, Decision, Outcome, Record, Request};

/// How often what was seen must have been seen.
const OFTEN: u64 = 30;

/// How often which answer was given to what, and what became of bookings in which kind of record.
#[derive(Default)]
pub(crate) struct Seen {
    counts: BTreeMap<String, u64>,
}

impl Seen {
    /// Something was answered.
    pub(crate) fn note(&mut self, request: &Request, outcome: &Outcome, records: &[Record]) {
        let verb = match &request.command {
            Command::CreateSlot(_) => "create",
            Command::CancelSlot => "cancel slot",
            Command::Book(_) => "book",
            Command::CancelBooking(_) => "cancel",
            Command::ConfirmBooking(_) => "confirm",
            Command::ExtendHold(_) => "extend",
            Command::AcceptOffer(_) => "accept",
            Command::DeclineOffer(_) => "decline",
            Command::ChangeSlot(_) => "change",
            Command::ChangeQuantity(_) => "quantity",
            Command::SwapSeats(_)
            | Command::ChangeSale(_)
            | Command::MoveBooking(_)
            | Command::ExtendHours(_) => unreachable!("slots of anything else are another test"),
        };
        let decision = match &outcome.decision {
            Decision::Slot(view) if view.cancelled => "slot cancelled".into(),
            Decision::Slot(_) => "slot".into(),
            Decision::Booking(view) => format!("{:?}", view.status),
            Decision::Refused(refusal) => refusal.to_string(),
            Decision::Explained(..) | Decision::AnotherMap => unreachable!("slots of seats are another test"),
            Decision::KeyReused => "key reused".into(),
            Decision::NotFound => "not found".into(),
            Decision::Forbidden => "forbidden".into(),
        };
        let again = if outcome.replayed { " again" } else { "" };
        self.count(&format!("{verb}: {decision}{again}"), 1);
        let done = matches!(outcome.decision, Decision::Booking(_) | Decision::Slot(_));
        if done && !outcome.replayed && records.is_empty() {
            self.count(&format!("{verb}: nothing to do"), 1);
        }
        self.note_records(records);
    }

    /// Something was recorded.
    pub(crate) fn note_records(&mut self, records: &[Record]) {
        for record in records {
            for view in &record.bookings {
                self.count(&format!("{:?} record: {:?}", record.kind, view.status), 1);
            }
        }
    }

    pub(crate) fn count(&mut self, what: &str, times: u64) {
        if let Some(count) = self.counts.get_mut(what) {
            *count += times;
        } else {
            self.counts.insert(what.into(), times);
        }
    }

    /// What another has seen.
    pub(crate) fn add(&mut self, other: Self) {
        for (what, times) in other.counts {
            self.count(&what, times);
        }
    }

    /// Everything that can happen happened often.
    pub(crate) fn check(&self) {
        for (what, happened) in EVERYTHING {
            for happens in *happened {
                let what = format!("{what}{happens}");
                let count = self.counts.get(&what).copied().unwrap_or(0);
                assert!(OFTEN <= count, "{what:?} only {count} times of {:#?}", self.counts);
            }
        }
    }
}

/// Everything that can happen: each answer of each command, and what each kind of record says of bookings.
const EVERYTHING: &[(&str, &[&str])] = &[
    ("", &["forgotten", "left", "recalled by request", "recalled by number"]),
    ("create: ", &["slot", "slot again", "key reused", "starts_in_past"]),
    (
        "change: ",
        &[
            "slot",
            "slot again",
            "nothing to do",
            "ends_too_early",
            "ends_too_early again",
            "closes_too_late",
            "closes_too_late again",
            "opens_too_late",
            "opens_too_late again",
            "slot_cancelled",
            "slot_cancelled again",
            "capacity_in_use",
            "capacity_in_use again",
            "key reused",
            "not found",
        ],
    ),
    (
        "cancel slot: ",
        &[
            "slot cancelled",
            "slot cancelled again",
            "slot_cancelled",
            "slot_cancelled again",
            "key reused",
            "not found",
        ],
    ),
    (
        "book: ",
        &[
            "Held",
            "Held again",
            "Waitlisted",
            "Waitlisted again",
            "Confirmed",
            "Confirmed again",
            "slot_cancelled",
            "slot_cancelled again",
            "not_on_sale",
            "not_on_sale again",
            "quantity_too_large",
            "quantity_too_large again",
            "customer_limit",
            "customer_limit again",
            "sold_out",
            "sold_out again",
            "waitlist_full",
            "waitlist_full again",
            "key reused",
            "not found",
        ],
    ),
    (
        "cancel: ",
        &[
            "Cancelled",
            "Cancelled again",
            "too_late",
            "too_late again",
            "already_over",
            "already_over again",
            "key reused",
            "not found",
        ],
    ),
    (
        "confirm: ",
        &[
            "Confirmed",
            "Confirmed again",
            "not_held",
            "not_held again",
            "hold_expired",
            "hold_expired again",
            "forbidden",
            "key reused",
            "not found",
        ],
    ),
    (
        "extend: ",
        &[
            "Held",
            "Held again",
            "nothing to do",
            "not_held",
            "not_held again",
            "hold_expired",
            "hold_expired again",
            "key reused",
            "not found",
        ],
    ),
    (
        "accept: ",
        &[
            "Confirmed",
            "Confirmed again",
            "Held",
            "Held again",
            "not_offered",
            "not_offered again",
            "offer_expired",
            "offer_expired again",
            "key reused",
            "not found",
        ],
    ),
    (
        "decline: ",
        &[
            "Declined",
            "Declined again",
            "not_offered",
            "not_offered again",
            "offer_expired",
            "offer_expired again",
            "key reused",
            "not found",
        ],
    ),
    (
        "quantity: ",
        &[
            "Held",
            "Held again",
            "Waitlisted",
            "Waitlisted again",
            "Offered",
            "Offered again",
            "Confirmed",
            "Confirmed again",
            "nothing to do",
            "more_than_booked",
            "more_than_booked again",
            "not_held",
            "not_held again",
            "already_over",
            "already_over again",
            "key reused",
            "not found",
        ],
    ),
    ("SlotChanged record: ", &["Confirmed", "Held", "Offered", "Cancelled", "Expired"]),
    ("SlotCancelled record: ", &["Cancelled", "Expired"]),
    ("Booked record: ", &["Confirmed", "Held", "Waitlisted", "Offered", "Expired"]),
    ("Confirmed record: ", &["Confirmed", "Offered", "Expired"]),
    ("Extended record: ", &["Held", "Offered", "Expired"]),
    ("Accepted record: ", &["Confirmed", "Held", "Offered", "Expired"]),
    ("Declined record: ", &["Declined", "Offered", "Expired"]),
    ("Cancelled record: ", &["Cancelled", "Confirmed", "Held", "Offered", "Expired"]),
    ("Lapsed record: ", &["Expired", "Confirmed", "Held", "Offered"]),
    ("Finished record: ", &["Expired"]),
    ("QuantityChanged record: ", &["Held", "Waitlisted", "Offered", "Confirmed", "Expired"]),
];
