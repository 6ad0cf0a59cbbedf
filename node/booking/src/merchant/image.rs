//! A merchant as it is saved: a header, a record an account, a voucher, an order, a receipt, and what is kept of intents.

use alloc::vec::Vec;

use super::account::Account;
use super::accounts::{Accounts, AccountsAway};
use super::order::Order;
use super::orders::Orders;
use super::state::Merchant;
use super::voucher::{Voucher, Vouchers};
use super::words::{Name, ReceiptRecord};
use crate::base::intents::{IntentChanges, IntentCounts, Intents, SavedIntents};
use crate::base::parts::Base;
use crate::base::receipts::{Receipts, in_order};
use crate::{Broken, EntityId, Origin, RequestKey, Seq, Timestamp};

/// The part of a merchant that there is once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The merchant.
    pub id: EntityId,
    /// Whose it is.
    pub name: Name,
    /// The request that made it.
    pub origin: Origin,
    /// The latest change.
    pub seq: Seq,
    /// The latest stamp seen.
    pub stamp: Timestamp,
    /// How many units a customer may have over all slots that ask.
    pub limit: Option<u32>,
    /// How many accounts it has.
    pub accounts: u64,
    /// Those of them that have left memory: they need not be read for the merchant to come back.
    pub away: AccountsAway,
    /// How many vouchers it has.
    pub vouchers: u64,
    /// How many orders it has.
    pub orders: u64,
    /// Whether payments are frozen.
    pub is_frozen: bool,
    /// How many packages were ever granted.
    pub packages_made: u64,
    /// How many promises were ever made.
    pub promises_made: u64,
    /// How many receipts it ever made.
    pub receipts_made: u64,
    /// How many intents it ever left, and what is kept of them.
    pub intents: IntentCounts,
    /// The digest of all of it: the parts must add up to this.
    pub digest: u64,
}

/// What is to be saved of a merchant so that the saved one is like this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The header, always.
    pub header: Header,
    /// Accounts made or changed: put each in the place of its customer's, among those that are open.
    pub accounts: Vec<Account>,
    /// Accounts at rest: move each from there to where those are that are away, and once it can be read there, tell [`Merchant::let_go`].
    pub leaving: Vec<Account>,
    /// Vouchers made or changed: put each in the place of its number's.
    pub vouchers: Vec<Voucher>,
    /// Orders made or changed: put each in the place of its number's.
    pub orders: Vec<Order>,
    /// Receipts made: put each in the place of its request's.
    pub receipts: Vec<ReceiptRecord>,
    /// Requests whose receipts are forgotten: remove them, if they were ever saved.
    pub forgotten: Vec<RequestKey>,
    /// What changed of its intents.
    pub intents: IntentChanges,
}

/// All that was saved of a merchant and has not left memory, in whatever order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedMerchant {
    /// The part that there is once.
    pub header: Header,
    /// Its accounts that are open.
    pub accounts: Vec<Account>,
    /// Its vouchers.
    pub vouchers: Vec<Voucher>,
    /// Its orders.
    pub orders: Vec<Order>,
    /// Its receipts.
    pub receipts: Vec<ReceiptRecord>,
    /// What is kept of intents.
    pub intents: SavedIntents,
}

impl Merchant {
    /// What changed since this was last called, or since the merchant was restored. Accounts that changed and are at rest leave with it.
    pub fn take_changes(&mut self) -> Changes {
        let (receipts, forgotten) = self.base.receipts.take_changed();
        let intents = self.base.intents.take_changed();
        let (accounts, leaving) = self.accounts.take_changed();
        let vouchers = self.vouchers.take_changed();
        let (orders, header) = (self.orders.take_changed(), self.header());
        Changes { header, accounts, leaving, vouchers, orders, receipts, forgotten, intents }
    }

    /// The merchant that these parts are.
    pub fn restore(saved: SavedMerchant) -> Result<Self, Broken> {
        let SavedMerchant { header, accounts, vouchers, orders, receipts, intents } = saved;
        let receipts = in_order(receipts.into_iter(), header.receipts_made)?;
        let accounts = Accounts::restore(accounts, header.away).ok_or(Broken::Numbers)?;
        let vouchers = Vouchers::restore(vouchers).ok_or(Broken::Numbers)?;
        let orders = Orders::restore(orders).ok_or(Broken::Numbers)?;
        let are_counted = accounts.count() == header.accounts
            && vouchers.count() == header.vouchers
            && orders.count() == header.orders;
        if !are_counted {
            return Err(Broken::Numbers);
        }
        let mut merchant = Self {
            base: Base {
                id: header.id,
                origin: header.origin,
                seq: header.seq,
                stamp: header.stamp,
                receipts: Receipts::restore(receipts, header.receipts_made),
                intents: Intents::restore(intents, header.intents)?,
            },
            name: header.name,
            accounts,
            vouchers,
            orders,
            is_frozen: header.is_frozen,
            limit: header.limit,
            packages_made: header.packages_made,
            promises_made: header.promises_made,
            is_behind: false,
        };
        merchant.is_behind = merchant.deadline().is_some_and(|first| first <= header.stamp);
        if merchant.digest() != header.digest {
            return Err(Broken::Digest);
        }
        merchant.check().map_err(Broken::Impossible)?;
        Ok(merchant)
    }

    fn header(&self) -> Header {
        Header {
            id: self.base.id,
            name: self.name.clone(),
            origin: self.base.origin,
            seq: self.base.seq,
            stamp: self.base.stamp,
            limit: self.limit,
            accounts: self.accounts.count(),
            away: self.accounts.away(),
            vouchers: self.vouchers.count(),
            orders: self.orders.count(),
            is_frozen: self.is_frozen,
            packages_made: self.packages_made,
            promises_made: self.promises_made,
            receipts_made: self.base.receipts.made(),
            intents: self.base.intents.counts(),
            digest: self.digest(),
        }
    }
}
