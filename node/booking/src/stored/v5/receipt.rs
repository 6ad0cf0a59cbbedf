//! A receipt as it is saved of a calendar.

use alloc::boxed::Box;
use core::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::definition::Definition;
use super::range::{CalendarView, RangeHad};
use crate::stored::v1::booking::Standing;
use crate::stored::v1::header::Counts;
use crate::{Fingerprint, Number, ReceiptRecord, RequestKey, Seq, Timestamp};

/// What was answered to one request.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    serial: u64,
    request: RequestKey,
    fingerprint: Fingerprint,
    seq: Seq,
    at: Timestamp,
    answer: Answer,
}

/// An answer, as short as it can be kept.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Answer {
    Ranged {
        number: Number,
        standing: Standing,
        other: Option<NonZeroU32>,
        position: Option<NonZeroU32>,
        range: RangeHad,
    },
    SlotChanged(Box<SlotChanged>),
}

/// A slot as it was when it was answered with.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SlotChanged {
    definition: Definition,
    counts: Counts,
    calendar: CalendarView,
}

impl From<crate::Answer> for Answer {
    fn from(answer: crate::Answer) -> Self {
        use crate::Answer;
        match answer {
            Answer::Booking {
                number,
                standing,
                fewer,
                position,
                seating: None,
                range: Some(range),
                bill: None,
            } => {
                let (standing, range) = (standing.into(), (*range).into());
                Self::Ranged { number, standing, other: fewer, position, range }
            }
            Answer::SlotChanged(changed) => Self::SlotChanged(Box::new((*changed).into())),
            Answer::Booking { .. } | Answer::Refused(_) | Answer::SlotCancelled => {
                unreachable!("the versions before have the others")
            }
        }
    }
}

impl From<Answer> for crate::Answer {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Ranged { number, standing, other, position, range } => {
                let (standing, range) = (standing.into(), Some(Box::new(range.into())));
                let (seating, bill) = (None, None);
                Self::Booking { number, standing, fewer: other, position, seating, range, bill }
            }
            Answer::SlotChanged(changed) => Self::SlotChanged(Box::new((*changed).into())),
        }
    }
}

impl From<crate::SlotChanged> for SlotChanged {
    fn from(changed: crate::SlotChanged) -> Self {
        let crate::SlotChanged { definition, counts, house, goods, calendar } = changed;
        assert!(house.is_none() && goods.is_none(), "a calendar is nothing else");
        let calendar = calendar.expect("the versions before have the others");
        Self { definition: definition.into(), counts: counts.into(), calendar: (&*calendar).into() }
    }
}

impl From<SlotChanged> for crate::SlotChanged {
    fn from(changed: SlotChanged) -> Self {
        let SlotChanged { definition, counts, calendar } = changed;
        let (definition, counts, calendar) = (definition.into(), counts.into(), Some(calendar.into()));
        Self { definition, counts, house: None, goods: None, calendar }
    }
}

impl From<ReceiptRecord> for Receipt {
    fn from(receipt: ReceiptRecord) -> Self {
        let ReceiptRecord { serial, request, fingerprint, seq, at, answer } = receipt;
        Self { serial, request, fingerprint, seq, at, answer: answer.into() }
    }
}

impl From<Receipt> for ReceiptRecord {
    fn from(receipt: Receipt) -> Self {
        let Receipt { serial, request, fingerprint, seq, at, answer } = receipt;
        Self { serial, request, fingerprint, seq, at, answer: answer.into() }
    }
}
