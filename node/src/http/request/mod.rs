//! A request: who asks, from where, how often, and what is said.

pub(crate) mod address;
mod brackets;
pub(crate) mod call;
pub(crate) mod caller;
pub(crate) mod cors;
pub(crate) mod head;
pub(crate) mod key_set;
pub(crate) mod large;
pub(crate) mod limits;
pub(crate) mod lists;
pub(crate) mod negotiation;
pub(crate) mod policy;
pub(crate) mod rate;
pub(crate) mod session;
pub(crate) mod timeouts;
pub(crate) mod wellformed;
