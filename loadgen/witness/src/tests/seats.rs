//! Lies about seats: ten in two rows and a floor for two; one stands alone only where nobody could do otherwise.
//!
//! | seq | at | who | asks | gets |
//! | --- | --- | --- | --- | --- |
//! | 2 | 10 s | ann | the best 2 of a | A3, A4 |
//! | 2 | | ben | A1 | refused: `leaves_single`, A2 |
//! | 3 | 20 s | ben | hold A1, A2 | held until 80 s |
//! | 3 | | cat | A2, B1 | refused: A2 `taken`, B1 `accessible` |
//! | 4 | 30 s | dan | the best 2 of a, neighbours | A5, A6, before B3, B4 that score the same |
//! | 5 | 35 s | ben | B3 for A2 | A1, B3 until 80 s still |
//! | 5 | | ben | A3 for A1 | refused: A3 `taken` |
//! | 6 | 40 s | eve | the best 3 of a | waitlisted: two are free |
//! | 6 | | fay | the best 2 of a, or refuse | refused: `sold_out`, since eve is short of a |
//! | 6 | | gil | A2 | refused: `waited_for` |
//! | 7 | 45 s | hal | the best 2 of s | both on the floor: nobody is short of s |
//! | 8 | 50 s | ben | cancel | cancelled, and eve has A1, A2, B3 |
//! | 9 | 55 s | dan | cancel | cancelled |
//! | 9 | | jon | the best 3 of a, neighbours | refused: `not_together`, 2 are |
//! | 10 | 60 s | the organizer | blocks B4 | |
//! | 10 | | kim | B4 | refused: `blocked` |
//! | 11 | 65 s | the organizer | sets A6 aside | |
//! | 11 | | lea | A6 | refused: `allotted` |
//! | 12 | 70 s | mia | B1, for one who needs it | confirmed |

mod bests;
mod maps;
mod sayings;
mod tariffs;
mod usher;

use api::booking::Mode::{Confirm, Hold};
use api::booking::Status::{Cancelled, Confirmed, Held, Waitlisted};
use api::booking::{Mode, Together, WhenFull};
use api::feed::Kind;
use api::problem::Code;
use serde_json::{Value, json};

use self::usher::{Has, Usher, names};
use super::scribe::of;
use crate::history::{Ask, Asker, Basket, Best, History, Pick, Places, SlotNumber};
use crate::house::words::{BookingSeats, Closing, MapChange, Singles};
use crate::house::{House, Look};
use crate::{Check, Judgement, Verdict, judge_with_houses};

/// Requests by their place in [`story`].
const ANN: usize = 0;
const BEN_LEAVES_ONE: usize = 1;
const BEN: usize = 2;
const CAT: usize = 3;
const BEN_SWAPS: usize = 5;
const BEN_SWAPS_AGAIN: usize = 6;
const EVE: usize = 7;
const FAY: usize = 8;
const GIL: usize = 9;
const JON: usize = 13;
const KIM: usize = 14;
const LEA: usize = 15;
const MIA: usize = 16;

fn best(quantity: u32, category: &str, together: Together, when_full: WhenFull) -> Ask {
    let best = Best { categories: vec![category.to_owned()], together, ..Best::default() };
    Ask::Book {
        quantity,
        mode: Confirm,
        hold_seconds: None,
        when_full,
        places: Places::Best(best),
        basket: Basket::ANY,
    }
}

fn pick(mode: Mode, seats: &str, accessible: u32) -> Ask {
    let pick = Pick { seats: names(seats), accessible, ..Pick::default() };
    let quantity = u32::try_from(pick.seats.len()).unwrap();
    let when_full = WhenFull::Refuse;
    Ask::Book {
        quantity,
        mode,
        hold_seconds: None,
        when_full,
        places: Places::Pick(pick),
        basket: Basket::ANY,
    }
}

const fn has(seats: &'static str, together: bool) -> Has {
    Has { seats, floor: 0, together: Some(together) }
}

const NONE: Has = Has { seats: "", floor: 0, together: None };

fn conflicts(rows: &[(&str, &str)]) -> Value {
    let row = |(seat, reason): &(&str, &str)| json!({ "seat": names(seat)[0], "reason": reason });
    json!({ "conflicts": rows.iter().map(row).collect::<Vec<_>>() })
}

fn story() -> (History, House) {
    use Together::{Must, Prefer};
    use WhenFull::{Refuse, Waitlist};
    let swap = |add, drop| Ask::Reseat { booking: of("ben"), add: names(add), drop: names(drop) };
    let mut usher = Usher::open(Singles::Refuse);
    usher.looks();
    usher
        .book(10, ("ann", 2, Confirm), (Confirmed, has("A3 A4", true)))
        .asks("ann", best(2, "a", Prefer, Waitlist));
    usher.refused("ben", pick(Hold, "A1", 0), Code::LeavesSingle, &json!({ "singles": names("A2") }));
    usher.book(20, ("ben", 2, Hold), (Held, has("A1 A2", true))).asks("ben", pick(Hold, "A1 A2", 0));
    let in_the_way = conflicts(&[("A2", "taken"), ("B1", "accessible")]);
    usher.refused("cat", pick(Confirm, "A2 B1", 0), Code::SeatsRefused, &in_the_way).looks();
    usher
        .book(30, ("dan", 2, Confirm), (Confirmed, has("A5 A6", true)))
        .asks("dan", best(2, "a", Must, Waitlist));
    usher.step(35, Kind::Reseated, &[("ben", Held, has("A1 B3", false))]).asks("ben", swap("B3", "A2"));
    usher.refused("ben", swap("A3", "A1"), Code::SeatsRefused, &conflicts(&[("A3", "taken")]));
    usher.book(40, ("eve", 3, Confirm), (Waitlisted, NONE)).asks("eve", best(3, "a", Prefer, Waitlist));
    usher.refused("fay", best(2, "a", Prefer, Refuse), Code::SoldOut, &json!({}));
    usher.refused("gil", pick(Confirm, "A2", 0), Code::SeatsRefused, &conflicts(&[("A2", "waited_for")]));
    let floor = Has { seats: "", floor: 2, together: None };
    usher.book(45, ("hal", 2, Confirm), (Confirmed, floor)).asks("hal", best(2, "s", Prefer, Waitlist));
    let served = [("ben", Cancelled, has("A1 B3", false)), ("eve", Confirmed, has("A1 A2 B3", false))];
    usher.step(50, Kind::Cancelled, &served).asks("ben", Ask::Cancel { booking: of("ben") });
    usher.step(55, Kind::Cancelled, &[("dan", Cancelled, NONE)]);
    usher.asks("dan", Ask::Cancel { booking: of("dan") });
    let together = json!({ "largest_block": 2 });
    usher.refused("jon", best(3, "a", Must, Waitlist), Code::NotTogether, &together);
    usher.close(60, Closing { blocked: names("B4"), ..Closing::default() });
    usher.refused("kim", pick(Confirm, "B4", 0), Code::SeatsRefused, &conflicts(&[("B4", "blocked")]));
    let press = [("press".to_owned(), names("A6"))].into();
    usher.close(65, Closing { allotted: press, ..Closing::default() });
    usher.refused("lea", pick(Confirm, "A6", 0), Code::SeatsRefused, &conflicts(&[("A6", "allotted")]));
    usher.book(70, ("mia", 1, Confirm), (Confirmed, has("B1", true))).asks("mia", pick(Confirm, "B1", 1));
    usher.looks();
    usher.close_house(1)
}

fn judged((history, house): (History, House)) -> Verdict {
    judge_with_houses(&history, &[(SlotNumber(0), house)].into(), 0)
}

#[test]
fn a_correct_house_passes() {
    let verdict = judged(story());
    assert_eq!(verdict.judgement(), Judgement::Correct, "{verdict:#?}");
    for check in Check::SEATS {
        let finding = verdict.findings.iter().find(|finding| finding.check() == check).unwrap();
        assert!(finding.examined() > 0, "{check} looks at nothing");
    }
    assert_eq!(verdict.notes, [""; 0]);
}

type Lie = fn(&mut History, &mut House);

#[track_caller]
fn check(rows: &[(&str, Lie, &[Check])]) {
    let mut wrong = Vec::new();
    for (lie, plant, wanted) in rows {
        let (mut history, mut house) = story();
        plant(&mut history, &mut house);
        let verdict = judged((history, house));
        let failed: Vec<Check> = verdict
            .findings
            .iter()
            .filter(|finding| finding.failures() > 0)
            .map(crate::Finding::check)
            .collect();
        if failed != *wanted {
            let examples: Vec<&String> = verdict.findings.iter().flat_map(crate::Finding::examples).collect();
            wrong.push(format!("{lie}: {failed:?} and not {wanted:?}: {examples:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a record says of its bookings' seats.
fn told(house: &mut House, seq: usize, place: usize) -> &mut BookingSeats {
    &mut house.records[seq - 1].bookings[place]
}

/// Changes what an answer says.
fn said(history: &mut History, request: usize, lie: impl Fn(&mut Value)) {
    let answer = &mut history.requests[request].answers[0];
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
    lie(&mut body);
    answer.body = serde_json::to_vec(&body).unwrap().into();
}

/// Other seats, in a record and its answer.
fn gives(history: &mut History, house: &mut House, (seq, request): (usize, usize), has: Has) {
    *told(house, seq, 0) = has.told();
    said(history, request, |body| {
        body["seats"] = json!(has.told().seats);
        body["together"] = json!(has.together);
    });
}

/// Up to a seq and a request, with nothing that came later.
fn until(history: &mut History, house: &mut House, seq: usize, request: usize) {
    history.requests.truncate(request + 1);
    let feed = super::got(&mut history.slots[0].feed);
    feed.records.truncate(seq);
    feed.seq = seq as u64;
    let counts = feed.records[seq - 1].counts.clone();
    let after = super::got(&mut history.slots[0].after);
    (after.seq, after.counts) = (seq as u64, counts);
    history.slots[0].bookings.clear();
    house.records.truncate(seq);
    house.bookings.clear();
    house.after = None;
    house.looks.retain(|look| matches!(look, Look::Whole(view) if view.seq <= seq as u64));
}

#[test]
fn a_lie_about_who_has_a_seat_is_caught() {
    check(OWNERS);
}

const OWNERS: &[(&str, Lie, &[Check])] = &[
    (
        "a seat is given twice",
        |history, house| {
            *told(house, 12, 0) = has("A3", true).told();
            said(history, MIA, |body| body["seats"] = json!(names("A3")));
            house.bookings.clear();
            house.looks.pop();
            house.after = None;
            house.records[11].counts = house.records[10].counts.clone();
        },
        &[Check::SeatsGivenOnce, Check::PicksHonoured],
    ),
    (
        "an answer names another seat than its record",
        |history, _house| said(history, ANN, |body| body["seats"] = json!(names("A3 A5"))),
        &[Check::SeatsGivenOnce],
    ),
    (
        "an answer says together where they are not",
        |history, _house| said(history, BEN_SWAPS, |body| body["together"] = json!(true)),
        &[Check::SeatsGivenOnce],
    ),
    (
        "record and answer say together where they are not",
        |history, house| {
            told(house, 5, 0).together = Some(true);
            said(history, BEN_SWAPS, |body| body["together"] = json!(true));
        },
        &[Check::SeatsGivenOnce],
    ),
    (
        "another category",
        |history, house| {
            told(house, 2, 0).category = Some("s".to_owned());
            said(history, ANN, |body| body["category"] = json!("s"));
        },
        &[Check::SeatsGivenOnce],
    ),
    (
        "a floor for two takes three",
        |_history, house| *told(house, 7, 0).areas.get_mut("floor").unwrap() = 3,
        &[Check::SeatsGivenOnce, Check::SeatsCounted],
    ),
    (
        "a seat moves on the way",
        |_history, house| {
            house.bookings[0].2.seats = names("A3 A5");
        },
        &[Check::SeatsGivenOnce],
    ),
    (
        "a seat that the map lacks",
        |history, house| {
            told(house, 12, 0).seats = vec!["st/C/1".to_owned()];
            said(history, MIA, |body| body["seats"] = json!(["st/C/1"]));
            until(history, house, 12, MIA);
        },
        &[Check::SeatsGivenOnce, Check::SeatsCounted, Check::PicksHonoured, Check::MapsAgree],
    ),
    (
        "what is taken is blocked",
        |_history, house| {
            house.records[9].seats.as_mut().unwrap().blocked = names("A3");
        },
        &[Check::SeatsGivenOnce, Check::SeatsCounted, Check::PicksHonoured, Check::MapsAgree],
    ),
    (
        "nobody asked for other seats",
        |history, _house| history.requests.retain(|of| !matches!(of.ask, Ask::Reseat { .. })),
        &[Check::NothingDoubled],
    ),
];

#[test]
fn a_lie_about_counts_is_caught() {
    use Check::{ReadsAgree, SeatsCounted};
    let rows: &[(&str, Lie, &[Check])] = &[
        ("a free place too many", |_h, house| house.records[2].counts.free += 1, &[SeatsCounted]),
        ("a blocked seat is for sale", |_h, house| house.records[9].counts.capacity = 12, &[SeatsCounted]),
        (
            "what is blocked is not counted",
            |_h, house| house.records[9].counts.blocked = Some(0),
            &[SeatsCounted],
        ),
        ("another largest block", |_h, house| category(house, 9).largest_block = Some(3), &[SeatsCounted]),
        ("a waiter of no category", |_h, house| category(house, 6).waitlisted = 0, &[SeatsCounted]),
        (
            "what is set aside is free",
            |_h, house| house.records[10].counts.allotted = Some([].into()),
            &[SeatsCounted],
        ),
        (
            "held is confirmed",
            |_h, house| {
                let of = category(house, 3);
                (of.held, of.confirmed) = (0, 4);
            },
            &[SeatsCounted],
        ),
        ("more is bookable", |_h, house| house.after.as_mut().unwrap().bookable = 2, &[SeatsCounted]),
        (
            "a slot without categories",
            |_h, house| {
                house.after.as_mut().unwrap().counts.categories = None;
            },
            &[SeatsCounted],
        ),
        (
            "the slot counts otherwise",
            |h, _house| {
                super::got(&mut h.slots[0].after).counts.held = 1;
            },
            &[ReadsAgree],
        ),
    ];
    check(rows);
}

fn category(house: &mut House, seq: usize) -> &mut crate::house::words::CategoryCounts {
    house.records[seq - 1].counts.categories.as_mut().unwrap().get_mut("a").unwrap()
}

#[test]
fn a_lie_about_picks_is_caught() {
    check(PICKS);
}

const PICKS: &[(&str, Lie, &[Check])] = &[
    (
        "not every conflict is told",
        |h, _| {
            said(h, CAT, |body| body["conflicts"] = conflicts(&[("A2", "taken")])["conflicts"].clone());
        },
        &[Check::PicksHonoured],
    ),
    (
        "a conflict that is none",
        |h, _| {
            let rows = &[("A2", "taken"), ("B1", "accessible"), ("A5", "taken")];
            said(h, CAT, |body| body["conflicts"] = conflicts(rows)["conflicts"].clone());
        },
        &[Check::PicksHonoured],
    ),
    (
        "another reason",
        |h, _| {
            said(h, KIM, |body| body["conflicts"] = conflicts(&[("B4", "taken")])["conflicts"].clone());
        },
        &[Check::PicksHonoured],
    ),
    (
        "set aside is waited for",
        |h, _| {
            said(h, LEA, |body| body["conflicts"] = conflicts(&[("A6", "waited_for")])["conflicts"].clone());
        },
        &[Check::PicksHonoured],
    ),
    (
        "free is taken",
        |h, _| {
            said(h, GIL, |body| body["conflicts"] = conflicts(&[("A2", "taken")])["conflicts"].clone());
        },
        &[Check::PicksHonoured],
    ),
    (
        "a declared need is none",
        |h, _| {
            h.requests[MIA].ask = pick(Confirm, "B1", 0);
        },
        &[Check::PicksHonoured],
    ),
    (
        "a pick gets its neighbour",
        |h, house| {
            gives(h, house, (3, BEN), has("A1 B3", false));
            until(h, house, 3, BEN);
        },
        &[Check::PicksHonoured, Check::MapsAgree],
    ),
    (
        "another single",
        |h, _| {
            said(h, BEN_LEAVES_ONE, |body| body["singles"] = json!(names("A1")));
        },
        &[Check::PicksHonoured],
    ),
    (
        "no single is left",
        |h, _| {
            h.requests[BEN_LEAVES_ONE].ask = pick(Hold, "A1 A2", 0);
        },
        &[Check::PicksHonoured],
    ),
    (
        "who sells is refused as who buys",
        |h, _| {
            h.requests[BEN_LEAVES_ONE].by = Asker::Organizer;
        },
        &[Check::PicksHonoured],
    ),
    (
        "where one may be left nobody is refused",
        |_h, house| {
            house.before.inventory.seats.singles = Singles::Avoid;
        },
        &[Check::PicksHonoured],
    ),
    (
        "sold out is not for picks",
        |h, _| said(h, GIL, |body| body["code"] = json!("sold_out")),
        &[Check::PicksHonoured],
    ),
    (
        "a swap for another seat",
        |h, house| {
            gives(h, house, (5, BEN_SWAPS), has("A1 B4", false));
            until(h, house, 5, BEN_SWAPS);
        },
        &[Check::PicksHonoured],
    ),
    (
        "a swap is refused for what is free",
        |h, _| {
            let ask = Ask::Reseat { booking: of("ben"), add: names("B4"), drop: names("A1") };
            h.requests[BEN_SWAPS_AGAIN].ask = ask;
        },
        &[Check::PicksHonoured],
    ),
    (
        "a swap is refused for a single that it does not leave",
        |h, _| {
            said(h, BEN_SWAPS_AGAIN, |body| body["code"] = json!("leaves_single"));
        },
        &[Check::PicksHonoured],
    ),
];
