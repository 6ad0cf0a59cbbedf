//! The merchant: what is remembered of it, and what follows from that.

use alloc::collections::BTreeMap;

use super::account::Account;
use super::accounts::Accounts;
use super::order::Order;
use super::orders::Orders;
use super::voucher::{Voucher, Vouchers};
use super::words::{Answer, Name};
use crate::base::message::Message;
use crate::base::parts::Base;
use crate::base::promise::PackageNumber;
use crate::digest::Digest;
use crate::invariant::{Invariant, Violation, check_all};
use crate::{OrderNumber, Timestamp, VoucherNumber};

/// What sells on account under one placement of an organizer.
pub struct Merchant {
    pub(crate) base: Base<Answer>,
    /// Whose it is.
    pub(crate) name: Name,
    pub(crate) accounts: Accounts,
    pub(crate) vouchers: Vouchers,
    pub(crate) orders: Orders,
    /// Whether no provider is asked for anything: what was restored may be behind what providers know.
    pub(crate) is_frozen: bool,
    /// How many units a customer may have over all slots that ask.
    pub(crate) limit: Option<u32>,
    /// How many packages were ever granted.
    pub(crate) packages_made: u64,
    /// How many promises were ever made.
    pub(crate) promises_made: u64,
    /// Whether time has done more than one step looks at: the next one goes on.
    pub(crate) is_behind: bool,
}

impl Merchant {
    /// Whose it is, and under which placement.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// How many units a customer may have over all slots that ask.
    pub fn limit(&self) -> Option<u32> {
        self.limit
    }

    /// Whether no provider is asked for anything.
    pub fn payments_are_frozen(&self) -> bool {
        self.is_frozen
    }

    /// An order, if there is one with this number.
    pub fn order(&self, number: OrderNumber) -> Option<&Order> {
        self.orders.get(number)
    }

    /// All orders, in the order in which they were made.
    pub fn orders(&self) -> impl Iterator<Item = &Order> {
        self.orders.iter()
    }

    /// Whose account must be brought back, if it is anywhere, before a reply to this message is reported.
    pub fn concerned_by<'all>(&'all self, asked: &'all Message) -> Option<&'all str> {
        if let Message::Book(promised) = asked {
            return Some(&promised.book.customer);
        }
        let order = asked.order()?;
        self.orders.get(order).map(|order| &*order.customer)
    }

    /// A customer's account, if it is in memory and there is one.
    pub fn account(&self, customer: &str) -> Option<&Account> {
        self.accounts.get(customer)
    }

    /// All accounts in memory, by customer.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter()
    }

    /// How many accounts there are, in memory and away.
    pub fn accounts_count(&self) -> u64 {
        self.accounts.count()
    }

    /// Whose a package is, if that is in memory.
    pub fn owner(&self, package: PackageNumber) -> Option<&str> {
        self.accounts.owner(package)
    }

    /// Brings an account back that is away. Nothing that can be seen of the merchant changes.
    pub fn recall(&mut self, account: Account) {
        self.accounts.recall(account);
    }

    /// Forgets accounts that are away and were brought back, or can be read where they are by now.
    pub fn let_go<'all>(&mut self, customers: impl IntoIterator<Item = &'all str>) {
        customers.into_iter().for_each(|customer| self.accounts.let_go(customer));
    }

    /// Whose accounts must be brought back, if they are anywhere, before a message is applied.
    pub fn absent_for<'all>(&'all self, message: &'all Message) -> impl Iterator<Item = &'all str> {
        let ends = if let Message::Ended(ends) = message { ends.as_slice() } else { &[] };
        let lost = if let Message::Lost(items) = message { items.as_slice() } else { &[] };
        let lost = lost.iter().filter_map(|(order, _item)| self.orders.get(*order));
        let customers = ends.iter().map(|end| &*end.customer).chain(lost.map(|order| &*order.customer));
        customers.filter(|customer| self.accounts.get(customer).is_none())
    }

    /// When time alone changes something.
    pub fn deadline(&self) -> Option<Timestamp> {
        let account = self.accounts.first_deadline().map(|(at, _customer)| at);
        let order = self.orders.first_deadline().map(|(at, _order)| at);
        account.into_iter().chain(order).min()
    }

    /// A number that two replicas share only if their merchants are equal, or by a chance of one in 2⁶⁴.
    pub fn digest(&self) -> u64 {
        let base = &self.base;
        Digest::new("merchant")
            .bytes(&base.id.to_bytes())
            .text(&self.name.organizer)
            .option(self.name.placement.as_ref(), |digest, placement| digest.text(placement))
            .wide(base.origin.request.0)
            .word(base.origin.fingerprint.0)
            .word(base.origin.at.0)
            .word(base.seq.0)
            .word(base.stamp.0)
            .word(base.receipts.made())
            .option(self.limit, Digest::word)
            .word(self.packages_made)
            .word(self.promises_made)
            .word(self.accounts.count())
            .word(self.vouchers.count())
            .word(self.orders.count())
            .word(u32::from(self.is_frozen))
            .finish()
            .wrapping_add(base.receipts.digest())
            .wrapping_add(base.intents.digest())
            .wrapping_add(self.accounts.digest())
            .wrapping_add(self.vouchers.digest())
            .wrapping_add(self.orders.digest())
    }

    /// Whether every invariant holds; the first that does not, otherwise.
    pub fn check(&self) -> Result<(), Violation> {
        check_all(|invariant| self.upholds(invariant))
    }

    /// Whether every use that is reserved is promised, and the other way round. Who is away has promised nothing.
    fn uses_are_promised(&self) -> bool {
        let mut reserved = BTreeMap::<VoucherNumber, u64>::new();
        let promises = self.accounts.iter().flat_map(|account| account.promises.values());
        for uses in promises.filter_map(|promise| promise.uses) {
            *reserved.entry(uses.voucher).or_default() += u64::from(uses.count);
        }
        let is_promised = |voucher: &Voucher| {
            reserved.get(&voucher.number).copied().unwrap_or(0) == u64::from(voucher.reserved)
        };
        self.vouchers.iter().all(is_promised)
            && reserved.keys().all(|number| self.vouchers.get(*number).is_some())
    }

    /// Whether every order knows how many messages about it are on their way.
    fn messages_are_counted(&self) -> bool {
        let mut open = BTreeMap::<OrderNumber, u32>::new();
        for order in self.base.intents.open().filter_map(|intent| intent.message.order()) {
            *open.entry(order).or_default() += 1;
        }
        let counted = |order: &Order| open.get(&order.number).copied().unwrap_or(0) == order.pending;
        self.orders.iter().all(counted) && open.keys().all(|order| self.orders.get(*order).is_some())
    }

    fn upholds(&self, invariant: Invariant) -> bool {
        match invariant {
            Invariant::OneEffect => self.base.answers_once(),
            Invariant::NoGap => self.base.has_no_gap(),
            Invariant::Deadlines => {
                self.is_behind || self.deadline().is_none_or(|first| self.base.stamp < first)
            }
            Invariant::EqualBytes => {
                self.base.digests_are_right()
                    && self.accounts.are_indexed()
                    && self.vouchers.are_indexed()
                    && self.orders.are_indexed()
            }
            Invariant::IntentsOnce => self.base.intents.has_one_effect(),
            Invariant::IntentsKept => self.base.intents.forgets_nothing(),
            Invariant::Credits => self.accounts.iter().all(Account::adds_up),
            Invariant::Promises => {
                let is_sound = |account: &Account| {
                    let newest = account.promises.last_key_value().map_or(0, |(number, _)| number.0);
                    let last = account.packages.last().map_or(0, |package| package.number.0);
                    account.is_promised() && newest <= self.promises_made && last <= self.packages_made
                };
                self.accounts.iter().all(is_sound) && self.uses_are_promised()
            }
            Invariant::Orders => self.orders.iter().all(Order::adds_up) && self.messages_are_counted(),
            Invariant::Conservation
            | Invariant::SingleOwner
            | Invariant::NothingIdle
            | Invariant::LogOrder
            | Invariant::CustomerLimit
            | Invariant::SeatsOnce
            | Invariant::HouseCounts => true,
            Invariant::Payments => self.orders.iter().all(Order::is_paid_in_order),
        }
    }
}
