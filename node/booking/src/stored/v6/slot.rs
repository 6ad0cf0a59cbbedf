//! What there is of a slot that asks its merchant for something: each shape is an older one, and what that has no room for. Which shape
//! that is, and how it is written and read, is for those to say who know all versions.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::beside::{BookingCredits, InOrder};
use crate::stored::each::each;
use crate::{
    BookingView, CreditsState, Definition, EntityId, LateCancel, Number, OrderNumber, PackageNumber,
    ReceiptRecord, Seq, View,
};

/// A request that makes or changes such a slot.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request<Older> {
    older: Older,
    asks: Asks,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Asks {
    Made(OnAccount),
    Changed(AccountChange),
}

/// The part of such a slot that there is once.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header<Older> {
    older: Older,
    asks: Option<OnAccount>,
    made_asking: Option<OnAccount>,
    account: Option<Account>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Account {
    merchant: EntityId,
    told: (Seq, Number),
    telling: Option<(Seq, Number)>,
}

/// A booking with what was promised for it, or of an order.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking<Older> {
    older: Older,
    credits: Option<BookingCredits>,
    order: Option<InOrder>,
}

/// A receipt of a change of such a slot.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt<Older> {
    older: Older,
    asks: OnAccount,
}

/// A step with bookings that credits were promised for: which of them, and what they show.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record<Older> {
    older: Older,
    credits: Vec<(u32, Vec<CreditsView>)>,
    orders: Vec<(u32, OrderNumber)>,
}

/// An answer with such a slot, or such a booking.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome<Older> {
    older: Older,
    shows: Shows,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Shows {
    Slot(OnAccount),
    Booking(Option<Vec<CreditsView>>, Option<OrderNumber>),
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct OnAccount {
    credits: Option<CreditsPolicy>,
    placement_limit: bool,
    code_required: bool,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct CreditsPolicy {
    price: u32,
    late_cancel: LateCancel,
    grace_seconds: u32,
    promote_until_seconds: u32,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::option_option, reason = "what is left out stays, and none within is none")]
struct AccountChange {
    credits: Option<Option<CreditsChange>>,
    placement_limit: Option<bool>,
    code_required: Option<bool>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct CreditsChange {
    price: Option<u32>,
    late_cancel: Option<LateCancel>,
    grace_seconds: Option<u32>,
    promote_until_seconds: Option<u32>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct CreditsView {
    package: PackageNumber,
    count: u32,
    state: CreditsState,
}

/// Takes out what the versions before have no room for.
fn asks_of(definition: &mut Arc<Definition>) -> Option<crate::OnAccount> {
    definition.policy.on_account?;
    Arc::make_mut(definition).policy.on_account.take()
}

/// Puts it back.
fn asking(definition: &mut Arc<Definition>, asks: Option<OnAccount>) {
    if let Some(asks) = asks {
        Arc::make_mut(definition).policy.on_account = Some(asks.into());
    }
}

impl<Older> Request<Older> {
    /// What is written, by what writes the older shape.
    pub(in crate::stored) fn new(
        mut request: crate::Request,
        write: impl FnOnce(crate::Request) -> Older,
    ) -> Self {
        let asks = if let crate::Command::CreateSlot(new) = &mut request.command {
            new.definition.policy.on_account.take().map(|asks| Asks::Made(asks.into()))
        } else if let crate::Command::ChangeSlot(change) = &mut request.command {
            change.policy.on_account.take().map(|change| Asks::Changed(change.into()))
        } else {
            None
        };
        let asks = asks.expect("the versions before have the others");
        Self { older: write(request), asks }
    }

    /// What was written, by what reads the older shape.
    pub(in crate::stored) fn read(self, read: impl FnOnce(Older) -> crate::Request) -> crate::Request {
        let stored = self;
        let mut request = read(stored.older);
        match (&mut request.command, stored.asks) {
            (crate::Command::CreateSlot(new), Asks::Made(asks)) => {
                new.definition.policy.on_account = Some(asks.into());
            }
            (crate::Command::ChangeSlot(change), Asks::Changed(asks)) => {
                change.policy.on_account = Some(asks.into());
            }
            _others => unreachable!("what asks is made or changed"),
        }
        request
    }
}

impl<Older> Header<Older> {
    /// What is written, by what writes the older shape.
    pub(in crate::stored) fn new(
        mut header: crate::Header,
        write: impl FnOnce(crate::Header) -> Older,
    ) -> Self {
        let asks = header.definition.policy.on_account.take().map(Into::into);
        let made_asking = header.made_as.as_mut().and_then(asks_of).map(Into::into);
        let account = header.account.take().map(|(merchant, told)| Account {
            merchant,
            told: told.upto,
            telling: told.telling,
        });
        Self { older: write(header), asks, made_asking, account }
    }

    /// What was written, by what reads the older shape.
    pub(in crate::stored) fn read(self, read: impl FnOnce(Older) -> crate::Header) -> crate::Header {
        let stored = self;
        let mut header = read(stored.older);
        header.definition.policy.on_account = stored.asks.map(Into::into);
        if let Some(made_as) = &mut header.made_as {
            asking(made_as, stored.made_asking);
        }
        header.account = stored.account.map(|Account { merchant, told: upto, telling }| {
            (merchant, crate::MerchantTold { upto, telling })
        });
        header
    }
}

impl<Older> Booking<Older> {
    /// What is written, by what writes the older shape.
    pub(in crate::stored) fn new(
        mut booking: crate::Booking,
        write: impl FnOnce(crate::Booking) -> Older,
    ) -> Self {
        let credits = booking.credits.take().map(|credits| (*credits).into());
        let order = booking.order.take().map(|order| (*order).into());
        Self { older: write(booking), credits, order }
    }

    /// What was written, by what reads the older shape.
    pub(in crate::stored) fn read(self, read: impl FnOnce(Older) -> crate::Booking) -> crate::Booking {
        let Self { older, credits, order } = self;
        let credits = credits.map(|credits| Box::new(credits.into()));
        let order = order.map(|order| Box::new(order.into()));
        crate::Booking { credits, order, ..read(older) }
    }
}

impl<Older> Receipt<Older> {
    /// What is written, by what writes the older shape.
    pub(in crate::stored) fn new(
        mut receipt: ReceiptRecord,
        write: impl FnOnce(ReceiptRecord) -> Older,
    ) -> Self {
        let crate::Answer::SlotChanged(changed) = &mut receipt.answer else {
            unreachable!("the versions before have the others")
        };
        let asks = asks_of(&mut changed.definition).expect("the versions before have the others").into();
        Self { older: write(receipt), asks }
    }

    /// What was written, by what reads the older shape.
    pub(in crate::stored) fn read(self, read: impl FnOnce(Older) -> ReceiptRecord) -> ReceiptRecord {
        let stored = self;
        let mut receipt = read(stored.older);
        let crate::Answer::SlotChanged(changed) = &mut receipt.answer else {
            unreachable!("what asks is a slot")
        };
        asking(&mut changed.definition, Some(stored.asks));
        receipt
    }
}

impl<Older> Record<Older> {
    /// What is written, by what writes the older shape.
    pub(in crate::stored) fn new(
        mut record: crate::Record,
        write: impl FnOnce(crate::Record) -> Older,
    ) -> Self {
        let shown = |(place, booking): (u32, &mut BookingView)| {
            booking.credits.take().map(|credits| (place, each(credits.to_vec())))
        };
        let credits = (0..).zip(&mut record.bookings).filter_map(shown).collect();
        let ordered = |(place, booking): (u32, &mut BookingView)| Some((place, booking.order.take()?));
        let orders = (0..).zip(&mut record.bookings).filter_map(ordered).collect();
        Self { older: write(record), credits, orders }
    }

    /// What was written, by what reads the older shape.
    pub(in crate::stored) fn read(self, read: impl FnOnce(Older) -> crate::Record) -> crate::Record {
        let stored = self;
        let mut record = read(stored.older);
        for (place, credits) in stored.credits {
            let booking = usize::try_from(place).ok().and_then(|place| record.bookings.get_mut(place));
            booking.expect("what shows credits is a booking").credits = Some(each(credits).into());
        }
        for (place, order) in stored.orders {
            let booking = usize::try_from(place).ok().and_then(|place| record.bookings.get_mut(place));
            booking.expect("what is of an order is a booking").order = Some(order);
        }
        record
    }
}

impl<Older> Outcome<Older> {
    /// What is written, by what writes the older shape.
    pub(in crate::stored) fn new(
        mut outcome: crate::Outcome,
        write: impl FnOnce(crate::Outcome) -> Older,
    ) -> Self {
        let shows = if let crate::Decision::Slot(View { definition, .. }) = &mut outcome.decision {
            asks_of(definition).map(|asks| Shows::Slot(asks.into()))
        } else if let crate::Decision::Booking(booking) = &mut outcome.decision {
            let credits = booking.credits.take().map(|credits| each(credits.to_vec()));
            Some(Shows::Booking(credits, booking.order.take()))
        } else {
            None
        };
        let shows = shows.expect("the versions before have the others");
        Self { older: write(outcome), shows }
    }

    /// What was written, by what reads the older shape.
    pub(in crate::stored) fn read(self, read: impl FnOnce(Older) -> crate::Outcome) -> crate::Outcome {
        let stored = self;
        let mut outcome = read(stored.older);
        match (&mut outcome.decision, stored.shows) {
            (crate::Decision::Slot(view), Shows::Slot(asks)) => asking(&mut view.definition, Some(asks)),
            (crate::Decision::Booking(booking), Shows::Booking(credits, order)) => {
                booking.credits = credits.map(|credits| each(credits).into());
                booking.order = order;
            }
            _others => unreachable!("what is shown is a slot's or a booking's"),
        }
        outcome
    }
}

impl From<crate::OnAccount> for OnAccount {
    fn from(asks: crate::OnAccount) -> Self {
        let crate::OnAccount { credits, placement_limit, code_required } = asks;
        Self { credits: credits.map(Into::into), placement_limit, code_required }
    }
}

impl From<OnAccount> for crate::OnAccount {
    fn from(asks: OnAccount) -> Self {
        let OnAccount { credits, placement_limit, code_required } = asks;
        Self { credits: credits.map(Into::into), placement_limit, code_required }
    }
}

impl From<crate::AccountChange> for AccountChange {
    fn from(change: crate::AccountChange) -> Self {
        let crate::AccountChange { credits, placement_limit, code_required } = change;
        Self { credits: credits.map(|within| within.map(Into::into)), placement_limit, code_required }
    }
}

impl From<AccountChange> for crate::AccountChange {
    fn from(change: AccountChange) -> Self {
        let AccountChange { credits, placement_limit, code_required } = change;
        Self { credits: credits.map(|within| within.map(Into::into)), placement_limit, code_required }
    }
}

mirror!(CreditsPolicy { price, late_cancel, grace_seconds, promote_until_seconds });
mirror!(CreditsChange { price, late_cancel, grace_seconds, promote_until_seconds });
mirror!(CreditsView { package, count, state });
