//! How often each caller may ask: a bucket of requests for everyone who has asked lately, in a table that never grows.
//!
//! A bucket is one number, the moment at which it is full again (GCRA, ITU-T I.371): what a caller takes moves it on, and one
//! that is full is nobody's. A caller's hash says in which set of buckets theirs stands. A newcomer takes over that bucket of
//! the set which is full first, **as it stands**: nearly always it is full already and nothing is lost; where a flood of callers
//! keeps all of a set busy, the newcomer goes on where the least busy of them was. So nobody is ever given more than their
//! share by being forgotten, however many callers there are; and to be given less, all buckets of a set must be in use at once
//! by others, who cannot choose the set, since they do not know how callers are hashed.

use std::num::NonZeroU32;

use parking_lot::{Mutex, MutexGuard};

/// Sets of buckets, a power of two.
const SETS: usize = 1 << 14;
/// Buckets of a set: two lines of a processor's cache.
const WAYS: usize = 8;
const SECOND_NS: u64 = 1_000_000_000;

/// Every caller has a share of the table that fits a small machine: 131,072 buckets, and no more for a million callers.
const _: () = assert!(SETS * size_of::<Set>() <= 3 << 20);

type Set = Mutex<[Bucket; WAYS]>;

/// How much one caller may ask, in the time that it takes to be given back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    /// One request, in nanoseconds.
    each: u64,
    /// The whole burst.
    whole: u64,
}

/// What is left to a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Remaining {
    /// So many requests, at once.
    pub(crate) requests: u32,
    /// Until it is the whole burst again.
    pub(crate) full_in_seconds: u32,
}

impl Rate {
    pub(crate) fn new(requests_per_second: NonZeroU32, burst: NonZeroU32) -> Self {
        let per_second = u64::from(requests_per_second.get());
        let each = ((SECOND_NS + per_second / 2) / per_second).max(1);
        Self { each, whole: each * u64::from(burst.get()) }
    }

    /// What is left of a bucket that is full at this moment, in nanoseconds.
    fn remaining(self, full_at: u64, now: u64) -> Remaining {
        let used = full_at.saturating_sub(now);
        let requests = self.whole.saturating_sub(used) / self.each;
        let count = |count| u32::try_from(count).unwrap_or(u32::MAX);
        Remaining { requests: count(requests), full_in_seconds: count(used.div_ceil(SECOND_NS)) }
    }
}

/// The buckets of all callers.
pub(crate) struct Buckets {
    rate: Rate,
    sets: Box<[Set]>,
}

/// One caller's bucket. One of nobody is full.
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    /// A hash: that of two callers is the same once in 10^19.
    caller: u64,
    /// In nanoseconds.
    full_at: u64,
}

impl Buckets {
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, sets: (0..SETS).map(|_| Set::default()).collect() }
    }

    /// Takes one request out of the caller's bucket at `now`, in nanoseconds, if there is one in it; and what is left then.
    pub(crate) fn take(&self, caller: u64, now: u64) -> Result<Remaining, Remaining> {
        let Rate { each, whole } = self.rate;
        let mut set = self.set(caller);
        let bucket = bucket(&mut set, caller);
        let full_at = bucket.full_at.max(now).saturating_add(each);
        if full_at - now <= whole {
            bucket.full_at = full_at;
            Ok(self.rate.remaining(full_at, now))
        } else {
            Err(self.rate.remaining(bucket.full_at, now))
        }
    }

    /// What is left to a caller, who takes nothing.
    pub(crate) fn look(&self, caller: u64, now: u64) -> Remaining {
        let mut set = *self.set(caller);
        self.rate.remaining(bucket(&mut set, caller).full_at, now)
    }

    fn set(&self, caller: u64) -> MutexGuard<'_, [Bucket; WAYS]> {
        // The length is a power of two, so the low bits say where.
        let place = usize::try_from(caller).unwrap_or(usize::MAX) & (self.sets.len() - 1);
        self.sets[place].lock()
    }
}

/// The caller's bucket in their set; a newcomer's is the one that is full first, as it stands.
fn bucket(set: &mut [Bucket; WAYS], caller: u64) -> &mut Bucket {
    let place = set.iter().position(|bucket| bucket.caller == caller).unwrap_or_else(|| full_first(set));
    let bucket = &mut set[place];
    bucket.caller = caller;
    bucket
}

fn full_first(set: &[Bucket; WAYS]) -> usize {
    let places = set.iter().enumerate();
    places.min_by_key(|(_place, bucket)| bucket.full_at).map_or(0, |(place, _bucket)| place)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::thread;

    use super::*;

    const MS: u64 = 1_000_000;

    /// Numbers without a pattern (Knuth's MMIX), always the same.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            self.0.rotate_left(32)
        }

        fn below(&mut self, end: u64) -> u64 {
            self.roll() % end
        }
    }

    fn rate(requests_per_second: u32, burst: u32) -> Rate {
        let number = |number| NonZeroU32::new(number).expect("not zero");
        Rate::new(number(requests_per_second), number(burst))
    }

    fn buckets(requests_per_second: u32, burst: u32) -> Buckets {
        Buckets::new(rate(requests_per_second, burst))
    }

    /// Buckets of which a few callers fill a set.
    fn few(sets: usize, rate: Rate) -> Buckets {
        Buckets { rate, sets: (0..sets).map(|_| Set::default()).collect() }
    }

    /// How many of `asked` requests in a row are granted.
    fn granted(buckets: &Buckets, caller: u64, asked: u32, now: u64) -> u32 {
        (0..asked).map(|_| u32::from(buckets.take(caller, now).is_ok())).sum()
    }

    #[test]
    fn a_caller_is_given_the_burst_and_then_what_comes_back() {
        // A rate and a burst, and moments in ms with how many are asked for then, how many granted, how many left, and the seconds
        // until all are back.
        type Moment = (u64, u32, u32, u32, u32);
        let rows: [(u32, u32, &[Moment]); 5] = [
            (
                50,
                100,
                &[
                    (0, 1, 1, 99, 1),
                    (0, 150, 99, 0, 2),
                    (19, 3, 0, 0, 2),
                    (20, 3, 1, 0, 2),
                    (59, 3, 1, 0, 2),
                    (1_000, 10, 10, 38, 2),
                    (100_000, 1, 1, 99, 1),
                    (100_000, 0, 0, 99, 1),
                ],
            ),
            (1, 1, &[(0, 2, 1, 0, 1), (999, 1, 0, 0, 1), (1_000, 2, 1, 0, 1), (90_000, 2, 1, 0, 1)]),
            (50, 1, &[(0, 9, 1, 0, 1), (20, 9, 1, 0, 1), (39, 9, 0, 0, 1), (40, 9, 1, 0, 1)]),
            (1, 5, &[(0, 9, 5, 0, 5), (2_500, 9, 2, 0, 5), (4_000, 1, 1, 1, 4)]),
            (1_000_000, 1_000_000, &[(0, 1_000_001, 1_000_000, 0, 1), (1, 2_000, 1_000, 0, 1)]),
        ];
        for (requests_per_second, burst, moments) in rows {
            let buckets = buckets(requests_per_second, burst);
            for (number, (ms, asked, want, requests, full_in_seconds)) in moments.iter().enumerate() {
                let now = ms * MS;
                let row = format!("{requests_per_second} a second, {burst} at once, moment {number}");
                assert_eq!(granted(&buckets, 7, *asked, now), *want, "{row}");
                let remaining = Remaining { requests: *requests, full_in_seconds: *full_in_seconds };
                assert_eq!(buckets.look(7, now), remaining, "{row}");
            }
        }
    }

    #[test]
    fn what_is_told_is_what_is_then_granted() {
        let buckets = buckets(7, 23);
        let mut dice = Dice(7);
        let mut now = 0;
        for _ in 0..20_000 {
            let before = buckets.look(1, now);
            match buckets.take(1, now) {
                Ok(remaining) => assert_eq!(remaining.requests + 1, before.requests),
                Err(remaining) => assert_eq!((remaining, remaining.requests), (before, 0)),
            }
            let remaining = buckets.look(1, now);
            let later = now + u64::from(remaining.full_in_seconds) * SECOND_NS;
            assert_eq!(buckets.look(1, later).requests, 23, "at {now}");
            now += dice.below(300 * MS);
        }
    }

    #[test]
    fn whoever_asks_too_fast_is_limited_among_a_million_callers() {
        // 40,000 requests a second for 40 s: every fourth by one who asks far too often, the others each by somebody else.
        let (buckets, mut dice, mut granted) = (buckets(50, 100), Dice(1), 0);
        for now in (0..40 * SECOND_NS).step_by(25_000) {
            if now % 100_000 == 0 {
                granted += u32::from(buckets.take(1, now).is_ok());
            } else {
                let remaining = buckets.take(dice.roll(), now).expect("it is their first");
                assert!(90 < remaining.requests, "{remaining:?} at {now}");
            }
        }
        assert!((1_995..=2_100).contains(&granted), "{granted} of 2,100, within 5 %");
    }

    #[test]
    fn nobody_is_given_more_by_being_forgotten() {
        for seed in 0..20 {
            let mut dice = Dice(seed);
            // 60 callers of different eagerness for 16 buckets.
            let rate = rate(10, 20);
            let buckets = few(2, rate);
            let mut full_at = BTreeMap::<u64, u64>::new();
            let mut now = 0;
            for _ in 0..50_000 {
                now += dice.below(MS);
                let caller = 1 + dice.below(60).min(dice.below(60));
                if buckets.take(caller, now).is_ok() {
                    // What was granted to each stays within what an endless memory would grant.
                    let theirs = full_at.entry(caller).or_default();
                    *theirs = (*theirs).max(now) + rate.each;
                    assert!(*theirs - now <= rate.whole, "seed {seed}: {caller} at {now}");
                }
            }
        }
    }

    #[test]
    fn a_flood_of_strangers_does_not_fill_up_what_someone_has_used() {
        let buckets = few(1, rate(50, 100));
        assert_eq!(granted(&buckets, 1, 200, 0), 100);
        // Each asks once, all at the same moment, for the same eight buckets.
        let strangers = (2..1_000).filter(|stranger| buckets.take(*stranger, 0).is_ok()).count();
        assert_eq!(
            strangers,
            7 * 100,
            "they share seven buckets, and the eighth stays with whom it belongs to"
        );
        assert_eq!(granted(&buckets, 1, 1, 0), 0);
    }

    #[test]
    fn threads_take_from_one_bucket() {
        let buckets = buckets(1, 1_000);
        let total: u32 = thread::scope(|scope| {
            let each: Vec<_> = (0..4).map(|_| scope.spawn(|| granted(&buckets, 9, 500, 5))).collect();
            each.into_iter().map(|taken| taken.join().expect("it ends")).sum()
        });
        assert_eq!(total, 1_000);
    }
}
