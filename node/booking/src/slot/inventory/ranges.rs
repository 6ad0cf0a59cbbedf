//! The inventory of a slot that is a calendar: ranges of its [`Calendar`], under the names and the rule that its organizer says.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::allocation::Allocation;
use super::calendar::{self, Calendar, FreeAsk, FreeStretch, Hours, Place, Places, PlacesInUse, Terms, Wish};
use super::claim::{Claim, RangeClaim, RangeHad};
use super::saved::HoursPart;
use crate::digest::Digest;
use crate::slot::shown::outcome::Refused;
use crate::{
    Buffers, BusyView, CalendarPlaces, CalendarStock, CalendarView, Counts, Definition, Details, Number,
    Openings, Range, RangeRefused, RangeWish, Refusal, Resource, Status, Timestamp,
};

/// Ranges of time.
pub(crate) struct Ranges {
    stock: Arc<CalendarStock>,
    calendar: Calendar,
    known: Known,
}

/// What is known of when it is open.
struct Known {
    /// Up to when it is known.
    until: Timestamp,
    /// How many bookings that were not past lay outside when the hours became these.
    outside: u32,
    /// A number that stands for all of it, and for the hours.
    digest: u64,
    /// Whether it is to be saved.
    is_new: bool,
}

impl Known {
    fn of(hours: &Hours, until: Timestamp, outside: u32) -> Self {
        let digest = Digest::new("openings").word(until.0).word(outside);
        let opening = |digest: Digest, opening: &Range| digest.word(opening.from().0).word(opening.to().0);
        let digest = hours.openings().iter().fold(digest, opening).finish();
        Self { until, outside, digest, is_new: true }
    }
}

impl Ranges {
    /// A calendar in which nothing is taken; none where it has more openings than one can have, or ends before it starts.
    pub(crate) fn new(definition: &Definition, openings: &Openings, at: Timestamp) -> Option<Self> {
        let hours = Hours::new(openings.each.clone()).ok()?;
        let known = Known::of(&hours, openings.until, 0);
        Self::with(definition, hours, known, at)
    }

    /// The one that was saved in these parts, in which nothing is taken yet; none where they do not fit each other.
    pub(crate) fn restore(definition: &Definition, saved: Vec<HoursPart>, at: Timestamp) -> Option<Self> {
        let (until, outside, openings) = HoursPart::join(saved)?;
        let hours = Hours::new(openings).ok()?;
        let known = Known { is_new: false, ..Known::of(&hours, until, outside) };
        Self::with(definition, hours, known, at)
    }

    fn with(definition: &Definition, hours: Hours, known: Known, at: Timestamp) -> Option<Self> {
        let stock = Arc::clone(definition.calendar()?);
        let terms = stock.terms(definition.span()?);
        let places = match &stock.places {
            CalendarPlaces::Count(count) => Places::Count(*count),
            CalendarPlaces::Resources(_) => Places::Resources(0),
        };
        let mut calendar = Calendar::new(places, terms, hours);
        if let CalendarPlaces::Resources(resources) = &stock.places {
            calendar.relist(resources.listed(), resources.names().len());
        }
        calendar.pass(at);
        Some(Self { stock, calendar, known })
    }

    /// What is to be saved of its hours, if they have changed.
    pub(crate) fn take_changes(&mut self) -> Option<Vec<HoursPart>> {
        let Known { until, outside, is_new, .. } = self.known;
        self.known.is_new = false;
        is_new.then(|| HoursPart::parts(until, outside, self.calendar.hours().openings()))
    }

    /// A number that stands for its hours.
    pub(crate) const fn digest(&self) -> u64 {
        self.known.digest
    }

    /// Whether that is the number that stands for its hours.
    pub(crate) fn digest_is_right(&self) -> bool {
        let Known { until, outside, digest, .. } = self.known;
        Known::of(self.calendar.hours(), until, outside).digest == digest
    }

    /// Time has passed up to a moment.
    pub(crate) fn pass(&mut self, at: Timestamp) {
        self.calendar.pass(at);
    }

    /// When somebody who waits may be served by time alone next.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        self.calendar.until()
    }

    /// What somebody wishes, by the terms of now.
    pub(crate) fn wish(&self, asked: &RangeWish) -> Result<Wish, Refusal> {
        let range = Range::new(asked.from, asked.to).ok_or(Refusal::RangeEmpty)?;
        let resource = match &asked.resource {
            None => None,
            Some(name) => Some(self.stock.resource(name).ok_or(Refusal::NoSuchResource)?),
        };
        Ok(Wish::new(range, self.calendar.terms().buffers, resource, asked.quantity))
    }

    /// The same of a request that was [understood](Ranges::wish).
    fn understood(&self, asked: &RangeWish) -> Wish {
        self.wish(asked).expect("a request is for what there is")
    }

    /// Refuses a range that may not be asked for at all.
    pub(crate) fn check(&self, range: Range) -> Result<(), Refused> {
        let reason = |reason| if self.is_unknown(range) { RangeRefused::Horizon } else { reason };
        self.calendar.check(range).map_err(reason).map_err(Refused::of_range)
    }

    /// Whether it is not known yet when it is open around a range, since that is beyond what one may ask for.
    fn is_unknown(&self, range: Range) -> bool {
        let terms = self.calendar.terms();
        let is_beyond = terms.last_start(self.calendar.passed()) < range.from();
        self.known.until < range.to() && terms.span.contains(range) && is_beyond
    }

    /// Whether so much could ever be given.
    pub(crate) fn could_ever_fit(&self, quantity: u32) -> bool {
        quantity <= self.stock.places.quantity_max().min(self.stock.places.count())
    }

    /// What a newcomer gets now.
    pub(crate) fn find(&self, asked: &RangeWish) -> Option<Allocation> {
        let found = self.find_for(&self.understood(asked), None);
        found.map(|place| Allocation::Range(place.resource()))
    }

    /// What a wish gets now, by somebody who would give this back.
    pub(crate) fn find_for(&self, wish: &Wish, own: Option<&Claim<'_>>) -> Option<Place> {
        let own = own.map(taken);
        self.calendar.find(wish, own.as_ref())
    }

    /// Why a newcomer gets nothing now.
    pub(crate) fn taken(&self, asked: &RangeWish) -> Refused {
        self.taken_for(&self.understood(asked), None)
    }

    /// Why a wish gets nothing now, by somebody who would give this back.
    pub(crate) fn taken_for(&self, wish: &Wish, own: Option<&Claim<'_>>) -> Refused {
        let own = own.map(taken);
        let conflicts = self.calendar.conflicts(wish, own.as_ref());
        Refused::because(Refusal::RangeTaken, Details::RangesTaken(conflicts))
    }

    /// Whether a newcomer may wait from this moment on: at exactly the lead one can book, and not wait.
    pub(crate) fn may_wait(&self, asked: &RangeWish) -> bool {
        let terms = self.calendar.terms();
        self.calendar.passed() < self.understood(asked).range().waited_for_until(terms.lead_seconds)
    }

    /// What a newcomer claims, with what was found for it.
    pub(crate) fn newcomer(&self, asked: &RangeWish, found: Option<&Allocation>) -> RangeClaim {
        let (wish, terms) = (self.understood(asked), self.calendar.terms());
        let resource = match found {
            Some(Allocation::Range(resource)) => *resource,
            Some(Allocation::Units | Allocation::Seats(_)) | None => wish.resource(),
        };
        let had = RangeHad { range: wish.range(), resource };
        RangeClaim { had, buffers: terms.buffers, lead_seconds: terms.lead_seconds, first: None }
    }

    /// Whose turn it is of those who wait, and what that claim gets.
    pub(crate) fn next(&mut self) -> Option<(Number, Allocation)> {
        self.calendar.next().map(|(number, place)| (number, Allocation::Range(place.resource())))
    }

    /// The place of a claim among those who wait for some of the same: 1 for the first.
    pub(crate) fn position(&self, claim: &Claim<'_>) -> u32 {
        let position = self.calendar.position(claim.number, &wish(claim));
        u32::try_from(position).expect("fewer wait than there are numbers")
    }

    /// Somebody waits who claims this, and is looked at once.
    pub(crate) fn join(&mut self, claim: &Claim<'_>) {
        self.calendar.join(claim.number, wish(claim));
    }

    /// Somebody waits no more who claims this.
    pub(crate) fn leave(&mut self, claim: &Claim<'_>) {
        self.calendar.leave(claim.number, &wish(claim));
    }

    /// Takes what a claim has that stands like this.
    pub(crate) fn take(&mut self, claim: &Claim<'_>, status: Status) {
        if status.has_places() {
            self.calendar.take(&taken(claim), status);
        }
    }

    /// Keeps, gives back or takes what a booking has that stood like the first and stands like the second.
    pub(crate) fn transition(&mut self, claim: &Claim<'_>, (from, to): (Status, Status)) {
        if from.has_places() || to.has_places() {
            self.calendar.transition(&taken(claim), (from, to));
        }
    }

    /// Gives back what a booking has that stands as before and claims the first, and takes what it claims from now on.
    pub(crate) fn exchange(&mut self, status: Status, from: &Claim<'_>, to: &Claim<'_>) {
        if status.has_places() {
            self.calendar.exchange(status, &taken(from), &taken(to));
        }
    }

    /// Whether who waits for this could ever be served.
    pub(crate) fn could_ever_serve(&self, claim: &Claim<'_>) -> bool {
        let is_listed = |resource| match &self.stock.places {
            CalendarPlaces::Count(_) => false,
            CalendarPlaces::Resources(resources) => resources.listed().contains(&resource),
        };
        self.could_ever_fit(claim.quantity) && claim.in_calendar().had.resource.is_none_or(is_listed)
    }

    /// Refuses what a calendar cannot become with what is taken.
    pub(crate) fn may_become(&self, new: &CalendarStock) -> Result<(), Refused> {
        let may_become = match &new.places {
            CalendarPlaces::Count(count) => self.calendar.may_count(*count),
            CalendarPlaces::Resources(resources) => self.calendar.may_list(resources.listed()),
        };
        let in_use = |PlacesInUse(first)| Refused::because(Refusal::CapacityInUse, Details::InUseFrom(first));
        may_become.map_err(in_use)
    }

    /// Goes on with a slot that is defined otherwise, as it may be.
    pub(crate) fn redefine(&mut self, new: &Definition) {
        let stock = new.calendar().expect("a slot does not change its kind");
        self.stock = Arc::clone(stock);
        match &stock.places {
            CalendarPlaces::Count(count) => self.calendar.resize(*count),
            CalendarPlaces::Resources(resources) => {
                self.calendar.relist(resources.listed(), resources.names().len());
            }
        }
        let span = new.span().expect("a slot ends after it starts");
        self.calendar.redefine(stock.terms(span));
    }

    /// Is open like this from now on; of these ranges some may lie outside.
    pub(crate) fn reopen(&mut self, hours: Hours, until: Timestamp, booked: impl Iterator<Item = Range>) {
        self.calendar.reopen(hours);
        let passed = self.calendar.passed();
        let outside = self.calendar.outside(booked.filter(|range| passed < range.to()));
        self.known = Known::of(self.calendar.hours(), until, u32::try_from(outside).unwrap_or(u32::MAX));
    }

    /// Is open like this as well, which was not known; nothing of what is known already.
    pub(crate) fn extend(&mut self, more: &Openings) -> Extended {
        if more.until <= self.known.until {
            return Extended::Known;
        }
        let Ok(hours) = self.calendar.hours().extended(&more.each, self.calendar.passed()) else {
            return Extended::TooMany;
        };
        self.calendar.reopen(hours);
        self.known = Known::of(self.calendar.hours(), more.until, self.known.outside);
        Extended::Done
    }

    /// What is free from a moment on: see [`Calendar::free`].
    pub(crate) fn free(
        &self,
        at: Timestamp,
        ask: &FreeAsk,
        after: Option<(Timestamp, Option<Resource>)>,
        limit: usize,
    ) -> Vec<FreeStretch> {
        let after = after.map(|(from, resource)| (from, Place::on(resource)));
        self.calendar.free(at, ask, after, limit)
    }

    /// How it is during a window, for so many, on this resource or on any.
    pub(crate) fn busy(&self, window: Range, quantity: u32, resource: Option<Resource>) -> BusyView {
        let known = self.known();
        let Some(window) = known.and_then(|known| known.and(window)) else {
            return BusyView { known, ..BusyView::default() };
        };
        let wish = Wish::new(window, Buffers::default(), resource, quantity);
        let (taken, firmly) = self.calendar.busy(&wish);
        BusyView { known, open: self.calendar.open_during(window).collect(), taken, firmly }
    }

    /// During which time it is known how it is: from now on, up to when it is known when it is open, and after its span it never is.
    fn known(&self) -> Option<Range> {
        let is_all = self.calendar.terms().span.to() <= self.known.until;
        let until = if is_all { Range::ALWAYS.to() } else { self.known.until };
        Range::new(self.calendar.passed(), until)
    }

    /// What binds whoever asks now.
    pub(crate) const fn terms(&self) -> &Terms {
        self.calendar.terms()
    }

    /// What its organizer says of it.
    pub(crate) fn stock(&self) -> &Arc<CalendarStock> {
        &self.stock
    }

    /// Where everything is, beside so many bookings that wait: as much as can be said in numbers of units.
    pub(crate) fn counts(&self, waitlisted: u32) -> Counts {
        let counts = self.calendar.counts();
        let [held, offered, confirmed] = [counts.held, counts.offered, counts.confirmed]
            .map(|places| u32::try_from(places).unwrap_or(u32::MAX));
        Counts { capacity: counts.capacity, free: 0, held, offered, confirmed, waitlisted }
    }

    /// What else may be seen of it.
    pub(crate) fn view(&self) -> CalendarView {
        let calendar::CalendarCounts { held, offered, confirmed, .. } = self.calendar.counts();
        let Known { until, outside, .. } = self.known;
        CalendarView { held, offered, confirmed, hours_until: until, outside }
    }

    /// Whether bookings that claim this, and stand like this, take no more than there is.
    pub(crate) fn holds(&self, claims: &[(Status, Claim<'_>)]) -> bool {
        let is_ranged = |(_, claim): &(Status, Claim<'_>)| {
            let is_known = |resource| self.stock.name(resource).is_some();
            claim.seats.is_none() && claim.range.is_some_and(|range| range.had.resource.is_none_or(is_known))
        };
        claims.iter().all(is_ranged) && self.calendar.holds(with_places(claims).map(|(_, claim)| claim))
    }

    /// Whether what is taken over time is what these have.
    pub(crate) fn has_taken(&self, claims: &[(Status, Claim<'_>)]) -> bool {
        self.calendar.has_taken(with_places(claims))
    }

    /// Whether everything but what is taken over time is where these bookings say.
    pub(crate) fn adds_up(&self, stock: &Arc<CalendarStock>, claims: &[(Status, Claim<'_>)]) -> bool {
        let sum = |of: Status| {
            let some = claims.iter().filter(|(status, _)| *status == of);
            some.map(|(_, claim)| u64::from(claim.quantity)).sum::<u64>()
        };
        let waiting = claims.iter().filter(|(status, _)| *status == Status::Waitlisted);
        let counts = self.calendar.counts();
        *stock == self.stock
            && counts.capacity == stock.places.count()
            && [counts.held, counts.offered, counts.confirmed]
                == [Status::Held, Status::Offered, Status::Confirmed].map(sum)
            && self.calendar.waited_for_by(waiting.map(|(_, claim)| (claim.number, wish(claim))))
    }

    /// Whether nobody could be served of those who wait, looked at one by one.
    pub(crate) fn serves_nobody<'all>(&self, mut waiters: impl Iterator<Item = Claim<'all>>) -> bool {
        waiters.all(|claim| self.calendar.find(&wish(&claim), None).is_none())
    }
}

#[cfg(feature = "rehearsal")]
impl Ranges {
    /// Has a bug from here on: whoever came last is served first.
    pub(crate) fn serve_latest(&mut self) {
        self.calendar.serve_latest();
    }
}

/// What became of openings that were to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extended {
    /// They are known from now on.
    Done,
    /// They were known.
    Known,
    /// There would be more than a calendar can have.
    TooMany,
}

/// What those of these have that have places.
fn with_places<'all>(
    claims: &'all [(Status, Claim<'all>)],
) -> impl Iterator<Item = (Status, calendar::Claim)> + Clone + use<'all> {
    let have_places = claims.iter().filter(|(status, _)| status.has_places());
    have_places.map(|(status, claim)| (*status, taken(claim)))
}

/// What who waits wishes.
fn wish(claim: &Claim<'_>) -> Wish {
    let RangeClaim { had: RangeHad { range, resource }, buffers, .. } = *claim.in_calendar();
    Wish::new(range, buffers, resource, claim.quantity)
}

/// What who has places has.
fn taken(claim: &Claim<'_>) -> calendar::Claim {
    wish(claim).claim(Place::on(claim.in_calendar().had.resource))
}
