//! What a booking claims.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::digest::Digest;
use crate::{
    Best, Bill, Buffers, Category, Content, MapChange, Number, Places, Plan, Range, Resource, Seating,
    Section, Timestamp,
};

/// What a booking claims of a slot's inventory.
#[derive(Clone, Copy)]
pub(crate) struct Claim<'all> {
    /// Which booking.
    pub(crate) number: Number,
    /// For how many.
    pub(crate) quantity: u32,
    /// What it claims of a house, where there is one.
    pub(crate) seats: Option<&'all SeatsClaim>,
    /// What it claims of a calendar, where there is one.
    pub(crate) range: Option<&'all RangeClaim>,
    /// What it is of, and what that costs, where something in particular was sold.
    pub(crate) bill: Option<&'all Bill>,
}

/// What a booking claims of a house, as it is remembered and saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatsClaim {
    /// What it waits for, while it waits.
    pub waits_for: Option<Box<Best>>,
    /// What it has, or had when it ended.
    pub seating: Arc<Seating>,
    /// What it had when it was made, if that has changed.
    pub first: Option<Arc<Seating>>,
}

/// What a booking claims of a calendar, as it is remembered and saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeClaim {
    /// What it waits for, or has, or had when it ended.
    pub had: RangeHad,
    /// What is kept free around it: as it was when it asked for this.
    pub buffers: Buffers,
    /// How long before its range begins it waits no more: likewise.
    pub lead_seconds: u32,
    /// What it was for when it was made, if that has changed.
    pub first: Option<RangeHad>,
}

/// A range, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RangeHad {
    /// From when to when.
    pub range: Range,
    /// On which resource: on none where they are all alike, or while it waits for any.
    pub resource: Option<Resource>,
}

/// What a booking is of and costs, as it is remembered and saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// What it is of, and costs by now.
    pub bill: Arc<Bill>,
    /// The same when it was made, if that has changed; of nothing, where it was made before anything was sold in particular.
    pub first: Option<Arc<Bill>>,
}

impl Purchase {
    /// What it was of and cost when it was made, if anything.
    pub(crate) fn first(&self) -> Option<&Arc<Bill>> {
        Some(self.first.as_ref().unwrap_or(&self.bill)).filter(|first| !first.items.is_empty())
    }

    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let digest = self.bill.digest(digest.text("purchase"));
        digest.option(self.first.as_ref(), |digest, first| first.digest(digest))
    }
}

impl<'all> Claim<'all> {
    /// What it claims of a house.
    pub(crate) fn in_house(&self) -> &'all SeatsClaim {
        self.seats.expect("a booking of a house claims seats")
    }

    /// The places that it has of a house.
    pub(crate) fn places(&self) -> &'all Places {
        &self.in_house().seating.places
    }

    /// What it claims of a calendar.
    pub(crate) fn in_calendar(&self) -> &'all RangeClaim {
        self.range.expect("a booking of a calendar claims a range")
    }

    /// What it waits for in a house.
    pub(crate) fn wish(&self) -> &'all Best {
        self.in_house().waits_for.as_deref().expect("who waits waits for something")
    }
}

impl RangeClaim {
    /// What it was for when it was made.
    pub(crate) fn first(&self) -> RangeHad {
        self.first.unwrap_or(self.had)
    }

    /// When nobody waits for it any more.
    pub(crate) const fn waits_until(&self) -> Timestamp {
        self.had.range.waited_for_until(self.lead_seconds)
    }

    /// The same, with something else from now on.
    pub(crate) fn moved(&self, had: RangeHad, buffers: Buffers) -> Self {
        let first = Some(self.first()).filter(|first| *first != had);
        Self { had, buffers, first, ..*self }
    }

    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let Buffers { before_seconds, after_seconds } = self.buffers;
        let digest = self.had.digest(digest).word(before_seconds).word(after_seconds).word(self.lead_seconds);
        digest.option(self.first, |digest, first| first.digest(digest))
    }
}

impl RangeHad {
    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let digest = digest.text("range").word(self.range.from().0).word(self.range.to().0);
        digest.option(self.resource, |digest, resource| digest.word(resource.0))
    }
}

impl SeatsClaim {
    /// What it had when it was made.
    pub(crate) fn first(&self) -> &Arc<Seating> {
        self.first.as_ref().unwrap_or(&self.seating)
    }

    /// The same, with other places from now on.
    pub(crate) fn seated(&self, seating: Seating) -> Self {
        let first = Some(Arc::clone(self.first()));
        Self { waits_for: None, seating: Arc::new(seating), first }
    }

    /// The same, waiting for something else from now on, or no longer.
    pub(crate) fn waiting_for(&self, wish: Option<Best>) -> Self {
        Self { waits_for: wish.map(Box::new), ..self.clone() }
    }

    /// The same by another map. What it waited for in categories and sections that there are no longer is gone; who has places has
    /// them there.
    pub(crate) fn redrawn(&self, change: &MapChange) -> Self {
        if let Some(wish) = &self.waits_for {
            return self.waiting_for(Some(renumbered(wish, change)));
        }
        let places = self.seating.places.moved(&change.table).expect("what is taken is in the new map");
        self.seated(Seating::of(change.map, &change.plan, places))
    }

    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let digest = digest.option(self.waits_for.as_deref(), |digest, wish| {
            let digest = digest.word(wish.quantity).word(wish.together as u32).word(wish.accessible);
            let digest = digest.word(wish.categories.len() as u64);
            let digest = wish.categories.iter().fold(digest, |digest, category| digest.word(category.0));
            let digest = wish.sections.iter().fold(digest, |digest, section| digest.word(section.0));
            digest.option(wish.allotment, |digest, allotment| digest.word(allotment.0))
        });
        self.seating.digest(digest).option(self.first.as_ref(), |digest, first| first.digest(digest))
    }
}

/// A wish by another map: in no category at all where it was for sections that there are no longer.
fn renumbered(wish: &Best, change: &MapChange) -> Best {
    let new = |section: &Section| change.sections.get(usize::from(section.0)).copied().flatten();
    let sections = wish.sections.iter().filter_map(new).collect::<Vec<_>>();
    let is_nowhere = sections.is_empty() && !wish.sections.is_empty();
    let new = |category: &Category| change.categories.get(usize::from(category.0)).copied().flatten();
    let mut categories = Vec::new();
    for category in wish.categories.iter().filter_map(new).filter(|_| !is_nowhere) {
        // Two categories can have become one.
        if !categories.contains(&category) {
            categories.push(category);
        }
    }
    Best { categories, sections, ..wish.clone() }
}

/// What a newcomer claims of a house who has these places, or waits for this.
pub(crate) fn newcomer(map: Content, plan: &Plan, what: Result<Places, Best>) -> SeatsClaim {
    let (waits_for, seating) = match what {
        Ok(places) => (None, Seating::of(map, plan, places)),
        Err(wish) => (Some(Box::new(wish)), Seating::nothing(map)),
    };
    SeatsClaim { waits_for, seating: Arc::new(seating), first: None }
}
