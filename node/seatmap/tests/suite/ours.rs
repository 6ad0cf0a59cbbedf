//! Our own format: what is no JSON, what is no map, and where.

use seatmap::{Counts, Error, Seatmap};

use crate::{check, many, map, row, section, small, told};

/// The example of the contract.
pub(crate) const OPERA: &str = r#"{ "name": "Opera house", "focus": [0, 0],
  "categories": [ { "key": "a", "name": "Stalls" }, { "key": "s", "name": "Standing" } ],
  "sections": [ { "key": "stalls", "name": "Stalls", "rows": [
      { "key": "A", "seats": ["1-14", "15-28"], "category": "a", "at": [-700, 300], "to": [700, 300], "accessible": ["1"], "companion": ["2"], "restricted": ["28"] },
      { "key": "B", "seats": ["27-1/2", "2-28/2"], "category": "a", "at": [-700, 400], "to": [700, 400] } ] } ],
  "areas": [ { "key": "floor", "name": "Floor", "category": "s", "capacity": 300 } ] }"#;

#[test]
fn the_example_of_the_contract_is_read() {
    let opera = Seatmap::from_json(OPERA.as_bytes()).unwrap();
    assert_eq!(opera.counts(), Counts { seats: 56, rows: 2, areas: 1, categories: 2 });
    assert_eq!((opera.name(), opera.sections().len(), opera.areas()[0].capacity), ("Opera house", 1, 300));
}

#[test]
fn what_is_no_json_is_told_apart() {
    let deep = |depth| "[".repeat(depth);
    for text in [
        "",
        " ",
        "{",
        "{} {}",
        "{]",
        "nul",
        "{'name': 1}",
        r#"{"name": "\ud800"}"#,
        r#"{"name": "a"#,
        "NaN",
        "01",
        &deep(100_000),
        &format!("{{\"sections\": {}", deep(1_000_000)),
    ] {
        let read = Seatmap::from_json(text.as_bytes());
        assert!(matches!(read, Err(Error::Malformed(_))), "{text:.40}: {read:?}");
        let read = Seatmap::from_pretix(text.as_bytes());
        assert!(matches!(read, Err(Error::Malformed(_))), "{text:.40}: {read:?}");
    }
    let read = Seatmap::from_json(b"{\"name\": \"\xff\"}");
    assert!(matches!(read, Err(Error::Malformed(_))), "{read:?}");
    let deep = format!("{{\"name\": {}{}}}", deep(100), "]".repeat(100));
    let told = told(Seatmap::from_json(deep.as_bytes())).unwrap_err();
    assert_eq!(told[0], "/name: must be a string, not a list");
}

/// A small map whose row has more.
fn in_row(more: &str) -> String {
    small(more, "")
}

/// A map of a row with these seats.
fn seats(seats: &str) -> String {
    map(&section("s", &row("A", seats, "")), "")
}

/// A small map with a further field behind another.
fn with(place: &str, field: &str) -> String {
    small("", "").replace(place, &format!("{place},{field}"))
}

#[test]
fn what_has_another_shape_is_told_with_its_place() {
    for (text, pointer, detail) in [
        ("[]".to_owned(), "", "must be an object, not a list"),
        ("null".to_owned(), "", "must be an object, not null"),
        ("true".to_owned(), "", "must be an object, not true or false"),
        (small("", r#","name":1"#), "/name", "must be a string, not a number"),
        (small("", r#","focus":[1]"#), "/focus", "a list of two numbers"),
        (small("", r#","focus":[1,2,3]"#), "/focus", "a list of two numbers"),
        (small("", r#","focus":{"x":1}"#), "/focus", "must be a list, not an object"),
        (small("", r#","areas":null"#), "/areas", "must be a list, not null"),
        (small("", r#","areas":[["f"]]"#), "/areas/0", "must be an object, not a list"),
        (seats(r#""1-4""#), "/sections/0/rows/0/seats", "must be a list, not a string"),
        (seats("[1]"), "/sections/0/rows/0/seats/0", "must be a string, not a number"),
        (in_row(r#","accessible":"1""#), "/sections/0/rows/0/accessible", "must be a list"),
        (in_row(r#","categories":[]"#), "/sections/0/rows/0/categories", "must be an object"),
    ] {
        check(&text, Seatmap::from_json(text.as_bytes()), Some((pointer, detail)));
    }
}

#[test]
fn fields_are_there_once_and_known() {
    for (text, pointer, detail) in [
        (r#"{"categories":[{"key":"a"}]}"#.to_owned(), "/sections", "is required"),
        (map(r#"{"key":"s"}"#, ""), "/sections/0/rows", "is required"),
        (map(&section("s", r#"{"key":"A","category":"a"}"#), ""), "/sections/0/rows/0/seats", "is required"),
        (
            map(&section("s", r#"{"key":"A","seats":["1"]}"#), ""),
            "/sections/0/rows/0/category",
            "is required",
        ),
        (small("", r#","areas":[{"key":"f","capacity":1}]"#), "/areas/0/category", "is required"),
        (small("", r#","areas":[{"key":"f","category":"a"}]"#), "/areas/0/capacity", "is required"),
        (small("", r#","colour":1"#), "/colour", "is no field that is known here: name, focus"),
        (small("", r#","a/b~c":1"#), "/a~1b~0c", "is no field that is known here"),
        (with(r#""key":"b""#, r#""colour":1"#), "/categories/1/colour", "is no field"),
        (with(r#""key":"s""#, r#""colour":1"#), "/sections/0/colour", "is no field"),
        (in_row(r#","colour":1"#), "/sections/0/rows/0/colour", "is no field"),
        (in_row(r#","rank":1,"rank":2"#), "/sections/0/rows/0/rank", "must not come twice"),
        (in_row(r#","categories":{"b":["1"],"b":["2"]}"#), "/sections/0/rows/0/categories/b", "twice"),
    ] {
        check(&text, Seatmap::from_json(text.as_bytes()), Some((pointer, detail)));
    }
}

#[test]
fn keys_differ() {
    for (text, pointer, detail) in [
        (
            map(&format!("{0},{0}", section("s", &row("A", r#"["1"]"#, ""))), ""),
            "/sections/1/key",
            "must differ from those of the other sections and areas",
        ),
        (
            small("", r#","areas":[{"key":"s","category":"a","capacity":1}]"#),
            "/areas/0/key",
            "must differ from those of the other sections and areas",
        ),
        (
            map(&section("s", &format!("{0},{0}", row("A", r#"["1"]"#, ""))), ""),
            "/sections/0/rows/1/key",
            "must differ from those of the other rows",
        ),
        (
            small("", "").replace(r#"{"key":"b"}"#, r#"{"key":"a"}"#),
            "/categories/1/key",
            "must differ from those of the other categories",
        ),
    ] {
        check(&text, Seatmap::from_json(text.as_bytes()), Some((pointer, detail)));
    }
}

#[test]
fn seats_are_there_once_and_of_a_category() {
    for (text, pointer, detail) in [
        (seats(r#"["1-4","4"]"#), "/sections/0/rows/0/seats/1", "must not name seat 4 again"),
        (seats(r#"["1,x,1"]"#), "/sections/0/rows/0/seats/0", "must not name seat 1 again"),
        (seats(r#"["1-4/2"]"#), "/sections/0/rows/0/seats/0", "never comes to 4"),
        (seats(r#"["1",""]"#), "/sections/0/rows/0/seats/1", "is no number of a seat"),
        (in_row(r#","accessible":["5"]"#), "/sections/0/rows/0/accessible/0", "the row has no seat 5"),
        (in_row(r#","companion":["1","2-9"]"#), "/sections/0/rows/0/companion/1", "more than 3 seats"),
        (in_row(r#","restricted":["1","1"]"#), "/sections/0/rows/0/restricted", "each seat once"),
        (in_row(r#","restricted":["01"]"#), "/sections/0/rows/0/restricted/0", "the row has no seat 01"),
        (in_row(r#","accessible":["1-2"],"companion":["2"]"#), "/sections/0/rows/0/companion", "seat 2"),
        (
            map(&section("s", r#"{"key":"A","seats":["1"],"category":"c"}"#), ""),
            "/sections/0/rows/0/category",
            r#"none has "c""#,
        ),
        (in_row(r#","categories":{"c":["1"]}"#), "/sections/0/rows/0/categories/c", r#"none has "c""#),
        (in_row(r#","categories":{"b":["9"]}"#), "/sections/0/rows/0/categories/b/0", "has no seat 9"),
        (
            in_row(r#","categories":{"a":["1"],"b":["1-3"]}"#),
            "/sections/0/rows/0/categories",
            "must not give a seat two categories",
        ),
        (
            small("", r#","areas":[{"key":"f","category":"c","capacity":1}]"#),
            "/areas/0/category",
            r#"none has "c""#,
        ),
    ] {
        check(&text, Seatmap::from_json(text.as_bytes()), Some((pointer, detail)));
    }
}

#[test]
fn all_faults_are_told_up_to_a_hundred() {
    let text = r#"{"colour":1,"focus":[0.5,"x"],"categories":[{}],"sections":[{"key":"","rows":[
        {"key":"A","seats":["1-1"],"category":"a","rank":-1},
        {"key":"A","seats":["1","1"],"category":"b","at":[2000000,0],"accessible":["7"]}]}],"areas":{}}"#;
    let faults = told(Seatmap::from_json(text.as_bytes())).unwrap_err();
    let pointers: Vec<&str> = faults.iter().map(|fault| fault.split_once(": ").unwrap().0).collect();
    let want = "/colour /focus/0 /focus/1 /categories/0/key /sections/0/key /sections/0/rows/0/category \
                /sections/0/rows/0/rank /sections/0/rows/1/category /sections/0/rows/1/seats/1 \
                /sections/0/rows/1/at/0 /sections/0/rows/1/key /areas";
    assert_eq!(pointers, want.split_whitespace().collect::<Vec<_>>());
    for faulty in [1, 99, 100, 101, 5_000] {
        let fields = many(faulty, |index| format!(r#""x{index}":0"#));
        let faults = told(Seatmap::from_json(small("", &format!(",{fields}")).as_bytes())).unwrap_err();
        assert_eq!(faults.len(), faulty.min(100));
    }
}

#[test]
fn what_a_fault_repeats_is_short() {
    let long = "x".repeat(1_000_000);
    for text in [
        small("", &format!(r#","{long}":0"#)),
        small(&format!(r#","categories":{{"{long}":["1"]}}"#), ""),
        small(&format!(r#","accessible":["{long}"]"#), ""),
        small(&format!(r#","accessible":["1-{long}"]"#), ""),
        map(&section("s", &row("A", &format!(r#"["{long}"]"#), "")), ""),
    ] {
        let faults = told(Seatmap::from_json(text.as_bytes())).unwrap_err();
        assert!(faults.iter().all(|fault| fault.len() < 400), "{} characters", faults[0].len());
    }
}
