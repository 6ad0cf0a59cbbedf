//! What a merchant has promised for one booking, as a slot is told, and why a slot may not book it.

use alloc::vec::Vec;

use crate::base::promise::{Leg, PromiseNumber};
use crate::base::voucher::VoucherTerms;
use crate::digest::Digest;
use crate::{Book, Fingerprint, Refusal, RequestKey, Timestamp};

/// A booking with what a merchant has promised for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promised {
    /// Which promise it is.
    pub promise: PromiseNumber,
    /// The request of whoever books: it is the booking's own.
    pub request: RequestKey,
    /// What that request asked for.
    pub fingerprint: Fingerprint,
    /// What is to be booked.
    pub book: Book,
    /// What the slot must still ask for it.
    pub terms: Terms,
    /// Which packages pay how much, in the order of use; none where only the limit is asked.
    pub legs: Vec<Leg>,
    /// The voucher with which it is booked, if it is with one.
    pub voucher: Option<VoucherTerms>,
}

/// What a slot asks of a merchant for a booking, as whoever promised it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How many credits a unit costs; none where it costs none.
    pub price: Option<u32>,
    /// Whether its units count against the merchant's limit.
    pub is_limited: bool,
    /// Whether it is only booked with a voucher.
    pub code_required: bool,
    /// When the slot starts.
    pub starts_at: Timestamp,
}

/// Why a slot has not booked what was promised for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotBooked {
    /// It asks for something else by now: it is to be promised anew.
    Outdated,
    /// The request is known: it was answered before, with another promise or none.
    Known,
    /// There is nobody whom this could be booked with.
    NotFound,
    /// A rule says no.
    Refused(Refusal),
}

impl Promised {
    /// Mixes this into a digest. What is booked is known by the fingerprint of who asked for it.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let Terms { price, is_limited, code_required, starts_at } = self.terms;
        let digest = digest
            .word(self.promise.0)
            .wide(self.request.0)
            .word(self.fingerprint.0)
            .option(price, Digest::word)
            .word(u32::from(is_limited))
            .word(u32::from(code_required))
            .word(starts_at.0)
            .option(self.voucher.as_ref(), |digest, voucher| voucher.digest(digest));
        Leg::digest_all(&self.legs, digest)
    }
}

impl NotBooked {
    /// Mixes this into a digest.
    pub(crate) fn digest(self, digest: Digest) -> Digest {
        match self {
            Self::Outdated => digest.word(0_u32),
            Self::Known => digest.word(1_u32),
            Self::NotFound => digest.word(2_u32),
            Self::Refused(refusal) => digest.word(3_u32).word(refusal as u32),
        }
    }
}
