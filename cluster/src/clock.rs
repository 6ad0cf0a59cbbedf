//! Time: the only place from which it enters the house, and the stamps that a leader makes of it.
//!
//! Within a term stamps follow the *monotonic* clock, slewed by at most one part in a thousand towards wall time, so a
//! wall clock that jumps by an hour expires nothing an hour early. A new term begins at the later of the log's last
//! stamp and the wall clock (RG-4).

use std::time::{Duration, Instant, SystemTime};

/// The time a leader wrote into an entry: milliseconds since 1970, never backwards within a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(pub u64);

/// The two clocks of a machine. Injected, so that a simulation can make its own.
pub trait Clock: Send + Sync + 'static {
    /// Milliseconds since 1970, as the machine believes: may jump in both directions.
    fn wall_ms(&self) -> u64;
    /// Time since some fixed moment of this process: never goes back, never jumps.
    fn monotonic(&self) -> Duration;
}

/// The machine's own clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// Clocks whose monotonic time begins now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place where time enters the house")]
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where time enters the house")]
    fn wall_ms(&self) -> u64 {
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX)
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }
}

/// How far stamps may lean towards the wall clock: one part in this many of the time that passed.
const SLEW_PARTS: u64 = 1_000;
/// A wall clock that differs from the stamps by more than this is alarmed, and never stamped; one that is ahead of its peers'
/// by more begins no term.
pub(crate) const STEP_ALARM_MS: u64 = 5_000;

/// Makes the stamps of one group.
#[derive(Debug, Default)]
pub struct Stamper {
    term: u64,
    /// The stamp that was right when the monotonic clock stood at `anchor`.
    base: Stamp,
    anchor: Duration,
    alarm: Alarm,
}

/// Whether the wall clock's step has been reported, so that it is reported once.
#[derive(Debug, Default, PartialEq, Eq)]
enum Alarm {
    #[default]
    Silent,
    Raised,
}

impl Stamper {
    /// Whether an entry of this term was stamped.
    pub(crate) fn has_begun(&self, term: u64) -> bool {
        self.term == term
    }

    /// The stamp of an entry that is proposed now, in `term`. `floor` is the log's last stamp.
    pub fn stamp(&mut self, term: u64, floor: Stamp, clock: &dyn Clock) -> Stamp {
        let wall = clock.wall_ms();
        let now = clock.monotonic();
        if term != self.term {
            *self = Self { term, base: Stamp(wall.max(floor.0)), anchor: now, alarm: Alarm::Silent };
            return self.base;
        }
        let passed_ms = u64::try_from(now.saturating_sub(self.anchor).as_millis()).unwrap_or(u64::MAX);
        let straight = self.base.0.saturating_add(passed_ms);
        self.watch(wall, straight);
        let lean = passed_ms / SLEW_PARTS;
        if lean == 0 {
            return Stamp(straight).max(floor);
        }
        self.base = Stamp(wall.clamp(straight.saturating_sub(lean), straight.saturating_add(lean)));
        self.anchor += Duration::from_millis(passed_ms);
        self.base.max(floor)
    }

    fn watch(&mut self, wall: u64, straight: u64) {
        let apart_ms = wall.abs_diff(straight);
        if apart_ms <= STEP_ALARM_MS {
            self.alarm = Alarm::Silent;
        } else if self.alarm == Alarm::Silent {
            self.alarm = Alarm::Raised;
            tracing::error!(
                apart_ms,
                "the wall clock has stepped away from the log's time, which goes on unmoved"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed {
        wall_ms: u64,
        monotonic_ms: u64,
    }

    impl Clock for Fixed {
        fn wall_ms(&self) -> u64 {
            self.wall_ms
        }
        fn monotonic(&self) -> Duration {
            Duration::from_millis(self.monotonic_ms)
        }
    }

    /// A term, the log's last stamp, the wall clock and the monotonic clock, all in milliseconds.
    type Moment = (u64, u64, u64, u64);

    /// Rows of a moment and the stamp that is due then.
    fn check(rows: &[(Moment, u64)]) {
        let mut stamper = Stamper::default();
        for &((term, floor, wall_ms, monotonic_ms), want) in rows {
            let got = stamper.stamp(term, Stamp(floor), &Fixed { wall_ms, monotonic_ms });
            assert_eq!(
                got,
                Stamp(want),
                "term {term}, floor {floor}, wall {wall_ms}, monotonic {monotonic_ms}"
            );
        }
    }

    #[test]
    fn a_term_begins_at_the_later_of_log_and_wall() {
        check(&[((1, 0, 5_000, 100), 5_000)]);
        check(&[((1, 9_000, 5_000, 100), 9_000)]);
        check(&[
            ((1, 0, 5_000, 100), 5_000),
            ((2, 5_000, 4_000, 200), 5_000),
            ((3, 5_000, 8_000, 300), 8_000),
        ]);
    }

    #[test]
    fn within_a_term_a_wall_clock_that_jumps_is_not_followed() {
        check(&[
            ((1, 0, 1_000_000, 0), 1_000_000),
            ((1, 0, 1_000_010, 10), 1_000_010),
            ((1, 0, 90_000_000, 20), 1_000_020), // a day ahead
            ((1, 0, 5, 30), 1_000_030),          // back to 1970
        ]);
    }

    #[test]
    fn a_wall_clock_that_drifts_is_followed_slowly() {
        // The wall runs 100 ms ahead: each second gives at most one of them back.
        check(&[
            ((1, 0, 1_000_000, 0), 1_000_000),
            ((1, 0, 1_001_100, 1_000), 1_001_001),
            ((1, 0, 1_002_100, 2_000), 1_002_002),
        ]);
        check(&[((1, 0, 1_000_000, 0), 1_000_000), ((1, 0, 1_000_900, 1_000), 1_000_999)]);
    }

    #[test]
    fn stamps_never_go_back_and_never_stand_still_for_rounding() {
        let mut stamper = Stamper::default();
        let mut last = Stamp(0);
        for monotonic_ms in 0..20_000 {
            let wall_ms = 7_000_000 + monotonic_ms - monotonic_ms / 500; // slow by two parts in a thousand
            let stamp = stamper.stamp(1, last, &Fixed { wall_ms, monotonic_ms });
            assert!(last <= stamp, "{last:?} then {stamp:?}");
            last = stamp;
        }
        assert!(last.0 >= 7_000_000 + 19_900, "{last:?}");
    }
}
