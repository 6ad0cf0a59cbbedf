//! From one level to the next: what was done under the old one stays, and what is new is asked for under the new one only.

use booking::{Level, Slot, Timestamp};

use crate::stage::{self, check};

#[test]
fn a_build_knows_every_level_up_to_the_one_that_comes() {
    let known = (0..9).map(Level).filter(|level| level.is_known());
    assert_eq!(known.collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7].map(Level));
    let supported = (0..9).map(Level).filter(|level| level.is_supported());
    assert_eq!(
        supported.collect::<Vec<_>>(),
        [1, 2, 3, 4, 5, 6].map(Level),
        "what comes is there to be tested"
    );
    assert_eq!((Level::OLDEST, Level::NEWEST, Level::COMING), (Level(1), Level(6), Level(7)));
}

#[test]
fn what_is_new_can_be_asked_from_its_level_on() {
    for (level, asked) in [
        (1, "book alice 1"),
        (1, "cancel slot"),
        (1, "change title=x"),
        (2, "quantity a 1 by a"),
        (4, "slot products=a"),
        (4, "change quotas="),
        (4, "book alice 1 buy"),
        (4, "quantity a 1 by a a:1"),
    ] {
        let asked = asked.split(' ').collect::<Vec<_>>();
        assert_eq!(stage::request("k", &asked).command.since(), Level(level), "{asked:?}");
    }
}

#[test]
fn what_was_done_under_the_level_before_stays_and_can_be_made_smaller() {
    check(
        "
        level 1                          =>  done
        slot capacity=4                  =>  on_sale, 4 bookable #1
        a: book alice 3 hold             =>  held until 100 #2
        b: book bob 2                    =>  waitlisted 1 #3
        k: extend a 150 by alice         =>  held until 150 #4
        level 2                          =>  done
        k: extend a 150 by alice         =>  again held until 150 #4
        quantity a 2 by alice            =>  held x2 until 150 #5        |  quantity_changed: a held x2 until 150, b confirmed; 2 held, 2 confirmed
        a: book alice 3 hold             =>  again held until 100 #2
        k: extend a 150 by alice         =>  again held until 150 #4
        ",
    );
}

#[test]
#[should_panic(expected = "nobody asks under a level for what it does not have")]
fn no_quantity_changes_under_the_first_level() {
    let mut slot = None;
    for (label, asked) in [("s", "slot"), ("a", "book alice 1"), ("q", "quantity a 1 by alice")] {
        let request = stage::request(label, &asked.split(' ').collect::<Vec<_>>());
        Slot::apply(&mut slot, Level(1), Timestamp(0), &request, &mut Vec::new());
    }
}

#[test]
#[should_panic(expected = "this build does not know the rules of Level(8)")]
fn nothing_is_decided_under_a_level_that_is_not_known() {
    let request = stage::request("s", &["slot"]);
    Slot::apply(&mut None, Level(8), Timestamp(0), &request, &mut Vec::new());
}
