//! Plans of pretix's editor, with the habits of real files.

use seatmap::Seatmap;

use crate::{check, many, told};

/// A plan with one category, `Category I`, and these zones.
fn plan(zones: &str) -> String {
    format!(
        r##"{{"name":"Hall","categories":[{{"name":"Category I","color":"#F44336"}}],"zones":[{zones}],"size":{{"width":1,"height":1}}}}"##
    )
}

fn zone(name: &str, rows: &str) -> String {
    format!(r#"{{"name":"{name}","position":{{"x":0,"y":0}},"rows":[{rows}],"areas":[],"uuid":"1"}}"#)
}

fn row(name: &str, seats: &str) -> String {
    format!(r#"{{"row_number":"{name}","position":{{"x":0,"y":0}},"seats":[{seats}],"uuid":"2"}}"#)
}

fn seat(name: &str, (x, y): (&str, &str)) -> String {
    format!(
        r#"{{"seat_guid":"g","seat_number":"{name}","position":{{"x":{x},"y":{y}}},"category":"Category I","radius":5}}"#
    )
}

/// A row of seats 1, 2, 3, … that stand at these places of one line.
fn line(places: &str) -> String {
    let places: Vec<&str> = places.split_whitespace().collect();
    plan(&zone(
        "Z",
        &row("A", &many(places.len(), |index| seat(&(index + 1).to_string(), (places[index], "0")))),
    ))
}

/// A row of seats of these names, side by side.
fn named(names: &[&str]) -> String {
    plan(&zone("Z", &row("A", &many(names.len(), |index| seat(names[index], (&index.to_string(), "0"))))))
}

/// Between these words in the canonical text.
fn between(text: &str, before: &str, after: &str) -> String {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split_once(after).unwrap().0.to_owned()
}

fn seats_of(text: &str) -> String {
    let map = Seatmap::from_pretix(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    between(&map.canonical(), r#""seats":["#, "]").replace('"', "")
}

#[test]
fn gaps_are_aisles() {
    for (places, want) in [
        ("0", "1"),
        ("0 500", "1,2"),
        ("0 25 50 75", "1-4"),
        ("75 50 25 0", "1-4"),
        // 1.5 × 20 is 30: not above, and above.
        ("0 20 40 70 90", "1-5"),
        ("0 20 40 70.01 90", "1-3,4,5"),
        ("0 20 40 70.0004 90", "1-5"),
        // An even number of steps: the lower one of the two in the middle.
        ("0 25 100", "1,2,3"),
        ("0 75 100", "1,2,3"),
        ("0 1 2 5 6 7 10", "1-3,4-6,7"),
        ("0 0 0 0", "1-4"),
        ("0 0 0 1", "1-3,4"),
        ("-1.5 -0.5 0.5 1.5", "1-4"),
    ] {
        assert_eq!(seats_of(&line(places)), want, "{places}");
    }
    // Aslant, and apart in both directions.
    let seats = [("0", "0"), ("3", "4"), ("6", "8"), ("11", "14"), ("14", "18")];
    let text = plan(&zone("Z", &row("A", &many(5, |index| seat(&index.to_string(), seats[index])))));
    assert_eq!(seats_of(&text), "0-2,3,4");
}

#[test]
fn positions_add_up() {
    let text = plan(
        r#"{"name":"Z","position":{"x":100.25,"y":-10},"rows":[{"row_number":"A","position":{"x":0.25,"y":1e1},"seats":[
            {"seat_number":"1","category":"Category I","position":{"x":0,"y":-0.5}},
            {"seat_number":"2","category":"Category I","position":{"x":-201,"y":0.4996}}]}]}"#,
    );
    let map = Seatmap::from_pretix(text.as_bytes()).unwrap().canonical();
    assert_eq!(between(&map, r#""at":"#, "}"), r#"[101,-1],"to":[-101,1]"#);
    // What says no position is where that is in which it stands.
    let text = plan(
        r#"{"name":"Z","position":{"x":7,"y":0},"rows":[{"row_number":"A","seats":[{"seat_number":"1","category":"Category I"}]}]}"#,
    );
    assert_eq!(
        between(&Seatmap::from_pretix(text.as_bytes()).unwrap().canonical(), r#""at":"#, "}"),
        "[7,0]"
    );
}

#[test]
fn names_become_keys() {
    let long = "Parterre links hinter den Säulen, Reihe 1/2";
    for (names, want) in [
        (&["1", "1", "1", "2"][..], "1,1~2,1~3,2"),
        (&["1", "1~2", "1"], "1,1~2,1~3"),
        (&["1", "1", "1~2"], "1,1~2,1~2~2"),
        (&["", " ", "seat"], "seat,seat~2,seat~3"),
        (&["A-1", "A/2", "A,3", r"A\t4"], "A_1,A_2,A_3,A_4"),
        (&[" 7 ", "07", "7"], "7,07,7~2"),
        // The end is what tells numbers apart.
        (&["Row 1 Seat 12", "Row 1 Seat 13", "Row 2 Seat 13"], "Seat 12,Seat 13,eat 13~2"),
        (&["12345678", "12345678"], "12345678,345678~2"),
    ] {
        assert_eq!(seats_of(&named(names)), want, "{names:?}");
    }
    let zones = format!(
        "{},{},{},{},{}",
        zone(long, &row(long, &seat("1", ("0", "0")))),
        zone(long, &format!("{0},{0}", row("A", &seat("1", ("0", "0"))))),
        zone("", &row("", &seat("1", ("0", "0")))),
        // Passed over: they have no seat.
        zone("Empty", ""),
        zone("Rows alone", &row("A", "")),
    );
    let map = Seatmap::from_pretix(plan(&zones).as_bytes()).unwrap();
    let keys: Vec<(&str, &str)> =
        map.sections().iter().map(|section| (&*section.key, &*section.name)).collect();
    let want = [
        ("Parterre links hinter den Säulen", long),
        ("Parterre links hinter den Säul~2", long),
        ("zone", "zone"),
    ];
    assert_eq!(keys, want);
    let names: Vec<String> = (0..4).map(|seat| map.name_of(seat)).collect();
    let want = [
        "Parterre links hinter den Säulen/Parterre links hinter den Säulen/1",
        "Parterre links hinter den Säul~2/A/1",
        "Parterre links hinter den Säul~2/A~2/1",
        "zone/row/1",
    ];
    assert_eq!(names, want);
    // A long row of one name costs no more than another: within a second, or this test would be noticed.
    let many_alike = many(60_000, |index| seat("1", (&(index * index / 1_000).to_string(), "0")));
    let told = told(Seatmap::from_pretix(plan(&zone("Z", &row("A", &many_alike))).as_bytes())).unwrap_err();
    assert!(told[0].contains("must be"), "{}", told[0]);
}

#[test]
fn categories_are_found_by_name() {
    let text = plan(&zone("Z", &row("A", &seat("1", ("0", "0"))))).replace(
        r#""categories":["#,
        r#""categories":[{"name":"A/B"},{"name":"A,B"},{"name":"Category I"},"#,
    );
    let map = Seatmap::from_pretix(text.as_bytes()).unwrap();
    let keys: Vec<(&str, &str)> =
        map.categories().iter().map(|category| (&*category.key, &*category.name)).collect();
    assert_eq!(keys, [("A_B", "A/B"), ("A_B~2", "A,B"), ("Category I", "Category I")]);
    assert_eq!(map.compile().blocks[0].categories[0].category, 2);
}

#[test]
fn what_is_no_plan_is_told_with_its_place() {
    let good = plan(&zone("Z", &row("A", &seat("1", ("0", "0")))));
    for (text, pointer, detail) in [
        ("[]".to_owned(), "", "must be an object"),
        (r#"{"categories":[{"name":"a"}]}"#.to_owned(), "/zones", "is required"),
        (plan(""), "/zones", "must have a zone with a row with a seat"),
        (plan(&zone("Z", "")), "/zones", "must have a zone with a row with a seat"),
        (plan(&zone("Z", &row("A", ""))), "/zones", "must have a zone with a row with a seat"),
        (
            good.replace(r#""category":"Category I""#, r#""category":"Category X""#),
            "/zones/0/rows/0/seats/0/category",
            r#"none is called "Category X""#,
        ),
        (good.replace(r#""category":"Category I","#, ""), "/zones/0/rows/0/seats/0/category", "is required"),
        (good.replace(r#""name":"Category I""#, r#""title":"I""#), "/categories/0/name", "is required"),
        (
            good.replace(r#""seat_number":"1""#, r#""seat_number":1"#),
            "/zones/0/rows/0/seats/0/seat_number",
            "a string",
        ),
        (
            good.replace(r#""x":0,"y":0},"rows""#, r#""x":"0","y":0},"rows""#),
            "/zones/0/position/x",
            "must be a number",
        ),
        (
            good.replace(r#""x":0,"y":0},"seats""#, r#""x":1000001,"y":0},"seats""#),
            "/zones/0/rows/0/position/x",
            "must be a number",
        ),
        (
            good.replace(r#""x":0,"y":0},"seats""#, r#""x":1e300,"y":0},"seats""#),
            "/zones/0/rows/0/position/x",
            "must be a number",
        ),
        (
            good.replace(r#""x":0,"y":0}"#, r#""x":400000,"y":0}"#),
            "/zones/0/rows/0/seats/0/position",
            "farther than 1000000",
        ),
        (line(&"1 ".repeat(129)), "/zones/0/rows/0", "must be 1 to 128 seats between two aisles, not 129"),
    ] {
        let read = Seatmap::from_pretix(text.as_bytes());
        if pointer == "/categories/0/name" {
            // Its seats are of no category then.
            assert!(told(read).unwrap_err()[0].starts_with("/categories/0/name: is required"));
        } else {
            check(&text, read, Some((pointer, detail)));
        }
    }
    assert!(Seatmap::from_pretix(good.replace(r#""x":0"#, r#""x":333333"#).as_bytes()).is_ok());
    assert!(Seatmap::from_pretix(line(&"1 ".repeat(128)).as_bytes()).is_ok());
}

#[test]
fn bounds_hold_here_too() {
    let lone = seat("1", ("0", "0"));
    let zones = |count| plan(&many(count, |index| zone(&format!("z{index}"), &row("A", &lone))));
    let rows = |count| plan(&zone("Z", &many(count, |_| row("A", &lone))));
    let seats = |count: usize| {
        let full = many(count / 128, |_| row("A", &many(128, |_| lone.clone())));
        let rest = row("rest", &many(count % 128, |_| lone.clone()));
        plan(&zone("Z", &format!("{full},{rest}")))
    };
    let categories = |count: usize| {
        let more = many(count - 1, |index| format!(r#"{{"name":"c{index}"}}"#));
        zones(1).replace(r#""categories":["#, &format!(r#""categories":[{more},"#))
    };
    for (what, text, want) in [
        ("1,024 zones", zones(1_024), None),
        ("1,025 zones", zones(1_025), Some(("/zones/1024", "at most 1024 sections"))),
        ("16,384 rows", rows(16_384), None),
        ("16,385 rows", rows(16_385), Some(("/zones/0/rows/16384", "at most 16384 rows"))),
        ("131,072 seats", seats(131_072), None),
        ("131,073 seats", seats(131_073), Some(("/zones/0/rows/1024", "at most 131072 seats"))),
        ("64 categories", categories(64), None),
        (
            "131,073 seats of a row",
            plan(&zone("Z", &row("A", &many(131_073, |_| "{}".to_owned())))),
            Some(("/zones/0/rows/0/seats", "at most 131072 items")),
        ),
    ] {
        check(what, Seatmap::from_pretix(text.as_bytes()), want);
    }
    // The seat is of the last category, which is one too many.
    let told = told(Seatmap::from_pretix(categories(65).as_bytes())).unwrap_err();
    assert!(told[0].starts_with("/categories/64: is too much: a map has at most 64 categories"), "{told:?}");
}
