//! Lies about holds: three places, a minute to confirm, two at most.
//!
//! | seq | at | who | asks | gets |
//! | --- | --- | --- | --- | --- |
//! | 2 | 10 s | ann | hold 2 | held until 70 s |
//! | 3 | 20 s | ben | hold 1 for 30 s | held until 50 s |
//! | 4 | 30 s | ann | extend by 100 s | held until 130 s |
//! | 4 | | ann | extend by 10 s | the same: that is longer already |
//! | 4 | | ann | hold 2 | refused: `customer_limit` |
//! | 5 | 40 s | cat | book 1 | waitlisted |
//! | 6 | 50 s | | | ben's hold has lapsed, cat is confirmed |
//! | 6 | | ben | confirm | refused: `hold_expired` |
//! | 7 | 60 s | ann | confirm | confirmed |
//! | 7 | | ann | confirm | the same, with the same key; `not_held` with another |
//! | 8 | 70 s | dan | hold 1 | waitlisted |
//! | 9 | 80 s | cat | cancel | cancelled, and dan is held until 140 s |
//! | 10 | 139 s | dan | confirm | confirmed |
//! | 11 | 150 s | dan | cancel | cancelled |
//! | 12 | 160 s | eve | hold 1 | held until 220 s |
//! | 13 | 220 s | the organizer | book 1 for fay | confirmed: eve's hold has lapsed in the same step |
//! | 13 | | fay | cancel too late | refused: `too_late`, after 900 s |

use api::booking::Mode::{Confirm, Hold};
use api::booking::Status::{Cancelled, Confirmed, Expired, Held, Waitlisted};
use api::booking::{Booking, WhenFull};
use api::feed::Kind;
use api::problem::Code;
use api::slot::{ConfirmedBy, Status as SlotStatus};

use super::scribe::{Scribe, at, book, of, recount, short_slot};
use super::{Check, Lie, after, answer, check, first, passes, reading, record, refusal, slot};
use crate::history::{Answer, Ask, Asker, History, Moment, Origin};

/// Requests by their place in [`holds`].
const ANN: usize = 0;
const ANN_EXTENDS: usize = 2;
const ANN_EXTENDS_LESS: usize = 3;
const BEN_CONFIRMS: usize = 6;
const ANN_CONFIRMS: usize = 7;
const ANN_CONFIRMS_AGAIN: usize = 8;
const DAN_CONFIRMS: usize = 11;
const FAY: usize = 14;
const FAY_CANCELS: usize = 15;

fn holds() -> History {
    let hold = |quantity, seconds| Ask::hold(quantity, seconds, WhenFull::Waitlist);
    let extend = |hold_seconds| Ask::Extend { booking: of("ann"), hold_seconds };
    let confirm = |name| Ask::Confirm { booking: of(name) };
    let cancel = |name| Ask::Cancel { booking: of(name) };
    let mut scribe = Scribe::open(short_slot());
    scribe.book(10, ("ann", 2, Hold), (Held, Some(70)), &[]).asks("ann", hold(2, None));
    scribe.book(20, ("ben", 1, Hold), (Held, Some(50)), &[]).asks("ben", hold(1, Some(30)));
    scribe.step(30, Kind::Extended, &[("ann", Held, Some(130))]).asks("ann", extend(100));
    scribe.asks("ann", extend(10));
    scribe.refused("ann", hold(2, None), Code::CustomerLimit);
    scribe.book(40, ("cat", 1, Confirm), (Waitlisted, None), &[]).asks("cat", book(1));
    scribe.step(50, Kind::Lapsed, &[("ben", Expired, None), ("cat", Confirmed, None)]);
    scribe.refused("ben", confirm("ben"), Code::HoldExpired);
    scribe.step(60, Kind::Confirmed, &[("ann", Confirmed, None)]).asks("ann", confirm("ann"));
    scribe.refused("ann", confirm("ann"), Code::NotHeld);
    scribe.book(70, ("dan", 1, Hold), (Waitlisted, None), &[]).asks("dan", hold(1, None));
    let promoted = [("cat", Cancelled, None), ("dan", Held, Some(140))];
    scribe.step(80, Kind::Cancelled, &promoted).asks("cat", cancel("cat"));
    scribe.step(139, Kind::Confirmed, &[("dan", Confirmed, None)]).asks("dan", confirm("dan"));
    scribe.step(150, Kind::Cancelled, &[("dan", Cancelled, None)]).asks("dan", cancel("dan"));
    scribe.book(160, ("eve", 1, Hold), (Held, Some(220)), &[]).asks("eve", hold(1, None));
    let lapsed = [("eve", Expired, None)];
    scribe.book(220, ("fay", 1, Confirm), (Confirmed, None), &lapsed).asks("fay", book(1)).by_the_organizer();
    scribe.refused("fay", cancel("fay"), Code::TooLate);
    let mut history = scribe.close();
    after(&mut history).status = SlotStatus::Closed;
    let received = Moment::from_us(2_000);
    let again =
        Answer { received, origin: Origin::Replayed, ..history.requests[ANN_CONFIRMS].answers[0].clone() };
    history.requests[ANN_CONFIRMS].answers.push(again);
    history
}

#[test]
fn holds_that_are_kept_pass() {
    passes(
        holds,
        &[
            ("as it is", |_history| {}),
            ("a stranger's hold, of which nobody knows how long it was to be", |h| {
                h.requests.retain(|request| request.customer != "eve");
            }),
            ("an extension of which nobody knows how long it was to be", |h| {
                h.requests[ANN_EXTENDS].answers.clear();
                h.requests.remove(ANN_EXTENDS_LESS);
            }),
            ("the organizer confirms for the customer", |h| {
                h.requests[ANN_CONFIRMS].by = Asker::Organizer;
            }),
        ],
    );
}

#[test]
fn a_lie_about_holds_is_caught() {
    let rows: &[(&str, Lie, &[Check])] = &[
        ("a hold lapses early", |h| record(h, 6).at = at(49), &[Check::PromisesKept]),
        ("a hold stands after its deadline", |h| record(h, 5).at = at(50), &[Check::PromisesKept]),
        ("a hold is confirmed at its deadline", |h| record(h, 10).at = at(140), &[Check::PromisesKept]),
        ("a hold is shorter than the slot says", |h| hold_until(h, 2, &[ANN], 69), &[Check::PromisesKept]),
        ("a hold is shorter than was asked for", |h| hold_until(h, 12, &[13], 219), &[Check::PromisesKept]),
        ("an extension shortens", |h| extend_until(h, 69), &[Check::PromisesKept]),
        ("an extension goes beyond the longest hold", |h| extend_until(h, 131), &[Check::PromisesKept]),
        (
            "an extension is not in the feed",
            |h| answer(h, ANN_EXTENDS_LESS, |b| b.expires_at = Some(at(131))),
            &[Check::NothingLost],
        ),
        (
            "an extension is left out",
            |h| {
                answer(h, ANN_EXTENDS_LESS, |b| (b.seq, b.expires_at) = (3, Some(at(70))));
                h.requests[ANN_EXTENDS_LESS].ask = Ask::Extend { booking: of("ann"), hold_seconds: 60 };
                h.requests[ANN_EXTENDS_LESS].sent = Some(Moment::from_us(150));
            },
            &[Check::DecidedRightly],
        ),
        (
            "a deadline without a hold",
            |h| first(h, 13).expires_at = Some(at(500)),
            &[Check::NothingLost, Check::PromisesKept],
        ),
        (
            "a confirmation is refused although the hold stands",
            |h| refusal(h, BEN_CONFIRMS, Code::HoldExpired, 5),
            &[Check::DecidedRightly],
        ),
        (
            "an expired hold is refused as if it never was one",
            |h| refusal(h, BEN_CONFIRMS, Code::NotHeld, 6),
            &[Check::DecidedRightly],
        ),
        (
            "what is confirmed is refused as expired",
            |h| refusal(h, ANN_CONFIRMS_AGAIN, Code::HoldExpired, 7),
            &[Check::DecidedRightly],
        ),
        (
            "a hold is refused for want of room",
            |h| refusal(h, BEN_CONFIRMS, Code::SoldOut, 6),
            &[Check::DecidedRightly],
        ),
        (
            "more is held than a customer may have",
            |h| {
                slot(h).before.policy.customer_limit = Some(1);
                after(h).policy.customer_limit = Some(1);
            },
            &[Check::DecidedRightly],
        ),
        (
            "refused at a limit that was not reached",
            |h| {
                slot(h).before.policy.customer_limit = Some(4);
                after(h).policy.customer_limit = Some(4);
            },
            &[Check::DecidedRightly],
        ),
    ];
    check(holds, rows);
}

#[test]
fn a_lie_about_who_holds_is_caught() {
    let rows: &[(&str, Lie, &[Check])] = &[
        ("a hold is counted as confirmed", count_as_confirmed, &[Check::NeverOversold]),
        (
            "a hold is promoted to firm",
            |h| {
                (record(h, 9).bookings[1].status, record(h, 9).bookings[1].expires_at) = (Confirmed, None);
                recount(h);
            },
            &[Check::DecidedRightly],
        ),
        (
            "two answers to the one key of a confirmation",
            |h| h.requests[ANN_CONFIRMS].answers[1].body = b"{}".as_slice().into(),
            &[Check::NothingDoubled],
        ),
        (
            "one confirmation is the answer to two",
            |h| h.requests[ANN_CONFIRMS_AGAIN].answers = h.requests[ANN_CONFIRMS].answers[..1].into(),
            &[Check::NothingDoubled, Check::SeqInRealTime],
        ),
        (
            "nobody asked for a confirmation",
            |h| drop(h.requests.remove(DAN_CONFIRMS)),
            &[Check::NothingDoubled],
        ),
        (
            "a confirmation names another seq",
            |h| answer(h, DAN_CONFIRMS, |b| b.seq = 11),
            &[Check::NothingLost, Check::SeqInRealTime],
        ),
        (
            "a confirmation is refused and done",
            |h| refusal(h, DAN_CONFIRMS, Code::HoldExpired, 10),
            &[Check::DecidedRightly, Check::UnknownSettled],
        ),
        (
            "a lapsed place is given away a step too late",
            |h| {
                let cat = record(h, 6).bookings.pop().unwrap();
                record(h, 7).bookings.push(cat);
                recount(h);
            },
            &[Check::ServedInOrder],
        ),
        ("too late to cancel, and early", |h| after(h).status = SlotStatus::OnSale, &[Check::DecidedRightly]),
        (
            "too late to cancel for the organizer",
            |h| h.requests[FAY_CANCELS].by = Asker::Organizer,
            &[Check::DecidedRightly],
        ),
        (
            "the box office books for another",
            |h| answer(h, FAY, |b| b.customer = "mallory".into()),
            &[Check::NothingLost, Check::DecidedRightly],
        ),
        ("a deadline reads otherwise", |h| reading(h, 0).expires_at = Some(at(500)), &[Check::ReadsAgree]),
    ];
    check(holds, rows);
}

/// Two who are held until the organizer confirms: ann is confirmed, ben may not confirm himself and is told so.
fn organized() -> History {
    let confirm = |name| Ask::Confirm { booking: of(name) };
    let mut slot = short_slot();
    slot.policy.confirmed_by = ConfirmedBy::Organizer;
    let mut scribe = Scribe::open(slot);
    scribe.book(10, ("ann", 1, Confirm), (Held, Some(70)), &[]).asks("ann", book(1));
    scribe
        .book(20, ("ben", 1, Hold), (Held, Some(80)), &[])
        .asks("ben", Ask::hold(1, None, WhenFull::Refuse));
    scribe.step(30, Kind::Confirmed, &[("ann", Confirmed, None)]);
    scribe.asks("ann", confirm("ann")).by_the_organizer();
    scribe.refused("ben", confirm("ben"), Code::Forbidden);
    scribe.close()
}

#[test]
fn who_confirms_is_the_policy_s_to_say() {
    const ANN_IS_CONFIRMED: usize = 2;
    const BEN_CONFIRMS: usize = 3;
    passes(organized, &[("as it is", |_history| {})]);
    let rows: &[(&str, Lie, &[Check])] = &[
        (
            "a customer confirms where only the organizer may",
            |h| h.requests[ANN_IS_CONFIRMED].by = Asker::Customer,
            &[Check::DecidedRightly],
        ),
        (
            "the organizer may not confirm",
            |h| h.requests[BEN_CONFIRMS].by = Asker::Organizer,
            &[Check::DecidedRightly],
        ),
        (
            "a booking is firm without the organizer",
            |h| {
                answer(h, 0, |b| (b.status, b.expires_at) = (Confirmed, None));
                (first(h, 2).status, first(h, 2).expires_at) = (Confirmed, None);
                recount(h);
            },
            &[Check::DecidedRightly],
        ),
    ];
    check(organized, rows);
}

/// Time and a request in one step: two holds lapse, ben who waits for three is held, and his confirmation is heard.
fn meeting() -> History {
    let hold = |quantity| Ask::hold(quantity, None, WhenFull::Waitlist);
    let mut scribe = Scribe::open(short_slot());
    scribe.book(10, ("ann", 2, Hold), (Held, Some(70)), &[]).asks("ann", hold(2));
    scribe.book(10, ("amy", 1, Hold), (Held, Some(70)), &[]).asks("amy", hold(1));
    scribe.book(20, ("ben", 3, Hold), (Waitlisted, None), &[]).asks("ben", hold(3));
    scribe.book(30, ("cat", 1, Hold), (Waitlisted, None), &[]).asks("cat", hold(1));
    let changed = [("ben", Confirmed, None), ("ann", Expired, None), ("amy", Expired, None)];
    scribe.step(70, Kind::Confirmed, &changed).asks("ben", Ask::Confirm { booking: of("ben") });
    scribe.close()
}

#[test]
fn what_meets_in_one_step_comes_in_order() {
    passes(meeting, &[("as it is", |_history| {})]);
    let rows: &[(&str, Lie, &[Check])] = &[
        (
            "what was made later lapses first",
            |h| record(h, 6).bookings[1..].reverse(),
            &[Check::PromisesKept],
        ),
        (
            "who waits is confirmed, and no place was free",
            |h| {
                record(h, 6).at = at(69);
                record(h, 6).bookings.truncate(1);
                recount(h);
            },
            &[Check::NeverOversold, Check::ServedInOrder, Check::DecidedRightly],
        ),
        (
            "another one's place is passed to one behind",
            |h| {
                record(h, 6).bookings.truncate(2);
                recount(h);
            },
            &[Check::NeverOversold, Check::ServedInOrder, Check::PromisesKept],
        ),
    ];
    check(meeting, rows);
}

// Lies that take more than a line.

fn count_as_confirmed(history: &mut History) {
    let counts = &mut record(history, 2).counts;
    (counts.held, counts.confirmed) = (0, 2);
}

fn hold_until(history: &mut History, seq: usize, requests: &[usize], seconds: u64) {
    first(history, seq).expires_at = Some(at(seconds));
    for request in requests {
        let answer = &mut history.requests[*request].answers[0];
        let mut booking: Booking = serde_json::from_slice(&answer.body).unwrap();
        booking.expires_at = Some(at(seconds));
        answer.body = serde_json::to_vec(&booking).unwrap().into();
    }
}

fn extend_until(history: &mut History, seconds: u64) {
    hold_until(history, 4, &[ANN_EXTENDS, ANN_EXTENDS_LESS], seconds);
}
