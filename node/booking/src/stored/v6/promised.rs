//! A booking with what is promised for it.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::fate::Leg;
use super::voucher::VoucherTerms;
use crate::stored::{self, each::each};
use crate::{Book, Fingerprint, Level, PromiseNumber, RequestKey, SlotId, Timestamp};

/// The booking as whoever books has asked the slot for it, and what is promised for it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Promised {
    promise: PromiseNumber,
    booking: stored::Request,
    terms: Terms,
    legs: Vec<Leg>,
    voucher: Option<VoucherTerms>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Terms {
    price: Option<u32>,
    is_limited: bool,
    code_required: bool,
    starts_at: Timestamp,
}

/// The parts of a request that books.
pub(in crate::stored) fn booked(request: stored::Request) -> (SlotId, RequestKey, Fingerprint, Book) {
    let crate::Request { slot, key, fingerprint, command } = request.into();
    let crate::Command::Book(book) = command else { unreachable!("only who books is promised anything") };
    (slot, key, fingerprint, book)
}

impl Promised {
    /// The shape that is written under this level, of what this slot is asked.
    pub(in crate::stored) fn at(level: Level, slot: SlotId, promised: crate::Promised) -> Self {
        let crate::Promised { promise, request: key, fingerprint, book, terms, legs, voucher } = promised;
        let command = crate::Command::Book(book);
        let booking = stored::Request::at(level, crate::Request { slot, key, fingerprint, command });
        let (terms, legs, voucher) = (terms.into(), each(legs), voucher.map(Into::into));
        Self { promise, booking, terms, legs, voucher }
    }
}

impl From<Promised> for crate::Promised {
    fn from(promised: Promised) -> Self {
        let Promised { promise, booking, terms, legs, voucher } = promised;
        let (_slot, request, fingerprint, book) = booked(booking);
        let (terms, legs, voucher) = (terms.into(), each(legs), voucher.map(Into::into));
        Self { promise, request, fingerprint, book, terms, legs, voucher }
    }
}

mirror!(Terms { price, is_limited, code_required, starts_at });
