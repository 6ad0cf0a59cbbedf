//! Opening hours: what becomes rows of the week, and what extra openings.

use super::busy::{asked, told};
use crate::Opening;
use hours::{Calendar, Interval};

/// The document and its problems, of these `AVAILABLE`s.
fn read(available: &[&str]) -> (String, Vec<(usize, String)>) {
    let available = available.iter().map(|one| format!("BEGIN:AVAILABLE\n{one}\nEND:AVAILABLE\n"));
    let available: String = available.collect();
    let text = format!("BEGIN:VCALENDAR\nBEGIN:VAVAILABILITY\n{available}END:VAVAILABILITY\nEND:VCALENDAR\n");
    opening(&text)
}

fn opening(text: &str) -> (String, Vec<(usize, String)>) {
    let opening = Opening::read(text.as_bytes(), &asked()).expect("it is a calendar");
    let problems = opening.problems.into_iter().map(|fault| (fault.line, fault.problem)).collect();
    let document = opening.document.map(|document| {
        let extra = document.extra.iter().filter_map(|extra| Interval::new(extra.from, extra.to)).map(told);
        let extra: Vec<_> = extra.collect();
        let document = hours::Document { extra: Vec::new(), ..document };
        let calendar = Calendar::read(&document, "").expect("what is read is good");
        format!("{} {}", calendar.canonical(), extra.join(" ")).trim().to_owned()
    });
    (document.unwrap_or_default(), problems)
}

#[test]
fn what_comes_every_week_is_a_row() {
    let start = "DTSTART;TZID=Europe/Berlin:20301104T080000\nDTEND;TZID=Europe/Berlin:20301104T220000";
    let row = |days: &str, from: &str, to: &str| {
        format!(
            r#"{{"hours":[{{"days":[{days}],"from":"{from}","to":"{to}"}}],"time_zone":"Europe/Berlin"}}"#
        )
    };
    let monday = row(r#""mo""#, "08:00", "22:00");
    for (rule, want) in [
        ("RRULE:FREQ=WEEKLY", monday.clone()),
        ("RRULE:FREQ=WEEKLY;INTERVAL=1;WKST=SU;BYDAY=MO", monday.clone()),
        ("RRULE:BYDAY=FR,MO;FREQ=WEEKLY", row(r#""mo","fr""#, "08:00", "22:00")),
        ("RRULE:FREQ=DAILY;BYDAY=MO", monday),
        ("RRULE:FREQ=DAILY", row(r#""mo","tu","we","th","fr","sa","su""#, "08:00", "22:00")),
    ] {
        assert_eq!(read(&[&format!("{start}\n{rule}")]), (want, vec![]), "{rule}");
    }
    let night = "DTSTART;TZID=Europe/Berlin:20301104T180000\nDURATION:PT8H\nRRULE:FREQ=WEEKLY";
    assert_eq!(read(&[night]), (row(r#""mo""#, "18:00", "02:00"), vec![]));
    let day = "DTSTART;TZID=Europe/Berlin:20301104T000000\nDURATION:P1D\nRRULE:FREQ=WEEKLY";
    assert_eq!(read(&[day]), (row(r#""mo""#, "00:00", "24:00"), vec![]));
}

#[test]
fn all_else_is_extra() {
    let none = r#"{"hours":[],"time_zone":"UTC"}"#;
    for (available, want) in [
        ("DTSTART:20310203T080000Z\nDTEND:20310203T120000Z", "02-03T08:00/02-03T12:00"),
        (
            "DTSTART:20301104T080000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;UNTIL=20310107T080000Z",
            "01-06T08:00/01-06T09:00",
        ),
        (
            "DTSTART:20310527T080000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;INTERVAL=4",
            "05-27T08:00/05-27T09:00 06-24T08:00/06-24T09:00",
        ),
        (
            "DTSTART:20301104T080000Z\nDURATION:PT25H\nRRULE:FREQ=MONTHLY;BYDAY=1MO;UNTIL=20310301T000000Z",
            "01-06T08:00/01-07T09:00 02-03T08:00/02-04T09:00",
        ),
        // Open when the window begins: the grid is counted from when it opened, also when it is read later.
        ("DTSTART:20301231T200000Z\nDTEND:20310101T040000Z", "12-31T20:00/01-01T04:00"),
        ("DTSTART:20301231T200000Z\nDTEND:20310101T000000Z", ""),
        ("DTSTART:20310630T200000Z\nDURATION:P1D", "06-30T20:00/07-01T00:00"),
        // Not yet for long: before its first it is closed.
        (
            "DTSTART:20310617T080000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY",
            "06-17T08:00/06-17T09:00 06-24T08:00/06-24T09:00",
        ),
    ] {
        assert_eq!(read(&[available]), (format!("{none} {want}").trim().to_owned(), vec![]), "{available}");
    }
}

#[test]
fn a_zone_is_what_the_file_says_that_it_is() {
    // British time, by the name of another.
    let zone = "BEGIN:VTIMEZONE\nTZID:GMT\nBEGIN:STANDARD\nDTSTART:20001029T020000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\n\
        TZOFFSETFROM:+0100\nTZOFFSETTO:+0000\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:20000326T010000\n\
        RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0100\nEND:DAYLIGHT\nEND:VTIMEZONE";
    let available = |name: &str| {
        format!(
            "BEGIN:VAVAILABILITY\nBEGIN:AVAILABLE\nDTSTART;TZID={name}:20301104T080000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\n\
            END:AVAILABLE\nEND:VAVAILABILITY"
        )
    };
    let read = |name: &str| {
        let zone = zone.replace("GMT", name);
        opening(&format!("BEGIN:VCALENDAR\n{zone}\n{}\nEND:VCALENDAR", available(name))).0
    };
    let (british, other) = (read("Europe/London"), read("GMT"));
    assert!(british.ends_with(r#""time_zone":"Europe/London"}"#), "{british}");
    assert!(
        other.contains("01-06T08:00/01-06T09:00") && other.contains("06-30T07:00/06-30T08:00"),
        "{other}"
    );
}

#[test]
fn what_cannot_be_said_is_told() {
    let always = "BEGIN:AVAILABLE\nDTSTART:20301104T080000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\nEND:AVAILABLE";
    let calendar = |inner: &str| opening(&format!("BEGIN:VCALENDAR\n{inner}\nEND:VCALENDAR\n"));
    let event = "BEGIN:VEVENT\nUID:a\nSUMMARY:Open\nDTSTART:20310203T080000Z\nEND:VEVENT";
    assert_eq!(calendar(event), (String::new(), vec![]));
    let bounded = format!("BEGIN:VAVAILABILITY\nDTSTART:20310101T000000Z\n{always}\nEND:VAVAILABILITY");
    assert_eq!(calendar(&bounded).1[0].0, 3);
    let one = format!("BEGIN:VAVAILABILITY\n{always}\nEND:VAVAILABILITY");
    let (document, problems) = calendar(&format!("{one}\n{one}"));
    assert!(document.contains(r#""from":"08:00""#), "{document}");
    assert_eq!(problems, [(9, "one VAVAILABILITY is read, and the first is on line 2".to_owned())]);
    let (_, problems) = read(&["DTSTART:never"]);
    assert_eq!(problems[0].0, 4);
}
