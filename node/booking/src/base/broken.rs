//! Why saved parts are no entity: what was saved is not trusted.

use core::fmt;

use crate::base::invariant::Violation;

/// Why saved parts are no entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The bookings and those that are away, or an organizer's seatmaps, are not as many as the header says.
    Numbers,
    /// Two bookings, or two receipts, are of the same request.
    RequestTwice,
    /// The receipts' serials are not those of receipts made so far.
    Serials,
    /// A receipt is of a booking that does not exist.
    Receipt,
    /// The parts of the house are no house, or not how a house is sold, or there is none to have.
    House,
    /// The bookings do not add up to the header's counts.
    Counts,
    /// The intents, or what is kept of other entities' messages, are not those that the header says.
    Intents,
    /// The parts do not add up to the header's digest.
    Digest,
    /// The parts fit each other, but no entity can be like this.
    Impossible(Violation),
}

impl fmt::Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Numbers => out.write_str("saved records are missing or not the header's"),
            Self::RequestTwice => out.write_str("a request has two saved records"),
            Self::Serials => out.write_str("saved receipts are not the header's"),
            Self::Receipt => out.write_str("a saved receipt is of a booking that does not exist"),
            Self::House => out.write_str("the saved parts of a house are no house"),
            Self::Counts => out.write_str("saved bookings do not add up to the saved counts"),
            Self::Intents => out.write_str("saved intents are not the header's"),
            Self::Digest => out.write_str("saved parts do not add up to the saved digest"),
            Self::Impossible(violation) => write!(out, "saved state is impossible: {violation}"),
        }
    }
}

impl core::error::Error for Broken {}
