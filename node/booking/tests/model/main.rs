//! A seeded workload against a naive oracle: every answer, every record and every view must be equal, the
//! invariants must hold after every step, and a slot that was saved and restored must not differ from one
//! that was not.
//!
//! A failure prints its seed and the fewest of its steps that still fail. To see that the net holds, plant a
//! bug in a rule: it is found at once.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped fails the test")]

mod oracle;
mod seen;
mod shrink;
mod workload;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use seen::Seen;
use workload::{Step, Workload};
use world::World;

/// How many slots live.
const SEEDS: u64 = 16_000;

/// How many steps a slot lives; one in 64 lives longer, so that much is forgotten.
const STEPS: u64 = 120;
const STEPS_LONG: u64 = 500;

/// How many threads share the seeds. What is found does not depend on it.
const THREADS: u64 = 2;

/// How many failures a thread looks for: the one that needs the fewest steps is told.
const FAILURES: usize = 8;

#[test]
fn a_slot_does_what_the_oracle_does() {
    let work = |first: u64| {
        let mut seen = Seen::default();
        let seeds = (first..SEEDS).step_by(usize::try_from(THREADS).unwrap());
        let lives = seeds.filter_map(|seed| live(seed, &mut seen).err().map(|steps| (seed, steps)));
        // The first to fail need not be the one that says most.
        let failed = lives.take(FAILURES).collect::<Vec<_>>();
        (seen, failed)
    };
    let done: Vec<_> = shrink::quietly(|| {
        thread::scope(|scope| {
            let workers = (0..THREADS).map(|first| scope.spawn(move || work(first))).collect::<Vec<_>>();
            workers.into_iter().map(|worker| worker.join().unwrap()).collect()
        })
    });
    let (mut seen, mut failed) = (Seen::default(), vec![]);
    for (theirs, failures) in done {
        seen.add(theirs);
        failed.extend(failures);
    }
    assert!(failed.is_empty(), "{}", shrink::report(failed));
    seen.check();
}

/// Lives the life of a slot; the steps up to the one that failed, if one did.
fn live(seed: u64, noted: &mut Seen) -> Result<(), Vec<Step>> {
    let mut steps = vec![];
    let run = || {
        let long = seed.is_multiple_of(64);
        // Half of the long lives are crowded, so that a great many have waited.
        let crowded = seed.is_multiple_of(128);
        let (mut workload, mut world) = (Workload::new(seed, crowded), World::default());
        for _ in 0..if long { STEPS_LONG } else { STEPS } {
            steps.push(workload.next(&world.oracle));
            world.take(&steps[steps.len() - 1], noted);
            if world.oracle.is_cancelled() && workload.is_over() {
                break;
            }
        }
        world.check_lists(noted);
        noted.count("forgotten", world.oracle.forgotten);
    };
    catch_unwind(AssertUnwindSafe(run)).map_err(|_| steps)
}
