//! Seats: picks, the best, who waits and for what, swaps, what is for sale, and another map. Every row of the tables that the
//! contract and its research give.

use booking::{
    Asker, Best, Book, Category, Command, Content, Decision, Fingerprint, Level, Mode, NewSlot, Pick, Plan,
    Refusal, Request, RequestKey, Seat, SeatsAsked, SeatsWish, Slot, Status, Timestamp, Together, WhenFull,
    Wish,
};

use crate::house::{self, check};
use crate::stage;

#[test]
fn a_pick_gets_all_or_none_and_hears_every_conflict() {
    check(
        "
        house aaaaaa/WCab floor=b:3          =>  on_sale, 7 bookable #1
        a: pick alice 0+1                    =>  confirmed 0+1 a #2               |  booked: a confirmed 0+1 a
        pick bob 2+1+0                       =>  seats_refused 1 taken, 0 taken #2 |  -
        sell block=4 press=5                 =>  on_sale, 3 bookable #3           |  seats_changed:
        b: pick bob 4+5+6+0+2                =>  seats_refused 4 blocked, 5 allotted, 6 accessible, 0 taken #3
        b: pick bob 4+5+6+0+2                =>  again seats_refused #3           |  -
        pick bob 2+2                         =>  malformed #3
        pick bob 10                          =>  malformed #3
        pick bob -                           =>  malformed #3
        pick bob 2 outdated                  =>  another_map #3
        c: pick carol 6+7 accessible=1       =>  confirmed 6+7 a #4
        d: pick dave 2+9 floor=2             =>  confirmed 2+9+floor:2 ? apart #5
        pick erin - floor=2                  =>  seats_refused floor taken #5
        e: pick erin - floor=1 hold          =>  held floor:1 b until 100 #6
        f: pick press 5 kept=0 organizer     =>  confirmed 5 a #7
        pick press 3 kept=0 organizer        =>  seats_refused 3 allotted #7
        ",
    );
}

#[test]
fn a_booking_never_grows_beyond_what_one_may_be_made_for() {
    let names =
        |seats: core::ops::Range<u32>| seats.map(|seat| seat.to_string()).collect::<Vec<_>>().join("+");
    let (most, row) = (names(0..99), "a".repeat(103));
    check(&format!(
        "
        house {row}                          =>  on_sale, 100 bookable #1
        a: pick alice {most}                 =>  confirmed {most} a #2
        swap a +99+100 by organizer          =>  quantity_too_large #2
        swap a +99 by organizer              =>  confirmed {most}+99 a #3
        swap a +100 by organizer             =>  quantity_too_large #3
        swap a +100 -99 by organizer         =>  confirmed {most}+100 a apart #4
        "
    ));
}

#[test]
fn nobody_waits_for_more_than_is_for_sale() {
    check(
        "
        house aaa/bb                         =>  on_sale, 3 bookable #1
        sell block=1+3+4                     =>  on_sale, 2 bookable #2            |  seats_changed:
        best ada 2 of a                      =>  confirmed 0+2 a apart #3
        best bob 3 of a                      =>  quantity_too_large #3
        pick bob 1+3+4                       =>  quantity_too_large #3
        pick bob 1+3                         =>  seats_refused 1 blocked, 3 blocked #3
        ",
    );
}

#[test]
fn who_could_never_sit_together_does_not_wait() {
    check(
        "
        house aaa/aaa waitlist=1             =>  on_sale, 6 bookable #1
        a: pick alice 0+1+2+3                =>  confirmed 0+1+2+3 a apart #2
        best bob 4 of a must                 =>  not_together 2 #2
        best bob 4 of a must refuse          =>  not_together 2 #2
        best bob 7 of a must                 =>  quantity_too_large #2
        w: best walt 3 of a must             =>  waitlisted 1 #3
        best bob 4 of a must                 =>  not_together 2 #3
        best bob 3 of a must                 =>  waitlist_full #3
        best bob 3 of a must refuse          =>  sold_out #3
        ",
    );
}

#[test]
fn what_has_lapsed_is_free_for_who_picks_it_in_that_very_step() {
    check(
        "
        house aaa                            =>  on_sale, 3 bookable #1
        a: pick alice 0+1 hold               =>  held 0+1 a until 100 #2
        @99 pick bob 1                       =>  seats_refused 1 taken #2
        @100 b: pick bob 1                   =>  confirmed 1 a #3                 |  booked: b confirmed 1 a, a expired 0+1 a
        see a                                =>  expired 0+1 a
        ",
    );
    check(
        "
        house aa                             =>  on_sale, 2 bookable #1
        a: pick alice 0+1 hold               =>  held 0+1 a until 100 #2
        b: best bob 2 of a                   =>  waitlisted 1 #3
        @100 pick carol 0                    =>  seats_refused 0 taken #4         |  lapsed: a expired 0+1 a, b confirmed 0+1 a
        ",
    );
}

#[test]
fn the_best_are_one_block_then_few_parts() {
    check(
        "
        house aaaaa/aaaaa                    =>  on_sale, 10 bookable #1
        a: best alice 2 of a                 =>  confirmed 0+1 a #2
        b: best bob 2 of a                   =>  confirmed 2+3 a #3
        c: best carol 2 of a                 =>  confirmed 5+6 a #4
        d: best dave 3 of a                  =>  confirmed 7+8+9 a #5
        see slot                             =>  on_sale, 1 bookable
        ",
    );
    check(
        "
        house aa.aa.aa.a singles=allow       =>  on_sale, 7 bookable #1
        best alice 3 of a must               =>  not_together 2 #1
        a: best alice 4 of a                 =>  confirmed 0+1+2+3 a apart #2
        b: best bob 3 of a                   =>  confirmed 4+5+6 a apart #3
        best carol 1 of a refuse             =>  sold_out #3
        ",
    );
    check(
        "
        house ab.bb floor=c:9                =>  on_sale, 9 bookable #1
        a: best alice 2 of ab                =>  confirmed 2+3 b #2
        b: best bob 2 of abc                 =>  confirmed floor:2 c #3
        best carol 8 of c                    =>  waitlisted 1 #4
        best dave 10 of c                    =>  quantity_too_large #4
        ",
    );
}

#[test]
fn single_seats_are_refused_where_there_is_an_alternative() {
    // The table of the research: so many open seats in a stretch, what is asked, and whether it is accepted.
    for (open, asked, row, slot) in [
        ("aaa", "0+1", "", "2"),
        ("aaaa", "1+2", "0+3", "0+3"),
        ("aaaa", "0+1", "", ""),
        ("aaaaa", "0+1", "", ""),
        ("aaaaa", "2+3+4", "", ""),
        ("aa", "0", "", "1"),
        ("a", "0", "", ""),
        ("aaaaaa", "0+2", "1", "1"),
    ] {
        for (scope, single, elsewhere) in [("row", row, ""), ("slot", slot, "/aaaaaaaa")] {
            let bookable = open.len() + elsewhere.len().saturating_sub(1);
            let house = format!("house {open}{elsewhere} singles=refuse aisles=count scope={scope}");
            let apart = if asked == "0+2" { " apart" } else { "" };
            let given = format!("confirmed {asked} a{apart} #2");
            let answer = if single.is_empty() { given.clone() } else { format!("leaves_single {single} #1") };
            let made = format!("{house} => on_sale, {bookable} bookable #1");
            check(&format!("{made}\na: pick alice {asked} => {answer}"));
            // Staff is not bound.
            check(&format!("{made}\npick alice {asked} organizer => {given}"));
        }
    }
    check(
        "
        house aaaa/aaaaaa singles=refuse aisles=count  =>  on_sale, 10 bookable #1
        pick alice 1+2                       =>  leaves_single 0+3 #1
        pick alice 4+6                       =>  leaves_single 5 #1
        singles aisles=ignore                =>  on_sale, 10 bookable #2
        pick alice 4+6                       =>  leaves_single 5 #2
        a: pick alice 1+2                    =>  confirmed 1+2 a #3
        singles singles=avoid                =>  on_sale, 8 bookable #4
        b: pick bob 4+6                      =>  confirmed 4+6 a apart #5
        ",
    );
    check(
        "
        house aaa/aaaaa singles=refuse aisles=count scope=slot  =>  on_sale, 8 bookable #1
        pick alice 0+1                       =>  leaves_single 2 #1
        ",
    );
}

#[test]
fn a_waiter_sets_aside_only_what_it_is_short_of() {
    check(
        "
        house aaa/bbbbbbbbbb                 =>  on_sale, 10 bookable #1
        a: best alice 3 of a                 =>  confirmed 0+1+2 a #2
        x: best bob 4 of a                   =>  quantity_too_large #2
        w: best bob 3 of a                   =>  waitlisted 1 #3
        swap a -2 by organizer               =>  confirmed 0+1 a #4
        n: best nora 1 of a                  =>  waitlisted 2 #5
        pick nora 2                          =>  seats_refused 2 waitedfor #5
        m: best mary 2 of b                  =>  confirmed 3+4 b #6
        o: pick olga 5                       =>  confirmed 5 b #7
        see slot                             =>  on_sale, 7 bookable
        see category a                       =>  1 of 3 free, 0 kept, 2 waitlisted, largest 1
        ",
    );
    // Seats that are not adjacent are no shortage: who waits passes its turn.
    check(
        "
        house a.a.a.a.aa singles=allow       =>  on_sale, 6 bookable #1
        a: best alice 6 of a                 =>  confirmed 0+1+2+3+4+5 a apart #2
        w: best walt 2 of a must             =>  waitlisted 1 #3
        swap a -0+1+2+3 by organizer         =>  confirmed 4+5 a #4                |  reseated: a confirmed 4+5 a
        n: best nora 1 of a                  =>  confirmed 0 a #5
        see w                                =>  waitlisted 1
        best nora 2 of a must                =>  not_together 1 #5
        cancel a by organizer                =>  cancelled 4+5 a #6                |  cancelled: a cancelled 4+5 a, w confirmed 4+5 a
        ",
    );
}

#[test]
fn whose_turn_it_is_when_seats_are_freed() {
    let table = |order: &str, freed: &str| {
        format!(
            "
            house aa order={order}           =>  on_sale, 2 bookable #1
            a: pick alice 0+1                =>  confirmed 0+1 a #2
            u: best u 2 of a must            =>  waitlisted 1 #3
            v: best v 2 of a                 =>  waitlisted 2 #4
            w: best w 1 of a                 =>  waitlisted 3 #5
            swap a -1 by organizer           =>  confirmed 0 a #6                  |  {freed}
            "
        )
    };
    check(&table("strict", "reseated: a confirmed 0 a"));
    check(&table("skip_fit", "reseated: a confirmed 0 a, w confirmed 1 a"));
    check(
        "
        house aaa/b promotion=offer          =>  on_sale, 3 bookable #1
        a: pick alice 0+1+2                  =>  confirmed 0+1+2 a #2
        b: pick bob 3                        =>  confirmed 3 b #3
        v: best v 2 of ab                    =>  waitlisted 1 #4
        w: best w 1 of b                     =>  waitlisted 2 #5
        x: best x 1 of a                     =>  waitlisted 2 #6
        cancel b by bob                      =>  cancelled 3 b #7                  |  cancelled: b cancelled 3 b
        cancel v by v                        =>  cancelled #8                      |  cancelled: v cancelled, w offered 3 b until 60
        @60 pulse                            =>  done                              |  lapsed: w expired 3 b
        sell block=3                         =>  on_sale, 0 bookable #10
        cancel a by organizer                =>  cancelled 0+1+2 a #11             |  cancelled: a cancelled 0+1+2 a, x offered 0 a until 120
        accept x by x                        =>  confirmed 0 a #12
        ",
    );
}

#[test]
fn a_party_that_wants_less_is_another_need() {
    check(
        "
        house aaa                            =>  on_sale, 3 bookable #1
        a: pick alice 0+1                    =>  confirmed 0+1 a #2
        w: best walt 3 of a                  =>  waitlisted 1 #3
        v: best vera 2 of a                  =>  waitlisted 2 #4
        quantity w 2 by walt                 =>  waitlisted 1 #5
        k: quantity w 1 by walt              =>  confirmed 2 a #6                  |  quantity_changed: w confirmed 2 a
        k: quantity w 1 by walt              =>  again confirmed 2 a #6
        see v                                =>  waitlisted 1
        quantity a 1 by organizer            =>  seats_unnamed #6
        quantity a 2 by organizer            =>  confirmed 0+1 a #6
        quantity a 3 by organizer            =>  more_than_booked #6
        ",
    );
    check(
        "
        house a floor=b:4                    =>  on_sale, 4 bookable #1
        a: pick alice - floor=3 hold         =>  held floor:3 b until 100 #2
        w: best walt 2 of b                  =>  waitlisted 1 #3
        quantity a 2 by alice                =>  held floor:2 b until 100 #4       |  quantity_changed: a held floor:2 b until 100, w confirmed floor:2 b
        ",
    );
}

#[test]
fn seats_are_given_for_others() {
    check(
        "
        house aaaa/bb limit=3                =>  on_sale, 4 bookable #1
        a: pick alice 0+1 hold               =>  held 0+1 a until 100 #2
        b: pick bob 2                        =>  confirmed 2 a #3
        swap a -1 +2 by alice                =>  seats_refused 2 taken #3          |  -
        see a                                =>  held 0+1 a until 100
        k: swap a -1 +3 by alice             =>  held 0+3 a apart until 100 #4     |  reseated: a held 0+3 a apart until 100
        swap a +4 by alice                   =>  seats_refused 4 category #4
        swap a +1 by alice                   =>  held 0+1+3 a apart until 100 #5
        swap a +4+5 by alice                 =>  customer_limit #5
        swap a by alice                      =>  held 0+1+3 a apart until 100 #5   |  -
        swap a -0+1+3 by alice               =>  malformed #5
        swap a -2 by alice                   =>  malformed #5
        swap a -0 +0 by alice                =>  malformed #5
        swap a -0 by bob                     =>  not_found #5
        swap b -2 +0 by bob                  =>  not_held #5
        swap b +0 by organizer               =>  seats_refused 0 taken #5
        @99 swap a -3 by alice               =>  held 0+1 a until 100 #6
        j: swap b -2 +3 by organizer         =>  confirmed 3 a #7
        a: pick alice 0+1 hold               =>  again held 0+1 a until 100 #2
        k: swap a -1 +3 by alice             =>  again held 0+3 a apart until 100 #4
        @100 swap a -0 by alice              =>  hold_expired #8                   |  lapsed: a expired 0+1 a
        ",
    );
    check(
        "
        house aaaaa singles=refuse aisles=count  =>  on_sale, 5 bookable #1
        a: pick alice 0+1 hold               =>  held 0+1 a until 100 #2
        swap a -1 +3 by alice                =>  leaves_single 4 #2
        swap a -1 +3 by organizer            =>  held 0+3 a apart until 100 #3
        swap a -0 +4 by alice                =>  held 3+4 a until 100 #4
        ",
    );
}

#[test]
fn what_is_for_sale_is_the_organizers_to_say() {
    check(
        "
        house aaaa                           =>  on_sale, 4 bookable #1
        a: pick alice 0                      =>  confirmed 0 a #2
        sell block=0+1                       =>  seats_refused 0 taken #2          |  -
        sell block=1 press=2                 =>  on_sale, 1 bookable #3            |  seats_changed:
        see category a                       =>  1 of 3 free, 1 kept, 0 waitlisted, largest 1
        sell block=1 press=2                 =>  on_sale, 1 bookable #3            |  -
        sell open=0                          =>  on_sale, 1 bookable #3            |  -
        sell block=3 open=3                  =>  malformed #3
        sell block=4                         =>  malformed #3
        w: best walt 3 of a                  =>  waitlisted 1 #4
        v: best vera 1 of a kept=0           =>  confirmed 2 a #5
        sell open=1                          =>  on_sale, 0 bookable #6
        cancel v by organizer                =>  cancelled 2 a #7
        sell open=2                          =>  on_sale, 0 bookable #8            |  seats_changed: w confirmed 1+2+3 a
        cancel slot                          =>  cancelled, 0 bookable #9
        sell open=2                          =>  slot_cancelled #9
        ",
    );
}

#[test]
fn wheelchair_spaces_are_a_pool_of_their_own() {
    check(
        "
        house WCa/WCCC                       =>  on_sale, 1 bookable #1
        a: best alice 1 of a                 =>  confirmed 2 a #2
        b: best bob 1 of a                   =>  waitlisted 1 #3
        c: best carol 4 of a accessible=1    =>  confirmed 3+4+5+6 a #4
        d: best dave 2 of a accessible=1     =>  confirmed 0+1 a #5
        e: best erin 1 of a accessible=1     =>  waitlisted 1 #6
        pick frank 0                         =>  seats_refused 0 taken #6
        cancel d by dave                     =>  cancelled 0+1 a #7                |  cancelled: d cancelled 0+1 a, e confirmed 0 a
        pick frank 1                         =>  seats_refused 1 accessible #7
        sell open=1                          =>  on_sale, 0 bookable #7
        ",
    );
}

#[test]
fn a_party_in_wheelchairs_passes_nobody_who_is_short_of_what_it_gets() {
    // Will waits for three general seats. Who needs one beside a space waits behind, and who needs none does not.
    check(
        "
        house WC/CC/aaa                              =>  on_sale, 3 bookable #1
        pick pete 4                                  =>  confirmed 4 a #2
        w: best will 3 of a                          =>  waitlisted 1 #3
        n: best nora 3 of a accessible=1             =>  waitlisted 2 #4
        m: best mia 2 of a accessible=1              =>  confirmed 0+1 a #5
        o: best olga 1 of a                          =>  waitlisted 3 #6
        ",
    );
    // Under the level before, she gets one all the same, since three companions' seats are free.
    check(
        "
        level 3                                      =>  done
        house WC/CC/aaa                              =>  on_sale, 3 bookable #1
        pick pete 4                                  =>  confirmed 4 a #2
        w: best will 3 of a                          =>  waitlisted 1 #3
        n: best nora 3 of a accessible=1             =>  confirmed 0+1+5 a apart #4
        ",
    );
}

#[test]
fn nobody_passes_a_party_in_wheelchairs_that_is_short_of_general_seats() {
    // No companion's seat adjoins the space: two general seats are needed, and one is free.
    check(
        "
        house W/CCCC/aaa                             =>  on_sale, 3 bookable #1
        p: pick pete 5                               =>  confirmed 5 a #2
        pick quin 6                                  =>  confirmed 6 a #3
        n: best nora 3 of a accessible=1             =>  waitlisted 1 #4
        see slot                                     =>  on_sale, 0 bookable
        x: best xena 1 of a                          =>  waitlisted 2 #5
        pick yan 7                                   =>  seats_refused 7 waitedfor #5
        cancel p by pete                             =>  cancelled 5 a #6     |  cancelled: p cancelled 5 a, n confirmed 0+5+7 a apart
        see x                                        =>  waitlisted 1
        ",
    );
    // While its space is taken, no companion's seat counts: two general seats are left to it, and what is more is sold.
    check(
        "
        house WC/CCCC/aaa                            =>  on_sale, 3 bookable #1
        pick pete 6                                  =>  confirmed 6 a #2
        pick wes 0 accessible=1                      =>  confirmed 0 a #3
        n: best nora 3 of a accessible=1             =>  waitlisted 1 #4
        x: best xena 1 of a                          =>  confirmed 7 a #5
        y: best yan 1 of a                           =>  waitlisted 2 #6
        ",
    );
    check(
        "
        level 3                                      =>  done
        house W/CCCC/aaa                             =>  on_sale, 3 bookable #1
        pick pete 5                                  =>  confirmed 5 a #2
        pick quin 6                                  =>  confirmed 6 a #3
        n: best nora 3 of a accessible=1             =>  waitlisted 1 #4
        x: best xena 1 of a                          =>  confirmed 7 a #5
        ",
    );
}

#[test]
fn of_what_somebody_is_short_is_found_out_anew_under_the_next_level() {
    // Under the level before, any companion's seat was one of hers. It adjoins no space, so she needs the general seat that is free.
    check(
        "
        level 3                                      =>  done
        house W/CCCC/aaa                             =>  on_sale, 3 bookable #1
        pick pete 5                                  =>  confirmed 5 a #2
        pick quin 6                                  =>  confirmed 6 a #3
        n: best nora 3 of a accessible=1             =>  waitlisted 1 #4
        pick yan 5                                   =>  seats_refused 5 taken #4
        level 4                                      =>  done
        best xena 1 of a                             =>  waitlisted 2 #5
        see slot                                     =>  on_sale, 0 bookable
        ",
    );
}

#[test]
fn who_must_sit_beside_a_space_needs_no_general_seat() {
    check(
        "
        house WCC/aa                                 =>  on_sale, 2 bookable #1
        s: best sam 2 of a accessible=1              =>  confirmed 0+1 a #2
        n: best nora 3 of a accessible=1 must        =>  waitlisted 1 #3
        best xena 2 of a                             =>  confirmed 3+4 a #4
        pick yan 2 accessible=1                      =>  seats_refused 2 waitedfor #4
        cancel s by sam                              =>  cancelled 0+1 a #5     |  cancelled: s cancelled 0+1 a, n confirmed 0+1+2 a
        ",
    );
}

#[test]
fn spaces_are_chosen_otherwise_where_too_few_seats_are_left() {
    // The nearest space has no companion's seat, and there is no general seat. A new level makes her turn come in the next step,
    // whatever that step is.
    check(
        "
        level 3                                      =>  done
        house WCCC/W/WCCC                            =>  on_sale, 0 bookable #1
        n: best nora 6 of a accessible=2             =>  waitlisted 1 #2
        confirm nobody by nobody                     =>  not_found #2           |  -
        level 4                                      =>  done
        see n                                        =>  waitlisted 1
        confirm nobody by nobody                     =>  not_found #3           |  lapsed: n confirmed 0+1+2+3+5+6 a apart
        ",
    );
    check(
        "
        house WCCC/W/WCCC                            =>  on_sale, 0 bookable #1
        n: best nora 6 of a accessible=2             =>  confirmed 0+1+2+3+5+6 a apart #2
        ",
    );
    check(
        "
        house WCCC/W/WCCC/a                          =>  on_sale, 1 bookable #1
        n: best nora 6 of a accessible=2             =>  confirmed 0+1+2+3+4+9 a apart #2
        ",
    );
}

#[test]
fn who_could_never_sit_with_companions_does_not_wait() {
    check(
        "
        house W/CC/a                                 =>  on_sale, 1 bookable #1
        best ann 3 of a accessible=1                 =>  quantity_too_large #1
        best ann 2 of a accessible=1 must            =>  not_together 1 #1
        b: best bob 1 of a accessible=1              =>  confirmed 0 a #2
        best ann 2 of a accessible=1 must            =>  not_together 1 #2
        best ann 2 of a accessible=1                 =>  waitlisted 1 #3
        ",
    );
    // What is blocked may come back: it is waited for.
    check(
        "
        house WCC                                    =>  on_sale, 0 bookable #1
        sell block=2                                 =>  on_sale, 0 bookable #2
        n: best nora 3 of a accessible=1 must        =>  quantity_too_large #2
        m: best mia 2 of a accessible=1              =>  confirmed 0+1 a #3
        o: best olga 2 of a accessible=1 must        =>  waitlisted 1 #4
        cancel m by mia                              =>  cancelled 0+1 a #5     |  cancelled: m cancelled 0+1 a, o confirmed 0+1 a
        ",
    );
    check(
        "
        level 3                                      =>  done
        house W/CC/a                                 =>  on_sale, 1 bookable #1
        b: best bob 1 of a accessible=1              =>  confirmed 0 a #2
        best ann 3 of a accessible=1                 =>  waitlisted 1 #3
        best ann 2 of a accessible=1 must            =>  waitlisted 2 #4
        ",
    );
}

#[test]
fn nothing_of_a_cancelled_slot_is_free() {
    check(
        "
        house aaab floor=b:3                         =>  on_sale, 3 bookable #1
        pick pete 0                                  =>  confirmed 0 a #2
        pick hal 1 floor=1 hold                      =>  held 1+floor:1 ? until 100 #3
        sell block=2                                 =>  on_sale, 2 bookable #4
        see map                                      =>  thtf 2 of 3
        cancel slot                                  =>  cancelled, 0 bookable #5
        see map                                      =>  tttt 0 of 3
        ",
    );
}

#[test]
fn another_map_takes_the_place_of_the_one_before() {
    check(
        "
        house aabb                           =>  on_sale, 2 bookable #1
        a: pick alice 0+1                    =>  confirmed 0+1 a #2
        b: pick bob 2 hold                   =>  held 2 b until 100 #3
        c: pick carol 3                      =>  confirmed 3 b #4
        sell block=0                         =>  seats_refused 0 taken #4
        w: best walt 1 of b                  =>  waitlisted 1 #5
        v: best vera 1 of a                  =>  waitlisted 1 #6
        map aaaa to=0+1+-+3 refused          =>  capacity_in_use 2 #6              |  -
        k: map aa.aaa to=2+3+4+1 categories=a-   =>  on_sale, 0 bookable #7        |  slot_changed: w cancelled, v confirmed 0 a
        see a                                =>  confirmed 2+3 a
        see b                                =>  held 4 a until 100
        a: pick alice 0+1                    =>  again confirmed 0+1 a #2
        see slot                             =>  on_sale, 0 bookable
        cancel c by carol                    =>  cancelled 1 a #8
        pick dora 1                          =>  confirmed 1 a #9
        ",
    );
}

#[test]
fn so_many_different_needs_wait_and_no_more() {
    let settings = ["waitlist=1000000"];
    let plan = Plan::new(&house::draw(&"a".repeat(100), &settings)).unwrap();
    let new = NewSlot::of_seats(house::definition(&settings), plan.into());
    let (mut slot, mut key) = (None, 0);
    let mut ask = |command| {
        key += 1;
        let (key, fingerprint) = (RequestKey(key), Fingerprint(1));
        let request = Request { slot: stage::id(), key, fingerprint, command };
        Slot::apply(&mut slot, Level::NEWEST, Timestamp(1), &request, &mut Vec::new()).decision
    };
    let book = |asked| {
        let wish = Wish::Seats(Box::new(SeatsWish { map: Content(1), by: Asker::Customer, asked }));
        let (customer, mode, when_full) = ("alice".into(), Mode::Confirm, WhenFull::Waitlist);
        Command::Book(Book { customer, wish, mode, hold_seconds: None, when_full, basket: None })
    };
    let best = |quantity, times| {
        let (categories, together) = (vec![Category(0); times], Together::Prefer);
        let best = Best { quantity, categories, together, accessible: 0, sections: vec![], allotment: None };
        book(SeatsAsked::Best(best))
    };
    ask(Command::CreateSlot(Box::new(new)));
    ask(book(SeatsAsked::Pick(Pick { seats: (0..100).map(Seat).collect(), ..Pick::default() })));
    let waits = |decision| matches!(decision, Decision::Booking(view) if view.status == Status::Waitlisted);
    // A category that is named more often is another need, as far as anyone here can tell.
    let needs = (1..).flat_map(|times| (1..=100).map(move |quantity| (quantity, times)));
    for (quantity, times) in needs.take(1_024) {
        assert!(waits(ask(best(quantity, times))), "{quantity} of {times}");
    }
    assert_eq!(ask(best(25, 11)), Decision::Refused(Refusal::WaitlistFull));
    assert!(waits(ask(best(24, 11))), "the last of them is there already");
    assert!(waits(ask(best(1, 1))), "and so is the first");
}
