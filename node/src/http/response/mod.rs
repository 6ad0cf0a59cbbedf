//! A response: an answer, or a problem.

pub(crate) mod answer;
pub(crate) mod problem;
pub(crate) mod written;
