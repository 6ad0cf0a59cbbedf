//! The plan of the house as a test: who may know whom, where every foreign crate lives, and on which floor every file is.

mod layers;
mod tree;

use tree::{Source, assert_finds, assert_none, house};

/// Every member, and the members that it may use. What is not here is forbidden.
const PLAN: [(&str, &[&str]); 12] = [
    ("node/booking", &[]),
    ("node/api", &[]),
    ("node/hours", &["api"]),
    ("node/seatmap", &[]),
    ("config", &[]),
    ("storage", &[]),
    ("cluster", &["storage"]),
    ("node", &["booking", "api", "hours", "seatmap", "config", "storage", "cluster"]),
    ("loadgen/witness", &["api"]),
    ("loadgen", &["api", "witness"]),
    ("ops/calendar", &["api", "hours"]),
    ("ops", &["api", "calendar", "hours"]),
];

/// Foreign crates with one home, and where the tests of another member may name them too.
const HOMES: [(&str, &str, &[&str]); 8] = [
    ("rocksdb", "storage", &[]),
    ("openraft", "cluster", &[]),
    ("bincode", "cluster", &["node/booking"]), // golden bytes
    ("ractor", "node", &[]),
    ("axum", "node", &[]),
    ("figment", "config", &[]),
    ("csv", "node/seatmap", &[]),
    ("rrule", "ops/calendar", &[]),
];

/// Crates that only these files name, where a member is more than their home.
const ROOMS: [(&str, &[&str]); 4] = [
    ("openraft", &["cluster/src/adapter/", "cluster/tests/"]),
    ("bincode", &["cluster/src/codec.rs", "cluster/tests/", "node/booking/tests/"]),
    ("loadgen", &["loadgen/", "node/tests/"]), // what is built knows nobody who sells to it
    ("seatmap", &["node/", "loadgen/tests/house.rs"]), // loadgen shares no code with what it tests
];

/// What enters the replicated house, and the one file through which it does; everyone else is given it. Time has its
/// place in `clippy.toml`, the store's is the manifest's.
const SEAMS: [(&str, &[&str]); 3] =
    [("rand::", &["node/src/chance.rs"]), ("tokio::net", &["cluster/src/network.rs"]), ("tokio::spawn", &[])];

/// All that the rules may use.
const BOOKING_MAY_USE: [&str; 3] = ["hashbrown", "serde", "xxhash-rust"];

/// The members without async, and what async is made of.
const QUIET: [&str; 7] =
    ["node/booking", "node/api", "node/hours", "node/seatmap", "config", "storage", "ops/calendar"];
const ASYNC: [&str; 5] = ["tokio", "tokio-util", "futures", "futures-util", "async-trait"];

/// One dependency of a manifest.
struct Dependency<'a> {
    line: usize,
    name: &'a str,
    is_for_tests: bool,
    has_reason: bool,
}

#[test]
fn nobody_knows_whom_they_should_not() {
    assert_none(&check_members(&house()));
    assert_none(&check_manifests(&house()));
}

#[test]
fn crates_stay_in_their_rooms() {
    assert_none(&check_rooms(&house()));
}

#[test]
fn the_world_enters_through_seams() {
    assert_none(&check_seams(&house()));
}

#[test]
fn the_rules_have_no_std() {
    assert_none(&check_no_std(&house()));
}

/// The plan knows every member, and only members.
fn check_members(house: &[Source]) -> Vec<String> {
    let mut violations = Vec::new();
    let mut manifests: Vec<&str> = Vec::new();
    for source in house {
        match source.path.strip_suffix("/Cargo.toml") {
            Some(folder) if plan(folder).is_none() => {
                violations.push(source.at(1, "this member is not in the plan"));
            }
            Some(folder) => manifests.push(folder),
            None => {}
        }
    }
    for (folder, _) in PLAN {
        if !manifests.contains(&folder) {
            violations.push(format!("{folder}/Cargo.toml:1: this member of the plan is not there"));
        }
    }
    violations
}

fn check_manifests(house: &[Source]) -> Vec<String> {
    let mut violations = Vec::new();
    for source in house {
        let Some(folder) = source.path.strip_suffix("/Cargo.toml") else { continue };
        for dependency in dependencies(&source.text) {
            let mut refuse = |problem: String| {
                violations.push(source.at(dependency.line, &format!("{} {problem}", dependency.name)));
            };
            check_plan(folder, &dependency, &mut refuse);
            if !dependency.has_reason {
                refuse("has no reason: say in a comment beside it or above it why it is here".to_owned());
            }
        }
    }
    violations
}

fn check_plan(folder: &str, dependency: &Dependency<'_>, refuse: &mut impl FnMut(String)) {
    let Dependency { name, is_for_tests, .. } = dependency;
    if let Some((_, home, test_homes)) = HOMES.iter().find(|(foreign, ..)| foreign == name)
        && folder != *home
        && !(*is_for_tests && test_homes.contains(&folder))
    {
        refuse(format!("lives in {home} and nowhere else"));
    }
    if *is_for_tests {
        return;
    }
    let is_ours = PLAN.iter().any(|(member, _)| member.rsplit('/').next() == Some(name));
    if is_ours && plan(folder).is_some_and(|may_use| !may_use.contains(name)) {
        refuse(format!("left the plan: {folder} may not use it"));
    }
    if QUIET.contains(&folder) && ASYNC.contains(name) {
        refuse(format!("is async, and {folder} has none"));
    }
    if folder == "node/booking" && !is_ours && !BOOKING_MAY_USE.contains(name) {
        refuse("is not for the rules: they use hashbrown, serde and xxhash-rust".to_owned());
    }
}

fn check_rooms(house: &[Source]) -> Vec<String> {
    // This very file speaks of what it forbids.
    let is_code = |source: &Source| source.has_extension("rs") && source.path != "ops/tests/architecture.rs";
    check_places(house, &ROOMS, is_code, names)
}

fn check_seams(house: &[Source]) -> Vec<String> {
    // The simulation is the world outside.
    let is_replicated = |source: &Source| {
        ["node/src/", "cluster/src/"].iter().any(|room| source.path.starts_with(room))
            && !source.path.starts_with("node/src/simulation/")
    };
    check_places(house, &SEAMS, is_replicated, |line, what| code(line).contains(what))
}

/// Of the sources that are `looked_at`, every line that `names` what has a place, in another place.
fn check_places(
    house: &[Source],
    places: &[(&str, &[&str])],
    looked_at: impl Fn(&Source) -> bool,
    names: impl Fn(&str, &str) -> bool,
) -> Vec<String> {
    let mut violations = Vec::new();
    for source in house.iter().filter(|source| looked_at(source)) {
        for (what, rooms) in places {
            if rooms.iter().any(|room| source.path.starts_with(room)) {
                continue;
            }
            for (line, text) in source.lines() {
                if names(text, what) {
                    violations
                        .push(source.at(line, &format!("{what} is named only in [{}]", rooms.join(", "))));
                }
            }
        }
    }
    violations
}

fn check_no_std(house: &[Source]) -> Vec<String> {
    let mut violations = Vec::new();
    for source in house.iter().filter(|source| source.path.starts_with("node/booking/src/")) {
        if source.path.ends_with("/lib.rs") && !source.lines().any(|(_, text)| text == "#![no_std]") {
            violations.push(source.at(1, "the rules are #![no_std], in tests too"));
        }
        for (line, text) in source.lines() {
            if text.trim_start().starts_with("extern crate std") {
                violations.push(source.at(line, "the rules do not ask for std back"));
            }
        }
    }
    violations
}

/// What a member may use of ours.
fn plan(folder: &str) -> Option<&'static [&'static str]> {
    PLAN.iter().find(|(member, _)| *member == folder).map(|(_, may_use)| *may_use)
}

/// The dependencies of a manifest, of every kind and target.
fn dependencies(manifest: &str) -> Vec<Dependency<'_>> {
    let mut found = Vec::new();
    let mut section = "";
    let mut above = "";
    for (line, text) in (1..).zip(manifest.lines()) {
        let is_for_tests = section.contains("dev-dependencies");
        let has_reason = text.contains('#') || above.trim_start().starts_with('#');
        above = text;
        if let Some(header) = text.strip_prefix('[') {
            section = header.split(']').next().unwrap_or_default();
            if let Some((kind, name)) =
                section.rsplit_once('.').filter(|(kind, _)| kind.ends_with("dependencies"))
            {
                let is_for_tests = kind.ends_with("dev-dependencies");
                found.push(Dependency { line, name, is_for_tests, has_reason });
            }
        } else if section.ends_with("dependencies") {
            let end = text.find(|char: char| !(char.is_ascii_alphanumeric() || "-_".contains(char)));
            let name = &text[..end.unwrap_or(text.len())];
            if !name.is_empty() {
                found.push(Dependency { line, name, is_for_tests, has_reason });
            }
        }
    }
    found
}

/// What a line says, its comment aside.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// Whether a line of code names a crate: `use` of it, or a path that begins with it. Comments may speak of it.
fn names(line: &str, foreign: &str) -> bool {
    let code = code(line);
    code.match_indices(foreign).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = &code[at + foreign.len()..];
        let begins = before.is_none_or(|char| !(char.is_alphanumeric() || "_\"./".contains(char)));
        begins
            && (after.starts_with("::") || (code.trim_start().starts_with("use ") && !after.starts_with('_')))
    })
}

#[test]
fn the_plan_is_held() {
    assert_finds(
        check_manifests,
        &[
            (&[("node/Cargo.toml", "[dependencies]\naxum.workspace = true # routes")], None),
            (&[("node/Cargo.toml", "[dependencies]\n# routes\naxum.workspace = true")], None),
            (
                &[("node/Cargo.toml", "[dependencies]\naxum.workspace = true")],
                Some("node/Cargo.toml:2: axum has no reason"),
            ),
            (
                &[("node/Cargo.toml", "[dependencies.rocksdb] # fast")],
                Some("node/Cargo.toml:1: rocksdb lives in storage"),
            ),
            (
                &[("ops/Cargo.toml", "[dependencies]\nconfig = {} # it has a key")],
                Some("ops/Cargo.toml:2: config left the plan"),
            ),
            (&[("node/booking/Cargo.toml", "[dev-dependencies]\nbincode = \"2\" # bytes")], None),
            (&[("node/booking/Cargo.toml", "[dev-dependencies]\nproptest = \"1\" # seeds")], None),
            (
                &[("node/booking/Cargo.toml", "[dependencies]\nrand = \"1\" # luck")],
                Some("node/booking/Cargo.toml:2: rand is not for"),
            ),
            (
                &[("storage/Cargo.toml", "[dependencies]\ntokio = \"1\" # waits")],
                Some("storage/Cargo.toml:2: tokio is async"),
            ),
            (
                &[("config/Cargo.toml", "[target.'cfg(unix)'.dependencies]\nfutures = \"1\" # x")],
                Some("config/Cargo.toml:2: futures"),
            ),
            (
                &[("node/Cargo.toml", "[dev-dependencies]\nbincode = \"2\" # bytes")],
                Some("node/Cargo.toml:2: bincode lives"),
            ),
        ],
    );
    assert_finds(
        check_rooms,
        &[
            (&[("cluster/src/adapter/log.rs", "use openraft::Raft;")], None),
            (&[("cluster/src/group.rs", "/// As openraft::Raft does.")], None),
            (&[("cluster/src/group.rs", "let name = \"openraft::x\";")], None),
            (
                &[("cluster/src/group.rs", "fn f(x: openraft::Raft) {}")],
                Some("cluster/src/group.rs:1: openraft is named only"),
            ),
            (
                &[("cluster/src/batch.rs", "use bincode as b;")],
                Some("cluster/src/batch.rs:1: bincode is named only"),
            ),
            (&[("node/booking/tests/image.rs", "bincode::encode(1)")], None),
            (
                &[("node/src/simulation/sale.rs", "use loadgen::history::Ask;")],
                Some("node/src/simulation/sale.rs:1: loadgen is named only"),
            ),
        ],
    );
    assert_finds(
        check_no_std,
        &[
            (&[("node/booking/src/lib.rs", "//! x\n#![no_std]\n")], None),
            (
                &[("node/booking/src/lib.rs", "//! x\n#![cfg_attr(not(test), no_std)]\n")],
                Some("node/booking/src/lib.rs:1:"),
            ),
            (&[("node/booking/src/a.rs", "//! x\nextern crate std;\n")], Some("node/booking/src/a.rs:2:")),
        ],
    );
}

#[test]
fn seams_are_held() {
    assert_finds(
        check_seams,
        &[
            (&[("node/src/chance.rs", "use rand::Rng as _;")], None),
            (&[("node/tests/node/house.rs", "tokio::spawn(x)")], None),
            (&[("node/src/key.rs", "/// Not rand::rng().")], None),
            (&[("node/src/key.rs", "rand::rng()")], Some("node/src/key.rs:1: rand:: is named only in")),
            (&[("cluster/src/group.rs", "tokio::spawn(x)")], Some("cluster/src/group.rs:1: tokio::spawn")),
        ],
    );
}
