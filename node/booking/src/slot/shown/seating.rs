//! What may be seen of a house, and of what a booking has of it. All of it is numbered by a map, which is told with it: what is
//! read later is read by the map of then.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::digest::Digest;
use crate::{
    AllotmentCounts, Area, Category, CategoryCounts, Conflict, Content, Places, Plan, Range, RangeRefused,
    SaleRun, Seat, Shown, ShownBlock, Timestamp,
};

/// What a booking has of a house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seating {
    /// The map by which it is numbered.
    pub map: Content,
    /// Its seats, and its places in areas: none while it waits.
    pub places: Places,
    /// The category of all of them, if it is one.
    pub category: Option<Category>,
    /// Whether its seats are consecutive; none where it has no seats.
    pub together: Option<bool>,
}

impl Seating {
    /// Nothing.
    pub(crate) fn nothing(map: Content) -> Self {
        Self { map, places: Places::default(), category: None, together: None }
    }

    /// These places of a house.
    pub(crate) fn of(map: Content, plan: &Plan, places: Places) -> Self {
        let (category, together) = (plan.category_of(&places), plan.is_together(&places));
        Self { map, places, category, together }
    }

    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let digest = digest.wide(self.map.0).word(self.places.seats().len() as u64);
        let digest = self.places.seats().iter().fold(digest, |digest, seat| digest.word(seat.0));
        let area = |digest: Digest, &(area, places): &(Area, u32)| digest.word(area.0).word(places);
        self.places
            .areas()
            .iter()
            .fold(digest, area)
            .option(self.category, |digest, category| digest.word(category.0))
            .option(self.together, |digest, together| digest.word(u64::from(together)))
    }
}

/// Where everything of a house is, beside what [`Counts`](crate::Counts) say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HouseView {
    /// The map by which the categories are numbered.
    pub map: Content,
    /// How many seats are not for sale: no part of the capacity.
    pub blocked: u32,
    /// The most general seats that one newcomer could get in one category while the sale is open.
    pub bookable: u32,
    /// Everything that was ever kept for somebody, by name, each at the place of its number.
    pub allotments: Vec<(Box<str>, AllotmentCounts)>,
    /// The categories, in the order of the map.
    pub categories: Vec<CategoryView>,
}

/// Where everything of a category is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CategoryView {
    /// Where its places are.
    pub counts: CategoryCounts,
    /// How many bookings wait that would take it.
    pub waitlisted: u32,
}

impl HouseView {
    /// How many places there are for sale.
    pub(crate) fn capacity(&self) -> u32 {
        self.categories.iter().map(|category| category.counts.capacity).sum()
    }

    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let allotment = |digest: Digest, (name, counts): &(Box<str>, AllotmentCounts)| {
            digest.text(name).word(counts.capacity).word(counts.free)
        };
        let category = |digest: Digest, CategoryView { counts, waitlisted }: &CategoryView| {
            let CategoryCounts { capacity, free, allotted, held, offered, confirmed, largest_block } =
                *counts;
            let words = [capacity, free, allotted, held, offered, confirmed, largest_block, *waitlisted];
            words.into_iter().fold(digest, Digest::word)
        };
        let digest =
            digest.wide(self.map.0).word(self.blocked).word(self.bookable).word(self.allotments.len() as u64);
        let digest = self.allotments.iter().fold(digest, allotment);
        self.categories.iter().fold(digest, category)
    }
}

/// What everyone may know of a house at one `seq`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatMap {
    /// The map by which it is numbered.
    pub map: Content,
    /// What lies between two aisles each time, in the order of the map.
    pub blocks: Vec<ShownBlock>,
    /// Of each area, in the order of the map, how many places it has, and how many of them anyone may take.
    pub areas: Vec<(u32, u32)>,
}

impl SeatMap {
    /// The same where nothing is for sale.
    pub(crate) fn closed(self) -> Self {
        let nothing = |block: ShownBlock| ShownBlock { free: 0, held: 0, ..block };
        Self {
            blocks: self.blocks.into_iter().map(nothing).collect(),
            areas: self.areas.into_iter().map(|(places, _)| (places, 0)).collect(),
            ..self
        }
    }

    /// What everyone may know of each seat, in the order of the map.
    pub fn seats(&self) -> impl Iterator<Item = Shown> + '_ {
        self.blocks.iter().copied().flat_map(ShownBlock::seats)
    }
}

/// What else a record tells of a slot of seats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// These seats are sold otherwise.
    Sale {
        /// The map by which they are numbered.
        map: Content,
        /// How.
        runs: Vec<SaleRun>,
    },
    /// The slot is sold by this map from now on.
    Map(Content),
}

/// What is told with a refusal, once: who asks again hears the refusal alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Details {
    /// What cannot be had, and why: all of it, in the order of the request.
    Conflicts(Vec<Conflict>),
    /// Which seats would be left single.
    Singles(Vec<Seat>),
    /// The keys of the quotas of which too little is left, in the order of the tariff.
    Quotas(Vec<Box<str>>),
    /// Which line of the request is at fault, by its place.
    Line(u32),
    /// The most that could be had together.
    LargestBlock(u32),
    /// Why the range may not be asked for.
    Range(RangeRefused),
    /// The parts of the range, with what is kept free around it, in which too little is free.
    RangesTaken(Vec<Range>),
    /// The first moment at which more is taken than there would be.
    InUseFrom(Timestamp),
    /// What is taken, and not in the new map.
    InUse {
        /// The seats, as they are numbered now.
        seats: Vec<Seat>,
        /// The areas that are too small, likewise.
        areas: Vec<Area>,
    },
}
