//! A seatmap as the witness reads it: seats one after the other, each with its neighbours, its category and its rank.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;

/// A seatmap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Keys of the categories, in the map's order.
    pub categories: Vec<String>,
    /// Keys of the sections, in the map's order.
    pub sections: Vec<String>,
    /// The rows, in the map's order.
    pub rows: Vec<Row>,
    /// The seats, in the map's order.
    pub seats: Vec<Seat>,
    /// What lies between two aisles: places in `seats`.
    pub runs: Vec<Range<usize>>,
    /// The areas, in the map's order.
    pub areas: Vec<Area>,
    by_name: BTreeMap<String, usize>,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// `section/row`.
    pub name: String,
    /// Its runs: places in [`Plan::runs`].
    pub runs: Range<usize>,
}

/// A seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// `section/row/number`.
    pub name: String,
    /// Its section's place in the map.
    pub section: usize,
    /// Its row's place in the map.
    pub row: usize,
    /// Its run's place in [`Plan::runs`].
    pub run: usize,
    /// Its category's place in the map.
    pub category: usize,
    /// For whom it is.
    pub kind: Kind,
    /// How good it is: from 0, the best.
    pub rank: u64,
}

/// For whom a seat is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// For anyone.
    General,
    /// A wheelchair space.
    Accessible,
    /// Beside a wheelchair space, for who comes along.
    Companion,
}

/// Places without numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// Its key.
    pub key: String,
    /// Its category's place in the map.
    pub category: usize,
    /// How many places it has.
    pub capacity: u64,
}

#[derive(Deserialize)]
struct MapText {
    #[serde(default)]
    focus: [i64; 2],
    categories: Vec<CategoryText>,
    sections: Vec<SectionText>,
    #[serde(default)]
    areas: Vec<AreaText>,
}

#[derive(Deserialize)]
struct CategoryText {
    key: String,
}

#[derive(Deserialize)]
struct SectionText {
    key: String,
    rows: Vec<RowText>,
}

#[derive(Deserialize)]
struct RowText {
    key: String,
    seats: Vec<String>,
    category: String,
    #[serde(default)]
    categories: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    at: [i64; 2],
    to: Option<[i64; 2]>,
    rank: Option<u64>,
    #[serde(default)]
    accessible: Vec<String>,
    #[serde(default)]
    companion: Vec<String>,
}

#[derive(Deserialize)]
struct AreaText {
    key: String,
    category: String,
    capacity: u64,
}

/// Where a seat stands in the order of ranks: its row's own rank, its distance, its place in the map.
type Order = (u64, u128, usize);

impl Plan {
    /// Reads a map in the contract's own format.
    pub fn read(text: &[u8]) -> Result<Self, String> {
        let map: MapText = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        let mut plan = Self {
            categories: map.categories.into_iter().map(|category| category.key).collect(),
            sections: map.sections.iter().map(|section| section.key.clone()).collect(),
            rows: Vec::new(),
            seats: Vec::new(),
            runs: Vec::new(),
            areas: Vec::new(),
            by_name: BTreeMap::new(),
        };
        let mut orders: Vec<Order> = Vec::new();
        for (number, section) in map.sections.iter().enumerate() {
            for row in &section.rows {
                plan.add_row((number, &section.key), row, map.focus, &mut orders)?;
            }
        }
        for area in map.areas {
            let category = plan.category(&area.category)?;
            plan.areas.push(Area { key: area.key, category, capacity: area.capacity });
        }
        orders.sort_unstable();
        for (rank, (_, _, seat)) in (0..).zip(orders) {
            plan.seats[seat].rank = rank;
        }
        for (place, seat) in plan.seats.iter().enumerate() {
            if plan.by_name.insert(seat.name.clone(), place).is_some() {
                return Err(format!("{} is there twice", seat.name));
            }
        }
        Ok(plan)
    }

    fn add_row(
        &mut self,
        (section, key): (usize, &str),
        row: &RowText,
        focus: [i64; 2],
        orders: &mut Vec<Order>,
    ) -> Result<(), String> {
        let own = self.category(&row.category)?;
        let mut special: BTreeMap<String, usize> = BTreeMap::new();
        for (category, items) in &row.categories {
            let category = self.category(category)?;
            special.extend(numbers(items)?.into_iter().map(|number| (number, category)));
        }
        let (accessible, companion) = (numbers(&row.accessible)?, numbers(&row.companion)?);
        let blocks = row.seats.iter().map(|item| numbers(std::slice::from_ref(item)));
        let blocks: Vec<Vec<String>> = blocks.collect::<Result<_, _>>()?;
        let count: usize = blocks.iter().map(Vec::len).sum();
        let (name, first_run) = (format!("{key}/{}", row.key), self.runs.len());
        let mut position = 0;
        for block in blocks {
            let first = self.seats.len();
            for number in block {
                let kind = match &number {
                    number if accessible.contains(number) => Kind::Accessible,
                    number if companion.contains(number) => Kind::Companion,
                    _ => Kind::General,
                };
                let distance = distance_squared(stands_at(row, position, count), focus);
                // Rows without a rank come behind all that have one.
                orders.push((row.rank.unwrap_or(u64::MAX), distance, self.seats.len()));
                self.seats.push(Seat {
                    name: format!("{name}/{number}"),
                    section,
                    row: self.rows.len(),
                    run: self.runs.len(),
                    category: special.get(&number).copied().unwrap_or(own),
                    kind,
                    rank: 0,
                });
                position += 1;
            }
            self.runs.push(first..self.seats.len());
        }
        self.rows.push(Row { name, runs: first_run..self.runs.len() });
        Ok(())
    }

    /// The place of a category.
    pub fn category(&self, key: &str) -> Result<usize, String> {
        let place = self.categories.iter().position(|category| category == key);
        place.ok_or_else(|| format!("there is no category {key}"))
    }

    /// The place of a seat.
    pub fn seat(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// The place of an area.
    pub fn area(&self, key: &str) -> Option<usize> {
        self.areas.iter().position(|area| area.key == key)
    }

    /// The most general seats of a category that stand side by side.
    pub(crate) fn longest(&self, category: usize) -> u64 {
        let is_like =
            |seat: usize| self.seats[seat].category == category && self.seats[seat].kind == Kind::General;
        let longest = |run: &Range<usize>| {
            let mut length = 0_u64;
            let lengths = run.clone().map(|seat| {
                length = if is_like(seat) { length + 1 } else { 0 };
                length
            });
            lengths.max().unwrap_or_default()
        };
        self.runs.iter().map(longest).max().unwrap_or_default()
    }

    /// The run of a seat.
    pub(crate) fn run_of(&self, seat: usize) -> Range<usize> {
        self.runs[self.seats[seat].run].clone()
    }
}

/// Seat numbers: `a-b` and `a-b/step` run up or down, a comma adds, everything else is a number by itself.
fn numbers(items: &[String]) -> Result<Vec<String>, String> {
    let mut all = Vec::new();
    for item in items.iter().flat_map(|item| item.split(',')) {
        let Some((first, rest)) = item.split_once('-') else {
            all.push(item.to_owned());
            continue;
        };
        let (last, step) = rest.split_once('/').unwrap_or((rest, "1"));
        let whole = |text: &str| text.trim().parse::<u64>().map_err(|error| format!("{item}: {error}"));
        let (first, last, step) = (whole(first)?, whole(last)?, whole(step)?);
        if step == 0 || !first.abs_diff(last).is_multiple_of(step) {
            return Err(format!("{item} does not end where it says"));
        }
        let offsets = (0..=first.abs_diff(last) / step).map(|index| index * step);
        let number = |offset| if first <= last { first + offset } else { first - offset };
        all.extend(offsets.map(|offset| number(offset).to_string()));
    }
    Ok(all)
}

/// Where the seat at a position of so many stands: on the line from `at` to `to`, rounded to the nearest, halves away from zero.
fn stands_at(row: &RowText, position: usize, count: usize) -> [i64; 2] {
    let to = row.to.unwrap_or(row.at);
    let whole = |number: usize| i64::try_from(number).expect("a row is short");
    if count < 2 {
        return row.at;
    }
    [0, 1].map(|axis| {
        let (length, parts) = ((to[axis] - row.at[axis]) * whole(position), whole(count - 1));
        // The point is a fraction: doubled, a half is whole.
        let (point, scale) = (2 * (row.at[axis] * parts + length), 2 * parts);
        let rounded = (point.abs() + parts) / scale;
        if point < 0 { -rounded } else { rounded }
    })
}

fn distance_squared(from: [i64; 2], to: [i64; 2]) -> u128 {
    let along = |axis: usize| u128::from(from[axis].abs_diff(to[axis])).pow(2);
    along(0) + along(1)
}

#[cfg(test)]
mod tests {
    use super::{Kind, Plan, numbers, stands_at};

    #[test]
    fn numbers_run_up_and_down() {
        for (items, want) in [
            (&["1-4"][..], &["1", "2", "3", "4"][..]),
            (&["27-23/2"], &["27", "25", "23"]),
            (&["7,5", "3,1-2"], &["7", "5", "3", "1", "2"]),
            (&["3-3"], &["3"]),
            (&["12a"], &["12a"]),
        ] {
            let items: Vec<String> = items.iter().map(|item| (*item).to_owned()).collect();
            assert_eq!(numbers(&items).unwrap(), want, "{items:?}");
        }
        for item in ["1-4/2", "1-4/0", "a-b"] {
            assert!(numbers(&[item.to_owned()]).is_err(), "{item}");
        }
    }

    #[test]
    fn seats_stand_on_whole_points() {
        let row = |at, to| super::RowText {
            key: String::new(),
            seats: Vec::new(),
            category: String::new(),
            categories: [].into(),
            at: [at, 0],
            to: Some([to, 0]),
            rank: None,
            accessible: Vec::new(),
            companion: Vec::new(),
        };
        for (at, to, count, want) in [
            (0, 3, 3, &[0, 2, 3][..]),
            (0, -3, 3, &[0, -2, -3]),
            (-1, 0, 3, &[-1, -1, 0]),
            (5, 9, 1, &[5]),
            (-10, 10, 4, &[-10, -3, 3, 10]),
        ] {
            let row = row(at, to);
            let points: Vec<i64> = (0..count).map(|place| stands_at(&row, place, count)[0]).collect();
            assert_eq!(points, want, "{at} to {to}");
        }
    }

    #[test]
    fn a_map_is_read_as_the_contract_has_it() {
        let text = br#"{ "name": "House", "focus": [0, 0], "categories": [{"key": "a"}, {"key": "b"}],
            "sections": [{"key": "stalls", "rows": [
                {"key": "A", "seats": ["1-2", "3"], "category": "a", "at": [-100, 100], "to": [100, 100],
                 "accessible": ["1"], "companion": ["2"], "categories": {"b": ["3"]}},
                {"key": "B", "seats": ["1"], "category": "a", "at": [0, 900], "rank": 0}]}],
            "areas": [{"key": "floor", "category": "b", "capacity": 3}] }"#;
        let plan = Plan::read(text).unwrap();
        let seats: Vec<_> = plan
            .seats
            .iter()
            .map(|seat| (seat.name.as_str(), seat.run, seat.category, seat.kind, seat.rank))
            .collect();
        let want = [
            ("stalls/A/1", 0, 0, Kind::Accessible, 2),
            ("stalls/A/2", 0, 0, Kind::Companion, 1),
            ("stalls/A/3", 1, 1, Kind::General, 3),
            ("stalls/B/1", 2, 0, Kind::General, 0),
        ];
        assert_eq!(seats, want);
        assert_eq!((plan.seat("stalls/A/3"), plan.area("floor")), (Some(2), Some(0)));
        assert_eq!(plan.rows[0].runs, 0..2);
    }
}
