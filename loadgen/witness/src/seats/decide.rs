//! What becomes of a wish for seats, by the contract: a set of outcomes, since it does not say everything.

use std::collections::BTreeSet;

use api::booking::{Together, WhenFull};
use api::problem::Code;
use api::slot::Policy;

use super::hall::{Hall, Stopped, Wish};
use super::picks::Picked;
use super::search::Blocks;
use super::singles::refused_for;
use crate::history::{Asker, Pick, Places};
use crate::house::words::Conflict;

/// A wish, and whose.
pub(super) struct Newcomer<'a> {
    pub(super) customer: &'a str,
    pub(super) by: Asker,
    pub(super) quantity: u32,
    pub(super) when_full: WhenFull,
    pub(super) places: &'a Places,
}

/// What may become of it, and how that has to look.
pub(super) struct Decision {
    pub(super) outcomes: Vec<Outcome>,
    pub(super) how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Served,
    Waits,
    Refused(Code),
}

/// How an outcome has to look.
pub(super) enum How {
    /// It has nothing to show.
    Plain,
    /// Served, it has these seats.
    Picked(BTreeSet<usize>),
    /// Served, it has the best seats of this wish's categories.
    Best(Wish),
    /// Refused, it names these.
    Conflicts(Vec<Conflict>),
    /// Refused, it names these.
    Singles(Vec<usize>),
    /// Refused, it names the largest block of all its categories, or of those where nobody is short.
    Scattered([Vec<usize>; 2]),
}

impl Decision {
    fn refused(code: Code, how: How) -> Self {
        Self { outcomes: vec![Outcome::Refused(code)], how }
    }
}

/// What becomes of a newcomer in this hall, which is on sale. None where it cannot be told.
pub(super) fn decide(hall: &Hall<'_>, policy: &Policy, newcomer: &Newcomer<'_>) -> Option<Decision> {
    let quantity = u64::from(newcomer.quantity);
    if quantity > hall.model.sum().capacity {
        return Some(Decision::refused(Code::QuantityTooLarge, How::Plain));
    }
    let units = hall.model.live_units(newcomer.customer) + quantity;
    if policy.customer_limit.is_some_and(|limit| units > u64::from(limit)) {
        return Some(Decision::refused(Code::CustomerLimit, How::Plain));
    }
    let stopped = hall.stopped(policy)?;
    match newcomer.places {
        Places::Pick(pick) => pick_decision(hall, &stopped, newcomer.by, pick),
        Places::Best(_) | Places::Any => {
            let wish = hall.wish(newcomer.places, newcomer.quantity)?;
            let in_vain = refused_in_vain(hall, &wish);
            let mut decision = best_decision(hall, &stopped, (newcomer, wish), policy);
            decision.outcomes.extend(in_vain);
            Some(decision)
        }
    }
}

/// How somebody may be refused who would wait for what no house of this map has: the contract names the slot's capacity alone.
fn refused_in_vain(hall: &Hall<'_>, wish: &Wish) -> Option<Outcome> {
    let (floor, quantity) = (&hall.floor, u64::from(wish.quantity));
    if wish.accessible > 0 {
        let has_room = |category: &usize| wish.has_room(floor, *category);
        return (!wish.categories.iter().any(has_room)).then_some(Outcome::Refused(Code::QuantityTooLarge));
    }
    let largest = |of: &dyn Fn(usize) -> u64| wish.categories.iter().map(|category| of(*category)).max();
    let area = |category: usize| {
        let areas = floor.plan.areas.iter().filter(|area| area.category == category);
        areas.map(|area| area.capacity).max().unwrap_or_default()
    };
    if largest(&|category| floor.room_for_anyone(category)) < Some(quantity) {
        return Some(Outcome::Refused(Code::QuantityTooLarge));
    }
    let is_too_long = wish.together == Together::Must
        && largest(&|category| floor.plan.longest(category).max(area(category))) < Some(quantity);
    is_too_long.then_some(Outcome::Refused(Code::NotTogether))
}

fn pick_decision(hall: &Hall<'_>, stopped: &Stopped, by: Asker, pick: &Pick) -> Option<Decision> {
    let picked = Picked {
        seats: &pick.seats,
        areas: &pick.areas,
        accessible: pick.accessible,
        allotment: pick.allotment.as_deref(),
        categories: None,
        by: None,
    };
    let seats = picked.seats(&hall.floor)?;
    let conflicts = picked.conflicts(&hall.floor, stopped);
    if !conflicts.is_empty() {
        return Some(Decision::refused(Code::SeatsRefused, How::Conflicts(conflicts)));
    }
    let singles = match by {
        Asker::Customer => refused_for(&hall.floor, hall.terms.as_ref()?, &seats),
        Asker::Organizer => Vec::new(),
    };
    if !singles.is_empty() {
        return Some(Decision::refused(Code::LeavesSingle, How::Singles(singles)));
    }
    Some(Decision { outcomes: vec![Outcome::Served], how: How::Picked(seats) })
}

fn best_decision(
    hall: &Hall<'_>,
    stopped: &Stopped,
    (newcomer, wish): (&Newcomer<'_>, Wish),
    policy: &Policy,
) -> Decision {
    let shortage = match (newcomer.when_full, policy.waitlist) {
        (WhenFull::Refuse, _) | (WhenFull::Waitlist, None) => Outcome::Refused(Code::SoldOut),
        (WhenFull::Waitlist, Some(waitlist)) if hall.model.sum().waiting >= u64::from(waitlist.capacity) => {
            Outcome::Refused(Code::WaitlistFull)
        }
        (WhenFull::Waitlist, Some(_)) => Outcome::Waits,
    };
    let not_together = Outcome::Refused(Code::NotTogether);
    let open = wish.open(&hall.floor, stopped);
    if wish.accessible > 0 || !wish.sections.is_empty() {
        // Which counters these draw on, the contract does not say: only what they got is judged.
        let outcomes = vec![Outcome::Served, shortage, not_together];
        // Who waits for seats that anyone may have does not hold back who needs others.
        let categories = if wish.accessible > 0 { wish.categories.clone() } else { open };
        return Decision { outcomes, how: How::Best(Wish { categories, ..wish }) };
    }
    if open.is_empty() {
        return Decision { outcomes: vec![shortage], how: How::Plain };
    }
    if Blocks::of(&hall.floor).fit(&wish.search(open.clone())) {
        return Decision {
            outcomes: vec![Outcome::Served],
            how: How::Best(Wish { categories: open, ..wish }),
        };
    }
    match wish.together {
        Together::Must => {
            Decision { outcomes: vec![not_together], how: How::Scattered([wish.categories, open]) }
        }
        // There are enough, but in areas none of which has room for all: the contract does not say.
        Together::Prefer => Decision { outcomes: vec![shortage, not_together], how: How::Plain },
    }
}
