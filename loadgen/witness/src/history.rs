//! What was asked, what was answered, and what the slots say afterwards: all that the witness may look at.
//!
//! Plain data, with no opinion. The driver writes the requests, the evidence is read when the drop is over, and both
//! can be written down by hand in a test. Bodies are kept as the bytes that came, since two answers to one key must be
//! equal byte for byte.

use std::fmt;
use std::time::Duration;

use api::booking::{Booking, ChangeQuantity, CreateBooking, ExtendHold, Mode, WhenFull};
use api::calendar::{MoveBooking, Page as FreePage};
use api::feed::Record;
use api::patch::Patch;
use api::seats::SwapSeats;
use api::slot::Slot;
use api::tariff::Line;
use api::time::Time;

pub use crate::places::{Basket, Best, Pick, Places, RangePick};
use crate::places::{Lines, said};

/// Everything that is known about one drop.
#[derive(Clone, Debug)]
pub struct History {
    /// The slots that were sold, by [`SlotNumber`].
    pub slots: Vec<Evidence>,
    /// The requests, in no particular order.
    pub requests: Vec<Request>,
}

/// A slot by its place in [`History::slots`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SlotNumber(pub usize);

/// A moment of the run: microseconds since it began, on a clock that never goes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

impl Moment {
    /// `us` microseconds after the run began.
    #[must_use]
    pub const fn from_us(us: u64) -> Self {
        Self(us)
    }

    /// Microseconds since the run began.
    #[must_use]
    pub const fn as_us(self) -> u64 {
        self.0
    }

    /// The moment `later` after this one; the far end of time where there is none.
    #[must_use]
    pub fn after(self, later: Duration) -> Self {
        Self(self.0.saturating_add(whole_us(later)))
    }

    /// How long after `earlier` this is; zero where it is not.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06} s", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

/// A duration in whole microseconds; the largest number where it is longer than half a million years.
#[must_use]
pub fn whole_us(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// One request: sent until it was answered, always with the same key.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its idempotency key, unique in the drop.
    pub key: String,
    /// Whose booking it is about: who asked, or whom the organizer named.
    pub customer: String,
    /// Who asked.
    pub by: Asker,
    /// Of which slot.
    pub slot: SlotNumber,
    /// What was asked.
    pub ask: Ask,
    /// When it was to be sent.
    pub intended: Moment,
    /// When its first byte was first handed to a connection; none if it never was, and then it can have had no effect.
    pub sent: Option<Moment>,
    /// Its final answers, in order of arrival: none if the outcome is unknown, more than one where it was repeated.
    pub answers: Vec<Answer>,
}

/// Whose token a request came with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asker {
    /// The customer's own.
    #[default]
    Customer,
    /// The organizer's: a box office, which acts for the customer.
    Organizer,
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A booking. [`Ask::book`] and [`Ask::hold`] make the usual ones.
    Book {
        /// Units.
        quantity: u32,
        /// Whether it is to be firm at once.
        mode: Mode,
        /// How long a hold is to last; none: as long as the slot says.
        hold_seconds: Option<u64>,
        /// What is to become of it where there is no room.
        when_full: WhenFull,
        /// Which places, where the slot has seats.
        places: Places,
        /// As what, where the slot sells something in particular.
        basket: Basket,
    },
    /// That a hold becomes firm.
    Confirm {
        /// The booking's id.
        booking: String,
    },
    /// That a hold lasts longer.
    Extend {
        /// The booking's id.
        booking: String,
        /// How long from now.
        hold_seconds: u64,
    },
    /// What is offered.
    Accept {
        /// The booking's id.
        booking: String,
    },
    /// The end of a booking that does not want what is offered.
    Decline {
        /// The booking's id.
        booking: String,
    },
    /// The end of a booking.
    Cancel {
        /// The booking's id.
        booking: String,
    },
    /// That a booking is for fewer.
    Reduce {
        /// The booking's id.
        booking: String,
        /// For how many units from then on.
        quantity: u32,
        /// How many of which products; none where it is not said.
        lines: Vec<Line>,
    },
    /// That a booking has other seats.
    Reseat {
        /// The booking's id.
        booking: String,
        /// Seats that it is to have.
        add: Vec<String>,
        /// Seats that it no longer wants.
        drop: Vec<String>,
    },
    /// That a booking has another range. What is none stays.
    Move {
        /// The booking's id.
        booking: String,
        /// From when on.
        from: Option<Time>,
        /// Until when.
        to: Option<Time>,
        /// On which resource, or on any.
        resource: Patch<String>,
    },
}

impl Ask {
    /// A booking that is to be firm at once.
    #[must_use]
    pub const fn book(quantity: u32, when_full: WhenFull) -> Self {
        Self::Book {
            quantity,
            mode: Mode::Confirm,
            hold_seconds: None,
            when_full,
            places: Places::Any,
            basket: Basket::ANY,
        }
    }

    /// A booking that is to be held, for as long as it says or the slot does.
    #[must_use]
    pub const fn hold(quantity: u32, hold_seconds: Option<u64>, when_full: WhenFull) -> Self {
        Self::Book {
            quantity,
            mode: Mode::Hold,
            hold_seconds,
            when_full,
            places: Places::Any,
            basket: Basket::ANY,
        }
    }

    /// The booking that it is about; none where it is to be made.
    #[must_use]
    pub fn booking(&self) -> Option<&str> {
        match self {
            Self::Book { .. } => None,
            Self::Confirm { booking }
            | Self::Extend { booking, .. }
            | Self::Accept { booking }
            | Self::Decline { booking }
            | Self::Cancel { booking }
            | Self::Reduce { booking, .. }
            | Self::Reseat { booking, .. }
            | Self::Move { booking, .. } => Some(booking),
        }
    }
}

impl Ask {
    /// What is done, as the contract's paths spell it.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Book { .. } => "book",
            Self::Confirm { .. } => "confirm",
            Self::Extend { .. } => "extend",
            Self::Accept { .. } => "accept",
            Self::Decline { .. } => "decline",
            Self::Cancel { .. } => "cancel",
            Self::Reduce { .. } => "quantity",
            Self::Reseat { .. } => "seats",
            Self::Move { .. } => "move",
        }
    }

    /// The body of the request; empty where it has none.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let body = match self {
            Self::Book { quantity, mode, hold_seconds, when_full, places, basket } => {
                let terms = CreateBooking {
                    mode: *mode,
                    hold_seconds: *hold_seconds,
                    when_full: *when_full,
                    lines: said(&basket.lines),
                    expect_amount: basket.expect_amount,
                    ..CreateBooking::default()
                };
                serde_json::to_vec(&places.wished_for(*quantity, terms))
            }
            Self::Extend { hold_seconds, .. } => {
                serde_json::to_vec(&ExtendHold { hold_seconds: *hold_seconds })
            }
            Self::Reduce { quantity, lines, .. } => {
                serde_json::to_vec(&ChangeQuantity { quantity: Some(*quantity), lines: said(lines) })
            }
            Self::Reseat { add, drop, .. } => {
                serde_json::to_vec(&SwapSeats { add: add.clone(), drop: drop.clone() })
            }
            Self::Move { from, to, resource, .. } => {
                serde_json::to_vec(&MoveBooking { from: *from, to: *to, resource: resource.clone() })
            }
            Self::Confirm { .. } | Self::Accept { .. } | Self::Decline { .. } | Self::Cancel { .. } => {
                Ok(Vec::new())
            }
        };
        body.expect("a request is JSON")
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Book { quantity, mode, hold_seconds, when_full, places, basket } => {
                let mode = match mode {
                    Mode::Confirm => "book",
                    Mode::Hold => "hold",
                };
                write!(f, "{mode} {quantity}{places}{}", Lines(&basket.lines))?;
                if let Some(amount) = basket.expect_amount {
                    write!(f, " for {amount}")?;
                }
                if let Some(seconds) = hold_seconds {
                    write!(f, " for {seconds} s")?;
                }
                match when_full {
                    WhenFull::Waitlist => Ok(()),
                    WhenFull::Refuse => f.write_str(" or refuse"),
                }
            }
            Self::Extend { booking, hold_seconds } => write!(f, "extend {booking} by {hold_seconds} s"),
            Self::Reduce { booking, quantity, lines } => {
                write!(f, "make {booking} be for {quantity}{}", Lines(lines))
            }
            Self::Reseat { booking, add, drop } => {
                write!(f, "give {booking} {} for {}", add.join(" and "), drop.join(" and "))
            }
            Self::Move { booking, from, to, resource } => {
                let moment =
                    |at: &Option<Time>| at.map_or_else(|| "as before".to_owned(), |at| at.to_string());
                write!(f, "move {booking} to {} until {} on {resource:?}", moment(from), moment(to))
            }
            Self::Confirm { booking }
            | Self::Accept { booking }
            | Self::Decline { booking }
            | Self::Cancel { booking } => write!(f, "{} {booking}", self.verb()),
        }
    }
}

/// A final answer: anything but 408, 429 and 5xx, after which the same request is sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// When its last byte had come.
    pub received: Moment,
    /// The HTTP status.
    pub status: u16,
    /// What `Idempotency-Replayed` said.
    pub origin: Origin,
    /// The body, as it came.
    pub body: Box<[u8]>,
}

/// Whether the server called an answer the first to its key or a repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Decided for this very request.
    Decided,
    /// `Idempotency-Replayed: true`: the first answer again.
    Replayed,
}

/// What one slot says about itself.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The slot as it was before the first request.
    pub before: Slot,
    /// The slot as its organizer was answered who changed it on the way, in any order; empty where nobody did, or where
    /// that is not known. The feed tells that a slot was changed, not how: after a change of which nothing is known,
    /// what depends on the slot's terms is not judged.
    pub changes: Vec<Slot>,
    /// Linearizable reads while others asked, of the slot or of one of its bookings, in any order.
    pub looks: Vec<Look>,
    /// What it showed as free meanwhile, if it is a calendar, in any order.
    pub free: Vec<FreeLook>,
    /// Bookings read one by one when all was over: the id asked for, and what came.
    pub bookings: Vec<(String, Reading<Booking>)>,
    /// The slot read linearizably after those.
    pub after: Reading<Slot>,
    /// Its feed from the beginning, read last, so that it covers all that was read before.
    pub feed: Reading<Feed>,
}

/// A linearizable read on the way: when it was asked and answered, and the seq at which it says to be true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// When its first byte was handed to a connection.
    pub sent: Moment,
    /// When its last byte had come.
    pub received: Moment,
    /// The slot's seq.
    pub seq: u64,
}

/// What somebody asks of a calendar: where a booking would fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeAsk {
    /// It begins then at the earliest.
    pub from: Time,
    /// It has ended by then.
    pub to: Time,
    /// How long it is to last; none: as long as the shortest that may be.
    pub seconds: Option<u32>,
    /// For how many.
    pub quantity: u32,
    /// On which resource; on each, where none is named.
    pub resource: Option<String>,
}

/// A look at what is free of a calendar: a linearizable read.
#[derive(Clone, Debug)]
pub struct FreeLook {
    /// What was asked.
    pub asked: FreeAsk,
    /// When its first byte was handed to a connection.
    pub sent: Moment,
    /// When its last byte had come.
    pub received: Moment,
    /// What was shown: the first page.
    pub page: Reading<FreePage>,
}

/// A whole feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feed {
    /// Its records, as they came.
    pub records: Vec<Record>,
    /// It says of itself that it is complete up to this seq.
    pub seq: u64,
}

/// What came of reading something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading<T> {
    /// It was read.
    Got(T),
    /// The server says that there is no such thing.
    Missing,
    /// It could not be read, for this reason: nothing follows from it.
    Unreadable(String),
}

impl<T> Reading<T> {
    /// What was read, if anything was.
    pub const fn got(&self) -> Option<&T> {
        match self {
            Self::Got(value) => Some(value),
            Self::Missing | Self::Unreadable(_) => None,
        }
    }
}
