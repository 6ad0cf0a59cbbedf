//! A slot as it is saved: a header, one record a booking, one record a receipt, and what is kept
//! of intents.
//!
//! What follows from these is not saved but made again, and what was saved is not trusted: a slot comes back
//! only if its parts fit each other. Which bytes the parts become is said in [`stored`](crate::stored).

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::base::intents::{IntentChanges, IntentCounts, Intents, SavedIntents};
use crate::base::parts::Base;
use crate::base::receipts::{Receipts, in_order};
use crate::invariant::{Invariant, Violation};
use crate::slot::inventory::Inventory;
use crate::slot::inventory::seats::Companions;
use crate::slot::state::credits::Account;
use crate::slot::state::ledger::Ledger;
use crate::{
    Away, Booking, Broken, CalendarView, Counts, Definition, EntityId, GoodsView, HouseChanges, HouseView,
    MerchantTold, Number, Origin, ReceiptRecord, RequestKey, SavedHouse, Seq, Slot, SlotId, Timestamp,
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
    /// Where its seats are, if it is a slot of seats: the bookings must add up to this too.
    pub house: Option<Arc<HouseView>>,
    /// How much there is of what it sells, if that is something in particular: the bookings must add up to this too.
    pub goods: Option<Arc<GoodsView>>,
    /// Where everything of its calendar is, if it is one: the bookings must add up to this too.
    pub calendar: Option<Arc<CalendarView>>,
    /// The digest of all of it: the parts must add up to this.
    pub digest: u64,
    /// What its organizer said of it when it was made; none if that is what the definition still is.
    pub made_as: Option<Arc<Definition>>,
    /// Where its seats were when it was made, if it is a slot of seats and that is not what its house says any more.
    pub made_house: Option<Arc<HouseView>>,
    /// The loosest limit for one customer that it ever had; none if there was a time without one.
    pub loosest_limit: Option<u32>,
    /// Those of the bookings that have left memory: they need not be read for the slot to come back.
    pub away: Away,
    /// How many intents it ever left, and what is kept of them.
    pub intents: IntentCounts,
    /// Its merchant, and how much that has been told; none where nothing was ever promised.
    pub account: Option<(EntityId, MerchantTold)>,
}

/// What is to be saved of a slot so that the saved one is like this one.
///
/// The parts belong together: a header with another moment's bookings is [`Broken`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The header, always.
    pub header: Header,
    /// Bookings made or changed, by number: put each in the place of its number's.
    pub bookings: Vec<Booking>,
    /// Bookings that are over for long: move each from there to where those are that are away, and once it can be read
    /// there, tell [`Slot::let_go`].
    pub leaving: Vec<Booking>,
    /// Receipts made: put each in the place of its request's.
    pub receipts: Vec<ReceiptRecord>,
    /// Requests whose receipts are forgotten: remove them, if they were ever saved.
    pub forgotten: Vec<RequestKey>,
    /// What changed of its intents.
    pub intents: IntentChanges,
    /// What changed of its house or its hours: nothing of a slot of units.
    pub house: HouseChanges,
}

/// All that was saved of a slot and has not left memory, in whatever order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedSlot {
    /// The part that there is once.
    pub header: Header,
    /// Its bookings; those that are away are none of them.
    pub bookings: Vec<Booking>,
    /// Its receipts.
    pub receipts: Vec<ReceiptRecord>,
    /// What is kept of intents.
    pub intents: SavedIntents,
    /// Its house or its hours: nothing of a slot of units.
    pub house: SavedHouse,
}

impl Slot {
    /// What changed since this was last called, or since the slot was restored. After any `apply` or `pulse`
    /// at least the header may have changed.
    ///
    /// Of the bookings that were over by `over_by` some leave with them, if there are any: the next call gives
    /// more.
    pub fn take_changes(&mut self, over_by: Timestamp) -> Changes {
        let (receipts, forgotten) = self.base.receipts.take_changed();
        let intents = self.base.intents.take_changed();
        let house = self.ledger.inventory_mut().take_changes();
        let bookings = self.ledger.bookings_mut();
        // Who is over stays until the merchant has been told.
        let is_untold = self.account.as_ref().is_some_and(|account| !account.untold.is_empty());
        let leaving = bookings.take_leaving(if is_untold { Timestamp(0) } else { over_by });
        let changed = bookings.take_changed();
        Changes { header: self.header(), bookings: changed, leaving, receipts, forgotten, intents, house }
    }

    /// The slot that these parts are.
    pub fn restore(saved: SavedSlot) -> Result<Self, Broken> {
        let SavedSlot { header, mut bookings, receipts, intents, house } = saved;
        bookings.sort_unstable_by_key(|booking| booking.record.number);
        let inventory = Inventory::restore(&header.definition, house, header.stamp).ok_or(Broken::House)?;
        check_bookings(&header, &inventory, &bookings)?;
        let here = bookings.len();
        let receipts = in_order(receipts.into_iter(), header.receipts_made)?;
        if !receipts.iter().all(|receipt| is_of_a_booking(receipt, header.bookings)) {
            return Err(Broken::Receipt);
        }
        let mut slot = Self {
            base: Base {
                id: header.id.into(),
                origin: header.origin,
                seq: header.seq,
                stamp: header.stamp,
                receipts: Receipts::restore(receipts, header.receipts_made),
                intents: Intents::restore(intents, header.intents)?,
            },
            definition_digest: header.definition.digest(),
            cancelled: header.cancelled,
            ledger: Ledger::restore(
                &header.definition,
                inventory,
                bookings,
                Number(header.bookings),
                header.away,
            ),
            definition: Arc::new(header.definition),
            original_definition: header.made_as,
            original_house: header.made_house,
            loosest_limit: header.loosest_limit,
            account: None,
        };
        slot.account = header.account.map(|(merchant, told)| Box::new(promised(&slot, merchant, told)));
        if slot.ledger.bookings().requests() != here {
            return Err(Broken::RequestTwice);
        }
        let is_calendar = slot.calendar_view() == header.calendar;
        if slot.ledger.counts() != header.counts || !is_calendar {
            return Err(Broken::Counts);
        }
        slot.settle_companions(&(header.house, header.goods))?;
        if slot.digest() != header.digest {
            return Err(Broken::Digest);
        }
        // The other invariants follow from how the slot was just made.
        let suspects = [
            Invariant::NoGap,
            Invariant::Deadlines,
            Invariant::HouseCounts,
            Invariant::Credits,
            Invariant::Promises,
        ];
        match suspects.into_iter().find(|invariant| !slot.upholds(*invariant)) {
            Some(invariant) => Err(Broken::Impossible(Violation(invariant))),
            None => Ok(slot),
        }
    }

    /// Goes on under the rules by which its house was left, which are not saved: under those it looks like this, and nobody's turn
    /// has come. Where several do, it makes no difference until the next step, which says by which it is decided.
    fn settle_companions(
        &mut self,
        saved: &(Option<Arc<HouseView>>, Option<Arc<GoodsView>>),
    ) -> Result<(), Broken> {
        let mut broken = Broken::Counts;
        for companions in Companions::ALL {
            if let Some(house) = self.ledger.inventory_mut().house_mut() {
                house.set_companions(companions);
            }
            if (self.house_view(), self.goods_view()) != *saved {
                continue;
            }
            if self.upholds(Invariant::NothingIdle) {
                return Ok(());
            }
            broken = Broken::Impossible(Violation(Invariant::NothingIdle));
        }
        Err(broken)
    }

    /// The part of the slot that there is once.
    fn header(&self) -> Header {
        Header {
            id: self.id(),
            definition: Definition::clone(&self.definition),
            origin: self.base.origin,
            seq: self.base.seq,
            stamp: self.base.stamp,
            cancelled: self.cancelled,
            bookings: self.ledger.bookings().latest().0,
            receipts_made: self.base.receipts.made(),
            counts: self.ledger.counts(),
            house: self.house_view(),
            goods: self.goods_view(),
            calendar: self.calendar_view(),
            digest: self.digest(),
            made_as: self.original_definition.clone(),
            made_house: self.original_house.clone(),
            loosest_limit: self.loosest_limit,
            away: self.ledger.bookings().away(),
            intents: self.base.intents.counts(),
            account: self.account.as_ref().map(|account| (account.merchant, account.told)),
        }
    }
}

/// What follows from bookings of what a merchant has promised.
fn promised(slot: &Slot, merchant: EntityId, told: MerchantTold) -> Account {
    let mut account = Account { told, ..Account::new(merchant) };
    for booking in slot.ledger.bookings().staying() {
        slot.ledger.bookings().whole(booking).index(&mut account);
    }
    account
}

/// Bookings that can be entered: without this the ledger, which trusts its rules, would panic.
fn check_bookings(header: &Header, inventory: &Inventory, bookings: &[Booking]) -> Result<(), Broken> {
    let ascending = bookings.is_sorted_by(|one, next| one.record.number < next.record.number);
    let numbers = 1..=header.bookings;
    let within = bookings.iter().all(|booking| numbers.contains(&booking.record.number.0));
    if !ascending
        || !within
        || bookings.len() as u64 + u64::from(header.away.bookings) != u64::from(header.bookings)
    {
        return Err(Broken::Numbers);
    }
    let claims = bookings.iter().map(Booking::as_ref).map(|booking| (booking.status(), booking.claim()));
    if inventory.holds(&claims.collect::<Vec<_>>()) { Ok(()) } else { Err(Broken::Counts) }
}

/// Whether a receipt is of one of so many bookings, or of none.
fn is_of_a_booking(receipt: &ReceiptRecord, bookings: u32) -> bool {
    receipt.answer.booking().is_none_or(|number| (1..=bookings).contains(&number.0))
}
