//! The list of slots: which of them are wanted, and what is kept in memory of each, so that a page is found without waking
//! anyone and without reading those who cannot be on it.
//!
//! Who is awake is judged by what its actor shows. Of a sleeper a few bytes are kept ([`Facts`]): made of what its actor
//! showed last, or at a start of its header. They tell who cannot be wanted; whoever may be is looked at.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::RangeInclusive;

use booking::{Definition, Partition, SlotId, SlotStatus, Timestamp, View};

/// How a slot stands at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    /// Its rules work, and it is about this.
    Sound(SlotStatus),
    /// Its rules broke.
    Faulted,
}

/// Which slots a list is to have: those for which everything that is given holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// Of this organizer.
    pub(crate) organizer: Option<String>,
    /// Which stand like this.
    pub(crate) stand: Option<Stand>,
}

impl Wanted {
    /// Whether a slot is wanted that is seen like this.
    pub(crate) fn takes(&self, view: &View, stand: Stand) -> bool {
        self.organizer.as_deref().is_none_or(|organizer| *organizer == *view.definition.organizer)
            && self.stand.is_none_or(|wanted| wanted == stand)
    }

    /// Whether a slot with these facts whose rules work may be wanted for how it stands at some moment of `span`.
    pub(crate) fn may_take(&self, facts: Facts, span: &RangeInclusive<Timestamp>) -> bool {
        match self.stand {
            None => true,
            Some(Stand::Sound(status)) => facts.may_be(status, span),
            Some(Stand::Faulted) => false,
        }
    }
}

/// What is kept of how a slot stands: when that changes, in whole seconds, and whether it is cancelled. Packed, for there are
/// millions of sleepers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(Rust, packed)]
pub(crate) struct Facts {
    /// 0 where the sale opens at once.
    opens_s: u32,
    closes_s: u32,
    ends_s: u32,
    is_cancelled: bool,
}

const _: () = assert!(size_of::<Facts>() == 13);

impl Facts {
    /// Of an entity that is no slot: no list has it.
    pub(crate) const NONE: Self = Self { opens_s: 0, closes_s: 0, ends_s: 0, is_cancelled: false };

    pub(crate) fn new(definition: &Definition, is_cancelled: bool) -> Self {
        Self {
            opens_s: definition.sale.opens_at.map_or(0, seconds),
            closes_s: seconds(definition.closes_at()),
            ends_s: seconds(definition.ends_at),
            is_cancelled,
        }
    }

    pub(crate) fn of(view: &View) -> Self {
        Self::new(&view.definition, view.cancelled)
    }

    /// Whether the slot may have this status at some moment of `span`; never no where it has.
    fn may_be(self, status: SlotStatus, span: &RangeInclusive<Timestamp>) -> bool {
        let Self { opens_s, closes_s, ends_s, is_cancelled } = self;
        let (first, last) = (seconds(*span.start()), seconds(*span.end()));
        let by_time = match status {
            SlotStatus::Cancelled => return is_cancelled,
            SlotStatus::Scheduled => first <= opens_s,
            SlotStatus::OnSale => opens_s <= last && first <= closes_s,
            SlotStatus::Closed => closes_s <= last && first <= ends_s,
            SlotStatus::Finished => ends_s <= last,
        };
        by_time && !is_cancelled
    }
}

/// The second in which a moment lies; what is beyond the year 2106 is as if it were the last one that can be written down.
fn seconds(at: Timestamp) -> u32 {
    u32::try_from(at.0 / 1_000).unwrap_or(u32::MAX)
}

/// Where slots of an organizer stand among all slots: by the beginning of their ids, which two slots in a million share.
/// Whoever is found there is looked at. Packed, for there are millions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(Rust, packed(2))]
pub(crate) struct Owned {
    organizer: Organizer,
    partition: u16,
    /// The first bits of the id's hash.
    first_bits: u32,
}

const _: () = assert!(size_of::<Owned>() == 10);

impl Owned {
    /// Where an organizer's slot stands that has this id.
    pub(crate) fn new(organizer: Organizer, slot: SlotId) -> Self {
        let first_bits = u32::try_from(slot.hash >> REST_BITS).expect("the first bits");
        Self { organizer, partition: slot.partition.get(), first_bits }
    }

    /// The first and the last id that stand here.
    pub(crate) fn slots(self) -> RangeInclusive<SlotId> {
        let Self { partition, first_bits, .. } = self;
        let partition = Partition::new(partition).expect("that of a slot");
        let hash = u128::from(first_bits) << REST_BITS;
        let rest = u128::MAX >> (u128::BITS - REST_BITS);
        SlotId { partition, hash }..=SlotId { partition, hash: hash | rest }
    }
}

/// How many bits of an id's hash follow the first.
const REST_BITS: u32 = u128::BITS - u32::BITS;

/// A hash of an organizer's name. Two can share one: whoever is found under it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(Rust, packed(2))]
pub(crate) struct Organizer(u32);

impl Organizer {
    pub(crate) fn named(name: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        Self(u32::try_from(hasher.finish() >> 32).expect("the upper half"))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use booking::{Counts, Secret, Seq};

    use super::*;

    const ALL: [SlotStatus; 5] = [
        SlotStatus::Scheduled,
        SlotStatus::OnSale,
        SlotStatus::Closed,
        SlotStatus::Finished,
        SlotStatus::Cancelled,
    ];

    /// A slot whose sale opens and closes, and which starts and ends, at these moments.
    fn view((opens, closes, starts, ends): (Option<u64>, Option<u64>, u64, u64), cancelled: bool) -> View {
        let policy = booking::Policy {
            confirmed_by: booking::ConfirmedBy::Customer,
            hold_seconds: 1,
            hold_seconds_max: 1,
            customer_limit: None,
            cancel_until_seconds: 0,
            waitlist: None,
            on_account: None,
        };
        let definition = Definition {
            organizer: "studio".into(),
            placement: None,
            title: "yoga".into(),
            starts_at: Timestamp(starts),
            ends_at: Timestamp(ends),
            sale: booking::Sale { opens_at: opens.map(Timestamp), closes_at: closes.map(Timestamp) },
            stock: booking::Stock::Units { capacity: 1 },
            tariff: None,
            policy,
            secret: Secret([0; 16]),
        };
        View {
            id: SlotId { partition: Partition::new(0).expect("the first"), hash: 0 },
            definition: Arc::new(definition),
            seq: Seq(1),
            stamp: Timestamp(0),
            counts: Counts::untouched(1),
            cancelled,
            house: None,
            goods: None,
            calendar: None,
        }
    }

    #[test]
    fn facts_never_deny_what_is_so_and_doubt_only_around_a_change() {
        let beyond = u64::from(u32::MAX) * 1_000;
        let rows = [
            (None, None, 50_000, 90_999),
            (Some(20_001), Some(39_999), 50_000, 70_001),
            (Some(20_000), None, 30_001, 30_002),
            (Some(beyond - 1), Some(beyond + 70_000), beyond + 90_000, beyond + 100_000),
        ];
        for (times, cancelled) in rows.into_iter().flat_map(|times| [(times, false), (times, true)]) {
            let (view, (opens, closes, starts, ends)) = (view(times, cancelled), times);
            let facts = Facts::of(&view);
            let changes: Vec<u64> = [opens, closes, Some(starts), Some(ends)].into_iter().flatten().collect();
            let near = |at: u64| changes.iter().any(|change| change.abs_diff(at) <= 1_000);
            for (at, by) in changes.iter().flat_map(|at| [0, 1, 999, 1_001, 5_000].map(|by| (*at, by))) {
                for (first, last) in [(at - by, at - by), (at + by, at + by), (at - by, at + by)] {
                    let span = Timestamp(first)..=Timestamp(last);
                    for status in ALL {
                        let is = [first, last].iter().any(|&at| view.status(Timestamp(at)) == status);
                        let may = facts.may_be(status, &span);
                        assert!(may || !is, "{status:?} within {span:?} of {times:?}");
                        let is_plain = first == last && !near(first) && first < beyond;
                        assert!(!is_plain || may == is, "{status:?} at {first} of {times:?}");
                    }
                }
            }
        }
    }
}
