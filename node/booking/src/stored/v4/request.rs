//! What is asked of a slot that sells something in particular, or is to.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::definition::Definition;
use super::tariff::{Line, TariffChange};
use crate::stored::each::each;
use crate::stored::v1::request::Act;
use crate::stored::v3;
use crate::stored::v3::house::Plan;
use crate::stored::v3::seats::{Best, Pick};
use crate::{
    Asker, Basket, Content, Fingerprint, Mode, RequestKey, SeatsAsked, SeatsWish, SlotId, WhenFull, Wish,
};

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
enum Command {
    CreateSlot(Box<NewSlot>),
    Book(Box<Book>),
    ChangeSlot(Box<SlotChange>),
    ChangeQuantity(Box<ChangeQuantity>),
}

/// A slot that sells something in particular.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct NewSlot {
    definition: Definition,
    plan: Option<Plan>,
}

/// Book places as something, or wait for them.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Book {
    customer: Box<str>,
    asked: Asked,
    lines: Vec<Line>,
    expect_amount: Option<u64>,
    by: Asker,
    mode: Mode,
    hold_seconds: Option<u32>,
    when_full: WhenFull,
}

/// Which places are asked for.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Asked {
    Units(u32),
    Pick { map: Content, by: Asker, pick: Pick },
    Best { map: Content, by: Asker, best: Best },
}

/// What is changed of a slot.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SlotChange {
    change: v3::request::SlotChange,
    tariff: TariffChange,
}

/// Somebody gives some of a booking's places back, of these products.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ChangeQuantity {
    act: Act,
    quantity: NonZeroU32,
    lines: Vec<Line>,
}

impl From<crate::Command> for Command {
    fn from(command: crate::Command) -> Self {
        use crate::Command;
        match command {
            Command::CreateSlot(new) => Self::CreateSlot(Box::new((*new).into())),
            Command::Book(book) => Self::Book(Box::new(book.into())),
            Command::ChangeSlot(change) => Self::ChangeSlot(Box::new((*change).into())),
            Command::ChangeQuantity(change) => Self::ChangeQuantity(Box::new(change.into())),
            Command::CancelSlot
            | Command::CancelBooking(_)
            | Command::ConfirmBooking(_)
            | Command::ExtendHold(_)
            | Command::AcceptOffer(_)
            | Command::DeclineOffer(_)
            | Command::SwapSeats(_)
            | Command::ChangeSale(_) => unreachable!("the versions before have the others"),
            Command::MoveBooking(_) | Command::ExtendHours(_) => {
                unreachable!("the fifth version has these")
            }
        }
    }
}

impl From<Command> for crate::Command {
    fn from(command: Command) -> Self {
        match command {
            Command::CreateSlot(new) => Self::CreateSlot(Box::new((*new).into())),
            Command::Book(book) => Self::Book((*book).into()),
            Command::ChangeSlot(change) => Self::ChangeSlot(Box::new((*change).into())),
            Command::ChangeQuantity(change) => Self::ChangeQuantity((*change).into()),
        }
    }
}

impl From<crate::NewSlot> for NewSlot {
    fn from(new: crate::NewSlot) -> Self {
        let crate::NewSlot { definition, plan, openings } = new;
        assert!(openings.is_none(), "the fifth version has calendars");
        Self { definition: definition.into(), plan: plan.map(Plan::from) }
    }
}

impl From<NewSlot> for crate::NewSlot {
    fn from(new: NewSlot) -> Self {
        let definition = crate::Definition::from(new.definition);
        match new.plan {
            Some(plan) => Self::of_seats(definition, plan.into()),
            None => definition.into(),
        }
    }
}

impl From<crate::Book> for Book {
    fn from(book: crate::Book) -> Self {
        let crate::Book { customer, wish, mode, hold_seconds, when_full, basket } = book;
        let basket = *basket.expect("the versions before have the wishes for nothing in particular");
        let Basket { lines, expect_amount, by } = basket;
        let asked = match wish {
            Wish::Units(quantity) => Asked::Units(quantity),
            Wish::Range(_) => unreachable!("the fifth version has the wishes for ranges"),
            Wish::Seats(wish) => {
                let SeatsWish { map, by, asked } = *wish;
                match asked {
                    SeatsAsked::Pick(pick) => Asked::Pick { map, by, pick: pick.into() },
                    SeatsAsked::Best(best) => Asked::Best { map, by, best: best.into() },
                }
            }
        };
        Self { customer, asked, lines: each(lines), expect_amount, by, mode, hold_seconds, when_full }
    }
}

impl From<Book> for crate::Book {
    fn from(book: Book) -> Self {
        let Book { customer, asked, lines, expect_amount, by, mode, hold_seconds, when_full } = book;
        let seats = |map, by, asked| Wish::Seats(Box::new(SeatsWish { map, by, asked }));
        let wish = match asked {
            Asked::Units(quantity) => Wish::Units(quantity),
            Asked::Pick { map, by, pick } => seats(map, by, SeatsAsked::Pick(pick.into())),
            Asked::Best { map, by, best } => seats(map, by, SeatsAsked::Best(best.into())),
        };
        let basket = Some(Box::new(Basket { lines: each(lines), expect_amount, by }));
        Self { customer, wish, mode, hold_seconds, when_full, basket }
    }
}

impl From<crate::SlotChange> for SlotChange {
    fn from(mut change: crate::SlotChange) -> Self {
        let tariff = change.tariff.take().expect("the versions before have the others");
        Self { change: change.into(), tariff: (*tariff).into() }
    }
}

impl From<SlotChange> for crate::SlotChange {
    fn from(change: SlotChange) -> Self {
        let SlotChange { change, tariff } = change;
        Self { tariff: Some(Box::new(tariff.into())), ..change.into() }
    }
}

impl From<crate::ChangeQuantity> for ChangeQuantity {
    fn from(change: crate::ChangeQuantity) -> Self {
        let crate::ChangeQuantity { act, quantity, lines } = change;
        Self { act: act.into(), quantity, lines: each(lines) }
    }
}

impl From<ChangeQuantity> for crate::ChangeQuantity {
    fn from(change: ChangeQuantity) -> Self {
        let ChangeQuantity { act, quantity, lines } = change;
        Self { act: act.into(), quantity, lines: each(lines) }
    }
}

mirror!(Request { slot, key, fingerprint, command });
