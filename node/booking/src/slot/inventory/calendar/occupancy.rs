//! What is taken of a calendar: one timeline for a pool, one for each resource that has a name.
//!
//! What is past is of no concern: every question is about what is left of a range from the moment on up to which time has passed, so no
//! answer depends on what was forgotten already.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use super::claim::{Claim, Place, Places, Resource, Wish};
use super::range::Range;
use super::scarce::{Source, scarce};
use super::tentative::Tentative;
use super::timeline::{Side, Timeline};
use crate::Timestamp;

/// What is taken of a calendar.
#[derive(Clone, Debug)]
pub(super) struct Occupancy {
    places: Places,
    /// The resources that can be booked, in their order.
    listed: Vec<Resource>,
    /// One, or one a resource that there ever was, each at the place of its number.
    timelines: Vec<Timeline>,
    /// What was before is past.
    passed: Timestamp,
}

/// What somebody has on a timeline who would give it back.
#[derive(Clone, Copy)]
struct Own {
    range: Range,
    quantity: u32,
}

impl Occupancy {
    /// Nothing is taken.
    pub(super) fn new(places: Places) -> Self {
        let (listed, timelines) = match places {
            Places::Count(_) => (Vec::new(), 1),
            Places::Resources(count) => ((0..count).map(Resource).collect(), usize::from(count)),
        };
        Self { places, listed, timelines: vec![Timeline::new(); timelines], passed: Timestamp(0) }
    }

    pub(super) const fn places(&self) -> Places {
        self.places
    }

    /// How many can be taken of each timeline at a moment.
    pub(super) const fn count(&self) -> u32 {
        match self.places {
            Places::Count(count) => count,
            Places::Resources(_) => 1,
        }
    }

    /// What is not past of a range.
    pub(super) fn left_of(&self, range: Range) -> Option<Range> {
        range.since(self.passed)
    }

    /// Time has passed up to a moment.
    pub(super) fn pass(&mut self, at: Timestamp) {
        self.passed = self.passed.max(at);
    }

    pub(super) const fn passed(&self) -> Timestamp {
        self.passed
    }

    pub(super) fn take(&mut self, claim: &Claim) {
        let (count, left) = (i64::from(self.count()), self.left_of(claim.effective));
        let timeline = self.change(claim, i64::from(claim.quantity));
        assert!(left.is_none_or(|left| timeline.peak(left) <= count), "what is taken was free");
    }

    pub(super) fn give_back(&mut self, claim: &Claim) {
        self.change(claim, -i64::from(claim.quantity));
    }

    /// What a wish gets, if anything, by somebody who would give this claim back. Of several resources the one that is left with the
    /// least idle time around it; the first of those that are equal.
    ///
    /// Idle time is looked for within a range: what can be sold in the same opening.
    pub(super) fn find(&self, wish: &Wish, own: Option<&Claim>, within: Range) -> Option<Place> {
        if self.count() < wish.quantity() {
            return None;
        }
        let mut timelines = self.asked(wish.resource());
        let Some(effective) = self.left_of(wish.effective()) else {
            return timelines.next().map(|(place, _)| place);
        };
        if let Places::Count(_) = self.places {
            let own = self.own(own, Place::Pool);
            let is_free = |timeline| self.is_free(timeline, effective, own, wish.quantity());
            return timelines.find(|(_, timeline)| is_free(timeline)).map(|(place, _)| place);
        }
        let mut best = None;
        for (place, timeline) in timelines {
            let own = self.own(own, place).map(|own| own.range);
            let Some(stretch) = free_stretch(timeline, effective, own) else { continue };
            let idle = idle_around(effective, stretch, within);
            if best.is_none_or(|(least, _)| idle < least) {
                best = Some((idle, place));
            }
            if idle == 0 {
                break;
            }
        }
        best.map(|(_, place)| place)
    }

    /// The longest stretch around what was freed of a claim in which anything is free: nobody gets anything that is not all in it.
    pub(super) fn reach(&self, claim: &Claim) -> Option<Range> {
        let freed = self.left_of(claim.effective)?;
        let (_, timeline) = self.asked(claim.place.resource()).next()?;
        self.left_of(timeline.stretch_around(freed.from(), self.spare(1))?)
    }

    /// Whether a wish gets something on what was freed, which reaches this far.
    pub(super) fn may_fit(&self, wish: &Wish, place: Place, reach: Range) -> bool {
        let Some(effective) = self.left_of(wish.effective()).filter(|effective| reach.contains(*effective))
        else {
            return false;
        };
        let resource = match place {
            Place::Pool => wish.resource(),
            Place::Resource(resource) => Some(resource),
        };
        wish.may_be_at(place)
            && self
                .asked(resource)
                .any(|(_, timeline)| self.is_free(timeline, effective, None, wish.quantity()))
    }

    /// The parts of a wish in which too little is free, for somebody who would give this claim back: where several resources would
    /// do, those in which none is free.
    pub(super) fn conflicts(&self, wish: &Wish, own: Option<&Claim>) -> Vec<Range> {
        let Some(own) = own else { return self.scarce(wish, |_| None) };
        let mut given_back = Timeline::new();
        given_back.change(own.effective, i64::from(own.quantity));
        self.scarce(wish, |place| (place == own.place).then_some(&given_back))
    }

    /// Those in which too little would be free as well if all were given back that is tentative.
    pub(super) fn firm_conflicts(&self, wish: &Wish, tentative: &Tentative) -> Vec<Range> {
        self.scarce(wish, |place| tentative.of(place))
    }

    fn scarce<'all>(
        &'all self,
        wish: &Wish,
        given_back: impl Fn(Place) -> Option<&'all Timeline>,
    ) -> Vec<Range> {
        let Some(effective) = self.left_of(wish.effective()) else { return Vec::new() };
        let source = |(place, taken)| Source { taken, given_back: given_back(place) };
        let sources = self.asked(wish.resource()).map(source).collect::<Vec<_>>();
        scarce(&sources, effective, self.spare(wish.quantity()))
    }

    /// The first moment from now on at which more of a pool is taken than there are to be.
    pub(super) fn first_above(&self, count: u32) -> Option<Timestamp> {
        let ahead = self.left_of(Range::ALWAYS)?;
        let first = |timeline: &Timeline| timeline.parts(ahead, Side::Above(i64::from(count))).next();
        self.timelines.iter().filter_map(first).map(Range::from).min()
    }

    /// The first moment from now on at which a resource is taken that is not among these.
    pub(super) fn first_unlisted(&self, listed: &[Resource]) -> Option<Timestamp> {
        let ahead = self.left_of(Range::ALWAYS)?;
        let unlisted =
            (0..).map(Resource).zip(&self.timelines).filter(|(resource, _)| !listed.contains(resource));
        unlisted
            .filter_map(|(_, timeline)| timeline.parts(ahead, Side::Above(0)).next())
            .map(Range::from)
            .min()
    }

    /// Whether this resource can be booked.
    pub(super) fn lists(&self, resource: Resource) -> bool {
        self.listed.contains(&resource)
    }

    /// Goes on with another pool, of which no more is taken than there is.
    pub(super) fn resize(&mut self, count: u32) {
        assert!(matches!(self.places, Places::Count(_)), "a pool stays a pool");
        assert!(self.first_above(count).is_none(), "what is taken stays");
        self.places = Places::Count(count);
    }

    /// Goes on with these resources, in this order, of so many that there ever were: what is taken is among them.
    pub(super) fn relist(&mut self, listed: &[Resource], ever: usize) {
        assert!(matches!(self.places, Places::Resources(_)), "resources stay resources");
        assert!(self.first_unlisted(listed).is_none(), "what is taken stays");
        assert!(self.timelines.len() <= ever, "a resource keeps its number for ever");
        self.timelines.resize(ever, Timeline::new());
        self.places = Places::Resources(u16::try_from(listed.len()).expect("each has a number of its own"));
        self.listed = listed.to_vec();
    }

    /// The timelines that a wish for this resource, or for any, may be on: none, if there is no such resource.
    pub(super) fn asked(&self, resource: Option<Resource>) -> impl Iterator<Item = (Place, &Timeline)> {
        let pool = match (self.places, resource) {
            (Places::Count(_), None) => self.timelines.first(),
            (Places::Count(_), Some(_)) | (Places::Resources(_), _) => None,
        };
        let is_asked = move |listed: &&Resource| resource.is_none_or(|wanted| **listed == wanted);
        let named = self.listed.iter().filter(is_asked);
        let named = named.map(|&listed| (Place::Resource(listed), &self.timelines[usize::from(listed.0)]));
        pool.map(|timeline| (Place::Pool, timeline)).into_iter().chain(named)
    }

    /// The first moment from now on at which something else is taken.
    pub(super) fn next_change(&self) -> Option<Timestamp> {
        self.timelines.iter().filter_map(|timeline| timeline.next_change(self.passed)).min()
    }

    /// What is taken of each place from now on, each time from when on how much; of places of which anything is.
    pub(super) fn steps(&self) -> BTreeMap<Place, Vec<(Timestamp, i64)>> {
        let is_pool = matches!(self.places, Places::Count(_));
        let place = |index| if is_pool { Place::Pool } else { Place::Resource(Resource(index)) };
        let each = (0..).map(place).zip(&self.timelines);
        let each = each.map(|(place, timeline)| (place, timeline.steps_from(self.passed)));
        each.filter(|(_, steps)| steps.len() != 1 || steps[0].1 != 0).collect()
    }

    /// How much may be taken at most, for so much to be free.
    fn spare(&self, quantity: u32) -> i64 {
        i64::from(self.count()) - i64::from(quantity)
    }

    fn is_free(&self, timeline: &Timeline, range: Range, own: Option<Own>, quantity: u32) -> bool {
        let spare = self.spare(quantity);
        pieces(range, own).all(|(piece, given_back)| timeline.is_at_most(piece, spare + given_back))
    }

    /// What somebody would give back here.
    fn own(&self, claim: Option<&Claim>, place: Place) -> Option<Own> {
        let claim = claim.filter(|claim| claim.place == place)?;
        Some(Own { range: self.left_of(claim.effective)?, quantity: claim.quantity })
    }

    fn change(&mut self, claim: &Claim, by: i64) -> &Timeline {
        let index = match (self.places, claim.place) {
            (Places::Count(_), Place::Pool) => 0,
            (Places::Resources(_), Place::Resource(Resource(index))) => usize::from(index),
            (Places::Count(_) | Places::Resources(_), Place::Pool | Place::Resource(_)) => {
                unreachable!("a claim is of what there is")
            }
        };
        let timeline = &mut self.timelines[index];
        timeline.forget_before(self.passed);
        timeline.change(claim.effective, by);
        timeline
    }
}

#[cfg(test)]
impl Occupancy {
    /// How many resources there ever were.
    pub(super) fn resources_ever(&self) -> usize {
        self.timelines.len()
    }
}

/// A range in pieces, each with what somebody would give back in it.
fn pieces(range: Range, own: Option<Own>) -> impl Iterator<Item = (Range, i64)> {
    let shared = own.and_then(|own| Some((own.range.and(range)?, i64::from(own.quantity))));
    let before = shared.map_or(Some(range), |(own, _)| range.until(own.from()));
    let after = shared.and_then(|(own, _)| range.since(own.to()));
    let others = [before, after].map(|piece| piece.map(|piece| (piece, 0)));
    [others[0], shared, others[1]].into_iter().flatten()
}

/// The longest stretch around a range in which nothing is taken, but for what somebody would give back; none, where something is
/// taken in the range.
fn free_stretch(timeline: &Timeline, range: Range, own: Option<Range>) -> Option<Range> {
    let free_at = |moment| own.filter(|own| own.has(moment)).or_else(|| timeline.stretch_around(moment, 0));
    let first = free_at(range.from())?;
    let (mut from, mut to) = (first.from(), first.to());
    // What is free without giving anything back ends where something is taken.
    if own.is_some() {
        while let Some(next) = free_at(to) {
            to = next.to();
        }
        while let Some(previous) = from.0.checked_sub(1).and_then(|before| free_at(Timestamp(before))) {
            from = previous.from();
        }
    }
    Range::new(from, to).filter(|stretch| stretch.contains(range))
}

/// How much of a free stretch lies idle around a range, of what is within what can be sold, in milliseconds.
fn idle_around(range: Range, stretch: Range, within: Range) -> u64 {
    let before = range.from().0.saturating_sub(stretch.from().max(within.from()).0);
    let after = stretch.to().min(within.to()).0.saturating_sub(range.to().0);
    before + after
}
