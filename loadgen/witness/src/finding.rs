//! The checks by name, and what became of each.

use std::fmt;

/// How many failures of one check are told in words; the rest is only counted.
pub const EXAMPLES_MAX: usize = 10;

/// What must be true of a drop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// Every place is given out at most once, after every change.
    NeverOversold,
    /// What was acknowledged is in the feed, as it was answered.
    NothingLost,
    /// A key has one effect and one answer, and nothing happens that nobody asked for.
    NothingDoubled,
    /// The waitlist is served from its head, in the very step that makes room.
    ServedInOrder,
    /// A hold or an offer stands until its deadline, and no longer.
    PromisesKept,
    /// The feed has no gap and agrees with the order of requests and answers in real time.
    SeqInRealTime,
    /// What was granted could be, and what was refused had to be.
    DecidedRightly,
    /// A request without an answer was done once or not at all; one that was not granted, not at all.
    UnknownSettled,
    /// Slots and bookings read one by one agree with the feed.
    ReadsAgree,
    /// Nobody has a seat that another has, and everybody has the seats that they were told.
    SeatsGivenOnce,
    /// What is for sale, blocked, set aside and free, in all and by category, is what the seats come to.
    SeatsCounted,
    /// Who named seats has those; who was refused was told every reason, and no other.
    PicksHonoured,
    /// Who wished for the best seats got the best that there were.
    BestWasBest,
    /// Every look at the map shows the seats as they were at its seq.
    MapsAgree,
    /// Of no quota is more given out than there is, and what is shown as left is.
    QuotasKept,
    /// Every booking costs what the prices said when it was held or confirmed.
    AmountsRight,
    /// Of a calendar no more is taken at any moment than there is, with what is kept free around ranges.
    RangesGivenOnce,
    /// A range was given where it could be, and refused for the true reason, with all that was in its way.
    RangesDecided,
    /// What is freed of a calendar goes to the earliest whom it fits, in the very step.
    FreedRangesServed,
    /// Of a calendar every start that was shown as free could be booked at that seq, and no other could.
    FreeAgrees,
}

impl Check {
    /// All of them, in the order in which they are reported.
    pub const ALL: [Self; 9] = [
        Self::NeverOversold,
        Self::NothingLost,
        Self::NothingDoubled,
        Self::ServedInOrder,
        Self::PromisesKept,
        Self::SeqInRealTime,
        Self::DecidedRightly,
        Self::UnknownSettled,
        Self::ReadsAgree,
    ];

    /// Those that are for slots with numbered seats, in the same order.
    pub const SEATS: [Self; 5] =
        [Self::SeatsGivenOnce, Self::SeatsCounted, Self::PicksHonoured, Self::BestWasBest, Self::MapsAgree];

    /// Those that are for slots that sell products, or for a price.
    pub const TARIFFS: [Self; 2] = [Self::QuotasKept, Self::AmountsRight];

    /// Those that are for calendars.
    pub const RANGES: [Self; 4] =
        [Self::RangesGivenOnce, Self::RangesDecided, Self::FreedRangesServed, Self::FreeAgrees];

    /// Its name, for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NeverOversold => "never_oversold",
            Self::NothingLost => "nothing_lost",
            Self::NothingDoubled => "nothing_doubled",
            Self::ServedInOrder => "served_in_order",
            Self::PromisesKept => "promises_kept",
            Self::SeqInRealTime => "seq_in_real_time",
            Self::DecidedRightly => "decided_rightly",
            Self::UnknownSettled => "unknown_settled",
            Self::ReadsAgree => "reads_agree",
            Self::SeatsGivenOnce => "seats_given_once",
            Self::SeatsCounted => "seats_counted",
            Self::PicksHonoured => "picks_honoured",
            Self::BestWasBest => "best_was_best",
            Self::MapsAgree => "maps_agree",
            Self::QuotasKept => "quotas_kept",
            Self::AmountsRight => "amounts_right",
            Self::RangesGivenOnce => "ranges_given_once",
            Self::RangesDecided => "ranges_decided",
            Self::FreedRangesServed => "freed_ranges_served",
            Self::FreeAgrees => "free_agrees",
        }
    }

    /// What was examined, as a noun for its figure.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::NeverOversold | Self::ServedInOrder | Self::PromisesKept | Self::FreedRangesServed => {
                "changes"
            }
            Self::NothingLost => "acknowledged changes",
            Self::NothingDoubled => "bookings and repeated answers",
            Self::SeqInRealTime => "changes and answers",
            Self::DecidedRightly => "decisions",
            Self::UnknownSettled => "requests that were not granted",
            Self::ReadsAgree => "readings",
            Self::SeatsGivenOnce => "bookings with seats",
            Self::SeatsCounted => "counts",
            Self::PicksHonoured => "picks",
            Self::BestWasBest => "searches",
            Self::MapsAgree => "looks at the map",
            Self::QuotasKept => "counts of quotas",
            Self::AmountsRight => "bookings with what they cost",
            Self::RangesGivenOnce => "ranges that were given",
            Self::RangesDecided => "requests for ranges",
            Self::FreeAgrees => "looks at what is free",
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What became of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    check: Check,
    examined: u64,
    failures: u64,
    examples: Vec<String>,
}

impl Finding {
    pub(crate) const fn new(check: Check) -> Self {
        Self { check, examined: 0, failures: 0, examples: Vec::new() }
    }

    /// Which check it is about.
    pub const fn check(&self) -> Check {
        self.check
    }

    /// How many things were looked at, in [`Check::unit`].
    pub const fn examined(&self) -> u64 {
        self.examined
    }

    /// How many failures were found.
    pub const fn failures(&self) -> u64 {
        self.failures
    }

    /// The first [`EXAMPLES_MAX`] failures in words: which booking, which seq, which times.
    pub fn examples(&self) -> &[String] {
        &self.examples
    }

    /// Counts one more thing that is looked at.
    pub(crate) const fn examine(&mut self) {
        self.examined += 1;
    }

    /// Records a failure.
    pub(crate) fn fail(&mut self, explanation: String) {
        self.failures += 1;
        if self.examples.len() < EXAMPLES_MAX {
            self.examples.push(explanation);
        }
    }
}
