//! What a voucher is to a slot.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::VoucherNumber;

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) enum Off {
    Set(u64),
    Subtract(u64),
    Percent(u8),
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct VoucherTerms {
    number: VoucherNumber,
    off: Option<Off>,
    products: Vec<Box<str>>,
}

impl From<crate::Off> for Off {
    fn from(off: crate::Off) -> Self {
        match off {
            crate::Off::Set(amount) => Self::Set(amount),
            crate::Off::Subtract(amount) => Self::Subtract(amount),
            crate::Off::Percent(percent) => Self::Percent(percent),
        }
    }
}

impl From<Off> for crate::Off {
    fn from(off: Off) -> Self {
        match off {
            Off::Set(amount) => Self::Set(amount),
            Off::Subtract(amount) => Self::Subtract(amount),
            Off::Percent(percent) => Self::Percent(percent),
        }
    }
}

impl From<crate::VoucherTerms> for VoucherTerms {
    fn from(terms: crate::VoucherTerms) -> Self {
        let crate::VoucherTerms { number, off, products } = terms;
        Self { number, off: off.map(Into::into), products }
    }
}

impl From<VoucherTerms> for crate::VoucherTerms {
    fn from(terms: VoucherTerms) -> Self {
        let VoucherTerms { number, off, products } = terms;
        Self { number, off: off.map(Into::into), products }
    }
}
