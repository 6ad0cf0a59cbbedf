//! From names to numbers and back: `stalls/A/12` is a seat, `stalls/A` a row, `stalls` a section, `floor` an area.

use std::fmt::Write as _;
use std::ops::Range;

use crate::house::{Row, Seatmap, Section};
use crate::number::Number;

/// Room for a seat's number, with what stands before it and before its row.
const NUMBER_LEN_USUAL: usize = 8;

/// What a name leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The seat of this number.
    Seat(u32),
    /// A row, and the numbers of its seats.
    Row {
        /// Its number over the whole map.
        row: u16,
        /// The numbers of its seats.
        seats: Range<u32>,
    },
    /// A section, and the numbers of its seats.
    Section {
        /// Its number.
        section: u16,
        /// The numbers of its seats.
        seats: Range<u32>,
    },
    /// The area of this number.
    Area(u8),
}

/// A row of the map, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowSeats {
    /// `stalls/A`.
    pub name: String,
    /// The number of its section.
    pub section: u16,
    /// The numbers of the seats between its aisles.
    pub blocks: Vec<Range<u32>>,
}

impl Seatmap {
    /// What has this name. It costs a few comparisons, however large the house is.
    pub fn find(&self, name: &str) -> Option<Place> {
        let mut parts = name.splitn(3, '/');
        let key = parts.next()?;
        let Some(section_number) = self.section_number(key) else {
            let area = self.areas.iter().position(|area| area.key == key)?;
            let number = u8::try_from(area).expect("the bound is below");
            return parts.next().is_none().then_some(Place::Area(number));
        };
        let section = &self.sections[usize::from(section_number)];
        let Some(key) = parts.next() else {
            return Some(Place::Section { section: section_number, seats: section.seats() });
        };
        let index = section.row_index(key)?;
        let row = &section.rows[usize::from(index)];
        let Some(number) = parts.next() else {
            return Some(Place::Row { row: section.first_row + index, seats: row.seats() });
        };
        let position = row.position(&Number::read(number).ok()?)?;
        Some(Place::Seat(row.first_seat + position))
    }

    /// What the seat of this number is called. There is a name for every number below that of the seats.
    pub fn name_of(&self, seat: u32) -> String {
        self.reader().name_of(seat)
    }

    /// Reads names and numbers of seats that stand together, one after the other.
    pub fn reader(&self) -> Reader<'_> {
        Reader { seatmap: self, last: None }
    }

    /// Every row, in the order of the map.
    pub fn row_seats(&self) -> impl Iterator<Item = RowSeats> {
        self.sections.iter().zip(0..).flat_map(|(section, number)| {
            section.rows.iter().map(move |row| {
                let shifted = |at: Range<u32>| row.first_seat + at.start..row.first_seat + at.end;
                RowSeats {
                    name: format!("{}/{}", section.key, row.key),
                    section: number,
                    blocks: row.block_positions().map(shifted).collect(),
                }
            })
        })
    }

    /// The number of the category that has this key.
    pub fn category(&self, key: &str) -> Option<u8> {
        let category = self.categories.iter().position(|category| category.key == key)?;
        Some(u8::try_from(category).expect("the bound is below"))
    }

    fn section_number(&self, key: &str) -> Option<u16> {
        let by_key = |section: &u16| self.sections[usize::from(*section)].key.as_str().cmp(key);
        self.sections_by_key.binary_search_by(by_key).ok().map(|at| self.sections_by_key[at])
    }

    fn row(&self, section_key: &str, row_key: &str) -> Option<(&Section, &Row)> {
        let section = &self.sections[usize::from(self.section_number(section_key)?)];
        Some((section, &section.rows[usize::from(section.row_index(row_key)?)]))
    }

    fn row_of(&self, seat: u32) -> (&Section, &Row) {
        // The last that does not begin behind the seat.
        let behind = self.sections.partition_point(|section| section.seats().start <= seat);
        let section = &self.sections[behind - 1];
        let behind = section.rows.partition_point(|row| row.first_seat <= seat);
        (section, &section.rows[behind - 1])
    }
}

/// Reads names and numbers of seats: the row that the last one was in is looked into before all others, since who books sits together.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'all> {
    seatmap: &'all Seatmap,
    last: Option<(&'all Section, &'all Row)>,
}

impl Reader<'_> {
    /// The number of the seat that has this name.
    pub fn seat(&mut self, name: &str) -> Option<u32> {
        let (row_name, number) = name.rsplit_once('/')?;
        let (section_key, row_key) = row_name.split_once('/')?;
        let is_last = |(section, row): &(&Section, &Row)| section.key == section_key && row.key == row_key;
        let (section, row) = match self.last.filter(is_last) {
            Some(last) => last,
            None => self.seatmap.row(section_key, row_key)?,
        };
        self.last = Some((section, row));
        Some(row.first_seat + row.position(&Number::read(number).ok()?)?)
    }

    /// What the seat of this number is called. There is a name for every number below that of the seats.
    pub fn name_of(&mut self, seat: u32) -> String {
        assert!(seat < self.seatmap.seats(), "no seat has the number {seat}");
        let is_last = |(_, row): &(&Section, &Row)| row.seats().contains(&seat);
        let (section, row) = self.last.filter(is_last).unwrap_or_else(|| self.seatmap.row_of(seat));
        self.last = Some((section, row));
        let mut name = String::with_capacity(section.key.len() + row.key.len() + NUMBER_LEN_USUAL);
        for part in [&section.key, "/", &row.key, "/"] {
            name.push_str(part);
        }
        let number = &row.numbers[(seat - row.first_seat) as usize];
        write!(name, "{number}").expect("a text takes every text");
        name
    }
}

impl Section {
    fn row_index(&self, key: &str) -> Option<u16> {
        let by_key = |row: &u16| self.rows[usize::from(*row)].key.as_str().cmp(key);
        self.rows_by_key.binary_search_by(by_key).ok().map(|at| self.rows_by_key[at])
    }
}
