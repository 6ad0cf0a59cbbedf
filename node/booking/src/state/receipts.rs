//! Receipts: what was answered to requests that made no booking, so that repeating one is answered the same.
//!
//! Changes are remembered for a day of stamps at least, refusals up to a number, in the order in which they
//! were made; the oldest go first. Requests that made a booking need no receipt: the booking is one.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::digest::Digest;
use crate::limits::{CHANGE_REMEMBERED_SECONDS, FORGOTTEN_PER_STEP_MAX, REFUSALS_REMEMBERED};
use crate::state::bookings::Standing;
use crate::state::pages::Pages;
use crate::{Counts, Definition, Fingerprint, Number, Outcome, Refusal, RequestKey, Seq, Timestamp};

/// What was answered to one request, as it is remembered and saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptRecord {
    /// Which of the slot's receipts it is, from 0, in the order in which they were made.
    pub serial: u64,
    /// The request.
    pub request: RequestKey,
    /// What it asked for.
    pub fingerprint: Fingerprint,
    /// The slot's `seq` at which it was decided.
    pub seq: Seq,
    /// The stamp at which it was decided.
    pub at: Timestamp,
    /// What was answered.
    pub answer: Answer,
}

/// An answer, as short as it can be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A rule refused it.
    Refused(Refusal),
    /// A booking, as it stood after it. Everything else about a booking never changes.
    Booking {
        /// The booking.
        number: Number,
        /// Where it stood.
        standing: Standing,
    },
    /// The slot was cancelled. Nothing changes after that, so the slot itself is the answer.
    SlotCancelled,
    /// The slot was changed. Boxed: rare, and many times the size of the others.
    SlotChanged(Box<SlotChanged>),
}

/// A slot as it was when it was answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotChanged {
    /// What it was then.
    pub definition: Arc<Definition>,
    /// Where its units were then.
    pub counts: Counts,
}

impl Answer {
    /// The booking that it is about, if any.
    pub(crate) const fn booking(&self) -> Option<Number> {
        match self {
            Self::Booking { number, .. } => Some(*number),
            Self::Refused(_) | Self::SlotCancelled | Self::SlotChanged(_) => None,
        }
    }
}

impl ReceiptRecord {
    /// A number that stands for all of it.
    fn digest(&self) -> u64 {
        let digest = Digest::new("receipt")
            .word(self.serial)
            .wide(self.request.0)
            .word(self.fingerprint.0)
            .word(self.seq.0)
            .word(self.at.0);
        match &self.answer {
            Answer::Refused(refusal) => digest.word(0_u32).word(*refusal as u32),
            Answer::Booking { number, standing } => standing.digest(digest.word(1_u32).word(number.0)),
            Answer::SlotCancelled => digest.word(2_u32),
            Answer::SlotChanged(changed) => {
                changed.counts.digest(digest.word(3_u32).word(changed.definition.digest()))
            }
        }
        .finish()
    }
}

/// The receipts of a slot.
#[derive(Default)]
pub(crate) struct Receipts {
    /// None where there has been none since it was loaded.
    cabinet: Option<Box<Cabinet>>,
    /// How many were ever made.
    made: u64,
    /// The wrapping sum of the receipts' digests.
    digest: u64,
}

/// Where the receipts are.
#[derive(Default)]
struct Cabinet {
    changes: Pages<ReceiptRecord>,
    refusals: Pages<ReceiptRecord>,
    by_request: BTreeMap<RequestKey, Shelf>,
    /// Requests whose receipt was made or forgotten since the changes were last taken.
    touched: BTreeSet<RequestKey>,
}

/// Where a receipt is.
#[derive(Clone, Copy)]
enum Shelf {
    Change(u64),
    Refusal(u64),
}

impl Receipts {
    /// The receipts that were saved, in the order in which they were made, and how many were made ever.
    pub(crate) fn restore(saved: Vec<ReceiptRecord>, made: u64) -> Self {
        let mut receipts = Self::default();
        let mut last = None;
        for mut receipt in saved {
            share(&mut receipt.answer, &mut last);
            receipts.put(receipt);
        }
        receipts.take_touched();
        Self { made, ..receipts }
    }

    /// Remembers what was answered to a request, and forgets the oldest refusal if that is one too many.
    pub(crate) fn remember(&mut self, request: (RequestKey, Fingerprint), outcome: &Outcome, answer: Answer) {
        let (request, fingerprint) = request;
        let (seq, at) = (outcome.seq, outcome.at);
        self.put(ReceiptRecord { serial: self.made, request, fingerprint, seq, at, answer });
        self.made += 1;
        let one_too_many = |cabinet: &mut Cabinet| {
            (cabinet.refusals.len() > REFUSALS_REMEMBERED).then(|| cabinet.refusals.pop_first())?
        };
        self.forget(one_too_many);
    }

    /// Forgets changes that were answered a day ago, a few at a time.
    pub(crate) fn forget_outdated(&mut self, at: Timestamp) {
        let outdated = |receipt: &ReceiptRecord| receipt.at.plus_seconds(CHANGE_REMEMBERED_SECONDS) <= at;
        let oldest = |cabinet: &mut Cabinet| {
            cabinet.changes.first().is_some_and(outdated).then(|| cabinet.changes.pop_first())?
        };
        for _ in 0..FORGOTTEN_PER_STEP_MAX {
            if !self.forget(oldest) {
                return;
            }
        }
    }

    /// What was answered to a request, if it is remembered here.
    pub(crate) fn get(&self, request: RequestKey) -> Option<&ReceiptRecord> {
        let cabinet = self.cabinet.as_ref()?;
        match *cabinet.by_request.get(&request)? {
            Shelf::Change(place) => cabinet.changes.get(place),
            Shelf::Refusal(place) => cabinet.refusals.get(place),
        }
    }

    /// All of them: changes, then refusals, each in the order in which they were made.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &ReceiptRecord> {
        self.cabinet.iter().flat_map(|cabinet| cabinet.changes.iter().chain(cabinet.refusals.iter()))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        self.cabinet.as_ref().map_or(0, |cabinet| cabinet.changes.len() + cabinet.refusals.len())
    }

    /// How many were ever made.
    pub(crate) fn made(&self) -> u64 {
        self.made
    }

    /// The wrapping sum of the receipts' digests.
    pub(crate) fn digest(&self) -> u64 {
        self.digest
    }

    /// The same, to be spoilt.
    #[cfg(test)]
    pub(crate) fn digest_mut(&mut self) -> &mut u64 {
        &mut self.digest
    }

    /// The same, from the receipts themselves.
    pub(crate) fn digest_recomputed(&self) -> u64 {
        self.iter().fold(0, |sum, receipt| sum.wrapping_add(receipt.digest()))
    }

    /// The receipts made, and the requests whose receipt was forgotten, since this was last asked.
    pub(crate) fn take_changed(&mut self) -> (Vec<ReceiptRecord>, Vec<RequestKey>) {
        let (mut made, mut forgotten) = (Vec::new(), Vec::new());
        for request in self.take_touched() {
            match self.get(request) {
                Some(receipt) => made.push(receipt.clone()),
                None => forgotten.push(request),
            }
        }
        (made, forgotten)
    }

    fn take_touched(&mut self) -> BTreeSet<RequestKey> {
        self.cabinet.as_mut().map(|cabinet| core::mem::take(&mut cabinet.touched)).unwrap_or_default()
    }

    /// Puts a receipt behind those of its kind.
    fn put(&mut self, receipt: ReceiptRecord) {
        let cabinet = self.cabinet.get_or_insert_default();
        self.digest = self.digest.wrapping_add(receipt.digest());
        cabinet.touched.insert(receipt.request);
        let (on, pages) = match receipt.answer {
            Answer::Refused(_) => (Shelf::Refusal(cabinet.refusals.end()), &mut cabinet.refusals),
            Answer::Booking { .. } | Answer::SlotCancelled | Answer::SlotChanged(_) => {
                (Shelf::Change(cabinet.changes.end()), &mut cabinet.changes)
            }
        };
        cabinet.by_request.insert(receipt.request, on);
        pages.push(receipt);
    }

    /// Undoes [`Receipts::put`] for the receipt that `take` takes from its pages, if it takes one, and says whether it did.
    fn forget(&mut self, take: impl FnOnce(&mut Cabinet) -> Option<ReceiptRecord>) -> bool {
        let Some(cabinet) = &mut self.cabinet else { return false };
        let Some(receipt) = take(cabinet) else { return false };
        self.digest = self.digest.wrapping_sub(receipt.digest());
        cabinet.by_request.remove(&receipt.request);
        cabinet.touched.insert(receipt.request);
        true
    }
}

/// Makes answers in a row that show the same definition share it, as they did before they were saved.
fn share(answer: &mut Answer, last: &mut Option<Arc<Definition>>) {
    let Answer::SlotChanged(slot) = answer else { return };
    match last {
        Some(last) if *last == slot.definition => slot.definition = Arc::clone(last),
        _ => *last = Some(Arc::clone(&slot.definition)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invariant::tests::definition;

    fn changed(serial: u64, title: &str) -> ReceiptRecord {
        let definition = Arc::new(Definition { title: title.into(), ..definition() });
        let counts = Counts::untouched(definition.capacity);
        ReceiptRecord {
            serial,
            request: RequestKey(serial.into()),
            fingerprint: Fingerprint(1),
            seq: Seq(serial),
            at: Timestamp(1),
            answer: Answer::SlotChanged(Box::new(SlotChanged { definition, counts })),
        }
    }

    #[test]
    fn answers_in_a_row_that_show_the_same_slot_share_it() {
        let titles = ["yoga", "yoga", "yin yoga", "yin yoga", "yoga"];
        let receipts = (0..).zip(titles).map(|(serial, title)| changed(serial, title)).collect();
        let receipts = Receipts::restore(receipts, 5);
        assert_eq!(receipts.len(), 5);
        let shown: Vec<_> = receipts
            .iter()
            .filter_map(|receipt| match &receipt.answer {
                Answer::SlotChanged(slot) => Some(Arc::clone(&slot.definition)),
                Answer::Refused(_) | Answer::Booking { .. } | Answer::SlotCancelled => None,
            })
            .collect();
        let shared: Vec<_> = shown.windows(2).map(|pair| Arc::ptr_eq(&pair[0], &pair[1])).collect();
        assert_eq!(shared, [true, false, true, false]);
    }

    #[test]
    fn everything_that_was_answered_counts_in_the_digest() {
        let plain = changed(1, "yoga");
        let booking = |number, standing| Answer::Booking { number: Number(number), standing };
        let hold = |lasts_ms| Standing::Held { until: Timestamp(7), lasts_ms };
        let mut all: Vec<_> = [
            changed(1, "yin yoga").answer,
            Answer::Refused(Refusal::SoldOut),
            Answer::Refused(Refusal::NotOnSale),
            Answer::SlotCancelled,
            booking(1, Standing::Confirmed),
            booking(2, Standing::Confirmed),
            booking(1, Standing::Waitlisted),
            booking(1, hold(1)),
            booking(1, hold(2)),
            booking(1, Standing::Offered { until: Timestamp(7) }),
            booking(1, Standing::Offered { until: Timestamp(8) }),
        ]
        .map(|answer| ReceiptRecord { answer, ..plain.clone() })
        .into();
        all.push(ReceiptRecord { serial: 2, ..plain.clone() });
        all.push(ReceiptRecord { request: RequestKey(2), ..plain.clone() });
        all.push(ReceiptRecord { fingerprint: Fingerprint(2), ..plain.clone() });
        all.push(ReceiptRecord { seq: Seq(2), ..plain.clone() });
        all.push(ReceiptRecord { at: Timestamp(2), ..plain.clone() });
        all.push(plain);
        let digests: BTreeSet<_> = all.iter().map(ReceiptRecord::digest).collect();
        assert_eq!(digests.len(), all.len());
    }
}
