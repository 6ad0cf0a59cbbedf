//! Time zones: the file's own first, by whatever name, then those of the tz database and of Windows.
//!
//! A `VTIMEZONE` becomes the table of its changes of clocks (`TZif`, RFC 9636), which jiff reads as it reads the database's.
//! Where the file says only what was, and its name is known, the database says what comes after.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use windows_timezones::WindowsTimezone;

use crate::Fault;
use crate::component::Component;
use crate::line::Line;
use crate::rule::Rule;
use crate::written;

/// Changes of clocks are told from this year on; programs say 1601 for "always".
const YEAR_FIRST: i16 = 1970;
/// And up to this one: rules may go on for ever.
const YEAR_LAST: i16 = 2100;
/// More changes than a zone has in these years.
const ONSETS_MAX: usize = 2_000;
/// More zones than a calendar needs.
const ZONES_MAX: usize = 1_000;

/// The zones of a calendar.
#[derive(Debug)]
pub(crate) struct Zones {
    /// Where times are that name no zone.
    pub(crate) floating: TimeZone,
    own: BTreeMap<String, Result<TimeZone, Fault>>,
}

/// Clocks change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Onset {
    at: Timestamp,
    from: Offset,
    to: Offset,
}

/// What a `STANDARD` or a `DAYLIGHT` says.
struct Observance {
    onsets: Vec<Onset>,
    /// Whether it goes on for ever.
    is_endless: bool,
}

impl Zones {
    /// The zones of a calendar in which times that name none are in a zone that is given, or in the calendar's own, or in UTC.
    pub(crate) fn of(calendar: &Component, floating: Option<&TimeZone>) -> Self {
        let own = || known(calendar.all("X-WR-TIMEZONE").next()?.value.trim());
        Self::read(calendar, floating.cloned().or_else(own).unwrap_or(TimeZone::UTC))
    }

    /// The zones that a calendar defines. One that cannot be read is at fault only where it is needed.
    fn read(calendar: &Component, floating: TimeZone) -> Self {
        let zones = calendar.inner.iter().filter(|inner| inner.name == "VTIMEZONE").take(ZONES_MAX);
        let named = zones.filter_map(|zone| {
            let name = zone.all("TZID").next()?.value.trim().to_owned();
            let made = defined(zone, &name).transpose()?;
            Some((name, made))
        });
        Self { floating, own: named.collect() }
    }

    /// The zone that `line` calls `name`.
    pub(crate) fn get(&self, line: &Line, name: &str) -> Result<TimeZone, Fault> {
        let name = name.trim();
        let wanted = "it is neither defined here, nor a name such as Europe/London, nor one of Windows'";
        match (self.own.get(name).cloned(), known(name)) {
            (Some(Ok(zone)), _) | (None | Some(Err(_)), Some(zone)) => Ok(zone),
            (Some(Err(fault)), None) => Err(fault),
            (None, None) => Err(line.fault(format!("the time zone {name:?} is not known: {wanted}"))),
        }
    }
}

/// A zone that everyone knows by this name: the tz database's, Windows', or behind a vendor's path.
pub(crate) fn known(name: &str) -> Option<TimeZone> {
    let database = TimeZoneDatabase::bundled();
    let windows = || database.get(name.parse::<WindowsTimezone>().ok()?.tzdb_id()).ok();
    let vendors = || {
        // /freeassociation.sourceforge.net/America/Argentina/Salta: the longest end that is a name.
        let ends = name.char_indices().filter(|(_, char)| *char == '/').map(|(at, _)| &name[at + 1..]);
        ends.filter(|end| end.contains('/')).find_map(|end| database.get(end).ok())
    };
    database.get(name).ok().or_else(windows).or_else(vendors)
}

/// The zone that a `VTIMEZONE` defines; none if it says nothing.
fn defined(zone: &Component, name: &str) -> Result<Option<TimeZone>, Fault> {
    if let Some(fault) = zone.is_broken() {
        return Err(fault.clone());
    }
    let observances =
        zone.inner.iter().filter(|inner| matches!(inner.name.as_str(), "STANDARD" | "DAYLIGHT"));
    let observances: Vec<Observance> = observances.map(observance).collect::<Result<_, _>>()?;
    let mut onsets: Vec<Onset> =
        observances.iter().flat_map(|observance| &observance.onsets).copied().collect();
    onsets.sort_unstable();
    onsets.dedup_by_key(|onset| onset.at);
    let Some(last) = onsets.last().copied() else { return Ok(None) };
    let is_fixed = onsets.iter().all(|onset| onset.from == onset.to);
    if !is_fixed && observances.iter().all(|observance| !observance.is_endless) {
        let location = zone.all("X-LIC-LOCATION").next().and_then(|line| known(line.value.trim()));
        if let Some(known) = known(name).or(location) {
            onsets.extend(after(&known, last));
        }
    }
    if onsets.len() > ONSETS_MAX {
        return Err(Fault::new(
            zone.line,
            format!("the time zone {name:?} has more than {ONSETS_MAX} changes"),
        ));
    }
    let bad = |why: String| Fault::new(zone.line, format!("the time zone {name:?} cannot be read: {why}"));
    let table = tzif(&onsets).ok_or_else(|| bad("it has more than 256 offsets".to_owned()))?;
    TimeZone::tzif(name, &table).map(Some).map_err(|error| bad(error.to_string()))
}

/// What a known zone does once the file says no more.
fn after(known: &TimeZone, last: Onset) -> Vec<Onset> {
    let mut from = last.to;
    let changes = known.following(last.at).take_while(|change| year(change.timestamp()) <= YEAR_LAST);
    let changes = changes.map(|change| {
        let onset = Onset { at: change.timestamp(), from, to: change.offset() };
        from = onset.to;
        onset
    });
    changes.collect()
}

fn year(at: Timestamp) -> i16 {
    Offset::UTC.to_datetime(at).year()
}

fn observance(component: &Component) -> Result<Observance, Fault> {
    let required = |name: &str| {
        let missing =
            || Fault::new(component.line, format!("the {} that begins here has no {name}", component.name));
        component.single(name)?.ok_or_else(missing)
    };
    let (from, to) = (offset(required("TZOFFSETFROM")?)?, offset(required("TZOFFSETTO")?)?);
    let start = required("DTSTART")?;
    let wall_clock = |line: &Line, text: &str| {
        let bad = || line.fault(format!("{text:?} is no time; it must look like 20270328T020000"));
        written::written(text.trim()).map(|written| written.civil).ok_or_else(bad)
    };
    let start_at = wall_clock(start, &start.value)?;
    let zone = TimeZone::fixed(from);
    let rules = component.all("RRULE").map(|line| Rule::read(line, start_at, &zone));
    let rules: Vec<Rule> = rules.collect::<Result<_, _>>()?;
    let mut times = vec![start_at];
    for rule in &rules {
        let years = rule.times().take_while(|time| time.year() <= YEAR_LAST);
        times.extend(years.filter(|time| time.year() >= YEAR_FIRST).take(ONSETS_MAX));
    }
    for line in component.all("RDATE") {
        for text in line.value.split(',') {
            times.push(wall_clock(line, text.split('/').next().unwrap_or(text))?);
        }
    }
    let onset = |time| from.to_timestamp(time).ok().map(|at| Onset { at, from, to });
    Ok(Observance {
        onsets: times.into_iter().filter_map(onset).collect(),
        is_endless: rules.iter().any(Rule::is_endless),
    })
}

/// `+HHMM`, `-HHMM` or the same with seconds.
fn offset(line: &Line) -> Result<Offset, Fault> {
    let text = line.value.trim();
    let read = || {
        let (sign, digits) = match text.as_bytes().first()? {
            b'+' => (1, &text[1..]),
            b'-' => (-1, &text[1..]),
            _ => return None,
        };
        let digits = if digits.len() == 4 { [digits, "00"].concat() } else { digits.to_owned() };
        let [hours, minutes, seconds] = written::digits(&digits, [2, 2, 2])?.map(i32::from);
        Offset::from_seconds(sign * (hours * 3_600 + minutes * 60 + seconds)).ok()
    };
    read().ok_or_else(|| line.fault(format!("{text:?} is no offset; it must look like +0100")))
}

/// A table of changes as RFC 9636 writes it: an empty block for readers of 32 bits, then one of 64 bits, and no rule behind
/// it. Before the first change it is as that change says that it was.
/// None if there are more offsets than it can number.
fn tzif(onsets: &[Onset]) -> Option<Vec<u8>> {
    let mut types: Vec<Offset> = onsets.first().map(|first| first.from).into_iter().collect();
    let mut indices: Vec<u8> = Vec::with_capacity(onsets.len());
    for onset in onsets {
        let known = types.iter().position(|offset| *offset == onset.to);
        let index = known.unwrap_or_else(|| {
            types.push(onset.to);
            types.len() - 1
        });
        indices.push(u8::try_from(index).ok()?);
    }
    let mut bytes = header(0, 1);
    bytes.extend([0; 7]);
    bytes.extend(header(onsets.len(), types.len()));
    bytes.extend(onsets.iter().flat_map(|onset| onset.at.as_second().to_be_bytes()));
    bytes.extend(indices);
    for offset in &types {
        bytes.extend(offset.seconds().to_be_bytes());
        bytes.extend([0, 0]); // no summer time in particular, and the one name
    }
    bytes.extend(*b"\0\n\n");
    Some(bytes)
}

fn header(changes: usize, types: usize) -> Vec<u8> {
    let mut bytes = b"TZif2".to_vec();
    bytes.extend([0; 15]);
    for count in [0, 0, 0, changes, types, 1] {
        bytes.extend(u32::try_from(count).expect("a zone has few changes").to_be_bytes());
    }
    bytes
}
