//! What an operator may decide.
//!
//! A [`Config`] is made of four layers, each over the one before: the defaults, the file (TOML), the environment
//! (`BOXOFFICE_NODE__DATA` is `node.data`), and the flags of the command line ([`Overrides`]). [`Config::load`] lays
//! them, refuses what it does not know, checks what a type cannot say, and remembers where every value came from. The
//! structs under it are the manual: each field says what it means, its bounds and its default.
//!
//! *Invariants.* This crate knows no other crate of the house and nothing asynchronous. No secret stands in a
//! configuration, only the names of files that hold one; a [`Secret`] cannot be printed or serialised. Nothing here
//! may change what a replica computes: the rules take nothing from a configuration.

mod sections;

mod check;
mod load;

mod net;
mod origin;

mod error;
mod secret;

pub use error::Error;
pub use load::{Loaded, Overrides, Setting};
pub use net::Net;
pub use secret::Secret;
pub use sections::{
    Algorithm, Auth, Cluster, Config, Key, Limits, Listen, Node, PeerSpeaks, PeerTls, RateLimit, Tls,
};
