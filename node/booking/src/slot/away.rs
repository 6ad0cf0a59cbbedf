//! Bookings that have left memory: which of them are needed, and how they come and go.
//!
//! Whoever owns a slot brings back what a request or a reader may need before the rules are asked, so that
//! the rules never know who is away.

use crate::{Booking, Message, Number, ReceiptRecord, Reference, Request, RequestKey, Slot, Timestamp};

/// A booking that is not in memory, and how it is found where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// The one that this request made, if it made one.
    MadeBy(RequestKey),
    /// The one with this number.
    Numbered(Number),
}

impl Slot {
    /// How many bookings are in memory to stay.
    pub fn in_memory(&self) -> u32 {
        self.ledger.bookings().latest().0 - self.away()
    }

    /// How many bookings have left memory.
    pub fn away(&self) -> u32 {
        self.ledger.bookings().away().bookings
    }

    /// Since when the first booking is over that has not left.
    pub fn first_over(&self) -> Option<Timestamp> {
        self.ledger.bookings().first_over()
    }

    /// What must be brought back, if it is anywhere, before what was answered to a request and what became of
    /// the booking that it made can be told.
    pub fn absent(&self, request: RequestKey) -> Option<Absent> {
        let bookings = self.ledger.bookings();
        if bookings.away().bookings == 0 || bookings.by_request(request).is_some() {
            return None;
        }
        match self.base.receipts.get(request) {
            Some(ReceiptRecord { answer, .. }) => {
                answer.booking().filter(|&number| bookings.find(number).is_none()).map(Absent::Numbered)
            }
            None => Some(Absent::MadeBy(request)),
        }
    }

    /// What must be brought back, if it is anywhere, before a request is applied.
    pub fn absent_for(&self, request: &Request) -> impl Iterator<Item = Absent> + use<> {
        let answer = self.absent(request.key);
        let booking = request.command.booking().and_then(|booking| self.absent(booking));
        answer.into_iter().chain(booking)
    }

    /// What must be brought back, if it is anywhere, before a message is applied.
    pub fn absent_for_message(&self, message: &Message) -> Option<Absent> {
        match message {
            Message::Book(promised) => self.absent(promised.request),
            Message::TakeBack { booking, .. } => self.absent(*booking),
            // What an order asks for is new, or not over.
            Message::Collect(_)
            | Message::Act(_)
            | Message::Overdue(_)
            | Message::Lost(_)
            | Message::Pay(_)
            | Message::Acknowledge
            | Message::Ended(_) => None,
            #[cfg(feature = "rehearsal")]
            Message::Give { .. } | Message::Reclaim { .. } => None,
        }
    }

    /// Brings a booking back that is away. Nothing that can be seen of the slot changes.
    pub fn recall(&mut self, booking: Booking) {
        self.ledger.bookings_mut().recall(booking);
    }

    /// Forgets bookings that are away and were brought back, or can be read where they are by now.
    pub fn let_go(&mut self, numbers: &[Number]) {
        for &number in numbers {
            self.ledger.bookings_mut().let_go(number);
        }
    }

    /// The number that a reference stands for, if it can be some booking's.
    pub fn number_of(&self, reference: Reference) -> Option<Number> {
        reference.number(self.definition.secret)
    }
}
