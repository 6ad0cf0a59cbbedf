//! What is answered.

use alloc::boxed::Box;

use serde::{Deserialize, Serialize};

use super::view::{BookingView, View};
use crate::{Refusal, Seq, Timestamp};

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
pub(in crate::stored) enum Decision {
    Slot(Box<View>),
    Booking(BookingView),
    Refused(Refusal),
    KeyReused,
    NotFound,
    Forbidden,
}

impl From<crate::Outcome> for Outcome {
    fn from(outcome: crate::Outcome) -> Self {
        let crate::Outcome { seq, at, replayed, decision } = outcome;
        Self { seq, at, replayed, decision: decision.into() }
    }
}

impl From<Outcome> for crate::Outcome {
    fn from(outcome: Outcome) -> Self {
        let Outcome { seq, at, replayed, decision } = outcome;
        Self { seq, at, replayed, decision: decision.into() }
    }
}

impl From<crate::Decision> for Decision {
    fn from(decision: crate::Decision) -> Self {
        use crate::Decision;
        match decision {
            Decision::Slot(view) => Self::Slot(Box::new(view.into())),
            Decision::Booking(booking) => Self::Booking(booking.into()),
            Decision::Refused(refusal) => Self::Refused(refusal),
            Decision::Explained(..) | Decision::AnotherMap => {
                unreachable!("the first version has no word for it")
            }
            Decision::KeyReused => Self::KeyReused,
            Decision::NotFound => Self::NotFound,
            Decision::Forbidden => Self::Forbidden,
        }
    }
}

impl From<Decision> for crate::Decision {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Slot(view) => Self::Slot((*view).into()),
            Decision::Booking(booking) => Self::Booking(booking.into()),
            Decision::Refused(refusal) => Self::Refused(refusal),
            Decision::KeyReused => Self::KeyReused,
            Decision::NotFound => Self::NotFound,
            Decision::Forbidden => Self::Forbidden,
        }
    }
}
