//! Lies about what seats are sold as: an adult pays 40 among the stalls and 20 on the floor, a child nothing, and there is one.
//!
//! | seq | at | who | asks | gets |
//! | --- | --- | --- | --- | --- |
//! | 2 | 10 s | ann | the best 2 of a: adult 1, child 1 | A3, A4, held until 70 s, 40 |
//! | 3 | 20 s | ben | the best 1 of a: child 1 | waitlisted: of seats there are enough |
//! | 3 | | cat | A1: child 1 | refused: `quota_exhausted`, kids |
//! | 3 | | dot | A1: adult 1, for 20 | refused: `price_changed` |
//! | 3 | | eli | B3: vip 1 | refused: `not_on_sale` |
//! | 4 | 30 s | dan | A5, A6: adult 2, for 80 | held until 90 s, 80: nobody is short of adults |
//! | 5 | 40 s | dan | A2 for A5 | A2, A6 until 90 s still, 80 |
//! | 6 | 45 s | hal | the best 1 of s: adult 1 | on the floor, held until 105 s, 20 |
//! | 7 | 50 s | ann | cancel | cancelled, and ben has A3, confirmed, for nothing |

use api::booking::Booking;
use api::slot::Slot;
use api::tariff::{Price, Quota};

use super::{Ask, Basket, Judgement, Lie, Singles, Together};
use super::{
    Cancelled, Check, Code, Confirm, Confirmed, Has, Held, History, House, Kind, Mode, NONE, Usher,
    Waitlisted, WhenFull, best, has, json, judged, names, of, pick, said, told, until,
};
use crate::finding::Finding;
use crate::tests::tariffs::lines;

/// Requests by their place in [`story`].
const ANN: usize = 0;
const BEN: usize = 1;
const CAT: usize = 2;
const DOT: usize = 3;
const ELI: usize = 4;
const DAN: usize = 5;
const DAN_SWAPS: usize = 6;
const HAL: usize = 7;
const ANN_CANCELS: usize = 8;

/// The same request, for these products, and so much.
fn buying(ask: Ask, text: &str, expect_amount: Option<u64>) -> Ask {
    let Ask::Book { quantity, mode, hold_seconds, when_full, places, .. } = ask else {
        panic!("products are booked")
    };
    let basket = Basket { lines: lines(text), expect_amount };
    Ask::Book { quantity, mode, hold_seconds, when_full, places, basket }
}

fn price(product: &str, category: Option<&str>, amount: u64) -> Price {
    let category = category.map(str::to_owned);
    Price { product: Some(product.into()), category, amount, from: None, until: None }
}

fn story() -> (History, House) {
    use Together::Prefer;
    use WhenFull::Waitlist;
    let best = |quantity, category| best(quantity, category, Prefer, Waitlist);
    let mut usher = Usher::open(Singles::Avoid);
    let kids = Quota { key: "kids".into(), size: 1, products: vec!["child".into()] };
    let prices =
        vec![price("child", None, 0), price("adult", Some("a"), 4_000), price("adult", Some("s"), 2_000)];
    usher.sells(&["adult", "child", "vip"], vec![kids], prices);
    let both = "adult:1 child:1";
    usher.book(10, ("ann", 2, Confirm), (Held, has("A3 A4", true))).costs("ann", &lines(both), Some(4_000));
    usher.asks("ann", buying(best(2, "a"), both, None));
    usher.book(20, ("ben", 1, Confirm), (Waitlisted, NONE)).costs("ben", &lines("child:1"), None);
    usher.asks("ben", buying(best(1, "a"), "child:1", None));
    let pick = |seats| pick(Mode::Confirm, seats, 0);
    let kids = json!({ "quotas": ["kids"] });
    usher.refused("cat", buying(pick("A1"), "child:1", None), Code::QuotaExhausted, &kids);
    usher.refused("dot", buying(pick("A1"), "adult:1", Some(2_000)), Code::PriceChanged, &json!({}));
    usher.refused("eli", buying(pick("B3"), "vip:1", None), Code::NotOnSale, &json!({}));
    usher.book(30, ("dan", 2, Confirm), (Held, has("A5 A6", true))).costs(
        "dan",
        &lines("adult:2"),
        Some(8_000),
    );
    usher.asks("dan", buying(pick("A5 A6"), "adult:2", Some(8_000)));
    let swap = Ask::Reseat { booking: of("dan"), add: names("A2"), drop: names("A5") };
    usher.step(40, Kind::Reseated, &[("dan", Held, has("A2 A6", false))]).asks("dan", swap);
    let floor = Has { seats: "", floor: 1, together: None };
    usher.book(45, ("hal", 1, Confirm), (Held, floor)).costs("hal", &lines("adult:1"), Some(2_000));
    usher.asks("hal", buying(best(1, "s"), "adult:1", None));
    let served = [("ann", Cancelled, NONE), ("ben", Confirmed, has("A3", true))];
    usher.step(50, Kind::Cancelled, &served).costs("ben", &lines("child:1"), Some(0));
    usher.asks("ann", Ask::Cancel { booking: of("ann") });
    usher.close_house(5)
}

/// The same lie about a booking, in a record and in its answer, with nothing that came later.
fn both(history: &mut History, house: &mut House, (seq, request): (usize, usize), lie: fn(&mut Booking)) {
    lie(&mut crate::tests::feed(history).records[seq - 1].bookings[0]);
    crate::tests::answer(history, request, lie);
    until(history, house, seq, request);
    unquoted(history);
}

/// What is left at last is not what this is about.
fn unquoted(history: &mut History) {
    let after = crate::tests::got(&mut history.slots[0].after);
    *after = Slot { quotas: None, ..after.clone() };
    after.counts.quotas = None;
    history.slots[0].after = crate::history::Reading::Unreadable("it is not asked".into());
}

#[track_caller]
fn check(rows: &[(&str, Lie, &[Check])]) {
    let mut wrong = Vec::new();
    for (lie, plant, wanted) in rows {
        let (mut history, mut house) = story();
        plant(&mut history, &mut house);
        let verdict = judged((history, house));
        let found = verdict.findings.iter().filter(|finding| finding.failures() > 0);
        let failed: Vec<Check> = found.map(Finding::check).collect();
        if failed != *wanted {
            let examples: Vec<&String> = verdict.findings.iter().flat_map(Finding::examples).collect();
            wrong.push(format!("{lie}: {failed:?} and not {wanted:?}: {examples:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_house_that_sells_products_passes() {
    let verdict = judged(story());
    assert_eq!(verdict.judgement(), Judgement::Correct, "{verdict:#?}");
    for check in Check::TARIFFS {
        let finding = verdict.findings.iter().find(|finding| finding.check() == check).unwrap();
        assert!(finding.examined() > 0, "{check} looks at nothing");
    }
}

#[test]
fn a_lie_about_what_seats_are_sold_as_is_caught() {
    check(LIES);
}

const LIES: &[(&str, Lie, &[Check])] = &[
    (
        "a seat costs what another category does",
        |h, house| both(h, house, (4, DAN), |b| b.amount = Some(6_000)),
        &[Check::DecidedRightly, Check::AmountsRight],
    ),
    (
        "a place on the floor costs what a seat does",
        |h, house| both(h, house, (6, HAL), |b| b.amount = Some(4_000)),
        &[Check::AmountsRight],
    ),
    (
        "another seat of the same category costs more",
        |h, house| both(h, house, (5, DAN_SWAPS), |b| b.amount = Some(8_001)),
        &[Check::AmountsRight],
    ),
    (
        "who owes is confirmed",
        |h, house| {
            both(h, house, (2, ANN), |b| (b.status, b.expires_at) = (Confirmed, None));
        },
        &[Check::DecidedRightly, Check::SeatsCounted],
    ),
    (
        "the price was as expected",
        |h, _house| {
            h.requests[DOT].ask = buying(pick(Mode::Confirm, "A1", 0), "adult:1", Some(4_000));
        },
        &[Check::PicksHonoured],
    ),
    (
        "what is not sold was sold",
        |h, _house| h.requests[ELI].ask = buying(pick(Mode::Confirm, "B3", 0), "adult:1", None),
        &[Check::PicksHonoured],
    ),
    (
        "a quota had enough",
        |h, _house| h.requests[CAT].ask = buying(pick(Mode::Confirm, "A1", 0), "adult:1", None),
        &[Check::PicksHonoured],
    ),
    (
        "another quota is told",
        |h, _house| said(h, CAT, |body| body["quotas"] = json!(["adults"])),
        &[Check::PicksHonoured],
    ),
    (
        "what is freed of a quota serves nobody",
        |h, house| {
            crate::tests::feed(h).records[6].bookings.truncate(1);
            house.records[6].bookings.truncate(1);
            until(h, house, 7, ANN_CANCELS);
            unquoted(h);
        },
        &[Check::ServedInOrder, Check::SeatsCounted],
    ),
    (
        "a second child where there is one",
        |h, house| {
            h.requests[BEN].answers[0].status = 201;
            told(house, 3, 0).clone_from(&has("A2", true).told());
            said(h, BEN, |body| {
                (body["seats"], body["together"], body["category"]) =
                    (json!(names("A2")), json!(true), json!("a"));
            });
            let served = |b: &mut Booking| {
                (b.status, b.position, b.amount, b.currency) = (Confirmed, None, Some(0), Some("EUR".into()));
            };
            served(&mut crate::tests::feed(h).records[2].bookings[0]);
            said(h, BEN, |body| {
                (body["status"], body["position"]) = (json!("confirmed"), json!(null));
                (body["amount"], body["currency"]) = (json!(0), json!("EUR"));
            });
            until(h, house, 3, BEN);
            unquoted(h);
        },
        &[Check::DecidedRightly, Check::SeatsCounted, Check::QuotasKept],
    ),
];
