//! What becomes of a wish for seats, by the contract: a set of outcomes, since it does not say everything.

use std::collections::BTreeSet;

use api::booking::{Together, WhenFull};
use api::problem::Code;
use api::slot::Policy;
use api::tariff::Line;

use super::hall::{Hall, Stopped, Wish};
use super::picks::Picked;
use super::search::Blocks;
use super::singles::refused_for;
use crate::history::{Asker, Basket, Pick, Places};
use crate::house::words::Conflict;
use crate::tariff::Cart;

/// A wish, and whose.
pub(super) struct Newcomer<'a> {
    pub(super) customer: &'a str,
    pub(super) by: Asker,
    pub(super) quantity: u32,
    pub(super) when_full: WhenFull,
    pub(super) places: &'a Places,
    pub(super) basket: &'a Basket,
}

impl<'a> Newcomer<'a> {
    /// Of which products it is to be.
    fn cart(&self) -> Cart<'a> {
        Cart { lines: &self.basket.lines, quantity: self.quantity }
    }
}

/// What may become of it, and how that has to look.
pub(super) struct Decision<'h> {
    pub(super) outcomes: Vec<Outcome>,
    pub(super) how: How<'h>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Served,
    Waits,
    Refused(Code),
}

/// How an outcome has to look.
pub(super) enum How<'h> {
    /// It has nothing to show.
    Plain,
    /// Served, it has these seats.
    Picked(BTreeSet<usize>),
    /// Served, it has the best seats of this wish's categories.
    Best(Wish<'h>),
    /// Refused, it names these.
    Conflicts(Vec<Conflict>),
    /// Refused, it names these.
    Singles(Vec<usize>),
    /// Refused, it names these quotas, which are short; or those of them that are too small for anyone.
    Quotas(BTreeSet<&'h str>, Vec<&'h str>),
    /// Refused, it names the largest block of all its categories, or of those where nobody is short.
    Scattered([Vec<usize>; 2]),
}

impl<'h> Decision<'h> {
    fn refused(code: Code, how: How<'h>) -> Self {
        Self { outcomes: vec![Outcome::Refused(code)], how }
    }
}

/// What becomes of a newcomer in this hall, which is on sale. None where it cannot be told.
pub(super) fn decide<'h>(hall: &Hall<'h>, policy: &Policy, newcomer: &Newcomer<'h>) -> Option<Decision<'h>> {
    let amounts = amounts(hall, newcomer)?;
    if amounts.is_empty() {
        return Some(Decision::refused(Code::NotOnSale, How::Plain));
    }
    let quantity = u64::from(newcomer.quantity);
    if quantity > hall.model.sum().capacity {
        return Some(Decision::refused(Code::QuantityTooLarge, How::Plain));
    }
    let units = hall.model.live_units(newcomer.customer) + quantity;
    if policy.customer_limit.is_some_and(|limit| units > u64::from(limit)) {
        return Some(Decision::refused(Code::CustomerLimit, How::Plain));
    }
    let expected = newcomer.basket.expect_amount;
    if expected.is_some_and(|expected| !amounts.contains(&expected)) {
        let mut decision = Decision::refused(Code::PriceChanged, How::Plain);
        // That it is too much for the house goes before.
        let wish = hall.wish(newcomer.places, newcomer.cart());
        let in_vain = wish.and_then(|wish| refused_in_vain(hall, &wish));
        let too_large = Outcome::Refused(Code::QuantityTooLarge);
        decision.outcomes.extend(in_vain.filter(|outcome| *outcome == too_large));
        return Some(decision);
    }
    let stopped = hall.stopped(policy)?;
    let exhausted = hall.exhausted(newcomer.cart(), &stopped);
    let too_small = hall.tariff.map(|tariff| tariff.too_small(newcomer.cart())).unwrap_or_default();
    let Places::Pick(pick) = newcomer.places else {
        let wish = hall.wish(newcomer.places, newcomer.cart())?;
        let mut decision = of_the_best(hall, policy, newcomer, (wish, &stopped), (exhausted, too_small));
        // What it costs depends on the category in which there is room.
        let depends = expected.is_some_and(|expected| amounts.iter().any(|amount| *amount != expected));
        decision.outcomes.extend(depends.then_some(Outcome::Refused(Code::PriceChanged)));
        return Some(decision);
    };
    if !exhausted.is_empty() {
        return Some(Decision::refused(Code::QuotaExhausted, How::Quotas(exhausted, too_small)));
    }
    pick_decision(hall, &stopped, newcomer.by, pick)
}

/// What becomes of one who takes the best, with the quotas that are short, and those that are too small for anyone.
fn of_the_best<'h>(
    hall: &Hall<'h>,
    policy: &Policy,
    newcomer: &Newcomer<'_>,
    (wish, stopped): (Wish<'h>, &Stopped<'_>),
    (exhausted, too_small): (BTreeSet<&'h str>, Vec<&'h str>),
) -> Decision<'h> {
    let in_vain = refused_in_vain(hall, &wish);
    let is_short = !exhausted.is_empty();
    // Who could never be served may be told so at once, and by what is short.
    let of_quota = !too_small.is_empty() || (in_vain.is_some() && is_short);
    let shortage = shortage(hall, newcomer, policy, is_short);
    let mut decision = if is_short {
        Decision { outcomes: vec![shortage], how: How::Quotas(exhausted, too_small) }
    } else {
        best_decision(hall, stopped, wish, shortage)
    };
    decision.outcomes.extend(in_vain);
    decision.outcomes.extend(of_quota.then_some(Outcome::Refused(Code::QuotaExhausted)));
    decision
}

/// What a newcomer may come to pay: one amount, or one a category; nothing where it is not sold at all. None where it cannot be told.
fn amounts(hall: &Hall<'_>, newcomer: &Newcomer<'_>) -> Option<Vec<u64>> {
    let Places::Pick(pick) = newcomer.places else {
        let wish = hall.wish(newcomer.places, newcomer.cart())?;
        return Some(wish.categories.iter().filter_map(|one| hall.amount(newcomer.cart(), *one)).collect());
    };
    let plan = hall.floor.plan;
    let seats = pick.seats.iter().map(|name| Some((plan.seats[plan.seat(name)?].category, 1)));
    let areas = pick.areas.iter().map(|(key, places)| Some((plan.areas[plan.area(key)?].category, *places)));
    let places: Vec<(usize, u32)> = seats.chain(areas).collect::<Option<_>>()?;
    if let [only] = newcomer.basket.lines.as_slice() {
        let one = |quantity: u32| [Line { quantity, ..only.clone() }];
        let each = places.iter().map(|(category, quantity)| {
            hall.amount(Cart { lines: &one(*quantity), quantity: *quantity }, *category)
        });
        return Some(each.sum::<Option<u64>>().into_iter().collect());
    }
    if newcomer.basket.lines.is_empty() {
        let each = places
            .iter()
            .map(|(category, quantity)| hall.amount(Cart { lines: &[], quantity: *quantity }, *category));
        return Some(each.sum::<Option<u64>>().into_iter().collect());
    }
    // Several products are of one category, or it is no request.
    let category = places.first()?.0;
    let is_one = places.iter().all(|(other, _places)| *other == category);
    is_one.then(|| hall.amount(newcomer.cart(), category).into_iter().collect())
}

/// What becomes of one who takes the best where that is not to be had.
fn shortage(hall: &Hall<'_>, newcomer: &Newcomer<'_>, policy: &Policy, of_quotas: bool) -> Outcome {
    let otherwise = |code: Code| Outcome::Refused(if of_quotas { Code::QuotaExhausted } else { code });
    match (newcomer.when_full, policy.waitlist) {
        (WhenFull::Refuse, _) | (WhenFull::Waitlist, None) => otherwise(Code::SoldOut),
        (WhenFull::Waitlist, Some(waitlist)) if hall.model.sum().waiting >= u64::from(waitlist.capacity) => {
            otherwise(Code::WaitlistFull)
        }
        (WhenFull::Waitlist, Some(_)) => Outcome::Waits,
    }
}

/// How somebody may be refused who would wait for what no house of this map has: the contract names the slot's capacity alone.
fn refused_in_vain(hall: &Hall<'_>, wish: &Wish<'_>) -> Option<Outcome> {
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

fn pick_decision<'h>(hall: &Hall<'h>, stopped: &Stopped<'_>, by: Asker, pick: &Pick) -> Option<Decision<'h>> {
    let picked = Picked {
        seats: &pick.seats,
        areas: &pick.areas,
        accessible: pick.accessible,
        allotment: pick.allotment.as_deref(),
        categories: None,
        by: None,
    };
    let seats = picked.seats(&hall.floor)?;
    let conflicts = picked.conflicts(&hall.floor, &stopped.categories);
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

fn best_decision<'h>(
    hall: &Hall<'h>,
    stopped: &Stopped<'_>,
    wish: Wish<'h>,
    shortage: Outcome,
) -> Decision<'h> {
    let not_together = Outcome::Refused(Code::NotTogether);
    let open = hall.open(&wish, stopped);
    if wish.accessible > 0 || !wish.sections.is_empty() {
        // Which counters these draw on, the contract does not say: only what they got is judged.
        let outcomes = vec![Outcome::Served, shortage, not_together];
        // Who waits for seats that anyone may have does not hold back who needs others.
        let categories = if wish.accessible > 0 { hall.sold(&wish) } else { open };
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
