//! A map in the making: every bound and every rule that holds between its parts, whatever the format. A reader says what it has
//! read and where; what is wrong becomes a fault there, and the rest is looked at all the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::bounds::{
    AREAS_MAX, BLOCK_SEATS_MAX, CAPACITY_MAX, CATEGORIES_MAX, KEY_CHARS_MAX, NAME_CHARS_MAX, ROWS_MAX,
    SEATS_MAX, SECTIONS_MAX,
};
use crate::fault::{Error, Faults, Spot, excerpt};
use crate::house::{Area, Category, Point, Row, Seatmap, Section};
use crate::number::Number;

/// A map in the making.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) faults: Faults,
    pub(crate) name: String,
    pub(crate) focus: Point,
    categories: Vec<Category>,
    sections: Vec<Section>,
    areas: Vec<Area>,
    /// Keys of categories; of sections and areas together; of the rows of the section that is being read.
    category_numbers: BTreeMap<String, u8>,
    places: BTreeSet<String>,
    rows: BTreeSet<String>,
    row_count: usize,
    seat_count: usize,
}

/// A row in the making.
#[derive(Debug, Default)]
pub(crate) struct RowDraft {
    numbers: Vec<Number>,
    positions: BTreeMap<Number, u32>,
    blocks: Vec<u8>,
    pub(crate) categories: Vec<u8>,
    pub(crate) at: Point,
    pub(crate) to: Point,
    pub(crate) rank: Option<u16>,
    pub(crate) accessible: Vec<u32>,
    pub(crate) companion: Vec<u32>,
    pub(crate) restricted: Vec<u32>,
}

impl Draft {
    pub(crate) fn category(&mut self, spot: &Spot<'_>, category: Category) {
        self.check_key(spot, &category.key, "category");
        self.check_name(spot, &category.name);
        if self.category_numbers.contains_key(&category.key) {
            self.faults.add(&spot.field("key"), "the key must differ from those of the other categories");
        }
        if self.check_room(spot, self.categories.len(), CATEGORIES_MAX, "categories") {
            let number = u8::try_from(self.categories.len()).expect("the bound is below");
            self.category_numbers.insert(category.key.clone(), number);
            self.categories.push(category);
        }
    }

    /// The number of the category that has this key, if there is one.
    pub(crate) fn category_number(&self, key: &str) -> Option<u8> {
        self.category_numbers.get(key).copied()
    }

    /// The number of the category that must have this key.
    pub(crate) fn need_category(&mut self, spot: &Spot<'_>, key: &str) -> Option<u8> {
        let number = self.category_number(key);
        if number.is_none() {
            let shown = excerpt(key);
            self.faults.add(spot, format_args!("must be the key of a category, and none has {shown:?}"));
        }
        number
    }

    /// The rows that come next are of this section.
    pub(crate) fn section(&mut self, spot: &Spot<'_>, key: &str, name: String) {
        self.rows.clear();
        self.check_place(spot, key, &name, "section");
        if self.check_room(spot, self.sections.len(), SECTIONS_MAX, "sections") {
            let first_row = u16::try_from(self.row_count).expect("the bound is below");
            let (rows, rows_by_key) = (Vec::new(), Vec::new());
            self.sections.push(Section { key: key.to_owned(), name, rows, first_row, rows_by_key });
        }
    }

    pub(crate) fn area(&mut self, spot: &Spot<'_>, area: Area) {
        self.check_place(spot, &area.key, &area.name, "area");
        if self.check_room(spot, self.areas.len(), AREAS_MAX, "areas") {
            self.areas.push(area);
        }
    }

    /// Sections and areas are asked for side by side, so no two of them have one key.
    fn check_place(&mut self, spot: &Spot<'_>, key: &str, name: &str, what: &str) {
        self.check_key(spot, key, what);
        self.check_name(spot, name);
        if !self.places.insert(key.to_owned()) {
            let detail = "the key must differ from those of the other sections and areas";
            self.faults.add(&spot.field("key"), detail);
        }
    }

    fn check_key(&mut self, spot: &Spot<'_>, key: &str, what: &str) {
        let length = 1..=KEY_CHARS_MAX;
        if !length.contains(&key.chars().count()) || key.contains(is_foreign) {
            let bound = format_args!("1 to {KEY_CHARS_MAX} characters, without / , and control characters");
            self.faults.add(&spot.field("key"), format_args!("the key of a {what} must have {bound}"));
        }
    }

    pub(crate) fn check_name(&mut self, spot: &Spot<'_>, name: &str) {
        if name.chars().count() > NAME_CHARS_MAX {
            let detail = format_args!("a name must have at most {NAME_CHARS_MAX} characters");
            self.faults.add(&spot.field("name"), detail);
        }
    }

    /// Whether there is room for another one where there are so many.
    fn check_room(&mut self, spot: &Spot<'_>, count: usize, max: usize, what: &str) -> bool {
        if count >= max {
            self.faults.add(spot, format_args!("is too much: a map has at most {max} {what}"));
        }
        count < max
    }

    /// What lies between two aisles of a row. Seats that are too many are not kept.
    pub(crate) fn block(&mut self, spot: &Spot<'_>, row: &mut RowDraft, numbers: Vec<Number>, category: u8) {
        let len = numbers.len();
        if !(1..=BLOCK_SEATS_MAX).contains(&len) {
            let what = format_args!("must be 1 to {BLOCK_SEATS_MAX} seats between two aisles, not {len}");
            return self.faults.add(spot, what);
        }
        if !self.check_room(spot, self.seat_count + len - 1, SEATS_MAX, "seats") {
            return;
        }
        self.seat_count += len;
        for number in numbers {
            let position = row.len();
            if row.positions.insert(number.clone(), position).is_some() {
                self.faults
                    .add(spot, format_args!("must not name seat {number} again: its row has it already"));
            }
            row.numbers.push(number);
            row.categories.push(category);
        }
        row.blocks.push(u8::try_from(len).expect("the bound is below"));
    }

    /// The row is whole, and of the section that was read last.
    pub(crate) fn row(&mut self, spot: &Spot<'_>, key: &str, row: RowDraft) {
        self.check_key(spot, key, "row");
        if !self.rows.insert(key.to_owned()) {
            let detail = "the key must differ from those of the other rows of its section";
            self.faults.add(&spot.field("key"), detail);
        }
        for position in &row.companion {
            if row.accessible.binary_search(position).is_ok() {
                let number = &row.numbers[*position as usize];
                let detail =
                    format_args!("must not name seat {number}: it is a wheelchair space, not one beside it");
                self.faults.add(&spot.field("companion"), detail);
            }
        }
        if self.check_room(spot, self.row_count, ROWS_MAX, "rows") {
            self.row_count += 1;
            let section = self.sections.last_mut().expect("a row is read after its section");
            section.rows.push(row.finish(key));
        }
    }

    /// The map, if nothing is wrong with it.
    pub(crate) fn finish(mut self) -> Result<Seatmap, Error> {
        let seats = u64::try_from(self.seat_count).expect("the bound is below");
        let places = seats + self.areas.iter().map(|area| u64::from(area.capacity)).sum::<u64>();
        if places > u64::from(CAPACITY_MAX) {
            let detail = format_args!("a map must have at most {CAPACITY_MAX} places in all, not {places}");
            self.faults.add(&Spot::Top.field("areas"), detail);
        }
        let Self { faults, name, focus, categories, sections, areas, .. } = self;
        faults.clear(())?;
        assert!(!categories.is_empty() && !sections.is_empty(), "a reader lets no map pass that has none");
        let sections_by_key = by_key(&sections, |section| &section.key);
        let mut map = Seatmap { name, focus, categories, sections, areas, sections_by_key };
        map.count_seats();
        Ok(map)
    }
}

impl Seatmap {
    /// Says of every row which of all seats is its first, and of every section which of its rows has which key.
    fn count_seats(&mut self) {
        let mut next = 0;
        for section in &mut self.sections {
            assert!(!section.rows.is_empty(), "a reader lets no section pass that has no row");
            section.rows_by_key = by_key(&section.rows, |row| &row.key);
            for row in &mut section.rows {
                row.first_seat = next;
                next = row.seats().end;
            }
        }
    }
}

impl RowDraft {
    /// How many seats it has so far.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.numbers.len()).expect("the bound is below")
    }

    /// Where in it a seat is.
    pub(crate) fn position(&self, number: &Number) -> Option<u32> {
        self.positions.get(number).copied()
    }

    fn finish(self, key: &str) -> Row {
        // Where there is one seat only, nothing says where the last one would be.
        let to = if self.numbers.len() == 1 { self.at } else { self.to };
        Row {
            key: key.to_owned(),
            by_number: self.positions.into_values().collect(),
            numbers: self.numbers,
            categories: self.categories,
            blocks: self.blocks,
            at: self.at,
            to,
            rank: self.rank,
            accessible: self.accessible,
            companion: self.companion,
            restricted: self.restricted,
            first_seat: 0,
        }
    }
}

/// What separates the parts of a name, and therefore stands in none.
pub(crate) fn is_foreign(char: char) -> bool {
    matches!(char, '/' | ',') || char.is_control()
}

/// Indices of all that there is, by key.
fn by_key<T>(all: &[T], key: impl Fn(&T) -> &str) -> Vec<u16> {
    let count = u16::try_from(all.len()).expect("the bounds are far below");
    let mut indices: Vec<u16> = (0..count).collect();
    indices.sort_by(|one, other| key(&all[usize::from(*one)]).cmp(key(&all[usize::from(*other)])));
    indices
}
