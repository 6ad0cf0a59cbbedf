//! A slot on disk: its records, its feed in pages of a few dozen steps, and bookings that have left memory, in the archive.

pub(crate) mod archive;
mod keys;
mod pages;
mod records;
pub(crate) mod retention;
mod rows;
mod stored;
mod unreadable;

#[cfg(test)]
pub(crate) use self::keys::RECEIPT;
#[cfg(test)]
pub(crate) use self::pages::feed_pieces;
pub(crate) use self::pages::{decode_record, encode_record, feed};
#[cfg(test)]
pub(crate) use self::records::HEADS_READ;
pub(crate) use self::records::{
    Head, backlog, backlog_piece, fault, fault_piece, faulted, head, heads, no_backlog_piece, no_fault_piece,
    pieces, slot,
};
pub(crate) use self::unreadable::Unreadable;
