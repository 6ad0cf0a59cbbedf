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

mirror!(Definition { organizer, placement, title, starts_at, ends_at, sale, stock, policy, secret });
