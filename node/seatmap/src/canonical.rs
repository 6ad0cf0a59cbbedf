//! The canonical text of a map, in our own format: one spelling for equal content. Ids are hashes of it, so it is for ever.
//!
//! Fields stand in the order of the types here, without blanks; what has its default is left out, but names; numbers of seats are
//! written by [`write_parts`]; a row's category is the one that most of its seats have, the first of several.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::house::{Point, Row, Seatmap};
use crate::number::{Number, write_parts};

#[derive(Serialize)]
struct MapText<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    focus: Option<[i32; 2]>,
    categories: Vec<CategoryText<'a>>,
    sections: Vec<SectionText<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    areas: Vec<AreaText<'a>>,
}

#[derive(Serialize)]
struct CategoryText<'a> {
    key: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct SectionText<'a> {
    key: &'a str,
    name: &'a str,
    rows: Vec<RowText<'a>>,
}

#[derive(Serialize)]
struct RowText<'a> {
    key: &'a str,
    seats: Vec<String>,
    category: &'a str,
    #[serde(skip_serializing_if = "Overrides::is_empty")]
    categories: Overrides<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<[i32; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<[i32; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rank: Option<u16>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accessible: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    companion: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    restricted: Vec<String>,
}

/// By the keys of categories, in the order of letters: JSON has no other.
type Overrides<'a> = BTreeMap<&'a str, Vec<String>>;

#[derive(Serialize)]
struct AreaText<'a> {
    key: &'a str,
    name: &'a str,
    category: &'a str,
    capacity: u32,
}

impl Seatmap {
    /// The text that every map of equal content has, and that reads back as this map.
    pub fn canonical(&self) -> String {
        let category = |number: u8| self.categories[usize::from(number)].key.as_str();
        let text = MapText {
            name: &self.name,
            focus: unless(self.focus, Point::default()),
            categories: self
                .categories
                .iter()
                .map(|category| CategoryText { key: &category.key, name: &category.name })
                .collect(),
            sections: self
                .sections
                .iter()
                .map(|section| SectionText {
                    key: &section.key,
                    name: &section.name,
                    rows: section.rows.iter().map(|row| row_text(row, category)).collect(),
                })
                .collect(),
            areas: self
                .areas
                .iter()
                .map(|area| AreaText {
                    key: &area.key,
                    name: &area.name,
                    category: category(area.category),
                    capacity: area.capacity,
                })
                .collect(),
        };
        serde_json::to_string(&text).expect("every key is a string, and every number finite")
    }
}

fn row_text<'a>(row: &'a Row, category: impl Fn(u8) -> &'a str) -> RowText<'a> {
    let parts = |positions: &[u32]| {
        let numbers: Vec<Number> = positions.iter().map(|at| row.numbers[*at as usize].clone()).collect();
        write_parts(&numbers)
    };
    let block =
        |at: std::ops::Range<u32>| write_parts(&row.numbers[at.start as usize..at.end as usize]).join(",");
    let mut positions: BTreeMap<u8, Vec<u32>> = BTreeMap::new();
    for (number, position) in row.categories.iter().zip(0..) {
        positions.entry(*number).or_default().push(position);
    }
    // The first of those that have most: of equals, `max_by_key` takes the last.
    let most = positions.iter().rev().max_by_key(|(_, seats)| seats.len());
    let (usual, _) = most.expect("a row has a seat");
    let others = positions.iter().filter(|(number, _)| *number != usual);
    RowText {
        key: &row.key,
        seats: row.block_positions().map(block).collect(),
        category: category(*usual),
        categories: others.map(|(number, seats)| (category(*number), parts(seats))).collect(),
        at: unless(row.at, Point::default()),
        to: unless(row.to, row.at),
        rank: row.rank,
        accessible: parts(&row.accessible),
        companion: parts(&row.companion),
        restricted: parts(&row.restricted),
    }
}

/// A point, where it is not what it would be if it were left out.
fn unless(point: Point, default: Point) -> Option<[i32; 2]> {
    (point != default).then_some([point.x, point.y])
}
