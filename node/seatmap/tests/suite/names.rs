//! Names and numbers, there and back.

use seatmap::{Place, Seatmap};

use crate::drawn::{draw, spell};
use crate::ours::OPERA;

#[test]
fn names_of_the_example_lead_to_their_places() {
    let opera = Seatmap::from_json(OPERA.as_bytes()).unwrap();
    for (name, want) in [
        ("stalls/A/1", Some(Place::Seat(0))),
        ("stalls/A/28", Some(Place::Seat(27))),
        ("stalls/B/27", Some(Place::Seat(28))),
        ("stalls/B/28", Some(Place::Seat(55))),
        ("stalls/A", Some(Place::Row { row: 0, seats: 0..28 })),
        ("stalls/B", Some(Place::Row { row: 1, seats: 28..56 })),
        ("stalls", Some(Place::Section { section: 0, seats: 0..56 })),
        ("floor", Some(Place::Area(0))),
        ("stalls/A/29", None),
        ("stalls/A/01", None),
        ("stalls/A/1/", None),
        ("stalls/A/1/2", None),
        ("stalls/A/1-2", None),
        ("stalls/A/ 1", None),
        ("stalls/A/", None),
        ("stalls/C", None),
        ("stalls/", None),
        ("Stalls", None),
        ("floor/A", None),
        ("floor/", None),
        ("", None),
        ("/", None),
        ("//", None),
    ] {
        assert_eq!(opera.find(name), want, "{name}");
    }
    assert_eq!((opera.category("s"), opera.category("x")), (Some(1), None));
}

#[test]
fn every_seat_row_section_and_area_is_found_by_its_name() {
    for seed in 0..200 {
        let house = draw(seed);
        let map = Seatmap::from_json(spell(&house, seed).as_bytes()).unwrap();
        let (mut seat, mut row_number) = (0, 0);
        let mut shown = map.row_seats();
        for ((section_key, rows), section) in house.sections.iter().zip(0..) {
            let first_of_section = seat;
            for row in rows {
                let first_of_row = seat;
                let name = format!("{section_key}/{}", row.key);
                let shown = shown.next().unwrap();
                assert_eq!((&shown.name, shown.section), (&name, section), "seed {seed}");
                let lengths: Vec<usize> = row.blocks.iter().map(Vec::len).collect();
                assert_eq!(shown.blocks.iter().map(ExactSizeIterator::len).collect::<Vec<_>>(), lengths);
                assert!(
                    shown
                        .blocks
                        .into_iter()
                        .flatten()
                        .eq(seat..seat + u32::try_from(row.seats().count()).unwrap())
                );
                for drawn in row.seats() {
                    let name = format!("{name}/{}", drawn.number);
                    assert_eq!(map.find(&name), Some(Place::Seat(seat)), "seed {seed}: {name}");
                    assert_eq!(map.name_of(seat), name, "seed {seed}");
                    seat += 1;
                }
                let want = Place::Row { row: row_number, seats: first_of_row..seat };
                assert_eq!(map.find(&name), Some(want), "seed {seed}: {name}");
                row_number += 1;
            }
            let want = Place::Section { section, seats: first_of_section..seat };
            assert_eq!(map.find(section_key), Some(want), "seed {seed}: {section_key}");
        }
        assert!(shown.next().is_none());
        for ((key, ..), number) in house.areas.iter().zip(0..) {
            assert_eq!(map.find(key), Some(Place::Area(number)), "seed {seed}: {key}");
        }
        assert_eq!(map.counts().seats, seat, "seed {seed}");
    }
}

#[test]
fn seats_are_read_one_after_the_other_in_whatever_order() {
    for seed in 0..50 {
        let map = Seatmap::from_json(spell(&draw(seed), seed).as_bytes()).unwrap();
        let (mut reader, mut other) = (map.reader(), map.reader());
        // Forwards, and from one seat to another far away.
        let seats = (0..map.seats()).chain((0..map.seats()).map(|seat| seat * 7_919 % map.seats()));
        for seat in seats {
            let name = reader.name_of(seat);
            assert_eq!(map.find(&name), Some(Place::Seat(seat)), "seed {seed}: {name}");
            assert_eq!((other.name_of(seat), other.seat(&name)), (name.clone(), Some(seat)), "seed {seed}");
            assert_eq!(reader.seat(&name), Some(seat), "seed {seed}: {name}");
            let (row, _) = name.rsplit_once('/').unwrap();
            let (section, _) = row.split_once('/').unwrap();
            for none in ["", "/", section, row, &format!("{row}/"), &format!("{row}/-"), &format!("{name}/1")]
            {
                assert_eq!(reader.seat(none), None, "seed {seed}: {none}");
            }
        }
    }
}

#[test]
#[should_panic(expected = "no seat has the number 56")]
fn a_number_that_no_seat_has_is_a_bug() {
    Seatmap::from_json(OPERA.as_bytes()).unwrap().name_of(56);
}
