//! The map of a house in the contract's words, and what every house has: categories, keys, prices by distance.

use std::collections::BTreeMap;

use serde::Serialize;

use super::row::Row;

/// How far one row stands behind another, in centimetres, as everything here.
pub(super) const ROW_CM: i32 = 80;

/// A seatmap, as `POST /v1/seatmaps` takes it.
#[derive(Clone, Debug, Serialize)]
pub struct House {
    pub(super) name: String,
    pub(super) focus: [i32; 2],
    pub(super) categories: Vec<Category>,
    pub(super) sections: Vec<Section>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) areas: Vec<Area>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Category {
    pub(super) key: String,
    pub(super) name: String,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Section {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) rows: Vec<Row>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Area {
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    pub(super) category: String,
    pub(super) capacity: u32,
}

impl House {
    pub(super) fn seats(&self) -> u32 {
        self.sections.iter().flat_map(|section| &section.rows).map(Row::len).sum()
    }
}

/// Categories `1`, `2`, …, the best first.
pub(super) fn categories(count: usize) -> Vec<Category> {
    let category = |number: usize| Category { key: number.to_string(), name: format!("Category {number}") };
    (1..=count).map(category).collect()
}

/// A, B, …, Z, AA, AB, …
pub(super) fn letters(mut index: usize) -> String {
    let mut key = Vec::new();
    loop {
        key.push(b'A' + u8::try_from(index % 26).expect("below 26"));
        if index < 26 {
            break;
        }
        index = index / 26 - 1;
    }
    key.reverse();
    String::from_utf8(key).expect("letters")
}

/// Gives every row a category, so that each has about as many rows as another: the nearest to the focus have the best.
pub(super) fn price_by_distance(house: &mut House) {
    let focus = house.focus;
    let count = house.categories.len();
    let keys: Vec<String> = house.categories.iter().map(|category| category.key.clone()).collect();
    let rows = || house.sections.iter().flat_map(|section| &section.rows);
    let mut distances: Vec<u64> = rows().map(|row| row.distance_squared(focus)).collect();
    distances.sort_unstable();
    let mut ranks: BTreeMap<u64, usize> = BTreeMap::new();
    for (rank, distance) in distances.iter().enumerate() {
        // Rows that are as far away cost the same.
        ranks.entry(*distance).or_insert(rank);
    }
    let all = distances.len();
    for row in house.sections.iter_mut().flat_map(|section| &mut section.rows) {
        let rank = ranks[&row.distance_squared(focus)];
        row.category.clone_from(&keys[rank * count / all]);
    }
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn keys_are_letters() {
        for (index, want) in
            [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")]
        {
            assert_eq!(letters(index), want);
        }
    }
}
