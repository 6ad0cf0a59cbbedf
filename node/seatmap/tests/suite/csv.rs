//! CSV, as promoters hand it over.

use seatmap::{Error, Seatmap};

use crate::{check, many};

const HEADER: &str = "section,row,seats,category\n";

#[test]
fn lines_become_rows() {
    let house = |categories: &str, sections: &str| {
        format!(r#"{{"categories":[{categories}],"sections":[{sections}]}}"#)
    };
    let stalls = |rows: &str| format!(r#"{{"key":"stalls","name":"stalls","rows":[{rows}]}}"#);
    let a = r#"{"key":"a","name":"a"}"#;
    let plain = house(a, &stalls(r#"{"key":"A","seats":["1-14"],"category":"a"}"#));
    let aisle = house(a, &stalls(r#"{"key":"A","seats":["1-14","15-28"],"category":"a"}"#));
    for (text, want) in [
        ("stalls,A,1-14,a\n", &plain),
        // No line feed at the end, the line ends of another system, blanks, empty lines, quotes.
        ("stalls,A,1-14,a", &plain),
        ("stalls,A,1-14,a\r\n\r\n", &plain),
        (" stalls , A ,  1-14,a \n", &plain),
        ("stalls,A,1-14,a\n,,,\n  \n", &plain),
        ("\n\n\"stalls\",\"A\",\"1-14\",\"a\"\n", &plain),
        ("stalls,A,\"1-7,8-14\",a\n", &plain),
        ("stalls,A,1-14,a\nstalls,A,15-28,a\n", &aisle),
        // A further line of a row, wherever it stands, and of another category.
        (
            "stalls,A,1-3,a\nstalls,B,1-3/2,b\nstalls,A,4-5,b\nbox,A,1,a\n",
            &house(
                r#"{"key":"a","name":"a"},{"key":"b","name":"b"}"#,
                &format!(
                    r#"{},{{"key":"box","name":"box","rows":[{{"key":"A","seats":["1"],"category":"a"}}]}}"#,
                    stalls(
                        r#"{"key":"A","seats":["1-3","4,5"],"category":"a","categories":{"b":["4","5"]}},{"key":"B","seats":["1,3"],"category":"b"}"#
                    )
                ),
            ),
        ),
    ] {
        let read = Seatmap::from_csv(format!("{HEADER}{text}").as_bytes());
        assert_eq!(&read.unwrap_or_else(|error| panic!("{text}: {error:?}")).canonical(), want, "{text}");
    }
    // What some spreadsheet writes in front.
    let marked = format!("\u{feff}{HEADER}stalls,A,1-14,a\n");
    assert_eq!(Seatmap::from_csv(marked.as_bytes()).unwrap().canonical(), plain);
}

#[test]
fn what_is_no_map_is_told_with_its_line() {
    for (text, line, detail) in [
        (String::new(), 1, "must be the header section,row,seats,category"),
        ("section;row;seats;category\ns,A,1,a\n".to_owned(), 1, "must be the header"),
        ("s,A,1,a\n".to_owned(), 1, "must be the header"),
        ("row,section,seats,category\ns,A,1,a\n".to_owned(), 1, "must be the header"),
        (HEADER.to_owned(), 2, "must be there"),
        (format!("{HEADER}s,A,1,a\ns,B,1\n"), 3, "must have 4 fields, not 3"),
        (format!("{HEADER}s,A,1,2,a\n"), 2, "seats with a comma stand in quotes"),
        (format!("{HEADER}s,A,,a\n"), 2, "is no number of a seat"),
        (format!("{HEADER}s,A,1-129,a\n"), 2, "more than 128 seats"),
        (format!("{HEADER}s,A,1-4,a\n\n\ns,A,4,a\n"), 5, "must not name seat 4 again"),
        (format!("\r\n\r\n{HEADER}\r\ns,A,1-4,a\r\n,,,\r\n\r\ns,A,4,a"), 8, "must not name seat 4 again"),
        (format!("\u{feff}{HEADER}\ns,A,1-4/2,a\n"), 3, "never comes to 4"),
        (format!("{HEADER}s,A,1-4/2,a\n"), 2, "never comes to 4"),
        (format!("{HEADER},A,1,a\n"), 2, "the key of a section must have"),
        (format!("{HEADER}s,,1,a\n"), 2, "the key of a row must have"),
        (format!("{HEADER}s,A,1,\n"), 2, "the key of a category must have"),
        (format!("{HEADER}s/t,A,1,a\n"), 2, "the key of a section must have"),
        (format!("{HEADER}{},A,1,a\n", "s".repeat(33)), 2, "the key of a section must have"),
        (format!("{HEADER}\"s\nt\",A,1,a\n"), 2, "the key of a section must have"),
    ] {
        check(&text, Seatmap::from_csv(text.as_bytes()), Some((&format!("#line={line}"), detail)));
    }
    let read = Seatmap::from_csv(b"section,row,seats,category\ns\xff,A,1,a\n");
    assert!(matches!(read, Err(Error::Malformed(_))), "{read:?}");
}

#[test]
fn bounds_hold_here_too() {
    let lines =
        |count, line: &dyn Fn(usize) -> String| format!("{HEADER}{}", many(count, line).replace("\n,", "\n"));
    let section = |index: usize| format!("s{index},A,1,a\n");
    let row = |index: usize| format!("s{},r{index},1,a\n", index % 1_000);
    let category = |index: usize| format!("s,r{index},1,c{index}\n");
    let seats =
        |index: usize| format!("s,r{},{}-{},a\n", index / 8, index % 8 * 128 + 1, index % 8 * 128 + 128);
    for (what, text, want) in [
        ("1,024 sections", lines(1_024, &section), None),
        ("1,025 sections", lines(1_025, &section), Some(("#line=1026", "at most 1024 sections"))),
        // What is behind the first that is too much is not even looked at.
        ("1,026 sections", lines(1_026, &section), Some(("#line=1026", "at most 1024 sections"))),
        ("16,384 rows", lines(16_384, &row), None),
        ("64 categories", lines(64, &category), None),
        ("65 categories", lines(65, &category), Some(("#line=66", "at most 64 categories"))),
        ("131,072 seats", lines(1_024, &seats), None),
        ("131,200 seats", lines(1_025, &seats), Some(("#line=1026", "at most 131072 seats"))),
    ] {
        check(what, Seatmap::from_csv(text.as_bytes()), want);
    }
    for count in [16_385, 16_386] {
        let told = crate::told(Seatmap::from_csv(lines(count, &row).as_bytes())).unwrap_err();
        assert!(told.len() == 1 && told[0].contains("at most 16384 rows"), "{told:?}");
    }
}
