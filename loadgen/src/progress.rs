//! The progress of a drop, on standard error: one living line on a terminal, a plain line a second elsewhere.

use std::convert::Infallible;
use std::future::pending;
use std::io::{IsTerminal, Write, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::sleep;

use crate::clock::Clock;
use crate::drive::Tally;
use crate::options::DropOptions;
use witness::history::Moment;

/// How often a terminal is refreshed.
const REFRESH: Duration = Duration::from_millis(200);
/// How often a plain line is written.
const LINE: Duration = Duration::from_secs(1);

/// Where progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Screen {
    Terminal,
    Lines,
    Nowhere,
}

impl Screen {
    /// Standard error as it is; nothing where quiet is asked for.
    pub(crate) fn detect(options: &DropOptions) -> Self {
        match (options.quiet, stderr().is_terminal()) {
            (true, _) => Self::Nowhere,
            (false, true) => Self::Terminal,
            (false, false) => Self::Lines,
        }
    }

    /// Shows how a drop to `customers` over `connections` goes, for as long as it is polled.
    pub(crate) async fn watch(
        self,
        tally: &Tally,
        clock: Clock,
        customers: u32,
        connections: u32,
    ) -> Infallible {
        let show = |now: Moment| describe(tally, now, connections);
        match self {
            Self::Terminal => {
                let style = ProgressStyle::with_template("{bar:24.cyan/dim} {percent:>3} %  {msg}")
                    .expect("the template is well-formed");
                let bar = Bar(ProgressBar::new(u64::from(customers)).with_style(style));
                loop {
                    bar.0.set_position(tally.figures().sent.min(u64::from(customers)));
                    bar.0.set_message(show(clock.now()));
                    sleep(REFRESH).await;
                }
            }
            Self::Lines => loop {
                sleep(LINE).await;
                if writeln!(stderr().lock(), "{}", show(clock.now())).is_err() {
                    // Nobody reads it any more; the drop goes on.
                    pending::<()>().await;
                }
            },
            Self::Nowhere => pending().await,
        }
    }
}

/// A bar that leaves nothing behind.
struct Bar(ProgressBar);

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn describe(tally: &Tally, now: Moment, connections: u32) -> String {
    let figures = tally.figures();
    let retries: u64 = figures.retries.values().sum();
    let p99 = tally.latency_at(0.99).as_millis();
    let state = match tally.stranded() {
        0 => String::new(),
        stranded if stranded >= u64::from(connections) => " | node is down, retrying".to_owned(),
        stranded => format!(" | {stranded} of {connections} connections are down, retrying"),
    };
    let seats = match (figures.seats, figures.reseated) {
        (0, 0) => String::new(),
        (seats, swapped) => format!(" | seats {seats} swapped {swapped}"),
    };
    format!(
        "{:>4} s | sent {} answered {} | confirmed {} held {} waitlisted {} cancelled {} fewer {} refused {} rejected {}{seats} | retries {retries} | p99 {p99} ms{state}",
        now.as_us() / 1_000_000,
        figures.sent,
        figures.answered,
        figures.confirmed,
        figures.held,
        figures.waitlisted,
        figures.cancelled,
        figures.reduced,
        figures.refused,
        figures.rejected,
    )
}
