//! Every bound of products, quotas, prices and lines, from both sides: what is within it is done, and of what is beyond it the place is
//! told and nothing is kept.

use serde_json::{Value, json};

use super::products::{lines, slot};
use super::seatmaps::{body, status};
use super::seats::{PLAIN, Sale, pointers, whole};
use super::*;

/// Where what is asked for is at fault; nowhere, where it is good.
type Row = (&'static str, Value, Option<&'static str>);

fn products(count: usize) -> Value {
    (0..count).map(|number| json!({"key": format!("p{number}")})).collect()
}

fn quotas(count: usize) -> Value {
    (0..count).map(|number| json!({"key": format!("q{number}"), "size": 1, "products": ["p0"]})).collect()
}

fn keys(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("p{number}")).collect()
}

fn of_product(name: &str, value: Value) -> Value {
    let mut product = json!({"key": "p0"});
    product[name] = value;
    json!({"products": [product]})
}

fn of_quota(name: &str, value: Value) -> Value {
    let mut quota = json!({"key": "q", "size": 1, "products": ["p0"]});
    quota[name] = value;
    json!({"products": products(64), "quotas": [quota]})
}

fn of_price(more: &Value) -> Value {
    let mut price = json!({"amount": 1});
    for (name, value) in more.as_object().expect("fields") {
        price[name] = value.clone();
    }
    json!({"products": products(2), "prices": [price], "currency": "EUR"})
}

/// A key of 32 characters, each as long as they are.
fn longest(number: usize) -> String {
    format!("{}{number:02}", "🎫".repeat(30))
}

/// What an organizer says of what is to be sold.
fn tariffs() -> Vec<Row> {
    let long = |count: usize| json!("ß".repeat(count));
    let prices = |count| json!({"prices": vec![json!({"amount": 1}); count], "currency": "EUR"});
    let large = (0..64).map(|number| json!({"key": longest(number), "title": "🎫".repeat(200)}));
    let from_until = |from: u32, until: u32| {
        of_price(
            &json!({"from": format!("2080-01-01T00:00:0{from}Z"), "until": format!("2080-01-01T00:00:0{until}Z")}),
        )
    };
    vec![
        ("64 products", json!({"products": products(64)}), None),
        ("65 products", json!({"products": products(65)}), Some("/products")),
        ("a key of 1", of_product("key", json!("p")), None),
        ("a key of none", of_product("key", json!("")), Some("/products/0/key")),
        ("a key of 32", of_product("key", long(32)), None),
        ("a key of 33", of_product("key", long(33)), Some("/products/0/key")),
        ("a key with a slash", of_product("key", json!("a/b")), Some("/products/0/key")),
        ("a key with a comma", of_product("key", json!("a,b")), Some("/products/0/key")),
        ("a key with a line", of_product("key", json!("a\nb")), Some("/products/0/key")),
        ("a key twice", json!({"products": [{"key": "a"}, {"key": "a"}]}), Some("/products/1/key")),
        ("a title of 200", of_product("title", long(200)), None),
        ("a title of 201", of_product("title", long(201)), Some("/products/0/title")),
        ("categories of units", of_product("categories", json!(["a"])), Some("/products/0/categories")),
        ("no categories", of_product("categories", Value::Null), None),
        ("as long as they may be", json!({"products": large.collect::<Vec<_>>()}), None),
        ("64 quotas", json!({"products": products(1), "quotas": quotas(64)}), None),
        ("65 quotas", json!({"products": products(1), "quotas": quotas(65)}), Some("/quotas")),
        ("a quota's key of 32", of_quota("key", long(32)), None),
        ("a quota's key of 33", of_quota("key", long(33)), Some("/quotas/0/key")),
        ("nothing of a quota", of_quota("size", json!(0)), None),
        ("the most of a quota", of_quota("size", json!(10_000_000)), None),
        ("more of a quota", of_quota("size", json!(10_000_001)), Some("/quotas/0/size")),
        ("a quota of 64", of_quota("products", json!(keys(64))), None),
        ("a quota of none", of_quota("products", json!([])), Some("/quotas/0/products")),
        ("a quota of another", of_quota("products", json!(["p0", "x"])), Some("/quotas/0/products/1")),
        ("a quota of one twice", of_quota("products", json!(["p0", "p0"])), Some("/quotas/0/products/1")),
        ("256 prices", prices(256), None),
        ("257 prices", prices(257), Some("/prices")),
        ("for nothing", of_price(&json!({"amount": 0})), None),
        ("the most", of_price(&json!({"amount": 1_000_000_000_000_u64})), None),
        ("more", of_price(&json!({"amount": 1_000_000_000_001_u64})), Some("/prices/0/amount")),
        ("less than nothing", of_price(&json!({"amount": -1})), Some("/prices/0/amount")),
        ("a price of one", of_price(&json!({"product": "p1"})), None),
        ("a price of another", of_price(&json!({"product": "p2"})), Some("/prices/0/product")),
        ("a price of a category", of_price(&json!({"category": "a"})), Some("/prices/0/category")),
        ("for a second", from_until(1, 2), None),
        ("for no time", from_until(1, 1), Some("/prices/0/until")),
        ("a currency", json!({"currency": "EUR"}), None),
        ("a small currency", json!({"currency": "eur"}), Some("/currency")),
        ("a short currency", json!({"currency": "EU"}), Some("/currency")),
        ("a long currency", json!({"currency": "EURO"}), Some("/currency")),
        ("prices of none", json!({"prices": [{"amount": 1}]}), Some("/currency")),
        ("what nobody knows", of_price(&json!({"vat": 7})), Some("/prices/0/vat")),
    ]
}

#[tokio::test]
async fn every_bound_of_what_is_sold_holds_for_a_new_slot_and_for_a_change() {
    let mut sale = Sale::of(&slot(&json!({}))).await;
    let organizer = sale.office.organizer.clone();
    for (what, asked, want) in tariffs() {
        let (created, answer) = sale.ask(&organizer, "/v1/slots", &slot(&asked)).await;
        let (changed, change) = sale.patch(&asked).await;
        let Some(pointer) = want else {
            assert_eq!((created.as_str(), changed.as_str()), ("201", "200"), "{what}: {answer} {change}");
            assert_eq!(answer["products"], change["products"], "{what}");
            let nothing = json!({"products": null, "quotas": null, "prices": null, "currency": null});
            assert_eq!(sale.patch(&nothing).await.0, "200", "{what}");
            continue;
        };
        for (status, problem) in [(created, answer), (changed, change)] {
            assert_eq!((status.as_str(), pointers(&problem)), ("422", vec![pointer]), "{what}: {problem}");
        }
    }
}

#[tokio::test]
async fn what_is_within_every_bound_is_kept_together() {
    let mut sale = Sale::of(&slot(&json!({}))).await;
    let product = |number| json!({"key": longest(number), "title": "🎫".repeat(200)});
    let quota = |number| json!({"key": longest(number), "size": 9, "products": [longest(0)]});
    let price = |number: usize| {
        json!({
            "product": longest(number % 64), "amount": 1_000_000_000_000_u64, "from": "2020-01-01T00:00:00Z",
            "until": "2080-01-01T00:00:00Z",
        })
    };
    // Each list is as large as a body is, nearly.
    for asked in [
        json!({"products": (0..64).map(product).collect::<Vec<_>>()}),
        json!({"quotas": (0..64).map(quota).collect::<Vec<_>>()}),
        json!({"prices": (0..200).map(price).collect::<Vec<_>>(), "currency": "EUR"}),
    ] {
        let (status, answer) = sale.patch(&asked).await;
        assert_eq!(status, "200", "{answer}");
    }
    let shown = sale.slot().await;
    let counts = ["products", "quotas", "prices"].map(|list| shown[list].as_array().map(Vec::len));
    assert_eq!(counts, [64, 64, 200].map(Some), "{shown}");
}

#[tokio::test]
async fn of_a_body_that_is_wrong_throughout_so_much_is_told() {
    let mut sale = Sale::of(&slot(&json!({}))).await;
    let quota = |number, count| json!({"key": format!("q{number}"), "size": 1, "products": keys(count)});
    for (quotas, told) in [(vec![quota(0, 1)], 1), ((0..64).map(|number| quota(number, 64)).collect(), 500)] {
        let (status, problem) = sale.patch(&json!({"quotas": quotas})).await;
        assert_eq!((status.as_str(), pointers(&problem).len()), ("422", told));
    }
}

/// What is asked for of 64 products.
fn wishes() -> Vec<Row> {
    let each =
        |count: usize| (0..count).map(|number| json!({"product": format!("p{number}"), "quantity": 1}));
    let of = |quantity: i64| json!({"lines": [{"product": "p0", "quantity": quantity}]});
    let two = |second: &str| json!({"lines": [{"product": "p0", "quantity": 1}, {"product": second, "quantity": 1}]});
    let with = |name: &str, value: Value| {
        let mut asked = of(2);
        asked[name] = value;
        asked
    };
    vec![
        ("1 line", json!({"lines": each(1).collect::<Vec<_>>()}), None),
        ("64 lines", json!({"lines": each(64).collect::<Vec<_>>()}), None),
        ("no line", json!({"lines": []}), Some("/lines")),
        ("of none", of(0), Some("/lines/0/quantity")),
        ("of 1,000", of(1_000), None),
        ("of 1,001", of(1_001), Some("/lines/0/quantity")),
        ("of less than none", of(-1), Some("/lines/0/quantity")),
        ("of two", two("p63"), None),
        ("of another", two("p64"), Some("/lines/1/product")),
        ("of one twice", two("p0"), Some("/lines/1/product")),
        ("their number", with("quantity", json!(2)), None),
        ("another number", with("quantity", json!(3)), Some("/quantity")),
        ("what it costs", with("expect_amount", json!(0)), None),
        ("less than nothing", with("expect_amount", json!(-1)), Some("/expect_amount")),
        (
            "what nothing costs",
            with("expect_amount", json!(1_000_000_000_000_001_u64)),
            Some("/expect_amount"),
        ),
        ("no lines", json!({"quantity": 1}), Some("/lines")),
    ]
}

#[tokio::test]
async fn every_bound_of_lines_holds() {
    let zoo = json!({"inventory": {"units": {"capacity": 10_000_000}}, "products": products(64)});
    let mut sale = Sale::of(&slot(&zoo)).await;
    for (what, asked, want) in wishes() {
        let before = sale.slot().await["seq"].clone();
        let (status, answer) = sale.book(asked.clone()).await;
        let Some(pointer) = want else {
            assert_eq!((status.as_str(), &answer["lines"]), ("201", &asked["lines"]), "{what}: {answer}");
            continue;
        };
        let found = pointers(&answer);
        assert!(status == "422" && found.contains(&pointer), "{what}: {answer}");
        assert_eq!(sale.slot().await["seq"], before, "{what}: nothing is kept");
    }
    // Each of them may be for a thousand, and all together as well.
    let (_, thousand) = sale
        .book(json!({"lines": [
            {"product": "p0", "quantity": 999}, {"product": "p1", "quantity": 1},
        ]}))
        .await;
    assert_eq!(thousand["quantity"], 1_000, "{thousand}");
    let (status, problem) = sale
        .book(json!({"lines": [
            {"product": "p0", "quantity": 999}, {"product": "p1", "quantity": 2},
        ]}))
        .await;
    assert_eq!((status.as_str(), pointers(&problem)), ("422", vec!["/lines"]), "{problem}");
}

#[tokio::test]
async fn categories_are_those_of_the_map() {
    let mut sale = Sale::open(PLAIN, &json!({})).await;
    let inventory = json!({"seats": {"map": sale.map}});
    let organizer = sale.office.organizer.clone();
    let of = |keys: &[&str]| json!({"products": [{"key": "p0", "categories": keys}], "currency": "EUR"});
    let priced = |key: &str| json!({"prices": [{"category": key, "amount": 1}], "currency": "EUR"});
    for (asked, want) in [
        (of(&["a"]), None),
        (of(&[]), None),
        (of(&["b"]), Some("/products/0/categories/0")),
        (of(&["a"; 65]), Some("/products/0/categories")),
        (priced("a"), None),
        (priced("b"), Some("/prices/0/category")),
    ] {
        let (changed, change) = sale.patch(&asked).await;
        let mut new = slot(&asked);
        new["inventory"] = inventory.clone();
        let (created, answer) = sale.ask(&organizer, "/v1/slots", &new).await;
        match want {
            None => assert_eq!((created.as_str(), changed.as_str()), ("201", "200"), "{answer} {change}"),
            Some(pointer) => {
                assert_eq!((pointers(&answer), pointers(&change)), (vec![pointer], vec![pointer]));
            }
        }
    }
}

#[tokio::test]
async fn a_booking_that_names_nothing_goes_the_fast_way_and_one_that_does_another() {
    let office = Office::quiet(&dev(), Arc::new(SystemClock::new())).await;
    let (_, path) = office.slot(3).await;
    let mut client = Client::new(&office.app);
    client.send(&office.booking(&path, "plain")).await;
    let plain = whole(&mut client).await;
    assert_eq!((status(&plain), by(&plain), body(&plain).get("amount")), ("201", By::FastPath, None));
    let asked = json!({"lines": lines(1, 0)}).to_string();
    client.send(&request(&path, &office.customer, "lines", JSON, &asked)).await;
    let refused = body(&whole(&mut client).await);
    assert_eq!(pointers(&refused), ["/lines"], "{refused}");
}
