//! Ranks beside a naive computation in fractions of 128 bits.

use std::cmp::Ordering;

use seatmap::Seatmap;

use crate::drawn::{Drawn, draw, spell};
use crate::{many, map, row, section};

/// The ranks, seat by seat in the order of the map: how many seats are better.
fn naive(house: &Drawn) -> Vec<u32> {
    let mut seats: Vec<(Option<u16>, i128)> = Vec::new();
    for row in house.sections.iter().flat_map(|(_, rows)| rows) {
        let count = row.seats().count();
        for index in 0..count {
            let at = |axis: usize| coordinate(row.at[axis], row.to[axis], index, count);
            let (x, y) = (at(0) - i128::from(house.focus[0]), at(1) - i128::from(house.focus[1]));
            seats.push((row.rank, x * x + y * y));
        }
    }
    let order = |one: &(usize, (Option<u16>, i128)), other: &(usize, (Option<u16>, i128))| {
        let by_rank = match (one.1.0, other.1.0) {
            (Some(one), Some(other)) => one.cmp(&other),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        by_rank.then(one.1.1.cmp(&other.1.1)).then(one.0.cmp(&other.0))
    };
    let numbered: Vec<(usize, (Option<u16>, i128))> = seats.into_iter().enumerate().collect();
    let better = |seat| numbered.iter().filter(|other| order(other, seat) == Ordering::Less).count();
    numbered.iter().map(|seat| u32::try_from(better(seat)).unwrap()).collect()
}

/// `at + (to − at)·i/(m−1)`: the nearest whole number, found by trying; of two that are as near, the one farther from zero.
fn coordinate(at: i32, to: i32, index: usize, count: usize) -> i128 {
    let (at, to, index) = (i128::from(at), i128::from(to), i128::try_from(index).unwrap());
    let steps = i128::try_from(count).unwrap() - 1;
    if steps == 0 {
        return at;
    }
    // The exact place is `exact / steps`.
    let exact = at * steps + (to - at) * index;
    let floor = exact.div_euclid(steps);
    [floor, floor + 1].into_iter().min_by_key(|whole| ((whole * steps - exact).abs(), -whole.abs())).unwrap()
}

#[test]
fn ranks_are_what_the_contract_says() {
    for seed in 0..500 {
        let house = draw(seed);
        let map = Seatmap::from_json(spell(&house, seed).as_bytes()).unwrap();
        assert_eq!(map.compile().ranks, naive(&house), "seed {seed}");
    }
}

#[test]
fn a_few_by_hand() {
    for (what, rows, more, want) in [
        ("all in one place: the order of the map", row("A", r#"["1-4"]"#, ""), "", "0 1 2 3"),
        ("from the left", row("A", r#"["1-4"]"#, r#","at":[1,0],"to":[4,0]"#), "", "0 1 2 3"),
        ("from the right", row("A", r#"["1-4"]"#, r#","at":[4,0],"to":[1,0]"#), "", "3 2 1 0"),
        (
            "from the middle, left before right",
            row("A", r#"["1-4"]"#, r#","at":[-3,0],"to":[3,0]"#),
            "",
            "2 0 1 3",
        ),
        ("an aisle takes no room", row("A", r#"["1","2-4"]"#, r#","at":[-3,0],"to":[3,0]"#), "", "2 0 1 3"),
        // The places are 0, 1/2, 1: the one in the middle counts as 1, or as -1.
        ("halves away from zero", row("A", r#"["1-3"]"#, r#","to":[1,0]"#), r#","focus":[1,0]"#, "2 0 1"),
        ("and below zero", row("A", r#"["1-3"]"#, r#","to":[-1,0]"#), r#","focus":[-1,0]"#, "2 0 1"),
        // Whole coordinates are rounded, not the way from `at`: -5 + 1/2 is -4.5 and counts as -5.
        (
            "the place, not the way",
            row("A", r#"["1-3"]"#, r#","at":[-5,0],"to":[-4,0]"#),
            r#","focus":[-4,0]"#,
            "1 2 0",
        ),
        (
            "a rank goes before all distances",
            format!(
                "{},{},{}",
                row("A", r#"["1-2"]"#, ""),
                row("B", r#"["1-2"]"#, r#","at":[9,9],"rank":65535"#),
                row("C", r#"["1-2"]"#, r#","at":[1000000,1000000],"rank":0"#)
            ),
            "",
            "4 5 2 3 0 1",
        ),
        (
            "the farthest corner",
            format!(
                "{},{}",
                row("A", r#"["1"]"#, r#","at":[1000000,1000000]"#),
                row("B", r#"["1"]"#, r#","at":[999999,1000000]"#)
            ),
            r#","focus":[-1000000,-1000000]"#,
            "1 0",
        ),
    ] {
        let map = Seatmap::from_json(map(&section("s", &rows), more).as_bytes()).unwrap();
        let ranks: Vec<String> = map.compile().ranks.iter().map(u32::to_string).collect();
        assert_eq!(ranks.join(" "), want, "{what}");
    }
}

#[test]
fn the_longest_row_across_the_plane_is_ranked() {
    let items = many(1_024, |index| format!(r#""{}-{}""#, index * 128 + 1, (index + 1) * 128));
    let row = row("A", &format!("[{items}]"), r#","at":[-1000000,-1000000],"to":[1000000,1000000]"#);
    let map = Seatmap::from_json(map(&section("s", &row), "").as_bytes()).unwrap();
    let ranks = map.compile().ranks;
    // The two in the middle are the best, the two at the ends the worst.
    assert_eq!((ranks[65_535], ranks[65_536], ranks[0], ranks[131_071]), (0, 1, 131_070, 131_071));
}
