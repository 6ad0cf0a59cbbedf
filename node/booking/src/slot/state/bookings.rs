//! The bookings of a slot, and the two ways to find one: by the request that made it, and by customer.
//!
//! Those that are over for long leave memory for the store. What is away never changes again, and whatever
//! needs it has it brought back first ([`Bookings::recall`]), so that no answer depends on where it is.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::num::NonZeroU32;
use core::ops::Bound;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::limits::{BOOKING_NUMBER_MAX, LEAVING_AT_ONCE_MAX};
use crate::slot::inventory::claim::{Purchase, RangeClaim, SeatsClaim};
use crate::slot::state::booking::{Booking, BookingRecord, BookingRef, Standing};
use crate::slot::state::index::Index;
use crate::slot::state::numbered::Numbered;
use crate::{Bill, BookingCredits, InOrder, Number, RequestKey, Secret, Timestamp};

/// Bookings that are over and have left memory: how many, and what they add to the slot's digest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Away {
    /// How many.
    pub bookings: u32,
    /// The wrapping sum of their digests.
    pub digest: u64,
}

/// The bookings of a slot.
pub(crate) struct Bookings {
    /// Those in memory: all that are not away, and copies of some that are.
    here: Numbered,
    /// What those of them have that are of more than units alike for nothing.
    beside: BTreeMap<Number, Beside>,
    by_request: Index,
    /// By a keyed hash of the customer's name: two names can share one, so readers compare the name itself.
    by_customer: BTreeSet<(u64, Number)>,
    seed: u64,
    /// The number of the latest.
    latest: Number,
    /// Those that changed since the changes were last taken.
    changed: BTreeSet<Number>,
    /// None where none has been over since it was loaded.
    past: Option<Box<Past>>,
}

/// What a booking has beside its record.
#[derive(Default)]
struct Beside {
    /// What it claims of a house.
    seats: Option<Box<SeatsClaim>>,
    /// What it claims of a calendar.
    range: Option<Box<RangeClaim>>,
    /// What it is of and costs.
    purchase: Option<Box<Purchase>>,
    /// What its merchant has promised for it.
    credits: Option<Box<BookingCredits>>,
    /// Which order it is an item of.
    order: Option<Box<InOrder>>,
}

/// The bookings that are over.
#[derive(Default)]
struct Past {
    /// Those that are not away, in the order in which they ended.
    over: VecDeque<(Timestamp, Number)>,
    away: Away,
    /// Those that are away and in memory all the same: on their way out, or called back.
    copies: BTreeSet<Number>,
}

impl Bookings {
    /// No bookings. The secret keys the hash of customers' names.
    pub(crate) fn new(secret: Secret) -> Self {
        let [seed, other_seed] = secret.seeds();
        Self {
            here: Numbered::default(),
            beside: BTreeMap::new(),
            by_request: Index::new(other_seed),
            by_customer: BTreeSet::new(),
            seed,
            latest: Number(0),
            changed: BTreeSet::new(),
            past: None,
        }
    }

    /// These bookings, ascending by number, of as many as there ever were; all others are away.
    pub(crate) fn restore(secret: Secret, saved: Vec<Booking>, latest: Number, away: Away) -> Self {
        let mut bookings = Self { latest, ..Self::new(secret) };
        let over = |booking: &Booking| Some((booking.record.standing.over_since()?, booking.record.number));
        let mut ended: Vec<_> = saved.iter().filter_map(over).collect();
        ended.sort_unstable();
        if !ended.is_empty() || away != Away::default() {
            bookings.past = Some(Box::new(Past { over: ended.into(), away, copies: BTreeSet::new() }));
        }
        let customers = saved
            .iter()
            .map(|booking| (hash(&booking.record.customer, bookings.seed), booking.record.number));
        bookings.by_customer = customers.collect();
        for booking in saved {
            let (request, number) = bookings.put(booking);
            let of = request_of(&bookings.here);
            // A request that made two would be found once: who restores counts them.
            if bookings.by_request.find(request, &of).is_none() {
                bookings.by_request.insert(request, number, &of);
            }
        }
        bookings
    }

    /// The number of the latest, which is how many there are.
    pub(crate) fn latest(&self) -> Number {
        self.latest
    }

    /// The number of the next one, while there are any left.
    pub(crate) fn next_number(&self) -> Option<Number> {
        self.latest.0.checked_add(1).map(Number)
    }

    /// Adds the next one.
    pub(crate) fn push(&mut self, booking: Booking) {
        let number = booking.record.number;
        assert!(Some(number) == self.next_number(), "bookings are numbered in order");
        self.latest = number;
        self.changed.insert(number);
        self.enter(booking);
    }

    /// The booking with this number, which is in memory.
    pub(crate) fn get(&self, number: Number) -> &BookingRecord {
        self.find(number).expect("a number that the slot gave out, and not away")
    }

    /// The booking with this number, if it is in memory.
    pub(crate) fn find(&self, number: Number) -> Option<&BookingRecord> {
        self.here.get(number)
    }

    /// A booking that is in memory, and what it claims.
    pub(crate) fn whole<'all>(&'all self, record: &'all BookingRecord) -> BookingRef<'all> {
        whole(&self.beside, record)
    }

    /// The booking with this number, which is in memory, and what it claims.
    pub(crate) fn get_whole(&self, number: Number) -> BookingRef<'_> {
        self.whole(self.get(number))
    }

    /// Changes what a booking of seats claims, for how many that is, and nothing else.
    pub(crate) fn set_claim(&mut self, number: Number, claim: SeatsClaim, quantity: u32) {
        self.changed.insert(number);
        let booking = self.here.get_mut(number).expect("a number that the slot gave out, and not away");
        assert!(booking.standing.over_since().is_none(), "what is over stays so");
        let first = booking.asked_quantity();
        booking.first_quantity = NonZeroU32::new(first).filter(|_| first != quantity);
        booking.quantity = quantity;
        let beside = self.beside.get_mut(&number).expect("a booking of seats claims some from the beginning");
        assert!(beside.seats.is_some(), "a booking of seats claims some from the beginning");
        beside.seats = Some(Box::new(claim));
    }

    /// Changes what a booking claims of a calendar, and nothing else.
    pub(crate) fn set_range(&mut self, number: Number, range: RangeClaim) {
        self.changed.insert(number);
        let booking = self.get(number);
        assert!(booking.standing.over_since().is_none(), "what is over stays so");
        let beside =
            self.beside.get_mut(&number).expect("a booking of a range claims one from the beginning");
        assert!(beside.range.is_some(), "a booking of a range claims one from the beginning");
        beside.range = Some(Box::new(range));
    }

    /// Changes what a booking is of and costs, and nothing else.
    pub(crate) fn set_bill(&mut self, number: Number, bill: Arc<Bill>) {
        self.changed.insert(number);
        let Beside { purchase, .. } = self.beside.entry(number).or_default();
        let first = purchase.as_ref().map_or_else(Arc::default, |purchase| {
            Arc::clone(purchase.first.as_ref().unwrap_or(&purchase.bill))
        });
        let first = Some(first).filter(|first| *first != bill);
        *purchase = Some(Box::new(Purchase { bill, first }));
    }

    /// Changes what is known of what was promised for a booking, and nothing else.
    pub(crate) fn set_credits(&mut self, number: Number, credits: BookingCredits) {
        self.changed.insert(number);
        assert!(self.get(number).standing.over_since().is_none(), "what is over stays so");
        self.beside.entry(number).or_default().credits = Some(Box::new(credits));
    }

    /// Makes a booking an item of an order, or of none, and nothing else.
    pub(crate) fn set_order(&mut self, number: Number, order: Option<Box<InOrder>>) {
        self.changed.insert(number);
        assert!(self.get(number).standing.over_since().is_none(), "what is over stays so");
        self.beside.entry(number).or_default().order = order;
    }

    /// Changes where a booking stands that is not over.
    pub(crate) fn set_standing(&mut self, number: Number, standing: Standing) {
        self.changed.insert(number);
        if let Some(since) = standing.over_since() {
            self.past.get_or_insert_default().over.push_back((since, number));
        }
        let booking = self.here.get_mut(number).expect("a number that the slot gave out, and not away");
        assert!(booking.standing.over_since().is_none(), "what is over stays so");
        booking.standing = standing;
    }

    /// Makes a booking that is not over be for fewer.
    pub(crate) fn reduce(&mut self, number: Number, quantity: NonZeroU32) {
        self.changed.insert(number);
        let booking = self.here.get_mut(number).expect("a number that the slot gave out, and not away");
        assert!(booking.standing.over_since().is_none(), "what is over stays so");
        assert!(quantity.get() < booking.quantity, "a booking never grows");
        booking.first_quantity = NonZeroU32::new(booking.asked_quantity());
        booking.quantity = quantity.get();
    }

    /// The booking that this request made, if it is in memory.
    pub(crate) fn by_request(&self, request: RequestKey) -> Option<&BookingRecord> {
        self.by_request.find(request, request_of(&self.here)).map(|number| self.get(number))
    }

    /// How many requests of bookings in memory there are.
    pub(crate) fn requests(&self) -> usize {
        self.by_request.len()
    }

    /// All in memory after this number, by number.
    pub(crate) fn after(&self, after: Option<Number>) -> impl Iterator<Item = &BookingRecord> {
        self.here.after(after)
    }

    /// All that are not away, by number.
    pub(crate) fn staying(&self) -> impl Iterator<Item = &BookingRecord> {
        let is_copy = |number| self.past.as_ref().is_some_and(|past| past.copies.contains(&number));
        self.after(None).filter(move |booking| !is_copy(booking.number))
    }

    /// One customer's in memory after this number, by number, without a look at anyone else's.
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
    pub(crate) fn take_changed(&mut self) -> Vec<Booking> {
        let changed = core::mem::take(&mut self.changed);
        changed.into_iter().map(|number| self.get_whole(number).to_owned()).collect()
    }

    /// Those that are away.
    pub(crate) fn away(&self) -> Away {
        self.past.as_ref().map_or_else(Away::default, |past| past.away)
    }

    /// Since when the first of those is over that are over and not away.
    pub(crate) fn first_over(&self) -> Option<Timestamp> {
        self.past.as_ref()?.over.front().map(|&(since, _number)| since)
    }

    /// Some that were over by this stamp, and are away from now on. They stay in memory until
    /// [`Bookings::let_go`].
    pub(crate) fn take_leaving(&mut self, over_by: Timestamp) -> Vec<Booking> {
        let mut leaving = Vec::new();
        let Some(past) = &mut self.past else { return leaving };
        while leaving.len() < LEAVING_AT_ONCE_MAX
            && let Some(&(since, number)) = past.over.front()
            && since <= over_by
        {
            past.over.pop_front();
            self.changed.remove(&number);
            past.copies.insert(number);
            let record = self.here.get(number).expect("who is over and not away is here");
            assert!(record.standing.over_since() == Some(since), "only who is over leaves");
            let booking = whole(&self.beside, record);
            past.away.bookings += 1;
            past.away.digest = past.away.digest.wrapping_add(booking.digest());
            leaving.push(booking.to_owned());
        }
        leaving
    }

    /// Forgets the copy of a booking that is away, if there is one.
    pub(crate) fn let_go(&mut self, number: Number) {
        if !self.past.as_mut().is_some_and(|past| past.copies.remove(&number)) {
            return;
        }
        let booking = self.get(number);
        let (request, customer) = (booking.request, hash(&booking.customer, self.seed));
        let by_customer = self.by_customer.remove(&(customer, number));
        assert!(by_customer, "a booking in memory is found by its customer");
        let by_request = self.by_request.remove(request, request_of(&self.here));
        assert!(by_request == Some(number), "a booking in memory is found by its request");
        self.here.take(number).expect("a booking in memory is found by its number");
        self.beside.remove(&number);
    }

    /// Brings a booking back that is away, if it is not here already.
    pub(crate) fn recall(&mut self, booking: Booking) {
        let BookingRecord { number, standing, .. } = booking.record;
        let is_away = number <= self.latest && self.find(number).is_none();
        if is_away && standing.over_since().is_some() {
            self.past.get_or_insert_default().copies.insert(number);
            self.enter(booking);
        }
    }

    /// Puts a booking where it is found.
    fn enter(&mut self, booking: Booking) {
        let customer = hash(&booking.record.customer, self.seed);
        let is_new = self.by_customer.insert((customer, booking.record.number));
        assert!(is_new, "a booking enters once");
        let (request, number) = self.put(booking);
        self.by_request.insert(request, number, request_of(&self.here));
    }

    /// Puts a booking in its place, where nothing leads to it yet.
    fn put(&mut self, booking: Booking) -> (RequestKey, Number) {
        let Booking { record, seats, range, purchase, credits, order } = booking;
        let (request, number) = (record.request, record.number);
        self.here.put(record);
        let claims = seats.is_some() || range.is_some() || purchase.is_some();
        if claims || credits.is_some() || order.is_some() {
            self.beside.insert(number, Beside { seats, range, purchase, credits, order });
        }
        (request, number)
    }
}

/// A booking, and what it has beside its record.
fn whole<'all>(beside: &'all BTreeMap<Number, Beside>, record: &'all BookingRecord) -> BookingRef<'all> {
    let beside = beside.get(&record.number);
    let seats = beside.and_then(|beside| beside.seats.as_deref());
    let range = beside.and_then(|beside| beside.range.as_deref());
    let purchase = beside.and_then(|beside| beside.purchase.as_deref());
    let credits = beside.and_then(|beside| beside.credits.as_deref());
    let order = beside.and_then(|beside| beside.order.as_deref());
    BookingRef { record, seats, range, purchase, credits, order }
}

/// Which request made a booking.
fn request_of(here: &Numbered) -> impl Fn(Number) -> RequestKey {
    |number| here.get(number).expect("what is found is here").request
}

/// The hash by which a customer's bookings are found.
fn hash(customer: &str, seed: u64) -> u64 {
    xxh3_64_with_seed(customer.as_bytes(), seed)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::slot::state::booking::tests::booking;

    #[test]
    fn who_is_over_leaves_and_is_found_nowhere_until_called_back() {
        let records = (1..=5_000).map(booking).map(Booking::from).collect::<Vec<_>>();
        let mut bookings = Bookings::restore(Secret([1; 16]), records, Number(5_000), Away::default());
        assert_eq!(bookings.first_over(), Some(Timestamp(2)));
        assert_eq!(bookings.take_leaving(Timestamp(1)), []);
        let two = bookings.take_leaving(Timestamp(3));
        assert_eq!(two, [2, 3].map(booking).map(Booking::from), "from the very millisecond on");
        assert_eq!(bookings.first_over(), Some(Timestamp(4)));
        assert_eq!(bookings.away().bookings, 2);
        assert!(bookings.find(Number(2)).is_some(), "until it can be read elsewhere");
        assert_eq!(bookings.staying().count(), 4_998);
        bookings.let_go(Number(2));
        bookings.let_go(Number(4));
        assert_eq!(bookings.find(Number(2)), None);
        assert_eq!(bookings.by_request(booking(2).request), None);
        assert!(bookings.of_customer("customer 2", None).all(|booking| booking.number != Number(2)));
        assert!(bookings.find(Number(4)).is_some(), "it is not away");
        for number in [2, 4, 5_001] {
            bookings.recall(booking(number).into());
        }
        assert_eq!(bookings.by_request(booking(2).request), Some(&booking(2)));
        assert_eq!(bookings.of_customer("customer 2", None).next(), Some(&booking(2)));
        assert_eq!(
            (bookings.staying().count(), bookings.away().bookings),
            (4_998, 2),
            "it is away all the same"
        );
        assert_eq!(bookings.find(Number(5_001)), None, "there never was one");
        let all = Timestamp(u64::MAX);
        for left in [4_997 - LEAVING_AT_ONCE_MAX, 4_997 - 2 * LEAVING_AT_ONCE_MAX] {
            assert_eq!(bookings.take_leaving(all).len(), LEAVING_AT_ONCE_MAX);
            assert_eq!(bookings.staying().count(), left + 1);
        }
        while !bookings.take_leaving(all).is_empty() {}
        assert_eq!(bookings.staying().collect::<Vec<_>>(), [&booking(1)], "what is not over stays for ever");
        // Whatever the header said is said again, or the slot that is saved next could not be loaded.
        let away = Away { bookings: 0, digest: 7 };
        assert_eq!(Bookings::restore(Secret([1; 16]), Vec::new(), Number(0), away).away(), away);
    }
}
