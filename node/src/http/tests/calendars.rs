//! Calendars over HTTP: what one is made of and becomes, what is booked and free of it, and every bound from both sides.

use api::time::Time;
use serde_json::{Value, json};

use super::seats::{Sale, pointers};
use super::*;

const DAY_MS: u64 = 86_400_000;

/// So many hours into a day that is a month away.
fn hour(hours: u64) -> String {
    hour_in(30, hours)
}

/// So many hours into a day that is so many days away.
#[expect(clippy::disallowed_methods, reason = "what can be booked lies ahead of the wall's clock")]
fn hour_in(days: u64, hours: u64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    let day = u64::try_from(now.as_millis()).expect("a moment") / DAY_MS + days;
    let text = Time::from_ms(day * DAY_MS + hours * 3_600_000).text();
    String::from_utf8_lossy(&text).into_owned()
}

/// Two courts that are open for three days, with this said otherwise.
fn courts(more: &Value) -> Value {
    let mut calendar = json!({
        "resources": ["north", "south"], "grid_seconds": 1_800, "maximum_seconds": 7_200, "after_seconds": 600,
    });
    for (name, value) in more.as_object().expect("fields") {
        calendar[name] = value.clone();
        if name == "count" {
            calendar.as_object_mut().expect("fields").remove("resources");
        }
    }
    json!({
        "title": "courts", "starts_at": hour(0), "ends_at": hour(72), "inventory": {"calendar": calendar},
        "policy": {"waitlist": {"capacity": 9}},
    })
}

fn range(from: u64, to: u64, more: &Value) -> Value {
    let mut asked = json!({"from": hour(from), "to": hour(to)});
    for (name, value) in more.as_object().expect("fields") {
        asked[name] = value.clone();
    }
    asked
}

/// What a booking is, in short.
fn short(booking: &Value) -> Value {
    json!(["status", "from", "to", "resource", "quantity"].map(|field| booking[field].clone()))
}

#[tokio::test]
async fn a_calendar_is_shown_as_it_was_said() {
    let said = json!({
        "lead_seconds": 3_600, "time_zone": "Europe/Berlin",
        "hours": [{"days": ["mo", "su"], "from": "08:00", "to": "24:00"}, {"days": ["tu"], "from": "22:00", "to": "02:00"}],
        "closed": [{"from": "2030-12-24", "to": "2030-12-27"}],
        "extra": [{"from": hour(5), "to": hour(6)}],
    });
    let mut sale = Sale::of(&courts(&said)).await;
    let shown = sale.slot().await;
    let calendar = &shown["inventory"]["calendar"];
    for (name, value) in said.as_object().expect("fields") {
        let shown = calendar[name].as_array().map(Vec::len);
        assert!(calendar[name] == *value || shown == value.as_array().map(Vec::len), "{name}: {calendar}");
    }
    assert_eq!(calendar["minimum_seconds"], 1_800);
    assert_eq!((&shown["bookable"], &shown["counts"]["free"]), (&Value::Null, &Value::Null), "{shown}");
    assert_eq!(shown["counts"]["capacity"], 2);
    assert_eq!(shown["policy"]["waitlist"]["order"], "skip_fit");
    // What is shown can be said again, and changes nothing.
    let again = json!({"inventory": {"calendar": calendar}});
    let (status, unchanged) = sale.patch(&again).await;
    assert_eq!((status.as_str(), unchanged), ("200", shown));
}

#[tokio::test]
async fn ranges_are_booked_moved_and_waited_for() {
    let mut sale = Sale::of(&courts(&json!({}))).await;
    let (created, north) = sale.book(range(9, 10, &json!({"resource": "north", "mode": "hold"}))).await;
    let north_is = |from: u64, to: u64| json!(["held", hour(from), hour(to), "north", 1]);
    assert_eq!((created.as_str(), short(&north)), ("201", north_is(9, 10)), "{north}");
    let (_, south) = sale.book(range(9, 11, &json!({}))).await;
    assert_eq!(short(&south), json!(["confirmed", hour(9), hour(11), "south", 1]), "{south}");
    let (waits, third) = sale.book(range(9, 11, &json!({"resource": "north"}))).await;
    assert_eq!((waits.as_str(), &third["position"]), ("202", &json!(1)), "{third}");
    let (refused, problem) = sale.book(range(9, 10, &json!({"when_full": "refuse"}))).await;
    assert_eq!((refused.as_str(), &problem["code"]), ("409", &json!("range_taken")), "{problem}");
    assert_eq!(problem["conflicts"][0]["from"], hour(9), "{problem}");
    let (refused, problem) = sale.book(range(9, 12, &json!({}))).await;
    assert_eq!((refused.as_str(), &problem["reason"]), ("409", &json!("length")), "{problem}");

    let customer = sale.office.customer.clone();
    let path = |booking: &Value| format!("/v1/bookings/{}/move", booking["id"].as_str().expect("an id"));
    let (moved, away) = sale.ask(&customer, &path(&north), &range(14, 15, &json!({}))).await;
    assert_eq!((moved.as_str(), short(&away)), ("200", north_is(14, 15)), "{away}");
    let id = third["id"].as_str().expect("an id");
    let (_, third) = sale.get(&format!("/v1/bookings/{id}"), &customer).await;
    assert_eq!(short(&third), json!(["confirmed", hour(9), hour(11), "north", 1]));
    let (refused, problem) = sale.ask(&customer, &path(&north), &range(9, 10, &json!({}))).await;
    assert_eq!((refused.as_str(), &problem["code"]), ("409", &json!("range_taken")), "{problem}");
    let organizer = sale.office.organizer.clone();
    let (_, feed) = sale.get(&format!("/v1/slots/{}/feed", sale.slot), &organizer).await;
    assert_eq!(feed["items"][4]["kind"], "moved", "{feed}");
    assert_eq!(feed["items"][4]["counts"]["free"], Value::Null, "{feed}");
}

#[tokio::test]
async fn a_calendar_sells_for_nothing() {
    let mut sale = Sale::of(&courts(&json!({"count": 5_000}))).await;
    for (expected, mode, want) in [(0, "confirm", "201"), (1, "confirm", "409"), (0, "hold", "201")] {
        let more = json!({"expect_amount": expected, "mode": mode, "quantity": 2_000});
        let (status, answer) = sale.book(range(9, 10, &more)).await;
        assert_eq!(status, want, "{answer}");
        if want == "409" {
            assert_eq!(answer["code"], "price_changed", "{answer}");
            continue;
        }
        let path = format!("/v1/bookings/{}/quantity", answer["id"].as_str().expect("an id"));
        for (quantity, want) in [(2_001, "422"), (10_001, "422"), (1_500, "200"), (1_500, "200")] {
            let (status, answer) = sale.as_organizer(&path, json!({"quantity": quantity})).await;
            assert!(status == want && (want != "422" || pointers(&answer) == ["/quantity"]), "{answer}");
        }
    }
}

#[tokio::test]
async fn changes_that_are_asked_for_at_once_all_hold() {
    let sale = Sale::of(&courts(&json!({}))).await;
    let (path, organizer) = (format!("/v1/slots/{}", sale.slot), sale.office.organizer.clone());
    for round in 0..20_u64 {
        let zone = if round % 2 == 0 { "Europe/Berlin" } else { "Pacific/Apia" };
        let said = json!({
            "hours": [{"days": ["mo"], "from": "08:00", "to": format!("{:02}:00", 9 + round % 10)}],
            "closed": [{"from": format!("2031-01-{:02}", 1 + round), "to": "2031-02-01"}],
            "extra": [{"from": hour(round), "to": hour(round + 1)}],
            "time_zone": zone,
            "lead_seconds": 60 * round,
        });
        let mut clients = Vec::new();
        for (name, value) in said.as_object().expect("fields") {
            let said = json!({"inventory": {"calendar": {name: value}}}).to_string();
            let mut client = Client::new(&sale.office.app);
            let asked = request(&path, &organizer, &format!("{round}-{name}"), JSON, &said);
            client.send(&asked.replacen("POST", "PATCH", 1)).await;
            clients.push(client);
        }
        for mut client in clients {
            let answer = client.answer().await;
            assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        }
        let calendar = sale.slot().await["inventory"]["calendar"].clone();
        for (name, value) in said.as_object().expect("fields") {
            assert_eq!(calendar[name], *value, "{round}: {name} was acknowledged");
        }
    }
}

#[tokio::test]
async fn nothing_is_free_of_what_is_not_on_sale() {
    let free = async |sale: &Sale| {
        let path = format!("/v1/slots/{}/free?from={}&to={}", sale.slot, hour(8), hour(12));
        let (status, page) = sale.get(&path, "").await;
        assert_eq!(status, "200", "{page}");
        page["items"].as_array().expect("items").len()
    };
    let mut sale = Sale::of(&courts(&json!({}))).await;
    assert_eq!(free(&sale).await, 2);
    for (patch, left) in [
        (json!({"sale": {"opens_at": hour(1)}}), 0),
        (json!({"sale": {"opens_at": null}}), 2),
        (json!({"sale": {"opens_at": null, "closes_at": "2020-01-01T00:00:00Z"}}), 0),
        (json!({"sale": null}), 2),
    ] {
        let (status, answer) = sale.patch(&patch).await;
        assert_eq!(status, "200", "{patch}: {answer}");
        assert_eq!(free(&sale).await, left, "{patch}");
    }
    let path = format!("/v1/slots/{}/cancel", sale.slot);
    let organizer = sale.office.organizer.clone();
    let mut client = Client::new(&sale.office.app);
    let cancel = format!(
        "POST {path} HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer {organizer}\r\nIdempotency-Key: c\r\n\r\n"
    );
    client.send(&cancel).await;
    let answer = client.answer().await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(free(&sale).await, 0);
}

#[tokio::test]
async fn what_is_free_can_be_booked_page_by_page() {
    let mut sale = Sale::of(&courts(&json!({}))).await;
    assert_eq!(sale.book(range(9, 10, &json!({"resource": "north"}))).await.0, "201");
    let free = format!("/v1/slots/{}/free?from={}&to={}", sale.slot, hour(8), hour(12));
    let (status, page) = sale.get(&free, "").await;
    let stretch = |from: &str, to: &str, resource: &str| json!({"from": from, "to": to, "free": 1, "resource": resource});
    let half = |hours: u64| hour(hours).replace(":00:00.000Z", ":30:00.000Z");
    let all = [
        stretch(&hour(8), &half(8), "north"),
        stretch(&hour(8), &hour(12), "south"),
        stretch(&half(10), &hour(12), "north"),
    ];
    assert_eq!((status.as_str(), &page["items"]), ("200", &json!(all)), "{page}");
    let (mut found, mut after) = (vec![], String::new());
    loop {
        let (_, page) = sale.get(&format!("{free}&limit=1{after}"), "").await;
        found.extend(page["items"].as_array().expect("items").clone());
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(json!(found), json!(all));
    let (_, none) = sale.get(&format!("{free}&quantity=2"), "").await;
    assert_eq!(none["items"], json!([]));

    let mut client = Client::new(&sale.office.app);
    client
        .send(&format!("GET {free}&resource=north HTTP/1.1\r\nHost: node\r\nConnection: close\r\nAccept: text/calendar\r\n\r\n"))
        .await;
    let text = client.rest().await;
    assert!(text.contains("text/calendar") && text.contains("BEGIN:VFREEBUSY"), "{text}");
    let basic = |text: &str| text.replace([':', '-'], "").replace(".000", "");
    let busy = format!(
        "FREEBUSY;FBTYPE=BUSY:{}/{}",
        basic(&hour(9)),
        basic(&hour(10).replace(":00:00.", ":10:00."))
    );
    assert!(text.contains(&busy), "{text}");
}

#[tokio::test]
async fn nothing_is_told_of_what_is_not_known_yet() {
    let near =
        json!({"horizon_seconds": 86_400, "hours": [{"days": ["mo"], "from": "08:00", "to": "12:00"}]});
    let mut calendar = courts(&near);
    calendar["starts_at"] = json!(hour_in(0, 0));
    calendar["ends_at"] = json!(hour_in(300, 0));
    let sale = Sale::of(&calendar).await;
    let basic = |text: &str| text.replace([':', '-'], "").replace(".000", "");
    // From when on, in days; whether anything is told, and whether that is all that was asked for.
    for (from, is_told, is_whole) in
        [(7, true, true), (40, true, false), (200, false, false), (295, false, false)]
    {
        let (first, last) = (hour_in(from, 0), hour_in(from + 50, 0));
        let mut client = Client::new(&sale.office.app);
        let path = format!("/v1/slots/{}/free?from={first}&to={last}", sale.slot);
        client
            .send(&format!(
                "GET {path} HTTP/1.1\r\nHost: node\r\nConnection: close\r\nAccept: text/calendar\r\n\r\n"
            ))
            .await;
        let text = client.rest().await;
        assert!(text.contains("BEGIN:VFREEBUSY") && text.contains("END:VFREEBUSY"), "{text}");
        assert_eq!(text.contains(&format!("DTSTART:{}", basic(&first))), is_told, "{from}: {text}");
        assert_eq!(text.contains("BUSY-UNAVAILABLE"), is_told, "{from}: {text}");
        assert_eq!(text.contains(&format!("DTEND:{}", basic(&last))), is_whole, "{from}: {text}");
        // What is told is all within what it is told of.
        let end = |text: &str| text.trim().rsplit('/').next().expect("an end").to_owned();
        let until =
            text.lines().find_map(|line| line.strip_prefix("DTEND:")).unwrap_or("0").trim().to_owned();
        let mut told = text.lines().filter(|line| line.starts_with("FREEBUSY"));
        assert!(told.all(|line| end(line) <= until), "{from}: {text}");
    }
}

/// What is said of a calendar, and where it is at fault.
fn bounds() -> Vec<(&'static str, Value, Option<&'static str>)> {
    let names = |count: usize| (0..count).map(|name| format!("n{name}")).collect::<Vec<_>>();
    let hours = |from: &str, to: &str| json!({"hours": [{"days": ["mo"], "from": from, "to": to}]});
    let at = |field: &'static str| Some(field);
    vec![
        ("a pool of one", json!({"count": 1}), None),
        ("a pool of none", json!({"count": 0}), at("/inventory/calendar/count")),
        ("the largest pool", json!({"count": 10_000}), None),
        ("a larger one", json!({"count": 10_001}), at("/inventory/calendar/count")),
        ("256 names", json!({"resources": names(256)}), None),
        ("257 names", json!({"resources": names(257)}), at("/inventory/calendar/resources")),
        ("no names", json!({"resources": []}), at("/inventory/calendar/resources")),
        ("a name of none", json!({"resources": [""]}), at("/inventory/calendar/resources/0")),
        ("a name of 32", json!({"resources": ["ß".repeat(32)]}), None),
        ("a name of 33", json!({"resources": ["ß".repeat(33)]}), at("/inventory/calendar/resources/0")),
        ("a name with a comma", json!({"resources": ["a,b"]}), at("/inventory/calendar/resources/0")),
        ("a name twice", json!({"resources": ["a", "a"]}), at("/inventory/calendar/resources/1")),
        ("the finest grid", json!({"grid_seconds": 60}), None),
        ("a finer grid", json!({"grid_seconds": 59}), at("/inventory/calendar/grid_seconds")),
        ("the coarsest grid", json!({"grid_seconds": 86_400, "maximum_seconds": 86_400}), None),
        ("a coarser grid", json!({"grid_seconds": 86_401}), at("/inventory/calendar/grid_seconds")),
        ("off the grid", json!({"minimum_seconds": 2_000}), at("/inventory/calendar/minimum_seconds")),
        ("the longest", json!({"maximum_seconds": 2_678_400}), None),
        ("longer", json!({"maximum_seconds": 2_680_200}), at("/inventory/calendar/maximum_seconds")),
        ("the most around", json!({"before_seconds": 86_400, "after_seconds": 86_400}), None),
        ("more before", json!({"before_seconds": 86_401}), at("/inventory/calendar/before_seconds")),
        ("more after", json!({"after_seconds": 86_401}), at("/inventory/calendar/after_seconds")),
        ("the longest lead", json!({"lead_seconds": 31_536_000}), None),
        ("a longer lead", json!({"lead_seconds": 31_536_001}), at("/inventory/calendar/lead_seconds")),
        ("the furthest", json!({"horizon_seconds": 93_312_000}), None),
        ("further", json!({"horizon_seconds": 93_312_001}), at("/inventory/calendar/horizon_seconds")),
        ("a zone", json!({"time_zone": "Pacific/Apia"}), None),
        ("no zone", json!({"time_zone": "Pacific/Atlantis"}), at("/inventory/calendar/time_zone")),
        ("to midnight", hours("00:00", "24:00"), None),
        ("from midnight's end", hours("24:00", "08:00"), at("/inventory/calendar/hours/0/from")),
        ("to beyond", hours("08:00", "24:01"), at("/inventory/calendar/hours/0/to")),
        ("what nobody knows", json!({"colour": "red"}), at("/inventory/calendar/colour")),
    ]
}

#[tokio::test]
async fn every_bound_of_a_calendar_holds() {
    let mut sale = Sale::of(&courts(&json!({}))).await;
    let organizer = sale.office.organizer.clone();
    for (what, said, want) in bounds() {
        let (status, answer) = sale.ask(&organizer, "/v1/slots", &courts(&said)).await;
        match want {
            None => assert_eq!(status, "201", "{what}: {answer}"),
            Some(pointer) => {
                let found = pointers(&answer);
                assert!(status == "422" && found.contains(&pointer), "{what}: {answer}");
            }
        }
    }
    for (what, asked, pointer) in [
        ("no beginning", json!({"to": hour(9)}), "/from"),
        ("no end", json!({"from": hour(9)}), "/to"),
        ("no time", range(9, 9, &json!({})), "/to"),
        ("backwards", range(9, 8, &json!({})), "/to"),
        ("of none", range(9, 10, &json!({"quantity": 0})), "/quantity"),
        ("of two", range(9, 10, &json!({"quantity": 2})), "/quantity"),
        ("elsewhere", range(9, 10, &json!({"resource": "west"})), "/resource"),
        ("seats", range(9, 10, &json!({"seats": ["a/b/1"]})), "/seats"),
        ("products", range(9, 10, &json!({"lines": [{"product": "a", "quantity": 1}]})), "/lines"),
    ] {
        let (status, answer) = sale.book(asked).await;
        assert!(status == "422" && pointers(&answer).contains(&pointer), "{what}: {answer}");
    }
    for (what, query, pointer) in [
        ("no window", String::new(), "#from"),
        ("no end", format!("?from={}", hour(1)), "#to"),
        ("62 days and more", format!("?from={}&to={}", hour(0), hour(62 * 24 + 1)), "#to"),
        ("backwards", format!("?from={}&to={}", hour(2), hour(1)), "#to"),
        ("no time", format!("?from={}&to={}&seconds=0", hour(1), hour(2)), "#seconds"),
        ("for none", format!("?from={}&to={}&quantity=0", hour(1), hour(2)), "#quantity"),
        ("elsewhere", format!("?from={}&to={}&resource=west", hour(1), hour(2)), "#resource"),
        ("from nowhere", format!("?from={}&to={}&after=x", hour(1), hour(2)), "#after"),
    ] {
        let (status, answer) = sale.get(&format!("/v1/slots/{}/free{query}", sale.slot), "").await;
        assert!(status == "422" && pointers(&answer).contains(&pointer), "{what}: {answer}");
    }
    let most = format!("?from={}&to={}&seconds=2678400&quantity=10000", hour(0), hour(62 * 24));
    assert_eq!(sale.get(&format!("/v1/slots/{}/free{most}", sale.slot), "").await.0, "200");
}

#[tokio::test]
async fn a_calendar_is_changed_while_what_is_booked_stays() {
    let mut sale = Sale::of(&courts(&json!({}))).await;
    assert_eq!(sale.book(range(9, 10, &json!({"resource": "north"}))).await.0, "201");
    let calendar = |said: Value| json!({"inventory": {"calendar": said}});
    let (status, problem) = sale.patch(&calendar(json!({"resources": ["south"]}))).await;
    assert_eq!(
        (status.as_str(), &problem["code"], &problem["at"]),
        ("409", &json!("capacity_in_use"), &json!(hour(9))),
        "{problem}"
    );
    let closed = json!({"closed": [{"from": &hour(0)[..10], "to": &hour(24)[..10]}]});
    assert_eq!(sale.patch(&calendar(closed)).await.0, "200");
    let (refused, problem) = sale.book(range(11, 12, &json!({}))).await;
    assert_eq!((refused.as_str(), &problem["reason"]), ("409", &json!("hours")), "{problem}");
    assert_eq!(sale.book(range(30, 31, &json!({}))).await.0, "201");
    // Its openings follow its span, and its rule.
    assert_eq!(sale.patch(&json!({"ends_at": hour(96)})).await.0, "200");
    assert_eq!(sale.book(range(90, 91, &json!({}))).await.0, "201");
    assert_eq!(sale.patch(&calendar(json!({"closed": null}))).await.0, "200");
    assert_eq!(sale.book(range(11, 12, &json!({}))).await.0, "201");
    for (what, said, pointer) in [
        ("a pool", calendar(json!({"count": 2})), "/inventory/calendar/count"),
        ("no names", calendar(json!({"resources": null})), "/inventory/calendar/resources"),
        ("units", json!({"inventory": {"units": {"capacity": 2}}}), "/inventory/units"),
        ("strict", json!({"policy": {"waitlist": {"order": "strict"}}}), "/policy/waitlist/order"),
        ("a grid", calendar(json!({"grid_seconds": 1_200})), "/inventory/calendar/minimum_seconds"),
        ("too long", json!({"ends_at": hour(1_081 * 24)}), "/ends_at"),
        ("nothing", json!({"inventory": {"calendar": null}}), "/inventory/calendar"),
    ] {
        let (status, answer) = sale.patch(&said).await;
        assert!(status == "422" && pointers(&answer).contains(&pointer), "{what}: {answer}");
    }
}
