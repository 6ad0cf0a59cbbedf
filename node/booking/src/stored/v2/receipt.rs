//! A receipt as it is saved that says more of a booking than where it stood.

use core::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::stored::v1::booking::Standing;
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
    Booking { number: Number, standing: Standing, fewer: Option<NonZeroU32>, position: Option<NonZeroU32> },
}

impl From<ReceiptRecord> for Receipt {
    fn from(receipt: ReceiptRecord) -> Self {
        let ReceiptRecord { serial, request, fingerprint, seq, at, answer } = receipt;
        let crate::Answer::Booking {
            number,
            standing,
            fewer,
            position,
            seating: None,
            range: None,
            bill: None,
        } = answer
        else {
            unreachable!("the other versions have the others")
        };
        let answer = Answer::Booking { number, standing: standing.into(), fewer, position };
        Self { serial, request, fingerprint, seq, at, answer }
    }
}

impl From<Receipt> for ReceiptRecord {
    fn from(receipt: Receipt) -> Self {
        let Receipt { serial, request, fingerprint, seq, at, answer } = receipt;
        let Answer::Booking { number, standing, fewer, position } = answer;
        let standing = standing.into();
        let (seating, range, bill) = (None, None, None);
        let answer = crate::Answer::Booking { number, standing, fewer, position, seating, range, bill };
        Self { serial, request, fingerprint, seq, at, answer }
    }
}
