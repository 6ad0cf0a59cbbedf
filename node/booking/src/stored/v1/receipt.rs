//! A receipt as it is saved.

use alloc::boxed::Box;
use alloc::sync::Arc;

use serde::{Deserialize, Serialize};

use super::booking::Standing;
use super::definition::Definition;
use super::header::Counts;
use crate::{Fingerprint, Number, ReceiptRecord, Refusal, RequestKey, Seq, Timestamp};

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
pub(in crate::stored) enum Answer {
    Refused(Refusal),
    Booking { number: Number, standing: Standing },
    SlotCancelled,
    SlotChanged(Box<SlotChanged>),
}

/// A slot as it was when it was answered with.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct SlotChanged {
    definition: Definition,
    counts: Counts,
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

impl From<crate::Answer> for Answer {
    fn from(answer: crate::Answer) -> Self {
        use crate::Answer;
        match answer {
            Answer::Refused(refusal) => Self::Refused(refusal),
            Answer::Booking {
                number,
                standing,
                fewer: None,
                position: None,
                seating: None,
                range: None,
                bill: None,
            } => Self::Booking { number, standing: standing.into() },
            Answer::Booking { .. } => unreachable!("the first version knows no more of a booking"),
            Answer::SlotCancelled => Self::SlotCancelled,
            Answer::SlotChanged(changed) => Self::SlotChanged(Box::new((*changed).into())),
        }
    }
}

impl From<Answer> for crate::Answer {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Refused(refusal) => Self::Refused(refusal),
            Answer::Booking { number, standing } => Self::Booking {
                number,
                standing: standing.into(),
                fewer: None,
                position: None,
                seating: None,
                range: None,
                bill: None,
            },
            Answer::SlotCancelled => Self::SlotCancelled,
            Answer::SlotChanged(changed) => Self::SlotChanged(Box::new((*changed).into())),
        }
    }
}

impl From<crate::SlotChanged> for SlotChanged {
    fn from(changed: crate::SlotChanged) -> Self {
        let crate::SlotChanged { definition, counts, house, goods, calendar } = changed;
        let is_of_units = house.is_none() && goods.is_none() && calendar.is_none();
        assert!(is_of_units, "the first version knows units alone");
        Self { definition: Arc::unwrap_or_clone(definition).into(), counts: counts.into() }
    }
}

impl From<SlotChanged> for crate::SlotChanged {
    fn from(changed: SlotChanged) -> Self {
        let SlotChanged { definition, counts } = changed;
        let (definition, counts) = (Arc::new(definition.into()), counts.into());
        Self { definition, counts, house: None, goods: None, calendar: None }
    }
}
