//! Lies about products, quotas and prices: five places, one for a child and two for children and students together; an adult pays 12,
//! a student 6, a child nothing, and what is to be paid is held for a minute.
//!
//! | seq | at | who | asks | gets |
//! | --- | --- | --- | --- | --- |
//! | 2 | 10 s | ann | adult 1, child 1, for 12 | held until 70 s, 12 |
//! | 3 | 20 s | ben | child 1 | waitlisted, position 1: of places there are enough |
//! | 3 | | cat | child 1, or refuse | refused: `quota_exhausted`, few |
//! | 3 | | dan | adult 1, for 11 | refused: `price_changed` |
//! | 4 | 30 s | eve | adult 1 | held until 90 s, 12: nobody is short of what she wants |
//! | 4 | | eve | confirm | refused: `payment_required` |
//! | 5 | 40 s | the organizer | two children; adults pay 15 | and ben is confirmed, for nothing |
//! | 6 | 50 s | fay | student 1 | waitlisted, position 1 |
//! | 7 | 55 s | ann | be for adult 1 | held until 70 s, 12 still; and fay is held until 115 s, 6 |
//! | 8 | 60 s | the organizer | confirm ann's | confirmed, 12 still |
//! | 9 | 65 s | gil | adult 1 | held until 125 s, 15 |
//! | 9 | | hal | adult 1, or refuse | refused: `sold_out` |
//! | 9 | | ida | vip 1 | refused: `not_on_sale` before 500 s |

use api::booking::Mode::Confirm;
use api::booking::Status::{Confirmed, Held, Waitlisted};
use api::booking::{Booking, WhenFull};
use api::feed::Kind;
use api::inventory::Inventory;
use api::problem::{Code, Problem};
use api::slot::Slot;
use api::tariff::{Line, Price, Product, Quota};

use super::scribe::{Scribe, at, of, recount, short_slot};
use super::{Check, Lie, after, answer, check, feed, first, passes, reading, record, refusal, slot};
use crate::history::{Ask, Asker, Basket, History, Origin, Places};

/// Requests by their place in [`tariffs`].
const ANN: usize = 0;
const BEN: usize = 1;
const CAT: usize = 2;
const DAN: usize = 3;
const EVE: usize = 4;
const EVE_CONFIRMS: usize = 5;
const FAY: usize = 6;
const ANN_IS_FEWER: usize = 7;
const ANN_IS_PAID: usize = 8;
const GIL: usize = 9;
const HAL: usize = 10;
const IDA: usize = 11;

pub(super) fn lines(text: &str) -> Vec<Line> {
    let line = |word: &str| {
        let (product, quantity) = word.split_once(':').expect("product:quantity");
        Line { product: product.to_owned(), quantity: quantity.parse().expect("a number") }
    };
    text.split_whitespace().map(line).collect()
}

/// Places of products, for what it is expected to cost, if anything is.
fn buy(text: &str, expect_amount: Option<u64>, when_full: WhenFull) -> Ask {
    let lines = lines(text);
    let quantity = lines.iter().map(|line| line.quantity).sum();
    let basket = Basket { lines, expect_amount };
    Ask::Book { quantity, mode: Confirm, hold_seconds: None, when_full, places: Places::Any, basket }
}

/// So many of each quota, and what an adult pays.
fn sells(slot: Slot, few: u32, reduced: u32, adult: u64) -> Slot {
    let product = |key: &str| Product { key: key.into(), title: key.into(), categories: None };
    let quota = |key: &str, size, products: &[&str]| Quota {
        key: key.into(),
        size,
        products: products.iter().map(|key| (*key).to_owned()).collect(),
    };
    let price = |product: &str, amount| Price {
        product: Some(product.into()),
        category: None,
        amount,
        from: None,
        until: None,
    };
    Slot {
        inventory: Inventory::of_units(5),
        products: Some(["adult", "child", "student", "vip"].map(product).into()),
        quotas: Some(vec![quota("few", few, &["child"]), quota("reduced", reduced, &["child", "student"])]),
        prices: Some(vec![
            price("child", 0),
            price("student", 600),
            Price { from: Some(at(500)), ..price("vip", 9_000) },
            price("adult", adult),
        ]),
        currency: Some("EUR".into()),
        ..slot
    }
}

fn tariffs() -> History {
    use WhenFull::{Refuse, Waitlist};
    let mut scribe = Scribe::open(sells(short_slot(), 1, 2, 1_200));
    scribe.book(10, ("ann", 2, Confirm), (Held, Some(70)), &[]);
    scribe.costs("ann", &lines("adult:1 child:1"), Some(1_200));
    scribe.asks("ann", buy("adult:1 child:1", Some(1_200), Waitlist));
    scribe.book(20, ("ben", 1, Confirm), (Waitlisted, None), &[]).costs("ben", &lines("child:1"), None);
    scribe.asks("ben", buy("child:1", None, Waitlist));
    scribe.refused("cat", buy("child:1", None, Refuse), Code::QuotaExhausted);
    scribe.tells_of(&["few"]);
    scribe.refused("dan", buy("adult:1", Some(1_100), Waitlist), Code::PriceChanged);
    scribe.book(30, ("eve", 1, Confirm), (Held, Some(90)), &[]).costs("eve", &lines("adult:1"), Some(1_200));
    scribe.asks("eve", buy("adult:1", None, Waitlist));
    scribe.refused("eve", Ask::Confirm { booking: of("eve") }, Code::PaymentRequired);
    scribe.sell(40, |slot| sells(slot, 2, 2, 1_500), &[("ben", Confirmed, None)]);
    scribe.costs("ben", &lines("child:1"), Some(0));
    scribe.book(50, ("fay", 1, Confirm), (Waitlisted, None), &[]).costs("fay", &lines("student:1"), None);
    scribe.asks("fay", buy("student:1", None, Waitlist));
    scribe.reduce(55, ("ann", 1), (Held, Some(70)), &[("fay", Held, Some(115))]);
    scribe.costs("ann", &lines("adult:1"), Some(1_200)).costs("fay", &lines("student:1"), Some(600));
    scribe.asks("ann", Ask::Reduce { booking: of("ann"), quantity: 1, lines: lines("adult:1") });
    scribe.step(60, Kind::Confirmed, &[("ann", Confirmed, None)]);
    scribe.asks("ann", Ask::Confirm { booking: of("ann") }).by_the_organizer();
    scribe.book(65, ("gil", 1, Confirm), (Held, Some(125)), &[]).costs("gil", &lines("adult:1"), Some(1_500));
    scribe.asks("gil", buy("adult:1", None, Waitlist));
    scribe.refused("hal", buy("adult:1", None, Refuse), Code::SoldOut);
    scribe.refused("ida", buy("vip:1", None, Refuse), Code::NotOnSale);
    scribe.close()
}

/// What is told of the quotas that are short.
fn quotas_told(history: &mut History, request: usize, quotas: &[&str]) {
    let answer = &mut history.requests[request].answers[0];
    let mut problem: Problem = serde_json::from_slice(&answer.body).unwrap();
    problem.quotas = quotas.iter().map(|key| (*key).to_owned()).collect();
    answer.body = serde_json::to_vec(&problem).unwrap().into();
}

/// The history up to a seq and a request.
fn until(history: &mut History, seq: usize, request: usize) {
    history.requests.truncate(request + 1);
    feed(history).records.truncate(seq);
    feed(history).seq = seq as u64;
    if seq < 5 {
        slot(history).changes.clear();
        *after(history) = slot(history).before.clone();
    }
    after(history).seq = seq as u64;
    slot(history).bookings.clear();
    recount(history);
}

/// The same lie about a booking, in a record and in its answer.
fn both(history: &mut History, (seq, request): (usize, usize), lie: fn(&mut Booking)) {
    lie(first(history, seq));
    answer(history, request, lie);
    until(history, seq, request);
}

#[test]
fn products_that_are_sold_as_they_should_be_pass() {
    passes(
        tariffs,
        &[
            ("as it is", |_history| {}),
            ("one was never answered", |h| h.requests[EVE].answers.clear()),
            ("a stranger's", |h| h.requests.retain(|request| request.customer != "eve")),
            ("nobody knows how it was changed", |h| {
                slot(h).changes.clear();
                let terms = slot(h).before.clone();
                let (seq, counts) = (after(h).seq, after(h).counts.clone());
                *after(h) = Slot { seq, counts, ..terms };
                recount(h);
                slot(h).after = crate::history::Reading::Got(Slot { ..after(h).clone() });
                h.requests.truncate(EVE_CONFIRMS + 1);
                until(h, 4, EVE_CONFIRMS);
            }),
            ("a refusal that is told again has forgotten why", |h| {
                let first = h.requests[CAT].answers[0].clone();
                h.requests[CAT].answers.push(crate::history::Answer { origin: Origin::Replayed, ..first });
                let again = &mut h.requests[CAT].answers[1];
                let mut problem: Problem = serde_json::from_slice(&again.body).unwrap();
                problem.quotas.clear();
                again.body = serde_json::to_vec(&problem).unwrap().into();
            }),
            ("what is sold later may have been refused then", |h| refusal(h, IDA, Code::SoldOut, 9)),
        ],
    );
}

#[test]
fn a_lie_about_amounts_is_caught() {
    let rows: &[(&str, Lie, &[Check])] = &[
        ("it costs too much", |h| both(h, (4, EVE), |b| b.amount = Some(1_300)), &[Check::AmountsRight]),
        (
            "it costs something else",
            |h| both(h, (4, EVE), |b| b.currency = Some("USD".into())),
            &[Check::AmountsRight],
        ),
        (
            "it costs nothing, and is confirmed",
            |h| both(h, (4, EVE), |b| (b.amount, b.status, b.expires_at) = (Some(0), Confirmed, None)),
            &[Check::DecidedRightly, Check::AmountsRight],
        ),
        (
            "a change of prices reaches what was sold before",
            |h| both(h, (8, ANN_IS_PAID), |b| b.amount = Some(1_500)),
            &[Check::AmountsRight],
        ),
        (
            "a change of prices is not followed",
            |h| both(h, (9, GIL), |b| b.amount = Some(1_200)),
            &[Check::AmountsRight],
        ),
        ("who waits pays", |h| both(h, (6, FAY), |b| b.amount = Some(600)), &[Check::AmountsRight]),
        (
            "who was served pays nothing",
            |h| {
                record(h, 7).bookings[1].amount = Some(0);
                until(h, 7, ANN_IS_FEWER);
            },
            &[Check::DecidedRightly, Check::AmountsRight],
        ),
        (
            "what stays costs less",
            |h| both(h, (7, ANN_IS_FEWER), |b| b.amount = Some(600)),
            &[Check::AmountsRight],
        ),
        (
            "another product is given back",
            |h| both(h, (7, ANN_IS_FEWER), |b| (b.amount, b.lines) = (Some(0), Some(lines("child:1")))),
            &[Check::ServedInOrder, Check::DecidedRightly, Check::QuotasKept],
        ),
        (
            "it is of something else than was asked for",
            |h| both(h, (4, EVE), |b| (b.amount, b.lines) = (Some(600), Some(lines("student:1")))),
            &[Check::DecidedRightly],
        ),
        (
            "it becomes something else unasked",
            |h| both(h, (8, ANN_IS_PAID), |b| b.lines = Some(lines("student:1"))),
            &[Check::QuotasKept, Check::AmountsRight],
        ),
        (
            "an answer costs more than its record",
            |h| answer(h, GIL, |b| b.amount = Some(1)),
            &[Check::NothingLost],
        ),
        ("a booking reads otherwise", |h| reading(h, 0).amount = Some(7), &[Check::ReadsAgree]),
    ];
    check(tariffs, rows);
}

#[test]
fn a_lie_about_quotas_is_caught() {
    let rows: &[(&str, Lie, &[Check])] = &[
        (
            "a second child where there is one",
            |h| {
                let confirmed = |b: &mut Booking| {
                    (b.status, b.position, b.amount, b.currency) =
                        (Confirmed, None, Some(0), Some("EUR".into()));
                };
                h.requests[BEN].answers[0].status = 201;
                both(h, (3, BEN), confirmed);
            },
            &[Check::DecidedRightly, Check::QuotasKept],
        ),
        (
            "more is shown as left than is",
            |h| {
                after(h).counts.quotas.as_mut().unwrap().insert("few".into(), 2);
            },
            &[Check::QuotasKept],
        ),
        (
            "a quota that grows serves nobody",
            |h| {
                record(h, 5).bookings.clear();
                until(h, 5, EVE_CONFIRMS);
            },
            &[Check::ServedInOrder],
        ),
        (
            "what is given back serves nobody",
            |h| {
                record(h, 7).bookings.truncate(1);
                until(h, 7, ANN_IS_FEWER);
            },
            &[Check::ServedInOrder],
        ),
        (
            "who is short of a quota stops those who are not",
            |h| {
                h.requests[EVE].answers[0].status = 202;
                let waits = |b: &mut Booking| {
                    (b.status, b.position, b.expires_at) = (Waitlisted, Some(2), None);
                    (b.amount, b.currency) = (None, None);
                };
                both(h, (4, EVE), waits);
            },
            &[Check::ServedInOrder, Check::DecidedRightly],
        ),
        (
            "refused for a quota that has enough",
            |h| h.requests[CAT].ask = buy("adult:1", None, WhenFull::Refuse),
            &[Check::DecidedRightly],
        ),
        ("another quota is told", |h| quotas_told(h, CAT, &["reduced"]), &[Check::DecidedRightly]),
        ("more quotas are told", |h| quotas_told(h, CAT, &["few", "reduced"]), &[Check::DecidedRightly]),
        ("no quota is told", |h| quotas_told(h, CAT, &[]), &[Check::DecidedRightly]),
        ("sold out where a quota is short", |h| refusal(h, CAT, Code::SoldOut, 3), &[Check::DecidedRightly]),
    ];
    check(tariffs, rows);
}

#[test]
fn a_lie_about_what_is_to_be_paid_is_caught() {
    let rows: &[(&str, Lie, &[Check])] = &[
        (
            "the price has not changed",
            |h| h.requests[DAN].ask = buy("adult:1", Some(1_200), WhenFull::Waitlist),
            &[Check::DecidedRightly],
        ),
        (
            "nothing was expected",
            |h| h.requests[DAN].ask = buy("adult:1", None, WhenFull::Waitlist),
            &[Check::DecidedRightly],
        ),
        (
            "something else was expected, and it was sold",
            |h| h.requests[EVE].ask = buy("adult:1", Some(1_100), WhenFull::Waitlist),
            &[Check::DecidedRightly],
        ),
        (
            "it was sold before",
            |h| h.requests[IDA].ask = buy("child:1", None, WhenFull::Refuse),
            &[Check::DecidedRightly],
        ),
        ("it is not sold", |h| refusal(h, HAL, Code::NotOnSale, 9), &[Check::DecidedRightly]),
        (
            "a customer confirms what is not paid for",
            |h| h.requests[ANN_IS_PAID].by = Asker::Customer,
            &[Check::DecidedRightly],
        ),
        (
            "the organizer is to pay",
            |h| h.requests[EVE_CONFIRMS].by = Asker::Organizer,
            &[Check::DecidedRightly],
        ),
        ("it is not held", |h| refusal(h, EVE_CONFIRMS, Code::NotHeld, 4), &[Check::DecidedRightly]),
        (
            "who was served and owes is confirmed",
            |h| {
                let fay = &mut record(h, 7).bookings[1];
                (fay.status, fay.expires_at) = (Confirmed, None);
                until(h, 7, ANN_IS_FEWER);
            },
            &[Check::DecidedRightly],
        ),
        (
            "the first to come owes, and is confirmed",
            |h| {
                both(h, (2, ANN), |b| (b.status, b.expires_at) = (Confirmed, None));
            },
            &[Check::DecidedRightly],
        ),
    ];
    check(tariffs, rows);
}
