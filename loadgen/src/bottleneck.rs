//! Was the generator itself the bottleneck? Then its figures say nothing about the server.
//!
//! Time that a request waits for a connection is the server's; time between the moment at which a request could be
//! sent and the moment at which it was is ours. Where all customers come at once nothing is ever early, so a pulse is
//! taken besides: a task that only sleeps, and measures how late it is woken. The third sign is the CPU time that
//! this process had, where the system tells it.

use std::convert::Infallible;
use std::fs;
use std::num::NonZero;
use std::sync::Mutex;
use std::time::Duration;

use hdrhistogram::Histogram;
use tokio::time::sleep;

use crate::clock::Clock;
use witness::history::{Moment, whole_us};

/// How often the pulse is taken.
const PULSE: Duration = Duration::from_millis(10);
/// The share of all cores, in percent, beyond which this process has nothing left to give.
const CPU_PERCENT_MAX: u64 = 90;
/// Jiffies a second in `/proc/self/stat`: Linux shows this many to programs, whatever it counts in.
const JIFFIES_PER_SECOND: u64 = 100;

/// Watches the generator while it runs.
#[derive(Debug)]
pub(crate) struct BottleneckWatch {
    lateness: Mutex<Histogram<u64>>,
    cpu_before: Option<Duration>,
}

/// What the watching came to.
#[derive(Clone, Debug)]
pub(crate) struct GeneratorLoad {
    /// How late the pulse was, 99th percentile.
    pub(crate) pulse_late: Duration,
    /// How late requests were sent by our own doing, 99th percentile.
    pub(crate) send_late: Duration,
    /// CPU time of this process, where the system tells.
    pub(crate) cpu: Option<Duration>,
    /// Wall time, and how many cores there were.
    pub(crate) wall: Duration,
    pub(crate) cores: u64,
}

impl BottleneckWatch {
    pub(crate) fn begin() -> Self {
        let lateness = Histogram::new(3).expect("three digits are allowed");
        Self { lateness: Mutex::new(lateness), cpu_before: cpu_time() }
    }

    /// Takes the pulse for as long as it is polled.
    pub(crate) async fn pulse(&self, clock: Clock) -> Infallible {
        loop {
            let due = clock.now().after(PULSE);
            sleep(PULSE).await;
            let late = clock.now().since(due);
            self.lateness.lock().expect("no thread panics while it counts").saturating_record(whole_us(late));
        }
    }

    /// Sums up at `now`, with the lateness of the requests that were sent.
    pub(crate) fn end(&self, now: Moment, sends: &Histogram<u64>) -> GeneratorLoad {
        let pulses = self.lateness.lock().expect("no thread panics while it counts");
        let cpu = self.cpu_before.zip(cpu_time()).map(|(before, after)| after.saturating_sub(before));
        GeneratorLoad {
            pulse_late: Duration::from_micros(pulses.value_at_quantile(0.99)),
            send_late: Duration::from_micros(sends.value_at_quantile(0.99)),
            cpu,
            wall: now.since(Moment::default()),
            cores: std::thread::available_parallelism().map_or(1, NonZero::get) as u64,
        }
    }
}

impl GeneratorLoad {
    /// Why the generator was the bottleneck, if it was: one request in a hundred, or one pulse, later than `late_max`,
    /// or no CPU time left.
    pub(crate) fn bottleneck(&self, late_max: Duration) -> Option<String> {
        if self.send_late > late_max {
            return Some(format!(
                "one request in a hundred was sent {:?} late by its own doing",
                self.send_late
            ));
        }
        if self.pulse_late > late_max {
            return Some(format!("one of its timers in a hundred was {:?} late", self.pulse_late));
        }
        let percent = self.cpu_percent().filter(|percent| *percent > CPU_PERCENT_MAX)?;
        Some(format!("it used {percent} % of {} cores", self.cores))
    }

    /// The share of all cores that this process used.
    pub(crate) fn cpu_percent(&self) -> Option<u64> {
        let available = whole_us(self.wall).checked_mul(self.cores).filter(|available| *available > 0)?;
        Some(whole_us(self.cpu?).saturating_mul(100) / available)
    }
}

/// CPU time of this process so far, user and system; none where there is no `/proc`.
fn cpu_time() -> Option<Duration> {
    parse_cpu_time(&fs::read_to_string("/proc/self/stat").ok()?)
}

/// Fields 14 and 15 of `proc_pid_stat(5)`, counted behind the name, which may hold anything but ends with a bracket.
fn parse_cpu_time(stat: &str) -> Option<Duration> {
    let (_name, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis((user + system) * 1_000 / JIFFIES_PER_SECOND))
}

#[cfg(test)]
mod tests {
    use super::{Duration, GeneratorLoad, parse_cpu_time};

    #[test]
    fn a_bottleneck_is_late_or_has_nothing_left() {
        let ms = Duration::from_millis;
        for (pulse, send, cpu, want) in [
            (1, 1, Some(10_000), false),
            (100, 100, Some(18_000), false),
            (101, 1, Some(10_000), true),
            (1, 101, Some(10_000), true),
            (1, 1, Some(18_200), true),
            (1, 1, None, false),
        ] {
            let load = GeneratorLoad {
                pulse_late: ms(pulse),
                send_late: ms(send),
                cpu: cpu.map(ms),
                wall: ms(10_000),
                cores: 2,
            };
            assert_eq!(load.bottleneck(ms(100)).is_some(), want, "{load:?}");
        }
    }

    #[test]
    fn cpu_time_is_found_behind_any_name() {
        let numbers = "R 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20";
        for (stat, want) in [
            (format!("1 (loadgen) {numbers}"), Some(Duration::from_secs(2))),
            (format!("1 (a ) b) {numbers}"), Some(Duration::from_secs(2))),
            ("1 (loadgen) R 1".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(parse_cpu_time(&stat), want, "{stat}");
        }
    }
}
