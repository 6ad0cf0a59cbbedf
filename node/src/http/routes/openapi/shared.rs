//! What is alike in the document wherever it comes: parameters, headers of answers, and the problems that a request may meet.
//! Each is a row of a table, with the operations to which it belongs; operations refer to it.

use std::collections::BTreeMap;

use api::list::{LIMIT_DEFAULT, LIMIT_MAX};
use api::problem::{CONTENT_TYPE, Code};
use serde_json::{Value, json};
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::header::Header;
use utoipa::openapi::link::Link;
use utoipa::openapi::path::{Operation, Parameter, PathItem};
use utoipa::openapi::{Components, OpenApi, Ref, RefOr, Response};

use crate::http::request::call::KEY_LEN_MAX;

/// What a row is told of an operation.
#[derive(Clone, Copy)]
struct Asked<'a> {
    id: &'a str,
    path: &'a str,
    /// Whether it is a POST, PUT or PATCH.
    changes: bool,
    needs_token: bool,
}

type Belongs = fn(&Asked<'_>) -> bool;

/// A problem that may come to many operations.
struct Usual {
    name: &'static str,
    /// In the contract's order, all of one status.
    codes: &'static [Code],
    belongs: Belongs,
}

const USUAL: [Usual; 15] = [
    Usual { name: "Malformed", codes: &[Code::Malformed], belongs: |_| true },
    Usual { name: "Unauthenticated", codes: &[Code::Unauthenticated], belongs: |_| true },
    Usual { name: "Forbidden", codes: &[Code::Forbidden], belongs: |asked| asked.needs_token },
    Usual { name: "NotFound", codes: &[Code::NotFound], belongs: |asked| asked.path.contains('{') },
    Usual { name: "NotAcceptable", codes: &[Code::NotAcceptable], belongs: |_| true },
    Usual { name: "RequestTimeout", codes: &[Code::RequestTimeout], belongs: |_| true },
    Usual { name: "BodyTooLarge", codes: &[Code::BodyTooLarge], belongs: |asked| asked.changes },
    Usual { name: "UriTooLong", codes: &[Code::UriTooLong], belongs: |_| true },
    Usual { name: "UnsupportedMediaType", codes: &[Code::UnsupportedMediaType], belongs: |_| true },
    Usual { name: "HeadersTooLarge", codes: &[Code::HeadersTooLarge], belongs: |_| true },
    Usual { name: "InvalidRequest", codes: &[Code::InvalidRequest], belongs: |asked| !asked.changes },
    Usual {
        name: "InvalidChange",
        codes: &[Code::InvalidRequest, Code::IdempotencyKeyReused],
        belongs: |asked| asked.changes,
    },
    Usual { name: "RateLimited", codes: &[Code::RateLimited], belongs: |_| true },
    Usual {
        name: "ReadUnavailable",
        codes: &[Code::Overloaded, Code::NoLeader, Code::Draining, Code::SlotFaulted],
        belongs: |asked| !asked.changes,
    },
    Usual {
        name: "ChangeUnavailable",
        codes: &[
            Code::Overloaded,
            Code::NoLeader,
            Code::Draining,
            Code::StorageFull,
            Code::SlotFaulted,
            Code::OutcomeUnknown,
        ],
        belongs: |asked| asked.changes,
    },
];

/// The codes that an operation has beside the usual ones.
const OWN: [(&str, &[Code]); 16] = [
    ("changeSlot", &[Code::SlotCancelled, Code::CapacityInUse]),
    ("cancelSlot", &[Code::SlotCancelled]),
    ("getSlotFeed", &[Code::FeedGone]),
    ("getSlotSeatsFeed", &[Code::FeedGone]),
    ("getSlotRequest", &[Code::RequestUnknown]),
    (
        "createBooking",
        &[
            Code::SlotCancelled,
            Code::NotOnSale,
            Code::QuantityTooLarge,
            Code::RangeRefused,
            Code::CustomerLimit,
            Code::PriceChanged,
            Code::QuotaExhausted,
            Code::SeatsRefused,
            Code::RangeTaken,
            Code::LeavesSingle,
            Code::NotTogether,
            Code::SoldOut,
            Code::WaitlistFull,
        ],
    ),
    ("confirmBooking", &[Code::NotHeld, Code::HoldExpired, Code::PaymentRequired]),
    ("extendBooking", &[Code::NotHeld, Code::HoldExpired]),
    ("acceptBooking", &[Code::NotOnSale, Code::NotOffered, Code::OfferExpired]),
    ("declineBooking", &[Code::NotOffered, Code::OfferExpired]),
    ("cancelBooking", &[Code::TooLate, Code::AlreadyOver]),
    ("changeBookingQuantity", &[Code::NotHeld, Code::AlreadyOver]),
    (
        "swapBookingSeats",
        &[
            Code::NotOnSale,
            Code::CustomerLimit,
            Code::QuotaExhausted,
            Code::SeatsRefused,
            Code::LeavesSingle,
            Code::NotHeld,
            Code::HoldExpired,
            Code::AlreadyOver,
        ],
    ),
    ("moveBooking", &[Code::RangeRefused, Code::RangeTaken, Code::NotHeld, Code::TooLate, Code::AlreadyOver]),
    ("sellSeats", &[Code::SlotCancelled, Code::SeatsRefused]),
    ("createSeatmap", &[Code::SeatmapsFull]),
];

/// What goes on behind a seq.
const FEEDS: [&str; 2] = ["getSlotFeed", "getSlotSeatsFeed"];

const LISTS: [&str; 5] = ["listSlots", "listBookings", "listOwnBookings", "getSlotFeed", "getSlotFree"];

/// Where what was made can be found: from an answer of the one operation to the other's parameter.
const LINKS: [(&str, &str, &str); 17] = [
    ("createSlot", "getSlot", "slot"),
    ("createSlot", "createBooking", "slot"),
    ("createSlot", "getSlotFeed", "slot"),
    ("createSlot", "getSlotSeats", "slot"),
    ("createSlot", "getSlotSeatsFeed", "slot"),
    ("createSlot", "sellSeats", "slot"),
    ("createSlot", "getSlotFree", "slot"),
    ("createBooking", "getBooking", "booking"),
    ("createBooking", "confirmBooking", "booking"),
    ("createBooking", "extendBooking", "booking"),
    ("createBooking", "acceptBooking", "booking"),
    ("createBooking", "declineBooking", "booking"),
    ("createBooking", "cancelBooking", "booking"),
    ("createBooking", "changeBookingQuantity", "booking"),
    ("createBooking", "swapBookingSeats", "booking"),
    ("createBooking", "moveBooking", "booking"),
    ("createSeatmap", "getSeatmap", "map"),
];

/// A parameter as the document will have it.
fn parameter(place: &str, name: &str, description: &str, schema: &Value) -> Value {
    json!({"name": name, "in": place, "required": place == "path", "description": description, "schema": schema})
}

fn key_schema() -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": KEY_LEN_MAX, "pattern": "^[!-~]+$"})
}

fn seq_schema() -> Value {
    json!({"type": "integer", "format": "uint64", "minimum": 0, "maximum": u64::MAX})
}

/// What stands in paths and queries, where more than one operation has it or utoipa has no word for it.
fn addresses() -> [(&'static str, Belongs, Value); 8] {
    let id = json!({"type": "string", "minLength": 1});
    let limit = json!({
        "type": "integer", "format": "int32", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT
    });
    let consistency = json!({"type": "string", "enum": ["local", "linearizable"], "default": "local"});
    let row = |name, belongs: Belongs, parameter| (name, belongs, parameter);
    [
        row(
            "Slot",
            |asked| asked.path.contains("{slot}"),
            parameter("path", "slot", "The slot's id: `slot_…`", &id),
        ),
        row(
            "Booking",
            |asked| asked.path.contains("{booking}"),
            parameter("path", "booking", "The booking's id: `bkg_…`", &id),
        ),
        row(
            "Seatmap",
            |asked| asked.path.contains("{map}"),
            parameter("path", "map", "The seatmap's id: `map_…`", &id),
        ),
        row(
            "SentKey",
            |asked| asked.path.contains("{key}"),
            parameter(
                "path",
                "key",
                "The request's Idempotency-Key; the caller must be who sent it",
                &key_schema(),
            ),
        ),
        row(
            "Limit",
            |asked| LISTS.contains(&asked.id),
            parameter("query", "limit", "The most items of a page", &limit),
        ),
        row(
            "After",
            |asked| matches!(asked.id, "listSlots" | "listBookings" | "listOwnBookings" | "getSlotFree"),
            parameter("query", "after", "The `next` of the page before", &json!({"type": "string"})),
        ),
        row(
            "AfterSeq",
            |asked| FEEDS.contains(&asked.id),
            parameter(
                "query",
                "after",
                "The seq after which records, or changes, are wanted, one that the slot has reached; 0: all of them",
                &seq_schema(),
            ),
        ),
        row(
            "Consistency",
            |asked| asked.id == "getSlot",
            parameter("query", "consistency", "`linearizable`: as the whole cluster knows it", &consistency),
        ),
    ]
}

/// The headers of requests: utoipa would allow null where one may be left out.
fn asked_headers() -> [(&'static str, Belongs, Value); 4] {
    let timeout = json!({"type": "integer", "format": "uint64", "minimum": 1, "maximum": u64::MAX});
    let last_event = json!({
        "type": ["integer", "string"], "format": "uint64", "minimum": 0, "maximum": u64::MAX, "maxLength": 0
    });
    let row = |name, belongs: Belongs, header, description, schema| {
        (name, belongs, parameter("header", header, description, schema))
    };
    [
        row(
            "IdempotencyKey",
            |asked| asked.changes,
            "Idempotency-Key",
            "New for each request, the same when one is repeated: it has one effect, and is answered as it was first",
            &key_schema(),
        ),
        row(
            "RequestTimeout",
            |_| true,
            "X-Request-Timeout-Ms",
            "How long the caller will wait, in milliseconds; more than 10,000, and nothing, are 10,000",
            &timeout,
        ),
        row(
            "LastEventId",
            |asked| FEEDS.contains(&asked.id),
            "Last-Event-ID",
            "The id of the last event that was read: the same as `after`, and wins over it; an empty one is none",
            &last_event,
        ),
        row(
            "IfNoneMatch",
            |asked| matches!(asked.id, "getSlot" | "getSeatmap" | "getSlotSeats"),
            "If-None-Match",
            "The ETag of an earlier answer, or several",
            &json!({"type": "string"}),
        ),
    ]
}

fn parameters() -> impl Iterator<Item = (&'static str, Belongs, Value)> {
    addresses().into_iter().chain(asked_headers())
}

/// What a header of an answer is told of it.
struct Given<'a> {
    id: &'a str,
    changes: bool,
    status: u16,
}

type Stands = fn(&Given<'_>) -> bool;

/// Whether a header stands in every answer to which it belongs, or in some.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comes {
    Always,
    AtTimes,
}

/// The headers of answers.
fn headers() -> [(&'static str, Comes, Stands, Value); 13] {
    // What the parser refuses has no path yet, and so no limit.
    const NOT_COUNTED: [u16; 4] = [400, 408, 414, 431];
    let text = |description: &str| json!({"description": description, "schema": {"type": "string"}});
    let count = json!({"type": "integer", "format": "int32", "minimum": 0});
    let number = |description: &str| json!({"description": description, "schema": count});
    let counted: Stands = |given| !NOT_COUNTED.contains(&given.status);
    [
        ("RateLimit", Comes::Always, counted, text("What is left of the caller's requests")),
        (
            "RateLimit-Policy",
            Comes::Always,
            counted,
            text("How many requests a caller has in a window of so many seconds"),
        ),
        ("X-RateLimit-Limit", Comes::Always, counted, number("The most requests at once")),
        ("X-RateLimit-Remaining", Comes::Always, counted, number("Requests that are left")),
        ("X-RateLimit-Reset", Comes::Always, counted, number("Seconds until all of them are back")),
        (
            "Retry-After",
            Comes::Always,
            |given| matches!(given.status, 429 | 503),
            number("Seconds after which to ask again"),
        ),
        (
            "Accept-Encoding",
            Comes::AtTimes,
            |given| given.status == 415,
            text("`identity`, where the body had a coding"),
        ),
        ("WWW-Authenticate", Comes::Always, |given| given.status == 401, text("`Bearer`")),
        ("Location", Comes::Always, |given| given.status == 201, text("Where what was made can be read")),
        (
            "ETag",
            Comes::Always,
            |given| {
                matches!(given.id, "getSlot" | "getSeatmap" | "getSlotSeats")
                    && matches!(given.status, 200 | 304)
            },
            text("Names what was read, of a slot weakly: give it back in If-None-Match"),
        ),
        (
            "Cache-Control",
            Comes::Always,
            |given| matches!(given.id, "getSeatmap" | "getSlotSeats") && matches!(given.status, 200 | 304),
            text(
                "Of a seatmap `public, max-age=31536000, immutable`: it never changes; of seats `max-age=1`",
            ),
        ),
        (
            "Link",
            Comes::AtTimes,
            |given| given.status == 200 && LISTS.contains(&given.id),
            text("The next page, `rel=\"next\"`, where there is one"),
        ),
        (
            "Idempotency-Replayed",
            Comes::AtTimes,
            |given| given.changes && matches!(given.status, 200..300 | 409 | 422),
            json!({
                "description": "`true` where it is the first answer to this Idempotency-Key, given again",
                "schema": {"type": "string", "enum": ["true"]}
            }),
        ),
    ]
}

/// Says of every operation what is alike wherever it comes.
pub(crate) fn complete(document: &mut OpenApi) {
    add_components(document.components.get_or_insert_default());
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            let id = operation.operation_id.clone().expect("every operation has a name");
            let asked =
                Asked { id: &id, path, changes: method != "GET", needs_token: operation.security.is_some() };
            complete_operation(&asked, operation);
        }
    }
}

fn add_components(components: &mut Components) {
    for (name, _, parameter) in parameters() {
        components.parameters.insert(name.to_owned(), RefOr::T(read::<Parameter>(parameter)));
    }
    for (name, comes, _, header) in headers() {
        let mut header: Header = read(header);
        if comes == Comes::Always {
            // utoipa has no field for it.
            header.extensions = Some(Extensions::from_iter([("required", true)]));
        }
        components.headers.insert(name.to_owned(), RefOr::T(header));
    }
    for Usual { name, codes, .. } in USUAL {
        let given =
            Given { id: "", changes: codes.contains(&Code::IdempotencyKeyReused), status: status(codes) };
        components.responses.insert(name.to_owned(), RefOr::T(problem(codes, &given)));
    }
}

/// The operations of a path, each with its method.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let PathItem { get, post, put, patch, delete, .. } = item;
    let all = [("GET", get), ("POST", post), ("PUT", put), ("PATCH", patch), ("DELETE", delete)];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

fn complete_operation(asked: &Asked<'_>, operation: &mut Operation) {
    let named = parameters().filter(|(_, belongs, _)| belongs(asked));
    let named = named.map(|(name, ..)| RefOr::Ref(Ref::new(format!("#/components/parameters/{name}"))));
    operation.parameters.get_or_insert_default().extend(named);
    // Whoever needs no token is said to need none, or a reader could take it for forgotten.
    operation.security.get_or_insert_default();
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        let status = status.parse().expect("each status by itself");
        let given = Given { id: asked.id, changes: asked.changes, status };
        response.headers.extend(headers_of(&given));
        response.links.extend(links_of(&given));
    }
    for (status, response) in problems(asked) {
        operation.responses.responses.insert(status.to_string(), response);
    }
}

/// The problems that an operation may meet, by status.
fn problems(asked: &Asked<'_>) -> BTreeMap<u16, RefOr<Response>> {
    let usual = USUAL.iter().filter(|usual| (usual.belongs)(asked));
    let mut codes: BTreeMap<u16, (Option<&str>, Vec<Code>)> =
        usual.map(|usual| (status(usual.codes), (Some(usual.name), usual.codes.to_vec()))).collect();
    for code in OWN.iter().filter(|(id, _)| *id == asked.id).flat_map(|(_, codes)| *codes) {
        let (name, codes) = codes.entry(code.status()).or_default();
        // No other operation has just these.
        *name = None;
        codes.push(*code);
    }
    let response = |(status, (name, codes)): (u16, (Option<&str>, Vec<Code>))| {
        let own = || RefOr::T(problem(&codes, &Given { id: asked.id, changes: asked.changes, status }));
        (status, name.map_or_else(own, |name| RefOr::Ref(Ref::from_response_name(name))))
    };
    codes.into_iter().map(response).collect()
}

/// The answer with one of these codes.
fn problem(codes: &[Code], given: &Given<'_>) -> Response {
    let said: Vec<String> =
        codes.iter().map(|code| format!("`{}`: {}", code.as_str(), code.title())).collect();
    let words: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
    let mut response: Response = read(json!({
        "description": said.join("; "),
        "content": {CONTENT_TYPE: {"schema": {"allOf": [
            {"$ref": "#/components/schemas/Problem"},
            {"type": "object", "properties": {"code": {"type": "string", "enum": words}}},
        ]}}},
    }));
    response.headers.extend(headers_of(given));
    response
}

fn headers_of(given: &Given<'_>) -> BTreeMap<String, RefOr<Header>> {
    let stand = headers().into_iter().filter(|(_, _, stands, _)| stands(given));
    let named = |name: &str| (name.to_owned(), RefOr::Ref(Ref::new(format!("#/components/headers/{name}"))));
    stand.map(|(name, ..)| named(name)).collect()
}

fn links_of(given: &Given<'_>) -> BTreeMap<String, RefOr<Link>> {
    let found = LINKS.iter().filter(|(from, ..)| *from == given.id);
    let link = |(_, to, parameter): &(&str, &str, &str)| {
        let link = json!({"operationId": to, "parameters": {(*parameter): "$response.body#/id"}});
        ((*to).to_owned(), RefOr::T(read(link)))
    };
    found.map(link).collect()
}

fn status(codes: &[Code]) -> u16 {
    codes.first().expect("at least one").status()
}

/// A part of the document, as it will stand there.
fn read<T: serde::de::DeserializeOwned>(part: Value) -> T {
    serde_json::from_value(part).expect("it is of the document's form")
}
