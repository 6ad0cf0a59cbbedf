//! Lies about ranges: two courts, half hours, ten minutes after each booking, an hour's notice, two hours at most.
//!
//! | seq | at | who | asks | gets |
//! | --- | --- | --- | --- | --- |
//! | 2 | 10 s | ann | 9 to 10 on north | confirmed |
//! | 3 | 20 s | ben | 9 to 11 on any | confirmed, on south |
//! | 3 | | cat | 9:30 to 10:30 on any, or refuse | refused: `range_taken`, 9:30 to 10:10 |
//! | 4 | 30 s | dan | 9 to 11 on north | waitlisted, position 1 |
//! | 5 | 40 s | eve | 9 to 10 on any | waitlisted, position 2 |
//! | 5 | | fay | 9:10 to 10:10 | refused: `range_refused`, grid |
//! | 6 | 50 s | ben | move to 14 to 16 | moved, still on south; and eve is confirmed on south |
//! | 7 | 60 s | gil | hold 12 to 13 on south | held until 120 s |
//! | 8 | 70 s | ann | cancel | cancelled; and dan is confirmed on north |
//! | 8 | | ben | move to 9 to 10 | refused: `range_taken`, 9 to 10:10 |
//! | 9 | 80 s | gil | confirm | confirmed |
//! | 9 | | hal | 0:30 to 1 | refused: `range_refused`, lead |

use api::booking::Mode::{self, Confirm, Hold};
use api::booking::Status::{Cancelled, Confirmed, Held, Waitlisted};
use api::booking::WhenFull;
use api::calendar::{Calendar, FreeStretch, Page};
use api::feed::Kind;
use api::inventory::Inventory;
use api::patch::Patch;
use api::problem::{Code, Conflict, Problem, RangeConflict, RangeReason};
use api::slot::{Slot, Waitlist};
use api::time::Time;

use super::scribe::{Scribe, at, of, recount, short_slot};
use super::{Check, Lie, answer, check, feed, first, passes, record, refusal, slot};
use crate::history::{Ask, Basket, FreeAsk, FreeLook, History, Moment, Origin, Places, RangePick, Reading};

/// Requests by their place in [`calendars`].
const BEN: usize = 1;
const CAT: usize = 2;
const DAN: usize = 3;
const EVE: usize = 4;
const FAY: usize = 5;
const BEN_MOVES: usize = 6;
const GIL: usize = 7;
const BEN_STAYS: usize = 9;

/// So many hours after the calendar begins, and minutes.
const fn clock(hours: u64, minutes: u64) -> Time {
    at(hours * 3_600 + minutes * 60)
}

/// Hours from one to another.
const fn hours(from: u64, to: u64) -> (Time, Time) {
    (clock(from, 0), clock(to, 0))
}

fn ask((from, to): (Time, Time), on: Option<&str>, mode: Mode, when_full: WhenFull) -> Ask {
    let places = Places::Range(RangePick { from, to, resource: on.map(str::to_owned) });
    Ask::Book { quantity: 1, mode, hold_seconds: None, when_full, places, basket: Basket::ANY }
}

fn moves(name: &str, (from, to): (Time, Time)) -> Ask {
    Ask::Move { booking: of(name), from: Some(from), to: Some(to), resource: Patch::Keep }
}

fn in_the_way(problem: &mut Problem, (from, to): (Time, Time)) {
    problem.conflicts = vec![Conflict::Range(RangeConflict { from, to })];
}

fn courts() -> Slot {
    let said = r#"{"resources":["north","south"],"grid_seconds":1800,"maximum_seconds":7200,"after_seconds":600,"lead_seconds":3600}"#;
    let calendar: Calendar = serde_json::from_str(said).expect("a calendar");
    let mut slot = Slot {
        starts_at: at(0),
        ends_at: clock(48, 0),
        inventory: Inventory::Calendar(Box::new(calendar)),
        bookable: None,
        opens_in_ms: 0,
        ..short_slot()
    };
    (slot.counts.capacity, slot.counts.free) = (2, None);
    slot.policy.waitlist = Some(Waitlist { capacity: 10, ..Waitlist::default() });
    slot
}

fn calendars() -> History {
    use WhenFull::{Refuse, Waitlist};
    let mut scribe = Scribe::open(courts());
    scribe.book(10, ("ann", 1, Confirm), (Confirmed, None), &[]).is_during(
        "ann",
        hours(9, 10),
        Some("north"),
    );
    scribe.asks("ann", ask(hours(9, 10), Some("north"), Confirm, Waitlist));
    scribe.book(20, ("ben", 1, Confirm), (Confirmed, None), &[]).is_during(
        "ben",
        hours(9, 11),
        Some("south"),
    );
    scribe.asks("ben", ask(hours(9, 11), None, Confirm, Waitlist));
    scribe.refused("cat", ask((clock(9, 30), clock(10, 30)), None, Confirm, Refuse), Code::RangeTaken);
    scribe.tells(|problem| in_the_way(problem, (clock(9, 30), clock(10, 10))));
    scribe.book(30, ("dan", 1, Confirm), (Waitlisted, None), &[]).is_during(
        "dan",
        hours(9, 11),
        Some("north"),
    );
    scribe.waits_at(1).asks("dan", ask(hours(9, 11), Some("north"), Confirm, Waitlist));
    scribe.book(40, ("eve", 1, Confirm), (Waitlisted, None), &[]).is_during("eve", hours(9, 10), None);
    scribe.waits_at(2).asks("eve", ask(hours(9, 10), None, Confirm, Waitlist));
    scribe.refused("fay", ask((clock(9, 10), clock(10, 10)), None, Confirm, Waitlist), Code::RangeRefused);
    scribe.tells(|problem| problem.reason = Some(RangeReason::Grid));
    scribe.step(50, Kind::Moved, &[("ben", Confirmed, None), ("eve", Confirmed, None)]);
    scribe.is_during("ben", hours(14, 16), Some("south")).is_during("eve", hours(9, 10), Some("south"));
    scribe.asks("ben", moves("ben", hours(14, 16)));
    scribe.book(60, ("gil", 1, Hold), (Held, Some(120)), &[]).is_during("gil", hours(12, 13), Some("south"));
    scribe.asks("gil", ask(hours(12, 13), Some("south"), Hold, Waitlist));
    scribe.step(70, Kind::Cancelled, &[("ann", Cancelled, None), ("dan", Confirmed, None)]);
    scribe.asks("ann", Ask::Cancel { booking: of("ann") });
    scribe.refused("ben", moves("ben", hours(9, 10)), Code::RangeTaken);
    scribe.tells(|problem| in_the_way(problem, (clock(9, 0), clock(10, 10))));
    scribe.step(80, Kind::Confirmed, &[("gil", Confirmed, None)]);
    scribe.asks("gil", Ask::Confirm { booking: of("gil") });
    scribe.refused("hal", ask((clock(0, 30), clock(1, 0)), None, Confirm, Waitlist), Code::RangeRefused);
    scribe.tells(|problem| problem.reason = Some(RangeReason::Lead));
    scribe.close()
}

/// What a refusal tells.
fn told(history: &mut History, request: usize, tell: fn(&mut Problem)) {
    let answer = &mut history.requests[request].answers[0];
    let mut problem: Problem = serde_json::from_slice(&answer.body).unwrap();
    tell(&mut problem);
    answer.body = serde_json::to_vec(&problem).unwrap().into();
}

/// The same range in a record, in its answer and in its question.
fn everywhere(history: &mut History, (seq, request): (usize, usize), (from, to): (Time, Time)) {
    (first(history, seq).from, first(history, seq).to) = (Some(from), Some(to));
    answer(history, request, |booking| (booking.from, booking.to) = (None, None));
    let body = &mut history.requests[request].answers[0].body;
    let mut booking: api::booking::Booking = serde_json::from_slice(body).unwrap();
    (booking.from, booking.to) = (Some(from), Some(to));
    *body = serde_json::to_vec(&booking).unwrap().into();
    if let Ask::Book { places: Places::Range(pick), .. } = &mut history.requests[request].ask {
        (pick.from, pick.to) = (from, to);
    }
}

/// The history up to a seq and a request.
fn until(history: &mut History, seq: usize, request: usize) {
    history.requests.truncate(request + 1);
    feed(history).records.truncate(seq);
    feed(history).seq = seq as u64;
    slot(history).bookings.clear();
    super::after(history).seq = seq as u64;
    recount(history);
}

#[test]
fn hours_that_are_sold_as_they_should_be_pass() {
    passes(
        calendars,
        &[
            ("as it is", |_history| {}),
            ("one was never answered", |h| h.requests[EVE].answers.clear()),
            ("a stranger's", |h| h.requests.retain(|request| request.customer != "gil")),
            ("a refusal that is told again has forgotten what was in the way", |h| {
                let first = h.requests[CAT].answers[0].clone();
                h.requests[CAT].answers.push(crate::history::Answer { origin: Origin::Replayed, ..first });
                let again = &mut h.requests[CAT].answers[1];
                let mut problem: Problem = serde_json::from_slice(&again.body).unwrap();
                problem.conflicts.clear();
                again.body = serde_json::to_vec(&problem).unwrap().into();
            }),
        ],
    );
}

#[test]
fn a_lie_about_hours_is_caught() {
    let rows: &[(&str, Lie, &[Check])] = &[
        (
            "two have one court",
            |h| {
                record(h, 6).bookings[1].resource = Some(Some("north".into()));
                until(h, 6, BEN_MOVES);
            },
            &[Check::RangesGivenOnce],
        ),
        (
            "there is no such court",
            |h| {
                record(h, 6).bookings[1].resource = Some(Some("west".into()));
                until(h, 6, BEN_MOVES);
            },
            &[Check::RangesGivenOnce],
        ),
        (
            "nothing is kept free after a booking",
            |h| {
                everywhere(h, (7, GIL), hours(16, 17));
                until(h, 7, GIL);
            },
            &[Check::RangesGivenOnce, Check::RangesDecided],
        ),
        (
            "it is another hour than was asked for",
            |h| {
                let ask = h.requests[GIL].ask.clone();
                everywhere(h, (7, GIL), hours(20, 21));
                h.requests[GIL].ask = ask;
                until(h, 7, GIL);
            },
            &[Check::RangesDecided],
        ),
        (
            "it is off the grid",
            |h| {
                everywhere(h, (7, GIL), (clock(20, 10), clock(21, 0)));
                until(h, 7, GIL);
            },
            &[Check::RangesDecided],
        ),
    ];
    check(calendars, rows);
}

#[test]
fn a_lie_about_other_hours_is_caught() {
    let rows: &[(&str, Lie, &[Check])] = &[
        (
            "another hour than the record's is answered",
            |h| answer(h, BEN, |booking| booking.to = Some(clock(12, 0))),
            &[Check::NothingLost],
        ),
        (
            "a booking is moved unasked",
            |h| {
                let mut ben = record(h, 6).bookings[0].clone();
                (ben.from, ben.to) = (Some(clock(20, 0)), Some(clock(22, 0)));
                record(h, 7).bookings.push(ben);
                until(h, 7, GIL);
            },
            &[Check::DecidedRightly, Check::RangesGivenOnce],
        ),
        (
            "it is moved where others are",
            |h| {
                everywhere(h, (6, BEN_MOVES), hours(9, 10));
                h.requests[BEN_MOVES].ask = moves("ben", hours(9, 10));
                first(h, 6).resource = Some(Some("north".into()));
                answer(h, BEN_MOVES, |booking| booking.resource = Some(Some("north".into())));
                until(h, 6, BEN_MOVES);
            },
            &[Check::RangesGivenOnce, Check::RangesDecided],
        ),
    ];
    check(calendars, rows);
}

#[test]
fn a_lie_about_who_is_served_is_caught() {
    let rows: &[(&str, Lie, &[Check])] = &[
        (
            "who waits is passed over",
            |h| {
                record(h, 8).bookings.truncate(1);
                until(h, 8, BEN_STAYS - 1);
            },
            &[Check::FreedRangesServed],
        ),
        (
            "one is served whom it does not fit",
            |h| {
                let dan = record(h, 8).bookings[1].clone();
                record(h, 6).bookings.insert(1, dan);
                until(h, 6, BEN_MOVES);
            },
            &[Check::RangesGivenOnce, Check::FreedRangesServed],
        ),
        (
            "somebody waits at another place",
            |h| {
                first(h, 4).position = Some(2);
                answer(h, DAN, |booking| booking.position = Some(2));
            },
            &[Check::FreedRangesServed],
        ),
    ];
    check(calendars, rows);
}

#[test]
fn a_lie_about_why_hours_are_refused_is_caught() {
    let rows: &[(&str, Lie, &[Check])] = &[
        (
            "a free hour is refused",
            |h| h.requests[CAT].ask = ask(hours(18, 19), None, Confirm, WhenFull::Refuse),
            &[Check::RangesDecided],
        ),
        (
            "less is in the way than is told",
            |h| told(h, CAT, |p| in_the_way(p, (clock(9, 30), clock(10, 40)))),
            &[Check::RangesDecided],
        ),
        (
            "nothing is told to be in the way",
            |h| told(h, BEN_STAYS, |p| p.conflicts.clear()),
            &[Check::RangesDecided],
        ),
        (
            "it is refused for another reason",
            |h| told(h, FAY, |p| p.reason = Some(RangeReason::Hours)),
            &[Check::RangesDecided],
        ),
        (
            "what may not be asked for is taken",
            |h| refusal(h, FAY, Code::RangeTaken, 5),
            &[Check::RangesDecided],
        ),
        (
            "one who waits is told that there is no room",
            |h| refusal(h, CAT, Code::WaitlistFull, 3),
            &[Check::RangesDecided],
        ),
        (
            "by the answers alone two have one court",
            |h| {
                answer(h, BEN, |booking| booking.resource = Some(Some("north".into())));
                until(h, 3, BEN);
                slot(h).feed = Reading::Unreadable("reset".into());
            },
            &[Check::RangesGivenOnce],
        ),
    ];
    check(calendars, rows);
}

/// Somebody looked at the morning, when ann and ben had what they have and nobody else had come.
fn looked() -> History {
    let mut history = calendars();
    let [came, went] = [CAT, DAN].map(|request| history.requests[request].sent.unwrap().as_us());
    let stretch =
        |(from, to): (Time, Time), on: &str| FreeStretch { from, to, free: 1, resource: Some(on.into()) };
    let items = [
        ((clock(8, 0), clock(8, 30)), "north"),
        ((clock(8, 0), clock(8, 30)), "south"),
        ((clock(10, 30), clock(12, 30)), "north"),
        ((clock(11, 30), clock(12, 30)), "south"),
    ];
    let items = items.map(|(range, on)| stretch(range, on)).into();
    slot(&mut history).free.push(FreeLook {
        asked: FreeAsk { from: clock(7, 50), to: clock(12, 45), seconds: None, quantity: 1, resource: None },
        sent: Moment::from_us(came),
        received: Moment::from_us(went),
        page: Reading::Got(Page { items, next: None, seq: 3 }),
    });
    history
}

fn look(history: &mut History) -> &mut FreeLook {
    &mut slot(history).free[0]
}

fn shown(history: &mut History) -> &mut Vec<FreeStretch> {
    &mut super::got(&mut look(history).page).items
}

#[test]
fn what_is_shown_as_free_as_it_is_passes() {
    passes(
        looked,
        &[
            ("as it is", |_history| {}),
            ("only what is on one court is asked for", |h| {
                look(h).asked.resource = Some("south".into());
                shown(h).retain(|item| item.resource.as_deref() == Some("south"));
            }),
            ("an hour is wanted", |h| {
                look(h).asked.seconds = Some(3_600);
                shown(h).drain(..2);
            }),
            ("for longer than one may", |h| {
                look(h).asked.seconds = Some(3 * 3_600);
                shown(h).clear();
            }),
            ("for more than there are of a court", |h| {
                look(h).asked.quantity = 2;
                shown(h).clear();
            }),
            ("a page ends before the last", |h| {
                shown(h).pop();
                super::got(&mut look(h).page).next = Some("more".into());
            }),
            ("the window is of the first hour, of which too soon is not shown", |h| {
                (look(h).asked.from, look(h).asked.to) = hours(0, 2);
                *shown(h) = ["north", "south"]
                    .map(|on| FreeStretch {
                        from: clock(1, 30),
                        to: clock(2, 0),
                        free: 1,
                        resource: Some(on.into()),
                    })
                    .into();
            }),
            ("at night there is nothing", |h| {
                (look(h).asked.from, look(h).asked.to) = hours(48, 50);
                shown(h).clear();
            }),
            // Until somebody else came nobody knows how late it was.
            ("nobody came afterwards", |h| {
                h.requests.truncate(CAT + 1);
                shown(h).drain(..2);
                until(h, 3, CAT);
            }),
        ],
    );
}

#[test]
fn a_lie_about_what_is_free_is_caught() {
    let rows: &[(&str, Lie, &[Check])] = &[
        ("a taken hour is offered", |h| shown(h)[2].from = clock(10, 0), &[Check::FreeAgrees]),
        (
            "of what is kept free after a booking some is offered",
            |h| shown(h)[0].to = clock(9, 0),
            &[Check::FreeAgrees],
        ),
        (
            "a free start is left out at the beginning",
            |h| shown(h)[2].from = clock(11, 0),
            &[Check::FreeAgrees],
        ),
        ("a free start is left out at the end", |h| shown(h)[3].to = clock(12, 0), &[Check::FreeAgrees]),
        ("a stretch is left out", |h| drop(shown(h).remove(1)), &[Check::FreeAgrees]),
        ("more are free than there are", |h| shown(h)[0].free = 2, &[Check::FreeAgrees]),
        (
            "a stretch is told twice",
            |h| {
                let last = shown(h)[3].clone();
                shown(h).push(last);
            },
            &[Check::FreeAgrees],
        ),
        ("stretches are out of order", |h| shown(h).swap(0, 1), &[Check::FreeAgrees]),
        (
            "one stretch is told as two",
            |h| {
                let mut rest = shown(h)[2].clone();
                (shown(h)[2].to, rest.from) = (clock(11, 30), clock(11, 30));
                shown(h).insert(3, rest);
            },
            &[Check::FreeAgrees],
        ),
        ("it begins off the grid", |h| shown(h)[2].from = clock(10, 15), &[Check::FreeAgrees]),
        ("it is too short", |h| look(h).asked.seconds = Some(3_600), &[Check::FreeAgrees]),
        ("it lies outside of the window", |h| look(h).asked.from = clock(8, 30), &[Check::FreeAgrees]),
        ("there is no such court", |h| shown(h)[3].resource = Some("west".into()), &[Check::FreeAgrees]),
        (
            "another court was asked for",
            |h| look(h).asked.resource = Some("north".into()),
            &[Check::FreeAgrees],
        ),
        (
            "what begins too soon is offered",
            |h| {
                (look(h).asked.from, look(h).asked.to) = hours(0, 2);
                *shown(h) = ["north", "south"]
                    .map(|on| FreeStretch {
                        from: clock(1, 0),
                        to: clock(2, 0),
                        free: 1,
                        resource: Some(on.into()),
                    })
                    .into();
            },
            &[Check::FreeAgrees],
        ),
        (
            "it is of an earlier seq than was told before",
            |h| super::got(&mut look(h).page).seq = 2,
            &[Check::SeqInRealTime, Check::FreeAgrees],
        ),
        ("it is said not to be there", |h| look(h).page = Reading::Missing, &[Check::FreeAgrees]),
        ("nobody can read it", |h| look(h).page = Reading::Unreadable("400".into()), &[Check::FreeAgrees]),
    ];
    check(looked, rows);
}
