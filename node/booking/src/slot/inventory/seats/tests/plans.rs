//! What is a house and what is none, at every bound from both sides; and how much memory one takes.

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use super::super::{
    AREAS_MAX, BadPlan, CATEGORIES_MAX, Category, Drawing, DrawnArea, DrawnBlock, Plan, ROWS_MAX, Row,
    SEATS_MAX, SECTIONS_MAX, Seat, Seats, Section,
};
use super::houses::draw;
use crate::limits::CAPACITY_MAX;

/// A block of one category.
fn block(section: u16, row: u16, length: u8) -> DrawnBlock {
    let mask = u128::MAX >> (128 - u32::from(length.clamp(1, 128)));
    DrawnBlock {
        section: Section(section),
        row: Row(row),
        length,
        categories: vec![(Category(0), mask)],
        accessible: 0,
        companion: 0,
    }
}

fn drawing(blocks: Vec<DrawnBlock>) -> Drawing {
    let seats = blocks.iter().map(|block| u32::from(block.length)).sum();
    Drawing { blocks, ranks: (0..seats).collect(), areas: Vec::new(), categories: 1 }
}

fn area(category: u8, capacity: u32) -> DrawnArea {
    DrawnArea { category: Category(category), capacity }
}

#[track_caller]
fn check(drawing: &Drawing, want: Result<(), BadPlan>) {
    assert_eq!(Plan::new(drawing).map(|_| ()), want);
}

/// A row of a table.
type OrderRow<'all> = (&'all [(u16, u16)], Result<(), BadPlan>);
/// A row of a table.
type PurposeRow<'all> = (&'all [(u8, u128)], u128, u128, Result<(), BadPlan>);

#[test]
fn every_seat_is_found_in_its_block() {
    let lengths: [&[u8]; 6] = [&[], &[1], &[32, 1], &[31, 33, 128, 1, 1, 64], &[128; 9], &[1; 100]];
    for lengths in lengths {
        let blocks = (0..).zip(lengths).map(|(row, length)| block(0, row, *length)).collect();
        let plan = Plan::new(&Drawing { areas: vec![area(0, 1)], ..drawing(blocks) }).unwrap();
        let places = (0..)
            .zip(lengths)
            .flat_map(|(block, length)| (0..u32::from(*length)).map(move |place| Some((block, place))));
        let found = (0..).map(|seat| plan.locate(Seat(seat)));
        let wanted = places.chain([None, None]).collect::<Vec<_>>();
        assert_eq!(found.take(wanted.len()).collect::<Vec<_>>(), wanted, "{lengths:?}");
    }
}

#[test]
fn a_house_is_within_its_bounds() {
    let few =
        |areas: Vec<DrawnArea>, categories| Drawing { areas, categories, ..drawing(vec![block(0, 0, 2)]) };
    check(&drawing(Vec::new()), Err(BadPlan::Empty));
    check(&Drawing { areas: vec![area(0, 1)], ..drawing(Vec::new()) }, Ok(()));
    check(&few(vec![area(0, 1); AREAS_MAX], 1), Ok(()));
    check(&few(vec![area(0, 1); AREAS_MAX + 1], 1), Err(BadPlan::Size));
    check(&few(Vec::new(), 0), Err(BadPlan::Size));
    check(&few(Vec::new(), CATEGORIES_MAX), Ok(()));
    check(&few(Vec::new(), CATEGORIES_MAX + 1), Err(BadPlan::Size));
    check(&few(vec![area(0, CAPACITY_MAX - 2)], 1), Ok(()));
    check(&few(vec![area(0, CAPACITY_MAX - 1)], 1), Err(BadPlan::Size));
    check(&few(vec![area(0, u32::MAX); 2], 1), Err(BadPlan::Size));
    check(&few(vec![area(1, 1)], 2), Ok(()));
    check(&few(vec![area(2, 1)], 2), Err(BadPlan::Category));
    let blocks = SEATS_MAX / 128;
    check(&drawing(vec![block(0, 0, 128); blocks]), Ok(()));
    check(&drawing([vec![block(0, 0, 128); blocks], vec![block(0, 0, 1)]].concat()), Err(BadPlan::Size));
    let rows = |count: u16| drawing((0..count).map(|row| block(0, row, 1)).collect());
    check(&rows(ROWS_MAX), Ok(()));
    check(&rows(ROWS_MAX + 1), Err(BadPlan::Size));
    let sections = |count: u16| drawing((0..count).map(|row| block(row, row, 1)).collect());
    check(&sections(SECTIONS_MAX), Ok(()));
    check(&sections(SECTIONS_MAX + 1), Err(BadPlan::Size));
}

#[test]
fn blocks_rows_and_sections_are_in_the_order_of_the_map() {
    let rows: &[OrderRow<'_>] = &[
        (&[(0, 0), (0, 0), (0, 1), (1, 2), (1, 2)], Ok(())),
        (&[(0, 1)], Err(BadPlan::Order)),
        (&[(1, 0)], Err(BadPlan::Order)),
        (&[(0, 0), (0, 2)], Err(BadPlan::Order)),
        (&[(0, 0), (2, 1)], Err(BadPlan::Order)),
        (&[(0, 0), (0, 1), (0, 0)], Err(BadPlan::Order)),
        (&[(0, 0), (1, 1), (0, 2)], Err(BadPlan::Order)),
        // A row is in one section.
        (&[(0, 0), (1, 0)], Err(BadPlan::Order)),
    ];
    for (blocks, want) in rows {
        check(&drawing(blocks.iter().map(|&(section, row)| block(section, row, 3)).collect()), *want);
    }
    for (length, want) in [(0, Err(BadPlan::Length)), (1, Ok(())), (128, Ok(())), (129, Err(BadPlan::Length))]
    {
        check(&drawing(vec![block(0, 0, length)]), want);
    }
}

#[test]
fn each_seat_is_of_one_category_and_for_one_purpose() {
    let with = |categories: &[(u8, u128)], accessible, companion| Drawing {
        categories: 2,
        ..drawing(vec![DrawnBlock {
            categories: categories.iter().map(|&(category, mask)| (Category(category), mask)).collect(),
            accessible,
            companion,
            ..block(0, 0, 3)
        }])
    };
    let rows: &[PurposeRow<'_>] = &[
        (&[(0, 0b111)], 0, 0, Ok(())),
        (&[(0, 0b101), (1, 0b010)], 0b001, 0b110, Ok(())),
        (&[(1, 0b111)], 0b111, 0, Ok(())),
        (&[(0, 0b011)], 0, 0, Err(BadPlan::Category)),
        (&[(0, 0b1111)], 0, 0, Err(BadPlan::Category)),
        (&[(0, 0b111), (1, 0b001)], 0, 0, Err(BadPlan::Category)),
        (&[(0, 0b111), (1, 0)], 0, 0, Err(BadPlan::Category)),
        (&[(2, 0b111)], 0, 0, Err(BadPlan::Category)),
        (&[(1, 0b010), (0, 0b101)], 0, 0, Err(BadPlan::Category)),
        (&[(0, 0b101), (0, 0b010)], 0, 0, Err(BadPlan::Category)),
        (&[], 0, 0, Err(BadPlan::Category)),
        (&[(0, 0b111)], 0b001, 0b001, Err(BadPlan::Accessible)),
        (&[(0, 0b111)], 0b1000, 0, Err(BadPlan::Accessible)),
        (&[(0, 0b111)], 0, 1 << 127, Err(BadPlan::Accessible)),
    ];
    for (categories, accessible, companion, want) in rows {
        check(&with(categories, *accessible, *companion), *want);
    }
}

#[test]
fn ranks_are_one_for_each_seat() {
    for (ranks, want) in [
        (&[0, 1, 2][..], Ok(())),
        (&[2, 0, 1], Ok(())),
        (&[0, 1], Err(BadPlan::Rank)),
        (&[0, 1, 2, 3], Err(BadPlan::Rank)),
        (&[0, 1, 1], Err(BadPlan::Rank)),
        (&[0, 1, 3], Err(BadPlan::Rank)),
        (&[1, 2, 3], Err(BadPlan::Rank)),
        (&[0, 1, u32::MAX], Err(BadPlan::Rank)),
    ] {
        check(&Drawing { ranks: ranks.to_vec(), ..draw("aaa") }, want);
    }
}

#[test]
fn a_digest_tells_houses_apart() {
    let with_area = |capacity| Drawing { areas: vec![area(0, capacity)], ..draw("aab") };
    let other_ranks = Drawing { ranks: [1, 0, 2].to_vec(), ..draw("aab") };
    let more_categories = Drawing { categories: 4, ..draw("aab") };
    let drawn = ["aab", "aa b", "aa/b", "aa|b", "aba", "wab", "kab"].map(draw).to_vec();
    let drawn = [drawn, vec![with_area(1), with_area(2), other_ranks, more_categories]].concat();
    let digests = drawn.iter().map(|drawing| Plan::new(drawing).unwrap().digest()).collect::<Vec<_>>();
    for (place, digest) in digests.iter().enumerate() {
        assert!(!digests[..place].contains(digest), "the house at {place} is like one before");
    }
    assert_eq!(Plan::new(&draw("aab")).unwrap().digest(), digests[0]);
}

/// Ninety thousand seats in blocks of twenty, three blocks a row, of eight categories.
#[test]
fn a_stadium_takes_two_megabytes_at_most() {
    let mut blocks = Vec::new();
    for index in 0..4_500_u16 {
        let mut drawn = block(index / 150, index / 3, 20);
        drawn.categories[0].0 = Category(u8::try_from(index / 600).unwrap());
        blocks.push(drawn);
    }
    let plan = Arc::new(Plan::new(&Drawing { categories: 8, ..drawing(blocks) }).unwrap());
    let seats = Seats::new(Arc::clone(&plan));
    assert_eq!(seats.counts().free, 90_000);
    let bytes = plan.heap_bytes() + seats.heap_bytes();
    assert!((1_000_000..2_000_000).contains(&bytes), "{bytes}");
}
