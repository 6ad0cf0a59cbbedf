//! What a slot has to give out, as its organizer says it, and what a slot is made of.

use alloc::sync::Arc;

use crate::digest::Digest;
use crate::{Content, Definition, Plan, SinglesPolicy};

/// What a slot has to give out. Its kind never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stock {
    /// Places that are all alike.
    Units {
        /// How many, 0 to 10,000,000.
        capacity: u32,
    },
    /// Numbered seats.
    Seats(SeatsStock),
}

/// Numbered seats, as an organizer says it. The house itself is the inventory's: this is written with whatever changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatsStock {
    /// The map by which the seats are numbered.
    pub map: Content,
    /// What is held of single seats.
    pub singles: SinglesPolicy,
}

/// What a slot is made of: one of seats comes with its house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSlot {
    pub(crate) definition: Definition,
    pub(crate) plan: Option<Arc<Plan>>,
}

impl Stock {
    /// Mixes this into a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        match self {
            Self::Units { capacity } => digest.word(*capacity),
            Self::Seats(SeatsStock { map, singles }) => digest
                .text("seats")
                .wide(map.0)
                .word(singles.singles as u32)
                .word(singles.aisles as u32)
                .word(singles.scope as u32),
        }
    }
}

impl NewSlot {
    /// What its organizer says of it.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// A slot of seats, of this house.
    pub fn of_seats(definition: Definition, plan: Arc<Plan>) -> Self {
        assert!(matches!(definition.stock, Stock::Seats(_)), "a house is of seats");
        Self { definition, plan: Some(plan) }
    }
}

impl From<Definition> for NewSlot {
    /// A slot of units.
    fn from(definition: Definition) -> Self {
        assert!(matches!(definition.stock, Stock::Units { .. }), "a slot of seats comes with its house");
        Self { definition, plan: None }
    }
}
