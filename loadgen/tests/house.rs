//! Houses that a seed draws, as the node reads them.

use std::process::Command;

use clap::Parser;
use loadgen::house::draw;
use loadgen::options::{self, HouseKind, HouseOptions, Options};
use seatmap::{Plan, Seatmap};

fn text(kind: HouseKind, seed: u64, seats: Option<u32>) -> String {
    serde_json::to_string(&draw(HouseOptions { kind, seed, seats })).expect("a house can be written")
}

fn read(text: &str) -> Seatmap {
    Seatmap::from_json(text.as_bytes()).unwrap_or_else(|error| panic!("{error:?} in {text:.200}"))
}

/// How many seats have a mark.
fn marked(plan: &Plan, mask: impl Fn(&seatmap::plan::Block) -> u128) -> u32 {
    plan.blocks.iter().map(|block| mask(block).count_ones()).sum()
}

#[test]
fn houses_are_as_large_as_their_kind() {
    for seed in 0..20 {
        for (kind, seats, sections, rows, widest, categories) in [
            (HouseKind::Cinema, 60..=400, 1..=1, 8..=20, 24, 1..=3),
            (HouseKind::Theatre, 500..=2_500, 4..=12, 20..=128, 20, 4..=7),
            (HouseKind::Arena, 10_000..=20_000, 80..=150, 400..=2_400, 24, 6..=11),
            (HouseKind::Stadium, 88_000..=92_000, 160..=240, 3_200..=7_000, 28, 6..=12),
        ] {
            let map = read(&text(kind, seed, None));
            let (counts, plan) = (map.counts(), map.compile());
            let told = format!("{kind:?} {seed}: {counts:?}");
            assert!(seats.contains(&counts.seats), "{told}");
            assert!(sections.contains(&map.sections().len()), "{told}: {} sections", map.sections().len());
            assert!(rows.contains(&counts.rows), "{told}");
            assert!(categories.contains(&counts.categories), "{told}");
            let longest = plan.blocks.iter().map(|block| block.len).max().unwrap_or_default();
            assert!(longest <= widest, "{told}: {longest} between two aisles");
            let restricted = marked(&plan, |block| block.restricted) * 1_000 / counts.seats;
            let (least, most) = if kind == HouseKind::Theatre { (30, 100) } else { (0, 100) };
            assert!((least..=most).contains(&restricted), "{told}: {restricted} of 1,000 restricted");
            let has_floor = !map.areas().is_empty();
            assert_eq!(has_floor, kind == HouseKind::Arena, "{told}");
        }
    }
}

#[test]
fn wheelchair_spaces_have_companions() {
    for (kind, seats, want) in [
        (HouseKind::Cinema, 60, 4),
        (HouseKind::Cinema, 400, 6),
        (HouseKind::Theatre, 2_500, 20),
        (HouseKind::Arena, 18_000, 101),
        (HouseKind::Stadium, 90_000, 461),
    ] {
        let map = read(&text(kind, 7, Some(seats)));
        assert_eq!(map.counts().seats, seats, "{kind:?}");
        let plan = map.compile();
        assert_eq!(marked(&plan, |block| block.accessible), want, "{kind:?}");
        assert_eq!(marked(&plan, |block| block.companion), want, "{kind:?}");
    }
}

#[test]
fn any_size_is_a_map() {
    for kind in [HouseKind::Cinema, HouseKind::Theatre, HouseKind::Arena, HouseKind::Stadium] {
        for seats in [1, 2, 3, 4, 5, 19, 20, 21, 40, 199, 200, 201, 3_000, 131_072] {
            let map = read(&text(kind, u64::from(seats), Some(seats)));
            assert_eq!(map.counts().seats, seats, "{kind:?} {seats}");
            assert_eq!(read(&map.canonical()), map, "{kind:?} {seats}");
        }
    }
}

#[test]
fn a_seed_is_one_house() {
    for kind in [HouseKind::Cinema, HouseKind::Theatre, HouseKind::Arena, HouseKind::Stadium] {
        assert_eq!(text(kind, 3, None), text(kind, 3, None), "{kind:?}");
        assert_ne!(text(kind, 3, None), text(kind, 4, None), "{kind:?}");
    }
}

#[test]
fn no_two_seats_of_a_bowl_stand_in_one_place() {
    // Rows that do not cross have ranks of their own only by distance: it is enough that no two rows share both ends.
    let house = text(HouseKind::Stadium, 1, None);
    let house: serde_json::Value = serde_json::from_str(&house).expect("JSON");
    let sections = house["sections"].as_array().expect("sections");
    let rows = sections.iter().flat_map(|section| section["rows"].as_array().expect("rows"));
    let mut places: Vec<String> = rows.map(|row| format!("{} {}", row["at"], row["to"])).collect();
    let count = places.len();
    places.sort();
    places.dedup();
    assert_eq!(places.len(), count);
}

#[test]
fn the_program_prints_the_house() {
    let output = Command::new(env!("CARGO_BIN_EXE_loadgen"))
        .args(["house", "--kind", "cinema", "--seed", "5", "--seats", "120"])
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).expect("text");
    assert_eq!(printed, format!("{}\n", text(HouseKind::Cinema, 5, Some(120))));
    for (arguments, is_good) in [
        (&["--kind=arena"][..], true),
        (&["--kind=stadium", "--seats=131072"], true),
        (&["--kind=stadium", "--seats=131073"], false),
        (&["--kind=stadium", "--seats=0"], false),
        (&["--kind=barn"], false),
        (&[], false),
    ] {
        let parsed = Options::try_parse_from(["loadgen", "house"].iter().chain(arguments));
        assert_eq!(parsed.is_ok(), is_good, "{arguments:?}");
        if let Ok(Options { command: options::Command::House(options) }) = parsed {
            assert_eq!(options.seed, 1);
        }
    }
}
