//! Changes to a slot in a running sale, each with its effect on those who hold and wait, in the same step.

use crate::stage::check;

#[test]
fn more_places_go_to_those_who_wait() {
    check(
        "
        slot capacity=2                  =>  on_sale, 2 bookable #1
        a: book alice 2                  =>  confirmed #2
        b: book bob 2                    =>  waitlisted 1 #3
        c: book carol 1 hold             =>  waitlisted 2 #4
        k: change capacity=6             =>  on_sale, 1 bookable #5       |  slot_changed: b confirmed, c held until 100; 1 free, 1 held, 4 confirmed
        k: change capacity=6             =>  again on_sale, 1 bookable #5 |  -
        l: change capacity=6             =>  on_sale, 1 bookable #5       |  -
        d: book dave 1                   =>  confirmed #6
        l: change capacity=6             =>  again on_sale, 1 bookable #5 |  -
        k: change capacity=7             =>  key_reused #6                |  -
        ",
    );
}

#[test]
fn fewer_places_are_never_fewer_than_are_taken() {
    check(
        "
        slot capacity=9                  =>  on_sale, 9 bookable #1
        a: book alice 2                  =>  confirmed #2
        b: book bob 3 hold               =>  held until 100 #3
        k: change capacity=4             =>  capacity_in_use #3           |  -
        k: change capacity=4             =>  again capacity_in_use #3     |  -
        change capacity=5                =>  on_sale, 0 bookable #4       |  slot_changed: ; 3 held, 2 confirmed
        book carol 6                     =>  quantity_too_large #4
        c: book carol 5                  =>  waitlisted 1 #5
        d: book dave 1                   =>  waitlisted 2 #6
        @100 change capacity=4           =>  on_sale, 1 bookable #7       |  slot_changed: b expired, c cancelled, d confirmed; 1 free, 3 confirmed
        ",
    );
}

#[test]
fn who_waits_for_more_than_there_is_waits_no_more() {
    check(
        "
        slot capacity=4                  =>  on_sale, 4 bookable #1
        a: book alice 2                  =>  confirmed #2
        b: book bob 4                    =>  waitlisted 1 #3
        c: book carol 3                  =>  waitlisted 2 #4
        d: book dave 1                   =>  waitlisted 3 #5
        change capacity=3                =>  on_sale, 0 bookable #6       |  slot_changed: b cancelled; 1 free, 2 confirmed, 2 waitlisted
        see c                            =>  waitlisted 1
        change capacity=2                =>  on_sale, 0 bookable #7       |  slot_changed: c cancelled; 2 confirmed, 1 waitlisted
        cancel b by bob                  =>  already_over #7
        ",
    );
}

#[test]
fn the_waitlist_is_closed_shortened_and_opened_again() {
    check(
        "
        slot                             =>  on_sale, 1 bookable #1
        a: book alice 1                  =>  confirmed #2
        b: book bob 1                    =>  waitlisted 1 #3
        c: book carol 1                  =>  waitlisted 2 #4
        change waitlist=1                =>  on_sale, 0 bookable #5       |  slot_changed: ; 1 confirmed, 2 waitlisted
        book dave 1                      =>  waitlist_full #5
        cancel b by bob                  =>  cancelled #6
        book dave 1                      =>  waitlist_full #6
        change waitlist=none             =>  on_sale, 0 bookable #7       |  slot_changed: c cancelled; 1 confirmed
        book dave 1                      =>  sold_out #7
        change promotion=offer           =>  on_sale, 0 bookable #8
        d: book dave 1                   =>  waitlisted 1 #9
        cancel a by alice                =>  cancelled #10                |  cancelled: a cancelled, d offered until 900; 1 offered
        ",
    );
}

#[test]
fn another_order_serves_who_can_be_served_now() {
    check(
        "
        slot capacity=3                  =>  on_sale, 3 bookable #1
        a: book alice 2                  =>  confirmed #2
        b: book bob 2                    =>  waitlisted 1 #3
        c: book carol 1                  =>  waitlisted 2 #4
        d: book dave 1                   =>  waitlisted 3 #5
        change order=skip_fit            =>  on_sale, 0 bookable #6       |  slot_changed: c confirmed; 3 confirmed, 2 waitlisted
        cancel c by carol                =>  cancelled #7                 |  cancelled: c cancelled, d confirmed; 3 confirmed, 1 waitlisted
        change order=strict              =>  on_sale, 0 bookable #8
        cancel d by dave                 =>  cancelled #9                 |  cancelled: d cancelled; 1 free, 2 confirmed, 1 waitlisted
        ",
    );
}

#[test]
fn a_limit_binds_new_requests_only() {
    check(
        "
        slot capacity=9                  =>  on_sale, 9 bookable #1
        a: book alice 3                  =>  confirmed #2
        b: book bob 1                    =>  confirmed #3
        change limit=2                   =>  on_sale, 5 bookable #4       |  slot_changed: ; 5 free, 4 confirmed
        book alice 1                     =>  customer_limit #4
        book bob 2                       =>  customer_limit #4
        c: book bob 1                    =>  confirmed #5
        change limit=none                =>  on_sale, 4 bookable #6
        d: book alice 1                  =>  confirmed #7
        change limit=5                   =>  on_sale, 3 bookable #8
        book alice 2                     =>  customer_limit #8
        book alice 1                     =>  confirmed #9
        ",
    );
    check(
        "
        slot capacity=9 limit=4          =>  on_sale, 9 bookable #1
        a: book alice 4                  =>  confirmed #2
        change limit=2                   =>  on_sale, 5 bookable #3
        cancel a by alice                =>  cancelled #4
        book alice 3                     =>  customer_limit #4
        book alice 2                     =>  confirmed #5
        ",
    );
}

#[test]
fn times_are_moved_but_deadlines_that_run_stay() {
    check(
        "
        slot capacity=4                  =>  on_sale, 4 bookable #1
        a: book alice 1 hold             =>  held until 100 #2
        change hold=5                    =>  on_sale, 3 bookable #3
        b: book bob 1 hold               =>  held until 5 #4
        c: book carol 1                  =>  confirmed #5
        change opens=50                  =>  scheduled, 0 bookable #6
        book dave 1                      =>  not_on_sale #6
        @50 change opens=none closes=60  =>  on_sale, 2 bookable #7       |  slot_changed: b expired; 2 free, 1 held, 1 confirmed
        @60 book dave 1                  =>  not_on_sale #7
        change closes=none cancel_until=940  =>  on_sale, 2 bookable #8
        cancel c by carol                =>  too_late #8
        change starts=1001               =>  on_sale, 2 bookable #9
        cancel c by carol                =>  cancelled #10
        change starts=20 ends=90         =>  closed, 0 bookable #11
        see a                            =>  held until 100
        deadline                         =>  90
        @90 pulse                        =>  done                         |  finished: a expired; 4 free
        change ends=2000                 =>  closed, 0 bookable #13
        confirm a by alice               =>  hold_expired #13
        ",
    );
}

#[test]
fn an_end_that_has_passed_ends_everything_at_once() {
    check(
        "
        slot capacity=2                  =>  on_sale, 2 bookable #1
        a: book alice 1 hold             =>  held until 100 #2
        b: book bob 1                    =>  confirmed #3
        c: book carol 2                  =>  waitlisted 1 #4
        @50 change starts=20 ends=50     =>  finished, 0 bookable #5      |  slot_changed: a expired, c expired; 1 free, 1 confirmed
        deadline                         =>  never
        ",
    );
}

#[test]
fn what_cannot_be_is_refused() {
    check(
        "
        change title=none                =>  not_found #0
        slot opens=100 closes=900        =>  scheduled, 0 bookable #1
        change ends=1000                 =>  ends_too_early #1            |  -
        change starts=2000               =>  ends_too_early #1
        change starts=899                =>  closes_too_late #1
        change closes=1001               =>  closes_too_late #1
        change closes=100                =>  opens_too_late #1
        change opens=900                 =>  opens_too_late #1
        change closes=none opens=1000    =>  opens_too_late #1
        change closes=none opens=999     =>  scheduled, 0 bookable #2
        change starts=1999 closes=1999   =>  scheduled, 0 bookable #3
        cancel slot                      =>  cancelled, 0 bookable #4
        change title=late                =>  slot_cancelled #4            |  -
        change ends=1                    =>  ends_too_early #4
        ",
    );
}

#[test]
fn a_slot_that_was_changed_is_made_again_as_it_was() {
    check(
        "
        s: slot capacity=2               =>  on_sale, 2 bookable #1
        change capacity=5                =>  on_sale, 5 bookable #2
        s: slot capacity=2               =>  again on_sale, 2 bookable #1 |  -
        change capacity=6 title=other    =>  on_sale, 6 bookable #3
        s: slot capacity=2               =>  again on_sale, 2 bookable #1 |  -
        s: slot capacity=5               =>  key_reused #3                |  -
        ",
    );
}
