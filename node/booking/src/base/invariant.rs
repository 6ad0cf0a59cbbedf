//! The named invariants: what holds after every step, on every replica. How each is looked at is the kind's own.

use core::fmt;

/// One thing that always holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invariant {
    /// BK-1: capacity = free + held + offered + confirmed, in units, as the bookings say; what is taken of a quota is what they have
    /// of its products, and a bill is of as many places as its booking. Of an organizer: no more seatmaps, and no
    /// more that are unfinished, than there may be.
    Conservation,
    /// BK-2: a place is owned at most once: bookings have a number and a request each, in memory or away, and take no more than
    /// there is, of places and of each quota. Of an organizer: a seatmap is there once.
    SingleOwner,
    /// BK-3: while someone whose turn it is could be served, nothing is free, and where there is no waitlist nobody waits.
    NothingIdle,
    /// BK-4: the order of the waitlist is the order in which those who wait came.
    LogOrder,
    /// BK-5: a key has at most one effect, and one answer.
    OneEffect,
    /// BK-6: `seq` has no gap: every booking was made by a change of its own, none later than the latest.
    NoGap,
    /// BK-7: no hold or offer is live at its deadline or after it, and none but confirmed ones after the
    /// slot's end.
    Deadlines,
    /// BK-8: no customer has more than the limit; where it was changed, than the loosest that there was.
    CustomerLimit,
    /// BK-9: equal state, equal bytes: the digest kept is the digest of what is there.
    EqualBytes,
    /// BK-10: nobody has a seat twice, nor one that is not for sale: seats, areas and bookings agree, counted anew. Of a calendar: at no
    /// moment from now on is more taken than there is, with what is kept free around ranges, and what is taken is what bookings have.
    SeatsOnce,
    /// BK-11: of every category, and of the whole house, capacity = free + kept for somebody + held + offered + confirmed, and every
    /// booking is shown as its places are. Of a calendar: its sums and those who wait are the bookings', and nobody holds what has begun.
    HouseCounts,
    /// IN-1: an intent has at most one effect: a message between two entities is applied once, in order, and its reply is kept until
    /// it is acknowledged.
    IntentsOnce,
    /// IN-2: no intent is forgotten: each has ended, or is open in the state.
    IntentsKept,
    /// MR-1: of every package granted = available + reserved + spent + expired + revoked; nothing is available of one that is over or
    /// revoked. Of a slot: a booking that is not over, and has not begun, has as many credits as it costs.
    Credits,
    /// MR-2: every credit that is reserved, every unit of a limit and every use of a voucher names one promise, and every promise is counted. Of a slot: a
    /// booking is over with what was promised for it, and its merchant has been told, or will be.
    Promises,
    /// MR-3: what is left of an order is of one currency, and as much as where it stands says; and it knows how many messages about it
    /// are on their way.
    Orders,
    /// MR-4: no capture before its confirm, and no confirm of what is to be paid before its authorisation. Of each attempt, rows are what it
    /// says, no more is taken than was authorised, and no more given back than was taken.
    Payments,
}

/// All of them, in order.
pub const CATALOGUE: [Invariant; 17] = [
    Invariant::Conservation,
    Invariant::SingleOwner,
    Invariant::NothingIdle,
    Invariant::LogOrder,
    Invariant::OneEffect,
    Invariant::NoGap,
    Invariant::Deadlines,
    Invariant::CustomerLimit,
    Invariant::EqualBytes,
    Invariant::SeatsOnce,
    Invariant::HouseCounts,
    Invariant::IntentsOnce,
    Invariant::IntentsKept,
    Invariant::Credits,
    Invariant::Promises,
    Invariant::Orders,
    Invariant::Payments,
];

impl Invariant {
    /// Its name in metrics and in the runbook.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Conservation => "BK-1",
            Self::SingleOwner => "BK-2",
            Self::NothingIdle => "BK-3",
            Self::LogOrder => "BK-4",
            Self::OneEffect => "BK-5",
            Self::NoGap => "BK-6",
            Self::Deadlines => "BK-7",
            Self::CustomerLimit => "BK-8",
            Self::EqualBytes => "BK-9",
            Self::SeatsOnce => "BK-10",
            Self::HouseCounts => "BK-11",
            Self::IntentsOnce => "IN-1",
            Self::IntentsKept => "IN-2",
            Self::Credits => "MR-1",
            Self::Promises => "MR-2",
            Self::Orders => "MR-3",
            Self::Payments => "MR-4",
        }
    }
}

impl fmt::Display for Invariant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({self:?})", self.name())
    }
}

/// Whether every invariant is upheld; the first that is not, otherwise.
pub(crate) fn check_all(upholds: impl Fn(Invariant) -> bool) -> Result<(), Violation> {
    let broken = CATALOGUE.into_iter().find(|invariant| !upholds(*invariant));
    broken.map_or(Ok(()), |invariant| Err(Violation(invariant)))
}

/// An invariant that does not hold: a bug, or damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation(pub Invariant);

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} does not hold", self.0)
    }
}

impl core::error::Error for Violation {}
