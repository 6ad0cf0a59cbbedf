//! One map in place of another: where each seat, area, category and section of the old one is in the new one, by name.

use booking::{Area, Category, MapChange, Seat, Section, Table};
use seatmap::Place;

use super::seats::House;
use super::slot::NewHouse;

/// What changes where this house is sold by another map from now on. What has no name in the new one is gone.
pub(crate) fn map_change(house: &House<'_>, new: &NewHouse) -> MapChange {
    let NewHouse { map, plan, seatmap: new } = new.clone();
    let old = house.seatmap;
    let seat = |seat| match new.find(&old.name_of(seat)) {
        Some(Place::Seat(found)) => Some(Seat(found)),
        Some(Place::Row { .. } | Place::Section { .. } | Place::Area(_)) | None => None,
    };
    let area = |area: &seatmap::Area| match new.find(&area.key) {
        Some(Place::Area(found)) => Some(Area(found)),
        Some(Place::Seat(_) | Place::Row { .. } | Place::Section { .. }) | None => None,
    };
    let section = |section: &seatmap::Section| match new.find(&section.key) {
        Some(Place::Section { section, .. }) => Some(Section(section)),
        Some(Place::Seat(_) | Place::Row { .. } | Place::Area(_)) | None => None,
    };
    let seats = (0..old.seats()).map(seat).collect();
    let table = Table { seats, areas: old.areas().iter().map(area).collect() };
    let category = |category: &seatmap::Category| new.category(&category.key).map(Category);
    MapChange {
        map,
        plan,
        from: house.map,
        table,
        categories: old.categories().iter().map(category).collect(),
        sections: old.sections().iter().map(section).collect(),
    }
}
