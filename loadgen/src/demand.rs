//! Demand: how much more the first of several is wanted than the last, and by how many of a hundred.

use rand::RngExt;
use rand::rngs::SmallRng;

/// How much each slot is wanted, or each section of a house.
#[derive(Clone)]
pub(crate) struct Demand {
    /// The weights, each added to those before it.
    cumulative: Vec<f64>,
}

impl Demand {
    /// The k-th of `slots` is wanted with weight 1/k^exponent.
    pub(crate) fn new(slots: usize, exponent: f64) -> Self {
        let ranks = (1..=u32::MAX).take(slots).map(f64::from);
        let cumulative = ranks
            .scan(0.0, |sum, rank| {
                *sum += rank.powf(-exponent);
                Some(*sum)
            })
            .collect();
        Self { cumulative }
    }

    /// The place of one of them.
    pub(crate) fn pick(&self, rng: &mut SmallRng) -> usize {
        let sum = *self.cumulative.last().expect("there is one at least");
        let point = rng.random_range(0.0..sum);
        let place = self.cumulative.partition_point(|weight| *weight <= point);
        place.min(self.cumulative.len() - 1)
    }
}

/// Whether it is one of so many of a hundred.
pub(crate) fn percent(share: u32, rng: &mut SmallRng) -> bool {
    rng.random_range(0..100) < share
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::{Demand, SmallRng};

    #[test]
    fn demand_follows_the_exponent() {
        for (exponent, least, most) in [(0.0, 200, 300), (1.0, 430, 530), (10.0, 990, 1_000)] {
            let demand = Demand::new(4, exponent);
            let mut rng = SmallRng::seed_from_u64(7);
            let first = (0..1_000).filter(|_draw| demand.pick(&mut rng) == 0).count();
            assert!((least..=most).contains(&first), "{exponent}: {first} of 1,000 want the first of four");
        }
    }
}
