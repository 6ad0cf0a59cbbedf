//! A calendar's hours that are valid, and their one text.

use jiff::civil::Date;

use crate::bounds::DAY_MINUTES;
use crate::clocks::Clocks;
use crate::document::{ClosedDays, Document, ExtraHours, OpeningHours};
use crate::fault::Error;
use crate::interval::Interval;
use crate::week::Hours;

/// When a calendar is open. Whatever of it has no order is sorted, and nothing stands in it twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// None: always.
    pub(crate) hours: Option<Vec<Hours>>,
    /// The first day, and the first behind.
    pub(crate) closed: Vec<(Date, Date)>,
    pub(crate) extra: Vec<Interval>,
    pub(crate) clocks: Clocks,
}

impl Calendar {
    /// The text that every calendar of equal entries has, and that reads back as this calendar. It is kept, so it is for ever.
    ///
    /// Without blanks, fields in the order of [`Document`], entries in that of days and times, a day's end as `24:00`, the zone
    /// always there, as the tz database spells it.
    pub fn canonical(&self) -> String {
        serde_json::to_string(&self.document()).expect("every key is a string")
    }

    /// Reads a text that was kept.
    pub fn from_canonical(text: &str) -> Result<Self, Error> {
        let document = serde_json::from_str(text).map_err(|error| Error::Malformed(error.to_string()))?;
        Self::read(&document, "")
    }

    /// The canonical document.
    pub fn document(&self) -> Document {
        Document {
            hours: self.hours.as_ref().map(|hours| hours.iter().copied().map(hours_text).collect()),
            closed: self.closed.iter().copied().map(closed_text).collect(),
            extra: self.extra.iter().map(|extra| ExtraHours { from: extra.from(), to: extra.to() }).collect(),
            time_zone: Some(self.time_zone().to_owned()),
        }
    }

    /// The IANA name of the zone whose clocks are meant.
    pub fn time_zone(&self) -> &str {
        self.clocks.name()
    }
}

fn hours_text(hours: Hours) -> OpeningHours {
    let days = hours.days.names().map(str::to_owned).collect();
    // What ends at midnight ends with its day; what ends later is on the next.
    let to = if hours.to > DAY_MINUTES { hours.to - DAY_MINUTES } else { hours.to };
    OpeningHours { days, from: clock_text(hours.from), to: clock_text(to) }
}

fn clock_text(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn closed_text((from, to): (Date, Date)) -> ClosedDays {
    ClosedDays { from: from.to_string(), to: to.to_string() }
}
