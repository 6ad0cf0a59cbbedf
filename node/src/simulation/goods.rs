//! What a simulated slot sells as products: in quotas, at prices that change by time and by its organizer's will, some of them away for a
//! while. The witness judges what becomes of it.

use std::collections::BTreeMap;

use api::booking::{Booking, Status};
use api::feed::Record;
use api::tariff::Line;
use rand::RngExt as _;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom as _;
use serde_json::{Value, json};
use witness::history::{Ask, Basket};

/// What is sold. A child's place costs nothing; students are left out now and then.
const PRODUCTS: [&str; 3] = ["adult", "child", "student"];
/// When adults begin to pay more, by time alone: some seconds into the sale.
const DEARER_AT: &str = "2027-01-15T08:00:08Z";
/// What an adult pays.
const ADULT: [u64; 3] = [1_200, 1_400, 900];

/// The fields by which a slot is made that sells these.
pub(super) fn made(rng: &mut SmallRng) -> String {
    let fields = sold(rng, &PRODUCTS);
    let text = fields.to_string();
    format!(",{}", &text[1..text.len() - 1])
}

/// A change of what is sold: of prices, of quotas, or of everything.
pub(super) fn changed(rng: &mut SmallRng) -> String {
    let all = sold(rng, &PRODUCTS);
    let change = match rng.random_range(0..10) {
        0..4 => json!({"prices": prices(rng, &PRODUCTS)}),
        4..7 => json!({"quotas": all["quotas"]}),
        7 => sold(rng, &PRODUCTS[..2]),
        8 => json!({"prices": null, "currency": null}),
        _ => all,
    };
    // Where somebody is away, what names it is refused.
    change.to_string()
}

fn sold(rng: &mut SmallRng, keys: &[&str]) -> Value {
    let products: Vec<Value> = keys.iter().map(|key| json!({"key": key})).collect();
    let reduced = &keys[1..];
    json!({
        "products": products,
        "quotas": [
            {"key": "few", "size": rng.random_range(2..=8), "products": ["child"]},
            {"key": "reduced", "size": rng.random_range(6..=20), "products": reduced},
        ],
        "prices": prices(rng, keys),
        "currency": "EUR",
    })
}

fn prices(rng: &mut SmallRng, keys: &[&str]) -> Value {
    let adult = *ADULT.choose(rng).expect("three");
    let mut prices = vec![json!({"product": "child", "amount": 0})];
    if keys.contains(&"student") {
        prices.push(json!({"product": "student", "amount": adult / 2}));
    }
    prices.push(json!({"product": "adult", "amount": adult, "until": DEARER_AT}));
    prices.push(json!({"amount": adult + 100, "from": DEARER_AT}));
    json!(prices)
}

/// The same request, for products: as many, and now and then for what they may cost.
pub(super) fn wanted(ask: Ask, rng: &mut SmallRng) -> Ask {
    let Ask::Book { quantity, mode, hold_seconds, when_full, places, .. } = ask else {
        unreachable!("products are booked")
    };
    let mut lines: Vec<Line> = Vec::new();
    for _place in 0..quantity {
        let product = *PRODUCTS.choose(rng).expect("three");
        match lines.iter_mut().find(|line| line.product == product) {
            Some(line) => line.quantity += 1,
            None => lines.push(Line { product: product.to_owned(), quantity: 1 }),
        }
    }
    let adult = *ADULT.choose(rng).expect("three");
    let each = |line: &Line| match line.product.as_str() {
        "child" => 0,
        "student" => adult / 2 * u64::from(line.quantity),
        _ => adult * u64::from(line.quantity),
    };
    let expect_amount = rng.random_bool(0.2).then(|| lines.iter().map(each).sum());
    Ask::Book { quantity, mode, hold_seconds, when_full, places, basket: Basket { lines, expect_amount } }
}

/// A booking is to be for fewer, or now and then for one more; of products, of one fewer of something.
pub(super) fn otherwise(booking: String, (quantity, mut lines): (u32, Vec<Line>), rng: &mut SmallRng) -> Ask {
    if lines.is_empty() {
        let quantity = rng.random_range(1..=quantity + 1);
        return Ask::Reduce { booking, quantity, lines };
    }
    let place = rng.random_range(0..lines.len());
    if rng.random_bool(0.8) && lines.iter().map(|line| line.quantity).sum::<u32>() > 1 {
        lines[place].quantity -= 1;
        lines.retain(|line| line.quantity > 0);
    } else if rng.random_bool(0.5) {
        lines[place].quantity += 1;
    }
    let quantity = lines.iter().map(|line| line.quantity).sum();
    Ask::Reduce { booking, quantity, lines }
}

/// Of children how many sit in a house at once, and of children and students together.
const SEATED: [(&[&str], u32); 2] = [(&["child"], 3), (&["child", "student"], 8)];
/// What a seat costs, whatever its category.
const SEAT: [(&str, u64); 3] = [("adult", 1_000), ("child", 0), ("student", 500)];

/// The fields by which a house is made that sells products, from then on at the same prices.
pub(super) fn of_house() -> String {
    let products: Vec<Value> = SEAT.iter().map(|(key, _)| json!({"key": key})).collect();
    let quota = |(products, size): &(&[&str], u32)| json!({"key": products.concat(), "size": size, "products": products});
    let quotas: Vec<Value> = SEATED.iter().map(quota).collect();
    let prices: Vec<Value> =
        SEAT.iter().map(|(key, amount)| json!({"product": key, "amount": amount})).collect();
    let fields =
        json!({"products": products, "quotas": quotas, "prices": prices, "currency": "EUR"}).to_string();
    format!(",{}", &fields[1..fields.len() - 1])
}

/// A wish for seats, of products: what is picked may be of several categories, and is of one product.
pub(super) fn in_house(wish: &mut Value, rng: &mut SmallRng) {
    let named = wish["seats"].as_array().map_or(0, Vec::len) as u64;
    let in_areas: u64 =
        wish["areas"].as_object().into_iter().flatten().filter_map(|(_, places)| places.as_u64()).sum();
    let places = wish["quantity"].as_u64().unwrap_or(named + in_areas);
    let any = |rng: &mut SmallRng| SEAT.choose(rng).expect("three").0;
    let first = any(rng);
    let several = wish.get("best").is_some() && places > 1 && rng.random_bool(0.5);
    let other = any(rng);
    let lines = if several && other != first {
        json!([{"product": first, "quantity": places - 1}, {"product": other, "quantity": 1}])
    } else {
        json!([{"product": first, "quantity": places}])
    };
    wish["lines"] = lines;
}

/// How many of a booking are wanted, one fewer of one of its products: where it is of several, it says of which.
pub(super) fn fewer(booking: &Booking, quantity: u32) -> Value {
    match booking.lines.as_deref() {
        Some([first, rest @ ..]) if !rest.is_empty() => {
            let first = Line { quantity: first.quantity - 1, ..first.clone() };
            let lines = [first].into_iter().chain(rest.iter().cloned()).filter(|line| line.quantity > 0);
            json!({"lines": lines.collect::<Vec<_>>()})
        }
        Some(_) | None => json!({"quantity": quantity}),
    }
}

/// Whether a house sold products as it says: of none more than there are, each at its price, from when it was held or confirmed.
pub(super) fn judge(feed: &[Record]) -> Result<(), String> {
    let mut bookings = BTreeMap::<&str, &Booking>::new();
    for record in feed {
        for booking in &record.bookings {
            judge_bill(booking).map_err(|why| format!("{why}, after {record:?}"))?;
            bookings.insert(&booking.id, booking);
        }
        for (products, size) in SEATED {
            let served = bookings.values().filter(|of| has_places(of.status));
            let lines = served.flat_map(|booking| booking.lines.iter().flatten());
            let of = lines.filter(|line| products.contains(&line.product.as_str()));
            let taken: u32 = of.map(|line| line.quantity).sum();
            if size < taken {
                return Err(format!("{taken} of {size} {products:?} are seated, after {record:?}"));
            }
        }
    }
    Ok(())
}

fn judge_bill(booking: &Booking) -> Result<(), String> {
    let lines = booking.lines.as_deref().unwrap_or_default();
    if lines.iter().map(|line| line.quantity).sum::<u32>() != booking.quantity {
        return Err(format!("{booking:?} is of more or fewer than it is for"));
    }
    let price = |line: &Line| {
        let price = SEAT.iter().find(|(key, _)| *key == line.product);
        price.map(|(_, amount)| amount * u64::from(line.quantity))
    };
    let due: Option<u64> = lines.iter().map(price).sum();
    let is_right = match booking.status {
        Status::Held | Status::Confirmed => booking.amount == due,
        Status::Waitlisted | Status::Offered => booking.amount.is_none(),
        // Some were served before they were over.
        Status::Cancelled | Status::Declined | Status::Expired => {
            booking.amount.is_none() || booking.amount == due
        }
    };
    if is_right { Ok(()) } else { Err(format!("{due:?} is due for {booking:?}")) }
}

const fn has_places(status: Status) -> bool {
    matches!(status, Status::Held | Status::Offered | Status::Confirmed)
}
