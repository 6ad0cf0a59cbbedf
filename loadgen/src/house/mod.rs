//! Houses that a seed draws: seatmaps in the contract's words. Figures are those of real houses; wheelchair spaces are as many as
//! the ADA's table of 2010 (221.2.1.1) wants, each with a companion's seat beside it.

mod bowl;
mod hall;
mod map;
mod row;

use rand::SeedableRng;
use rand::rngs::SmallRng;

pub use self::map::House;
use self::map::Section;
use self::row::Row;
use crate::options::{HouseKind, HouseOptions};

/// Which rows of a section have wheelchair spaces first: those that are reached without stairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StepFree {
    Front,
    Back,
}

/// The house of this kind, seed and size.
pub fn draw(options: HouseOptions) -> House {
    let rng = &mut SmallRng::seed_from_u64(options.seed);
    let mut house = match options.kind {
        HouseKind::Cinema => hall::cinema(rng, options.seats),
        HouseKind::Theatre => hall::theatre(rng, options.seats),
        HouseKind::Arena => bowl::arena(rng, options.seats),
        HouseKind::Stadium => bowl::stadium(rng, options.seats),
    };
    let step_free = if options.kind == HouseKind::Cinema { StepFree::Front } else { StepFree::Back };
    house.make_accessible(step_free);
    house
}

impl House {
    /// Spreads wheelchair spaces over the sections, each beside a companion's seat.
    fn make_accessible(&mut self, step_free: StepFree) {
        let count = self.sections.len();
        for space in 0..spaces(self.seats()) as usize {
            // Where a section has no room, the next one may have.
            let mut sections = (0..count).map(|ahead| (space + ahead) % count);
            let Some(_taken) = sections.find(|section| self.sections[*section].take_space(step_free)) else {
                return;
            };
        }
    }
}

impl Section {
    /// Whether one of its rows had room for one more wheelchair space with a companion's seat.
    fn take_space(&mut self, step_free: StepFree) -> bool {
        let has_room = |row: &&mut Row| 2 * (row.spaces + 1) <= row.len();
        let row = match step_free {
            StepFree::Front => self.rows.iter_mut().find(has_room),
            StepFree::Back => self.rows.iter_mut().rev().find(has_room),
        };
        row.map(|row| row.spaces += 1).is_some()
    }
}

/// How many wheelchair spaces so many seats want.
fn spaces(seats: u32) -> u32 {
    match seats {
        0..=3 => 0,
        4..=25 => 1,
        26..=50 => 2,
        51..=150 => 4,
        151..=300 => 5,
        301..=500 => 6,
        501..=5_000 => 6 + (seats - 500).div_ceil(150),
        _ => 36 + (seats - 5_000).div_ceil(200),
    }
}

#[cfg(test)]
mod tests {
    use super::spaces;

    #[test]
    fn wheelchair_spaces_are_those_of_the_table() {
        for (seats, want) in [
            (3, 0),
            (4, 1),
            (25, 1),
            (26, 2),
            (50, 2),
            (51, 4),
            (150, 4),
            (151, 5),
            (300, 5),
            (301, 6),
            (500, 6),
            (501, 7),
            (650, 7),
            (651, 8),
            (2_500, 20),
            (5_000, 36),
            (5_001, 37),
            (5_200, 37),
            (5_201, 38),
            (18_000, 101),
            (90_000, 461),
        ] {
            assert_eq!(spaces(seats), want, "{seats}");
        }
    }
}
