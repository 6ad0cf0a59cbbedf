//! The plan of pretix's seating-plan editor (schema 0.0.1): zones with rows with seats, each with a position, fractions and all.
//!
//! - Positions add up: zone, row, seat. A row of ours goes from its first seat to its last, rounded to whole numbers.
//! - Neighbours are neighbours in the list. A gap above 1.5 × the row's median step is an aisle (of an even number of steps
//!   the median is the lower of the two in the middle, so that in a row of three seats the wide gap is the aisle).
//! - What a seat is called within its row, a row within its zone, and a zone, is its key. Where real files differ from ours they are
//!   taken in all the same: a name that repeats gets `~2`, `~3`, … in the file's order; `/` `,` and control characters become `_`,
//!   in a seat's number `-` does too; of a name that is too long the beginning is kept, of a seat's number the end, where
//!   it differs from its neighbours; what has no name is called `zone`, `row` or `seat`. A zone keeps its whole name beside its key.
//! - A category is found by its name. One that the file defines twice is one.
//! - Fields that are not known, zones without seats and rows without seats are passed over. So are areas, which are drawings there.
//! - The format has no focus, wheelchair spaces or ranks: whoever wants them takes our format of the map and adds them.

use std::collections::BTreeMap;

use super::distinct::{Distinct, Keep, Keys};
use crate::bounds::{COORDINATE_MAX, KEY_CHARS_MAX, NAME_CHARS_MAX, NUMBER_CHARS_MAX, SEATS_MAX};
use crate::draft::{self, Draft, RowDraft};
use crate::fault::{Error, Spot, excerpt};
use crate::house::{Category, Point, Seatmap};
use crate::json::{Json, Object, Unknown};
use crate::number::{self, Number};
use crate::rank::divide;

const KEYS: Keys =
    Keys { chars_max: KEY_CHARS_MAX, is_foreign: draft::is_foreign, nameless: "", keep: Keep::Beginning };
const CATEGORIES: Keys = Keys { nameless: "category", ..KEYS };
const ZONES: Keys = Keys { nameless: "zone", ..KEYS };
const ROWS: Keys = Keys { nameless: "row", ..KEYS };
const SEATS: Keys =
    Keys { chars_max: NUMBER_CHARS_MAX, is_foreign: number::is_foreign, nameless: "seat", keep: Keep::End };

/// Into how many parts a unit of length is divided while positions are added.
const PARTS: i32 = 1_000;

/// A place on the plane, in thousandths.
#[derive(Clone, Copy, Debug, Default)]
struct Fine {
    x: i64,
    y: i64,
}

/// What is known of the file while its zones are read.
struct Plan {
    draft: Draft,
    /// The numbers of categories, by their names in the file.
    categories: BTreeMap<String, u8>,
    zones: Distinct,
}

impl Seatmap {
    /// Reads a plan of pretix's seating-plan editor.
    pub fn from_pretix(text: &[u8]) -> Result<Self, Error> {
        let json = Json::read(text)?;
        let zones = Distinct::new(ZONES);
        let mut plan = Plan { draft: Draft::default(), categories: BTreeMap::new(), zones };
        plan.read(&json);
        plan.draft.finish()
    }
}

impl Plan {
    fn read(&mut self, json: &Json) -> Option<()> {
        let spot = Spot::Top;
        let plan = self.object(json, &spot)?;
        if let Some(name) = self.text(plan, "name", &spot) {
            self.draft.name = name.chars().take(NAME_CHARS_MAX).collect();
        }
        let mut keys = Distinct::new(CATEGORIES);
        for (index, category) in self.list(plan, "categories", &spot)?.iter().enumerate() {
            let _looked_at: Option<()> =
                self.read_category(category, &spot.field("categories").item(index), &mut keys);
        }
        let spot = spot.field("zones");
        let mut found = false;
        for (index, zone) in self.list(plan, "zones", &Spot::Top)?.iter().enumerate() {
            found |= self.read_zone(zone, &spot.item(index)).unwrap_or(true);
        }
        if !found {
            self.draft.faults.add(&spot, "must have a zone with a row with a seat");
        }
        Some(())
    }

    fn read_category(&mut self, json: &Json, spot: &Spot<'_>, keys: &mut Distinct) -> Option<()> {
        let category = self.object(json, spot)?;
        let name = self.needed_text(category, "name", spot)?;
        if self.categories.contains_key(name) {
            return Some(());
        }
        let key = keys.key(name);
        let shown = name.chars().take(NAME_CHARS_MAX).collect();
        self.draft.category(spot, Category { key: key.clone(), name: shown });
        let number = self.draft.category_number(&key)?;
        self.categories.insert(name.to_owned(), number);
        Some(())
    }

    /// Whether the zone has a seat; nothing where that cannot be told for a fault.
    fn read_zone(&mut self, json: &Json, spot: &Spot<'_>) -> Option<bool> {
        let zone = self.object(json, spot)?;
        if json.is_without("rows") {
            return Some(false);
        }
        let rows = self.list(zone, "rows", spot)?;
        if rows.iter().all(|row| row.is_without("seats")) {
            return Some(false);
        }
        let name = self.text(zone, "name", spot).unwrap_or_default();
        let key = self.zones.key(name);
        let shown = if name.is_empty() { &key } else { name };
        self.draft.section(spot, &key, shown.chars().take(NAME_CHARS_MAX).collect());
        let origin = self.position(zone, spot, Fine::default())?;
        let spot = spot.field("rows");
        let mut keys = Distinct::new(ROWS);
        for (index, row) in rows.iter().enumerate().filter(|(_, row)| !row.is_without("seats")) {
            let _looked_at: Option<()> = self.read_row(row, &spot.item(index), origin, &mut keys);
        }
        Some(true)
    }

    fn read_row(&mut self, json: &Json, spot: &Spot<'_>, origin: Fine, keys: &mut Distinct) -> Option<()> {
        let row = self.object(json, spot)?;
        let key = keys.key(self.text(row, "row_number", spot).unwrap_or_default());
        let origin = self.position(row, spot, origin)?;
        let mut seats = Vec::new();
        let mut numbers = Distinct::new(SEATS);
        let spot_of_seats = spot.field("seats");
        for (index, seat) in self.list(row, "seats", spot)?.iter().enumerate() {
            seats.push(self.read_seat(seat, &spot_of_seats.item(index), origin, &mut numbers)?);
        }
        let mut draft = RowDraft::default();
        for block in blocks(&seats) {
            let names = block.iter().map(|seat| seat.number.clone()).collect();
            self.draft.block(spot, &mut draft, names, 0);
        }
        // Only where none of its seats was too many.
        if draft.len() as usize == seats.len() {
            draft.categories = seats.iter().map(|seat| seat.category).collect();
        }
        let (first, last) = (seats.first()?, seats.last()?);
        draft.at = first.position.rounded();
        draft.to = last.position.rounded();
        self.draft.row(spot, &key, draft);
        Some(())
    }

    fn read_seat(&mut self, json: &Json, spot: &Spot<'_>, origin: Fine, keys: &mut Distinct) -> Option<Seat> {
        let seat = self.object(json, spot)?;
        let key = keys.key(self.text(seat, "seat_number", spot).unwrap_or_default());
        let number = Number::read(&key).expect("a key was made to be a number");
        let position = self.position(seat, spot, origin)?;
        let name = self.needed_text(seat, "category", spot)?;
        let Some(category) = self.categories.get(name) else {
            let shown = excerpt(name);
            let detail = format_args!("must be the name of a category, and none is called {shown:?}");
            self.draft.faults.add(&spot.field("category"), detail);
            return None;
        };
        Some(Seat { number, position, category: *category })
    }

    /// Where something is, from where that is in which it stands. What says no position is just there.
    fn position(&mut self, object: Object<'_>, spot: &Spot<'_>, origin: Fine) -> Option<Fine> {
        let spot = spot.field("position");
        let Some(position) = object.get("position") else { return Some(origin) };
        let position = self.object(position, &spot)?;
        let mut part = |name| match position.get(name) {
            Some(number) => number.parts(&spot.field(name), PARTS, COORDINATE_MAX, &mut self.draft.faults),
            None => Some(0),
        };
        let (x, y) = (part("x")?, part("y")?);
        let sum = Fine { x: origin.x + x, y: origin.y + y };
        let far = i64::from(COORDINATE_MAX) * i64::from(PARTS);
        if sum.x.abs() > far || sum.y.abs() > far {
            let detail = "must not lead farther than ";
            self.draft.faults.add(&spot, format_args!("{detail}{COORDINATE_MAX} from the origin"));
            return None;
        }
        Some(sum)
    }

    fn object<'j>(&mut self, json: &'j Json, spot: &Spot<'_>) -> Option<Object<'j>> {
        json.object(spot, (&[], Unknown::PassedOver), &mut self.draft.faults)
    }

    fn list<'j>(&mut self, object: Object<'j>, name: &str, spot: &Spot<'_>) -> Option<&'j [Json]> {
        let items = object
            .need(name, spot, &mut self.draft.faults)?
            .list(&spot.field(name), &mut self.draft.faults)?;
        if items.len() > SEATS_MAX {
            // Nothing may have more, and keys would run out.
            self.draft.faults.add(&spot.field(name), format_args!("must have at most {SEATS_MAX} items"));
            return None;
        }
        Some(items)
    }

    fn needed_text<'j>(&mut self, object: Object<'j>, name: &str, spot: &Spot<'_>) -> Option<&'j str> {
        object.need(name, spot, &mut self.draft.faults)?.text(&spot.field(name), &mut self.draft.faults)
    }

    /// A name that may be missing, or null.
    fn text<'j>(&mut self, object: Object<'j>, name: &str, spot: &Spot<'_>) -> Option<&'j str> {
        let text = object.get(name).filter(|text| !matches!(text, Json::Null))?;
        text.text(&spot.field(name), &mut self.draft.faults)
    }
}

struct Seat {
    number: Number,
    position: Fine,
    category: u8,
}

impl Fine {
    fn distance_squared(self, other: Self) -> u128 {
        let square = |one: i64, other: i64| u128::from(one.abs_diff(other)).pow(2);
        square(self.x, other.x) + square(self.y, other.y)
    }

    fn rounded(self) -> Point {
        let whole =
            |parts| i32::try_from(divide(parts, i64::from(PARTS))).expect("no farther than the bound");
        Point { x: whole(self.x), y: whole(self.y) }
    }
}

/// The seats of a row, taken apart where an aisle is.
fn blocks(seats: &[Seat]) -> Vec<&[Seat]> {
    let step = |pair: &[Seat]| pair[0].position.distance_squared(pair[1].position);
    let mut steps: Vec<u128> = seats.windows(2).map(step).collect();
    steps.sort_unstable();
    let median = steps.get(steps.len().saturating_sub(1) / 2).copied().unwrap_or_default();
    // Above 1.5 ×, of lengths whose squares are known.
    let is_aisle = |step: u128| 4 * step > 9 * median;
    seats.chunk_by(|one, other| !is_aisle(one.position.distance_squared(other.position))).collect()
}
