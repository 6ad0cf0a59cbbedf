//! What a slot sells, and for how much.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::stored::each::each;
use crate::{Categories, Category, Content, Currency, Products, Timestamp};

/// What a slot sells, and for how much.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Tariff {
    products: Vec<Product>,
    quotas: Vec<Quota>,
    prices: Vec<Price>,
    currency: Option<Currency>,
}

/// What can be asked for.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Product {
    key: Box<str>,
    title: Box<str>,
    categories: Option<Categories>,
}

/// How many of some products there are.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Quota {
    key: Box<str>,
    size: u32,
    products: Products,
}

/// What a place costs.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Price {
    product: Option<u8>,
    category: Option<Category>,
    amount: u64,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

/// What is changed of it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct TariffChange {
    map: Option<Content>,
    products: Option<Vec<Product>>,
    quotas: Option<Vec<QuotaAsked>>,
    prices: Option<Vec<PriceAsked>>,
    currency: Option<CurrencyChange>,
}

/// Of what amounts are from now on.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum CurrencyChange {
    Of(Currency),
    None,
}

/// A quota, as an organizer says it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct QuotaAsked {
    key: Box<str>,
    size: u32,
    products: Vec<Box<str>>,
}

/// What a place costs, as an organizer says it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct PriceAsked {
    product: Option<Box<str>>,
    category: Option<Category>,
    amount: u64,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

/// So many places of one product.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Line {
    product: Box<str>,
    quantity: u32,
}

impl From<crate::Product> for Product {
    fn from(product: crate::Product) -> Self {
        let crate::Product { key, title, categories } = product;
        Self { key: (*key).into(), title, categories }
    }
}

impl From<Product> for crate::Product {
    fn from(product: Product) -> Self {
        let Product { key, title, categories } = product;
        Self { key: key.into(), title, categories }
    }
}

impl From<&crate::Tariff> for Tariff {
    fn from(tariff: &crate::Tariff) -> Self {
        let crate::Tariff { products, quotas, prices, currency } = tariff.clone();
        Self { products: each(products), quotas: each(quotas), prices: each(prices), currency }
    }
}

impl From<Tariff> for Arc<crate::Tariff> {
    fn from(tariff: Tariff) -> Self {
        let Tariff { products, quotas, prices, currency } = tariff;
        let (products, quotas, prices) = (each(products), each(quotas), each(prices));
        Self::new(crate::Tariff { products, quotas, prices, currency })
    }
}

impl From<crate::TariffChange> for TariffChange {
    fn from(change: crate::TariffChange) -> Self {
        let crate::TariffChange { map, products, quotas, prices, currency } = change;
        let currency = currency.map(|within| within.map_or(CurrencyChange::None, CurrencyChange::Of));
        Self {
            map,
            products: products.map(each),
            quotas: quotas.map(each),
            prices: prices.map(each),
            currency,
        }
    }
}

impl From<TariffChange> for crate::TariffChange {
    fn from(change: TariffChange) -> Self {
        let TariffChange { map, products, quotas, prices, currency } = change;
        let within = |change| match change {
            CurrencyChange::Of(currency) => Some(currency),
            CurrencyChange::None => None,
        };
        Self {
            map,
            products: products.map(each),
            quotas: quotas.map(each),
            prices: prices.map(each),
            currency: currency.map(within),
        }
    }
}

impl From<crate::QuotaAsked> for QuotaAsked {
    fn from(quota: crate::QuotaAsked) -> Self {
        let crate::QuotaAsked { key, size, products } = quota;
        Self { key, size, products: products.iter().map(|key| (**key).into()).collect() }
    }
}

impl From<QuotaAsked> for crate::QuotaAsked {
    fn from(quota: QuotaAsked) -> Self {
        let QuotaAsked { key, size, products } = quota;
        Self { key, size, products: each(products) }
    }
}

impl From<crate::PriceAsked> for PriceAsked {
    fn from(price: crate::PriceAsked) -> Self {
        let crate::PriceAsked { product, category, amount, from, until } = price;
        Self { product: product.map(|key| (*key).into()), category, amount, from, until }
    }
}

impl From<PriceAsked> for crate::PriceAsked {
    fn from(price: PriceAsked) -> Self {
        let PriceAsked { product, category, amount, from, until } = price;
        Self { product: product.map(Box::into), category, amount, from, until }
    }
}

impl From<crate::Line> for Line {
    fn from(line: crate::Line) -> Self {
        let crate::Line { product, quantity } = line;
        Self { product: (*product).into(), quantity }
    }
}

impl From<Line> for crate::Line {
    fn from(line: Line) -> Self {
        let Line { product, quantity } = line;
        Self { product: product.into(), quantity }
    }
}

mirror!(Quota { key, size, products });
mirror!(Price { product, category, amount, from, until });
