//! Packages alone: which of them pay, what comes back, when they end, and how they rest. Slots are played by rows.

use crate::stage::check;

#[test]
fn a_package_is_granted_and_is_good_until_its_end() {
    check(
        "
        @0 a: grant alice 10 until=30               => 10 available until 30       | granted: a 10
        b: grant alice 5                            => 5 available                 | granted: b 5
        @30 pulse                                   => done                        | expired: a 10
        see a                                       => 10 expired until 30 over
        see b                                       => 5 available
        deadline                                    => never
        grant alice 0 until=40                      => malformed                   | -
        grant alice 1 until=30                      => malformed                   | -
        grant alice 1 from=50 until=50              => malformed                   | -
        ",
    );
}

#[test]
fn no_more_packages_are_live_than_may_be() {
    let grants = "@0 grant alice 1 until=9 => 1 available until 9\n".repeat(64);
    check(&format!(
        "{grants}
        grant alice 1                               => too_many_packages           | -
        grant bob 1                                 => 1 available                 | granted: #65 1
        @9 grant alice 1                            => 1 available
        "
    ));
}

#[test]
fn who_pays_is_in_a_fixed_order() {
    check(
        "
        @0 late: grant alice 2 until=40             => 2 available until 40
        never: grant alice 2                        => 2 available
        soon: grant alice 2 until=30                => 2 available until 30
        twin: grant alice 2 until=30                => 2 available until 30
        first: grant alice 1 until=90 priority=0    => 1 available until 90
        last: grant alice 9 until=20 priority=1     => 9 available until 20
        one: reserve alice 1 start=10               => promised                    | reserved: soon 1
        two: reserve alice 4 start=10               => promised                    | reserved: soon 1, twin 2, late 1
        three: reserve alice 5 start=10             => promised                    | reserved: late 1, first 1, never 2, last 1
        four: reserve alice 9 start=10              => insufficient_credits 8/9    | -
        ",
    );
}

#[test]
fn who_may_pay_at_all() {
    check(
        "
        @5 next: grant alice 3 from=10 until=40     => 3 available until 40
        a: reserve alice 1 start=9                  => insufficient_credits 0/1
        a: reserve alice 1 start=10                 => promised                    | reserved: next 1
        a: reserve alice 1 start=39                 => promised
        a: reserve alice 1 start=40                 => insufficient_credits 0/1
        x: grant alice 3 tags=yoga,spin             => 3 available
        a: reserve alice 2 start=50 tags=box        => insufficient_credits 0/2
        a: reserve alice 2 start=50 tags=box,spin   => promised                    | reserved: x 2
        a: reserve bob 1 start=50                   => insufficient_credits 0/1
        a: reserve alice 0 start=50                 => malformed
        ",
    );
}

#[test]
fn named_packages_pay_in_their_order_or_say_why_not() {
    check(
        "
        @5 a: grant alice 3 until=40 freeze=9x1     => 3 available until 40
        b: grant alice 3 until=50 tags=yoga         => 3 available until 50
        c: grant alice 3 from=20 until=60           => 3 available until 60
        d: grant bob 3                              => 3 available
        e: grant alice 3 until=6                    => 3 available until 6
        f: grant alice 3                            => 3 available
        revoke f keep                               => 3 revoked taken back        | revoked: f 3
        freeze a 10..15 refuse organizer            => 3 available until 40 frozen 10..15 | frozen: a 0
        reserve alice 1 start=12 pay=z              => package_not_usable unknown
        reserve alice 1 start=12 pay=d              => package_not_usable unknown
        reserve alice 1 start=12 pay=f              => package_not_usable revoked
        reserve alice 1 start=12 pay=a              => package_not_usable frozen
        reserve alice 1 start=40 pay=a              => package_not_usable endsbefore
        reserve alice 1 start=12 pay=c              => package_not_usable notyet
        reserve alice 1 start=20 pay=b              => package_not_usable scope
        reserve alice 5 start=20 pay=c              => insufficient_credits 3/5
        r: reserve alice 4 start=20 pay=c,a,c       => promised                    | reserved: c 3, a 1
        @6 reserve alice 1 start=7 pay=e            => package_not_usable over     | expired: e 3
        ",
    );
}

#[test]
fn eight_packages_pay_at_most_and_some_only_alone() {
    let grants = "@0 grant alice 1 until=9 => 1 available until 9\n".repeat(9);
    check(&format!(
        "{grants}
        reserve alice 9 start=5                     => insufficient_credits 8/9
        r: reserve alice 8 start=5                  => promised
        w: grant bob 3 whole until=8                => 3 available until 8
        v: grant bob 2 until=9                      => 2 available until 9
        reserve bob 4 start=5                       => insufficient_credits 2/4
        r: reserve bob 3 start=5                    => promised                    | reserved: w 3
        x: grant bob 3 whole until=8                => 3 available until 8
        r: reserve bob 1 start=5 pay=v              => promised                    | reserved: v 1
        r: reserve bob 2 start=5 pay=v,x            => insufficient_credits 1/2
        r: reserve bob 2 start=5 pay=x              => promised                    | reserved: x 2
        "
    ));
}

#[test]
fn what_is_promised_ends_once() {
    check(
        "
        @0 a: grant alice 10 until=30               => 10 available until 30
        r: reserve alice 3 start=10                 => promised                    | reserved: a 3
        intents                                     => book
        see a                                       => 7 available 3 reserved until 30
        booked r                                    => ended                       | -
        booked r                                    => before                      | -
        ended r fewer 1 0                           => noted                       | released: a 1
        ended r spent                               => noted                       | spent: a 2
        ended r released 0                          => noted                       | -
        ended r forfeited                           => noted                       | -
        see a                                       => 8 available 2 spent until 30
        s: reserve alice 2 start=10                 => promised
        not_booked s                                => ended                       | released: a 2
        t: reserve alice 2 start=10                 => promised
        ended t forfeited                           => noted                       | forfeited: a 2
        booked t                                    => ended                       | -
        see a                                       => 6 available 4 spent until 30
        u: reserve alice 2 start=10                 => promised
        ended u released 0                          => noted                       | released: a 2
        not_booked u                                => ended                       | -
        see a                                       => 6 available 4 spent until 30
        ",
    );
}

#[test]
fn what_comes_back_last_is_what_was_to_be_used_first() {
    check(
        "
        @0 a: grant alice 2 until=30                => 2 available until 30
        b: grant alice 2 until=40                   => 2 available until 40
        r: reserve alice 4 start=10                 => promised                    | reserved: a 2, b 2
        ended r fewer 3 0                           => noted                       | released: b 2, a 1
        see a                                       => 1 available 1 reserved until 30
        ",
    );
}

#[test]
fn nothing_reserved_expires_and_what_comes_back_late_may_have() {
    check(
        "
        @0 a: grant alice 5 until=30                => 5 available until 30
        r: reserve alice 2 start=29                 => promised
        s: reserve alice 1 start=29                 => promised
        @30 pulse                                   => done                        | expired: a 2
        see a                                       => 3 reserved 2 expired until 30 over
        ended r released 0                          => noted                       | released: a 2, expired a 2
        ended s released 14                         => noted                       | released: a 1
        see a                                       => 1 available 4 expired until 44
        deadline                                    => 44
        @44 pulse                                   => done                        | expired: a 1
        see a                                       => 5 expired until 44 over
        ",
    );
}

#[test]
fn grace_never_shortens() {
    check(
        "
        @0 a: grant alice 5 until=30                => 5 available until 30
        r: reserve alice 2 start=10                 => promised
        @9 ended r released 14                      => noted                       | released: a 2
        see a                                       => 5 available until 30
        n: grant bob 2                              => 2 available
        r: reserve bob 2 start=10                   => promised
        ended r released 14                         => noted                       | released: n 2
        see n                                       => 2 available
        ",
    );
}

#[test]
fn what_did_not_take_place_is_granted_anew() {
    check(
        "
        @0 a: grant alice 5 until=12                => 5 available until 12
        r: reserve alice 2 start=10                 => promised
        @10 ended r spent                           => noted                       | spent: a 2
        @11 ended r given_back 14                   => noted                       | granted: #2 2
        see a                                       => 3 available 2 spent until 12
        @12 pulse                                   => done                        | expired: a 3
        deadline                                    => 25
        ",
    );
}

#[test]
fn a_package_begins_with_its_first_use() {
    check(
        "
        @0 a: grant alice 9 first_use               => 9 available unused          | granted: a 9
        reserve alice 1 start=20                    => outdated                    | -
        r: reserve alice 1 start=20 firsts=a:50     => promised
        see a                                       => 8 available 1 reserved from 20 until 50
        s: reserve alice 1 start=40 firsts=a:70     => promised
        see a                                       => 7 available 2 reserved from 20 until 50
        reserve alice 1 start=50 firsts=a:80        => insufficient_credits 0/1
        reserve alice 1 start=5 firsts=a:35 pay=a   => package_not_usable endsbefore
        t: reserve alice 1 start=15 firsts=a:45     => promised
        see a                                       => 6 available 3 reserved from 15 until 45
        ended t released 0                          => noted
        see a                                       => 7 available 2 reserved from 20 until 50
        ended r released 0                          => noted
        see a                                       => 8 available 1 reserved from 40 until 70
        ended s released 0                          => noted
        see a                                       => 9 available unused
        @60 u: reserve alice 1 start=61 firsts=a:91 => promised
        @61 ended u spent                           => noted                       | spent: a 1
        see a                                       => 8 available 1 spent from 61 until 91
        v: reserve alice 1 start=70 firsts=a:100    => promised
        ended v released 0                          => noted
        see a                                       => 8 available 1 spent from 61 until 91
        @91 pulse                                   => done                        | expired: a 8
        b: grant bob 2 first_use until=99           => 2 available unused until 99
        w: reserve bob 1 start=95 firsts=b:120      => promised
        see b                                       => 1 available 1 reserved from 95 until 99
        ",
    );
}

#[test]
fn a_package_rests_and_its_end_moves_when_it_has() {
    check(
        "
        @0 a: grant alice 5 until=30 freeze=10x2    => 5 available until 30
        freeze a 5..15 refuse alice                 => 5 available until 30 frozen 5..15   | frozen: a 0
        freeze a 20..21 refuse alice                => freeze_limit
        r: reserve alice 1 start=4                  => promised
        s: reserve alice 1 start=15                 => promised
        reserve alice 1 start=5                     => insufficient_credits 0/1
        @15 pulse                                   => done                                | unfrozen: a 0
        see a                                       => 3 available 2 reserved until 40
        freeze a 16..26 refuse alice                => 3 available 2 reserved until 40 frozen 16..26
        @20 unfreeze a alice                        => 3 available 2 reserved until 44     | unfrozen: a 0
        unfreeze a alice                            => not_frozen
        freeze a 21..22 refuse alice                => freeze_limit
        ",
    );
}

#[test]
fn a_rest_that_was_taken_back_before_it_began_does_not_count() {
    check(
        "
        @0 a: grant alice 5 until=30 freeze=10x1    => 5 available until 30
        freeze a 5..15 refuse alice                 => 5 available until 30 frozen 5..15
        @4 unfreeze a alice                         => 5 available until 30
        freeze a 5..16 refuse alice                 => freeze_limit
        freeze a 5..15 refuse alice                 => 5 available until 30 frozen 5..15
        ",
    );
}

#[test]
fn who_may_let_a_package_rest_and_for_how_long() {
    check(
        "
        @5 a: grant alice 5 until=30                => 5 available until 30
        freeze a 6..7 refuse alice                  => freeze_limit
        freeze a 6..6 refuse organizer              => malformed
        freeze a 30..31 refuse organizer            => freeze_limit
        freeze a 6..40 refuse organizer             => freeze_limit
        freeze a 6..7 refuse bob                    => not_found
        freeze a 0..7 refuse organizer              => 5 available until 30 frozen 5..7
        @7 pulse                                    => done
        see a                                       => 5 available until 32
        @32 freeze a 33..34 refuse organizer        => already_over                        | expired: a 5
        ",
    );
}

#[test]
fn a_package_does_not_end_while_it_rests() {
    check(
        "
        @0 a: grant alice 5 until=10                => 5 available until 10
        freeze a 8..18 refuse organizer             => 5 available until 10 frozen 8..18
        deadline                                    => 18
        @17 pulse                                   => done                                | -
        @18 pulse                                   => done                                | unfrozen: a 0
        see a                                       => 5 available until 20
        @20 pulse                                   => done                                | expired: a 5
        ",
    );
}

#[test]
fn bookings_in_a_rest_are_named_or_cancelled() {
    check(
        "
        @0 a: grant alice 5 until=30                => 5 available until 30
        r: reserve alice 1 start=10                 => promised
        s: reserve alice 1 start=20                 => promised
        freeze a 5..11 refuse organizer             => bookings_in_freeze 1                | -
        freeze a 5..11 cancel organizer             => 3 available 2 reserved until 30 frozen 5..11
        intents                                     => book book take_back
        ended r released 0                          => noted                               | released: a 1
        see a                                       => 4 available 1 reserved until 30 frozen 5..11
        ",
    );
}

#[test]
fn a_package_is_revoked_and_its_bookings_stay_or_go() {
    check(
        "
        @0 a: grant alice 5                         => 5 available
        b: grant alice 5                            => 5 available
        r: reserve alice 7 start=10                 => promised                            | reserved: a 5, b 2
        s: reserve alice 1 start=10                 => promised                            | reserved: b 1
        revoke b keep                               => 3 reserved 2 revoked taken back     | revoked: b 2
        revoke b cancel                             => already_over
        ended s released 0                          => noted                               | released: b 1
        see b                                       => 2 reserved 3 revoked taken back
        revoke a cancel                             => 5 revoked taken back                | revoked: a 5
        intents                                     => book book take_back
        ended r released 0                          => noted                               | released: b 2
        see a                                       => 5 revoked taken back
        see b                                       => 5 revoked taken back
        t: reserve alice 1 start=10 price=none limited => promised                         | reserved: units 1
        ",
    );
}

#[test]
fn a_customer_has_no_more_over_all_slots_than_the_limit() {
    check(
        "
        @0 limit 4                                  => limit 4                             | limitset
        limit 4                                     => limit 4                             | -
        r: reserve alice 3 start=10 price=none limited => promised                         | reserved: units 3
        reserve alice 2 start=10 price=none limited => customer_limit
        reserve alice 2 start=10 price=1 limited    => customer_limit
        s: reserve alice 1 start=10 price=none limited => promised
        ended r fewer 0 1                           => noted
        t: reserve alice 1 start=10 price=none limited => promised
        reserve alice 1 start=10 price=none limited => customer_limit
        ended s spent                               => noted                               | -
        reserve alice 1 start=10 price=none limited => customer_limit
        ended s released 0                          => noted                               | released: units 1
        u: reserve alice 1 start=10 price=none limited => promised
        limit none                                  => no limit
        v: reserve alice 9 start=10 price=none limited => promised
        ",
    );
}
