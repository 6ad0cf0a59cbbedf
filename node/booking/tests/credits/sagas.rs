//! Orders over several slots: a scenario for each rule of theirs, with the merchant and the slots that know of each other by messages alone.

use std::sync::Arc;

use booking::merchant::{
    self, Command, Decision, Grant, ItemRefused, ItemState, NewItem, NewOrder, NewVoucher, Order, OrderAsked,
    OrderStatus, Owner, Refusal, Reserve, VoucherRefused,
};
use booking::{
    Asker, Basket, Book, Currency, Definition, Fingerprint, LateCancel, Mode, NotBooked, Off, OnAccount,
    OrderNumber, Price, RequestKey, Status, Tariff, Timestamp,
};

use crate::world::{DAY_MS, World, act, book, plan, slot_id, usual};

/// A slot of so many places that asks for nothing, and whose places cost so much.
pub(crate) fn plain(capacity: u32, price: Option<u64>) -> Definition {
    let mut definition = usual(capacity);
    definition.policy.on_account = None;
    definition.tariff = price.map(|amount| {
        let price = Price { product: None, category: None, amount, from: None, until: None };
        let currency = Some(Currency(*b"EUR"));
        Arc::new(Tariff { products: Vec::new(), quotas: Vec::new(), prices: vec![price], currency })
    });
    definition
}

/// A booking of a slot, as an item.
pub(crate) fn item(world: &World, place: usize, key: u128, book: Book) -> NewItem {
    let book = sold(world, place, book);
    NewItem::Book(Box::new(Reserve {
        slot: slot_id(place),
        request: RequestKey(key),
        fingerprint: Fingerprint(1),
        book,
        terms: world.terms(place),
        tags: Vec::new(),
        packages: Vec::new(),
        firsts: Vec::new(),
        code: None,
    }))
}

/// The same booking as it is asked for where something is sold for a price.
pub(crate) fn sold(world: &World, place: usize, book: Book) -> Book {
    let basket = Basket { lines: Vec::new(), expect_amount: None, by: Asker::Customer };
    let is_sold = world.definition(place).tariff.is_some();
    Book { basket: is_sold.then(|| Box::new(basket)), ..book }
}

/// Units of slots, as an order: where, by which key, how many.
pub(crate) fn order_of(world: &World, customer: &str, items: &[(usize, u128, u32)]) -> NewOrder {
    let of = |(place, key, quantity): &(usize, u128, u32)| {
        item(world, *place, *key, book(customer, *quantity, Mode::Hold))
    };
    NewOrder {
        customer: customer.into(),
        items: items.iter().map(of).collect(),
        mode: Mode::Hold,
        hold_seconds: 86_400,
        hold_seconds_max: 2 * 86_400,
        is_bundle: false,
        skips: false,
        expect_amount: None,
        code: None,
    }
}

pub(crate) fn place(world: &mut World, new: NewOrder) -> OrderNumber {
    let decision = world.ask(Command::Order(Box::new(new)));
    let Decision::Order(order) = decision else { panic!("{decision:?}") };
    order.number
}

fn settled(world: &mut World, new: NewOrder) -> OrderNumber {
    let number = place(world, new);
    world.settle();
    number
}

#[expect(clippy::unnecessary_box_returns, reason = "it is what commands hold")]
pub(crate) fn asked(customer: &str, order: OrderNumber, by: Owner) -> Box<OrderAsked> {
    Box::new(OrderAsked { customer: customer.into(), order, by })
}

fn order(world: &World, number: OrderNumber) -> Order {
    world.merchant().order(number).unwrap().clone()
}

fn status(world: &World, number: OrderNumber) -> OrderStatus {
    order(world, number).status
}

fn states(world: &World, number: OrderNumber) -> Vec<ItemState> {
    order(world, number).items.iter().map(|item| item.state).collect()
}

fn booking_status(world: &World, place: usize, key: u128) -> Option<Status> {
    world.booking(place, key).map(|view| view.status)
}

fn refused(reason: booking::Refusal) -> ItemState {
    ItemState::Refused(ItemRefused::BySlot(NotBooked::Refused(reason)))
}

#[test]
fn an_order_is_held_confirmed_and_given_back_as_a_whole() {
    let mut world = World::new([plain(2, None), plain(2, None), usual(1)]);
    world.grant("alice", 1, Some(40));
    let new = order_of(&world, "alice", &[(2, 12, 1), (0, 10, 2), (1, 11, 1)]);
    let number = place(&mut world, new);
    assert_eq!(status(&world, number), OrderStatus::Collecting);
    world.settle();
    assert_eq!((status(&world, number), order(&world, number).is_settled()), (OrderStatus::Held, true));
    let view = world.booking(0, 10).unwrap();
    assert_eq!((view.status, view.order), (Status::Held, Some(number)));
    assert_eq!(view.expires_at, Some(order(&world, number).until), "each has the order's deadline");
    // Nobody acts on one of its bookings alone.
    for command in [
        booking::Command::ConfirmBooking(act(10, None)),
        booking::Command::CancelBooking(act(10, Some("alice"))),
    ] {
        let key = world.key();
        let decision = world.ask_slot(0, key, command);
        assert_eq!(decision, booking::Decision::Refused(booking::Refusal::InOrder));
    }
    let held = world.ask(Command::ConfirmOrder(asked("alice", number, Owner::Customer)));
    assert!(matches!(held, Decision::Order(order) if !order.is_settled()));
    world.settle();
    assert_eq!(states(&world, number), [ItemState::Confirmed; 3]);
    assert_eq!(booking_status(&world, 2, 12), Some(Status::Confirmed));
    world.ask(Command::CancelOrder(asked("alice", number, Owner::Customer), Vec::new()));
    world.settle();
    assert_eq!(status(&world, number), OrderStatus::Cancelled);
    assert_eq!(booking_status(&world, 1, 11), Some(Status::Cancelled));
    assert_eq!(world.account("alice").unwrap().packages[0].credits.available, 1, "in time: it comes back");
}

#[test]
fn a_refusal_names_every_item_and_leaves_nothing() {
    let mut world = World::new([plain(2, None), plain(1, None), plain(1, None), usual(9)]);
    world.grant("bob", 1, Some(40));
    world.ask_slot(1, 50, booking::Command::Book(book("carol", 1, Mode::Confirm)));
    world.ask_slot(2, 51, booking::Command::Book(book("carol", 1, Mode::Confirm)));
    // The first slot holds, the second refuses, the third is only looked at, and credits are let go.
    let new = order_of(&world, "bob", &[(0, 10, 1), (1, 11, 1), (2, 12, 1), (3, 13, 1)]);
    let number = settled(&mut world, new);
    let sold_out = refused(booking::Refusal::SoldOut);
    assert_eq!(status(&world, number), OrderStatus::Refused);
    assert_eq!(states(&world, number), [ItemState::Over, sold_out, sold_out, ItemState::Over]);
    assert_eq!(booking_status(&world, 0, 10), Some(Status::Cancelled));
    assert_eq!(booking_status(&world, 3, 13), None);
    assert_eq!(world.account("bob").unwrap().packages[0].credits.available, 1);
    // What the merchant refuses is refused with what slots say.
    let new = order_of(&world, "dora", &[(1, 21, 1), (3, 23, 1)]);
    let number = settled(&mut world, new);
    let credits = Refusal::InsufficientCredits { needed: 1, available: 0 };
    let by_merchant = ItemState::Refused(ItemRefused::ByMerchant(credits));
    assert_eq!(states(&world, number), [sold_out, by_merchant]);
}

#[test]
fn items_of_one_slot_are_judged_together() {
    let mut world = World::new([plain(3, None), plain(3, None)]);
    let new = order_of(&world, "alice", &[(0, 10, 2), (0, 11, 2), (1, 12, 1)]);
    let number = settled(&mut world, new);
    assert_eq!(status(&world, number), OrderStatus::Refused);
    assert_eq!(
        states(&world, number),
        [ItemState::Over, refused(booking::Refusal::SoldOut), ItemState::Over]
    );
    assert_eq!(booking_status(&world, 0, 10), Some(Status::Cancelled));
    let new = order_of(&world, "alice", &[(0, 20, 2), (0, 21, 1)]);
    let number = settled(&mut world, new);
    assert_eq!(states(&world, number), [ItemState::Held; 2]);
}

#[test]
fn what_cannot_be_had_is_left_out_where_that_is_asked() {
    let mut world = World::new([plain(1, Some(1_000)), plain(1, Some(500))]);
    let taken = sold(&world, 0, book("carol", 1, Mode::Hold));
    world.ask_slot(0, 50, booking::Command::Book(taken));
    let new = NewOrder {
        skips: true,
        expect_amount: Some(500),
        ..order_of(&world, "alice", &[(0, 10, 1), (1, 11, 1)])
    };
    let number = settled(&mut world, new);
    assert_eq!(states(&world, number), [refused(booking::Refusal::SoldOut), ItemState::Held]);
    assert_eq!((status(&world, number), order(&world, number).amount()), (OrderStatus::Held, 500));
    // Where all of it is left out, it is refused.
    let new = NewOrder { skips: true, ..order_of(&world, "bob", &[(0, 20, 1), (1, 21, 1)]) };
    let number = settled(&mut world, new);
    assert_eq!(status(&world, number), OrderStatus::Refused);
}

#[test]
fn what_is_owed_is_confirmed_by_the_organizer_alone_until_it_can_be_paid() {
    let mut world = World::new([plain(9, Some(1_000)), plain(9, None)]);
    let new = NewOrder { mode: Mode::Confirm, ..order_of(&world, "alice", &[(0, 10, 2), (1, 11, 1)]) };
    let number = settled(&mut world, new);
    assert_eq!((status(&world, number), order(&world, number).amount()), (OrderStatus::Held, 2_000));
    let confirm = |by| Command::ConfirmOrder(asked("alice", number, by));
    assert_eq!(world.ask(confirm(Owner::Customer)), Decision::Refused(Refusal::PaymentRequired));
    world.ask(confirm(Owner::Organizer));
    world.settle();
    assert_eq!(status(&world, number), OrderStatus::Confirmed);
    assert_eq!(world.ask(confirm(Owner::Organizer)), Decision::Refused(Refusal::NotHeld));
    // Nothing is owed: it is confirmed at once, where that is asked.
    let new = NewOrder { mode: Mode::Confirm, ..order_of(&world, "alice", &[(1, 21, 1)]) };
    let number = settled(&mut world, new);
    assert_eq!(
        (status(&world, number), states(&world, number)),
        (OrderStatus::Confirmed, vec![ItemState::Confirmed])
    );
    // What costs something else than is expected is refused.
    let new = NewOrder { expect_amount: Some(1), ..order_of(&world, "alice", &[(0, 30, 1)]) };
    let number = settled(&mut world, new);
    assert_eq!(order(&world, number).refusal, Some(Refusal::PriceChanged));
    assert_eq!(booking_status(&world, 0, 30), Some(Status::Cancelled));
}

#[test]
fn a_hold_of_an_order_ends_at_its_orders_word_only() {
    let mut world = World::new([plain(1, None), plain(1, None)]);
    let new = order_of(&world, "alice", &[(0, 10, 1), (1, 11, 1)]);
    let number = settled(&mut world, new);
    let until = order(&world, number).until;
    // The slot's clock passes the deadline, and the hold stays: a minute later the merchant is asked.
    world.at = until.0;
    world.pulse_slot(0);
    assert_eq!(booking_status(&world, 0, 10), Some(Status::Held));
    world.at = until.0 + 60_000;
    world.pulse_slot(0);
    assert_eq!((booking_status(&world, 0, 10), world.open().len()), (Some(Status::Held), 1));
    world.settle();
    assert_eq!(status(&world, number), OrderStatus::Expired);
    assert_eq!(booking_status(&world, 0, 10), Some(Status::Cancelled));
    assert_eq!(booking_status(&world, 1, 11), Some(Status::Cancelled));
    let late = world.ask(Command::ConfirmOrder(asked("alice", number, Owner::Organizer)));
    assert_eq!(late, Decision::Refused(Refusal::HoldExpired));
}

#[test]
fn a_slot_whose_clock_is_ahead_asks_again_behind_an_extension() {
    let mut world = World::new([plain(1, None)]);
    let new = order_of(&world, "alice", &[(0, 10, 1)]);
    let number = settled(&mut world, new);
    let until = order(&world, number).until.0;
    world.at = until + 60_000;
    world.pulse_slot(0);
    assert_eq!(world.open().len(), 1, "the merchant is asked");
    // To the merchant it is earlier: the order stands, and so does the hold.
    world.at = until - 60_000;
    world.settle();
    world.ask(Command::ExtendOrder(asked("alice", number, Owner::Customer), 3_600));
    world.settle();
    let later = order(&world, number).until.0;
    assert_eq!((booking_status(&world, 0, 10), until < later), (Some(Status::Held), true));
    world.at = later + 60_000;
    world.pulse_slot(0);
    assert_eq!(world.open().len(), 1, "it is asked again");
    world.settle();
    assert_eq!(
        (status(&world, number), booking_status(&world, 0, 10)),
        (OrderStatus::Expired, Some(Status::Cancelled))
    );
}

#[test]
fn a_hold_of_an_order_outlives_its_slot() {
    let mut world = World::new([plain(1, None)]);
    let mut new = order_of(&world, "alice", &[(0, 10, 1)]);
    (new.hold_seconds, new.hold_seconds_max) = (30 * 86_400 / 6, 30 * 86_400 / 6);
    world.at = 19 * DAY_MS;
    let number = settled(&mut world, new);
    world.at = 22 * DAY_MS;
    world.pulse_slot(0);
    assert_eq!(booking_status(&world, 0, 10), Some(Status::Held));
    world.ask(Command::ConfirmOrder(asked("alice", number, Owner::Customer)));
    world.settle();
    assert_eq!(booking_status(&world, 0, 10), Some(Status::Confirmed));
}

#[test]
fn an_order_is_extended_as_a_whole_and_not_for_ever() {
    let mut world = World::new([plain(1, None), plain(1, None)]);
    let new = order_of(&world, "alice", &[(0, 10, 1), (1, 11, 1)]);
    let number = settled(&mut world, new);
    let (made_at, until) = (order(&world, number).made_at, order(&world, number).until);
    world.at += 1_000;
    let extend = |seconds| Command::ExtendOrder(asked("alice", number, Owner::Customer), seconds);
    world.ask(extend(3_600));
    assert_eq!(order(&world, number).until, until, "never earlier");
    world.ask(extend(9 * 86_400));
    world.settle();
    let longest = Timestamp(made_at.0 + 2 * DAY_MS);
    assert_eq!(order(&world, number).until, longest);
    assert_eq!(world.booking(1, 11).unwrap().expires_at, Some(longest));
}

#[test]
fn single_items_are_given_back_unless_it_is_a_bundle() {
    let mut world = World::new([plain(9, Some(100)), plain(9, Some(200))]);
    let new = order_of(&world, "alice", &[(0, 10, 1), (1, 11, 1)]);
    let number = settled(&mut world, new);
    let give_back = |number, items| Command::CancelOrder(asked("alice", number, Owner::Customer), items);
    assert_eq!(world.ask(give_back(number, vec![7])), Decision::Refused(Refusal::Malformed));
    world.ask(give_back(number, vec![0]));
    world.settle();
    assert_eq!((status(&world, number), order(&world, number).amount()), (OrderStatus::Held, 200));
    assert_eq!(booking_status(&world, 0, 10), Some(Status::Cancelled));
    assert_eq!(world.ask(give_back(number, vec![0])), Decision::Refused(Refusal::AlreadyOver));
    world.ask(give_back(number, vec![1]));
    world.settle();
    assert_eq!(status(&world, number), OrderStatus::Cancelled, "nothing is left of it");
    assert_eq!(world.ask(give_back(number, vec![])), Decision::Refused(Refusal::AlreadyOver));
    let new = NewOrder { is_bundle: true, ..order_of(&world, "alice", &[(0, 20, 1), (1, 21, 1)]) };
    let number = settled(&mut world, new);
    assert_eq!(world.ask(give_back(number, vec![0])), Decision::Refused(Refusal::Bundle));
    let anothers = Command::CancelOrder(asked("bob", number, Owner::Customer), Vec::new());
    assert_eq!(world.ask(anothers), Decision::NotFound);
}

#[test]
fn a_slot_that_is_cancelled_ends_its_items_and_a_bundle() {
    let mut world = World::new([plain(9, None), plain(9, None)]);
    let new = order_of(&world, "alice", &[(0, 10, 1), (1, 11, 1)]);
    let alone = settled(&mut world, new);
    let new = NewOrder { is_bundle: true, ..order_of(&world, "bob", &[(0, 20, 1), (1, 21, 1)]) };
    let bundle = settled(&mut world, new);
    world.ask(Command::ConfirmOrder(asked("bob", bundle, Owner::Customer)));
    world.ask_slot(0, 50, booking::Command::CancelSlot);
    world.settle();
    assert_eq!(states(&world, alone), [ItemState::Over, ItemState::Held]);
    assert_eq!((status(&world, alone), status(&world, bundle)), (OrderStatus::Held, OrderStatus::Cancelled));
    assert_eq!(booking_status(&world, 1, 21), Some(Status::Cancelled));
}

#[test]
fn a_booking_that_is_held_is_adopted_once_and_goes_back_to_its_own_hold() {
    let mut world = World::new([plain(9, None), plain(1, None)]);
    world.ask_slot(0, 50, booking::Command::Book(book("alice", 1, Mode::Hold)));
    let own = world.booking(0, 50).unwrap().expires_at;
    let with_adopted = |world: &World, customer: &str, other: u128| {
        let mut new = order_of(world, customer, &[(1, other, 1)]);
        new.items.insert(0, NewItem::Adopt(slot_id(0), RequestKey(50)));
        new.hold_seconds = 2 * 86_400;
        new
    };
    // Another's is not there.
    let new = with_adopted(&world, "bob", 10);
    let number = settled(&mut world, new);
    assert_eq!(states(&world, number)[0], ItemState::Refused(ItemRefused::BySlot(NotBooked::NotFound)));
    let new = with_adopted(&world, "alice", 11);
    let number = settled(&mut world, new);
    assert_eq!(status(&world, number), OrderStatus::Held);
    assert_eq!(world.booking(0, 50).unwrap().expires_at, Some(order(&world, number).until));
    let new = with_adopted(&world, "alice", 12);
    let again = settled(&mut world, new);
    assert_eq!(states(&world, again)[0], refused(booking::Refusal::InOrder));
    world.ask(Command::CancelOrder(asked("alice", number, Owner::Customer), Vec::new()));
    world.settle();
    let view = world.booking(0, 50).unwrap();
    assert_eq!((view.status, view.expires_at, view.order), (Status::Held, own, None));
    // A second order takes it, and is given back when its own hold is over: so is it.
    let new = with_adopted(&world, "alice", 13);
    let number = settled(&mut world, new);
    world.at = own.unwrap().0 + 1;
    world.pulse_slot(0);
    assert_eq!(booking_status(&world, 0, 50), Some(Status::Held));
    world.ask(Command::CancelOrder(asked("alice", number, Owner::Customer), Vec::new()));
    world.settle();
    assert_eq!(booking_status(&world, 0, 50), Some(Status::Expired));
}

#[test]
fn an_order_buys_packages_which_are_granted_when_it_is_confirmed() {
    let mut world = World::new([plain(9, None)]);
    let grant = |price| Grant {
        customer: "alice".into(),
        plan: Arc::new(merchant::Plan { price, currency: Some(Currency(*b"EUR")), ..plan(5) }),
        valid_from: None,
        valid_until: Some(Timestamp(40 * DAY_MS)),
    };
    let mut new = order_of(&world, "alice", &[(0, 10, 1)]);
    new.items.push(NewItem::Package(Box::new(grant(9_000))));
    let number = settled(&mut world, new);
    assert_eq!((status(&world, number), order(&world, number).amount()), (OrderStatus::Held, 9_000));
    assert!(world.packages("alice").is_empty());
    world.ask(Command::ConfirmOrder(asked("alice", number, Owner::Organizer)));
    world.settle();
    assert_eq!(world.packages("alice").len(), 1);
    world.ask(Command::CancelOrder(asked("alice", number, Owner::Organizer), vec![1]));
    world.settle();
    assert!(world.account("alice").unwrap().packages[0].is_revoked, "what is given back cannot be used");
    assert_eq!(status(&world, number), OrderStatus::Confirmed);
}

#[test]
fn a_code_is_for_what_it_fits_and_must_fit_something() {
    let mut world = World::new([plain(9, Some(1_000)), plain(9, Some(1_000))]);
    let voucher = NewVoucher {
        code: "half01".into(),
        uses: 3,
        valid_until: None,
        off: Some(Off::Percent(50)),
        slots: vec![slot_id(0)],
        products: Vec::new(),
        per_customer: None,
    };
    world.ask(Command::MakeVoucher(Box::new(voucher)));
    let with_code = |world: &World, items: &[(usize, u128, u32)]| NewOrder {
        code: Some("HALF01".into()),
        ..order_of(world, "alice", items)
    };
    let new = with_code(&world, &[(0, 10, 2), (1, 11, 1)]);
    let number = settled(&mut world, new);
    assert_eq!(order(&world, number).amount(), 2_000, "two for half, one in full");
    let used = |world: &World| world.merchant().voucher_coded("half01").unwrap().used();
    assert_eq!(used(&world), 2);
    // Uses of one order are counted together.
    let new = with_code(&world, &[(0, 20, 1), (0, 21, 1)]);
    let refused = settled(&mut world, new);
    let why = |reason| ItemState::Refused(ItemRefused::ByMerchant(Refusal::VoucherRefused(reason)));
    assert_eq!(states(&world, refused)[1], why(VoucherRefused::UsedUp));
    let new = with_code(&world, &[(1, 30, 1)]);
    let refused = settled(&mut world, new);
    assert_eq!(states(&world, refused), [why(VoucherRefused::NotForThis)]);
    // What ends unconfirmed gives its uses back; what was confirmed does not.
    world.ask(Command::CancelOrder(asked("alice", number, Owner::Customer), Vec::new()));
    world.settle();
    assert_eq!(used(&world), 0);
    let new = with_code(&world, &[(0, 40, 3)]);
    let number = settled(&mut world, new);
    world.ask(Command::ConfirmOrder(asked("alice", number, Owner::Organizer)));
    world.ask(Command::CancelOrder(asked("alice", number, Owner::Customer), Vec::new()));
    world.settle();
    assert_eq!((status(&world, number), used(&world)), (OrderStatus::Cancelled, 3));
}

#[test]
fn who_asks_too_late_keeps_what_was_confirmed() {
    let mut late = usual(9);
    let mut credits = late.policy.on_account.unwrap().credits.unwrap();
    credits.late_cancel = LateCancel::Refuse;
    late.policy.on_account = OnAccount::new(Some(credits), false);
    let mut world = World::new([late, usual(9)]);
    world.grant("alice", 9, Some(40));
    let new = order_of(&world, "alice", &[(0, 10, 1), (1, 11, 1)]);
    let number = settled(&mut world, new);
    world.ask(Command::ConfirmOrder(asked("alice", number, Owner::Customer)));
    world.settle();
    world.at = 16 * DAY_MS;
    world.ask(Command::CancelOrder(asked("alice", number, Owner::Customer), Vec::new()));
    world.settle();
    assert_eq!(states(&world, number), [ItemState::Confirmed, ItemState::GivenBack]);
    assert_eq!(status(&world, number), OrderStatus::Confirmed);
    let credits = world.account("alice").unwrap().packages[0].credits;
    assert_eq!((credits.reserved, credits.spent), (1, 1), "the other is forfeited, by its slot's word");
}

#[test]
fn what_time_ends_while_slots_are_asked_is_let_go_behind_that() {
    let mut world = World::new([plain(1, None), plain(1, None)]);
    let new = order_of(&world, "alice", &[(0, 10, 1), (1, 11, 1)]);
    let number = place(&mut world, new);
    // The first slot's group has no quorum: nothing comes, and nothing is said.
    world.at = order(&world, number).until.0;
    world.pulse();
    assert_eq!(status(&world, number), OrderStatus::Expired);
    assert!(!order(&world, number).is_settled());
    world.settle();
    assert_eq!(booking_status(&world, 0, 10), Some(Status::Cancelled), "held, and let go behind it");
    assert_eq!(booking_status(&world, 1, 11), None);
    assert!(order(&world, number).is_settled());
}

#[test]
fn an_order_of_nothing_or_of_something_twice_is_none() {
    let mut world = World::new([plain(9, None)]);
    let none = order_of(&world, "alice", &[]);
    let twice = order_of(&world, "alice", &[(0, 10, 1), (0, 10, 1)]);
    let many = (0..65).map(|key| (0, 100 + key, 1)).collect::<Vec<_>>();
    let many = order_of(&world, "alice", &many);
    for new in [none, twice, many] {
        let decision = world.ask(Command::Order(Box::new(new)));
        assert_eq!(decision, Decision::Refused(Refusal::Malformed));
    }
}
