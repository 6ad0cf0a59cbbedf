//! The hall: who has which seats and who waits for which, at one seq; and whose turn it is (research D1).
//!
//! A waiter holds back others only at a counter in which it is short: one that is short of nothing passes its turn and keeps
//! its place.

use std::collections::{BTreeMap, BTreeSet};

use api::booking::Together;
use api::slot::{Order, Policy};

use super::floor::Floor;
use super::search::{Blocks, Search};
use crate::case::SlotCase;
use crate::history::{Ask, Best, Places};
use crate::house::Kind;
use crate::house::words::Terms;
use crate::model::Model;

/// How many companions come with one wheelchair.
pub(super) const COMPANIONS_MAX: usize = 3;

/// A slot of seats at one seq.
pub(super) struct Hall<'h> {
    pub(super) model: Model<'h>,
    pub(super) floor: Floor<'h>,
    /// None where they may have changed unseen.
    pub(super) terms: Option<Terms>,
    wishes: Wishes<'h>,
}

/// What the bookings wish for whose requests are known.
pub(super) struct Wishes<'h> {
    by_booking: BTreeMap<String, &'h Places>,
    by_customer: BTreeMap<&'h str, &'h Places>,
}

/// What one wishes for who takes the best.
pub(super) struct Wish {
    pub(super) quantity: u32,
    pub(super) categories: Vec<usize>,
    pub(super) sections: Vec<usize>,
    pub(super) together: Together,
    pub(super) accessible: u32,
}

/// Whose turn it is.
pub(super) enum Turn<'h> {
    /// Nobody's who could be served.
    Nobody,
    /// This booking's, which gets the best of these categories.
    Of(&'h str, Wish),
    /// Somebody waits whose wish is not known.
    Unknown,
}

/// Categories at which newcomers are held back, since an earlier waiter is short of them.
pub(super) type Stopped = BTreeSet<usize>;

impl<'h> Wishes<'h> {
    pub(super) fn of(slot: &SlotCase<'h>) -> Self {
        let mut wishes = Self { by_booking: BTreeMap::new(), by_customer: BTreeMap::new() };
        let mut often = BTreeSet::new();
        for case in &slot.cases {
            let Ask::Book { places, .. } = &case.request.ask else { continue };
            if let Some(booking) = case.granted() {
                wishes.by_booking.insert(booking.id.clone(), places);
            }
            let customer = case.request.customer.as_str();
            if wishes.by_customer.insert(customer, places).is_some() {
                often.insert(customer);
            }
        }
        wishes.by_customer.retain(|customer, _places| !often.contains(customer));
        wishes
    }

    /// Those of bookings by their ids.
    #[cfg(test)]
    pub(super) fn known(wishes: impl Iterator<Item = (String, &'h Places)>) -> Self {
        Self { by_booking: wishes.collect(), by_customer: BTreeMap::new() }
    }

    fn behind(&self, id: &str, customer: &str) -> Option<&'h Places> {
        self.by_booking.get(id).or_else(|| self.by_customer.get(customer)).copied()
    }
}

impl Wish {
    /// The categories of this that are not held back and have enough.
    pub(super) fn open(&self, floor: &Floor<'_>, stopped: &Stopped) -> Vec<usize> {
        let is_open = |category: &usize| !stopped.contains(category) && self.has_enough(floor, *category);
        self.categories.iter().copied().filter(is_open).collect()
    }

    pub(super) fn has_enough(&self, floor: &Floor<'_>, category: usize) -> bool {
        floor.counter(category) >= u64::from(self.quantity)
    }

    /// Whether a category has so many wheelchair spaces, and seats for who comes along, if nothing were taken.
    pub(super) fn has_room(&self, floor: &Floor<'_>, category: usize) -> bool {
        let of = |kind: Kind| {
            let seats = floor.plan.seats.iter();
            seats.filter(|seat| seat.category == category && seat.kind == kind).count() as u64
        };
        let (spaces, others) = (u64::from(self.accessible), u64::from(self.quantity - self.accessible));
        let companions = of(Kind::Companion).min(spaces * COMPANIONS_MAX as u64);
        spaces <= of(Kind::Accessible) && others <= of(Kind::General) + companions
    }

    /// Whether it is short: of everything that it would take.
    pub(super) fn is_short(&self, floor: &Floor<'_>) -> bool {
        !self.categories.iter().any(|category| self.has_enough(floor, *category))
    }

    /// A search for it in these categories.
    pub(super) fn search(&self, categories: Vec<usize>) -> Search<'_> {
        let quantity = usize::try_from(self.quantity).expect("a party is small");
        Search { quantity, categories, sections: &self.sections, together: self.together }
    }
}

impl<'h> Hall<'h> {
    pub(super) fn new(floor: Floor<'h>, terms: Terms, wishes: Wishes<'h>) -> Self {
        Self { model: Model::default(), floor, terms: Some(terms), wishes }
    }

    /// A wish for the best seats; none where they are picked, or where a key is not the map's.
    pub(super) fn wish(&self, places: &Places, quantity: u32) -> Option<Wish> {
        let plan = self.floor.plan;
        let any = Best::default();
        let best = match places {
            Places::Any => &any,
            Places::Best(best) => best,
            Places::Pick(_) => return None,
        };
        let named: Option<Vec<usize>> = best.categories.iter().map(|key| plan.category(key).ok()).collect();
        let categories = named?;
        let section = |key: &String| plan.sections.iter().position(|section| section == key);
        Some(Wish {
            quantity,
            categories: if categories.is_empty() { (0..plan.categories.len()).collect() } else { categories },
            sections: best.sections.iter().map(section).collect::<Option<_>>()?,
            together: best.together,
            accessible: best.accessible,
        })
    }

    /// Who waits, from the head, with what each wishes for, where that is known.
    pub(super) fn wishes(&self) -> impl Iterator<Item = (&'h str, Option<Wish>)> {
        self.model.waiting().map(|(id, claim)| {
            let places = self.wishes.behind(id, claim.customer);
            (id, places.and_then(|places| self.wish(places, claim.quantity)))
        })
    }

    /// Whether it is known of all who wait what they wish for.
    pub(super) fn knows_all_wishes(&self) -> bool {
        self.wishes().all(|(_id, wish)| wish.is_some())
    }

    /// The same, of those whose turn can be told: what one may take who needs a wheelchair space is not for this witness to find.
    fn waiters(&self) -> impl Iterator<Item = (&'h str, Option<Wish>)> {
        self.wishes().map(|(id, wish)| (id, wish.filter(|wish| wish.accessible == 0)))
    }

    /// Whose turn it is.
    pub(super) fn turn(&self, order: Order) -> Turn<'h> {
        let mut stopped = Stopped::new();
        let mut blocks = Blocks::of(&self.floor);
        for (id, wish) in self.waiters() {
            let Some(wish) = wish else { return Turn::Unknown };
            let open = wish.open(&self.floor, &stopped);
            if !open.is_empty() && blocks.fit(&wish.search(open.clone())) {
                return Turn::Of(id, Wish { categories: open, ..wish });
            }
            if order == Order::Strict && wish.is_short(&self.floor) {
                stopped.extend(&wish.categories);
            }
        }
        Turn::Nobody
    }

    /// Where a newcomer is held back. None where somebody waits whose wish is not known.
    pub(super) fn stopped(&self, policy: &Policy) -> Option<Stopped> {
        let mut stopped = Stopped::new();
        let order = policy.waitlist.map_or(Order::Strict, |waitlist| waitlist.order);
        if order == Order::SkipFit {
            // Nobody waits who could be served: a newcomer takes nothing from anyone.
            return Some(stopped);
        }
        for (_id, wish) in self.waiters() {
            let wish = wish?;
            if wish.is_short(&self.floor) {
                stopped.extend(&wish.categories);
            }
        }
        Some(stopped)
    }
}
