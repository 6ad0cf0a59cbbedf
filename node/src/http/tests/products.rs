//! Products, quotas and prices over HTTP: what they become, what bookings of them cost and show, and every refusal with what is said
//! beside it.

use booking::{
    Asker, Book, Command, Decision, Fingerprint, Mode, Refusal, Request, RequestKey, Status, WhenFull, Wish,
};
use serde_json::{Value, json};

use super::seatmaps::{body, post, status};
use super::seats::{HOUSE, Sale, pointers, whole};
use super::*;
use crate::http::request::timeouts::{ConnectionTimer, Limit};
use crate::http::routes::bookings::book_plainly;

/// A slot of units with this beside.
pub(super) fn slot(more: &Value) -> Value {
    let mut slot = json!({
        "title": "zoo", "starts_at": "2090-01-01T00:00:00Z", "ends_at": "2090-01-02T00:00:00Z",
        "inventory": {"units": {"capacity": 9}}, "policy": {"waitlist": {"capacity": 9}},
    });
    for (name, value) in more.as_object().expect("fields") {
        slot[name] = value.clone();
    }
    slot
}

/// What a zoo sells.
fn zoo() -> Value {
    json!({
        "products": [{"key": "adult", "title": "Adults"}, {"key": "child"}],
        "quotas": [{"key": "children", "size": 3, "products": ["child"]}],
        "prices": [
            {"product": "child", "amount": 500, "until": "2080-01-01T00:00:00Z"}, {"product": "child", "amount": 700},
            {"amount": 900},
        ],
        "currency": "EUR",
    })
}

pub(super) fn lines(adults: u32, children: u32) -> Value {
    let line = |product: &str, quantity: u32| json!({"product": product, "quantity": quantity});
    let each = [("adult", adults), ("child", children)].into_iter().filter(|(_, quantity)| 0 < *quantity);
    each.map(|(product, quantity)| line(product, quantity)).collect()
}

/// What a booking is, in short.
fn short(booking: &Value) -> Value {
    json!(["status", "quantity", "amount", "currency", "lines"].map(|field| booking[field].clone()))
}

impl Sale {
    /// Changes the slot.
    pub(super) async fn patch(&mut self, asked: &Value) -> (String, Value) {
        let (token, path) = (self.office.organizer.clone(), format!("/v1/slots/{}", self.slot));
        let key = self.next_key();
        let request = request(&path, &token, &key, JSON, &asked.to_string());
        let mut client = Client::new(&self.office.app);
        client.send(&request.replacen("POST", "PATCH", 1)).await;
        let answer = whole(&mut client).await;
        (status(&answer).to_owned(), body(&answer))
    }

    /// Does this to a booking.
    async fn act(&mut self, booking: &Value, verb: &str, asked: Value) -> (String, Value) {
        let path = format!("/v1/bookings/{}/{verb}", booking["id"].as_str().expect("an id"));
        let customer = self.office.customer.clone();
        self.ask(&customer, &path, &asked).await
    }
}

#[tokio::test]
async fn a_slot_shows_what_it_sells_as_it_was_said() {
    let mut sale = Sale::of(&slot(&zoo())).await;
    let shown = sale.slot().await;
    assert_eq!(
        json!(["products", "quotas", "prices", "currency"].map(|field| shown[field].clone())),
        json!([
            [
                {"key": "adult", "title": "Adults", "categories": null},
                {"key": "child", "title": "child", "categories": null},
            ],
            [{"key": "children", "size": 3, "products": ["child"]}],
            [
                {"product": "child", "category": null, "amount": 500, "from": null, "until": "2080-01-01T00:00:00.000Z"},
                {"product": "child", "category": null, "amount": 700, "from": null, "until": null},
                {"product": null, "category": null, "amount": 900, "from": null, "until": null},
            ],
            "EUR",
        ])
    );
    assert_eq!((&shown["counts"]["quotas"], &shown["bookable"]), (&json!({"children": 3}), &json!(9)));
    // What is shown can be said again, and changes nothing.
    let again = json!({
        "products": shown["products"], "quotas": shown["quotas"], "prices": shown["prices"], "currency": "EUR",
    });
    let (status, unchanged) = sale.patch(&again).await;
    assert_eq!((status.as_str(), unchanged), ("200", shown));
    let (status, bare) =
        sale.patch(&json!({"products": null, "quotas": null, "prices": null, "currency": null})).await;
    assert_eq!((status.as_str(), bare.get("products"), bare.get("currency")), ("200", None, None), "{bare}");
    assert_eq!(sale.book(json!({"quantity": 1})).await.0, "201");
    assert_eq!(sale.slot().await["counts"].get("quotas"), None);
}

#[tokio::test]
async fn a_booking_keeps_what_it_is_of_and_costs() {
    let mut sale = Sale::of(&slot(&zoo())).await;
    let (status, family) = sale.book(json!({"lines": lines(2, 1), "expect_amount": 2_300})).await;
    let family_is = json!(["held", 3, 2_300, "EUR", lines(2, 1)]);
    assert_eq!((status.as_str(), short(&family)), ("201", family_is.clone()), "{family}");
    let (status, problem) = sale.act(&family, "confirm", json!({})).await;
    assert_eq!((status.as_str(), &problem["code"]), ("409", &json!("payment_required")), "{problem}");

    let dearer = json!({"prices": [{"amount": 2_000}], "currency": "CHF"});
    assert_eq!(sale.patch(&dearer).await.0, "200");
    let id = family["id"].as_str().expect("an id").to_owned();
    let customer = sale.office.customer.clone();
    let (_, read) = sale.get(&format!("/v1/bookings/{id}"), &customer).await;
    assert_eq!(short(&read), family_is);
    let (status, problem) = sale.book(json!({"lines": lines(1, 0), "expect_amount": 900})).await;
    assert_eq!((status.as_str(), &problem["code"]), ("409", &json!("price_changed")), "{problem}");
    let (_, dear) = sale.book(json!({"lines": lines(1, 0), "expect_amount": 2_000, "quantity": 1})).await;
    assert_eq!(short(&dear), json!(["held", 1, 2_000, "CHF", lines(1, 0)]));

    let (status, confirmed) = sale.as_organizer(&format!("/v1/bookings/{id}/confirm"), json!({})).await;
    assert_eq!(
        (status.as_str(), short(&confirmed)),
        ("200", json!(["confirmed", 3, 2_300, "EUR", lines(2, 1)]))
    );
    let organizer = sale.office.organizer.clone();
    let (_, list) = sale.get(&format!("/v1/slots/{}/bookings", sale.slot), &organizer).await;
    assert_eq!(short(&list["items"][0]), short(&confirmed));
    let (_, feed) = sale.get(&format!("/v1/slots/{}/feed", sale.slot), &organizer).await;
    assert_eq!(short(&feed["items"][1]["bookings"][0]), family_is, "{feed}");
    // Who books without products at a slot that sells some is told so.
    let (status, problem) = sale.book(json!({"quantity": 1})).await;
    assert_eq!((status.as_str(), pointers(&problem)), ("422", vec!["/lines"]), "{problem}");
}

#[tokio::test]
async fn of_a_quota_no_more_is_sold_than_there_is() {
    let mut sale = Sale::of(&slot(&zoo())).await;
    let (_, two) = sale.book(json!({"lines": lines(1, 2)})).await;
    assert_eq!(sale.slot().await["counts"]["quotas"], json!({"children": 1}));
    let refused = json!({"lines": lines(0, 2), "when_full": "refuse"});
    let (status, problem) = sale.book(refused).await;
    assert_eq!(
        (status.as_str(), &problem["code"], &problem["quotas"]),
        ("409", &json!("quota_exhausted"), &json!(["children"])),
        "{problem}"
    );
    let (status, waits) = sale.book(json!({"lines": lines(0, 2)})).await;
    assert_eq!((status.as_str(), short(&waits)), ("202", json!(["waitlisted", 2, null, null, lines(0, 2)])));
    // Who is not short of the quota passes.
    assert_eq!(sale.book(json!({"lines": lines(1, 0)})).await.0, "201");

    let (status, problem) = sale.act(&two, "quantity", json!({"quantity": 2})).await;
    assert_eq!((status.as_str(), pointers(&problem)), ("422", vec!["/lines"]), "{problem}");
    let (status, problem) = sale.act(&two, "quantity", json!({"lines": lines(2, 0)})).await;
    assert_eq!((status.as_str(), pointers(&problem)), ("422", vec!["/lines/0/quantity"]), "{problem}");
    let vip = json!({"lines": [{"product": "adult", "quantity": 1}, {"product": "vip", "quantity": 1}]});
    for booking in [&two, &waits] {
        let (status, problem) = sale.act(booking, "quantity", vip.clone()).await;
        let places = pointers(&problem);
        assert!(status == "422" && places.iter().all(|place| place.starts_with("/lines/")), "{problem}");
    }
    let (status, fewer) = sale.act(&two, "quantity", json!({"lines": lines(1, 1)})).await;
    assert_eq!((status.as_str(), short(&fewer)), ("200", json!(["held", 2, 1_400, "EUR", lines(1, 1)])));
    let path = format!("/v1/bookings/{}", waits["id"].as_str().expect("an id"));
    let customer = sale.office.customer.clone();
    let served = sale.get(&path, &customer).await.1;
    assert_eq!(short(&served), json!(["held", 2, 1_000, "EUR", lines(0, 2)]));
    let quota = |size: u32| json!({"quotas": [{"key": "children", "size": size, "products": ["child"]}]});
    let (status, problem) = sale.patch(&quota(2)).await;
    assert_eq!((status.as_str(), &problem["code"]), ("409", &json!("capacity_in_use")), "{problem}");
    assert_eq!(sale.patch(&quota(4)).await.1["counts"]["quotas"], json!({"children": 1}));
}

#[tokio::test]
async fn what_is_priced_without_products_is_booked_as_ever_and_held() {
    let mut sale = Sale::of(&slot(&json!({"prices": [{"amount": 250}], "currency": "EUR"}))).await;
    let (_, held) = sale.book(json!({"quantity": 2})).await;
    assert_eq!(short(&held), json!(["held", 2, 500, "EUR", null]));
    let organizer = sale.office.organizer.clone();
    let path = format!("/v1/slots/{}/bookings", sale.slot);
    let (_, sold) = sale.ask(&organizer, &path, &json!({"quantity": 1, "customer": "ada"})).await;
    assert_eq!(short(&sold), json!(["confirmed", 1, 250, "EUR", null]), "the box office takes the money");
    let (status, problem) = sale.book(json!({"lines": lines(1, 0)})).await;
    assert_eq!((status.as_str(), pointers(&problem)), ("422", vec!["/lines"]), "{problem}");
    assert_eq!(sale.patch(&json!({"prices": [{"amount": 0}]})).await.0, "200");
    let (_, free) = sale.book(json!({"quantity": 1, "expect_amount": 0})).await;
    assert_eq!(short(&free), json!(["confirmed", 1, 0, "EUR", null]));
    let over = json!({"prices": [{"amount": 1, "until": "2020-01-01T00:00:00Z"}]});
    assert_eq!(sale.patch(&over).await.1["bookable"], 0);
    let (status, problem) = sale.book(json!({"quantity": 1})).await;
    assert_eq!((status.as_str(), &problem["code"]), ("409", &json!("not_on_sale")), "{problem}");
    // A slot without prices sells for nothing.
    assert_eq!(sale.patch(&json!({"prices": null})).await.0, "200");
    let (_, given) = sale.book(json!({"quantity": 1, "expect_amount": 0})).await;
    assert_eq!(short(&given), json!(["confirmed", 1, null, null, null]));
}

#[tokio::test]
async fn seats_cost_what_their_category_does() {
    let mut sale = Sale::open(HOUSE, &json!({})).await;
    let tariff = json!({
        "products": [{"key": "adult"}, {"key": "child", "categories": ["a", "b"]}],
        "prices": [
            {"product": "child", "amount": 10}, {"category": "a", "amount": 90}, {"category": "b", "amount": 60},
            {"category": "s", "amount": 30},
        ],
        "currency": "EUR",
    });
    let (status, shown) = sale.patch(&tariff).await;
    assert_eq!(
        (status.as_str(), &shown["products"][1]["categories"]),
        ("200", &json!(["a", "b"])),
        "{shown}"
    );
    assert_eq!(shown["prices"][3]["category"], "s");
    let (_, mixed) = sale
        .book(json!({"seats": ["stalls/A/1", "stalls/B/3"], "areas": {"floor": 2}, "lines": lines(4, 0)}))
        .await;
    assert_eq!(short(&mixed), json!(["held", 4, 90 + 60 + 2 * 30, "EUR", lines(4, 0)]), "{mixed}");
    let best = |lines| json!({"lines": lines, "best": {"categories": ["b"]}});
    let (_, family) = sale.book(best(lines(1, 1))).await;
    assert_eq!(short(&family), json!(["held", 2, 60 + 10, "EUR", lines(1, 1)]), "{family}");
    let (status, problem) = sale.book(json!({"areas": {"floor": 1}, "lines": lines(0, 1)})).await;
    assert_eq!((status.as_str(), &problem["code"]), ("409", &json!("not_on_sale")), "{problem}");
    let (_, swapped) =
        sale.act(&mixed, "seats", json!({"add": ["stalls/A/2"], "drop": ["stalls/B/3"]})).await;
    assert_eq!(short(&swapped), json!(["held", 4, 90 + 90 + 2 * 30, "EUR", lines(4, 0)]), "{swapped}");
    let (_, picked) = sale.book(json!({"seats": ["stalls/A/5"], "lines": lines(0, 1)})).await;
    let (_, swapped) = sale.act(&picked, "seats", json!({"add": ["stalls/A/6"]})).await;
    assert_eq!(short(&swapped), json!(["held", 2, 20, "EUR", lines(0, 2)]), "{swapped}");
    for (asked, want) in [
        (json!({"seats": ["stalls/A/7"], "lines": lines(2, 0)}), "/lines"),
        (json!({"seats": ["stalls/A/7"]}), "/lines"),
        (json!({"quantity": 1, "best": {"categories": ["a"]}}), "/lines"),
        // Of several products and categories nobody knows which is whose.
        (json!({"seats": ["stalls/A/7", "stalls/B/4"], "lines": lines(1, 1)}), "/lines"),
        (json!({"quantity": 3, "lines": lines(2, 0), "best": {"categories": ["a"]}}), "/quantity"),
        (json!({"lines": lines(101, 0), "best": {"categories": ["a"]}}), "/lines"),
        (json!({"seats": ["stalls/A/7", "stalls/B/4"], "lines": lines(1, 1)}), "/lines"),
    ] {
        let (status, problem) = sale.book(asked).await;
        assert_eq!((status.as_str(), pointers(&problem)), ("422", vec![want]), "{problem}");
    }
}

#[tokio::test]
async fn who_has_several_products_hears_which_field_of_a_swap_is_wrong() {
    let mut sale = Sale::open(HOUSE, &json!({})).await;
    let products = json!({"products": [{"key": "adult"}, {"key": "child"}]});
    assert_eq!(sale.patch(&products).await.0, "200");
    let (_, two) =
        sale.book(json!({"seats": ["stalls/A/1", "stalls/A/2"], "lines": lines(1, 1), "mode": "hold"})).await;
    for asked in [json!({"add": ["stalls/A/3"]}), json!({"drop": ["stalls/A/1"]})] {
        let (status, problem) = sale.act(&two, "seats", asked).await;
        assert_eq!((status.as_str(), pointers(&problem)), ("422", vec!["/add"]), "{problem}");
    }
}

#[tokio::test]
async fn another_map_must_have_what_products_and_prices_name() {
    let tariff = json!({
        "products": [{"key": "adult"}, {"key": "child", "categories": ["b"]}],
        "prices": [{"category": "a", "amount": 90}, {"category": "b", "amount": 60}], "currency": "EUR",
    });
    let mut sale = Sale::open(HOUSE, &json!({})).await;
    assert_eq!(sale.patch(&tariff).await.0, "200");
    let renamed = HOUSE.replace("\"b\"", "\"balcony\"");
    assert_ne!(renamed, HOUSE, "it has the category b");
    let kept = post(&sale.office, &sale.office.organizer, "renamed", JSON, &renamed).await;
    let other = json!({"seats": {"map": body(&kept)["id"]}});
    let (status, problem) = sale.patch(&json!({"inventory": other})).await;
    let map = "/inventory/seats/map";
    assert_eq!((status.as_str(), pointers(&problem)), ("422", vec![map, map]), "{problem}");
    let told = problem["errors"][1]["detail"].as_str().expect("a detail");
    assert!(told.contains("category b, which prices/1 names"), "{told}");
    let products = json!([{"key": "adult"}, {"key": "child", "categories": ["balcony"]}]);
    let (status, problem) = sale.patch(&json!({"inventory": other, "products": products})).await;
    assert_eq!((status.as_str(), pointers(&problem)), ("422", vec![map]), "{problem}");
    assert_eq!(sale.slot().await["prices"][1]["category"], "b", "nothing is changed");
    let prices = json!([{"category": "a", "amount": 9}, {"category": "balcony", "amount": 6}]);
    let (status, sold) =
        sale.patch(&json!({"inventory": other, "products": products, "prices": prices})).await;
    assert_eq!((status.as_str(), &sold["prices"][1]["category"]), ("200", &json!("balcony")), "{sold}");
}

#[tokio::test]
async fn who_books_plainly_where_something_is_sold_by_now_is_asked_for_what_it_costs() {
    let mut sale = Sale::of(&slot(&json!({}))).await;
    assert_eq!(sale.patch(&json!({"prices": [{"amount": 250}], "currency": "EUR"})).await.0, "200");
    let slot = crate::ids::slot_id(&sale.slot).expect("a slot");
    let book = |key| Request {
        slot,
        key: RequestKey(key),
        fingerprint: Fingerprint(1),
        command: Command::Book(Book {
            customer: "ada".into(),
            wish: Wish::Units(2),
            mode: Mode::Confirm,
            hold_seconds: None,
            when_full: WhenFull::Refuse,
            basket: None,
        }),
    };
    let ask = async |sale: &Sale, key| {
        let limit = Limit::new(&ConnectionTimer::new(), Duration::from_mins(1));
        let app = &sale.office.app;
        let outcome = book_plainly(app, &limit, &app.router.prepare(book(key)), Asker::Customer).await;
        let Ok(outcome) = outcome else { panic!("an outcome") };
        outcome.decision
    };
    let Decision::Booking(held) = ask(&sale, 7).await else { panic!("it is booked") };
    assert_eq!((held.status, held.bill.and_then(|bill| bill.amount())), (Status::Held, Some(500)));
    assert_eq!(sale.patch(&json!({"products": [{"key": "adult"}]})).await.0, "200");
    assert_eq!(ask(&sale, 8).await, Decision::Refused(Refusal::LinesWanted));
}
