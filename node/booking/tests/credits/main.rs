//! What is sold on account: tables for every rule of packages, promises and what becomes of them.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped fails the test")]

mod kept;
mod network;
mod orders;
mod outcomes;
mod packages;
mod payments;
mod random;
mod saga_moves;
mod saga_random;
mod sagas;
mod stage;
mod vouchers;
mod world;
