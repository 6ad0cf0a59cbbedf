//! A timeline of many blocks against a plain list of moments: raised, lowered, looked through and forgotten.

use alloc::vec;
use alloc::vec::Vec;

use super::super::Range;
use super::super::scarce::{Source, scarce};
use super::super::timeline::{Side, Timeline};
use super::stage::Random;
use crate::Timestamp;

const MOMENTS: u32 = 4_000;

/// A timeline, twice.
struct Twice {
    timeline: Timeline,
    plain: Vec<i64>,
    first: u32,
}

fn range(from: u32, to: u32) -> Range {
    Range::new(Timestamp(from.into()), Timestamp(to.into())).unwrap()
}

impl Twice {
    fn change(&mut self, from: u32, to: u32, by: i64) {
        self.timeline.change(range(from, to), by);
        let from = from.max(self.first);
        (from..to).for_each(|moment| self.plain[moment as usize] += by);
    }

    fn compare(&self, random: &mut Random, seed: u64) {
        let from = self.first + random.below(MOMENTS - self.first);
        let to = from + 1 + random.below(random_length(from));
        let within = from as usize..to as usize;
        let most = *self.plain[within.clone()].iter().max().unwrap();
        let asked = range(from, to);
        assert_eq!(self.timeline.peak(asked), most, "seed {seed}: {asked:?}");
        for bound in [0, 1, most - 1, most / 2] {
            for side in [Side::Above(bound), Side::AtMost(bound)] {
                let is_there = |&moment: &usize| match side {
                    Side::Above(bound) => self.plain[moment] > bound,
                    Side::AtMost(bound) => self.plain[moment] <= bound,
                };
                let parts = self.timeline.parts(asked, side).collect::<Vec<_>>();
                let moments = parts.iter().flat_map(|part| part.from().0..part.to().0);
                let plain = within.clone().filter(is_there).map(|moment| moment as u64);
                assert!(moments.eq(plain), "seed {seed}: {side:?} of {asked:?}");
                assert!(parts.is_sorted_by(|one, next| one.to() < next.from()), "as long as can be");
            }
        }
        for bound in [0, 1, most - 1, most / 2] {
            let is_low = |moment: &u32| self.plain[*moment as usize] <= bound;
            let around = self.timeline.stretch_around(Timestamp(from.into()), bound);
            let around =
                around.map(|all| (all.from().0.max(self.first.into()), all.to().0.min(MOMENTS.into())));
            let after = (from..MOMENTS).take_while(is_low).count() as u64;
            let before = (self.first..from).rev().take_while(is_low).count() as u64;
            let want = (after > 0).then_some((u64::from(from) - before, u64::from(from) + after));
            assert_eq!(around, want, "seed {seed}: at most {bound} around {from}");
        }
        for bound in [0, most - 1, most, most + 1] {
            assert_eq!(self.timeline.is_at_most(asked, bound), most <= bound, "seed {seed}: {asked:?}");
        }
    }
}

/// How long something is asked for that begins here, at most.
fn random_length(from: u32) -> u32 {
    MOMENTS - from
}

#[test]
fn a_timeline_is_a_list_of_moments() {
    for seed in 0..12 {
        let mut random = Random(seed);
        let mut both = Twice { timeline: Timeline::new(), plain: vec![0; MOMENTS as usize], first: 0 };
        let mut taken = Vec::new();
        for round in 0..5_000_u32 {
            // First it fills, then it empties; in between time passes.
            let fills = if round < 2_500 { 85 } else { 25 };
            if random.percent(fills) || taken.is_empty() {
                let from = random.below(MOMENTS - 1);
                let longest = random.one_of(&[3, 3, 30, 3_000]).min(random_length(from));
                let (to, by) = (from + 1 + random.below(longest), i64::from(1 + random.below(4)));
                both.change(from, to, by);
                taken.push((from, to, by));
            } else {
                let index = random.below(u32::try_from(taken.len()).unwrap()) as usize;
                let (from, to, by) = taken.swap_remove(index);
                both.change(from, to, -by);
            }
            if random.percent(3) {
                both.first = both.first.max(random.below(round / 4 + 1));
                both.timeline.forget_before(Timestamp(both.first.into()));
            }
            if round % 64 == 0 {
                both.timeline.steps();
                both.compare(&mut random, seed);
            }
        }
        for (from, to, by) in taken {
            both.change(from, to, -by);
        }
        assert_eq!(both.timeline.steps(), 1, "seed {seed}: nothing is taken any more");
    }
}

/// Timelines of many blocks, each twice.
fn drawn(random: &mut Random) -> Twice {
    let mut both = Twice { timeline: Timeline::new(), plain: vec![0; MOMENTS as usize], first: 0 };
    let (changes, longest) = (random.one_of(&[0, 5, 900, 900]), random.one_of(&[3, 40, 1_000]));
    for _ in 0..changes {
        let from = random.below(MOMENTS - 1);
        let to = from + 1 + random.below(longest.min(random_length(from)));
        both.change(from, to, i64::from(1 + random.below(3)));
    }
    both
}

#[test]
fn what_is_scarce_is_found_moment_by_moment() {
    let mut found = 0;
    for seed in 0..400 {
        let mut random = Random(seed);
        let count = random.one_of(&[0, 1, 1, 2, 3, 6]);
        let all = (0..count).map(|_| (drawn(&mut random), drawn(&mut random))).collect::<Vec<_>>();
        let is_given_back = (0..count).map(|_| random.percent(70)).collect::<Vec<_>>();
        let sources = all.iter().zip(&is_given_back).map(|((taken, back), is_given_back)| Source {
            taken: &taken.timeline,
            given_back: is_given_back.then_some(&back.timeline),
        });
        let sources = sources.collect::<Vec<_>>();
        for bound in [-1, 0, 0, 1, 4, 30] {
            let from = random.below(MOMENTS - 1);
            let to = from + 1 + random.below(random_length(from));
            let is_scarce = |moment: &u32| {
                let at = *moment as usize;
                all.iter().zip(&is_given_back).all(|((taken, back), is_given_back)| {
                    taken.plain[at] - if *is_given_back { back.plain[at] } else { 0 } > bound
                })
            };
            let told = scarce(&sources, range(from, to), bound);
            let moments = told.iter().flat_map(|part| part.from().0..part.to().0);
            let plain = (from..to).filter(is_scarce).map(u64::from);
            assert!(moments.eq(plain), "seed {seed}: more than {bound} in {from}..{to} of {count}");
            assert!(told.is_sorted_by(|one, next| one.to() < next.from()), "as long as can be");
            found += told.len();
        }
    }
    assert!(10_000 < found, "{found} parts are too few to be a test");
}

#[test]
fn what_lies_side_by_side_is_one_step() {
    let mut timeline = Timeline::new();
    for index in 0..1_000 {
        timeline.change(range(index * 10, index * 10 + 10), 1);
    }
    assert_eq!(timeline.steps(), 3 - 1);
    // Everything cut apart, and then raised at once.
    for index in 0..1_000 {
        timeline.change(range(index * 10, index * 10 + 5), 1);
    }
    assert_eq!(timeline.steps(), 2_001);
    timeline.change(range(0, 10_000), 7);
    assert_eq!(timeline.peak(range(0, 10_000)), 9);
    assert_eq!(timeline.peak(range(5, 10)), 8);
    // Forgotten block by block, up to the end and beyond.
    for (until, left) in [(1, 2_001), (5, 2_000), (9_994, 3), (9_995, 2), (10_000, 1), (20_000, 1)] {
        timeline.forget_before(Timestamp(until));
        assert_eq!(timeline.steps(), left, "forgotten before {until}");
    }
    // What is past is neither taken nor given back.
    timeline.change(range(0, 20_000), 1);
    assert_eq!(timeline.steps(), 1);
    timeline.change(range(0, 20_001), 1);
    assert_eq!(timeline.steps(), 2);
    timeline.change(range(5, 20_001), -1);
    assert_eq!(timeline.steps(), 1);
}

#[test]
#[should_panic(expected = "what is given back was taken")]
fn what_was_not_taken_is_not_given_back() {
    let mut timeline = Timeline::new();
    timeline.change(range(5, 9), 1);
    timeline.change(range(5, 10), -1);
}
