//! A receipt as it is saved of a slot that sells something in particular.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::bill::{Bill, GoodsView};
use super::definition::Definition;
use crate::stored::v1::booking::Standing;
use crate::stored::v1::header::Counts;
use crate::stored::v3::house::HouseView;
use crate::stored::v3::seats::Seating;
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
    Bought {
        number: Number,
        standing: Standing,
        other: Option<NonZeroU32>,
        position: Option<NonZeroU32>,
        seating: Option<Seating>,
        bill: Bill,
    },
    SlotChanged(Box<SlotChanged>),
}

/// A slot as it was when it was answered with.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SlotChanged {
    definition: Definition,
    counts: Counts,
    house: Option<HouseView>,
    goods: Option<GoodsView>,
}

impl From<crate::Answer> for Answer {
    fn from(answer: crate::Answer) -> Self {
        use crate::Answer;
        match answer {
            Answer::Booking { number, standing, fewer, position, seating, range: None, bill: Some(bill) } => {
                let (standing, seating) = (standing.into(), seating.map(|seating| (&*seating).into()));
                Self::Bought { number, standing, other: fewer, position, seating, bill: bill.into() }
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
            Answer::Bought { number, standing, other, position, seating, bill } => {
                let seating = seating.map(|seating| Arc::new(seating.into()));
                let (standing, bill) = (standing.into(), Some(bill.into()));
                Self::Booking { number, standing, fewer: other, position, seating, range: None, bill }
            }
            Answer::SlotChanged(changed) => Self::SlotChanged(Box::new((*changed).into())),
        }
    }
}

impl From<crate::SlotChanged> for SlotChanged {
    fn from(changed: crate::SlotChanged) -> Self {
        let crate::SlotChanged { definition, counts, house, goods, calendar } = changed;
        assert!(calendar.is_none(), "the fifth version has calendars");
        let house = house.map(|house| (&*house).into());
        Self {
            definition: definition.into(),
            counts: counts.into(),
            house,
            goods: goods.map(GoodsView::from),
        }
    }
}

impl From<SlotChanged> for crate::SlotChanged {
    fn from(changed: SlotChanged) -> Self {
        let SlotChanged { definition, counts, house, goods } = changed;
        let (house, goods) = (house.map(HouseView::into), goods.map(GoodsView::into));
        Self { definition: definition.into(), counts: counts.into(), house, goods, calendar: None }
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
