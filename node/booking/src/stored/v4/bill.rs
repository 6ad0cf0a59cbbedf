//! What a booking is of, and what it costs; and how much there is of what is sold.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::Currency;
use crate::stored::each::each;

/// What a booking is of, and what it costs.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Bill {
    items: Vec<Item>,
    currency: Option<Currency>,
}

/// Places in a row that are of one product, and cost the same.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Item {
    product: Option<Box<str>>,
    quantity: u32,
    price: Option<u64>,
}

/// The same, now and when the booking was made, if that has changed.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct Purchase {
    bill: Bill,
    first: Option<Bill>,
}

/// How much there is of what a slot sells.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::stored) struct GoodsView {
    bookable: u32,
    taken: Vec<u64>,
}

impl From<crate::Item> for Item {
    fn from(item: crate::Item) -> Self {
        let crate::Item { product, quantity, price } = item;
        Self { product: product.map(|key| (*key).into()), quantity, price }
    }
}

impl From<Item> for crate::Item {
    fn from(item: Item) -> Self {
        let Item { product, quantity, price } = item;
        Self { product: product.map(Box::into), quantity, price }
    }
}

impl From<Arc<crate::Bill>> for Bill {
    fn from(bill: Arc<crate::Bill>) -> Self {
        let crate::Bill { items, currency } = Arc::unwrap_or_clone(bill);
        Self { items: each(items.into_vec()), currency }
    }
}

impl From<Bill> for Arc<crate::Bill> {
    fn from(bill: Bill) -> Self {
        let Bill { items, currency } = bill;
        Self::new(crate::Bill { items: each(items).into(), currency })
    }
}

impl From<crate::Purchase> for Purchase {
    fn from(purchase: crate::Purchase) -> Self {
        let crate::Purchase { bill, first } = purchase;
        Self { bill: bill.into(), first: first.map(Bill::from) }
    }
}

impl From<Purchase> for crate::Purchase {
    fn from(purchase: Purchase) -> Self {
        let Purchase { bill, first } = purchase;
        Self { bill: bill.into(), first: first.map(Bill::into) }
    }
}

impl From<Arc<crate::GoodsView>> for GoodsView {
    fn from(view: Arc<crate::GoodsView>) -> Self {
        let crate::GoodsView { bookable, taken } = Arc::unwrap_or_clone(view);
        Self { bookable, taken }
    }
}

impl From<GoodsView> for Arc<crate::GoodsView> {
    fn from(view: GoodsView) -> Self {
        let GoodsView { bookable, taken } = view;
        Self::new(crate::GoodsView { bookable, taken })
    }
}
