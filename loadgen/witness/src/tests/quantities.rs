//! Lies about bookings that are made smaller: three places, a minute to confirm, first come, first served.
//!
//! | seq | at | who | asks | gets |
//! | --- | --- | --- | --- | --- |
//! | 2 | 10 s | ann | hold 3 | held until 70 s |
//! | 3 | 20 s | ben | book 3 | waitlisted, position 1 |
//! | 4 | 30 s | cat | book 3 | waitlisted, position 2 |
//! | 5 | 35 s | cat | be for 1 | waitlisted, position 2 |
//! | 6 | 40 s | ann | be for 2 | held until 70 s still |
//! | 6 | | ann | be for 2 | the same: it is for two already |
//! | 7 | 50 s | ben | be for 1 | confirmed |
//! | 7 | | ben | be for 1 | refused: `not_held` |
//! | 7 | | cat | be for 1 | the same: it is for one already, and at the head |
//! | 8 | 60 s | ann | confirm | confirmed |
//! | 9 | 65 s | the organizer | ann be for 1 | confirmed, and so is cat |
//! | 10 | 80 s | ben | cancel | cancelled |
//! | 10 | | ben | be for 1 | refused: `already_over` |

use api::booking::Mode::{Confirm, Hold};
use api::booking::Status::{Cancelled, Confirmed, Held, Waitlisted};
use api::booking::WhenFull;
use api::feed::Kind;
use api::problem::{Code, Problem};

use super::scribe::{Scribe, at, book, of, recount, short_slot};
use super::{Check, Lie, after, answer, check, feed, first, passes, record, refusal, slot};
use crate::history::{Answer, Ask, Asker, History};

/// Requests by their place in [`quantities`].
const CAT_WANTS_ONE: usize = 3;
const ANN_WANTS_TWO: usize = 4;
const ANN_WANTS_TWO_AGAIN: usize = 5;
const BEN_WANTS_ONE: usize = 6;
const BEN_WANTS_AGAIN: usize = 7;
const CAT_KEEPS: usize = 8;
const ANN_CONFIRMS: usize = 9;
const ANN_IS_GIVEN_ONE: usize = 10;
const BEN_WANTS_AT_LAST: usize = 12;

fn quantities() -> History {
    let reduce = |name, quantity| Ask::Reduce { booking: of(name), quantity, lines: Vec::new() };
    let mut scribe = Scribe::open(short_slot());
    let hold = Ask::hold(3, None, WhenFull::Waitlist);
    scribe.book(10, ("ann", 3, Hold), (Held, Some(70)), &[]).asks("ann", hold);
    scribe.book(20, ("ben", 3, Confirm), (Waitlisted, None), &[]).asks("ben", book(3));
    scribe.book(30, ("cat", 3, Confirm), (Waitlisted, None), &[]).asks("cat", book(3));
    scribe.reduce(35, ("cat", 1), (Waitlisted, None), &[]).asks("cat", reduce("cat", 1));
    scribe.reduce(40, ("ann", 2), (Held, Some(70)), &[]).asks("ann", reduce("ann", 2));
    scribe.asks("ann", reduce("ann", 2));
    scribe.reduce(50, ("ben", 1), (Confirmed, None), &[]).asks("ben", reduce("ben", 1));
    scribe.refused("ben", reduce("ben", 1), Code::NotHeld);
    scribe.keeps("cat", reduce("cat", 1));
    scribe.step(60, Kind::Confirmed, &[("ann", Confirmed, None)]);
    scribe.asks("ann", Ask::Confirm { booking: of("ann") });
    let served = [("cat", Confirmed, None)];
    scribe
        .reduce(65, ("ann", 1), (Confirmed, None), &served)
        .asks("ann", reduce("ann", 1))
        .by_the_organizer();
    scribe.step(80, Kind::Cancelled, &[("ben", Cancelled, None)]);
    scribe.asks("ben", Ask::Cancel { booking: of("ben") });
    scribe.refused("ben", reduce("ben", 1), Code::AlreadyOver);
    scribe.close()
}

/// That somebody's booking is for so many.
fn wants(name: &str, quantity: u32) -> Ask {
    Ask::Reduce { booking: of(name), quantity, lines: Vec::new() }
}

#[test]
fn bookings_that_are_made_smaller_pass() {
    passes(
        quantities,
        &[
            ("as it is", |_history| {}),
            ("one was never answered", |h| h.requests[BEN_WANTS_ONE].answers.clear()),
            ("a stranger's", |h| h.requests.retain(|request| request.customer != "cat")),
            ("more than it is for", |h| {
                h.requests[ANN_WANTS_TWO_AGAIN].ask = wants("ann", 3);
                h.requests[ANN_WANTS_TWO_AGAIN].answers = vec![too_many(h)];
            }),
        ],
    );
}

/// 422: it is for fewer.
fn too_many(history: &History) -> Answer {
    let problem = Problem { seq: Some(6), ..Problem::new(Code::InvalidRequest, "no") };
    let body = serde_json::to_vec(&problem).unwrap().into();
    Answer { status: 422, body, ..history.requests[ANN_WANTS_TWO_AGAIN].answers[0].clone() }
}

#[test]
fn a_lie_about_quantities_is_caught() {
    let rows: &[(&str, Lie, &[Check])] = &[
        ("a booking shrinks unasked", |h| drop(h.requests.remove(CAT_WANTS_ONE)), &[Check::NothingDoubled]),
        (
            "a booking shrinks by more than was asked",
            |h| h.requests[CAT_WANTS_ONE].ask = wants("cat", 2),
            &[Check::NothingDoubled, Check::DecidedRightly],
        ),
        (
            "a confirmation shrinks the booking",
            |h| {
                first(h, 8).quantity = 1;
                answer(h, ANN_CONFIRMS, |b| b.quantity = 1);
                until(h, 8, ANN_CONFIRMS);
            },
            &[Check::NothingDoubled, Check::ServedInOrder],
        ),
        (
            "a booking grows",
            |h| {
                h.requests[CAT_WANTS_ONE].ask = wants("cat", 4);
                first(h, 5).quantity = 4;
                answer(h, CAT_WANTS_ONE, |b| b.quantity = 4);
                until(h, 5, CAT_WANTS_ONE);
            },
            &[Check::NothingDoubled],
        ),
        (
            "an answer says more than its record",
            |h| answer(h, ANN_WANTS_TWO, |b| b.quantity = 3),
            &[Check::NothingLost, Check::DecidedRightly],
        ),
        (
            "a hold gets another deadline by it",
            |h| {
                first(h, 6).expires_at = Some(at(100));
                for request in [ANN_WANTS_TWO, ANN_WANTS_TWO_AGAIN] {
                    answer(h, request, |b| b.expires_at = Some(at(100)));
                }
            },
            &[Check::PromisesKept],
        ),
        ("a hold is none", |h| refusal(h, ANN_WANTS_TWO, Code::NotHeld, 5), &[Check::DecidedRightly]),
        (
            "who waits for fewer loses the place",
            |h| answer(h, CAT_WANTS_ONE, |b| b.position = Some(1)),
            &[Check::DecidedRightly],
        ),
    ];
    check(quantities, rows);
}

#[test]
fn a_lie_about_who_is_made_smaller_and_when_is_caught() {
    let rows: &[(&str, Lie, &[Check])] = &[
        (
            "the head wants no more than is free, and is left waiting",
            |h| {
                first(h, 7).status = Waitlisted;
                answer(h, BEN_WANTS_ONE, |b| (b.status, b.position) = (Waitlisted, Some(1)));
                until(h, 7, BEN_WANTS_ONE);
            },
            &[Check::ServedInOrder],
        ),
        (
            "who wants fewer is served where nothing is free",
            |h| {
                first(h, 5).status = Confirmed;
                answer(h, CAT_WANTS_ONE, |b| (b.status, b.position) = (Confirmed, None));
                until(h, 5, CAT_WANTS_ONE);
            },
            &[Check::NeverOversold, Check::ServedInOrder],
        ),
        (
            "what is freed is left lying",
            |h| {
                record(h, 9).bookings.truncate(1);
                until(h, 9, ANN_IS_GIVEN_ONE);
            },
            &[Check::ServedInOrder],
        ),
        (
            "a customer makes smaller what is confirmed",
            |h| h.requests[ANN_IS_GIVEN_ONE].by = Asker::Customer,
            &[Check::DecidedRightly],
        ),
        (
            "what is refused is over",
            |h| refusal(h, BEN_WANTS_AGAIN, Code::AlreadyOver, 7),
            &[Check::DecidedRightly],
        ),
        (
            "the organizer is refused",
            |h| h.requests[BEN_WANTS_AGAIN].by = Asker::Organizer,
            &[Check::DecidedRightly],
        ),
        (
            "what is over is no hold",
            |h| refusal(h, BEN_WANTS_AT_LAST, Code::NotHeld, 10),
            &[Check::DecidedRightly],
        ),
        (
            "what is as it was to be is told with another place",
            |h| answer(h, CAT_KEEPS, |b| b.position = Some(2)),
            &[Check::DecidedRightly],
        ),
        (
            "what is as it was to be is for another number",
            |h| {
                h.requests[CAT_KEEPS].ask = wants("cat", 2);
                answer(h, CAT_KEEPS, |b| b.quantity = 2);
            },
            &[Check::NothingLost, Check::DecidedRightly],
        ),
        (
            "fewer are refused as too many",
            |h| {
                h.requests[ANN_WANTS_TWO_AGAIN].ask = wants("ann", 1);
                h.requests[ANN_WANTS_TWO_AGAIN].answers = vec![too_many(h)];
            },
            &[Check::DecidedRightly],
        ),
    ];
    check(quantities, rows);
}

/// The history up to a seq and a request.
fn until(history: &mut History, seq: usize, request: usize) {
    history.requests.truncate(request + 1);
    feed(history).records.truncate(seq);
    feed(history).seq = seq as u64;
    after(history).seq = seq as u64;
    slot(history).bookings.clear();
    recount(history);
}
