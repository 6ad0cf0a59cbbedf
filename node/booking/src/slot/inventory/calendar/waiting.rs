//! Who waits for ranges. Nobody stops anyone: what is freed goes to the earliest whom it fits.
//!
//! Those who need the same stand in one queue: where its head gets nothing, nobody in it does. Queues lie by how long their ranges are, in
//! powers of two, and then by when these begin. Of a power, whoever overlaps what was freed begins before its end, and less than two
//! powers before its beginning: so a step finds those who overlap it, and passes over none but close neighbours.
//!
//! A queue whose head would get something since something was freed is *due*. Serving only takes, so who would get nothing then is due again
//! only when something is freed again.

use alloc::collections::{BTreeMap, VecDeque};

use super::claim::Wish;
use super::range::Range;
use crate::{Number, Timestamp};

/// Who waits for ranges.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting {
    queues: BTreeMap<Shelf, BTreeMap<Wish, VecDeque<Number>>>,
    /// The heads that may be served, and what they wait for.
    due: BTreeMap<Number, Wish>,
    /// Whether the bug is planted by which the latest of them is served first.
    #[cfg(feature = "rehearsal")]
    pub(super) serves_latest: bool,
}

/// Where wishes lie: with those that are as long, by when they begin. Buffers are a part of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Shelf {
    /// How long, as a power of two.
    power: u32,
    from: Timestamp,
}

impl Shelf {
    fn of(wish: &Wish) -> Self {
        let effective = wish.effective();
        Self { power: effective.milliseconds().ilog2(), from: effective.from() }
    }
}

impl Waiting {
    /// Whether nobody waits.
    pub(super) fn is_empty(&self) -> bool {
        self.queues.is_empty()
    }

    /// Somebody waits for this, who gets nothing now.
    pub(super) fn join(&mut self, number: Number, wish: Wish) {
        let queue = self.queues.entry(Shelf::of(&wish)).or_default().entry(wish).or_default();
        let place = queue.partition_point(|&other| other < number);
        assert!(queue.get(place) != Some(&number), "who joins did not wait");
        queue.insert(place, number);
    }

    /// Somebody who waits for this may be served, if nobody who needs the same came before.
    pub(super) fn look_at(&mut self, number: Number, wish: Wish) {
        let queue = self.queues.get(&Shelf::of(&wish)).and_then(|on_shelf| on_shelf.get(&wish));
        if queue.is_some_and(|queue| queue.front() == Some(&number)) {
            self.due.insert(number, wish);
        }
    }

    /// When the first range begins that somebody waits for, with what is kept free before it.
    pub(super) fn first_begins(&self) -> Option<Timestamp> {
        let first = |power| self.queues.range(Shelf { power, from: Timestamp(0) }..).next();
        self.powers().filter_map(first).map(|(shelf, _)| shelf.from).min()
    }

    /// Somebody waits no more for this.
    pub(super) fn leave(&mut self, number: Number, wish: &Wish) {
        let key = Shelf::of(wish);
        let on_shelf = self.queues.get_mut(&key).expect("who waits has a place");
        let queue = on_shelf.get_mut(wish).expect("who waits stands in the queue of its need");
        let place = queue.binary_search(&number).expect("who waits stands in the queue of its need");
        queue.remove(place);
        let next = queue.front().copied();
        if self.due.remove(&number).is_some() {
            self.due.extend(next.map(|next| (next, *wish)));
        }
        if next.is_none() {
            on_shelf.remove(wish);
        }
        if on_shelf.is_empty() {
            self.queues.remove(&key);
        }
    }

    /// Something of a range is free that was not: whoever waits for some of it, and whom it may fit, may be served.
    pub(super) fn free(&mut self, range: Range, may_fit: impl Fn(&Wish) -> bool) {
        let mut due = core::mem::take(&mut self.due);
        let heads = self.overlapping(range).filter(|(wish, _)| may_fit(wish));
        due.extend(heads.filter_map(|(wish, queue)| Some((*queue.front()?, *wish))));
        self.due = due;
    }

    /// The earliest who may be served.
    pub(super) fn first_due(&self) -> Option<(Number, Wish)> {
        #[cfg(feature = "rehearsal")]
        if self.serves_latest {
            return self.due.last_key_value().map(|(&number, &wish)| (number, wish));
        }
        self.due.first_key_value().map(|(&number, &wish)| (number, wish))
    }

    /// The earliest who may be served gets nothing.
    pub(super) fn pass_over(&mut self, number: Number) {
        self.due.remove(&number).expect("who is passed over was due");
    }

    /// How many wait for some of the same range and have a lower number.
    pub(super) fn ahead_of(&self, number: Number, wish: &Wish) -> usize {
        let shares = |other: &Wish| match (wish.resource(), other.resource()) {
            (Some(one), Some(other)) => one == other,
            (None, _) | (_, None) => true,
        };
        let queues = self.overlapping(wish.effective()).filter(|(other, _)| shares(other));
        queues.map(|(_, queue)| queue.partition_point(|&other| other < number)).sum()
    }

    /// Everyone who waits, and for what, in no order that means anything.
    pub(super) fn all(&self) -> impl Iterator<Item = (Number, &Wish)> {
        let queues = self.queues.values().flatten();
        queues.flat_map(|(wish, queue)| queue.iter().map(move |&number| (number, wish)))
    }

    /// The queues of those who wait for some of this range.
    fn overlapping(&self, range: Range) -> impl Iterator<Item = (&Wish, &VecDeque<Number>)> {
        let near = self.powers().flat_map(move |power| {
            let longest = 1_u64.checked_shl(power + 1).unwrap_or(u64::MAX);
            let from = Timestamp(range.from().0.saturating_sub(longest));
            self.queues.range(Shelf { power, from }..Shelf { power, from: range.to() })
        });
        near.flat_map(|(_, wishes)| wishes).filter(move |(wish, _)| wish.effective().overlaps(range))
    }

    /// Which powers somebody waits for.
    fn powers(&self) -> impl Iterator<Item = u32> {
        let from = |power| {
            self.queues.range(Shelf { power, from: Timestamp(0) }..).next().map(|(shelf, _)| shelf.power)
        };
        core::iter::successors(from(0), move |&power| from(power + 1))
    }
}
