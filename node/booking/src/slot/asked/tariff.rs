//! What a slot sells, and for how much: products, quotas of them, and prices.
//!
//! Products are named by their keys, in bookings too, so that a booking says for ever what it was of, whatever is sold later.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::limits::{PRICES_MAX, PRODUCTS_MAX, QUOTAS_MAX, TARIFF_BYTES_MAX};
use crate::{Category, Stock, Timestamp};

/// What a slot sells, and for how much.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tariff {
    /// What can be asked for; nothing in particular where there are none.
    pub products: Vec<Product>,
    /// How many of some products there are, beside how many places.
    pub quotas: Vec<Quota>,
    /// What a place costs: the first that is for it and open. Where there are none, nothing.
    pub prices: Vec<Price>,
    /// Of what all amounts are.
    pub currency: Option<Currency>,
}

/// What can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its name for programs.
    pub key: Arc<str>,
    /// Its name for people.
    pub title: Box<str>,
    /// In which categories it is sold; in all of them, if none are said.
    pub categories: Option<Categories>,
}

/// How many of some products there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Its name for programs.
    pub key: Box<str>,
    /// How many places there are of all its products.
    pub size: u32,
    /// Its products, by their places in the tariff.
    pub products: Products,
}

/// What a place costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Of this product, by its place in the tariff; of any, if none is said.
    pub product: Option<u8>,
    /// In this category; in any, and where there are none, if none is said.
    pub category: Option<Category>,
    /// So much, in minor units.
    pub amount: u64,
    /// From when on; always, if nothing is said.
    pub from: Option<Timestamp>,
    /// Until when, the moment itself not included.
    pub until: Option<Timestamp>,
}

/// Categories of a house.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Categories(pub u64);

/// Products of a tariff, by their places in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Products(pub u64);

/// Of what amounts are: a code of ISO 4217.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Currency(pub [u8; 3]);

/// So many places of one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The product's key.
    pub product: Arc<str>,
    /// How many places.
    pub quantity: u32,
}

impl Categories {
    /// Whether this one is among them.
    pub const fn contain(self, category: Category) -> bool {
        category.0 < 64 && self.0 >> category.0 & 1 == 1
    }

    /// These; those that no house can have are left out.
    pub fn of(all: impl IntoIterator<Item = Category>) -> Self {
        let known = all.into_iter().filter(|category| category.0 < 64);
        Self(known.fold(0, |set, category| set | 1 << category.0))
    }

    /// Each of them, in order.
    pub fn iter(self) -> impl Iterator<Item = Category> {
        (0..64).map(Category).filter(move |&category| self.contain(category))
    }
}

impl Products {
    /// Whether this one is among them.
    pub const fn contain(self, product: u8) -> bool {
        product < 64 && self.0 >> product & 1 == 1
    }
}

impl Currency {
    /// Its code.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Currency({})", self.as_str())
    }
}

impl Price {
    /// Whether it holds at this moment.
    pub(crate) fn is_open(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }

    /// Whether it holds at this moment or will.
    pub(crate) fn opens_after(&self, at: Timestamp) -> bool {
        self.until.is_none_or(|until| at < until && self.from.is_none_or(|from| from < until))
    }

    /// Whether it is for this product, or none in particular, in this category, or where there are none.
    pub(crate) fn is_for(&self, product: Option<u8>, category: Option<Category>) -> bool {
        (self.product.is_none() || self.product == product)
            && (self.category.is_none() || self.category == category)
    }
}

impl Tariff {
    /// The place of a product.
    pub fn product(&self, key: &str) -> Option<u8> {
        let place = self.products.iter().position(|product| *product.key == *key)?;
        u8::try_from(place).ok()
    }

    /// Whether it names nothing twice and nothing that there is not, and is for what the slot has to give out.
    pub(crate) fn is_sound_for(&self, stock: &Stock) -> bool {
        let product_count = self.products.len();
        let has = |product: u8| usize::from(product) < product_count;
        let keys = self.products.iter().map(|product| &*product.key).collect::<Vec<_>>();
        let quota_keys = self.quotas.iter().map(|quota| &*quota.key).collect::<Vec<_>>();
        let has_categories = matches!(stock, Stock::Seats(_));
        !matches!(stock, Stock::Calendar(_))
            && product_count <= PRODUCTS_MAX
            && self.quotas.len() <= QUOTAS_MAX
            && self.prices.len() <= PRICES_MAX
            && are_unique(keys)
            && are_unique(quota_keys)
            && self.quotas.iter().all(|quota| (0..64).all(|one| !quota.products.contain(one) || has(one)))
            && self.prices.iter().all(|price| price.product.is_none_or(has))
            && (self.prices.is_empty() || self.currency.is_some())
            && (has_categories || self.products.iter().all(|product| product.categories.is_none()))
            && (has_categories || self.prices.iter().all(|price| price.category.is_none()))
            && self.bytes() <= TARIFF_BYTES_MAX
    }

    /// How many bytes it takes where it is saved, at most.
    pub(crate) fn bytes(&self) -> usize {
        // A length takes up to three bytes, a set or an amount nine, and what may be missing one more.
        let products = self.products.iter().map(|product| product.key.len() + product.title.len() + 16);
        let quotas = self.quotas.iter().map(|quota| quota.key.len() + 17);
        products.chain(quotas).sum::<usize>() + self.prices.len() * 33 + 16
    }

    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let product = |digest: Digest, product: &Product| {
            let digest = digest.text(&product.key).text(&product.title);
            digest.option(product.categories, |digest, categories| digest.word(categories.0))
        };
        let quota =
            |digest: Digest, quota: &Quota| digest.text(&quota.key).word(quota.size).word(quota.products.0);
        let price = |digest: Digest, price: &Price| {
            digest
                .option(price.product, Digest::word)
                .option(price.category, |digest, category| digest.word(category.0))
                .word(price.amount)
                .option(price.from, |digest, from| digest.word(from.0))
                .option(price.until, |digest, until| digest.word(until.0))
        };
        let digest = digest.text("tariff").word(self.products.len() as u64);
        let digest = self.products.iter().fold(digest, product).word(self.quotas.len() as u64);
        let digest = self.quotas.iter().fold(digest, quota).word(self.prices.len() as u64);
        let digest = self.prices.iter().fold(digest, price);
        digest.option(self.currency, |digest, currency| digest.bytes(&currency.0))
    }
}

/// Whether no name is there twice.
fn are_unique(mut names: Vec<&str>) -> bool {
    names.sort_unstable();
    names.is_sorted_by(|one, next| one < next)
}
