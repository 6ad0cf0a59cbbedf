//! What a slot sells beside places, by the plainest reading of the contract: products, quotas of them, and prices.

use api::slot::Slot;
use api::tariff::{Line, Price, Product, Quota};
use api::time::Time;

/// What a slot sells by the terms of one moment.
#[derive(Clone, Copy)]
pub(crate) struct Tariff<'h> {
    terms: &'h Slot,
    at: Time,
}

/// Of which products somebody's places are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cart<'h> {
    /// None where they are of nothing in particular.
    pub(crate) lines: &'h [Line],
    /// All of them.
    pub(crate) quantity: u32,
}

impl<'h> Cart<'h> {
    /// How many places of what; of no product where there are no lines.
    pub(crate) fn goods(self) -> impl Iterator<Item = (Option<&'h str>, u64)> {
        let lines = self.lines.iter().map(|line| (Some(line.product.as_str()), u64::from(line.quantity)));
        lines.chain(self.lines.is_empty().then_some((None, u64::from(self.quantity))))
    }
}

impl<'h> Tariff<'h> {
    /// By these terms, at this moment.
    pub(crate) const fn of(terms: &'h Slot, at: Time) -> Self {
        Self { terms, at }
    }

    /// Whether a slot sells anything in particular, or for a price.
    pub(crate) fn is_in(terms: &Slot) -> bool {
        terms.products.is_some() || terms.quotas.is_some() || terms.prices.is_some()
    }

    /// When prices begin or end after `from`, up to `until` where there is such a moment.
    pub(crate) fn turns(terms: &Slot, from: Time, until: Option<Time>) -> Vec<Time> {
        let prices = terms.prices.iter().flatten();
        let ends = prices.flat_map(|price| [price.from, price.until]).flatten();
        ends.filter(|end| from < *end && until.is_none_or(|until| *end <= until)).collect()
    }

    pub(crate) fn products(&self) -> &'h [Product] {
        self.terms.products.as_deref().unwrap_or_default()
    }

    pub(crate) fn quotas(&self) -> &'h [Quota] {
        self.terms.quotas.as_deref().unwrap_or_default()
    }

    fn prices(&self) -> &'h [Price] {
        self.terms.prices.as_deref().unwrap_or_default()
    }

    /// Of what amounts are; none where nothing costs anything.
    pub(crate) fn currency(&self) -> Option<&'h str> {
        self.terms.currency.as_deref().filter(|_currency| !self.prices().is_empty())
    }

    /// What a place costs, where it is sold at all: the first price that is for it and open.
    pub(crate) fn price(&self, product: Option<&str>, category: Option<&str>) -> Option<u64> {
        if let Some(key) = product {
            let sold = self.products().iter().find(|sold| sold.key == key)?;
            let is_for =
                |keys: &Vec<String>| category.is_some_and(|category| keys.iter().any(|key| key == category));
            if !sold.categories.as_ref().is_none_or(is_for) {
                return None;
            }
        }
        if self.prices().is_empty() {
            return Some(0);
        }
        let matches = |wanted: &Option<String>, is: Option<&str>| wanted.is_none() || wanted.as_deref() == is;
        let open = self.prices().iter().filter(|price| {
            price.from.is_none_or(|from| from <= self.at) && price.until.is_none_or(|until| self.at < until)
        });
        let mut fit =
            open.filter(|price| matches(&price.product, product) && matches(&price.category, category));
        fit.next().map(|price| price.amount)
    }

    /// What all of this costs in one category; none where some of it is not sold.
    pub(crate) fn amount(&self, cart: Cart<'_>, category: Option<&str>) -> Option<u64> {
        cart.goods().map(|(product, places)| Some(self.price(product, category)? * places)).sum()
    }

    /// The quotas on which this draws, and how many places of each.
    pub(crate) fn needs<'c>(&self, cart: Cart<'c>) -> impl Iterator<Item = (&'h Quota, u64)> + use<'h, 'c> {
        let need = move |quota: &'h Quota| {
            let drawn = cart.goods().filter(|(product, _places)| {
                product.is_some_and(|product| quota.products.iter().any(|key| key == product))
            });
            (quota, drawn.map(|(_product, places)| places).sum())
        };
        self.quotas().iter().map(need).filter(|(_quota, places)| *places > 0)
    }

    /// The quotas that are too small for this, whoever has anything of them.
    pub(crate) fn too_small(&self, cart: Cart<'_>) -> Vec<&'h str> {
        let small = self.needs(cart).filter(|(quota, places)| u64::from(quota.size) < *places);
        small.map(|(quota, _places)| quota.key.as_str()).collect()
    }
}

/// Lines by product: their order says nothing.
pub(crate) fn sorted(lines: &[Line]) -> Vec<(&str, u32)> {
    let mut lines: Vec<(&str, u32)> =
        lines.iter().map(|line| (line.product.as_str(), line.quantity)).collect();
    lines.sort_unstable();
    lines
}
