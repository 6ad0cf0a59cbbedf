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
use crate::contract;
use crate::history::{Ask, Best, Places};
use crate::house::Kind;
use crate::house::words::Terms;
use crate::model::Model;
use crate::tariff::{Cart, Tariff};

/// How many companions come with one wheelchair.
pub(super) const COMPANIONS_MAX: usize = 3;

/// A slot of seats at one seq.
pub(super) struct Hall<'h> {
    pub(super) model: Model<'h>,
    pub(super) floor: Floor<'h>,
    /// None where they may have changed unseen.
    pub(super) terms: Option<Terms>,
    /// What is sold beside seats now; none where that is nothing in particular, or not known.
    pub(super) tariff: Option<Tariff<'h>>,
    wishes: Wishes<'h>,
}

/// What the bookings wish for whose requests are known.
pub(super) struct Wishes<'h> {
    by_booking: BTreeMap<String, &'h Places>,
    by_customer: BTreeMap<&'h str, &'h Places>,
}

/// What one wishes for who takes the best.
pub(super) struct Wish<'h> {
    pub(super) quantity: u32,
    /// Of which products.
    pub(super) cart: Cart<'h>,
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
    Of(&'h str, Wish<'h>),
    /// Somebody waits whose wish is not known.
    Unknown,
}

/// Where newcomers are held back, since an earlier waiter is short of it.
#[derive(Clone, Default)]
pub(super) struct Stopped<'h> {
    pub(super) categories: BTreeSet<usize>,
    /// Keys of quotas.
    pub(super) quotas: BTreeSet<&'h str>,
}

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

impl Wish<'_> {
    pub(super) fn has_enough(&self, floor: &Floor<'_>, category: usize) -> bool {
        floor.counter(category) >= u64::from(self.quantity)
    }

    /// Whether a category has so many wheelchair spaces, and seats for who comes along, if nothing were taken: general ones, and those
    /// that adjoin one space. What adjoins several together is not looked for: there the house may say what it likes.
    pub(super) fn has_room(&self, floor: &Floor<'_>, category: usize) -> bool {
        let of = |kind: Kind| {
            let seats = floor.plan.seats.iter();
            seats.filter(|seat| seat.category == category && seat.kind == kind).count() as u64
        };
        let (spaces, others) = (u64::from(self.accessible), u64::from(self.quantity - self.accessible));
        let companions = most_adjoining(floor, category);
        spaces <= of(Kind::Accessible) && others <= of(Kind::General) + companions
    }

    /// A search for it in these categories.
    pub(super) fn search(&self, categories: Vec<usize>) -> Search<'_> {
        let quantity = usize::try_from(self.quantity).expect("a party is small");
        Search { quantity, categories, sections: &self.sections, together: self.together }
    }
}

/// How many companions' seats of a category adjoin the space that has the most of them.
fn most_adjoining(floor: &Floor<'_>, category: usize) -> u64 {
    let seats = &floor.plan.seats;
    let is_companion =
        |place: &usize| seats[*place].kind == Kind::Companion && seats[*place].category == category;
    let adjoining = |space: usize| {
        let run = floor.plan.run_of(space);
        let before = (run.start..space).rev().take_while(is_companion).count();
        let behind = (space + 1..run.end).take_while(is_companion).count();
        (before + behind).min(COMPANIONS_MAX) as u64
    };
    let is_space =
        |place: &usize| seats[*place].kind == Kind::Accessible && seats[*place].category == category;
    (0..seats.len()).filter(is_space).map(adjoining).max().unwrap_or(0)
}

impl<'h> Hall<'h> {
    pub(super) fn new(floor: Floor<'h>, terms: Terms, wishes: Wishes<'h>) -> Self {
        Self { model: Model::default(), floor, terms: Some(terms), tariff: None, wishes }
    }

    /// A wish for the best seats; none where they are picked, or where a key is not the map's.
    pub(super) fn wish<'c>(&self, places: &Places, cart: Cart<'c>) -> Option<Wish<'c>> {
        let plan = self.floor.plan;
        let any = Best::default();
        let best = match places {
            Places::Any => &any,
            Places::Best(best) => best,
            Places::Pick(_) | Places::Range(_) => return None,
        };
        let named: Option<Vec<usize>> = best.categories.iter().map(|key| plan.category(key).ok()).collect();
        let categories = named?;
        let section = |key: &String| plan.sections.iter().position(|section| section == key);
        Some(Wish {
            quantity: cart.quantity,
            cart,
            categories: if categories.is_empty() { (0..plan.categories.len()).collect() } else { categories },
            sections: best.sections.iter().map(section).collect::<Option<_>>()?,
            together: best.together,
            accessible: best.accessible,
        })
    }

    /// Who waits, from the head, with what each wishes for, where that is known.
    pub(super) fn wishes(&self) -> impl Iterator<Item = (&'h str, Option<Wish<'h>>)> {
        self.model.waiting().map(|(id, claim)| {
            let places = self.wishes.behind(id, claim.customer);
            (id, places.and_then(|places| self.wish(places, claim.cart())))
        })
    }

    /// Whether it is known of all who wait what they wish for.
    pub(super) fn knows_all_wishes(&self) -> bool {
        self.wishes().all(|(_id, wish)| wish.is_some())
    }

    /// The same, of those whose turn can be told: what one may take who needs a wheelchair space is not for this witness to find.
    fn waiters(&self) -> impl Iterator<Item = (&'h str, Option<Wish<'h>>)> {
        self.wishes().map(|(id, wish)| (id, wish.filter(|wish| wish.accessible == 0)))
    }

    /// Whose turn it is.
    pub(super) fn turn(&self, order: Order) -> Turn<'h> {
        let mut stopped = Stopped::default();
        let mut blocks = Blocks::of(&self.floor);
        for (id, wish) in self.waiters() {
            let Some(wish) = wish else { return Turn::Unknown };
            let open = self.open(&wish, &stopped);
            if !open.is_empty() && blocks.fit(&wish.search(open.clone())) {
                return Turn::Of(id, Wish { categories: open, ..wish });
            }
            if order == Order::Strict {
                self.add_shortage(&wish, &mut stopped);
            }
        }
        Turn::Nobody
    }

    /// Where a newcomer is held back. None where somebody waits whose wish is not known.
    pub(super) fn stopped(&self, policy: &Policy) -> Option<Stopped<'h>> {
        let mut stopped = Stopped::default();
        let order = contract::order(policy);
        if order == Order::SkipFit {
            // Nobody waits who could be served: a newcomer takes nothing from anyone.
            return Some(stopped);
        }
        for (_id, wish) in self.waiters() {
            self.add_shortage(&wish?, &mut stopped);
        }
        Some(stopped)
    }

    /// The categories of a wish that are not held back, have enough, and in which what it is for is sold; none where a quota has too
    /// little.
    pub(super) fn open(&self, wish: &Wish<'_>, stopped: &Stopped<'_>) -> Vec<usize> {
        if !self.exhausted(wish.cart, stopped).is_empty() {
            return Vec::new();
        }
        let is_open = |category: &usize| {
            !stopped.categories.contains(category) && wish.has_enough(&self.floor, *category)
        };
        self.sold(wish).into_iter().filter(is_open).collect()
    }

    /// The categories of a wish in which what it is for is sold now.
    pub(super) fn sold(&self, wish: &Wish<'_>) -> Vec<usize> {
        let is_sold = |category: &usize| self.amount(wish.cart, *category).is_some();
        wish.categories.iter().copied().filter(is_sold).collect()
    }

    /// What all of this costs in a category; none where some of it is not sold.
    pub(super) fn amount(&self, cart: Cart<'_>, category: usize) -> Option<u64> {
        let key = self.floor.plan.categories[category].as_str();
        self.tariff.map_or(Some(0), |tariff| tariff.amount(cart, Some(key)))
    }

    /// Adds where somebody who waits is short: of everything that it would take, and of quotas. Of what is not sold now nobody is.
    pub(super) fn add_shortage(&self, wish: &Wish<'_>, stopped: &mut Stopped<'h>) {
        let sold = self.sold(wish);
        if sold.is_empty() {
            return;
        }
        stopped.quotas.extend(self.lacking(wish.cart));
        if !sold.iter().any(|category| wish.has_enough(&self.floor, *category)) {
            stopped.categories.extend(sold);
        }
    }

    /// The quotas that keep somebody from having this: of which too little is left, or at which newcomers are held back.
    pub(super) fn exhausted(&self, cart: Cart<'_>, stopped: &Stopped<'_>) -> BTreeSet<&'h str> {
        let mut exhausted = self.lacking(cart);
        if let Some(tariff) = &self.tariff {
            let drawn = tariff.needs(cart).map(|(quota, _places)| quota.key.as_str());
            exhausted.extend(drawn.filter(|key| stopped.quotas.contains(key)));
        }
        exhausted
    }

    fn lacking(&self, cart: Cart<'_>) -> BTreeSet<&'h str> {
        self.tariff.map(|tariff| self.model.lacks(&tariff, cart).quotas).unwrap_or_default()
    }

    /// The most places of one product that prices and quotas leave a newcomer in a category.
    pub(super) fn most_sold(&self, category: usize, stopped: &Stopped<'_>) -> u64 {
        let Some(tariff) = self.tariff else { return u64::MAX };
        let key = self.floor.plan.categories[category].as_str();
        let products = tariff.products().iter().map(|product| Some(product.key.as_str()));
        let products = products.chain(tariff.products().is_empty().then_some(None));
        let most = products.filter(|product| tariff.price(*product, Some(key)).is_some()).map(|product| {
            let quotas = tariff.quotas().iter();
            let drawn = quotas.filter(|quota| quota.products.iter().any(|key| Some(key.as_str()) == product));
            let left = drawn.map(|quota| {
                let is_waited_for = stopped.quotas.contains(quota.key.as_str());
                let left = if is_waited_for { 0 } else { self.model.left(quota) };
                u64::try_from(left).unwrap_or_default()
            });
            left.min().unwrap_or(u64::MAX)
        });
        most.max().unwrap_or_default()
    }
}
