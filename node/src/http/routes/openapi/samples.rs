//! What the examples of the document are of: a slot, what it sells, and its house.

use api::booking::CreateBooking;
use serde_json::json;

use crate::http::convert;
use crate::http::convert::seats::House;

/// The slot of which an example asks for products, or for a range.
pub(super) fn seen_by(asked: &CreateBooking) -> Option<booking::Definition> {
    let body = json!({
        "title": "x", "starts_at": "2090-01-10T07:00:00Z", "ends_at": "2090-01-10T08:00:00Z",
        "inventory": match (asked.from.or(asked.to), &asked.resource) {
            (None, _) => json!({"units": {"capacity": 9}}),
            (Some(_), None) => json!({"calendar": {"count": 10_000}}),
            (Some(_), Some(_)) => json!({"calendar": {"resources": ["court-1", "x", "x".repeat(32)]}}),
        },
    });
    let slot = serde_json::from_value(body).expect("a slot");
    let new = convert::definition("studio-7", slot, booking::Secret([7; 16]), None, booking::Timestamp(0));
    let mut definition = new.ok()?.definition().clone();
    if asked.lines.is_none() && definition.calendar().is_none() {
        return None;
    }
    definition.tariff = asked.lines.is_some().then(|| tariff().into());
    Some(definition)
}

/// What the slot of the examples sells.
fn tariff() -> booking::Tariff {
    let product = |key: &str| booking::Product { key: key.into(), title: key.into(), categories: None };
    booking::Tariff { products: ["adult", "child"].map(product).into(), ..booking::Tariff::default() }
}

/// The house of the examples.
pub(super) fn with_house<T>(categories: &[&str], look: impl FnOnce(&House<'_>) -> T) -> T {
    let last = categories.last().expect("one at least");
    let categories: Vec<_> = categories.iter().map(|key| json!({"key": key})).collect();
    let row = |key: &str| json!({"key": key, "seats": ["1-14"], "category": "a", "accessible": ["1"]});
    let map = json!({
        "categories": categories, "areas": [{"key": "floor", "category": last, "capacity": 9}],
        "sections": [{"key": "stalls", "rows": [row("A"), row("B"), row("C")]}],
    });
    let seatmap = seatmap::Seatmap::from_json(map.to_string().as_bytes()).expect("a map");
    let names =
        ["press", "x", &"x".repeat(128)].map(|name| (name.into(), booking::AllotmentCounts::default()));
    look(&House { map: booking::Content(1), seatmap: &seatmap, kept_for: &names })
}
