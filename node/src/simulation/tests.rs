//! Twenty worlds of three machines and six of six at every build, and eighteen bugs that must not live in them. `make torture` tries more.

use std::ops::Range;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

/// Says which world is first, which bug is planted in it, and how many worlds there are.
const SEED: &str = "BOXOFFICE_SEED";
const BUG: &str = "BOXOFFICE_BUG";
const WORLDS: &str = "BOXOFFICE_WORLDS";
/// Says whether replicas move in it, between six machines.
const MOVING: &str = "BOXOFFICE_MOVING";
/// How many every build has to stand.
const WORLDS_DEFAULT: u64 = 20;
/// How many of those in which replicas move.
const MOVING_DEFAULT: u64 = 6;
/// How many seeds a planted bug may survive.
const TRIES: u64 = 150;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

fn seed() -> u64 {
    number(SEED, 1)
}

#[test]
fn one_world() {
    let bug = std::env::var(BUG).ok().map(|name| {
        let found = BUGS.into_iter().find(|bug| format!("{bug:?}") == name);
        found.unwrap_or_else(|| panic!("{BUG} is one of {BUGS:?}"))
    });
    // A panic within consensus ends in an abort, and says nothing of what came before.
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        watch::tell();
        tell(panic);
    }));
    let world = if number(MOVING, 0) == 0 { run } else { run_moving };
    world(seed(), bug).unwrap_or_else(|why| panic!("{why}"));
}

/// A kind of worlds.
#[derive(Clone, Copy)]
enum Worlds {
    /// Of three machines.
    Still,
    /// Of six, between which replicas move.
    Moving,
}

/// Runs it in a process of its own: a panic in the midst of consensus takes the process with it.
fn apart(worlds: Worlds, seed: u64, bug: Option<Bug>) -> Result<(), String> {
    let mut world = Command::new(std::env::current_exe().expect("this test"));
    world.args(["--exact", "simulation::tests::one_world", "--nocapture"]).env(SEED, seed.to_string());
    world.env(MOVING, u8::from(matches!(worlds, Worlds::Moving)).to_string());
    if let Some(bug) = bug {
        world.env(BUG, format!("{bug:?}"));
    }
    let ended = world.output().expect("it can be run again");
    let said = String::from_utf8_lossy(&ended.stderr);
    if ended.status.success() { Ok(()) } else { Err(format!("{SEED}={seed}\n{said}")) }
}

/// The first failure among these seeds, on every core.
fn first_failure(worlds: Worlds, seeds: Range<u64>, bug: Option<Bug>) -> Option<String> {
    let next = AtomicU64::new(seeds.start);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seeds.end <= seed {
                return None;
            }
            if let Err(why) = apart(worlds, seed, bug) {
                next.store(seeds.end, Ordering::Relaxed);
                return Some(why);
            }
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_core| scope.spawn(work)).collect();
        workers.into_iter().find_map(|worker| worker.join().expect("it only waits"))
    })
}

#[test]
fn worlds_are_survived() {
    for (worlds, default) in [(Worlds::Still, WORLDS_DEFAULT), (Worlds::Moving, MOVING_DEFAULT)] {
        let failure = first_failure(worlds, seed()..seed() + number(WORLDS, default), None);
        assert!(failure.is_none(), "{}", failure.unwrap_or_default());
    }
}

#[test]
fn replicas_move_in_worlds_of_six_machines() {
    let report = run_moving(seed(), None).unwrap_or_else(|why| panic!("{why}"));
    assert!(100 < report.requests && 300 < report.steps, "it was a sale: {report:?}");
    assert!(5 < report.placements, "and replicas moved: {}", report.placements);
}

#[test]
fn a_seed_decides_everything() {
    let [first, second] = [(); 2].map(|()| run(seed(), None).unwrap_or_else(|why| panic!("{why}")));
    let apart = first.trace.iter().zip(&second.trace).position(|(first, second)| first != second);
    if let Some(apart) = apart {
        panic!("event {apart}: {}\n{}", first.trace[apart], second.trace[apart]);
    }
    assert_eq!(first.trace.len(), second.trace.len());
    assert!(100 < first.requests && 300 < first.steps, "it was a sale: {first:?}");
    assert!(10 < first.away, "some have left memory: {first:?}");
    assert!(4 < first.compared, "replicas are compared: {first:?}");
    let left = first.trace.iter().filter(|line| line.contains("Left(")).count();
    assert!(20 < left, "toys have left intents: {left}");
}

#[test]
fn every_planted_bug_is_caught() {
    for bug in BUGS {
        let worlds = if matches!(bug, Bug::OfMoves(_)) { Worlds::Moving } else { Worlds::Still };
        let caught = first_failure(worlds, 0..TRIES, Some(bug));
        assert!(caught.is_some(), "{bug:?} survived {TRIES} worlds");
    }
}
