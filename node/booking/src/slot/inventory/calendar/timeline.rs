//! How much is taken of something over time: a step function, kept as the moments at which it changes.
//!
//! A month that is asked for by the minute crosses as many steps as there are bookings in it, and each of those would be raised. So
//! the steps lie in blocks, in order. A block knows the least and the most that is taken in it, and by how much all of it was raised:
//! a change touches the steps of two blocks and one number of each block between; whoever looks for time that is free, or is not,
//! passes over blocks that have none. With 200,000 steps there are some 2,500 blocks, and a tree of them would save nothing that can be
//! measured.

use alloc::vec;
use alloc::vec::Vec;

use super::block::{Block, STEPS_MAX, Step};
use super::range::Range;
use crate::Timestamp;

/// Where more is taken than so much, or where it is not.
#[derive(Clone, Copy, Debug)]
pub(super) enum Side {
    Above(i64),
    AtMost(i64),
}

impl Side {
    const fn opposite(self) -> Self {
        match self {
            Self::Above(taken) => Self::AtMost(taken),
            Self::AtMost(taken) => Self::Above(taken),
        }
    }
}

/// How much is taken over time. What was is forgotten, up to the first step.
#[derive(Clone, Debug)]
pub(super) struct Timeline {
    /// Each of them has a step; two neighbours have more than [`NEIGHBOURS_MIN`]. Two steps in a row differ.
    blocks: Vec<Block>,
}

/// Two blocks in a row that have no more steps than this become one.
const NEIGHBOURS_MIN: usize = STEPS_MAX / 2;

/// The place of a step.
#[derive(Clone, Copy)]
struct Cursor {
    block: usize,
    step: usize,
}

impl Timeline {
    /// Nothing is taken, ever.
    pub(super) fn new() -> Self {
        Self { blocks: vec![Block::new(Step { at: Timestamp(0), taken: 0 })] }
    }

    /// Adds so much to what is taken in a range, as far as it is not forgotten.
    pub(super) fn change(&mut self, range: Range, by: i64) {
        let Some(range) = range.since(self.at(Cursor { block: 0, step: 0 })) else { return };
        self.cut(range.from());
        self.cut(range.to());
        self.raise(range, by);
        self.mend(range.to());
        self.mend(range.from());
    }

    /// Forgets what was before a moment.
    pub(super) fn forget_before(&mut self, at: Timestamp) {
        let Cursor { block, step } = self.locate(at);
        self.blocks.drain(..block);
        self.blocks[0].begin(step, at);
        self.close_ranks(0);
    }

    /// The parts of a range that are on this side, each as long as can be.
    pub(super) fn parts(&self, range: Range, side: Side) -> impl Iterator<Item = Range> {
        let mut next = Some(self.locate(range.from()));
        core::iter::from_fn(move || {
            let first = self.seek(next?, side, range.to())?;
            next = self.seek(first, side.opposite(), range.to());
            let to = next.map_or_else(|| range.to(), |end| self.at(end).min(range.to()));
            Range::new(self.at(first).max(range.from()), to)
        })
    }

    /// The most that is taken in a range.
    pub(super) fn peak(&self, range: Range) -> i64 {
        let Cursor { block, step } = self.locate(range.from());
        let mut peak = self.blocks[block].most_from(step, range.to());
        for block in &self.blocks[block + 1..] {
            if range.to() <= block.begins() {
                break;
            }
            peak = peak.max(block.most_from(0, range.to()));
        }
        peak
    }

    /// Whether no more than so much is taken throughout a range.
    pub(super) fn is_at_most(&self, range: Range, taken: i64) -> bool {
        let above = self.seek(self.locate(range.from()), Side::Above(taken), range.to());
        above.is_none_or(|above| range.to() <= self.at(above))
    }

    /// The longest stretch around a moment in which no more is taken than so much.
    pub(super) fn stretch_around(&self, moment: Timestamp, taken: i64) -> Option<Range> {
        let cursor = self.locate(moment);
        if taken < self.blocks[cursor.block].taken(cursor.step) {
            return None;
        }
        let from = self.first_of_run(cursor, taken);
        let end = self.seek(cursor, Side::Above(taken), Timestamp(u64::MAX));
        let to = end.map_or(Timestamp(u64::MAX), |end| self.at(end));
        Range::new(self.at(from), to).filter(|stretch| stretch.has(moment))
    }

    /// The first moment after this one at which something else is taken.
    pub(super) fn next_change(&self, after: Timestamp) -> Option<Timestamp> {
        let Cursor { block, step } = self.locate(after);
        if step + 1 < self.blocks[block].len() {
            return Some(self.blocks[block].at(step + 1));
        }
        self.blocks.get(block + 1).map(Block::begins)
    }

    /// How much is taken from a moment on: each time from when on, as long as something else.
    pub(super) fn steps_from(&self, moment: Timestamp) -> Vec<(Timestamp, i64)> {
        let Cursor { block, step } = self.locate(moment);
        let first = core::iter::once((moment, self.blocks[block].taken(step)));
        let each = |block: &Block, from: usize| {
            (from..block.len()).map(|step| (block.at(step), block.taken(step))).collect::<Vec<_>>()
        };
        let behind = self.blocks[block + 1..].iter().flat_map(|block| each(block, 0));
        first.chain(each(&self.blocks[block], step + 1)).chain(behind).collect()
    }

    /// Whether nothing is taken.
    pub(super) fn is_clear(&self) -> bool {
        matches!(&self.blocks[..], [block] if block.len() == 1 && block.taken(0) == 0)
    }

    fn at(&self, cursor: Cursor) -> Timestamp {
        self.blocks[cursor.block].at(cursor.step)
    }

    /// The step in which a moment lies; the first, where it was forgotten.
    fn locate(&self, moment: Timestamp) -> Cursor {
        let behind = self.blocks.partition_point(|block| block.begins() <= moment);
        let block = behind.saturating_sub(1);
        Cursor { block, step: self.blocks[block].locate(moment) }
    }

    /// The first step from this one on that is on this side; whatever begins at the end or later may be passed over.
    fn seek(&self, from: Cursor, side: Side, end: Timestamp) -> Option<Cursor> {
        let mut first = from.step;
        for (index, block) in self.blocks.iter().enumerate().skip(from.block) {
            if end <= block.begins() {
                return None;
            }
            let found = match side {
                Side::Above(taken) => block.first_above(first, taken),
                Side::AtMost(taken) => block.first_at_most(first, taken),
            };
            if let Some(step) = found {
                return Some(Cursor { block: index, step });
            }
            first = 0;
        }
        None
    }

    /// The first of the steps right before this one in which no more is taken than so much, as in this one.
    fn first_of_run(&self, from: Cursor, taken: i64) -> Cursor {
        let mut first = from;
        let mut end = from.step;
        for (index, block) in self.blocks[..=from.block].iter().enumerate().rev() {
            if let Some(above) = block.last_above(end, taken) {
                return if above + 1 < block.len() {
                    Cursor { block: index, step: above + 1 }
                } else {
                    first
                };
            }
            first = Cursor { block: index, step: 0 };
            end = index.checked_sub(1).map_or(0, |before| self.blocks[before].len());
        }
        first
    }

    /// Has a step begin at a moment, which is not forgotten.
    fn cut(&mut self, moment: Timestamp) {
        let cursor = self.locate(moment);
        if self.at(cursor) == moment {
            return;
        }
        let second_half = self.blocks[cursor.block].cut(cursor.step, moment);
        if let Some(second_half) = second_half {
            self.blocks.insert(cursor.block + 1, second_half);
        }
    }

    /// Adds to each step of a range, at whose ends steps begin.
    fn raise(&mut self, range: Range, by: i64) {
        let (first, end) = (self.locate(range.from()), self.locate(range.to()));
        if first.block == end.block {
            return self.blocks[first.block].raise(first.step..end.step, by);
        }
        let steps = self.blocks[first.block].len();
        self.blocks[first.block].raise(first.step..steps, by);
        self.blocks[first.block + 1..end.block].iter_mut().for_each(|block| block.raise_all(by));
        self.blocks[end.block].raise(0..end.step, by);
    }

    /// Makes the step that begins at a moment one with the step before, where they do not differ.
    fn mend(&mut self, moment: Timestamp) {
        let Cursor { block, step } = self.locate(moment);
        let before = match (block, step) {
            (0, 0) => return,
            (_, 0) => self.blocks[block - 1].taken_last(),
            _ => self.blocks[block].taken(step - 1),
        };
        if self.blocks[block].taken(step) != before {
            return;
        }
        if self.blocks[block].len() == 1 {
            self.blocks.remove(block);
        } else {
            self.blocks[block].remove(step);
        }
        self.close_ranks(block);
        if let Some(previous) = block.checked_sub(1) {
            self.close_ranks(previous);
        }
    }

    /// Makes a block and its successor one, where they have few steps.
    fn close_ranks(&mut self, block: usize) {
        let Some([one, other]) = self.blocks.get(block..block + 2) else { return };
        if one.len() + other.len() <= NEIGHBOURS_MIN {
            let other = self.blocks.remove(block + 1);
            self.blocks[block].absorb(&other);
        }
    }
}

/// Looks at one moment after the other, never back: all of them together pass over each step once.
pub(super) struct Walk<'all> {
    timeline: &'all Timeline,
    at: Cursor,
}

/// What is seen at a moment.
pub(super) struct Seen {
    pub(super) taken: i64,
    /// Until when it stays so.
    pub(super) until: Timestamp,
    /// The least and the most that is taken up to another moment.
    pub(super) bounds: (i64, i64),
    pub(super) bounded_until: Timestamp,
}

impl<'all> Walk<'all> {
    /// Begins at a moment.
    pub(super) fn from(timeline: &'all Timeline, moment: Timestamp) -> Self {
        Self { timeline, at: timeline.locate(moment) }
    }

    /// Looks at a moment, which is not before the one that was looked at last.
    pub(super) fn look(&mut self, moment: Timestamp) -> Seen {
        let blocks = &self.timeline.blocks;
        let begins = |block: usize| blocks.get(block).map_or(Timestamp(u64::MAX), Block::begins);
        while begins(self.at.block + 1) <= moment {
            self.at = Cursor { block: self.at.block + 1, step: 0 };
        }
        let (block, bounded_until) = (&blocks[self.at.block], begins(self.at.block + 1));
        let next = |step: usize| if step + 1 < block.len() { block.at(step + 1) } else { bounded_until };
        while next(self.at.step) <= moment {
            self.at.step += 1;
        }
        let Cursor { step, .. } = self.at;
        Seen { taken: block.taken(step), until: next(step), bounds: block.bounds(), bounded_until }
    }
}

#[cfg(test)]
impl Timeline {
    /// Whether the blocks are as they should be, counted anew; and how many steps there are.
    pub(super) fn steps(&self) -> usize {
        self.blocks.iter().for_each(Block::assert_adds_up);
        let steps = self
            .blocks
            .iter()
            .flat_map(|block| (0..block.len()).map(|step| (block.at(step), block.taken(step))));
        let steps = steps.collect::<Vec<_>>();
        assert!(steps.is_sorted_by(|one, next| one.0 < next.0), "steps are in order");
        assert!(steps.is_sorted_by(|one, next| one.1 != next.1), "two steps in a row differ");
        let are_full = |two: &[Block]| NEIGHBOURS_MIN < two[0].len() + two[1].len();
        assert!(self.blocks.windows(2).all(are_full), "blocks are not small for long");
        steps.len()
    }
}
