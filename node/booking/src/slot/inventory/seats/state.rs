//! What of a house is taken, and what is for sale.
//!
//! Two layers lie over the plan: whether a seat is for sale ([`Sale`]), which only the organizer changes, and whether a booking has it.
//! Both are bits, block by block. Everything else here follows from them and is kept up to date, block by block too: a block's
//! part of every count is taken away before the block changes, and added again afterwards.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use super::adjoining::{Companions, gains};
use super::ask::COMPANIONS_MAX;
use super::bits::stretches;
use super::counts::{AllotmentCounts, CategoryCounts, HouseCounts, Tally};
use super::place::{Allotment, Area, Category, Places, Seat};
use super::plan::{Block, Plan, Strip};
use super::stretches::Stretches;
use crate::Status;

/// A house that is being sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seats {
    plan: Arc<Plan>,
    /// What counts as a companion's seat.
    pub(super) companions: Companions,
    blocks: Vec<Masks>,
    /// Of each strip its longest stretch of open seats.
    longest: Vec<u8>,
    /// Of each category its stretches of open seats, none longer than a strip.
    stretches: Vec<Stretches>,
    tallies: Vec<Tally>,
    /// Of each area how many places are taken.
    areas: Vec<u32>,
    pub(super) allotments: BTreeMap<Allotment, Kept>,
    pub(super) blocked: u32,
}

/// What of a block is where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Masks {
    /// Held or offered.
    held: u128,
    confirmed: u128,
    /// Not for sale.
    pub(super) blocked: u128,
    /// Kept for somebody, taken or not.
    pub(super) allotted: u128,
    /// *Open*: general seats that anyone may take now.
    pub(super) open: u128,
}

impl Masks {
    /// What a booking has.
    pub(super) fn taken(&self) -> u128 {
        self.held | self.confirmed
    }

    /// What anyone may take, special or not.
    fn free(&self, block: &Block) -> u128 {
        block.all() & !(self.taken() | self.blocked | self.allotted)
    }

    /// Where the seats of bookings with this status are, if they have any.
    fn of(&mut self, status: Status) -> Option<&mut u128> {
        match status {
            Status::Held | Status::Offered => Some(&mut self.held),
            Status::Confirmed => Some(&mut self.confirmed),
            Status::Waitlisted | Status::Cancelled | Status::Declined | Status::Expired => None,
        }
    }
}

/// What is kept for somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Kept {
    /// The seats of each block that has any.
    pub(super) masks: BTreeMap<u32, u128>,
    pub(super) counts: AllotmentCounts,
}

/// What everyone may know of a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Anyone may take it.
    Free,
    /// It is held or offered, and may come back.
    Held,
    /// It is confirmed, or not for sale to everyone.
    Taken,
}

/// What everyone may know of the seats between two aisles: one bit a seat, and none is both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownBlock {
    /// How many seats.
    pub length: u32,
    /// Those that anyone may take.
    pub free: u128,
    /// Those that are held or offered.
    pub held: u128,
}

impl ShownBlock {
    /// What everyone may know of the seat at a place of the block.
    pub fn seat(&self, place: u32) -> Shown {
        if self.free >> place & 1 == 1 {
            Shown::Free
        } else if self.held >> place & 1 == 1 {
            Shown::Held
        } else {
            Shown::Taken
        }
    }

    /// The same of each of its seats, in the order of the map.
    pub fn seats(self) -> impl Iterator<Item = Shown> {
        (0..self.length).map(move |place| self.seat(place))
    }

    /// Which of its seats everyone may know something else of than in this one, which is as long: one bit a seat.
    pub fn changed(&self, before: &Self) -> u128 {
        (self.free ^ before.free) | (self.held ^ before.held)
    }
}

impl Seats {
    /// A house of which everything is for sale, and nothing is taken.
    pub(crate) fn new(plan: Arc<Plan>) -> Self {
        let categories = usize::from(plan.category_count());
        let mut seats = Self {
            companions: Companions::NEWEST,
            blocks: vec![Masks::default(); plan.blocks().len()],
            longest: vec![0; plan.strip_count()],
            stretches: vec![Stretches::new(); categories],
            tallies: vec![Tally::default(); categories],
            areas: vec![0; plan.areas().count()],
            allotments: BTreeMap::new(),
            blocked: 0,
            plan,
        };
        let plan = Arc::clone(&seats.plan);
        for (block, _) in (0..).zip(plan.blocks()) {
            seats.count(block);
        }
        for (_, area) in plan.areas() {
            seats.tally_mut(area.category).places += area.capacity;
        }
        seats
    }

    /// Goes on with this as a companion's seat, and says whether that is new.
    pub(crate) fn set_companions(&mut self, companions: Companions) -> bool {
        core::mem::replace(&mut self.companions, companions) != companions
    }

    /// The house.
    pub(crate) fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Whether nobody has these, and all of them are for sale.
    pub(crate) fn are_free(&self, places: &Places) -> bool {
        let exist = places.seats().last().is_none_or(|last| self.plan.locate(*last).is_some());
        let are_free = |(block, mask): (u32, u128)| {
            let masks = self.masks(block);
            mask & (masks.taken() | masks.blocked) == 0
        };
        exist
            && self.plan.blocks_of(places.seats()).all(are_free)
            && places.areas().iter().all(|&(area, count)| count <= self.free_in(area))
    }

    /// Gives what is free to a booking that stands like this, if it takes any.
    pub(crate) fn take(&mut self, places: &Places, status: Status) {
        if !status.has_places() {
            return;
        }
        assert!(self.are_free(places), "what is taken was free");
        self.move_seats(places, |masks, mask| *masks.of(status).expect("it has places") |= mask);
        for &(area, count) in places.areas() {
            self.areas[usize::from(area.0)] += count;
            let category = self.category_of(area);
            self.tally_mut(category).places -= count;
        }
        self.add_taken(places, status);
    }

    /// Undoes [`Seats::take`].
    pub(crate) fn give_back(&mut self, places: &Places, status: Status) {
        if !status.has_places() {
            return;
        }
        self.move_seats(places, |masks, mask| {
            let taken = masks.of(status).expect("it has places");
            assert!(*taken & mask == mask, "what is given back was taken");
            *taken &= !mask;
        });
        for &(area, count) in places.areas() {
            let taken = &mut self.areas[usize::from(area.0)];
            *taken = taken.checked_sub(count).expect("what is given back was taken");
            let category = self.category_of(area);
            self.tally_mut(category).places += count;
        }
        self.remove_taken(places, status);
    }

    /// Keeps, gives back or takes what a booking has that stood like the first and stands like the second. Keeping
    /// is the common case, and touches nothing that is free.
    pub(crate) fn transition(&mut self, places: &Places, (from, to): (Status, Status)) {
        if !from.has_places() || !to.has_places() {
            self.give_back(places, from);
            self.take(places, to);
            return;
        }
        let plan = Arc::clone(&self.plan);
        for (block, mask) in plan.blocks_of(places.seats()) {
            let masks = &mut self.blocks[block as usize];
            let taken = masks.of(from).expect("it had places");
            assert!(*taken & mask == mask, "what is kept was taken");
            *taken &= !mask;
            *masks.of(to).expect("it has places") |= mask;
        }
        self.remove_taken(places, from);
        self.add_taken(places, to);
    }

    /// Where everything is.
    pub(crate) fn counts(&self) -> HouseCounts {
        let house = HouseCounts { blocked: self.blocked, ..HouseCounts::default() };
        self.plan.categories().fold(house, |house, category| house.and(self.category_counts(category)))
    }

    /// Where everything of one category is, which the house has.
    pub(crate) fn category_counts(&self, category: Category) -> CategoryCounts {
        self.tally(category).counts(self.stretches(category).longest())
    }

    /// Every allotment that has seats.
    pub(crate) fn allotment_counts(&self) -> impl Iterator<Item = (Allotment, AllotmentCounts)> + '_ {
        self.allotments.iter().map(|(&allotment, kept)| (allotment, kept.counts))
    }

    /// How many places of an area anyone may take; none of one that there is not.
    pub(crate) fn free_in(&self, area: Area) -> u32 {
        let taken = self.areas.get(usize::from(area.0)).copied();
        taken.zip(self.plan.area(area)).map_or(0, |(taken, area)| area.capacity - taken)
    }

    /// How many places of an area are taken, which the house has.
    pub(super) fn taken_in(&self, area: Area) -> u32 {
        self.areas[usize::from(area.0)]
    }

    /// What everyone may know of all seats, block by block, in the order of the map.
    pub(crate) fn shown(&self) -> impl Iterator<Item = ShownBlock> + '_ {
        self.plan.blocks().iter().zip(&self.blocks).map(|(block, masks)| shown(block, masks))
    }

    /// What everyone may know of a seat that there is.
    pub(crate) fn shown_of(&self, seat: Seat) -> Shown {
        let (block, place) = self.plan.locate(seat).expect("it is asked of seats in the plan");
        shown(self.plan.block(block), self.masks(block)).seat(place)
    }

    /// What of a block is where.
    pub(super) fn masks(&self, block: u32) -> &Masks {
        &self.blocks[block as usize]
    }

    /// The longest stretch of open seats of a strip.
    pub(super) fn longest(&self, strip: u32) -> u32 {
        u32::from(self.longest[strip as usize])
    }

    /// The stretches of open seats of a category that there is.
    pub(super) fn stretches(&self, category: Category) -> &Stretches {
        &self.stretches[usize::from(category.0)]
    }

    /// What a category that there is has.
    pub(super) fn tally(&self, category: Category) -> &Tally {
        &self.tallies[usize::from(category.0)]
    }

    /// Changes what of a block is where, and with it everything that follows from it.
    pub(super) fn change(&mut self, block: u32, change: impl FnOnce(&mut Masks)) {
        self.uncount(block);
        change(&mut self.blocks[block as usize]);
        self.count(block);
    }

    /// Moves seats of a booking, and with them what is free of the allotments that they are of.
    fn move_seats(&mut self, places: &Places, move_them: impl Fn(&mut Masks, u128)) {
        let plan = Arc::clone(&self.plan);
        for (block, mask) in plan.blocks_of(places.seats()) {
            self.change(block, |masks| move_them(masks, mask));
            let masks = self.blocks[block as usize];
            if masks.allotted & mask != 0 {
                let free_now = !masks.taken();
                for kept in self.allotments.values_mut() {
                    kept.count(block, mask, free_now);
                }
            }
        }
    }

    /// Adds a block's part of every count.
    fn count(&mut self, block: u32) {
        let plan = Arc::clone(&self.plan);
        let drawn = plan.block(block);
        let masks = &mut self.blocks[block as usize];
        masks.open = masks.free(drawn) & !drawn.special();
        let masks = *masks;
        for &index in plan.strips_in(block) {
            let strip = plan.strip(index);
            let share = Share::of(drawn, &masks, &strip);
            let tally = self.tally_mut(strip.category);
            tally.seats += share.seats;
            tally.spaces += share.spaces;
            tally.companions += share.companions;
            tally.gains = core::array::from_fn(|gain| tally.gains[gain] + share.gains[gain]);
            tally.allotted += share.allotted;
            let mut longest = 0;
            for stretch in stretches(masks.open & strip.mask) {
                let length = stretch.end - stretch.start;
                longest = longest.max(length);
                self.stretches[usize::from(strip.category.0)].add(length);
            }
            self.longest[index as usize] = u8::try_from(longest).expect("a block has at most 128 seats");
        }
    }

    /// Takes a block's part away from every count.
    fn uncount(&mut self, block: u32) {
        let plan = Arc::clone(&self.plan);
        let masks = self.blocks[block as usize];
        for &index in plan.strips_in(block) {
            let strip = plan.strip(index);
            let share = Share::of(plan.block(block), &masks, &strip);
            let tally = self.tally_mut(strip.category);
            tally.seats -= share.seats;
            tally.spaces -= share.spaces;
            tally.companions -= share.companions;
            tally.gains = core::array::from_fn(|gain| tally.gains[gain] - share.gains[gain]);
            tally.allotted -= share.allotted;
            for stretch in stretches(masks.open & strip.mask) {
                self.stretches[usize::from(strip.category.0)].remove(stretch.end - stretch.start);
            }
        }
    }

    fn add_taken(&mut self, places: &Places, status: Status) {
        self.each_taken(places, |tally, count| *tally.taken(status).expect("it has places") += count);
    }

    fn remove_taken(&mut self, places: &Places, status: Status) {
        self.each_taken(places, |tally, count| {
            let taken = tally.taken(status).expect("it has places");
            *taken = taken.checked_sub(count).expect("what is given back was taken");
        });
    }

    /// Tells each category how many of its places these are.
    fn each_taken(&mut self, places: &Places, tell: impl Fn(&mut Tally, u32)) {
        let plan = Arc::clone(&self.plan);
        for (block, mask) in plan.blocks_of(places.seats()) {
            for strip in plan.strips_in(block).iter().map(|&strip| plan.strip(strip)) {
                tell(self.tally_mut(strip.category), (strip.mask & mask).count_ones());
            }
        }
        for &(area, count) in places.areas() {
            let category = self.category_of(area);
            tell(self.tally_mut(category), count);
        }
    }

    fn category_of(&self, area: Area) -> Category {
        self.plan.area(area).expect("a booking's areas are in the plan").category
    }

    fn tally_mut(&mut self, category: Category) -> &mut Tally {
        &mut self.tallies[usize::from(category.0)]
    }

    /// How many bytes it takes without its plan, beside its own.
    #[cfg(test)]
    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.blocks)
            + size_of_val(&*self.longest)
            + size_of_val(&*self.stretches)
            + size_of_val(&*self.tallies)
            + size_of_val(&*self.areas)
    }
}

impl Kept {
    /// Counts seats of a block anew that have all been taken or given back.
    fn count(&mut self, block: u32, mask: u128, free_now: u128) {
        let own = self.masks.get(&block).map_or(0, |own| own & mask);
        if own & free_now == 0 {
            self.counts.free -= own.count_ones();
        } else {
            self.counts.free += own.count_ones();
        }
    }
}

/// A strip's part of its category's counts.
struct Share {
    seats: u32,
    spaces: u32,
    companions: u32,
    gains: [u32; COMPANIONS_MAX as usize],
    allotted: u32,
}

impl Share {
    fn of(block: &Block, masks: &Masks, strip: &Strip) -> Self {
        let free = masks.free(block) & strip.mask;
        let mut each = [0; COMPANIONS_MAX as usize];
        if block.special() != 0 {
            for gain in gains(free & block.spaces, free & block.companions).take_while(|&gain| 0 < gain) {
                each[gain as usize - 1] += 1;
            }
        }
        Self {
            seats: (free & !block.special()).count_ones(),
            spaces: (free & block.spaces).count_ones(),
            companions: (free & block.companions).count_ones(),
            gains: each,
            allotted: (masks.allotted & !masks.taken() & strip.mask).count_ones(),
        }
    }
}

/// What everyone may know of a block.
fn shown(block: &Block, masks: &Masks) -> ShownBlock {
    ShownBlock { length: block.length(), free: masks.free(block), held: masks.held }
}
