//! Bookings: a customer's claim on a slot.

#![expect(
    clippy::option_option,
    reason = "what is left out of a booking of units may be null in one of seats"
)]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::object;
use crate::patch;
use crate::tariff::Line;
use crate::time::Time;
use crate::whole;
use crate::word;

/// The body of `POST /v1/slots/{slot}/bookings`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"quantity": 2}), json!({
    "quantity": 2, "mode": "hold", "hold_seconds": 300, "when_full": "refuse", "customer": "alice"
}), json!({
    "seats": ["stalls/A/12", "stalls/A/13"], "areas": {"floor": 2}, "allotment": "press"
}), json!({
    "seats": ["stalls/A/1", "stalls/A/2"], "quantity": 2, "accessible": 1
}), json!({
    "quantity": 4,
    "best": {"categories": ["a", "b"], "together": "must", "accessible": 1, "sections": ["stalls"]}
}), json!({
    "lines": [{"product": "adult", "quantity": 2}, {"product": "child", "quantity": 1}], "quantity": 3, "expect_amount": 2_900
}), json!({
    "from": "2030-01-10T09:00:00.000Z", "to": "2030-01-10T10:00:00.000Z", "resource": "court-1"
}), json!({
    "from": "2030-01-10T09:00:00.000Z", "to": "2030-01-10T10:00:00.000Z", "quantity": 3
})))]
pub struct CreateBooking {
    /// 1 to 1,000 units, or 1 to 100 of the best seats, or 1 to 10,000 of a calendar's pool: all of them or none are booked. Left out only
    /// where seats, places or lines say how many, where it is their number if it stands beside them, or of a calendar: then it is 1.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole::optional")]
    #[schema(minimum = 1, maximum = 10_000)]
    pub quantity: Option<u32>,
    /// These seats, 1 to 100, as `section/row/number`; who picks does not wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 100)]
    pub seats: Option<Vec<String>>,
    /// So many places of these areas, by their keys: 1 to 100 in all.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole::by_name")]
    pub areas: Option<BTreeMap<String, u32>>,
    /// For how many of those who pick seats a space for a wheelchair is needed. Left out: 0.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole::optional")]
    pub accessible: Option<u32>,
    /// The best seats that there are, of one category. Left out, where nothing is picked either: of the one category that the map has.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "object::optional")]
    pub best: Option<Best>,
    /// Of a calendar: from when on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Time, required = false)]
    pub from: Option<Time>,
    /// Of a calendar: until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Time, required = false)]
    pub to: Option<Time>,
    /// Of a calendar of resources that have names: on which. Left out: on any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 32)]
    pub resource: Option<String>,
    /// For whom the seats are kept, and from which alone they come: organizers only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 128)]
    pub allotment: Option<String>,
    /// Left out: `confirm`.
    #[serde(default, deserialize_with = "word::read")]
    #[schema(default = json!("confirm"))]
    pub mode: Mode,
    /// How long a hold is to last; left out: the slot's; longer than the slot's maximum is cut to it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole::optional")]
    #[schema(minimum = 1, maximum = 18_446_744_073_709_551_615_u64, format = "uint64")]
    pub hold_seconds: Option<u64>,
    /// Left out: `waitlist`.
    #[serde(default, deserialize_with = "word::read")]
    #[schema(default = json!("waitlist"))]
    pub when_full: WhenFull,
    /// For whom; left out: the token's subject. Only an organizer may name another (a box office).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 64)]
    pub customer: Option<String>,
    /// How many places of which products, each once: where the slot has products. Seats are of them in the order of the map.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "object::list")]
    #[schema(min_items = 1, max_items = 64)]
    pub lines: Option<Vec<Line>>,
    /// What all of it is expected to cost, in minor units. Where it costs something else: `price_changed`, and nothing is booked.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole::optional")]
    #[schema(minimum = 0, maximum = 1_000_000_000_000_000_u64)]
    pub expect_amount: Option<u64>,
}

/// What most bodies of `POST /v1/slots/{slot}/bookings` say: units, and nothing that only some slots have. Whatever this can be read
/// from says the same as a [`CreateBooking`]; it is read, and moved, with a fraction of the work.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlainBooking {
    /// How many units.
    #[serde(default, deserialize_with = "whole::optional")]
    pub quantity: Option<u32>,
    /// Left out: `confirm`.
    #[serde(default, deserialize_with = "word::read")]
    pub mode: Mode,
    /// How long a hold is to last; left out: the slot's.
    #[serde(default, deserialize_with = "whole::optional")]
    pub hold_seconds: Option<u64>,
    /// Left out: `waitlist`.
    #[serde(default, deserialize_with = "word::read")]
    pub when_full: WhenFull,
    /// For whom; left out: the token's subject.
    #[serde(default)]
    pub customer: Option<String>,
}

impl From<PlainBooking> for CreateBooking {
    fn from(plain: PlainBooking) -> Self {
        let PlainBooking { quantity, mode, hold_seconds, when_full, customer } = plain;
        Self { quantity, mode, hold_seconds, when_full, customer, ..Self::default() }
    }
}

/// Which seats are the best.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Best {
    /// Of which categories, 1 to 8 keys, the dearest wish first; may be left out where the map has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 8)]
    pub categories: Option<Vec<String>>,
    /// Left out: `prefer`.
    #[serde(default, deserialize_with = "word::read")]
    #[schema(default = json!("prefer"))]
    pub together: Together,
    /// For how many of them a space for a wheelchair is needed, with companions' seats beside. Left out: 0.
    #[serde(default, deserialize_with = "whole::read")]
    #[schema(required = false, default = 0)]
    pub accessible: u32,
    /// In which sections, up to 64 keys; none: anywhere.
    #[serde(default)]
    #[schema(required = false, max_items = 64)]
    pub sections: Vec<String>,
}

/// Whether seats may be apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Together {
    /// Side by side, or none: `not_together`.
    Must,
    /// Side by side where that can be.
    #[default]
    Prefer,
}

/// The body of `POST /v1/bookings/{booking}/extend`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"hold_seconds": 300})))]
pub struct ExtendHold {
    /// How long the hold is to last from now on; longer than the slot's maximum from its beginning is cut to it.
    #[serde(deserialize_with = "whole::read")]
    #[schema(minimum = 1, maximum = 18_446_744_073_709_551_615_u64, format = "uint64")]
    pub hold_seconds: u64,
}

/// The body of `POST /v1/bookings/{booking}/quantity`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"quantity": 1}), json!({
    "lines": [{"product": "adult", "quantity": 2}, {"product": "child", "quantity": 1}], "quantity": 3
})))]
pub struct ChangeQuantity {
    /// For how many units the booking is to be from now on: no more than it is for. As many change nothing. Left out only where lines say
    /// how many; where it stands beside them, it is their number.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole::optional")]
    #[schema(minimum = 1, maximum = 10_000)]
    pub quantity: Option<u32>,
    /// How many of which products, each once: needed where the booking is of several. What is left out is given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 64)]
    pub lines: Option<Vec<Line>>,
}

/// Whether a booking is firm at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Firm at once.
    #[default]
    Confirm,
    /// Held until confirmed, or until its deadline.
    Hold,
}

/// What becomes of a request that finds no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhenFull {
    /// It waits.
    #[default]
    Waitlist,
    /// It is refused: `sold_out`.
    Refuse,
}

/// A booking as answers show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "id": "bkg_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIj", "slot": "slot_AAECAwQFBgcICQoLDA0ODxAR",
    "customer": "alice", "quantity": 2, "status": "held", "mode": "hold", "seq": 43, "reference": "7Q4K2M9D",
    "position": null, "expires_at": "2030-01-09T09:10:00.000Z", "expires_in_ms": 600_000,
    "created_at": "2030-01-09T09:00:00.000Z"
})))]
pub struct Booking {
    /// `bkg_…`, opaque; contains its slot's.
    pub id: String,
    /// Its slot.
    pub slot: String,
    /// Whose it is.
    pub customer: String,
    /// Units, or seats and places.
    #[schema(minimum = 1, maximum = 10_000)]
    pub quantity: u32,
    /// Where it stands.
    pub status: Status,
    /// How it was asked for.
    pub mode: Mode,
    /// The slot's seq at which this is true.
    pub seq: u64,
    /// Eight characters without look-alikes, unique within the slot.
    pub reference: String,
    /// 1 for the head of the waitlist; null unless it waits.
    #[schema(required = true, minimum = 1)]
    pub position: Option<u32>,
    /// The deadline of a hold or an offer; null where there is none.
    #[schema(required = true)]
    pub expires_at: Option<Time>,
    /// The time left to `expires_at`, for clients whose clocks are wrong. Not part of the feed's records.
    #[serde(default, skip_serializing_if = "Remaining::is_left_out")]
    #[schema(value_type = Option<u64>)]
    pub expires_in_ms: Remaining,
    /// When it was made.
    pub created_at: Time,
    /// Its seats, in the order of the map; none while it waits. Only of a slot of seats, as the next three.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<String>, required = false)]
    pub seats: Option<Vec<String>>,
    /// Its places in areas, by their keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = BTreeMap<String, u32>, required = false)]
    pub areas: Option<BTreeMap<String, u32>>,
    /// The category of all of them; null where that is not one.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "patch::given")]
    #[schema(value_type = Option<String>, required = false)]
    pub category: Option<Option<String>>,
    /// Whether its seats are side by side; null where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "patch::given")]
    #[schema(value_type = Option<bool>, required = false)]
    pub together: Option<Option<bool>>,
    /// Its range: from when on. Only of a calendar, as the next two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Time, required = false)]
    pub from: Option<Time>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Time, required = false)]
    pub to: Option<Time>,
    /// On which resource; null where they are all alike, or while it waits for any.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "patch::given")]
    #[schema(value_type = Option<String>, required = false)]
    pub resource: Option<Option<String>>,
    /// What all of it costs, in minor units, from when it was held or confirmed. Only where there are prices, as the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false)]
    pub amount: Option<u64>,
    /// Of what that is: a code of ISO 4217.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub currency: Option<String>,
    /// How many of its places are of which products. Only of a slot that had products.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<Line>, required = false)]
    pub lines: Option<Vec<Line>>,
}

/// The time left to a deadline, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Remaining {
    /// The field is left out: a record of the feed does not know when it is read.
    #[default]
    LeftOut,
    /// Null: there is no deadline.
    None,
    /// Until the deadline, from the moment of the answer.
    Ms(u64),
}

impl Remaining {
    fn is_left_out(&self) -> bool {
        *self == Self::LeftOut
    }
}

impl Serialize for Remaining {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::LeftOut | Self::None => serializer.serialize_none(),
            Self::Ms(ms) => serializer.serialize_some(ms),
        }
    }
}

impl<'de> Deserialize<'de> for Remaining {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<u64>::deserialize(deserializer)?.map_or(Self::None, Self::Ms))
    }
}

/// Where a booking stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = BookingStatus)]
pub enum Status {
    /// Its places are set aside until its deadline.
    Held,
    /// Its places are set aside until it is accepted or its deadline passes.
    Offered,
    /// It waits for places.
    Waitlisted,
    /// Firm.
    Confirmed,
    /// Over: given up, or the slot was cancelled.
    Cancelled,
    /// Over: an offer that was turned down.
    Declined,
    /// Over: its deadline passed.
    Expired,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_null_is_null_still_when_it_was_read_and_is_told_again() {
        let common = r#""id":"bkg_1","slot":"slot_1","customer":"ada","quantity":1,"status":"held","mode":"hold","seq":2,"reference":"1","position":null,"expires_at":null"#;
        let made = r#""created_at":"2030-01-09T09:00:00.000Z""#;
        for more in [
            "",
            r#","seats":[],"areas":{"floor":1},"category":null,"together":null"#,
            r#","seats":["a/1"],"areas":{},"category":"b","together":true"#,
            r#","from":"2030-01-09T09:00:00.000Z","to":"2030-01-09T10:00:00.000Z","resource":null"#,
            r#","from":"2030-01-09T09:00:00.000Z","to":"2030-01-09T10:00:00.000Z","resource":"north","amount":5,"currency":"EUR","lines":[]"#,
        ] {
            for left in ["", r#""expires_in_ms":null,"#, r#""expires_in_ms":7,"#] {
                let text = format!("{{{common},{left}{made}{more}}}");
                let read: Booking = serde_json::from_str(&text).expect("a booking");
                assert_eq!(serde_json::to_string(&read).expect("JSON"), text);
            }
        }
    }

    #[test]
    fn a_plain_booking_says_the_same_as_any_other() {
        for (text, is_plain) in [
            ("{}", true),
            (r#"{"quantity": 2}"#, true),
            (r#"{"quantity": 2.0, "mode": "hold", "hold_seconds": 300, "when_full": "refuse"}"#, true),
            (r#"{"customer": "alice", "quantity": 0, "hold_seconds": 0}"#, true),
            (r#"{"customer": null}"#, true),
            (r#"{"quantity": null}"#, true),
            (r#"{"quantity": 1, "quantity": 1}"#, false),
            (r#"{"quantity": -1}"#, false),
            (r#"{"quantity": 1.5}"#, false),
            (r#"{"quantity": 4294967296}"#, false),
            (r#"{"mode": "book"}"#, false),
            (r#"{"mode": null}"#, false),
            (r#"{"seats": ["stalls/A/12"]}"#, false),
            (r#"{"quantity": 1, "from": "2030-01-10T09:00:00.000Z"}"#, false),
            (r#"{"quantity": 1, "lines": []}"#, false),
            (r#"{"quantity": 1, "expect_amount": 0}"#, false),
            (r#"{"quantity": 1, "price": 0}"#, false),
        ] {
            let plain = serde_json::from_str::<PlainBooking>(text).ok();
            assert_eq!(plain.is_some(), is_plain, "{text}");
            if let Some(plain) = plain {
                let said = serde_json::from_str::<CreateBooking>(text).expect(text);
                assert_eq!(CreateBooking::from(plain), said, "{text}");
            }
        }
    }
}
