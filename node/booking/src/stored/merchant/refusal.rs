//! Why a merchant says no.

use serde::{Deserialize, Serialize};

use crate::merchant::{self, NotUsable, VoucherRefused};

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Refusal {
    CustomerLimit,
    InsufficientCredits { needed: u32, available: u32 },
    PackageNotUsable(NotUsable),
    BookingsInFreeze,
    NotFrozen,
    FreezeLimit,
    AlreadyOver,
    TooManyPackages,
    Malformed,
    VoucherRefused(VoucherRefused),
    CodeTaken,
    PriceChanged,
    SeveralCurrencies,
    NotHeld,
    HoldExpired,
    PaymentRequired,
    Bundle,
    OrderPaid,
    AttemptsExhausted,
    NotPaid,
    RefundTooLarge,
}

/// The same words on both sides: conversions in both directions.
macro_rules! same {
    ({ $($plain:ident),* } { $($of:ident($one:ident)),* } { $($with:ident { $($field:ident),+ }),* }) => {
        impl From<merchant::Refusal> for Refusal {
            fn from(value: merchant::Refusal) -> Self {
                match value {
                    $(merchant::Refusal::$plain => Self::$plain,)*
                    $(merchant::Refusal::$of($one) => Self::$of($one),)*
                    $(merchant::Refusal::$with { $($field),+ } => Self::$with { $($field),+ },)*
                }
            }
        }

        impl From<Refusal> for merchant::Refusal {
            fn from(value: Refusal) -> Self {
                match value {
                    $(Refusal::$plain => Self::$plain,)*
                    $(Refusal::$of($one) => Self::$of($one),)*
                    $(Refusal::$with { $($field),+ } => Self::$with { $($field),+ },)*
                }
            }
        }
    };
}

same!(    {
        CustomerLimit, BookingsInFreeze, NotFrozen, FreezeLimit, AlreadyOver, TooManyPackages, Malformed,
        CodeTaken, PriceChanged, SeveralCurrencies, NotHeld, HoldExpired, PaymentRequired, Bundle, OrderPaid, AttemptsExhausted, NotPaid, RefundTooLarge
    }
    { PackageNotUsable(reason), VoucherRefused(reason) }
    { InsufficientCredits { needed, available } });
