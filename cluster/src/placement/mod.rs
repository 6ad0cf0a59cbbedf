//! Who leads what: plans, which are data made of data. Whoever carries one out looks again before each step.

mod leaders;

pub use leaders::LeaderMove;
pub(crate) use leaders::{Led, balance};
