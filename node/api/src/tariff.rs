//! What a slot sells beside places: products, quotas of them, and prices.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Time;
use crate::whole;

/// What can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Its name for programs: 1 to 32 characters without `/`, `,` and control characters; no two have the same.
    #[schema(min_length = 1, max_length = 32)]
    pub key: String,
    /// Its name for people, up to 200 characters. Left out: the key.
    #[serde(default)]
    #[schema(required = false, max_length = 200)]
    pub title: String,
    /// The keys of the categories in which it is sold; null: all of them, and where the slot has units.
    #[serde(default)]
    #[schema(max_items = 64)]
    pub categories: Option<Vec<String>>,
}

/// How many places there are of some products together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Its name for programs: 1 to 32 characters without `/`, `,` and control characters; no two have the same.
    #[schema(min_length = 1, max_length = 32)]
    pub key: String,
    /// 0 to 10,000,000, and never below what is held, offered and confirmed of its products.
    #[serde(deserialize_with = "whole::read")]
    #[schema(maximum = 10_000_000)]
    pub size: u32,
    /// The keys of its products.
    #[schema(min_items = 1, max_items = 64)]
    pub products: Vec<String>,
}

/// What a place costs. The first that is for it and open holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Of the product with this key; null: of any.
    #[serde(default)]
    #[schema(max_length = 32)]
    pub product: Option<String>,
    /// In the category with this key; null: in any, and where the slot has units.
    #[serde(default)]
    #[schema(max_length = 32)]
    pub category: Option<String>,
    /// In minor units: 0 to 1,000,000,000,000.
    #[serde(deserialize_with = "whole::read")]
    #[schema(maximum = 1_000_000_000_000_u64)]
    pub amount: u64,
    /// From when on; null: always.
    #[serde(default)]
    pub from: Option<Time>,
    /// Until when, the moment itself not included, and after `from`; null: for ever.
    #[serde(default)]
    pub until: Option<Time>,
}

/// So many places of one product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The product's key.
    #[schema(min_length = 1, max_length = 32)]
    pub product: String,
    /// How many places.
    #[serde(deserialize_with = "whole::read")]
    #[schema(minimum = 1, maximum = 1_000)]
    pub quantity: u32,
}
