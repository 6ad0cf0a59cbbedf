//! The slots that there are, found by what made them: an id is a hash of a UID and a day, and tells nothing else.

use std::collections::{BTreeMap, BTreeSet};

use api::slot::{Slot, Status};
use api::time::Time;
use calendar::{Entry, Identity, Series};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _, Zoned};

use crate::commands::hash;
use crate::slot_id::SlotIds;

/// A slot that is further than this from the day of its key would not be found again.
const SEARCH_DAYS: i32 = 31;
/// An entry of an older build, which has its start in its key, is looked for so far from where it is, on every fifth minute.
const SEARCH_MINUTES: i64 = 14 * 24 * 60;
const SEARCH_STEP_MINUTES: usize = 5;
/// No search goes over more days than these.
const SEARCH_DAYS_MAX: usize = 4_000;
/// And on each it asks for so many slots, or for more where the file has more: once a day had as many, whatever it has now.
const PLACES: usize = 24;

/// What there is, and what of it an entry has claimed.
pub(super) struct Claims<'a> {
    ids: SlotIds,
    slots: BTreeMap<&'a str, &'a Slot>,
    pub(super) claimed: BTreeSet<&'a str>,
    /// The ids of slots that are to be made.
    to_be_made: BTreeSet<String>,
    pub(super) now: Timestamp,
    shift_days: i32,
}

/// A slot, and the day of its key, where that has one.
pub(super) struct Trace<'a> {
    pub(super) slot: &'a Slot,
    pub(super) day: Option<Date>,
}

impl<'a> Claims<'a> {
    pub(super) fn new(slots: &'a [Slot], organizer: &str, now: Timestamp, shift_days: i32) -> Self {
        Self {
            ids: SlotIds::of(organizer),
            slots: slots.iter().map(|slot| (slot.id.as_str(), slot)).collect(),
            claimed: BTreeSet::new(),
            to_be_made: BTreeSet::new(),
            now,
            shift_days,
        }
    }

    /// The slot that an entry has beyond doubt: its identity made it, and it is where this entry is or was.
    pub(super) fn claim(&mut self, entry: &Entry) -> Option<&'a Slot> {
        let slot = self.unclaimed(&entry.identity)?;
        let is_alone = entry.identity.which.is_empty();
        let is_date = began(entry, slot) || (entry.original.is_some() && begins(entry, slot));
        let is_same = begins(entry, slot) && slot.title == entry.title;
        let is_open = self.is_to_come(slot) || entry.takes_place().is_none();
        if !(is_alone || (is_open && (is_date || is_same))) {
            return None;
        }
        self.claimed.insert(&slot.id);
        Some(slot)
    }

    /// The key of a slot that an entry is to get: of its own place on the day, or of one that is free.
    pub(super) fn free_key(&mut self, entry: &Entry, of_a_day: usize) -> Option<String> {
        let own = std::iter::once(entry.identity.clone());
        let others =
            entry.identity.day().into_iter().flat_map(|(day, _)| places(&entry.identity.uid, day, of_a_day));
        let free = own.chain(others).find_map(|identity| {
            let id = self.ids.made_with(&key(&identity));
            let is_free = !self.slots.contains_key(id.as_str()) && !self.to_be_made.contains(&id);
            is_free.then(|| (id, key(&identity)))
        });
        let (id, key) = free?;
        self.to_be_made.insert(id);
        Some(key)
    }

    /// The ids of the slots that an entry makes, or made when it was not what it is now.
    pub(super) fn ids_of(&self, entry: &Entry) -> Vec<String> {
        let identities = std::iter::once(&entry.identity).chain(&entry.also);
        identities.map(|identity| self.ids.made_with(&key(identity))).collect()
    }

    /// Whether this UID has one slot of this day at most, whoever claims it.
    pub(super) fn has_one(&self, uid: &str, day: Date, of_a_day: usize) -> bool {
        let ids = places(uid, day, of_a_day).map(|identity| self.ids.made_with(&key(&identity)));
        ids.filter(|id| self.slots.contains_key(id.as_str())).count() <= 1
    }

    /// When an entry takes place, if that is to come.
    pub(super) fn starts_to_come(&self, entry: &Entry) -> Option<Timestamp> {
        entry.takes_place().map(|(start, _)| start.timestamp()).filter(|start| *start > self.now)
    }

    /// Whether a slot that becomes this entry can be found again.
    pub(super) fn is_found_at(&self, trace: &Trace<'_>, entry: &Entry) -> bool {
        let day = entry.takes_place().map(|(start, _)| start.date().saturating_sub(self.shift_days.days()));
        day.is_some_and(|day| trace.day.is_none_or(|made| days(made, day) < SEARCH_DAYS))
    }

    /// Whether a slot could still be moved or cancelled.
    pub(super) fn is_to_come(&self, slot: &Slot) -> bool {
        slot.starts_at.as_ms() > ms(self.now)
            && matches!(slot.status, Status::Scheduled | Status::OnSale | Status::Closed)
    }

    fn unclaimed(&self, identity: &Identity) -> Option<&'a Slot> {
        let slot = self.slots.get(self.ids.made_with(&key(identity)).as_str())?;
        (!self.claimed.contains(slot.id.as_str())).then_some(slot)
    }

    /// The slots that this UID made on any day, in order of their start. What is no series is looked for around its
    /// entries only.
    pub(super) fn traces(&self, uid: &str, series: &Series, entries: &[&Entry]) -> Vec<Trace<'a>> {
        if entries.is_empty() && !self.free().any(|slot| self.is_to_come(slot)) {
            return Vec::new();
        }
        let mut days: Vec<Date> = if series.is_recurring {
            self.free().map(|slot| self.day(at(slot.starts_at))).collect()
        } else {
            entries.iter().filter_map(|entry| Some(entry.identity.day()?.0)).collect()
        };
        let starts = entries.iter().filter_map(|entry| entry.time.as_ref());
        days.extend(starts.map(|(start, _)| self.day(start.timestamp())));
        days.sort_unstable();
        let (Some(first), Some(last), true) = (days.first(), days.last(), self.free().next().is_some())
        else {
            return Vec::new();
        };
        let last = last.saturating_add(SEARCH_DAYS.days());
        let days = first.saturating_sub(SEARCH_DAYS.days()).series(1.day()).take_while(|day| *day <= last);
        let days = days.take(SEARCH_DAYS_MAX).filter(|day| !series.held.contains(day));
        let has_places = series.is_recurring || entries.iter().any(|entry| entry.identity.day().is_some());
        let of_a_day = if has_places { usize::MAX } else { 1 };
        let of_days = days.flat_map(|day| places(uid, day, series.places).take(of_a_day));
        let own =
            entries.iter().flat_map(|entry| std::iter::once(&entry.identity).chain(&entry.also)).cloned();
        let mut found: BTreeMap<&str, Trace<'a>> = BTreeMap::new();
        for identity in of_days.chain(own).chain([Identity::new(uid, "")]) {
            if let Some(slot) = self.unclaimed(&identity) {
                let day = identity.day().map(|(day, _)| day);
                found.entry(&slot.id).or_insert(Trace { slot, day });
            }
        }
        let mut found: Vec<_> = found.into_values().collect();
        found.sort_by_key(|trace| trace.slot.starts_at);
        found
    }

    /// The slots that no entry has claimed.
    fn free(&self) -> impl Iterator<Item = &'a Slot> {
        self.slots.values().filter(|slot| !self.claimed.contains(slot.id.as_str())).copied()
    }

    /// The day of an instant, as it was before the shift: near enough for a search.
    fn day(&self, at: Timestamp) -> Date {
        at.to_zoned(TimeZone::UTC).date().saturating_sub(self.shift_days.days())
    }

    /// The slot of an older build, whose key has the start as it was when the slot was made.
    pub(super) fn older_builds(&self, entry: &Entry) -> Option<&'a Slot> {
        let (start, _) = entry.time.as_ref()?;
        let written = entry.also.iter().find(|identity| identity.which.contains('T'))?;
        if !self.free().any(|slot| self.is_to_come(slot) && slot.title == entry.title) {
            return None;
        }
        let start = start.checked_sub(self.shift_days.days()).ok()?;
        let minutes = |minutes| start.timestamp().checked_add(SignedDuration::from_mins(minutes)).ok();
        let searched = (-SEARCH_MINUTES..SEARCH_MINUTES).step_by(SEARCH_STEP_MINUTES).filter_map(minutes);
        // Where it is now it was made, if it was never moved.
        let near = SignedDuration::from_hours(24 * i64::from(SEARCH_DAYS));
        let unmoved = self.free().filter(|slot| self.is_to_come(slot)).map(|slot| at(slot.starts_at));
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

/// Whether a slot begins when this entry does.
pub(super) fn begins(entry: &Entry, slot: &Slot) -> bool {
    entry.time.as_ref().is_some_and(|(start, _)| time(start) == slot.starts_at)
}

/// Whether a slot begins when this date of a series was to, before the file said otherwise.
pub(super) fn began(entry: &Entry, slot: &Slot) -> bool {
    entry.original.as_ref().is_some_and(|original| time(original) == slot.starts_at)
}

pub(super) fn days(from: Date, to: Date) -> i32 {
    (to - from).get_days().abs()
}

/// The identities of a day.
fn places(uid: &str, day: Date, places: usize) -> impl Iterator<Item = Identity> + use<> {
    let uid = uid.to_owned();
    (1..=places.max(PLACES)).map(move |place| Identity::of_day(&uid, day, place))
}

pub(super) fn time(at: &Zoned) -> Time {
    Time::from_ms(ms(at.timestamp()))
}

/// What is to come is after 1970; what is not is over, and before everything.
pub(super) fn ms(at: Timestamp) -> u64 {
    u64::try_from(at.as_millisecond()).unwrap_or(0)
}

pub(super) fn at(time: Time) -> Timestamp {
    let ms = i64::try_from(time.as_ms()).expect("no time is beyond the maximum");
    Timestamp::from_millisecond(ms).expect("jiff knows the maximum")
}

/// 47 visible ASCII characters. A line feed cannot be part of a UID, so no two identities run together.
fn key(identity: &Identity) -> String {
    format!("ics-{}", hash(&format!("{}\n{}", identity.uid, identity.which)))
}
