//! Picks, swaps and singles, case by case.

use alloc::vec::Vec;

use super::super::{
    AisleSingles, Allotment, Area, Asker, Conflict, Named, Pick, PickRefused, Places, Reason, Seat, Seats,
    Shortage, SingleScope, Singles, SinglesPolicy, Swap,
};
use super::houses::{AVOID, house, house_and_areas, party, seated, told};

const REFUSE: SinglesPolicy = SinglesPolicy { singles: Singles::Refuse, ..AVOID };
const SLOT: SinglesPolicy = SinglesPolicy { scope: SingleScope::Slot, ..REFUSE };
const AISLES: SinglesPolicy = SinglesPolicy { aisles: AisleSingles::Ignore, ..REFUSE };

fn pick(seats: &[u32]) -> Pick {
    Pick { seats: seats.iter().copied().map(Seat).collect(), ..Pick::default() }
}

fn asked(seats: &Seats, pick: &Pick, short: &Shortage) -> Result<Places, PickRefused> {
    seats.pick(pick, Asker::Customer, AVOID, short)
}

fn conflicts(all: &[(u32, Reason)]) -> PickRefused {
    let conflict = |&(seat, reason): &(u32, Reason)| Conflict { place: Named::Seat(Seat(seat)), reason };
    PickRefused::Conflicts(all.iter().map(conflict).collect())
}

/// A row of a table.
type SingleRow<'all> = (&'all str, &'all str, &'all [u32], &'all [u32], &'all [u32]);

#[test]
fn all_named_seats_or_none() {
    let seats = house("aaaawkb", ".txo...");
    // P1: all are free and open, in any order, of any category.
    assert_eq!(asked(&seats, &pick(&[0, 6]), &Shortage::NONE), Ok(seated(&[0, 6])));
    assert_eq!(asked(&seats, &pick(&[6, 0]), &Shortage::NONE), Ok(seated(&[0, 6])));
    // P2: every one that is not, with its reason, in the order of the request.
    let seats = house("aaaawkbaa", ".txo...0P");
    let want = [
        (8, Reason::Taken),
        (5, Reason::Accessible),
        (1, Reason::Taken),
        (2, Reason::Blocked),
        (3, Reason::Taken),
        (4, Reason::Accessible),
        (7, Reason::Allotted),
    ];
    assert_eq!(asked(&seats, &pick(&[8, 5, 0, 1, 2, 3, 4, 6, 7]), &Shortage::NONE), Err(conflicts(&want)));
    // P3: the same seat twice, one that is not there, nothing.
    for malformed in [&[0, 0][..], &[0, 9], &[u32::MAX], &[]] {
        assert_eq!(
            asked(&seats, &pick(malformed), &Shortage::NONE),
            Err(PickRefused::Malformed),
            "{malformed:?}"
        );
    }
    // Whoever declares a need gets what is for those who have one.
    let declared = Pick { accessible: 1, ..pick(&[4, 5, 6]) };
    assert_eq!(asked(&seats, &declared, &Shortage::NONE), Ok(seated(&[4, 5, 6])));
}

#[test]
fn seats_that_somebody_waits_for_are_refused() {
    let seats = house("aaab", "tt..");
    // P5: the waiter is short of the first category, and only there.
    let short = seats.shortage(&party(2, &[0]));
    assert_eq!(asked(&seats, &pick(&[2, 3]), &short), Err(conflicts(&[(2, Reason::WaitedFor)])));
    assert_eq!(asked(&seats, &pick(&[3]), &short), Ok(seated(&[3])));
    assert_eq!(
        asked(&seats, &pick(&[1, 2]), &short),
        Err(conflicts(&[(1, Reason::Taken), (2, Reason::WaitedFor)]))
    );
    // Who waits for one seat, of which there is one, is not short.
    let short = seats.shortage(&party(1, &[0]));
    assert_eq!(asked(&seats, &pick(&[2]), &short), Ok(seated(&[2])));
}

#[test]
fn an_allotment_sells_its_own_seats_and_nothing_else() {
    let seats = house_and_areas("aaaa", ".01P", &[(0, 2)]);
    let own = |allotment, picked: &[u32]| Pick { allotment: Some(Allotment(allotment)), ..pick(picked) };
    assert_eq!(asked(&seats, &own(0, &[1]), &Shortage::NONE), Ok(seated(&[1])));
    let want = [(0, Reason::Allotted), (2, Reason::Allotted), (3, Reason::Taken)];
    assert_eq!(asked(&seats, &own(0, &[0, 1, 2, 3]), &Shortage::NONE), Err(conflicts(&want)));
    let area = Pick { areas: [(Area(0), 1)].to_vec(), ..own(0, &[]) };
    let conflict = Conflict { place: Named::Area(Area(0)), reason: Reason::Allotted };
    assert_eq!(asked(&seats, &area, &Shortage::NONE), Err(PickRefused::Conflicts([conflict].to_vec())));
}

#[test]
fn areas_have_places_or_too_few() {
    let seats = house_and_areas("aa", "..", &[(1, 3), (2, 1)]);
    let with = |areas: &[(u8, u32)], picked: &[u32]| Pick {
        areas: areas.iter().map(|&(area, count)| (Area(area), count)).collect(),
        ..pick(picked)
    };
    let found = asked(&seats, &with(&[(0, 3), (1, 1)], &[1]), &Shortage::NONE).unwrap();
    assert_eq!((told(&found), found.quantity()), (([1].to_vec(), [(0, 3), (1, 1)].to_vec()), 5));
    let conflict = |area, reason| Conflict { place: Named::Area(Area(area)), reason };
    let refused = |pick: &Pick, short: &Shortage| match asked(&seats, pick, short) {
        Err(PickRefused::Conflicts(conflicts)) => conflicts,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        refused(&with(&[(1, 2), (0, 4)], &[0]), &Shortage::NONE),
        [conflict(1, Reason::Taken), conflict(0, Reason::Taken)]
    );
    let short = seats.shortage(&party(4, &[1]));
    assert_eq!(refused(&with(&[(0, 1)], &[]), &short), [conflict(0, Reason::WaitedFor)]);
    for malformed in
        [with(&[(0, 0)], &[0]), with(&[(2, 1)], &[]), with(&[(0, 1), (0, 1)], &[]), with(&[(255, 1)], &[])]
    {
        assert_eq!(asked(&seats, &malformed, &Shortage::NONE), Err(PickRefused::Malformed), "{malformed:?}");
    }
}

#[test]
fn a_swap_is_judged_as_a_whole() {
    // The booking has the seats 0 and 1 of the first category.
    let seats = house("aaaab", "hht..");
    let had = seated(&[0, 1]);
    let swapped = |add: &[u32], drop: &[u32], short: &Shortage| {
        let swap = Swap {
            add: add.iter().copied().map(Seat).collect(),
            drop: drop.iter().copied().map(Seat).collect(),
            ..Swap::default()
        };
        seats.swap(&had, &swap, Asker::Customer, AVOID, short)
    };
    assert_eq!(swapped(&[3], &[0], &Shortage::NONE), Ok(seated(&[1, 3])));
    assert_eq!(swapped(&[3], &[], &Shortage::NONE), Ok(seated(&[0, 1, 3])));
    assert_eq!(swapped(&[], &[1], &Shortage::NONE), Ok(seated(&[0])));
    assert_eq!(swapped(&[], &[], &Shortage::NONE), Ok(seated(&[0, 1])));
    // P6: what is taken stays taken, and nothing is dropped; what the booking has is taken too.
    assert_eq!(swapped(&[2], &[0], &Shortage::NONE), Err(conflicts(&[(2, Reason::Taken)])));
    assert_eq!(swapped(&[1], &[0], &Shortage::NONE), Err(conflicts(&[(1, Reason::Taken)])));
    // P9: another category is another sale.
    assert_eq!(swapped(&[4, 3], &[0], &Shortage::NONE), Err(conflicts(&[(4, Reason::Category)])));
    // What is dropped may be given for what is added, also where somebody waits; more is theirs.
    let short = seats.shortage(&party(2, &[0]));
    assert_eq!(swapped(&[3], &[0], &short), Ok(seated(&[1, 3])));
    assert_eq!(swapped(&[3], &[], &short), Err(conflicts(&[(3, Reason::WaitedFor)])));
    // What is not its own cannot be dropped, a seat cannot be both, and a booking has something.
    for (add, drop) in [
        (&[][..], &[2][..]),
        (&[3], &[3]),
        (&[0], &[0]),
        (&[], &[0, 1]),
        (&[3, 3], &[]),
        (&[], &[0, 0]),
        (&[9], &[]),
    ] {
        assert_eq!(swapped(add, drop, &Shortage::NONE), Err(PickRefused::Malformed), "{add:?} for {drop:?}");
    }
}

#[test]
fn a_booking_across_categories_swaps_within_those_it_has() {
    let seats = house("aabbcc", "h.h...");
    let swap = Swap { add: [Seat(1), Seat(3), Seat(4)].to_vec(), ..Swap::default() };
    let found = seats.swap(&seated(&[0, 2]), &swap, Asker::Organizer, AVOID, &Shortage::NONE);
    assert_eq!(found, Err(conflicts(&[(4, Reason::Category)])));
}

/// Picks by a customer where singles are refused, and the singles that are told.
#[test]
fn singles_are_refused_where_there_is_something_better() {
    let none: &[u32] = &[];
    // The plan, its state, the pick; then what is left single: in the scope of the row, and of the slot.
    let rows: &[SingleRow<'_>] = &[
        // The table of the research. The second row has a better stretch of five.
        ("aaa/aaaaa", "........", &[0, 1], none, &[2]),
        ("aaaa/aaaaa", ".........", &[1, 2], &[0, 3], &[0, 3]),
        ("aaaaa/aaaaa", "..........", &[0, 1], none, none),
        ("aaaaa/aaaaa", "..........", &[2, 3, 4], none, none),
        ("aa/aaaaa", ".......", &[0], none, &[1]),
        ("a/aaaaa", "......", &[0], none, none),
        ("aaaaaa/aaaaa", "...........", &[0, 2], &[1], &[1]),
        // Nothing better anywhere: three, and three of which two are taken.
        ("aaa/aaa", "......", &[0, 1], none, none),
        ("aaa/aaa", "....tt", &[0, 1], none, none),
        // A block that could be better of another category is none.
        ("aaa/bbbbb", "........", &[0, 1], none, none),
        ("baab", "....", &[1, 2], none, none),
        // Closed seats end a stretch, other categories do not.
        ("aaaa", "..x.", &[0, 1], none, none),
        ("aaa/aaaaa", "..x.....", &[0, 1], none, none),
        ("aaa/aaaaa", "..0.....", &[0, 1], none, none),
        ("aaw/aaaaa", "........", &[0, 1], none, none),
        ("aab/aaaaa", "........", &[0, 1], none, &[2]),
        // One that was single is not made so.
        ("aaaaa", ".t...", &[2, 3, 4], none, none),
        // Several blocks, one of which could not do otherwise.
        ("aaa/aaaaaa", ".........", &[0, 1, 3, 5], none, &[2, 4]),
        ("aaaa/aaaaaa", "..........", &[1, 2, 4, 6], &[0, 3, 5], &[0, 3, 5]),
        // Two blocks that meet over one seat: each alone would leave none.
        ("aaaaaaa", ".......", &[0, 1, 3, 4, 5, 6], &[2], &[2]),
    ];
    for (picture, state, picked, row, slot) in rows {
        let seats = house(picture, state);
        for (policy, want) in [(REFUSE, row), (SLOT, slot)] {
            let singles = want.iter().copied().map(Seat).collect::<Vec<_>>();
            let want =
                if want.is_empty() { Ok(seated(picked)) } else { Err(PickRefused::LeavesSingle(singles)) };
            let found = seats.pick(&pick(picked), Asker::Customer, policy, &Shortage::NONE);
            assert_eq!(found, want, "{picked:?} of {picture} {state} under {policy:?}");
            // Only customers, and only where the house refuses.
            for policy in [AVOID, SinglesPolicy { singles: Singles::Allow, ..policy }] {
                assert!(seats.pick(&pick(picked), Asker::Customer, policy, &Shortage::NONE).is_ok());
            }
            assert!(seats.pick(&pick(picked), Asker::Organizer, policy, &Shortage::NONE).is_ok());
        }
    }
}

#[test]
fn a_single_at_an_aisle_is_none_where_so_it_is_said() {
    let none: &[u32] = &[];
    let rows: &[(&str, &[u32], &[u32])] = &[
        ("aaaa", &[1, 2], none),
        ("aaaa", &[1], none),
        ("aaaaa", &[2, 3], none),
        ("aaaaa", &[1, 3], &[2]),
        ("aaaa aaaa", &[2, 3, 5], none),
    ];
    for (picture, picked, want) in rows {
        let state = picture.replace('a', ".");
        let singles = want.iter().copied().map(Seat).collect::<Vec<_>>();
        let want = if want.is_empty() { Ok(seated(picked)) } else { Err(PickRefused::LeavesSingle(singles)) };
        let seats = house(picture, &state);
        assert_eq!(
            seats.pick(&pick(picked), Asker::Customer, AISLES, &Shortage::NONE),
            want,
            "{picked:?} of {picture}"
        );
    }
}

#[test]
fn dropping_is_never_refused_and_a_swap_leaves_no_new_single() {
    // The booking has the seats 2 and 3.
    let seats = house("aaaaaa", "..hh..");
    let had = seated(&[2, 3]);
    let swapped = |add: &[u32], drop: &[u32]| {
        let swap = Swap {
            add: add.iter().copied().map(Seat).collect(),
            drop: drop.iter().copied().map(Seat).collect(),
            ..Swap::default()
        };
        seats.swap(&had, &swap, Asker::Customer, REFUSE, &Shortage::NONE).map(|places| told(&places).0)
    };
    assert_eq!(swapped(&[], &[3]), Ok([2].to_vec()));
    // A seat that is dropped and left alone was part of no longer stretch.
    assert_eq!(swapped(&[0], &[3]), Ok([0, 2].to_vec()));
    assert_eq!(swapped(&[4], &[3]), Err(PickRefused::LeavesSingle([Seat(5)].to_vec())), "3 would leave none");
    assert_eq!(swapped(&[1], &[3]), Ok([1, 2].to_vec()), "whichever of the two leaves the other");
    assert_eq!(swapped(&[0, 1], &[2, 3]), Ok([0, 1].to_vec()));
    assert_eq!(swapped(&[4, 5], &[]), Ok([2, 3, 4, 5].to_vec()));
}
