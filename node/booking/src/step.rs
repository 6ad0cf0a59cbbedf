//! A step under way: what it has changed so far, and the record it becomes.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use crate::limits::Rules;
use crate::{Kind, Number, Record, Slot, Timestamp};

/// One request, or time alone, applied to one slot.
pub(crate) struct Step {
    /// The step's stamp: what is due by then is due.
    pub(crate) at: Timestamp,
    /// What holds under its level.
    pub(crate) rules: &'static Rules,
    /// The booking that was asked for.
    asked: Option<Number>,
    /// Bookings in the order in which the rules changed them; one can be changed twice.
    changed: Vec<Number>,
    /// What time alone did before the command.
    by_time: Option<Kind>,
}

impl Step {
    /// A step that has changed nothing yet.
    pub(crate) fn begin(rules: &'static Rules, at: Timestamp) -> Self {
        Self { at, rules, asked: None, changed: Vec::new(), by_time: None }
    }

    /// Notes that the booking which was asked for has changed.
    pub(crate) fn note_asked(&mut self, number: Number) {
        self.asked = Some(number);
        self.changed.push(number);
    }

    /// Notes that a booking has changed with it.
    pub(crate) fn note(&mut self, number: Number) {
        self.changed.push(number);
    }

    /// Notes that a booking has changed by time alone. That the slot has ended says more than that something
    /// lapsed.
    pub(crate) fn note_by_time(&mut self, number: Number, kind: Kind) {
        self.changed.push(number);
        self.by_time = self.by_time.max(Some(kind));
    }

    /// What time alone did in this step.
    pub(crate) fn by_time(&self) -> Option<Kind> {
        self.by_time
    }

    /// The step as a record of the feed, each booking once, as it is now.
    pub(crate) fn record(self, slot: &Slot, kind: Kind) -> Record {
        let bookings = match (self.asked, self.changed.as_slice()) {
            // Nearly every step changes the booking that was asked for and no other.
            (Some(asked), [_]) => vec![slot.booking_numbered(asked)],
            (asked, changed) => {
                let mut seen = BTreeSet::new();
                let each = asked.iter().chain(changed).filter(|&&number| seen.insert(number));
                each.map(|&number| slot.booking_numbered(number)).collect()
            }
        };
        Record { seq: slot.seq, at: self.at, kind, bookings, counts: slot.ledger.counts() }
    }
}
