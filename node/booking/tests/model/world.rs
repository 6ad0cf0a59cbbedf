//! The slot beside the oracle: both take the same steps, and must not differ in anything that can be seen.

use std::collections::{BTreeMap, BTreeSet};

use booking::{
    Absent, Booking, BookingView, Changes, Decision, Filter, Header, HouseChanges, IntentChanges, Level,
    Number, Outcome, ReceiptRecord, Record, Reference, Request, RequestKey, SavedHouse, SavedIntents,
    SavedSlot, Slot, SlotStatus, Status, Timestamp,
};

use crate::oracle::Oracle;
use crate::seen::Seen;
use crate::workload::Step;

/// How long a booking that is over stays in memory, in milliseconds: no answer depends on it.
const OVER_IN_MEMORY_MS: u64 = 10_000;

/// The slot, what is saved of it, and the oracle.
#[derive(Default)]
pub(crate) struct World {
    slot: Option<Slot>,
    pub(crate) oracle: Oracle,
    asked: BTreeSet<RequestKey>,
    bookings: BTreeMap<Number, Booking>,
    /// Those that have left memory.
    past: BTreeMap<Number, Booking>,
    receipts: BTreeMap<RequestKey, ReceiptRecord>,
}

impl World {
    /// Takes a step; panics if the slot and the oracle differ.
    pub(crate) fn take(&mut self, step: &Step, seen: &mut Seen) {
        match step {
            Step::Request(at, request) => self.apply(*at, request, seen),
            Step::Pulse(at) => self.pulse(*at, seen),
            Step::Save => drop(self.save(seen)),
            Step::Restore => self.save_and_restore(seen),
        }
        self.check();
    }

    fn apply(&mut self, at: u64, request: &Request, seen: &mut Seen) {
        if let Some(slot) = &mut self.slot {
            for absent in slot.absent_for(request).collect::<Vec<_>>() {
                recall(slot, &self.past, absent, seen);
            }
        }
        let mut records = vec![];
        let outcome = Slot::apply(&mut self.slot, Level::NEWEST, Timestamp(at), request, &mut records);
        seen.note(request, &outcome, &records);
        self.asked.insert(request.key);
        let (expected, expected_records) = self.oracle.apply(at, request);
        assert_eq!(plain(outcome), expected, "the answer");
        assert_eq!(plain_records(records), expected_records, "the records");
    }

    fn pulse(&mut self, at: u64, seen: &mut Seen) {
        let Some(slot) = &mut self.slot else { return };
        let mut records = vec![];
        slot.pulse(Level::NEWEST, Timestamp(at), &mut records);
        seen.note_records(&records);
        assert_eq!(plain_records(records), self.oracle.pulse(at), "the records of a pulse");
    }

    /// What holds after every step.
    fn check(&self) {
        let view = self.oracle.view();
        let Some(slot) = &self.slot else {
            assert_eq!(view, None);
            return;
        };
        assert_eq!(slot.check(), Ok(()));
        assert_eq!(slot.away() as usize, self.past.len(), "who is away");
        assert_eq!(Some(slot.view()), view);
        assert_eq!(slot.deadline().map(|at| at.0), self.oracle.deadline(), "the next deadline");
        let stamp = slot.view().stamp;
        assert_eq!(slot.view().bookable(stamp), self.oracle.bookable(stamp.0), "what is bookable");
    }

    /// Saves what changed, and lets go whoever is over for long.
    fn save(&mut self, seen: &mut Seen) -> Option<Header> {
        let slot = self.slot.as_mut()?;
        let over_by = Timestamp(slot.view().stamp.0.saturating_sub(OVER_IN_MEMORY_MS));
        let Changes { header, bookings, leaving, receipts, forgotten, intents, house } =
            slot.take_changes(over_by);
        assert_eq!(house, HouseChanges::default(), "units have none");
        assert_eq!(intents, IntentChanges::default(), "a slot leaves none");
        self.bookings.extend(bookings.into_iter().map(|booking| (booking.record.number, booking)));
        self.receipts.extend(receipts.into_iter().map(|receipt| (receipt.request, receipt)));
        for request in forgotten {
            self.receipts.remove(&request);
        }
        seen.count("left", leaving.len() as u64);
        for booking in leaving {
            self.bookings.remove(&booking.record.number);
            self.past.insert(booking.record.number, booking);
        }
        // Those too that were called back since.
        slot.let_go(&self.past.keys().copied().collect::<Vec<_>>());
        Some(header)
    }

    /// Goes on with a slot that is made from what is saved.
    fn save_and_restore(&mut self, seen: &mut Seen) {
        let Some(header) = self.save(seen) else { return };
        let restored = Slot::restore(SavedSlot {
            header: header.clone(),
            bookings: self.bookings.values().cloned().collect(),
            receipts: self.receipts.values().cloned().collect(),
            intents: SavedIntents::default(),
            house: SavedHouse::default(),
        });
        let mut restored = restored.unwrap_or_else(|broken| panic!("{broken}"));
        assert_eq!(Some(restored.digest()), self.slot.as_ref().map(Slot::digest));
        let nothing = Changes {
            header,
            bookings: vec![],
            leaving: vec![],
            receipts: vec![],
            forgotten: vec![],
            intents: IntentChanges::default(),
            house: HouseChanges::default(),
        };
        assert_eq!(restored.take_changes(Timestamp(0)), nothing, "a restored slot is saved already");
        self.slot = Some(restored);
    }

    /// Every booking and every answer is as the oracle says, and no two bookings share a reference.
    pub(crate) fn check_lists(&mut self, seen: &mut Seen) {
        let Some(slot) = &mut self.slot else { return };
        for &key in &self.asked {
            if let Some(absent) = slot.absent(key) {
                recall(slot, &self.past, absent, seen);
            }
            let ours = slot.remembered(key).map(|outcome| Outcome { replayed: false, ..plain(outcome) });
            assert_eq!(ours.as_ref(), self.oracle.remembered(key), "the answer remembered of {key:?}");
        }
        for booking in self.past.values() {
            slot.recall(booking.clone());
        }
        assert_eq!(slot.check(), Ok(()), "with everyone called back");
        let slot = &*slot;
        let listed = list(slot, &Filter::default());
        for view in &listed {
            assert_eq!(slot.booking(view.id.request).as_ref(), Some(view));
            let filter = Filter { reference: Some(view.reference), ..Filter::default() };
            assert_eq!(list(slot, &filter), std::slice::from_ref(view), "the booking with a reference");
        }
        let references = listed.iter().map(|view| view.reference).collect::<BTreeSet<_>>();
        assert_eq!(references.len(), listed.len(), "a reference twice");
        check_filters(slot, &listed);
        let listed = listed.into_iter().map(plain_view).collect::<Vec<_>>();
        assert_eq!(listed, self.oracle.bookings(), "the bookings");
        let later = Timestamp(slot.view().stamp.0 + 100_000);
        assert_eq!(slot.view().bookable(later), self.oracle.bookable(later.0), "what is bookable later");
        let on_sale = slot.view().status(later) == SlotStatus::OnSale;
        assert!(on_sale || slot.view().bookable(later) == 0);
    }
}

/// Brings back what is absent, if there is such a booking.
fn recall(slot: &mut Slot, past: &BTreeMap<Number, Booking>, absent: Absent, seen: &mut Seen) {
    let found = match absent {
        Absent::MadeBy(request) => past.values().find(|booking| booking.record.request == request),
        Absent::Numbered(number) => past.get(&number),
    };
    if let Some(booking) = found {
        slot.recall(booking.clone());
        let kind =
            if matches!(absent, Absent::MadeBy(_)) { "recalled by request" } else { "recalled by number" };
        seen.count(kind, 1);
    }
}

/// A list of some bookings is the list of all, with the others left out.
fn check_filters(slot: &Slot, all: &[BookingView]) {
    let customers = all.iter().map(|view| &*view.customer).collect::<BTreeSet<_>>();
    let statuses = [
        Status::Held,
        Status::Offered,
        Status::Waitlisted,
        Status::Confirmed,
        Status::Cancelled,
        Status::Declined,
        Status::Expired,
    ];
    for status in statuses {
        let filter = Filter { status: Some(status), ..Filter::default() };
        assert!(list(slot, &filter).iter().eq(all.iter().filter(|view| view.status == status)));
        for &customer in &customers {
            let filter = Filter { customer: Some(customer), ..filter };
            let theirs = all.iter().filter(|view| view.status == status && *view.customer == *customer);
            assert!(list(slot, &filter).iter().eq(theirs));
        }
    }
}

/// A list, read in pages of three.
fn list(slot: &Slot, filter: &Filter<'_>) -> Vec<BookingView> {
    let (mut listed, mut after) = (vec![], None);
    loop {
        let page = slot.bookings(filter, after, 3).found;
        let Some((last, _)) = page.last() else { return listed };
        after = Some(*last);
        listed.extend(page.into_iter().map(|(_, view)| view));
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
