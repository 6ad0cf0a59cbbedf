//! What is asked of a calendar, and what a booking has of it.

use serde::{Deserialize, Serialize};

use super::range::{Buffers, Range};

/// One of the resources that have names, by its number, which is its own for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Resource(pub u16);

/// What can be booked in a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Places {
    /// So many that are alike. Which of them a booking gets is nobody's concern before it begins: as long as no more are taken at any
    /// moment than there are, there is one for each.
    Count(u32),
    /// So many that have names. A booking has one of them from the beginning, and keeps it.
    Resources(u16),
}

/// Where a booking is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// In the pool of those that are alike.
    Pool,
    /// On this resource.
    Resource(Resource),
}

/// What somebody asks for, or waits for. The buffers are those of the moment when it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wish {
    range: Range,
    effective: Range,
    /// Any, where none is named.
    resource: Option<Resource>,
    quantity: u32,
}

/// What a booking has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// The range, with what is kept free around it.
    pub(crate) effective: Range,
    pub(crate) place: Place,
    pub(crate) quantity: u32,
}

impl Place {
    /// On this resource, or in the pool.
    pub(crate) fn on(resource: Option<Resource>) -> Self {
        resource.map_or(Self::Pool, Self::Resource)
    }

    /// Which resource it is on, if it is on one.
    pub(crate) const fn resource(self) -> Option<Resource> {
        match self {
            Self::Pool => None,
            Self::Resource(resource) => Some(resource),
        }
    }
}

impl Wish {
    pub(crate) fn new(range: Range, buffers: Buffers, resource: Option<Resource>, quantity: u32) -> Self {
        Self { range, effective: range.with(buffers), resource, quantity }
    }

    pub(crate) const fn range(&self) -> Range {
        self.range
    }

    /// The range, with what is kept free around it.
    pub(crate) const fn effective(&self) -> Range {
        self.effective
    }

    pub(crate) const fn resource(&self) -> Option<Resource> {
        self.resource
    }

    pub(crate) const fn quantity(&self) -> u32 {
        self.quantity
    }

    /// Whether something of a place is of use to whoever asks for this.
    pub(crate) fn may_be_at(&self, place: Place) -> bool {
        match place {
            Place::Pool => true,
            Place::Resource(resource) => self.resource.is_none_or(|wanted| wanted == resource),
        }
    }

    /// What a booking has that got what it asked for there.
    pub(crate) const fn claim(&self, place: Place) -> Claim {
        Claim { effective: self.effective, place, quantity: self.quantity }
    }
}
