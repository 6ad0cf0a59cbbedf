//! What a store has of a merchant: it is made of what is taken as changes, and a merchant that is made again of it is the same.

use std::collections::BTreeMap;

use bincode::config::standard;
use booking::entity::{Changes, Entity, Saved};
use booking::merchant::{Account, Header, Merchant, Order, ReceiptRecord, SavedMerchant, Voucher};
use booking::{
    EntityId, IntentNumber, IntentRecord, Level, OrderNumber, Ordinal, PairRecord, ReplyRecord, RequestKey,
    SavedIntents, Target, Timestamp, VoucherNumber, stored,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What there is of intents.
#[derive(Clone, Default)]
pub(crate) struct KeptIntents {
    open: BTreeMap<IntentNumber, IntentRecord>,
    pairs: BTreeMap<Target, PairRecord>,
    replies: BTreeMap<(EntityId, Ordinal), ReplyRecord>,
}

impl KeptIntents {
    pub(crate) fn take(&mut self, changes: booking::IntentChanges) {
        let left = changes.left.into_iter().map(|intent| through(intent, stored::Intent::at));
        self.open.extend(left.map(|intent| (intent.number, intent)));
        self.open.retain(|number, _| !changes.ended.contains(number));
        self.pairs.extend(changes.pairs.into_iter().map(|pair| (pair.with, pair)));
        let replies = changes.replies.into_iter().map(|reply| through(reply, stored::Reply::at));
        self.replies.extend(replies.map(|reply| ((reply.from, reply.ordinal), reply)));
        self.replies.retain(|message, _| !changes.forgotten.contains(message));
    }

    pub(crate) fn saved(&self) -> SavedIntents {
        SavedIntents {
            open: self.open.values().cloned().collect(),
            pairs: self.pairs.values().copied().collect(),
            replies: self.replies.values().cloned().collect(),
        }
    }
}

/// What a store has of a merchant.
#[derive(Clone, Default)]
pub(crate) struct Kept {
    header: Option<Header>,
    open: BTreeMap<Box<str>, Account>,
    away: BTreeMap<Box<str>, Account>,
    vouchers: BTreeMap<VoucherNumber, Voucher>,
    orders: BTreeMap<OrderNumber, Order>,
    receipts: BTreeMap<RequestKey, ReceiptRecord>,
    intents: KeptIntents,
}

impl Kept {
    /// Saves what has changed, and lets those go that left.
    pub(crate) fn save(&mut self, entity: &mut Entity) {
        let Changes::Merchant(changes) = entity.take_changes(Timestamp(0)) else {
            panic!("a merchant is saved as a merchant")
        };
        self.header = Some(through(changes.header, stored::merchant::Header::at));
        for account in changes.accounts {
            let account = through(account, stored::merchant::Account::at);
            self.away.remove(&account.customer);
            self.open.insert(account.customer.clone(), account);
        }
        let merchant = entity.merchant_mut().unwrap();
        for account in changes.leaving {
            self.open.remove(&account.customer);
            merchant.let_go([&*account.customer]);
            self.away.insert(account.customer.clone(), account);
        }
        let vouchers = changes.vouchers.into_iter();
        let vouchers = vouchers.map(|voucher| through(voucher, stored::merchant::Voucher::at));
        self.vouchers.extend(vouchers.map(|voucher| (voucher.number, voucher)));
        let orders = changes.orders.into_iter().map(|order| through(order, stored::merchant::Order::at));
        self.orders.extend(orders.map(|order| (order.number, order)));
        let receipts = changes.receipts.into_iter();
        let receipts = receipts.map(|receipt| through(receipt, stored::merchant::Receipt::at));
        self.receipts.extend(receipts.map(|receipt| (receipt.request, receipt)));
        self.receipts.retain(|request, _| !changes.forgotten.contains(request));
        self.intents.take(changes.intents);
    }

    /// The merchant that is made of what was saved, with nobody called back.
    pub(crate) fn restored(&self) -> Entity {
        let saved = SavedMerchant {
            header: self.header.clone().unwrap(),
            accounts: self.open.values().cloned().collect(),
            vouchers: self.vouchers.values().cloned().collect(),
            orders: self.orders.values().cloned().collect(),
            receipts: self.receipts.values().cloned().collect(),
            intents: self.intents.saved(),
        };
        Entity::restore(Saved::Merchant(Box::new(saved))).unwrap()
    }

    /// Brings back whoever may be touched.
    pub(crate) fn recall(&self, merchant: &mut Merchant, customer: &str) {
        if merchant.account(customer).is_none()
            && let Some(account) = self.away.get(customer)
        {
            merchant.recall(account.clone());
        }
    }

    /// A customer's account, wherever it is.
    pub(crate) fn account(&self, customer: &str) -> Option<&Account> {
        self.open.get(customer).or_else(|| self.away.get(customer))
    }

    /// All accounts.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.open.values().chain(self.away.values())
    }
}

/// The same, as it comes back from the bytes that are written under the level that comes.
pub(crate) fn through<T, S>(value: T, at: impl Fn(Level, T) -> S) -> T
where
    T: From<S>,
    S: Serialize + DeserializeOwned,
{
    let bytes = bincode::serde::encode_to_vec(at(Level::COMING, value), standard()).unwrap();
    let (read, length) = bincode::serde::decode_from_slice::<S, _>(&bytes, standard()).unwrap();
    assert_eq!(length, bytes.len());
    T::from(read)
}
