//! From one level to the next: what was done under the old one stays, and what is done from then on is as the new one says.

use booking::{Level, Promotion, Slot, Timestamp};

use crate::stage::{self, check};

#[test]
fn each_level_has_rules_of_its_own() {
    let promotions = (0..4).map(|level| Level(level).rules().map(|rules| rules.waitlist_default.promotion));
    let want = [None, Some(Promotion::Confirm), Some(Promotion::Offer), None];
    assert_eq!(promotions.collect::<Vec<_>>(), want);
    assert_eq!(Level::NEWEST, Level(1), "no node supports the rehearsal");
}

#[test]
fn under_the_first_level_a_new_waitlist_confirms() {
    check(
        "
        slot waitlist=none               =>  on_sale, 1 bookable #1
        change waitlist=9                =>  on_sale, 1 bookable #2
        a: book alice 1                  =>  confirmed #3
        b: book bob 1                    =>  waitlisted 1 #4
        cancel a by alice                =>  cancelled #5      |  cancelled: a cancelled, b confirmed; 1 confirmed
        ",
    );
}

#[test]
fn under_the_second_it_offers() {
    check(
        "
        slot waitlist=none               =>  on_sale, 1 bookable #1
        level 2                          =>  done
        change waitlist=9                =>  on_sale, 1 bookable #2
        a: book alice 1                  =>  confirmed #3
        b: book bob 1                    =>  waitlisted 1 #4
        cancel a by alice                =>  cancelled #5      |  cancelled: a cancelled, b offered until 900; 1 offered
        @900 pulse                       =>  done              |  lapsed: b expired; 1 free
        ",
    );
}

#[test]
fn what_was_done_under_the_level_before_stays() {
    check(
        "
        slot waitlist=none               =>  on_sale, 1 bookable #1
        c: change waitlist=9             =>  on_sale, 1 bookable #2
        a: book alice 1                  =>  confirmed #3
        b: book bob 1                    =>  waitlisted 1 #4
        level 2                          =>  done
        c: change waitlist=9             =>  again on_sale, 1 bookable #2
        cancel a by alice                =>  cancelled #5      |  cancelled: a cancelled, b confirmed; 1 confirmed
        ",
    );
}

#[test]
#[should_panic(expected = "this build does not know the rules of Level(3)")]
fn nothing_is_decided_under_a_level_that_is_not_known() {
    let request = stage::request("s", &["slot"]);
    Slot::apply(&mut None, Level(3), Timestamp(0), &request, &mut Vec::new());
}
