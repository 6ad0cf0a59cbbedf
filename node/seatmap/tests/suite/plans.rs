//! Plans beside the house that was drawn, seat by seat.

use seatmap::plan::{Area, Block, CategorySeats};
use seatmap::{Plan, Seatmap};

use crate::drawn::{Drawn, DrawnSeat, draw, spell};
use crate::ours::OPERA;
use crate::{many, map, row, section};

#[test]
fn the_example_becomes_numbers() {
    let plan = Seatmap::from_json(OPERA.as_bytes()).unwrap().compile();
    let all = (1_u128 << 14) - 1;
    let block = |row, first, (accessible, companion, restricted)| Block {
        section: 0,
        row,
        first,
        len: 14,
        categories: vec![CategorySeats { category: 0, seats: all }],
        accessible,
        companion,
        restricted,
    };
    let none = (0, 0, 0);
    let want =
        [block(0, 0, (1, 2, 0)), block(0, 14, (0, 0, 1 << 13)), block(1, 28, none), block(1, 42, none)];
    assert_eq!(plan.blocks, want);
    assert_eq!((plan.sections, plan.rows, plan.categories, plan.ranks.len()), (1, 2, 2, 56));
    assert_eq!(plan.areas, [Area { category: 1, capacity: 300 }]);
}

#[test]
fn a_mask_has_a_bit_for_each_of_128_seats() {
    let more = r#","categories":{"b":["128"]},"accessible":["1"],"companion":["127"],"restricted":["1-128"]"#;
    let text = map(&section("s", &row("A", r#"["1-128","129"]"#, more)), "");
    let plan = Seatmap::from_json(text.as_bytes()).unwrap().compile();
    let [block, last] = &plan.blocks[..] else { panic!("two blocks") };
    let (top, rest) = (1_u128 << 127, u128::MAX >> 1);
    let categories = [CategorySeats { category: 0, seats: rest }, CategorySeats { category: 1, seats: top }];
    assert_eq!(block.categories, categories);
    assert_eq!((block.accessible, block.companion, block.restricted), (1, 1 << 126, u128::MAX));
    assert_eq!((last.first, last.len, last.restricted), (128, 1, 0));
}

/// Every fact of the plan, from the house itself.
fn assert_is_of(plan: &Plan, house: &Drawn, seed: u64) {
    let mut blocks = plan.blocks.iter();
    let (mut seat, mut row) = (0, 0);
    for ((_, rows), section) in house.sections.iter().zip(0..) {
        for drawn_row in rows {
            for drawn in &drawn_row.blocks {
                let block = blocks.next().unwrap();
                let head = (block.section, block.row, block.first, usize::from(block.len));
                assert_eq!(head, (section, row, seat, drawn.len()), "seed {seed}");
                let bits = |is_so: &dyn Fn(&DrawnSeat) -> bool| {
                    drawn.iter().rev().fold(0_u128, |mask, seat| mask << 1 | u128::from(is_so(seat)))
                };
                let marks = (block.accessible, block.companion, block.restricted);
                let want = (
                    bits(&|seat| seat.accessible),
                    bits(&|seat| seat.companion),
                    bits(&|seat| seat.restricted),
                );
                assert_eq!(marks, want, "seed {seed}");
                let of = |category: usize| bits(&|seat| seat.category == category);
                let categories: Vec<(usize, u128)> = (0..house.categories.len())
                    .map(|category| (category, of(category)))
                    .filter(|(_, seats)| *seats != 0)
                    .collect();
                let found: Vec<(usize, u128)> =
                    block.categories.iter().map(|seats| (usize::from(seats.category), seats.seats)).collect();
                assert_eq!(found, categories, "seed {seed}");
                seat += u32::from(block.len);
            }
            row += 1;
        }
    }
    assert!(blocks.next().is_none(), "seed {seed}");
    assert_eq!((u32::try_from(plan.ranks.len()).unwrap(), plan.rows), (seat, row), "seed {seed}");
    let mut ranks = plan.ranks.clone();
    ranks.sort_unstable();
    assert!(ranks.into_iter().eq(0..seat), "seed {seed}: ranks are dense");
    let areas: Vec<(usize, u32)> =
        plan.areas.iter().map(|area| (usize::from(area.category), area.capacity)).collect();
    let want: Vec<(usize, u32)> =
        house.areas.iter().map(|(_, category, capacity)| (*category, *capacity)).collect();
    assert_eq!(areas, want, "seed {seed}");
}

#[test]
fn plans_say_what_the_house_is() {
    for seed in 0..500 {
        let house = draw(seed);
        let plan = Seatmap::from_json(spell(&house, seed).as_bytes()).unwrap().compile();
        assert_is_of(&plan, &house, seed);
    }
}

#[test]
fn sections_in_another_order_are_the_same_seats_with_numbers_of_their_own() {
    for seed in 0..100 {
        let house = draw(seed);
        let mut turned = draw(seed);
        turned.sections.rotate_left(1);
        let [one, other] =
            [&house, &turned].map(|house| Seatmap::from_json(spell(house, seed).as_bytes()).unwrap());
        let names = |map: &Seatmap| (0..map.counts().seats).map(|seat| map.name_of(seat)).collect::<Vec<_>>();
        let (mut names_of_one, mut names_of_other) = (names(&one), names(&other));
        let is_same_order = names_of_one == names_of_other;
        assert_eq!(is_same_order, house.sections.len() == 1, "seed {seed}");
        assert_eq!(is_same_order, one.canonical() == other.canonical(), "seed {seed}");
        assert_is_of(&other.compile(), &turned, seed);
        names_of_one.sort();
        names_of_other.sort();
        assert_eq!(names_of_one, names_of_other, "seed {seed}");
    }
}

#[test]
fn a_map_of_lone_seats_in_64_categories_stays_small() {
    let categories = many(64, |index| format!(r#"{{"key":"c{index}"}}"#));
    let seats = many(128, |index| format!("\"{index}\""));
    let row = |index| format!(r#"{{"key":"{index}","seats":[{seats}],"category":"c{}"}}"#, index % 64);
    let rows = section("s", &many(1_024, row));
    let text = format!(r#"{{"categories":[{categories}],"sections":[{rows}]}}"#);
    let plan = Seatmap::from_json(text.as_bytes()).unwrap().compile();
    assert_eq!(plan.blocks.len(), 131_072);
    assert!(plan.blocks.iter().all(|block| block.len == 1 && block.categories.len() == 1));
}
