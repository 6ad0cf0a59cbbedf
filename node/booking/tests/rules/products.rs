//! Products, quotas and prices of units: a table for each rule.

use crate::stage::check;

#[test]
fn a_request_fits_if_every_quota_has_room_for_the_sum_of_its_lines() {
    check(
        "
        slot capacity=10 products=adult+child+vip quotas=young:3:child,seated:4:adult+child        =>  on_sale, 10 bookable #1
        book a 2 lines=adult:1+child:1 refuse        =>  confirmed [adult:1+child:1] #2
        book a 3 lines=adult:2+child:1 refuse        =>  quota_exhausted seated #2
        book a 2 lines=adult:2 refuse                =>  confirmed [adult:2] #3
        book a 1 lines=child:1 refuse                =>  quota_exhausted seated #3
        book a 6 lines=vip:6 refuse                  =>  confirmed [vip:6] #4
        book a 2 lines=child:1+vip:1 refuse          =>  quota_exhausted seated #4
        book a 1 lines=vip:1 refuse                  =>  sold_out #4
        ",
    );
}

#[test]
fn nested_quotas_allow_all_that_they_share() {
    check(
        "
        slot capacity=100 products=a+b quotas=a:50:a,b:50:b,both:100:a+b  =>  on_sale, 50 bookable #1
        book x 50 lines=a:50 refuse    =>  confirmed [a:50] #2
        book x 50 lines=b:50 refuse    =>  confirmed [b:50] #3
        book x 1 lines=b:1 refuse      =>  quota_exhausted b+both #3
        ",
    );
}

#[test]
fn only_quotas_that_a_request_draws_on_refuse_it() {
    check(
        "
        slot capacity=9 products=a+b quotas=none:0:a       =>  on_sale, 9 bookable #1
        book x 1 lines=a:1                                 =>  quota_exhausted none #1
        book x 1 lines=b:1                                 =>  confirmed [b:1] #2
        ",
    );
}

#[test]
fn what_is_held_and_offered_counts_and_what_waits_does_not() {
    check(
        "
        slot capacity=9 products=p quotas=q:2:p promotion=offer   =>  on_sale, 2 bookable #1
        h: book a 2 hold lines=p:2         =>  held until 100 [p:2] #2
        w: book b 2 lines=p:2              =>  waitlisted 1 [p:2] #3
        book c 1 lines=p:1 refuse          =>  quota_exhausted q #3
        @100 book c 1 lines=p:1 refuse     =>  quota_exhausted q #4    |  lapsed: h expired [p:2], w offered until 160 [p:2]; 7 free, 2 offered
        accept w by b                      =>  confirmed [p:2] #5
        cancel w by b                      =>  cancelled [p:2] #6
        see slot                           =>  on_sale, 2 bookable
        ",
    );
}

#[test]
fn a_waiter_holds_others_back_only_where_it_is_short() {
    check(
        "
        slot capacity=10 products=adult+student quotas=few:1:student,all:10:adult+student   =>  on_sale, 10 bookable #1
        s: book a 1 lines=student:1          =>  confirmed [student:1] #2
        w: book b 1 lines=student:1          =>  waitlisted 1 [student:1] #3
        book c 2 lines=adult:2               =>  confirmed [adult:2] #4
        x: book d 2 lines=adult:1+student:1  =>  waitlisted 2 [adult:1+student:1] #5
        book e 7 lines=adult:7               =>  confirmed [adult:7] #6
        y: book f 1 lines=adult:1            =>  waitlisted 3 [adult:1] #7
        cancel s by a                        =>  cancelled [student:1] #8  |  cancelled: s cancelled [student:1], w confirmed [student:1]; 10 confirmed, 2 waitlisted
        ",
    );
}

#[test]
fn short_of_units_a_waiter_stops_everyone_under_the_strict_order_alone() {
    check(
        "
        slot capacity=3 products=a+b quotas=q:3:a          =>  on_sale, 3 bookable #1
        book x 1 lines=a:1                                 =>  confirmed [a:1] #2
        w: book y 3 lines=b:3                              =>  waitlisted 1 [b:3] #3
        book z 1 lines=a:1 refuse                          =>  sold_out #3
        see slot                                           =>  on_sale, 0 bookable
        change order=skip_fit                              =>  on_sale, 2 bookable #4
        book z 1 lines=a:1 refuse                          =>  confirmed [a:1] #5
        ",
    );
}

#[test]
fn lines_are_wanted_where_there_are_products_and_only_there() {
    check(
        "
        slot capacity=9 products=a+b       =>  on_sale, 9 bookable #1
        book x 1                           =>  outdated #1
        book x 1 buy                       =>  lines_wanted #1
        book x 1 lines=c:1                 =>  no_such_product line 0 #1
        book x 2 lines=a:1+c:1             =>  no_such_product line 1 #1
        book x 2 lines=a:1                 =>  malformed #1
        book x 2 lines=a:1+a:1             =>  malformed #1
        book x 1 lines=a:1+b:0             =>  malformed #1
        book x 2 lines=b:1+a:1             =>  confirmed [b:1+a:1] #2
        change products=                   =>  on_sale, 7 bookable #3
        book x 1 lines=a:1                 =>  no_such_product #3
        book x 1                           =>  confirmed #4
        ",
    );
}

#[test]
fn the_first_price_that_is_open_at_the_stamp_holds() {
    check(
        "
        slot capacity=9 products=a+b prices=a:500@10-20,a:700@20-30,*:900@15- currency=EUR    =>  on_sale, 0 bookable #1
        @9.999 book x 1 lines=a:1          =>  not_on_sale #1
        @10 p: book x 2 lines=a:2 hold     =>  held until 110 [a:2] = 1000 EUR #2
        book x 1 lines=b:1                 =>  not_on_sale #2
        book x 2 lines=a:1+b:1             =>  not_on_sale #2
        @15 book x 2 lines=a:1+b:1         =>  held until 115 [a:1+b:1] = 1400 EUR #3
        @19.999 book x 1 lines=a:1         =>  held until 119.999 [a:1] = 500 EUR #4
        @20 book x 1 lines=a:1             =>  held until 120 [a:1] = 700 EUR #5
        @30 book x 1 lines=a:1             =>  held until 130 [a:1] = 900 EUR #6
        see p                              =>  held until 110 [a:2] = 1000 EUR
        ",
    );
}

#[test]
fn a_product_that_is_not_booked_is_told_before_what_a_booking_is() {
    check(
        "
        slot capacity=9 products=a+b prices=a:100,b:10 currency=EUR   =>  on_sale, 9 bookable #1
        a: book x 2 lines=a:2              =>  held until 100 [a:2] = 200 EUR #2
        cancel a by x                      =>  cancelled [a:2] = 200 EUR #3
        quantity a 1 by x b:1              =>  no_such_product line 0 #3
        quantity a 3 by x a:3              =>  more_than_booked line 0 #3
        quantity a 1 by x a:1              =>  already_over #3
        quantity a 1 by y b:1              =>  not_found #3
        ",
    );
}

#[test]
fn what_is_bookable_changes_with_a_seq_when_a_price_begins_or_ends() {
    check(
        "
        slot capacity=9 products=a+b quotas=q:2:b prices=a:5@10-20,b:7@15-30,b:7@30-40 currency=EUR   =>  on_sale, 0 bookable #1
        deadline                           =>  10
        @9.999 pulse                       =>  done   |  -
        @10 see slot                       =>  on_sale, 0 bookable
        pulse                              =>  done   |  lapsed: ; 9 free
        see slot                           =>  on_sale, 9 bookable
        deadline                           =>  15
        @15 book x 1 lines=c:1             =>  no_such_product line 0 #3   |  lapsed: ; 9 free
        deadline                           =>  20
        @20 book x 1 lines=b:1             =>  held until 120 [b:1] = 7 EUR #4
        see slot                           =>  on_sale, 1 bookable
        @30 pulse                          =>  done   |  -
        deadline                           =>  40
        @45 see slot                       =>  on_sale, 1 bookable
        pulse                              =>  done   |  lapsed: ; 8 free, 1 held
        see slot                           =>  on_sale, 0 bookable
        deadline                           =>  120
        ",
    );
}

#[test]
fn nothing_begins_to_be_sold_of_a_slot_that_is_over() {
    check(
        "
        slot prices=*:5@10-20,*:7@2100- currency=EUR   =>  on_sale, 0 bookable #1
        deadline                           =>  10
        @30 pulse                          =>  done   |  -
        deadline                           =>  never
        @2200 book x 1 buy                 =>  not_on_sale #1   |  -
        ",
    );
    check(
        "
        slot prices=*:5@10-20 currency=EUR =>  on_sale, 0 bookable #1
        cancel slot                        =>  cancelled, 0 bookable #2
        deadline                           =>  never
        @15 book x 1 buy                   =>  slot_cancelled #2   |  -
        ",
    );
}

#[test]
fn what_costs_something_is_held_until_it_is_paid() {
    check(
        "
        slot capacity=9 products=a+free prices=free:0,*:500 currency=EUR    =>  on_sale, 9 bookable #1
        a: book alice 1 lines=a:1                    =>  held until 100 [a:1] = 500 EUR #2
        confirm a by alice                           =>  payment_required #2
        confirm a by organizer                       =>  confirmed [a:1] = 500 EUR #3
        book alice 1 lines=free:1                    =>  confirmed [free:1] = 0 EUR #4
        f: book alice 1 lines=free:1 hold            =>  held until 100 [free:1] = 0 EUR #5
        confirm f by alice                           =>  confirmed [free:1] = 0 EUR #6
        book bob 1 lines=a:1 by=organizer            =>  confirmed [a:1] = 500 EUR #7
        m: book eve 2 lines=a:1+free:1               =>  held until 100 [a:1+free:1] = 500 EUR #8
        confirm m by mallory                         =>  not_found #8
        @100 confirm m by eve                        =>  hold_expired #9
        ",
    );
}

#[test]
fn who_expects_another_amount_is_told_so_before_room_is_looked_at() {
    check(
        "
        slot capacity=2 products=a quotas=q:1:a prices=*:500 currency=EUR limit=2   =>  on_sale, 1 bookable #1
        book x 1 lines=a:1 expect=499 refuse       =>  price_changed #1
        book x 3 lines=a:3 expect=1 refuse         =>  quantity_too_large #1
        book x 2 lines=a:2 expect=999              =>  price_changed #1
        book x 2 lines=a:2 expect=1000             =>  quota_exhausted q #1
        book x 1 lines=a:1 expect=500              =>  held until 100 [a:1] = 500 EUR #2
        book x 2 lines=a:2 expect=1                =>  customer_limit #2
        w: book y 1 lines=a:1 expect=500           =>  waitlisted 1 [a:1] #3
        change prices=*:600                        =>  on_sale, 0 bookable #4
        @100 pulse                                 =>  done  |  lapsed: row5 expired [a:1] = 500 EUR, w held until 200 [a:1] = 600 EUR; 1 free, 1 held
        ",
    );
}

#[test]
fn where_nothing_costs_anything_nothing_else_is_expected() {
    check(
        "
        slot capacity=9                    =>  on_sale, 9 bookable #1
        book x 1 expect=1                  =>  price_changed #1
        book x 1 expect=0                  =>  confirmed #2
        ",
    );
}

#[test]
fn who_waits_pays_what_it_costs_when_it_is_served_or_accepts() {
    check(
        "
        slot capacity=1 prices=*:500@0-50,*:800@50- currency=EUR promotion=offer    =>  on_sale, 1 bookable #1
        a: book alice 1 buy                =>  held until 100 = 500 EUR #2
        w: book bob 1 buy                  =>  waitlisted 1 #3
        @40 cancel a by alice              =>  cancelled = 500 EUR #4     |  cancelled: a cancelled = 500 EUR, w offered until 100; 1 offered
        @60 accept w by bob                =>  held until 160 = 800 EUR #5
        w: book bob 1 buy                  =>  again waitlisted 1 #3
        ",
    );
}

#[test]
fn who_waits_for_what_is_not_sold_now_stops_nobody_and_is_served_when_it_is() {
    check(
        "
        slot capacity=2 products=early+late prices=early:1@0-10,early:2@50-60,late:5 currency=EUR   =>  on_sale, 2 bookable #1
        a: book alice 1 lines=late:1       =>  held until 100 [late:1] = 5 EUR #2
        w: book bob 2 lines=early:2        =>  waitlisted 1 [early:2] #3
        book eve 1 lines=late:1 refuse     =>  sold_out #3
        @10 e: book eve 1 lines=late:1     =>  held until 110 [late:1] = 5 EUR #4
        deadline                           =>  50
        cancel e by eve                    =>  cancelled [late:1] = 5 EUR #5
        cancel a by alice                  =>  cancelled [late:1] = 5 EUR #6
        see w                              =>  waitlisted 1 [early:2]
        deadline                           =>  50
        @50 pulse                          =>  done   |  lapsed: w held until 150 [early:2] = 4 EUR; 2 held
        ",
    );
}

#[test]
fn an_offer_that_is_not_sold_any_more_is_not_accepted() {
    check(
        "
        slot capacity=1 prices=*:500@0-50 currency=EUR promotion=offer    =>  on_sale, 1 bookable #1
        a: book alice 1 buy                =>  held until 100 = 500 EUR #2
        w: book bob 1 buy                  =>  waitlisted 1 #3
        @40 cancel a by alice              =>  cancelled = 500 EUR #4
        @50 accept w by bob                =>  not_on_sale #5
        see w                              =>  offered until 100
        ",
    );
}

#[test]
fn what_is_sold_changes_and_amounts_stay() {
    check(
        "
        slot capacity=9 products=a+b quotas=q:2:a prices=*:500 currency=EUR    =>  on_sale, 9 bookable #1
        a: book x 2 lines=a:2              =>  held until 100 [a:2] = 1000 EUR #2
        w: book y 1 lines=a:1              =>  waitlisted 1 [a:1] #3
        change quotas=q:1:a                =>  capacity_in_use #3
        change quotas=q:1:b,r:1:a          =>  capacity_in_use #3
        change products=b                  =>  quota_of_no_product #3
        change products=b quotas=          =>  on_sale, 7 bookable #4  |  slot_changed: w cancelled [a:1]; 7 free, 2 held
        see a                              =>  held until 100 [a:2] = 1000 EUR
        change products=b+a quotas=q:1:a   =>  capacity_in_use #4
        change products=b+a quotas=q:2:a   =>  on_sale, 7 bookable #5
        change currency=none               =>  no_currency #5
        change prices=z:1                  =>  price_of_no_product #5
        change prices= currency=none       =>  on_sale, 7 bookable #6
        book x 1 lines=b:1                 =>  confirmed [b:1] #7
        confirm a by x                     =>  payment_required #7
        change products= quotas=           =>  on_sale, 6 bookable #8
        change products=                   =>  on_sale, 6 bookable #8
        cancel a by x                      =>  cancelled [a:2] = 1000 EUR #9
        ",
    );
}

#[test]
fn what_frees_or_raises_a_quota_serves_the_waitlist_in_the_same_step() {
    check(
        "
        slot capacity=9 products=p quotas=q:1:p              =>  on_sale, 1 bookable #1
        a: book a 1 lines=p:1                                =>  confirmed [p:1] #2
        b: book b 1 lines=p:1                                =>  waitlisted 1 [p:1] #3
        c: book c 1 lines=p:1                                =>  waitlisted 2 [p:1] #4
        change quotas=q:2:p                                  =>  on_sale, 0 bookable #5  |  slot_changed: b confirmed [p:1]; 7 free, 2 confirmed, 1 waitlisted
        change quotas=                                       =>  on_sale, 6 bookable #6  |  slot_changed: c confirmed [p:1]; 6 free, 3 confirmed
        ",
    );
}

#[test]
fn a_slot_that_sells_gets_products_and_who_waits_keeps_its_place() {
    check(
        "
        slot capacity=2                    =>  on_sale, 2 bookable #1
        a: book a 2                        =>  confirmed #2
        b: book b 1                        =>  waitlisted 1 #3
        change products=p prices=*:100 currency=EUR   =>  on_sale, 0 bookable #4
        c: book c 1 lines=p:1              =>  waitlisted 2 [p:1] #5
        cancel a by a                      =>  cancelled #6   |  cancelled: a cancelled, b held until 100 = 100 EUR, c held until 100 [p:1] = 100 EUR; 2 held
        b: book b 1                        =>  again waitlisted 1 #3
        c: book c 1 lines=p:1              =>  again waitlisted 2 [p:1] #5
        ",
    );
}

#[test]
fn fewer_cost_what_they_did() {
    check(
        "
        slot capacity=9 products=a+b quotas=q:4:a prices=a:100,b:10 currency=EUR   =>  on_sale, 9 bookable #1
        a: book x 3 lines=a:3              =>  held until 100 [a:3] = 300 EUR #2
        change prices=a:1,b:2              =>  on_sale, 6 bookable #3
        quantity a 1 by x                  =>  held x1 until 100 [a:1] = 100 EUR #4
        m: book y 4 lines=a:2+b:2          =>  held until 100 [a:2+b:2] = 6 EUR #5
        quantity m 2 by y                  =>  lines_unnamed #5
        quantity m 2 by y a:3              =>  more_than_booked line 0 #5
        quantity m 4 by y b:1+a:3          =>  more_than_booked line 1 #5
        quantity m 2 by y a:1              =>  malformed #5
        quantity m 2 by y c:2              =>  no_such_product line 0 #5
        quantity m 9 by y a:1+c:8          =>  no_such_product line 1 #5
        quantity m 3 by y a:2+b:1          =>  held x3 until 100 [a:2+b:1] = 4 EUR #6
        quantity m 2 by y a:2              =>  held x2 until 100 [a:2] = 2 EUR #7
        quantity m 1 by y                  =>  held x1 until 100 [a:1] = 1 EUR #8
        ",
    );
}

#[test]
fn nobody_waits_who_may_not_and_a_short_quota_is_told() {
    check(
        "
        slot capacity=9 products=p quotas=q:1:p waitlist=1   =>  on_sale, 1 bookable #1
        book a 1 lines=p:1                                   =>  confirmed [p:1] #2
        book b 1 lines=p:1                                   =>  waitlisted 1 [p:1] #3
        book c 1 lines=p:1                                   =>  quota_exhausted q #3
        change waitlist=none                                 =>  on_sale, 0 bookable #4
        book c 1 lines=p:1                                   =>  quota_exhausted q #4
        ",
    );
}

#[test]
fn a_slot_keeps_only_so_much_of_what_it_sells() {
    use booking::limits::{PRICES_MAX, PRODUCTS_MAX, QUOTAS_MAX, TARIFF_BYTES_MAX};
    let many =
        |count: usize, one: fn(usize) -> String, by: &str| (0..count).map(one).collect::<Vec<_>>().join(by);
    let product = |number: usize| format!("p{number}");
    let quota = |number: usize| format!("q{number}:1:p");
    let price = |_: usize| "*:1".to_string();
    let long = |length: usize| format!("products={}", "p".repeat(length));
    let rows = [
        (format!("products={}", many(PRODUCTS_MAX, product, "+")), "done"),
        (format!("products={}", many(PRODUCTS_MAX + 1, product, "+")), "malformed"),
        ("products=p+p".into(), "malformed"),
        (format!("products=p quotas={}", many(QUOTAS_MAX, quota, ",")), "done"),
        (format!("products=p quotas={}", many(QUOTAS_MAX + 1, quota, ",")), "malformed"),
        ("products=p quotas=q:1:p,q:2:p".into(), "malformed"),
        (format!("currency=EUR prices={}", many(PRICES_MAX, price, ",")), "done"),
        (format!("currency=EUR prices={}", many(PRICES_MAX + 1, price, ",")), "malformed"),
        // Key and title are the same here, and 32 bytes stand beside them.
        (long((TARIFF_BYTES_MAX - 32) / 2), "done"),
        (long((TARIFF_BYTES_MAX - 32) / 2 + 1), "tariff_too_large"),
    ];
    for (settings, answer) in rows {
        let answer = if answer == "done" { "on_sale, 1 bookable #2".into() } else { format!("{answer} #1") };
        check(&format!("slot => on_sale, 1 bookable #1\nchange {settings} => {answer}"));
    }
}
