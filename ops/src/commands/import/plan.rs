//! What is to be done so that the slots are as the timetable says: decided before anything is sent.
//!
//! Which slot is an entry's, [`pair`](crate::commands::import::pair) says; here is what becomes of it. Of a UID of which one
//! entry is in doubt nothing is cancelled: the slot that is left may be that entry's.

use std::collections::BTreeMap;

use api::slot::{Slot, Status};
use api::time::Time;
use calendar::{Entry, Series, Timetable};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::commands::import::claims::{Claims, at, days, ms, time};
use crate::commands::import::pair::{Pair, Pairing};

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
        let mut claims = Claims::new(slots, organizer, now, timetable.shift_days);
        let mut known: BTreeMap<&str, Vec<Pair<'_, '_>>> = BTreeMap::new();
        let mut without: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for entry in &timetable.entries {
            let uid = entry.identity.uid.as_str();
            match claims.claim(entry) {
                Some(slot) => known.entry(uid).or_default().push((entry, slot)),
                None => without.entry(uid).or_default().push(entry),
            }
        }
        for (uid, series) in &timetable.series {
            let entries = without.remove(uid.as_str()).unwrap_or_default();
            let known = known.remove(uid.as_str()).unwrap_or_default();
            let found = Pairing::search(&mut claims, uid, series, entries, known);
            for (entry, slot) in found.pairs {
                plan.follow(entry, slot, capacity, now);
            }
            for entry in found.alone {
                plan.make(entry, &mut claims, series.places, now);
            }
            let why = "its series has this date no more";
            let gone = found.left.into_iter().map(|trace| trace.slot).filter(|slot| has_lost(series, slot));
            plan.steps.extend(
                gone.filter(|_| found.unsure.is_empty())
                    .map(|slot| Step::Cancel(series.line, slot.clone(), why)),
            );
            let doubt =
                "which of the slots around its day is meant cannot be told; they are left as they are";
            plan.refused
                .extend(found.unsure.iter().map(|entry| (entry.line, format!("{}: {doubt}", entry.title))));
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
                self.other_capacity += usize::from(slot.inventory.units() != Some(capacity));
                // Its slot has its key.
                let Some(wanted) = Wanted::of(entry, String::new()) else { return };
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
    fn make(&mut self, entry: &Entry, claims: &mut Claims<'_>, places: usize, now: Timestamp) {
        match entry.takes_place() {
            None => self.cancelled += 1,
            Some((start, _)) if start.timestamp() <= now => self.past += 1,
            Some(_) if entry.is_later => self.later += 1,
            Some(_) => {
                let wanted = claims.free_key(entry, places).and_then(|key| Wanted::of(entry, key));
                let why = "its day has had too many slots; a new UID makes a new one";
                match wanted {
                    Some(wanted) => self.steps.push(Step::Make(wanted)),
                    None => self.refused.push((entry.line, format!("{}: {why}", entry.title))),
                }
            }
        }
    }
}

impl Wanted {
    /// The slot of an entry that takes place.
    fn of(entry: &Entry, key: String) -> Option<Self> {
        let (start, end) = entry.takes_place()?;
        Some(Self {
            line: entry.line,
            key,
            title: entry.title.clone(),
            starts_at: time(start),
            ends_at: time(end),
        })
    }
}

/// Whether a slot that a series made, and that none of its entries wants, is to go: only where a rule says that there are no
/// other dates, as far as it was asked, and not around a day of which the file says what cannot be read.
fn has_lost(series: &Series, slot: &Slot) -> bool {
    let start = at(slot.starts_at).to_zoned(TimeZone::UTC).date();
    series.is_recurring
        && series.end.is_none_or(|end| slot.starts_at.as_ms() < ms(end))
        && series.held.iter().all(|day| days(*day, start) > 1)
}
