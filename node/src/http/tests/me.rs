//! A customer's own bookings over all slots: the newest first, page by page, also those that were made before anybody asked.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

async fn get(office: &Office, path: &str, token: &str) -> (String, Value) {
    let mut here = Client::new(&office.app);
    here.send(&format!("GET {path} HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer {token}\r\n\r\n")).await;
    let answer = here.answer().await;
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).expect("a status").to_owned();
    (status, serde_json::from_str(body).expect("JSON"))
}

fn ids_of(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap_or_else(|| panic!("{list}")).iter();
    items.map(|booking| booking["id"].as_str().expect("an id").to_owned()).collect()
}

/// A slot, under a key of its own; where it is booked.
async fn slot(office: &Office, key: usize) -> String {
    let slot = r#"{"title": "yoga", "starts_at": "2090-01-01T00:00:00Z", "ends_at": "2090-01-02T00:00:00Z",
        "inventory": {"units": {"capacity": 2}}}"#;
    let made = Client::new(&office.app).ask("/v1/slots", &office.organizer, key, slot).await;
    let id = made.split('"').find(|text| text.starts_with("slot_")).expect("it was made").to_owned();
    format!("/v1/slots/{id}/bookings")
}

async fn book(office: &Office, path: &str, token: &str, key: usize, body: &str) -> String {
    let made = Client::new(&office.app).ask(path, token, key, body).await;
    made.split('"').find(|text| text.starts_with("bkg_")).unwrap_or_else(|| panic!("{made}")).to_owned()
}

#[tokio::test]
async fn ones_own_bookings_are_listed_whenever_they_were_made() {
    let office = Office::quiet(&dev(), Arc::new(SystemClock::new())).await;
    let customer = office.customer.as_str();
    let mut made = Vec::new();
    let mut paths = Vec::new();
    for key in 0..3 {
        let path = slot(&office, key).await;
        made.push(book(&office, &path, customer, 100 + key, GOOD).await);
        paths.push(path);
    }
    let other = r#"{"quantity": 1, "customer": "ada"}"#;
    book(&office, &paths[0], &office.organizer, 7, other).await;
    // Nobody has asked before: what was made is read.
    let (status, list) = get(&office, "/v1/me/bookings", customer).await;
    assert_eq!(status, "200", "{list}");
    assert_eq!(ids_of(&list).into_iter().collect::<BTreeSet<_>>(), made.iter().cloned().collect());
    // And what is made from then on is noted.
    let path = slot(&office, 9).await;
    for (key, path) in [(200, &path), (201, &path), (202, &path), (203, &paths[0])] {
        made.push(book(&office, path, customer, key, GOOD).await);
        let (_, list) = get(&office, "/v1/me/bookings?limit=200", customer).await;
        assert_eq!(ids_of(&list).into_iter().collect::<BTreeSet<_>>(), made.iter().cloned().collect());
        let created = |booking: &Value| booking["created_at"].as_str().expect("a time").to_owned();
        let items = list["items"].as_array().expect("a list");
        assert!(items.is_sorted_by(|one, next| created(next) <= created(one)), "the newest first: {list}");
        assert!(items.iter().all(|booking| booking["customer"] == "customer"), "{list}");
    }
    for limit in [1, 2, 3, 7] {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let (_, page) = get(&office, &format!("/v1/me/bookings?limit={limit}{after}"), customer).await;
            seen.extend(ids_of(&page));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        let (_, all) = get(&office, "/v1/me/bookings", customer).await;
        assert_eq!(seen, ids_of(&all), "page by page, {limit} at once");
    }
    for (query, count) in [
        ("?status=confirmed", 5),
        ("?status=waitlisted", 2),
        ("?status=held", 0),
        ("?organizer=organizer", 7),
        ("?organizer=organizer&status=waitlisted", 2),
        ("?organizer=another", 0),
    ] {
        let (status, list) = get(&office, &format!("/v1/me/bookings{query}"), customer).await;
        assert_eq!((status.as_str(), ids_of(&list).len()), ("200", count), "{query}: {list}");
    }
}

#[tokio::test]
async fn whoever_asks_badly_is_told_so_and_nobody_sees_anothers() {
    let office = Office::quiet(&dev(), Arc::new(SystemClock::new())).await;
    for (query, token, want) in [
        ("", "", "401"),
        ("", office.organizer.as_str(), "403"),
        ("?status=nothing", office.customer.as_str(), "422"),
        ("?limit=0", office.customer.as_str(), "422"),
        ("?after=x", office.customer.as_str(), "422"),
        ("", office.customer.as_str(), "200"),
    ] {
        let (status, answer) = get(&office, &format!("/v1/me/bookings{query}"), token).await;
        assert_eq!(status, want, "{query}: {answer}");
    }
    let (_, list) = get(&office, "/v1/me/bookings", &office.customer).await;
    assert_eq!(ids_of(&list), Vec::<String>::new());
}
