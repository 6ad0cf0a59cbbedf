//! The same for a slot that sells products: every part of what is said of quotas, bills and prices is broken once, alone.

use alloc::sync::Arc;
use alloc::vec;

use super::tests::{definition, made};
use crate::invariant::Invariant;
use crate::slot::inventory::claim::Claim;
use crate::{
    Asker, Basket, Bill, Book, Command, Currency, Definition, Item, Line, Mode, Number, PriceAsked, Product,
    QuotaAsked, Slot, Status, TariffChange, Timestamp, WhenFull, Wish,
};

/// Two of ten places are for children, who have one of them and wait for two.
fn sound() -> Slot {
    let product = |key: &str| Product { key: key.into(), title: key.into(), categories: None };
    let (product, until) = (vec![product("child"), product("adult")], Some(Timestamp(50)));
    let price = PriceAsked { product: None, category: None, amount: 300, from: None, until };
    let tariff = TariffChange {
        products: Some(product),
        quotas: Some(vec![QuotaAsked { key: "young".into(), size: 2, products: vec!["child".into()] }]),
        prices: Some(vec![price]),
        currency: Some(Some(Currency(*b"EUR"))),
        map: None,
    };
    let tariff = tariff.made_to(None).unwrap().map(Arc::new);
    let mut definition = Definition { tariff, ..definition() };
    definition.policy.customer_limit = None;
    let booked = [1, 2].map(|quantity| {
        let lines = vec![Line { product: "child".into(), quantity }];
        let basket = Some(Basket { lines, expect_amount: None, by: Asker::Organizer }.into());
        let (customer, wish) = ("alice".into(), Wish::Units(quantity));
        let (mode, when_full) = (Mode::Confirm, WhenFull::Waitlist);
        Command::Book(Book { customer, wish, mode, hold_seconds: None, when_full, basket })
    });
    made(definition.into(), booked)
}

/// A bill of so many children.
fn children(quantity: u32) -> Arc<Bill> {
    let item = Item { product: Some("child".into()), quantity, price: Some(300) };
    Arc::new(Bill { items: [item].into(), currency: Some(Currency(*b"EUR")) })
}

/// What is done to a sound slot.
type Change = fn(&mut Slot);

/// What is broken, which part of it, and how.
const BROKEN: &[(Invariant, &str, Change)] = &[
    (Invariant::SingleOwner, "more of a quota is had than there is", |slot| {
        slot.ledger.bookings_mut().set_bill(Number(1), children(3));
    }),
    (Invariant::Conservation, "a bill is of more places than its booking", |slot| {
        slot.ledger.bookings_mut().set_bill(Number(1), children(2));
    }),
    (Invariant::Conservation, "some of a quota is taken that nobody has", |slot| {
        let bill = children(1);
        let claim = Claim { number: Number(9), quantity: 0, seats: None, range: None, bill: Some(&bill) };
        slot.ledger.inventory_mut().restore_claim(&claim, Status::Held);
    }),
    (Invariant::Conservation, "somebody waits in no queue", |slot| {
        let booking = slot.ledger.bookings().get_whole(Number(2)).to_owned();
        slot.ledger.inventory_mut().leave(&booking.as_ref().claim());
    }),
    (Invariant::Conservation, "everything costs what it will", |slot| {
        slot.ledger.inventory_mut().set_time(Timestamp(50));
    }),
    (Invariant::NothingIdle, "somebody waits who could be served", |slot| {
        let booking = slot.ledger.bookings().get_whole(Number(1)).to_owned();
        slot.ledger.inventory_mut().transition(
            &booking.as_ref().claim(),
            (Status::Confirmed, Status::Cancelled),
            None,
        );
    }),
    (Invariant::EqualBytes, "what a booking cost first", |slot| {
        slot.ledger.bookings_mut().set_bill(Number(1), children(2));
    }),
];

#[test]
fn each_part_of_each_is_looked_at() {
    assert_eq!(sound().check(), Ok(()));
    for (invariant, part, spoil) in BROKEN {
        let mut slot = sound();
        spoil(&mut slot);
        assert!(!slot.upholds(*invariant), "{invariant}: {part}");
        assert!(slot.check().is_err(), "{invariant}: {part}");
    }
}
