//! Files that are meant to hurt, and files that a seed breaks: they are bounded, and none is a crash.

use std::fs;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::busy::asked;
use crate::{Busy, Opening};

#[test]
fn what_goes_on_for_ever_is_bounded() {
    let event = |uid: usize, properties: &str| format!("BEGIN:VEVENT\nUID:{uid}\n{properties}\nEND:VEVENT\n");
    let every_second = "DTSTART:20310101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY";
    let read =
        |events: &str| Busy::read(format!("BEGIN:VCALENDAR\n{events}END:VCALENDAR\n").as_bytes(), &asked());
    let busy = read(&event(1, every_second)).expect("the others would be read");
    assert_eq!((busy.intervals.len(), busy.problems.len()), (0, 1));
    // And however many of them there are.
    let many: String = (0..100).map(|uid| event(uid, every_second)).collect();
    let fault = read(&many).expect_err("it is too much");
    assert!(fault.problem.contains("more than 1000000 dates"), "{}", fault.problem);
    let rules = "\nEXRULE:FREQ=SECONDLY".repeat(17);
    let busy = read(&event(1, &format!("DTSTART:20310101T000000Z{rules}"))).expect("it is a calendar");
    assert_eq!(busy.problems[0].problem, "an entry has at most 16 rules");
    let never = read(&event(1, "DTSTART:20310101T000000Z\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"));
    assert_eq!(never.expect("it is a calendar").intervals.len(), 1);
    let periods = "20310101T000000Z/PT1S,".repeat(100_001);
    let fault =
        read(&format!("BEGIN:VFREEBUSY\nFREEBUSY:{periods}\nEND:VFREEBUSY\n")).expect_err("it is too much");
    assert_eq!(fault.line, 3);
}

#[test]
fn what_a_seed_breaks_is_no_crash() {
    let available = "BEGIN:VCALENDAR\nBEGIN:VAVAILABILITY\nBEGIN:AVAILABLE\nDTSTART;TZID=Europe/Berlin:20301104T080000\n\
        DTEND;TZID=Europe/Berlin:20301104T220000\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU\nEND:AVAILABLE\nEND:VAVAILABILITY\n\
        BEGIN:VFREEBUSY\nFREEBUSY:20310203T090000Z/20310203T100000Z,20310203T110000Z/PT30M\nEND:VFREEBUSY\nEND:VCALENDAR\n";
    let mut files = vec![available.as_bytes().to_vec()];
    for name in ["weekly-class", "google-series", "this-and-future", "dates-and-periods", "windows-zone"] {
        files.push(fs::read(format!("../tests/calendars/{name}.ics")).expect("the file is there"));
    }
    let words: [&[u8]; 8] =
        [b"\n", b"0", b"9", b":", b"RRULE:FREQ=DAILY\n", b"BEGIN:VEVENT\n", b"99991231T235959Z", b"P1D"];
    for seed in 0..600 {
        let rng = &mut SmallRng::seed_from_u64(seed);
        let mut bytes = files[rng.random_range(0..files.len())].clone();
        for _ in 0..rng.random_range(1..6) {
            if bytes.is_empty() {
                break;
            }
            let at = rng.random_range(0..bytes.len());
            match rng.random_range(0..4) {
                0 => bytes[at] = rng.random_range(0..=255),
                1 => drop(bytes.drain(at..(at + 8).min(bytes.len()))),
                2 => drop(bytes.splice(at..at, words[rng.random_range(0..words.len())].iter().copied())),
                _ => bytes.truncate(at + 1),
            }
        }
        // Read or refused: whatever it is, it is in the window.
        if let Ok(busy) = Busy::read(&bytes, &asked()) {
            let window = asked().window;
            let is_within = |each: &hours::Interval| window.from() <= each.from() && each.to() <= window.to();
            assert!(busy.intervals.iter().all(is_within), "seed {seed}");
        }
        if let Ok(Opening { document: Some(document), .. }) = Opening::read(&bytes, &asked()) {
            hours::Calendar::read(&document, "").unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        }
    }
}
