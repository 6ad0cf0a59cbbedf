//! The feed: every change of a slot, in order, without a gap.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::booking::Booking;
use crate::inventory::Counts;
use crate::time::Time;

/// One step that changed something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FeedRecord)]
pub struct Record {
    /// 1, 2, 3, without a gap.
    pub seq: u64,
    /// The stamp of the step.
    pub at: Time,
    /// What was asked for, or `lapsed` or `finished` where time alone changed something.
    pub kind: Kind,
    /// Every booking that the step changed, as it is after it: the one asked for first, then in the order in which the
    /// rules changed them. `position` only for one that joined the waitlist in this step.
    pub bookings: Vec<Booking>,
    /// How the places are spread after the step.
    pub counts: Counts,
    /// Where seats are sold otherwise: which, and how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = SeatsSold, required = false)]
    pub seats: Option<SeatsSold>,
    /// Where the slot is sold by another map: which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub map: Option<String>,
}

/// Seats that are sold otherwise from now on, spelled out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeatsSold {
    /// To nobody.
    pub blocked: Vec<String>,
    /// To everyone.
    pub opened: Vec<String>,
    /// Only to whom they are kept for, by name.
    pub allotted: BTreeMap<String, Vec<String>>,
}

/// What a step was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FeedKind)]
#[expect(missing_docs, reason = "the words are the commands' own")]
pub enum Kind {
    SlotCreated,
    SlotChanged,
    SlotCancelled,
    Booked,
    Confirmed,
    Extended,
    Accepted,
    Declined,
    Cancelled,
    /// Time alone ended holds or offers.
    Lapsed,
    /// The slot's end ended what was held, offered or waiting.
    Finished,
    QuantityChanged,
    /// A booking has other seats.
    Reseated,
    /// Seats are sold otherwise.
    SeatsChanged,
    /// A booking has another range.
    Moved,
}

/// One page of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FeedPage)]
pub struct Page {
    /// Records after the one asked for, in order of `seq`.
    pub items: Vec<Record>,
    /// What to pass as `after` for the next page; null where there is no more.
    #[schema(required = true)]
    pub next: Option<u64>,
    /// The feed is complete up to here.
    pub seq: u64,
}
