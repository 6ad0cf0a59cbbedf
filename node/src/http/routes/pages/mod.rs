//! What a browser gets: pages that the node writes, which can be read as they are and which the shop's script makes live, and the files
//! that they name.
//!
//! A page shows what everyone may know, and reads no cookie: whatever stands between may keep it for a moment. What is somebody's own is
//! asked for by the page's script, but for a booking, which is printed as a ticket.

pub(super) mod assets;
pub(super) mod booking;
pub(super) mod list;
pub(super) mod own;
mod qr;
mod security;
mod shell;
pub(super) mod slot;
mod times;
mod words;
