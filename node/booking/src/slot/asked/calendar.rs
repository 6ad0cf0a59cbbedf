//! What an organizer says of a calendar, and what is asked of one.
//!
//! Resources are named here, and numbered in the rules: a name that a calendar ever had keeps its number, so what was booked on it is told
//! by its name for ever. Openings are moments, which the door has made of the rule that people read; the rules keep that rule, and look
//! into it no further.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use crate::digest::Digest;
use crate::limits::CALENDAR_BYTES_MAX;
use crate::slot::inventory::calendar::Terms;
use crate::{Buffers, Range, Resource, Timestamp};

/// A calendar, as its organizer says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarStock {
    /// What can be booked.
    pub places: CalendarPlaces,
    /// Which ranges may be asked for.
    pub lengths: Lengths,
    /// When it is open, as people say it.
    pub rule: HoursRule,
}

/// What can be booked. Its kind never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CalendarPlaces {
    /// So many that are alike.
    Count(u32),
    /// Some that have names.
    Resources(Resources),
}

/// Resources that have names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// Every name that there ever was, each at the place of its number.
    names: Vec<Arc<str>>,
    /// Those that can be booked, in their order.
    listed: Vec<Resource>,
}

/// Which ranges may be asked for, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "each says its unit")]
pub struct Lengths {
    /// Ranges begin and end on it, counted from the beginning of their opening.
    pub grid_seconds: u32,
    /// The shortest.
    pub minimum_seconds: u32,
    /// The longest.
    pub maximum_seconds: u32,
    /// What a booking keeps free before its range.
    pub before_seconds: u32,
    /// What a booking keeps free after its range.
    pub after_seconds: u32,
    /// How long before a range begins it is asked for at the latest.
    pub lead_seconds: u32,
    /// How long before a range begins it is asked for at the earliest.
    pub horizon_seconds: u32,
}

/// When a calendar is open, as people say it: (hours less closed) plus extra.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HoursRule {
    /// By whose clocks: a name of the IANA's.
    pub time_zone: Box<str>,
    /// When it is open each week; none is always.
    pub hours: Option<Vec<WeeklyHours>>,
    /// On which days it is closed all the same.
    pub closed: Vec<ClosedDays>,
    /// When it is open all the same.
    pub extra: Vec<Range>,
}

/// Open on some days of each week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeeklyHours {
    /// A bit a day, Monday's the lowest.
    pub days: u8,
    /// From this minute of the day on.
    pub from_minute: u16,
    /// Up to this one; of the next day, where it is not after the first.
    pub to_minute: u16,
}

/// Closed on consecutive days, counted since 1970 began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedDays {
    /// The first.
    pub from_day: u32,
    /// The first that is not any more.
    pub to_day: u32,
}

/// When a calendar is open, in moments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Openings {
    /// Each, in whatever order.
    pub each: Vec<Range>,
    /// Up to when they are known.
    pub until: Timestamp,
}

/// What a rule becomes, and which rule and span that is of: what was made of another is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningsOf {
    /// The number that stands for them: see `Definition::openings_basis`.
    pub basis: u64,
    /// What it becomes.
    pub openings: Openings,
}

/// What is changed of a calendar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CalendarChange {
    /// How many there are, if they are alike.
    pub count: Option<u32>,
    /// Which there are, if they have names: all of them, in their order.
    pub resources: Option<Vec<Box<str>>>,
    /// Which ranges may be asked for.
    pub lengths: LengthsChange,
    /// When it is open.
    pub rule: Option<RuleChange>,
    /// What that becomes; needed wherever the rule or the slot's span becomes another.
    pub openings: Option<OpeningsOf>,
}

/// Another rule of when a calendar is open: all of it, made from one that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleChange {
    /// The number that stands for that one, and for the span that was seen: see `Definition::openings_basis`.
    pub from: u64,
    /// The new one.
    pub to: HoursRule,
}

/// What is changed of which ranges may be asked for, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "each says its unit")]
pub struct LengthsChange {
    /// The grid.
    pub grid_seconds: Option<u32>,
    /// The shortest.
    pub minimum_seconds: Option<u32>,
    /// The longest.
    pub maximum_seconds: Option<u32>,
    /// What is kept free before.
    pub before_seconds: Option<u32>,
    /// What is kept free after.
    pub after_seconds: Option<u32>,
    /// The lead.
    pub lead_seconds: Option<u32>,
    /// The horizon.
    pub horizon_seconds: Option<u32>,
}

/// Asks for a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeWish {
    /// From when.
    pub from: Timestamp,
    /// Until when, the moment itself not included.
    pub to: Timestamp,
    /// On the resource of this name; on any, or where they are all alike, none.
    pub resource: Option<Box<str>>,
    /// For how many.
    pub quantity: u32,
}

impl CalendarStock {
    /// What binds whoever asks in this span.
    pub(crate) fn terms(&self, span: Range) -> Terms {
        let Lengths {
            grid_seconds,
            minimum_seconds,
            maximum_seconds,
            before_seconds,
            after_seconds,
            lead_seconds,
            horizon_seconds,
        } = self.lengths;
        let grid_seconds = NonZeroU32::new(grid_seconds).unwrap_or(NonZeroU32::MIN);
        let buffers = Buffers { before_seconds, after_seconds };
        Terms { span, grid_seconds, minimum_seconds, maximum_seconds, buffers, lead_seconds, horizon_seconds }
    }

    /// The number of a resource that can be booked.
    pub(crate) fn resource(&self, name: &str) -> Option<Resource> {
        match &self.places {
            CalendarPlaces::Count(_) => None,
            CalendarPlaces::Resources(resources) => {
                resources.number(name).filter(|number| resources.listed.contains(number))
            }
        }
    }

    /// The name of a resource that there is or was.
    pub fn name(&self, resource: Resource) -> Option<&Arc<str>> {
        match &self.places {
            CalendarPlaces::Count(_) => None,
            CalendarPlaces::Resources(resources) => resources.names.get(usize::from(resource.0)),
        }
    }

    /// How many bytes it takes where it is saved, at most.
    fn bytes(&self) -> usize {
        let names = match &self.places {
            CalendarPlaces::Count(_) => 0,
            // A length takes up to three bytes, and so does a number.
            CalendarPlaces::Resources(Resources { names, listed }) => {
                names.iter().map(|name| name.len() + 3).sum::<usize>() + listed.len() * 3
            }
        };
        let HoursRule { time_zone, hours, closed, extra } = &self.rule;
        // A day takes up to five bytes, a moment nine and a length five.
        names
            + time_zone.len()
            + hours.as_ref().map_or(0, Vec::len) * 7
            + closed.len() * 10
            + extra.len() * 18
    }

    /// Whether it is small enough to be saved with whatever changes.
    pub fn is_small_enough(&self) -> bool {
        self.bytes() <= CALENDAR_BYTES_MAX
    }

    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let digest = match &self.places {
            CalendarPlaces::Count(count) => digest.text("count").word(*count),
            CalendarPlaces::Resources(Resources { names, listed }) => {
                let digest = digest.text("resources").word(names.len() as u64);
                let digest = names.iter().fold(digest, |digest, name| digest.text(name));
                let digest = digest.word(listed.len() as u64);
                listed.iter().fold(digest, |digest, resource| digest.word(resource.0))
            }
        };
        let Lengths {
            grid_seconds,
            minimum_seconds,
            maximum_seconds,
            before_seconds,
            after_seconds,
            lead_seconds,
            horizon_seconds,
        } = self.lengths;
        let numbers = [grid_seconds, minimum_seconds, maximum_seconds, before_seconds, after_seconds];
        let digest = numbers.into_iter().fold(digest, Digest::word);
        self.rule.digest(digest.word(lead_seconds).word(horizon_seconds))
    }
}

impl CalendarPlaces {
    /// How many there are at any moment.
    pub fn count(&self) -> u32 {
        match self {
            Self::Count(count) => *count,
            Self::Resources(resources) => u32::try_from(resources.listed.len()).unwrap_or(u32::MAX),
        }
    }

    /// The most that one booking can be for.
    pub(crate) const fn quantity_max(&self) -> u32 {
        match self {
            Self::Count(count) => *count,
            Self::Resources(_) => 1,
        }
    }
}

impl Resources {
    /// Those that have these names, in this order; none where a name is there twice, or there are more than can be numbered.
    pub fn new(names: &[Box<str>]) -> Option<Self> {
        Self::default().relisted(names)
    }

    /// The same parts that these were made of; none where they do not fit each other.
    pub(crate) fn restore(names: Vec<Arc<str>>, listed: Vec<Resource>) -> Option<Self> {
        let is_numbered = |resource: &Resource| usize::from(resource.0) < names.len();
        let fit = names.iter().collect::<BTreeSet<_>>().len() == names.len()
            && listed.iter().collect::<BTreeSet<_>>().len() == listed.len()
            && listed.iter().all(is_numbered)
            && u16::try_from(names.len()).is_ok();
        fit.then_some(Self { names, listed })
    }

    /// With these names from now on, in this order. A name that there was has the number that it had.
    pub(crate) fn relisted(&self, listed: &[Box<str>]) -> Option<Self> {
        let mut new = Self { names: self.names.clone(), listed: Vec::with_capacity(listed.len()) };
        for name in listed {
            if new.number(name).is_none() {
                new.names.push(Arc::from(&**name));
            }
            let number = new.number(name)?;
            if new.listed.contains(&number) {
                return None;
            }
            new.listed.push(number);
        }
        Some(new)
    }

    /// Every name that there ever was, each at the place of its number.
    pub fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    /// Those that can be booked, in their order.
    pub fn listed(&self) -> &[Resource] {
        &self.listed
    }

    fn number(&self, name: &str) -> Option<Resource> {
        let place = self.names.iter().position(|other| **other == *name)?;
        u16::try_from(place).ok().map(Resource)
    }
}

impl HoursRule {
    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let weekly = |digest: Digest, hours: &WeeklyHours| {
            digest.word(hours.days).word(hours.from_minute).word(hours.to_minute)
        };
        let closed = |digest: Digest, days: &ClosedDays| digest.word(days.from_day).word(days.to_day);
        let digest = digest.text(&self.time_zone).option(self.hours.as_ref(), |digest, hours| {
            hours.iter().fold(digest.word(hours.len() as u64), weekly)
        });
        let digest = self.closed.iter().fold(digest.word(self.closed.len() as u64), closed);
        self.extra.iter().fold(digest, |digest, range| digest.word(range.from().0).word(range.to().0))
    }
}

impl LengthsChange {
    /// Which ranges may be asked for after it.
    pub fn made_to(&self, old: Lengths) -> Lengths {
        Lengths {
            grid_seconds: self.grid_seconds.unwrap_or(old.grid_seconds),
            minimum_seconds: self.minimum_seconds.unwrap_or(old.minimum_seconds),
            maximum_seconds: self.maximum_seconds.unwrap_or(old.maximum_seconds),
            before_seconds: self.before_seconds.unwrap_or(old.before_seconds),
            after_seconds: self.after_seconds.unwrap_or(old.after_seconds),
            lead_seconds: self.lead_seconds.unwrap_or(old.lead_seconds),
            horizon_seconds: self.horizon_seconds.unwrap_or(old.horizon_seconds),
        }
    }
}
