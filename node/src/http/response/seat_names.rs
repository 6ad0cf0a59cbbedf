//! What seats, areas and categories are called that the rules number.

use std::collections::BTreeMap;

use booking::{Area, Category, Named, Seating};
use seatmap::Seatmap;

/// What a booking has of a house, by name.
pub(crate) struct SeatingNames {
    pub(crate) seats: Vec<String>,
    pub(crate) areas: BTreeMap<String, u32>,
    pub(crate) category: Option<String>,
    pub(crate) together: Option<bool>,
}

impl SeatingNames {
    pub(crate) fn of(seating: &Seating, seatmap: &Seatmap) -> Self {
        let mut reader = seatmap.reader();
        let area = |&(area, places): &(Area, u32)| (seatmap.areas()[usize::from(area.0)].key.clone(), places);
        Self {
            seats: seating.places.seats().iter().map(|seat| reader.name_of(seat.0)).collect(),
            areas: seating.places.areas().iter().map(area).collect(),
            category: seating.category.map(|category| category_key(category, seatmap)),
            together: seating.together,
        }
    }
}

/// What a category is called in requests.
pub(crate) fn category_key(category: Category, seatmap: &Seatmap) -> String {
    seatmap.categories()[usize::from(category.0)].key.clone()
}

/// What a seat or an area is called; none where this map has no such one, which is then not the map of whoever decided.
pub(crate) fn name(named: Named, seatmap: &Seatmap) -> Option<String> {
    match named {
        Named::Seat(seat) => (seat.0 < seatmap.seats()).then(|| seatmap.name_of(seat.0)),
        Named::Area(area) => seatmap.areas().get(usize::from(area.0)).map(|area| area.key.clone()),
    }
}
