//! What is answered where the versions before have no word for it.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::view::{BookingView, View};
use crate::{Details, Refusal, Seq, Timestamp};

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
    Exhausted(Refusal, Vec<Box<str>>),
    OfLine(Refusal, u32),
}

impl From<crate::Decision> for Decision {
    fn from(decision: crate::Decision) -> Self {
        use crate::Decision;
        match decision {
            Decision::Slot(view) => Self::Slot(Box::new(view.into())),
            Decision::Booking(booking) => Self::Booking(Box::new(booking.into())),
            Decision::Explained(refusal, details) => match *details {
                Details::Quotas(quotas) => Self::Exhausted(refusal, quotas),
                Details::Line(place) => Self::OfLine(refusal, place),
                Details::Conflicts(_)
                | Details::Singles(_)
                | Details::LargestBlock(_)
                | Details::InUse { .. } => unreachable!("the third version has the others"),
                Details::Range(_) | Details::RangesTaken(_) | Details::InUseFrom(_) => {
                    unreachable!("the fifth version has these")
                }
            },
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
            Decision::Exhausted(refusal, quotas) => {
                Self::Explained(refusal, Box::new(Details::Quotas(quotas)))
            }
            Decision::OfLine(refusal, place) => Self::Explained(refusal, Box::new(Details::Line(place))),
        }
    }
}

mirror!(Outcome { seq, at, replayed, decision });
