//! What happened, for whoever listens: one record for each `seq` of a slot, the same on every replica.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::{BookingView, CalendarView, Counts, HouseView, Seq, Timestamp, Told};

/// One step that changed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The number of the change.
    pub seq: Seq,
    /// The step's stamp.
    pub at: Timestamp,
    /// What was asked for, or that time alone did it.
    pub kind: Kind,
    /// Every booking that the step changed, as it is after it: the one asked for first, then in the order in
    /// which the rules changed them. Only one that joined the waitlist in this step has a position.
    pub bookings: Vec<BookingView>,
    /// Where the slot's units are after it.
    pub counts: Counts,
    /// Where its seats are, if it is a slot of seats.
    pub house: Option<Arc<HouseView>>,
    /// Where everything of its calendar is, if it is one.
    pub calendar: Option<Arc<CalendarView>>,
    /// What else is told, where a change is not one of bookings.
    pub told: Option<Box<Told>>,
}

/// What was asked for, or that time alone did it. A word of the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// The slot was made.
    SlotCreated,
    /// The slot was changed.
    SlotChanged,
    /// The slot was cancelled, and every live booking with it.
    SlotCancelled,
    /// A booking was made.
    Booked,
    /// A held booking was confirmed.
    Confirmed,
    /// A hold was made longer.
    Extended,
    /// An offer was accepted.
    Accepted,
    /// An offer was declined.
    Declined,
    /// A booking was given back.
    Cancelled,
    /// Time alone: a deadline passed.
    Lapsed,
    /// Time alone: the slot ended, and with it what was held, offered or waiting.
    Finished,
    /// A booking is for fewer.
    QuantityChanged,
    /// A booking has other seats.
    Reseated,
    /// Seats are sold otherwise.
    SeatsChanged,
    /// A booking has another range.
    Moved,
}
