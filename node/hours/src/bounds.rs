//! Every bound of a calendar's hours, as the contract's table has it.

/// How many rows of hours of the week a calendar has.
pub const HOURS_MAX: usize = 64;

/// How many runs of closed days it has.
pub const CLOSED_MAX: usize = 512;

/// How many extra openings it has.
pub const EXTRA_MAX: usize = 512;

/// The longest window that is expanded, in days: a calendar's span, and the month that is expanded ahead.
pub const WINDOW_DAYS_MAX: u64 = 1_080 + 31;

/// How many faults of one document are told.
pub const FAULTS_MAX: usize = 100;

/// The minutes of a day.
pub(crate) const DAY_MINUTES: u16 = 24 * 60;

/// The milliseconds of a day in elapsed time.
pub(crate) const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
