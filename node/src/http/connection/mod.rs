//! A connection, from when it is accepted until it is hung up.

pub(crate) mod accept;
pub(crate) mod admin_service;
pub(crate) mod fast_path;
mod line;
pub(crate) mod turn;
