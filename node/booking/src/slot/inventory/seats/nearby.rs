//! The block that is nearest to what a party has so far, counted in rows.
//!
//! From each row that the party has, two *lookouts* go up and down the map and stop at the first block that would do. Halfway to the next
//! row of the party they end, since what lies beyond is nearer to that one; so all of them together see the house about once, however many
//! parts are chosen.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::bits::{ones, places};
use super::field::{Field, Part, Score};
use super::place::{Category, Section};

/// What of a category is near to what was chosen.
pub(super) struct Nearby<'all> {
    field: &'all Field<'all>,
    /// In the order of the map.
    strips: Vec<u32>,
    /// Of each block what was chosen.
    chosen: BTreeMap<u32, u128>,
    /// Of each row that was chosen from, in the order of the map.
    rows: Vec<Lookouts>,
    /// For how many is looked.
    size: u32,
}

/// Who looks from one row.
struct Lookouts {
    row: u16,
    up: Lookout,
    down: Lookout,
}

/// Where somebody who looks has come to: nothing before would do.
#[derive(Clone, Copy)]
struct Lookout {
    /// How many strips lie before, in the order of the map.
    at: usize,
    /// How far it is to the next one, if that would do.
    found: Option<u16>,
}

/// Where somebody looks.
#[derive(Clone, Copy)]
enum Way {
    Up,
    Down,
}

impl<'all> Nearby<'all> {
    /// Nothing is chosen.
    pub(super) fn new(field: &'all Field<'all>, category: Category, section: Option<Section>) -> Self {
        let strips = field.indices(category, section);
        Self { field, strips, chosen: BTreeMap::new(), rows: Vec::new(), size: 0 }
    }

    /// What is chosen is left no more, and all that is near it is nearer.
    pub(super) fn choose(&mut self, part: &Part) {
        *self.chosen.entry(part.block).or_insert(0) |= part.mask;
        let row = self.field.plan().block(part.block).row.0;
        for index in 0..self.rows.len() {
            let distance = row.abs_diff(self.rows[index].row);
            for way in [Way::Up, Way::Down] {
                if self.lookout(index, way).found == Some(distance) {
                    let next = self.next(index, way).map(|strip| self.field.plan().strip(strip).block);
                    self.lookout(index, way).found = Some(distance).filter(|_| next != Some(part.block));
                }
            }
        }
        let place = self.rows.partition_point(|other| other.row < row);
        if self.rows.get(place).is_none_or(|other| other.row != row) {
            self.rows.insert(place, self.lookouts(row));
        }
    }

    /// The nearest block of so many seats, and of those the best.
    pub(super) fn nearest(&mut self, size: u32) -> Option<Part> {
        if self.size != size {
            self.size = size;
            self.rows = self.rows.iter().map(|lookouts| self.lookouts(lookouts.row)).collect();
        }
        let mut least = None::<u16>;
        for index in 0..self.rows.len() {
            for way in [Way::Up, Way::Down] {
                let found = self.look(index, way, least.unwrap_or(u16::MAX));
                least = found.into_iter().chain(least).min();
            }
        }
        let least = least?;
        let mut best = None::<(Score, u32, u32)>;
        for index in 0..self.rows.len() {
            for way in [Way::Up, Way::Down] {
                if self.lookout(index, way).found == Some(least) {
                    best = self.best_in_row(index, way, least).into_iter().chain(best).min();
                }
            }
        }
        best.map(|(_, block, first)| Part { block, mask: ones(size) << first })
    }

    /// How far it is to the first that would do, unless that is farther than this, or nearer to another row.
    fn look(&mut self, index: usize, way: Way, farthest: u16) -> Option<u16> {
        let farthest = farthest.min(self.halfway(index, way));
        if let Some(distance) = self.lookout(index, way).found {
            return Some(distance).filter(|&distance| distance <= farthest);
        }
        loop {
            let strip = self.next(index, way)?;
            let distance = self.distance(index, strip);
            if farthest < distance {
                return None;
            }
            if self.starts(strip) != 0 {
                self.lookout(index, way).found = Some(distance);
                return Some(distance);
            }
            match way {
                Way::Up => self.lookout(index, way).at += 1,
                Way::Down => self.lookout(index, way).at -= 1,
            }
        }
    }

    /// The best block in the row that somebody has come to, which is so far away.
    fn best_in_row(&self, index: usize, way: Way, distance: u16) -> Option<(Score, u32, u32)> {
        let Lookouts { up, down, .. } = &self.rows[index];
        let (up, down) = (self.strips[up.at..].iter(), self.strips[..down.at].iter().rev());
        let plan = self.field.plan();
        let blocks = |strip: u32| {
            let block = plan.strip(strip).block;
            places(self.starts(strip))
                .map(move |first| (Score::of(plan, block, first, self.size), block, first))
        };
        let is_there = |strip: &&u32| self.distance(index, **strip) == distance;
        match way {
            Way::Up => up.take_while(is_there).flat_map(|&strip| blocks(strip)).min(),
            Way::Down => down.take_while(is_there).flat_map(|&strip| blocks(strip)).min(),
        }
    }

    /// How far it is halfway to the next row that was chosen from.
    fn halfway(&self, index: usize, way: Way) -> u16 {
        let next = match way {
            Way::Up => self.rows.get(index + 1),
            Way::Down => index.checked_sub(1).map(|index| &self.rows[index]),
        };
        next.map_or(u16::MAX, |next| next.row.abs_diff(self.rows[index].row) / 2)
    }

    /// The strip that somebody comes to next.
    fn next(&self, index: usize, way: Way) -> Option<u32> {
        let Lookouts { up, down, .. } = &self.rows[index];
        match way {
            Way::Up => self.strips.get(up.at).copied(),
            Way::Down => down.at.checked_sub(1).map(|at| self.strips[at]),
        }
    }

    fn lookout(&mut self, index: usize, way: Way) -> &mut Lookout {
        match way {
            Way::Up => &mut self.rows[index].up,
            Way::Down => &mut self.rows[index].down,
        }
    }

    /// Two who begin to look from a row: the one that goes up sees the row itself too.
    fn lookouts(&self, row: u16) -> Lookouts {
        let at = self.strips.partition_point(|&strip| self.row(strip) < row);
        let lookout = Lookout { at, found: None };
        Lookouts { row, up: lookout, down: lookout }
    }

    fn starts(&self, strip: u32) -> u128 {
        self.field.starts_besides(strip, self.size, |block| self.chosen.get(&block).copied().unwrap_or(0))
    }

    fn distance(&self, index: usize, strip: u32) -> u16 {
        self.row(strip).abs_diff(self.rows[index].row)
    }

    fn row(&self, strip: u32) -> u16 {
        let plan = self.field.plan();
        plan.block(plan.strip(strip).block).row.0
    }
}
