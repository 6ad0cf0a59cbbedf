//! Every bound of the contract's table of seats, from both sides: what is within it is done, and of what is beyond it the place is told
//! and nothing is kept.

use serde_json::{Value, json};

use super::seatmaps::{body, post, status};
use super::seats::{Sale, pointers, whole};
use super::*;

/// Nine categories, and 65 sections of two seats; one of a row of 128 seats, whose number and keys are as long as they may be; and places
/// to stand.
fn house() -> Value {
    let categories: Vec<_> = (0..9).map(|number| json!({"key": format!("c{number}")})).collect();
    let section = |number: usize| {
        let category = format!("c{}", number % 9);
        json!({"key": format!("s{number}"), "rows": [{"key": "A", "seats": ["1-2"], "category": category}]})
    };
    let long = json!({"key": "k".repeat(32), "rows": [{"key": "~ r", "seats": ["1-127,12345678"], "category": "c0"}]});
    let special = json!({"key": "w", "rows": [{
        "key": "A", "seats": ["1-6"], "category": "c0", "accessible": ["1", "2"], "companion": ["3"],
    }]});
    let sections: Vec<_> = (0..65).map(section).chain([long, special]).collect();
    json!({
        "categories": categories, "sections": sections,
        "areas": [{"key": "floor", "category": "c1", "capacity": 300}, {"key": "a~b", "category": "c1", "capacity": 9}],
    })
}

/// So many seats of the long row.
fn seats(count: usize) -> Vec<String> {
    let row = format!("{}/~ r", "k".repeat(32));
    (1..=count).map(|seat| format!("{row}/{seat}")).collect()
}

fn keys(letter: char, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{letter}{number}")).collect()
}

/// The best for so many, with this much more.
fn best(quantity: u32, more: &[(&str, Value)]) -> Value {
    let mut best = json!({"categories": ["c0"]});
    for (name, value) in more {
        best[*name] = value.clone();
    }
    json!({"quantity": quantity, "best": best})
}

/// Where a request is at fault; nowhere, where it is good.
type Row = (&'static str, Value, Option<&'static str>);

/// What is asked for by customers.
fn wishes() -> Vec<Row> {
    let longest = format!("{}/~ r/12345678", "k".repeat(32));
    vec![
        ("1 name", json!({"seats": ["s0/A/1"]}), None),
        ("100 names", json!({"seats": seats(100)}), None),
        ("101 names", json!({"seats": seats(101)}), Some("/seats")),
        ("no name", json!({"seats": []}), Some("/seats")),
        ("the longest name", json!({"seats": [longest]}), None),
        ("a slash behind", json!({"seats": ["s0/A/1/"]}), Some("/seats/0")),
        ("a slash before", json!({"seats": ["/s0/A/1"]}), Some("/seats/0")),
        ("two slashes", json!({"seats": ["s0//1"]}), Some("/seats/0")),
        ("four parts", json!({"seats": ["s0/A/1/1"]}), Some("/seats/0")),
        ("a number otherwise", json!({"seats": ["s0/A/01"]}), Some("/seats/0")),
        ("a blank", json!({"seats": ["s0/A/ 1"]}), Some("/seats/0")),
        ("their number", json!({"seats": ["s0/A/1", "s0/A/2"], "quantity": 2}), None),
        ("one too few", json!({"seats": ["s0/A/1", "s0/A/2"], "quantity": 1}), Some("/quantity")),
        ("one too many", json!({"seats": ["s0/A/1", "s0/A/2"], "quantity": 3}), Some("/quantity")),
        ("1 place", json!({"areas": {"floor": 1}}), None),
        ("100 places", json!({"areas": {"floor": 91, "a~b": 9}}), None),
        ("101 places", json!({"areas": {"floor": 92, "a~b": 9}}), Some("/areas")),
        ("no place of one", json!({"areas": {"floor": 1, "a~b": 0}}), Some("/areas/a~0b")),
        ("no place", json!({"areas": {"floor": 0}}), Some("/areas")),
        ("100 names and places", json!({"seats": seats(100), "areas": {"floor": 100}}), None),
        ("a need of one of one", json!({"seats": ["w/A/1"], "accessible": 1}), None),
        ("a need of two of one", json!({"seats": ["w/A/1"], "accessible": 2}), Some("/accessible")),
        ("no need", json!({"seats": ["s0/A/1"], "accessible": 0}), None),
        ("best for 1", best(1, &[]), None),
        ("best for 100", best(100, &[]), None),
        ("best for none", best(0, &[]), Some("/quantity")),
        ("best for 101", best(101, &[]), Some("/quantity")),
        ("1 category", best(1, &[("categories", json!(keys('c', 1)))]), None),
        ("8 categories", best(1, &[("categories", json!(keys('c', 8)))]), None),
        ("9 categories", best(1, &[("categories", json!(keys('c', 9)))]), Some("/best/categories")),
        ("no category", best(1, &[("categories", json!([]))]), Some("/best/categories")),
        ("no section", best(1, &[("sections", json!([]))]), None),
        ("64 sections", best(1, &[("sections", json!(keys('s', 64)))]), None),
        ("65 sections", best(1, &[("sections", json!(keys('s', 65)))]), Some("/best/sections")),
        ("all need a space", best(2, &[("accessible", json!(2))]), None),
        ("one more", best(2, &[("accessible", json!(3))]), Some("/best/accessible")),
        ("fewer than none", best(2, &[("accessible", json!(-1))]), Some("/best/accessible")),
        ("in a row", best(2, &[("together", json!("must"))]), None),
        ("any", best(2, &[("together", json!("any"))]), Some("/best/together")),
    ]
}

impl Sale {
    /// Asks for this again and again, each time of a slot of which nothing is sold; and where it is at fault, nothing happens.
    async fn holds(&mut self, (what, asked, want): &Row) {
        let before = self.slot().await["seq"].clone();
        let (status, answer) = self.book(asked.clone()).await;
        let Some(pointer) = want else {
            assert_eq!(status, "201", "{what}: {answer}");
            let path = format!("/v1/bookings/{}/cancel", answer["id"].as_str().expect("an id"));
            assert_eq!(self.as_organizer(&path, json!({})).await.0, "200");
            return;
        };
        assert_eq!((status.as_str(), pointers(&answer)), ("422", vec![*pointer]), "{what}: {answer}");
        assert_eq!(self.slot().await["seq"], before, "{what}: nothing is kept");
    }
}

#[tokio::test]
async fn whatever_is_within_bounds_is_booked_and_nothing_beyond_them() {
    let mut sale = Sale::open(&house().to_string(), &json!({})).await;
    for row in &wishes() {
        sale.holds(row).await;
    }
    let kept = json!({"seats": ["s0/A/1"], "allotment": "press"});
    let (status, problem) = sale.book(kept).await;
    assert_eq!(
        (status.as_str(), &problem["code"]),
        ("403", &json!("forbidden")),
        "what is kept is the organizer's"
    );
}

#[tokio::test]
async fn seats_are_kept_for_64_names_of_128_bytes() {
    let mut sale = Sale::open(&house().to_string(), &json!({})).await;
    let allot = |name: String, seat: usize| json!({"allot": {name: [format!("s{seat}/A/1")]}});
    for (length, want) in [(0, Some("/allot")), (1, None), (128, None), (129, Some("/allot"))] {
        let (status, answer) = sale.sell(allot("x".repeat(length), 0)).await;
        match want {
            None => assert_eq!(status, "200", "{length}: {answer}"),
            Some(pointer) => {
                assert_eq!((status.as_str(), pointers(&answer)), ("422", vec![pointer]), "{length}");
            }
        }
    }
    for name in 2..64 {
        let (status, answer) = sale.sell(allot(format!("name {name}"), name)).await;
        assert_eq!(status, "200", "{name}: {answer}");
    }
    let before = sale.slot().await;
    assert_eq!(before["counts"]["allotted"].as_object().map(serde_json::Map::len), Some(64));
    let (status, problem) = sale.sell(allot("one more".to_owned(), 64)).await;
    assert_eq!((status.as_str(), pointers(&problem)), ("422", vec!["/allot"]), "{problem}");
    assert_eq!(sale.slot().await, before, "nothing is kept");
    let (status, _) = sale.sell(allot("name 7".to_owned(), 64)).await;
    assert_eq!(status, "200", "a name that was used before is none more");

    let path = format!("/v1/slots/{}/bookings", sale.slot);
    for (name, want) in [("name 7", "201"), ("name 77", "422"), ("", "422")] {
        let asked = json!({"seats": ["s64/A/1"], "allotment": name, "customer": "bob"});
        assert_eq!(sale.as_organizer(&path, asked).await.0, want, "{name}");
    }
}

#[tokio::test]
async fn up_to_a_hundred_seats_are_given_for_as_many() {
    let mut sale = Sale::open(&house().to_string(), &json!({})).await;
    let (_, all) = sale.book(json!({"seats": seats(100), "mode": "hold"})).await;
    let path = format!("/v1/bookings/{}/seats", all["id"].as_str().expect("an id"));
    let customer = sale.office.customer.clone();
    let further: Vec<_> = seats(127).split_off(100);
    let none = Vec::<String>::new();
    for (add, drop, want) in [
        (seats(101), none.clone(), Some("/add")),
        (none.clone(), seats(101), Some("/drop")),
        (none.clone(), none.clone(), Some("")),
        (none.clone(), seats(100), Some("/drop")),
        (vec!["s0/A/1/".to_owned()], none.clone(), Some("/add/0")),
        (vec!["s0/A/1".to_owned()], seats(100), None),
        (seats(100), vec!["s0/A/1".to_owned()], None),
    ] {
        let before = sale.slot().await["seq"].clone();
        let (status, answer) = sale.ask(&customer, &path, &json!({"add": add, "drop": drop})).await;
        match want {
            None => assert_eq!(status, "200", "{answer}"),
            Some(pointer) => {
                assert_eq!((status.as_str(), pointers(&answer)), ("422", vec![pointer]), "{answer}");
                assert_eq!(sale.slot().await["seq"], before, "nothing is kept");
            }
        }
    }
    // A booking is for a hundred at most, however it came to that.
    let (status, answer) = sale.ask(&customer, &path, &json!({"add": further, "drop": []})).await;
    assert_eq!((status.as_str(), &answer["code"]), ("409", &"quantity_too_large".into()), "{answer}");
}

#[tokio::test]
async fn a_swap_adds_wheelchair_spaces_for_the_organizer_and_nothing_that_is_kept() {
    let mut sale = Sale::open(&house().to_string(), &json!({})).await;
    sale.sell(json!({"allot": {"press": ["w/A/5"]}})).await;
    let (_, held) = sale.book(json!({"seats": ["w/A/4"], "mode": "hold"})).await;
    let path = format!("/v1/bookings/{}/seats", held["id"].as_str().expect("an id"));
    let customer = sale.office.customer.clone();
    let add = |seats: &[&str]| json!({"add": seats});
    let conflict = |seat: &str, reason: &str| json!({"seat": seat, "reason": reason});
    let (status, problem) = sale.ask(&customer, &path, &add(&["w/A/1", "w/A/3", "w/A/5"])).await;
    let want =
        [conflict("w/A/1", "accessible"), conflict("w/A/3", "accessible"), conflict("w/A/5", "allotted")];
    assert_eq!((status.as_str(), &problem["conflicts"]), ("409", &json!(want)), "{problem}");
    let (status, problem) = sale.as_organizer(&path, add(&["w/A/1", "w/A/3", "w/A/5"])).await;
    assert_eq!((status.as_str(), &problem["conflicts"]), ("409", &json!([want[2]])), "{problem}");
    sale.sell(json!({"open": ["w/A/5"]})).await;
    let (status, swapped) = sale.as_organizer(&path, add(&["w/A/1", "w/A/3", "w/A/5"])).await;
    let seats = json!(["w/A/1", "w/A/3", "w/A/4", "w/A/5"]);
    assert_eq!((status.as_str(), &swapped["seats"]), ("200", &seats), "{swapped}");
}

/// A house of so many seats, in rows of this many.
fn rows_of(seats: usize, between: usize) -> String {
    let row = |row: usize| {
        let count = between.min(seats - row * between);
        json!({"key": row.to_string(), "seats": [format!("1-{count}")], "category": "a"})
    };
    let rows: Vec<_> = (0..seats.div_ceil(between)).map(row).collect();
    json!({"categories": [{"key": "a"}], "sections": [{"key": "s", "rows": rows}]}).to_string()
}

/// A small house with one field at this place.
fn with(pointer: &str, value: Value) -> String {
    let mut house = json!({
        "focus": [0, 0], "categories": [{"key": "a"}],
        "sections": [{"key": "s", "rows": [{"key": "A", "seats": ["1-3"], "category": "a", "at": [0, 0], "rank": 0}]}],
        "areas": [{"key": "floor", "category": "a", "capacity": 1}],
    });
    *house.pointer_mut(pointer).expect("it is there") = value;
    house.to_string()
}

#[tokio::test]
async fn maps_are_kept_up_to_every_bound_and_not_beyond() {
    let office = Office::quiet(&dev(), Arc::new(SystemClock::new())).await;
    let many = |count: usize, one: &dyn Fn(usize) -> Value| Value::Array((0..count).map(one).collect());
    let section = |number: usize| json!({"key": format!("s{number}"), "rows": [{"key": "A", "seats": ["1"], "category": "a"}]});
    let category =
        |number: usize| json!({"key": if number == 0 { "a".to_owned() } else { number.to_string() }});
    let area = |number: usize| json!({"key": number.to_string(), "category": "a", "capacity": 1});
    let rows = [
        ("a row of 128", rows_of(128, 128), None),
        ("a row of 129", rows_of(129, 129), Some("/sections/0/rows/0/seats/0")),
        ("16,384 rows", rows_of(16_384, 1), None),
        ("16,385 rows", rows_of(16_385, 1), Some("/sections/0/rows/16384")),
        ("131,072 seats", rows_of(131_072, 128), None),
        ("131,073 seats", rows_of(131_073, 128), Some("/sections/0/rows/1024/seats/0")),
        ("1,024 sections", with("/sections", many(1_024, &section)), None),
        ("1,025 sections", with("/sections", many(1_025, &section)), Some("/sections/1024")),
        ("no section", with("/sections", json!([])), Some("/sections")),
        ("64 categories", with("/categories", many(64, &category)), None),
        ("65 categories", with("/categories", many(65, &category)), Some("/categories/64")),
        ("64 areas", with("/areas", many(64, &area)), None),
        ("65 areas", with("/areas", many(65, &area)), Some("/areas/64")),
        ("a focus at the edge", with("/focus", json!([1_000_000, -1_000_000])), None),
        ("a focus outside", with("/focus", json!([1_000_001, 0])), Some("/focus/0")),
        ("a focus outside", with("/focus", json!([0, -1_000_001])), Some("/focus/1")),
        (
            "a row outside",
            with("/sections/0/rows/0/at", json!([0, 1_000_001])),
            Some("/sections/0/rows/0/at/1"),
        ),
        ("the last rank", with("/sections/0/rows/0/rank", json!(65_535)), None),
        ("one behind it", with("/sections/0/rows/0/rank", json!(65_536)), Some("/sections/0/rows/0/rank")),
        ("a key of 32", with("/sections/0/key", json!("ä".repeat(32))), None),
        ("a key of 33", with("/sections/0/key", json!("ä".repeat(33))), Some("/sections/0/key")),
        ("a slash in a key", with("/sections/0/key", json!("a/b")), Some("/sections/0/key")),
        ("a comma in a key", with("/sections/0/rows/0/key", json!("a,b")), Some("/sections/0/rows/0/key")),
        ("a number of 8", with("/sections/0/rows/0/seats/0", json!("abcdefgh")), None),
        (
            "a number of 9",
            with("/sections/0/rows/0/seats/0", json!("abcdefghi")),
            Some("/sections/0/rows/0/seats/0"),
        ),
    ];
    for (number, (what, text, want)) in rows.into_iter().enumerate() {
        let key = number.to_string();
        let answer = post(&office, &office.organizer, &key, JSON, &text).await;
        let said = body(&answer);
        match want {
            None => assert_eq!(status(&answer), "201", "{what}: {answer}"),
            Some(pointer) => {
                assert_eq!((status(&answer), pointers(&said)[0]), ("422", pointer), "{what}: {answer}");
                let again = post(&office, &office.organizer, &key, JSON, &text).await;
                assert!(!again.contains("idempotency-replayed"), "{what}: nothing is kept");
            }
        }
    }
}

#[tokio::test]
async fn the_largest_house_is_sold_and_sold_by_another_as_large() {
    let mut sale = Sale::open(&rows_of(131_072, 128), &json!({})).await;
    let (status, booked) = sale.book(json!({"seats": ["s/1023/128", "s/0/1"]})).await;
    assert_eq!(status, "201", "{booked}");
    // Every seat has another number by it.
    let mut turned: Value = serde_json::from_str(&rows_of(131_072, 128)).expect("a map");
    turned["sections"][0]["rows"].as_array_mut().expect("rows").reverse();
    let turned = post(&sale.office, &sale.office.organizer, "turned", JSON, &turned.to_string()).await;
    let path = format!("/v1/slots/{}", sale.slot);
    let asked = json!({"inventory": {"seats": {"map": body(&turned)["id"]}}}).to_string();
    let mut client = Client::new(&sale.office.app);
    let redraw = request(&path, &sale.office.organizer, "redraw", JSON, &asked).replacen("POST", "PATCH", 1);
    client.send(&redraw).await;
    let slot = body(&whole(&mut client).await);
    assert_eq!(
        (&slot["counts"]["free"], &slot["counts"]["confirmed"]),
        (&json!(131_070), &json!(2)),
        "{slot}"
    );
    let id = booked["id"].as_str().expect("an id");
    let customer = sale.office.customer.clone();
    let read = sale.get(&format!("/v1/bookings/{id}"), &customer).await.1;
    assert_eq!(read["seats"], json!(["s/1023/128", "s/0/1"]), "in the order of the new map");
}
