//! What is asked of a slot of seats.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::definition::Definition;
use super::house::Plan;
use super::seats::{Best, Pick, SeatRun, SinglesChange, Swap};
use crate::stored::each::each;
use crate::stored::v1;
use crate::stored::v1::request::Act;
use crate::{
    Area, Asker, Category, Content, Fingerprint, Mode, RequestKey, Seat, SeatsAsked, SeatsWish, Section,
    SlotId, WhenFull, Wish,
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
    SwapSeats(Box<SwapSeats>),
    ChangeSale(Box<ChangeSale>),
    ChangeSlot(Box<SlotChange>),
}

/// A slot of seats.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct NewSlot {
    definition: Definition,
    plan: Plan,
}

/// Book seats, or wait for them.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Book {
    customer: Box<str>,
    map: Content,
    by: Asker,
    asked: Asked,
    mode: Mode,
    hold_seconds: Option<u32>,
    when_full: WhenFull,
}

/// Which seats are asked for.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Asked {
    Pick(Pick),
    Best(Best),
}

/// Somebody wants other seats than a booking has.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SwapSeats {
    act: Act,
    map: Content,
    swap: Swap,
}

/// The organizer sells seats otherwise.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ChangeSale {
    map: Content,
    block: Vec<SeatRun>,
    open: Vec<SeatRun>,
    allot: Vec<(Box<str>, Vec<SeatRun>)>,
}

/// What is changed of a slot of seats.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct SlotChange {
    change: v1::change::SlotChange,
    singles: Option<SinglesChange>,
    map: Option<MapChange>,
}

/// Another map in place of the one by which a slot is sold.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct MapChange {
    map: Content,
    plan: Plan,
    from: Content,
    seats: Vec<Option<Seat>>,
    areas: Vec<Option<Area>>,
    categories: Vec<Option<Category>>,
    sections: Vec<Option<Section>>,
}

impl From<crate::Command> for Command {
    fn from(command: crate::Command) -> Self {
        use crate::Command;
        match command {
            Command::CreateSlot(new) => Self::CreateSlot(Box::new((*new).into())),
            Command::Book(book) => Self::Book(Box::new(book.into())),
            Command::SwapSeats(swap) => Self::SwapSeats(Box::new((*swap).into())),
            Command::ChangeSale(change) => Self::ChangeSale(Box::new((*change).into())),
            Command::ChangeSlot(change) => Self::ChangeSlot(Box::new((*change).into())),
            Command::CancelSlot
            | Command::CancelBooking(_)
            | Command::ConfirmBooking(_)
            | Command::ExtendHold(_)
            | Command::AcceptOffer(_)
            | Command::DeclineOffer(_)
            | Command::ChangeQuantity(_) => unreachable!("the versions before have the others"),
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
            Command::SwapSeats(swap) => Self::SwapSeats(Box::new((*swap).into())),
            Command::ChangeSale(change) => Self::ChangeSale(Box::new((*change).into())),
            Command::ChangeSlot(change) => Self::ChangeSlot(Box::new((*change).into())),
        }
    }
}

impl From<crate::NewSlot> for NewSlot {
    fn from(new: crate::NewSlot) -> Self {
        let crate::NewSlot { definition, plan, openings } = new;
        assert!(openings.is_none(), "the fifth version has calendars");
        let plan = plan.expect("the first version has the slots of units");
        Self { definition: definition.into(), plan: plan.into() }
    }
}

impl From<NewSlot> for crate::NewSlot {
    fn from(new: NewSlot) -> Self {
        Self::of_seats(new.definition.into(), new.plan.into())
    }
}

impl From<crate::Book> for Book {
    fn from(book: crate::Book) -> Self {
        let crate::Book { customer, wish, mode, hold_seconds, when_full, basket } = book;
        assert!(basket.is_none(), "the fourth version has what is asked for as something");
        let Wish::Seats(wish) = wish else { unreachable!("the first version has the wishes for units") };
        let SeatsWish { map, by, asked } = *wish;
        let asked = match asked {
            SeatsAsked::Pick(pick) => Asked::Pick(pick.into()),
            SeatsAsked::Best(best) => Asked::Best(best.into()),
        };
        Self { customer, map, by, asked, mode, hold_seconds, when_full }
    }
}

impl From<Book> for crate::Book {
    fn from(book: Book) -> Self {
        let Book { customer, map, by, asked, mode, hold_seconds, when_full } = book;
        let asked = match asked {
            Asked::Pick(pick) => SeatsAsked::Pick(pick.into()),
            Asked::Best(best) => SeatsAsked::Best(best.into()),
        };
        let wish = Wish::Seats(Box::new(SeatsWish { map, by, asked }));
        Self { customer, wish, mode, hold_seconds, when_full, basket: None }
    }
}

impl From<crate::ChangeSale> for ChangeSale {
    fn from(change: crate::ChangeSale) -> Self {
        let crate::ChangeSale { map, block, open, allot } = change;
        let allot = allot.into_iter().map(|(name, runs)| (name, each(runs))).collect();
        Self { map, block: each(block), open: each(open), allot }
    }
}

impl From<ChangeSale> for crate::ChangeSale {
    fn from(change: ChangeSale) -> Self {
        let ChangeSale { map, block, open, allot } = change;
        let allot = allot.into_iter().map(|(name, runs)| (name, each(runs))).collect();
        Self { map, block: each(block), open: each(open), allot }
    }
}

impl From<crate::SlotChange> for SlotChange {
    fn from(mut change: crate::SlotChange) -> Self {
        let singles = change.singles.take().map(SinglesChange::from);
        let map = change.map.take().map(|map| (*map).into());
        Self { change: change.into(), singles, map }
    }
}

impl From<SlotChange> for crate::SlotChange {
    fn from(change: SlotChange) -> Self {
        let SlotChange { change, singles, map } = change;
        let (singles, map) = (singles.map(SinglesChange::into), map.map(|map| Box::new(map.into())));
        Self { singles, map, ..change.into() }
    }
}

impl From<crate::MapChange> for MapChange {
    fn from(change: crate::MapChange) -> Self {
        let crate::MapChange { map, plan, from, table, categories, sections } = change;
        let crate::Table { seats, areas } = table;
        Self { map, plan: plan.into(), from, seats, areas, categories, sections }
    }
}

impl From<MapChange> for crate::MapChange {
    fn from(change: MapChange) -> Self {
        let MapChange { map, plan, from, seats, areas, categories, sections } = change;
        let (plan, table) = (Arc::from(plan), crate::Table { seats, areas });
        Self { map, plan, from, table, categories, sections }
    }
}

mirror!(Request { slot, key, fingerprint, command });
mirror!(SwapSeats { act, map, swap });
