//! What an organizer says of a calendar, and changes of it.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::hours::OpeningsOf;
use super::range::Range;
use crate::Resource;
use crate::stored::each::each;

/// A calendar, as its organizer says it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct CalendarStock {
    places: CalendarPlaces,
    lengths: Lengths,
    rule: HoursRule,
}

/// What can be booked.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum CalendarPlaces {
    Count(u32),
    Resources(Resources),
}

/// Every name that there ever was, and the numbers of those that can be booked. What is not numbered is not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(Vec<Box<str>>, Vec<Resource>)", into = "(Vec<Box<str>>, Vec<Resource>)")]
struct Resources(crate::Resources);

/// Which ranges may be asked for.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "each says its unit")]
struct Lengths {
    grid_seconds: u32,
    minimum_seconds: u32,
    maximum_seconds: u32,
    before_seconds: u32,
    after_seconds: u32,
    lead_seconds: u32,
    horizon_seconds: u32,
}

/// When it is open, as people say it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct HoursRule {
    time_zone: Box<str>,
    hours: Option<Vec<WeeklyHours>>,
    closed: Vec<ClosedDays>,
    extra: Vec<Range>,
}

/// Open on some days of each week.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct WeeklyHours {
    days: u8,
    from_minute: u16,
    to_minute: u16,
}

/// Closed on consecutive days.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ClosedDays {
    from_day: u32,
    to_day: u32,
}

/// What is changed of a calendar.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct CalendarChange {
    count: Option<u32>,
    resources: Option<Vec<Box<str>>>,
    lengths: LengthsChange,
    rule: Option<RuleChange>,
    openings: Option<OpeningsOf>,
}

/// Another rule of when it is open.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct RuleChange {
    from: u64,
    to: HoursRule,
}

/// What is changed of which ranges may be asked for.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "each says its unit")]
struct LengthsChange {
    grid_seconds: Option<u32>,
    minimum_seconds: Option<u32>,
    maximum_seconds: Option<u32>,
    before_seconds: Option<u32>,
    after_seconds: Option<u32>,
    lead_seconds: Option<u32>,
    horizon_seconds: Option<u32>,
}

impl From<&crate::CalendarStock> for CalendarStock {
    fn from(stock: &crate::CalendarStock) -> Self {
        let crate::CalendarStock { places, lengths, rule } = stock;
        let places = match places {
            crate::CalendarPlaces::Count(count) => CalendarPlaces::Count(*count),
            crate::CalendarPlaces::Resources(resources) => {
                CalendarPlaces::Resources(Resources(resources.clone()))
            }
        };
        Self { places, lengths: (*lengths).into(), rule: rule.clone().into() }
    }
}

impl From<CalendarStock> for Arc<crate::CalendarStock> {
    fn from(stock: CalendarStock) -> Self {
        let CalendarStock { places, lengths, rule } = stock;
        let places = match places {
            CalendarPlaces::Count(count) => crate::CalendarPlaces::Count(count),
            CalendarPlaces::Resources(Resources(resources)) => crate::CalendarPlaces::Resources(resources),
        };
        Self::new(crate::CalendarStock { places, lengths: lengths.into(), rule: rule.into() })
    }
}

impl TryFrom<(Vec<Box<str>>, Vec<Resource>)> for Resources {
    type Error = &'static str;

    fn try_from((names, listed): (Vec<Box<str>>, Vec<Resource>)) -> Result<Self, Self::Error> {
        let resources = crate::Resources::restore(each(names), listed);
        resources.map(Self).ok_or("a resource without a name of its own")
    }
}

impl From<Resources> for (Vec<Box<str>>, Vec<Resource>) {
    fn from(Resources(resources): Resources) -> Self {
        let names = resources.names().iter().map(|name| (**name).into()).collect();
        (names, resources.listed().to_vec())
    }
}

impl From<crate::HoursRule> for HoursRule {
    fn from(rule: crate::HoursRule) -> Self {
        let crate::HoursRule { time_zone, hours, closed, extra } = rule;
        Self { time_zone, hours: hours.map(each), closed: each(closed), extra: each(extra) }
    }
}

impl From<HoursRule> for crate::HoursRule {
    fn from(rule: HoursRule) -> Self {
        let HoursRule { time_zone, hours, closed, extra } = rule;
        Self { time_zone, hours: hours.map(each), closed: each(closed), extra: each(extra) }
    }
}

impl From<crate::CalendarChange> for CalendarChange {
    fn from(change: crate::CalendarChange) -> Self {
        let crate::CalendarChange { count, resources, lengths, rule, openings } = change;
        let (rule, openings) = (rule.map(RuleChange::from), openings.map(OpeningsOf::from));
        Self { count, resources, lengths: lengths.into(), rule, openings }
    }
}

impl From<CalendarChange> for crate::CalendarChange {
    fn from(change: CalendarChange) -> Self {
        let CalendarChange { count, resources, lengths, rule, openings } = change;
        let (rule, openings) = (rule.map(RuleChange::into), openings.map(OpeningsOf::into));
        Self { count, resources, lengths: lengths.into(), rule, openings }
    }
}

impl From<crate::RuleChange> for RuleChange {
    fn from(change: crate::RuleChange) -> Self {
        let crate::RuleChange { from, to } = change;
        Self { from, to: to.into() }
    }
}

impl From<RuleChange> for crate::RuleChange {
    fn from(change: RuleChange) -> Self {
        let RuleChange { from, to } = change;
        Self { from, to: to.into() }
    }
}

mirror!(Lengths {
    grid_seconds,
    minimum_seconds,
    maximum_seconds,
    before_seconds,
    after_seconds,
    lead_seconds,
    horizon_seconds
});
mirror!(LengthsChange {
    grid_seconds,
    minimum_seconds,
    maximum_seconds,
    before_seconds,
    after_seconds,
    lead_seconds,
    horizon_seconds
});
mirror!(WeeklyHours { days, from_minute, to_minute });
mirror!(ClosedDays { from_day, to_day });
