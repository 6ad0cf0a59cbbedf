//! The floors of the house as a test: no circle between files, and no arrow from a lower floor to a higher one.

mod items;
mod modules;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};

use self::modules::{Taken, taken};
use crate::tree::{Source, assert_finds, assert_none, house};

/// Of each crate, its floors from the ground up: files, and folders with all that is in them. The longest place that fits a file
/// is its own. A file takes from its own floor and from those below.
const FLOORS: [(&str, &[&[&str]]); 12] = [
    (
        "node/booking/src/",
        &[
            &["base/", "digest.rs", "id.rs", "limits.rs", "time.rs"],
            &["slot/shown/status.rs"],
            &["slot/inventory/calendar/", "slot/inventory/seats/"],
            &["slot/asked/", "slot/levels.rs", "slot/shown/"],
            // What entities say to each other names what is asked of slots.
            &[
                "base/intents/",
                "base/message.rs",
                "base/order.rs",
                "base/parts.rs",
                "base/payment.rs",
                "base/promised.rs",
                "base/step.rs",
            ],
            &["slot/inventory/"],
            &["slot/state/"],
            &[
                "slot/away.rs",
                "slot/check/",
                "slot/image.rs",
                "slot/read.rs",
                "slot/rehearsal.rs",
                "slot/rules/",
            ],
            &["merchant/", "organizer/", "slot/apply.rs", "toy/"],
            &["entity.rs", "entity/"],
            &["stored/"],
        ],
    ),
    (
        "node/api/src/",
        &[
            &["object.rs", "once.rs", "problem.rs", "time.rs", "token.rs", "whole.rs", "word.rs"],
            &["patch.rs", "tariff.rs"],
            &[
                "admin.rs",
                "backup/",
                "booking.rs",
                "calendar.rs",
                "inventory.rs",
                "list.rs",
                "request.rs",
                "seatmap.rs",
                "seats.rs",
            ],
            &["slot.rs"],
            &["feed.rs", "live.rs"],
        ],
    ),
    (
        "node/hours/src/",
        &[
            &["bounds.rs", "document.rs", "interval.rs"],
            &["clocks.rs", "fault.rs", "free_busy.rs", "week.rs"],
            &["calendar.rs"],
            &["expand.rs", "read.rs"],
        ],
    ),
    (
        "node/seatmap/src/",
        &[
            &["bounds.rs", "plan.rs"],
            &["fault.rs"],
            &["json.rs", "number.rs"],
            &["house.rs"],
            &["canonical.rs", "draft.rs", "names.rs", "rank.rs"],
            &["compile.rs", "read/"],
        ],
    ),
    (
        "node/src/",
        &[
            &[
                "apart.rs",
                "chance.rs",
                "ids.rs",
                "key.rs",
                "log.rs",
                "observer.rs",
                "openings.rs",
                "permits.rs",
                "telemetry.rs",
                "views/",
            ],
            &["saved/"],
            &["actors/"],
            &["machine.rs"],
            &["router/"],
            &["disk.rs", "effects/", "failure.rs", "followed.rs", "metrics.rs", "sampling.rs", "tls/"],
            &["http/response/"],
            &["http/request/"],
            &["http/convert/"],
            &["http/app.rs"],
            &["http/passing.rs"],
            &["http/watching.rs"],
            &["http/guard.rs"],
            &["http/routes/"],
            &["http/connection/"],
            &["start.rs"],
            &["recover.rs", "restore.rs"],
            &["lib.rs"],
        ],
    ),
    (
        "cluster/src/",
        &[
            &["batch.rs", "clock.rs", "codec.rs", "digests.rs", "error.rs", "members.rs", "network.rs"],
            &[
                "content.rs",
                "machine.rs",
                "options.rs",
                "placement/",
                "proposals.rs",
                "room.rs",
                "rounds.rs",
                "status.rs",
                "written.rs",
            ],
            &["transport/"],
            &["adapter/"],
            &[
                "founding.rs",
                "identity.rs",
                "quorum.rs",
                "recovery.rs",
                "requests.rs",
                "restoration.rs",
                "skew.rs",
            ],
            &["group.rs"],
            &["table.rs"],
            &[
                "backup.rs",
                "comparison.rs",
                "forming.rs",
                "handing.rs",
                "keeper.rs",
                "leading.rs",
                "mover.rs",
                "placing.rs",
                "reconciler.rs",
                "roll.rs",
                "yielding.rs",
            ],
            &["cluster.rs", "cluster/"],
        ],
    ),
    (
        "storage/src/",
        &[
            &["bounds.rs", "error.rs", "place.rs", "room.rs", "store.rs", "write.rs"],
            &["engine/", "memory/"],
            &["engine.rs", "memory.rs"],
        ],
    ),
    (
        "config/src/",
        &[&["error.rs", "net.rs", "origin.rs"], &["sections.rs"], &["check.rs", "load.rs", "secret.rs"]],
    ),
    (
        "loadgen/witness/src/",
        &[
            &[
                "finding.rs",
                "history.rs",
                "house/",
                "model.rs",
                "places.rs",
                "report.rs",
                "span.rs",
                "tariff.rs",
            ],
            &["case.rs"],
            &["contract.rs", "doubled.rs", "lost.rs", "order.rs", "oversold.rs", "reads.rs"],
            &[
                "bills.rs",
                "hour.rs",
                "promises.rs",
                "quotas.rs",
                "sequence.rs",
                "settled.rs",
                "transitions.rs",
            ],
            &["kept.rs"],
            &["decisions.rs", "seats/"],
            &["ranges/"],
            &["lib.rs"],
        ],
    ),
    (
        "loadgen/src/",
        &[
            &[
                "bottleneck.rs",
                "caller.rs",
                "client.rs",
                "clock.rs",
                "demand.rs",
                "error.rs",
                "options.rs",
                "retry.rs",
            ],
            &[
                "drive/settings.rs",
                "drive/tally.rs",
                "goods.rs",
                "house/row.rs",
                "programme.rs",
                "seating.rs",
                "token.rs",
                "trust.rs",
            ],
            &["courts.rs", "house/map.rs", "page.rs", "plan.rs", "progress.rs", "report.rs"],
            &[
                "crowd.rs",
                "drive/",
                "house/bowl.rs",
                "house/hall.rs",
                "keeper.rs",
                "looker.rs",
                "scout.rs",
                "seller.rs",
            ],
            &["house/"],
            &["inquiry.rs", "stage.rs"],
            &["drop.rs"],
            &["main.rs"],
        ],
    ),
    (
        "ops/calendar/src/",
        &[
            &["fault.rs", "written.rs"],
            &["line.rs", "timetable.rs"],
            &["component.rs", "rule.rs", "shift.rs"],
            &["zone.rs"],
            &["time.rs"],
            &["event.rs"],
            &["series.rs"],
            &["read.rs"],
            &["busy.rs"],
            &["available.rs"],
        ],
    ),
    (
        "ops/src/",
        &[
            &["cli.rs", "render.rs", "slot_id.rs"],
            &["error.rs", "progress.rs"],
            &["client.rs", "key.rs"],
            &["commands/"],
            &["main.rs"],
        ],
    ),
];

#[test]
fn no_file_takes_from_one_that_takes_from_it() {
    assert_none(&check_circles(&house()));
}

#[test]
fn no_floor_takes_from_one_above() {
    assert_none(&check_floors(&house()));
}

/// A test that reads nothing finds nothing wrong.
#[test]
fn what_is_taken_is_seen() {
    let taken = taken(&house());
    let is_seen = |by: &str, from: &str, name: &str| {
        taken.iter().any(|taken| (&*taken.by, &*taken.from, &*taken.name) == (by, from, name))
    };
    assert!(
        is_seen("node/src/router/mod.rs", "node/src/router/ask.rs", "Ask"),
        "a name that is handed on and used"
    );
    assert!(
        is_seen("node/src/http/routes/feed.rs", "node/src/saved/pages.rs", "feed"),
        "one behind a module"
    );
    for (crate_, _floors) in FLOORS {
        assert!(taken.iter().any(|taken| taken.by.starts_with(crate_)), "nothing is taken in {crate_}");
    }
}

/// Files that take from each other, directly or by others.
fn check_circles(house: &[Source]) -> Vec<String> {
    let taken = taken(house);
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for Taken { by, from, .. } in &taken {
        next.entry(by).or_default().insert(from);
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        next.keys().map(|file| (*file, reach(&next, file))).collect();
    let mut violations = Vec::new();
    let mut told = BTreeSet::new();
    for (file, others) in &reached {
        let reaches_back = |other: &&&str| reached.get(**other).is_some_and(|back| back.contains(file));
        let circle: BTreeSet<&str> = others.iter().filter(reaches_back).copied().collect();
        if circle.is_empty() || !told.insert(circle.clone()) {
            continue;
        }
        let arrows: Vec<_> = taken
            .iter()
            .filter(|taken| circle.contains(&*taken.by) && circle.contains(&*taken.from))
            .map(|taken| {
                format!("\n    {}:{}: takes {} from {}", taken.by, taken.line, taken.name, taken.from)
            })
            .collect();
        let len = circle.len();
        violations.push(format!("{file}:1: one of {len} files in a circle:{}", arrows.concat()));
    }
    violations
}

/// Every file that a file takes from, directly or by others.
fn reach<'a>(next: &BTreeMap<&'a str, BTreeSet<&'a str>>, file: &str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = next.get(file).into_iter().flatten().copied().collect();
    while let Some(file) = open.pop() {
        if found.insert(file) {
            open.extend(next.get(file).into_iter().flatten());
        }
    }
    found
}

fn check_floors(house: &[Source]) -> Vec<String> {
    let mut violations = Vec::new();
    for Taken { by, from, line, name } in taken(house) {
        match (floor(&by), floor(&from)) {
            (Some(above), Some(below)) if below <= above => {}
            (Some(_), Some(_)) => {
                violations.push(format!("{by}:{line}: takes {name} from {from}, which is on a floor above"));
            }
            (None, _) => violations.push(format!("{by}:1: this file is on no floor")),
            (_, None) => violations.push(format!("{from}:1: this file is on no floor")),
        }
    }
    violations.sort();
    violations.dedup();
    violations
}

/// On which floor of its crate a file is, from the ground up.
fn floor(path: &str) -> Option<usize> {
    let crates = FLOORS.iter().filter_map(|(crate_, floors)| Some((path.strip_prefix(crate_)?, floors)));
    let (file, floors) = crates.min_by_key(|(file, _floors)| file.len())?;
    let fits = |place: &&str| file == *place || (place.ends_with('/') && file.starts_with(*place));
    let places =
        (0..).zip(*floors).flat_map(|(floor, places)| places.iter().map(move |place| (floor, *place)));
    places
        .filter(|(_floor, place)| fits(place))
        .max_by_key(|(_floor, place)| place.len())
        .map(|(floor, _place)| floor)
}

#[test]
fn circles_are_found() {
    let member = ("ops/Cargo.toml", "");
    let main = ("ops/src/main.rs", "mod cli;\nmod client;\nmod error;\n");
    let cli = ("ops/src/cli.rs", "pub struct Cli;");
    let error = "pub struct Error;";
    assert_finds(
        check_circles,
        &[
            (
                &[
                    member,
                    main,
                    cli,
                    ("ops/src/client.rs", "use crate::cli::Cli;"),
                    ("ops/src/error.rs", error),
                ],
                None,
            ),
            // Over lines, in braces, under another name.
            (
                &[
                    member,
                    main,
                    ("ops/src/cli.rs", "use super::{\n    client::{self as c},\n};\nfn f() { c::g() }"),
                    ("ops/src/client.rs", "use crate::{\n    cli::{\n        f as h,\n    },\n};"),
                    ("ops/src/error.rs", error),
                ],
                Some("ops/src/cli.rs:1: one of 2 files in a circle"),
            ),
            // By a third, and what tests take does not count.
            (
                &[
                    member,
                    main,
                    ("ops/src/cli.rs", "use crate::client::A;"),
                    ("ops/src/client.rs", "use crate::error::B;"),
                    ("ops/src/error.rs", "fn f() -> Option<Vec<crate::cli::C>> {}"),
                ],
                Some("ops/src/cli.rs:1: one of 3 files in a circle"),
            ),
            (
                &[
                    member,
                    main,
                    ("ops/src/cli.rs", "use crate::client::A;"),
                    ("ops/src/client.rs", "use crate::error::B;"),
                    (
                        "ops/src/error.rs",
                        "// crate::cli::C\n#[cfg(test)]\nmod tests {\n    use crate::cli::C;\n}",
                    ),
                ],
                None,
            ),
        ],
    );
}

#[test]
fn parents_that_hand_names_on_are_passed_through() {
    let member = ("ops/Cargo.toml", "");
    assert_finds(
        check_circles,
        &[
            // A name that is handed on by a parent which takes nothing itself.
            (
                &[
                    member,
                    ("ops/src/main.rs", "mod cli;\nmod client;\npub(crate) use self::client::Client;"),
                    ("ops/src/cli.rs", "fn f(client: super::Client) {}"),
                    ("ops/src/client.rs", "pub struct Client;"),
                ],
                None,
            ),
            // A child that takes from the parent by which it is used.
            (
                &[
                    member,
                    ("ops/src/main.rs", "mod client;\nstruct Own;\nfn f() { client::g() }"),
                    ("ops/src/client.rs", "fn g(own: super::Own) {}"),
                ],
                Some("ops/src/client.rs:1: one of 2 files in a circle"),
            ),
            (
                &[
                    member,
                    (
                        "ops/src/main.rs",
                        "mod client;\npub(crate) use client::g;\nstruct Own;\nfn f() { g() }",
                    ),
                    ("ops/src/client.rs", "use super::*;\nfn g(own: Own) {}"),
                ],
                Some("ops/src/client.rs:1: one of 2 files in a circle"),
            ),
            // What a glob takes by way of a parent that hands it on.
            (
                &[
                    member,
                    ("ops/src/main.rs", "mod cli;\nmod client;\npub(crate) use self::client::Client;"),
                    ("ops/src/cli.rs", "use super::*;\npub fn g(client: Client) {}"),
                    ("ops/src/client.rs", "use crate::cli::g;"),
                ],
                Some("ops/src/cli.rs:1: one of 2 files in a circle"),
            ),
        ],
    );
}

#[test]
fn floors_are_held() {
    let member = ("ops/Cargo.toml", "");
    let main = ("ops/src/main.rs", "mod cli;\nmod client;\nmod error;\n");
    let cli = ("ops/src/cli.rs", "pub struct Cli;");
    let error = "pub struct Error;";
    assert_finds(
        check_floors,
        &[
            (
                &[
                    member,
                    main,
                    cli,
                    ("ops/src/client.rs", "use crate::error::E;"),
                    ("ops/src/error.rs", error),
                ],
                None,
            ),
            (
                &[
                    member,
                    main,
                    cli,
                    ("ops/src/client.rs", ""),
                    ("ops/src/error.rs", "\nuse crate::client::C;"),
                ],
                Some("ops/src/error.rs:2: takes C from ops/src/client.rs, which is on a floor above"),
            ),
            (
                &[
                    member,
                    ("ops/src/main.rs", "mod client;\nmod attic;"),
                    ("ops/src/client.rs", "use crate::attic::A;"),
                    ("ops/src/attic.rs", ""),
                ],
                Some("ops/src/attic.rs:1: this file is on no floor"),
            ),
        ],
    );
}
