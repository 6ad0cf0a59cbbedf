//! From which level of the rules on there is what was not there from the beginning.
//!
//! Whatever is new can be asked for, and is written, under its level and later ones only: a build of the level before could
//! neither decide nor read it. What needs nothing new is written as it ever was, under every level.
//!
//! A rule that decides otherwise from a level on is asked with the level of each step, never with a build's own
//! ([`Companions::under`]): what is in the log already is decided as it was.

use crate::slot::inventory::seats::Companions;
use crate::{Book, Command, Definition, Kind, Level, Refusal, Stock, Wish};

/// All that was there from the beginning.
pub(crate) const FIRST: Level = Level(1);
/// From here on a booking can be for fewer than were asked for.
pub(crate) const FEWER: Level = Level(2);
/// From here on there are slots of numbered seats.
pub(crate) const SEATS: Level = Level(3);
/// From here on slots can be sold as products, of which there are only so many, and for a price.
pub(crate) const PRICES: Level = Level(4);
/// From here on a companion's seat is one that adjoins a space.
pub(crate) const ADJOINING: Level = Level(4);

/// From here on there are calendars, of which ranges of time are booked.
pub(crate) const CALENDARS: Level = Level(5);

/// From here on something is sold on account: there are merchants, and slots ask them for credits and units of a limit.
pub(crate) const ACCOUNTS: Level = Level(7);

// Level 6 has the rules of level 5: with it comes the record of where replicas are, of which rules know nothing.

// What is new is known.
const _: () = assert!(FEWER.0 < SEATS.0 && SEATS.0 < PRICES.0 && PRICES.0 < CALENDARS.0);
const _: () = assert!(CALENDARS.0 < ACCOUNTS.0 && ACCOUNTS.0 <= Level::COMING.0);
const _: () = assert!(CALENDARS.0 <= Level::NEWEST.0 && ADJOINING.0 <= Level::NEWEST.0);

impl Stock {
    /// The first level under which a slot can be of this.
    pub(crate) const fn since(&self) -> Level {
        match self {
            Self::Units { .. } => FIRST,
            Self::Seats(_) => SEATS,
            Self::Calendar(_) => CALENDARS,
        }
    }
}

impl Definition {
    /// The first level under which a slot can be like this.
    pub(crate) const fn since(&self) -> Level {
        if self.policy.on_account.is_some() {
            return ACCOUNTS;
        }
        match (&self.stock, &self.tariff) {
            (Stock::Units { .. } | Stock::Seats(_), Some(_)) => PRICES,
            (stock, _) => stock.since(),
        }
    }
}

impl Companions {
    /// What counts as a companion's seat under a level.
    pub(crate) fn under(level: Level) -> Self {
        if level < ADJOINING { Self::Anywhere } else { Self::Adjoining }
    }
}

impl Command {
    /// The first level under which this can be asked.
    pub const fn since(&self) -> Level {
        match self {
            Self::CreateSlot(new) => new.definition.since(),
            Self::ChangeSlot(change) if change.policy.on_account.is_some() => ACCOUNTS,
            Self::ChangeSlot(change) if change.calendar.is_some() => CALENDARS,
            Self::Book(Book { wish: Wish::Range(_), .. }) | Self::MoveBooking(_) | Self::ExtendHours(_) => {
                CALENDARS
            }
            Self::ChangeSlot(change) if change.tariff.is_some() => PRICES,
            Self::Book(Book { basket: Some(_), .. }) => PRICES,
            Self::ChangeQuantity(change) if !change.lines.is_empty() => PRICES,
            Self::ChangeSlot(change) if change.singles.is_none() && change.map.is_none() => FIRST,
            Self::Book(Book { wish: Wish::Units(_), .. })
            | Self::CancelSlot
            | Self::CancelBooking(_)
            | Self::ConfirmBooking(_)
            | Self::ExtendHold(_)
            | Self::AcceptOffer(_)
            | Self::DeclineOffer(_) => FIRST,
            Self::ChangeQuantity(_) => FEWER,
            Self::ChangeSlot(_)
            | Self::Book(Book { wish: Wish::Seats(_), .. })
            | Self::SwapSeats(_)
            | Self::ChangeSale(_) => SEATS,
        }
    }
}

impl Refusal {
    /// The first level under which this can be answered.
    pub(crate) const fn since(self) -> Level {
        match self {
            Self::SlotCancelled
            | Self::NotOnSale
            | Self::QuantityTooLarge
            | Self::CustomerLimit
            | Self::SoldOut
            | Self::WaitlistFull
            | Self::NotHeld
            | Self::HoldExpired
            | Self::NotOffered
            | Self::OfferExpired
            | Self::TooLate
            | Self::AlreadyOver
            | Self::CapacityInUse
            | Self::StartsInPast
            | Self::EndsTooEarly
            | Self::ClosesTooLate
            | Self::OpensTooLate => FIRST,
            Self::MoreThanBooked => FEWER,
            Self::SeatsRefused
            | Self::LeavesSingle
            | Self::NotTogether
            | Self::Malformed
            | Self::SeatsUnnamed
            | Self::AllotmentsFull => SEATS,
            Self::PriceChanged
            | Self::QuotaExhausted
            | Self::PaymentRequired
            | Self::LinesWanted
            | Self::LinesUnnamed
            | Self::NoSuchProduct
            | Self::QuotaOfNoProduct
            | Self::PriceOfNoProduct
            | Self::NoCurrency
            | Self::TariffTooLarge
            | Self::LinesScattered
            | Self::CategoryGone
            | Self::SeatsUneven => PRICES,
            Self::RangeRefused
            | Self::RangeTaken
            | Self::RangeEmpty
            | Self::NoSuchResource
            | Self::ResourceTwice
            | Self::MinimumOffGrid
            | Self::MaximumOffGrid
            | Self::SpanTooLong
            | Self::CalendarTooLarge
            | Self::TooManyOpenings => CALENDARS,
            Self::PolicyInUse | Self::InOrder => ACCOUNTS,
        }
    }
}

impl Kind {
    /// The first level under which this can happen.
    pub(crate) const fn since(self) -> Level {
        match self {
            Self::SlotCreated
            | Self::SlotChanged
            | Self::SlotCancelled
            | Self::Booked
            | Self::Confirmed
            | Self::Extended
            | Self::Accepted
            | Self::Declined
            | Self::Cancelled
            | Self::Lapsed
            | Self::Finished => FIRST,
            Self::QuantityChanged => FEWER,
            Self::Reseated | Self::SeatsChanged => SEATS,
            Self::Moved => CALENDARS,
        }
    }
}
