//! Who has what and who leads what: plans, which are data made of data, and the record of what is to be. Whoever carries one out looks again before each step.

mod advance;
mod leaders;
mod plan;
mod record;

pub(crate) use advance::{Seated, advance};
pub use leaders::LeaderMove;
pub(crate) use leaders::{Led, balance};
pub use plan::{Site, Standing, Step, World, plan, steps};
pub use record::Placement;
pub(crate) use record::{PLACED, PlacementRecord};
