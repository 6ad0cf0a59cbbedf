//! What a slot has answered to requests that made no booking, as short as it can be kept.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::num::NonZeroU32;

use crate::base::receipts::{Receipt, Remembered};
use crate::digest::Digest;
use crate::slot::inventory::claim::RangeHad;
use crate::slot::levels::{CALENDARS, FEWER, FIRST, PRICES, SEATS};
use crate::slot::shown::outcome::Refused;
use crate::slot::state::booking::Standing;
use crate::{Bill, CalendarView, Counts, Definition, GoodsView, HouseView, Level, Number, Refusal, Seating};

/// What was answered to one request to a slot.
pub type ReceiptRecord = Receipt<Answer>;

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
        /// For how many it was by then, if for another number than when it was made: of units, for fewer.
        fewer: Option<NonZeroU32>,
        /// Its place among those who wait, from 1, if it still did.
        position: Option<NonZeroU32>,
        /// What it had of a house by then, if it is a booking of seats.
        seating: Option<Arc<Seating>>,
        /// What it had of a calendar by then, or waited for, if it is a booking of a range.
        range: Option<RangeHad>,
        /// What it was of and cost by then, if something in particular was sold.
        bill: Option<Arc<Bill>>,
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
    /// Where its seats were then, if it is a slot of seats.
    pub house: Option<Arc<HouseView>>,
    /// How much there was then of what it sold, if that was something in particular.
    pub goods: Option<Arc<GoodsView>>,
    /// Where everything of its calendar was then, if it is one.
    pub calendar: Option<Arc<CalendarView>>,
}

impl Answer {
    /// The first level under which this can be answered.
    pub(crate) fn since(&self) -> Level {
        match self {
            Self::Refused(refusal) => refusal.since(),
            Self::SlotChanged(changed) => changed.definition.since(),
            Self::Booking { range: Some(_), .. } => CALENDARS,
            Self::Booking { bill: Some(_), .. } => PRICES,
            Self::Booking { seating: Some(_), .. } => SEATS,
            Self::Booking { fewer: None, position: None, .. } | Self::SlotCancelled => FIRST,
            Self::Booking { .. } => FEWER,
        }
    }

    /// The booking that it is about, if any.
    pub(crate) const fn booking(&self) -> Option<Number> {
        match self {
            Self::Booking { number, .. } => Some(*number),
            Self::Refused(_) | Self::SlotCancelled | Self::SlotChanged(_) => None,
        }
    }
}

impl From<&Refused> for Answer {
    fn from(refused: &Refused) -> Self {
        Self::Refused(refused.refusal)
    }
}

impl Remembered for Answer {
    type Shared = Option<Arc<Definition>>;

    fn is_refusal(&self) -> bool {
        match self {
            Self::Refused(_) => true,
            Self::Booking { .. } | Self::SlotCancelled | Self::SlotChanged(_) => false,
        }
    }

    fn digest(&self, digest: Digest) -> Digest {
        match self {
            Self::Refused(refusal) => digest.word(0_u32).word(*refusal as u32),
            Self::Booking { number, standing, fewer, position, seating, range, bill } => {
                let digest = standing.digest(digest.word(1_u32).word(number.0));
                let digest = bill.as_ref().map_or(digest, |bill| bill.digest(digest));
                let digest = seating.as_ref().map_or(digest, |seating| seating.digest(digest.text("seats")));
                let digest = range.map_or(digest, |range| range.digest(digest));
                // What says nothing of these has the digest that it had before anything could.
                match (fewer, position) {
                    (None, None) => digest,
                    (fewer, position) => digest
                        .option(*fewer, |digest, fewer| digest.word(fewer.get()))
                        .option(*position, |digest, position| digest.word(position.get())),
                }
            }
            Self::SlotCancelled => digest.word(2_u32),
            Self::SlotChanged(changed) => {
                let digest = changed.counts.digest(digest.word(3_u32).word(changed.definition.digest()));
                let digest = changed.house.as_ref().map_or(digest, |house| house.digest(digest));
                let digest = changed.goods.as_ref().map_or(digest, |goods| goods.digest(digest));
                changed.calendar.as_ref().map_or(digest, |calendar| calendar.digest(digest))
            }
        }
    }

    /// Makes answers in a row that show the same definition share it, as they did before they were saved.
    fn share(&mut self, last: &mut Self::Shared) {
        let Self::SlotChanged(slot) = self else { return };
        match last {
            Some(last) if *last == slot.definition => slot.definition = Arc::clone(last),
            _ => *last = Some(Arc::clone(&slot.definition)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use alloc::vec::Vec;

    use crate::base::receipts::{Receipts, digest_of};
    use crate::slot::check::tests::definition;
    use crate::{Fingerprint, RequestKey, Seq, Timestamp};

    fn changed(serial: u64, title: &str) -> ReceiptRecord {
        let definition = Arc::new(Definition { title: title.into(), ..definition() });
        let counts = Counts::untouched(10);
        ReceiptRecord {
            serial,
            request: RequestKey(serial.into()),
            fingerprint: Fingerprint(1),
            seq: Seq(serial),
            at: Timestamp(1),
            answer: Answer::SlotChanged(Box::new(SlotChanged {
                definition,
                counts,
                house: None,
                goods: None,
                calendar: None,
            })),
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
        let of = |number, standing, fewer, position| Answer::Booking {
            number: Number(number),
            standing,
            fewer: NonZeroU32::new(fewer),
            position: NonZeroU32::new(position),
            seating: None,
            range: None,
            bill: None,
        };
        let booking = |number, standing| of(number, standing, 0, 0);
        let hold = |lasts_ms| Standing::Held { until: Timestamp(7), lasts_ms };
        let mut all: Vec<_> = [
            changed(1, "yin yoga").answer,
            Answer::Refused(Refusal::SoldOut),
            Answer::Refused(Refusal::NotOnSale),
            Answer::SlotCancelled,
            booking(1, Standing::Confirmed),
            booking(2, Standing::Confirmed),
            booking(1, Standing::Waitlisted),
            of(1, Standing::Waitlisted, 1, 0),
            of(1, Standing::Waitlisted, 0, 1),
            of(1, Standing::Waitlisted, 1, 1),
            of(1, Standing::Waitlisted, 1, 2),
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
        let digests: BTreeSet<_> = all.iter().map(digest_of).collect();
        assert_eq!(digests.len(), all.len());
    }
}
