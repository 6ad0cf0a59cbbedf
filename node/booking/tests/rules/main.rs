//! The rules as tables, a rule each. [`stage`] says how a row is read.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped fails the test")]

mod calendars;
mod changes;
mod holds;
mod house;
mod levels;
mod paid;
mod products;
mod quantities;
#[path = "../model/workload/random.rs"]
mod random;
mod seat_prices;
mod seats;
mod stage;
mod tariff;
mod written_out;

use stage::check;

#[test]
fn a_slot_is_made_once() {
    check(
        "
        book alice 1                     =>  not_found #0                 |  -
        cancel slot                      =>  not_found #0                 |  -
        cancel a by alice                =>  not_found #0                 |  -
        @1000 slot capacity=2            =>  starts_in_past #0            |  -
        @999.999 s: slot capacity=2      =>  on_sale, 2 bookable #1       |  slot_created: ; 2 free
        s: slot capacity=2               =>  again on_sale, 2 bookable #1 |  -
        t: slot capacity=2               =>  again on_sale, 2 bookable #1 |  -
        s: slot capacity=3               =>  key_reused #1                |  -
        t: slot capacity=3               =>  key_reused #1                |  -
        s: book alice 1                  =>  key_reused #1                |  -
        a: book alice 1                  =>  confirmed #2
        @1500 s: slot capacity=2         =>  again on_sale, 2 bookable #1 |  -
        cancel slot                      =>  cancelled, 0 bookable #3
        s: slot capacity=2               =>  again on_sale, 2 bookable #1 |  -
        ",
    );
}

#[test]
fn a_booking_gets_all_of_its_quantity_or_none() {
    check(
        "
        slot capacity=5                  =>  on_sale, 5 bookable #1
        a: book alice 2                  =>  confirmed #2                 |  booked: a confirmed; 3 free, 2 confirmed
        b: book bob 3                    =>  confirmed #3                 |  booked: b confirmed; 5 confirmed
        c: book carol 1                  =>  waitlisted 1 #4              |  booked: c waitlisted 1; 5 confirmed, 1 waitlisted
        d: book dave 5                   =>  waitlisted 2 #5              |  booked: d waitlisted 2; 5 confirmed, 2 waitlisted
        book erin 6                      =>  quantity_too_large #5        |  -
        book erin 1 refuse               =>  sold_out #5                  |  -
        see c                            =>  waitlisted 1
        see d                            =>  waitlisted 2
        see e                            =>  nothing
        see slot                         =>  on_sale, 0 bookable
        ",
    );
}

#[test]
fn numbers_that_the_door_would_refuse_have_answers_too() {
    check(
        "
        slot capacity=0 limit=0          =>  on_sale, 0 bookable #1
        book alice 4294967295            =>  quantity_too_large #1
        book alice 1                     =>  quantity_too_large #1
        a: book alice 0                  =>  confirmed #2                 |  booked: a confirmed;
        b: book alice 0                  =>  confirmed #3
        cancel a by alice                =>  cancelled #4
        cancel b by alice                =>  cancelled #5
        ",
    );
    check(
        "
        slot capacity=4294967295 limit=4294967295   =>  on_sale, 4294967295 bookable #1
        a: book alice 4294967295         =>  confirmed #2                 |  booked: a confirmed; 4294967295 confirmed
        book alice 4294967295            =>  customer_limit #2
        b: book bob 4294967295           =>  waitlisted 1 #3
        c: book carol 4294967295         =>  waitlisted 2 #4
        cancel a by alice                =>  cancelled #5                 |  cancelled: a cancelled, b confirmed; 4294967295 confirmed, 1 waitlisted
        ",
    );
}

#[test]
fn the_waitlist_is_strict() {
    check(
        "
        slot capacity=3                  =>  on_sale, 3 bookable #1
        a: book alice 2                  =>  confirmed #2
        b: book bob 2                    =>  waitlisted 1 #3
        c: book carol 1                  =>  waitlisted 2 #4              |  booked: c waitlisted 2; 1 free, 2 confirmed, 2 waitlisted
        book dave 1 refuse               =>  sold_out #4                  |  -
        see slot                         =>  on_sale, 0 bookable
        cancel b by bob                  =>  cancelled #5                 |  cancelled: b cancelled, c confirmed; 3 confirmed
        d: book dave 3                   =>  waitlisted 1 #6
        e: book erin 1                   =>  waitlisted 2 #7
        f: book frank 1                  =>  waitlisted 3 #8
        cancel c by carol                =>  cancelled #9                 |  cancelled: c cancelled; 1 free, 2 confirmed, 3 waitlisted
        cancel e by erin                 =>  cancelled #10                |  cancelled: e cancelled; 1 free, 2 confirmed, 2 waitlisted
        see f                            =>  waitlisted 2
        cancel d by dave                 =>  cancelled #11                |  cancelled: d cancelled, f confirmed; 3 confirmed
        ",
    );
}

#[test]
fn freed_places_and_their_next_owners_are_one_step() {
    check(
        "
        slot capacity=4                  =>  on_sale, 4 bookable #1
        a: book alice 4                  =>  confirmed #2
        b: book bob 1                    =>  waitlisted 1 #3
        c: book carol 2                  =>  waitlisted 2 #4
        d: book dave 2                   =>  waitlisted 3 #5
        e: book erin 1                   =>  waitlisted 4 #6
        cancel a by alice                =>  cancelled #7                 |  cancelled: a cancelled, b confirmed, c confirmed; 1 free, 3 confirmed, 2 waitlisted
        see d                            =>  waitlisted 1
        see e                            =>  waitlisted 2
        cancel b by organizer            =>  cancelled #8                 |  cancelled: b cancelled, d confirmed; 4 confirmed, 1 waitlisted
        ",
    );
}

#[test]
fn a_waitlist_can_be_full_or_missing() {
    check(
        "
        slot waitlist=1                  =>  on_sale, 1 bookable #1
        a: book alice 1                  =>  confirmed #2
        b: book bob 1                    =>  waitlisted 1 #3
        c: book carol 1                  =>  waitlist_full #3             |  -
        book carol 1 refuse              =>  sold_out #3                  |  -
        cancel b by bob                  =>  cancelled #4
        book carol 1                     =>  waitlisted 1 #5
        ",
    );
    check(
        "
        slot waitlist=none               =>  on_sale, 1 bookable #1
        a: book alice 1                  =>  confirmed #2
        book bob 1                       =>  sold_out #2
        cancel a by alice                =>  cancelled #3
        book bob 1                       =>  confirmed #4
        ",
    );
}

#[test]
fn a_customer_has_a_limit() {
    check(
        "
        slot capacity=4 limit=3          =>  on_sale, 4 bookable #1
        a: book alice 2                  =>  confirmed #2
        book alice 2                     =>  customer_limit #2
        h: book alice 1 hold             =>  held until 100 #3
        book alice 1                     =>  customer_limit #3
        b: book bob 2                    =>  waitlisted 1 #4
        book bob 2                       =>  customer_limit #4
        c: book bob 1                    =>  waitlisted 2 #5
        book bob 1                       =>  customer_limit #5
        cancel b by bob                  =>  cancelled #6                 |  cancelled: b cancelled, c confirmed; 1 held, 3 confirmed
        book bob 2                       =>  waitlisted 1 #7
        @100 book alice 1                =>  waitlisted 2 #8
        ",
    );
}

#[test]
fn the_sale_has_a_window() {
    check(
        "
        slot opens=10 closes=20          =>  scheduled, 0 bookable #1
        @9.999 book alice 1              =>  not_on_sale #1
        see slot                         =>  scheduled, 0 bookable
        @10 a: book alice 1              =>  confirmed #2
        cancel a by alice                =>  cancelled #3
        see slot                         =>  on_sale, 1 bookable
        @19.999 b: book alice 1          =>  confirmed #4
        @20 book alice 1                 =>  not_on_sale #4
        see slot                         =>  closed, 0 bookable
        @1999.999 see slot               =>  closed, 0 bookable
        @2000 see slot                   =>  finished, 0 bookable
        book alice 1                     =>  not_on_sale #4
        ",
    );
    check(
        "
        slot                             =>  on_sale, 1 bookable #1
        @999.999 a: book alice 1         =>  confirmed #2
        @1000 book bob 1                 =>  not_on_sale #2
        see slot                         =>  closed, 0 bookable
        ",
    );
}

#[test]
fn time_does_not_go_back() {
    check(
        "
        @50 slot closes=100              =>  on_sale, 1 bookable #1
        @100 book alice 1                =>  not_on_sale #1
        @60 book alice 1                 =>  not_on_sale #1
        see slot                         =>  closed, 0 bookable
        ",
    );
}

#[test]
fn who_may_cancel_and_until_when() {
    check(
        "
        slot capacity=3 cancel_until=100 =>  on_sale, 3 bookable #1
        a: book alice 1                  =>  confirmed #2
        b: book bob 1                    =>  confirmed #3
        c: book carol 1                  =>  confirmed #4
        w: book walt 1                   =>  waitlisted 1 #5
        cancel a by bob                  =>  not_found #5                 |  -
        cancel x by alice                =>  not_found #5                 |  -
        cancel x by organizer            =>  not_found #5                 |  -
        @899.999 cancel a by alice       =>  cancelled #6                 |  cancelled: a cancelled, w confirmed; 3 confirmed
        cancel a by alice                =>  already_over #6              |  -
        cancel a by organizer            =>  already_over #6              |  -
        v: book vera 1                   =>  waitlisted 1 #7
        h: book hugo 1                   =>  waitlisted 2 #8
        @900 cancel b by bob             =>  too_late #8                  |  -
        cancel v by vera                 =>  cancelled #9                 |  cancelled: v cancelled; 3 confirmed, 1 waitlisted
        cancel b by organizer            =>  cancelled #10                |  cancelled: b cancelled, h confirmed; 3 confirmed
        @2500 cancel c by carol          =>  too_late #10
        cancel c by organizer            =>  cancelled #11
        ",
    );
}

#[test]
fn a_cancelled_slot_takes_everyone_with_it() {
    check(
        "
        slot capacity=3                  =>  on_sale, 3 bookable #1
        a: book alice 1                  =>  confirmed #2
        b: book bob 1                    =>  confirmed #3
        c: book carol 2                  =>  waitlisted 1 #4
        d: book dave 1                   =>  waitlisted 2 #5
        cancel b by bob                  =>  cancelled #6                 |  cancelled: b cancelled, c confirmed; 3 confirmed, 1 waitlisted
        x: cancel slot                   =>  cancelled, 0 bookable #7     |  slot_cancelled: a cancelled, c cancelled, d cancelled; 3 free
        @3000 x: cancel slot             =>  again cancelled, 0 bookable #7 | -
        cancel slot                      =>  slot_cancelled #7            |  -
        book erin 9                      =>  slot_cancelled #7            |  -
        cancel a by alice                =>  already_over #7              |  -
        cancel b by organizer            =>  already_over #7              |  -
        cancel x by alice                =>  not_found #7                 |  -
        deadline                         =>  never
        @4000 pulse                      =>  done                         |  -
        book erin 1                      =>  slot_cancelled #7            |  -
        x: cancel slot                   =>  again cancelled, 0 bookable #7 | -
        see slot                         =>  cancelled, 0 bookable
        ",
    );
}

#[test]
fn a_finished_slot_can_still_be_cancelled() {
    check(
        "
        slot                             =>  on_sale, 1 bookable #1
        a: book alice 1                  =>  confirmed #2
        b: book bob 1                    =>  waitlisted 1 #3
        @2000 cancel slot                =>  cancelled, 0 bookable #4     |  slot_cancelled: b expired, a cancelled; 1 free
        ",
    );
}

#[test]
fn at_its_end_nobody_waits() {
    check(
        "
        slot capacity=2                  =>  on_sale, 2 bookable #1
        deadline                         =>  never
        a: book alice 2                  =>  confirmed #2
        deadline                         =>  never
        b: book bob 1                    =>  waitlisted 1 #3
        c: book carol 1                  =>  waitlisted 2 #4
        deadline                         =>  2000
        @1999.999 pulse                  =>  done                         |  -
        @2000 pulse                      =>  done                         |  finished: b expired, c expired; 2 confirmed
        pulse                            =>  done                         |  -
        deadline                         =>  never
        cancel b by bob                  =>  already_over #5
        ",
    );
    check(
        "
        slot                             =>  on_sale, 1 bookable #1
        a: book alice 1                  =>  confirmed #2
        b: book bob 1                    =>  waitlisted 1 #3
        c: book carol 1                  =>  waitlisted 2 #4
        @2000 x: cancel a by organizer   =>  cancelled #5                 |  cancelled: a cancelled, b expired, c expired; 1 free
        ",
    );
    check(
        "
        slot                             =>  on_sale, 1 bookable #1
        a: book alice 1                  =>  confirmed #2
        b: book bob 1                    =>  waitlisted 1 #3
        @2000 n: book dave 1             =>  not_on_sale #4               |  finished: b expired; 1 confirmed
        n: book dave 1                   =>  again not_on_sale #4         |  -
        cancel z by dave                 =>  not_found #4                 |  -
        ",
    );
}

#[test]
fn a_hold_lasts_until_its_deadline() {
    check(
        "
        slot capacity=4                  =>  on_sale, 4 bookable #1
        a: book alice 1 hold             =>  held until 100 #2            |  booked: a held until 100; 3 free, 1 held
        b: book bob 1 hold=50            =>  held until 50 #3
        c: book carol 1 hold=999         =>  held until 300 #4
        d: book dave 1                   =>  confirmed #5
        w: book walt 1 hold=20           =>  waitlisted 1 #6
        v: book vera 2                   =>  waitlisted 2 #7
        deadline                         =>  50
        @49.999 pulse                    =>  done                         |  -
        @50 pulse                        =>  done                         |  lapsed: b expired, w held until 70; 3 held, 1 confirmed, 1 waitlisted
        deadline                         =>  70
        @100 x: book xena 4 refuse       =>  sold_out #9                  |  lapsed: w expired, a expired, v confirmed; 1 held, 3 confirmed
        c: book carol 1 hold=999         =>  again held until 300 #4
        cancel c by carol                =>  cancelled #10                |  cancelled: c cancelled; 1 free, 3 confirmed
        deadline                         =>  never
        ",
    );
}

#[test]
fn what_lapses_together_lapses_by_deadline_then_creation() {
    check(
        "
        slot capacity=5 starts=90 ends=100  =>  on_sale, 5 bookable #1
        a: book alice 1 hold=60          =>  held until 60 #2
        b: book bob 1 hold=50            =>  held until 50 #3
        c: book carol 1 hold=50          =>  held until 50 #4
        d: book dave 1 hold=200          =>  held until 100 #5
        e: book erin 1 hold=100          =>  held until 100 #6
        w: book walt 1                   =>  waitlisted 1 #7
        @250 pulse                       =>  done                         |  finished: b expired, c expired, a expired, d expired, e expired, w expired; 5 free
        ",
    );
}

#[test]
fn where_the_organizer_confirms_everything_is_held_first() {
    check(
        "
        slot confirmed_by=organizer      =>  on_sale, 1 bookable #1
        a: book alice 1                  =>  held until 100 #2
        b: book bob 1                    =>  waitlisted 1 #3
        @10 cancel a by alice            =>  cancelled #4                 |  cancelled: a cancelled, b held until 110; 1 held
        ",
    );
}

#[test]
fn an_offer_lapses_and_goes_to_the_next() {
    check(
        "
        slot promotion=offer             =>  on_sale, 1 bookable #1
        a: book alice 1                  =>  confirmed #2
        b: book bob 1                    =>  waitlisted 1 #3
        c: book carol 1                  =>  waitlisted 2 #4
        d: book dave 1                   =>  waitlisted 3 #5
        cancel a by alice                =>  cancelled #6                 |  cancelled: a cancelled, b offered until 60; 1 offered, 2 waitlisted
        @60 cancel c by carol            =>  cancelled #7                 |  cancelled: c cancelled, b expired, d offered until 120; 1 offered
        cancel b by bob                  =>  already_over #7
        ",
    );
}

#[test]
fn a_key_has_one_effect_and_one_answer() {
    check(
        "
        slot capacity=2                  =>  on_sale, 2 bookable #1
        a: book alice 2                  =>  confirmed #2
        b: book bob 1                    =>  waitlisted 1 #3
        c: book carol 1                  =>  waitlisted 2 #4
        d: book dave 3                   =>  quantity_too_large #4
        x: cancel a by alice             =>  cancelled #5
        a: book alice 2                  =>  again confirmed #2           |  -
        b: book bob 1                    =>  again waitlisted 1 #3        |  -
        c: book carol 1                  =>  again waitlisted 2 #4        |  -
        d: book dave 3                   =>  again quantity_too_large #4  |  -
        x: cancel a by alice             =>  again cancelled #5           |  -
        a: book alice 1                  =>  key_reused #5                |  -
        a: cancel a by alice             =>  key_reused #5                |  -
        d: book dave 1                   =>  key_reused #5                |  -
        x: cancel b by bob               =>  key_reused #5                |  -
        x: book bob 1                    =>  key_reused #5                |  -
        see a                            =>  cancelled
        see c                            =>  confirmed
        ",
    );
}

#[test]
fn changes_are_remembered_for_a_day_and_bookings_for_ever() {
    check(
        "
        slot starts=500000 ends=500001   =>  on_sale, 1 bookable #1
        a: book alice 1                  =>  confirmed #2
        x: cancel a by alice             =>  cancelled #3
        r: book bob 2                    =>  quantity_too_large #3
        @86399.999 book bob 2            =>  quantity_too_large #3
        x: cancel a by alice             =>  again cancelled #3
        @86400 x: cancel a by alice      =>  again cancelled #3
        book bob 2                       =>  quantity_too_large #3
        x: cancel a by alice             =>  already_over #3
        a: book alice 1                  =>  again confirmed #2
        r: book bob 2                    =>  again quantity_too_large #3
        ",
    );
}
