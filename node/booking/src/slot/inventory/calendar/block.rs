//! Some steps of a timeline in a row, which can be raised at once.

use alloc::vec::Vec;
use core::ops::Range;

use crate::Timestamp;

/// How many steps a block has at most: two kilobytes.
pub(super) const STEPS_MAX: usize = 128;

/// From this moment on so much is taken, until the next step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) at: Timestamp,
    pub(super) taken: i64,
}

/// Steps in a row, of which there is one at least.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// What is taken in each is so much and what all were raised by.
    steps: Vec<Step>,
    raised: i64,
    /// When the first begins: whoever looks for a block need not look into it.
    begins: Timestamp,
    /// The least and the most that is taken.
    least: i64,
    most: i64,
}

impl Block {
    pub(super) fn new(step: Step) -> Self {
        let mut steps = Vec::with_capacity(STEPS_MAX);
        steps.push(step);
        Self { steps, raised: 0, begins: step.at, least: step.taken, most: step.taken }
    }

    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    /// When the first step begins.
    pub(super) const fn begins(&self) -> Timestamp {
        self.begins
    }

    /// When a step begins.
    pub(super) fn at(&self, step: usize) -> Timestamp {
        self.steps[step].at
    }

    /// How much is taken in a step.
    pub(super) fn taken(&self, step: usize) -> i64 {
        self.steps[step].taken + self.raised
    }

    /// How much is taken in the last step.
    pub(super) fn taken_last(&self) -> i64 {
        self.taken(self.steps.len() - 1)
    }

    /// The least and the most that is taken.
    pub(super) const fn bounds(&self) -> (i64, i64) {
        (self.least, self.most)
    }

    /// The last step that has begun at a moment, or the first.
    pub(super) fn locate(&self, moment: Timestamp) -> usize {
        self.steps.partition_point(|step| step.at <= moment).saturating_sub(1)
    }

    /// The first step from this one on in which more is taken than so much.
    pub(super) fn first_above(&self, from: usize, taken: i64) -> Option<usize> {
        if self.most <= taken {
            return None;
        }
        let taken = taken - self.raised;
        self.steps[from..].iter().position(|step| taken < step.taken).map(|found| from + found)
    }

    /// The last step before this one in which more is taken than so much.
    pub(super) fn last_above(&self, end: usize, taken: i64) -> Option<usize> {
        if self.most <= taken {
            return None;
        }
        let taken = taken - self.raised;
        self.steps[..end].iter().rposition(|step| taken < step.taken)
    }

    /// The first step from this one on in which no more is taken than so much.
    pub(super) fn first_at_most(&self, from: usize, taken: i64) -> Option<usize> {
        if taken < self.least {
            return None;
        }
        let taken = taken - self.raised;
        self.steps[from..].iter().position(|step| step.taken <= taken).map(|found| from + found)
    }

    /// The most that is taken from a step on, of those that begin before the end.
    pub(super) fn most_from(&self, from: usize, end: Timestamp) -> i64 {
        if from == 0 && self.steps.last().is_some_and(|last| last.at < end) {
            return self.most;
        }
        let steps = self.steps[from..].iter().take_while(|step| step.at < end);
        let most = steps.map(|step| step.taken).max().expect("a range has the step in which it begins");
        most + self.raised
    }

    /// Cuts a step in two at a moment within it. What does not fit in is a block of its own, behind this one.
    pub(super) fn cut(&mut self, step: usize, moment: Timestamp) -> Option<Self> {
        let second = Step { at: moment, ..self.steps[step] };
        self.steps.insert(step + 1, second);
        if self.steps.len() <= STEPS_MAX {
            return None;
        }
        let middle = self.steps.len() / 2;
        let mut behind = Self { raised: self.raised, ..Self::new(self.steps[middle]) };
        behind.steps.extend_from_slice(&self.steps[middle + 1..]);
        self.steps.truncate(middle);
        self.recount();
        behind.recount();
        Some(behind)
    }

    /// Adds so much to these steps.
    pub(super) fn raise(&mut self, steps: Range<usize>, by: i64) {
        if steps == (0..self.steps.len()) {
            return self.raise_all(by);
        }
        self.steps[steps].iter_mut().for_each(|step| step.taken += by);
        self.recount();
    }

    /// Adds so much to all steps.
    pub(super) fn raise_all(&mut self, by: i64) {
        self.raised += by;
        self.least += by;
        self.most += by;
        assert!(0 <= self.least, "what is given back was taken");
    }

    /// Takes out a step, which is not the only one: the one before lasts longer.
    pub(super) fn remove(&mut self, step: usize) {
        self.steps.remove(step);
        self.recount();
    }

    /// Begins with this step, at a moment within it.
    pub(super) fn begin(&mut self, step: usize, moment: Timestamp) {
        self.steps.drain(..step);
        self.steps[0].at = self.steps[0].at.max(moment);
        self.recount();
    }

    /// Takes in the steps of a block behind this one.
    pub(super) fn absorb(&mut self, other: &Self) {
        let lift = other.raised - self.raised;
        let lifted = |step: &Step| Step { at: step.at, taken: step.taken + lift };
        self.steps.extend(other.steps.iter().map(lifted));
        self.recount();
    }

    fn recount(&mut self) {
        let (least, most) = self.extremes();
        (self.begins, self.least, self.most) = (self.steps[0].at, least, most);
        assert!(0 <= self.least, "what is given back was taken");
    }

    fn extremes(&self) -> (i64, i64) {
        let first = self.steps[0].taken;
        let wider = |(least, most): (i64, i64), step: &Step| (least.min(step.taken), most.max(step.taken));
        let (least, most) = self.steps.iter().fold((first, first), wider);
        (least + self.raised, most + self.raised)
    }
}

#[cfg(test)]
impl Block {
    pub(super) fn assert_adds_up(&self) {
        assert!(!self.steps.is_empty() && self.steps.len() <= STEPS_MAX);
        assert_eq!((self.least, self.most), self.extremes());
        assert_eq!(self.begins, self.steps[0].at);
    }
}
