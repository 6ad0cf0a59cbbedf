//! A booking as it is saved.

use alloc::boxed::Box;
use core::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::{BookingRecord, Fingerprint, Mode, Number, RequestKey, Seq, Timestamp, Unfinished};

/// One booking.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    number: Number,
    request: RequestKey,
    fingerprint: Fingerprint,
    customer: Box<str>,
    quantity: u32,
    mode: Mode,
    hold_seconds: Option<u32>,
    created_at: Timestamp,
    first: FirstAnswer,
    first_position: Option<NonZeroU32>,
    standing: Standing,
}

/// What was answered when a booking was made.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct FirstAnswer {
    seq: Seq,
    standing: Standing,
}

/// Where a booking stands, with the deadline that goes with it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) enum Standing {
    Held { until: Timestamp, lasts_ms: u32 },
    Offered { until: Timestamp },
    Waitlisted,
    Confirmed,
    Cancelled { at: Timestamp },
    Declined { at: Timestamp },
    Expired { was: Unfinished, at: Timestamp },
}

impl From<BookingRecord> for Booking {
    #[inline]
    fn from(booking: BookingRecord) -> Self {
        let BookingRecord {
            number,
            request,
            fingerprint,
            customer,
            quantity,
            first_quantity,
            mode,
            hold_seconds,
            created_at,
            first,
            first_position,
            standing,
        } = booking;
        assert!(first_quantity.is_none(), "the first version knows one quantity");
        Self {
            number,
            request,
            fingerprint,
            customer,
            quantity,
            mode,
            hold_seconds: hold_seconds.map(NonZeroU32::get),
            created_at,
            first: FirstAnswer { seq: first.seq, standing: first.standing.into() },
            first_position,
            standing: standing.into(),
        }
    }
}

impl From<Booking> for BookingRecord {
    #[inline]
    fn from(booking: Booking) -> Self {
        let Booking {
            number,
            request,
            fingerprint,
            customer,
            quantity,
            mode,
            hold_seconds,
            created_at,
            first,
            first_position,
            standing,
        } = booking;
        Self {
            number,
            request,
            fingerprint,
            customer,
            quantity,
            first_quantity: None,
            mode,
            // The door lets no wish for no time at all in, and the rules make the least of it.
            hold_seconds: hold_seconds.map(|seconds| NonZeroU32::new(seconds).unwrap_or(NonZeroU32::MIN)),
            created_at,
            first: crate::FirstAnswer { seq: first.seq, standing: first.standing.into() },
            first_position,
            standing: standing.into(),
        }
    }
}

impl From<crate::Standing> for Standing {
    #[inline]
    fn from(standing: crate::Standing) -> Self {
        use crate::Standing;
        match standing {
            Standing::Held { until, lasts_ms } => Self::Held { until, lasts_ms },
            Standing::Offered { until } => Self::Offered { until },
            Standing::Waitlisted => Self::Waitlisted,
            Standing::Confirmed => Self::Confirmed,
            Standing::Cancelled { at } => Self::Cancelled { at },
            Standing::Declined { at } => Self::Declined { at },
            Standing::Expired { was, at } => Self::Expired { was, at },
        }
    }
}

impl From<Standing> for crate::Standing {
    #[inline]
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Held { until, lasts_ms } => Self::Held { until, lasts_ms },
            Standing::Offered { until } => Self::Offered { until },
            Standing::Waitlisted => Self::Waitlisted,
            Standing::Confirmed => Self::Confirmed,
            Standing::Cancelled { at } => Self::Cancelled { at },
            Standing::Declined { at } => Self::Declined { at },
            Standing::Expired { was, at } => Self::Expired { was, at },
        }
    }
}
