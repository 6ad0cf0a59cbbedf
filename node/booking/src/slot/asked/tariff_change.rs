//! What is changed of what a slot sells: each list is given whole, or left as it is. Products are named by their keys in here, since
//! their places may be others by the time the change is applied.

#![expect(clippy::option_option, reason = "what is left out stays, and none within is none")]

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::limits::TARIFF_BYTES_MAX;
use crate::{Categories, Category, Content, Currency, Price, Product, Products, Quota, Tariff, Timestamp};

/// What is changed of what a slot sells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TariffChange {
    /// The map by which categories are numbered in it, which is the slot's after the change; none of a slot without a map.
    pub map: Option<Content>,
    /// All products.
    pub products: Option<Vec<Product>>,
    /// All quotas.
    pub quotas: Option<Vec<QuotaAsked>>,
    /// All prices, in their order.
    pub prices: Option<Vec<PriceAsked>>,
    /// Of what amounts are; none within is nothing.
    pub currency: Option<Option<Currency>>,
}

/// A quota, as an organizer says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaAsked {
    /// Its name for programs.
    pub key: Box<str>,
    /// How many places there are of all its products.
    pub size: u32,
    /// The keys of its products.
    pub products: Vec<Arc<str>>,
}

/// What a place costs, as an organizer says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceAsked {
    /// Of the product with this key; of any, if none is said.
    pub product: Option<Arc<str>>,
    /// In this category; in any, if none is said.
    pub category: Option<Category>,
    /// So much, in minor units.
    pub amount: u64,
    /// From when on.
    pub from: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
}

/// Why nothing can be sold like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TariffFault {
    /// A quota would be of a product that there is not.
    QuotaOfNoProduct,
    /// A price would be of a product that there is not.
    PriceOfNoProduct,
    /// There would be prices, and no currency.
    NoCurrency,
    /// It would be more than a slot keeps.
    TooLarge,
}

impl TariffChange {
    /// What is sold after it; nothing in particular, if nothing is left. A product that others name can only go with them.
    pub fn made_to(&self, old: Option<&Tariff>) -> Result<Option<Tariff>, TariffFault> {
        let nothing = Tariff::default();
        let old = old.unwrap_or(&nothing);
        let mut new = Tariff {
            products: self.products.clone().unwrap_or_else(|| old.products.clone()),
            currency: self.currency.unwrap_or(old.currency),
            ..Tariff::default()
        };
        let quotas = self.quotas.clone().unwrap_or_else(|| old.quotas_asked());
        let quotas = quotas.into_iter().map(|quota| quota.among(&new)).collect::<Option<_>>();
        let prices = self.prices.clone().unwrap_or_else(|| old.prices_asked());
        let prices = prices.into_iter().map(|price| price.among(&new)).collect::<Option<_>>();
        new.quotas = quotas.ok_or(TariffFault::QuotaOfNoProduct)?;
        new.prices = prices.ok_or(TariffFault::PriceOfNoProduct)?;
        if !new.prices.is_empty() && new.currency.is_none() {
            return Err(TariffFault::NoCurrency);
        }
        if TARIFF_BYTES_MAX < new.bytes() {
            return Err(TariffFault::TooLarge);
        }
        Ok((new != nothing).then_some(new))
    }
}

impl QuotaAsked {
    fn among(self, tariff: &Tariff) -> Option<Quota> {
        let Self { key, size, products } = self;
        let places = products.iter().map(|product| tariff.product(product).filter(|&place| place < 64));
        let products = places.collect::<Option<Vec<_>>>()?;
        let products = Products(products.into_iter().fold(0, |set, place| set | 1 << place));
        Some(Quota { key, size, products })
    }
}

impl PriceAsked {
    fn among(self, tariff: &Tariff) -> Option<Price> {
        let Self { product, category, amount, from, until } = self;
        let product = match product {
            None => None,
            Some(key) => Some(tariff.product(&key)?),
        };
        Some(Price { product, category, amount, from, until })
    }
}

impl Tariff {
    /// The same by another map; none where a product or a price names a category that there is no longer: nothing is sold otherwise
    /// than its organizer said. Of what is given anew beside the map the old is not asked.
    pub(crate) fn renumbered(
        &self,
        categories: &[Option<Category>],
        beside: Option<&TariffChange>,
    ) -> Option<Self> {
        let new = |old: Category| categories.get(usize::from(old.0)).copied().flatten();
        let product = |product: &Product| {
            let all = product.categories.map(|old| old.iter().map(new).collect::<Option<Vec<_>>>());
            let categories = match all {
                None => None,
                Some(all) => Some(Categories::of(all?)),
            };
            Some(Product { categories, ..product.clone() })
        };
        let price = |price: &Price| match price.category {
            None => Some(*price),
            Some(old) => Some(Price { category: Some(new(old)?), ..*price }),
        };
        let products = if beside.is_some_and(|change| change.products.is_some()) {
            self.products.clone()
        } else {
            self.products.iter().map(product).collect::<Option<_>>()?
        };
        let prices = if beside.is_some_and(|change| change.prices.is_some()) {
            Vec::new()
        } else {
            self.prices.iter().map(price).collect::<Option<_>>()?
        };
        Some(Self { products, quotas: self.quotas.clone(), prices, currency: self.currency })
    }

    /// Its quotas, as they could be asked for.
    pub fn quotas_asked(&self) -> Vec<QuotaAsked> {
        let keys = |products: Products| {
            let own = (0..).zip(&self.products).filter(move |(place, _)| products.contain(*place));
            own.map(|(_, product)| Arc::clone(&product.key)).collect()
        };
        let quota = |Quota { key, size, products }: &Quota| QuotaAsked {
            key: key.clone(),
            size: *size,
            products: keys(*products),
        };
        self.quotas.iter().map(quota).collect()
    }

    /// Its prices, as they could be asked for.
    pub fn prices_asked(&self) -> Vec<PriceAsked> {
        let key = |place: u8| {
            let product = self.products.get(usize::from(place));
            Arc::clone(&product.expect("a price is of a product that there is").key)
        };
        let price = |&Price { product, category, amount, from, until }: &Price| PriceAsked {
            product: product.map(key),
            category,
            amount,
            from,
            until,
        };
        self.prices.iter().map(price).collect()
    }
}
