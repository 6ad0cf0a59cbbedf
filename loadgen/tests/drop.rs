//! Whole drops, from the command line to the exit status, against servers that are right and servers that are not.

mod box_office;

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use box_office::shop::Fault;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::spawn_blocking;

/// 32 bytes of nothing, as base64url.
const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// Enough customers to fill two slots and their waitlists twice over.
const DROP: &[&str] = &[
    "--customers=400",
    "--rate=2000/s",
    "--connections=8",
    "--slots=2",
    "--capacity=100",
    "--cancel-percent=50",
    "--repeat-percent=20",
    "--retry-for=20",
    "--timeout=5",
    "--late-ms-max=10000",
    "--quiet",
];

/// A folder with a key, in which `loadgen` is called and leaves its report.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { folder: TempDir::new().expect("a folder") };
        fs::write(desk.path("token.key"), KEY).expect("a key file");
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn call(&self, key: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_loadgen"));
        command.arg("drop").arg("--key").arg(self.path(key)).arg("--json").arg(self.path("report.json"));
        command.args(arguments).output().expect("the binary runs")
    }

    /// Calls it with a pipe that nobody reads.
    fn call_unheard(&self, arguments: &[&str]) -> Output {
        let (reader, writer) = io::pipe().expect("the system has pipes");
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_loadgen"));
        command.args(arguments).current_dir(self.folder.path());
        command.stdout(writer).stderr(Stdio::piped()).output().expect("the binary runs")
    }

    /// Sells a drop; gives the exit status and the report for programs.
    fn sell(&self, target: SocketAddr, arguments: &[&str]) -> (Option<i32>, Value) {
        let target = format!("--target=http://{target}");
        let output = self.call("token.key", &[&[target.as_str()], arguments].concat());
        let report =
            fs::read(self.path("report.json")).ok().and_then(|json| serde_json::from_slice(&json).ok());
        let report =
            report.unwrap_or_else(|| panic!("no report: {}", String::from_utf8_lossy(&output.stderr)));
        (output.status.code(), report)
    }
}

/// Sells the usual drop on a server with `fault`.
async fn sell(fault: Fault, more: &'static [&'static str]) -> (Option<i32>, Value) {
    let target = box_office::open(fault).await;
    spawn_blocking(move || Desk::new().sell(target, &[DROP, more].concat())).await.expect("no panic")
}

fn failed(report: &Value) -> Vec<&str> {
    let checks = report["checks"].as_array().expect("a list").iter();
    checks.filter(|check| check["failures"] != 0).filter_map(|check| check["check"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correct_server_is_found_correct() {
    for fault in [Fault::None, Fault::Clumsy] {
        let (status, report) = sell(fault, &[]).await;
        assert_eq!(status, Some(0), "{fault:?}: {report:#}");
        assert_eq!(report["result"], "correct");
        assert_eq!(report["outcomes"]["unknown"], 0, "{fault:?}: {report:#}");
        let decided = &report["outcomes"]["decided"];
        for kind in ["confirmed", "waitlisted", "cancelled", "waitlist_full", "sold_out"] {
            assert!(decided[kind].as_u64() > Some(0), "{fault:?}: nobody was {kind}: {decided}");
        }
        assert_eq!(report["retries"].as_object().expect("an object").is_empty(), fault == Fault::None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn holds_are_confirmed_or_let_go() {
    for fault in [Fault::None, Fault::Clumsy] {
        let (status, report) = sell(fault, &["--holds=60"]).await;
        assert_eq!(status, Some(0), "{fault:?}: {report:#}");
        let decided = &report["outcomes"]["decided"];
        for kind in ["held", "confirmed", "waitlisted", "cancelled"] {
            assert!(decided[kind].as_u64() > Some(0), "{fault:?}: nobody was {kind}: {decided}");
        }
    }
}

/// Enough customers to fill a small house, in pairs and parties.
const HOUSE: &[&str] = &[
    "--customers=300",
    "--rate=200/s",
    "--connections=8",
    "--holds=50",
    "--cancel-percent=30",
    "--swap-percent=80",
    "--repeat-percent=20",
    "--retry-for=20",
    "--timeout=5",
    "--late-ms-max=10000",
    "--quiet",
];

async fn sell_house(fault: Fault, kind: &'static str, seats: &'static str) -> (Option<i32>, Value) {
    let target = box_office::open(fault).await;
    let selling = spawn_blocking(move || Desk::new().sell(target, &[HOUSE, &[kind, seats]].concat()));
    selling.await.expect("no panic")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_is_sold_and_found_correct() {
    // In a small house somebody is too late; in a large one whoever wants another seat finds one.
    for (fault, kind, seats, least_swapped, late) in [
        (Fault::None, "--house=cinema", "--house-seats=120", 0, &["sold_out"][..]),
        (Fault::None, "--house=arena", "--house-seats=1000", 1, &[]),
        (Fault::Clumsy, "--house=theatre", "--house-seats=600", 0, &[]),
    ] {
        let (status, report) = sell_house(fault, kind, seats).await;
        assert_eq!(status, Some(0), "{fault:?} {kind}: {report:#}");
        let checks = report["checks"].as_array().expect("a list");
        let idle: Vec<&Value> = checks.iter().filter(|check| check["examined"] == 0).collect();
        assert!(checks.len() == 14 && idle.is_empty(), "{kind}: {idle:?}");
        for figure in ["seats", "picks", "best", "given"] {
            assert!(report["house"][figure].as_u64() > Some(0), "{kind}: {figure}: {:#}", report["house"]);
        }
        assert!(report["house"]["swapped"].as_u64() >= Some(least_swapped), "{kind}: {:#}", report["house"]);
        let decided = &report["outcomes"]["decided"];
        for kind in [&["confirmed", "held", "cancelled", "seats_refused"], late].concat() {
            assert!(decided[kind].as_u64() > Some(0), "{fault:?}: nobody was {kind}: {decided}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_that_lies_is_caught() {
    for (fault, check) in [
        (Fault::SeatTwice, "seats_given_once"),
        (Fault::SecondBest, "best_was_best"),
        (Fault::HidesConflicts, "picks_honoured"),
        (Fault::KeepsBoth, "picks_honoured"),
        (Fault::OldMap, "maps_agree"),
    ] {
        let (status, report) = sell_house(fault, "--house=cinema", "--house-seats=400").await;
        assert_eq!(status, Some(1), "{fault:?}: {report:#}");
        assert!(failed(&report).contains(&check), "{fault:?}: {:?}", failed(&report));
    }
}

/// Enough customers to be in each other's way, of whom many want other hours than they have.
const CALENDAR: &[&str] = &[
    "--house=calendar",
    "--slots=2",
    "--customers=500",
    "--rate=500/s",
    "--connections=8",
    "--holds=40",
    "--cancel-percent=30",
    "--swap-percent=60",
    "--repeat-percent=20",
    "--retry-for=20",
    "--timeout=5",
    "--late-ms-max=10000",
    "--quiet",
];

async fn sell_calendar(fault: Fault) -> (Option<i32>, Value) {
    let target = box_office::open(fault).await;
    spawn_blocking(move || Desk::new().sell(target, CALENDAR)).await.expect("no panic")
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_are_sold_and_found_correct() {
    for fault in [Fault::None, Fault::Clumsy] {
        let (status, report) = sell_calendar(fault).await;
        assert_eq!(status, Some(0), "{fault:?}: {report:#}");
        let decided = &report["outcomes"]["decided"];
        for kind in ["held", "confirmed", "cancelled", "range_taken", "range_refused", "quantity_too_large"] {
            assert!(decided[kind].as_u64() > Some(0), "{fault:?}: nobody was {kind}: {decided}");
        }
        let checks = report["checks"].as_array().expect("a list").iter();
        let idle = checks.filter(|check| check["examined"] == 0).map(|check| &check["check"]);
        // Those who wait for ranges, and how much is taken of them, have checks of their own.
        let idle = idle.collect::<Vec<_>>();
        assert_eq!(idle, ["never_oversold", "served_in_order"], "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_that_lies_is_caught() {
    for (fault, check) in [
        (Fault::CourtTwice, "ranges_given_once"),
        (Fault::NothingBetween, "ranges_given_once"),
        (Fault::OpensAtNight, "ranges_decided"),
        (Fault::HidesRanges, "ranges_decided"),
        (Fault::OffersTaken, "free_agrees"),
        (Fault::HidesFree, "free_agrees"),
    ] {
        let (status, report) = sell_calendar(fault).await;
        assert_eq!(status, Some(1), "{fault:?}: {report:#}");
        assert!(failed(&report).contains(&check), "{fault:?}: {:?}", failed(&report));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_at_once_from_what_is_on_sale() {
    let target = box_office::open(Fault::None).await;
    let selling = spawn_blocking(move || {
        let desk = Desk::new();
        let made = desk.sell(target, &[DROP, &["--slots=3", "--capacity=10", "--cancel-percent=0"]].concat());
        assert_eq!(made.0, Some(0), "{:#}", made.1);
        // The same slots once more: what the first drop's customers did is a stranger's doing.
        let again = desk.sell(
            target,
            &[
                "--existing",
                "--at-once",
                "--zipf=1",
                "--customers=200",
                "--cancel-percent=0",
                "--late-ms-max=10000",
            ],
        );
        assert_eq!(again.0, Some(0), "{:#}", again.1);
        assert_eq!((&again.1["slots"], &again.1["rate_per_second"]), (&3.into(), &Value::Null));
    });
    selling.await.expect("no panic");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_lies_is_caught() {
    let usual: &[&str] = &[];
    for (fault, more, check) in [
        (Fault::Oversells, usual, "never_oversold"),
        (Fault::Forgets, usual, "nothing_lost"),
        (Fault::SkipsQueue, usual, "served_in_order"),
        (Fault::Repeats, usual, "nothing_doubled"),
        (Fault::LetsGo, &["--holds=50"], "promises_kept"),
    ] {
        let (status, report) = sell(fault, more).await;
        assert_eq!(status, Some(1), "{fault:?}: {report:#}");
        assert!(failed(&report).contains(&check), "{fault:?}: {:?}", failed(&report));
    }
}

/// What makes a drop one of products.
const PRODUCTS: &[&str] = &["--products", "--holds=30", "--fewer-percent=50"];

#[tokio::test(flavor = "multi_thread")]
async fn products_are_sold_and_found_correct() {
    for fault in [Fault::None, Fault::Clumsy] {
        let (status, report) = sell(fault, PRODUCTS).await;
        assert_eq!(status, Some(0), "{fault:?}: {report:#}");
        let decided = &report["outcomes"]["decided"];
        for kind in [
            "held",
            "confirmed",
            "waitlisted",
            "cancelled",
            "quota_exhausted",
            "price_changed",
            "payment_required",
        ] {
            assert!(decided[kind].as_u64() > Some(0), "{fault:?}: nobody was {kind}: {decided}");
        }
        // Two slots, each of which is changed three times.
        assert_eq!(report["products"]["changes"], 6, "{fault:?}");
        let examined = |name: &str| {
            let mut checks = report["checks"].as_array().expect("a list").iter();
            checks.find(|check| check["check"] == name).and_then(|check| check["examined"].as_u64())
        };
        assert!(examined("quotas_kept") > Some(0) && examined("amounts_right") > Some(0), "{report:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_lies_about_products_is_caught() {
    for (fault, check) in [
        (Fault::OverQuota, "quotas_kept"),
        (Fault::Overcharges, "amounts_right"),
        (Fault::Thaws, "amounts_right"),
        (Fault::OldPrices, "amounts_right"),
        (Fault::GivesAway, "decided_rightly"),
        (Fault::CriesWolf, "decided_rightly"),
        (Fault::HidesQuotas, "decided_rightly"),
    ] {
        let (status, report) = sell(fault, PRODUCTS).await;
        assert_eq!(status, Some(1), "{fault:?}: {report:#}");
        assert!(failed(&report).contains(&check), "{fault:?}: {:?}", failed(&report));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_seen_is_not_called_correct() {
    for (fault, outcome) in [(Fault::Dies, "not_sent"), (Fault::Locked, "rejected")] {
        let (status, report) = sell(fault, &["--retry-for=1"]).await;
        assert_eq!(status, Some(2), "{fault:?}: {report:#}");
        assert_eq!(failed(&report), [""; 0], "{fault:?}");
        assert!(!report["doubts"].as_array().expect("a list").is_empty());
        let count = &report["outcomes"][outcome];
        assert!(
            count.as_u64() > Some(0) || count["unauthenticated"].as_u64() > Some(0),
            "{fault:?}: {report:#}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generator_that_is_late_says_so_unless_there_is_worse_to_say() {
    for (fault, want, result) in
        [(Fault::None, 3, "generator_bottleneck"), (Fault::Oversells, 1, "incorrect")]
    {
        let (status, report) = sell(fault, &["--late-ms-max=0", "--cancel-percent=0"]).await;
        assert_eq!((status, &report["result"]), (Some(want), &result.into()), "{fault:?}: {report:#}");
        assert!(report["generator"]["bottleneck"].is_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_has_seen_enough_changes_no_verdict() {
    let target = box_office::open(Fault::None).await;
    let calling = spawn_blocking(move || {
        let desk = Desk::new();
        let target = format!("--target=http://{target}");
        let sale = [&["drop", "--key=token.key", target.as_str()], DROP].concat();
        for arguments in [&["--help"][..], &["--version"], &["drop", "--help"], &sale] {
            let output = desk.call_unheard(arguments);
            let talk = String::from_utf8_lossy(&output.stderr);
            assert_eq!((output.status.code(), &*talk), (Some(0), ""), "{arguments:?}");
        }
    });
    calling.await.expect("no panic");
}

#[test]
fn bad_arguments_are_not_taken_for_a_verdict() {
    let desk = Desk::new();
    fs::write(desk.path("short.key"), "AAAA").expect("a key file");
    for (arguments, key, want) in [
        (&["--target=ftp://node"][..], "token.key", 64),
        (&["--target=http://node:1", "--rate=0"], "token.key", 64),
        (&["--target=http://node:1", "--at-once", "--rate=5"], "token.key", 64),
        (&["--target=http://node:1", "--house=cinema", "--capacity=5"], "token.key", 64),
        (&["--target=http://node:1", "--house=cinema", "--existing"], "token.key", 64),
        (&["--target=http://node:1", "--house-seats=60"], "token.key", 64),
        (&["--target=http://node:1", "--house=barn"], "token.key", 64),
        (&["--target=http://node:1", "--products", "--existing"], "token.key", 64),
        (&["--target=http://node:1"], "short.key", 64),
        (&["--target=http://node:1"], "missing.key", 64),
        (&["--target=http://127.0.0.1:1", "--retry-for=0"], "token.key", 2),
        (&["--help"], "token.key", 0),
    ] {
        let output = desk.call(key, arguments);
        assert_eq!(output.status.code(), Some(want), "{arguments:?}: {output:?}");
    }
}
