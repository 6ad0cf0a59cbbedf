//! Problems: how every refusal and failure looks (RFC 9457, `application/problem+json`).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Time;

/// The media type of a [`Problem`].
pub const CONTENT_TYPE: &str = "application/problem+json";

/// What went wrong, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "type": "/problems/sold_out", "title": "There is no room", "status": 409, "code": "sold_out", "seq": 43,
    "detail": "there is no room for this quantity, and nothing to wait for"
})))]
pub struct Problem {
    /// A URI reference that names the code: `/problems/sold_out`.
    #[schema(format = "uri-reference")]
    pub r#type: Cow<'static, str>,
    /// The code in words, always the same for one code.
    pub title: Cow<'static, str>,
    /// The HTTP status, once more.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What happened this time, and what would be right.
    pub detail: String,
    /// For programs.
    pub code: Code,
    /// Where a slot, or an organizer, decided: the seq at which it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false)]
    pub seq: Option<u64>,
    /// Where records of a feed are no longer kept: the seq of the first that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false)]
    pub oldest_seq: Option<u64>,
    /// Where a body or a parameter is at fault: every place that is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Where seats cannot be had, or something is in the way of a range: every one of them, up to 500. Missing where the answer is given again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 500)]
    pub conflicts: Vec<Conflict>,
    /// Where seats would be left single: which, up to 500.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 500)]
    pub singles: Vec<String>,
    /// Where there are enough seats, but apart: how many can be had side by side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u32, required = false)]
    pub largest_block: Option<u32>,
    /// Where too little is left of some products: the keys of the quotas that are short. Missing where the answer is given again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 64)]
    pub quotas: Vec<String>,
    /// Where a range may not be asked for at all: why. Missing where the answer is given again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = RangeReason, required = false)]
    pub reason: Option<RangeReason>,
    /// Where a calendar would have fewer than are taken: the first moment at which that would be so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Time, required = false)]
    pub at: Option<Time>,
}

/// What cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Conflict {
    /// A seat, or an area.
    Seat(SeatConflict),
    /// A part of a range, with what is kept free around it, in which too little is free.
    Range(RangeConflict),
}

/// A part of a range in which too little is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RangeConflict {
    /// From when on.
    pub from: Time,
    /// Until when.
    pub to: Time,
}

/// A seat, or an area, that cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeatConflict {
    /// `section/row/number`, or the area's key.
    pub seat: String,
    /// Why.
    pub reason: Reason,
}

/// Why a seat cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A booking has it, or the area has too few places.
    Taken,
    /// It is not for sale.
    Blocked,
    /// It is kept for somebody else, or not for whom the request is.
    Allotted,
    /// It is for who comes with a wheelchair, and the request names nobody who does.
    Accessible,
    /// Somebody who waits is short of it.
    WaitedFor,
    /// It is of another category than the booking.
    Category,
}

/// One place of a body or one parameter that is at fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Fault)]
pub struct FieldError {
    /// A JSON Pointer into the body (`/policy/hold_seconds`), or the parameter's name behind a `#` (`#limit`).
    pub pointer: String,
    /// What would be right.
    pub detail: String,
}

impl Problem {
    /// A problem of this code with `detail` in words.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            r#type: Cow::Owned(format!("/problems/{}", code.as_str())),
            title: Cow::Borrowed(code.title()),
            status: code.status(),
            detail: detail.into(),
            code,
            seq: None,
            oldest_seq: None,
            errors: Vec::new(),
            conflicts: Vec::new(),
            singles: Vec::new(),
            largest_block: None,
            quotas: Vec::new(),
            reason: None,
            at: None,
        }
    }
}

/// Why a range may not be asked for at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RangeReason {
    /// It is not all in one opening, or not in the slot's span.
    Hours,
    /// It does not begin and end on the grid.
    Grid,
    /// It is too short or too long.
    Length,
    /// It begins too soon.
    Lead,
    /// It begins too late.
    Horizon,
}

/// Every code, in order of precedence: where several apply, the least is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "`title` says what each means")]
pub enum Code {
    Malformed,
    Unauthenticated,
    Forbidden,
    NotFound,
    RequestUnknown,
    MethodNotAllowed,
    NotAcceptable,
    FeedGone,
    RequestTimeout,
    BodyTooLarge,
    UriTooLong,
    UnsupportedMediaType,
    HeadersTooLarge,
    InvalidRequest,
    IdempotencyKeyReused,
    SlotCancelled,
    NotOnSale,
    QuantityTooLarge,
    RangeRefused,
    CustomerLimit,
    PriceChanged,
    QuotaExhausted,
    SeatsRefused,
    RangeTaken,
    LeavesSingle,
    NotTogether,
    SoldOut,
    WaitlistFull,
    NotHeld,
    HoldExpired,
    NotOffered,
    OfferExpired,
    TooLate,
    AlreadyOver,
    CapacityInUse,
    PaymentRequired,
    SeatmapsFull,
    NoQuorum,
    MovedOn,
    NotPossible,
    RateLimited,
    Overloaded,
    NoLeader,
    Draining,
    StorageFull,
    SlotFaulted,
    OutcomeUnknown,
}

impl Code {
    /// All of them, in order of precedence.
    pub const ALL: [Self; 47] = [
        Self::Malformed,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::RequestUnknown,
        Self::MethodNotAllowed,
        Self::NotAcceptable,
        Self::FeedGone,
        Self::RequestTimeout,
        Self::BodyTooLarge,
        Self::UriTooLong,
        Self::UnsupportedMediaType,
        Self::HeadersTooLarge,
        Self::InvalidRequest,
        Self::IdempotencyKeyReused,
        Self::SlotCancelled,
        Self::NotOnSale,
        Self::QuantityTooLarge,
        Self::RangeRefused,
        Self::CustomerLimit,
        Self::PriceChanged,
        Self::QuotaExhausted,
        Self::SeatsRefused,
        Self::RangeTaken,
        Self::LeavesSingle,
        Self::NotTogether,
        Self::SoldOut,
        Self::WaitlistFull,
        Self::NotHeld,
        Self::HoldExpired,
        Self::NotOffered,
        Self::OfferExpired,
        Self::TooLate,
        Self::AlreadyOver,
        Self::CapacityInUse,
        Self::PaymentRequired,
        Self::SeatmapsFull,
        Self::NoQuorum,
        Self::MovedOn,
        Self::NotPossible,
        Self::RateLimited,
        Self::Overloaded,
        Self::NoLeader,
        Self::Draining,
        Self::StorageFull,
        Self::SlotFaulted,
        Self::OutcomeUnknown,
    ];

    /// The HTTP status that goes with it.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound | Self::RequestUnknown => 404,
            Self::MethodNotAllowed => 405,
            Self::NotAcceptable => 406,
            Self::RequestTimeout => 408,
            Self::SlotCancelled
            | Self::NotOnSale
            | Self::QuantityTooLarge
            | Self::RangeRefused
            | Self::CustomerLimit
            | Self::PriceChanged
            | Self::QuotaExhausted
            | Self::SeatsRefused
            | Self::RangeTaken
            | Self::LeavesSingle
            | Self::NotTogether
            | Self::SoldOut
            | Self::WaitlistFull
            | Self::NotHeld
            | Self::HoldExpired
            | Self::NotOffered
            | Self::OfferExpired
            | Self::TooLate
            | Self::AlreadyOver
            | Self::CapacityInUse
            | Self::PaymentRequired
            | Self::SeatmapsFull
            | Self::NoQuorum
            | Self::MovedOn
            | Self::NotPossible => 409,
            Self::FeedGone => 410,
            Self::BodyTooLarge => 413,
            Self::UriTooLong => 414,
            Self::UnsupportedMediaType => 415,
            Self::InvalidRequest | Self::IdempotencyKeyReused => 422,
            Self::RateLimited => 429,
            Self::HeadersTooLarge => 431,
            Self::Overloaded
            | Self::NoLeader
            | Self::Draining
            | Self::StorageFull
            | Self::SlotFaulted
            | Self::OutcomeUnknown => 503,
        }
    }

    /// The word that programs compare.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::RequestUnknown => "request_unknown",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::NotAcceptable => "not_acceptable",
            Self::FeedGone => "feed_gone",
            Self::RequestTimeout => "request_timeout",
            Self::BodyTooLarge => "body_too_large",
            Self::UriTooLong => "uri_too_long",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::HeadersTooLarge => "headers_too_large",
            Self::InvalidRequest => "invalid_request",
            Self::IdempotencyKeyReused => "idempotency_key_reused",
            Self::SlotCancelled => "slot_cancelled",
            Self::NotOnSale => "not_on_sale",
            Self::QuantityTooLarge => "quantity_too_large",
            Self::RangeRefused => "range_refused",
            Self::CustomerLimit => "customer_limit",
            Self::PriceChanged => "price_changed",
            Self::QuotaExhausted => "quota_exhausted",
            Self::SeatsRefused => "seats_refused",
            Self::RangeTaken => "range_taken",
            Self::LeavesSingle => "leaves_single",
            Self::NotTogether => "not_together",
            Self::SoldOut => "sold_out",
            Self::WaitlistFull => "waitlist_full",
            Self::NotHeld => "not_held",
            Self::HoldExpired => "hold_expired",
            Self::NotOffered => "not_offered",
            Self::OfferExpired => "offer_expired",
            Self::TooLate => "too_late",
            Self::AlreadyOver => "already_over",
            Self::CapacityInUse => "capacity_in_use",
            Self::PaymentRequired => "payment_required",
            Self::SeatmapsFull => "seatmaps_full",
            Self::NoQuorum => "no_quorum",
            Self::MovedOn => "moved_on",
            Self::NotPossible => "not_possible",
            Self::RateLimited => "rate_limited",
            Self::Overloaded => "overloaded",
            Self::NoLeader => "no_leader",
            Self::Draining => "draining",
            Self::StorageFull => "storage_full",
            Self::SlotFaulted => "slot_faulted",
            Self::OutcomeUnknown => "outcome_unknown",
        }
    }

    /// The code in words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Malformed => "The request is not well-formed",
            Self::Unauthenticated => "A valid token is needed",
            Self::Forbidden => "The token does not allow this",
            Self::NotFound => "There is no such thing",
            Self::RequestUnknown => "This request is not known",
            Self::MethodNotAllowed => "The method is not allowed here",
            Self::NotAcceptable => "No acceptable form of the answer",
            Self::FeedGone => "These records are no longer kept",
            Self::RequestTimeout => "The request took too long to arrive",
            Self::BodyTooLarge => "The body is too large",
            Self::UriTooLong => "The path is too long",
            Self::UnsupportedMediaType => "The body is of a kind that is not taken here",
            Self::HeadersTooLarge => "The headers are too large",
            Self::InvalidRequest => "The request is not valid",
            Self::IdempotencyKeyReused => "The idempotency key was used for another request",
            Self::SlotCancelled => "The slot is cancelled",
            Self::NotOnSale => "The slot is not on sale",
            Self::QuantityTooLarge => "The quantity is more than the capacity",
            Self::RangeRefused => "The range may not be asked for",
            Self::CustomerLimit => "The customer's limit is reached",
            Self::PriceChanged => "It costs something else",
            Self::QuotaExhausted => "Too little is left of some products",
            Self::SeatsRefused => "Seats that were named cannot be had",
            Self::RangeTaken => "Something is in the way of the range",
            Self::LeavesSingle => "A seat would be left single",
            Self::NotTogether => "There are not so many side by side",
            Self::SoldOut => "There is no room",
            Self::WaitlistFull => "The waitlist is full",
            Self::NotHeld => "The booking is not held",
            Self::HoldExpired => "The hold has expired",
            Self::NotOffered => "The booking is not offered",
            Self::OfferExpired => "The offer has expired",
            Self::TooLate => "It is too late for that",
            Self::AlreadyOver => "The booking is over",
            Self::CapacityInUse => "The capacity is in use",
            Self::PaymentRequired => "It is to be paid for first",
            Self::SeatmapsFull => "The organizer has as many seatmaps as one may have",
            Self::NoQuorum => "What is left would be no quorum",
            Self::MovedOn => "What was expected does not hold any more",
            Self::NotPossible => "It cannot be done as things are",
            Self::RateLimited => "Too many requests from this caller",
            Self::Overloaded => "The node is overloaded",
            Self::NoLeader => "The group has no leader",
            Self::Draining => "The node is shutting down",
            Self::StorageFull => "The disk is nearly full",
            Self::SlotFaulted => "The slot is stopped by a fault",
            Self::OutcomeUnknown => "The outcome is not known",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_spelled_as_serde_spells_them() {
        assert!(Code::ALL.is_sorted());
        for code in Code::ALL {
            let spelled = serde_json::to_string(&code).expect("a unit variant is a string");
            assert_eq!(spelled, format!("\"{}\"", code.as_str()));
        }
    }
}
