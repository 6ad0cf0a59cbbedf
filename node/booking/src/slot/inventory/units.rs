//! Units: a number of places that are all alike.
//!
//! A claim is a quantity and nothing else, so there is nothing to keep of it but sums.

use crate::{Counts, Order, Status};

/// Where the units of a slot are.
#[derive(Clone, Copy)]
pub(crate) struct Units {
    capacity: u32,
    free: u32,
    held: u32,
    offered: u32,
    confirmed: u32,
}

impl Units {
    /// So many units, with no one.
    pub(crate) const fn new(capacity: u32) -> Self {
        Self { capacity, free: capacity, held: 0, offered: 0, confirmed: 0 }
    }

    /// Whether so many could ever be given.
    pub(crate) const fn could_ever_fit(&self, quantity: u32) -> bool {
        quantity <= self.capacity
    }

    /// Whether so many are free.
    pub(crate) const fn fit(&self, quantity: u32) -> bool {
        quantity <= self.free
    }

    /// How many are free.
    pub(crate) const fn free(&self) -> u32 {
        self.free
    }

    /// Gives units to a booking that stands like this, if it takes any.
    pub(crate) fn take(&mut self, status: Status, quantity: u32) {
        let Some(taken) = self.taken(status) else { return };
        *taken += quantity;
        self.free = self.free.checked_sub(quantity).expect("what is taken was free");
    }

    /// Undoes [`Units::take`].
    pub(crate) fn give_back(&mut self, status: Status, quantity: u32) {
        let Some(taken) = self.taken(status) else { return };
        *taken = taken.checked_sub(quantity).expect("what is given back was taken");
        self.free += quantity;
    }

    /// Whether there can be so many, with what is taken.
    pub(crate) const fn may_become(&self, capacity: u32) -> bool {
        self.capacity - self.free <= capacity
    }

    /// Goes on with more units, or with fewer that are free.
    pub(crate) fn resize(&mut self, capacity: u32) {
        let taken = self.capacity - self.free;
        self.free = capacity.checked_sub(taken).expect("what is taken stays");
        self.capacity = capacity;
    }

    /// Where the units are, beside so many bookings that wait.
    pub(crate) const fn counts(&self, waitlisted: u32) -> Counts {
        let Self { capacity, free, held, offered, confirmed } = *self;
        Counts { capacity, free, held, offered, confirmed, waitlisted }
    }

    /// Whether bookings that stand like this, for so many, take no more than there is.
    pub(crate) fn hold(&self, bookings: impl Iterator<Item = (Status, u32)>) -> bool {
        let taken = bookings.filter(|(status, _)| status.has_places());
        taken.map(|(_, quantity)| u64::from(quantity)).sum::<u64>() <= u64::from(self.capacity)
    }

    /// Whether the units are where bookings say that stand like this, for so many.
    pub(crate) fn add_up(&self, capacity: u32, bookings: impl Iterator<Item = (Status, u32)>) -> bool {
        let (mut held, mut offered, mut confirmed) = (0_u64, 0_u64, 0_u64);
        for (status, quantity) in bookings {
            match status {
                Status::Held => held += u64::from(quantity),
                Status::Offered => offered += u64::from(quantity),
                Status::Confirmed => confirmed += u64::from(quantity),
                Status::Waitlisted | Status::Cancelled | Status::Declined | Status::Expired => {}
            }
        }
        let kept = [self.held, self.offered, self.confirmed].map(u64::from);
        self.capacity == capacity
            && kept.into_iter().sum::<u64>() + u64::from(self.free) == u64::from(self.capacity)
            && kept == [held, offered, confirmed]
    }

    /// Whether nobody could be served of those who wait for so many, the head first.
    pub(crate) fn serve_nobody(&self, mut waiters: impl Iterator<Item = u32>, order: Order) -> bool {
        match order {
            Order::Strict => waiters.next().is_none_or(|head| self.free < head),
            Order::SkipFit => waiters.all(|waiter| self.free < waiter),
        }
    }

    /// Where units of bookings with this status are counted, if they take any.
    fn taken(&mut self, status: Status) -> Option<&mut u32> {
        match status {
            Status::Held => Some(&mut self.held),
            Status::Offered => Some(&mut self.offered),
            Status::Confirmed => Some(&mut self.confirmed),
            Status::Waitlisted | Status::Cancelled | Status::Declined | Status::Expired => None,
        }
    }
}

#[cfg(test)]
impl Units {
    /// One unit too many is free.
    pub(crate) fn spoil(&mut self) {
        self.free += 1;
    }
}
