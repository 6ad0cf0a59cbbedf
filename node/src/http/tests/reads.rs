//! Reads that wait: how many may at once, and that a list goes on where one look ends.

use std::sync::Arc;

use cluster::SystemClock;
use futures::future::join_all;

use super::{Client, GOOD, JSON, Office, dev, request};
use crate::ids;
use crate::permits::Lane;

#[tokio::test]
async fn whoever_reads_has_a_permit_and_takes_none_from_those_who_book() {
    let (office, look, path) = Office::on_sale(9).await;
    let mut here = Client::new(&office.app);
    let made = here.ask(&path, &office.customer, 1, r#"{"quantity": 1, "mode": "hold"}"#).await;
    let booking = made.split('"').find(|text| text.starts_with("bkg_")).expect("it was made").to_owned();
    let slot = path.trim_end_matches("/bookings");
    let get = |path: &str, token: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer {token}\r\n\r\n")
    };
    let (customer, organizer) = (office.customer.as_str(), office.organizer.as_str());
    let reads = [
        ("GET /v1/slots HTTP/1.1\r\nHost: node\r\n\r\n".to_owned(), "200"),
        (get("/v1/slots?organizer=studio&status=on_sale", customer), "200"),
        (get(&format!("{slot}?consistency=linearizable"), customer), "200"),
        (get(&path, organizer), "200"),
        (get(&format!("/v1/bookings/{booking}"), customer), "200"),
        (get(&format!("{slot}/feed"), organizer), "200"),
        (get(&format!("{slot}/requests/1"), customer), "200"),
        (get(&format!("{slot}/requests/none"), customer), "404"),
    ];
    let all: Vec<_> = std::iter::from_fn(|| office.app.router.permit(Lane::Reader).ok()).collect();
    for (read, _status) in &reads {
        here.send(read).await;
        let answer = here.answer().await;
        assert!(answer.starts_with("HTTP/1.1 503 "), "{read}: {answer}");
        assert!(
            answer.contains(r#""code":"overloaded""#) && answer.contains("\r\nretry-after: "),
            "{answer}"
        );
    }
    here.send(&look).await;
    assert!(here.answer().await.starts_with("HTTP/1.1 200 "), "what a slot shows is free");
    assert!(here.ask(&path, customer, 2, GOOD).await.starts_with("HTTP/1.1 201 "));
    let confirm = format!("/v1/bookings/{booking}/confirm");
    assert!(here.ask(&confirm, customer, 3, "").await.starts_with("HTTP/1.1 200 "));
    drop(all);
    let events =
        get(&format!("{slot}/feed"), organizer).replace("\r\n\r\n", "\r\nAccept: text/event-stream\r\n\r\n");
    let all: Vec<_> = std::iter::from_fn(|| office.app.router.permit(Lane::Watcher).ok()).collect();
    here.send(&events).await;
    assert!(here.answer().await.starts_with("HTTP/1.1 503 "), "as many watch as may");
    drop(all);
    for (read, status) in &reads {
        here.send(read).await;
        let answer = here.answer().await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{read}: {answer}");
    }
    assert_eq!(office.app.router.in_flight(), 0, "all were given back");
}

#[tokio::test]
async fn how_long_until_a_sale_opens_is_told_by_the_servers_clock() {
    let office = Office::quiet(&dev(), Arc::new(SystemClock::new())).await;
    let mut key = 0;
    for (opens_at, opens) in [("2089-12-31T00:00:00Z", true), ("2020-01-01T00:00:00Z", false)] {
        let slot = format!(
            r#"{{"title": "yoga", "starts_at": "2090-01-01T00:00:00Z", "ends_at": "2090-01-02T00:00:00Z",
            "inventory": {{"units": {{"capacity": 1}}}}, "sale": {{"opens_at": "{opens_at}"}}}}"#
        );
        key += 1;
        let before = office.app.clock.wall_ms();
        let made = Client::new(&office.app).ask("/v1/slots", &office.organizer, key, &slot).await;
        let after = office.app.clock.wall_ms();
        let (_head, body) = made.split_once("\r\n\r\n").expect("a head");
        let slot: api::slot::Slot = serde_json::from_str(body).expect("a slot");
        let opens_at = slot.sale.opens_at.expect("it opens").as_ms();
        let told = slot.opens_in_ms;
        let right = if opens { opens_at - after..=opens_at - before } else { 0..=0 };
        assert!(right.contains(&told), "{told} of {right:?}");
    }
}

#[tokio::test]
async fn a_rare_status_is_found_among_more_bookings_than_one_look_sees() {
    let (office, _look, path) = Office::on_sale(10_000_000).await;
    let slot = ids::slot_id(path.split('/').nth(3).expect("an id")).expect("an id");
    let count = 2 * booking::limits::LOOKED_AT_ONCE_MAX as u128 + 9;
    let ask = |key, command| {
        let fingerprint = booking::Fingerprint(1);
        let request = booking::Request { slot, key: booking::RequestKey(key), fingerprint, command };
        let router = &office.app.router;
        async move { router.ask(&router.prepare(request), Lane::Holder).await }
    };
    let book = |key| {
        let book = booking::Book {
            customer: "alice".into(),
            wish: booking::Wish::Units(1),
            mode: booking::Mode::Confirm,
            hold_seconds: None,
            when_full: booking::WhenFull::Refuse,
            basket: None,
        };
        ask(key, booking::Command::Book(book))
    };
    // Not the key that breaks the rules.
    let first = 1_000;
    for keys in (first..first + count).collect::<Vec<_>>().chunks(4_000) {
        join_all(keys.iter().map(|&key| book(key))).await;
    }
    let rare = [7, count / 2, count - 2, count - 1].map(|place| first + place);
    for key in rare {
        let act = booking::Act { booking: booking::RequestKey(key), by: booking::Party::Organizer };
        ask(key << 64, booking::Command::CancelBooking(act)).await.expect("cancelled");
    }
    for (limit, pages) in [(50, 1), (4, 1), (3, 2), (1, 4)] {
        let (mut found, mut after) = (Vec::new(), String::new());
        for page in 1..=pages {
            let query = format!("{path}?status=cancelled&limit={limit}{after}");
            let mut here = Client::new(&office.app);
            here.send(&request(&query, &office.organizer, "-", JSON, "").replace("POST", "GET")).await;
            let answer = here.answer().await;
            let (_head, body) = answer.split_once("\r\n\r\n").expect("a head");
            let list: api::list::List<api::booking::Booking> = serde_json::from_str(body).expect("a list");
            found.extend(list.items.into_iter().map(|booking| booking.id));
            assert_eq!(list.next.is_none(), page == pages, "page {page} of {pages}");
            after = list.next.map(|next| format!("&after={next}")).unwrap_or_default();
        }
        let request = booking::RequestKey;
        let want = rare.map(|key| ids::booking_text(booking::BookingId { slot, request: request(key) }));
        assert_eq!(found, want, "by {limit}");
    }
}
