//! An attempt to pay as it is saved.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::merchant::{self, RowKind};
use crate::stored::each::each;
use crate::{AttemptStatus, Dispute, PaymentDeed, Provider, Timestamp};

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Attempt {
    provider: Provider,
    amount: u64,
    status: AttemptStatus,
    authorised: u64,
    captured: u64,
    refunded: u64,
    refund_asked: u64,
    refund_failed: bool,
    dispute: Dispute,
    reference: Box<str>,
    asking: Option<PaymentDeed>,
    rows: Vec<Row>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    at: Timestamp,
    kind: RowKind,
    amount: u64,
}

impl From<merchant::Attempt> for Attempt {
    fn from(attempt: merchant::Attempt) -> Self {
        let merchant::Attempt { provider, amount, status, authorised, captured, refunded, .. } = attempt;
        let merchant::Attempt { refund_asked, refund_failed, dispute, reference, asking, rows, .. } = attempt;
        let rows = each(rows);
        Self {
            provider,
            amount,
            status,
            authorised,
            captured,
            refunded,
            refund_asked,
            refund_failed,
            dispute,
            reference,
            asking,
            rows,
        }
    }
}

impl From<Attempt> for merchant::Attempt {
    fn from(attempt: Attempt) -> Self {
        let Attempt { provider, amount, status, authorised, captured, refunded, .. } = attempt;
        let Attempt { refund_asked, refund_failed, dispute, reference, asking, rows, .. } = attempt;
        let rows = each(rows);
        Self {
            provider,
            amount,
            status,
            authorised,
            captured,
            refunded,
            refund_asked,
            refund_failed,
            dispute,
            reference,
            asking,
            rows,
        }
    }
}

impl From<merchant::Row> for Row {
    fn from(row: merchant::Row) -> Self {
        let merchant::Row { at, kind, amount } = row;
        Self { at, kind, amount }
    }
}

impl From<Row> for merchant::Row {
    fn from(row: Row) -> Self {
        let Row { at, kind, amount } = row;
        Self { at, kind, amount }
    }
}
