//! Halls, which look at a stage: cinemas and theatres.

use rand::RngExt;
use rand::rngs::SmallRng;

use super::map::{House, ROW_CM, Section, categories, letters, price_by_distance};
use super::row::{Numbering, Row, blocks, ends, share};

/// How a level of a hall is drawn.
struct Level {
    seats: u32,
    /// How many rows it has, if there are seats enough.
    rows: u32,
    /// How many seats stand between two aisles at most.
    block_max: u32,
    /// How far from the stage its first row is.
    depth: i32,
    numbering: Numbering,
}

/// Rows one behind the other, each as wide as the others, or one seat wider.
fn draw_level(rng: &mut SmallRng, level: &Level) -> Vec<Row> {
    let rows = level.rows.clamp(1, level.seats);
    let widest = level.seats.div_ceil(rows);
    // One aisle or two, or as many as it takes.
    let aisles =
        (widest.div_ceil(level.block_max) - 1).max(if widest < 12 { 0 } else { rng.random_range(1..=2) });
    (0..rows)
        .map(|index| {
            let len = share(level.seats, index, rows);
            let (left, right) = ends(0, len);
            let index = i32::try_from(index).expect("rows are few");
            let depth = level.depth + index * ROW_CM;
            Row {
                key: letters(usize::try_from(index).expect("counted from 0")),
                blocks: blocks(len, aisles),
                numbering: level.numbering,
                category: String::new(),
                sides: None,
                at: [left, depth],
                to: [right, depth],
                spaces: 0,
                restricted: 0,
            }
        })
        .collect()
}

fn section(name: &str, rows: Vec<Row>) -> Section {
    Section { key: name.to_lowercase().replace(' ', "-"), name: name.to_owned(), rows }
}

/// One hall; the last row of a large one is of love seats, in pairs.
pub(super) fn cinema(rng: &mut SmallRng, seats: Option<u32>) -> House {
    let seats = seats.unwrap_or_else(|| rng.random_range(60..=400));
    // Seldom wider than 2 × 24, and seldom narrower than 6.
    let rows = rng.random_range(8..=20).clamp(seats.div_ceil(48), (seats / 6).max(seats.div_ceil(48)));
    let numbering = [Numbering::Rising, Numbering::Falling][rng.random_range(0..2)];
    let level = Level { seats, rows, block_max: 24, depth: 600, numbering };
    let rows = draw_level(rng, &level);
    let count = rng.random_range(1..=3);
    // The best seats of a cinema are two thirds back.
    let focus = [0, 600 + i32::try_from(rows.len()).expect("rows are few") * ROW_CM * 2 / 3];
    let sections = vec![section("Hall", rows)];
    let mut house = House {
        name: format!("Cinema {seats}"),
        focus,
        categories: categories(count),
        sections,
        areas: Vec::new(),
    };
    price_by_distance(&mut house);
    let rows = &mut house.sections[0].rows;
    if rows.len() >= 6
        && let Some(last) = rows.last_mut()
    {
        let len = last.len();
        last.blocks = blocks(len, len.div_ceil(2) - 1);
    }
    house
}

/// The levels of a theatre, from the stage up.
const LEVELS: [&str; 4] = ["Stalls", "Dress circle", "Upper circle", "Gallery"];

/// Stalls, one to three circles, and boxes of 4 to 6 chairs.
pub(super) fn theatre(rng: &mut SmallRng, seats: Option<u32>) -> House {
    let seats = seats.unwrap_or_else(|| rng.random_range(500..=2_500));
    let (levels, boxes) =
        if seats < 200 { (1, 0) } else { (rng.random_range(2..=4), rng.random_range(2..=8)) };
    let chairs: Vec<u32> = (0..boxes).map(|_| rng.random_range(4..=6)).collect();
    let numbering = [Numbering::Rising, Numbering::Falling, Numbering::OddEven][rng.random_range(0..3)];
    let mut left = seats - chairs.iter().sum::<u32>();
    let mut sections = Vec::new();
    let mut depth = 500;
    for (index, name) in LEVELS.into_iter().take(levels).enumerate() {
        // The stalls are the half of what is there, and so is each circle of what is left; the last has the rest.
        let seats = if index + 1 == levels { left } else { left / 2 };
        left -= seats;
        // 10 to 30 rows of two or three times 8 to 20.
        let rows = rng.random_range(10..=30).clamp(seats.div_ceil(60), (seats / 16).max(seats.div_ceil(60)));
        let mut drawn = draw_level(rng, &Level { seats, rows, block_max: 20, depth, numbering });
        // Circles are deep: from their sides one does not see all of the stage.
        if index > 0 {
            for row in &mut drawn {
                row.restricted = row.len() / 12;
            }
        }
        depth += i32::try_from(drawn.len()).expect("rows are few") * ROW_CM + 200;
        sections.push(section(name, drawn));
    }
    for (index, chairs) in (1..).zip(chairs) {
        sections.push(section(&format!("Box {index}"), vec![draw_box(index, chairs, numbering)]));
    }
    let count = rng.random_range(4..=7);
    let mut house = House {
        name: format!("Theatre {seats}"),
        focus: [0, 500],
        categories: categories(count),
        sections,
        areas: Vec::new(),
    };
    price_by_distance(&mut house);
    cheapen_sides(&mut house);
    house
}

/// A box at the side of the stage: odd ones on the left.
fn draw_box(number: i32, chairs: u32, numbering: Numbering) -> Row {
    let side = if number % 2 == 1 { -1 } else { 1 };
    let depth = 600 + (number - 1) / 2 * 300;
    let (near, far) = ends(depth, chairs);
    Row {
        key: "A".to_owned(),
        blocks: vec![chairs],
        numbering,
        category: String::new(),
        sides: None,
        at: [side * 1_500, near],
        to: [side * 1_500, far],
        spaces: 0,
        restricted: chairs / 4,
    }
}

/// The two seats at each end of a wide row are one category worse.
fn cheapen_sides(house: &mut House) {
    let keys: Vec<String> = house.categories.iter().map(|category| category.key.clone()).collect();
    for row in house.sections.iter_mut().flat_map(|section| &mut section.rows) {
        let own = keys.iter().position(|key| *key == row.category).expect("every row has a category");
        if let Some(worse) = keys.get(own + 1).filter(|_| row.len() >= 16) {
            row.sides = Some((worse.clone(), 2));
        }
    }
}
