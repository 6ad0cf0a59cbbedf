//! What a slot is made of.

use alloc::sync::Arc;

use crate::{Definition, Openings, Plan, Stock};

/// What a slot is made of: one of seats comes with its house, and a calendar with its openings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSlot {
    pub(crate) definition: Definition,
    pub(crate) plan: Option<Arc<Plan>>,
    pub(crate) openings: Option<Openings>,
}

impl NewSlot {
    /// What its organizer says of it.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// A slot of seats, of this house.
    pub fn of_seats(definition: Definition, plan: Arc<Plan>) -> Self {
        assert!(matches!(definition.stock, Stock::Seats(_)), "a house is of seats");
        Self { definition, plan: Some(plan), openings: None }
    }

    /// A calendar, with its openings.
    pub fn of_calendar(definition: Definition, openings: Openings) -> Self {
        assert!(matches!(definition.stock, Stock::Calendar(_)), "openings are a calendar's");
        Self { definition, plan: None, openings: Some(openings) }
    }
}

impl From<Definition> for NewSlot {
    /// A slot of units.
    fn from(definition: Definition) -> Self {
        assert!(matches!(definition.stock, Stock::Units { .. }), "all others come with more");
        Self { definition, plan: None, openings: None }
    }
}
