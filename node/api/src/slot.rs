//! Slots: what an organizer offers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::inventory::{ChangeInventory, Counts, Inventory};
use crate::patch::{self, Patch};
use crate::tariff::{Price, Product, Quota};
use crate::time::Time;
use crate::whole;
use crate::word;

/// The body of `POST /v1/slots`. The organizer is the token's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "title": "Morning yoga", "starts_at": "2030-01-10T07:00:00Z", "ends_at": "2030-01-10T08:00:00Z",
    "inventory": {"units": {"capacity": 20}}
}), json!({
    "title": "Morning yoga", "starts_at": "2030-01-10T07:00:00Z", "ends_at": "2030-01-10T08:00:00Z",
    "inventory": {"units": {"capacity": 20}}, "placement": "room 2",
    "sale": {"opens_at": "2029-12-01T09:00:00+01:00", "closes_at": "2030-01-10T06:00:00Z"},
    "policy": {
        "confirmed_by": "customer", "hold_seconds": 300, "hold_seconds_max": 1_800, "customer_limit": 4,
        "cancel_until_seconds": 3_600,
        "waitlist": {"capacity": 100, "promotion": "offer", "offer_seconds": 900, "order": "skip_fit"}
    }
}), json!({
    "title": "Morning yoga", "starts_at": "2030-01-10T07:00:00Z", "ends_at": "2030-01-10T08:00:00Z",
    "inventory": {"units": {"capacity": 20}},
    "products": [{"key": "adult", "title": "Adults"}, {"key": "child", "title": "Children"}],
    "quotas": [{"key": "children", "size": 5, "products": ["child"]}],
    "prices": [
        {"product": "child", "amount": 500}, {"amount": 900, "until": "2029-12-01T00:00:00Z"}, {"amount": 1_200}
    ],
    "currency": "EUR"
}), json!({
    "title": "Morning yoga", "starts_at": "2030-01-10T07:00:00Z", "ends_at": "2030-01-10T08:00:00Z",
    "inventory": {"units": {"capacity": 20}}, "products": [{"key": "adult"}], "currency": "EUR"
})))]
pub struct CreateSlot {
    /// 1 to 1,000 characters.
    #[schema(min_length = 1, max_length = 1000)]
    pub title: String,
    /// In the future when the slot is made, but of a calendar; and before `ends_at`.
    pub starts_at: Time,
    /// After `starts_at`.
    pub ends_at: Time,
    /// What there is to book.
    pub inventory: Inventory,
    /// 1 to 64 characters; slots of one organizer and placement share a partition. Null: the organizer's own.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 64)]
    pub placement: Option<String>,
    /// When it may be booked.
    #[serde(default)]
    pub sale: Sale,
    /// How it is booked.
    #[serde(default)]
    pub policy: Policy,
    /// As what places are sold; none: as nothing in particular.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 64)]
    pub products: Option<Vec<Product>>,
    /// How many places there are of some products.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 64)]
    pub quotas: Option<Vec<Quota>>,
    /// What a place costs: the first that is for it and open; none: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 256)]
    pub prices: Option<Vec<Price>>,
    /// Of what all amounts are: a code of ISO 4217, needed where there are prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[A-Z]{3}$")]
    pub currency: Option<String>,
}

/// The body of `PATCH /v1/slots/{slot}`: a JSON Merge Patch (RFC 7396). What is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(examples(json!({"inventory": {"units": {"capacity": 30}}, "sale": {"closes_at": null}}), json!({
    "title": "Evening yoga", "starts_at": "2030-01-10T18:00:00Z", "ends_at": "2030-01-10T19:00:00Z",
    "inventory": {"units": {"capacity": 30}},
    "sale": {"opens_at": "2029-12-01T09:00:00Z", "closes_at": "2030-01-10T17:00:00Z"},
    "policy": {
        "confirmed_by": "organizer", "hold_seconds": 300, "hold_seconds_max": 1_800, "customer_limit": 4,
        "cancel_until_seconds": 3_600,
        "waitlist": {"capacity": 100, "promotion": "offer", "offer_seconds": 900, "order": "skip_fit"}
    }
}), json!({
    "products": [{"key": "adult", "title": "Adults"}], "quotas": [{"key": "all", "size": 9, "products": ["adult"]}],
    "prices": [{"product": "adult", "amount": 1_200, "from": "2029-12-01T00:00:00Z"}], "currency": "EUR"
}), json!({"products": [{"key": "adult", "title": "Adults"}]})))]
pub struct ChangeSlot {
    /// 1 to 1,000 characters.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = String, min_length = 1, max_length = 1000)]
    pub title: Patch<String>,
    /// Before `ends_at`.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Time)]
    pub starts_at: Patch<Time>,
    /// After `starts_at`; once it has passed, whatever is not confirmed ends.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Time)]
    pub ends_at: Patch<Time>,
    /// When it may be booked; null: from now until it starts.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<ChangeSale>)]
    pub sale: Patch<ChangeSale>,
    /// How it is booked; null: as usual.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<ChangePolicy>)]
    pub policy: Patch<ChangePolicy>,
    /// What there is to book.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = ChangeInventory)]
    pub inventory: Patch<ChangeInventory>,
    /// As what places are sold, all of it anew; null: as nothing in particular.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<Vec<Product>>, max_items = 64)]
    pub products: Patch<Vec<Product>>,
    /// How many places there are of some products, all of it anew; null: no bound but the capacity.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<Vec<Quota>>, max_items = 64)]
    pub quotas: Patch<Vec<Quota>>,
    /// What a place costs, all of it anew, for what is booked from now on; null: nothing.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<Vec<Price>>, max_items = 256)]
    pub prices: Patch<Vec<Price>>,
    /// Of what all amounts are: a code of ISO 4217, needed where there are prices; null: none.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<String>, pattern = "^[A-Z]{3}$")]
    pub currency: Patch<String>,
}

/// What changes of a sale window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChangeSale {
    /// Null: at once.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<Time>)]
    pub opens_at: Patch<Time>,
    /// Null: at `starts_at`; of a calendar at `ends_at`.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<Time>)]
    pub closes_at: Patch<Time>,
}

/// What changes of how a slot is booked. Deadlines that run already stay as they are; lower limits bind new requests only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChangePolicy {
    /// Whose confirmation makes a booking firm; null: the customer's.
    #[serde(skip_serializing_if = "Patch::is_keep", deserialize_with = "patch::word")]
    #[schema(value_type = Option<ConfirmedBy>)]
    pub confirmed_by: Patch<ConfirmedBy>,
    /// How long a hold lasts when the customer does not say; null: 600.
    #[serde(skip_serializing_if = "Patch::is_keep", deserialize_with = "patch::whole")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 86_400)]
    pub hold_seconds: Patch<u32>,
    /// How long a hold may last in all, counted from its beginning; null: 1,800.
    #[serde(skip_serializing_if = "Patch::is_keep", deserialize_with = "patch::whole")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 604_800)]
    pub hold_seconds_max: Patch<u32>,
    /// Null: no limit.
    #[serde(skip_serializing_if = "Patch::is_keep", deserialize_with = "patch::whole")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 1_000_000)]
    pub customer_limit: Patch<u32>,
    /// Until how long before `starts_at` a customer may cancel what is confirmed; of a calendar, before the booking's own `from`; null: 0.
    #[serde(skip_serializing_if = "Patch::is_keep", deserialize_with = "patch::whole")]
    #[schema(value_type = Option<u32>, maximum = 31_536_000)]
    pub cancel_until_seconds: Patch<u32>,
    /// Null: no waitlist, and whoever waits is cancelled.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<ChangeWaitlist>)]
    pub waitlist: Patch<ChangeWaitlist>,
}

/// What changes of a waitlist; where there was none, of the usual one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChangeWaitlist {
    /// Bookings that may wait; null: 1,000.
    #[serde(skip_serializing_if = "Patch::is_keep", deserialize_with = "patch::whole")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 1_000_000)]
    pub capacity: Patch<u32>,
    /// What a freed place becomes for the head of the waitlist; null: `confirm`.
    #[serde(skip_serializing_if = "Patch::is_keep", deserialize_with = "patch::word")]
    #[schema(value_type = Option<Promotion>)]
    pub promotion: Patch<Promotion>,
    /// How long an offer stands; null: 900.
    #[serde(skip_serializing_if = "Patch::is_keep", deserialize_with = "patch::whole")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 604_800)]
    pub offer_seconds: Patch<u32>,
    /// Whether one who does not fit holds up those behind; null: `strict`, or `skip_fit` of a calendar.
    #[serde(skip_serializing_if = "Patch::is_keep", deserialize_with = "patch::word")]
    #[schema(value_type = Option<Order>)]
    pub order: Patch<Order>,
}

/// A slot as answers show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "id": "slot_AAECAwQFBgcICQoLDA0ODxAR", "organizer": "studio-7", "placement": null, "title": "Morning yoga",
    "status": "on_sale", "seq": 42,
    "starts_at": "2030-01-10T07:00:00.000Z", "ends_at": "2030-01-10T08:00:00.000Z",
    "sale": {"opens_at": "2029-12-01T09:00:00.000Z", "closes_at": null},
    "inventory": {"units": {"capacity": 20}},
    "policy": {
        "confirmed_by": "customer", "hold_seconds": 600, "hold_seconds_max": 1_800, "customer_limit": 4,
        "cancel_until_seconds": 3_600,
        "waitlist": {"capacity": 1_000, "promotion": "confirm", "offer_seconds": 900, "order": "strict"}
    },
    "counts": {"capacity": 20, "free": 3, "held": 2, "offered": 0, "confirmed": 15, "waitlisted": 0},
    "bookable": 3, "opens_in_ms": 0
})))]
pub struct Slot {
    /// `slot_…`, opaque.
    pub id: String,
    /// Who offers it.
    pub organizer: String,
    /// Slots of one organizer and placement share a partition; null: the organizer's own.
    #[schema(required = true)]
    pub placement: Option<String>,
    /// What it is called.
    pub title: String,
    /// Where it stands, at the later of the slot's stamp and the node's clock.
    pub status: Status,
    /// The number of its last change: 1, 2, 3, without a gap.
    pub seq: u64,
    /// When it begins.
    pub starts_at: Time,
    /// When it is over.
    pub ends_at: Time,
    /// When it may be booked.
    pub sale: Sale,
    /// What there is to book.
    pub inventory: Inventory,
    /// How it is booked.
    pub policy: Policy,
    /// `capacity = free + held + offered + confirmed`, always; of seats also what is kept for somebody and nobody's.
    pub counts: Counts,
    /// Units that a newcomer could get now, or seats of one category, 100 at most; 0 off sale; null of a calendar.
    #[schema(required = true, maximum = 10_000_000)]
    pub bookable: Option<u32>,
    /// For how many milliseconds its sale is still to open, by the server's clock; 0 once it has opened. A node of the build before does
    /// not say.
    #[serde(default)]
    #[schema(required = true)]
    pub opens_in_ms: u64,
    /// As what places are sold. Only of a slot that sells something in particular, or for a price, as the next three.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<Product>, required = false, max_items = 64)]
    pub products: Option<Vec<Product>>,
    /// How many places there are of some products; what of them is free stands in `counts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<Quota>, required = false, max_items = 64)]
    pub quotas: Option<Vec<Quota>>,
    /// What a place costs: the first that is for it and open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<Price>, required = false, max_items = 256)]
    pub prices: Option<Vec<Price>>,
    /// Of what all amounts are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub currency: Option<String>,
}

/// Where a slot stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SlotStatus)]
pub enum Status {
    /// The sale has not opened.
    Scheduled,
    /// It can be booked.
    OnSale,
    /// The sale is over, the slot is not.
    Closed,
    /// After `ends_at`.
    Finished,
    /// Called off by its organizer.
    Cancelled,
    /// A bug in the rules stopped this slot, and only this one.
    Faulted,
}

/// The sale window: `opens_at` < `closes_at` ≤ `starts_at`; of a calendar ≤ `ends_at`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Sale {
    /// Null: at once.
    pub opens_at: Option<Time>,
    /// Null: at `starts_at`; of a calendar at `ends_at`.
    pub closes_at: Option<Time>,
}

/// How a slot is booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Whose confirmation makes a booking firm.
    #[serde(deserialize_with = "word::read")]
    pub confirmed_by: ConfirmedBy,
    /// How long a hold lasts when the customer does not say: 1 to 86,400.
    #[serde(deserialize_with = "whole::read")]
    #[schema(minimum = 1, maximum = 86_400)]
    pub hold_seconds: u32,
    /// How long a hold may last in all: up to 604,800, counted from its beginning.
    #[serde(deserialize_with = "whole::read")]
    #[schema(minimum = 1, maximum = 604_800)]
    pub hold_seconds_max: u32,
    /// Units that one customer may have held, offered, confirmed and waiting: 1 to 1,000,000; null: no limit.
    #[serde(deserialize_with = "whole::optional")]
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub customer_limit: Option<u32>,
    /// Until how long before `starts_at` a customer may cancel what is confirmed, of a calendar before the booking's own `from`: 0 to
    /// 31,536,000.
    #[serde(deserialize_with = "whole::read")]
    #[schema(maximum = 31_536_000)]
    pub cancel_until_seconds: u32,
    /// Null: who finds it full is refused.
    pub waitlist: Option<Waitlist>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            confirmed_by: ConfirmedBy::Customer,
            hold_seconds: 600,
            hold_seconds_max: 1_800,
            customer_limit: None,
            cancel_until_seconds: 0,
            waitlist: Some(Waitlist::default()),
        }
    }
}

/// Whose confirmation makes a booking firm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmedBy {
    /// The customer's own.
    Customer,
    /// Only the organizer's: booking, accepting and promotion end in `held`.
    Organizer,
}

/// How those who find a slot full wait, and how they are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Waitlist {
    /// Bookings that may wait: 1 to 1,000,000.
    #[serde(deserialize_with = "whole::read")]
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub capacity: u32,
    /// What a freed place becomes for the head of the waitlist.
    #[serde(deserialize_with = "word::read")]
    pub promotion: Promotion,
    /// How long an offer stands: 1 to 604,800.
    #[serde(deserialize_with = "whole::read")]
    #[schema(minimum = 1, maximum = 604_800)]
    pub offer_seconds: u32,
    /// Whether one who does not fit holds up those behind. Left out: `strict`; of a calendar `skip_fit`, which knows nothing else.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "word::optional")]
    #[schema(value_type = Order, required = false)]
    pub order: Option<Order>,
}

impl Default for Waitlist {
    fn default() -> Self {
        Self { capacity: 1_000, promotion: Promotion::Confirm, offer_seconds: 900, order: None }
    }
}

/// What a freed place becomes for the head of the waitlist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Promotion {
    /// Theirs at once.
    Confirm,
    /// Theirs if they accept in time.
    Offer,
}

/// Whether one who does not fit holds up those behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Nobody is served before the head.
    Strict,
    /// The first who fits is served.
    SkipFit,
}
