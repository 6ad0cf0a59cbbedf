//! Documents: every bound from both sides, the pointers of faults, and the one text.

use hours::bounds::{CLOSED_MAX, EXTRA_MAX, FAULTS_MAX, HOURS_MAX};
use hours::{Calendar, Document, Error};

use crate::calendar;

/// The faults of a document that stands at `/inventory/calendar`, as `pointer: detail`.
fn faults(text: &str) -> Vec<String> {
    let document: Document = serde_json::from_str(text).unwrap();
    match Calendar::read(&document, "/inventory/calendar") {
        Ok(_) => Vec::new(),
        Err(Error::Invalid(faults)) => faults
            .into_iter()
            .map(|fault| {
                let pointer = fault.pointer.strip_prefix("/inventory/calendar").unwrap().to_owned();
                format!("{pointer}: {}", fault.detail)
            })
            .collect(),
        Err(Error::Malformed(detail)) => panic!("{detail}"),
    }
}

/// A document with one row of hours.
fn row(days: &str, from: &str, to: &str) -> String {
    format!(r#"{{"hours":[{{"days":{days},"from":"{from}","to":"{to}"}}]}}"#)
}

fn closed(from: &str, to: &str) -> String {
    format!(r#"{{"closed":[{{"from":"{from}","to":"{to}"}}]}}"#)
}

fn zone(name: &str) -> String {
    format!(r#"{{"time_zone":"{name}"}}"#)
}

#[test]
fn each_bound_holds_from_both_sides() {
    let (time, end) = ("must be a time from 00:00 to 23:59", "must be a time from 00:00 to 24:00");
    let date = "must be a date from 1970-01-01 on that exists";
    let after = "must be after from";
    let name = "must be the IANA name of a time zone";
    let all = r#"["mo","tu","we","th","fr","sa","su"]"#;
    let extra = |from: &str, to: &str| format!(r#"{{"extra":[{{"from":"{from}","to":"{to}"}}]}}"#);
    for (document, want) in [
        ("{}".to_owned(), None),
        (r#"{"hours":[],"closed":[],"extra":[]}"#.to_owned(), None),
        (row(all, "00:00", "24:00"), None),
        (row(r#"["su"]"#, "23:59", "24:00"), None),
        (row(r#"["su"]"#, "23:59", "00:00"), None),
        (row(r#"["su"]"#, "12:00", "12:00"), None),
        (row("[]", "08:00", "09:00"), Some(("/hours/0/days", "must have at least one day"))),
        (row(r#"["mo","mo"]"#, "08:00", "09:00"), Some(("/hours/0/days/1", "must not come twice"))),
        (row(r#"["mo","Tu"]"#, "08:00", "09:00"), Some(("/hours/0/days/1", "must be one of mo, tu"))),
        (row(r#"["mo"]"#, "24:00", "09:00"), Some(("/hours/0/from", time))),
        (row(r#"["mo"]"#, "23:60", "09:00"), Some(("/hours/0/from", time))),
        (row(r#"["mo"]"#, "8:00", "09:00"), Some(("/hours/0/from", time))),
        (row(r#"["mo"]"#, "08:00:00", "09:00"), Some(("/hours/0/from", time))),
        (row(r#"["mo"]"#, "", "09:00"), Some(("/hours/0/from", time))),
        (row(r#"["mo"]"#, "08.00", "09:00"), Some(("/hours/0/from", time))),
        (row(r#"["mo"]"#, "-1:00", "09:00"), Some(("/hours/0/from", time))),
        (row(r#"["mo"]"#, "08:00", "24:01"), Some(("/hours/0/to", end))),
        (row(r#"["mo"]"#, "08:00", "99:99"), Some(("/hours/0/to", end))),
        (row(r#"["mo"]"#, "08:00", "٠٨:٠٠"), Some(("/hours/0/to", end))),
        (closed("2027-12-24", "2027-12-25"), None),
        (closed("1970-01-01", "9999-12-31"), None),
        (closed("2028-02-29", "2028-03-01"), None),
        (closed("2027-12-24", "2027-12-24"), Some(("/closed/0/to", after))),
        (closed("2027-12-24", "2027-12-23"), Some(("/closed/0/to", after))),
        (closed("2027-02-29", "2027-03-01"), Some(("/closed/0/from", date))),
        (closed("1969-12-31", "2027-03-01"), Some(("/closed/0/from", date))),
        (closed("20271224", "2027-12-25"), Some(("/closed/0/from", date))),
        (closed("2027-12-24", "2027-12-25T00:00"), Some(("/closed/0/to", date))),
        (closed("2027-12-24", "+10000-01-01"), Some(("/closed/0/to", date))),
        (extra("2027-05-01T08:00:00Z", "2027-05-01T08:00:00.001Z"), None),
        (extra("2027-05-01T08:00:00Z", "2027-05-01T08:00:00Z"), Some(("/extra/0/to", after))),
        (extra("2027-05-01T08:00:00Z", "2027-05-01T09:00:00+02:00"), Some(("/extra/0/to", after))),
        (zone("Europe/Berlin"), None),
        (zone("europe/berlin"), None),
        (zone("US/Eastern"), None),
        (zone("Etc/GMT+8"), None),
        (zone("Europe/Atlantis"), Some(("/time_zone", name))),
        (zone("+01:00"), Some(("/time_zone", name))),
        (zone("Etc/Unknown"), Some(("/time_zone", name))),
        (zone(""), Some(("/time_zone", name))),
        (zone("../etc/passwd"), Some(("/time_zone", name))),
    ] {
        match (&faults(&document)[..], want) {
            ([], None) => {}
            ([fault], Some((pointer, detail))) => {
                assert!(fault.starts_with(&format!("{pointer}: {detail}")), "{document}: {fault}");
            }
            (faults, want) => panic!("{document}: {faults:?} instead of {want:?}"),
        }
    }
}

#[test]
fn lists_are_as_long_as_they_may_be() {
    let many =
        |name: &str, entry: &str, count: usize| format!(r#"{{"{name}":[{}]}}"#, vec![entry; count].join(","));
    for (name, entry, most) in [
        ("hours", r#"{"days":["mo"],"from":"08:00","to":"09:00"}"#, HOURS_MAX),
        ("closed", r#"{"from":"2027-12-24","to":"2027-12-27"}"#, CLOSED_MAX),
        ("extra", r#"{"from":"2027-05-01T08:00:00Z","to":"2027-05-01T12:00:00Z"}"#, EXTRA_MAX),
    ] {
        assert_eq!(faults(&many(name, entry, most)), [""; 0], "{name}");
        let want = format!("/{name}: must have at most {most} entries");
        assert_eq!(faults(&many(name, entry, most + 1)), [want], "{name}");
    }
    let bad = r#"{"from":"2027-12-24","to":"2027-12-24"}"#;
    assert_eq!(faults(&many("closed", bad, FAULTS_MAX + 1)).len(), FAULTS_MAX);
}

#[test]
fn every_fault_is_told_at_once() {
    let document = r#"{"hours":[{"days":["mo"],"from":"08:00","to":"22:00"},{"days":["xx"],"from":"x","to":"y"}],
        "closed":[{"from":"z","to":"2027-01-01"}],
        "extra":[{"from":"2027-05-01T08:00:00Z","to":"2026-05-01T08:00:00Z"}],"time_zone":"Nowhere"}"#;
    let pointers = faults(document);
    let pointers: Vec<_> = pointers.iter().map(|fault| fault.split(':').next().unwrap()).collect();
    let want =
        ["/hours/1/days/0", "/hours/1/from", "/hours/1/to", "/closed/0/from", "/extra/0/to", "/time_zone"];
    assert_eq!(pointers, want);
}

#[test]
fn a_fault_repeats_little_of_what_was_sent() {
    let told = faults(&zone(&"é".repeat(100_000)));
    assert!(told[0].len() < 300, "{} bytes", told[0].len());
    let days = format!("[{}]", vec![r#""mo""#; 100_000].join(","));
    assert!(faults(&row(&days, "08:00", "09:00")).len() <= 8);
}

#[test]
fn equal_entries_have_one_text_which_reads_back() {
    for (document, want) in [
        ("{}", r#"{"time_zone":"UTC"}"#),
        (r#"{"time_zone":"UTC","closed":[],"extra":[]}"#, r#"{"time_zone":"UTC"}"#),
        (r#"{"hours":[],"time_zone":"europe/BERLIN"}"#, r#"{"hours":[],"time_zone":"Europe/Berlin"}"#),
        (
            r#"{"hours":[{"days":["su","mo"],"from":"18:00","to":"02:00"},{"days":["mo"],"from":"08:00","to":"00:00"},
                {"days":["mo"],"from":"08:00","to":"24:00"},{"days":["mo"],"from":"00:00","to":"00:00"}]}"#,
            r#"{"hours":[{"days":["mo"],"from":"00:00","to":"24:00"},{"days":["mo"],"from":"08:00","to":"24:00"},{"days":["mo","su"],"from":"18:00","to":"02:00"}],"time_zone":"UTC"}"#,
        ),
        (
            r#"{"hours":[{"days":["tu"],"from":"09:00","to":"09:00"},{"days":["mo"],"from":"09:00","to":"10:00"}]}"#,
            r#"{"hours":[{"days":["mo"],"from":"09:00","to":"10:00"},{"days":["tu"],"from":"09:00","to":"09:00"}],"time_zone":"UTC"}"#,
        ),
        (
            r#"{"closed":[{"from":"2027-12-31","to":"2028-01-01"},{"from":"2027-12-24","to":"2027-12-27"},{"from":"2027-12-24","to":"2027-12-27"}]}"#,
            r#"{"closed":[{"from":"2027-12-24","to":"2027-12-27"},{"from":"2027-12-31","to":"2028-01-01"}],"time_zone":"UTC"}"#,
        ),
        (
            r#"{"extra":[{"from":"2027-05-01T10:00:00+02:00","to":"2027-05-01T12:00:00.5Z"}]}"#,
            r#"{"extra":[{"from":"2027-05-01T08:00:00.000Z","to":"2027-05-01T12:00:00.500Z"}],"time_zone":"UTC"}"#,
        ),
    ] {
        let calendar = calendar(document);
        assert_eq!(calendar.canonical(), want, "{document}");
        assert_eq!(Calendar::from_canonical(want), Ok(calendar), "{document}");
    }
}

#[test]
fn what_is_no_document_is_malformed() {
    for text in ["", "7", r#"{"hour":[]}"#, r#"{"extra":[{"from":"2027-05-01","to":"2027-05-02"}]}"#] {
        assert!(matches!(Calendar::from_canonical(text), Err(Error::Malformed(_))), "{text}");
    }
}
