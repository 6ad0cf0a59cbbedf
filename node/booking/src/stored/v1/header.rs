//! The part of a slot that there is once, as it is saved.

use alloc::sync::Arc;

use serde::{Deserialize, Serialize};

use super::definition::Definition;
use super::intents::IntentCounts;
use crate::{Fingerprint, RequestKey, Seq, SlotId, Timestamp};

/// The part of a slot that there is once.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    id: SlotId,
    definition: Definition,
    origin: Origin,
    seq: Seq,
    stamp: Timestamp,
    cancelled: bool,
    bookings: u32,
    receipts_made: u64,
    counts: Counts,
    digest: u64,
    made_as: Option<Definition>,
    loosest_limit: Option<u32>,
    away: Away,
    intents: IntentCounts,
}

/// The request that made a slot.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Origin {
    request: RequestKey,
    fingerprint: Fingerprint,
    at: Timestamp,
}

/// Where a slot's units are.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Counts {
    capacity: u32,
    free: u32,
    held: u32,
    offered: u32,
    confirmed: u32,
    waitlisted: u32,
}

/// Bookings that have left memory.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Away {
    bookings: u32,
    digest: u64,
}

impl From<crate::Header> for Header {
    fn from(header: crate::Header) -> Self {
        let crate::Header {
            id,
            definition,
            origin,
            seq,
            stamp,
            cancelled,
            bookings,
            receipts_made,
            counts,
            house,
            goods,
            calendar,
            digest,
            made_as,
            made_house,
            loosest_limit,
            away,
            intents,
            account,
        } = header;
        assert!(account.is_none(), "the sixth version has a slot's merchant");
        let is_of_units = house.is_none() && made_house.is_none() && goods.is_none() && calendar.is_none();
        assert!(is_of_units, "the first version knows units alone");
        Self {
            id,
            definition: definition.into(),
            origin: origin.into(),
            seq,
            stamp,
            cancelled,
            bookings,
            receipts_made,
            counts: counts.into(),
            digest,
            made_as: made_as.map(|made_as| Arc::unwrap_or_clone(made_as).into()),
            loosest_limit,
            away: away.into(),
            intents: intents.into(),
        }
    }
}

impl From<Header> for crate::Header {
    fn from(header: Header) -> Self {
        let Header {
            id,
            definition,
            origin,
            seq,
            stamp,
            cancelled,
            bookings,
            receipts_made,
            counts,
            digest,
            made_as,
            loosest_limit,
            away,
            intents,
        } = header;
        Self {
            id,
            definition: definition.into(),
            origin: origin.into(),
            seq,
            stamp,
            cancelled,
            bookings,
            receipts_made,
            counts: counts.into(),
            house: None,
            goods: None,
            calendar: None,
            digest,
            made_as: made_as.map(|made_as| Arc::new(made_as.into())),
            made_house: None,
            loosest_limit,
            away: away.into(),
            intents: intents.into(),
            account: None,
        }
    }
}

impl From<crate::Origin> for Origin {
    fn from(origin: crate::Origin) -> Self {
        let crate::Origin { request, fingerprint, at } = origin;
        Self { request, fingerprint, at }
    }
}

impl From<Origin> for crate::Origin {
    fn from(origin: Origin) -> Self {
        let Origin { request, fingerprint, at } = origin;
        Self { request, fingerprint, at }
    }
}

impl From<crate::Counts> for Counts {
    #[inline]
    fn from(counts: crate::Counts) -> Self {
        let crate::Counts { capacity, free, held, offered, confirmed, waitlisted } = counts;
        Self { capacity, free, held, offered, confirmed, waitlisted }
    }
}

impl From<Counts> for crate::Counts {
    #[inline]
    fn from(counts: Counts) -> Self {
        let Counts { capacity, free, held, offered, confirmed, waitlisted } = counts;
        Self { capacity, free, held, offered, confirmed, waitlisted }
    }
}

impl From<crate::Away> for Away {
    fn from(away: crate::Away) -> Self {
        let crate::Away { bookings, digest } = away;
        Self { bookings, digest }
    }
}

impl From<Away> for crate::Away {
    fn from(away: Away) -> Self {
        let Away { bookings, digest } = away;
        Self { bookings, digest }
    }
}
