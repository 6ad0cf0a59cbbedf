//! A calendar: what may be asked of it, what is taken, and who waits.
//!
//! A step begins with the time that has passed ([`Calendar::pass`]); whatever is asked then is asked at that moment. What is found
//! ([`Calendar::find`]) is free until the next change, and equal state finds equal places.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::claim::{Claim, Place, Places, Resource, Wish};
use super::free::{Asked, FreeAsk, FreeStretch};
use super::hours::Hours;
use super::occupancy::Occupancy;
use super::range::Range;
use super::tentative::Tentative;
use super::terms::{RangeRefused, Terms};
use super::waiting::Waiting;
use crate::limits::RANGES_TAKEN_MAX;
use crate::{Number, Status, Timestamp};

/// Bookings that want this range, what of it they have, and who waits for it.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    terms: Terms,
    hours: Hours,
    occupancy: Occupancy,
    tentative: Tentative,
    waiting: Waiting,
    counts: CalendarCounts,
}

/// How many places bookings have, past ones too. Of a calendar nobody can say how many are free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CalendarCounts {
    /// How many places there are at any moment.
    pub(crate) capacity: u32,
    /// With customers who have not confirmed.
    pub(crate) held: u64,
    /// Set aside for customers who waited.
    pub(crate) offered: u64,
    /// With customers for good.
    pub(crate) confirmed: u64,
}

/// Fewer places than are taken: the first moment at which that would be so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlacesInUse(pub(crate) Timestamp);

impl Calendar {
    /// A calendar in which nothing is taken.
    pub(crate) fn new(places: Places, terms: Terms, hours: Hours) -> Self {
        let counts = CalendarCounts { capacity: capacity(places), ..CalendarCounts::default() };
        Self {
            terms,
            hours,
            occupancy: Occupancy::new(places),
            tentative: Tentative::default(),
            waiting: Waiting::default(),
            counts,
        }
    }

    /// Time has passed up to a moment: what is past is in nobody's way any more.
    pub(crate) fn pass(&mut self, at: Timestamp) {
        let before = self.occupancy.passed();
        self.occupancy.pass(at);
        // Whose range begins already, but for what is kept free before it, waits for less.
        if let Some(past) = Range::new(before, at) {
            self.waiting.free(past, |_| true);
        }
    }

    /// Whether a range may be asked for at all.
    pub(crate) fn check(&self, range: Range) -> Result<(), RangeRefused> {
        self.terms.check(&self.hours, range, self.occupancy.passed())
    }

    /// What is asked for by the terms of now.
    pub(crate) const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// What a wish gets now. To move a booking is to find something as if its own claim were free.
    pub(crate) fn find(&self, wish: &Wish, own: Option<&Claim>) -> Option<Place> {
        // Nobody is sold the time around an opening, but for buffers. Outside the hours, which have changed since, no time is idle.
        let opening = self.terms.opening_of(&self.hours, wish.range());
        let sold = opening.and_then(|opening| opening.and(self.terms.span));
        let within = sold.map_or_else(|| wish.effective(), |sold| sold.with(self.terms.buffers));
        let within = self.occupancy.left_of(within).unwrap_or(within);
        self.occupancy.find(wish, own, within)
    }

    /// The parts of a wish, with its buffers, in which too little is free: merged, and so many of the first as are told.
    pub(crate) fn conflicts(&self, wish: &Wish, own: Option<&Claim>) -> Vec<Range> {
        let mut conflicts = self.occupancy.conflicts(wish, own);
        conflicts.truncate(RANGES_TAKEN_MAX);
        conflicts
    }

    /// The parts of a window in which a wish finds too little free, and those in which it would if nothing were held or offered.
    pub(crate) fn busy(&self, wish: &Wish) -> (Vec<Range>, Vec<Range>) {
        let taken = self.occupancy.conflicts(wish, None);
        // What may be given back leaves nothing free that nobody has taken.
        let firmly =
            if taken.is_empty() { Vec::new() } else { self.occupancy.firm_conflicts(wish, &self.tentative) };
        (taken, firmly)
    }

    /// When it is open during a window.
    pub(crate) fn open_during(&self, window: Range) -> impl Iterator<Item = Range> {
        let within = window.and(self.terms.span).into_iter();
        within.flat_map(|within| self.hours.during(within).filter_map(move |opening| opening.and(within)))
    }

    /// Gives a booking that stands like this what was found for it.
    pub(crate) fn take(&mut self, claim: &Claim, status: Status) {
        let Some(taken) = self.counts.taken(status) else { return };
        *taken += u64::from(claim.quantity);
        self.occupancy.take(claim);
        if Tentative::is(status) {
            self.tentative.take(claim, self.occupancy.passed());
        }
    }

    /// Undoes [`Calendar::take`].
    pub(crate) fn give_back(&mut self, claim: &Claim, status: Status) {
        let Some(taken) = self.counts.taken(status) else { return };
        *taken = taken.checked_sub(u64::from(claim.quantity)).expect("what is given back was taken");
        self.occupancy.give_back(claim);
        if Tentative::is(status) {
            self.tentative.give_back(claim, self.occupancy.passed());
        }
        if self.waiting.is_empty() {
            return;
        }
        if let Some(freed) = self.occupancy.left_of(claim.effective)
            && let Some(reach) = self.occupancy.reach(claim)
        {
            self.waiting.free(freed, |wish| self.occupancy.may_fit(wish, claim.place, reach));
        }
    }

    /// Keeps, gives back or takes what a booking has that stood like the first and stands like the second.
    pub(crate) fn transition(&mut self, claim: &Claim, (from, to): (Status, Status)) {
        match (self.counts.taken(from).is_some(), self.counts.taken(to).is_some()) {
            (true, true) => {
                *self.counts.taken(from).expect("it has places") -= u64::from(claim.quantity);
                *self.counts.taken(to).expect("it keeps them") += u64::from(claim.quantity);
                self.stand(claim, (from, to));
            }
            (true, false) => self.give_back(claim, from),
            (false, _) => self.take(claim, to),
        }
    }

    /// What a booking keeps may be given back from now on, or no more.
    fn stand(&mut self, claim: &Claim, (from, to): (Status, Status)) {
        let passed = self.occupancy.passed();
        match (Tentative::is(from), Tentative::is(to)) {
            (true, false) => self.tentative.give_back(claim, passed),
            (false, true) => self.tentative.take(claim, passed),
            (true, true) | (false, false) => {}
        }
    }

    /// Gives back what a booking has, which stands as before, and takes what it was found instead.
    pub(crate) fn exchange(&mut self, status: Status, from: &Claim, to: &Claim) {
        self.give_back(from, status);
        self.take(to, status);
    }

    /// Somebody waits, who is looked at once.
    pub(crate) fn join(&mut self, number: Number, wish: Wish) {
        self.waiting.join(number, wish);
        self.waiting.look_at(number, wish);
    }

    /// When somebody who waits may be served by time alone next: once a range has begun with what is kept free before it, whatever is
    /// in its way may be past before it begins itself.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        let begins = self.waiting.first_begins()?;
        if self.occupancy.passed() < begins { Some(begins) } else { self.occupancy.next_change() }
    }

    /// Somebody waits no more.
    pub(crate) fn leave(&mut self, number: Number, wish: &Wish) {
        self.waiting.leave(number, wish);
    }

    /// Whose turn it is, and what that waiter gets: the earliest whom something fits that was freed. It stays that one's turn until it
    /// [leaves](Calendar::leave).
    pub(crate) fn next(&mut self) -> Option<(Number, Place)> {
        while let Some((number, wish)) = self.waiting.first_due() {
            if let Some(place) = self.find(&wish, None) {
                return Some((number, place));
            }
            self.waiting.pass_over(number);
        }
        None
    }

    /// The place of somebody with this number among those who wait for some of the same: 1 for the first.
    pub(crate) fn position(&self, number: Number, wish: &Wish) -> usize {
        self.waiting.ahead_of(number, wish) + 1
    }

    /// What is free from a moment on, or from now on if that is later, by time and then by resource: so many stretches at most, behind
    /// this place in the list.
    pub(crate) fn free(
        &self,
        at: Timestamp,
        ask: &FreeAsk,
        after: Option<(Timestamp, Place)>,
        limit: usize,
    ) -> Vec<FreeStretch> {
        let Self { terms, hours, occupancy, .. } = self;
        Asked { at: at.max(occupancy.passed()), ask: *ask, after, terms, hours, occupancy }.free(limit)
    }

    /// Other terms, which bind who asks from now on. What is taken stays, and so does who waits.
    pub(crate) fn redefine(&mut self, terms: Terms) {
        self.terms = terms;
    }

    /// Other hours, which bind who asks from now on. What is taken stays, and so does who waits.
    pub(crate) fn reopen(&mut self, hours: Hours) {
        self.hours = hours;
    }

    /// When it is open.
    pub(crate) const fn hours(&self) -> &Hours {
        &self.hours
    }

    /// Up to when time has passed.
    pub(crate) const fn passed(&self) -> Timestamp {
        self.occupancy.passed()
    }

    /// How many of these ranges lie outside what is open.
    pub(crate) fn outside(&self, ranges: impl Iterator<Item = Range>) -> usize {
        ranges.filter(|&range| self.terms.opening_of(&self.hours, range).is_none()).count()
    }

    /// Whether there may be so many that are alike.
    pub(crate) fn may_count(&self, count: u32) -> Result<(), PlacesInUse> {
        self.occupancy.first_above(count).map_or(Ok(()), |first| Err(PlacesInUse(first)))
    }

    /// Goes on with so many that are alike, as there [may](Calendar::may_count) be.
    pub(crate) fn resize(&mut self, count: u32) {
        self.occupancy.resize(count);
        self.grown_to(count);
    }

    /// Whether there may be these resources and no others.
    pub(crate) fn may_list(&self, listed: &[Resource]) -> Result<(), PlacesInUse> {
        self.occupancy.first_unlisted(listed).map_or(Ok(()), |first| Err(PlacesInUse(first)))
    }

    /// Goes on with these resources, in this order, as there [may](Calendar::may_list) be, of so many that there ever were.
    pub(crate) fn relist(&mut self, listed: &[Resource], ever: usize) {
        self.occupancy.relist(listed, ever);
        self.grown_to(u32::try_from(listed.len()).expect("each has a number of its own"));
    }

    fn grown_to(&mut self, capacity: u32) {
        self.counts.capacity = capacity;
        self.waiting.free(Range::ALWAYS, |_| true);
    }

    /// Whether bookings that stand like this and claim this have no more than there is from now on, and nothing that there never was:
    /// counted by sums over moments.
    pub(crate) fn holds(&self, claims: impl Iterator<Item = Claim>) -> bool {
        let places = self.occupancy.places();
        let most = i64::from(self.occupancy.count());
        let taken = taken(self.occupancy.passed(), claims);
        let is_there = |place: &Place| match (places, place) {
            (Places::Count(_), Place::Pool) => true,
            (Places::Resources(_), Place::Resource(resource)) => self.occupancy.lists(*resource),
            (Places::Count(_), Place::Resource(_)) | (Places::Resources(_), Place::Pool) => false,
        };
        taken.iter().all(|(place, steps)| is_there(place) && steps.iter().all(|&(_, taken)| taken <= most))
    }

    /// Whether this is what is taken from now on, by bookings that stand like this: counted by sums over moments.
    pub(crate) fn has_taken(&self, claims: impl Iterator<Item = (Status, Claim)> + Clone) -> bool {
        let passed = self.occupancy.passed();
        let tentative = claims.clone().filter(|(status, _)| Tentative::is(*status));
        taken(passed, claims.map(|(_, claim)| claim)) == self.occupancy.steps()
            && taken(passed, tentative.map(|(_, claim)| claim)) == self.tentative.steps(passed)
    }

    /// Whether these are all that wait.
    pub(crate) fn waited_for_by(&self, waiters: impl Iterator<Item = (Number, Wish)>) -> bool {
        let mut all = self.waiting.all().map(|(number, wish)| (number, *wish)).collect::<Vec<_>>();
        all.sort_unstable();
        all.into_iter().eq(waiters)
    }

    /// How many places bookings have.
    pub(crate) const fn counts(&self) -> CalendarCounts {
        self.counts
    }
}

impl CalendarCounts {
    /// Where places of bookings with this status are counted, if they have any.
    fn taken(&mut self, status: Status) -> Option<&mut u64> {
        match status {
            Status::Held => Some(&mut self.held),
            Status::Offered => Some(&mut self.offered),
            Status::Confirmed => Some(&mut self.confirmed),
            Status::Waitlisted | Status::Cancelled | Status::Declined | Status::Expired => None,
        }
    }
}

#[cfg(feature = "rehearsal")]
impl Calendar {
    /// Has a bug from here on: whoever came last is served first.
    pub(crate) fn serve_latest(&mut self) {
        self.waiting.serves_latest = true;
    }
}

#[cfg(test)]
impl Calendar {
    /// Whether nobody could be served of those who wait, looked at anew.
    pub(crate) fn serves_nobody(&self) -> bool {
        self.waiting.all().all(|(_, wish)| self.find(wish, None).is_none())
    }

    /// What can be booked.
    pub(crate) const fn places(&self) -> Places {
        self.occupancy.places()
    }

    /// More places, or fewer: of resources the last come and go.
    pub(super) fn become_places(&mut self, places: Places) -> Result<(), PlacesInUse> {
        match places {
            Places::Count(count) => {
                self.may_count(count)?;
                self.resize(count);
            }
            Places::Resources(count) => {
                let listed = (0..count).map(Resource).collect::<Vec<_>>();
                self.may_list(&listed)?;
                let ever = self.occupancy.resources_ever().max(listed.len());
                self.relist(&listed, ever);
            }
        }
        Ok(())
    }

    /// Everyone who waits, and for what.
    pub(super) fn everyone_who_waits(&self) -> impl Iterator<Item = (Number, &Wish)> {
        self.waiting.all()
    }
}

/// What these take of each place from a moment on, each time from when on how much; of places of which they take any.
fn taken(from: Timestamp, claims: impl Iterator<Item = Claim>) -> BTreeMap<Place, Vec<(Timestamp, i64)>> {
    let mut changes = BTreeMap::<Place, BTreeMap<Timestamp, i64>>::new();
    for claim in claims.filter(|claim| 0 < claim.quantity) {
        let Some(left) = claim.effective.since(from) else { continue };
        let of_place = changes.entry(claim.place).or_insert_with(|| BTreeMap::from([(from, 0)]));
        *of_place.entry(left.from()).or_default() += i64::from(claim.quantity);
        *of_place.entry(left.to()).or_default() -= i64::from(claim.quantity);
    }
    let steps = |changes: BTreeMap<Timestamp, i64>| {
        let mut taken = 0;
        let mut steps = Vec::<(Timestamp, i64)>::new();
        for (at, by) in changes {
            taken += by;
            if steps.last().is_none_or(|&(_, before)| before != taken) {
                steps.push((at, taken));
            }
        }
        steps
    };
    changes.into_iter().map(|(place, changes)| (place, steps(changes))).collect()
}

fn capacity(places: Places) -> u32 {
    match places {
        Places::Count(count) => count,
        Places::Resources(count) => u32::from(count),
    }
}
