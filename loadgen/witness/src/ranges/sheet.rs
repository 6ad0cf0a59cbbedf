//! What is taken of a calendar, and who waits, booking by booking: whatever is asked is added up anew from those that it concerns.
//!
//! What is past is in nobody's way, so every question comes with the moment at which it is asked.

use std::collections::{BTreeMap, BTreeSet};

use api::time::Time;

use super::terms::Terms;
use crate::span::{Span, common, merged};

/// What somebody has, asks for, or waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Claim<'h> {
    pub(super) range: Span,
    /// With what is kept free around it.
    pub(super) effective: Span,
    /// None of a pool, or where any will do.
    pub(super) resource: Option<&'h str>,
    pub(super) quantity: u32,
}

/// Somebody who waits.
#[derive(Clone, Copy, Debug)]
struct Waiter<'h> {
    id: &'h str,
    wish: Claim<'h>,
    until: Time,
}

/// The order of joining.
type Ticket = u64;

/// All of a calendar.
#[derive(Default)]
pub(super) struct Sheet<'h> {
    has: BTreeMap<&'h str, Claim<'h>>,
    /// The same by where and when it begins.
    taken: BTreeMap<Option<&'h str>, BTreeSet<(Time, &'h str)>>,
    waiting: BTreeMap<Ticket, Waiter<'h>>,
    tickets: BTreeMap<&'h str, Ticket>,
    /// Who waits by when it begins, and by how long that may be.
    waiting_from: BTreeSet<(Time, Ticket)>,
    waiting_until: BTreeSet<(Time, Ticket)>,
    next_ticket: Ticket,
    /// The longest that anybody ever had or waited for, in milliseconds: nothing that began so long before is in the way.
    longest: u64,
}

impl<'h> Sheet<'h> {
    /// What a booking has; none where it has nothing.
    pub(super) fn claim(&self, id: &str) -> Option<&Claim<'h>> {
        self.has.get(id)
    }

    /// What somebody waits for.
    pub(super) fn waits_for(&self, id: &str) -> Option<&Claim<'h>> {
        Some(&self.waiting.get(self.tickets.get(id)?)?.wish)
    }

    /// Gives a booking this, in place of what it had or waited for.
    pub(super) fn take(&mut self, id: &'h str, claim: Claim<'h>) {
        self.forget(id);
        self.longest = self.longest.max(claim.effective.milliseconds());
        self.taken.entry(claim.resource).or_default().insert((claim.effective.from, id));
        self.has.insert(id, claim);
    }

    /// A booking waits for this, until then at the latest: behind all others, or where it did before.
    pub(super) fn join(&mut self, id: &'h str, wish: Claim<'h>, until: Time) {
        let ticket = self.forget(id).unwrap_or_else(|| {
            self.next_ticket += 1;
            self.next_ticket
        });
        self.longest = self.longest.max(wish.effective.milliseconds());
        self.tickets.insert(id, ticket);
        self.waiting_from.insert((wish.effective.from, ticket));
        self.waiting_until.insert((until, ticket));
        self.waiting.insert(ticket, Waiter { id, wish, until });
    }

    /// A booking has nothing, and waits for nothing. Its place among those who wait, if it had one.
    pub(super) fn forget(&mut self, id: &'h str) -> Option<Ticket> {
        if let Some(claim) = self.has.remove(id) {
            let there = self.taken.get_mut(&claim.resource).expect("what is had is somewhere");
            there.remove(&(claim.effective.from, id));
        }
        let ticket = self.tickets.remove(id)?;
        let Waiter { wish, until, .. } = self.waiting.remove(&ticket).expect("who has a ticket waits");
        self.waiting_from.remove(&(wish.effective.from, ticket));
        self.waiting_until.remove(&(until, ticket));
        Some(ticket)
    }

    /// Somebody who waits no longer than this, and until when.
    pub(super) fn first_to_expire(&self) -> Option<(Time, &'h str)> {
        self.waiting_until.first().map(|(until, ticket)| (*until, self.waiting[ticket].id))
    }

    /// Those who wait for some of this time, in no order that means anything.
    fn waiting_for(&self, time: Span) -> impl Iterator<Item = (Ticket, &Waiter<'h>)> {
        let earliest = Time::from_ms(time.from.as_ms().saturating_sub(self.longest));
        let near = self.waiting_from.range((earliest, 0)..(time.to, 0));
        let all = near.map(|(_from, ticket)| (*ticket, &self.waiting[ticket]));
        all.filter(move |(_ticket, waiter)| waiter.wish.effective.overlaps(time))
    }

    /// The first to come of those who wait for some of this time, and would get what they wait for at a moment.
    pub(super) fn next_in_turn(&self, freed: &[Span], terms: &Terms<'_>, at: Time) -> Option<&'h str> {
        let mut near: Vec<_> = freed.iter().flat_map(|time| self.waiting_for(*time)).collect();
        near.sort_unstable_by_key(|(ticket, _waiter)| *ticket);
        let next = near.into_iter().find(|(_ticket, waiter)| self.fits(&waiter.wish, None, terms, at));
        next.map(|(_ticket, waiter)| waiter.id)
    }

    /// The place among those who wait for some of the same: 1 for the first.
    pub(super) fn position(&self, id: &str) -> Option<u64> {
        let ticket = *self.tickets.get(id)?;
        let wish = self.waiting.get(&ticket)?.wish;
        let shares = |other: &Claim<'_>| {
            wish.resource.is_none() || other.resource.is_none() || wish.resource == other.resource
        };
        let ahead = self.waiting_for(wish.effective);
        let ahead = ahead.filter(|(other, waiter)| *other < ticket && shares(&waiter.wish)).count();
        Some(ahead as u64 + 1)
    }

    /// Whether a wish gets something, by somebody who would give back what this booking has.
    pub(super) fn fits(&self, wish: &Claim<'_>, own: Option<&str>, terms: &Terms<'_>, at: Time) -> bool {
        self.short(wish, own, terms, at).any(|short| short.is_empty())
    }

    /// The parts of a wish in which too little is free, likewise: for any resource those in which none is, of which there may be none
    /// though each has some.
    pub(super) fn conflicts(
        &self,
        wish: &Claim<'_>,
        own: Option<&str>,
        terms: &Terms<'_>,
        at: Time,
    ) -> Vec<Span> {
        self.short(wish, own, terms, at).reduce(|one, other| common(&one, &other)).unwrap_or_default()
    }

    /// The parts of a wish in which too little is free, of each place where it may be.
    fn short(
        &self,
        wish: &Claim<'_>,
        own: Option<&str>,
        terms: &Terms<'_>,
        at: Time,
    ) -> impl Iterator<Item = Vec<Span>> {
        let (count, quantity) = (u64::from(terms.count()), u64::from(wish.quantity));
        let left = wish.effective.since(at);
        terms.places(wish.resource).map(move |place| {
            let is_short = |taken: u64| count < taken + quantity;
            left.map_or_else(Vec::new, |left| self.parts(place, left, own, is_short))
        })
    }

    /// When more is taken than there is, of what a booking has.
    pub(super) fn oversold(&self, id: &str, terms: &Terms<'_>, at: Time) -> Option<Span> {
        let claim = self.has.get(id)?;
        let count = u64::from(terms.count());
        self.parts(claim.resource, claim.effective.since(at)?, None, |taken| count < taken).first().copied()
    }

    /// The parts of some time in which so much is taken of a place, but for what one booking has.
    fn parts(
        &self,
        place: Option<&str>,
        time: Span,
        own: Option<&str>,
        is_so: impl Fn(u64) -> bool,
    ) -> Vec<Span> {
        let steps = self.steps(place, time, own).into_iter();
        merged(steps.filter(|(_part, taken)| is_so(*taken)).map(|(part, _taken)| part).collect())
    }

    /// The most that is taken of a place at once in some time.
    pub(super) fn peak(&self, place: Option<&str>, time: Span) -> u64 {
        self.steps(place, time, None).into_iter().map(|(_part, taken)| taken).max().unwrap_or_default()
    }

    /// How much is taken of a place in some time, part by part, but for what one booking has.
    fn steps(&self, place: Option<&str>, time: Span, own: Option<&str>) -> Vec<(Span, u64)> {
        let mut changes = BTreeMap::from([(time.from, 0_i64), (time.to, 0)]);
        let earliest = Time::from_ms(time.from.as_ms().saturating_sub(self.longest));
        let there = self.taken.get(&place).into_iter();
        let there = there.flat_map(|there| there.range((earliest, "")..(time.to, "")));
        for (_from, id) in there.filter(|(_from, id)| own != Some(id)) {
            let claim = &self.has[id];
            if let Some(both) = claim.effective.and(time) {
                *changes.entry(both.from).or_default() += i64::from(claim.quantity);
                *changes.entry(both.to).or_default() -= i64::from(claim.quantity);
            }
        }
        let moments: Vec<_> = changes.into_iter().collect();
        let (mut taken, mut steps) = (0_i64, Vec::new());
        for pair in moments.windows(2) {
            let ((from, by), (to, _by)) = (pair[0], pair[1]);
            taken += by;
            let so_much = u64::try_from(taken).expect("nobody takes less than nothing");
            steps.extend(Span::new(from, to).map(|part| (part, so_much)));
        }
        steps
    }

    /// Everybody who has something.
    pub(super) fn everyone(&self) -> impl Iterator<Item = &'h str> {
        self.has.keys().copied()
    }

    /// Everybody who waits.
    pub(super) fn everyone_who_waits(&self) -> impl Iterator<Item = &'h str> {
        self.waiting.values().map(|waiter| waiter.id)
    }
}
