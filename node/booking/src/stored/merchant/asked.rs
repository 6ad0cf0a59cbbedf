//! What is granted, and what is to be promised for a booking.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::account::Plan;
use crate::stored::v6::{Terms, booked};
use crate::{Level, PackageNumber, Timestamp, merchant, stored};

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Grant {
    customer: Box<str>,
    plan: Plan,
    valid_from: Option<Timestamp>,
    valid_until: Option<Timestamp>,
}

/// The booking as whoever books has asked the slot for it, and what is beside that.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reserve {
    booking: stored::Request,
    terms: Terms,
    tags: Vec<Box<str>>,
    packages: Vec<PackageNumber>,
    firsts: Vec<(PackageNumber, Timestamp)>,
    code: Option<Box<str>>,
}

impl From<merchant::Grant> for Grant {
    fn from(grant: merchant::Grant) -> Self {
        let merchant::Grant { customer, plan, valid_from, valid_until } = grant;
        Self { customer, plan: Arc::unwrap_or_clone(plan).into(), valid_from, valid_until }
    }
}

impl From<Grant> for merchant::Grant {
    fn from(grant: Grant) -> Self {
        let Grant { customer, plan, valid_from, valid_until } = grant;
        Self { customer, plan: Arc::new(plan.into()), valid_from, valid_until }
    }
}

impl Reserve {
    /// The shape that is written under this level.
    pub(super) fn at(level: Level, reserve: merchant::Reserve) -> Self {
        let merchant::Reserve { slot, request: key, fingerprint, book, terms, tags, packages, .. } = reserve;
        let (firsts, code) = (reserve.firsts, reserve.code);
        let command = crate::Command::Book(book);
        let booking = stored::Request::at(level, crate::Request { slot, key, fingerprint, command });
        Self { booking, terms: terms.into(), tags, packages, firsts, code }
    }
}

impl From<Reserve> for merchant::Reserve {
    fn from(reserve: Reserve) -> Self {
        let Reserve { booking, terms, tags, packages, firsts, code } = reserve;
        let (slot, request, fingerprint, book) = booked(booking);
        Self { slot, request, fingerprint, book, terms: terms.into(), tags, packages, firsts, code }
    }
}
