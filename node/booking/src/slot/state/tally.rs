//! The tally: everything that follows from where the bookings stand.
//!
//! The inventory, the waitlist, deadlines, what each customer has, and the digest. What is added for a booking is taken
//! back when it stands otherwise, so a tally can be made again from the bookings at any time: that is how a slot is
//! restored, and how the invariants tell whether the kept one is right.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};

use xxhash_rust::xxh3::xxh3_128_with_seed;

use crate::slot::inventory::Inventory;
use crate::slot::inventory::allocation::Allocation;
use crate::slot::inventory::shop::Cart;
use crate::slot::inventory::waitlist::Waitlist;
use crate::slot::shown::outcome::Refused;
use crate::slot::state::booking::{BookingRecord, BookingRef};
use crate::slot::state::bookings::Away;
use crate::{Counts, Definition, Number, Order, Status, Timestamp, Wish};

/// The waitlist where nobody has waited.
static NOBODY: Waitlist = Waitlist::new();

/// Everything that follows from where the bookings stand. What most slots never have is in boxes.
pub(crate) struct Tally {
    inventory: Inventory,
    waitlisted: u32,
    /// None where nobody has waited since it was loaded.
    waitlist: Option<Box<Waitlist>>,
    /// Of holds and offers, and of those who wait for ranges, the earliest first, of equal ones the older booking's first.
    deadlines: BTreeSet<(Timestamp, Number)>,
    usage: Option<Box<Usage>>,
    /// The wrapping sum of the bookings' digests.
    digest: u64,
}

impl Tally {
    /// The tally of no bookings.
    pub(crate) fn new(definition: &Definition, inventory: Inventory) -> Self {
        Self {
            inventory,
            waitlisted: 0,
            waitlist: None,
            deadlines: BTreeSet::new(),
            usage: Usage::new(definition),
            digest: 0,
        }
    }

    /// Goes on with a slot that is defined otherwise, as its inventory may be.
    pub(crate) fn redefine(&mut self, new: &Definition) {
        self.inventory.redefine(new);
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

    /// Adds what follows from a booking that was saved. Waiters are added in the order of their numbers.
    pub(crate) fn restore(&mut self, booking: BookingRef<'_>) {
        self.inventory.restore_claim(&booking.claim(), booking.status());
        self.add(booking);
    }

    /// Adds what follows from a new booking, with what was found for it.
    pub(crate) fn enter(&mut self, booking: BookingRef<'_>, found: Option<&Allocation>) {
        self.inventory.enter(&booking.claim(), booking.status(), found);
        self.add(booking);
    }

    /// Adds what follows from a booking that stood like this before, with what was found for it now. What followed from that is
    /// [removed](Tally::remove).
    pub(crate) fn transition(&mut self, booking: BookingRef<'_>, before: Status, found: Option<&Allocation>) {
        self.inventory.transition(&booking.claim(), (before, booking.status()), found);
        self.add(booking);
    }

    /// Goes on with a booking that stands as before, and claims something else.
    pub(crate) fn exchange(&mut self, before: BookingRef<'_>, booking: BookingRef<'_>) {
        let (status, quantity) = (booking.status(), booking.record.quantity);
        self.inventory.exchange(status, &before.claim(), &booking.claim());
        if status == Status::Waitlisted {
            let waitlist = self.waitlist.as_mut().expect("someone waits");
            waitlist.reduce(booking.record.number, quantity);
        }
        if let Some(usage) = &mut self.usage {
            usage.add(&booking.record.customer, quantity);
            usage.remove(&booking.record.customer, before.record.quantity);
        }
        self.renumber(before, booking);
    }

    /// Goes on with a booking that stands as before, has as much, and says it otherwise.
    pub(crate) fn renumber(&mut self, before: BookingRef<'_>, booking: BookingRef<'_>) {
        if booking.status() == Status::Waitlisted {
            self.inventory.leave(&before.claim());
            self.inventory.join(&booking.claim());
        }
        self.digest = self.digest.wrapping_sub(before.digest()).wrapping_add(booking.digest());
    }

    /// Goes on with a booking that has and claims what it did, and of which something else is known.
    pub(crate) fn redigest(&mut self, before: u64, now: u64) {
        self.digest = self.digest.wrapping_sub(before).wrapping_add(now);
    }

    /// Adds what follows from a booking, its places aside.
    fn add(&mut self, whole: BookingRef<'_>) {
        let booking = whole.record;
        if whole.status() == Status::Waitlisted {
            self.inventory.join(&whole.claim());
            self.waitlist.get_or_insert_default().push(booking.number, booking.quantity);
            self.waitlisted += 1;
        }
        if let Some(until) = whole.until() {
            self.deadlines.insert((until, booking.number));
        }
        if let Some(usage) = &mut self.usage
            && counts_for_customer(booking)
        {
            usage.add(&booking.customer, booking.quantity);
        }
        self.digest = self.digest.wrapping_add(whole.digest());
    }

    /// Takes back what follows from a booking, its places aside.
    pub(crate) fn remove(&mut self, whole: BookingRef<'_>) {
        let booking = whole.record;
        if whole.status() == Status::Waitlisted {
            self.inventory.leave(&whole.claim());
            self.waitlist.as_mut().expect("someone waits").remove(booking.number);
            self.waitlisted = self.waitlisted.checked_sub(1).expect("who leaves the waitlist was counted");
        }
        if let Some(until) = whole.until() {
            let was_there = self.deadlines.remove(&(until, booking.number));
            assert!(was_there, "a deadline is kept until its booking stands otherwise");
        }
        if let Some(usage) = &mut self.usage
            && counts_for_customer(booking)
        {
            usage.remove(&booking.customer, booking.quantity);
        }
        self.digest = self.digest.wrapping_sub(whole.digest());
    }

    /// Where the places are.
    pub(crate) fn counts(&self) -> Counts {
        self.inventory.counts(self.waitlisted)
    }

    /// What a slot can give out.
    pub(crate) fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// The same, to be changed.
    pub(crate) fn inventory_mut(&mut self) -> &mut Inventory {
        &mut self.inventory
    }

    /// What a newcomer gets now, if anything.
    pub(crate) fn find(&self, wish: &Wish, cart: &Cart, order: Order) -> Result<Option<Allocation>, Refused> {
        self.inventory.find(wish, cart, self.waitlist(), order)
    }

    /// The place of a booking that waits among those before whom it is not served: 1 for the first.
    pub(crate) fn position(&self, booking: BookingRef<'_>) -> Option<u32> {
        self.inventory.position(&booking.claim(), self.waitlist())
    }

    /// Whose turn it is of those who wait, and what that booking gets.
    pub(crate) fn next(&mut self, order: Order) -> Option<(Number, Allocation)> {
        self.inventory.next(self.waitlist.as_deref().unwrap_or(&NOBODY), order)
    }

    /// The place that a newcomer will have who waits.
    pub(crate) fn position_behind(&self, newcomer: BookingRef<'_>) -> u32 {
        self.inventory.position_behind(&newcomer.claim(), self.waitlisted)
    }

    /// Who waits.
    pub(crate) fn waitlist(&self) -> &Waitlist {
        self.waitlist.as_deref().unwrap_or(&NOBODY)
    }

    /// The earliest deadline of a hold or an offer, or of waiting for a range, and whose it is.
    pub(crate) fn first_deadline(&self) -> Option<(Timestamp, Number)> {
        self.deadlines.first().copied()
    }

    /// Every deadline of a hold or an offer, or of waiting for a range, the earliest first.
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
        *units = units.checked_sub(u64::from(quantity)).expect("a live booking's units are counted");
        if *units == 0 {
            self.units.remove(&hash);
        }
    }

    fn hash(&self, customer: &str) -> u128 {
        xxh3_128_with_seed(customer.as_bytes(), self.seed)
    }
}
