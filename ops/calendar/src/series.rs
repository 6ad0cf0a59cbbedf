//! All that a file says under one UID becomes entries: one, or those of a series.
//!
//! Which of a series an entry is, is the day on which it was to begin (`RECURRENCE-ID`), and its place on that day. That
//! stays when it is moved, and when the whole series is moved to another time of day.

use std::collections::btree_map;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, ToSpan as _, Zoned};

use crate::event::{self, Broken, Event, Length};
use crate::rule::Rule;
use crate::time::{Form, Moment, Until};
use crate::written;
use crate::{Entry, Fault, Identity, Series, Timetable};

/// A series has no more dates than these, counted from its first.
const DATES_MAX: usize = 100_000;
/// And no more to come than these.
const DATES_TO_COME_MAX: usize = 2_000;

/// Of which times a series is told.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    /// What begins by then is over.
    pub(crate) now: Timestamp,
    /// The last day that is wanted, where a series takes place; none: a year of what has no end.
    pub(crate) until: Option<Date>,
}

impl Window {
    /// Whether this is after the last day wanted.
    fn is_later(&self, at: &Zoned, home: &TimeZone) -> bool {
        self.until.is_some_and(|until| at.with_time_zone(home.clone()).date() > until)
    }

    /// The end of the last day wanted.
    fn end(&self, home: &TimeZone) -> Option<Timestamp> {
        Some(self.until?.tomorrow().ok()?.to_zoned(home.clone()).ok()?.timestamp())
    }
}

/// All that a file says under one UID.
#[derive(Default)]
pub(crate) struct Group {
    pub(crate) events: Vec<Event>,
    pub(crate) broken: Vec<Broken>,
}

/// A date of a series.
struct Dated<'a> {
    original: Zoned,
    /// Its place among those of its day, from 1.
    place: usize,
    /// The event whose date it is, and how long it lasts; none if only a word is said of it.
    plain: Option<(&'a Event, Length)>,
    /// Whether the series leaves it out.
    is_excepted: bool,
    /// What the file says of this date alone.
    word: Option<&'a Event>,
}

impl Group {
    /// Puts what is said under `uid` into the timetable.
    pub(crate) fn tell(self, uid: &str, window: Window, timetable: &mut Timetable) {
        let recurs = self.events.iter().any(|event| !event.recurrence.is_none());
        let is_unsure = self.broken.iter().any(|broken| {
            // Which date is meant, or what the series is now, cannot be read.
            if broken.is_of_series { broken.original.is_none() } else { recurs }
        });
        let held = self.broken.iter().filter_map(|broken| Some(broken.original.as_ref()?.at.date()));
        let held: BTreeSet<Date> = held.collect();
        timetable.problems.extend(self.broken.into_iter().map(|broken| broken.fault));
        if is_unsure {
            return;
        }
        let (events, words): (Vec<_>, Vec<_>) =
            self.events.into_iter().partition(|event| event.name.original.is_none());
        let events = newest(events, timetable);
        let words = newest_words(words);
        let line = events.iter().chain(&words).map(|event| event.line).min().unwrap_or(1);
        let homes = events.iter().filter_map(|event| Some(&event.time.as_ref()?.0.home));
        let end = homes.filter_map(|home| window.end(home)).min();
        let is_told = !events.is_empty();
        let mut series = Series { line, is_told, is_recurring: false, end, held, places: 1 };
        if let ([event], true, true) = (&events[..], words.is_empty(), series.held.is_empty())
            && event.recurrence.is_none()
        {
            timetable.entries.push(alone(uid, event, window));
        } else {
            series.is_recurring = events.iter().any(|event| !event.recurrence.is_none());
            if window.until.is_none()
                && events.iter().any(|event| event.recurrence.rules.iter().any(Rule::is_endless))
            {
                // What is in its last week may have moved beyond the year: a later run will see.
                let year = events.iter().filter_map(|event| year_from(event, window)).min();
                series.end = year.and_then(|year| year.checked_sub(SignedDuration::from_hours(7 * 24)).ok());
            }
            match dates(&events, &words, window) {
                Ok(dates) => {
                    timetable.dates += dates.len();
                    series.places = dates.iter().map(|date| date.place).max().unwrap_or(1);
                    entries(uid, &dates, &series.held, window, timetable);
                }
                Err(fault) => {
                    timetable.dates += DATES_MAX;
                    return timetable.problems.push(fault);
                }
            }
        }
        timetable.series.insert(uid.to_owned(), series);
    }
}

/// The newest word on each: a newer `SEQUENCE` wins, and of one start the newer `DTSTAMP`. Where dates of one `SEQUENCE`
/// share a UID, it is the program's way to write a series, and each is an entry.
fn newest(events: Vec<Event>, timetable: &mut Timetable) -> Vec<Event> {
    let mut starts: BTreeMap<u64, BTreeSet<Option<Timestamp>>> = BTreeMap::new();
    for event in &events {
        starts.entry(event.version.0).or_default().insert(start(event));
    }
    let are_dates = starts.values().any(|starts| starts.len() > 1);
    let newest = starts.keys().next_back().copied().unwrap_or(0);
    let mut kept: BTreeMap<Option<Timestamp>, Event> = BTreeMap::new();
    for event in events {
        if event.version.0 < newest && !are_dates {
            timetable
                .warnings
                .push(Fault::new(event.line, "this is an older SEQUENCE of an entry; the newer wins"));
            continue;
        }
        match kept.entry(start(&event)) {
            btree_map::Entry::Vacant(place) => drop(place.insert(event)),
            btree_map::Entry::Occupied(mut other) if other.get().version < event.version => {
                other.insert(event);
            }
            btree_map::Entry::Occupied(other) => {
                let (earlier, end) = (other.get(), |event: &Event| {
                    event.time.as_ref().and_then(|(start, length)| length.after(&start.at))
                });
                if earlier.version == event.version
                    && (&earlier.title, end(earlier)) != (&event.title, end(&event))
                {
                    let problem =
                        format!("this entry has the UID and the start of the one on line {}", earlier.line);
                    timetable.problems.push(Fault::new(event.line, problem));
                }
            }
        }
    }
    kept.into_values().collect()
}

fn start(event: &Event) -> Option<Timestamp> {
    event.time.as_ref().map(|(start, _)| start.at.timestamp())
}

/// The newest word on each date.
fn newest_words(words: Vec<Event>) -> Vec<Event> {
    let mut kept: BTreeMap<Timestamp, Event> = BTreeMap::new();
    for word in words {
        let Some(original) = &word.name.original else { continue };
        match kept.entry(original.at.timestamp()) {
            btree_map::Entry::Vacant(place) => drop(place.insert(word)),
            btree_map::Entry::Occupied(mut other) if other.get().version <= word.version => {
                other.insert(word);
            }
            btree_map::Entry::Occupied(_) => {}
        }
    }
    kept.into_values().collect()
}

/// An entry that is no series: its UID says all.
fn alone(uid: &str, event: &Event, window: Window) -> Entry {
    let time = event.time.as_ref();
    Entry {
        line: event.line,
        identity: Identity::new(uid, ""),
        also: time.map(|(start, _)| Identity::new(uid, &start.written)).into_iter().collect(),
        title: event.title.clone(),
        time: time.and_then(|(start, length)| span(start.at.clone(), *length)),
        is_cancelled: event.is_cancelled,
        original: None,
        is_later: time.is_some_and(|(start, _)| window.is_later(&start.at, &start.home)),
    }
}

fn span(start: Zoned, length: Length) -> Option<(Zoned, Zoned)> {
    let end = length.after(&start)?;
    Some((start, end))
}

/// A year of a series that has no end, from now or from its first date.
fn year_from(event: &Event, window: Window) -> Option<Timestamp> {
    let from = start(event)?.max(window.now);
    from.checked_add(SignedDuration::from_hours(366 * 24)).ok()
}

/// All dates under one UID, in order, with what is said of each.
fn dates<'a>(events: &'a [Event], words: &'a [Event], window: Window) -> Result<Vec<Dated<'a>>, Fault> {
    let mut all: BTreeMap<Timestamp, Dated<'a>> = BTreeMap::new();
    for event in events {
        for (at, date) in dates_of(event, window)? {
            all.entry(at).or_insert(date);
        }
    }
    let mut dates: Vec<Dated<'a>> = all.into_values().collect();
    let mut places: BTreeMap<Date, usize> = BTreeMap::new();
    let mut next_place = |day: Date| {
        let place = places.entry(day).or_default();
        *place += 1;
        *place
    };
    for date in &mut dates {
        date.place = next_place(date.original.date());
    }
    for word in words {
        let Some(original) = &word.name.original else { continue };
        if let Some(place) = place_of(&dates, original) {
            dates[place].word = Some(word);
        } else {
            let zone = events.first().and_then(|event| Some(event.time.as_ref()?.0.at.time_zone().clone()));
            let is_fixed = original.form == Form::Fixed;
            let at = original.at.clone();
            let original =
                zone.filter(|_| is_fixed).map_or_else(|| at.clone(), |zone| at.with_time_zone(zone));
            let place = next_place(original.date());
            dates.push(Dated { original, place, plain: None, is_excepted: false, word: Some(word) });
        }
    }
    dates.sort_by_key(|date| date.original.timestamp());
    Ok(dates)
}

/// Which date a word is about: of this instant, or where a program names it otherwise, of this time or day on the wall.
fn place_of(dates: &[Dated<'_>], original: &Moment) -> Option<usize> {
    let at = |date: &Dated<'_>| date.original.timestamp() == original.at.timestamp();
    let wall_clock = |date: &Dated<'_>| date.original.datetime() == original.at.datetime();
    let day = |date: &Dated<'_>| date.original.date() == original.at.date();
    let wall_clock = || dates.iter().position(wall_clock).filter(|_| original.form == Form::Floating);
    let day = || dates.iter().position(day).filter(|_| original.form == Form::Date);
    dates.iter().position(at).or_else(wall_clock).or_else(day)
}

/// The dates of one event: its start, its rules' and those it names, less those it excepts.
fn dates_of(event: &Event, window: Window) -> Result<BTreeMap<Timestamp, Dated<'_>>, Fault> {
    let Some((start, length)) = &event.time else { return Ok(BTreeMap::new()) };
    let one = |original, length| Dated {
        original,
        place: 0,
        plain: Some((event, length)),
        is_excepted: false,
        word: None,
    };
    let mut dates = BTreeMap::from([(start.at.timestamp(), one(start.at.clone(), *length))]);
    let mut to_come = usize::from(start.at.timestamp() > window.now);
    let mut add = |at: Zoned, length| {
        if dates.insert(at.timestamp(), one(at.clone(), length)).is_none() {
            to_come += usize::from(at.timestamp() > window.now);
        }
        let too_many = |count, when| {
            Err(Fault::new(
                event.line,
                format!("the series that begins here has more than {count} dates{when}"),
            ))
        };
        match (dates.len() > DATES_MAX, to_come > DATES_TO_COME_MAX) {
            (true, _) => too_many(DATES_MAX, ""),
            (_, true) => too_many(DATES_TO_COME_MAX, " to come; give --until DATE, or the rule an end"),
            (false, false) => Ok(()),
        }
    };
    let recurrence = &event.recurrence;
    for rule in &recurrence.rules {
        let year = year_from(event, window).filter(|_| rule.is_endless());
        let end = if window.until.is_some() { None } else { year };
        let is_wanted =
            |at: &Zoned| !window.is_later(at, &start.home) && end.is_none_or(|end| at.timestamp() < end);
        for at in wall_clocks(rule, start).take_while(is_wanted) {
            add(at, *length)?;
        }
    }
    for (date, until) in &recurrence.dates {
        // A day is a date of a series of times too, at the same time.
        let at = same_kind(start, date);
        let length = match until {
            None => *length,
            Some(Until::At(end)) => event::between(date, end),
            Some(Until::After(span)) => Length::Nominal(*span),
        };
        if length.after(&at).is_some_and(|end| end > at) {
            add(at, length)?;
        }
    }
    except(&mut dates, event, start);
    Ok(dates)
}

/// The times of a rule, in the zone of the series.
fn wall_clocks<'a>(rule: &'a Rule, start: &'a Moment) -> impl Iterator<Item = Zoned> + 'a {
    rule.times().map_while(|time| time.to_zoned(start.at.time_zone().clone()).ok())
}

fn same_kind(start: &Moment, date: &Moment) -> Zoned {
    if date.form == Form::Date && start.form != Form::Date {
        let at = date.at.date().to_datetime(start.at.time()).to_zoned(start.at.time_zone().clone());
        return at.unwrap_or_else(|_out_of_range| date.at.clone());
    }
    date.at.with_time_zone(start.at.time_zone().clone())
}

/// Leaves out what an event excepts: instants, or all of a day.
fn except(dates: &mut BTreeMap<Timestamp, Dated<'_>>, event: &Event, start: &Moment) {
    let last = dates.keys().next_back().copied();
    for rule in &event.recurrence.rules_against {
        let against = wall_clocks(rule, start).map(|at| at.timestamp()).take(DATES_MAX);
        for at in against.take_while(|at| last.is_some_and(|last| *at <= last)) {
            if let Some(date) = dates.get_mut(&at) {
                date.is_excepted = true;
            }
        }
    }
    for against in &event.recurrence.dates_against {
        let is_day = against.form == Form::Date && start.form != Form::Date;
        let is_floating = against.form == Form::Floating && start.form == Form::Fixed;
        for (at, date) in dates.iter_mut() {
            date.is_excepted |= *at == against.at.timestamp()
                || (is_day && date.original.date() == against.at.date())
                || (is_floating && date.original.datetime() == against.at.datetime());
        }
    }
}

/// The entries of a series: those that are over are counted.
fn entries(uid: &str, dates: &[Dated<'_>], held: &BTreeSet<Date>, window: Window, timetable: &mut Timetable) {
    // From a date on all may be otherwise, by so much on the wall clock.
    let mut since: Option<(&Event, Span)> = None;
    let mut is_first = true;
    for date in dates.iter().filter(|date| !held.contains(&date.original.date())) {
        let said = match (date.word, date.plain, since) {
            (Some(word), ..) => {
                Some((word, word.time.as_ref().map(|(start, length)| (start.at.clone(), *length))))
            }
            (None, ..) if date.is_excepted => None,
            (None, Some((_, length)), Some((word, shift))) => {
                let zone = date.original.time_zone().clone();
                let start =
                    date.original.datetime().checked_add(shift).ok().and_then(|at| at.to_zoned(zone).ok());
                let length = word.time.as_ref().map_or(length, |(_, length)| *length);
                Some((word, start.map(|start| (start, length))))
            }
            (None, Some((event, length)), None) => Some((event, Some((date.original.clone(), length)))),
            (None, None, _) => None,
        };
        let Some((event, time)) = said else { continue };
        if let Some(word) = date.word.filter(|word| word.name.is_for_the_future) {
            let start = word.time.as_ref().map_or(&date.original, |(start, _)| &start.at);
            since = Some((word, wall_clock_between(&date.original, start)));
        }
        let is_over = |(start, _): &(Zoned, Length)| start.timestamp() <= window.now;
        if date.word.is_none() && time.as_ref().is_none_or(is_over) {
            timetable.past += usize::from(!event.is_cancelled);
            is_first = false;
            continue;
        }
        let mut also = Vec::new();
        if let Some((start, _)) = event.time.as_ref().filter(|_| event.recurrence.is_none()) {
            also.push(Identity::new(uid, &start.written));
        }
        if std::mem::take(&mut is_first) {
            // Before it was a series, it was an entry alone.
            also.push(Identity::new(uid, ""));
        }
        let home = event.time.as_ref().map(|(start, _)| &start.home);
        let is_later = |(start, _): &(Zoned, Length)| home.is_some_and(|home| window.is_later(start, home));
        timetable.entries.push(Entry {
            line: event.line,
            is_later: time.as_ref().is_some_and(is_later),
            original: (date.word.is_some() || since.is_some()).then(|| date.original.clone()),
            identity: Identity::of_day(uid, date.original.date(), date.place),
            also,
            title: event.title.clone(),
            time: time.and_then(|(start, length)| span(start, length)),
            is_cancelled: event.is_cancelled,
        });
    }
}

fn wall_clock_between(original: &Zoned, start: &Zoned) -> Span {
    let between = original.datetime().until(start.datetime());
    between.unwrap_or_else(|_out_of_range| 0.days())
}

impl Identity {
    pub fn new(uid: &str, which: &str) -> Self {
        Self { uid: uid.to_owned(), which: which.to_owned() }
    }

    /// The day on which it was to begin, where it is one of a series, and its place on that day.
    pub fn day(&self) -> Option<(Date, usize)> {
        let (day, place) = self.which.split_once('.').unwrap_or((&self.which, "1"));
        let day = written::written(day).filter(|day| day.is_date)?;
        Some((day.civil.date(), place.parse().ok()?))
    }

    /// The one that was to begin on this day, of those of the day the first, the second …
    pub fn of_day(uid: &str, day: Date, place: usize) -> Self {
        let day = written::day(day);
        let which = if place > 1 { format!("{day}.{place}") } else { day };
        Self { uid: uid.to_owned(), which }
    }
}
