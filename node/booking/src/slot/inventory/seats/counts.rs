//! Where seats and places are, in numbers.

use super::ask::COMPANIONS_MAX;
use crate::Status;

/// What one category has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// General seats that anyone may take.
    pub(super) seats: u32,
    /// Places of areas that anyone may take.
    pub(super) places: u32,
    /// Spaces for wheelchairs that are free.
    pub(super) spaces: u32,
    /// Companions' seats that are free.
    pub(super) companions: u32,
    /// Of the free spaces how many bring one, two and three companions' seats that are free.
    pub(super) gains: [u32; COMPANIONS_MAX as usize],
    /// Seats that are free, but kept for somebody.
    pub(super) allotted: u32,
    held: u32,
    offered: u32,
    confirmed: u32,
}

impl Tally {
    /// How many anyone may take who needs no space for a wheelchair.
    pub(super) fn general(&self) -> u32 {
        self.seats + self.places
    }

    /// How many companions' seats so many spaces can have at most, all of them if there are fewer.
    pub(super) fn adjoining(&self, spaces: u32) -> u32 {
        let (mut left, mut companions) = (spaces, 0);
        for (gain, count) in (1..=COMPANIONS_MAX).rev().zip(self.gains.into_iter().rev()) {
            let these = left.min(count);
            left -= these;
            companions += these * gain;
        }
        companions
    }

    /// How many are free, and kept for nobody.
    pub(super) fn free(&self) -> u32 {
        self.general() + self.spaces + self.companions
    }

    /// Where the places of bookings with this status are counted, if they have any.
    pub(super) fn taken(&mut self, status: Status) -> Option<&mut u32> {
        match status {
            Status::Held => Some(&mut self.held),
            Status::Offered => Some(&mut self.offered),
            Status::Confirmed => Some(&mut self.confirmed),
            Status::Waitlisted | Status::Cancelled | Status::Declined | Status::Expired => None,
        }
    }

    /// What is told of it, beside its longest stretch of general seats.
    pub(super) fn counts(&self, largest_block: u32) -> CategoryCounts {
        let Self { allotted, held, offered, confirmed, .. } = *self;
        let free = self.free();
        let capacity = free + allotted + held + offered + confirmed;
        CategoryCounts { capacity, free, allotted, held, offered, confirmed, largest_block }
    }
}

/// What is told of a category. Its capacity is the sum of the next five.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CategoryCounts {
    /// What is for sale.
    pub capacity: u32,
    /// With no one, and kept for nobody.
    pub free: u32,
    /// With no one, and kept for somebody.
    pub allotted: u32,
    /// With customers who have not confirmed.
    pub held: u32,
    /// Set aside for customers who waited.
    pub offered: u32,
    /// With customers for good.
    pub confirmed: u32,
    /// The most general seats in a row that are free and kept for nobody.
    pub largest_block: u32,
}

/// What is told of a house. Its capacity is the sum of the next five.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct HouseCounts {
    /// What is for sale.
    pub(crate) capacity: u32,
    /// With no one, and kept for nobody.
    pub(crate) free: u32,
    /// With no one, and kept for somebody.
    pub(crate) allotted: u32,
    /// With customers who have not confirmed.
    pub(crate) held: u32,
    /// Set aside for customers who waited.
    pub(crate) offered: u32,
    /// With customers for good.
    pub(crate) confirmed: u32,
    /// Not for sale.
    pub(crate) blocked: u32,
}

impl HouseCounts {
    /// Adds a category.
    pub(super) fn and(self, category: CategoryCounts) -> Self {
        Self {
            capacity: self.capacity + category.capacity,
            free: self.free + category.free,
            allotted: self.allotted + category.allotted,
            held: self.held + category.held,
            offered: self.offered + category.offered,
            confirmed: self.confirmed + category.confirmed,
            blocked: self.blocked,
        }
    }
}

/// What is told of an allotment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AllotmentCounts {
    /// Its seats.
    pub capacity: u32,
    /// Those that nobody has.
    pub free: u32,
}
