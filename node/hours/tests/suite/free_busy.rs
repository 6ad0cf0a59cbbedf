//! What is written as iCalendar.

use hours::free_busy::{Kind, Report};

use crate::{interval, time};

fn text(id: &str, intervals: &[(Kind, &str)]) -> String {
    let intervals: Vec<_> = intervals.iter().map(|(kind, text)| (*kind, interval(text))).collect();
    let window = interval("2027-01-04T00:00:00Z/2027-01-11T00:00:00Z");
    Report { id, at: time("2027-01-01T12:00:00.999Z"), window: Some(window), intervals: &intervals }.text()
}

#[test]
fn a_report_is_told_line_by_line() {
    let told = text(
        "sl_7",
        &[
            (Kind::Unavailable, "2027-01-04T00:00:00Z/2027-01-04T08:00:00Z"),
            (Kind::Free, "2027-01-04T08:00:00.001Z/2027-01-04T09:00:00.999Z"),
            (Kind::Free, "2027-01-04T09:00:00.100Z/2027-01-04T09:00:00.900Z"),
            (Kind::Busy, "2027-01-04T09:00:00.999Z/2027-01-04T10:00:00.001Z"),
            (Kind::Tentative, "2027-01-04T10:00:00Z/2027-01-04T11:00:00Z"),
        ],
    );
    let want = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Boxoffice//Boxoffice//EN\r\nBEGIN:VFREEBUSY\r\nUID:sl_7\r\n\
        DTSTAMP:20270101T120000Z\r\nDTSTART:20270104T000000Z\r\nDTEND:20270111T000000Z\r\n\
        FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20270104T000000Z/20270104T080000Z\r\n\
        FREEBUSY;FBTYPE=FREE:20270104T080001Z/20270104T090000Z\r\n\
        FREEBUSY;FBTYPE=BUSY:20270104T090000Z/20270104T100001Z\r\n\
        FREEBUSY;FBTYPE=BUSY-TENTATIVE:20270104T100000Z/20270104T110000Z\r\n\
        END:VFREEBUSY\r\nEND:VCALENDAR\r\n";
    assert_eq!(told, want);
}

#[test]
fn what_is_not_known_is_not_told() {
    let told = Report { id: "sl_7", at: time("2027-01-01T12:00:00Z"), window: None, intervals: &[] }.text();
    let want = "BEGIN:VFREEBUSY\r\nUID:sl_7\r\nDTSTAMP:20270101T120000Z\r\nEND:VFREEBUSY\r\n";
    assert!(told.contains(want), "{told}");
}

#[test]
fn no_line_is_longer_than_75_octets_and_none_splits_a_character() {
    for len in 0..300 {
        for id in ["x".repeat(len), "é".repeat(len), "\u{1f3be}".repeat(len), ",".repeat(len)] {
            let told = text(&id, &[]);
            assert!(told.split("\r\n").all(|line| line.len() <= 75), "{told}");
            let unfolded = told.replace("\r\n ", "");
            let uid = unfolded.lines().find_map(|line| line.strip_prefix("UID:")).unwrap();
            assert_eq!(uid.replace('\\', ""), id);
        }
    }
    // A line of 75 octets is whole, and one of 76 is not.
    assert!(text(&"x".repeat(71), &[]).contains(&format!("UID:{}\r\n", "x".repeat(71))));
    assert!(text(&"x".repeat(72), &[]).contains(&format!("UID:{}\r\n x\r\n", "x".repeat(71))));
}

#[test]
fn a_name_cannot_add_lines_of_its_own() {
    let told = text("a\r\nEND:VFREEBUSY\\;", &[]);
    assert!(told.contains("UID:a\\nEND:VFREEBUSY\\\\\\;\r\n"), "{told}");
    assert_eq!(told.lines().filter(|line| *line == "END:VFREEBUSY").count(), 1);
}
