//! Vouchers: one table for each rule, and what they do to what places cost.

use std::sync::Arc;

use booking::merchant::{self, Command, NewVoucher, VoucherRefused};
use booking::{
    Asker, Basket, Book, ChangeQuantity, Currency, Definition, Line, Mode, Off, OnAccount, Price, Product,
    Promotion, Status, Tariff,
};

use crate::stage::check;
use crate::world::{World, act, book, usual};

#[test]
fn codes_are_compared_without_case_and_blanks() {
    check(
        "
        @1 voucher Early_24 10          => 1: 0/0 of 10   | voucherchanged: voucher 1 10
        voucher EARLY24 5               => code_taken     | -
        voucher ____ 5                  => malformed      | -
        voucher late99 0                => malformed      | -
        voucher late99 5 percent=101    => malformed      | -
        voucher late99 5 percent=100    => 2: 0/0 of 5    | voucherchanged: voucher 2 5
        find eArLy_2_4                  => 1: 0/0 of 10
        find other                      => none
        ",
    );
}

#[test]
fn a_slot_may_ask_for_a_code() {
    check(
        "
        @1 voucher presale 3                                => 1: 0/0 of 3
        reserve alice 2 start=20 price=none coded           => voucher_refused required | -
        r: reserve alice 2 start=20 price=none coded code=PRESALE => promised | reserved: voucher 1 2
        use 1                                               => 1: 2/0 of 3
        reserve bob 2 start=20 price=none coded code=presale => voucher_refused usedup | -
        reserve bob 1 start=20 price=none coded code=nothing => voucher_refused unknown | -
        s: reserve bob 1 start=20 price=none code=presale   => promised | reserved: voucher 1 1
        ended s released 0                                  => noted | released: voucher 1 1
        use 1                                               => 1: 2/0 of 3
        ended r spent                                       => noted | spent: voucher 1 2
        use 1                                               => 1: 0/2 of 3
        ended r released 0                                  => noted | -
        ",
    );
}

#[test]
fn uses_come_back_unless_it_was_confirmed() {
    check(
        "
        @1 voucher presale 9                                  => 1: 0/0 of 9
        a: reserve alice 1 start=20 price=none code=presale   => promised
        b: reserve alice 2 start=20 price=none code=presale   => promised
        c: reserve alice 3 start=20 price=none code=presale   => promised
        use 1                                                 => 1: 6/0 of 9
        not_booked a                                          => ended | released: voucher 1 1
        ended b released 0                                    => noted | released: voucher 1 2
        booked c                                              => ended | -
        ended c over                                          => noted | spent: voucher 1 3
        use 1                                                 => 1: 0/3 of 9
        ",
    );
}

#[test]
fn a_voucher_is_refused_for_one_reason_at_a_time() {
    check(
        "
        @1 voucher here01 4 slots=7 until=10                  => 1: 0/0 of 4 until 10
        voucher there1 4 slots=8                              => 2: 0/0 of 4
        voucher adults 4 products=adult                       => 3: 0/0 of 4
        voucher once01 9 each=2                               => 4: 0/0 of 9
        reserve alice 1 start=20 price=none code=there1       => voucher_refused notforthis
        reserve alice 1 start=20 price=none code=adults       => voucher_refused notforthis
        a: reserve alice 2 start=20 price=none code=once01    => promised
        reserve alice 1 start=20 price=none code=once01       => voucher_refused percustomer
        ended a over                                          => noted
        reserve alice 1 start=20 price=none code=once01       => voucher_refused percustomer
        b: reserve bob 2 start=20 price=none code=once01      => promised
        ended b released 0                                    => noted
        reserve bob 2 start=20 price=none code=once01         => promised
        reserve alice 1 start=20 price=none code=here01       => promised
        @10 reserve alice 1 start=20 price=none code=here01   => voucher_refused expired
        ",
    );
}

#[test]
fn what_is_changed_binds_new_bookings_only() {
    check(
        "
        @1 voucher presale 4                                  => 1: 0/0 of 4
        a: reserve alice 3 start=20 price=none code=presale   => promised
        change 1 uses=2                                       => 1: 3/0 of 2 | voucherchanged: voucher 1 2
        change 1 uses=2                                       => 1: 3/0 of 2 | -
        change 2 uses=2                                       => not_found | -
        change 1 uses=0                                       => malformed | -
        reserve bob 1 start=20 price=none code=presale        => voucher_refused usedup
        change 1 uses=5 until=30 slots=8                      => 1: 3/0 of 5 until 30
        reserve bob 1 start=20 price=none code=presale        => voucher_refused notforthis
        change 1 slots=7                                      => 1: 3/0 of 5 until 30
        reserve bob 1 start=20 price=none code=presale        => promised
        @2 withdraw 1                                         => 1: 4/0 of 5 until 2 | voucherchanged: voucher 1 5
        withdraw 1                                            => 1: 4/0 of 5 until 2 | -
        withdraw 9                                            => not_found | -
        reserve bob 1 start=20 price=none code=presale        => voucher_refused expired
        voucher presale 1                                     => code_taken
        ended a over                                          => noted | spent: voucher 1 3
        use 1                                                 => 1: 1/3 of 5 until 2
        ",
    );
}

#[test]
fn the_limit_is_told_before_a_voucher_and_that_before_credits() {
    check(
        "
        @1 voucher presale 2                                            => 1: 0/0 of 2
        limit 2                                                         => limit 2
        reserve alice 3 start=20 price=1 limited code=unknown1          => customer_limit
        reserve alice 2 start=20 price=1 limited code=unknown1          => voucher_refused unknown
        reserve alice 2 start=20 price=1 limited code=presale           => insufficient_credits 0/2
        use 1                                                           => 1: 0/0 of 2
        p: grant alice 5                                                => 5 available
        r: reserve alice 2 start=20 price=1 limited code=presale        => promised | reserved: p 2, voucher 1 2
        ended r over                                                    => noted | spent: voucher 1 2, released p 2
        ",
    );
}

/// A slot of three places that asks for a code: an adult costs 10.00, a child 5.01.
fn presale() -> Definition {
    let mut definition = usual(3);
    let product = |key: &str| Product { key: key.into(), title: key.into(), categories: None };
    let price =
        |product, amount| Price { product: Some(product), category: None, amount, from: None, until: None };
    definition.tariff = Some(Arc::new(Tariff {
        products: vec![product("adult"), product("child")],
        quotas: Vec::new(),
        prices: vec![price(0, 1_000), price(1, 501)],
        currency: Some(Currency(*b"EUR")),
    }));
    let waitlist = definition.policy.waitlist.as_mut().unwrap();
    waitlist.promotion = Promotion::Offer;
    definition.policy.on_account =
        Some(OnAccount { credits: None, placement_limit: false, code_required: true });
    definition
}

fn of_lines(customer: &str, lines: &[(&str, u32)], expect_amount: Option<u64>) -> Book {
    let quantity = lines.iter().map(|(_, quantity)| quantity).sum();
    let lines =
        lines.iter().map(|(product, quantity)| Line { product: (*product).into(), quantity: *quantity });
    let basket = Basket { lines: lines.collect(), expect_amount, by: Asker::Customer };
    Book { basket: Some(Box::new(basket)), ..book(customer, quantity, Mode::Hold) }
}

fn amount(world: &World, key: u128) -> u64 {
    world.booking(0, key).unwrap().bill.unwrap().amount().unwrap()
}

#[test]
fn what_a_voucher_is_for_costs_less_also_when_its_turn_comes() {
    let mut world = World::new([presale()]);
    let voucher = NewVoucher {
        code: "family".into(),
        uses: 3,
        valid_until: None,
        off: Some(Off::Percent(50)),
        slots: Vec::new(),
        products: vec!["child".into()],
        per_customer: None,
    };
    world.ask(Command::MakeVoucher(Box::new(voucher)));
    let used = |world: &World| world.merchant().voucher_coded("FAMILY").unwrap().used();
    // Half of 5.01 is 2.50: rounded down, for each place.
    let lines = [("adult", 1), ("child", 2)];
    world.reserve_with(0, 10, of_lines("alice", &lines, Some(1_500)), Some("family"));
    world.settle();
    assert_eq!((amount(&world, 10), used(&world)), (1_500, 2));
    // Who waits has a use too, and pays less when what is offered is accepted.
    world.reserve_with(0, 12, of_lines("carol", &[("child", 1)], None), Some("family"));
    world.settle();
    assert_eq!((world.booking(0, 12).unwrap().status, used(&world)), (Status::Waitlisted, 3));
    world.ask_slot(0, 20, booking::Command::CancelBooking(act(10, Some("alice"))));
    world.settle();
    assert_eq!((world.booking(0, 12).unwrap().status, used(&world)), (Status::Offered, 1));
    world.ask_slot(0, 21, booking::Command::AcceptOffer(act(12, Some("carol"))));
    world.settle();
    assert_eq!((amount(&world, 12), used(&world)), (250, 1));
    // Who expects what it costs without is refused, and keeps no use.
    world.reserve_with(0, 13, of_lines("bob", &[("child", 1)], Some(501)), Some("family"));
    world.settle();
    assert_eq!((world.booking(0, 13), used(&world)), (None, 1));
    // Of fewer there are fewer uses, and none comes back once it is confirmed.
    world.reserve_with(0, 14, of_lines("bob", &[("child", 2)], None), Some("family"));
    world.settle();
    assert_eq!(used(&world), 3);
    let one = std::num::NonZeroU32::MIN;
    let fewer = ChangeQuantity { act: act(14, Some("bob")), quantity: one, lines: Vec::new() };
    world.ask_slot(0, 22, booking::Command::ChangeQuantity(fewer));
    world.settle();
    assert_eq!((amount(&world, 14), used(&world)), (250, 2));
    world.ask_slot(0, 23, booking::Command::ConfirmBooking(act(14, None)));
    world.ask_slot(0, 24, booking::Command::CancelBooking(act(14, Some("bob"))));
    world.settle();
    assert_eq!(used(&world), 2);
}

#[test]
fn without_a_code_nothing_is_booked_where_one_is_asked_for() {
    let mut world = World::new([presale()]);
    let refused = world.reserve_with(0, 10, of_lines("alice", &[("child", 1)], None), None);
    assert_eq!(
        refused,
        merchant::Decision::Refused(merchant::Refusal::VoucherRefused(VoucherRefused::Required))
    );
    // And a slot that asks for one by the time the promise comes takes none without.
    let mut open = presale();
    open.policy.on_account = None;
    let mut world = World::new([open]);
    world.ask(Command::MakeVoucher(Box::new(NewVoucher {
        code: "family".into(),
        uses: 1,
        valid_until: None,
        off: Some(Off::Set(0)),
        slots: Vec::new(),
        products: Vec::new(),
        per_customer: None,
    })));
    world.reserve_with(0, 10, of_lines("alice", &[("adult", 1)], None), Some("family"));
    world.settle();
    assert_eq!(amount(&world, 10), 0, "a code is taken where none is asked for, too");
}
