//! What is counted while the drop runs: for the progress line, and for the report.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use api::booking::Mode;
use hdrhistogram::Histogram;

use witness::history::{Ask, Moment, Places, whole_us};

/// The longest time that is told apart, in microseconds: longer ones count as this.
const TIMING_US_MAX: u64 = 3_600 * 1_000_000;
/// Significant digits of a timing.
const DIGITS: u8 = 3;

/// The shared counts. Written by every worker, read by the progress line.
#[derive(Debug)]
pub(crate) struct Tally {
    inner: Mutex<Counts>,
    /// Workers that have no connection and cannot get one.
    stranded: AtomicU64,
    /// When the server last answered anything, in microseconds.
    sign_of_life: AtomicU64,
}

/// What is measured, each from where to where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timing {
    /// From the intended moment to the final answer.
    Latency,
    /// From the last attempt's first byte to its answer: what a client sees that does not count its own waiting.
    Service,
    /// From when a request could have been sent to when it was: the generator's own delay.
    Lateness,
}

/// Why a request was sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    /// The connection broke.
    Broken,
    /// No answer came in time.
    TimedOut,
    /// The answer had this status.
    Status(u16),
}

/// What a final answer comes to, as the progress line tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Confirmed,
    Held,
    Waitlisted,
    Cancelled,
    Reduced,
    Reseated,
    Refused,
    Rejected,
}

impl Ending {
    /// By what was asked and the status alone: nobody waits for a body to be read.
    pub(crate) const fn of(ask: &Ask, status: u16) -> Self {
        match (status, ask) {
            (200, Ask::Cancel { .. } | Ask::Decline { .. }) => Self::Cancelled,
            (200, Ask::Reduce { .. }) => Self::Reduced,
            (200, Ask::Reseat { .. } | Ask::Move { .. }) => Self::Reseated,
            (200, Ask::Extend { .. }) | (201, Ask::Book { mode: Mode::Hold, .. }) => Self::Held,
            (200 | 201, _) => Self::Confirmed,
            (202, _) => Self::Waitlisted,
            (409, _) => Self::Refused,
            _ => Self::Rejected,
        }
    }
}

/// How many seats an answer gives.
pub(crate) const fn seats_given(ask: &Ask, status: u16) -> u64 {
    match (ask, status) {
        (Ask::Book { places: Places::Any | Places::Range(_), .. }, _) => 0,
        (Ask::Book { quantity, .. }, 201) => *quantity as u64,
        (_, _) => 0,
    }
}

#[derive(Clone, Debug)]
struct Counts {
    figures: Figures,
    latency: Histogram<u64>,
    service: Histogram<u64>,
    lateness: Histogram<u64>,
}

/// Counts at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    /// Requests that were sent at least once.
    pub(crate) sent: u64,
    /// Requests with a final answer.
    pub(crate) answered: u64,
    /// Firm at once, or confirmed.
    pub(crate) confirmed: u64,
    /// Asked for as holds, and served.
    pub(crate) held: u64,
    pub(crate) waitlisted: u64,
    pub(crate) cancelled: u64,
    /// Made smaller.
    pub(crate) reduced: u64,
    /// With another seat than before, or other hours.
    pub(crate) reseated: u64,
    /// Seats, and places in areas, that were given at once to who asked.
    pub(crate) seats: u64,
    pub(crate) refused: u64,
    /// Final answers of any other status.
    pub(crate) rejected: u64,
    /// Attempts after the first, by cause.
    pub(crate) retries: BTreeMap<Cause, u64>,
    /// Answers to deliberate repetitions.
    pub(crate) repeated: u64,
}

impl Tally {
    pub(crate) fn new() -> Self {
        let timings =
            || Histogram::new_with_bounds(1, TIMING_US_MAX, DIGITS).expect("the bounds are in order");
        Self {
            inner: Mutex::new(Counts {
                figures: Figures::default(),
                latency: timings(),
                service: timings(),
                lateness: timings(),
            }),
            stranded: AtomicU64::new(0),
            sign_of_life: AtomicU64::new(0),
        }
    }

    /// The counts as they are now.
    pub(crate) fn figures(&self) -> Figures {
        self.lock().figures.clone()
    }

    /// The timings as they are now, in microseconds.
    pub(crate) fn timings(&self, timing: Timing) -> Histogram<u64> {
        self.lock().of(timing).clone()
    }

    /// One percentile of the latency so far.
    pub(crate) fn latency_at(&self, quantile: f64) -> Duration {
        Duration::from_micros(self.lock().latency.value_at_quantile(quantile))
    }

    pub(crate) fn record(&self, timing: Timing, duration: Duration) {
        self.lock().of(timing).saturating_record(whole_us(duration));
    }

    pub(crate) fn sent(&self) {
        self.lock().figures.sent += 1;
    }

    pub(crate) fn retried(&self, cause: Cause) {
        *self.lock().figures.retries.entry(cause).or_default() += 1;
    }

    pub(crate) fn repeated(&self) {
        self.lock().figures.repeated += 1;
    }

    /// A request has its final answer.
    pub(crate) fn answered(&self, ending: Ending, seats: u64, latency: Duration, service: Duration) {
        let mut counts = self.lock();
        let figures = &mut counts.figures;
        figures.seats += seats;
        figures.answered += 1;
        *match ending {
            Ending::Confirmed => &mut figures.confirmed,
            Ending::Held => &mut figures.held,
            Ending::Waitlisted => &mut figures.waitlisted,
            Ending::Cancelled => &mut figures.cancelled,
            Ending::Reduced => &mut figures.reduced,
            Ending::Reseated => &mut figures.reseated,
            Ending::Refused => &mut figures.refused,
            Ending::Rejected => &mut figures.rejected,
        } += 1;
        counts.latency.saturating_record(whole_us(latency));
        counts.service.saturating_record(whole_us(service));
    }

    /// The server answered something.
    pub(crate) fn heard(&self, now: Moment) {
        self.sign_of_life.fetch_max(now.as_us(), Ordering::Relaxed);
    }

    /// When the server last answered anything; the beginning where it never did.
    pub(crate) fn last_heard(&self) -> Moment {
        Moment::from_us(self.sign_of_life.load(Ordering::Relaxed))
    }

    /// A worker cannot get a connection.
    pub(crate) fn strand(&self) {
        self.stranded.fetch_add(1, Ordering::Relaxed);
    }

    /// A worker that could not get a connection has one, or gives up.
    pub(crate) fn rescue(&self) {
        self.stranded.fetch_sub(1, Ordering::Relaxed);
    }

    /// Workers that have no connection and cannot get one.
    pub(crate) fn stranded(&self) -> u64 {
        self.stranded.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.inner.lock().expect("no thread panics while it counts")
    }
}

impl Counts {
    const fn of(&mut self, timing: Timing) -> &mut Histogram<u64> {
        match timing {
            Timing::Latency => &mut self.latency,
            Timing::Service => &mut self.service,
            Timing::Lateness => &mut self.lateness,
        }
    }
}
