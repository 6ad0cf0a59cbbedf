//! Every bound of the contract's table, from both sides.

use seatmap::Seatmap;

use crate::{check, many, map, row, section, small};

fn one(index: usize) -> String {
    section(&format!("s{index}"), &row("A", r#"["1"]"#, ""))
}

/// So many rows, 1,024 in a section.
fn rows(count: usize) -> String {
    let full = many(count / 1_024, |index| {
        section(&format!("s{index}"), &many(1_024, |row_index| row(&format!("r{row_index}"), r#"["1"]"#, "")))
    });
    let rest = section("rest", &many(count % 1_024, |index| row(&format!("r{index}"), r#"["1"]"#, "")));
    map(&if count.is_multiple_of(1_024) { full } else { format!("{full},{rest}") }, "")
}

/// So many seats in one row, this many between two aisles.
fn seats(count: usize, between: usize) -> String {
    let item = |index: usize| format!(r#""{}-{}""#, index * between + 1, ((index + 1) * between).min(count));
    map(&section("s", &row("A", &format!("[{}]", many(count.div_ceil(between), item)), "")), "")
}

fn areas(count: usize) -> String {
    let area = |index| format!(r#"{{"key":"area{index}","category":"a","capacity":1}}"#);
    small("", &format!(r#","areas":[{}]"#, many(count, area)))
}

fn categories(count: usize) -> String {
    let categories = many(count, |index| format!(r#"{{"key":"c{index}"}}"#));
    let sections = section("s", r#"{"key":"A","seats":["1"],"category":"c0"}"#);
    format!(r#"{{"categories":[{categories}],"sections":[{sections}]}}"#)
}

#[test]
fn how_many_there_may_be() {
    for (what, text, want) in [
        ("1 section", map(&many(1, one), ""), None),
        ("1,024 sections", map(&many(1_024, one), ""), None),
        ("1,025 sections", map(&many(1_025, one), ""), Some(("/sections/1024", "at most 1024 sections"))),
        ("no section", map("", ""), Some(("/sections", "must not be empty"))),
        (
            "a section without rows",
            map(&section("s", ""), ""),
            Some(("/sections/0/rows", "must not be empty")),
        ),
        ("16,384 rows", rows(16_384), None),
        ("16,385 rows", rows(16_385), Some(("/sections/16/rows/0", "at most 16384 rows"))),
        (
            "16,384 rows of one section",
            map(&section("s", &many(16_384, |index| row(&format!("r{index}"), r#"["1"]"#, ""))), ""),
            None,
        ),
        ("131,072 seats", seats(131_072, 128), None),
        ("131,072 seats, 100 at a time", seats(131_072, 100), None),
        (
            "131,073 seats",
            seats(131_073, 128),
            Some(("/sections/0/rows/0/seats/1024", "at most 131072 seats")),
        ),
        (
            "131,073 seats, 100 at a time",
            seats(131_073, 100),
            Some(("/sections/0/rows/0/seats/1310", "at most 131072 seats")),
        ),
        (
            "a row without seats",
            map(&section("s", &row("A", "[]", "")), ""),
            Some(("/sections/0/rows/0/seats", "must not be empty")),
        ),
        ("no area", areas(0), None),
        ("64 areas", areas(64), None),
        ("65 areas", areas(65), Some(("/areas/64", "at most 64 areas"))),
        ("1 category", categories(1), None),
        ("64 categories", categories(64), None),
        ("65 categories", categories(65), Some(("/categories/64", "at most 64 categories"))),
    ] {
        check(what, Seatmap::from_json(text.as_bytes()), want);
    }
}

#[test]
fn how_many_seats_stand_between_two_aisles() {
    let singly = |count| many(count, |index| index.to_string());
    for (seats, is_good) in [
        ("1".to_owned(), true),
        ("1-128".to_owned(), true),
        ("1-129".to_owned(), false),
        ("255-1/2".to_owned(), true),
        ("257-1/2".to_owned(), false),
        (singly(128), true),
        (singly(129), false),
        (format!("{},500-563", singly(64)), true),
        (format!("{},500-564", singly(64)), false),
    ] {
        let text = map(&section("s", &row("A", &format!(r#"["{seats}"]"#), "")), "");
        let want = (!is_good).then_some(("/sections/0/rows/0/seats/0", "more than 128 seats"));
        check(&seats, Seatmap::from_json(text.as_bytes()), want);
    }
}

#[test]
fn how_long_keys_numbers_and_names_are() {
    let places = [
        ("/categories/0/key", r#"{"categories":[{"key":"KEY"}],"sections":[{"key":"s","rows":[{"key":"A","seats":["1"],"category":"KEY"}]}]}"#.to_owned()),
        ("/sections/0/key", map(&section("KEY", &row("A", r#"["1"]"#, "")), "")),
        ("/sections/0/rows/0/key", map(&section("s", &row("KEY", r#"["1"]"#, "")), "")),
        ("/areas/0/key", small("", r#","areas":[{"key":"KEY","category":"a","capacity":1}]"#)),
    ];
    for (key, is_good) in [
        ("k".to_owned(), true),
        ("k".repeat(32), true),
        ("k".repeat(33), false),
        ("ä".repeat(32), true),
        ("ä".repeat(33), false),
        (String::new(), false),
        ("a/b".to_owned(), false),
        ("a,b".to_owned(), false),
        (r"a\u0000b".to_owned(), false),
        (r"a\tb".to_owned(), false),
        (r"a\u0085b".to_owned(), false),
        ("a-b".to_owned(), true),
        ("a b~2".to_owned(), true),
    ] {
        for (pointer, text) in &places {
            let want = (!is_good)
                .then_some((*pointer, "must have 1 to 32 characters, without / , and control characters"));
            check(&key, Seatmap::from_json(text.replace("KEY", &key).as_bytes()), want);
        }
    }
    for (number, is_good) in [
        ("x".repeat(8), true),
        ("x".repeat(9), false),
        ("ß".repeat(8), true),
        ("ß".repeat(9), false),
        ("99999999".to_owned(), true),
        ("100000000".to_owned(), false),
        (String::new(), false),
        ("a-b".to_owned(), false),
        ("a/b".to_owned(), false),
        (r"a\u0001".to_owned(), false),
    ] {
        let text = map(&section("s", &row("A", &format!(r#"["{number}"]"#), "")), "");
        let want = (!is_good).then_some(("/sections/0/rows/0/seats/0", "must be seats between two aisles"));
        check(&number, Seatmap::from_json(text.as_bytes()), want);
    }
    for (length, is_good) in [(0, true), (1_000, true), (1_001, false)] {
        let name = "ñ".repeat(length);
        for (pointer, text) in [
            ("/name", small("", &format!(r#","name":"{name}""#))),
            (
                "/sections/0/name",
                small("", "").replace(r#""key":"s""#, &format!(r#""key":"s","name":"{name}""#)),
            ),
        ] {
            let want = (!is_good).then_some((pointer, "at most 1000 characters"));
            check(&format!("{length} at {pointer}"), Seatmap::from_json(text.as_bytes()), want);
        }
    }
}

#[test]
fn how_far_away_and_how_good() {
    let whole = "must be a whole number from -1000000 to 1000000";
    for (x, is_good) in [
        ("0", true),
        ("-1000000", true),
        ("1000000", true),
        ("1e6", true),
        ("1000000.0", true),
        ("-1000001", false),
        ("1000001", false),
        ("0.5", false),
        ("9223372036854775808", false),
        ("18446744073709551616", false),
        ("1e300", false),
        (r#""1""#, false),
        ("null", false),
    ] {
        for (pointer, text) in [
            ("/focus/0", small("", &format!(r#","focus":[{x},0]"#))),
            ("/focus/1", small("", &format!(r#","focus":[0,{x}]"#))),
            ("/sections/0/rows/0/at/0", small(&format!(r#","at":[{x},0],"to":[1,1]"#), "")),
            ("/sections/0/rows/0/to/1", small(&format!(r#","to":[0,{x}]"#), "")),
        ] {
            check(
                &format!("{x} at {pointer}"),
                Seatmap::from_json(text.as_bytes()),
                (!is_good).then_some((pointer, whole)),
            );
        }
    }
    for (rank, is_good) in
        [("0", true), ("65535", true), ("65536", false), ("-1", false), ("1.5", false), ("null", false)]
    {
        let want =
            (!is_good).then_some(("/sections/0/rows/0/rank", "must be a whole number from 0 to 65535"));
        check(rank, Seatmap::from_json(small(&format!(r#","rank":{rank}"#), "").as_bytes()), want);
    }
    for (capacity, is_good) in
        [("1", true), ("9999996", true), ("0", false), ("10000001", false), ("-1", false)]
    {
        let area = format!(r#","areas":[{{"key":"f","category":"b","capacity":{capacity}}}]"#);
        let want = (!is_good).then_some(("/areas/0/capacity", "must be a whole number from 1 to 10000000"));
        check(capacity, Seatmap::from_json(small("", &area).as_bytes()), want);
    }
    // Four seats, and areas.
    for (capacity, is_good) in [(4_999_998, true), (4_999_999, false)] {
        let area = |index| format!(r#"{{"key":"f{index}","category":"b","capacity":{capacity}}}"#);
        let want = (!is_good).then_some(("/areas", "at most 10000000 places in all, not 10000002"));
        let text = small("", &format!(r#","areas":[{}]"#, many(2, area)));
        check("all places", Seatmap::from_json(text.as_bytes()), want);
    }
}
