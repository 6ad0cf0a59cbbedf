//! All orders of a merchant, and when time alone ends which.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::order::Order;
use crate::{OrderNumber, Timestamp};

/// The orders of a merchant.
#[derive(Default)]
pub(crate) struct Orders {
    all: BTreeMap<OrderNumber, Order>,
    deadlines: BTreeSet<(Timestamp, OrderNumber)>,
    /// Those that changed since the changes were last taken.
    changed: BTreeSet<OrderNumber>,
    /// The wrapping sum of their digests.
    digest: u64,
}

impl Orders {
    /// These orders; none where two have one number.
    pub(super) fn restore(saved: Vec<Order>) -> Option<Self> {
        let (mut orders, many) = (Self::default(), saved.len());
        for order in saved {
            orders.put(order);
        }
        orders.changed.clear();
        (orders.all.len() == many).then_some(orders)
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.all.len() as u64
    }

    /// The wrapping sum of their digests.
    pub(super) fn digest(&self) -> u64 {
        self.digest
    }

    /// The one with this number.
    pub(super) fn get(&self, number: OrderNumber) -> Option<&Order> {
        self.all.get(&number)
    }

    /// All of them, in the order in which they were made.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Order> {
        self.all.values()
    }

    /// When time alone ends one, and which.
    pub(super) fn first_deadline(&self) -> Option<(Timestamp, OrderNumber)> {
        self.deadlines.first().copied()
    }

    /// Puts one in the place of its number.
    pub(super) fn put(&mut self, order: Order) {
        let number = order.number;
        self.changed.insert(number);
        self.digest = self.digest.wrapping_add(order.digest());
        let after = order.deadline();
        if let Some(before) = self.all.insert(number, order) {
            self.digest = self.digest.wrapping_sub(before.digest());
            before.deadline().map(|due| self.deadlines.remove(&(due, number)));
        }
        after.map(|due| self.deadlines.insert((due, number)));
    }

    /// Changes one that is here.
    pub(super) fn change<Done>(
        &mut self,
        number: OrderNumber,
        change: impl FnOnce(&mut Order) -> Done,
    ) -> Done {
        let mut order = self.all.get(&number).expect("an order is never forgotten").clone();
        let done = change(&mut order);
        self.put(order);
        done
    }

    /// Those that changed since this was last asked.
    pub(super) fn take_changed(&mut self) -> Vec<Order> {
        core::mem::take(&mut self.changed).iter().map(|number| self.all[number].clone()).collect()
    }

    /// Whether what is kept beside them is what follows from them.
    pub(super) fn are_indexed(&self) -> bool {
        let due = self.all.values().filter_map(|order| Some((order.deadline()?, order.number)));
        due.collect::<BTreeSet<_>>() == self.deadlines
            && self.all.iter().all(|(number, order)| *number == order.number)
            && self.all.values().map(Order::digest).fold(0, u64::wrapping_add) == self.digest
    }
}
