//! Products, quotas and prices of seats: a table for each rule.

use crate::house::check;

#[test]
fn each_seat_costs_what_its_category_does() {
    check(
        "
        house aaa/bbb prices=*/a:500,*/b:300 currency=EUR   =>  on_sale, 3 bookable #1
        pick x 0+3 buy                     =>  held 0+3 ? apart until 100 = 800 EUR #2
        best x 2 of ab buy                 =>  held 1+2 a until 100 = 1000 EUR #3
        best y 2 of ab buy expect=1000     =>  price_changed #3
        best y 2 of ab buy expect=700      =>  price_changed #3
        best y 2 of ab buy expect=600      =>  held 4+5 b until 100 = 600 EUR #4
        pick y 3 buy expect=301            =>  price_changed #4
        pick y 3 buy expect=300            =>  seats_refused 3 taken #4
        ",
    );
}

#[test]
fn seats_are_sold_only_in_categories_that_cost_something() {
    check(
        "
        house aa/bb prices=*/b:300 currency=EUR     =>  on_sale, 2 bookable #1
        best x 1 of a buy                  =>  not_on_sale #1
        pick x 0 buy                       =>  not_on_sale #1
        pick x 0+2 buy                     =>  not_on_sale #1
        best x 2 of ab buy                 =>  held 2+3 b until 100 = 600 EUR #2
        w: best y 1 of ab buy              =>  waitlisted 1 #3
        change prices=*/a:100,*/b:300      =>  on_sale, 1 bookable #4  |  slot_changed: w held 0 a until 100 = 100 EUR
        ",
    );
}

#[test]
fn a_product_is_sold_in_its_categories_alone() {
    check(
        "
        house aa/bb products=kid/b+any     =>  on_sale, 2 bookable #1
        best x 1 of ab lines=kid:1         =>  confirmed 2 b [kid:1] #2
        pick x 0 lines=kid:1               =>  not_on_sale #2
        pick x 0 lines=any:1               =>  confirmed 0 a [any:1] #3
        ",
    );
}

#[test]
fn a_quota_caps_the_whole_house_and_who_waits_for_it_stops_nobody_else() {
    check(
        "
        house aaaa/bbbb products=adult+student quotas=few:1:student   =>  on_sale, 4 bookable #1
        s: best x 1 of a lines=student:1     =>  confirmed 0 a [student:1] #2
        w: best y 1 of ab lines=student:1    =>  waitlisted 1 [student:1] #3
        pick z 1 lines=student:1             =>  quota_exhausted few #3
        best z 1 of b lines=student:1 refuse =>  quota_exhausted few #3
        best z 2 of b lines=student:2        =>  quota_exhausted few #3
        pick z 1 lines=adult:1               =>  confirmed 1 a [adult:1] #4
        best z 4 of b lines=adult:4          =>  confirmed 4+5+6+7 b [adult:4] #5
        cancel s by x                        =>  cancelled 0 a [student:1] #6  |  cancelled: s cancelled 0 a [student:1], w confirmed 0 a [student:1]
        ",
    );
}

#[test]
fn several_products_in_one_booking_are_of_one_category() {
    check(
        "
        house aa/bb products=adult+kid prices=adult:500,kid:200 currency=EUR   =>  on_sale, 2 bookable #1
        pick x 0+2 lines=adult:1+kid:1     =>  lines_scattered #1
        pick x 0+2 lines=adult:2           =>  held 0+2 ? apart until 100 [adult:2] = 1000 EUR #2
        best y 2 of b lines=kid:1+adult:1  =>  waitlisted 1 [kid:1+adult:1] #3
        ",
    );
}

#[test]
fn a_seat_that_is_swapped_in_costs_what_it_does_then() {
    check(
        "
        house aaaaaa prices=*:500 currency=EUR          =>  on_sale, 6 bookable #1
        p: pick x 0+1 hold buy             =>  held 0+1 a until 100 = 1000 EUR #2
        change prices=*:700                =>  on_sale, 4 bookable #3
        swap p +2 -0 by x                  =>  held 1+2 a until 100 = 1200 EUR #4
        swap p +0 by x                     =>  held 0+1+2 a until 100 = 1900 EUR #5
        swap p -1 by x                     =>  held 0+2 a apart until 100 = 1400 EUR #6
        change prices=*:1@500-             =>  on_sale, 0 bookable #7
        swap p +3 -2 by x                  =>  not_on_sale #7
        change prices=*:1 currency=CHF     =>  on_sale, 4 bookable #8
        swap p +3 -2 by x                  =>  not_on_sale #8
        swap p -2 by x                     =>  held 0 a until 100 = 700 EUR #9
        p: pick x 0+1 hold buy             =>  again held 0+1 a until 100 = 1000 EUR #2
        ",
    );
}

#[test]
fn seats_of_several_products_are_swapped_one_for_one() {
    check(
        "
        house aaaaaa products=adult+kid quotas=few:3:kid prices=adult:500,kid:200 currency=EUR     =>  on_sale, 6 bookable #1
        m: pick x 0+1 hold lines=adult:1+kid:1   =>  held 0+1 a until 100 [adult:1+kid:1] = 700 EUR #2
        swap m +2 -1 by x                  =>  held 0+2 a apart until 100 [adult:1+kid:1] = 700 EUR #3
        swap m +1 by x                     =>  seats_uneven #3
        swap m -2 by x                     =>  seats_uneven #3
        k: pick y 3 hold lines=kid:1       =>  held 3 a until 100 [kid:1] = 200 EUR #4
        swap k +4 by y                     =>  held 3+4 a until 100 [kid:2] = 400 EUR #5
        swap k +5 by y                     =>  quota_exhausted few #5
        ",
    );
}

#[test]
fn prices_follow_their_categories_into_another_map() {
    check(
        "
        house aabb products=kid/a+any prices=*/a:100,*/b:200 currency=EUR   =>  on_sale, 2 bookable #1
        p: pick x 0 lines=any:1            =>  held 0 a until 100 [any:1] = 100 EUR #2
        map bbaa to=0+1+2+3 categories=ba  =>  on_sale, 2 bookable #3
        pick y 1 lines=kid:1               =>  held 1 b until 100 [kid:1] = 100 EUR #4
        pick y 2 lines=kid:1               =>  not_on_sale #4
        pick y 2 lines=any:1               =>  held 2 a until 100 [any:1] = 200 EUR #5
        ",
    );
}

#[test]
fn what_a_map_lacks_is_not_named_any_more_before_it_is_sold_by() {
    check(
        "
        house aabb prices=*/a:5000,*/b:100 currency=EUR                       =>  on_sale, 2 bookable #1
        map aabb to=0+1+2+3 categories=-- refused                             =>  category_gone #1
        map aabb to=0+1+2+3 categories=a- refused                             =>  category_gone #1
        map aabb to=0+1+2+3 categories=a- prices=*/a:7,*/b:8                  =>  on_sale, 2 bookable #2
        pick x 0+2 buy                                                        =>  held 0+2 ? apart until 100 = 15 EUR #3
        map aaaa to=0+1+2+3 categories=a- prices= refused                     =>  on_sale, 2 bookable #4
        ",
    );
    check(
        "
        house aabb products=kid/b+any quotas=q:1:kid prices=*:5 currency=EUR  =>  on_sale, 2 bookable #1
        map aabb to=0+1+2+3 categories=a- refused                             =>  category_gone #1
        map aabb to=0+1+2+3 categories=a- prices=any:9 refused                =>  category_gone #1
        map aabb to=0+1+2+3 categories=a- products=kid/a+any                  =>  on_sale, 2 bookable #2
        pick x 2 lines=kid:1                                                  =>  not_on_sale #2
        pick x 0 lines=kid:1                                                  =>  held 0 a until 100 [kid:1] = 5 EUR #3
        map aabb to=0+1+2+3 categories=-b refused                             =>  category_gone #3
        map aabb to=0+1+2+3 categories=-b products=any quotas=                =>  on_sale, 2 bookable #4
        ",
    );
    // What names no category is for all that there are.
    check(
        "
        house aabb prices=*:5 currency=EUR         =>  on_sale, 2 bookable #1
        map bbaa to=0+1+2+3 categories=--          =>  on_sale, 2 bookable #2
        pick x 0+3 buy                             =>  held 0+3 ? apart until 100 = 10 EUR #3
        ",
    );
}

#[test]
fn each_place_keeps_what_it_costs_in_another_map() {
    check(
        "
        house ab floor=a:9 prices=*/a:5000,*/b:100 currency=EUR   =>  on_sale, 9 bookable #1
        p: pick x 0+1 floor=1 hold buy         =>  held 0+1+floor:1 ? until 100 = 10100 EUR #2
        map ba floor=a:9 to=1+0                =>  on_sale, 8 bookable #3
        see p                                  =>  held 0+1+floor:1 ? until 100 = 10100 EUR
        swap p -0 by x                         =>  held 1+floor:1 a until 100 = 10000 EUR #4
        p: pick x 0+1 floor=1 hold buy         =>  again held 0+1+floor:1 ? until 100 = 10100 EUR #2
        ",
    );
    check(
        "
        house aaa products=adult+kid prices=adult:500,kid:200 currency=EUR   =>  on_sale, 3 bookable #1
        p: pick x 0+1 hold lines=adult:1+kid:1 =>  held 0+1 a until 100 [adult:1+kid:1] = 700 EUR #2
        change prices=*:1                      =>  on_sale, 1 bookable #3
        map aaa to=2+0+1                       =>  on_sale, 1 bookable #4
        swap p +1 -2 by x                      =>  held 0+1 a until 100 [kid:1+adult:1] = 201 EUR #5
        ",
    );
}

#[test]
fn a_seat_that_is_added_to_what_cost_nothing_costs_what_it_does_now() {
    check(
        "
        house aaaa                         =>  on_sale, 4 bookable #1
        p: pick x 0+1 hold                 =>  held 0+1 a until 100 #2
        change prices=*:5000 currency=EUR  =>  on_sale, 2 bookable #3
        swap p -1 by x                     =>  held 0 a until 100 #4
        swap p +1+2 by x                   =>  held 0+1+2 a until 100 = 10000 EUR #5
        confirm p by x                     =>  payment_required #5
        swap p -3 by x                     =>  malformed #5
        p: pick x 0+1 hold                 =>  again held 0+1 a until 100 #2
        ",
    );
    check(
        "
        house aaaa floor=a:9 products=kid quotas=q:2:kid   =>  on_sale, 2 bookable #1
        p: pick x 0 hold lines=kid:1       =>  held 0 a until 100 [kid:1] #2
        change prices=*:5000 currency=EUR  =>  on_sale, 1 bookable #3
        swap p +1 -0 by x                  =>  held 1 a until 100 [kid:1] = 5000 EUR #4
        swap p +2 by x                     =>  held 1+2 a until 100 [kid:2] = 10000 EUR #5
        swap p +3 by x                     =>  quota_exhausted q #5
        ",
    );
    check(
        "
        house aaaa                         =>  on_sale, 4 bookable #1
        p: pick x 0 hold                   =>  held 0 a until 100 #2
        change prices=*:0 currency=EUR     =>  on_sale, 3 bookable #3
        swap p +1 by x                     =>  held 0+1 a until 100 = 0 EUR #4
        confirm p by x                     =>  confirmed 0+1 a = 0 EUR #5
        swap p +2 by organizer             =>  confirmed 0+1+2 a = 0 EUR #6
        ",
    );
}

#[test]
fn of_several_reasons_against_a_swap_the_first_of_the_contract_is_told() {
    check(
        "
        house aaabbb products=kid quotas=q:1:kid prices=kid/a:5 currency=EUR limit=1   =>  on_sale, 1 bookable #1
        p: pick x 0 hold lines=kid:1       =>  held 0 a until 100 [kid:1] = 5 EUR #2
        swap p +1 -2 by x                  =>  malformed #2
        swap p +3 by x                     =>  not_on_sale #2
        swap p +1 by x                     =>  customer_limit #2
        change limit=none                  =>  on_sale, 0 bookable #3
        swap p +0 by x                     =>  quota_exhausted q #3
        swap p +0+1 -2 by x                =>  malformed #3
        change quotas=                     =>  on_sale, 2 bookable #4
        swap p +0 by x                     =>  seats_refused 0 taken #4
        swap p +3 by x                     =>  not_on_sale #4
        change prices=                     =>  on_sale, 3 bookable #5
        swap p +0+3 by x                   =>  seats_refused 0 taken, 3 category #5
        cancel p by x                      =>  cancelled 0 a [kid:1] = 5 EUR #6
        swap p +3 by x                     =>  not_held #6
        ",
    );
}

#[test]
fn an_offer_is_accepted_wherever_its_seats_are_by_now() {
    check(
        "
        house aa/bb products=x+y prices=*/a:10,x/b:100,y/b:1 currency=EUR promotion=offer  =>  on_sale, 2 bookable #1
        a: pick alice 0+1 lines=x:2          =>  held 0+1 a until 100 [x:2] = 20 EUR #2
        w: best bob 2 of a lines=x:1+y:1     =>  waitlisted 1 [x:1+y:1] #3
        cancel a by alice                    =>  cancelled 0+1 a [x:2] = 20 EUR #4
        see w                                =>  offered 0+1 a until 60 [x:1+y:1]
        map ab/bb to=1+0+2+3                 =>  on_sale, 2 bookable #5
        see w                                =>  offered 0+1 ? until 60 [x:1+y:1]
        accept w by bob                      =>  held 0+1 ? until 100 [x:1+y:1] = 11 EUR #6
        ",
    );
}
