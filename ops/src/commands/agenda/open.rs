//! When a calendar is open, in its own words and in those of a file.

use api::calendar::{Calendar, ChangeCalendar, ClosedDays, ExtraHours, OpeningHours};
use api::patch::Patch;
use api::time::Time;
use hours::{Document, Interval};

/// When a calendar is open, in its own words.
pub(super) struct Hours {
    pub(super) time_zone: String,
    pub(super) weekly: Option<Vec<OpeningHours>>,
    pub(super) extra: Vec<ExtraHours>,
}

impl Hours {
    pub(super) fn said(calendar: &Calendar) -> Self {
        let Calendar { time_zone, hours: weekly, extra, .. } = calendar.clone();
        Self { time_zone, weekly, extra }
    }

    pub(super) fn of(document: &Document) -> Self {
        let row = |row: &hours::OpeningHours| OpeningHours {
            days: row.days.clone(),
            from: row.from.clone(),
            to: row.to.clone(),
        };
        let extra = |extra: &hours::ExtraHours| ExtraHours { from: extra.from, to: extra.to };
        Self {
            time_zone: document.time_zone.clone().unwrap_or_else(|| "UTC".to_owned()),
            weekly: document.hours.as_ref().map(|rows| rows.iter().map(row).collect()),
            extra: document.extra.iter().map(extra).collect(),
        }
    }

    /// When that is, between the calendar's own closed days.
    pub(super) fn openings(
        &self,
        calendar: &Calendar,
        (from, to): (Time, Time),
    ) -> Result<Vec<Interval>, String> {
        let read = hours::Calendar::read(&self.document(&calendar.closed), "");
        read.map(|read| read.openings(from, to)).map_err(|error| error.to_string())
    }

    fn document(&self, closed: &[ClosedDays]) -> Document {
        let row = |row: &OpeningHours| hours::OpeningHours {
            days: row.days.clone(),
            from: row.from.clone(),
            to: row.to.clone(),
        };
        let days = |days: &ClosedDays| hours::ClosedDays { from: days.from.clone(), to: days.to.clone() };
        let extra = |extra: &ExtraHours| hours::ExtraHours { from: extra.from, to: extra.to };
        Document {
            hours: self.weekly.as_ref().map(|rows| rows.iter().map(row).collect()),
            closed: closed.iter().map(days).collect(),
            extra: self.extra.iter().map(extra).collect(),
            time_zone: Some(self.time_zone.clone()),
        }
    }

    /// What of a calendar is to be otherwise, so that it is open like this from now on. Where it is so already, it stays as it is said:
    /// a season that has begun is a row of the week by then, and opens nothing anew.
    pub(super) fn change(
        &self,
        calendar: &Calendar,
        openings: &[Interval],
        (span, now): ((Time, Time), Time),
    ) -> Option<ChangeCalendar> {
        let to_come = |openings: &[Interval]| {
            openings.iter().copied().filter(|opening| now < opening.to()).collect::<Vec<_>>()
        };
        let before = Self::said(calendar).openings(calendar, span).ok();
        if before.is_some_and(|before| to_come(&before) == to_come(openings)) {
            return None;
        }
        Some(ChangeCalendar {
            time_zone: Patch::Set(self.time_zone.clone()),
            hours: self.weekly.clone().map_or(Patch::Remove, Patch::Set),
            extra: Patch::Set(self.extra.clone()),
            ..ChangeCalendar::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use calendar::{Asked, Opening};

    use super::{Calendar, Hours, Interval, Time};

    /// What is said of a half of a year from a moment on.
    fn said(available: &str, (now, until): (Time, Time)) -> Hours {
        let text = format!(
            "BEGIN:VCALENDAR\nBEGIN:VAVAILABILITY\nBEGIN:AVAILABLE\nUID:a\n{available}\nEND:AVAILABLE\nEND:VAVAILABILITY\nEND:VCALENDAR\n"
        );
        let asked = Asked { window: Interval::new(now, until).expect("some time"), floating: None };
        let opening = Opening::read(text.as_bytes(), &asked).expect("it is a calendar");
        Hours::of(&opening.document.expect("it has hours"))
    }

    #[test]
    fn the_same_file_changes_no_hours_whenever_it_is_read_again() {
        let time = |text: &str| text.parse::<Time>().expect("a time");
        let span = (time("2031-01-01T00:00:00Z"), time("2031-07-01T00:00:00Z"));
        for available in [
            "DTSTART;TZID=Europe/Berlin:20301104T080000\nDURATION:PT14H\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU",
            // A season that begins, one that ends, a day, a night of each month, and always.
            "DTSTART;TZID=Europe/Berlin:20310210T080000\nDURATION:PT14H\nRRULE:FREQ=WEEKLY",
            "DTSTART:20301104T080000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;UNTIL=20310401T080000Z",
            "DTSTART:20310203T080000Z\nDTEND:20310203T223000Z",
            "DTSTART:20301104T200000Z\nDURATION:PT9H\nRRULE:FREQ=MONTHLY;BYDAY=1MO",
            "DTSTART:20200101T000000Z\nDTEND:20990101T000000Z",
        ] {
            let first = said(available, span);
            let plain: Calendar = serde_json::from_str("{\"count\":1}").expect("a calendar");
            let calendar =
                Calendar { time_zone: first.time_zone, hours: first.weekly, extra: first.extra, ..plain };
            for hours in (0..180 * 24).step_by(7) {
                let now = Time::from_ms(span.0.as_ms() + hours * 3_600_000);
                let again = said(available, (now, span.1));
                let openings = again.openings(&calendar, span).expect("hours");
                let change = again.change(&calendar, &openings, (span, now));
                assert_eq!(change, None, "{available}, {hours} hours later");
                let none = again.change(&calendar, &[], (span, now));
                let ahead = openings.iter().any(|opening| now < opening.to());
                assert_eq!(none.is_some(), ahead, "{available}, {hours} hours later: closed");
            }
        }
    }
}
