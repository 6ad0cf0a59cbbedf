//! What stands beside a booking that something was promised for, or that is of an order.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::fate::{Fate, Leg};
use super::voucher::VoucherTerms;
use crate::stored::each::each;
use crate::stored::v1::booking::Standing;
use crate::{CreditsState, LateCancel, OrderNumber, PromiseNumber, Seq};

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct BookingCredits {
    promise: PromiseNumber,
    price: Option<u32>,
    is_limited: bool,
    late_cancel: LateCancel,
    legs: Vec<Leg>,
    given_back: u32,
    state: CreditsState,
    events: Vec<(Seq, Fate)>,
    voucher: Option<(VoucherTerms, u32)>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct InOrder {
    order: OrderNumber,
    item: u32,
    adopted: Option<Standing>,
    is_asked: bool,
}

impl From<crate::BookingCredits> for BookingCredits {
    fn from(credits: crate::BookingCredits) -> Self {
        let crate::BookingCredits { promise, price, is_limited, late_cancel, legs, given_back, .. } = credits;
        let crate::BookingCredits { state, events, voucher, .. } = credits;
        let events = events.into_iter().map(|(seq, fate)| (seq, fate.into())).collect();
        let voucher = voucher.map(|crate::BookingVoucher { terms, uses }| (terms.into(), uses));
        let legs = each(legs);
        Self { promise, price, is_limited, late_cancel, legs, given_back, state, events, voucher }
    }
}

impl From<BookingCredits> for crate::BookingCredits {
    fn from(credits: BookingCredits) -> Self {
        let BookingCredits { promise, price, is_limited, late_cancel, legs, given_back, .. } = credits;
        let BookingCredits { state, events, voucher, .. } = credits;
        let events = events.into_iter().map(|(seq, fate)| (seq, fate.into())).collect();
        let voucher = voucher.map(|(terms, uses)| crate::BookingVoucher { terms: terms.into(), uses });
        let legs = each(legs);
        Self { promise, price, is_limited, late_cancel, legs, given_back, state, events, voucher }
    }
}

impl From<crate::InOrder> for InOrder {
    fn from(order: crate::InOrder) -> Self {
        let crate::InOrder { order, item, adopted, is_asked } = order;
        Self { order, item, adopted: adopted.map(Into::into), is_asked }
    }
}

impl From<InOrder> for crate::InOrder {
    fn from(order: InOrder) -> Self {
        let InOrder { order, item, adopted, is_asked } = order;
        Self { order, item, adopted: adopted.map(Into::into), is_asked }
    }
}
