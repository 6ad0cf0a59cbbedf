//! Which seat is the better one: a dense order over all seats, in whole numbers alone.

use crate::bounds::RANK_MAX;
use crate::house::{Point, Row, Seatmap};

/// Behind the last rank that can be given.
const UNRANKED: u32 = RANK_MAX as u32 + 1;

impl Seatmap {
    /// The rank of each seat by its number, from 0, the best. Rows that were given a rank come before those that were not, then
    /// what is nearer to the focus, then what comes first in the map: no two seats share a rank.
    pub(crate) fn ranks(&self) -> Vec<u32> {
        let mut order: Vec<(u32, u64, u32)> = Vec::new();
        for row in self.rows() {
            let given = row.rank.map_or(UNRANKED, u32::from);
            let distances = row.points().map(|point| point.distance_squared(self.focus));
            order.extend(distances.zip(row.seats()).map(|(distance, seat)| (given, distance, seat)));
        }
        order.sort_unstable();
        let mut ranks = vec![0; order.len()];
        for ((_, _, seat), rank) in order.into_iter().zip(0..) {
            ranks[seat as usize] = rank;
        }
        ranks
    }
}

impl Row {
    /// Where its seats stand: evenly from `at` to `to`, as if it had no aisles.
    fn points(&self) -> impl Iterator<Item = Point> {
        let len = i64::try_from(self.numbers.len()).expect("the bounds are far below");
        let steps = (len - 1).max(1);
        let along = move |at: i32, to: i32, index: i64| {
            let (at, to) = (i64::from(at), i64::from(to));
            let whole = divide(at * steps + (to - at) * index, steps);
            i32::try_from(whole).expect("between two ends that fit")
        };
        (0..len).map(move |index| Point {
            x: along(self.at.x, self.to.x, index),
            y: along(self.at.y, self.to.y, index),
        })
    }
}

impl Point {
    fn distance_squared(self, other: Self) -> u64 {
        let square = |one: i32, other: i32| u64::from(one.abs_diff(other)).pow(2);
        square(self.x, other.x) + square(self.y, other.y)
    }
}

/// The nearest whole number to a quotient, halves away from zero.
pub(crate) const fn divide(number: i64, by: i64) -> i64 {
    assert!(by > 0, "what is divided by is a count");
    let half_away = (2 * number.abs() + by) / (2 * by);
    half_away * number.signum()
}

#[cfg(test)]
mod tests {
    use super::divide;

    #[test]
    fn halves_go_away_from_zero() {
        for (number, by, want) in [
            (0, 1, 0),
            (0, 7, 0),
            (1, 2, 1),
            (-1, 2, -1),
            (1, 3, 0),
            (-1, 3, 0),
            (2, 3, 1),
            (-2, 3, -1),
            (3, 2, 2),
            (-3, 2, -2),
            (-9, 2, -5),
            (9, 2, 5),
            (499, 1000, 0),
            (500, 1000, 1),
            (-500, 1000, -1),
            (1_000_000 * 131_071, 131_071, 1_000_000),
        ] {
            assert_eq!(divide(number, by), want, "{number}/{by}");
        }
    }
}
