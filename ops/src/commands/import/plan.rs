//! What is to be done so that the slots are as the timetable says: decided before anything is sent.
//!
//! An entry's slot is the one whose id its identity makes ([`SlotIds`]), wherever it is now. Where there is none, it is
//! looked for among the slots that no entry has claimed and whose id this UID makes with another identity: an older
//! build's, or that of another day, where a whole series was moved.

use std::collections::{BTreeMap, BTreeSet};

use api::slot::{Slot, Status};
use api::time::Time;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _, Zoned};
use sha2::{Digest as _, Sha256};

use crate::calendar::{Entry, Identity, Series, Timetable};
use crate::slot_id::SlotIds;

/// A series that was moved by more days than these is another one.
const MOVED_DAYS_MAX: i32 = 7;
/// Moved again and again, its days are looked for so far from where it is.
const SEARCH_DAYS: i32 = 31;
/// And an entry of an older build, which has its start in its key, so far, on every fifth minute.
const SEARCH_MINUTES: i64 = 14 * 24 * 60;
const SEARCH_STEP_MINUTES: usize = 5;
/// No search goes over more days than these.
const SEARCH_DAYS_MAX: usize = 4_000;

/// What is to be done with one slot.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// It is made.
    Make(Wanted),
    /// It becomes what its entry says.
    Change(Wanted, Slot),
    /// It is cancelled, and why.
    Cancel(usize, Slot, &'static str),
}

impl Step {
    /// The line of its entry.
    pub(crate) const fn line(&self) -> usize {
        match self {
            Self::Make(wanted) | Self::Change(wanted, _) => wanted.line,
            Self::Cancel(line, ..) => *line,
        }
    }

    /// What its slot is called.
    pub(crate) fn title(&self) -> &str {
        match self {
            Self::Make(wanted) | Self::Change(wanted, _) => &wanted.title,
            Self::Cancel(_, slot, _) => &slot.title,
        }
    }

    /// When its slot begins, as it is to be.
    pub(crate) const fn starts_at(&self) -> Time {
        match self {
            Self::Make(wanted) | Self::Change(wanted, _) => wanted.starts_at,
            Self::Cancel(_, slot, _) => slot.starts_at,
        }
    }
}

/// A slot as an entry wants it.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// The line of its entry.
    pub(crate) line: usize,
    /// Under which it is made once.
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) starts_at: Time,
    pub(crate) ends_at: Time,
}

/// All that is to be done, and what is not.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) steps: Vec<Step>,
    /// Slots that are as they should be.
    pub(crate) kept: usize,
    /// Entries without a slot, which get none: over, cancelled, or after the last day wanted.
    pub(crate) past: usize,
    pub(crate) cancelled: usize,
    pub(crate) later: usize,
    /// What cannot be done, by line.
    pub(crate) refused: Vec<(usize, String)>,
    /// Slots that have another capacity than new ones get.
    pub(crate) other_capacity: usize,
}

/// What a search among the slots of a UID came to.
struct Found<'e, 'a> {
    pairs: Vec<(&'e Entry, &'a Slot)>,
    /// Entries that have no slot.
    alone: Vec<&'e Entry>,
    /// Slots that no entry wants.
    left: Vec<&'a Slot>,
}

/// What there is, and what of it an entry has claimed.
struct Claims<'a> {
    ids: SlotIds,
    slots: BTreeMap<&'a str, &'a Slot>,
    claimed: BTreeSet<&'a str>,
    now: Timestamp,
    shift_days: i32,
}

impl Plan {
    /// What is to be done with `slots`, the organizer's, so that they are as `timetable` says.
    pub(crate) fn new(
        timetable: &Timetable,
        slots: &[Slot],
        organizer: &str,
        capacity: u32,
        now: Timestamp,
    ) -> Self {
        let mut plan = Self { past: timetable.past, ..Self::default() };
        let mut claims = Claims {
            ids: SlotIds::of(organizer),
            slots: slots.iter().map(|slot| (slot.id.as_str(), slot)).collect(),
            claimed: BTreeSet::new(),
            now,
            shift_days: timetable.shift_days,
        };
        let mut without: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for entry in &timetable.entries {
            match claims.claim(entry) {
                Some(slot) => plan.follow(entry, slot, capacity, now),
                None => without.entry(&entry.identity.uid).or_default().push(entry),
            }
        }
        for (uid, series) in &timetable.series {
            let entries = without.remove(uid.as_str()).unwrap_or_default();
            if entries.is_empty() && !series.is_recurring {
                continue;
            }
            let found = claims.search(uid, series, entries);
            for (entry, slot) in found.pairs {
                plan.follow(entry, slot, capacity, now);
            }
            for entry in found.alone {
                plan.make(entry, timetable.end, now);
            }
            let gone = found.left.into_iter().filter(|slot| series.has_lost(slot));
            let why = "its series has this date no more";
            plan.steps.extend(gone.map(|slot| Step::Cancel(series.line, slot.clone(), why)));
        }
        plan.steps.sort_by_key(|step| (step.line(), step.starts_at()));
        plan
    }

    /// What changes, and whom it may concern: those who have booked.
    pub(crate) fn changes(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| !matches!(step, Step::Make(_)))
    }

    /// An entry that has a slot.
    fn follow(&mut self, entry: &Entry, slot: &Slot, capacity: u32, now: Timestamp) {
        let begun = slot.starts_at.as_ms() <= ms(now);
        let refuse = |why: &str| (entry.line, format!("{}: {why} (its slot is {})", entry.title, slot.id));
        match (slot.status, entry.takes_place().map(|(start, _)| start.timestamp())) {
            (Status::Cancelled, None) => self.kept += 1,
            (Status::Cancelled, Some(start)) if start <= now => self.past += 1,
            (Status::Cancelled, Some(_)) => {
                self.refused.push(refuse("its slot was cancelled and stays so; a new UID makes a new one"));
            }
            (Status::Faulted, _) => self.refused.push(refuse("its slot is faulted: see boxctl slot inspect")),
            (_, None) if begun => self.past += 1,
            (_, None) => self.steps.push(Step::Cancel(entry.line, slot.clone(), "it is cancelled")),
            (_, Some(start)) if start <= now && begun => self.past += 1,
            (_, Some(start)) if start <= now => {
                self.refused.push(refuse("it was moved into the past, and is left as it is"));
            }
            (_, Some(_)) if begun => {
                self.refused.push(refuse("it has begun, and cannot be moved to come again"));
            }
            (_, Some(_)) => {
                self.other_capacity += usize::from(slot.inventory.units.capacity != capacity);
                let Some(wanted) = Wanted::of(entry) else { return };
                let is_so = (&slot.title, slot.starts_at, slot.ends_at)
                    == (&wanted.title, wanted.starts_at, wanted.ends_at);
                if is_so {
                    self.kept += 1;
                } else {
                    self.steps.push(Step::Change(wanted, slot.clone()));
                }
            }
        }
    }

    /// An entry that has no slot.
    fn make(&mut self, entry: &Entry, end: Option<Timestamp>, now: Timestamp) {
        match (entry.takes_place(), Wanted::of(entry)) {
            (Some((start, _)), _) if start.timestamp() <= now => self.past += 1,
            (Some((start, _)), _) if end.is_some_and(|end| start.timestamp() >= end) => self.later += 1,
            (_, Some(wanted)) => self.steps.push(Step::Make(wanted)),
            (_, None) => self.cancelled += 1,
        }
    }
}

impl Wanted {
    /// The slot of an entry that takes place.
    fn of(entry: &Entry) -> Option<Self> {
        let (start, end) = entry.takes_place()?;
        Some(Self {
            line: entry.line,
            key: key(&entry.identity),
            title: entry.title.clone(),
            starts_at: time(start),
            ends_at: time(end),
        })
    }
}

impl<'a> Claims<'a> {
    /// The slot that an entry's identity makes, or made.
    fn claim(&mut self, entry: &Entry) -> Option<&'a Slot> {
        let found = std::iter::once(&entry.identity)
            .chain(&entry.also)
            .find_map(|identity| self.unclaimed(identity))?;
        self.claimed.insert(&found.id);
        Some(found)
    }

    fn unclaimed(&self, identity: &Identity) -> Option<&'a Slot> {
        let slot = self.slots.get(self.ids.made_with(&key(identity)).as_str())?;
        (!self.claimed.contains(slot.id.as_str())).then_some(slot)
    }

    /// Whether a slot could still be moved or cancelled.
    fn is_to_come(&self, slot: &Slot) -> bool {
        slot.starts_at.as_ms() > ms(self.now)
            && matches!(slot.status, Status::Scheduled | Status::OnSale | Status::Closed)
    }

    /// Looks for the slots of entries that have none: pairs, entries that remain, and slots of this UID that remain.
    fn search<'e>(&mut self, uid: &str, series: &Series, entries: Vec<&'e Entry>) -> Found<'e, 'a> {
        let mut left = self.traces(uid, series, &entries);
        let mut pairs = Vec::new();
        let mut alone = Vec::new();
        for entry in entries {
            let starts_at = entry.time.as_ref().map(|(start, _)| time(start));
            let same = left.iter().position(|(slot, _)| Some(slot.starts_at) == starts_at);
            match same.map(|at| left.remove(at).0).or_else(|| self.older_builds(entry)) {
                Some(slot) => pairs.push((entry, slot)),
                None => alone.push(entry),
            }
        }
        let to_come: Vec<usize> = (0..alone.len()).filter(|at| self.takes_place(alone[*at])).collect();
        // As many dates as there were, each near its own: the series was moved as a whole.
        let near =
            |(at, (slot, day)): (&usize, &(&Slot, Date))| is_near(alone[*at], slot, *day, self.shift_days);
        if !to_come.is_empty() && to_come.len() == left.len() && to_come.iter().zip(&left).all(near) {
            pairs.extend(to_come.iter().zip(&left).map(|(at, (slot, _))| (alone[*at], *slot)));
            alone = (0..alone.len()).filter(|at| !to_come.contains(at)).map(|at| alone[at]).collect();
            left.clear();
        }
        self.claimed.extend(pairs.iter().map(|(_, slot)| slot.id.as_str()));
        Found { pairs, alone, left: left.into_iter().map(|(slot, _)| slot).collect() }
    }

    fn takes_place(&self, entry: &Entry) -> bool {
        entry.takes_place().is_some_and(|(start, _)| start.timestamp() > self.now)
    }

    /// The slots to come that this UID made on any day, in order of their start, each with its day. What is no series is
    /// looked for around its entries only.
    fn traces(&self, uid: &str, series: &Series, entries: &[&Entry]) -> Vec<(&'a Slot, Date)> {
        let mut days: Vec<Date> = if series.is_recurring {
            self.free().map(|slot| self.day(at(slot.starts_at))).collect()
        } else {
            let starts = entries.iter().filter_map(|entry| entry.time.as_ref());
            starts.map(|(start, _)| self.day(start.timestamp())).collect()
        };
        days.sort_unstable();
        let (Some(first), Some(last), true) = (days.first(), days.last(), self.free().next().is_some())
        else {
            return Vec::new();
        };
        let last = last.saturating_add(SEARCH_DAYS.days());
        let days = first.saturating_sub(SEARCH_DAYS.days()).series(1.day()).take_while(|day| *day <= last);
        let mut found = Vec::new();
        for date in days.take(SEARCH_DAYS_MAX).filter(|day| !series.held.contains(day)) {
            let places = (1..=series.places).map(|place| Identity::of_day(uid, date, place));
            let slots = places.filter_map(|identity| self.unclaimed(&identity));
            found.extend(slots.filter(|slot| self.is_to_come(slot)).map(|slot| (slot, date)));
        }
        let alone = self.unclaimed(&Identity::new(uid, "")).filter(|slot| self.is_to_come(slot));
        found.extend(alone.map(|slot| (slot, self.day(at(slot.starts_at)))));
        found.sort_by_key(|(slot, _)| slot.starts_at);
        found
    }

    /// The slots to come that no entry has claimed.
    fn free(&self) -> impl Iterator<Item = &'a Slot> {
        let free = self.slots.values().filter(|slot| !self.claimed.contains(slot.id.as_str()));
        free.copied().filter(|slot| self.is_to_come(slot))
    }

    /// The day of an instant, as it was before the shift: near enough for a search.
    fn day(&self, at: Timestamp) -> Date {
        at.to_zoned(TimeZone::UTC).date().saturating_sub(self.shift_days.days())
    }

    /// The slot of an older build, whose key has the start as it was when the slot was made.
    fn older_builds(&self, entry: &Entry) -> Option<&'a Slot> {
        let (start, _) = entry.time.as_ref()?;
        let written = entry.also.iter().find(|identity| identity.which.contains('T'))?;
        if !self.free().any(|slot| slot.title == entry.title) {
            return None;
        }
        let start = start.checked_sub(self.shift_days.days()).ok()?;
        let minutes = |minutes| start.timestamp().checked_add(SignedDuration::from_mins(minutes)).ok();
        let searched = (-SEARCH_MINUTES..SEARCH_MINUTES).step_by(SEARCH_STEP_MINUTES).filter_map(minutes);
        // Where it is now it was made, if it was never moved.
        let near = SignedDuration::from_hours(24 * i64::from(SEARCH_DAYS));
        let unmoved = self.free().map(|slot| at(slot.starts_at));
        let unmoved = unmoved.filter(|at| at.duration_since(start.timestamp()).abs() <= near);
        unmoved.chain(searched).find_map(|at| {
            let which = if written.which.ends_with('Z') {
                at.strftime("%Y%m%dT%H%M%SZ").to_string()
            } else {
                at.to_zoned(start.time_zone().clone()).strftime("%Y%m%dT%H%M%S").to_string()
            };
            self.unclaimed(&Identity::new(&entry.identity.uid, &which)).filter(|slot| self.is_to_come(slot))
        })
    }
}

impl Series {
    /// Whether a slot that this series made, and that none of its entries wants, is to go: only where a rule says that there are no
    /// other dates, and as far as it was asked.
    fn has_lost(&self, slot: &Slot) -> bool {
        self.is_recurring && self.end.is_none_or(|end| slot.starts_at.as_ms() < ms(end))
    }
}

/// Whether a slot may have become this entry, and can be found again when it has.
fn is_near(entry: &Entry, slot: &Slot, day: Date, shift_days: i32) -> bool {
    let Some((start, _)) = entry.takes_place() else { return false };
    let days = |from: Date, to: Date| (to - from).get_days().abs();
    let moved = start.timestamp().duration_since(at(slot.starts_at)).abs();
    moved <= SignedDuration::from_hours(24 * i64::from(MOVED_DAYS_MAX))
        && days(day, start.date().saturating_sub(shift_days.days())) < SEARCH_DAYS
}

fn time(at: &Zoned) -> Time {
    Time::from_ms(ms(at.timestamp()))
}

/// What is to come is after 1970; what is not is over, and before everything.
fn ms(at: Timestamp) -> u64 {
    u64::try_from(at.as_millisecond()).unwrap_or(0)
}

fn at(time: Time) -> Timestamp {
    let ms = i64::try_from(time.as_ms()).expect("no time is beyond the maximum");
    Timestamp::from_millisecond(ms).expect("jiff knows the maximum")
}

/// 47 visible ASCII characters. A line feed cannot be part of a UID, so no two identities run together.
pub(crate) fn key(identity: &Identity) -> String {
    format!("ics-{}", hash(&format!("{}\n{}", identity.uid, identity.which)))
}

/// A text as 43 visible ASCII characters.
pub(crate) fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}
