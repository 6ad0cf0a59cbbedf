//! A connection, from when it is accepted until it is hung up.

pub(crate) mod accept;
pub(crate) mod admin_service;
mod client_stream;
pub(crate) mod fast_path;
pub(crate) mod hyper_lease;
pub(crate) mod peer_service;
pub(crate) mod starting;
