//! What is answered where the first version has no word for it.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::seats::Conflict;
use super::view::{BookingView, View};
use crate::stored::each::each;
use crate::{Area, Refusal, Seat, Seq, Timestamp};

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
    AnotherMap,
}

/// What is told with a refusal.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Details {
    Conflicts(Vec<Conflict>),
    Singles(Vec<Seat>),
    LargestBlock(u32),
    InUse { seats: Vec<Seat>, areas: Vec<Area> },
}

impl From<crate::Decision> for Decision {
    fn from(decision: crate::Decision) -> Self {
        use crate::Decision;
        match decision {
            Decision::Slot(view) => Self::Slot(Box::new(view.into())),
            Decision::Booking(booking) => Self::Booking(Box::new(booking.into())),
            Decision::Explained(refusal, details) => Self::Explained(refusal, (*details).into()),
            Decision::AnotherMap => Self::AnotherMap,
            Decision::Refused(_) | Decision::KeyReused | Decision::NotFound | Decision::Forbidden => {
                unreachable!("the first version has the others")
            }
        }
    }
}

impl From<Decision> for crate::Decision {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Slot(view) => Self::Slot((*view).into()),
            Decision::Booking(booking) => Self::Booking((*booking).into()),
            Decision::Explained(refusal, details) => Self::Explained(refusal, Box::new(details.into())),
            Decision::AnotherMap => Self::AnotherMap,
        }
    }
}

impl From<crate::Details> for Details {
    fn from(details: crate::Details) -> Self {
        use crate::Details;
        match details {
            Details::Conflicts(conflicts) => Self::Conflicts(each(conflicts)),
            Details::Singles(seats) => Self::Singles(seats),
            Details::LargestBlock(seats) => Self::LargestBlock(seats),
            Details::InUse { seats, areas } => Self::InUse { seats, areas },
            Details::Quotas(_)
            | Details::Line(_)
            | Details::Range(_)
            | Details::RangesTaken(_)
            | Details::InUseFrom(_) => unreachable!("the versions behind have these"),
        }
    }
}

impl From<Details> for crate::Details {
    fn from(details: Details) -> Self {
        match details {
            Details::Conflicts(conflicts) => Self::Conflicts(each(conflicts)),
            Details::Singles(seats) => Self::Singles(seats),
            Details::LargestBlock(seats) => Self::LargestBlock(seats),
            Details::InUse { seats, areas } => Self::InUse { seats, areas },
        }
    }
}

mirror!(Outcome { seq, at, replayed, decision });
