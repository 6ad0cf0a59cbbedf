//! Calendars: what an organizer says of one, and when that is; ranges that are asked for; and all of it as answers show it.

use std::collections::BTreeSet;

use api::calendar::{ChangeCalendar, ClosedDays, ExtraHours, OpeningHours};
use api::patch::Patch;
use api::time::Time;
use booking::{
    BusyView, CalendarChange, CalendarPlaces, CalendarStock, Definition, HoursRule, Lengths, LengthsChange,
    OpeningsOf, Range, RangeWish, Resources, RuleChange, Stock, Timestamp, WeeklyHours, limits,
};
use hours::free_busy::{Kind, Report};
use hours::{Document, Interval, less};

use super::field_errors::FieldErrors;
use super::time::{time, timestamp};
use crate::http::response::problem::ProblemResponse;
use crate::openings::{DAY_MS, day_bit, document, openings};

/// Where a calendar stands in a body.
const HERE: &str = "/inventory/calendar";
pub(super) const COUNT_MAX: u32 = 10_000;
const RESOURCES_MAX: usize = 256;
const NAME_LEN_MAX: usize = 32;
const GRID_SECONDS: (u32, u32) = (60, 86_400);
const LENGTH_SECONDS_MAX: u32 = 2_678_400;
const BUFFER_SECONDS_MAX: u32 = 86_400;
const LEAD_SECONDS_MAX: u32 = 31_536_000;
const HORIZON_SECONDS_MAX: u32 = 93_312_000;

/// What a new calendar has to give out.
pub(super) fn stock(errors: &mut FieldErrors, said: &api::calendar::Calendar) -> Option<CalendarStock> {
    let lengths = Lengths {
        grid_seconds: said.grid_seconds,
        minimum_seconds: said.minimum_seconds.unwrap_or(said.grid_seconds),
        maximum_seconds: said.maximum_seconds,
        before_seconds: said.before_seconds,
        after_seconds: said.after_seconds,
        lead_seconds: said.lead_seconds,
        horizon_seconds: said.horizon_seconds,
    };
    check_lengths(errors, &lengths);
    let multiples = [
        (lengths.minimum_seconds, lengths.grid_seconds, "/minimum_seconds"),
        (lengths.maximum_seconds, lengths.minimum_seconds.max(lengths.grid_seconds), "/maximum_seconds"),
    ];
    for (seconds, least, field) in multiples {
        let is_on_grid = 0 < lengths.grid_seconds && seconds.is_multiple_of(lengths.grid_seconds);
        let detail = "must be a multiple of grid_seconds, and not be shorter than the least";
        errors.check(is_on_grid && least <= seconds, &format!("{HERE}{field}"), detail);
    }
    let places = match (said.count, &said.resources) {
        (Some(count), None) => {
            errors.within(count, (1, COUNT_MAX), &format!("{HERE}/count"));
            Some(CalendarPlaces::Count(count))
        }
        (None, Some(names)) => resources(errors, names).map(CalendarPlaces::Resources),
        (Some(_), Some(_)) | (None, None) => {
            errors.check(false, HERE, "must have exactly one of count and resources");
            None
        }
    };
    let document = document_of(said);
    let rule = hours(errors, &document).and_then(|hours| rule(errors, &hours));
    let stock = CalendarStock { places: places?, lengths, rule: rule? };
    let detail = "must have fewer or shorter names, and fewer closed days and extra hours";
    errors.check(stock.is_small_enough(), HERE, detail);
    Some(stock)
}

fn check_lengths(errors: &mut FieldErrors, lengths: &Lengths) {
    let Lengths {
        grid_seconds,
        minimum_seconds,
        maximum_seconds,
        before_seconds,
        after_seconds,
        lead_seconds,
        horizon_seconds,
    } = *lengths;
    let each = [
        (grid_seconds, GRID_SECONDS, "/grid_seconds"),
        (minimum_seconds, (GRID_SECONDS.0, LENGTH_SECONDS_MAX), "/minimum_seconds"),
        (maximum_seconds, (GRID_SECONDS.0, LENGTH_SECONDS_MAX), "/maximum_seconds"),
        (before_seconds, (0, BUFFER_SECONDS_MAX), "/before_seconds"),
        (after_seconds, (0, BUFFER_SECONDS_MAX), "/after_seconds"),
        (lead_seconds, (0, LEAD_SECONDS_MAX), "/lead_seconds"),
        (horizon_seconds, (0, HORIZON_SECONDS_MAX), "/horizon_seconds"),
    ];
    for (seconds, bounds, field) in each {
        errors.within(seconds, bounds, &format!("{HERE}{field}"));
    }
}

/// Resources that have these names.
fn resources(errors: &mut FieldErrors, names: &[String]) -> Option<Resources> {
    check_names(errors, names);
    Resources::new(&names.iter().map(|name| name.as_str().into()).collect::<Vec<_>>())
}

fn check_names(errors: &mut FieldErrors, names: &[String]) {
    let here = format!("{HERE}/resources");
    let bounds = 1..=RESOURCES_MAX;
    errors.check(bounds.contains(&names.len()), &here, format_args!("must be 1 to {RESOURCES_MAX} names"));
    let mut seen = BTreeSet::new();
    for (place, name) in names.iter().enumerate().take(RESOURCES_MAX) {
        let is_name = (1..=NAME_LEN_MAX).contains(&name.chars().count())
            && !name.chars().any(|char| char.is_control() || char == '/' || char == ',');
        let detail =
            format_args!("must have 1 to {NAME_LEN_MAX} characters, and no / , or control character");
        errors.check(is_name, &format!("{here}/{place}"), detail);
        errors.check(seen.insert(name), &format!("{here}/{place}"), "must not stand in the list twice");
    }
}

fn document_of(said: &api::calendar::Calendar) -> Document {
    Document {
        hours: said.hours.as_deref().map(hours_said),
        closed: closed_said(&said.closed),
        extra: extra_said(&said.extra),
        time_zone: Some(said.time_zone.clone()),
    }
}

fn hours_said(said: &[OpeningHours]) -> Vec<hours::OpeningHours> {
    let hours = |OpeningHours { days, from, to }: &OpeningHours| hours::OpeningHours {
        days: days.clone(),
        from: from.clone(),
        to: to.clone(),
    };
    said.iter().map(hours).collect()
}

fn closed_said(said: &[ClosedDays]) -> Vec<hours::ClosedDays> {
    let closed = |days: &ClosedDays| hours::ClosedDays { from: days.from.clone(), to: days.to.clone() };
    said.iter().map(closed).collect()
}

fn extra_said(said: &[ExtraHours]) -> Vec<hours::ExtraHours> {
    said.iter().map(|&ExtraHours { from, to }| hours::ExtraHours { from, to }).collect()
}

/// The hours that a document says, with every fault where it stands.
fn hours(errors: &mut FieldErrors, document: &Document) -> Option<hours::Calendar> {
    match hours::Calendar::read(document, HERE) {
        Ok(hours) => Some(hours),
        Err(hours::Error::Invalid(faults)) => {
            for fault in faults {
                errors.check(false, &fault.pointer, &fault.detail);
            }
            None
        }
        Err(hours::Error::Malformed(detail)) => {
            errors.check(false, HERE, detail);
            None
        }
    }
}

/// The same as the rules keep it.
fn rule(errors: &mut FieldErrors, hours: &hours::Calendar) -> Option<HoursRule> {
    let Document { hours, closed, extra, time_zone } = hours.document();
    let weekly = |hours: &hours::OpeningHours| WeeklyHours {
        days: hours.days.iter().fold(0, |set, day| set | day_bit(day)),
        from_minute: minute_of(&hours.from),
        to_minute: minute_of(&hours.to),
    };
    let days = |days: &hours::ClosedDays| {
        Some(booking::ClosedDays { from_day: day_of(&days.from)?, to_day: day_of(&days.to)? })
    };
    let closed = closed.iter().map(days).collect::<Option<Vec<_>>>();
    errors.check(closed.is_some(), &format!("{HERE}/closed"), "must be days from 1970-01-01 to 9999-12-30");
    Some(HoursRule {
        time_zone: time_zone.unwrap_or_default().into(),
        hours: hours.map(|hours| hours.iter().map(weekly).collect()),
        closed: closed?,
        extra: extra.iter().filter_map(|extra| range(extra.from, extra.to)).collect(),
    })
}

/// The minute of the day of a time that was looked at.
fn minute_of(text: &str) -> u16 {
    let (hour, minute) = text.split_once(':').expect("a time of the day");
    let number = |text: &str| text.parse::<u16>().expect("a time of the day");
    number(hour) * 60 + number(minute)
}

fn day_of(date: &str) -> Option<u32> {
    let midnight = format!("{date}T00:00:00Z").parse::<Time>().ok()?;
    u32::try_from(midnight.as_ms() / DAY_MS).ok()
}

fn range(from: Time, to: Time) -> Option<Range> {
    Range::new(timestamp(from), timestamp(to))
}

/// What is changed of a calendar that was seen; where its rule, its span or its horizon may become another, with what its openings are
/// then.
pub(super) fn change(
    errors: &mut FieldErrors,
    said: &ChangeCalendar,
    seen: &Definition,
    (starts_at, ends_at): (Option<Timestamp>, Option<Timestamp>),
    now: Timestamp,
) -> Option<CalendarChange> {
    let calendar = seen.calendar()?;
    let is_pool = matches!(calendar.places, CalendarPlaces::Count(_));
    check_change(errors, said, is_pool);
    let resources = said.resources.set().map(|names| {
        check_names(errors, names);
        names.iter().map(|name| name.as_str().into()).collect()
    });
    let lengths = LengthsChange {
        grid_seconds: said.grid_seconds.or(900),
        minimum_seconds: said.minimum_seconds.set().copied(),
        maximum_seconds: said.maximum_seconds.or(86_400),
        before_seconds: said.before_seconds.or(0),
        after_seconds: said.after_seconds.or(0),
        lead_seconds: said.lead_seconds.or(0),
        horizon_seconds: said.horizon_seconds.or(15_552_000),
    };
    check_lengths(errors, &lengths.made_to(WITHIN_BOUNDS));
    let says_rule =
        !(said.time_zone.is_keep() && said.hours.is_keep() && said.closed.is_keep() && said.extra.is_keep());
    let new_rule = if says_rule {
        let hours = hours(errors, &merged(said, document(&calendar.rule)))?;
        Some(RuleChange { from: seen.openings_basis(), to: rule(errors, &hours)? })
    } else {
        None
    };
    let mut new = seen.clone();
    new.starts_at = starts_at.unwrap_or(new.starts_at);
    new.ends_at = ends_at.unwrap_or(new.ends_at);
    let mut stock = CalendarStock::clone(calendar);
    stock.rule = new_rule.as_ref().map_or(stock.rule, |change| change.to.clone());
    stock.lengths = lengths.made_to(stock.lengths);
    new.stock = Stock::Calendar(stock.into());
    let sees_further = new.calendar()?.lengths.horizon_seconds != calendar.lengths.horizon_seconds;
    let reopens = new.openings_basis() != seen.openings_basis() || sees_further;
    // A span that is none, or too long, is for the rules to refuse.
    let is_span = new.starts_at < new.ends_at
        && new.ends_at <= new.starts_at.plus_seconds(limits::CALENDAR_SPAN_SECONDS_MAX);
    let openings = if reopens && is_span { openings(&new, now) } else { None };
    let openings = openings.map(|openings| OpeningsOf { basis: new.openings_basis(), openings });
    Some(CalendarChange { count: said.count.set().copied(), resources, lengths, rule: new_rule, openings })
}

fn check_change(errors: &mut FieldErrors, said: &ChangeCalendar, is_pool: bool) {
    let at = |field: &str| format!("{HERE}{field}");
    let (count, resources) = (at("/count"), at("/resources"));
    errors.check(said.count.is_keep() || is_pool, &count, "must be left out: its resources have names");
    errors.check(said.resources.is_keep() || !is_pool, &resources, "must be left out: it is a pool");
    if let Patch::Set(number) = said.count {
        errors.within(number, (1, COUNT_MAX), &count);
    }
    let needed = [
        (matches!(said.count, Patch::Remove), count),
        (matches!(said.resources, Patch::Remove), resources),
        (matches!(said.minimum_seconds, Patch::Remove), at("/minimum_seconds")),
    ];
    for (is_taken, pointer) in needed {
        errors.check(!is_taken, &pointer, "must not be null: a calendar needs it");
    }
}

/// Lengths that are within every bound.
const WITHIN_BOUNDS: Lengths = Lengths {
    grid_seconds: GRID_SECONDS.0,
    minimum_seconds: GRID_SECONDS.0,
    maximum_seconds: GRID_SECONDS.0,
    before_seconds: 0,
    after_seconds: 0,
    lead_seconds: 0,
    horizon_seconds: 0,
};

/// A document with what is changed of it.
fn merged(said: &ChangeCalendar, old: Document) -> Document {
    Document {
        hours: match &said.hours {
            Patch::Keep => old.hours,
            Patch::Remove => None,
            Patch::Set(hours) => Some(hours_said(hours)),
        },
        closed: match &said.closed {
            Patch::Keep => old.closed,
            Patch::Remove => Vec::new(),
            Patch::Set(closed) => closed_said(closed),
        },
        extra: match &said.extra {
            Patch::Keep => old.extra,
            Patch::Remove => Vec::new(),
            Patch::Set(extra) => extra_said(extra),
        },
        time_zone: match &said.time_zone {
            Patch::Keep => old.time_zone,
            Patch::Remove => None,
            Patch::Set(zone) => Some(zone.clone()),
        },
    }
}

/// A calendar as answers show it.
pub(super) fn shown(stock: &CalendarStock) -> api::calendar::Calendar {
    let Document { hours, closed, extra, time_zone } = document(&stock.rule);
    let Lengths {
        grid_seconds,
        minimum_seconds,
        maximum_seconds,
        before_seconds,
        after_seconds,
        lead_seconds,
        horizon_seconds,
    } = stock.lengths;
    let (count, resources) = match &stock.places {
        CalendarPlaces::Count(count) => (Some(*count), None),
        CalendarPlaces::Resources(resources) => {
            let names = resources.listed().iter().filter_map(|&number| stock.name(number));
            (None, Some(names.map(ToString::to_string).collect()))
        }
    };
    let hour = |hours::OpeningHours { days, from, to }: hours::OpeningHours| OpeningHours { days, from, to };
    api::calendar::Calendar {
        count,
        resources,
        grid_seconds,
        minimum_seconds: Some(minimum_seconds),
        maximum_seconds,
        before_seconds,
        after_seconds,
        lead_seconds,
        horizon_seconds,
        time_zone: time_zone.unwrap_or_default(),
        hours: hours.map(|hours| hours.into_iter().map(hour).collect()),
        closed: closed.into_iter().map(|days| ClosedDays { from: days.from, to: days.to }).collect(),
        extra: extra.into_iter().map(|extra| ExtraHours { from: extra.from, to: extra.to }).collect(),
    }
}

/// Which range of a calendar is asked for.
pub(super) fn wish(
    errors: &mut FieldErrors,
    asked: &api::booking::CreateBooking,
    calendar: &CalendarStock,
) -> Option<RangeWish> {
    super::seats::check_units(errors, asked);
    let is_pool = matches!(calendar.places, CalendarPlaces::Count(_));
    let most = if is_pool { COUNT_MAX } else { 1 };
    let quantity = asked.quantity.unwrap_or(1);
    errors.within(quantity, (1, most), "/quantity");
    let detail = "must be left out or null: the calendar's places are all alike";
    errors.check(asked.resource.is_none() || !is_pool, "/resource", detail);
    check_resource(errors, asked.resource.as_deref());
    errors.check(asked.from.is_some(), "/from", "must say when the range begins");
    errors.check(asked.to.is_some(), "/to", "must say when the range ends");
    let (from, to) = (timestamp(asked.from?), timestamp(asked.to?));
    errors.check(from < to, "/to", "must be after from");
    Some(RangeWish { from, to, resource: asked.resource.as_deref().map(Into::into), quantity })
}

/// A resource is called by what can be a name.
fn check_resource(errors: &mut FieldErrors, name: Option<&str>) {
    let is_name = name.is_none_or(|name| (1..=NAME_LEN_MAX).contains(&name.chars().count()));
    errors.check(is_name, "/resource", format_args!("must have 1 to {NAME_LEN_MAX} characters"));
}

/// That nothing of a calendar is asked for where there is none.
pub(super) fn check_no_range(errors: &mut FieldErrors, asked: &api::booking::CreateBooking) {
    let said = [
        (asked.from.is_some(), "/from"),
        (asked.to.is_some(), "/to"),
        (asked.resource.is_some(), "/resource"),
    ];
    for (is_said, pointer) in said {
        errors.check(!is_said, pointer, "must be left out: the slot is no calendar");
    }
}

/// How a calendar is during a window, as iCalendar: as far as that is known.
pub(crate) fn free_busy(id: &str, at: Timestamp, window: Range, busy: &BusyView) -> String {
    let known =
        busy.known.and_then(|known| Range::new(window.from().max(known.from()), window.to().min(known.to())));
    let Some(whole) = known.map(interval) else {
        return Report { id, at: time(at), window: None, intervals: &[] }.text();
    };
    let each = |ranges: &[Range]| ranges.iter().copied().map(interval).collect::<Vec<_>>();
    let [open, taken, firmly] = [&busy.open, &busy.taken, &busy.firmly].map(|ranges| each(ranges));
    let kinds = [
        (Kind::Unavailable, less(&[whole], &open)),
        (Kind::Busy, firmly.clone()),
        (Kind::Tentative, less(&taken, &firmly)),
    ];
    let intervals = kinds.into_iter().flat_map(|(kind, some)| some.into_iter().map(move |one| (kind, one)));
    let mut intervals = intervals.collect::<Vec<_>>();
    intervals.sort_unstable_by_key(|&(kind, interval)| (interval, kind));
    Report { id, at: time(at), window: Some(whole), intervals: &intervals }.text()
}

fn interval(range: Range) -> Interval {
    Interval::new(time(range.from()), time(range.to())).expect("a range of the contract lasts")
}

/// To where a booking is to be moved: from when on, until when, and on which resource; none within is any.
type Moved = (Option<Timestamp>, Option<Timestamp>, Option<Option<Box<str>>>);

/// To where a booking is to be moved.
pub(crate) fn moved(asked: &api::calendar::MoveBooking) -> Result<Moved, ProblemResponse> {
    let mut errors = FieldErrors::default();
    if let (Some(from), Some(to)) = (asked.from, asked.to) {
        errors.check(from < to, "/to", "must be after from");
    }
    let resource = match &asked.resource {
        Patch::Keep => None,
        Patch::Remove => Some(None),
        Patch::Set(name) => {
            check_resource(&mut errors, Some(name));
            Some(Some(name.as_str().into()))
        }
    };
    errors.done((asked.from.map(timestamp), asked.to.map(timestamp), resource))
}
