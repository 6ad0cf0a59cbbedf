//! The document, walked from end to end: what it says of every operation is whole, and what it says of requests is what a handler
//! takes, field by field.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use api::booking::{Booking, CreateBooking};
use api::problem::{CONTENT_TYPE, Code, Problem};
use api::seatmap::{CreatedSeatmap, Seatmap};
use api::seats::{SeatChanges, SlotSeats};
use api::slot::{ChangeSlot, CreateSlot, Slot};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::http::connection::fast_path;
use crate::http::convert::{self, Named, Seen};
use crate::http::request::call::is_object;
use crate::http::request::lists::has_its_lists;
use crate::http::response::problem::ProblemResponse;
use crate::http::routes::contract;
use crate::http::routes::openapi::samples::{seen_by, with_house};

fn document() -> Value {
    serde_json::to_value(contract().1).expect("it is JSON")
}

/// An operation of the document.
struct Operation<'a> {
    id: &'a str,
    method: &'a str,
    path: &'a str,
    said: &'a Value,
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut found = Vec::new();
    for (path, item) in fields(&document["paths"]) {
        for (method, said) in fields(item) {
            let id = said["operationId"].as_str().expect("every operation has a name");
            found.push(Operation { id, method, path, said });
        }
    }
    found
}

fn fields(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let fields = value.as_object().into_iter().flatten();
    fields.map(|(name, value)| (name.as_str(), value))
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// What stands where `value` refers to, or itself.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let Some(place) = value["$ref"].as_str() else { return value };
    document.pointer(place.trim_start_matches('#')).unwrap_or_else(|| panic!("{place} leads nowhere"))
}

/// The schemas of which a property is one.
fn meant<'a>(document: &'a Value, property: &'a Value) -> Vec<&'a Value> {
    let found = ["oneOf", "allOf"].into_iter().find_map(|keyword| property[keyword].as_array());
    let schemas = found.map_or_else(|| vec![property], |schemas| schemas.iter().collect());
    schemas.into_iter().map(|schema| resolved(document, schema)).collect()
}

/// Every value within a value, itself included, with its place.
fn walk<'a>(place: &str, value: &'a Value, visit: &mut impl FnMut(&str, &'a Value)) {
    visit(place, value);
    for (name, within) in fields(value) {
        walk(&format!("{place}/{name}"), within, visit);
    }
    for (at, within) in value.as_array().into_iter().flatten().enumerate() {
        walk(&format!("{place}/{at}"), within, visit);
    }
}

#[test]
fn every_operation_has_a_name_of_its_own_and_says_what_it_is() {
    let document = document();
    let operations = operations(&document);
    let ids: BTreeSet<&str> = operations.iter().map(|operation| operation.id).collect();
    assert_eq!(ids.len(), operations.len(), "two operations of one name: {ids:?}");
    let tags: Vec<&str> =
        document["tags"].as_array().expect("tags").iter().filter_map(|tag| tag["name"].as_str()).collect();
    for Operation { id, said, .. } in operations {
        assert!(id.starts_with(|first: char| first.is_ascii_lowercase()), "{id}");
        assert!(id.bytes().all(|byte| byte.is_ascii_alphabetic()), "{id}");
        assert!(said["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{id}");
        assert!(matches!(*texts(&said["tags"]), [tag] if tags.contains(&tag)), "{id}");
        assert!(said["security"].is_array(), "{id}: whoever needs no token is told so");
    }
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document["servers"][0]["url"], "/");
}

/// Routes are made of the attributes of which the document is made. What is put past them into the table would not be in it.
#[test]
fn every_route_of_the_contract_is_in_the_document() {
    let table = include_str!("../mod.rs");
    assert!(!table.contains(".route(\"/v1"), "use routes!, so that it is in the document");
    let document = document();
    assert!(
        document["paths"][fast_path::TEMPLATE]["post"].is_object(),
        "the hot route has no name of its own"
    );
    let paths: Vec<&str> = fields(&document["paths"]).map(|(path, _)| path).collect();
    assert!(paths.iter().all(|path| path.starts_with("/v1/")), "{paths:?}");
}

#[test]
fn every_status_that_comes_is_said_of_each_operation() {
    const ANY: [&str; 10] = ["400", "401", "406", "408", "414", "415", "422", "429", "431", "503"];
    let document = document();
    for Operation { id, method, path, said } in operations(&document) {
        let statuses: BTreeSet<&str> = fields(&said["responses"]).map(|(status, _)| status).collect();
        let changes = method != "get";
        let mut wanted: BTreeSet<&str> = ANY.into();
        let needs_token = said["security"] != json!([]);
        wanted.extend(needs_token.then_some("403"));
        wanted.extend(path.contains('{').then_some("404"));
        wanted.extend(changes.then_some("413"));
        let own: &[&str] = match id {
            "createSlot" => &["201"],
            "createBooking" => &["201", "202", "409"],
            "getSlot" | "getSeatmap" | "getSlotSeats" => &["200", "304"],
            "createSeatmap" => &["200", "201", "409"],
            "getSlotFeed" | "getSlotSeatsFeed" => &["200", "410"],
            _ if changes => &["200", "409"],
            _ => &["200"],
        };
        wanted.extend(own);
        assert_eq!(statuses, wanted, "{id}");

        let keys = said["parameters"].as_array().into_iter().flatten();
        let keys = keys.filter(|parameter| resolved(&document, parameter)["name"] == "Idempotency-Key");
        assert_eq!(keys.count(), usize::from(changes), "{id}: a key for every change");
    }
}

#[test]
fn every_problem_is_told_with_its_codes_and_every_answer_with_its_headers() {
    let document = document();
    let mut told = BTreeSet::new();
    for Operation { id, method, said, .. } in operations(&document) {
        for (status, response) in fields(&said["responses"]) {
            let response = resolved(&document, response);
            let headers: Vec<&str> = fields(&response["headers"]).map(|(name, _)| name).collect();
            let has = |name, wanted| assert_eq!(headers.contains(&name), wanted, "{id} {status}: {name}");
            has("RateLimit", !matches!(status, "400" | "408" | "414" | "431"));
            has("Retry-After", matches!(status, "429" | "503"));
            has("WWW-Authenticate", status == "401");
            has("Accept-Encoding", status == "415");
            has("Location", status == "201");
            let is_named =
                matches!(id, "getSlot" | "getSeatmap" | "getSlotSeats") && matches!(status, "200" | "304");
            has("ETag", is_named);
            has("Cache-Control", is_named && id != "getSlot");
            let is_decided = matches!(status, "200" | "201" | "202" | "409" | "422");
            has("Idempotency-Replayed", method != "get" && is_decided);
            if status < "400" {
                assert_eq!(response["content"].is_null(), status == "304", "{id} {status}");
                continue;
            }
            let content: Vec<&str> = fields(&response["content"]).map(|(media_type, _)| media_type).collect();
            assert_eq!(content, [CONTENT_TYPE], "{id} {status}");
            let parts = &response["content"][CONTENT_TYPE]["schema"]["allOf"];
            assert_eq!(parts[0]["$ref"], "#/components/schemas/Problem", "{id} {status}");
            let codes = texts(&parts[1]["properties"]["code"]["enum"]);
            let known: Vec<Code> =
                codes.iter().map(|code| serde_json::from_value(json!(code)).expect("a code")).collect();
            assert!(!known.is_empty() && known.is_sorted(), "{id} {status}: {codes:?}");
            assert!(known.iter().all(|code| code.status().to_string() == status), "{id} {status}: {codes:?}");
            told.extend(known);
        }
    }
    let others = [Code::MethodNotAllowed, Code::NoQuorum, Code::MovedOn, Code::NotPossible];
    assert!(Code::ALL.into_iter().filter(|code| !told.contains(code)).eq(others), "{told:?}");
}

#[test]
fn what_is_referred_to_is_there_and_what_is_there_is_referred_to() {
    let document = document();
    let mut named = BTreeSet::new();
    walk("", &document, &mut |_place, value| {
        if let Some(reference) = value["$ref"].as_str() {
            assert!(resolved(&document, value).is_object(), "{reference}");
            named.insert(reference.to_owned());
        }
    });
    for (kind, components) in fields(&document["components"]).filter(|(kind, _)| *kind != "securitySchemes") {
        for (name, _) in fields(components) {
            assert!(named.contains(&format!("#/components/{kind}/{name}")), "nobody refers to {kind}/{name}");
        }
    }
}

#[test]
fn integers_have_bounds_and_parameters_have_no_null() {
    let document = document();
    walk("", &document, &mut |place, value| {
        let kind = &value["type"];
        let kinds = kind.as_str().map_or_else(|| texts(kind), |kind| vec![kind]);
        if kinds.contains(&"integer") {
            assert!(value["format"].is_string() && value["minimum"].is_i64(), "{place}: {value}");
            let most = value["maximum"].as_u64().unwrap_or(0);
            assert!(value["format"] != "int32" || i32::try_from(most).is_ok(), "{place}: {value}");
        }
        let is_parameter = place.contains("/parameters/") || place.contains("/headers/");
        assert!(!is_parameter || !kinds.contains(&"null"), "{place}: {value}");
        assert!(value.get("nullable").is_none(), "{place}: a word of an older OpenAPI");
    });
}

/// A request of the contract, the schema of which is walked beside what a handler makes of it.
struct Request {
    name: &'static str,
    /// What the handler understood, in words; none where it refuses.
    taken: fn(&Value) -> Option<String>,
}

const REQUESTS: [Request; 7] = [
    Request {
        name: "CreateSlot",
        taken: |body| {
            parsed(body, |slot: CreateSlot| {
                convert::definition("studio-7", slot, booking::Secret([7; 16]), None, booking::Timestamp(0))
            })
        },
    },
    Request {
        name: "ChangeSlot",
        taken: |body| {
            parsed(body, |patch: ChangeSlot| {
                convert::change(&patch, (None, booking::Timestamp(0)), None, Named::default())
            })
        },
    },
    Request {
        name: "CreateBooking",
        taken: |body| {
            parsed(body, |asked: CreateBooking| {
                let customer = asked.customer.clone().unwrap_or_else(|| "bob".to_owned());
                // Of one category where that need not be named.
                let names_none = asked.best.as_ref().is_some_and(|best| best.categories.is_none());
                let categories: &[&str] = if names_none { &["a"] } else { &["a", "b"] };
                let is_of_seats = asked.seats.is_some() || asked.areas.is_some() || asked.best.is_some();
                let definition = seen_by(&asked);
                with_house(categories, |house| {
                    let seen = Seen { house: is_of_seats.then_some(*house), definition: definition.as_ref() };
                    convert::book(customer, &asked, seen, booking::Asker::Organizer)
                })
            })
        },
    },
    Request { name: "ExtendHold", taken: |body| parsed(body, convert::extension) },
    Request { name: "ChangeQuantity", taken: |body| parsed(body, convert::quantity) },
    Request {
        name: "SellSeats",
        taken: |body| {
            parsed(body, |asked| with_house(&["a", "b"], |house| convert::seats::sale(&asked, house)))
        },
    },
    Request {
        name: "SwapSeats",
        taken: |body| {
            let act = booking::Act { booking: booking::RequestKey(1), by: booking::Party::Organizer };
            parsed(body, |asked| with_house(&["a", "b"], |house| convert::seats::swap(&asked, act, house)))
        },
    },
];

fn parsed<T: DeserializeOwned + Serialize, Made: Debug>(
    body: &Value,
    convert: impl FnOnce(T) -> Result<Made, ProblemResponse>,
) -> Option<String> {
    let body = body.to_string();
    let asked = is_object(body.as_bytes()).then(|| serde_json::from_str(&body).ok()).flatten()?;
    has_its_lists(body.as_bytes(), &asked).then_some(())?;
    convert(asked).ok().map(|made| format!("{made:?}"))
}

#[test]
fn what_is_said_of_a_request_is_what_the_door_takes() {
    let document = document();
    for request in REQUESTS {
        let schema = &document["components"]["schemas"][request.name];
        let examples = schema["examples"].as_array().expect("examples");
        for example in examples {
            assert!((request.taken)(example).is_some(), "{}: {example}", request.name);
        }
        let seen = RefCell::default();
        for whole in examples {
            Walk { document: &document, request: &request, whole, seen: &seen }.object("", schema);
        }
        let seen = seen.into_inner();
        for (said, holds) in &seen {
            assert!(holds, "{said} holds in none of the examples");
        }
        // Together they say everything that can be said.
        for (field, _) in fields(&schema["properties"]) {
            let said = format!("{}/{field} may be left out, or may not", request.name);
            assert!(seen.contains_key(&said), "no example has {field} of {}", request.name);
        }
    }
}

/// A value of a size.
type Made<'a> = &'a dyn Fn(i128) -> Value;

/// A walk through a request's schema, and through a body that has some of its fields.
struct Walk<'a> {
    /// What is said of the request, and whether it holds in one of the bodies: some fields stand beside some others only.
    seen: &'a RefCell<BTreeMap<String, bool>>,
    document: &'a Value,
    request: &'a Request,
    whole: &'a Value,
}

impl Walk<'_> {
    fn object(&self, place: &str, schema: &Value) {
        let name = format!("{}{place}", self.request.name);
        assert_eq!(schema["additionalProperties"], false, "{name}");
        assert!(!self.takes(place, "colour", Some(json!("red"))), "{name} takes what nobody knows");
        let required = texts(&schema["required"]);
        let own = self.whole.pointer(place).expect("it is walked where it is");
        for (field, property) in fields(&schema["properties"]).filter(|(field, _)| own.get(field).is_some()) {
            let is_required = required.contains(&field);
            // A range has both ends.
            let is_half = self.request.name == "CreateBooking" && matches!(field, "from" | "to");
            let holds = (self.takes(place, field, None) != is_required) != is_half;
            self.see(format!("{name}/{field} may be left out, or may not"), holds);
            self.property(place, field, property, is_required);
        }
    }

    fn property(&self, place: &str, field: &str, property: &Value, is_required: bool) {
        let name = format!("{}{place}/{field}", self.request.name);
        let schemas = meant(self.document, property);
        let is_null = |schema: &&Value| schema["type"] == "null" || texts(&schema["type"]).contains(&"null");
        let takes_null = schemas.iter().any(is_null);
        self.see(format!("{name}: null"), self.takes(place, field, Some(Value::Null)) == takes_null);
        let is_list = schemas.iter().any(|schema| schema.get("items").is_some());
        assert!(is_list || !self.takes(place, field, Some(json!([]))), "{name}: a list");

        let default =
            property.get("default").or_else(|| schemas.iter().find_map(|schema| schema.get("default")));
        assert!(default.is_none() || self.request.name != "ChangeSlot", "{name}: what is left out stays");
        assert!(default.is_none() || !is_required, "{name}: it cannot be left out");
        if let Some(default) = default {
            let said = self.taken(place, field, Some(default.clone()));
            let holds = said.is_some() && said == self.taken(place, field, None);
            self.see(format!("{name}: its default"), holds);
        }
        for schema in schemas {
            self.bounds(place, field, schema);
            if schema["properties"].is_object() {
                self.object(&format!("{place}/{field}"), schema);
            }
        }
    }

    fn bounds(&self, place: &str, field: &str, schema: &Value) {
        let at = |value: i128| serde_json::from_str::<Value>(&value.to_string()).expect("a number");
        let text = |len: i128| json!("x".repeat(len.try_into().expect("a length")));
        let bounds: [(&str, i128, Made<'_>); 4] =
            [("minimum", -1, &at), ("maximum", 1, &at), ("minLength", -1, &text), ("maxLength", 1, &text)];
        for (keyword, beyond, value) in bounds {
            let Some(bound) = schema[keyword].as_u64().map(i128::from) else { continue };
            let name = format!("{}{place}/{field}: {keyword} {bound}", self.request.name);
            self.see(name.clone(), self.takes(place, field, Some(value(bound))));
            assert!(!self.takes(place, field, Some(value(bound + beyond))), "{name} and beyond");
        }
        for word in texts(&schema["enum"]) {
            assert!(self.takes(place, field, Some(json!(word))), "{place}/{field}: {word}");
            assert!(
                !self.takes(place, field, Some(json!({(word): null}))),
                "{place}/{field}: {word} as a field"
            );
        }
        let is_bound = ["enum", "maxLength", "format"].iter().any(|keyword| schema.get(keyword).is_some());
        assert!(schema["type"] != "string" || is_bound, "{place}/{field}: a text without bounds: {schema}");
    }

    fn see(&self, said: String, holds: bool) {
        *self.seen.borrow_mut().entry(said).or_default() |= holds;
    }

    fn takes(&self, place: &str, field: &str, value: Option<Value>) -> bool {
        self.taken(place, field, value).is_some()
    }

    /// What the handler makes of the whole body with one field at `place` changed or left out.
    fn taken(&self, place: &str, field: &str, value: Option<Value>) -> Option<String> {
        let mut body = self.whole.clone();
        let object =
            body.pointer_mut(place).and_then(Value::as_object_mut).expect("the example says everything");
        match value {
            Some(value) => object.insert(field.to_owned(), value),
            None => object.remove(field),
        };
        (self.request.taken)(&body)
    }
}

/// What comes at times within answers: where there are seats, and the time that is left where somebody asked.
const AT_TIMES: &[&str] = &[
    "expires_in_ms",
    "seats",
    "areas",
    "together",
    "counts/blocked",
    "counts/allotted",
    "counts/categories",
    "counts/quotas",
    "map",
];

/// The same of slots and bookings: what they are of, and what that costs; and when, of calendars.
const OF_ITEMS: [&str; 10] =
    ["products", "quotas", "prices", "category", "amount", "currency", "lines", "from", "to", "resource"];

/// What an answer's example says is read and written again as it stands: so it is of the answer's form, and nothing is missing.
fn assert_whole<T: DeserializeOwned + Serialize>(document: &Value, name: &str, at_times: &[&str]) {
    let schema = &document["components"]["schemas"][name];
    for example in schema["examples"].as_array().expect("examples") {
        let read: T = serde_json::from_value(example.clone()).expect(name);
        assert_eq!(serde_json::to_value(read).expect("JSON"), *example, "{name}");
    }
    assert_all_required(document, name, schema, at_times);
}

/// An answer has every field, but for those that come at times.
fn assert_all_required(document: &Value, name: &str, schema: &Value, at_times: &[&str]) {
    assert!(schema["additionalProperties"] != false, "{name}: answers get new fields");
    let required: BTreeSet<&str> = texts(&schema["required"]).into_iter().collect();
    for (field, property) in fields(&schema["properties"]) {
        let place = format!("{name}/{field}");
        let is_item = name.ends_with("/items") || name.ends_with("/bookings");
        let comes_at_times = at_times.iter().any(|it| place.ends_with(&format!("/{it}")));
        let comes_at_times = comes_at_times || is_item && OF_ITEMS.contains(&field);
        assert_eq!(required.contains(field), !comes_at_times, "{place}");
        assert!(property.get("default").is_none(), "{name}/{field}: an answer leaves nothing to be guessed");
        for within in meant(document, property).into_iter().chain(meant(document, &property["items"])) {
            assert_all_required(document, &format!("{name}/{field}"), within, AT_TIMES);
        }
    }
}

#[test]
fn a_seatmap_is_of_its_form_and_is_taken() {
    let document = document();
    let body = &document["paths"]["/v1/seatmaps"]["post"]["requestBody"]["content"];
    let formats: Vec<&str> = fields(body).map(|(media_type, _)| media_type).collect();
    assert_eq!(formats, ["application/json", "application/vnd.pretix.seatingplan+json", "text/csv"]);
    for example in document["components"]["schemas"]["Seatmap"]["examples"].as_array().expect("examples") {
        let read: Seatmap = serde_json::from_value(example.clone()).expect("it is of the form");
        assert_eq!(serde_json::to_value(&read).expect("JSON"), *example);
        let map = seatmap::Seatmap::from_json(example.to_string().as_bytes()).expect("it is a seatmap");
        // What is given is of the same form, and says the same.
        let given: Seatmap = serde_json::from_str(&map.canonical()).expect("it is of the form");
        assert_eq!(given.sections.len(), read.sections.len());
        assert_eq!((map.counts().seats, map.counts().rows), (56, 2));
    }
}

#[test]
fn answers_are_whole() {
    let document = document();
    assert_whole::<Slot>(&document, "Slot", &["products", "quotas", "prices", "currency"]);
    assert_whole::<CreatedSeatmap>(&document, "CreatedSeatmap", &[]);
    assert_whole::<Booking>(&document, "Booking", &[AT_TIMES, &OF_ITEMS].concat());
    assert_whole::<SlotSeats>(&document, "SlotSeats", &[]);
    assert_whole::<SeatChanges>(&document, "SeatChanges", &[]);
    let at_times =
        ["seq", "oldest_seq", "errors", "conflicts", "singles", "largest_block", "quotas", "reason", "at"];
    assert_whole::<Problem>(&document, "Problem", &at_times);
    for name in ["List_Slot", "List_Booking", "FeedPage"] {
        let schema = &document["components"]["schemas"][name];
        assert!(schema["properties"].is_object(), "{name}");
        assert_all_required(&document, name, schema, &[]);
    }
}
