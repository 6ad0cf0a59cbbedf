//! What may be asked of a slot.
//!
//! Bounds and spelling are tested where HTTP is converted; here every value has a meaning.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::base::request::RequestIdentity;
use crate::{
    Asker, ChangeSale, Content, Fingerprint, Line, NewSlot, OpeningsOf, RangeWish, RequestKey, SeatsWish,
    SlotChange, SlotId, Swap, Timestamp,
};

/// One request to one slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The slot that is asked.
    pub slot: SlotId,
    /// Who asks, and which of their requests this is.
    pub key: RequestKey,
    /// What is asked, as a hash: the same key with another fingerprint is a key used twice.
    pub fingerprint: Fingerprint,
    /// What is asked.
    pub command: Command,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Make the slot. Boxed: rare, and many times the size of the others.
    CreateSlot(Box<NewSlot>),
    /// End the slot and every live booking of it.
    CancelSlot,
    /// Book places, or wait for them.
    Book(Book),
    /// Give a booking back.
    CancelBooking(Act),
    /// Make a hold firm.
    ConfirmBooking(Act),
    /// Make a hold last longer.
    ExtendHold(Extend),
    /// Take what is offered.
    AcceptOffer(Act),
    /// Turn down what is offered.
    DeclineOffer(Act),
    /// Change what the slot is. Boxed, as its making is.
    ChangeSlot(Box<SlotChange>),
    /// Give some of a booking's places back.
    ChangeQuantity(ChangeQuantity),
    /// Give seats of a booking for others. Boxed: rare, and larger than the others.
    SwapSeats(Box<SwapSeats>),
    /// Sell seats otherwise. Boxed likewise.
    ChangeSale(Box<ChangeSale>),
    /// Give a booking another range. Boxed likewise.
    MoveBooking(Box<MoveBooking>),
    /// Go on with openings of a calendar that were not known yet. Boxed likewise.
    ExtendHours(Box<OpeningsOf>),
}

/// Somebody wants another range than a booking has. What is left out stays.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::option_option, reason = "what is left out stays, and none within is any resource")]
pub struct MoveBooking {
    /// Which, and who asks.
    pub act: Act,
    /// From when.
    pub from: Option<Timestamp>,
    /// Until when.
    pub to: Option<Timestamp>,
    /// On which resource; none within is any.
    pub resource: Option<Option<Box<str>>>,
}

impl Request {
    /// Which request it is.
    pub(crate) const fn identity(&self) -> RequestIdentity {
        RequestIdentity { key: self.key, fingerprint: self.fingerprint }
    }
}

impl Command {
    /// The booking that is acted on, if any.
    pub(crate) const fn booking(&self) -> Option<RequestKey> {
        match self {
            Self::CancelBooking(act)
            | Self::ConfirmBooking(act)
            | Self::AcceptOffer(act)
            | Self::DeclineOffer(act)
            | Self::ExtendHold(Extend { act, .. })
            | Self::ChangeQuantity(ChangeQuantity { act, .. }) => Some(act.booking),
            Self::SwapSeats(swap) => Some(swap.act.booking),
            Self::MoveBooking(asked) => Some(asked.act.booking),
            Self::CreateSlot(_)
            | Self::ChangeSlot(_)
            | Self::CancelSlot
            | Self::Book(_)
            | Self::ChangeSale(_)
            | Self::ExtendHours(_) => None,
        }
    }
}

/// Book places, or wait for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    /// For whom.
    pub customer: Box<str>,
    /// What is asked for: all of it or none.
    pub wish: Wish,
    /// What the booking becomes when its places are given.
    pub mode: Mode,
    /// How long a hold is wished, in seconds; none is the slot's own, and more than the slot's maximum is cut
    /// to it.
    pub hold_seconds: Option<u32>,
    /// What to do if there is no room.
    pub when_full: WhenFull,
    /// As what the places are asked for; none of a slot that sells nothing in particular, for nothing. Boxed: rare.
    pub basket: Option<Box<Basket>>,
}

/// As what places are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basket {
    /// Of which products, each once; of none where the slot has none.
    pub lines: Vec<Line>,
    /// What the caller expects all of it to cost, in minor units.
    pub expect_amount: Option<u64>,
    /// Who asks: what an organizer books need not be paid for first.
    pub by: Asker,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// So many units.
    Units(u32),
    /// Seats. Boxed: a wish for units is to be small.
    Seats(Box<SeatsWish>),
    /// A range of time. Boxed likewise.
    Range(Box<RangeWish>),
}

/// What a booking becomes when its places are given. A word of the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Mode {
    /// Confirmed at once, unless only the organizer confirms.
    Confirm,
    /// Held until a deadline.
    Hold,
}

/// What to do if there is no room. A word of the disk: only added to, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum WhenFull {
    /// Join the waitlist.
    Waitlist,
    /// Refuse.
    Refuse,
}

/// Somebody acts on a booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The booking, by the request that made it.
    pub booking: RequestKey,
    /// Who asks: the rules for customers are stricter.
    pub by: Party,
}

/// Somebody makes a hold last longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extend {
    /// Which, and who asks.
    pub act: Act,
    /// How long from now on, in seconds; more than the slot's maximum from the hold's beginning is cut to it.
    pub hold_seconds: u32,
}

/// Somebody gives some of a booking's places back, or wants fewer of those that are waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeQuantity {
    /// Which, and who asks.
    pub act: Act,
    /// How many units are left. A booking of none would be one that is cancelled.
    pub quantity: NonZeroU32,
    /// Of which products how many; of none where it is of one, or of nothing in particular.
    pub lines: Vec<Line>,
}

/// Somebody wants other seats than a booking has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwapSeats {
    /// Which, and who asks.
    pub act: Act,
    /// By which map seats are numbered.
    pub map: Content,
    /// What is given for what.
    pub swap: Swap,
}

/// Who acts on a booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Party {
    /// A customer, who may touch only what is theirs.
    Customer(Box<str>),
    /// The slot's organizer.
    Organizer,
}
