//! Real houses, and one that an editor drew: see `tests/houses`.

use seatmap::{Counts, Place, Seatmap};
use serde_json::Value;

const ARENA: &str = include_str!("../houses/arena-738-pretix-plan.json");
const HALLS: &str = include_str!("../houses/lecture-halls.json");

#[test]
fn the_arena_is_read_with_its_faults() {
    let arena = Seatmap::from_pretix(ARENA.as_bytes()).unwrap();
    assert_eq!(arena.counts(), Counts { seats: 738, rows: 90, areas: 0, categories: 5 });
    let keys: Vec<&str> = arena.sections().iter().map(|section| &*section.key).collect();
    assert_eq!(keys, ["Ground floor", "First Floor"]);
    let rows: Vec<String> = arena.row_seats().map(|row| row.name).collect();
    assert_eq!(rows[..3], ["Ground floor/A", "Ground floor/B", "Ground floor/C"]);
    assert_eq!(rows[6..8], ["Ground floor/A~2", "Ground floor/B~2"]);
    // The fifth block of seats counts its rows from the other end.
    assert_eq!(rows[24..26], ["Ground floor/F~5", "Ground floor/E~5"]);
    // No row has an aisle, and none is torn apart by fractions.
    let plan = arena.compile();
    assert_eq!(plan.blocks.len(), 90);
    let lengths = |wanted| plan.blocks.iter().filter(|block| block.len == wanted).count();
    assert_eq!((lengths(7), lengths(13)), (72, 18));
    // Of each category, the one without seats included.
    let seats = |wanted: u8| -> u32 {
        let all = plan.blocks.iter().flat_map(|block| &block.categories);
        all.filter(|seats| seats.category == wanted).map(|seats| seats.seats.count_ones()).sum()
    };
    assert_eq!([0, 1, 2, 3, 4].map(seats), [369, 168, 0, 84, 117]);
    let canonical = arena.canonical();
    assert!(canonical.len() < 12_000, "{} bytes", canonical.len());
    assert_eq!(Seatmap::from_json(canonical.as_bytes()).unwrap(), arena);
}

/// A hall in our format: a section each, whose rows are numbered from the front; a section leaves out the rows in which it has no
/// seats. Seats are numbered from the right where the file says so.
fn hall(hall: &Value) -> String {
    let mut sections = Vec::new();
    for (key, rows) in hall["sections"].as_object().unwrap() {
        let from_the_right = hall["note"].as_str().unwrap().contains("Seat 1 is on the right");
        let rows: Vec<String> = (1..)
            .zip(rows.as_array().unwrap())
            .filter_map(|(number, seats)| {
                let seats = seats.as_u64().filter(|seats| *seats > 0)?;
                let item = if from_the_right { format!("{seats}-1") } else { format!("1-{seats}") };
                let at = format!("\"at\":[-{seats},{number}],\"to\":[{seats},{number}]");
                Some(format!(r#"{{"key":"{number}","seats":["{item}"],"category":"a",{at}}}"#))
            })
            .collect();
        sections.push(format!(r#"{{"key":"{key}","rows":[{}]}}"#, rows.join(",")));
    }
    format!(r#"{{"name":{},"categories":[{{"key":"a"}}],"sections":[{}]}}"#, hall["name"], sections.join(","))
}

#[test]
fn lecture_halls_are_what_people_counted() {
    let halls: Value = serde_json::from_str(HALLS).unwrap();
    let halls = halls["halls"].as_array().unwrap();
    for (file, name, sections, seats, rows) in [
        (&halls[0], "West Hall Auditorium", 3, 310, 71),
        (&halls[1], "Darrin 308", 3, 495, 46),
        (&halls[2], "Darrin 318", 3, 235, 35),
        (&halls[3], "Academy Hall Auditorium", 2, 34, 10),
    ] {
        let map = Seatmap::from_json(hall(file).as_bytes()).unwrap();
        assert_eq!((map.name(), map.sections().len()), (name, sections));
        assert_eq!(map.counts(), Counts { seats, rows, areas: 0, categories: 1 }, "{name}");
        assert_eq!(u64::from(seats), file["seats"].as_u64().unwrap(), "{name}: what the file says of itself");
        assert_eq!(Seatmap::from_json(map.canonical().as_bytes()).unwrap(), map, "{name}");
    }
    // The row that no section has, and one that the left part lacks.
    let west = Seatmap::from_json(hall(&halls[0]).as_bytes()).unwrap();
    for (place, is_there) in [("middle/13", false), ("left/11", false), ("middle/11", true), ("left/2", true)]
    {
        assert_eq!(west.find(place).is_some(), is_there, "{place}");
    }
    // Where seats are counted from the right, the first of a row is the last of its numbers.
    let darrin = Seatmap::from_json(hall(&halls[1]).as_bytes()).unwrap();
    assert_eq!(darrin.find("left/1/6"), Some(Place::Seat(0)));
    assert_eq!(darrin.name_of(5), "left/1/1");
}
