//! HTTP, room by room.
//!
//! ```text
//!   connection ──► routes ──► guard ──► app ──► convert, request, response
//! ```
//!
//! A *connection* is accepted and spoken on; a *route* answers one kind of request, behind the *guard*, with what every handler
//! shares, the *app*; a *request* is read and a *response* written; what one says is *converted* into the words of the rules. What is about something of which this node has no
//! replica is *passed on*, and streams of it that many read are *watched* once for all.

pub(crate) mod app;
pub(crate) mod connection;
pub(crate) mod convert;
pub(crate) mod guard;
pub(crate) mod passing;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod routes;
#[cfg(test)]
mod tests;
pub(crate) mod watching;
