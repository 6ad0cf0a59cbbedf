//! Holds and offers: confirmed, extended, accepted, declined, and what becomes of them if not; and waiting where the first who
//! fits is served.

use crate::stage::check;

#[test]
fn a_hold_is_confirmed_before_its_deadline() {
    check(
        "
        slot capacity=3                  =>  on_sale, 3 bookable #1
        a: book alice 1 hold             =>  held until 100 #2
        b: book bob 1 hold               =>  held until 100 #3
        c: book carol 1                  =>  confirmed #4
        confirm a by bob                 =>  not_found #4                 |  -
        confirm x by alice               =>  not_found #4                 |  -
        k: confirm a by alice            =>  confirmed #5                 |  confirmed: a confirmed; 1 held, 2 confirmed
        k: confirm a by alice            =>  again confirmed #5           |  -
        k: confirm b by bob              =>  key_reused #5                |  -
        confirm a by alice               =>  not_held #5                  |  -
        confirm c by carol               =>  not_held #5                  |  -
        w: book walt 1                   =>  waitlisted 1 #6
        confirm w by walt                =>  not_held #6                  |  -
        @99.999 o: confirm b by organizer =>  confirmed #7                |  confirmed: b confirmed; 3 confirmed, 1 waitlisted
        @100 pulse                       =>  done                         |  -
        cancel a by alice                =>  cancelled #8
        confirm a by alice               =>  not_held #8                  |  -
        ",
    );
    check(
        "
        slot                             =>  on_sale, 1 bookable #1
        a: book alice 1 hold=50          =>  held until 50 #2
        w: book walt 1                   =>  waitlisted 1 #3
        @50 k: confirm a by alice        =>  hold_expired #4              |  lapsed: a expired, w confirmed; 1 confirmed
        k: confirm a by alice            =>  again hold_expired #4        |  -
        confirm a by organizer           =>  hold_expired #4              |  -
        extend a 10 by alice             =>  hold_expired #4              |  -
        cancel a by alice                =>  already_over #4              |  -
        accept a by alice                =>  not_offered #4               |  -
        ",
    );
}

#[test]
fn a_hold_is_confirmed_after_the_sale_but_not_after_the_end() {
    check(
        "
        slot capacity=3 closes=40 starts=60 ends=80  =>  on_sale, 3 bookable #1
        a: book alice 1 hold             =>  held until 80 #2
        b: book bob 1 hold=10            =>  held until 10 #3
        c: book carol 1 hold             =>  held until 80 #4
        @70 confirm a by alice           =>  confirmed #5                 |  confirmed: a confirmed, b expired; 1 free, 1 held, 1 confirmed
        @80 confirm c by carol           =>  hold_expired #6              |  finished: c expired; 2 free, 1 confirmed
        ",
    );
}

#[test]
fn where_the_organizer_confirms_nobody_else_does() {
    check(
        "
        slot confirmed_by=organizer capacity=2  =>  on_sale, 2 bookable #1
        a: book alice 1                  =>  held until 100 #2
        b: book bob 2                    =>  waitlisted 1 #3
        k: confirm a by alice            =>  forbidden #3                 |  -
        confirm x by alice               =>  forbidden #3                 |  -
        confirm x by organizer           =>  not_found #3                 |  -
        k: confirm a by organizer        =>  confirmed #4                 |  confirmed: a confirmed; 1 free, 1 confirmed, 1 waitlisted
        change confirmed_by=customer     =>  on_sale, 0 bookable #5
        cancel a by alice                =>  cancelled #6                 |  cancelled: a cancelled, b confirmed; 2 confirmed
        ",
    );
}

#[test]
fn a_hold_is_extended_from_now_up_to_the_longest() {
    check(
        "
        slot capacity=3 starts=700 ends=800  =>  on_sale, 3 bookable #1
        a: book alice 1 hold=50          =>  held until 50 #2
        b: book bob 1                    =>  confirmed #3
        extend a 60 by bob               =>  not_found #3                 |  -
        extend b 60 by bob               =>  not_held #3                  |  -
        e: extend a 60 by alice          =>  held until 60 #4             |  extended: a held until 60; 1 free, 1 held, 1 confirmed
        @10 extend a 100 by organizer    =>  held until 110 #5
        k: extend a 1 by alice           =>  held until 110 #5            |  -
        @50 pulse                        =>  done                         |  -
        e: extend a 60 by alice          =>  again held until 60 #4       |  -
        k: extend a 1 by alice           =>  again held until 110 #5      |  -
        @109.999 extend a 4294967295 by alice  =>  held until 300 #6
        @299.999 extend a 50 by alice    =>  held until 300 #6            |  -
        change hold_max=50               =>  on_sale, 1 bookable #7
        extend a 50 by alice             =>  held until 300 #7            |  -
        change hold_max=900              =>  on_sale, 1 bookable #8
        extend a 900 by alice            =>  held until 800 #9
        @800 extend a 1 by alice         =>  hold_expired #10
        ",
    );
}

#[test]
fn a_hold_begins_when_the_places_are_given() {
    check(
        "
        slot                             =>  on_sale, 1 bookable #1
        a: book alice 1                  =>  confirmed #2
        w: book walt 1 hold=20           =>  waitlisted 1 #3
        extend w 50 by walt              =>  not_held #3
        @200 cancel a by alice           =>  cancelled #4                 |  cancelled: a cancelled, w held until 220; 1 held
        extend w 999 by walt             =>  held until 500 #5
        @499.999 confirm w by walt       =>  confirmed #6
        ",
    );
}

#[test]
fn an_offer_is_accepted_or_declined() {
    check(
        "
        slot promotion=offer             =>  on_sale, 1 bookable #1
        a: book alice 1                  =>  confirmed #2
        b: book bob 1                    =>  waitlisted 1 #3
        c: book carol 1 hold=50          =>  waitlisted 2 #4
        d: book dave 1                   =>  waitlisted 3 #5
        accept b by bob                  =>  not_offered #5               |  -
        decline b by bob                 =>  not_offered #5               |  -
        cancel a by alice                =>  cancelled #6                 |  cancelled: a cancelled, b offered until 60; 1 offered, 2 waitlisted
        accept b by carol                =>  not_found #6                 |  -
        confirm b by bob                 =>  not_held #6                  |  -
        n: decline b by bob              =>  declined #7                  |  declined: b declined, c offered until 60; 1 offered, 1 waitlisted
        n: decline b by bob              =>  again declined #7            |  -
        accept b by bob                  =>  not_offered #7               |  -
        decline b by bob                 =>  not_offered #7               |  -
        cancel b by bob                  =>  already_over #7              |  -
        @59.999 y: accept c by carol     =>  held until 109.999 #8        |  accepted: c held until 109.999; 1 held, 1 waitlisted
        y: accept c by carol             =>  again held until 109.999 #8  |  -
        accept c by carol                =>  not_offered #8               |  -
        cancel c by carol                =>  cancelled #9                 |  cancelled: c cancelled, d offered until 119.999; 1 offered
        @119.999 accept d by dave        =>  offer_expired #10            |  lapsed: d expired; 1 free
        decline d by dave                =>  offer_expired #10            |  -
        confirm d by dave                =>  not_held #10                 |  -
        ",
    );
    check(
        "
        slot promotion=offer             =>  on_sale, 1 bookable #1
        a: book alice 1                  =>  confirmed #2
        b: book bob 1                    =>  waitlisted 1 #3
        cancel a by alice                =>  cancelled #4
        see slot                         =>  on_sale, 0 bookable
        accept b by bob                  =>  confirmed #5                 |  accepted: b confirmed; 1 confirmed
        ",
    );
}

#[test]
fn accepting_where_the_organizer_confirms_is_a_hold() {
    check(
        "
        slot promotion=offer confirmed_by=organizer  =>  on_sale, 1 bookable #1
        a: book alice 1                  =>  held until 100 #2
        b: book bob 1                    =>  waitlisted 1 #3
        cancel a by alice                =>  cancelled #4
        accept b by bob                  =>  held until 100 #5            |  accepted: b held until 100; 1 held
        confirm b by bob                 =>  forbidden #5                 |  -
        confirm b by organizer           =>  confirmed #6
        ",
    );
}

#[test]
fn an_offer_does_not_outlast_the_slot() {
    check(
        "
        slot promotion=offer starts=20 ends=40 =>  on_sale, 1 bookable #1
        a: book alice 1                  =>  confirmed #2
        b: book bob 1                    =>  waitlisted 1 #3
        cancel a by alice                =>  cancelled #4                 |  cancelled: a cancelled, b offered until 40; 1 offered
        @40 accept b by bob              =>  offer_expired #5             |  finished: b expired; 1 free
        ",
    );
}

#[test]
fn a_cancelled_slot_has_nothing_left_to_act_on() {
    check(
        "
        slot capacity=2                  =>  on_sale, 2 bookable #1
        a: book alice 1 hold             =>  held until 100 #2
        cancel slot                      =>  cancelled, 0 bookable #3
        confirm a by alice               =>  not_held #3
        extend a 5 by alice              =>  not_held #3
        accept a by alice                =>  not_offered #3
        decline a by alice               =>  not_offered #3
        ",
    );
}

#[test]
fn skip_fit_serves_the_first_who_fits() {
    check(
        "
        slot capacity=4 order=skip_fit   =>  on_sale, 4 bookable #1
        a: book alice 3                  =>  confirmed #2
        b: book bob 3                    =>  waitlisted 1 #3              |  booked: b waitlisted 1; 1 free, 3 confirmed, 1 waitlisted
        see slot                         =>  on_sale, 1 bookable
        book carol 2 refuse              =>  sold_out #3                  |  -
        c: book carol 2                  =>  waitlisted 2 #4
        d: book dave 1 refuse            =>  confirmed #5                 |  booked: d confirmed; 4 confirmed, 2 waitlisted
        e: book erin 1                   =>  waitlisted 3 #6
        cancel d by dave                 =>  cancelled #7                 |  cancelled: d cancelled, e confirmed; 4 confirmed, 2 waitlisted
        f: book finn 1                   =>  waitlisted 3 #8
        cancel a by alice                =>  cancelled #9                 |  cancelled: a cancelled, b confirmed; 4 confirmed, 2 waitlisted
        see c                            =>  waitlisted 1
        cancel b by bob                  =>  cancelled #10                |  cancelled: b cancelled, c confirmed, f confirmed; 4 confirmed
        ",
    );
}

#[test]
fn skip_fit_offers_to_as_many_as_fit() {
    check(
        "
        slot capacity=3 order=skip_fit promotion=offer  =>  on_sale, 3 bookable #1
        a: book alice 3                  =>  confirmed #2
        b: book bob 2                    =>  waitlisted 1 #3
        c: book carol 2                  =>  waitlisted 2 #4
        d: book dave 1                   =>  waitlisted 3 #5
        cancel a by alice                =>  cancelled #6                 |  cancelled: a cancelled, b offered until 60, d offered until 60; 3 offered, 1 waitlisted
        @60 pulse                        =>  done                         |  lapsed: b expired, d expired, c offered until 120; 1 free, 2 offered
        ",
    );
}
