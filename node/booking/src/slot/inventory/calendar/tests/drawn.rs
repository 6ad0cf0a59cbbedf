//! What random calendars are like.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use super::super::{Buffers, Range, Terms};
use super::oracle::moment;
use super::stage::Random;

/// In how many minutes everything happens.
const WORLD: i64 = 1_440;

/// Under which terms ranges may be asked for.
pub(super) fn random_terms(random: &mut Random) -> Terms {
    let grid = random.one_of(&[5, 10, 15, 30]);
    let minimum = grid * random.one_of(&[1, 1, 2, 3]);
    let buffers = [0, 0, 5, 7, 10, 20];
    Terms {
        span: Range::new(moment(i64::from(random.below(200))), moment(WORLD - i64::from(random.below(200))))
            .unwrap(),
        grid_seconds: NonZeroU32::new(grid * 60).unwrap(),
        minimum_seconds: minimum * 60,
        maximum_seconds: (minimum + grid * random.below(8)) * 60,
        buffers: Buffers {
            before_seconds: random.one_of(&buffers) * 60,
            after_seconds: random.one_of(&buffers) * 60,
        },
        lead_seconds: random.one_of(&[0, 0, 5, 60]) * 60,
        horizon_seconds: random.one_of(&[200, 600, 5_000]) * 60,
    }
}

/// When it is open.
pub(super) fn random_openings(random: &mut Random) -> Vec<Range> {
    let count = 1 + random.below(6);
    let opening = |random: &mut Random| {
        let from = random.below(1_300);
        let to = from + random.one_of(&[20, 100, 300, 1_000]);
        Range::new(moment(from.into()), moment(i64::from(to).min(WORLD + 60))).unwrap()
    };
    let mut openings = (0..count).map(|_| opening(random)).collect::<Vec<_>>();
    // One that touches another.
    if random.percent(50)
        && let Some(next) = Range::new(openings[0].to(), openings[0].to().plus_seconds(3_600))
    {
        openings.push(next);
    }
    openings
}
