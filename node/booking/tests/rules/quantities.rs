//! Bookings that are made smaller: who may, what is freed, and what was answered before.

use crate::stage::check;

#[test]
fn a_customer_gives_some_of_a_hold_back() {
    check(
        "
        slot capacity=4                  =>  on_sale, 4 bookable #1
        a: book alice 3 hold             =>  held until 100 #2
        @10 quantity a 2 by bob          =>  not_found #2                 |  -
        quantity x 1 by alice            =>  not_found #2                 |  -
        k: quantity a 2 by alice         =>  held x2 until 100 #3         |  quantity_changed: a held x2 until 100; 2 free, 2 held
        see slot                         =>  on_sale, 2 bookable
        k: quantity a 2 by alice         =>  again held x2 until 100 #3   |  -
        k: quantity a 1 by alice         =>  key_reused #3                |  -
        m: quantity a 3 by alice         =>  more_than_booked #3          |  -
        m: quantity a 3 by alice         =>  again more_than_booked #3    |  -
        quantity a 4294967295 by alice   =>  more_than_booked #3          |  -
        @99.999 quantity a 1 by organizer =>  held x1 until 100 #4        |  quantity_changed: a held x1 until 100; 3 free, 1 held
        k: quantity a 2 by alice         =>  again held x2 until 100 #3   |  -
        a: book alice 3 hold             =>  again held until 100 #2      |  -
        confirm a by alice               =>  confirmed x1 #5              |  confirmed: a confirmed x1; 3 free, 1 confirmed
        ",
    );
}

#[test]
fn as_many_as_before_changes_nothing() {
    check(
        "
        slot                             =>  on_sale, 1 bookable #1
        a: book alice 1 hold             =>  held until 100 #2
        k: quantity a 1 by alice         =>  held until 100 #2            |  -
        k: quantity a 1 by alice         =>  again held until 100 #2      |  -
        b: book bob 1                    =>  waitlisted 1 #3
        c: book carol 1                  =>  waitlisted 2 #4
        w: quantity c 1 by carol         =>  waitlisted 2 #4              |  -
        cancel b by bob                  =>  cancelled #5
        see c                            =>  waitlisted 1
        w: quantity c 1 by carol         =>  again waitlisted 2 #4        |  -
        ",
    );
}

#[test]
fn what_is_freed_has_its_next_owner_in_the_same_step() {
    check(
        "
        slot capacity=4                  =>  on_sale, 4 bookable #1
        a: book alice 4                  =>  confirmed #2
        b: book bob 2                    =>  waitlisted 1 #3
        c: book carol 1                  =>  waitlisted 2 #4
        quantity a 1 by alice            =>  not_held #4                  |  -
        quantity a 3 by organizer        =>  confirmed x3 #5              |  quantity_changed: a confirmed x3; 1 free, 3 confirmed, 2 waitlisted
        k: quantity a 1 by organizer     =>  confirmed x1 #6              |  quantity_changed: a confirmed x1, b confirmed, c confirmed; 4 confirmed
        k: quantity a 1 by organizer     =>  again confirmed x1 #6        |  -
        ",
    );
}

#[test]
fn who_waits_for_fewer_keeps_the_place_and_may_be_served_at_once() {
    check(
        "
        slot capacity=3                  =>  on_sale, 3 bookable #1
        a: book alice 2                  =>  confirmed #2
        b: book bob 3                    =>  waitlisted 1 #3
        c: book carol 3                  =>  waitlisted 2 #4
        d: book dave 1                   =>  waitlisted 3 #5
        k: quantity c 1 by carol         =>  waitlisted x1 2 #6           |  quantity_changed: c waitlisted x1; 1 free, 2 confirmed, 3 waitlisted
        quantity b 2 by bob              =>  waitlisted x2 1 #7           |  quantity_changed: b waitlisted x2; 1 free, 2 confirmed, 3 waitlisted
        j: quantity b 1 by bob           =>  confirmed x1 #8              |  quantity_changed: b confirmed x1; 3 confirmed, 2 waitlisted
        see c                            =>  waitlisted x1 1
        k: quantity c 1 by carol         =>  again waitlisted x1 2 #6     |  -
        b: book bob 3                    =>  again waitlisted 1 #3        |  -
        cancel a by alice                =>  cancelled #9                 |  cancelled: a cancelled, c confirmed x1, d confirmed; 3 confirmed
        k: quantity c 1 by carol         =>  again waitlisted x1 2 #6     |  -
        j: quantity b 1 by bob           =>  again confirmed x1 #8        |  -
        ",
    );
    check(
        "
        slot capacity=3 order=skip_fit promotion=offer  =>  on_sale, 3 bookable #1
        a: book alice 2                  =>  confirmed #2
        b: book bob 3                    =>  waitlisted 1 #3
        c: book carol 2                  =>  waitlisted 2 #4
        quantity c 1 by organizer        =>  offered x1 until 60 #5       |  quantity_changed: c offered x1 until 60; 1 offered, 2 confirmed, 1 waitlisted
        quantity c 1 by carol            =>  not_held #5                  |  -
        quantity c 1 by organizer        =>  not_held #5                  |  -
        accept c by carol                =>  confirmed x1 #6
        ",
    );
}

#[test]
fn what_is_over_is_not_made_smaller() {
    check(
        "
        slot capacity=4 promotion=offer  =>  on_sale, 4 bookable #1
        a: book alice 2 hold             =>  held until 100 #2
        b: book bob 2                    =>  confirmed #3
        c: book carol 2                  =>  waitlisted 1 #4
        cancel b by bob                  =>  cancelled #5                 |  cancelled: b cancelled, c offered until 60; 2 held, 2 offered
        quantity b 1 by bob              =>  already_over #5              |  -
        quantity b 3 by bob              =>  more_than_booked #5          |  -
        decline c by carol               =>  declined #6
        quantity c 1 by organizer        =>  already_over #6              |  -
        @100 l: quantity a 1 by alice    =>  already_over #7              |  lapsed: a expired; 4 free
        l: quantity a 1 by alice         =>  again already_over #7        |  -
        ",
    );
    check(
        "
        slot capacity=4                  =>  on_sale, 4 bookable #1
        a: book alice 2                  =>  confirmed #2
        @1999.999 quantity a 1 by alice  =>  not_held #2                  |  -
        @2000 quantity a 1 by organizer  =>  confirmed x1 #3              |  quantity_changed: a confirmed x1; 3 free, 1 confirmed
        cancel slot                      =>  cancelled, 0 bookable #4
        quantity a 1 by organizer        =>  already_over #4              |  -
        ",
    );
}

#[test]
fn a_customers_limit_counts_what_is_left() {
    check(
        "
        slot capacity=4 limit=3          =>  on_sale, 4 bookable #1
        a: book alice 3 hold             =>  held until 100 #2
        b: book alice 1                  =>  customer_limit #2
        quantity a 2 by alice            =>  held x2 until 100 #3
        b: book alice 1                  =>  again customer_limit #2
        c: book alice 2                  =>  customer_limit #3
        d: book alice 1 hold             =>  held until 100 #4
        book alice 1                     =>  customer_limit #4
        w: book bob 3                    =>  waitlisted 1 #5
        quantity w 2 by bob              =>  waitlisted x2 1 #6
        book bob 1                       =>  waitlisted 2 #7
        book bob 1                       =>  customer_limit #7
        ",
    );
}

#[test]
fn a_waiter_that_fits_after_all_survives_a_smaller_slot() {
    check(
        "
        slot capacity=3                  =>  on_sale, 3 bookable #1
        a: book alice 1                  =>  confirmed #2
        b: book bob 3                    =>  waitlisted 1 #3
        c: book carol 3                  =>  waitlisted 2 #4
        quantity c 2 by carol            =>  waitlisted x2 2 #5
        change capacity=2                =>  on_sale, 0 bookable #6       |  slot_changed: b cancelled; 1 free, 1 confirmed, 1 waitlisted
        cancel a by alice                =>  cancelled #7                 |  cancelled: a cancelled, c confirmed x2; 2 confirmed
        ",
    );
}
