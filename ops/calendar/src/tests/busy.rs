//! Times that are taken: tables of what entries and `VFREEBUSY` say.

use hours::Interval;

use crate::{Asked, Busy};

/// What is asked of every file: the first half of 2031.
pub(crate) fn asked() -> Asked {
    let time = |text: &str| text.parse().expect("a time");
    let window = Interval::new(time("2031-01-01T00:00:00Z"), time("2031-07-01T00:00:00Z"));
    Asked { window: window.expect("it is not empty"), floating: None }
}

/// Intervals as `from/to` to the minute, without their year.
pub(crate) fn told(interval: Interval) -> String {
    let short = |time: api::time::Time| time.to_string()[5..16].to_owned();
    format!("{}/{}", short(interval.from()), short(interval.to()))
}

/// What is busy, and the lines of problems.
fn read(components: &str) -> (Vec<String>, Vec<usize>) {
    let text = format!("BEGIN:VCALENDAR\nX-WR-TIMEZONE:Europe/Berlin\n{components}\nEND:VCALENDAR\n");
    let busy = Busy::read(text.as_bytes(), &asked()).expect("it is a calendar");
    (
        busy.intervals.into_iter().map(told).collect(),
        busy.problems.into_iter().map(|fault| fault.line).collect(),
    )
}

fn event(properties: &str) -> String {
    format!("BEGIN:VEVENT\nUID:a\n{properties}\nEND:VEVENT")
}

#[test]
fn entries_are_busy() {
    for (properties, want) in [
        ("DTSTART:20310203T090000Z\nDTEND:20310203T100000Z", &["02-03T09:00/02-03T10:00"][..]),
        ("DTSTART:20310203T090000\nDURATION:PT90M", &["02-03T08:00/02-03T09:30"]),
        // A day, where it is.
        ("DTSTART;VALUE=DATE:20310203", &["02-02T23:00/02-03T23:00"]),
        // As much as is in the window.
        ("DTSTART:20301201T090000Z\nDTEND:20320101T000000Z", &["01-01T00:00/07-01T00:00"]),
        (
            "DTSTART:20301230T230000Z\nDTEND:20310101T010000Z\nRRULE:FREQ=DAILY;COUNT=2",
            &["01-01T00:00/01-01T01:00", "01-01T00:00/01-02T01:00"],
        ),
        ("DTSTART:20301231T230000Z\nDTEND:20310101T000000Z", &[]),
        ("DTSTART:20310701T000000Z\nDTEND:20310701T010000Z", &[]),
        // A series, across the change of clocks, less a day.
        (
            "DTSTART;TZID=Europe/Berlin:20310323T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;TZID=Europe/Berlin:20310406T090000",
            &["03-23T08:00/03-23T09:00", "03-30T07:00/03-30T08:00"],
        ),
        // What takes nobody's time.
        ("DTSTART:20310203T090000Z\nTRANSP:TRANSPARENT", &[]),
        ("DTSTART:20310203T090000Z\nTRANSP:OPAQUE", &["02-03T09:00/02-03T10:00"]),
        ("DTSTART:20310203T090000Z\nSTATUS:CANCELLED", &[]),
        ("DTSTART:20310203T090000Z\nSTATUS:TENTATIVE", &["02-03T09:00/02-03T10:00"]),
    ] {
        let (busy, problems) = read(&event(properties));
        assert_eq!(
            (busy, problems),
            (want.iter().map(ToString::to_string).collect(), vec![]),
            "{properties}"
        );
    }
}

#[test]
fn one_of_a_series_may_be_transparent_alone() {
    let series = event("DTSTART:20310203T090000Z\nRRULE:FREQ=DAILY;COUNT=3");
    let one = event(
        "RECURRENCE-ID:20310204T090000Z\nDTSTART:20310204T090000Z\nTRANSP:TRANSPARENT\nSTATUS:CONFIRMED",
    );
    let (busy, problems) = read(&format!("{series}\n{one}"));
    assert_eq!(
        (busy, problems),
        (vec!["02-03T09:00/02-03T10:00".into(), "02-05T09:00/02-05T10:00".into()], vec![])
    );
}

#[test]
fn periods_are_busy_but_those_that_are_free() {
    let (busy, problems) = read(
        "BEGIN:VFREEBUSY\nUID:b\nFREEBUSY:20310203T090000Z/20310203T100000Z,20310203T110000Z/PT30M\n\
         FREEBUSY;FBTYPE=FREE:20310204T090000Z/20310204T100000Z\n\
         FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20301231T000000Z/20310101T080000Z\n\
         FREEBUSY:20310205T100000Z/20310205T090000Z\nFREEBUSY:20310205T100000Z\nFREEBUSY:never\nEND:VFREEBUSY",
    );
    let want = ["01-01T00:00/01-01T08:00", "02-03T09:00/02-03T10:00", "02-03T11:00/02-03T11:30"];
    assert_eq!((busy, problems), (want.map(str::to_owned).to_vec(), vec![8, 9, 10]));
}

#[test]
fn what_we_write_is_what_we_read() {
    use hours::free_busy::{Kind, Report};
    let window = asked().window;
    let (from, to) = (window.from(), window.to());
    let middle = api::time::Time::from_ms(from.as_ms() + 86_400_000);
    let intervals = [
        (Kind::Busy, Interval::new(from, middle).expect("a day")),
        (Kind::Free, Interval::new(middle, to).expect("the rest")),
    ];
    let text = Report { id: &"x".repeat(200), at: from, window: Some(window), intervals: &intervals }.text();
    let busy = Busy::read(text.as_bytes(), &asked()).expect("it is a calendar");
    assert_eq!((busy.intervals, busy.problems), (vec![intervals[0].1], vec![]));
}
