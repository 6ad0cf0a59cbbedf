//! Planted lies: a small correct history passes, and each doctored copy is caught by the checks that are to catch it.
//!
//! The history: three places, room for one to wait.
//!
//! | seq | who | asks | gets |
//! | --- | --- | --- | --- |
//! | 1 | | | the slot is made |
//! | 2 | alice | book 2 | confirmed |
//! | 3 | bob | book 2 | waitlisted, position 1 |
//! | 3 | carol | book 1 | refused: `waitlist_full` |
//! | 3 | dave | book 1 or refuse | refused: `sold_out` (one is free, but bob waits) |
//! | 4 | alice | cancel | cancelled, and bob is confirmed |
//! | 5 | eve | book 1 | confirmed |
//! | 6 | frank | book 1 | no answer came; the feed shows him waiting |
//! | | grace | book 1 | never sent |

mod calendars;
mod holds;
mod offers;
mod quantities;
mod reads;
mod scribe;
mod seats;
mod tariffs;

use api::booking::{Booking, Status, WhenFull};
use api::feed::{Kind, Record};
use api::inventory::{Counts, Inventory};
use api::problem::{Code, Problem};
use api::slot::{Policy, Sale, Slot, Status as SlotStatus, Waitlist};
use api::time::Time;

use self::reads::look;
use self::scribe::booking;
use super::{Check, Judgement, judge};
use crate::history::{
    Answer, Ask, Asker, Evidence, Feed, History, Moment, Origin, Reading, Request, SlotNumber,
};

const SLOT: &str = "slot_1";
const HOUR_MS: u64 = 3_600_000;

/// Requests by their place in [`correct`].
const ALICE: usize = 0;
const BOB: usize = 1;
const CAROL: usize = 2;
const DAVE: usize = 3;
const ALICE_CANCELS: usize = 4;
const EVE: usize = 5;
const FRANK: usize = 6;
const GRACE: usize = 7;

#[test]
fn a_correct_history_passes() {
    let verdict = judge(&correct(), 75);
    assert_eq!(verdict.judgement(), Judgement::Correct, "{verdict:#?}");
    let examined: Vec<u64> = verdict.findings.iter().map(super::Finding::examined).collect();
    assert!(examined.iter().all(|examined| *examined > 0), "a check that looks at nothing: {examined:?}");
    let outcomes = verdict.outcomes;
    assert_eq!(
        (outcomes.decided(), outcomes.unknown, outcomes.unknown_done, outcomes.not_sent),
        (6, 1, 1, 1)
    );
}

type Lie = fn(&mut History);

#[test]
fn a_lie_about_places_and_bookings_is_caught() {
    let rows: &[(&str, Lie, &[Check])] = &[
        (
            "a place is made out of nothing",
            |h| *record(h, 5).counts.free.as_mut().unwrap() += 1,
            &[Check::NeverOversold],
        ),
        ("a waiter is not counted", |h| record(h, 3).counts.waitlisted = 0, &[Check::NeverOversold]),
        ("the capacity drifts", |h| record(h, 3).counts.capacity = 4, &[Check::NeverOversold]),
        ("no count shows the fourth of three", oversell, &[Check::NeverOversold]),
        (
            "the answers alone oversell",
            |h| slot(h).before.inventory = Inventory::of_units(0),
            &[Check::NeverOversold, Check::ReadsAgree],
        ),
        ("an acknowledged booking is gone", lose_eve, &[Check::NothingLost]),
        ("an answer names another seq", |h| answer(h, EVE, |b| b.seq = 6), &[Check::NothingLost]),
        (
            "a record differs from its answer",
            |h| first(h, 2).reference = "OTHER".into(),
            &[Check::NothingLost],
        ),
        ("the slot is gone", |h| slot(h).after = Reading::Missing, &[Check::NothingLost]),
        (
            "a repeat is answered otherwise",
            |h| repeat(h).body = b"{}".as_slice().into(),
            &[Check::NothingDoubled],
        ),
        ("a repeat is decided anew", |h| repeat(h).origin = Origin::Decided, &[Check::NothingDoubled]),
        ("one request books twice", double_eve, &[Check::NothingDoubled]),
        (
            "two requests share a booking",
            |h| answer(h, BOB, |b| b.id = "bkg_alice".into()),
            &[Check::NothingLost, Check::NothingDoubled],
        ),
        (
            "nobody asked for a cancellation",
            |h| drop(h.requests.remove(ALICE_CANCELS)),
            &[Check::NothingDoubled],
        ),
        ("what is over comes back", revive_alice, &[Check::NothingDoubled, Check::PromisesKept]),
        (
            "what was never sent is done",
            |h| h.requests[FRANK].sent = None,
            &[Check::NothingDoubled, Check::UnknownSettled],
        ),
    ];
    check(correct, rows);
}

#[test]
fn a_lie_about_order_and_reasons_is_caught() {
    let rows: &[(&str, Lie, &[Check])] = &[
        ("the freed place waits a step", promote_late, &[Check::ServedInOrder]),
        (
            "a newcomer slips past",
            slip_past,
            &[Check::ServedInOrder, Check::SeqInRealTime, Check::DecidedRightly],
        ),
        ("a joiner is not last", |h| first(h, 6).position = Some(7), &[Check::ServedInOrder]),
        ("the feed has a gap", |h| record(h, 6).seq = 7, &[Check::SeqInRealTime, Check::ReadsAgree]),
        ("the stamps go back", |h| record(h, 5).at = Time::from_ms(1), &[Check::SeqInRealTime]),
        ("the later is numbered earlier", swap_in_time, &[Check::SeqInRealTime]),
        (
            "a refusal looks into the past",
            |h| refusal(h, DAVE, Code::SoldOut, 1),
            &[Check::SeqInRealTime, Check::DecidedRightly],
        ),
        (
            "a refusal looks into the future",
            |h| refusal(h, CAROL, Code::WaitlistFull, 9),
            &[Check::SeqInRealTime, Check::DecidedRightly, Check::ReadsAgree],
        ),
        ("refused for the wrong reason", |h| refusal(h, CAROL, Code::SoldOut, 3), &[Check::DecidedRightly]),
        (
            "refused as closed while on sale",
            |h| refusal(h, CAROL, Code::NotOnSale, 3),
            &[Check::DecidedRightly],
        ),
        (
            "an answer that says nothing",
            |h| h.requests[CAROL].answers[0].status = 201,
            &[Check::DecidedRightly],
        ),
        (
            "a cancellation is refused and done",
            |h| refusal(h, ALICE_CANCELS, Code::TooLate, 4),
            &[Check::DecidedRightly, Check::UnknownSettled],
        ),
        (
            "an answer is for another",
            |h| answer(h, EVE, |b| b.customer = "mallory".into()),
            &[Check::NothingLost, Check::DecidedRightly],
        ),
        (
            "refused and done all the same",
            |h| h.requests[FRANK].answers = vec![frank_refused()],
            &[Check::UnknownSettled],
        ),
        ("a booking reads otherwise", |h| reading(h, 1).status = Status::Held, &[Check::ReadsAgree]),
        ("a booking is not to be found", |h| slot(h).bookings[0].1 = Reading::Missing, &[Check::ReadsAgree]),
        ("the slot counts otherwise", |h| after(h).counts.waitlisted = 0, &[Check::ReadsAgree]),
        ("a linearizable read is stale", |h| reading(h, 1).seq = 4, &[Check::ReadsAgree]),
    ];
    check(correct, rows);
}

#[track_caller]
fn check(correct: fn() -> History, rows: &[(&str, Lie, &[Check])]) {
    for (lie, plant, wanted) in rows {
        let mut history = correct();
        plant(&mut history);
        let verdict = judge(&history, 0);
        let found = verdict.findings.iter().filter(|finding| finding.failures() > 0);
        let failed: Vec<Check> = found.map(super::Finding::check).collect();
        assert_eq!(failed, *wanted, "{lie}: {:#?}", verdict.findings);
        assert_eq!(verdict.judgement(), Judgement::Incorrect, "{lie}");
    }
}

#[track_caller]
fn passes(correct: fn() -> History, rows: &[(&str, Lie)]) {
    for (chance, plant) in rows {
        let mut history = correct();
        plant(&mut history);
        let verdict = judge(&history, 0);
        assert_eq!(verdict.judgement(), Judgement::Correct, "{chance}: {verdict:#?}");
    }
}

#[test]
fn what_cannot_be_seen_is_a_doubt_and_no_pass() {
    type Blindness = fn(&mut History);
    let rows: &[(&str, Blindness, u32)] = &[
        ("no feed", |h| slot(h).feed = Reading::Unreadable("reset".into()), 0),
        ("no slot", |h| slot(h).after = Reading::Unreadable("reset".into()), 0),
        ("a booking unread", |h| slot(h).bookings[0].1 = Reading::Unreadable("reset".into()), 0),
        ("six of eight are too few", |_history| {}, 76),
        ("nothing decided", |h| h.requests.clear(), 0),
    ];
    for (blindness, plant, decided_percent_min) in rows {
        let mut history = correct();
        plant(&mut history);
        let verdict = judge(&history, *decided_percent_min);
        assert_eq!(verdict.judgement(), Judgement::CouldNotTell, "{blindness}: {verdict:#?}");
    }
}

#[test]
fn strangers_and_a_forgotten_answer_are_no_failure() {
    let rows: &[(&str, Lie)] = &[
        ("an unknown request was not done", |h| {
            feed(h).records.pop();
            feed(h).seq = 5;
            after(h).seq = 5;
            after(h).counts = counts(0, 3, 0);
            slot(h).bookings.retain(|(id, _reading)| id != "bkg_frank");
            reading(h, 1).seq = 5;
        }),
        ("a stranger's booking was made and ended", |h| {
            h.requests.remove(FRANK);
        }),
        ("a rejected request left no trace", |h| {
            let body = b"".as_slice().into();
            h.requests[GRACE].sent = Some(Moment::from_us(900));
            let received = Moment::from_us(910);
            h.requests[GRACE].answers = vec![Answer { received, status: 401, origin: Origin::Decided, body }];
        }),
    ];
    passes(correct, rows);
}

/// The slot remembers the newest 65,536 refusals; an older one is decided again when it is repeated.
#[test]
fn a_forgotten_refusal_may_be_granted_when_it_is_repeated() {
    let mut history = correct();
    let frank = first(&mut history, 6).clone();
    history.requests[FRANK].intended = Moment::from_us(410);
    history.requests[FRANK].sent = Some(Moment::from_us(410));
    history.requests[FRANK].answers = vec![
        Answer { received: Moment::from_us(450), ..refused(Code::WaitlistFull, 3) },
        Answer { received: Moment::from_us(750), ..said(202, &frank) },
    ];
    let crowd = (0..65_536).map(|number| {
        let name = format!("carol-{number}");
        Request { key: name.clone(), customer: name, ..history.requests[CAROL].clone() }
    });
    let crowd: Vec<Request> = crowd.collect();
    history.requests.extend(crowd);
    let verdict = judge(&history, 0);
    assert_eq!(verdict.judgement(), Judgement::Correct, "{verdict:#?}");
    // That nobody was told of it is a failure all the same.
    history.requests[FRANK].answers.truncate(1);
    let verdict = judge(&history, 0);
    assert_eq!(verdict.judgement(), Judgement::Incorrect, "{verdict:#?}");
}

// The correct history.

fn correct() -> History {
    let alice = booking("alice", 2, Status::Confirmed, 2);
    let bob = Booking { position: Some(1), ..booking("bob", 2, Status::Waitlisted, 3) };
    let alice_cancelled = Booking { status: Status::Cancelled, seq: 4, ..alice.clone() };
    let bob_served = Booking { status: Status::Confirmed, seq: 4, position: None, ..bob.clone() };
    let eve = booking("eve", 1, Status::Confirmed, 5);
    let frank = Booking { position: Some(1), ..booking("frank", 1, Status::Waitlisted, 6) };

    let mut requests = vec![
        asked("alice", 2, WhenFull::Waitlist, 100, Some(said(201, &alice))),
        asked("bob", 2, WhenFull::Waitlist, 200, Some(said(202, &bob))),
        asked("carol", 1, WhenFull::Waitlist, 300, Some(refused(Code::WaitlistFull, 3))),
        asked("dave", 1, WhenFull::Refuse, 400, Some(refused(Code::SoldOut, 3))),
        asked("alice", 0, WhenFull::Waitlist, 500, Some(said(200, &alice_cancelled))),
        asked("eve", 1, WhenFull::Waitlist, 600, Some(said(201, &eve))),
        asked("frank", 1, WhenFull::Waitlist, 700, None),
        asked("grace", 1, WhenFull::Waitlist, 800, None),
    ];
    requests[ALICE_CANCELS].ask = Ask::Cancel { booking: alice.id.clone() };
    requests[ALICE_CANCELS].key = "alice-cancel".into();
    requests[GRACE].sent = None;
    let again = Answer {
        received: Moment::from_us(950),
        origin: Origin::Replayed,
        ..requests[ALICE].answers[0].clone()
    };
    requests[ALICE].answers.push(again);

    let records = vec![
        step(1, Kind::SlotCreated, vec![], counts(3, 0, 0)),
        step(2, Kind::Booked, vec![alice], counts(1, 2, 0)),
        step(3, Kind::Booked, vec![bob], counts(1, 2, 1)),
        step(4, Kind::Cancelled, vec![alice_cancelled, bob_served.clone()], counts(1, 2, 0)),
        step(5, Kind::Booked, vec![eve], counts(0, 3, 0)),
        step(6, Kind::Booked, vec![frank.clone()], counts(0, 3, 1)),
    ];
    let bookings = [frank, bob_served]
        .map(|booking| (booking.id.clone(), Reading::Got(Booking { seq: 6, ..booking })))
        .into();
    let after = Slot { seq: 6, counts: counts(0, 3, 1), ..new_slot() };
    let evidence = Evidence {
        before: new_slot(),
        changes: Vec::new(),
        looks: vec![look(560, 4), look(610, 4), look(620, 5)],
        free: Vec::new(),
        bookings,
        after: Reading::Got(after),
        feed: Reading::Got(Feed { records, seq: 6 }),
    };
    History { slots: vec![evidence], requests }
}

fn new_slot() -> Slot {
    Slot {
        id: SLOT.into(),
        organizer: "studio".into(),
        placement: None,
        title: "Morning yoga".into(),
        status: SlotStatus::OnSale,
        seq: 1,
        starts_at: Time::from_ms(1_000 * HOUR_MS),
        ends_at: Time::from_ms(1_001 * HOUR_MS),
        sale: Sale::default(),
        inventory: Inventory::of_units(3),
        policy: Policy {
            waitlist: Some(Waitlist { capacity: 1, ..Waitlist::default() }),
            ..Policy::default()
        },
        counts: counts(3, 0, 0),
        bookable: Some(0),
        opens_in_ms: 0,
        products: None,
        quotas: None,
        prices: None,
        currency: None,
    }
}

fn asked(customer: &str, quantity: u32, when_full: WhenFull, at: u64, answer: Option<Answer>) -> Request {
    let received = Moment::from_us(at + 50);
    Request {
        key: customer.into(),
        customer: customer.into(),
        slot: SlotNumber(0),
        by: Asker::Customer,
        ask: Ask::book(quantity, when_full),
        intended: Moment::from_us(at),
        sent: Some(Moment::from_us(at)),
        answers: answer.into_iter().map(|answer| Answer { received, ..answer }).collect(),
    }
}

fn said(status: u16, booking: &Booking) -> Answer {
    let body = serde_json::to_vec(booking).unwrap().into();
    Answer { received: Moment::default(), status, origin: Origin::Decided, body }
}

fn refused(code: Code, seq: u64) -> Answer {
    let problem = Problem { seq: Some(seq), ..Problem::new(code, "no") };
    let body = serde_json::to_vec(&problem).unwrap().into();
    Answer { received: Moment::default(), status: code.status(), origin: Origin::Decided, body }
}

fn step(seq: u64, kind: Kind, bookings: Vec<Booking>, counts: Counts) -> Record {
    Record { seq, at: Time::from_ms(seq * 10), kind, bookings, counts, seats: None, map: None }
}

fn counts(free: u32, confirmed: u32, waitlisted: u32) -> Counts {
    Counts { free: Some(free), confirmed, waitlisted, ..Counts::untouched(3) }
}

// What lies are made of.

fn slot(history: &mut History) -> &mut Evidence {
    &mut history.slots[0]
}

fn feed(history: &mut History) -> &mut Feed {
    got(&mut slot(history).feed)
}

fn record(history: &mut History, seq: usize) -> &mut Record {
    &mut feed(history).records[seq - 1]
}

fn first(history: &mut History, seq: usize) -> &mut Booking {
    &mut record(history, seq).bookings[0]
}

fn after(history: &mut History) -> &mut Slot {
    got(&mut slot(history).after)
}

fn reading(history: &mut History, place: usize) -> &mut Booking {
    let place = place.min(slot(history).bookings.len() - 1);
    got(&mut slot(history).bookings[place].1)
}

fn repeat(history: &mut History) -> &mut Answer {
    &mut history.requests[ALICE].answers[1]
}

fn got<T>(reading: &mut Reading<T>) -> &mut T {
    match reading {
        Reading::Got(value) => value,
        Reading::Missing | Reading::Unreadable(_) => panic!("the correct history has everything"),
    }
}

fn answer(history: &mut History, request: usize, lie: fn(&mut Booking)) {
    let answer = &mut history.requests[request].answers[0];
    let mut booking: Booking = serde_json::from_slice(&answer.body).unwrap();
    lie(&mut booking);
    answer.body = serde_json::to_vec(&booking).unwrap().into();
}

fn refusal(history: &mut History, request: usize, code: Code, seq: u64) {
    let received = history.requests[request].answers[0].received;
    history.requests[request].answers[0] = Answer { received, ..refused(code, seq) };
}

fn frank_refused() -> Answer {
    Answer { received: Moment::from_us(750), ..refused(Code::WaitlistFull, 6) }
}

// Lies that take more than a line.

/// Frank is confirmed as a fourth of three, and no count says so.
fn oversell(history: &mut History) {
    let status = Status::Confirmed;
    *first(history, 6) = Booking { status, position: None, ..first(history, 6).clone() };
    *reading(history, 0) = Booking { status, position: None, ..reading(history, 0).clone() };
    record(history, 6).counts.waitlisted = 0;
    after(history).counts.waitlisted = 0;
}

/// Eve's record is gone, and all the rest fits together without her: frank got her place.
fn lose_eve(history: &mut History) {
    feed(history).records.remove(4);
    feed(history).seq = 5;
    *first(history, 5) = Booking { seq: 5, ..booking("frank", 1, Status::Confirmed, 6) };
    *record(history, 5) = Record { seq: 5, counts: counts(0, 3, 0), ..record(history, 5).clone() };
    *after(history) = Slot { seq: 5, counts: counts(0, 3, 0), ..new_slot() };
    *reading(history, 0) = first(history, 5).clone();
    reading(history, 1).seq = 5;
}

/// Eve's one request is done a second time.
fn double_eve(history: &mut History) {
    let again =
        Booking { id: "bkg_eve_2".into(), position: Some(2), ..booking("eve", 1, Status::Waitlisted, 7) };
    feed(history).records.push(step(7, Kind::Booked, vec![again], counts(0, 3, 2)));
    feed(history).seq = 7;
}

/// Alice's cancelled booking waits again.
fn revive_alice(history: &mut History) {
    let alive = booking("alice", 2, Status::Waitlisted, 7);
    feed(history).records.push(step(7, Kind::Lapsed, vec![alive], counts(0, 3, 2)));
    feed(history).seq = 7;
}

/// Bob gets alice's places one step after she gave them back.
fn promote_late(history: &mut History) {
    let bob = record(history, 4).bookings.pop().unwrap();
    record(history, 4).counts = counts(3, 0, 1);
    record(history, 5).bookings.push(bob);
}

/// Eve takes the place that bob, who waits for two, cannot use.
fn slip_past(history: &mut History) {
    feed(history).records.swap(3, 4);
    *record(history, 4) =
        Record { seq: 4, at: Time::from_ms(40), counts: counts(0, 3, 1), ..record(history, 4).clone() };
    *record(history, 5) =
        Record { seq: 5, at: Time::from_ms(50), counts: counts(0, 3, 0), ..record(history, 5).clone() };
    answer(history, EVE, |booking| booking.seq = 4);
    answer(history, ALICE_CANCELS, |booking| booking.seq = 5);
    let eve = &mut history.requests[EVE];
    eve.sent = Some(Moment::from_us(450));
    eve.answers[0].received = Moment::from_us(480);
}

/// Eve had her answer before alice asked.
fn swap_in_time(history: &mut History) {
    let eve = &mut history.requests[EVE];
    eve.sent = Some(Moment::from_us(40));
    eve.answers[0].received = Moment::from_us(60);
}
