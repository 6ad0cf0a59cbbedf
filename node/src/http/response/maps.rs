//! The seatmaps by which what an answer shows is read: the rules know numbers, and people names.

use std::sync::Arc;

use booking::{BookingView, Content, Decision, Outcome, Record, Stock, Told, View};
use seatmap::Seatmap;
use smallvec::SmallVec;

/// Seatmaps that were read before an answer is written; of units, none.
#[derive(Clone, Default)]
pub(crate) struct Maps(SmallVec<[(Content, Arc<Seatmap>); 1]>);

/// The maps that an answer needs, each once.
pub(crate) type Needed = SmallVec<[Content; 1]>;

impl Maps {
    pub(crate) fn insert(&mut self, map: Content, seatmap: Arc<Seatmap>) {
        self.0.push((map, seatmap));
    }

    /// One that was said to be needed.
    pub(crate) fn get(&self, map: Content) -> &Seatmap {
        let found = self.0.iter().find(|(known, _)| *known == map);
        found.map(|(_, seatmap)| &**seatmap).expect("what an answer needs is read before it is written")
    }

    /// One that may have been read.
    pub(crate) fn find(&self, map: Content) -> Option<Arc<Seatmap>> {
        self.0.iter().find(|(known, _)| *known == map).map(|(_, seatmap)| Arc::clone(seatmap))
    }

    /// The only one there is, if there is one.
    pub(crate) fn only(&self) -> Option<&Seatmap> {
        self.0.first().map(|(_, seatmap)| &**seatmap)
    }
}

/// What a decision shows.
pub(crate) fn needed_by(outcome: &Outcome) -> Needed {
    match &outcome.decision {
        Decision::Slot(view) => of_slot(view).into_iter().collect(),
        Decision::Booking(booking) => of_booking(booking).into_iter().collect(),
        Decision::Refused(_)
        | Decision::Explained(..)
        | Decision::AnotherMap
        | Decision::KeyReused
        | Decision::NotFound
        | Decision::Forbidden => Needed::new(),
    }
}

/// The map by which a slot is sold, if it is one of seats.
pub(crate) fn of_slot(view: &View) -> Option<Content> {
    match &view.definition.stock {
        Stock::Seats(stock) => Some(stock.map),
        Stock::Units { .. } | Stock::Calendar(_) => None,
    }
}

/// The map by which a booking's seats are numbered, if it is one of seats.
pub(crate) fn of_booking(booking: &BookingView) -> Option<Content> {
    booking.seating.as_ref().map(|seating| seating.map)
}

/// The maps of all that a record shows.
pub(crate) fn of_record(record: &Record) -> impl Iterator<Item = Content> + '_ {
    let sold = match record.told.as_deref() {
        Some(Told::Sale { map, .. }) => Some(*map),
        Some(Told::Map(_)) | None => None,
    };
    let house = record.house.as_ref().map(|house| house.map);
    record.bookings.iter().filter_map(of_booking).chain(house).chain(sold)
}

/// Each once.
pub(crate) fn each_once(maps: impl Iterator<Item = Content>) -> Needed {
    let mut needed = Needed::new();
    for map in maps {
        if !needed.contains(&map) {
            needed.push(map);
        }
    }
    needed
}
