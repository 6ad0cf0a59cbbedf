//! Seats: what is asked for by name becomes numbers, within every bound, and what is shown by number gets its names again.

use std::collections::{BTreeMap, BTreeSet};

use api::booking::CreateBooking;
use api::seats::{AreaPlaces, Letter, SellSeats, SlotSeats};
use booking::limits::ALLOTMENT_NAME_BYTES_MAX;
use booking::{
    Act, Allotment, AllotmentCounts, Area, Asker, Best, Category, ChangeSale, Content, Party, Pick, Seat,
    SeatMap, SeatRun, SeatmapId, SeatsAsked, SeatsWish, Section, Seq, Shown, Swap, SwapSeats, Together, Wish,
};
use seatmap::{Place, RowSeats, Seatmap};

use super::field_errors::FieldErrors;
use crate::http::response::problem::ProblemResponse;
use crate::ids;
use crate::views::seat_journal::{Run, SeatChanges};

/// For how many seats, or places, one request is at most: the rules find the best for no more.
const PARTY_MAX: u32 = 100;
/// How many categories the best seats may be looked for in.
const WISHED_CATEGORIES_MAX: usize = 8;
/// How many sections.
const WISHED_SECTIONS_MAX: usize = 64;

/// The house of a slot, as the door sees it.
#[derive(Clone, Copy)]
pub(crate) struct House<'all> {
    pub(crate) map: Content,
    pub(crate) seatmap: &'all Seatmap,
    /// Those for whom seats are kept, each at the place of its number.
    pub(crate) kept_for: &'all [(Box<str>, AllotmentCounts)],
}

/// What a request for seats of this house wishes. Where something is at fault with it, that is noted, and the wish is none.
pub(super) fn wish(
    errors: &mut FieldErrors,
    asked: &CreateBooking,
    house: &House<'_>,
    by: Asker,
) -> Option<Wish> {
    let allotment = asked.allotment.as_deref().and_then(|name| allotment(errors, name, house));
    let is_pick = asked.seats.is_some() || asked.areas.is_some();
    let asked = if is_pick {
        errors.check(asked.best.is_none(), "/best", "must be left out where seats or areas are named");
        SeatsAsked::Pick(pick(errors, asked, house, allotment))
    } else {
        errors.check(
            asked.accessible.is_none(),
            "/accessible",
            "must stand in best where no seats are named",
        );
        SeatsAsked::Best(best(errors, asked, house, allotment)?)
    };
    Some(Wish::Seats(Box::new(SeatsWish { map: house.map, by, asked })))
}

/// What a request for units must not say.
pub(super) fn check_units(errors: &mut FieldErrors, asked: &CreateBooking) {
    let said = [
        (asked.seats.is_some(), "/seats"),
        (asked.areas.is_some(), "/areas"),
        (asked.accessible.is_some(), "/accessible"),
        (asked.best.is_some(), "/best"),
        (asked.allotment.is_some(), "/allotment"),
    ];
    for (_, pointer) in said.into_iter().filter(|(is_said, _)| *is_said) {
        errors.check(false, pointer, "must be left out: the slot has no seats");
    }
}

fn allotment(errors: &mut FieldErrors, name: &str, house: &House<'_>) -> Option<Allotment> {
    let found = house.kept_for.iter().position(|(known, _)| **known == *name);
    errors.check(found.is_some(), "/allotment", "must be a name for which seats were kept");
    found.map(|number| Allotment(u8::try_from(number).expect("the rules keep seats for 64 at most")))
}

/// Seats and places that are named.
fn pick(
    errors: &mut FieldErrors,
    asked: &CreateBooking,
    house: &House<'_>,
    allotment: Option<Allotment>,
) -> Pick {
    let most = PARTY_MAX as usize;
    let names = asked.seats.as_deref().unwrap_or_default();
    let is_bounded = names.len() <= most;
    errors.check(
        asked.seats.is_none() || (is_bounded && !names.is_empty()),
        "/seats",
        format_args!("must be 1 to {most} names of seats"),
    );
    // What is too long is not looked through: a fault for every name of it would be longer still.
    let seats = if is_bounded { named_seats(errors, names, "/seats", house.seatmap) } else { Vec::new() };
    let areas =
        asked.areas.as_ref().map(|areas| named_areas(errors, areas, house.seatmap)).unwrap_or_default();
    let places = areas.iter().map(|(_, places)| u64::from(*places)).sum::<u64>() + names.len() as u64;
    errors.check(
        asked.quantity.map(|quantity| u64::from(quantity) == places),
        "/quantity",
        "must be left out, or be the number of seats and places that are named",
    );
    let accessible = asked.accessible.unwrap_or(0);
    errors.check(
        accessible as usize <= names.len(),
        "/accessible",
        "must be at most the number of seats that are named",
    );
    Pick { seats, areas, accessible, allotment }
}

/// The seats that are called so, each once.
pub(super) fn named_seats(
    errors: &mut FieldErrors,
    names: &[String],
    pointer: &str,
    seatmap: &Seatmap,
) -> Vec<Seat> {
    let (mut seen, mut reader) = (BTreeSet::new(), seatmap.reader());
    let mut seats = Vec::with_capacity(names.len());
    for (place, name) in names.iter().enumerate() {
        let found = reader.seat(name).map(Seat);
        let pointer = || format!("{pointer}/{place}");
        match found {
            None => errors.check(false, &pointer(), "must be a seat of the slot's map: section/row/number"),
            Some(seat) if !seen.insert(seat) => {
                errors.check(false, &pointer(), "must not be named twice");
            }
            Some(seat) => seats.push(seat),
        }
    }
    seats
}

/// So many places of the areas that are called so, 1 to 100 in all.
fn named_areas(
    errors: &mut FieldErrors,
    asked: &BTreeMap<String, u32>,
    seatmap: &Seatmap,
) -> Vec<(Area, u32)> {
    let sum = asked.values().map(|places| u64::from(*places)).sum::<u64>();
    let is_bounded = (1..=u64::from(PARTY_MAX)).contains(&sum) && asked.len() <= PARTY_MAX as usize;
    errors.check(is_bounded, "/areas", format_args!("must be 1 to {PARTY_MAX} places in all"));
    if !is_bounded {
        return Vec::new();
    }
    let mut areas = Vec::with_capacity(asked.len());
    for (key, places) in asked {
        let pointer = || format!("/areas/{}", key.replace('~', "~0").replace('/', "~1"));
        match seatmap.find(key) {
            Some(Place::Area(area)) if 0 < *places => areas.push((Area(area), *places)),
            Some(Place::Area(_)) => errors.check(false, &pointer(), "must be 1 place or more"),
            Some(Place::Seat(_) | Place::Row { .. } | Place::Section { .. }) | None => {
                errors.check(false, &pointer(), "must be an area of the slot's map");
            }
        }
    }
    areas
}

/// The best seats there are: of the one category of the map, where nothing else is said.
fn best(
    errors: &mut FieldErrors,
    asked: &CreateBooking,
    house: &House<'_>,
    allotment: Option<Allotment>,
) -> Option<Best> {
    errors.check(
        asked.quantity.is_some_and(|it| (1..=PARTY_MAX).contains(&it)),
        if asked.lines.is_some() { "/lines" } else { "/quantity" },
        format_args!("must be 1 to {PARTY_MAX}, or seats or areas must be named"),
    );
    let has_one = house.seatmap.categories().len() == 1;
    let Some(wanted) = &asked.best else {
        errors.check(has_one, "/best", "must be given, with categories: the slot's map has more than one");
        let usual = Best {
            quantity: asked.quantity?,
            categories: vec![Category(0)],
            together: Together::Prefer,
            accessible: 0,
            sections: Vec::new(),
            allotment,
        };
        return has_one.then_some(usual);
    };
    let categories = if let Some(keys) = &wanted.categories {
        wished_categories(errors, keys, house.seatmap)
    } else {
        errors.check(has_one, "/best/categories", "must be given: the slot's map has more than one");
        vec![Category(0)]
    };
    let sections = wished_sections(errors, &wanted.sections, house.seatmap);
    let quantity = asked.quantity?;
    errors.check(wanted.accessible <= quantity, "/best/accessible", "must be at most the quantity");
    let together = match wanted.together {
        api::booking::Together::Must => Together::Must,
        api::booking::Together::Prefer => Together::Prefer,
    };
    Some(Best { quantity, categories, together, accessible: wanted.accessible, sections, allotment })
}

fn wished_categories(errors: &mut FieldErrors, keys: &[String], seatmap: &Seatmap) -> Vec<Category> {
    let find = |key: &str| seatmap.category(key).map(Category);
    let bounds = (1, WISHED_CATEGORIES_MAX);
    wished(errors, keys, "/best/categories", bounds, "must be the key of a category of the slot's map", find)
}

fn wished_sections(errors: &mut FieldErrors, keys: &[String], seatmap: &Seatmap) -> Vec<Section> {
    let find = |key: &str| {
        let Some(Place::Section { section, .. }) = seatmap.find(key) else { return None };
        Some(Section(section))
    };
    let bounds = (0, WISHED_SECTIONS_MAX);
    wished(errors, keys, "/best/sections", bounds, "must be the key of a section of the slot's map", find)
}

/// What these keys stand for, each once, and so many as may be named.
fn wished<T: Copy + Ord>(
    errors: &mut FieldErrors,
    keys: &[String],
    pointer: &str,
    (least, most): (usize, usize),
    what: &str,
    find: impl Fn(&str) -> Option<T>,
) -> Vec<T> {
    let is_bounded = (least..=most).contains(&keys.len());
    errors.check(is_bounded, pointer, format_args!("must be {least} to {most} keys"));
    let mut found: Vec<T> = Vec::new();
    for (place, key) in keys.iter().take(most).enumerate() {
        let pointer = || format!("{pointer}/{place}");
        match find(key) {
            None => errors.check(false, &pointer(), what),
            Some(one) if found.contains(&one) => errors.check(false, &pointer(), "must not be named twice"),
            Some(one) => found.push(one),
        }
    }
    found
}

/// How seats of this house are to be sold from now on: seats, rows and sections by name, each seat once.
pub(crate) fn sale(asked: &SellSeats, house: &House<'_>) -> Result<ChangeSale, ProblemResponse> {
    let mut errors = FieldErrors::default();
    let mut seen = vec![false; house.seatmap.seats() as usize];
    let mut runs = |names: &[String], pointer: &str| sale_runs(&mut errors, names, pointer, house, &mut seen);
    let (block, open) = (runs(&asked.block, "/block"), runs(&asked.open, "/open"));
    let mut allot = Vec::with_capacity(asked.allot.len());
    for (name, names) in &asked.allot {
        let pointer = format!("/allot/{}", name.replace('~', "~0").replace('/', "~1"));
        allot.push((name.as_str().into(), runs(names, &pointer)));
    }
    let bounds = format_args!("must have names of 1 to {ALLOTMENT_NAME_BYTES_MAX} bytes").to_string();
    let are_names = asked.allot.keys().all(|name| (1..=ALLOTMENT_NAME_BYTES_MAX).contains(&name.len()));
    errors.check(are_names, "/allot", bounds);
    errors.done(ChangeSale { map: house.map, block, open, allot })
}

/// Seats that are sold alike. Every seat that was named before is at fault.
fn sale_runs(
    errors: &mut FieldErrors,
    names: &[String],
    pointer: &str,
    house: &House<'_>,
    seen: &mut [bool],
) -> Vec<SeatRun> {
    let mut runs = Vec::with_capacity(names.len());
    for (place, name) in names.iter().enumerate() {
        let pointer = || format!("{pointer}/{place}");
        let seats = match house.seatmap.find(name) {
            Some(Place::Seat(seat)) => seat..seat + 1,
            Some(Place::Row { seats, .. } | Place::Section { seats, .. }) => seats,
            Some(Place::Area(_)) | None => {
                errors.check(false, &pointer(), "must be a seat, a row or a section of the slot's map");
                continue;
            }
        };
        let own = &mut seen[seats.start as usize..seats.end as usize];
        errors.check(!own.contains(&true), &pointer(), "must not name a seat that is named before");
        own.fill(true);
        runs.push(SeatRun { first: Seat(seats.start), length: seats.end - seats.start });
    }
    runs
}

/// Which seats of a booking are to be given for which.
pub(crate) fn swap(
    asked: &api::seats::SwapSeats,
    act: Act,
    house: &House<'_>,
) -> Result<SwapSeats, ProblemResponse> {
    let mut errors = FieldErrors::default();
    let most = PARTY_MAX as usize;
    let mut seats = |names: &[String], pointer: &str| {
        errors.check(names.len() <= most, pointer, format_args!("must be at most {most} names of seats"));
        let names = if names.len() <= most { names } else { &[] };
        named_seats(&mut errors, names, pointer, house.seatmap)
    };
    let (add, drop) = (seats(&asked.add, "/add"), seats(&asked.drop, "/drop"));
    errors.check(!(asked.add.is_empty() && asked.drop.is_empty()), "", "must add a seat or drop one");
    // A swap has no words for a need, nor for what is kept for somebody: a customer declares one when they book, and an organizer who
    // names a space for a wheelchair means it. What is kept is opened first.
    let accessible = match act.by {
        Party::Organizer => u32::try_from(add.len()).expect("100 at most"),
        Party::Customer(_) => 0,
    };
    let swap = Swap { add, drop, accessible, allotment: None };
    errors.done(SwapSeats { act, map: house.map, swap })
}

/// A slot's seats as everyone may see them: all, or a section's.
pub(crate) fn shown(
    seats: &SeatMap,
    seq: Seq,
    id: SeatmapId,
    seatmap: &Seatmap,
    section: Option<Section>,
) -> SlotSeats {
    let shown: Vec<Shown> = seats.seats().collect();
    let letter = |seat: u32| match shown[seat as usize] {
        Shown::Free => 'f',
        Shown::Held => 'h',
        Shown::Taken => 't',
    };
    let row = |row: RowSeats| {
        let blocks = row.blocks.iter().map(|block| block.clone().map(letter).collect::<String>());
        (row.name, blocks.collect::<Vec<_>>().join(" "))
    };
    let wanted = |row: &RowSeats| section.is_none_or(|section| section.0 == row.section);
    let area = |(area, &(capacity, free)): (&seatmap::Area, &(u32, u32))| {
        (area.key.clone(), AreaPlaces { capacity, free })
    };
    let areas = seatmap.areas().iter().zip(&seats.areas).filter(|_| section.is_none());
    SlotSeats {
        seq: seq.0,
        map: ids::seatmap_text(id),
        rows: seatmap.row_seats().filter(wanted).map(row).collect(),
        areas: areas.map(area).collect(),
    }
}

/// What changed of a slot's seats since `after`.
pub(crate) fn changes(changes: &SeatChanges, after: Seq, seatmap: &Seatmap) -> api::seats::SeatChanges {
    let run = |run: &Run| {
        let letter = match run.shown {
            Shown::Free => Letter::Free,
            Shown::Held => Letter::Held,
            Shown::Taken => Letter::Taken,
        };
        (run.first, run.length, letter)
    };
    let area = |&(Area(area), (_, free)): &(Area, (u32, u32))| {
        (seatmap.areas()[usize::from(area)].key.clone(), free)
    };
    api::seats::SeatChanges {
        after: after.0,
        seq: changes.seq.0,
        runs: changes.runs.iter().map(run).collect(),
        areas: changes.areas.iter().map(area).collect(),
    }
}
