//! Of what who waits is short, case by case.

use alloc::vec::Vec;

use super::super::{Allotment, Best, Category, Counter, Pool, Section, Shortage, Together};
use super::houses::{AVOID, house, house_and_areas, party, told};

const GENERAL: Pool = Pool::General;

fn at(category: u8, pool: Pool) -> Counter {
    Counter { category: Category(category), pool }
}

/// A row of a table.
type CompanyRow<'all> = (&'all [&'all Best], Best, Option<&'all [u32]>);
/// A row of a table.
type BookableRow<'all> = (&'all str, &'all str, &'all [(u8, u32)], &'all [Best], u32);

#[test]
fn who_waits_is_short_of_counters_and_never_of_neighbours() {
    // Three of `a` and ten of `b` are free; one space with two companions' seats of `b`, and two kept of `b`.
    let seats = house("aaaa/bbbbbbbbbb/WKK bb", "t.../........../... 00");
    let company = |quantity, accessible| Best { accessible, ..party(quantity, &[1]) };
    let own = |quantity| Best { allotment: Some(Allotment(0)), ..party(quantity, &[1]) };
    let rows: &[(Best, &[Counter])] = &[
        (party(3, &[0]), &[]),
        (party(4, &[0]), &[at(0, GENERAL)]),
        (party(10, &[1]), &[]),
        (party(11, &[1]), &[at(1, GENERAL)]),
        // With several categories only if every one of them is.
        (party(4, &[0, 1]), &[]),
        (party(11, &[0, 1]), &[at(0, GENERAL), at(1, GENERAL)]),
        (party(4, &[0, 9]), &[at(0, GENERAL)]),
        (party(1, &[2]), &[at(2, GENERAL)]),
        (party(1, &[9]), &[]),
        // Spaces are a pool of their own, and companions' seats are used up before general ones.
        (company(1, 1), &[]),
        (company(2, 2), &[at(1, Pool::Spaces)]),
        (company(13, 1), &[]),
        (company(14, 1), &[at(1, GENERAL)]),
        (company(15, 2), &[at(1, GENERAL), at(1, Pool::Spaces)]),
        (own(2), &[]),
        (own(3), &[at(1, Pool::Allotted(Allotment(0)))]),
        // A section is no counter.
        (Best { sections: [Section(7)].to_vec(), ..party(3, &[0]) }, &[]),
    ];
    for (ask, want) in rows {
        let short = seats.shortage(ask);
        assert_eq!(short.is_none(), want.is_empty(), "{ask:?}");
        for category in 0..3 {
            for pool in [GENERAL, Pool::Spaces, Pool::Companions, Pool::Allotted(Allotment(0))] {
                let counter = at(category, pool);
                assert_eq!(short.is_at(counter), want.contains(&counter), "{ask:?}: {counter:?}");
            }
        }
    }
}

#[test]
fn a_waiter_holds_back_others_only_where_it_is_short() {
    // D1: three of `a` are free, somebody waits for four: who wants one of `a` joins behind, who wants two of `b` is served.
    let seats = house("aaa/bbbbbbbbbb", ".............");
    let short = seats.shortage(&party(4, &[0]));
    assert!(seats.best(&party(1, &[0]), AVOID, &short).is_err());
    assert!(seats.best(&party(2, &[1]), AVOID, &short).is_ok());
    // D1: fifty of `a` are free, one by one, and somebody waits for nine together: not short, so one is sold.
    let scattered = house(&["a"; 50].join("/"), &".".repeat(50));
    let short = scattered.shortage(&Best { together: Together::Must, ..party(9, &[0]) });
    assert_eq!(short, Shortage::NONE);
    assert!(scattered.best(&party(1, &[0]), AVOID, &short).is_ok());
    // D1: a cancel frees two of `a`; who waits for three is short of them, and whom two would fit is not.
    let freed = house("aaaa", "tt..");
    let served =
        |quantity| freed.best(&party(quantity, &[0]), AVOID, &Shortage::NONE).map(|places| told(&places).0);
    assert!(freed.shortage(&party(3, &[0])).is_at(at(0, GENERAL)));
    assert!(served(3).is_err());
    assert_eq!(served(2), Ok([2, 3].to_vec()));
}

#[test]
fn companions_seats_count_where_they_adjoin_a_space_that_is_free() {
    // Three general seats; a space beside one companion's seat, one beside none, and three companions' seats by themselves.
    let picture = "aa/wk/wa/kkk";
    let company = |quantity, accessible| Best { accessible, ..party(quantity, &[0]) };
    let must = |quantity, accessible| Best { together: Together::Must, ..company(quantity, accessible) };
    let rows: &[(&str, Best, &[Pool])] = &[
        // One of the party beside the space, three in general seats.
        ("../../../...", company(5, 1), &[]),
        ("../../../...", company(6, 1), &[GENERAL]),
        ("../../../...", company(6, 2), &[]),
        ("../../../...", company(7, 2), &[GENERAL]),
        // Without the space, its companion's seat is nobody's.
        ("../t./../...", company(4, 1), &[]),
        ("../t./../...", company(5, 1), &[GENERAL]),
        ("../t./../...", company(5, 2), &[Pool::Spaces]),
        ("../t./../...", company(6, 2), &[GENERAL, Pool::Spaces]),
        // Who must sit together is short of companions' seats, wherever they are, and of no general ones.
        ("../../../...", must(5, 1), &[]),
        ("../../../...", must(6, 1), &[Pool::Companions]),
        ("tt/../.t/...", must(2, 1), &[]),
        ("../.t/../ttt", must(2, 1), &[Pool::Companions]),
        ("../t./t./...", must(1, 1), &[Pool::Spaces]),
    ];
    for (state, ask, want) in rows {
        let short = house(picture, state).shortage(ask);
        for pool in [GENERAL, Pool::Spaces, Pool::Companions] {
            assert_eq!(short.is_at(at(0, pool)), want.contains(&pool), "{state}: {ask:?}: {pool:?}");
        }
    }
}

#[test]
fn a_party_in_wheelchairs_gets_nothing_of_which_somebody_is_short() {
    let company = |quantity, accessible| Best { accessible, ..party(quantity, &[0]) };
    let must = |quantity| Best { together: Together::Must, ..company(quantity, 1) };
    // A general seat, a space with a companion's seat, one without, and a companion's seat by itself.
    let seats = house("a/wk/w/k", ".....");
    let general = party(2, &[0]);
    let beside = must(4);
    let rows: &[CompanyRow<'_>] = &[
        (&[], company(2, 1), Some(&[1, 2])),
        (&[&general], company(2, 1), Some(&[1, 2])),
        (&[&general], company(3, 2), Some(&[1, 2, 3])),
        (&[], company(3, 1), Some(&[0, 1, 2])),
        (&[&general], company(3, 1), None),
        // Beside a space there is nothing that somebody else is not short of; a general seat is free.
        (&[&beside], company(2, 1), Some(&[0, 1])),
        (&[&beside, &general], company(2, 1), None),
        (&[&beside, &general], company(1, 1), Some(&[1])),
        (&[&beside], must(2), None),
        (&[&company(3, 3)], company(1, 1), None),
        // Who must be together wants no general seat.
        (&[&general], must(2), Some(&[1, 2])),
    ];
    for (before, ask, want) in rows {
        let mut short = Shortage::NONE;
        before.iter().for_each(|waiter| short.add(seats.shortage(waiter)));
        let found = seats.best(ask, AVOID, &short).ok().map(|places| told(&places).0);
        assert_eq!(found, want.map(<[u32]>::to_vec), "{ask:?} behind {before:?}");
    }
}

#[test]
fn what_a_newcomer_could_get_is_of_one_category() {
    let none: &[Best] = &[];
    let rows: &[BookableRow<'_>] = &[
        ("aaa/bbbb", ".......", &[], none, 4),
        ("aaa/bbbb", "...t...", &[], none, 3),
        ("aaa/bbbb", "t.t.x0t", &[], none, 1),
        ("aaa/bbbb", "ttttttt", &[], none, 0),
        // Scattered ones count, special ones do not.
        ("wkaa a/b", "......", &[], none, 3),
        ("a", ".", &[(1, 5), (1, 7)], none, 7),
        ("a", ".", &[(1, 99), (2, 100)], none, 100),
        ("a", ".", &[(1, 101)], none, 100),
        // None in a category of which somebody is short.
        ("aaa/bbbb", ".......", &[], &[party(5, &[1])], 3),
        ("aaa/bbbb", ".......", &[], &[party(5, &[0, 1])], 0),
        ("aaa/bbbb", ".......", &[], &[party(4, &[0, 1])], 4),
        ("aaa/bbbb", ".......", &[], &[Best { accessible: 1, ..party(1, &[1]) }], 4),
    ];
    for (picture, state, areas, waiters, want) in rows {
        let seats = house_and_areas(picture, state, areas);
        let mut short = Shortage::NONE;
        waiters.iter().for_each(|waiter| short.add(seats.shortage(waiter)));
        assert_eq!(seats.bookable(&short, |_| u32::MAX), *want, "{picture} {state} {areas:?} {waiters:?}");
    }
}

#[test]
fn waiting_is_in_vain_for_more_than_there_ever_is() {
    // Whatever is taken, blocked or kept now.
    let seats = house_and_areas("aaa aaa|wkkk aa/bb", "txt0h.|....xt/tt", &[(2, 9)]);
    let must = |quantity, categories| Best { together: Together::Must, ..party(quantity, categories) };
    let company = |quantity, accessible| Best { accessible, ..party(quantity, &[0]) };
    let within = |quantity, sections: &[u16]| Best {
        sections: sections.iter().copied().map(Section).collect::<Vec<_>>(),
        ..party(quantity, &[0])
    };
    let rows: &[(Best, bool)] = &[
        (party(8, &[0]), true),
        (party(9, &[0]), false),
        (party(9, &[0, 2]), true),
        (party(10, &[0, 2]), false),
        (must(3, &[0]), true),
        (must(4, &[0]), false),
        (must(9, &[2]), true),
        (must(2, &[1]), true),
        (must(3, &[1]), false),
        (company(12, 1), true),
        (company(13, 1), false),
        (company(1, 2), false),
        (company(2, 2), false),
        (Best { together: Together::Must, ..company(4, 1) }, true),
        (Best { together: Together::Must, ..company(5, 1) }, false),
        (within(6, &[0]), true),
        (within(7, &[0]), false),
        (within(8, &[0, 1, 0]), true),
        (within(9, &[0, 1, 0]), false),
        (Best { sections: [Section(0)].to_vec(), ..party(1, &[2]) }, false),
        (party(0, &[0]), false),
        (party(1, &[3]), false),
    ];
    for (ask, want) in rows {
        assert_eq!(seats.could_ever_fit(ask), *want, "{ask:?}");
    }
    // A companion's seat that adjoins no space is no companion's, whatever is blocked or taken now.
    let seats = house("aa/wk w/kk", "xt/x. ./t.");
    let rows: &[(Best, bool)] = &[
        (Best { accessible: 1, ..party(4, &[0]) }, true),
        (Best { accessible: 1, ..party(5, &[0]) }, false),
        (Best { accessible: 2, ..party(5, &[0]) }, true),
        (Best { accessible: 2, ..party(6, &[0]) }, false),
        (Best { accessible: 1, together: Together::Must, ..party(2, &[0]) }, true),
        (Best { accessible: 1, together: Together::Must, ..party(3, &[0]) }, false),
    ];
    for (ask, want) in rows {
        assert_eq!(seats.could_ever_fit(ask), *want, "{ask:?}");
    }
    assert!(!house_and_areas("a", ".", &[(0, 101)]).could_ever_fit(&party(101, &[0])));
    assert!(house_and_areas("a", ".", &[(0, 100)]).could_ever_fit(&party(100, &[0])));
}
