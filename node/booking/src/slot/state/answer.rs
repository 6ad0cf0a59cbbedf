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
        /// What it had of a calendar by then, or waited for, if it is a booking of a range. Boxed: answers of units are to be small.
        range: Option<Box<RangeHad>>,
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
    type Shared = Shared;

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
                let digest = range.as_ref().map_or(digest, |range| range.digest(digest));
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

    /// Makes answers in a row that show the same definition or house share it.
    fn share(&mut self, last: &mut Self::Shared) {
        let Self::SlotChanged(slot) = self else { return };
        share(&mut slot.definition, &mut last.definition);
        if let Some(house) = &mut slot.house {
            share(house, &mut last.house);
        }
    }
}

/// What the last answer shows that the next may show too.
#[derive(Default)]
pub(crate) struct Shared {
    definition: Option<Arc<Definition>>,
    house: Option<Arc<HouseView>>,
}

fn share<Shown: PartialEq>(shown: &mut Arc<Shown>, last: &mut Option<Arc<Shown>>) {
    match last {
        Some(last) if last == shown => *shown = Arc::clone(last),
        _ => *last = Some(Arc::clone(shown)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use alloc::vec::Vec;

    use crate::base::receipts::{Receipts, digest_of};
    use crate::base::request::RequestIdentity;
    use crate::slot::check::tests::definition;
    use crate::{Content, Fingerprint, RequestKey, Seq, Timestamp};

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
    fn an_answer_shares_its_house_with_the_last_one() {
        let mut receipts = Receipts::default();
        for (key, bookable) in [(1, 5), (2, 5), (3, 4), (4, 4), (5, 5)] {
            let (allotments, categories) = (Vec::new(), Vec::new());
            let house = HouseView { map: Content(1), blocked: 0, bookable, allotments, categories };
            let mut answer = changed(key, "yoga").answer;
            if let Answer::SlotChanged(slot) = &mut answer {
                slot.house = Some(Arc::new(house));
            }
            let identity = RequestIdentity { key: RequestKey(key.into()), fingerprint: Fingerprint(1) };
            receipts.remember(identity, Seq(key), Timestamp(1), answer);
        }
        let shown: Vec<_> = receipts
            .iter()
            .filter_map(|receipt| match &receipt.answer {
                Answer::SlotChanged(slot) => Some((Arc::clone(&slot.definition), slot.house.clone()?)),
                Answer::Refused(_) | Answer::Booking { .. } | Answer::SlotCancelled => None,
            })
            .collect();
        let shared = |pair: &[(Arc<Definition>, Arc<HouseView>)]| {
            (Arc::ptr_eq(&pair[0].0, &pair[1].0), Arc::ptr_eq(&pair[0].1, &pair[1].1))
        };
        let shared: Vec<_> = shown.windows(2).map(shared).collect();
        assert_eq!(shared, [(true, true), (true, false), (true, true), (true, false)]);
        assert_eq!(receipts.digest(), receipts.digest_recomputed());
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
