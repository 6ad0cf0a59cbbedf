//! Tables of what is open when: days, nights, closed days, and clocks that change.

use crate::{calendar, interval, time, told};

/// Hours of every day, in a zone.
fn daily(from: &str, to: &str, zone: &str) -> String {
    let days = r#"["mo","tu","we","th","fr","sa","su"]"#;
    format!(r#"{{"hours":[{{"days":{days},"from":"{from}","to":"{to}"}}],"time_zone":"{zone}"}}"#)
}

fn check(document: &str, window: &str, want: &[&str]) {
    assert_eq!(told(&calendar(document).expand(interval(window))), want, "{document} in {window}");
}

/// The whole of the day on which clocks change, there.
const BERLIN_SPRING: &str = "2027-03-27T23:00:00Z/2027-03-28T22:00:00Z";
const BERLIN_AUTUMN: &str = "2027-10-30T22:00:00Z/2027-10-31T23:00:00Z";

/// Hours of every day, a zone, a window, and what is open in it.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);

const CHANGES: &[Row] = &[
    // An opening over the change: 23 hours, 25 hours.
    ("00:00", "24:00", "Europe/Berlin", BERLIN_SPRING, "2027-03-27T23:00Z/2027-03-28T22:00Z"),
    ("00:00", "24:00", "Europe/Berlin", BERLIN_AUTUMN, "2027-10-30T22:00Z/2027-10-31T23:00Z"),
    ("01:00", "04:00", "Europe/Berlin", BERLIN_SPRING, "2027-03-28T00:00Z/2027-03-28T02:00Z"),
    ("01:00", "04:00", "Europe/Berlin", BERLIN_AUTUMN, "2027-10-30T23:00Z/2027-10-31T03:00Z"),
    // From and to the gap.
    ("02:30", "05:00", "Europe/Berlin", BERLIN_SPRING, "2027-03-28T01:00Z/2027-03-28T03:00Z"),
    ("01:30", "02:30", "Europe/Berlin", BERLIN_SPRING, "2027-03-28T00:30Z/2027-03-28T01:00Z"),
    ("02:10", "02:50", "Europe/Berlin", BERLIN_SPRING, ""),
    ("02:00", "03:00", "Europe/Berlin", BERLIN_SPRING, ""),
    // From the first, to the second.
    ("02:30", "05:00", "Europe/Berlin", BERLIN_AUTUMN, "2027-10-31T00:30Z/2027-10-31T04:00Z"),
    ("01:30", "02:30", "Europe/Berlin", BERLIN_AUTUMN, "2027-10-30T23:30Z/2027-10-31T01:30Z"),
    ("02:10", "02:50", "Europe/Berlin", BERLIN_AUTUMN, "2027-10-31T00:10Z/2027-10-31T01:50Z"),
    ("02:00", "03:00", "Europe/Berlin", BERLIN_AUTUMN, "2027-10-31T00:00Z/2027-10-31T02:00Z"),
    ("03:00", "04:00", "Europe/Berlin", BERLIN_AUTUMN, "2027-10-31T02:00Z/2027-10-31T03:00Z"),
    // By half an hour only; by two.
    (
        "02:15",
        "03:00",
        "Australia/Lord_Howe",
        "2027-10-02T13:30:00Z/2027-10-03T13:00:00Z",
        "2027-10-02T15:30Z/2027-10-02T16:00Z",
    ),
    (
        "01:45",
        "03:00",
        "Australia/Lord_Howe",
        "2027-04-03T13:00:00Z/2027-04-04T13:30:00Z",
        "2027-04-03T14:45Z/2027-04-03T16:30Z",
    ),
    (
        "02:00",
        "04:00",
        "Antarctica/Troll",
        "2027-03-28T00:00:00Z/2027-03-28T22:00:00Z",
        "2027-03-28T01:00Z/2027-03-28T02:00Z",
    ),
    // Summer time ends for Ramadan, and begins again.
    (
        "02:30",
        "04:00",
        "Africa/Casablanca",
        "2025-02-22T23:00:00Z/2025-02-24T00:00:00Z",
        "2025-02-23T01:30Z/2025-02-23T04:00Z",
    ),
    // At midnight: the day has no beginning, or two.
    ("00:00", "01:00", "Asia/Beirut", "2027-03-27T22:00:00Z/2027-03-28T20:59:00Z", ""),
    (
        "00:30",
        "02:00",
        "Asia/Beirut",
        "2027-03-27T22:00:00Z/2027-03-28T20:59:00Z",
        "2027-03-27T22:00Z/2027-03-27T23:00Z",
    ),
    (
        "00:00",
        "01:00",
        "America/Havana",
        "2027-11-07T04:00:00Z/2027-11-08T04:59:00Z",
        "2027-11-07T04:00Z/2027-11-07T06:00Z",
    ),
    // Friday the 30th was not.
    (
        "08:00",
        "12:00",
        "Pacific/Apia",
        "2011-12-30T10:00:00Z/2011-12-31T09:59:00Z",
        "2011-12-30T18:00Z/2011-12-30T22:00Z",
    ),
    (
        "22:00",
        "02:00",
        "Pacific/Apia",
        "2011-12-30T00:00:00Z/2011-12-30T20:00:00Z",
        "2011-12-30T08:00Z/2011-12-30T12:00Z",
    ),
    // No change at all.
    (
        "08:00",
        "09:15",
        "Asia/Kathmandu",
        "2027-03-27T18:15:00Z/2027-03-28T18:15:00Z",
        "2027-03-28T02:15Z/2027-03-28T03:30Z",
    ),
];

#[test]
fn clocks_that_change_are_followed() {
    for (from, to, zone, window, want) in CHANGES {
        let want: Vec<&str> = want.split_whitespace().collect();
        check(&daily(from, to, zone), window, &want);
    }
}

#[test]
fn open_is_hours_less_closed_plus_extra() {
    // Monday the 4th of January 2027.
    let week = "2027-01-04T00:00:00Z/2027-01-11T00:00:00Z";
    for (document, want) in [
        ("{}", &["2027-01-04T00:00Z/2027-01-11T00:00Z"][..]),
        (r#"{"hours":[]}"#, &[]),
        (
            r#"{"hours":[{"days":["mo","we"],"from":"08:00","to":"12:00"},{"days":["mo"],"from":"12:00","to":"13:00"}]}"#,
            &["2027-01-04T08:00Z/2027-01-04T13:00Z", "2027-01-06T08:00Z/2027-01-06T12:00Z"],
        ),
        // Two days that touch are one opening (K5), and those that are closed cut it.
        (
            r#"{"hours":[{"days":["mo","tu","we"],"from":"00:00","to":"24:00"}],"closed":[{"from":"2027-01-05","to":"2027-01-06"}]}"#,
            &["2027-01-04T00:00Z/2027-01-05T00:00Z", "2027-01-06T00:00Z/2027-01-07T00:00Z"],
        ),
        // A night of Sunday's reaches into Monday, and Sunday's into the next.
        (
            r#"{"hours":[{"days":["su"],"from":"22:00","to":"03:00"}]}"#,
            &["2027-01-04T00:00Z/2027-01-04T03:00Z", "2027-01-10T22:00Z/2027-01-11T00:00Z"],
        ),
        // A closed day takes what is on it, whenever that began.
        (
            r#"{"hours":[{"days":["mo","tu"],"from":"20:00","to":"02:00"}],"closed":[{"from":"2027-01-05","to":"2027-01-06"}]}"#,
            &["2027-01-04T20:00Z/2027-01-05T00:00Z", "2027-01-06T00:00Z/2027-01-06T02:00Z"],
        ),
        // What is extra is open on a closed day too, and is one with what it touches.
        (
            r#"{"hours":[{"days":["mo","tu"],"from":"08:00","to":"12:00"}],"closed":[{"from":"2027-01-05","to":"2027-01-06"}],
                "extra":[{"from":"2027-01-05T10:00:00Z","to":"2027-01-05T11:00:00Z"},{"from":"2027-01-04T12:00:00Z","to":"2027-01-04T14:00:00Z"}]}"#,
            &["2027-01-04T08:00Z/2027-01-04T14:00Z", "2027-01-05T10:00Z/2027-01-05T11:00Z"],
        ),
        // Always open, but on closed days, which are the zone's.
        (
            r#"{"closed":[{"from":"2027-01-05","to":"2027-01-12"}],"time_zone":"Asia/Tokyo"}"#,
            &["2027-01-04T00:00Z/2027-01-04T15:00Z"],
        ),
        // Closed for ever.
        (r#"{"closed":[{"from":"1970-01-01","to":"9999-12-31"}]}"#, &[]),
    ] {
        check(document, week, want);
    }
}

#[test]
fn a_closed_day_is_as_long_as_its_clocks_make_it() {
    for (zone, day, window, want) in [
        (
            "Europe/Berlin",
            r#"{"from":"2027-03-28","to":"2027-03-29"}"#,
            "2027-03-27T00:00:00Z/2027-03-30T00:00:00Z",
            &["2027-03-27T00:00Z/2027-03-27T23:00Z", "2027-03-28T22:00Z/2027-03-30T00:00Z"][..],
        ),
        (
            "America/Havana",
            r#"{"from":"2027-11-06","to":"2027-11-07"}"#,
            "2027-11-06T00:00:00Z/2027-11-08T00:00:00Z",
            &["2027-11-06T00:00Z/2027-11-06T04:00Z", "2027-11-07T04:00Z/2027-11-08T00:00Z"],
        ),
        // A day that was not cannot be closed.
        (
            "Pacific/Apia",
            r#"{"from":"2011-12-30","to":"2011-12-31"}"#,
            "2011-12-29T00:00:00Z/2012-01-01T00:00:00Z",
            &["2011-12-29T00:00Z/2012-01-01T00:00Z"],
        ),
    ] {
        check(&format!(r#"{{"closed":[{day}],"time_zone":"{zone}"}}"#), window, want);
    }
}

#[test]
fn an_opening_keeps_its_own_start() {
    let weekday = r#"{"hours":[{"days":["mo"],"from":"08:20","to":"12:00"}]}"#;
    let weekend = r#"{"hours":[{"days":["sa","su","mo"],"from":"00:00","to":"24:00"}]}"#;
    let daily = daily("00:00", "24:00", "UTC");
    let reopened = format!(
        r#"{},"closed":[{{"from":"2027-01-02","to":"2027-01-03"}}]}}"#,
        daily.strip_suffix('}').unwrap()
    );
    let festival = r#"{"hours":[{"days":["mo"],"from":"08:20","to":"12:00"}],"extra":[
        {"from":"2026-11-10T00:07:00Z","to":"2026-12-24T00:00:00Z"},{"from":"2026-12-24T00:00:00Z","to":"2027-02-01T00:00:00Z"}]}"#;
    for (document, want) in [
        // What is opened beside the hours, for weeks.
        (festival, "2026-11-10T00:07Z/2027-01-05T00:00Z"),
        // A grid of half an hour goes on at 10:20, wherever the calendar begins.
        (weekday, "2027-01-04T08:20Z/2027-01-04T12:00Z"),
        (weekend, "2027-01-02T00:00Z/2027-01-05T00:00Z"),
        // Closed two days ago.
        (&reopened, "2027-01-03T00:00Z/2027-01-05T00:00Z"),
        // What is always open is open from when the calendar begins, however that is said.
        ("{}", "2027-01-04T10:07Z/2027-01-05T00:00Z"),
        (&daily, "2027-01-04T10:07Z/2027-01-05T00:00Z"),
        (r#"{"closed":[{"from":"2027-01-02","to":"2027-01-03"}]}"#, "2027-01-04T10:07Z/2027-01-05T00:00Z"),
    ] {
        let openings =
            calendar(document).openings(time("2027-01-04T10:07:00Z"), time("2027-01-05T00:00:00Z"));
        assert_eq!(told(&openings), [want], "{document}");
    }
    let none = calendar(weekday).openings(time("2027-01-04T10:07:00Z"), time("2027-01-04T10:07:00Z"));
    assert_eq!(told(&none), [""; 0]);
}

#[test]
fn time_has_ends() {
    let always = calendar(&daily("00:00", "24:00", "Pacific/Kiritimati"));
    for window in ["1970-01-01T00:00:00Z/1970-01-02T00:00:00Z", "9999-12-29T00:00:00Z/9999-12-30T22:00:00Z"] {
        assert_eq!(always.expand(interval(window)), [interval(window)], "{window}");
    }
}

#[test]
fn the_database_says_which_it_is() {
    let release = hours::tzdb_release();
    assert!(release.len() == 5 && release.starts_with("20"), "{release}");
}

#[test]
fn the_clocks_on_a_wall_show_what_it_is_there() {
    for (at, zone, want) in [
        ("2030-01-10T07:00:00Z", "UTC", Some((2030, 1, 10, 7, 0))),
        ("2030-01-10T07:00:00Z", "Europe/Berlin", Some((2030, 1, 10, 8, 0))),
        ("2030-07-10T22:30:59.999Z", "europe/berlin", Some((2030, 7, 11, 0, 30))),
        ("2030-01-01T00:15:00Z", "America/New_York", Some((2029, 12, 31, 19, 15))),
        ("2030-01-10T07:00:00Z", "Asia/Kathmandu", Some((2030, 1, 10, 12, 45))),
        ("2030-01-10T07:00:00Z", "Europe/Nowhere", None),
        ("2030-01-10T07:00:00Z", "", None),
    ] {
        let shown = hours::wall_time(at.parse().expect("a time"), zone);
        let shown = shown.map(|wall| (wall.year, wall.month, wall.day, wall.hour, wall.minute));
        assert_eq!(shown, want, "{at} {zone}");
    }
}
