//! A seatmap: the parsed, valid map of a house.

use std::ops::Range;

use crate::number::Number;

/// A valid map: categories, sections with rows of seats, and areas.
///
/// Everything has a number, from 0 in the order of the map: categories, sections, rows over all sections, seats over all rows, areas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seatmap {
    pub(crate) name: String,
    pub(crate) focus: Point,
    pub(crate) categories: Vec<Category>,
    pub(crate) sections: Vec<Section>,
    pub(crate) areas: Vec<Area>,
    /// Numbers of sections, by key.
    pub(crate) sections_by_key: Vec<u16>,
}

/// A place on the plane, in whatever unit the map uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Point {
    /// To the right.
    pub x: i32,
    /// Away from the stage, or to it: only distances count.
    pub y: i32,
}

/// What a price is made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// What it is called in requests.
    pub key: String,
    /// What it is called for people.
    pub name: String,
}

/// A part of the house that has rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What it is called in requests, and in the names of its seats.
    pub key: String,
    /// What it is called for people.
    pub name: String,
    /// At least one.
    pub(crate) rows: Vec<Row>,
    /// Which of all rows is the first.
    pub(crate) first_row: u16,
    /// Which of its rows, from 0, by key.
    pub(crate) rows_by_key: Vec<u16>,
}

/// Places without numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// What it is called in requests.
    pub key: String,
    /// What it is called for people.
    pub name: String,
    /// The number of its category.
    pub category: u8,
    /// How many places it has.
    pub capacity: u32,
}

/// A row as it stands in the map, aisles and all. A position is where in it a seat is, from 0, and aisles are not counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) key: String,
    /// What its seats are called, by position.
    pub(crate) numbers: Vec<Number>,
    /// Its positions, by what the seats there are called.
    pub(crate) by_number: Vec<u32>,
    /// The number of each seat's category, by position.
    pub(crate) categories: Vec<u8>,
    /// How many seats stand between its aisles: together as many as it has.
    pub(crate) blocks: Vec<u8>,
    pub(crate) at: Point,
    pub(crate) to: Point,
    pub(crate) rank: Option<u16>,
    /// Positions, rising, as those of the next two.
    pub(crate) accessible: Vec<u32>,
    pub(crate) companion: Vec<u32>,
    pub(crate) restricted: Vec<u32>,
    /// Which of all seats is the first.
    pub(crate) first_seat: u32,
}

/// How much of everything there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Numbered ones, without the places of areas.
    pub seats: u32,
    /// Rows as they stand in the map: those of one key in one section are one, and an aisle does not make two of it.
    pub rows: u32,
    /// Areas.
    pub areas: u32,
    /// Categories, with those that no seat has.
    pub categories: u32,
}

impl Seatmap {
    /// What the house is called; empty where the text does not say it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// From where distances count.
    pub fn focus(&self) -> Point {
        self.focus
    }

    /// By number: 1 to [`CATEGORIES_MAX`](crate::bounds::CATEGORIES_MAX).
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// By number: 1 to [`SECTIONS_MAX`](crate::bounds::SECTIONS_MAX).
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// By number: up to [`AREAS_MAX`](crate::bounds::AREAS_MAX).
    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    /// How much of everything there is.
    pub fn counts(&self) -> Counts {
        let count = |len: usize| u32::try_from(len).expect("the bounds are far below");
        Counts {
            seats: self.seats(),
            rows: count(self.rows().count()),
            areas: count(self.areas.len()),
            categories: count(self.categories.len()),
        }
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.sections.iter().flat_map(|section| &section.rows)
    }

    /// How many seats it has: each has a number below that.
    pub fn seats(&self) -> u32 {
        self.sections.last().expect("a map has a section").seats().end
    }
}

impl Seatmap {
    /// About how many bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        let texts = |texts: &mut dyn Iterator<Item = (&String, &String)>| -> usize {
            texts.map(|(key, name)| 2 * size_of::<String>() + key.len() + name.len()).sum()
        };
        let categories = texts(&mut self.categories.iter().map(|it| (&it.key, &it.name)));
        let sections = texts(&mut self.sections.iter().map(|it| (&it.key, &it.name)));
        let areas = texts(&mut self.areas.iter().map(|it| (&it.key, &it.name)));
        let rows = self.rows().map(|row| {
            let marked = row.accessible.len() + row.companion.len() + row.restricted.len();
            let named = row.numbers.iter().map(Number::bytes).sum::<usize>();
            let seats = row.numbers.len() * (size_of::<u32>() + size_of::<u8>()) + marked * size_of::<u32>();
            size_of::<Row>() + row.key.len() + row.blocks.len() + named + seats
        });
        self.name.len() + categories + sections + areas + rows.sum::<usize>()
    }
}

impl Section {
    /// The numbers of its seats.
    pub(crate) fn seats(&self) -> Range<u32> {
        let (first, last) = (&self.rows[0], self.rows.last().expect("a section has a row"));
        first.first_seat..last.seats().end
    }
}

impl Row {
    /// The numbers of its seats.
    pub(crate) fn seats(&self) -> Range<u32> {
        let len = u32::try_from(self.numbers.len()).expect("the bounds are far below");
        self.first_seat..self.first_seat + len
    }

    /// The positions between its aisles.
    pub(crate) fn block_positions(&self) -> impl Iterator<Item = Range<u32>> {
        self.blocks.iter().scan(0, |next, len| {
            let first = *next;
            *next += u32::from(*len);
            Some(first..*next)
        })
    }

    /// Where in it the seat is that is called so.
    pub(crate) fn position(&self, number: &Number) -> Option<u32> {
        let found = self.by_number.binary_search_by(|position| self.numbers[*position as usize].cmp(number));
        found.ok().map(|at| self.by_number[at])
    }
}
