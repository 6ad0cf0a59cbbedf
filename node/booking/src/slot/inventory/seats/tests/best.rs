//! The best seats, case by case: which step finds them, and which of two that find some comes first.

use alloc::vec::Vec;

use super::super::{
    AisleSingles, Allotment, Best, NoPlaces, Seats, Section, Shortage, SingleScope, Singles, SinglesPolicy,
    Together,
};
use super::houses::{AVOID, draw, house, house_and_areas, house_with, party, told};

const ALLOW: SinglesPolicy = SinglesPolicy { singles: Singles::Allow, ..AVOID };
const IGNORE: SinglesPolicy = SinglesPolicy { aisles: AisleSingles::Ignore, ..AVOID };

fn must(quantity: u32, categories: &[u8]) -> Best {
    Best { together: Together::Must, ..party(quantity, categories) }
}

fn company(quantity: u32, accessible: u32) -> Best {
    Best { accessible, ..party(quantity, &[0]) }
}

/// The seats that are found.
#[track_caller]
fn check(seats: &Seats, ask: &Best, policy: SinglesPolicy, want: &[u32]) {
    let found = seats.best(ask, policy, &Shortage::NONE).map(|places| told(&places));
    assert_eq!(found, Ok((want.to_vec(), Vec::new())), "{ask:?}");
}

#[track_caller]
fn refused(seats: &Seats, ask: &Best, want: NoPlaces) {
    assert_eq!(seats.best(ask, AVOID, &Shortage::NONE), Err(want), "{ask:?}");
}

/// A row of a table.
type BlockRow<'all> = (&'all str, &'all str, u32, &'all [u8], &'all [u32]);
/// A row of a table.
type AreaRow<'all> = (&'all Best, &'all [u32], &'all [(u8, u32)]);

#[test]
fn one_block_comes_first_and_the_best_of_them() {
    // The plan, its state, how many, of which categories, and the seats. A seat's number is its rank.
    let rows: &[BlockRow<'_>] = &[
        ("aaaaa", ".....", 1, &[0], &[0]),
        ("aaaaa", ".....", 5, &[0], &[0, 1, 2, 3, 4]),
        ("aaaaa", "t....", 2, &[0], &[1, 2]),
        // A block ends at an aisle, at the end of a row and at a seat that is not to be had, whyever.
        ("aa aaa", ".....", 3, &[0], &[2, 3, 4]),
        ("aa/aaa", ".....", 3, &[0], &[2, 3, 4]),
        ("aaaaaaaa", "..x..t..", 2, &[0], &[0, 1]),
        ("aaaaaaa", ".x....t", 4, &[0], &[2, 3, 4, 5]),
        ("aaaaaaa", ".0....t", 4, &[0], &[2, 3, 4, 5]),
        ("awaaaat", ".......", 4, &[0], &[2, 3, 4, 5]),
        ("akaaaa", "......", 4, &[0], &[2, 3, 4, 5]),
        ("abaaaa", "......", 4, &[0], &[2, 3, 4, 5]),
        // Of the first category that has one, even where it is worse.
        ("aabb", "....", 2, &[0, 1], &[0, 1]),
        ("aabb", "....", 2, &[1, 0], &[2, 3]),
        ("aabb", "t...", 2, &[0, 1], &[2, 3]),
    ];
    for (picture, state, quantity, categories, want) in rows {
        let picture = picture.replace('t', "a");
        check(&house(&picture, state), &party(*quantity, categories), AVOID, want);
    }
}

#[test]
fn a_block_that_leaves_no_single_comes_before_a_better_one() {
    let rows: &[(&str, &str, u32, SinglesPolicy, &[u32])] = &[
        // Three in a row: any two leave one, so the next row is better.
        ("aaa/aaaa", ".......", 2, AVOID, &[3, 4]),
        ("aaa/aaaa", ".......", 2, ALLOW, &[0, 1]),
        // At an aisle or at the end of the row it is none, if so it is said.
        ("aaa/aaaa", ".......", 2, IGNORE, &[0, 1]),
        ("aaaaa/aaaa", "t...t....", 2, IGNORE, &[5, 6]),
        ("aaaaa/aaaa", "t........", 2, IGNORE, &[1, 2]),
        ("aaaaa/aaaa", "t...t....", 2, AVOID, &[5, 6]),
        // One that is there already is not new.
        ("aaaaaa", ".t....", 2, AVOID, &[2, 3]),
        // A seat of another category goes on; one that nobody may take does not.
        ("aab/aa", ".....", 2, AVOID, &[3, 4]),
        ("aaa/aa", "..x..", 2, AVOID, &[0, 1]),
        ("aaa/aa", "..0..", 2, AVOID, &[0, 1]),
        ("aaw/aa", ".....", 2, AVOID, &[0, 1]),
        ("aak/aa", ".....", 2, AVOID, &[0, 1]),
        // Taking the last one of a stretch leaves none.
        ("aaa/aaa", "t.ttt.", 1, AVOID, &[1]),
        // Where every block leaves one, the best does.
        ("aaa/aaa", "......", 2, AVOID, &[0, 1]),
        // Each step is tried for all categories before the next.
        ("aaa/bb", ".....", 2, AVOID, &[3, 4]),
    ];
    for (picture, state, quantity, policy, want) in rows {
        check(&house(picture, state), &party(*quantity, &[0, 1]), *policy, want);
    }
}

#[test]
fn ties_are_decided_by_the_best_seat() {
    // Ranks of the seats: 0+5 and 2+3 are the same.
    let mut drawing = draw("aa/aa/aa");
    drawing.ranks = [2, 3, 5, 0, 4, 1].to_vec();
    // 5+0 = 2+3 = 4+1: the first seats have the ranks 2, 5 and 4.
    check(&house_with(&drawing, "......"), &party(2, &[0]), AVOID, &[0, 1]);
    check(&house_with(&drawing, "t....."), &party(2, &[0]), AVOID, &[4, 5]);
}

#[test]
fn parts_are_few_and_equal_and_near() {
    let rows: &[BlockRow<'_>] = &[
        // Two and two, in one section, the nearest row first.
        ("aa/aa/aa", "......", 4, &[0], &[0, 1, 2, 3]),
        ("aa/aa/aa/aa", "..t.....", 4, &[0], &[0, 1, 4, 5]),
        // Three and two, the larger first; in the next row the better one.
        ("aaa/aa/aa", ".......", 5, &[0], &[0, 1, 2, 3, 4]),
        ("aaa/ta/aa", "...t...", 5, &[0], &[0, 1, 2, 5, 6]),
        // The nearest counts from any part: from row 3 and row 4 the next is row 5, not row 0.
        ("aa/aa/aa/aa/aa/aa", "..tttt......", 6, &[0], &[0, 1, 6, 7, 8, 9]),
        // A block in the second category beats parts in the first, and few parts in one section beat better ones across two.
        ("aa/aa/bbbb", "........", 4, &[0, 1], &[4, 5, 6, 7]),
        ("aa|aa/aa", "......", 4, &[0], &[0, 1, 2, 3]),
        ("aa|aa/aa", "......", 6, &[0], &[0, 1, 2, 3, 4, 5]),
        // The first part is the best block, without going back: its section has no second one, so the house is looked at.
        ("aa/a|aa/aa", ".......", 4, &[0], &[0, 1, 3, 4]),
        // Parts of one come last, and in the section of the first if they can.
        ("a/a/a", "...", 2, &[0], &[0, 1]),
        ("a/a|a", "t..", 2, &[0], &[1, 2]),
        ("aa/a|aa", ".....", 3, &[0], &[0, 1, 2]),
        ("aa/a|aaa", "......", 3, &[0], &[3, 4, 5]),
        ("a a a a", "....", 4, &[0], &[0, 1, 2, 3]),
    ];
    for (picture, state, quantity, categories, want) in rows {
        let picture = picture.replace('t', "a");
        check(&house(&picture, state), &party(*quantity, categories), AVOID, want);
    }
}

#[test]
fn whoever_must_be_together_is_or_hears_how_many_could_be() {
    let not_together = |largest_block| NoPlaces::NotTogether { largest_block };
    let rows: &[(&str, &str, u32, NoPlaces)] = &[
        ("aa/aa", "....", 3, not_together(2)),
        ("aa/aa", "....", 4, not_together(2)),
        ("aa/aa", "....", 5, NoPlaces::TooFew),
        ("aaaaa", ".t.t.", 2, not_together(1)),
        ("aaaaa", ".t.t.", 3, not_together(1)),
        ("aaaaa", ".t.t.", 4, NoPlaces::TooFew),
        ("aawaa", ".....", 3, not_together(2)),
        ("aawaa", ".....", 5, NoPlaces::TooFew),
        ("aaaa", "tttt", 1, NoPlaces::TooFew),
    ];
    for &(picture, state, quantity, want) in rows {
        refused(&house(picture, state), &must(quantity, &[0]), want);
    }
    // Fifty scattered seats, and nine who must be together: there are enough.
    let scattered = house(&["a"; 50].join("/"), &".".repeat(50));
    refused(&scattered, &must(9, &[0]), not_together(1));
    refused(&scattered, &must(51, &[0]), NoPlaces::TooFew);
    refused(&house("aaa", "..."), &party(4, &[0]), NoPlaces::TooFew);
    refused(&house("aaa", "..."), &party(0, &[0]), NoPlaces::TooFew);
    refused(&house("aaa", "..."), &party(1, &[]), NoPlaces::TooFew);
    refused(&house("aaa", "..."), &party(1, &[3, 64, 255]), NoPlaces::TooFew);
}

#[test]
fn a_hundred_is_the_most_for_which_seats_are_found() {
    let long = "a".repeat(128);
    check(&house(&long, &".".repeat(128)), &must(100, &[0]), AVOID, &(0..100).collect::<Vec<_>>());
    refused(&house(&long, &".".repeat(128)), &must(101, &[0]), NoPlaces::TooFew);
    refused(&house(&long, &".".repeat(128)), &party(u32::MAX, &[0]), NoPlaces::TooFew);
    let single = ["a"; 128].join(" ");
    check(&house(&single, &".".repeat(128)), &party(100, &[0]), AVOID, &(0..100).collect::<Vec<_>>());
}

#[test]
fn an_area_is_one_block_at_its_categorys_place() {
    // Areas: two of `c` with two and five places, one of `a` with three.
    let seats = house_and_areas("aa/bb", "....", &[(2, 2), (2, 5), (0, 3)]);
    let rows: &[AreaRow<'_>] = &[
        (&party(2, &[2]), &[], &[(0, 2)]),
        (&party(3, &[2]), &[], &[(1, 3)]),
        (&party(5, &[2, 0]), &[], &[(1, 5)]),
        (&party(2, &[1, 2]), &[2, 3], &[]),
        (&party(2, &[2, 1]), &[], &[(0, 2)]),
        // Within a category seats come first, and a block of any kind before parts.
        (&party(2, &[0]), &[0, 1], &[]),
        (&party(3, &[0]), &[], &[(2, 3)]),
        (&must(3, &[1, 0]), &[], &[(2, 3)]),
    ];
    for (ask, seats_wanted, areas) in rows {
        let found = seats.best(ask, AVOID, &Shortage::NONE).map(|places| told(&places));
        assert_eq!(found, Ok((seats_wanted.to_vec(), areas.to_vec())), "{ask:?}");
    }
    // Places of one category lie in one area, and never partly in seats.
    refused(&seats, &party(6, &[2]), NoPlaces::TooFew);
    refused(&seats, &must(6, &[2]), NoPlaces::NotTogether { largest_block: 5 });
    refused(&seats, &must(4, &[0]), NoPlaces::NotTogether { largest_block: 3 });
    // An area is in no section.
    refused(&seats, &Best { sections: [Section(0)].to_vec(), ..party(2, &[2]) }, NoPlaces::TooFew);
}

#[test]
fn sections_and_allotments_bound_the_search() {
    let seats = house("aaa|aaa|aaa", "....00...");
    let within = |sections: &[u16], quantity| Best {
        sections: sections.iter().copied().map(Section).collect(),
        ..party(quantity, &[0])
    };
    check(&seats, &within(&[2], 3), AVOID, &[6, 7, 8]);
    check(&seats, &within(&[2, 0, 0], 3), AVOID, &[0, 1, 2]);
    check(&seats, &within(&[1, 2], 4), AVOID, &[3, 6, 7, 8]);
    refused(&seats, &within(&[1], 2), NoPlaces::TooFew);
    refused(&seats, &within(&[9, 1_024, u16::MAX], 1), NoPlaces::TooFew);
    refused(
        &seats,
        &Best { together: Together::Must, ..within(&[0, 1], 4) },
        NoPlaces::NotTogether { largest_block: 3 },
    );
    let own = |allotment, quantity| Best { allotment: Some(Allotment(allotment)), ..party(quantity, &[0]) };
    check(&seats, &own(0, 2), AVOID, &[4, 5]);
    check(&seats, &own(0, 1), AVOID, &[4]);
    refused(&seats, &own(0, 3), NoPlaces::TooFew);
    refused(&seats, &own(1, 1), NoPlaces::TooFew);
    refused(&seats, &Best { sections: [Section(0)].to_vec(), ..own(0, 1) }, NoPlaces::TooFew);
}

#[test]
fn who_waits_comes_first_in_a_category_of_which_they_are_short() {
    let seats = house("aaa/bbb", "......");
    let short = seats.shortage(&party(4, &[0]));
    let found = |ask: &Best| seats.best(ask, AVOID, &short).map(|places| told(&places).0);
    assert_eq!(found(&party(2, &[0, 1])), Ok([3, 4].to_vec()));
    assert_eq!(found(&party(2, &[0])), Err(NoPlaces::TooFew));
    assert_eq!(found(&must(2, &[0])), Err(NoPlaces::TooFew), "they wait, whatever is free");
    assert_eq!(found(&must(4, &[0, 1])), Err(NoPlaces::TooFew));
}

#[test]
fn spaces_come_with_companions_seats() {
    let rows: &[(&str, &str, &Best, &[u32])] = &[
        // Without asking nobody gets one.
        ("wkaa", "....", &party(2, &[0]), &[2, 3]),
        ("wkaa", "....", &company(1, 1), &[0]),
        ("wkaa", "....", &company(2, 1), &[0, 1]),
        ("aakwk", ".....", &company(2, 1), &[2, 3]),
        ("aakwk", "..t..", &company(2, 1), &[3, 4]),
        ("kkwkk", ".....", &company(4, 1), &[0, 1, 2, 3]),
        // Three companions at most, who is more sits near.
        ("kkwkk/aaa", "........", &company(5, 1), &[0, 1, 2, 3, 5]),
        // A space that companions adjoin comes before a better one without.
        ("wa/wk", "....", &company(2, 1), &[2, 3]),
        ("wa/wk/aa", "...t..", &company(2, 1), &[0, 1]),
        // Two spaces: side by side with their companions, otherwise the nearest.
        ("wkkw/wwkk", "........", &company(4, 2), &[0, 1, 2, 3]),
        ("wkk/wkk", "......", &company(4, 2), &[0, 1, 2, 3]),
        ("w/a/w/w", "t...", &company(2, 2), &[2, 3]),
        ("w/w/a/w", ".t..", &company(2, 2), &[0, 3]),
        // A companion's seat that adjoins no space of the party is not theirs.
        ("wa/ka", "....", &company(2, 1), &[0, 1]),
        ("wakk", "....", &company(2, 1), &[0, 1]),
    ];
    for (picture, state, ask, want) in rows {
        check(&house(picture, state), ask, AVOID, want);
    }
}

#[test]
fn spaces_are_chosen_otherwise_where_too_few_seats_are_left() {
    let rows: &[(&str, &str, &Best, &[u32])] = &[
        // The nearest space has no companion's seat: it is the party's where a general seat is free, and otherwise another is.
        ("wkkk/w/wkkk/a", "..........", &company(6, 2), &[0, 1, 2, 3, 4, 9]),
        ("wkkk/w/wkkk/a", ".........t", &company(6, 2), &[0, 1, 2, 3, 5, 6]),
        ("wkkk/w/wkkk/a", ".........x", &company(8, 2), &[0, 1, 2, 3, 5, 6, 7, 8]),
        ("wkkk/w/wkkk/a", "..........", &company(9, 2), &[0, 1, 2, 3, 5, 6, 7, 8, 9]),
        ("wkkk/w/wkkk/a", "..........", &company(9, 3), &[0, 1, 2, 3, 4, 5, 6, 7, 8]),
        // The best space takes what the next one could have as well.
        ("kwkkkw/w", ".......", &company(8, 2), &[]),
        ("wkkwkk", "......", &company(6, 2), &[0, 1, 2, 3, 4, 5]),
        // Where no companion's seat is wanted any more, the nearest.
        ("wkkk/w/w/wk", "........", &company(7, 3), &[0, 1, 2, 3, 4, 6, 7]),
    ];
    for (picture, state, ask, want) in rows {
        if want.is_empty() {
            refused(&house(picture, state), ask, NoPlaces::TooFew);
        } else {
            check(&house(picture, state), ask, AVOID, want);
        }
    }
}

#[test]
fn a_company_that_is_too_large_for_its_spaces_is_not_together() {
    let seats = house("wkaa/kwk", ".......");
    let must = |quantity, accessible| Best { together: Together::Must, ..company(quantity, accessible) };
    check(&seats, &must(3, 1), AVOID, &[4, 5, 6]);
    refused(&seats, &must(4, 1), NoPlaces::NotTogether { largest_block: 2 });
    refused(&seats, &must(3, 2), NoPlaces::NotTogether { largest_block: 2 });
    refused(&seats, &must(3, 3), NoPlaces::TooFew);
    refused(&seats, &company(3, 3), NoPlaces::TooFew);
    refused(&seats, &company(8, 2), NoPlaces::TooFew);
    refused(&seats, &company(1, 2), NoPlaces::TooFew);
    let found = seats.best(&company(4, 1), AVOID, &Shortage::NONE).unwrap();
    assert_eq!((told(&found).0, seats.plan().is_together(&found)), ([2, 4, 5, 6].to_vec(), Some(false)));
}

#[test]
fn a_house_is_told_together_only_where_its_seats_are_consecutive() {
    let seats = house("aaa aa/b", "......");
    let told = |picked: &[u32]| {
        let places = super::houses::seated(picked);
        (seats.plan().is_together(&places), seats.plan().category_of(&places).map(|category| category.0))
    };
    assert_eq!(told(&[1]), (Some(true), Some(0)));
    assert_eq!(told(&[0, 1, 2]), (Some(true), Some(0)));
    assert_eq!(told(&[0, 2]), (Some(false), Some(0)));
    assert_eq!(told(&[2, 3]), (Some(false), Some(0)), "an aisle lies between");
    assert_eq!(told(&[4, 5]), (Some(false), None));
    assert_eq!(told(&[5]), (Some(true), Some(1)));
    assert_eq!(told(&[]), (None, None));
}

/// Parties at random fill a house of a hundred rows of twenty; none of them is put into a worse place than it must be.
#[test]
fn leaving_no_single_sells_more_before_the_last_pair_has_gone() {
    let picture = ["a".repeat(20).as_str(); 100].join("/");
    let sold = |policy: SinglesPolicy| {
        let mut random = super::houses::Random(7);
        let mut seats = house(&picture, &".".repeat(2_000));
        loop {
            let ask = party(2 + random.below(5), &[0]);
            if seats.category_counts(super::super::Category(0)).largest_block < 2 {
                return 2_000 - seats.counts().free;
            }
            if let Ok(places) = seats.best(&Best { together: Together::Must, ..ask }, policy, &Shortage::NONE)
            {
                seats.take(&places, crate::Status::Confirmed);
            }
        }
    };
    let counted = SinglesPolicy { scope: SingleScope::Row, ..AVOID };
    assert!(sold(counted) >= 1_900, "95 in a hundred");
    assert!(sold(ALLOW) <= sold(counted));
}
