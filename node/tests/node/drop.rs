//! A drop that sells while the test does what it likes, and the witness's verdict.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::JoinHandle;

use clap::Parser as _;
use loadgen::drop::DropIdentity;
use loadgen::options::{Command, Options};
use loadgen::report::Report;

/// No two drops have the same name.
static DROPS: AtomicU32 = AtomicU32::new(1);

/// What a drop sells that sells seats: small houses, so that they sell out and customers wait.
pub(crate) const SEATS: &[&str] = &[
    "--house=theatre",
    "--house-seats=500",
    "--slots=3",
    "--singles=refuse",
    "--holds=40",
    "--swap-percent=40",
    "--fewer-percent=30",
    "--closed-seats=20",
];

/// What a drop sells that sells products of units, and of seats.
pub(crate) const PRODUCTS: &[&str] = &["--products", "--slots=4", "--holds=30", "--fewer-percent=40"];
pub(crate) const SEATS_OF_PRODUCTS: &[&str] = &[
    "--products",
    "--house=theatre",
    "--house-seats=500",
    "--slots=3",
    "--holds=40",
    "--swap-percent=40",
    "--fewer-percent=30",
];

/// What a drop sells that sells hours: of courts, and of a pool.
pub(crate) const HOURS: &[&str] =
    &["--house=calendar", "--slots=2", "--holds=40", "--swap-percent=40", "--fewer-percent=30"];

/// Begins a drop with cancellations and repeated requests.
pub(crate) fn sell(client: SocketAddr, key: &Path, how: &[&str]) -> JoinHandle<Report> {
    let target = format!("--target=http://{client}");
    let arguments = [
        "loadgen",
        "drop",
        &target,
        "--key",
        key.to_str().expect("a path of text"),
        "--connections=16",
        "--cancel-percent=30",
        "--repeat-percent=10",
        "--timeout=5",
        "--late-ms-max=60000",
        "--quiet",
    ];
    // A house says by itself how much there is.
    let units = how.iter().all(|word| !word.starts_with("--house=")).then_some("--capacity=300");
    let words = arguments.into_iter().chain(units).chain(how.iter().copied());
    let command = Options::try_parse_from(words).expect("good arguments").command;
    let Command::Drop(options) = command else { panic!("it is a drop that was asked for") };
    let name = DROPS.fetch_add(1, Ordering::Relaxed);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let identity = DropIdentity { now_ms: wall_ms(), name, seed: u64::from(name) };
        runtime.block_on(loadgen::drop::sell(&options, identity)).expect("a verdict")
    })
}

fn wall_ms() -> u64 {
    use cluster::Clock as _;
    cluster::SystemClock::new().wall_ms()
}
