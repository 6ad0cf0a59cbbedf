//! Lies about offers: three places that are offered for a minute, to the first who fits.
//!
//! | seq | at | who | asks | gets |
//! | --- | --- | --- | --- | --- |
//! | 2 | 10 s | ann | book 2 | confirmed |
//! | 3 | 20 s | ben | book 2 | waitlisted: one is free |
//! | 4 | 30 s | cat | book 1 | confirmed: ben does not fit |
//! | 5 | 40 s | dan | book 1 | waitlisted |
//! | 6 | 50 s | cat | cancel | cancelled, and dan has an offer until 110 s |
//! | 7 | 60 s | ann | cancel | cancelled, and ben has an offer until 120 s |
//! | 8 | 70 s | eve | hold 1 | waitlisted |
//! | 9 | 80 s | dan | decline | declined, and eve has an offer until 140 s |
//! | 9 | | dan | accept | refused: `not_offered` |
//! | 10 | 90 s | ben | accept | confirmed |
//! | 11 | 100 s | eve | accept | held until 160 s |
//! | 12 | 110 s | fay | book 1 | waitlisted |
//! | 13 | 115 s | gus | book 2 | waitlisted |
//! | 14 | 120 s | the organizer | a capacity of 6 | fay and gus have offers until 180 s |
//! | 15 | 150 s | eve | confirm | confirmed |
//! | 16 | 160 s | ivy | book 1 | waitlisted |
//! | 17 | 179 s | fay | accept | confirmed |
//! | 18 | 180 s | hal | book 2 | waitlisted: gus's offer has lapsed in the same step, and ivy has one until 240 s |
//! | 18 | | gus | accept | refused: `offer_expired` |
//! | 19 | 240 s | | | ivy's offer has lapsed, and hal has one until 300 s |
//! | 20 | 250 s | jim | book 1 | waitlisted |
//! | 21 | 300 s | | | hal's offer has lapsed, and jim has one until 360 s |
//! | 22 | 310 s | jim | accept | confirmed |
//! | 23 | 320 s | kim | hold 2 | waitlisted |
//! | 24 | 1,000 s | | | kim has expired: the slot is over |

use api::booking::Mode::{Confirm, Hold};
use api::booking::Status::{Cancelled, Confirmed, Declined, Expired, Held, Offered, Waitlisted};
use api::booking::WhenFull;
use api::feed::Kind;
use api::problem::Code;
use api::slot::{Order, Promotion, Status as SlotStatus, Waitlist};

use super::scribe::{Scribe, at, book, of, recount, short_slot};
use super::{Check, Lie, after, answer, check, feed, first, passes, reading, record, refusal, slot};
use crate::history::{Ask, Asker, History};

/// Requests by their place in [`offers`].
const DAN_ACCEPTS: usize = 8;
const BEN_ACCEPTS: usize = 9;
const EVE_ACCEPTS: usize = 10;
const HAL: usize = 16;
const GUS_ACCEPTS: usize = 17;

fn offers() -> History {
    let accept = |name| Ask::Accept { booking: of(name) };
    let cancel = |name| Ask::Cancel { booking: of(name) };
    let hold = |quantity| Ask::hold(quantity, None, WhenFull::Waitlist);
    let mut slot = short_slot();
    let (promotion, order) = (Promotion::Offer, Some(Order::SkipFit));
    slot.policy.waitlist = Some(Waitlist { capacity: 10, promotion, offer_seconds: 60, order });
    let mut scribe = Scribe::open(slot);
    scribe.book(10, ("ann", 2, Confirm), (Confirmed, None), &[]).asks("ann", book(2));
    scribe.book(20, ("ben", 2, Confirm), (Waitlisted, None), &[]).asks("ben", book(2));
    scribe.book(30, ("cat", 1, Confirm), (Confirmed, None), &[]).asks("cat", book(1));
    scribe.book(40, ("dan", 1, Confirm), (Waitlisted, None), &[]).asks("dan", book(1));
    let offered = [("cat", Cancelled, None), ("dan", Offered, Some(110))];
    scribe.step(50, Kind::Cancelled, &offered).asks("cat", cancel("cat"));
    let offered = [("ann", Cancelled, None), ("ben", Offered, Some(120))];
    scribe.step(60, Kind::Cancelled, &offered).asks("ann", cancel("ann"));
    scribe.book(70, ("eve", 1, Hold), (Waitlisted, None), &[]).asks("eve", hold(1));
    let passed_on = [("dan", Declined, None), ("eve", Offered, Some(140))];
    scribe.step(80, Kind::Declined, &passed_on).asks("dan", Ask::Decline { booking: of("dan") });
    scribe.refused("dan", accept("dan"), Code::NotOffered);
    scribe.step(90, Kind::Accepted, &[("ben", Confirmed, None)]).asks("ben", accept("ben"));
    scribe.step(100, Kind::Accepted, &[("eve", Held, Some(160))]).asks("eve", accept("eve"));
    scribe.book(110, ("fay", 1, Confirm), (Waitlisted, None), &[]).asks("fay", book(1));
    scribe.book(115, ("gus", 2, Confirm), (Waitlisted, None), &[]).asks("gus", book(2));
    scribe.change(120, 6, &[("fay", Offered, Some(180)), ("gus", Offered, Some(180))]);
    let confirm = Ask::Confirm { booking: of("eve") };
    scribe.step(150, Kind::Confirmed, &[("eve", Confirmed, None)]).asks("eve", confirm);
    scribe.book(160, ("ivy", 1, Confirm), (Waitlisted, None), &[]).asks("ivy", book(1));
    scribe.step(179, Kind::Accepted, &[("fay", Confirmed, None)]).asks("fay", accept("fay"));
    let before_hal = [("gus", Expired, None), ("ivy", Offered, Some(240))];
    scribe.book(180, ("hal", 2, Confirm), (Waitlisted, None), &before_hal).asks("hal", book(2));
    scribe.refused("gus", accept("gus"), Code::OfferExpired);
    scribe.step(240, Kind::Lapsed, &[("ivy", Expired, None), ("hal", Offered, Some(300))]);
    scribe.book(250, ("jim", 1, Confirm), (Waitlisted, None), &[]).asks("jim", book(1));
    scribe.step(300, Kind::Lapsed, &[("hal", Expired, None), ("jim", Offered, Some(360))]);
    scribe.step(310, Kind::Accepted, &[("jim", Confirmed, None)]).asks("jim", accept("jim"));
    scribe.book(320, ("kim", 2, Hold), (Waitlisted, None), &[]).asks("kim", hold(2));
    scribe.step(1_000, Kind::Finished, &[("kim", Expired, None)]);
    let mut history = scribe.close();
    after(&mut history).status = SlotStatus::Finished;
    history
}

#[test]
fn offers_that_stand_pass() {
    passes(
        offers,
        &[
            ("as it is", |_history| {}),
            ("nobody knows what the organizer changed, but for the slot as it was at last", |h| {
                slot(h).changes.clear();
            }),
            ("an accepted offer was never answered", |h| h.requests[BEN_ACCEPTS].answers.clear()),
            ("a stranger's offers", |h| h.requests.retain(|request| request.customer != "eve")),
        ],
    );
}

#[test]
fn a_lie_about_offers_is_caught() {
    let rows: &[(&str, Lie, &[Check])] = &[
        ("an offer is accepted at its deadline", |h| record(h, 17).at = at(180), &[Check::PromisesKept]),
        ("an offer lapses early", |h| record(h, 21).at = at(299), &[Check::PromisesKept]),
        (
            "an offer stands for too short a time",
            |h| record(h, 6).bookings[1].expires_at = Some(at(109)),
            &[Check::PromisesKept],
        ),
        ("an offer stands for ever", |h| record(h, 6).bookings[1].expires_at = None, &[Check::PromisesKept]),
        (
            "what was declined is offered a step too late",
            |h| {
                let mut eve = record(h, 9).bookings.pop().unwrap();
                eve.expires_at = Some(at(150));
                record(h, 10).bookings.push(eve);
                recount(h);
            },
            &[Check::ServedInOrder],
        ),
        (
            "a newcomer is served although one who waits fits",
            serve_hal,
            &[Check::ServedInOrder, Check::DecidedRightly],
        ),
        ("who came later is offered first", |h| record(h, 14).bookings.reverse(), &[Check::ServedInOrder]),
        (
            "an offer is refused as if it had never been one",
            |h| refusal(h, GUS_ACCEPTS, Code::NotOffered, 18),
            &[Check::DecidedRightly],
        ),
        (
            "an offer that stands is refused as expired",
            |h| refusal(h, GUS_ACCEPTS, Code::OfferExpired, 17),
            &[Check::SeqInRealTime, Check::DecidedRightly],
        ),
        (
            "what was declined is refused as expired",
            |h| refusal(h, DAN_ACCEPTS, Code::OfferExpired, 9),
            &[Check::DecidedRightly],
        ),
        (
            "the organizer accepts",
            |h| h.requests[BEN_ACCEPTS].by = Asker::Organizer,
            &[Check::DecidedRightly],
        ),
        (
            "a waiter is served without an offer",
            |h| {
                let dan = &mut record(h, 6).bookings[1];
                (dan.status, dan.expires_at) = (Confirmed, None);
                recount(h);
            },
            &[Check::DecidedRightly],
        ),
        (
            "what was asked for as a hold is firm",
            |h| {
                (first(h, 11).status, first(h, 11).expires_at) = (Confirmed, None);
                answer(h, EVE_ACCEPTS, |b| (b.status, b.expires_at) = (Confirmed, None));
                recount(h);
            },
            &[Check::DecidedRightly],
        ),
        ("nobody accepted", |h| drop(h.requests.remove(BEN_ACCEPTS)), &[Check::NothingDoubled]),
    ];
    check(offers, rows);
}

#[test]
fn a_lie_about_the_slot_and_its_end_is_caught() {
    let rows: &[(&str, Lie, &[Check])] = &[
        ("the end comes early", |h| record(h, 24).at = at(999), &[Check::PromisesKept]),
        ("the end is called a lapse", |h| record(h, 24).kind = Kind::Lapsed, &[Check::PromisesKept]),
        (
            "one who waits is forgotten at the end",
            |h| {
                record(h, 24).bookings.clear();
                recount(h);
            },
            &[Check::PromisesKept],
        ),
        (
            "the capacity is not what the organizer was told",
            |h| slot(h).changes[0].inventory = api::inventory::Inventory::of_units(7),
            &[Check::NeverOversold, Check::ReadsAgree],
        ),
        ("the organizer was told other counts", |h| slot(h).changes[0].counts.held = 3, &[Check::ReadsAgree]),
        ("booked after the sale", book_late, &[Check::DecidedRightly]),
        (
            "called off, and not for all",
            |h| {
                record(h, 24).kind = Kind::SlotCancelled;
                record(h, 24).bookings[0].status = Cancelled;
                record(h, 24).at = at(999);
                recount(h);
            },
            &[Check::DecidedRightly],
        ),
    ];
    check(offers, rows);
}

// Lies that take more than a line.

/// Hal gets what gus did not want in time, and ivy goes on waiting. That is where it ends.
fn serve_hal(history: &mut History) {
    answer(history, HAL, |hal| (hal.status, hal.position) = (Confirmed, None));
    history.requests[HAL].answers[0].status = 201;
    history.requests.truncate(GUS_ACCEPTS + 1);
    feed(history).records.truncate(18);
    feed(history).seq = 18;
    after(history).seq = 18;
    slot(history).bookings.retain(|(id, _reading)| *id != of("jim"));
    for place in 0..slot(history).bookings.len() {
        reading(history, place).seq = 18;
    }
    let changed = &mut record(history, 18).bookings;
    changed.truncate(2);
    (changed[0].status, changed[0].position) = (Confirmed, None);
    recount(history);
}

/// Kim comes when the sale is over.
fn book_late(history: &mut History) {
    record(history, 23).at = at(900);
}
