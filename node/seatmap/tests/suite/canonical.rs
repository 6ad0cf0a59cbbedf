//! The canonical text: one for all spellings of a house, itself when it is read again, and short.

use seatmap::Seatmap;

use crate::drawn::{draw, spell};
use crate::ours::OPERA;
use crate::{many, map, row, section, small};

/// The canonical text of a map that is good.
fn canonical(text: &str) -> String {
    Seatmap::from_json(text.as_bytes()).unwrap().canonical()
}

#[test]
fn the_text_is_for_ever() {
    let opera = concat!(
        r#"{"name":"Opera house","categories":[{"key":"a","name":"Stalls"},{"key":"s","name":"Standing"}],"#,
        r#""sections":[{"key":"stalls","name":"Stalls","rows":["#,
        r#"{"key":"A","seats":["1-14","15-28"],"category":"a","at":[-700,300],"to":[700,300],"accessible":["1"],"companion":["2"],"restricted":["28"]},"#,
        r#"{"key":"B","seats":["27-1/2","2-28/2"],"category":"a","at":[-700,400],"to":[700,400]}]}],"#,
        r#""areas":[{"key":"floor","name":"Floor","category":"s","capacity":300}]}"#,
    );
    assert_eq!(canonical(OPERA), opera);
    let base = r#"{"key":"A","seats":["1-4"],"category":"a""#;
    for (more, want) in [
        ("", base.to_owned()),
        // What is left out is what is said by nothing.
        (r#","at":[0,0],"to":[0,0],"accessible":[],"categories":{}"#, base.to_owned()),
        (r#","categories":{"a":["2","1"]}"#, base.to_owned()),
        (r#","categories":{"b":[]}"#, base.to_owned()),
        (r#","to":[5,5]"#, format!(r#"{base},"to":[5,5]"#)),
        (r#","at":[5,5],"to":[5,5]"#, format!(r#"{base},"at":[5,5]"#)),
        (r#","at":[5,5],"to":[0,0]"#, format!(r#"{base},"at":[5,5],"to":[0,0]"#)),
        (r#","rank":0"#, format!(r#"{base},"rank":0"#)),
        // A row has the category that most of its seats have; of two, the first of the map.
        (r#","categories":{"b":["4","1"]}"#, format!(r#"{base},"categories":{{"b":["1","4"]}}"#)),
        (
            r#","categories":{"b":["2-4"]}"#,
            r#"{"key":"A","seats":["1-4"],"category":"b","categories":{"a":["1"]}"#.to_owned(),
        ),
        (r#","categories":{"b":["1-4"]}"#, r#"{"key":"A","seats":["1-4"],"category":"b""#.to_owned()),
        (r#","restricted":["4","2-3","1"]"#, format!(r#"{base},"restricted":["1-4"]"#)),
        (r#","restricted":["4,1"]"#, format!(r#"{base},"restricted":["1","4"]"#)),
    ] {
        let text = canonical(&small(more, ""));
        let want = format!(
            r#"{{"categories":[{{"key":"a","name":"a"}},{{"key":"b","name":"b"}}],"sections":[{{"key":"s","name":"s","rows":[{want}}}]}}]}}"#
        );
        assert_eq!(text, want, "{more}");
    }
    // One seat stands at `at`, wherever the row would go on to.
    let lone = |more| canonical(&map(&section("s", &row("A", r#"["1"]"#, more)), ""));
    assert_eq!(lone(r#","at":[1,1],"to":[9,9]"#), lone(r#","at":[1,1]"#));
}

#[test]
fn a_house_has_one_text_however_it_is_spelled() {
    for seed in 0..500 {
        let house = draw(seed);
        let spelled = spell(&house, seed);
        let read = Seatmap::from_json(spelled.as_bytes());
        let read = read.unwrap_or_else(|error| panic!("seed {seed}: {error:?} in {spelled}"));
        let text = read.canonical();
        let again = Seatmap::from_json(text.as_bytes()).unwrap();
        assert_eq!(again, read, "seed {seed}: another map is read back");
        assert_eq!(again.canonical(), text, "seed {seed}: canonical twice");
        assert_eq!(again.compile(), read.compile(), "seed {seed}: other numbers");
        for spelling in 1..4 {
            let other = spell(&house, seed + spelling * 1_000);
            assert_eq!(canonical(&other), text, "seed {seed}: another spelling, another text: {other}");
        }
    }
}

#[test]
fn other_houses_have_other_texts() {
    let base = small("", "");
    for (from, to) in [
        (r#""1-4""#, r#""1-3""#),
        (r#""1-4""#, r#""4-1""#),
        (r#""1-4""#, r#""1-2","3-4""#),
        (r#""1-4""#, r#""01,2-4""#),
        (r#""category":"a""#, r#""category":"b""#),
        (r#""key":"A""#, r#""key":"B""#),
        (r#""key":"s""#, r#""key":"s","name":"S""#),
        (r#"{"key":"a"},{"key":"b"}"#, r#"{"key":"b"},{"key":"a"}"#),
        (r#"{"key":"a"},{"key":"b"}"#, r#"{"key":"a"}"#),
    ] {
        let other = base.replace(from, to);
        assert_ne!(other, base);
        assert_ne!(canonical(&other), canonical(&base), "{to}");
    }
}

#[test]
fn the_largest_houses_stay_far_below_a_body() {
    let house = |rows_per_section: usize, seats: &dyn Fn(usize) -> String| {
        let rows = many(rows_per_section, |index| {
            row(&format!("r{index}"), &seats(index), r#","at":[-700,300],"to":[700,300]"#)
        });
        map(&many(16, |index| section(&format!("section {index}"), &rows)), "")
    };
    for (what, text, seats, length_max) in [
        ("16,384 rows of 8", house(1_024, &|_| r#"["1-8"]"#.to_owned()), 131_072, 1_500_000),
        ("1,024 rows of 128", house(64, &|_| r#"["1-32","33-96","97-128"]"#.to_owned()), 131_072, 150_000),
        (
            "131,072 seats, each with a name of its own",
            house(64, &|_| format!("[\"{}\"]", many(128, |index| format!("{index}x")))),
            131_072,
            700_000,
        ),
        (
            "131,072 seats, each between two aisles",
            house(64, &|_| format!("[{}]", many(128, |index| format!("\"{index}\"")))),
            131_072,
            1_000_000,
        ),
    ] {
        let read = Seatmap::from_json(text.as_bytes()).unwrap();
        assert_eq!(read.counts().seats, seats, "{what}");
        let canonical = read.canonical();
        assert!(canonical.len() <= length_max, "{what}: {} bytes", canonical.len());
        assert_eq!(Seatmap::from_json(canonical.as_bytes()).unwrap(), read, "{what}");
    }
}
