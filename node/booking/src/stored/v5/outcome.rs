//! What is answered of a calendar.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::range::Range;
use super::view::{BookingView, View};
use crate::stored::each::each;
use crate::{RangeRefused, Refusal, Seq, Timestamp};

/// The answer to one request.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    seq: Seq,
    at: Timestamp,
    replayed: bool,
    decision: Decision,
}

/// What was decided.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Decision {
    Slot(Box<View>),
    Booking(Box<BookingView>),
    Explained(Refusal, Details),
}

/// What is told with a refusal.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Details {
    Range(RangeRefused),
    RangesTaken(Vec<Range>),
    InUseFrom(Timestamp),
}

impl From<crate::Decision> for Decision {
    fn from(decision: crate::Decision) -> Self {
        use crate::Decision;
        match decision {
            Decision::Slot(view) => Self::Slot(Box::new(view.into())),
            Decision::Booking(booking) => Self::Booking(Box::new(booking.into())),
            Decision::Explained(refusal, details) => Self::Explained(refusal, (*details).into()),
            Decision::Refused(_)
            | Decision::AnotherMap
            | Decision::KeyReused
            | Decision::NotFound
            | Decision::Forbidden => unreachable!("the versions before have the others"),
        }
    }
}

impl From<Decision> for crate::Decision {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Slot(view) => Self::Slot((*view).into()),
            Decision::Booking(booking) => Self::Booking((*booking).into()),
            Decision::Explained(refusal, details) => Self::Explained(refusal, Box::new(details.into())),
        }
    }
}

impl From<crate::Details> for Details {
    fn from(details: crate::Details) -> Self {
        use crate::Details;
        match details {
            Details::Range(reason) => Self::Range(reason),
            Details::RangesTaken(ranges) => Self::RangesTaken(each(ranges)),
            Details::InUseFrom(first) => Self::InUseFrom(first),
            Details::Conflicts(_)
            | Details::Singles(_)
            | Details::Quotas(_)
            | Details::Line(_)
            | Details::LargestBlock(_)
            | Details::InUse { .. } => unreachable!("the versions before have the others"),
        }
    }
}

impl From<Details> for crate::Details {
    fn from(details: Details) -> Self {
        match details {
            Details::Range(reason) => Self::Range(reason),
            Details::RangesTaken(ranges) => Self::RangesTaken(each(ranges)),
            Details::InUseFrom(first) => Self::InUseFrom(first),
        }
    }
}

mirror!(Outcome { seq, at, replayed, decision });
