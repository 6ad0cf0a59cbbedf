//! A slot as it is saved: a header, one record a booking, one record a receipt.
//!
//! What follows from these is not saved but made again, and what was saved is not trusted: a slot comes back
//! only if its parts fit each other. Which bytes the parts become is said in [`stored`](crate::stored).

use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::digest::Digest;
use crate::invariant::{Invariant, Violation};
use crate::state::ledger::Ledger;
use crate::state::receipts::Receipts;
use crate::{
    Away, BookingRecord, Counts, Definition, Fingerprint, Number, ReceiptRecord, RequestKey, Seq, Slot,
    SlotId, Status, Timestamp,
};

/// The part of a slot that there is once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The slot.
    pub id: SlotId,
    /// What its organizer says of it.
    pub definition: Definition,
    /// The request that made it.
    pub origin: Origin,
    /// The latest change.
    pub seq: Seq,
    /// The latest stamp seen.
    pub stamp: Timestamp,
    /// Whether it is cancelled.
    pub cancelled: bool,
    /// How many bookings it has.
    pub bookings: u32,
    /// How many receipts it ever made.
    pub receipts_made: u64,
    /// Where its units are: the bookings must add up to this.
    pub counts: Counts,
    /// The digest of all of it: the parts must add up to this.
    pub digest: u64,
    /// What its organizer said of it when it was made; none if that is what the definition still is.
    pub made_as: Option<Arc<Definition>>,
    /// The loosest limit for one customer that it ever had; none if there was a time without one.
    pub loosest_limit: Option<u32>,
    /// Those of the bookings that have left memory: they need not be read for the slot to come back.
    pub away: Away,
}

/// The request that made a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The request.
    pub request: RequestKey,
    /// What it asked for.
    pub fingerprint: Fingerprint,
    /// When.
    pub at: Timestamp,
}

/// What is to be saved of a slot so that the saved one is like this one.
///
/// The parts belong together: a header with another moment's bookings is [`Broken`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The header, always.
    pub header: Header,
    /// Bookings made or changed, by number: put each in the place of its number's.
    pub bookings: Vec<BookingRecord>,
    /// Bookings that are over for long: move each from there to where those are that are away, and once it can be read
    /// there, tell [`Slot::let_go`].
    pub leaving: Vec<BookingRecord>,
    /// Receipts made: put each in the place of its request's.
    pub receipts: Vec<ReceiptRecord>,
    /// Requests whose receipts are forgotten: remove them, if they were ever saved.
    pub forgotten: Vec<RequestKey>,
}

/// Why saved parts are no slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The bookings and those that are away are not as many as the header says.
    Numbers,
    /// Two bookings, or two receipts, are of the same request.
    RequestTwice,
    /// The receipts' serials are not those of receipts made so far.
    Serials,
    /// A receipt is of a booking that does not exist.
    Receipt,
    /// The bookings do not add up to the header's counts.
    Counts,
    /// The parts do not add up to the header's digest.
    Digest,
    /// The parts fit each other, but no slot can be like this.
    Impossible(Violation),
}

impl fmt::Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Numbers => out.write_str("saved bookings are missing or not the header's"),
            Self::RequestTwice => out.write_str("a request has two saved records"),
            Self::Serials => out.write_str("saved receipts are not the header's"),
            Self::Receipt => out.write_str("a saved receipt is of a booking that does not exist"),
            Self::Counts => out.write_str("saved bookings do not add up to the saved counts"),
            Self::Digest => out.write_str("saved parts do not add up to the saved digest"),
            Self::Impossible(violation) => write!(out, "saved state is impossible: {violation}"),
        }
    }
}

impl core::error::Error for Broken {}

impl Slot {
    /// What changed since this was last called, or since the slot was restored. After any `apply` or `pulse`
    /// at least the header may have changed.
    ///
    /// Of the bookings that were over by `over_by` some leave with them, if there are any: the next call gives
    /// more.
    pub fn take_changes(&mut self, over_by: Timestamp) -> Changes {
        let (receipts, forgotten) = self.receipts.take_changed();
        let bookings = self.ledger.bookings_mut();
        let leaving = bookings.take_leaving(over_by);
        let changed = bookings.take_changed();
        Changes { header: self.header(), bookings: changed, leaving, receipts, forgotten }
    }

    /// The slot that these parts are, in whatever order they come; bookings that are away are none of them.
    pub fn restore(
        header: Header,
        bookings: impl Iterator<Item = BookingRecord>,
        receipts: impl Iterator<Item = ReceiptRecord>,
    ) -> Result<Self, Broken> {
        let (mut bookings, mut receipts) = (bookings.collect::<Vec<_>>(), receipts.collect::<Vec<_>>());
        bookings.sort_unstable_by_key(|booking| booking.number);
        receipts.sort_unstable_by_key(|receipt| receipt.serial);
        check_bookings(&header, &bookings)?;
        let here = bookings.len();
        check_receipts(&header, &receipts)?;
        let slot = Self {
            id: header.id,
            definition_digest: header.definition.digest(),
            origin: header.origin,
            seq: header.seq,
            stamp: header.stamp,
            cancelled: header.cancelled,
            ledger: Ledger::restore(&header.definition, bookings, Number(header.bookings), header.away),
            receipts: Receipts::restore(receipts, header.receipts_made),
            definition: Arc::new(header.definition),
            made_as: header.made_as,
            loosest_limit: header.loosest_limit,
        };
        if slot.ledger.bookings().requests() != here {
            return Err(Broken::RequestTwice);
        }
        if slot.digest() != header.digest {
            return Err(Broken::Digest);
        }
        // The other invariants follow from how the slot was just made.
        let suspects = [Invariant::NothingIdle, Invariant::NoGap, Invariant::Deadlines];
        match suspects.into_iter().find(|invariant| !invariant.holds(&slot)) {
            Some(invariant) => Err(Broken::Impossible(Violation(invariant))),
            None => Ok(slot),
        }
    }

    /// The part of the slot that there is once.
    fn header(&self) -> Header {
        Header {
            id: self.id,
            definition: Definition::clone(&self.definition),
            origin: self.origin,
            seq: self.seq,
            stamp: self.stamp,
            cancelled: self.cancelled,
            bookings: self.ledger.bookings().latest().0,
            receipts_made: self.receipts.made(),
            counts: self.ledger.counts(),
            digest: self.digest(),
            made_as: self.made_as.clone(),
            loosest_limit: self.loosest_limit,
            away: self.ledger.bookings().away(),
        }
    }

    /// A number that stands for everything in the header but sums.
    pub(crate) fn header_digest(&self) -> u64 {
        Digest::new("slot")
            .word(self.id.partition.get())
            .wide(self.id.hash)
            .word(self.definition_digest)
            .wide(self.origin.request.0)
            .word(self.origin.fingerprint.0)
            .word(self.origin.at.0)
            .word(self.seq.0)
            .word(self.stamp.0)
            .word(u64::from(self.cancelled))
            .word(self.receipts.made())
            .option(self.made_as.as_ref(), |digest, made_as| digest.word(made_as.digest()))
            .option(self.loosest_limit, Digest::word)
            .finish()
    }
}

/// Bookings that can be entered: without this the ledger, which trusts its rules, would panic.
fn check_bookings(header: &Header, bookings: &[BookingRecord]) -> Result<(), Broken> {
    let ascending = bookings.is_sorted_by(|one, next| one.number < next.number);
    let numbers = 1..=header.bookings;
    let within = bookings.iter().all(|booking| numbers.contains(&booking.number.0));
    if !ascending
        || !within
        || bookings.len() as u64 + u64::from(header.away.bookings) != u64::from(header.bookings)
    {
        return Err(Broken::Numbers);
    }
    let units = |status| {
        let like_this = bookings.iter().filter(|booking| booking.standing.status() == status);
        like_this.map(|booking| u64::from(booking.quantity)).sum::<u64>()
    };
    let counts = &header.counts;
    let waiting = bookings.iter().filter(|booking| booking.standing.status() == Status::Waitlisted).count();
    let (held, offered, confirmed) =
        (u64::from(counts.held), u64::from(counts.offered), u64::from(counts.confirmed));
    let add_up = units(Status::Held) == held
        && units(Status::Offered) == offered
        && units(Status::Confirmed) == confirmed
        && u64::from(counts.free) + held + offered + confirmed == u64::from(counts.capacity)
        && counts.capacity == header.definition.capacity
        && waiting == counts.waitlisted as usize;
    if add_up { Ok(()) } else { Err(Broken::Counts) }
}

/// Receipts that can be answered from.
fn check_receipts(header: &Header, receipts: &[ReceiptRecord]) -> Result<(), Broken> {
    let ascending = receipts.is_sorted_by(|one, next| one.serial < next.serial);
    if !ascending || receipts.last().is_some_and(|last| header.receipts_made <= last.serial) {
        return Err(Broken::Serials);
    }
    let requests = receipts.iter().map(|receipt| receipt.request).collect::<BTreeSet<_>>();
    if requests.len() != receipts.len() {
        return Err(Broken::RequestTwice);
    }
    let known = |receipt: &ReceiptRecord| {
        receipt.answer.booking().is_none_or(|number| (1..=header.bookings).contains(&number.0))
    };
    if receipts.iter().all(known) { Ok(()) } else { Err(Broken::Receipt) }
}
