//! What is asked of a slot.

use alloc::boxed::Box;

use serde::{Deserialize, Serialize};

use super::change::SlotChange;
use super::definition::Definition;
use crate::{Fingerprint, Mode, RequestKey, SlotId, WhenFull, Wish};

/// One request to one slot.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    slot: SlotId,
    key: RequestKey,
    fingerprint: Fingerprint,
    command: Command,
}

/// What is asked.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) enum Command {
    CreateSlot(Box<Definition>),
    CancelSlot,
    Book(Book),
    CancelBooking(Act),
    ConfirmBooking(Act),
    ExtendHold(Extend),
    AcceptOffer(Act),
    DeclineOffer(Act),
    ChangeSlot(Box<SlotChange>),
}

/// Book places, or wait for them.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Book {
    customer: Box<str>,
    quantity: u32,
    mode: Mode,
    hold_seconds: Option<u32>,
    when_full: WhenFull,
}

/// Somebody acts on a booking.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Act {
    booking: RequestKey,
    by: Party,
}

/// Somebody makes a hold last longer.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Extend {
    act: Act,
    hold_seconds: u32,
}

/// Who acts on a booking.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) enum Party {
    Customer(Box<str>),
    Organizer,
}

impl From<crate::Request> for Request {
    #[inline]
    fn from(request: crate::Request) -> Self {
        let crate::Request { slot, key, fingerprint, command } = request;
        Self { slot, key, fingerprint, command: command.into() }
    }
}

impl From<Request> for crate::Request {
    #[inline]
    fn from(request: Request) -> Self {
        let Request { slot, key, fingerprint, command } = request;
        Self { slot, key, fingerprint, command: command.into() }
    }
}

impl From<crate::Command> for Command {
    #[inline]
    fn from(command: crate::Command) -> Self {
        use crate::Command;
        match command {
            Command::CreateSlot(new) => Self::CreateSlot(Box::new(new.definition.into())),
            Command::CancelSlot => Self::CancelSlot,
            Command::Book(book) => Self::Book(book.into()),
            Command::CancelBooking(act) => Self::CancelBooking(act.into()),
            Command::ConfirmBooking(act) => Self::ConfirmBooking(act.into()),
            Command::ExtendHold(extend) => Self::ExtendHold(extend.into()),
            Command::AcceptOffer(act) => Self::AcceptOffer(act.into()),
            Command::DeclineOffer(act) => Self::DeclineOffer(act.into()),
            Command::ChangeSlot(change) => Self::ChangeSlot(Box::new((*change).into())),
            Command::ChangeQuantity(_)
            | Command::SwapSeats(_)
            | Command::ChangeSale(_)
            | Command::MoveBooking(_)
            | Command::ExtendHours(_) => unreachable!("the first version does not have it"),
        }
    }
}

impl From<Command> for crate::Command {
    #[inline]
    fn from(command: Command) -> Self {
        match command {
            Command::CreateSlot(definition) => {
                Self::CreateSlot(Box::new(crate::Definition::from(*definition).into()))
            }
            Command::CancelSlot => Self::CancelSlot,
            Command::Book(book) => Self::Book(book.into()),
            Command::CancelBooking(act) => Self::CancelBooking(act.into()),
            Command::ConfirmBooking(act) => Self::ConfirmBooking(act.into()),
            Command::ExtendHold(extend) => Self::ExtendHold(extend.into()),
            Command::AcceptOffer(act) => Self::AcceptOffer(act.into()),
            Command::DeclineOffer(act) => Self::DeclineOffer(act.into()),
            Command::ChangeSlot(change) => Self::ChangeSlot(Box::new((*change).into())),
        }
    }
}

impl From<crate::Book> for Book {
    #[inline]
    fn from(book: crate::Book) -> Self {
        let crate::Book { customer, wish, mode, hold_seconds, when_full, basket } = book;
        assert!(basket.is_none(), "the first version knows nothing of products");
        let Wish::Units(quantity) = wish else { unreachable!("the first version knows units alone") };
        Self { customer, quantity, mode, hold_seconds, when_full }
    }
}

impl From<Book> for crate::Book {
    #[inline]
    fn from(book: Book) -> Self {
        let Book { customer, quantity, mode, hold_seconds, when_full } = book;
        Self { customer, wish: Wish::Units(quantity), mode, hold_seconds, when_full, basket: None }
    }
}

impl From<crate::Act> for Act {
    #[inline]
    fn from(act: crate::Act) -> Self {
        let crate::Act { booking, by } = act;
        Self { booking, by: by.into() }
    }
}

impl From<Act> for crate::Act {
    #[inline]
    fn from(act: Act) -> Self {
        let Act { booking, by } = act;
        Self { booking, by: by.into() }
    }
}

impl From<crate::Extend> for Extend {
    fn from(extend: crate::Extend) -> Self {
        let crate::Extend { act, hold_seconds } = extend;
        Self { act: act.into(), hold_seconds }
    }
}

impl From<Extend> for crate::Extend {
    fn from(extend: Extend) -> Self {
        let Extend { act, hold_seconds } = extend;
        Self { act: act.into(), hold_seconds }
    }
}

impl From<crate::Party> for Party {
    #[inline]
    fn from(party: crate::Party) -> Self {
        match party {
            crate::Party::Customer(customer) => Self::Customer(customer),
            crate::Party::Organizer => Self::Organizer,
        }
    }
}

impl From<Party> for crate::Party {
    #[inline]
    fn from(party: Party) -> Self {
        match party {
            Party::Customer(customer) => Self::Customer(customer),
            Party::Organizer => Self::Organizer,
        }
    }
}
