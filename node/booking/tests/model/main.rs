//! A seeded workload against a naive oracle: every answer, every record and every view must be equal, the
//! invariants must hold after every step, and a slot that was saved and restored must not differ from one
//! that was not.
//!
//! A failure prints its seed and the step. To see that the net holds, plant a bug in a rule: it is found at
//! once.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped fails the test")]

mod oracle;
mod workload;

use std::collections::{BTreeMap, BTreeSet};

use booking::{
    BookingRecord, BookingView, Changes, Decision, Filter, Outcome, ReceiptRecord, Record, Reference,
    RequestKey, Slot, Timestamp,
};
use oracle::Oracle;
use workload::{Next, Workload};

const SEEDS: u64 = 600;
const STEPS: u64 = 300;

#[test]
fn a_slot_does_what_the_oracle_does() {
    let mut seen = Seen::default();
    for seed in 0..SEEDS {
        let mut workload = Workload::new(seed);
        let mut world = World::default();
        for step in 0..STEPS {
            let next = workload.next(world.oracle.deadline());
            let context = format!("seed {seed}, step {step}");
            match next {
                Next::Request(at, request) => {
                    let mut records = vec![];
                    let outcome = Slot::apply(&mut world.slot, Timestamp(at), &request, &mut records);
                    seen.note(&outcome);
                    let (expected, expected_records) = world.oracle.apply(at, &request);
                    assert_eq!(plain(outcome), expected, "{context}: {request:?}");
                    assert_eq!(plain_records(records), expected_records, "{context}: {request:?}");
                }
                Next::Pulse(at) => {
                    let mut records = vec![];
                    if let Some(slot) = &mut world.slot {
                        slot.pulse(Timestamp(at), &mut records);
                        assert_eq!(
                            plain_records(records),
                            world.oracle.pulse(at),
                            "{context}: pulse at {at}"
                        );
                    }
                }
            }
            world.check(&context);
            if workload.random.percent(4) {
                world.save_and_restore(&context);
            }
        }
        world.check_lists(seed);
    }
    seen.check();
}

/// The slot, what is saved of it, and the oracle.
#[derive(Default)]
struct World {
    slot: Option<Slot>,
    oracle: Oracle,
    bookings: BTreeMap<RequestKey, BookingRecord>,
    receipts: BTreeMap<RequestKey, ReceiptRecord>,
}

impl World {
    /// What holds after every step.
    fn check(&self, context: &str) {
        let Some(slot) = &self.slot else {
            assert_eq!(self.oracle.view(), None, "{context}");
            return;
        };
        assert_eq!(slot.check(), Ok(()), "{context}");
        assert_eq!(Some(slot.view()), self.oracle.view(), "{context}");
        assert_eq!(slot.deadline().map(|at| at.0), self.oracle.deadline(), "{context}");
    }

    /// Saves what changed, and goes on with a slot that is made from what is saved.
    fn save_and_restore(&mut self, context: &str) {
        let Some(mut slot) = self.slot.take() else { return };
        let Changes { header, bookings, receipts, forgotten } = slot.take_changes();
        self.bookings.extend(bookings.into_iter().map(|booking| (booking.request, booking)));
        self.receipts.extend(receipts.into_iter().map(|receipt| (receipt.request, receipt)));
        for request in forgotten {
            self.receipts.remove(&request);
        }
        let restored =
            Slot::restore(header.clone(), self.bookings.values().cloned(), self.receipts.values().cloned());
        let mut restored = restored.unwrap_or_else(|broken| panic!("{context}: {broken}"));
        assert_eq!(restored.digest(), slot.digest(), "{context}");
        let nothing = Changes { header, bookings: vec![], receipts: vec![], forgotten: vec![] };
        assert_eq!(restored.take_changes(), nothing, "{context}: a restored slot is saved already");
        self.slot = Some(restored);
    }

    /// Every booking is as the oracle says, by its request and in the list, and no two share a reference.
    fn check_lists(&self, seed: u64) {
        let Some(slot) = &self.slot else { return };
        let listed = slot.bookings(&Filter::default(), None, usize::MAX).into_iter().map(|(_, view)| view);
        let listed = listed.collect::<Vec<_>>();
        for view in &listed {
            assert_eq!(slot.booking(view.id.request).as_ref(), Some(view), "seed {seed}");
        }
        let references = listed.iter().map(|view| view.reference).collect::<BTreeSet<_>>();
        assert_eq!(references.len(), listed.len(), "seed {seed}: a reference twice");
        assert_eq!(
            listed.into_iter().map(plain_view).collect::<Vec<_>>(),
            self.oracle.bookings(),
            "seed {seed}"
        );
    }
}

/// What the workload has brought about: a net that catches nothing would be no test.
#[derive(Default)]
struct Seen {
    counts: BTreeMap<String, u64>,
}

impl Seen {
    fn note(&mut self, outcome: &Outcome) {
        let decision = match &outcome.decision {
            Decision::Slot(view) => format!("slot, cancelled {}", view.cancelled),
            Decision::Booking(view) => format!("{:?}", view.status),
            Decision::Refused(refusal) => refusal.to_string(),
            Decision::KeyReused => "key reused".into(),
            Decision::NotFound => "not found".into(),
        };
        let again = if outcome.replayed { " again" } else { "" };
        *self.counts.entry(format!("{decision}{again}")).or_insert(0) += 1;
    }

    /// Everything that can be answered was answered often.
    fn check(&self) {
        let answers = [
            "slot, cancelled false",
            "slot, cancelled false again",
            "slot, cancelled true",
            "slot, cancelled true again",
            "Held",
            "Held again",
            "Waitlisted",
            "Waitlisted again",
            "Confirmed",
            "Confirmed again",
            "Cancelled",
            "Cancelled again",
            "slot_cancelled",
            "not_on_sale",
            "quantity_too_large",
            "customer_limit",
            "sold_out",
            "waitlist_full",
            "too_late",
            "already_over",
            "already_over again",
            "key reused",
            "not found",
        ];
        for answer in answers {
            assert!(
                self.counts.get(answer).is_some_and(|&count| 10 <= count),
                "{answer:?} of {:?}",
                self.counts
            );
        }
    }
}

/// An outcome with a placeholder for references, of which the oracle knows nothing.
fn plain(outcome: Outcome) -> Outcome {
    if let Decision::Booking(view) = outcome.decision {
        return Outcome { decision: Decision::Booking(plain_view(view)), ..outcome };
    }
    outcome
}

fn plain_records(records: Vec<Record>) -> Vec<Record> {
    let plain =
        |record: Record| Record { bookings: record.bookings.into_iter().map(plain_view).collect(), ..record };
    records.into_iter().map(plain).collect()
}

fn plain_view(view: BookingView) -> BookingView {
    BookingView { reference: Reference::parse("00000000").unwrap(), ..view }
}
