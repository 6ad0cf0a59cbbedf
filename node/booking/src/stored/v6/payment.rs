//! What a merchant and providers of payments say to each other.

use alloc::boxed::Box;

use serde::{Deserialize, Serialize};

use crate::{AttemptStatus, Dispute, OrderNumber, PaymentDeed};

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PaymentAsk {
    order: OrderNumber,
    attempt: u32,
    what: PaymentDeed,
    amount: u64,
    currency: Option<[u8; 3]>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct PaymentReport {
    order: OrderNumber,
    attempt: u32,
    status: AttemptStatus,
    authorised: u64,
    captured: u64,
    refunded: u64,
    refund_failed: bool,
    dispute: Dispute,
    currency: Option<[u8; 3]>,
    reference: Box<str>,
}

/// A shape that has the fields of what it is the shape of, and a currency: conversions in both directions.
macro_rules! in_a_currency {
    ($name:ident { $($field:ident),+ }) => {
        impl From<crate::$name> for $name {
            fn from(value: crate::$name) -> Self {
                let crate::$name { currency, $($field),+ } = value;
                Self { currency: currency.map(|currency| currency.0), $($field),+ }
            }
        }

        impl From<$name> for crate::$name {
            fn from(value: $name) -> Self {
                let $name { currency, $($field),+ } = value;
                Self { currency: currency.map(crate::Currency), $($field),+ }
            }
        }
    };
}

in_a_currency!(PaymentAsk { order, attempt, what, amount });
in_a_currency!(PaymentReport {
    order,
    attempt,
    status,
    authorised,
    captured,
    refunded,
    refund_failed,
    dispute,
    reference
});
