//! Why a merchant says no.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The customer would have more, over all slots, than one may have.
    CustomerLimit,
    /// What fits is not enough.
    InsufficientCredits {
        /// How many it costs.
        needed: u32,
        /// How many there are.
        available: u32,
    },
    /// A package that was named does not pay for this.
    PackageNotUsable(NotUsable),
    /// Bookings begin while it would rest.
    BookingsInFreeze,
    /// It does not rest.
    NotFrozen,
    /// It may not rest for so long, or so often, or not by its customer's wish.
    FreezeLimit,
    /// It is over, or was revoked.
    AlreadyOver,
    /// The account has as many packages as one may have.
    TooManyPackages,
    /// The voucher of a code cannot be used for this, or one is asked for.
    VoucherRefused(VoucherRefused),
    /// There is another voucher with this code.
    CodeTaken,
    /// It costs something else than is expected.
    PriceChanged,
    /// It would be of several currencies.
    SeveralCurrencies,
    /// The order is not held.
    NotHeld,
    /// The order was held, and its deadline has passed.
    HoldExpired,
    /// It is to be paid for before its customer can confirm it.
    PaymentRequired,
    /// It is had whole or not at all.
    Bundle,
    /// It is paid for already.
    OrderPaid,
    /// Its customer has tried to pay as often as one may.
    AttemptsExhausted,
    /// Nothing was paid for it here.
    NotPaid,
    /// That is more than is left of what was paid.
    RefundTooLarge,
    /// It asks for nothing, or for a time that ends before it begins. The door lets none of these in.
    Malformed,
}

/// Why a package does not pay for something. A word of the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotUsable {
    /// There is no such package of this customer's.
    Unknown,
    /// It was revoked.
    Revoked,
    /// Its time is over.
    Over,
    /// It rests when the slot starts.
    Frozen,
    /// It is not good yet when the slot starts.
    NotYet,
    /// It is not good any more when the slot starts, or something else that is booked with it.
    EndsBefore,
    /// It is not for such slots.
    Scope,
}

/// Why a voucher is not used for something. A word of the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum VoucherRefused {
    /// None was given, and one is asked for.
    Required,
    /// There is no such voucher of this merchant's.
    Unknown,
    /// It was used as often as it can be.
    UsedUp,
    /// Its time is over.
    Expired,
    /// It is for other slots or products.
    NotForThis,
    /// Its customer has used it as often as one may.
    PerCustomer,
}

impl Refusal {
    /// The refusal as the contract spells it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::CustomerLimit => "customer_limit",
            Self::InsufficientCredits { .. } => "insufficient_credits",
            Self::PackageNotUsable(_) => "package_not_usable",
            Self::BookingsInFreeze => "bookings_in_freeze",
            Self::NotFrozen => "not_frozen",
            Self::FreezeLimit => "freeze_limit",
            Self::AlreadyOver => "already_over",
            Self::TooManyPackages => "too_many_packages",
            Self::VoucherRefused(_) => "voucher_refused",
            Self::CodeTaken => "code_taken",
            Self::PriceChanged => "price_changed",
            Self::SeveralCurrencies => "several_currencies",
            Self::NotHeld => "not_held",
            Self::HoldExpired => "hold_expired",
            Self::PaymentRequired => "payment_required",
            Self::Bundle => "bundle",
            Self::OrderPaid => "order_paid",
            Self::AttemptsExhausted => "attempts_exhausted",
            Self::NotPaid => "not_paid",
            Self::RefundTooLarge => "refund_too_large",
            Self::Malformed => "malformed",
        }
    }

    /// Mixes this into a digest.
    pub(super) fn digest(self, digest: Digest) -> Digest {
        let digest = digest.text(self.code());
        match self {
            Self::InsufficientCredits { needed, available } => digest.word(needed).word(available),
            Self::PackageNotUsable(reason) => digest.word(reason as u32),
            Self::VoucherRefused(reason) => digest.word(reason as u32),
            Self::CustomerLimit
            | Self::BookingsInFreeze
            | Self::NotFrozen
            | Self::FreezeLimit
            | Self::AlreadyOver
            | Self::TooManyPackages
            | Self::CodeTaken
            | Self::PriceChanged
            | Self::SeveralCurrencies
            | Self::NotHeld
            | Self::HoldExpired
            | Self::PaymentRequired
            | Self::Bundle
            | Self::OrderPaid
            | Self::AttemptsExhausted
            | Self::NotPaid
            | Self::RefundTooLarge
            | Self::Malformed => digest,
        }
    }
}
