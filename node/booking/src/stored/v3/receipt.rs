//! A receipt as it is saved of a slot of seats.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::definition::Definition;
use super::house::HouseView;
use super::seats::Seating;
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
    Seated {
        number: Number,
        standing: Standing,
        other: Option<NonZeroU32>,
        position: Option<NonZeroU32>,
        seating: Seating,
    },
    SlotChanged(Box<SlotChanged>),
}

/// A slot of seats as it was when it was answered with.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SlotChanged {
    definition: Definition,
    counts: Counts,
    house: HouseView,
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
            Answer::Booking {
                number,
                standing,
                fewer,
                position,
                seating: Some(seating),
                range: None,
                bill: None,
            } => {
                let (standing, seating) = (standing.into(), (&*seating).into());
                Self::Seated { number, standing, other: fewer, position, seating }
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
            Answer::Seated { number, standing, other, position, seating } => {
                let (standing, seating) = (standing.into(), Some(Arc::new(seating.into())));
                Self::Booking { number, standing, fewer: other, position, seating, range: None, bill: None }
            }
            Answer::SlotChanged(changed) => Self::SlotChanged(Box::new((*changed).into())),
        }
    }
}

impl From<crate::SlotChanged> for SlotChanged {
    fn from(changed: crate::SlotChanged) -> Self {
        let crate::SlotChanged { definition, counts, house, goods, calendar } = changed;
        assert!(goods.is_none() && calendar.is_none(), "the versions behind have the others");
        let house = house.expect("the first version has the slots of units");
        let definition = Arc::unwrap_or_clone(definition).into();
        Self { definition, counts: counts.into(), house: (&*house).into() }
    }
}

impl From<SlotChanged> for crate::SlotChanged {
    fn from(changed: SlotChanged) -> Self {
        let SlotChanged { definition, counts, house } = changed;
        let definition = Arc::new(definition.into());
        Self { definition, counts: counts.into(), house: Some(house.into()), goods: None, calendar: None }
    }
}
