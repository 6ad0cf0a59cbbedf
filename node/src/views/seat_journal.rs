//! What changed of a house's seats and since when, so that whoever has its map is told only what is otherwise by now.
//!
//! Nothing is written down as it happens, and the rules know nothing of it: the house is looked at from time to time, and what is
//! otherwise than at the look before counts as changed at the seq of this look. It changed at that seq or earlier, so a reader may
//! be told of a seat what it knows already. That does no harm, since what is told is how a seat is, and never what happened to it.
//! Whoever saw the house between two looks, at another node, may have seen what neither shows: nothing is told to them, and they take
//! the map anew. However long it goes on, a journal is one number a seat, and one for each of the latest looks.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use booking::{Area, Content, SeatMap, Seq, Shown};

/// How many looks are known, of which nobody was told where nothing was otherwise: at two a second, those of two hours. A stream that
/// had nothing to tell for longer ends, and whoever listens takes the map anew.
const LOOKS_MAX: usize = 16_384;

/// What this node saw of one house.
pub(crate) struct SeatJournal {
    /// The seqs of the latest looks, one at least, ascending: what changed after each of them is known.
    looks: VecDeque<Seq>,
    /// What was seen at the last one.
    seen: Arc<SeatMap>,
    /// Of each seat, and of each area, at which look it was otherwise than before.
    seats: Vec<Seq>,
    areas: Vec<Seq>,
}

/// Seats of a map that follow each other and are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) first: u32,
    pub(crate) length: u32,
    pub(crate) shown: Shown,
}

/// How everything is at a seq that has changed since another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeatChanges {
    pub(crate) seq: Seq,
    pub(crate) runs: Vec<Run>,
    /// How many places an area has, and how many of them anyone may take.
    pub(crate) areas: Vec<(Area, (u32, u32))>,
}

/// What changed after a seq is not known: after this one it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gone {
    pub(crate) since: Seq,
}

impl SeatJournal {
    /// Begins with what is seen now.
    pub(crate) fn begin(seq: Seq, seen: SeatMap) -> Self {
        let seats = seen.blocks.iter().map(|block| block.length as usize).sum();
        let areas = seen.areas.len();
        let looks = VecDeque::from([seq]);
        Self { looks, seen: Arc::new(seen), seats: vec![seq; seats], areas: vec![seq; areas] }
    }

    /// The house is looked at again. By another map every seat is another one; and of a slot that is behind what it was, since its
    /// rules broke and were mended, nothing is known: both begin anew.
    pub(crate) fn see(&mut self, seq: Seq, seen: SeatMap) {
        if seen.map != self.seen.map || seq < self.seq() {
            *self = Self::begin(seq, seen);
            return;
        }
        assert_eq!(seen.blocks.len(), self.seen.blocks.len(), "a map never changes");
        let mut first = 0;
        for (now, before) in seen.blocks.iter().zip(&self.seen.blocks) {
            let mut changed = now.changed(before);
            while changed != 0 {
                self.seats[first + changed.trailing_zeros() as usize] = seq;
                changed &= changed - 1;
            }
            first += now.length as usize;
        }
        for (changed, (now, before)) in self.areas.iter_mut().zip(seen.areas.iter().zip(&self.seen.areas)) {
            if now != before {
                *changed = seq;
            }
        }
        self.seen = Arc::new(seen);
        if self.seq() < seq {
            self.looks.push_back(seq);
        }
        if LOOKS_MAX < self.looks.len() {
            self.looks.pop_front();
        }
    }

    /// The seq of the last look.
    pub(crate) fn seq(&self) -> Seq {
        *self.looks.back().expect("it began with a look")
    }

    /// The first seq after which it is known what changed.
    pub(crate) fn since(&self) -> Seq {
        self.looks[0]
    }

    /// What was seen last.
    pub(crate) fn seen(&self) -> &Arc<SeatMap> {
        &self.seen
    }

    /// How many seats the house has.
    pub(crate) fn seat_count(&self) -> usize {
        self.seats.len()
    }

    /// What is otherwise than after the seq of a look, for who knows the house by this map: of these seats, or of all seats and areas.
    pub(crate) fn changes(
        &self,
        map: Content,
        after: Seq,
        part: Option<Range<u32>>,
    ) -> Result<SeatChanges, Gone> {
        if map != self.seen.map {
            return Err(Gone { since: self.since() });
        }
        if let Err(behind) = self.looks.binary_search(&after) {
            let since = self.looks.get(behind).copied();
            return Err(Gone { since: since.unwrap_or_else(|| self.since()) });
        }
        let areas = (0..).map(Area).zip(&self.areas).zip(&self.seen.areas);
        let areas = areas.filter(|((_, changed), _)| part.is_none() && after < **changed);
        let areas = areas.map(|((area, _), places)| (area, *places)).collect();
        let all = 0..u32::try_from(self.seats.len()).expect("the rules have a bound for seats");
        Ok(SeatChanges { seq: self.seq(), runs: self.runs(after, &part.unwrap_or(all)), areas })
    }

    fn runs(&self, after: Seq, part: &Range<u32>) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let mut begins = 0;
        for block in &self.seen.blocks {
            let ends = begins + block.length;
            let (from, to) = (begins.max(part.start), ends.min(part.end));
            let changed = self.seats.get(from as usize..to as usize).unwrap_or_default();
            // Of most blocks nothing changed: that is found out without looking at each seat by itself.
            if changed.iter().fold(Seq(0), |last, seq| last.max(*seq)) > after {
                for (seat, _) in (from..).zip(changed).filter(|(_, seq)| after < **seq) {
                    extend(&mut runs, seat, block.seat(seat - begins));
                }
            }
            begins = ends;
        }
        runs
    }
}

/// Adds the next seat: to the last run, where it follows and is alike.
fn extend(runs: &mut Vec<Run>, seat: u32, shown: Shown) {
    match runs.last_mut() {
        Some(last) if last.first + last.length == seat && last.shown == shown => last.length += 1,
        _ => runs.push(Run { first: seat, length: 1, shown }),
    }
}

#[cfg(test)]
mod tests;
