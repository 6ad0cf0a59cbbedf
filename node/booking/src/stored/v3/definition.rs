//! What an organizer says of a slot of seats.

use alloc::boxed::Box;

use serde::{Deserialize, Serialize};

use super::seats::SinglesPolicy;
use crate::stored::v1::definition::{Policy, Sale};
use crate::{Content, Secret, Timestamp};

/// A slot as its organizer defined it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Definition {
    organizer: Box<str>,
    placement: Option<Box<str>>,
    title: Box<str>,
    starts_at: Timestamp,
    ends_at: Timestamp,
    sale: Sale,
    stock: Stock,
    policy: Policy,
    secret: Secret,
}

/// What it has to give out. The first version has the slots of units.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stock {
    Seats { map: Content, singles: SinglesPolicy },
}

impl From<crate::Stock> for Stock {
    fn from(stock: crate::Stock) -> Self {
        let crate::Stock::Seats(crate::SeatsStock { map, singles }) = stock else {
            unreachable!("the first version has the slots of units")
        };
        Self::Seats { map, singles: singles.into() }
    }
}

impl From<Stock> for crate::Stock {
    fn from(stock: Stock) -> Self {
        let Stock::Seats { map, singles } = stock;
        Self::Seats(crate::SeatsStock { map, singles: singles.into() })
    }
}

impl From<crate::Definition> for Definition {
    fn from(definition: crate::Definition) -> Self {
        let crate::Definition {
            organizer,
            placement,
            title,
            starts_at,
            ends_at,
            sale,
            stock,
            tariff,
            policy,
            secret,
        } = definition;
        assert!(tariff.is_none(), "the fourth version has what sells something in particular");
        let (sale, stock, policy) = (sale.into(), stock.into(), policy.into());
        Self { organizer, placement, title, starts_at, ends_at, sale, stock, policy, secret }
    }
}

impl From<Definition> for crate::Definition {
    fn from(definition: Definition) -> Self {
        let Definition { organizer, placement, title, starts_at, ends_at, sale, stock, policy, secret } =
            definition;
        let (sale, stock, policy) = (sale.into(), stock.into(), policy.into());
        Self { organizer, placement, title, starts_at, ends_at, sale, stock, tariff: None, policy, secret }
    }
}
