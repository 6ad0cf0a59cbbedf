//! Who has what and who leads what: plans, which are data made of data. Whoever carries one out looks again before each step.

mod leaders;
mod plan;

pub use leaders::LeaderMove;
pub(crate) use leaders::{Led, balance};
pub use plan::{Site, Standing, Step, World, plan, steps};
