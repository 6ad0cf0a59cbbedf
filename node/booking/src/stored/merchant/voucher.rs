//! A voucher as it is saved, made and changed.

#![expect(clippy::option_option, reason = "what is left out stays, and none within is none")]

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::stored::v6::Off;
use crate::{SlotId, Timestamp, VoucherNumber, merchant};

/// A voucher.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voucher {
    number: VoucherNumber,
    code: Box<str>,
    uses: u32,
    reserved: u32,
    spent: u32,
    valid_until: Option<Timestamp>,
    off: Option<Off>,
    slots: Vec<SlotId>,
    products: Vec<Box<str>>,
    per_customer: Option<u32>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NewVoucher {
    code: Box<str>,
    uses: u32,
    valid_until: Option<Timestamp>,
    off: Option<Off>,
    slots: Vec<SlotId>,
    products: Vec<Box<str>>,
    per_customer: Option<u32>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct VoucherChange {
    voucher: VoucherNumber,
    uses: Option<u32>,
    valid_until: Option<Option<Timestamp>>,
    off: Option<Option<Off>>,
    slots: Option<Vec<SlotId>>,
    products: Option<Vec<Box<str>>>,
    per_customer: Option<Option<u32>>,
}

/// A shape that has the fields of what it is the shape of, but for an amount off: conversions in both directions.
macro_rules! alike {
    ($($name:ident { $($field:ident),+ } by $off:expr),+) => {
        $(
            impl From<merchant::$name> for $name {
                fn from(value: merchant::$name) -> Self {
                    let merchant::$name { off, $($field),+ } = value;
                    Self { off: off.map($off), $($field),+ }
                }
            }

            impl From<$name> for merchant::$name {
                fn from(value: $name) -> Self {
                    let $name { off, $($field),+ } = value;
                    Self { off: off.map($off), $($field),+ }
                }
            }
        )+
    };
}

alike!(
    Voucher { number, code, uses, reserved, spent, valid_until, slots, products, per_customer } by Into::into,
    NewVoucher { code, uses, valid_until, slots, products, per_customer } by Into::into,
    VoucherChange { voucher, uses, valid_until, slots, products, per_customer } by |off| off.map(Into::into)
);
