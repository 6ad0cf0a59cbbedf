//! Bowls, which look at a field or a stage from all sides: arenas and stadiums. Their sections stand along the four sides of a
//! rectangle, tier behind tier, with aisles between them.

use std::ops::RangeInclusive;

use rand::RngExt;
use rand::rngs::SmallRng;

use super::map::{Area, Category, House, ROW_CM, Section, categories, price_by_distance};
use super::row::{Numbering, Row, SEAT_CM, blocks, ends, share};

/// How wide an aisle between two sections is, and how far a tier stands behind another.
const AISLE_CM: i32 = 120;
const TIER_CM: i32 = 300;

/// What a bowl is drawn from.
struct Shape {
    sections: RangeInclusive<u32>,
    /// How many seats a row has, between the aisles beside its section.
    width: RangeInclusive<u32>,
    categories: RangeInclusive<usize>,
    tiers: u32,
    /// Of ten sections of a tier: how many stand in the north, east, south and west.
    sides: [u32; 4],
}

/// A stage in the west, where nobody sits, and a floor without numbers.
pub(super) fn arena(rng: &mut SmallRng, seats: Option<u32>) -> House {
    let seats = seats.unwrap_or_else(|| rng.random_range(10_000..=20_000));
    let shape =
        Shape { sections: 80..=150, width: 10..=24, categories: 5..=10, tiers: 2, sides: [4, 2, 4, 0] };
    let mut house = draw(rng, &shape, seats);
    let west = house.sections.iter().flat_map(|section| &section.rows).map(|row| row.at[0]).min();
    house.focus = [west.expect("a house has a row"), 0];
    house.name = format!("Arena {seats}");
    price_by_distance(&mut house);
    // Whoever sits beside the stage sees it from the side, and over the heads of others.
    let beside = house.focus[0] + 2 * SEAT_CM * i32::try_from(*shape.width.end()).expect("a row is short");
    for row in house.sections.iter_mut().flat_map(|section| &mut section.rows) {
        if row.at[0].min(row.to[0]) < beside {
            row.restricted = row.len() / 4;
        }
    }
    let (key, name) = ("floor".to_owned(), "Floor, standing".to_owned());
    house.categories.push(Category { key: key.clone(), name });
    house.areas.push(Area { key: "floor", name: "Floor", category: key, capacity: (seats / 10).max(1) });
    house
}

/// A field with seats all round.
pub(super) fn stadium(rng: &mut SmallRng, seats: Option<u32>) -> House {
    let seats = seats.unwrap_or_else(|| rng.random_range(88_000..=92_000));
    let shape =
        Shape { sections: 160..=240, width: 14..=28, categories: 6..=12, tiers: 3, sides: [3, 2, 3, 2] };
    let mut house = draw(rng, &shape, seats);
    house.name = format!("Stadium {seats}");
    price_by_distance(&mut house);
    house
}

fn draw(rng: &mut SmallRng, shape: &Shape, seats: u32) -> House {
    // A small house has fewer sections, of twenty seats and more.
    let count = rng.random_range(shape.sections.clone()).min(seats.div_ceil(20));
    let tiers = shape.tiers.min(count);
    let width_max = i32::try_from(*shape.width.end()).expect("a row is short");
    let pitch = width_max * SEAT_CM + AISLE_CM;
    let rows_max = i32::try_from(seats.div_ceil(count).div_ceil(*shape.width.start())).expect("rows are few");
    let numbering = [Numbering::Rising, Numbering::Falling][rng.random_range(0..2)];
    let mut sections = Vec::new();
    for tier in 0..tiers {
        let in_tier = share(count, tier, tiers);
        let of_sides = sides(in_tier, shape.sides);
        // Where a side begins depends on how long those beside it are.
        let half = |side: usize| {
            let beside = of_sides[(side + 1) % 4].max(of_sides[(side + 3) % 4]);
            i32::try_from(beside).expect("sections are few") * pitch / 2 + AISLE_CM
        };
        let back = i32::try_from(tier).expect("tiers are few") * (rows_max * ROW_CM + TIER_CM);
        for (side, on_side) in of_sides.into_iter().enumerate() {
            for index in 0..on_side {
                let number = u32::try_from(sections.len()).expect("sections are few");
                let key = format!("{}{:02}", tier + 1, number + 1);
                let along = (2 * i32::try_from(index).expect("few") + 1
                    - i32::try_from(on_side).expect("few"))
                    * pitch
                    / 2;
                let stand = Stand { side, along, depth: half(side) + back, numbering };
                let width = rng.random_range(shape.width.clone());
                let rows = stand.rows(share(seats, number, count), width);
                sections.push(Section { name: format!("Section {key}"), key, rows });
            }
        }
    }
    let categories = categories(rng.random_range(shape.categories.clone()));
    House { name: String::new(), focus: [0, 0], categories, sections, areas: Vec::new() }
}

/// So many sections over the four sides, by tenths; together they are all.
fn sides(sections: u32, tenths: [u32; 4]) -> [u32; 4] {
    let mut up_to = 0;
    tenths.map(|tenth| {
        let before = sections * up_to / 10;
        up_to += tenth;
        sections * up_to / 10 - before
    })
}

/// Where a section stands: on which side (north, east, south, west), how far along it, and how far from the middle.
struct Stand {
    side: usize,
    along: i32,
    depth: i32,
    numbering: Numbering,
}

impl Stand {
    /// So many seats in rows of up to so many.
    fn rows(&self, seats: u32, width: u32) -> Vec<Row> {
        let rows = seats.div_ceil(width);
        (0..rows)
            .map(|index| {
                let len = share(seats, index, rows);
                let (from, to) = ends(self.along, len);
                let depth = self.depth + i32::try_from(index).expect("rows are few") * ROW_CM;
                Row {
                    key: (index + 1).to_string(),
                    blocks: blocks(len, 0),
                    numbering: self.numbering,
                    category: String::new(),
                    sides: None,
                    at: self.turn(from, depth),
                    to: self.turn(to, depth),
                    spaces: 0,
                    restricted: 0,
                }
            })
            .collect()
    }

    fn turn(&self, along: i32, depth: i32) -> [i32; 2] {
        match self.side {
            0 => [along, depth],
            1 => [depth, -along],
            2 => [-along, -depth],
            _ => [-depth, along],
        }
    }
}
