//! What merchants look like on disk, in the log and between nodes. There are merchants from level 7 on, and so is each first version.

mod account;
mod asked;
mod attempt;
mod order;
mod refusal;
pub mod v1;
mod voucher;

use serde::{Deserialize, Serialize};

use crate::{Level, merchant};

/// A request to a merchant, in the log and between nodes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// From level 7 on.
    V1(v1::Request),
}

/// The part of a merchant that there is once.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Header {
    /// From level 7 on.
    V1(v1::Header),
}

/// An account.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Account {
    /// From level 7 on.
    V1(account::Account),
}

/// A voucher.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Voucher {
    /// From level 6 on.
    V1(voucher::Voucher),
}

/// An order.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// From level 6 on.
    V1(order::Order),
}

/// A receipt of a merchant.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Receipt {
    /// From level 7 on.
    V1(v1::Receipt),
}

/// A step of a merchant's feed.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// From level 7 on.
    V1(v1::Record),
}

/// A merchant's answer, between nodes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// From level 7 on.
    V1(v1::Outcome),
}

/// What has one version, and is written as the level says that is within it.
macro_rules! levelled {
    ($($shape:ident of $value:ty as $first:ty),+) => {
        $(
            impl $shape {
                /// The shape that is written under this level.
                pub fn at(level: Level, value: $value) -> Self {
                    level.assert_has(merchant::LEVEL);
                    Self::V1(<$first>::at(level, value))
                }
            }

            impl From<$shape> for $value {
                fn from(stored: $shape) -> Self {
                    match stored {
                        $shape::V1(value) => value.into(),
                    }
                }
            }
        )+
    };
}

/// What has one version, and needs no level to be written.
macro_rules! versions {
    ($($shape:ident of $value:ty),+) => {
        $(
            impl $shape {
                /// The shape that is written under this level.
                pub fn at(level: Level, value: $value) -> Self {
                    level.assert_has(merchant::LEVEL);
                    Self::V1(value.into())
                }
            }

            impl From<$shape> for $value {
                fn from(stored: $shape) -> Self {
                    match stored {
                        $shape::V1(value) => value.into(),
                    }
                }
            }
        )+
    };
}

versions!(
    Header of merchant::Header,
    Account of merchant::Account,
    Voucher of merchant::Voucher,
    Receipt of merchant::ReceiptRecord,
    Record of merchant::Record
);

levelled!(
    Request of merchant::Request as v1::Request,
    Order of merchant::Order as order::Order,
    Outcome of merchant::Outcome as v1::Outcome
);
