//! An entity on disk: its records, a slot's house in parts, its feed in pages of a few dozen steps, and bookings that have left memory, in the archive.

pub(crate) mod archive;
mod base;
mod fault;
mod head;
mod houses;
mod keys;
mod pages;
mod records;
pub(crate) mod retention;
mod rows;
pub(crate) mod seatmaps;
mod stored;
mod unreadable;
pub(crate) mod whole;

pub(crate) use self::fault::{
    backlog, backlog_piece, fault, fault_piece, faulted, no_backlog_piece, no_fault_piece,
};
#[cfg(test)]
pub(crate) use self::head::HEADS_READ;
pub(crate) use self::head::{Head, Header, heads, slot_header};
#[cfg(test)]
pub(crate) use self::keys::{BOOKING, PAST, RECEIPT, SALE};
#[cfg(test)]
pub(crate) use self::pages::feed_pieces;
pub(crate) use self::pages::{decode_record, encode_record, feed};
pub(crate) use self::records::{customers, entity, pieces};
pub(crate) use self::unreadable::Unreadable;
