//! Houses that a seed draws, and the many ways in which one house can be written in our format: an oracle that knows of every seat
//! what it is without reading any text.

use std::collections::BTreeSet;

use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

/// A house, seat by seat.
pub(crate) struct Drawn {
    pub(crate) name: String,
    pub(crate) focus: [i32; 2],
    pub(crate) categories: Vec<String>,
    pub(crate) sections: Vec<(String, Vec<DrawnRow>)>,
    pub(crate) areas: Vec<(String, usize, u32)>,
}

/// A row of it.
#[derive(Clone)]
pub(crate) struct DrawnRow {
    pub(crate) key: String,
    /// What lies between two aisles.
    pub(crate) blocks: Vec<Vec<DrawnSeat>>,
    pub(crate) at: [i32; 2],
    pub(crate) to: [i32; 2],
    pub(crate) rank: Option<u16>,
}

/// A seat of it.
#[derive(Clone)]
pub(crate) struct DrawnSeat {
    pub(crate) number: String,
    pub(crate) category: usize,
    pub(crate) accessible: bool,
    pub(crate) companion: bool,
    pub(crate) restricted: bool,
}

impl DrawnRow {
    pub(crate) fn seats(&self) -> impl Iterator<Item = &DrawnSeat> {
        self.blocks.iter().flatten()
    }
}

/// The house of this seed.
pub(crate) fn draw(seed: u64) -> Drawn {
    let rng = &mut SmallRng::seed_from_u64(seed);
    let categories: Vec<String> = keys(rng, 5);
    let reach = [2, 50, 1_000_000][rng.random_range(0..3)];
    let sections = keys(rng, 4)
        .into_iter()
        .map(|key| {
            (key, keys(rng, 5).into_iter().map(|key| draw_row(rng, key, categories.len(), reach)).collect())
        })
        .collect::<Vec<(String, Vec<DrawnRow>)>>();
    let areas = keys(rng, 3)
        .into_iter()
        .map(|key| (format!("area {key}"), rng.random_range(0..categories.len()), rng.random_range(1..1_000)))
        .collect();
    let name = ["", "Öffentliche \"Bühne\"", "house"][rng.random_range(0..3)].to_owned();
    Drawn { name, focus: point(rng, reach), categories, sections, areas }
}

fn keys(rng: &mut SmallRng, most: usize) -> Vec<String> {
    let mut keys: Vec<String> =
        ["A", "b c", "ä~2", "10", "9", "\"q\\", "z-1", "Ω"].map(str::to_owned).to_vec();
    keys.shuffle(rng);
    keys.truncate(rng.random_range(1..=most));
    keys
}

fn point(rng: &mut SmallRng, reach: i32) -> [i32; 2] {
    if rng.random_range(0..3) == 0 {
        return [0, 0];
    }
    [rng.random_range(-reach..=reach), rng.random_range(-reach..=reach)]
}

fn draw_row(rng: &mut SmallRng, key: String, categories: usize, reach: i32) -> DrawnRow {
    let mut taken = BTreeSet::new();
    let usual = rng.random_range(0..categories);
    let blocks = (0..rng.random_range(1..4))
        .map(|_| {
            let mut numbers = draw_numbers(rng);
            numbers.retain(|number| taken.insert(number.clone()));
            let seat = |number| DrawnSeat {
                number,
                category: if rng.random_range(0..4) == 0 { rng.random_range(0..categories) } else { usual },
                accessible: rng.random_range(0..5) == 0,
                companion: false,
                restricted: rng.random_range(0..3) == 0,
            };
            let mut seats: Vec<DrawnSeat> = numbers.into_iter().map(seat).collect();
            for seat in &mut seats {
                seat.companion = !seat.accessible && rng.random_range(0..4) == 0;
            }
            seats
        })
        .filter(|block| !block.is_empty())
        .collect();
    let at = point(rng, reach);
    let to = if rng.random_range(0..4) == 0 { at } else { point(rng, reach) };
    let rank = (rng.random_range(0..3) == 0).then(|| [0, 1, 65_535][rng.random_range(0..3)]);
    DrawnRow { key, blocks, at, to, rank }
}

/// Numbers that run for a while, by some step, and names.
fn draw_numbers(rng: &mut SmallRng) -> Vec<String> {
    let mut numbers = Vec::new();
    for _ in 0..rng.random_range(1..4) {
        let step = [1, 2, -1, -2, 5][rng.random_range(0..5)];
        let mut next = rng.random_range(10..60);
        for _ in 0..rng.random_range(1..6) {
            numbers.push(next.to_string());
            next += step;
        }
        if rng.random_range(0..3) == 0 {
            numbers.push(["07", "12a", "ö", "A B"][rng.random_range(0..4)].to_owned());
        }
    }
    let mut taken = BTreeSet::new();
    numbers.retain(|number| taken.insert(number.clone()));
    numbers
}

/// A text for JSON.
fn text(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// The house in one of its spellings.
pub(crate) fn spell(house: &Drawn, seed: u64) -> String {
    let rng = &mut SmallRng::seed_from_u64(seed);
    let mut fields = Vec::new();
    if !house.name.is_empty() || rng.random() {
        fields.push(format!("\"name\":{}", text(&house.name)));
    }
    if house.focus != [0, 0] || rng.random() {
        fields.push(format!("\"focus\": {:?}", house.focus));
    }
    let categories: Vec<String> =
        house.categories.iter().map(|key| format!("{{{}}}", names(rng, key))).collect();
    fields.push(format!("\"categories\":[{}]", categories.join(", ")));
    let mut sections = Vec::new();
    for (key, rows) in &house.sections {
        let rows: Vec<String> = rows.iter().map(|row| spell_row(rng, row, &house.categories)).collect();
        sections.push(format!("{{{},\"rows\":[{}]}}", names(rng, key), rows.join(",\n")));
    }
    fields.push(format!("\"sections\":[{}]", sections.join(",")));
    let area = |(key, category, capacity): &(String, usize, u32), rng: &mut SmallRng| {
        let category = text(&house.categories[*category]);
        format!("{{{},\"capacity\":{capacity},\"category\":{category}}}", names(rng, key))
    };
    let areas: Vec<String> = house.areas.iter().map(|house| area(house, rng)).collect();
    fields.push(format!("\"areas\":[{}]", areas.join(",")));
    fields.shuffle(rng);
    format!("{{ {} }}\n", fields.join(",\n"))
}

/// A key, and its name, which is the key where it is left out.
fn names(rng: &mut SmallRng, key: &str) -> String {
    let key = text(key);
    if rng.random() { format!("\"key\":{key}") } else { format!("\"name\":{key},\"key\":{key}") }
}

fn spell_row(rng: &mut SmallRng, row: &DrawnRow, categories: &[String]) -> String {
    let block = |block: &Vec<DrawnSeat>, rng: &mut SmallRng| {
        let numbers: Vec<&str> = block.iter().map(|seat| &*seat.number).collect();
        text(&spell_numbers(rng, &numbers).join([",", " , "][rng.random_range(0..2)]))
    };
    let blocks: Vec<String> = row.blocks.iter().map(|seats| block(seats, rng)).collect();
    let usual = rng.random_range(0..categories.len());
    let mut fields = vec![
        format!("\"key\":{}", text(&row.key)),
        format!("\"seats\":[{}]", blocks.join(",")),
        format!("\"category\":{}", text(&categories[usual])),
    ];
    let mut overrides = Vec::new();
    for (index, key) in categories.iter().enumerate() {
        let is_of = |seat: &DrawnSeat| seat.category == index;
        // That some seats are of the row's own category may be said, too.
        if index == usual && rng.random() {
            continue;
        }
        if row.seats().any(is_of) || rng.random() {
            overrides.push(format!("{}:{}", text(key), spell_list(rng, row, is_of)));
        }
    }
    if !overrides.is_empty() {
        overrides.shuffle(rng);
        fields.push(format!("\"categories\":{{{}}}", overrides.join(",")));
    }
    for (name, list) in [
        ("accessible", spell_list(rng, row, |seat| seat.accessible)),
        ("companion", spell_list(rng, row, |seat| seat.companion)),
        ("restricted", spell_list(rng, row, |seat| seat.restricted)),
    ] {
        if list != "[]" || rng.random() {
            fields.push(format!("\"{name}\":{list}"));
        }
    }
    if row.at != [0, 0] || rng.random() {
        fields.push(format!("\"at\":{:?}", row.at));
    }
    if row.to != row.at || rng.random() {
        fields.push(format!("\"to\":{:?}", row.to));
    }
    fields.extend(row.rank.map(|rank| format!("\"rank\":{rank}")));
    fields.shuffle(rng);
    format!("{{{}}}", fields.join(","))
}

/// Seats of a row, in any order.
fn spell_list(rng: &mut SmallRng, row: &DrawnRow, is_meant: impl Fn(&DrawnSeat) -> bool) -> String {
    let numbers: Vec<&str> = row.seats().filter(|seat| is_meant(seat)).map(|seat| &*seat.number).collect();
    let mut items = spell_numbers(rng, &numbers);
    items.shuffle(rng);
    let items: Vec<String> = items.iter().map(|item| text(item)).collect();
    format!("[{}]", items.join(","))
}

/// Numbers in this order, some of those that run by one step as ranges.
fn spell_numbers(rng: &mut SmallRng, numbers: &[&str]) -> Vec<String> {
    let counted = |number: &str| number.parse::<i64>().ok().filter(|counted| counted.to_string() == *number);
    let mut items = Vec::new();
    let mut rest = numbers;
    while let [first, others @ ..] = rest {
        let mut len = 1;
        let steps: Vec<Option<i64>> =
            rest.windows(2).map(|pair| Some(counted(pair[1])? - counted(pair[0])?)).collect();
        if let Some(Some(step)) = steps.first() {
            let longest = 1 + steps.iter().take_while(|other| **other == Some(*step)).count();
            len = rng.random_range(1..=longest);
            if len > 1 {
                let last = rest[len - 1];
                let is_one = step.abs() == 1 && rng.random();
                let range = format!("{first}-{last}");
                items.push(if is_one { range } else { format!("{range}/{}", step.abs()) });
            }
        }
        if len == 1 {
            items.push((*first).to_owned());
            rest = others;
        } else {
            rest = &rest[len..];
        }
    }
    items
}
