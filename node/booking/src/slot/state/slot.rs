//! The slot: what is remembered of it, and what follows from that.

use alloc::boxed::Box;
use alloc::sync::Arc;

use crate::base::parts::Base;
use crate::digest::Digest;
use crate::slot::inventory::house::House;
use crate::slot::inventory::shop::{QuotaSet, Shop};
use crate::slot::state::answer::Answer;
use crate::slot::state::credits::Account;
use crate::slot::state::ledger::Ledger;
use crate::{CalendarView, Definition, GoodsView, HouseView, Order, SlotId, Stock, Timestamp};

/// One bookable thing: its places, its bookings, its waitlist, and what it has answered.
///
/// Only [`Slot::apply`] and [`Slot::pulse`] change it.
pub struct Slot {
    pub(crate) base: Base<Answer>,
    pub(crate) definition: Arc<Definition>,
    /// The definition's digest, which would be dear to compute at every look.
    pub(crate) definition_digest: u64,
    /// What it was defined as when it was made, if that has changed: making it again is answered as it was then.
    pub(crate) original_definition: Option<Arc<Definition>>,
    /// Where everything of its house was then, if it is a slot of seats and has been changed.
    pub(crate) original_house: Option<Arc<HouseView>>,
    /// The loosest limit for one customer that it ever had: a lower one binds new requests only.
    pub(crate) loosest_limit: Option<u32>,
    pub(crate) cancelled: bool,
    pub(crate) ledger: Ledger,
    /// Its merchant, and what that has been told; none where nothing was ever promised.
    pub(crate) account: Option<Box<Account>>,
}

impl Slot {
    /// The next moment at which time alone changes something, or none if it never will.
    pub fn deadline(&self) -> Option<Timestamp> {
        let ends_at = self.definition.ends_at;
        let waits = (!self.ledger.tally().waitlist().is_empty()).then(|| self.definition.waits_until());
        let lapses = self.ledger.first_deadline().map(|(until, _)| until.min(ends_at));
        // What begins to be sold may be somebody's turn, and what is bookable is what is sold; what of a range that is waited for is past.
        let reprices = self.ledger.tally().inventory().until();
        let reprices = reprices.filter(|&until| !self.cancelled && until < ends_at);
        // What is confirmed then is spent.
        let starts_at = self.definition.starts_at;
        let is_promised = |account: &Account| !account.reserved.is_empty() && self.base.stamp < starts_at;
        let begins = self.account.as_deref().is_some_and(is_promised).then_some(starts_at);
        let overdue = self.account.as_deref().and_then(|account| account.overdue.first());
        let overdue = overdue.map(|(due, _number)| *due);
        waits.into_iter().chain(lapses).chain(reprices).chain(begins).chain(overdue).min()
    }

    /// A number that two replicas share only if their slots are equal, or by a chance of one in 2⁶⁴. It is
    /// kept as things change, and costs the same whatever the slot holds.
    pub fn digest(&self) -> u64 {
        self.header_digest()
            .wrapping_add(self.ledger.tally().digest())
            .wrapping_add(self.ledger.tally().inventory().digest())
            .wrapping_add(self.base.receipts.digest())
            .wrapping_add(self.base.intents.digest())
    }

    /// Which slot it is.
    pub(crate) fn id(&self) -> SlotId {
        SlotId::of(self.base.id).expect("a slot has a slot's id")
    }

    /// Whose turn it is of those who wait; where there is no waitlist it is nobody's.
    pub(crate) fn order(&self) -> Order {
        self.definition.policy.waitlist.map_or(Order::Strict, |waitlist| waitlist.order)
    }

    /// Where everything of its house was when it was made, if it is a slot of seats.
    pub(crate) fn house_as_made(&self) -> Option<Arc<HouseView>> {
        let tariff = self.definition.tariff.as_ref();
        let untouched = |house: &House| Arc::new(house.untouched(tariff, self.base.origin.at));
        let of_now = || self.ledger.tally().inventory().house().map(untouched);
        self.original_house.clone().or_else(of_now)
    }

    /// How much there was of what it sold when it was made, if that was something in particular.
    pub(crate) fn goods_as_made(&self) -> Option<Arc<GoodsView>> {
        let definition = self.original_definition.as_ref().unwrap_or(&self.definition);
        let tariff = definition.tariff.as_ref()?;
        let taken = alloc::vec![0; tariff.quotas.len()];
        let bookable = match (self.house_as_made(), &definition.stock) {
            (Some(house), _) => house.bookable,
            (None, Stock::Units { capacity }) => {
                Shop::new(Arc::clone(tariff), 0, self.base.origin.at).most_of(*capacity, QuotaSet::NONE)
            }
            (None, Stock::Seats(_)) => unreachable!("a slot of seats has a house"),
            (None, Stock::Calendar(_)) => unreachable!("a calendar sells nothing in particular"),
        };
        Some(Arc::new(GoodsView { bookable, taken }))
    }

    /// Where everything of its calendar was when it was made, if it is one; but for how far its hours are known, which is told as it is now.
    pub(crate) fn calendar_as_made(&self) -> Option<Arc<CalendarView>> {
        let hours_until = self.calendar_view()?.hours_until;
        Some(Arc::new(CalendarView { held: 0, offered: 0, confirmed: 0, hours_until, outside: 0 }))
    }

    /// Keeps where everything of its house was when it was made, before anything of that is another.
    pub(crate) fn keep_as_made(&mut self) {
        self.original_house = self.house_as_made();
    }

    /// Goes on as it is defined now.
    pub(crate) fn redefine(&mut self, new: Arc<Definition>) {
        self.keep_as_made();
        let loosest = self.loosest_limit.zip(new.policy.customer_limit);
        self.loosest_limit = loosest.map(|(one, other)| one.max(other));
        self.ledger.redefine(&self.definition, &new, self.base.stamp);
        self.definition_digest = new.digest();
        let old = core::mem::replace(&mut self.definition, new);
        self.original_definition.get_or_insert(old);
    }

    /// A number that stands for everything in the header but sums.
    fn header_digest(&self) -> u64 {
        let digest = Digest::new("slot")
            .word(self.base.id.partition().get())
            .wide(self.base.id.hash())
            .word(self.definition_digest)
            .wide(self.base.origin.request.0)
            .word(self.base.origin.fingerprint.0)
            .word(self.base.origin.at.0)
            .word(self.base.seq.0)
            .word(self.base.stamp.0)
            .word(u64::from(self.cancelled))
            .word(self.base.receipts.made())
            .option(self.original_definition.as_ref(), |digest, original| digest.word(original.digest()))
            .option(self.loosest_limit, Digest::word);
        // What is of seats alone counts where there are any.
        let digest = self.original_house.as_ref().map_or(digest, |house| house.digest(digest));
        self.account.as_ref().map_or(digest, |account| account.digest(digest)).finish()
    }
}
