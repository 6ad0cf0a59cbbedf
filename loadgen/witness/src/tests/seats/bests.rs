//! Lies about the best seats.

use super::{
    ANN, Check, Confirmed, EVE, FAY, JON, Lie, Together, WhenFull, best, check, gives, has, json, names,
    said, told, until,
};

#[test]
fn a_lie_about_the_best_is_caught() {
    check(BESTS);
}

const BESTS: &[(&str, Lie, &[Check])] = &[
    (
        "the second best",
        |h, house| {
            gives(h, house, (2, ANN), has("A4 A5", true));
            until(h, house, 2, ANN);
        },
        &[Check::SeatsCounted, Check::BestWasBest],
    ),
    (
        "a split where a block is",
        |h, house| {
            gives(h, house, (2, ANN), has("A3 B3", false));
            until(h, house, 2, ANN);
        },
        &[Check::SeatsCounted, Check::BestWasBest],
    ),
    (
        "who waited gets not the nearest",
        |h, house| {
            told(house, 8, 1).seats = names("A1 A2 B4");
            until(h, house, 8, 11);
        },
        &[Check::BestWasBest],
    ),
    (
        "who could be served is left waiting",
        |h, house| {
            crate::tests::feed(h).records[7].bookings.truncate(1);
            house.records[7].bookings.truncate(1);
            until(h, house, 8, 11);
        },
        &[Check::ServedInOrder, Check::SeatsCounted],
    ),
    (
        "who waits is passed",
        |h, house| {
            // Fay takes what eve waits for.
            let fay = crate::tests::booking("fay", 2, Confirmed, 7);
            let answer = crate::tests::said(201, &fay);
            h.requests[FAY].answers[0].status = 201;
            h.requests[FAY].answers[0].body = answer.body;
            let feed = crate::tests::feed(h);
            feed.records.truncate(6);
            let at = crate::tests::scribe::at(42);
            let mut record = feed.records[5].clone();
            (record.seq, record.at, record.bookings) = (7, at, vec![fay]);
            feed.records.push(record);
            house.records.truncate(6);
            let seats = has("A2 B4", false).told();
            said(h, FAY, |body| {
                body["seats"] = json!(seats.seats);
                body["category"] = json!("a");
                body["together"] = json!(false);
            });
            let record = crate::house::words::RecordSeats {
                seq: 7,
                bookings: vec![seats],
                counts: house.records[5].counts.clone(),
                ..crate::house::words::RecordSeats::default()
            };
            house.records.push(record);
            until(h, house, 7, FAY);
        },
        &[Check::DecidedRightly, Check::SeatsCounted],
    ),
    (
        "who is not short waits",
        |h, house| {
            h.requests[EVE].ask = best(2, "a", Together::Prefer, WhenFull::Waitlist);
            crate::tests::feed(h).records[5].bookings[0].quantity = 2;
            said(h, EVE, |body| body["quantity"] = json!(2));
            until(h, house, 6, EVE);
        },
        &[Check::DecidedRightly],
    ),
    (
        "sold out, and it is not",
        |h, _| {
            h.requests[FAY].ask = best(2, "s", Together::Prefer, WhenFull::Refuse);
        },
        &[Check::DecidedRightly],
    ),
    (
        "not together, and a block is there",
        |h, _| {
            h.requests[JON].ask = best(2, "a", Together::Must, WhenFull::Waitlist);
        },
        &[Check::BestWasBest],
    ),
    (
        "not together where nobody asked for it",
        |h, _| {
            h.requests[JON].ask = best(3, "a", Together::Prefer, WhenFull::Waitlist);
        },
        &[Check::BestWasBest],
    ),
    (
        "not together where there are not enough",
        |h, _| {
            h.requests[JON].ask = best(4, "a", Together::Must, WhenFull::Waitlist);
        },
        &[Check::BestWasBest],
    ),
    (
        "another block is the largest",
        |h, _| said(h, JON, |body| body["largest_block"] = json!(3)),
        &[Check::BestWasBest],
    ),
];
