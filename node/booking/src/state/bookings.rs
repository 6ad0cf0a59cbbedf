//! The bookings of a slot, and the two ways to find one: by the request that made it, and by customer.
//!
//! A booking is its own receipt: it keeps the fingerprint of its request and what was answered first, so that
//! a repeated request is answered for as long as the booking is in memory.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::num::NonZeroU32;
use core::ops::Bound;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::digest::Digest;
use crate::limits::BOOKING_NUMBER_MAX;
use crate::state::index::Index;
use crate::state::pages::Pages;
use crate::{Fingerprint, Mode, Number, RequestKey, Secret, Seq, Status, Timestamp};

/// One booking, in memory and on the disk alike. Fields are only added at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingRecord {
    /// Its number within the slot.
    pub number: Number,
    /// The request that made it.
    pub request: RequestKey,
    /// What that request asked for.
    pub fingerprint: Fingerprint,
    /// Whose it is.
    pub customer: Box<str>,
    /// How many units it is for.
    pub quantity: u32,
    /// What it was asked to become.
    pub mode: Mode,
    /// How long a hold was wished, in seconds; a waiter keeps its wish until its turn.
    pub hold_seconds: Option<u32>,
    /// When it was made.
    pub created_at: Timestamp,
    /// What was answered when it was made.
    pub first: FirstAnswer,
    /// Its place among those who waited when it was made, from 1, if it waited. Not zero, and not a part of
    /// `first`: together that saves sixteen bytes a booking.
    pub first_position: Option<NonZeroU32>,
    /// Where it stands now.
    pub standing: Standing,
}

/// What was answered when a booking was made. The stamp is when it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstAnswer {
    /// The change that made it.
    pub seq: Seq,
    /// Where it stood then.
    pub standing: Standing,
}

/// Where a booking stands, with the deadline that goes with it. On the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// It has its places, before `until`.
    Held {
        /// From this moment on it is expired.
        until: Timestamp,
        /// How long it lasts in all, in milliseconds: so long before `until` it began.
        lasts_ms: u32,
    },
    /// Places are set aside for it, before `until`.
    Offered {
        /// From this moment on it is expired.
        until: Timestamp,
    },
    /// It waits.
    Waitlisted,
    /// It has its places.
    Confirmed,
    /// It was given back, or its slot was cancelled.
    Cancelled,
    /// Its customer did not want what was offered.
    Declined,
    /// Its deadline has passed, or its slot has ended.
    Expired {
        /// How it stood until then.
        was: Unfinished,
    },
}

/// How a booking stood that time alone has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unfinished {
    /// It had its places, and was not confirmed.
    Held,
    /// Places were set aside for it.
    Offered,
    /// It waited.
    Waitlisted,
}

impl Standing {
    /// The same without its deadline.
    pub const fn status(self) -> Status {
        match self {
            Self::Held { .. } => Status::Held,
            Self::Offered { .. } => Status::Offered,
            Self::Waitlisted => Status::Waitlisted,
            Self::Confirmed => Status::Confirmed,
            Self::Cancelled => Status::Cancelled,
            Self::Declined => Status::Declined,
            Self::Expired { .. } => Status::Expired,
        }
    }

    /// Its deadline, if it has one.
    pub const fn until(self) -> Option<Timestamp> {
        match self {
            Self::Held { until, .. } | Self::Offered { until } => Some(until),
            Self::Waitlisted | Self::Confirmed | Self::Cancelled | Self::Declined | Self::Expired { .. } => {
                None
            }
        }
    }

    /// What becomes of it when its time is over; none if it never is.
    pub(crate) const fn expired(self) -> Option<Self> {
        let was = match self {
            Self::Held { .. } => Unfinished::Held,
            Self::Offered { .. } => Unfinished::Offered,
            Self::Waitlisted => Unfinished::Waitlisted,
            Self::Confirmed | Self::Cancelled | Self::Declined | Self::Expired { .. } => return None,
        };
        Some(Self::Expired { was })
    }

    /// Mixes this into a digest.
    pub(crate) fn digest(self, digest: Digest) -> Digest {
        let more = match self {
            Self::Held { lasts_ms, .. } => lasts_ms,
            Self::Expired { was } => was as u32,
            Self::Offered { .. } | Self::Waitlisted | Self::Confirmed | Self::Cancelled | Self::Declined => 0,
        };
        let status = u64::from(self.status() as u32) | u64::from(more) << 32;
        digest.word(status).word(self.until().map_or(0, |until| until.0))
    }
}

impl BookingRecord {
    /// A number that stands for all of it.
    pub(crate) fn digest(&self) -> u64 {
        let digest = Digest::new("booking")
            .word(self.number.0)
            .wide(self.request.0)
            .word(self.fingerprint.0)
            .text(&self.customer)
            .word(self.quantity)
            .word(self.mode as u32)
            .option(self.hold_seconds, Digest::word)
            .word(self.created_at.0)
            .word(self.first.seq.0)
            .word(self.first_position.map_or(0, NonZeroU32::get));
        self.standing.digest(self.first.standing.digest(digest)).finish()
    }
}

// A million bookings are a hundred megabytes; whoever makes one larger should mean it.
const _: () = assert!(size_of::<BookingRecord>() == 112);

/// The bookings of a slot.
pub(crate) struct Bookings {
    /// By number: the first is booking 1.
    all: Pages<BookingRecord>,
    by_request: Index,
    /// By a keyed hash of the customer's name: two names can share one, so readers compare the name itself.
    by_customer: BTreeSet<(u64, Number)>,
    seed: u64,
    /// Those that changed since the changes were last taken.
    changed: BTreeSet<Number>,
}

impl Bookings {
    /// No bookings. The secret keys the hash of customers' names.
    pub(crate) fn new(secret: Secret) -> Self {
        let [seed, other_seed] = secret.seeds();
        Self {
            all: Pages::default(),
            by_request: Index::new(other_seed),
            by_customer: BTreeSet::new(),
            seed,
            changed: BTreeSet::new(),
        }
    }

    /// These bookings, which are numbered from 1 without a gap, ascending.
    pub(crate) fn restore(secret: Secret, records: Vec<BookingRecord>) -> Self {
        let mut bookings = Self::new(secret);
        let customers =
            records.iter().map(|booking| (hash(&booking.customer, bookings.seed), booking.number));
        bookings.by_customer = customers.collect();
        bookings.all = records.into_iter().collect();
        for booking in bookings.all.iter_from(0) {
            let of = request_of(&bookings.all);
            // A request that made two would be found once: who restores counts them.
            if bookings.by_request.find(booking.request, &of).is_none() {
                bookings.by_request.insert(booking.request, booking.number, &of);
            }
        }
        bookings
    }

    /// How many there are, which is the number of the latest.
    pub(crate) fn latest(&self) -> Number {
        Number(u32::try_from(self.all.end()).unwrap_or(BOOKING_NUMBER_MAX))
    }

    /// The number of the next one, while there are any left.
    pub(crate) fn next_number(&self) -> Option<Number> {
        self.latest().0.checked_add(1).map(Number)
    }

    /// Adds the next one.
    pub(crate) fn push(&mut self, booking: BookingRecord) {
        assert!(Some(booking.number) == self.next_number(), "bookings are numbered in order");
        self.by_customer.insert((hash(&booking.customer, self.seed), booking.number));
        self.changed.insert(booking.number);
        let (request, number) = (booking.request, booking.number);
        self.all.push(booking);
        self.by_request.insert(request, number, request_of(&self.all));
    }

    /// The booking with this number, which exists.
    pub(crate) fn get(&self, number: Number) -> &BookingRecord {
        self.find(number).expect("a number that the slot gave out")
    }

    /// The booking with this number, if there is one.
    pub(crate) fn find(&self, number: Number) -> Option<&BookingRecord> {
        self.all.get(place(number)?)
    }

    /// The booking with this number, which exists, to be changed.
    pub(crate) fn get_mut(&mut self, number: Number) -> &mut BookingRecord {
        self.changed.insert(number);
        let place = place(number).expect("numbers begin at 1");
        self.all.get_mut(place).expect("a number that the slot gave out")
    }

    /// The booking that this request made.
    pub(crate) fn by_request(&self, request: RequestKey) -> Option<&BookingRecord> {
        self.by_request.find(request, request_of(&self.all)).map(|number| self.get(number))
    }

    /// How many requests have made one.
    pub(crate) fn requests(&self) -> usize {
        self.by_request.len()
    }

    /// All of them after this number, by number.
    pub(crate) fn after(&self, after: Option<Number>) -> impl Iterator<Item = &BookingRecord> {
        self.all.iter_from(after.map_or(0, |number| u64::from(number.0)))
    }

    /// One customer's after this number, by number, without a look at anyone else's.
    pub(crate) fn of_customer(
        &self,
        customer: &str,
        after: Option<Number>,
    ) -> impl Iterator<Item = &BookingRecord> {
        let hash = hash(customer, self.seed);
        let first = Bound::Excluded((hash, after.unwrap_or(Number(0))));
        let last = Bound::Included((hash, Number(BOOKING_NUMBER_MAX)));
        self.by_customer
            .range((first, last))
            .map(|&(_, number)| self.get(number))
            .filter(move |booking| &*booking.customer == customer)
    }

    /// Those that changed since this was last asked, as they are now, by number.
    pub(crate) fn take_changed(&mut self) -> Vec<BookingRecord> {
        core::mem::take(&mut self.changed).into_iter().map(|number| self.get(number).clone()).collect()
    }
}

/// Which request made a booking.
fn request_of(all: &Pages<BookingRecord>) -> impl Fn(Number) -> RequestKey {
    |number| {
        let booking = place(number).and_then(|place| all.get(place));
        booking.expect("a number that the slot gave out").request
    }
}

/// Where a number's booking is: numbers begin at 1, places at 0.
fn place(number: Number) -> Option<u64> {
    number.0.checked_sub(1).map(u64::from)
}

/// The hash by which a customer's bookings are found.
fn hash(customer: &str, seed: u64) -> u64 {
    xxh3_64_with_seed(customer.as_bytes(), seed)
}
