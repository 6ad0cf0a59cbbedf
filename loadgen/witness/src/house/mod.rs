//! A house: what one slot says of its numbered seats, in words of the witness's own.

mod plan;
pub mod words;

use std::collections::BTreeMap;

pub use self::plan::{Area, Kind, Plan, Row, Seat};
use self::words::{BookingSeats, MapChange, MapView, RecordSeats, SlotSeats};

/// What one slot says of its seats.
#[derive(Clone, Debug)]
pub struct House {
    /// Its map when it was made.
    pub plan: Plan,
    /// Maps that took its place, by id.
    pub later: BTreeMap<String, Plan>,
    /// The slot as it was before the first request.
    pub before: SlotSeats,
    /// The slot when all was over; none where it could not be read.
    pub after: Option<SlotSeats>,
    /// The records of its feed, as many as the feed has.
    pub records: Vec<RecordSeats>,
    /// Bookings read one by one when all was over: the id, the seq at which it is true, and the seats.
    pub bookings: Vec<(String, u64, BookingSeats)>,
    /// Looks at the map while others asked.
    pub looks: Vec<Look>,
}

impl House {
    /// A slot of which nothing is known but what it said before anybody came.
    pub fn new(plan: Plan, before: SlotSeats) -> Self {
        let (records, bookings, looks) = (Vec::new(), Vec::new(), Vec::new());
        Self { plan, later: BTreeMap::new(), before, after: None, records, bookings, looks }
    }
}

/// A look at the map.
#[derive(Clone, Debug)]
pub enum Look {
    /// The whole map.
    Whole(MapView),
    /// What changed.
    Change(MapChange),
    /// It could not be read, for this reason.
    Unreadable(String),
}
