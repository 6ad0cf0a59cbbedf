//! The rules of seats by themselves, as tables: single seats, the best, whose turn it is.
//!
//! A row is a letter a seat: `a` and `b` are categories, `A` is a wheelchair space and `C` for who comes along; a blank is an
//! aisle. The first row has rank 0, and seats of one row stand in the order of their ranks. Floors are written the same way:
//! `.` is free, `x` taken, `#` blocked.

use std::collections::BTreeSet;

use api::booking::{Booking, Mode, Remaining, Status, Together};
use api::feed::{Kind as RecordKind, Record};
use api::inventory::Counts;
use api::slot::Order;
use api::time::Time;

use super::floor::Floor;
use super::hall::{Hall, Turn, Wishes};
use super::search::{Blocks, Placement, Search, best};
use super::singles::refused_for;
use crate::history::{Best, Places};
use crate::house::Plan;
use crate::house::words::{AisleSingles, BookingSeats, Closing, SingleScope, Singles, Terms};

/// Sections of rows, and the capacity of an area of category `b`, if it has any.
type Drawn<'d> = &'d [&'d [&'d str]];

fn plan(sections: Drawn<'_>, area: u64) -> Plan {
    let mut rank = 0;
    let mut texts = Vec::new();
    for (number, rows) in sections.iter().enumerate() {
        let rows: Vec<String> =
            rows.iter().enumerate().map(|(row, seats)| text(row, seats, &mut rank)).collect();
        texts.push(format!(r#"{{"key": "s{number}", "rows": [{}]}}"#, rows.join(",")));
    }
    let area = match area {
        0 => String::new(),
        places => format!(r#"{{"key": "floor", "category": "b", "capacity": {places}}}"#),
    };
    let text = format!(
        r#"{{"categories": [{{"key": "a"}}, {{"key": "b"}}], "sections": [{}], "areas": [{area}]}}"#,
        texts.join(",")
    );
    Plan::read(text.as_bytes()).unwrap()
}

fn text(row: usize, seats: &str, rank: &mut u32) -> String {
    let numbers = |like: &str| -> Vec<String> {
        let letters = seats.chars().filter(|letter| *letter != ' ').zip(1..);
        letters
            .filter(|(letter, _)| like.contains(*letter))
            .map(|(_, number)| format!("\"{number}\""))
            .collect()
    };
    let mut next = 0;
    let runs = seats.split(' ').map(|run| {
        next += run.len();
        format!("\"{}-{next}\"", next + 1 - run.len())
    });
    let runs: Vec<String> = runs.collect();
    *rank += 1;
    format!(
        r#"{{"key": "r{row}", "seats": [{}], "category": "a", "categories": {{"b": [{}]}}, "rank": {rank},
            "accessible": [{}], "companion": [{}]}}"#,
        runs.join(","),
        numbers("b").join(","),
        numbers("A").join(","),
        numbers("C").join(",")
    )
}

/// A floor on which the marked seats are taken by one booking, or blocked.
fn floor<'h>(plan: &'h Plan, marks: &str, closing: &'h mut Closing) -> Floor<'h> {
    let marks: Vec<char> = marks.chars().filter(|mark| *mark != ' ' && *mark != '|').collect();
    assert_eq!(marks.len(), plan.seats.len(), "a mark a seat");
    let like = |wanted: char| {
        let seats = plan.seats.iter().zip(&marks).filter(move |(_seat, mark)| **mark == wanted);
        seats.map(|(seat, _mark)| seat.name.clone()).collect::<Vec<String>>()
    };
    closing.blocked = like('#');
    let mut floor = Floor::new(plan);
    let taken = BookingSeats { seats: like('x'), ..BookingSeats::default() };
    assert_eq!(floor.give("bkg_0", Status::Confirmed, &taken), [""; 0]);
    assert_eq!(floor.take_closing(closing), [""; 0]);
    floor
}

#[test]
fn singles_are_refused_where_one_could_do_otherwise() {
    use AisleSingles::{Count, Ignore};
    use SingleScope::{Row, Slot};
    // The seats, what is taken, which are picked, what would be left alone for which it is refused.
    type Picked = (AisleSingles, SingleScope, &'static str, &'static str, &'static [usize], &'static [usize]);
    let rows: &[Picked] = &[
        (Count, Row, "aaa", "...", &[0, 1], &[]),
        (Count, Row, "aaaa", "....", &[1, 2], &[0, 3]),
        (Count, Row, "aaaaa", ".....", &[0, 1], &[]),
        (Count, Row, "aaaaa", ".....", &[2, 3, 4], &[]),
        (Count, Row, "aa", "..", &[0], &[]),
        (Count, Row, "a", ".", &[0], &[]),
        (Count, Row, "aaaaaa", "......", &[0, 2], &[1]),
        (Count, Slot, "aaa aaaaa", "... .....", &[0, 1], &[2]),
        (Count, Slot, "aa aaaaa", ".. .....", &[0], &[1]),
        (Count, Slot, "aaaa aaaa", ".... ....", &[1, 2], &[0, 3]),
        (Count, Slot, "aaa bbbbb", "... .....", &[0, 1], &[]),
        // At an aisle or the end of a row none counts.
        (Ignore, Row, "aaaa", "....", &[1, 2], &[]),
        (Ignore, Row, "aaaaaa", "x....x", &[2, 3], &[1, 4]),
        (Ignore, Row, "aaaa aaaa", ".... ....", &[1, 2], &[]),
        // What nobody may have is an end, and another category is none.
        (Ignore, Row, "aaaaaa", "#....#", &[2, 3], &[1, 4]),
        (Ignore, Row, "aaaaAC", "x.....", &[2, 3], &[]),
        (Count, Row, "abbb", "....", &[1, 2], &[0, 3]),
        (Count, Row, "aAaa", "....", &[2], &[]),
        // As many of another category are nothing that one could do otherwise; of one's own they are.
        (Ignore, Row, "bbaa", "...x", &[0, 1], &[]),
        (Ignore, Row, "bbba", "...x", &[0, 1], &[2]),
        (Ignore, Slot, "bbaa bbbb", "...x ....", &[0, 1], &[2]),
        (Ignore, Slot, "bbaa aaaa", "...x ....", &[0, 1], &[]),
        // Who picks of two has both to choose from.
        (Ignore, Row, "baaa", "...x", &[0, 1], &[2]),
        // One that stood alone before is not new, and one block of several that could not do otherwise is enough.
        (Ignore, Row, "aaaaaa", ".x.x..", &[4], &[]),
        (Count, Row, "aaaa aaa", ".... ...", &[1, 2, 4, 5], &[]),
    ];
    for (aisle_singles, single_scope, seats, marks, picked, want) in rows {
        let (plan, mut closing) = (plan(&[&[*seats]], 0), Closing::default());
        let floor = floor(&plan, marks, &mut closing);
        let terms = Terms {
            singles: Singles::Refuse,
            aisle_singles: *aisle_singles,
            single_scope: *single_scope,
            ..Terms::default()
        };
        let got = refused_for(&floor, &terms, &picked.iter().copied().collect());
        assert_eq!(got, *want, "{seats} {marks}: {picked:?} {aisle_singles:?} {single_scope:?}");
        let free = Terms { singles: Singles::Avoid, ..terms };
        assert_eq!(refused_for(&floor, &free, &picked.iter().copied().collect()), [0; 0]);
    }
}

#[test]
fn the_best_are_found_step_by_step() {
    use Together::{Must, Prefer};
    const A: &[usize] = &[0];
    const AB: &[usize] = &[0, 1];
    // Sections, the area, what is taken; how many, of which categories; the seats, or none.
    type Sought = (usize, &'static [usize], Together);
    type Row = (Drawn<'static>, u64, &'static str, Sought, Option<&'static [usize]>);
    let rows: &[Row] = &[
        (&[&["aaaa"]], 0, "....", (2, A, Must), Some(&[0, 1])),
        // A block that leaves nobody alone comes before a better one.
        (&[&["aaaaaaaa"]], 0, "x...x...", (2, A, Must), Some(&[5, 6])),
        (&[&["aaaaaa"]], 0, "x...xx", (2, A, Must), Some(&[1, 2])),
        // Not over an aisle, nor past a wheelchair space, a seat that is taken or blocked, or another category.
        (&[&["aa aa"]], 0, ".. ..", (3, A, Must), None),
        (&[&["aAaa"]], 0, "....", (3, A, Must), None),
        (&[&["aabaa"]], 0, ".....", (3, A, Must), None),
        (&[&["aaaaa"]], 0, "..#..", (3, A, Must), None),
        // A block of the next category comes before a split, and neighbours that leave one alone, too.
        (&[&["aa", "aa", "bbbb"]], 0, ".. .. ....", (4, AB, Prefer), Some(&[4, 5, 6, 7])),
        (&[&["aaaaa", "bb"]], 0, "x...x ..", (2, AB, Prefer), Some(&[5, 6])),
        (&[&["aaaaa", "bb"]], 0, "x...x xx", (2, AB, Prefer), Some(&[1, 2])),
        // An area is a block at its category's place.
        (&[&["aa", "aa"]], 4, ".. ..", (4, AB, Must), None),
        (&[&["aa", "aa"]], 3, ".. ..", (4, AB, Must), None),
        // Equal parts, the larger first; in one section before nearer rows of another.
        (&[&["aaa", "aa"]], 0, "... ..", (5, A, Prefer), Some(&[0, 1, 2, 3, 4])),
        (&[&["aa", "aa", "aa"]], 0, ".. x. ..", (4, A, Prefer), Some(&[0, 1, 4, 5])),
        (&[&["aa", "aa"], &["aa"]], 0, "xx .. ..", (4, A, Prefer), Some(&[2, 3, 4, 5])),
        (&[&["aa"], &["aa"], &["aa", "aa"]], 0, ".. xx .. ..", (4, A, Prefer), Some(&[0, 1, 4, 5])),
        (&[&["aa", "aa", "aa"], &["aa"]], 0, ".. xx .. ..", (4, A, Prefer), Some(&[0, 1, 4, 5])),
        // The first part does not go back: it is the best, though only the next would be nearer to another.
        (&[&["aa", "aa", "aa", "aa", "aa"]], 0, ".. x. x. .. ..", (4, A, Prefer), Some(&[0, 1, 6, 7])),
        // Alone last of all, and nobody where there are not enough.
        (&[&["aaa", "aaa"]], 0, ".x. .x.", (2, A, Prefer), Some(&[0, 2])),
        (&[&["aaa", "aaa"]], 0, ".x. .x.", (2, A, Must), None),
        (&[&["aaa", "aaa"]], 0, ".x. xxx", (3, A, Prefer), None),
        (&[&["AC", "aa"]], 0, ".. x.", (2, A, Prefer), None),
    ];
    for (sections, area, marks, (quantity, categories, together), want) in rows {
        let (plan, mut closing) = (plan(sections, *area), Closing::default());
        let floor = floor(&plan, marks, &mut closing);
        let (quantity, categories, together) = (*quantity, categories.to_vec(), *together);
        let search = Search { quantity, categories, sections: &[], together };
        let got = best(&floor, &Terms::default(), &search);
        let want: Vec<Placement> = match (want, area) {
            (None, 4..) => vec![Placement::Area(0)],
            (want, _) => want.iter().map(|seats| Placement::Seats(seats.iter().copied().collect())).collect(),
        };
        assert_eq!(got, want, "{sections:?} {marks}: {quantity}");
        assert_eq!(Blocks::of(&floor).fit(&search), !want.is_empty(), "{sections:?} {marks}: {quantity}");
    }
}

#[test]
fn sections_that_are_named_are_the_only_ones() {
    let (plan, mut closing) = (plan(&[&["aaaa"], &["aaaa"]], 0), Closing::default());
    let floor = floor(&plan, ".... ..x.", &mut closing);
    let search =
        |quantity| Search { quantity, categories: vec![0], sections: &[1], together: Together::Must };
    let seats = |seats: &[usize]| vec![Placement::Seats(seats.iter().copied().collect::<BTreeSet<_>>())];
    assert_eq!(best(&floor, &Terms::default(), &search(2)), seats(&[4, 5]));
    assert_eq!(best(&floor, &Terms::default(), &search(3)), []);
    assert!(!Blocks::of(&floor).fit(&search(3)));
}

#[test]
fn another_map_keeps_by_name_what_is_taken_or_closed() {
    // The floor before, the rows of the new map, its letters, what is lost.
    let rows: &[(&str, &str, &str, usize)] = &[
        (".x#.", "aaaa", "ftt", 0),
        (".x#.", "aaaaaa", "fttfff", 0),
        (".x#.", "aa", "ft", 0),
        (".x#x", "aa", "ft", 1),
        (".x.x", "a", "f", 2),
    ];
    for (marks, drawn, letters, lost) in rows {
        let (former, mut closing) = (plan(&[&["aaaa"]], 0), Closing::default());
        let later = plan(&[&[*drawn]], 0);
        let (floor, faults) = floor(&former, marks, &mut closing).moved_to(&later);
        assert!(String::from_utf8(floor.letters()).unwrap().starts_with(letters), "{marks} {drawn}");
        assert_eq!(faults.len(), *lost, "{marks} {drawn}: {faults:?}");
    }
}

#[test]
fn a_waiter_holds_back_others_only_where_it_is_short() {
    use Order::{SkipFit, Strict};
    use Together::{Must, Prefer};
    type Waiter = (u32, &'static [&'static str], Together);
    // Two rows of `a` and one of `b`; who waits; whose turn it is, by place.
    let rows: &[(&str, &[Waiter], Order, Option<usize>)] = &[
        (".... xx ..", &[(4, &["a"], Prefer)], Strict, Some(0)),
        ("...x xx ..", &[(4, &["a"], Prefer)], Strict, None),
        // Short of a, it holds back who wants a, and not who wants b.
        ("...x xx ..", &[(4, &["a"], Prefer), (1, &["a"], Prefer)], Strict, None),
        ("...x xx ..", &[(4, &["a"], Prefer), (1, &["a"], Prefer)], SkipFit, Some(1)),
        ("...x xx ..", &[(4, &["a"], Prefer), (2, &["b"], Prefer)], Strict, Some(1)),
        ("...x xx ..", &[(4, &["a"], Prefer), (2, &["a", "b"], Prefer)], Strict, Some(1)),
        // Short of nothing, it passes its turn.
        (".x.. .. ..", &[(4, &["a"], Must), (1, &["a"], Prefer)], Strict, Some(1)),
        (".x.. .. ..", &[(4, &["a"], Must), (2, &["a"], Must)], Strict, Some(1)),
        // It is short only if it is short of everything that it would take; idle never cascades.
        ("...x xx x.", &[(4, &["a", "b"], Prefer), (1, &["b"], Prefer)], Strict, None),
        (
            "...x xx ..",
            &[(4, &["a"], Prefer), (3, &["a", "b"], Prefer), (2, &["b"], Prefer)],
            Strict,
            Some(2),
        ),
        // One freed two: three, two and one want them.
        ("..xx xx xx", &[(3, &["a"], Prefer), (2, &["a"], Prefer), (1, &["a"], Prefer)], Strict, None),
        ("..xx xx xx", &[(3, &["a"], Prefer), (2, &["a"], Prefer), (1, &["a"], Prefer)], SkipFit, Some(1)),
    ];
    for (marks, waiters, order, want) in rows {
        let (plan, mut closing) = (plan(&[&["aaaa", "aa", "bb"]], 0), Closing::default());
        let places: Vec<Places> =
            waiters.iter().map(|(_quantity, keys, together)| wishes(keys, *together)).collect();
        let bookings: Vec<Booking> =
            waiters.iter().enumerate().map(|(place, (quantity, ..))| waits(place, *quantity)).collect();
        let wishes = Wishes::known(bookings.iter().map(|booking| booking.id.clone()).zip(&places));
        let mut hall = Hall::new(floor(&plan, marks, &mut closing), Terms::default(), wishes);
        hall.model.begin(&record());
        for booking in &bookings {
            hall.model.apply_booking(booking);
        }
        let turn = match hall.turn(*order) {
            Turn::Of(id, _wish) => bookings.iter().position(|booking| booking.id == id),
            Turn::Nobody => None,
            Turn::Unknown => panic!("every wish is known"),
        };
        assert_eq!(turn, *want, "{marks} {waiters:?} {order:?}");
    }
}

fn wishes(categories: &[&str], together: Together) -> Places {
    let categories = categories.iter().map(|key| (*key).to_owned()).collect();
    Places::Best(Best { categories, together, ..Best::default() })
}

fn waits(place: usize, quantity: u32) -> Booking {
    Booking {
        id: format!("bkg_w{place}"),
        slot: "slot_1".into(),
        customer: format!("w{place}"),
        quantity,
        status: Status::Waitlisted,
        mode: Mode::Confirm,
        seq: 1,
        reference: String::new(),
        position: None,
        expires_at: None,
        expires_in_ms: Remaining::None,
        created_at: Time::from_ms(0),
        seats: None,
        areas: None,
        category: None,
        together: None,
        from: None,
        to: None,
        resource: None,
        amount: None,
        currency: None,
        lines: None,
    }
}

fn record() -> Record {
    Record {
        seq: 1,
        at: Time::from_ms(0),
        kind: RecordKind::Booked,
        bookings: Vec::new(),
        counts: Counts::untouched(8),
        seats: None,
        map: None,
    }
}
