//! From a long run that fails to a short one: steps are left out for as long as it goes on failing.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};

use crate::seen::Seen;
use crate::workload::Step;
use crate::world::World;

/// How many failed runs are made shorter, the shortest ones.
const SHRUNK: usize = 4;

/// How many steps are taken to make one run shorter, at most: a long list now beats a short one later.
const STEPS_TAKEN: usize = 300_000;

/// Why these steps fail, if they do.
pub(crate) fn failure(steps: &[Step]) -> Option<String> {
    let run = || {
        let (mut world, mut seen) = (World::default(), Seen::default());
        for step in steps {
            world.take(step, &mut seen);
        }
        world.check_lists(&mut seen);
    };
    catch_unwind(AssertUnwindSafe(run)).err().map(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        text.or_else(|| payload.downcast_ref::<&str>().map(|&text| text.into())).unwrap_or_default()
    })
}

/// The shortest of these runs, each of which fails, as a message. Unless it was very long, no step of it can
/// be left out, nor two.
pub(crate) fn report(mut failed: Vec<(u64, Vec<Step>)>) -> String {
    quietly(|| {
        failed.sort_by_key(|(_, steps)| steps.len());
        let runs = failed.into_iter().take(SHRUNK).map(|(seed, steps)| (seed, fewest(steps)));
        let (seed, steps) = runs.min_by_key(|(_, steps)| steps.len()).expect("one fails");
        let Some(why) = failure(&steps) else {
            return format!("seed {seed}: not the steps fail, but what makes them");
        };
        let list = steps.iter().map(|step| format!("    {step:?}")).collect::<Vec<_>>().join("\n");
        format!("seed {seed}, {} steps:\n{list}\n{why}", steps.len())
    })
}

/// Does something without a word about panics, which are caught.
pub(crate) fn quietly<T>(work: impl FnOnce() -> T) -> T {
    let loud = take_hook();
    set_hook(Box::new(|_| {}));
    let made = work();
    set_hook(loud);
    made
}

/// Leaves out halves, quarters, and so on down to single steps and pairs, until nothing more can be left out.
fn fewest(mut steps: Vec<Step>) -> Vec<Step> {
    let mut taken = 0;
    let mut fails = |steps: &[Step]| {
        taken += steps.len();
        taken <= STEPS_TAKEN && failure(steps).is_some()
    };
    let mut length = steps.len().div_ceil(2).max(1);
    loop {
        let before = steps.len();
        let mut start = 0;
        while start < steps.len() {
            let end = steps.len().min(start + length);
            let fewer = [&steps[..start], &steps[end..]].concat();
            if fails(&fewer) {
                steps = fewer;
            } else {
                start = end;
            }
        }
        if length == 1 && steps.len() == before {
            let fewer = without_two(&steps).find(|fewer| fails(fewer));
            let Some(fewer) = fewer else { return steps };
            steps = fewer;
        }
        length = length.div_ceil(2);
    }
}

/// The same without two of the steps, any two: a booking and what ends it can only go together.
fn without_two(steps: &[Step]) -> impl Iterator<Item = Vec<Step>> {
    let pairs = (0..steps.len()).flat_map(|second| (0..second).map(move |first| (first, second)));
    pairs.map(|(first, second)| [&steps[..first], &steps[first + 1..second], &steps[second + 1..]].concat())
}
