//! The tally: everything that follows from where the bookings stand.
//!
//! Counts, waitlist, deadlines, what each customer has, and the digest. [`Tally::add`] and [`Tally::remove`]
//! are the only ways to change it and undo each other, so a tally can be made again from the bookings at any
//! time: that is how a slot is restored, and how the invariants tell whether the kept one is right.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};

use xxhash_rust::xxh3::xxh3_128_with_seed;

use crate::slot::state::booking::BookingRecord;
use crate::slot::state::bookings::Away;
use crate::slot::state::waitlist::Waitlist;
use crate::{Counts, Definition, Number, Status, Timestamp};

/// The waitlist where nobody has waited.
static NOBODY: Waitlist = Waitlist::new();

/// Everything that follows from where the bookings stand. What most slots never have is in boxes.
pub(crate) struct Tally {
    counts: Counts,
    /// None where nobody has waited since it was loaded.
    waitlist: Option<Box<Waitlist>>,
    /// Of holds and offers, the earliest first, of equal ones the older booking's first.
    deadlines: BTreeSet<(Timestamp, Number)>,
    usage: Option<Box<Usage>>,
    /// The wrapping sum of the bookings' digests.
    digest: u64,
}

impl Tally {
    /// The tally of no bookings.
    pub(crate) fn new(definition: &Definition) -> Self {
        Self {
            counts: Counts::untouched(definition.capacity),
            waitlist: None,
            deadlines: BTreeSet::new(),
            usage: Usage::new(definition),
            digest: 0,
        }
    }

    /// Goes on with more units, or with fewer that are free.
    pub(crate) fn resize(&mut self, capacity: u32) {
        let taken = self.counts.capacity - self.counts.free;
        self.counts.free = capacity - taken;
        self.counts.capacity = capacity;
    }

    /// Counts what each customer has, from now on or no longer.
    pub(crate) fn count_customers<'all>(
        &mut self,
        definition: &Definition,
        bookings: impl Iterator<Item = &'all BookingRecord>,
    ) {
        self.usage = Usage::new(definition);
        if let Some(usage) = &mut self.usage {
            for booking in bookings.filter(|booking| counts_for_customer(booking)) {
                usage.add(&booking.customer, booking.quantity);
            }
        }
    }

    /// Adds what follows from bookings that are away: they are over, and count nowhere.
    pub(crate) fn add_away(&mut self, away: Away) {
        self.digest = self.digest.wrapping_add(away.digest);
    }

    /// Adds what follows from a booking. Waiters are added in the order of their numbers.
    pub(crate) fn add(&mut self, booking: &BookingRecord) {
        let status = booking.standing.status();
        if let Some(taken) = self.taken(status) {
            *taken += booking.quantity;
            self.counts.free -= booking.quantity;
        }
        if status == Status::Waitlisted {
            self.waitlist.get_or_insert_default().push(booking.number, booking.quantity);
            self.counts.waitlisted += 1;
        }
        if let Some(until) = booking.standing.until() {
            self.deadlines.insert((until, booking.number));
        }
        if let Some(usage) = &mut self.usage
            && counts_for_customer(booking)
        {
            usage.add(&booking.customer, booking.quantity);
        }
        self.digest = self.digest.wrapping_add(booking.digest());
    }

    /// Takes back what [`Tally::add`] added.
    pub(crate) fn remove(&mut self, booking: &BookingRecord) {
        let status = booking.standing.status();
        if let Some(taken) = self.taken(status) {
            *taken -= booking.quantity;
            self.counts.free += booking.quantity;
        }
        if status == Status::Waitlisted {
            self.waitlist.as_mut().expect("someone waits").remove(booking.number);
            self.counts.waitlisted -= 1;
        }
        if let Some(until) = booking.standing.until() {
            self.deadlines.remove(&(until, booking.number));
        }
        if let Some(usage) = &mut self.usage
            && counts_for_customer(booking)
        {
            usage.remove(&booking.customer, booking.quantity);
        }
        self.digest = self.digest.wrapping_sub(booking.digest());
    }

    /// Where the units are.
    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// The same, to be spoilt.
    #[cfg(test)]
    pub(crate) fn counts_mut(&mut self) -> &mut Counts {
        &mut self.counts
    }

    /// Who waits.
    pub(crate) fn waitlist(&self) -> &Waitlist {
        self.waitlist.as_deref().unwrap_or(&NOBODY)
    }

    /// The earliest deadline of a hold or an offer, and whose it is.
    pub(crate) fn first_deadline(&self) -> Option<(Timestamp, Number)> {
        self.deadlines.first().copied()
    }

    /// Every deadline of a hold or an offer, the earliest first.
    pub(crate) fn deadlines(&self) -> &BTreeSet<(Timestamp, Number)> {
        &self.deadlines
    }

    /// How many units a customer has held, offered, confirmed and waiting. Zero where the slot has no limit:
    /// then nobody counts.
    pub(crate) fn units_of(&self, customer: &str) -> u64 {
        self.usage.as_ref().map_or(0, |usage| usage.of(customer))
    }

    /// How many customers have any.
    pub(crate) fn customers_counted(&self) -> usize {
        self.usage.as_ref().map_or(0, |usage| usage.units.len())
    }

    /// The wrapping sum of the bookings' digests.
    pub(crate) fn digest(&self) -> u64 {
        self.digest
    }

    /// Where units of bookings with this status are counted, if they take any.
    fn taken(&mut self, status: Status) -> Option<&mut u32> {
        match status {
            Status::Held => Some(&mut self.counts.held),
            Status::Offered => Some(&mut self.counts.offered),
            Status::Confirmed => Some(&mut self.counts.confirmed),
            Status::Waitlisted | Status::Cancelled | Status::Declined | Status::Expired => None,
        }
    }
}

/// Whether a booking counts as what its customer has. One of no units does not: it would be a customer with
/// nothing.
fn counts_for_customer(booking: &BookingRecord) -> bool {
    !booking.standing.status().is_over() && booking.quantity > 0
}

/// What each customer has, where there is a limit.
///
/// Customers are told apart by 128 bits of keyed hash: exact for all that can happen, and a third of the
/// memory that their names would take.
struct Usage {
    seed: u64,
    units: BTreeMap<u128, u64>,
}

impl Usage {
    /// Nobody's yet; none where there is no limit.
    fn new(definition: &Definition) -> Option<Box<Self>> {
        let [seed, _] = definition.secret.seeds();
        definition.policy.customer_limit.map(|_limit| Box::new(Self { seed, units: BTreeMap::new() }))
    }

    fn of(&self, customer: &str) -> u64 {
        self.units.get(&self.hash(customer)).copied().unwrap_or(0)
    }

    fn add(&mut self, customer: &str, quantity: u32) {
        *self.units.entry(self.hash(customer)).or_insert(0) += u64::from(quantity);
    }

    /// Takes units back, and forgets a customer who has none left.
    fn remove(&mut self, customer: &str, quantity: u32) {
        let hash = self.hash(customer);
        let units = self.units.get_mut(&hash).expect("a live booking is counted");
        *units -= u64::from(quantity);
        if *units == 0 {
            self.units.remove(&hash);
        }
    }

    fn hash(&self, customer: &str) -> u128 {
        xxh3_128_with_seed(customer.as_bytes(), self.seed)
    }
}
