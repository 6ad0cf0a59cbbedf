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
        swap m +1 by x                     =>  lines_unnamed #3
        swap m -2 by x                     =>  lines_unnamed #3
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
        map aaaa to=0+1+2+3 categories=-a  =>  on_sale, 1 bookable #6
        pick z 3 lines=kid:1               =>  held 3 a until 100 [kid:1] = 100 EUR #7
        ",
    );
}
