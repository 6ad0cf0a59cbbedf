//! `boxctl import --calendar`: a calendar is made, is open and is taken as a file says, and follows it.

use tempfile::TempDir;

use crate::fake::{Fake, State};
use crate::{Said, boxctl, data_folder, write};

/// Imports a calendar of studio-7's.
fn import(node: &Fake, folder: &TempDir, file: &str, more: &[&str]) -> Said {
    let path = write(folder, "courts.ics", file);
    let path = path.to_str().expect("a path in UTF-8");
    let data = folder.path().to_str().expect("a path in UTF-8");
    let given =
        ["--client", &node.url, "--data", data, "import", "--calendar", path, "--organizer", "studio-7"];
    boxctl(&[&given, more].concat())
}

/// A file with hours from nine to five, and what is taken in the summer of 2090.
fn file(taken: &[(&str, &str)]) -> String {
    let hours = "BEGIN:VAVAILABILITY\nUID:hours\nBEGIN:AVAILABLE\nUID:weekly\nDTSTART;TZID=Europe/Berlin:20200106T090000\n\
                 DTEND;TZID=Europe/Berlin:20200106T170000\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\nEND:AVAILABLE\nEND:VAVAILABILITY\n";
    let event = |(place, (from, to)): (usize, &(&str, &str))| {
        format!("BEGIN:VEVENT\nUID:{place}\nDTSTART:{from}\nDTEND:{to}\nEND:VEVENT\n")
    };
    let events = taken.iter().enumerate().map(event).collect::<String>();
    format!("BEGIN:VCALENDAR\n{hours}{events}END:VCALENDAR\n")
}

/// The ends of some file's first week.
fn week() -> Vec<String> {
    let soon = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let mondays = soon.series(jiff::ToSpan::days(1)).skip(3);
    let mut mondays = mondays.filter(|day| day.weekday() == jiff::civil::Weekday::Monday);
    let monday = mondays.next().expect("there is one every week");
    monday.series(jiff::ToSpan::days(1)).take(5).map(|day| day.strftime("%Y%m%d").to_string()).collect()
}

/// A moment of the week, in UTC.
fn at(day: &str, clock: &str) -> String {
    format!("{day}T{clock}00Z")
}

/// The same as the node shows it.
fn shown(day: &str, clock: &str) -> String {
    format!("{}-{}-{}T{}:{}", &day[..4], &day[4..6], &day[6..], &clock[..2], &clock[2..])
}

#[test]
fn a_calendar_is_made_and_a_second_run_changes_nothing() {
    let (node, folder) = (Fake::start(State::default()), data_folder());
    let week = week();
    let taken = [(at(&week[0], "1000"), at(&week[0], "1130")), (at(&week[2], "1205"), at(&week[2], "1250"))];
    let taken: Vec<_> = taken.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    let first = import(&node, &folder, &file(&taken), &["--title", "Court 1"]);
    assert_eq!(first.status, 0, "{}{}", first.data, first.talk);
    assert!(first.data.contains("booked 2, already there 0, given back 0"), "{}", first.data);
    let want = [
        format!("{} to 11:30", shown(&week[0], "1000")),
        // On the grid of a quarter of an hour, all of it.
        format!("{} to 13:00", shown(&week[2], "1200")),
    ];
    assert_eq!(node.booked(), want);
    let calendar = node.calendar();
    assert_eq!((calendar.count, calendar.time_zone.as_str()), (Some(1), "Europe/Berlin"));
    let hours = calendar.hours.expect("it has hours");
    assert_eq!((hours[0].from.as_str(), hours[0].to.as_str(), hours[0].days.len()), ("09:00", "17:00", 5));

    let second = import(&node, &folder, &file(&taken), &["--title", "Court 1"]);
    assert_eq!(second.status, 0, "{}{}", second.data, second.talk);
    assert!(
        second.data.contains("hours as they were, booked 0, already there 2, given back 0"),
        "{}",
        second.data
    );
    assert_eq!((node.booked(), node.counts().1), (want.into(), 1));
}

#[test]
fn what_is_taken_no_more_is_given_back_after_being_asked() {
    let (node, folder) = (Fake::start(State::default()), data_folder());
    let week = week();
    let [early, late] = ["1000", "1200"].map(|clock| (at(&week[1], clock), at(&week[1], "1300")));
    let long = [(early.0.as_str(), early.1.as_str())];
    let short = [(late.0.as_str(), late.1.as_str())];
    assert_eq!(
        import(&node, &folder, &file(&long), &["--resources", "north,south", "--resource", "south"]).status,
        0
    );
    assert_eq!(node.booked(), [format!("{} to 13:00 south", shown(&week[1], "1000"))]);

    let asked = import(&node, &folder, &file(&short), &["--resource", "south"]);
    assert_eq!((asked.status, node.booked().len()), (1, 1), "{}", asked.talk);
    assert!(asked.talk.contains("--yes does it; nothing was sent"), "{}", asked.talk);
    let done = import(&node, &folder, &file(&short), &["--resource", "south", "--yes"]);
    assert_eq!(done.status, 0, "{}{}", done.data, done.talk);
    assert_eq!(node.booked(), [format!("{} to 13:00 south", shown(&week[1], "1200"))]);
    // And taken again, as it was at first.
    assert_eq!(import(&node, &folder, &file(&long), &["--resource", "south", "--yes"]).status, 0);
    assert_eq!(node.booked(), [format!("{} to 13:00 south", shown(&week[1], "1000"))]);
}

#[test]
fn hours_follow_the_file() {
    let (node, folder) = (Fake::start(State::default()), data_folder());
    assert_eq!(import(&node, &folder, &file(&[]), &[]).status, 0);
    let longer = file(&[]).replace("T170000", "T190000");
    let shown = import(&node, &folder, &longer, &["--dry-run"]);
    assert!(shown.data.contains("change  when the calendar is open"), "{}", shown.data);
    assert_eq!(node.calendar().hours.expect("hours")[0].to, "17:00");
    let done = import(&node, &folder, &longer, &["--yes"]);
    assert!(done.data.contains("hours changed"), "{}{}", done.data, done.talk);
    assert_eq!(node.calendar().hours.expect("hours")[0].to, "19:00");
}

#[test]
fn what_is_in_the_way_is_told() {
    let (node, folder) = (Fake::start(State::default()), data_folder());
    let week = week();
    let (from, to) = (at(&week[3], "1000"), at(&week[3], "1100"));
    let taken = file(&[(from.as_str(), to.as_str())]);
    assert_eq!(import(&node, &folder, &taken, &["--taken-by", "league"]).status, 0);
    let second = import(&node, &folder, &taken, &["--taken-by", "school"]);
    assert_eq!(second.status, 1, "{}", second.data);
    assert!(second.talk.contains("(range_taken); taken from"), "{}", second.talk);
    assert!(second.data.contains("refused 1"), "{}", second.data);
    // It is looked at anew, and not only told once more, when it is asked again.
    assert_eq!(import(&node, &folder, &file(&[]), &["--taken-by", "league", "--yes"]).status, 0);
    let third = import(&node, &folder, &taken, &["--taken-by", "school"]);
    assert_eq!(third.status, 0, "{}{}", third.data, third.talk);
    assert!(third.data.contains("booked 1"), "{}", third.data);
}

#[test]
fn a_bad_entry_costs_no_other_and_gives_nothing_back() {
    let (node, folder) = (Fake::start(State::default()), data_folder());
    let week = week();
    let [from, to] = ["1000", "1100"].map(|clock| at(&week[1], clock));
    let [late_from, late_to] = ["1400", "1500"].map(|clock| at(&week[2], clock));
    let [from, to, late_from, late_to] = [&from, &to, &late_from, &late_to].map(String::as_str);
    let bad = file(&[(from, to), (late_to, late_from)]);
    let line = 1 + bad.lines().position(|line| line.ends_with(late_from)).expect("it is there");
    let first = import(&node, &folder, &bad, &[]);
    assert_eq!(first.status, 1, "{}{}", first.data, first.talk);
    assert!(first.talk.contains(&format!("courts.ics:{line}: refused: ")), "{}, not {line}", first.talk);
    assert!(first.data.contains("booked 1, already there 0"), "{}", first.data);
    assert!(first.data.contains("refused 1"), "{}", first.data);
    let whole = file(&[(from, to), (late_from, late_to)]);
    assert_eq!(import(&node, &folder, &whole, &[]).status, 0);
    let booked = node.booked();
    assert_eq!(booked.len(), 2);
    // What cannot be read may be what is booked, and it is not asked whether it may be given back.
    let second = import(&node, &folder, &bad, &[]);
    assert_eq!((second.status, node.booked()), (1, booked), "{}{}", second.data, second.talk);
    assert!(second.data.contains("booked 0, already there 1, given back 0"), "{}", second.data);
}

#[test]
fn what_has_no_end_in_sight_is_booked_up_to_the_horizon() {
    let (node, folder) = (Fake::start(State::default()), data_folder());
    let long = file(&[("20200101T100000Z", "20991207T100000Z")]);
    let first = import(&node, &folder, &long, &[]);
    assert_eq!(first.status, 0, "{}{}", first.data, first.talk);
    assert!(!first.data.contains("beyond the horizon 0"), "{}", first.data);
    let booked = node.booked();
    assert!(100 < booked.len(), "{booked:?}");
    let second = import(&node, &folder, &long, &[]);
    assert!(second.data.contains("booked 0") && second.data.contains("given back 0"), "{}", second.data);
    assert_eq!((second.status, node.booked()), (0, booked));
}

#[test]
fn what_cannot_be_imported_is_refused_before_anything_is_sent() {
    let (node, folder) = (Fake::start(State::default()), data_folder());
    for (content, more, want) in [
        ("not a calendar".to_owned(), &[][..], "courts.ics:1: this is no iCalendar file"),
        (file(&[]), &["--capacity", "3"], "cannot be used with"),
        (file(&[]), &["--count", "0"], "0 is not in 1..=10"),
        (file(&[]), &["--count", "2", "--resources", "a"], "cannot be used with"),
        (file(&[]), &["--until", "2001-01-01"], "--until is over"),
    ] {
        let said = import(&node, &folder, &content, more);
        assert_eq!((said.status, said.data.as_str()), (2, ""), "{want}: {}", said.talk);
        assert!(said.talk.contains(want), "{}, not {want}", said.talk);
    }
    assert_eq!(node.counts(), (0, 0));
    // Hours that cannot be read: a calendar that is there keeps its own, and none is made that is always open.
    let closed = file(&[]).replace("UID:weekly", "DTSTART:20260101T000000Z");
    let said = import(&node, &folder, &closed, &[]);
    assert_eq!((said.status, said.data.as_str(), node.counts().1), (2, "", 0), "{}", said.talk);
    assert!(said.talk.contains("courts.ics:"), "{}", said.talk);
    // What cannot be filled is not made.
    let said = import(&node, &folder, &file(&[]), &["--resource", "c"]);
    assert!(said.status == 2 && said.talk.contains("has no resource \"c\""), "{}", said.talk);
    assert_eq!(node.counts().1, 0);
    assert_eq!(import(&node, &folder, &file(&[]), &["--resources", "a,b"]).status, 0);
    let said = import(&node, &folder, &file(&[]), &["--resource", "c"]);
    assert!(said.status == 2 && said.talk.contains("has no resource \"c\""), "{}", said.talk);
    let said = import(&node, &folder, &closed, &[]);
    assert!(said.status == 1 && said.data.contains("hours as they were"), "{}{}", said.data, said.talk);
    assert_eq!(node.calendar().hours.expect("hours").len(), 1);
}
