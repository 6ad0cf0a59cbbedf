//! What a slot is made of.

use alloc::sync::Arc;

use crate::{Definition, Plan, Stock};

/// What a slot is made of: one of seats comes with its house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSlot {
    pub(crate) definition: Definition,
    pub(crate) plan: Option<Arc<Plan>>,
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
